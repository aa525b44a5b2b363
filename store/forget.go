package store

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Forget removes a person and writes what is left into fresh files, so that no byte of theirs stays:
// their own records go; where others' records name them (by address, full name or id) the name goes.
// What stays is the keyed hash of an address that opted out, and which of introd's own mails about
// them are still to be taken out of the mailbox.
func (s *Store) Forget(person string) error {
	return s.Rewrite(func(tx *Tx) (Change, error) {
		f, err := tx.forgetting(person)
		if err != nil {
			return nil, err
		}
		return f.change, nil
	})
}

// forgetting is what must be known of a person to leave nothing of them.
type forgetting struct {
	id        string
	addresses map[string]bool
	drafts    map[string]bool
	codes     map[string]bool
	contacts  map[string]bool // what address books say of them
	named     *regexp.Regexp  // their addresses, their full name, and their id as a part of a want's key
	first     string          // their first name
	firstName *regexp.Regexp  // it goes too, where the record names them
}

func (tx *Tx) forgetting(person string) (*forgetting, error) {
	p, err := tx.Person(person)
	if err != nil {
		return nil, err
	}
	aliases, err := tx.Aliases(person)
	if err != nil {
		return nil, err
	}
	drafts, err := tx.DraftsOf(person)
	if err != nil {
		return nil, err
	}
	f := &forgetting{id: person, addresses: map[string]bool{p.Address: true}, drafts: map[string]bool{}, codes: map[string]bool{}, contacts: map[string]bool{}}
	called, err := tx.ContactsBy("name", p.Name)
	if err != nil {
		return nil, err
	}
	words := []string{wholeWord(p.Name), `/` + regexp.QuoteMeta(person) + `(?:/|$)`}
	for _, a := range aliases {
		f.addresses[a.Address] = true
	}
	for address := range f.addresses {
		words = append(words, wholeWord(address))
		at, err := tx.ContactsBy("address", address)
		if err != nil {
			return nil, err
		}
		called = append(called, at...)
	}
	for _, id := range called {
		f.contacts[id] = true
	}
	for _, d := range drafts {
		f.drafts[d.ID], f.codes[d.Code] = true, true
	}
	f.named = regexp.MustCompile(`(?i)` + strings.Join(words, "|"))
	f.first, _, _ = strings.Cut(p.Name, " ")
	f.firstName = regexp.MustCompile(`(?i)` + wholeWord(f.first))
	return f, nil
}

// wholeWord is a pattern for words as they are, not as a part of longer ones. A boundary of RE2's knows
// only ASCII: at an edge such as the ë of Zoë it would never match, and none is asked for.
func wholeWord(words string) string {
	pattern := regexp.QuoteMeta(words)
	if asciiWord.MatchString(words[:min(1, len(words))]) {
		pattern = `\b` + pattern
	}
	if asciiWord.MatchString(words[max(0, len(words)-1):]) {
		pattern += `\b`
	}
	return pattern
}

var asciiWord = regexp.MustCompile(`^[0-9A-Za-z_]$`)

// pointers are the kinds of keys whose value is no JSON: it names what the key leads to.
const pointers = "AOZKiDwPncXtTkhN"

// change decides what becomes of one record.
func (f *forgetting) change(key, value []byte) (kept []byte, keep bool, err error) {
	kind, rest, _ := bytes.Cut(key, []byte{0})
	switch {
	case f.theirs(string(kind), strings.Split(string(rest), "\x00"), string(value)):
		return nil, false, nil
	case strings.Contains(pointers, string(kind)):
		return value, !f.named.Match(key), nil
	}
	switch string(kind) {
	case "x":
		return f.object(value)
	case "m":
		var m Message
		err := json.Unmarshal(value, &m)
		return value, m.Person != f.id, err
	case "d":
		var d Draft
		if err := json.Unmarshal(value, &d); err != nil || d.Person == f.id {
			return nil, false, err
		}
	}
	kept, err = f.scrub(value)
	return kept, true, err
}

// theirs says whether a key stands for the person, an address or a draft of theirs.
func (f *forgetting) theirs(kind string, parts []string, value string) bool {
	switch kind {
	case "p", "A", "e", "P", "T", "b", "k", "N":
		return parts[0] == f.id
	case "O", "Z", "D", "i", "t":
		return parts[len(parts)-1] == f.id || kind == "i" && parts[0] == f.id
	case "l", "K":
		return f.contacts[parts[len(parts)-1]]
	case "w":
		return f.drafts[value]
	case "n", "X":
		return f.drafts[parts[0]]
	case "c":
		return f.codes[parts[0]] && f.drafts[value]
	}
	for _, part := range parts {
		if f.addresses[part] {
			return true
		}
	}
	return false
}

// object keeps of introd's own mails about the person only where they lie, until they are removed.
func (f *forgetting) object(value []byte) (kept []byte, keep bool, err error) {
	var o Object
	if err := json.Unmarshal(value, &o); err != nil {
		return nil, false, err
	}
	if o.Person != f.id && !f.drafts[o.Draft] && !f.named.Match(o.Raw) {
		return value, true, nil
	}
	if o.UID == 0 {
		return nil, false, nil
	}
	o.State, o.Draft, o.Person, o.Want, o.Raw = Going, "", "", "", nil
	kept, err = json.Marshal(o)
	return kept, true, err
}

// forgotten stands where a name stood.
const forgotten = "(forgotten)"

// scrub takes the person's names out of all strings of a record that names them.
func (f *forgetting) scrub(value []byte) ([]byte, error) {
	var record any
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	if err := decoder.Decode(&record); err != nil {
		return nil, err
	}
	if fields, ok := record.(map[string]any); ok {
		for _, name := range []string{"via", "about"} {
			if fields[name] == f.id {
				fields[name] = ""
				return json.Marshal(f.walk("", record))
			}
		}
	}
	if !f.namedIn(record) {
		return value, nil
	}
	return json.Marshal(f.walk("", record))
}

func (f *forgetting) namedIn(v any) bool {
	switch v := v.(type) {
	case string:
		return f.named.MatchString(v)
	case []any:
		for _, item := range v {
			if f.namedIn(item) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if f.namedIn(item) {
				return true
			}
		}
	}
	return false
}

// identifying are the fields that say whose a record is, or to whom a mail goes. Others bear the same
// first name there: "dana-lee" stays when Dana Wu is forgotten.
var identifying = map[string]bool{
	"name": true, "id": true, "person": true, "want": true, "address": true, "addresses": true, "email": true, "from": true, "to": true, "cc": true, "bcc": true,
	"message_id": true, "sent_id": true, "references": true, "in_reply_to": true, "account": true, "folder": true, "uid": true,
	"org": true, "via": true, "about": true, "targets": true, "domains": true,
}

// walk returns the value of a field with the names taken out, keys of wants kept whole but for the name in them.
func (f *forgetting) walk(field string, v any) any {
	switch v := v.(type) {
	case string:
		if alone := field == "name" && strings.EqualFold(v, f.first); identifying[field] && !alone && !f.named.MatchString(v) {
			return v
		}
		v = f.named.ReplaceAllStringFunc(v, func(found string) string {
			if strings.HasPrefix(found, "/") {
				return "/" + forgotten + strings.Repeat("/", strings.Count(found[1:], "/"))
			}
			return forgotten
		})
		return f.firstName.ReplaceAllString(v, forgotten)
	case []any:
		for i, item := range v {
			v[i] = f.walk(field, item)
		}
	case map[string]any:
		for name, item := range v {
			if name == "raw" { // base64: the exact bytes of a mail that is not out yet
				v[name] = nil
				continue
			}
			v[name] = f.walk(name, item)
		}
	}
	return v
}
