package templates

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The words that texts are filled with: how people are addressed, how a time is written, and how the
// owner's own words become sentences.

// styled are the titles by which people expect to be addressed, with their last name.
var styled = map[string]string{
	"prof": "Professor", "professor": "Professor", "dr": "Dr.", "doctor": "Dr.", "mr": "Mr.",
	"mrs": "Mrs.", "ms": "Ms.", "mx": "Mx.", "dean": "Dean", "rev": "Rev.",
}

// kin are titles that stand before a first name.
var kin = words("aunt auntie uncle coach sister brother")

// suffixes follow a name after a comma and are no part of it.
var suffixes = words("phd md jr sr ii iii iv mba esq msc bsc ma jd cpa pe rn dds")

// Hello is how somebody is addressed after "Dear": "Dana", "Professor Lee". A name with a title keeps
// it; else it is the first name, also of "Wu, Dana"; an initial alone is nobody's name.
func Hello(name string) string {
	last, rest, comma := strings.Cut(strings.TrimSpace(name), ",")
	if first := strings.Fields(rest); comma && len(first) > 0 && !suffixes[fold(strings.ReplaceAll(first[0], ".", ""))] {
		last = rest + " " + last
	}
	parts := strings.Fields(last)
	if len(parts) == 0 {
		return ""
	}
	if title := styled[strings.ToLower(strings.TrimRight(parts[0], "."))]; title != "" && len(parts) > 1 {
		return title + " " + strings.Join(parts[familyName(parts):], " ")
	}
	if kin[fold(parts[0])] && len(parts) > 1 {
		return parts[0] + " " + parts[1]
	}
	for i, part := range parts[:max(1, len(parts)-1)] {
		if utf8.RuneCountInString(strings.TrimRight(part, ".")) > 1 {
			return parts[i]
		}
	}
	return strings.Join(parts, " ")
}

// familyName is where the last name of a titled one begins, with what belongs to it: van der Berg.
func familyName(parts []string) int {
	i := len(parts) - 1
	for i > 1 && joins[strings.ToLower(parts[i-1])] {
		i--
	}
	return i
}

// Greeting begins an answer: "Hello Dana", but "Dear Professor Lee".
func Greeting(name string) string {
	hello := Hello(name)
	if strings.Contains(hello, " ") {
		return "Dear " + hello
	}
	return "Hello " + hello
}

// When writes a time as people do, in their zone and, where its clock differs, in the owner's: "Tuesday,
// December 1, 3:00 to 3:30 PM PST (6:00 to 6:30 PM EST for me)".
func When(start, end time.Time, theirs, own *time.Location) string {
	there, here := start.In(theirs), start.In(own)
	text := there.Format("Monday, January 2, ") + span(there, end.In(theirs))
	if there.Format("15:04") == here.Format("15:04") && there.Day() == here.Day() {
		return text
	}
	mine := span(here, end.In(own))
	if there.Day() != here.Day() {
		mine = here.Format("Monday, January 2, ") + mine
	}
	return text + " (" + mine + " for me)"
}

// WhenForOwner writes a time as its owner reads it: on their own clock, and, where it differs, on the
// other's: "Tuesday, December 1, 6:00 to 6:30 PM EST (3:00 to 3:30 PM PST for them)".
func WhenForOwner(start, end time.Time, theirs, own *time.Location) string {
	return strings.Replace(When(start, end, own, theirs), " for me)", " for them)", 1)
}

// At writes the start of a meeting: "Tuesday, December 1 at 3:00 PM PST".
func At(t time.Time) string { return t.Format("Monday, January 2 at 3:04 PM ") + zoneWords(t) }

// span writes AM or PM of the start only where the end has the other.
func span(start, end time.Time) string {
	half := ""
	if start.Format("PM") != end.Format("PM") {
		half = " " + start.Format("PM")
	}
	return start.Format("3:04") + half + " to " + end.Format("3:04 PM ") + zoneWords(end)
}

// zoneWords names a zone; one that has only numbers is written as UTC and its offset.
func zoneWords(t time.Time) string {
	name, offset := t.Zone()
	if !strings.ContainsAny(name[:1], "+-") {
		return name
	}
	if minutes := offset / 60 % 60; minutes != 0 {
		return fmt.Sprintf("UTC%+d:%02d", offset/3600, max(minutes, -minutes))
	}
	return fmt.Sprintf("UTC%+d", offset/3600)
}

// Capital begins words with a capital.
func Capital(words string) string {
	if words == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

// Sentence makes of the owner's words one sentence or more: a capital first, a full stop last.
func Sentence(words string) string {
	words = strings.TrimSpace(words)
	if words == "" {
		return ""
	}
	words = Capital(words)
	if last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(words, "\"”’»)")); !strings.ContainsRune(".!?…", last) {
		words += "."
	}
	return words
}

// clause begins like an answer to "why?" that is no sentence yet.
var clause = regexp.MustCompile(`(?i)^(?:because|since|as|to|in order to) `)

// Reason makes of the owner's answer to "why them?" one sentence or more.
func Reason(words string) string {
	words = strings.TrimSpace(words)
	if m := clause.FindString(words); m != "" && !strings.Contains(firstOr(sentences(words), ""), ", ") {
		words = "I am writing " + strings.ToLower(m) + words[len(m):]
	}
	return Sentence(words)
}

var iAm = regexp.MustCompile(`(?i)^(?:hi, )?(?:i am|i['’]m) `)

// About makes the line about the owner complete "I am …", whatever they wrote.
func About(line string) string {
	return strings.TrimRight(iAm.ReplaceAllString(strings.TrimSpace(line), ""), ". ")
}

var phoneNumber = regexp.MustCompile(`^\+?\(?\d[\d\s().\-/]{5,}(?:\s?(?:x|ext\.?)\s?\d+)?$`)

// link says whether a place is the address of a page.
func link(place string) bool {
	return strings.HasPrefix(place, "https://") || strings.HasPrefix(place, "http://")
}

// Phone says whether a place is a telephone number.
func Phone(place string) bool { return phoneNumber.MatchString(strings.TrimSpace(place)) }
