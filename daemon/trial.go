package daemon

import (
	"context"

	"introd/store"
)

// Trial puts a mail into INBOX that asks the owner to answer it. If the answer arrives in Sent as
// an own mail should, replies may decide drafts on this account from then on; else they stay off.
func (e *Engine) Trial(context.Context, None) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		l, err := tx.Learnt(e.home().Name)
		if why := repliesOff(l); err != nil || why != "" {
			r.Words = "Replies cannot decide drafts on this account: " + why + "."
			return err
		}
		if on, err := e.replyVerbs(tx); err != nil || on {
			r.Words = "Replies already decide drafts on this account."
			return err
		}
		if _, asked, err := e.trialOf(tx); err != nil || asked {
			r.Words = "The trial mail is in your INBOX: answer it with any word."
			return err
		}
		r.Words = "A trial mail is put into your INBOX. Answer it with any word; introd then knows whether replies can be trusted here."
		text, err := e.notice("trial", "Please answer this mail with any word. introd then sees whether your answers arrive as they should, and lets you decide drafts by answering.")
		if err != nil {
			return err
		}
		return e.plan(tx, store.Object{MessageID: e.newObjectID(), Role: store.Trial, Folder: "INBOX"}, e.own("introd: please answer this", text))
	})
	e.Wake()
	return r, err
}

// trialOf finds the trial mail that waits for an answer at home: one at an earlier home shows nothing any more.
func (e *Engine) trialOf(tx *store.Tx) (trial store.Object, asked bool, err error) {
	for o, err := range tx.Objects() {
		if err != nil {
			return trial, false, err
		}
		if o.Role == store.Trial && o.Account == e.home().Name {
			return o, true, nil
		}
	}
	return trial, false, nil
}
