// Package calendar tells when the owner is busy by their own calendars: .ics files, .ics addresses, and
// CalDAV (RFC 4791). Read is pure; Fetch gets what Read reads.
//
// Of an event nothing is kept but when it begins and ends. A calendar is read leniently: whatever in it
// cannot be read is a Problem with its line, and all else counts.
package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Options say what to read of a calendar.
type Options struct {
	Zone     *time.Location // the owner's: of floating times and whole days
	Me       []string       // the owner's addresses, lower case: what they declined leaves them free
	From, To time.Time      // what lies outside is left out
}

// A Span is one time at which the owner is busy.
type Span struct{ Start, End time.Time }

// A Problem is something in a calendar that could not be read.
type Problem struct {
	Line  int // counted from 1
	Words string
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Words) }

// A Reading is what a calendar says: spans in order, each once, and what could not be read of it.
type Reading struct {
	Busy     []Span
	Problems []Problem
}

// ErrNoCalendar says that what was read is no calendar at all, but a web page perhaps.
var ErrNoCalendar = errors.New("this is no calendar: it holds no VCALENDAR")

// Read reads an iCalendar stream (RFC 5545) of any number of calendars. Its error is the stream's, or
// ErrNoCalendar; what was read before a stream broke off is returned with it.
func Read(r io.Reader, o Options) (Reading, error) {
	s := &scanner{options: o, uids: map[string][]occurrence{}, zones: map[string][]string{}, known: map[string]*time.Location{}}
	err := s.scan(r)
	if err == nil && !s.calendar {
		err = ErrNoCalendar
	}
	s.evaluate()
	return s.reading(), err
}

// Bounds on what one calendar may hold or report.
const (
	mostProblems = 100
	mostEvents   = 50_000 // that repeat, or fall into what was asked for
	mostSpans    = 50_000
	mostSteps    = 200_000 // repetitions looked at, of all events together
)

func (s *scanner) problem(line int, words string, args ...any) {
	if len(s.problems) < mostProblems {
		s.problems = append(s.problems, Problem{line, fmt.Sprintf(words, args...)})
	}
}

// add takes in a time at which the owner is busy, as far as it was asked for.
func (s *scanner) add(start, end time.Time) {
	if end.After(s.options.From) && start.Before(s.options.To) && len(s.busy) < mostSpans {
		s.busy = append(s.busy, Span{start.UTC(), end.UTC()})
	}
}

func (s *scanner) reading() Reading {
	slices.SortStableFunc(s.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	r := Reading{s.busy, s.problems}
	r.tidy()
	return r
}

// tidy puts spans in order, each once.
func (r *Reading) tidy() {
	compare := func(a, b Span) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) }
	slices.SortFunc(r.Busy, compare)
	r.Busy = slices.CompactFunc(r.Busy, func(a, b Span) bool { return compare(a, b) == 0 })
}
