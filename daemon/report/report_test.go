package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"introd/daemon/report"
	"introd/daemon/steps"
	"introd/store"
)

var now = time.Date(2026, 12, 20, 12, 0, 0, 0, time.UTC)

// season is a book of eight people: two introducers, and six who were asked, one of them by phone.
func season() report.Book {
	b := report.Book{Owner: "Sam Rivera", At: now, Zone: time.UTC}
	add := func(id, name, how, via string, history ...store.Event) {
		for i := range history {
			history[i].Person, history[i].Seq = id, uint64(i+1)
		}
		b.People = append(b.People, report.Person{
			Person: store.Person{ID: id, Name: name, Address: id + "@x.test", How: how, Via: via, Added: now}, History: history, State: steps.Fold(history, now),
			Aliases: []store.Alias{{Address: id + "@x.test", Person: id}},
		})
	}
	day := func(n int) time.Time { return now.AddDate(0, 0, n-30) }
	out := func(n int, kind string) store.Event {
		return store.Event{At: day(n), Kind: store.MailOut, Variant: kind, Mail: &store.Mail{MessageID: kind, Subject: "About " + kind, Text: "Hello."}}
	}
	in := func(n int, intent string) store.Event {
		return store.Event{At: day(n), Kind: store.MailIn, Mail: &store.Mail{MessageID: intent, Read: &store.Verdict{Kind: "person", Intent: intent}}}
	}
	agreed := out(3, steps.Confirmation)
	agreed.Meeting = &store.Meeting{UID: "m1", Start: day(5), End: day(5).Add(30 * time.Minute), Place: "Café <Luna> & Co"}
	told := out(20, "outcome-to-introducer")
	told.About = "dana"
	add("lee", "Prof. Lee", "professor", "", out(1, steps.IntroRequest), in(2, "intro_made"), told)
	add("ann", "Ann Ray", "alumni", "", out(1, steps.Request+"-alumni"), in(4, "decline"))
	add("bo", "Bo Hill", "alumni", "", out(1, steps.Request+"-alumni"), store.Event{At: day(2), Kind: store.MailIn, Mail: &store.Mail{Read: &store.Verdict{Kind: "auto_reply", Intent: "out_of_office"}}})
	add("cy", "Cy Dee", "cold", "", store.Event{At: day(1), Kind: store.Touched, Variant: "phone"})
	add("dana", "Dana Wu <Dr>", "", "lee", out(1, steps.Request+"-referred"), in(2, "accept_with_times"), agreed, out(6, steps.ThankYou))
	add("eve", "Eve Stone", "", "dana", out(8, steps.Request+"-referred"))
	add("kim", "Kim Park", "", "", out(9, steps.Request+"-cold"))
	add("max", "Max Orr", "friend", "gone")
	return b
}

func TestFunnelCountsPeopleOnce(t *testing.T) {
	t.Parallel()
	want := []report.Row{
		{Source: "all", Asked: 6, Answered: 2, Met: 1, Thanked: 1, Reported: 1},
		{Source: "alumni", Asked: 2, Answered: 1},
		{Source: "cold", Asked: 2},
		{Source: "referral", Asked: 2, Answered: 1, Met: 1, Thanked: 1, Reported: 1},
	}
	if have := report.Funnel(season()); !reflect.DeepEqual(have, want) {
		t.Errorf("have %+v\nwant %+v", have, want)
	}
	if rows := report.Funnel(report.Book{}); len(rows) != 1 || rows[0].Asked != 0 {
		t.Errorf("of nobody: %+v", rows)
	}
}

// The values are Wilson's score interval as printed in textbooks.
func TestShareIsWilsons(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{0, 10, 0, 0.278}, {10, 10, 0.722, 1}, {5, 10, 0.237, 0.763}, {1, 29, 0.006, 0.172}, {38, 77, 0.385, 0.603}} {
		_, low, high := report.Share(c.k, c.n)
		if math.Abs(low-c.low) > 0.001 || math.Abs(high-c.high) > 0.001 {
			t.Errorf("%d of %d: %.3f to %.3f, want %.3f to %.3f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

func TestTreeHoldsEverybodyOnce(t *testing.T) {
	t.Parallel()
	b := season()
	b.People[1].Via, b.People[2].Via = "bo", "ann" // a circle
	text := report.Plain(report.Funnel(b), report.Tree(b))
	for _, p := range b.People {
		if n := strings.Count(text, p.Name+" ("); n != 1 {
			t.Errorf("%s stands %d times in\n%s", p.Name, n, text)
		}
	}
	if !strings.Contains(text, "├─ Prof. Lee (introduces)\n│  └─ Dana Wu <Dr> (thanked)\n│     └─ Eve Stone (asked)\n") {
		t.Errorf("the branch of lee is missing in\n%s", text)
	}
}

func TestPictureIsWellFormed(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]report.Book{"season": season(), "nobody": {Zone: time.UTC}} {
		decoder := xml.NewDecoder(strings.NewReader(report.Picture(b)))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	if path := os.Getenv("INTROD_PICTURE"); path != "" { // to look at it
		if err := os.WriteFile(path, []byte(report.Picture(season())), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExportIsReadAgain(t *testing.T) {
	t.Parallel()
	b, dir := season(), filepath.Join(t.TempDir(), "out")
	if err := report.Export(b, dir); err != nil {
		t.Fatal(err)
	}
	for file, words := range map[string][]string{
		"people/dana.md": {"# Dana Wu <Dr>", "- Through: lee", "**About thank-you**", "Café <Luna> & Co"},
		"people.csv":     {"dana,Dana Wu <Dr>,dana@x.test", "ann,Ann Ray"},
		"people.vcf":     {"VERSION:4.0", "FN:Dana Wu <Dr>", "EMAIL:dana@x.test"},
		"meetings.ics":   {"BEGIN:VEVENT", "UID:m1", `LOCATION:Café <Luna> & Co`},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, file))
		for _, w := range words {
			if !strings.Contains(string(raw), w) {
				t.Errorf("%s lacks %q (%v):\n%.600s", file, w, err, raw)
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, report.JSONFile))
	if err != nil {
		t.Fatal(err)
	}
	again, err := report.ReadJSON(raw)
	if err != nil || len(again.People) != len(b.People) || fmt.Sprint(again.People[4].History) == "" || !reflect.DeepEqual(again.People[4].History[0], b.People[4].History[0]) {
		t.Errorf("read again: %v, %+v", err, again.People[4])
	}
}

func TestReadJSONRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "{", `{"people":[{"id":"x"}]}`, `{"people":[{"id":"../x","name":"X","address":"x@y.test"}]}`, `{"people":[{"id":"x","name":"X","address":"x@y.test","history":[{"person":"y"}]}]}`} {
		if _, err := report.ReadJSON([]byte(raw)); !errors.Is(err, report.ErrNoExport) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}
