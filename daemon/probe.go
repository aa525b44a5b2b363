package daemon

import (
	"errors"
	"fmt"

	"introd/mailer"
	"introd/store"
)

// probe puts a mail of introd's own into its own folder, looks what the server made of it, moves it out
// and back, and removes it. It is on record as going before it is put up: whatever breaks, the next
// cycle finds it and takes it away.
func (c *checkup) probe() error {
	if err := c.clearProbes(); err != nil {
		return err
	}
	folder, ok := c.roles[mailer.RoleSend]
	if !ok {
		folder, ok = c.roles[mailer.RoleDrafts]
	}
	caps := c.session.Caps()
	if !ok || !caps.UIDPlus && !caps.Move {
		return nil // what cannot be taken away again is not put up
	}
	owner := c.e.own("introd: a mail to try out your server", "introd looks what your mail server makes of this mail, and removes it at once.")
	owner.MessageID, owner.Date = c.e.newObjectID(), c.e.clock.Now().In(c.e.Owner.Zone)
	raw, err := mailer.Compose(owner)
	if err != nil {
		return err
	}
	o := store.Object{MessageID: owner.MessageID, Account: c.account.Name, Role: store.Probe, State: store.Going, Folder: folder.Name, Tries: 1, Created: c.e.clock.Now()}
	if err := c.keep(o); err != nil {
		return err
	}
	c.e.step("probe:append")
	at, err := c.session.Append(folder.Name, raw, []string{`\Seen`}, c.e.clock.Now())
	if err != nil {
		return err
	}
	c.e.step("probe:appended")
	c.found(factAppendUID, yesNo[at.UID != 0], howTried)
	if o, err = c.settle(o, at); err != nil {
		return err
	}
	c.found(factBytes, yesNo[o.SHA256 == hashOf(raw)], howTried)
	if o, err = c.outAndBack(o); err != nil {
		return err
	}
	return c.takeAway(o)
}

// clearProbes removes what an earlier probe has left that broke off.
func (c *checkup) clearProbes() error {
	var left []store.Object
	if err := c.e.store.View(func(tx *store.Tx) error {
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if o.Role == store.Probe && o.State == store.Going && o.Account == c.account.Name {
				left = append(left, o)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, o := range left {
		if err := c.clearProbe(o); err != nil {
			return err
		}
	}
	return nil
}

// clearProbe looks for a probe in both folders in which it may lie.
func (c *checkup) clearProbe(o store.Object) error {
	for _, folder := range []string{o.Folder, c.roles[mailer.RoleSend].Name, c.roles[mailer.RoleDrop].Name} {
		if folder == "" {
			continue
		}
		if _, err := c.session.Examine(folder); err != nil {
			return err
		}
		uids, err := c.session.FindID(o.MessageID)
		if err != nil {
			return err
		}
		if len(uids) == 1 {
			if o, err = c.settle(o, mailer.Placement{Folder: folder}); err != nil {
				return err
			}
			return c.takeAway(o)
		}
	}
	return c.e.forget(o)
}

func (c *checkup) keep(o store.Object) error {
	return c.e.update(func(tx *store.Tx) error { return tx.PutObject(o) })
}

// settle records where a probe lies, found by its Message-ID where the server does not say, and its bytes.
func (c *checkup) settle(o store.Object, at mailer.Placement) (store.Object, error) {
	box, err := c.session.Examine(at.Folder)
	if err != nil {
		return o, err
	}
	if at.UID == 0 {
		uids, err := c.session.FindID(o.MessageID)
		if err != nil {
			return o, err
		}
		if len(uids) != 1 {
			return o, fmt.Errorf("a mail that was put into introd's own folder is found %d times by its Message-ID", len(uids))
		}
		at.UID, at.UIDValidity = uids[0], box.UIDValidity
	}
	o.Folder, o.UIDValidity, o.UID = at.Folder, at.UIDValidity, at.UID
	if err := c.session.Fetch([]uint32{at.UID}, mostMail, func(f mailer.Fetched) error {
		o.SHA256 = hashOf(f.Raw)
		return f.Err
	}); err != nil {
		return o, err
	}
	return o, c.keep(o)
}

// outAndBack moves a probe to introd's other folder and back.
func (c *checkup) outAndBack(o store.Object) (store.Object, error) {
	other, ok := c.roles[mailer.RoleDrop]
	if !ok || o.Folder == other.Name || !c.session.Caps().Move {
		return o, nil
	}
	value, home := "yes", mailer.Placement{Folder: o.Folder, UIDValidity: o.UIDValidity, UID: o.UID}
	for _, to := range []string{other.Name, o.Folder} {
		at, err := c.session.Move(mailer.Placement{Folder: o.Folder, UIDValidity: o.UIDValidity, UID: o.UID}, to, o.MessageID, o.SHA256)
		if errors.Is(err, mailer.ErrCannotMove) {
			c.found(factMove, valueRefused, howTried)
			return o, nil
		}
		if err != nil {
			return o, err
		}
		c.e.step("probe:moved")
		if at.UID == 0 {
			value = "no COPYUID"
		}
		if o, err = c.settle(o, at); err != nil {
			return o, err
		}
	}
	if o.UIDValidity != home.UIDValidity {
		value = "renumbered"
	}
	c.found(factMove, value, howTried)
	return o, nil
}

// takeAway removes a probe, and notes what the server refuses in spite of its promise.
func (c *checkup) takeAway(o store.Object) error {
	err := c.session.Remove(mailer.Placement{Folder: o.Folder, UIDValidity: o.UIDValidity, UID: o.UID}, o.MessageID, o.SHA256)
	for _, name := range c.session.Refused() {
		c.found(latchFacts[name], valueRefused, howTried)
	}
	switch {
	case errors.Is(err, mailer.ErrCannotRemove):
		o.State = store.Left
		return c.keep(o)
	case err != nil && !errors.Is(err, mailer.ErrVanished):
		return err
	}
	if how := tidying(c.session.Caps()); how != "no" {
		c.found(factUIDPlus, how, howTried)
	}
	return c.e.forget(o)
}

// tidying is how introd's own mails are taken away.
func tidying(caps mailer.Caps) string {
	if caps.Labels && caps.Move {
		return "labels"
	}
	return yesNo[caps.UIDPlus]
}
