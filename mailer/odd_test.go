package mailer_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"introd/mailer"
)

// visit does what a look at a mailbox does, and returns the headers' subjects and the whole mails.
func visit(s *mailer.Session) (subjects map[uint32]string, mails map[uint32]string, err error) {
	if _, err := s.Folders(); err != nil {
		return nil, nil, err
	}
	if _, err := s.Status("INBOX"); err != nil {
		return nil, nil, err
	}
	box, err := s.Examine("INBOX")
	if err != nil {
		return nil, nil, err
	}
	subjects, mails = map[uint32]string{}, map[uint32]string{}
	if _, err := s.Headers(1, box, 0, func(h mailer.Header) error {
		subjects[h.UID] = h.Get("Subject")
		return h.Err
	}); err != nil {
		return nil, nil, err
	}
	if _, err := s.FindID("five@x.test"); err != nil {
		return nil, nil, err
	}
	err = s.Fetch(mailboxUIDs, 1<<20, func(f mailer.Fetched) error {
		mails[f.UID] = string(f.Raw)
		return f.Err
	})
	return subjects, mails, err
}

// TestOddLines has a server say, in the midst of a whole visit, what real ones say and the library
// dies of. The visit must see the same mails as ever.
func TestOddLines(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, command, line string }{
		{"nothing odd", "", ""},
		{"XLIST", "LIST", `* XLIST (\HasNoChildren \Inbox) "/" "INBOX"`},
		{"a folder in broken UTF-7", "LIST", `* LIST (\HasNoChildren) "/" "A & B"`},
		{"a folder in half UTF-7", "LIST", `* LIST (\HasNoChildren) "/" "&AGE"`},
		{"a folder in raw UTF-8", "LIST", `* LIST (\HasNoChildren) "/" "Entwürfe"`},
		{"VANISHED", "EXAMINE", "* VANISHED (EARLIER) 1:4"},
		{"a keyword with a bracket", "EXAMINE", `* FLAGS (\Seen [Gmail] a]b $Phishing)`},
		{"permanent keywords with a bracket", "EXAMINE", `* OK [PERMANENTFLAGS (\Seen a]b \*)] Flags`},
		{"a frozen modseq", "EXAMINE", "* OK [XYMHIGHESTMODSEQ 1] x"},
		{"modseq over 63 bits", "EXAMINE", "* OK [HIGHESTMODSEQ 99999999999999999999] x"},
		{"UIDNEXT over 32 bits before the true one", "EXAMINE", "* OK [UIDNEXT 99999999999] x"},
		{"UNSEEN of nothing", "EXAMINE", "* OK [UNSEEN 0] x"},
		{"an empty line", "EXAMINE", ""},
		{"an alert", "EXAMINE", "* OK [ALERT] your quota [90%] is near"},
		{"a code without end", "EXAMINE", "* OK [ALERT half a code"},
		{"a code with a bracket within", "EXAMINE", "* OK [WIBBLE a]b] x"},
		{"a BAD out of the blue", "EXAMINE", "* BAD internal"},
		{"unasked flags", "EXAMINE", `* 2 FETCH (FLAGS (\Seen a]b))`},
		{"an unasked word", "STATUS", "* WIBBLE (a) [b]"},
		{"RECENT", "STATUS", "* 0 RECENT"},
		{"a wild tag", "STATUS", "Z9 OK who are you"},
		{"search of zero", "UID SEARCH", "* SEARCH 0"},
		{"search with modseq", "UID SEARCH", "* SEARCH 5 9 (MODSEQ 7)"},
		{"an early EXISTS", "UID SEARCH", "* 4 EXISTS"},
		{"new mail during FETCH", "UID FETCH", "* 4 EXISTS"},
		{"mail that goes during FETCH", "UID FETCH", "* 4 EXPUNGE"},
		{"an alert during FETCH", "UID FETCH", "* NO [ALERT] disk nearly full {5}x"},
		{"VANISHED during FETCH", "UID FETCH", "* VANISHED 3"},
		{"an empty line during FETCH", "UID FETCH", ""},
		{"flags of another mail", "UID FETCH", `* 1 FETCH (FLAGS (\Seen a]b "odd) UID 5)`},
		{"a folder name in a literal", "UID FETCH", "* LIST () \"/\" {7}\r\nA & B\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sound()
			switch {
			case test.command == "UID FETCH":
				s.fetch = func(tag, set, items string) string {
					return test.line + "\n" + all(set, items, "") + test.line + "\n" + tag + " OK done"
				}
			case test.command != "":
				s.answers[test.command][0] = test.line + "\n" + s.answers[test.command][0]
			}
			mustSeeAll(t, s)
		})
	}
}

// TestOddEndings has a command end with a response code that the library cannot parse.
func TestOddEndings(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"[WIBBLE a]b]", "[half a code", "[UIDNEXT 99999999999]", "[PERMANENTFLAGS (a]b)]", "[APPENDUID 99999999999 x]", "[COPYUID 1]"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := sound()
			for _, command := range []string{"LIST", "STATUS", "UID SEARCH"} {
				s.answers[command][0] = strings.Replace(s.answers[command][0], "$ OK", "$ OK "+code+" done", 1)
			}
			mustSeeAll(t, s)
		})
	}
}

// TestOddItems has every FETCH response bear an item that nobody asked for.
func TestOddItems(t *testing.T) {
	t.Parallel()
	for _, item := range []string{
		`X-GM-MSGID 1278455344230334865`, `X-GM-LABELS ("\\Inbox" a]b "c (d")`, `EMAILID (M6d99ac3275bb4e)`, `THREADID NIL`, `MODSEQ (12)`, `MODSEQ 12`,
		`FLAGS (\Seen a]b ())`, `FLAGS ()`, `INTERNALDATE "00-Jan-0000 00:00:00 GMT"`, `INTERNALDATE ""`, `INTERNALDATE "yesterday"`, `INTERNALDATE NIL`,
		`RFC822.SIZE -1`, `RFC822.SIZE 99999999999`, `ENVELOPE (NIL nil "a \"b\" (c" ((NIL NIL "x" "y")))`, `BODYSTRUCTURE ("TEXT" "PLAIN" NIL (NIL) {)`,
		"X-GM-LABELS ({5}\r\na]b\r\n)", "PREVIEW {12}\r\nBODY[] {4}\r\n",
	} {
		t.Run(item, func(t *testing.T) {
			t.Parallel()
			s := sound()
			s.fetch = func(tag, set, items string) string { return all(set, items, item+" ") + tag + " OK done" }
			mustSeeAll(t, s)
		})
	}
}

func mustSeeAll(t *testing.T, s *script) {
	t.Helper()
	subjects, mails, err := visit(s.dial(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := map[uint32]string{5: "one", 6: ")", 9: "F1 OK"}; !reflect.DeepEqual(subjects, want) {
		t.Errorf("subjects %v, want %v", subjects, want)
	}
	if !reflect.DeepEqual(mails, mailbox) {
		t.Errorf("mails %v, want %v", mails, mailbox)
	}
	for _, line := range s.heard() {
		if strings.HasPrefix(line, "SELECT") || strings.Contains(line, "BODY[") {
			t.Errorf("reading said %q, which may change flags", line)
		}
	}
}

// TestCutAnywhere hangs up after each byte of a whole visit. What is handed over is whole, what is
// missing is told as an error, and nothing waits.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	steady := func() *script { // the library asks for capabilities on its own, at any moment, unless it is told them
		s := sound()
		s.answers["greeting"], s.answers["LOGIN"] = []string{"* OK [CAPABILITY IMAP4rev1] hello"}, []string{"$ OK [CAPABILITY IMAP4rev1 IDLE] done"}
		return s
	}
	whole := steady()
	if _, _, err := visit(whole.dial(t)); err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < whole.spent; cut++ {
		s := steady()
		s.cut = cut
		session, err := mailer.Dial(t.Context(), s.account(t))
		if err != nil {
			continue
		}
		subjects, mails, err := visit(session)
		session.Close()
		if err == nil {
			t.Fatalf("cut after %d of %d bytes: no error", cut, whole.spent)
		}
		for uid, raw := range mails {
			if raw != mailbox[uid] {
				t.Fatalf("cut after %d bytes: mail %d is %q", cut, uid, raw)
			}
		}
		for uid, subject := range subjects {
			if subject == "" {
				t.Fatalf("cut after %d bytes: header %d has no subject", cut, uid)
			}
		}
	}
}

// TestBrokenTellsWhere: everything below Next was handed over, and Next itself was not.
func TestBrokenTellsWhere(t *testing.T) {
	t.Parallel()
	s := sound()
	s.fetch = func(_, _, items string) string {
		return fetched(5, "", items) + fetched(6, "", items) + "* 3 FETCH (UID 9 BODY[] {30}\nhalf\nCUT"
	}
	session := s.dial(t)
	if _, err := session.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	var got []uint32
	err := session.Fetch(mailboxUIDs, 1<<20, func(f mailer.Fetched) error { got = append(got, f.UID); return f.Err })
	var broken *mailer.BrokenError
	if !errors.As(err, &broken) || broken.Next != 7 || !slices.Equal(got, []uint32{5, 6}) {
		t.Errorf("got %v, then %v", got, err)
	}
}

// TestSilence: a server that falls silent is given up after the limit, with a sentence that says what to look at.
func TestSilence(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"greeting", "CAPABILITY", "LOGIN", "LIST", "STATUS", "EXAMINE", "UID FETCH", "UID SEARCH"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			s := sound()
			s.answers[command] = []string{"* OK wait\nSILENCE"}
			if command == "greeting" {
				s.answers[command] = []string{"SILENCE"}
			} else if command == "UID FETCH" {
				s.fetch = func(_, _, items string) string { return fetched(5, "", items) + "SILENCE" }
			}
			a := s.account(t)
			a.Limits.Answer = shortPatience
			err := dialAndVisit(t.Context(), a)
			if !errors.Is(err, mailer.ErrDown) || !strings.Contains(err.Error(), "silent for too long") {
				t.Errorf("silent after %s: %v", command, err)
			}
		})
	}
}

func dialAndVisit(ctx context.Context, a mailer.Account) error {
	session, err := mailer.Dial(ctx, a)
	if err != nil {
		return err
	}
	defer session.Close()
	_, _, err = visit(session)
	return err
}

// TestNotIMAP: a wrong port is told at once, not after a minute.
func TestNotIMAP(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"none", "starttls"} {
		s := sound()
		s.answers["greeting"] = []string{"220 mail.x.test ESMTP ready"}
		a := s.account(t)
		a.IMAP.TLS = way
		if _, err := mailer.Dial(t.Context(), a); !errors.Is(err, mailer.ErrDown) || !strings.Contains(err.Error(), "does not speak IMAP") {
			t.Errorf("tls %s: %v", way, err)
		}
	}
}

// TestCancelEndsWaiting: whatever waits on a silent server returns when the context ends.
func TestCancelEndsWaiting(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"greeting", "LOGIN", "EXAMINE", "UID FETCH", "IDLE"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			s := sound()
			s.answers[command] = []string{"SILENCE"}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			reached := make(chan struct{})
			s.fetch = func(tag, set, items string) string { return all(set, items, "") + tag + " OK" }
			if command == "UID FETCH" {
				s.fetch = func(_, _, _ string) string { cancel(); return "SILENCE" }
			}
			go func() {
				defer close(reached)
				for command != "greeting" && command != "UID FETCH" && !slices.ContainsFunc(s.heard(), func(l string) bool { return strings.HasPrefix(l, command) }) {
				}
				cancel()
			}()
			err := dialAndVisit(ctx, s.account(t))
			if command == "IDLE" {
				err = idleOn(ctx, t, s)
			}
			if err == nil {
				t.Error("no error")
			}
			<-reached
		})
	}
}

func idleOn(ctx context.Context, t *testing.T, s *script) error {
	session, err := mailer.Dial(ctx, s.account(t))
	if err != nil {
		return err
	}
	defer session.Close()
	if _, err := session.Examine("INBOX"); err != nil {
		return err
	}
	err = session.Idle(ctx, patience, func() {})
	return err
}

// TestGoodbye: what a server says when it hangs up reaches the person.
func TestGoodbye(t *testing.T) {
	t.Parallel()
	s := sound()
	s.fetch = func(_, _, items string) string { return fetched(5, "", items) + "* BYE back after the upgrade\nCUT" }
	if err := dialAndVisit(t.Context(), s.account(t)); err == nil || !strings.Contains(err.Error(), "back after the upgrade") {
		t.Errorf("the server's last words are not in %v", err)
	}
	s = sound()
	s.answers["greeting"] = []string{"* BYE Too many connections from your address\nCUT"}
	if _, err := mailer.Dial(t.Context(), s.account(t)); !errors.Is(err, mailer.ErrTooMany) {
		t.Errorf("greeted with BYE: %v", err)
	}
}

// TestBadMail: a mail that the server cannot give is found by halving, and the others come.
func TestBadMail(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]func(tag string) string{
		"NO at once":            func(tag string) string { return tag + " NO [SERVERBUG] internal error" },
		"BAD":                   func(tag string) string { return tag + " BAD cannot" },
		"no size":               func(tag string) string { return "* 2 FETCH (UID 6 BODY[] NIX)\n" + tag + " OK done" },
		"UID is no UID":         func(tag string) string { return "* 2 FETCH (UID 99999999999 BODY[] {4}\nhe\n)\n" + tag + " OK done" },
		"an item without value": func(tag string) string { return "* 2 FETCH (WIBBLE UID 6 BODY[] {4}\nhe\n)\n" + tag + " OK done" },
		"NO in the midst":       func(tag string) string { return "* 4 EXISTS\n" + tag + " NO Some messages could not be FETCHed" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sound()
			s.fetch = func(tag, set, items string) string {
				answer := ""
				for _, uid := range mailboxUIDs {
					if uid == 6 && inSet(set, uid) {
						return answer + bad(tag)
					} else if inSet(set, uid) {
						answer += fetched(uid, "", items)
					}
				}
				return answer + tag + " OK done"
			}
			session := s.dial(t)
			if _, err := session.Examine("INBOX"); err != nil {
				t.Fatal(err)
			}
			got := map[uint32]string{}
			err := session.Fetch(mailboxUIDs, 1<<20, func(f mailer.Fetched) error {
				if _, twice := got[f.UID]; twice {
					t.Errorf("UID %d came twice", f.UID)
				}
				got[f.UID] = string(f.Raw)
				if f.Err != nil {
					got[f.UID] = "bad"
				}
				return nil
			})
			if want := map[uint32]string{5: mailbox[5], 6: "bad", 9: mailbox[9]}; err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// TestHopeless: a server that refuses everything is not asked for ever.
func TestHopeless(t *testing.T) {
	t.Parallel()
	s := sound()
	s.answers["EXAMINE"] = []string{"* 100000 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 100001] ok\n$ OK"}
	s.fetch = func(tag, _, _ string) string { return tag + " NO I will not" }
	session := s.dial(t)
	box, err := session.Examine("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	_, err = session.Headers(1, box, 0, func(mailer.Header) error { return nil })
	var broken *mailer.BrokenError
	if err == nil || errors.As(err, &broken) || !strings.Contains(err.Error(), "I will not") {
		t.Errorf("got %v", err)
	}
	asked := 0
	for _, line := range s.heard() {
		if strings.HasPrefix(line, "UID FETCH") {
			asked++
		}
	}
	if asked > 200 {
		t.Errorf("asked %d times", asked)
	}
}

// TestThrottled: a server that wants to be left alone is, for as long as it says.
func TestThrottled(t *testing.T) {
	t.Parallel()
	s := sound()
	s.fetch = func(tag, _, _ string) string {
		return tag + " NO Request is throttled. Suggested Backoff Time: 1800000 milliseconds"
	}
	err := dialAndVisit(t.Context(), s.account(t))
	var delays mailer.Backoff
	if pause := delays.Next(err); pause.Minutes() < 30 {
		t.Errorf("waits %v after %v", pause, err)
	}
	if n := len(s.heard()); n > 12 {
		t.Errorf("said %d lines: %q", n, s.heard())
	}
}

// TestOmitted: Exchange leaves out a mail that is there. It is asked for once more.
func TestOmitted(t *testing.T) {
	t.Parallel()
	s := sound()
	hidden, asked := 1, 0
	s.fetch = func(tag, set, items string) string {
		answer := ""
		for _, uid := range mailboxUIDs {
			if uid == 6 && inSet(set, 6) {
				if asked++; asked <= hidden {
					continue
				}
			}
			if inSet(set, uid) {
				answer += fetched(uid, "", items)
			}
		}
		return answer + tag + " OK done"
	}
	session := s.dial(t)
	if _, err := session.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	read := func() (got []uint32) {
		if err := session.Fetch([]uint32{5, 6, 9}, 1<<20, func(f mailer.Fetched) error { got = append(got, f.UID); return f.Err }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := read(); !slices.Equal(got, []uint32{5, 9, 6}) {
		t.Errorf("got %v", got)
	}
	if hidden, asked = 99, 0; !slices.Equal(read(), []uint32{5, 9}) || asked != 2 {
		t.Errorf("a mail that is gone was asked for %d times", asked)
	}
}

// TestStrayLast: UID n:* always returns the last message (RFC 3501 §6.4.8).
func TestStrayLast(t *testing.T) {
	t.Parallel()
	s := sound()
	s.answers["EXAMINE"] = []string{"* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n$ OK"} // no UIDNEXT
	s.fetch = func(tag, _, items string) string { return fetched(9, "", items) + tag + " OK" }
	session := s.dial(t)
	box, err := session.Examine("INBOX")
	if err != nil || box.UIDNext != 0 {
		t.Fatal(box, err)
	}
	if _, err := session.Headers(10, box, 0, func(h mailer.Header) error { return fmt.Errorf("UID %d came", h.UID) }); err != nil {
		t.Error(err)
	}
}

// TestHandError: an error of the caller's ends the reading and leaves the session well.
func TestHandError(t *testing.T) {
	t.Parallel()
	session := sound().dial(t)
	if _, err := session.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	if err := session.Fetch(mailboxUIDs, 1<<20, func(mailer.Fetched) error { return enough }); !errors.Is(err, enough) {
		t.Fatal(err)
	}
	if _, mails, err := visit(session); err != nil || len(mails) != 3 {
		t.Errorf("after an error of the caller's: %d mails, %v", len(mails), err)
	}
}

// TestMost: what is longer than asked for is read up to there, and the next mail is whole.
func TestMost(t *testing.T) {
	t.Parallel()
	session := sound().dial(t)
	if _, err := session.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	if err := session.Fetch(mailboxUIDs, 20, func(f mailer.Fetched) error {
		if string(f.Raw) != mailbox[f.UID][:20] {
			t.Errorf("UID %d: %q", f.UID, f.Raw)
		}
		return f.Err
	}); err != nil {
		t.Error(err)
	}
}

// TestUIDValidity: a folder whose UIDs mean nothing is not read.
func TestUIDValidity(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"* OK [UIDVALIDITY 99999999999] x", "* OK [UIDVALIDITY 0] x", "* OK no such thing"} {
		s := sound()
		s.answers["EXAMINE"] = []string{"* 3 EXISTS\n" + line + "\n$ OK"}
		if err := dialAndVisit(t.Context(), s.account(t)); err == nil || !strings.Contains(err.Error(), "UIDVALIDITY") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestCapabilitiesAfterLogin: some servers show fewer before, and some open no folder before ID.
func TestCapabilitiesAfterLogin(t *testing.T) {
	t.Parallel()
	s := sound()
	s.answers["CAPABILITY"] = []string{"* CAPABILITY IMAP4rev1\n$ OK", "* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE ID XLIST\n$ OK"}
	session := s.dial(t)
	if caps := session.Caps(); !caps.Idle || !caps.Move || !caps.UIDPlus || caps.SpecialUse {
		t.Errorf("caps %+v", caps)
	}
	if _, err := session.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	login := slices.IndexFunc(s.heard(), func(l string) bool { return strings.HasPrefix(l, "LOGIN") })
	id := slices.IndexFunc(s.heard(), func(l string) bool { return strings.HasPrefix(l, "ID ") })
	examine := slices.IndexFunc(s.heard(), func(l string) bool { return strings.HasPrefix(l, "EXAMINE") })
	if login < 0 || id < login || examine < id {
		t.Errorf("LOGIN, ID, EXAMINE at %d, %d, %d of %q", login, id, examine, s.heard())
	}
}

// TestSignInRefused: the three ways of being turned away need three different things done.
func TestSignInRefused(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]error{
		"$ NO [AUTHENTICATIONFAILED] Invalid credentials": mailer.ErrAuth,
		"$ NO LOGIN failed": mailer.ErrAuth,
		"$ NO [ALERT] Too many simultaneous connections. (Failure)":                    mailer.ErrTooMany,
		"$ NO [LIMIT] maximum reached":                                                 mailer.ErrTooMany,
		"$ NO [UNAVAILABLE] Temporary authentication failure. [try again later]":       nil,
		"$ BAD User is authenticated but not connected.":                               nil,
		"* BYE [ALERT] Maximum number of connections from user+IP exceeded\n$ NO\nCUT": nil,
		"CUT": nil,
	} {
		s := sound()
		s.answers["LOGIN"] = []string{answer}
		_, err := mailer.Dial(t.Context(), s.account(t))
		switch {
		case err == nil:
			t.Errorf("%s: signed in", answer)
		case want != nil && !errors.Is(err, want):
			t.Errorf("%s: %v", answer, err)
		case want == nil && errors.Is(err, mailer.ErrAuth):
			t.Errorf("%s is taken for a wrong password: %v", answer, err)
		}
	}
}

// TestIdleRefused: IDLE that is offered and then refused is replaced by asking.
func TestIdleRefused(t *testing.T) {
	t.Parallel()
	s := sound()
	s.answers["IDLE"] = []string{"$ NO not today"}
	same, more := s.answers["STATUS"][0], "* STATUS INBOX (MESSAGES 4 UIDNEXT 11 UIDVALIDITY 7)\n$ OK"
	s.answers["STATUS"] = []string{same, same, same, more}
	session := s.dial(t)
	if _, err := session.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	changed := false
	err := session.Idle(t.Context(), patience, func() { changed = true })
	if err != nil || !changed || session.Caps().Idle {
		t.Errorf("changed %v, %v, caps %+v", changed, err, session.Caps())
	}
}

// TestIdle: news that the server had in store when IDLE began is news.
func TestIdle(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"queued before": "* 4 EXISTS\n+ idling\nREAD\n$ OK",
		"pushed":        "+ idling\n* 4 EXISTS\nREAD\n$ OK",
		"expunged":      "+ idling\n* 1 EXPUNGE\nREAD\n$ OK",
		"still here":    "+ idling\n* OK Still here\n* 4 EXISTS\nREAD\n$ OK",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sound()
			s.answers["IDLE"] = []string{answer}
			session := s.dial(t)
			if _, err := session.Examine("INBOX"); err != nil {
				t.Fatal(err)
			}
			changed := false
			if err := session.Idle(t.Context(), patience, func() { changed = true }); err != nil || !changed {
				t.Errorf("changed %v, %v", changed, err)
			}
			if _, _, err := visit(session); err != nil {
				t.Errorf("after IDLE: %v", err)
			}
		})
	}
	s := sound()
	s.answers["IDLE"] = []string{"+ idling\nCUT"}
	session := s.dial(t)
	if err := session.Idle(t.Context(), patience, func() {}); !errors.Is(err, mailer.ErrDown) {
		t.Errorf("cut while idle: %v", err)
	}
}
