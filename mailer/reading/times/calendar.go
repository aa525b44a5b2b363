package times

import "time"

// absolute reads a date that names its day in the month.
func (r *reader) absolute(l line, i int) (item, int) {
	return firstOf(l, i, r.iso, r.monthDay, r.dayMonth, r.dayOfMonth, r.numeric, r.dotted, r.ordinalDay)
}

// iso reads 2026-12-02, 2026/12/2 and what follows such a date in a time stamp.
func (r *reader) iso(l line, i int) (item, int) {
	y, m, d := l.at(i), l.at(i+2), l.at(i+4)
	mark := l.word(i + 1)
	if y.digits != 4 || mark != "-" && mark != "/" || l.word(i+3) != mark || m.digits == 0 || m.digits > 2 || d.digits == 0 || d.digits > 2 || !r.standsAlone(l, i, i+5) {
		return item{}, 0
	}
	t, ok := ymd(y.number, time.Month(m.number), d.number)
	if !ok || m.number > 12 || y.number < 1900 {
		return item{}, 0
	}
	n := 5
	if l.is(i+n, "t") && l.glued(i+n) && l.at(i+n+1).digits == 2 {
		n++
	}
	return item{days: []days{oneDay(t)}, yearly: true}, n
}

// standsAlone says that the tokens from..to, glued numbers, are no piece of a longer code.
func (r *reader) standsAlone(l line, from, to int) bool {
	for i := from + 1; i < to; i++ {
		if !l.glued(i) {
			return false
		}
	}
	if l.glued(from) && l.glued(from-1) && l.is(from-1, "-", "/", ".", "+", "_") { // 133-03-03-2026
		return false
	}
	return !l.glued(to) || !l.glued(to+1) || l.at(to+1).digits == 0 || l.is(to, ":", "-", ".", "t") && l.is(to+2, ":") || l.is(to, "–", "—")
}

// monthDay reads "December 1", "Dec. 1st, 2026", "february twenty second", "May/22".
func (r *reader) monthDay(l line, i int) (item, int) {
	m, ok := months[l.word(i)]
	if !ok || l.is(i, "out", "set", "ago", "mai", "mars") { // these follow their day
		return item{}, 0
	}
	n := 1
	for n < 3 && (l.is(i+n, ".", ",", "the") || l.is(i+n, "/", "-") && l.glued(i+n) && l.glued(i+n+1)) {
		n++
	}
	d, k := l.ordinal(i + n)
	if k == 0 {
		t := l.at(i + n)
		if t.digits == 0 || t.digits > 2 || l.is(i+n+1, ":", "am", "pm", "h", "%") || l.runs(i+n) && l.is(i+n+1, ".", ":") {
			return item{}, 0
		}
		d, k = t.number, 1
		if l.in(i, shyMonths) && !l.followsHour(i+n+1) && !l.is(i+n+1, "@", "-") {
			return item{}, 0
		}
	}
	return r.inYear(l, i, n+k, m, d)
}

// dayMonth reads "1 December", "the 1st of December", "1. Dezember 2026", "le 1er décembre", "1 de diciembre", "06/Nov/2023".
func (r *reader) dayMonth(l line, i int) (item, int) {
	d, n := dayNumber(l, i)
	if n == 0 {
		return item{}, 0
	}
	if l.is(i+n, ".") && l.glued(i+n) {
		n++
	}
	n += b2i(l.is(i+n, "day"))
	switch {
	case l.is(i+n, "of", "de"):
		n++
	case l.is(i+n, "-", "/") && l.glued(i+n) && l.glued(i+n+1):
		n++
	}
	m, ok := months[l.word(i+n)]
	if !ok || l.is(i+n, "may", "march", "mar", "out", "set") && n == 1 && !l.at(i+n).upper && l.at(i+n+1).digits != 4 && !l.followsHour(i+n+1) {
		return item{}, 0
	}
	n++
	if l.is(i+n, ".") && !l.at(i+n+1).upper {
		n++
	}
	return r.inYear(l, i, n, m, d)
}

// inYear finishes a date of n tokens whose month and day are read.
func (r *reader) inYear(l line, i, n int, m time.Month, d int) (item, int) {
	year, k := yearAt(l, i+n)
	if k == 0 {
		year = trailingYear(l, i+n)
	}
	it := item{kind: aDate, days: r.future(m, d), yearless: true}
	if year > 0 {
		t, ok := ymd(year, m, d)
		if !ok {
			return item{}, 0
		}
		it = item{days: []days{oneDay(t)}, yearly: true}
	}
	if len(it.days) == 0 {
		return item{}, 0
	}
	n += k
	if wd, k := r.trailingWeekday(l, i+n); k > 0 {
		return r.agree(it, wd), n + k
	}
	return it, n
}

// trailingWeekday reads the weekday of "Jul 18, Fri" and "May 22 (Tue)".
func (r *reader) trailingWeekday(l line, i int) (time.Weekday, int) {
	if !l.is(i, ",", "(") {
		return 0, 0
	}
	wd, ok := weekdays[l.word(i+1)]
	bracket := l.is(i, "(")
	if !ok || bracket != l.is(i+2, ")") || !bracket && (monthDayFollows(l, i+2) || monthDayFollows(l, i+3)) {
		return 0, 0
	}
	return wd, 2 + b2i(bracket)
}

// yearAt reads ", 2026", "of 2026", "-2026".
func yearAt(l line, i int) (year, n int) {
	for n < 2 && l.is(i+n, ",", ".", "of", "in", "de", "del", "-", "/") {
		n++
	}
	y := l.at(i + n)
	if y.digits != 4 || y.number < 1900 || y.number > 2199 || !l.whole(i+n) && n == 0 || l.is(i+n+1, "h") && l.glued(i+n+1) {
		return 0, 0
	}
	return y.number, n + 1
}

// trailingYear finds the year of "Oct 26 11:00:09 EDT 2023", where the clock stands before it.
func trailingYear(l line, i int) int {
	it, n := clock(l, i+b2i(l.is(i, ",")))
	if n == 0 || it.strength < strong {
		return 0
	}
	i += n + b2i(l.is(i, ","))
	if _, ok := zoneNames[l.word(i)]; ok {
		i++
	}
	if y := l.at(i); y.digits == 4 && y.number >= 1900 && y.number < 2200 {
		return y.number
	}
	return 0
}

// future is the next such day. One that was there just lately may be meant too.
func (r *reader) future(m time.Month, d int) []days {
	for year := r.today.Year(); year <= r.today.Year()+8; year++ {
		t, ok := ymd(year, m, d)
		if !ok || t.Before(r.today) {
			continue
		}
		if lately, ok := ymd(year-1, m, d); ok && r.today.Sub(lately) < 45*24*time.Hour {
			return []days{oneDay(t), oneDay(lately)}
		}
		return []days{oneDay(t)}
	}
	return nil
}

// dayOfMonth reads "the 20th of this month", "the 15th day of next month".
func (r *reader) dayOfMonth(l line, i int) (item, int) {
	d, n := dayNumber(l, i)
	if n == 0 {
		return item{}, 0
	}
	n += b2i(l.is(i+n, "day"))
	if !l.is(i+n, "of") {
		return item{}, 0
	}
	n++
	n += b2i(l.is(i+n, "the"))
	ahead := 0
	switch {
	case l.says(i+n, "next month") > 0, l.says(i+n, "following month") > 0:
		ahead, n = 1, n+2
	case l.says(i+n, "this month") > 0, l.says(i+n, "current month") > 0:
		n += 2
	case l.is(i+n, "month") && l.is(i+n-1, "the"):
		n++
	default:
		return item{}, 0
	}
	first := time.Date(r.today.Year(), r.today.Month()+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
	t, ok := ymd(first.Year(), first.Month(), d)
	if !ok {
		return item{}, 0
	}
	return dateItem(oneDay(t)), n
}

// numeric reads 12/2, 12/2/2026, 12-2-2026. A date that may be either way bears both readings.
func (r *reader) numeric(l line, i int) (item, int) {
	a, b, mark := l.at(i), l.at(i+2), l.word(i+1)
	if a.digits == 0 || a.digits > 2 || b.digits == 0 || b.digits > 2 || mark != "/" && mark != "-" || !l.glued(i+1) || !l.glued(i+2) {
		return item{}, 0
	}
	n, year := 3, 0
	if y := l.at(i + 4); l.is(i+3, mark) && l.glued(i+3) && l.glued(i+4) && (y.digits == 4 && y.number >= 1900 || y.digits == 2 && mark == "/") {
		if n, year = 5, y.number; year < 100 {
			year += 2000
		}
	}
	if mark == "-" && n == 3 || !r.standsAlone(l, i, i+n) || l.glued(i+n) && (l.is(i+n, "%") || l.is(i+n, "-", "/") && n == 3 && l.at(i+n+1).digits > 0) && !slashDate(l, i+n+1) {
		return item{}, 0
	}
	return r.either(a.number, b.number, year), n * b2i(len(r.either(a.number, b.number, year).days) > 0)
}

// slashDate says whether another date such as 5/7 stands at i: the second of a range.
func slashDate(l line, i int) bool {
	return l.at(i).digits > 0 && l.is(i+1, "/") && l.at(i+2).digits > 0 && !l.is(i-1, "/")
}

// either gives the readings of two numbers as month and day, the likelier first.
func (r *reader) either(a, b, year int) item {
	read := func(month, day int) []days {
		if month < 1 || month > 12 {
			return nil
		}
		if year == 0 {
			return r.future(time.Month(month), day)
		}
		if t, ok := ymd(year, time.Month(month), day); ok {
			return []days{oneDay(t)}
		}
		return nil
	}
	likely, other := read(a, b), read(b, a)
	if r.dayFirst {
		likely, other = other, likely
	}
	it := item{yearly: year > 0}
	switch {
	case len(likely) == 0:
		it.days = other
	case !r.dateDoubt || a == b:
		it.days = likely
	default:
		it.days = append(likely, other...)
	}
	return it
}

// dotted reads 2.12., 02.12.2026, 05.25.2015. Without a year or a second dot it may be a version.
func (r *reader) dotted(l line, i int) (item, int) {
	n := b2i(l.is(i, "am", "dem", "den", "vom", "zum"))
	a, b := l.at(i+n), l.at(i+n+2)
	if a.digits == 0 || a.digits > 2 || b.digits == 0 || b.digits > 2 || !l.is(i+n+1, ".") || !l.glued(i+n+1) || !l.glued(i+n+2) || !l.whole(i+n) {
		return item{}, 0
	}
	year, k := 0, 3
	switch y := l.at(i + n + 4); {
	case l.is(i+n+3, ".") && l.glued(i+n+3) && l.glued(i+n+4) && (y.digits == 4 && y.number >= 1900 && y.number < 2200):
		year, k = y.number, 5
	case l.is(i+n+3, ".") && l.glued(i+n+3) && !(l.glued(i+n+4) && l.at(i+n+4).digits > 0) && (n > 0 || l.word(i+n+4) != ""):
		k = 4
	case n > 0 || weekdayBefore(l, i):
	default:
		return item{}, 0
	}
	t, ok := ymd(max(year, 2024), time.Month(b.number), a.number)
	if !ok || b.number > 12 {
		if t, ok = ymd(max(year, 2024), time.Month(a.number), b.number); !ok || a.number > 12 || year == 0 {
			return item{}, 0
		}
	}
	if year > 0 {
		return item{days: []days{oneDay(t)}, yearly: true}, n + k
	}
	return dateItem(r.future(t.Month(), t.Day())...), n + k
}

func weekdayBefore(l line, i int) bool {
	if l.is(i-1, ",", "the", "den", "dem", "der") {
		i--
	}
	return l.namesDay(i-1) || l.mayNameDay(i-1)
}

// ordinalDay reads "the 14th", "on the first", "le 14", "am 14.", "el 14", "dia 14".
func (r *reader) ordinalDay(l line, i int) (item, int) {
	n := 0
	for n < 2 && l.is(i+n, "the", "le", "am", "dem", "den", "der", "el", "dia", "día", "on", "du") {
		n++
	}
	spelt := l.at(i+n).digits == 0
	d, k := l.ordinal(i + n)
	switch {
	case k > 0 && !(spelt && l.namesDay(i+n+k)) && (!spelt || weekdayBefore(l, i) || l.is(i, "on") && l.is(i+1, "the") && l.followsHour(i+n+k)):
	case k == 0 && n > 0 && !spelt && l.at(i+n).digits <= 2 && l.whole(i+n) && !l.runs(i+n) && r.bareDay(l, i, i+n):
		d, k = l.at(i+n).number, 1+b2i(l.is(i+n+1, ".") && l.glued(i+n+1))
	default:
		return item{}, 0
	}
	if d < 1 || d > 31 || countsNth(l, i+n+k) || !weekdayBefore(l, i) && !l.followsDay(i+n+k) {
		return item{}, 0
	}
	return item{days: []days{oneDay(r.nth(d))}, ordinal: d}, n + k
}

// bareDay says whether a number behind an article is a day: "le 14", "el 14" and "am 14." are, "the 14" is not.
func (r *reader) bareDay(l line, from, i int) bool {
	switch {
	case l.is(i+1, "h", ":", "%", "uhr", "heures", "horas", "am", "pm"):
		return false
	case l.is(from, "am", "dem", "den", "der"):
		return l.is(i+1, ".") && l.glued(i+1) || weekdayBefore(l, from)
	case l.is(from, "le", "el", "dia", "día", "du"):
		return l.followsDay(i+1) || l.is(i+1, "a", "à", "au")
	}
	return false
}

// followsDay says whether token i may stand behind a bare day. Anything else is what the ordinal counts.
func (l line) followsDay(i int) bool {
	for _, s := range []set{afterWords, beforeWords, betweenWords, fromWords, toWords, atWords, linkWords, orWords, offerWords, refusals, beWords, hardEnds} {
		if l.in(i, s) {
			return true
		}
	}
	_, part := parts[l.word(i)]
	return part || l.at(i).digits > 0 || l.followsHour(i)
}

// dayList reads days that share a month: "March 9, 10 or 11", "9th or 10th of April".
func (r *reader) dayList(l line, i int) ([]item, int) {
	if it, n := r.monthDay(l, i); n > 0 && it.yearless {
		return r.daysAfter(l, i, n, it)
	}
	var list []item
	n := b2i(l.is(i, "the", "on", "el", "le"))
	for len(list) < 8 {
		if it, k := r.dayMonth(l, i+n); k > 0 && len(list) > 0 && len(it.days) > 0 {
			first := it.days[0].from
			for j, d := range list {
				t, ok := ymd(first.Year(), first.Month(), d.ordinal)
				if !ok || !t.Before(first) {
					return nil, 0
				}
				list[j].days, list[j].ordinal = []days{oneDay(t)}, 0
			}
			it.from, it.to = i+n, i+n+k
			return append(list, it), n + k
		}
		d, k := dayNumber(l, i+n)
		sep := separator(l, i+n+k)
		if k == 0 || sep == 0 {
			return nil, 0
		}
		list = append(list, item{kind: aDate, ordinal: d, from: i + n, to: i + n + k})
		n += k + sep
	}
	return nil, 0
}

// daysAfter reads the further days behind "March 9". Lone numbers must end with an "or": what stands
// behind a mere comma may be an hour.
func (r *reader) daysAfter(l line, i, n int, it item) ([]item, int) {
	it.from, it.to = i, i+n
	list, closed, at := []item{it}, false, n
	for len(list) < 8 {
		sep := separator(l, i+at)
		d, k := dayNumber(l, i+at+sep)
		first := it.days[0].from
		t, ok := ymd(first.Year(), first.Month(), d)
		if sep == 0 || k == 0 || !ok || !t.After(list[len(list)-1].days[0].from) || hourGoesOn(l, i+at+sep+k) {
			break
		}
		closed = closed || !l.is(i+at, ",") || sep == 2
		at += sep + k
		list = append(list, item{kind: aDate, days: []days{oneDay(t)}, from: i + at - k, to: i + at})
	}
	if !closed || len(list) < 2 {
		return nil, 0
	}
	return list, at
}

// hourGoesOn says that the number before token i is an hour, or the day of another month.
func hourGoesOn(l line, i int) bool {
	return l.is(i, ":", "am", "pm", "h", "uhr", "a", "p", "o'clock", "/") || months[l.word(i)] > 0 || l.runs(i-1)
}

// separator reads what stands between two things of a list.
func separator(l line, i int) int {
	n := b2i(l.is(i, ",", "/"))
	return n + b2i(l.is(i+n, "or", "and", "&", "oder", "und", "ou", "et", "o", "y", "e"))
}

// countsNth says that the word i is what an ordinal counts: "the 14th floor", "the 2nd time".
func countsNth(l line, i int) bool {
	return l.is(i, "floor", "time", "edition", "grade", "century", "year", "week", "quarter", "month", "one", "option", "slot", "place", "st", "street", "ave", "avenue",
		"anniversary", "birthday", "round", "qtr", "half", "day", "choice", "attempt", "try", "person", "thing", "draft", "version", "of")
}

// nth is the next day with that number.
func (r *reader) nth(d int) time.Time {
	for m := r.today.Month(); ; m++ { // two months at most lack a day up to 31
		first := time.Date(r.today.Year(), m, 1, 0, 0, 0, 0, time.UTC)
		if t, ok := ymd(first.Year(), first.Month(), d); ok && !t.Before(r.today) {
			return t
		}
	}
}
