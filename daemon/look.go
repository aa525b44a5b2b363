package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"introd/mailer"
	"introd/store"
)

// watched are the folders whose new mail is read, in the order in which they are looked at: INBOX
// first, because a reply should be known as soon as it can be; Sent last, so that the owner's answer
// finds the mail that it answers.
var watched = []mailer.Role{mailer.RoleInbox, mailer.RoleArchive, mailer.RoleAll, mailer.RoleJunk, mailer.RoleSent}

// mostMail is the size up to which a mail is read. What is longer is read up to here.
const mostMail = 25 << 20

// look reads what is new in every watched folder.
func (e *Engine) look(ctx context.Context) (did bool, err error) {
	if err := e.backfill(ctx); err != nil {
		return false, err
	}
	for _, role := range watched {
		folder, ok := e.folders[role]
		if !ok {
			continue
		}
		more, err := e.lookAt(ctx, folder)
		if err != nil {
			return false, fmt.Errorf("%s: %w", folder.Name, err)
		}
		did = did || more
	}
	return did, e.seeing()
}

// lookAt reads the new mail of one folder. Its cursor moves only after all below it is in the store.
func (e *Engine) lookAt(ctx context.Context, folder mailer.Folder) (did bool, err error) {
	var cursor store.Cursor
	if err := e.store.View(func(tx *store.Tx) (err error) {
		cursor, err = tx.Cursor(e.Account.Name, folder.Name)
		return err
	}); err != nil {
		return false, err
	}
	box, err := e.session.Examine(folder.Name)
	if err != nil {
		return false, err
	}
	defer func() { err = e.noteBroken(box, err) }()
	if box.UIDValidity != cursor.UIDValidity {
		// A new UIDVALIDITY makes every UID a stranger: all is read again. Nothing acts twice,
		// because what is in the histories is known by Message-ID (P5).
		cursor = store.Cursor{Account: e.Account.Name, Folder: folder.Name, UIDValidity: box.UIDValidity}
	}
	aside, err := e.passOver(folder, box, cursor)
	if err != nil {
		return false, err
	}
	var wanted []uint32
	top := cursor.UID
	if box.UIDNext == 0 || box.UIDNext > cursor.UID+1 {
		wanted, top, err = e.concerning(folder, box, cursor, aside)
		if err != nil {
			return false, err
		}
	}
	e.step("look:headers")
	if err := e.receiveAll(ctx, folder, without(wanted, aside), &cursor); err != nil {
		return false, err
	}
	moved := top != cursor.UID || len(wanted) > 0
	cursor.UID = max(top, cursor.UID)
	cursor.ReadAt = e.clock.Now()
	return moved, e.update(func(tx *store.Tx) error { return tx.PutCursor(cursor) })
}

// concerning returns the UIDs above the cursor of mail that may concern a contact, and the highest
// UID seen. Messages whose header the server cannot give are set aside.
func (e *Engine) concerning(folder mailer.Folder, box mailer.Box, cursor store.Cursor, aside []uint32) (wanted []uint32, top uint32, err error) {
	top = cursor.UID
	var failed []mailer.Header
	err = e.store.View(func(tx *store.Tx) error {
		l, err := e.linker(tx)
		if err != nil {
			return err
		}
		return e.headers(cursor.UID+1, box, aside, func(h mailer.Header) error {
			if h.UID <= cursor.UID {
				return nil // UID n:* always returns the last message (RFC 3501 §6.4.8)
			}
			top = max(top, h.UID)
			if h.Err != nil {
				failed = append(failed, h)
				return nil
			}
			yes, err := l.concerns(folder.Role, h)
			if yes {
				wanted = append(wanted, h.UID)
			}
			return err
		})
	})
	for _, h := range failed {
		if err == nil {
			err = e.setAside(cursor, h.UID, "your mail server cannot give it: "+h.Err.Error())
		}
	}
	return wanted, top, err
}

// fetchBatch is how many whole mails are asked for at once.
const fetchBatch = 20

// receiveAll fetches and takes in the mails of uids, oldest first.
func (e *Engine) receiveAll(ctx context.Context, folder mailer.Folder, uids []uint32, cursor *store.Cursor) error {
	for len(uids) > 0 {
		batch := uids[:min(fetchBatch, len(uids))]
		uids = uids[len(batch):]
		var mails []mailer.Fetched
		if err := e.session.Fetch(batch, mostMail, func(m mailer.Fetched) error {
			mails = append(mails, m)
			return nil
		}); err != nil {
			return nextOf(batch, err)
		}
		for _, m := range mails {
			if err := e.receive(folder, m, cursor); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}

// nextOf makes a broken fetch name the message that it broke at: the first one asked for that did not come.
func nextOf(batch []uint32, cause error) error {
	var broken *mailer.BrokenError
	if errors.As(cause, &broken) {
		if i, _ := slices.BinarySearch(batch, broken.Next); i < len(batch) {
			broken.Next = batch[i]
		}
	}
	return cause
}

// settingBackfill lists the people whose earlier mail was not searched for yet.
const settingBackfill = "backfill"

// backfill finds the earlier mail of people added since the folders were first read, by the server's
// own search, so that a history begins where the acquaintance did.
func (e *Engine) backfill(ctx context.Context) error {
	var addresses []string
	if err := e.store.View(func(tx *store.Tx) error {
		_, err := tx.Setting(settingBackfill, &addresses)
		return err
	}); err != nil || len(addresses) == 0 {
		return err
	}
	for _, role := range watched {
		folder, ok := e.folders[role]
		if !ok {
			continue
		}
		var cursor store.Cursor
		if err := e.store.View(func(tx *store.Tx) (err error) {
			cursor, err = tx.Cursor(e.Account.Name, folder.Name)
			return err
		}); err != nil {
			return err
		}
		if cursor.UID == 0 {
			continue // never read: the first look finds everything
		}
		if err := e.backfillFolder(ctx, folder, addresses, cursor); err != nil {
			return err
		}
	}
	return e.update(func(tx *store.Tx) error {
		var now []string
		if _, err := tx.Setting(settingBackfill, &now); err != nil {
			return err
		}
		return tx.PutSetting(settingBackfill, without(now, addresses))
	})
}

func (e *Engine) backfillFolder(ctx context.Context, folder mailer.Folder, addresses []string, cursor store.Cursor) error {
	box, err := e.session.Examine(folder.Name)
	if err != nil || box.UIDValidity != cursor.UIDValidity {
		return err
	}
	aside, err := e.passOver(folder, box, cursor)
	if err != nil {
		return err
	}
	for _, address := range addresses {
		uids, err := e.session.FindAddress(address)
		if err != nil {
			return err
		}
		var below []uint32
		for _, uid := range uids {
			if uid <= cursor.UID {
				below = append(below, uid)
			}
		}
		kept := cursor // receiving must not move the cursor back to a mail of long ago
		if err := e.receiveAll(ctx, folder, without(below, aside), &kept); err != nil {
			return e.noteBroken(box, err)
		}
	}
	return nil
}

func without[T comparable](all, some []T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool { return slices.Contains(some, v) })
}

// settingTrouble holds what keeps introd from the mailbox, for status and the next digest.
const settingTrouble = "trouble"

// Trouble is why the mailbox was last out of reach, and since when.
type Trouble struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Told   bool      `json:"told"` // the owner was told by a desktop notice
}

// noteTrouble keeps the reason for `introd status`.
func (e *Engine) noteTrouble(cause error) error {
	return e.update(func(tx *store.Tx) error {
		var t Trouble
		if _, err := tx.Setting(settingTrouble, &t); err != nil {
			return err
		}
		if t.Since.IsZero() {
			t.Since = tx.Now()
		}
		t.Reason = cause.Error()
		if !t.Told && tx.Now().Sub(t.Since) >= e.BlindAfter {
			t.Told = true
			go e.notify("introd is blind", "Your mail could not be read since "+e.when(t.Since)+": "+t.Reason)
		}
		return tx.PutSetting(settingTrouble, t)
	})
}

// seeing notes that the mailbox was read whole. After a spell of blindness it tells the owner, by a
// mail in INBOX, from when to when nothing was read (P5).
func (e *Engine) seeing() error {
	return e.update(func(tx *store.Tx) error {
		var t Trouble
		if found, err := tx.Setting(settingTrouble, &t); err != nil || !found || t.Since.IsZero() {
			return err
		}
		if blind := tx.Now().Sub(t.Since); blind >= e.BlindAfter {
			err := e.tell(tx, "introd can read your mail again", fmt.Sprintf(
				"From %s to %s introd could not read your mail (%s). What came meanwhile has been read now.",
				e.when(t.Since), e.when(tx.Now()), t.Reason))
			if err != nil {
				return err
			}
		}
		return tx.PutSetting(settingTrouble, Trouble{})
	})
}

// when writes a moment for the owner.
func (e *Engine) when(t time.Time) string { return t.In(e.Owner.Zone).Format("Mon 2 Jan 15:04") }
