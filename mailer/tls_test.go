package mailer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"introd/mailer"
	"introd/mailer/postoffice"
)

// private opens an office that is reached in one of the two ways, and the account that trusts it.
func private(t *testing.T, way string, expired bool) (*postoffice.Office, mailer.Account) {
	t.Helper()
	f, a := office(t, postoffice.Options{TLS: way == "implicit", StartTLS: way == "starttls", Expired: expired})
	a.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(a.CAFile, f.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	a.IMAP.TLS, a.SMTP.TLS = way, way
	return f, a
}

// TestTLS: both ways of being private work for both servers, with a private authority, and nothing
// works that is not private.
func TestTLS(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"implicit", "starttls"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			f, a := private(t, way, false)
			if _, err := dial(t, a).Examine("INBOX"); err != nil {
				t.Error(err)
			}
			if _, err := mailer.Send(t.Context(), a, mailer.Envelope{From: me, To: []string{"dana@x.test"}}, []byte(letter)); err != nil || len(f.Submitted()) != 1 {
				t.Errorf("%d mails, %v", len(f.Submitted()), err)
			}
			if err := mailer.SignIn(t.Context(), a); err != nil {
				t.Error(err)
			}
			for words, change := range map[string]func(*mailer.Account){
				"nobody this computer trusts vouches for 127.0.0.1": func(a *mailer.Account) { a.CAFile = "" },
				"the certificate shown is not for 0.0.0.0":          func(a *mailer.Account) { a.IMAP.Host, a.SMTP.Host = "0.0.0.0", "0.0.0.0" },
				"there is no file": func(a *mailer.Account) { a.CAFile += "x" },
				"is allowed on this machine alone": func(a *mailer.Account) {
					a.IMAP.TLS, a.SMTP.TLS, a.IMAP.Host, a.SMTP.Host = "none", "none", "mail.x.test", "mail.x.test"
				},
				`tls = "ssl" is not known`: func(a *mailer.Account) { a.IMAP.TLS, a.SMTP.TLS = "ssl", "ssl" },
			} {
				broken := a
				change(&broken)
				turnedAway(t, broken, words)
			}
			_, a = private(t, way, true)
			turnedAway(t, a, "has expired or is not valid yet; its operator must renew it, or this computer's clock is wrong")
		})
	}
}

// turnedAway asserts that neither server is spoken to, with the same sentence.
func turnedAway(t *testing.T, a mailer.Account, words string) {
	t.Helper()
	if _, err := mailer.Dial(t.Context(), a); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("IMAP: %v, want %s", err, words)
	}
	if err := mailer.SignIn(t.Context(), a); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("SMTP: %v, want %s", err, words)
	}
	var failed *mailer.SendError
	if _, err := mailer.Send(t.Context(), a, envelope, []byte(letter)); !errors.As(err, &failed) || failed.Outcome == mailer.Unknown || !strings.Contains(failed.Sentence, words) {
		t.Errorf("sending: %v", err)
	}
}

// TestSTARTTLSInjection: what somebody slips in before the handshake is not taken for the server's word.
func TestSTARTTLSInjection(t *testing.T) {
	t.Parallel()
	s := sound()
	s.answers["STARTTLS"] = []string{"$ OK begin\nT1 OK injected\n* PREAUTH come in"}
	a := s.account(t)
	a.IMAP.TLS = "starttls"
	if _, err := mailer.Dial(t.Context(), a); !errors.Is(err, mailer.ErrTLS) {
		t.Errorf("got %v", err)
	}
	s = sound()
	s.answers["STARTTLS"] = []string{"$ NO not here"}
	a = s.account(t)
	a.IMAP.TLS = "starttls"
	if _, err := mailer.Dial(t.Context(), a); !errors.Is(err, mailer.ErrTLS) || !strings.Contains(err.Error(), `try tls = "implicit" and port 993`) {
		t.Errorf("got %v", err)
	}
	for _, line := range s.heard() {
		if strings.HasPrefix(line, "LOGIN") {
			t.Error("the password went out in plain text")
		}
	}
}
