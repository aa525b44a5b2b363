package mailer

import (
	"bytes"
	"net/mail"
	"strings"
)

// A Header is the header of one mail, or the fields of it that were asked for. Its methods look at
// the bytes where they are: the first scan makes one for each mail of the mailbox.
type Header struct {
	UID uint32
	Err error  // the server cannot give this header; Raw is nil then
	Raw []byte // CRLF or LF lines; what follows an empty line is not looked at
}

// ParseHeader takes the header off a whole mail.
func ParseHeader(raw []byte) Header { return Header{Raw: raw} }

// Get returns the first field of a name, unfolded, or "".
func (h Header) Get(name string) string {
	for rest := h.Raw; len(rest) > 0; {
		var field []byte
		if field, rest = nextField(rest); len(field) == 0 {
			return ""
		}
		if value, ok := valueOf(field, name); ok {
			return unfold(value)
		}
	}
	return ""
}

// nextField splits off the first field with its continuation lines. An empty one is the header's end.
func nextField(raw []byte) (field, rest []byte) {
	end := 0
	for {
		i := bytes.IndexByte(raw[end:], '\n')
		if i < 0 {
			return raw, nil
		}
		end += i + 1
		if end >= len(raw) || raw[end] != ' ' && raw[end] != '\t' {
			return bytes.TrimRight(raw[:end], "\r\n"), raw[end:]
		}
	}
}

func valueOf(field []byte, name string) ([]byte, bool) {
	if len(field) <= len(name) || !strings.EqualFold(string(field[:len(name)]), name) {
		return nil, false
	}
	after := bytes.TrimLeft(field[len(name):], " \t")
	if len(after) == 0 || after[0] != ':' {
		return nil, false
	}
	return after[1:], true
}

func unfold(value []byte) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "", "\n", "").Replace(string(value)))
}

// Addresses returns the bare addresses of a field, lower case. What does not parse as a whole is
// searched for addresses, because real mail bears broken lists.
func (h Header) Addresses(name string) []string {
	value := h.Get(name)
	if value == "" {
		return nil
	}
	list, err := (&mail.AddressParser{WordDecoder: nil}).ParseList(value)
	if err != nil {
		return looseAddresses(value)
	}
	found := make([]string, 0, len(list))
	for _, a := range list {
		found = append(found, strings.ToLower(a.Address))
	}
	return found
}

func looseAddresses(value string) []string {
	var found []string
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;:<>()\"'[]", r) }) {
		if at := strings.IndexByte(word, '@'); at > 0 && at < len(word)-1 {
			found = append(found, strings.ToLower(word))
		}
	}
	return found
}
