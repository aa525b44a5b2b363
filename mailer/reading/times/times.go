// Package times finds the times that a mail offers, in running text.
//
// It works in three passes over one sentence at a time: words become tokens (lex), tokens become
// items such as a date, a clock time or a zone (items), and the items of a sentence are joined to
// times (join): a day holds for the hours named after it, an hour for all the days of its list.
// A lone number, month or "may" is no time: something beside it must say so. What can be read in two
// ways bears the other reading as an alternative. Cost is linear in the text.
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

// Options are what a text is read with.
type Options struct {
	Ref       time.Time      // the mail's own date, in its own offset: what "tomorrow" counts from
	Zone      *time.Location // the sender's zone; nil: Ref's offset
	OwnerZone *time.Location // for "your time"
	Offered   []Time         // what the owner offered, for "the second one"
	Meeting   time.Time      // the agreed meeting, for "same time"; zero for none
	DayFirst  bool           // 3/4 is 3 April
}

// Result is what was found: Times in the order of the text, Excluded those that the words rule out,
// Zone as written ("PT").
type Result struct {
	Times    []Time
	Excluded []Time
	Zone     string
}

// mostText bounds what is read of one text.
const mostText = 64 << 10

// Find reads a text. It never fails: a text without times has none.
func Find(text string, o Options) Result {
	if len(text) > mostText {
		text = text[:mostText]
	}
	f := &finder{Options: o, zone: o.Zone, text: text}
	if f.zone == nil {
		f.zone = o.Ref.Location()
	}
	if zone, written := writtenZone(lex(text), o); zone != nil {
		f.zone, f.result.Zone = zone, written
	}
	f.ref = o.Ref.In(f.zone)
	for _, sentence := range sentences(lex(text)) {
		f.sentence(sentence)
	}
	if len(f.result.Times) == 0 {
		f.result.Times = pick(text, o)
	}
	return f.result
}
