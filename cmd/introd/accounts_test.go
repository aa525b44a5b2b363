package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"introd/daemon"
)

// school is the address of the owner's second account, where a script has one.
const school = "sam@school.test"

// me is the address of the account in whose mailbox the owner acts.
func me(ts *testscript.TestScript) string { return ts.Getenv("ME") }

// asCommand has the owner act in their other mailbox from here on: as school, as main.
func asCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("ME", map[string]string{"main": owner, "school": school}[args[0]])
}

// schoolCommand writes the second account into the config.
func schoolCommand(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(of(ts).addSchool(ts.Getenv("INTROD_CONFIG"), ts.MkAbs("school-password")))
}

// addSchool puts the second account into a config, beside the first, which is home. Its password stands
// in a file of its own.
func (h *house) addSchool(config, password string) error {
	raw, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString(strings.Replace(string(raw), "\nhome = \"\"\n", "\nhome = \"main\"\n", 1))
	fmt.Fprintf(&text, "\n[accounts.school]\naddress = %q\npassword_file = %q\nca_file = %q\n", school, password, h.ca)
	for part, at := range map[string]string{"imap": h.imapAddr, "smtp": h.smtpAddr} {
		host, port, err := net.SplitHostPort(at)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "[accounts.school.%s]\nhost = %q\nport = %s\ntls = %q\n", part, host, port, h.tls)
	}
	return errors.Join(os.WriteFile(config, []byte(text.String()), 0o600), os.WriteFile(password, []byte("secret\n"), 0o600))
}

// showsCommand waits until the running daemon has read or sent a mail: shows PERSON WORDS.
func showsCommand(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, "introd show "+args[0]+" says "+args[1], func() bool {
		ts.Check(ts.Exec("introd", "show", args[0]))
		return regexp.MustCompile(args[1]).MatchString(ts.ReadFile("stdout"))
	})
}

// newSchoolRig is a rig with both accounts, in which Dana is written to from school.
func newSchoolRig(t *testing.T) *rig {
	t.Helper()
	r := newRigOfTwo(t)
	r.writeFromSchool()
	return r
}

// newRigOfTwo is a rig with both accounts.
func newRigOfTwo(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.close()
	r.check(r.house.addSchool(r.path("config.toml"), r.path("school-password")))
	r.open()
	return r
}

// writeFromSchool has Dana written to from school from here on.
func (r *rig) writeFromSchool() {
	r.Helper()
	r.from = school
	_, err := r.engine.Add(r.Context(), daemon.AddRequest{Person: "dana", Account: "school"})
	r.check(err)
}

// The request lies in Drafts at home when Dana is to be written to from school instead; it is approved at once.
func TestP2_KilledAnywhereBetweenTwoAccounts(t *testing.T) {
	t.Parallel()
	walk(t, newRigOfTwo, []string{"lock:going", "lock:taken", "send:fresh-look", "send:intended", "send:done", "send:settled", "remove:after", "append:after"}, func(r *rig) {
		r.request()
		r.writeFromSchool()
		r.decide(daemon.DecideRequest{Verb: "approve"})
		r.pass(2 * time.Minute)
	}, sentOnce)
}

// Dana is written to from school. At the last moment her mail arrives at home, or the owner writes to her
// from there: the last look is at every account.
func TestP3_LastLookAtEveryAccount(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"INBOX", "Sent"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			r := newSchoolRig(t)
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

// Dana has written to home before. If home cannot be looked into at the last moment, her mail from school
// waits until it can be; a mail to somebody who has not goes out.
func TestP3_LastLookThatCannotBeHad(t *testing.T) {
	t.Parallel()
	r := newSchoolRig(t)
	r.deliver("INBOX", "Dana Wu <dana@bigco.test>", owner, "Hello", "Hello!", "")
	r.sync()
	r.request()
	r.decide(daemon.DecideRequest{Verb: "approve"})
	_, err := r.engine.Add(t.Context(), daemon.AddRequest{Person: "Prof. Lee <lee@uni.test>", Account: "school"})
	r.check(err)
	_, err = r.engine.Ask(t.Context(), daemon.AskRequest{Person: "lee", Why: "Your course is why I changed my major."})
	r.check(err)
	_, err = r.engine.Decide(t.Context(), daemon.DecideRequest{Draft: "lee", Verb: "approve"})
	r.check(err)
	r.pass(2 * time.Minute)
	broke := false
	r.step = func(name string) {
		if name == "send:fresh-look" && !broke {
			broke = true
			r.house.office.Fail("imap:SELECT", 1, nil) // home is looked into first; an EXAMINE is a SELECT to the office
		}
	}
	if _, err := r.engine.Look(t.Context(), daemon.None{}); err == nil || !strings.Contains(err.Error(), "account main: ") || strings.Contains(err.Error(), "account school") {
		t.Errorf("it says %v", err)
	}
	if got := r.subjects("dana@bigco.test", "INBOX", ""); len(got) > 0 {
		t.Errorf("Dana got %q", got)
	}
	if got := r.subjects("lee@uni.test", "INBOX", ""); len(got) != 1 {
		t.Errorf("Lee got %q", got)
	}
	r.sync()
	if got := r.subjects("dana@bigco.test", "INBOX", ""); len(got) != 1 {
		t.Errorf("Dana got %q once home was seen", got)
	}
}
