package daemon

import (
	"context"
	"errors"
	"slices"
	"time"

	"introd/daemon/steps"
	"introd/store"
)

// reconcileDue looks again at everybody whose time has come.
func (e *Engine) reconcileDue(context.Context) (did bool, err error) {
	err = e.update(func(tx *store.Tx) error {
		if err := e.takeOver(tx); err != nil {
			return err
		}
		due, err := tx.Due(tx.Now())
		if err != nil {
			return err
		}
		did = len(due) > 0
		for _, person := range due[:min(len(due), duePage)] {
			if err := e.reconcile(tx, person); err != nil {
				return err
			}
		}
		return nil
	})
	return did, err
}

// settingAccounts holds the names of the accounts of the last cycle.
const settingAccounts = "accounts"

// takeOver writes the drafts anew that go from another account since the config was changed: theirs is gone,
// or home is another. One whose account is gone and that cannot be written anew is held.
func (e *Engine) takeOver(tx *store.Tx) error {
	var before string
	if _, err := tx.Setting(settingAccounts, &before); err != nil || before == e.accountNames() {
		return err
	}
	drafts, err := tx.OpenDrafts()
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if d.State == store.Sending || d.State == store.Unknown {
			continue
		}
		if err := e.reconcile(tx, d.Person); err != nil {
			return err
		}
		if d, err = tx.Draft(d.ID); err != nil {
			return err
		}
		if d.State == store.Approved && !e.hasAccount(d.Account) {
			if err := e.holdDraft(tx, d, "your config has no account "+d.Account+" any more, from which it was to go"); err != nil {
				return err
			}
		}
	}
	return tx.PutSetting(settingAccounts, e.accountNames())
}

// duePage bounds one transaction: what is left is due still, and the cycle comes round again.
const duePage = 50

// reconcileWithLinked reconciles a person and everybody whose wants hang on theirs: whom they
// introduced, and who introduced them.
func (e *Engine) reconcileWithLinked(tx *store.Tx, person string) error {
	if err := e.reconcile(tx, person); err != nil {
		return err
	}
	linked, err := tx.IntroducedBy(person)
	if err != nil {
		return err
	}
	p, err := tx.Person(person)
	if err != nil {
		return err
	}
	if p.Via != "" {
		linked = append(linked, p.Via)
	}
	for _, id := range linked {
		if err := tx.Wake(id, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// reconcile makes a person's drafts agree with what is wanted now: a want without a draft gets one,
// a draft whose want is gone is withdrawn, and mail that a draft has not seen holds it (P3).
func (e *Engine) reconcile(tx *store.Tx, person string) error {
	c, err := e.caseOf(tx, person)
	if err != nil {
		return err
	}
	wants := steps.Wants(c, e.Rules, tx.Now())
	drafts, err := tx.DraftsOf(person)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if !d.State.Open() || d.State == store.Sending || d.State == store.Unknown {
			continue
		}
		if err := e.reconcileDraft(tx, c, d, wants); err != nil {
			return err
		}
	}
	paused, err := e.paused(tx, c.Person)
	if err != nil {
		return err
	}
	for _, w := range wants {
		if w.Task || w.Note || paused || w.From.After(tx.Now()) {
			continue
		}
		if err := e.ensureDraft(tx, c, w); err != nil {
			return err
		}
	}
	if err := e.reconcileNotes(tx, c, wants); err != nil {
		return err
	}
	if err := tx.Attend(person, onAgenda(c, wants, tx.Now())); err != nil {
		return err
	}
	if err := e.keepTimes(tx, person, steps.Holds(c.History, wants, e.Rules, tx.Now())); err != nil {
		return err
	}
	return tx.Wake(person, steps.Next(wants, tx.Now()))
}

// keepTimes keeps a person's times from being offered to others: those that their history holds, and
// those that their open drafts offer. Whose draft offers one of them already is looked at again.
func (e *Engine) keepTimes(tx *store.Tx, person string, held []store.Slot) error {
	own, err := tx.DraftsOf(person)
	if err != nil {
		return err
	}
	for _, d := range own {
		if d.State.Open() {
			held = append(held, d.Offers...)
		}
	}
	if err := tx.Hold(person, held); err != nil || len(held) == 0 {
		return err
	}
	open, err := tx.OpenDrafts()
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.Person == person || !slices.ContainsFunc(d.Offers, func(offer store.Slot) bool { return meets(offer, held) }) {
			continue
		}
		if err := tx.Wake(d.Person, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// meets says whether a slot overlaps one of others.
func meets(slot store.Slot, others []store.Slot) bool {
	return slices.ContainsFunc(others, func(o store.Slot) bool { return slot.Start.Before(o.End) && o.Start.Before(slot.End) })
}

// onAgenda says whether a person has something for the owner to do or to know, beside drafts: a
// task, a meeting ahead, a mail of the last day. The agenda looks closer.
func onAgenda(c steps.Case, wants []steps.Want, now time.Time) bool {
	s := steps.Fold(c.History, now)
	return s.LastIn != nil && now.Sub(s.LastIn.At) < answeredFor || s.Meeting != nil && s.Meeting.End.After(now) ||
		slices.ContainsFunc(wants, func(w steps.Want) bool { return w.Task && !w.From.After(now) })
}

// reconcileDraft withdraws a draft whose want is gone, and holds one that has not seen all mail.
func (e *Engine) reconcileDraft(tx *store.Tx, c steps.Case, d store.Draft, wants []steps.Want) error {
	i := slices.IndexFunc(wants, func(w steps.Want) bool { return w.Key == d.Want && !w.Task && !w.Note && !w.From.After(tx.Now()) })
	switch {
	case steps.Fold(c.History, tx.Now()).OptedOut: // also what the owner edited is never sent (P7)
		return e.retract(tx, d, "they asked not to be written to")
	case i < 0 && !d.Kept:
		return e.withdraw(tx, d, goneBecause(c.History, d))
	case i < 0:
	case d.State == store.Asking && !wants[i].NeedsSentence:
		return e.rewrite(tx, c, d, wants[i])
	default:
		why, err := e.overtaken(tx, c, d, wants[i])
		if err != nil {
			return err
		}
		if why != "" && d.State != store.Asking && !d.Kept {
			return e.renew(tx, c, d, wants[i], why)
		}
	}
	if last := lastMail(c.History); last != nil && last.Seq > d.LastSeq && d.State != store.Asking {
		return e.holdDraft(tx, d, unseenWords(c, *last))
	}
	return nil
}

// overtaken says why a draft no longer says what is wanted, though it is wanted still: the meeting
// was moved before they were told of it, a time it offers is taken, or it goes from another account; "" if it does.
func (e *Engine) overtaken(tx *store.Tx, c steps.Case, d store.Draft, w steps.Want) (why string, err error) {
	if account, err := e.accountFor(tx, c.Person, w.Method, w.Meeting); err != nil || account.Name != d.Account {
		return "they are written to from " + account.Address + " now", err
	}
	return outdated(c, d, w), nil
}

func outdated(c steps.Case, d store.Draft, w steps.Want) string {
	if d.Method != w.Method || (d.Meeting == nil) != (w.Meeting == nil) {
		return "the meeting was set anew"
	}
	if m := w.Meeting; m != nil && (m.UID != d.Meeting.UID || m.Sequence != d.Meeting.Sequence || !m.Start.Equal(d.Meeting.Start) || !m.End.Equal(d.Meeting.End) || m.Place != d.Meeting.Place) {
		return "the meeting was set anew"
	}
	for _, offer := range d.Offers {
		if c.Taken(offer) {
			return "a time that it offers is taken by now"
		}
	}
	return ""
}

// renew writes a draft anew whose want has changed. What the owner edited is theirs and only marked.
func (e *Engine) renew(tx *store.Tx, c steps.Case, d store.Draft, w steps.Want, why string) error {
	if d.Edited {
		return e.withdraw(tx, d, why)
	}
	wasApproved := d.State == store.Approved
	if err := e.takeDown(tx, d); err != nil {
		return err
	}
	if err := e.rewrite(tx, c, d, w); err != nil || !wasApproved {
		return err
	}
	return e.tell(tx, "Not sent: "+e.label(d), "You had approved this mail, but "+why+". It was written anew and waits for you again.")
}

// goneBecause says in words why a draft is no longer wanted.
func goneBecause(history []store.Event, d store.Draft) string {
	for _, ev := range slices.Backward(history) {
		if ev.Seq <= d.LastSeq {
			break
		}
		switch ev.Kind {
		case store.MailIn:
			return "they wrote to you since"
		case store.MailOut:
			return "you wrote to them yourself"
		case store.MeetingSet, store.Chosen:
			return "the meeting was set anew"
		case store.MeetingOff:
			return "the meeting was called off"
		case store.Touched:
			return "you asked them in another way"
		case store.OptedOut:
			return "they asked not to be written to"
		case store.Bounced:
			return "their address does not work"
		}
	}
	return "its time has passed"
}

func unseenWords(c steps.Case, ev store.Event) string {
	if ev.Kind == store.MailIn {
		return c.Person.Name + " has written since this was drafted: read that first"
	}
	return "you have written to " + c.Person.Name + " since this was drafted"
}

// lastMail is the newest mail of a history, by the order in which it was learnt.
func lastMail(history []store.Event) *store.Event {
	for i := len(history) - 1; i >= 0; i-- {
		if ev := &history[i]; (ev.Kind == store.MailIn || ev.Kind == store.MailOut) && ev.Mail != nil {
			return ev
		}
	}
	return nil
}

// caseOf gathers what the rules may know of a person, in this transaction.
func (e *Engine) caseOf(tx *store.Tx, person string) (steps.Case, error) {
	p, err := tx.Person(person)
	if err != nil {
		return steps.Case{}, err
	}
	c := steps.Case{Person: p}
	if c.History, err = tx.History(person); err != nil {
		return c, err
	}
	if p.Via != "" {
		via, err := tx.Person(p.Via)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return c, err
		}
		if err == nil {
			c.Via = &via
		}
	}
	if p.Org != "" {
		org, err := tx.Org(p.Org)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return c, err
		}
		c.Org = org.Name
	}
	if c.Known, err = knownOf(tx, c.History); err != nil {
		return c, err
	}
	if c.Introduced, err = introducedBy(tx, p, c.History); err != nil {
		return c, err
	}
	if c.Colleagues, err = colleaguesOf(tx, p, c.History); err != nil {
		return c, err
	}
	if c.Held, err = tx.HeldByOthers(person); err != nil {
		return c, err
	}
	c.Busy, err = e.busyFor(tx, person, c.History)
	return c, err
}

// knownOf are the addresses, of those that a history's mails name, that the owner has already.
func knownOf(tx *store.Tx, history []store.Event) (known []string, err error) {
	for _, ev := range history {
		if ev.Mail == nil || ev.Mail.Read == nil {
			continue
		}
		for _, named := range ev.Mail.Read.People {
			yes, err := tx.IsContact(named.Email)
			if err != nil {
				return nil, err
			}
			if yes {
				known = append(known, named.Email)
			}
		}
	}
	return known, nil
}

// settingPaused says that everything is paused.
const settingPaused = "paused"

func (e *Engine) paused(tx *store.Tx, p store.Person) (bool, error) {
	var all bool
	_, err := tx.Setting(settingPaused, &all)
	return all || p.Paused, err
}

// ensureDraft writes the draft of a want that has none. A draft that was withdrawn may come back;
// one that was sent or dropped never does, because its event settles the key.
func (e *Engine) ensureDraft(tx *store.Tx, c steps.Case, w steps.Want) error {
	if _, err := tx.DraftByWant(w.Key); err == nil || !errors.Is(err, store.ErrNotFound) {
		return err
	}
	account, err := e.accountFor(tx, c.Person, w.Method, w.Meeting)
	if err != nil {
		return err
	}
	d := store.Draft{
		ID: newID(), Want: w.Key, Person: c.Person.ID, Account: account.Name, Kind: w.Kind, Created: tx.Now(),
	}
	return e.rewrite(tx, c, d, w)
}

// draftDue is when an open draft next needs the cycle; zero where only the owner can bring it on.
func (e *Engine) draftDue(tx *store.Tx, d store.Draft) (time.Time, error) {
	switch d.State {
	case store.Approved:
		p, err := tx.Person(d.Person)
		if err != nil {
			return time.Time{}, err
		}
		if paused, err := e.paused(tx, p); paused || err != nil {
			return time.Time{}, err
		}
		if b, err := e.unseen(tx, d); b != nil || err != nil {
			return time.Time{}, err
		}
		if ended, err := signInEnded(tx, d.Account); ended.Reason != "" || err != nil {
			return time.Time{}, err
		}
		return d.SendAt, nil
	case store.Waiting:
		if !d.Shown {
			if !e.reached(d.Account) {
				return time.Time{}, nil
			}
			return d.ShowAt, nil
		}
		return d.Expires, nil
	case store.Held:
		return d.Expires, nil
	case store.Unknown:
		if !d.Asked && !e.outOfSight(d.Account) {
			return d.SendAt, nil
		}
	}
	return time.Time{}, nil
}
