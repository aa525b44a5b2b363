package bounce

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"introd/mailer/reading/pattern"
)

// loose reads the reports that are prose: whom they name at the beginning of a line or as recipient, and
// for each the codes between that line and the next name.
func loose(m Mail, prose, returned string) *Bounce {
	b := &Bounce{Class: "bounce"}
	if delayWords.MatchString(m.Subject + "\n" + head(prose, 4000)) {
		b.Class = "delay"
	}
	recipients := named(m, prose)
	if len(recipients) == 0 {
		recipients = addresses(fields(returned).Get("To"))
	}
	for _, part := range m.Returned {
		if len(recipients) == 0 {
			recipients = addresses(fields(head(string(part), mostProse)).Get("To"))
		}
	}
	if len(recipients) == 0 && enhancedIn(prose) == "" && codeIn(prose) == "" {
		return b
	}
	if len(recipients) == 0 {
		recipients = []string{""}
	}
	said := about(prose, recipients)
	for i, recipient := range recipients {
		said := cmp.Or(said[i], prose)
		if len(recipients) == 1 {
			said = prose
		}
		r := Report{Recipient: recipient, Status: enhancedIn(said), SMTPCode: codeIn(said)}
		r.Permanent = b.Class == "bounce" && permanent(r, said)
		b.Reports = append(b.Reports, r)
	}
	return b
}

var (
	anyAddress = regexp.MustCompile(`[A-Za-z0-9._%+=\-'/!#&*?^{}|~]+@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?`)
	opensLine  = regexp.MustCompile(`^(?:[45]\d\d[ -])?[\s*<"'(\-•>]*(?:rfc822;|smtp:|mailto:|to:? )?[<"' ]*([A-Za-z0-9._%+=\-'/]+@[A-Za-z0-9.\-]+[A-Za-z0-9])`)
	asReceiver = pattern.MustCompile(`(?i)(?:rcpt to|recipient(?:'s)?(?: address)?|failed|deliver\w* (?:your |a )?(?:mail |message )?to|user|addressee|errors?|unknown address|to)\b[^@\n]{0,30}[:<( ]+([A-Za-z0-9._%+=\-'/]+@[A-Za-z0-9.\-]+[A-Za-z0-9])`)
	asSender   = regexp.MustCompile(`(?i)^\s*(?:from|mail from|sender|reply-to|return-path|subject|message-id|in-reply-to|references|x-[\w-]+):|message-id`)
)

// addresses are all addresses in a text, lower case, each once.
func addresses(s string) (list []string) {
	for _, a := range anyAddress.FindAllString(s, mostReports) {
		if a = strings.ToLower(strings.Trim(a, "'")); !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

// named finds the failed recipients in a report's words: those that open a line, else those of
// X-Failed-Recipients, else those named as recipients, else the first address. The report's own sender
// counts never, its receiver only where it names nobody else.
func named(m Mail, prose string) []string {
	for _, own := range [][]string{m.To, nil} {
		var opening, receiving, any []string
		note := func(list *[]string, a string) {
			a = strings.ToLower(strings.Trim(a, "'"))
			if len(*list) < mostReports && a != m.From && !systemSender.MatchString(a) && !slices.Contains(own, a) && !slices.Contains(*list, a) {
				*list = append(*list, a)
			}
		}
		for row := range strings.Lines(prose) {
			if !strings.Contains(row, "@") || asSender.MatchString(row) {
				continue
			}
			if a := opensLine.FindStringSubmatch(row); a != nil {
				note(&opening, a[1])
			}
			if a := asReceiver.FindStringSubmatch(row); a != nil {
				note(&receiving, a[1])
			}
			for _, a := range addresses(row) {
				note(&any, a)
			}
		}
		for _, list := range [][]string{opening, addresses(m.Failed), receiving, any[:min(len(any), 1)]} {
			if len(list) > 0 {
				return list
			}
		}
	}
	return nil
}

// about is what a report's words say of each recipient: from the line that names it to the line that names another.
func about(prose string, recipients []string) []string {
	said := make([]strings.Builder, len(recipients))
	var inside []int
	for row := range strings.Lines(prose) {
		lower := strings.ToLower(row)
		var here []int
		for i, recipient := range recipients {
			if strings.Contains(lower, recipient) {
				here = append(here, i)
			}
		}
		if len(here) > 0 {
			inside = here
		}
		for _, i := range inside {
			said[i].WriteString(row)
		}
	}
	texts := make([]string, len(said))
	for i := range said {
		texts[i] = said[i].String()
	}
	return texts
}
