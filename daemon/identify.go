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
const importPage = 500

// Import takes in the contacts of a file. Who is known already, by address, page, or name and
// organization, is filled in, never doubled. A row that cannot be used is told with its line.
func (e *Engine) Import(ctx context.Context, q ImportRequest) (r ImportReply, err error) {
	raw, err := os.ReadFile(q.Path)
	if err != nil {
		return r, refuse("%s", Plain(err))
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
	e.importing.Lock()
	defer e.importing.Unlock()
	im, err := e.newImporter(filepath.Base(q.Path), file.Source)
	if err != nil {
		return r, err
	}
	im.reply.Problems = file.Problems
	for page := range slices.Chunk(file.Contacts, importPage) {
		if err := ctx.Err(); err != nil {
			return im.reply, err
		}
		if err := im.take(page); err != nil {
			return im.reply, err
		}
	}
	return im.reply, nil
}

// An importer takes in one file. It knows all contacts by what they are found by, so that ten
// thousand rows are compared with as many in memory.
type importer struct {
	engine *Engine
	done   store.Import
	reply  ImportReply
	all    map[string]*store.Contact   // by id
	by     map[string][]*store.Contact // by address, page and name, each lower case
}

func (e *Engine) newImporter(file, source string) (*importer, error) {
	im := &importer{
		engine: e, done: store.Import{File: file, Source: source, At: e.clock.Now()}, reply: ImportReply{Source: source},
		all: map[string]*store.Contact{}, by: map[string][]*store.Contact{},
	}
	err := e.store.View(func(tx *store.Tx) error {
		for c, err := range tx.Contacts() {
			if err != nil {
				return err
			}
			im.index(&c)
		}
		imports, err := tx.Imports()
		last := 0
		if len(imports) > 0 {
			last, _ = strconv.Atoi(imports[len(imports)-1].ID)
		}
		im.done.ID = strconv.Itoa(last + 1)
		return err
	})
	return im, err
}

// index makes a contact findable.
func (im *importer) index(c *store.Contact) {
	im.all[c.ID] = c
	for _, word := range append([]string{c.URL, "=" + c.Name}, c.Addresses...) {
		if word = strings.ToLower(word); word != "" && !slices.Contains(im.by[word], c) {
			im.by[word] = append(im.by[word], c)
		}
	}
}

// take takes in some contacts and notes in the import what it did with them, in one transaction.
func (im *importer) take(page []store.Contact) error {
	var changed []*store.Contact
	for _, row := range page {
		if c := im.row(row); c != nil && !slices.Contains(changed, c) {
			changed = append(changed, c)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	im.reply.ID = im.done.ID
	return im.engine.update(func(tx *store.Tx) error {
		for _, c := range changed {
			if err := tx.PutContact(*c); err != nil {
				return err
			}
		}
		return tx.PutImport(im.done)
	})
}

// row finds what a row of the file changes: a new contact, one that is filled in, or nothing.
func (im *importer) row(row store.Contact) *store.Contact {
	known := im.same(row)
	if known == nil {
		row.ID, row.Import = newID(), im.done.ID
		for _, other := range im.by["="+strings.ToLower(row.Name)] {
			im.reply.Merges = append(im.reply.Merges, Merge{*other, row})
		}
		im.done.Added = append(im.done.Added, row.ID)
		im.reply.Added++
		im.index(&row)
		return &row
	}
	filled := fillIn(*known, row)
	if sameFields(filled, *known) {
		im.reply.Known++
		return nil
	}
	if !slices.Contains(im.done.Added, known.ID) && !slices.ContainsFunc(im.done.Changed, func(old store.Contact) bool { return old.ID == known.ID }) {
		im.done.Changed = append(im.done.Changed, *known)
	}
	im.reply.Changed++
	*known = filled
	im.index(known)
	return known
}

// same finds the contact that a row certainly means.
func (im *importer) same(row store.Contact) *store.Contact {
	for _, word := range append(slices.Clone(row.Addresses), strings.ToLower(row.URL)) {
		if found := im.by[word]; word != "" && len(found) > 0 {
			return found[0]
		}
	}
	for _, known := range im.by["="+strings.ToLower(row.Name)] {
		agree := known.Org == row.Org || network.Match(known.Org, row.Org) == network.Exact
		if agree && (len(row.Addresses) == 0 || len(known.Addresses) == 0) && (row.URL == "" || known.URL == "") {
			return known
		}
	}
	return nil
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
	err = e.update(func(tx *store.Tx) error {
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
	if err := inPages(e, undo.Added, (*store.Tx).DeleteContact); err != nil {
		return r, err
	}
	if err := inPages(e, undo.Changed, (*store.Tx).PutContact); err != nil {
		return r, err
	}
	r.Words = fmt.Sprintf("Undone: %s of %s. %d contacts are gone, %d are as they were before.", undo.File, e.when(undo.At), len(undo.Added), len(undo.Changed))
	return r, e.update(func(tx *store.Tx) error { return tx.DeleteImport(undo.ID) })
}

// inPages makes one change for each of many, as many in a transaction as it has room for.
func inPages[T any](e *Engine, all []T, change func(*store.Tx, T) error) error {
	for page := range slices.Chunk(all, importPage) {
		if err := e.update(func(tx *store.Tx) (err error) {
			for _, one := range page {
				err = errors.Join(err, change(tx, one))
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
