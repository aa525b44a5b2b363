package mailer

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"introd/mailer/reading"
)

// seeds adds the seeds of a fuzz target and counts them: a target that lost its seeds tests nothing.
func seeds(f *testing.F, want int, all ...string) {
	f.Helper()
	if len(all) != want {
		f.Fatalf("%d seeds, want %d", len(all), want)
	}
	for _, seed := range all {
		f.Add([]byte(seed))
	}
}

// FuzzHeader: a header is read without a panic, its words are of its bytes, and the sieve of the
// first scan lets nothing fall that the careful reading finds: no address, sender's domain, Message-ID or report.
func FuzzHeader(f *testing.F) {
	seeds(f, 20,
		"From: Dana <Dana@X.test>\r\nTo: a@b, \"c, d\"@e, group: f@g, h@i;\r\nSubject: x\r\n\r\nFrom: no@x.test\r\n",
		"From: dana@x.test\nTo:\n\tlee@x.test,\n kim@x.test\n", "References: <a@b>\r\n <c@d> junk <e@f\r\n", "From", "From:", ":", "\r\n\r\n", " led by a space: x\r\nFrom: a@b",
		"FROM : a@b\r\n", "To: (a (nested\\) comment) b@c) d@e\r\n", "To: <@route,@other:a@b>, 'quoted@x.test', \"only a name\"\r\n", "To: <<a@b>>, <>, <a@>, @b, a@b@c\r\n",
		"Content-Type: MULTIPART/REPORT; x\r\nTo: \"\\\"@\\\"\" <a@b>\r\n", "From: \"first.last\"@x.test\r\n", "To: \xff\xfe@\x80, =?utf-8?q?a=40b?= <c@d>\r\n",
		"From: O'Brien <o'brien@x.test>, 'lee@x.test', \u00a0kim@x.test\u00a0\r\n", "References: <no-at-sign> <folded\r\n in@its.middle> <a:b;c,d@e>\r\n", "In-Reply-To: bare@x.test, Lee's of Monday\r\n",
		"From: \"a b\"@calendly.com, <a(b)@cal.com>, <\v\u0130@x.test>\r\n", "Content-Type:\r\n Multipart/Report; x\r\nFROM\t: Ünal <ÜNAL@x.test>\r\nreferences: x@y <\r\n",
	)
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := Header{Raw: raw}
		caught := sieve(h)
		for _, name := range []string{"From", "To", "Cc", "Subject", "Message-ID", "References"} {
			if value := h.Get(name); strings.Contains(value, "\n") || len(value) > len(raw) {
				t.Errorf("%s: %q", name, value)
			}
		}
		for _, address := range slices.Concat(h.Addresses("From"), h.Addresses("To")) {
			at := strings.LastIndexByte(address, '@')
			if at <= 0 || at == len(address)-1 {
				t.Errorf("%q is no address", address)
			}
			if plainAddress.MatchString(address) && !caught[ClueAddress][address] {
				t.Errorf("the sieve lets %q fall", address)
			}
		}
		for _, address := range h.Addresses("From") {
			if _, domain, _ := strings.Cut(address, "@"); plainDomain.MatchString(domain) && !caught[ClueFrom][domain] {
				t.Errorf("the sieve lets the domain of %q fall", address)
			}
		}
		for _, id := range slices.Concat(reading.MessageIDs(h.Get("References")), reading.MessageIDs(h.Get("In-Reply-To"))) {
			if !caught[ClueID][id] {
				t.Errorf("the sieve lets the Message-ID %q fall", id)
			}
		}
		if strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), report) && !caught[ClueReport][""] {
			t.Error("the sieve lets a delivery report fall")
		}
	})
}

// sieve returns the words that the sieve catches, by clue; of senders the domains.
func sieve(h Header) map[Clue]map[string]bool {
	caught := map[Clue]map[string]bool{ClueAddress: {}, ClueID: {}, ClueReport: {}, ClueFrom: {}}
	h.Clues(func(clue Clue, word []byte) bool {
		caught[clue&^ClueFrom][string(word)] = true
		if clue&ClueFrom != 0 {
			_, domain, _ := strings.Cut(string(word), "@")
			caught[ClueFrom][domain] = true
		}
		return true
	})
	return caught
}

// Addresses that people have, as a mail program would let them be added: nothing in them needs quotes.
var (
	plainAddress = regexp.MustCompile(`^[\pL0-9.+_-]([\pL0-9.+_'-]*[\pL0-9.+_-])?@[a-z0-9.-]+$`)
	plainDomain  = regexp.MustCompile(`^[a-z0-9.-]+$`)
)

var printable = regexp.MustCompile(`^[\t\r\n -~]*$`)

// FuzzItems: a FETCH response's line is read to its end without a panic, and what stands behind an
// item that is well formed is found.
func FuzzItems(f *testing.F) {
	seeds(f, 12,
		`(UID 5 INTERNALDATE "23-Nov-2026 09:00:00 -0500" BODY[] {10}`, `(UID 5 BODY[HEADER.FIELDS (FROM TO)] {10}`, `(FLAGS (\Seen a]b) UID 5)`, `(BODY[] "in \"quotes\"" UID 7)`,
		`(BODY[] NIL UID 7)`, `(UID 99999999999 BODY[]<0> ~{5}`, `(X-GM-LABELS ("\\Inbox" a]b "c (d") UID 5`, `(BODY[`, `("`, `(UID`, `)))(((`, `(BODY[]] ]BODY[ {3}`,
	)
	f.Fuzz(func(t *testing.T, line []byte) {
		var m items
		m.scan(line)
		var behind items
		wellFormed := printable.Match(line) && !bytes.ContainsAny(line, "\"(){}[]\\\t\r\n") // pairs of plain words
		if wellFormed && len(bytes.Fields(line))%2 == 0 {
			behind.scan(append(bytes.Clone(line), " UID 4711"...))
			if behind.uid != 4711 {
				t.Errorf("behind %q the UID is %d", line, behind.uid)
			}
		}
	})
}

// FuzzFetch: whatever a server answers to a FETCH, reading ends, the bytes handed over are those of
// a literal in the answer, and no UID that was not asked for comes.
func FuzzFetch(f *testing.F) {
	const done = "F1 OK done\r\n"
	seeds(f, 12,
		"* 1 FETCH (UID 5 BODY[] {3}\r\nabc)\r\n"+done, "* 1 FETCH (BODY[] {3}\r\nabc UID 6)\r\n"+done, "* 1 FETCH (UID 9 BODY[] {999}\r\nabc)\r\n"+done, "F1 NO no\r\n", done, "* BYE\r\n",
		"* 1 FETCH (UID 5 BODY[] \"abc\")\r\n"+done, "* 1 FETCH (UID 77 BODY[] {3}\r\nabc)\r\n"+done, "* 1 FETCH (UID 5 X {2}\r\nzz BODY[] {3}\r\nabc)\r\n"+done,
		"* 4 EXISTS\r\n\r\n* VANISHED 1\r\n"+done, "F9 OK\r\n"+done, "* 1 FETCH (UID 5 BODY[] {4294967295}\r\n",
	)
	f.Fuzz(func(t *testing.T, answer []byte) {
		s := &Session{wire: newWire(&canned{answer: bytes.NewReader(answer)}), changed: make(chan struct{}, 1), folder: "INBOX"}
		s.account.Log = slog.New(slog.DiscardHandler)
		reading := &fetching{session: s, most: 1 << 16, exact: true, next: func(int) []span { return nil }, open: []ask{{tag: "F1", spans: spans([]uint32{5, 6, 9})}}}
		reading.hand = func(m Fetched) error {
			if m.UID != 5 && m.UID != 6 && m.UID != 9 {
				t.Errorf("UID %d came", m.UID)
			}
			if m.Err == nil && !bytes.Contains(answer, m.Raw) && !bytes.ContainsRune(answer, '\\') {
				t.Errorf("%q is not in %q", m.Raw, answer)
			}
			return nil
		}
		for err := error(nil); err == nil && len(reading.open) > 0; {
			if err = reading.response(s.wire.r); err == nil {
				err = reading.askMore()
			}
		}
	})
}

// canned is a connection whose other end has said everything already.
type canned struct {
	net.Conn
	answer io.Reader
}

func (c *canned) Read(p []byte) (int, error)  { return c.answer.Read(p) }
func (c *canned) Write(p []byte) (int, error) { return len(p), nil }
func (c *canned) Close() error                { return nil }

// FuzzWire: what the wire lets through is a part of what came, in its order, and a tagged line of the
// library's always gets through, so that no command waits for ever.
func FuzzWire(f *testing.F) {
	seeds(f, 11,
		"* OK hello\r\n", "* LIST () \"/\" \"A & B\"\r\n* 1 FETCH (BODY[] {5}\r\nabcde)\r\n", "* OK [UIDVALIDITY 99999999999] x\r\n\r\n* 3 EXISTS\r\n", "+ go\r\nZ1 OK\r\n",
		"* LIST () \"/\" {5}\r\nINBOX\r\n", "* XLIST {3}\r\nabc {2}\r\nde\r\n* 1 EXPUNGE\r\n", "* SEARCH 0\r\n* SEARCH 1 2\r\n", "* LIST () \"/\" &AGE-\r\n", "* ESEARCH {99}\r\n",
		"* "+strings.Repeat("x", 70)+"\r\n", "* SEARCH"+strings.Repeat(" 1234567", 9)+"\r\n",
	)
	f.Fuzz(func(t *testing.T, said []byte) {
		const end = "T1 OK done\r\n"
		said = append([]byte("* OK\r\n"), said...)
		open := openLiteral(said)
		w := &wire{Conn: &canned{answer: io.MultiReader(bytes.NewReader(said), strings.NewReader(end))}}
		w.r = bufio.NewReaderSize(w.Conn, 64) // so that small inputs have long lines
		got, err := io.ReadAll(w)
		if err != nil {
			t.Fatal(err)
		}
		rest := bytes.NewReader(append(said, end...))
		for i, c := range got {
			for {
				b, err := rest.ReadByte()
				if err != nil {
					t.Fatalf("byte %d of %q did not come in %q", i, got, said)
				}
				if b == c {
					break
				}
			}
		}
		if !open && bytes.HasSuffix(said, []byte("\n")) && !bytes.HasSuffix(got, []byte(end)) {
			t.Errorf("of %q the last line was kept back: %q", said, got)
		}
	})
}

// openLiteral says whether a stream might end within a literal: any announcement counts.
func openLiteral(said []byte) bool {
	for line := range bytes.Lines(said) {
		if _, more := literalSize(line); more {
			return true
		}
	}
	return false
}

// FuzzLine: a line without end is refused, any other is read whole.
func FuzzLine(f *testing.F) {
	seeds(f, 4, "a\r\nb\r\n", "\n", "no end", strings.Repeat("x", 40)+"\n")
	f.Fuzz(func(t *testing.T, text []byte) {
		line, err := readLine(bufio.NewReaderSize(bytes.NewReader(text), 16))
		first, _, ended := bytes.Cut(text, []byte("\n"))
		if ended && (err != nil || !bytes.Equal(line, bytes.TrimRight(first, "\r"))) {
			t.Errorf("read %q, %v of %q", line, err, text)
		}
		if !ended && err == nil {
			t.Errorf("%q has no end, and was read as %q", text, line)
		}
	})
}
