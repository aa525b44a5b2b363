package mailer

import (
	"bytes"
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

// Fields hands over every field, its value as it stands there, folded, in one pass and without a copy. What it hands over is good as long as
// Raw is; yield returns false to end.
func (h Header) Fields(yield func(name, value []byte) bool) {
	for rest := h.Raw; len(rest) > 0; {
		var field []byte
		if field, rest = nextField(rest); len(field) == 0 {
			return
		}
		colon := bytes.IndexByte(field, ':')
		if colon >= 0 && !yield(bytes.TrimRight(field[:colon], " \t"), field[colon+1:]) {
			return
		}
	}
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
		if end == i+1 && (i == 0 || i == 1 && raw[0] == '\r') {
			return nil, raw[end:]
		}
		if end >= len(raw) || raw[end] != ' ' && raw[end] != '\t' {
			return trimEnd(raw[:end]), raw[end:]
		}
	}
}

func trimEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
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
	unfolded := string(bytes.TrimSpace(value))
	return strings.ReplaceAll(strings.ReplaceAll(unfolded, "\r\n", ""), "\n", "")
}

// Addresses returns the bare addresses of a field in their order, lower case. It reads real mail,
// whose lists are often broken: what no part of it says clearly is left out, and the rest stands.
func (h Header) Addresses(name string) []string { return Addresses([]byte(h.Get(name))) }

// Addresses is what Header.Addresses finds in the value of a field; line ends of a folded one are blanks to it.
func Addresses(value []byte) (found []string) {
	for len(value) > 0 {
		var address []byte
		if address, value = nextAddress(value); len(address) > 0 {
			found = append(found, strings.ToLower(string(address)))
		}
	}
	return found
}

// nextAddress takes one mailbox off a list (RFC 5322 §3.4): what stands in angle brackets, or else
// the word with an "@". Display names, comments and the names of groups are stepped over.
func nextAddress(list []byte) (address, rest []byte) {
	var bare []byte
	for i := 0; i < len(list); {
		switch c := list[i]; c {
		case ',', ';':
			return bare, list[i+1:]
		case ':': // the name of a group ends here
			bare, i = nil, i+1
		case '(':
			i += commentEnd(list[i:])
		case '<':
			end := bytes.IndexByte(list[i:], '>')
			if end < 0 {
				end = len(list) - i
			}
			address = mailbox(list[i+1 : i+end])
			next := bytes.IndexAny(list[i+end:], ",;")
			if next < 0 {
				return address, nil
			}
			return address, list[i+end+next+1:]
		case ' ', '\t', '\r', '\n', '>', ')':
			i++
		default:
			end := wordEnd(list[i:])
			if word := mailbox(list[i : i+end]); len(word) > 0 {
				bare = word
			}
			i += end
		}
	}
	return bare, nil
}

// wordEnd is the end of a word; a quoted string in it, as in "a b"@c, is one with it.
func wordEnd(s []byte) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && bytes.IndexByte([]byte(" \t\r\n,;:<>()"), c) >= 0:
			return i
		}
	}
	return len(s)
}

// commentEnd is the end of a comment that may hold others (RFC 5322 §3.2.2).
func commentEnd(s []byte) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// mailbox is the address that s holds, without a route and needless quotes; nil where it holds none.
func mailbox(s []byte) []byte {
	s = bytes.TrimSpace(s)
	if len(s) > 0 && s[0] == '@' { // an obsolete route: @a,@b:c@d
		s = s[bytes.IndexByte(s, ':')+1:]
	}
	s = bytes.Trim(s, "'")
	at := bytes.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || bytes.ContainsAny(s[at:], " \t\"") {
		return nil
	}
	if local := s[:at]; len(local) > 2 && local[0] == '"' && local[at-1] == '"' && !bytes.ContainsAny(local[1:at-1], " \t\"\\,;:<>()@[]") {
		return append(bytes.Clone(local[1:at-1]), s[at:]...)
	}
	return s
}
