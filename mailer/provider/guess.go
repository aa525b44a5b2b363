package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// guess tries the names that such servers mostly have. One counts if it answers as it should; whether its certificate is
// right is seen, and said, when one signs in.
func (l look) guess(ctx context.Context) Candidate {
	ctx, cancel := context.WithTimeout(ctx, guessWithin)
	defer cancel()
	imap := []Server{implicit("imap."+l.domain, 993), implicit("mail."+l.domain, 993), starttls("imap."+l.domain, 143), starttls("mail."+l.domain, 143)}
	smtp := []Server{implicit("smtp."+l.domain, 465), implicit("mail."+l.domain, 465), starttls("smtp."+l.domain, 587), starttls("mail."+l.domain, 587)}
	var c Candidate
	var wait sync.WaitGroup
	wait.Go(func() { c.IMAP = l.firstThat(ctx, imap, "* OK") })
	wait.Go(func() { c.SMTP = l.firstThat(ctx, smtp, "220") })
	wait.Wait()
	if c.IMAP.Host == "" && c.SMTP.Host == "" {
		return Candidate{}
	}
	c.By, c.Why = ByGuess, fmt.Sprintf("Nothing says so, but %s answers there.", both(c.IMAP, c.SMTP))
	return c
}

// firstThat tries all servers at once, and returns the first of the list that greets as it should.
func (l look) firstThat(ctx context.Context, servers []Server, greeting string) Server {
	greets := make([]bool, len(servers))
	var wait sync.WaitGroup
	for i, s := range servers {
		wait.Go(func() { greets[i] = l.greets(ctx, s, greeting) })
	}
	wait.Wait()
	for i, s := range servers {
		if greets[i] {
			s.User = l.address
			return s
		}
	}
	return Server{}
}

// greets says whether a server answers, and begins as its protocol does.
func (l look) greets(ctx context.Context, s Server, greeting string) bool {
	raw, err := l.Dial(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return false
	}
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	conn := raw
	if s.TLS == "implicit" {
		private := tls.Client(raw, &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12})
		var certificate *tls.CertificateVerificationError
		if err := private.HandshakeContext(ctx); errors.As(err, &certificate) {
			return true
		} else if err != nil {
			return false
		}
		conn = private
	}
	first := make([]byte, len(greeting))
	_, err = io.ReadFull(conn, first)
	return err == nil && strings.EqualFold(string(first), greeting)
}
