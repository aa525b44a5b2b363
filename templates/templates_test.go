package templates

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// all are values for every text, as the daemon makes them.
func all() Values {
	return Values{
		"owner": "Sam Rivera", "owner_first": "Sam", "about": "a second-year chemistry student at State", "address": "sam@home.test", "signature": "Sam Rivera",
		"hello": "Dana", "greeting": "Hello Dana", "org": "BigCo", "introducer": "Prof. Lee", "introducer_hello": "Professor Lee", "introduced": "yes", "again": "yes", "thanks": "yes", "bcc": `"Prof. Lee" <lee@uni.test>`, "target": "Ben Ortiz", "target_org": "Acme",
		"sentence": "Your talk on battery recycling changed what I want to work on.", "subject": "Prof. Lee suggested I write to you", "sent_on": "November 23",
		"times": "  Tuesday, December 1, 3:00 to 3:30 PM PST (6:00 to 6:30 PM EST for me)\n  Wednesday, December 2, 11:00 to 11:30 AM PST (2:00 to 2:30 PM EST for me)",
		"when":  "Tuesday, December 1, 3:00 to 3:30 PM PST (6:00 to 6:30 PM EST for me)", "was": "Monday, November 30 at 3:00 PM PST", "place": "+1 555 010 9999", "length": "30 minutes",
		"met_on": "Tuesday", "day": "tomorrow", "met_in": "December", "advice": "Learn some Python before you apply anywhere.", "did": "I took a course over the winter.", "outcome": "In March I wrote my first analysis with it.", "back_on": "January 11", "named": "Ada Obi", "agreed": "yes",
		"title": "request to dana", "code": "4821", "from": "sam@school.test", "to": `"Dana Wu" <dana@bigco.test>`, "why": "you want to talk with Dana Wu", "due": "Wed 2 Dec 18:30",
		"warnings": "- the mail does not say that you ask for 20 to 30 minutes", "choices": "- Wed 2 Dec 14:00 (introd meet dana \"2026-12-02 14:00\")", "invitation": "REQUEST",
		"mail_subject": "Prof. Lee suggested I write to you", "mail_text": "Dear Dana,\n\nHello.", "ways": "- open it in Drafts, change what you like, and send it yourself\n- move this mail to the folder introd-send-x7k2",
		"pause": "2 minutes", "ask": "Why them? One sentence that fits nobody else.", "by_reply": "yes", "id": "7f3a90c1", "their_words": "> What would you like to know?", "body": "TO DECIDE\n- 4821  request to Dana Wu",
	}
}

func without(names ...string) Values {
	v := all()
	for _, n := range names {
		delete(v, n)
	}
	return v
}

// optional are the values that a text can do without.
var optional = map[string][]string{
	"answer-later": {"back_on"}, "apology": {"was", "times"}, "missed": {"was", "times"}, "owner-reminder": {"place", "target_org"}, "answer-to-question": {"agreed", "target"}, "cancel": {"was"}, "confirm-tomorrow": {"day", "place"}, "confirmation": {"place"}, "follow-up": {"back_on", "target"},
	"interview-request-alumni": {"org"}, "interview-request-cold": {"org"}, "interview-request-referred": {"org"}, "intro-request": {"target_org"}, "propose-times": {"was"},
	"reschedule": {"place", "was"}, "thanks-for-introducing": {"target"}, "thanks-for-no": {"named"},
	"keep-in-touch": {"met_in", "org"}, "owner-debrief": {"by_reply"},
	"owner-approval": {"from", "bcc", "due", "warnings", "choices", "invitation"}, "owner-question": {"by_reply", "their_words"},
	"answer-to-introduction": {"org"}, "outcome-to-introducer": {"again", "introduced", "target_org"}, "call-script": {"introducer", "org", "sentence"},
	"linkedin-note": {"thanks", "org", "about", "sentence", "introducer"},
}

func load(t *testing.T) *Set {
	t.Helper()
	s, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every text with all its values, and without those that it can do without: read testdata aloud.
func TestTextsReadAsTheyShould(t *testing.T) {
	s := load(t)
	for _, kind := range s.Kinds() {
		cases := []struct {
			name string
			v    Values
		}{{"all values", all()}}
		for _, name := range optional[kind] {
			cases = append(cases, struct {
				name string
				v    Values
			}{"without " + name, without(name)})
		}
		if len(optional[kind]) > 1 {
			cases = append(cases, struct {
				name string
				v    Values
			}{"without any of these", without(optional[kind]...)})
		}
		var out strings.Builder
		for _, c := range cases {
			subject, text, err := s.Render(kind, c.v)
			if err != nil {
				t.Errorf("%s, %s: %v", kind, c.name, err)
			}
			out.WriteString("== " + c.name + "\nSubject: " + subject + "\n\n" + text + "\n")
		}
		golden(t, kind, out.String())
	}
}

func golden(t *testing.T, kind, got string) {
	t.Helper()
	path := filepath.Join("testdata", kind+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != got {
		t.Errorf("%s is not as in %s (%v); if it should be so: go test ./templates -update\n%s", kind, path, err, got)
	}
}

func TestNoGoldenFileIsLeftOver(t *testing.T) {
	files, err := filepath.Glob("testdata/*.golden")
	if kinds := load(t).Kinds(); err != nil || len(files) != len(kinds) {
		t.Errorf("%d golden files for %d texts: %v", len(files), len(kinds), err)
	}
}

// A value that a text needs and does not get is an error that names it, never a blank.
func TestMissingValuesAreNamed(t *testing.T) {
	s := load(t)
	for _, kind := range s.Kinds() {
		source, err := embedded.ReadFile("mails/" + kind + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		needed := 0
		for _, use := range usedName.FindAllStringSubmatch(string(source), -1) {
			name := use[1]
			if slices.Contains(optional[kind], name) {
				continue
			}
			v := all()
			for _, hides := range optional[kind] { // an optional value may stand in for this one
				delete(v, hides)
			}
			for _, blank := range []string{"", " \n"} {
				v[name] = blank
				_, text, err := s.Render(kind, v)
				var missing *MissingError
				if !errors.As(err, &missing) || missing.Value != name || missing.Kind != kind {
					if _, _, err := s.Render(kind, without(name)); !errors.As(err, &missing) || missing.Value != name {
						t.Errorf("%s without %q: %v\n%s", kind, name, err, text)
					}
				}
			}
			needed++
		}
		if needed == 0 {
			t.Errorf("%s needs no value at all", kind)
		}
	}
	if _, _, err := s.Render("love-letter", nil); err == nil {
		t.Error("a text that is not there was rendered")
	}
}

// What introd writes itself must pass its own etiquette, for everybody.
func TestTextsKeepTheEtiquette(t *testing.T) {
	s := load(t)
	for _, kind := range s.Kinds() {
		if strings.HasPrefix(kind, "owner-") || kind == "call-script" { // it is spoken
			continue
		}
		for _, name := range []string{"Dana Wu", "Prof. Min-Ji Lee", "Dr. Jörg van der Müller", "Wu, Dana", "J. Robert Hall"} {
			for _, drop := range append(optional[kind], "") {
				v := without(drop)
				v["hello"], v["greeting"] = Hello(name), Greeting(name)
				subject, text, err := s.Render(kind, v)
				if err != nil {
					t.Fatal(err)
				}
				if got := rulesOf(Text{kind, subject, text}, Facts{Recipients: []string{name}, To: 1, Introducer: introducerOf(kind)}); got != "" {
					t.Errorf("%s to %s without %q: %s\n%s\n%s", kind, name, drop, got, subject, text)
				}
			}
		}
	}
}

func introducerOf(kind string) string {
	if kind == "interview-request-referred" {
		return "Prof. Lee"
	}
	return ""
}

func TestTheOwnersTexts(t *testing.T) {
	for _, o := range []struct{ file, text, wrong string }{
		{"nudge.txt", "Subject: Re: {{.subject}}\n\nHi {{.hello}}, any news?\n", ""},
		{"nudge.txt", "Subject: Re: {{.subject}}\r\n\r\nHi {{.hello}}, any news?\r\n", ""},
		{"nudge.txt", "Hi {{.hello}}\n", "nudge.txt:1: a text begins with a line"},
		{"nudge.txt", "Subject: x\nTo: y\n\nHi\n", "nudge.txt:1: a text begins with a line"},
		{"nudge.txt", "Subject: x\n\nHi {{.helo}}\n", `nudge.txt:3: there is no value "helo"`},
		{"nudge.txt", "Subject: x\n\nHi\n{{if has . \"orgg\"}}x{{end}}\n", `nudge.txt:4: there is no value "orgg"`},
		{"nudge.txt", "Subject: x\n\nHi {{.hello}\n", "nudge.txt:3: "},
		{"nudge.txt", "Subject: x\n\n{{if has . \"org\"}}at {{.org}}\n", "nudge.txt:4: unexpected EOF"},
		{"nudge.txt", "Subject: x\n\n{{shell \"rm\"}}\n", `nudge.txt:3: function "shell" not defined`},
		{"love-letter.txt", "Subject: x\n\nHi\n", "love-letter.txt: there is no text of this name; known are answer-invite"},
		{"nudge.txt~", "Subject: x\n\nHi\n", "nudge.txt~: there is no text of this name"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, o.file), []byte(o.text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Load(dir)
		if o.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, o.wrong)) {
				t.Errorf("%q: %v, should say %q", o.text, err, o.wrong)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, text, err := s.Render("nudge", all()); err != nil || text != "Hi Dana, any news?\n" {
			t.Errorf("%q, %v", text, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err != nil {
		t.Errorf("without a folder: %v", err)
	}
}
