package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// Advice is one entry of the advice ledger: what they advised, what the owner did, what came of it.
type Advice struct {
	Item    string    `json:"item"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Did     string    `json:"did,omitempty"`
	Outcome string    `json:"outcome,omitempty"`
	OutAt   time.Time `json:"out_at,omitzero"`
	Told    bool      `json:"told"` // the adviser was told of the outcome
}

// A Task is something that the owner has taken on after a talk.
type Task struct {
	Item string
	Text string
	At   time.Time
	Due  time.Time // zero: no date
	Done bool
}

// Ledger folds a history to its advice, the oldest first.
func Ledger(history []store.Event) []Advice {
	var ledger []Advice
	find := func(item string) *Advice {
		if i := slices.IndexFunc(ledger, func(a Advice) bool { return a.Item == item }); i >= 0 {
			return &ledger[i]
		}
		return &Advice{}
	}
	for _, ev := range ordered(history) {
		switch ev.Kind {
		case store.Advised:
			ledger = append(ledger, Advice{Item: ev.Item, Text: ev.Text, At: ev.At})
		case store.Acted:
			find(ev.Item).Did = ev.Text
		case store.CameOf:
			a := find(ev.Item)
			a.Outcome, a.OutAt = ev.Text, ev.At
		case store.MailOut:
			if item, ok := strings.CutPrefix(ev.Want, "outcome/"+ev.Person+"/"); ok {
				find(item).Told = true
			}
		}
	}
	return ledger
}

// Tasks folds a history to what the owner took on, the oldest first.
func Tasks(history []store.Event) []Task {
	var tasks []Task
	for _, ev := range ordered(history) {
		switch ev.Kind {
		case store.Tasked:
			tasks = append(tasks, Task{Item: ev.Item, Text: ev.Text, At: ev.At, Due: ev.Due})
		case store.Done:
			for i := range tasks {
				tasks[i].Done = tasks[i].Done || tasks[i].Item == ev.Item
			}
		}
	}
	return tasks
}

// NextItem numbers the next task or advice of a history.
func NextItem(history []store.Event) string {
	n := 1
	for _, ev := range history {
		if ev.Kind == store.Tasked || ev.Kind == store.Advised {
			n++
		}
	}
	return fmt.Sprint(n)
}

// ownTasks wants done what the owner took on.
func ownTasks(e *evaluation) {
	for _, t := range Tasks(e.History) {
		if !t.Done {
			e.want(Want{
				Key: "task/" + e.Person.ID + "/" + t.Item, Kind: TaskOwn, Task: true, From: t.At, Due: t.Due,
				Why: t.Text + " (" + e.Person.Name + ")",
			})
		}
	}
}

// linkedIn is the step that people forget: connecting while the talk is remembered.
func linkedIn(e *evaluation) {
	if !e.state.Thanked || e.state.Declined {
		return
	}
	for _, ev := range e.History {
		if ev.Kind == store.Touched && ev.Variant == "linkedin" {
			return
		}
	}
	e.want(Want{
		Key: "linkedin/" + e.Person.ID, Kind: TaskLinkedIn, Task: true, From: e.state.ThankedAt,
		Why: "connect with " + e.Person.Name + " on LinkedIn, while your talk is remembered",
	})
}

// debriefed asks about the people that the owner named after a talk. Nobody is added without them (P6).
func debriefed(e *evaluation) {
	for _, ev := range e.History {
		if ev.Kind != store.Debriefed || ev.Debrief == nil {
			continue
		}
		people := slices.DeleteFunc(slices.Clone(ev.Debrief.Named), func(p store.Named) bool { return p.Email != "" && slices.Contains(e.Known, p.Email) })
		if len(people) > 0 {
			e.want(Want{
				Key: eventKey(TaskNamed, &ev), Kind: TaskNamed, Task: true, From: ev.At, Named: people,
				Why: e.Person.Name + " pointed you to " + names(people) + ": add them with `introd add`, if you like",
			})
		}
	}
}

// outcomes tells advisers what came of their advice.
func outcomes(e *evaluation) {
	for _, a := range Ledger(e.History) {
		if a.Did == "" || a.Outcome == "" || a.Told {
			continue
		}
		e.want(Want{
			Key: "outcome/" + e.Person.ID + "/" + a.Item, Kind: OutcomeAdviser, From: a.OutAt, Parent: e.state.lastMail(), Advice: &a,
			Why: "something came of their advice: people like to hear it",
		})
	}
}

// keepInTouch writes to somebody the owner has met when nobody has written for a while, and never
// without something to say: the owner is asked for it, and a season that passes without is over.
func keepInTouch(e *evaluation) {
	s := e.state
	if e.rules.KeepInTouch <= 0 || !s.Thanked || s.LastOut == nil || s.stands() && !e.now.After(s.Meeting.End) {
		return
	}
	last := s.LastOut.At
	if s.LastIn != nil && s.LastIn.At.After(last) {
		last = s.LastIn.At
	}
	from := at(last.In(e.rules.Zone).AddDate(0, e.rules.KeepInTouch, 0), e.rules.DayStart, e.rules.Zone)
	for until := from.AddDate(0, e.rules.KeepInTouch, 0); !until.After(e.now); until = from.AddDate(0, e.rules.KeepInTouch, 0) {
		from = until // nothing was said in that season
	}
	e.want(Want{
		Key: fmt.Sprintf("keep-in-touch/%s/%s", e.Person.ID, quarter(from)), Kind: KeepInTouch, From: from, Until: from.AddDate(0, e.rules.KeepInTouch, 0),
		NeedsSentence: true, Parent: s.lastMail(), Why: "you have not been in touch since " + last.In(e.rules.Zone).Format("January 2"),
	})
}

// quarter names the quarter of a moment: "2027-Q1".
func quarter(t time.Time) string { return fmt.Sprintf("%d-Q%d", t.Year(), (int(t.Month())+2)/3) }
