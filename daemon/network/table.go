package network

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// columnTitles are the titles that tables give their columns, folded by fold. A mapping of the owner's goes before.
var columnTitles = map[string][]string{
	"first":     {"firstname", "givenname", "vorname", "prénom", "nombre"},
	"last":      {"lastname", "familyname", "surname", "nachname", "nom", "apellidos", "apellido"},
	"name":      {"name", "fullname", "displayname", "contact", "fileas"},
	"email":     {"email", "emailaddress", "mail", "email1value", "email1", "primaryemail", "workemail", "eadresse", "correo", "courriel"},
	"org":       {"company", "organization", "organisation", "organization1name", "organizationname", "employer", "firma", "empresa", "société", "entreprise"},
	"position":  {"position", "title", "jobtitle", "role", "organization1title", "organizationtitle", "beruf", "poste", "cargo"},
	"url":       {"url", "linkedin", "linkedinurl", "profileurl", "profile"},
	"phone":     {"phone", "phonenumber", "mobile", "mobilephone", "phone1value", "telefon", "téléphone", "teléfono"},
	"connected": {"connectedon", "connected"},
}

// fold makes titles alike that people read alike: letters and digits alone, lower case.
func fold(title string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_.:/()\"*", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(title)))
}

// readTable reads a table with titles in its first row, or below a preamble as LinkedIn writes one.
func readTable(text string, mapping map[string]string) (File, error) {
	separator := separatorOf(text)
	head, titles, ok := findHead(text, separator)
	columns := columnsOf(titles, mapping)
	if !ok || !usable(columns) {
		return File{}, &MappingError{Columns: titles}
	}
	f := File{Source: "csv"}
	if _, has := columns["connected"]; has {
		f.Source = "linkedin"
	}
	for torn := 0; ; torn++ {
		if head, ok = f.addRows(text, head, separator, columns); !ok {
			return f, nil
		}
		if torn == mostTorn {
			return f, errors.New("its quotes do not match in more rows than can be mended: save the table as CSV anew")
		}
		f.Problems = append(f.Problems, Problem{Line: head.line, Words: "a quote in this row is not closed; it was not taken in"})
	}
}

// mostTorn is how many rows with a quote that nothing closes a table may have: each is read to the end of the file.
const mostTorn = 100

// addRows takes in rows from a place on, to the end or to a row that a quote tears open. torn says which; then
// next is behind that row's first line, where the row would have ended.
func (f *File) addRows(text string, from headPlace, separator rune, columns map[string]int) (next headPlace, torn bool) {
	r, start := reader(text[from.offset:], separator), from.offset
	for {
		row, err := r.Read()
		if err != nil { // the end: there is nothing else that the reader finds fault with
			return from, false
		}
		line, _ := r.FieldPos(0)
		line += from.line
		end := from.offset + int(r.InputOffset())
		raw := strings.TrimLeft(text[start:end], "\r\n") // empty lines lie before it
		start = end
		if isTorn(raw, separator) {
			first := strings.IndexByte(raw, '\n') + 1
			if first == 0 {
				first = len(raw)
			}
			return headPlace{end - len(raw) + first, line}, true
		}
		f.addRow(row, columns, line)
	}
}

// isTorn says whether a row has a quote that is not closed: it swallows what comes after it, up to the next quote or the
// end. Where a row breaks no line, quotes are only signs that somebody did not double.
func isTorn(raw string, separator rune) bool {
	if !strings.Contains(raw, `"`) {
		return false
	}
	strict := reader(raw, separator)
	strict.LazyQuotes = false
	if _, err := strict.Read(); err == nil {
		return false
	}
	line := strings.TrimRight(raw, "\r\n")
	if strings.Contains(line, "\n") {
		return true
	}
	// The reader took the line's end for a part of the value, if there is another line to see it by.
	row, err := reader(line+"\n"+`"`, separator).Read()
	return err == nil && strings.HasSuffix(row[len(row)-1], "\n")
}

// reader reads rows of any length; stray quotes are taken as they are.
func reader(text string, separator rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = separator, -1, true, true
	return r
}

// separatorOf is the sign that parts most of the first lines.
func separatorOf(text string) rune {
	best, most := ',', 0
	start := text[:min(len(text), 8192)]
	for _, sign := range []rune{',', ';', '\t'} {
		if n := strings.Count(start, string(sign)); n > most {
			best, most = sign, n
		}
	}
	return best
}

// headPlace is where the rows begin: the offset behind the titles, and how many lines lie before it.
type headPlace struct{ offset, line int }

// mostPreamble is how many lines may stand above the titles.
const mostPreamble = 30

// findHead looks for the row of titles: the first one of which two are known, else the first row that is not empty.
func findHead(text string, separator rune) (at headPlace, titles []string, ok bool) {
	var first []string
	var firstAt headPlace
	offset := 0
	for n := 1; n <= mostPreamble && offset < len(text); n++ {
		end := strings.IndexByte(text[offset:], '\n') + 1
		if end == 0 {
			end = len(text) - offset
		}
		row, err := reader(text[offset:offset+end], separator).Read()
		offset += end
		if err != nil || strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		if first == nil {
			first, firstAt = slices.Clone(row), headPlace{offset, n}
		}
		if len(columnsOf(row, nil)) >= 2 {
			return headPlace{offset, n}, slices.Clone(row), true
		}
	}
	return firstAt, first, first != nil
}

// columnsOf says which column holds what.
func columnsOf(titles []string, mapping map[string]string) map[string]int {
	columns := map[string]int{}
	for i, title := range titles {
		for what, known := range columnTitles {
			if _, taken := columns[what]; !taken && slices.Contains(known, fold(title)) {
				columns[what] = i
			}
		}
	}
	for what, title := range mapping {
		if i := slices.IndexFunc(titles, func(t string) bool { return fold(t) == fold(title) }); i >= 0 {
			columns[what] = i
		}
	}
	return columns
}

func usable(columns map[string]int) bool {
	_, name := columns["name"]
	_, first := columns["first"]
	_, last := columns["last"]
	return name || first || last
}

// addRow makes a contact of a row, or says what it lacks.
func (f *File) addRow(row []string, columns map[string]int, line int) {
	value := func(what string) string {
		if i, ok := columns[what]; ok && i < len(row) {
			return tidy(row[i])
		}
		return ""
	}
	c := store.Contact{Source: f.Source, Name: tidy(value("first") + " " + value("last")), Org: value("org"), Position: value("position"), URL: value("url"), Phone: value("phone")}
	if name := value("name"); name != "" {
		c.Name = name
	}
	if c.Name == "" {
		if strings.TrimSpace(strings.Join(row, "")) != "" {
			f.Problems = append(f.Problems, Problem{Line: line, Words: "no name in this row"})
		}
		return
	}
	if word := value("email"); word != "" {
		if bare, ok := address(word); ok {
			c.Addresses = []string{bare}
		} else {
			f.Problems = append(f.Problems, Problem{Line: line, Words: "\"" + word + "\" is no mail address; " + c.Name + " is taken in without one", Used: true})
		}
	}
	c.Since = connectedOn(value("connected"))
	f.Contacts = append(f.Contacts, c)
}

// connectedOn reads the dates that LinkedIn has written over the years.
func connectedOn(word string) time.Time {
	for _, form := range []string{"02 Jan 2006", "2 Jan 2006", "01/02/06, 3:04 PM", "1/2/06, 3:04 PM", time.DateOnly} {
		if t, err := time.Parse(form, word); err == nil {
			return t
		}
	}
	return time.Time{}
}
