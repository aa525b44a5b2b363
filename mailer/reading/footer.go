package reading

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// withoutFooters takes from a stretch of the sender's own lines what they did not type: a warning above
// the text, and below it the signature, the device's line and the company's notices. Lines are taken
// from the end only, so that nothing between two sentences is lost. A sign-off ("Best, Dana") stays.
// alone says that nothing of the sender's stands above.
func (f *facts) withoutFooters(rows []string, alone bool) []string {
	rows = trimBlank(withoutArmor(rows))
	rows = withoutWarning(rows)
	rows = trimBlank(withoutMarkedSignature(rows, alone))
	for cut := false; ; cut = true {
		shorter := trimBlank(f.withoutLast(rows))
		if cut && len(shorter) > 0 && isNoticeTitle(shorter[len(shorter)-1]) {
			shorter = trimBlank(shorter[:len(shorter)-1])
		}
		if len(shorter) == len(rows) {
			return rows
		}
		rows = shorter
	}
}

// withoutLast takes the last line or paragraph off, if it is a footer.
func (f *facts) withoutLast(rows []string) []string {
	if len(rows) == 0 {
		return rows
	}
	last := strings.TrimSpace(rows[len(rows)-1])
	if isRule(last) || deviceLine.MatchString(last) || f.isDashedName(trimBlank(rows[:len(rows)-1]), last) {
		return rows[:len(rows)-1]
	}
	begin := len(rows) - 1
	for begin > 0 && strings.TrimSpace(rows[begin-1]) != "" && len(rows)-begin < mostNotice {
		begin--
	}
	above := trimBlank(rows[:begin])
	if isNotice(strings.Join(rows[begin:], " ")) {
		return above
	}
	if n := len(above); n > 0 && f.isContact(rows[begin:], above[n-1]) {
		if n > 1 && isClosing(above[n-1]) { // its name went with the contact data
			above = above[:n-1]
		}
		return above
	}
	return rows[:f.signatureStart(rows)]
}

// isRule says whether a line is drawn: one sign, several times. U+1427 is what a tracking extension leaves.
func isRule(s string) bool {
	sign, size := utf8.DecodeRuneInString(s)
	return s == "\u1427" || len(s) > size && strings.ContainsRune("-_*=#~+―─━—", sign) && strings.Trim(s, s[:size]+" ") == ""
}

// device opens the name of a device or program: "my iPhone", "Outlook for iOS".
const device = `(?:(?-i:[A-Z]|i[PM])[^,]{0,60}$|(?:my|mi|el|meu|minha|o meu|mon|ma|mein|meinem|meiner|mio|mia|mijn|min|mobil|en mobil|moj\w+|моего|мого|a mobile|a phone|an? \S+ (?:phone|device)|the all-new|l'application)\b)`

// deviceLine is what telephones and mail programs put below a mail.
var deviceLine = regexp.MustCompile(`(?i)^[("\[*_]*(?:(?:sent (?:wirelessly |securely |successfully )?(?:from|via|with|by|using|through)|gesendet (?:von|mit|über|aus)|envoyé (?:sans fil )?(?:de(?:puis)?|à partir de|par|avec|via)|enviado (?:desde|do|da|a partir do|con|de)|` +
	`inviato (?:da|dal|con)|verzonden (?:vanaf|van|met|via)|skickat från|sendt (?:fra|med)|lähetetty|wysłane z|отправлено (?:с|из)|надіслано з|odesláno z) ` + device +
	`|(?:diese (?:nachricht|e-?mail) wurde )?von (?:meinem|meiner|mein) .{2,40} gesendet|get outlook for|téléchargez outlook|obtener outlook|obter o outlook|iphone ?から送信|从我的.{1,12}发送|发自我的|나의 .{1,12}에서 보냄)[^?!]{0,90}!?$`)

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

// How many lines a signature without a mark, and a company's notice, may have.
const (
	mostSignature = 20
	mostNotice    = 100
)

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
var small = wordSet("a an and at de del der des di du e en et for für i in la le of on the to und van von y &")

// voices are words of somebody who speaks.
var voices = wordSet("i i'm i'd i'll i've i’m i’d i’ll i’ve me my we we're we'd we'll us let's you you're your please ps p.s p.p.s ich mir mich wir bitte je j'ai moi nous merci yo me nos gracias eu")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
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
var appointment = regexp.MustCompile(`(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}(?::\d\d)? ?[ap]\.?m\b|\b\d{1,2}:\d\d\b|\btomorrow\b|\btoday\b`)

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

var closingPhrase = regexp.MustCompile(`(?i)^(?:(?:kind|best|warm|warmest|kindest|many|with)?(?: my| all| our)? ?(?:best|kind|warm)?(?: regards| wishes|regards|thanks| thanks)(?: and regards)?|best|all the best|sincerely(?: yours)?|` +
	`yours(?: truly| sincerely| faithfully)?|cheers|thank you|respectfully|cordially|(?:mit )?(?:freundlichen|besten|herzlichen|viele|liebe|schöne|beste|freundliche) grüßen?|mfg|vg|lg|` +
	`(?:bien )?cordialement|bien à vous|salutations(?: distinguées)?|sincères salutations|(?:un )?(?:cordial )?saludos?(?: cordiales| cordial)?|atentamente|um abraço|atenciosamente|cumprimentos|` +
	`cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|med vänlig hälsning|med venlig hilsen|pozdrawiam)[,.!]?$`)

func isClosing(row string) bool {
	row = strings.TrimSpace(row)
	return len(row) < 40 && closingPhrase.MatchString(row)
}

// withoutMarkedSignature cuts at "-- " (RFC 3676 §4.3). Other rules cut only where what is below is short
// and has no sentence in it, or is a company's notice, for people draw lines of their own.
func withoutMarkedSignature(rows []string, alone bool) []string {
	for i, row := range rows {
		trimmed := strings.TrimSpace(row)
		if trimmed == "--" && strings.HasPrefix(row, "--") {
			return rows[:i]
		}
		if (i > 0 || !alone) && len(rows)-i <= mostNotice && isRule(trimmed) && (len(rows)-i <= 8 && !slices.ContainsFunc(rows[i+1:], isProse) || isNoticeBelow(rows[i+1:])) {
			return rows[:i]
		}
	}
	return rows
}

var (
	phoneLike = regexp.MustCompile(`\+?\d[\d ().\-/]{6,}\d`)
	webLike   = regexp.MustCompile(`(?i)\b(?:www\.|https?://|linkedin\.com)\S*`)
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
var preferences = regexp.MustCompile(`(?i)\bunsubscribe\b.* \| | \| .*\bunsubscribe\b|^to (?:unsubscribe|opt out) from .{3,60}\b(?:write|click|visit|go|reply|e-?mail)\b|^registered (?:in|office|charity)\b`)

// Notices that companies add below a mail, by how they begin or by the legal terms in them.
var (
	noticeAlone = regexp.MustCompile(`(?i)^[*_ ]*(?:confidentiality (?:notice|note)|(?:legal )?disclaimer ?[:*.-]|(?:please )?consider the environment before|virus-free\b|scanned by \S+ (?:anti-?virus|for viruses)|bitte prüfen sie .{0,30}umwelt)`)
	noticeStart = regexp.MustCompile(`(?i)^[*_ ]*(?:(?:this|these) (?:e-?mails?|messages?|communication|transmission|footnote)\b|confidential|privileged|(?:please |important )?(?:note|notice)\b|diese (?:e-?mail|nachricht)\b|ce (?:message|courriel|mail)\b|` +
		`este (?:mensaje|correo|e-?mail)\b|esta mensagem\b|the (?:information|contents?|original) (?:contained )?(?:in|of) this (?:e-?mail|message)|important:|internet e-?mail\b|e-?mail (?:disclaimer|messages)\b)`)
	legalTerm = regexp.MustCompile(`(?i)confidential|intended (?:recipient|solely|only|for)|privileged|unauthori[sz]ed|disclos|addressee|received (?:it|this)[^.]{0,30} in error|vertraulich|confidentiel|confidencial|destinataire|destinatario|virus|monitored|liability|data protection|empfänger bestimmt`)
)

var noticeTitle = regexp.MustCompile(`(?i)^[-*_ ]*(?:legal )?(?:disclaimer|notice|confidentiality(?: notice)?)[-*_: ]*$`)

func isNoticeTitle(row string) bool { return len(row) < 60 && noticeTitle.MatchString(row) }

// isNoticeBelow says whether a company's notice stands below a rule.
func isNoticeBelow(rows []string) bool {
	text := strings.Join(trimBlank(rows[:min(len(rows), 40)]), " ")
	return isNotice(text) || len(legalTerm.FindAllStringIndex(text, 2)) == 2 && !strings.Contains(text, " I ")
}

func isNotice(paragraph string) bool {
	if noticeAlone.MatchString(paragraph) {
		return true
	}
	terms := len(legalTerm.FindAllStringIndex(paragraph, 3))
	return terms > 0 && noticeStart.MatchString(paragraph) || terms == 3 && len(paragraph) > 80 && !strings.Contains(paragraph, " I ") && !strings.HasPrefix(paragraph, "I")
}

var warning = regexp.MustCompile(`(?i)^[\[*(_ ]*(?:(?-i:EXTERNAL|CAUTION|WARNING|ATTENTION|ACHTUNG|EXTERN)|\[external\])\b.{0,40}[\])*:!., ].{0,200}(?:e-?mail|message|sender|organi[sz]ation|outside|link|nachricht|absender)|` +
	`^this (?:e-?mail|message) (?:originated|came|was sent) from (?:outside|an external)`)

// withoutWarning takes the banner off that a mail server puts above mail from outside.
func withoutWarning(rows []string) []string {
	end := 0
	for end < len(rows) && strings.TrimSpace(rows[end]) != "" {
		end++
	}
	if end > 0 && end <= 4 && end < len(rows) && warning.MatchString(strings.Join(rows[:end], " ")) {
		return trimBlank(rows[end:])
	}
	return rows
}

// withoutArmor takes the lines of a text signed with OpenPGP off that are not text (RFC 9580 §7).
func withoutArmor(rows []string) []string {
	begin := slices.IndexFunc(rows, func(row string) bool { return strings.TrimSpace(row) == "-----BEGIN PGP SIGNED MESSAGE-----" })
	if begin < 0 {
		return rows
	}
	rows = rows[begin+1:]
	if blank := slices.IndexFunc(rows, func(row string) bool { return strings.TrimSpace(row) == "" }); blank >= 0 {
		rows = rows[blank:]
	}
	if end := slices.IndexFunc(rows, func(row string) bool { return strings.TrimSpace(row) == "-----BEGIN PGP SIGNATURE-----" }); end >= 0 {
		rows = rows[:end]
	}
	return rows
}
