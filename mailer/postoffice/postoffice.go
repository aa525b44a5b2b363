// Package postoffice is a mail server inside the process: IMAP, submission, and delivery between its
// own users. The demo and the tests stand on it.
//
// It speaks the real protocols on loopback and keeps mail in memory. Mail to a local address that
// does not exist comes back as a delivery report (RFC 3464). It can be told to lack capabilities, to
// refuse, to cut a connection at a named event, and it keeps a journal of every change that a client
// made to a mailbox, so that a test can show that none was made.
//
// # Providers
//
// It can be the office of a provider: Options.Manners say how its servers behave where they do not do
// as the plain office does. A provider is one Manners value in providers.go, of data as far as that
// goes, with a sentence above it of what is special there; cmd/introd plays the story of the main job
// at every one. To describe another, or another oddity:
//
//   - take from research what is known: the two CAPABILITY lines, the folders, what becomes of
//     a mail that is submitted, what is counted and refused. What is not known stays as it is here.
//   - if a field of Manners says it, set the field. Now and then (a lost APPEND, a hang-up) is a Mishap
//     at every so-manieth event: tests must be able to count on it. Lines and items that nobody asked
//     for are Says and Items.
//   - if none does, add the field, and its few lines where the office does that thing: what is said on
//     the wire in wire.go, what a command does in imap.go, what a folder is in labels.go, what becomes
//     of mail in smtp.go. Then manners_test.go shows that the office does it.
//   - run it: go test ./cmd/introd -run TestProviders/NAME
//
// Users that AddOutsider makes are at a plain provider. Who stands in for a user's own mail program
// comes in by the back door (BackAddr), where no fault, mishap or odd line meets it, and hands in mail
// by Submit.
package postoffice

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options say what kind of office it is.
type Options struct {
	Now      func() time.Time // nil: time.Now
	TLS      bool             // implicit, with an authority of its own (CAPEM)
	StartTLS bool             // plain text that becomes private by STARTTLS; manners that need the wire end there
	Expired  bool             // with either: the certificate has expired
	Manners  Manners          // of the provider whose office it is
	Issuer   *Issuer          // whose tokens sign in, if any
}

// An Office is a running server. It is safe for concurrent use.
type Office struct {
	options          Options
	imap, smtp, back net.Listener
	imapServer       *imapserver.Server
	backServer       *imapserver.Server
	smtpServer       *smtp.Server
	ca               []byte
	serving          sync.WaitGroup

	mu        sync.Mutex
	users     map[string]*user
	rejects   map[string]smtp.SMTPError
	faults    map[string]*fault
	holds     map[string]*hold
	counts    map[string]int
	submitted []Submission
	delivered func(from, to string, raw []byte)
}

// A user is one mailbox.
type user struct {
	*imapmemserver.User
	address, password string
	manners           *Manners
	folders           map[string]Folder
	mails             map[place]string // which mail lies where, by its identity
	inside, appends   int              // connections now, and APPENDs so far
	journal           []Entry
	handed            []Submission
	wrote             map[string]bool // to whom they sent mail
}

// An Entry is one change that a client asked for in a user's mailbox.
type Entry struct{ Command, Folder, Detail string }

// A Submission is one mail that a user handed in over SMTP.
type Submission struct {
	From string
	To   []string
	Raw  []byte
	At   time.Time
}

// A Mail is one message of a folder.
type Mail struct {
	UID   uint32
	Flags []string
	Raw   []byte
}

type fault struct {
	nth int   // counts down; it strikes at 0
	err error // nil: the connection is cut
}

// Folders are what every new mailbox of the plain office has.
var Folders = []string{"INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash"}

// Open starts an office on two free ports of loopback.
func Open(o Options) (*Office, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if len(o.Manners.Bearer) == 0 {
		o.Manners.Bearer = []string{xoauth2, sasl.OAuthBearer}
	}
	f := &Office{options: o, users: map[string]*user{}, rejects: map[string]smtp.SMTPError{}, faults: map[string]*fault{}, holds: map[string]*hold{}, counts: map[string]int{}}
	if err := f.listen(); err != nil {
		return nil, err
	}
	var startTLS *tls.Config
	if o.TLS || o.StartTLS {
		config, ca, err := certificate(o)
		if err != nil {
			return nil, errors.Join(err, f.imap.Close(), f.smtp.Close(), f.back.Close())
		}
		f.ca = ca
		if startTLS = config; o.TLS {
			startTLS, f.imap, f.smtp = nil, tls.NewListener(f.imap, config), tls.NewListener(f.smtp, config)
		}
	}
	if !o.StartTLS {
		f.imap = mannered{f.imap, &f.options.Manners}
	}
	f.serve(startTLS)
	return f, nil
}

// listen opens the ports.
func (f *Office) listen() error {
	var opened []net.Listener
	for _, door := range []*net.Listener{&f.imap, &f.smtp, &f.back} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			for _, o := range opened {
				o.Close()
			}
			return err
		}
		*door, opened = l, append(opened, l)
	}
	return nil
}

// serve starts the servers; startTLS is nil where STARTTLS is not offered.
func (f *Office) serve(startTLS *tls.Config) {
	silent := log.New(io.Discard, "", 0)
	f.imapServer = f.imapDoor(&imapserver.Options{InsecureAuth: startTLS == nil, TLSConfig: startTLS, Logger: silent}, false)
	f.backServer = f.imapDoor(&imapserver.Options{InsecureAuth: true, Logger: silent}, true)
	f.smtpServer = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if err := f.event("smtp:connect", c.Conn()); err != nil {
			return nil, err
		}
		return &submission{office: f, conn: c}, nil
	}))
	f.smtpServer.Domain, f.smtpServer.AllowInsecureAuth, f.smtpServer.EnableSMTPUTF8, f.smtpServer.ErrorLog = "mail.home.test", true, true, silent
	f.smtpServer.MaxMessageBytes, f.smtpServer.TLSConfig = 30<<20, startTLS
	f.serving.Go(func() { _ = f.imapServer.Serve(f.imap) })
	f.serving.Go(func() { _ = f.backServer.Serve(f.back) })
	f.serving.Go(func() { _ = f.smtpServer.Serve(f.smtp) })
}

func (f *Office) imapDoor(o *imapserver.Options, back bool) *imapserver.Server {
	o.Caps = imap.CapSet{
		imap.CapIMAP4rev1: {}, imap.CapNamespace: {}, imap.CapESearch: {}, imap.CapListExtended: {}, imap.CapUnselect: {}, imap.CapLiteralPlus: {}, imap.CapSASLIR: {},
		imap.CapIdle: {}, imap.CapMove: {}, imap.CapUIDPlus: {}, imap.CapSpecialUse: {},
	}
	o.NewSession = func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return &session{office: f, conn: c, back: back}, nil, nil
	}
	return imapserver.New(o)
}

// Close ends all connections and waits for the servers to end.
func (f *Office) Close() {
	f.imapServer.Close()
	f.backServer.Close()
	f.smtpServer.Close()
	f.serving.Wait()
}

// IMAPAddr is where IMAP is spoken, host:port.
func (f *Office) IMAPAddr() string { return f.imap.Addr().String() }

// BackAddr is the back door, host:port: IMAP in plain text, as the library's server speaks it, without
// faults and mishaps. The mailboxes are the same: who stands in for their owner and their mail program
// comes in here.
func (f *Office) BackAddr() string { return f.back.Addr().String() }

// SMTPAddr is where submission is spoken, host:port.
func (f *Office) SMTPAddr() string { return f.smtp.Addr().String() }

// CAPEM is the certificate of the office's authority; nil without TLS.
func (f *Office) CAPEM() []byte { return f.ca }

// AddUser makes a mailbox at the provider whose office it is. Mail to address is delivered there.
func (f *Office) AddUser(address, password string) error {
	return f.addUser(address, password, &f.options.Manners)
}

// AddOutsider makes a mailbox as if it were at another, a plain provider.
func (f *Office) AddOutsider(address, password string) error {
	return f.addUser(address, password, &Manners{})
}

func (f *Office) addUser(address, password string, m *Manners) error {
	u := &user{
		User: imapmemserver.NewUser(address, password), address: strings.ToLower(address), password: password, manners: m,
		folders: map[string]Folder{}, mails: map[place]string{}, wrote: map[string]bool{},
	}
	folders := m.Folders
	if folders == nil {
		folders = plainFolders
	}
	for _, folder := range append([]Folder{{Name: "INBOX"}}, folders...) {
		if folder.Name != "INBOX" {
			folder.Name = m.Prefix + folder.Name
		}
		if err := u.Create(folder.Name, nil); err != nil {
			return err
		}
		u.folders[folder.Name] = folder
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.users[u.address] = u
	return nil
}

// FolderFor is what a user's provider calls the folder for a use; "" where there is none.
func (f *Office) FolderFor(address string, use imap.MailboxAttr) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if u := f.users[strings.ToLower(address)]; u != nil {
		return u.use(use)
	}
	return ""
}

// OnDelivered has fn called after each mail that was delivered to a local user, from a goroutine of
// the sender's connection. fn may deliver mail itself.
func (f *Office) OnDelivered(fn func(from, to string, raw []byte)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delivered = fn
}

// Reject has a recipient refused at RCPT.
func (f *Office) Reject(address string, code int, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rejects[strings.ToLower(address)] = smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}

// Fail makes the nth event of a name (1 for the next one) fail with err; a nil err cuts the
// connection there. The events are imap:COMMAND and imap:COMMAND:done (LOGIN, SELECT, APPEND, FETCH,
// SEARCH, STORE, EXPUNGE, MOVE, IDLE), imap:IDLE:look, smtp:connect, smtp:MAIL, smtp:RCPT, smtp:DATA and
// smtp:DATA:done, at which the mail is delivered and its 250 is not yet written.
func (f *Office) Fail(event string, nth int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[event] = &fault{nth, err}
}

// Fill makes every APPEND fail as in a full mailbox, until it is called with false.
func (f *Office) Fill(full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.faults, "imap:APPEND")
	if full {
		f.faults["imap:APPEND"] = &fault{-1, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeOverQuota, Text: "mailbox is full"}}
	}
}

// Hold has the next event of a name wait there. reached is closed when somebody waits; release lets
// them go on.
func (f *Office) Hold(event string) (reached <-chan struct{}, release func()) {
	h := &hold{make(chan struct{}), make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holds[event] = h
	return h.reached, sync.OnceFunc(func() { close(h.over) })
}

type hold struct{ reached, over chan struct{} }

// wait holds up an event that a Hold was set for.
func (f *Office) wait(event string) {
	f.mu.Lock()
	h := f.holds[event]
	delete(f.holds, event)
	f.mu.Unlock()
	if h != nil {
		close(h.reached)
		<-h.over
	}
}

// event counts an event and makes it fail if it should.
func (f *Office) event(name string, conn net.Conn) error {
	f.wait(name)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[name]++
	strike := f.faults[name]
	if strike == nil {
		err := f.options.Manners.mishap(name, f.counts[name])
		if errors.Is(err, errCut) {
			conn.Close()
		}
		return err
	}
	if strike.nth > 0 {
		if strike.nth--; strike.nth > 0 {
			return nil
		}
		delete(f.faults, name)
	}
	if strike.err == nil {
		conn.Close()
		return errCut
	}
	return strike.err
}

// Count is how often an event has happened.
func (f *Office) Count(event string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[event]
}

// Submitted are all mails that users handed in and that were accepted.
func (f *Office) Submitted() []Submission {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Submission(nil), f.submitted...)
}

// Journal is every change that clients asked for in a user's mailbox.
func (f *Office) Journal(address string) []Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	if u := f.users[strings.ToLower(address)]; u != nil {
		return append([]Entry(nil), u.journal...)
	}
	return nil
}

func (f *Office) user(address string) (*user, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if u := f.users[strings.ToLower(address)]; u != nil {
		return u, nil
	}
	return nil, fmt.Errorf("no mailbox for %s", address)
}
