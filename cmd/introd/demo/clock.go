package demo

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A clock is the demo's time. It stands still until it is told to jump, and never goes back.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time on the demo's clock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to
	}
}

// An event is something that somebody does at a moment: a mail that arrives, or a step of the owner's.
type event struct {
	at time.Time
	do func(context.Context) error
}

// An agenda holds the events to come. People put events on it from the post office's goroutines.
type agenda struct {
	mu     sync.Mutex
	events []event
}

func (a *agenda) add(at time.Time, do func(context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, event{at, do})
	slices.SortStableFunc(a.events, func(x, y event) int { return x.at.Compare(y.at) })
}

// next is when the next event happens; zero when nobody means to do anything.
func (a *agenda) next() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.events) == 0 {
		return time.Time{}
	}
	return a.events[0].at
}

// due takes the events off the agenda whose time has come.
func (a *agenda) due(now time.Time) []event {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for n < len(a.events) && !a.events[n].at.After(now) {
		n++
	}
	events := slices.Clone(a.events[:n])
	a.events = a.events[n:]
	return events
}

// onDay is a time of day in zone, so many business days after t.
func onDay(t time.Time, days int, hour, minute int, zone *time.Location) time.Time {
	for t = t.In(zone); days > 0; {
		if t = t.AddDate(0, 0, 1); t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			days--
		}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), hour, minute, 0, 0, zone)
}
