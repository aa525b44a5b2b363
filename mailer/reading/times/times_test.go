package times

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// newYork is a Monday morning there: what most tables here count from.
func newYork(t testing.TB) Options {
	loc := zoneOf(t, "America/New_York")
	return Options{Ref: time.Date(2026, 3, 2, 10, 0, 0, 0, loc), Zone: loc, OwnerZone: loc}
}

// show writes a result in short: times, then what is ruled out, then what is too wide.
// "Tue 3 Mar 15:00" is exact, "Tue 3 Mar 14:00-16:00" a window, "Tue 3 Mar 15:00-" an open one, "Tue 3 Mar"
// a day, "Mon 9 Mar..Sun 15 Mar" a run of days; " | " goes before another reading.
func show(r Result) string {
	var all []string
	for _, t := range r.Times {
		all = append(all, showTime(t))
	}
	for _, t := range r.Excluded {
		all = append(all, "not "+showTime(t))
	}
	for _, t := range r.Vague {
		all = append(all, "vague "+showTime(t))
	}
	return strings.Join(all, "; ")
}

func showTime(t Time) string {
	s := showSpan(t.Span)
	for _, a := range t.Alternatives {
		s += " | " + showSpan(a)
	}
	return s
}

func showSpan(s Span) string {
	const day, clock = "Mon 2 Jan", "15:04"
	if s.Kind == Day {
		if last := s.End.AddDate(0, 0, -1); last.After(s.Start) {
			return s.Start.Format(day) + ".." + last.Format(day)
		}
		return s.Start.Format(day)
	}
	if s.End == nil {
		return s.Start.Format(day+" "+clock) + map[string]string{Window: "-"}[s.Kind]
	}
	end := s.End.Format(clock)
	if s.End.YearDay() != s.Start.YearDay() {
		end = s.End.Format(day + " " + clock)
	}
	return fmt.Sprintf("%s-%s", s.Start.Format(day+" "+clock), end)
}

type phrases []struct{ text, want string }

func (all phrases) run(t *testing.T, o Options) {
	t.Helper()
	for _, p := range all {
		if got := show(Find(p.text, o)); got != p.want {
			t.Errorf("%q\n got %s\nwant %s", p.text, got, p.want)
		}
	}
}

func TestDays(t *testing.T) {
	phrases{
		{"Thursday would work", "Thu 5 Mar"},
		{"Monday works", "Mon 9 Mar"},
		{"the 14th is open", "Sat 14 Mar"},
		{"the 1st works", "Wed 1 Apr"},
		{"Could we say March 20?", "Fri 20 Mar"},
		{"20 March, or the 24th of March", "Fri 20 Mar; Tue 24 Mar"},
		{"February 3rd suits", "Wed 3 Feb | Tue 3 Feb"},
		{"2026-04-07 is good", "Tue 7 Apr"},
		{"Tuesday week", "Tue 10 Mar"},
		{"a week on Thursday", "Thu 12 Mar"},
		{"two weeks from Thursday", "Thu 19 Mar"},
		{"two weeks from today, Thursday", "Thu 19 Mar"},
		{"the Monday closest to April 8", "Mon 6 Apr"},
		{"the day after tomorrow", "Wed 4 Mar"},
		{"in three days", "Thu 5 Mar"},
		{"a fortnight from today", "Mon 16 Mar"},
		{"Wednesday of next week", "Wed 11 Mar"},
		{"next week, Wednesday or Thursday", "Wed 11 Mar; Thu 12 Mar"},
		{"the week of the 16th is open", "Mon 16 Mar..Sun 22 Mar"},
		{"next week is good", "Mon 9 Mar..Sun 15 Mar"},
		{"early next week would suit", "Mon 9 Mar..Wed 11 Mar"},
		{"the second week of April", "Mon 6 Apr..Sun 12 Apr"},
		{"the last Friday in April works", "Fri 24 Apr"},
		{"mid-April would be best", "Sat 11 Apr..Mon 20 Apr"},
		{"Tuesday to Thursday", "Tue 3 Mar..Thu 5 Mar"},
		{"from the 16th to the 18th of March", "Mon 16 Mar..Wed 18 Mar"},
		{"Happy to, but it would have to be after the 9th", "Tue 10 Mar 00:00-"},
		{"from Thursday on I am free", "Thu 5 Mar 00:00-"},
		{"in April", "vague Wed 1 Apr..Thu 30 Apr"},
	}.run(t, newYork(t))
}

func TestHours(t *testing.T) {
	phrases{
		{"Tuesday at 3 works", "Tue 3 Mar 15:00"},
		{"Tuesday at 9 works", "Tue 3 Mar 09:00"},
		{"Tuesday at 12 works", "Tue 3 Mar 12:00"},
		{"Tuesday at 7 works", "Tue 3 Mar 07:00 | Tue 3 Mar 19:00"},
		{"Tuesday at 7 in the evening", "Tue 3 Mar 19:00"},
		{"3pm tomorrow", "Tue 3 Mar 15:00"},
		{"at 15.30 on Wednesday", "Wed 4 Mar 15:30"},
		{"Wed at 1500", "Wed 4 Mar 15:00"},
		{"half past two on Wednesday", "Wed 4 Mar 14:30"},
		{"a quarter to noon on Wednesday", "Wed 4 Mar 11:45"},
		{"Friday at noon", "Fri 6 Mar 12:00"},
		{"11ish on Friday", "Fri 6 Mar 11:00"},
		{"Thursday between 2 and 4", "Thu 5 Mar 14:00-16:00"},
		{"Thursday 10-2", "Thu 5 Mar 10:00-14:00"},
		{"Thursday, 2-4pm", "Thu 5 Mar 14:00-16:00"},
		{"Thursday 11:30 - 1", "Thu 5 Mar 11:30-13:00"},
		{"the 14th after 2", "Sat 14 Mar 14:00-"},
		{"Friday before noon", "Fri 6 Mar 08:00-12:00"},
		{"Friday, but only from 4:15 on", "Fri 6 Mar 16:15-"},
		{"not before 3 on Friday", "Fri 6 Mar 15:00-"},
		{"Friday morning", "Fri 6 Mar 08:00-12:00"},
		{"late Friday afternoon", "Fri 6 Mar 12:00-18:00"},
		{"this afternoon at 4", "Mon 2 Mar 16:00"},
		{"11:30 am works for me", "Mon 2 Mar 11:30"},
		{"9:30 am works for me", "Tue 3 Mar 09:30"},
		{"in two hours", "Mon 2 Mar 12:00"},
	}.run(t, newYork(t))
}

func TestSeveralOptions(t *testing.T) {
	phrases{
		{"Tuesday at 3 or 4, or Wednesday at 10", "Tue 3 Mar 15:00; Tue 3 Mar 16:00; Wed 4 Mar 10:00"},
		{"3pm on Tuesday or 4pm on Wednesday", "Tue 3 Mar 15:00; Wed 4 Mar 16:00"},
		{"Tue/Wed 10-12", "Tue 3 Mar 10:00-12:00; Wed 4 Mar 10:00-12:00"},
		{"Thursday or Friday afternoon", "Thu 5 Mar 12:00-18:00; Fri 6 Mar 12:00-18:00"},
		{"noon on the 5th works; so does 5pm on the 6th", "Thu 5 Mar 12:00; Fri 6 Mar 17:00"},
		{"Next week I could do:\n\n- Tuesday between 1 and 3\n- Friday before noon", "Tue 10 Mar 13:00-15:00; Fri 13 Mar 08:00-12:00"},
		{"These suit:\nTuesday, March 10, 11:00\nFriday, March 13, 2:30 p.m.", "Tue 10 Mar 11:00; Fri 13 Mar 14:30"},
		{"March 9, 10 or 11 at 3pm", "Mon 9 Mar 15:00; Tue 10 Mar 15:00; Wed 11 Mar 15:00"},
		{"the 9th or 10th of April", "Thu 9 Apr; Fri 10 Apr"},
		{"Monday after 3, Tuesday any time, Wednesday before 11, not Thursday, Friday 9-12",
			"Mon 9 Mar 15:00-; Tue 3 Mar; Wed 4 Mar 08:00-11:00; Fri 6 Mar 09:00-12:00; not Thu 5 Mar"},
		{"9 or 10 am on the 12th", "Thu 12 Mar 09:00; Thu 12 Mar 10:00"},
		{"Best days: Mon, Wed, Fri. Best times: 10am to noon.", "Mon 9 Mar 10:00-12:00; Wed 4 Mar 10:00-12:00; Fri 6 Mar 10:00-12:00"},
		{"Tuesday through Thursday of next week between 9 and 11", "Tue 10 Mar 09:00-11:00; Wed 11 Mar 09:00-11:00; Thu 12 Mar 09:00-11:00"},
		{"tomorrow or the day after, 2pm", "Tue 3 Mar 14:00; Wed 4 Mar 14:00"},
		{"either 11 or 11:30 on Tuesday is fine", "Tue 3 Mar 11:00; Tue 3 Mar 11:30"},
		{"next Tuesday or the Tuesday after", "Tue 10 Mar; Tue 17 Mar"},
		{"Tuesday works. Any time after 3.", "Tue 3 Mar 15:00-"},
		{"End of next week is good, say Friday at 11", "Fri 13 Mar 11:00"},
	}.run(t, newYork(t))
}
