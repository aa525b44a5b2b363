package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
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
	if n := strings.Count(end, "\n  ok "); n != 8 {
		t.Errorf("%d promises were kept:\n%s", n, end)
	}
	if words := strings.Join(strings.Fields(strings.ReplaceAll(out.String(), "|", "")), " "); !strings.Contains(words, "for pointing me to Jonah Kim and Ruth Adler.") {
		t.Error("nobody thanked Ines for the names she gave")
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
