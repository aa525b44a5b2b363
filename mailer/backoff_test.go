package mailer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"introd/mailer"
)

// TestBackoff holds the delays: growing, jittered by a quarter at most, at most one try a minute
// after the first, and never sooner than the server asks.
func TestBackoff(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for _, test := range []struct {
		cause error
		want  []time.Duration // without the jitter
	}{
		{gone, []time.Duration{5 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 15 * time.Minute}},
		{nil, []time.Duration{5 * time.Second, time.Minute}},
		{fmt.Errorf("x: %w", mailer.ErrDown), []time.Duration{5 * time.Second, time.Minute, time.Minute, time.Minute}},
		{fmt.Errorf("x: %w", mailer.ErrAuth), []time.Duration{10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 15 * time.Minute}},
		{errors.New("Request is throttled. Suggested Backoff Time: 299830 milliseconds"), []time.Duration{299830 * time.Millisecond, 299830 * time.Millisecond, 299830 * time.Millisecond, 5 * time.Minute}},
		{errors.New("Suggested Backoff Time: 1000 milliseconds"), []time.Duration{5 * time.Second, time.Minute}},
		{errors.New("Suggested Backoff Time: 99999999999999 milliseconds"), []time.Duration{5 * time.Second}},
		{errors.New("imap: NO [THROTTLED] wait"), []time.Duration{15 * time.Minute, 15 * time.Minute}},
		{errors.New("imap: NO [OVERQUOTA] Account exceeded command or bandwidth limits."), []time.Duration{15 * time.Minute}},
	} {
		var delays mailer.Backoff
		for i, want := range test.want {
			if got := delays.Next(test.cause); got < want || got > want+want/4 {
				t.Errorf("%v, try %d: %v, want %v to %v", test.cause, i+1, got, want, want+want/4)
			}
		}
		delays.Reset()
		if got, want := delays.Next(test.cause), test.want[0]; got < want || got > want+want/4 {
			t.Errorf("%v, after a success: %v, want %v", test.cause, got, want)
		}
	}
	seen := map[time.Duration]bool{}
	for range 50 {
		var delays mailer.Backoff
		seen[delays.Next(gone)] = true
	}
	if len(seen) < 2 {
		t.Error("there is no jitter: many clients would return at once")
	}
}
