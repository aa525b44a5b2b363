package daemon

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer"
	"introd/mailer/reading/itip"
	"introd/store"
	"introd/templates"
)

// rewrite fills a draft from its want: the recipients, the thread, the text. Without the owner's
// sentence it is not shown; the sentence is asked for.
func (e *Engine) rewrite(tx *store.Tx, c steps.Case, d store.Draft, w steps.Want) error {
	d.Why, d.Due, d.Overdue, d.Urgent, d.Meeting, d.Method, d.Choices, d.Offers = w.Why, w.Due, w.Overdue, w.Urgent, w.Meeting, w.Method, w.Choices, w.Offers
	d.About, d.Reason = w.About, ""
	d.To, d.Bcc = recipients(c, w)
	thread(&d, w.Parent)
	if w.NeedsSentence {
		if d.State == store.Asking {
			return nil
		}
		d.State = store.Asking
		if err := tx.PutDraft(d); err != nil {
			return err
		}
		return e.ask(tx, c, d, w)
	}
	values, err := e.values(tx, c, w)
	if err != nil {
		return err
	}
	d.Subject, d.Text, err = e.templates.Render(d.Kind, values)
	var missing *templates.MissingError
	if errors.As(err, &missing) {
		d.State, d.Reason = store.Held, missing.Error()+": introd edit "+d.ID
		return tx.PutDraft(d)
	}
	if err != nil {
		return err
	}
	if w.Parent == nil {
		d.Subject = stripReply(d.Subject) // it answers nothing
	}
	return e.version(tx, &d)
}

// recipients are whom a want's mail goes to. The answer to an introduction goes to whom it introduces,
// and the introducer, who need not read how two people find a time, is moved to Bcc.
func recipients(c steps.Case, w steps.Want) (to, bcc []string) {
	them := (&mail.Address{Name: c.Person.Name, Address: c.Person.Address}).String()
	if w.Kind != steps.AnswerIntro {
		return []string{them}, nil
	}
	for _, p := range w.Named {
		to = append(to, (&mail.Address{Name: p.Name, Address: p.Email}).String())
	}
	return to, []string{them}
}

// thread makes a draft answer a mail, or start a thread of its own.
func thread(d *store.Draft, parent *store.Event) {
	d.InReplyTo, d.References = "", nil
	if parent == nil || parent.Mail == nil {
		return
	}
	d.InReplyTo = parent.Mail.MessageID
	d.References = append(slices.Clone(parent.Mail.References), parent.Mail.MessageID)
	if len(d.References) > mostReferences {
		d.References = append(d.References[:1:1], d.References[len(d.References)-mostReferences+1:]...)
	}
}

// mostReferences bounds a References field: the first and the newest ids carry the thread (RFC 5537 §3.4.4).
const mostReferences = 20

// version makes a new version of a draft's text: a new Message-ID, hash and code, checked and to be
// shown. Whatever was approved before is void.
func (e *Engine) version(tx *store.Tx, d *store.Draft) (err error) {
	p, err := tx.Person(d.Person)
	if err != nil {
		return err
	}
	account, err := e.accountFor(tx, p, d.Method, d.Meeting)
	if err != nil {
		return err
	}
	moved := d.Account != account.Name // the owner looks for it there
	d.Account = account.Name
	d.Version++
	d.State, d.Shown, d.Date, d.SendAt = store.Waiting, false, tx.Now(), time.Time{}
	if d.ShowAt = tx.Now(); !d.Urgent && !d.Edited && !moved {
		d.ShowAt = e.nextWorkday() // not too much mail: what can wait comes with the digest
	}
	d.MessageID = mailer.NewMessageID(domainOf(account.Address))
	if d.LastSeq, err = tx.LastSeq(d.Person); err != nil {
		return err
	}
	if d.Code, err = tx.NewCode(); err != nil {
		return err
	}
	d.Expires = tx.Now().Add(e.CodeLife)
	if d.Meeting != nil && d.Meeting.Start.After(tx.Now()) && d.Meeting.Start.Before(d.Expires) {
		d.Expires = d.Meeting.Start // never longer than its occasion
	}
	if d.Hash, err = e.hash(*d); err != nil {
		return err
	}
	findings, err := e.check(tx, *d)
	if err != nil {
		return err
	}
	d.Warnings = nil
	for _, f := range findings {
		d.Warnings = append(d.Warnings, f.Words)
		if f.Refuse {
			d.State, d.Reason = store.Held, f.Words
		}
	}
	// The Message-ID is known from now on: the owner may send the copy in Drafts by hand.
	if err := tx.PutMessage(store.Message{ID: d.MessageID, Account: d.Account, Person: d.Person, Draft: d.ID, At: tx.Now()}); err != nil {
		return err
	}
	return tx.PutDraft(*d)
}

// check runs the etiquette on the final text with what it needs of the records.
func (e *Engine) check(tx *store.Tx, d store.Draft) ([]templates.Finding, error) {
	facts := templates.Facts{To: len(d.To)}
	for _, a := range d.To {
		if parsed, err := mail.ParseAddress(a); err == nil && parsed.Name != "" {
			facts.Recipients = append(facts.Recipients, parsed.Name)
		}
	}
	for _, address := range addressesOf(d.To, d.Cc, d.Bcc) {
		out, err := tx.OptedOut(address)
		if err != nil {
			return nil, err
		}
		facts.OptedOut = facts.OptedOut || out
	}
	p, err := tx.Person(d.Person)
	if err != nil {
		return nil, err
	}
	via, err := referrer(tx, p)
	if err != nil {
		return nil, err
	}
	if via != nil {
		facts.Introducer = via.Name
	}
	if org, err := tx.Org(p.Org); err == nil {
		facts.Org = org.Name
	}
	if strings.HasPrefix(d.Kind, steps.Request) {
		if facts.OpenRequest, err = e.openRequestAt(tx, p); err != nil {
			return nil, err
		}
		earlier, err := e.earlierRequests(tx)
		if err != nil {
			return nil, err
		}
		for _, r := range earlier {
			if r.Person != d.Person {
				facts.Earlier = append(facts.Earlier, r.Text)
			}
		}
	}
	return templates.Check(templates.Text{Kind: d.Kind, Subject: d.Subject, Body: d.Text}, facts), nil
}

// mustPass refuses a mail that the etiquette refuses, just before it is approved and before it is sent.
func (e *Engine) mustPass(tx *store.Tx, d store.Draft) error {
	findings, err := e.check(tx, d)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Refuse {
			return refuse("%s", f.Words)
		}
	}
	return nil
}

// settingRequests keeps the last requests, to compare a new one with.
const settingRequests = "requests"

// mostRequests is how many requests a new one is compared with.
const mostRequests = 50

// An earlierRequest is the text of a request that went out.
type earlierRequest struct {
	Person string `json:"person"`
	Text   string `json:"text"`
}

func (e *Engine) earlierRequests(tx *store.Tx) (requests []earlierRequest, err error) {
	_, err = tx.Setting(settingRequests, &requests)
	return requests, err
}

func (e *Engine) rememberRequest(tx *store.Tx, d store.Draft) error {
	if !strings.HasPrefix(d.Kind, steps.Request) {
		return nil
	}
	requests, err := e.earlierRequests(tx)
	if err != nil {
		return err
	}
	requests = append(requests, earlierRequest{d.Person, d.Text})
	return tx.PutSetting(settingRequests, requests[max(0, len(requests)-mostRequests):])
}

// hash binds an approval to one version: every part and every recipient, Bcc included (P1).
func (e *Engine) hash(d store.Draft) (string, error) {
	calendar, err := e.calendar(d)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal([]any{
		e.account(d.Account).Address, d.To, d.Cc, d.Bcc, d.Subject, d.Text, d.MessageID, d.InReplyTo, d.References, d.Version, calendar,
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// calendar is the invitation that goes with a draft; nil for none.
func (e *Engine) calendar(d store.Draft) (*mailer.Calendar, error) {
	if d.Method == "" || d.Meeting == nil {
		return nil, nil
	}
	to, err := parseAll(d.To)
	if err != nil {
		return nil, err
	}
	ics, err := e.ics(e.account(d.Account), d.Method, *d.Meeting, to[0], d.Created)
	if err != nil {
		return nil, err
	}
	return &mailer.Calendar{Method: d.Method, ICS: ics}, nil
}

// ics writes a meeting as an iCalendar object (RFC 5546 §3.2.2), from one of the owner's accounts.
func (e *Engine) ics(from Account, method string, m store.Meeting, with mail.Address, stamp time.Time) ([]byte, error) {
	return itip.Encode(method, itip.Event{
		UID: m.UID, Sequence: m.Sequence, Start: m.Start, End: m.End, Stamp: stamp, Location: m.Place,
		Summary: e.Owner.Name + " and " + cmp.Or(with.Name, with.Address), Organizer: mail.Address{Name: e.Owner.Name, Address: from.Address}, Attendee: with,
	})
}

// compose writes the exact bytes of a draft. The copy in Drafts is text alone: the invitation goes
// only with what introd sends.
func (e *Engine) compose(d store.Draft, date time.Time, copyOnly bool) ([]byte, error) {
	m := mailer.Message{
		From: mail.Address{Name: e.Owner.Name, Address: e.account(d.Account).Address}, Subject: d.Subject, Text: d.Text, MessageID: d.MessageID,
		Date: date.In(e.Owner.Zone), InReplyTo: d.InReplyTo, References: d.References,
	}
	var err error
	for _, part := range []struct {
		to   *[]mail.Address
		from []string
	}{{&m.To, d.To}, {&m.Cc, d.Cc}, {&m.Bcc, d.Bcc}} {
		if *part.to, err = parseAll(part.from); err != nil {
			return nil, err
		}
	}
	if !copyOnly {
		if m.Calendar, err = e.calendar(d); err != nil {
			return nil, err
		}
	}
	return mailer.Compose(m)
}

// newID makes the id of a draft.
func newID() string {
	id, _, _ := strings.Cut(mailer.NewMessageID("x"), "@")
	return id[:8]
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return strings.ToLower(domain)
}

// tidyText takes out what editors and mail programs leave behind.
func tidyText(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) + "\n"
}
