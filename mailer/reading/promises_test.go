package reading

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// everyExample are all letters that the tests have, those kept aside too: a promise holds for each. A test
// that fails on one kept aside names its line only.
func everyExample(t *testing.T) map[string][]example {
	all := map[string][]example{}
	for _, name := range []string{"letters-tuning.txt", "letters-held.txt", "letters-fresh-tuning.txt", "letters-fresh-held.txt"} {
		all[name] = examples(t, name)
	}
	return all
}

var (
	yeses    = []Intent{Accept, AcceptWithTimes, ProposeLink}
	noes     = []Intent{Decline, DeclineWithReferral, Unsubscribe, Cancel}
	machines = []Intent{OutOfOffice, AutoAck, IntentBounce}
)

func readMail(raw []byte) Reading {
	return Read(raw, Context{Owner: []string{"kim@own.test"}, OwnerName: "Kim Lindqvist"})
}

// What a person writes is a person's, whatever their program adds: headers that Exchange and help desks set on
// all mail prove nothing, and neither does "Auto-Submitted: no".
func TestPersonIsNeverTakenForMachine(t *testing.T) {
	n := 0
	for name, list := range everyExample(t) {
		for _, e := range list {
			if e.auto || slices.Contains(machines, e.intent) || e.intent == Unrelated {
				continue
			}
			n++
			for _, header := range []string{"", "X-Auto-Response-Suppress: All\r\n", "Auto-Submitted: no\r\n", "Precedence: bulk\r\n"} {
				if r := readMail(append([]byte(header), e.mail()...)); r.Kind != KindPerson {
					t.Errorf("%s line %d: %s with %q", name, e.line, r.Kind, header)
				}
			}
		}
	}
	if n < 700 {
		t.Errorf("only %d letters", n)
	}
}

// The very words of a yes are none when a machine sends them, and offer nothing.
func TestMachineNeverAccepts(t *testing.T) {
	for name, list := range everyExample(t) {
		for _, e := range list {
			if e.auto {
				continue
			}
			r := readMail(append([]byte("Auto-Submitted: auto-replied\r\n"), e.mail()...))
			if slices.Contains(yeses, r.Intent) || len(r.Times) > 0 || r.Link != "" {
				t.Errorf("%s line %d: %s of a %s, times %v, link %q", name, e.line, r.Intent, r.Kind, r.Times, r.Link)
			}
		}
	}
}

// A no stays one under kind words before and behind it, and above a quote in which somebody agrees.
func TestNoIsNeverReadAsYes(t *testing.T) {
	polite := map[string]func(string) string{
		"":             func(s string) string { return s },
		"kind opening": func(s string) string { return "Thank you so much for your lovely note, it made my day.\n\n" + s },
		"kind closing": func(s string) string { return s + "\n\nI hope it goes well, and thanks again for writing." },
		"quoted yes": func(s string) string {
			return s + "\n\nOn Sun, Nov 29, 2026 at 3:21 PM Kim Lindqvist <kim@own.test> wrote:\n\n> Yes, happy to! Tuesday at 3 works.\n"
		},
		"quoted offers": func(s string) string { return belowText("outlook", "en", s) },
	}
	n := 0
	for name, list := range everyExample(t) {
		for _, e := range list {
			if !slices.Contains(noes, e.intent) || e.auto || e.quote != "" {
				continue
			}
			n++
			for how, with := range polite {
				f := e
				f.text = with(strings.TrimSpace(e.text))
				if r := readMail(f.mail()); slices.Contains(yeses, r.Intent) {
					t.Errorf("%s line %d, %s: %s (%s)", name, e.line, how, r.Intent, r.rule())
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d letters", n)
	}
}

// rule is the name of the rule that an intent rests on.
func (r Reading) rule() string {
	for _, b := range r.Because {
		if strings.HasPrefix(b.Verdict, "intent=") {
			return b.Rule
		}
	}
	return ""
}

// Reading the same mail twice gives the same, and a line more of blank ones changes no meaning.
func TestReadingIsStable(t *testing.T) {
	for name, list := range everyExample(t) {
		for _, e := range list {
			raw := e.mail()
			a, b := readMail(raw), readMail(append(bytes.Clone(raw), "\r\n\r\n"...))
			if a.Intent != b.Intent || len(a.Times) != len(b.Times) || a.NewText != b.NewText {
				t.Errorf("%s line %d: %s and %s", name, e.line, a.Intent, b.Intent)
			}
		}
	}
}
