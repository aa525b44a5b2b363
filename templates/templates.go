// Package templates holds the texts of all mails, those to contacts and those to the owner, and the
// etiquette that a mail to a contact must keep.
//
// Each text is a file of package text/template: a Subject line, an empty line, the body. It is filled
// from Values; a value that is missing is an error that names it, never a blank; `has . "name"` asks
// whether there is one, and `phone .place` and `link .place`
// whether a place is a telephone number or a link. The owner may put files of the same names into their config folder.
package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed mails/*.txt
var embedded embed.FS

// Values are what a text is filled with, by name. An empty value counts as missing. Those of mails to
// contacts:
//
//	owner, owner_first, about, address, signature   the owner: name, first name, one line about them, address, closing
//	hello                   how the recipient is addressed: "Dana", "Professor Lee"
//	greeting                how an answer to them begins: "Hello Dana", "Dear Professor Lee"
//	org                     where the recipient works
//	introducer              who gave the name
//	introducer_hello        how who gave the name is addressed: "Professor Lee"
//	introduced, again       of an introducer: there, if a mail of theirs made the introduction; if they were told before
//	thanks                  in a short note: there, if there is room for thanks
//	target, target_org      whom an introduction is asked to
//	sentence                the owner's personal sentence
//	named                   whom the recipient pointed to: "Ben Ortiz and Ada Obi"
//	agreed                  there, if a talk is agreed on
//	subject                 the subject of the mail that is answered, without "Re:"
//	sent_on                 the day of the mail that is followed up
//	times                   lines of proposed times
//	when, was               the time of a meeting in both zones; its earlier time in one line
//	day                     "tomorrow" or "today", where a talk is on it
//	place, length, met_on, back_on
//	advice, did, outcome     of their advice: what it was, what the owner did, what came of it
//	met_in                   the month of a talk
type Values map[string]string

// Set is a set of texts, the owner's own among them.
type Set struct{ parsed map[string]*template.Template }

// Load parses the embedded texts and the owner's from dir, "" for none. An unknown or broken file is
// an error that names file and line.
func Load(dir string) (*Set, error) {
	s := &Set{parsed: map[string]*template.Template{}}
	names, err := fs.Glob(embedded, "mails/*.txt")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := embedded.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := s.parse(name, string(text)); err != nil {
			return nil, err
		}
	}
	if dir == "" {
		return s, nil
	}
	return s, s.override(dir)
}

// override takes in the owner's own texts; all that is wrong with them is told at once.
func (s *Set) override(dir string) error {
	files, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var wrong []error
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		if kind, ok := strings.CutSuffix(f.Name(), ".txt"); !ok || s.parsed[kind] == nil {
			wrong = append(wrong, fmt.Errorf("%s: there is no text of this name; known are %s", path, strings.Join(s.Kinds(), ", ")))
			continue
		}
		text, err := os.ReadFile(path)
		if err == nil {
			err = s.parse(path, string(text))
		}
		wrong = append(wrong, err)
	}
	return errors.Join(append(wrong, err)...)
}

// parse checks the shape of a text and the names it uses, and takes it into the set.
func (s *Set) parse(path, text string) error {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	subject, _, ok := strings.Cut(text, "\n\n")
	if !ok || !strings.HasPrefix(subject, "Subject: ") || strings.Contains(subject, "\n") {
		return fmt.Errorf("%s:1: a text begins with a line \"Subject: …\" and an empty line", path)
	}
	t, err := template.New(path).Option("missingkey=error").Funcs(template.FuncMap{"has": has, "link": link, "phone": Phone}).Parse(text)
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "template: ")) // file:line: what is wrong
	}
	for i, line := range strings.Split(text, "\n") {
		for _, use := range usedName.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(valueNames, use[1]) {
				return fmt.Errorf("%s:%d: there is no value %q; known are %s", path, i+1, use[1], strings.Join(valueNames, ", "))
			}
		}
	}
	s.parsed[strings.TrimSuffix(filepath.Base(path), ".txt")] = t
	return nil
}

// usedName finds {{.name}} and has . "name".
var usedName = regexp.MustCompile(`(?:\{\{-?\s*\.|has \. ")(\w+)`)

var valueNames = []string{
	"owner", "owner_first", "about", "address", "signature", "hello", "org", "introducer", "target", "target_org", "sentence", "subject", "sent_on",
	"times", "when", "was", "day", "advice", "did", "outcome", "met_in", "place", "length", "met_on", "back_on", "greeting", "named", "agreed",
	"introducer_hello", "introduced", "again", "thanks", "bcc",
	"title", "code", "from", "to", "why", "due", "warnings", "choices", "invitation", "mail_subject", "mail_text", "ways", "pause", "ask", "by_reply", "id",
	"their_words", "body",
}

func has(v map[string]string, name string) bool { return v[name] != "" }

// Kinds are the names of all texts.
func (s *Set) Kinds() []string {
	var kinds []string
	for kind := range s.parsed {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// A MissingError says which value a text needs and does not get.
type MissingError struct{ Kind, Value string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("the %s mail needs %q, which is not known", e.Kind, e.Value)
}

var missingKey = regexp.MustCompile(`no entry for key "(\w+)"`)

// Render fills a text. The error is a *MissingError where a value is missing.
func (s *Set) Render(kind string, v Values) (subject, text string, err error) {
	t := s.parsed[kind]
	if t == nil {
		return "", "", fmt.Errorf("there is no text %q", kind)
	}
	filled := map[string]string{}
	for name, value := range v {
		if strings.TrimSpace(value) != "" {
			filled[name] = value
		}
	}
	var out strings.Builder
	if err := t.Execute(&out, filled); err != nil {
		if m := missingKey.FindStringSubmatch(err.Error()); m != nil {
			return "", "", &MissingError{kind, m[1]}
		}
		return "", "", fmt.Errorf("%s mail: %w", kind, err)
	}
	subject, text, _ = strings.Cut(out.String(), "\n\n")
	return strings.TrimPrefix(subject, "Subject: "), tidy(text), nil
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// tidy leaves at most one empty line between paragraphs, and one line end at the end.
func tidy(text string) string {
	return strings.TrimSpace(blankLines.ReplaceAllString(text, "\n\n")) + "\n"
}
