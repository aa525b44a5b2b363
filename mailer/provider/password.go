package provider

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Password is what a provider takes from a mail program in the place of one, and where it comes from.
type Password struct {
	Name  string // "password", "app password", "authorisation code"
	Where string // the page on which one makes it, or where it is shown; "" for the one that the person has
	Needs string // what must be so before one can make it: a sentence, or ""

	Length int    // in characters, without what groups them; 0: not known
	Made   string // of what: one of the kinds below
	Group  string // what stands between its groups besides spaces
}

// What the passwords are made of that providers make.
const (
	lowerLetters = "small letters"
	letters      = "letters"
	alphanumeric = "letters and digits"
)

// Check tidies a password as it was typed or pasted: the spaces around it go, and where the provider makes it, so do
// those that group it on the page. odd says in a clause what does not look as it should, "" if nothing does; then the
// password is left as it is. It is a guess, and no reason to refuse one.
func (p *Password) Check(typed string) (clean, odd string) {
	typed = strings.TrimSpace(typed)
	if p == nil || p.Length == 0 {
		return typed, ""
	}
	clean = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0"+p.Group, r) {
			return -1
		}
		return r
	}, typed)
	n := utf8.RuneCountInString(clean)
	switch like := fmt.Sprintf("%s of %s", article(p.Name), p.looks()); {
	case n != p.Length:
		odd = fmt.Sprintf("this is not %s, as it has %d", like, n)
	case strings.ContainsFunc(clean, func(r rune) bool { return !p.holds(r) }):
		odd = fmt.Sprintf("this is not %s, as there are others in it", like)
	case p.Group == "-": // Apple shows it as a part of the password
		return grouped(clean), ""
	default:
		return clean, ""
	}
	return typed, odd
}

// looks says what its characters are: "16 small letters".
func (p *Password) looks() string { return fmt.Sprintf("%d %s", p.Length, p.Made) }

func (p *Password) holds(r rune) bool {
	small, big, digit := r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9'
	switch p.Made {
	case lowerLetters:
		return small
	case letters:
		return small || big
	case alphanumeric:
		return small || big || digit
	}
	return false
}

// grouped puts a dash after every fourth character.
func grouped(s string) string {
	var out strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func article(name string) string {
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}
