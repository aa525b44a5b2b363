// Package talk asks a person one question after the other: at a terminal, or of a script that writes
// the answers into a pipe, which sees the same words.
//
// Every answer can be taken back: "<" or "back" is no answer but leads to the question before
// (ErrBack), and Follow goes there. Ctrl-C and the end of a pipe end the talk (ErrEnded), and so does
// the end of a context.
package talk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"introd/templates"
)

// What may come in the place of an answer.
var (
	ErrBack  = errors.New("there is no question before this one")
	ErrEnded = errors.New("nobody answers any more")
)

// ErrAgain is how a step says that it is to be taken once more.
var ErrAgain = errors.New("once more")

// width is how wide lines are at the most, in columns.
const width = 80

// A Talk is one conversation. One goroutine asks.
type Talk struct {
	in       io.Reader
	out      io.Writer
	keyboard *os.File       // where a person types; nil for a pipe
	terminal *term.Terminal // edits lines on the keyboard; nil where that cannot be
	pending  chan line      // what is being read, and nobody waits for any more; nil for nothing
	asked    int            // questions that were answered
}

type line struct {
	text string
	err  error
}

// New is a talk over in and out.
func New(in io.Reader, out io.Writer) *Talk {
	t := &Talk{in: in, out: out}
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return t
	}
	t.keyboard = file
	if runtime.GOOS != "windows" { // there the system edits the line, and the console need not know VT100
		t.terminal = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{in, out}, "")
	}
	return t
}

// Say tells something, in lines of at most 80 columns. What is set in with spaces stays set in.
func (t *Talk) Say(format string, args ...any) {
	fmt.Fprintln(t.out, Fold(fmt.Sprintf(format, args...)))
}

// Fold breaks the lines of a text as Say does.
func Fold(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = wrap(line)
	}
	return strings.Join(lines, "\n")
}

// wrap breaks a line between words. A word that is wider than the line is left whole: it may be an address to copy.
func wrap(line string) string {
	words := strings.Split(strings.TrimLeft(line, " "), " ")
	margin := line[:len(line)-len(strings.Join(words, " "))]
	out, used := margin+words[0], len(margin)+utf8.RuneCountInString(words[0])
	for _, word := range words[1:] {
		n := utf8.RuneCountInString(word)
		if used+1+n > width {
			out, used = out+"\n"+margin+word, len(margin)+n
			continue
		}
		out, used = out+" "+word, used+1+n
	}
	return strings.TrimRight(out, " ")
}

// A Question is what is asked. An empty answer takes Default, which stands in brackets, or what Shown
// says of it. Check makes the answer what it is to be; what it finds wrong is said in a sentence, and
// the question is put again. A Secret is not shown while it is typed.
type Question struct {
	Words, Default, Shown string
	Check                 func(answer string) (string, error)
	Secret                bool
}

// Ask puts a question until it has an answer that holds.
func (t *Talk) Ask(ctx context.Context, q Question) (string, error) {
	words := q.Words
	if shown := q.Shown + q.Default; shown != "" {
		if q.Shown != "" {
			shown = q.Shown
		}
		words += " [" + shown + "]"
	}
	lines := strings.Split(wrap(words), "\n")
	prompt := lines[len(lines)-1] + ": "
	for {
		for _, line := range lines[:len(lines)-1] {
			fmt.Fprintln(t.out, line)
		}
		answer, err := t.read(ctx, prompt, q.Secret)
		if err != nil {
			return "", err
		}
		if lower := strings.ToLower(answer); lower == "<" || lower == "back" {
			return "", ErrBack
		}
		if answer == "" {
			answer = q.Default
		}
		if q.Check != nil {
			if answer, err = q.Check(answer); err != nil {
				t.Say("  %s", templates.Sentence(err.Error()))
				continue
			}
		}
		t.asked++
		return answer, nil
	}
}

// Yes asks a question that is answered with yes or no. An empty answer is byDefault.
func (t *Talk) Yes(ctx context.Context, words string, byDefault bool) (yes bool, err error) {
	_, err = t.Ask(ctx, Question{Words: words, Shown: map[bool]string{true: "Y/n", false: "y/N"}[byDefault], Check: func(answer string) (string, error) {
		switch strings.ToLower(answer) {
		case "y", "yes":
			yes = true
		case "n", "no":
			yes = false
		case "":
			yes = byDefault
		default:
			return "", errors.New("answer y for yes or n for no")
		}
		return answer, nil
	}})
	return yes, err
}

// Choose lets one of several be chosen, by its number or its beginning, and returns which; byDefault
// is -1 for none. What introduces the list is said before.
func (t *Talk) Choose(ctx context.Context, words string, options []string, byDefault int) (chosen int, err error) {
	for i, option := range options {
		t.Say("  %d  %s", i+1, option)
	}
	q := Question{Words: words, Check: func(answer string) (string, error) {
		if chosen = choice(answer, options); chosen < 0 {
			return "", fmt.Errorf("answer with a number from 1 to %d", len(options))
		}
		return answer, nil
	}}
	if byDefault >= 0 {
		q.Default = strconv.Itoa(byDefault + 1)
	}
	_, err = t.Ask(ctx, q)
	return chosen, err
}

// choice is the option that an answer means; -1 for none, or for more than one.
func choice(answer string, options []string) int {
	if n, err := strconv.Atoi(answer); err == nil && 1 <= n && n <= len(options) {
		return n - 1
	}
	begins := func(option string) bool {
		return answer != "" && strings.HasPrefix(strings.ToLower(option), strings.ToLower(answer))
	}
	i := slices.IndexFunc(options, begins)
	if i < 0 || slices.ContainsFunc(options[i+1:], begins) && !strings.EqualFold(options[i], answer) {
		return -1
	}
	return i
}

// Lines asks for several lines; an empty one ends them.
func (t *Talk) Lines(ctx context.Context, first string) ([]string, error) {
	lines := []string{first}
	for {
		line, err := t.read(ctx, "  … ", false)
		if err != nil || line == "" {
			return lines, err
		}
		if line == "<" {
			return nil, ErrBack
		}
		lines = append(lines, line)
	}
}

// Follow takes one step after the other. A step asks as many questions as it likes, or none. Where one
// returns ErrBack, what was asked last is asked again: by the same step if it had an answer already,
// else by the last step before it that asks. Back from the first question is no way: it is put again.
func (t *Talk) Follow(ctx context.Context, steps ...func(context.Context) error) error {
	var asked []int // the steps that asked, in their order
	back := false   // on the way to an earlier question
	for i := 0; i < len(steps); {
		before := t.asked
		err := steps[i](ctx)
		answered := t.asked > before
		switch {
		case errors.Is(err, ErrAgain):
			continue
		case err != nil && !errors.Is(err, ErrBack):
			return err
		case err == nil && answered:
			asked = append(asked, i)
			i, back = i+1, false
		case err == nil && !back:
			i++
		case answered: // this step begins again
		case len(asked) > 0: // back, or a step on the way back that has nothing to ask any more
			i, back = asked[len(asked)-1], true
			asked = asked[:len(asked)-1]
		case err == nil:
			i, back = i+1, false
		default:
			t.Say("  %s", templates.Sentence(ErrBack.Error()))
		}
	}
	return nil
}

// read shows the words and waits for a line. The wait ends with the context: then the terminal is as it was, and the line, when it
// comes, is the answer to the next question.
func (t *Talk) read(ctx context.Context, words string, secret bool) (string, error) {
	if ctx.Err() != nil {
		return "", ErrEnded
	}
	if t.pending != nil && secret && t.keyboard != nil { // it would be seen
		if _, err := t.read(ctx, "Enter goes on: ", false); err != nil {
			return "", err
		}
	}
	restore, err := t.prepare()
	if err != nil {
		return "", err
	}
	defer restore()
	if t.pending == nil {
		pending := make(chan line, 1)
		t.pending = pending
		go func() {
			text, err := t.line(words, secret)
			pending <- line{text, err}
		}()
	} else {
		t.repeat(words)
	}
	select {
	case <-ctx.Done():
		restore()
		fmt.Fprintln(t.out)
		return "", ErrEnded
	case l := <-t.pending:
		t.pending = nil
		if errors.Is(l.err, io.EOF) {
			l.err = ErrEnded
			if restore(); t.keyboard != nil { // the cursor stands behind the words
				fmt.Fprintln(t.out)
			}
		}
		return strings.TrimSpace(l.text), l.err
	}
}

// repeat shows the words of another question while a line is being read.
func (t *Talk) repeat(words string) {
	if t.terminal == nil {
		fmt.Fprint(t.out, words)
		return
	}
	t.terminal.SetPrompt(words)
	_, _ = t.terminal.Write(nil) // which paints the line anew
}

// prepare makes the terminal ready for one line.
func (t *Talk) prepare() (restore func(), err error) {
	if t.keyboard == nil {
		return func() {}, nil
	}
	fd := int(t.keyboard.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	if t.terminal != nil {
		if w, h, err := term.GetSize(fd); err == nil && w > 0 {
			_ = t.terminal.SetSize(w, h)
		}
		_, err = term.MakeRaw(fd)
	}
	return func() { _ = term.Restore(fd, before) }, err
}

// line reads one line, in the way that there is. io.EOF is the end of all answers, or Ctrl-C.
func (t *Talk) line(words string, secret bool) (string, error) {
	switch {
	case t.terminal != nil && secret:
		return t.terminal.ReadPassword(words)
	case t.terminal != nil:
		t.terminal.SetPrompt(words)
		return t.terminal.ReadLine()
	}
	fmt.Fprint(t.out, words)
	if t.keyboard != nil && secret {
		raw, err := term.ReadPassword(int(t.keyboard.Fd()))
		fmt.Fprintln(t.out)
		return string(raw), err
	}
	text, err := t.bytes()
	switch {
	case t.keyboard != nil:
	case secret || err != nil:
		fmt.Fprintln(t.out)
	default: // nobody has typed it
		fmt.Fprintln(t.out, text)
	}
	return text, err
}

// bytes reads a line byte by byte: what comes after it may be for somebody else. A last line without
// its end counts.
func (t *Talk) bytes() (string, error) {
	var text []byte
	for b := make([]byte, 1); ; {
		n, err := t.in.Read(b)
		switch {
		case n == 1 && b[0] == '\n':
			return string(text), nil
		case n == 1:
			text = append(text, b[0])
		case errors.Is(err, io.EOF) && len(text) > 0:
			return string(text), nil
		case err != nil:
			return "", err
		}
	}
}
