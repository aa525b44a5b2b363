package times

// instant reads one clock time.
func instant(l line, i int) (bound, strength, int) {
	for _, rule := range []func(line, int) (bound, strength, int){named, fraction, digits, spelled} {
		if b, s, n := rule(l, i); n > 0 {
			return b, s, n
		}
	}
	return bound{}, 0, 0
}

// named reads noon and midnight.
func named(l line, i int) (bound, strength, int) {
	n := 1
	if l.is(i, "12") {
		n = 2
	}
	switch {
	case l.is(i+n-1, "noon", "noonish", "midday", "mittag", "midi", "mediodía", "meio-dia"):
		return bound{at: noon}, strong, n
	case l.says(i, "mid day") > 0, l.says(i, "meio dia") > 0:
		return bound{at: noon}, strong, 2
	case l.is(i+n-1, "midnight", "mitternacht", "minuit", "medianoche"):
		return bound{}, strong, n
	}
	return bound{}, 0, 0
}

// fraction reads "half past two", "quarter to 3pm", "20 minutes past three", "halb drei".
func fraction(l line, i int) (bound, strength, int) {
	n := article(l, i)
	minutes, k := 0, 1
	switch {
	case l.is(i+n, "half"):
		minutes = 30
	case l.is(i, "halb"):
		b, _, k := simple(l, i+1)
		return bound{at: (b.at + noon - 30*minute) % noon, bare: true}, fair, k + b2i(k > 0)
	case l.is(i+n, "quarter", "viertel"):
		minutes = 15
	default:
		if minutes, k = l.cardinal(i + n); k == 0 || minutes < 1 || minutes > 59 || l.at(i+n).digits > 2 || !l.whole(i+n) {
			return bound{}, 0, 0
		}
	}
	n += k
	spelt := false
	if l.is(i+n, "minutes", "minute", "mins", "min", "minuten") {
		n, spelt = n+1, true
	}
	sign := 1
	switch {
	case l.is(i+n, "past", "nach"), l.is(i+n, "after") && (spelt || minutes%5 == 0), spelt && l.is(i+n, "from"):
	case l.is(i+n, "to", "before", "of", "vor", "til", "till") && (spelt || minutes == 15 || minutes%5 == 0 && l.is(i+n, "to")):
		sign = -1
	case minutes == 30 && l.is(i+n-1, "half"): // half two, as the British say
		n--
	default:
		return bound{}, 0, 0
	}
	b, s, k := simple(l, i+n+1)
	if k == 0 {
		b, s, k = named(l, i+n+1)
	}
	if k == 0 || b.at%hour != 0 || s == weak && sign < 0 && !spelt && minutes != 15 {
		return bound{}, 0, 0 // "10 to 11" is a range
	}
	if !l.is(i+n, "half") {
		s = strong
	}
	at := b.at + sign*minutes*minute
	if at < hour && b.bare {
		at += noon
	}
	return bound{at: at, bare: b.bare}, s, n + 1 + k
}

// simple reads an hour in digits or in words.
func simple(l line, i int) (bound, strength, int) {
	if b, s, n := digits(l, i); n > 0 {
		return b, s, n
	}
	return spelled(l, i)
}

// digits reads "3", "3pm", "3:30", "15h30", "3.30 pm", "1140 a.m.", "15:23:24", "14 Uhr 30".
func digits(l line, i int) (bound, strength, int) {
	t := l.at(i)
	if t.number < 0 || !l.whole(i) {
		return bound{}, 0, 0
	}
	h, m, s, n := t.number, 0, weak, 1
	if t.digits > 2 {
		h, m = t.number/100, t.number%100
	} else {
		m, s, n = minutesOf(l, i)
	}
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return bound{}, 0, 0
	}
	b := bound{at: h*hour + m*minute, bare: h >= 1 && h <= 12 && t.word[0] != '0'}
	if l.is(i+n, ":") && l.glued(i+n) && l.glued(i+n+1) && l.at(i+n+1).digits == 2 && n == 3 && l.at(i+n+1).number < 60 {
		b.at += l.at(i + n + 1).number
		n += 2
	}
	if k, ok := b.meridiem(l, i+n); k > 0 {
		if !ok {
			return bound{}, 0, 0
		}
		if k > 1 || !l.is(i+n, "a", "p") {
			s = strong
		}
		return b, s, n + k
	}
	if k := oclock(l, i+n); k > 0 {
		return b, strong, n + k
	}
	if s == weak && (l.runs(i+n-1) && !l.is(i+n, "-", ",") || h == 0 && n == 1) {
		return bound{}, 0, 0
	}
	if l.is(i+n, "ish") {
		return b, max(s, fair), n + 1
	}
	return b, s, n
}

// minutesOf reads the minutes behind an hour of one or two digits at i.
func minutesOf(l line, i int) (m int, s strength, n int) {
	mark, mm := l.at(i+1), l.at(i+2)
	two := mm.digits == 2 && !mm.space
	switch {
	case l.is(i+1, ":", "h") && l.glued(i+1) && two && !l.is(i+3, "/"):
		return mm.number, strong, 3
	case l.is(i+1, ".") && l.glued(i+1) && two && !(l.is(i+3, ".", "%") && l.glued(i+3)):
		return mm.number, weak, 3
	case l.is(i+1, "h") && mm.digits == 2 && mm.number < 60: // 10 h 30
		return mm.number, strong, 3
	case l.is(i+1, "h") && !(l.glued(i+2) && (mm.digits > 0 || mm.letters)): // 15h, 15 h
		return 0, strong, 2
	case l.is(i+1, "uhr") && mm.digits == 2:
		return mm.number, strong, 3
	case l.is(i+1, "uhr"):
		return 0, strong, 2
	case l.is(i+1, "heures", "horas", "heure") && mark.space:
		return 0, weak, 2
	}
	return 0, weak, 1
}

// spelled reads an hour in words: "three", "three thirty", "five-thirty", "six pm".
func spelled(l line, i int) (bound, strength, int) {
	h := cardinals[l.word(i)]
	if h < 1 || h > 12 || l.at(i).digits > 0 {
		return bound{}, 0, 0
	}
	b, n := bound{at: h * hour, bare: true}, 1
	k := n
	if l.is(i+k, "-") && l.glued(i+k) {
		k++
	}
	if m, w := l.cardinal(i + k); w > 0 && l.at(i+k).digits == 0 && m >= 10 && m < 60 {
		b.at, n = b.at+m*minute, k+w
	}
	if k, ok := b.meridiem(l, i+n); k > 0 && ok {
		return b, strong, n + k
	}
	if k := oclock(l, i+n); k > 0 {
		return b, strong, n + k
	}
	if l.is(i+n, "uhr") {
		return b, strong, n + 1
	}
	if l.is(i+n, "ish") {
		return b, fair, n + 1
	}
	return b, weak, n
}

func oclock(l line, i int) int {
	switch {
	case l.is(i, "o'clock", "oclock"):
		return 1
	case l.says(i, "o clock") > 0:
		return 2
	}
	return 0
}

// meridiem reads am, pm, a.m., p.m. at i and puts the bound in that half of the day. It is not ok
// behind an hour that has no half.
func (b *bound) meridiem(l line, i int) (n int, ok bool) {
	half := l.word(i)
	switch {
	case l.is(i, "am") && !germanDay(l, i+1), l.is(i, "pm"):
		n = 1
	case l.is(i, "a", "p") && l.is(i+1, ".") && l.is(i+2, "m"):
		n = 3 + b2i(l.is(i+3, ".") && l.glued(i+3))
		if l.is(i+3, ".") && l.at(i+3).space && l.at(i+2).space {
			n = 4 // p . m .
		}
	case l.is(i, "a", "p") && l.is(i+1, "m"):
		n = 2
	case l.is(i, "a", "p") && l.glued(i):
		n = 1
	default:
		return 0, false
	}
	h := b.at / hour
	switch {
	case h >= 13 && half[0] == 'p' && b.at%hour > 0: // 15:30 pm
	case h < 1 || h > 12:
		return n, false
	case half[0] == 'p':
		b.at = b.at%noon + noon
	default:
		b.at %= noon
	}
	b.bare = false
	return n, true
}

// germanDay says that "am" is the German preposition: a weekday or a date follows.
func germanDay(l line, i int) bool {
	return l.is(i, "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag") || l.at(i).digits > 0 && l.is(i+1, ".") && l.glued(i+1)
}
