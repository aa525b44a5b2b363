package mailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// Caps are the capabilities that change what introd does. They are read after signing in: some
// servers show fewer before.
type Caps struct {
	Idle, Move, UIDPlus, SpecialUse, Namespace bool
	Labels                                     bool // folders are labels (Gmail, Proton): an EXPUNGE takes one off, and the mail stays in the folder of all mail
}

// An Identity is what a server says of itself: its capabilities after signing in, and what its ID
// gives of name and version (RFC 2971).
type Identity struct {
	Name, Version string
	Offers        []string // sorted
}

// A Session is one signed-in IMAP connection. One goroutine owns it. After an error other than the
// server's NO it is dead: close it and dial again. Between commands it may rest for as long as the
// server allows; within one, a server that is silent for a minute is given up.
type Session struct {
	account Account
	conn    *patient
	wire    *wire
	client  *imapclient.Client
	caps    Caps
	refused []string // capabilities that failed in this session in spite of the server's promise
	server  Identity
	stop    func() bool
	folder  string          // open now
	known   map[string]bool // folders that are certainly there
	tags    int             // of our own commands

	// Written by the library's reader.
	changed  chan struct{} // capacity 1: the server spoke of new or gone mail
	expunged atomic.Uint32 // how often it spoke of gone mail
}

// Dial connects and signs in. When ctx ends the connection is closed, and whatever waits on it returns.
func Dial(ctx context.Context, a Account) (s *Session, err error) {
	err = a.withSecret(ctx, a.IMAP, func(k secret) (err error) {
		s, err = dial(ctx, a, k)
		return err
	})
	return s, err
}

func dial(ctx context.Context, a Account, k secret) (*Session, error) {
	conn, stop, err := a.dialTCP(ctx, a.IMAP)
	if err != nil {
		return nil, explain(err, a.IMAP)
	}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	s := &Session{account: a, conn: conn, stop: stop, changed: make(chan struct{}, 1), known: map[string]bool{}}
	if err := s.greet(ctx); err != nil {
		s.Close()
		return nil, explain(s.why(err), a.IMAP)
	}
	if err := s.signIn(k); err != nil {
		s.Close()
		return nil, err
	}
	conn.allow(0)
	return s, nil
}

// greet makes the connection private and reads the server's greeting.
func (s *Session) greet(ctx context.Context) error {
	var private net.Conn = s.conn
	var err error
	if s.account.IMAP.TLS == "starttls" {
		if err := askForTLS(s.conn); err != nil {
			return err
		}
	}
	if s.account.IMAP.TLS != "none" {
		if private, err = s.account.startTLS(ctx, s.conn, s.account.IMAP.Host); err != nil {
			return err
		}
	}
	s.wire = newWire(private)
	if s.account.IMAP.TLS == "starttls" {
		s.wire.line, s.wire.greeted = []byte("* OK\r\n"), true // the library waits for a greeting; the server's came before TLS
	}
	s.client = imapclient.New(s.wire, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { s.notice() },
		Expunge: func(uint32) { s.expunged.Add(1); s.notice() },
	}})
	return s.client.WaitGreeting()
}

// askForTLS reads the greeting and says STARTTLS (RFC 3501 §6.2.1). It reads byte by byte, so that
// nothing that somebody slips in before the handshake is taken for the server's word afterwards.
func askForTLS(conn net.Conn) error {
	greeting, err := bareLine(conn)
	if err != nil {
		return fmt.Errorf("waiting for the greeting: %w", err)
	}
	if !strings.HasPrefix(strings.ToUpper(greeting), "* OK") {
		return fmt.Errorf("%w: it greets with %q", errNotIMAP, greeting)
	}
	if _, err := io.WriteString(conn, "S1 STARTTLS\r\n"); err != nil {
		return err
	}
	for {
		line, err := bareLine(conn)
		if err != nil {
			return fmt.Errorf("starting TLS: %w", err)
		}
		if rest, ours := strings.CutPrefix(line, "S1 "); ours {
			if !strings.HasPrefix(strings.ToUpper(rest), "OK") {
				return fmt.Errorf("%w: the server refuses STARTTLS; try tls = \"implicit\" and port 993 (%s)", ErrTLS, rest)
			}
			return nil
		}
	}
}

func bareLine(conn net.Conn) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < 4096; line = append(line, b[0]) {
		if _, err := conn.Read(b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
	}
	return "", errors.New("the server's first line has no end")
}

// notice runs on the library's reader: it must not wait.
func (s *Session) notice() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// signIn logs in, sends ID (some servers open no folder without it) and reads the capabilities anew.
func (s *Session) signIn(k secret) error {
	before, err := s.client.Capability().Wait()
	if err != nil {
		return s.failed("asking "+s.account.IMAP.Host+" what it can do", err)
	}
	if err := s.show(k, before); err != nil {
		return err
	}
	set, err := s.client.Capability().Wait()
	if err != nil {
		return s.failed("asking "+s.account.IMAP.Host+" what it can do", err)
	}
	for c := range set {
		s.server.Offers = append(s.server.Offers, string(c))
	}
	slices.Sort(s.server.Offers)
	usable := func(c imap.Cap) bool { return set.Has(c) && !slices.Contains(s.account.Latched, string(c)) }
	s.caps = Caps{Idle: usable(imap.CapIdle), Move: usable(imap.CapMove), UIDPlus: usable(imap.CapUIDPlus), SpecialUse: set.Has(imap.CapSpecialUse), Namespace: set.Has(imap.CapNamespace), Labels: set.Has("X-GM-EXT-1")}
	if !set.Has(imap.CapID) {
		return nil
	}
	id, err := s.client.ID(&imap.IDData{Name: "introd"}).Wait()
	if err != nil && !refused(err) {
		return s.failed("identifying introd to "+s.account.IMAP.Host, err)
	}
	if id != nil {
		s.server.Name, s.server.Version = id.Name, id.Version
		s.caps.Labels = s.caps.Labels || id.Name == "Proton Mail Bridge"
	}
	return nil
}

// show signs in with a secret.
func (s *Session) show(k secret, before imap.CapSet) error {
	switch {
	case k.token:
		b, err := s.account.bearer(s.account.IMAP, k.word, mechanisms(before))
		if err != nil {
			return err
		}
		if err = s.client.Authenticate(b); err != nil {
			return s.signInError(err, b)
		}
		return nil
	case before.Has(imap.CapLoginDisabled), !plainASCII(s.account.IMAP.User + k.word):
		return s.signInError(s.client.Authenticate(sasl.NewPlainClient("", s.account.IMAP.User, k.word)), nil)
	}
	return s.signInError(s.client.Login(s.account.IMAP.User, k.word).Wait(), nil)
}

// signInError tells a wrong password, or a token b that is not good, from a server that has no room just now. A server
// that gave its reason as a challenge has refused the token, whatever it says after that.
func (s *Session) signInError(err error, b *bearer) error {
	if err == nil {
		return nil
	}
	host := s.account.IMAP.Host
	var no *imap.Error
	switch refusal := errors.As(err, &no); {
	case !refusal || tooMany(s.why(err).Error()):
		return s.failed("signing in at "+host, err)
	case no.Code == imap.ResponseCodeLimit:
		return fmt.Errorf("%w (%s said: %s)", ErrTooMany, host, no.Text)
	case b != nil && (b.reason != nil || no.Type == imap.StatusResponseTypeNo && no.Code != imap.ResponseCodeUnavailable):
		return b.refused("IMAP", no.Text, err)
	case no.Type == imap.StatusResponseTypeNo && no.Code != imap.ResponseCodeUnavailable:
		return fmt.Errorf("%w (%s said: %s)", ErrAuth, host, no.Text)
	}
	return fmt.Errorf("%w: %s does not let anybody in just now (%w)", ErrDown, host, err)
}

// tooMany knows the words for too many connections, of Gmail and of Dovecot among others.
func tooMany(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "too many") || strings.Contains(lower, "maximum number of connections")
}

// Local is the address of this computer that the session goes out from.
func (s *Session) Local() net.Addr { return s.conn.LocalAddr() }

// why is what ended the connection, if it ended; else it is err.
func (s *Session) why(err error) error {
	if s.wire == nil {
		return err
	}
	return s.wire.why(err)
}

// failed says in a sentence what became of a command. A server's NO stands for itself; where the
// connection ended, its own error says more than the library's.
func (s *Session) failed(doing string, err error) error {
	if !refused(err) || tooMany(s.why(err).Error()) {
		err = explain(s.why(err), s.account.IMAP)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// refused says that the server answered NO or BAD: the command failed, the session lives.
func refused(err error) bool {
	var no *imap.Error
	return errors.As(err, &no)
}

func plainASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 || r < ' ' })
}

// Close ends the session at once. It never waits for the server.
func (s *Session) Close() {
	s.stop()
	s.conn.Close()
	if s.client != nil {
		_ = s.client.Close()
	}
}

// Caps are the server's capabilities after signing in. One that failed in spite of its promise is off.
func (s *Session) Caps() Caps { return s.caps }

// Refused names the capabilities that the server refused in this session though it offers them.
func (s *Session) Refused() []string { return s.refused }

// Server is what the server says of itself.
func (s *Session) Server() Identity { return s.server }

// latch turns a capability off that the server refuses in spite of its promise.
func (s *Session) latch(c imap.Cap, on *bool, err error) {
	s.account.Log.Warn("the server refuses what it offers", "capability", c, "err", err)
	s.refused, *on = append(s.refused, string(c)), false
}

// asking limits the server's silence until the returned func is called, at the end of the command.
func (s *Session) asking() (answered func()) {
	s.conn.allow(s.conn.limits.Answer)
	return func() { s.conn.allow(0) }
}

// A Box is the state of a folder. UIDNext is 0 where the server does not say.
type Box struct{ UIDValidity, UIDNext, Messages uint32 }

// Examine opens a folder for reading alone. It always asks the server, so that the Box is fresh.
func (s *Session) Examine(folder string) (Box, error) {
	defer s.asking()()
	data, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		s.folder = ""
		return Box{}, s.failed("opening folder "+folder, err)
	}
	if data.UIDValidity == 0 {
		return Box{}, fmt.Errorf("opening folder %s: the server gives it no valid UIDVALIDITY, so that no mail in it can be told from another", folder)
	}
	s.folder = folder
	return Box{UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext), Messages: data.NumMessages}, nil
}

// Status asks for the state of a folder without opening it.
func (s *Session) Status(folder string) (Box, error) {
	defer s.asking()()
	data, err := s.client.Status(folder, &imap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true}).Wait()
	if err != nil {
		return Box{}, s.failed("looking at folder "+folder, err)
	}
	box := Box{UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext)}
	if data.NumMessages != nil {
		box.Messages = *data.NumMessages
	}
	return box, nil
}

// Create makes a folder; one that is there already is no error.
func (s *Session) Create(folder string) error {
	defer s.asking()()
	err := s.client.Create(folder, nil).Wait()
	var no *imap.Error
	if errors.As(err, &no) && (no.Code == imap.ResponseCodeAlreadyExists || strings.Contains(strings.ToLower(no.Text), "exist")) {
		return nil
	}
	if err != nil && no != nil && (no.Code == imap.ResponseCodeLimit || no.Code == imap.ResponseCodeOverQuota) {
		return fmt.Errorf("%w (%w)", ErrMostFolders, err)
	}
	if err != nil {
		return s.failed("making folder "+folder, err)
	}
	return nil
}

// CreateOwn makes a folder among the account's own and returns its full name: under the prefix that
// NAMESPACE tells (RFC 2342), where servers such as Courier refuse any other, or, where a plain name
// is refused, under a folder named Folders, as Proton's Bridge wants.
func (s *Session) CreateOwn(name string) (string, error) {
	prefix, err := s.prefix()
	if err != nil {
		return "", err
	}
	err = s.Create(prefix + name)
	if !refused(err) {
		return prefix + name, err
	}
	folders, listErr := s.Folders()
	if i := slices.IndexFunc(folders, func(f Folder) bool { return f.Name == "Folders" }); listErr == nil && i >= 0 {
		name = "Folders/" + name
		return name, s.Create(name)
	}
	return "", err
}

// prefix is what the names of the account's own folders begin with.
func (s *Session) prefix() (string, error) {
	if !s.caps.Namespace {
		return "", nil
	}
	defer s.asking()()
	data, err := s.client.Namespace().Wait()
	if err != nil && !refused(err) {
		return "", s.failed("asking where folders lie", err)
	}
	if err != nil || len(data.Personal) == 0 {
		return "", nil
	}
	return data.Personal[0].Prefix, nil
}

// Idle waits until the server tells of a change in the folder that is open, or until limit. It calls
// changed at once, before it ends the server's IDLE, for that may take the server a while; a change is
// a hint and no more (RFC 2177). A server without IDLE, or one that refuses the IDLE it offers, is
// asked by STATUS.
func (s *Session) Idle(ctx context.Context, limit time.Duration, changed func()) error {
	if !s.caps.Idle {
		return s.poll(ctx, limit, changed)
	}
	answered := s.asking()
	defer answered()
	command, err := s.client.Idle()
	if refused(err) {
		s.latch(imap.CapIdle, &s.caps.Idle, err)
		return s.poll(ctx, limit, changed)
	}
	if err != nil {
		return s.failed("waiting for mail", err)
	}
	answered()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.changed:
		changed()
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.client.Closed():
		return s.failed("waiting for mail", net.ErrClosed)
	}
	s.conn.allow(s.conn.limits.Answer)
	if err := errors.Join(command.Close(), command.Wait()); err != nil {
		return s.failed("waiting for mail", err)
	}
	return nil
}

// poll is Idle by asking again and again.
func (s *Session) poll(ctx context.Context, limit time.Duration, changed func()) error {
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(s.conn.limits.Poll)
	defer tick.Stop()
	before, err := s.Status(s.folder)
	for err == nil {
		select {
		case <-s.changed:
			changed()
			return nil
		case <-end.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			var now Box
			if now, err = s.Status(s.folder); err == nil && now != before {
				changed()
				return nil
			}
		}
	}
	return err
}
