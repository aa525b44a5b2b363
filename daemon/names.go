package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
