// Package times finds the times that a mail offers, in running text.
package times

import "time"

// Span is one stretch of time: End is nil where the sender left it open.
type Span struct {
	Start time.Time  `json:"start"`
	End   *time.Time `json:"end"`
	Kind  string     `json:"kind"` // exact: a start is named; window: the talk may start within it; day: whole days
}

// Time is one time that the sender offers or agrees to.
type Time struct {
	Span
	Text         string `json:"text"`                   // the words it was read from
	Alternatives []Span `json:"alternatives,omitempty"` // other readings of the same words; empty when there is no doubt
}
