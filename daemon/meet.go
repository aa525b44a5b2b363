package daemon

import (
	"cmp"
	"context"
	"net/mail"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer/reading/times"
	"introd/store"
)

// MeetRequest sets, moves, calls off or closes the meeting with somebody.
type MeetRequest struct {
	Person string        `json:"person"`
	When   string        `json:"when,omitempty"` // "2026-12-02 14:00" or "Tuesday at 3pm"
	Length time.Duration `json:"length,omitempty"`
	Place  string        `json:"place,omitempty"`
	Cancel bool          `json:"cancel,omitempty"`
	Held   string        `json:"held,omitempty"` // "yes", "no-show" (of theirs) or "missed" (by the owner)
	ICS    bool          `json:"ics,omitempty"`  // only write the invitation out
}

// MeetReply carries the invitation where it was asked for.
type MeetReply struct {
	Reply
	ICS string `json:"ics,omitempty"`
}

// Meet sets or moves a meeting by hand: the same UID, a higher sequence, a fresh draft.
func (e *Engine) Meet(_ context.Context, q MeetRequest) (r MeetReply, err error) {
	err = e.update(func(tx *store.Tx) error {
		p, history, err := knownWithHistory(tx, q.Person)
		if err != nil {
			return err
		}
		s := steps.Fold(history, tx.Now())
		if q.ICS {
			return e.meetingFile(tx, s, p, &r)
		}
		ev, words, err := e.meetEvent(tx, s, p, q)
		if err != nil {
			return err
		}
		if _, err := tx.Append(ev); err != nil {
			return err
		}
		r.Words = words
		return e.reconcileWithLinked(tx, p.ID)
	})
	e.Wake()
	return r, err
}

// meetEvent is the event that the owner's word about a meeting makes.
func (e *Engine) meetEvent(tx *store.Tx, s steps.State, p store.Person, q MeetRequest) (ev store.Event, words string, err error) {
	ev = store.Event{Person: p.ID}
	switch {
	case q.Cancel || q.Held != "":
		if s.Meeting == nil || s.MeetingOff {
			return ev, "", refuse("there is no meeting with %s", p.Name)
		}
		ev.Kind, words = store.MeetingOff, "The meeting is off. If "+p.Name+" knew of it, a mail that says so is drafted."
		if q.Held != "" {
			if s.Meeting.Start.After(tx.Now()) {
				return ev, "", refuse("the talk with %s is still ahead, on %s: introd meet %s --cancel calls it off", p.Name, e.when(s.Meeting.Start), p.ID)
			}
			ev.Kind, ev.Text, words = store.MeetingHeld, q.Held, "Noted."
			if q.Held != "yes" {
				words += " Unless one of you has written since, a mail to find another time is drafted."
			}
		}
		return ev, words, nil
	}
	start, err := e.parseWhen(q.When, tx.Now())
	if err != nil {
		return ev, "", err
	}
	if !start.After(tx.Now()) {
		return ev, "", refuse("%s is over already", e.when(start))
	}
	m := store.Meeting{UID: steps.NewMeetingUID(p.ID, tx.Now()), Start: start, End: start.Add(e.lengthOf(q.Length)), Place: q.Place, Zone: p.Zone}
	if cur := s.Meeting; cur != nil && cur.End.After(tx.Now()) {
		m.UID, m.Foreign, m.Place = cur.UID, cur.Foreign, cmp.Or(q.Place, cur.Place)
		m.Sequence = cur.Sequence
		if told, ok := s.Told[cur.UID]; ok {
			m.Sequence = told + 1
		}
	} else if q.Place == "" && s.LastIn != nil && s.LastIn.Mail.Read != nil {
		m.Place = cmp.Or(s.LastIn.Mail.Read.Location, s.LastIn.Mail.Read.Phone)
	}
	ev.Kind, ev.Meeting = store.MeetingSet, &m
	return ev, "The meeting with " + p.Name + " is set for " + e.when(start) + ". A mail that says so is drafted.", nil
}

func (e *Engine) lengthOf(asked time.Duration) time.Duration {
	if asked > 0 {
		return asked
	}
	return e.Rules.Length
}

// exactForms are the ways to give a time without any doubt.
var exactForms = []string{"2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339}

// parseWhen reads the owner's words for a time, in their zone.
func (e *Engine) parseWhen(words string, now time.Time) (time.Time, error) {
	words = strings.TrimSpace(words)
	for _, form := range exactForms {
		if t, err := time.ParseInLocation(form, words, e.Owner.Zone); err == nil {
			return t, nil
		}
	}
	found := times.Find(words, times.Options{Ref: now.In(e.Owner.Zone), Zone: e.Owner.Zone, OwnerZone: e.Owner.Zone}).Times
	if len(found) == 1 && found[0].Kind == "exact" && len(found[0].Alternatives) == 0 {
		return found[0].Start, nil
	}
	return time.Time{}, refuse("%q does not name one time: write it like 2026-12-02 14:00", words)
}

// meetingFile writes the invitation out, for an owner who sent the confirmation themselves.
func (e *Engine) meetingFile(tx *store.Tx, s steps.State, p store.Person, r *MeetReply) error {
	if s.Meeting == nil || s.MeetingOff {
		return refuse("there is no meeting with %s", p.Name)
	}
	from, err := e.accountFor(tx, p, "REQUEST", s.Meeting)
	if err != nil {
		return err
	}
	ics, err := e.ics(from, "REQUEST", *s.Meeting, mail.Address{Name: p.Name, Address: p.Address}, e.clock.Now())
	r.ICS = string(ics)
	return err
}
