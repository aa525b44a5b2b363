package reading

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"introd/mailer/reading/pattern"
)

// mostSignature is how many lines a signature without a mark may have.
const mostSignature = 20

// signatureStart finds a signature without a mark, and returns where it begins; without one, the number
// of rows. It is known by the sender's full name with a title right below it, or by a closing phrase
// ("Regards,") with a name, a title right below that, and nothing else. Where somebody speaks further
// down, it is none.
func (f *facts) signatureStart(rows []string) int {
	for i := max(1, len(rows)-mostSignature); i < len(rows)-1; i++ {
		row := strings.TrimSpace(rows[i])
		if f.isFullName(row) && isTitle(rows[i+1]) && !slices.ContainsFunc(rows[i+1:], speaks) {
			return i
		}
		if name := trimBlank(rows[i+1:]); isClosing(row) && len(name) > 1 && isName(name[0]) && isTitle(name[1]) && !slices.ContainsFunc(name, isProse) {
			return i
		}
	}
	return len(rows)
}

// isFullName says whether a line begins with the sender's given and family name, or initial and family name.
func (f *facts) isFullName(row string) bool {
	if len(strings.Fields(row)) > 8 || isProse(row) {
		return false
	}
	name, _, _ := strings.Cut(row, "|")
	name, _, _ = strings.Cut(name, ",")
	parts := len(nameParts(name))
	return parts >= 2 && parts <= 5 && slices.ContainsFunc(f.from, func(a mail.Address) bool { return matchName(name, a) >= min(2, parts) })
}

// small are the words that stand in titles and names in lower case.
var small = setOf(strings.Fields("a an and at de del der des di du e en et for für i in la le of on the to und van von y &"))

// voices are words of somebody who speaks.
var voices = setOf(strings.Fields("i i'm i'd i'll i've i’m i’d i’ll i’ve me my we we're we'd we'll us let's you you're your please ps p.s p.p.s ich mir mich wir bitte je j'ai moi nous merci yo me nos gracias eu"))

func setOf(words []string) map[string]bool {
	set := map[string]bool{}
	for _, word := range words {
		set[word] = true
	}
	return set
}

// speaks says whether a line is somebody's words to somebody, and no company's notice.
func speaks(row string) bool {
	return !noticeStart.MatchString(row) && !legalTerm.MatchString(row) && slices.ContainsFunc(strings.Fields(strings.ToLower(row)), func(w string) bool { return voices[strings.Trim(w, ".,;:!?()")] })
}

// isProse says whether a line is a sentence, or a part of one.
func isProse(row string) bool {
	words := len(strings.Fields(row))
	return strings.HasSuffix(row, "?") || strings.HasSuffix(row, ".") && words > 4 || strings.HasSuffix(row, ",") && words > 3 || words > 14 || speaks(row)
}

// appointment is what makes a line more than a title, though it is as short: "Tuesday 3pm".
var appointment = pattern.MustCompile(`(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}(?::\d\d)? ?[ap]\.?m\b|\b\d{1,2}:\d\d\b|\btomorrow\b|\btoday\b`)

// isTitle says whether a line can stand in a signature: a role, a company, an address, a number. Most of its
// words have capitals or figures.
func isTitle(row string) bool {
	words := strings.Fields(row)
	if len(words) == 0 || isProse(strings.TrimSpace(row)) || isClosing(row) || appointment.MatchString(row) {
		return false
	}
	lower := 0
	for _, word := range words {
		if r, _ := utf8.DecodeRuneInString(word); unicode.IsLower(r) && !small[word] && !strings.ContainsAny(word, "@./:0123456789") {
			lower++
		}
	}
	return 3*lower <= len(words)
}

// isName says whether the line below a closing phrase can be a name.
func isName(row string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(row))
	return unicode.IsUpper(first) && len(strings.Fields(row)) <= 5 && !strings.ContainsAny(row, "0123456789?!@:") && !isProse(row)
}

// closings are the phrases above a name, in lower case.
var closings = setOf(strings.Split("best|best regards|best wishes|with best wishes|all the best|kind regards|kindest regards|warm regards|warmest regards|warmly|regards|with regards|with kind regards|many thanks|thanks|thanks again|thanks and regards|"+
	"thank you|sincerely|sincerely yours|yours|yours truly|yours sincerely|yours faithfully|cheers|respectfully|cordially|take care|gruß|grüße|viele grüße|liebe grüße|beste grüße|schöne grüße|herzliche grüße|freundliche grüße|"+
	"mit freundlichen grüßen|mit besten grüßen|mit herzlichen grüßen|mfg|vg|lg|cordialement|bien cordialement|bien à vous|salutations|salutations distinguées|sincères salutations|saludos|un saludo|saludos cordiales|un cordial saludo|"+
	"un saludo muy cordial|atentamente|abraço|um abraço|atenciosamente|cumprimentos|com os melhores cumprimentos|cordiali saluti|distinti saluti|un saluto|groet|met vriendelijke groet|met vriendelijke groeten|med vänlig hälsning|"+
	"med venlig hilsen|vennlig hilsen|hilsen|pozdrawiam|с уважением|よろしくお願いいたします", "|"))

func isClosing(row string) bool {
	return len(row) < 80 && closings[strings.ToLower(strings.Trim(row, " ,.!。\t"))]
}

var (
	phoneLike = regexp.MustCompile(`\+?\d[\d ().\-/]{6,}\d`)
	webLike   = pattern.MustCompile(`(?i)\b(?:www\.|https?://|linkedin\.com)\S*`)
	columns   = regexp.MustCompile(` [|·•‖] | {3,}|\t`)
)

// isContact recognises a last paragraph of contact data: lines without a sentence, with a telephone number,
// an address or a web page in them, that the sender's name or a sign-off precedes or that stand in columns.
// People who are recommended stand at the end of a mail too: somebody else's address is no contact data.
func (f *facts) isContact(paragraph []string, above string) bool {
	text, above := strings.Join(paragraph, "\n"), strings.TrimSpace(above)
	if len(paragraph) == 1 && preferences.MatchString(text) {
		return true
	}
	if len(paragraph) > 8 || strings.HasSuffix(above, ":") || slices.ContainsFunc(paragraph, isProse) || f.namesOthers(text) {
		return false
	}
	own := columns.MatchString(paragraph[0]) || isClosing(above) || f.isSender(above) || len(paragraph) > 1 && f.isSender(paragraph[0])
	return own && (phoneLike.MatchString(text) || webLike.MatchString(text) || address.MatchString(text))
}

// namesOthers says whether there is an address in a text that is not the sender's.
func (f *facts) namesOthers(text string) bool {
	for _, a := range address.FindAllString(strings.ToLower(text), 20) {
		if !slices.ContainsFunc(f.from, func(own mail.Address) bool { return own.Address == a }) {
			return true
		}
	}
	return false
}

// preferences is the line about subscriptions below mail from companies. Somebody's own "unsubscribe me" is none.
var preferences = pattern.MustCompile(`(?i)\bunsubscribe\b.* \| | \| .*\bunsubscribe\b|^to (?:unsubscribe|opt out) from .{3,60}\b(?:write|click|visit|go|reply|e-?mail)\b|^registered (?:in|office|charity)\b`)

// isDashedName recognises a sign-off that is a signature by its dash: "- roman", where From says Roman; or
// "-roman" below a sentence, from whomever. "- Tuesday" may be the only point of a list, and stays.
func (f *facts) isDashedName(above []string, row string) bool {
	name := strings.Trim(strings.TrimLeft(row, "-–— "), ". ")
	if len(above) == 0 || !strings.HasPrefix(row, "-") || name == "" {
		return false
	}
	one := strings.HasPrefix(row, "-"+name) && len(nameParts(name)) == 1 && len(strings.Fields(name)) == 1
	return f.isSender(name) || one && strings.ContainsAny(above[len(above)-1][len(above[len(above)-1])-1:], ".!")
}

// isSender says whether words are the sender's name, or a part of it.
func (f *facts) isSender(name string) bool {
	for _, a := range f.from {
		if n := len(nameParts(name)); n > 0 && matchName(name, a) == n {
			return true
		}
	}
	return false
}

// nameParts are the words of a name, lower case.
func nameParts(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' })
}

// matchName counts the words of a line that are words of a name, or their initial.
func matchName(row string, a mail.Address) (n int) {
	known := nameParts(a.Name)
	if len(known) == 0 {
		local, _, _ := strings.Cut(a.Address, "@")
		known = nameParts(local)
	}
	for _, word := range nameParts(row) {
		if slices.ContainsFunc(known, func(k string) bool { return k == word || len(word) == 1 && strings.HasPrefix(k, word) }) {
			n++
		}
	}
	return n
}
