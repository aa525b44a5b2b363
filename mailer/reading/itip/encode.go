package itip

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// An Event is a meeting to be written.
type Event struct {
	UID                 string
	Sequence            int
	Start, End, Stamp   time.Time
	Summary, Location   string
	Organizer, Attendee mail.Address
}

// Encode writes an Event as an iTIP message: method REQUEST or CANCEL (RFC 5546 §3.2.2, §3.2.5).
// Times are UTC, so that no VTIMEZONE is needed; lines end in CRLF and fold at 75 octets (RFC 5545 §3.1).
func Encode(method string, e Event) ([]byte, error) {
	status := map[string]string{"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}[method]
	switch {
	case status == "":
		return nil, fmt.Errorf("calendar method %q is neither REQUEST nor CANCEL", method)
	case e.UID == "" || e.Summary == "" || e.Organizer.Address == "" || e.Attendee.Address == "":
		return nil, errors.New("a calendar event needs a UID, a summary, an organizer and an attendee")
	case !e.End.After(e.Start):
		return nil, errors.New("a calendar event must end after it starts")
	}
	lines := []string{
		"BEGIN:VCALENDAR", "PRODID:-//introd//introd//EN", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:" + method,
		"BEGIN:VEVENT", "UID:" + escape(e.UID), fmt.Sprintf("SEQUENCE:%d", e.Sequence), "DTSTAMP:" + utc(e.Stamp),
		"DTSTART:" + utc(e.Start), "DTEND:" + utc(e.End), "SUMMARY:" + escape(e.Summary), "STATUS:" + status,
		"ORGANIZER" + commonName(e.Organizer) + ":mailto:" + e.Organizer.Address,
		"ATTENDEE" + commonName(e.Attendee) + ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:" + e.Attendee.Address,
	}
	if e.Location != "" {
		lines = append(lines, "LOCATION:"+escape(e.Location))
	}
	lines = append(lines, "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR")
	var out strings.Builder
	for _, line := range lines {
		fold(&out, line)
	}
	return []byte(out.String()), nil
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escape writes a TEXT value (RFC 5545 §3.3.11).
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(s)
}

// commonName writes a CN parameter. Neither a quote nor a control character may stand in one (RFC 5545 §3.1).
func commonName(a mail.Address) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == 0x7f {
			return -1
		}
		return r
	}, a.Name)
	if name == "" {
		return ""
	}
	return `;CN="` + name + `"`
}

// fold writes a line in pieces of at most 75 octets and never splits a character.
func fold(out *strings.Builder, line string) {
	for limit := 75; len(line) > limit; limit = 74 { // the space that continues a line counts
		cut := limit
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		out.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	out.WriteString(line + "\r\n")
}
