package steps

import (
	"fmt"
	"slices"

	"introd/store"
)

// What belongs to the talk itself: times that the owner wants to propose, reminders of a talk, and what
// follows when it did not take place.

// proposals want the mail with times that the owner asked for, until either side writes or a time is
// agreed. The times that they chose from stand as long as all of them are free.
func proposals(e *evaluation) {
	s := e.state
	ask := s.Proposing
	if ask == nil || s.Made.After(ask.At) || s.LastIn != nil && s.LastIn.At.After(ask.At) || s.LastOut != nil && s.LastOut.At.After(ask.At) {
		return
	}
	w := Want{
		Key: ask.Want, Kind: ProposeTimes, From: ask.At, Urgent: true, Parent: s.lastMail(), Was: e.moves(), Offers: ask.Offers,
		Why: "you want to propose times to " + e.Person.Name,
	}
	passed := len(ask.Offers) == 0 || !ask.Offers[0].Start.After(e.now)
	if !passed && !slices.ContainsFunc(ask.Offers, e.Taken) {
		w.Until = ask.Offers[0].Start
		e.want(w)
		return
	}
	fresh, round := freeSlots(e, ask.At, nil)
	if w, open := e.offering(w, fresh, round+1); open && len(fresh) > 0 {
		e.want(w)
	}
}

// offering fills a want with a round of times to propose. Times that pass while the draft waits are
// replaced, under a key of their own, so that the draft is written anew; open is false where the owner
// has settled this round or an earlier one.
func (e *evaluation) offering(w Want, offers []store.Slot, round int) (_ Want, open bool) {
	for n, key := 0, w.Key; n <= round; n++ {
		if n > 0 {
			w.Key = fmt.Sprintf("%s/%d", key, n)
		}
		if e.state.Settled[w.Key] {
			return w, false
		}
	}
	if w.Offers = offers; len(offers) > 0 {
		w.Until = offers[0].Start
	}
	return w, true
}

// missed wants a mail to find another time after a talk that did not take place: a kind one if they did
// not come, an apology if the owner did not. Whoever has written since has begun it already.
func missed(e *evaluation) {
	s := e.state
	m := s.Meeting
	if m == nil || !s.NoShow || s.LastOut != nil && s.LastOut.At.After(m.Start) {
		return
	}
	w := Want{Key: meetingKey("missed", m), Kind: Missed, From: s.HeldAt, Urgent: true, Parent: s.lastMail(), Was: m, Why: e.Person.Name + " did not come to the talk"}
	if s.ByMe {
		w.Key, w.Kind, w.Why = meetingKey("apology", m), Apology, "you could not make it to the talk"
	} else if s.LastIn != nil && s.LastIn.At.After(m.Start) {
		return
	}
	offers, round := freeSlots(e, s.HeldAt, nil)
	if w, open := e.offering(w, offers, round); open {
		e.want(w)
	}
}

// remind reminds the owner of a talk on its morning, and shortly before. The second takes the place of
// the first; neither outlives the talk, and a talk that is moved has reminders of its own.
func remind(e *evaluation) {
	s := e.state
	m := s.Meeting
	if !s.stands() || !m.End.After(e.now) {
		return
	}
	key := func(kind string) string { // an invitation of theirs may move it and keep its sequence
		return meetingKey(kind, m) + "/" + m.Start.UTC().Format("20060102T1504")
	}
	w := Want{Kind: Reminder, Note: true, Until: m.End, Meeting: m, Why: "you talk with " + e.Person.Name}
	before := m.Start.Add(-e.rules.RemindBefore)
	if e.rules.RemindBefore == 0 {
		before = m.End
	}
	if morning := at(m.Start, e.rules.RemindAt, e.rules.Zone); e.rules.RemindAt > 0 && morning.Before(before) && morning.Before(m.Start) && e.now.Before(before) {
		w := w
		w.Key, w.From, w.Due, w.Until = key("reminder-morning"), morning, m.Start, before
		e.want(w)
	}
	if e.rules.RemindBefore > 0 {
		w.Key, w.From, w.Due, w.Urgent = key("reminder"), before, m.Start, true
		e.want(w)
	}
}

// calledOff answers a talk that they called off: who says so in words is proposed other times; what a
// calendar alone says, the owner answers as they see fit.
func (e *evaluation) calledOff(in *store.Event) {
	if in.Mail.Read.Kind == "person" {
		propose(e, in, "they called the talk off")
		return
	}
	e.task(in, TaskCancelled, fmt.Sprintf("%s called the meeting off: answer as you see fit, or find another time with `introd propose-times %s --draft`", e.Person.Name, e.Person.ID))
}
