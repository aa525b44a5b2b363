package mailer

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
	"github.com/wneessen/go-mail/smtp"
)

// A secret is what one attempt to sign in shows.
type secret struct {
	word  string
	token bool // of OAuth; else a password
}

// withSecret has try sign in. Where a server turns down a token there is one more try with another one: it may have
// been taken back, or have ended sooner than this computer's clock says.
func (a Account) withSecret(ctx context.Context, s Server, try func(secret) error) error {
	if a.Token == nil {
		password, err := a.Password(ctx)
		if err != nil {
			return fmt.Errorf("password for %s: %w", s.Host, err)
		}
		return try(secret{word: password})
	}
	token, err := a.Token(ctx, "")
	if err != nil {
		return err
	}
	if err = try(secret{token, true}); !errors.Is(err, ErrAuth) {
		return err
	}
	if token, err = a.Token(ctx, token); err != nil {
		return err
	}
	return try(secret{token, true})
}

// The SASL mechanisms for tokens. XOAUTH2 is Google's and Microsoft's, and all that Microsoft takes.
const (
	xoauth2     = "XOAUTH2"
	oauthbearer = "OAUTHBEARER" // RFC 7628
)

// bearer is one sign-in with a token, as IMAP's client wants it; smtpBearer is the same for SMTP.
type bearer struct {
	mechanism string
	server    Server
	token     string
	reason    []byte // the server's for a no, in JSON
}

// bearer chooses the mechanism: the best one of the provider's that the server offers.
func (a Account) bearer(s Server, token string, offered []string) (*bearer, error) {
	known := a.Bearer
	if len(known) == 0 {
		known = []string{oauthbearer, xoauth2}
	}
	for _, mechanism := range known {
		if slices.Contains(offered, mechanism) {
			return &bearer{mechanism: mechanism, server: s, token: token}, nil
		}
	}
	return nil, fmt.Errorf("%s takes no sign-in by OAuth, only %s: use a password for it", s.Host, cmp.Or(strings.Join(offered, ", "), "none that it names"))
}

// Start is the client's first word.
func (b *bearer) Start() (mechanism string, first []byte, err error) {
	if b.mechanism == xoauth2 { // https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
		return xoauth2, []byte("user=" + b.server.User + "\x01auth=Bearer " + b.token + "\x01\x01"), nil
	}
	return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: b.server.User, Token: b.token, Host: b.server.Host, Port: b.server.Port}).Start()
}

// Next answers the server's reason for a no, which it gives as a challenge: only after that answer comes the no itself.
func (b *bearer) Next(challenge []byte) ([]byte, error) {
	b.reason = challenge
	if b.mechanism == xoauth2 {
		return []byte{}, nil
	}
	return []byte{1}, nil // RFC 7628 §3.2.3
}

// refused is the no in words. what is switched on at a mailbox or not, and said is what the protocol said.
func (b *bearer) refused(what, said string, cause error) error {
	var reason struct{ Status string }
	if json.Unmarshal(b.reason, &reason) == nil && reason.Status != "" {
		said += ", status " + reason.Status
	}
	return &tokenError{fmt.Sprintf("%s refuses introd's sign-in, though it was renewed just now: perhaps you signed in as somebody else than %s, or %s is switched off for that mailbox (it said: %s)",
		b.server.Host, b.server.User, what, said), cause}
}

// A tokenError is ErrAuth for a token.
type tokenError struct {
	words string
	cause error
}

func (e *tokenError) Error() string        { return e.words }
func (e *tokenError) Is(target error) bool { return target == ErrAuth }
func (e *tokenError) Unwrap() error        { return e.cause }

// smtpBearer is a bearer for SMTP. A first word that does not fit into a line of a command waits for
// the server's (RFC 4954 §4).
type smtpBearer struct {
	*bearer
	waiting []byte
}

// mostCommand is how long a command of SMTP may be, in octets, without its line's end (RFC 5321 §4.5.3.1.4).
const mostCommand = 510

func (b *smtpBearer) Start(*smtp.ServerInfo) (mechanism string, first []byte, err error) {
	mechanism, first, err = b.bearer.Start()
	if len("AUTH ")+len(mechanism)+1+base64.StdEncoding.EncodedLen(len(first)) > mostCommand {
		first, b.waiting = nil, first
	}
	return mechanism, first, err
}

func (b *smtpBearer) Next(challenge []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if first := b.waiting; first != nil {
		b.waiting = nil
		return first, nil
	}
	return b.bearer.Next(challenge)
}

// mechanisms are the ways to sign in that an IMAP server offers.
func mechanisms(caps imap.CapSet) (names []string) {
	for c := range caps {
		if name, ok := strings.CutPrefix(string(c), "AUTH="); ok {
			names = append(names, strings.ToUpper(name))
		}
	}
	slices.Sort(names)
	return names
}
