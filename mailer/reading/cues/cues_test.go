package cues

import (
	"slices"
	"strings"
	"testing"
)

// found returns the acts of a text in order, "!" before those under a negation, "?" under a condition.
func found(text string) string {
	var acts []string
	for _, m := range Find(text).Marks {
		mark := string(m.Act)
		if m.Not {
			mark = "!" + mark
		}
		if m.If {
			mark = "?" + mark
		}
		acts = append(acts, mark)
	}
	return strings.Join(acts, " ")
}

func TestFind(t *testing.T) {
	for text, want := range map[string]string{
		"No problem!":                             "yes",              // the longer phrase counts, not the "no" in it
		"No.":                                     "no",               // alone it is one
		"There is no hurry.":                      "",                 // a mask
		"I CAN’T HELP.":                           "no",               // case and apostrophes
		"I can not help you.":                     "no",               // a joined word
		"We are not happy to talk.":               "!yes",             // negated
		"No problem, I'd be happy to talk.":       "yes yes",          // another phrase's "no" says nothing about it
		"If I am happy to talk":                   "?yes",             // a condition
		"Happy to talk but I can't help":          "yes no",           // "but" opens a clause
		"Je ne peux malheureusement pas, désolé.": "no regret regret", // French, with a regret within
		"Não posso ajudar.":                       "no",
		"Ich kann Ihnen leider nicht helfen.":     "no",
		"¡Claro que sí!":                          "yes",
	} {
		got := strings.Fields(found(text))
		wanted := strings.Fields(want)
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(slices.Compact(got), slices.Compact(wanted)) {
			t.Errorf("%q: %s, want %s", text, found(text), want)
		}
	}
}

func TestClauses(t *testing.T) {
	const text = "Yes, at 4.30 p.m. on the 9th. But not Dr. Lee!\n\n- 14. Dezember\nwhy: so?"
	var all []string
	for _, c := range Find(text).Clauses {
		part := text[c.From:c.To]
		if c.But {
			part += " (but)"
		}
		if c.Question {
			part += " (?)"
		}
		all = append(all, part)
	}
	want := []string{"Yes, at 4.30 p.m. on the 9th", "But not Dr. Lee (but)", "14. Dezember\nwhy (?)", "so (?)"}
	if !slices.Equal(all, want) {
		t.Errorf("%q\nwant %q", all, want)
	}
}

// TestTables holds that each phrase of the tables is found in a text that says it, so none is dead.
func TestTables(t *testing.T) {
	acts := []Act{Yes, When, Good, Wish, No, Unfit, Busy, Regret, Hedge, Ask, Later, NotNow, Refer, Intro, Copied, Move, Off, Meeting, Away, Book, Call, Thanks,
		Stop, Pitch, Private, Absent, Gone, Ack, Mask}
	for _, table := range tables() {
		if len(table.common) < 35 || table.size < 200 {
			t.Errorf("a table of %d phrases, %d common words", table.size, len(table.common))
		}
		phrases := map[*phrase]bool{}
		for _, list := range table.first {
			for _, p := range list {
				phrases[p] = true
			}
		}
		for p := range phrases {
			if !slices.Contains(acts, p.act) {
				t.Errorf("%s: no such act", p.rule)
			}
			text, ok := p.spoken()
			if end, _ := match(p.parts, split(text), 0, 0); ok && end == 0 {
				t.Errorf("%s is not found in %q", p.rule, text)
			}
		}
	}
}

// spoken says a phrase in one of its forms; ok is false if it begins with a stem.
func (p *phrase) spoken() (text string, ok bool) {
	var words []string
	for i, e := range p.parts {
		switch {
		case e.gap > 0 || e.optional:
		case len(e.words) > 0:
			words = append(words, slices.Min(slices.Collect(keys(e.words))))
		case len(e.stems) > 0:
			words = append(words, e.stems[0]+"x")
		case e.digits && i >= 0:
			words = append(words, "7")
		}
	}
	text = strings.Join(words, " ")
	for _, w := range split(text) {
		if w.clause != 0 || w.but {
			return text, false // "but" opens a clause, which a phrase does not reach into
		}
	}
	return text, len(split(text)) == len(words)
}

func keys(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func seeds() []string {
	return []string{
		"", "Yes.", "I'd be happy to, but unfortunately I'm swamped until the 7th.", "No problem! What's your number?", "Je ne peux pas, désolé.", "l'", "'''", "a-b - c",
		"14. Dezember", "ß ẞ İ é", "\xff\xfe", strings.Repeat("no ", 3000), strings.Repeat("could you again ", 800), "1/2/3 http://a.test/b?c=d a@b.test 4.30 p.m.",
	}
}

func TestSeedsAreThere(t *testing.T) {
	if n := len(seeds()); n != 14 {
		t.Errorf("%d seeds", n)
	}
}

// FuzzFind holds that phrases and clauses lie within the text, in order, for any text.
func FuzzFind(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := Find(text)
		last := 0
		for i, c := range l.Clauses {
			if c.From < last || c.To < c.From || c.To > len(text) || c.Words == 0 {
				t.Fatalf("clause %d: %+v of %d bytes", i, c, len(text))
			}
			last = c.From
		}
		for _, m := range l.Marks {
			if m.From < 0 || m.To <= m.From || m.To > len(text) || m.Clause >= len(l.Clauses) || m.From < l.Clauses[m.Clause].From || m.To > l.Clauses[m.Clause].To {
				t.Fatalf("%+v of %d bytes", m, len(text))
			}
		}
	})
}
