package reading

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/pattern"
	"introd/mailer/reading/times"
)

// letter is the new text of a mail with its phrases, and what they add up to. Its methods named after
// a meaning return the phrase that shows it, or nil.
type letter struct {
	*Reading
	cues.Letter
	f      *facts
	text   string       // what the phrases were looked for in
	spots  []spot       // where times stand, offered or ruled out
	timed  map[int]bool // the sentences that they stand in
	offers []times.Time // the times that are offered
}

// spot is where a time stands in the text: byte offsets, -1 if it is not to be found.
type spot struct {
	from, to int
	offered  bool
	kind     string // of the time: times.Exact, times.Window, times.Day
	clause   int
}

// mostLetter is how much of a letter is read for its meaning: nobody answers a request at such length.
const mostLetter = 12 << 10

// letter finds the phrases of a mail. Machines are read whole, subject included; people only in what
// they wrote anew.
func (f *facts) letter(r *Reading) *letter {
	text := r.NewText
	if r.Kind == KindAutoReply {
		text = r.Subject + "\n\n" + r.NewText
	}
	if len(text) > mostLetter {
		text = strings.ToValidUTF8(text[:mostLetter], "")
	}
	l := &letter{Reading: r, Letter: cues.Find(text), f: f, text: text}
	l.Marks = slices.DeleteFunc(l.Marks, func(m cues.Mark) bool { return l.void(m) })
	l.findOffers()
	return l
}

// void says whether a phrase does not count where it stands: a negated yes is no yes, and neither a
// yes nor a no under an "if" is given.
func (l *letter) void(m cues.Mark) bool {
	switch m.Act {
	case cues.Yes, cues.Wish, cues.Good, cues.When, cues.Thanks, cues.Pitch, cues.Unfit:
		return m.Not || m.If && m.Act != cues.When
	case cues.No:
		return m.If || l.hangs(m) || m.Not && refuses.MatchString(l.text[m.From:m.To]) || m.Rule == "no.cannot" && l.overlaps(m, cues.Away)
	case cues.Busy, cues.Stop, cues.Off:
		return m.If
	case cues.Move:
		return m.If || m.Not && m.Rule == "move.conflict" || m.Rule == "move.other" && l.sameClause(&m, cues.No)
	}
	return false
}

// hangs says whether a no answers only an "if" at the beginning of its sentence, to which the letter asks:
// "Is this about the job? If it is, not with me."
func (l *letter) hangs(m cues.Mark) bool {
	sentence := l.Clauses[m.Clause].Sentence
	first := slices.IndexFunc(l.Clauses, func(c cues.Clause) bool { return c.Sentence == sentence })
	return supposes.MatchString(l.text[l.Clauses[first].From:m.From]) && slices.ContainsFunc(l.Clauses, func(c cues.Clause) bool { return c.Question && c.Sentence == sentence-1 })
}

// refuses are words whose negation is a yes: "can't say no", "never turn down".
var refuses = pattern.MustCompile(`(?i)\b(?:say(?:ing)? no|declin\w*|refus\w*|turn\w*|pass)\b`)

var supposes = regexp.MustCompile(`(?i)^(?:if|wenn|falls|si|se)\b`)

// sameClause says whether a phrase of an act stands in the clause of another.
func (l *letter) sameClause(m *cues.Mark, act cues.Act) bool {
	return slices.ContainsFunc(l.Marks, func(o cues.Mark) bool { return o.Act == act && o.Clause == m.Clause })
}

func (l *letter) overlaps(m cues.Mark, act cues.Act) bool {
	return slices.ContainsFunc(l.Marks, func(o cues.Mark) bool { return o.Act == act && o.From < m.To && m.From < o.To })
}

// says returns the last phrase of an act: what is said last counts.
func (l *letter) says(acts ...cues.Act) *cues.Mark {
	for i := len(l.Marks) - 1; i >= 0; i-- {
		if slices.Contains(acts, l.Marks[i].Act) {
			return &l.Marks[i]
		}
	}
	return nil
}

// ruled returns the last phrase of a rule of the tables.
func (l *letter) ruled(name string) *cues.Mark {
	for i := len(l.Marks) - 1; i >= 0; i-- {
		if l.Marks[i].Rule == name {
			return &l.Marks[i]
		}
	}
	return nil
}

// dropTheirs forgets what others agree to: in "Ada would be happy to talk" and "our recruiting team is
// happy to help" it is not the writer who does. Whoever answers for the sender speaks for them.
func (l *letter) dropTheirs() {
	l.Marks = slices.DeleteFunc(l.Marks, func(m cues.Mark) bool {
		return (m.Act == cues.Yes || m.Act == cues.Wish || m.Act == cues.Good || m.Act == cues.When) && l.theirs(m)
	})
}

// theirs says whether somebody else is the subject of a phrase: they stand before it in its clause, and no "I" after them.
func (l *letter) theirs(m cues.Mark) bool {
	before := l.text[min(l.Clauses[m.Clause].From, m.From):m.From]
	at := -1
	for _, p := range l.People {
		if first, _, _ := strings.Cut(p.Name, " "); first != "" {
			at = max(at, strings.LastIndex(before, first))
		}
	}
	if g := others.FindAllStringIndex(before, -1); g != nil && l.says(cues.No, cues.Unfit, cues.Busy, cues.Refer) != nil {
		at = max(at, g[len(g)-1][0])
	}
	return at >= 0 && !selfNamed.MatchString(before[at:])
}

var (
	selfNamed = regexp.MustCompile(`(?i)\b(?:i|we|i['’](?:d|m|ll)|we['’](?:d|re|ll)|ich|wir|je|nous|yo|eu)\b`)
	// others are subjects that the writer is not, where the writer refuses or points to somebody.
	others = pattern.MustCompile(`(?i)\b(?:our|my|the|unser|mein|notre|mon|ma|nuestr[oa]|mi|nosso|nossa|meu|minha|o|a)e?\s+(?:\p{L}+\s+){0,2}` +
		`(?:team|colleagues?|department|office|people|group|successor|kolleg(?:e|in|en)|team|abteilung|équipe|collègues?|service|equipo|compañer[oa]s?|colegas?|equipe)\b`)
)

// against returns what speaks against a verdict that rests on the phrase m, where nothing settles which of
// the two holds: then the owner is asked.
func (l *letter) against(intent Intent, m *cues.Mark) *cues.Mark {
	switch intent {
	case Accept, AcceptWithTimes, ProposeLink:
		no := l.says(cues.No)
		if no != nil && !l.onlySome(no) && !l.offersAfter(no) && !l.settled(no, m) {
			return no
		}
		if m.Act == cues.Yes || len(l.offers) > 0 || l.Link != "" {
			return nil
		}
		if l.says(cues.Yes) != nil {
			return nil
		}
		if luck := l.ruled("thanks.luck"); luck != nil && luck.From > m.From {
			return luck // who wishes luck and asks "what works?" in passing may be leaving
		}
		return l.after(m, cues.Unfit, cues.Busy)
	case Decline:
		if len(l.offers) > 0 && l.says(cues.Good) != nil {
			return l.says(cues.Good)
		}
		return l.after(m, cues.Yes)
	}
	return nil
}

// settled says whether a yes takes back the no before it: behind a "but", or where the no was under a "usually".
func (l *letter) settled(no, yes *cues.Mark) bool {
	return yes.From > no.From && l.butBetween(no, yes)
}

// after returns the last phrase of an act behind another, in its own clause.
func (l *letter) after(m *cues.Mark, acts ...cues.Act) *cues.Mark {
	if k := l.says(acts...); k != nil && k.From >= m.To && k.Clause > m.Clause {
		return k
	}
	return nil
}

// count returns how many different phrases of an act there are.
func (l *letter) count(act cues.Act) int {
	seen := map[string]bool{}
	for _, m := range l.Marks {
		if m.Act == act {
			seen[strings.ToLower(l.text[m.From:m.To])] = true
		}
	}
	return len(seen)
}

// butBetween says whether a clause that begins with "but" or the like stands after the phrase a, up to
// the clause of b.
func (l *letter) butBetween(a, b *cues.Mark) bool {
	for i := a.Clause + 1; i <= b.Clause; i++ {
		if l.Clauses[i].But {
			return true
		}
	}
	return false
}

// around is the clause of a phrase, for evidence.
func (l *letter) around(m *cues.Mark) string {
	c := l.Clauses[m.Clause]
	return l.text[min(c.From, m.From):max(c.To, m.To)]
}

// at is a mark at a place where no phrase stands.
func (l *letter) at(offset int) *cues.Mark {
	i := sort.Search(len(l.Clauses), func(i int) bool { return offset < l.Clauses[i].To })
	if i == len(l.Clauses) {
		return nil
	}
	return &cues.Mark{From: max(offset, l.Clauses[i].From), To: l.Clauses[i].To, Clause: i}
}
