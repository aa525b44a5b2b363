// Package prep makes what one takes along to a talk: good questions, and a sheet of one page. Pure
// functions over plain data, but for Load, which reads the owner's own questions from a file.
package prep

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
)

//go:embed questions.txt
var embedded string

// A Theme is what several questions are about.
type Theme struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Questions []string `json:"questions"` // the best first
}

// A Bank holds the questions by theme, in the order in which a talk would come to them.
type Bank []Theme

// Load returns the questions that introd brings, with the owner's from a file of the same form: they come
// first in their theme. A file that is not there is none; a broken one is an error that names file and line.
func Load(path string) (Bank, error) {
	bank, err := Bank(nil).with("questions.txt", embedded)
	if err != nil {
		return nil, err
	}
	own, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return bank, nil
	}
	if err != nil {
		return nil, err
	}
	return bank.with(path, string(own))
}

var heading = regexp.MustCompile(`^\[([a-z][a-z0-9-]*)\]\s*(.*)$`)

// with adds the themes and questions of a text to a bank.
func (b Bank) with(path, text string) (Bank, error) {
	var wrong []error
	theme, added := "", map[string][]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		say := func(words string, args ...any) {
			wrong = append(wrong, fmt.Errorf("%s:%d: %s", path, i+1, fmt.Sprintf(words, args...)))
		}
		switch m := heading.FindStringSubmatch(line); {
		case line == "" || strings.HasPrefix(line, "#"):
		case m != nil && b.Theme(m[1]) == nil && m[2] == "":
			say("[%s] is a new theme: write its title behind it, or use one of %s", m[1], b.names())
		case m != nil:
			if theme = m[1]; b.Theme(theme) == nil {
				b = b.withTheme(Theme{ID: theme, Title: m[2]})
			}
		case strings.HasPrefix(line, "["):
			say("a theme is written [like-this]")
		case theme == "":
			say("a question needs a theme above it, such as [day]; known are %s", b.names())
		default:
			if fault := Fault(line); fault != "" {
				say("%s", fault)
			}
			added[theme] = append(added[theme], line)
		}
	}
	for i := range b {
		b[i].Questions = append(added[b[i].ID], b[i].Questions...)
	}
	return b, errors.Join(wrong...)
}

// withTheme adds a theme; advice stays the last.
func (b Bank) withTheme(t Theme) Bank {
	at := len(b)
	if at > 0 && b[at-1].ID == last {
		at--
	}
	return slices.Insert(b, at, t)
}

// Theme finds a theme by its name; nil if there is none.
func (b Bank) Theme(id string) *Theme {
	for i := range b {
		if b[i].ID == id {
			return &b[i]
		}
	}
	return nil
}

func (b Bank) names() string {
	var names []string
	for _, t := range b {
		names = append(names, t.ID)
	}
	return strings.Join(names, ", ")
}

// closed begins a question that yes or no would answer, also behind a clause: "If so, are you …?"
var closed = regexp.MustCompile(`(?i)^(?:[^,?]*, )?(?:is|are|am|was|were|do|does|did|have|has|had|can|could|will|would|should|shall|may|might|must|` +
	`isn['’]t|aren['’]t|don['’]t|doesn['’]t|didn['’]t|can['’]t|won['’]t|wouldn['’]t)\b`)

// opening words make a question open, wherever in it they stand before the verb.
var opening = regexp.MustCompile(`(?i)\b(?:what|which|who|whom|whose|when|where|why|how)\b`)

// Fault says what is wrong with a question in a sentence; "" for nothing.
func Fault(question string) string {
	switch {
	case !strings.HasSuffix(question, "?"):
		return fmt.Sprintf("%q is no question: end it with a question mark", question)
	case closed.MatchString(question) || !opening.MatchString(question):
		return fmt.Sprintf("%q can be answered by yes or no: begin it with what, which, who, when, where, why or how", question)
	}
	return ""
}
