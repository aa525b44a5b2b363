package reading

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestMessageIDs(t *testing.T) {
	for value, want := range map[string][]string{
		"<a@b>":                   {"a@b"},
		"<a@b> <c@d>,<e@f>":       {"a@b", "c@d", "e@f"},
		"a@b, c@d":                {"a@b", "c@d"},
		"<a@\r\n b>":              {"a@b"},
		"2a26f8f146e27159":        {"2a26f8f146e27159"},
		"Your mail of Tuesday":    nil,
		"<unfinished":             nil,
		"<unfinished@":            nil,
		"<unfinished@[127.0":      nil,
		"(a comment) <a@b> \"x\"": {"a@b"},
		"":                        nil,
	} {
		if got := MessageIDs(value); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

func TestBrokenMailIsRead(t *testing.T) {
	for name, raw := range map[string]string{
		"mbox line":          "From dana Tue Dec  1 10:12:00 2026\nFrom: dana@mill.test\n\nTuesday works.",
		"leading blank":      "\r\nFrom: dana@mill.test\r\n\r\nTuesday works.",
		"odd encoding":       "Content-Transfer-Encoding: 8-bit\r\n\r\nTuesday works.",
		"line that is none":  "From: dana@mill.test\r\nno field\r\n\r\nTuesday works.",
		"unknown charset":    "Content-Type: text/plain; charset=x-none\r\n\r\nTuesday works.",
		"parameters":         "Content-Type: text/plain; charset=utf-8; foo\r\n\r\nTuesday works.",
		"wrong boundary":     "Content-Type: multipart/mixed; boundary=a\r\n\r\n--b\r\n\r\nTuesday works.\r\n--b--",
		"part's header":      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nno field\r\n\r\nTuesday works.\r\n--b--",
		"long header":        "X-A: " + strings.Repeat("a", 1<<20) + "\r\n\r\nTuesday works.",
		"no end boundary":    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nTuesday works.",
		"bad base64":         "Content-Transfer-Encoding: base64\r\n\r\nVHVlc2RheSB3b3Jrcy4=!!",
		"two forms":          "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nTuesday works.\r\n--b\r\nContent-Type: text/enriched\r\n\r\n<bold>Tuesday</bold>\r\n--b--",
		"windows-1252 as it": "Content-Type: text/plain\r\n\r\nTuesday works.",
	} {
		if r := Read([]byte(raw), Context{}); !strings.Contains(r.Text, "Tuesday works.") || strings.Contains(r.Text, "<bold>") {
			t.Errorf("%s: %q", name, r.Text)
		}
	}
}

// TestP6NothingThatATerminalObeys: a mail is shown at a terminal, and must not be able to write into its title or clipboard, or to
// hide what stands there.
func TestP6NothingThatATerminalObeys(t *testing.T) {
	const header = "From: =?utf-8?q?Dana=1B]0;x=07_Wu?= <dana@mill.test>\r\nSubject: =?utf-8?q?Hi=1B[2J_there=C2=9B?=\r\nMIME-Version: 1.0\r\n"
	for name, body := range map[string]string{
		"plain":      "Content-Type: text/plain\r\n\r\nTuesday\x1b]52;c;aGk=\x07 works.",
		"HTML":       "Content-Type: text/html\r\n\r\n<p>Tuesday&#27;]52;c;aGk=&#7; works.</p>",
		"verbatim":   "Content-Type: text/html\r\n\r\n<pre>Tuesday&#27;]52;c;aGk=&#7; works.</pre>",
		"attachment": "Content-Type: application/pdf; name=\"=?utf-8?q?a=1B[2J.pdf?=\"\r\n\r\nx",
		"invitation": "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261201T150000Z\r\nDTEND:20261201T153000Z\r\n" +
			"SUMMARY:Talk\x1b[2J\r\nLOCATION:Room\x1b[2J 5\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
	} {
		r := Read([]byte(header+body), Context{})
		if shown := fmt.Sprintf("%+v", r); strings.ContainsFunc(shown, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
			t.Errorf("%s: %q", name, shown)
		}
		if r.Subject != "Hi[2J there" || name == "invitation" && (len(r.Invites) != 1 || r.Invites[0].Location != "Room[2J 5") {
			t.Errorf("%s: %q, %+v", name, r.Subject, r.Invites)
		}
	}
}

func TestCharsets(t *testing.T) {
	for name, c := range map[string]struct{ header, body, want string }{
		"utf-8":        {"Content-Type: text/plain; charset=utf-8", "Grüße", "Grüße"},
		"latin":        {"Content-Type: text/plain; charset=iso-8859-1", "Gr\xfc\xdfe", "Grüße"},
		"undeclared":   {"Content-Type: text/plain", "Gr\xfc\xdfe \x93x\x94", "Grüße “x”"},
		"koi8":         {"Content-Type: text/plain; charset=koi8-r", "\xc4\xc1", "да"},
		"iso-2022-jp":  {"Content-Type: text/plain; charset=iso-2022-jp", "\x1b$B%F%9%H\x1b(B", "テスト"},
		"shift-jis":    {"Content-Type: text/plain; charset=shift_jis", "\x83e\x83X\x83g", "テスト"},
		"gb18030":      {"Content-Type: text/plain; charset=gb2312", "\xc4\xe3\xba\xc3", "你好"},
		"quoted":       {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", "Gr=C3=BC=\n=C3=9Fe", "Grüße"},
		"zero width":   {"Content-Type: text/plain; charset=utf-8", "\ufeffTues\u00a0day", "Tues day"},
		"flowed":       {"Content-Type: text/plain; format=flowed", "Tuesday \nworks.", "Tuesday works."},
		"windows-1252": {"Content-Type: text/plain; charset=windows-1252", "it\x92s", "it’s"},
	} {
		if got := Read(mailWith(c.header, c.body), Context{}).NewText; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAttachmentsAreNamed(t *testing.T) {
	for _, c := range []struct{ header, want string }{
		{`Content-Disposition: attachment; filename="notes.pdf"`, "notes.pdf"},
		{`Content-Type: application/pdf; name="=?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?="`, "Grüße.pdf"},
		{`Content-Disposition: attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf`, "Grüße.pdf"},
		{`Content-Disposition: attachment; filename=Grüße.pdf`, "Grüße.pdf"},
		{`Content-Disposition: attachment; filename=two words.pdf`, "two words.pdf"},
	} {
		body := "--b\nContent-Type: text/plain\n\nTuesday works.\n--b\n" + c.header + "\n\nbytes\n--b--\n"
		r := Read(mailWith("Content-Type: multipart/mixed; boundary=b", body), Context{})
		if r.NewText != "Tuesday works." || !slices.Equal(r.Attachments, []string{c.want}) {
			t.Errorf("%s: %q, %q", c.header, r.Attachments, r.NewText)
		}
	}
}

func TestEncodedSubject(t *testing.T) {
	for raw, want := range map[string]string{
		"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=":               "Grüße",
		"=?iso-2022-jp?b?GyRCJUYlOSVIGyhCCg=?=":     "テスト",
		"=?utf-8?B?R3I=?= =?utf-8?B?w7zDn2U=?=":     "Grüße",
		"Re:\r\n =?utf-8?Q?Gr=C3=BC=C3=9Fe?= again": "Re: Grüße again",
		"Gr\xfc\xdfe": "Grüße",
	} {
		if got := Read([]byte("Subject: "+raw+"\r\n\r\nx"), Context{}).Subject; got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestDatesAndAddressesOfOldPrograms(t *testing.T) {
	for raw, want := range map[string]string{
		"Tue, 1 Dec 2026 10:12:00 -0500": "2026-12-01T10:12:00-05:00", "Tue, 1 Dec 2026 10:12:00 PST": "2026-12-01T10:12:00-08:00",
		"1 Dec 26 10:12 GMT": "2026-12-01T10:12:00Z", "Tue, 1 Dec 2026 10:12:00 +0900 (JST)": "2026-12-01T10:12:00+09:00", "Tue, 1 Dec 0026 10:12:00 GMT": "", "now": "",
	} {
		got := ""
		if r := Read([]byte("Date: "+raw+"\r\n\r\nx"), Context{}); r.Date != nil {
			got = r.Date.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
	for raw, want := range map[string]string{
		"Dana <Dana@Mill.test>": "dana@mill.test", "dana@mill.test (Dana)": "dana@mill.test", "<@route.test:dana@mill.test>": "dana@mill.test",
		"Ruiz, Dana <dana@mill.test>": "dana@mill.test", "Dana dana@mill.test>": "dana@mill.test", "\"Dana @ Mill\" <dana@mill.test>": "dana@mill.test",
	} {
		if got := Read([]byte("From: "+raw+"\r\n\r\nx"), Context{}).From; !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestTextsOfSeveralParts(t *testing.T) {
	apple := "--a\nContent-Type: text/plain\n\nTuesday\n\n\nor Friday.\n--a\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/html\n\n<div>Tuesday</div>\n" +
		"--m\nContent-Type: application/pdf; name=plan.pdf\n\nx\n--m\nContent-Type: text/html\n\n<div>or Friday.</div><blockquote type=cite>When?</blockquote>\n--m--\n--a--\n"
	r := Read(mailWith("Content-Type: multipart/alternative; boundary=a", apple), Context{})
	if r.NewText != "Tuesday\nor Friday." || len(r.Attachments) != 1 {
		t.Errorf("an alternative of several parts: %q, %q", r.NewText, r.Attachments)
	}
	mixed := "--m\nContent-Type: text/plain\n\nTuesday works.\n--m\nContent-Type: text/plain\nContent-Disposition: inline\n\nOr Friday.\n--m--\n"
	if got := Read(mailWith("Content-Type: multipart/mixed; boundary=m", mixed), Context{}).NewText; got != "Tuesday works.\nOr Friday." {
		t.Errorf("two texts: %q", got)
	}
}
