package itip

import (
	"strings"
	"testing"
	"time"
)

// event is a calendar with one event, of the lines given.
func event(lines ...string) string {
	return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1@x\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n"
}

func readOne(t *testing.T, body string) Invite {
	t.Helper()
	list, err := Read([]byte(body), "", time.UTC)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d events, %v, in\n%s", len(list), err, body)
	}
	return list[0]
}

func TestReadTimes(t *testing.T) {
	for name, c := range map[string]struct {
		lines            []string
		start, end, zone string
		allDay           bool
	}{
		"utc":      {[]string{"DTSTART:20261208T200000Z", "DTEND:20261208T203000Z"}, "2026-12-08T20:00:00Z", "2026-12-08T20:30:00Z", "UTC", false},
		"iana":     {[]string{"DTSTART;TZID=America/New_York:20261208T150000", "DURATION:PT30M"}, "2026-12-08T15:00:00-05:00", "2026-12-08T15:30:00-05:00", "America/New_York", false},
		"windows":  {[]string{"DTSTART;TZID=Eastern Standard Time:20261208T150000"}, "2026-12-08T15:00:00-05:00", "", "Eastern Standard Time", false},
		"quoted":   {[]string{`DTSTART;TZID="W. Europe Standard Time":20261208T150000`}, "2026-12-08T15:00:00+01:00", "", "W. Europe Standard Time", false},
		"mozilla":  {[]string{"DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261208T150000"}, "2026-12-08T15:00:00+01:00", "", "/mozilla.org/20050126_1/Europe/Berlin", false},
		"day":      {[]string{"DTSTART;VALUE=DATE:20261208", "DURATION:P1D"}, "2026-12-08", "2026-12-09", "", true},
		"floating": {[]string{"DTSTART:20261208T150000"}, "2026-12-08T15:00:00Z", "", "", false},
		"broken":   {[]string{"DTSTART:tomorrow"}, "", "", "", false},
	} {
		inv := readOne(t, event(c.lines...))
		if inv.Start != c.start || inv.End != c.end || inv.Zone != c.zone || inv.AllDay != c.allDay {
			t.Errorf("%s: %+v", name, inv)
		}
	}
}

func TestReadFields(t *testing.T) {
	inv := readOne(t, event("DTSTART:20261208T200000Z", "SEQUENCE:2", "SUMMARY:Tea\\, and\\n talk", "LOCATION;ALTREP=\"cid:x\":Room \\; 1", "STATUS:confirmed", "ORGANIZER;CN=\"D; R\":MAILTO:Dana@Mill.test",
		"ATTENDEE;PARTSTAT=accepted:mailto:Sam@home.test", "ATTENDEE:mailto:lee@home.test", "RECURRENCE-ID:20261208T200000Z"))
	want := Invite{Method: "REQUEST", UID: "1@x", Sequence: 2, Start: "2026-12-08T20:00:00Z", Zone: "UTC", Summary: "Tea, and talk", Location: "Room ; 1", Organizer: "dana@mill.test", Status: "CONFIRMED", RecurrenceID: "2026-12-08T20:00:00Z"}
	attendees := inv.Attendees
	if inv.Attendees = nil; !equal(inv, want) {
		t.Errorf("%+v, want %+v", inv, want)
	}
	if len(attendees) != 2 || attendees[0] != (Attendee{"sam@home.test", "ACCEPTED"}) || attendees[1] != (Attendee{"lee@home.test", "NEEDS-ACTION"}) {
		t.Errorf("%+v", attendees)
	}
}

func equal(a, b Invite) bool {
	return a.Method == b.Method && a.UID == b.UID && a.Sequence == b.Sequence && a.Start == b.Start && a.End == b.End && a.Zone == b.Zone && a.Summary == b.Summary &&
		a.Location == b.Location && a.Organizer == b.Organizer && a.Status == b.Status && a.RecurrenceID == b.RecurrenceID
}

func TestReadWhatIsOutOfOrder(t *testing.T) {
	whole := event("DTSTART:20261208T200000Z")
	for name, body := range map[string]string{
		"bom":           "\ufeff" + whole,
		"crlf":          strings.ReplaceAll(whole, "\n", "\r\n"),
		"cr":            strings.ReplaceAll(whole, "\n", "\r"),
		"folded":        strings.Replace(whole, "UID:1@x", "UID:1\n @x", 1),
		"lower case":    strings.NewReplacer("BEGIN:VEVENT", "begin:vevent", "END:VEVENT", "end:vevent").Replace(whole),
		"junk":          strings.Replace(whole, "UID", "a line that is none\n\nUID", 1),
		"cut off":       whole[:strings.Index(whole, "END:VEVENT")],
		"event alone":   whole[strings.Index(whole, "BEGIN:VEVENT"):strings.Index(whole, "END:VCALENDAR")],
		"stray end":     "END:VEVENT\n" + whole,
		"bad sequence":  strings.Replace(whole, "UID", "SEQUENCE:x\nUID", 1),
		"bad parameter": strings.Replace(whole, "UID", "X-A;B=\"c:d\nUID", 1),
	} {
		if inv := readOne(t, body); inv.UID != "1@x" || inv.Start != "2026-12-08T20:00:00Z" {
			t.Errorf("%s: %+v", name, inv)
		}
	}
}

func TestReadSaysWhenThereIsNoEvent(t *testing.T) {
	for _, body := range []string{"", "hello", "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "\x00\xff"} {
		if list, err := Read([]byte(body), "", nil); err == nil {
			t.Errorf("%q: %+v", body, list)
		}
	}
}

var fuzzSeeds = []string{
	"", event("DTSTART:20261208T200000Z"), event("DTSTART;TZID=\"x", "DURATION:PT"), "BEGIN:VEVENT\nBEGIN:VALARM\nEND:VEVENT", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261208\nDURATION:-P1W", ":\n;:\nA;B:c", "BEGIN:\nEND:",
}

func FuzzRead(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := Read(body, "REQUEST", time.UTC)
		if (err == nil) != (len(list) > 0) || len(list) > mostEvents {
			t.Errorf("%d events, %v", len(list), err)
		}
		for _, inv := range list {
			if _, err := time.Parse(time.RFC3339, inv.Start); inv.Start != "" && !inv.AllDay && err != nil {
				t.Errorf("start %q", inv.Start)
			}
		}
	})
}

func TestFuzzSeedsAreThere(t *testing.T) {
	if len(fuzzSeeds) != 7 {
		t.Errorf("%d seeds", len(fuzzSeeds))
	}
}
