package mailer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Fetched is one message as the server has it.
type Fetched struct {
	UID          uint32
	InternalDate time.Time // zero where the server's makes no sense; never compared with the clock of this machine
	Raw          []byte
	Err          error // the server cannot give this one message: set it aside. Raw is nil then
}

// A BrokenError says that the connection ended while messages were read. All messages below Next
// were handed over. Whoever meets the same Next twice should look at that message as one that breaks
// the server, and go on behind it.
type BrokenError struct {
	Folder string
	Next   uint32
	Err    error
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("the connection broke while mail in %s was read, at UID %d or the next: %v", e.Folder, e.Next, e.Err)
}
func (e *BrokenError) Unwrap() error { return e.Err }

// A span is the UIDs from first to last; last 0 means the end of the folder.
type span struct{ first, last uint32 }

// An ask is one UID FETCH under way.
type ask struct {
	tag   string
	spans []span
	got   []uint32        // what its answer has brought, in its order
	had   map[uint32]bool // what an earlier ask for the same has brought
	odd   bool            // the answer bore a message that could not be understood
	last  bool            // what its answer leaves out is taken to be gone
}

// split halves an ask, for the search of the message that the server cannot give; nil for one message.
func (a ask) split() []ask {
	had := maps.Clone(a.had)
	if had == nil {
		had = map[uint32]bool{}
	}
	for _, uid := range a.got {
		had[uid] = true
	}
	if half := len(a.spans) / 2; half > 0 {
		return []ask{{spans: a.spans[:half], had: had}, {spans: a.spans[half:], had: had}}
	}
	s := a.spans[0]
	if s.first == s.last || s.last == 0 {
		return nil
	}
	middle := s.first + (s.last-s.first)/2
	return []ask{{spans: []span{{s.first, middle}}, had: had}, {spans: []span{{middle + 1, s.last}}, had: had}}
}

// next is the first UID that the answer has not brought yet: servers answer in rising order.
func (a ask) next() uint32 {
	if len(a.got) > 0 {
		return a.got[len(a.got)-1] + 1
	}
	return a.spans[0].first
}

func (a ask) String() string {
	var b strings.Builder
	for i, s := range a.spans {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(s.first), 10))
		switch {
		case s.last == 0:
			b.WriteString(":*")
		case s.last != s.first:
			b.WriteString(":" + strconv.FormatUint(uint64(s.last), 10))
		}
	}
	return b.String()
}

// A fetching reads messages on the connection itself. It understands of a FETCH response what was
// asked for and reads over everything else; the sizes of literals are all that must be right.
type fetching struct {
	session *Session
	items   string                       // what is asked for
	most    int64                        // bytes of a message that are kept
	reuse   bool                         // Raw is good only until hand returns
	exact   bool                         // every UID asked for was seen before: one that is left out is asked for once more
	next    func(came int) (span []span) // what to ask for next, nil at the end; came: how many messages the last answer had
	hand    func(Fetched) error          // takes a message
	open    []ask                        // under way, in the order asked
	again   []ask                        // halves of failed ones
	came    int
	top     uint32 // the highest UID handed over
	vain    int    // failures since a message came
	scratch []byte
	stopped error // from hand: what is under way is read to its end, and no more is asked for
}

// asksOpen is how many FETCHes are under way at once: the server works on one while the other is read.
const asksOpen = 2

// mostVain is how many failures in a row are taken for single bad messages; more, and nothing works.
const mostVain = 64

// run reads until there is nothing more to ask for.
func (f *fetching) run() error {
	s := f.session
	defer s.asking()()
	taken, giveBack := s.wire.lend()
	defer giveBack()
	for ours := false; ; {
		if err := f.askMore(); err != nil {
			return f.broken(err)
		}
		if len(f.open) == 0 {
			return f.stopped
		}
		if !ours {
			select {
			case <-taken:
				ours = true
			case <-s.client.Closed():
				return f.broken(io.ErrUnexpectedEOF)
			}
		}
		if err := f.response(s.wire.r); err != nil {
			return f.broken(err)
		}
	}
}

// broken ends the session: nobody knows any more what the next bytes on the connection mean.
func (f *fetching) broken(err error) error {
	f.session.conn.Close()
	var hopeless *hopelessError
	if errors.As(err, &hopeless) {
		return fmt.Errorf("reading mail in %s: %w", f.session.folder, err)
	}
	next := f.top + 1
	for i, a := range append(f.open, f.again...) {
		if at := a.next(); i == 0 || at < next {
			next = at
		}
	}
	return &BrokenError{f.session.folder, next, explain(f.session.wire.why(err), f.session.account.IMAP)}
}

// A hopelessError is a NO that another try with less would not mend.
type hopelessError struct{ text string }

func (e *hopelessError) Error() string { return "the server said: " + e.text }

func (f *fetching) askMore() error {
	for len(f.open) < asksOpen && f.stopped == nil {
		var a ask
		if len(f.again) > 0 {
			a, f.again = f.again[0], f.again[1:]
		} else if a.spans = f.next(f.came); a.spans == nil {
			return nil
		}
		f.session.tags++
		a.tag = "F" + strconv.Itoa(f.session.tags)
		f.open = append(f.open, a)
		if _, err := io.WriteString(f.session.wire, a.tag+" UID FETCH "+a.String()+" "+f.items+"\r\n"); err != nil {
			return err
		}
	}
	return nil
}

// response reads one response of any kind.
func (f *fetching) response(r *bufio.Reader) error {
	line, err := readLine(r)
	if err != nil {
		return err
	}
	mark, rest, _ := bytes.Cut(line, []byte(" "))
	if string(mark) != "*" {
		return f.completed(string(mark), string(rest))
	}
	word, rest, _ := bytes.Cut(rest, []byte(" "))
	if len(word) > 0 && '0' <= word[0] && word[0] <= '9' {
		if kind, items, _ := bytes.Cut(rest, []byte(" ")); bytes.EqualFold(kind, []byte("FETCH")) {
			return f.message(r, items)
		}
		f.session.notice() // EXISTS, EXPUNGE
		return nil
	}
	if bytes.EqualFold(word, []byte("BYE")) {
		f.session.wire.bye(string(rest))
	}
	return nil
}

// completed ends an ask. One that failed, or whose answer bore a message that made no sense, is
// asked again in halves, until the message is found that the server cannot give.
func (f *fetching) completed(tag, result string) error {
	i := slices.IndexFunc(f.open, func(a ask) bool { return a.tag == tag })
	if i < 0 {
		return nil // of a command of the library's own
	}
	a := f.open[i]
	f.open = slices.Delete(f.open, i, i+1)
	f.came = len(a.got)
	word, text, _ := strings.Cut(result, " ")
	if strings.EqualFold(word, "OK") {
		if !a.odd {
			f.askForRest(a)
			return nil
		}
		text = "its answer makes no sense"
	}
	if f.vain++; f.vain > mostVain || busy(text) {
		return &hopelessError{text}
	}
	if halves := a.split(); halves != nil {
		f.again = append(halves, f.again...)
		return nil
	}
	s := a.spans[0]
	if s.last == 0 {
		return &hopelessError{text}
	}
	if len(a.got) == 0 && !a.had[s.first] {
		f.session.account.Log.Warn("the server cannot give a mail", "folder", f.session.folder, "uid", s.first, "says", text)
		f.give(Fetched{UID: s.first, Err: fmt.Errorf("the server cannot give this mail: %s", text)})
	}
	return nil
}

// askForRest asks once more for what a sound answer has left out: Exchange now and then leaves out
// a mail that is there (MailKit#1615). One that is left out twice is gone.
func (f *fetching) askForRest(a ask) {
	if !f.exact || a.last {
		return
	}
	var rest []uint32
	for _, s := range a.spans {
		for uid := s.first; uid <= s.last; uid++ {
			if !a.had[uid] && !slices.Contains(a.got, uid) {
				rest = append(rest, uid)
			}
		}
	}
	if len(rest) > 0 {
		f.again = append(f.again, ask{spans: spans(rest), last: true})
	}
}

// busy says that the server wants to be left alone, has lost the folder, or waits for somebody else who holds it (RFC 5530 §3).
func busy(text string) bool {
	lower := strings.ToLower(text)
	return suggested(text) > 0 || slices.ContainsFunc([]string{"not connected", "[unavailable]", "[limit]", "[inuse]"}, func(word string) bool { return strings.Contains(lower, word) })
}

// message reads one FETCH response to its end and hands it over.
func (f *fetching) message(r *bufio.Reader, line []byte) error {
	var m items
	for {
		size, more := literalSize(line)
		keep := m.scan(line)
		m.body = m.body || more // perhaps: a literal in a place that makes no sense may be the body
		keep = keep && f.stopped == nil
		if !more {
			return f.handOver(m)
		}
		if err := f.literal(r, size, keep, &m); err != nil {
			return err
		}
		var err error
		if line, err = readLine(r); err != nil {
			return err
		}
	}
}

// literal reads a literal: into the message, or over it.
func (f *fetching) literal(r *bufio.Reader, size int64, keep bool, m *items) error {
	if !keep {
		return discard(r, size)
	}
	n := int(min(size, f.most))
	if !f.reuse || cap(f.scratch) < n {
		f.scratch = make([]byte, max(n, 1<<10))
	}
	m.raw = f.scratch[:n:n]
	if _, err := io.ReadFull(r, m.raw); err != nil {
		return err
	}
	return discard(r, size-int64(n))
}

func (f *fetching) handOver(m items) error {
	a := f.askOf(m.uid)
	if m.body && f.stopped == nil && (m.uid == 0 || a != nil && m.raw == nil) {
		f.open[0].odd = true // its UID or its body makes no sense: it is looked for when the answer is complete
	}
	// Flags that another program changed come unasked, and so does the last message (RFC 3501 §6.4.8).
	if a == nil || m.raw == nil || a.had[m.uid] {
		return nil
	}
	a.got = append(a.got, m.uid)
	f.vain, f.top = 0, max(f.top, m.uid)
	f.give(Fetched{UID: m.uid, InternalDate: m.date, Raw: m.raw})
	return nil
}

func (f *fetching) give(m Fetched) {
	if f.stopped == nil {
		f.stopped = f.hand(m)
	}
}

// askOf is the ask that a message answers; nil for none.
func (f *fetching) askOf(uid uint32) *ask {
	for i := range f.open {
		for _, s := range f.open[i].spans {
			if uid >= s.first && (uid <= s.last || s.last == 0) {
				return &f.open[i]
			}
		}
	}
	return nil
}
