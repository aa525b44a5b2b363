package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/store"
)

// The owner decides a draft by one of four ways: a command, a move, a reply, or by sending it
// themselves. Whichever comes first closes the others. These are the transitions; each is one
// function over a transaction, whatever way it came by.

// Refusal is a decision that cannot be carried out, in one sentence for the owner.
type Refusal struct{ Words string }

func (r *Refusal) Error() string { return r.Words }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// approve decides that a draft goes out, after the undo pause. It binds the decision to this exact
// version: the hash over every part and recipient is computed again before the send (P1).
func (e *Engine) approve(tx *store.Tx, d store.Draft, way string) (store.Draft, error) {
	if d.State != store.Waiting && d.State != store.Held {
		return d, refuse("%s", e.fate(d))
	}
	if !d.Expires.IsZero() && d.Expires.Before(tx.Now()) {
		return d, refuse("code %s has expired; `introd drafts` shows what still waits", d.Code)
	}
	if d.Stale {
		return d, refuse("this draft is out of date: %s. To send it all the same, go over it first: introd edit %s. To throw it away: introd drop %s", d.Reason, handle(d), handle(d))
	}
	if err := e.mustPass(tx, d); err != nil {
		return d, err
	}
	if err := e.seenByOwner(tx, &d, way); err != nil {
		return d, err
	}
	hash, err := e.hash(d)
	if err != nil {
		return d, err
	}
	if d.Hash != hash {
		return d, refuse("this draft changed since it was shown: look at it again with introd drafts %s", d.ID)
	}
	if d.Kind == steps.AnswerIntro { // the owner's yes is what makes them somebody they know (P6)
		if _, err := e.takeUp(tx, d); err != nil {
			return d, err
		}
	}
	d.State, d.Way, d.Reason, d.Attempts = store.Approved, way, "", 0
	d.SendAt = tx.Now().Add(e.UndoPause)
	return d, tx.PutDraft(d)
}

// seenByOwner lets a draft that is held because of newer mail go: at the command line, where that
// mail was named to the owner. What comes after this moment holds it again (P3).
func (e *Engine) seenByOwner(tx *store.Tx, d *store.Draft, way string) error {
	if d.State != store.Held {
		return nil
	}
	c, err := e.caseOf(tx, d.Person)
	if err != nil {
		return err
	}
	last := lastMail(c.History)
	if last == nil || last.Seq <= d.LastSeq {
		return nil
	}
	if way != wayCommand {
		return refuse("%s. To send this mail all the same: introd approve %s", unseenWords(c, *last), handle(*d))
	}
	d.LastSeq = last.Seq
	return nil
}

// The ways a draft is decided by.
const (
	wayCommand = "command"
	wayMove    = "move"
	wayReply   = "reply"
)

// drop decides that a draft never goes out. Its occasion is settled for ever.
func (e *Engine) drop(tx *store.Tx, d store.Draft, way string) (store.Draft, error) {
	switch d.State {
	case store.Sending, store.Unknown, store.Sent, store.DroppedBy, store.Withdrawn:
		return d, refuse("%s", e.fate(d))
	}
	d.State, d.Way, d.Reason = store.DroppedBy, way, ""
	if err := tx.PutDraft(d); err != nil {
		return d, err
	}
	if _, err := tx.Append(store.Event{Person: d.Person, Kind: store.Dropped, Want: d.Want, Variant: d.Kind}); err != nil {
		return d, err
	}
	if err := e.takeDown(tx, d); err != nil {
		return d, err
	}
	return d, e.reconcile(tx, d.Person)
}

// hold takes an approval back, within the undo pause, or keeps a waiting draft from going out.
func (e *Engine) hold(tx *store.Tx, d store.Draft, reason string) (store.Draft, error) {
	switch d.State {
	case store.Waiting, store.Approved, store.Held:
	default:
		return d, refuse("%s", e.fate(d))
	}
	d.State, d.Reason, d.SendAt = store.Held, reason, time.Time{}
	return d, tx.PutDraft(d)
}

// later puts a draft away for a while; it is shown again then, under a new code.
func (e *Engine) later(tx *store.Tx, d store.Draft, wait time.Duration) (store.Draft, error) {
	if d.State != store.Waiting && d.State != store.Held {
		return d, refuse("%s", e.fate(d))
	}
	if err := e.takeDown(tx, d); err != nil {
		return d, err
	}
	d.State, d.Reason, d.Shown, d.ShowAt, d.Code, d.Expires = store.Waiting, "", false, tx.Now().Add(wait), "", time.Time{}
	return d, tx.PutDraft(d)
}

// edit makes a new version with the owner's text. It is checked and shown again under a new code;
// an approval of the old version is void.
func (e *Engine) edit(tx *store.Tx, d store.Draft, subject, text string) (store.Draft, error) {
	switch d.State {
	case store.Waiting, store.Held, store.Approved:
	default:
		return d, refuse("%s", e.fate(d))
	}
	if strings.TrimSpace(text) == "" {
		return d, refuse("an empty mail is not sent: to throw the draft away use introd drop %s", handle(d))
	}
	if err := e.takeDown(tx, d); err != nil {
		return d, err
	}
	// Gone over by the owner after its occasion had passed, it stands on their word alone.
	d.Kept = d.Kept || d.Stale
	d.Text, d.Edited, d.Stale, d.Reason = tidyText(text), true, false, ""
	if subject != "" {
		d.Subject = subject
	}
	return d, e.version(tx, &d)
}

// holdDraft holds a draft for a reason of introd's own and tells the owner.
func (e *Engine) holdDraft(tx *store.Tx, d store.Draft, reason string) error {
	was := d.State
	if was == store.Held && d.Reason == reason {
		return nil
	}
	d.State, d.Reason, d.SendAt = store.Held, reason, time.Time{}
	if err := tx.PutDraft(d); err != nil {
		return err
	}
	if was != store.Approved {
		return nil // nothing was on its way: the list of drafts says it
	}
	return e.tell(tx, "Not sent: "+e.label(d), fmt.Sprintf("Your mail was not sent: %s. To send it all the same: introd approve %s. To throw it away: introd drop %s",
		reason, handle(d), handle(d)))
}

// withdraw takes a draft back whose want is gone. What the owner edited is kept, marked stale.
func (e *Engine) withdraw(tx *store.Tx, d store.Draft, reason string) error {
	if d.Edited || d.State == store.Editing {
		return e.markStale(tx, d, reason)
	}
	return e.retract(tx, d, reason)
}

func (e *Engine) markStale(tx *store.Tx, d store.Draft, reason string) error {
	if d.Stale {
		return nil
	}
	if d.State == store.Approved {
		d.State, d.SendAt = store.Held, time.Time{}
	}
	d.Stale, d.Reason = true, reason
	if err := tx.PutDraft(d); err != nil {
		return err
	}
	return e.tell(tx, "Out of date: "+e.label(d), "You edited this draft, so it is kept, but "+reason+". If you still want to send it, go over it first: introd edit "+handle(d)+". To throw it away: introd drop "+handle(d))
}

// retract ends a draft for good and takes introd's mails about it away.
func (e *Engine) retract(tx *store.Tx, d store.Draft, reason string) error {
	wasApproved := d.State == store.Approved
	d.State, d.Reason, d.SendAt = store.Withdrawn, reason, time.Time{}
	if err := tx.PutDraft(d); err != nil {
		return err
	}
	if err := e.takeDown(tx, d); err != nil {
		return err
	}
	if !wasApproved {
		return nil
	}
	return e.tell(tx, "Not sent: "+e.label(d), "You had approved this mail, but "+reason+", so it was taken back.")
}

// expire ends what waited too long, and gives up on unknown outcomes that Sent does not tell.
func (e *Engine) expire(context.Context) (did bool, err error) {
	err = e.update(func(tx *store.Tx) error {
		did = false
		open, err := tx.OpenDrafts()
		if err != nil {
			return err
		}
		for _, d := range open {
			changed, err := e.expireOne(tx, d)
			if err != nil {
				return err
			}
			did = did || changed
		}
		return nil
	})
	return did, err
}

func (e *Engine) expireOne(tx *store.Tx, d store.Draft) (bool, error) {
	now := tx.Now()
	switch {
	case d.State == store.Unknown && !d.Asked && !d.SendAt.After(now) && !e.outOfSight(d.Account):
		d.Asked = true
		if err := tx.PutDraft(d); err != nil {
			return false, err
		}
		return true, e.tell(tx, "Did this mail go out? "+e.label(d),
			"The connection broke while this mail was being handed over, and it is not in your Sent folder. introd does not send it again alone: "+e.fate(d)+".")
	case (d.State == store.Waiting || d.State == store.Held) && !d.Expires.IsZero() && !d.Expires.After(now):
		return true, e.codeDies(tx, d)
	}
	return false, nil
}

// codeDies ends a code. The draft lives on if it is still wanted: it is shown again, under a new
// code, with the next digest; one that is held stays so, and only gets the new code.
func (e *Engine) codeDies(tx *store.Tx, d store.Draft) error {
	if err := e.reconcile(tx, d.Person); err != nil {
		return err
	}
	d, err := tx.Draft(d.ID)
	if err != nil || d.State != store.Waiting && d.State != store.Held {
		return err
	}
	if err := e.takeDown(tx, d); err != nil {
		return err
	}
	if d.State == store.Held {
		d.Expires = tx.Now().Add(e.CodeLife)
		if d.Code, err = tx.NewCode(); err != nil {
			return err
		}
		return tx.PutDraft(d)
	}
	d.Code, d.Expires, d.Shown, d.ShowAt = "", time.Time{}, false, e.nextWorkday()
	return tx.PutDraft(d)
}

// draftFor finds the open draft that the owner means by a code, an id or its person.
func draftFor(tx *store.Tx, word string) (store.Draft, error) {
	if d, err := tx.DraftByCode(word); err == nil || !errors.Is(err, store.ErrNotFound) {
		return d, err
	}
	if d, err := tx.Draft(word); err == nil || !errors.Is(err, store.ErrNotFound) {
		return d, err
	}
	p, err := called(tx, word)
	if errors.Is(err, store.ErrNotFound) {
		return store.Draft{}, refuse("no draft %q waits: see introd drafts", word)
	}
	if err != nil {
		return store.Draft{}, err
	}
	drafts, err := tx.DraftsOf(p.ID)
	if err != nil {
		return store.Draft{}, err
	}
	var open []store.Draft
	for _, d := range drafts {
		if d.State.Open() {
			open = append(open, d)
		}
	}
	switch len(open) {
	case 0:
		return store.Draft{}, refuse("no draft %q waits: see introd drafts", word)
	case 1:
		return open[0], nil
	}
	return store.Draft{}, refuse("%d drafts to %s wait: name the one you mean by its code, see introd drafts", len(open), word)
}
