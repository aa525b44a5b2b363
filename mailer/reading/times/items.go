package times

import (
	"strings"
	"time"
)

// kinds of items.
type kind int

const (
	aDate  kind = iota + 1 // days
	aClock                 // a time of day, or a stretch of it
	aPart                  // of the day
	aZone
	aWhole // "all day", "any time"
	aSame  // "same time"
	aPick  // "the second one"
)

// An item is one thing that a few tokens say.
type item struct {
	kind     kind
	from, to int // tokens of the sentence
	claim    claim

	days     []days        // aDate: readings, the likeliest first
	weekday  int           // aDate: 1 + a bare weekday, which a week near it settles
	ordinal  int           // aDate: of a bare day of the month
	part     *part         // aDate: "tonight"; aPart
	moment   time.Duration // aDate: from now, "in two hours"
	span     bool          // aDate: several days
	week     bool          // aDate: a week
	within   time.Time     // aDate: the Monday of the week that it names
	bounded  bool          // aDate: open at one end
	yearly   bool          // aDate: with its year
	yearless bool          // aDate: a month and a day without it
	due      bool          // aDate: "by Friday"
	vague    bool          // aDate: a month or more
	past     bool          // aDate: behind us
	near     bool          // aPart: "in the morning", the next one

	shape    shape // aClock
	lo, hi   bound
	strength strength

	zone zone  // aZone
	pick []int // aPick: indexes of Offered
}

// A reader reads one text.
type reader struct {
	Options
	text      string
	home      *time.Location // the sender's
	zone      zone           // of the text
	now       time.Time      // in that zone
	today     time.Time
	dayFirst  bool
	dateDoubt bool
	foreign   bool // not in English

	days      []item    // the last days spoken of, for hours in a later sentence
	dayTimed  bool      // they have their hours
	week      *days     // the last week spoken of, for bare weekdays
	clock     *bound    // the last hour spoken of, for "same time"
	ends      time.Time // where the last absence or bound ends, for "after that"
	ruledDays []days    // several days ruled out: bare weekdays fall outside of them
	found     []found
	result    Result
}

// words is the text of the tokens from..to, in one line.
func (r *reader) words(l line, from, to int) string {
	return strings.Join(strings.Fields(r.text[l[from].start:l[min(to, len(l))-1].end]), " ")
}

// sentence reads one sentence.
func (r *reader) sentence(l line) {
	items := r.scan(l)
	if len(items) == 0 {
		return
	}
	r.judge(l, items)
	r.settleWeekdays(l, items)
	for _, g := range gather(l, items) {
		r.emit(l, g)
	}
}

// scan reads the items of a sentence.
func (r *reader) scan(l line) []item {
	var items []item
	for i := 0; i < len(l); {
		if !l.mayBegin(i) {
			i++
			continue
		}
		if list, n := r.dayList(l, i); n > 0 {
			items = append(items, list...)
			i += n
			continue
		}
		it, n := r.item(l, i, items)
		if n == 0 {
			i++
			continue
		}
		it.from, it.to = i, i+n
		items = append(items, it)
		i += n
	}
	return items
}

func (r *reader) item(l line, i int, before []item) (item, int) {
	if z, n := r.zoneAt(l, i); n > 0 {
		return item{kind: aZone, zone: z}, n
	}
	if it, n := r.pointer(l, i); n > 0 {
		return it, n
	}
	if it, n := r.date(l, i); n > 0 {
		return it, n
	}
	if _, n := wholeDays.read(l, i); n > 0 && !l.in(i+n, betweenWords) && !l.in(i+n, fromWords) && !l.in(i+n, afterWords) && !l.in(i+n, beforeWords) && !l.is(i+n, "on", "next", "this") {
		return item{kind: aWhole}, n
	}
	if it, n := clock(l, i); n > 0 {
		if it.strength > weak {
			return it, n
		}
		it.strength = fair
		if b, s, k := instant(l, i+n+1); k > 0 && s == strong && l.is(i+n, "or", "/", "oder", "ou") && it.shape == point && (i == 0 || l.in(i-1, hourPrefixes)) { // 9 or 10 am
			it.lo, _ = order(it.lo, b)
			return it, n
		}
		return it, n * b2i(r.weakStands(l, i, n, it, before))
	}
	return partOfDay(l, i)
}

var wholeDays = bookOf(map[bool]string{true: "all day|any time|anytime|the whole day|whole day|at any time|toute la journée|ganztägig|den ganzen tag|jederzeit|todo el día|o dia todo|o dia inteiro"})

// weakStands says whether a lone number has a day or a part of the day right beside it: "9 tomorrow",
// "Monday 12-4", "8 this evening". "Building 4 this afternoon" has a noun before it.
func (r *reader) weakStands(l line, i, n int, it item, before []item) bool {
	if it.shape == point && l.at(i).digits > 2 {
		return false
	}
	if len(before) > 0 {
		last := before[len(before)-1]
		if (last.kind == aDate && !last.span || last.kind == aPart) && i-last.to <= 3 && onlyLinks(l, last.to, i) && l.followsHour(i+n) {
			return true
		}
		if last.kind == aClock && last.to == i-1 && l.is(i-1, "or", "/", "oder", "ou", "o") && l.followsHour(i+n) { // at 3 or 4
			return true
		}
	}
	if b := l.at(i - 1); b.word != "" && !l.in(i-1, hourPrefixes) {
		return false
	}
	if _, k := r.zoneAt(l, i+n); k > 0 {
		return true
	}
	j := i + n
	for j < i+n+3 && l.in(j, linkWords) && !l.is(j, ",", ".", "-", "(", ")") {
		j++
	}
	if _, k := partOfDay(l, j); k > 0 && (j > i+n || l.word(j) == "tonight") {
		return true
	}
	if _, k := r.relative(l, j); k > 0 {
		return j <= i+n+1
	}
	_, k := r.weekday(l, j)
	return k > 0 && (j == i+n+1 && l.is(i+n, "on") || j == i+n && it.shape == stretch)
}

// hourPrefixes may stand before a bare hour.
var hourPrefixes = words(`at either , . : - – ( and or do say make it for from is about around maybe perhaps like try after before by between to um gegen à vers a las às me you us let's meet call talk ; / how's
	about yes no ok okay sure then works free available`)

// onlyLinks says whether nothing but link words stands between two tokens.
func onlyLinks(l line, from, to int) bool {
	for i := from; i < to; i++ {
		if !l.in(i, linkWords) {
			return false
		}
	}
	return true
}

// partOfDay reads "morning", "late afternoon", "in the evening", "por la tarde".
func partOfDay(l line, i int) (item, int) {
	n, edge := 0, 0
	if k := edgeWord(l, i); k != 0 {
		edge, n = k, 1
		for n < 3 && l.is(i+n, "in", "the", "-") {
			n++
		}
	} else if l.is(i-1, "this") {
		edge = edgeWord(l, i-2) // later this afternoon
	}
	p, ok := parts[strings.TrimSuffix(l.word(i+n), "ish")]
	if l.is(i+n, "morgen", "mañana") && i+n > 0 {
		p, ok = morning, true
	}
	if !ok || !speaksOfDay(l, i+n) {
		return item{}, 0
	}
	switch {
	case edge < 0 && p.lo == morning.lo:
		p.lo, p.hi = 6*hour, 9*hour
	case edge < 0:
		p.hi = p.lo + 3*hour
	case edge > 0:
		p.lo = p.hi - 3*hour
	}
	return item{kind: aPart, part: &p, near: l.is(i+n-2, "in") && l.is(i+n-1, "the") && !habitual(l)}, n + 1 + b2i(l.is(i+n+1, "ish"))
}

// habitual says that a sentence tells what somebody does as a rule.
func habitual(l line) bool {
	for i := range l {
		if l.is(i, "usually", "generally", "always", "typically", "normally", "often", "mostly", "best", "prefer", "better") {
			return true
		}
	}
	return false
}

func edgeWord(l line, i int) int {
	switch {
	case l.is(i, "early", "frühen", "früh"):
		return -1
	case l.is(i, "late", "later", "späten", "spät"):
		return 1
	}
	return 0
}

// speaksOfDay says that the word i is a part of the day and no greeting: "Good morning", "Morning Sam,".
func speaksOfDay(l line, i int) bool {
	romance := l.is(i, "tarde", "noche", "manhã", "noite", "soir", "matin", "matinée", "soirée", "mañana", "après-midi")
	switch {
	case l.is(i-1, "good", "guten", "gute", "schönen", "lovely", "nice", "great", "boa", "buena"):
		return false
	case i == 0 && (l.at(i+1).upper || l.is(i+1, ",", "!", "all", "")) && l.at(i).begins:
		return false
	case romance:
		return dayBefore(l, i) || l.is(i-1, "la", "de", "da", "à", "au", "a", "por", "pela", "du", "le", "ce", "cette", "l", "demain", "hoy", "mañana", "hoje", "amanhã", "hier", "l'") ||
			strings.HasSuffix(l.word(i-1), "'")
	}
	return true
}

var sameTimes = bookOf(map[bool]string{true: `the same time|same time|the same again|same again|same hour|zur selben zeit|zur gleichen zeit|gleiche zeit|gleiche uhrzeit|selbe uhrzeit
	|selbe zeit|la même heure|même heure|la misma hora|misma hora|mesma hora|mesmo horário`})

// pointer reads words that point at what was offered or agreed: "same time", "the second one", "number 2".
func (r *reader) pointer(l line, i int) (item, int) {
	if _, n := sameTimes.read(l, i); n > 0 {
		return item{kind: aSame}, n
	}
	if len(r.Offered) == 0 {
		return item{}, 0
	}
	for _, rule := range []func(line, int) ([]int, int){r.numbered, r.counted, r.anyOf} {
		if pick, n := rule(l, i); n > 0 {
			return item{kind: aPick, pick: pick}, n
		}
	}
	return item{}, 0
}

// numbered reads "number 2", "option B", "#3".
func (r *reader) numbered(l line, i int) ([]int, int) {
	if !l.is(i, "number", "option", "slot", "no", "choice", "#", "nr", "termin", "vorschlag", "número", "opción", "opção", "créneau", "numéro") {
		return nil, 0
	}
	n := 1 + b2i(l.is(i+1, ".") && l.is(i, "no", "nr")) + b2i(l.is(i+1, "#"))
	v, k := l.cardinal(i + n)
	if k == 0 && l.is(i+n, "a", "b", "c", "d") && !l.is(i, "no") && (l.at(i+n).upper || l.in(i+n+1, hourFollowers)) {
		v, k = int(l.word(i + n)[0]-'a')+1, 1
	}
	if k == 0 || v < 1 || v > len(r.Offered) || l.runs(i+n) || l.is(i, "no") && l.at(i+n).digits == 0 {
		return nil, 0
	}
	return []int{v - 1}, n + k
}

// counted reads "the second one", "the first works", "the latter", "the last slot".
func (r *reader) counted(l line, i int) ([]int, int) {
	n := b2i(l.is(i, "the", "der", "den", "die", "la", "le", "el", "a", "o", "your"))
	v, k := l.ordinal(i + n)
	end := len(r.Offered)
	switch {
	case l.is(i+n, "last", "letzte", "letzten", "dernière", "última") && !l.is(i+n+1, "is"):
		v, k = end, 1
	case n > 0 && l.is(i+n, "latter") && end == 2:
		return []int{1}, n + 1
	case n > 0 && l.is(i+n, "former") && end == 2:
		return []int{0}, n + 1
	}
	if k == 0 || v < 1 || v > end {
		return nil, 0
	}
	n += k
	noun := l.is(i+n, "one", "option", "slot", "time", "choice", "date", "suggestion", "proposal", "termin", "vorschlag", "créneau", "proposition", "opción", "opção", "horario", "horário", "of")
	if noun && l.is(i+n, "time") && !l.is(i+n+1, "works", "is", "would", "suits", "please", "you", "slot", ".", "") {
		return nil, 0 // the first time I hear of it
	}
	if noun && l.is(i+n, "of") && !l.is(i+n+1, "those", "these", "them", "your", "the") {
		return nil, 0
	}
	if !noun && !(n > k && l.is(i+n, "works", "is", "would", "suits", "please", "sounds", "wäre", "passt", "me", "fits", "")) {
		return nil, 0
	}
	return []int{v - 1}, n + b2i(noun)
}

// anyOf reads "either works", "both are fine", "any of those".
func (r *reader) anyOf(l line, i int) ([]int, int) {
	if len(r.Offered) < 2 {
		return nil, 0
	}
	two := l.is(i, "either", "both") && len(r.Offered) == 2 && l.is(i+1, "works", "work", "is", "are", "of", "time", "times", "one", "option", "options", "would", "suit", "fine", "sound")
	if !two && !(l.is(i, "any", "all") && l.is(i+1, "of") && l.is(i+2, "those", "these", "them", "your")) {
		return nil, 0
	}
	var all []int
	for j := range r.Offered {
		all = append(all, j)
	}
	return all, 1 + 2*b2i(!two)
}
