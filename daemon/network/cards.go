package network

import (
	"strings"

	"github.com/emersion/go-vcard"

	"introd/store"
)

// mostCard bounds one card without its pictures.
const mostCard = 1 << 20

// readCards reads vCards of versions 3 and 4 one by one, so that a broken one costs no other.
func readCards(text string) File {
	f := File{Source: "vcard"}
	var card strings.Builder
	begin, within := 0, false
	line := 0
	for raw := range strings.Lines(text) {
		line++
		word := strings.ToUpper(strings.TrimSpace(raw))
		switch {
		case word == "BEGIN:VCARD":
			if within {
				f.Problems = append(f.Problems, Problem{Line: begin, Words: "this card has no end"})
			}
			card.Reset()
			begin, within = line, true
		case !within:
			continue
		}
		if card.Len() < mostCard || word == "END:VCARD" {
			card.WriteString(strings.TrimRight(raw, "\r\n") + "\r\n")
		}
		if word == "END:VCARD" {
			within = false
			f.addCard(card.String(), begin)
		}
	}
	if within {
		f.Problems = append(f.Problems, Problem{Line: begin, Words: "this card has no end"})
	}
	return f
}

// addCard makes a contact of a card, or says what it lacks.
func (f *File) addCard(text string, line int) {
	card, err := vcard.NewDecoder(strings.NewReader(withoutPictures(text))).Decode()
	if err != nil {
		f.Problems = append(f.Problems, Problem{Line: line, Words: "this card cannot be read: " + err.Error()})
		return
	}
	c := store.Contact{
		Source: f.Source, Name: cardName(card), Org: tidy(strings.Split(card.PreferredValue(vcard.FieldOrganization), ";")[0]),
		Position: tidy(card.PreferredValue(vcard.FieldTitle)), URL: tidy(card.PreferredValue(vcard.FieldURL)), Phone: tidy(card.PreferredValue(vcard.FieldTelephone)),
	}
	for _, value := range card.Values(vcard.FieldEmail) {
		if bare, ok := address(value); ok {
			c.Addresses = append(c.Addresses, bare)
		} else {
			f.Problems = append(f.Problems, Problem{Line: line, Words: "\"" + tidy(value) + "\" is no mail address", Used: true})
		}
	}
	switch {
	case c.Name == "" && c.Org == "" && len(c.Addresses) == 0:
		f.Problems = append(f.Problems, Problem{Line: line, Words: "this card is empty"})
		return
	case c.Name == "":
		f.Problems = append(f.Problems, Problem{Line: line, Words: "no name in this card"})
		return
	}
	f.Contacts = append(f.Contacts, c)
}

// cardName is the formatted name, else what the structured one is made of.
func cardName(card vcard.Card) string {
	if name := tidy(card.PreferredValue(vcard.FieldFormattedName)); name != "" {
		return name
	}
	if n := card.Name(); n != nil {
		return tidy(n.GivenName + " " + n.AdditionalName + " " + n.FamilyName)
	}
	return ""
}

// withoutPictures leaves out what may be large and is of no use: photos, logos, sounds and keys.
func withoutPictures(text string) string {
	var out strings.Builder
	skip := false
	for line := range strings.Lines(text) {
		if line[0] != ' ' && line[0] != '\t' {
			name := strings.ToUpper(line[:max(strings.IndexAny(line, ";:"), 0)])
			_, bare, grouped := strings.Cut(name, ".")
			if !grouped {
				bare = name
			}
			skip = bare == "PHOTO" || bare == "LOGO" || bare == "SOUND" || bare == "KEY"
		}
		if !skip {
			out.WriteString(line)
		}
	}
	return out.String()
}
