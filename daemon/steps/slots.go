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

// freeSlots finds times to propose, within the owner's working day and the other's, apart from what is
// taken. They stay the same until the first of them passes; then the next round is found.
func freeSlots(e *evaluation, in *store.Event) (found []store.Slot, round int) {
	base := in.At
	for ; e.now.Sub(base) > 4*7*24*time.Hour; round++ {
		base = base.AddDate(0, 0, 4*7)
	}
	for ; ; round++ {
		found = e.slotsAfter(base, in)
		if len(found) == 0 || found[0].Start.After(e.now) {
			return found, round
		}
		base = found[0].Start
	}
}

// slotsAfter finds times after base: on the days they named, or else on business days from the day
// after tomorrow on.
func (e *evaluation) slotsAfter(base time.Time, in *store.Event) []store.Slot {
	days, weekend := e.namedDays(base, in)
	if named := e.slotsOn(base, days, weekend); len(named) > 0 {
		return named
	}
	days = nil
	for n := 2; n < 12; n++ {
		days = append(days, addBusinessDays(base, n, e.rules.Zone))
	}
	return e.slotsOn(base, days, false)
}

// slotsOn takes one time a day, then another, until there are enough.
func (e *evaluation) slotsOn(base time.Time, days []time.Time, weekend bool) []store.Slot {
	var found []store.Slot
	for range offers {
		for i, day := range days {
			slot, ok := e.slotOn(base, day, i, found)
			if ok && len(found) < offers && (weekend || isBusinessDay(slot.Start.In(e.theirZone()))) {
				found = append(found, slot)
			}
		}
	}
	slices.SortFunc(found, func(a, b store.Slot) int { return a.Start.Compare(b.Start) })
	return found
}

// slotOn finds a free time on a day's date.
func (e *evaluation) slotOn(base, day time.Time, turn int, found []store.Slot) (store.Slot, bool) {
	hours := morningFirst
	if turn%2 == 1 {
		hours = afternoonFirst
	}
	for _, mine := range []bool{true, false} { // my hours first; then theirs, early or late for me
		zone := e.theirZone()
		if mine {
			zone = e.rules.Zone
		}
		for _, hour := range hours {
			slot := e.slotAt(at(day, time.Duration(hour)*time.Hour, zone))
			if slot.Start.After(base) && e.workable(slot, mine) && !taken(slot, e.Busy) && !taken(slot, found) {
				return slot, true
			}
		}
	}
	return store.Slot{}, false
}

func (e *evaluation) slotAt(start time.Time) store.Slot {
	return store.Slot{Start: start, End: start.Add(e.rules.Length), Kind: "exact"}
}

// workable says whether a time lies in the other's working day and in the owner's, or at least in the
// owner's waking hours.
func (e *evaluation) workable(s store.Slot, mine bool) bool {
	from, to := wakes, sleeps
	if mine {
		from, to = e.rules.DayStart, e.rules.DayEnd
	}
	return between(s, e.theirZone(), e.rules.DayStart, e.rules.DayEnd) && between(s, e.rules.Zone, from, to)
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
func (e *evaluation) namedDays(base time.Time, in *store.Event) (days []time.Time, weekend bool) {
	var weekends []time.Time
	for _, slot := range in.Mail.Read.Times {
		if !wholeDays(slot) {
			continue
		}
		day, end := slot.Start.In(e.theirZone()), dayEnd(slot)
		for n := 0; n < mostDays && day.Before(end); n, day = n+1, day.AddDate(0, 0, 1) {
			switch {
			case !day.AddDate(0, 0, 1).After(base):
			case isBusinessDay(day):
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

// proposed are the times that the owner proposed last and that lie ahead.
func (e *evaluation) proposed() []store.Slot {
	if e.state.Proposal == nil {
		return nil
	}
	var open []store.Slot
	for _, offer := range e.state.Proposal.Offers {
		if offer.Start.After(e.now) {
			open = append(open, offer)
		}
	}
	return open
}

func (e *evaluation) asProposed(slot store.Slot) store.Slot {
	for _, offer := range e.proposed() {
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
		return exact, !taken(exact, e.Busy)
	}
	end := e.windowEnd(slot)
	fits := func(s store.Slot) bool {
		return s.Start.After(e.now) && !s.Start.Before(slot.Start) && !s.End.After(end) && !taken(s, e.Busy)
	}
	if end.Sub(slot.Start) > 2*time.Hour {
		for _, hour := range afternoonFirst {
			if s := e.slotAt(at(slot.Start.In(e.theirZone()), time.Duration(hour)*time.Hour, e.theirZone())); fits(s) && e.workable(s, true) {
				return s, true
			}
		}
	}
	var unusual store.Slot
	for start := slot.Start; start.Before(end); start = start.Add(30 * time.Minute) {
		s := e.slotAt(start)
		switch {
		case !fits(s):
		case e.workable(s, true):
			return s, true
		case unusual.Start.IsZero():
			unusual = s
		}
	}
	return unusual, !unusual.Start.IsZero() // outside working hours, but they said it
}

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
	if s.Meeting != nil && !s.MeetingOff {
		hold(spanOf(s.Meeting))
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
