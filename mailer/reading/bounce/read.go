package bounce

import (
	"net/textproto"
	"regexp"
	"strings"
)

// A Mail is what a delivery report is read from.
type Mail struct {
	From        string // bare address, lower case
	Subject     string
	ContentType string   // of the whole mail, lower case, with parameters
	ReturnPath  string   // "" or "<>" for a null reverse-path
	Automatic   bool     // Auto-Submitted says so
	Text        string   // the visible text
	Status      [][]byte // message/delivery-status parts
	Feedback    [][]byte // message/feedback-report parts
	Returned    [][]byte // message/rfc822 and text/rfc822-headers parts
	To          []string
}

// Read reads a delivery report; nil where the mail is none. People's mail about a bounce is none:
// a report is known by its machine-readable part, or by a mail system as sender and its words.
func Read(m Mail) *Bounce {
	for _, part := range m.Feedback {
		return complaint(part, m)
	}
	if len(m.Status) > 0 {
		if b := status(m); b != nil {
			return b
		}
	}
	if !fromSystem(m) || !bounceWords.MatchString(m.Subject+"\n"+head(m.Text, 4000)) {
		return nil
	}
	return loose(m)
}

func head(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

var (
	systemSender = regexp.MustCompile(`^(mailer-daemon|postmaster|mail-daemon|mdaemon|bounces?|mail\.?delivery|exchange|mailadmin|root)@|^mailer-daemon$`)
	bounceWords  = regexp.MustCompile(`(?i)undeliver|not (be )?deliver|delivery (has )?(status|fail|problem|notif|incomplete|delayed)|failure notice|returned (mail|to sender)|mail delivery|could not (be )?(send|deliver)|user unknown|unknown user|no such user|mailbox (is )?(full|unavailable)|unzustellbar|nicht zugestellt|non remis|no se (ha )?(pudo|podido) entregar|delay|permanent(ly)? (error|fail|rejected)`)
	delayWords   = regexp.MustCompile(`(?i)\bdelay(ed)?\b|will (be )?(keep|continue|retr)|still being retried|not (yet )?been delivered|warning: (message|could not)`)
	enhanced     = regexp.MustCompile(`\b([245]\.\d{1,3}\.\d{1,3})\b`)
	smtpCode     = regexp.MustCompile(`(?:^|[\s:(#;<])([45]\d\d)(?:[\s)\-;,]|$)`)
	anyAddress   = regexp.MustCompile(`[A-Za-z0-9._%+=\-']+@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?`)
)

func fromSystem(m Mail) bool {
	return systemSender.MatchString(m.From) || m.From == "" || strings.Contains(m.ContentType, "delivery-status")
}

// fields reads a block of header-like lines.
func fields(block string) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	last := ""
	for line := range strings.Lines(block) {
		line = strings.TrimRight(line, "\r\n")
		if last != "" && line != "" && (line[0] == ' ' || line[0] == '\t') {
			h[last][len(h[last])-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			last = ""
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		h[last] = append(h[last], strings.TrimSpace(value))
	}
	return h
}

// status reads message/delivery-status parts (RFC 3464 §2): groups of fields, one for each recipient.
func status(m Mail) *Bounce {
	b := &Bounce{OriginalMessageID: originalID(m)}
	class := ""
	for _, part := range m.Status {
		text := strings.ReplaceAll(string(part), "\r\n", "\n")
		for group := range strings.SplitSeq(text, "\n\n") {
			h := fields(group)
			recipient := typed(firstOf(h.Get("Final-Recipient"), h.Get("Original-Recipient")))
			if recipient == "" {
				continue
			}
			diagnostic := h.Get("Diagnostic-Code")
			r := Report{Recipient: recipient, Status: enhanced.FindString(h.Get("Status")), SMTPCode: group1(smtpCode, " "+diagnostic)}
			action := strings.ToLower(h.Get("Action"))
			r.Permanent = strings.HasPrefix(r.Status, "5") && action != "delayed"
			b.Reports = append(b.Reports, r)
			switch {
			case action == "failed" || action == "" && r.Permanent:
				class = "bounce"
			case action == "delayed" && class == "":
				class = "delay"
			case class == "" && (action == "delivered" || action == "relayed" || action == "expanded"):
				class = "delivered"
			}
		}
	}
	if len(b.Reports) == 0 {
		return nil
	}
	b.Class = firstOf(class, "bounce")
	return b
}

// typed takes the address type off "rfc822; a@b".
func typed(v string) string {
	if _, address, ok := strings.Cut(v, ";"); ok {
		v = address
	}
	return strings.ToLower(strings.Trim(strings.TrimSpace(v), "<>"))
}

func complaint(part []byte, m Mail) *Bounce {
	h := fields(string(part))
	recipient := strings.ToLower(strings.Trim(firstOf(h.Get("Original-Rcpt-To"), h.Get("Removal-Recipient")), "<> "))
	b := &Bounce{Class: "complaint", OriginalMessageID: originalID(m)}
	if recipient != "" {
		b.Reports = []Report{{Recipient: recipient}}
	}
	return b
}

// loose reads the reports that are prose.
func loose(m Mail) *Bounce {
	b := &Bounce{Class: "bounce", OriginalMessageID: originalID(m)}
	if delayWords.MatchString(m.Subject + "\n" + head(m.Text, 4000)) {
		b.Class = "delay"
	}
	body := m.Text
	if i := returnedMark.FindStringIndex(body); i != nil {
		body = body[:i[0]]
	}
	r := Report{Status: enhanced.FindString(body), SMTPCode: group1(smtpCode, body)}
	own := map[string]bool{m.From: true}
	for _, to := range m.To {
		own[to] = true
	}
	for _, a := range anyAddress.FindAllString(body, 50) {
		if a = strings.ToLower(a); !own[a] && !systemSender.MatchString(a) {
			r.Recipient = a
			break
		}
	}
	r.Permanent = b.Class == "bounce" && !strings.HasPrefix(r.Status, "4") && (r.Status != "" || !strings.HasPrefix(r.SMTPCode, "4"))
	if r.Recipient != "" || r.Status != "" || r.SMTPCode != "" {
		b.Reports = []Report{r}
	}
	return b
}

var returnedMark = regexp.MustCompile(`(?im)^-+ ?(below this line is a copy|original message|this is a copy|the body of the message|returned message|forwarded message|message header)|^(received|return-path): `)

var messageID = regexp.MustCompile(`(?im)^message-id:\s*<?([^<>\s]+@[^<>\s]+)>?`)

// originalID finds the Message-ID of the mail that came back.
func originalID(m Mail) string {
	for _, part := range m.Returned {
		if id := group1(messageID, head(string(part), 64<<10)); id != "" {
			return id
		}
	}
	for _, part := range m.Status {
		if id := group1(messageID, strings.ReplaceAll(string(part), "Original-Message-ID", "Message-ID")); id != "" {
			return id
		}
	}
	if i := returnedMark.FindStringIndex(m.Text); i != nil {
		return group1(messageID, m.Text[i[0]:])
	}
	return ""
}

func group1(re *regexp.Regexp, s string) string {
	if m := re.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
