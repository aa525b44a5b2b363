package times

// cardinal reads a whole number: "3", "three", "twenty-three".
func (l line) cardinal(i int) (v, n int) {
	if t := l.at(i); t.number >= 0 {
		return t.number, 1
	}
	v, ok := cardinals[l.word(i)]
	if !ok {
		return 0, 0
	}
	if v >= 20 && v%10 == 0 {
		k := 1
		if l.is(i+k, "-") && l.glued(i+k) {
			k++
		}
		if ones := cardinals[l.word(i+k)]; ones > 0 && ones < 10 {
			return v + ones, k + 1
		}
	}
	return v, 1
}

// ordinal reads "14th", "fourteenth", "twenty-first", "1er". bare says that it was a lone number word
// such as "second", which has other meanings.
func (l line) ordinal(i int) (v, n int) {
	if t := l.at(i); t.digits > 0 && t.digits <= 2 {
		if s := l.at(i + 1); !s.space && l.in(i+1, ordinalSuffixes) {
			return t.number, 2
		}
		return 0, 0
	}
	if v, ok := ordinals[l.word(i)]; ok {
		return v, 1
	}
	if tens := cardinals[l.word(i)]; tens == 20 || tens == 30 {
		k := 1
		if l.is(i+k, "-") {
			k++
		}
		if ones := ordinals[l.word(i+k)]; ones > 0 && ones < 10 {
			return tens + ones, k + 1
		}
	}
	return 0, 0
}

// count reads how many of a unit there are, as quarters: "3", "a", "a couple of", "1.5", "half an", "a
// quarter of an", "1/4".
func (l line) count(i int) (quarters, n int) {
	for l.is(i+n, "about", "around", "~", "roughly", "another") {
		n++
	}
	i += n
	switch {
	case l.is(i, "half"):
		return 2, n + 1 + article(l, i+1)
	case l.says(i, "a quarter of") > 0:
		return 1, n + 3 + article(l, i+3)
	case l.says(i, "a couple") > 0:
		k := 2
		if l.is(i+2, "of") {
			k++
		}
		return 8, n + k
	case l.is(i, "a", "an", "one", "ein", "eine", "einem", "einer", "une", "un", "una", "um", "uma"):
		return 4, n + 1
	}
	v, k := l.cardinal(i)
	if k == 0 || v > 365 {
		return 0, 0
	}
	if l.is(i+1, ".") && l.is(i+2, "5", "25", "75", "50") && l.glued(i+2) {
		return 4*v + map[string]int{"5": 2, "50": 2, "25": 1, "75": 3}[l.word(i+2)], n + 3
	}
	if l.is(i+1, "/") && l.is(i+2, "2", "4") && l.glued(i+2) && v < 4 {
		return v * 4 / l.at(i+2).number, n + 3
	}
	return 4 * v, n + k
}

func article(l line, i int) int {
	if l.is(i, "a", "an") {
		return 1
	}
	return 0
}

// whole says that token i, a number, is no piece of a longer one: no phone number, price, share or version.
func (l line) whole(i int) bool {
	before, last := l.at(i-1), l.at(i)
	if l.is(i-1, ":", ".") && l.at(i-2).digits == 4 && l.is(i+1, ":") { // 05/31/2024:14:15
		return true
	}
	if l.glued(i) && (before.digits > 0 || l.is(i-1, "$", "€", "£", "#", ".", ":", "/", "+", "*", "_", "=") || before.letters && before.word != "t") {
		return false
	}
	if l.glued(i+1) && l.is(i+1, "%", "°", "$", "€", "£", "*") {
		return false
	}
	return last.digits <= 4
}

// runs says that a number goes on behind a mark: the 12 of "12/3" or "12.5".
func (l line) runs(i int) bool {
	return l.glued(i+1) && l.glued(i+2) && l.at(i+2).digits > 0 && l.is(i+1, ".", ":", "/", "-", ",")
}
