// Package demo plays introd to somebody who has neither an account nor a configuration.
//
// A World is a stage: the embedded post office on loopback, a cast of people who react to the mails
// they get, and a clock that jumps from event to event and stands still while a draft waits for its
// owner. The engine on it is the real one, behind the handler that the command line uses; only the
// clock and the post office are the demo's. Play shows each step as it happens. The owner is the
// reader at the terminal (and at any mail program), or a program that uses a real IMAP and SMTP
// client and every way of approving, and that checks introd's promises at the end.
package demo

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"introd/daemon"
	"introd/daemon/web"
	"introd/store"
)

// Show is what a performance needs of the program it runs in.
type Show struct {
	Client *http.Client // reaches the engine's handler
	In     io.Reader    // the reader's words, when the reader is the owner
	Out    io.Writer
	Bold   bool                              // Out is a terminal that shows it
	Edit   func(text string) (string, error) // lets the reader change a text
	Backup func(w io.Writer) error           // all that introd keeps
	Auto   bool                              // nobody is there: play the owner, and check the promises
}

// errQuit ends a performance at the reader's word.
var errQuit = errors.New("quit")

// An owner decides what waits. It returns whether there is anything new; if not, time may go on.
type owner interface {
	decide(context.Context, daemon.DraftView) (bool, error)
	errand(context.Context, errand) (bool, error)
}

// Play performs the whole story. It returns nil when the reader has seen as much of it as they like;
// with Auto, when all of it was told and every promise was kept.
func (w *World) Play(ctx context.Context, show Show) error {
	w.Show, w.story = show, newStory(show.Out, w.zone, show.Bold)
	if err := w.open(ctx); err != nil {
		return err
	}
	if show.Auto {
		return w.playAlone(ctx)
	}
	err := w.tell(ctx, newReader(w))
	if err == nil {
		w.story.heading("To run introd on a mailbox of your own, begin with: introd init")
	}
	if errors.Is(err, context.Canceled) { // the reader has had enough
		w.story.printf("\n")
		return nil
	}
	return err
}

// playAlone lets a program play the owner, and checks the promises.
func (w *World) playAlone(ctx context.Context) error {
	robot, err := newRobot(w)
	if err != nil {
		return err
	}
	defer robot.close()
	if err := robot.answerTrial(ctx); err != nil {
		return err
	}
	if err := w.tell(ctx, robot); err != nil {
		return err
	}
	rec, err := robot.record(ctx)
	if err != nil {
		return err
	}
	return w.verdict(rec)
}

// tell performs the story to its end, or until the owner quits, and sums it up.
func (w *World) tell(ctx context.Context, who owner) error {
	if err := w.perform(ctx, who); err != nil && !errors.Is(err, errQuit) {
		return err
	}
	return w.summary(ctx)
}

// mostDays bounds a performance without a reader: by then everybody has said what they have to say.
const mostDays = 120

// perform lets time go on from event to event, and stop where the owner is asked.
func (w *World) perform(ctx context.Context, who owner) error {
	for ctx.Err() == nil {
		next, err := w.settle(ctx)
		if err != nil {
			return err
		}
		if did, err := w.consult(ctx, who); err != nil {
			return err
		} else if did {
			continue
		}
		over, err := w.over(ctx)
		if err != nil || over {
			return err
		}
		if w.Auto && w.clock.Now().After(opening(w.zone).AddDate(0, 0, mostDays)) {
			return errors.New("the story does not come to its end")
		}
		if planned := w.agenda.next(); next.IsZero() || !planned.IsZero() && planned.Before(next) {
			next = planned
		}
		if err := w.advance(ctx, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// settle lets introd do all that is due now, tells it, and returns when something will be.
func (w *World) settle(ctx context.Context) (next time.Time, err error) {
	r, err := web.Call[daemon.SyncReply](ctx, w.Client, "look", daemon.None{})
	if err != nil {
		return next, err
	}
	return r.Next, w.narrate(ctx)
}

// consult puts what waits before the owner, one thing after the other, until something is decided.
func (w *World) consult(ctx context.Context, who owner) (did bool, err error) {
	errands, err := w.errands(ctx)
	if err != nil {
		return false, err
	}
	for _, e := range errands {
		if did, err := who.errand(ctx, e); did || err != nil {
			return did, err
		}
	}
	drafts, err := w.drafts(ctx)
	if err != nil {
		return false, err
	}
	for _, d := range drafts {
		if !waits(d) {
			continue
		}
		if did, err := who.decide(ctx, d); did || err != nil {
			return did, err
		}
	}
	return false, nil
}

// waits says whether a draft waits for its owner now.
func waits(d daemon.DraftView) bool {
	switch d.State {
	case store.Asking, store.Held, store.Editing, store.Unknown:
		return true
	case store.Waiting:
		return d.Shown
	}
	return false
}

// curtain is how long nothing happens after the end of the story: a word after a quarter is another one.
const curtain = 60 * 24 * time.Hour

// over says whether nobody will do anything any more for long.
func (w *World) over(ctx context.Context) (bool, error) {
	if !w.agenda.next().IsZero() {
		return false, nil
	}
	people, err := w.people(ctx)
	soon := func(p daemon.PersonLine) bool { return !p.Next.IsZero() && p.Next.Before(w.clock.Now().Add(curtain)) }
	if err != nil || slices.ContainsFunc(people, soon) {
		return false, err
	}
	drafts, err := w.drafts(ctx)
	return len(drafts) == 0, err
}

func (w *World) drafts(ctx context.Context) ([]daemon.DraftView, error) {
	return web.Call[[]daemon.DraftView](ctx, w.Client, "drafts", daemon.DraftsRequest{})
}

func (w *World) people(ctx context.Context) ([]daemon.PersonLine, error) {
	return web.Call[[]daemon.PersonLine](ctx, w.Client, "people", daemon.None{})
}

func (w *World) person(ctx context.Context, id string) (daemon.PersonView, error) {
	return web.Call[daemon.PersonView](ctx, w.Client, "show", daemon.PersonRequest{Person: id})
}

// open adds the people to introd, shows who plays, and puts the owner's steps on the agenda.
func (w *World) open(ctx context.Context) error {
	w.story.bill(w.Login(), w.cast, w.Auto)
	for _, p := range w.cast {
		if err := w.add(ctx, p); err != nil {
			return err
		}
	}
	if _, err := web.Call[daemon.Reply](ctx, w.Client, "trial", daemon.None{}); err != nil {
		return err
	}
	now := w.clock.Now()
	at := func(days, hour, minute int) time.Time { return onDay(now, days, hour, minute, w.zone) }
	lee := w.player("lee")
	w.step(at(0, 9, 5), "Dana Wu recycles batteries, and Prof. Lee knows her. You ask Prof. Lee to introduce you.", func(ctx context.Context) error {
		_, err := web.Call[daemon.Reply](ctx, w.Client, "ask", daemon.AskRequest{Person: lee.id, About: "dana"})
		return err
	})
	for _, s := range []struct {
		at   time.Time
		whom string
		why  string
	}{
		{at(0, 9, 30), "tom", "You found Tom Okafor among the alumni, and ask him for a talk."},
		{at(1, 10, 30), "ines", "You read an article by Ines Carvalho, and ask her for a talk, though nobody has introduced you."},
		{at(2, 10, 0), "noor", "Noor Haddad is another alum. You ask her, too."},
		{at(3, 10, 0), "walt", "And one last request: Walt Brandt, whose address stood on a web page."},
	} {
		w.step(s.at, s.why, func(ctx context.Context) error { return w.request(ctx, w.player(s.whom), false) })
	}
	w.agenda.add(at(1, 20, 0), w.forge) // while the thanks to Tom wait for the morning
	return nil
}

// add makes a player known to introd, as `introd add` does.
func (w *World) add(ctx context.Context, p *player) error {
	address := p.mail()
	_, err := web.Call[daemon.Reply](ctx, w.Client, "add", daemon.AddRequest{
		Person: address.String(), ID: p.id, Org: p.org, Via: p.via, How: p.how, Zone: cmp.Or(p.zone, heroZone),
	})
	return err
}

// request asks for a talk, as `introd request` does. Without the sentence introd asks for it.
func (w *World) request(ctx context.Context, p *player, sentence bool) error {
	q := daemon.AskRequest{Person: p.id}
	if sentence {
		q.Why = p.why
	}
	_, err := web.Call[daemon.Reply](ctx, w.Client, "ask", q)
	return err
}
