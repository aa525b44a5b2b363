package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"introd/daemon/steps"
	"introd/store"
)

// known finds a person by id, address or name.
func known(tx *store.Tx, word string) (store.Person, error) {
	p, err := called(tx, word)
	if errors.Is(err, store.ErrNotFound) {
		return p, refuse("introd knows nobody called %q: see introd people", word)
	}
	return p, err
}

// knownWithHistory finds a person, and all that happened between them and the owner.
func knownWithHistory(tx *store.Tx, word string) (p store.Person, history []store.Event, err error) {
	if p, err = known(tx, word); err != nil {
		return p, nil, err
	}
	history, err = tx.History(p.ID)
	return p, history, err
}

// knownCase finds a person with all that the rules need of them.
func (e *Engine) knownCase(tx *store.Tx, word string) (steps.Case, error) {
	p, err := known(tx, word)
	if err != nil {
		return steps.Case{}, err
	}
	return e.caseOf(tx, p.ID)
}

// called finds whom a word means: an id, an address, or a name or part of one that is one person's alone
// ("alice" for Prof. Alice Lee). A word that several go by is refused; one that nobody does is store.ErrNotFound.
func called(tx *store.Tx, word string) (store.Person, error) {
	p, err := tx.Person(word)
	if errors.Is(err, store.ErrNotFound) {
		p, _, err = tx.PersonByAddress(addressOf(word))
	}
	wanted := nameWords(word)
	if !errors.Is(err, store.ErrNotFound) || len(wanted) == 0 || strings.Contains(word, "@") {
		return p, err
	}
	var namesakes []string
	for one, err := range tx.People() {
		if err != nil {
			return p, err
		}
		if contains(nameWords(one.Name), wanted) {
			p = one
			namesakes = append(namesakes, fmt.Sprintf("%s (%s)", one.ID, one.Name))
		}
	}
	switch len(namesakes) {
	case 0:
		return store.Person{}, store.ErrNotFound
	case 1:
		return p, nil
	}
	return store.Person{}, refuse("%d people are called %q: say %s", len(namesakes), word, strings.Join(namesakes[:min(len(namesakes), mostNamesakes)], " or "))
}

// mostNamesakes is how many are named to the owner who must say which one they mean.
const mostNamesakes = 5

// nameWords are the words of a name as they are compared: lower case, without accents.
func nameWords(name string) []string {
	return slices.DeleteFunc(strings.Split(store.OrgSlug(name), "-"), func(word string) bool { return word == "" })
}

// contains says whether all of some words are among those of a name.
func contains(name, words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(name, word) })
}

// NamesRequest asks what a command line may name where it takes something of one kind.
type NamesRequest struct {
	Of    NameKind `json:"of"`
	Start string   `json:"start,omitempty"` // how it begins
}

// NameKind is what a command line names.
type NameKind string

// What a command line names.
const (
	NamesOfPeople  NameKind = "people"
	NamesOfDrafts  NameKind = "drafts"
	NamesOfTasks   NameKind = "tasks"
	NamesOfTargets NameKind = "targets"
	NamesOfOrgs    NameKind = "organizations"
	NamesOfImports NameKind = "imports"
)

// A Name is what may be written, and what it stands for.
type Name struct {
	Word  string `json:"word"`
	Means string `json:"means,omitempty"`
}

// mostNames is how many names are given: a shell shows them all.
const mostNames = 200

// Names lists what may be named, for a shell that completes a command line: it is quick, and no more than a shell can show.
func (e *Engine) Names(_ context.Context, q NamesRequest) (names []Name, err error) {
	gather, known := map[NameKind]func(*Engine, *store.Tx, func(word, means string) bool) error{
		NamesOfPeople: (*Engine).peopleNames, NamesOfDrafts: (*Engine).draftNames, NamesOfTasks: (*Engine).taskNames,
		NamesOfTargets: (*Engine).targetNames, NamesOfOrgs: (*Engine).orgNames, NamesOfImports: (*Engine).importNames,
	}[q.Of]
	if !known {
		return nil, refuse("there are no names of %q", q.Of)
	}
	start, seen := strings.ToLower(q.Start), map[string]bool{}
	err = e.store.View(func(tx *store.Tx) error {
		return gather(e, tx, func(word, means string) bool {
			if !seen[word] && strings.HasPrefix(strings.ToLower(word), start) {
				seen[word] = true
				names = append(names, Name{word, means})
			}
			return len(names) < mostNames
		})
	})
	return names, err
}

func (e *Engine) peopleNames(tx *store.Tx, add func(word, means string) bool) error {
	for p, err := range tx.People() {
		if err != nil || !add(p.ID, p.Name) {
			return err
		}
	}
	return nil
}

func (e *Engine) draftNames(tx *store.Tx, add func(word, means string) bool) error {
	drafts, err := tx.OpenDrafts()
	for _, d := range drafts {
		add(handle(d), e.label(d))
	}
	return err
}

func (e *Engine) taskNames(tx *store.Tx, add func(word, means string) bool) error {
	agenda, err := e.agenda(tx)
	for _, task := range agenda.Tasks {
		add(task.Code, task.Words)
	}
	return err
}

func (e *Engine) targetNames(tx *store.Tx, add func(word, means string) bool) error {
	targets, err := tx.Targets()
	for _, t := range targets {
		add(t.ID, t.Name)
	}
	return err
}

// orgNames are the organizations of those the owner knows, and on their list.
func (e *Engine) orgNames(tx *store.Tx, add func(word, means string) bool) error {
	targets, err := tx.Targets()
	if err != nil {
		return err
	}
	for _, t := range targets {
		if t.Kind == store.Employer {
			add(t.ID, t.Name)
		}
	}
	for p, err := range tx.People() {
		if err != nil || p.Org != "" && !add(p.Org, "where "+p.Name+" works") {
			return err
		}
	}
	slugs, err := tx.ContactOrgs()
	for _, slug := range slugs {
		add(slug, "")
	}
	return err
}

func (e *Engine) importNames(tx *store.Tx, add func(word, means string) bool) error {
	imports, err := tx.Imports()
	for _, i := range imports {
		add(i.ID, i.File+" of "+e.on(i.At))
	}
	return err
}
