package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"introd/daemon"
	"introd/mailer"
	"introd/mailer/postoffice"
	"introd/store"
)

// Each promise of DESIGN §1 has its tests here. Their scripts lie in testdata/promises under its number.

func TestP1_AskedFirst(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p1-*.txtar")
}

func TestP2_Once(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p2-*.txtar")
}

func TestP3_Fresh(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p3-*.txtar")
}

func TestP4_AsFoundOnAPoorServer(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p4-*.txtar")
}

func TestP5_NothingMissed(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p5-*.txtar")
}

func TestP6_OnlyTheOwnerCommands(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p6-*.txtar")
}

func TestP7_NoMeansNo(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p7-*.txtar")
}

func TestP8_Explains(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p8-*.txtar")
}

// Every listing is plain data. Export, backup and forget have scripts of their own: export, restore-*, forget.
func TestP10_TheirsToKeep(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p10-*.txtar")
}

// An approval binds the exact text, all its parts and all its recipients: whatever of a draft is
// changed behind introd's back after it, nothing goes out.
func TestP1_ExactlyWhatWasApproved(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*store.Draft){
		"text":           func(d *store.Draft) { d.Text += "P.S. Do you have a job for me?\n" },
		"subject":        func(d *store.Draft) { d.Subject = "Your job offer" },
		"recipient":      func(d *store.Draft) { d.To = []string{"Kim <kim@bigco.test>"} },
		"more to":        func(d *store.Draft) { d.To = append(d.To, "Kim <kim@bigco.test>") },
		"cc":             func(d *store.Draft) { d.Cc = []string{"Kim <kim@bigco.test>"} },
		"bcc":            func(d *store.Draft) { d.Bcc = []string{"Kim <kim@bigco.test>"} },
		"thread":         func(d *store.Draft) { d.InReplyTo = "another@mail.test" },
		"invitation":     func(d *store.Draft) { d.Method = "CANCEL" },
		"meeting's time": func(d *store.Draft) { d.Meeting.Start = d.Meeting.Start.Add(time.Hour) },
		"meeting's room": func(d *store.Draft) { d.Meeting.Place = "elsewhere" },
		"Message-ID":     func(d *store.Draft) { d.MessageID = "another@home.test" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.request()
			r.decide(daemon.DecideRequest{Verb: "approve"})
			r.pass(2 * time.Minute)
			r.sync()
			r.pass(time.Hour)
			r.answer("Happy to talk! Tuesday at 3pm works for me.")
			r.sync()
			r.decide(daemon.DecideRequest{Verb: "approve"})
			r.check(r.store.Update(func(tx *store.Tx) error {
				open, err := tx.OpenDrafts()
				if err != nil {
					return err
				}
				change(&open[0])
				return tx.PutDraft(open[0])
			}))
			r.pass(2 * time.Minute)
			r.sync()
			r.pass(time.Hour)
			r.sync()
			if got := r.subjects("dana@bigco.test", "INBOX", ""); len(got) != 1 || len(r.subjects("kim@bigco.test", "INBOX", "")) > 0 {
				t.Errorf("the changed mail went out: Dana got %q", got)
			}
			if told := r.subjects(owner, "INBOX", "^Not sent|written anew"); len(told) == 0 {
				t.Errorf("the owner was not told: INBOX holds %q", r.subjects(owner, "INBOX", ""))
			}
		})
	}
}

// Whatever introd does through a whole interview, no mail of the owner's changes, moves or goes, and
// no flag of it; what introd changes are mails of its own.
func TestP4_AsFound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, folder := range postoffice.Folders {
		r.deliver(folder, "Bob <bob@else.test>", owner, "Unrelated", "Lunch?", "")
		r.deliver(folder, "Dana Wu <dana@bigco.test>", owner, "Related", "Hello!", "")
		r.flag(folder, 1, []imap.Flag{imap.FlagSeen, imap.FlagFlagged, imap.FlagAnswered, "$Label1", imap.FlagDeleted}[i%5])
	}
	before, already := r.found(), len(r.house.office.Journal(owner))
	r.interview()
	after := r.found()
	for key, was := range before {
		if now, there := after[key]; !there || now != was {
			t.Errorf("%s was %s and is %q", key, was, now)
		}
	}
	did := r.house.office.Journal(owner)[already:]
	for _, e := range did {
		for key := range before {
			if folder, uid, _ := strings.Cut(key, "/"); e.Folder == folder && regexp.MustCompile(`\b`+uid+`\b`).MatchString(e.Detail) && e.Command != "APPEND" {
				t.Errorf("introd asked for %s %s %s", e.Command, e.Folder, e.Detail)
			}
		}
	}
	if len(did) < 10 {
		t.Errorf("the journal has only %d entries: introd did nothing", len(did))
	}
}

// found is every mail that lies in the owner's folders now, with its flags and its bytes.
func (r *rig) found() map[string]string {
	r.Helper()
	all := map[string]string{}
	for _, folder := range postoffice.Folders {
		mails, err := r.house.office.Mails(owner, folder)
		r.check(err)
		for _, m := range mails {
			slices.Sort(m.Flags)
			all[fmt.Sprintf("%s/%d", folder, m.UID)] = fmt.Sprintf("%v %x", m.Flags, sha256.Sum256(m.Raw))
		}
	}
	return all
}

func (r *rig) flag(folder string, uid imap.UID, flag imap.Flag) {
	r.Helper()
	c, err := r.house.client(owner)
	r.check(err)
	defer c.Close()
	_, err = c.Select(folder, nil).Wait()
	r.check(err)
	r.check(c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{flag}}, nil).Close())
}

// interview carries one interview from the request to the thanks, every mail approved.
func (r *rig) interview() {
	r.Helper()
	approve := func() {
		r.Helper()
		r.decide(daemon.DecideRequest{Verb: "approve"})
		r.pass(2 * time.Minute)
		r.sync()
	}
	r.request()
	approve()
	r.pass(time.Hour)
	r.answer("Happy to talk! Tuesday at 3pm works for me.")
	r.sync()
	approve()
	r.pass(34 * time.Hour)
	r.sync()
	_, err := r.engine.Edit(r.Context(), daemon.EditRequest{Draft: "dana", Why: "What you said about the pilot plant was new to me."})
	r.check(err)
	r.sync()
	approve()
	if got := r.subjects("dana@bigco.test", "INBOX", ""); len(got) != 3 {
		r.Fatalf("Dana got %q", got)
	}
}

// Of mail that concerns no contact nothing stays: not in the records, not in the log. Of mail that
// does, and of the password, nothing is in the log.
func TestP9_Private(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, folder := range postoffice.Folders {
		r.deliver(folder, "Bob <bob-unrelated@else.test>", owner, "subject-unrelated", "body-unrelated", "References: <thread-unrelated@else.test>\r\n")
	}
	r.deliver("Sent", owner, "bob-unrelated@else.test", "subject-unrelated", "body-unrelated", "")
	r.deliver("INBOX", "Dana Wu <dana@bigco.test>", owner, "subject-related", "body-related", "")
	r.interview()
	r.request()
	asked, err := r.house.office.Mails(owner, "INBOX")
	r.check(err)
	r.deliver("Sent", "Sam Rivera <"+owner+">", owner, "subject-related", "body-related", "In-Reply-To: "+mailer.ParseHeader(asked[len(asked)-1].Raw).Get("Message-ID")+"\r\n")
	r.sync() // a forged reply, which introd logs
	// The files are read while the store is open: its log is plain, its tables are compressed.
	var records []byte
	r.check(filepath.WalkDir(r.path("data"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		records = append(records, raw...)
		return err
	}))
	for _, word := range []string{"subject-related", "body-related", "dana@bigco.test", "pilot plant"} {
		if !bytes.Contains(records, []byte(word)) {
			t.Errorf("the raw records do not hold %q: this test cannot see into them", word)
		}
	}
	if i := bytes.Index(records, []byte("unrelated")); i >= 0 {
		t.Errorf("the records hold unrelated mail: %q", records[max(0, i-60):i+60])
	}
	log := r.log.String()
	if !strings.Contains(log, "level=") {
		t.Errorf("nothing was logged: %q", log)
	}
	for _, word := range []string{"unrelated", "body-related", "pilot plant", "battery recycling", "Tuesday at 3pm", "secret"} {
		if strings.Contains(log, word) {
			t.Errorf("the log holds %q:\n%s", word, log)
		}
	}
}

// Dana's mail arrives, or the owner writes to her, when introd has looked at the folders and holds
// the mail in its hand: the last look finds it, wherever it lies.
func TestP3_LastLook(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"INBOX", "Archive", "Junk", "Sent"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.request()
			r.decide(daemon.DecideRequest{Verb: "approve"})
			r.pass(2 * time.Minute)
			came := 0
			r.step = func(name string) {
				if name != "send:fresh-look" {
					return
				}
				if came++; folder == "Sent" {
					r.check(r.house.append(owner, "Sent", []byte("From: "+owner+"\r\nTo: dana@bigco.test\r\nSubject: Hello\r\nMessage-ID: <by-hand@program.test>\r\n\r\nHello!\r\n")))
				} else {
					r.deliver(folder, "Dana Wu <dana@bigco.test>", owner, "Hello", "Hello!", "")
				}
			}
			r.sync()
			if got := r.subjects("dana@bigco.test", "INBOX", ""); came != 1 || len(got) > 0 {
				t.Errorf("%d last looks; Dana got %q", came, got)
			}
			if told := r.subjects(owner, "INBOX", "^Not sent: request to dana"); len(told) != 1 {
				t.Errorf("the owner was not told: %q", r.subjects(owner, "INBOX", ""))
			}
		})
	}
}

// The owner presses send in their mail program at the moment at which introd reaches for the copy.
func TestP2_SentByHandAtTheLastMoment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.request()
	r.decide(daemon.DecideRequest{Verb: "approve"})
	r.pass(2 * time.Minute)
	r.step = func(name string) {
		if name != "lock:going" {
			return
		}
		copies, err := r.house.office.Mails(owner, "Drafts")
		r.check(err)
		if len(copies) == 1 {
			r.check(r.house.office.Deliver(owner, "dana@bigco.test", copies[0].Raw))
			r.check(r.house.append(owner, "Sent", copies[0].Raw))
			r.check(r.house.expunge(owner, "Drafts", imap.UID(copies[0].UID)))
		}
	}
	r.sync()
	r.pass(time.Hour)
	r.sync()
	if got, filed := r.subjects("dana@bigco.test", "INBOX", ""), r.subjects(owner, "Sent", ""); len(got) != 1 || len(filed) != 1 {
		t.Errorf("Dana got %q, Sent holds %q", got, filed)
	}
	if open := r.drafts(); len(open) > 0 || r.happened(store.MailOut) != 1 {
		t.Errorf("introd does not know that the mail was sent: %+v", open)
	}
}

// The server says no to one message each time it is asked for: that one is set aside, and the next are read.
func TestP5_MessageThatTheServerCannotGive(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.sync()
	r.deliver("INBOX", "Dana Wu <dana@bigco.test>", owner, "The first", "Hello!", "")
	r.house.office.Fail("imap:FETCH", -1, &imap.Error{Type: imap.StatusResponseTypeNo, Text: "message is damaged"})
	r.sync()
	r.house.office.Fail("imap:FETCH", math.MaxInt, nil) // no more
	r.deliver("INBOX", "Dana Wu <dana@bigco.test>", owner, "The second", "Hello!", "")
	r.sync()
	status, err := r.engine.Status(t.Context(), daemon.None{})
	r.check(err)
	if len(status.SetAside) != 1 || !strings.Contains(status.SetAside[0].Reason, "message is damaged") {
		t.Errorf("set aside: %+v", status.SetAside)
	}
	if n := r.happened(store.MailIn); n != 1 {
		t.Errorf("%d mails were read", n)
	}
}
