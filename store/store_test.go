package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"introd/store"
)

var epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir, store.Options{Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func update(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(fn); err != nil {
		t.Fatal(err)
	}
}

func TestHistoryIsCountedAndMailIsFound(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	update(t, s, func(tx *store.Tx) error {
		for n := range 600 { // more than a page
			ev, err := tx.Append(store.Event{Person: "dana", Kind: store.MailIn, Mail: &store.Mail{MessageID: fmt.Sprintf("m%d@x", n)}})
			if err != nil || ev.Seq != uint64(n+1) || !ev.At.Equal(epoch) {
				return fmt.Errorf("event %d: seq %d at %v: %w", n, ev.Seq, ev.At, err)
			}
		}
		_, err := tx.Append(store.Event{Person: "dan", Kind: store.Noted})
		return err
	})
	if err := s.View(func(tx *store.Tx) error {
		history, err := tx.History("dana")
		if err != nil || len(history) != 600 || history[599].Seq != 600 {
			t.Errorf("history of %d events, last %v: %v", len(history), history[len(history)-1].Seq, err)
		}
		m, err := tx.Message("m41@x")
		if err != nil || m.Person != "dana" || m.Seq != 42 {
			t.Errorf("message %+v: %v", m, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestIteratorsMayBeNestedAndLeft(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	update(t, s, func(tx *store.Tx) error {
		for n := range 300 {
			if err := tx.PutPerson(store.Person{ID: fmt.Sprintf("p%03d", n), Address: fmt.Sprintf("p%d@bigco.test", n), Org: "bigco"}); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, s, func(tx *store.Tx) error {
		count := 0
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			if _, err := tx.History(p.ID); err != nil { // a second iterator inside the first
				return err
			}
			if count++; count == 290 {
				break
			}
		}
		if count != 290 {
			t.Errorf("saw %d people", count)
		}
		at, err := tx.PeopleAt("bigco")
		if len(at) != 300 {
			t.Errorf("%d people at bigco", len(at))
		}
		return err
	})
}

func TestDueIndexHoldsOneTimeEach(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.Wake("late", epoch.Add(2*time.Hour)), tx.Wake("soon", epoch.Add(time.Hour)), tx.Wake("moved", epoch.Add(-time.Hour)),
			tx.Wake("moved", epoch.Add(3*time.Hour)), tx.Wake("never", epoch), tx.Wake("never", time.Time{}))
	})
	if err := s.View(func(tx *store.Tx) error {
		if due, _ := tx.Due(epoch.Add(2 * time.Hour)); fmt.Sprint(due) != "[soon late]" {
			t.Errorf("due: %v", due)
		}
		if next, err := tx.NextDue(); err != nil || !next.Equal(epoch.Add(time.Hour)) {
			t.Errorf("next due: %v %v", next, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestDraftIndexesFollowItsState(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	d := store.Draft{ID: "1", Want: "nudge/x/1", Person: "dana", State: store.Waiting, Code: "4821"}
	put := func() { update(t, s, func(tx *store.Tx) error { return tx.PutDraft(d) }) }
	put()
	look := func(code string) (open int, byCode, byWant error) {
		_ = s.View(func(tx *store.Tx) error {
			_, byCode = tx.DraftByCode(code)
			_, byWant = tx.DraftByWant(d.Want)
			drafts, err := tx.OpenDrafts()
			open = len(drafts)
			return err
		})
		return
	}
	if open, byCode, byWant := look("4821"); byCode != nil || byWant != nil || open != 1 {
		t.Errorf("waiting: %v %v %d", byCode, byWant, open)
	}
	d.Code = "7777"
	put()
	if _, byCode, _ := look("4821"); !errors.Is(byCode, store.ErrNotFound) {
		t.Error("an old code still names the draft")
	}
	d.State = store.Sent
	put()
	if open, byCode, byWant := look("7777"); !errors.Is(byCode, store.ErrNotFound) || byWant != nil || open != 0 {
		t.Errorf("sent: %v %v %d", byCode, byWant, open)
	}
	d.State = store.Withdrawn
	put()
	if _, _, byWant := look("7777"); !errors.Is(byWant, store.ErrNotFound) {
		t.Error("a withdrawn draft keeps its want")
	}
}

func TestNotesAndCalendars(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	note := store.Object{MessageID: "n1@home.test", Role: store.Note, Person: "dana", Want: "reminder/m1@introd/0"}
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.PutObject(note), tx.PutObject(store.Object{MessageID: "o1@home.test", Role: store.Digest}),
			tx.PutBusy(store.Busy{Calendar: "work", Trouble: "gone"}), tx.PutBusy(store.Busy{Calendar: "classes", Times: []store.Slot{{Start: epoch}}}),
			tx.Attend("dana", true), tx.PutContact(store.Contact{ID: "c1", Name: "Dana Wu"}))
	})
	update(t, s, func(tx *store.Tx) error {
		notes, err1 := tx.NotesOf("dana")
		none, err2 := tx.NotesOf("kim")
		calendars, err3 := tx.Calendars()
		attended, err4 := tx.Attended()
		if len(notes) != 1 || notes[0].Want != note.Want || len(none) > 0 || len(calendars) != 2 || calendars[0].Calendar != "classes" || len(calendars[0].Times) != 1 {
			t.Errorf("%+v, %+v, %+v", notes, none, calendars)
		}
		if len(attended) != 1 || attended[0] != "dana" {
			t.Errorf("on the agenda are %q", attended) // a contact is not
		}
		return errors.Join(err1, err2, err3, err4, tx.DeleteObject(note.MessageID), tx.DeleteBusy("work"))
	})
	update(t, s, func(tx *store.Tx) error {
		notes, err1 := tx.NotesOf("dana")
		calendars, err2 := tx.Calendars()
		if len(notes) > 0 || len(calendars) != 1 {
			t.Errorf("%+v, %+v", notes, calendars)
		}
		return errors.Join(err1, err2)
	})
}

func TestPublicDomainsJoinNobody(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.PutPerson(store.Person{ID: "a", Address: "A@Gmail.com"}), tx.PutPerson(store.Person{ID: "b", Address: "b@bigco.test"}),
			tx.PutPerson(store.Person{ID: "c", Address: "c@yahoo.co.jp"}), tx.PutPerson(store.Person{ID: "d", Address: "d@hotmail.fr"}), tx.PutPerson(store.Person{ID: "e", Address: "e@gmx.de"}))
	})
	_ = s.View(func(tx *store.Tx) error {
		if p, err := tx.PeopleAtDomain("gmail.com"); len(p) != 0 || err != nil {
			t.Errorf("gmail.com joins %v: %v", p, err)
		}
		for _, domain := range []string{"GMAIL.COM", "yahoo.co.jp", "hotmail.fr", "gmx.de", "outlook.com", "icloud.com"} {
			if p, err := tx.PeopleAtDomain(domain); len(p) != 0 || err != nil {
				t.Errorf("%s joins %v: %v", domain, p, err)
			}
		}
		if p, err := tx.PeopleAtDomain("BigCo.test"); fmt.Sprint(p) != "[b]" || err != nil {
			t.Errorf("a domain in another case joins %v: %v", p, err)
		}
		if p, err := tx.PeopleAtDomain("bigco.test"); fmt.Sprint(p) != "[b]" || err != nil {
			t.Errorf("bigco.test joins %v: %v", p, err)
		}
		if p, _, err := tx.PersonByAddress("a@gmail.com"); p.ID != "a" || err != nil {
			t.Errorf("address in another case: %v %v", p, err)
		}
		return nil
	})
}

func TestOrganizationsAreMatchedByName(t *testing.T) {
	t.Parallel()
	for slug, names := range map[string][]string{
		"bigco":               {"BigCo", "BIGCO", "BigCo Inc.", "BigCo, Inc", "The BigCo Company", "BigCo Ltd", "BigCo GmbH & Co. KG", "BigCo S.A.", "BigCo S.p.A.", "BigCo B.V.", " bigco ", "BigCo Pty Ltd"},
		"johnson-and-johnson": {"Johnson & Johnson", "Johnson and Johnson", "johnson&johnson"},
		"nestle":              {"Nestlé", "Nestle S.A.", "NESTLÉ", "Nestle\u0301"},
		"new-york-times":      {"The New York Times", "New York Times Co."},
		"tiffany":             {"Tiffany & Co.", "Tiffany and Company"},
		"mcdonalds":           {"McDonald's", "McDonald’s Corp.", "McDonalds"},
		"the":                 {"The", "The Co."},
		"u2":                  {"U2"},
		"jobs-for-the-future": {"Jobs for the Future"},
		"muller":              {"Müller AG"},
		"三菱":                  {"三菱"},
		"ibm":                 {"I.B.M.", "IBM Corp"},
		"":                    {"", "!!"},
	} {
		for _, name := range names {
			if got := store.OrgSlug(name); got != slug {
				t.Errorf("%q: %q, should be %q", name, got, slug)
			}
		}
	}
	if store.OrgSlug("Acme Labs") == store.OrgSlug("Acme") {
		t.Error("two organizations are one")
	}
}

// Only a keyed hash of an opted-out address is kept (P7, P9): the raw files must not show it.
func TestP7_OptOutKeepsNoAddress(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	update(t, s, func(tx *store.Tx) error { return tx.OptOut("Zelda.Quux@Example.test") })
	_ = s.View(func(tx *store.Tx) error {
		for address, want := range map[string]bool{"zelda.quux@example.test": true, "other@example.test": false} {
			if got, err := tx.OptedOut(address); got != want || err != nil {
				t.Errorf("opted out %s: %v %v", address, got, err)
			}
		}
		return nil
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(bytes.ToLower(raw), []byte("zelda")) {
			t.Errorf("%s holds the address", filepath.Base(path))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second store: %v", err)
	}
	update(t, s, func(tx *store.Tx) error { return store.SetSchema(tx, 99) })
	s.Close()
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrSchema) {
		t.Errorf("a newer schema: %v", err)
	}
	file := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(file, store.Options{}); err == nil {
		t.Error("a file was opened as a data folder")
	}
}

func TestOversizeErrorShowsNoContent(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	err := s.Update(func(tx *store.Tx) error { return tx.PutSetting("x", strings.Repeat("secret ", 1<<20)) })
	if err == nil || strings.Contains(err.Error(), "secret") || len(err.Error()) > 200 {
		t.Errorf("error: %.300v", err)
	}
}

// The fixture is a backup of schema 1. Every later introd must read it.
func TestSchema1IsReadForEver(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	f, err := os.Open("testdata/schema1.backup")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := s.Restore(f); err != nil {
		t.Fatal(err)
	}
	if err := s.View(func(tx *store.Tx) error {
		p, err := tx.Person("dana")
		if err != nil || p.Name != "Dana Wu" {
			t.Errorf("person %+v: %v", p, err)
		}
		history, err := tx.History("dana")
		if err != nil || len(history) != 1 || history[0].Mail.Subject != "Re: hello" {
			t.Errorf("history %+v: %v", history, err)
		}
		out, err := tx.OptedOut("gone@example.test")
		if !out {
			t.Error("an opt-out was lost")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Every acknowledged Update outlives kill -9. The child writes and prints until it is killed.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("STORE_TEST_WRITER"); dir != "" {
		s := open(t, dir)
		for n := 1; ; n++ {
			update(t, s, func(tx *store.Tx) error {
				_, err := tx.Append(store.Event{Person: "dana", Kind: store.Noted})
				return err
			})
			fmt.Printf("ack %d\n", n)
		}
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestKilledWriterLosesNothing$")
	child.Env = append(os.Environ(), "STORE_TEST_WRITER="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := 0
	for acknowledged < 50 {
		if _, err := fmt.Fscanf(out, "ack %d\n", &acknowledged); err != nil {
			t.Fatalf("after %d: %v", acknowledged, err)
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	s := open(t, dir)
	_ = s.View(func(tx *store.Tx) error {
		if last, err := tx.LastSeq("dana"); err != nil || last < uint64(acknowledged) {
			t.Errorf("%d were acknowledged, %d are there: %v", acknowledged, last, err)
		}
		return nil
	})
}
