package daemon

import (
	"errors"
	"slices"

	"introd/mailer"
	"introd/store"
)

// Some servers break at one message: they cut the connection each time it is asked for. A daemon
// that asked for ever would read nothing behind it. So where the connection broke is written down;
// at the third look there, the message is set aside and the reading goes on behind it (P5).

// settingBroken holds, by account, where the connection last broke while mail was read.
const settingBroken = "broken"

// brokenAt is a place in a folder at which the connection broke.
type brokenAt struct {
	Folder      string `json:"folder"`
	UIDValidity uint32 `json:"uid_validity"`
	Next        uint32 `json:"next"` // the message, or one below it
	Times       int    `json:"times"`
}

// mostBreaks is how often the connection may break at one message before it is set aside: it may be
// the network's fault as well.
const mostBreaks = 2

// noteBroken counts a break. It returns its cause.
func (b *mailbox) noteBroken(box mailer.Box, cause error) error {
	var broken *mailer.BrokenError
	if !errors.As(cause, &broken) {
		return cause
	}
	err := b.engine.update(func(tx *store.Tx) error {
		var at brokenAt
		if _, err := tx.Setting(b.setting(settingBroken), &at); err != nil {
			return err
		}
		if at.Folder != broken.Folder || at.UIDValidity != box.UIDValidity || at.Next != broken.Next {
			at = brokenAt{Folder: broken.Folder, UIDValidity: box.UIDValidity, Next: broken.Next}
		}
		at.Times++
		return tx.PutSetting(b.setting(settingBroken), at)
	})
	return errors.Join(cause, err)
}

// passOver returns the UIDs of the open folder that are set aside, after one was added at which the
// connection has broken too often.
func (b *mailbox) passOver(folder mailer.Folder, box mailer.Box, cursor store.Cursor) (aside []uint32, err error) {
	var at brokenAt
	if err := b.engine.store.View(func(tx *store.Tx) error {
		_, err := tx.Setting(b.setting(settingBroken), &at)
		return err
	}); err != nil {
		return nil, err
	}
	if at.Folder == folder.Name && at.UIDValidity == box.UIDValidity && at.Times >= mostBreaks {
		uids, err := b.session.UIDs()
		if err != nil {
			return nil, err
		}
		slices.Sort(uids)
		if i, _ := slices.BinarySearch(uids, at.Next); i < len(uids) {
			if err := b.setAside(cursor, uids[i], "your mail server breaks the connection when it is read"); err != nil {
				return nil, err
			}
		}
		if err := b.engine.update(func(tx *store.Tx) error { return tx.PutSetting(b.setting(settingBroken), brokenAt{}) }); err != nil {
			return nil, err
		}
	}
	err = b.engine.store.View(func(tx *store.Tx) error {
		all, err := tx.SetAsides()
		for _, s := range all {
			if s.Account == b.account.Name && s.Folder == folder.Name && s.UIDValidity == box.UIDValidity {
				aside = append(aside, s.UID)
			}
		}
		return err
	})
	slices.Sort(aside)
	return aside, err
}

// headers hands over about most headers from UID first on, but for those set aside, and returns the
// UID to go on from.
func (b *mailbox) headers(first uint32, box mailer.Box, aside []uint32, most int, fn func(mailer.Header) error) (next uint32, err error) {
	for _, uid := range aside {
		if uid < first {
			continue
		}
		if uid > first {
			if next, err := b.session.Headers(first, mailer.Box{UIDNext: uid}, most, fn); err != nil || next < uid {
				return next, err
			}
		}
		first = uid + 1
	}
	if box.UIDNext != 0 && first >= box.UIDNext {
		return first, nil
	}
	return b.session.Headers(first, box, most, fn)
}
