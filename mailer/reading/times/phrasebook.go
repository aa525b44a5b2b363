package times

import (
	"cmp"
	"slices"
	"strings"
)

// A book holds phrases by their first word, so that looking one up costs the same however many there are.
type book[T comparable] map[string][]phrase[T]

// A phrase is a run of words with its meaning.
type phrase[T comparable] struct {
	words   []string
	meaning T
}

// bookOf makes a book of the phrases of each meaning, which have bars between them. Of two phrases that
// begin alike the longer one is found.
func bookOf[T comparable](list map[T]string) book[T] {
	b := book[T]{}
	for meaning, all := range list {
		for p := range strings.SplitSeq(all, "|") {
			words := strings.Fields(p)
			b[words[0]] = append(b[words[0]], phrase[T]{words, meaning})
		}
	}
	for _, same := range b {
		slices.SortFunc(same, func(x, y phrase[T]) int {
			return cmp.Or(len(y.words)-len(x.words), slices.Compare(x.words, y.words))
		})
	}
	return b
}

// read returns the meaning and the length of the phrase at token i, 0 for none.
func (b book[T]) read(l line, i int) (meaning T, n int) {
	for _, p := range b[l.word(i)] {
		if i+len(p.words) > len(l) {
			continue
		}
		n := 1
		for n < len(p.words) && l[i+n].word == p.words[n] {
			n++
		}
		if n == len(p.words) {
			return p.meaning, n
		}
	}
	return meaning, 0
}
