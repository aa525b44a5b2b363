package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// Adding people, and further addresses of theirs.

// AddRequest adds a person, or an address to one.
type AddRequest struct {
	Person  string   `json:"person"` // "Dana Wu <dana@bigco.test>", or the id of somebody known
	ID      string   `json:"id,omitempty"`
	Org     string   `json:"org,omitempty"`
	Via     string   `json:"via,omitempty"` // an id, or "Prof. Lee <lee@uni.test>", who is then added too
	How     string   `json:"how,omitempty"`
	Zone    string   `json:"zone,omitempty"`
	Address string   `json:"address,omitempty"` // a further address of somebody known
	Account string   `json:"account,omitempty"` // the name of the account that they are written to from
	Targets []string `json:"targets,omitempty"` // fields and industries that they can tell of
}

// Add adds a person, or changes what is known of them.
func (e *Engine) Add(_ context.Context, q AddRequest) (r Reply, err error) {
	if q.Zone != "" {
		if _, err := time.LoadLocation(q.Zone); err != nil {
			return r, refuse("%q is not a time zone: give one such as America/New_York", q.Zone)
		}
	}
	err = e.update(func(tx *store.Tx) error {
		via := ""
		if q.Via != "" {
			introducer, _, err := e.findOrAdd(tx, q.Via, "", q.How)
			if err != nil {
				return err
			}
			via = introducer.ID
		}
		p, isNew, err := e.findOrAdd(tx, q.Person, q.ID, "")
		if err != nil {
			return err
		}
		if isNew && via == "" {
			p, err = e.addedFromIntroduction(tx, p)
		} else if isNew {
			p, err = e.fromIntroduction(tx, p, via, true)
		}
		if err != nil {
			return err
		}
		if err := e.fillPerson(tx, &p, via, q); err != nil {
			return err
		}
		r = Reply{ID: p.ID, Words: fmt.Sprintf("%s is known as %s.", p.Name, p.ID)}
		if isNew {
			r.Words = fmt.Sprintf("Added %s as %s.", p.Name, p.ID)
		}
		if err := tx.PutPerson(p); err != nil {
			return err
		}
		if err := e.wakeColleagues(tx, p.ID); err != nil { // there is somebody else to ask now
			return err
		}
		return e.reconcileWithLinked(tx, p.ID)
	})
	e.Wake() // their earlier mail is searched for
	return r, err
}

// fillPerson takes over what the owner says of a person. via is the id of who gave the name; "" for none.
func (e *Engine) fillPerson(tx *store.Tx, p *store.Person, via string, q AddRequest) error {
	if via == p.ID {
		return refuse("%s cannot have given you their own name: say somebody else after --via", p.Name)
	}
	if q.Account != "" && !e.hasAccount(q.Account) {
		return refuse("%q is none of your accounts: your config has %s", q.Account, e.accountNames())
	}
	p.Account = cmp.Or(q.Account, p.Account)
	if q.Address != "" {
		if err := e.addAddress(tx, p, q.Address); err != nil {
			return err
		}
	}
	p.How, p.Via, p.Zone = cmp.Or(q.How, p.How), cmp.Or(via, p.Via), cmp.Or(q.Zone, p.Zone)
	p.Hoped = p.Hoped && via == ""
	if q.Org != "" {
		p.Org = store.OrgSlug(q.Org)
		if err := putOrgNamed(tx, q.Org); err != nil {
			return err
		}
	}
	for _, word := range q.Targets {
		t, err := target(tx, word)
		if err != nil {
			return err
		}
		p.Targets = withNew(p.Targets, t.ID)
	}
	return nil
}

// findOrAdd finds a person by id, address or name, or adds them.
func (e *Engine) findOrAdd(tx *store.Tx, word, id, how string) (p store.Person, isNew bool, err error) {
	if p, err = called(tx, word); !errors.Is(err, store.ErrNotFound) {
		return p, false, err
	}
	a, err := mail.ParseAddress(word)
	if err != nil {
		return p, false, refuse("%q is neither somebody introd knows nor an address such as \"Dana Wu <dana@bigco.test>\"", word)
	}
	address := strings.ToLower(a.Address)
	if slices.Contains(e.ownAddresses(), address) {
		return p, false, refuse("%s is your own address", address)
	}
	if out, err := tx.OptedOut(address); err != nil {
		return p, false, err
	} else if out {
		return p, false, refuse("%s asked not to be written to", address)
	}
	if strings.TrimSpace(a.Name) == "" {
		return p, false, refuse("%s needs a name: \"Dana Wu <%s>\". A mail without one greets nobody", address, address)
	}
	if id, err = freeID(tx, id, a.Name); err != nil {
		return p, false, err
	}
	p = store.Person{ID: id, Name: strings.Join(strings.Fields(a.Name), " "), Address: address, How: how, Added: tx.Now()}
	if err := tx.PutPerson(p); err != nil {
		return p, false, err
	}
	return p, true, e.searchFor(tx, address)
}

// searchFor has the earlier mail of an address searched for at the next look.
func (e *Engine) searchFor(tx *store.Tx, address string) error {
	return e.eachBackfill(tx, func(waiting []string) []string { return append(waiting, address) })
}

// eachBackfill changes the lists of addresses whose earlier mail is still to be searched for.
func (e *Engine) eachBackfill(tx *store.Tx, change func(waiting []string) []string) error {
	for _, a := range e.Accounts {
		var waiting []string
		if _, err := tx.Setting(settingOf(settingBackfill, a.Name), &waiting); err != nil {
			return err
		}
		if err := tx.PutSetting(settingOf(settingBackfill, a.Name), change(waiting)); err != nil {
			return err
		}
	}
	return nil
}

// freeID makes an id of a name: "dana", else "dana-wu", else "dana-wu-2".
func freeID(tx *store.Tx, wish, name string) (string, error) {
	if wish != "" && !store.IsID(wish) {
		return "", refuse("%q cannot be a short name: use letters, digits and dashes", wish)
	}
	words := strings.Split(store.OrgSlug(strings.NewReplacer(".", " ", ",", " ").Replace(name)), "-")
	short := words[0]
	if len(words) > 1 && academic[short] {
		words = words[1:]
		short = words[len(words)-1] // professors are known by their last name
	}
	full := strings.Join(words, "-")
	candidates := []string{wish, short, full}
	for n := 2; n < 100 && full != ""; n++ {
		candidates = append(candidates, fmt.Sprintf("%s-%d", full, n))
	}
	for i, id := range candidates {
		if id == "" {
			continue
		}
		switch _, err := tx.Person(id); {
		case errors.Is(err, store.ErrNotFound):
			return id, nil
		case err != nil:
			return "", err
		case i == 0:
			return "", refuse("%s is taken already", id)
		}
	}
	return "", refuse("no short name can be made for %s: choose one with --id", name)
}

// addAddress makes a further address lead to somebody known, and writes to them there if the old one is dead.
func (e *Engine) addAddress(tx *store.Tx, p *store.Person, word string) error {
	address := addressOf(word)
	if slices.Contains(e.ownAddresses(), address) {
		return refuse("%s is your own address", address)
	}
	if err := e.keepNo(tx, p, address); err != nil {
		return err
	}
	if other, _, err := tx.PersonByAddress(address); err == nil && other.ID != p.ID {
		return refuse("%s is %s's address", address, other.Name)
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	_, old, err := tx.PersonByAddress(p.Address)
	if err != nil {
		return err
	}
	if err := tx.PutAlias(store.Alias{Address: address, Person: p.ID, Why: "agreed"}); err != nil {
		return err
	}
	if old.Dead {
		p.Address = address
		if _, err := tx.Append(store.Event{Person: p.ID, Kind: store.Reached, Text: address}); err != nil {
			return err
		}
	}
	return e.searchFor(tx, address)
}

// keepNo holds a no to its word: an address that asked not to be written to is nobody's new address,
// and a new address of somebody who asked so is closed as their others are (P7).
func (e *Engine) keepNo(tx *store.Tx, p *store.Person, address string) error {
	if out, err := tx.OptedOut(address); err != nil {
		return err
	} else if out {
		return refuse("%s asked not to be written to", address)
	}
	if out, err := tx.OptedOut(p.Address); err != nil || !out {
		return err
	}
	return tx.OptOut(address)
}
