package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"introd/daemon"
	"introd/mailer"
	"introd/mailer/postoffice"
	"introd/mailer/reading"
	"introd/store"
)

// A World is the stage of one performance.
type World struct {
	office *postoffice.Office
	clock  *clock
	agenda agenda
	zone   *time.Location

	mu   sync.Mutex
	cast []*player
	got  map[string]int // address → mails that it got from the owner

	own     []item               // the owner's other mail, as it came
	journal int                  // entries of the office's journal from before introd came
	no      map[string]time.Time // who said no, and when

	Show
	story *story
	ran   map[string]bool // errands that were offered, by the key of their want
}

// Open starts the post office and gives everybody their mailbox, and the owner some mail of their own.
func Open() (*World, error) {
	zone, err := time.LoadLocation(heroZone)
	if err != nil {
		return nil, err
	}
	w := &World{clock: &clock{now: opening(zone).AddDate(0, 0, -7)}, zone: zone, got: map[string]int{}, no: map[string]time.Time{}, ran: map[string]bool{}}
	if w.office, err = postoffice.Open(postoffice.Options{Now: w.clock.Now}); err != nil {
		return nil, err
	}
	if err := w.moveIn(); err != nil {
		w.office.Close()
		return nil, err
	}
	return w, nil
}

// moveIn opens the mailboxes and fills the owner's, as it was before introd came.
func (w *World) moveIn() error {
	if err := w.office.AddUser(hero.Address, password); err != nil {
		return err
	}
	if err := w.enter(cast()...); err != nil {
		return err
	}
	for _, m := range privateMail() {
		at := opening(w.zone).AddDate(0, 0, m.days)
		w.agenda.add(at, func(context.Context) error { return w.arrive(m) })
	}
	if err := w.advance(context.Background(), opening(w.zone).Add(-time.Hour)); err != nil {
		return err
	}
	w.clock.jump(opening(w.zone))
	w.journal = len(w.office.Journal(hero.Address))
	w.office.OnDelivered(w.delivered)
	return nil
}

// advance lets everything happen that is on the agenda up to a moment, each at its time.
func (w *World) advance(ctx context.Context, until time.Time) error {
	for next := w.agenda.next(); !next.IsZero() && !next.After(until); next = w.agenda.next() {
		w.clock.jump(next)
		for _, e := range w.agenda.due(next) {
			if err := e.do(ctx); err != nil {
				return err
			}
		}
	}
	w.clock.jump(until)
	return nil
}

// arrive delivers a mail that is none of introd's business, and marks it as its owner did.
func (w *World) arrive(m private) error {
	raw, err := write(mailer.Message{Subject: m.subject, Text: m.text}, m.from, w.clock.Now())
	if err != nil {
		return err
	}
	if err := w.office.Deliver(m.from.Address, hero.Address, raw); err != nil {
		return err
	}
	p, err := newProgram(w.Login())
	if err != nil {
		return err
	}
	defer p.close()
	i, _, err := p.find("INBOX", func(item) bool { return true })
	if err == nil && len(m.flags) > 0 {
		i.flags = m.flags
		err = p.flag(i, m.flags...)
	}
	w.own = append(w.own, i)
	return err
}

// enter brings players on the stage.
func (w *World) enter(players ...*player) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range players {
		if p.nowhere {
			continue
		}
		if err := w.office.AddUser(p.address, password); err != nil {
			return err
		}
	}
	w.cast = append(w.cast, players...)
	return nil
}

// Close closes the post office.
func (w *World) Close() { w.office.Close() }

// Clock is the demo's time for the engine. It has no timers: the demo itself says when to look.
func (w *World) Clock() daemon.Clock { return daemon.Clock{Now: w.clock.Now} }

// Login is what an account on the demo's post office needs.
type Login struct {
	Name, About, Zone, Address, Password string
	IMAP, SMTP                           string // host:port, on loopback, without TLS
}

// Login is the owner's.
func (w *World) Login() Login {
	return Login{hero.Name, heroAbout, heroZone, hero.Address, password, w.office.IMAPAddr(), w.office.SMTPAddr()}
}

// step puts something that the owner does on the agenda.
func (w *World) step(at time.Time, words string, do func(context.Context) error) {
	w.agenda.add(at, func(ctx context.Context) error {
		w.story.say(w.clock.Now(), words)
		return do(ctx)
	})
}

// deliver puts the arrival of a mail to the owner, and to whom it is copied, on the agenda.
func (w *World) deliver(at time.Time, from *player, m mailer.Message, copied ...*player) {
	w.agenda.add(at, func(context.Context) error {
		raw, err := write(m, from.mail(), w.clock.Now(), copied...)
		if err != nil {
			return err
		}
		for _, p := range copied {
			if err := w.office.Deliver(from.address, p.address, raw); err != nil {
				return err
			}
		}
		return w.office.Deliver(from.address, hero.Address, raw)
	})
}

// forge has somebody outside write to the owner's mailbox in the owner's name, with a code that is
// right: into INBOX, and into Sent as well, which this post office lets anybody address.
func (w *World) forge(ctx context.Context) error {
	drafts, err := w.drafts(ctx)
	i := slices.IndexFunc(drafts, func(d daemon.DraftView) bool { return d.State == store.Waiting && d.Code != "" })
	if err != nil || i < 0 {
		return err
	}
	order := "send " + drafts[i].Code
	w.story.say(w.clock.Now(), "Somebody outside writes to your mailbox in your name: “"+order+"”. The code is right. introd does nothing: only what you do yourself counts.")
	raw, err := write(mailer.Message{Subject: "Re: Send this?", Text: order + "\n"}, hero, w.clock.Now())
	if err != nil {
		return err
	}
	sent := strings.Replace(hero.Address, "@", "+Sent@", 1)
	return errors.Join(w.office.Deliver("mallory@elsewhere.test", hero.Address, raw), w.office.Deliver("mallory@elsewhere.test", sent, raw))
}

// fail makes the performance end with an error of a player's.
func (w *World) fail(err error) {
	w.agenda.add(w.clock.Now(), func(context.Context) error { return err })
}

// delivered gives a mail of the owner's to the player who got it, on a goroutine of the post office.
func (w *World) delivered(from, to string, raw []byte) {
	p := w.playerAt(to)
	if from != hero.Address || p == nil {
		return
	}
	w.mu.Lock()
	w.got[p.address]++
	nth := w.got[p.address]
	w.mu.Unlock()
	if p.react != nil {
		p.react(&scene{World: w, me: p, got: letter{reading.Read(raw, reading.Context{}), raw}, nth: nth})
	}
}

func (w *World) playerAt(address string) *player {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.cast {
		if strings.EqualFold(p.address, address) {
			return p
		}
	}
	return nil
}

// player finds one of the cast by the short name that introd knows them by.
func (w *World) player(id string) *player {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.cast {
		if p.id == id {
			return p
		}
	}
	panic(fmt.Sprintf("nobody called %s is in the cast", id))
}
