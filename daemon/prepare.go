package daemon

import (
	"context"
	"errors"
	"slices"

	"introd/daemon/prep"
	"introd/daemon/steps"
	"introd/store"
	"introd/templates"
)

// PrepReply is the sheet for a talk, and how it reads.
type PrepReply struct {
	Sheet prep.Sheet `json:"sheet"`
	Text  string     `json:"text"`
	HTML  string     `json:"html"` // a page that prints on one sheet of paper
}

// Prep makes the sheet for the talk with somebody, whether it is agreed already or not.
func (e *Engine) Prep(_ context.Context, q PersonRequest) (r PrepReply, err error) {
	err = e.update(func(tx *store.Tx) error {
		c, err := e.knownCase(tx, q.Person)
		if err != nil {
			return err
		}
		if r.Sheet, err = e.prepare(tx, c); err != nil {
			return err
		}
		r.Text = r.Sheet.Text()
		r.HTML, err = r.Sheet.HTML()
		return err
	})
	return r, err
}

// prepare makes the sheet for somebody. Of a talk that is ahead the history keeps which questions it
// bears: once they are answered they are not chosen again.
func (e *Engine) prepare(tx *store.Tx, c steps.Case) (prep.Sheet, error) {
	f, err := e.prepFacts(tx, c)
	if err != nil {
		return prep.Sheet{}, err
	}
	sheet := prep.Make(f)
	s := steps.Fold(c.History, tx.Now())
	if f.Start.IsZero() {
		return sheet, nil
	}
	var questions []string
	for _, q := range sheet.Questions {
		questions = append(questions, q.Text)
	}
	if slices.Equal(questions, steps.ChosenFor(c.History, s.Meeting.UID)) {
		return sheet, nil
	}
	_, err = tx.Append(store.Event{Person: c.Person.ID, Kind: store.Prepared, Meeting: s.Meeting, Questions: questions})
	return sheet, err
}

// sheetText writes the sheet as a note to the owner.
func (e *Engine) sheetText(tx *store.Tx, c steps.Case, w steps.Want) (subject, text string, err error) {
	sheet, err := e.prepare(tx, c)
	if err != nil {
		return "", "", err
	}
	title := w.Meeting.Start.In(e.Owner.Zone).Format("Monday at 3:04 PM") + ": your sheet for the talk with " + c.Person.ID
	return e.templates.Render("owner-sheet", templates.Values{"title": title, "body": sheet.Text(), "id": c.Person.ID})
}

// prepFacts gathers what a sheet needs.
func (e *Engine) prepFacts(tx *store.Tx, c steps.Case) (f prep.Facts, err error) {
	p, s := c.Person, steps.Fold(c.History, tx.Now())
	f = prep.Facts{
		Owner: e.Owner.Name, About: templates.About(e.Owner.About), Overview: e.Owner.Overview, Name: p.Name, Org: c.Org, Address: p.Address, How: p.How,
		Theirs: e.zoneOf(p), Own: e.Owner.Zone, Length: e.Rules.Length, Asked: steps.Answered(c.History), Bank: e.questions,
	}
	if c.Via != nil {
		f.Via = c.Via.Name
	}
	if s.Ask != nil && s.Ask.About == "" {
		f.Reason = templates.Reason(s.Sentences[s.Ask.Want])
	}
	if m := s.Meeting; m != nil && !s.MeetingOff && !s.Moving && m.End.After(tx.Now()) {
		f.Start, f.End, f.Place = m.Start, m.End, m.Place
	}
	for _, ev := range c.History {
		who := templates.Hello(p.Name)
		if ev.Kind == store.MailOut {
			who = "you"
		}
		if (ev.Kind == store.MailIn || ev.Kind == store.MailOut) && ev.Mail != nil && ev.Mail.Text != "" {
			f.Thread = append(f.Thread, prep.Line{At: ev.At.In(e.Owner.Zone), Who: who, Text: ev.Mail.Text})
			if f.Since.IsZero() || ev.At.Before(f.Since) {
				f.Since = ev.At
			}
		}
	}
	if err := knownFrom(tx, p, &f); err != nil {
		return f, err
	}
	f.Targets, err = prepTargets(tx, c)
	return f, err
}

// knownFrom adds what the owner's address book says of a person.
func knownFrom(tx *store.Tx, p store.Person, f *prep.Facts) error {
	ids, err := tx.ContactsBy("address", p.Address)
	if err != nil {
		return err
	}
	for _, id := range ids {
		contact, err := tx.Contact(id)
		if err != nil {
			return err
		}
		f.Position = firstOf([]string{f.Position, contact.Position})
		f.Org = firstOf([]string{f.Org, contact.Org})
		if !contact.Since.IsZero() && (f.Since.IsZero() || contact.Since.Before(f.Since)) {
			f.Since = contact.Since
		}
	}
	return nil
}

// prepTargets are what somebody can tell of, by rank, with what the owner knows of it and wants to know
// still. What their own last talk left open comes before all.
func prepTargets(tx *store.Tx, c steps.Case) ([]prep.Target, error) {
	talk := prep.Target{Name: "Your last talk", Employer: true}
	told(&talk, c.History)
	targets := []prep.Target{talk}
	all, err := tx.Targets()
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if t.ID != c.Person.Org && !slices.Contains(c.Person.Targets, t.ID) {
			continue
		}
		target := prep.Target{Name: t.Name, Employer: t.Kind == store.Employer, Questions: t.Questions}
		for _, n := range t.Notes {
			target.Notes = append(target.Notes, n.Text)
		}
		people, err := tx.PeopleOn(t.ID)
		if err != nil {
			return nil, err
		}
		answered := steps.Answered(c.History)
		for _, id := range people {
			history, err := tx.History(id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			if answered = append(answered, steps.Answered(history)...); id != c.Person.ID {
				told(&target, history)
			}
		}
		target.Questions = prep.Without(target.Questions, answered)
		targets = append(targets, target)
	}
	return targets, nil
}

// told adds what the owner took down after the talks of a history.
func told(t *prep.Target, history []store.Event) {
	for _, ev := range history {
		if ev.Kind == store.Debriefed && ev.Debrief != nil {
			t.Learnt, t.Questions = append(t.Learnt, ev.Debrief.Learnt...), append(slices.Clip(t.Questions), ev.Debrief.Open...)
		}
	}
	t.Questions = prep.Without(t.Questions, steps.Answered(history))
}

// QuestionsRequest names a theme, or none for all.
type QuestionsRequest struct {
	Theme string `json:"theme,omitempty"`
}

// Questions lists the questions by theme.
func (e *Engine) Questions(_ context.Context, q QuestionsRequest) (prep.Bank, error) {
	if q.Theme == "" {
		return e.questions, nil
	}
	theme := e.questions.Theme(q.Theme)
	if theme == nil {
		return nil, refuse("there is no theme %q: see introd questions", q.Theme)
	}
	return prep.Bank{*theme}, nil
}
