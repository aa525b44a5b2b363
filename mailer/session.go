package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Caps are the capabilities that change what introd does. They are read after signing in: some
// servers show fewer before.
type Caps struct{ Idle, Move, UIDPlus, SpecialUse bool }

// A Session is one signed-in IMAP connection. One goroutine owns it. After an error it is dead:
// close it and dial again.
type Session struct {
	account Account
	conn    *patient
	client  *imapclient.Client
	caps    Caps
	changed chan struct{} // capacity 1: the server spoke of new or gone mail
	folder  string        // EXAMINEd now
	stop    func() bool
}

// Dial connects and signs in. When ctx ends the connection is closed, and whatever waits on it returns.
func Dial(ctx context.Context, a Account) (*Session, error) {
	if err := a.IMAP.secure(); err != nil {
		return nil, err
	}
	raw, err := (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, "tcp", a.IMAP.addr())
	if err != nil {
		return nil, explain(err, a.IMAP)
	}
	s := &Session{account: a, conn: newPatient(raw), changed: make(chan struct{}, 1)}
	s.stop = context.AfterFunc(ctx, func() { s.conn.Close() })
	if err := s.greet(ctx); err != nil {
		s.Close()
		return nil, explain(err, a.IMAP)
	}
	if err := s.signIn(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// greet starts TLS and reads the server's greeting.
func (s *Session) greet(ctx context.Context) error {
	config, err := s.account.tlsConfig(s.account.IMAP.Host)
	if err != nil {
		return err
	}
	options := &imapclient.Options{TLSConfig: config, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { s.notice() },
		Expunge: func(uint32) { s.notice() },
	}}
	switch s.account.IMAP.TLS {
	case "implicit":
		conn := tls.Client(s.conn, config)
		if err := conn.HandshakeContext(ctx); err != nil {
			return err
		}
		s.client = imapclient.New(conn, options)
	case "starttls":
		if s.client, err = imapclient.NewStartTLS(s.conn, options); err != nil {
			return err
		}
	default:
		s.client = imapclient.New(s.conn, options)
	}
	return s.client.WaitGreeting()
}

// notice runs on the library's reader: it must not wait.
func (s *Session) notice() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// signIn logs in, sends ID (some servers open no folder without it) and reads the capabilities anew.
func (s *Session) signIn(ctx context.Context) error {
	password, err := s.account.Password(ctx)
	if err != nil {
		return fmt.Errorf("password for %s: %w", s.account.IMAP.Host, err)
	}
	if err := s.client.Login(s.account.IMAP.User, password).Wait(); err != nil {
		var no *imap.Error
		if errors.As(err, &no) && no.Type == imap.StatusResponseTypeNo && no.Code != imap.ResponseCodeUnavailable && no.Code != imap.ResponseCodeLimit {
			return fmt.Errorf("%w (%s said: %s)", ErrAuth, s.account.IMAP.Host, no.Text)
		}
		return fmt.Errorf("signing in at %s: %w", s.account.IMAP.Host, err)
	}
	set, err := s.client.Capability().Wait()
	if err != nil {
		return fmt.Errorf("asking %s what it can do: %w", s.account.IMAP.Host, err)
	}
	s.caps = Caps{Idle: set.Has(imap.CapIdle), Move: set.Has(imap.CapMove), UIDPlus: set.Has(imap.CapUIDPlus), SpecialUse: set.Has(imap.CapSpecialUse)}
	if set.Has(imap.CapID) {
		if _, err := s.client.ID(&imap.IDData{Name: "introd"}).Wait(); err != nil {
			var no *imap.Error
			if !errors.As(err, &no) {
				return fmt.Errorf("identifying introd to %s: %w", s.account.IMAP.Host, err)
			}
		}
	}
	return nil
}

// Close ends the session at once. It never waits for the server.
func (s *Session) Close() {
	s.stop()
	s.conn.Close()
	if s.client != nil {
		_ = s.client.Close()
	}
}

// Caps are the server's capabilities after signing in.
func (s *Session) Caps() Caps { return s.caps }

// A Box is the state of a folder.
type Box struct{ UIDValidity, UIDNext, Messages uint32 }

// Examine opens a folder for reading alone. It always asks the server, so that the Box is fresh.
func (s *Session) Examine(folder string) (Box, error) {
	data, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		s.folder = ""
		return Box{}, fmt.Errorf("opening folder %s: %w", folder, err)
	}
	s.folder = folder
	return Box{UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext), Messages: data.NumMessages}, nil
}

// Idle waits until the server tells of a change in the folder that is open, or until limit. The
// caller looks after it returns; a change is a hint and no more (RFC 2177).
func (s *Session) Idle(ctx context.Context, limit time.Duration) (changed bool, err error) {
	command, err := s.client.Idle()
	if err != nil {
		return false, fmt.Errorf("idle: %w", err)
	}
	s.conn.allow(0)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.changed:
		changed = true
	case <-timer.C:
	case <-ctx.Done():
		return false, ctx.Err()
	case <-s.client.Closed():
		return false, fmt.Errorf("idle: %w", net.ErrClosed)
	}
	s.conn.allow(answerLimit)
	if err := errors.Join(command.Close(), command.Wait()); err != nil {
		return changed, fmt.Errorf("idle: %w", err)
	}
	return changed, nil
}

// Create makes a folder; one that is there already is no error.
func (s *Session) Create(folder string) error {
	err := s.client.Create(folder, nil).Wait()
	var no *imap.Error
	if errors.As(err, &no) && (no.Code == imap.ResponseCodeAlreadyExists || strings.Contains(strings.ToLower(no.Text), "exist")) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making folder %s: %w", folder, err)
	}
	return nil
}
