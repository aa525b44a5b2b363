package demo

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/emersion/go-message"

	"introd/mailer"
	"introd/mailer/reading"
)

// A letter is a mail that somebody of the cast got from the owner.
type letter struct {
	reading.Reading
	raw []byte
}

// answer begins a mail in the thread of this one, with its words below, as most programs do.
func (l letter) answer(text string) mailer.Message {
	m := mailer.Message{Subject: "Re: " + strings.TrimPrefix(l.Subject, "Re: "), InReplyTo: l.MessageID, References: append(l.References, l.MessageID)}
	m.Text = strings.TrimSpace(text) + "\n"
	if l.Date != nil {
		m.Text += fmt.Sprintf("\nOn %s %s wrote:\n%s\n", l.Date.Format("Mon, Jan 2, 2006 at 3:04 PM"), l.From[0], quoted(l.NewText))
	}
	return m
}

func quoted(text string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ")
}

// write composes a mail to the owner at a moment.
func write(m mailer.Message, from mail.Address, at time.Time, copied ...*player) ([]byte, error) {
	_, domain, _ := strings.Cut(from.Address, "@")
	m.From, m.To, m.Date, m.MessageID = from, []mail.Address{hero}, at, mailer.NewMessageID(domain)
	for _, p := range copied {
		m.Cc = append(m.Cc, p.mail())
	}
	return mailer.Compose(m)
}

// accept is what a calendar program makes of an invitation when its owner presses "yes" (RFC 5546
// §3.2.3): the same event, with the attendee's PARTSTAT.
func (l letter) accept() (*mailer.Calendar, error) {
	calendar, err := ical.NewDecoder(bytes.NewReader(l.invitation())).Decode()
	if err != nil {
		return nil, fmt.Errorf("the invitation in %q: %w", l.Subject, err)
	}
	calendar.Props.SetText(ical.PropMethod, "REPLY")
	for _, event := range calendar.Events() {
		for _, attendee := range event.Props.Values(ical.PropAttendee) {
			attendee.Params.Set(ical.ParamParticipationStatus, "ACCEPTED")
			attendee.Params.Del(ical.ParamRSVP)
		}
	}
	var out bytes.Buffer
	if err := ical.NewEncoder(&out).Encode(calendar); err != nil {
		return nil, fmt.Errorf("answering the invitation in %q: %w", l.Subject, err)
	}
	return &mailer.Calendar{Method: "REPLY", ICS: out.Bytes()}, nil
}

// invitation is the calendar part of a mail.
func (l letter) invitation() (ics []byte) {
	entity, err := message.Read(bytes.NewReader(l.raw))
	if err != nil {
		return nil
	}
	found := errors.New("found")
	_ = entity.Walk(func(_ []int, part *message.Entity, err error) error {
		if kind, _, _ := part.Header.ContentType(); err != nil || kind != "text/calendar" {
			return err
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(part.Body); err != nil {
			return err
		}
		ics = b.Bytes()
		return found
	})
	return ics
}
