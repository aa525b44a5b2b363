package cues

import (
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"
)

//go:embed en.txt
var english string

//go:embed de.txt
var german string

//go:embed es.txt
var spanish string

//go:embed fr.txt
var french string

//go:embed pt.txt
var portuguese string

// table is the phrases of one language, by the words that they may begin with.
type table struct {
	first  map[string][]*phrase // by a whole word
	stems  map[string][]*phrase // by the first three letters of a stem
	known  map[string]bool      // all words that stand in phrases
	common map[string]bool      // the words by which the language is known: the set @common
	size   int
}

type phrase struct {
	act   Act
	rule  string // act.name
	order int    // of the tables: of two phrases alike the earlier one counts
	parts []element
}

// element is one place of a phrase: a word out of some, or a gap.
type element struct {
	words    map[string]bool
	stems    []string
	digits   bool // any word with a digit
	optional bool
	first    bool // only at the beginning of a part of a sentence
	last     bool // only at the end of one
	gap      int  // at most so many words are skipped
}

// parse reads a table. Tables are part of the program, so a fault in one is a fault of ours.
func parse(text string) *table {
	t := &table{first: map[string][]*phrase{}, stems: map[string][]*phrase{}, known: map[string]bool{}}
	p := parser{sets: map[string]string{}, known: map[string]element{}}
	var act, rule string
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "//")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "["):
			act, rule, _ = strings.Cut(strings.Trim(line, "[]"), " ")
		case strings.HasPrefix(line, "@") && strings.Contains(line, " = "):
			name, words, _ := strings.Cut(line, " = ")
			p.sets[name] = words
		case act == "":
			panic(fmt.Sprintf("cues: line %d stands before any [act]: %s", n+1, line))
		default:
			t.add(&phrase{act: Act(act), rule: act + "." + rule, parts: p.elements(line)})
		}
	}
	t.common = p.elements("@common")[0].words
	return t
}

func (t *table) add(p *phrase) {
	t.size++
	p.order = t.size
	for _, e := range p.parts {
		maps.Copy(t.known, e.words)
	}
	for _, e := range p.parts {
		for w := range e.words {
			t.first[w] = append(t.first[w], p)
		}
		for _, s := range e.stems {
			t.stems[s[:3]] = append(t.stems[s[:3]], p)
		}
		if e.digits {
			t.first["#"] = append(t.first["#"], p)
		}
		if !e.optional {
			return
		}
	}
}

// starting returns the phrases that may begin with a word.
func (t *table) starting(word string) []*phrase {
	list := t.first[word]
	if len(word) >= 3 {
		list = append(list[:len(list):len(list)], t.stems[word[:3]]...)
	}
	if strings.ContainsAny(word, "0123456789") {
		list = append(list[:len(list):len(list)], t.first["#"]...)
	}
	return list
}

// A parser reads the lines of one table.
type parser struct {
	sets  map[string]string
	known map[string]element // by how they are written: phrases share most of theirs
}

func (p *parser) elements(line string) []element {
	var parts []element
	for _, field := range strings.Fields(line) {
		e, known := p.known[field]
		if !known {
			e = p.element(field)
			p.known[field] = e
		}
		parts = append(parts, e)
	}
	return parts
}

func (p *parser) element(field string) element {
	switch field {
	case "..":
		return element{gap: 3}
	case "...":
		return element{gap: 8}
	}
	e := element{words: map[string]bool{}}
	field, e.first = strings.CutPrefix(field, "^")
	field, e.last = strings.CutSuffix(field, "$")
	field, e.optional = strings.CutSuffix(field, "?")
	e.accept(field, p.sets)
	return e
}

// accept adds alternatives to an element.
func (e *element) accept(field string, sets map[string]string) {
	for _, w := range strings.Split(field, "|") {
		stem, isStem := strings.CutSuffix(w, "*")
		switch {
		case w == "#":
			e.digits = true
		case strings.HasPrefix(w, "@"):
			if sets[w] == "" {
				panic("cues: there is no set " + w)
			}
			e.accept(sets[w], sets)
		case isStem && utf8.RuneCountInString(stem) >= 3:
			e.stems = append(e.stems, Fold(stem))
		default:
			e.words[Fold(w)] = true
		}
	}
}

// accepts says whether words[i] fits the element.
func (e *element) accepts(words []word, i int) bool {
	w := words[i]
	if e.first && i > 0 && words[i-1].part == w.part || e.last && i+1 < len(words) && words[i+1].part == w.part {
		return false
	}
	if e.words[w.text] || e.digits && strings.ContainsAny(w.text, "0123456789") {
		return true
	}
	for _, s := range e.stems {
		if strings.HasPrefix(w.text, s) {
			return true
		}
	}
	return false
}

// match returns where a phrase that begins at words[i] ends, and how many words it names; 0 if it
// does not stand there. It does not reach over the end of the clause.
func match(parts []element, words []word, i, clause int) (end, weight int) {
	if len(parts) == 0 {
		return i, 0
	}
	e := &parts[0]
	if e.gap > 0 {
		for next := i; next <= i+e.gap && next < len(words) && words[next].clause == clause; next++ {
			if end, weight := match(parts[1:], words, next, clause); end > 0 {
				return end, weight
			}
		}
		return 0, 0
	}
	if i < len(words) && words[i].clause == clause && e.accepts(words, i) {
		if end, weight := match(parts[1:], words, i+1, clause); end > 0 {
			return end, weight + 1
		}
	}
	if e.optional {
		return match(parts[1:], words, i, clause)
	}
	return 0, 0
}
