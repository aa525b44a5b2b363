package mailer

import (
	"bufio"
	"bytes"
	"errors"
	"strconv"
	"time"
)

// items are what one FETCH response says of a message.
type items struct {
	uid  uint32
	date time.Time
	raw  []byte
	body bool // it bore a BODY[…], whatever became of it
}

// scan takes in one line of a FETCH response, without its end, and says whether the line ends in the
// literal of a BODY[…]. It reads what it knows and steps over the rest: every name is followed by one
// value, and a value is an atom, a quoted string, a list in parentheses or a literal (RFC 3501 §9).
func (m *items) scan(line []byte) (literal bool) {
	for {
		line = bytes.TrimLeft(line, " ()")
		if len(line) == 0 {
			return false
		}
		var name, value []byte
		name, line = cutName(line)
		value, line = cutValue(bytes.TrimLeft(line, " "))
		switch {
		case bytes.EqualFold(name, []byte("UID")):
			if n, err := strconv.ParseUint(string(value), 10, 32); err == nil {
				m.uid = uint32(n)
			}
		case bytes.EqualFold(name, []byte("INTERNALDATE")):
			m.date, _ = time.Parse("_2-Jan-2006 15:04:05 -0700", string(bytes.Trim(value, `"`)))
		case len(name) > 5 && bytes.EqualFold(name[:5], []byte("BODY[")):
			m.body = true
			if bytes.HasPrefix(value, []byte("{")) || bytes.HasPrefix(value, []byte("~{")) {
				return true
			}
			m.raw = unquote(value)
		}
	}
}

// cutName takes a name off, with its section: BODY[HEADER.FIELDS (TO)]<0> is one name.
func cutName(line []byte) (name, rest []byte) {
	from := 0
	if open := bytes.IndexByte(line, '['); open >= 0 && open < endOfAtom(line) {
		from = open + 1 + max(bytes.IndexByte(line[open:], ']')-1, 0)
	}
	end := from + endOfAtom(line[from:])
	return line[:end], line[end:]
}

func endOfAtom(line []byte) int {
	if end := bytes.IndexAny(line, " ()"); end >= 0 {
		return end
	}
	return len(line)
}

// cutValue takes one value off.
func cutValue(line []byte) (value, rest []byte) {
	depth, quoted := 0, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case (c == ' ' || c == ')') && depth == 0:
			return line[:i], line[i:]
		}
	}
	return line, nil
}

// unquote is the body that stands in the line itself: quoted, or NIL for none.
func unquote(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		if bytes.EqualFold(value, []byte("NIL")) {
			return []byte{}
		}
		return nil
	}
	raw := make([]byte, 0, len(value))
	for i := 1; i < len(value)-1; i++ {
		if value[i] == '\\' && i < len(value)-2 {
			i++
		}
		raw = append(raw, value[i])
	}
	return raw
}

// mostLine bounds a line of the server's; a longer one is an attack or no IMAP.
const mostLine = 1 << 20

// readLine reads one line, without its end. It is good until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) && len(long) < mostLine {
			line, err = r.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, errors.New("the server's line has no end")
	}
	return bytes.TrimRight(line, "\r\n"), err
}
