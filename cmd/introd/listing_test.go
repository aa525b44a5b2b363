package main

import (
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"unicode/utf8"
)

// A table that is too wide for a terminal goes on in further lines, whose words are whole; one that has room is left alone.
func TestFit(t *testing.T) {
	t.Parallel()
	lines := [][]string{
		{"     ", "WHAT", "RESULT", "HOW IT IS KNOWN", "WHEN"},
		{"ok   ", "tidying", "introd takes its own mails away again (UIDPLUS)", "tried", "20:36"},
		{"ok   ", "your sent mail", "bears no trace of a delivery", "your last mails in Sent", "20:36"},
		{"note ", "replies", "off, until you have answered a trial mail", "–", "25 Nov"},
	}
	fitted := fit(lines, 80)
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, apart, ' ', 0)
	for _, line := range fitted {
		if _, err := w.Write([]byte(strings.Join(line, "\t") + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if utf8.RuneCountInString(line) > 81 {
			t.Errorf("too wide: %q", line)
		}
	}
	words := func(lines [][]string) (all []string) {
		for column := range lines[0] {
			for _, line := range lines {
				all = append(all, strings.Fields(line[column])...)
			}
		}
		return all
	}
	if !slices.Equal(words(fitted), words(lines)) || len(fitted) == len(lines) {
		t.Errorf("the table became\n%s", out.String())
	}
	if wide := fit(lines, 200); !slices.EqualFunc(wide, lines, slices.Equal) {
		t.Errorf("a table that has room became %q", wide)
	}
}
