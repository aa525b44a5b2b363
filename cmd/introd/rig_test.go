package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"introd/daemon"
	"introd/mailer"
	"introd/mailer/postoffice"
	"introd/store"
)

// A rig is what a script has, for tests that look where no script can: an office, a config, a clock
// in a file, and the engine, which runs in the test's own process on the store that is really there.
type rig struct {
	*testing.T
	house  *house
	dir    string
	log    bytes.Buffer // what the engine logged, at its most talkative
	engine *daemon.Engine
	store  *store.Store
	step   func(string)
	from   string // the address that Dana is written to from
}

// newRig sets everything up, opens the engine and adds Dana.
func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigOn(t, postoffice.Options{})
}

// newRigOn does so on an office of some kind.
func newRigOn(t *testing.T, o postoffice.Options) *rig {
	t.Helper()
	dir, err := os.MkdirTemp("", "introd-rig-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, dir: dir, step: func(string) {}, from: owner}
	r.check(errors.Join(os.WriteFile(r.path("clock"), []byte(monday), 0o600), os.WriteFile(r.path("password"), []byte("secret\n"), 0o600)))
	o.Now = r.now
	r.house, err = embedded(o)
	r.check(err)
	t.Cleanup(func() { r.close(); r.house.office.Close(); os.RemoveAll(dir) })
	if status := r.app().main([]string{
		"--config", r.path("config.toml"), "init", "--yes", "--name", "Sam Rivera", "--about", "a second-year chemistry student at Ohio State",
		"--address", owner, "--zone", "America/New_York", "--imap", r.house.imapAddr, "--smtp", r.house.smtpAddr, "--imap-tls", "none", "--smtp-tls", "none",
		"--password-file", r.path("password"), "--data", r.path("data"),
	}); status != exitOK {
		t.Fatalf("init: status %d: %s", status, r.log.String())
	}
	r.open()
	_, err = r.engine.Add(t.Context(), daemon.AddRequest{Person: "Dana Wu <dana@bigco.test>", Org: "BigCo", Zone: "America/Los_Angeles"})
	r.check(err)
	return r
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) now() time.Time { return fileClock(r.path("clock")).Now() }

func (r *rig) app() *app {
	return &app{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &r.log, clock: fileClock(r.path("clock")), step: func(s string) { r.step(s) }}
}

func (r *rig) check(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// open starts the engine on what lies on disk.
func (r *rig) open() {
	r.Helper()
	conf, err := loadConfig(r.path("config.toml"))
	r.check(err)
	log := slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.engine, r.store, err = r.app().engine(conf, log)
	r.check(err)
}

// close closes the store. No process may be forked meanwhile: until its exec it would hold the lock
// of the data folder too.
func (r *rig) close() {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if r.store != nil {
		r.check(r.store.Close())
		r.store = nil
	}
}

// sync looks at the mailbox and does what is due.
func (r *rig) sync() {
	r.Helper()
	did, err := r.engine.Look(context.Background(), daemon.None{})
	r.check(err)
	if !did.Next.IsZero() && !did.Next.After(r.now()) {
		r.Errorf("it is %s, and introd has something to do since %s: the daemon would spin", r.now(), did.Next)
	}
}

// pass lets time pass.
func (r *rig) pass(d time.Duration) {
	r.Helper()
	r.check(os.WriteFile(r.path("clock.new"), []byte(r.now().Add(d).Format(time.RFC3339)), 0o600))
	r.check(os.Rename(r.path("clock.new"), r.path("clock")))
}

// request has a request to Dana drafted and shown.
func (r *rig) request() {
	r.Helper()
	_, err := r.engine.Ask(r.Context(), daemon.AskRequest{Person: "dana", Why: "Your talk on battery recycling changed what I want to work on."})
	r.check(err)
	r.sync()
}

// decide decides the one open draft to Dana.
func (r *rig) decide(q daemon.DecideRequest) {
	r.Helper()
	q.Draft = "dana"
	_, err := r.engine.Decide(r.Context(), q)
	r.check(err)
}

// drafts are the open ones.
func (r *rig) drafts() []daemon.DraftView {
	r.Helper()
	views, err := r.engine.Drafts(r.Context(), daemon.DraftsRequest{})
	r.check(err)
	return views
}

// happened counts the events of a kind in Dana's history.
func (r *rig) happened(kind store.EventKind) (n int) {
	r.Helper()
	v, err := r.engine.Show(r.Context(), daemon.PersonRequest{Person: "dana"})
	r.check(err)
	for _, ev := range v.History {
		if ev.Kind == kind {
			n++
		}
	}
	return n
}

// subjects are those of the mails in a folder that match, in order.
func (r *rig) subjects(user, folder, match string) (subjects []string) {
	r.Helper()
	mails, err := r.house.office.Mails(user, folder)
	r.check(err)
	for _, m := range mails {
		if s := mailer.ParseHeader(m.Raw).Get("Subject"); regexp.MustCompile(match).MatchString(s) {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// answer has Dana answer the newest mail she got.
func (r *rig) answer(text string) {
	r.Helper()
	mails, err := r.house.office.Mails("dana@bigco.test", "INBOX")
	r.check(err)
	if len(mails) == 0 {
		r.Fatal("Dana has no mail to answer")
	}
	h := mailer.ParseHeader(mails[len(mails)-1].Raw)
	r.deliver("INBOX", "Dana Wu <dana@bigco.test>", owner, "Re: "+h.Get("Subject"), text, "In-Reply-To: "+h.Get("Message-ID")+"\r\n")
}

// deliver puts a mail from outside into a folder of the owner's.
func (r *rig) deliver(folder, from, to, subject, text, head string) {
	r.Helper()
	raw := "From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject + "\r\nDate: " + r.now().Format(time.RFC1123Z) +
		"\r\nMessage-ID: <" + mailer.NewMessageID("contact.test") + ">\r\n" + head + "\r\n" + text + "\r\n"
	tagged := strings.Replace(owner, "@", "+"+folder+"@", 1)
	r.check(r.house.office.Deliver("outside@contact.test", tagged, []byte(raw)))
}
