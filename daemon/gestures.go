package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// gestures reads the owner's moves: an approval mail in introd's send folder approves its draft, one
// in the drop folder drops it, and one that was moved back to INBOX takes the approval back.
func (b *mailbox) gestures(context.Context) (did bool, err error) {
	for _, g := range []struct {
		role   mailer.Role
		decide func(*store.Tx, store.Draft) (store.Draft, error)
	}{
		{mailer.RoleSend, func(tx *store.Tx, d store.Draft) (store.Draft, error) { return b.engine.approve(tx, d, wayMove) }},
		{mailer.RoleDrop, func(tx *store.Tx, d store.Draft) (store.Draft, error) { return b.engine.drop(tx, d, wayMove) }},
	} {
		folder, ok := b.folders[g.role]
		if !ok {
			continue
		}
		found, renumbered, err := b.movedTo(folder)
		if err != nil {
			return did, fmt.Errorf("%s: %w", folder.Name, err)
		}
		decide := g.decide
		if renumbered {
			decide = func(_ *store.Tx, d store.Draft) (store.Draft, error) {
				return d, refuse("the server has renumbered that folder, so that introd cannot tell when it was moved there. Decide with `introd approve` or `introd drop`")
			}
		}
		for _, o := range found {
			copied, err := b.stillWhere(o.from)
			if err != nil {
				return did, err
			}
			if copied {
				continue // or a move half done: it counts when it has left its place
			}
			if err := b.moved(o.Object, folder, decide); err != nil {
				return did, err
			}
			did = true
		}
	}
	back, err := b.movedBack()
	return did || back, err
}

// movedTo returns the approval mails that newly lie in one of introd's folders, with where they lie
// now. What introd did not append is none, whatever it says (P6): mail can be addressed to a folder.
func (b *mailbox) movedTo(folder mailer.Folder) (found []movedObject, renumbered bool, err error) {
	box, err := b.session.Examine(folder.Name)
	if err != nil {
		return nil, false, err
	}
	placed, renumbered, err := b.approvalsOutside(folder, box)
	if err != nil || box.Messages == 0 || len(placed) == 0 {
		return nil, renumbered, err
	}
	uids, err := b.session.UIDs()
	if err != nil {
		return nil, renumbered, err
	}
	err = b.session.Fetch(uids, mostMail, func(f mailer.Fetched) error {
		ids := reading.MessageIDs(mailer.ParseHeader(f.Raw).Get("Message-ID"))
		if len(ids) == 0 {
			return nil
		}
		if o, ok := placed[ids[0]]; ok && o.SHA256 == hashOf(f.Raw) {
			m := movedObject{Object: o, from: o}
			m.Folder, m.UIDValidity, m.UID = folder.Name, box.UIDValidity, f.UID
			found = append(found, m)
		}
		return nil
	})
	return found, renumbered, err
}

// A movedObject lies elsewhere than introd last saw it.
type movedObject struct {
	store.Object
	from store.Object // as it was
}

// stillWhere says whether an object lies where introd last saw it.
func (b *mailbox) stillWhere(o store.Object) (bool, error) {
	box, uids, err := b.locate(o.Folder, o.MessageID)
	return box.UIDValidity == o.UIDValidity && slices.Contains(uids, o.UID), err
}

// approvalsOutside returns the approval mails that were last seen elsewhere than in folder, by
// Message-ID, and whether folder has a new UIDVALIDITY since the last look.
func (b *mailbox) approvalsOutside(folder mailer.Folder, box mailer.Box) (placed map[string]store.Object, renumbered bool, err error) {
	placed = map[string]store.Object{}
	err = b.engine.update(func(tx *store.Tx) error {
		cursor, err := tx.Cursor(b.account.Name, folder.Name)
		if err != nil {
			return err
		}
		renumbered = cursor.UIDValidity != 0 && cursor.UIDValidity != box.UIDValidity
		clear(placed)
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if o.Account == b.account.Name && o.Role == store.ApprovalAsk && o.State == store.Placed && o.Folder != folder.Name {
				placed[o.MessageID] = o
			}
		}
		if cursor.UIDValidity == box.UIDValidity {
			return nil
		}
		return tx.PutCursor(store.Cursor{Account: b.account.Name, Folder: folder.Name, UIDValidity: box.UIDValidity, ReadAt: tx.Now()})
	})
	return placed, renumbered, err
}

// moved carries out one gesture.
func (b *mailbox) moved(o store.Object, folder mailer.Folder, decide func(*store.Tx, store.Draft) (store.Draft, error)) error {
	return b.engine.update(func(tx *store.Tx) error {
		if err := tx.PutObject(o); err != nil {
			return err
		}
		d, err := tx.Draft(o.Draft)
		if err != nil {
			return err
		}
		if d.Version != o.Version {
			return b.engine.dismiss(tx, o)
		}
		_, err = decide(tx, d)
		var no *Refusal
		if errors.As(err, &no) {
			if err := b.engine.dismiss(tx, o); err != nil {
				return err
			}
			return b.engine.tell(tx, "Nothing done: "+b.engine.label(d), "You moved its approval mail to "+folder.Name+", but "+no.Words+".")
		}
		return err
	})
}

// movedBack finds approval mails that the owner moved out of the send folder again before the send.
func (b *mailbox) movedBack() (did bool, err error) {
	folder, ok := b.folders[mailer.RoleSend]
	if !ok {
		return false, nil
	}
	var waiting []store.Object
	if err := b.engine.store.View(func(tx *store.Tx) error {
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if o.Account == b.account.Name && o.Role == store.ApprovalAsk && o.State == store.Placed && o.Folder == folder.Name {
				waiting = append(waiting, o)
			}
		}
		return nil
	}); err != nil || len(waiting) == 0 {
		return false, err
	}
	box, uids, err := b.listed(folder)
	if err != nil {
		return false, err
	}
	for _, o := range waiting {
		if o.UIDValidity == box.UIDValidity && slices.Contains(uids, o.UID) {
			continue
		}
		if err := b.takeBack(o); err != nil {
			return did, err
		}
		did = true
	}
	return did, nil
}

// takeBack undoes an approval by move whose mail has left the send folder.
func (b *mailbox) takeBack(o store.Object) error {
	o.Folder, o.UID = "INBOX", 0
	box, uids, err := b.locate(o.Folder, o.MessageID)
	if err != nil {
		return err
	}
	if len(uids) == 1 {
		o.UIDValidity, o.UID = box.UIDValidity, uids[0]
	}
	return b.engine.update(func(tx *store.Tx) error {
		d, err := tx.Draft(o.Draft)
		if err != nil {
			return err
		}
		if len(uids) == 1 {
			if err := tx.PutObject(o); err != nil {
				return err
			}
		} else if err := tx.DeleteObject(o.MessageID); err != nil {
			return err
		}
		if d.State == store.Approved && d.Way == wayMove {
			d.State, d.Way, d.SendAt = store.Waiting, "", time.Time{}
			return tx.PutDraft(d)
		}
		return nil
	})
}
