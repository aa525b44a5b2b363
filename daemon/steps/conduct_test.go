package steps

import (
	"strings"
	"testing"
	"time"

	"introd/store"
)

// hours are windows of a day: "9-12".
func hours(from, to time.Duration) Window { return Window{from * time.Hour, to * time.Hour} }

func busy(starts ...string) (slots []store.Slot) {
	for _, s := range starts {
		slots = append(slots, store.Slot{Start: on(s), End: on(s).Add(30 * time.Minute), Kind: "exact"})
	}
	return slots
}

func starting(slots []store.Slot) string {
	var words []string
	for _, s := range slots {
		words = append(words, s.Start.In(newYork).Format("01-02 15:04"))
	}
	return strings.Join(words, " | ")
}

// Free times lie in the owner's hours and the other's working day, apart from what is taken.
func TestFreeTimes(t *testing.T) {
	rules := func(change func(*Rules)) Rules {
		r := usual
		for _, day := range []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday} {
			r.Windows[day] = []Window{hours(9, 17)}
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	only := func(day time.Weekday, windows ...Window) Rules {
		var r = usual
		r.Windows[day] = windows
		return r
	}
	at := func(zone string) Case { return Case{Person: store.Person{ID: "dana", Zone: zone}} }
	with := func(c Case, calendars []store.Slot, held ...[]store.Slot) Case {
		c.Busy, c.Held = calendars, held
		return c
	}
	here, tokyo := at("America/New_York"), at("Asia/Tokyo")
	for _, r := range []struct {
		name  string
		c     Case
		rules Rules
		want  string
	}{
		{"by turns of the day, from the day after tomorrow", here, rules(nil), "11-25 10:00 | 11-26 14:00 | 11-27 10:00"},
		{"on one day of the week", here, only(time.Friday, hours(9, 17)), "11-27 10:00 | 11-27 14:00 | 12-04 14:00"},
		{"in the hours of that day", here, only(time.Friday, hours(12, 13)), "11-27 12:00 | 11-27 12:30 | 12-04 12:00"},
		{"in two windows", here, only(time.Friday, hours(9, 10), hours(16, 17)), "11-27 09:00 | 11-27 16:00 | 12-04 16:00"},
		{"in hours at which nobody works", here, only(time.Friday, hours(6, 8)), "11-27 10:00 | 11-27 14:00 | 12-04 14:00"},
		{"not outside of hours that are full", with(here, busy("11-27 12:00", "11-27 12:30", "12-04 12:00", "12-04 12:30")), only(time.Friday, hours(12, 13)), ""},
		{"around what calendars say", with(here, busy("11-25 10:00", "11-25 14:00")), rules(nil), "11-25 11:00 | 11-26 14:00 | 11-27 10:00"},
		{"around a whole day", with(here, []store.Slot{{Start: on("11-25 00:00"), End: on("11-26 00:00")}}), rules(nil), "11-26 14:00 | 11-27 10:00 | 11-30 14:00"},
		{"around what others hold", with(here, nil, busy("11-25 10:00"), busy("11-26 14:00")), rules(nil), "11-25 14:00 | 11-26 10:00 | 11-27 10:00"},
		{"with a pause between talks", with(here, nil, busy("11-25 10:30")), rules(func(r *Rules) { r.Buffer = 15 * time.Minute }), "11-25 14:00 | 11-26 14:00 | 11-27 10:00"},
		{"without one, close by", with(here, nil, busy("11-25 10:30")), rules(nil), "11-25 10:00 | 11-26 14:00 | 11-27 10:00"},
		{"not in a week that is full", with(here, nil, busy("11-23 09:00", "11-24 09:00"), busy("11-24 15:00")), rules(func(r *Rules) { r.MostPerWeek = 2 }), "11-30 14:00 | 12-01 10:00 | 12-02 14:00"},
		{"in a week with room", with(here, nil, busy("11-23 09:00", "11-24 09:00")), rules(func(r *Rules) { r.MostPerWeek = 2 }), "11-25 10:00 | 11-26 14:00 | 11-27 10:00"},
		{"early or late, where the days do not meet", tokyo, rules(nil), "11-25 20:00 | 11-26 20:00 | 11-30 20:00"},
		{"but not if the owner keeps their hours", tokyo, rules(func(r *Rules) { r.KeepHours = true }), ""},
		{"late on an evening that the owner gives", tokyo, only(time.Tuesday, hours(19, 21)), "12-01 19:00 | 12-01 19:30 | 12-01 20:00"},
	} {
		t.Run(r.name, func(t *testing.T) {
			if got := starting(FreeTimes(r.c, r.rules, on("11-23 10:00"), 14, 3)); got != r.want {
				t.Errorf("%s\nshould be\n%s", got, r.want)
			}
		})
	}
}

func wants(at string, starts ...string) store.Event {
	ev := store.Event{Kind: store.Asked, At: on(at), Variant: ProposeTimes, Want: "propose-times/dana/asked/1"}
	for _, s := range starts {
		ev.Offers = append(ev.Offers, store.Slot{Start: on(s), End: on(s).Add(30 * time.Minute), Kind: "exact"})
	}
	return ev
}

func TestProposals(t *testing.T) {
	yes, chosen := wrote("11-24 09:00", "accept"), wants("11-24 10:00", "12-03 15:00", "12-04 15:00")
	ask := request("11-23 10:00")
	own := "propose-times 11-24 10:00 | 12-03 15:00 | 12-04 15:00"
	check(t, []rule{
		{"the owner's own times stand in the place of introd's", events(ask, yes, chosen), "11-24 10:00", own},
		{"also to somebody who has not answered", events(ask, chosen), "11-24 10:00", own + "\nnudge 12-02 10:00"},
		{"sent settles it", events(ask, yes, chosen, sent("11-24 10:05", ProposeTimes, "propose-times/dana/asked/1")), "11-24 10:06", ""},
		{"dropped settles it, and introd's own too", events(ask, yes, chosen, done(store.Dropped, "11-24 10:05", "propose-times/dana/asked/1")), "11-24 10:06", ""},
		{"their answer comes first", events(ask, yes, chosen, wrote("11-24 11:00", "accept_with_times", exact("12-01 15:00"))), "11-24 11:00", "confirmation 11-24 11:00 = 12-01 15:00 #0 REQUEST"},
		{"a talk that the owner sets comes first", events(ask, yes, chosen, setByHand("11-24 11:00", "12-01 15:00", 0)), "11-24 11:00", "confirmation 11-24 11:00 = 12-01 15:00 #0 REQUEST\ntask-held 12-01 15:45"},
		{"the owner wrote themselves", events(ask, yes, chosen, byHand("11-24 11:00", "How about Friday?")), "11-24 11:00", ""},
		{"a no ends it", events(ask, chosen, wrote("11-24 11:00", "decline")), "11-24 11:00", "thanks-for-no 11-24 11:00"},
		{"times that have passed are replaced", events(ask, yes, chosen), "12-03 15:00", "propose-times 11-24 10:00 | 12-04 14:00 | 12-07 14:00 | 12-08 14:00"},
	})
	c := caseOf(ask, yes, chosen)
	first := Wants(c, usual, on("11-24 10:00"))[0]
	c.Busy = busy("12-04 15:00")
	if w := Wants(c, usual, on("11-24 10:00"))[0]; w.Key == first.Key || starting(w.Offers) != "11-26 14:00 | 11-27 14:00 | 11-30 14:00" {
		t.Errorf("a time that was taken meanwhile is replaced by %s as %s", starting(w.Offers), w.Key)
	}
}

func TestMissed(t *testing.T) {
	agreed := confirmed("11-24 11:00", "12-01 15:00", 0)
	say := func(words string) store.Event {
		return store.Event{Kind: store.MeetingHeld, At: on("12-01 16:00"), Text: words}
	}
	first := "missed 12-01 16:00 | 12-03 14:00 | 12-04 14:00 | 12-07 14:00"
	check(t, []rule{
		{"they did not come", events(agreed, say("no-show")), "12-01 16:00", first},
		{"the owner did not", events(agreed, say("missed")), "12-01 16:00", "apology" + first[len("missed"):]},
		{"it took place after all", events(agreed, say("no-show"), say("yes")), "12-01 16:10", "thank-you 12-01 15:45"},
		{"the owner has written since", events(agreed, byHand("12-01 15:20", "Are you there?"), say("no-show")), "12-01 16:00", ""},
		{"they have, and name another time", events(agreed, wrote("12-01 15:20", "reschedule", exact("12-03 15:00")), say("no-show")), "12-01 16:00",
			"reschedule 12-01 15:20 = 12-03 15:00 #1 REQUEST"},
		{"they ask where the owner is: an apology all the same", events(agreed, wrote("12-01 15:20", "unrelated"), say("missed")), "12-01 16:00", "apology" + first[len("missed"):]},
		{"sent settles it", events(agreed, say("no-show"), sent("12-01 16:10", Missed, "missed/m@introd/0")), "12-02 10:00", ""},
		{"dropped too, also when the times have passed", events(agreed, say("no-show"), done(store.Dropped, "12-01 16:10", "missed/m@introd/0")), "12-05 10:00", ""},
	})
	again := sent("12-01 16:10", Missed, "missed/m@introd/0")
	again.Offers = busy("12-03 14:00", "12-04 14:00")
	check(t, []rule{{"they take one of the times up", events(agreed, say("no-show"), again, wrote("12-02 10:00", "accept_with_times", exact("12-04 14:00"))), "12-02 10:00",
		"confirmation 12-02 10:00 = 12-04 14:00 #0 REQUEST"}})
}

func TestReminders(t *testing.T) {
	rules := usual
	rules.RemindAt, rules.RemindBefore = 7*time.Hour+30*time.Minute, time.Hour
	agreed := confirmed("11-24 11:00", "12-01 15:00", 0)
	thanks := "\nthank-you 12-01 15:45"
	morning, soon := "reminder 12-01 07:30 = 12-01 15:00 #0", "reminder 12-01 14:00 = 12-01 15:00 #0"
	for _, r := range []struct {
		name   string
		events []store.Event
		now    string
		want   string
	}{
		{"both lie ahead", events(agreed), "11-24 12:00", morning + "\n" + soon + thanks},
		{"the second takes the place of the first", events(agreed), "12-01 14:00", soon + thanks},
		{"it stays during the talk", events(agreed), "12-01 15:29", soon + thanks},
		{"and goes with it", events(agreed), "12-01 15:30", strings.TrimSpace(thanks)},
		{"an early talk has no morning", events(confirmed("11-24 11:00", "12-01 08:15", 0)), "12-01 07:00", "reminder 12-01 07:15 = 12-01 08:15 #0\nthank-you 12-01 09:00"},
		{"called off by the owner", events(agreed, done(store.MeetingOff, "12-01 08:00", "")), "12-01 08:00", "cancel 12-01 08:00 = 12-01 15:00 #1 CANCEL"},
		{"called off by them", events(agreed, wrote("12-01 08:00", "cancel")), "12-01 08:00", "propose-times 12-01 08:00 | 12-03 14:00 | 12-04 14:00 | 12-07 14:00"},
		{"asked to move", events(agreed, wrote("12-01 08:00", "reschedule")), "12-01 08:00", "propose-times 12-01 08:00 | 12-03 14:00 | 12-04 14:00 | 12-07 14:00"},
		{"moved", events(agreed, confirmed("11-30 11:00", "12-02 15:00", 1)), "12-01 08:00", "reminder 12-02 07:30 = 12-02 15:00 #1\nreminder 12-02 14:00 = 12-02 15:00 #1\nthank-you 12-02 15:45"},
	} {
		t.Run(r.name, func(t *testing.T) {
			if got := told(Wants(caseOf(r.events...), rules, on(r.now))); got != r.want {
				t.Errorf("wanted now:\n%s\nshould be:\n%s", got, r.want)
			}
		})
	}
	wants := Wants(caseOf(agreed), rules, on("12-01 09:00"))
	moved := Wants(caseOf(agreed, confirmed("11-30 11:00", "12-02 15:00", 1)), rules, on("12-01 09:00"))
	for key := range keys(wants) {
		if strings.HasPrefix(key, "reminder") && keys(moved)[key] {
			t.Errorf("%s names the talk before and after it was moved", key)
		}
	}
}
