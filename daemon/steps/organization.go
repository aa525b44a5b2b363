package steps

import (
	"fmt"
	"slices"
	"time"

	"introd/store"
)

// A Colleague is somebody else whom the owner has at a person's organization.
type Colleague struct {
	ID    string
	Name  string
	Asked time.Time // for a talk, last; zero for never
	Free  bool      // never asked, never met, and may be asked
}

// ColleagueOf reads off a history what a person's colleagues need to know of them.
func ColleagueOf(p store.Person, history []store.Event, now time.Time) Colleague {
	s := Fold(history, now)
	c := Colleague{ID: p.ID, Name: p.Name}
	if s.Ask != nil && s.Ask.Variant != IntroRequest {
		c.Asked = s.Ask.At
	}
	c.Free = len(s.Asks) == 0 && s.Ask == nil && s.Meeting == nil && !s.OptedOut && !s.Declined && !s.Unreachable
	return c
}

// Ways to ask somebody that are no mail: variants of a Touched event.
const (
	ByPhone    = "phone"
	ByLinkedIn = "linkedin"
)

// OpenUntil says until when a request made at a moment stands in the way of others at the organization.
func OpenUntil(at time.Time, r Rules) time.Time { return addBusinessDays(at, r.OpenFor, r.Zone) }

// Unanswered says whether a request for a talk waits for its answer, however old: only then the rules
// ask who else works there.
func Unanswered(history []store.Event, now time.Time) bool {
	s := Fold(history, now)
	return s.silent() && s.Ask.Variant != IntroRequest
}

// othersAsked says whether somebody else at the organization was asked since: then this person is left
// in peace, for two who are chased at one place compare notes.
func (e *evaluation) othersAsked() bool {
	return slices.ContainsFunc(e.Colleagues, func(c Colleague) bool { return c.Asked.After(e.state.Ask.At) })
}

// nextThere proposes the next person at an organization, once the request to this one no longer stands
// in the way (Dalton's 3B7: three business days).
func nextThere(e *evaluation) {
	s := e.state
	if !s.silent() || s.Ask.Variant == IntroRequest || e.othersAsked() {
		return
	}
	i := slices.IndexFunc(e.Colleagues, func(c Colleague) bool { return c.Free })
	if i < 0 {
		return
	}
	next := e.Colleagues[i]
	e.want(Want{
		Key: "next/" + s.Ask.Want, Kind: TaskNext, Task: true, From: OpenUntil(s.Ask.At, e.rules), About: next.ID,
		Why: fmt.Sprintf("%s has not answered for %d business days, and %s works there too: introd request %s", e.Person.Name, e.rules.OpenFor, next.Name, next.ID),
	})
}
