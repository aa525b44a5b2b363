package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"introd/mailer"
	"introd/mailer/postoffice"
	"introd/store"
)

var scanDay = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// scanner is an engine that knows Dana, signed in to an office; step sees what the engine does.
func scanner(t *testing.T, step func(string)) (*Engine, *postoffice.Office) {
	t.Helper()
	office, err := postoffice.Open(postoffice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(office.Close)
	if err := errors.Join(office.AddUser("me@home.test", "secret"), office.AddUser("other@home.test", "secret")); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(office.IMAPAddr())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{
		Settings: Settings{Owner: Owner{Name: "Sam", Zone: time.UTC}, Accounts: []Account{{Account: mailer.Account{
			Name: "main", Address: "me@home.test", IMAP: mailer.Server{Host: host, Port: number, TLS: "none", User: "me@home.test"},
			Password: func(context.Context) (string, error) { return "secret", nil },
		}}}},
		Store: knowsDana(t), Clock: Clock{Now: func() time.Time { return scanDay }}, Log: slog.New(slog.DiscardHandler), Step: step,
	})
	if e.boxes[0].session, err = mailer.Dial(t.Context(), e.home().Account); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.hangUp)
	return e, office
}

func knowsDana(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open("", store.Options{InMemory: true, Now: func() time.Time { return scanDay }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Update(func(tx *store.Tx) error {
		_, err := tx.Append(store.Event{Person: "dana", Kind: store.MailOut, At: scanDay, Mail: &store.Mail{MessageID: "asked@home.test", Subject: "A talk"}})
		return errors.Join(err, tx.PutPerson(store.Person{ID: "dana", Name: "Dana Wu", Address: "dana@bigco.test", Added: scanDay}))
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// put appends mails to INBOX; of every tenth the sender is Dana.
func put(t *testing.T, e *Engine, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		sender := fmt.Sprintf("stranger%d@x.test", i)
		if i%10 == 0 {
			sender = "dana@bigco.test"
		}
		putMail(t, e, fmt.Sprintf("From: <%s>\r\nTo: me@home.test\r\nSubject: %d\r\nMessage-ID: <m%d@x.test>\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\nHello.\r\n", sender, i, i))
	}
}

func putMail(t *testing.T, e *Engine, raw string) {
	t.Helper()
	if _, err := e.boxes[0].session.Append("INBOX", []byte(raw), nil, scanDay); err != nil {
		t.Fatal(err)
	}
}

// scanOf is a scan of INBOX from where the store has its cursor, in small batches.
func scanOf(t *testing.T, e *Engine, most int) *scan {
	t.Helper()
	s := &scan{mailbox: e.boxes[0], folder: mailer.Folder{Name: "INBOX", Role: mailer.RoleInbox}, most: most}
	var err error
	if s.box, err = e.boxes[0].session.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	if err := e.store.View(func(tx *store.Tx) (err error) {
		s.cursor, err = tx.Cursor("main", "INBOX")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.cursor.UIDValidity = s.box.UIDValidity
	return s
}

// mailsIn counts the mails from outside in Dana's history by their Message-ID.
func mailsIn(t *testing.T, s *store.Store) map[string]int {
	t.Helper()
	counted := map[string]int{}
	if err := s.View(func(tx *store.Tx) error {
		history, err := tx.History("dana")
		for _, ev := range history {
			if ev.Kind == store.MailIn {
				counted[ev.Mail.MessageID]++
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return counted
}

func TestP5_AScanThatIsCutGoesOnFromItsLastBatch(t *testing.T) {
	t.Parallel()
	ctx, cut := context.WithCancel(t.Context())
	batches := 0
	e, _ := scanner(t, func(step string) {
		if step == "look:headers" {
			if batches++; batches == 3 {
				cut()
			}
		}
	})
	put(t, e, 0, 200)
	if _, err := scanOf(t, e, 20).run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the cut scan says %v", err)
	}
	s := scanOf(t, e, 20)
	if s.cursor.UID < 40 || s.cursor.UID >= 200 {
		t.Fatalf("after the cut the cursor stands at %d", s.cursor.UID)
	}
	before := batches
	if did, err := s.run(t.Context()); !did || err != nil {
		t.Fatal(did, err)
	}
	if again := batches - before; again > 10 {
		t.Errorf("%d batches were read after the cut: it began anew", again)
	}
	found := mailsIn(t, e.store)
	for i := 0; i < 200; i += 10 {
		if id := fmt.Sprintf("m%d@x.test", i); found[id] != 1 {
			t.Errorf("%s is %d times in the history", id, found[id])
		}
	}
	if len(found) != 20 {
		t.Errorf("%d mails were kept, want 20 (P9)", len(found))
	}
}

func TestAMailThatAnswersAnotherOfTheSameBatchIsFound(t *testing.T) {
	t.Parallel()
	for _, sieved := range []bool{false, true} {
		e, _ := scanner(t, nil)
		put(t, e, 0, 1) // Dana's
		putMail(t, e, "From: aide@elsewhere.test\r\nTo: me@home.test\r\nIn-Reply-To: <m0@x.test>\r\nMessage-ID: <aide@x.test>\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\nFor Dana.\r\n")
		putMail(t, e, "From: aide@elsewhere.test\r\nTo: me@home.test\r\nIn-Reply-To: <other@x.test>\r\nMessage-ID: <stray@x.test>\r\n\r\nHello.\r\n")
		s := scanOf(t, e, 100)
		if sieved {
			s.written = map[string]map[string]string{}
			if err := e.store.View(func(tx *store.Tx) (err error) { s.sieve, err = tx.Sieve(); return err }); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if found := mailsIn(t, e.store); found["m0@x.test"] != 1 || found["aide@x.test"] != 1 || len(found) != 2 {
			t.Errorf("sieved %v: found %v", sieved, found)
		}
	}
}

// Large mails are taken in as they come, so that memory holds few of them.
func TestLargeMailsAreTakenInBeforeTheBatchIsFull(t *testing.T) {
	t.Parallel()
	taken := 0
	e, _ := scanner(t, func(step string) {
		if step == "receive:before" {
			taken++
		}
	})
	filling := strings.Repeat("Hello, this is a large one.\r\n", mostHeld*6/10/29)
	for i := range 5 {
		putMail(t, e, fmt.Sprintf("From: dana@bigco.test\r\nTo: me@home.test\r\nMessage-ID: <m%d@x.test>\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\n%s", i, filling))
	}
	if _, err := scanOf(t, e, 100).run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := mailsIn(t, e.store); len(found) != 5 || taken != 3 {
		t.Errorf("found %v in %d transactions, want 3: two and two and one", found, taken)
	}
}

func TestAMailThatCannotBeReadDoesNotHoldUpThoseBesideIt(t *testing.T) {
	t.Parallel()
	e, _ := scanner(t, nil)
	mail := func(uid uint32) mailer.Fetched {
		return mailer.Fetched{UID: uid, Raw: fmt.Appendf(nil, "From: dana@bigco.test\r\nMessage-ID: <m%d@x.test>\r\n\r\nHi.\r\n", uid)}
	}
	cursor := store.Cursor{Account: "main", Folder: "INBOX", UIDValidity: 1}
	mails := []mailer.Fetched{mail(1), {UID: 2, Err: errors.New("no such blob")}, mail(3)}
	if err := e.boxes[0].receiveTogether(t.Context(), mailer.Folder{Name: "INBOX", Role: mailer.RoleInbox}, mails, &cursor); err != nil {
		t.Fatal(err)
	}
	if found := mailsIn(t, e.store); len(found) != 2 || cursor.UID != 3 {
		t.Errorf("found %v, cursor at %d", found, cursor.UID)
	}
	if err := e.store.View(func(tx *store.Tx) error {
		aside, err := tx.SetAsides()
		if len(aside) != 1 || aside[0].UID != 2 {
			t.Errorf("set aside: %v", aside)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// FuzzSieve: what the sieve lets fall, the careful reading would have let fall too.
func FuzzSieve(f *testing.F) {
	all := []string{
		"From: Dana <DANA@bigco.test>\r\n", "To: x@y.test, 'dana@bigco.test'\r\n", "Cc: \"dana\"@bigco.test\r\n", "From: aide@bigco.test\r\nSubject: Re: A talk\r\n",
		"References: <a@b>\r\n <asked@home.test>\r\n", "In-Reply-To: asked@home.test\r\n", "From: MAILER-DAEMON@x.test\r\n", "From: <x@eu.calendly.com>\r\n", "Content-Type: multipart/report\r\n",
		"From: stranger@x.test\r\nTo: me@home.test\r\n", "Reply-To: <@relay:dana@bigco.test>\r\n", "sender : (c) dana@bigco.test\r\n",
	}
	if len(all) != 12 {
		f.Fatalf("%d seeds", len(all))
	}
	for _, seed := range all {
		f.Add([]byte(seed))
	}
	e := New(Options{Settings: Settings{Accounts: []Account{{Account: mailer.Account{Address: "me@home.test"}}}}, Store: knowsDana(f), Clock: System(), Log: slog.New(slog.DiscardHandler)})
	s := &scan{mailbox: e.boxes[0], folder: mailer.Folder{Role: mailer.RoleInbox}, soon: map[string]bool{}}
	if err := e.store.View(func(tx *store.Tx) (err error) { s.sieve, err = tx.Sieve(); return err }); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := mailer.Header{UID: 1, Raw: raw}
		concerns, err := s.concerns(h)
		if err != nil {
			t.Fatal(err)
		}
		if concerns && !s.catches(h) {
			t.Errorf("the sieve lets %q fall", raw)
		}
	})
}
