package templates

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
)

// A Text is a mail as the etiquette sees it: the final words, whoever wrote them.
type Text struct {
	Kind    string // template kind
	Subject string
	Body    string
}

// Facts are what the etiquette needs of the records.
type Facts struct {
	Recipients  []string // names as they stand in the address, in order
	To          int      // number of recipients
	Introducer  string   // who gave the name; "" for nobody
	OptedOut    bool     // the address asked not to be written to
	OpenRequest string   // who else at the organization has an open request; "" for nobody
	Earlier     []string // texts of earlier mails to others
}

// A Finding is something the etiquette has to say of a mail.
type Finding struct {
	Rule   string
	Refuse bool   // introd does not send it; else a warning, and the owner may
	Words  string // one sentence for the owner
	Source string // where the rule comes from
}

// Check looks over a mail before it is shown and once more before it is sent. It refuses what would
// embarrass; everything else warns, and the owner may send.
func Check(t Text, f Facts) []Finding {
	var found []Finding
	say := func(refuse bool, rule, source, words string, args ...any) {
		found = append(found, Finding{rule, refuse, fmt.Sprintf(words, args...), source})
	}
	refusals(t, f, say)
	if strings.HasPrefix(t.Kind, "interview-request") || t.Kind == "intro-request" {
		request(t, f, say)
	}
	subject := strings.TrimSpace(replyPrefix.ReplaceAllString(t.Subject, ""))
	if n := len(strings.Fields(subject)); (n < 3 || n > 8) && subject == strings.TrimSpace(t.Subject) {
		say(false, "subject-length", "Boomerang 2016; Northeastern", "the subject has %d words; 3 to 8 are read", n)
	}
	for _, earlier := range f.Earlier {
		if likeness(ownWords(t.Body), ownWords(earlier)) > mostLikeness {
			say(false, "sameness", "needs.md C9", "this is almost the same as a mail you sent to somebody else; people notice templates")
			break
		}
	}
	return found
}

var replyPrefix = regexp.MustCompile(`(?i)^((re|aw|sv|antw|rv|res)\s*:\s*)+`)

type sayFunc func(refuse bool, rule, source, words string, args ...any)

// refusals are the five things that introd never sends.
func refusals(t Text, f Facts, say sayFunc) {
	const promise = "DESIGN.md §1"
	if slot := unfilled(t.Subject + "\n" + t.Body); slot != "" {
		say(true, "unfilled-slot", promise, "there is an unfilled slot in the text: %s", slot)
	}
	switch name, ok := greeting(t.Body); {
	case !ok:
		say(true, "no-greeting", promise, "the mail does not begin with a greeting that names the person, such as \"Dear %s,\"", firstOr(f.Recipients, "Dana"))
	case !greets(name, f.Recipients):
		say(true, "wrong-name", promise, "the greeting says %q, but the mail goes to %s", name, strings.Join(f.Recipients, " and "))
	}
	if f.To == 0 {
		say(true, "no-recipient", promise, "the mail has no recipient")
	}
	if f.OptedOut {
		say(true, "opted-out", "P7", "this person asked not to be written to")
	}
	if f.OpenRequest != "" && strings.HasPrefix(t.Kind, "interview-request") {
		say(true, "open-request", "Dalton's 3B7 rule (Duke 2021)", "you have an open request to %s at the same organization; wait for the answer first", f.OpenRequest)
	}
}

func firstOr(list []string, or string) string {
	if len(list) > 0 {
		return list[0]
	}
	return or
}

// slots are the marks that people and programs leave for words to be filled in.
var slots = regexp.MustCompile(`\[[A-Za-z][^\]\n]{0,40}\]|\{\{[^}\n]{0,40}\}?\}?|<[A-Za-z][A-Za-z _']{0,30}>|\bX{3,}\b|\b(?:TODO|TBD|FIXME)\b|_{3,}|\$\{?[A-Z_]{3,}\}?|%[A-Z_]{2,}%`)

func unfilled(text string) string { return slots.FindString(text) }

// greetingWords begin a mail to somebody, in the languages that introd reads.
var greetingWords = regexp.MustCompile(`(?i)^(dear|hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings|guten (?:tag|morgen|abend)|hallo|liebe[rs]?|sehr geehrte[r]?|bonjour|cher|chère|hola|estimad[oa]|querid[oa]|buenos días|olá|prezad[oa]|car[oa])\b[ ,]*`)

// greeting returns the name that the first line greets.
func greeting(body string) (name string, ok bool) {
	first, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
	if m := greetingWords.FindString(first); m != "" {
		first = first[len(m):]
	} else if len(strings.Fields(first)) > 4 {
		return "", false
	}
	if i := strings.IndexAny(first, ",:!–—;"); i >= 0 {
		first = first[:i]
	}
	name = strings.TrimSpace(first)
	return name, name != "" && len(strings.Fields(name)) <= 8
}

// titles stand before a name and are none.
var titles = map[string]bool{
	"prof": true, "professor": true, "professorin": true, "dr": true, "mr": true, "mrs": true, "ms": true, "mx": true, "miss": true, "sir": true, "madam": true,
	"herr": true, "frau": true, "m": true, "mme": true, "monsieur": true, "madame": true, "señor": true, "señora": true, "sr": true, "sra": true, "sig": true,
	"and": true, "und": true, "et": true, "y": true, "e": true, "&": true, "all": true, "both": true, "rev": true, "hon": true, "phd": true, "md": true, "jr": true,
}

func nameWords(name string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune(" .,'’()\"-", r) }) {
		if !titles[w] {
			words = append(words, w)
		}
	}
	return words
}

// greets says whether every name of the greeting is one of the recipients'. Where no name is known
// of a recipient, any greeting will do.
func greets(name string, recipients []string) bool {
	var known []string
	for _, r := range recipients {
		known = append(known, nameWords(r)...)
	}
	words := nameWords(name)
	if len(known) == 0 {
		return true
	}
	for _, w := range words {
		if !slices.Contains(known, w) {
			return false
		}
	}
	return len(words) > 0
}

// request holds the rules of asking somebody for a talk.
func request(t Text, f Facts, say sayFunc) {
	own := ownWords(t.Body)
	if n := len(strings.Fields(own)); n > 120 {
		say(false, "length", "SFU; Boomerang 2016", "the mail has %d words; up to 120 are read on a phone", n)
	}
	if f.Introducer != "" && t.Kind != "intro-request" && !namesIn(firstSentences(own, 3), f.Introducer) {
		say(false, "introducer-late", "Northeastern; Berkeley", "%s gave you the name: say so in the first two sentences", f.Introducer)
	}
	if !saysDuration.MatchString(own) {
		say(false, "no-duration", "Berkeley: 20 to 30 minutes", "the mail does not say that you ask for 20 to 30 minutes")
	}
	if !saysInformation.MatchString(own) {
		say(false, "no-purpose", "Berkeley; SFU", "nothing says that you want information or advice, and not a job")
	}
	if word := jobWord(own); word != "" {
		say(false, "job-words", "SFU: no mention of jobs", "%q sounds like job-hunting", word)
	}
	if n := strings.Count(own, "?"); n > 3 {
		say(false, "questions", "Boomerang 2016", "there are %d questions; up to three are answered", n)
	}
}

// ownWords leaves out a paragraph that is indented: the blurb to forward is not the mail's own text.
func ownWords(body string) string {
	var kept []string
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, "  ") {
			kept = append(kept, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(kept, "\n")
}

var sentenceEnd = regexp.MustCompile(`[.!?](?:\s|$)|,\n\n`)

// abbreviated ends with a title whose full stop ends no sentence.
var abbreviated = regexp.MustCompile(`(?i)\b(?:prof|dr|mr|mrs|ms|st|jr|sr|[a-z])\.$`)

// firstSentences returns the greeting and the sentences after it, n in all.
func firstSentences(text string, n int) string {
	for at := 0; at < len(text); {
		m := sentenceEnd.FindStringIndex(text[at:])
		if m == nil {
			return text
		}
		end := at + m[1]
		if !abbreviated.MatchString(strings.TrimRight(text[:end], " \n")) {
			if n--; n == 0 {
				return text[:end]
			}
		}
		at = end
	}
	return text
}

func namesIn(text, name string) bool {
	there := nameWords(text)
	for _, w := range nameWords(name) {
		if len(w) > 1 && slices.Contains(there, w) {
			return true
		}
	}
	return false
}

var (
	saysDuration    = regexp.MustCompile(`(?i)\b(?:15|20|25|30|fifteen|twenty|thirty)(?:[ -]?(?:to|or|–|-|bis|à)[ -]?(?:15|20|25|30|twenty|thirty))?[ -]?(?:min|minutes?|minuten|minutos)\b|\bhalf an hour\b|\bhalf-hour\b`)
	saysInformation = regexp.MustCompile(`(?i)\b(?:information(?:al)?|advice|learn|understand|insights?|perspective|your experience|hear (?:about|how|what))\b`)
	jobWords        = regexp.MustCompile(`(?i)\b(?:job openings?|jobs?|vacanc(?:y|ies)|hiring|open positions?|positions? (?:open|available)|internships?|my (?:résumé|resume|cv)|curriculum vitae|apply(?:ing)?|application|opportunit(?:y|ies)|recruit\w*|employment)\b`)
	rulesOut        = regexp.MustCompile(`(?i)\b(?:not|n't|no|never|rather than|instead of|without|nor)\b`)
	clauseEnd       = regexp.MustCompile(`[.;!?\n]|,? (?:but|and) `)
)

// jobWord returns the first word of job-hunting in a clause that does not rule a job out.
func jobWord(text string) string {
	for _, clause := range clauseEnd.Split(text, -1) {
		if w := jobWords.FindString(clause); w != "" && !rulesOut.MatchString(clause) {
			return w
		}
	}
	return ""
}

// mostLikeness is the share of common shingles above which two mails are the same one. The embedded
// texts alone share about half: the personal sentence makes the difference.
const mostLikeness = 0.9

// shingle is the number of words in a row that are compared.
const shingle = 4

// likeness is the share of shingles that two texts have in common (Jaccard), from 0 to 1.
func likeness(a, b string) float64 {
	x, y := shingles(a), shingles(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	common := 0
	for s := range x {
		if y[s] {
			common++
		}
	}
	return float64(common) / float64(len(x)+len(y)-common)
}

func shingles(text string) map[uint64]bool {
	words := strings.Fields(strings.ToLower(text))
	set := map[uint64]bool{}
	for i := 0; i+shingle <= len(words); i++ {
		h := fnv.New64a()
		for _, w := range words[i : i+shingle] {
			h.Write([]byte(w + " "))
		}
		set[h.Sum64()] = true
	}
	return set
}
