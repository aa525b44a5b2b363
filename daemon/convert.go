package daemon

import (
	"time"

	"introd/mailer/reading"
	"introd/mailer/reading/times"
	"introd/store"
)

// verdict keeps of a reading what the steps fold over. The store knows nothing of the reader, so
// that each may change without the other.
func verdict(r reading.Reading) *store.Verdict {
	v := &store.Verdict{
		Kind: string(r.Kind), Intent: string(r.Intent), Zone: r.Zone, Link: r.Link, Phone: r.Phone, Location: r.Location, ReturnDate: r.ReturnDate,
	}
	for _, t := range r.Times {
		v.Times = append(v.Times, slotOf(t))
	}
	for _, p := range r.People {
		v.People = append(v.People, store.Named(p))
	}
	if r.StandIn != nil {
		named := store.Named(*r.StandIn)
		v.StandIn = &named
	}
	for _, b := range r.Because {
		v.Because = append(v.Because, store.Reason(b))
	}
	return v
}

func slotOf(t times.Time) store.Slot {
	slot := spanOf(t.Span)
	slot.Text = t.Text
	for _, other := range t.Alternatives {
		slot.Doubt = append(slot.Doubt, spanOf(other))
	}
	return slot
}

func spanOf(s times.Span) store.Slot {
	slot := store.Slot{Start: s.Start, Kind: string(s.Kind)}
	if s.End != nil {
		slot.End = *s.End
	}
	return slot
}

func timeOf(s store.Slot) times.Time {
	t := times.Time{Text: s.Text}
	t.Start, t.Kind = s.Start, s.Kind
	if !s.End.IsZero() {
		t.End = &s.End
	}
	return t
}

// invites keeps the calendar parts. Of an answer it keeps the answering attendee's PARTSTAT.
func invites(r reading.Reading) []store.Invite {
	var kept []store.Invite
	for _, inv := range r.Invites {
		k := store.Invite{Method: inv.Method, UID: inv.UID, Sequence: inv.Sequence, Location: inv.Location}
		k.Start, _ = time.Parse(time.RFC3339, inv.Start)
		k.End, _ = time.Parse(time.RFC3339, inv.End)
		if inv.Method == "REPLY" && len(inv.Attendees) > 0 {
			k.Status = inv.Attendees[0].Status
		}
		kept = append(kept, k)
	}
	return kept
}
