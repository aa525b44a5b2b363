package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"introd/daemon"
	"introd/mailer/postoffice"
)

// The cut walk: as the kill walk, but the connection goes away at each command in turn, and the
// process lives on. A command that fails says one sentence, and the next look goes on from there.

// cutEvents are all that an office can be made to fail at, but what it does by itself.
var cutEvents = []string{
	"imap:LOGIN", "imap:SELECT", "imap:FETCH", "imap:SEARCH", "imap:APPEND", "imap:APPEND:done", "imap:STORE", "imap:EXPUNGE", "imap:EXPUNGE:done",
	"imap:MOVE", "smtp:connect", "smtp:MAIL", "smtp:RCPT", "smtp:DATA", "smtp:DATA:done",
}

// cuts counts the events of a run that nothing disturbs, so that each of them can be cut in turn.
func cuts(t *testing.T, o postoffice.Options, run func(*rig)) (all []string) {
	t.Helper()
	r := newRigOn(t, o)
	before := map[string]int{}
	for _, event := range cutEvents {
		before[event] = r.house.office.Count(event)
	}
	run(r)
	for _, event := range cutEvents {
		for n := range r.house.office.Count(event) - before[event] {
			all = append(all, fmt.Sprintf("%s %d", event, n+1))
		}
	}
	return all
}

// persist looks at the mailbox as often as it takes: what failed is tried again a little later.
func (r *rig) persist() (failures []string) {
	r.Helper()
	for range 12 {
		_, err := r.engine.Look(context.Background(), daemon.None{})
		if err == nil {
			return failures
		}
		failures = append(failures, err.Error())
		r.pass(2 * time.Minute)
	}
	r.Fatalf("it never comes to an end: %q", failures)
	return nil
}

// requested brings a request to Dana from its draft to Sent, whatever fails on the way.
func requested(r *rig) {
	_, err := r.engine.Ask(r.Context(), daemon.AskRequest{Person: "dana", Why: "Your talk on battery recycling changed what I want to work on."})
	r.check(err)
	failures := r.persist()
	r.decide(daemon.DecideRequest{Verb: "approve"})
	r.pass(2 * time.Minute)
	failures = append(failures, r.persist()...)
	for _, words := range failures {
		if !strings.Contains(words, "the server cannot be reached") && !strings.Contains(words, "your mailbox is full") {
			r.Errorf("a cut is told as %q", words)
		}
	}
	r.pass(20 * time.Minute) // what waits to be tried again is due
	r.persist()
}

// TestP2_CutAnywhere cuts the connection at each command of drafting, showing, approving, sending and
// filing; on a server without UIDPLUS, at the commands that are other ones there.
func TestP2_CutAnywhere(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]postoffice.Options{"UIDPLUS": {}, "MOVE": {Manners: postoffice.Manners{Lacks: "UIDPLUS"}}} {
		all := cuts(t, o, requested)
		for _, event := range map[string][]string{
			"UIDPLUS": {"imap:APPEND:done 1", "imap:SELECT 1", "imap:FETCH 1", "imap:STORE 1", "imap:EXPUNGE:done 1", "smtp:RCPT 1", "smtp:DATA:done 1"},
			"MOVE":    {"imap:APPEND:done 1", "imap:MOVE 1"},
		}[name] {
			if !slices.Contains(all, event) {
				t.Errorf("the run never came to %s: %v", event, all)
			}
		}
		for _, where := range all {
			if name == "MOVE" && !strings.HasPrefix(where, "imap:MOVE") && !strings.HasPrefix(where, "imap:APPEND") && !strings.HasPrefix(where, "imap:SEARCH") {
				continue
			}
			t.Run(name+" "+where, func(t *testing.T) {
				t.Parallel()
				r := newRigOn(t, o)
				event, nth, _ := strings.Cut(where, " ")
				var n int
				fmt.Sscan(nth, &n)
				before := r.house.office.Count(event)
				r.house.office.Fail(event, n, nil)
				requested(r)
				if r.house.office.Count(event) < before+n {
					t.Fatalf("it was never cut at %s", where)
				}
				sentOnce(r)
			})
		}
	}
}
