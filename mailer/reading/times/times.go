// Package times finds the times that a mail offers, in running text.
//
// It works in four passes. Words become tokens, and tokens sentences (lex). A grammar of small rules
// reads items from each sentence: dates, clock times, parts of a day, zones, words that point at what
// was offered (date, relative, period, clock, zones, point). The clauses around the items say whether
// they are offered, ruled out, or only told (claims). Last, the items are joined to times: a day holds
// for the hours beside it, an hour for all the days of its list (join).
//
// A lone number, a bare month, "may", "sat" or "now" is no time: something beside it must say so. What
// can be read in two ways bears the other readings as alternatives. Where a choice is a convention and
// no doubt, it is one of these:
//
//   - A bare weekday is the next such day after the mail, "next Friday" the one of next week (the week
//     begins on Monday), "the 14th" the next 14th, a date without a year the next such date.
//   - A bare hour is the one at which people are awake: one to six in the afternoon, eight to eleven in
//     the morning, twelve at noon. Seven is either.
//   - A morning is 8 to 12, an afternoon 12 to 18, an evening 18 to 22 o'clock. "Before noon" begins at 8.
//   - A zone's abbreviation means the clock on the wall there: "EST" in July is what New York shows,
//     with the literal offset as an alternative.
//
// Cost is linear in the text.
package times

import "time"

// The kinds of a Span.
const (
	Exact  = "exact"  // a start is named
	Window = "window" // the talk may start within it
	Day    = "day"    // whole days
)

// Span is one stretch of time: End is nil where the sender left it open.
type Span struct {
	Start time.Time  `json:"start"`
	End   *time.Time `json:"end"`
	Kind  string     `json:"kind"` // exact: a start is named; window: the talk may start within it; day: whole days
}

// Time is one time that the sender offers or agrees to.
type Time struct {
	Span
	Text         string `json:"text"`         // the words it was read from
	Alternatives []Span `json:"alternatives"` // other readings of the same words; empty when there is no doubt
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
// Vague the stretches of a month or more ("in March"), which are too wide to be an offer, and Zone as
// written ("PT").
type Result struct {
	Times    []Time
	Excluded []Time
	Vague    []Time
	Zone     string
}

// mostText bounds what is read of one text.
const mostText = 64 << 10

// Find reads a text. It never fails: a text without times has none.
func Find(text string, o Options) Result {
	if len(text) > mostText {
		text = text[:mostText]
	}
	tokens := lex(text)
	r := &reader{Options: o, text: text, home: o.Zone}
	if r.home == nil {
		r.home = o.Ref.Location()
	}
	r.zone, r.result.Zone = r.textZone(tokens)
	r.now = o.Ref.In(r.zone.place)
	r.today = civil(r.now)
	r.dayFirst, r.dateDoubt = r.dateOrder(tokens)
	for _, l := range sentences(tokens) {
		r.sentence(l)
	}
	r.settle()
	return r.result
}
