package times

import "testing"

func TestRuledOut(t *testing.T) {
	phrases{
		{"I can't do Tuesday, but Wednesday at 2 is fine", "Wed 4 Mar 14:00; not Tue 3 Mar"},
		{"anything but Tuesday", "not Tue 3 Mar"},
		{"Thursday's no good, Friday is", "Fri 6 Mar; not Thu 5 Mar"},
		{"Monday and Tuesday are packed, but I have Wednesday 2-3:30", "Wed 4 Mar 14:00-15:30; not Mon 9 Mar; not Tue 3 Mar"},
		{"The 10th is wide open after two, the 11th is out", "Tue 10 Mar 14:00-; not Wed 11 Mar"},
		{"I'm out next week. How about Tuesday at 10?", "Tue 3 Mar 10:00; not Mon 9 Mar..Sun 15 Mar"},
		{"no Sundays please", "not Sun 8 Mar"},
		{"I have no time on Thursday", "not Thu 5 Mar"},
		{"Happy to talk! I have a dentist appointment Thursday at 3.", "not Thu 5 Mar 15:00"},
		{"I'm free Thursday, just not between 12 and 1", "Thu 5 Mar; not Thu 5 Mar 12:00-13:00"},
		{"Thursday is the only day I can't", "not Thu 5 Mar"},
		{"Thursday would be difficult", "not Thu 5 Mar"},
		{"Neither Tuesday nor Wednesday works", "not Tue 3 Mar; not Wed 4 Mar"},
		{"Thursday is fine, Friday is not", "Thu 5 Mar; not Fri 6 Mar"},
		{"Jeudi ne me convient pas", "not Thu 5 Mar"},
		{"El martes no puedo, el miércoles a las 10 sí", "Wed 4 Mar 10:00; not Tue 3 Mar"},
		{"Dienstag kann ich leider nicht, Mittwoch um 10 passt", "Wed 4 Mar 10:00; not Tue 3 Mar"},
		{"any day next week except Thursday", "Mon 9 Mar..Sun 15 Mar; not Thu 12 Mar"},
		{"on the 10th instead of the 9th", "Tue 10 Mar; not Mon 9 Mar"},
		{"I'm on vacation until March 16. After that I'm flexible.", "Tue 17 Mar 00:00-; not Mon 2 Mar 10:00-Tue 17 Mar 00:00"},
		{"Can we move our Tuesday 3pm call to Thursday at 4?", "Thu 5 Mar 16:00; not Tue 3 Mar 15:00"},
		{"Could we shift Wednesday to Friday?", "Fri 6 Mar; not Wed 4 Mar"},
		{"I need to reschedule Tuesday. How about Thursday at noon?", "Thu 5 Mar 12:00; not Tue 3 Mar"},
	}.run(t, newYork(t))
}

// A refusal with a bound says what is possible beyond it; one that is no refusal says nothing.
func TestRefusalsThatAllow(t *testing.T) {
	phrases{
		{"I'm not available until Thursday", "Thu 5 Mar 00:00-"},
		{"Nothing before 10 on Wednesday please", "Wed 4 Mar 10:00-"},
		{"no later than 4 on Wednesday", "Wed 4 Mar 08:00-16:00"},
		{"Can we have a call on Thursday at 3?", "Thu 5 Mar 15:00"},
		{"I have a slot on Thursday at 3", "Thu 5 Mar 15:00"},
		{"Why not Thursday at 3?", "Thu 5 Mar 15:00"},
		{"No problem, Thursday at 3", "Thu 5 Mar 15:00"},
		{"Can't wait! See you Thursday at 3", "Thu 5 Mar 15:00"},
		{"If Tuesday doesn't work, how about Wednesday at 3?", "Wed 4 Mar 15:00"},
		{"If that does not suit, Thursday at 3 would", "Thu 5 Mar 15:00"},
	}.run(t, newYork(t))
}

func TestNotOffered(t *testing.T) {
	phrases{
		{"Let me know by Friday whether Tuesday at 3 works.", "Tue 3 Mar 15:00"},
		{"Please reply by March 9.", ""},
		{"As discussed on Feb 27, let's meet on March 12.", "Thu 12 Mar"},
		{"The deadline is Thursday. Could we talk on Wednesday?", "Wed 4 Mar"},
		{"I'll get back to you tomorrow.", ""},
		{"Let me look at my calendar tonight.", ""},
		{"We are open Monday to Friday 9-5.", ""},
		{"Office hours: Mon-Fri 9:00-17:00", ""},
		{"She died on Sunday, and we met her sister on Tuesday.", ""},
		{"I was thinking Tuesday at 3", "Tue 3 Mar 15:00"},
		{"I saw her last Friday at 3, and two weeks ago.", ""},
		{"The board meets on Wednesday. Could you do Thursday at 11?", "Thu 5 Mar 11:00"},
		{"I'm back in town from Wednesday, so how about 10am on Friday the 13th?", "Fri 13 Mar 10:00"},
		{"Tuesday at 2:30 would suit. I sit at the desk until one.", "Tue 3 Mar 14:30"},
	}.run(t, newYork(t))
}

// traps hold numbers and words that look like times.
var traps = []string{
	"May I ask why you left?", "It may be right, or may not.", "I sat next to her.", "The sun was out.", "Now is good for everyone.", "We march on.",
	"Call me at 212-555-0134.", "Write to 10013 New York.", "I live at 45 West 14th Street, on the 3rd floor.", "There were 3 of 10 people, at 4.5% interest, for $500.",
	"I graduated in 1998 and have 4 openings.", "Version 2.10 of section 3.2 is on page 14.", "Tickets are $15.30, or 12.50 for students.", "The ratio is 4:3.",
	"My code is 133-03-03-2026.", "The ssn is 123-12-1234.", "I have been here for 12 years.", "It took 5 to 10 days.", "Good morning Sam, and good evening to all.",
	"We have between 5 and 10 people.", "The 2nd time I moved to the 3rd team.", "Flight 14PM was at 25:12.", "See 4-5-6 and 2014-14.", "Thanks a second time.", "8/32 and 2026-02-30 are none.",
	"Do call me. Mar the day. No.", "The meeting lasts 30 minutes.", "Then again, so far so good.", "Morning Sam,", "Pick one or two of them.",
}

func TestTraps(t *testing.T) {
	if len(traps) < 20 {
		t.Fatalf("only %d traps", len(traps))
	}
	for _, text := range traps {
		if got := Find(text, newYork(t)).Times; len(got) > 0 {
			t.Errorf("%q: found %s (%q)", text, showTime(got[0]), got[0].Text)
		}
	}
}

func TestPointers(t *testing.T) {
	o := newYork(t)
	o.Offered = Find("Tuesday at 3, Thursday at 10, or Friday between 1 and 3", o).Times
	if len(o.Offered) != 3 {
		t.Fatalf("offered %v", o.Offered)
	}
	phrases{
		{"The second one works for me", "Thu 5 Mar 10:00"},
		{"Number 2 please!", "Thu 5 Mar 10:00"},
		{"Option C suits", "Fri 6 Mar 13:00-15:00"},
		{"the last slot would be best", "Fri 6 Mar 13:00-15:00"},
		{"Der erste Termin passt", "Tue 3 Mar 15:00"},
		{"Thursday works", "Thu 5 Mar 10:00"},
		{"10am is perfect", "Thu 5 Mar 10:00"},
		{"any of those works", "Tue 3 Mar 15:00; Thu 5 Mar 10:00; Fri 6 Mar 13:00-15:00"},
		{"not the first one, but the second one is fine", "Thu 5 Mar 10:00; not Tue 3 Mar 15:00"},
		{"option 7", ""},
		{"This is the first time I hear of it", ""},
	}.run(t, o)
}

func TestSameTime(t *testing.T) {
	o := newYork(t)
	phrases{
		{"Our inspector took tomorrow at four. Could we do Thursday, same time?", "Thu 5 Mar 16:00"},
		{"Tomorrow at half past two? Otherwise the same again on Friday.", "Tue 3 Mar 14:30; Fri 6 Mar 14:30"},
		{"At the same time, I wonder.", ""},
	}.run(t, o)
	o.Meeting = o.Ref.AddDate(0, 0, 1).Add(90 * 60 * 1e9)
	phrases{
		{"Could we make it Thursday, same time?", "Thu 5 Mar 11:30"},
		{"Could we push it to 4?", "Tue 3 Mar 16:00"},
		{"am Freitag zur selben Zeit, also um 17 Uhr", "Fri 6 Mar 17:00"},
	}.run(t, o)
}

// What a clause says holds for its own times: an offer beside a refusal, or behind an "if not", stays one.
func TestOffersBesideRefusals(t *testing.T) {
	phrases{
		{"I can't make this week work, how is Tuesday 3/10 at 3pm?", "Tue 10 Mar 15:00; not Mon 2 Mar..Sun 8 Mar"},
		{"Could we say Friday at noon? If not, Monday at noon.", "Fri 6 Mar 12:00; Mon 9 Mar 12:00"},
		{"Thursday at 3 is fine, 4 isn't", "Thu 5 Mar 15:00"},
		{"14th or 15th march works, not the 16th", "Sat 14 Mar; Sun 15 Mar; not Mon 16 Mar"},
		{"I'm free at 4pm tomorrow or 9am the day after", "Tue 3 Mar 16:00; Wed 4 Mar 09:00"},
		{"I get off work at 5 so 5:30 on Wednesday?", "Wed 4 Mar 17:30"},
		{"Not Tuesday morning, but 3pm works", "Tue 3 Mar 15:00; not Tue 3 Mar 08:00-12:00"},
		{"Lunch on Thursday? 12:30, the usual place on campus", "Thu 5 Mar 12:30"},
		{"Next Monday or Tuesday would be ideal", "Mon 9 Mar; Tue 10 Mar"},
		{"nächste Woche Mittwochnachmittag wäre gut", "Wed 11 Mar 12:00-18:00"},
		{"No to this week, yes to next: Monday 11am", "Mon 9 Mar 11:00; not Mon 2 Mar..Sun 8 Mar"},
	}.run(t, newYork(t))
}
