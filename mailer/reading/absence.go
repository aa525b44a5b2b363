package reading

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/times"
)

var (
	// backOn stands before, or after, the first day back.
	backOn = regexp.MustCompile(`(?i)\b(?:back|re-?opens?|return(?:ing)?|available again|reachable again|resume|zurück|wieder|ab dem|de retour|retour|reprends?|regreso|regresar[eé]|vuelvo|volver[eé]|reincorporo|reincorporar[eé]|regresso|retorno|retornarei|regressarei|volto|voltarei)`)
	// backFrom stands before the first day back where the verb comes later: "ab 7. Januar wieder da".
	backFrom = regexp.MustCompile(`(?i)(?:^|\s)(?:ab|from|à partir du|a partir del?|a partir de)(?:\s+(?:dem|the|le|el|o))?\s`)
	// awayUntil stands before the last day away, or in English before the first day back.
	awayUntil = regexp.MustCompile(`(?i)\b(until|till?|through|thru|bis|jusqu['’ ]+(?:au|à|en)|hasta|até|ate)(?:\P{L}|$)`)
	// inclusive says that the day named is the last one away.
	inclusive = regexp.MustCompile(`(?i)\b(?:inclusive|incl\.?|including|through|thru|bis|einschlie(?:ß|ss)lich|jusqu|inclus|hasta|at[eé])`)
)

// returnDate reads the first day back of an absence notice: the day it names as such, else the day
// after the last one away. Weekends are skipped.
func (f *facts) returnDate(l *letter) {
	if f.at.IsZero() {
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
	found := f.find(sentence)
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

// find returns the times in a stretch of text.
func (f *facts) find(text string) []times.Time {
	text = strings.ReplaceAll(text, "on or after", "from")
	found := times.Find(text, times.Options{Ref: f.at, Zone: f.SenderZone})
	return append(found.Times, found.Excluded...)
}

// dayIn reads the first day that a text names: a date, or a span of the calendar such as "in March".
func (f *facts) dayIn(text string) (time.Time, bool) {
	if day, ok := f.spanStart(text); ok {
		return day, true
	}
	if found := f.find(text); len(found) > 0 {
		t := found[0]
		if from, _ := locate(text, t.Text, 0); from > 0 && t.Kind == times.Day && t.End != nil && afterWord.MatchString(text[:from]) {
			return t.Start.AddDate(0, 0, 1), true
		}
		return t.Start, true
	}
	return time.Time{}, false
}

var (
	monthNames = map[string]time.Month{
		"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
		"jan": 1, "feb": 2, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
		"januar": 1, "janner": 1, "februar": 2, "marz": 3, "mai": 5, "juni": 6, "juli": 7, "oktober": 10, "dezember": 12,
		"enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8, "septiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12,
		"janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "juin": 6, "juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
		"janeiro": 1, "fevereiro": 2, "marco": 3, "maio": 5, "junho": 6, "julho": 7, "setembro": 9, "outubro": 10, "novembro": 11, "dezembro": 12,
	}
	weekOf      = regexp.MustCompile(`\b(first|second|third|fourth|1st|2nd|3rd|4th|ersten|zweiten|dritten|vierten|primera|segunda|tercera|cuarta|premiere|deuxieme|troisieme|quatrieme|primeira|terceira|quarta) (?:full )?(?:week|woche|semana|semaine) (?:of|in|im|de|en|em|d')? ?([a-z]+)`)
	inSpans     = regexp.MustCompile(`\b(a|an|one|two|three|four|five|six|eight|ten|another|couple of|a couple of|a couple|\d{1,2}|zwei|drei|vier|sechs|dos|tres|cuatro|seis|deux|trois|quatre|duas|dois|quatro|einer|einem|una|un|uma|um|une) (day|week|fortnight|month|year|tag|woche|monat|semana|mes|dia|jour|semaine|mois|jahr)(?:s|en|n|es|e)?\b( from today| from now)?`)
	inBefore    = regexp.MustCompile(`\b(in|after|within|for|dentro de|dans|daqui a|em|nach|give (?:me|us|it)|another)\s*$`)
	nextSpan    = regexp.MustCompile(`\b(?:next|nachsten|nachstes|kommenden|proximo|proxima) (month|quarter|year|monat|quartal|jahr|mes|trimestre|ano)\b|\b(new year|neuen jahr|neues jahr|ano nuevo|ano que viene|ano que vem|ano novo|an prochain|annee prochaine|nouvel an)\b`)
	afterFeasts = regexp.MustCompile(`\b(?:after|past|following|nach) (?:the |den )?(?:holidays?|festive season|christmas|xmas|new year'?s?|weihnachten|feiertagen|weihnachtsferien)\b|\b(?:apres les fetes|despues de (?:las )?(?:fiestas|navidades|navidad)|depois d(?:as festas|o natal))\b`)
	seasonOf    = regexp.MustCompile(`\b(?:in|until|after|im|en|au|na|no|this|next|come) (?:the |la |el )?(?:early )?(spring|summer|autumn|fall|fruhjahr|fruhling|sommer|herbst|primavera|verano|otono|printemps|ete|automne|verao|outono)\b`)
)

var seasons = map[string]time.Month{
	"spring": 3, "fruhjahr": 3, "fruhling": 3, "primavera": 3, "printemps": 3, "summer": 6, "sommer": 6, "verano": 6, "ete": 6, "verao": 6,
	"autumn": 9, "fall": 9, "herbst": 9, "otono": 9, "automne": 9, "outono": 9,
}

var counts = map[string]int{
	"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "ersten": 1, "zweiten": 2, "dritten": 3, "vierten": 4,
	"primera": 1, "segunda": 2, "tercera": 3, "cuarta": 4, "premiere": 1, "deuxieme": 2, "troisieme": 3, "quatrieme": 4, "primeira": 1, "terceira": 3, "quarta": 4,
	"a": 1, "an": 1, "one": 1, "another": 1, "einer": 1, "einem": 1, "una": 1, "un": 1, "uma": 1, "um": 1, "une": 1, "two": 2, "couple of": 2, "a couple of": 2, "a couple": 2,
	"zwei": 2, "dos": 2, "deux": 2, "duas": 2, "dois": 2, "three": 3, "drei": 3, "tres": 3, "trois": 3, "four": 4, "vier": 4, "cuatro": 4, "quatre": 4, "quatro": 4,
	"five": 5, "six": 6, "sechs": 6, "seis": 6, "eight": 8, "ten": 10,
}

// afterWord stands before a day that is itself too early.
var afterWord = regexp.MustCompile(`(?i)(?:\bafter|\bnach|después de|despues de|\baprès|\bdepois d)[el]?(?:\s+(?:the|dem|el|le|o|dia|día))*\s*$`)

// spanStart reads the first day of a span that has no date: "the second week of January", "in three
// weeks", "next quarter", "mid-March", "in the new year". A season begins with its month.
func (f *facts) spanStart(text string) (time.Time, bool) {
	s := cues.Fold(text)
	switch {
	case weekOf.MatchString(s):
		m := weekOf.FindStringSubmatch(s)
		if month, ok := monthNames[m[2]]; ok {
			day := f.next(month, "")
			for day.Weekday() != time.Monday {
				day = day.AddDate(0, 0, 1)
			}
			return day.AddDate(0, 0, 7*(counts[m[1]]-1)), true
		}
	case afterFeasts.MatchString(s):
		return workday(f.next(time.January, "").AddDate(0, 0, 1)), true
	case nextSpan.MatchString(s):
		return f.nextSpan(nextSpan.FindStringSubmatch(s)[1]), true
	case seasonOf.MatchString(s):
		return f.next(seasons[seasonOf.FindStringSubmatch(s)[1]], ""), true
	}
	if day, ok := f.month(s); ok {
		return day, true
	}
	if m := inSpans.FindStringSubmatchIndex(s); m != nil && (m[6] >= 0 || inBefore.MatchString(s[:m[0]])) {
		return f.ahead(s[m[2]:m[3]], s[m[4]:m[5]]), true
	}
	return time.Time{}, false
}

// beforeMonth are the words that a month without a date stands behind.
var beforeMonth = strings.Fields("in until till after from by come during around sometime for before early mid late end of next this im ab nach anfang mitte ende bis en a partir apres des debut fin em de depois meados fim principios mediados finales hasta ate pour para")

// month reads the first day of a month, or of a part of it, that is named without a date.
func (f *facts) month(s string) (time.Time, bool) {
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		month, ok := monthNames[w]
		if !ok || i == 0 || !slices.Contains(beforeMonth, words[i-1]) || i > 1 && startsWithDigit(words[i-2]) {
			continue
		}
		year := ""
		if i+1 < len(words) && startsWithDigit(words[i+1]) {
			if year = words[i+1]; len(year) != 4 {
				continue
			}
		}
		return monthPart(f.next(month, year), strings.Join(words[max(0, i-2):i], " ")), true
	}
	return time.Time{}, false
}

func startsWithDigit(w string) bool { return w[0] >= '0' && w[0] <= '9' }

var (
	midMonth   = regexp.MustCompile(`\b(?:mid|mitte|mi|meados|mediados)\b`)
	lateMonth  = regexp.MustCompile(`\b(?:late|end|ende|fin|fim|finales)\b`)
	afterMonth = regexp.MustCompile(`\b(?:after|nach|apres|depois)\b`)
)

// monthPart moves into a month as the words before it say.
func monthPart(first time.Time, before string) time.Time {
	switch {
	case midMonth.MatchString(before):
		return first.AddDate(0, 0, 14)
	case lateMonth.MatchString(before):
		return first.AddDate(0, 0, 24)
	case afterMonth.MatchString(before):
		return first.AddDate(0, 1, 0)
	}
	return first
}

// next is the first day of a month that is yet to come.
func (f *facts) next(month time.Month, year string) time.Time {
	y, err := strconv.Atoi(year)
	if err != nil {
		y = f.at.Year()
		if month <= f.at.Month() {
			y++
		}
	}
	return time.Date(y, month, 1, 0, 0, 0, 0, f.at.Location())
}

func (f *facts) nextSpan(unit string) time.Time {
	first := time.Date(f.at.Year(), f.at.Month(), 1, 0, 0, 0, 0, f.at.Location())
	switch unit {
	case "month", "monat", "mes":
		return first.AddDate(0, 1, 0)
	case "quarter", "quartal", "trimestre":
		return first.AddDate(0, 3-int(first.Month()-1)%3, 0)
	}
	return time.Date(f.at.Year()+1, 1, 1, 0, 0, 0, 0, f.at.Location())
}

// ahead is so many days, weeks or months from the mail's own date.
func (f *facts) ahead(count, unit string) time.Time {
	n, err := strconv.Atoi(count)
	if err != nil {
		n = counts[strings.TrimSpace(count)]
	}
	switch unit {
	case "day", "tag", "dia", "jour":
		return f.at.AddDate(0, 0, n)
	case "fortnight":
		return f.at.AddDate(0, 0, 14*n)
	case "month", "monat", "mes", "mois":
		return f.at.AddDate(0, n, 0)
	case "year", "jahr":
		return f.at.AddDate(n, 0, 0)
	}
	return f.at.AddDate(0, 0, 7*n)
}
