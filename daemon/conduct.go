package daemon

import (
	"context"
	"slices"
	"sync"
	"time"

	"introd/daemon/calendar"
	"introd/daemon/steps"
	"introd/store"
	"introd/templates"
)

// When and how far the owner's calendars are read. A server that does not answer delays the mail by no
// more than calendarLimit.
const (
	calendarEvery = 15 * time.Minute
	calendarLimit = 10 * time.Second
	calendarAhead = 16 * 7 * 24 * time.Hour
)

// CalendarOptions are how the owner's calendars are read at a time.
func (s Settings) CalendarOptions(now time.Time) calendar.Options {
	return calendar.Options{Zone: s.Owner.Zone, Me: s.ownAddresses(), From: now, To: now.Add(calendarAhead)}
}

// readCalendars reads the calendars that are due, all at once, and keeps when the owner is busy. A
// calendar that cannot be read keeps what was last known of it.
func (e *Engine) readCalendars(ctx context.Context) (did bool, err error) {
	due, err := e.dueCalendars()
	if err != nil || len(due) == 0 {
		return false, err
	}
	limited, cancel := context.WithTimeout(ctx, calendarLimit)
	defer cancel()
	readings, failed := make([]calendar.Reading, len(due)), make([]error, len(due))
	var reading sync.WaitGroup
	for i, source := range due {
		reading.Go(func() { readings[i], failed[i] = calendar.Fetch(limited, source, e.CalendarOptions(e.clock.Now())) })
	}
	reading.Wait()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	err = e.update(func(tx *store.Tx) error {
		did = false
		for i, source := range due {
			changed, err := e.keepBusy(tx, source.Name, readings[i], failed[i])
			if err != nil {
				return err
			}
			did = did || changed
		}
		if !did {
			return nil
		}
		return wakeOffering(tx)
	})
	return did, err
}

// dueCalendars are those that were not tried for a while. What is kept of a calendar that stands in the
// config no longer goes.
func (e *Engine) dueCalendars() (due []calendar.Source, err error) {
	tried := map[string]time.Time{}
	var gone []string
	err = e.store.View(func(tx *store.Tx) error {
		all, err := tx.Calendars()
		for _, b := range all {
			if tried[b.Calendar] = b.Tried; !slices.ContainsFunc(e.Calendars, func(s calendar.Source) bool { return s.Name == b.Calendar }) {
				gone = append(gone, b.Calendar)
			}
		}
		return err
	})
	if err == nil && len(gone) > 0 {
		err = e.update(func(tx *store.Tx) error {
			for _, name := range gone {
				if err := tx.DeleteBusy(name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, s := range e.Calendars {
		if last := tried[s.Name]; e.clock.Now().Sub(last) >= calendarEvery || last.After(e.clock.Now()) {
			due = append(due, s)
		}
	}
	return due, err
}

// keepBusy stores what a calendar says, and tells whether the owner's busy times changed by it.
func (e *Engine) keepBusy(tx *store.Tx, name string, r calendar.Reading, failed error) (changed bool, err error) {
	all, err := tx.Calendars()
	if err != nil {
		return false, err
	}
	b := store.Busy{Calendar: name}
	for _, known := range all {
		if known.Calendar == name {
			b = known
		}
	}
	b.Tried = tx.Now()
	if failed != nil {
		b.Trouble = failed.Error()
		return false, tx.PutBusy(b)
	}
	var times []store.Slot
	for _, s := range r.Busy {
		times = append(times, store.Slot{Start: s.Start, End: s.End, Kind: "exact"})
	}
	same := func(a, b store.Slot) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }
	ahead := slices.DeleteFunc(slices.Clone(b.Times), func(s store.Slot) bool { return !s.End.After(tx.Now()) })
	changed = !slices.EqualFunc(ahead, times, same)
	b.Times, b.Read, b.Trouble, b.Problems = times, tx.Now(), "", nil
	for _, p := range r.Problems {
		b.Problems = append(b.Problems, p.String())
	}
	return changed, tx.PutBusy(b)
}

// wakeOffering has everybody looked at again to whom a draft offers times: one may be taken by now.
func wakeOffering(tx *store.Tx) error {
	open, err := tx.OpenDrafts()
	if err != nil {
		return err
	}
	for _, d := range open {
		if len(d.Offers) > 0 {
			if err := tx.Wake(d.Person, tx.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// busyFor is when the owner is busy by their calendars, as far as a person is concerned. What begins at
// the very time that is agreed with them, or drafted, is taken to be that talk: the owner, or their mail
// program, has entered it.
func (e *Engine) busyFor(tx *store.Tx, person string, history []store.Event) (busy []store.Slot, err error) {
	calendars, err := tx.Calendars()
	if err != nil || len(calendars) == 0 {
		return nil, err
	}
	var own []store.Slot
	s := steps.Fold(history, tx.Now())
	if s.Meeting != nil {
		own = append(own, store.Slot{Start: s.Meeting.Start})
	}
	if s.Proposal != nil {
		own = append(own, s.Proposal.Offers...)
	}
	drafts, err := tx.DraftsOf(person)
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		if d.State.Open() && d.Meeting != nil {
			own = append(own, store.Slot{Start: d.Meeting.Start})
		}
	}
	for _, c := range calendars {
		for _, slot := range c.Times {
			if slot.End.After(tx.Now()) && !slices.ContainsFunc(own, func(o store.Slot) bool { return o.Start.Equal(slot.Start) }) {
				busy = append(busy, slot)
			}
		}
	}
	return busy, nil
}

// CalendarView is how one of the owner's calendars is doing.
type CalendarView struct {
	Name     string    `json:"name"`
	Read     time.Time `json:"read,omitzero"` // what is known of it is of this time
	Busy     int       `json:"busy"`          // times ahead at which it keeps the owner busy
	Trouble  string    `json:"trouble,omitempty"`
	Problems []string  `json:"problems,omitempty"`
}

func calendarViews(tx *store.Tx) (views []CalendarView, err error) {
	all, err := tx.Calendars()
	for _, b := range all {
		views = append(views, CalendarView{b.Calendar, b.Read, len(b.Times), b.Trouble, b.Problems})
	}
	return views, err
}

// reconcileNotes puts up the notes that are wanted about a person, each once, and takes away those that
// are wanted no longer.
func (e *Engine) reconcileNotes(tx *store.Tx, c steps.Case, wants []steps.Want) error {
	notes, err := tx.NotesOf(c.Person.ID)
	if err != nil {
		return err
	}
	up := map[string]bool{}
	for _, o := range notes {
		up[o.Want] = true
		wanted := slices.ContainsFunc(wants, func(w steps.Want) bool { return w.Note && w.Key == o.Want })
		if !wanted && o.State != store.Going {
			if err := e.dismiss(tx, o); err != nil {
				return err
			}
		}
	}
	for _, w := range wants {
		if !w.Note || up[w.Key] || w.From.After(tx.Now()) || !w.Due.IsZero() && !w.Due.After(tx.Now()) {
			continue
		}
		subject, text, err := e.noteText(tx, c, w)
		if err != nil {
			return err
		}
		o := store.Object{MessageID: e.newObjectID(), Role: store.Note, Person: c.Person.ID, Want: w.Key, Urgent: w.Urgent, Folder: "INBOX"}
		if err := e.plan(tx, o, e.own(subject, text)); err != nil {
			return err
		}
	}
	return nil
}

// noteText writes a note. Its subject bears only the owner's own name for the person.
func (e *Engine) noteText(tx *store.Tx, c steps.Case, w steps.Want) (subject, text string, err error) {
	if w.Kind == steps.Sheet {
		return e.sheetText(tx, c, w)
	}
	m, theirs := w.Meeting, e.zoneOf(c.Person)
	title := m.Start.In(e.Owner.Zone).Format("today at 3:04 PM")
	if w.Urgent {
		title = "soon, at" + m.Start.In(e.Owner.Zone).Format(" 3:04 PM")
	}
	v := templates.Values{
		"title": title + ": talk with " + c.Person.ID, "when": templates.WhenForOwner(m.Start, m.End, theirs, e.Owner.Zone), "place": m.Place,
		"target": c.Person.Name, "target_org": c.Org, "id": c.Person.ID,
	}
	return e.templates.Render("owner-"+w.Kind, v)
}

// ProposeRequest asks for free times to propose to somebody.
type ProposeRequest struct {
	Person string `json:"person"`
	Days   int    `json:"days"`  // how far to look
	Count  int    `json:"count"` // how many at most
	Draft  bool   `json:"draft"` // have a mail drafted that proposes them
}

// ProposeReply are free times, in order.
type ProposeReply struct {
	Name  string         `json:"name"`
	Zone  string         `json:"zone"`  // theirs; "" if it is not known and the owner's is supposed
	Times []ProposedTime `json:"times"` // none: nothing is free
	Words string         `json:"words,omitempty"`
	ID    string         `json:"id,omitempty"` // of the draft
}

// A ProposedTime is a free time on both clocks.
type ProposedTime struct {
	store.Slot
	Yours  string `json:"yours"`
	Theirs string `json:"theirs"`
}

// mostProposed bounds the times of one mail: nobody reads more.
const mostProposed = 10

// ProposeTimes finds free times in the working hours of both sides, and has a mail drafted that proposes them.
func (e *Engine) ProposeTimes(ctx context.Context, q ProposeRequest) (r ProposeReply, err error) {
	if q.Days < 2 || q.Days > 90 || q.Count < 1 || q.Count > mostProposed {
		return r, refuse("give 2 to 90 days, and 1 to %d times", mostProposed)
	}
	if _, err := e.readCalendars(ctx); err != nil {
		return r, err
	}
	err = e.update(func(tx *store.Tx) error {
		c, err := e.knownCase(tx, q.Person)
		if err != nil {
			return err
		}
		p := c.Person
		r = ProposeReply{Name: p.Name, Zone: p.Zone}
		slots := steps.FreeTimes(c, e.Rules, tx.Now(), q.Days, q.Count)
		for _, s := range slots {
			r.Times = append(r.Times, ProposedTime{s, e.when(s.Start), s.Start.In(e.zoneOf(p)).Format(moment)})
		}
		if !q.Draft {
			return nil
		}
		return e.askToPropose(tx, c, slots, &r)
	})
	e.Wake()
	return r, err
}

// askToPropose notes that the owner wants to propose times; the draft follows from it.
func (e *Engine) askToPropose(tx *store.Tx, c steps.Case, slots []store.Slot, r *ProposeReply) error {
	p, s := c.Person, steps.Fold(c.History, tx.Now())
	switch {
	case s.OptedOut:
		return refuse("%s asked not to be written to", p.Name)
	case s.Declined:
		return refuse("%s said no: nothing is proposed to them", p.Name)
	case s.LastIn == nil && s.LastOut == nil:
		return refuse("you have not written to %s yet: begin with introd request %s", p.Name, p.ID)
	case s.Stage == steps.StageMeeting:
		return refuse("a talk with %s is agreed already: introd meet %s \"2026-12-02 14:00\" moves it", p.Name, p.ID)
	case len(slots) == 0:
		return refuse("no time is free for both of you: look further with --days, or widen your hours under [availability] in the config")
	}
	want, err := nextWant(c.History, "propose-times/"+p.ID+"/asked")
	if err != nil {
		return err
	}
	if _, err := tx.Append(store.Event{Person: p.ID, Kind: store.Asked, Want: want, Variant: steps.ProposeTimes, Offers: slots}); err != nil {
		return err
	}
	if err := e.reconcileWithLinked(tx, p.ID); err != nil {
		return err
	}
	reply, err := e.draftReply(tx, want, p)
	r.Words, r.ID = reply.Words, reply.ID
	return err
}
