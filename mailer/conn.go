package mailer

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// answerLimit is how long a server may take for the next bytes of an answer.
const answerLimit = 60 * time.Second

// A patient is a connection that gives up on a server that has fallen silent. The IMAP library
// clears its read deadline while it waits for an answer's first byte, and would wait for ever; here
// "no deadline" means the limit. After a timeout the connection is closed, because the library reads
// on once more otherwise. It lies under TLS, so that its deadlines hold for the handshake too.
type patient struct {
	net.Conn
	limit atomic.Int64 // nanoseconds; 0: none, while idling
}

func newPatient(c net.Conn) *patient {
	p := &patient{Conn: c}
	p.allow(answerLimit)
	return p
}

// allow sets how long the server may be silent from now on; 0 for as long as it likes.
func (p *patient) allow(limit time.Duration) {
	p.limit.Store(int64(limit))
	_ = p.SetReadDeadline(time.Time{})
}

func (p *patient) SetReadDeadline(t time.Time) error {
	if limit := time.Duration(p.limit.Load()); t.IsZero() && limit > 0 {
		t = time.Now().Add(limit)
	}
	return p.Conn.SetReadDeadline(t)
}

func (p *patient) SetDeadline(t time.Time) error {
	return errors.Join(p.SetReadDeadline(t), p.SetWriteDeadline(t))
}

func (p *patient) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.Close()
	} else if n > 0 {
		_ = p.SetReadDeadline(time.Time{})
	}
	return n, err
}
