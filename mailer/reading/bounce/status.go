package bounce

import (
	"net/textproto"
	"regexp"
	"strings"

	"introd/mailer/reading/pattern"
)

// fields reads a block of lines like those of a header, and stops at nothing: what is no field is passed over.
func fields(block string) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	last := ""
	for row := range strings.Lines(block) {
		row = strings.TrimRight(row, "\r\n")
		if last != "" && row != "" && (row[0] == ' ' || row[0] == '\t') {
			h[last][len(h[last])-1] += " " + strings.TrimSpace(row)
			continue
		}
		name, value, ok := strings.Cut(row, ":")
		if last = ""; ok {
			last = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
			h[last] = append(h[last], strings.TrimSpace(value))
		}
	}
	return h
}

// status reads message/delivery-status parts (RFC 3464 §2): groups of fields, one for each recipient. Where
// a server broke the MIME structure they stand in the text, and gateways wrap a report in one of their own.
func status(m Mail, prose string) *Bounce {
	b := &Bounce{}
	for _, part := range m.Status {
		b.addGroups(string(part), m, prose)
	}
	if len(b.Reports) == 0 {
		b.addGroups(m.Text, m, prose)
		for _, part := range m.Returned { // a report of a report
			b.addGroups(string(part), m, prose)
		}
	}
	if len(b.Reports) == 0 {
		return nil
	}
	if b.Class == "" {
		b.Class = "bounce"
	}
	return b
}

// mostReports bounds the recipients of one report.
const mostReports = 100

func (b *Bounce) addGroups(part string, m Mail, prose string) {
	for _, group := range groups(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(head(part, mostProse))) {
		h := fields(group)
		recipient := recipientOf(h, m)
		if recipient == "" || len(b.Reports) >= mostReports {
			continue
		}
		diagnostic := h.Get("Diagnostic-Code")
		said, more := diagnostic+"\n"+h.Get("Status"), about(prose, []string{recipient})[0]
		if diagnostic == "" {
			said += "\n" + more
		}
		r := Report{Recipient: recipient, Status: firstOf(enhanced.FindString(h.Get("Status")), enhancedIn(said), enhancedIn(more)), SMTPCode: firstOf(codeIn(said), codeIn(more))}
		action := strings.ToLower(h.Get("Action"))
		class := classOf(action, r)
		r.Permanent = class == "bounce" && permanent(r, said)
		b.Reports = append(b.Reports, r)
		b.Class = worse(b.Class, class)
	}
}

// groups are the stretches of a status part that empty lines divide. Some servers leave the empty line
// between two recipients out.
func groups(part string) (list []string) {
	for group := range strings.SplitSeq(part, "\n\n") {
		begin, seen, at := 0, false, 0
		for row := range strings.Lines(group) {
			if len(row) > 16 && strings.EqualFold(row[:16], "final-recipient:") {
				if seen {
					list, begin = append(list, group[begin:at]), at
				}
				seen = true
			}
			at += len(row)
		}
		list = append(list, group[begin:])
	}
	return list
}

// recipientOf names the recipient of a group. Some servers give a file, or nothing, as final recipient.
func recipientOf(h textproto.MIMEHeader, m Mail) string {
	final, original := typed(h.Get("Final-Recipient")), typed(h.Get("Original-Recipient"))
	switch {
	case strings.Contains(final, "@"):
		return final
	case strings.Contains(original, "@"):
		return original
	case final == "" && original == "":
		return ""
	}
	return firstOf(first(addresses(m.Failed)), final, original)
}

// typed takes the address type off "rfc822; a@b".
func typed(v string) string {
	if _, address, ok := strings.Cut(v, ";"); ok {
		v = address
	}
	return strings.ToLower(strings.Trim(strings.TrimSpace(v), "<>"))
}

// classOf is the class of one group by its Action (RFC 3464 §2.3.3).
func classOf(action string, r Report) string {
	word, _, _ := strings.Cut(action, " ")
	switch {
	case strings.HasPrefix(word, "fail"):
		return "bounce"
	case strings.HasPrefix(word, "delay"):
		return "delay"
	case word == "delivered" || word == "relayed" || word == "expanded" || strings.HasPrefix(r.Status, "2"):
		return "delivered"
	}
	return "bounce"
}

// worse is the class of a report with recipients of both classes.
func worse(a, b string) string {
	for _, class := range []string{"bounce", "delay", "delivered"} {
		if a == class || b == class {
			return class
		}
	}
	return b
}

var (
	enhanced = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	failure  = regexp.MustCompile(`\b[45]\.\d{1,3}\.\d{1,3}\b`)
	smtpCode = regexp.MustCompile(`(?:^|[\s:(#;<=,"'\[])([2-5]\d\d)(?:[\s)\-;,:\]]|$)`)
	dotted   = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+|v?\d+\.\d+\.\d+[/.-]\w+`) // network addresses and versions look like codes
)

// enhancedIn finds an enhanced status code in words (RFC 3463).
func enhancedIn(s string) string {
	s = dotted.ReplaceAllString(s, " ")
	if code := failure.FindString(s); code != "" {
		return code
	}
	return enhanced.FindString(s)
}

// codeIn finds a reply code of SMTP in words; 4xx and 5xx alone tell of a failure.
func codeIn(s string) string {
	for _, m := range smtpCode.FindAllStringSubmatch(head(s, 8000), 20) {
		if m[1][0] == '4' || m[1][0] == '5' {
			return m[1]
		}
	}
	return ""
}

var (
	goneWords = pattern.MustCompile(`(?i)user (?:is )?unknown|unknown (?:user|recipient|address|mailbox|local|host|or illegal|virtual)|no (?:such|valid) (?:user|recipient|address|mailbox|person|host|domain|account)|does(?: not|n't) exist|doesn't have an? .{0,30}account|` +
		`not (?:a )?(?:valid|known|recogni[sz]ed|found|listed|exist)|invalid (?:user|recipient|address|mailbox|domain)|recipient (?:address )?(?:rejected|unknown|not found)|host(?: or domain name)? (?:not found|unknown)|domain .{0,40}not (?:found|reachable)|` +
		`dns (?:lookup failure|error)|no mailbox here|account (?:has been |is )?(?:disabled|inactive|closed|deleted|suspended)|has moved|nxdomain|no mx|name or service not known|bad destination|address rejected|addresses? (?:is|was|were) unknown|not our customer|no account`)
	restWords = pattern.MustCompile(`(?i)(?:mailbox|inbox|mail ?box|account|maildir|folder|disk|user'?s? storage).{0,40}(?:full|quota|exceed|limit)|(?:over|exceed\w*|out of|above).{0,30}(?:quota|storage|space|limit)|quota|insufficient.{0,20}(?:space|storage)|no space|disk full|` +
		`too (?:large|big|many|long|busy)|size.{0,30}(?:exceed|limit)|exceed.{0,30}size|expired|time[sd]? ?(?:d )?out|timeout|temporar|try again|retry|later|connection (?:refused|reset|lost|closed|dropped)|could not connect|network|unreachable|rate limit|at a rate|frequency|limited|throttl|sender (?:address )?(?:rejected|denied|blocked)|requests to connect|socket error|\d+ attempts|greylist|deferred|delayed|loop|too many hops|max(?:imum)? (?:hops|retries)`)
)

// Words and enhanced codes that say by themselves what is the matter (RFC 3463 §3).
var (
	fullWords = pattern.MustCompile(`(?i)(?:mailbox|inbox|mail ?box|account|maildir|folder|disk).{0,40}\bfull\b|quota|\b[45]\.2\.2\b`)
	goneCode  = regexp.MustCompile(`^[45]\.1\.(?:1|2|3|6|10)$`)
	restCode  = regexp.MustCompile(`^[45]\.(?:2\.[23]|3\.[14]|4\.\d+)$|^4\.`)
)

// permanent says whether the address is of no use any more. The words decide where they are plain; else the
// code where it is precise; else its first digit. A full mailbox is no reason to give an address up, be it
// 552 or 452.
func permanent(r Report, said string) bool {
	gone, rest := goneWords.MatchString(said), restWords.MatchString(said)
	switch {
	case fullWords.MatchString(said):
		return false
	case gone != rest:
		return gone
	case goneCode.MatchString(r.Status):
		return true
	case restCode.MatchString(r.Status):
		return false
	}
	return !strings.HasPrefix(firstOf(r.Status, r.SMTPCode), "4")
}
