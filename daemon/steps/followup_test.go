package steps

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"introd/store"
)

// thanked is a history up to the thank-you.
func thanked(more ...store.Event) []store.Event {
	return append(events(confirmed("11-24 11:00", "12-01 15:00", 0), sent("12-01 17:00", ThankYou, "thank-you/m@introd")), more...)
}

func item(kind store.EventKind, at, item, text string) store.Event {
	return store.Event{Person: "dana", Kind: kind, At: on(at), Item: item, Text: text}
}

func TestFollowUp(t *testing.T) {
	connected := store.Event{Kind: store.Touched, Variant: "linkedin", At: on("12-02 10:00")}
	task := item(store.Tasked, "12-01 17:00", "1", "read the report")
	named := store.Event{Person: "dana", Kind: store.Debriefed, At: on("12-01 16:30"), Debrief: &store.Debrief{Named: []store.Named{{Name: "Ada Obi"}}}}
	check(t, []rule{
		{"connect once the thanks are out", thanked(), "12-02 10:00", "task-linkedin 12-01 17:00"},
		{"connected", thanked(connected), "12-03 10:00", ""},
		{"a next step", thanked(connected, task), "12-03 10:00", "task-own 12-01 17:00"},
		{"done", thanked(connected, task, item(store.Done, "12-04 10:00", "1", "")), "12-05 10:00", ""},
		{"dropped by its key", thanked(connected, task, done(store.Dropped, "12-04 10:00", "task/dana/1")), "12-05 10:00", ""},
		{"somebody was named", thanked(connected, named), "12-02 10:00", "task-named 12-01 16:30"},
		{"advice alone", thanked(connected, item(store.Advised, "12-01 17:00", "1", "learn Python")), "12-09 10:00", ""},
		{"advice taken", thanked(connected, item(store.Advised, "12-01 17:00", "1", "learn Python"), item(store.Acted, "12-20 17:00", "1", "took a course")), "12-21 10:00", ""},
		{"and something came of it", thanked(connected, item(store.Advised, "12-01 17:00", "1", "learn Python"), item(store.Acted, "12-20 17:00", "1", "took a course"),
			item(store.CameOf, "12-28 17:00", "1", "I wrote my first analysis")), "12-29 10:00", "outcome-to-adviser 12-28 17:00"},
		{"and they were told", thanked(connected, item(store.Advised, "12-01 17:00", "1", "learn Python"), item(store.Acted, "12-20 17:00", "1", "took a course"),
			item(store.CameOf, "12-28 17:00", "1", "I wrote my first analysis"), sent("12-29 10:00", OutcomeAdviser, "outcome/dana/1")), "12-29 11:00", ""},
	})
}

// moment is a time of this year, or of another with "+2027-07-15 10:00".
func moment(words string) time.Time {
	if day, ok := strings.CutPrefix(words, "+"); ok {
		t, err := time.ParseInLocation("2006-01-02 15:04", day, usual.Zone)
		if err != nil {
			panic(err)
		}
		return t
	}
	return on(words)
}

func TestKeepInTouch(t *testing.T) {
	rules := usual
	rules.KeepInTouch = 3
	connected := store.Event{Kind: store.Touched, Variant: "linkedin", At: on("12-02 10:00")}
	for _, c := range []struct {
		what    string
		history []store.Event
		now     string
		want    string
	}{
		{"three months after the last word", thanked(connected), "12-05 10:00", "keep-in-touch/dana/2027-Q1 03-01 09:00 until 06-01"},
		{"they wrote since", thanked(connected, wrote("12-20 10:00", "thanks_only")), "12-21 10:00", "keep-in-touch/dana/2027-Q1 03-20 09:00 until 06-20"},
		{"a season without a word is over", thanked(connected), "+2027-07-15 10:00", "keep-in-touch/dana/2027-Q2 06-01 09:00 until 09-01"},
		{"dropped: not before the next season", thanked(connected, done(store.Dropped, "12-05 11:00", "keep-in-touch/dana/2027-Q1")), "12-06 10:00", ""},
		{"not before there were thanks", events(confirmed("11-24 11:00", "12-01 15:00", 0)), "12-01 15:10", ""},
		{"a no ends it", thanked(connected, wrote("12-20 10:00", "unsubscribe")), "12-21 10:00", ""},
	} {
		have := ""
		for _, w := range Wants(caseOf(c.history...), rules, moment(c.now)) {
			if w.Kind == KeepInTouch {
				have = fmt.Sprintf("%s %s until %s", w.Key, w.From.Format("01-02 15:04"), w.Until.Format("01-02"))
				if !w.NeedsSentence {
					t.Errorf("%s: it goes out without anything to say", c.what)
				}
			}
		}
		if have != c.want {
			t.Errorf("%s: %q, not %q", c.what, have, c.want)
		}
	}
}

func TestLedger(t *testing.T) {
	history := events(item(store.Advised, "12-01 17:00", "1", "learn Python"), item(store.Advised, "12-01 17:00", "3", "ask Kim"), item(store.Acted, "12-20 17:00", "1", "took a course"),
		item(store.CameOf, "12-28 17:00", "9", "of nothing"), sent("12-29 10:00", OutcomeAdviser, "outcome/dana/3"))
	history[4].Person = "dana"
	ledger := Ledger(history)
	if len(ledger) != 2 || ledger[0].Did != "took a course" || ledger[0].Told || !ledger[1].Told || ledger[1].Text != "ask Kim" {
		t.Errorf("%+v", ledger)
	}
	if next := NextItem(history); next != "3" {
		t.Errorf("next %s", next)
	}
}
