package reading

import (
	"regexp"
	"slices"
	"strings"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/pattern"
	"introd/mailer/reading/times"
)

// yes returns the phrase that agrees. A wish is a yes only where nothing speaks against it.
func (l *letter) yes() *cues.Mark {
	if m := l.says(cues.Yes, cues.When); m != nil {
		return m
	}
	if m := l.says(cues.Wish); m != nil && l.says(cues.No, cues.Busy, cues.NotNow, cues.Unfit, cues.Later, cues.Regret, cues.Hedge) == nil {
		return m
	}
	return nil
}

// refusal returns the phrase that says no. "I usually say no, but for you, yes" is none; no room is
// one if it comes with regret, after "I wish I could", or after "happy to, but".
func (l *letter) refusal() *cues.Mark {
	yes := l.says(cues.Yes, cues.When)
	if no := l.says(cues.No); no != nil {
		if l.offersAfter(no) {
			return nil
		}
		if yes != nil && yes.To-yes.From <= len("sure") && yes.From < no.From && !l.butBetween(yes, no) && l.says(cues.Regret) == nil {
			return nil // "yes … no": it contradicts itself
		}
		if yes != nil && yes.From > no.From && (l.butBetween(no, yes) || l.onlySome(no)) || yes != nil && l.onlySome(no) {
			return nil
		}
		return no
	}
	busy := l.says(cues.Busy)
	if busy == nil || len(l.offers) > 0 || l.says(cues.Later) != nil {
		return nil
	}
	if yes != nil && (yes.From > busy.From || !l.butBetween(yes, busy)) {
		return nil
	}
	if yes != nil || l.says(cues.Regret, cues.Wish) != nil || l.ruled("thanks.luck") != nil || busy.Rule == "busy.none" && l.says(cues.NotNow) == nil {
		return busy
	}
	return nil
}

// offersAfter says whether a time is offered after a no that is about another: "not this week, but Monday at
// 3 is good", "I can do neither of your dates. Might I propose Monday?"
func (l *letter) offersAfter(no *cues.Mark) bool {
	if strings.HasPrefix(no.Rule, "no.decline") {
		return false
	}
	ofTimes := timeNoun.MatchString(l.text[no.From:max(no.To, l.Clauses[no.Clause].To)])
	return slices.ContainsFunc(l.spots, func(s spot) bool {
		return s.offered && s.from >= no.To && (ofTimes || l.butBetween(no, &cues.Mark{Clause: s.clause}))
	})
}

// timeNoun is a word for the times that were asked about.
var timeNoun = pattern.MustCompile(`(?i)\b(?:dates|times|slots|days|options|either|neither|that (?:date|time|day|week)|this (?:date|week|month)|termine?n?|tage|woche|fechas|horas|días|semana|dates|créneaux|semaine|datas|dias)\b`)

// onlySome says whether a no is about a time that stands beside it, and not about the talk.
func (l *letter) onlySome(no *cues.Mark) bool {
	if strings.HasPrefix(no.Rule, "no.decline") {
		return false
	}
	c := l.Clauses[no.Clause]
	return slices.ContainsFunc(l.spots, func(s spot) bool { return c.From <= s.from && s.from < c.To })
}

// noRoom returns what says that there is no time, where nothing is offered.
func (l *letter) noRoom() *cues.Mark {
	if len(l.offers) > 0 || l.says(cues.Yes, cues.When, cues.Good, cues.Meeting) != nil {
		return nil
	}
	return l.says(cues.Busy, cues.NotNow, cues.Away)
}

func (l *letter) ifNamed(m *cues.Mark) *cues.Mark {
	if len(l.People) == 0 {
		return nil
	}
	return m
}

// unfit returns the phrase by which somebody says that they are the wrong one to ask.
func (l *letter) unfit() *cues.Mark {
	m, yes := l.says(cues.Unfit), l.says(cues.Yes)
	if m == nil || yes != nil && (yes.From > m.From || !l.butBetween(yes, m)) || len(l.offers) > 0 {
		return nil
	}
	return m
}

func (l *letter) referral() *cues.Mark {
	m := l.ifNamed(l.says(cues.Refer))
	if m == nil || len(l.offers) > 0 && l.yes() != nil || l.says(cues.Yes) != nil && l.says(cues.Unfit) == nil && l.says(cues.Yes).From < m.From {
		return nil
	}
	return m
}

// introduced returns the phrase that brings two people together: somebody named is among the recipients.
func (l *letter) introduced() *cues.Mark {
	copied := slices.ContainsFunc(l.People, func(p Person) bool { return p.Role == "introduced" })
	if !copied {
		return nil
	}
	if m := l.says(cues.Intro, cues.Copied); m != nil {
		return m
	}
	return l.spokenTo()
}

func (l *letter) pitch() *cues.Mark {
	m := l.says(cues.Pitch)
	n := l.count(cues.Pitch)
	if n >= 3 || n == 2 && l.says(cues.No, cues.Later, cues.Refer, cues.Unfit) == nil {
		return m
	}
	return nil
}

func (l *letter) private() *cues.Mark {
	if l.count(cues.Private) >= 2 && l.says(cues.No, cues.Later, cues.Refer, cues.Intro) == nil {
		return l.says(cues.Private)
	}
	return nil
}

// agreed says whether a meeting stands that can be moved or called off.
func (l *letter) agreed() bool {
	return l.f.Meeting != nil || l.says(cues.Meeting) != nil || missing.MatchString(l.text)
}

// missing says that somebody cannot come to what was agreed.
var missing = pattern.MustCompile(`(?i)\b(?:won['’]t|can['’]?t|cannot|couldn['’]t|not|unable to) make (?:it|our)\b[^.!?]{0,20}\b(?:to(?:day|morrow|night)|on|this|(?:mon|tues|wednes|thurs|fri)day)\b`)

func (l *letter) calledOff() *cues.Mark {
	m := l.says(cues.Off)
	if m == nil {
		m = l.cannotAfterAll()
	}
	if m == nil || l.says(cues.Move) != nil && len(l.offers) > 0 {
		return nil
	}
	return m
}

// cannotAfterAll returns the no to a talk that stood: "I can't do our talk anymore". Who declines says
// no to all talks.
func (l *letter) cannotAfterAll() *cues.Mark {
	no := l.ruled("no.cannot")
	if no == nil || l.ruled("no.decline") != nil || len(l.offers) > 0 || !l.agreed() && !our.MatchString(l.around(no)) || !afterAll.MatchString(l.around(no)) {
		return nil
	}
	return no
}

var our = pattern.MustCompile(`(?i)\b(?:our|unser\w*|notre|nuestra|nossa)\b`)

var afterAll = pattern.MustCompile(`(?i)\b(?:any ?more|after all|any longer|nicht mehr|doch nicht|ya no|finalmente|finalement|plus|mais)\b`)

func (l *letter) moved() *cues.Mark {
	if m := l.ruled("move.other"); m != nil && (l.agreed() || l.says(cues.Yes, cues.No, cues.Later) == nil) {
		return m
	}
	m := l.says(cues.Move)
	if m == nil || m.Rule == "move.other" || !l.agreed() && len(l.offers) == 0 && l.says(cues.No) != nil {
		return nil
	}
	return m
}

// later returns the phrase that asks to be asked again. A yes with a time beside it is stronger.
func (l *letter) later() *cues.Mark {
	m := l.says(cues.Later)
	if m == nil {
		return nil
	}
	if no := l.says(cues.No); no != nil && strings.HasPrefix(no.Rule, "no.decline") && no.From > m.From {
		return nil
	}
	if l.says(cues.Yes, cues.Good, cues.When) != nil && len(l.offers) > 0 {
		return nil
	}
	if slices.ContainsFunc(l.spots, func(s spot) bool { return s.offered && s.kind == times.Exact && s.from >= m.To }) {
		return nil // "not before next week. Wednesday at 12:30?"
	}
	if yes := l.says(cues.Yes); yes != nil && yes.From < m.From && !l.butBetween(yes, m) && !againWord.MatchString(l.text[m.From:min(l.Clauses[m.Clause].To, m.To+len(" sometime after"))]) && l.says(cues.No, cues.Busy, cues.NotNow, cues.Regret) == nil {
		return nil // "sure, ping me with a slot": nothing says that it is to be later
	}
	return m
}

// againWord says that what is asked for is to come later.
var againWord = pattern.MustCompile(`(?i)\b(?:again|back|then|later|in|after|next|once|when|closer|around|wieder|nochmal|noch|später|nach|ab|im|de nouveau|plus tard|après|en|otra|nuevo|luego|más|depois|novo|mais|dentro)\b`)

func (l *letter) notNow() *cues.Mark { return l.says(cues.NotNow) }

func (l *letter) booking() *cues.Mark {
	if l.Link == "" {
		return nil
	}
	if m := l.says(cues.Book, cues.Yes, cues.When, cues.Wish); m != nil {
		return m
	}
	return l.at(strings.Index(l.text, l.Link))
}

// offering returns what agrees to meet at a time that is named. A time alone is an offer where little
// else is said.
func (l *letter) offering() *cues.Mark {
	if len(l.offers) == 0 || l.firstAsks() != nil {
		return nil
	}
	if m := l.says(cues.Yes, cues.Good, cues.When, cues.Wish); m != nil {
		return m
	}
	return l.bareOffer()
}

// bareOffer returns a time that stands for itself: the letter is short, or asks, or gives a number to call.
func (l *letter) bareOffer() *cues.Mark {
	words := 0
	for _, c := range l.Clauses {
		words += c.Words
	}
	if l.misdirected() != nil {
		return nil
	}
	for _, s := range l.spots {
		short := words <= 6 || words < 24 && s.kind != times.Day
		if s.offered && !yourDoing.MatchString(l.around(l.at(s.from))) && (short || suits.MatchString(l.text[s.to:]) || suiting.MatchString(l.text[s.from:s.to]) || l.Clauses[s.clause].Question || l.says(cues.Call, cues.Away) != nil) {
			return l.at(s.from)
		}
	}
	return nil
}

// suiting stands within the words of a time that is said to be right.
var suiting = pattern.MustCompile(`(?i)\b(?:works|suits|possib\w+|free|open|ideal|okay|möglich|posible|possible|possível)\b`)

// yourDoing asks what the reader does, which is no offer: "are you coming on Saturday?"
var yourDoing = regexp.MustCompile(`(?i)^(?:(?:hey|hi|so|and|ps)\W+)?(?:are you (?:\p{L}+ing|still)|did you|have you|were you|kommst du|gehst du|vienes|vas a|tu viens|você vem)\b`)

// suits follows a time that is said to be right.
var suits = regexp.MustCompile(`(?i)^\W{0,3}(?:works?|suits?|fits?|is|are|would|will|looks?|sounds?|could|passt|passen|ginge|geht|wäre|convient|conviendrait|irait|serait|va|me viene|funciona|serve|fica|estaria|estaría|sería|seria)\b`)

// firstAsks returns the phrase that makes a yes wait for an answer: "before I say yes", "depends".
func (l *letter) firstAsks() *cues.Mark {
	if m := l.ruled("ask.guard"); m != nil {
		return m
	}
	if m := l.says(cues.Hedge); m != nil && l.says(cues.Yes, cues.When) == nil {
		return l.question()
	}
	return nil
}

// question returns a question about the matter: one without a time in it, and not about when.
func (l *letter) question() *cues.Mark {
	for i, m := range l.Marks {
		if m.Act == cues.Ask && !l.aboutWhen(l.Clauses[m.Clause].Sentence) {
			return &l.Marks[i]
		}
	}
	for i, c := range l.Clauses {
		if c.Question && c.Words >= 3 && !l.aboutWhen(c.Sentence) {
			return &cues.Mark{From: c.From, To: c.To, Clause: i}
		}
	}
	return nil
}

func (l *letter) aboutWhen(sentence int) bool {
	return l.timed[sentence] || slices.ContainsFunc(l.Marks, func(m cues.Mark) bool {
		if m.Act == cues.Good && l.overlaps(m, cues.Ask) {
			return false // "what would you do with it?"
		}
		return l.Clauses[m.Clause].Sentence == sentence && slices.Contains([]cues.Act{cues.When, cues.Good, cues.Move, cues.Later, cues.Book}, m.Act)
	})
}

// asking returns a question that stands before any yes.
func (l *letter) asking() *cues.Mark {
	if l.says(cues.Yes, cues.When) != nil {
		return nil
	}
	return l.question()
}

// accepting returns the yes, if nothing takes it back.
func (l *letter) accepting() *cues.Mark {
	yes, hedge, no := l.yes(), l.says(cues.Hedge), l.says(cues.No)
	if yes == nil || no != nil && no.From > yes.From && !l.onlySome(no) || hedge != nil && (yes.Act == cues.Wish || l.butBetween(yes, hedge)) {
		return nil
	}
	return yes
}

// away returns the phrase of an absence notice that came without its marks.
func (l *letter) away() *cues.Mark {
	if l.count(cues.Absent) >= 2 {
		return l.says(cues.Absent)
	}
	return nil
}

// farewell returns the wish of luck that ends a letter in which its writer says what they do not, and nothing for it.
func (l *letter) farewell() *cues.Mark {
	m := l.ruled("thanks.luck")
	if m == nil || l.says(cues.Yes, cues.When, cues.Good, cues.Wish, cues.Later, cues.Meeting) != nil || len(l.offers) > 0 || l.question() != nil {
		return nil
	}
	if l.says(cues.Regret, cues.Busy, cues.NotNow) != nil || ownNot.MatchString(l.text) {
		return m
	}
	return nil
}

// ownNot is what somebody says that they do not do or are not.
var ownNot = pattern.MustCompile(`(?i)\b(?:i|we)(?:['’]m| am|['’]re| are| do|['’]ve| have| can| could| will| would|['’]d|['’]ll)?\s?(?:not|n['’]t|never|no longer|don['’]?t|can['’]?t|won['’]?t|wouldn['’]?t|couldn['’]?t)\b|\bich\b[^.!?]{0,60}\b(?:nicht|keine?n?)\b|\bje n(?:e |['’])|\bno (?:puedo|tengo|hago|me)\b|\bn[ãa]o (?:posso|tenho|faço|vou|consigo)\b`)

// namedAlone returns the place of an address of somebody else, where the letter says nothing for or
// against a talk: whom else should it be for?
func (l *letter) namedAlone() *cues.Mark {
	if l.says(cues.Yes, cues.When, cues.Good, cues.Wish, cues.Hedge, cues.Ask, cues.Pitch) != nil || len(l.offers) > 0 || l.question() != nil {
		return nil
	}
	for _, p := range l.People {
		if at := strings.Index(strings.ToLower(l.text), p.Email); p.Email != "" && p.Role == "referral" && at >= 0 {
			return l.at(at)
		}
	}
	return nil
}

// thanking returns a courtesy, if there is hardly anything else.
func (l *letter) thanking() *cues.Mark {
	m := l.says(cues.Thanks)
	if m == nil || l.says(cues.Busy, cues.Hedge, cues.Unfit) != nil {
		return nil
	}
	polite, sentences := map[int]bool{}, map[int]int{}
	for _, k := range l.Marks {
		if k.Act == cues.Thanks || k.Act == cues.Regret {
			polite[l.Clauses[k.Clause].Sentence] = true
		}
	}
	for _, c := range l.Clauses {
		sentences[c.Sentence] += c.Words
	}
	for s, words := range sentences {
		if !polite[s] && words > 6 {
			return nil
		}
	}
	return m
}

// spokenTo returns the place where the letter speaks to somebody copied by name, as "Ada, this is Kim".
func (l *letter) spokenTo() *cues.Mark {
	for _, a := range l.f.others() {
		first, _, _ := strings.Cut(a.Name, " ")
		for i, c := range l.Clauses {
			if first != "" && strings.HasPrefix(l.text[c.From:], first) && spokenTo.MatchString(l.text[c.From+len(first):]) {
				return &cues.Mark{From: c.From, To: c.To, Clause: i}
			}
		}
	}
	return nil
}

var spokenTo = regexp.MustCompile(`^(?:[,:]| and \p{Lu}\p{L}+,)`)

// misdirected returns the greeting of a letter to somebody else than the owner.
func (l *letter) misdirected() *cues.Mark {
	m := addressee.FindStringSubmatch(l.text)
	if m == nil || l.f.ownerName() == "" || len(l.Clauses) == 0 {
		return nil
	}
	for _, word := range strings.Fields(cues.Fold(m[1])) {
		if word = strings.Trim(word, ".,"); len(word) > 1 && strings.Contains(cues.Fold(l.f.ownerName()), word[:min(len(word), 3)]) {
			return nil
		}
	}
	return &cues.Mark{From: l.Clauses[0].From, To: l.Clauses[0].To}
}

// addressee is the name in a greeting.
var addressee = regexp.MustCompile(`^\s*(?i:dear|hi|hello|hey|hallo|liebe|lieber|hola|bonjour|cher|chère|olá|caro|cara)\s+((?:\p{Lu}[\p{L}.]+\s*){1,3})[,:!\n]`)
