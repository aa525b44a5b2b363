package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"introd/cmd/introd/talk"
	"introd/daemon/prep"
)

// How answers are shown: as JSON for programs, in words or a table for people.

// show makes a call and shows its reply: as JSON where that is asked for, else as tell prints it.
func show[A any](c *cobra.Command, a *app, name string, q any, tell func(A) error) error {
	reply, _, err := call[A](c.Context(), a, name, q)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(reply)
	}
	return tell(reply)
}

// A listing is a call whose reply is lines of one kind, and how they stand in a table.
type listing[L any] struct {
	call  string // the call's name
	ask   any    // its request
	none  string // what is said where there are no lines
	head  string // the titles of the columns, parted by tabs
	cells func(L) []any
}

func (l listing[L]) show(c *cobra.Command, a *app) error {
	return show(c, a, l.call, l.ask, func(lines []L) error { return l.print(a, lines) })
}

// print shows lines as a table.
func (l listing[L]) print(a *app, lines []L) error {
	if len(lines) == 0 {
		_, err := fmt.Fprintln(a.out, l.none)
		return err
	}
	return a.table(l.head, func(row func(...any)) {
		for _, line := range lines {
			row(l.cells(line)...)
		}
	})
}

// tell prints sentences; for a person at a terminal their lines are broken between words.
func (a *app) tell(to io.Writer, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if isTerminal(to) {
		text = talk.Fold(text)
	}
	fmt.Fprintln(to, text)
}

// table prints rows in aligned columns. At a terminal a row that is too wide goes on in the next line, cell by cell.
func (a *app) table(head string, rows func(row func(...any))) error {
	lines := [][]string{strings.Split(head, "\t")}
	rows(func(cells ...any) {
		words := make([]string, len(cells))
		for i, cell := range cells {
			words[i] = fmt.Sprint(cell)
		}
		lines = append(lines, words)
	})
	if isTerminal(a.out) {
		lines = fit(lines, columns)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, apart, ' ', 0)
	for _, line := range lines {
		fmt.Fprintln(w, strings.Join(line, "\t"))
	}
	return w.Flush()
}

// apart is the space between two columns of a table; narrow is what a column keeps at the least.
const (
	apart  = 2
	narrow = 12
)

// fit breaks the cells of a table between words until its lines, all with as many cells, have room in width columns. The widest
// column gives way first.
func fit(lines [][]string, width int) (fitted [][]string) {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	excess := apart*(len(widths)-1) - width
	for _, w := range widths {
		excess += w
	}
	for ; excess > 0; excess-- {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= narrow {
			break
		}
		widths[widest]--
	}
	for _, line := range lines {
		first := len(fitted)
		for i, cell := range line {
			parts := []string{cell}
			if utf8.RuneCountInString(cell) > widths[i] {
				parts = strings.Split(prep.Wrap("", cell, widths[i]), "\n")
			}
			for n, part := range parts {
				if first+n == len(fitted) {
					fitted = append(fitted, make([]string, len(line)))
				}
				fitted[first+n][i] = part
			}
		}
	}
	return fitted
}

// list prints lines under a title, if there are any.
func (a *app) list(title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(a.out, "\n%s\n  %s\n", title, strings.Join(lines, "\n  "))
	}
}

// printJSON prints what a program reads; a list without lines is [] to it, not null.
func (a *app) printJSON(v any) error {
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice && list.IsNil() {
		v = []any{}
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func dash(s string) string { return cmp.Or(s, "–") }

// here is a moment by the owner's clock, which is not always that of the computer they sit at.
func (a *app) here(t time.Time) time.Time {
	if a.zone == nil {
		return t.Local()
	}
	return t.In(a.zone)
}

// date writes the day of what may lie years back.
func (a *app) date(t time.Time) string { return a.here(t).Format("2 Jan 2006") }

// lately writes a moment in as few letters as can be: the time of one of today, else the day.
func (a *app) lately(t time.Time) string {
	now := a.here(a.clock.Now())
	switch at := a.here(t); {
	case t.IsZero():
		return "–"
	case at.YearDay() == now.YearDay() && at.Year() == now.Year():
		return at.Format("15:04")
	case now.Sub(at) < 180*24*time.Hour:
		return at.Format("2 Jan")
	}
	return a.date(t)
}

// day writes a moment of these days.
func (a *app) day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return a.here(t).Format("Mon 2 Jan 15:04")
}
