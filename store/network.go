package store

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// A Contact is somebody the owner knows from an address book or a list. A contact is not a Person:
// nothing is written to them until the owner adds them.
type Contact struct {
	ID        string    `json:"id"` // random
	Name      string    `json:"name"`
	Addresses []string  `json:"addresses,omitempty"` // lower case
	Org       string    `json:"org,omitempty"`       // as the file names it
	Position  string    `json:"position,omitempty"`
	URL       string    `json:"url,omitempty"`
	Phone     string    `json:"phone,omitempty"`
	Source    string    `json:"source"`         // linkedin, vcard, csv
	Since     time.Time `json:"since,omitzero"` // connected since, where the file says it
	Import    string    `json:"import"`         // the Import that brought it
}

// An Import is one file that was taken in. What it changed is kept, so that it can be undone.
type Import struct {
	ID      string    `json:"id"`   // a number, counted from 1
	File    string    `json:"file"` // its name, without the folder
	Source  string    `json:"source"`
	At      time.Time `json:"at"`
	Added   []string  `json:"added,omitempty"`   // ids of new contacts
	Changed []Contact `json:"changed,omitempty"` // contacts as they were before it filled them in
}

// A Tally is how the owner and an address have written to one another: all that introd network keeps.
type Tally struct {
	Address  string    `json:"address"` // lower case
	Name     string    `json:"name,omitempty"`
	Sent     int       `json:"sent"`     // mails from the owner to them
	Received int       `json:"received"` // mails from them to the owner
	LastSent time.Time `json:"last_sent,omitzero"`
	LastGot  time.Time `json:"last_got,omitzero"`
	Step     int       `json:"step,omitempty"` // the storing of counts that came last, see daemon's countUp
}

// Contact returns a contact by its id.
func (tx *Tx) Contact(id string) (c Contact, err error) {
	err = tx.get(key("l", id), &c)
	return c, err
}

// PutContact stores a contact and where it is found by: addresses, page, organization.
func (tx *Tx) PutContact(c Contact) error {
	if err := tx.DeleteContact(c.ID); err != nil {
		return err
	}
	for _, k := range c.keys() {
		if err := tx.point(k, ""); err != nil {
			return err
		}
	}
	return tx.put(key("l", c.ID), c)
}

// keys are the index keys of a contact. Each ends in its id: several contacts may share an address.
func (c Contact) keys() (keys [][]byte) {
	for _, a := range c.Addresses {
		keys = append(keys, key("K", "address", strings.ToLower(a), c.ID))
	}
	if c.URL != "" {
		keys = append(keys, key("K", "url", strings.ToLower(c.URL), c.ID))
	}
	if slug := OrgSlug(c.Org); slug != "" {
		keys = append(keys, key("K", "org", slug, c.ID))
	}
	return append(keys, key("K", "name", strings.ToLower(c.Name), c.ID))
}

// DeleteContact removes a contact; one that is not there is no error.
func (tx *Tx) DeleteContact(id string) error {
	c, err := tx.Contact(id)
	if err != nil {
		return ignoreNotFound(err)
	}
	for _, k := range c.keys() {
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return tx.remove(key("l", id))
}

func ignoreNotFound(err error) error {
	if err == ErrNotFound {
		return nil
	}
	return err
}

// Contacts yields all contacts.
func (tx *Tx) Contacts() iter.Seq2[Contact, error] { return each[Contact](tx, under("l")) }

// ContactsBy returns the ids of contacts by "address", "url", "name" (lower case) or "org" (a slug).
func (tx *Tx) ContactsBy(what, value string) ([]string, error) {
	ids, err := tx.names(under("K", what, strings.ToLower(value)))
	slices.Sort(ids)
	return ids, err
}

// ContactOrgs yields the slugs of all organizations that contacts name.
func (tx *Tx) ContactOrgs() (slugs []string, err error) {
	keys, err := tx.names(under("K", "org"))
	for _, k := range keys {
		slug, _, _ := strings.Cut(k, "\x00")
		slugs = append(slugs, slug)
	}
	return slices.Compact(slugs), err
}

// PutImport stores what an import did.
func (tx *Tx) PutImport(i Import) error { return tx.put(key("j", i.ID), i) }

// DeleteImport forgets an import that was undone.
func (tx *Tx) DeleteImport(id string) error { return tx.remove(key("j", id)) }

// Imports returns all imports, the oldest first.
func (tx *Tx) Imports() ([]Import, error) {
	var all []Import
	for i, err := range each[Import](tx, under("j")) {
		if err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b Import) int { return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// Tally returns how the owner and an address have written to one another; zero for never.
func (tx *Tx) Tally(address string) (Tally, error) {
	t := Tally{Address: strings.ToLower(address)}
	return t, ignoreNotFound(tx.get(key("y", t.Address), &t))
}

// PutTally stores a tally.
func (tx *Tx) PutTally(t Tally) error { return tx.put(key("y", t.Address), t) }

// EachTally calls fn for every tally, by address.
func (tx *Tx) EachTally(fn func(Tally) error) error {
	for t, err := range each[Tally](tx, under("y")) {
		if err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
	}
	return nil
}

// ClearTallies removes up to most tallies and says whether any are left: one transaction holds so many.
func (tx *Tx) ClearTallies(most int) (more bool, err error) {
	addresses, err := tx.names(under("y"))
	if err != nil {
		return false, err
	}
	for _, a := range addresses[:min(most, len(addresses))] {
		if err := tx.remove(key("y", a)); err != nil {
			return false, err
		}
	}
	return len(addresses) > most, nil
}
