package main

import (
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
			return listing[daemon.IntroductionLine]{
				call: "introductions", ask: daemon.None{}, none: "Nobody has introduced you yet. Ask for it with: introd ask PERSON --about SOMEBODY",
				head: "BY\tTO\tHOW FAR", cells: func(l daemon.IntroductionLine) []any { return []any{l.ByName, l.Name, a.course(l)} },
			}.show(c, a)
		},
	}
}

// course tells in one line how far an introduction has come.
func (a *app) course(l daemon.IntroductionLine) string {
	var steps []string
	for _, s := range []struct {
		word string
		at   time.Time
	}{
		{"asked", l.Asked}, {"agreed", l.Agreed}, {"declined", l.Declined}, {"made", l.Made}, {"you wrote to them", l.Answered}, {"met", l.Met},
		{"introducer thanked", l.Thanked}, {"introducer told", l.Told},
	} {
		if !s.at.IsZero() {
			steps = append(steps, s.word+" "+a.here(s.at).Format("2 Jan"))
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
	return show(c, a, "touch", q, func(r daemon.TouchReply) error {
		_, err := fmt.Fprintf(a.out, "%s\n\n%s\n%s\n", r.Title, r.Text, r.Words)
		return err
	})
}
