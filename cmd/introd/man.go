package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Manual pages (man(7)), made from the commands themselves: introd(1), and a page for each command or group of commands.

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Short: "Write the manual pages", Args: cobra.ExactArgs(1),
		Long:    "Write the manual pages into a folder: introd.1, and one page for each command. In a folder where man looks for pages they can be read with man introd.",
		Example: examples(`introd man ~/.local/share/man/man1`),
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			chapters := a.chapters()
			root := c.Root()
			pages := map[string]string{"introd.1": manOfAll(root, chapters)}
			for _, ch := range chapters {
				for _, named := range ch.commands { // made anew, they stand under no root
					command, _, err := root.Find([]string{named.Name()})
					if err != nil {
						return err
					}
					pages["introd-"+command.Name()+".1"] = manOf(command, ch)
				}
			}
			for name, text := range pages {
				if err := os.WriteFile(filepath.Join(args[0], name), []byte(text), 0o644); err != nil {
					return err
				}
			}
			_, err := fmt.Fprintf(a.out, "Wrote %d pages. Read the first with: man -l %s\n", len(pages), filepath.Join(args[0], "introd.1"))
			return err
		},
	}
}

// manPage is the text of a page, in the macros of man(7).
type manPage struct{ strings.Builder }

func (m *manPage) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *manPage) begin(name, short string) {
	m.line(`.TH %s 1 "" "introd %s" "introd"`, strings.ToUpper(roff(name)), version)
	m.line(".SH NAME\n%s \\- %s", roff(name), roff(lowerFirst(short)))
}

// prose writes paragraphs, and lines that are set in as they stand.
func (m *manPage) prose(text string) {
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			m.line(".PP")
		}
		if strings.HasPrefix(paragraph, "  ") {
			m.verbatim(paragraph)
			continue
		}
		m.line("%s", roff(strings.ReplaceAll(paragraph, "\n", " ")))
	}
}

// verbatim writes lines as they stand.
func (m *manPage) verbatim(text string) {
	m.line(".RS 4\n.EX")
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		m.line("%s", roff(strings.TrimPrefix(strings.TrimRight(line, "\n"), "  ")))
	}
	m.line(".EE\n.RE")
}

// item writes what belongs to a term below it.
func (m *manPage) item(term, words string) { m.line(".TP\n%s\n%s", term, roff(words)) }

func (m *manPage) options(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, words := pflag.UnquoteUsage(f)
		term := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			term = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + term
		}
		if value != "" && f.NoOptDefVal == "" {
			term += ` \fI` + roff(value) + `\fR`
		}
		if f.DefValue != "" && !slices.Contains([]string{"0", "false", "[]"}, f.DefValue) {
			words += " (default: " + f.DefValue + ")"
		}
		m.item(term, words)
	})
}

// usage writes how a command is written: what is written as it stands is bold.
func (m *manPage) usage(c *cobra.Command) {
	m.line(`\fB%s\fR%s`, roff(c.CommandPath()), roff(strings.TrimPrefix(c.UseLine(), c.CommandPath())))
}

func (m *manPage) describe(c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	m.prose(text)
}

// manOf is the page of a command, with all that stand below it.
func manOf(c *cobra.Command, ch chapter) string {
	var m manPage
	m.begin("introd-"+c.Name(), c.Short)
	m.line(".SH SYNOPSIS")
	subs := c.Commands()
	if len(subs) == 0 {
		m.usage(c)
	}
	for i, sub := range subs {
		if i > 0 {
			m.line(".br")
		}
		m.usage(sub)
	}
	m.line(".SH DESCRIPTION")
	m.describe(c)
	if len(subs) > 0 {
		m.line(".SH COMMANDS")
	}
	for _, sub := range subs {
		m.line(".SS %s", roff(sub.CommandPath()))
		m.describe(sub)
		m.options(sub.LocalNonPersistentFlags())
	}
	if len(subs) == 0 && c.HasAvailableLocalFlags() {
		m.line(".SH OPTIONS")
		m.options(c.LocalNonPersistentFlags())
	}
	m.line(".SH OPTIONS OF EVERY COMMAND")
	m.options(c.Root().PersistentFlags())
	m.examples(append([]*cobra.Command{c}, subs...))
	see := []string{`\fBintrod\fR(1), which tells of files, of the environment and of exit statuses`}
	for _, other := range ch.commands {
		if other.Name() != c.Name() {
			see = append(see, `\fBintrod\-`+roff(other.Name())+`\fR(1)`)
		}
	}
	m.line(".SH SEE ALSO\n.na\n%s\n.ad", strings.Join(see, ",\n"))
	return m.String()
}

func (m *manPage) examples(commands []*cobra.Command) {
	var all []string
	for _, c := range commands {
		if c.HasExample() {
			all = append(all, c.Example)
		}
	}
	if len(all) > 0 {
		m.line(".SH EXAMPLES")
		m.verbatim(strings.Join(all, "\n"))
	}
}

// manOfAll is introd(1).
func manOfAll(root *cobra.Command, chapters []chapter) string {
	var m manPage
	m.begin("introd", root.Short)
	m.line(".SH SYNOPSIS\n\\fBintrod\\fR COMMAND [OPTIONS]\n.SH DESCRIPTION")
	about, _, _ := strings.Cut(root.Long, "\n\n")
	m.prose(about)
	m.line(".SH COMMANDS")
	for _, ch := range chapters {
		m.line(".SS %s", roff(strings.Join(strings.Fields(ch.title), " ")))
		for _, c := range ch.commands {
			m.item(`\fBintrod\-`+roff(c.Name())+`\fR(1)`, c.Short)
		}
	}
	m.line(".SH OPTIONS OF EVERY COMMAND")
	m.options(root.PersistentFlags())
	m.line(".SH EXAMPLES")
	m.verbatim(firstSteps)
	for _, section := range manSections {
		m.line(".SH %s", section.title)
		for _, item := range section.items {
			m.item(`\fB`+roff(item[0])+`\fR`, item[1])
		}
	}
	m.line(".SH SEE ALSO\n\\fBintrod\\-init\\fR(1), \\fBintrod\\-demo\\fR(1), \\fBintrod\\-config\\fR(1), and the documents that come with introd.")
	return m.String()
}

// firstSteps are the way from nothing to the first mail.
const firstSteps = `  introd demo
  introd init
  introd add "Prof. Lee <lee@uni.edu>" --how professor
  introd add "Dana Wu <dana@bigco.com>" --org BigCo --via lee
  introd ask lee --about dana
  introd status`

// manSections are what introd(1) tells of the world around the commands.
var manSections = []struct {
	title string
	items [][2]string
}{
	{"FILES", [][2]string{
		{"~/.config/introd/config.toml", "The settings; introd config show lists them with what holds unless you say otherwise. On macOS they lie in ~/Library/Application Support/introd, on Windows in %AppData%\\introd."},
		{"templates/", "Your own texts, beside the config: a file of the same name goes before introd's."},
		{"questions.txt", "Your own questions, beside the config."},
		{"~/.local/state/introd", "The records, unless daemon.data in the config names another folder. Copy them with introd backup while introd runs."},
	}},
	{"ENVIRONMENT", [][2]string{
		{"INTROD_CONFIG", "The config to use, where --config does not name one."},
		{"VISUAL, EDITOR", "The editor for drafts, notes and debriefs; vi if neither is set."},
		{"XDG_CONFIG_HOME, XDG_STATE_HOME", "Where the settings and the records lie, if not in the usual places."},
	}},
	{"EXIT STATUS", [][2]string{
		{"0", "It is done."},
		{"1", "Something is broken: a server, a file, the config."},
		{"2", "introd understood and does not do it, or the line could not be understood."},
		{"3", "introd status: your mailbox was not read for too long."},
		{"78", "introd run: the settings or the records cannot be used as they are; starting it again would not help."},
	}},
}

// roff is a text in which nothing is taken for a request of roff's.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "~", `\(ti`, "^", `\(ha`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

func lowerFirst(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[n:]
}
