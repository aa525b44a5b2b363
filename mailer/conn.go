package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// A patient is a connection that gives up on a server that has fallen silent. Its limit is the only
// one that counts: the IMAP library waits for an answer's first byte without end, SMTP's client sets
// one deadline for a whole mail, and what they say about deadlines is not heard. A server that takes
// our bytes or sends its own is not silent. After a timeout the connection is closed, because the
// library would read on. It lies under TLS, so the limit holds for the handshake too.
type patient struct {
	net.Conn
	limits Limits
	mu     sync.Mutex
	limit  time.Duration // 0: silence is no fault now
}

// dialTCP connects to a server. When ctx ends the connection is closed, and whatever waits on it
// returns; stop ends that watch.
func (a Account) dialTCP(ctx context.Context, s Server) (conn *patient, stop func() bool, err error) {
	if err := s.Private(); err != nil {
		return nil, nil, err
	}
	raw, err := (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, "tcp", s.addr())
	if err != nil {
		return nil, nil, err
	}
	if at, ok := raw.RemoteAddr().(*net.TCPAddr); s.TLS == "none" && !(ok && at.IP.IsLoopback()) {
		raw.Close()
		return nil, nil, fmt.Errorf("%s is not on this machine: use tls = \"implicit\" or \"starttls\"", s.Host)
	}
	conn = &patient{Conn: raw, limits: a.Limits.orDefault()}
	conn.allow(conn.limits.Answer)
	return conn, context.AfterFunc(ctx, func() { conn.Close() }), nil
}

// allow sets how long the server may be silent from now on; 0 for as long as it likes. It holds for
// a Read that waits already.
func (p *patient) allow(limit time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = limit
	p.extend()
}

// extend starts the time of silence anew. The caller holds mu.
func (p *patient) extend() {
	var at time.Time
	if p.limit > 0 {
		at = time.Now().Add(p.limit)
	}
	_ = p.Conn.SetReadDeadline(at)
}

func (p *patient) SetDeadline(time.Time) error      { return nil }
func (p *patient) SetReadDeadline(time.Time) error  { return nil }
func (p *patient) SetWriteDeadline(time.Time) error { return nil }

func (p *patient) Read(b []byte) (int, error) {
	p.mu.Lock()
	p.extend()
	p.mu.Unlock()
	n, err := p.Conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.Close()
	}
	return n, err
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.Conn.SetWriteDeadline(time.Now().Add(p.limits.Answer))
	n, err := p.Conn.Write(b)
	p.mu.Lock()
	p.extend()
	p.mu.Unlock()
	return n, err
}

// startTLS makes the connection private.
func (a Account) startTLS(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	config, err := a.tlsConfig(host)
	if err != nil {
		return nil, err
	}
	private := tls.Client(conn, config)
	return private, private.HandshakeContext(ctx)
}
