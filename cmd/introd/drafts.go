package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"introd/daemon"
)

func (a *app) draftsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "drafts [CODE]", Short: "List the mails that wait for you, or read one", Args: cobra.MaximumNArgs(1),
		Long:    "List the mails that introd has written and that wait for your decision, or show one whole. " + codeWords,
		Example: examples(`introd drafts`, `introd drafts 4821`),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return show(c, a, "drafts", daemon.DraftsRequest{Draft: args[0]}, a.draft)
			}
			return listing[daemon.DraftView]{
				call: "drafts", ask: daemon.DraftsRequest{}, none: "Nothing waits for you.", head: "CODE\tTO\tWHAT\tSTATE\tDUE",
				cells: func(v daemon.DraftView) []any {
					return []any{cmp.Or(v.Code, v.ID), v.Person, v.What, a.state(v), a.day(v.Due)}
				},
			}.show(c, a)
		},
	}
}

func (a *app) state(v daemon.DraftView) string {
	words := string(v.State)
	switch {
	case v.State == "asking":
		words = "needs one sentence of yours"
	case v.State == "approved":
		words = "goes out " + a.day(v.SendAt)
		if v.Reason != "" && !v.SendAt.After(a.clock.Now()) {
			words = "approved, and waits: " + v.Reason
		}
	case !v.ShowAt.IsZero():
		words = "comes up " + a.day(v.ShowAt)
	case v.Reason != "":
		words += ": " + v.Reason
	}
	return words
}

// draft shows the one draft that was asked for.
func (a *app) draft(views []daemon.DraftView) error {
	v := views[0]
	fmt.Fprintf(a.out, "%s  %s\nWhy: %s\n", cmp.Or(v.Code, v.ID), a.state(v), v.Why)
	for _, w := range v.Warnings {
		fmt.Fprintf(a.out, "Look: %s\n", w)
	}
	if v.Invite {
		fmt.Fprintln(a.out, "A calendar invitation goes with it.")
	}
	if v.From != "" {
		fmt.Fprintf(a.out, "\nFrom: %s", v.From)
	}
	fmt.Fprintf(a.out, "\nTo: %s\n", strings.Join(v.To, ", "))
	if len(v.Bcc) > 0 {
		fmt.Fprintf(a.out, "Bcc: %s\n", strings.Join(v.Bcc, ", "))
	}
	_, err := fmt.Fprintf(a.out, "Subject: %s\n\n%s", v.Subject, v.Text)
	return err
}

// codeWords say what a draft is called by.
const codeWords = "CODE is the number in the subject of its mail to you, and in the list of introd drafts; the person's name does as well, if only one mail to them waits."

func (a *app) decision(use, short, verb string) *cobra.Command {
	q := daemon.DecideRequest{Verb: verb}
	c := &cobra.Command{Use: use, Short: short, Long: short + ". " + codeWords, Args: cobra.ExactArgs(1), Example: examples("introd "+verb+" 4821", "introd "+verb+" dana"), RunE: func(c *cobra.Command, args []string) error {
		q.Draft = args[0]
		return a.words(c.Context(), "decide", q)
	}}
	if verb == "approve" {
		c.Flags().BoolVar(&q.Again, "again", false, "you know that a mail of unknown fate did not go out: send it again")
		c.Flags().BoolVar(&q.Sent, "sent", false, "you know that a mail of unknown fate did go out")
	}
	return c
}

func (a *app) approveCommand() *cobra.Command {
	return a.decision("approve CODE", "Send a draft, after a pause in which you can still stop it", "approve")
}

func (a *app) dropCommand() *cobra.Command {
	return a.decision("drop CODE", "Throw a draft away; it is not written again", "drop")
}

func (a *app) holdCommand() *cobra.Command {
	return a.decision("hold CODE", "Stop a draft, also after you have approved it", "hold")
}

func (a *app) laterCommand() *cobra.Command {
	return &cobra.Command{
		Use: "later CODE 3d", Short: "Show a draft again in some days", Long: "Put a draft away, and show it again in some days or hours. " + codeWords, Args: cobra.ExactArgs(2), Example: examples(`introd later 4821 3d`, `introd later 4821 12h`),
		RunE: func(c *cobra.Command, args []string) error {
			var wait duration
			if err := wait.UnmarshalText([]byte(args[1])); err != nil || wait <= 0 {
				return &daemon.Refusal{Words: fmt.Sprintf("%q is no time to wait: write 3d or 12h", args[1])}
			}
			return a.words(c.Context(), "decide", daemon.DecideRequest{Verb: "later", Draft: args[0], Wait: time.Duration(wait)})
		},
	}
}

func (a *app) editCommand() *cobra.Command {
	q := daemon.EditRequest{}
	var file string
	c := &cobra.Command{
		Use: "edit CODE", Short: "Change a draft in your editor, or give the sentence it lacks", Args: cobra.ExactArgs(1),
		Long: "Change a draft in your editor, or give the personal sentence that it lacks. It is shown to you again before it can be sent. " + codeWords,
		Example: examples(
			`introd edit 4821`,
			`introd edit dana --why "Your talk on battery recycling stayed with me."`,
			`introd edit 4821 --file new.txt`,
		),
		RunE: func(c *cobra.Command, args []string) error {
			q.Draft = args[0]
			if q.Why == "" {
				if err := a.editText(c, &q, file); err != nil {
					return err
				}
			}
			return a.words(c.Context(), "edit", q)
		},
	}
	c.Flags().StringVar(&q.Why, "why", "", "the personal `SENTENCE`")
	c.Flags().StringVar(&q.Subject, "subject", "", "another `SUBJECT`")
	c.Flags().StringVar(&file, "file", "", "take the new text from a `FILE`, - for standard input")
	return c
}

// editText gets the new text of a draft: from a file, or out of the owner's editor.
func (a *app) editText(c *cobra.Command, q *daemon.EditRequest, file string) error {
	switch file {
	case "-":
		raw, err := io.ReadAll(a.in)
		q.Text = string(raw)
		return err
	case "":
	default:
		raw, err := os.ReadFile(file)
		q.Text = string(raw)
		return err
	}
	views, _, err := call[[]daemon.DraftView](c.Context(), a, "drafts", daemon.DraftsRequest{Draft: q.Draft})
	if err != nil {
		return err
	}
	if views[0].State == "asking" {
		return nil // the daemon says what is missing
	}
	if q.Text, err = inEditor(views[0].Text); err == nil && q.Text == views[0].Text && q.Subject == "" {
		return &daemon.Refusal{Words: "nothing was changed"}
	}
	return err
}

// inEditor lets the owner change a text in the editor of their choice.
func inEditor(text string) (string, error) {
	dir, err := os.MkdirTemp("", "introd-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "mail.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", err
	}
	command := editor(runtime.GOOS, path)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("the editor failed (%w): name another in EDITOR", err)
	}
	raw, err := os.ReadFile(path)
	return string(raw), err
}

// editor opens a file in the editor of the owner's choice, which they may have named with options.
func editor(system, path string) *exec.Cmd {
	chosen := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"))
	if system == "windows" {
		return exec.Command("cmd", "/C", cmp.Or(chosen, "notepad"), path)
	}
	return exec.Command("sh", "-c", cmp.Or(chosen, "vi")+` "$1"`, "sh", path)
}

func (a *app) meetCommand() *cobra.Command {
	var q daemon.MeetRequest
	var length duration
	var noShow, held, missed bool
	c := &cobra.Command{
		Use: `meet PERSON ["2026-12-02 14:00"]`, Short: "Set, move or call off a talk, or say that it took place", Args: cobra.RangeArgs(1, 2),
		Example: examples(
			`introd meet dana "2026-12-02 14:00" --place "the café on High Street"`,
			`introd meet dana --held`,
			`introd meet dana --cancel`,
		),
		RunE: func(c *cobra.Command, args []string) error {
			q.Person, q.Length = args[0], time.Duration(length)
			if len(args) == 2 {
				q.When = args[1]
			}
			switch {
			case noShow:
				q.Held = "no-show"
			case missed:
				q.Held = "missed"
			case held:
				q.Held = "yes"
			case q.When == "" && !q.Cancel && !q.ICS:
				return &daemon.Refusal{Words: "say when: introd meet " + q.Person + ` "2026-12-02 14:00" (or --cancel, --held, --no-show, --missed, --ics)`}
			}
			return show(c, a, "meet", q, func(r daemon.MeetReply) error {
				_, err := fmt.Fprint(a.out, cmp.Or(r.ICS, r.Words+"\n"))
				return err
			})
		},
	}
	f := c.Flags()
	f.StringVar(&q.Place, "place", "", "a `PLACE`, a telephone number or a link")
	f.TextVar(&length, "length", duration(0), "how `LONG`, such as 20m")
	f.Lookup("length").DefValue = "" // the length in the config
	f.BoolVar(&q.Cancel, "cancel", false, "call it off")
	f.BoolVar(&held, "held", false, "it took place")
	f.BoolVar(&noShow, "no-show", false, "they did not come")
	f.BoolVar(&missed, "missed", false, "you did not come")
	f.BoolVar(&q.ICS, "ics", false, "print the invitation as an .ics file")
	return c
}
