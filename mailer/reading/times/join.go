package times

import (
	"slices"
	"time"
)

// A group is the days and the hours that belong together: each day with each hour.
type group struct {
	dates  []item
	clocks []item // clocks, parts, "same time"
	zone   *zone
	whole  bool // "all day": no hour goes with it
	picks  []item
	from   int // tokens
	to     int
	claim  claim
}

func (g *group) empty() bool { return len(g.dates) == 0 && len(g.clocks) == 0 && len(g.picks) == 0 }

func (g *group) add(it item) {
	if g.empty() {
		g.from, g.claim = it.from, it.claim
	}
	switch it.kind {
	case aDate:
		g.dates = append(g.dates, it)
	case aPick:
		g.picks = append(g.picks, it)
	case aWhole:
		g.whole = len(g.dates) > 0
	default:
		g.clocks = append(g.clocks, it)
	}
	g.to = max(g.to, it.to)
	switch { // one refusal rules the group out, one offer makes it an offer
	case it.claim >= aside:
		g.claim = max(g.claim, it.claim)
	case g.claim < aside:
		g.claim = min(g.claim, it.claim)
	}
}

// gather joins the items of a sentence to groups.
func gather(l line, items []item) []group {
	var all []group
	var g group
	flush := func() {
		if !g.empty() {
			all = append(all, g)
		}
		g = group{}
	}
	for j, it := range items {
		gap := line(nil)
		if j > 0 {
			gap = l[items[j-1].to:it.from]
		}
		switch it.kind {
		case aZone:
			g.tell(&items[j].zone, it.to*b2i(len(gap) < 3))
			continue
		case aPick:
			flush()
		case aDate:
			if g.closedFor(it, gap, j, items, l) {
				flush()
			}
		default:
			if len(g.dates) > 0 && g.closedForHour(l, items, j, gap) || len(g.dates) == 0 && turns(gap) {
				flush()
			}
		}
		g.add(it)
	}
	flush()
	return all
}

// turns says that a gap leads from one thought to the next: "I am off at 5, so 5:30".
func turns(gap line) bool {
	for i := range gap {
		if gap.is(i, "so", "because", "since", "weil", "denn", "donc", "car", "porque") {
			return true
		}
	}
	return false
}

// tell gives the hours that stand before a zone that zone, and the group, for its days.
func (g *group) tell(z *zone, to int) {
	if g.empty() {
		return
	}
	for i := range g.clocks {
		if g.clocks[i].zone.place == nil {
			g.clocks[i].zone = *z
		}
	}
	if g.zone == nil {
		g.zone = z
	}
	g.to = max(g.to, to)
}

// closedForHour says whether the hour j opens a new group.
func (g *group) closedForHour(l line, items []item, j int, gap line) bool {
	it := items[j]
	switch {
	case g.dates[len(g.dates)-1].bounded && !onlyLinks(gap, 0, len(gap)):
		return true
	case g.hourFirst():
		return it.kind != aPart || separated(gap) // 9 tomorrow morning
	}
	return bindsRight(l, items, j) && separated(gap) || g.differs(l, it)
}

// hourFirst says that the hours of a group came before its days: "3pm on Tuesday".
func (g *group) hourFirst() bool {
	return len(g.clocks) > 0 && len(g.dates) > 0 && g.clocks[0].from < g.dates[0].from && g.clocks[len(g.clocks)-1].from < g.dates[len(g.dates)-1].from
}

// differs says that an hour has another claim than the day before it: "Tuesday is out, 3pm ..." is not one time.
func (g *group) differs(l line, it item) bool {
	if it.kind != aClock || it.strength < fair || (g.claim == ruledOut) == (it.claim == ruledOut) {
		return false
	}
	return it.shape == point || g.whole || l.in(it.from-1, refusals)
}

// closedFor says whether a date opens a new group.
func (g *group) closedFor(it item, gap line, j int, items []item, l line) bool {
	switch {
	case g.empty():
		return false
	case g.whole, it.moment != 0, it.vague, it.past, len(g.picks) > 0, g.claim != it.claim && (g.claim >= aside || it.claim >= aside):
		return true
	case len(g.dates) == 0: // 3pm on Tuesday
		return !near(gap)
	case g.dates[len(g.dates)-1].moment != 0 || g.dates[0].bounded || it.bounded || g.dates[len(g.dates)-1].span || it.span:
		return true
	case g.hourFirst(): // 3pm on Tuesday or Wednesday, but not: or Wednesday at 4
		return !listed(gap) || j+1 < len(items) && isHour(items[j+1]) && onlyLinks(l, it.to, items[j+1].from)
	case len(g.clocks) > 0:
		return true
	}
	return !listed(gap) && !onlyLinks(gap, 0, len(gap))
}

func isHour(it item) bool { return it.kind == aClock || it.kind == aPart || it.kind == aSame }

// near says that few words and no comma's worth of them stand between an hour and its day.
func near(gap line) bool {
	for i := range gap {
		if gap.in(i, orWords) && !gap.is(i, ",", "also") || gap.in(i, hardEnds) {
			return false
		}
	}
	return len(gap) <= 6
}

// listed says that a gap joins two things of one list.
func listed(gap line) bool {
	for i := range gap {
		if !gap.in(i, orWords) && !gap.in(i, linkWords) {
			return false
		}
	}
	return len(gap) > 0
}

// separated says that a gap ends one thing and begins another.
func separated(gap line) bool {
	for i := range gap {
		if gap.in(i, orWords) {
			return true
		}
	}
	return false
}

// bindsRight says that an hour belongs to the day behind it: "..., 4pm Wednesday".
func bindsRight(l line, items []item, j int) bool {
	next := j + 1
	for next < len(items) && items[next].kind == aZone {
		next++
	}
	if next >= len(items) || items[next].kind != aDate {
		return false
	}
	for i := items[next-1].to; i < items[next].from; i++ {
		if !l.is(i, "on", "this", "am", "le", "el", "na", "the") {
			return false
		}
	}
	return true
}

// settleWeekdays puts bare weekdays into the week that the text speaks of, and out of those it rules out.
func (r *reader) settleWeekdays(l line, items []item) {
	for j := range items {
		it := &items[j]
		if it.kind != aDate || len(it.days) == 0 {
			continue
		}
		if !it.within.IsZero() && it.claim < aside {
			r.week = &days{it.within, it.within.AddDate(0, 0, 7)}
			if it.week || !it.span {
				r.weekBefore(l, items, j)
			}
		}
		if it.bounded && it.days[0].from.IsZero() || it.span && it.claim >= told {
			r.ends = it.days[0].to
		}
		if (it.week || it.span) && it.claim == ruledOut {
			r.ruledDays = append(r.ruledDays, it.days[0])
		}
		if it.weekday == 0 {
			continue
		}
		if before := items[:j]; j > 0 && l.is(it.to, "after") && !l.at(it.to+1).letters && before[j-1].kind == aDate && len(before[j-1].days) > 0 {
			it.days[0] = oneDay(next(before[j-1].days[0].from, time.Weekday(it.weekday-1))) // next Tuesday or the Tuesday after
			continue
		}
		day := it.days[0].from
		if j > 0 && items[j-1].kind == aDate && l.in(items[j-1].from, nextWords) && len(items[j-1].days) == 1 && listed(l[items[j-1].to:it.from]) {
			day = next(items[j-1].days[0].from, time.Weekday(it.weekday-1)) // next Monday or Tuesday
		}
		if r.week != nil {
			if in := r.week.from.AddDate(0, 0, (it.weekday+5)%7); in.After(r.today) {
				day = in
			}
		}
		for _, out := range r.ruledDays {
			if !day.Before(out.from) && day.Before(out.to) {
				day = day.AddDate(0, 0, 7)
			}
		}
		it.days[0] = oneDay(day)
	}
}

// weekBefore moves the weekdays right before a week into it: "Wednesday evening next week". In a list,
// "Tuesday or Thursday next week", the earlier days may be of this week.
func (r *reader) weekBefore(l line, items []item, j int) {
	week, last := &items[j], 8
	if !week.week {
		last = (int(week.days[0].from.Weekday()) + 6) % 7
	}
	for k := j - 1; k >= 0 && k >= j-8; k-- {
		it, gap := &items[k], l[items[k].to:items[k+1].from]
		if !onlyLinks(gap, 0, len(gap)) && !(last < 8 && listed(gap)) || it.kind == aDate && it.weekday == 0 {
			return
		}
		if it.kind != aDate {
			continue
		}
		nth := (it.weekday + 5) % 7
		if nth >= last {
			return
		}
		in := oneDay(week.within.AddDate(0, 0, nth))
		if last < 8 && it.days[0] != in {
			it.days = []days{in, it.days[0]}
		} else {
			it.days[0] = in
		}
		it.weekday, last = 0, nth
		if week.week {
			week.kind, week.part = aPart, nil // said with the day
		}
	}
}

// A found time waits until the whole text is read.
type found struct {
	Time
	claim  claim
	broad  bool // a day, or a stretch that vague words bound: a later hour within it says it better
	days   bool // several days
	whole  *days
	hourly bool // an hour without its day
}

// emit makes the times of one group.
func (r *reader) emit(l line, g group) {
	if len(r.found) > mostTimes || len(g.dates)*len(g.clocks) > mostTimes {
		return // nobody offers so many
	}
	for _, p := range g.picks {
		for _, i := range p.pick {
			t := r.Offered[i]
			t.Text = r.words(l, p.from, p.to)
			r.found = append(r.found, found{Time: t, claim: g.claim})
		}
	}
	text := ""
	if g.to > g.from {
		text = r.words(l, g.from, g.to)
	}
	hours := r.hours(g.clocks, g.dates)
	dayless := len(g.dates) == 0
	if dayless {
		if len(hours) == 0 || !r.borrowDay(l, &g, hours) {
			return
		}
	}
	for _, d := range g.dates {
		r.emitDay(g, d, hours, text, dayless)
	}
	r.remember(g, hours)
}

// emitDay makes the times of one day, or run of days, with each of its hours.
func (r *reader) emitDay(g group, d item, hours []hours, text string, dayless bool) {
	z := r.zone
	if g.zone != nil {
		z = *g.zone
	}
	if d.moment != 0 {
		r.found = append(r.found, found{Time: Time{Span: Span{Start: r.now.Add(d.moment), Kind: Exact}, Text: text}, claim: g.claim})
		return
	}
	if len(d.days) == 0 {
		return
	}
	if d.vague {
		r.result.Vague = append(r.result.Vague, Time{Span: r.wholeDays(d.days[0], z.place), Text: text})
		return
	}
	if len(hours) == 0 {
		t := r.reading(text, z, d.days, func(run days, place *time.Location) []Span { return []Span{r.wholeDays(run, place)} })
		r.found = append(r.found, found{Time: t, claim: g.claim, broad: true, days: d.span || d.bounded, whole: &d.days[0]})
	}
	for _, h := range hours {
		there := z
		if h.zone.place != nil {
			there = h.zone
		}
		for _, runs := range d.singly() {
			t := r.reading(text, there, runs, func(run days, place *time.Location) []Span { return h.on(r, run, place) })
			r.found = append(r.found, found{Time: t, claim: g.claim, broad: h.part, hourly: dayless && len(r.days) == 0})
		}
		if h.shape == point && g.claim != aside {
			r.clock = &bound{at: h.readings[0][0]}
		}
	}
}

// singly takes a run of up to a week apart, for the hours that hold on each of its days. Of a week the
// working days count.
func (it item) singly() [][]days {
	run := it.days[0]
	if !it.span || it.bounded || run.from.IsZero() || run.to.After(run.from.AddDate(0, 0, 7)) {
		return [][]days{it.days}
	}
	var all [][]days
	for d := run.from; d.Before(run.to); d = d.AddDate(0, 0, 1) {
		if wd := d.Weekday(); !it.week || wd != time.Saturday && wd != time.Sunday {
			all = append(all, []days{oneDay(d)})
		}
	}
	return all
}

// remember keeps the days of a group for the hours of a later sentence.
func (r *reader) remember(g group, hours []hours) {
	var kept []item
	for _, d := range g.dates {
		if len(d.days) > 0 && d.moment == 0 && !d.past && !d.span && !d.bounded && !d.vague {
			kept = append(kept, d)
		}
	}
	if partly := g.claim == ruledOut && len(hours) > 0; len(kept) == 0 || g.claim >= aside && !partly {
		return // "not Tuesday morning, but 3pm" is still of Tuesday
	}
	r.days, r.dayTimed = kept, len(hours) > 0 && !hours[0].part
	if r.dayTimed {
		r.days = kept[len(kept)-1:]
	}
}

// reading crosses the readings of days, hours and zones: the first is the best, the rest are alternatives.
func (r *reader) reading(text string, z zone, runs []days, spans func(days, *time.Location) []Span) Time {
	var all []Span
	places := append([]*time.Location{z.place}, z.others...)
	for _, place := range places {
		for _, run := range runs {
			all = append(all, spans(run, place)...)
		}
	}
	t := Time{Span: all[0], Text: text}
	if z.literal != nil && t.Kind != Day {
		_, have := t.Start.Zone()
		_, said := t.Start.In(z.literal).Zone()
		if have != said {
			all = append(all, spans(runs[0], z.literal)[0])
		}
	}
	for _, s := range all[1:] {
		same := func(known Span) bool { return known.Start.Equal(s.Start) && known.Kind == s.Kind }
		if len(t.Alternatives) < mostAlternatives && !same(t.Span) && !slices.ContainsFunc(t.Alternatives, same) {
			t.Alternatives = append(t.Alternatives, s)
		}
	}
	return t
}

// mostTimes bounds the times of one text.
const mostTimes = 200

// mostAlternatives bounds the readings of one time beside the best one.
const mostAlternatives = 5

func (r *reader) wholeDays(run days, place *time.Location) Span {
	s := Span{Kind: Day}
	if run.from.IsZero() {
		s.Start, s.Kind = r.now, Window
	} else {
		s.Start = on(run.from, 0, place)
	}
	if run.to.IsZero() {
		s.Kind = Window
		return s
	}
	end := on(run.to, 0, place)
	s.End = &end
	return s
}

// on is so many seconds of the wall clock after a midnight.
func on(day time.Time, seconds int, place *time.Location) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, seconds, 0, place)
}

// borrowDay gives hours without a day the one spoken of before, or the next day on which they are
// still to come. A remark on a day that has its hour already ("I leave at four") is no further offer.
func (r *reader) borrowDay(l line, g *group, hours []hours) bool {
	first := hours[0]
	if len(r.days) > 0 {
		g.dates = r.days
		return !(g.claim == told && r.dayTimed)
	}
	if first.strength < fair || first.part && !first.near {
		return false
	}
	if met := civil(r.Meeting.In(r.zone.place)); !r.Meeting.IsZero() && !met.Before(r.today) {
		g.dates = []item{dateItem(oneDay(met))}
		return true
	}
	today := dateItem(oneDay(r.today))
	at := first.readings[0][0]
	if first.shape == upTo {
		today.days[0] = days{to: r.today.AddDate(0, 0, 1)}
		at = first.readings[0][1]
	}
	if !on(r.today, at, r.zone.place).After(r.now) {
		today = dateItem(oneDay(r.today.AddDate(0, 0, 1)))
	}
	g.dates = []item{today}
	return true
}
