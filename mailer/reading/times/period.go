package times

import "time"

// period reads a week, a weekend or a piece of a longer stretch: "next week", "the week of the 7th",
// "end of next week", "early January", "the second week of January", "this weekend".
func (r *reader) period(l line, i int) (item, int) {
	return firstOf(l, i, r.past, r.weekOf, r.nthWeek, r.pieceOf, r.weekend, r.wholeWeek, r.wholeMonth)
}

// past reads what lies behind, so that nothing in it is taken for a date to come: "last Friday", "two weeks ago".
func (r *reader) past(l line, i int) (item, int) {
	if l.is(i, "last", "previous", "letzten", "letzte", "letzter", "past") {
		w := l.word(i + 1)
		_, month := months[w]
		_, weekday := weekdays[w]
		if _, unit := units[w]; (unit || month || weekday) && !l.is(i+2, "of", "in") || l.is(i+1, "night", "weekend", "quarter") && !l.is(i+2, "of", "in") {
			return item{past: true, days: []days{oneDay(r.today.AddDate(0, 0, -7))}}, 2
		}
	}
	_, n := l.count(i)
	if _, ok := units[l.word(i+n)]; n > 0 && ok && l.is(i+n+1, "ago", "earlier", "back", "before") && !l.is(i+n+2, "the") {
		return item{past: true, days: []days{oneDay(r.today.AddDate(0, 0, -7))}}, n + 2
	}
	return item{}, 0
}

var weekOfs = bookOf(map[bool]string{true: "week of|week commencing|week starting|week beginning|w / c|wc|week from|semaine du|semana del|semana do|woche vom|woche ab dem"})

// weekOf reads "the week of the 7th", "w/c Feb 4", "the week starting on March 2".
func (r *reader) weekOf(l line, i int) (item, int) {
	n := b2i(l.is(i, "the", "la"))
	_, k := weekOfs.read(l, i+n)
	if k == 0 {
		return item{}, 0
	}
	n += k + b2i(l.is(i+n+k, "on"))
	it, k := firstOf(l, i+n, r.weekday, r.absolute)
	if k == 0 || len(it.days) == 0 {
		return item{}, 0
	}
	return weeks(monday(it.days[0].from)), n + k
}

func weeks(from time.Time) item {
	return item{kind: aDate, days: []days{{from, from.AddDate(0, 0, 7)}}, span: true, week: true, within: from}
}

// nthWeek reads "the second week of January", "the last week of this month". A month's first week is
// the one with its first Thursday, as in ISO 8601.
func (r *reader) nthWeek(l line, i int) (item, int) {
	n := b2i(l.is(i, "the", "der"))
	nth, k := l.ordinal(i + n)
	last := l.is(i+n, "last", "letzte", "letzten")
	if last {
		nth, k = 1, 1
	}
	if k == 0 || nth > 5 || !l.is(i+n+k, "week", "full", "woche") || !l.is(i+n+k+1+b2i(l.is(i+n+k, "full")), "of", "in", "im") {
		return item{}, 0
	}
	n += k + 2 + b2i(l.is(i+n+k, "full"))
	first, k := r.month(l, i+n)
	if k == 0 {
		return item{}, 0
	}
	if last {
		end := first.AddDate(0, 1, -1)
		return weeks(monday(next(end.AddDate(0, 0, -7), time.Thursday))), n + k
	}
	return weeks(monday(next(first.AddDate(0, 0, -1), time.Thursday)).AddDate(0, 0, 7*(nth-1))), n + k
}

// pieceOf reads a piece of a week, a month or a day: "end of next week", "early January", "mid-December", "later today".
func (r *reader) pieceOf(l line, i int) (item, int) {
	n := b2i(l.is(i, "the"))
	third, k := pieces.read(l, i+n)
	if k == 0 {
		return item{}, 0
	}
	n += k
	for n < 8 && l.is(i+n, "of", "in", "-", "der", "de", "la", "do", "del", "da") {
		n++
	}
	if l.says(i+n, "the week") > 0 || l.is(i+n, "week") && l.is(i+n-1, "of") {
		n += 1 + b2i(l.is(i+n, "the"))
		return third.ofWeek(r.today, monday(r.today)), n
	}
	n += b2i(l.is(i+n, "the") && !l.is(i+n+1, "month"))
	if from, k := r.whichWeek(l, i+n); k > 0 {
		return third.ofWeek(r.today, from), n + k
	}
	if _, k := r.thisPart(l, i+n); k > 0 {
		return item{}, 0
	}
	if it, k := r.relative(l, i+n); k > 0 && len(it.days) == 1 && it.part == nil {
		p := map[piece]part{beginning: {lo: workMorning, hi: noon}, middle: {lo: 10 * hour, hi: 14 * hour}, ending: {lo: 12 * hour, hi: 18 * hour}, later: {lo: 12 * hour, hi: 18 * hour}}[third]
		it.part = &p
		return it, n + k
	}
	first, k := r.month(l, i+n)
	if k == 0 {
		return item{}, 0
	}
	return third.ofMonth(first), n + k
}

// A piece is a third of a week or a month, more or less.
type piece int

const (
	beginning piece = iota + 1
	middle
	ending
	later
)

var pieces = bookOf(map[piece]string{
	beginning: "beginning of|start of|first half of|early|anfang|début|principios de",
	middle:    "middle of|mid|mitte|mediados de",
	ending:    "end of|second half of|ende|fin|finales de|final da|fim da",
	later:     "late|later|later on|later in",
})

func (p piece) ofWeek(today, from time.Time) item {
	run := days{from, from.AddDate(0, 0, 3)}
	switch p {
	case middle:
		run = days{from.AddDate(0, 0, 1), from.AddDate(0, 0, 4)}
	case ending:
		run = days{from.AddDate(0, 0, 4), from.AddDate(0, 0, 7)}
	case later:
		run = days{from.AddDate(0, 0, 3), from.AddDate(0, 0, 7)}
		if from.Before(today) && run.from.Before(today) {
			run.from = today
		}
	}
	return item{kind: aDate, days: []days{run}, span: true, within: from}
}

func (p piece) ofMonth(first time.Time) item {
	run := days{first, first.AddDate(0, 0, 10)}
	switch p {
	case middle:
		run = days{first.AddDate(0, 0, 10), first.AddDate(0, 0, 20)}
	case ending, later:
		run = days{first.AddDate(0, 0, 20), first.AddDate(0, 1, 0)}
	}
	return item{kind: aDate, days: []days{run}, span: true}
}

// weekend reads "this weekend", "next weekend", "the last weekend of October".
func (r *reader) weekend(l line, i int) (item, int) {
	saturday := monday(r.today).AddDate(0, 0, 5)
	of := func(from time.Time) item { return item{days: []days{{from, from.AddDate(0, 0, 2)}}, span: true} }
	switch {
	case l.is(i, "this", "the", "over", "dieses", "ce", "este") && l.is(i+1, "weekend", "week-end", "wochenende"):
		return of(saturday), 2
	case l.is(i, "next", "nächstes") && l.is(i+1, "weekend", "week-end", "wochenende"):
		return of(saturday.AddDate(0, 0, 7)), 2
	}
	n := b2i(l.is(i, "the"))
	if !l.is(i+n, "first", "last") || !l.is(i+n+1, "weekend", "week-end") || !l.is(i+n+2, "of", "in") {
		return item{}, 0
	}
	first, k := r.month(l, i+n+3)
	if k == 0 {
		return item{}, 0
	}
	begin := next(first.AddDate(0, 0, -1), time.Saturday)
	if l.is(i+n, "last") {
		begin = next(first.AddDate(0, 1, -8), time.Saturday)
	}
	return of(begin), n + 3 + k
}

// wholeWeek reads "next week", and "next week, Wednesday".
func (r *reader) wholeWeek(l line, i int) (item, int) {
	from, n := r.whichWeek(l, i)
	if n == 0 {
		return item{}, 0
	}
	m := n
	for m < n+2 && l.is(i+m, ",", "on", "am", "le", "el", "na", ":") {
		m++
	}
	if wd, ok := r.weekdayAt(l, i+m); ok && !monthDayFollows(l, i+m+1) {
		return inWeekOf(from, wd), m + 1
	}
	return weeks(from), n
}

// wholeMonth reads a month or more. It is too wide to be an offer.
func (r *reader) wholeMonth(l line, i int) (item, int) {
	n := b2i(l.is(i, "in", "im", "en", "em", "during"))
	bound := l.is(i-1, "until", "till", "after", "before", "by", "from", "bis", "nach", "ab", "jusqu'en", "hasta", "até")
	if n == 0 && (l.is(i, "month") || !bound && !l.is(i, "next", "this")) {
		return item{}, 0
	}
	first, k := r.month(l, i+n)
	if day := l.at(i + n + 1).digits; k == 0 || monthDayFollows(l, i+n) || day > 0 && day < 3 {
		return item{}, 0
	}
	return item{days: []days{{first, first.AddDate(0, 1, 0)}}, span: true, vague: true}, n + k
}
