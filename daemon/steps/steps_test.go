package steps

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"introd/store"
)

var (
	newYork    = zone("America/New_York")
	losAngeles = zone("America/Los_Angeles")
	usual      = Rules{
		Zone: newYork, NudgeAfter: 7, Nudges: 1, OpenFor: 7, Length: 30 * time.Minute, ThankReady: 15 * time.Minute,
		ThankDue: 24 * time.Hour, ThankOverdue: 48 * time.Hour, DayStart: 9 * time.Hour, DayEnd: 18 * time.Hour,
	}
	dana = store.Person{ID: "dana", Name: "Dana Wu", Zone: "America/Los_Angeles", Added: on("11-20 09:00")}
	lee  = store.Person{ID: "lee", Name: "Prof. Lee"}
)

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// on reads "12-01 15:00" of the winter from November 2026 on, in New York.
func on(words string) time.Time {
	t, err := time.ParseInLocation("01-02 15:04", words, newYork)
	if err != nil {
		panic(err)
	}
	year := 2026
	if t.Month() < time.July {
		year = 2027
	}
	return time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, newYork)
}

func asked(at string) store.Event {
	return store.Event{Kind: store.Asked, At: on(at), Want: "request/dana/1", Variant: "referred", Text: "Your talk."}
}

// sent is a mail of introd's that went out for a want.
func sent(at, variant, want string) store.Event {
	return store.Event{Kind: store.MailOut, At: on(at), Variant: variant, Want: want, Mail: &store.Mail{MessageID: want + "@home.test"}}
}

func request(at string) store.Event { return sent(at, "interview-request-referred", "request/dana/1") }

func introRequest(at string) store.Event {
	ev := sent(at, IntroRequest, "intro-request/dana/ben/1")
	ev.About = "ben"
	return ev
}

func byHand(at, text string) store.Event {
	return store.Event{Kind: store.MailOut, At: on(at), Mail: &store.Mail{MessageID: at + "@hand.test", ByHand: true, Text: text}}
}

// wrote is a mail of theirs with the times it offers.
func wrote(at, intent string, times ...store.Slot) store.Event {
	return store.Event{Kind: store.MailIn, At: on(at), Mail: &store.Mail{
		MessageID: at + "@bigco.test", Read: &store.Verdict{Kind: "person", Intent: intent, Times: times},
	}}
}

func calendar(at, intent string, inv store.Invite) store.Event {
	ev := wrote(at, intent)
	ev.Mail.Read.Kind, ev.Mail.Invite = "calendar", []store.Invite{inv}
	return ev
}

func returning(ev store.Event, date string) store.Event {
	ev.Mail.Read.ReturnDate = date
	return ev
}

func naming(ev store.Event, names ...string) store.Event {
	for _, n := range names {
		ev.Mail.Read.People = append(ev.Mail.Read.People, store.Named{Name: n})
	}
	return ev
}

func exact(start string) store.Slot { return store.Slot{Start: on(start), Kind: "exact", Text: start} }

func window(start, end string) store.Slot {
	s := store.Slot{Start: on(start), Kind: "window"}
	if end != "" {
		s.End = on(end)
	}
	return s
}

func day(date string) store.Slot {
	y, m, d := on(date + " 12:00").Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, losAngeles)
	return store.Slot{Start: start, End: start.AddDate(0, 0, 1), Kind: "day"}
}

func meetingAt(start string, sequence int) *store.Meeting {
	return &store.Meeting{UID: "m@introd", Sequence: sequence, Start: on(start), End: on(start).Add(30 * time.Minute)}
}

// confirmed is the confirmation of a meeting, sent.
func confirmed(at, start string, sequence int) store.Event {
	ev := sent(at, Confirmation, fmt.Sprintf("confirmation/m@introd/%d", sequence))
	if sequence > 0 {
		ev.Variant = Reschedule
	}
	ev.Meeting = meetingAt(start, sequence)
	return ev
}

func proposed(at string, starts ...string) store.Event {
	ev := sent(at, ProposeTimes, "propose-times/dana/3")
	for _, s := range starts {
		ev.Offers = append(ev.Offers, store.Slot{Start: on(s), End: on(s).Add(30 * time.Minute), Kind: "exact"})
	}
	return ev
}

func done(kind store.EventKind, at, want string) store.Event {
	return store.Event{Kind: kind, At: on(at), Want: want}
}

func setByHand(at, start string, sequence int) store.Event {
	return store.Event{Kind: store.MeetingSet, At: on(at), Meeting: meetingAt(start, sequence)}
}

func caseOf(events ...store.Event) Case {
	for i := range events {
		events[i].Seq, events[i].Person = uint64(i+1), "dana"
	}
	return Case{Person: dana, Via: &lee, History: events}
}

// told writes wants one a line: kind, and when it starts; what it settles or proposes, in New York.
func told(wants []Want) string {
	slices.SortFunc(wants, func(a, b Want) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Kind, b.Kind)) })
	const form = "01-02 15:04"
	var lines []string
	for _, w := range wants {
		line := w.Kind + " " + w.From.In(newYork).Format(form)
		if w.Meeting != nil && w.Kind != ThankYou {
			line += fmt.Sprintf(" = %s #%d %s", w.Meeting.Start.In(newYork).Format(form), w.Meeting.Sequence, w.Method)
		}
		for _, o := range w.Offers {
			line += " | " + o.Start.In(newYork).Format(form)
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

type rule struct {
	name   string
	events []store.Event
	now    string
	want   string // as by told
}

func check(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if got := told(Wants(caseOf(r.events...), usual, on(r.now))); got != r.want {
				t.Errorf("wanted now:\n%s\nshould be:\n%s", got, r.want)
			}
		})
	}
}

func events(list ...store.Event) []store.Event { return list }

func TestAsks(t *testing.T) {
	check(t, []rule{
		{"the owner asks", events(asked("11-23 10:00")), "11-23 10:00", "interview-request-referred 11-23 10:00"},
		{"sent settles it", events(asked("11-23 10:00"), request("11-23 10:05")), "11-23 10:05", "nudge 12-02 10:05"},
		{"dropped settles it", events(asked("11-23 10:00"), done(store.Dropped, "11-23 10:05", "request/dana/1")), "11-24 10:00", ""},
		{"a no that came since ends it", events(request("11-20 10:00"), asked("11-23 10:00"), wrote("11-24 10:00", "decline"),
			done(store.Dropped, "11-24 11:00", "thanks-for-no/dana")), "11-25 10:00", ""},
		{"a dead address takes no request", events(asked("11-23 10:00"), done(store.Bounced, "11-23 10:01", "")), "11-23 11:00", ""},
		{"until another is found", events(asked("11-23 10:00"), done(store.Bounced, "11-23 10:01", ""), done(store.Reached, "11-24 09:00", "")), "11-24 10:00",
			"interview-request-referred 11-23 10:00"},
		{"nobody who opted out is asked", events(asked("11-23 10:00"), wrote("11-23 11:00", "unsubscribe")), "11-24 10:00", ""},
	})
}

func TestNudge(t *testing.T) {
	away := func(at, back string) store.Event {
		ev := returning(wrote(at, "out_of_office"), back)
		ev.Mail.Read.Kind = "auto_reply"
		return ev
	}
	slow := away("11-23 09:57", "2026-12-11")
	slow.Mail.References = []string{"request/dana/1@home.test"}
	again := request("12-07 10:00")
	again.Want = "request/dana/2"
	check(t, []rule{
		{"seven business days of silence", events(request("11-23 10:00")), "11-23 10:00", "nudge 12-02 10:00"},
		{"from a Saturday, Monday is the first", events(request("11-21 10:00")), "11-21 10:00", "nudge 12-01 10:00"},
		{"the clock on the wall, over a change to winter time", events(request("10-28 10:00")), "10-28 10:00", "nudge 11-06 10:00"},
		{"one, then rest", events(request("11-23 10:00"), sent("12-02 11:00", Nudge, "nudge/request/dana/1/1")), "01-20 10:00", ""},
		{"one by the owner's own hand is one", events(request("11-23 10:00"), byHand("11-30 10:00", "Did you see my note?")), "12-20 10:00", ""},
		{"dropped, then rest", events(request("11-23 10:00"), done(store.Dropped, "12-02 11:00", "nudge/request/dana/1/1")), "12-20 10:00", ""},
		{"an answer ends it", events(request("11-23 10:00"), wrote("11-24 10:00", "thanks_only"), byHand("11-24 12:00", "Thanks")), "12-20 10:00", ""},
		{"a telephone call starts the count again", events(request("11-23 10:00"), done(store.Touched, "11-25 10:00", "")), "11-25 10:00", "nudge 12-04 10:00"},
		{"a meeting made by telephone ends it", events(request("11-23 10:00"), setByHand("11-24 10:00", "12-20 10:00", 0), done(store.Dropped, "11-24 10:01", "confirmation/m@introd/0")),
			"12-10 10:00", "thank-you 12-20 10:45"},
		{"a bounce ends it: nobody read the request", events(request("11-23 10:00"), done(store.Bounced, "11-23 10:01", ""), done(store.Reached, "11-24 09:00", "")), "12-10 10:00", ""},
		{"away until Friday: the Monday after", events(request("11-23 10:00"), away("11-23 10:00", "2026-12-11")), "11-24 10:00", "nudge 12-14 09:00"},
		{"back on a Sunday: Tuesday, since Monday is the first day", events(request("11-23 10:00"), away("11-23 10:00", "2026-12-13")), "11-24 10:00", "nudge 12-15 09:00"},
		{"back before the nudge was due: no change", events(request("11-23 10:00"), away("11-23 10:00", "2026-11-25")), "11-24 10:00", "nudge 12-02 10:00"},
		{"away without a date: twice the patience", events(request("11-23 10:00"), away("11-23 10:00", "")), "11-24 10:00", "nudge 12-11 10:00"},
		{"a second notice moves the date", events(request("11-23 10:00"), away("11-23 10:01", "2026-12-11"), away("12-10 10:00", "2027-01-08")), "12-11 10:00", "nudge 01-11 09:00"},
		{"a second notice without a date leaves it", events(request("11-23 10:00"), away("11-23 10:01", "2026-12-11"), away("11-25 10:00", "")), "11-26 10:00", "nudge 12-14 09:00"},
		{"a notice from a slow clock still follows the request", events(request("11-23 10:00"), slow), "11-24 10:00", "nudge 12-14 09:00"},
		{"an old absence says nothing of a new request", events(away("11-02 10:00", "2027-02-01"), request("11-23 10:00")), "11-24 10:00", "nudge 12-02 10:00"},
		{"a new request has a nudge of its own", events(request("11-23 10:00"), sent("12-02 11:00", Nudge, "nudge/request/dana/1/1"), again), "12-07 10:00", "nudge 12-16 10:00"},
	})
	if got := told(Wants(caseOf(request("11-23 10:00"), sent("12-02 11:00", Nudge, "nudge/request/dana/1/1")), withNudges(2), on("12-02 12:00"))); got != "nudge 12-11 11:00" {
		t.Errorf("a second nudge counts from the first: %s", got)
	}
}

func withNudges(n int) Rules {
	r := usual
	r.Nudges = n
	return r
}

func TestAnswer(t *testing.T) {
	ambiguous := exact("12-01 15:00")
	ambiguous.Doubt = []store.Slot{exact("12-01 18:00")}
	check(t, []rule{
		{"yes, without a time", events(request("11-23 10:00"), wrote("11-24 09:00", "accept")), "11-24 10:00", "propose-times 11-24 09:00 | 11-26 14:00 | 11-27 14:00 | 11-30 14:00"},
		{"yes, at three", events(request("11-23 10:00"), wrote("11-24 10:00", "accept_with_times", exact("12-01 15:00"))), "11-24 10:00",
			"confirmation 11-24 10:00 = 12-01 15:00 #0 REQUEST"},
		{"after a nudge too", events(request("11-23 10:00"), sent("12-02 11:00", Nudge, "nudge/request/dana/1/1"), wrote("12-03 10:00", "accept_with_times", exact("12-08 15:00"))), "12-03 10:00",
			"confirmation 12-03 10:00 = 12-08 15:00 #0 REQUEST"},
		{"the owner has answered", events(request("11-23 10:00"), wrote("11-24 10:00", "accept"), byHand("11-24 10:30", "How about Monday?")), "12-24 10:00", ""},
		{"the owner's answer was read first", events(request("11-23 10:00"), byHand("11-24 10:30", "How about Monday?"), wrote("11-24 10:00", "accept")), "12-24 10:00", ""},
		{"a no that came before the yes and was read after it", events(request("11-23 10:00"), wrote("11-25 10:00", "propose_link"), wrote("11-24 10:00", "decline")), "11-25 10:00",
			"task-book 11-25 10:00"},
		{"the owner chose among their times", events(request("11-23 10:00"), wrote("11-24 10:00", "accept_with_times", exact("12-01 15:00"), exact("12-02 15:00")), setByHand("11-24 11:00", "12-02 15:00", 0)),
			"11-24 12:00", "confirmation 11-24 11:00 = 12-02 15:00 #0 REQUEST\ntask-held 12-02 15:45"},
		{"the time they named is over", events(request("11-23 10:00"), wrote("11-24 09:00", "accept_with_times", exact("11-24 15:00"))), "11-24 16:00",
			"propose-times 11-24 09:00 | 11-26 14:00 | 11-27 14:00 | 11-30 14:00"},
		{"words with two readings are the owner's to settle", events(request("11-23 10:00"), wrote("11-24 10:00", "accept_with_times", ambiguous)), "11-24 10:00", "task-choose 11-24 10:00"},
		{"unless one of them was proposed", events(request("11-23 10:00"), wrote("11-24 10:00", "accept"), proposed("11-24 11:00", "12-01 18:00", "12-02 14:00"),
			wrote("11-25 10:00", "accept_with_times", ambiguous)), "11-25 10:00", "confirmation 11-25 10:00 = 12-01 18:00 #0 REQUEST"},
		{"the second one works", events(request("11-23 10:00"), wrote("11-24 10:00", "accept"), proposed("11-24 11:00", "12-01 15:00", "12-02 14:00"),
			wrote("11-25 10:00", "accept_with_times", exact("12-02 14:00"))), "11-25 10:00", "confirmation 11-25 10:00 = 12-02 14:00 #0 REQUEST"},
		{"yes to one proposed time", events(request("11-23 10:00"), proposed("11-24 11:00", "12-01 15:00"), wrote("11-25 10:00", "accept")), "11-25 10:00",
			"confirmation 11-25 10:00 = 12-01 15:00 #0 REQUEST"},
		{"yes to two proposed times", events(request("11-23 10:00"), proposed("11-24 11:00", "12-01 15:00", "12-02 14:00"), wrote("11-25 10:00", "accept")), "11-25 10:00",
			"task-choose 11-25 10:00"},
		{"a booking page", events(request("11-23 10:00"), wrote("11-24 10:00", "propose_link")), "11-24 10:00", "task-book 11-24 10:00"},
		{"a question", events(request("11-23 10:00"), wrote("11-24 10:00", "counter_question")), "11-24 10:00", "answer-to-question 11-24 10:00"},
		{"unclear", events(request("11-23 10:00"), wrote("11-24 10:00", "unsure")), "11-24 10:00", "task-unsure 11-24 10:00"},
		{"a no", events(request("11-23 10:00"), wrote("11-24 10:00", "decline")), "11-24 10:00", "thanks-for-no 11-24 10:00"},
		{"a no with a name", events(request("11-23 10:00"), naming(wrote("11-24 10:00", "decline_with_referral"), "Ben Ortiz")), "11-24 10:00",
			"task-referred 11-24 10:00\nthanks-for-no 11-24 10:00"},
		{"somebody else is your person", events(request("11-23 10:00"), naming(wrote("11-24 10:00", "referral"), "Ben Ortiz")), "11-24 10:00",
			"task-referred 11-24 10:00\nthanks-for-no 11-24 10:00"},
		{"in January", events(request("11-23 10:00"), returning(wrote("11-24 10:00", "later"), "2027-01-11")), "11-24 10:00", "answer-later 11-24 10:00\nfollow-up 01-12 09:00"},
		{"in January, said after a nudge", events(request("11-23 10:00"), sent("12-02 11:00", Nudge, "nudge/request/dana/1/1"), returning(wrote("12-03 10:00", "later"), "2027-01-11"),
			sent("12-03 11:00", AnswerLater, "later/dana/3")), "12-04 10:00", "follow-up 01-12 09:00"},
		{"some time later", events(request("11-23 10:00"), wrote("11-24 10:00", "later")), "11-24 10:00", "answer-later 11-24 10:00\nfollow-up 12-22 10:00"},
		{"later, and the follow-up rests", events(request("11-23 10:00"), wrote("11-24 10:00", "later"), sent("11-24 11:00", AnswerLater, "later/dana/2"),
			sent("12-22 11:00", FollowUp, "follow-up/dana/2")), "12-23 10:00", ""},
		{"kind words first, then a time", events(request("11-23 10:00"), wrote("11-24 10:00", "accept_with_times", exact("12-01 15:00")), wrote("11-24 10:02", "thanks_only")), "11-24 11:00",
			"confirmation 11-24 10:00 = 12-01 15:00 #0 REQUEST"},
		{"kind words, and nothing more", events(request("11-23 10:00"), wrote("11-24 10:00", "thanks_only")), "11-24 11:00", "task-open 12-03 10:00"},
		{"old mail from before they were added", events(wrote("10-01 10:00", "accept_with_times", exact("12-01 15:00"))), "11-24 10:00", ""},
		{"introduced, they write first", events(wrote("11-24 10:00", "accept_with_times", exact("12-01 15:00"))), "11-24 10:00",
			"confirmation 11-24 10:00 = 12-01 15:00 #0 REQUEST"},
	})
}

// After a no, one mail at most: thanks for the answer (P7).
func TestP7_DeclineEndsIt(t *testing.T) {
	off := wrote("11-30 10:00", "decline")
	check(t, []rule{
		{"a no after a meeting was agreed", events(request("11-23 10:00"), confirmed("11-25 10:00", "12-01 15:00", 0), off), "11-30 10:00", "thanks-for-no 11-30 10:00"},
		{"and nothing after it", events(request("11-23 10:00"), confirmed("11-25 10:00", "12-01 15:00", 0), off, sent("11-30 11:00", ThanksNo, "thanks-for-no/dana")), "12-20 10:00", ""},
		{"the owner takes it off the list too: they know already", events(request("11-23 10:00"), confirmed("11-25 10:00", "12-01 15:00", 0), off, done(store.MeetingOff, "11-30 11:00", "")),
			"11-30 12:00", "thanks-for-no 11-30 10:00"},
		{"a question after the no", events(request("11-23 10:00"), wrote("11-24 10:00", "decline"), wrote("11-24 10:05", "counter_question")), "11-24 11:00", "task-unsure 11-24 10:05"},
		{"a no after the talk is to something else", events(request("11-23 10:00"), confirmed("11-25 10:00", "12-01 15:00", 0), wrote("12-01 17:00", "decline")), "12-01 18:00",
			"thank-you 12-01 15:45"},
		{"a calendar's no is to the time", events(request("11-23 10:00"), confirmed("11-25 10:00", "12-01 15:00", 0),
			calendar("11-26 10:00", "decline", store.Invite{Method: "REPLY", UID: "m@introd", Status: "DECLINED"})), "11-26 10:00", "task-cancelled 11-26 10:00"},
		{"the owner knows better", events(request("11-23 10:00"), wrote("11-24 10:00", "decline"), setByHand("11-26 10:00", "12-01 15:00", 0)), "11-26 10:00",
			"confirmation 11-26 10:00 = 12-01 15:00 #0 REQUEST\ntask-held 12-01 15:45"},
	})
}

func TestMeeting(t *testing.T) {
	ask, yes, agreed := request("11-23 10:00"), wrote("11-24 10:00", "accept_with_times", exact("12-01 15:00")), confirmed("11-24 11:00", "12-01 15:00", 0)
	theirs := store.Invite{Method: "REQUEST", UID: "d@bigco", Start: on("12-01 15:00"), End: on("12-01 15:30")}
	moved := theirs
	moved.Sequence, moved.Start, moved.End = 1, on("12-02 15:00"), on("12-02 15:30")
	counter := store.Invite{Method: "COUNTER", UID: "m@introd", Start: on("12-02 16:00"), End: on("12-02 16:30")}
	cancelled := sent("11-26 11:00", Cancel, "cancel/m@introd/1")
	cancelled.Meeting = meetingAt("12-01 15:00", 1)
	answered := sent("11-24 12:00", AnswerInvite, "answer-invite/d@bigco/0")
	answered.Meeting = &store.Meeting{UID: "d@bigco", Start: theirs.Start, End: theirs.End, Foreign: true}
	thank := "thank-you 12-01 15:45"
	ownMove := store.Event{Kind: store.MeetingSet, At: on("11-26 10:00"), Meeting: &store.Meeting{UID: "d@bigco", Sequence: 1, Start: on("12-03 15:00"), End: on("12-03 15:30"), Foreign: true}}
	check(t, []rule{
		{"set by hand", events(setByHand("11-24 10:00", "12-01 15:00", 0)), "11-24 10:00", "confirmation 11-24 10:00 = 12-01 15:00 #0 REQUEST\ntask-held 12-01 15:45"},
		{"see you then", events(ask, yes, agreed, wrote("11-25 10:00", "accept")), "11-25 10:00", thank},
		{"the same time again", events(ask, yes, agreed, wrote("11-25 10:00", "accept_with_times", exact("12-01 15:00"))), "11-25 10:00", thank},
		{"another time than agreed", events(ask, yes, agreed, wrote("11-25 10:00", "accept_with_times", exact("12-01 16:00"))), "11-25 10:00", "task-choose 11-25 10:00\n" + thank},
		{"moved by the owner", events(ask, yes, agreed, setByHand("11-26 10:00", "12-03 15:00", 1)), "11-26 10:00", "reschedule 11-26 10:00 = 12-03 15:00 #1 REQUEST\ntask-held 12-03 15:45"},
		{"moved by their mail", events(ask, yes, agreed, wrote("11-26 10:00", "reschedule", exact("12-03 15:00"))), "11-26 10:00", "reschedule 11-26 10:00 = 12-03 15:00 #1 REQUEST"},
		{"to be moved, without a time", events(ask, yes, agreed, wrote("11-26 09:00", "reschedule")), "11-26 10:00", "propose-times 11-26 09:00 | 11-30 14:00 | 12-02 14:00 | 12-03 14:00"},
		{"and then with one", events(ask, yes, agreed, wrote("11-26 09:00", "reschedule"), proposed("11-26 10:00", "12-03 14:00", "12-04 14:00"),
			wrote("11-27 10:00", "accept_with_times", exact("12-04 14:00"))), "11-27 10:00", "reschedule 11-27 10:00 = 12-04 14:00 #1 REQUEST"},
		{"moved by their calendar's counter", events(ask, yes, agreed, calendar("11-26 10:00", "reschedule", counter)), "11-26 10:00", "reschedule 11-26 10:00 = 12-02 16:00 #1 REQUEST"},
		{"a calendar that says maybe", events(ask, yes, agreed, calendar("11-26 10:00", "unsure", store.Invite{Method: "REPLY", UID: "m@introd", Status: "TENTATIVE"})), "11-26 10:00",
			"task-unsure 11-26 10:00\n" + thank},
		{"a calendar's no to the time before the move", events(ask, yes, agreed, confirmed("11-25 10:00", "12-03 15:00", 1),
			calendar("11-26 10:00", "thanks_only", store.Invite{Method: "REPLY", UID: "m@introd", Sequence: 0, Status: "DECLINED"})), "11-26 10:00", "thank-you 12-03 15:45"},
		{"called off by them", events(ask, yes, agreed, wrote("11-26 10:00", "cancel")), "11-26 10:00",
			"propose-times 11-26 10:00 | 11-30 14:00 | 12-02 14:00 | 12-03 14:00"},
		{"called off by their calendar, without a word", events(ask, yes, agreed, calendar("11-26 10:00", "cancel", store.Invite{Method: "CANCEL", UID: "m@introd", Sequence: 1})), "11-26 10:00",
			"task-cancelled 11-26 10:00"},
		{"called off by them, with a new time", events(ask, yes, agreed, wrote("11-26 10:00", "cancel", exact("12-01 15:00"), exact("12-08 15:00"))), "11-26 10:00",
			"reschedule 11-26 10:00 = 12-08 15:00 #1 REQUEST"},
		{"a calendar that tidies up after the talk", events(ask, yes, agreed, calendar("12-01 16:00", "cancel", store.Invite{Method: "CANCEL", UID: "m@introd", Sequence: 1})), "12-01 16:30", thank},
		{"called off by the owner", events(ask, yes, agreed, done(store.MeetingOff, "11-26 10:00", "")), "11-26 10:00", "cancel 11-26 10:00 = 12-01 15:00 #1 CANCEL"},
		{"said once", events(ask, yes, agreed, done(store.MeetingOff, "11-26 10:00", ""), cancelled), "11-26 12:00", ""},
		{"their own invitation", events(ask, calendar("11-24 10:00", "accept_with_times", theirs)), "11-24 10:00", "answer-invite 11-24 10:00 = 12-01 15:00 #0\n" + thank},
		{"their update that moves it", events(ask, calendar("11-24 10:00", "accept_with_times", theirs), answered, calendar("11-26 10:00", "reschedule", moved)), "11-26 10:00",
			"answer-invite 11-26 10:00 = 12-02 15:00 #1\nthank-you 12-02 15:45"},
		{"an older update that comes late", events(ask, calendar("11-24 10:00", "accept_with_times", moved), byHand("11-24 12:00", "Fine"), calendar("11-26 10:00", "unrelated", theirs)),
			"11-26 10:00", "thank-you 12-02 15:45"},
		{"their invitation, moved by the owner", events(ask, calendar("11-24 10:00", "accept_with_times", theirs), answered, ownMove), "11-26 10:00",
			"reschedule 11-26 10:00 = 12-03 15:00 #1\nthank-you 12-03 15:45"},
		{"their invitation, moved in words", events(ask, calendar("11-24 10:00", "accept_with_times", theirs), answered, wrote("11-26 10:00", "reschedule", exact("12-03 15:00"))), "11-26 10:00",
			"reschedule 11-26 10:00 = 12-03 15:00 #1"},
	})
}

func TestTimesAreChosenWhereBothWork(t *testing.T) {
	busy := func(c Case, starts ...string) Case {
		for _, s := range starts {
			c.Busy = append(c.Busy, store.Slot{Start: on(s), End: on(s).Add(30 * time.Minute)})
		}
		return c
	}
	with := func(times ...store.Slot) Case {
		return caseOf(request("11-23 10:00"), wrote("11-24 10:00", "accept_with_times", times...))
	}
	inZone := func(c Case, zone string) Case {
		c.Person.Zone = zone
		return c
	}
	for _, r := range []struct {
		name string
		c    Case
		want string
	}{
		{"two hours, the first", with(exact("12-01 15:00"), exact("12-02 15:00")), "confirmation 11-24 10:00 = 12-01 15:00 #0 REQUEST"},
		{"the first at which the owner is free", busy(with(exact("12-01 15:00"), exact("12-02 15:00")), "12-01 15:15"), "confirmation 11-24 10:00 = 12-02 15:00 #0 REQUEST"},
		{"none at which the owner is free", busy(with(exact("12-01 15:00")), "12-01 15:00"), "propose-times 11-24 10:00 | 11-26 14:00 | 11-27 14:00 | 11-30 14:00"},
		{"a window", with(window("12-01 15:00", "12-01 17:00")), "confirmation 11-24 10:00 = 12-01 15:00 #0 REQUEST"},
		{"a window with a busy start", busy(with(window("12-01 15:00", "12-01 17:00")), "12-01 15:00"), "confirmation 11-24 10:00 = 12-01 15:30 #0 REQUEST"},
		{"two windows, the first full", busy(with(window("12-01 15:00", "12-01 15:30"), window("12-02 15:00", "12-02 16:00")), "12-01 15:00"), "confirmation 11-24 10:00 = 12-02 15:00 #0 REQUEST"},
		{"an afternoon there: two o'clock for them", with(window("12-01 15:00", "12-01 20:00")), "confirmation 11-24 10:00 = 12-01 17:00 #0 REQUEST"},
		{"a window too short", with(window("12-01 15:00", "12-01 15:20")), "propose-times 11-24 10:00 | 11-26 14:00 | 11-27 14:00 | 11-30 14:00"},
		{"an evening that they offer", with(window("12-01 22:00", "12-01 23:00")), "confirmation 11-24 10:00 = 12-01 22:00 #0 REQUEST"},
		{"any time after three", with(window("12-01 18:00", "")), "confirmation 11-24 10:00 = 12-01 18:00 #0 REQUEST"},
		{"a day", with(day("12-01")), "propose-times 11-24 10:00 | 12-01 14:00 | 12-01 15:00 | 12-01 16:00"},
		{"two days", with(day("12-01"), day("12-03")), "propose-times 11-24 10:00 | 12-01 14:00 | 12-01 15:00 | 12-03 14:00"},
		{"a Saturday, since they named it", with(day("11-28")), "propose-times 11-24 10:00 | 11-28 14:00 | 11-28 15:00 | 11-28 16:00"},
		{"from the eighth on", inZone(with(window("12-08 00:00", "")), "America/New_York"), "propose-times 11-24 10:00 | 12-08 10:00 | 12-09 14:00 | 12-10 10:00"},
		{"a day that is full", busy(with(day("12-01")), "12-01 14:00", "12-01 15:00", "12-01 16:00", "12-01 16:30", "12-01 17:00", "12-01 14:30", "12-01 15:30", "12-01 12:00", "12-01 13:00", "12-01 17:30",
			"12-01 18:00", "12-01 19:00"), "propose-times 11-24 10:00 | 11-26 14:00 | 11-27 14:00 | 11-30 14:00"},
		{"Tokyo: their morning, my evening", inZone(with(), "Asia/Tokyo"), "propose-times 11-24 10:00 | 11-26 20:00 | 11-30 20:00 | 12-01 20:00"},
		{"London", inZone(with(), "Europe/London"), "propose-times 11-24 10:00 | 11-26 10:00 | 11-27 10:00 | 11-30 10:00"},
	} {
		t.Run(r.name, func(t *testing.T) {
			if got := told(Wants(r.c, usual, on("11-24 10:00"))); got != r.want {
				t.Errorf("wanted:\n%s\nshould be:\n%s", got, r.want)
			}
		})
	}
}

func TestProposedTimesAreRenewedWhenTheyPass(t *testing.T) {
	c := caseOf(request("11-23 10:00"), wrote("11-24 09:00", "accept"))
	first := Wants(c, usual, on("11-24 10:00"))[0]
	if again := Wants(c, usual, on("11-26 13:59"))[0]; told([]Want{again}) != told([]Want{first}) || again.Key != first.Key {
		t.Errorf("they changed though none has passed: %s", told([]Want{again}))
	}
	if !Next([]Want{first}, on("11-24 10:00")).Equal(on("11-26 14:00")) {
		t.Error("nobody looks again when the first passes")
	}
	next := Wants(c, usual, on("11-26 14:00"))[0]
	if next.Key == first.Key || !next.Offers[0].Start.After(on("11-26 14:00")) {
		t.Errorf("a time that is over is still proposed: %s as %s", told([]Want{next}), next.Key)
	}
	c.History = append(c.History, store.Event{Kind: store.Dropped, At: on("11-26 14:10"), Want: next.Key})
	if left := Wants(c, usual, on("12-24 10:00")); len(left) != 0 {
		t.Errorf("dropped, and wanted again: %s", told(left))
	}
}

func TestThanks(t *testing.T) {
	agreed := confirmed("11-24 11:00", "12-01 15:00", 0)
	held := func(words string) store.Event {
		return store.Event{Kind: store.MeetingHeld, At: on("12-01 16:00"), Text: words}
	}
	check(t, []rule{
		{"ready a quarter of an hour after the end", events(agreed), "12-01 15:45", "thank-you 12-01 15:45"},
		{"sent, and done", events(agreed, sent("12-01 17:00", ThankYou, "thank-you/m@introd")), "12-09 10:00", "task-linkedin 12-01 17:00"},
		{"written by hand from another device", events(agreed, byHand("12-01 15:40", "Thank you so much for today")), "12-09 10:00", "task-linkedin 12-01 15:40"},
		{"by hand, since it ended early", events(agreed, byHand("12-01 15:20", "Thanks for the talk!")), "12-09 10:00", "task-linkedin 12-01 15:20"},
		{"a thank-you before the talk is none", events(agreed, byHand("12-01 14:50", "Thanks, I am on my way")), "12-01 16:00", "thank-you 12-01 15:45"},
		{"a mail about something else is none", events(agreed, byHand("12-01 17:00", "Here is the paper I spoke of")), "12-01 18:00", "thank-you 12-01 15:45"},
		{"they did not come", events(agreed, held("no-show")), "12-01 17:00", "missed 12-01 16:00 | 12-03 14:00 | 12-04 14:00 | 12-07 14:00"},
		{"nobody confirmed it", events(setByHand("11-24 10:00", "12-01 15:00", 0)), "12-01 16:00", "task-held 12-01 15:45"},
		{"the owner says it took place", events(setByHand("11-24 10:00", "12-01 15:00", 0), held("yes")), "12-01 17:00", "thank-you 12-01 15:45"},
		{"the owner told them in another way", events(setByHand("11-24 10:00", "12-01 15:00", 0), done(store.Dropped, "11-24 11:00", "confirmation/m@introd/0")), "12-01 17:00",
			"thank-you 12-01 15:45"},
	})
	w := Wants(caseOf(agreed), usual, on("12-01 16:00"))[0]
	if !w.Due.Equal(on("12-02 15:30")) || !w.Overdue.Equal(on("12-03 15:30")) || !w.NeedsSentence {
		t.Errorf("due %v, overdue %v, needs a sentence: %v", w.Due, w.Overdue, w.NeedsSentence)
	}
}

func TestNobodyIsProposedWhomTheOwnerHas(t *testing.T) {
	both := naming(wrote("11-24 10:00", "referral"), "Ada Obi", "Ben Ortiz")
	for i, address := range []string{"ada@other.test", "ben@other.test"} {
		both.Mail.Read.People[i].Email = address
	}
	for _, c := range []struct {
		known []string
		why   string // of the task; "" for none
	}{
		{nil, "Dana Wu names Ada Obi and Ben Ortiz: add them with `introd add`, if you like"},
		{[]string{"ada@other.test"}, "Dana Wu names Ben Ortiz: add them with `introd add`, if you like"},
		{[]string{"ada@other.test", "ben@other.test"}, ""},
	} {
		history := caseOf(request("11-23 10:00"), both)
		history.Known = c.known
		why := ""
		for _, w := range Wants(history, usual, on("11-24 10:00")) {
			if w.Kind == TaskReferred {
				why = w.Why
			}
		}
		if why != c.why {
			t.Errorf("with %v: %q, not %q", c.known, why, c.why)
		}
	}
}

func TestIntroducers(t *testing.T) {
	ask, made := introRequest("11-23 10:00"), wrote("11-24 10:00", "intro_made")
	thanked := sent("11-24 11:00", ThanksIntro, "thanks-for-introducing/dana/ben")
	check(t, []rule{
		{"silence", events(ask), "11-23 10:00", "nudge 12-02 10:00"},
		{"willing", events(ask, wrote("11-24 10:00", "accept")), "11-24 10:00", "task-introduce 11-24 10:00"},
		{"unwilling", events(ask, wrote("11-24 10:00", "decline")), "11-24 10:00", "thanks-for-no 11-24 10:00"},
		{"elsewhere", events(ask, naming(wrote("11-24 10:00", "referral"), "Ada Obi")), "11-24 10:00", "task-referred 11-24 10:00\nthanks-for-no 11-24 10:00"},
		{"a question", events(ask, wrote("11-24 10:00", "counter_question")), "11-24 10:00", "answer-to-question 11-24 10:00"},
		{"later", events(ask, returning(wrote("11-24 10:00", "later"), "2027-01-11")), "11-24 10:00", "answer-later 11-24 10:00\nfollow-up 01-12 09:00"},
		{"a talk of their own", events(ask, wrote("11-24 10:00", "accept_with_times", exact("12-01 15:00"))), "11-24 10:00", "task-unsure 11-24 10:00"},
		{"introduced", events(ask, made), "11-24 10:00", "thanks-for-introducing 11-24 10:00"},
		{"introduced, then kind words", events(ask, made, wrote("11-24 10:30", "thanks_only")), "11-24 11:00", "thanks-for-introducing 11-24 10:00"},
		{"thanked once, whatever comes", events(ask, made, thanked, wrote("11-25 10:00", "intro_made")), "11-26 10:00", ""},
		{"introduced without being asked", events(made), "11-24 10:00", "thanks-for-introducing 11-24 10:00"},
		{"introduced by word of mouth", events(ask, done(store.Introduced, "11-24 10:00", "")), "12-10 10:00", ""},
	})
}

func TestOpenRequestBlocksItsOrganization(t *testing.T) {
	for _, r := range []struct {
		name   string
		events []store.Event
		open   bool
	}{
		{"asked", events(request("11-23 10:00")), true},
		{"only drafted", events(asked("11-23 10:00")), false},
		{"answered", events(request("11-23 10:00"), wrote("11-24 10:00", "decline")), false},
		{"met by telephone", events(request("11-23 10:00"), setByHand("11-24 10:00", "12-01 15:00", 0)), false},
		{"bounced", events(request("11-23 10:00"), done(store.Bounced, "11-23 10:01", "")), false},
		{"an introduction is no request", events(introRequest("11-23 10:00")), false},
		{"opted out", events(request("11-23 10:00"), done(store.OptedOut, "11-24 10:00", "")), false},
		{"long ago", events(request("11-02 10:00")), false},
	} {
		until := OpenRequest(caseOf(r.events...).History, usual, on("11-24 12:00"))
		if until.IsZero() == r.open || r.open && !until.Equal(on("12-02 10:00")) {
			t.Errorf("%s: open until %v", r.name, until)
		}
	}
}

func TestHolds(t *testing.T) {
	c := caseOf(request("11-23 10:00"), wrote("11-24 09:00", "accept"))
	wants := Wants(c, usual, on("11-24 10:00"))
	for _, r := range []struct {
		name  string
		held  []store.Slot
		count int
	}{
		{"what a draft would propose", Holds(c.History, wants, usual, on("11-24 10:00")), 3},
		{"what was proposed", Holds(events(proposed("11-24 11:00", "12-01 15:00", "12-02 14:00"), byHand("11-24 12:00", "PS")), nil, usual, on("11-25 10:00")), 2},
		{"what was proposed long ago", Holds(events(proposed("11-02 11:00", "12-01 15:00")), nil, usual, on("11-25 10:00")), 0},
		{"the meeting that stands, and no longer what was proposed", Holds(events(proposed("11-24 11:00", "12-02 14:00"), confirmed("11-24 12:00", "12-01 15:00", 0)), nil, usual, on("11-25 10:00")), 1},
		{"a meeting that is off", Holds(events(confirmed("11-24 12:00", "12-01 15:00", 0), done(store.MeetingOff, "11-25 09:00", "")), nil, usual, on("11-25 10:00")), 0},
	} {
		if len(r.held) != r.count {
			t.Errorf("%s: %v", r.name, r.held)
		}
	}
}

func TestStages(t *testing.T) {
	ask, agreed := request("11-23 10:00"), confirmed("11-24 11:00", "12-01 15:00", 0)
	away := returning(wrote("11-23 10:01", "out_of_office"), "2026-12-11")
	for _, r := range []struct {
		stage  Stage
		now    string
		events []store.Event
	}{
		{StageNew, "11-24 12:00", nil},
		{StagePlanned, "11-24 12:00", events(asked("11-23 10:00"))},
		{StageAsked, "11-24 12:00", events(ask)},
		{StageAway, "11-24 12:00", events(ask, away)},
		{StageAway, "11-24 12:00", events(ask, wrote("11-23 10:01", "out_of_office"))},
		{StageAsked, "12-24 12:00", events(ask, away)},
		{StageAnswered, "11-24 12:00", events(ask, wrote("11-24 10:00", "accept"))},
		{StageIntroduce, "11-24 12:00", events(introRequest("11-23 10:00"), wrote("11-24 10:00", "accept"))},
		{StageMeeting, "11-24 12:00", events(ask, agreed)},
		{StageAnswered, "11-26 12:00", events(ask, agreed, wrote("11-26 10:00", "reschedule"))},
		{StageMet, "12-01 16:00", events(ask, agreed)},
		{StageThanked, "12-01 18:00", events(ask, agreed, sent("12-01 17:00", ThankYou, "thank-you/m@introd"))},
		{StageDeclined, "11-26 12:00", events(ask, agreed, wrote("11-25 10:00", "decline"))},
		{StageResting, "12-20 12:00", events(ask, sent("12-02 11:00", Nudge, "nudge/request/dana/1/1"))},
		{StageBounced, "11-24 12:00", events(ask, done(store.Bounced, "11-23 10:01", ""))},
		{StageOptedOut, "11-24 12:00", events(ask, wrote("11-24 10:00", "unsubscribe"))},
	} {
		if got := Fold(caseOf(r.events...).History, on(r.now)).Stage; got != r.stage {
			t.Errorf("stage %q, should be %q", got, r.stage)
		}
	}
}

func TestPlanOfAnUnansweredRequest(t *testing.T) {
	var lines []string
	for _, p := range Plan(caseOf(asked("11-23 10:00")), usual, on("11-23 10:00"), on("12-23 10:00")) {
		lines = append(lines, p.Want.Kind+" "+p.At.In(newYork).Format("01-02 15:04"))
	}
	if got := strings.Join(lines, ", "); got != "interview-request-referred 11-23 10:00, nudge 12-02 10:00" {
		t.Error(got)
	}
}
