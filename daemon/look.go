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

// lookAt reads the new mail of one folder.
func (e *Engine) lookAt(ctx context.Context, folder mailer.Folder) (did bool, err error) {
	s := &scan{engine: e, folder: folder, most: scanBatch}
	if err := e.store.View(func(tx *store.Tx) (err error) {
		s.cursor, err = tx.Cursor(e.Account.Name, folder.Name)
		return err
	}); err != nil {
		return false, err
	}
	if s.box, err = e.session.Examine(folder.Name); err != nil {
		return false, err
	}
	defer func() { err = e.noteBroken(s.box, err) }()
	if s.box.UIDValidity != s.cursor.UIDValidity {
		// A new UIDVALIDITY makes every UID a stranger: all is read again. Nothing acts twice,
		// because what is in the histories is known by Message-ID (P5).
		s.cursor = store.Cursor{Account: e.Account.Name, Folder: folder.Name, UIDValidity: s.box.UIDValidity}
	}
	if s.aside, err = e.passOver(folder, s.box, s.cursor); err != nil {
		return false, err
	}
	return s.run(ctx)
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

// noteTrouble keeps the reason for `introd status`. After a while of it the owner is told on their desktop, once.
func (e *Engine) noteTrouble(cause error) error {
	var t Trouble
	blind := false
	if err := e.update(func(tx *store.Tx) error {
		t = Trouble{}
		if _, err := tx.Setting(settingTrouble, &t); err != nil {
			return err
		}
		if t.Since.IsZero() {
			t.Since = tx.Now()
		}
		t.Reason = cause.Error()
		blind = !t.Told && tx.Now().Sub(t.Since) >= e.BlindAfter
		t.Told = t.Told || blind
		return tx.PutSetting(settingTrouble, t)
	}); err != nil {
		return err
	}
	if blind {
		e.notify("introd is blind", "Your mail could not be read since "+e.when(t.Since)+": "+t.Reason)
	}
	return nil
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

// moment is how a moment of these days is written for the owner.
const moment = "Mon 2 Jan 15:04"

// when writes a moment on the owner's clock.
func (e *Engine) when(t time.Time) string { return t.In(e.Owner.Zone).Format(moment) }

// on writes a day for the owner.
func (e *Engine) on(t time.Time) string { return t.In(e.Owner.Zone).Format("Mon 2 Jan") }
