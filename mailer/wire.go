package mailer

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
)

// A wire stands between the IMAP library and the connection. It does two things that the library
// does not.
//
// It keeps from it the lines that would end the connection. One line that the library cannot parse
// ends it for every pending command, and real servers send such lines: keywords that hold "]"
// (Gmail), XLIST, VANISHED, FETCH items that nobody asked for, empty lines, folder names in broken
// UTF-7. introd needs none of them.
//
// And it lends the connection: what FETCH answers is read by fetch.go, which is tolerant, and some
// ten times as fast as the library. The library's reader waits meanwhile.
type wire struct {
	net.Conn
	r *bufio.Reader

	// The rest is of the library's reader.
	line    []byte // still to be handed over; a slice of r's buffer
	literal int64  // bytes of a literal that follow and are handed over as they are
	within  bool   // what comes next continues a response that was let through
	greeted bool   // the first line was read

	mu      sync.Mutex
	loan    *loan
	cause   error  // that reading ended with: the library does not hand it on
	goodbye string // the text of the server's BYE
}

// A loan is one lending of the connection.
type loan struct {
	taken chan struct{} // closed once the library's reader waits
	over  chan struct{} // closed when the connection is given back
}

// wireBuffer is the size of a wire's buffer: at least one TLS record.
const wireBuffer = 32 << 10

func newWire(conn net.Conn) *wire {
	return &wire{Conn: conn, r: bufio.NewReaderSize(conn, wireBuffer)}
}

// Read hands the library the next bytes that it can parse.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.line) == 0 && w.literal == 0 {
		if err := w.next(); err != nil {
			return 0, w.ended(err)
		}
	}
	if len(w.line) > 0 {
		n := copy(p, w.line)
		w.line = w.line[n:]
		return n, nil
	}
	n, err := w.r.Read(p[:min(int64(len(p)), w.literal)])
	w.literal -= int64(n)
	return n, w.ended(err)
}

// ended keeps the first error of reading.
func (w *wire) ended(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause == nil {
		w.cause = err
	}
	return err
}

// bye keeps what the server says before it hangs up.
func (w *wire) bye(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.goodbye = text
}

// why is what ended the connection, if it ended; else it is err.
func (w *wire) why(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause != nil {
		err = w.cause
	}
	if w.goodbye != "" {
		err = fmt.Errorf("%w (the server said: %s)", err, w.goodbye)
	}
	return err
}

// next reads one line and keeps it, if it is for the library.
func (w *wire) next() error {
	if err := w.await(); err != nil {
		return err
	}
	line, err := w.r.ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	whole := err == nil
	if !w.greeted && !bytes.HasPrefix(line, []byte("* ")) {
		w.Close() // the library would read on
		return fmt.Errorf("%w: it greets with %q", errNotIMAP, bytes.TrimSpace(line))
	}
	w.greeted = true
	if text, ok := bytes.CutPrefix(line, []byte("* BYE ")); ok {
		w.bye(string(bytes.TrimSpace(text)))
	}
	if !w.within {
		line = withoutCode(line)
	}
	passes := w.within || passable(line)
	size, more := int64(0), false
	if whole { // a line longer than the buffer is a list of numbers: it has no literal
		size, more = literalSize(line)
	}
	w.within = passes && (more || !whole)
	switch {
	case passes:
		w.line, w.literal = line, size
		return nil
	case more:
		return w.skipRest(size)
	case !whole:
		return w.skipRest(0)
	}
	return nil
}

var errNotIMAP = errors.New("this is no IMAP server")

// skipRest reads over what is left of a response: a literal, and the lines and literals that continue it.
func (w *wire) skipRest(size int64) error {
	for {
		if err := discard(w.r, size); err != nil {
			return err
		}
		line, err := w.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			size = 0
			continue
		}
		var more bool
		if size, more = literalSize(line); err != nil || !more {
			return err
		}
	}
}

// await returns when there is something to read for the library.
func (w *wire) await() error {
	for {
		if _, err := w.r.Peek(1); err != nil {
			return err
		}
		w.mu.Lock()
		l := w.loan
		w.mu.Unlock()
		if l == nil {
			return nil
		}
		close(l.taken)
		<-l.over
	}
}

// lend announces that the next response is not for the library. Once taken is closed, r belongs to
// the caller until giveBack.
func (w *wire) lend() (taken <-chan struct{}, giveBack func()) {
	l := &loan{make(chan struct{}), make(chan struct{})}
	w.mu.Lock()
	w.loan = l
	w.mu.Unlock()
	return l.taken, func() {
		w.mu.Lock()
		w.loan = nil
		w.mu.Unlock()
		close(l.over)
	}
}

func discard(r *bufio.Reader, n int64) error {
	for n > 0 {
		some, err := r.Discard(int(min(n, 1<<20)))
		if n -= int64(some); err != nil {
			return err
		}
	}
	return nil
}

// literalSize reads the size at the end of a line that announces a literal: {42}, {42+} or ~{42}.
func literalSize(line []byte) (int64, bool) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) == 0 || line[len(line)-1] != '}' {
		return 0, false
	}
	open := bytes.LastIndexByte(line, '{')
	if open < 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(bytes.TrimSuffix(line[open+1:len(line)-1], []byte("+"))), 10, 32)
	return int64(n), err == nil
}

// passable says whether the library can parse a response that begins with this line.
func passable(line []byte) bool {
	text := strings.TrimRight(string(line), "\r\n")
	mark, rest, _ := strings.Cut(text, " ")
	switch {
	case mark == "+":
		return true
	case mark != "*": // the library's tags are T1, T2, …
		return len(mark) > 1 && mark[0] == 'T' && isNumber(mark[1:], 64)
	}
	word, rest, _ := strings.Cut(rest, " ")
	if isNumber(word, 64) {
		kind := strings.ToUpper(strings.TrimSpace(rest))
		return isNumber(word, 32) && (kind == "EXISTS" || kind == "EXPUNGE")
	}
	switch strings.ToUpper(word) {
	case "OK", "NO", "BAD":
		return goodCode(rest)
	case "LIST":
		return goodFolder(rest)
	case "SEARCH":
		return strings.TrimSpace(rest) != "0" // no UID; some servers say it where they find nothing
	case "BYE", "PREAUTH", "CAPABILITY", "ID", "ESEARCH", "STATUS", "NAMESPACE":
		return true
	}
	return false
}

// withoutCode takes a response code that the library may stumble over out of the line that ends a
// command: the line itself must reach it.
func withoutCode(line []byte) []byte {
	mark, rest, _ := bytes.Cut(line, []byte(" "))
	word, text, _ := bytes.Cut(rest, []byte(" "))
	if len(mark) < 2 || mark[0] != 'T' || goodCode(string(bytes.TrimSpace(text))) {
		return line
	}
	text = text[bytes.LastIndexByte(text, ']')+1:]
	return fmt.Appendf(nil, "%s %s %s\r\n", mark, word, bytes.TrimLeft(bytes.TrimSpace(text), "["))
}

// goodCode looks at the response codes that the library reads and may stumble over.
func goodCode(rest string) bool {
	if !strings.HasPrefix(rest, "[") {
		return true
	}
	code, text, closed := strings.Cut(rest[1:], "]")
	if !closed || text != "" && text[0] != ' ' {
		return false
	}
	name, value, _ := strings.Cut(code, " ")
	switch strings.ToUpper(name) {
	case "UIDVALIDITY", "UIDNEXT":
		return isNumber(value, 32)
	case "APPENDUID": // RFC 4315
		return goodUIDs(value, 2)
	case "COPYUID":
		return goodUIDs(value, 3)
	case "PERMANENTFLAGS", "HIGHESTMODSEQ", "NOMODSEQ":
		return false
	}
	return true
}

// goodFolder says whether the name at the end of a LIST line is sound modified UTF-7 (RFC 3501 §5.1.3).
func goodFolder(rest string) bool {
	for {
		_, after, found := strings.Cut(rest, "&")
		if !found {
			return true
		}
		code, next, closed := strings.Cut(after, "-")
		if !closed {
			return false
		}
		units, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(code, ",", "/"))
		if err != nil || len(units)%2 != 0 {
			return false
		}
		rest = next
	}
}

// goodUIDs says whether a value is so many words: a UIDVALIDITY, and sets of UIDs.
func goodUIDs(value string, words int) bool {
	list := strings.Fields(value)
	for _, set := range list {
		for uid := range strings.FieldsFuncSeq(set, func(r rune) bool { return r == ',' || r == ':' }) {
			if !isNumber(uid, 32) {
				return false
			}
		}
	}
	return len(list) == words
}

func isNumber(s string, bits int) bool {
	_, err := strconv.ParseUint(s, 10, bits)
	return err == nil
}
