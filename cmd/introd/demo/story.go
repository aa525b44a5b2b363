package demo

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
	"unicode/utf8"
)

// A story writes what happens as plain text: a heading for each day, the time, and what was said.
type story struct {
	out   io.Writer
	zone  *time.Location
	bold  bool
	day   string
	asked bool // a question stands at the end of the last line
	gap   bool // the last line is free

	events  map[string]uint64 // person → the last event that was told
	drafts  map[string]string // draft → the state and version that was told
	texts   map[string]string // draft → the text that was shown
	notices map[string]bool   // introd's own mails that were told, by Message-ID
	talks   map[string]bool   // meetings whose talk was told
	digest  string            // the title of the last digest
}

func newStory(out io.Writer, zone *time.Location, bold bool) *story {
	return &story{
		out: out, zone: zone, bold: bold, events: map[string]uint64{}, drafts: map[string]string{}, texts: map[string]string{},
		notices: map[string]bool{}, talks: map[string]bool{},
	}
}

// width is how wide the story is set.
const width = 78

func (s *story) printf(format string, args ...any) { fmt.Fprintf(s, format, args...) }

// Write writes text that begins on a line of its own.
func (s *story) Write(text []byte) (int, error) {
	if s.asked {
		s.answered()
		fmt.Fprintln(s.out)
	}
	s.gap = string(text) == "\n" || bytes.HasSuffix(text, []byte("\n\n"))
	return s.out.Write(text)
}

// space leaves one line free, unless one is.
func (s *story) space() {
	if !s.gap {
		s.printf("\n")
	}
}

// ask puts a question that the reader answers on the same line. What happens meanwhile begins a new one.
func (s *story) ask(question string) {
	s.space()
	s.printf("         %s > ", s.strong(question))
	s.asked = true
}

func (s *story) answered() { s.asked, s.gap = false, false }

// strong sets words bold where that can be seen.
func (s *story) strong(words string) string {
	if !s.bold {
		return words
	}
	return boldOn + words + boldOff
}

const boldOn, boldOff = "\x1b[1m", "\x1b[0m"

// heading stands above a part of the story.
func (s *story) heading(words string) {
	s.space()
	s.printf("%s\n\n", s.strong(words))
}

// say tells one thing that happened.
func (s *story) say(at time.Time, words string) {
	if day := at.In(s.zone).Format("Monday, January 2, 2006"); day != s.day {
		s.day = day
		s.heading(day)
	}
	s.printf("%s\n", hang("  "+at.In(s.zone).Format("15:04")+"  ", wrap(words, width-9)))
}

// more tells what belongs to the thing said last.
func (s *story) more(words string) { s.printf("%s\n", hang("         ", wrap(words, width-9))) }

// list tells one of several things that belong to the thing said last.
func (s *story) list(words string) { s.printf("%s\n", hang("         - ", wrap(words, width-11))) }

// paper shows the text of a mail whole.
func (s *story) paper(text string) {
	s.space()
	for line := range strings.Lines(wrap(strings.TrimSpace(text), width-13)) {
		s.printf("%s\n", strings.TrimRight("         | "+strings.TrimRight(line, "\n"), " "))
	}
	s.printf("\n")
}

// hang puts a mark before the first line and as much space before the others.
func hang(mark, text string) string {
	return mark + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(mark)))
}

// wrap breaks lines at spaces, so that none is wider than it need be. What is set in stays set in.
func wrap(text string, width int) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		text := strings.TrimLeft(line, " ")
		margin := line[:len(line)-len(text)]
		out.WriteString(margin)
		used := len(margin)
		for i, word := range strings.Split(text, " ") {
			n := seen(word)
			switch {
			case i == 0:
			case used+1+n > width:
				out.WriteString("\n" + margin)
				used = len(margin)
			default:
				out.WriteByte(' ')
				used++
			}
			out.WriteString(word)
			used += n
		}
	}
	return out.String()
}

// seen is how many columns words take up.
func seen(words string) int {
	return utf8.RuneCountInString(strings.NewReplacer(boldOn, "", boldOff, "", "\n", "").Replace(words))
}

// bill says what this is, who plays, and how to look in with a real mail program.
func (s *story) bill(login Login, cast []*player, auto bool) {
	s.heading("introd, a demonstration")
	s.printf("%s\n\n", wrap(fmt.Sprintf("%s is %s who wants to hear from people how they work with batteries. introd runs these talks from %s's mailbox: "+
		"it reads the answers, writes the next mail before it is due, and sends nothing that was not approved.", login.Name, login.About, firstName(login.Name)), width))
	s.printf("%s\n", wrap("Nothing here leaves this computer. The mail server and the people live in this process, and the clock jumps from one event to the next.", width))
	s.heading("Who plays")
	for _, p := range cast {
		s.printf("  %-16s %s\n", p.name, p.about)
	}
	s.heading("The mailbox")
	for _, server := range []struct{ name, addr string }{{"IMAP", login.IMAP}, {"SMTP", login.SMTP}} {
		host, port, _ := net.SplitHostPort(server.addr)
		s.printf("  %s  server %s, port %s, no encryption\n", server.name, host, port)
	}
	s.printf("  Login user %s, password %s\n\n", login.Address, login.Password)
	if auto {
		s.printf("%s\n", wrap("A program plays "+firstName(login.Name)+" with these logins and decides by every way there is.", width))
		return
	}
	s.printf("%s\n", wrap("You are "+firstName(login.Name)+". Decide here, or open the mailbox in any mail program with these logins and decide there: "+
		"send from Drafts, move the approval mail, or, once you have answered introd's first mail there, answer it. Whichever comes first counts.", width))
	s.printf("%s\n", wrap("The clock stands still while you are asked. Letters are enough: s for send, q for quit, ? for help.", width))
}

// promise is one line of the last table.
func (s *story) promise(mark string, p promise, err error) {
	s.printf("%s\n", hang(fmt.Sprintf("  %-6s%-4s", mark, p.number), wrap(p.words, width-12)))
	if err != nil {
		s.printf("%s\n", hang("            ", wrap(err.Error(), width-12)))
	}
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
