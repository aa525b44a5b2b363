package times

// A claim is what the words around a time make of it.
type claim int

const (
	offered  claim = iota // they could talk then
	told                  // it stands in a statement; an offer only where the text makes no other
	aside                 // a deadline, opening hours, a promise to write
	ruledOut              // not then
)

// cues of a clause.
var (
	offerWords = words(`could can would works work free available open suit suits suitable shall good fine great perfect best better prefer happy ok okay sure offer propose suggest try meet talk chat call speak
		do say yes either any anytime possible convenient slot works let's how what should manage aim book swing come grab pencil ideal ideally preferably alternatively otherwise else instead light quiet clear easy
		passt passen passe ginge geht gehen gern gerne möglich können könnte könnten kann zeit frei alternativ wäre ideal besser vorschlagen
		pouvez pourrais pourrait pourrions peux possible disponible libre convient convenir irait va proposer propose dispo marche
		puedo podría podríamos podemos puede podrían viene conviene parece propongo quedar
		posso podemos poderia pode poderíamos livre disponível serve melhor sugiro fica`)
	refusals = words(`not can't cannot won't don't doesn't isn't aren't couldn't wouldn't cant wont dont unable unavailable except excluding besides busy booked taken impossible hopeless swamped slammed packed dead
		nicht kein keine keinen außer ausser leider verhindert unterwegs ausgebucht belegt pas sauf indisponible malheureusement occupé occupée excepto salvo imposible ocupado ocupada
		não nao exceto indisponível infelizmente lamentablemente travelling traveling conflict conflicts nix neither nor no never`)
	// absences, behind "on": "on vacation until the 9th".
	absences = words("vacation holiday holidays leave pto urlaub vacances congé congés vacaciones férias")
	// refusals behind a form of "be" alone: "I'm out Tuesday", "Monday is full".
	beRefusals = words("out off away full gone tight bad terrible tricky rough crazy hectic jammed closed difficult hard tough awkward problematic worse")
	// engagements take up the time at which somebody has them.
	engagements = words(`meeting meetings appointment call calls class classes flight trip exam dentist doctor surgery wedding funeral conference commitment commitments event training workshop
		review party visitors guests`)
	beWords    = words("am is are be was were been i'm im we're he's she's they're it's that's being also all currently then still already ooo ' m")
	excepting  = words("except excluding besides instead other apart rather but sauf excepto exceto salvo menos außer ausser")
	allWords   = words("anything everything day days all any time anytime afternoon morning") // "any day but Friday"
	hardEnds   = words("but however though although because if unless otherwise whereas while since so aber sondern sonst weil wenn falls mais sinon car pero sino si mas senão se")
	conditions = words("if unless should wenn falls si se")
	moveWords  = words(`move moving push pushing shift slide reschedule rescheduling postpone change bring switch bump verschieben verlegen vorziehen reporter décaler déplacer mover aplazar cambiar posponer
		remarcar adiar mudar`)
	replyWords = words("confirm reply respond rsvp know resend send submit answer return finish deliver ship complete need want write email hear")
	pastWords  = words("was were had did said met saw spoke talked died left went came got sent called wrote started began joined moved happened made told asked gave took heard")
	dueWords   = words("deadline due expires closes ends")
)

// judge says of each item of a sentence what its clause makes of it.
func (r *reader) judge(l line, items []item) {
	cover := make([]bool, len(l)+1)
	for _, it := range items {
		for i := it.from; i < it.to; i++ {
			cover[i] = true
		}
	}
	begin := 0
	for _, end := range clauses(l, items, cover) {
		r.judgeClause(l, items, cover, begin, end)
		begin = end
	}
	r.judgeMoves(l, items)
}

var (
	refusalPhrases = bookOf(map[bool]string{true: "tied up|other than|apart from|instead of|rather than|wish i could"})
	// noWhat are the words behind a "no" that refuses: "no time on Thursday", "Thursday's no good".
	noWhat = words("to good go longer way chance use time availability slots openings room space capacity puedo está estoy podré")
	// intensities may stand between a form of "be" and its refusal.
	intensities = words("completely totally usually all very quite pretty really fully bit")
)

// cueAt says what token i does in a clause: offer, refuse or nothing. Refusals that are none are known
// by their company: "can't wait", "why not", "no problem".
func cueAt(l line, i int) (offer, refuse bool) {
	if _, n := refusalPhrases.read(l, i); n > 0 || l.is(i, "but") && l.in(i-1, allWords) {
		return false, true
	}
	switch {
	case l.in(i, beRefusals):
		return false, l.in(i-1, beWords) || l.in(i-2, beWords) && l.in(i-1, intensities)
	case l.in(i, absences):
		return false, l.is(i-1, "on", "im", "en", "de", "annual", "parental", "maternity", "paternity", "medical", "sick")
	case l.is(i, "no"):
		return false, (l.in(i+1, noWhat) || l.namesDay(i+1)) && !harmless(l, i)
	case l.in(i, refusals):
		return false, !harmless(l, i)
	}
	if l.in(i, engagements) && engaged(l, i) {
		return false, true
	}
	if l.is(i, "have", "has", "needs", "need") && l.is(i+1, "to") && l.is(i+2, "be") {
		return true, false
	}
	if l.is(i, "work") && l.is(i-1, "off", "at", "from", "to", "after", "before") {
		return false, false // "I get off work at 5"
	}
	return l.in(i, offerWords) && !(l.is(i, "what", "how") && !l.is(i+1, "about") && !proposes(l, i)), false
}

// proposes says that "how" or "what" at token i asks after the day that follows: "how is Tuesday", "how does the 8th look".
func proposes(l line, i int) bool {
	return l.is(i, "how") && l.is(i+1, "is", "are", "does", "do", "would", "might") && (isDate(l, i+2) || l.is(i+2, "the") && isDate(l, i+3))
}

// engaged says that somebody has what stands at token i: "I have a board meeting", "I'm at a conference".
func engaged(l line, i int) bool {
	for j := i - 1; j >= 0 && j >= i-5; j-- {
		switch {
		case l.is(j, "have", "got") && l.is(j-2, "can", "could", "shall", "should", "may", "might", "would", "let", "to"):
			return false // can we have a call?
		case l.is(j, "have", "got") && l.is(j-1, "i", "we", "he", "she", "they", "i've", "we've", "already", "also", "unfortunately"),
			l.is(j, "in", "at") && l.is(j-1, "i'm", "we're", "am", "are", "be", "he's", "she's"):
			return true
		}
	}
	return false
}

func harmless(l line, i int) bool {
	switch {
	case l.is(i-1, "why", "if"), l.is(i-2, "why", "if") && l.is(i, "not", "don't"):
		return true
	case l.is(i+1, "wait", "hesitate", "worry", "mind", "only", "problem", "yet", "matter") || l.is(i+1, "a") && l.is(i+2, "problem"):
		return true
	case l.is(i, "not", "no", "nicht", "nothing") && (l.is(i+1, "before", "until", "earlier", "later", "vor") || l.is(i+1, "too") || l.is(i+1, "sure")):
		return true
	}
	return false
}

// clauses returns the ends of the clauses of a sentence. A comma, a dash or an "and" ends one where
// there is a time with a verdict on both sides.
func clauses(l line, items []item, cover []bool) []int {
	both := make([]int, len(l)+1) // from i to the next hard end: bit 1 a time, bit 2 a verdict
	for i := len(l) - 1; i >= 0; i-- {
		if !l.in(i, hardEnds) || cover[i] {
			both[i] = both[i+1]
		}
		offer, refuse := cueAt(l, i)
		switch {
		case cover[i]:
			both[i] |= 1
		case offer || refuse:
			both[i] |= 2
		}
		if barelyRefused(l, i) {
			both[i] |= 1
		}
	}
	var ends []int
	seen, conditional := 0, false
	for i := range l {
		soft := l.is(i, ",", "–", "—", ":", "and", "und", "et", "y", "e") || l.is(i, "-") && l.at(i).space
		switch {
		case cover[i]:
			seen |= 1
			continue
		case i > 0 && l.in(i, hardEnds) && !l.is(i+1, "that", "far") && !(l.is(i, "but") && l.in(i-1, allWords)),
			soft && seen == 3 && (both[i+1] == 3 || l.is(i, ",") && l.is(i+1, "not", "nicht", "não")), // "..., not Monday" is of what follows
			soft && conditional && (seen&2 > 0 || seen == 0) && l.is(i, ","):                          // "if that fails, Monday", "if not, Monday"
			ends = append(ends, i)
			seen, conditional = 0, false
		}
		conditional = conditional || l.in(i, conditions)
		if offer, refuse := cueAt(l, i); offer || refuse {
			seen |= 2
		}
	}
	return append(ends, len(l))
}

// barelyRefused says that a lone number is refused, "3 is fine, 4 isn't": it is no time by itself, but the
// refusal is not of the time before it.
func barelyRefused(l line, i int) bool {
	return l.at(i).digits > 0 && l.at(i).digits <= 2 && l.is(i-1, ",", "and", "but") && l.is(i+1, "isn't", "doesn't", "won't", "is", "does", "will") && (l.in(i+1, refusals) || l.is(i+2, "not"))
}

// judgeClause judges the items between two tokens.
func (r *reader) judgeClause(l line, items []item, cover []bool, begin, end int) {
	refusal, offer, other, covered := -1, false, 0, 0
	for i := begin; i < end; i++ {
		if cover[i] {
			covered++
			continue
		}
		o, no := cueAt(l, i)
		offer = offer || o
		if no && refusal < 0 {
			refusal = i
		}
		if !l.in(i, linkWords) && !l.in(i, orWords) && !l.is(i, ".", "?", "!") {
			other++
		}
	}
	inside := func(it item) bool { return it.from >= begin && it.from < end }
	offer = offer || other <= 1 || 3*other <= covered || end == len(l) && l.is(end-1, "?")
	late, chained := false, true // something stands behind the refusal; the refusal still holds for it
	for _, it := range items {
		late = late || inside(it) && it.from > refusal && it.kind != aZone
	}
	predicate := refusal >= 0 && predicates(l, cover, begin, refusal)
	conditional := l.in(begin, conditions) && refusal >= 0
	for j := range items {
		it := &items[j]
		if !inside(*it) {
			continue
		}
		switch {
		case conditional || r.isAside(l, *it, begin, end):
			it.claim = aside
		case refusal >= 0 && it.kind != aZone && (it.from < refusal) == (predicate || !late) && chained:
			chained = it.from < refusal || !nextOption(l, items, j, refusal)
			it.claim = ruledOut
			r.until(l, it, refusal)
		case !offer && it.weekday > 0 && l.pastBefore(begin, it.from):
			it.claim = aside
		case !offer || l.dueBefore(begin, it.from) || r.lately(*it):
			it.claim = told
		}
	}
}

// nextOption says that behind the day j, which a "not" right before it rules out, a comma and a day with
// its own hour follow: "not Thursday, Friday 9-12".
func nextOption(l line, items []item, j, refusal int) bool {
	if !l.is(refusal, "not") || j+2 >= len(items) || items[j].kind != aDate || items[j+1].kind != aDate || !isHour(items[j+2]) {
		return false
	}
	return l.is(items[j].to, ",") && items[j+1].from == items[j].to+1 && onlyLinks(l, items[j+1].to, items[j+2].from)
}

// predicates says that a refusal is said of the time before it, "Thursday's no good", not of what follows.
func predicates(l line, cover []bool, begin, refusal int) bool {
	if cover[refusal+1] && l.is(refusal, "not", "nicht", "pas", "no", "não") || l.in(refusal, excepting) {
		return false
	}
	for i := refusal - 1; i >= begin && i >= refusal-4; i-- {
		switch {
		case cover[i]:
			return true
		case l.is(i, ",", "i", "we", "i'm", "we're", "i'll", "he", "she", "ich", "wir", "je", "yo", "eu", ":", "-"):
			return false
		}
	}
	return false
}

// until turns "not available until Thursday" and "can't before 3" into what they allow.
func (r *reader) until(l line, it *item, refusal int) {
	if l.in(refusal, beRefusals) || l.in(refusal, absences) || l.is(refusal, "busy", "booked", "tied") || !l.is(it.from, "until", "till", "before", "vor", "avant", "hasta", "antes") {
		return
	}
	switch {
	case it.kind == aClock && it.shape == upTo:
		it.shape, it.claim = onwards, offered
	case it.kind == aDate && it.bounded && len(it.days) > 0 && it.days[0].from.IsZero():
		to := it.days[0].to
		if l.is(it.from, "until", "till", "hasta") {
			to = to.AddDate(0, 0, -1) // until Thursday: from Thursday on
		}
		it.days, it.claim = []days{{from: to}}, offered
	}
}

// isAside says that a time is none at which to talk: a deadline, opening hours, a promise to write, or past.
func (r *reader) isAside(l line, it item, begin, end int) bool {
	if it.past {
		return true
	}
	for i := max(begin, it.from-40); i < it.from; i++ {
		switch {
		case it.due && l.in(i, replyWords):
			return true
		case it.kind != aClock && announces(l, i):
			return true
		}
	}
	for i := max(begin, it.from-12); i < min(end, it.to+12); i++ {
		if l.recurs(i, it.from) {
			return true
		}
	}
	return false
}

// recurs says that what is told at token i is so every week, of the time that begins at token from: opening
// hours, "every Tuesday", "on all days".
func (l line) recurs(i, from int) bool {
	switch {
	case l.is(i, "weekdays", "daily"), l.says(i, "all days") > 0, l.says(i, "most days") > 0, l.is(i, "every", "jeden", "chaque", "cada") && i+1 == from:
		return true
	case l.is(i, "office", "opening", "business", "working"):
		return l.is(i+1, "hours")
	}
	return l.is(i, "open") && (l.is(i-1, "we're") || l.is(i-1, "are") && !l.is(i-2, "you", "they"))
}

// lately says that a date without a year was there just now: "as discussed on February 27".
func (r *reader) lately(it item) bool {
	return it.yearless && len(it.days) == 2 && it.days[1].from.Before(r.today)
}

// dueBefore says that a clause speaks of something that is due before token i.
func (l line) dueBefore(begin, i int) bool {
	for j := max(begin, i-20); j < i; j++ {
		if l.in(j, dueWords) && !l.is(j-1, "no") {
			return true
		}
	}
	return false
}

// pastBefore says that a clause tells what happened: "we met on Sunday".
func (l line) pastBefore(begin, i int) bool {
	for j := max(begin, i-20); j < i; j++ {
		if l.in(j, pastWords) && !l.is(j+1, "thinking", "hoping", "wondering", "planning") {
			return true
		}
	}
	return false
}

// announcements promise a reply, not a talk: "I'll get back to you tonight".
var announcements = bookOf(map[bool]string{true: `get back to|come back to|back to you|let you know|let me look|let me check|let me see|let me ask|let me think|i'll check|i'll look|i'll ask
	|i will check|i'll let|melde mich|sage ihnen bescheid|reviens vers|te aviso|le aviso|aviso você`})

func announces(l line, i int) bool {
	_, n := announcements.read(l, i)
	return n > 0
}

// judgeMoves rules out what something is moved away from: "move our Tuesday call to Thursday", "reschedule
// Monday", "unser Gespräch morgen verschieben".
func (r *reader) judgeMoves(l line, items []item) {
	for p := range l {
		if !l.in(p, moveWords) || l.is(p, "change", "bring", "switch") && len(items) < 2 {
			continue
		}
		target := len(items)
		for j, it := range items {
			if it.from > p && (toBefore(l, p, it.from) || l.is(it.from, "to", "for", "until", "auf", "à", "a", "para", "at")) && it.kind != aZone {
				target = j
				break
			}
		}
		for j := range items {
			it := &items[j]
			old := it.from > p && j < target
			if target < len(items) && items[target].kind == aClock {
				old = old && it.kind == aClock // "shift Tuesday to 4" keeps the day
			}
			if target == len(items) {
				old = it.to <= p && l.is(p, "verschieben", "verlegen", "vorziehen") && !toBefore(l, -1, it.from) || it.from > p && onlyPossessive(l, p+1, it.from)
			}
			if old && (it.kind == aDate || it.kind == aClock || it.kind == aPart) {
				it.claim = ruledOut
			}
		}
		return
	}
}

// toBefore says that "to" or the like stands right before token i, and behind token after.
func toBefore(l line, after, i int) bool {
	for j := i - 1; j >= i-2 && j > after; j-- {
		if l.is(j, "to", "for", "until", "till", "on", "auf", "à", "au", "a", "al", "para", "pour", "zu") {
			return true
		}
	}
	return false
}

// onlyPossessive says that nothing but "our", "the" and the like stands between two tokens.
func onlyPossessive(l line, from, to int) bool {
	for i := from; i < to; i++ {
		if !l.is(i, "our", "the", "my", "your", "this", "tomorrow's", "unser", "notre", "nuestra", "nossa", "from") {
			return false
		}
	}
	return true
}
