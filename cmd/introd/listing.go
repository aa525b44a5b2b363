package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
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

// table prints rows in aligned columns.
func (a *app) table(head string, rows func(row func(...any))) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	rows(func(cells ...any) {
		words := make([]string, len(cells))
		for i, cell := range cells {
			words[i] = fmt.Sprint(cell)
		}
		fmt.Fprintln(w, strings.Join(words, "\t"))
	})
	return w.Flush()
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

// day writes a moment of these days.
func (a *app) day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return a.here(t).Format("Mon 2 Jan 15:04")
}
