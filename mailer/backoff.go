package mailer

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// delays are the pauses between tries to reach the mailbox, before jitter.
var delays = []time.Duration{5 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute}

// A Backoff counts tries in vain. The zero Backoff is ready.
type Backoff struct{ tries int }

// Next returns the pause before the next try: the next of the table, or what the server suggests,
// with up to a quarter more so that many clients do not return at once. A server that cannot be reached
// is tried every minute, so that introd is back when the network is; a refused password waits ten
// minutes at least: trying again soon locks accounts.
func (b *Backoff) Next(cause error) time.Duration {
	pause := delays[min(b.tries, len(delays)-1)]
	b.tries++
	if Unreachable(cause) {
		pause = min(pause, time.Minute) // the network is away, and costs nobody anything
	}
	if errors.Is(cause, ErrAuth) {
		pause = max(pause, 10*time.Minute)
	}
	if cause != nil {
		pause = max(pause, suggested(cause.Error()))
	}
	return pause + rand.N(pause/4)
}

// Unreachable says whether the server was not reached at all, so that it has nothing against another try.
func Unreachable(err error) bool {
	return !refused(err) && (errors.Is(err, ErrDown) || errors.Is(err, ErrTLS))
}

// Reset starts over after a success.
func (b *Backoff) Reset() { b.tries = 0 }

var suggestion = regexp.MustCompile(`Suggested Backoff Time: (\d{1,9}) milliseconds`)

// suggested reads how long a server asks to be left alone (Exchange Online; Gmail's [THROTTLED]).
func suggested(text string) time.Duration {
	if m := suggestion.FindStringSubmatch(text); m != nil {
		ms, _ := strconv.Atoi(m[1])
		return time.Duration(ms) * time.Millisecond
	}
	if strings.Contains(text, "[THROTTLED]") || strings.Contains(text, "OVERQUOTA") {
		return 15 * time.Minute
	}
	return 0
}
