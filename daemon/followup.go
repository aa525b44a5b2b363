package daemon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/store"
)

// taskCode names a task for the owner: four letters and digits that follow from its key.
func taskCode(key string) string { return fmt.Sprintf("t%x", sha256.Sum256([]byte(key)))[:5] }

// TaskLine is one thing for the owner to do.
type TaskLine struct {
	Code   string    `json:"code"`
	Key    string    `json:"key"`
	Person string    `json:"person"`
	Words  string    `json:"words"`
	Due    time.Time `json:"due,omitzero"`
}

// TaskList lists what the owner has to do that introd cannot do for them; what has a date first.
func (e *Engine) TaskList(context.Context, None) (lines []TaskLine, err error) {
	lines = []TaskLine{}
	err = e.store.View(func(tx *store.Tx) error {
		agenda, err := e.agenda(tx)
		for _, i := range agenda.Tasks {
			lines = append(lines, TaskLine{Code: i.Code, Key: i.Key, Person: i.Person, Words: i.Words, Due: i.Due})
		}
		return err
	})
	slices.SortStableFunc(lines, func(a, b TaskLine) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			return cmp.Compare(b.Due.Unix(), a.Due.Unix())
		}
		return a.Due.Compare(b.Due)
	})
	return lines, err
}

// DoneRequest names a task by its code or key.
type DoneRequest struct {
	Task string `json:"task"`
}

// Done settles a task: it is done, or the owner does not want to do it.
func (e *Engine) Done(_ context.Context, q DoneRequest) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		agenda, err := e.agenda(tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(agenda.Tasks, func(i Item) bool { return i.Code == strings.ToLower(q.Task) || i.Key == q.Task })
		if i < 0 {
			return refuse("there is no task %q: see introd tasks", q.Task)
		}
		task := agenda.Tasks[i]
		ev := store.Event{Person: task.Person, Kind: store.Dropped, Want: task.Key}
		if item, own := strings.CutPrefix(task.Key, "task/"+task.Person+"/"); own {
			ev = store.Event{Person: task.Person, Kind: store.Done, Item: item}
		}
		if _, err := tx.Append(ev); err != nil {
			return err
		}
		r.Words = "Done: " + task.Words + "."
		return e.reconcile(tx, task.Person)
	})
	e.Wake()
	return r, err
}

// TaskRequest takes something on.
type TaskRequest struct {
	Person string `json:"person"`
	Text   string `json:"text"`
}

// AddTask takes something on that came of a talk. A day in the words is its date.
func (e *Engine) AddTask(_ context.Context, q TaskRequest) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		p, history, err := knownWithHistory(tx, q.Person)
		if err != nil {
			return err
		}
		if q.Text = strings.TrimSpace(q.Text); q.Text == "" {
			return refuse("say what is to be done: introd task %s \"send the paper by Friday\"", p.ID)
		}
		due := e.dateIn(q.Text, tx.Now())
		if _, err := tx.Append(store.Event{Person: p.ID, Kind: store.Tasked, Item: steps.NextItem(history), Text: q.Text, Due: due}); err != nil {
			return err
		}
		r.Words = "Noted: " + q.Text + "."
		if !due.IsZero() {
			r.Words = "Noted, for " + e.on(due) + ": " + q.Text + "."
		}
		return e.reconcile(tx, p.ID)
	})
	e.Wake()
	return r, err
}

// AdviceLine is one entry of the advice ledger.
type AdviceLine struct {
	Person string `json:"person"`
	Name   string `json:"name"`
	steps.Advice
}

// AdviceList is the advice ledger of everybody, the oldest first.
func (e *Engine) AdviceList(context.Context, None) (lines []AdviceLine, err error) {
	lines = []AdviceLine{}
	err = e.store.View(func(tx *store.Tx) error {
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			history, err := tx.History(p.ID)
			if err != nil {
				return err
			}
			for _, a := range steps.Ledger(history) {
				lines = append(lines, AdviceLine{p.ID, p.Name, a})
			}
		}
		return nil
	})
	slices.SortFunc(lines, func(a, b AdviceLine) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Person, b.Person)) })
	return lines, err
}

// AdviceRequest adds advice (Item empty), or what the owner did with it, or what came of it.
type AdviceRequest struct {
	Person  string `json:"person"`
	Item    string `json:"item,omitempty"`
	Text    string `json:"text,omitempty"`
	Did     string `json:"did,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

// Advice keeps the ledger: advice → what I did → what came of it. A finished entry drafts the mail
// that tells the adviser.
func (e *Engine) Advice(_ context.Context, q AdviceRequest) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		p, history, err := knownWithHistory(tx, q.Person)
		if err != nil {
			return err
		}
		if q.Text != "" {
			q.Item = steps.NextItem(history)
			r.Words = fmt.Sprintf("Noted as advice %s of %s. When you have followed it: introd advice %s --item %s --did \"…\"", q.Item, p.Name, p.ID, q.Item)
		} else if !slices.ContainsFunc(steps.Ledger(history), func(a steps.Advice) bool { return a.Item == q.Item }) {
			return refuse("%s has no advice %q: see introd advice", p.Name, q.Item)
		}
		for _, ev := range []store.Event{{Kind: store.Advised, Text: q.Text}, {Kind: store.Acted, Text: q.Did}, {Kind: store.CameOf, Text: q.Outcome}} {
			if ev.Text == "" {
				continue
			}
			ev.Person, ev.Item = p.ID, q.Item
			if _, err := tx.Append(ev); err != nil {
				return err
			}
		}
		if q.Outcome != "" {
			r.Words = "Noted. If you have said what you did, a mail that tells " + p.Name + " is drafted."
		}
		r.Words = cmp.Or(r.Words, "Noted.")
		return e.reconcileWithLinked(tx, p.ID) // who introduced them may hear of it too
	})
	e.Wake()
	return r, err
}
