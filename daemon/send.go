package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer"
	"introd/store"
)

// sendApproved sends what was approved and whose undo pause is over, one mail at a time:
//
//	lock        take the unchanged copy out of Drafts; changed or vanished: hold and ask
//	fresh look  read INBOX, Archive, Junk and Sent of every account once more; mail not seen before holds it (P3)
//	intent      Sending and the exact bytes are on disk
//	SMTP        once
//	outcome     sent, refused, later, or unknown: never resent alone (P2)
func (e *Engine) sendApproved(ctx context.Context) (did bool, err error) {
	if err := e.recoverSending(); err != nil {
		return false, err
	}
	if err := e.checkSignIns(ctx); err != nil {
		return false, err
	}
	if e.slept() {
		return true, nil // after the next round has made good for it
	}
	ready, err := e.readyToSend()
	if err != nil {
		return false, err
	}
	for _, d := range ready {
		if ctx.Err() != nil {
			return did, ctx.Err()
		}
		if !e.reached(d.Account) {
			continue
		}
		may, err := e.box(d.Account).maySend(ctx)
		if err == nil && may {
			err = e.sendOne(ctx, d.ID)
		}
		if err != nil {
			return did, err
		}
		did = true
	}
	return did, nil
}

// recoverSending finds sends that a crash interrupted. Whether they went out nobody knows.
func (e *Engine) recoverSending() error {
	return e.update(func(tx *store.Tx) error {
		drafts, err := tx.OpenDrafts()
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if d.State != store.Sending {
				continue
			}
			if err := e.unknown(tx, d, "introd was stopped while the mail was being handed over"); err != nil {
				return err
			}
		}
		return nil
	})
}

// readyToSend are the approved drafts whose time has come, within the day's limit.
func (e *Engine) readyToSend() (ready []store.Draft, err error) {
	err = e.update(func(tx *store.Tx) error {
		ready = nil
		var all bool
		if _, err := tx.Setting(settingPaused, &all); err != nil || all {
			return err
		}
		sent, err := e.sentToday(tx)
		if err != nil {
			return err
		}
		drafts, err := tx.OpenDrafts()
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if d.State != store.Approved || d.SendAt.After(tx.Now()) {
				continue
			}
			p, err := tx.Person(d.Person)
			if err != nil {
				return err
			}
			if p.Paused {
				continue
			}
			if waits, err := e.waits(tx, d); waits || err != nil {
				if err != nil {
					return err
				}
				continue
			}
			if sent+len(ready) >= e.MostPerDay {
				d.SendAt, d.Reason = tx.Now().Add(time.Hour), fmt.Sprintf("waiting: %d mails went out in the last 24 hours, the most you allow", sent)
				if err := tx.PutDraft(d); err != nil {
					return err
				}
				continue
			}
			ready = append(ready, d)
		}
		return nil
	})
	return ready, err
}

// waits says whether an approved draft must wait although its time has come: for a mailbox to be looked into, or for
// its owner to sign in again. It notes which.
func (e *Engine) waits(tx *store.Tx, d store.Draft) (bool, error) {
	if waits, err := e.waitsToBeSeen(tx, d); waits || err != nil {
		return waits, err
	}
	ended, err := signInEnded(tx, d.Account)
	if err == nil && ended.Reason != "" && d.Reason != waitsForSignIn {
		d.Reason = waitsForSignIn
		err = tx.PutDraft(d)
	}
	return ended.Reason != "", err
}

// waitsToBeSeen says whether a draft must wait until a mailbox can be looked into again, and notes it.
func (e *Engine) waitsToBeSeen(tx *store.Tx, d store.Draft) (bool, error) {
	b, err := e.unseen(tx, d)
	if b == nil || err != nil {
		return false, err
	}
	if reason := e.calls(b.account.Name, "your mailbox") + " is out of reach"; d.Reason != reason {
		d.Reason = reason
		return true, tx.PutDraft(d)
	}
	return true, nil
}

// settingSent holds when mails went out in the last 24 hours.
const settingSent = "sent"

func (e *Engine) sentToday(tx *store.Tx) (int, error) {
	var sent []time.Time
	_, err := tx.Setting(settingSent, &sent)
	return len(since(sent, tx.Now().Add(-24*time.Hour))), err
}

func since(times []time.Time, from time.Time) []time.Time {
	var kept []time.Time
	for _, t := range times {
		if t.After(from) {
			kept = append(kept, t)
		}
	}
	return kept
}

// sendOne carries one approved draft through lock, fresh look, intent, SMTP and outcome.
func (e *Engine) sendOne(ctx context.Context, id string) error {
	taken, err := e.lockCopies(ctx, id)
	if err != nil || !taken {
		return err
	}
	e.step("send:fresh-look")
	for _, part := range []func(*mailbox, context.Context) (bool, error){(*mailbox).look, (*mailbox).gestures} {
		if _, err := e.each(ctx, part); err != nil {
			return err
		}
	}
	d, raw, err := e.intend(id)
	if err != nil || raw == nil {
		return err
	}
	e.step("send:intended")
	// From here the mail may be out: what has begun is finished, also when introd is told to stop.
	// Then the server has a moment for its last word; without it the outcome is unknown.
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendLimit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWord, cancel) })()
	account := e.account(d.Account)
	reply, err := mailer.Send(sending, account.Account, envelope(account.Address, d), mailer.StripBcc(raw))
	e.step("send:done")
	if _, noted := e.box(d.Account).noteSignIn(err); noted != nil {
		return noted
	}
	return e.settle(d.ID, reply, err)
}

// sendLimit bounds one SMTP transaction (RFC 5321 §4.5.3.2: the final reply may take ten minutes).
const sendLimit = 10 * time.Minute

// lastWord is how long a transaction under way may go on once introd is told to stop: it ends within
// five seconds, as a computer that shuts down waits no longer.
const lastWord = 3 * time.Second

// lockCopies takes the copies of a draft out of Drafts: the one that was shown, and any of an earlier version
// that lies there still, in another account even. While one lies there unchanged the owner has not sent it; once
// introd has taken it, they cannot.
func (e *Engine) lockCopies(ctx context.Context, id string) (taken bool, err error) {
	var objects []store.Object
	var d store.Draft
	if err := e.store.View(func(tx *store.Tx) (err error) {
		if d, err = tx.Draft(id); err != nil {
			return err
		}
		objects, err = tx.ObjectsOf(id)
		return err
	}); err != nil || d.State != store.Approved {
		return false, err
	}
	for _, o := range objects {
		b := e.box(o.Account)
		if o.Role != store.DraftCopy || o.State == store.Left || b == nil {
			continue
		}
		if taken, err := b.lockCopy(ctx, d, o); err != nil {
			b.fail(err)
			return false, ctx.Err()
		} else if !taken {
			return false, nil
		}
	}
	return true, nil
}

// lockCopy takes one copy. It is marked Going first: found so after a crash, it was taken by introd and
// by nobody else.
func (b *mailbox) lockCopy(ctx context.Context, d store.Draft, o store.Object) (taken bool, err error) {
	e := b.engine
	if o.State == store.Planned && o.Tries == 0 {
		return true, e.forget(o)
	}
	again := o.State == store.Going
	o.State = store.Going
	if err := e.update(func(tx *store.Tx) error { return tx.PutObject(o) }); err != nil {
		return false, err
	}
	e.step("lock:going")
	err = b.takeOut(ctx, o)
	e.step("lock:taken")
	switch {
	case err == nil, errors.Is(err, mailer.ErrVanished) && again:
		return true, e.forget(o)
	case errors.Is(err, mailer.ErrVanished):
		return false, e.refuseToSend(d, o, "its copy is gone from Drafts: perhaps you sent or deleted it")
	case errors.Is(err, mailer.ErrChanged):
		return false, e.refuseToSend(d, o, "its copy in Drafts was changed: send it from there, or approve this text again")
	case errors.Is(err, mailer.ErrCannotRemove):
		return false, e.refuseToSend(d, o, "your mail server does not let introd take the copy out of Drafts: send it from there")
	}
	return false, err
}

// refuseToSend holds an approved draft whose copy could not be taken.
func (e *Engine) refuseToSend(d store.Draft, o store.Object, reason string) error {
	return e.update(func(tx *store.Tx) error { return e.copyLost(tx, d, o, reason) })
}

// intend checks everything once more in one transaction and writes the intent with the exact bytes.
// It returns no bytes where the mail must not go out.
func (e *Engine) intend(id string) (d store.Draft, raw []byte, err error) {
	err = e.update(func(tx *store.Tx) error {
		raw = nil
		if d, err = tx.Draft(id); err != nil {
			return err
		}
		if d.State != store.Approved || e.slept() {
			return nil // the fresh look changed it: withdrawn, held, or sent by hand; or it is not fresh any more
		}
		if waits, err := e.waitsToBeSeen(tx, d); waits || err != nil {
			return err // the fresh look could not be had
		}
		if err := e.reconcile(tx, d.Person); err != nil {
			return err
		}
		if d, err = tx.Draft(id); err != nil || d.State != store.Approved {
			return err
		}
		var no *Refusal
		if err := e.mustPass(tx, d); errors.As(err, &no) {
			return e.holdDraft(tx, d, no.Words)
		} else if err != nil {
			return err
		}
		hash, err := e.hash(d)
		if err != nil {
			return err
		}
		if hash != d.Hash {
			return e.holdDraft(tx, d, "it is not the text that you approved")
		}
		if raw, err = e.compose(d, tx.Now(), false); err != nil {
			return err
		}
		d.State, d.Date, d.Raw, d.Attempts = store.Sending, tx.Now(), raw, d.Attempts+1
		if err := tx.PutMessage(store.Message{ID: d.MessageID, Account: d.Account, Person: d.Person, Draft: d.ID, At: tx.Now()}); err != nil {
			return err
		}
		return tx.PutDraft(d)
	})
	return d, raw, err
}

// settle writes the outcome of SMTP.
func (e *Engine) settle(id, reply string, cause error) error {
	err := e.update(func(tx *store.Tx) error {
		d, err := tx.Draft(id)
		if err != nil || d.State != store.Sending {
			return err
		}
		if cause == nil {
			d.Reply = reply
			return e.sent(tx, d, "accepted by the server")
		}
		var failed *mailer.SendError
		if !errors.As(cause, &failed) {
			return e.unknown(tx, d, cause.Error())
		}
		switch failed.Outcome {
		case mailer.Refused:
			d.Raw = nil
			return e.refused(tx, d, failed)
		case mailer.Later:
			d.Raw = nil
			return e.sendLater(tx, d, failed)
		}
		return e.unknown(tx, d, failed.Sentence)
	})
	e.step("send:settled")
	return err
}

// sent records a mail that went out: its event, which settles its want, and its copy in Sent.
func (e *Engine) sent(tx *store.Tx, d store.Draft, how string) error {
	raw := d.Raw
	d.State, d.SentAt, d.Reason, d.Raw = store.Sent, tx.Now(), "", nil
	if err := tx.PutDraft(d); err != nil {
		return err
	}
	var times []time.Time
	if _, err := tx.Setting(settingSent, &times); err != nil {
		return err
	}
	if err := tx.PutSetting(settingSent, append(since(times, tx.Now().Add(-24*time.Hour)), tx.Now())); err != nil {
		return err
	}
	if err := e.wentOut(tx, d, tx.Now(), &store.Mail{
		MessageID: d.MessageID, References: d.References, From: strings.ToLower(e.account(d.Account).Address), To: addressesOf(d.To, d.Cc), Subject: d.Subject, Text: d.Text,
		Account: d.Account, Link: store.Reason{Evidence: "your draft, " + how, Rule: "link.sent-by-introd"},
	}); err != nil {
		return err
	}
	if err := e.rememberRequest(tx, d); err != nil {
		return err
	}
	if err := e.takeDown(tx, d); err != nil {
		return err
	}
	if err := e.fileCopy(tx, d, raw); err != nil {
		return err
	}
	return e.reconcileWithLinked(tx, d.Person)
}

// wentOut records in the histories that a draft's mail went out, by whatever way.
func (e *Engine) wentOut(tx *store.Tx, d store.Draft, at time.Time, m *store.Mail) error {
	about := d.About
	if d.Kind == steps.AnswerIntro {
		p, err := e.takeUp(tx, d)
		if err != nil {
			return err
		}
		about = p.ID
	}
	if _, err := tx.Append(store.Event{
		Person: d.Person, At: at, Kind: store.MailOut, Want: d.Want, Variant: d.Kind, About: about, Meeting: d.Meeting, Offers: d.Offers, Mail: m,
	}); err != nil {
		return err
	}
	switch {
	case d.Kind == steps.AnswerIntro:
		return e.askedInAnswer(tx, about, at, m)
	case strings.HasPrefix(d.Kind, steps.Request):
		return e.wakeColleagues(tx, d.Person)
	}
	return nil
}

// fileCopy plans the copy in Sent, unless the server files it itself.
func (e *Engine) fileCopy(tx *store.Tx, d store.Draft, raw []byte) error {
	if files, err := e.filesSent(tx, e.account(d.Account)); err != nil || files || len(raw) == 0 || d.Filed {
		return err
	}
	// Tries is 1 from the start: Sent is searched before the first APPEND, as a server may file a
	// copy that nobody told us of.
	return tx.PutObject(store.Object{
		MessageID: d.MessageID, Account: d.Account, Role: store.SentCopy, State: store.Planned, Draft: d.ID, Version: d.Version,
		Raw: raw, Tries: 1, Created: tx.Now(),
	})
}

// refused holds a draft that the server will not take. An address that it does not know is dead.
func (e *Engine) refused(tx *store.Tx, d store.Draft, failed *mailer.SendError) error {
	d.State = store.Approved // so that holdDraft tells the owner: it was on its way
	if deadAddress(failed) {
		p, err := refusedPerson(tx, d, failed)
		if err != nil {
			return err
		}
		if err := tx.PutAlias(store.Alias{Address: p.Address, Person: p.ID, Why: "added", Dead: true}); err != nil {
			return err
		}
		if _, err := tx.Append(store.Event{Person: p.ID, Kind: store.Bounced, Text: failed.Error()}); err != nil {
			return err
		}
		if err := e.holdDraft(tx, d, failed.Sentence); err != nil {
			return err
		}
		return e.reconcileWithLinked(tx, p.ID)
	}
	return e.holdDraft(tx, d, failed.Sentence)
}

// refusedPerson is whose address a server refuses: of several recipients, the one that it names.
func refusedPerson(tx *store.Tx, d store.Draft, failed *mailer.SendError) (store.Person, error) {
	for _, address := range addressesOf(d.To, d.Cc, d.Bcc) {
		if !strings.Contains(failed.Sentence, address) {
			continue
		}
		if p, _, err := tx.PersonByAddress(address); err == nil || !errors.Is(err, store.ErrNotFound) {
			return p, err
		}
	}
	return tx.Person(d.Person)
}

// enhancedCode is the class and subject of an enhanced status code (RFC 3463).
var enhancedCode = regexp.MustCompile(`\b5\.(\d{1,3}\.\d{1,3})\b`)

// deadAddress says whether a refusal means that the address does not exist. A policy may refuse a
// recipient with the same reply code; the enhanced code, where there is one, tells them apart.
func deadAddress(failed *mailer.SendError) bool {
	if failed.Stage != "RCPT" || failed.Code != 550 && failed.Code != 551 && failed.Code != 553 {
		return false
	}
	m := enhancedCode.FindStringSubmatch(failed.Error())
	return m == nil || strings.HasPrefix(m[1], "1.") || m[1] == "2.1"
}

// sendRetry is how long a mail waits that the server cannot take now, by the number of tries so far.
var sendRetry = []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

// sendLater puts a mail off that the server cannot take now. After the last try the owner decides.
func (e *Engine) sendLater(tx *store.Tx, d store.Draft, failed *mailer.SendError) error {
	d.State = store.Approved
	if ended, err := signInEnded(tx, d.Account); ended.Reason != "" || err != nil {
		d.Reason, d.Attempts = waitsForSignIn, d.Attempts-1 // that was no try
		return errors.Join(err, tx.PutDraft(d))
	}
	if d.Attempts > len(sendRetry) {
		return e.holdDraft(tx, d, failed.Sentence)
	}
	d.SendAt, d.Reason = tx.Now().Add(sendRetry[d.Attempts-1]), failed.Sentence
	return tx.PutDraft(d)
}

// unknown records that nobody knows whether a mail went out. It is looked for in Sent for a while;
// then the owner is asked.
func (e *Engine) unknown(tx *store.Tx, d store.Draft, reason string) error {
	d.State, d.Reason, d.SendAt, d.Asked = store.Unknown, reason, tx.Now().Add(e.UnknownFor), false
	return tx.PutDraft(d)
}

// envelope is the SMTP envelope of a draft: from the same record as its bytes.
func envelope(from string, d store.Draft) mailer.Envelope {
	return mailer.Envelope{From: from, To: addressesOf(d.To, d.Cc, d.Bcc)}
}

func addressesOf(lists ...[]string) []string {
	var bare []string
	for _, list := range lists {
		for _, a := range list {
			bare = append(bare, addressOf(a))
		}
	}
	return bare
}

// parseAll parses the RFC 5322 addresses of a draft.
func parseAll(list []string) ([]mail.Address, error) {
	var parsed []mail.Address
	for _, s := range list {
		a, err := mail.ParseAddress(s)
		if err != nil {
			return nil, fmt.Errorf("address %q: %w", s, err)
		}
		parsed = append(parsed, *a)
	}
	return parsed, nil
}
