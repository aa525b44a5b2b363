package times

import "time"

// offset reads a distance from a day: "a week from Friday", "three weeks from tomorrow", "in two days",
// "2 days after next Friday", "a fortnight from today", "in 5 minutes".
func (r *reader) offset(l line, i int) (item, int) {
	n := 0
	in := l.is(i, "in", "en", "dans", "em", "within") && !l.is(i, "within")
	if in {
		n = 1
	}
	q, k := l.count(i + n)
	u, ok := units[l.word(i+n+k)]
	if k == 0 || !ok || q == 0 || !l.whole(i+n+k-1) && l.word(i+n+k) == "mon" {
		return item{}, 0
	}
	n += k + 1
	n += b2i(l.is(i+n, "'")) + b2i(l.is(i+n, "time"))
	if from, k := r.origin(l, i+n); k > 0 {
		if l.is(i-1, "for") && u.months == 0 && u.seconds == 0 { // for three days from Tuesday
			return item{days: []days{{from, from.AddDate(0, 0, q*u.days/4)}}, span: true}, n + k
		}
		return r.weekdayThen(l, i, n+k, u, u.after(from, q))
	}
	if l.says(i+n, "from now") > 0 || l.is(i+n, "hence") {
		n += 2 - b2i(l.is(i+n, "hence"))
	} else if !in || u.months >= 12 {
		return item{}, 0
	}
	if u.months > 0 {
		it := u.after(r.today, q)
		it.vague = true
		return it, n
	}
	if u.seconds > 0 {
		return item{kind: aDate, moment: time.Duration(q*u.seconds/4) * time.Second}, n
	}
	return u.after(r.today, q), n
}

// weekdayThen reads the weekday of "two weeks from today, Thursday": the one of that week, or the next one
// after so many months.
func (r *reader) weekdayThen(l line, i, n int, u unit, it item) (item, int) {
	k := n + b2i(l.is(i+n, ","))
	k += b2i(l.is(i+k, "on", "am"))
	wd, ok := r.weekdayAt(l, i+k)
	if !ok || k == n || u.days == 1 || monthDayFollows(l, i+k+1) {
		return it, n
	}
	day := it.days[0].from
	if u.days > 0 {
		return inWeekOf(monday(day), wd), k + 1
	}
	return dateItem(oneDay(next(day.AddDate(0, 0, -1), wd))), k + 1
}

// nearestTo reads "the Monday closest to the 5th", "the nearest Monday to April 5".
func (r *reader) nearestTo(l line, i int) (item, int) {
	n := b2i(l.is(i, "the"))
	before := b2i(l.is(i+n, "closest", "nearest"))
	wd, ok := r.weekdayAt(l, i+n+before)
	n += before + 1
	after := b2i(before == 0 && l.is(i+n, "closest", "nearest"))
	n += after
	if !ok || before+after == 0 || !l.is(i+n, "to") {
		return item{}, 0
	}
	it, k := r.absolute(l, i+n+1)
	if k == 0 || len(it.days) == 0 {
		return item{}, 0
	}
	return dateItem(oneDay(next(it.days[0].from.AddDate(0, 0, -4), wd))), n + 1 + k
}

// origin reads the day that a distance is counted from.
func (r *reader) origin(l line, i int) (time.Time, int) {
	week := l.is(i-1, "week", "weeks")
	_, weekday := weekdays[l.word(i+1)]
	if !l.is(i, "from", "after", "following", "starting", "ab", "nach") && !(week && (l.is(i, "on") && weekday || l.is(i, "today", "tomorrow"))) {
		return time.Time{}, 0
	}
	n := b2i(!l.is(i, "today", "tomorrow"))
	n += b2i(l.is(i+1, "the"))
	it, k := firstOf(l, i+n, r.weekday, r.absolute, r.relative)
	if k == 0 || it.moment != 0 || len(it.days) == 0 {
		return time.Time{}, 0
	}
	return it.days[0].from, n + k
}

// after is the day so many quarters of a unit after a day.
func (u unit) after(from time.Time, quarters int) item {
	switch {
	case u.months > 0:
		return item{kind: aDate, days: []days{oneDay(from.AddDate(0, quarters*u.months/4, 0))}}
	case u.seconds > 0:
		return dateItem(oneDay(from))
	}
	return dateItem(oneDay(from.AddDate(0, 0, quarters*u.days/4)))
}

var (
	overmorrow = bookOf(map[bool]string{true: "the day after tomorrow|day after tomorrow|pasado mañana|depois de amanhã|après-demain|après - demain|overmorrow|übermorgen"})
	thereafter = bookOf(map[bool]string{true: "after that|after then|from then on|afterwards|thereafter|danach|après ça|después de eso|depois disso"})
)

// relative reads today, tomorrow, "the day after tomorrow", tonight, "this morning" and their like.
func (r *reader) relative(l line, i int) (item, int) {
	day := func(ahead int) item { return dateItem(oneDay(r.today.AddDate(0, 0, ahead))) }
	if _, n := overmorrow.read(l, i); n > 0 {
		return day(2), n
	}
	if n := l.says(i, "the day after"); n > 0 && !l.at(i+n).letters && l.names(i, "tomorrow", "tomorrow's", "tmrw") {
		return day(2), n
	}
	if _, n := thereafter.read(l, i); n > 0 && !r.ends.IsZero() {
		return item{days: []days{{from: r.ends}}, bounded: true}, n
	}
	switch l.word(i) {
	case "today", "heute", "aujourd'hui", "hoy", "hoje", "today's":
		return day(0), 1
	case "tomorrow", "tomorrow's", "tomorrows", "tmrw", "tmr", "tomorow", "demain", "amanhã":
		return day(1), 1
	case "tonight", "tonite":
		it := day(0)
		it.part = &evening
		return it, 1
	case "morgen":
		if !l.is(i-1, "guten", "schönen") && !dayBefore(l, i) {
			return day(1), 1
		}
	case "mañana":
		if !l.is(i-1, "la", "esta") {
			return day(1), 1
		}
	case "yesterday", "gestern", "hier", "ayer", "ontem":
		it := day(-1)
		it.past = l.word(i) != "hier" || l.is(i+1, "matin", "soir") // hier is "here" in German
		return it, b2i(it.past)
	}
	return r.thisPart(l, i)
}

// names says whether one of the words stands shortly before token i.
func (l line) names(i int, words ...string) bool {
	for j := max(0, i-10); j < i; j++ {
		if l.is(j, words...) {
			return true
		}
	}
	return false
}

// thisPart reads the day of "this morning", "heute Abend" being read already, and "next evening".
func (r *reader) thisPart(l line, i int) (item, int) {
	if !l.is(i, "this", "cet", "cette", "ce", "esta", "next") {
		return item{}, 0
	}
	n := 1 + b2i(l.is(i+1, "late", "early"))
	if p, ok := parts[l.word(i+n)]; !ok || p.many {
		return item{}, 0
	}
	return dateItem(oneDay(r.today.AddDate(0, 0, b2i(l.is(i, "next"))))), 1
}

// dayBefore says whether a day stands before token i, so that "morgen" is the morning.
func dayBefore(l line, i int) bool {
	_, ok := weekdays[l.word(i-1)]
	return ok || l.is(i-1, "heute", "am")
}
