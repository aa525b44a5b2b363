package main

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"introd/daemon"
	"introd/daemon/prep"
	"introd/daemon/web"
)

// Completion of command lines by the shell. What a command takes stands in how it is written ("show PERSON"), and what an
// option takes in its help ("the `PERSON` who …"): both say what can be completed there.

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion SHELL", Short: "Let your shell complete commands, names and codes", ValidArgs: shells,
		Args: cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		Long: "Print what lets a shell complete introd's command lines when you press Tab: commands and options, the people you added,\n" +
			"the codes of drafts and tasks, your targets. SHELL is bash, zsh, fish or powershell; the examples install it for good.\n" +
			"bash needs the package bash-completion.",
		Example: examples(
			`introd completion bash > ~/.local/share/bash-completion/completions/introd`,
			`introd completion zsh > "${fpath[1]}/_introd"`,
			`introd completion fish > ~/.config/fish/completions/introd.fish`,
			`introd completion powershell >> $PROFILE`,
		),
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			}
			return root.GenPowerShellCompletionWithDesc(a.out)
		},
	}
}

// complete lets the shell complete what a command and its options take.
func (a *app) complete(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.complete(sub)
	}
	if c.ValidArgsFunction == nil && c.ValidArgs == nil {
		c.ValidArgsFunction = a.arguments(strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(c.Use))[1:])
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if _, given := c.GetFlagCompletionFunc(f.Name); given || f.NoOptDefVal != "" {
			return
		}
		takes, _ := pflag.UnquoteUsage(f)
		_ = c.RegisterFlagCompletionFunc(f.Name, func(c *cobra.Command, _ []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return a.candidates(c, takes, start)
		}) // it fails for a flag that is not there, or twice
	})
}

// arguments completes what a command takes, one after the other; "PATH…" is taken as often as one likes.
func (a *app) arguments(takes []string) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
		n := len(args)
		if last := len(takes) - 1; n > last && last >= 0 && strings.HasSuffix(takes[last], "…") {
			n = last
		}
		if n >= len(takes) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.candidates(c, strings.TrimSuffix(takes[n], "…"), start)
	}
}

// oneOf lets the shell offer the words that an option takes.
func oneOf(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// namedBy are the words for what a command or an option takes, and what the records know of that kind.
var namedBy = map[string]daemon.NameKind{
	"PERSON": daemon.NamesOfPeople, "SOMEBODY": daemon.NamesOfPeople, "CODE": daemon.NamesOfDrafts, "TASK": daemon.NamesOfTasks,
	"TARGET": daemon.NamesOfTargets, "ORGANIZATION": daemon.NamesOfOrgs, "IMPORT": daemon.NamesOfImports,
}

// candidates are what may stand where a command line takes something of a kind: "PERSON|CODE". Whatever goes wrong, there are
// none then: a line that somebody is writing is no place for errors.
func (a *app) candidates(c *cobra.Command, takes, start string) (found []cobra.Completion, how cobra.ShellCompDirective) {
	how = cobra.ShellCompDirectiveNoFileComp
	for _, what := range strings.Split(takes, "|") {
		switch kind, named := namedBy[what]; {
		case named:
			found = append(found, a.names(c.Context(), daemon.NamesRequest{Of: kind, Start: start})...)
		case what == "ACCOUNT":
			if conf, err := a.load(); err == nil {
				found = append(found, slices.Sorted(maps.Keys(conf.Accounts))...)
			}
		case what == "THEME":
			found = append(found, a.themes()...)
		case what == "FILE", what == "PATH":
			how = cobra.ShellCompDirectiveDefault
		case what == "FOLDER", what == "DIR":
			how = cobra.ShellCompDirectiveFilterDirs
		}
	}
	return found, how
}

// completionLimit is how long a shell is kept waiting.
const completionLimit = 300 * time.Millisecond

// names asks the daemon, or the records if it does not run. Somebody else who has them open is not waited for.
func (a *app) names(ctx context.Context, q daemon.NamesRequest) (found []cobra.Completion) {
	conf, err := a.load()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, completionLimit)
	defer cancel()
	client, err := dialDaemon(conf.socket())
	if err != nil {
		if _, err := os.Stat(conf.data); err != nil {
			return nil // nothing was recorded yet, and nothing is to be made here
		}
		e, s, err := a.engine(conf, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil
		}
		defer s.Close()
		client = &http.Client{Transport: web.Local{Handler: web.Handler(e)}}
	}
	names, err := web.Call[[]daemon.Name](ctx, client, "names", q)
	if err != nil {
		return nil
	}
	for _, n := range names {
		found = append(found, cobra.CompletionWithDesc(n.Word, n.Means))
	}
	return found
}

// themes are those of the bank of questions.
func (a *app) themes() (found []cobra.Completion) {
	conf, err := a.load()
	if err != nil {
		return nil
	}
	bank, err := prep.Load(conf.questions)
	if err != nil {
		return nil
	}
	for _, t := range bank {
		found = append(found, cobra.CompletionWithDesc(t.ID, t.Title))
	}
	return found
}
