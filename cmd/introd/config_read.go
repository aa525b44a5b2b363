package main

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"introd/mailer/provider"
)

// How the text of a config is read. A decoder stops at the first thing that it cannot take; here all that is wrong is told at once.

// A fault is one thing that is wrong in a config.
type fault struct {
	Key   string `json:"key,omitempty"`  // "owner.zone"; empty where the text is no TOML
	Line  int    `json:"line,omitempty"` // from 1; 0 where nothing of it stands in the text
	Words string `json:"words"`          // what is wrong, and what to do
}

// A badConfig is all that is wrong in one.
type badConfig struct {
	Path   string  `json:"path,omitempty"`
	Faults []fault `json:"faults"`
}

func (b *badConfig) Error() string {
	var lines []string
	for _, f := range b.Faults {
		words := f.Words
		if f.Line > 0 {
			words = fmt.Sprintf("line %d: %s", f.Line, words)
		}
		lines = append(lines, "  "+words)
	}
	if b.Path == "" {
		return strings.Join(lines, "\n")
	}
	what := "one thing is"
	if n := len(b.Faults); n > 1 {
		what = fmt.Sprintf("%d things are", n)
	}
	return fmt.Sprintf("%s to be mended in %s:\n%s", what, b.Path, strings.Join(lines, "\n"))
}

// readConfig reads and checks the text of a config that stands, or is to stand, at path.
func readConfig(path string, raw []byte) (*config, error) {
	c, d := decode(raw)
	if c != nil {
		d.add(c.faults(filepath.Dir(path)))
	}
	if len(d.faults) == 0 {
		return c, nil
	}
	slices.SortStableFunc(d.faults, func(a, b fault) int { return a.Line - b.Line })
	return nil, &badConfig{path, d.faults}
}

// A document is where the settings stand in the text of a config, and what is wrong with how they are written.
type document struct {
	parser unstable.Parser
	lines  map[string]int // of settings and parts, by their keys; the second calendar is calendars.2
	faults []fault
	left   [][2]int // from which to which line the text cannot be taken

	part    []string // what the settings that come belong to
	skipped bool     // that part is none: nothing more is said of what stands in it
	parts   map[string]int
}

// decode takes the settings out of a text. What cannot be taken is left out and told, so that the rest can be checked
// as well; the config is nil where the text is no TOML.
func decode(raw []byte) (*config, *document) {
	d := &document{lines: map[string]int{}, parts: map[string]int{}}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // some editors on Windows put it there
	var anything map[string]any
	if err := toml.Unmarshal(raw, &anything); err != nil {
		d.broken(err)
		return nil, d
	}
	d.parser.Reset(raw)
	for d.parser.NextExpression() {
		d.expression(d.parser.Expression())
	}
	c := defaults()
	if err := toml.Unmarshal(d.without(raw), c); err != nil {
		d.broken(err)
		return nil, d
	}
	return c, d
}

// add takes over what is wrong with the settings themselves. What is left out of the text is told already.
func (d *document) add(faults []fault) {
	for _, f := range faults {
		told := func(t fault) bool {
			return strings.HasPrefix(f.Key+".", t.Key+".") || strings.HasSuffix(t.Words, "do you mean "+f.Key+"?")
		}
		if slices.ContainsFunc(d.faults, told) {
			continue
		}
		for key := f.Key; f.Line == 0 && key != ""; key = key[:max(0, strings.LastIndexByte(key, '.'))] {
			f.Line = d.lineOf(key) // its own, else that of the part where it is missing
		}
		d.faults = append(d.faults, f)
	}
}

// lineOf is where a setting or a part stands, or the first of what stands in it; 0 where there is nothing of it.
func (d *document) lineOf(key string) (line int) {
	if line = d.lines[key]; line > 0 {
		return line
	}
	for other, at := range d.lines {
		if strings.HasPrefix(other, key+".") && (line == 0 || at < line) {
			line = at
		}
	}
	return line
}

func (d *document) fault(key []string, line int, words string, args ...any) {
	f := fault{strings.Join(key, "."), line, fmt.Sprintf(words, args...)}
	if !slices.ContainsFunc(d.faults, func(told fault) bool { return told.Words == f.Words }) {
		d.faults = append(d.faults, f)
	}
}

// expression takes one line of the text: [part], [[part]], or key = value.
func (d *document) expression(e *unstable.Node) {
	var key []string
	line := 0
	for keys := e.Key(); keys.Next(); {
		key = append(key, string(keys.Node().Data))
		line = d.parser.Shape(keys.Node().Raw).Start.Line
	}
	if e.Kind == unstable.KeyValue {
		if key = slices.Concat(d.part, key); !d.skipped && !d.setting(key, line, e.Value()) || d.skipped {
			d.left = append(d.left, [2]int{line, d.parser.Shape(e.Raw).End.Line})
		}
		return
	}
	list := e.Kind == unstable.ArrayTable
	d.skipped = !d.isPart(key, line, list)
	if d.skipped {
		d.left = append(d.left, [2]int{line, line})
	}
	if list {
		name := strings.Join(key, ".")
		d.parts[name]++
		key = append(key, strconv.Itoa(d.parts[name]))
	}
	d.part = key
	d.lines[strings.Join(key, ".")] = line
}

// isPart says whether a head such as [owner] names a part of the config.
func (d *document) isPart(key []string, line int, list bool) bool {
	name := strings.Join(key, ".")
	t, known := typeOf(key)
	switch {
	case key[0] == "account":
		d.fault(key[:1], line, oldAccount)
	case !known:
		d.fault(key, line, "there is no part [%s]%s", name, meant(key, "[%s]"))
	case list && !isList(t):
		d.fault(key, line, "[[%s]] is written with one bracket on each side: [%s]", name, name)
	case !list && isList(t):
		d.fault(key, line, "[%s] is written with two brackets on each side, as there may be several: [[%s]]", name, name)
	case !list && !isTable(t):
		d.fault(key, line, "%s is a setting: write %s = … under [%s]", name, key[len(key)-1], strings.Join(key[:len(key)-1], "."))
	default:
		return true
	}
	return false
}

// setting says whether a setting can be taken: it exists, and its value is written as such values are.
func (d *document) setting(key []string, line int, value *unstable.Node) bool {
	name := strings.Join(key, ".")
	d.lines[name] = line
	t, known := typeOf(key)
	switch {
	case key[0] == "accounts" && len(key) == 2 && value.Kind != unstable.InlineTable:
		d.fault(key[:1], line, "an account has a name: write [accounts.main] in the place of [accounts], or another name in the place of main")
		return false
	case !known:
		d.fault(key, line, "there is no setting %s%s", name, meant(key, "%s"))
		return false
	case isTable(t) && value.Kind == unstable.InlineTable:
		return d.settings(key, line, value)
	case isList(t) && value.Kind == unstable.Array:
		good := true
		for i, parts := 1, value.Children(); parts.Next(); i++ {
			good = d.setting(append(slices.Clone(key), strconv.Itoa(i)), line, parts.Node()) && good
		}
		return good
	case fits(t, value):
		return true
	case value.Kind == unstable.String && isText(t):
		d.fault(key, line, "%s = %q is not understood: it must be %s", name, value.Data, form(t))
	default:
		d.fault(key, line, "%s must be %s", name, form(t))
	}
	return false
}

// settings looks through a part that is written on one line: imap = { host = "imap.example.org" }.
func (d *document) settings(key []string, line int, part *unstable.Node) bool {
	good := true
	for pairs := part.Children(); pairs.Next(); {
		full := slices.Clone(key)
		for keys := pairs.Node().Key(); keys.Next(); {
			full = append(full, string(keys.Node().Data))
		}
		good = d.setting(full, line, pairs.Node().Value()) && good
	}
	return good
}

// without is the text with the lines empty that cannot be taken; all others keep their numbers.
func (d *document) without(raw []byte) []byte {
	lines := bytes.Split(raw, []byte("\n"))
	for _, span := range d.left {
		for n := span[0]; n <= span[1]; n++ {
			lines[n-1] = nil
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// broken tells where a text stops being TOML.
func (d *document) broken(err error) {
	var at *toml.DecodeError
	if !errors.As(err, &at) {
		d.fault(nil, 0, "%v", err)
		return
	}
	line, _ := at.Position()
	words := strings.TrimPrefix(at.Error(), "toml: ")
	for _, p := range parserWords {
		if strings.Contains(words, p.says) {
			words = p.means
		}
	}
	d.fault(at.Key(), line, "%s", words)
}

// parserWords are the parser's words for what people do wrong, and what they may do instead.
var parserWords = []struct{ says, means string }{
	{"at start of value", `words stand in quotes, as in name = "Sam Rivera", numbers and true and false do not; for nothing, write ""`},
	{"unterminated basic string", `a quote is opened here and not closed: "…"`},
	{"unterminated literal string", "a quote is opened here and not closed: '…'"},
	{"strings cannot have new lines", "a quote is opened here and not closed on its line"},
	{"multiline basic string not terminated", `three quotes are opened and not closed: """…"""`},
	{"expected '='", `a setting is written with = behind its name, as in name = "Sam Rivera"`},
	{"expected value", `there is no value behind the =; for nothing, write ""`},
	{"to close table name", "a part is written in brackets, as in [owner]"},
	{"escape", `a \ in a value is written twice: "C:\\Users", or the value in single quotes: 'C:\Users'`},
	{"array is incomplete", `a list is closed by a bracket, as in ["one", "another"]`},
	{"after array value", `there is a comma between the values of a list, as in ["one", "another"]`},
	{"expected newline", "there is something behind the value: write one setting on a line, and no quotes within quotes"},
	{"should be a table", "this is a setting, not a part: write it with = under its part, as in name = \"Sam Rivera\" under [owner]"},
	{"is already defined", "this setting stands there already: leave one of the two"},
	{"already exists", "this part stands there already: put what belongs to it together, under one of the two"},
	{"leading zero", `a number does not begin with 0; a time of day is written in quotes, as in "07:30"`},
}

// What the types of the config say of its settings.

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

func isText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }
func isTable(t reflect.Type) bool {
	return !isText(t) && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map)
}
func isList(t reflect.Type) bool { return t.Kind() == reflect.Slice && isTable(t.Elem()) }

// typeOf is what a setting or a part holds; known is false where there is none of that name.
func typeOf(key []string) (t reflect.Type, known bool) {
	t, known = reflect.TypeFor[config](), true
	for i := 0; i < len(key) && known; i++ {
		t, known = within(t, key[i])
	}
	return t, known
}

func within(t reflect.Type, name string) (reflect.Type, bool) {
	switch {
	case isList(t), isTable(t) && t.Kind() == reflect.Map:
		if t = t.Elem(); t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		return t, true
	case isTable(t):
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("toml") == name {
				return f.Type, true
			}
		}
	}
	return t, false
}

// fits says whether a value is written as those of a type are.
func fits(t reflect.Type, value *unstable.Node) bool {
	switch {
	case isText(t):
		return value.Kind == unstable.String && reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText(value.Data) == nil
	case t.Kind() == reflect.Slice && value.Kind == unstable.Array:
		for each := value.Children(); each.Next(); {
			if !fits(t.Elem(), each.Node()) {
				return false
			}
		}
		return true
	}
	return map[reflect.Kind]unstable.Kind{reflect.String: unstable.String, reflect.Int: unstable.Integer, reflect.Bool: unstable.Bool}[t.Kind()] == value.Kind
}

// form says how the values of a type are written.
func form(t reflect.Type) string {
	switch reflect.Zero(t).Interface().(type) {
	case duration:
		return `a length of time, written like "90s", "15m", "24h" or "14d"`
	case clock:
		return `a time of day, written like "07:30"`
	case []hours:
		return `a list of hours, written like ["09:00-12:00", "14:00-17:00"]`
	case []string:
		return `a list, written like ["one", "another"]`
	case string:
		return `words in quotes, written like "…"`
	case int:
		return "a number, written without quotes, like 3"
	case bool:
		return "true or false, written without quotes"
	}
	return "a part of its own: write its name in brackets, and its settings on the lines below"
}

// meant asks whether another name was meant than one that there is not: one that is written nearly like it, else one that
// stands elsewhere under the same name.
func meant(key []string, written string) string {
	above, last := key[:len(key)-1], key[len(key)-1]
	best, least := "", 1+min(2, len(last)/3)
	var beside, elsewhere []string
	eachSetting(func(other []string) {
		name := other[len(other)-1]
		if sameParts(above, other[:len(other)-1]) {
			beside = append(beside, name)
			if far := provider.Slips(last, name); far < least {
				best, least = strings.Join(append(slices.Clone(above), name), "."), far
			}
		} else if name == last {
			elsewhere = append(elsewhere, strings.Join(other, "."))
		}
	})
	switch {
	case best != "":
		return fmt.Sprintf(": do you mean "+written+"?", best)
	case len(elsewhere) == 1:
		return fmt.Sprintf(": do you mean "+written+"?", elsewhere[0])
	}
	return ": there are " + strings.Join(beside, ", ")
}

// sameParts says whether a key lies in a part whose name may be the owner's choice: accounts.main in accounts.NAME.
func sameParts(key, part []string) bool {
	return slices.EqualFunc(key, part, func(a, b string) bool { return a == b || b == anyName })
}

// anyName stands in a key for the name of an account and the number of a calendar.
const anyName = "NAME"

// eachSetting visits the keys of all settings and parts that a config can have.
func eachSetting(visit func(key []string)) { visitSettings(reflect.TypeFor[config](), nil, visit) }

func visitSettings(t reflect.Type, above []string, visit func(key []string)) {
	switch {
	case isList(t), isTable(t) && t.Kind() == reflect.Map && t.Elem().Kind() != reflect.String:
		t, _ = within(t, anyName)
		visitSettings(t, append(slices.Clone(above), anyName), visit)
	case isTable(t) && t.Kind() == reflect.Map:
		for _, role := range roleNames {
			visit(append(slices.Clone(above), role))
		}
	case isTable(t):
		for i := range t.NumField() {
			if name := t.Field(i).Tag.Get("toml"); name != "" {
				key := append(slices.Clone(above), name)
				visit(key)
				visitSettings(t.Field(i).Type, key, visit)
			}
		}
	}
}
