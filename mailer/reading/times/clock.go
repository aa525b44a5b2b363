package times

// A bound is one clock time, in seconds since midnight. A bare one does not say in which half of the
// day it is.
type bound struct {
	at   int
	bare bool
}

// shapes of a clock.
type shape int

const (
	point shape = iota
	stretch
	onwards
	upTo
)

// strength says how much a clock needs beside it.
type strength int

const (
	weak   strength = iota + 1 // a lone number: a day right beside it
	fair                       // "at 3": nothing, but it must not count things
	strong                     // "3pm", "15:30"
)

// clock reads a time of day or a stretch of it, in its longest form first.
func clock(l line, i int) (item, int) {
	for _, rule := range []func(line, int) (item, int){lasting, clockRange, clockBound, clockPoint} {
		if it, n := rule(l, i); n > 0 {
			it.kind = aClock
			return it, n
		}
	}
	return item{}, 0
}

// clockPoint reads "3pm", "at 3", "around half past two".
func clockPoint(l line, i int) (item, int) {
	spanish := l.is(i, "a") && l.is(i+1, "la", "las")
	n := b2i(spanish || l.is(i, "to", "auf") && moved(l, i)) // push it to 4
	for n < 3 && (l.in(i+n, atWords) || n > 0 && l.in(i+n, articleWords)) {
		n++
	}
	b, s, k := instant(l, i+n)
	if k == 0 {
		return item{}, 0
	}
	if s == weak && n > 0 && !l.is(i, "by", "for", "like") {
		s = fair
	}
	if s == weak && l.at(i+n).digits > 2 || s == fair && !l.followsHour(i+n+k) {
		return item{}, 0
	}
	it := item{lo: b, strength: s}
	return it, n + k + tail(l, i+n+k, &it)
}

// tails follow a clock time and may change its shape.
var tails = bookOf(map[shape]string{
	onwards: "or later|or after|and later|and after|onwards|onward",
	upTo:    "at the latest|or earlier|or before",
	point:   "or so|ish|- ish|sharp",
})

// tail reads what follows a clock time: "or later", "onwards", "ish".
func tail(l line, i int, it *item) int {
	sh, n := tails.read(l, i)
	if n > 0 {
		it.shape, it.hi, it.strength = sh, it.lo, max(it.strength, fair)
	}
	return n
}

// followsHour says whether token i may stand behind a bare hour. Anything else is what the number counts.
func (l line) followsHour(i int) bool {
	t := l.at(i)
	if t.word == "" || t.paragraph || l.in(i, hourFollowers) || l.in(i, offerWords) || l.in(i, refusals) || l.in(i, beWords) || l.in(i, hardEnds) {
		return !l.runs(i - 1)
	}
	if _, ok := weekdays[t.word]; ok {
		return true
	}
	_, ok := zoneNames[t.word]
	return ok
}

// clockRange reads two clock times that bound one stretch: "2-4pm", "between 2 and 4", "von 9 bis 11 Uhr".
func clockRange(l line, i int) (item, int) {
	n, named := 0, false
	if l.is(i, "in") && l.in(i+1, betweenWords) || l.in(i, atWords) {
		n++
	}
	if l.in(i+n, betweenWords) || l.in(i+n, fromWords) {
		n, named = n+1, true
	}
	n += romanArticle(l, i+n)
	lo, s1, k := instant(l, i+n)
	if k == 0 {
		return item{}, 0
	}
	n += k
	if !l.in(i+n, toWords) && (!named || !l.in(i+n, andWords)) {
		return item{}, 0
	}
	n++
	n += romanArticle(l, i+n)
	hi, s2, k := instant(l, i+n)
	if k == 0 || l.runs(i+n+k-1) {
		return item{}, 0
	}
	n += k
	if l.in(i+n, ishWords) {
		n++
	}
	s := max(s1, s2)
	if named && s == weak {
		s = fair
	}
	if s < strong && !l.followsHour(i+n) {
		return item{}, 0
	}
	lo, hi = order(lo, hi)
	return item{lo: lo, hi: hi, shape: stretch, strength: s}, n
}

var ishWords = words("ish")

func romanArticle(l line, i int) int {
	if l.is(i, "las", "la", "as", "às", "os") {
		return 1
	}
	return 0
}

// order gives the first time of a range the half of the day that the second one says: 2-4pm, 10-2pm.
func order(lo, hi bound) (bound, bound) {
	switch {
	case lo.bare && !hi.bare:
		lo.at %= noon
		if hi.at > noon && lo.at+noon < hi.at {
			lo.at += noon
		}
		lo.bare = false
	case !lo.bare && hi.bare:
		hi.at %= noon
		if hi.at <= lo.at {
			hi.at += noon
		}
		hi.bare = false
	}
	return lo, hi
}

// clockBound reads one open stretch: "after 3", "from 4:15 on", "before noon", "no later than 6".
func clockBound(l line, i int) (item, int) {
	n, sh := opening(l, i)
	if n == 0 {
		return item{}, 0
	}
	from := l.in(i, fromWords)
	for n < 6 && (l.in(i+n, atWords) || l.in(i+n, articleWords)) {
		n++
	}
	if l.is(i+n, "lunch") {
		return item{lo: bound{at: noon + hour*b2i(sh == onwards)}, hi: bound{at: noon}, shape: sh, strength: fair}, n + 1
	}
	b, s, k := instant(l, i+n)
	if k == 0 || s == weak && (from && !l.is(i, "from", "ab", "desde") || l.at(i+n).digits > 2) && !l.is(i+n+k, "on", "onwards", "onward", "uhr", "h") {
		return item{}, 0
	}
	n += k
	if s < strong && !l.followsHour(i+n) {
		return item{}, 0
	}
	if from && l.is(i+n, "on", "onwards", "onward") && !isDate(l, i+n+1) && !l.is(i+n+1, "the") {
		n++
	}
	return item{lo: b, hi: b, shape: sh, strength: max(s, fair)}, n
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// isDate says whether a weekday or month stands at i: "from 3 on Tuesday".
func isDate(l line, i int) bool {
	_, day := weekdays[l.word(i)]
	_, month := months[l.word(i)]
	return day || month
}

// openings open a stretch at one end. "Not before" opens the other end than "before".
var openings = bookOf(map[shape]string{
	onwards: `any time after|anytime after|any time from|not before|nothing before|not until|no earlier than|not earlier than|later than|starting at|on or after
		|a partir de|a partir das|a partir|à partir de|depois das|después de|nicht vor`,
	upTo: `any time before|anytime before|no later than|not later than|not after|nothing after|as late as|up until|up to|earlier than|antes de|antes das`,
})

// opening reads the words that open a stretch at one end.
func opening(l line, i int) (int, shape) {
	if sh, n := openings.read(l, i); n > 0 {
		return n, sh
	}
	switch {
	case l.in(i, afterWords), l.in(i, fromWords):
		return 1, onwards
	case l.in(i, beforeWords):
		return 1, upTo
	}
	return 0, point
}

// lasting reads "for 3 hours from 10 am".
func lasting(l line, i int) (item, int) {
	if !l.is(i, "for") {
		return item{}, 0
	}
	q, n := l.count(i + 1)
	u := units[l.word(i+1+n)]
	if n == 0 || u.seconds == 0 {
		return item{}, 0
	}
	n += 2
	if !l.is(i+n, "from", "starting", "beginning", "at") {
		return item{}, 0
	}
	n++
	if l.is(i+n, "at", "from") {
		n++
	}
	b, s, k := instant(l, i+n)
	if k == 0 || s < strong {
		return item{}, 0
	}
	b.at, b.bare = awake(b), false
	return item{lo: b, hi: bound{at: b.at + q*u.seconds/4}, shape: stretch, strength: s}, n + k
}

// awake reads a bare hour as people do who are awake.
func awake(b bound) int {
	if b.bare && b.at >= hour && b.at < 7*hour {
		return b.at + noon
	}
	return b.at
}
