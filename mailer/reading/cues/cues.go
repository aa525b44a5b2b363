// Package cues finds the phrases by which a letter says what it means: a yes, a no, "ask me again",
// "write to my colleague". It knows words, not intents; what the phrases of a letter add up to is
// for the reader to decide.
//
// The phrases stand in one table for each language (en.txt and its neighbours), a phrase a line:
//
//	[yes happy]                    the act, and the rule's name: what follows are ways to do it
//	happy|glad to talk             words; "|" parts alternatives
//	would? be delighted            "?" makes a word optional
//	reschedul*                     "*" ends the stem of a word
//	ask .. again                   ".." skips up to three words, "..." up to eight
//	can't do @day                  a set of words, defined by a line "@day = monday|tuesday"
//	#                              any word with a digit in it
//	^no$                           "^" only at the beginning, "$" only at the end of what commas part
//
// Upper and lower case and accents do not matter, nor does how a "not" is joined: "cannot", "can
// not", "cant" and "can't" are one word. Of two phrases where one lies within the other the longer
// one counts, so "no problem" is no "no". Cost is linear in the text.
package cues

import (
	"cmp"
	"slices"
	"sync"
)

// Act is what a phrase does.
type Act string

const (
	Yes     Act = "yes"     // agrees to the talk, or is glad to
	When    Act = "when"    // asks for, or leaves open, when the talk is: a yes by implication
	Good    Act = "good"    // says that a time suits, or offers one
	Wish    Act = "wish"    // would like to; a yes only if nothing speaks against it
	No      Act = "no"      // refuses
	Unfit   Act = "unfit"   // is the wrong person to ask
	Busy    Act = "busy"    // has no room; a no only together with regret or a wish
	Regret  Act = "regret"  // is sorry
	Hedge   Act = "hedge"   // leaves it open
	Ask     Act = "ask"     // wants something answered first
	Later   Act = "later"   // asks to be asked again
	NotNow  Act = "not-now" // says that the present is a bad time
	Refer   Act = "refer"   // points to somebody else
	Intro   Act = "intro"   // brings two people together
	Copied  Act = "copied"  // says that somebody is among the recipients
	Move    Act = "move"    // moves what was agreed
	Off     Act = "off"     // calls off what was agreed
	Meeting Act = "meeting" // speaks of a talk that was agreed
	Away    Act = "away"    // rules out a time, or says what takes it up
	Book    Act = "book"    // points to a page where a time is chosen
	Call    Act = "call"    // asks to be called, or gives a number
	Thanks  Act = "thanks"  // courtesy that decides nothing
	Stop    Act = "stop"    // wants no more mail
	Pitch   Act = "pitch"   // sells, advertises, sends invoices or parcels
	Private Act = "private" // household talk among family and friends
	Absent  Act = "absent"  // an absence notice
	Gone    Act = "gone"    // has left for good
	Ack     Act = "ack"     // an automatic receipt
	Mask    Act = "mask"    // looks like another act and is none
)

// Mark is one phrase found.
type Mark struct {
	Act      Act
	Rule     string // the table's name for it, such as "yes.happy"
	From, To int    // bytes of the text
	Clause   int    // index of the clause that it begins in
	If       bool   // stands under an "if", "in case", "before": what it says is not said to be so
	Not      bool   // stands under a negation that is not its own
}

// Clause is a stretch of text between marks of punctuation or a "but".
type Clause struct {
	From, To int  // bytes of the text
	Sentence int  // index of its sentence
	But      bool // begins with "but", "though", "however" and the like
	Question bool // belongs to a sentence that ends with a question mark
	Words    int
}

// Letter is the clauses and phrases of a text, both in its order.
type Letter struct {
	Clauses []Clause
	Marks   []Mark
	likely  []*table
}

// mostText bounds what is read of a text: no letter says what it means after that.
const mostText = 16 << 10

// Find reads a text.
func Find(text string) Letter {
	if len(text) > mostText {
		text = text[:mostText]
	}
	words := split(text)
	l := Letter{Clauses: clauses(words), likely: languages(words)}
	l.Marks = find(l.likely, words)
	return l
}

// Known says whether a word stands in any phrase of the letter's language, or is common in it: then it
// is hardly a name, however it is written.
func (l Letter) Known(word string) bool {
	word = Fold(word)
	return slices.ContainsFunc(l.likely, func(t *table) bool { return t.known[word] || t.common[word] })
}

// German says whether the letter may be in German, whose nouns have capitals.
func (l Letter) German() bool { return slices.Contains(l.likely, tables()[1]) }

// tables are those of all languages, read once.
var tables = sync.OnceValue(func() []*table {
	return []*table{parse(english), parse(german), parse(spanish), parse(french), parse(portuguese)}
})

// languages returns the table of the language that the words are of, by how many are common in it or
// stand in its phrases, with those of languages that are nearly as likely: all, where hardly anything tells.
func languages(words []word) []*table {
	counts := make([]int, len(tables()))
	for i, t := range tables() {
		for _, w := range words {
			if t.common[w.text] {
				counts[i] += 2
			}
			if t.known[w.text] {
				counts[i]++
			}
		}
	}
	var likely []*table
	for i, t := range tables() {
		if most := slices.Max(counts); 3*counts[i] >= 2*most || most < 4 {
			likely = append(likely, t)
		}
	}
	return likely
}

// mostHits bounds what hostile text can ask of us; a letter says tens of things, not thousands.
const mostHits = 1000

// find returns the phrases of a text, without those that lie within a longer one.
func find(list []*table, words []word) []Mark {
	kept := longest(hits(list, words), len(words))
	owned := make([]bool, len(words))
	for _, h := range kept {
		for i := h.from; i < h.to; i++ {
			owned[i] = true
		}
	}
	var marks []Mark
	for _, h := range kept {
		m := Mark{Act: h.act, Rule: h.rule, From: words[h.from].from, To: words[h.to-1].to, Clause: words[h.from].clause}
		m.Not, m.If = scope(words, owned, h.from)
		if m.Act != Mask {
			marks = append(marks, m)
		}
	}
	return marks
}

// hits returns all phrases that stand in a text.
func hits(list []*table, words []word) []hit {
	var all []hit
	for i := range words {
		for _, t := range list {
			for _, p := range t.starting(words[i].text) {
				if end, weight := match(p.parts, words, i, words[i].clause); weight > 0 {
					all = append(all, hit{phrase: p, from: i, to: end, weight: weight})
				}
			}
		}
		if len(all) > mostHits {
			break
		}
	}
	return all
}

// longest drops the phrases that lie within a longer one, or reach into a mask, and returns the rest in
// the order of the text of n words.
func longest(all []hit, n int) []hit {
	slices.SortStableFunc(all, func(a, b hit) int { return cmp.Or(b.weight-a.weight, a.order-b.order) })
	covering := make([][]hit, n) // those kept, by each word that they take up
	masked := func(h hit) bool {
		for i := h.from; i < h.to; i++ {
			if slices.ContainsFunc(covering[i], func(k hit) bool { return k.act == Mask }) {
				return true
			}
		}
		return false
	}
	var kept []hit
	for _, h := range all {
		if slices.ContainsFunc(covering[h.from], h.within) || masked(h) {
			continue
		}
		kept = append(kept, h)
		for i := h.from; i < h.to; i++ {
			covering[i] = append(covering[i], h)
		}
	}
	slices.SortFunc(kept, func(a, b hit) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	return kept
}

// within says whether a phrase lies within another. "On leave" is both a person's reason and a notice,
// so neither hides the other.
func (h hit) within(k hit) bool {
	return k.from <= h.from && h.to <= k.to && (machine[h.act] == machine[k.act] || k.act == Mask)
}

// machine are the acts that only notices are read for.
var machine = map[Act]bool{Absent: true, Gone: true, Ack: true}

// hit is a phrase found at words[from:to]; weight is how many of these words it names.
type hit struct {
	*phrase
	from, to, weight int
}

// How many words before a phrase a negation and a condition may stand.
const negationReach, conditionReach = 4, 12

// scope looks for a negation or a condition that stands before words[at] in its part of the clause. One
// that belongs to a phrase of its own ("no problem, happy to") says nothing about the next.
func scope(words []word, owned []bool, at int) (not, condition bool) {
	for j := at - 1; j >= max(0, at-conditionReach) && words[j].part == words[at].part; j-- {
		if owned[j] {
			continue
		}
		not = not || at-j <= negationReach && negations[words[j].text]
		condition = condition || conditions[words[j].text]
	}
	return not, condition
}
