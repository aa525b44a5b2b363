package reading

import (
	"regexp"
	"slices"
	"time"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/pattern"
	"introd/mailer/reading/times"
)

var (
	// backOn stands before, or after, the first day back.
	backOn = pattern.MustCompile(`(?i)\b(?:back|re-?opens?|return(?:ing)?|available again|reachable again|resume|zurück|wieder|ab dem|de retour|retour|reprends?|regreso|regresar[eé]|vuelvo|volver[eé]|reincorporo|reincorporar[eé]|regresso|retorno|retornarei|regressarei|volto|voltarei)`)
	// backFrom stands before the first day back where the verb comes later: "ab 7. Januar wieder da".
	backFrom = pattern.MustCompile(`(?i)(?:^|\s)(?:ab|from|à partir du|a partir del?|a partir de)(?:\s+(?:dem|the|le|el|o))?\s`)
	// awayUntil stands before the last day away, or in English before the first day back.
	awayUntil = pattern.MustCompile(`(?i)\b(until|till?|through|thru|bis|jusqu['’ ]+(?:au|à|en)|hasta|até|ate)(?:\P{L}|$)`)
	// inclusive says that the day named is the last one away.
	inclusive = pattern.MustCompile(`(?i)\b(?:inclusive|incl\.?|including|through|thru|bis|einschlie(?:ß|ss)lich|jusqu|inclus|hasta|at[eé])`)
)

// returnDate reads the first day back of an absence notice: the day it names as such, else the day
// after the last one away. Weekends are skipped.
func (f *facts) returnDate(l *letter) {
	if f.at.IsZero() || l.says(cues.Gone) != nil {
		return
	}
	for _, read := range []func(string) (time.Time, bool){f.backDay, f.untilDay, f.rangeDay} {
		for _, sentence := range l.sentences() {
			if day, ok := read(sentence); ok {
				l.ReturnDate = day.Format(time.DateOnly)
				l.because("return_date="+l.ReturnDate, sentence, "absence.return-date")
				return
			}
		}
	}
}

// backDay reads "back on the 4th", or "until the 4th, when I return".
func (f *facts) backDay(sentence string) (time.Time, bool) {
	m := backOn.FindStringIndex(sentence)
	if m == nil {
		return time.Time{}, false
	}
	if day, ok := f.dayIn(sentence[m[1]:]); ok {
		return day, true
	}
	if m := backFrom.FindStringIndex(sentence[:m[0]]); m != nil {
		return f.dayIn(sentence[m[1]:])
	}
	if awayUntil.MatchString(sentence[:m[0]]) {
		return f.dayIn(sentence[awayUntil.FindStringIndex(sentence)[1]:m[0]])
	}
	return time.Time{}, false
}

// untilDay reads "until Monday", "bis einschließlich 13.12.".
func (f *facts) untilDay(sentence string) (time.Time, bool) {
	m := awayUntil.FindStringIndex(sentence)
	if m == nil {
		return time.Time{}, false
	}
	day, ok := f.dayIn(sentence[m[1]:])
	if ok && inclusive.MatchString(sentence) {
		day = day.AddDate(0, 0, 1)
	}
	return workday(day), ok
}

// rangeDay reads "away 1-11 December".
func (f *facts) rangeDay(sentence string) (time.Time, bool) {
	if len(cues.Find(sentence).Marks) == 0 {
		return time.Time{}, false
	}
	found, _ := f.find(sentence)
	switch n := len(found); {
	case n > 1:
		return workday(found[n-1].Start.AddDate(0, 0, 1)), true
	case n == 1 && found[0].End != nil && found[0].End.Sub(found[0].Start) > 36*time.Hour:
		return workday(*found[0].End), true
	}
	return time.Time{}, false
}

// workday is the day itself, or the Monday after a weekend.
func workday(day time.Time) time.Time {
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// laterDate reads the first day to ask again: where the letter asks for that, else where it says what
// keeps its writer.
func (f *facts) laterDate(l *letter) {
	if f.at.IsZero() {
		return
	}
	sentences := l.sentences()
	var order []string
	for _, acts := range [][]cues.Act{{cues.Later}, {cues.NotNow, cues.Away, cues.Busy, cues.Absent}} {
		for _, m := range l.Marks {
			if slices.Contains(acts, m.Act) {
				order = append(order, sentences[l.Clauses[m.Clause].Sentence])
			}
		}
	}
	if m := l.says(cues.Later); m != nil && l.Clauses[m.Clause].Sentence > 0 {
		order = append(order, sentences[l.Clauses[m.Clause].Sentence-1]) // "I'm back in March. Write to me then."
	}
	if m := l.says(cues.NotNow); m != nil && l.Clauses[m.Clause].Sentence+1 < len(sentences) {
		order = append(order, sentences[l.Clauses[m.Clause].Sentence+1]) // "It has to wait. I'd suggest February."
	}
	for i, sentence := range order {
		if slices.Contains(order[:i], sentence) {
			continue
		}
		if day, ok := f.dayIn(sentence); ok {
			l.ReturnDate = day.Format(time.DateOnly)
			l.because("return_date="+l.ReturnDate, sentence, "absence.ask-again")
			return
		}
	}
}

// sentences are those of the letter, by their index.
func (l *letter) sentences() []string {
	var all []string
	from := 0
	for _, c := range l.Clauses {
		if len(all) <= c.Sentence {
			from = c.From
			all = append(all, slices.Repeat([]string{""}, c.Sentence+1-len(all))...)
		}
		all[c.Sentence] = l.text[from:c.To]
	}
	return all
}

// find returns the times in a text, offered or not, and then the longer stretches of time.
func (f *facts) find(text string) (dated, vague []times.Time) {
	found := times.Find(text, times.Options{Ref: f.at, Zone: f.SenderZone})
	return slices.Concat(found.Times, found.Excluded), found.Vague
}

var (
	// afterWord stands before a day that is itself too early, in the languages that times reads it as that day in.
	afterWord = pattern.MustCompile(`(?i)(?:\bnach|después de|despues de|\baprès|\bdepois d)[elo]?(?:\s+(?:dem|el|le|o|dia|día))*\s*$`)
	giveIt    = pattern.MustCompile(`(?i)\bgive (?:it|me|us) (an?|another|two|three|\d+)\b`)
	midMonth  = regexp.MustCompile(`(?i)^(?:mid|middle|mitte|mediados|mi-|meados)`)
	// termBegins stands before the month with which a term begins: "à la rentrée de janvier".
	termBegins = pattern.MustCompile(`(?i)\b(?:rentrée|vuelta|volta|début|inicio|principios|início|começo|anfang|beginn|beginning|start)\s+(?:de |del |d['’]|of |des )`)
)

// dayIn reads the first day that a text names: a date, or the beginning of a longer stretch. The middle of a
// month is its 15th.
func (f *facts) dayIn(text string) (time.Time, bool) {
	if day, ok := f.seasonIn(cues.Fold(text)); ok {
		return day, true
	}
	dated, vague := f.find(giveIt.ReplaceAllString(termBegins.ReplaceAllString(text, "in "), "in $1"))
	found := append(dated, vague...)
	if len(found) == 0 {
		return time.Time{}, false
	}
	t := found[0]
	if !t.Start.After(f.at) && t.End != nil && t.End.After(f.at) {
		return *t.End, true // "not before February", "this week is impossible"
	}
	if midMonth.MatchString(t.Text) {
		return t.Start.AddDate(0, 0, 15-t.Start.Day()), true
	}
	if from, _ := locate(text, t.Text, 0); from > 0 && t.Kind == times.Day && t.End != nil && afterWord.MatchString(text[:from]) {
		return t.Start.AddDate(0, 0, 1), true
	}
	return t.Start, true
}

var (
	nextSpan    = regexp.MustCompile(`\b(?:next|nachsten|nachstes|kommenden|proximo|proxima) (quarter|year|quartal|jahr|trimestre|ano)\b|\b(?:new year|neuen jahr|neues jahr|ano nuevo|ano que viene|ano que vem|ano novo|an prochain|annee prochaine|nouvel an)\b`)
	afterFeasts = regexp.MustCompile(`\b(?:after|past|following|nach) (?:the |den )?(?:holidays?|festive season|christmas|xmas|new year'?s?|weihnachten|feiertagen|weihnachtsferien)\b|\b(?:apres les fetes|despues de (?:las )?(?:fiestas|navidades|navidad)|depois d(?:as festas|o natal))\b`)
	seasonOf    = regexp.MustCompile(`\b(?:in|until|after|im|en|au|na|no|this|next|come) (?:the |la |el )?(?:early )?(spring|summer|autumn|fall|fruhjahr|fruhling|sommer|herbst|primavera|verano|otono|printemps|ete|automne|verao|outono)\b`)
)

var seasons = map[string]time.Month{
	"spring": 3, "fruhjahr": 3, "fruhling": 3, "primavera": 3, "printemps": 3, "summer": 6, "sommer": 6, "verano": 6, "ete": 6, "verao": 6,
	"autumn": 9, "fall": 9, "herbst": 9, "otono": 9, "automne": 9, "outono": 9,
}

// seasonIn reads the first day of what has no date at all, in folded text: "next quarter", "in the new
// year", "after the holidays", which is the first working day of the year, "in the spring". A season begins
// with its month, as it does north of the equator.
func (f *facts) seasonIn(text string) (time.Time, bool) {
	if afterFeasts.MatchString(text) {
		return workday(f.first(time.January).AddDate(0, 0, 1)), true
	}
	if m := nextSpan.FindStringSubmatch(text); m != nil {
		if m[1] == "quarter" || m[1] == "quartal" || m[1] == "trimestre" {
			return f.first((f.at.Month()-1)/3*3 + 4), true
		}
		return f.first(time.January), true
	}
	if m := seasonOf.FindStringSubmatch(text); m != nil {
		return f.first(seasons[m[1]]), true
	}
	return time.Time{}, false
}

// first is the first day of a month that is yet to come; the 13th month is the next January.
func (f *facts) first(month time.Month) time.Time {
	day := time.Date(f.at.Year(), month, 1, 0, 0, 0, 0, f.at.Location())
	if !day.After(f.at) {
		day = day.AddDate(1, 0, 0)
	}
	return day
}
