package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"introd/daemon"
)

func (a *app) introductionsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "introductions", Short: "List who introduced you to whom, and how far each has come", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			lines, _, err := call[[]daemon.IntroductionLine](c.Context(), a, "introductions", daemon.None{})
			if err != nil || a.json {
				return cmp.Or(err, a.jsonIf(lines))
			}
			if len(lines) == 0 {
				_, err := fmt.Fprintln(a.out, "Nobody has introduced you yet. Ask for it with: introd ask PERSON --about SOMEBODY")
				return err
			}
			return a.table("BY\tTO\tHOW FAR", func(row func(...any)) {
				for _, l := range lines {
					row(l.ByName, l.Name, courseOf(l))
				}
			})
		},
	}
}

// courseOf tells in one line how far an introduction has come.
func courseOf(l daemon.IntroductionLine) string {
	var steps []string
	for _, s := range []struct {
		word string
		at   time.Time
	}{
		{"asked", l.Asked}, {"agreed", l.Agreed}, {"declined", l.Declined}, {"made", l.Made}, {"you wrote to them", l.Answered}, {"met", l.Met},
		{"introducer thanked", l.Thanked}, {"introducer told", l.Told},
	} {
		if !s.at.IsZero() {
			steps = append(steps, s.word+" "+s.at.Local().Format("2 Jan"))
		}
	}
	switch {
	case len(steps) == 0:
		return "gave you the name"
	case l.Person == "":
		steps = append(steps, "not added yet")
	}
	return strings.Join(steps, ", ")
}

// touch prints what to say or to paste, and what was noted.
func (a *app) touch(c *cobra.Command, q daemon.TouchRequest) error {
	r, _, err := call[daemon.TouchReply](c.Context(), a, "touch", q)
	if err != nil || a.json {
		return cmp.Or(err, a.jsonIf(r))
	}
	_, err = fmt.Fprintf(a.out, "%s\n\n%s\n%s\n", r.Title, r.Text, r.Words)
	return err
}
