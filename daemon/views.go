package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/store"
)

// PersonLine is one line of the list of people.
type PersonLine struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Address string      `json:"address"`
	Org     string      `json:"org,omitempty"`
	Via     string      `json:"via,omitempty"`
	Stage   steps.Stage `json:"stage"`
	Last    time.Time   `json:"last,omitzero"` // the last mail either way
	Next    time.Time   `json:"next,omitzero"` // when something is due
	Paused  bool        `json:"paused,omitempty"`
}

// None is the request of calls that need none.
type None struct{}

// People lists everybody.
func (e *Engine) People(context.Context, None) (lines []PersonLine, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			line, _, err := e.personLine(tx, p.ID)
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return nil
	})
	return lines, err
}

func (e *Engine) personLine(tx *store.Tx, id string) (line PersonLine, c steps.Case, err error) {
	if c, err = e.caseOf(tx, id); err != nil {
		return line, c, err
	}
	p := c.Person
	s := steps.Fold(c.History, tx.Now())
	line = PersonLine{ID: p.ID, Name: p.Name, Address: p.Address, Org: c.Org, Via: p.Via, Stage: s.Stage, Paused: p.Paused}
	for _, ev := range []*store.Event{s.LastIn, s.LastOut} {
		if ev != nil && ev.At.After(line.Last) {
			line.Last = ev.At
		}
	}
	line.Next = steps.Next(steps.Wants(c, e.Rules, tx.Now()), tx.Now())
	return line, c, nil
}

// PersonRequest names a person.
type PersonRequest struct {
	Person string `json:"person"`
}

// PersonView is all about one person.
type PersonView struct {
	PersonLine
	From    string         `json:"from,omitempty"` // the owner's address that they are written to from, of several accounts'
	How     string         `json:"how,omitempty"`
	Zone    string         `json:"zone,omitempty"`
	Aliases []store.Alias  `json:"aliases,omitempty"`
	Meeting *store.Meeting `json:"meeting,omitempty"`
	History []store.Event  `json:"history"`
	Drafts  []DraftView    `json:"drafts,omitempty"`
	Wants   []WantView     `json:"wants,omitempty"`

	Introduced *IntroductionLine  `json:"introduced,omitempty"` // how they were introduced
	Introduces []IntroductionLine `json:"introduces,omitempty"` // whom they introduced
}

// WantView is one thing that is due now or later, if nothing happens before.
type WantView struct {
	Key   string    `json:"key"`
	Kind  string    `json:"kind"`
	What  string    `json:"what"` // the kind in words; of a task it says nothing
	At    time.Time `json:"at"`
	Why   string    `json:"why"`
	Task  bool      `json:"task,omitempty"`
	Who   string    `json:"who"`
	Times []string  `json:"times,omitempty"`
}

// Show tells all about one person.
func (e *Engine) Show(_ context.Context, q PersonRequest) (v PersonView, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		p, err := known(tx, q.Person)
		if err != nil {
			return err
		}
		line, c, err := e.personLine(tx, p.ID)
		if err != nil {
			return err
		}
		account, err := e.accountOf(tx, p)
		if err != nil {
			return err
		}
		v = PersonView{PersonLine: line, From: e.fromWords(account.Name), How: p.How, Zone: p.Zone, History: c.History}
		if s := steps.Fold(c.History, tx.Now()); s.Meeting != nil && !s.MeetingOff {
			v.Meeting = s.Meeting
		}
		if err := showIntroductions(tx, c.Person, &v); err != nil {
			return err
		}
		if v.Aliases, err = tx.Aliases(p.ID); err != nil {
			return err
		}
		for _, w := range steps.Wants(c, e.Rules, tx.Now()) {
			v.Wants = append(v.Wants, wantView(w, p.Name))
		}
		slices.SortFunc(v.Wants, func(a, b WantView) int { return a.At.Compare(b.At) })
		drafts, err := tx.DraftsOf(p.ID)
		for _, d := range drafts {
			v.Drafts = append(v.Drafts, e.viewOf(d))
		}
		return err
	})
	return v, err
}

func wantView(w steps.Want, who string) WantView {
	what := KindWords(w.Kind)
	if w.Note {
		what += " for you"
	}
	return WantView{Key: w.Key, Kind: w.Kind, What: what, At: w.From, Why: w.Why, Task: w.Task, Who: who}
}

// DraftView is a draft as the owner sees it.
type DraftView struct {
	ID       string           `json:"id"`
	Code     string           `json:"code,omitempty"`
	Person   string           `json:"person"`
	Kind     string           `json:"kind"`
	What     string           `json:"what"` // the kind in words
	State    store.DraftState `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Why      string           `json:"why"`
	From     string           `json:"from,omitempty"` // of several accounts'
	To       []string         `json:"to"`
	Bcc      []string         `json:"bcc,omitempty"`
	Subject  string           `json:"subject"`
	Text     string           `json:"text"`
	Warnings []string         `json:"warnings,omitempty"`
	Due      time.Time        `json:"due,omitzero"`
	ShowAt   time.Time        `json:"show_at,omitzero"` // where it was put off
	SendAt   time.Time        `json:"send_at,omitzero"`
	SentAt   time.Time        `json:"sent_at,omitzero"`
	Way      string           `json:"way,omitempty"`
	Shown    bool             `json:"shown,omitempty"` // it was put before the owner
	Invite   bool             `json:"invite,omitempty"`
	Choices  []store.Slot     `json:"choices,omitempty"`
}

func (e *Engine) viewOf(d store.Draft) DraftView {
	v := DraftView{
		ID: d.ID, Code: d.Code, Person: d.Person, Kind: d.Kind, What: KindWords(d.Kind), State: d.State, Reason: d.Reason, Why: d.Why, From: e.fromWords(d.Account), To: slices.Concat(d.To, d.Cc), Bcc: d.Bcc, Subject: d.Subject,
		Text: d.Text, Warnings: d.Warnings, Due: d.Due, SendAt: d.SendAt, SentAt: d.SentAt, Way: d.Way, Shown: d.Shown, Invite: d.Method != "", Choices: d.Choices,
	}
	if d.State == store.Waiting && !d.Shown && d.Code == "" {
		v.ShowAt = d.ShowAt
	}
	return v
}

// DraftsRequest asks for the open drafts, or for one.
type DraftsRequest struct {
	Draft string `json:"draft,omitempty"`
}

// Drafts lists what waits, the oldest first.
func (e *Engine) Drafts(_ context.Context, q DraftsRequest) (views []DraftView, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		if q.Draft != "" {
			d, err := draftFor(tx, q.Draft)
			views = []DraftView{e.viewOf(d)}
			return err
		}
		drafts, err := tx.OpenDrafts()
		for _, d := range drafts {
			views = append(views, e.viewOf(d))
		}
		return err
	})
	return views, err
}

// WhyReply explains a person or a draft: each line is a verdict, its evidence and its rule.
type WhyReply struct {
	About string     `json:"about"`
	Lines []WhyGroup `json:"lines"`
}

// WhyGroup is the reasons behind one event or draft.
type WhyGroup struct {
	At      time.Time      `json:"at"`
	What    string         `json:"what"`
	Reasons []store.Reason `json:"reasons"`
}

// Why names the header, line or rule behind every link, verdict and draft (P8).
func (e *Engine) Why(_ context.Context, q PersonRequest) (r WhyReply, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		var drafts []store.Draft
		p, err := known(tx, q.Person)
		if err != nil {
			d, draftErr := draftFor(tx, q.Person)
			if draftErr != nil {
				return err
			}
			drafts, r.About = []store.Draft{d}, e.label(d)
		} else {
			r.About = p.Name
			if drafts, err = tx.DraftsOf(p.ID); err != nil {
				return err
			}
			history, err := tx.History(p.ID)
			if err != nil {
				return err
			}
			for _, ev := range history {
				r.Lines = append(r.Lines, whyEvent(ev))
			}
		}
		for _, d := range drafts {
			g := WhyGroup{At: d.Created, What: "draft " + KindWords(d.Kind) + ", " + string(d.State), Reasons: []store.Reason{{Verdict: "wanted", Evidence: d.Why, Rule: "steps." + d.Kind}}}
			if d.Reason != "" {
				g.Reasons = append(g.Reasons, store.Reason{Verdict: string(d.State), Evidence: d.Reason, Rule: "draft." + string(d.State)})
			}
			for _, w := range d.Warnings {
				g.Reasons = append(g.Reasons, store.Reason{Verdict: "warning", Evidence: w, Rule: "etiquette"})
			}
			r.Lines = append(r.Lines, g)
		}
		slices.SortStableFunc(r.Lines, func(a, b WhyGroup) int { return a.At.Compare(b.At) })
		return nil
	})
	return r, err
}

func whyEvent(ev store.Event) WhyGroup {
	g := WhyGroup{At: ev.At, What: ev.Kind.Words()}
	if m := ev.Mail; m != nil {
		g.What += ": " + m.Subject
		link := m.Link
		link.Verdict = cmp.Or(link.Verdict, "linked")
		g.Reasons = append(g.Reasons, link)
		if m.Read != nil {
			g.Reasons = append(g.Reasons, m.Read.Because...)
		}
	}
	if ev.Text != "" && ev.Mail == nil {
		g.Reasons = append(g.Reasons, store.Reason{Verdict: "you said", Evidence: ev.Text, Rule: "owner"})
	}
	if len(g.Reasons) == 0 { // nothing came from outside and no rule made it
		g.Reasons = append(g.Reasons, store.Reason{Evidence: "you said so", Rule: "owner"})
	}
	return g
}

// PlanRequest asks for a plan.
type PlanRequest struct {
	Days int `json:"days"`
}

// Plan lists what would be due, supposing that each draft is approved the day it is ready and nobody answers.
func (e *Engine) Plan(_ context.Context, q PlanRequest) (views []WantView, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		until := tx.Now().AddDate(0, 0, q.Days)
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			c, err := e.caseOf(tx, p.ID)
			if err != nil {
				return err
			}
			for _, planned := range steps.Plan(c, e.Rules, tx.Now(), until) {
				v := wantView(planned.Want, p.Name)
				v.At = planned.At
				views = append(views, v)
			}
		}
		slices.SortStableFunc(views, func(a, b WantView) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key, b.Key)) })
		return nil
	})
	return views, err
}

// Status is how introd is doing, and what there is to do.
type Status struct {
	Running  bool             `json:"running"`
	Started  time.Time        `json:"started,omitzero"` // when the process began that answers
	Halted   string           `json:"halted,omitempty"` // why nothing can be written down, and so nothing sent
	Paused   bool             `json:"paused"`
	Blind    bool             `json:"blind"`   // a mailbox was not read for too long
	Replies  bool             `json:"replies"` // reply verbs are on
	Agenda   Agenda           `json:"agenda"`
	SetAside []store.SetAside `json:"set_aside,omitempty"`
	Stuck    []string         `json:"stuck,omitempty"` // mails that are not yet where they should be, and why
	Notes    []string         `json:"notes,omitempty"` // what was learnt of the accounts and is worth knowing

	Calendars []CalendarView `json:"calendars,omitempty"`
}

// Status tells how introd is doing.
func (e *Engine) Status(context.Context, None) (s Status, err error) {
	s.Started = e.started
	if words := e.halted.Load(); words != nil {
		s.Halted = *words
	}
	err = e.store.View(func(tx *store.Tx) (err error) {
		if _, err := tx.Setting(settingPaused, &s.Paused); err != nil {
			return err
		}
		if s.Replies, err = e.replyVerbs(tx); err != nil {
			return err
		}
		if s.Agenda, err = e.agenda(tx); err != nil {
			return err
		}
		if s.SetAside, err = tx.SetAsides(); err != nil {
			return err
		}
		if s.Stuck, err = e.stuck(tx); err != nil {
			return err
		}
		if s.Calendars, err = calendarViews(tx); err != nil {
			return err
		}
		if s.Notes, err = e.notesOnAccounts(tx); err != nil {
			return err
		}
		s.Blind = s.Agenda.Blind()
		return nil
	})
	return s, err
}

// stuck tells, each once, what keeps mails from where they should be: out, or in the mailbox.
func (e *Engine) stuck(tx *store.Tx) (sentences []string, err error) {
	say := func(words string, args ...any) {
		if sentence := fmt.Sprintf(words, args...); !slices.Contains(sentences, sentence) {
			sentences = append(sentences, sentence)
		}
	}
	drafts, err := tx.OpenDrafts()
	if err != nil {
		return nil, err
	}
	accounts, err := e.accountStates(tx, nil)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if a.SignIn != "" && a.SignIn != a.Trouble {
			say("Nothing is sent from %s: %s", a.Called, a.SignIn)
		}
	}
	for _, d := range drafts {
		waits := d.Attempts == 0 && !d.SendAt.After(tx.Now())
		if d.State != store.Approved || d.Attempts == 0 && !waits || d.Reason == "" {
			continue
		}
		p, err := tx.Person(d.Person)
		if err != nil {
			return nil, err
		}
		if waits {
			say("The mail to %s waits: %s.", p.Name, d.Reason)
			continue
		}
		say("The mail to %s could not be sent yet: %s. The next try is %s.", p.Name, strings.TrimSuffix(d.Reason, "; introd tries again"), e.when(d.SendAt))
	}
	for o, err := range tx.Objects() {
		if err != nil {
			return nil, err
		}
		if o.Trouble != "" && o.State == store.Planned {
			say("A mail of introd's own waits to be put into your mailbox: %s", o.Trouble)
		}
	}
	return sentences, nil
}

// SyncReply says when introd has something to do again, and what it could not do now.
type SyncReply struct {
	Next  time.Time `json:"next,omitzero"`
	Stuck []string  `json:"stuck,omitempty"`
}

// Look looks at the mailbox now, does what is due, and returns when all of it is done.
func (e *Engine) Look(ctx context.Context, _ None) (r SyncReply, err error) {
	defer func() {
		if err == nil {
			e.Wake() // the running daemon sets its timer anew
		}
	}()
	if r.Next, err = e.Sync(ctx); err != nil {
		return r, err
	}
	err = e.store.View(func(tx *store.Tx) (err error) {
		r.Stuck, err = e.stuck(tx)
		return err
	})
	return r, err
}
