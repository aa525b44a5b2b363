package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/rogpeppe/go-internal/testscript"

	"introd/mailer/postoffice"
)

// TestProviders runs the story of the main job at every provider that the office can play, what introd check
// finds out there, and what is to be seen at that one alone: testdata/providers/story.txtar, learn.txtar and NAME.txtar.
func TestProviders(t *testing.T) {
	t.Parallel()
	for _, name := range postoffice.Providers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := postoffice.Provider(name)
			files := []string{filepath.Join("testdata", "providers", "story.txtar"), filepath.Join("testdata", "providers", "learn.txtar")}
			own, err := filepath.Glob(filepath.Join("testdata", "providers", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			testscript.Run(t, testscript.Params{
				Files: append(files, own...),
				Setup: func(env *testscript.Env) error {
					h, err := embedded(postoffice.Options{Now: fileClock(filepath.Join(env.WorkDir, "clock")).Now, Manners: m})
					if err != nil {
						return err
					}
					env.Defer(h.close)
					return h.setUp(env)
				},
				Cmds: commands, Condition: trait(m),
			})
		})
	}
}

// traits are what a script can ask of a provider: [removes] a step.
var traits = map[string]func(postoffice.Manners) bool{
	"files-sent":  func(m postoffice.Manners) bool { return m.FilesSent },
	"new-ids":     func(m postoffice.Manners) bool { return m.NewIDs },
	"plus-folder": func(m postoffice.Manners) bool { return !m.PlusInbox },
	"removes":     func(m postoffice.Manners) bool { return m.Can("MOVE") || m.Can("UIDPLUS") },
	"special-use": func(m postoffice.Manners) bool { return m.Can("SPECIAL-USE") },
	"replies":     func(m postoffice.Manners) bool { return !m.Labels },
}

func trait(m postoffice.Manners) func(string) (bool, error) {
	return func(word string) (bool, error) {
		has, known := traits[word]
		if !known {
			return word == m.Name, check(slices.Contains(postoffice.Providers(), word), "no trait and no provider is called "+word)
		}
		return has(m), nil
	}
}

func check(ok bool, words string) error {
	if !ok {
		return fmt.Errorf("%s", words)
	}
	return nil
}

// close ends the office, and who issues its tokens.
func (h *house) close() {
	h.office.Close()
	if h.issuer != nil {
		h.issuer.Close()
	}
}

// byCode has introd init sign in by a code, which the owner enters on another device.
func (h *house) byCode(init []string, run func([]string) error) error {
	entering, done := context.WithCancel(context.Background())
	var device sync.WaitGroup
	device.Go(func() {
		for ticker := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-entering.Done():
				ticker.Stop()
				return
			case <-ticker.C:
				h.issuer.Enter(owner)
			}
		}
	})
	defer device.Wait()
	defer done()
	at := h.issuer.URL()
	return run(append(init, "--client-id", "introd", "--auth-url", at+"/authorize", "--token-url", at+"/token", "--device-url", at+"/device", "--code", "--no-keyring"))
}

// syncCommand has introd look and do what is due.
func syncCommand(ts *testscript.TestScript, _ bool, _ []string) { patiently(ts, "sync") }

// checkedCommand has introd check the account: checked ARGS.
func checkedCommand(ts *testscript.TestScript, _ bool, args []string) {
	patiently(ts, append([]string{"check"}, args...)...)
}

// patiently runs introd. Where the provider strays it tries again a minute later, as the daemon does.
func patiently(ts *testscript.TestScript, args ...string) {
	for range 5 {
		if ts.Exec("introd", args...) == nil {
			return
		}
		clockCommand(ts, false, []string{"+1m"})
	}
	ts.Fatalf("introd %s fails for the fifth time", args[0])
}

// filedCommand asserts that a contact got so many mails, and that each stands in the owner's Sent
// once, and once in the folder of all mail where there is one: filed USER N.
func filedCommand(ts *testscript.TestScript, neg bool, args []string) {
	receivedCommand(ts, neg, args)
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	for _, folder := range []string{"Sent", "All"} {
		name := folderName(ts, me(ts), folder)
		if name == "All" {
			continue
		}
		letters, err := of(ts).letters(me(ts), name)
		ts.Check(err)
		var subjects []string
		for _, l := range letters {
			if slices.Contains(l.header.Addresses("To"), args[0]) {
				subjects = append(subjects, l.header.Get("Subject"))
			}
		}
		if len(subjects) != want {
			ts.Fatalf("%s holds %d mails to %s, not %d: %q", name, len(subjects), args[0], want, subjects)
		}
	}
}

// crowdCommand has so many programs of the owner's be connected: crowd N.
func crowdCommand(ts *testscript.TestScript, _ bool, args []string) {
	h := of(ts)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	for _, c := range h.crowd {
		ts.Check(c.Logout().Wait())
		<-c.Closed()
	}
	h.crowd = nil
	for range want {
		c, err := imapclient.DialInsecure(h.imapAddr, nil)
		ts.Check(err)
		ts.Check(c.Login(me(ts), "secret").Wait())
		ts.Defer(func() { c.Close() })
		h.crowd = append(h.crowd, c)
	}
}

// expireCommand ends the tokens that are good now.
func expireCommand(ts *testscript.TestScript, _ bool, _ []string) { of(ts).issuer.Expire() }

// unfolderCommand takes a folder of the owner's away: unfolder NAME.
func unfolderCommand(ts *testscript.TestScript, _ bool, args []string) {
	c, err := of(ts).client(me(ts))
	ts.Check(err)
	defer c.Close()
	ts.Check(c.Delete(args[0]).Wait())
}
