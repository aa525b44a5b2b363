package daemon

import (
	"errors"
	"fmt"
	"time"

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
func (e *Engine) label(d store.Draft) string { return fmt.Sprintf("%s to %s", d.Kind, d.Person) }

// pauseWords says how long the undo pause is.
func pauseWords(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	}
	if d == time.Minute {
		return "a minute"
	}
	return minutes(d)
}
