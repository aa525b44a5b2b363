package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"introd/daemon"
)

func (a *app) proposeCommand() *cobra.Command {
	var q daemon.ProposeRequest
	c := &cobra.Command{
		Use: "propose-times PERSON", Short: "Find times that suit you both, and propose them", Args: cobra.ExactArgs(1),
		Example: examples(`introd propose-times dana --days 7`, `introd propose-times dana --draft`),
		Long: "Show times within your hours and their working day at which your calendars are free and which nobody else was offered.\n" +
			"With --draft a mail that proposes them is drafted; it is sent when you approve it.",
		RunE: func(c *cobra.Command, args []string) error {
			q.Person = args[0]
			return show(c, a, "propose-times", q, func(r daemon.ProposeReply) error { return a.proposed(r, args[0]) })
		},
	}
	f := c.Flags()
	f.IntVar(&q.Days, "days", 14, "how many `DAYS` to look ahead")
	f.IntVar(&q.Count, "count", 3, "how `MANY` times to find")
	f.BoolVar(&q.Draft, "draft", false, "draft a mail that proposes them")
	return c
}

func (a *app) proposed(r daemon.ProposeReply, person string) error {
	times := listing[daemon.ProposedTime]{
		none: "No time is free for both of you: look further with --days, or widen your hours under [availability] in the config.",
		head: "FOR YOU\tFOR " + r.Name, cells: func(t daemon.ProposedTime) []any { return []any{t.Yours, t.Theirs} },
	}
	if err := times.print(a, r.Times); err != nil || len(r.Times) == 0 {
		return err
	}
	if r.Zone == "" {
		fmt.Fprintf(a.out, "Their time zone is not known, so yours is supposed: introd add %s --zone America/Los_Angeles\n", person)
	}
	_, err := fmt.Fprintf(a.out, "\n%s\n", cmp.Or(r.Words, "To have a mail drafted: introd propose-times "+person+" --draft"))
	return err
}
