package steps

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"introd/store"
)

// full are rules that leave nothing out.
var full = func() Rules {
	r := usual
	r.RemindAt, r.RemindBefore, r.Buffer, r.MostPerWeek = 8*time.Hour, time.Hour, 15*time.Minute, 3
	for _, day := range []time.Weekday{time.Monday, time.Tuesday, time.Thursday} {
		r.Windows[day] = []Window{hours(9, 12), hours(14, 18)}
	}
	return r
}()

// drawHistory draws a history as the daemon could learn it: any events in any order of learning, and
// whatever is wanted on the way sometimes sent or dropped, so that long courses come about.
func drawHistory(t *rapid.T) Case {
	c := Case{Person: dana, Via: &lee, History: []store.Event{}}
	now := on("11-23 10:00")
	for range rapid.IntRange(0, 14).Draw(t, "events") {
		now = now.Add(time.Duration(rapid.SampledFrom([]int{1, 30, 60 * 24, 60 * 24 * 12}).Draw(t, "minutes")) * time.Minute)
		c.History = append(c.History, drawEvent(t, c, now))
	}
	return c
}

func drawEvent(t *rapid.T, c Case, now time.Time) store.Event {
	seq := uint64(len(c.History) + 1)
	var ready []Want
	for _, w := range Wants(c, full, now) {
		if !w.From.After(now) {
			ready = append(ready, w)
		}
	}
	if len(ready) > 0 && rapid.Bool().Draw(t, "follow") {
		w := rapid.SampledFrom(ready).Draw(t, "want")
		ev := approved(w, seq, now)
		if rapid.IntRange(0, 3).Draw(t, "dropped") == 0 {
			ev = store.Event{Seq: seq, At: now, Kind: store.Dropped, Want: w.Key}
		}
		ev.Person = "dana"
		return ev
	}
	ev := rapid.SampledFrom([]func(*rapid.T, time.Time, uint64) store.Event{drawMailIn, drawMailIn, drawOther}).Draw(t, "kind")(t, now, seq)
	ev.Seq, ev.Person = seq, "dana"
	if rapid.IntRange(0, 4).Draw(t, "late") == 0 { // learnt later than it happened
		ev.At = ev.At.Add(-36 * time.Hour)
	}
	return ev
}

var intents = []string{
	"accept", "accept_with_times", "propose_link", "counter_question", "decline", "decline_with_referral", "referral", "intro_made", "later", "out_of_office",
	"auto_ack", "bounce", "unsubscribe", "thanks_only", "reschedule", "cancel", "unrelated", "unsure",
}

func drawMailIn(t *rapid.T, now time.Time, seq uint64) store.Event {
	ev := store.Event{At: now, Kind: store.MailIn, Mail: &store.Mail{MessageID: fmt.Sprintf("in%d@bigco.test", seq), Read: &store.Verdict{
		Kind:   rapid.SampledFrom([]string{"person", "person", "calendar", "auto_reply", "bounce"}).Draw(t, "by"),
		Intent: rapid.SampledFrom(intents).Draw(t, "intent"), ReturnDate: rapid.SampledFrom([]string{"", "", "2026-12-11", "2027-01-03", "nonsense"}).Draw(t, "back"),
		Times: rapid.SliceOfN(rapid.Custom(drawSlot(now)), 0, 3).Draw(t, "times"), People: []store.Named{{Name: "Ben Ortiz"}},
	}}}
	if ev.Mail.Read.Kind == "calendar" {
		inv := store.Invite{
			Method: rapid.SampledFrom([]string{"REQUEST", "REPLY", "COUNTER", "CANCEL"}).Draw(t, "method"), UID: rapid.SampledFrom([]string{"m@introd", "d@bigco"}).Draw(t, "uid"),
			Sequence: rapid.IntRange(0, 2).Draw(t, "sequence"), Status: rapid.SampledFrom([]string{"", "ACCEPTED", "DECLINED", "TENTATIVE"}).Draw(t, "status"),
		}
		if rapid.Bool().Draw(t, "timed") {
			inv.Start = now.Add(50 * time.Hour)
		}
		ev.Mail.Invite = []store.Invite{inv}
	}
	return ev
}

func drawSlot(now time.Time) func(*rapid.T) store.Slot {
	return func(t *rapid.T) store.Slot {
		s := store.Slot{Start: now.Add(time.Duration(rapid.IntRange(-48, 200).Draw(t, "hours")) * time.Hour), Kind: rapid.SampledFrom([]string{"exact", "window", "day"}).Draw(t, "slot")}
		if rapid.Bool().Draw(t, "ends") {
			s.End = s.Start.Add(time.Duration(rapid.SampledFrom([]int{1, 40, 240, 6000}).Draw(t, "length")) * time.Minute)
		}
		if rapid.IntRange(0, 5).Draw(t, "doubt") == 0 {
			s.Doubt = []store.Slot{{Start: s.Start.Add(3 * time.Hour), Kind: "exact"}}
		}
		return s
	}
}

func drawOther(t *rapid.T, now time.Time, seq uint64) store.Event {
	kind := rapid.SampledFrom([]store.EventKind{
		store.Asked, store.Asked, store.MailOut, store.MeetingSet, store.MeetingOff, store.MeetingHeld, store.Noted, store.Touched, store.Introduced, store.Bounced, store.Reached, store.OptedOut,
	}).Draw(t, "other")
	ev := store.Event{At: now, Kind: kind}
	switch kind {
	case store.Asked:
		ev.Want, ev.Variant = fmt.Sprintf("request/dana/%d", seq), "cold"
		switch rapid.IntRange(0, 3).Draw(t, "about") {
		case 0:
			ev.About = "ben"
		case 1:
			ev.Want, ev.Variant = fmt.Sprintf("propose-times/dana/asked/%d", seq), ProposeTimes
			ev.Offers = []store.Slot{{Start: now.Add(50 * time.Hour), End: now.Add(50*time.Hour + full.Length), Kind: "exact"}}
		}
	case store.MailOut:
		ev.Mail = &store.Mail{MessageID: fmt.Sprintf("hand%d@home.test", seq), ByHand: true, Text: rapid.SampledFrom([]string{"Thank you", "Hello"}).Draw(t, "text")}
	case store.MeetingSet:
		start := now.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "until")) * time.Hour)
		ev.Meeting = &store.Meeting{UID: "m@introd", Sequence: int(seq), Start: start, End: start.Add(30 * time.Minute)}
	case store.MeetingHeld:
		ev.Text = rapid.SampledFrom([]string{"yes", "no-show", "missed"}).Draw(t, "held")
	}
	return ev
}

// drawMoment draws a time at which the history may be looked at.
func drawMoment(t *rapid.T) time.Time {
	return on("11-24 10:00").Add(time.Duration(rapid.IntRange(0, 200*24).Draw(t, "hour")) * time.Hour)
}

func keys(wants []Want) map[string]bool {
	set := map[string]bool{}
	for _, w := range wants {
		set[w.Key] = true
	}
	return set
}

func TestWantsAreDeterministicAndWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawHistory(t), drawMoment(t)
		before := fmt.Sprint(c.History)
		wants := Wants(c, full, now)
		if again := Wants(c, full, now); !reflect.DeepEqual(wants, again) {
			t.Fatalf("the same history wants\n%s\nand then\n%s", told(wants), told(again))
		}
		if fmt.Sprint(c.History) != before {
			t.Fatal("the history was changed")
		}
		if len(keys(wants)) != len(wants) {
			t.Fatalf("two wants under one key:\n%s", told(wants))
		}
		for _, w := range wants {
			if w.Key == "" || w.Person != "dana" || w.Why == "" || w.From.IsZero() {
				t.Fatalf("a want without key, person, reason or time: %+v", w)
			}
			if m := w.Meeting; m != nil && (!m.End.After(m.Start) || w.Method != "" && m.Foreign) {
				t.Fatalf("%s with meeting %+v by %s", w.Kind, *m, w.Method)
			}
			if w.Kind == Confirmation && !w.Meeting.Start.After(now) {
				t.Fatalf("a talk is confirmed that is over: %s", told([]Want{w}))
			}
			for _, o := range w.Offers {
				if !o.Start.After(now) || o.End.Sub(o.Start) != full.Length {
					t.Fatalf("it proposes %v to %v at %v", o.Start, o.End, now)
				}
			}
		}
	})
}

// Between now and Next nothing changes by itself: else the daemon would sleep through it.
func TestNothingChangesBeforeNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawHistory(t), drawMoment(t)
		wants := Wants(c, full, now)
		until := Next(wants, now)
		if until.IsZero() {
			until = now.AddDate(1, 0, 0)
		}
		later := now.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(now))-1).Draw(t, "later")))
		if a, b := told(wants), told(Wants(c, full, later)); a != b {
			t.Fatalf("at %v:\n%s\nat %v, before %v:\n%s", now, a, later, until, b)
		}
	})
}

func TestOrderOfTheHistoryDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawHistory(t), drawMoment(t)
		for i := range c.History { // no two at the same moment: those stay as they were learnt
			c.History[i].At = c.History[i].At.Add(time.Duration(i) * time.Second)
		}
		shuffled := c
		shuffled.History = rapid.Permutation(c.History).Draw(t, "order")
		if a, b := told(Wants(c, full, now)), told(Wants(shuffled, full, now)); a != b {
			t.Fatalf("wanted:\n%s\nin another order:\n%s", a, b)
		}
	})
}

func TestSettledKeysNeverComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawHistory(t), drawMoment(t)
		for key := range keys(Wants(c, full, now)) {
			if Fold(c.History, now).Settled[key] {
				t.Fatalf("%s was sent or dropped, and is wanted again", key)
			}
		}
	})
}

func TestP7_NothingIsWantedForSomebodyWhoOptedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := drawHistory(t), drawMoment(t)
		at := rapid.IntRange(0, len(c.History)).Draw(t, "at")
		c.History = append(c.History[:at:at], append([]store.Event{{Person: "dana", Seq: 99, At: now, Kind: store.OptedOut}}, c.History[at:]...)...)
		if wants := Wants(c, full, drawMoment(t)); len(wants) > 0 {
			t.Fatalf("wanted:\n%s", told(wants))
		}
	})
}

// After a no the plan holds one mail at most, the thanks for it, unless the owner asks anew.
func TestP7_AfterANoAtMostThanks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawHistory(t)
		last := on("11-23 10:00")
		for _, ev := range c.History {
			if ev.At.After(last) {
				last = ev.At
			}
		}
		add := func(ev store.Event) {
			last = last.Add(time.Hour)
			ev.Person, ev.Seq, ev.At = "dana", uint64(len(c.History)+1), last
			c.History = append(c.History, ev)
		}
		add(request("11-23 10:00"))
		add(wrote("11-23 10:00", rapid.SampledFrom([]string{"decline", "decline_with_referral"}).Draw(t, "no")))
		for range rapid.IntRange(0, 3).Draw(t, "more") { // whatever they write that is no change of mind
			add(wrote("11-23 10:00", rapid.SampledFrom([]string{"thanks_only", "unrelated", "counter_question", "later", "out_of_office", "unsure", "cancel", "reschedule"}).Draw(t, "intent")))
		}
		mails := 0
		for _, p := range Plan(c, full, last, last.AddDate(1, 0, 0)) {
			if p.Want.Kind == Nudge || p.Want.Kind == FollowUp {
				t.Fatalf("%s after a no", p.Want.Kind)
			}
			if !p.Want.Task && !isAsk(p.Want.Kind) && p.Want.Kind != ThankYou {
				mails++
			}
		}
		if mails > 1 {
			t.Fatalf("%d mails after a no", mails)
		}
	})
}

// Whatever happens, a request is nudged so often and no more, and a meeting is thanked for once.
func TestNudgesAndThanksAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawHistory(t)
		now := c.end()
		sent := map[string]int{}
		count := func(variant, want string, about *store.Meeting) {
			switch variant {
			case Nudge:
				sent[want[:strings.LastIndex(want, "/")]]++
			case ThankYou:
				sent[about.UID]++
			}
		}
		for _, ev := range c.History {
			if ev.Kind == store.MailOut {
				count(ev.Variant, ev.Want, ev.Meeting)
			}
		}
		for _, p := range Plan(c, full, now, now.AddDate(1, 0, 0)) {
			count(p.Want.Kind, p.Want.Key, p.Want.Meeting)
		}
		for occasion, n := range sent {
			if n > 1 {
				t.Fatalf("%d mails for %s", n, occasion)
			}
		}
	})
}

func (c Case) end() time.Time {
	end := on("11-23 10:00")
	for _, ev := range c.History {
		if ev.At.After(end) {
			end = ev.At
		}
	}
	return end
}

// The plan is what comes about when each want is carried out when it is ready, and it ends.
func TestPlanAgreesWithStepping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawHistory(t)
		now := c.end()
		plan := Plan(c, full, now, now.AddDate(1, 0, 0))
		if len(plan) > 40 {
			t.Fatalf("a plan of %d steps", len(plan))
		}
		at := now
		for i, p := range plan {
			wants := Wants(c, full, at)
			for _, w := range wants {
				if w.From.Before(p.Want.From) && w.From.Before(at) && !p.Want.From.Before(at) {
					t.Fatalf("step %d passes over %s", i, told([]Want{w}))
				}
			}
			if p.At.Before(at) || p.At.Before(p.Want.From) {
				t.Fatalf("step %d is at %v, before %v", i, p.At, max(at.Unix(), p.Want.From.Unix()))
			}
			at = p.At
			if !keys(Wants(c, full, at))[p.Want.Key] {
				t.Fatalf("step %d, %s, is not wanted when it comes", i, told([]Want{p.Want}))
			}
			c.History = append(c.History, approved(p.Want, uint64(len(c.History)+1), at))
		}
		for _, w := range Wants(c, full, at) {
			if w.From.Before(now.AddDate(1, 0, 0)) && len(plan) > 0 && !w.From.After(at) {
				t.Fatalf("the plan leaves out %s", told([]Want{w}))
			}
		}
	})
}
