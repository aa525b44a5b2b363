package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"introd/daemon"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "See what is for you to do, and how introd is doing", Args: cobra.NoArgs,
		Long: "See what waits for your decision, what is for you to do, whom you will meet, who has answered, and how introd is doing.\n\nIts exit status is 3 if your mailbox was not read for too long.",
		RunE: func(c *cobra.Command, _ []string) error {
			s, running, err := call[daemon.Status](c.Context(), a, "status", daemon.None{})
			if err != nil {
				return err
			}
			if s.Running = running; !running {
				s.Started = time.Time{} // of this command
			}
			if a.json {
				err = a.printJSON(s)
			} else {
				a.status(s)
			}
			if err == nil && s.Blind {
				return errBlind
			}
			return err
		},
	}
}

// wanted says what a want is: something for the owner to do, or the kind of a mail.
func wanted(v daemon.WantView) string {
	if v.Task {
		return "to do"
	}
	return v.What
}

func (a *app) status(s daemon.Status) {
	a.tell(a.out, "%s", map[bool]string{true: "introd is running.", false: "introd is not running: introd service start has it run in the background, introd run in this window."}[s.Running])
	if s.Halted != "" {
		a.tell(a.out, "introd stands still: %s, and it goes on by itself.", s.Halted)
	}
	if s.Paused {
		a.tell(a.out, "Everything is paused: introd resume goes on.")
	}
	for _, k := range s.Agenda.Accounts {
		if k.Trouble != "" {
			a.tell(a.out, "Since %s %s is out of reach: %s", a.day(k.Since), k.Called, k.Trouble)
		}
		if k.Trouble != "" && s.Running {
			a.tell(a.out, "introd goes on trying; introd sync tries at once.")
		}
		if k.Blind {
			a.tell(a.out, "introd is blind: %s was not read for too long.", k.Called)
		}
	}
	for _, group := range []struct {
		title string
		items []daemon.Item
	}{{"Overdue", s.Agenda.Overdue}, {"To decide", s.Agenda.Waiting}, {"On its way", s.Agenda.Leaving}, {"To do", s.Agenda.Tasks}, {"Talks", s.Agenda.Meetings}, {"Answered since yesterday", s.Agenda.Answered}} {
		if len(group.items) == 0 {
			continue
		}
		a.tell(a.out, "\n%s", group.title)
		width := 0
		for _, i := range group.items {
			if i.Code != "" {
				width = max(width, len(i.Code)+2)
			}
		}
		for _, i := range group.items {
			a.tell(a.out, "  %-*s%s", width, i.Code, i.Words)
		}
	}
	if len(s.Agenda.Nobody) > 0 {
		a.tell(a.out, "\nNobody yet\n  %s", strings.Join(s.Agenda.Nobody, "\n  "))
	}
	for _, aside := range s.SetAside {
		where := aside.Folder
		for _, k := range s.Agenda.Accounts {
			if k.Name == aside.Account && len(s.Agenda.Accounts) > 1 {
				where += " of " + k.Called
			}
		}
		a.tell(a.out, "\nA mail in %s could not be read and was set aside: %s", where, aside.Reason)
	}
	for _, k := range s.Calendars {
		a.calendar(k)
	}
	for _, sentence := range slices.Concat(s.Notes, s.Stuck) {
		a.tell(a.out, "\n%s", sentence)
	}
	if len(s.Agenda.Folders) > 0 {
		fmt.Fprintln(a.out)
	}
	for _, line := range s.Agenda.LastRead(a.day) {
		a.tell(a.out, "%s", line)
	}
}

// calendar says what is wrong with one of the owner's calendars.
func (a *app) calendar(k daemon.CalendarView) {
	if k.Trouble != "" && k.Read.IsZero() {
		a.tell(a.out, "\nThe calendar %s cannot be read: %s", k.Name, k.Trouble)
	} else if k.Trouble != "" {
		a.tell(a.out, "\nThe calendar %s cannot be read (%s): what it said on %s still counts.", k.Name, k.Trouble, a.day(k.Read))
	}
	for _, problem := range k.Problems {
		a.tell(a.out, "\nIn the calendar %s, %s", k.Name, problem)
	}
}

func (a *app) planCommand() *cobra.Command {
	var q daemon.PlanRequest
	c := &cobra.Command{
		Use: "plan", Short: "See what comes in the next days", Args: cobra.NoArgs,
		Example: examples(`introd plan --days 7`),
		RunE: func(c *cobra.Command, _ []string) error {
			if q.Days < 1 {
				return &daemon.Refusal{Words: fmt.Sprintf("%d days cannot be looked ahead: say introd plan --days 30", q.Days)}
			}
			plan := listing[daemon.WantView]{
				none: "nothing is due.", head: "WHEN\tWHO\tWHAT\tWHY",
				cells: func(v daemon.WantView) []any { return []any{a.day(v.At), v.Who, wanted(v), v.Why} },
			}
			return show(c, a, "plan", q, func(views []daemon.WantView) error {
				a.tell(a.out, "The next %d days, if you approve each mail the day it is ready and nobody answers:", q.Days)
				return plan.print(a, views)
			})
		},
	}
	c.Flags().IntVar(&q.Days, "days", 30, "how many `DAYS` to look ahead")
	return c
}

func (a *app) syncCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sync", Short: "Look at your mailbox once, now, and do what is due", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return show(c, a, "look", daemon.None{}, func(r daemon.SyncReply) error {
				for _, sentence := range r.Stuck {
					a.tell(a.out, "%s", sentence)
				}
				a.tell(a.out, "Done. Next: %s", a.day(r.Next))
				return nil
			})
		},
	}
}
