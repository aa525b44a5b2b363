package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// The calls of the command line. Each takes a request and gives a reply, both plain data; daemon/web
// serves them to the command line, over a socket while the daemon runs and in the same process while
// it does not. A *Refusal is an answer in one sentence; any other error is a fault.

// Reply is the answer of calls that have little to say.
type Reply struct {
	Words string `json:"words"`        // one or two sentences for the owner
	ID    string `json:"id,omitempty"` // of the person or draft it is about
}

// draftReply says what became of a want that was just asked for.
func (e *Engine) draftReply(tx *store.Tx, want string, p store.Person) (Reply, error) {
	d, err := tx.DraftByWant(want)
	if errors.Is(err, store.ErrNotFound) {
		return Reply{Words: "Noted. While " + p.Name + " is paused nothing is drafted."}, nil
	}
	if err != nil {
		return Reply{}, err
	}
	r := Reply{ID: handle(d)}
	switch d.State {
	case store.Asking:
		r.Words = fmt.Sprintf("The %s to %s needs one sentence of yours. Give it with: introd edit %s --why \"…\"  (introd asks by mail too.)", KindWords(d.Kind), p.Name, d.ID)
	case store.Held:
		r.Words = fmt.Sprintf("Drafted, but held: %s. See: introd drafts %s", d.Reason, r.ID)
	default:
		r.Words = fmt.Sprintf("Drafted. Read it with: introd drafts %s   Send it with: introd approve %s", r.ID, r.ID)
	}
	return r, nil
}

// DecideRequest decides a draft.
type DecideRequest struct {
	Draft string        `json:"draft"`           // a code, an id, or a person with one open draft
	Verb  string        `json:"verb"`            // approve, drop, hold, later
	Again bool          `json:"again,omitempty"` // of unknown outcome: the owner says that it did not go out
	Sent  bool          `json:"sent,omitempty"`  // of unknown outcome: the owner says that it did
	Wait  time.Duration `json:"wait,omitempty"`
}

// Decide approves, drops, holds or puts off a draft.
func (e *Engine) Decide(_ context.Context, q DecideRequest) (r Reply, err error) {
	shown, err := e.brought(q.Draft)
	if err != nil {
		return r, err
	}
	err = e.update(func(tx *store.Tx) error {
		d, err := tx.Draft(shown.ID)
		if err != nil {
			return err
		}
		if d.Version != shown.Version {
			return refuse("this draft was out of date and has been written anew: read it with introd drafts %s", handle(d))
		}
		r.ID = d.ID
		if q.Again || q.Sent {
			if d, err = e.settleUnknown(tx, d, q.Sent); err != nil || q.Sent {
				r.Words = "Noted: " + e.label(d) + " was sent."
				return err
			}
		}
		r.Words, err = e.decide(tx, d, q)
		return err
	})
	e.Wake()
	return r, err
}

// brought brings the draft that the owner names up to date before they decide it, in a transaction of
// its own that outlives a refusal. It returns the draft as it was shown to them.
func (e *Engine) brought(word string) (shown store.Draft, err error) {
	err = e.update(func(tx *store.Tx) error {
		if shown, err = draftFor(tx, word); err != nil {
			return err
		}
		return e.reconcile(tx, shown.Person)
	})
	return shown, err
}

// decide carries out one verb and says what became of it.
func (e *Engine) decide(tx *store.Tx, d store.Draft, q DecideRequest) (words string, err error) {
	p, err := tx.Person(d.Person)
	if err != nil {
		return "", err
	}
	called := e.labelWith(d, cmp.Or(p.Name, p.ID)) // it is said at the command line, where no word of a stranger does harm
	switch q.Verb {
	case "approve":
		had := d.LastSeq
		if d, err = e.approve(tx, d, wayCommand); err != nil {
			return "", err
		}
		words = fmt.Sprintf("Approved. The %s goes out %s; until then introd hold %s stops it.", called, e.when(d.SendAt), handle(d))
		if d.LastSeq > had { // it was held because of a mail: there may be a newer one than they know of
			history, err := tx.History(d.Person)
			if err != nil {
				return "", err
			}
			words += fmt.Sprintf(" The last mail between you is of %s: if you do not know it, read it first.", e.when(lastMail(history).At))
		}
	case "drop":
		if d, err = e.drop(tx, d, wayCommand); err == nil {
			words = "Dropped: " + called + "."
		}
	case "hold":
		if d, err = e.hold(tx, d, "you said hold"); err == nil {
			words = fmt.Sprintf("Held. To send it after all: introd approve %s", handle(d))
		}
	case "later":
		if d, err = e.later(tx, d, q.Wait); err == nil {
			words = "It is shown again " + e.when(d.ShowAt) + "."
		}
	default:
		err = fmt.Errorf("verb %q is not known", q.Verb)
	}
	return words, err
}

// settleUnknown takes the owner's word for what became of a mail of unknown outcome. One that is
// sent again gets another Message-ID: servers drop a second mail with the same one.
func (e *Engine) settleUnknown(tx *store.Tx, d store.Draft, went bool) (store.Draft, error) {
	if d.State != store.Unknown {
		return d, refuse("there is no doubt about this mail: %s", e.fate(d))
	}
	if went {
		return d, e.sent(tx, d, "you say that it went out")
	}
	if err := e.version(tx, &d); err != nil {
		return d, err
	}
	d.Shown = true
	return d, tx.PutDraft(d)
}

// EditRequest changes a draft, or gives the sentence that it lacks.
type EditRequest struct {
	Draft   string `json:"draft"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	Why     string `json:"why,omitempty"`
}

// Edit makes a new version of a draft with the owner's text or sentence.
func (e *Engine) Edit(_ context.Context, q EditRequest) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		d, err := draftFor(tx, q.Draft)
		if err != nil {
			return err
		}
		switch {
		case q.Why != "" && d.State != store.Asking:
			return refuse("this mail has its sentence already; change the text itself with introd edit %s", handle(d))
		case q.Why != "":
			err = e.giveSentence(tx, d, strings.Join(strings.Fields(q.Why), " "))
		case d.State == store.Asking:
			return refuse("this mail needs one sentence of yours first: introd edit %s --why \"…\"", d.ID)
		default:
			_, err = e.edit(tx, d, q.Subject, q.Text)
		}
		if err != nil {
			return err
		}
		p, err := tx.Person(d.Person)
		if err != nil {
			return err
		}
		r, err = e.draftReply(tx, d.Want, p)
		return err
	})
	e.Wake()
	return r, err
}

// PauseRequest pauses or resumes one person, or everybody.
type PauseRequest struct {
	Person string `json:"person,omitempty"` // "" for all
	On     bool   `json:"on"`
}

// Pause stops drafting and sending, or goes on with it. Mail is still read.
func (e *Engine) Pause(_ context.Context, q PauseRequest) (r Reply, err error) {
	defer e.Wake()
	word := map[bool]string{true: "paused: nothing is drafted or sent", false: "no longer paused"}[q.On]
	if q.Person == "" {
		r.Words = map[bool]string{true: "Everything is " + word + ".", false: "Nothing is paused any more."}[q.On]
		return r, e.pauseAll(q.On)
	}
	err = e.update(func(tx *store.Tx) error {
		p, err := known(tx, q.Person)
		if err != nil {
			return err
		}
		p.Paused = q.On
		r.Words = p.Name + " is " + word + "."
		if err := tx.PutPerson(p); err != nil {
			return err
		}
		return tx.Wake(p.ID, tx.Now())
	})
	return r, err
}

// pauseAll pauses everybody, or has everybody looked at again: what fell due meanwhile is drafted then.
func (e *Engine) pauseAll(on bool) error {
	if err := e.update(func(tx *store.Tx) error { return tx.PutSetting(settingPaused, on) }); err != nil || on {
		return err
	}
	return e.wakeEverybody()
}

// wakeEverybody has everybody looked at again.
func (e *Engine) wakeEverybody() error {
	var everybody []string
	if err := e.store.View(func(tx *store.Tx) error {
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			everybody = append(everybody, p.ID)
		}
		return nil
	}); err != nil {
		return err
	}
	for page := range slices.Chunk(everybody, wakePage) {
		if err := e.update(func(tx *store.Tx) error {
			for _, id := range page {
				if err := tx.Wake(id, tx.Now()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// wakePage is how many people one transaction wakes: Badger bounds its size.
const wakePage = 500
