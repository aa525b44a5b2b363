package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/daemon/prep"
)

// prepCommand makes the sheet for a talk.
func (a *app) prepCommand() *cobra.Command {
	var page string
	c := &cobra.Command{
		Use: "prep PERSON", Short: "Make the one-page sheet for a talk: questions, a plan, manners", Args: cobra.ExactArgs(1),
		Example: examples(`introd prep dana`, `introd prep dana --html sheet.html`),
		RunE: func(c *cobra.Command, args []string) error {
			r, _, err := call[daemon.PrepReply](c.Context(), a, "prep", daemon.PersonRequest{Person: args[0]})
			if err != nil {
				return err
			}
			if page != "" {
				if err := os.WriteFile(page, []byte(r.HTML), 0o600); err != nil {
					return err
				}
			}
			switch {
			case a.json:
				return a.printJSON(r.Sheet)
			case page != "":
				_, err = fmt.Fprintln(a.out, "The sheet is in "+page+". Open it in your browser and print it: it fits on one page.")
			default:
				_, err = fmt.Fprint(a.out, r.Text)
			}
			return err
		},
	}
	c.Flags().StringVar(&page, "html", "", "write it as a page to be printed into this `FILE`")
	return c
}

// questionsCommand lists the bank of questions.
func (a *app) questionsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "questions [THEME]", Short: "List good open questions by theme", Args: cobra.MaximumNArgs(1),
		Example: examples(`introd questions`, `introd questions day`),
		Long: "List good open questions by theme. Put your own into the file questions.txt beside the config:\n\n" +
			"  [day]\n  How early do you begin?\n\n  [lab] In the laboratory\n  Who washes the glass?",
		RunE: func(c *cobra.Command, args []string) error {
			return show(c, a, "questions", daemon.QuestionsRequest{Theme: strings.Join(args, "")}, a.questions)
		},
	}
}

func (a *app) questions(bank prep.Bank) error {
	for i, t := range bank {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintf(a.out, "%s [%s]\n  - %s\n", t.Title, t.ID, strings.Join(t.Questions, "\n  - "))
	}
	return nil
}
