package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/store"
)

// targetCommand keeps the list of what the owner wants to learn about.
func (a *app) targetCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "target", Short: "Keep a list of what you want to learn about, with notes",
		Args: cobra.ArbitraryArgs, RunE: notUnderstood,
	}
	c.AddCommand(a.targetAddCommand(), a.targetNoteCommand(), a.targetListCommand(), a.targetShowCommand(),
		&cobra.Command{
			Use: "rank TARGET PLACE", Short: "Put a target at a place of the list; 1 comes first", Args: cobra.ExactArgs(2),
			Example: examples(`introd target rank bigco 1`),
			RunE: func(c *cobra.Command, args []string) error {
				place, err := strconv.Atoi(args[1])
				if err != nil || place < 1 {
					return &daemon.Refusal{Words: "a place is a number from 1 on, not " + args[1]}
				}
				return a.words(c.Context(), "target", daemon.TargetRequest{Target: args[0], Rank: place})
			},
		},
		&cobra.Command{
			Use: "drop TARGET", Short: "Take a target off the list", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return a.words(c.Context(), "target", daemon.TargetRequest{Target: args[0], Drop: true})
			},
		})
	return c
}

func (a *app) targetAddCommand() *cobra.Command {
	q := daemon.TargetRequest{Add: true}
	c := &cobra.Command{
		Use: "add NAME", Short: "Put a field, an industry or an organization on the list", Args: cobra.ExactArgs(1),
		Example: examples(
			`introd target add "Grid storage" --kind industry`,
			`introd target add BigCo --rank 1 --question "Who decides what is built?"`,
		),
		RunE: func(c *cobra.Command, args []string) error {
			q.Target = args[0]
			return a.words(c.Context(), "target", q)
		},
	}
	c.Flags().StringVar((*string)(&q.Kind), "kind", string(store.Employer), "the `KIND`: field, industry or organization")
	oneOf(c, "kind", "field", "industry", "organization")
	c.Flags().IntVar(&q.Rank, "rank", 0, "its `PLACE` on the list; 1 comes first (default: last)")
	noteFlags(c, &q)
	return c
}

func (a *app) targetNoteCommand() *cobra.Command {
	var q daemon.TargetRequest
	c := &cobra.Command{
		Use: "note TARGET [WORDS]", Short: "Note what you found out, a link, or a question you want answered", Args: cobra.RangeArgs(1, 2),
		Example: examples(`introd target note bigco "they open a plant in Ohio"`, `introd target note bigco --link https://bigco.example/news`),
		RunE: func(c *cobra.Command, args []string) error {
			if q.Target = args[0]; len(args) == 2 {
				q.Note = args[1]
			}
			if q.Note+q.Link+q.Question == "" {
				return &daemon.Refusal{Words: "give something to note: introd target note " + args[0] + ` "what you found out", or --link, or --question`}
			}
			return a.words(c.Context(), "target", q)
		},
	}
	noteFlags(c, &q)
	return c
}

func noteFlags(c *cobra.Command, q *daemon.TargetRequest) {
	c.Flags().StringVar(&q.Note, "note", "", "`WORDS` on what you found out")
	c.Flags().StringVar(&q.Link, "link", "", "the address of a `PAGE` worth keeping")
	c.Flags().StringVar(&q.Question, "question", "", "a `QUESTION` that you want answered")
}

func (a *app) targetListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List your targets by rank, and who can tell of each", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return listing[daemon.TargetLine]{
				call: "targets", ask: daemon.None{}, none: `Nothing yet. Begin with: introd target add "Grid storage" --kind industry`,
				head: "\tTARGET\tKIND\tPEOPLE\tMET",
				cells: func(l daemon.TargetLine) []any {
					people := strconv.Itoa(l.People)
					if l.People == 0 {
						people = "nobody yet"
					}
					return []any{l.Rank, l.Name, l.Kind, people, l.Met}
				},
			}.show(c, a)
		},
	}
}

func (a *app) targetShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show TARGET", Short: "Show your notes and what people told you", Args: cobra.ExactArgs(1),
		Example: examples(`introd target show bigco`),
		RunE: func(c *cobra.Command, args []string) error {
			return show(c, a, "show-target", daemon.TargetRef{Target: args[0]}, a.target)
		},
	}
}

func (a *app) target(v daemon.TargetView) error {
	fmt.Fprintf(a.out, "%s, %s, number %d on your list\n", v.Name, v.Kind, v.Rank)
	a.list("Links", v.Links)
	a.list("You want to know", v.Questions)
	var notes, people []string
	for _, n := range v.Notes {
		notes = append(notes, a.date(n.At)+"  "+n.Text)
	}
	for _, p := range v.People {
		people = append(people, fmt.Sprintf("%s (%s): %s", p.Name, p.ID, p.Stage))
	}
	a.list("Your notes", notes)
	for _, l := range v.Learnt {
		a.list("Learnt from "+l.Name+", "+a.date(l.At), l.What.Learnt)
		a.list("Open after it", l.What.Open)
	}
	if len(people) == 0 {
		fmt.Fprintln(a.out, "\nNobody yet who can tell of it.")
	}
	a.list("People", people)
	return nil
}
