package daemon

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/mail"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// receive takes in one whole mail: read → one transaction { seen before? · link · event · reconcile ·
// cursor }. A mail that cannot be digested is set aside with its reason, and the loop goes on; a store
// that fails is an error.
func (b *mailbox) receive(folder mailer.Folder, f mailer.Fetched, cursor *store.Cursor) error {
	cursor.UID = max(cursor.UID, f.UID)
	b.engine.step("receive:before")
	var broken *brokenMail
	err := b.take(folder, []mailer.Fetched{f}, *cursor)
	if errors.As(err, &broken) {
		b.engine.log.Error("a mail was set aside", "folder", folder.Name, "uid", f.UID, "reason", broken.reason, "stack", broken.stack)
		err = b.setAside(*cursor, f.UID, broken.reason)
	}
	b.engine.step("receive:after")
	return err
}

// setAside notes that a mail cannot be read, for status and the digest, and moves the cursor.
func (b *mailbox) setAside(cursor store.Cursor, uid uint32, reason string) error {
	return b.engine.update(func(tx *store.Tx) error {
		if err := tx.PutSetAside(store.SetAside{
			Account: b.account.Name, Folder: cursor.Folder, UIDValidity: cursor.UIDValidity, UID: uid, Reason: reason, At: tx.Now(),
		}); err != nil {
			return err
		}
		return tx.PutCursor(cursor)
	})
}

// brokenMail is a mail that cannot be taken in: reading it panics, or the server cannot give it.
type brokenMail struct{ reason, stack string }

func (b *brokenMail) Error() string { return b.reason }

// take takes in mails by one transaction, and moves the cursor: all or nothing.
func (b *mailbox) take(folder mailer.Folder, mails []mailer.Fetched, cursor store.Cursor) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &brokenMail{reason: fmt.Sprintf("reading it failed: %v", p), stack: string(debug.Stack())}
		}
	}()
	all := make([]incoming, len(mails))
	for i, f := range mails {
		if f.Err != nil {
			return &brokenMail{reason: "your mail server cannot give it: " + f.Err.Error()}
		}
		all[i] = incoming{Fetched: f, account: b.account.Name, folder: folder, header: mailer.ParseHeader(f.Raw)}
		all[i].id = firstID(all[i].header.Get("Message-ID"), f.Raw)
	}
	return b.engine.update(func(tx *store.Tx) error {
		for _, in := range all {
			if err := b.engine.takeIn(tx, in); err != nil {
				return err
			}
		}
		return tx.PutCursor(cursor)
	})
}

// incoming is one mail on its way in.
type incoming struct {
	mailer.Fetched
	account string // in whose mailbox it lies
	folder  mailer.Folder
	header  mailer.Header
	id      string
}

// firstID returns the mail's Message-ID, or a stand-in made of its bytes where it has none.
func firstID(value string, raw []byte) string {
	if ids := reading.MessageIDs(value); len(ids) > 0 {
		return ids[0]
	}
	sum := sha256.Sum256(raw)
	return fmt.Sprintf("%x@no-message-id.introd", sum[:16])
}

// takeIn decides what a mail is: introd's own, the owner's, or somebody else's.
func (e *Engine) takeIn(tx *store.Tx, in incoming) error {
	o, err := tx.Object(in.id)
	if err == nil && o.Role != store.DraftCopy && o.Role != store.SentCopy {
		return nil // introd's own mail to the owner
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if in.folder.Role == mailer.RoleSent {
		if done, err := e.takeSent(tx, in); done || err != nil {
			return err
		}
	}
	l, err := e.linker(tx)
	if err != nil {
		return err
	}
	if from := in.header.Addresses("From"); len(from) > 0 && l.own(from[0]) {
		return nil // the owner's own mail, moved or copied out of Sent: Sent tells of it
	}
	if _, err := tx.Message(in.id); err == nil {
		return nil // in a history already: the same mail in another folder, or after a new UIDVALIDITY
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return e.takeInbound(tx, l, in)
}

// takeInbound links, reads and records a mail from outside. The header alone links most; a bounce is
// linked by what came back, and a booking by whom it invites.
func (e *Engine) takeInbound(tx *store.Tx, l *linker, in incoming) error {
	m := messageOf(in)
	id, why, err := l.link(m)
	if err != nil {
		return err
	}
	if id == "" || why.Verdict == "guess" || mayBeReport(in.header) {
		m.addParts(reading.Read(in.Raw, reading.Context{Owner: l.owner, OwnerName: e.Owner.Name, OwnerZone: e.Owner.Zone, Received: in.InternalDate}))
		if id, why, err = l.link(m); err != nil || id == "" {
			return err
		}
	}
	p, err := tx.Person(id)
	if err != nil {
		return err
	}
	history, err := tx.History(id)
	if err != nil {
		return err
	}
	read := reading.Read(in.Raw, e.context(p, history, in))
	return e.record(tx, p, history, in, m, read, why)
}

// record appends the event of a mail from outside and what follows from it at once.
func (e *Engine) record(tx *store.Tx, p store.Person, history []store.Event, in incoming, m message, read reading.Reading, why store.Reason) error {
	ev, err := tx.Append(store.Event{
		Person: p.ID, At: mailTime(read.Date, tx.Now()), Kind: store.MailIn,
		Mail: &store.Mail{
			MessageID: in.id, References: reversed(m.parents), From: m.from, To: m.to, Subject: read.Subject, Text: read.NewText,
			Account: in.account, Folder: in.folder.Name, Link: why, Read: verdict(read), Invite: invites(read), Received: in.InternalDate,
		},
	})
	if err != nil {
		return err
	}
	if err := e.consequences(tx, p, ev, read); err != nil {
		return err
	}
	if err := e.offerAlias(tx, p, history, ev); err != nil {
		return err
	}
	return e.reconcileWithLinked(tx, p.ID)
}

// consequences are what a mail brings about without anybody's say: a dead address, and a no that
// is final. Nothing else follows from outside (P6).
func (e *Engine) consequences(tx *store.Tx, p store.Person, ev store.Event, read reading.Reading) error {
	if read.Intent == reading.Unsubscribe && read.Kind == reading.KindPerson {
		return e.optOut(tx, p, ev)
	}
	if read.Bounce == nil || read.Bounce.Class != "bounce" {
		return nil
	}
	for _, r := range read.Bounce.Reports {
		address := strings.ToLower(r.Recipient)
		if !r.Permanent || address != "" && address != p.Address {
			continue
		}
		if err := tx.PutAlias(store.Alias{Address: p.Address, Person: p.ID, Why: "added", Dead: true}); err != nil {
			return err
		}
		if _, err := tx.Append(store.Event{Person: p.ID, At: ev.At, Kind: store.Bounced, Text: p.Address + ": " + r.Status}); err != nil {
			return err
		}
		return e.tellOfNews(tx, p, ev, "A mail came back", fmt.Sprintf(
			"Your mail to %s <%s> could not be delivered (%s). Nothing more is sent there. If you find another address: introd add --address NEW %s",
			p.Name, p.Address, cmp.Or(r.Status, "no reason given"), p.ID))
	}
	return nil
}

// tellOfNews tells the owner of what a mail brought about, unless it is from before they added the
// person: a first scan reads years of mail, and `introd show` tells of those.
func (e *Engine) tellOfNews(tx *store.Tx, p store.Person, ev store.Event, subject, words string) error {
	if ev.At.Before(p.Added) {
		return nil
	}
	return e.tell(tx, subject, words)
}

// optOut honours a wish not to be written to, for every address that is known (P7).
func (e *Engine) optOut(tx *store.Tx, p store.Person, said store.Event) error {
	aliases, err := tx.Aliases(p.ID)
	if err != nil {
		return err
	}
	// The address they wrote from may be one that introd did not know as theirs.
	for _, a := range append(aliases, store.Alias{Address: p.Address}, store.Alias{Address: said.Mail.From}) {
		if err := tx.OptOut(a.Address); err != nil {
			return err
		}
	}
	if _, err := tx.Append(store.Event{Person: p.ID, At: said.At, Kind: store.OptedOut, Text: "their mail of " + e.when(said.At)}); err != nil {
		return err
	}
	return e.tellOfNews(tx, p, said, p.Name+" does not want mail", p.Name+" asked not to be written to. introd never will again, at any address it knows of theirs.")
}

// offerAlias asks the owner about a second address, or somebody who answers in a contact's place.
func (e *Engine) offerAlias(tx *store.Tx, p store.Person, history []store.Event, ev store.Event) error {
	read := ev.Mail.Read
	if read.Kind != string(reading.KindPerson) || read.Intent == string(reading.Unsubscribe) || ev.Mail.From == "" || ev.At.Before(p.Added) {
		return nil // what came before the owner named the person is history: a first scan asks nothing
	}
	if slices.ContainsFunc(history, func(earlier store.Event) bool { return earlier.Mail != nil && earlier.Mail.From == ev.Mail.From }) {
		return nil // they were asked when the first mail came
	}
	for _, earlier := range history { // somebody introduced is neither: the owner is asked about them otherwise
		if slices.ContainsFunc(steps.IntroducedIn(earlier), func(n store.Named) bool { return n.Email == ev.Mail.From }) {
			return nil
		}
	}
	if known, err := tx.IsContact(ev.Mail.From); known || err != nil {
		return err // as theirs, or as somebody else's who was copied
	}
	return e.tell(tx, "A new address answered", fmt.Sprintf(
		"%s wrote in %s's thread. If that is another address of theirs, or an assistant: introd add --address %s %s",
		ev.Mail.From, p.Name, ev.Mail.From, p.ID))
}

// context is what the reader may know of the conversation.
func (e *Engine) context(p store.Person, history []store.Event, in incoming) reading.Context {
	c := reading.Context{Owner: e.ownAddresses(), OwnerName: e.Owner.Name, OwnerZone: e.Owner.Zone, Received: in.InternalDate}
	if zone, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		c.SenderZone = zone
	}
	s := steps.Fold(history, e.clock.Now())
	if s.LastOut != nil && s.LastOut.Mail != nil {
		c.SentText = s.LastOut.Mail.Text
		for _, slot := range s.LastOut.Offers {
			c.Offered = append(c.Offered, timeOf(slot))
		}
	}
	if m := s.Meeting; m != nil && !s.MeetingOff {
		c.Meeting = &reading.Meeting{UID: m.UID, Start: m.Start, End: m.End}
	}
	return c
}

// mailTime is when a mail was written: by its Date header, but never in the future.
func mailTime(date *time.Time, now time.Time) time.Time {
	if date == nil || date.After(now) || date.Year() < 1990 {
		return now
	}
	return *date
}

func firstOf(words []string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

func reversed(ids []string) []string {
	r := slices.Clone(ids)
	slices.Reverse(r)
	return r
}

// addressOf returns the bare lower-case address of an RFC 5322 one.
func addressOf(address string) string {
	if a, err := mail.ParseAddress(address); err == nil {
		return strings.ToLower(a.Address)
	}
	return strings.ToLower(strings.TrimSpace(address))
}
