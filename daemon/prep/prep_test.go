package prep

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files anew")

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func bank(t *testing.T) Bank {
	t.Helper()
	b, err := Load(filepath.Join(t.TempDir(), "none.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBankIsOpenAndFull(t *testing.T) {
	t.Parallel()
	b := bank(t)
	seen := map[string]bool{}
	for _, theme := range b {
		if n := len(theme.Questions); n < 6 || n > 10 {
			t.Errorf("%s has %d questions", theme.ID, n)
		}
		for _, q := range theme.Questions {
			if fault := Fault(q); fault != "" || seen[plain(q)] || utf8.RuneCountInString(q) > 95 {
				t.Errorf("%s: %q: %s", theme.ID, q, fault)
			}
			seen[plain(q)] = true
		}
	}
	if len(b) != 10 || b[len(b)-1].ID != last {
		t.Errorf("themes: %s", b.names())
	}
}

func TestFaultFindsClosedQuestions(t *testing.T) {
	t.Parallel()
	for q, ok := range map[string]bool{
		"Do you like your work?": false, "Is it hard?": false, "If you could, would you do it again?": false, "Tell me about it.": false, "Lithium?": false,
		"Can you tell me what you do?": false, "What is hard about it?": true, "At what age did you begin?": true, "When it fails, what happens?": true,
	} {
		if fault := Fault(q); (fault == "") != ok {
			t.Errorf("%q: %q", q, fault)
		}
	}
}

func TestOwnersFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"more of a theme", "# mine\n[day]\nHow early do you begin?\n", ""},
		{"a new theme", "[lab] In the laboratory\nWho washes the glass?\r\n", ""},
		{"closed", "[day]\n\nDo you like it?\n", "questions.txt:3: \"Do you like it?\" can be answered by yes or no"},
		{"no theme", "Who washes the glass?\n", "questions.txt:1: a question needs a theme above it"},
		{"no title", "[lab]\nWho washes the glass?\n", "questions.txt:1: [lab] is a new theme: write its title"},
		{"no heading", "[Lab!\n", "questions.txt:1: a theme is written [like-this]"},
		{"two faults", "[day]\nDo you?\nTalk.\n", "questions.txt:3: \"Talk.\" is no question"},
	} {
		path := filepath.Join(t.TempDir(), "questions.txt")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := Load(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.want == "" && b[len(b)-1].ID != last {
			t.Errorf("%s: %s", c.name, b.names())
		}
	}
	path := filepath.Join(t.TempDir(), "questions.txt")
	if err := os.WriteFile(path, []byte("[day]\nHow early do you begin?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := Load(path); err != nil || b.Theme("day").Questions[0] != "How early do you begin?" {
		t.Errorf("the owner's question is not the first: %v", err)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	b := bank(t)
	texts := func(qs []Question) (list []string) {
		for _, q := range qs {
			list = append(list, q.Text)
		}
		return list
	}
	first := Choose(b, nil, nil)
	if len(first) != mostQuestions || first[len(first)-1].Theme != b.Theme(last).Title {
		t.Errorf("a first talk: %v", first)
	}
	themes := map[string]bool{}
	for _, q := range first {
		themes[q.Theme] = true
	}
	if len(themes) != len(first) || themes[b.Theme("hiring").Title] || themes[b.Theme("resume").Title] {
		t.Errorf("themes of a first talk: %v", themes)
	}
	own := []string{"Who buys the metal?", "who buys the metal", "What does a ton cost?", "A?", "B?", "C?", "D?"}
	if got := Choose(b, own, nil); len(got) != mostQuestions || got[0].Text != own[0] || got[1].Text != own[2] || got[mostOwn-1].Text != "C?" || got[mostOwn].Theme == "" {
		t.Errorf("with the owner's own: %v", got)
	}
	if got := Choose(b, own, []string{"Who buys the metal ?"}); got[0].Text != own[2] {
		t.Errorf("an answered one of the owner's comes again: %v", got)
	}
	asked := texts(first)
	for n := 2; n < 9; n++ { // until the bank is empty: never the same question twice
		next := Choose(b, nil, asked)
		if n == 2 && (len(next) != mostQuestions || next[0].Theme == "" || !strings.Contains(fmt.Sprint(next), "résumé")) {
			t.Errorf("a second talk: %v", next)
		}
		for _, q := range next {
			if contains(asked, q.Text) {
				t.Errorf("talk %d asks again: %s", n, q.Text)
			}
		}
		asked = append(asked, texts(next)...)
	}
}

func TestKindOfPlace(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]PlaceKind{
		"": Unknown, "+1 555 010 9999": Telephone, "by phone": Telephone, "https://meet.bigco.test/dana": Video, "Zoom": Video,
		"Café Moka, 12 High Street": Cafe, "Blue Bottle Coffee": Cafe, "Evans Hall, room 4.12": Office, "Callahan Building": Office, "12 Main Street": Office,
	} {
		if got := Kind(place); got != want {
			t.Errorf("%q: %s, want %s", place, got, want)
		}
	}
}

// The plan fills the talk without a gap, whatever its length.
func TestPlanFillsTheTalk(t *testing.T) {
	t.Parallel()
	for _, minutes := range []int{15, 20, 25, 30, 45, 60} {
		f := Facts{Length: time.Duration(minutes) * time.Minute}
		at := 0
		for _, step := range f.plan(mostQuestions) {
			if step.From != at || step.To <= step.From {
				t.Errorf("%d minutes: %+v begins at %d", minutes, step, at)
			}
			at = step.To
		}
		if at != minutes {
			t.Errorf("%d minutes: the plan ends at %d", minutes, at)
		}
	}
}

// Four people, read aloud: a professor met in person, an engineer by video in another zone, an alum on
// the telephone, a founder in a café.
func TestSheetsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for name, f := range people(t) {
		s := Make(f)
		text := s.Text()
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 && !strings.Contains(line, "https://") {
				t.Errorf("%s: a line of %d letters: %s", name, n, line)
			}
		}
		golden(t, name+".txt", text)
		html, err := s.HTML()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", html)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != got {
		t.Errorf("%s is not as it was (%v); if it should be so: go test ./daemon/prep -update\n%s", path, err, got)
	}
}

func people(t *testing.T) map[string]Facts {
	own, b := zone(t, "America/New_York"), bank(t)
	at := func(words string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", words, own)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	base := func(start string, f Facts) Facts {
		f.Owner, f.About, f.Own, f.Bank = "Sam Rivera", "a second-year chemistry student at Ohio State", own, b
		f.Start = at(start)
		f.End = f.Start.Add(30 * time.Minute)
		if f.Theirs == nil {
			f.Theirs = own
		}
		return f
	}
	long := strings.TrimSpace(strings.Repeat("A long sentence about a thing that somebody once found out in a talk and wrote down. ", 4))
	return map[string]Facts{
		"crowded": base("2026-12-01 18:00", Facts{ // all that a page must have room for
			Name: "Prof. Dr. Anna-Magdalena von Hohenlohe-Waldburg", Org: "The Royal Institute for the Study of Batteries", Position: "Deputy Director of Long Titles",
			Address: "anna@institute.test", Via: "Professor Grace Lee", Since: at("2026-11-23 09:12"), Theirs: zone(t, "Europe/Berlin"), Reason: long[:170] + ".",
			Place:    "https://meet.institute.test/rooms/anna-magdalena-von-hohenlohe-waldburg?pwd=0123456789abcdef0123456789abcdef",
			Overview: long + " " + long[:150] + ".",
			Thread:   []Line{{at("2026-11-23 09:30"), "you", long}, {at("2026-11-24 09:30"), "Professor von Hohenlohe-Waldburg", long}, {at("2026-11-25 09:30"), "you", long}},
			Targets:  []Target{{Name: "Grid storage", Notes: []string{long, long, long, long, long, long}, Questions: []string{long[:130] + " (1)?", long[:130] + " (2)?", long[:130] + " (3)?", long[:130] + " (4)?", long[:130] + " (5)?"}}},
		}),
		"professor": base("2026-12-01 15:00", Facts{
			Name: "Prof. Grace Lee", Org: "Ohio State", Position: "Professor of Chemistry", Address: "lee@uni.test", How: "professor", Since: at("2026-09-02 10:00"),
			Reason: "Your lecture on electrolytes is the reason I stayed in chemistry.", Place: "Evans Hall, room 412",
			Thread: []Line{
				{at("2026-11-23 09:30"), "you", "Dear Professor Lee,\n\nYour lecture on electrolytes is the reason I stayed in chemistry. May I ask you for 20 to 30 minutes?"},
				{at("2026-11-24 16:10"), "Professor Lee", "Dear Sam,\n\nWith pleasure. Come by on Tuesday at three."},
				{at("2026-11-24 17:02"), "you", "Dear Professor Lee,\n\nThank you for making the time. I have put down Tuesday, December 1, 3:00 to 3:30 PM EST."},
			},
			Targets: []Target{{Name: "Chemistry", Notes: []string{"Two of three graduates leave the laboratory within five years."}, Questions: []string{"What do chemists do who leave the laboratory?"}}},
		}),
		"engineer": base("2026-12-01 18:00", Facts{
			Name: "Dana Wu", Org: "BigCo", Position: "Senior Process Engineer", Address: "dana@bigco.test", How: "professor", Via: "Prof. Lee", Since: at("2026-11-23 09:12"),
			Theirs: zone(t, "America/Los_Angeles"), Place: "https://meet.bigco.test/dana-wu", Reason: "Your talk on battery recycling changed what I want to work on.",
			Thread: []Line{
				{at("2026-11-23 09:30"), "you", "Dear Dana,\n\nProf. Lee suggested I write to you. Your talk on battery recycling changed what I want to work on. I would be grateful for 20 to 30 minutes of your time to learn from your experience."},
				{at("2026-11-24 14:40"), "Dana", "Happy to! Tuesday at 3pm my time works, link below. Looking forward."},
			},
			Targets: []Target{
				{Name: "BigCo", Employer: true, Notes: []string{"Recycles 3,000 tons a year.", "Hires few juniors."}, Questions: []string{"Who buys the recovered metal?"}},
				{Name: "Grid storage", Learnt: []string{"Used cells are graded by hand."}, Questions: []string{"How do cells get a second life?"}},
			},
		}),
		"alum": base("2026-12-03 12:30", Facts{
			Name: "Marcus Okafor", Org: "Riverside Health", Address: "marcus@health.test", How: "alumni", Since: at("2026-11-20 08:00"), Place: "+1 555 010 9999",
			Theirs:  zone(t, "America/Chicago"),
			Targets: []Target{{Name: "Hospital administration"}},
		}),
		"founder": base("2026-12-04 08:30", Facts{
			Name: "Inés Calvo", Org: "Calvo Ceramics", Position: "Founder", Address: "ines@ceramics.test", How: "cold", Since: at("2026-11-19 08:00"), Place: "Café Moka, 12 High Street",
			Overview: "I am Sam, I study chemistry, and I throw pots at night. I would like to know how a craft becomes a company.",
			Reason:   "Your glazes in the museum shop made me ask who had mixed them.",
		}),
	}
}
