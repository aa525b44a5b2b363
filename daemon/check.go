package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"introd/daemon/calendar"
	"introd/store"
)

// CheckRequest says what introd check may do besides looking.
type CheckRequest struct {
	Letters bool     `json:"letters,omitempty"` // only to look for the mails that an earlier check has sent
	Mail    bool     `json:"mail,omitempty"`    // the owner's yes to mails from them to themself, removed afterwards
	Trial   bool     `json:"trial,omitempty"`   // their yes to a mail in INBOX that asks for an answer
	Watch   []string `json:"watch,omitempty"`   // folders that are to be watched
	Ignore  []string `json:"ignore,omitempty"`  // folders that are not, and are not asked about again
	Rules   string   `json:"rules,omitempty"`   // "yes" or "no": whether rules of the owner's put mail from others into Sent or introd's folders
}

// CheckReply is what introd check found. Nothing in it but the Legend and the Fed names a person, an
// address, a subject or a folder of the owner's own.
type CheckReply struct {
	OK       bool           `json:"ok"`
	Accounts []AccountCheck `json:"accounts"`
	Rows     []Row          `json:"rows"`              // of introd as a whole
	Pending  time.Time      `json:"pending,omitzero"`  // until when mails to the owner are looked for; zero for none
	Unasked  []string       `json:"unasked,omitempty"` // what a yes of the owner's would show: mail, trial, rules
	Fed      []string       `json:"fed,omitempty"`     // folders that receive mail and are not watched, by name
	Legend   []Masked       `json:"legend,omitempty"`
}

// An AccountCheck is what was found of one account.
type AccountCheck struct {
	Server string   `json:"server,omitempty"` // its name and version, as it gives them
	Offers []string `json:"offers,omitempty"` // its capabilities after signing in
	Rows   []Row    `json:"rows"`
}

// A Row is one thing that was looked at. Words, where there are any, say what it means and what to do.
type Row struct {
	State  string    `json:"state"` // ok, FAIL, or note for what works in a lesser way
	What   string    `json:"what"`
	Result string    `json:"result"`
	Words  string    `json:"words,omitempty"`
	How    string    `json:"how,omitempty"` // how it is known
	At     time.Time `json:"at,omitzero"`
}

// What a Row's State is.
const (
	stateOK   = "ok"
	stateNote = "note"
	stateFail = "FAIL"
)

// How a thing is known.
const (
	howTried  = "tried"
	howServer = "the server says so"
	howLetter = "a mail to yourself"
	howOwner  = "you said so"
	howTable  = "known of your provider"
	howConfig = "the config"
)

// Check finds out what works and what does not, and keeps it. It goes on where something fails.
func (e *Engine) Check(ctx context.Context, q CheckRequest) (r CheckReply, err error) {
	m := e.newMask()
	if !q.Letters {
		r.Rows = e.checkCalendars(ctx, m)
	}
	defer e.takeCycle()()
	if q.Trial {
		if _, err := e.Trial(ctx, None{}); err != nil {
			return r, err
		}
	}
	unknown := slices.Concat(q.Watch, q.Ignore)
	for _, b := range e.boxes {
		c, err := b.checkup(m)
		if err == nil {
			err = c.run(ctx, q)
		}
		if err != nil {
			return r, err
		}
		unknown = without(unknown, c.named)
		r.take(c)
		b.hangUp() // the next session goes by what was learnt
	}
	if len(unknown) > 0 && r.signedIn() {
		return r, refuse("your mailbox has no folder %q that introd has no part for", unknown[0])
	}
	records, err := e.checkRecords(m)
	if err != nil {
		return r, err
	}
	r.Rows = append(r.Rows, records...)
	all := slices.Clone(r.Rows)
	for _, a := range r.Accounts {
		all = append(all, a.Rows...)
	}
	r.OK = !slices.ContainsFunc(all, func(row Row) bool { return row.State == stateFail })
	r.Legend = m.legend(all)
	e.Wake() // for the mails that may have been sent, and the folders that are watched now
	return r, nil
}

// take adds what a checkup found.
func (r *CheckReply) take(c *checkup) {
	r.Accounts = append(r.Accounts, AccountCheck{Server: c.server, Offers: c.offers, Rows: c.rows})
	if until := c.pending(); until.After(r.Pending) {
		r.Pending = until
	}
	for _, what := range c.unasked() {
		if !slices.Contains(r.Unasked, what) {
			r.Unasked = append(r.Unasked, what)
		}
	}
	r.Fed = append(r.Fed, fed(c.learnt)...)
}

// signedIn says whether every account could be looked at.
func (r *CheckReply) signedIn() bool {
	return !slices.ContainsFunc(r.Accounts, func(a AccountCheck) bool {
		return slices.ContainsFunc(a.Rows, func(row Row) bool { return row.What == "IMAP" && row.State == stateFail })
	})
}

// checkCalendars says whether each calendar can be read now.
func (e *Engine) checkCalendars(ctx context.Context, m *mask) []Row {
	ctx, cancel := context.WithTimeout(ctx, calendarLimit)
	defer cancel()
	rows := make([]Row, len(e.Calendars))
	var reading sync.WaitGroup
	for i, source := range e.Calendars {
		reading.Go(func() {
			row := Row{State: stateOK, What: fmt.Sprintf("calendar %d", i+1), How: howTried, At: e.clock.Now()}
			found, err := calendar.Fetch(ctx, source, e.CalendarOptions(e.clock.Now()))
			if err != nil {
				row.State, row.Result, row.Words = stateFail, "it cannot be read", m.hide(err.Error())
			} else if row.Result = fmt.Sprintf("busy at %d times in the next weeks", len(found.Busy)); len(found.Problems) > 0 {
				row.State, row.Words = stateNote, fmt.Sprintf("%d lines of it cannot be read: introd status says which", len(found.Problems))
			}
			rows[i] = row
		})
	}
	reading.Wait()
	return rows
}

// checkRecords says what stands in the way of introd's work, without the names of people.
func (e *Engine) checkRecords(m *mask) (rows []Row, err error) {
	now := e.clock.Now()
	rows = []Row{{State: stateOK, What: "records", Result: "they can be read and written", How: howTried, At: now}}
	err = e.store.View(func(tx *store.Tx) error {
		drafts, err := tx.OpenDrafts()
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if d.State == store.Approved && d.Attempts > 0 && d.Reason != "" {
				p, err := tx.Person(d.Person)
				if err != nil {
					return err
				}
				m.name(p.Name, "<person>")
				m.add(domainOf(p.Address), "<their domain>")
				rows = append(rows, Row{State: stateFail, What: "mail", Result: "one could not be sent yet",
					Words: m.hide(strings.TrimSuffix(d.Reason, "; introd tries again")) + ". The next try is " + e.when(d.SendAt), How: howTried, At: d.Date})
			}
		}
		for o, err := range tx.Objects() {
			if err != nil {
				return err
			}
			if o.Trouble != "" && o.State == store.Planned {
				rows = append(rows, Row{State: stateFail, What: "mail", Result: "one of introd's own waits to be put up", Words: m.hide(o.Trouble), How: howTried, At: now})
			}
		}
		return nil
	})
	return rows, err
}
