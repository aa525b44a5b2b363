package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"introd/daemon"
	"introd/store"
)

// The kill walk: a normal run tells which steps it passes; then, for each of them, the same run in a
// process of its own is ended there as kill -9 does, introd is started again, and what must hold is
// looked at. Steps are named by daemon's Engine.step.

// walk kills a sync at every step. prepare brings a fresh rig to where the sync begins, finish asserts
// what must hold once introd was started again.
func walk(t *testing.T, fresh func(*testing.T) *rig, mustPass []string, prepare, finish func(*rig)) {
	var steps []string
	normal := fresh(t)
	prepare(normal)
	passed := map[string]int{}
	normal.step = func(name string) {
		if strings.Contains(name, ":") { // the others only name a stage of the cycle
			passed[name]++
			steps = append(steps, fmt.Sprintf("%s:%d", name, passed[name]))
		}
	}
	normal.sync()
	normal.step = func(string) {}
	finish(normal)
	for _, name := range mustPass {
		if passed[name] == 0 {
			t.Errorf("the run never came to step %s", name)
		}
	}
	t.Logf("%d steps", len(steps))
	for _, where := range steps {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			r := fresh(t)
			prepare(r)
			r.close()
			r.kill(where)
			r.open()
			finish(r)
		})
	}
}

// kill runs introd sync in a process of its own, which ends at a step without any warning.
func (r *rig) kill(where string) {
	r.Helper()
	c := exec.Command("introd", "--config", r.path("config.toml"), "sync")
	c.Env = append(os.Environ(), "INTROD_TEST_CLOCK="+r.path("clock"), "INTROD_TEST_KILL="+where)
	out, err := c.CombinedOutput()
	if err == nil {
		r.Fatalf("introd never came to step %s: %s", where, out)
	}
	if !strings.Contains(err.Error(), "killed") {
		r.Fatalf("introd was not killed at %s: %v: %s", where, err, out)
	}
}

func TestP2_KilledAnywhereWhileSending(t *testing.T) {
	t.Parallel()
	walk(t, newRig, []string{
		"lock:going", "lock:taken", "send:fresh-look", "send:intended", "send:done", "send:settled",
		"remove:before", "remove:after", "append:before", "append:after", "commit:before", "commit:after",
	}, func(r *rig) {
		r.request()
		r.decide(daemon.DecideRequest{Verb: "approve"})
		r.pass(2 * time.Minute)
	}, sentOnce)
}

// sentOnce asserts that the request to Dana went out once; where nobody can know that, that the
// owner is asked, whose word then settles it.
func sentOnce(r *rig) {
	r.sync()
	r.pass(15 * time.Minute)
	r.sync()
	got := len(r.subjects("dana@bigco.test", "INBOX", ""))
	asked := r.subjects(owner, "INBOX", "Did this mail go out")
	switch open := r.drafts(); {
	case len(open) == 1 && open[0].State == store.Unknown && len(asked) == 1:
		r.decide(daemon.DecideRequest{Verb: "approve", Sent: got == 1, Again: got == 0})
		r.sync()
		r.pass(2 * time.Minute)
		r.sync()
	case len(open) > 0 || len(asked) > 0 || got != 1:
		r.Fatalf("Dana got %d mails, the owner was asked %q, drafts: %+v", got, asked, open)
	}
	for _, is := range []struct {
		user, folder, match string
		want                int
	}{{"dana@bigco.test", "INBOX", "", 1}, {r.from, "Sent", "", 1}, {owner, "Drafts", "", 0}, {r.from, "Drafts", "", 0}, {owner, "INBOX", "Send this", 0}} {
		if found := r.subjects(is.user, is.folder, is.match); len(found) != is.want {
			r.Errorf("%s/%s holds %q", is.user, is.folder, found)
		}
	}
	if n := r.happened(store.MailOut); n != 1 {
		r.Errorf("the history holds the mail %d times", n)
	}
}

func TestP5_KilledAnywhereWhileReceiving(t *testing.T) {
	t.Parallel()
	walk(t, newRig, []string{"look:headers", "receive:before", "receive:after", "append:before", "append:after", "commit:before", "commit:after"}, func(r *rig) {
		r.request()
		r.decide(daemon.DecideRequest{Verb: "approve"})
		r.pass(2 * time.Minute)
		r.sync()
		r.pass(time.Hour)
		r.answer("Happy to talk! Tuesday at 3pm works for me.")
	}, receivedOnce)
}

// receivedOnce asserts that Dana's answer is in the history once, and led to one draft, shown once.
func receivedOnce(r *rig) {
	r.sync()
	r.pass(15 * time.Minute)
	r.sync()
	if n := r.happened(store.MailIn); n != 1 {
		r.Errorf("the history holds the answer %d times", n)
	}
	if open := r.drafts(); len(open) != 1 || open[0].Kind != "confirmation" {
		r.Errorf("drafts: %+v", open)
	}
	for _, is := range []struct {
		user, folder, match string
		want                int
	}{{"dana@bigco.test", "INBOX", "", 1}, {owner, "Sent", "", 1}, {owner, "Drafts", "", 1}, {owner, "INBOX", "Send this", 1}} {
		if found := r.subjects(is.user, is.folder, is.match); len(found) != is.want {
			r.Errorf("%s/%s holds %q", is.user, is.folder, found)
		}
	}
}
