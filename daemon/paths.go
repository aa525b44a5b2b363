package daemon

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"introd/daemon/network"
	"introd/store"
)

// PathsRequest asks who can introduce the owner to an organization.
type PathsRequest struct {
	Org   string `json:"org"`
	Loose bool   `json:"loose,omitempty"`
}

// PathsReply lists whom to ask, the warmest first.
type PathsReply struct {
	Org   string         `json:"org"`
	Mined bool           `json:"mined"` // the mailbox was read for who the owner really knows
	Paths []network.Path `json:"paths"`
}

// Paths answers whom the owner can ask for an introduction at an organization, and how warm that path is.
func (e *Engine) Paths(_ context.Context, q PathsRequest) (r PathsReply, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		r = PathsReply{Org: q.Org, Paths: []network.Path{}}
		if t, err := target(tx, q.Org); err == nil {
			r.Org = t.Name
		}
		everybody, domains, err := e.peopleFor(tx, r.Org)
		if err != nil {
			return err
		}
		contacts, err := contactsFor(tx, r.Org)
		if err != nil {
			return err
		}
		own := e.ownAddresses()
		if err := tx.EachTally(func(t store.Tally) error {
			r.Mined = true
			if _, domain, _ := strings.Cut(t.Address, "@"); slices.Contains(domains, domain) && !slices.Contains(own, t.Address) {
				contacts = append(contacts, network.Someone{Name: cmp.Or(t.Name, t.Address), Addresses: []string{t.Address}, Source: "your mail"})
			}
			return nil
		}); err != nil {
			return err
		}
		everybody = append(everybody, contacts...)
		for i := range everybody {
			if everybody[i].Tally, err = tallyOf(tx, everybody[i].Addresses); err != nil {
				return err
			}
		}
		r.Paths = append(r.Paths, network.Paths(r.Org, domains, everybody, tx.Now(), q.Loose)...)
		return nil
	})
	return r, err
}

// peopleFor are the owner's people as paths, with those who introduced somebody there, and the mail
// domains of those who work there.
func (e *Engine) peopleFor(tx *store.Tx, org string) (people []network.Someone, domains []string, err error) {
	for p, err := range tx.People() {
		if err != nil {
			return nil, nil, err
		}
		works, err := tx.Org(p.Org)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, nil, err
		}
		s := network.Someone{Name: p.Name, Addresses: []string{p.Address}, Org: works.Name, Person: p.ID}
		people = append(people, s)
		if network.Match(org, works.Name) != network.Exact {
			continue
		}
		if domain := store.PrivateDomain(p.Address); domain != "" {
			domains = append(domains, domain)
		}
		if via, err := tx.Person(p.Via); err == nil {
			people = append(people, network.Someone{Name: via.Name, Addresses: []string{via.Address}, Person: via.ID, Knows: p.Name})
		}
	}
	return people, domains, nil
}

// contactsFor are the contacts whose organization may be the one meant, by the index of organizations.
func contactsFor(tx *store.Tx, org string) (found []network.Someone, err error) {
	slugs, err := tx.ContactOrgs()
	if err != nil {
		return nil, err
	}
	for _, slug := range slugs {
		if network.Match(org, slug) == "" {
			continue
		}
		ids, err := tx.ContactsBy("org", slug)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			c, err := tx.Contact(id)
			if err != nil {
				return nil, err
			}
			found = append(found, network.Someone{Name: c.Name, Addresses: c.Addresses, Org: c.Org, Position: c.Position, Source: sourceWords(c)})
		}
	}
	return found, nil
}

func sourceWords(c store.Contact) string {
	switch c.Source {
	case "linkedin":
		if !c.Since.IsZero() {
			return "LinkedIn, connected since " + c.Since.Format("January 2006")
		}
		return "LinkedIn"
	case "vcard":
		return "your address book"
	}
	return "your list"
}

// tallyOf joins the tallies of all addresses of somebody.
func tallyOf(tx *store.Tx, addresses []string) (sum store.Tally, err error) {
	for _, a := range addresses {
		t, err := tx.Tally(a)
		if err != nil {
			return sum, err
		}
		sum = network.Join(sum, t)
	}
	return sum, nil
}
