package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"introd/daemon/steps"
	"introd/store"
)

func asRefusal(err error) (*Refusal, bool) {
	var no *Refusal
	ok := errors.As(err, &no)
	return no, ok
}

// tell plans a short mail to the owner: a receipt of what was done, or why nothing was.
func (e *Engine) tell(tx *store.Tx, subject, words string) error {
	text, err := e.notice(subject, words)
	if err != nil {
		return err
	}
	return e.plan(tx, store.Object{MessageID: e.newObjectID(), Role: store.Receipt, Folder: "INBOX"}, e.own(subject, text))
}

// label names a draft for the owner without a stranger's words: the kind and their own name for the person.
func (e *Engine) label(d store.Draft) string { return e.labelWith(d, d.Person) }

// labelWith names a draft by what it is and the person's name as the reader is to see it.
func (e *Engine) labelWith(d store.Draft, name string) string {
	if d.Kind == steps.AnswerIntro { // it goes to somebody whose name a stranger wrote
		return KindWords(d.Kind) + " by " + name
	}
	return KindWords(d.Kind) + " to " + name
}

// handle is what the owner may call a draft by: its code, or its id where it has none.
func handle(d store.Draft) string { return cmp.Or(d.Code, d.ID) }

// fate says in words where a draft stands, as the end of a sentence about what cannot be done with it.
func (e *Engine) fate(d store.Draft) string {
	switch d.State {
	case store.Asking:
		return "this mail still needs a sentence of yours: introd edit " + d.ID + " --why \"…\""
	case store.Editing:
		return "you are editing this in Drafts: send it from there"
	case store.Approved:
		return "this is approved already and goes out " + e.when(d.SendAt)
	case store.Sending:
		return "this mail is being sent right now and cannot be stopped any more"
	case store.Unknown:
		return "nobody knows whether this mail went out. Look into your Sent folder and ask the other side if you can. " +
			"If it did not go out: introd approve --again " + handle(d) + ". If it did: introd approve --sent " + handle(d)
	case store.Sent:
		return "this mail was sent already, " + e.when(d.SentAt)
	case store.DroppedBy:
		return "this draft was dropped already"
	case store.Withdrawn:
		return "this draft was taken back, because " + d.Reason
	}
	return "this draft waits for you: introd drafts " + handle(d)
}

// Span writes a length of time as people say it: "2 minutes", "a minute", "30 seconds".
func Span(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	}
	if d == time.Minute {
		return "a minute"
	}
	return minutes(d)
}
