// Package network reads whom the owner knows: address books and lists from files, and their own mailbox
// by its headers; and it finds the paths from them to an organization. Pure: bytes and records in,
// records out.
package network

import (
	"fmt"
	"net/mail"
	"strings"

	"introd/store"
)

// A File is what was read of one file of contacts.
type File struct {
	Source   string          // "linkedin", "vcard" or "csv"
	Contacts []store.Contact // in the order of the file; without ids
	Problems []Problem       // rows that gave no contact, or not all of one
}

// A Problem is what a row of a file lacks.
type Problem struct {
	Line  int    `json:"line"` // of the file, from 1
	Words string `json:"words"`
	Used  bool   `json:"used,omitempty"` // the row gave a contact nevertheless
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Words) }

// MappingError says that the columns of a table are not understood: the owner must say which is which.
type MappingError struct {
	Columns []string // the table's, in their order
}

func (e *MappingError) Error() string {
	return fmt.Sprintf("introd cannot tell which column is which of: %s; say it with --map name=COLUMN,email=COLUMN", strings.Join(e.Columns, ", "))
}

// Bounds of what is read. A file that goes beyond them is no address book.
const (
	MostFile  = 64 << 20 // bytes
	mostField = 2000     // bytes of one value that are kept
)

// Read reads a file of contacts: LinkedIn's Connections.csv, vCards, or a table. mapping names the columns of
// a table by what they hold (name, first, last, email, org, position, url, phone); empty where they can be told by their titles.
func Read(raw []byte, mapping map[string]string) (File, error) {
	if len(raw) > MostFile {
		return File{}, fmt.Errorf("the file has %d MB; at most %d are read", len(raw)>>20, MostFile>>20)
	}
	text := decode(raw)
	if strings.Contains(strings.ToUpper(text[:min(len(text), 4096)]), "BEGIN:VCARD") {
		return readCards(text), nil
	}
	return readTable(text, mapping)
}

// tidy folds white space and bounds a value.
func tidy(value string) string {
	value = strings.Join(strings.Fields(value), " ")
	if len(value) > mostField {
		value = strings.ToValidUTF8(value[:mostField], "")
	}
	return value
}

// address returns the bare address of a value, lower case; ok is false where it is none.
func address(value string) (bare string, ok bool) {
	value = strings.TrimPrefix(strings.TrimSpace(value), "mailto:")
	a, err := mail.ParseAddress(value)
	if err != nil || !strings.Contains(a.Address, "@") {
		return "", false
	}
	return strings.ToLower(a.Address), true
}
