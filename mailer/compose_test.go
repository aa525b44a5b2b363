package mailer_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"encoding/base64"

	"introd/mailer"
)

// plain is a mail with all that a mail of introd's may have, but for an invitation.
func plain() mailer.Message {
	return mailer.Message{
		From: mail.Address{Name: "Sam Rivera", Address: me}, To: []mail.Address{{Name: "Dana Wu", Address: "dana@x.test"}},
		Bcc: []mail.Address{{Address: "lee@x.test"}}, Subject: "Grüße from Sam", Text: "Dear Dana,\n\nthank you.\n\n-- \nSam\n",
		MessageID: "m1@home.test", Date: time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("", -5*3600)),
		InReplyTo: "p2@x.test", References: []string{"p1@x.test", "broken id", "p2@x.test"},
	}
}

func invitation(method string) *mailer.Calendar {
	return &mailer.Calendar{Method: method, ICS: []byte("BEGIN:VCALENDAR\r\nMETHOD:" + method + "\r\nEND:VCALENDAR\r\n")}
}

func composed(t *testing.T, m mailer.Message) *mail.Message {
	t.Helper()
	raw, err := mailer.Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return parsed
}

// TestComposeHeader holds every field of a mail's header.
func TestComposeHeader(t *testing.T) {
	t.Parallel()
	m := composed(t, plain())
	for field, want := range map[string]string{
		"From": `"Sam Rivera" <me@home.test>`, "To": `"Dana Wu" <dana@x.test>`, "Bcc": "<lee@x.test>", "Message-Id": "<m1@home.test>",
		"Date": "Mon, 23 Nov 2026 09:00:00 -0500", "In-Reply-To": "<p2@x.test>", "References": "<p1@x.test> <p2@x.test>",
		"Mime-Version": "1.0", "Content-Type": "text/plain; format=flowed; delsp=no; charset=UTF-8",
		"Auto-Submitted": "", "User-Agent": "", "X-Mailer": "", "Cc": "", "Return-Path": "",
	} {
		if got := m.Header.Get(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || subject != "Grüße from Sam" {
		t.Errorf("Subject %q, %v", subject, err)
	}
	own := plain()
	own.Auto = true
	if m := composed(t, own); m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("X-Auto-Response-Suppress") != "All" {
		t.Errorf("a machine's mail has the header %v", m.Header)
	}
}

// TestComposeIsTheSame: one message, one row of bytes. The hash that was approved is over them.
func TestComposeIsTheSame(t *testing.T) {
	t.Parallel()
	m := plain()
	m.Calendar = invitation("REQUEST")
	first, err := mailer.Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := mailer.Compose(m); err != nil || !bytes.Equal(first, again) {
			t.Fatalf("%v, and\n%s\nis not\n%s", err, again, first)
		}
	}
	if strings.Contains(strings.ReplaceAll(string(first), "\r\n", ""), "\n") {
		t.Error("a line ends without CR")
	}
	m.MessageID = "m2@home.test"
	if other, _ := mailer.Compose(m); bytes.Equal(first, other) {
		t.Error("two messages have the same bytes")
	}
}

// TestInvitationShape holds RFC 6047: the method in the part's type and in the calendar are the same,
// the calendar stands last in the alternative (Outlook), and the attachment beside it (iCloud).
func TestInvitationShape(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"REQUEST", "CANCEL"} {
		m := plain()
		m.Calendar = invitation(method)
		parsed := composed(t, m)
		var got []string
		walk(t, parsed.Header.Get("Content-Type"), "", "", parsed.Body, &got)
		want := []string{
			"multipart/mixed", "multipart/alternative", "text/plain", "text/calendar method=" + method + " METHOD:" + method, "application/ics invite.ics METHOD:" + method,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("shape %q, want %q", got, want)
		}
	}
}

// walk notes type, method and name of every part.
func walk(t *testing.T, contentType, encoding, disposition string, body io.Reader, got *[]string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		*got = append(*got, kind)
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			} else if err != nil {
				t.Fatal(err)
			}
			walk(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part.Header.Get("Content-Disposition"), part, got)
		}
	}
	word := kind
	if params["method"] != "" {
		word += " method=" + params["method"]
	}
	if _, named, err := mime.ParseMediaType(disposition); err == nil && named["filename"] != "" {
		word += " " + named["filename"]
	}
	if strings.EqualFold(encoding, "base64") {
		text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, body))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "METHOD:") {
				word += " " + strings.TrimSpace(line)
			}
		}
	}
	*got = append(*got, word)
}

// TestComposeRefuses: nothing that comes from elsewhere can write a field of its own.
func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*mailer.Message){
		"a line in an address":     func(m *mailer.Message) { m.To[0].Address = "dana@x.test\r\nBcc: evil@x.test" },
		"a line in a Bcc":          func(m *mailer.Message) { m.Bcc[0].Address = "dana@x.test\nX: y" },
		"no domain":                func(m *mailer.Message) { m.To[0].Address = "dana@" },
		"no address":               func(m *mailer.Message) { m.From.Address = "" },
		"a line in the Message-ID": func(m *mailer.Message) { m.MessageID = "a@b\r\nX: y" },
		"brackets in the id":       func(m *mailer.Message) { m.MessageID = "a@b> <c@d" },
		"a method of its own":      func(m *mailer.Message) { m.Calendar = invitation("REQUEST\r\nX-Evil: y") },
		"a method and a parameter": func(m *mailer.Message) { m.Calendar = invitation("request; x=y") },
	} {
		m := plain()
		change(&m)
		if raw, err := mailer.Compose(m); err == nil {
			t.Errorf("%s was taken:\n%s", name, raw)
		}
	}
	for name, change := range map[string]func(*mailer.Message){
		"a line in the subject": func(m *mailer.Message) { m.Subject = "hello\r\nX-Evil: y" },
		"a line in a name":      func(m *mailer.Message) { m.To[0].Name = "Dana\r\nX-Evil: y" },
		"a line in a parent":    func(m *mailer.Message) { m.InReplyTo = "a@b\r\nX-Evil: y" },
		"a line in a reference": func(m *mailer.Message) { m.References = []string{"a@b>\r\nX-Evil: y\r\nZ: <"} },
		"a line in a Bcc name":  func(m *mailer.Message) { m.Bcc[0].Name = "Lee\r\nX-Evil: y" },
		"a header in the text":  func(m *mailer.Message) { m.Text = "\r\nX-Evil: y\r\n" },
	} {
		m := plain()
		change(&m)
		if parsed := composed(t, m); parsed.Header.Get("X-Evil") != "" || parsed.Header.Get("Z") != "" {
			t.Errorf("%s became a field: %v", name, parsed.Header)
		}
	}
}

// TestManyRecipients: no line of a header grows past what SMTP carries (RFC 5322 §2.1.1).
func TestManyRecipients(t *testing.T) {
	t.Parallel()
	m := plain()
	for i := range 200 {
		m.Bcc = append(m.Bcc, mail.Address{Name: "Somebody", Address: fmt.Sprintf("person%d@x.test", i)})
		m.References = append(m.References, fmt.Sprintf("parent%d@x.test", i))
	}
	m.To = append(m.To, m.Bcc...)
	raw, err := mailer.Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes: %.80s", len(line), line)
		}
	}
	if bcc, err := composed(t, m).Header.AddressList("Bcc"); err != nil || len(bcc) != 201 {
		t.Errorf("%d in Bcc, %v", len(bcc), err)
	}
	if strings.Contains(string(mailer.StripBcc(raw)), "Bcc:") || !bytes.HasSuffix(raw, mailer.StripBcc(raw)) {
		t.Error("StripBcc takes off something else")
	}
}

// TestFlowed: what a mail program shows of the flowed text is the text (RFC 3676 §4).
func TestFlowed(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("some words that go on ", 30))
	for _, text := range []string{
		"short\n", "two\nlines\n", "a\n\nparagraph\n", long + "\n", "> quoted " + long + "\nnew\n", "From here on\n", " led by a space\n", "  two\n",
		"-- \nSam\n", "über " + long + "\n", strings.Repeat("x", 300) + "\n", long + "\n> and\n", strings.ReplaceAll(long, " on", " >on") + "\n", ".\n..\n",
		strings.ReplaceAll(long, "some", "From") + "\n",
	} {
		m := plain()
		m.Text = text
		parsed := composed(t, m)
		body, err := io.ReadAll(quotedprintable.NewReader(parsed.Body))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(body), "\r\n") {
			if len([]rune(line)) > 78 && strings.Contains(strings.TrimSpace(line), " ") && line[0] != '>' {
				t.Errorf("a line of %d characters in %q", len(line), body)
			}
		}
		if got := unflowed(string(body)); got != text {
			t.Errorf("shown as %q, want %q", got, text)
		}
	}
	m := plain()
	m.Text = "trailing  \nspaces \n"
	body, err := io.ReadAll(quotedprintable.NewReader(composed(t, m).Body))
	if err != nil || unflowed(string(body)) != "trailing\nspaces\n" {
		t.Errorf("spaces at the end of a line join it to the next: %q, %v", body, err)
	}
}

// unflowed reads format=flowed; delsp=no as RFC 3676 §4.1 to §4.3 say.
func unflowed(body string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(body, "\r\n"), "\r\n") {
		quoted := strings.HasPrefix(line, ">")
		if !quoted {
			line = strings.TrimPrefix(line, " ")
		}
		out.WriteString(line)
		if line == "-- " || quoted || !strings.HasSuffix(line, " ") {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
