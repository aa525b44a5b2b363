package steps

import (
	"slices"
	"time"

	"introd/store"
)

// offers is how many times a mail proposes: enough to choose from, few enough to read.
const offers = 3

// The hours at which talks are proposed, by turns from day to day, so that morning people and
// afternoon people both find one.
var (
	morningFirst   = []int{10, 14, 11, 15, 16, 9}
	afternoonFirst = []int{14, 10, 15, 11, 16, 9}
)

// The owner asks, so the owner stretches: where the two working days do not meet, times are proposed
// within the other's working day and these hours of the owner's.
const (
	wakes  = 7 * time.Hour
	sleeps = 22 * time.Hour
)

// A Window is hours of a day, since midnight.
type Window struct{ From, To time.Duration }

// FreeTimes are times to propose within the next days, in order: at most count of them. The first lies on
// the day after tomorrow, so that there is time to answer.
func FreeTimes(c Case, r Rules, now time.Time, days, count int) []store.Slot {
	e := &evaluation{Case: c, rules: r, now: now, state: Fold(c.History, now)}
	var ahead []time.Time
	for n := 2; n <= days; n++ {
		if day := now.In(r.Zone).AddDate(0, 0, n); IsBusinessDay(day) || len(r.Windows[day.Weekday()]) > 0 {
			ahead = append(ahead, day)
		}
	}
	return e.slotsOn(now, ahead, false, count)
}

// freeSlots finds times to propose after since, of which said are the times that they named: within the
// owner's hours and the other's working day, apart from what is taken. They stay the same until the first
// of them passes; then the next round is found.
func freeSlots(e *evaluation, since time.Time, said []store.Slot) (found []store.Slot, round int) {
	base := since
	for ; e.now.Sub(base) > 4*7*24*time.Hour; round++ {
		base = base.AddDate(0, 0, 4*7)
	}
	for ; ; round++ {
		found = e.slotsAfter(base, said)
		if len(found) == 0 || found[0].Start.After(e.now) {
			return found, round
		}
		base = found[0].Start
	}
}

// slotsAfter finds times after base: on the days they named, or else on business days from the day
// after tomorrow on.
func (e *evaluation) slotsAfter(base time.Time, said []store.Slot) []store.Slot {
	days, weekend := e.namedDays(base, said)
	if named := e.slotsOn(base, days, weekend, offers); len(named) > 0 {
		return named
	}
	days = nil
	for n := 2; n < 12; n++ {
		if day := addBusinessDays(base, n, e.rules.Zone); !e.isOff(day) {
			days = append(days, day)
		}
	}
	return e.slotsOn(base, days, false, offers)
}

// isOff says whether a day is that of a talk that they called off or asked to move.
func (e *evaluation) isOff(day time.Time) bool {
	s := e.state
	return s.Meeting != nil && (s.Moving || s.OffByThem) && day.In(e.theirZone()).Format(time.DateOnly) == s.Meeting.Start.In(e.theirZone()).Format(time.DateOnly)
}

// slotsOn takes one time a day, then another, until there are enough: in the owner's hours, or, where
// these do not meet the other's working day at all, early or late for the owner.
func (e *evaluation) slotsOn(base time.Time, days []time.Time, weekend bool, count int) []store.Slot {
	stretch := !e.rules.KeepHours && !slices.ContainsFunc(days, func(day time.Time) bool {
		return slices.ContainsFunc(e.startsOn(day, 0, false), func(s store.Slot) bool { return e.workable(s, false, weekend) })
	})
	var found []store.Slot
	for range count {
		for i, day := range days {
			if len(found) == count {
				break
			}
			for _, slot := range e.startsOn(day, i, stretch) {
				if slot.Start.After(base) && e.workable(slot, stretch, weekend) && !e.crowded(slot) && !taken(slot, found) {
					found = append(found, slot)
					break
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b store.Slot) int { return a.Start.Compare(b.Start) })
	return found
}

// step is how close the times lie that are tried within the owner's windows.
const step = 15 * time.Minute

// startsOn are the times of a day's date to try: the usual hours by turns, then all that lie in the
// owner's windows; stretched, the usual hours of the other.
func (e *evaluation) startsOn(day time.Time, turn int, stretch bool) (all []store.Slot) {
	hours, zone := morningFirst, e.rules.Zone
	if turn%2 == 1 {
		hours = afternoonFirst
	}
	if stretch {
		zone = e.theirZone()
	}
	for _, hour := range hours {
		all = append(all, e.slotAt(at(day, time.Duration(hour)*time.Hour, zone)))
	}
	if stretch {
		return all
	}
	for _, w := range e.rules.Windows[day.In(zone).Weekday()] {
		for since := w.From; since+e.rules.Length <= w.To; since += step {
			all = append(all, e.slotAt(at(day, since, zone)))
		}
	}
	return all
}

func (e *evaluation) slotAt(start time.Time) store.Slot {
	return store.Slot{Start: start, End: start.Add(e.rules.Length), Kind: "exact"}
}

// workable says whether a time lies in the other's working day and in the owner's hours; stretched, in
// waking hours of a day on which the owner has any. Weekends are for those who named them.
func (e *evaluation) workable(s store.Slot, stretch, weekend bool) bool {
	if !weekend && !IsBusinessDay(s.Start.In(e.theirZone())) || !between(s, e.theirZone(), e.rules.DayStart, e.rules.DayEnd) {
		return false
	}
	if stretch {
		return between(s, e.rules.Zone, wakes, sleeps) && (weekend || len(e.windows(s)) > 0)
	}
	return e.inHours(s)
}

// inHours says whether a time lies in the owner's hours.
func (e *evaluation) inHours(s store.Slot) bool {
	return slices.ContainsFunc(e.windows(s), func(w Window) bool { return between(s, e.rules.Zone, w.From, w.To) })
}

// windows are the owner's hours on the day of a time; without any in the rules, those of a working day.
func (e *evaluation) windows(s store.Slot) []Window {
	if slices.ContainsFunc(e.rules.Windows[:], func(day []Window) bool { return len(day) > 0 }) {
		return e.rules.Windows[s.Start.In(e.rules.Zone).Weekday()]
	}
	return []Window{{e.rules.DayStart, e.rules.DayEnd}}
}

// Taken says whether the owner is busy at a time, or keeps it for somebody else.
func (c Case) Taken(s store.Slot) bool {
	return taken(s, c.Busy) || slices.ContainsFunc(c.Held, func(held []store.Slot) bool { return taken(s, held) })
}

// crowded says whether a time is taken, lies too close to another, or in a week that is full.
func (e *evaluation) crowded(s store.Slot) bool {
	around := store.Slot{Start: s.Start.Add(-e.rules.Buffer), End: s.End.Add(e.rules.Buffer)}
	return e.Taken(around) || e.weekFull(s.Start)
}

// weekFull says whether as many people as the owner talks to in a week hold times in the week of t. Some
// of these lapse; but all of them may be taken up.
func (e *evaluation) weekFull(t time.Time) bool {
	if e.rules.MostPerWeek == 0 {
		return false
	}
	year, week := t.In(e.rules.Zone).ISOWeek()
	n := 0
	for _, held := range e.Held {
		if slices.ContainsFunc(held, func(s store.Slot) bool {
			y, w := s.Start.In(e.rules.Zone).ISOWeek()
			return y == year && w == week
		}) {
			n++
		}
	}
	return n >= e.rules.MostPerWeek
}

func between(s store.Slot, zone *time.Location, from, to time.Duration) bool {
	return !s.Start.Before(at(s.Start, from, zone)) && !s.End.After(at(s.Start, to, zone))
}

// theirZone is the person's zone as far as it is known, else the owner's.
func (e *evaluation) theirZone() *time.Location {
	if zone, err := time.LoadLocation(e.Person.Zone); err == nil && e.Person.Zone != "" {
		return zone
	}
	return e.rules.Zone
}

// mostDays bounds how many of the days that somebody named are looked at.
const mostDays = 14

// namedDays are the days that they named and that are not over at base; those of a weekend only where
// they named nothing else.
func (e *evaluation) namedDays(base time.Time, said []store.Slot) (days []time.Time, weekend bool) {
	var weekends []time.Time
	for _, slot := range said {
		if !wholeDays(slot) {
			continue
		}
		day, end := slot.Start.In(e.theirZone()), dayEnd(slot)
		for n := 0; n < mostDays && day.Before(end); n, day = n+1, day.AddDate(0, 0, 1) {
			switch {
			case !day.AddDate(0, 0, 1).After(base):
			case IsBusinessDay(day):
				days = append(days, day)
			default:
				weekends = append(weekends, day)
			}
		}
	}
	if len(days) == 0 {
		return weekends[:min(len(weekends), mostDays)], true
	}
	return days[:min(len(days), mostDays)], false
}

// longWindow is the length from which a window is a matter of days: a time is proposed, not chosen.
const longWindow = 12 * time.Hour

// wholeDays says whether a slot names days rather than hours: "Tuesday", "next week", "after the 7th".
func wholeDays(s store.Slot) bool {
	return s.Kind == "day" || s.Kind == "window" && (s.End.IsZero() && s.Start.Hour() == 0 || s.End.Sub(s.Start) > longWindow)
}

// dayEnd is the end of the days that a slot names. "From the 8th on" is the two weeks after it.
func dayEnd(s store.Slot) time.Time {
	switch {
	case !s.End.IsZero():
		return s.End
	case s.Kind == "day":
		return s.Start.AddDate(0, 0, 1)
	}
	return s.Start.AddDate(0, 0, mostDays)
}

// offered are the times of a mail that lie ahead, in its order. One of two readings that is exactly a
// time the owner proposed is the one that was meant. A counter-proposal of a calendar counts too.
func (e *evaluation) offered(in *store.Event) []store.Slot {
	said := slices.Clone(in.Mail.Read.Times)
	for _, inv := range in.Mail.Invite {
		if len(said) == 0 && (inv.Method == "COUNTER" || inv.Method == "REQUEST") && !inv.Start.IsZero() {
			said = append(said, store.Slot{Start: inv.Start, End: inv.End, Kind: "exact"})
		}
	}
	var ahead []store.Slot
	for _, slot := range said {
		slot = e.asProposed(slot)
		off := e.state.MeetingOff && slot.Start.Equal(e.state.Meeting.Start)
		if !off && e.lastChance(slot).After(e.now) {
			ahead = append(ahead, slot)
		}
	}
	return ahead
}

// lastChance is the last moment at which a talk can start in a slot.
func (e *evaluation) lastChance(s store.Slot) time.Time {
	switch {
	case wholeDays(s):
		return dayEnd(s)
	case s.Kind == "window":
		return e.windowEnd(s).Add(-e.rules.Length)
	}
	return s.Start
}

// windowEnd is the end of a window of hours; an open one ends with their working day.
func (e *evaluation) windowEnd(s store.Slot) time.Time {
	if !s.End.IsZero() {
		return s.End
	}
	if end := at(s.Start, e.rules.DayEnd, e.theirZone()); end.Sub(s.Start) >= e.rules.Length {
		return end
	}
	return s.Start.Add(e.rules.Length)
}

// proposed are the times that the owner proposed last and that lay ahead at a moment.
func (e *evaluation) proposed(at time.Time) []store.Slot {
	if e.state.Proposal == nil {
		return nil
	}
	var open []store.Slot
	for _, offer := range e.state.Proposal.Offers {
		if offer.Start.After(at) {
			open = append(open, offer)
		}
	}
	return open
}

func (e *evaluation) asProposed(slot store.Slot) store.Slot {
	for _, offer := range e.proposed(e.now) {
		if slot.Kind == "exact" && slot.Start.Equal(offer.Start) || starts(slot.Doubt, offer.Start) {
			offer.Text = slot.Text
			return offer
		}
	}
	return slot
}

func starts(slots []store.Slot, start time.Time) bool {
	return slices.ContainsFunc(slots, func(s store.Slot) bool { return s.Start.Equal(start) })
}

// within chooses the time of a talk within what they offered: the hour they named, or in a window a
// common hour at which the owner is free, else the first half hour that is.
func (e *evaluation) within(slot store.Slot) (store.Slot, bool) {
	switch {
	case wholeDays(slot):
		return slot, false
	case slot.Kind != "window":
		exact := e.slotAt(slot.Start)
		return exact, !e.Taken(exact)
	}
	end := e.windowEnd(slot)
	fits := func(s store.Slot) bool {
		return s.Start.After(e.now) && !s.Start.Before(slot.Start) && !s.End.After(end) && !e.Taken(s)
	}
	if end.Sub(slot.Start) > 2*time.Hour {
		for _, hour := range afternoonFirst {
			if s := e.slotAt(at(slot.Start.In(e.theirZone()), time.Duration(hour)*time.Hour, e.theirZone())); fits(s) && e.usual(s) {
				return s, true
			}
		}
	}
	var unusual store.Slot
	for start := slot.Start; start.Before(end); start = start.Add(30 * time.Minute) {
		s := e.slotAt(start)
		switch {
		case !fits(s):
		case e.usual(s):
			return s, true
		case unusual.Start.IsZero():
			unusual = s
		}
	}
	return unusual, !unusual.Start.IsZero() // outside working hours, but they said it
}

// usual says whether a time is one that the owner would have proposed.
func (e *evaluation) usual(s store.Slot) bool { return e.workable(s, false, true) && !e.crowded(s) }

func taken(s store.Slot, busy []store.Slot) bool {
	return slices.ContainsFunc(busy, func(b store.Slot) bool { return s.Start.Before(b.End) && b.Start.Before(s.End) })
}

// Holds are the times that somebody keeps from being offered to anybody else: the meeting that stands,
// what was proposed and may still be taken up, and what a draft that is wanted now would propose or settle.
func Holds(history []store.Event, wants []Want, r Rules, now time.Time) []store.Slot {
	s := Fold(history, now)
	var held []store.Slot
	hold := func(slots ...store.Slot) {
		for _, slot := range slots {
			if slot.End.After(now) && !starts(held, slot.Start) {
				held = append(held, slot)
			}
		}
	}
	if m := s.Meeting; m != nil && !s.MeetingOff && !s.NoShow && now.Before(m.End.AddDate(0, 0, 7)) {
		held = append(held, spanOf(m)) // also when it is over: it counts in its week
	}
	if s.Proposal != nil && addBusinessDays(s.Proposal.At, r.NudgeAfter, r.Zone).After(now) {
		hold(s.Proposal.Offers...)
	}
	for _, w := range wants {
		if w.From.After(now) || w.Task {
			continue
		}
		hold(w.Offers...)
		if w.Kind == Confirmation || w.Kind == Reschedule {
			hold(spanOf(w.Meeting))
		}
	}
	return held
}

func spanOf(m *store.Meeting) store.Slot {
	return store.Slot{Start: m.Start, End: m.End, Kind: "exact"}
}
