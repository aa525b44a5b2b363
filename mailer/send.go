package mailer

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
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

// sendTimeout bounds the silence of the server within one mail. The final reply may take long (RFC 5321 §4.5.3.2.6).
const sendTimeout = 5 * time.Minute

// Send hands exactly these bytes to the account's server, for all recipients or for none, and
// returns the text of its final reply. Every error is a *SendError.
func Send(ctx context.Context, a Account, envelope Envelope, raw []byte) (reply string, err error) {
	if len(envelope.To) == 0 {
		return "", &SendError{"RCPT", 0, Refused, "the mail has no recipient", errors.New("no recipient")}
	}
	client, err := connect(ctx, a)
	if err != nil {
		return "", err
	}
	// The connection goes away whatever happens; a QUIT that fails after the 250 means nothing.
	defer client.Close()
	defer context.AfterFunc(ctx, func() { client.Close() })()
	if err := client.UpdateDeadline(sendTimeout); err != nil {
		return "", refusal("MAIL", err)
	}
	client.SkipSMTPUTF8(ascii(envelope))
	if err := client.Mail("<" + envelope.From + ">"); err != nil {
		return "", refusal("MAIL", err)
	}
	for _, to := range envelope.To {
		if err := client.Rcpt("<" + to + ">"); err != nil {
			return "", refusal("RCPT", err)
		}
	}
	w, err := client.Data()
	if err != nil {
		return "", refusal("DATA", err)
	}
	if _, err := w.Write(raw); err != nil {
		// The dot that ends the mail was not sent: what the server has is no whole mail.
		return "", &SendError{"body", 0, Later, "the connection broke while the mail was being sent; introd tries again", err}
	}
	if err := w.Close(); err != nil {
		return "", finalError(err)
	}
	if r, ok := w.(interface{ ServerResponse() string }); ok {
		reply = r.ServerResponse()
	}
	_ = client.Quit()
	return reply, nil
}

// SignIn connects to the account's SMTP server, signs in, and hangs up: what introd check does.
func SignIn(ctx context.Context, a Account) error {
	client, err := connect(ctx, a)
	if err != nil {
		var failed *SendError
		if errors.As(err, &failed) {
			return errors.New(failed.Sentence)
		}
		return err
	}
	defer client.Close()
	return client.Quit()
}

// connect dials, starts TLS and signs in.
func connect(ctx context.Context, a Account) (*smtp.Client, error) {
	fail := func(outcome Outcome, stage string, err error) error {
		return &SendError{stage, codeOf(err), outcome, explain(err, a.SMTP).Error(), err}
	}
	if err := a.SMTP.secure(); err != nil {
		return nil, fail(Refused, "dial", err)
	}
	config, err := a.tlsConfig(a.SMTP.Host)
	if err != nil {
		return nil, fail(Refused, "dial", err)
	}
	password, err := a.Password(ctx)
	if err != nil {
		return nil, fail(Later, "auth", fmt.Errorf("password for %s: %w", a.SMTP.Host, err))
	}
	_, domain, _ := strings.Cut(a.Address, "@")
	options := []gomail.Option{
		gomail.WithPort(a.SMTP.Port), gomail.WithTLSConfig(config), gomail.WithHELO(domain), gomail.WithTimeout(sendTimeout),
		gomail.WithUsername(a.SMTP.User), gomail.WithPassword(password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithoutNoop(),
	}
	switch a.SMTP.TLS {
	case "implicit":
		options = append(options, gomail.WithSSL())
	case "starttls":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc))
	}
	dialer, err := gomail.NewClient(a.SMTP.Host, options...)
	if err != nil {
		return nil, fail(Refused, "dial", err)
	}
	client, err := dialer.DialToSMTPClientWithContext(ctx)
	if err == nil {
		return client, nil
	}
	if code := codeOf(err); code == 535 || code == 534 || code == 530 {
		return nil, &SendError{"auth", code, Later, fmt.Sprintf("%v (%s)", ErrAuth, a.SMTP.Host), fmt.Errorf("%w: %w", ErrAuth, err)}
	}
	return nil, fail(Later, "dial", err)
}

// refusal judges an error before the mail was handed over: in any case it was not delivered.
func refusal(stage string, err error) error {
	code := codeOf(err)
	switch {
	case code >= 500:
		return &SendError{stage, code, Refused, "the mail server refused the mail: " + reason(err), err}
	case code >= 400:
		return &SendError{stage, code, Later, "the mail server cannot take the mail now (" + reason(err) + "); introd tries again", err}
	}
	return &SendError{stage, code, Later, "the connection to the mail server broke; introd tries again", err}
}

// finalError judges what came in place of the last 250. Only a code is certain.
func finalError(err error) error {
	if codeOf(err) != 0 {
		return refusal("body", err)
	}
	return &SendError{"body", 0, Unknown, "the connection broke just when the mail had been handed over", err}
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

// FilesSent says whether the provider behind an SMTP host puts a copy into Sent by itself, and
// whether that is known at all (research of 2026; Yahoo, iCloud and QQ are not known).
func FilesSent(host string) (yes, known bool) {
	for suffix, files := range filesSent {
		if host == suffix || strings.HasSuffix(host, "."+suffix) {
			return files, true
		}
	}
	return false, false
}

var filesSent = map[string]bool{
	"gmail.com": true, "office365.com": true, "outlook.com": true, "zoho.com": true, "zoho.eu": true, "zoho.in": true,
	"fastmail.com": false, "messagingengine.com": false, "gmx.net": false, "gmx.com": false, "web.de": false, "yandex.ru": false, "yandex.com": false, "mail.ru": false,
}
