package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// inProse are command lines within a sentence: `introd show dana`.
var inProse = regexp.MustCompile("`(introd [^`]*)`")

// linesOf are the command lines that a text shows, as the words of each.
func linesOf(text string) (lines [][]string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if shown := strings.TrimLeft(line, " \t"); shown != line {
			shown = strings.TrimPrefix(shown, "$ ")
			if rest, ok := strings.CutPrefix(strings.TrimPrefix(shown, "./"), "introd "); ok && !strings.HasPrefix(shown, "introd  ") {
				lines = append(lines, shellWords(rest))
				continue
			}
		}
		for _, m := range inProse.FindAllStringSubmatch(line, -1) {
			lines = append(lines, shellWords(strings.TrimPrefix(m[1], "introd ")))
		}
	}
	return slices.DeleteFunc(lines, func(words []string) bool { return len(words) == 0 })
}

// shellWords are the words of one command of a line, without comment, redirection and what follows a pipe.
func shellWords(line string) (words []string) {
	for _, m := range regexp.MustCompile(`"([^"]*)"|'([^']*)'|(#.*)|([|>;&].*)|([^\s"']+)`).FindAllStringSubmatch(line, -1) {
		if m[3] != "" || m[4] != "" {
			break
		}
		words = append(words, m[1]+m[2]+m[5])
	}
	return words
}

// Every command line that the documents and the examples of help show is one that introd takes.
func TestDocumentsShowWhatThereIs(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(pages, filepath.Join("..", "..", "README.md"), filepath.Join("..", "..", "DEVELOP.md"), filepath.Join("..", "..", "CHANGELOG.md")) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(raw)
	}
	var gather func(c *cobra.Command)
	gather = func(c *cobra.Command) {
		texts[c.CommandPath()+" --help"] = c.Example
		for _, sub := range c.Commands() {
			gather(sub)
		}
	}
	gather((&app{}).commands())
	texts["introd(1)"] = firstSteps
	seen := 0
	for where, text := range texts {
		for _, words := range linesOf(text) {
			seen++
			if err := taken(words); err != "" {
				t.Errorf("%s shows introd %s: %s", where, strings.Join(words, " "), err)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d command lines were found", seen)
	}
}

// taken says why a command line is not understood.
func taken(words []string) string {
	root := (&app{}).commands()
	c, rest, err := root.Find(words)
	switch {
	case err != nil:
		return err.Error()
	case c == root && !slices.Contains(words, "--help") && words[0] != "help":
		return "there is no such command"
	case words[0] == "help" || slices.Contains(words, "--help"):
		return ""
	case c.HasSubCommands() && len(rest) > 0:
		return "there is no such command"
	}
	if err := c.ParseFlags(rest); err != nil {
		return err.Error()
	}
	if len(c.Flags().Args()) == 0 && strings.Count(strings.Join(words, " "), " ") == strings.Count(c.CommandPath(), " ")-1 {
		return "" // the command is named, not shown
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		return err.Error()
	}
	return ""
}

// The pages of the manual are made of all commands, and stand in no need of a line that is too long for them.
func TestManualHasAPageForEveryCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if status, out, failed := said("man", dir); status != exitOK || !strings.Contains(out, "man -l") {
		t.Fatal(out, failed)
	}
	pages, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	index := ""
	for _, p := range pages {
		raw, err := os.ReadFile(filepath.Join(dir, p.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if p.Name() == "introd.1" {
			index = string(raw)
		}
		for _, want := range []string{".TH INTROD", "\n.SH NAME\n", "\n.SH SYNOPSIS\n", "\n.SH DESCRIPTION\n", "\n.SH SEE ALSO\n"} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("%s has no %q", p.Name(), want)
			}
		}
	}
	for _, c := range (&app{}).commands().Commands() {
		if _, err := os.Stat(filepath.Join(dir, "introd-"+c.Name()+".1")); err != nil || !strings.Contains(index, `\fBintrod\-`+roff(c.Name())+`\fR(1)`) {
			t.Errorf("%s has no page, or introd(1) does not name it: %v", c.Name(), err)
		}
	}
	for _, want := range []string{"\n.SH FILES\n", "\n.SH ENVIRONMENT\n", "\n.SH EXIT STATUS\n", "\n.SH EXAMPLES\n"} {
		if !strings.Contains(index, want) {
			t.Errorf("introd.1 has no %q", want)
		}
	}
}

var (
	lineInWords   = regexp.MustCompile("introd ([a-z-]+[^\"`,;.()\\n]*--[a-z][^\"`,;.()\\n]*)")
	optionInWords = regexp.MustCompile(`--([a-z][a-z-]*)`)
)

// What introd tells people to write, it takes: every option that stands behind a command in a sentence or a text of its own.
func TestWordsNameOptionsThatThereAre(t *testing.T) {
	t.Parallel()
	root, seen := (&app{}).commands(), 0
	for _, room := range []string{"cmd", "daemon", "mailer", "templates"} {
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !slices.Contains([]string{".go", ".txt", ".tmpl"}, filepath.Ext(path)) {
				return err
			}
			raw, err := os.ReadFile(path)
			for _, m := range lineInWords.FindAllStringSubmatch(string(raw), -1) {
				line := m[1][strings.LastIndex("introd "+m[1], "introd "):] // "introd does not read it: introd check --watch it has it read"
				c, _, err := root.Find(strings.Fields(line))
				for _, option := range optionInWords.FindAllStringSubmatch(line, -1) {
					seen++
					if err != nil || c == root || c.Flags().Lookup(option[1]) == nil && c.InheritedFlags().Lookup(option[1]) == nil {
						t.Errorf("%s names introd %s", path, line)
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("only %d options were looked for", seen)
	}
}

// documentedCommand runs a command line that a document shows behind $, and asserts that it prints what stands below it there:
// documented 1-research.md 'introd target list'. A line that is "…" stands for any lines, one that ends in it for any end;
// codes and the numbers of lines are any.
func documentedCommand(ts *testscript.TestScript, _ bool, args []string) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", args[0]))
	ts.Check(err)
	_, block, found := strings.Cut(string(raw), "\n    $ "+args[1]+"\n")
	if !found {
		ts.Fatalf("%s does not show $ %s", args[0], args[1])
	}
	var want []string
	for line := range strings.Lines(block) {
		shown, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if !ok && shown != "" || strings.HasPrefix(shown, "$ ") {
			break
		}
		want = append(want, shown)
	}
	words := shellWords(args[1])
	for i, word := range words { // a document's code is the script's, where there is only one
		if code := ts.Getenv("CODE"); code != "" && regexp.MustCompile(`^\d{4}$`).MatchString(word) {
			words[i] = code
		}
	}
	err = ts.Exec(words[0], words[1:]...)
	out := ts.ReadFile("stdout")
	if err != nil {
		out = ts.ReadFile("stderr")
	}
	if bad := unlike(want, strings.Split(strings.TrimRight(out, "\n"), "\n")); bad != "" {
		ts.Fatalf("%s is out of date: it has no line of the answer to %s any more like\n%s\nbut the answer is\n%s", args[0], args[1], bad, out)
	}
}

// unlike is the first line of a document that the answer does not have in its place; "" where all are there.
func unlike(want, answer []string) string {
	anyCode := regexp.MustCompile(`\b(t[0-9a-f]{4}|\d{4}|line \d+)\b`)
	gap := false
	for _, line := range want {
		line = strings.TrimRight(anyCode.ReplaceAllString(line, "#"), " ")
		begin, open := strings.CutSuffix(line, "…")
		if begin = strings.TrimRight(begin, " "); begin == "" {
			gap = gap || open
			if open || len(answer) == 0 {
				continue
			}
		}
		fits := func(have string) bool {
			have = strings.TrimRight(anyCode.ReplaceAllString(have, "#"), " ")
			return have == begin || open && strings.HasPrefix(have, begin)
		}
		i := slices.IndexFunc(answer, fits)
		if i < 0 || i > 0 && !gap {
			return line
		}
		answer, gap = answer[i+1:], false
	}
	return ""
}
