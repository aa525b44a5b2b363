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
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
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
	return s.office.sasl(mechanism, smtp.ErrAuthFailed, func(u *user) error { s.user = u; return nil })
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
	reply, err := s.office.accept(s.user, s.from, s.to, raw)
	if err != nil {
		return err
	}
	if err := s.office.event("smtp:DATA:done", s.conn.Conn()); err != nil || reply == "" {
		return err
	}
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: reply} // how the library is told its words
}

// Submit hands in a mail as a user's own mail program would, but for the faults and mishaps.
func (f *Office) Submit(address string, to []string, raw []byte) error {
	u, err := f.user(address)
	if err != nil {
		return err
	}
	_, err = f.accept(u, u.address, to, raw)
	return err
}

// accept takes a submitted mail, files and delivers it. reply is what the server says of it, "" for nothing.
func (f *Office) accept(u *user, from string, to []string, raw []byte) (reply string, err error) {
	m := u.manners
	if raw, err = m.from(u.address, from, raw); err != nil {
		return "", err
	}
	nth, again := f.record(u, Submission{From: from, To: slices.Clone(to), Raw: raw, At: f.options.Now()})
	if again {
		return "", nil
	}
	if m.Rebuild != nil {
		raw = m.Rebuild(raw)
	}
	if m.NewIDs {
		id := fmt.Sprintf("<rewritten-%d@office.test>", nth)
		if raw = m.newID(raw, id); m.TellsID {
			reply = "OK " + id + " [Hostname=mail.home.test]"
		}
	}
	if m.FilesSent {
		if err := f.file(u, from, to, raw); err != nil {
			return "", err
		}
	}
	for _, recipient := range to {
		if err := f.deliver(from, recipient, raw); err != nil {
			return "", err
		}
	}
	return reply, nil
}

// record notes a submission: which it is by number, and whether the provider drops it as a repetition.
func (f *Office) record(u *user, s Submission) (nth int, again bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, to := range s.To {
		u.wrote[strings.ToLower(to)] = true
	}
	if within := u.manners.OnceIn; within > 0 {
		again = slices.ContainsFunc(u.handed, func(h Submission) bool {
			return s.At.Sub(h.At) < within && slices.Equal(h.To, s.To) && bytes.Equal(timeless(h.Raw), timeless(s.Raw))
		})
	}
	f.submitted, u.handed = append(f.submitted, s), append(u.handed, s)
	return len(f.submitted), again
}

// timeless is a mail without what tells two equal ones apart.
func timeless(raw []byte) []byte { return timelessFields.ReplaceAll(raw, nil) }

var timelessFields = regexp.MustCompile(`(?im)^(?:Message-ID|Date):.*\r\n(?:[ \t].*\r\n)*`)

// file puts what a user submitted into their Sent, with the trace of the way it came by. Where folders
// are labels, a mail that goes to the user too is the one that is delivered.
func (f *Office) file(u *user, from string, to []string, raw []byte) error {
	if u.manners.Labels {
		trace := f.trace(from, "")
		if slices.ContainsFunc(to, func(a string) bool { return strings.EqualFold(a, u.address) }) {
			trace = f.trace(from, u.address)
		}
		raw = append([]byte(trace), raw...)
	}
	f.mu.Lock()
	sent := u.use(imap.MailboxAttrSent)
	f.mu.Unlock()
	return f.put(u, sent, raw, imap.FlagSeen)
}

// trace is what a server writes above a mail that it takes in, or delivers to somebody.
func (f *Office) trace(from, to string) string {
	trace := fmt.Sprintf("Return-Path: <%s>\r\n", from)
	if to != "" {
		trace += fmt.Sprintf("Delivered-To: %s\r\n", to)
	}
	return trace + fmt.Sprintf("Received: from client.test by mail.home.test; %s\r\n", f.options.Now().Format(time.RFC1123Z))
}

var (
	messageIDField = regexp.MustCompile(`(?im)^Message-ID:[ \t]*(?:\r\n[ \t]+)?(<[^>]*>)`)
	fromField      = regexp.MustCompile(`(?im)^From:.*(?:\r\n[ \t].*)*`)
)

// recipients are whom a mail is addressed to.
func recipients(raw []byte) (all []string) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	for _, field := range []string{"To", "Cc", "Bcc"} {
		list, err := m.Header.AddressList(field)
		if err != nil {
			continue // the field is not there
		}
		for _, a := range list {
			all = append(all, a.Address)
		}
	}
	return all
}

// newID gives a mail another Message-ID, and keeps the old one beside it where the provider does.
func (m *Manners) newID(raw []byte, id string) []byte {
	field := "Message-ID: " + id
	if m.OldID != "" {
		field += "\r\n" + m.OldID + ": $1"
	}
	return messageIDField.ReplaceAll(raw, []byte(field))
}

// from sees to a mail in another's name.
func (m *Manners) from(account, envelope string, raw []byte) ([]byte, error) {
	other := !strings.EqualFold(envelope, account) || !bytes.Contains(bytes.ToLower(fromField.Find(raw)), []byte(account))
	switch {
	case other && m.FromOther == "refused":
		return nil, &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 2, 252}, Message: "SendAsDenied; " + account + " not allowed to send as " + envelope}
	case other && m.FromOther == "replaced":
		return fromField.ReplaceAll(raw, []byte("From: <"+account+">")), nil
	}
	return raw, nil
}

// Deliver puts a mail into a user's INBOX as if it had come from outside: with the trace that
// servers leave on the way.
func (f *Office) Deliver(from, to string, raw []byte) error { return f.deliver(from, to, raw) }

func (f *Office) deliver(from, to string, raw []byte) error {
	u, folder, err := f.address(from, to)
	if err != nil {
		return f.bounce(from, to, raw)
	}
	if err := f.put(u, folder, append([]byte(f.trace(from, to)), raw...)); err != nil {
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

// address finds whom a mail is for, and the folder that it is put into: as on some servers that of
// owner+Folder@, if there is one.
func (f *Office) address(from, to string) (*user, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	local, domain, _ := strings.Cut(strings.ToLower(to), "@")
	base, _, tagged := strings.Cut(local, "+")
	u := f.users[local+"@"+domain]
	if u == nil && tagged {
		u = f.users[base+"@"+domain]
	}
	if u == nil {
		return nil, "", fmt.Errorf("no mailbox for %s", to)
	}
	_, tag, _ := strings.Cut(strings.Split(to, "@")[0], "+")
	folder := u.manners.Prefix + tag
	if _, there := u.folders[folder]; tag != "" && there && !u.manners.PlusInbox {
		return u, folder, nil
	}
	if u.manners.Strangers != "" && from != "" && !u.wrote[strings.ToLower(from)] {
		return u, u.manners.Strangers, nil
	}
	return u, "INBOX", nil
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

// Refusal is an SMTP reply that turns something down, for Fail.
func Refusal(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}
