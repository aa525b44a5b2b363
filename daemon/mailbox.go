package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"introd/mailer"
	"introd/store"
	"introd/templates"
)

// A mailbox is an account as the cycle works in it. It belongs to whoever holds the cycle (Engine.cycling).
type mailbox struct {
	engine  *Engine
	account Account
	session *mailer.Session // nil while hung up
	folders map[mailer.Role]mailer.Folder
	also    []mailer.Folder // of no part, and read because the owner wants it

	down   error     // why it is out of reach; nil while it is not
	again  time.Time // when Run tries again, by the clock on the wall; zero until Run has noted it
	ended  bool      // its sign-in has ended: the session that is open may go on, and nothing else can be opened
	delays mailer.Backoff

	stopIdle context.CancelFunc // ends the wait in IDLE; nil while nothing waits
	idleEnds chan error         // capacity 1: why that wait ended
}

// home says whether it is the home account's.
func (b *mailbox) home() bool { return b == b.engine.boxes[0] }

// box is the mailbox of an account by its name; nil where the config names none any more.
func (e *Engine) box(account string) *mailbox {
	if i := slices.IndexFunc(e.boxes, func(b *mailbox) bool { return b.account.Name == account }); i >= 0 {
		return e.boxes[i]
	}
	return nil
}

// reached says whether the mailbox of an account is within reach. Its caller holds the cycle.
func (e *Engine) reached(account string) bool {
	b := e.box(account)
	return b != nil && b.down == nil
}

// outOfSight says whether there is a mailbox of an account that is out of reach just now.
func (e *Engine) outOfSight(account string) bool { return e.box(account) != nil && !e.reached(account) }

// each does a part of the cycle in every mailbox within reach. One in which that fails is out of
// reach from then on, and the others go on.
func (e *Engine) each(ctx context.Context, part func(*mailbox, context.Context) (bool, error)) (did bool, err error) {
	for _, b := range e.boxes {
		if b.down != nil {
			continue
		}
		more, err := part(b, ctx)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			b.fail(err)
		}
		did = did || more
	}
	return did, nil
}

// inReach says whether any mailbox is.
func (e *Engine) inReach() bool {
	return slices.ContainsFunc(e.boxes, func(b *mailbox) bool { return b.down == nil })
}

// outOfReach says which mailboxes are not in reach, and why; nil if all are.
func (e *Engine) outOfReach() error {
	var all []error
	for _, b := range e.boxes {
		if b.down != nil && len(e.boxes) > 1 {
			all = append(all, fmt.Errorf("account %s: %w", b.account.Name, b.down))
		} else if b.down != nil {
			all = append(all, b.down)
		}
	}
	return errors.Join(all...)
}

// fail puts the mailbox out of reach; but where another connection than the cycle's was not let in any more, what can
// be done without one goes on.
func (b *mailbox) fail(cause error) {
	if b.session != nil && signInRefused(cause) != nil {
		b.stopWaiting()
		if _, err := b.noteSignIn(cause); err == nil {
			return
		}
	}
	b.engine.log.Debug("a mailbox is out of reach", "account", b.account.Name, "err", cause)
	b.down, b.again = cause, time.Time{}
	b.hangUp()
}

// rise puts the mailbox into reach again, if its time has come or the owner asks for it, until it
// fails anew. It falls out of reach where its IDLE has ended.
func (b *mailbox) rise(asked bool) {
	select {
	case err := <-b.idleEnds:
		b.fail(err)
	default:
	}
	if b.down != nil && (asked || !b.again.IsZero() && !b.again.After(b.engine.clock.Now())) {
		b.down = nil
	}
}

// settle ends a turn of the daemon: a mailbox within reach is waited on in IDLE, and for one out of
// reach the next try is set. It returns when that is; zero for never.
func (b *mailbox) settle(ctx context.Context, waiting *sync.WaitGroup) (again time.Time, err error) {
	switch {
	case b.down == nil:
		b.delays.Reset()
		b.startIdle(ctx, waiting)
	case b.again.IsZero():
		delay := b.delays.Next(b.down)
		if b.engine.halt(b.down) {
			b.again = b.engine.clock.Now().Round(0).Add(haltedFor)
			return b.again, nil
		}
		b.engine.log.Warn("the mailbox cannot be reached", "account", b.account.Name, "err", b.down, "again_in", delay.Round(time.Second))
		b.again = b.engine.clock.Now().Round(0).Add(delay)
		err = b.noteTrouble(b.down)
	}
	if b.down == nil {
		return time.Time{}, nil
	}
	return b.again, err
}

// haltedFor is how long introd waits until it looks whether there is room on the disk again.
const haltedFor = time.Minute

// dial opens the session of the cycle, if it is not open, and finds the folders.
func (b *mailbox) dial(ctx context.Context) error {
	if b.session != nil {
		return nil
	}
	s, err := b.connect(ctx)
	if err != nil {
		return err
	}
	folders, err := s.Folders()
	if err != nil {
		s.Close()
		return err
	}
	b.session = s
	return errors.Join(b.takeFolders(folders), b.settleFolders())
}

// takeFolders notes which folder plays which part, and which others are read.
func (b *mailbox) takeFolders(all []mailer.Folder) error {
	b.folders, b.also = byRole(all), nil
	return b.engine.store.View(func(tx *store.Tx) error {
		l, err := tx.Learnt(b.account.Name)
		if err != nil {
			return err
		}
		for _, f := range l.Folders {
			if there := slices.ContainsFunc(all, func(one mailer.Folder) bool { return one.Name == f.Folder && one.Role == "" }); f.Watch && there {
				b.also = append(b.also, mailer.Folder{Name: f.Folder})
			}
		}
		if movesOff(l) { // approval mails are moved where a move can be trusted
			delete(b.folders, mailer.RoleSend)
			delete(b.folders, mailer.RoleDrop)
		}
		return nil
	})
}

// byRole is which folder plays which part: the first of each.
func byRole(all []mailer.Folder) map[mailer.Role]mailer.Folder {
	roles := map[mailer.Role]mailer.Folder{}
	for _, f := range all {
		if _, taken := roles[f.Role]; f.Role != "" && !taken {
			roles[f.Role] = f
		}
	}
	return roles
}

// settleFolders fails with a sentence where a folder that introd cannot do without is missing.
func (b *mailbox) settleFolders() error {
	for _, role := range []mailer.Role{mailer.RoleSent, mailer.RoleDrafts} {
		if _, ok := b.folders[role]; !ok {
			return fmt.Errorf("your mailbox has no folder that introd recognises as %s: name it in the config under [accounts.%s.folders]", role, b.account.Name)
		}
	}
	return nil
}

// hangUp ends the session of the cycle, and the wait in IDLE beside it.
func (b *mailbox) hangUp() {
	if b.session != nil {
		b.session.Close()
		b.session = nil
	}
	b.stopWaiting()
}

// stopWaiting ends the wait in IDLE.
func (b *mailbox) stopWaiting() {
	if b.stopIdle != nil {
		b.stopIdle()
		b.stopIdle, b.idleEnds = nil, nil
	}
}

// startIdle waits for new mail beside the cycle, unless something does so already.
func (b *mailbox) startIdle(ctx context.Context, waiting *sync.WaitGroup) {
	if b.stopIdle != nil || b.ended {
		return
	}
	ctx, b.stopIdle = context.WithCancel(ctx)
	ends := make(chan error, 1)
	b.idleEnds = ends
	waiting.Go(func() {
		ends <- b.idle(ctx)
		b.engine.poke()
	})
}

// idle waits for the server's notice that INBOX changed and wakes the cycle. The poll of the cycle
// is independent of it: an IDLE that died in silence costs one polling interval, never a mail.
func (b *mailbox) idle(ctx context.Context) error {
	s, err := b.connect(ctx)
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
	b.engine.poke() // of what came between the last look and now no notice comes
	for ctx.Err() == nil {
		if err := errors.Join(s.Idle(ctx, idleLimit, b.engine.poke), b.latch(s)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// idleLimit is how long one IDLE lasts: some servers and many routers drop it after ten minutes.
const idleLimit = 9 * time.Minute

// setting names a setting of this account's.
func (b *mailbox) setting(name string) string { return settingOf(name, b.account.Name) }

// settingTrouble holds, by account, what keeps introd from the mailbox, for status and the next digest.
const settingTrouble = "trouble"

// Trouble is why the mailbox was last out of reach, and since when.
type Trouble struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Told   bool      `json:"told"` // the owner was told by a desktop notice
}

// noteTrouble keeps the reason for `introd status`. After a while of it the owner is told on their desktop, once; at
// once where they must sign in again.
func (b *mailbox) noteTrouble(cause error) error {
	e := b.engine
	var t Trouble
	blind, ended := false, signInRefused(cause) != nil
	if err := e.update(func(tx *store.Tx) error {
		var known Trouble
		if _, err := tx.Setting(b.setting(settingTrouble), &known); err != nil {
			return err
		}
		t = known
		if t.Since.IsZero() {
			t.Since = tx.Now()
		}
		t.Reason = cause.Error()
		blind = !t.Told && (ended || tx.Now().Sub(t.Since) >= e.BlindAfter)
		t.Told = t.Told || blind
		if t == known {
			return nil // tried again each minute, and nothing new
		}
		return tx.PutSetting(b.setting(settingTrouble), t)
	}); err != nil && !e.halt(err) {
		return fmt.Errorf("store: %w", err)
	}
	switch {
	case blind && ended:
		e.notify(signInAgain, t.Reason)
	case blind:
		what := templates.Capital(e.calls(b.account.Name, "your mail"))
		e.notify("introd is blind", what+" could not be read since "+e.when(t.Since)+": "+t.Reason)
	}
	return nil
}

// seeing notes that the mailbox was read whole. After a spell of blindness it tells the owner, by a
// mail in INBOX, from when to when nothing was read (P5).
func (b *mailbox) seeing() error {
	e := b.engine
	return e.update(func(tx *store.Tx) error {
		var t Trouble
		if found, err := tx.Setting(b.setting(settingTrouble), &t); err != nil || !found || t.Since.IsZero() {
			return err
		}
		if blind := tx.Now().Sub(t.Since); blind >= e.BlindAfter {
			err := e.tell(tx, "introd can read your mail again", fmt.Sprintf(
				"From %s to %s introd could not read %s (%s). What came meanwhile has been read now.",
				e.when(t.Since), e.when(tx.Now()), e.calls(b.account.Name, "your mail"), t.Reason))
			if err != nil {
				return err
			}
		}
		return tx.PutSetting(b.setting(settingTrouble), Trouble{})
	})
}
