package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// mayImport are the edges between introd's own packages; cmd/introd may import all.
var mayImport = map[string][]string{
	"introd/daemon/web":                {"introd/daemon", "introd/store"},
	"introd/daemon":                    {"introd/daemon/calendar", "introd/daemon/network", "introd/daemon/prep", "introd/daemon/report", "introd/daemon/steps", "introd/mailer", "introd/mailer/provider", "introd/mailer/reading", "introd/mailer/signin", "introd/templates", "introd/store"},
	"introd/daemon/calendar":           {"introd/mailer/reading"},
	"introd/daemon/network":            {"introd/mailer", "introd/store"},
	"introd/daemon/prep":               {"introd/templates"},
	"introd/daemon/report":             {"introd/daemon/steps", "introd/store"},
	"introd/daemon/steps":              {"introd/store"},
	"introd/mailer":                    {},
	"introd/mailer/postoffice":         {},
	"introd/mailer/provider":           {},
	"introd/mailer/reading":            {},
	"introd/mailer/signin":             {},
	"introd/store":                     {},
	"introd/templates":                 {},
	"introd/mailer/postoffice/dovecot": {},
}

// room is the package whose edges a package shares: a room may be divided, and its parts know one another.
func room(pkg string) string {
	for name := pkg; strings.HasPrefix(name, "introd/"); name = path.Dir(name) {
		if mayImport[name] != nil {
			return name
		}
	}
	return pkg
}

func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	command := exec.Command("go", "list", "-json=ImportPath,Imports", "introd/...")
	command.Dir = filepath.Join("..", "..")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; seen++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, "introd/cmd/") {
			continue
		}
		from := room(p.ImportPath)
		allowed, known := mayImport[from]
		if !known {
			t.Errorf("%s stands in no room of the house", p.ImportPath)
		}
		for _, i := range p.Imports {
			if to := room(i); strings.HasPrefix(i, "introd/") && to != from && !slices.Contains(allowed, to) {
				t.Errorf("%s must not import %s", p.ImportPath, i)
			}
		}
	}
	if seen < len(mayImport) {
		t.Errorf("only %d packages were looked at", seen)
	}
}

// Sizes at which a function no longer fits a screen, and a file no longer one thought.
const (
	mostFunction = 70
	mostFile     = 520
)

func TestTheHouseIsSmallAndNamed(t *testing.T) {
	t.Parallel()
	looked := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		looked++
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		if n := files.File(file.Pos()).LineCount(); n > mostFile && !strings.HasSuffix(path, "_test.go") {
			t.Errorf("%s has %d lines", path, n)
		}
		for _, decl := range file.Decls {
			look(t, files, path, decl)
		}
		return nil
	})
	if err != nil || looked < 50 {
		t.Fatalf("%d files, %v", looked, err)
	}
}

// look holds one declaration against the rules: short, documented, and os.Exit in main.go alone.
func look(t *testing.T, files *token.FileSet, file string, decl ast.Decl) {
	at := files.Position(decl.Pos())
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if n := files.Position(d.End()).Line - at.Line + 1; n > mostFunction {
			t.Errorf("%s: %s has %d lines", at, d.Name.Name, n)
		}
		if d.Name.IsExported() && d.Recv == nil && d.Doc == nil && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s: %s has no comment", at, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
				t.Errorf("%s: %s has no comment", at, ts.Name.Name)
			}
		}
	}
	if strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "main.go" {
		return
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Exit" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" {
				t.Errorf("%s: os.Exit belongs in main.go", files.Position(n.Pos()))
			}
		}
		return true
	})
}

// Every direct dependency has its line in DEVELOP.md, and no line stands there without one.
func TestEveryDependencyIsExplained(t *testing.T) {
	t.Parallel()
	module, err1 := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	develop, err2 := os.ReadFile(filepath.Join("..", "..", "DEVELOP.md"))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	var direct, explained []string
	for line := range strings.Lines(string(module)) {
		if f := strings.Fields(line); len(f) == 2 && strings.HasPrefix(f[1], "v") {
			direct = append(direct, strings.TrimPrefix(f[0], "github.com/"))
		}
	}
	_, table, _ := strings.Cut(string(develop), "| module | for |")
	for line := range strings.Lines(table) {
		if name := strings.Split(line, "|"); len(name) == 4 && strings.Contains(name[1], "/") {
			explained = append(explained, strings.TrimSpace(name[1]))
		}
	}
	slices.Sort(direct)
	slices.Sort(explained)
	if len(direct) < 10 || !slices.Equal(direct, explained) {
		t.Errorf("go.mod needs\n%v\nDEVELOP.md explains\n%v", direct, explained)
	}
}

// The example is the config that init writes, with the defaults in it.
func TestExampleConfigIsTheDefaults(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "config.example.toml")
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := example().write()
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		if os.Getenv("INTROD_UPDATE") != "" {
			err = os.WriteFile(path, []byte(want), 0o644)
		}
		t.Errorf("config.example.toml is not what introd writes; run this test with INTROD_UPDATE=1 (%v)", err)
	}
	c, err := loadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	d := defaults()
	if c.Rules != d.Rules || c.Daemon != d.Daemon || !reflect.DeepEqual(c.windows(), d.windows()) || len(c.Calendars) > 0 || c.Availability.MostPerWeek > 0 {
		t.Errorf("the example says\n%+v %+v\nbut what holds is\n%+v %+v", c.Rules, c.Daemon, d.Rules, d.Daemon)
	}
}

// example is a config filled in as a newcomer would.
func example() *config {
	c := defaults()
	c.Owner.Name, c.Owner.About, c.Owner.Zone = "Sam Rivera", "a second-year chemistry student at Ohio State", "America/New_York"
	account := c.addAccount("main")
	account.Address, account.PasswordCommand = "sam@example.org", "secret-tool lookup introd sam@example.org"
	account.IMAP.Host, account.SMTP.Host = "imap.example.org", "smtp.example.org"
	return c
}

// Every key that the config knows stands in what introd writes.
func TestExampleNamesEveryKey(t *testing.T) {
	t.Parallel()
	text, err := example().write()
	if err != nil {
		t.Fatal(err)
	}
	keys := 0
	eachSetting(func(path []string) {
		if t, _ := typeOf(path); isTable(t) || isList(t) {
			return
		}
		keys++
		key := path[len(path)-1]
		if !strings.Contains(strings.ReplaceAll(text, "\n# ", "\n"), "\n"+key+" = ") { // a calendar stands there as a comment
			t.Errorf("the config that introd writes does not name %s", key)
		}
	})
	if keys < 70 {
		t.Errorf("only %d keys were looked for", keys)
	}
}
