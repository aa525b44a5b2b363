package prep

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"
)

// width is that of a terminal, in letters; mail programs show as much.
const width = 78

// Text writes the sheet for a terminal or a plain mail, at most 80 letters wide.
func (s Sheet) Text() string {
	var out strings.Builder
	section := func(title string, lines ...string) {
		if len(lines) > 0 {
			fmt.Fprintf(&out, "\n%s\n%s\n", strings.ToUpper(title), strings.Join(lines, "\n"))
		}
	}
	for _, line := range []string{s.Name, s.Who, s.When, s.Way} {
		if line != "" {
			out.WriteString(Wrap("", line, width) + "\n")
		}
	}
	section("How you met", bullets(s.Met)...)
	var thread []string
	for _, l := range s.Thread {
		thread = append(thread, Wrap(fmt.Sprintf("  %s  %s: ", l.At.Format("Jan _2"), l.Who), l.Text, width))
	}
	section("So far", thread...)
	section("What you know", bullets(s.Notes)...)
	var questions []string
	for i, q := range s.Questions {
		mark := ""
		if q.Theme == "" {
			mark = " (your own)"
		}
		questions = append(questions, Wrap(fmt.Sprintf("  %d  ", i+1), q.Text+mark, width))
	}
	section("Questions", questions...)
	section("You, in half a minute", Wrap("  ", s.Overview, width))
	var plan []string
	for _, step := range s.Plan {
		plan = append(plan, Wrap(fmt.Sprintf("  %5s  %7s  ", step.Clock, step.Minutes()), step.Text, width))
	}
	section(s.PlanTitle(), plan...)
	section("Manners and dress", bullets(s.Manners)...)
	section("The last words", Wrap("  ", s.Closing, width))
	return out.String()
}

// PlanTitle heads the plan and says whose clock it goes by.
func (s Sheet) PlanTitle() string {
	title := fmt.Sprintf("%d minutes", s.Plan[len(s.Plan)-1].To)
	if s.Zone != "" {
		title += ", on your clock (" + s.Zone + ")"
	}
	return title
}

// Minutes are those of a step: "3–13".
func (p Step) Minutes() string { return fmt.Sprintf("%d–%d", p.From, p.To) + "′" }

// Clocks are the time of the talk on the owner's clock and, where it differs, on the other's.
func (s Sheet) Clocks() []string {
	own, theirs, differ := strings.Cut(s.When, " (")
	switch {
	case differ:
		return []string{own, strings.TrimSuffix(theirs, ")")}
	case own != "":
		return []string{own}
	}
	return nil
}

// Number counts a question from 1.
func (s Sheet) Number(i int) int { return i + 1 }

func bullets(lines []string) []string {
	var list []string
	for _, l := range lines {
		list = append(list, Wrap("  - ", l, width))
	}
	return list
}

// Wrap breaks a text between words, so that lines have no more than width runes. What begins the first line indents the others.
func Wrap(begin, text string, width int) string {
	indent := strings.Repeat(" ", utf8.RuneCountInString(begin))
	var out strings.Builder
	line := begin
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			out.WriteString(line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	return out.String() + line
}

//go:embed sheet.html
var page string

// HTML writes the sheet as a page of its own that prints on one sheet of Letter or A4.
func (s Sheet) HTML() (string, error) {
	t, err := template.New("sheet").Parse(page)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = t.Execute(&out, s)
	return out.String(), err
}
