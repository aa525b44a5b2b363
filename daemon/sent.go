package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer/reading"
	"introd/store"
)

// takeSent takes in a mail found in Sent: introd's own, a decision of the owner's, or a mail they
// wrote by hand. It is not done with mail that was delivered there from outside (P6): that the owner
// is told of if it poses as a decision, and it is taken for what it is by the caller.
func (e *Engine) takeSent(tx *store.Tx, in incoming) (done bool, err error) {
	delivered := firstTrace(in.header, deliveryHeaders) != ""
	if !delivered {
		if mine, err := e.sentByIntrod(tx, in); mine || err != nil {
			return true, err
		}
	}
	read := reading.Read(in.Raw, reading.Context{Owner: e.ownAddresses(), OwnerName: e.Owner.Name, OwnerZone: e.Owner.Zone, Received: in.InternalDate})
	parents := slices.Concat(read.InReplyTo, reversed(read.References))
	for _, id := range parents {
		object, err := tx.Object(id)
		if err == nil && object.Role != store.DraftCopy && object.Role != store.SentCopy {
			return true, e.takeReply(tx, in, read, object)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return true, err
		}
		if late, err := e.lateReply(tx, in, id); late && !delivered || err != nil {
			return true, err
		}
	}
	if delivered {
		return false, nil
	}
	return true, e.takeHandwritten(tx, in, read, parents)
}

// lateReply tells the owner that the approval mail or question they answer was settled before.
func (e *Engine) lateReply(tx *store.Tx, in incoming, parent string) (bool, error) {
	known, err := tx.Message(parent)
	if errors.Is(err, store.ErrNotFound) || err == nil && (known.Person != "" || known.Draft == "") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if seen, err := e.replySeen(tx, in); seen || err != nil {
		return true, err
	}
	d, err := tx.Draft(known.Draft)
	if err != nil {
		return true, err
	}
	return true, e.tell(tx, "Nothing done: "+e.label(d), "Your reply came too late and did nothing: "+e.fate(d)+".")
}

// sentByIntrod recognises the Sent copy of a mail that introd sent, also where the provider gave it
// another Message-ID and kept the old one beside it (Exchange), and settles an unknown outcome.
func (e *Engine) sentByIntrod(tx *store.Tx, in incoming) (bool, error) {
	for _, id := range append(reading.MessageIDs(in.header.Get("X-Microsoft-Original-Message-ID")), in.id) {
		known, err := tx.Message(id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if known.Draft == "" {
			return true, nil // in a history already
		}
		d, err := tx.Draft(known.Draft)
		if err != nil {
			return false, err
		}
		switch d.State {
		case store.Sending, store.Unknown, store.Sent:
			return true, e.foundSent(tx, d, in)
		}
		if err := e.alsoCalled(tx, d, in); err != nil {
			return false, err
		}
		return true, e.sentByHand(tx, d, in)
	}
	return false, nil
}

// foundSent takes a mail in Sent for the copy of what introd sent, or may have sent.
func (e *Engine) foundSent(tx *store.Tx, d store.Draft, in incoming) error {
	if err := e.alsoCalled(tx, d, in); err != nil {
		return err
	}
	d.Filed = true
	if d.State == store.Sent {
		return tx.PutDraft(d)
	}
	return e.sent(tx, d, "found in "+in.folder.Name)
}

// alsoCalled remembers a draft's mail under the Message-ID that the provider gave it.
func (e *Engine) alsoCalled(tx *store.Tx, d store.Draft, in incoming) error {
	if in.id == d.MessageID {
		return nil
	}
	return tx.PutMessage(store.Message{ID: in.id, Account: d.Account, Person: d.Person, Draft: d.ID, At: tx.Now()})
}

// renamed finds the mail of introd's of which this is the provider's copy, where the provider gives it
// another Message-ID and keeps no word of the old one (QQ): sent within the hour, to the same people,
// with the same subject and the same words, in answer to the same mail. What quotes it answers another.
func (e *Engine) renamed(tx *store.Tx, person string, m message, read reading.Reading) (store.Draft, bool, error) {
	drafts, err := tx.DraftsOf(person)
	if err != nil {
		return store.Draft{}, false, err
	}
	written := mailTime(read.Date, tx.Now())
	for _, d := range drafts {
		out := d.State == store.Sent && !d.Filed || d.State == store.Sending || d.State == store.Unknown
		sameParent := len(read.InReplyTo) == 0 || slices.Contains(read.InReplyTo, d.InReplyTo)
		if out && sameParent && written.Sub(d.Date).Abs() < time.Hour && read.Subject == d.Subject && slices.Equal(m.to, addressesOf(d.To, d.Cc)) && alike(d.Text, read.Text) >= sameLikeness {
			return d, true, nil
		}
	}
	return store.Draft{}, false, nil
}

// sameLikeness is the share of a draft's words that stand in a copy of it, whatever the provider did to its lines.
const sameLikeness = 0.95

// takeHandwritten records a mail that the owner wrote to a contact in their own program.
func (e *Engine) takeHandwritten(tx *store.Tx, in incoming, read reading.Reading, parents []string) error {
	l, err := e.linker(tx)
	if err != nil {
		return err
	}
	to := slices.Concat(in.header.Addresses("To"), in.header.Addresses("Cc"), in.header.Addresses("Bcc"))
	m := message{header: in.header, id: in.id, to: to, parents: parents}
	// Only somebody who is written to is meant: a mail to a stranger in a contact's thread is none to the contact.
	person, why, err := l.byAddress(m)
	if err != nil {
		return err
	}
	if d, ok, err := e.introductionTwin(tx, l, m, read); ok || err != nil {
		return errors.Join(err, e.sentByHand(tx, d, in))
	}
	if person == "" {
		if person, why, err = l.toIntroduced(m); person == "" || err != nil {
			return err
		}
	}
	if d, ok, err := e.renamed(tx, person, m, read); err != nil {
		return err
	} else if ok {
		return e.foundSent(tx, d, in)
	}
	if d, ok, err := e.twin(tx, person, m, read); err != nil {
		return err
	} else if ok {
		return e.sentByHand(tx, d, in)
	}
	if _, err := tx.Append(store.Event{
		Person: person, At: mailTime(read.Date, tx.Now()), Kind: store.MailOut,
		Mail: e.handwritten(in, read, parents, why),
	}); err != nil {
		return err
	}
	return e.reconcileWithLinked(tx, person)
}

func (e *Engine) handwritten(in incoming, read reading.Reading, parents []string, why store.Reason) *store.Mail {
	return &store.Mail{
		MessageID: in.id, References: reversed(parents), From: strings.ToLower(e.account(in.account).Address), Subject: read.Subject, Text: read.NewText, ByHand: true,
		To: slices.Concat(in.header.Addresses("To"), in.header.Addresses("Cc")), Account: in.account, Folder: in.folder.Name, Link: why,
		Received: in.InternalDate,
	}
}

// twin finds the open draft that a mail sent by hand was made from, where the mail program gave it a
// new Message-ID: the same person, the same parent, and much the same words.
func (e *Engine) twin(tx *store.Tx, person string, m message, read reading.Reading) (store.Draft, bool, error) {
	drafts, err := tx.DraftsOf(person)
	if err != nil {
		return store.Draft{}, false, err
	}
	for _, d := range drafts {
		if !d.State.Open() || d.State == store.Asking || d.State == store.Sending || d.State == store.Unknown {
			continue
		}
		if d.Kind == steps.AnswerIntro && !slices.Contains(m.to, addressOf(d.To[0])) {
			continue // of two who were introduced at once, the other's
		}
		sameThread := d.InReplyTo == "" && baseSubject(d.Subject) == baseSubject(read.Subject) || d.InReplyTo != "" && slices.Contains(m.parents, d.InReplyTo)
		if sameThread && alike(d.Text, read.Text) >= twinLikeness {
			return d, true, nil
		}
	}
	return store.Draft{}, false, nil
}

// twinLikeness is the share of a draft's words that must stand in a mail for it to be that draft's
// twin: an owner may well rewrite half of it.
const twinLikeness = 0.5

// alike is the share of the words of draft that stand in text, each counted once.
func alike(draft, text string) float64 {
	there := map[string]bool{}
	for _, w := range strings.Fields(strings.ToLower(text)) {
		there[w] = true
	}
	words, hits := map[string]bool{}, 0
	for _, w := range strings.Fields(strings.ToLower(draft)) {
		if !words[w] && there[w] {
			hits++
		}
		words[w] = true
	}
	if len(words) == 0 {
		return 0
	}
	return float64(hits) / float64(len(words))
}

// sentByHand closes a draft that the owner sent from Drafts. The meeting it agrees on is recorded,
// and the invitation that could not go with it is offered.
func (e *Engine) sentByHand(tx *store.Tx, d store.Draft, in incoming) error {
	read := reading.Read(in.Raw, reading.Context{Owner: e.ownAddresses(), OwnerZone: e.Owner.Zone, Received: in.InternalDate})
	d.State, d.Way, d.SentAt, d.Filed, d.Reason = store.Sent, "by hand", tx.Now(), true, ""
	if err := tx.PutDraft(d); err != nil {
		return err
	}
	parents := slices.Concat(read.InReplyTo, reversed(read.References))
	why := store.Reason{Evidence: "your draft: " + e.label(d), Rule: "link.sent-from-drafts"}
	if err := e.wentOut(tx, d, mailTime(read.Date, tx.Now()), e.handwritten(in, read, parents, why)); err != nil {
		return err
	}
	if err := e.takeDown(tx, d); err != nil {
		return err
	}
	if d.Method != "" && d.Meeting != nil {
		if err := e.tell(tx, "Sent, without the invitation", fmt.Sprintf(
			"You sent the mail yourself, so no calendar invitation went with it. The meeting is noted. For the invitation as a file: introd meet %s --ics", d.Person)); err != nil {
			return err
		}
	}
	return e.reconcileWithLinked(tx, d.Person)
}
