package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// said runs one command line and returns what it printed.
func said(args ...string) (status int, out, failed string) {
	var o, e bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &o, err: &e}
	root := a.commands()
	root.SetArgs(args)
	status = a.report(root.Execute())
	return status, o.String(), e.String()
}

// Help fits a terminal, and every command stands in it once.
func TestHelpListsEveryCommandOnce(t *testing.T) {
	t.Parallel()
	status, help, _ := said("help")
	if status != exitOK {
		t.Fatal("help failed")
	}
	config := filepath.Join(t.TempDir(), "config.toml")
	if _, bare, _ := said("--config", config); strings.Count(bare, "\n") != 1 || !strings.Contains(bare, "introd init") || !strings.Contains(bare, "introd demo") {
		t.Errorf("introd alone, where nothing is set up, says %q", bare)
	}
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, bare, _ := said("--config", config); bare != help {
		t.Error("introd alone does not show the help")
	}
	listed := 0
	for _, c := range (&app{}).commands().Commands() {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		listed++
		if n := strings.Count(help, "\n  "+c.Name()+" "); n != 1 {
			t.Errorf("help lists %s %d times", c.Name(), n)
		}
	}
	if listed < 30 {
		t.Errorf("only %d commands were looked for", listed)
	}
}

// ofPrograms is how pflag names the value of an option that does not name it itself.
var ofPrograms = regexp.MustCompile(`--\S+ (?:string\w*|u?int\d*|float\d*|duration|value)\b|\[flags\]`)

// Every command says in one line what it is for, and its help shows how to write it.
func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: %q", c.CommandPath(), c.Short)
		}
		path := strings.Fields(c.CommandPath())[1:]
		status, out, _ := said(slices.Concat(path, []string{"--help"})...)
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > columns {
				t.Errorf("%s --help: %d columns: %s", c.CommandPath(), n, line)
			}
		}
		if status != exitOK || !strings.Contains(out, c.CommandPath()) {
			t.Errorf("%s --help: %s", c.CommandPath(), out)
		} else if word := ofPrograms.FindString(out); word != "" {
			t.Errorf("%s --help shows a type of Go's, not what to write: %s", c.CommandPath(), word)
		}
	}
	walk((&app{}).commands())
}

// What cannot be understood is answered with a sentence that says what to write.
func TestAWrongLineIsToldWhatToWrite(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"drfts":                   `there is no command "introd drfts": do you mean introd drafts?`,
		"xyzzy":                   `there is no command "introd xyzzy": see introd --help`,
		"target list it":          "write it as: introd target list",
		"target lst":              `there is no command "introd target lst": do you mean introd target list?`,
		"approve":                 "write it as: introd approve CODE",
		"add --colour red":        "there is no option --colour: see introd add --help",
		"ask lee":                 "--about",
		"plan --days many":        `--days "many": it takes a number: see introd plan --help`,
		"plan --days":             "--days wants a value behind it: DAYS: see introd plan --help",
		"meet dana --length soon": `--length "soon": a length of time is written like 90s, 15m, 24h or 14d`,
		"meet dana":               "say when: introd meet dana",
		"plan --days 0":           "0 days cannot be looked ahead",
	} {
		status, _, failed := said(strings.Fields(line)...)
		if status != exitRefused || !strings.Contains(failed, want) || strings.Count(failed, "\n") != 1 {
			t.Errorf("introd %s: status %d, %q", line, status, failed)
		}
	}
}
