package reading

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/times"
)

// findOffers tells the times that are offered from those that are taken up, due, or gone.
func (l *letter) findOffers() {
	l.timed = map[int]bool{}
	at := 0
	for _, t := range l.Times {
		from, to := locate(l.text, t.Text, at)
		offered := from < 0 || !l.notOffered(from, to) && !l.asksWhen(from, t)
		if from >= 0 {
			at = from
			l.note(spot{from: from, to: to, offered: offered, kind: t.Kind})
		}
		if offered {
			l.offers = append(l.offers, t)
		}
	}
	for _, t := range l.f.found.Excluded {
		if from, to := locate(l.text, t.Text, 0); from >= 0 {
			l.note(spot{from: from, to: to, kind: t.Kind})
		}
	}
}

// note keeps where a time stands.
func (l *letter) note(s spot) {
	m := l.at(s.from)
	if m == nil {
		return
	}
	s.clause = m.Clause
	l.spots = append(l.spots, s)
	l.timed[l.Clauses[m.Clause].Sentence] = true
}

// afterMove keeps the times that stand behind the wish to move: those before it say why.
func (l *letter) afterMove() []times.Time {
	first := slices.IndexFunc(l.Marks, func(m cues.Mark) bool { return m.Act == cues.Move && m.Rule != "move.conflict" })
	if first < 0 {
		return l.offers
	}
	sentence := l.Clauses[l.Marks[first].Clause].Sentence
	return slices.DeleteFunc(slices.Clone(l.offers), func(t times.Time) bool {
		from, _ := locate(l.text, t.Text, 0)
		m := l.at(from)
		return from >= 0 && m != nil && l.Clauses[m.Clause].Sentence < sentence
	})
}

// locate finds words in a text whose white space may differ, from an offset on or else anywhere.
func locate(text, words string, at int) (from, to int) {
	fields := strings.Fields(words)
	if len(fields) == 0 {
		return -1, -1
	}
	for start := at; start < len(text); {
		i := strings.Index(text[start:], fields[0])
		if i < 0 {
			break
		}
		from, to = start+i, start+i+len(fields[0])
		for _, w := range fields[1:] {
			next := len(text) - len(strings.TrimLeft(text[to:], " \t\r\n"))
			if !strings.HasPrefix(text[next:], w) {
				to = -1
				break
			}
			to = next + len(w)
		}
		if to > 0 {
			return from, to
		}
		start = from + 1
	}
	if at > 0 {
		return locate(text, words, 0)
	}
	return -1, -1
}

// notOffered says whether what the letter means by the words around a time makes it no offer: the day to
// ask again, the agreed time itself ("our call on Wednesday"), or one that is refused ("no to Thursday"). What grammar alone rules out is not in
// the letter's times.
func (l *letter) notOffered(from, to int) bool {
	m := l.at(from)
	return m != nil && slices.ContainsFunc(l.Marks, func(k cues.Mark) bool {
		switch {
		case k.Act == cues.Later, k.Rule == "move.conflict":
			return k.Clause == m.Clause
		case k.Act == cues.Meeting:
			return k.From < to && from <= k.To+len(" on ")
		case k.Act == cues.Away:
			return k.From < to && from < k.To
		}
		return false
	})
}

// asksReader begins a question after the reader's own time: "are you free next week?"
var asksReader = regexp.MustCompile(`(?i)^(?:and |so |but )?(?:what|how|when|are you|do you|bist du|sind sie|hast du|haben sie|wie|wann|êtes|es-tu|avez|quand|comment|estás|está|tienes|tiene|cuándo|cómo|você|quando|como)\b(?: (?:does|do|is|are|free|available|around|have|time|sieht|zeit|vous|libre|disponible|disponibles|tiempo|tempo|livre|any)\b)`)

// asksWhen says whether the clause of a time asks for one: "what works on your side next week?"
func (l *letter) asksWhen(from int, t times.Time) bool {
	m := l.at(from)
	if m == nil {
		return false
	}
	asks, offers := false, false
	for _, k := range l.Marks {
		if k.Clause == m.Clause {
			asks = asks || k.Act == cues.When || k.Rule == "move.other"
			offers = offers || k.Act == cues.Good
		}
	}
	question := l.Clauses[m.Clause].Question
	asks = asks || question && asksReader.MatchString(l.text[l.Clauses[m.Clause].From:from])
	if t.End != nil && t.End.Sub(t.Start) > 36*time.Hour {
		return asks && (question || !offers)
	}
	return asks && !offers && question && t.Kind == times.Day
}
