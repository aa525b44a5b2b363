package templates

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"unicode"
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
	Org         string   // where they work: a word in its name is none of job-hunting
	OptedOut    bool     // the address asked not to be written to
	OpenRequest string   // who else at the organization has an open request; "" for nobody
	Earlier     []string // texts of earlier mails to others
}

// mostText bounds what is looked at of a text, in bytes.
const mostText = 64 << 10

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
	t.Subject, t.Body = t.Subject[:min(len(t.Subject), mostText)], t.Body[:min(len(t.Body), mostText)]
	var found []Finding
	say := func(refuse bool, rule, source, words string, args ...any) {
		found = append(found, Finding{rule, refuse, fmt.Sprintf(words, args...), source})
	}
	refusals(t, f, say)
	if isRequest(t.Kind) {
		request(t, f, say)
	}
	subject := strings.TrimSpace(replyPrefix.ReplaceAllString(t.Subject, ""))
	if n := len(strings.Fields(subject)); (n < 3 || n > 8) && subject == strings.TrimSpace(t.Subject) {
		say(false, "subject-length", "Boomerang 2016; Northeastern", "the subject has %d words; 3 to 8 are read", n)
	}
	if own := sentences(ownWords(t.Body)); slices.ContainsFunc(f.Earlier, func(earlier string) bool { return repeats(own, earlier) }) {
		say(false, "sameness", "needs.md C9", "no sentence of this differs from a mail you sent to somebody else; people notice templates")
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
	switch name, verdict := greeting(t.Body, f.Recipients, max(f.To, len(f.Recipients))); {
	case verdict == greetsNobody, verdict == greetsNoName && isFirst(t.Kind):
		say(true, "no-greeting", promise, "the mail does not begin with a greeting that names the person, such as \"Dear %s,\"", firstOr(f.Recipients, "Dana"))
	case verdict == greetsOther:
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

// isFirst says whether a mail of this kind begins a conversation. In an answer "Good morning," will do.
func isFirst(kind string) bool { return isRequest(kind) || kind == "thank-you" }

func isRequest(kind string) bool {
	return strings.HasPrefix(kind, "interview-request") || kind == "intro-request"
}

var (
	// marks are left for words to be filled in, by people and by programs.
	marks = regexp.MustCompile(`\{\{[^}\n]{0,40}\}?\}?|\bX{3,}\b|\b(?:TODO|FIXME)\b|\$\{[A-Za-z_.]{2,40}\}|\$[A-Z_]{4,}\b|%[A-Z_]{2,}%`)
	// bracketed words may be such a mark, or "[sic]", "[1]", a[i] or a link's text.
	bracketed = regexp.MustCompile(`\[[^\[\]\n]{1,60}\]|<[A-Za-z][A-Za-z _'-]{0,40}>`)
	toFill    = regexp.MustCompile(`(?i)\b(?:your|insert|fill|add|first|last|full|recipient'?s?|contact'?s?|introducer|referrer|mutual)\b|` +
		`^[\[<](?:the |a |an )?(?:[\w']+ )?(?:_?name|company|organi[sz]ation|org|firm|employer|title|role|position|topic|field|industry|` +
		`university|school|college|department|date|day|time|place|location|city|` +
		`link|url|phone|number|e-?mail|address|subject|sentence|reason|something)(?: (?:here|name|of [\w ]+))?[\]>]$`)
	// blank is a line drawn to be written on; a line of its own is only a rule.
	blank = regexp.MustCompile(`(?m)[^\s_] *_{3,}|_{3,} *[^\s_]`)
)

// unfilled returns the first slot that was left in a text; "" for none.
func unfilled(text string) string {
	if mark := marks.FindString(text); mark != "" {
		return mark
	}
	for _, at := range bracketed.FindAllStringIndex(text, -1) {
		mark := text[at[0]:at[1]]
		code := at[0] > 0 && isWordByte(text[at[0]-1])                          // list[name], List<Name>
		link := at[1] < len(text) && (text[at[1]] == '(' || text[at[1]] == ':') // [my school](https://…)
		if !code && !link && toFill.MatchString(strings.ReplaceAll(mark, "_", " ")) {
			return mark
		}
	}
	return strings.TrimSpace(blank.FindString(text))
}

func isWordByte(b byte) bool {
	return b == '_' || b == ')' || b == ']' || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))
}

// request holds the rules of asking somebody for a talk.
func request(t Text, f Facts, say sayFunc) {
	own := ownWords(t.Body)
	if n := len(strings.Fields(own)); n > 120 {
		say(false, "length", "SFU; Boomerang 2016", "the mail has %d words; up to 120 are read on a phone", n)
	}
	if f.Introducer != "" && t.Kind != "intro-request" && !namesIn(strings.Join(firstOf(sentences(withoutGreeting(own)), 2), " "), f.Introducer) {
		say(false, "introducer-late", "Northeastern; Berkeley", "%s gave you the name: say so in the first two sentences", f.Introducer)
	}
	if !saysDuration.MatchString(own) {
		say(false, "no-duration", "Berkeley: 20 to 30 minutes", "the mail does not say that you ask for 20 to 30 minutes")
	}
	if !saysInformation.MatchString(own) {
		say(false, "no-purpose", "Berkeley; SFU", "nothing says that you want information or advice, and not a job")
	}
	if word := jobWord(own, f.Org); word != "" {
		say(false, "job-words", "SFU: no mention of jobs", "%q sounds like job-hunting", word)
	}
	if n := len(question.FindAllString(own, -1)); n > 3 {
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

// withoutGreeting leaves out the first line.
func withoutGreeting(text string) string {
	text = strings.TrimSpace(text)
	if first, rest, ok := strings.Cut(text, "\n"); ok && len(strings.Fields(first)) <= 6 {
		return rest
	}
	return text
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?]["”')]?(?:\s+|$)|\n\s*\n`)
	// abbreviated ends with a title or an initial, whose full stop ends no sentence.
	abbreviated = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:prof|dr|mr|mrs|ms|st|jr|sr|vs|e\.g|i\.e|\pL)\.$`)
)

// sentences splits a text where sentences and paragraphs end.
func sentences(text string) []string {
	var list []string
	from := 0
	for _, end := range sentenceEnd.FindAllStringIndex(text, -1) {
		upTo := strings.TrimSpace(text[from:end[1]])
		if upTo == "" || abbreviated.MatchString(upTo[max(0, len(upTo)-8):]) {
			continue
		}
		list, from = append(list, upTo), end[1]
	}
	if rest := strings.TrimSpace(text[from:]); rest != "" {
		list = append(list, rest)
	}
	return list
}

func firstOf(list []string, n int) []string { return list[:min(n, len(list))] }

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
	question     = regexp.MustCompile(`\?+["”')]*(?:\s|$)`) // not the one in a link
	saysDuration = regexp.MustCompile(`(?i)\b(?:15|20|25|30|fifteen|twenty|thirty)(?:[ -]?(?:to|or|–|-|bis|à|a|ou|o|oder)[ -]?(?:15|20|25|30|` +
		`so|twenty|thirty))?[ -]?(?:mins?|minutes?|minuten|minutos)\b|` +
		`\bhalf[ -](?:an[ -])?hour\b|\bhalbe(?:n)? stunde\b|\bdemi-heure\b|\bmedia hora\b|\bmeia hora\b`)
	saysInformation = regexp.MustCompile(`(?i)\b(?:information(?:al)?|advice|learn|understand|insights?|perspectives?|your (?:experience|path|` +
		`story|view)|hear (?:about|from|how|what|your)|` +
		`informationen|rat|erfahrung(?:en)?|lernen|verstehen|conseils?|comprendre|informaci[oó]n|consejos?|aprender|entender|conselhos?)\b`)
	jobWords = regexp.MustCompile(`(?i)\b(?:job (?:openings?|offers?|search|hunt|market|applications?|opportunit(?:y|ies)|interviews?)|jobs?|` +
		`vacanc(?:y|ies)|hiring|hire me|open (?:positions?|roles?)|positions? (?:open|available)|` +
		`(?:career|employment|work) opportunit(?:y|ies)|internships?|(?:my|a|the|attached) (?:resume|cv)|curriculum vitae|apply(?:ing)? (?:for|` +
		`to) (?:a|an|the|your|any|this)\b|my application|recruit(?:er|ers|ing|ment)|employment)\b|\b(?:my|a|the|attached) résumé`)
	// someonesJob stands before a job that somebody has, which is what such a talk is about.
	someonesJob = regexp.MustCompile(`(?i)\b(?:your|his|her|their|our|day|current|present|first|last|dream|great|good|fine|this|that|of the|` +
		`on the)\s+$`)
	rulesOut   = regexp.MustCompile(`(?i)(?:\b(?:not|never|no|nor|without|rather than|instead of)|n['’]t)\b`)
	noDenial   = regexp.MustCompile(`(?i)\b(?:not (?:only|just)|no doubt|why not|(?:can|could)(?:not|n['’]t| not) (?:find|get))\b`)
	ruledAfter = regexp.MustCompile(`(?i)^[^.;]{0,20}\b(?:is|are|was)(?:n['’]t| not)\b`)
	clauseEnd  = regexp.MustCompile(`[.;!?]\s|\n\s*\n|,? but `)
)

// jobWord returns the first word of job-hunting in a clause that does not rule a job out; "" for none.
func jobWord(text, org string) string {
	if org != "" {
		text = strings.ReplaceAll(text, org, "") // Jobs for the Future
	}
	for _, clause := range clauseEnd.Split(text, -1) {
		clause = strings.TrimSpace(clause)
		for _, at := range jobWords.FindAllStringIndex(clause, -1) {
			word, before := clause[at[0]:at[1]], clause[:at[0]]
			switch {
			case before != "" && unicode.IsUpper(rune(word[0])): // a name: Steve Jobs
			case strings.HasPrefix(strings.ToLower(word), "job") && len(word) <= 4 && someonesJob.MatchString(before):
			case rulesOut.MatchString(before) && !noDenial.MatchString(clause):
			case ruledAfter.MatchString(clause[at[1]:]):
			default:
				return word
			}
		}
	}
	return ""
}

const (
	shingle     = 3   // words in a row that are compared
	fewestWords = 6   // a shorter sentence tells nothing
	mostCommon  = 0.5 // share of known shingles from which a sentence is the same one, with another name in it
)

// repeats says whether every sentence of a mail stands in an earlier one too. Most of a request may be
// the same for everybody, but something in it must be for this person alone.
func repeats(own []string, earlier string) bool {
	known, compared := shingles(earlier), 0
	for _, sentence := range own {
		if len(strings.Fields(sentence)) < fewestWords {
			continue
		}
		here, common := shingles(sentence), 0
		for s := range here {
			if known[s] {
				common++
			}
		}
		if float64(common) < mostCommon*float64(len(here)) {
			return false
		}
		compared++
	}
	return compared > 0
}

func shingles(text string) map[uint64]bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
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
