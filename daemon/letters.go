package daemon

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// Letters are mails from the owner to the owner, with their yes. They show what no looking does: whether
// the server files what is sent, whether it replaces Message-IDs, and where you+folder@ lands. Each is on
// record before it is sent, is looked for until it is known what became of it, and is removed wherever it lies.

// What a letter is for.
const (
	letterSelf     = "self"
	letterPlusSent = "plus-sent"
	letterPlusOwn  = "plus-own"
)

// How often and how long letters are looked for: what the server files comes within a minute of the send; a letter
// that has not come after ten is taken for lost, but may come still for as long as servers try.
const (
	letterStep    = 10 * time.Second
	letterSettles = time.Minute
	letterLost    = 10 * time.Minute
	letterEnds    = 5 * 24 * time.Hour
)

// landing are the parts of the folders in which a letter may turn up.
var landing = []mailer.Role{mailer.RoleInbox, mailer.RoleSent, mailer.RoleSend, mailer.RoleJunk, mailer.RoleArchive, mailer.RoleAll}

// removable says whether the server lets introd take a letter away again. Else none is sent.
func (c *checkup) removable() bool {
	caps := c.session.Caps()
	return caps.UIDPlus || caps.Move
}

// purposes are the letters that can show something on this account: on the home account also where
// mail to you+folder@ lands, as replies and moves decide there alone.
func (c *checkup) purposes() []string {
	all := []string{letterSelf}
	if c.box.home() && c.roles[mailer.RoleSent].Name != "" {
		all = append(all, letterPlusSent)
	}
	if c.roles[mailer.RoleSend].Name != "" {
		all = append(all, letterPlusOwn)
	}
	return all
}

// wanted are the letters that would show something new.
func (c *checkup) wanted() []string {
	known := func(what string) bool { return c.learnt.Facts[what].Value != "" }
	return slices.DeleteFunc(c.purposes(), func(purpose string) bool {
		if what := plusFacts[purpose]; what != "" {
			return known(what)
		}
		return known(factFilesSent) && known(factMessageID)
	})
}

// writeLetters sends those that are wanted, unless some are on their way. Where all is known already the
// owner wants it tried anew; what is known holds until then.
func (c *checkup) writeLetters(ctx context.Context) error {
	if c.underWay() {
		return nil
	}
	if !c.removable() {
		c.row(Row{State: stateNote, What: "mail to yourself", Result: "not sent", Words: "the server lets introd take nothing away again, so it sends nothing that would stay", How: howServer})
		return nil
	}
	purposes := c.wanted()
	if len(purposes) == 0 {
		purposes = c.purposes()
	}
	for _, purpose := range purposes {
		if err := c.writeLetter(ctx, purpose); err != nil {
			return err
		}
	}
	return nil
}

// writeLetter sends one. An address that the server does not know is an answer too.
func (c *checkup) writeLetter(ctx context.Context, purpose string) error {
	l, raw, err := c.compose(purpose)
	if err != nil {
		return err
	}
	c.learnt.Letters = append(c.learnt.Letters, l)
	if err := c.save(); err != nil {
		return err
	}
	last := &c.learnt.Letters[len(c.learnt.Letters)-1]
	c.e.step("letter:recorded")
	_, err = mailer.Send(ctx, c.account.Account, mailer.Envelope{From: c.account.Address, To: []string{smtpAddress(l.To)}}, raw)
	c.e.step("letter:sent")
	var failed *mailer.SendError
	switch {
	case err == nil:
		last.Out = true
	case errors.As(err, &failed) && failed.Outcome != mailer.Unknown: // certainly not out
		c.learnt.Letters = c.learnt.Letters[:len(c.learnt.Letters)-1]
		if what := plusFacts[purpose]; what != "" && failed.Outcome == mailer.Refused {
			c.found(what, valueRefused, howLetter)
		} else {
			c.row(Row{State: stateFail, What: "mail to yourself", Result: "not sent",
				Words: c.mask.hide(strings.TrimSuffix(failed.Sentence, "; introd tries again")) + ". Run introd check --mail again", How: howTried})
		}
	}
	return c.save()
}

// plusFacts says what a letter to you+folder@ shows.
var plusFacts = map[string]string{letterPlusSent: factPlusSent, letterPlusOwn: factPlusOwn}

// detailed is the part before the @ of an address that servers may deliver into a folder (RFC 5233).
func detailed(local, folder string) string {
	return local + "+" + strings.TrimPrefix(strings.TrimPrefix(folder, "INBOX."), "INBOX/")
}

// smtpAddress is an address as it stands in SMTP, where a folder's name may need quotes (RFC 5321 §4.1.2).
func smtpAddress(address string) string {
	written := (&mail.Address{Address: address}).String()
	return strings.TrimSuffix(strings.TrimPrefix(written, "<"), ">")
}

func (c *checkup) compose(purpose string) (l store.Letter, raw []byte, err error) {
	local, domain, _ := strings.Cut(c.account.Address, "@")
	now := c.e.clock.Now()
	l = store.Letter{
		MessageID: mailer.NewMessageID(domain), Mark: mailer.NewMessageID(domain), Purpose: purpose, To: c.account.Address,
		Subject: "introd: a mail to try out your server (" + purpose + ")", At: now, Next: now,
	}
	switch purpose {
	case letterPlusSent:
		l.To = detailed(local, c.roles[mailer.RoleSent].Name) + "@" + domain
	case letterPlusOwn:
		l.To = detailed(local, c.roles[mailer.RoleSend].Name) + "@" + domain
	}
	for _, role := range landing {
		if f, ok := c.roles[role]; ok {
			box, err := c.session.Status(f.Name)
			if err != nil {
				return l, nil, err
			}
			l.Before = append(l.Before, store.FolderState{Folder: f.Name, UIDValidity: box.UIDValidity, UIDNext: box.UIDNext, Messages: box.Messages})
		}
	}
	me := mail.Address{Name: c.e.Owner.Name, Address: c.account.Address}
	raw, err = mailer.Compose(mailer.Message{
		From: me, To: []mail.Address{{Address: l.To}}, Subject: l.Subject, MessageID: l.MessageID, References: []string{l.Mark}, Date: now.In(c.e.Owner.Zone), Auto: true,
		Text: "You let introd send you this mail, to see what your mail server makes of it. introd removes it again; if it is still here tomorrow, delete it.",
	})
	l.SHA256 = hashOf(raw)
	return l, raw, err
}

// A letterCopy is a letter as it was found.
type letterCopy struct {
	role   mailer.Role
	at     mailer.Placement
	id     string // its Message-ID now
	sum    string
	traced bool // a server delivered it there
}

// readLetters looks for the letters that are due, learns what became of them, and removes them.
func (c *checkup) readLetters() error {
	now := c.e.clock.Now()
	var kept []store.Letter
	for i, l := range c.learnt.Letters {
		if l.Next.After(now) {
			kept = append(kept, l)
			continue
		}
		copies, err := c.copiesOf(l)
		if err != nil {
			c.learnt.Letters = append(kept, c.learnt.Letters[i:]...)
			return err
		}
		age := now.Sub(l.At)
		if !l.Done || c.lost(l) && len(copies) > 0 { // what was taken for lost may have come after all
			l.Done = c.conclude(l, copies, age) || l.Done
		}
		if l.Done {
			if err := c.removeCopies(copies); err != nil {
				c.learnt.Letters = append(kept, c.learnt.Letters[i:]...)
				return err
			}
		}
		switch {
		case l.Done && age >= letterLost && !c.lost(l), age >= letterEnds:
			continue
		case l.Done && age < letterLost:
			l.Next = l.At.Add(letterLost) // once more, for what comes late
		case age < letterSettles:
			l.Next = now.Add(letterStep)
		case age < letterLost:
			l.Next = now.Add(letterSettles)
		default:
			l.Next = now.Add(time.Hour)
		}
		kept = append(kept, l)
	}
	c.learnt.Letters = kept
	return nil
}

// lost says whether a letter to you+folder@ is taken for lost.
func (c *checkup) lost(l store.Letter) bool {
	return c.learnt.Facts[plusFacts[l.Purpose]].Value == valueLost
}

// conclude learns from where a letter turned up, and says whether all is known that it can show.
func (c *checkup) conclude(l store.Letter, copies []letterCopy, age time.Duration) bool {
	in := func(role mailer.Role) (n int) {
		for _, found := range copies {
			if found.role == role {
				n++
			}
		}
		return n
	}
	filed, arrived := in(mailer.RoleSent), in(mailer.RoleInbox)+in(mailer.RoleJunk)+in(mailer.RoleArchive)
	if l.Done {
		filed++ // the one that was filed is removed already: what lies in Sent now was delivered there
	}
	if what := plusFacts[l.Purpose]; what != "" {
		return c.concludePlus(l, what, copies, filed, arrived, age)
	}
	if len(copies) == 0 || (filed == 0 || arrived == 0) && age < letterSettles {
		return false
	}
	if c.learnt.Facts[factFilesSent].How != howTable {
		c.found(factFilesSent, yesNo[filed > 0], howLetter)
	}
	value := "kept"
	for _, found := range copies {
		if found.id != l.MessageID {
			value = "replaced"
		}
	}
	c.found(factMessageID, value, howLetter)
	return true
}

// concludePlus learns where mail to you+folder@ lands. What the server files of the send itself lies in
// Sent too, once and without the trace of a delivery.
func (c *checkup) concludePlus(l store.Letter, what string, copies []letterCopy, filed, arrived int, age time.Duration) bool {
	role, value := map[string]mailer.Role{factPlusSent: mailer.RoleSent, factPlusOwn: mailer.RoleSend}[what], ""
	for _, found := range copies {
		if found.role != role {
			continue
		}
		switch {
		case role == mailer.RoleSend && found.sum == l.SHA256:
			value = "unchanged"
		case role == mailer.RoleSend, found.traced, filed > 1, c.learnt.Facts[factFilesSent].Value == "no":
			value = valueFolder
		}
	}
	switch {
	case value == "" && arrived > 0:
		value = "elsewhere"
	case value == "" && age >= letterLost && role == mailer.RoleSent && filed > 0 && c.learnt.Facts[factFilesSent].Value != "yes":
		value = valueFolder // it may be the one that the server filed, or not
	case value == "" && age >= letterLost && l.Out:
		value = valueLost
	}
	if value == "" || filed == 0 && age < letterSettles {
		return age >= letterEnds
	}
	c.found(what, value, howLetter)
	return true
}

// copiesOf finds a letter in the folders in which it may land, among what came since it was sent.
func (c *checkup) copiesOf(l store.Letter) (copies []letterCopy, err error) {
	for _, before := range l.Before {
		role := mailer.Role("")
		for r, f := range c.roles {
			if f.Name == before.Folder {
				role = r
			}
		}
		if role == "" {
			continue // the folder is gone, or plays no part any more
		}
		found, err := c.copiesIn(l, before)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			one.role = role
			copies = append(copies, one)
		}
	}
	return copies, nil
}

func (c *checkup) copiesIn(l store.Letter, before store.FolderState) (found []letterCopy, err error) {
	box, err := c.session.Examine(before.Folder)
	if err != nil {
		return nil, err
	}
	first := before.UIDNext
	if box.UIDValidity != before.UIDValidity {
		first = 1
	}
	var uids []uint32
	if _, err := c.session.Headers(first, box, 0, func(h mailer.Header) error {
		if c.isLetter(l, h) {
			uids = append(uids, h.UID)
		}
		return nil
	}, letterFields); err != nil || len(uids) == 0 {
		return nil, err
	}
	err = c.session.Fetch(uids, mostMail, func(f mailer.Fetched) error {
		h := mailer.ParseHeader(f.Raw)
		if f.Err != nil || !c.isLetter(l, h) {
			return nil
		}
		found = append(found, letterCopy{
			at: mailer.Placement{Folder: before.Folder, UIDValidity: box.UIDValidity, UID: f.UID},
			id: firstID(h.Get("Message-ID"), f.Raw), sum: hashOf(f.Raw), traced: firstTrace(h, deliveryHeaders) != "",
		})
		return nil
	})
	return found, err
}

// letterFields are what isLetter looks at.
const letterFields = "Message-ID References In-Reply-To From To Cc Bcc Subject " + originalID

// originalID is where Exchange keeps the Message-ID that it has replaced.
const originalID = "X-Microsoft-Original-Message-ID"

// isLetter proves that a mail is the letter that introd has on record, whatever a server has added on its
// way: it bears an id of 128 random bits that introd made for it and told nobody but the owner's own
// server, as its own name and not as that of a mail it answers; it is from the owner alone, to the
// address it was sent to alone, under its subject.
func (c *checkup) isLetter(l store.Letter, h mailer.Header) bool {
	ids := append(reading.MessageIDs(h.Get("Message-ID")), reading.MessageIDs(h.Get(originalID))...)
	references := reading.MessageIDs(h.Get("References"))
	named := slices.Contains(ids, l.MessageID) || len(references) == 1 && references[0] == l.Mark && h.Get("In-Reply-To") == ""
	from, to := h.Addresses("From"), slices.Concat(h.Addresses("To"), h.Addresses("Cc"), h.Addresses("Bcc"))
	return h.Err == nil && named && len(from) == 1 && slices.Contains(c.e.ownAddresses(), from[0]) &&
		len(to) == 1 && strings.ReplaceAll(to[0], `"`, "") == strings.ToLower(l.To) && h.Get("Subject") == l.Subject
}

// removeCopies takes letters out of the mailbox. Each is proved once more, byte for byte, to be the mail
// that isLetter has just looked at.
func (c *checkup) removeCopies(copies []letterCopy) error {
	for _, one := range copies {
		err := c.session.Remove(one.at, one.id, one.sum)
		switch {
		case errors.Is(err, mailer.ErrCannotRemove), errors.Is(err, mailer.ErrChanged):
			c.row(Row{State: stateNote, What: "mail to yourself", Result: "not removed", Words: "the server would not let introd remove it: delete it yourself", How: howTried})
		case err != nil && !errors.Is(err, mailer.ErrVanished):
			return err
		}
	}
	return nil
}

// underWay says whether letters are still looked for to learn from them.
func (c *checkup) underWay() bool { return !c.pending().IsZero() }

// pending is until when letters are looked for to learn from them; zero where none are.
func (c *checkup) pending() (until time.Time) {
	for _, l := range c.learnt.Letters {
		end := l.At.Add(letterSettles)
		if c.e.clock.Now().Sub(l.At) >= letterSettles {
			end = l.At.Add(letterLost)
		}
		if !l.Done && end.After(until) && c.e.clock.Now().Sub(l.At) < letterLost {
			until = end
		}
	}
	return until
}

// nextLetter is when letters are looked for next; zero where there are none.
func nextLetter(l store.Learnt) (next time.Time) {
	for _, letter := range l.Letters {
		if next.IsZero() || letter.Next.Before(next) {
			next = letter.Next
		}
	}
	return next
}
