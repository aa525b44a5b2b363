//go:build !race

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/rogpeppe/go-internal/testscript"

	"introd/mailer/postoffice"
)

// TestProviders runs the story of the main job at every provider that the office can play, what introd check
// finds out there, the daemon where it is not simply told of everything, and what is to be seen at that one alone:
// testdata/providers/story.txtar, learn.txtar, watch.txtar and NAME.txtar. The race detector would take minutes here, and sees the
// same code at work in all other scripts: make test runs this one without it.
func TestProviders(t *testing.T) {
	t.Parallel()
	for _, name := range postoffice.Providers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := postoffice.Provider(name)
			var files []string
			for _, script := range []string{"story", "learn", "watch", name} {
				file := filepath.Join("testdata", "providers", script+".txtar")
				if _, err := os.Stat(file); err == nil && (script != "watch" || m.NewMailOnly || !m.Can("IDLE") || len(m.Mishaps) > 0) {
					files = append(files, file)
				}
			}
			testscript.Run(t, testscript.Params{
				Files: files,
				Setup: func(env *testscript.Env) error {
					h, err := embedded(postoffice.Options{Now: fileClock(filepath.Join(env.WorkDir, "clock")).Now, Manners: m})
					if err != nil {
						return err
					}
					env.Defer(h.close)
					return h.setUp(env)
				},
				Cmds: atProviders(), Condition: trait(m),
			})
		})
	}
}

// atProviders are what scripts can do at providers, besides what all can.
func atProviders() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	all := maps.Clone(commands)
	maps.Copy(all, map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"sync": syncCommand, "checked": checkedCommand, "filed": filedCommand, "goes": goesCommand, "passes": passesCommand,
		"crowd": crowdCommand, "expire": expireCommand, "unfolder": unfolderCommand,
	})
	return all
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

// goesCommand lets time pass until a contact got so many mails, as a provider may put a mail off, and
// asserts that each is filed: goes USER N.
func goesCommand(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	for range 4 {
		clockCommand(ts, false, []string{"+5m"})
		syncCommand(ts, false, nil)
		letters, err := of(ts).letters(args[0], "INBOX")
		ts.Check(err)
		if len(letters) >= want && filed(ts, "Sent", args[0]) >= want {
			break
		}
	}
	filedCommand(ts, neg, args)
}

// passesCommand lets time pass, minute by minute, until the running daemon has done what introd show
// tells of: passes PERSON WORDS.
func passesCommand(ts *testscript.TestScript, _ bool, args []string) {
	for range 200 {
		ts.Check(ts.Exec("introd", "show", args[0]))
		if regexp.MustCompile(args[1]).MatchString(ts.ReadFile("stdout")) {
			return
		}
		clockCommand(ts, false, []string{"+1m"})
	}
	ts.Fatalf("%s never happened", args[1])
}

// filedCommand asserts that a contact got so many mails, and that each stands in the owner's Sent
// once, and once in the folder of all mail where there is one: filed USER N.
func filedCommand(ts *testscript.TestScript, neg bool, args []string) {
	receivedCommand(ts, neg, args)
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	for _, folder := range []string{"Sent", "All"} {
		if folder == "All" && folderName(ts, me(ts), folder) == "All" {
			continue // there is none
		}
		have := filed(ts, folder, args[0])
		if folder == "All" && of(ts).manners.AllOfTrash {
			have -= filed(ts, "Trash", args[0]) // the copies that lay in Drafts
		}
		if have != want {
			ts.Fatalf("%s holds %d mails to %s, not %d", folder, have, args[0], want)
		}
	}
}

// filed counts the mails to a contact in a folder of the owner's.
func filed(ts *testscript.TestScript, folder, to string) (n int) {
	letters, err := of(ts).letters(me(ts), folderName(ts, me(ts), folder))
	ts.Check(err)
	for _, l := range letters {
		if slices.Contains(l.header.Addresses("To"), to) {
			n++
		}
	}
	return n
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
