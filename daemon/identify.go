package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"introd/daemon/network"
	"introd/store"
)

// ImportRequest takes in a file of contacts.
type ImportRequest struct {
	Path string            `json:"path"` // absolute
	Map  map[string]string `json:"map,omitempty"`
}

// ImportReply tells what a file brought.
type ImportReply struct {
	ID       string            `json:"id,omitempty"` // to undo it
	Source   string            `json:"source"`
	Added    int               `json:"added"`
	Changed  int               `json:"changed"` // known, and now more is known of them
	Known    int               `json:"known"`   // known already
	Problems []network.Problem `json:"problems,omitempty"`
	Merges   []Merge           `json:"merges,omitempty"`  // may be the same
	Columns  []string          `json:"columns,omitempty"` // not understood: nothing was taken in
}

// A Merge is a pair of contacts that may be the same person.
type Merge struct {
	A store.Contact `json:"a"`
	B store.Contact `json:"b"`
}

// importPage is how many contacts one transaction takes in.
const importPage = 200

// Import takes in the contacts of a file. Who is known already, by address, page, or name and
// organization, is filled in, never doubled. A row that cannot be used is told with its line.
func (e *Engine) Import(ctx context.Context, q ImportRequest) (r ImportReply, err error) {
	raw, err := os.ReadFile(q.Path)
	if err != nil {
		return r, refuse("%s cannot be read: %v", q.Path, err)
	}
	file, err := network.Read(raw, q.Map)
	var unclear *network.MappingError
	if errors.As(err, &unclear) {
		r.Columns = unclear.Columns
		return r, nil
	}
	if err != nil {
		return r, refuse("%s: %v", q.Path, err)
	}
	done := store.Import{File: filepath.Base(q.Path), Source: file.Source, At: e.clock.Now()}
	if done.ID, err = e.nextImport(); err != nil {
		return r, err
	}
	r = ImportReply{ID: done.ID, Source: file.Source, Problems: file.Problems}
	for page := range slices.Chunk(file.Contacts, importPage) {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if err := e.store.Update(func(tx *store.Tx) error { return e.importPage(tx, page, done, &r) }); err != nil {
			return r, err
		}
	}
	return r, nil
}

// nextImport numbers imports: the newest one bears the highest number.
func (e *Engine) nextImport() (id string, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		all, err := tx.Imports()
		last := 0
		if len(all) > 0 {
			last, _ = strconv.Atoi(all[len(all)-1].ID)
		}
		id = strconv.Itoa(last + 1)
		return err
	})
	return id, err
}

// importPage takes in some contacts and notes in the import what it did with them, in one transaction.
func (e *Engine) importPage(tx *store.Tx, page []store.Contact, begun store.Import, total *ImportReply) error {
	done, err := importNamed(tx, begun)
	if err != nil {
		return err
	}
	r := *total
	for _, c := range page {
		known, err := sameContact(tx, c)
		if err != nil {
			return err
		}
		if known == nil {
			c.ID, c.Import = newID(), done.ID
			if err := tx.PutContact(c); err != nil {
				return err
			}
			done.Added = append(done.Added, c.ID)
			r.Added++
			if r.Merges, err = addMerges(tx, r.Merges, c); err != nil {
				return err
			}
			continue
		}
		filled := fillIn(*known, c)
		if sameFields(filled, *known) {
			r.Known++
			continue
		}
		if !slices.Contains(done.Added, known.ID) && !slices.ContainsFunc(done.Changed, func(old store.Contact) bool { return old.ID == known.ID }) {
			done.Changed = append(done.Changed, *known)
		}
		r.Changed++
		if err := tx.PutContact(filled); err != nil {
			return err
		}
	}
	if err := tx.PutImport(done); err != nil {
		return err
	}
	*total = r
	return nil
}

// importNamed is the import as the pages before have left it.
func importNamed(tx *store.Tx, begun store.Import) (store.Import, error) {
	all, err := tx.Imports()
	for _, i := range all {
		if i.ID == begun.ID {
			return i, err
		}
	}
	return begun, err
}

// sameContact finds the contact that a row certainly means.
func sameContact(tx *store.Tx, c store.Contact) (*store.Contact, error) {
	look := [][2]string{}
	for _, a := range c.Addresses {
		look = append(look, [2]string{"address", a})
	}
	if c.URL != "" {
		look = append(look, [2]string{"url", c.URL})
	}
	for _, l := range look {
		ids, err := tx.ContactsBy(l[0], l[1])
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 {
			known, err := tx.Contact(ids[0])
			return &known, err
		}
	}
	ids, err := tx.ContactsBy("name", c.Name)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		known, err := tx.Contact(id)
		if err != nil {
			return nil, err
		}
		agree := known.Org == c.Org || network.Match(known.Org, c.Org) == network.Exact
		if agree && (len(c.Addresses) == 0 || len(known.Addresses) == 0) && (c.URL == "" || known.URL == "") {
			return &known, nil
		}
	}
	return nil, nil
}

// fillIn adds to a contact what it lacks; a newer file knows better where somebody works.
func fillIn(known, c store.Contact) store.Contact {
	for _, a := range c.Addresses {
		if !slices.Contains(known.Addresses, a) {
			known.Addresses = append(slices.Clone(known.Addresses), a)
		}
	}
	known.Org, known.Position = cmp.Or(c.Org, known.Org), cmp.Or(c.Position, known.Position)
	known.URL, known.Phone = cmp.Or(known.URL, c.URL), cmp.Or(known.Phone, c.Phone)
	if known.Since.IsZero() {
		known.Since = c.Since
	}
	return known
}

func sameFields(a, b store.Contact) bool {
	return slices.Equal(a.Addresses, b.Addresses) && a.Org == b.Org && a.Position == b.Position && a.URL == b.URL && a.Phone == b.Phone && a.Since.Equal(b.Since)
}

// addMerges adds the pairs that a new contact makes with others of the same name.
func addMerges(tx *store.Tx, merges []Merge, c store.Contact) ([]Merge, error) {
	ids, err := tx.ContactsBy("name", c.Name)
	for _, id := range ids {
		if id == c.ID {
			continue
		}
		other, err := tx.Contact(id)
		if err != nil {
			return nil, err
		}
		merges = append(merges, Merge{other, c})
	}
	return merges, err
}

// MergeRequest joins two contacts; both empty lists the pairs that may be the same.
type MergeRequest struct {
	A string `json:"a,omitempty"`
	B string `json:"b,omitempty"`
}

// MergeReply lists pairs, or says what was joined.
type MergeReply struct {
	Words string  `json:"words,omitempty"`
	Pairs []Merge `json:"pairs,omitempty"`
}

// Merge joins contact B to A, or lists the pairs of one name.
func (e *Engine) Merge(_ context.Context, q MergeRequest) (r MergeReply, err error) {
	err = e.store.Update(func(tx *store.Tx) error {
		if q.A == "" {
			r.Pairs, err = mergePairs(tx)
			return err
		}
		a, err1 := tx.Contact(q.A)
		b, err2 := tx.Contact(q.B)
		if errors.Is(errors.Join(err1, err2), store.ErrNotFound) || q.A == q.B {
			return refuse("there is no such pair: see introd import --merges")
		}
		if err := errors.Join(err1, err2, tx.DeleteContact(b.ID), tx.PutContact(fillIn(a, b))); err != nil {
			return err
		}
		r.Words = fmt.Sprintf("%s (%s) and %s (%s) are one now.", a.Name, cmp.Or(a.Org, "no organization"), b.Name, cmp.Or(b.Org, "no organization"))
		return nil
	})
	return r, err
}

func mergePairs(tx *store.Tx) (pairs []Merge, err error) {
	byName := map[string]store.Contact{}
	for c, err := range tx.Contacts() {
		if err != nil {
			return nil, err
		}
		name := strings.ToLower(c.Name)
		if other, ok := byName[name]; ok {
			pairs = append(pairs, Merge{other, c})
			continue
		}
		byName[name] = c
	}
	slices.SortFunc(pairs, func(x, y Merge) int { return cmp.Or(cmp.Compare(x.A.Name, y.A.Name), cmp.Compare(x.B.ID, y.B.ID)) })
	return pairs, nil
}

// UndoRequest names an import; "" the last one.
type UndoRequest struct {
	Import string `json:"import,omitempty"`
}

// UndoImport takes an import back: who was new goes, and who was filled in is as before.
func (e *Engine) UndoImport(_ context.Context, q UndoRequest) (r Reply, err error) {
	var undo store.Import
	if err := e.store.View(func(tx *store.Tx) error {
		all, err := tx.Imports()
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.ID == q.Import || q.Import == "" {
				undo = i
			}
		}
		if undo.ID == "" {
			return refuse("there is no import to undo")
		}
		return nil
	}); err != nil {
		return r, err
	}
	for page := range slices.Chunk(undo.Added, importPage) {
		if err := e.store.Update(func(tx *store.Tx) (err error) {
			for _, id := range page {
				err = errors.Join(err, tx.DeleteContact(id))
			}
			return err
		}); err != nil {
			return r, err
		}
	}
	for page := range slices.Chunk(undo.Changed, importPage) {
		if err := e.store.Update(func(tx *store.Tx) (err error) {
			for _, c := range page {
				err = errors.Join(err, tx.PutContact(c))
			}
			return err
		}); err != nil {
			return r, err
		}
	}
	r.Words = fmt.Sprintf("Undone: %s of %s. %d contacts are gone, %d are as they were before.", undo.File, e.when(undo.At), len(undo.Added), len(undo.Changed))
	return r, e.store.Update(func(tx *store.Tx) error { return tx.DeleteImport(undo.ID) })
}
