package daemon

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"introd/mailer"
	"introd/mailer/provider"
)

// A mask takes out of a sentence what the owner would not show to strangers, so that what introd
// check prints can go into a bug report. In the place of a private word stands what it is, in angle
// brackets; two folders are told apart by number.
type mask struct {
	words []Masked // the longest first: an address before its parts
}

// Masked is a private word, and what stands for it in what introd check prints.
type Masked struct {
	Instead string `json:"instead"`
	Word    string `json:"word"`
}

// newMask knows what the config says of the accounts and calendars.
func (e *Engine) newMask() *mask {
	m := &mask{}
	m.name(e.Owner.Name, "<owner>")
	for i, a := range e.Accounts {
		m.server(a.IMAP, "imap", a.Address, i)
		m.server(a.SMTP, "smtp", a.Address, i)
	}
	for i, k := range e.Calendars {
		m.add(k.Path, numbered("<calendars.path>", i))
		m.add(k.URL, numbered("<calendars.url>", i))
		m.add(k.User, numbered("<calendars.user>", i))
		m.add(k.Name, numbered("<calendar>", i))
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		m.add(home, "~")
	}
	return m
}

// name hides a person's name, and those parts of it that are no everyday words such as Will or May.
func (m *mask) name(name, instead string) {
	m.add(name, instead)
	for _, part := range strings.Fields(name) {
		if utf8.RuneCountInString(part) > 4 {
			m.add(part, instead)
		}
	}
}

// server hides one of an account's two: a known provider's name is no secret, but the name under
// which one signs in there is.
func (m *mask) server(s mailer.Server, which, address string, account int) {
	local, domain, _ := strings.Cut(address, "@")
	words := []Masked{{"<" + which + ".user>", s.User}, {"<user>", local}}
	ip, err := netip.ParseAddr(s.Host)
	if here := s.Host == "localhost" || err == nil && ip.IsLoopback(); !here && !provider.ByServer(s.Host, address).Known() {
		words = append(words, Masked{"<" + which + ".host>", s.Host}, Masked{"<domain>", domain})
	}
	for _, w := range words {
		if account > 0 {
			w.Instead = numbered(w.Instead, account)
		}
		m.add(w.Word, w.Instead)
	}
}

func numbered(word string, i int) string {
	return strings.TrimSuffix(word, ">") + fmt.Sprintf(" %d>", i+1)
}

// add hides a word, wherever it stands as a whole one. Addresses and numbers of servers need not be added.
func (m *mask) add(word, instead string) {
	if len(word) < 2 || slices.ContainsFunc(m.words, func(known Masked) bool { return strings.EqualFold(known.Word, word) }) {
		return
	}
	m.words = append(m.words, Masked{instead, word})
	slices.SortStableFunc(m.words, func(a, b Masked) int { return len(b.Word) - len(a.Word) })
}

// folder is how a folder is called: by its name, if thousands have one of that name.
func (m *mask) folder(f mailer.Folder) string {
	if name, common := f.Common(); common {
		if name != f.Name { // introd's own: mail could be addressed there
			m.add(f.Name, name)
		}
		return name
	}
	for _, w := range m.words {
		if w.Word == f.Name && strings.HasPrefix(w.Instead, "<folder ") {
			return w.Instead
		}
	}
	n := 0
	for _, w := range m.words {
		if strings.HasPrefix(w.Instead, "<folder ") {
			n++
		}
	}
	instead := numbered("<folder>", n)
	m.words = slices.DeleteFunc(m.words, func(w Masked) bool { return strings.EqualFold(w.Word, f.Name) })
	m.add(f.Name, instead)
	return instead
}

// What a server may put into its answers without anybody knowing it beforehand: addresses, and numbers of servers.
const anyAddress, anyNumber = `[^\s<>"'(),;:\[\]]+@[^\s<>"'(),;:\[\]]+`, `\b(?:\d{1,3}\.){3}\d{1,3}\b`

// hide takes the private words out of a text that is not introd's own: what a server said, what an error says.
func (m *mask) hide(text string) string {
	alternatives := []string{anyAddress, anyNumber}
	for _, w := range m.words {
		alternatives = append(alternatives, regexp.QuoteMeta(w.Word))
	}
	var out strings.Builder
	from := 0
	for _, at := range regexp.MustCompile("(?i)"+strings.Join(alternatives, "|")).FindAllStringIndex(text, -1) {
		out.WriteString(text[from:at[0]])
		from = at[1]
		if word := text[at[0]:at[1]]; whole(text, at[0], at[1]) {
			out.WriteString(m.instead(word))
		} else {
			out.WriteString(word)
		}
	}
	return out.String() + text[from:]
}

// instead is what stands for a word.
func (m *mask) instead(word string) string {
	for _, w := range m.words {
		if strings.EqualFold(w.Word, word) {
			return w.Instead
		}
	}
	if strings.Contains(word, "@") {
		return "<address>"
	}
	if ip, err := netip.ParseAddr(word); err != nil || ip.IsLoopback() {
		return word // a version, or this computer
	}
	return "<number of a server>"
}

// whole says whether what stands between two places of a text is no part of a longer word.
func whole(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	first, _ := utf8.DecodeRuneInString(text[from:to])
	last, _ := utf8.DecodeLastRuneInString(text[from:to])
	return !(word(first) && word(before)) && !(word(last) && word(after))
}

// legend says what the placeholders that stand in rows are: for the owner alone.
func (m *mask) legend(rows []Row) (used []Masked) {
	for _, w := range m.words {
		if slices.ContainsFunc(rows, func(r Row) bool { return strings.Contains(r.Result+r.Words, w.Instead) }) {
			used = append(used, w)
		}
	}
	slices.SortFunc(used, func(a, b Masked) int {
		return cmp.Or(strings.Compare(a.Instead, b.Instead), strings.Compare(a.Word, b.Word))
	})
	return used
}
