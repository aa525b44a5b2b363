package reading

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/pattern"
)

const namePart = `(?:(?:\p{Lu}|Dr|Mr|Mrs|Ms|Mx|Prof|Sr|Sra|St|Jr)\.|\p{Lu}[\p{L}\p{M}'’\-]*)`

// A mention is a name that stands in a text, at text[from:to].
type mention struct {
	name     string
	from, to int
}

var (
	mailAddress = pattern.MustCompile(`[\p{L}0-9._%+\-]+@[\p{L}0-9](?:[\p{L}0-9.\-]*[\p{L}0-9])?\.\p{L}{2,}`)
	// nameRun is a run of capitalised words, with the particles of names between them.
	nameRun = regexp.MustCompile(namePart + `(?:[ \t]*\n?[ \t]*[ \t\n](?:(?:van|von|zu|de|der|den|da|di|do|dos|das|du|del|la|le|el|bin|ibn|al|y|e)\s){0,2}` + namePart + `){0,4}`)
	// title stands before a name and is none.
	title = regexp.MustCompile(`(?i)^(?:mr|mrs|ms|mx|dr|prof|professor|herr|herrn|frau|sr|sra|señor|señora|don|doña|senhor|senhora|monsieur|madame|mme|mlle|m)\.?\s`)
	// placed stands before the name of a place or a firm.
	placed = regexp.MustCompile(`(?i)\b(?:at|in|the|from|of|on|for|near|bei|in|aus|im|en|chez|à|au|na|no|em|of the)\s+$`)
	// asksFor stands before the name of somebody to turn to.
	asksFor = regexp.MustCompile(`(?i)\b(?:contact|text|call|ask|email|e-mail|ring|reach|try|see|meet|to|with|is|are|was|adding|copying|cc['’]?ing|cc|looping in|colleague|successor|friend|boss|manager|replacement|assistant|secretary|deputy|partner|` +
		`an|mit|ist|frau|herrn?|kollegin|kollegen?|nachfolger(?:in)?|con|a|al|es|compañer[oa]|colega|jefe|jefa|à|avec|est|collègue|contacter|com|o|é|chame)[,:]?\s+$`)
	// roleNoun stands before the name of somebody whom the sender has an office for.
	assistantNoun = pattern.MustCompile(`(?i)\b(?:assistant|secretary|pa|scheduler|office manager|assistentin|assistent|sekretärin|sekretariat|asistente|secretaria|assistante?|secrétaire|secretária)\W*(?:\p{L}+\W+)?$`)
	// itselfReferred follows the name of somebody who sent the owner here.
	itselfReferred = regexp.MustCompile(`(?i)^\s+(?:sent you|told me|told us|passed me|passed on|gave me|wrote to me|mentioned you|said you|asked me|still)\b`)
)

// functional says whether a mailbox belongs to a function and to no person.
func functional(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return functionalBox.MatchString(local)
}

var functionalBox = regexp.MustCompile(`^(?:info|office|contact|hello|hi|orders?|sales|support|help|helpdesk|service|admin|team|jobs|careers|recruiting|hr|press|media|news|newsletter|bulletins?|billing|accounts?|invoices?|enquir(?:y|ies)|inquir(?:y|ies)|` +
	`reception|frontdesk|bookings?|reservations?|education|kontakt|buero|sekretariat|bestellung|contacto|ventas|pedidos|accueil|commandes|contato|vendas|no-?reply|postmaster|mailer-daemon|webmaster|marketing|events?|members?|membership|library|studio|shop|lab|dispatch|desk)(?:[._\-].*)?$`)

// mentions finds the names in the letter. Common words that open a sentence are no part of a name, nor
// are the lines of a list one name.
func (l *letter) mentions() []mention {
	var all []mention
	for _, m := range nameRun.FindAllStringIndex(l.text, 200) {
		from, to := m[0], m[1]
		if from > 0 && strings.IndexByte("@./", l.text[from-1]) >= 0 {
			continue
		}
		if i := strings.IndexByte(l.text[from:to], '\n'); i >= 0 && from+i-strings.LastIndexByte(l.text[:from], '\n') < wrapped {
			to = from + i
		}
		from = l.skipCommon(from, to)
		name := strings.Join(strings.Fields(l.text[from:to]), " ")
		name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(name, "-'’"), "'s"), "’s")
		if len([]rune(name)) >= 2 && (strings.Contains(name, " ") || name != strings.ToUpper(name)) {
			all = append(all, mention{name, from, to})
		}
	}
	return all
}

// wrapped is how long a line is, at least, that a mail program broke because it was long.
const wrapped = 50

// skipCommon moves over titles and common words at the beginning of text[from:to].
func (l *letter) skipCommon(from, to int) int {
	for from < to {
		rest := l.text[from:to]
		word, _, _ := strings.Cut(strings.ReplaceAll(rest, "\n", " "), " ")
		if t := title.FindString(rest); t != "" {
			word = t
		} else if !l.common(word) || word != strings.TrimSpace(rest) && word != "I" && !l.opens(from) && !l.German() {
			break
		}
		from += len(word)
		from = to - len(strings.TrimLeft(l.text[from:to], " \t\n"))
	}
	return from
}

// opens says whether a word begins a sentence or a line, where it has a capital whatever it is.
func (l *letter) opens(at int) bool {
	before := strings.TrimRight(l.text[:at], " \t\r\"'“‘(*-•")
	return before == "" || strings.ContainsAny(before[len(before)-1:], ".!?:;\n")
}

func (l *letter) common(word string) bool {
	word = strings.Trim(word, ".,'’")
	stem, _, _ := strings.Cut(strings.ReplaceAll(word, "’", "'"), "'")
	return word == "" || l.Known(word) || stem != word && l.Known(stem)
}

// people finds whom a mail names: by an address beside a name, in words that refer, or among the recipients.
func (f *facts) people(l *letter) {
	if l.Kind == KindBounce || l.Kind == KindDelay || l.Kind == KindList || l.Kind == KindCalendar {
		return
	}
	named := l.mentions()
	f.addressed(l, named)
	f.referred(l, named)
	f.copied(l, named)
	for i := range l.People {
		if l.Kind == KindAutoReply {
			l.People[i].Role = "stand_in"
		}
		l.because("person="+l.People[i].Name+" "+l.People[i].Email, l.People[i].Role, "people."+l.People[i].Role)
	}
	if l.Kind == KindAutoReply && len(l.People) > 0 {
		p := l.People[0]
		l.StandIn = &p
	}
}

// add notes a person, or completes one who is known by name or address.
func (f *facts) add(l *letter, p Person) {
	if p.Name == "" && p.Email == "" || f.isParty(p) {
		return
	}
	for i := range l.People {
		known := &l.People[i]
		if sameName(known.Name, p.Name) || p.Email != "" && known.Email == p.Email || known.Name == "" && spells(known.Email, p.Name) {
			if known.Email == "" {
				known.Email = p.Email
			}
			if len(p.Name) > len(known.Name) {
				known.Name = p.Name
			}
			if p.Role == "introduced" && known.Role != "assistant" {
				known.Role = p.Role
			}
			return
		}
	}
	l.People = append(l.People, p)
}

// addressed pairs each address in the text with the name it belongs to.
func (f *facts) addressed(l *letter, named []mention) {
	last := 0
	for _, m := range mailAddress.FindAllStringIndex(l.text, 20) {
		address := strings.ToLower(l.text[m[0]:m[1]])
		name := owner(l, named, address, m[0], last)
		last = m[1]
		if name == "" && (functional(address) || !l.near(m[0], cues.Refer, cues.Absent, cues.Intro, cues.Gone)) {
			continue
		}
		f.add(l, Person{Name: name, Email: address, Role: "referral"})
	}
}

// nearby is how far, in bytes, an address may stand behind the name that it belongs to.
const nearby = 160

// owner is the name that an address belongs to: one that its local part spells, else the last one
// before it with no address between; that of a function belongs to somebody only right beside it.
func owner(l *letter, named []mention, address string, at, after int) string {
	best := ""
	for _, n := range named {
		if n.to <= at && n.from >= at-2*nearby && spells(address, n.name) {
			best = n.name
		}
	}
	for i := len(named) - 1; i >= 0 && best == ""; i-- {
		n := named[i]
		if n.to > at || n.from < after {
			continue
		}
		between := l.text[n.to:at]
		if len(between) > nearby || functional(address) && strings.ContainsFunc(between, unicode.IsLetter) || strings.Contains(between, "\n\n") {
			break
		}
		if !placed.MatchString(l.text[:n.from]) && !itselfReferred.MatchString(l.text[n.to:]) {
			best = n.name
		}
	}
	return best
}

// spells says whether the local part of an address holds a part of a person's name.
func spells(address, name string) bool {
	local, _, _ := strings.Cut(cues.Fold(address), "@")
	for _, part := range strings.Fields(cues.Fold(name)) {
		if len(part) >= 3 && strings.Contains(local, part) {
			return true
		}
	}
	return false
}

// near says whether a phrase of an act stands in the sentence of an offset or in the one before.
func (l *letter) near(at int, acts ...cues.Act) bool {
	m := l.at(at)
	return m != nil && slices.ContainsFunc(l.Marks, func(k cues.Mark) bool {
		d := l.Clauses[m.Clause].Sentence - l.Clauses[k.Clause].Sentence
		return slices.Contains(acts, k.Act) && (d == 0 || d == 1)
	})
}

// referred finds names in words that point to them.
func (f *facts) referred(l *letter, named []mention) {
	for _, n := range named {
		beside := l.beside(n, cues.Refer, cues.Intro, cues.Copied)
		if !beside && l.Kind != KindAutoReply {
			continue
		}
		before, behind := l.text[max(0, n.from-60):n.from], l.text[n.to:]
		if f.greeted(l, n) || placed.MatchString(before) || itselfReferred.MatchString(behind) {
			continue
		}
		role := "referral"
		if assistantNoun.MatchString(before) {
			role = "assistant"
		}
		asked := asksFor.MatchString(before)
		full := strings.Contains(n.name, " ")
		if !beside && !asked {
			continue
		}
		if asked || full || pointsAhead.MatchString(behind) {
			f.add(l, Person{Name: n.name, Role: role})
		}
	}
}

// pointsAhead follows the name of somebody who is said to be the one.
var pointsAhead = regexp.MustCompile(`(?i)^,?\s+(?:is|would|might|will|can|could|knows|runs|heads|leads|who|that|may|should|ist|kann|weiß|leitet|es|lleva|sabe|puede|est|pourra|saura|é|pode|said|says)\b`)

// beside says whether a phrase of an act stands in the clause of a name, or in the same sentence.
func (l *letter) beside(n mention, acts ...cues.Act) bool {
	m := l.at(n.from)
	return m != nil && slices.ContainsFunc(l.Marks, func(k cues.Mark) bool {
		return slices.Contains(acts, k.Act) && l.Clauses[k.Clause].Sentence == l.Clauses[m.Clause].Sentence
	})
}

// greeted says whether a name stands alone on its line, or in a greeting: there people are spoken to
// or sign.
func (f *facts) greeted(l *letter, n mention) bool {
	line := l.text[strings.LastIndexByte(l.text[:n.from], '\n')+1:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return len(strings.TrimSpace(line)) <= len(n.name)+2 || greeting.MatchString(line) && strings.LastIndexByte(l.text[:n.from], '\n') < 0 && len(line) < 60
}

var greeting = regexp.MustCompile(`(?i)^\s*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|liebe[r]?|sehr geehrte[r]?|hallo|guten (?:tag|morgen)|hola|estimad[oa]|querid[oa]|buen[oa]s (?:días|tardes)|bonjour|cher|chère|madame|monsieur|olá|oi|prezad[oa]|car[oa]|bom dia|boa tarde)\b[^.!?]*[,:!]?\s*$`)

// copied finds people among the recipients whom the text names, or who are there when it introduces.
func (f *facts) copied(l *letter, named []mention) {
	for _, a := range f.others() {
		first, _, _ := strings.Cut(a.Name, " ")
		role, found := "introduced", false
		for _, n := range named {
			if sameName(n.name, a.Name) || strings.EqualFold(n.name, first) || a.Name == "" && spells(a.Address, n.name) {
				found = true
				if assistantNoun.MatchString(l.text[max(0, n.from-60):n.from]) {
					role = "assistant"
				}
				if a.Name == "" {
					a.Name = n.name
				}
			}
		}
		if found || l.says(cues.Intro, cues.Copied) != nil {
			f.add(l, Person{Name: a.Name, Email: a.Address, Role: role})
		}
	}
}

// others are the recipients who are neither the owner nor the sender.
func (f *facts) others() []mail.Address {
	parties := append(f.toOwner(), f.from...)
	return slices.DeleteFunc(slices.Clone(f.to), func(a mail.Address) bool {
		return slices.ContainsFunc(parties, func(p mail.Address) bool { return p.Address == a.Address })
	})
}

func sameName(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = cues.Fold(a), cues.Fold(b)
	return a == b || strings.HasPrefix(a, b+" ") || strings.HasPrefix(b, a+" ")
}

// isParty says whether somebody is the sender or the owner: they are not named, they talk.
func (f *facts) isParty(p Person) bool {
	for _, a := range append(slices.Clone(f.from), f.toOwner()...) {
		if p.Email != "" && p.Email == a.Address || p.Email == "" && (sameName(a.Name, p.Name) || partOf(a.Name, p.Name)) {
			return true
		}
	}
	return f.OwnerName != "" && sameName(f.OwnerName, p.Name)
}

// partOf says whether a word is one of a name's.
func partOf(name, word string) bool {
	return slices.Contains(strings.FieldsFunc(cues.Fold(name), func(r rune) bool { return r == ' ' || r == ',' }), cues.Fold(word))
}

// ownerName is the owner's name, as the Context or the mail's recipients say.
func (f *facts) ownerName() string {
	if own := f.toOwner(); f.OwnerName == "" && len(own) > 0 {
		return own[0].Name
	}
	return f.OwnerName
}

// toOwner are the recipients that are the owner: by address, or the first one where none is known.
func (f *facts) toOwner() []mail.Address {
	var own []mail.Address
	for _, a := range f.to {
		if slices.Contains(f.Owner, a.Address) {
			own = append(own, a)
		}
	}
	if len(own) == 0 && len(f.to) > 0 {
		own = f.to[:1:1]
	}
	return own
}
