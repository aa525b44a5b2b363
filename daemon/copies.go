package daemon

import (
	"context"
	"errors"
	"slices"
	"time"

	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// dropAfter is how long a copy may be missing from Drafts, with no twin in Sent, before its draft
// counts as dropped: some programs take it out when they open it, and send later.
const dropAfter = 24 * time.Hour

// copies looks after the copies in Drafts. One that lies there unchanged needs nothing. One that is
// gone was opened, changed, sent or deleted by the owner: a changed one is theirs to send from then on.
func (b *mailbox) copies(context.Context) (did bool, err error) {
	placed, err := b.placedCopies()
	if err != nil || len(placed) == 0 {
		return false, err
	}
	box, uids, err := b.listed(b.folders[mailer.RoleDrafts])
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(placed, func(o store.Object) bool { return o.UIDValidity != box.UIDValidity }) {
		if err := b.findAgain(b.folders[mailer.RoleDrafts].Name, box); err != nil {
			return false, err
		}
		if placed, err = b.placedCopies(); err != nil {
			return false, err
		}
	}
	for _, o := range placed {
		there := o.State == store.Placed && o.UIDValidity == box.UIDValidity && slices.Contains(uids, o.UID)
		if there && o.Gone.IsZero() {
			continue
		}
		changed, err := b.copyGone(o, box, there)
		if err != nil {
			return did, err
		}
		did = did || changed
	}
	return did, nil
}

// placedCopies are the copies that lie where introd put them, and what the owner made of one.
func (b *mailbox) placedCopies() (placed []store.Object, err error) {
	err = b.engine.store.View(func(tx *store.Tx) error {
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if o.Account != b.account.Name || o.Role != store.DraftCopy || o.State != store.Placed && o.State != store.Left {
				continue
			}
			d, err := tx.Draft(o.Draft)
			if err != nil {
				return err
			}
			if (o.State == store.Left) == (d.State == store.Editing) {
				placed = append(placed, o)
			}
		}
		return nil
	})
	return placed, err
}

// copyGone settles what became of a copy that does not lie where introd put it.
func (b *mailbox) copyGone(o store.Object, box mailer.Box, there bool) (changed bool, err error) {
	moved, err := b.session.FindID(o.MessageID)
	if err != nil {
		return false, err
	}
	edited := len(moved)
	if !there && edited == 0 {
		if edited, err = b.editedCopies(o); err != nil {
			return false, err
		}
	}
	err = b.engine.update(func(tx *store.Tx) error {
		changed = false
		d, err := tx.Draft(o.Draft)
		if err != nil {
			return err
		}
		switch {
		case there, o.State == store.Left && edited > 0:
			if o.Gone.IsZero() {
				return nil
			}
			o.Gone = time.Time{}
			return tx.PutObject(o)
		case o.Gone.IsZero(): // a first look: programs save in steps, so it must be so at a second one
			o.Gone = tx.Now()
			return tx.PutObject(o)
		case edited > 0:
			changed = true
			return b.engine.nowEditing(tx, d, o)
		case d.State == store.Approved:
			changed = true
			return b.engine.copyLost(tx, d, o, "its copy is gone from Drafts: perhaps you sent or deleted it")
		case (d.State == store.Waiting || d.State == store.Held || d.State == store.Editing) && tx.Now().Sub(o.Gone) >= dropAfter:
			changed = true
			_, err := b.engine.drop(tx, d, "deleted from Drafts")
			if no, ok := asRefusal(err); ok {
				b.engine.log.Info("a deleted draft was not dropped", "reason", no.Words)
				return nil
			}
			return err
		}
		return nil
	})
	return changed, err
}

// editedCopies counts the mails in Drafts that were made of a copy: the same parent and recipient,
// a Message-ID of the mail program's own.
func (b *mailbox) editedCopies(o store.Object) (int, error) {
	var d store.Draft
	if err := b.engine.store.View(func(tx *store.Tx) (err error) {
		d, err = tx.Draft(o.Draft)
		return err
	}); err != nil {
		return 0, err
	}
	uids, err := b.session.FindAddress(addressOf(d.To[0]))
	if err != nil {
		return 0, err
	}
	count := 0
	err = b.session.Fetch(uids, mostMail, func(f mailer.Fetched) error {
		h := mailer.ParseHeader(f.Raw)
		if own, err := b.engine.isOwn(h); own || err != nil {
			return err
		}
		parents := append(reading.MessageIDs(h.Get("References")), reading.MessageIDs(h.Get("In-Reply-To"))...)
		if d.InReplyTo != "" && slices.Contains(parents, d.InReplyTo) || d.InReplyTo == "" && baseSubject(h.Get("Subject")) == baseSubject(d.Subject) {
			count++
		}
		return nil
	})
	return count, err
}

// isOwn says whether a mail in Drafts is another copy of introd's.
func (e *Engine) isOwn(h mailer.Header) (own bool, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		for _, id := range reading.MessageIDs(h.Get("Message-ID")) {
			_, err := tx.Object(id)
			own = own || err == nil
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	return own, err
}

// copyLost holds an approved draft whose copy could not be taken out of Drafts, and lets go of the copy.
func (e *Engine) copyLost(tx *store.Tx, d store.Draft, o store.Object, reason string) error {
	o.State = store.Left
	if err := tx.PutObject(o); err != nil {
		return err
	}
	return e.holdDraft(tx, d, reason)
}

// nowEditing hands a draft to the owner: introd neither sends nor removes it, and the other ways close.
// What they made of the copy is followed only to see whether they delete it.
func (e *Engine) nowEditing(tx *store.Tx, d store.Draft, o store.Object) error {
	if !d.State.Open() {
		return tx.DeleteObject(o.MessageID)
	}
	o.State, o.Gone = store.Left, time.Time{}
	if err := tx.PutObject(o); err != nil {
		return err
	}
	d.State, d.Edited, d.SendAt, d.Reason = store.Editing, true, time.Time{}, "you changed it in Drafts: send it from there"
	if err := tx.PutDraft(d); err != nil {
		return err
	}
	objects, err := tx.ObjectsOf(d.ID)
	if err != nil {
		return err
	}
	for _, other := range objects {
		if other.Role == store.ApprovalAsk {
			if err := e.dismiss(tx, other); err != nil {
				return err
			}
		}
	}
	return e.tell(tx, "Yours to send: "+e.label(d), "You are editing this mail in Drafts, so introd keeps its hands off it. Send it from there, or delete it there.")
}
