package daemon

import (
	"context"
	"net"
	"slices"
	"time"

	"introd/mailer"
	"introd/store"
)

// A computer sleeps, its clock is set, and it is carried from one network to another. From inside, sleep and a
// clock set forward look alike: more time has passed by the clock on the wall than introd was awake for. After
// either, what introd knew is old: all connections are opened anew, so that the gap is read and reconciled
// before anything is sent; and an undo pause that passed meanwhile begins anew, as nobody could use it.

// leastJump is from when on the two clocks are said to have parted: a step of the time service is none.
const leastJump = time.Minute

// pulse is how often the daemon feels whether something of the kind has happened. A timer alone would not tell:
// it stands still while the computer sleeps.
const pulse = 10 * time.Second

// An instant is a point in time by both clocks: the one on the wall, and the one that counts only while introd is
// awake.
type instant struct {
	wall  time.Time
	awake time.Duration
}

// instant is now. The wall's time is without the monotonic clock that Go would compare by.
func (e *Engine) instant() instant { return instant{e.clock.Now().Round(0), e.clock.Awake()} }

// jump is how much more the clock on the wall went on since an earlier instant than the other one; negative
// where it was set back.
func (i instant) jump(since instant) time.Duration {
	return i.wall.Sub(since.wall) - (i.awake - since.awake)
}

// feel wakes the cycle after sleep, when the clock was set and when the network changed, until ctx ends.
func (e *Engine) feel(ctx context.Context) {
	was, at := e.instant(), e.network()
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.clock.After(pulse):
		}
		is, now := e.instant(), e.network()
		moved := !slices.Equal(at, now)
		if moved {
			e.moved.Store(true)
		}
		if moved || is.jump(was).Abs() >= leastJump {
			e.poke()
		}
		was, at = is, now
	}
}

// addresses are those of this computer, but for loopback's.
func addresses() (all []string) {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range list {
		if network, ok := a.(*net.IPNet); ok && !network.IP.IsLoopback() {
			all = append(all, network.IP.String())
		}
	}
	slices.Sort(all)
	return all
}

// slept says whether the clock jumped since the round began. Its caller holds the cycle.
func (e *Engine) slept() bool { return e.instant().jump(e.last).Abs() >= leastJump }

// awaken makes good for what happened since the last cycle. Its caller holds the cycle. Where it fails, nothing
// may be sent, and it is tried again.
func (e *Engine) awaken() error {
	is := e.instant()
	jump := is.jump(e.last)
	if e.moved.Swap(false) {
		e.settleNetwork(e.network())
	}
	if jump.Abs() >= leastJump {
		e.log.Info("the clock jumped: everything is read anew before anything is sent", "by", jump.Round(time.Second))
		for _, b := range e.boxes {
			b.startOver()
		}
	}
	if jump >= leastJump {
		if err := e.pauseAnew(e.last.wall); err != nil {
			return err
		}
	}
	if err := e.keepTime(); err != nil {
		return err
	}
	e.last = is
	return nil
}

// settleNetwork opens what went out from an address that this computer has no more anew, and tries what was
// out of reach.
func (e *Engine) settleNetwork(have []string) {
	for _, b := range e.boxes {
		gone := false
		if b.session != nil {
			at, ok := b.session.Local().(*net.TCPAddr)
			gone = ok && !at.IP.IsLoopback() && !slices.Contains(have, at.IP.String())
		}
		if gone || b.down != nil {
			b.startOver()
		}
	}
}

// startOver has the mailbox dialled at once, as if nothing had failed yet. A server that has refused something is
// left alone for as long as it was to be, whatever the clock says now.
func (b *mailbox) startOver() {
	b.hangUp()
	if b.down != nil && !mailer.Unreachable(b.down) {
		b.again = earlier(b.again, b.engine.clock.Now().Round(0).Add(refusedFor))
		return
	}
	b.down, b.again = nil, time.Time{}
	b.delays.Reset()
}

// refusedFor is how long a server that has refused something is left alone at most, once the clock has jumped.
const refusedFor = 15 * time.Minute

// pauseAnew begins the undo pauses anew that ended since a moment.
func (e *Engine) pauseAnew(since time.Time) error {
	return e.update(func(tx *store.Tx) error {
		return eachOpen(tx, func(d store.Draft) error {
			if d.State != store.Approved || !d.SendAt.After(since) || d.SendAt.After(tx.Now()) {
				return nil
			}
			d.SendAt = tx.Now().Add(e.UndoPause)
			return tx.PutDraft(d)
		})
	})
}

func eachOpen(tx *store.Tx, do func(store.Draft) error) error {
	drafts, err := tx.OpenDrafts()
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if err := do(d); err != nil {
			return err
		}
	}
	return nil
}

// settingClock holds the latest time that was seen, to within clockEvery.
const settingClock = "clock"

const clockEvery = time.Hour

// keepTime notes what time it is, so that a clock that was set back is seen also after introd was stopped. Then
// what was counted from a time that has not come yet is counted from now, and everybody is looked at again.
func (e *Engine) keepTime() error {
	var seen time.Time
	if err := e.store.View(func(tx *store.Tx) error {
		_, err := tx.Setting(settingClock, &seen)
		return err
	}); err != nil {
		return err
	}
	now := e.clock.Now()
	back := now.Before(seen.Add(-leastJump)) || e.instant().jump(e.last) <= -leastJump
	if back {
		e.log.Info("the clock was set back: what was to happen is counted anew", "it_was", seen)
		if err := e.update(e.countAnew); err != nil {
			return err
		}
		if err := e.wakeEverybody(); err != nil {
			return err
		}
	}
	if !back && now.Before(seen.Add(clockEvery)) {
		return nil
	}
	return e.update(func(tx *store.Tx) error { return tx.PutSetting(settingClock, tx.Now()) })
}

// countAnew bounds what lies ahead by what may lie ahead as of now: pauses, codes, tries, the mails of the last
// day, and since when something is so.
func (e *Engine) countAnew(tx *store.Tx) error {
	now := tx.Now()
	if err := eachOpen(tx, func(d store.Draft) error {
		switch d.State {
		case store.Approved:
			d.SendAt = earlier(d.SendAt, now.Add(e.UndoPause))
		case store.Unknown:
			d.SendAt = earlier(d.SendAt, now.Add(e.UnknownFor))
		}
		d.Expires = earlier(d.Expires, now.Add(e.CodeLife))
		return tx.PutDraft(d)
	}); err != nil {
		return err
	}
	for o, err := range tx.Objects() {
		if err != nil {
			return err
		}
		o.Next, o.Created, o.Gone = earlier(o.Next, now), earlier(o.Created, now), earlier(o.Gone, now)
		if err := tx.PutObject(o); err != nil {
			return err
		}
	}
	var sent []time.Time
	if _, err := tx.Setting(settingSent, &sent); err != nil {
		return err
	}
	for i := range sent {
		sent[i] = earlier(sent[i], now)
	}
	if err := tx.PutSetting(settingSent, sent); err != nil {
		return err
	}
	return e.seenBy(tx, now)
}

// seenBy bounds when folders were read, and since when mailboxes are out of reach.
func (e *Engine) seenBy(tx *store.Tx, now time.Time) error {
	cursors, err := tx.Cursors()
	if err != nil {
		return err
	}
	for _, c := range cursors {
		c.ReadAt = earlier(c.ReadAt, now)
		if err := tx.PutCursor(c); err != nil {
			return err
		}
	}
	for _, b := range e.boxes {
		var t Trouble
		if found, err := tx.Setting(b.setting(settingTrouble), &t); err != nil {
			return err
		} else if found {
			t.Since = earlier(t.Since, now)
			if err := tx.PutSetting(b.setting(settingTrouble), t); err != nil {
				return err
			}
		}
	}
	return nil
}

// earlier is the earlier of two times; zero stays zero.
func earlier(t, most time.Time) time.Time {
	if t.After(most) {
		return most
	}
	return t
}
