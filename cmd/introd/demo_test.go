package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// The whole demo, played by a program: every person comes to the end that the story has for them,
// and every promise is kept.
func TestDemoAuto(t *testing.T) {
	t.Parallel()
	var out, log bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &log}
	if code := a.main([]string{"demo", "--auto"}); code != exitOK {
		t.Fatalf("exit %d: %s\n%s", code, log.String(), out.String())
	}
	_, end, _ := strings.Cut(out.String(), "How it ended")
	for _, line := range []string{
		`Prof. Helen Lee +introduced +\d .* introduces`, `Dana Wu +yes, moved it, yes +\d .* thanked`, `Tom Okafor +no +2 .* declined`,
		`Ines Carvalho +away, named others +\d .* answered`, `Noor Haddad +booking page, yes +\d .* thanked`, `Walt Brandt +wants no mail +1 .* opted out`,
		`Jonah Kim +bounced +1 .* bounced`, `Ruth Adler +no answer +2 .* resting`,
	} {
		if !regexp.MustCompile(line).MatchString(end) {
			t.Errorf("no line %q in:\n%s", line, end)
		}
	}
	if n := strings.Count(end, "\n  ok "); n != 9 {
		t.Errorf("%d promises were kept:\n%s", n, end)
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(out.String(), "|", "")), " ")
	for words, lack := range map[string]string{
		"for pointing me to Jonah Kim and Ruth Adler.": "nobody thanked Ines for the names she gave",
		"call you at +1 415 555 0134":                  "the number at which Dana asked to be called was not read",
	} {
		if !strings.Contains(text, words) {
			t.Error(lack)
		}
	}
	if strings.Contains(out.String(), "names Dana Wu: add them") {
		t.Error("the owner is told to add somebody whom they have")
	}
	if log.Len() > 0 {
		t.Errorf("the engine complained:\n%s", log.String())
	}
}

// Without a reader the demo shows its beginning and ends at the first question, as at a reader's quit.
func TestDemoEndsWithItsReader(t *testing.T) {
	t.Parallel()
	var out, log bytes.Buffer
	a := &app{in: strings.NewReader("\nwhy\nq\n"), out: &out, err: &log}
	if code := a.main([]string{"demo"}); code != exitOK || log.Len() > 0 {
		t.Fatalf("exit %d: %s\n%s", code, log.String(), out.String())
	}
	for _, words := range []string{"An introduction to Dana Wu?", "Prof. Helen Lee: send, drop, edit, later, why, quit", "you said so", "How it ended"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("no %q in:\n%s", words, out.String())
		}
	}
	if strings.Contains(out.String(), "The promises") {
		t.Error("promises were checked though nobody noted what the reader approved")
	}
}

// A draft is approved in a mail program, while the question about it stands at the terminal.
func TestDemoInAMailProgram(t *testing.T) {
	t.Parallel()
	out := newScreen()
	in, typed := io.Pipe()
	a := &app{in: in, out: out, err: out}
	code := make(chan int, 1)
	go func() { code <- a.main([]string{"demo"}); out.close() }()
	out.await(t, "Your sentence")
	if _, err := io.WriteString(typed, "\n"); err != nil {
		t.Fatal(err)
	}
	shown := out.await(t, "Prof. Helen Lee: send, drop")
	port := regexp.MustCompile(`IMAP  server 127.0.0.1, port (\d+)`).FindStringSubmatch(shown)[1]
	moveApproval(t, "127.0.0.1:"+port)
	out.await(t, "introd sends your mail to Prof. Helen Lee")
	typed.Close()
	if c := <-code; c != exitOK {
		t.Errorf("exit %d", c)
	}
	if end := out.await(t, "How it ended"); !regexp.MustCompile(`Prof. Helen Lee .* move `).MatchString(end) {
		t.Errorf("nothing was approved by a move:\n%s", end)
	}
}

// moveApproval moves the newest mail of the demo's INBOX into the send folder.
func moveApproval(t *testing.T, addr string) {
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("sam@campus.test", "demo").Wait(); err != nil {
		t.Fatal(err)
	}
	folders, err := c.List("", "introd-send-*", nil).Collect()
	if err != nil || len(folders) != 1 {
		t.Fatalf("%d send folders, %v", len(folders), err)
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Move(imap.SeqSetNum(box.NumMessages), folders[0].Mailbox).Wait(); err != nil {
		t.Fatal(err)
	}
}

// A screen is what a program has written, for somebody who waits to read it.
type screen struct {
	mu     sync.Mutex
	text   strings.Builder
	more   *sync.Cond
	closed bool
}

func newScreen() *screen {
	s := &screen{}
	s.more = sync.NewCond(&s.mu)
	return s
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.more.Broadcast()
	return s.text.Write(b)
}

func (s *screen) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.more.Broadcast()
}

// await waits until words stand on the screen, and returns all that does.
func (s *screen) await(t *testing.T, words string) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !strings.Contains(s.text.String(), words) {
		if s.closed {
			t.Fatalf("the demo ended without %q:\n%s", words, s.text.String())
		}
		s.more.Wait()
	}
	return s.text.String()
}
