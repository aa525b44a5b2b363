package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"

	"introd/daemon/report"
	"introd/daemon/steps"
	"introd/store"
)

// book gathers everything that the records hold of people; without the texts of their mails where those
// do not count, as they are most of it.
func (e *Engine) book(texts bool) (b report.Book, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		b = report.Book{Owner: e.Owner.Name, At: tx.Now(), Zone: e.Owner.Zone}
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			person := report.Person{Person: p}
			if person.History, err = tx.History(p.ID); err != nil {
				return err
			}
			if person.Aliases, err = tx.Aliases(p.ID); err != nil {
				return err
			}
			if person.Organization, err = tx.Org(p.Org); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			person.State = steps.Fold(person.History, tx.Now())
			for _, ev := range person.History {
				if ev.Mail != nil && !texts {
					ev.Mail.Text = ""
				}
			}
			b.People = append(b.People, person)
		}
		return nil
	})
	return b, err
}

// StatsReply is what came of all the asking.
type StatsReply struct {
	Funnel  []report.Row  `json:"funnel"` // all, then by source
	Tree    []report.Node `json:"tree"`
	Picture string        `json:"picture,omitempty"`
}

// StatsRequest asks for the numbers; Picture for the SVG too.
type StatsRequest struct {
	Picture bool `json:"picture,omitempty"`
}

// Stats counts who was asked, answered, met, was thanked and told, by source, and who led to whom.
func (e *Engine) Stats(_ context.Context, q StatsRequest) (r StatsReply, err error) {
	b, err := e.book(false)
	if err != nil {
		return r, err
	}
	r = StatsReply{Funnel: report.Funnel(b), Tree: report.Tree(b)}
	if q.Picture {
		r.Picture = report.Picture(b)
	}
	return r, nil
}

// Export writes all records into a folder as plain files.
func (e *Engine) Export(_ context.Context, q FileRequest) (r Reply, err error) {
	if files, err := os.ReadDir(q.Path); err == nil && len(files) > 0 {
		return r, refuse("%s is not empty: name a new folder", q.Path)
	}
	if err := e.noteCopy(q.Path); err != nil {
		return r, err
	}
	b, err := e.book(true)
	if err != nil {
		return r, err
	}
	if err := report.Export(b, q.Path); err != nil {
		return r, fmt.Errorf("writing the export: %w", err)
	}
	r.Words = fmt.Sprintf("%d people are in %s: a page each, people.csv, people.vcf, meetings.ics, and introd.json, which introd import reads again.", len(b.People), q.Path)
	return r, nil
}

// ImportExport takes in the people of an export who are not known yet, with their histories. Who is
// known already, by id or address, stays as they are.
func (e *Engine) ImportExport(_ context.Context, q FileRequest) (r Reply, err error) {
	raw, err := os.ReadFile(q.Path)
	if err != nil {
		return r, refuse("%s", Plain(err))
	}
	b, err := report.ReadJSON(raw)
	if err != nil {
		return r, refuse("%s: %v", q.Path, err)
	}
	taken := 0
	for _, p := range b.People {
		isNew, err := e.readmit(p)
		if err != nil {
			return r, fmt.Errorf("taking in %s: %w", p.ID, err)
		}
		if isNew {
			taken++
		}
	}
	e.Wake()
	r.Words = fmt.Sprintf("%d people taken in, with their histories; %d were known already and stay as they are.", taken, len(b.People)-taken)
	return r, nil
}

// eventPage is how many events one transaction takes in.
const eventPage = 200

// readmit takes in one person of an export, the person last: if it breaks off, the next try goes on
// behind the events that are there.
func (e *Engine) readmit(p report.Person) (isNew bool, err error) {
	for more := true; more; {
		if err := e.update(func(tx *store.Tx) error {
			_, err := tx.Person(p.ID)
			_, _, err2 := tx.PersonByAddress(p.Address)
			if isNew = errors.Is(err, store.ErrNotFound) && errors.Is(err2, store.ErrNotFound); !isNew {
				more = false
				return nil
			}
			have, err := tx.LastSeq(p.ID)
			if err != nil {
				return err
			}
			rest := p.History[min(int(have), len(p.History)):]
			more = len(rest) > eventPage
			if err := readmitEvents(tx, p, rest[:min(len(rest), eventPage)]); err != nil || more {
				return err
			}
			return e.readmitPerson(tx, p)
		}); err != nil {
			return false, err
		}
	}
	return isNew, nil
}

func readmitEvents(tx *store.Tx, p report.Person, events []store.Event) error {
	for _, ev := range events {
		if _, err := tx.Append(ev); err != nil {
			return err
		}
		if ev.Kind == store.OptedOut {
			for _, a := range p.Aliases {
				if err := tx.OptOut(a.Address); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *Engine) readmitPerson(tx *store.Tx, p report.Person) error {
	if !e.hasAccount(p.Person.Account) {
		p.Person.Account = ""
	}
	if err := tx.PutPerson(p.Person); err != nil {
		return err
	}
	for _, a := range p.Aliases {
		if _, _, err := tx.PersonByAddress(a.Address); a.Address != p.Address && err == nil {
			continue // somebody else's meanwhile
		}
		if err := tx.PutAlias(a); err != nil {
			return err
		}
	}
	if _, err := tx.Org(p.Organization.ID); errors.Is(err, store.ErrNotFound) && p.Organization.ID != "" {
		if err := tx.PutOrg(p.Organization); err != nil {
			return err
		}
	}
	return errors.Join(e.searchFor(tx, p.Address), e.reconcile(tx, p.ID))
}
