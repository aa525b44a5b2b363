package daemon

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"introd/mailer"
	"introd/store"
)

// TestMiningCountsOnceThroughKills ends the engine at every commit in turn: however often a step of the reading is broken off,
// every mail counts once.
func TestMiningCountsOnceThroughKills(t *testing.T) {
	t.Parallel()
	whole := mined(t, 0)
	if len(whole) != 30 || whole["p17@acme.test"].Received != 2 || whole["q3@acme.test"].Sent != 1 {
		t.Fatalf("without a kill %d addresses were counted", len(whole))
	}
	kills := 0
	for n := 1; ; n++ {
		tallies := mined(t, n)
		if tallies == nil {
			break // there is no nth commit
		}
		kills++
		for address, tally := range tallies {
			if w := whole[address]; tally.Sent != w.Sent || tally.Received != w.Received {
				t.Errorf("killed at commit %d, %s has %d sent and %d received, not %d and %d", n, address, tally.Sent, tally.Received, w.Sent, w.Received)
			}
		}
		if len(tallies) != len(whole) {
			t.Errorf("killed at commit %d, %d addresses were counted, not %d", n, len(tallies), len(whole))
		}
	}
	if kills < 8 { // before and after the mark, the counts and the cursor, of two folders
		t.Errorf("only %d commits were seen", kills)
	}
}

// correspond fills INBOX and Sent with mail from and to thirty people.
func correspond(t *testing.T, e *Engine) {
	t.Helper()
	for i := range 30 {
		folder, from, to := "INBOX", fmt.Sprintf("p%d@acme.test", i%20), "me@home.test"
		if i >= 20 {
			folder, from, to = "Sent", to, fmt.Sprintf("q%d@acme.test", i-20)
		}
		for range 1 + i/10%2 {
			mail := fmt.Sprintf("Date: Tue, 24 Nov 2026 08:00:00 +0000\r\nFrom: %s\r\nTo: %s\r\nSubject: s\r\n\r\nx\r\n", from, to)
			if _, err := e.boxes[0].session.Append(folder, []byte(mail), nil, scanDay); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// mined reads an office's mail for the network, killed once at the nth moment about a commit; nil where there is none.
func mined(t *testing.T, n int) map[string]store.Tally {
	t.Helper()
	killed := errors.New("killed")
	left, did := n, false
	e, _ := scanner(t, func(name string) {
		if strings.HasPrefix(name, "commit:") {
			if left--; left == 0 {
				did = true
				panic(killed)
			}
		}
	})
	correspond(t, e)
	late := func() { // a mail that comes while a step is broken off
		s, err := mailer.Dial(t.Context(), e.home().Account)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Append("INBOX", []byte("Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nFrom: p0@acme.test\r\nTo: me@home.test\r\nSubject: s\r\n\r\nx\r\n"), nil, scanDay); err != nil {
			t.Fatal(err)
		}
	}
	if n == 0 {
		late()
	}
	e.boxes[0].hangUp()                // Mine finds the folders when it dials
	for finished := 0; finished < 2; { // once more: what came meanwhile counts then
		func() {
			defer func() {
				switch r := recover(); r {
				case nil:
				case killed:
					late()
					finished = 0
				default:
					panic(r)
				}
			}()
			r, err := e.Mine(t.Context(), None{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Finished {
				finished++
			}
		}()
	}
	if n > 0 && !did {
		return nil
	}
	found := map[string]store.Tally{}
	if err := e.store.View(func(tx *store.Tx) error {
		return tx.EachTally(func(t store.Tally) error {
			found[t.Address] = t
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	return found
}
