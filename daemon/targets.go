package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/store"
)

// TargetRequest adds a target or changes one. Everything but Target may be empty.
type TargetRequest struct {
	Target   string           `json:"target"` // its name, or its id
	Kind     store.TargetKind `json:"kind,omitempty"`
	Note     string           `json:"note,omitempty"`
	Link     string           `json:"link,omitempty"`
	Question string           `json:"question,omitempty"`
	Rank     int              `json:"rank,omitempty"` // 1 is first
	Add      bool             `json:"add,omitempty"`
	Drop     bool             `json:"drop,omitempty"`
}

// Target adds, changes or drops what the owner wants to learn about.
func (e *Engine) Target(_ context.Context, q TargetRequest) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		t, err := target(tx, q.Target)
		switch {
		case q.Add && err == nil:
			return refuse("%s is on your list already: see introd target show %s", t.Name, t.ID)
		case q.Add:
			t, err = newTarget(tx, q)
		}
		if err != nil {
			return err
		}
		if q.Drop {
			r.Words = t.Name + " is off your list. The people you know there stay."
			return errors.Join(tx.DeleteTarget(t.ID), rerank(tx, t, 0))
		}
		if q.Note != "" {
			t.Notes = append(t.Notes, store.TargetNote{At: tx.Now(), Text: q.Note})
		}
		t.Links, t.Questions = withNew(t.Links, q.Link), withNew(t.Questions, q.Question)
		if err := tx.PutTarget(t); err != nil {
			return err
		}
		if q.Rank > 0 {
			if err := rerank(tx, t, q.Rank); err != nil {
				return err
			}
		}
		r.ID, r.Words = t.ID, t.Name+" is up to date."
		if q.Add {
			r.Words = fmt.Sprintf("%s is on your list as %s.", t.Name, t.ID)
		}
		return nil
	})
	return r, err
}

// target finds a target by its id or name.
func target(tx *store.Tx, word string) (store.Target, error) {
	for _, id := range []string{word, store.OrgSlug(word)} {
		if t, err := tx.Target(id); !errors.Is(err, store.ErrNotFound) {
			return t, err
		}
	}
	return store.Target{}, refuse("%q is not on your list: see introd target list", word)
}

func newTarget(tx *store.Tx, q TargetRequest) (store.Target, error) {
	t := store.Target{ID: store.OrgSlug(q.Target), Name: strings.Join(strings.Fields(q.Target), " "), Kind: q.Kind, Added: tx.Now()}
	if t.ID == "" {
		return t, refuse("a target needs a name")
	}
	if t.Kind == "" {
		t.Kind = store.Employer
	}
	if !slices.Contains([]store.TargetKind{store.Field, store.Industry, store.Employer}, t.Kind) {
		return t, refuse("a target is a field, an industry or an organization, not %q", q.Kind)
	}
	if t.Kind == store.Employer {
		if err := putOrgNamed(tx, t.Name); err != nil {
			return t, err
		}
	}
	all, err := tx.Targets()
	t.Rank = len(all) + 1
	return t, err
}

// rerank puts a target at a place among the others and counts anew; place 0 counts those that are left.
func rerank(tx *store.Tx, t store.Target, place int) error {
	all, err := tx.Targets()
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(other store.Target) bool { return other.ID == t.ID })
	if place > 0 {
		all = slices.Insert(all, min(place-1, len(all)), t)
	}
	for i, other := range all {
		if other.Rank == i+1 {
			continue
		}
		other.Rank = i + 1
		if err := tx.PutTarget(other); err != nil {
			return err
		}
	}
	return nil
}

// withNew adds a line that is not there yet.
func withNew(lines []string, line string) []string {
	if line = strings.TrimSpace(line); line == "" || slices.Contains(lines, line) {
		return lines
	}
	return append(lines, line)
}

// TargetLine is one line of the list of targets.
type TargetLine struct {
	ID     string           `json:"id"`
	Name   string           `json:"name"`
	Kind   store.TargetKind `json:"kind"`
	Rank   int              `json:"rank"`
	People int              `json:"people"` // who can tell of it; 0: nobody yet
	Met    int              `json:"met"`    // of these, with whom the owner has talked
}

// Targets lists what the owner wants to learn about, by rank.
func (e *Engine) Targets(context.Context, None) (lines []TargetLine, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		lines, err = e.targetLines(tx)
		return err
	})
	return lines, err
}

func (e *Engine) targetLines(tx *store.Tx) ([]TargetLine, error) {
	all, err := tx.Targets()
	if err != nil {
		return nil, err
	}
	lines := []TargetLine{}
	for _, t := range all {
		people, err := tx.PeopleOn(t.ID)
		if err != nil {
			return nil, err
		}
		line := TargetLine{ID: t.ID, Name: t.Name, Kind: t.Kind, Rank: t.Rank, People: len(people)}
		for _, id := range people {
			history, err := tx.History(id)
			if err != nil {
				return nil, err
			}
			if s := steps.Fold(history, tx.Now()); s.Thanked || s.Stage == steps.StageMet {
				line.Met++
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// nobodyYet names the targets of which nobody can tell.
func nobodyYet(tx *store.Tx) (names []string, err error) {
	all, err := tx.Targets()
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		people, err := tx.PeopleOn(t.ID)
		if err != nil {
			return nil, err
		}
		if len(people) == 0 {
			names = append(names, t.Name)
		}
	}
	return names, nil
}

// TargetView is all about one target: the owner's own notes, and what people told them.
type TargetView struct {
	store.Target
	People []PersonLine `json:"people,omitempty"`
	Learnt []Learnt     `json:"learnt,omitempty"` // from the talks, the oldest first
}

// Learnt is what one talk brought.
type Learnt struct {
	Person string        `json:"person"`
	Name   string        `json:"name"`
	At     time.Time     `json:"at"`
	What   store.Debrief `json:"what"`
}

// TargetRef names a target.
type TargetRef struct {
	Target string `json:"target"`
}

// ShowTarget tells all about one target.
func (e *Engine) ShowTarget(_ context.Context, q TargetRef) (v TargetView, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		if v.Target, err = target(tx, q.Target); err != nil {
			return err
		}
		people, err := tx.PeopleOn(v.Target.ID)
		if err != nil {
			return err
		}
		for _, id := range people {
			line, c, err := e.personLine(tx, id)
			if err != nil {
				return err
			}
			v.People = append(v.People, line)
			for _, ev := range c.History {
				if ev.Kind == store.Debriefed && ev.Debrief != nil {
					v.Learnt = append(v.Learnt, Learnt{Person: id, Name: c.Person.Name, At: ev.At, What: *ev.Debrief})
				}
			}
		}
		slices.SortFunc(v.Learnt, func(a, b Learnt) int { return a.At.Compare(b.At) })
		return nil
	})
	return v, err
}

// putOrgNamed makes the organization of a name known.
func putOrgNamed(tx *store.Tx, name string) error {
	id := store.OrgSlug(name)
	_, err := tx.Org(id)
	if errors.Is(err, store.ErrNotFound) {
		return tx.PutOrg(store.Organization{ID: id, Name: name})
	}
	return err
}
