package daemon

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"introd/mailer"
	"introd/store"
)

// introd's own mails in the owner's mailbox are objects: copies of drafts, approval mails, questions,
// the digest, receipts. A transaction plans one or marks it as going; placeObjects makes it so.

// plan stores an object to be appended to the home account. Its Message-ID is on disk before the first try, so that a
// second one can look for it (P2 holds for APPEND too).
func (e *Engine) plan(tx *store.Tx, o store.Object, m mailer.Message) error {
	m.MessageID, m.Date = o.MessageID, tx.Now().In(e.Owner.Zone)
	raw, err := mailer.Compose(m)
	if err != nil {
		return fmt.Errorf("%s mail: %w", o.Role, err)
	}
	o.Account, o.State, o.Raw, o.Created = e.home().Name, store.Planned, raw, tx.Now()
	return tx.PutObject(o)
}

// own is a mail from introd to its owner. It is appended, never sent.
func (e *Engine) own(subject, text string) mailer.Message {
	owner := mail.Address{Name: e.Owner.Name, Address: e.home().Address}
	return mailer.Message{From: mail.Address{Name: "introd", Address: owner.Address}, To: []mail.Address{owner}, Subject: subject, Text: text, Auto: true}
}

// newObjectID names an object. The 128 random bits are the secret that a reply must bear.
func (e *Engine) newObjectID() string { return mailer.NewMessageID(domainOf(e.home().Address)) }

// takeDown marks all objects of a draft as going, and forgets those that were never placed.
func (e *Engine) takeDown(tx *store.Tx, d store.Draft) error {
	objects, err := tx.ObjectsOf(d.ID)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if o.Role == store.SentCopy || o.State == store.Going {
			continue
		}
		if err := e.dismiss(tx, o); err != nil {
			return err
		}
	}
	return nil
}

// dismiss marks an object as going. One that may have been appended in a try that broke is looked
// for before it is forgotten; one that is left to the owner is forgotten at once.
func (e *Engine) dismiss(tx *store.Tx, o store.Object) error {
	if o.State == store.Left || o.State == store.Planned && o.Tries == 0 {
		return tx.DeleteObject(o.MessageID)
	}
	o.State, o.Next = store.Going, time.Time{}
	return tx.PutObject(o)
}

// placeObjects appends what is planned and removes what is going.
func (b *mailbox) placeObjects(ctx context.Context) (did bool, err error) {
	var work []store.Object
	if err := b.engine.store.View(func(tx *store.Tx) error {
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if o.Account == b.account.Name && (o.State == store.Planned || o.State == store.Going && !b.ended) && !o.Next.After(tx.Now()) && !b.engine.quietFor(o, tx.Now()) {
				work = append(work, o)
			}
		}
		return nil
	}); err != nil {
		return false, err
	}
	for _, o := range work {
		if ctx.Err() != nil {
			return did, ctx.Err()
		}
		act := b.append
		if o.State == store.Going {
			act = b.remove
		}
		if err := act(ctx, o); err != nil {
			return did, err
		}
		did = true
	}
	return did, nil
}

// quietFor says whether an object must wait for the end of the quiet hours: what the phone would ring for,
// unless it would come too late.
func (e *Engine) quietFor(o store.Object, now time.Time) bool {
	return o.State == store.Planned && o.Folder == "INBOX" && !o.Urgent && e.quiet(now)
}

// quiet says whether now lies in the quiet hours, which may span midnight.
func (e *Engine) quiet(now time.Time) bool {
	if e.QuietFrom == e.QuietTo {
		return false
	}
	local := now.In(e.Owner.Zone)
	since := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	if e.QuietFrom < e.QuietTo {
		return since >= e.QuietFrom && since < e.QuietTo
	}
	return since >= e.QuietFrom || since < e.QuietTo
}

// appendRetry is how long a failed APPEND waits, by the number of tries so far.
var appendRetry = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour}

// append puts an object into its folder, once. A try that may have succeeded without an answer is
// looked for first; two hits are left alone and reported.
func (b *mailbox) append(ctx context.Context, o store.Object) error {
	if role, ok := map[store.ObjectRole]mailer.Role{store.DraftCopy: mailer.RoleDrafts, store.SentCopy: mailer.RoleSent}[o.Role]; ok {
		o.Folder = b.folders[role].Name // whoever planned it knows no folders
	}
	if o.Role == store.SentCopy {
		if filed, err := b.filedByServer(ctx, &o); filed || err != nil {
			return err
		}
	}
	if o.Tries > 0 {
		found, err := b.findPlaced(&o)
		if err != nil || found {
			return err
		}
	}
	o.Tries++
	o.Next = b.engine.clock.Now().Add(appendRetry[min(o.Tries, len(appendRetry))-1])
	if err := b.engine.update(func(tx *store.Tx) error { return tx.PutObject(o) }); err != nil {
		return err
	}
	b.engine.step("append:before")
	at, err := b.session.Append(o.Folder, o.Raw, flagsFor(o.Role), b.engine.clock.Now())
	b.engine.step("append:after")
	if err != nil {
		o.Trouble = err.Error() // for introd status: the next look may well succeed, and would hide it
		return errors.Join(err, b.engine.update(func(tx *store.Tx) error { return tx.PutObject(o) }))
	}
	if at.UID == 0 { // no APPENDUID: find it by its Message-ID
		_, err := b.findPlaced(&o)
		return err
	}
	return b.placed(o, at)
}

// filedByServer looks into Sent once more before a copy is put there: a server may have filed one of
// its own that nobody told us of, under another Message-ID even.
func (b *mailbox) filedByServer(ctx context.Context, o *store.Object) (filed bool, err error) {
	if _, err := b.lookAt(ctx, b.folders[mailer.RoleSent]); err != nil {
		return false, err
	}
	err = b.engine.update(func(tx *store.Tx) error {
		d, err := tx.Draft(o.Draft)
		if filed = d.Filed; err != nil || !filed {
			return err
		}
		return tx.DeleteObject(o.MessageID)
	})
	return filed, err
}

// listed opens a folder and tells what lies there.
func (b *mailbox) listed(folder mailer.Folder) (box mailer.Box, uids []uint32, err error) {
	if box, err = b.session.Examine(folder.Name); err != nil {
		return box, nil, err
	}
	uids, err = b.session.UIDs()
	return box, uids, err
}

// locate finds the mails of a folder with a Message-ID.
func (b *mailbox) locate(folder, id string) (mailer.Box, []uint32, error) {
	box, err := b.session.Examine(folder)
	if err != nil {
		return box, nil, err
	}
	uids, err := b.session.FindID(id)
	return box, uids, err
}

// findPlaced looks for an object by its Message-ID where it should lie.
func (b *mailbox) findPlaced(o *store.Object) (bool, error) {
	box, uids, err := b.locate(o.Folder, o.MessageID)
	if err != nil {
		return false, err
	}
	switch len(uids) {
	case 0:
		return false, nil
	case 1:
		return true, b.placed(*o, mailer.Placement{Folder: o.Folder, UIDValidity: box.UIDValidity, UID: uids[0]})
	}
	b.engine.log.Warn("the same mail of introd's lies twice in a folder; both are left alone", "folder", o.Folder)
	o.State = store.Left
	return true, b.engine.update(func(tx *store.Tx) error { return tx.PutObject(*o) })
}

// findAgain finds introd's own mails in a folder that has a new UIDVALIDITY, as Proton's Bridge gives
// all folders when it is started again: each by its Message-ID and its bytes. The folder is open. What
// is not found so is a stranger's from then on, and is not touched (P4).
func (b *mailbox) findAgain(folder string, box mailer.Box) error {
	var lost []store.Object
	if err := b.engine.store.View(func(tx *store.Tx) error {
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if o.Account == b.account.Name && o.Folder == folder && o.UID != 0 && o.UIDValidity != box.UIDValidity && o.SHA256 != "" {
				lost = append(lost, o)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, o := range lost {
		uids, err := b.session.FindID(o.MessageID)
		if err != nil {
			return err
		}
		if err := b.session.Fetch(uids, mostMail, func(f mailer.Fetched) error {
			if hashOf(f.Raw) != o.SHA256 {
				return nil
			}
			return b.engine.update(func(tx *store.Tx) error {
				now, err := tx.Object(o.MessageID)
				if errors.Is(err, store.ErrNotFound) || err == nil && now.UIDValidity != o.UIDValidity {
					return nil // gone, or found, meanwhile
				}
				if err != nil {
					return err
				}
				now.UIDValidity, now.UID, now.Gone = box.UIDValidity, f.UID, time.Time{}
				return tx.PutObject(now)
			})
		}); err != nil {
			return err
		}
	}
	return nil
}

// placed records where an object lies, with the hash of its bytes as the server gives them back.
func (b *mailbox) placed(o store.Object, at mailer.Placement) error {
	if _, err := b.session.Examine(at.Folder); err != nil {
		return err
	}
	var sum string
	if err := b.session.Fetch([]uint32{at.UID}, mostMail, func(f mailer.Fetched) error {
		sum = hashOf(f.Raw)
		return nil
	}); err != nil {
		return err
	}
	return b.engine.update(func(tx *store.Tx) error {
		// A decision may have come while the APPEND was under way: what is no longer wanted goes again.
		current, err := tx.Object(o.MessageID)
		if errors.Is(err, store.ErrNotFound) {
			current = o
			current.State = store.Going
		} else if err != nil {
			return err
		}
		if current.State == store.Planned {
			current.State = store.Placed
		}
		current.Folder, current.UIDValidity, current.UID, current.SHA256, current.Raw, current.Next = at.Folder, at.UIDValidity, at.UID, sum, nil, time.Time{}
		current.Trouble = ""
		if o.Role == store.SentCopy {
			if d, err := tx.Draft(o.Draft); err == nil {
				d.Filed = true
				if err := tx.PutDraft(d); err != nil {
					return err
				}
			}
			return tx.DeleteObject(o.MessageID) // it is the owner's mail now
		}
		if o.Role == store.ApprovalAsk || o.Role == store.Question {
			// A reply that comes when the object is long gone still finds what it was about.
			if err := tx.PutMessage(store.Message{ID: o.MessageID, Account: o.Account, Draft: o.Draft, At: tx.Now()}); err != nil {
				return err
			}
		}
		return tx.PutObject(current)
	})
}

// remove takes an object of introd's own out of the mailbox. The session proves that it is one.
func (b *mailbox) remove(ctx context.Context, o store.Object) error {
	if o.UID == 0 { // its APPEND broke: it may or may not be there
		found, err := b.findPlaced(&o)
		if err != nil {
			return err
		}
		if !found {
			return b.engine.forget(o)
		}
		return nil // placed keeps it Going; the next round removes it
	}
	b.engine.step("remove:before")
	err := b.takeOut(ctx, o)
	b.engine.step("remove:after")
	switch {
	case errors.Is(err, mailer.ErrVanished):
		return b.follow(o)
	case err == nil:
		return b.engine.forget(o)
	case errors.Is(err, mailer.ErrChanged), errors.Is(err, mailer.ErrCannotRemove):
		o.State = store.Left
		return b.engine.update(func(tx *store.Tx) error { return tx.PutObject(o) })
	}
	return err
}

// follow looks for an approval mail that vanished in introd's own folders: the owner may have moved
// it there after its draft was decided, or introd its own probe. What is found goes in the next round.
func (b *mailbox) follow(o store.Object) error {
	for _, role := range []mailer.Role{mailer.RoleSend, mailer.RoleDrop} {
		folder, ok := b.folders[role]
		if !ok || o.Role != store.ApprovalAsk && o.Role != store.Probe || folder.Name == o.Folder {
			continue
		}
		box, uids, err := b.locate(folder.Name, o.MessageID)
		if err != nil {
			return err
		}
		if len(uids) == 1 {
			moved := o
			moved.Folder, moved.UIDValidity, moved.UID = folder.Name, box.UIDValidity, uids[0]
			return b.engine.update(func(tx *store.Tx) error { return tx.PutObject(moved) })
		}
	}
	return b.engine.forget(o)
}

// takeOut removes an object over a short connection of its own: the only one that SELECTs (P4).
func (b *mailbox) takeOut(ctx context.Context, o store.Object) error {
	s, err := b.connect(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	err = s.Remove(mailer.Placement{Folder: o.Folder, UIDValidity: o.UIDValidity, UID: o.UID}, o.MessageID, o.SHA256)
	if noted := b.latch(s); noted != nil {
		return noted // the next cycle finds out what became of the mail
	}
	return err
}

func (e *Engine) forget(o store.Object) error {
	return e.update(func(tx *store.Tx) error { return tx.DeleteObject(o.MessageID) })
}

func flagsFor(role store.ObjectRole) []string {
	switch role {
	case store.DraftCopy:
		return []string{`\Draft`, `\Seen`}
	case store.SentCopy:
		return []string{`\Seen`}
	}
	return nil
}

func hashOf(raw []byte) string { return fmt.Sprintf("%x", sha256.Sum256(raw)) }
