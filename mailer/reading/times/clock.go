package times

// clock reads a time of day or a range of it: "3pm", "at 3", "15:00", "15h30", "2-4pm", "between 2
// and 4", "after 3pm", "before noon", "half past two", "noon".
func clock(tokens []token, i int) (item, int) {
	if it, n := clockRange(tokens, i); n > 0 {
		return it, n
	}
	switch at(tokens, i).word {
	case "after", "from", "ab", "après", "nach", "any":
		if it, n := instant(tokens, i+1); n > 0 && it.strong {
			it.hi = -1
			return it, n + 1
		}
	case "before", "until", "by", "vor", "avant", "bis":
		if it, n := instant(tokens, i+1); n > 0 && it.strong {
			return item{kind: aClock, lo: -1, hi: it.lo, strong: true}, n + 1
		}
	case "at", "@", "um", "à", "a", "às", "gegen", "around", "about", "vers":
		n := 1
		if w := at(tokens, i+1).word; w == "las" || w == "about" || w == "around" || w == "la" || w == "like" {
			n = 2
		}
		if it, m := instant(tokens, i+n); m > 0 {
			if !it.strong && at(tokens, i).word == "a" && n == 1 {
				return item{}, 0
			}
			if w := at(tokens, i+n+m).word; !it.strong && (w == "%" || w == "minutes" || w == "min" || w == "people" || w == "hours" || w == "days" || w == "years") {
				return item{}, 0
			}
			it.strong = true
			return it, n + m
		}
	}
	it, n := instant(tokens, i)
	if n > 0 && !it.strong {
		return item{}, 0
	}
	return it, n
}

// clockRange reads two clock times that bound one stretch.
func clockRange(tokens []token, i int) (item, int) {
	n, named := 0, false
	switch at(tokens, i).word {
	case "between", "from", "zwischen", "von", "entre", "de":
		n, named = 1, true
	case "at":
		n = 1
	}
	lo, m := instant(tokens, i+n)
	if m == 0 {
		return item{}, 0
	}
	n += m
	switch at(tokens, i+n).word {
	case "-", "–", "—", "to", "till", "until", "bis", "à", "a":
	case "and", "und", "et", "y", "e":
		if !named {
			return item{}, 0
		}
	default:
		return item{}, 0
	}
	hi, k := instant(tokens, i+n+1)
	if k == 0 || !lo.strong && !hi.strong && !named {
		return item{}, 0
	}
	if lo.vague && !hi.vague && hi.hi != lo.hi { // 2-4pm, 10-2pm: the first takes the half that fits
		lo.lo = lo.lo % (12 * 60)
		if hi.lo >= 12*60 && lo.lo+12*60 < hi.lo {
			lo.lo += 12 * 60
		}
		lo.vague = false
	}
	if lo.vague {
		lo.lo = waking(lo.lo)
	}
	if hi.vague {
		hi.lo = waking(hi.lo)
	}
	if hi.lo <= lo.lo {
		hi.lo += 12 * 60
	}
	return item{kind: aClock, lo: lo.lo, hi: hi.lo, strong: true}, n + 1 + k
}

// waking reads a bare hour: one to six in the afternoon, seven to eleven in the morning, twelve at noon.
func waking(m int) int {
	if m >= 60 && m < 7*60 {
		return m + 12*60
	}
	return m
}

// instant reads one clock time. hi equals lo; strong says that it needs no "at" before it.
func instant(tokens []token, i int) (item, int) {
	clock := func(minutes int, vague, strong bool) item {
		return item{kind: aClock, lo: minutes, hi: minutes, vague: vague, strong: strong}
	}
	switch at(tokens, i).word {
	case "noon", "midday", "mittag", "midi", "mediodía":
		return clock(12*60, false, true), 1
	case "half":
		if h := hourWord(at(tokens, i+2)); at(tokens, i+1).word == "past" && h > 0 {
			return clock(waking(h*60)+30, false, true), 3
		}
	case "quarter":
		h := hourWord(at(tokens, i+2))
		if at(tokens, i+1).word == "past" && h > 0 {
			return clock(waking(h*60)+15, false, true), 3
		}
		if at(tokens, i+1).word == "to" && h > 0 {
			return clock(waking(h*60)-15, false, true), 3
		}
	}
	h := at(tokens, i)
	if h.number < 0 || h.number > 24 || h.end-h.start > 2 {
		if w := hourWord(h); w > 0 && at(tokens, i+1).word == "o" && at(tokens, i+3).word == "clock" {
			return clock(w*60, true, true), 4
		}
		return item{}, 0
	}
	minutes, n, written := h.number*60, 1, false
	if sep := at(tokens, i+1); (sep.word == ":" || sep.word == "h" || sep.word == ".") && !sep.space {
		m := at(tokens, i+2)
		switch {
		case !m.space && m.number >= 0 && m.number < 60 && m.end-m.start == 2:
			minutes, n, written = minutes+m.number, 3, sep.word != "."
		case sep.word == "h":
			n, written = 2, true
		}
	}
	half, k := meridiem(tokens, i+n)
	switch {
	case k > 0 && h.number >= 1 && h.number <= 12:
		minutes %= 12 * 60
		if half == "p" {
			minutes += 12 * 60
		}
		return clock(minutes, false, true), n + k
	case at(tokens, i+n).word == "uhr", at(tokens, i+n).word == "heures", at(tokens, i+n).word == "horas":
		return clock(minutes, false, true), n + 1
	case at(tokens, i+n).word == "o" && at(tokens, i+n+2).word == "clock":
		return clock(minutes, true, true), n + 3
	case n == 3 && !written:
		return item{}, 0 // 3.10 without am or pm is no clock
	case h.number > 24 || h.number == 0 && n == 1:
		return item{}, 0
	}
	return clock(minutes, h.number <= 12 && !(h.end-h.start == 2 && h.number < 10), written), n
}

func hourWord(t token) int {
	if t.number >= 1 && t.number <= 12 {
		return t.number
	}
	if n := numberWords[t.word]; n > 0 && t.word != "a" && t.word != "an" && t.word != "couple" {
		return n
	}
	return 0
}

// meridiem reads am, pm, a.m., p.m.
func meridiem(tokens []token, i int) (half string, n int) {
	switch w := at(tokens, i).word; w {
	case "am", "pm":
		return w[:1], 1
	case "a", "p":
		if at(tokens, i+1).word == "." && at(tokens, i+2).word == "m" {
			if at(tokens, i+3).word == "." {
				return w, 4
			}
			return w, 3
		}
		if !at(tokens, i).space {
			return w, 1
		}
	}
	return "", 0
}

// parts of the day, in minutes since midnight.
var parts = map[string][2]int{
	"morning": {9 * 60, 12 * 60}, "mornings": {9 * 60, 12 * 60}, "afternoon": {12 * 60, 17 * 60}, "afternoons": {12 * 60, 17 * 60}, "evening": {17 * 60, 21 * 60},
	"tonight": {18 * 60, 22 * 60}, "lunchtime": {12 * 60, 13 * 60}, "vormittag": {9 * 60, 12 * 60}, "nachmittag": {12 * 60, 17 * 60}, "abend": {17 * 60, 21 * 60},
	"matin": {9 * 60, 12 * 60}, "tarde": {12 * 60, 18 * 60}, "nachmittags": {12 * 60, 17 * 60}, "vormittags": {9 * 60, 12 * 60},
}

func part(tokens []token, i int) (item, int) {
	p, ok := parts[at(tokens, i).word]
	if !ok || i > 0 && at(tokens, i-1).word == "good" {
		return item{}, 0
	}
	return item{kind: aPart, lo: p[0], hi: p[1]}, 1
}
