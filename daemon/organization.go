package daemon

import (
	"errors"
	"slices"

	"introd/daemon/steps"
	"introd/store"
)

// peopleNear are the others whom the owner has at a person's organization, by its name and by its mail
// domain; those who were introduced come first.
func peopleNear(tx *store.Tx, p store.Person) (near []store.Person, err error) {
	var ids []string
	if p.Org != "" {
		if ids, err = tx.PeopleAt(p.Org); err != nil {
			return nil, err
		}
	}
	byDomain, err := tx.PeopleAtDomain(domainOf(p.Address))
	if err != nil {
		return nil, err
	}
	ids = append(ids, byDomain...)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id == p.ID {
			continue
		}
		other, err := tx.Person(id)
		if err != nil {
			return nil, err
		}
		near = append(near, other)
	}
	slices.SortStableFunc(near, func(a, b store.Person) int { return rank(a) - rank(b) })
	return near, nil
}

// rank puts first who can be asked in somebody's name.
func rank(p store.Person) int {
	if p.Via != "" {
		return 0
	}
	return 1
}

// mostColleagues bounds how many people of one organization a rule looks at.
const mostColleagues = 50

// colleaguesOf are those who could be asked in a person's stead, while a request to that person is unanswered.
func colleaguesOf(tx *store.Tx, p store.Person, history []store.Event) ([]steps.Colleague, error) {
	if !steps.Unanswered(history, tx.Now()) {
		return nil, nil
	}
	near, err := peopleNear(tx, p)
	if err != nil {
		return nil, err
	}
	var colleagues []steps.Colleague
	for _, other := range near[:min(len(near), mostColleagues)] {
		theirs, err := tx.History(other.ID)
		if err != nil {
			return nil, err
		}
		out, err := tx.OptedOut(other.Address)
		if err != nil {
			return nil, err
		}
		c := steps.ColleagueOf(other, theirs, tx.Now())
		c.Free = c.Free && !out && !other.Paused
		colleagues = append(colleagues, c)
	}
	return colleagues, nil
}

// wakeColleagues has those looked at again whose request is overtaken by one to somebody else at their organization.
func (e *Engine) wakeColleagues(tx *store.Tx, person string) error {
	p, err := tx.Person(person)
	if err != nil {
		return err
	}
	near, err := peopleNear(tx, p)
	for _, other := range near[:min(len(near), mostColleagues)] {
		err = errors.Join(err, tx.Wake(other.ID, tx.Now()))
	}
	return err
}

// openRequestAt names somebody else at a person's organization whose request is open.
func (e *Engine) openRequestAt(tx *store.Tx, p store.Person) (string, error) {
	near, err := peopleNear(tx, p)
	if err != nil {
		return "", err
	}
	for _, other := range near {
		history, err := tx.History(other.ID)
		if err != nil {
			return "", err
		}
		if !steps.OpenRequest(history, e.Rules, tx.Now()).IsZero() {
			return other.Name, nil
		}
	}
	return "", nil
}
