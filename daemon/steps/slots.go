package steps

import (
	"time"

	"introd/store"
)

// offers is how many times a mail proposes: enough to choose from, few enough to read.
const offers = 3

// freeSlots finds times to propose: on the business days after tomorrow, or on the days they named,
// within the owner's working day and the other's, apart from what is taken. Pure: the same case
// gives the same slots until one of them passes.
func freeSlots(e *evaluation, in *store.Event) []store.Slot {
	theirs := e.rules.Zone
	if zone, err := time.LoadLocation(e.Person.Zone); err == nil && e.Person.Zone != "" {
		theirs = zone
	}
	var found []store.Slot
	for i, day := range e.candidateDays(in) {
		// One slot a day, in the morning and the afternoon by turns, so that they differ.
		hours := []int{10, 14, 11, 15, 16, 9}
		if i%2 == 1 {
			hours = []int{14, 10, 15, 11, 16, 9}
		}
		for _, hour := range hours {
			start := at(day, time.Duration(hour)*time.Hour, e.rules.Zone)
			slot := store.Slot{Start: start, End: start.Add(e.rules.Length), Kind: "exact"}
			if start.After(e.now) && workingHours(slot, theirs, e.rules) && workingHours(slot, e.rules.Zone, e.rules) && !taken(slot, e.Busy) {
				found = append(found, slot)
				break
			}
		}
		if len(found) == offers {
			break
		}
	}
	return found
}

// candidateDays are the days they named, or else the next two weeks of business days.
func (e *evaluation) candidateDays(in *store.Event) []time.Time {
	var days []time.Time
	for _, slot := range in.Mail.Read.Times {
		if slot.Kind == "day" && slot.Start.After(e.now) {
			days = append(days, slot.Start)
		}
	}
	if len(days) > 0 {
		return days
	}
	day := in.At
	if e.now.After(day) {
		day = e.now
	}
	for n := 2; n < 12; n++ {
		days = append(days, addBusinessDays(day, n, e.rules.Zone))
	}
	return days
}

func workingHours(s store.Slot, zone *time.Location, r Rules) bool {
	return isBusinessDay(s.Start.In(zone)) && !s.Start.Before(at(s.Start, r.DayStart, zone)) && !s.End.After(at(s.Start, r.DayEnd, zone))
}

func taken(s store.Slot, busy []store.Slot) bool {
	for _, b := range busy {
		if s.Start.Before(b.End) && b.Start.Before(s.End) {
			return true
		}
	}
	return false
}

// Holds are the times that a history keeps from being offered to anybody else: the meeting that
// stands, and what was proposed and may still be taken up.
func Holds(history []store.Event, r Rules, now time.Time) []store.Slot {
	s := Fold(history, now)
	var held []store.Slot
	if s.Meeting != nil && !s.MeetingOff && s.Meeting.End.After(now) {
		held = append(held, store.Slot{Start: s.Meeting.Start, End: s.Meeting.End, Kind: "exact"})
	}
	if s.LastOut != nil && len(s.LastOut.Offers) > 0 && addBusinessDays(s.LastOut.At, r.NudgeAfter, r.Zone).After(now) {
		for _, offer := range s.LastOut.Offers {
			if offer.Start.After(now) {
				held = append(held, offer)
			}
		}
	}
	return held
}
