package itip

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// mostCalendar and mostEvents bound what is read of one calendar part.
const (
	mostCalendar = 1 << 20
	mostEvents   = 100
)

// Read reads the events of a calendar body. What the sender's program left out of order is mended
// first: a byte order mark, lines that are none, an end that is missing, an event without a calendar
// around it. A zone is an IANA or a Windows name; a time without one is in local.
func Read(body []byte, method string, local *time.Location) (invites []Invite, err error) {
	defer func() {
		if p := recover(); p != nil { // go-ical panics on some cut-off files
			invites, err = nil, fmt.Errorf("calendar: %v", p)
		}
	}()
	cal, err := ical.NewDecoder(bytes.NewReader(mend(body))).Decode()
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	if p := cal.Props.Get(ical.PropMethod); p != nil {
		method = p.Value
	}
	for _, c := range cal.Children {
		if c.Name == ical.CompEvent && len(invites) < mostEvents {
			invites = append(invites, invite(c, strings.ToUpper(method), local))
		}
	}
	if len(invites) == 0 {
		return nil, errors.New("calendar: no event in it")
	}
	return invites, nil
}

// mend makes of a calendar body what a strict parser reads.
func mend(body []byte) []byte {
	if len(body) > mostCalendar {
		body = body[:mostCalendar]
	}
	text := strings.TrimPrefix(string(body), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	var lines, open []string
	for line := range strings.SplitSeq(text, "\n") {
		name, value, ok := cutName(line)
		word, _, _ := strings.Cut(name, ";")
		switch upper := strings.ToUpper(strings.TrimSpace(word)); {
		case !ok || upper == "" || strings.ContainsFunc(upper, notName):
			continue
		case upper == "BEGIN":
			open = append(open, strings.ToUpper(strings.TrimSpace(value)))
			line = "BEGIN:" + open[len(open)-1]
		case upper == "END":
			end := strings.ToUpper(strings.TrimSpace(value))
			if len(open) == 0 || open[len(open)-1] != end {
				continue
			}
			open = open[:len(open)-1]
			line = "END:" + end
		case len(open) == 0:
			continue
		}
		lines = append(lines, line)
	}
	for len(open) > 0 {
		lines, open = append(lines, "END:"+open[len(open)-1]), open[:len(open)-1]
	}
	if len(lines) > 0 && lines[0] == "BEGIN:VEVENT" {
		lines = append(append([]string{"BEGIN:VCALENDAR"}, lines...), "END:VCALENDAR")
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n")
}

// cutName cuts a line at the colon after its name and parameters; a colon between quotes is none.
func cutName(line string) (name, value string, ok bool) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			return line[:i], line[i+1:], true
		}
	}
	return line, "", false
}

func notName(r rune) bool {
	return !('A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-')
}

func invite(c *ical.Component, method string, local *time.Location) Invite {
	inv := Invite{
		Method: method, UID: value(c, ical.PropUID), Summary: text(c, ical.PropSummary), Location: text(c, ical.PropLocation),
		Status: strings.ToUpper(value(c, ical.PropStatus)), Organizer: address(value(c, ical.PropOrganizer)),
	}
	inv.Sequence, _ = strconv.Atoi(value(c, ical.PropSequence))
	inv.Start, inv.Zone, inv.AllDay = moment(c.Props.Get(ical.PropDateTimeStart), local)
	inv.End, _, _ = moment(c.Props.Get(ical.PropDateTimeEnd), local)
	if p := c.Props.Get(ical.PropDuration); inv.End == "" && p != nil {
		inv.End = after(inv.Start, p)
	}
	inv.RecurrenceID, _, _ = moment(c.Props.Get(ical.PropRecurrenceID), local)
	for _, p := range c.Props[ical.PropAttendee] {
		status := strings.ToUpper(p.Params.Get(ical.ParamParticipationStatus))
		if status == "" {
			status = "NEEDS-ACTION" // RFC 5545 §3.2.12
		}
		inv.Attendees = append(inv.Attendees, Attendee{Address: address(p.Value), Status: status})
	}
	return inv
}

func value(c *ical.Component, name string) string {
	if p := c.Props.Get(name); p != nil {
		return strings.TrimSpace(p.Value)
	}
	return ""
}

var unescape = strings.NewReplacer(`\\`, `\`, `\,`, ",", `\;`, ";", `\n`, "\n", `\N`, "\n")

// text reads a TEXT value (RFC 5545 §3.3.11), also one whose commas are not escaped, as one line.
func text(c *ical.Component, name string) string {
	return strings.Join(strings.Fields(unescape.Replace(value(c, name))), " ")
}

func address(value string) string {
	if len(value) > 7 && strings.EqualFold(value[:7], "mailto:") {
		value = value[7:]
	}
	return strings.ToLower(strings.TrimSpace(value))
}

// moment reads a DATE or DATE-TIME with its zone.
func moment(p *ical.Prop, local *time.Location) (at, zone string, allDay bool) {
	if p == nil {
		return "", "", false
	}
	v := strings.TrimSpace(p.Value)
	if t, err := time.Parse("20060102", v); err == nil {
		return t.Format(time.DateOnly), "", true
	}
	if t, err := time.Parse("20060102T150405Z", v); err == nil {
		return t.Format(time.RFC3339), "UTC", false
	}
	zone = p.Params.Get(ical.ParamTimezoneID)
	loc := local
	if loc == nil {
		loc = time.UTC
	}
	if known, err := Zone(zone); err == nil && zone != "" {
		loc = known
	}
	t, err := time.ParseInLocation("20060102T150405", v, loc)
	if err != nil {
		return "", zone, false
	}
	return t.Format(time.RFC3339), zone, false
}

func after(start string, p *ical.Prop) string {
	d, err := p.Duration()
	if err != nil {
		return ""
	}
	if t, err := time.Parse(time.RFC3339, start); err == nil {
		return t.Add(d).Format(time.RFC3339)
	}
	if t, err := time.Parse(time.DateOnly, start); err == nil {
		return t.Add(d).Format(time.DateOnly)
	}
	return ""
}

// Zone loads a zone by its IANA name, its Windows name, or a path that ends in an IANA name.
func Zone(name string) (*time.Location, error) {
	name = strings.Trim(name, `"`)
	if iana, ok := windowsZones[name]; ok {
		name = iana
	}
	if loc, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return loc, nil
	}
	if parts := strings.Split(name, "/"); len(parts) > 2 { // /mozilla.org/20050126_1/Europe/Berlin
		return time.LoadLocation(strings.Join(parts[len(parts)-2:], "/"))
	}
	return nil, fmt.Errorf("zone %q is not known", name)
}

// windowsZones are the zone names of Windows and what they mean (CLDR, windowsZones.xml, territory 001).
var windowsZones = map[string]string{
	"Dateline Standard Time": "Etc/GMT+12", "Hawaiian Standard Time": "Pacific/Honolulu", "Alaskan Standard Time": "America/Anchorage",
	"Pacific Standard Time": "America/Los_Angeles", "Pacific Standard Time (Mexico)": "America/Tijuana", "US Mountain Standard Time": "America/Phoenix",
	"Mountain Standard Time": "America/Denver", "Central America Standard Time": "America/Guatemala", "Central Standard Time": "America/Chicago",
	"Central Standard Time (Mexico)": "America/Mexico_City", "Canada Central Standard Time": "America/Regina", "SA Pacific Standard Time": "America/Bogota",
	"Eastern Standard Time": "America/New_York", "US Eastern Standard Time": "America/Indiana/Indianapolis", "Atlantic Standard Time": "America/Halifax",
	"SA Western Standard Time": "America/La_Paz", "Pacific SA Standard Time": "America/Santiago", "Newfoundland Standard Time": "America/St_Johns",
	"E. South America Standard Time": "America/Sao_Paulo", "Argentina Standard Time": "America/Buenos_Aires", "SA Eastern Standard Time": "America/Cayenne",
	"Greenwich Standard Time": "Atlantic/Reykjavik", "UTC": "UTC", "GMT Standard Time": "Europe/London", "Morocco Standard Time": "Africa/Casablanca",
	"W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest", "Romance Standard Time": "Europe/Paris",
	"Central European Standard Time": "Europe/Warsaw", "W. Central Africa Standard Time": "Africa/Lagos", "GTB Standard Time": "Europe/Bucharest",
	"Middle East Standard Time": "Asia/Beirut", "Egypt Standard Time": "Africa/Cairo", "E. Europe Standard Time": "Europe/Chisinau",
	"South Africa Standard Time": "Africa/Johannesburg", "FLE Standard Time": "Europe/Kiev", "Turkey Standard Time": "Europe/Istanbul",
	"Israel Standard Time": "Asia/Jerusalem", "Arabic Standard Time": "Asia/Baghdad", "Arab Standard Time": "Asia/Riyadh", "Russian Standard Time": "Europe/Moscow",
	"E. Africa Standard Time": "Africa/Nairobi", "Iran Standard Time": "Asia/Tehran", "Arabian Standard Time": "Asia/Dubai", "Georgian Standard Time": "Asia/Tbilisi",
	"Pakistan Standard Time": "Asia/Karachi", "West Asia Standard Time": "Asia/Tashkent", "India Standard Time": "Asia/Kolkata",
	"Sri Lanka Standard Time": "Asia/Colombo", "Nepal Standard Time": "Asia/Kathmandu", "Central Asia Standard Time": "Asia/Almaty",
	"Bangladesh Standard Time": "Asia/Dhaka", "Myanmar Standard Time": "Asia/Yangon", "SE Asia Standard Time": "Asia/Bangkok", "China Standard Time": "Asia/Shanghai",
	"Singapore Standard Time": "Asia/Singapore", "W. Australia Standard Time": "Australia/Perth", "Taipei Standard Time": "Asia/Taipei",
	"Tokyo Standard Time": "Asia/Tokyo", "Korea Standard Time": "Asia/Seoul", "Cen. Australia Standard Time": "Australia/Adelaide",
	"AUS Central Standard Time": "Australia/Darwin", "E. Australia Standard Time": "Australia/Brisbane", "AUS Eastern Standard Time": "Australia/Sydney",
	"Tasmania Standard Time": "Australia/Hobart", "West Pacific Standard Time": "Pacific/Port_Moresby", "New Zealand Standard Time": "Pacific/Auckland",
	"Fiji Standard Time": "Pacific/Fiji", "Tonga Standard Time": "Pacific/Tongatapu", "Samoa Standard Time": "Pacific/Apia",
}
