package postoffice

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// submission is one SMTP connection. Only users who signed in may send.
type submission struct {
	office *Office
	conn   *smtp.Conn
	user   *user
	from   string
	to     []string
}

func (s *submission) AuthMechanisms() []string { return s.office.mechanisms() }

func (s *submission) Auth(mechanism string) (sasl.Server, error) {
	if err := s.office.event("smtp:AUTH", s.conn.Conn()); err != nil {
		return nil, err
	}
	return s.office.sasl(mechanism, smtp.ErrAuthFailed, func(u *user) { s.user = u })
}

func (s *submission) Reset()        { s.from, s.to = "", nil }
func (s *submission) Logout() error { return nil }

func (s *submission) Mail(from string, _ *smtp.MailOptions) error {
	if s.user == nil {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return s.office.event("smtp:MAIL", s.conn.Conn())
}

func (s *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.office.mu.Lock()
	refusal, refused := s.office.rejects[strings.ToLower(to)]
	s.office.mu.Unlock()
	if refused {
		return &refusal
	}
	s.to = append(s.to, to)
	return s.office.event("smtp:RCPT", s.conn.Conn())
}

func (s *submission) Data(r io.Reader) error {
	if err := s.office.event("smtp:DATA", s.conn.Conn()); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.office.accept(s.user, s.from, s.to, raw); err != nil {
		return err
	}
	return s.office.event("smtp:DATA:done", s.conn.Conn())
}

// accept takes a submitted mail and delivers it.
func (f *Office) accept(u *user, from string, to []string, raw []byte) error {
	f.mu.Lock()
	f.submitted = append(f.submitted, Submission{From: from, To: append([]string(nil), to...), Raw: raw, At: f.options.Now()})
	f.mu.Unlock()
	if f.options.RewriteIDs {
		raw = rewriteID(raw, len(f.Submitted()))
	}
	if f.options.FilesSent {
		if err := f.put(u, "Sent", raw, imap.FlagSeen); err != nil {
			return err
		}
	}
	for _, recipient := range to {
		if err := f.deliver(from, recipient, raw); err != nil {
			return err
		}
	}
	return nil
}

var messageIDField = regexp.MustCompile(`(?im)^Message-ID:[ \t]*(?:\r\n[ \t]+)?(<[^>]*>)`)

// rewriteID does what Exchange does: another Message-ID, with the old one beside it.
func rewriteID(raw []byte, n int) []byte {
	return messageIDField.ReplaceAll(raw, []byte(fmt.Sprintf("Message-ID: <rewritten-%d@office.test>\r\nX-Microsoft-Original-Message-ID: $1", n)))
}

// Deliver puts a mail into a user's INBOX as if it had come from outside: with the trace that
// servers leave on the way.
func (f *Office) Deliver(from, to string, raw []byte) error { return f.deliver(from, to, raw) }

func (f *Office) deliver(from, to string, raw []byte) error {
	folder := "INBOX"
	u, err := f.user(to)
	if err != nil { // owner+Folder@ lands in that folder, as on some servers
		local, domain, _ := strings.Cut(to, "@")
		base, tag, tagged := strings.Cut(local, "+")
		if u, err = f.user(base + "@" + domain); err == nil && tagged {
			folder = tag
		}
	}
	if err != nil {
		return f.bounce(from, to, raw)
	}
	trace := fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\nReceived: from client.test by mail.home.test; %s\r\n", from, to, f.options.Now().Format(time.RFC1123Z))
	if err := f.put(u, folder, append([]byte(trace), raw...)); err != nil {
		return err
	}
	f.mu.Lock()
	tell := f.delivered
	f.mu.Unlock()
	if tell != nil {
		tell(from, to, raw)
	}
	return nil
}

// bounce sends a delivery report to the sender of a mail for nobody (RFC 3464).
func (f *Office) bounce(from, to string, raw []byte) error {
	if from == "" {
		return nil
	}
	header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var b strings.Builder
	fmt.Fprintf(&b, "From: Mail Delivery System <MAILER-DAEMON@mail.home.test>\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\n", from)
	fmt.Fprintf(&b, "Date: %s\r\nMessage-ID: <bounce-%d@mail.home.test>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n", f.options.Now().Format(time.RFC1123Z), f.options.Now().UnixNano())
	b.WriteString("Content-Type: multipart/report; report-type=delivery-status; boundary=\"report\"\r\n\r\n")
	fmt.Fprintf(&b, "--report\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mail.home.test.\r\n\r\n<%s>: user unknown\r\n\r\n", to)
	fmt.Fprintf(&b, "--report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.home.test\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n", to)
	fmt.Fprintf(&b, "--report\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n\r\n--report--\r\n", header)
	return f.deliver("", from, []byte(b.String()))
}

// certificate makes an authority and a certificate of loopback under it.
func certificate(o Options) (*tls.Config, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "post office"}, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if o.Expired {
		leaf.NotAfter = now.Add(-24 * time.Hour)
	}
	rootDER, err1 := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	leafDER, err2 := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, key)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: key}}}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), nil
}

// dial opens an IMAP connection to the office itself.
func (f *Office) dial() (*imapclient.Client, error) {
	if !f.options.TLS {
		return imapclient.DialInsecure(f.IMAPAddr(), nil)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(f.ca)
	return imapclient.DialTLS(f.IMAPAddr(), &imapclient.Options{TLSConfig: &tls.Config{RootCAs: pool, ServerName: "localhost"}})
}

// Refusal is an SMTP reply that turns something down, for Fail.
func Refusal(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}
