package mailer

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// A Message is a mail to be composed.
type Message struct {
	From        mail.Address
	To, Cc, Bcc []mail.Address
	Subject     string
	Text        string // plain; lines end in LF
	MessageID   string // no angle brackets
	Date        time.Time
	InReplyTo   string
	References  []string  // oldest first, ending with InReplyTo
	Auto        bool      // a machine wrote it to its owner: Auto-Submitted (RFC 3834 §5)
	Calendar    *Calendar // an invitation that goes with it
}

// A Calendar is an invitation or its cancellation (RFC 6047).
type Calendar struct {
	Method string // the same as in ICS
	ICS    []byte
}

// Compose writes a mail. Bcc stands in its header: introd's copies keep it, and StripBcc takes it off
// what goes to SMTP. With a Calendar the shape is mixed(alternative(text, calendar), invite.ics):
// Outlook shows buttons for the inline part alone, iCloud wants the attachment.
func Compose(m Message) ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&m.From)
	msg.ToMailAddress(pointers(m.To)...)
	msg.CcMailAddress(pointers(m.Cc)...)
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date)
	if m.InReplyTo != "" {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+m.InReplyTo+">")
	}
	if len(m.References) > 0 {
		// One string: several values would be joined with commas, which no threading reads.
		msg.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(m.References, "> <")+">")
	}
	if m.Auto {
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
		msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	}
	msg.SetBodyString("text/plain; format=flowed; delsp=no", flow(m.Text))
	if c := m.Calendar; c != nil {
		msg.AddAlternativeString(gomail.ContentType("text/calendar; method="+c.Method+"; component=VEVENT"), string(c.ICS), gomail.WithPartEncoding(gomail.EncodingB64))
		if err := msg.AttachReader("invite.ics", bytes.NewReader(c.ICS), gomail.WithFileContentType("application/ics")); err != nil {
			return nil, fmt.Errorf("attaching the invitation: %w", err)
		}
	}
	var out bytes.Buffer
	if len(m.Bcc) > 0 {
		// go-mail leaves Bcc out of what it writes, as SMTP wants it; the owner's copies want it in.
		fmt.Fprintf(&out, "Bcc: %s\r\n", joined(m.Bcc))
	}
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("composing a mail: %w", err)
	}
	return out.Bytes(), nil
}

// StripBcc takes the Bcc field that Compose put first off a mail.
func StripBcc(raw []byte) []byte {
	if !bytes.HasPrefix(raw, []byte("Bcc: ")) {
		return raw
	}
	_, rest := nextField(raw)
	return rest
}

func joined(list []mail.Address) string {
	words := make([]string, 0, len(list))
	for _, a := range list {
		words = append(words, a.String())
	}
	return strings.Join(words, ", ")
}

func pointers(list []mail.Address) []*mail.Address {
	p := make([]*mail.Address, len(list))
	for i := range list {
		p[i] = &list[i]
	}
	return p
}

// flowWidth is where flowed lines break (RFC 3676 §4.2).
const flowWidth = 76

// flow breaks long lines softly: a line that ends in a space goes on in the next (RFC 3676). Lines
// are CRLF, trailing spaces that would join paragraphs are cut off, and what would read as a quote
// or an mbox "From " is stuffed.
func flow(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "From ") || strings.HasPrefix(line, " ") {
			line = " " + line
		}
		for len([]rune(line)) > flowWidth {
			cut := strings.LastIndex(string([]rune(line)[:flowWidth]), " ")
			if cut <= 0 {
				break
			}
			out.WriteString(line[:cut+1] + "\r\n")
			line = line[cut+1:]
		}
		out.WriteString(line + "\r\n")
	}
	return out.String()
}
