package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"introd/cmd/introd/talk"
	"introd/daemon"
	"introd/store"
)

func (a *app) importCommand() *cobra.Command {
	var mapping map[string]string
	var merges, undo bool
	var join []string
	c := &cobra.Command{
		Use: "import FILE",
		Example: examples(
			`introd import Connections.csv`,
			`introd import people.csv --map name=Who,email=Where`,
			`introd import --undo`,
			`introd import --merges`,
		),
		Short: "Take in people you know, from LinkedIn, address books, tables",
		Long: "Take in LinkedIn's Connections.csv, vCards (3 and 4), any table of people, or the introd.json of an export.\n" +
			"Contacts are whom you know; nothing is written to them until you add them. The same file twice adds nobody twice.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case undo:
				return a.words(c.Context(), "undo-import", daemon.UndoRequest{Import: strings.Join(args, "")})
			case len(join) == 2:
				return a.mergeContacts(c, daemon.MergeRequest{A: join[0], B: join[1]})
			case merges:
				return a.mergeContacts(c, daemon.MergeRequest{})
			case len(args) == 0:
				return &daemon.Refusal{Words: "name a file: introd import Connections.csv"}
			case strings.HasSuffix(args[0], ".json"):
				return a.withFile(c, "import-export", args[0])
			}
			return a.importFile(c, args[0], mapping)
		},
	}
	f := c.Flags()
	f.StringToStringVar(&mapping, "map", nil, "which `COLUMNS` hold what: name=…, first=…, last=…, email=…, org=…, position=…, url=…, phone=…")
	f.Lookup("map").DefValue = ""
	f.BoolVar(&merges, "merges", false, "list contacts that may be the same person")
	f.StringSliceVar(&join, "merge", nil, "two `CONTACTS`, as --merges names them: the second is joined to the first")
	c.ValidArgsFunction = func(c *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return a.arguments([]string{map[bool]string{true: "IMPORT", false: "FILE"}[undo]})(c, args, start)
	}
	f.BoolVar(&undo, "undo", false, "take the last import back, or the one named")
	return c
}

// importFile takes in a file; where a table's columns are not understood it asks which is which.
func (a *app) importFile(c *cobra.Command, file string, mapping map[string]string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	q := daemon.ImportRequest{Path: path, Map: mapping}
	r, _, err := call[daemon.ImportReply](c.Context(), a, "import", q)
	if err == nil && len(r.Columns) > 0 {
		if q.Map, err = a.askMapping(c.Context(), r.Columns); err != nil {
			return err
		}
		if r, _, err = call[daemon.ImportReply](c.Context(), a, "import", q); err == nil && len(r.Columns) > 0 {
			return &daemon.Refusal{Words: "without a column of names nothing can be taken in"}
		}
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(r)
	}
	fmt.Fprintf(a.out, "%d new, %d filled in, %d known already.", r.Added, r.Changed, r.Known)
	if r.ID != "" {
		fmt.Fprintf(a.out, " To take this back: introd import --undo %s", r.ID)
	}
	fmt.Fprintln(a.out)
	for _, p := range r.Problems {
		fmt.Fprintln(a.out, p)
	}
	a.merges(r.Merges)
	return nil
}

// askMapping asks for the columns of a table. An empty answer is none, and so is the end of all answers.
func (a *app) askMapping(ctx context.Context, columns []string) (map[string]string, error) {
	ask := talk.New(a.in, a.out)
	ask.Say("introd cannot tell which column is which. The columns are:\n  %s", strings.Join(columns, "\n  "))
	mapping := map[string]string{}
	var steps []step
	for _, what := range []struct{ key, words string }{{"name", "the name"}, {"email", "the mail address"}, {"org", "the organization"}, {"position", "the position"}} {
		steps = append(steps, func(ctx context.Context) error {
			title, err := ask.Ask(ctx, talk.Question{Words: "Which holds " + what.words + " (its title, or nothing)"})
			if mapping[what.key] = title; title == "" {
				delete(mapping, what.key)
			}
			return err
		})
	}
	if err := ask.Follow(ctx, steps...); err != nil && !errors.Is(err, talk.ErrEnded) {
		return nil, err
	}
	if mapping["name"] == "" {
		return nil, &daemon.Refusal{Words: "without a column of names nothing can be taken in: introd import --map name=TITLE,email=TITLE FILE"}
	}
	return mapping, nil
}

func (a *app) mergeContacts(c *cobra.Command, q daemon.MergeRequest) error {
	return show(c, a, "merge", q, func(r daemon.MergeReply) error {
		if r.Words == "" && len(r.Pairs) == 0 {
			r.Words = "No two contacts look like the same person."
		}
		if r.Words != "" {
			fmt.Fprintln(a.out, r.Words)
		}
		a.merges(r.Pairs)
		return nil
	})
}

// merges shows pairs of contacts and how to join them.
func (a *app) merges(pairs []daemon.Merge) {
	if len(pairs) == 0 {
		return
	}
	fmt.Fprintln(a.out, "\nThese may be the same:")
	for _, p := range pairs {
		fmt.Fprintf(a.out, "  %s   %s\n      introd import --merge %s,%s\n", contactWords(p.A), contactWords(p.B), p.A.ID, p.B.ID)
	}
}

func contactWords(c store.Contact) string {
	return fmt.Sprintf("%s (%s)", c.Name, strings.Join(append(c.Addresses, cmp.Or(c.Org, "no organization")), ", "))
}

func (a *app) networkCommand() *cobra.Command {
	var clear bool
	var most int
	c := &cobra.Command{
		Use: "network", Short: "See from your own mail whom you know well", Args: cobra.NoArgs,
		Example: examples(`introd network`, `introd network --most 10`),
		Long: "Read the headers of your sent and received mail, count how often and how lately you and others wrote to one another, and rank them.\n" +
			"Lists and machines are left out. Nothing is kept but the counts; --clear removes them. It may be stopped at any time and goes on where it was.",
		RunE: func(c *cobra.Command, _ []string) error {
			if clear {
				return a.words(c.Context(), "clear-network", daemon.None{})
			}
			if err := a.mine(c); err != nil {
				return err
			}
			return listing[daemon.NetworkLine]{
				call: "network", ask: daemon.NetworkRequest{Most: most}, none: "Nobody: there is no mail between you and a person in your mailbox.",
				head: "NAME\tADDRESS\tTO THEM\tFROM THEM\tLAST\tHOW WARM",
				cells: func(l daemon.NetworkLine) []any {
					last := l.LastSent
					if l.LastGot.After(last) {
						last = l.LastGot
					}
					return []any{dash(l.Name), l.Address, l.Sent, l.Received, a.here(last).Format("Jan 2006"), l.Warmth}
				},
			}.show(c, a)
		},
	}
	c.Flags().BoolVar(&clear, "clear", false, "remove what was counted")
	c.Flags().IntVar(&most, "most", 40, "how `MANY` to show; 0 for all")
	return c
}

// mine has the mailbox read to its end, step by step, and shows how far it is.
func (a *app) mine(c *cobra.Command) error {
	var bar *progressbar.ProgressBar
	folder := ""
	for {
		r, _, err := call[daemon.MineReply](c.Context(), a, "mine", daemon.None{})
		if err != nil || r.Finished {
			return err
		}
		if r.Messages == 0 {
			continue
		}
		if r.Folder != folder {
			folder = r.Folder
			bar = progressbar.NewOptions(r.Messages, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(folder),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionOnCompletion(func() { fmt.Fprintln(a.err) }))
		}
		if err := bar.Set(min(r.Read, r.Messages)); err != nil {
			return err
		}
	}
}

func (a *app) pathsCommand() *cobra.Command {
	var q daemon.PathsRequest
	c := &cobra.Command{
		Use: "paths ORGANIZATION", Short: "See who can introduce you at an organization", Args: cobra.ExactArgs(1),
		Example: examples(`introd paths BigCo`, `introd paths --loose "Second BigCo"`),
		RunE: func(c *cobra.Command, args []string) error {
			q.Org = args[0]
			return show(c, a, "paths", q, func(r daemon.PathsReply) error { return a.paths(r, q.Loose) })
		},
	}
	c.Flags().BoolVar(&q.Loose, "loose", false, "also names that only share a word")
	return c
}

func (a *app) paths(r daemon.PathsReply, loose bool) error {
	if len(r.Paths) == 0 {
		fmt.Fprintf(a.out, "You know nobody at %s yet.", r.Org)
		if !loose {
			fmt.Fprintf(a.out, " A wider search: introd paths --loose %q.", r.Org)
		}
		fmt.Fprintln(a.out, " More of your network: introd import Connections.csv")
	}
	for _, p := range r.Paths {
		fmt.Fprintf(a.out, "%s, %s\n  %s\n", p.Name, p.Warmth, p.Why)
		switch {
		case p.Knows != "":
			fmt.Fprintf(a.out, "  introd ask %s --about SOMEBODY\n", p.Person)
		case p.Person != "":
			fmt.Fprintf(a.out, "  introd request %s\n", p.Person)
		case p.Address != "":
			fmt.Fprintf(a.out, "  introd add \"%s <%s>\"\n", p.Name, p.Address)
		default:
			fmt.Fprintln(a.out, "  no mail address is known")
		}
	}
	if !r.Mined {
		fmt.Fprintln(a.out, "\nHow warm a path is, your own mail tells: introd network")
	}
	return nil
}
