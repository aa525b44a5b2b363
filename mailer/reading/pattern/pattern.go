// Package pattern is regular expressions for text in which they match seldom.
//
// Package regexp steps through a text letter by letter, unless an expression begins with fixed letters;
// the reader's are lists of phrases in any case, and begin with none. But nearly every one has words of
// which any match must hold one. A Pattern takes these from its expression and looks for all of them at
// once, in a single pass that costs a nanosecond or two a byte; only a text that holds one is given to
// the expression. What matches, and where, is the same.
package pattern

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pattern is a regular expression. The methods that it has of its own look for its words first.
type Pattern struct {
	*regexp.Regexp
	words   []string // folded; every match holds one of them. Empty: not known
	opening int      // how many bytes of a word are looked up: those of the shortest, 3 at most
	opens   [tableSize / 64]uint64
}

const tableSize = 4096

// MustCompile reads an expression in the syntax of package regexp, and panics where it is none.
func MustCompile(expr string) *Pattern {
	p := &Pattern{Regexp: regexp.MustCompile(expr), opening: 3}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic(err) // regexp.MustCompile would have
	}
	p.words = needed(tree)
	for _, w := range p.words {
		p.opening = min(p.opening, len(w))
	}
	for _, w := range p.words {
		slot := slotOf(w[:p.opening])
		p.opens[slot/64] |= 1 << (slot % 64)
	}
	return p
}

// mayMatch says whether a text holds one of the words.
func (p *Pattern) mayMatch(s string) bool { return len(p.words) == 0 || p.holds(s, false) }

// holds looks for the words in a text. One with letters beyond ASCII is folded first.
func (p *Pattern) holds(s string, folded bool) bool {
	mask := uint32(1)<<(8*p.opening) - 1
	var last uint32
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf && !folded {
			return p.holds(fold(s), true)
		}
		last = (last<<8 | uint32(lower(s[i]))) & mask
		if slot := hash(last); p.opens[slot/64]>>(slot%64)&1 != 0 && i+1 >= p.opening && p.wordAt(s[i+1-p.opening:]) {
			return true
		}
	}
	return false
}

// wordAt says whether one of the words stands at the beginning of a text.
func (p *Pattern) wordAt(s string) bool {
	for _, w := range p.words {
		if len(s) >= len(w) && sameLetters(s[:len(w)], w) {
			return true
		}
	}
	return false
}

// sameLetters compares two texts of one length, the second folded, without regard to the case of ASCII.
func sameLetters(s, folded string) bool {
	for i := 0; i < len(s); i++ {
		if lower(s[i]) != folded[i] {
			return false
		}
	}
	return true
}

// slotOf is the place in the table of the first bytes of a word.
func slotOf(opening string) uint32 {
	var last uint32
	for i := 0; i < len(opening); i++ {
		last = last<<8 | uint32(opening[i])
	}
	return hash(last)
}

// hash spreads up to three bytes over the table (Knuth's multiplicative hashing).
func hash(bytes uint32) uint32 { return bytes * 2654435761 >> 20 }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// fold writes all forms of a letter as one, as regexp understands (?i): by Unicode's simple folding.
func fold(s string) string { return strings.Map(foldRune, s) }

func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// MatchString says whether the pattern matches in a text.
func (p *Pattern) MatchString(s string) bool { return p.mayMatch(s) && p.Regexp.MatchString(s) }

// FindString returns the first match, or "".
func (p *Pattern) FindString(s string) string {
	if !p.mayMatch(s) {
		return ""
	}
	return p.Regexp.FindString(s)
}

// FindStringIndex returns where the first match begins and ends, or nil.
func (p *Pattern) FindStringIndex(s string) []int {
	if !p.mayMatch(s) {
		return nil
	}
	return p.Regexp.FindStringIndex(s)
}

// FindStringSubmatch returns the first match and its groups, or nil.
func (p *Pattern) FindStringSubmatch(s string) []string {
	if !p.mayMatch(s) {
		return nil
	}
	return p.Regexp.FindStringSubmatch(s)
}

// FindAllStringIndex returns where up to n matches begin and end, all if n is negative.
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	if !p.mayMatch(s) {
		return nil
	}
	return p.Regexp.FindAllStringIndex(s, n)
}

// FindAllString returns up to n matches, all if n is negative.
func (p *Pattern) FindAllString(s string, n int) []string {
	if !p.mayMatch(s) {
		return nil
	}
	return p.Regexp.FindAllString(s, n)
}

// mostWords bounds the words of one pattern that are looked for.
const mostWords = 400

// needed returns words, folded, of which any match of an expression holds one; nil where none are known.
func needed(e *syntax.Regexp) []string {
	if words := spelled(e); usable(words) {
		return words
	}
	var best []string
	switch e.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return needed(e.Sub[0])
	case syntax.OpRepeat:
		if e.Min > 0 {
			return needed(e.Sub[0])
		}
	case syntax.OpAlternate:
		for _, sub := range e.Sub {
			words := needed(sub)
			if words == nil || len(best)+len(words) > mostWords {
				return nil
			}
			best = append(best, words...)
		}
		slices.Sort(best)
		best = slices.Compact(best)
	case syntax.OpConcat:
		for i, sub := range e.Sub {
			best = better(best, needed(sub))
			for j, run := i+1, spelled(sub); j < len(e.Sub) && run != nil; j++ { // what follows on it makes longer words
				if run = joined(run, spelled(e.Sub[j])); usable(run) {
					best = better(best, run)
				}
			}
		}
	}
	return best
}

// better is whichever words tell more: those of which the shortest is longer, or the fewer ones.
func better(a, b []string) []string {
	if a == nil || b != nil && (shortest(b) > shortest(a) || shortest(b) == shortest(a) && len(b) < len(a)) {
		return b
	}
	return a
}

func usable(words []string) bool { return len(words) > 0 && shortest(words) > 0 }

// enough is the length from which on a longer word tells no more.
const enough = 6

func shortest(words []string) int {
	n := enough
	for _, w := range words {
		n = min(n, len(w))
	}
	return n
}

// mostSpelled bounds the texts that spelled gives.
const mostSpelled = 64

// spelled returns all texts that an expression matches, folded, where these are few; else nil.
func spelled(e *syntax.Regexp) []string {
	var all []string
	switch e.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}
	case syntax.OpLiteral:
		return []string{fold(string(e.Rune))}
	case syntax.OpCharClass:
		return members(e.Rune)
	case syntax.OpCapture:
		return spelled(e.Sub[0])
	case syntax.OpQuest:
		if all = spelled(e.Sub[0]); all == nil {
			return nil
		}
		all = append(slices.Clone(all), "")
	case syntax.OpAlternate:
		for _, sub := range e.Sub {
			some := spelled(sub)
			if some == nil || len(all)+len(some) > mostSpelled {
				return nil
			}
			all = append(all, some...)
		}
	case syntax.OpConcat:
		all = []string{""}
		for _, sub := range e.Sub {
			if all = joined(all, spelled(sub)); all == nil {
				return nil
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// members are the characters of a class, given as pairs of its ranges, folded.
func members(ranges []rune) (all []string) {
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if word := fold(string(r)); !slices.Contains(all, word) {
				all = append(all, word)
			}
			if len(all) > 12 {
				return nil
			}
		}
	}
	return all
}

// joined puts every text of b behind every one of a; nil where they would be many, or one list is not known.
func joined(a, b []string) (all []string) {
	if a == nil || b == nil || len(a)*len(b) > mostSpelled {
		return nil
	}
	for _, first := range a {
		for _, second := range b {
			all = append(all, first+second)
		}
	}
	return all
}
