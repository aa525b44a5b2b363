package mailer_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"introd/mailer"
	"introd/mailer/postoffice"
)

// speakSMTP is one connection of a scripted server. Its answers are found by MAIL, RCPT, DATA and
// the like, "." for the end of a mail, and "greeting"; what nobody scripted is taken.
func speakSMTP(s *script, conn net.Conn) {
	r := bufio.NewReader(conn)
	answer := func(command, usual string) bool {
		text, ok := s.next(command)
		if !ok {
			text = usual
		}
		return s.say(conn, "", text, func() error { return nil })
	}
	if !answer("greeting", "220 mail.x.test") {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.hear(line)
		command, usual := strings.ToUpper(strings.Fields(line + " .")[0]), "250 2.0.0 ok"
		switch command {
		case "EHLO":
			usual = "250-mail.x.test\n250-AUTH PLAIN\n250 SMTPUTF8"
		case "AUTH":
			usual = "235 2.7.0 welcome"
		case "DATA":
			usual = "354 go on"
		case "QUIT":
			usual = "221 2.0.0 bye"
		}
		if !answer(command, usual) {
			return
		}
		if text, _ := s.peek("DATA"); command == "DATA" && (text == "" || strings.HasPrefix(text, "354")) {
			if !takeMail(s, r) || !answer(".", "250 2.0.0 taken as 4711") {
				return
			}
		}
	}
}

// peek is the answer that was given last.
func (s *script) peek(command string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers[command]) == 0 {
		return "", false
	}
	return s.answers[command][0], true
}

// takeMail reads to the dot; the whole mail is one word of what was heard.
func takeMail(s *script, r *bufio.Reader) bool {
	var mail strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			s.hear("mail " + mail.String())
			return true
		}
		mail.WriteString(strings.TrimPrefix(line, "."))
	}
}

func (s *script) smtpAccount(t *testing.T) mailer.Account {
	t.Helper()
	host, port := s.serve(t, speakSMTP)
	a := sound().account(t)
	a.SMTP = mailer.Server{Host: host, Port: port, TLS: "none", User: "me"}
	a.Limits.Step, a.Limits.Final = patience, patience
	return a
}

var envelope = mailer.Envelope{From: "me@x.test", To: []string{"dana@x.test", "lee@x.test"}}

const letter = "From: me@x.test\r\nTo: dana@x.test\r\nSubject: dots\r\n\r\nOne.\r\n.\r\n..two\r\nFrom here\r\n"

// A sendFailure is an answer of the server's, and what it means.
type sendFailure struct {
	command, answer string
	stage           string // "" where the mail is sent
	code            int
	outcome         mailer.Outcome
	words           string // of the sentence
}

func sendFailures() []sendFailure {
	const later, refused, unknown = mailer.Later, mailer.Refused, mailer.Unknown
	return []sendFailure{
		{"greeting", "421 4.3.2 too busy", "dial", 421, later, "too busy"},
		{"greeting", "554 5.7.1 no service for you", "dial", 554, later, "no service for you"},
		{"greeting", "CUT", "dial", 0, later, "broke"},
		{"greeting", "SILENCE", "dial", 0, later, "silent for too long"},
		{"greeting", "* OK IMAP4rev1 ready", "dial", 0, later, "does not speak SMTP"},
		{"EHLO", "CUT", "dial", 0, later, "broke"},
		{"EHLO", "250 mail.x.test\nCUT", "MAIL", 0, later, "broke"}, // offers no AUTH, on this machine: not needed
		{"AUTH", "535 5.7.8 bad credentials", "auth", 535, later, "user name or the password"},
		{"AUTH", "534 5.7.9 application-specific password required", "auth", 534, later, "app password"},
		{"AUTH", "454 4.7.0 temporary failure", "auth", 454, later, "temporary failure"},
		{"AUTH", "CUT", "auth", 0, later, "broke"},
		{"MAIL", "450 4.3.2 throttled", "MAIL", 450, later, "throttled"},
		{"MAIL", "553 5.7.1 sender not yours", "MAIL", 553, refused, "sender not yours"},
		{"MAIL", "CUT", "MAIL", 0, later, "broke"},
		{"MAIL", "SILENCE", "MAIL", 0, later, "silent"},
		{"RCPT", "451 4.7.1 greylisted", "RCPT", 451, later, "greylisted"},
		{"RCPT", "550 5.1.1 no such user", "RCPT", 550, refused, "dana@x.test"},
		{"RCPT", "CUT", "RCPT", 0, later, "broke"},
		{"DATA", "451 4.3.0 try later", "DATA", 451, later, "try later"},
		{"DATA", "554 5.5.1 no valid recipients", "DATA", 554, refused, "no valid recipients"},
		{"DATA", "CUT", "DATA", 0, later, "broke"},
		{"DATA", "SILENCE", "DATA", 0, later, "silent"},
		{".", "451 4.3.0 queue is full", "body", 451, later, "queue is full"},
		{".", "552 5.2.2 mailbox full", "body", 552, refused, "mailbox full"},
		{".", "554 5.7.1 looks like spam", "body", 554, refused, "looks like spam"},
		{".", "CUT", "body", 0, unknown, "may have gone out"},
		{".", "SILENCE", "body", 0, unknown, "may have gone out"},
		{".", "gibberish", "body", 0, unknown, "may have gone out"},
		{"QUIT", "CUT", "", 0, 0, ""},
		{"QUIT", "421 4.0.0 overslept", "", 0, 0, ""},
		{"QUIT", "221 bye", "", 0, 0, ""},
	}
}

// TestP2_SendOutcomes has the server fail at each stage in each way. What the failure means for the
// mail is what keeps it from going out twice, or not at all.
func TestP2_SendOutcomes(t *testing.T) {
	t.Parallel()
	for _, test := range sendFailures() {
		t.Run(test.command+" "+test.answer, func(t *testing.T) {
			t.Parallel()
			s := &script{answers: map[string][]string{test.command: {test.answer}}}
			a := s.smtpAccount(t)
			if test.answer == "SILENCE" {
				a.Limits = mailer.Limits{Answer: shortPatience, Step: shortPatience, Final: shortPatience}
			}
			reply, err := mailer.Send(t.Context(), a, envelope, []byte(letter))
			if test.stage == "" {
				if err != nil || reply != "2.0.0 taken as 4711" {
					t.Errorf("got %q, %v", reply, err)
				}
				return
			}
			var failed *mailer.SendError
			if !errors.As(err, &failed) {
				t.Fatalf("got %q, %v", reply, err)
			}
			if failed.Stage != test.stage || failed.Code != test.code || failed.Outcome != test.outcome || !strings.Contains(failed.Sentence, test.words) {
				t.Errorf("got stage %s, code %d, outcome %d: %s", failed.Stage, failed.Code, failed.Outcome, failed.Sentence)
			}
			taken := slices.ContainsFunc(s.heard(), func(l string) bool { return strings.HasPrefix(l, "mail ") })
			if taken && failed.Outcome == mailer.Later && failed.Code == 0 {
				t.Error("the server had the whole mail, and it would be sent again")
			}
		})
	}
}

// TestP2_CutInTheMail: a mail that was cut before its end is no mail, so it may be sent again.
func TestP2_CutInTheMail(t *testing.T) {
	t.Parallel()
	s := &script{answers: map[string][]string{"DATA": {"354 go on\nCUT"}}}
	_, err := mailer.Send(t.Context(), s.smtpAccount(t), envelope, []byte(letter+strings.Repeat(strings.Repeat("x", 70)+"\r\n", 1<<17)))
	var failed *mailer.SendError
	if !errors.As(err, &failed) || failed.Outcome != mailer.Later || failed.Stage != "body" {
		t.Errorf("got %v", err)
	}
}

// TestP2_Cancelled: told to stop while the last reply is out, the mail is Unknown; before it was
// handed over it is certain that it did not go.
func TestP2_Cancelled(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]mailer.Outcome{"MAIL": mailer.Later, "DATA": mailer.Later, ".": mailer.Unknown} {
		s := &script{answers: map[string][]string{command: {"SILENCE"}}}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for !slices.ContainsFunc(s.heard(), func(l string) bool {
				return strings.HasPrefix(l, map[string]string{".": "mail "}[command]+strings.Trim(command, "."))
			}) {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		_, err := mailer.Send(ctx, s.smtpAccount(t), envelope, []byte(letter))
		var failed *mailer.SendError
		if !errors.As(err, &failed) || failed.Outcome != want {
			t.Errorf("cancelled at %s: %v", command, err)
		}
		cancel()
	}
}

// TestExactBytes: the server gets the bytes that were approved, with dots and all, once, in one
// envelope for all recipients, and no name of this computer.
func TestExactBytes(t *testing.T) {
	t.Parallel()
	s := &script{answers: map[string][]string{}}
	if _, err := mailer.Send(t.Context(), s.smtpAccount(t), envelope, []byte(letter)); err != nil {
		t.Fatal(err)
	}
	want := []string{"EHLO x.test", "AUTH PLAIN AG1lAHNlY3JldA==", "MAIL FROM:<me@x.test>", "RCPT TO:<dana@x.test>", "RCPT TO:<lee@x.test>", "DATA", "mail " + letter, "QUIT"}
	if got := s.heard(); !slices.Equal(got, want) {
		t.Errorf("heard %q\nwant %q", got, want)
	}
}

// TestSMTPUTF8: asked for only where an address needs it; some servers refuse it otherwise.
func TestSMTPUTF8(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]bool{"dana@x.test": false, "dána@x.test": true} {
		s := &script{answers: map[string][]string{}}
		if _, err := mailer.Send(t.Context(), s.smtpAccount(t), mailer.Envelope{From: "me@x.test", To: []string{to}}, []byte(letter)); err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(s.heard(), "MAIL FROM:<me@x.test> SMTPUTF8"); got != want {
			t.Errorf("to %s: heard %q", to, s.heard())
		}
	}
}

// TestSendOnOffice: what is handed in is what was composed, less its Bcc.
func TestSendOnOffice(t *testing.T) {
	t.Parallel()
	f, a := office(t, postoffice.Options{})
	m := plain()
	raw, err := mailer.Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	to := []string{"dana@x.test", "lee@x.test"}
	if _, err := mailer.Send(t.Context(), a, mailer.Envelope{From: me, To: to}, mailer.StripBcc(raw)); err != nil {
		t.Fatal(err)
	}
	sent := f.Submitted()
	if len(sent) != 1 || string(sent[0].Raw) != string(mailer.StripBcc(raw)) || !slices.Equal(sent[0].To, to) || sent[0].From != me {
		t.Fatalf("handed in %+v", sent)
	}
	if strings.Contains(strings.ToLower(string(sent[0].Raw)), "bcc") || !strings.HasPrefix(string(raw), "Bcc: ") {
		t.Errorf("Bcc is to stand in introd's copy alone:\n%s", raw)
	}
	if err := mailer.SignIn(t.Context(), a); err != nil || len(f.Submitted()) != 1 {
		t.Errorf("signing in: %v", err)
	}
	f.Reject("dana@x.test", 550, "no such user")
	var failed *mailer.SendError
	if _, err := mailer.Send(t.Context(), a, mailer.Envelope{From: me, To: to}, raw); !errors.As(err, &failed) || failed.Outcome != mailer.Refused || len(f.Submitted()) != 1 {
		t.Errorf("one of two refused: %v, %d mails", err, len(f.Submitted()))
	}
	if _, err := mailer.Send(t.Context(), a, mailer.Envelope{From: me}, raw); !errors.As(err, &failed) || failed.Outcome != mailer.Refused {
		t.Errorf("no recipient: %v", err)
	}
}
