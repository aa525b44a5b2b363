package steps

import (
	"testing"
	"time"

	"introd/store"
)

// called is a request by telephone.
func called(at string) store.Event {
	return store.Event{Kind: store.Touched, At: on(at), Variant: ByPhone, Want: "request/dana/1"}
}

func TestNextThere(t *testing.T) {
	three := usual
	three.OpenFor = 3
	kim := Colleague{ID: "kim", Name: "Kim Park", Free: true}
	asked := Colleague{ID: "kim", Name: "Kim Park", Asked: on("11-27 10:00")}
	before := Colleague{ID: "kim", Name: "Kim Park", Asked: on("11-02 10:00")}
	next, nudge := "task-next 11-26 10:00", "nudge 12-02 10:00"
	call := called("11-23 10:00")
	for _, r := range []struct {
		name       string
		events     []store.Event
		colleagues []Colleague
		want       string
	}{
		{"three business days, then the next person there", events(request("11-23 10:00")), []Colleague{kim}, next + "\n" + nudge},
		{"nobody else there", events(request("11-23 10:00")), nil, nudge},
		{"nobody else who may be asked", events(request("11-23 10:00")), []Colleague{before}, nudge},
		{"the other is asked: the first is left in peace", events(request("11-23 10:00")), []Colleague{asked}, ""},
		{"who was asked before is no reason", events(request("11-23 10:00")), []Colleague{before, kim}, next + "\n" + nudge},
		{"an answer ends it", events(request("11-23 10:00"), wrote("11-24 10:00", "later"), sent("11-24 11:00", AnswerLater, "later/dana/2")), []Colleague{kim}, "follow-up 12-22 10:00"},
		{"given up", events(request("11-23 10:00"), done(store.Dropped, "11-24 10:00", "request/dana/1")), []Colleague{kim}, ""},
		{"an introduction is no request to the organization", events(introRequest("11-23 10:00")), []Colleague{kim}, nudge},
		{"by telephone: a task for the reminder", events(call), []Colleague{kim}, next + "\ntask-nudge 12-02 10:00"},
		{"called again: that was it", events(call, store.Event{Kind: store.Touched, At: on("11-25 10:00"), Variant: ByPhone}), []Colleague{kim}, next},
		{"what they said was noted", events(call, done(store.Noted, "11-25 10:00", "")), []Colleague{kim}, ""},
		{"a note is no answer to a mail", events(request("11-23 10:00"), done(store.Noted, "11-25 10:00", "")), []Colleague{kim}, next + "\n" + nudge},
		{"a meeting made by telephone", events(call, setByHand("11-24 10:00", "12-20 10:00", 0), done(store.Dropped, "11-24 10:01", "confirmation/m@introd/0")), []Colleague{kim},
			"thank-you 12-20 10:45"},
		{"a mail that came back says nothing of a call", events(call, done(store.Bounced, "11-23 11:00", "")), []Colleague{kim}, next + "\ntask-nudge 12-02 10:00"},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := caseOf(r.events...)
			c.Colleagues = r.colleagues
			if got := told(quiet(Wants(c, three, on("11-25 12:00")))); got != r.want {
				t.Errorf("wanted now:\n%s\nshould be:\n%s", got, r.want)
			}
		})
	}
}

// quiet leaves out reminders of the talk itself.
func quiet(wants []Want) []Want {
	var kept []Want
	for _, w := range wants {
		if w.Kind != TaskLinkedIn && w.Kind != KeepInTouch {
			kept = append(kept, w)
		}
	}
	return kept
}

func TestOpenRequest(t *testing.T) {
	three := usual
	three.OpenFor = 3
	for _, r := range []struct {
		name   string
		events []store.Event
		now    string
		until  string // "" where it is not open
	}{
		{"three business days", events(request("11-25 10:00")), "11-26 10:00", "11-30 10:00"},
		{"and no longer", events(request("11-25 10:00")), "11-30 10:00", ""},
		{"a call is one", events(called("11-25 10:00")), "11-26 10:00", "11-30 10:00"},
		{"also where their mail came back", events(done(store.Bounced, "11-20 10:00", ""), called("11-25 10:00")), "11-26 10:00", "11-30 10:00"},
		{"a mail that came back is none", events(request("11-25 10:00"), done(store.Bounced, "11-25 10:01", "")), "11-26 10:00", ""},
		{"answered", events(request("11-25 10:00"), wrote("11-26 09:00", "thanks_only")), "11-26 10:00", ""},
		{"answered by telephone", events(called("11-25 10:00"), done(store.Noted, "11-26 09:00", "")), "11-26 10:00", ""},
		{"given up", events(called("11-25 10:00"), done(store.Dropped, "11-26 09:00", "request/dana/1")), "11-26 10:00", ""},
		{"until they are asked again", events(called("11-24 10:00"), done(store.Dropped, "11-24 11:00", "request/dana/1"), request("11-25 10:00")), "11-26 10:00", "11-30 10:00"},
		{"an introduction is asked of somebody else", events(introRequest("11-25 10:00")), "11-26 10:00", ""},
		{"a word in passing is no request", events(store.Event{Kind: store.Touched, At: on("11-25 10:00"), Variant: ByLinkedIn}), "11-26 10:00", ""},
	} {
		want := time.Time{}
		if r.until != "" {
			want = on(r.until)
		}
		if got := OpenRequest(caseOf(r.events...).History, three, on(r.now)); !got.Equal(want) {
			t.Errorf("%s: open until %v, should be %v", r.name, got, want)
		}
	}
}

func TestStageOfACall(t *testing.T) {
	call := called("11-23 10:00")
	for stage, history := range map[Stage][]store.Event{
		StageAsked:    events(call),
		StageAnswered: events(call, done(store.Noted, "11-24 10:00", "")),
		StageResting:  events(call, done(store.Dropped, "11-24 10:00", "request/dana/1")),
		StageMeeting:  events(call, setByHand("11-24 10:00", "12-20 10:00", 0), done(store.Dropped, "11-24 10:01", "confirmation/m@introd/0")),
	} {
		if got := Fold(caseOf(history...).History, on("11-25 10:00")).Stage; got != stage {
			t.Errorf("%s, should be %s", got, stage)
		}
	}
	if got := Fold(caseOf(call, done(store.Bounced, "11-24 10:00", "")).History, on("11-25 10:00")).Stage; got != StageAsked {
		t.Errorf("a dead mail address makes a call %s", got)
	}
}
