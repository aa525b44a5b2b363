// Package mailer speaks mail: it signs in, finds folders, watches and reads them (IMAP), puts up and
// takes down introd's own mails, composes mails and sends them (SMTP).
//
// It knows nothing of people or drafts. What it reads, it reads with EXAMINE and BODY.PEEK; only
// Remove and Move SELECT, and they prove first that what they touch is introd's own.
//
// The IMAP library ends the connection at one line that it cannot parse, has no time limits and no
// contexts; conn.go and session.go add what is missing. ENVELOPE and BODYSTRUCTURE are never asked
// for: real servers send them broken.
package mailer

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"time"
)

// A Server is where and how to reach one of the two.
type Server struct {
	Host string
	Port int
	TLS  string // "implicit", "starttls", or "none": on loopback alone
	User string
}

// An Account is one mailbox and the way to send from it.
type Account struct {
	Name       string // in every key of the store
	Address    string
	Aliases    []string // further addresses of the owner's
	IMAP, SMTP Server
	Password   func(context.Context) (string, error)
	CAFile     string          // a private authority, PEM
	Folders    map[Role]string // what the owner says of their folders
	Latched    []string        // capabilities that failed before in spite of the server's promise (IDLE, MOVE, UIDPLUS): not used
	Log        *slog.Logger
	Limits     Limits

	// Token gives an access token of OAuth, where one signs in so; else it is nil. refused is the one that a server has
	// just turned down, "" for none: it is not given out again.
	Token  func(ctx context.Context, refused string) (string, error)
	Bearer []string // the SASL mechanisms for it, best first; none: OAUTHBEARER, XOAUTH2
}

// Limits are how long a server may be silent while it owes an answer. Where one is zero its default holds.
type Limits struct {
	Answer time.Duration // of IMAP, and of signing in: a minute
	Step   time.Duration // of SMTP before the mail is handed over: five minutes (RFC 5321 §4.5.3.2)
	Final  time.Duration // of SMTP for its last reply: ten minutes, as some servers look for spam meanwhile
	Poll   time.Duration // how often a server without IDLE is asked: 55 seconds
}

// orDefault fills in what is zero. Some servers hang up on one that was silent for a minute, and
// count STATUS as a sign of life but not NOOP (163.com): hence the 55 seconds.
func (l Limits) orDefault() Limits {
	return Limits{
		Answer: cmp.Or(l.Answer, time.Minute), Step: cmp.Or(l.Step, 5*time.Minute),
		Final: cmp.Or(l.Final, 10*time.Minute), Poll: cmp.Or(l.Poll, 55*time.Second),
	}
}

// Errors of signing in. Dial and Send wrap one of them where it applies; the text is for the owner.
var (
	ErrAuth    = errors.New("the server refused the user name or the password: check them; many providers want an app password here")
	ErrTLS     = errors.New("the connection cannot be made private")
	ErrDown    = errors.New("the server cannot be reached")
	ErrTooMany = errors.New("the server allows no more connections just now: close a mail program that you do not need, or wait; introd tries again")
)

func (s Server) addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Private checks that a server may be spoken to in the way it is configured: plain text on loopback alone.
func (s Server) Private() error {
	switch s.TLS {
	case "implicit", "starttls":
		return nil
	case "none":
		if ip := net.ParseIP(s.Host); s.Host == "localhost" || ip != nil && ip.IsLoopback() {
			return nil
		}
		return fmt.Errorf("tls = \"none\" is allowed on this machine alone, not for %s: use \"implicit\" or \"starttls\"", s.Host)
	}
	return fmt.Errorf("tls = %q is not known: use \"implicit\" or \"starttls\"", s.TLS)
}

// tlsConfig trusts the system's authorities, and the one in ca_file besides.
func (a Account) tlsConfig(host string) (*tls.Config, error) {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if a.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(a.CAFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s: give the authority's certificate under ca_file, or leave it empty", a.CAFile)
	}
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	config.RootCAs, err = x509.SystemCertPool()
	if err != nil {
		config.RootCAs = x509.NewCertPool()
	}
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file %s holds no certificate in PEM form", a.CAFile)
	}
	return config, nil
}

// A trouble is an error of the connection in the sentence that fits it. Kind is one of the errors of signing in.
type trouble struct {
	kind  error
	words string // what is wrong and what to do
	cause error
}

func (t *trouble) sentence() string {
	if t.words == "" {
		return t.kind.Error()
	}
	return t.kind.Error() + ": " + t.words
}

func (t *trouble) Error() string   { return fmt.Sprintf("%s (%v)", t.sentence(), t.cause) }
func (t *trouble) Unwrap() []error { return []error{t.kind, t.cause} }

// Sentence is what an error of signing in or of sending has to tell the owner, without the library's words for it.
func Sentence(err error) string {
	var known *trouble
	var failed *SendError
	switch {
	case errors.As(err, &known):
		return known.sentence()
	case errors.As(err, &failed):
		return failed.Sentence
	}
	return err.Error()
}

// explain wraps an error of the connection in the sentence that fits it.
func explain(err error, s Server) error {
	because := func(kind error, words string, args ...any) error {
		return &trouble{kind, fmt.Sprintf(words, args...), err}
	}
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	var protocol textproto.ProtocolError
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return because(ErrTLS, "the certificate of %s has expired or is not valid yet; its operator must renew it, or this computer's clock is wrong", s.Host)
	case errors.As(err, &unknown):
		return because(ErrTLS, "nobody this computer trusts vouches for %s; if it is your own server, name its authority under ca_file", s.Host)
	case errors.As(err, &name):
		return because(ErrTLS, "the certificate shown is not for %s; check the host name", s.Host)
	case errors.As(err, &record):
		return because(ErrTLS, "%s does not answer in TLS; check the port, and whether tls must be \"implicit\" or \"starttls\"", s.addr())
	case errors.Is(err, errNotIMAP):
		return because(ErrDown, "%s does not speak IMAP; check the port, which is mostly 993", s.addr())
	case errors.As(err, &protocol):
		return because(ErrDown, "%s does not speak SMTP; check the port, which is mostly 465 or 587", s.addr())
	case errors.As(err, &dns):
		return because(ErrDown, "there is no server named %s; check the host name and your network", s.Host)
	case errors.As(err, &op) && op.Op == "dial":
		return because(ErrDown, "nothing answers at %s; check the port and your network", s.addr())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return because(ErrDown, "%s has been silent for too long; check the port, whether tls must be \"implicit\" or \"starttls\", and your network", s.addr())
	case tooMany(err.Error()):
		return because(ErrTooMany, "")
	case errors.As(err, &op), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return because(ErrDown, "the connection to %s broke", s.addr())
	}
	return err
}

// NewMessageID makes a Message-ID of 128 random bits, without angle brackets (RFC 5322 §3.6.4).
func NewMessageID(domain string) string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	return hex.EncodeToString(b[:]) + "@" + domain
}
