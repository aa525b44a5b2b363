package steps

import (
	"slices"
	"time"

	"introd/store"
)

// ConfirmTomorrow is the mail that reminds them of tomorrow's talk.
const ConfirmTomorrow = "confirm-tomorrow"

// Sheet is the note with all that the owner takes along to a talk.
const Sheet = "sheet"

// sheet wants the note of the evening before a talk. It stays for the day of the talk, to write on.
func sheet(e *evaluation) {
	m := e.state.Meeting
	if e.rules.PrepareAt == 0 || !e.state.stands() {
		return
	}
	w := Want{
		Key: meetingKey(Sheet, m), Kind: Sheet, Note: true, From: e.evening(m), Due: m.Start, Until: at(m.End.In(e.rules.Zone).AddDate(0, 0, 1), 0, e.rules.Zone), Meeting: m,
		Why: "the sheet for your talk with " + e.Person.Name,
	}
	if w.Until.After(e.now) {
		e.want(w)
	}
}

// lateAgreed is how short before a talk it was agreed if nobody needs to be reminded of it.
const lateAgreed = 24 * time.Hour

// confirmTomorrow wants the mail of the evening before a talk, unless the two have just written to each
// other. From their midnight on it says "today": that is a mail of its own, so that none goes out with the
// wrong word, and the owner's no to the one holds for the other.
func confirmTomorrow(e *evaluation) {
	s := e.state
	m := s.Meeting
	if e.rules.PrepareAt == 0 || !s.stands() || !m.Start.After(e.now) || m.Start.Sub(s.Made) < lateAgreed {
		return
	}
	evening := e.evening(m)
	for _, ev := range []*store.Event{s.LastIn, s.LastOut} {
		if ev != nil && !ev.At.Before(at(evening, 0, e.rules.Zone)) {
			return
		}
	}
	w := Want{
		Key: meetingKey(ConfirmTomorrow, m), Kind: ConfirmTomorrow, From: evening, Until: at(m.Start, 0, e.theirZone()), Urgent: true, Parent: s.lastMail(), Meeting: m,
		Why: "you talk with " + e.Person.Name + " tomorrow",
	}
	if s.Settled[w.Key] {
		return
	}
	if ready := later(e.now, evening); !ready.Before(w.Until) {
		w.Key, w.Until, w.Why = w.Key+"/today", m.Start, "you talk with "+e.Person.Name+" soon"
	}
	e.want(w)
}

// evening is when the owner prepares for a talk: the evening before, on their own clock.
func (e *evaluation) evening(m *store.Meeting) time.Time {
	return at(m.Start.In(e.rules.Zone).AddDate(0, 0, -1), e.rules.PrepareAt, e.rules.Zone)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ChosenFor are the questions that the last sheet for a talk bore.
func ChosenFor(history []store.Event, uid string) []string {
	for _, ev := range slices.Backward(history) {
		if ev.Kind == store.Prepared && ev.Meeting != nil && ev.Meeting.UID == uid {
			return ev.Questions
		}
	}
	return nil
}

// Answered are the questions that need not be asked again: they stood on the sheet of a talk that took
// place and of which the owner has taken down what they learnt, but for those they want to know still.
func Answered(history []store.Event) (answered []string) {
	sorted := ordered(history)
	for i, ev := range sorted {
		if ev.Kind != store.Debriefed || ev.Debrief == nil {
			continue
		}
		s := Fold(sorted[:i+1], ev.At)
		if s.Meeting == nil || s.MeetingOff || s.NoShow || s.Meeting.Start.After(ev.At) {
			continue
		}
		answered = append(answered, ChosenFor(sorted[:i+1], s.Meeting.UID)...)
		answered = slices.DeleteFunc(answered, func(q string) bool { return slices.Contains(ev.Debrief.Open, q) })
	}
	return answered
}
