package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

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

// Compose writes a mail: the same bytes for the same Message. Bcc stands first in its header:
// introd's copies keep it, and StripBcc takes it off what goes to SMTP. With a Calendar the shape is
// mixed(alternative(text, calendar), invite.ics): Outlook shows buttons for the inline part alone,
// iCloud wants the attachment. An address that would break the header is an error.
func Compose(m Message) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("composing a mail: %w", err)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&m.From)
	msg.ToMailAddress(pointers(m.To)...)
	msg.CcMailAddress(pointers(m.Cc)...)
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date)
	if isID(m.InReplyTo) {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+m.InReplyTo+">")
	}
	// The ids of others' mails may be broken; a thread is found by those that are not.
	if ids := slices.DeleteFunc(slices.Clone(m.References), func(id string) bool { return !isID(id) }); len(ids) > 0 {
		// One string: several values would be joined with commas, which no threading reads.
		msg.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(ids, "> <")+">")
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
	return fixBoundaries(out.Bytes(), m.MessageID), nil
}

// check refuses what would not stand in a header as it is meant.
func (m Message) check() error {
	for _, a := range slices.Concat([]mail.Address{m.From}, m.To, m.Cc, m.Bcc) {
		if at := strings.LastIndexByte(a.Address, '@'); at <= 0 || at == len(a.Address)-1 || strings.ContainsFunc(a.Address, unicode.IsControl) {
			return fmt.Errorf("%q is no mail address", a.Address)
		}
	}
	if !isID(m.MessageID) {
		return fmt.Errorf("%q is no Message-ID", m.MessageID)
	}
	if m.Calendar != nil && !method.MatchString(m.Calendar.Method) {
		return fmt.Errorf("%q is no calendar method", m.Calendar.Method)
	}
	return nil
}

// isID says whether an id can stand between angle brackets as it is.
func isID(id string) bool {
	return id != "" && !strings.ContainsAny(id, "<>") && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

var method = regexp.MustCompile(`^[A-Z]+$`)

var boundary = regexp.MustCompile(`boundary=([0-9a-f]{60})\r\n`)

// fixBoundaries puts boundaries that follow from the Message-ID in the place of go-mail's random
// ones. The first two that a mail of ours declares are its own; nested multiparts need different ones.
func fixBoundaries(raw []byte, messageID string) []byte {
	for i, found := range boundary.FindAllSubmatch(raw, 2) {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", i, messageID))
		raw = bytes.ReplaceAll(raw, found[1], []byte(hex.EncodeToString(sum[:])[:60]))
	}
	return raw
}

// StripBcc takes the Bcc field that Compose put first off a mail.
func StripBcc(raw []byte) []byte {
	if !bytes.HasPrefix(raw, []byte("Bcc: ")) {
		return raw
	}
	_, rest := nextField(raw)
	return rest
}

// joined writes a list of addresses, one a line: a line of a header ends after 998 bytes (RFC 5322 §2.1.1).
func joined(list []mail.Address) string {
	words := make([]string, 0, len(list))
	for _, a := range list {
		words = append(words, a.String())
	}
	return strings.Join(words, ",\r\n ")
}

func pointers(list []mail.Address) []*mail.Address {
	p := make([]*mail.Address, len(list))
	for i := range list {
		p[i] = &list[i]
	}
	return p
}

// flowWidth is where flowed lines break (RFC 3676 §4.2).
const flowWidth = 72

// flow writes text as format=flowed (RFC 3676 §4): a line that ends in a space goes on in the next.
// Lines are CRLF. Spaces at the end of a line of the text are cut off, as they would join it to the
// next, but for the mark "-- " above a signature. A line that begins with ">" is a quotation and is
// left whole; a space is put before what would read as an mbox "From " or as such a space itself.
func flow(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "-- " {
			line = strings.TrimRight(line, " \t")
		}
		for first := true; ; first = false {
			head, rest := softBreak(line)
			if strings.HasPrefix(head, " ") || strings.HasPrefix(head, "From ") || !first && strings.HasPrefix(head, ">") {
				head = " " + head
			}
			out.WriteString(head + "\r\n")
			if line = rest; line == "" {
				break
			}
		}
	}
	return out.String()
}

// softBreak cuts a line behind the last space that keeps it narrow, or behind the first space there is.
func softBreak(line string) (head, rest string) {
	if strings.HasPrefix(line, ">") || line == "-- " {
		return line, ""
	}
	cut, width := 0, 0
	for i, r := range line {
		if width++; r == ' ' {
			if width > flowWidth && cut > 0 {
				break
			}
			cut = i + 1
		}
	}
	if width <= flowWidth || cut == 0 {
		return line, ""
	}
	return line[:cut], line[cut:]
}
