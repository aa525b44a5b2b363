package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"introd/daemon"
	"introd/daemon/prep"
)

// A chapter is what belongs together for a person who looks for a command.
type chapter struct {
	title    string
	commands []*cobra.Command
}

// chapters are all commands in the order in which help lists them: the six steps of an interview, and
// what goes with all of them.
func (a *app) chapters() []chapter {
	return []chapter{
		{"Begin", []*cobra.Command{a.demoCommand(), a.initCommand(), a.signInCommand(), a.checkCommand(), a.runCommand()}},
		{"1  Research: what do you want to learn about?", []*cobra.Command{a.targetCommand()}},
		{"2  Find people through the people you know", []*cobra.Command{a.importCommand(), a.networkCommand(), a.pathsCommand()}},
		{"3  Make contact", []*cobra.Command{a.addCommand(), a.askCommand(), a.requestCommand(), a.introductionsCommand()}},
		{"4 and 5  Prepare and meet", []*cobra.Command{a.proposeCommand(), a.prepCommand(), a.questionsCommand(), a.meetCommand()}},
		{"6  Thank, note what you learnt, stay in touch", []*cobra.Command{
			a.debriefCommand(), a.notesCommand(), a.tasksCommand(), a.taskCommand(), a.doneCommand(), a.adviceCommand(),
		}},
		{"Decide about the mails that introd writes; none goes out without your yes", []*cobra.Command{
			a.draftsCommand(), a.editCommand(), a.approveCommand(), a.holdCommand(), a.laterCommand(), a.dropCommand(),
		}},
		{"See where you stand", []*cobra.Command{
			a.statusCommand(), a.planCommand(), a.peopleCommand(), a.showCommand(), a.whyCommand(), a.searchCommand(), a.statsCommand(), a.readCommand(),
		}},
		{"Run", []*cobra.Command{a.serviceCommand(), a.syncCommand(), a.pauseCommand(), a.resumeCommand(), a.configCommand(), a.completionCommand(), a.manCommand(), a.versionCommand()}},
		{"Your records are yours", []*cobra.Command{a.exportCommand(), a.backupCommand(), a.restoreCommand(), a.forgetCommand()}},
	}
}

// contents lists the commands by chapter.
func contents(chapters []chapter) string {
	width := 0
	for _, ch := range chapters {
		for _, c := range ch.commands {
			width = max(width, len(c.Name()))
		}
	}
	var out strings.Builder
	for _, ch := range chapters {
		fmt.Fprintf(&out, "\n\n%s", ch.title)
		for _, c := range ch.commands {
			fmt.Fprintf(&out, "\n  %-*s  %s", width, c.Name(), c.Short)
		}
	}
	return out.String()
}

// usage is what the help of a command shows below its description (a template of cobra's).
const usage = `{{if .HasParent}}How to write it
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{if .HasExample}}
For example
{{.Example}}
{{end}}{{if .HasAvailableSubCommands}}
Commands
{{range .Commands}}{{if .IsAvailableCommand}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}
Options
{{.LocalFlags.FlagUsagesWrapped 80}}{{end}}{{if .HasAvailableInheritedFlags}}
Options of every command
{{.InheritedFlags.FlagUsagesWrapped 80}}{{end}}{{else}}Options of every command
{{.LocalFlags.FlagUsagesWrapped 80}}
More about one of them: introd help COMMAND
{{end}}`

// examples are command lines as help shows them.
func examples(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }

// columns are what help has room for: terminals open at that width, and nobody reads longer lines with pleasure.
const columns = 80

// folded breaks the paragraphs of a text for a terminal; what is set in stays as it is.
func folded(text string) string {
	if text == "" {
		return ""
	}
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		if !strings.HasPrefix(p, " ") {
			paragraphs[i] = prep.Wrap("", p, columns)
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// speakPlainly fits the help of a command to a terminal, and makes what cobra says of a command line that is not understood
// a sentence with a way on.
func speakPlainly(c *cobra.Command) {
	if c.HasParent() {
		c.Long = folded(c.Long)
	}
	if c.DisableFlagsInUseLine = true; c.HasParent() && c.HasAvailableLocalFlags() {
		c.Use += " [OPTIONS]"
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if check(c, args) != nil {
				return &daemon.Refusal{Words: fmt.Sprintf("write it as: %s. More about it: %s --help", c.UseLine(), c.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		speakPlainly(sub)
	}
}

// flagWords says what is wrong with an option.
func flagWords(err error) string {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1:
		return "there is no option --" + unknown.GetSpecifiedName()
	case errors.As(err, &bare):
		takes, _ := pflag.UnquoteUsage(bare.GetFlag())
		return fmt.Sprintf("--%s wants a value behind it: %s", bare.GetFlag().Name, takes)
	case errors.As(err, &invalid):
		takes := map[string]string{"int": "it takes a number", "bool": "it takes no value", "duration": "a length of time is written like 20m"}
		return fmt.Sprintf("--%s %q: %s", invalid.GetFlag().Name, invalid.GetValue(), cmp.Or(takes[invalid.GetFlag().Value.Type()], errors.Unwrap(invalid).Error()))
	}
	return err.Error()
}

// notUnderstood tells that there is no such command, and which one may be meant.
func notUnderstood(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	words := fmt.Sprintf("there is no command %q: see %s --help", c.CommandPath()+" "+args[0], c.CommandPath())
	if c.SuggestionsMinimumDistance = 2; len(c.SuggestionsFor(args[0])) > 0 {
		words = fmt.Sprintf("there is no command %q: do you mean %s %s?", c.CommandPath()+" "+args[0], c.CommandPath(), c.SuggestionsFor(args[0])[0])
	}
	return &daemon.Refusal{Words: words}
}
