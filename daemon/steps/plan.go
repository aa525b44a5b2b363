package steps

import (
	"cmp"
	"slices"
	"time"

	"introd/store"
)

// A Planned is one want and the moment at which it would be ready.
type Planned struct {
	At   time.Time
	Want Want
}

// Plan steps from due time to due time until the horizon, supposing that each draft is approved at
// the moment it is ready and nobody answers. It is Wants with time passing, nothing else.
func Plan(c Case, r Rules, now, until time.Time) []Planned {
	var plan []Planned
	history := slices.Clone(c.History)
	for t := now; !t.After(until); {
		c.History = history
		wants := Wants(c, r, t)
		if len(wants) == 0 {
			return plan
		}
		w := slices.MinFunc(wants, func(a, b Want) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Key, b.Key)) })
		if w.From.After(t) {
			t = w.From
		}
		if t.After(until) {
			return plan
		}
		plan = append(plan, Planned{At: t, Want: w})
		history = append(history, approved(w, uint64(len(history)+1), t))
	}
	return plan
}

// approved is the event that a want leaves behind once its draft was sent or its task done.
func approved(w Want, seq uint64, t time.Time) store.Event {
	ev := store.Event{Person: w.Person, Seq: seq, At: t, Kind: store.MailOut, Want: w.Key, Variant: w.Kind, Meeting: w.Meeting, About: w.About, Offers: w.Offers,
		Mail: &store.Mail{MessageID: w.Key}}
	if w.Task || w.Note {
		ev.Kind, ev.Mail = store.Dropped, nil
	}
	return ev
}
