package mailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// An Envelope is from whom and to whom SMTP carries a mail; bare addresses.
type Envelope struct {
	From string
	To   []string
}

// Outcome says what a failed send means for the mail.
type Outcome int

const (
	Refused Outcome = iota + 1 // certainly not delivered, and trying again is no use
	Later                      // certainly not delivered; try again later
	Unknown                    // the mail may have been accepted: never send it again alone
)

// A SendError is a send that failed.
type SendError struct {
	Stage    string // dial, auth, MAIL, RCPT, DATA, body
	Code     int    // the server's, 0 for none
	Outcome  Outcome
	Sentence string // for the owner
	Err      error
}

func (e *SendError) Error() string { return fmt.Sprintf("smtp %s: %v", e.Stage, e.Err) }
func (e *SendError) Unwrap() error { return e.Err }

// Send hands exactly these bytes to the account's server, for all recipients or for none, and
// returns the text of its final reply. Every error is a *SendError. When ctx ends the connection is
// closed at once; what had been handed over by then is Unknown.
func Send(ctx context.Context, a Account, envelope Envelope, raw []byte) (reply string, err error) {
	if len(envelope.To) == 0 {
		return "", &SendError{"RCPT", 0, Refused, "the mail has no recipient", errors.New("no recipient")}
	}
	client, conn, stop, err := connect(ctx, a)
	if err != nil {
		return "", err
	}
	// The connection goes away whatever happens; a QUIT that fails after the 250 means nothing.
	defer conn.Close()
	defer stop()
	w, err := announce(client, conn, envelope)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(raw); err != nil {
		// The dot that ends the mail was not sent: what the server has is no whole mail.
		return "", &SendError{"body", 0, Later, "the connection broke while the mail was being sent; introd tries again", err}
	}
	conn.allow(conn.limits.Final)
	if err := w.Close(); err != nil {
		return "", finalError(err)
	}
	if r, ok := w.(interface{ ServerResponse() string }); ok {
		reply = r.ServerResponse()
	}
	conn.allow(goodbyeLimit)
	_ = client.Quit()
	return reply, nil
}

// SignIn connects to the account's SMTP server, signs in, and hangs up: what introd check does. Every error is a *SendError.
func SignIn(ctx context.Context, a Account) error {
	client, conn, stop, err := connect(ctx, a)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer stop()
	conn.allow(goodbyeLimit)
	return client.Quit()
}

// goodbyeLimit is how long the answer to QUIT is waited for: the mail is sent, and nothing hangs on it.
const goodbyeLimit = 2 * time.Second

// announce names the sender and all recipients. One that is refused ends it before any mail was handed over.
func announce(client *smtp.Client, conn *patient, envelope Envelope) (io.WriteCloser, error) {
	conn.allow(conn.limits.Step)
	client.SkipSMTPUTF8(ascii(envelope))
	if err := client.Mail("<" + envelope.From + ">"); err != nil {
		return nil, refusal("MAIL", "", err)
	}
	for _, to := range envelope.To {
		if err := client.Rcpt("<" + to + ">"); err != nil {
			return nil, refusal("RCPT", to, err)
		}
	}
	w, err := client.Data()
	if err != nil {
		return nil, refusal("DATA", "", err)
	}
	return w, nil
}

// connect dials, starts TLS and signs in. Its errors are *SendErrors.
func connect(ctx context.Context, a Account) (client *smtp.Client, conn *patient, stop func() bool, err error) {
	if err := a.SMTP.Private(); err != nil {
		return nil, nil, nil, a.sendError(Refused, "dial", err)
	}
	err = a.withSecret(ctx, a.SMTP, func(k secret) (err error) {
		client, conn, stop, err = connectWith(ctx, a, k)
		return err
	})
	var failed *SendError
	if err != nil && !errors.As(err, &failed) {
		err = a.sendError(Later, "auth", err)
	}
	return client, conn, stop, err
}

func (a Account) sendError(outcome Outcome, stage string, err error) error {
	err = explain(err, a.SMTP)
	return &SendError{stage, codeOf(err), outcome, err.Error(), err}
}

// connectWith is one try with one secret. The connection is our own: go-mail's client holds a lock while it waits for
// the server, so that only closing the connection ends the wait.
func connectWith(ctx context.Context, a Account, k secret) (client *smtp.Client, conn *patient, stop func() bool, err error) {
	conn, stop, err = a.dialTCP(ctx, a.SMTP)
	if err != nil {
		return nil, nil, nil, a.sendError(Later, "dial", err)
	}
	hangUp := func() { stop(); conn.Close() }
	if client, err = a.hello(ctx, conn); err != nil {
		hangUp()
		return nil, nil, nil, a.sendError(Later, "dial", err)
	}
	if err = a.authenticate(client, k); err != nil {
		hangUp()
		return nil, nil, nil, authError(err, a.SMTP)
	}
	return client, conn, stop, nil
}

// hello greets the server, under TLS unless it is on this machine and configured without. It says
// the domain of the owner's address, not the name of this computer.
func (a Account) hello(ctx context.Context, conn *patient) (client *smtp.Client, err error) {
	_, domain, _ := strings.Cut(a.Address, "@")
	var private net.Conn = conn
	if a.SMTP.TLS == "implicit" {
		if private, err = a.startTLS(ctx, conn, a.SMTP.Host); err != nil {
			return nil, err
		}
	}
	if client, err = smtp.NewClient(private, a.SMTP.Host); err != nil {
		return nil, err
	}
	if err = client.Hello(domain); err != nil || a.SMTP.TLS != "starttls" {
		return client, err
	}
	if offered, _ := client.Extension("STARTTLS"); !offered {
		return nil, fmt.Errorf("%w: %s does not offer STARTTLS; try tls = \"implicit\" and port 465", ErrTLS, a.SMTP.addr())
	}
	config, err := a.tlsConfig(a.SMTP.Host)
	if err != nil {
		return nil, err
	}
	return client, client.StartTLS(config)
}

// authenticate signs in by the first way that both sides know. Under TLS a plain password is as safe
// as any; a server that takes mail without signing in offers no way.
func (a Account) authenticate(client *smtp.Client, k secret) error {
	offered, list := client.Extension("AUTH")
	if !offered {
		if a.SMTP.TLS == "none" {
			return nil
		}
		return fmt.Errorf("%s offers no way to sign in; check the port (587 or 465)", a.SMTP.addr())
	}
	ways := strings.Fields(strings.ToUpper(list))
	if k.token {
		return a.authenticateToken(client, k.word, ways)
	}
	unencrypted, password := a.SMTP.TLS == "none", k.word
	for _, way := range ways {
		switch way {
		case "PLAIN":
			return client.Auth(smtp.PlainAuth("", a.SMTP.User, password, a.SMTP.Host, unencrypted))
		case "LOGIN":
			return client.Auth(smtp.LoginAuth(a.SMTP.User, password, a.SMTP.Host, unencrypted))
		case "SCRAM-SHA-256":
			return client.Auth(smtp.ScramSHA256Auth(a.SMTP.User, password))
		case "CRAM-MD5":
			return client.Auth(smtp.CRAMMD5Auth(a.SMTP.User, password))
		}
	}
	return fmt.Errorf("%s offers no way to sign in that introd knows (%s)", a.SMTP.addr(), list)
}

// authenticateToken signs in with a token of OAuth.
func (a Account) authenticateToken(client *smtp.Client, token string, ways []string) error {
	b, err := a.bearer(a.SMTP, token, ways)
	if err != nil {
		return err
	}
	if err = client.Auth(&smtpBearer{bearer: b}); err != nil && (refusesSecret(codeOf(err)) || b.reason != nil && codeOf(err) != 0) {
		return b.refused("SMTP", reason(err), err)
	}
	return err
}

// refusesSecret knows the codes of RFC 4954 §6 that mean the secret, and not the server.
func refusesSecret(code int) bool { return code == 535 || code == 534 || code == 530 || code == 538 }

// authError tells a refused password from a server that cannot look just now. Nothing was sent, and
// the owner may mend the password: in each case introd may try again.
func authError(err error, s Server) error {
	code := codeOf(err)
	switch {
	case errors.Is(err, ErrAuth):
		return &SendError{"auth", code, Later, err.Error(), err}
	case refusesSecret(code):
		return &SendError{"auth", code, Later, fmt.Sprintf("%v (%s said: %s)", ErrAuth, s.Host, reason(err)), fmt.Errorf("%w: %w", ErrAuth, err)}
	}
	err = explain(err, s)
	return &SendError{"auth", code, Later, err.Error(), err}
}

// refusal judges an error before the mail was handed over, or a reply that refuses it: in any case
// it was not delivered. whom is the recipient it is about.
func refusal(stage, whom string, err error) error {
	code := codeOf(err)
	what := "the mail"
	if whom != "" {
		what = whom
	}
	switch {
	case code >= 500:
		return &SendError{stage, code, Refused, "the mail server refused " + what + ": " + reason(err), err}
	case code >= 400:
		return &SendError{stage, code, Later, "the mail server cannot take " + what + " now (" + reason(err) + "); introd tries again", err}
	}
	what = "the connection to the mail server broke"
	if errors.Is(err, os.ErrDeadlineExceeded) {
		what = "the mail server has been silent for too long"
	}
	return &SendError{stage, code, Later, what + " before it had the mail; introd tries again", err}
}

// finalError judges what came in place of the last 250. Only a code is certain.
func finalError(err error) error {
	if codeOf(err) != 0 {
		return refusal("body", "", err)
	}
	return &SendError{"body", 0, Unknown, "the connection broke just when the mail had been handed over: it may have gone out, or not", err}
}

func codeOf(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

func reason(err error) string {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return fmt.Sprintf("%d %s", reply.Code, strings.ReplaceAll(reply.Msg, "\n", " "))
	}
	return err.Error()
}

// ascii says whether no address of the envelope needs SMTPUTF8. Sent without need, some servers
// answer it with an error (go-mail#545).
func ascii(e Envelope) bool {
	for _, address := range append([]string{e.From}, e.To...) {
		for _, r := range address {
			if r > 127 {
				return false
			}
		}
	}
	return true
}
