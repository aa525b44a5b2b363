package mailer_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"introd/mailer"
)

// patience is the limit that tests set for silent servers: long for a loaded machine where the
// server answers, short where it is silent on purpose.
const patience, shortPatience = 20 * time.Second, 400 * time.Millisecond

// A script is a server that says what it is told: for what real servers say and the post office
// never would. Its answers are found by the command, "EXAMINE" or "UID FETCH"; several are used up
// one after the other, and the last one stays. Each is lines, ended by \n or CRLF here and by CRLF on
// the wire; "$" that begins a line is the command's tag. The lines CUT (hang up), SILENCE (never speak
// again) and READ (wait for a line or the literal of the client) are orders to it.
type script struct {
	answers map[string][]string
	fetch   func(tag, set, items string) string // answers UID FETCH, if not nil
	cut     int                                 // hang up after so many bytes; 0 for never

	mu    sync.Mutex
	said  []string // by clients
	spent int      // bytes that were written
}

// serve answers connections until the test ends, and returns the address.
func (s *script) serve(t *testing.T, speak func(*script, net.Conn)) (host string, port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(ctx, func() { conn.Close() })()
				speak(s, conn)
			})
		}
	})
	t.Cleanup(func() { cancel(); l.Close(); serving.Wait() })
	at := l.Addr().(*net.TCPAddr)
	return at.IP.String(), at.Port
}

// heard is what the clients have said, without their tags.
func (s *script) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

func (s *script) hear(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, line)
}

// next takes the answer to a command.
func (s *script) next(command string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.answers[command]
	if len(list) == 0 {
		return "", false
	}
	if len(list) > 1 {
		s.answers[command] = list[1:]
	}
	return list[0], true
}

// say writes an answer and obeys its orders; false ends the conversation.
func (s *script) say(conn net.Conn, tag, answer string, read func() error) bool {
	for line := range strings.SplitSeq(strings.ReplaceAll(answer, "\r\n", "\n"), "\n") {
		switch line {
		case "CUT":
			return false
		case "SILENCE":
			_, _ = io.Copy(io.Discard, conn)
			return false
		case "READ":
			if read() != nil {
				return false
			}
		default:
			if rest, ours := strings.CutPrefix(line, "$"); ours {
				line = tag + rest
			}
			if !s.write(conn, line+"\r\n") {
				return false
			}
		}
	}
	return true
}

func (s *script) write(conn net.Conn, text string) bool {
	s.mu.Lock()
	left := len(text)
	if s.cut > 0 {
		left = min(left, s.cut-s.spent)
	}
	s.spent += left
	s.mu.Unlock()
	_, err := io.WriteString(conn, text[:left])
	return err == nil && left == len(text)
}

var announced = regexp.MustCompile(`\{(\d+)\+?\}$`)

// speakIMAP is one connection.
func speakIMAP(s *script, conn net.Conn) {
	r := bufio.NewReader(conn)
	greeting, _ := s.next("greeting")
	if !s.say(conn, "*", greeting, nil) {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		tag, command, _ := strings.Cut(line, " ")
		s.hear(command)
		read := func() error {
			if m := announced.FindStringSubmatch(line); m != nil {
				n, _ := strconv.Atoi(m[1])
				if _, err := io.CopyN(io.Discard, r, int64(n)); err != nil {
					return err
				}
			}
			more, err := r.ReadString('\n')
			s.hear(strings.TrimRight(more, "\r\n"))
			return err
		}
		if !s.say(conn, tag, s.answer(tag, command), read) {
			return
		}
	}
}

func (s *script) answer(tag, command string) string {
	words := strings.SplitN(command, " ", 4)
	name := strings.ToUpper(words[0])
	if name == "UID" {
		name += " " + strings.ToUpper(words[1])
	}
	if name == "UID FETCH" && s.fetch != nil {
		return s.fetch(tag, words[2], words[3])
	}
	if answer, ok := s.next(name); ok {
		return answer
	}
	return "$ BAD what is " + name + "?"
}

// A mailbox is what a scripted server holds in its one folder, by UID.
var mailbox = map[uint32]string{
	5: "Message-ID: <five@x.test>\r\nFrom: Dana <dana@x.test>\r\nSubject: one\r\n\r\nThe first {5}\r\n",
	6: "Message-ID: <six@x.test>\r\nFrom: kim@x.test\r\nSubject: )\r\n\r\n* 1 FETCH (UID 5 BODY[] {3}\r\n",
	9: "Message-ID: <nine@x.test>\r\nFrom: <lee@x.test>\r\nSubject: F1 OK\r\n\r\nF1 OK done\r\n",
}

var mailboxUIDs = []uint32{5, 6, 9}

// inSet says whether a UID lies in a sequence set.
func inSet(set string, uid uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		from, to, ranged := strings.Cut(part, ":")
		if !ranged {
			to = from
		}
		low, _ := strconv.ParseUint(from, 10, 32)
		high, err := strconv.ParseUint(to, 10, 32)
		if err != nil { // *
			high = 1 << 32
		}
		if uint64(uid) >= low && uint64(uid) <= high {
			return true
		}
	}
	return false
}

// part is what a FETCH for these items brings of a mail.
func part(uid uint32, items string) string {
	if header, _, _ := strings.Cut(mailbox[uid], "\r\n\r\n"); strings.Contains(items, "HEADER") {
		return header + "\r\n\r\n"
	}
	return mailbox[uid]
}

// fetched is one sound FETCH response, for say.
func fetched(uid uint32, before, items string) string {
	body := part(uid, items)
	name := "BODY[]"
	if strings.Contains(items, "HEADER") {
		name = "BODY[HEADER.FIELDS (FROM SUBJECT)]"
	}
	seq := slices.Index(mailboxUIDs, uid) + 1
	return fmt.Sprintf("* %d FETCH (%sUID %d %s {%d}\r\n%s)\r\n", seq, before, uid, name, len(body), body)
}

// sound is a server with nothing odd about it.
func sound() *script {
	s := &script{answers: map[string][]string{
		"greeting":    {"* OK hello"},
		"CAPABILITY":  {"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS SPECIAL-USE\n$ OK"},
		"LOGIN":       {"$ OK"},
		"ID":          {"* ID NIL\n$ OK"},
		"LIST":        {"* LIST () \"/\" INBOX\n* LIST (\\Sent) \"/\" Sent\n* LIST (\\Trash) \"/\" Trash\n$ OK"},
		"EXAMINE":     {"* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 10] ok\n$ OK [READ-ONLY] done"},
		"SELECT":      {"* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 10] ok\n$ OK [READ-WRITE] done"},
		"STATUS":      {"* STATUS INBOX (MESSAGES 3 UIDNEXT 10 UIDVALIDITY 7)\n$ OK"},
		"UID SEARCH":  {"* SEARCH 5 9\n$ OK"},
		"APPEND":      {"+ go on\nREAD\n$ OK [APPENDUID 7 10] done"},
		"IDLE":        {"+ idling\n* 4 EXISTS\nREAD\n$ OK"},
		"UID STORE":   {"$ OK"},
		"UID EXPUNGE": {"* 1 EXPUNGE\n$ OK"},
		"UID MOVE":    {"* OK [COPYUID 7 5 1] moved\n* 1 EXPUNGE\n$ OK"},
	}}
	s.fetch = func(tag, set, items string) string {
		return all(set, items, "") + tag + " OK done"
	}
	return s
}

// all is the FETCH responses for a set.
func all(set, items, before string) string {
	var b strings.Builder
	for _, uid := range mailboxUIDs {
		if inSet(set, uid) {
			b.WriteString(fetched(uid, before, items))
		}
	}
	return b.String()
}

// account is the account of a scripted IMAP server.
func (s *script) account(t *testing.T) mailer.Account {
	t.Helper()
	host, port := s.serve(t, speakIMAP)
	return mailer.Account{
		Name: "main", Address: "me@x.test",
		IMAP:     mailer.Server{Host: host, Port: port, TLS: "none", User: "me"},
		Password: func(context.Context) (string, error) { return "secret", nil },
		Limits:   mailer.Limits{Answer: patience, Poll: time.Millisecond},
	}
}

// dial signs in at a scripted server.
func (s *script) dial(t *testing.T) *mailer.Session {
	t.Helper()
	session, err := mailer.Dial(t.Context(), s.account(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	return session
}
