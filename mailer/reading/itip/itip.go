// Package itip reads the calendar parts of a mail (RFC 5545, RFC 5546).
package itip

// Invite is one calendar component of the mail (RFC 5546).
type Invite struct {
	Method       string     `json:"method"`
	UID          string     `json:"uid"`
	Sequence     int        `json:"sequence"`
	Start        string     `json:"start"` // RFC 3339 with offset; a date where AllDay
	End          string     `json:"end"`
	AllDay       bool       `json:"all_day"`
	Zone         string     `json:"zone"`
	Summary      string     `json:"summary"`
	Location     string     `json:"location"`
	Organizer    string     `json:"organizer"`
	Status       string     `json:"status"`
	RecurrenceID string     `json:"recurrence_id"`
	Attendees    []Attendee `json:"attendees"`
}

// Attendee is one ATTENDEE with its PARTSTAT.
type Attendee struct {
	Address string `json:"address"`
	Status  string `json:"status"`
}
