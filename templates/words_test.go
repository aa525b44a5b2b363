package templates

import (
	"testing"
	"time"
)

func TestHello(t *testing.T) {
	for name, want := range map[string][2]string{
		"Dana Wu": {"Dana", "Hello Dana"}, "Wu, Dana": {"Dana", "Hello Dana"}, "Dana Wu, PhD": {"Dana", "Hello Dana"}, "Martin King, Jr.": {"Martin", "Hello Martin"},
		"Prof. Lee": {"Professor Lee", "Dear Professor Lee"}, "Professor Min-Ji Lee, Ph.D.": {"Professor Lee", "Dear Professor Lee"}, "Dr. Anna van der Berg": {"Dr. van der Berg", "Dear Dr. van der Berg"},
		"Ms. Dana Wu": {"Ms. Wu", "Dear Ms. Wu"}, "J. Robert Hall": {"Robert", "Hello Robert"}, "J. Hall": {"J. Hall", "Dear J. Hall"}, "Madonna": {"Madonna", "Hello Madonna"}, "Aunt Rosa Rivera": {"Aunt Rosa", "Dear Aunt Rosa"}, "王小明": {"王小明", "Hello 王小明"}, "": {"", "Hello "},
	} {
		if got := [2]string{Hello(name), Greeting(name)}; got != want {
			t.Errorf("%q: %q, should be %q", name, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	newYork := zone("America/New_York")
	for _, w := range []struct{ start, zone, want string }{
		{"2026-12-01 18:00", "America/Los_Angeles", "Tuesday, December 1, 3:00 to 3:30 PM PST (6:00 to 6:30 PM EST for me)"},
		{"2026-12-01 18:00", "America/New_York", "Tuesday, December 1, 6:00 to 6:30 PM EST"},
		{"2026-12-01 18:00", "America/Toronto", "Tuesday, December 1, 6:00 to 6:30 PM EST"},
		{"2026-12-01 20:00", "Asia/Tokyo", "Wednesday, December 2, 10:00 to 10:30 AM JST (Tuesday, December 1, 8:00 to 8:30 PM EST for me)"},
		{"2026-12-01 11:45", "America/New_York", "Tuesday, December 1, 11:45 AM to 12:15 PM EST"},
		{"2026-12-01 11:45", "America/Sao_Paulo", "Tuesday, December 1, 1:45 to 2:15 PM UTC-3 (11:45 AM to 12:15 PM EST for me)"},
		{"2026-12-01 09:00", "Asia/Kathmandu", "Tuesday, December 1, 7:45 to 8:15 PM UTC+5:45 (9:00 to 9:30 AM EST for me)"},
		{"2026-03-20 09:00", "Europe/London", "Friday, March 20, 1:00 to 1:30 PM GMT (9:00 to 9:30 AM EDT for me)"},
	} {
		start, err := time.ParseInLocation("2006-01-02 15:04", w.start, newYork)
		if err != nil {
			t.Fatal(err)
		}
		if got := When(start, start.Add(30*time.Minute), zone(w.zone), newYork); got != w.want {
			t.Errorf("%s in %s: %s, should be %s", w.start, w.zone, got, w.want)
		}
	}
}

func TestSentences(t *testing.T) {
	for words, want := range map[string]string{
		"your talk changed my mind": "Your talk changed my mind.", "Your talk changed my mind.": "Your talk changed my mind.", "You said \"stay curious.\"": "You said \"stay curious.\"", "You said “stay curious”": "You said “stay curious”.",
		"él": "Él.", "Really?": "Really?", " two things. both new ": "Two things. both new.", "": "", "wait…": "Wait…",
	} {
		if got := Sentence(words); got != want {
			t.Errorf("%q: %q, should be %q", words, got, want)
		}
	}
	for words, want := range map[string]string{
		"because your talk changed my mind": "I am writing because your talk changed my mind.", "to learn how you moved into policy": "I am writing to learn how you moved into policy.",
		"Since your talk, I read all I can find.": "Since your talk, I read all I can find.", "Your talk changed my mind": "Your talk changed my mind.",
	} {
		if got := Reason(words); got != want {
			t.Errorf("%q: %q, should be %q", words, got, want)
		}
	}
	for line, want := range map[string]string{"I am a student at State.": "a student at State", "a student": "a student", "I'm a nurse": "a nurse", "an analyst at A. B. Co.": "an analyst at A. B. Co"} {
		if got := About(line); got != want {
			t.Errorf("%q: %q, should be %q", line, got, want)
		}
	}
}

func TestPhone(t *testing.T) {
	for place, want := range map[string]bool{"+1 (555) 010-9999": true, "555-010-9999 x12": true, "Room 12": false, "https://zoom.us/j/5550109999": false, "12 Main Street": false, "The library, 2nd floor": false} {
		if Phone(place) != want {
			t.Errorf("%q: %v", place, !want)
		}
	}
}
