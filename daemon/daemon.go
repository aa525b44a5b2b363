// Package daemon is the engine: it reads the owner's mail, keeps each person's history, reconciles
// drafts with what daemon/steps wants, carries out the owner's decisions and sends.
//
// One goroutine, the cycle, does everything that touches the mailboxes, one thing after the other:
// look at the folders, see what the owner decided, reconcile who is due, send what is approved, put
// up and take down introd's own mails. For each mailbox another one only waits in IDLE and wakes the
// first. A mailbox that fails is left alone for a while, and the cycle goes on in the others. The
// command line works on the store through the same calls whether or not a cycle runs beside it.
//
// Every effect on the outside is recorded before it happens and looked for before it is tried
// again, so the cycle may be killed between any two lines:
//
//	a mail received     one transaction: seen before? link, event, reconcile, cursor
//	an APPEND           its Message-ID is stored first and searched for before a second try
//	a removal           marked Going first; proved by Message-ID, UID, UIDVALIDITY and bytes
//	a send              Sending is on disk before SMTP; found so after a crash it is Unknown, and
//	                    the owner is asked; introd never sends it again alone (P2)
package daemon

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"introd/daemon/calendar"
	"introd/daemon/prep"
	"introd/daemon/steps"
	"introd/mailer"
	"introd/store"
	"introd/templates"
)

// Owner is the person whose interviews introd runs.
type Owner struct {
	Name      string
	About     string // one line about them: "a second-year chemistry student at Ohio State"
	Signature string // below every mail; empty for the name alone
	Overview  string // what they say of themselves at the start of a talk; empty: it is composed
	Zone      *time.Location
}

// Settings are the checked configuration.
type Settings struct {
	Owner         Owner
	Accounts      []Account // at least one; the first is home
	Rules         steps.Rules
	UndoPause     time.Duration // between an approval and the send
	CodeLife      time.Duration // of an approval code
	DigestAt      time.Duration // since midnight, in the owner's zone
	QuietFrom     time.Duration // nothing is put into INBOX from here …
	QuietTo       time.Duration // … to here
	ApprovalMails bool
	Poll          time.Duration // a look at all folders at least so often
	BlindAfter    time.Duration // without a look for so long, introd says that it is blind
	UnknownFor    time.Duration // how long an unknown outcome is looked for in Sent before the owner is asked
	MostPerDay    int           // mails sent in 24 hours
	Calendars     []calendar.Source
}

// Clock is where the time comes from: Now, a timer of the same source, and how long introd was awake, which
// does not count sleep and a clock that is set. Where Awake is nil, there is neither.
type Clock struct {
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
	Awake func() time.Duration
}

// System is the real clock.
func System() Clock {
	began := time.Now()
	return Clock{Now: time.Now, After: time.After, Awake: func() time.Duration { return time.Since(began) }}
}

// Options are what an Engine is made of.
type Options struct {
	Settings  Settings
	Store     *store.Store
	Templates *templates.Set
	Questions prep.Bank
	Clock     Clock // zero: the system's
	Log       *slog.Logger
	// Step is called by name before and after every effect. Tests stop the process in it; nil otherwise.
	Step func(name string)
	// Notify shows the owner a notice on their desktop; nil where there is none.
	Notify func(title, words string)
	// Network lists this computer's addresses, which change with the network that it is on; nil: the system's.
	Network func() []string
}

// Engine runs one person's interviews.
type Engine struct {
	Settings
	store     *store.Store
	templates *templates.Set
	questions prep.Bank
	clock     Clock
	log       *slog.Logger
	step      func(string)
	notify    func(title, words string)
	network   func() []string
	started   time.Time
	busySince atomic.Int64 // how long introd had been awake when the running cycle began (nanoseconds); 0 between cycles

	wake  chan struct{} // capacity 1: something changed, run a cycle
	asked atomic.Bool   // the owner did something: also a mailbox that is out of reach is tried

	halted atomic.Pointer[string] // why nothing can be written down; nil while it can
	moved  atomic.Bool            // the network changed

	importing sync.Mutex // held while a file of contacts is taken in

	cycling sync.Mutex // held for the length of a cycle: Run's or a command's
	boxes   []*mailbox // of the accounts, in their order
	last    instant    // of the last cycle
}

// New makes an engine. It does no I/O; Run and Sync do.
func New(o Options) *Engine {
	step := o.Step
	if step == nil {
		step = func(string) {}
	}
	notify := o.Notify
	if notify == nil {
		notify = func(string, string) {}
	}
	if o.Network == nil {
		o.Network = addresses
	}
	if o.Clock.Now == nil {
		o.Clock = System()
	}
	if o.Clock.Awake == nil {
		o.Clock.Awake = func() time.Duration { return o.Clock.Now().Sub(time.Unix(0, 0)) }
	}
	e := &Engine{
		notify: notify, network: o.Network, Settings: o.Settings, store: o.Store, templates: o.Templates, questions: o.Questions, clock: o.Clock, log: o.Log, step: step,
		wake: make(chan struct{}, 1), started: o.Clock.Now(),
	}
	e.last = e.instant()
	for _, a := range e.Accounts {
		e.boxes = append(e.boxes, &mailbox{engine: e, account: a})
	}
	return e
}

// update runs one transaction. What it writes is on disk when it returns, and no half of it ever.
func (e *Engine) update(fn func(*store.Tx) error) error {
	wrote := false
	err := e.store.Update(func(tx *store.Tx) error {
		err := fn(tx)
		if wrote = tx.Wrote(); wrote {
			e.step("commit:before")
		}
		return err
	})
	if wrote {
		e.step("commit:after")
	}
	if wrote && err == nil {
		e.halted.Store(nil)
	}
	return err
}

// halt keeps why nothing can be written down for `introd status`, as it cannot be written down itself, and tells
// the owner once. It says whether that is what err means: then nothing is sent, and introd tries again.
func (e *Engine) halt(err error) bool {
	var words string
	switch {
	case errors.Is(err, store.ErrFull):
		words = "the disk is full, so nothing can be written down and nothing is sent: make room"
	case errors.Is(err, store.ErrReadOnly):
		words = "the data folder cannot be written to, so nothing is sent: check its owner and permissions"
	default:
		return false
	}
	if e.halted.Swap(&words) == nil {
		e.log.Warn("nothing can be written down, so nothing is sent", "err", err)
		e.notify("introd stands still", words)
	}
	return true
}

// Wake makes the running daemon look again soon, also into a mailbox that it leaves alone for now,
// unless that refuses the password. It never blocks.
func (e *Engine) Wake() {
	e.asked.Store(true)
	e.poke()
}

// poke is Wake for what is not the owner's doing.
func (e *Engine) poke() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Run watches the mailboxes until ctx ends, then finishes what it has begun and returns nil. ready is
// called once, after the first complete look at one. A mailbox that cannot be reached is tried again with
// growing delays; a refused password too, as the owner may mend it, but no sooner than every ten minutes.
func (e *Engine) Run(ctx context.Context, ready func()) error {
	ctx, cancel := context.WithCancel(ctx)
	var idling sync.WaitGroup
	idling.Go(func() { e.feel(ctx) })
	defer func() {
		cancel()
		idling.Wait()
		e.cycling.Lock() // a call may be in the middle of a cycle
		defer e.cycling.Unlock()
		e.hangUp()
	}()
	for looked := false; ; {
		next, reached, err := e.turn(ctx, &idling)
		if ctx.Err() != nil || err != nil {
			return err
		}
		if reached && !looked {
			looked = true
			ready()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.wake:
		case <-e.clock.After(e.until(next)):
		}
	}
}

// turn is Sync for the daemon, which keeps its sessions and gives a mailbox that is out of reach time.
func (e *Engine) turn(ctx context.Context, idling *sync.WaitGroup) (next time.Time, reached bool, err error) {
	e.cycling.Lock()
	defer e.cycling.Unlock()
	asked := e.asked.Swap(false)
	for _, b := range e.boxes {
		b.rise(asked && !errors.Is(b.down, mailer.ErrAuth)) // a password that is refused often locks the account
	}
	next, err = e.rounds(ctx)
	if ctx.Err() != nil {
		return next, false, nil
	}
	for _, b := range e.boxes {
		if err != nil { // of introd's own: all is left alone for a while
			b.fail(err)
		}
		again, err := b.settle(ctx, idling)
		if err != nil {
			return next, false, err
		}
		if !again.IsZero() && (next.IsZero() || again.Before(next)) {
			next = again
		}
	}
	return next, e.inReach(), nil
}

// until is how long to wait for next, and no longer than the polling interval.
func (e *Engine) until(next time.Time) time.Duration {
	wait := e.Poll
	if !next.IsZero() {
		wait = min(wait, max(next.Sub(e.clock.Now()), 0))
	}
	return wait
}

// Sync runs one whole cycle, again and again until nothing is left to do now, and returns when
// something will be (zero: nothing is planned).
func (e *Engine) Sync(ctx context.Context) (next time.Time, err error) {
	defer e.takeCycle()()
	next, err = e.rounds(ctx)
	return next, errors.Join(err, e.outOfReach())
}

// takeCycle holds the cycle for one call, until the function that it returns is called. All mailboxes
// are tried. A session lives no longer than the ctx that it was opened under: what the call opens, it ends.
func (e *Engine) takeCycle() (release func()) {
	e.cycling.Lock()
	taken := false
	defer func() {
		if !taken { // something panicked: others need not wait for ever
			e.cycling.Unlock()
		}
	}()
	_ = e.awaken() // before it is seen what is open; a round tries again where this failed
	var closed []*mailbox
	for _, b := range e.boxes {
		b.rise(true)
		if b.session == nil {
			closed = append(closed, b)
		}
	}
	taken = true
	return func() {
		defer e.cycling.Unlock()
		for _, b := range closed {
			b.hangUp()
		}
	}
}

func (e *Engine) hangUp() {
	for _, b := range e.boxes {
		b.hangUp()
	}
}

// rounds runs cycles until nothing is left to do. Its caller holds the cycle.
func (e *Engine) rounds(ctx context.Context) (next time.Time, err error) {
	e.busySince.Store(max(int64(e.clock.Awake()), 1))
	defer e.busySince.Store(0)
	for range mostRounds {
		err := e.awaken()
		did := false
		if err == nil {
			did, err = e.cycle(ctx)
		}
		if err != nil {
			e.hangUp()
			return time.Time{}, err
		}
		if !did {
			break
		}
	}
	if !e.inReach() {
		return time.Time{}, nil
	}
	return e.nextDue()
}

// Alive says whether no cycle has been under way for longer than one may take, sleep not counted.
func (e *Engine) Alive() bool {
	began := e.busySince.Load()
	return began == 0 || e.clock.Awake()-time.Duration(began) < mostCycle
}

// mostCycle is far above any cycle: a first scan of a large mailbox takes minutes.
const mostCycle = 30 * time.Minute

// mostRounds bounds a Sync: a round that always finds work would otherwise never let it return.
const mostRounds = 20

// cycle does everything that is due once, in an order in which a later step needs the earlier ones.
// With no mailbox in reach it does nothing.
func (e *Engine) cycle(ctx context.Context) (did bool, err error) {
	inEach := func(part func(*mailbox, context.Context) (bool, error)) func(context.Context) (bool, error) {
		return func(ctx context.Context) (bool, error) { return e.each(ctx, part) }
	}
	if _, err := e.each(ctx, func(b *mailbox, ctx context.Context) (bool, error) { return false, b.dial(ctx) }); err != nil {
		return false, err
	}
	for _, stage := range []struct {
		name string
		run  func(context.Context) (bool, error)
	}{
		{"look", inEach((*mailbox).look)},
		{"gestures", inEach((*mailbox).gestures)},
		{"copies", inEach((*mailbox).copies)},
		{"calendars", e.readCalendars},
		{"reconcile", e.reconcileDue},
		{"drafts", e.expire},
		{"send", e.sendApproved},
		{"show", e.showReady},
		{"digest", e.digest},
		{"objects", inEach((*mailbox).placeObjects)},
		{"learn", inEach((*mailbox).learn)},
	} {
		if !e.inReach() {
			return false, nil
		}
		e.step(stage.name)
		more, err := stage.run(ctx)
		if err != nil {
			e.log.Debug("a cycle ends here", "stage", stage.name, "err", err)
			return false, err // it says itself what was being done
		}
		did = did || more
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	return did, nil
}

// nextDue is the earliest moment at which a person, a draft or the digest wants attention.
func (e *Engine) nextDue() (time.Time, error) {
	var next time.Time
	soonest := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	err := e.store.View(func(tx *store.Tx) error {
		due, err := tx.NextDue()
		if err != nil {
			return err
		}
		soonest(due)
		drafts, err := tx.OpenDrafts()
		if err != nil {
			return err
		}
		for _, d := range drafts {
			due, err := e.draftDue(tx, d)
			if err != nil {
				return err
			}
			soonest(due)
		}
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if e.reached(o.Account) && (o.State == store.Planned || o.State == store.Going && !e.box(o.Account).ended) && !e.quietFor(o, tx.Now()) {
				soonest(o.Next)
			}
		}
		return nil
	})
	soonest(e.nextDigest())
	return next, err
}
