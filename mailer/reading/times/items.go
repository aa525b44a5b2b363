package times

import (
	"strings"
	"time"
)

// kinds of items.
type kind int

const (
	aDate  kind = iota + 1 // from, to: midnights; whole days
	aClock                 // hour and minute, or a range of them
	aPart                  // of the day
	aNot                   // what follows is ruled out
)

// An item is one thing that a few tokens say.
type item struct {
	kind       kind
	from, to   time.Time // aDate: first and last day
	lo, hi     int       // aClock, aPart: minutes since midnight; -1 for open
	vague      bool      // aClock without am or pm
	strong     bool      // aClock that is one on its own: "3pm", "15:00"
	dayOpen    bool      // aDate "after the 7th": from that day on
	start, end int       // bytes
	other      time.Time // aDate: the other reading of 3/4; zero for none
}

type finder struct {
	Options
	zone   *time.Location
	ref    time.Time
	text   string
	result Result
	day    *item // the last date said, for hours in a later sentence
}

// at returns the token i of a sentence, or an empty one.
func at(tokens []token, i int) token {
	if i < 0 || i >= len(tokens) {
		return token{number: -1}
	}
	return tokens[i]
}

// items reads the items of one sentence.
func (f *finder) items(tokens []token) []item {
	var found []item
	for i := 0; i < len(tokens); {
		n := 0
		var it item
		for _, rule := range []func([]token, int) (item, int){f.date, clock, part, negation} {
			if it, n = rule(tokens, i); n > 0 {
				break
			}
		}
		if n == 0 {
			i++
			continue
		}
		it.start, it.end = tokens[i].start, tokens[i+n-1].end
		found = append(found, it)
		i += n
	}
	return found
}

var negations = map[string]bool{
	"not": true, "except": true, "can't": true, "cannot": true, "won't": true, "unavailable": true, "busy": true, "but": false, "nicht": true, "außer": true,
	"sauf": true, "pas": true, "excepto": true, "menos": true, "booked": true, "away": true, "traveling": true, "travelling": true, "out": true, "hardly": true,
}

func negation(tokens []token, i int) (item, int) {
	w := at(tokens, i).word
	if negations[w] {
		return item{kind: aNot}, 1
	}
	if (w == "can" || w == "won" || w == "don" || w == "isn" || w == "doesn") && (at(tokens, i+1).word == "'" || at(tokens, i+1).word == "’") && at(tokens, i+2).word == "t" {
		return item{kind: aNot}, 3
	}
	return item{}, 0
}

func (f *finder) midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, f.zone)
}

func day(t time.Time) item { return item{kind: aDate, from: t, to: t} }

// date reads a date. The longest form comes first.
func (f *finder) date(tokens []token, i int) (item, int) {
	if at(tokens, i).word == "after" || at(tokens, i).word == "from" || at(tokens, i).word == "ab" || at(tokens, i).word == "since" {
		skip := 1
		if at(tokens, i+1).word == "the" || at(tokens, i+1).word == "dem" {
			skip = 2
		}
		if it, n := f.plainDate(tokens, i+skip); n > 0 && !hasClock(tokens, i+skip+n) {
			it.dayOpen = true
			if at(tokens, i).word == "after" {
				it.from, it.to = it.from.AddDate(0, 0, 1), it.to.AddDate(0, 0, 1)
			}
			return it, skip + n
		}
	}
	return f.plainDate(tokens, i)
}

func hasClock(tokens []token, i int) bool {
	for _, skip := range []int{0, 1} {
		if it, n := clock(tokens, i+skip); n > 0 && it.strong {
			return true
		}
	}
	return false
}

func (f *finder) plainDate(tokens []token, i int) (item, int) {
	for _, rule := range []func([]token, int) (item, int){f.iso, f.weekdayDate, f.monthDay, f.dayMonth, f.numeric, f.weekday, f.ordinal, f.relative} {
		if it, n := rule(tokens, i); n > 0 {
			return it, n
		}
	}
	return item{}, 0
}

// iso reads 2026-12-02.
func (f *finder) iso(tokens []token, i int) (item, int) {
	y, m, d := at(tokens, i), at(tokens, i+2), at(tokens, i+4)
	if y.number < 1900 || y.end-y.start != 4 || at(tokens, i+1).word != "-" || at(tokens, i+3).word != "-" || m.number < 1 || m.number > 12 || d.number < 1 || d.number > 31 {
		return item{}, 0
	}
	return day(time.Date(y.number, time.Month(m.number), d.number, 0, 0, 0, 0, f.zone)), 5
}

// weekdayDate reads a weekday with a date behind it: "Tuesday, December 1", "Wed the 2nd", "Di 2.12.".
func (f *finder) weekdayDate(tokens []token, i int) (item, int) {
	w := at(tokens, i).word
	_, known := weekdays[w]
	_, shy := shyWeekdays[w]
	if !known && !shy {
		return item{}, 0
	}
	n := 1
	for n < 4 {
		switch at(tokens, i+n).word {
		case ",", ".", "the", "den", "le", "el", "(", "dem", "-", "feira":
			n++
			continue
		}
		break
	}
	for _, rule := range []func([]token, int) (item, int){f.iso, f.monthDay, f.dayMonth, f.numeric, f.ordinal} {
		if it, m := rule(tokens, i+n); m > 0 {
			return it, n + m
		}
	}
	return item{}, 0
}

func ordinalSuffix(t token) bool {
	switch t.word {
	case "st", "nd", "rd", "th", "er", "º", "ª":
		return !t.space
	}
	return false
}

// monthDay reads "December 1", "Dec. 1st, 2026", "Dec 1-3".
func (f *finder) monthDay(tokens []token, i int) (item, int) {
	m, ok := months[at(tokens, i).word]
	if !ok {
		return item{}, 0
	}
	n := 1
	if at(tokens, i+n).word == "." {
		n++
	}
	if at(tokens, i+n).word == "the" {
		n++
	}
	d := at(tokens, i+n)
	if d.number < 1 || d.number > 31 || d.end-d.start > 2 || at(tokens, i+n+1).word == ":" {
		return item{}, 0
	}
	n++
	if ordinalSuffix(at(tokens, i+n)) {
		n++
	}
	year, skip := yearAt(tokens, i+n)
	return day(f.future(year, m, d.number)), n + skip
}

// dayMonth reads "1 December", "the 1st of December", "1. Dezember 2026", "1 de diciembre".
func (f *finder) dayMonth(tokens []token, i int) (item, int) {
	d := at(tokens, i)
	if d.number < 1 || d.number > 31 || d.end-d.start > 2 {
		return item{}, 0
	}
	n := 1
	if ordinalSuffix(at(tokens, i+n)) || at(tokens, i+n).word == "." {
		n++
	}
	if w := at(tokens, i+n).word; w == "of" || w == "de" {
		n++
	}
	m, ok := months[at(tokens, i+n).word]
	if !ok || n == 1 && !at(tokens, i+n).space {
		return item{}, 0
	}
	n++
	if at(tokens, i+n).word == "de" && at(tokens, i+n+1).number > 1900 {
		n++
	}
	year, skip := yearAt(tokens, i+n)
	return day(f.future(year, m, d.number)), n + skip
}

func yearAt(tokens []token, i int) (year, n int) {
	if at(tokens, i).word == "," && at(tokens, i+1).end-at(tokens, i+1).start == 4 && at(tokens, i+1).number > 1900 {
		return at(tokens, i+1).number, 2
	}
	if t := at(tokens, i); t.end-t.start == 4 && t.number > 1900 && t.number < 2200 {
		return t.number, 1
	}
	return 0, 0
}

// numeric reads 12/2, 12/2/2026, 2.12., 02.12.2026. A slash date that may be either way bears both.
func (f *finder) numeric(tokens []token, i int) (item, int) {
	a, mark, b := at(tokens, i), at(tokens, i+1).word, at(tokens, i+2)
	if a.number < 1 || b.number < 1 || a.end-a.start > 2 || b.end-b.start > 2 || mark != "/" && mark != "." || at(tokens, i+1).space || b.space {
		return item{}, 0
	}
	n, year := 3, 0
	if at(tokens, i+3).word == mark && !at(tokens, i+3).space {
		if y := at(tokens, i+4); !y.space && (y.end-y.start == 4 || y.end-y.start == 2) && y.number >= 0 {
			if n, year = 5, y.number; year < 100 {
				year += 2000
			}
		} else if mark == "." {
			n = 4
		}
	}
	if mark == "." && n == 3 || mark == "/" && at(tokens, i+n).word == "/" {
		return item{}, 0 // 3.10 is a version; 24/7/… is something else
	}
	dayFirst := mark == "." || f.DayFirst
	month, d := a.number, b.number
	if dayFirst || month > 12 {
		month, d = d, month
	}
	if month > 12 || d > 31 {
		return item{}, 0
	}
	it := day(f.future(year, time.Month(month), d))
	if !dayFirst && mark == "/" && d <= 12 && d != month && !f.american() {
		it.other = f.future(year, time.Month(d), month)
	}
	return it, n
}

// american says whether the sender lives where the month comes first.
func (f *finder) american() bool {
	return strings.HasPrefix(f.zone.String(), "America/") || strings.HasPrefix(f.zone.String(), "US/")
}

// future is the next such day: within the coming year where no year is said.
func (f *finder) future(year int, m time.Month, d int) time.Time {
	if year != 0 {
		return time.Date(year, m, d, 0, 0, 0, 0, f.zone)
	}
	t := time.Date(f.ref.Year(), m, d, 0, 0, 0, 0, f.zone)
	if t.Before(f.midnight(f.ref)) {
		t = t.AddDate(1, 0, 0)
	}
	return t
}

// weekday reads "Tuesday", "next Tuesday", "this Friday", "Tuesday week", "a week from Monday".
func (f *finder) weekday(tokens []token, i int) (item, int) {
	n, next := 0, false
	switch at(tokens, i).word {
	case "next", "nächsten", "kommenden", "prochain", "próximo":
		n, next = 1, true
	case "this", "coming", "diesen", "ce", "este":
		n = 1
	}
	w := at(tokens, i+n)
	wd, ok := weekdays[w.word]
	if !ok {
		if wd, ok = shyWeekdays[w.word]; !ok || !hasClock(tokens, i+n+1) {
			return item{}, 0
		}
	}
	n++
	if at(tokens, i+n).word == "-" && at(tokens, i+n+1).word == "feira" {
		n += 2
	}
	days := (int(wd) - int(f.ref.Weekday()) + 7) % 7
	if days == 0 {
		days = 7
	}
	if next { // in the week after this one, which begins on Monday
		days = 7 - (int(f.ref.Weekday())+6)%7 + (int(wd)+6)%7
	}
	if at(tokens, i+n).word == "week" {
		days, n = days+7, n+1
	}
	if w := at(tokens, i+n).word; w == "prochain" || w == "próximo" || w == "que" && at(tokens, i+n+1).word == "viene" {
		n++
	}
	return day(f.midnight(f.ref).AddDate(0, 0, days)), n
}

// ordinal reads "the 14th", "on the 14th", "le 14", "am 14.".
func (f *finder) ordinal(tokens []token, i int) (item, int) {
	n := 0
	if w := at(tokens, i).word; w == "the" || w == "le" || w == "am" || w == "dem" || w == "den" {
		n = 1
	}
	d := at(tokens, i+n)
	if d.number < 1 || d.number > 31 || d.end-d.start > 2 {
		return item{}, 0
	}
	suffix := at(tokens, i+n+1)
	switch {
	case ordinalSuffix(suffix):
		n += 2
	case n == 1 && at(tokens, i).word == "am" && suffix.word == "." && !suffix.space:
		n += 2
	default:
		return item{}, 0
	}
	if w := at(tokens, i+n).word; n == 2 && (w == "floor" || w == "time" || w == "edition" || w == "grade" || w == "century" || w == "year") {
		return item{}, 0
	}
	t := time.Date(f.ref.Year(), f.ref.Month(), d.number, 0, 0, 0, 0, f.zone)
	for t.Before(f.midnight(f.ref)) || t.Day() != d.number {
		t = time.Date(t.Year(), t.Month()+1, d.number, 0, 0, 0, 0, f.zone)
	}
	return day(t), n
}

// relative reads today, tomorrow, in three days, next week, in two weeks.
func (f *finder) relative(tokens []token, i int) (item, int) {
	today := f.midnight(f.ref)
	word := at(tokens, i).word
	switch word {
	case "today", "heute", "hoy", "hoje":
		return day(today), 1
	case "tomorrow", "morgen", "demain", "mañana", "amanhã":
		if word == "morgen" && i > 0 && at(tokens, i-1).word == "guten" {
			return item{}, 0
		}
		return day(today.AddDate(0, 0, 1)), 1
	case "übermorgen":
		return day(today.AddDate(0, 0, 2)), 1
	case "next", "nächste", "nächster":
		if w := at(tokens, i+1).word; w == "week" || w == "woche" {
			monday := today.AddDate(0, 0, 7-(int(f.ref.Weekday())+6)%7)
			return item{kind: aDate, from: monday, to: monday.AddDate(0, 0, 4)}, 2
		}
	case "in":
		count := at(tokens, i+1).number
		if count < 0 {
			count = numberWords[at(tokens, i+1).word]
		}
		n := 2
		if at(tokens, i+2).word == "of" {
			n = 3
		}
		switch at(tokens, i+n).word {
		case "days", "day":
			if count > 0 && count < 60 {
				return day(today.AddDate(0, 0, count)), n + 1
			}
		}
	}
	if strings.HasPrefix(word, "day") && at(tokens, i+1).word == "after" && at(tokens, i+2).word == "tomorrow" {
		return day(today.AddDate(0, 0, 2)), 3
	}
	return item{}, 0
}
