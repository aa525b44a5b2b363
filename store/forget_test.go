package store_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"introd/store"
)

// zelda is somebody of whom every kind of record tells, and whom a friend's records name.
func zelda(tx *store.Tx) error {
	mail := &store.Mail{MessageID: "z1@bigco.test", From: "zelda@bigco.test", Subject: "Hello", Text: "Zelda here."}
	ask := &store.Mail{MessageID: "l1@home.test", To: []string{"lee@uni.test"}, Subject: "An introduction to Zelda Quimby?", Text: "I believe you know Zelda Quimby. Zelda and I have not met."}
	draft := store.Draft{ID: "d1", Want: "request/zelda/1", Person: "zelda", State: store.Waiting, Code: "4821", To: []string{"zelda@bigco.test"}, Text: "Dear Zelda,"}
	_, err1 := tx.Append(store.Event{Person: "zelda", Kind: store.MailIn, Mail: mail, Meeting: &store.Meeting{UID: "m1@introd", Place: "Zelda's office"}})
	_, err2 := tx.Append(store.Event{Person: "lee", Kind: store.MailOut, Want: "intro-request/lee/zelda/1", About: "zelda", Mail: ask})
	_, err3 := tx.Append(store.Event{Person: "lee", Kind: store.Noted, Text: "Plays chess."})
	return errors.Join(err1, err2, err3,
		tx.PutPerson(store.Person{ID: "lee", Name: "Prof. Lee", Address: "lee@uni.test"}),
		tx.PutPerson(store.Person{ID: "zelda", Name: "Zelda Quimby", Address: "zelda@bigco.test", Via: "lee", Org: "bigco"}),
		tx.PutPerson(store.Person{ID: "kim", Name: "Kim Park", Address: "kim@bigco.test", Via: "zelda"}),
		tx.PutAlias(store.Alias{Address: "zq@home.test", Person: "zelda", Why: "agreed"}),
		tx.PutDraft(draft), tx.Wake("zelda", epoch.Add(time.Hour)), tx.Hold("zelda", []store.Slot{{Start: epoch, End: epoch.Add(time.Hour), Text: "zelda"}}),
		tx.PutMessage(store.Message{ID: "d1@home.test", Person: "zelda", Draft: "d1"}),
		tx.PutObject(store.Object{MessageID: "o1@home.test", Role: store.ApprovalAsk, State: store.Placed, Draft: "d1", Folder: "INBOX", UID: 7, UIDValidity: 1, SHA256: "aa"}),
		tx.PutObject(store.Object{MessageID: "o2@home.test", Role: store.DraftCopy, State: store.Planned, Draft: "d1", Folder: "Drafts", Raw: []byte("To: zelda@bigco.test")}),
		tx.PutObject(store.Object{MessageID: "o3@home.test", Role: store.Note, State: store.Placed, Person: "zelda", Want: "reminder/m1@introd/0", Folder: "INBOX", UID: 8, UIDValidity: 1}),
		tx.Attend("zelda", true), tx.Attend("lee", true), tx.Wake("lee", epoch.Add(time.Hour)), tx.Hold("lee", []store.Slot{{Start: epoch, End: epoch.Add(time.Hour)}}),
		tx.PutDraft(store.Draft{ID: "d2", Want: "nudge/lee/1", Person: "lee", State: store.Waiting, Code: "7777"}),
		tx.PutObject(store.Object{MessageID: "o4@home.test", Role: store.ApprovalAsk, State: store.Placed, Draft: "d2", Folder: "INBOX", UID: 8, UIDValidity: 1, SHA256: "bb"}),
		tx.OptOut("zelda@bigco.test"),
		tx.PutContact(store.Contact{ID: "c1", Name: "Zelda Quimby", Org: "BigCo"}),
		tx.PutContact(store.Contact{ID: "c2", Name: "Z. Q.", Addresses: []string{"zq@home.test"}, Org: "BigCo"}),
		tx.PutTally(store.Tally{Address: "zq@home.test", Name: "Zelda", Sent: 3}),
	)
}

func TestP10_ForgetLeavesNoByte(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	update(t, s, zelda)
	if err := s.Forget("zelda"); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error {
		if out, err := tx.OptedOut("zelda@bigco.test"); !out || err != nil {
			t.Errorf("the opt-out is forgotten too: %v", err)
		}
		history, err := tx.History("lee")
		if err != nil || len(history) != 2 || history[0].Mail.Text != "I believe you know (forgotten). (forgotten) and I have not met." || history[0].Want != "intro-request/lee/(forgotten)/1" {
			t.Errorf("lee's history: %+v, %v", history, err)
		}
		kim, err := tx.Person("kim")
		if kim.Via != "" || err != nil {
			t.Errorf("kim: %+v, %v", kim, err)
		}
		if d, err := tx.DraftByCode("7777"); err != nil || d.Person != "lee" {
			t.Errorf("lee's draft: %+v, %v", d, err)
		}
		attended, err := tx.Attended()
		if len(attended) != 1 || attended[0] != "lee" || err != nil {
			t.Errorf("on the agenda: %q, %v", attended, err)
		}
		note, err := tx.Object("o3@home.test")
		if note.State != store.Going || note.Want != "" || err != nil {
			t.Errorf("a note about them: %+v, %v", note, err)
		}
		o, err := tx.Object("o1@home.test")
		if o.State != store.Going || err != nil {
			t.Errorf("introd's own mail is not taken away: %+v, %v", o, err)
		}
		if contacts, err := tx.ContactsBy("org", "bigco"); len(contacts) != 0 || err != nil {
			t.Errorf("contacts: %v, %v", contacts, err)
		}
		at, err := tx.PeopleAt("bigco")
		if len(at) != 0 || err != nil {
			t.Errorf("at bigco: %v, %v", at, err)
		}
		return nil
	})
	records := everything(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"zelda", "quimby", "zq@home.test"} {
		if holds(t, dir, word) || strings.Contains(records, word) {
			t.Errorf("the files still hold %q", word)
		}
	}
}

// everything is all keys and values of a store, uncompressed and in lower case.
func everything(t testing.TB, s *store.Store) string {
	t.Helper()
	var file bytes.Buffer
	if err := s.Backup(&file); err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(zip)
	if err != nil || len(raw) < 100 {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	return strings.ToLower(string(raw))
}

// Who bears the same first name stays who they are, also in records that name the one who is forgotten.
func TestForgetLeavesNamesakesWhole(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	update(t, s, func(tx *store.Tx) error {
		mail := &store.Mail{MessageID: "m1@dana.test", From: "dana.lee@uni.test", To: []string{"Sam <sam@home.test>"}, Subject: "Hello", Text: "Dana Wu sends her best. So does Dana."}
		_, err := tx.Append(store.Event{Person: "dana-lee", Kind: store.MailIn, Want: "request/dana-lee/1", Mail: mail})
		draft := store.Draft{
			ID: "d1", Want: "thank-you/m1", Person: "dana-lee", State: store.Waiting, To: []string{"Dana Lee <dana.lee@uni.test>", "jordana@bigco.test"},
			Text: "Dana Wu told me",
		}
		return errors.Join(err, tx.PutDraft(draft),
			tx.PutPerson(store.Person{ID: "dana", Name: "Dana Wu", Address: "dana@bigco.test"}),
			tx.PutPerson(store.Person{ID: "dana-lee", Name: "Dana Lee", Address: "dana.lee@uni.test", Via: "dana"}))
	})
	if err := s.Forget("dana"); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error {
		history, err := tx.History("dana-lee")
		if len(history) != 1 || err != nil {
			t.Fatalf("%+v, %v", history, err)
		}
		ev := history[0]
		if ev.Person != "dana-lee" || ev.Want != "request/dana-lee/1" || ev.Mail.From != "dana.lee@uni.test" || ev.Mail.MessageID != "m1@dana.test" {
			t.Errorf("the event: %+v of %+v", ev, ev.Mail)
		}
		if ev.Mail.Text != "(forgotten) sends her best. So does (forgotten)." {
			t.Errorf("its text: %s", ev.Mail.Text)
		}
		d, err := tx.Draft("d1")
		if d.Person != "dana-lee" || d.To[0] != "Dana Lee <dana.lee@uni.test>" || d.To[1] != "jordana@bigco.test" || err != nil {
			t.Errorf("the draft: %+v, %v", d, err)
		}
		p, err := tx.Person("dana-lee")
		if p.ID != "dana-lee" || p.Name != "Dana Lee" || p.Address != "dana.lee@uni.test" || p.Via != "" || err != nil {
			t.Errorf("the person: %+v, %v", p, err)
		}
		return nil
	})
}

// Names need not begin and end with ASCII letters.
func TestP10_ForgetKnowsEveryAlphabet(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Zoë Åström", "Émile Noé", "王 小明"} {
		s := open(t, t.TempDir())
		first, _, _ := strings.Cut(name, " ")
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.Append(store.Event{Person: "lee", Kind: store.Noted, Text: "I met " + name + " and " + first + " was kind."})
			return errors.Join(err, tx.PutPerson(store.Person{ID: "them", Name: name, Address: "them@bigco.test"}))
		})
		if err := s.Forget("them"); err != nil {
			t.Fatal(err)
		}
		if records := everything(t, s); strings.Contains(records, strings.ToLower(first)) {
			t.Errorf("%s stands in the records still", first)
		}
	}
}

func TestForgetNobody(t *testing.T) {
	t.Parallel()
	if err := open(t, t.TempDir()).Forget("nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}
