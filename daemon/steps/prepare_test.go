package steps

import (
	"slices"
	"testing"
	"time"

	"introd/store"
)

// talk is a confirmation that went out for a talk with Dana.
func talk(at, start string) store.Event {
	ev := sent(at, Confirmation, "confirmation/talk@introd/0")
	ev.Meeting = &store.Meeting{UID: "talk@introd", Start: on(start), End: on(start).Add(30 * time.Minute)}
	return ev
}

func TestConfirmTomorrow(t *testing.T) {
	evenings := usual
	evenings.PrepareAt = 18 * time.Hour
	tokyo := dana
	tokyo.Zone = "Asia/Tokyo"
	agreed := []store.Event{asked("11-23 09:00"), request("11-23 09:05"), wrote("11-24 10:00", "accept_with_times"), talk("11-24 12:00", "12-01 18:00")}
	const key, today = "confirm-tomorrow/talk@introd/0", "confirm-tomorrow/talk@introd/0/today"
	for _, c := range []struct {
		name   string
		person store.Person
		then   []store.Event
		now    string
		key    string
		from   string
		until  string
	}{
		{"days before", dana, nil, "11-25 12:00", key, "11-30 18:00", "12-01 03:00"},
		{"that evening", dana, nil, "11-30 18:00", key, "11-30 18:00", "12-01 03:00"},
		{"after midnight for me, not yet for them", dana, nil, "12-01 02:59", key, "11-30 18:00", "12-01 03:00"},
		{"on the day itself", dana, nil, "12-01 03:00", today, "11-30 18:00", "12-01 18:00"},
		{"when it has begun", dana, nil, "12-01 18:00", "", "", ""},
		{"already the day itself for them", tokyo, []store.Event{talk("11-24 13:00", "12-01 08:00")}, "11-25 12:00", today, "11-30 18:00", "12-01 08:00"},
		{"agreed less than a day before", dana, []store.Event{talk("11-30 18:01", "12-01 18:00")}, "11-30 19:00", "", "", ""},
		{"agreed on the telephone, less than a day before", dana, []store.Event{
			{Kind: store.MeetingSet, At: on("11-30 20:00"), Meeting: &store.Meeting{UID: "call@introd", Start: on("12-01 18:00"), End: on("12-01 18:30")}},
			{Kind: store.Dropped, At: on("11-30 20:01"), Want: "confirmation/call@introd/0"},
		}, "11-30 20:02", "", "", ""},
		{"moved, a day before", dana, []store.Event{talk("11-30 11:00", "12-02 11:00")}, "12-01 18:00", key, "12-01 18:00", "12-02 03:00"},
		{"they call it off", dana, []store.Event{wrote("11-29 10:00", "cancel")}, "11-30 18:00", "", "", ""},
		{"they want to move it", dana, []store.Event{wrote("11-29 10:00", "reschedule")}, "11-30 18:00", "", "", ""},
		{"I call it off", dana, []store.Event{{Kind: store.MeetingOff, At: on("11-29 10:00")}}, "11-30 18:00", "", "", ""},
		{"I wrote that day", dana, []store.Event{byHand("11-30 00:05", "See you tomorrow.")}, "11-30 18:00", "", "", ""},
		{"I wrote the day before", dana, []store.Event{byHand("11-29 23:55", "See you.")}, "11-30 18:00", key, "11-30 18:00", "12-01 03:00"},
		{"they wrote that day", dana, []store.Event{wrote("11-30 20:00", "thanks_only")}, "11-30 20:01", "", "", ""},
		{"sent", dana, []store.Event{sent("11-30 18:30", ConfirmTomorrow, key)}, "12-01 08:00", "", "", ""},
		{"dropped", dana, []store.Event{{Kind: store.Dropped, At: on("11-30 18:30"), Want: key}}, "12-01 08:00", "", "", ""},
		{"they said no to everything", dana, []store.Event{wrote("11-28 09:00", "decline")}, "11-30 18:00", "", "", ""},
	} {
		history := append(slices.Clone(agreed), c.then...)
		var found Want
		for _, w := range Wants(Case{Person: c.person, History: history}, evenings, on(c.now)) {
			if w.Kind == ConfirmTomorrow {
				found = w
			}
		}
		if found.Key != c.key || c.key != "" && (!found.From.Equal(on(c.from)) || !found.Until.Equal(on(c.until))) {
			t.Errorf("%s: %q from %v until %v", c.name, found.Key, found.From, found.Until)
		}
	}
	off := usual
	off.PrepareAt = 0
	for _, w := range Wants(Case{Person: dana, History: agreed}, off, on("11-30 18:00")) {
		if w.Kind == ConfirmTomorrow {
			t.Error("wanted though nothing is to be prepared")
		}
	}
}

// A mail that only speaks of a talk makes none: if they ask to move it meanwhile, it is still to be moved.
func TestConfirmTomorrowAgreesOnNothing(t *testing.T) {
	confirm := sent("11-30 18:30", ConfirmTomorrow, "confirm-tomorrow/talk@introd/0")
	confirm.Meeting = talk("11-24 12:00", "12-01 18:00").Meeting
	s := Fold([]store.Event{request("11-23 09:05"), talk("11-24 12:00", "12-01 18:00"), wrote("11-30 18:20", "reschedule"), confirm}, on("11-30 19:00"))
	if !s.Moving || !s.Made.Equal(on("11-24 12:00")) {
		t.Errorf("moving %v, made %v", s.Moving, s.Made)
	}
}

func TestAnswered(t *testing.T) {
	prepared := func(at, uid string, questions ...string) store.Event {
		return store.Event{Kind: store.Prepared, At: on(at), Meeting: &store.Meeting{UID: uid}, Questions: questions}
	}
	debriefed := func(at string, open ...string) store.Event {
		return store.Event{Kind: store.Debriefed, At: on(at), Debrief: &store.Debrief{Learnt: []string{"Much."}, Open: open}}
	}
	agreed := talk("11-24 12:00", "12-01 18:00")
	for _, c := range []struct {
		name string
		then []store.Event
		want []string
	}{
		{"not held yet", []store.Event{prepared("11-30 18:00", "talk@introd", "A?")}, nil},
		{"a note before the talk", []store.Event{prepared("11-30 18:00", "talk@introd", "A?"), debriefed("11-30 19:00")}, nil},
		{"held and taken down", []store.Event{prepared("11-30 18:00", "talk@introd", "A?", "B?"), debriefed("12-01 19:00")}, []string{"A?", "B?"}},
		{"the last sheet counts", []store.Event{prepared("11-28 18:00", "talk@introd", "A?"), prepared("11-30 18:00", "talk@introd", "B?"), debriefed("12-01 19:00")}, []string{"B?"}},
		{"one stays open", []store.Event{prepared("11-30 18:00", "talk@introd", "A?", "B?"), debriefed("12-01 19:00", "B?")}, []string{"A?"}},
		{"the sheet of another talk", []store.Event{prepared("11-30 18:00", "other@introd", "A?"), debriefed("12-01 19:00")}, nil},
		{"called off", []store.Event{prepared("11-30 18:00", "talk@introd", "A?"), wrote("12-01 10:00", "cancel"), debriefed("12-01 19:00")}, nil},
		{"nobody came", []store.Event{prepared("11-30 18:00", "talk@introd", "A?"), {Kind: store.MeetingHeld, At: on("12-01 18:40"), Text: "no-show"}, debriefed("12-01 19:00")}, nil},
	} {
		if got := Answered(append([]store.Event{request("11-23 09:05"), agreed}, c.then...)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
