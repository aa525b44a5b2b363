package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"introd/daemon"
)

// debriefForm is what the editor shows; the debrief mail has the same headings.
const debriefForm = "Learnt:\n\nWant to know:\n\nNext steps:\n\nNamed:\n\nAdvice:\n"

func (a *app) debriefCommand() *cobra.Command {
	var learnt, open, next, named, advice []string
	c := &cobra.Command{
		Use: "debrief PERSON", Short: "Write down what a talk brought", Args: cobra.ExactArgs(1),
		Example: examples(
			`introd debrief dana`,
			`introd debrief dana --learnt "Grants decide." --next "send the paper"`,
		),
		Long: "Take down what a talk brought, in your editor or with the options below. The first thing learnt goes into the thank-you;\nnext steps become tasks, with their dates; whom they named is noted, and nobody is written to.",
		RunE: func(c *cobra.Command, args []string) error {
			var text strings.Builder
			for _, part := range []struct {
				heading string
				lines   []string
			}{{"Learnt", learnt}, {"Want to know", open}, {"Next steps", next}, {"Named", named}} {
				fmt.Fprintf(&text, "%s:\n%s\n", part.heading, strings.Join(part.lines, "\n"))
			}
			for _, line := range advice {
				fmt.Fprintf(&text, "Advice: %s\n", line)
			}
			q := daemon.DebriefRequest{Person: args[0], Text: text.String()}
			if len(learnt)+len(open)+len(next)+len(named)+len(advice) == 0 {
				var err error
				if q.Text, err = inEditor(debriefForm); err != nil {
					return err
				}
			}
			return a.words(c.Context(), "debrief", q)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&learnt, "learnt", nil, "a `LINE` of what you learnt; as often as you like")
	f.StringArrayVar(&open, "open", nil, "a `LINE` of what you want to know still")
	f.StringArrayVar(&next, "next", nil, "a next `STEP`, with a day if it has one: \"send the paper by Friday\"")
	f.StringArrayVar(&named, "named", nil, "a `PERSON` they named: \"Kim Park <kim@bigco.test>\", or a name")
	f.StringArrayVar(&advice, "advice", nil, "a `LINE` of what they advised")
	return c
}

func (a *app) tasksCommand() *cobra.Command {
	return &cobra.Command{
		Use: "tasks", Short: "List what is for you to do", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return listing[daemon.TaskLine]{
				call: "tasks", ask: daemon.None{}, none: "Nothing to do. introd says when there is.", head: "CODE\tTO DO",
				cells: func(l daemon.TaskLine) []any { return []any{l.Code, l.Words} },
			}.show(c, a)
		},
	}
}

func (a *app) taskCommand() *cobra.Command {
	return &cobra.Command{
		Use: `task PERSON "send the paper by Friday"`, Short: "Take on a next step; a day in the words is its date", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.words(c.Context(), "add-task", daemon.TaskRequest{Person: args[0], Text: args[1]})
		},
	}
}

func (a *app) doneCommand() *cobra.Command {
	return &cobra.Command{
		Use: "done TASK", Short: "Tick off a task", Args: cobra.ExactArgs(1), Long: "Tick off a task, or say that you will not do it. TASK is its code, as introd tasks lists it.",
		Example: examples(`introd done tad91`),
		RunE: func(c *cobra.Command, args []string) error {
			return a.words(c.Context(), "done", daemon.DoneRequest{Task: args[0]})
		},
	}
}

func (a *app) adviceCommand() *cobra.Command {
	var q daemon.AdviceRequest
	c := &cobra.Command{
		Use: "advice [PERSON [WORDS]]", Short: "Keep what they advised, what you did, and what came of it", Args: cobra.MaximumNArgs(2),
		Example: examples(
			`introd advice`,
			`introd advice dana "learn Python"`,
			`introd advice dana --item 1 --did "I took a course."`, `introd advice dana --item 1 --outcome "I wrote my first analysis."`,
		),
		Long: "Without arguments: list the ledger. With words: note advice. With --item, --did and --outcome: what you did with it, and what came of it;\nthen a mail that tells them is drafted.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return show(c, a, "advice-list", daemon.None{}, a.advice)
			}
			if q.Person = args[0]; len(args) == 2 {
				q.Text = args[1]
			}
			if q.Text == "" && (q.Item == "" || q.Did+q.Outcome == "") {
				return &daemon.Refusal{Words: `give the advice, or what came of it: introd advice ` + args[0] + ` "learn Python", or --item 1 --did "…" --outcome "…"`}
			}
			return a.words(c.Context(), "advice", q)
		},
	}
	c.Flags().StringVar(&q.Item, "item", "", "the `NUMBER` of the advice, as introd advice lists it")
	c.Flags().StringVar(&q.Did, "did", "", "what you did with it, as a `SENTENCE`: \"I took a course.\"")
	c.Flags().StringVar(&q.Outcome, "outcome", "", "what came of it, as a `SENTENCE`")
	return c
}

func (a *app) advice(lines []daemon.AdviceLine) error {
	if len(lines) == 0 {
		_, err := fmt.Fprintln(a.out, `No advice yet. Note some with: introd advice PERSON "…"`)
		return err
	}
	for _, l := range lines {
		fmt.Fprintf(a.out, "%s, %s: advice %s (%s)\n", l.Name, a.date(l.At), l.Item, l.Person)
		fmt.Fprintf(a.out, "  advice    %s\n  you did   %s\n  outcome   %s\n", l.Text, dash(l.Did), dash(l.Outcome))
		if l.Told {
			fmt.Fprintln(a.out, "  they know")
		}
	}
	return nil
}

func (a *app) notesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "notes PERSON [WORDS]", Short: "Note something about a person", Args: cobra.RangeArgs(1, 2),
		Long:    "Note something about a person: the words you give, or without any what you write in your editor.",
		Example: examples(`introd notes dana "plays the cello"`, `introd notes dana`),
		RunE: func(c *cobra.Command, args []string) error {
			q := daemon.NoteRequest{Person: args[0]}
			var err error
			if len(args) == 2 {
				q.Text = args[1]
			} else if q.Text, err = inEditor(""); err != nil {
				return err
			}
			return a.words(c.Context(), "note", q)
		},
	}
}

func (a *app) searchCommand() *cobra.Command {
	var most int
	c := &cobra.Command{
		Use: "search WORDS…", Short: "Find words in mails, notes and debriefs", Args: cobra.MinimumNArgs(1),
		Example: examples(`introd search battery recycling`),
		RunE: func(c *cobra.Command, args []string) error {
			return show(c, a, "search", daemon.SearchRequest{Words: strings.Join(args, " "), Most: most}, a.hits)
		},
	}
	c.Flags().IntVar(&most, "most", 20, "how `MANY` to show; 0 for all")
	return c
}

func (a *app) hits(hits []daemon.Hit) error {
	if len(hits) == 0 {
		_, err := fmt.Fprintln(a.out, "Nothing has all of these words.")
		return err
	}
	for _, h := range hits {
		fmt.Fprintf(a.out, "%s  %s, %s\n    %s\n", a.date(h.At), h.Name, h.What, h.Excerpt)
	}
	return nil
}
