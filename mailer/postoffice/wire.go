package postoffice

import (
	"bufio"
	"bytes"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// A wire stands between a client and the library's server. It says what the library cannot: other
// capabilities, ID, lines and items that nobody asked for. It knows lines and literals and no more.
type wire struct {
	net.Conn
	manners *Manners

	// Of the server's reader.
	in      *bufio.Reader
	line    []byte // still to be handed over
	literal int64  // bytes that follow and are handed over as they are
	within  bool   // the next line continues a command, after a literal

	mu         sync.Mutex
	held       []byte // the beginning of a line that the server has not ended yet
	passing    int64  // bytes of a literal that the server is writing
	tag        string // of the command under way, and what it is
	command    string
	signedIn   bool
	identified bool
}

// A mannered listener puts a wire on every connection.
type mannered struct {
	net.Listener
	manners *Manners
}

func (l mannered) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wire{Conn: conn, manners: l.manners, in: bufio.NewReader(conn)}, nil
}

var announced = regexp.MustCompile(`\{(\d+)\+?\}\r?\n$`)

// literalOf is the size of the literal that follows a line; 0 for none.
func literalOf(line []byte) int64 {
	if m := announced.FindSubmatch(line); m != nil {
		n, _ := strconv.ParseInt(string(m[1]), 10, 63)
		return n
	}
	return 0
}

// Read hands the library's server the client's commands, but for those that are answered here.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.line) == 0 && w.literal == 0 {
		line, err := w.in.ReadBytes('\n')
		if err != nil {
			return 0, err
		}
		if w.within || !w.answer(string(line)) {
			w.line, w.literal = line, literalOf(line)
			w.within = w.literal > 0
		}
	}
	if len(w.line) > 0 {
		n := copy(p, w.line)
		w.line = w.line[n:]
		return n, nil
	}
	n, err := w.in.Read(p[:min(int64(len(p)), w.literal)])
	w.literal -= int64(n)
	return n, err
}

// answer notes a command, and answers it if the library's server does not know it.
func (w *wire) answer(line string) bool {
	words := strings.Fields(line)
	if len(words) < 2 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tag, w.command = words[0], strings.ToUpper(words[1])
	if w.command == "UID" && len(words) > 2 {
		w.command += " " + strings.ToUpper(words[2])
	}
	if w.command != "ID" || !w.manners.Can("ID") || w.manners.After == "" {
		return false
	}
	w.identified = true
	name := "NIL"
	if w.manners.ID != "" {
		name = `("name" "` + w.manners.ID + `" "version" "3.21.2")`
	}
	_, err := w.Conn.Write([]byte("* ID " + name + "\r\n" + w.tag + " OK ID completed\r\n"))
	return err == nil
}

// Write hands the client what the library's server says, in its provider's manners.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []byte
	for rest := b; len(rest) > 0; {
		if w.passing > 0 {
			n := min(int64(len(rest)), w.passing)
			out, rest, w.passing = append(out, rest[:n]...), rest[n:], w.passing-n
			continue
		}
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			w.held = append(w.held, rest...)
			break
		}
		line := append(w.held, rest[:end]...)
		w.held, rest, w.passing = nil, rest[end:], literalOf(line)
		out = append(out, w.said(string(line))...)
	}
	if len(out) > 0 {
		if _, err := w.Conn.Write(out); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

var (
	capabilityLine = regexp.MustCompile(`^(\* CAPABILITY |(?:\S+) OK \[CAPABILITY )([^\]\r\n]*)`)
	fetchLine      = regexp.MustCompile(`^\* \d+ FETCH \(`)
)

// said is what becomes of one line of the server's.
func (w *wire) said(line string) string {
	if ok, ours := strings.CutPrefix(line, w.tag+" "); ours && w.tag != "" {
		if strings.HasPrefix(ok, "OK") && (w.command == "LOGIN" || w.command == "AUTHENTICATE") {
			w.signedIn = true
		}
		return w.ending(line)
	}
	if w.manners.Items != "" {
		line = fetchLine.ReplaceAllString(line, "${0}"+w.manners.Items+" ")
	}
	return w.capable(line)
}

// capable puts the provider's capabilities into a line that tells the library's.
func (w *wire) capable(line string) string {
	m := capabilityLine.FindStringSubmatch(line)
	if m == nil {
		return line
	}
	return m[1] + w.manners.capabilities(m[2], w.signedIn) + line[len(m[0]):]
}

// ending is the last line of an answer, with what the provider says before it or in its place.
func (w *wire) ending(line string) string {
	before, end := "", w.capable(line)
	for _, said := range w.manners.Says[w.command] {
		if text, instead := strings.CutPrefix(said, "$"); instead {
			end = w.tag + text + "\r\n"
			continue
		}
		before += said + "\r\n"
	}
	w.tag = ""
	return before + end
}

// hasIdentified says whether the client said ID.
func (w *wire) hasIdentified() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.identified
}
