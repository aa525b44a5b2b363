package reading

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzSeeds are the mails that FuzzRead begins with: each way that a mail goes through the reader.
func fuzzSeeds() [][]byte {
	return [][]byte{
		nil, plainMail("Tuesday works.\n\n" + older), plainMail("Yes.\n\nOn Mon, Nov 30, 2026 at 3:21 PM Sam <\nsam@home.test\n> wrote:\n\n> When?\nTuesday.\n-- \nDana"),
		htmlMail(`<div class="gmail_quote"><div class="gmail_attr">Sam:</div><blockquote class=gmail_quote>x</blockquote>y</div><p style="display:none"><pre>a&nbsp;</table>`),
		mailWith("Content-Type: multipart/alternative; boundary=b", "--b\n\nx \n--b\nContent-Type: text/html\n\n<p>x\n--b--"),
		mailWith("Content-Type: text/plain; format=flowed; delsp=yes", "a \n> b \n>> c\n"), mailWith("Content-Type: text/plain; charset=iso-2022-jp", "\x1b$B%F"),
		mailWith("Content-Type: text/calendar", "BEGIN:VEVENT\nDTSTART:20261208T200000Z"), mailWith("Content-Type: multipart/report; boundary=b", "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;a@b.c\n--b--"),
		bare("no-reply@x", "=?utf-8?b?R3I?=", "begin 644 x\nM\nend\n"), []byte("\r\nFrom x\n: y\nSubject\n\n\n"), plainMail("From: a@b\nSent: 1.1.2026\n\n____\n**\nRegards,\nX\nY Z\n"),
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range fuzzSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := Read(raw, Context{})
		if r.Kind == "" || r.Intent == "" {
			t.Error("no verdict")
		}
		if len(r.NewText) > mostNew+mostNew/8 || !utf8.ValidString(r.NewText) || !utf8.ValidString(r.Text) || strings.TrimSpace(r.NewText) != r.NewText {
			t.Errorf("new text of %d bytes: %q", len(r.NewText), r.NewText)
		}
	})
}

func TestFuzzSeedsAreThere(t *testing.T) {
	if n := len(fuzzSeeds()); n != 12 {
		t.Errorf("%d seeds", n)
	}
}
