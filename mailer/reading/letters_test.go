package reading

import (
	"fmt"
	"maps"
	"os"
	"slices"
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
func examples(t testing.TB, name string) []example {
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
	for _, key := range slices.Sorted(maps.Keys(s.details)) {
		out += fmt.Sprintf("; %s %d of %d", key, s.details[key][0], s.details[key][1])
	}
	return out
}

// details are the notes that are measured.
var details = []string{"back", "link", "people", "phone", "times"}

// read reads letters and counts what is right. With show it says what is not.
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
			t.Logf("line %d: %s, want %s: %q (%s)", e.line, r.Intent, e.intent, strings.TrimSpace(e.text), because(r))
		}
		have := got(r)
		for _, key := range details {
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

// because is the rule and the words behind an intent.
func because(r Reading) string {
	for _, b := range r.Because {
		if strings.HasPrefix(b.Verdict, "intent=") {
			return b.Rule + ": " + b.Evidence
		}
	}
	return "no evidence"
}

// TestLetters measures the reader on letters that it was tuned on, and on some that it was not: there a
// guess that is wrong counts, and "unsure" is honest. Floors are only raised.
func TestLetters(t *testing.T) {
	for _, half := range []struct {
		file     string
		n        int     // at least
		accuracy float64 // at least
		wrong    int     // wrong but certain, at most
		details  float64 // of all details, at least
		show     bool
	}{
		{"letters-tuning.txt", 455, 0.993, 1, 0.965, true},
		{"letters-held.txt", 50, 0.90, 3, 0.85, false},
	} {
		s := read(t, examples(t, half.file), half.show)
		t.Logf("%s: %v", half.file, s)
		right, of := 0, 0
		for _, d := range s.details {
			right, of = right+d[0], of+d[1]
		}
		if s.n < half.n || s.accuracy() < half.accuracy || s.wrong > half.wrong || float64(right) < half.details*float64(of) {
			t.Errorf("%s: %v; floors %+v", half.file, s, half)
		}
	}
}

// TestVerdictsSayWhy holds that each verdict comes with words of the letter and a rule.
func TestVerdictsSayWhy(t *testing.T) {
	for _, e := range examples(t, "letters-tuning.txt") {
		r := Read(e.mail(), Context{})
		for _, b := range r.Because {
			if b.Verdict == "" || b.Rule == "" || b.Evidence == "" {
				t.Errorf("line %d: %+v", e.line, b)
			}
		}
		if because(r) == "no evidence" {
			t.Errorf("line %d: no evidence for %s", e.line, r.Intent)
		}
	}
}

func TestLetterSeedsAreThere(t *testing.T) {
	if n := len(letterSeeds(t)); n < 455 {
		t.Errorf("%d seeds", n)
	}
}

func letterSeeds(t testing.TB) []string {
	var all []string
	for _, e := range examples(t, "letters-tuning.txt") {
		all = append(all, e.text)
	}
	return all
}

// FuzzLetter holds of any letter that it has a verdict with its evidence, and that what would act goes
// with the verdict: no times from somebody who declines, no number from a machine, a date to come back to only where one is spoken of.
func FuzzLetter(f *testing.F) {
	for i, text := range letterSeeds(f) {
		f.Add(text, i%7 == 0)
	}
	f.Fuzz(func(t *testing.T, text string, auto bool) {
		r := Read(example{text: text, auto: auto}.mail(), Context{OwnerName: "Kim Lindqvist"})
		if because(r) == "no evidence" {
			t.Errorf("%s without evidence", r.Intent)
		}
		switch r.Intent {
		case Decline, DeclineWithReferral, Referral, Later, OutOfOffice, AutoAck, ThanksOnly, Unsubscribe, Cancel, Unrelated:
			if len(r.Times) > 0 {
				t.Errorf("%s offers %v", r.Intent, r.Times)
			}
		}
		if r.Kind == KindAutoReply && r.Phone != "" || r.ReturnDate != "" && r.Intent != OutOfOffice && r.Intent != Later {
			t.Errorf("%s of a %s with phone %q and date %q", r.Intent, r.Kind, r.Phone, r.ReturnDate)
		}
	})
}
