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
var watched = []mailer.Role{mailer.RoleInbox, mailer.RoleStrangers, mailer.RoleArchive, mailer.RoleAll, mailer.RoleJunk, mailer.RoleSent}

// toRead are the folders whose mail is read, as they are called in this mailbox: those of watched, and,
// before Sent, those of no part that the owner wants read too.
func (b *mailbox) toRead() (folders []mailer.Folder) {
	for _, role := range watched {
		if role == mailer.RoleSent {
			folders = append(folders, b.also...)
		}
		if f, ok := b.folders[role]; ok {
			folders = append(folders, f)
		}
	}
	return folders
}

// mostMail is the size up to which a mail is read. What is longer is read up to here.
const mostMail = 25 << 20

// look reads what is new in every watched folder.
func (b *mailbox) look(ctx context.Context) (did bool, err error) {
	if err := b.backfill(ctx); err != nil {
		return false, err
	}
	for _, folder := range b.toRead() {
		more, err := b.lookAt(ctx, folder)
		if err != nil {
			return false, fmt.Errorf("%s: %w", folder.Name, err)
		}
		did = did || more
	}
	return did, b.seeing()
}

// lookAt reads the new mail of one folder.
func (b *mailbox) lookAt(ctx context.Context, folder mailer.Folder) (did bool, err error) {
	s := &scan{mailbox: b, folder: folder, most: scanBatch}
	if err := b.engine.store.View(func(tx *store.Tx) (err error) {
		s.cursor, err = tx.Cursor(b.account.Name, folder.Name)
		return err
	}); err != nil {
		return false, err
	}
	if s.box, err = b.session.Examine(folder.Name); err != nil {
		return false, err
	}
	defer func() { err = b.noteBroken(s.box, err) }()
	if s.box.UIDValidity != s.cursor.UIDValidity {
		// A new UIDVALIDITY makes every UID a stranger: all is read again. Nothing acts twice,
		// because what is in the histories is known by Message-ID (P5).
		s.cursor = store.Cursor{Account: b.account.Name, Folder: folder.Name, UIDValidity: s.box.UIDValidity}
		if err := b.findAgain(folder.Name, s.box); err != nil {
			return false, err
		}
	}
	if s.aside, err = b.passOver(folder, s.box, s.cursor); err != nil {
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

// settingBackfill lists, by account, the addresses whose earlier mail was not searched for yet.
const settingBackfill = "backfill"

// backfill finds the earlier mail of people added since the folders were first read, by the server's
// own search, so that a history begins where the acquaintance did.
func (b *mailbox) backfill(ctx context.Context) error {
	var addresses []string
	if err := b.engine.store.View(func(tx *store.Tx) error {
		_, err := tx.Setting(b.setting(settingBackfill), &addresses)
		return err
	}); err != nil || len(addresses) == 0 {
		return err
	}
	for _, folder := range b.toRead() {
		var cursor store.Cursor
		if err := b.engine.store.View(func(tx *store.Tx) (err error) {
			cursor, err = tx.Cursor(b.account.Name, folder.Name)
			return err
		}); err != nil {
			return err
		}
		if cursor.UID == 0 {
			continue // never read: the first look finds everything
		}
		if err := b.backfillFolder(ctx, folder, addresses, cursor); err != nil {
			return err
		}
	}
	return b.engine.update(func(tx *store.Tx) error {
		var now []string
		if _, err := tx.Setting(b.setting(settingBackfill), &now); err != nil {
			return err
		}
		return tx.PutSetting(b.setting(settingBackfill), without(now, addresses))
	})
}

func (b *mailbox) backfillFolder(ctx context.Context, folder mailer.Folder, addresses []string, cursor store.Cursor) error {
	box, err := b.session.Examine(folder.Name)
	if err != nil || box.UIDValidity != cursor.UIDValidity {
		return err
	}
	aside, err := b.passOver(folder, box, cursor)
	if err != nil {
		return err
	}
	for _, address := range addresses {
		uids, err := b.session.FindAddress(address)
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
		if err := b.receiveAll(ctx, folder, without(below, aside), &kept); err != nil {
			return b.noteBroken(box, err)
		}
	}
	return nil
}

func without[T comparable](all, some []T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool { return slices.Contains(some, v) })
}

// moment is how a moment of these days is written for the owner.
const moment = "Mon 2 Jan 15:04"

// when writes a moment on the owner's clock.
func (e *Engine) when(t time.Time) string { return t.In(e.Owner.Zone).Format(moment) }

// on writes a day for the owner.
func (e *Engine) on(t time.Time) string { return t.In(e.Owner.Zone).Format("Mon 2 Jan") }
