package reading

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"introd/mailer/reading/pattern"
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

// mostNotice is how many lines a company's notice may have.
const mostNotice = 100

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

// Notices that companies add below a mail, by how they begin or by the legal terms in them.
var (
	noticeAlone = regexp.MustCompile(`(?i)^[*_ ]*(?:confidentiality (?:notice|note)|(?:legal )?disclaimer ?[:*.-]|(?:please )?consider the environment before|virus-free\b|scanned by \S+ (?:anti-?virus|for viruses)|bitte prüfen sie .{0,30}umwelt)`)
	noticeStart = regexp.MustCompile(`(?i)^[*_ ]*(?:(?:this|these) (?:e-?mails?|messages?|communication|transmission|footnote)\b|confidential|privileged|(?:please |important )?(?:note|notice)\b|diese (?:e-?mail|nachricht)\b|ce (?:message|courriel|mail)\b|` +
		`este (?:mensaje|correo|e-?mail)\b|esta mensagem\b|the (?:information|contents?|original) (?:contained )?(?:in|of) this (?:e-?mail|message)|important:|internet e-?mail\b|e-?mail (?:disclaimer|messages)\b)`)
	legalTerm = pattern.MustCompile(`(?i)confidential|intended (?:recipient|solely|only|for)|privileged|unauthori[sz]ed|disclos|addressee|received (?:it|this)[^.]{0,30} in error|vertraulich|confidentiel|confidencial|destinataire|destinatario|virus|monitored|liability|data protection|empfänger bestimmt`)
)

var noticeTitle = regexp.MustCompile(`(?i)^[-*_ ]*(?:legal )?(?:disclaimer|notice|confidentiality(?: notice)?)[-*_: ]*$`)

func isNoticeTitle(row string) bool { return len(row) < 60 && noticeTitle.MatchString(row) }

// isNoticeBelow says whether a company's notice stands below a rule.
func isNoticeBelow(rows []string) bool {
	text := strings.Join(trimBlank(rows[:min(len(rows), 40)]), " ")
	return isNotice(text) || len(legalTerm.FindAllStringIndex(text, 2)) == 2 && !firstPerson.MatchString(text)
}

// isNotice says whether a paragraph is a company's notice. Somebody who says "I" writes none.
func isNotice(paragraph string) bool {
	if noticeAlone.MatchString(paragraph) {
		return true
	}
	terms := len(legalTerm.FindAllStringIndex(paragraph, 3))
	return (terms > 0 && noticeStart.MatchString(paragraph) || terms == 3 && len(paragraph) > 80) && !firstPerson.MatchString(paragraph)
}

var firstPerson = regexp.MustCompile(`\b(?:I|my|me)\b`)

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
