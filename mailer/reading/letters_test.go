package reading

import (
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
)

// example is a reply of testdata/letters-*.txt with what a careful person reads from it.
type example struct {
	line   int
	intent Intent
	lang   string
	text   string
	want   map[string]string // people, times, phone, link, back
	cc     string
	auto   bool
}

// examples reads a file of letters; its own head says what its form is.
func examples(t *testing.T, name string) []example {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for n, line := range strings.Split(string(raw), "\n") {
		if head, ok := strings.CutPrefix(line, "%% "); ok {
			fields := strings.Split(head, ";")
			intent, lang, _ := strings.Cut(strings.TrimSpace(fields[0]), " ")
			e := example{line: n + 1, intent: Intent(intent), lang: lang, want: map[string]string{}}
			for _, field := range fields[1:] {
				key, value, _ := strings.Cut(strings.TrimSpace(field), ": ")
				switch key {
				case "auto":
					e.auto = true
				case "cc":
					e.cc = value
				default:
					e.want[key] = value
				}
			}
			all = append(all, e)
		} else if len(all) > 0 {
			all[len(all)-1].text += line + "\n"
		}
	}
	return all
}

func (e example) mail() []byte {
	var b strings.Builder
	b.WriteString("From: Robin Ashby <robin@ashby.test>\r\nTo: Kim Lindqvist <kim@own.test>\r\n")
	if e.cc != "" {
		b.WriteString("Cc: " + e.cc + "\r\n")
	}
	if e.auto {
		b.WriteString("Auto-Submitted: auto-replied\r\n")
	}
	b.WriteString("Date: Mon, 30 Nov 2026 10:00:00 -0500\r\nMessage-ID: <1@ashby.test>\r\nIn-Reply-To: <r@own.test>\r\nSubject: Re: A few questions\r\n")
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
	b.WriteString(strings.ReplaceAll(strings.TrimSpace(e.text), "\n", "\r\n") + "\r\n")
	return []byte(b.String())
}

// got is a Reading in the form of the examples' own notes.
func got(r Reading) map[string]string {
	var people, starts []string
	for _, p := range r.People {
		who := p.Name
		if p.Email != "" {
			who += " <" + p.Email + ">"
		}
		people = append(people, strings.TrimSpace(who))
	}
	for _, t := range r.Times {
		layout := "01-02 15:04"
		if t.Kind == "day" || t.Start.Hour() == 0 && t.Start.Minute() == 0 {
			layout = "01-02"
		}
		starts = append(starts, t.Start.Format(layout))
	}
	all := map[string]string{"people": strings.Join(people, ", "), "times": strings.Join(starts, ", "), "phone": r.Phone, "link": r.Link, "back": r.ReturnDate}
	for key, value := range all {
		if value == "" {
			delete(all, key)
		}
	}
	return all
}

// tally is how a file of letters is read: by intent, and each detail over the letters that have it or
// are said to.
type tally struct {
	n, right, unsure, wrong int
	details                 map[string][2]int // right, of
}

func (s tally) accuracy() float64 { return float64(s.right) / float64(s.n) }

func (s tally) String() string {
	out := fmt.Sprintf("intent %d of %d (%.3f), wrong but certain %d, unsure %d", s.right, s.n, s.accuracy(), s.wrong, s.unsure)
	for _, key := range slices.Sorted(mapsKeys(s.details)) {
		out += fmt.Sprintf("; %s %d of %d", key, s.details[key][0], s.details[key][1])
	}
	return out
}

func mapsKeys(m map[string][2]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func read(t *testing.T, list []example, show bool) tally {
	t.Helper()
	zone := time.FixedZone("", -5*3600)
	s := tally{n: len(list), details: map[string][2]int{}}
	for _, e := range list {
		r := Read(e.mail(), Context{Owner: []string{"kim@own.test"}, OwnerName: "Kim Lindqvist", OwnerZone: zone})
		switch r.Intent {
		case e.intent:
			s.right++
		case Unsure:
			s.unsure++
		default:
			s.wrong++
		}
		if show && r.Intent != e.intent {
			last := r.Because[len(r.Because)-1]
			for _, b := range r.Because {
				if strings.HasPrefix(b.Verdict, "intent") {
					last = b
				}
			}
			t.Logf("line %d: %s, want %s: %q (%s: %q)", e.line, r.Intent, e.intent, strings.TrimSpace(e.text), last.Rule, last.Evidence)
		}
		have := got(r)
		keys := []string{"people", "times", "phone", "link", "back"}
		sort.Strings(keys)
		for _, key := range keys {
			if have[key] == "" && e.want[key] == "" {
				continue
			}
			d := s.details[key]
			d[1]++
			if have[key] == e.want[key] {
				d[0]++
			} else if show {
				t.Logf("line %d: %s %q, want %q: %q", e.line, key, have[key], e.want[key], strings.TrimSpace(e.text))
			}
			s.details[key] = d
		}
	}
	return s
}

func TestLettersTuning(t *testing.T) {
	s := read(t, examples(t, "letters-tuning.txt"), true)
	t.Log(s)
}

func TestLettersHeld(t *testing.T) {
	s := read(t, examples(t, "letters-held.txt"), false)
	t.Log(s)
}
