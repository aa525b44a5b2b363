package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// options ask for December 2026, of an owner in New York.
func options() Options {
	zone := mustZone("America/New_York")
	return Options{Zone: zone, Me: []string{"sam@home.test"}, From: time.Date(2026, 12, 1, 0, 0, 0, 0, zone), To: time.Date(2027, 1, 1, 0, 0, 0, 0, zone)}
}

// ics is a calendar around lines, which are numbered from 2 on.
func ics(lines string) string {
	return "BEGIN:VCALENDAR\n" + strings.TrimSpace(lines) + "\nEND:VCALENDAR\n"
}

func vevent(lines string) string {
	return "BEGIN:VEVENT\nUID:1\n" + strings.TrimSpace(lines) + "\nEND:VEVENT\n"
}

// custom is a zone of nobody's, described as Outlook does: New York's rules under another name.
const custom = `BEGIN:VTIMEZONE
TZID:Customized Time Zone 1
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
`

// calendars are what the reader is tested on, and the seeds of its fuzzing. Busy times stand as they
// begin and end in New York, "12-01 10:00–10:30".
var calendars = []struct {
	name, ics string
	busy      []string
	problems  []string
}{
	{"one event in UTC", ics(vevent("DTSTART:20261201T150000Z\nDTEND:20261201T160000Z")), []string{"12-01 10:00–11:00"}, nil},
	{"a floating time is the owner's", ics(vevent("DTSTART:20261201T150000\nDTEND:20261201T160000")), []string{"12-01 15:00–16:00"}, nil},
	{"a zone by its name", ics(vevent("DTSTART;TZID=Europe/Berlin:20261201T150000\nDURATION:PT1H30M")), []string{"12-01 09:00–10:30"}, nil},
	{"a zone by its Windows name", ics(vevent("DTSTART;TZID=\"Pacific Standard Time\":20261201T090000\nDURATION:PT1H")), []string{"12-01 12:00–13:00"}, nil},
	{"a zone by the end of a path", ics(vevent("DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261201T150000\nDURATION:PT1H")), []string{"12-01 09:00–10:00"}, nil},
	{"a zone by its own rules, winter and summer", ics(custom + vevent("DTSTART;TZID=Customized Time Zone 1:20260601T090000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY")),
		[]string{"12-01 09:00–10:00"}, nil},
	{"a zone described after its use", ics(vevent("DTSTART;TZID=Customized Time Zone 1:20261201T090000\nDURATION:PT1H") + custom), []string{"12-01 09:00–10:00"}, nil},
	{"a zone with a second name", ics("BEGIN:VTIMEZONE\nTZID:Home\nX-LIC-LOCATION:Asia/Tokyo\nEND:VTIMEZONE\n" + vevent("DTSTART;TZID=Home:20261202T000000\nDURATION:PT1H")),
		[]string{"12-01 10:00–11:00"}, nil},
	{"a zone that nobody knows", ics(vevent("DTSTART;TZID=Middle Earth:20261201T090000\nDURATION:PT1H")), []string{"12-01 09:00–10:00"},
		[]string{`line 2: the time zone "Middle Earth" is not known`}},
	{"a whole day", ics(vevent("DTSTART;VALUE=DATE:20261201")), []string{"12-01 00:00–00:00"}, nil},
	{"two whole days", ics(vevent("DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261203")), []string{"12-01 00:00–12-03 00:00"}, nil},
	{"no end", ics(vevent("DTSTART:20261201T150000Z")), []string{"12-01 10:00–10:30"}, nil},
	{"an end before the start", ics(vevent("DTSTART:20261201T150000Z\nDTEND:20261201T140000Z")), []string{"12-01 10:00–10:30"}, []string{"line 2: the event ends before it begins"}},
	{"a length of days", ics(vevent("DTSTART:20261201T150000Z\nDURATION:P1D")), []string{"12-01 10:00–12-02 10:00"}, nil},
	{"a broken length", ics(vevent("DTSTART:20261201T150000Z\nDURATION:soon")), []string{"12-01 10:00–10:30"}, []string{`line 2: DURATION: "soon" is no length of time`}},
	{"free", ics(vevent("DTSTART:20261201T150000Z\nTRANSP:TRANSPARENT")), nil, nil},
	{"free for Outlook", ics(vevent("DTSTART:20261201T150000Z\nX-MICROSOFT-CDO-BUSYSTATUS:FREE")), nil, nil},
	{"called off", ics(vevent("DTSTART:20261201T150000Z\nSTATUS:CANCELLED")), nil, nil},
	{"declined by the owner", ics(vevent("DTSTART:20261201T150000Z\nATTENDEE;CN=Sam;PARTSTAT=DECLINED:mailto:Sam@home.test")), nil, nil},
	{"declined by somebody else", ics(vevent("DTSTART:20261201T150000Z\nATTENDEE;PARTSTAT=DECLINED:mailto:ben@home.test\nATTENDEE;PARTSTAT=ACCEPTED:mailto:sam@home.test")),
		[]string{"12-01 10:00–10:30"}, nil},
	{"weekly, over the end of summer time", ics(vevent("DTSTART;TZID=America/New_York:20261013T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261208")),
		[]string{"12-01 10:00–11:00", "12-08 10:00–11:00"}, nil},
	{"weekly with an odd tail", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:freq=weekly;count=2;")), []string{"12-01 10:00–11:00", "12-08 10:00–11:00"}, nil},
	{"exceptions, more to a line and in another zone", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20261202T150000Z,20261203T150000Z\nEXDATE;TZID=America/Los_Angeles:20261204T070000")),
		[]string{"12-01 10:00–11:00"}, nil},
	{"an exception by its day", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20261202")), []string{"12-01 10:00–11:00"}, nil},
	{"further dates and periods", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRDATE:20261203T150000Z\nRDATE;VALUE=PERIOD:20261204T150000Z/PT15M")),
		[]string{"12-01 10:00–11:00", "12-03 10:00–11:00", "12-04 10:00–10:15"}, nil},
	{"one of a series moved, one called off", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3") +
		vevent("RECURRENCE-ID:20261202T150000Z\nDTSTART:20261202T200000Z\nDURATION:PT2H") + vevent("RECURRENCE-ID:20261203T150000Z\nDTSTART:20261203T150000Z\nSTATUS:CANCELLED")),
		[]string{"12-01 10:00–11:00", "12-02 15:00–17:00"}, nil},
	{"a series that is moved from one time on", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4") +
		vevent("RECURRENCE-ID;RANGE=THISANDFUTURE:20261203T150000Z\nDTSTART:20261203T200000Z\nDURATION:PT2H") + vevent("RECURRENCE-ID:20261204T150000Z\nDTSTART:20261204T210000Z\nDURATION:PT1H")),
		[]string{"12-01 10:00–11:00", "12-02 10:00–11:00", "12-03 15:00–17:00", "12-04 16:00–17:00"}, nil},
	{"a series that ends early", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4") +
		vevent("RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T150000Z\nDTSTART:20261202T150000Z\nSTATUS:CANCELLED")), []string{"12-01 10:00–11:00"}, nil},
	{"whole days that repeat", ics(vevent("DTSTART;VALUE=DATE:20251231\nRRULE:FREQ=YEARLY")), []string{"12-31 00:00–00:00"}, nil},
	{"a rule that cannot be read", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES")), []string{"12-01 10:00–11:00"}, []string{"line 2: RRULE: "}},
	{"every second", ics(vevent("DTSTART:20261201T150000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")), []string{"12-01 10:00–10:00"},
		[]string{"line 2: RRULE: it repeats more often than once a day"}},
	{"every other week, for years", ics(vevent("DTSTART;TZID=America/New_York:20010102T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=MO")),
		[]string{"12-01 10:00–11:00", "12-03 10:00–11:00", "12-15 10:00–11:00", "12-17 10:00–11:00", "12-29 10:00–11:00", "12-31 10:00–11:00"}, nil},
	{"every third day, for years", ics(vevent("DTSTART;TZID=America/New_York:20010102T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20261207")), []string{"12-02 10:00–11:00", "12-05 10:00–11:00"}, nil},
	{"never", ics(vevent("DTSTART:20261201T150000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")), nil, nil},
	{"for thousands of years", ics(vevent("DTSTART:00010101T150000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20261201T150000Z")), []string{"12-01 10:00–11:00"}, nil},
	{"published busy times", ics("BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY:20261201T150000Z/PT1H,20261202T150000Z/20261202T153000Z\nFREEBUSY;FBTYPE=FREE:20261203T150000Z/PT1H\nEND:VFREEBUSY"),
		[]string{"12-01 10:00–11:00", "12-02 10:00–10:30"}, nil},
	{"folded, CRLF, a byte order mark", "\ufeff" + strings.ReplaceAll(ics(vevent("DTSTART;TZID=Europe\n /Berlin:20261201T1\n\t50000\nDURATION:PT1H\nDESCRIPTION:a line\n that goes on")), "\n", "\r\n"),
		[]string{"12-01 09:00–10:00"}, nil},
	{"an alarm in an event", ics(vevent("DTSTART:20261201T150000Z\nBEGIN:VALARM\nDURATION:P3D\nTRIGGER:-PT15M\nEND:VALARM")), []string{"12-01 10:00–10:30"}, nil},
	{"a broken line costs itself alone", ics(vevent("DTSTART:20261201T150000Z\nATTENDEE;CN=\"Ben:mailto:b@x.test\nand so on\nDURATION:PT1H")), []string{"12-01 10:00–11:00"},
		[]string{"line 5: malformed param value", "line 6: this is no line of a calendar"}},
	{"a broken event costs itself alone", ics(vevent("SUMMARY:no start") + vevent("DTSTART:yesterday") + vevent("DTSTART:20261201T150000Z")), []string{"12-01 10:00–10:30"},
		[]string{"line 2: the event does not say when it begins", `line 6: DTSTART: "yesterday" is neither`}},
	{"an event without an end", ics("BEGIN:VEVENT\nDTSTART:20261201T150000Z\n" + vevent("DTSTART:20261202T150000Z")), []string{"12-01 10:00–10:30", "12-02 10:00–10:30"},
		[]string{"line 4: a VEVENT begins before the last VEVENT has ended"}},
	{"cut off", "BEGIN:VCALENDAR\n" + vevent("DTSTART:20261201T150000Z") + "BEGIN:VEVENT\nDTSTART:20261202T150000Z\nDTEND:2026", []string{"12-01 10:00–10:30", "12-02 10:00–10:30"},
		[]string{`line 6: DTEND: "2026" is neither`, "line 8: the file ends within a VEVENT"}},
	{"a fold before any line", " BEGIN:VCALENDAR\nEND:VCALENDAR\n", nil, nil},
	{"an event in a zone", "BEGIN:VTIMEZONE\nBEGIN:VEVENT\nDTSTART:20261201T150000Z", []string{"12-01 10:00–10:30"},
		[]string{"line 2: a VEVENT begins before the last VTIMEZONE has ended", "line 3: the file ends within a VEVENT"}},
	{"two calendars in one file", ics(vevent("DTSTART:20261201T150000Z")) + ics(vevent("DTSTART:20261202T150000Z")), []string{"12-01 10:00–10:30", "12-02 10:00–10:30"}, nil},
	{"tasks and journals are none", ics("BEGIN:VTODO\nDTSTART:20261201T150000Z\nEND:VTODO"), nil, nil},
	{"long past, far ahead, and reaching in", ics(vevent("DTSTART:20200101T150000Z\nDTEND:20200101T160000Z") + vevent("DTSTART:20300101T150000Z") + vevent("DTSTART:20261130T000000Z\nDTEND:20261201T150000Z")),
		[]string{"11-29 19:00–12-01 10:00"}, nil},
}

func TestRead(t *testing.T) {
	t.Parallel()
	if len(calendars) < 40 {
		t.Errorf("only %d calendars", len(calendars))
	}
	for _, c := range calendars {
		t.Run(c.name, func(t *testing.T) {
			r, err := Read(strings.NewReader(c.ics), options())
			if err != nil && !errors.Is(err, ErrNoCalendar) {
				t.Fatal(err)
			}
			if have := words(r.Busy); !slices.Equal(have, c.busy) {
				t.Errorf("busy %q, not %q", have, c.busy)
			}
			for i, p := range r.Problems {
				if i >= len(c.problems) || !strings.HasPrefix(p.String(), c.problems[i]) {
					t.Errorf("reports %q, not %q", r.Problems, c.problems)
					break
				}
			}
			if len(r.Problems) < len(c.problems) {
				t.Errorf("reports %q, not %q", r.Problems, c.problems)
			}
		})
	}
}

// words are spans as they are on a clock in New York.
func words(spans []Span) (all []string) {
	zone := options().Zone
	for _, s := range spans {
		start, end := s.Start.In(zone), s.End.In(zone)
		form := "15:04"
		if end.Sub(start) > 24*time.Hour || end.Sub(start) == 24*time.Hour && start.Hour() > 0 {
			form = "01-02 15:04"
		}
		all = append(all, start.Format("01-02 15:04")+"–"+end.Format(form))
	}
	return all
}

func TestAWebPageIsNoCalendar(t *testing.T) {
	t.Parallel()
	r, err := Read(strings.NewReader("<html>\n<title>Please sign in</title>\n"), options())
	if !errors.Is(err, ErrNoCalendar) || len(r.Problems) > 0 {
		t.Errorf("%v, %v", r, err)
	}
}

// endless yields events, each with an attachment of a megabyte, and counts them.
type endless struct {
	left, at int
	event    []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, errors.New("the line broke")
	}
	n := copy(p, e.event[e.at:])
	if e.at += n; e.at == len(e.event) {
		e.left, e.at = e.left-1, 0
	}
	return n, nil
}

// What is large is neither kept nor able to hide what comes after it; a broken stream is told.
func TestLargeCalendars(t *testing.T) {
	t.Parallel()
	r := &endless{left: 40, event: []byte(vevent("ATTACH;ENCODING=BASE64:" + strings.Repeat("QUJD\n ", 200_000) + "\nDTSTART:20261201T150000Z"))}
	reading, err := Read(&bounded{r, mostBytes}, options())
	if err == nil || err.Error() != "the line broke" {
		t.Errorf("err = %v", err)
	}
	if have := words(reading.Busy); !slices.Equal(have, []string{"12-01 10:00–10:30"}) {
		t.Errorf("busy %q", have)
	}
	_, err = Read(&bounded{&endless{left: 100, event: r.event}, mostBytes}, options())
	if err == nil || !strings.Contains(err.Error(), "larger than 64 MB") {
		t.Errorf("err = %v", err)
	}
}

// A calendar that repeats itself without measure is given up, and says so; a report stays short.
func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, "BEGIN:VEVENT\nUID:%d\nDTSTART:00010101T150000Z\nRRULE:FREQ=DAILY;COUNT=100000000\nEND:VEVENT\n", i)
	}
	r, err := Read(strings.NewReader(ics(many.String())), options())
	if err != nil || len(r.Problems) != mostProblems || !strings.Contains(r.Problems[0].Words, "too often") {
		t.Errorf("%d problems, %v: %v", len(r.Problems), r.Problems[:min(len(r.Problems), 1)], err)
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range calendars {
		f.Add(c.ics)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := options()
		r, _ := Read(strings.NewReader(text), o)
		for i, s := range r.Busy {
			if !s.End.After(o.From) || !s.Start.Before(o.To) || i > 0 && s.Start.Before(r.Busy[i-1].Start) {
				t.Errorf("span %v of %v", s, r.Busy)
			}
		}
		for _, p := range r.Problems {
			if p.Line < 1 || p.Line > strings.Count(text, "\n")+1 || p.Words == "" {
				t.Errorf("problem %q", p)
			}
		}
		if len(r.Problems) > mostProblems {
			t.Errorf("%d problems", len(r.Problems))
		}
	})
}
