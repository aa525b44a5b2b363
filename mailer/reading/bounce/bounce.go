// Package bounce reads delivery reports (RFC 3464), feedback reports (RFC 5965) and the loose forms of
// real servers.
package bounce

import (
	"regexp"
	"slices"
	"strings"

	"introd/mailer/reading/pattern"
)

// Bounce is what a delivery report says (RFC 3464).
type Bounce struct {
	Class             string   `json:"class"` // bounce, delay, complaint, delivered
	Reports           []Report `json:"reports"`
	OriginalMessageID string   `json:"original_message_id"`
}

// Report is one recipient's fate.
type Report struct {
	Recipient string `json:"recipient"`
	Status    string `json:"status"`    // enhanced status code, "5.1.1" (RFC 3463)
	SMTPCode  string `json:"smtp_code"` // "550"
	Permanent bool   `json:"permanent"` // the address is of no use any more; false for a full mailbox, whatever its code
}

// A Mail is what a delivery report is read from.
type Mail struct {
	From, FromName string // bare address, and the whole field, lower case
	Subject        string
	ContentType    string   // of the whole mail, lower case, with parameters
	Path           string   // the address in Return-Path, lower case; "<>" where it is null
	Automatic      bool     // Auto-Submitted says so
	Failed         string   // X-Failed-Recipients, of Exim and Gmail
	Answers        string   // the last id of In-Reply-To or References
	To             []string // lower case
	Text           string   // the visible text
	Status         [][]byte // message/delivery-status parts
	Feedback       [][]byte // message/feedback-report parts
	Returned       [][]byte // message/rfc822 and text/rfc822-headers parts, and text that is attached
}

// mostProse bounds what is looked at of a report's text.
const mostProse = 64 << 10

// Read reads a delivery report; nil where the mail is none. People's mail about a bounce is none:
// a report is known by its machine-readable part, or by a mail system as sender and its words.
func Read(m Mail) *Bounce {
	system := fromSystem(m) || m.Path == "<>" // else somebody forwards a report
	if len(m.Feedback) == 0 && !m.Automatic && !system {
		return nil
	}
	m.Text = head(m.Text, mostProse)
	prose, returned := divide(m.Text)
	var b *Bounce
	switch {
	case len(m.Feedback) > 0:
		b = complaint(m)
	case m.Automatic && strings.EqualFold(m.Subject, "unsubscribe"): // a mail program that opts out for its owner
		b = &Bounce{Class: "complaint", Reports: []Report{{Recipient: m.From}}}
	case system:
		if b = status(m, prose); b == nil && isReport(m, prose) {
			b = loose(m, prose, returned)
		}
	}
	if b != nil {
		b.OriginalMessageID = originalID(m, prose, returned)
	}
	return b
}

func head(s string, n int) string { return s[:min(len(s), n)] }

var (
	systemSender = regexp.MustCompile(`^(?:mailer.?daemon|post.?master|mail.?daemon|mdaemon|mmdf|bounces?|mail.?delivery|mail.?admin)(?:[+._-].*)?(?:@|$)`)
	systemName   = regexp.MustCompile(`mail(?:er)?[ -]?(?:delivery|daemon|administrator)|delivery (?:sub)?system|system administrator`)
	reportWords  = pattern.MustCompile(`(?i)undeliver|not (?:be )?deliver|deliver(?:y|ing)\b.{0,20}(?:status|fail|problem|notif|incomplete|delayed|error|report|unsuccessful)|failure notice|returned (?:mail|to sender|message)|mail delivery|mail failure|` +
		`could(?: not|n't) (?:be )?(?:sen[dt]|deliver)|did not reach|error (?:has occurred |was )?(?:while attempting|sending|delivering)|errors from|user unknown|unknown user|no such user|unknown address|invalid (?:user|recipient)|` +
		`mailbox (?:is )?(?:full|unavailable|over)|over quota|not accepting mail|unzustellbar|nicht zugestellt|non remis|no se (?:ha )?(?:pudo|podido) entregar|não (?:foi|pôde)|não entregue|(?:mail|message|delivery).{0,40}\bdelay(?:ed)?\b|\bdelayed (?:mail|message|delivery)|permanent(?:ly)? (?:error|fail|rejected)|` +
		`address(?:es)? (?:had|were)|недостав|не доставлено|не может быть доставлено|配信|送信でき|投稿でき`)
	delayWords = pattern.MustCompile(`(?i)\bdelay(?:ed)?\b|will (?:be )?(?:keep|continue|retr)|still being retried|not (?:yet )?been delivered yet|warning: (?:message|could not)|this is a warning|no action is required`)
)

// isReport says whether a mail without a machine-readable part is a report: a mail system sent it and
// its words say so. A null reverse-path alone is that of absence notices too; then the subject must say it.
func isReport(m Mail, prose string) bool {
	return fromSystem(m) && reportWords.MatchString(m.Subject+"\n"+head(prose, 8000)) || m.Path == "<>" && reportWords.MatchString(m.Subject)
}

// fromSystem says whether a mail system sent a mail.
func fromSystem(m Mail) bool {
	return strings.Contains(m.ContentType, "multipart/report") || systemSender.MatchString(m.From) || systemSender.MatchString(m.Path) || systemName.MatchString(m.FromName) ||
		m.From == "" && (m.Path == "<>" || strings.Contains(m.FromName, "<>"))
}

// complaint reads a feedback report (RFC 5965): somebody marked the mail as spam.
func complaint(m Mail) *Bounce {
	h := fields(string(m.Feedback[0]))
	recipient := strings.ToLower(strings.Trim(firstOf(h.Get("Original-Rcpt-To"), h.Get("Removal-Recipient")), "<> "))
	for _, part := range m.Returned {
		returned := fields(head(string(part), mostProse))
		recipient = firstOf(recipient, first(addresses(returned.Get("To"))))
	}
	b := &Bounce{Class: "complaint"}
	if recipient != "" {
		b.Reports = []Report{{Recipient: recipient}}
	}
	return b
}

var (
	messageID  = pattern.MustCompile(`(?im)^[ \t>]*(?:original-)?message-id:\s*<?([^<>\s]+@[^<>\s]+)>?`)
	returnMark = pattern.MustCompile(`(?im)^[ \t]*[-=*]+ ?(?:below this line is a copy|(?:the )?(?:header of the )?original message|this is a copy|the body of the message|returned message|forwarded message|message header|unsent message|enclosed is a copy|copy of|header)|` +
		`^[ \t>]*(?:received|return-path): ?|^[ \t]*(?:message headers? follows?|below is a copy of the original|original (?:mail|message) (?:as )?follows|original message headers?|(?:your )?original message:?$)`)
)

// divide cuts a report's text where the mail that came back begins.
func divide(text string) (prose, returned string) {
	if i := returnMark.FindStringIndex(text); i != nil {
		return text[:i[0]], text[i[0]:]
	}
	return text, ""
}

// originalID finds the Message-ID of the mail that came back.
func originalID(m Mail, prose, returned string) string {
	for _, part := range slices.Concat(m.Returned, m.Status, [][]byte{[]byte(returned), []byte(prose)}) {
		if id := messageID.FindStringSubmatch(string(part[:min(len(part), mostProse)])); id != nil {
			return id[1]
		}
	}
	return m.Answers
}

func firstOf(words ...string) string {
	return first(slices.DeleteFunc(words, func(w string) bool { return w == "" }))
}

func first(list []string) string {
	if len(list) > 0 {
		return list[0]
	}
	return ""
}
