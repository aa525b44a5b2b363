package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"introd/daemon/steps"
	"introd/mailer"
	"introd/store"
	"introd/templates"
)

// BenchmarkReceive takes in one mail of a contact: link, read, record, reconcile, commit to disk.
func BenchmarkReceive(b *testing.B) {
	for _, people := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("%dpeople", people), func(b *testing.B) {
			e := crowd(b, people)
			folder := mailer.Folder{Name: "INBOX", Role: mailer.RoleInbox}
			cursor := store.Cursor{Account: e.home().Name, Folder: folder.Name, UIDValidity: 1}
			for i := 0; b.Loop(); i++ {
				who := i * 7919 % people
				raw := fmt.Sprintf("From: Pat <p%d@org%d.test>\r\nTo: me@home.test\r\nSubject: Re: a talk\r\nMessage-ID: <answer.%d@org.test>\r\nIn-Reply-To: <ask.%d@home.test>\r\n"+
					"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nHi,\r\n\r\nHappy to talk. How about Tuesday, December 1 at 3pm?\r\n\r\nPat\r\n", who, who%3000, i, who)
				if err := e.boxes[0].receive(folder, mailer.Fetched{UID: uint32(i + 1), Raw: []byte(raw)}, &cursor); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// crowd is an engine whose owner has asked this many people for a talk.
func crowd(b *testing.B, people int) *Engine {
	b.Helper()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s, err := store.Open(b.TempDir(), store.Options{Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	for first := 0; first < people; first += 200 {
		if err := s.Update(func(tx *store.Tx) (err error) {
			for i := first; i < first+200; i++ {
				err = errors.Join(err, asked(tx, i))
			}
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	texts, err := templates.Load("")
	if err != nil {
		b.Fatal(err)
	}
	return New(Options{
		Settings: Settings{
			Owner: Owner{Name: "Sam Seeker", About: "a student", Zone: time.UTC}, Accounts: []Account{{Account: mailer.Account{Name: "main", Address: "me@home.test"}}},
			Rules: steps.Rules{Zone: time.UTC, NudgeAfter: 7, Nudges: 1, OpenFor: 3, Length: 30 * time.Minute, DayStart: 9 * time.Hour, DayEnd: 17 * time.Hour}, ApprovalMails: true,
		},
		Store: s, Templates: texts, Clock: Clock{Now: func() time.Time { return now }, After: time.After}, Log: slog.New(slog.DiscardHandler),
	})
}

// asked puts somebody who was asked for a talk two days ago.
func asked(tx *store.Tx, i int) error {
	id, address := fmt.Sprintf("p%d", i), fmt.Sprintf("p%d@org%d.test", i, i%3000)
	at := tx.Now().AddDate(0, 0, -2)
	err := tx.PutPerson(store.Person{ID: id, Name: "Pat " + id, Address: address, Org: fmt.Sprintf("org%d", i%3000), Account: "main", Added: at})
	_, appendErr := tx.Append(store.Event{Person: id, At: at, Kind: store.MailOut, Want: "request/" + id + "/1", Variant: steps.Request + "-cold", Mail: &store.Mail{
		MessageID: fmt.Sprintf("ask.%d@home.test", i), From: "me@home.test", To: []string{address}, Subject: "A talk", Account: "main", Folder: "Sent",
	}})
	return errors.Join(err, appendErr, tx.Wake(id, tx.Now().AddDate(0, 0, 7)))
}
