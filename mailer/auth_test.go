package mailer_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"introd/mailer"
	"introd/mailer/postoffice"
	"introd/mailer/signin"
)

// bearing opens an office whose users sign in with tokens, and an account there whose owner has just done so.
func bearing(t *testing.T, o postoffice.Options, i postoffice.IssuerOptions) (*postoffice.Office, *postoffice.Issuer, mailer.Account) {
	t.Helper()
	issuer, err := postoffice.OpenIssuer(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(issuer.Close)
	o.Issuer, o.Manners.NoPassword = issuer, true
	f, a := office(t, o)
	a.Token = allow(t, issuer, me).Token
	if o.TLS {
		a.CAFile, a.IMAP.TLS, a.SMTP.TLS = filepath.Join(t.TempDir(), "ca.pem"), "implicit", "implicit"
		if err := os.WriteFile(a.CAFile, f.CAPEM(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f, issuer, a
}

// allow is the owner who signs in by their browser.
func allow(t *testing.T, issuer *postoffice.Issuer, address string) *signin.Grant {
	t.Helper()
	app := signin.App{AuthURL: issuer.URL() + "/authorize", TokenURL: issuer.URL() + "/token", ClientID: "introd", Address: address, Provider: "Home Mail", Again: "introd sign-in main"}
	tokens, err := app.Browser(t.Context(), signin.Browser{Show: func(string, bool) {}, Open: func(page string) error {
		go func() {
			if r, err := http.Get(page); err == nil {
				r.Body.Close()
			}
		}()
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return signin.Begin(app, tokens)
}

// both signs in over IMAP and SMTP.
func both(ctx context.Context, a mailer.Account) error {
	s, err := mailer.Dial(ctx, a)
	if err == nil {
		s.Close()
	}
	return errors.Join(err, mailer.SignIn(ctx, a))
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]postoffice.Options{
		"both": {}, "as Microsoft": {Manners: postoffice.Manners{Bearer: []string{"XOAUTH2"}}}, "as RFC 7628": {Manners: postoffice.Manners{Bearer: []string{"OAUTHBEARER"}}}, "in TLS": {TLS: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			office, issuer, account := bearing(t, o, postoffice.IssuerOptions{Rotates: true})
			var log bytes.Buffer
			account.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			if err := both(t.Context(), account); err != nil {
				t.Fatal(err)
			}
			asked := issuer.Count("/token")
			// The tokens end before their time: one other is got, and both go on with it.
			issuer.Expire()
			if err := both(t.Context(), account); err != nil {
				t.Fatal(err)
			}
			if n := issuer.Count("/token") - asked; n != 1 {
				t.Errorf("%d tokens were got for two sign-ins", n)
			}
			// A send in the middle of it, too.
			issuer.Expire()
			if _, err := mailer.Send(t.Context(), account, mailer.Envelope{From: account.Address, To: []string{account.Address}}, []byte("Subject: hi\r\n\r\nhi\r\n")); err != nil {
				t.Fatal(err)
			}
			token, err := account.Token(t.Context(), "")
			if err != nil || len(office.Submitted()) != 1 || strings.Contains(log.String(), token) {
				t.Errorf("%v, %d mails, the log says %s", err, len(office.Submitted()), log.String())
			}
		})
	}
}

// What was allowed is taken back: the sentence says so, over IMAP and SMTP, and nothing is sent.
func TestTokensOfASignInThatWasTakenBack(t *testing.T) {
	t.Parallel()
	office, issuer, account := bearing(t, postoffice.Options{}, postoffice.IssuerOptions{})
	s, err := mailer.Dial(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	issuer.Revoke()
	_, err = mailer.Send(t.Context(), account, mailer.Envelope{From: account.Address, To: []string{account.Address}}, []byte("Subject: hi\r\n\r\nhi\r\n"))
	var failed *mailer.SendError
	var no *signin.Refusal
	const sentence = "Home Mail no longer lets introd in as " + me + " (invalid_grant); sign in again: introd sign-in main"
	if !errors.As(err, &failed) || failed.Outcome != mailer.Later || failed.Sentence != sentence || !errors.As(err, &no) || len(office.Submitted()) > 0 {
		t.Errorf("%v", err)
	}
	if _, err := s.Status("INBOX"); err != nil {
		t.Errorf("the session that was open: %v", err)
	}
	asked := issuer.Count("/token")
	if _, err := mailer.Dial(t.Context(), account); err == nil || err.Error() != sentence || issuer.Count("/token") != asked {
		t.Errorf("%v, and the server was asked again %d times", err, issuer.Count("/token")-asked)
	}
}

// The token is good, but not for this mailbox: another one helps no more, and the server's reason is told.
func TestTokensOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"XOAUTH2", "OAUTHBEARER"} {
		_, issuer, account := bearing(t, postoffice.Options{Manners: postoffice.Manners{Bearer: []string{mechanism}}}, postoffice.IssuerOptions{})
		account.Token = allow(t, issuer, "ben@home.test").Token
		asked := issuer.Count("/token")
		_, overIMAP := mailer.Dial(t.Context(), account)
		overSMTP := mailer.SignIn(t.Context(), account)
		if n := issuer.Count("/token") - asked; n != 2 {
			t.Errorf("%s: %d tokens were got for two sign-ins that fail", mechanism, n)
		}
		for what, err := range map[string]error{"IMAP": overIMAP, "SMTP": overSMTP} {
			if !errors.Is(err, mailer.ErrAuth) || !strings.Contains(mailer.Sentence(err), "as somebody else than "+me+", or "+what+" is switched off") {
				t.Errorf("%s by %s: %v", what, mechanism, err)
			}
			if mechanism == "XOAUTH2" && !strings.Contains(mailer.Sentence(err), "status 400") {
				t.Errorf("the server's reason is lost: %v", err)
			}
		}
	}
}

func TestTokensAreNotTakenThere(t *testing.T) {
	t.Parallel()
	_, account := office(t, postoffice.Options{})
	account.Token = func(context.Context, string) (string, error) { return "token", nil }
	if err := both(t.Context(), account); err == nil || strings.Count(err.Error(), "takes no sign-in by OAuth, only PLAIN") != 2 {
		t.Error(err)
	}
}

// A token that is too long for the line of a command waits until the server asks for it (RFC 4954 §4).
func TestLongTokens(t *testing.T) {
	t.Parallel()
	for length, first := range map[int]bool{200: true, 2000: false} {
		token := strings.Repeat("x", length)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		said := make(chan []string, 1)
		go func() { said <- smtpOnce(listener) }()
		account := mailer.Account{Address: me, SMTP: serverAt(t, listener.Addr().String()), Token: func(context.Context, string) (string, error) { return token, nil }}
		if err := mailer.SignIn(t.Context(), account); err != nil {
			t.Error(err)
		}
		lines := <-said
		word := base64.StdEncoding.EncodeToString([]byte("user=" + me + "\x01auth=Bearer " + token + "\x01\x01"))
		want := []string{"EHLO home.test", "AUTH XOAUTH2 " + word, "QUIT"}
		if !first {
			want = []string{"EHLO home.test", "AUTH XOAUTH2", word, "QUIT"}
		}
		if !slices.Equal(lines, want) {
			t.Errorf("%d letters: %q", length, lines)
		}
	}
}

// smtpOnce lets one client in that signs in by XOAUTH2, and returns what it said.
func smtpOnce(listener net.Listener) (lines []string) {
	conn, err := listener.Accept()
	if err != nil {
		return nil
	}
	defer conn.Close()
	fmt.Fprint(conn, "220 mail.home.test\r\n")
	for scanner := bufio.NewScanner(conn); scanner.Scan(); {
		line := scanner.Text()
		lines = append(lines, line)
		switch {
		case strings.HasPrefix(line, "EHLO"):
			fmt.Fprint(conn, "250-mail.home.test\r\n250 AUTH LOGIN XOAUTH2\r\n")
		case line == "AUTH XOAUTH2":
			fmt.Fprint(conn, "334 \r\n")
		case line == "QUIT":
			fmt.Fprint(conn, "221 2.0.0 bye\r\n")
			return lines
		default:
			fmt.Fprint(conn, "235 2.7.0 signed in\r\n")
		}
	}
	return lines
}
