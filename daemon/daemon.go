// Package daemon is the engine: it reads the owner's mail, keeps each person's history, reconciles
// drafts with what daemon/steps wants, carries out the owner's decisions and sends.
//
// One goroutine, the cycle, does everything that touches the mailbox, one thing after the other:
// look at the folders, see what the owner decided, reconcile who is due, send what is approved, put
// up and take down introd's own mails. A second one only waits in IDLE and wakes the first. The
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
	"fmt"
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
	Account       mailer.Account
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
	FilesSent     string        // "yes", "no", or "auto" by the provider table
	Calendars     []calendar.Source
}

// Clock is where the time comes from: Now, and a timer of the same source.
type Clock struct {
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// System is the real clock.
func System() Clock { return Clock{Now: time.Now, After: time.After} }

// Options are what an Engine is made of.
type Options struct {
	Settings  Settings
	Store     *store.Store
	Templates *templates.Set
	Questions prep.Bank
	Clock     Clock
	Log       *slog.Logger
	// Step is called by name before and after every effect. Tests stop the process in it; nil otherwise.
	Step func(name string)
	// Notify shows the owner a notice on their desktop; nil where there is none.
	Notify func(title, words string)
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
	busySince atomic.Int64 // unix seconds at which the running cycle began; 0 between cycles

	wake chan struct{} // capacity 1: something changed, run a cycle

	importing sync.Mutex // held while a file of contacts is taken in

	cycling sync.Mutex // held for the length of a cycle: Run's or a command's
	session *mailer.Session
	folders map[mailer.Role]mailer.Folder
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
	return &Engine{
		notify: notify, Settings: o.Settings, store: o.Store, templates: o.Templates, questions: o.Questions, clock: o.Clock, log: o.Log, step: step,
		wake: make(chan struct{}, 1),
	}
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
	return err
}

// Wake makes the running daemon look again soon. It never blocks.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Run watches the mailbox until ctx ends, then finishes what it has begun and returns nil. ready is
// called once, after the first complete look. A mailbox that cannot be reached is tried again with
// growing delays; a refused password too, as the owner may mend it, but no sooner than every ten minutes.
func (e *Engine) Run(ctx context.Context, ready func()) error {
	var delays mailer.Backoff
	for ctx.Err() == nil {
		err := e.watch(ctx, func() { delays.Reset(); ready(); ready = func() {} })
		if ctx.Err() != nil {
			break
		}
		delay := delays.Next(err)
		e.log.Warn("the mailbox cannot be reached", "err", err, "again_in", delay.Round(time.Second))
		if err := e.noteTrouble(err); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-e.clock.After(delay):
		case <-e.wake:
		}
	}
	return nil
}

// watch holds one session and the IDLE beside it until either fails.
func (e *Engine) watch(ctx context.Context, looked func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		e.cycling.Lock() // a call may be in the middle of a cycle
		defer e.cycling.Unlock()
		e.hangUp()
	}()
	idle := make(chan error, 1)
	var waiting sync.WaitGroup
	defer waiting.Wait()
	defer cancel()
	for first := true; ; first = false {
		next, err := e.turn(ctx)
		if err != nil {
			return err
		}
		if first {
			looked()
			waiting.Go(func() { idle <- e.idle(ctx) })
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-idle:
			return err
		case <-e.wake:
		case <-e.clock.After(e.until(next)):
		}
	}
}

// until is how long to wait for next, and no longer than the polling interval.
func (e *Engine) until(next time.Time) time.Duration {
	wait := e.Poll
	if !next.IsZero() {
		wait = min(wait, max(next.Sub(e.clock.Now()), 0))
	}
	return wait
}

// idle waits for the server's notice that INBOX changed and wakes the cycle. The poll of the cycle
// is independent of it: an IDLE that died in silence costs one polling interval, never a mail.
func (e *Engine) idle(ctx context.Context) error {
	s, err := mailer.Dial(ctx, e.Account)
	if err != nil {
		return err
	}
	defer s.Close()
	if !s.Caps().Idle {
		<-ctx.Done()
		return ctx.Err()
	}
	if _, err := s.Examine("INBOX"); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := s.Idle(ctx, idleLimit, e.Wake); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// idleLimit is how long one IDLE lasts: some servers and many routers drop it after ten minutes.
const idleLimit = 9 * time.Minute

// Sync runs one whole cycle, again and again until nothing is left to do now, and returns when
// something will be (zero: nothing is planned).
func (e *Engine) Sync(ctx context.Context) (next time.Time, err error) {
	defer e.takeCycle()()
	return e.rounds(ctx)
}

// takeCycle holds the cycle for one call, until the function that it returns is called. A session
// lives no longer than the ctx that it was opened under: what the call opens, it ends.
func (e *Engine) takeCycle() (release func()) {
	e.cycling.Lock()
	opened := e.session == nil
	return func() {
		defer e.cycling.Unlock()
		if opened {
			e.hangUp()
		}
	}
}

// turn is Sync for the daemon, which keeps its session.
func (e *Engine) turn(ctx context.Context) (next time.Time, err error) {
	e.cycling.Lock()
	defer e.cycling.Unlock()
	return e.rounds(ctx)
}

// rounds runs cycles until nothing is left to do. Its caller holds the cycle.
func (e *Engine) rounds(ctx context.Context) (next time.Time, err error) {
	e.busySince.Store(time.Now().Unix())
	defer e.busySince.Store(0)
	for range mostRounds {
		did, err := e.cycle(ctx)
		if err != nil {
			e.hangUp()
			return time.Time{}, err
		}
		if !did {
			break
		}
	}
	return e.nextDue()
}

// Alive says whether no cycle has been under way for longer than one may take.
func (e *Engine) Alive() bool {
	began := e.busySince.Load()
	return began == 0 || time.Since(time.Unix(began, 0)) < mostCycle
}

// mostCycle is far above any cycle: a first scan of a large mailbox takes minutes.
const mostCycle = 30 * time.Minute

// mostRounds bounds a Sync: a round that always finds work would otherwise never let it return.
const mostRounds = 20

// cycle does everything that is due once, in an order in which a later step needs the earlier ones.
func (e *Engine) cycle(ctx context.Context) (did bool, err error) {
	if err := e.dial(ctx); err != nil {
		return false, err
	}
	for _, stage := range []struct {
		name string
		run  func(context.Context) (bool, error)
	}{
		{"look", e.look},
		{"gestures", e.gestures},
		{"copies", e.copies},
		{"calendars", e.readCalendars},
		{"reconcile", e.reconcileDue},
		{"drafts", e.expire},
		{"send", e.sendApproved},
		{"show", e.showReady},
		{"digest", e.digest},
		{"objects", e.placeObjects},
	} {
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

// dial opens the session of the cycle, if it is not open, and finds the folders.
func (e *Engine) dial(ctx context.Context) error {
	if e.session != nil {
		return nil
	}
	s, err := mailer.Dial(ctx, e.Account)
	if err != nil {
		return err
	}
	folders, err := s.Folders()
	if err != nil {
		s.Close()
		return err
	}
	e.session, e.folders = s, map[mailer.Role]mailer.Folder{}
	for _, f := range folders {
		if _, taken := e.folders[f.Role]; f.Role != "" && !taken {
			e.folders[f.Role] = f
		}
	}
	return e.settleFolders()
}

// settleFolders fails with a sentence where a folder that introd cannot do without is missing.
func (e *Engine) settleFolders() error {
	for _, role := range []mailer.Role{mailer.RoleSent, mailer.RoleDrafts} {
		if _, ok := e.folders[role]; !ok {
			return fmt.Errorf("your mailbox has no folder that introd recognises as %s: name it in the config under [accounts.%s.folders]", role, e.Account.Name)
		}
	}
	return nil
}

// hangUp ends the session of the cycle. Call it from the goroutine that holds the cycle.
func (e *Engine) hangUp() {
	if e.session != nil {
		e.session.Close()
		e.session = nil
	}
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
			if (o.State == store.Planned || o.State == store.Going) && !e.quietFor(o, tx.Now()) {
				soonest(o.Next)
			}
		}
		return nil
	})
	soonest(e.nextDigest())
	return next, err
}
