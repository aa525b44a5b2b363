package times

import "time"

// days is a run of whole days, as midnights in UTC. Only the calendar day counts: the zone comes with
// the hours. A zero from is open towards now, a zero to (exclusive) is open.
type days struct{ from, to time.Time }

func oneDay(t time.Time) days { return days{t, t.AddDate(0, 0, 1)} }

// civil is the calendar day of a time.
func civil(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// ymd is a calendar day. It is not ok for a day that no calendar has.
func ymd(year int, m time.Month, d int) (t time.Time, ok bool) {
	t = time.Date(year, m, d, 0, 0, 0, 0, time.UTC)
	return t, t.Month() == m && t.Day() == d
}

func dateItem(readings ...days) item { return item{kind: aDate, days: readings} }

// dateRule reads one form of a date at token i and returns how many tokens it took, 0 for none.
type dateRule func(line, int) (item, int)

func firstOf(l line, i int, rules ...dateRule) (item, int) {
	for _, rule := range rules {
		if it, n := rule(l, i); n > 0 {
			it.kind = aDate
			return it, n
		}
	}
	return item{}, 0
}

// date reads a date, a run of days or a bound, in its longest form first.
func (r *reader) date(l line, i int) (item, int) {
	return firstOf(l, i, r.nearestTo, r.dateRange, r.bounded, r.plain)
}

func (r *reader) plain(l line, i int) (item, int) {
	return firstOf(l, i, r.offset, r.period, r.weekday, r.absolute, r.relative)
}

// bounded reads "after the 7th", "from Monday on", "by the end of the month", "before Friday".
func (r *reader) bounded(l line, i int) (item, int) {
	n, sh := opening(l, i)
	if n == 0 || n == 1 && !l.in(i, dateOpenings) {
		return item{}, 0
	}
	for n < 6 && l.is(i+n, "around", "about", "sometime", "at") {
		n++
	}
	inner, k := r.plain(l, i+n)
	if k == 0 || inner.moment != 0 || clockFollows(l, i+n+k) {
		return item{}, 0
	}
	inclusive := !l.is(i, "after", "nach", "après", "después", "depois", "before", "vor", "avant", "antes", "earlier", "later")
	for j, d := range inner.days {
		switch {
		case sh == onwards && inclusive:
			inner.days[j] = days{from: d.from}
		case sh == onwards:
			inner.days[j] = days{from: d.to}
		case inclusive:
			inner.days[j] = days{to: d.to}
		default:
			inner.days[j] = days{to: d.from}
		}
	}
	n += k
	if sh == onwards && l.is(i+n, "on", "onwards", "onward") {
		n++
	}
	inner.weekday, inner.bounded, inner.span = 0, true, false
	inner.due = l.is(i, "by", "bis")
	return inner, n
}

var dateOpenings = words("after nach après from ab desde dès before until till by vor avant bis hasta até since")

func clockFollows(l line, i int) bool {
	it, n := clock(l, i)
	return n > 0 && it.strength >= fair && it.shape == point
}

// dateRange reads "Monday to Friday", "from the 13th to the 15th of July", "August 27th - 29th".
func (r *reader) dateRange(l line, i int) (item, int) {
	n := 0
	between := l.in(i, betweenWords)
	if between || l.in(i, fromWords) {
		n = 1
	}
	a, k := r.plain(l, i+n)
	part, partN := dayNumber(l, i+n)
	bare := k == 0
	if bare {
		k = partN
	}
	if k == 0 || a.moment != 0 || a.span && !l.is(i, "between", "from") {
		return item{}, 0
	}
	n += k
	joined := l.in(i+n, toWords) && !l.is(i+n, "a", "à", "as", "al") || between && l.in(i+n, andWords)
	if !joined || moved(l, i) {
		return item{}, 0
	}
	n++
	b, k := r.plain(l, i+n)
	switch {
	case (bare || a.ordinal > 0) && k > 0 && !b.span && b.weekday == 0 && b.ordinal == 0 && len(b.days) > 0:
		a = dateItem(oneDay(b.days[0].from.AddDate(0, 0, max(part, a.ordinal)-b.days[0].from.Day())))
	case bare:
		return item{}, 0
	case k == 0 || b.ordinal > 0 && a.weekday == 0:
		if b, k = r.sameMonth(l, i+n, a); k == 0 {
			return item{}, 0
		}
	}
	if len(a.days) == 0 || len(b.days) == 0 {
		return item{}, n + k
	}
	if a.weekday > 0 && !b.within.IsZero() { // Tuesday to Thursday of next week
		a = inWeekOf(b.within, time.Weekday(a.weekday-1))
	}
	if b.yearly && a.yearless { // August 10 to 22, 2012
		a.days[0].from = a.days[0].from.AddDate(b.days[0].from.Year()-a.days[0].from.Year(), 0, 0)
	}
	run := days{a.days[0].from, r.after(a.days[0].from, b).to}
	if !run.from.Before(run.to) {
		return item{}, 0
	}
	return item{days: []days{run}, span: true}, n + k
}

// after is the date b, which ends a run that begins at from.
func (r *reader) after(from time.Time, b item) days {
	d := b.days[0]
	if b.weekday > 0 {
		return oneDay(next(from, time.Weekday(b.weekday-1)))
	}
	if d.to.Before(from) && !b.yearly {
		return days{d.from.AddDate(1, 0, 0), d.to.AddDate(1, 0, 0)}
	}
	return d
}

// sameMonth reads the second day of "August 10 to 22".
func (r *reader) sameMonth(l line, i int, a item) (item, int) {
	d, n := dayNumber(l, i)
	if n == 0 || a.weekday > 0 || len(a.days) == 0 || l.is(i+n, ":", "h", "am", "pm", "uhr") || l.is(i+n, "-", "–") && l.at(i+n+1).digits > 0 {
		return item{}, 0
	}
	year, k := yearAt(l, i+n)
	if k == 0 {
		year = a.days[0].from.Year()
	}
	t, ok := ymd(year, a.days[0].from.Month(), d)
	if !ok {
		return item{}, n + k // a day that no calendar has: no date at all
	}
	return item{days: []days{oneDay(t)}, yearly: k > 0}, n + k
}

// dayNumber reads "13", "13th", "the 13th", "ninth".
func dayNumber(l line, i int) (d, n int) {
	if l.in(i, articleWords) && !l.is(i, "a") || l.is(i, "dia", "día") {
		n = 1
	}
	if d, k := l.ordinal(i + n); k > 0 && d <= 31 {
		return d, n + k
	}
	if t := l.at(i + n); t.digits > 0 && t.digits <= 2 && t.number >= 1 && t.number <= 31 && l.whole(i+n) {
		return t.number, n + 1
	}
	return 0, 0
}

// moved says whether something is moved away from what follows: "push it from Tuesday to Thursday".
func moved(l line, i int) bool {
	for j := i - 1; j >= 0 && j >= i-6; j-- {
		if l.in(j, moveWords) {
			return true
		}
	}
	return false
}
