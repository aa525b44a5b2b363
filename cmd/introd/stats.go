package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/daemon/report"
)

func (a *app) statsCommand() *cobra.Command {
	var plain bool
	var svg string
	c := &cobra.Command{
		Use: "stats", Short: "Count what came of asking, and which ways to people work best", Args: cobra.NoArgs,
		Example: examples(`introd stats`, `introd stats --svg - > funnel.svg`),
		Long: "Count whom you asked, who answered, whom you met, thanked and told what came of it, by how you knew of them.\n" +
			"Shares come with the interval in which the true one lies; for fewer than five people there is none.",
		RunE: func(c *cobra.Command, _ []string) error {
			r, _, err := call[daemon.StatsReply](c.Context(), a, "stats", daemon.StatsRequest{Picture: svg != ""})
			switch {
			case err != nil:
				return err
			case svg == "-":
				_, err = fmt.Fprint(a.out, r.Picture)
			case svg != "":
				if err := os.WriteFile(svg, []byte(r.Picture), 0o600); err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.out, "The picture is in", svg+".")
			case a.json:
				err = a.printJSON(r)
			case r.Funnel[0].Asked == 0:
				_, err = fmt.Fprintln(a.out, "You have not asked anybody yet: introd request PERSON")
			case plain:
				_, err = fmt.Fprint(a.out, report.Plain(r.Funnel, r.Tree))
			default:
				_, err = fmt.Fprint(a.out, report.Table(r.Funnel))
			}
			return err
		},
	}
	c.Flags().BoolVar(&plain, "plain", false, "draw it as text, with who led to whom")
	c.Flags().StringVar(&svg, "svg", "", "draw it as a picture (SVG) into this `FILE`, - for standard output")
	return c
}

func (a *app) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "export DIR", Short: "Write everything out as plain files", Args: cobra.ExactArgs(1),
		Long: "Write all your records into a folder, as files that other programs read: a page of Markdown for each person, people.csv, people.vcf, " +
			"meetings.ics, and introd.json, which introd import takes in again.",
		Example: examples(`introd export my-interviews`),
		RunE:    func(c *cobra.Command, args []string) error { return a.withFile(c, "export", args[0]) },
	}
}
