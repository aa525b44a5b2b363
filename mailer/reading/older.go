package reading

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"introd/mailer/reading/pattern"
)

// markOlder marks the headers that mail programs write above older mail as quoted, and returns the
// line at which older mail begins for good. at is the mail's own date.
func markOlder(lines []line, at time.Time) int {
	s := search{at: at, tries: mostTries}
	for i := 0; i < len(lines); i++ {
		switch {
		case lines[i].mark == quoted:
			continue
		case lines[i].mark == below, isDivider(lines[i].text), s.headerBlock(lines[i:]):
			return i
		}
		n, sure := s.attribution(lines[i:])
		if n == 0 {
			continue
		}
		cited := citationFollows(lines[i+n:])
		if !cited && sure {
			return i
		}
		for j := i; cited && j < i+n; j++ {
			lines[j].mark = quoted
		}
		i += n - 1
	}
	return len(lines)
}

// search looks for headers above older mail. tries bounds its cost in a hostile mail.
type search struct {
	at    time.Time
	tries int
}

// citationFollows says whether the next line with words is quoted; at the end of a mail, yes.
func citationFollows(lines []line) bool {
	for _, l := range lines {
		if l.mark != fresh || strings.TrimSpace(l.text) != "" {
			return l.mark != fresh
		}
	}
	return true
}

// Lines with which a mail program opens the older mail: "-----Original Message-----" in any language,
// Apple's "Begin forwarded message:", and the marks of ticket systems.
var (
	divider = regexp.MustCompile(`(?i)^[*_> ]*[-_=]{2,} ?[^-_=]{0,40}(messag|nachricht|mensaje|mensagem|mensagens|bericht|meddelande|melding|besked|meddelelse|wiadomość|сообщени|повідомлення|` +
		`zpráv|správ|viesti|ileti\b|mesaj|üzenet|μήνυμα|邮件|郵件|メッセージ|메시지|e-?mail|appointment|forwarded by)[^-_=]{0,60}[-_=]{2,}[* ]*$`)
	forwardStart = regexp.MustCompile(`(?i)^(begin forwarded message|anfang der weitergeleiteten (e-mail|nachricht)|début du message (réexpédié|transféré)|inicio del mensaje reenviado|` +
		`início da mensagem (reencaminhada|encaminhada)|inizio messaggio inoltrato|begin doorgestuurd bericht) ?:$`)
	replyAbove = regexp.MustCompile(`(?i)\b(reply|respond|write|type)\b.{0,30}\babove this line\b`)
)

func isDivider(text string) bool {
	text = strings.TrimSpace(text)
	if len(text) > 200 || text == "" || strings.Contains(text, " PGP ") {
		return false
	}
	return strings.ContainsRune("-_=*>", rune(text[0])) && divider.MatchString(text) || strings.HasSuffix(text, ":") && forwardStart.MatchString(text) ||
		strings.Contains(text, "above this") && replyAbove.MatchString(text)
}

// verbs close "On … wrote:" in the languages of common mail programs.
const verbs = `wrote|writes|sent|schrieb|a écrit|escribió|escribio|escreveu|ha scritto|scrisse|schreef|geschreven|skrev|napisał\(a\)|napisała?|napisal\(a\)|napsal\(a\)|napsala?|` +
	`napísal\(a\)|kirjoitti|ezt írta|a scris|va escriure|menulis|đã viết|έγραψε|написала?|написал\(а\)|пишет|пише|написав|написа|napisao|kirjutas|rakstīja|rašė|` +
	`yazdı|şunları yazdı|כתב|כתבה|מאת|كتب|نوشت|ने लिखा|เขียนว่า`

var (
	closing      = pattern.MustCompile(`(?i)(?:^|[^\pL])(?:` + verbs + `)(?:[^\pL(]|$)|写道|寫道|のメール|님이 작성|书写`)
	tailOfHeader = regexp.MustCompile(`(?i)^>\s*(?:` + verbs + `)?\s*[:：]$`)
	address      = pattern.MustCompile(`[^\s<>()\[\]":;,]+@[^\s<>()\[\]":;,]+`)
	year         = regexp.MustCompile(`(?:^|\D)(?:19|20)\d\d(?:\D|$)|\d{1,2}[./-]\d{1,2}[./-]\d{2}\b`)
	timeOfDay    = regexp.MustCompile(`\d{1,2}[:.h]\d{2}`)
	fullDate     = regexp.MustCompile(`^(?:\d{4}[-./年]|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{1,2}\.? \pL{3,}\.?,? \d{4}|\pL{2,}\.?,? (?:\d{1,2}\.? \pL{3,}|\pL{3,} \d{1,2}),? \d{4})`)
	onlyDate     = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d{1,2}:\d\d(?::\d\d)? (?:GMT|UTC)[+-]\d\d:?\d\d \PN{2,60}$`)
	sentenceEnd  = regexp.MustCompile(`\p{Ll}{3,}[.!?] +\p{Lu}`)
	pronoun      = regexp.MustCompile(`\b(?:I|we|you)\b`)
)

// attributionTail says whether a line is the end of a header whose "<address>" was wrapped: "> wrote:".
func attributionTail(row string) bool {
	return len(row) < 60 && (strings.HasSuffix(row, ":") || strings.HasSuffix(row, "：")) && tailOfHeader.MatchString(row)
}

// undirected drops the marks that turn the direction of writing.
var undirected = strings.NewReplacer("\u200e", "", "\u200f", "", "\u202a", "", "\u202b", "", "\u202c", "", "\u2068", "", "\u2069", "")

// Limits of a wrapped header.
const (
	mostHeaderLines = 6
	mostHeaderChars = 400
	mostTries       = 2000
)

// attribution recognises "On Tue, Dec 1, 2026 at 3:00 PM Sam <sam@home.test> wrote:" at the beginning of
// lines, wrapped or not, and returns its number of lines. sure says that it needs no quoted line below
// it. A sentence of the sender's that merely starts with "On" ends in no such verb, or has no date and no
// address in it, or a sentence ends in it; where it speaks of "I" or "you" it is not sure.
func (s *search) attribution(lines []line) (n int, sure bool) {
	first := strings.Trim(undirected.Replace(lines[0].text), " \t-*")
	on := startsOn(first)
	if first == "" || s.tries == 0 || !on && !startsNamed(first) {
		return 0, false
	}
	whole := ""
	for n = 1; n <= mostHeaderLines && n <= len(lines); n++ {
		text := strings.TrimSpace(undirected.Replace(lines[n-1].text))
		if text == "" && wrapGoesOn(lines[n:]) {
			continue
		}
		if lines[n-1].mark != fresh || text == "" || n > 1 && (startsOn(text) || dateStart.MatchString(text) && !address.MatchString(whole)) {
			return 0, false // another header begins here
		}
		whole = strings.TrimSpace(whole + " " + text)
		if len(whole) > mostHeaderChars {
			return 0, false
		}
		if !mayEnd(text) || s.tries == 0 {
			continue
		}
		if s.tries--; sentenceEnd.MatchString(whole) {
			return 0, false
		}
		ok, sure := isAttribution(whole, on, s.at)
		sure = sure && !pronoun.MatchString(whole)
		if ok && (sure || citationFollows(lines[n:])) {
			return n, sure
		}
	}
	return 0, false
}

// verbEnds are the last words of the verbs.
var verbEnds = lastWords(strings.Split(strings.NewReplacer(`\`, "", "?", "").Replace(verbs), "|"))

func lastWords(phrases []string) map[string]bool {
	words := make([]string, len(phrases))
	for i, phrase := range phrases {
		words[i] = last(strings.Fields(phrase))
	}
	return setOf(words)
}

// mayEnd says whether a header can end with this line: a sign, a verb, or a date and a name.
func mayEnd(text string) bool {
	text = strings.TrimRight(text, " -*")
	end, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(":：>)", end) || end > 0x2e80 || verbEnds[text[strings.LastIndexByte(text, ' ')+1:]] || strings.Contains(text, " GMT") || strings.Contains(text, " UTC")
}

// wrapGoesOn says whether after an empty line the bracket of an address opens.
func wrapGoesOn(rest []line) bool {
	return len(rest) > 0 && strings.HasPrefix(strings.TrimSpace(rest[0].text), "<")
}

// isAttribution judges a header whose lines were joined; on says that it begins with "On" or the like.
func isAttribution(whole string, on bool, at time.Time) (ok, sure bool) {
	closed := strings.HasSuffix(whole, ":") || strings.HasSuffix(whole, "：") || strings.HasPrefix(whole, "--") && strings.HasSuffix(whole, "--")
	whole = strings.Trim(whole, "-* ")
	hasAddress := address.MatchString(whole)
	dated := year.MatchString(whole) && timeOfDay.MatchString(whole)
	if verb := lastMatch(closing, whole); verb >= 0 {
		tail := strings.Trim(whole[verb:], " :：>")
		if closed && len(tail) < 160 || tail == "" && (hasAddress || dated) {
			return on || hasAddress || dated || len(strings.Fields(whole)) <= 6, hasAddress || dated
		}
	}
	ends := strings.TrimRight(whole, " :：")
	if fullDate.MatchString(whole) && hasAddress && (strings.HasSuffix(ends, ">") || strings.HasSuffix(ends, ")")) || onlyDate.MatchString(ends) {
		return past(whole, at), true
	}
	return false, false
}

// lastMatch is where the last match ends, or -1.
func lastMatch(re *pattern.Pattern, s string) int {
	all := re.FindAllStringIndex(s, -1)
	if len(all) == 0 {
		return -1
	}
	return all[len(all)-1][1]
}

// ons are the words that mail programs begin such a header with.
var ons = setOf(strings.Fields("on am le el em il op den dne dnia dňa på pe w vào pada no la στις на в у u at ons til kl tarihinde בתאריך في ในวันที่"))

// startsOn says whether a line begins with such a word and has a number soon after.
func startsOn(text string) bool {
	word, rest, _ := strings.Cut(text, " ")
	return len(word) < 16 && ons[strings.ToLower(word)] && strings.ContainsAny(rest[:min(len(rest), 40)], "0123456789")
}

// startsNamed says whether a line begins as headers without such a word do: with a date, a name or an
// address; it must have a number or an address in it.
func startsNamed(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return (unicode.IsDigit(first) || unicode.IsUpper(first) || strings.ContainsRune(`"'<“`, first) || first > 0x2e80 || strings.Contains(text, "@")) &&
		(strings.ContainsAny(text, "0123456789@<") || mayEnd(text) && closing.MatchString(text))
}

var dateStart = regexp.MustCompile(`^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b`)

var (
	yearFirst = regexp.MustCompile(`((?:19|20)\d\d)[-./年](\d{1,2})[-./月](\d{1,2})`)
	anyYear   = regexp.MustCompile(`(?:19|20)\d\d`)
)

// past says whether the date in a header lies before the mail's own. Headers are of older mail, while
// dates that the sender writes are mostly to come.
func past(header string, at time.Time) bool {
	if at.IsZero() {
		return true
	}
	if m := yearFirst.FindStringSubmatch(header); m != nil {
		t, err := time.Parse("2006 1 2", strings.Join(m[1:], " "))
		return err == nil && t.Before(at.AddDate(0, 0, 1))
	}
	y := anyYear.FindString(header)
	return y != "" && y <= at.Format("2006")
}
