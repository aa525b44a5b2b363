package reading

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are mails of at most n bytes that are dear to careless readers.
func hostile(n int) map[string][]byte {
	nest := func(head, tail string, depth int) string {
		return strings.Repeat(head, depth) + "Tuesday" + strings.Repeat(tail, depth)
	}
	var multiparts strings.Builder
	for i := range min(n/80, 5000) {
		fmt.Fprintf(&multiparts, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	repeat := func(s string) string { return strings.Repeat(s, n/len(s)) }
	return map[string][]byte{
		"attachment":    mailWith("Content-Type: multipart/mixed; boundary=b", "--b\n\nTuesday works.\n--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"+repeat(strings.Repeat("QUJD", 19)+"\n")+"--b--\n"),
		"one line":      plainMail(repeat("word ")),
		"quotes":        plainMail(repeat("> a quoted line of text\n")),
		"deep quotes":   plainMail(repeat(">")),
		"many parts":    mailWith("Content-Type: multipart/mixed; boundary=b", repeat("--b\n\nx\n")),
		"nested parts":  []byte(multiparts.String()),
		"many headers":  []byte(repeat("X-A: b\r\n") + "\r\nx"),
		"long header":   []byte("Subject: " + repeat("a ") + "\r\n\r\nx"),
		"references":    []byte("References: " + repeat("<a@b> ") + "\r\n\r\nx"),
		"addresses":     []byte("From: " + repeat("a@b.c, ") + "\r\n\r\nx"),
		"attributions":  plainMail(repeat("On 1:\n")),
		"wrapped":       plainMail(repeat("On Mon, Nov 30, 2026 at 3:21 PM\nSam Rivera\n")),
		"colons":        plainMail(repeat("A1:\n")),
		"fields":        plainMail(repeat("From:\n")),
		"rules":         plainMail(repeat("**\n")),
		"devices":       plainMail(repeat("Sent from my iPhone\n")),
		"names":         plainMail(repeat("Dana Ruiz\nHead of Milling\n")),
		"notices":       plainMail(repeat("This e-mail is confidential.\n\n")),
		"begin files":   plainMail(repeat("begin 644 x\n")),
		"html elements": htmlMail(nest("<blockquote>", "</blockquote>", n/25)),
		"html frames":   htmlMail(nest("<div class=gmail_quote>", "</div>", n/29)),
		"html hidden":   htmlMail(nest("<div style=display:none>", "</div>", n/30)),
		"html styles":   htmlMail(repeat("<p style='a: b; c: d' class='e f'>g</p>")),
		"html entities": htmlMail(repeat("&amp;&nbsp;")),
		"html comment":  htmlMail("<!--" + repeat("a-") + "Tuesday"),
		"html tag":      htmlMail("<p " + repeat("a=b ") + ">Tuesday"),
		"calendar":      mailWith("Content-Type: text/calendar", "BEGIN:VCALENDAR\n"+repeat("BEGIN:VEVENT\nUID:1\nDTSTART:20261208T200000Z\nEND:VEVENT\n")),
		"report":        mailWith("Content-Type: multipart/report; report-type=delivery-status; boundary=b", "--b\nContent-Type: message/delivery-status\n\n"+repeat("Final-Recipient: rfc822;a@b.c\nStatus: 5.1.1\n\n")+"--b--\n"),
		"loose report":  []byte("From: MAILER-DAEMON@b.c\r\nSubject: undeliverable\r\n\r\n" + strings.ReplaceAll(repeat("a1@b.c\na2@b.c: 550 5.1.1 user unknown\n"), "a1", "x")),
		"encoded words": []byte("Subject: " + repeat("=?utf-8?q?a?= ") + "\r\n\r\nx"),
		"phones":        plainMail(repeat("1 ")),
		"questions":     plainMail(repeat("Why not so? Tuesday at 3pm? ")),
		"reminders":     plainMail(repeat("ask me again in March or April ")),
		"people":        plainMail(repeat("Write to Ada Lowe at ada@lowe.test, ")),
		"calls":         plainMail(repeat("call me at 617-555-0140 ")),
	}
}

// What a mail makes us allocate stays within a multiple of what is read of it at most.
func TestHostileMailIsBounded(t *testing.T) {
	if raced {
		t.Skip("what is allocated can be told without the race detector alone: make test runs this a second time")
	}
	for name, raw := range hostile(1 << 20) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		Read(raw, Context{})
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 48<<20 {
			t.Errorf("%s: %d MB allocated", name, got>>20)
		}
	}
}

// A limit cuts no character, and the charset is known all the same.
func TestLimitsCutNoCharacter(t *testing.T) {
	for i := range 4 {
		r := Read(plainMail(strings.Repeat("x", i)+strings.Repeat("é€😀", mostPart/9+10)), Context{})
		if n := len(r.NewText); n < mostNew-4 || !utf8.ValidString(r.NewText) || strings.ContainsRune(r.NewText, 'Ã') || strings.ContainsRune(r.Text, 'Ã') {
			t.Errorf("%d bytes, %q at the end", n, r.NewText[max(0, n-12):])
		}
	}
}

// The largest mail that is read: 25 MB, most of it an attachment.
func BenchmarkRead(b *testing.B) {
	for name, raw := range hostile(24 << 20) {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Read(raw, Context{})
			}
		})
	}
}

// An ordinary reply, for the number of mails in a second.
func BenchmarkReadReply(b *testing.B) {
	raw := plainMail("Hello Sam,\n\nTuesday at 3 works, else Friday after 4. Call me: 212-555-0100.\n\nBest,\nDana\n\nOn Mon, Nov 30, 2026 at 3:21 PM Sam Rivera <sam@home.test> wrote:\n\n" + older)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		Read(raw, Context{})
	}
}
