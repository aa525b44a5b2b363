package store

import (
	"cmp"
	"slices"
	"time"
)

// A Target is a field, an industry or an organization that the owner wants to learn about.
type Target struct {
	ID        string       `json:"id"` // the name folded to a slug; of an organization, the Organization's id
	Name      string       `json:"name"`
	Kind      TargetKind   `json:"kind"`
	Rank      int          `json:"rank"` // 1 comes first; counted without gaps
	Notes     []TargetNote `json:"notes,omitempty"`
	Links     []string     `json:"links,omitempty"`
	Questions []string     `json:"questions,omitempty"` // what the owner wants to find out
	Added     time.Time    `json:"added"`
}

// TargetKind says what a target is.
type TargetKind string

// The kinds of targets.
const (
	Field    TargetKind = "field"
	Industry TargetKind = "industry"
	Employer TargetKind = "organization"
)

// A TargetNote is what the owner found out by themselves. What people told them stands in those people's
// histories, and is read from there.
type TargetNote struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Target returns a target by its id.
func (tx *Tx) Target(id string) (t Target, err error) {
	err = tx.get(key("z", id), &t)
	return t, err
}

// PutTarget stores a target.
func (tx *Tx) PutTarget(t Target) error { return tx.put(key("z", t.ID), t) }

// DeleteTarget removes a target. Who works there stays.
func (tx *Tx) DeleteTarget(id string) error { return tx.remove(key("z", id)) }

// Targets returns all targets by rank.
func (tx *Tx) Targets() ([]Target, error) {
	var all []Target
	for t, err := range each[Target](tx, under("z")) {
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Target) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// PeopleOn returns the ids of those who can tell of a target: who works there, or whom the owner put to it.
func (tx *Tx) PeopleOn(target string) ([]string, error) {
	there, err := tx.PeopleAt(target)
	if err != nil {
		return nil, err
	}
	put, err := tx.names(under("Z", target))
	all := append(there, put...)
	slices.Sort(all)
	return slices.Compact(all), err
}
