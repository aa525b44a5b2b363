package cues

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A word of a text, folded, with its place.
type word struct {
	text     string
	from, to int
	part     int // counts stretches between commas and stronger marks: how far a "not" reaches
	clause   int // counts clauses: how far a phrase reaches
	sentence int
	but      bool // begins a clause that speaks against the one before
	question bool
}

func set(list string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(list) {
		all[Fold(w)] = true
	}
	return all
}

var (
	negations  = set("stop stopped quit not no never dont doesnt didnt cant couldnt wont wouldnt isnt arent wasnt hardly without nicht kein keine keinen nie pas jamais aucun sin nunca jamás não nao sem nem")
	conditions = set("if unless whether before falls wenn sofern bevor si avant antes caso ob")
	contrasts  = set("but though although however otherwise aber jedoch allerdings sondern mais cependant toutefois pero sino mas porém contudo")
	// regrets speak against what was said before only where they open a part: "happy to, unfortunately not now".
	regrets = set("unfortunately sadly regrettably alas leider malheureusement hélas lamentablemente desgraciadamente infelizmente")
	// elided words of French and Portuguese are joined to the next by an apostrophe.
	elided        = set("j m t s l d n c qu jusqu lorsqu aujourd")
	germanMonths  = set("januar jänner februar märz april mai juni juli august september oktober november dezember jan feb apr jun jul aug sep sept okt nov dez")
	abbreviations = set("mr mrs ms dr prof st sr sra dra hr fr approx ca vs etc no nr tel ext")
	negatable     = set("can could do does did is are was has have will would should")
)

// Fold makes words comparable: lower case, no accents, plain apostrophes left out.
func Fold(s string) string {
	s = strings.ToLower(s)
	plain := true
	for i := 0; i < len(s); i++ {
		plain = plain && s[i] < utf8.RuneSelf && s[i] != '\''
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == 'ʼ':
		case r == 'ß':
			b.WriteString("ss")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' }

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || isApostrophe(r)
}

// split cuts a text into words and counts its parts, clauses and sentences.
func split(text string) []word {
	var words []word
	var at word
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case inWord(r) && !isApostrophe(r):
			at.from, at.to = i, wordEnd(text, i)
			at.text = Fold(text[i:at.to])
			if at.but = speaksAgainst(words, at); at.but {
				at.clause++
				at.part++
			}
			words, i = join(append(words, at)), at.to
			continue
		case r == ',':
			at.part++
		case endsSentence(text, i, words):
			for j := len(words) - 1; r == '?' && j >= 0 && words[j].sentence == at.sentence; j-- {
				words[j].question = true
			}
			at.sentence++
			fallthrough
		case strings.ContainsRune(":()[]–—", r), r == '-' && bounded(text, i):
			at.clause++
			at.part++
		}
		i += size
	}
	questions(words)
	return words
}

// asked are the first two words of a question in English: an auxiliary and its subject, or what it asks for.
var asked = map[string]map[string]bool{
	"do": set("you they we"), "does": set("it this that he she the your anyone"), "did": set("you they he she"), "is": set("it this that there the your he she"), "are": set("you they there these those your"),
	"was": set("it this that"), "will": set("it this you there i they my"), "would": set("it this that you there i they my"), "could": set("you i we it"), "can": set("you i we it"), "have": set("you we they"), "has": set("it this anyone"),
	"who": set("is are do did gave told else"), "what": set("is are do does did would kind sort exactly"), "why": set("is are do did me"), "how": set("long much many is are do does did would come"), "where": set("is are do did"),
}

// questions marks the sentences that ask by the order of their words: on a telephone few write the mark.
func questions(words []word) {
	for i, first := 0, 0; i < len(words); i++ {
		if words[i].sentence != words[first].sentence {
			first = i
		}
		second := first + 1
		if second < len(words) && words[second].sentence == words[first].sentence && words[second].part == words[first].part && asked[words[first].text][words[second].text] {
			words[i].question = true
		}
	}
}

// speaksAgainst says whether a word begins a clause that takes back the one before it.
func speaksAgainst(words []word, w word) bool {
	opens := len(words) == 0 || words[len(words)-1].part != w.part
	return contrasts[w.text] || regrets[w.text] && opens
}

// wordEnd is where the word at i ends: an address, a link or a number is one word.
func wordEnd(text string, i int) int {
	end := i
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		next, _ := utf8.DecodeRuneInString(text[end+size:])
		switch {
		case isApostrophe(r) && elided[Fold(text[i:end])]:
			return end + size
		case inWord(r):
		case strings.ContainsRune(".@:/_%+&=", r) && inWord(next) && !isApostrophe(next) && end > i: // 4.30, a@b.test, e.g
		case r == '/' && next == '/', r == ':' && next == '/':
		default:
			return end
		}
		end += size
	}
	return end
}

// endsSentence says whether the mark at i ends a sentence: a full stop within a time of day, after a
// title or an initial does not, an empty line and the next item of a list do.
func endsSentence(text string, i int, words []word) bool {
	rest := text[i+1:]
	switch text[i] {
	case '!', '?', ';':
		return true
	case '\n':
		rest = strings.TrimLeft(rest, " \t\r")
		return rest == "" || strings.ContainsAny(rest[:1], "\n-*") || strings.HasPrefix(rest, "•") || strings.HasPrefix(rest, "·")
	case '.':
		if rest != "" && !strings.ContainsAny(rest[:1], " \n\t\r\"')") || len(words) == 0 {
			return false
		}
		last := words[len(words)-1]
		if last.to == i && ordinal(last.text, rest) {
			return false
		}
		return last.to != i || len(last.text) > 1 && !abbreviations[last.text] && last.text != "a.m" && last.text != "p.m" || strings.HasPrefix(rest, "\n\n")
	}
	return false
}

// ordinal says whether a full stop makes an ordinal of the number before it, as in "14. Dezember".
func ordinal(number, rest string) bool {
	next := strings.Fields(rest[:min(len(rest), 40)])
	return len(number) <= 2 && strings.Trim(number, "0123456789") == "" && len(next) > 0 && germanMonths[Fold(strings.Trim(next[0], ".,"))]
}

// bounded says whether a hyphen stands between blanks, as a dash does.
func bounded(text string, i int) bool {
	return i > 0 && i+1 < len(text) && (text[i-1] == ' ' || text[i-1] == '\n') && (text[i+1] == ' ' || text[i+1] == '\n' || text[i+1] == '-')
}

// join makes one word of those that people write apart or together: "can not", "e-mail".
func join(words []word) []word {
	n := len(words)
	if n < 2 || words[n-2].sentence != words[n-1].sentence {
		return words
	}
	a, b := &words[n-2], words[n-1]
	switch {
	case b.text == "not" && negatable[a.text] && a.part == b.part:
		a.text, a.to = map[bool]string{true: "cant", false: a.text + "nt"}[a.text == "can"], b.to
		if a.text == "willnt" {
			a.text = "wont"
		}
	case a.text == "e" && (b.text == "mail" || b.text == "mails" || b.text == "mailing"):
		a.text, a.to = "e"+b.text, b.to
	default:
		if b.text == "cannot" {
			words[n-1].text = "cant"
		}
		return words
	}
	return words[:n-1]
}

// clauses gathers words to clauses.
func clauses(words []word) []Clause {
	var all []Clause
	last := -1
	for i := range words {
		w := &words[i]
		if w.clause != last {
			all = append(all, Clause{From: w.from, Sentence: w.sentence, But: w.but})
		}
		last = w.clause
		c := &all[len(all)-1]
		c.To, c.Question, c.Words = w.to, w.question, c.Words+1
		w.clause = len(all) - 1
	}
	return all
}
