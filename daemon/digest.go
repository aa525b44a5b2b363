package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer"
	"introd/store"
	"introd/templates"
)

// settingDigest holds the day, in the owner's zone, whose digest was written.
const settingDigest = "digest"

// nextDigest is the moment of the next morning's digest.
func (e *Engine) nextDigest() time.Time {
	now := e.clock.Now().In(e.Owner.Zone)
	if at := e.digestOn(now); at.After(now) {
		return at
	}
	return e.digestOn(now.AddDate(0, 0, 1))
}

// nextWorkday is the moment of the next digest on a business day: what can wait is shown with that one.
func (e *Engine) nextWorkday() time.Time {
	at := e.nextDigest()
	for !steps.IsBusinessDay(at) {
		at = e.digestOn(at.AddDate(0, 0, 1))
	}
	return at
}

func (e *Engine) digestOn(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, int(e.DigestAt/time.Minute), 0, 0, e.Owner.Zone)
}

// digest writes the morning's mail to the owner, only when there is something to do. Yesterday's
// goes, if it lies where introd put it.
func (e *Engine) digest(context.Context) (did bool, err error) {
	if !e.reached(e.home().Name) {
		return false, nil
	}
	err = e.update(func(tx *store.Tx) error {
		did = false
		now := tx.Now().In(e.Owner.Zone)
		today := now.Format(time.DateOnly)
		var last string
		if _, err := tx.Setting(settingDigest, &last); err != nil {
			return err
		}
		if last == today || now.Before(e.digestOn(now)) {
			return nil
		}
		if err := tx.PutSetting(settingDigest, today); err != nil || last == "" {
			return err // on the very first day there is nothing to sum up
		}
		agenda, err := e.agenda(tx)
		if err != nil {
			return err
		}
		if err := e.dismissOld(tx); err != nil || agenda.Empty() {
			return err
		}
		subject, text, err := e.templates.Render("owner-digest", templates.Values{"title": agenda.Title(), "body": e.agendaText(agenda)})
		if err != nil {
			return err
		}
		did = true
		return e.plan(tx, store.Object{MessageID: e.newObjectID(), Role: store.Digest, Folder: "INBOX"}, e.own(subject, text))
	})
	return did, err
}

// receiptLife is how long a receipt lies in INBOX.
const receiptLife = 14 * 24 * time.Hour

// dismissOld lets go of yesterday's digest, and of the receipts that have lain long enough. The
// removal proves that each is as introd left it (P4).
func (e *Engine) dismissOld(tx *store.Tx) error {
	for o, err := range tx.Objects() {
		if err != nil {
			return err
		}
		if o.Role == store.Digest || o.Role == store.Receipt && o.State == store.Placed && o.Created.Add(receiptLife).Before(tx.Now()) {
			if err := e.dismiss(tx, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// An Agenda is what the owner has to do or to know: the digest in the morning, `introd status` at any time.
type Agenda struct {
	Waiting  []Item         `json:"waiting"`          // drafts to decide
	Overdue  []Item         `json:"overdue"`          // of these, the ones past their date
	Leaving  []Item         `json:"leaving"`          // drafts that are approved and not sent yet
	Tasks    []Item         `json:"tasks"`            // what introd cannot do for them
	Answered []Item         `json:"answered"`         // who wrote in the last day
	Meetings []Item         `json:"meetings"`         // in the next two days
	Nobody   []string       `json:"nobody,omitempty"` // targets of which nobody can tell yet
	SetAside int            `json:"set_aside"`
	Folders  []Looked       `json:"folders"`
	Accounts []AccountState `json:"accounts"`
	At       time.Time      `json:"at"`
}

// An Item is one line of an agenda.
type Item struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	Code   string    `json:"code,omitempty"` // of a draft or a task
	Key    string    `json:"key,omitempty"`  // of a task: its want's
	Words  string    `json:"words"`
	At     time.Time `json:"at,omitzero"`
	Due    time.Time `json:"due,omitzero"` // of a task
}

// AccountState is how introd is doing with one of the owner's accounts.
type AccountState struct {
	Name    string    `json:"name"`
	Called  string    `json:"called"` // within a sentence to the owner
	Blind   bool      `json:"blind"`  // its mailbox was not read for too long
	Trouble string    `json:"trouble,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	SignIn  string    `json:"sign_in,omitempty"` // why nothing is sent from it until its owner has signed in again
}

// Looked is when a folder was last read.
type Looked struct {
	Account string    `json:"account"`
	Folder  string    `json:"folder"`
	At      time.Time `json:"at"`
}

// Empty says whether there is nothing to do; that somebody answered is in the drafts and tasks it led to.
func (a Agenda) Empty() bool {
	ended := slices.ContainsFunc(a.Accounts, func(s AccountState) bool { return s.SignIn != "" })
	return len(a.Waiting)+len(a.Tasks)+len(a.Meetings)+a.SetAside == 0 && !a.Blind() && !ended
}

// Blind says whether a mailbox was not read for too long.
func (a Agenda) Blind() bool { return a.blind() > 0 }

// blind counts the accounts whose mailbox was not read for too long.
func (a Agenda) blind() (n int) {
	for _, s := range a.Accounts {
		if s.Blind {
			n++
		}
	}
	return n
}

// LastRead says when the folders were last read, a line for all of one time and account, which at writes.
func (a Agenda) LastRead(at func(time.Time) string) (lines []string) {
	folders := map[string][]string{}
	var times []string
	for _, f := range a.Folders {
		when := at(f.At)
		if len(a.Accounts) > 1 {
			when = f.Account + ", " + when
		}
		if !slices.Contains(times, when) {
			times = append(times, when)
		}
		folders[when] = append(folders[when], f.Folder)
	}
	for _, when := range times {
		lines = append(lines, "Last read "+when+": "+strings.Join(folders[when], ", "))
	}
	return lines
}

// Title sums the agenda up.
func (a Agenda) Title() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{len(a.Waiting), "mail to decide"}, {len(a.Tasks), "thing to do"}, {len(a.Meetings), "talk ahead"}, {a.blind(), "account out of reach"}} {
		switch {
		case p.n == 1:
			parts = append(parts, "1 "+p.word)
		case p.n > 1:
			first, rest, _ := strings.Cut(p.word, " ")
			parts = append(parts, fmt.Sprintf("%d %ss %s", p.n, first, rest))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing to do")
}

// answeredFor is how long a mail of theirs stands in the agenda.
const answeredFor = 24 * time.Hour

// agenda gathers it from the people who may have something open, not from everybody.
func (e *Engine) agenda(tx *store.Tx) (a Agenda, err error) {
	a.At = tx.Now()
	people, err := tx.Attended()
	if err != nil {
		return a, err
	}
	drafts, err := tx.OpenDrafts()
	if err != nil {
		return a, err
	}
	for _, d := range drafts {
		people = append(people, d.Person)
	}
	slices.Sort(people)
	for _, id := range slices.Compact(people) {
		p, err := tx.Person(id)
		if err != nil {
			return a, err
		}
		if err := e.agendaOf(tx, p, &a); err != nil {
			return a, err
		}
	}
	for _, list := range [][]Item{a.Waiting, a.Leaving, a.Tasks, a.Answered, a.Meetings} {
		slices.SortFunc(list, func(x, y Item) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Person, y.Person)) })
	}
	if a.Nobody, err = nobodyYet(tx); err != nil {
		return a, err
	}
	aside, err := tx.SetAsides()
	if err != nil {
		return a, err
	}
	a.SetAside = len(aside)
	if err := e.lookedAt(tx, &a); err != nil {
		return a, err
	}
	a.Accounts, err = e.accountStates(tx, a.Folders)
	return a, err
}

// lookedAt gathers when the folders were last read.
func (e *Engine) lookedAt(tx *store.Tx, a *Agenda) error {
	cursors, err := tx.Cursors()
	for _, c := range cursors {
		own := e.account(c.Account).Folders
		if e.hasAccount(c.Account) && c.Folder != own[mailer.RoleSend] && c.Folder != own[mailer.RoleDrop] { // no mail comes there
			a.Folders = append(a.Folders, Looked{c.Account, c.Folder, c.ReadAt})
		}
	}
	return err
}

// accountStates tells of every account.
func (e *Engine) accountStates(tx *store.Tx, looked []Looked) (states []AccountState, err error) {
	for _, a := range e.Accounts {
		var t Trouble
		if _, err := tx.Setting(settingOf(settingTrouble, a.Name), &t); err != nil {
			return nil, err
		}
		ended, err := signInEnded(tx, a.Name)
		if err != nil {
			return nil, err
		}
		var last time.Time
		for _, f := range looked {
			if f.Account == a.Name && f.At.After(last) {
				last = f.At
			}
		}
		blind := !last.IsZero() && tx.Now().Sub(last) > e.BlindAfter || !t.Since.IsZero() && tx.Now().Sub(t.Since) > e.BlindAfter
		states = append(states, AccountState{Name: a.Name, Called: e.calls(a.Name, "your mailbox"), Blind: blind, Trouble: t.Reason, Since: t.Since, SignIn: ended.Reason})
	}
	return states, nil
}

func (e *Engine) agendaOf(tx *store.Tx, p store.Person, a *Agenda) error {
	drafts, err := tx.DraftsOf(p.ID)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if d.State == store.Approved || d.State == store.Sending {
			a.Leaving = append(a.Leaving, Item{Person: p.ID, Name: p.Name, Code: handle(d), Words: e.labelWith(d, p.Name) + e.leavingWords(d, tx.Now()), At: d.SendAt})
		}
		if !d.State.Open() || d.State == store.Approved || d.State == store.Sending || e.forLater(d, tx.Now()) {
			continue
		}
		item := Item{Person: p.ID, Name: p.Name, Code: handle(d), Words: e.labelWith(d, p.Name) + e.stateWords(d), At: d.Due}
		a.Waiting = append(a.Waiting, item)
		if !d.Overdue.IsZero() && d.Overdue.Before(tx.Now()) {
			a.Overdue = append(a.Overdue, item)
		}
	}
	c, err := e.caseOf(tx, p.ID)
	if err != nil {
		return err
	}
	for _, w := range steps.Wants(c, e.Rules, tx.Now()) {
		if w.Task && !w.From.After(tx.Now()) {
			a.Tasks = append(a.Tasks, Item{Person: p.ID, Name: p.Name, Code: taskCode(w.Key), Key: w.Key, Words: w.Why + e.dueWords(w.Due), At: w.From, Due: w.Due})
		}
	}
	s := steps.Fold(c.History, tx.Now())
	if s.LastIn != nil && tx.Now().Sub(s.LastIn.At) < answeredFor {
		a.Answered = append(a.Answered, Item{Person: p.ID, Name: p.Name, Words: p.Name + " wrote", At: s.LastIn.At})
	}
	if m := s.Meeting; s.Stage == steps.StageMeeting && m.Start.Before(tx.Now().Add(48*time.Hour)) {
		words := "talk with " + p.Name + ", " + e.when(m.Start)
		if m.Place != "" {
			words += ", " + m.Place
		}
		a.Meetings = append(a.Meetings, Item{Person: p.ID, Name: p.Name, Words: words, At: m.Start})
	}
	return nil
}

// forLater says whether a draft is for a later day: the owner put it off, or it can wait for the weekend's end.
func (e *Engine) forLater(d store.Draft, now time.Time) bool {
	return d.State == store.Waiting && !d.Shown && d.ShowAt.After(now) && (d.ShowAt.After(e.nextDigest()) || !steps.IsBusinessDay(now.In(e.Owner.Zone)))
}

// dueWords says until when something is to be done.
func (e *Engine) dueWords(due time.Time) string {
	if due.IsZero() {
		return ""
	}
	return ", by " + e.on(due)
}

// leavingWords says when an approved draft goes out, or what keeps it.
func (e *Engine) leavingWords(d store.Draft, now time.Time) string {
	switch {
	case d.SendAt.After(now):
		return ", goes out " + e.when(d.SendAt)
	case d.Reason != "":
		return " waits: " + d.Reason
	}
	return " goes out now"
}

// stateWords says what a draft waits for, where that is not simply a decision.
func (e *Engine) stateWords(d store.Draft) string {
	switch {
	case d.State == store.Asking:
		return ": needs one sentence of yours"
	case d.Reason != "":
		return ": " + d.Reason
	case d.Code == "" && !d.Shown:
		return ": comes up " + e.when(d.ShowAt)
	case !d.Due.IsZero():
		return ", due " + e.when(d.Due)
	}
	return ""
}

func (e *Engine) agendaText(a Agenda) string {
	var out strings.Builder
	section := func(title string, items []Item, withCode bool) {
		if len(items) == 0 {
			return
		}
		fmt.Fprintf(&out, "%s\n", title)
		for _, i := range items {
			code := ""
			if withCode {
				code = i.Code + "  "
			}
			fmt.Fprintf(&out, "- %s%s\n", code, i.Words)
		}
		out.WriteString("\n")
	}
	section("OVERDUE", a.Overdue, true)
	section("TO DECIDE", a.Waiting, true)
	section("TO DO", a.Tasks, true)
	section("TALKS", a.Meetings, false)
	section("ANSWERED SINCE YESTERDAY", a.Answered, false)
	if len(a.Nobody) > 0 {
		fmt.Fprintf(&out, "NOBODY YET\n- %s\n\n", strings.Join(a.Nobody, "\n- "))
	}
	for _, s := range a.Accounts {
		if s.Trouble != "" {
			fmt.Fprintf(&out, "OUT OF REACH\n- %s, since %s: %s\n\n", s.Called, e.when(s.Since), s.Trouble)
		}
		if s.SignIn != "" && s.SignIn != s.Trouble {
			fmt.Fprintf(&out, "NOTHING IS SENT\n- from %s: %s\n\n", s.Called, s.SignIn)
		}
	}
	if a.SetAside > 0 {
		fmt.Fprintf(&out, "%d mail could not be read: see introd status\n\n", a.SetAside)
	}
	for _, line := range a.LastRead(e.when) {
		fmt.Fprintln(&out, line)
	}
	return strings.TrimSpace(out.String())
}
