package times

import (
	"maps"
	"strings"
)

// starters are the words that an item may begin with. All others are passed over, which is most of what
// people write.
var starters = startersOf()

func startersOf() set {
	all := words(`today heute aujourd'hui hoy hoje tomorrow tomorrows tmrw tmr tomorow demain amanhã tonight tonite morgen mañana yesterday gestern hier ayer ontem
		in en dans em im on during within over last previous letzten letzte letzter past dia día du closest nearest week weekend dieses cet
		a an half couple another roughly ein eine einem einer une un una um uma halb quarter viertel noon noonish midday mittag midi mediodía mid meio meio-dia midnight
		mitternacht minuit medianoche o early late later frühen früh späten spät your deine ihre votre my local + - ~ standard
		number option slot no choice # nr vorschlag termin número opción opção créneau numéro latter former dernière última either both any all to auf`)
	for _, s := range []set{atWords, betweenWords, fromWords, afterWords, beforeWords, articleWords, nextWords, thisWords, dateOpenings} {
		maps.Copy(all, s)
	}
	take(all, weekdays)
	take(all, shyWeekdays)
	take(all, months)
	take(all, cardinals)
	take(all, ordinals)
	take(all, parts)
	take(all, zoneNames)
	take(all, openings)
	take(all, pieces)
	take(all, whichWeeks)
	take(all, weekOfs)
	take(all, overmorrow)
	take(all, thereafter)
	take(all, sameTimes)
	take(all, wholeDays)
	return all
}

// take adds the words of a table to a set.
func take[V any, M ~map[string]V](all set, table M) {
	for w := range table {
		all[w] = true
	}
}

// mayBegin says whether an item may begin at token i.
func (l line) mayBegin(i int) bool {
	t := &l[i]
	return t.digits > 0 || starters[t.word] || starters[strings.TrimSuffix(strings.TrimSuffix(t.word, "'s"), "ish")]
}
