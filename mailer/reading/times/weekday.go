package times

import "time"

// next is the first such weekday after a day.
func next(after time.Time, wd time.Weekday) time.Time {
	d := (int(wd) - int(after.Weekday()) + 7) % 7
	if d == 0 {
		d = 7
	}
	return after.AddDate(0, 0, d)
}

// monday begins the week of a day.
func monday(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }

// namesDay says whether token i is a sure weekday, mayNameDay whether it is one that has other meanings.
func (l line) namesDay(i int) bool {
	_, ok := weekdays[l.word(i)]
	return ok
}

func (l line) mayNameDay(i int) bool {
	_, ok := shyWeekdays[l.word(i)]
	return ok
}

// weekdayAt reads a weekday. Words that mean something else as well need a second signal beside them.
func (r *reader) weekdayAt(l line, i int) (time.Weekday, bool) {
	word := l.word(i)
	if n := len(word); n > 2 && word[n-2:] == "'s" {
		word = word[:n-2]
	}
	if wd, ok := weekdays[word]; ok {
		return wd, true
	}
	wd, ok := shyWeekdays[word]
	if !ok {
		return 0, false
	}
	english := l.is(i, "mon", "sat", "sun")
	after := i + 1 + b2i(l.is(i+1, ".", ",") && l.glued(i+1))
	switch {
	case l.is(i-1, "on", "next", "this", "coming") && english:
	case english && (len(l) <= 2 && l.word(after) == "" || l.at(i).upper && i > 0 && !l.at(i-1).upper):
	case !english && !(r.foreign && (l.at(i).upper || len(word) > 2) || l.at(i).upper && after > i+1): // "do 4pm" is English
		return 0, false
	case partFollows(l, after):
	case clockFollows(l, after), bareRangeFollows(l, after):
	case l.at(i).upper && monthDayFollows(l, after):
	case l.is(i+1, "/", "-", "or", "and", "&") && (l.namesDay(i+2) || l.mayNameDay(i+2)) && l.at(i).upper:
	case (l.is(i-1, "/", "or", "and", "&") && l.namesDay(i-2)) && l.at(i).upper:
	default:
		return 0, false
	}
	return wd, true
}

func bareRangeFollows(l line, i int) bool {
	_, n := clockRange(l, i)
	return n > 0
}

func partFollows(l line, i int) bool {
	_, n := partOfDay(l, i+b2i(l.is(i, "à", "de", "por", "la", "in")))
	return n > 0
}

// monthDayFollows says whether a number of a date stands at i.
func monthDayFollows(l line, i int) bool {
	_, month := months[l.word(i)]
	d := l.at(i)
	return month && l.at(i+1).digits > 0 && l.at(i+1).digits < 4 || d.digits > 0 && d.digits <= 2 && (l.is(i+1, ".", "/") && l.glued(i+1) || l.in(i+1, ordinalSuffixes) && l.glued(i+1))
}

// weekday reads "Tuesday", "next Tuesday", "this Friday", "Tuesday week", "Friday of next week",
// "Tuesday, December 1", "the first Tuesday of October".
func (r *reader) weekday(l line, i int) (item, int) {
	if it, n := r.nthWeekday(l, i); n > 0 {
		return it, n
	}
	n, ahead := 0, ""
	for n < 3 && (l.in(i+n, nextWords) || l.in(i+n, thisWords) || l.is(i+n, "the", "el", "den", "le")) {
		switch {
		case l.is(i+n, "the", "el", "den", "le"):
		case l.in(i+n, thisWords):
			ahead = "this"
		case ahead == "":
			ahead = "next"
		}
		n++
	}
	wd, ok := r.weekdayAt(l, i+n)
	if !ok {
		return item{}, 0
	}
	n++
	if it, k := r.weekdayDate(l, i+n, wd); k > 0 {
		return it, n + k
	}
	if l.is(i+n, "prochain", "próximo", "próxima", "proximo", "que") && (l.word(i+n) != "que" || l.is(i+n+1, "viene", "vem")) {
		n, ahead = n+1+b2i(l.is(i+n, "que")), "coming"
	}
	if it, k := r.inWeek(l, i+n, wd); k > 0 {
		return it, n + k
	}
	return r.coming(wd, ahead), n
}

// coming is the weekday that is meant. "Next Friday" is the one of next week; said days before Friday it
// may be the nearest one.
func (r *reader) coming(wd time.Weekday, ahead string) item {
	nearest := next(r.today, wd)
	if ahead != "next" {
		it := dateItem(oneDay(nearest))
		if ahead == "" {
			it.weekday = int(wd) + 1
		}
		return it
	}
	there := monday(r.today).AddDate(0, 0, 7+(int(wd)+6)%7)
	if days := nearest.Sub(r.today).Hours() / 24; nearest.Before(there) && days > 2 {
		return dateItem(oneDay(there), oneDay(nearest))
	}
	return dateItem(oneDay(there))
}

// weekdayDate reads the date behind a weekday and what the two say together.
func (r *reader) weekdayDate(l line, i int, wd time.Weekday) (item, int) {
	n := 0
	it, k := r.absolute(l, i)
	for k == 0 && n < 3 && (l.is(i+n, ",", ".", "the", "den", "le", "el", "(", "dem", "der", "dia", "día") || l.is(i+n, "-", "–") && l.at(i+n).space) {
		n++
		it, k = r.absolute(l, i+n)
	}
	if k == 0 && n == 0 {
		it, k = r.lone(l, i, wd)
	}
	if k == 0 || len(it.days) == 0 || clockFollowsBare(l, i+n, k) {
		return item{}, 0
	}
	return r.agree(it, wd), n + k
}

// lone reads the number of "Sunday 31", which is no hour, and of "vendredi 6 à 11h", where it falls on that day.
func (r *reader) lone(l line, i int, wd time.Weekday) (item, int) {
	d := l.at(i)
	if d.digits == 0 || d.number < 1 || d.number > 31 || !l.whole(i) {
		return item{}, 0
	}
	large := d.number > 12 && l.followsHour(i+1) && !l.is(i+1, ":", "h", "-", "–", "to", "uhr")
	hour := l.is(i+1, "à", "às", "um") || l.says(i+1, "a las") > 0
	if !large && !(hour && r.nth(d.number).Weekday() == wd) {
		return item{}, 0
	}
	return item{kind: aDate, days: []days{oneDay(r.nth(d.number))}, ordinal: d.number}, 1
}

// clockFollowsBare says that what looked like a date is the hour of a range: "Tuesday 2.30 - 4".
func clockFollowsBare(l line, i, k int) bool {
	return k == 1 && l.is(i+1, "am", "pm")
}

// agree keeps the readings of a date that fall on the weekday said with it. Where none does, somebody
// erred, and each way to correct it is a reading.
func (r *reader) agree(it item, wd time.Weekday) item {
	for i, d := range it.days {
		if d.from.Weekday() == wd {
			it.days = []days{it.days[i]}
			return it
		}
	}
	first := it.days[0]
	readings := []days{first}
	if it.ordinal > 0 { // the 13th that is a Monday may be some months away
		for m := 0; m <= 6; m++ {
			begin := time.Date(r.today.Year(), r.today.Month()+time.Month(m), 1, 0, 0, 0, 0, time.UTC)
			if t, ok := ymd(begin.Year(), begin.Month(), it.ordinal); ok && !t.Before(r.today) && t.Weekday() == wd {
				readings = []days{oneDay(t), first}
				break
			}
		}
	}
	if !it.yearly {
		if t := first.from.AddDate(1, 0, 0); it.ordinal == 0 && t.Weekday() == wd {
			readings = append(readings, oneDay(t))
		}
	}
	near := next(first.from.AddDate(0, 0, -4), wd)
	it.days = append(readings, oneDay(near))
	return it
}

// inWeek reads the week behind a weekday: "of next week", "next week", "this week", "week".
func (r *reader) inWeek(l line, i int, wd time.Weekday) (item, int) {
	n := 0
	for n < 3 && l.is(i+n, ",", "of", "de", "in", "da") {
		n++
	}
	week, k := r.whichWeek(l, i+n)
	switch {
	case k > 0:
		return inWeekOf(week, wd), n + k
	case n == 0 && l.is(i, "week") && !l.is(i+1, "of"):
		return dateItem(oneDay(next(r.today, wd).AddDate(0, 0, 7))), 1
	case l.says(i, "after next") > 0:
		return inWeekOf(monday(r.today).AddDate(0, 0, 14), wd), 2
	case l.says(i, "in einer woche") > 0:
		return dateItem(oneDay(next(r.today, wd).AddDate(0, 0, 7))), 3
	}
	return item{}, 0
}

// inWeekOf is a weekday of the week that begins on a Monday.
func inWeekOf(from time.Time, wd time.Weekday) item {
	return item{kind: aDate, days: []days{oneDay(from.AddDate(0, 0, (int(wd)+6)%7))}, within: from}
}

// whichWeeks say how many days ahead their Monday is of this week's.
var whichWeeks = bookOf(map[int]string{
	0: "this week|the current week|current week|diese woche|dieser woche|cette semaine|esta semana",
	7: `next week|following week|the following week|upcoming week|coming week|this coming week|the week after|next workweek|nächste woche|nächster woche|nächsten woche|kommende woche
		|kommender woche|semaine prochaine|próxima semana|proxima semana|semana que viene|semana que vem|semana próxima`,
	14: "week after next|the week after next|übernächste woche",
})

// whichWeek reads which week is meant and gives its Monday.
func (r *reader) whichWeek(l line, i int) (time.Time, int) {
	ahead, n := whichWeeks.read(l, i)
	if n == 0 && l.is(i, "the", "la", "der", "die", "in") {
		from, k := r.whichWeek(l, i+1)
		return from, k + b2i(k > 0)
	}
	if n == 0 || l.is(i+n-1, "week") && (l.is(i+n, "after") || l.says(i+n, "but one") > 0) {
		return time.Time{}, 0
	}
	return monday(r.today).AddDate(0, 0, ahead), n
}

// nthWeekday reads "first Tuesday of October", "last Friday in October 2026", "four Tuesdays from now".
func (r *reader) nthWeekday(l line, i int) (item, int) {
	n := b2i(l.is(i, "the"))
	nth, k := l.ordinal(i + n)
	last := l.is(i+n, "last")
	if last {
		nth, k = 5, 1
	}
	if k == 0 {
		nth, k = l.cardinal(i + n)
		if wd, ok := weekdays[l.word(i+n+k)]; k > 0 && ok && nth > 0 && nth < 10 && l.says(i+n+k+1, "from now") > 0 {
			return dateItem(oneDay(next(r.today, wd).AddDate(0, 0, 7*(nth-1)))), n + k + 3
		}
		return item{}, 0
	}
	wd, ok := weekdays[l.word(i+n+k)]
	n += k + 1
	if !ok || nth > 5 || !l.is(i+n, "of", "in") {
		return item{}, 0
	}
	first, k := r.month(l, i+n+1)
	if k == 0 {
		return item{}, 0
	}
	t := next(first.AddDate(0, 0, -1), wd).AddDate(0, 0, 7*(nth-1))
	for t.Month() != first.Month() {
		if !last {
			return item{}, 0
		}
		t = t.AddDate(0, 0, -7)
	}
	return dateItem(oneDay(t)), n + 1 + k
}

// month reads a month that something is in, and gives its first day.
func (r *reader) month(l line, i int) (time.Time, int) {
	n := b2i(l.is(i, "the"))
	this := r.today.AddDate(0, 0, 1-r.today.Day())
	switch {
	case l.says(i+n, "next month") > 0, l.says(i+n, "nächsten monats") > 0, l.says(i+n, "following month") > 0:
		return this.AddDate(0, 1, 0), n + 2
	case l.says(i+n, "this month") > 0, l.says(i+n, "current month") > 0, l.says(i+n, "dieses monats") > 0:
		return this, n + 2
	case n > 0 && l.is(i+n, "month"), n == 0 && l.is(i, "month") && l.is(i-1, "of"), l.is(i-1, "des") && l.is(i, "monats"):
		return this, n + 1
	}
	m, ok := months[l.word(i+n)]
	if !ok || l.in(i+n, shyMonths) && !l.at(i+n).upper && !l.is(i+n-1, "of", "in", "early", "late", "mid", "-") {
		return time.Time{}, 0
	}
	n++
	n += b2i(l.is(i+n, ".") && l.at(i+n+1).digits == 4)
	if year, k := yearAt(l, i+n); k > 0 {
		return time.Date(year, m, 1, 0, 0, 0, 0, time.UTC), n + k
	}
	year := r.today.Year()
	if m < r.today.Month() {
		year++
	}
	return time.Date(year, m, 1, 0, 0, 0, 0, time.UTC), n
}
