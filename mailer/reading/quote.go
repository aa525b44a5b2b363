package reading

import (
	"regexp"
	"strings"
)

// newText is what the sender wrote anew: without quoted lines, the header above them, the signature
// and the device's footer. Answers between quoted lines stay, in order. quoted is what was cut.
func newText(text string) (own, quoted string) {
	lines := strings.Split(text, "\n")
	keep := make([]bool, len(lines))
	for i := range keep {
		keep[i] = true
	}
	end := len(lines)
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case strings.HasPrefix(line, ">"):
			keep[i] = false
		case line == quoteMark, isDivider(line), startsHeaderBlock(lines, i):
			end = i
		default:
			if n := attribution(lines, i); n > 0 {
				for j := i; j < i+n; j++ {
					keep[j] = false
				}
				if !quotesFollow(lines, i+n) {
					end = i
				}
			}
		}
		if end == i {
			break
		}
	}
	var mine, theirs []string
	for i, line := range lines {
		if i < end && keep[i] {
			mine = append(mine, line)
		} else {
			theirs = append(theirs, strings.TrimPrefix(strings.TrimPrefix(line, ">"), " "))
		}
	}
	return collapse(withoutSignature(mine)), strings.Join(theirs, "\n")
}

// quotesFollow says whether the next line with words is quoted by ">".
func quotesFollow(lines []string, i int) bool {
	for ; i < len(lines); i++ {
		if line := strings.TrimSpace(lines[i]); line != "" {
			return strings.HasPrefix(line, ">")
		}
	}
	return true
}

var divider = regexp.MustCompile(`(?i)^(-{2,}|_{2,}|\*{2,}) ?(original message|original appointment|forwarded message|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht|` +
	`message d'origine|message original|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|reply (above|below) this line|original-nachricht).*$|^_{20,}$|^begin forwarded message:$`)

func isDivider(line string) bool { return divider.MatchString(line) }

// verbs of "On … wrote:" in the languages of common mail programs.
var (
	attributionStart = regexp.MustCompile(`(?i)^(on|am|le|el|em|il|op|den|w dniu|på|pe|dne|a|vào|em|no dia|at|[0-9]{1,4}[-./年]|(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? |<?[\w.+-]+@|".*" <|[\p{L}. ]{2,40} <[^>]+@)`)
	attributionEnd   = regexp.MustCompile(`(?i)(\b(wrote|writes|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał\(?a?\)?|kirjoitti|написал\(?а?\)?|geschreven|scrisse|yazdı)\b[^\n]{0,80}:|写道[:：]|のメール[:：]|:)\s*$`)
	attributionVerb  = regexp.MustCompile(`(?i)\b(wrote|writes|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał|kirjoitti|написал|yazdı)\b|写道`)
	dateLike         = regexp.MustCompile(`\d{1,2}[:.h]\d{2}|\d{4}|@`)
)

// mostAttribution is how many lines a wrapped attribution may take.
const mostAttribution = 4

// attribution recognises "On Tue, Dec 1, 2026 at 3:00 PM Sam <sam@home.test> wrote:", wrapped or
// not, and returns its number of lines. A sentence of the sender's that merely starts with "On" ends
// in no such verb, or has no date or address in it.
func attribution(lines []string, i int) int {
	if !attributionStart.MatchString(strings.TrimSpace(lines[i])) {
		return 0
	}
	joined := ""
	for n := 1; n <= mostAttribution && i+n <= len(lines); n++ {
		line := strings.TrimSpace(lines[i+n-1])
		if line == "" || strings.HasPrefix(line, ">") {
			return 0
		}
		joined += line + " "
		whole := strings.TrimSpace(joined)
		if len(whole) > 400 {
			return 0
		}
		if attributionEnd.MatchString(whole) && attributionVerb.MatchString(whole) && dateLike.MatchString(whole) {
			return n
		}
	}
	return 0
}

// headerField is a line of the block that Outlook puts above the older mail.
var headerField = regexp.MustCompile(`(?i)^\*?(from|sent|to|subject|date|cc|von|gesendet|an|betreff|datum|de|envoyé|à|objet|para|asunto|enviado|assunto|enviada em|data|da|inviato|a|oggetto|fra|til|emne|från|skickat|till|ämne|van|verzonden|aan|onderwerp|发件人|发送时间|收件人|主题)\s*:\*?(\s|$)`)

// startsHeaderBlock says whether a block of such lines begins here: three of them within five lines.
func startsHeaderBlock(lines []string, i int) bool {
	if !headerField.MatchString(strings.TrimSpace(lines[i])) {
		return false
	}
	count := 0
	for j := i; j < len(lines) && j < i+6; j++ {
		if headerField.MatchString(strings.TrimSpace(lines[j])) {
			count++
		}
	}
	return count >= 3
}

var (
	deviceLine = regexp.MustCompile(`(?i)^(sent from (my |mail for|outlook|yahoo|proton|samsung|a mobile|the )|get outlook for|von meinem .{2,30} gesendet|gesendet von|envoyé de(puis)? mon|enviado desde mi|enviado do meu|inviato da|sent via|verzonden (van|vanaf)|diese nachricht wurde von meinem)`)
	disclaimer = regexp.MustCompile(`(?i)^(this (e-?mail|message|communication)( and any attachments?)?,? (is|are|may|contains?|and|has)|confidential(ity)? notice|disclaimer:|privileged|diese e-?mail (enthält|ist)|ce (message|courriel) (est|et)|please consider the environment|the information (contained )?in this|important:? this)`)
	phoneLike  = regexp.MustCompile(`(?:\+?\d[\d\s().\-/]{6,}\d)`)
	webLike    = regexp.MustCompile(`(?i)\b(www\.|https?://|linkedin\.com)\S*|\S+@\S+`)
)

// withoutSignature cuts the signature block, the device line and the disclaimer off.
func withoutSignature(lines []string) []string {
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if line == "-- " || line == "--" || deviceLine.MatchString(trimmed) || disclaimer.MatchString(trimmed) {
			lines = lines[:i]
			break
		}
	}
	return withoutContactBlock(lines)
}

// withoutContactBlock cuts a signature without a mark: a last paragraph that holds an address, a
// telephone number or a web page, and no sentence.
func withoutContactBlock(lines []string) []string {
	for {
		end := len(lines)
		for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
			end--
		}
		begin := end
		for begin > 0 && strings.TrimSpace(lines[begin-1]) != "" {
			begin--
		}
		if begin == 0 || end-begin > 8 || !contactBlock(lines[begin:end]) {
			return lines[:end]
		}
		lines = lines[:begin]
	}
}

func contactBlock(paragraph []string) bool {
	contact := false
	for _, line := range paragraph {
		line = strings.TrimSpace(line)
		if phoneLike.MatchString(line) || webLike.MatchString(line) {
			contact = true
		}
		if len(strings.Fields(line)) > 9 || strings.HasSuffix(line, "?") || strings.HasSuffix(line, ".") && len(strings.Fields(line)) > 4 {
			return false
		}
	}
	return contact && len(paragraph) > 1
}

var blankRun = regexp.MustCompile(`\n{3,}`)

func collapse(lines []string) string {
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.TrimSpace(blankRun.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}
