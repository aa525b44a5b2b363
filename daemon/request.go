package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"introd/daemon/steps"
	"introd/store"
	"introd/templates"
)

// AskRequest asks for a mail to be written to somebody: a request for a talk, or for an introduction.
type AskRequest struct {
	Person  string `json:"person"`
	About   string `json:"about,omitempty"`   // whom an introduction is asked to
	Variant string `json:"variant,omitempty"` // of a request: referred, alumni, cold; "" to derive it
	Why     string `json:"why,omitempty"`     // the personal sentence
	Drop    bool   `json:"drop,omitempty"`    // wait no longer for the answer to the request that went out
}

// Ask wants an introduction (About set) or a talk. The draft appears at once; without a sentence it
// is asked for first.
func (e *Engine) Ask(_ context.Context, q AskRequest) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		p, err := known(tx, q.Person)
		if err != nil {
			return err
		}
		ev := store.Event{Person: p.ID, Kind: store.Asked, About: q.About, Variant: q.Variant, Text: strings.TrimSpace(q.Why)}
		history, err := tx.History(p.ID)
		if err != nil {
			return err
		}
		if q.Drop {
			r, err = e.giveUp(tx, p, history)
			return err
		}
		if steps.Fold(history, tx.Now()).OptedOut {
			return refuse("%s asked not to be written to", p.Name)
		}
		prefix := "request/" + p.ID
		if q.About != "" {
			target, err := known(tx, q.About)
			if err != nil {
				return err
			}
			if target.ID == p.ID {
				return refuse("nobody introduces you to themselves: ask %s with introd request %s, or say who knows them", p.Name, p.ID)
			}
			ev.About = target.ID
			prefix = "intro-request/" + p.ID + "/" + target.ID
			if err := e.linkVia(tx, target, p); err != nil {
				return err
			}
		} else if err := e.settleVariant(tx, p, &ev); err != nil {
			return err
		}
		if ev.Want, err = nextWant(history, prefix); err != nil {
			return err
		}
		if _, err := tx.Append(ev); err != nil {
			return err
		}
		if err := e.reconcile(tx, p.ID); err != nil {
			return err
		}
		r, err = e.draftReply(tx, ev.Want, p)
		return err
	})
	e.Wake()
	return r, err
}

func (e *Engine) linkVia(tx *store.Tx, target, introducer store.Person) error {
	if target.Via != "" || target.ID == introducer.ID {
		return nil
	}
	target.Via, target.Hoped = introducer.ID, true
	return tx.PutPerson(target)
}

// referrer is who gave a person's name, so that a mail may say so; nil for nobody. Somebody who was
// merely asked for an introduction has not given it before they agree.
func referrer(tx *store.Tx, p store.Person) (*store.Person, error) {
	via, err := tx.Person(p.Via)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil || !p.Hoped {
		return &via, err
	}
	lines, err := introductionsOf(tx, via)
	if slices.ContainsFunc(lines, func(l IntroductionLine) bool {
		return l.Person == p.ID && !(l.Agreed.IsZero() && l.Made.IsZero())
	}) {
		return &via, err
	}
	return nil, err
}

// settleVariant derives how a request presents itself, and refuses a second open one at an organization.
func (e *Engine) settleVariant(tx *store.Tx, p store.Person, ev *store.Event) error {
	if ev.Variant == "" {
		via, err := referrer(tx, p)
		switch {
		case err != nil:
			return err
		case via != nil:
			ev.Variant = "referred"
		case p.How == "alumni":
			ev.Variant = "alumni"
		default:
			ev.Variant = "cold"
		}
	}
	if !slices.Contains([]string{"referred", "alumni", "cold"}, ev.Variant) {
		return refuse("a request is referred, alumni or cold, not %q", ev.Variant)
	}
	history, err := tx.History(p.ID)
	if err != nil {
		return err
	}
	if !steps.OpenRequest(history, e.Rules, tx.Now()).IsZero() {
		return refuse("%s was asked already, and has some days to answer: a reminder is drafted in time. To wait no longer: introd request %s --drop", p.Name, p.ID)
	}
	other, err := e.openRequestAt(tx, p)
	if err != nil {
		return err
	}
	if other != "" {
		return refuse("your request to %s at the same organization is still open: wait for the answer first", other)
	}
	return nil
}

// giveUp ends the wait for an answer: no reminder, and the way to others at the organization is free.
func (e *Engine) giveUp(tx *store.Tx, p store.Person, history []store.Event) (Reply, error) {
	if !steps.Unanswered(history, tx.Now()) {
		return Reply{}, refuse("no request to %s waits for an answer", p.Name)
	}
	s := steps.Fold(history, tx.Now())
	if _, err := tx.Append(store.Event{Person: p.ID, Kind: store.Dropped, Want: s.Ask.Want}); err != nil {
		return Reply{}, err
	}
	return Reply{ID: p.ID, Words: "You no longer wait for " + p.Name + ": there is no reminder, and you may ask others there."}, e.reconcileWithLinked(tx, p.ID)
}

// nextWant numbers a request. One that is not sent or dropped yet is not asked for twice.
func nextWant(history []store.Event, prefix string) (string, error) {
	count := 0
	settled := map[string]bool{}
	for _, ev := range history {
		if ev.Kind == store.Asked && strings.HasPrefix(ev.Want, prefix+"/") {
			count++
		} else if ev.Want != "" {
			settled[ev.Want] = settled[ev.Want] || ev.Kind == store.MailOut || ev.Kind == store.Touched || ev.Kind == store.Dropped
		}
	}
	if last := fmt.Sprintf("%s/%d", prefix, count); count > 0 && !settled[last] {
		return "", refuse("that request is drafted already: see introd drafts")
	}
	return fmt.Sprintf("%s/%d", prefix, count+1), nil
}

// requestWant is the key of a request that goes out by another way than its own draft: that of one
// that waits in Drafts, which is settled so, else a new one that is asked for in the same breath.
func requestWant(tx *store.Tx, id string, history []store.Event, ask store.Event) (string, error) {
	s := steps.Fold(history, tx.Now())
	for _, earlier := range s.Asks {
		if earlier.About == "" && !s.Settled[earlier.Want] {
			return earlier.Want, nil
		}
	}
	want, err := nextWant(history, "request/"+id)
	if err != nil {
		return "", err
	}
	ask.Person, ask.Kind, ask.Want = id, store.Asked, want
	_, err = tx.Append(ask)
	return want, err
}

// TouchRequest asks for a talk by another way than mail.
type TouchRequest struct {
	Person string `json:"person"`
	By     string `json:"by"`            // phone or linkedin
	Why    string `json:"why,omitempty"` // the personal sentence
}

// TouchReply carries what to say or to paste.
type TouchReply struct {
	Reply
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Touch writes a call script or a note for LinkedIn, and notes that the person is asked in that way:
// the request is open from now on, as if it had gone by mail. Asking again while it is open is one more
// try and no new request.
func (e *Engine) Touch(_ context.Context, q TouchRequest) (r TouchReply, err error) {
	if q.By != steps.ByPhone && q.By != steps.ByLinkedIn {
		return r, refuse("a request goes by phone or by linkedin, not by %q; without --by it is a mail", q.By)
	}
	err = e.update(func(tx *store.Tx) error {
		c, err := e.knownCase(tx, q.Person)
		if err != nil {
			return err
		}
		p := c.Person
		s := steps.Fold(c.History, tx.Now())
		if s.OptedOut {
			return refuse("%s asked not to be contacted", p.Name)
		}
		if err := e.script(tx, c, q, &r); err != nil {
			return err
		}
		ev := store.Event{Person: p.ID, Kind: store.Touched, Variant: q.By, Text: r.Text}
		again := steps.Unanswered(c.History, tx.Now())
		if !again {
			if ev.Want, err = e.touchWant(tx, p, c.History, q); err != nil {
				return err
			}
		}
		if _, err := tx.Append(ev); err != nil {
			return err
		}
		r.ID = p.ID
		r.Words = e.touchWords(tx, p, again)
		if err := e.wakeColleagues(tx, p.ID); err != nil {
			return err
		}
		return e.reconcileWithLinked(tx, p.ID)
	})
	e.Wake()
	return r, err
}

// touchWant is the key of the request, which is refused while another at the organization is open.
func (e *Engine) touchWant(tx *store.Tx, p store.Person, history []store.Event, q TouchRequest) (string, error) {
	other, err := e.openRequestAt(tx, p)
	if err != nil {
		return "", err
	}
	if other != "" {
		return "", refuse("your request to %s at the same organization is still open: wait for the answer first", other)
	}
	return requestWant(tx, p.ID, history, store.Event{Variant: q.By, Text: strings.TrimSpace(q.Why)})
}

func (e *Engine) touchWords(tx *store.Tx, p store.Person, again bool) string {
	if again {
		return "Noted as one more try. Note the answer with introd meet " + p.ID + " or introd notes " + p.ID + "."
	}
	until := steps.OpenUntil(tx.Now(), e.Rules)
	return fmt.Sprintf("Noted: %s is asked. Until %s nobody else at the same organization is. Note the answer with introd meet %s or introd notes %s.", p.Name, until.Format("Monday, January 2"), p.ID, p.ID)
}

// script fills the text to say or to paste.
func (e *Engine) script(tx *store.Tx, c steps.Case, q TouchRequest, r *TouchReply) error {
	v, err := e.values(tx, c, steps.Want{})
	if err != nil {
		return err
	}
	v["sentence"], v["target"], v["id"] = templates.Reason(q.Why), c.Person.Name, c.Person.ID
	if q.By == steps.ByPhone {
		r.Title, r.Text, err = e.templates.Render("call-script", v)
		return err
	}
	note, left, err := e.templates.Note(v)
	if err != nil {
		return refuse("%v", err)
	}
	r.Title, r.Text = fmt.Sprintf("A note for LinkedIn (%d of %d characters)", templates.NoteLength(note), templates.MostNote), note+"\n"
	if q.Why != "" && slices.Contains(left, "sentence") {
		r.Title += "; your sentence is too long for it"
	} else if q.Why != "" && slices.Contains(left, "rest") {
		r.Title += "; only the first of your sentences fits"
	}
	return nil
}
