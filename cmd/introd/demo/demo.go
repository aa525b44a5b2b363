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
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"introd/daemon"
	"introd/daemon/web"
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
	new, _, err := p.find("INBOX", func(item) bool { return true })
	if err != nil || len(m.flags) == 0 {
		w.own = append(w.own, new)
		return err
	}
	if err := p.flag(new, m.flags...); err != nil {
		return err
	}
	new, _, err = p.find("INBOX", func(item) bool { return true })
	w.own = append(w.own, new)
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

// ErrBroken is the outcome of a performance in which a promise was broken.
var ErrBroken = errors.New("a promise was broken: see the table above")

// errQuit ends a performance at the reader's word.
var errQuit = errors.New("quit")

// An owner decides what waits. It returns whether there is anything new; if not, time may go on.
type owner interface {
	decide(context.Context, daemon.DraftView) (bool, error)
	errand(context.Context, errand) (bool, error)
}

// Play performs the whole story. It returns nil when all is told and, with Auto, every promise was kept.
func (w *World) Play(ctx context.Context, show Show) error {
	w.Show = show
	w.story = newStory(show.Out, w.zone, show.Bold)
	var who owner = newReader(w)
	var program *robot
	if show.Auto {
		robot, err := newRobot(w)
		if err != nil {
			return err
		}
		defer robot.close()
		who, program = robot, robot
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	if err := w.perform(ctx, who); err != nil && !errors.Is(err, errQuit) {
		return err
	}
	return w.finish(ctx, program)
}

// mostDays bounds a performance: by then everybody has said what they have to say.
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
		if w.clock.Now().After(opening(w.zone).AddDate(0, 0, mostDays)) {
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

// over says whether nobody will do anything any more.
func (w *World) over(ctx context.Context) (bool, error) {
	if !w.agenda.next().IsZero() {
		return false, nil
	}
	people, err := w.people(ctx)
	if err != nil || slices.ContainsFunc(people, func(p daemon.PersonLine) bool { return !p.Next.IsZero() }) {
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
	w.step(at(0, 9, 0), "Prof. Lee knows Dana Wu. You ask her for an introduction.", func(ctx context.Context) error {
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

// finish shows who stands where and, if a program played the owner, whether the promises were kept.
func (w *World) finish(ctx context.Context, robot *robot) error {
	if err := w.summary(ctx); err != nil || robot == nil {
		return err
	}
	rec, err := robot.record(ctx)
	if err != nil {
		return err
	}
	return w.verdict(rec)
}

// verdict shows each promise beside what became of it.
func (w *World) verdict(rec record) error {
	w.story.heading("The promises")
	broken := false
	for _, p := range promises() {
		if err := p.check(rec); err != nil {
			broken = true
			w.story.promise("FAIL", p, err)
			continue
		}
		w.story.promise("ok", p, nil)
	}
	if broken {
		return ErrBroken
	}
	return nil
}

// summary is one line for each person.
func (w *World) summary(ctx context.Context) error {
	w.story.heading("How it ended")
	table := tabwriter.NewWriter(w.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  PERSON\tWHAT HAPPENED\tMAILS\tAPPROVED BY\tRESULT")
	for _, p := range w.cast {
		v, err := w.person(ctx, p.id)
		if err != nil {
			return err
		}
		var ways []string
		for _, d := range v.Drafts {
			if d.State == store.Sent && !slices.Contains(ways, d.Way) {
				ways = append(ways, d.Way)
			}
		}
		mails := 0
		for _, ev := range v.History {
			if ev.Kind == store.MailOut {
				mails++
			}
		}
		fmt.Fprintf(table, "  %s\t%s\t%d\t%s\t%s\n", p.name, cmp.Or(lastWord(v), "no answer"), mails, cmp.Or(strings.Join(ways, ", "), "–"), v.Stage)
	}
	return table.Flush()
}

// lastWord sums up what came back from a person.
func lastWord(v daemon.PersonView) string {
	var words []string
	for _, ev := range v.History {
		if ev.Kind == store.MailIn {
			words = append(words, cmp.Or(short[ev.Mail.Read.Intent], ev.Mail.Read.Intent))
		}
	}
	return strings.Join(slices.Compact(words), ", ")
}

// short are introd's verdicts in a word or two, for the table.
var short = map[string]string{
	"accept_with_times": "yes", "accept": "yes", "decline": "no", "intro_made": "introduced", "out_of_office": "away", "propose_link": "booking page",
	"reschedule": "moved it", "referral": "named others", "unsubscribe": "wants no mail", "bounce": "bounced",
}
