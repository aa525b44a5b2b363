package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/rogpeppe/go-internal/testscript"

	"introd/daemon"
	"introd/mailer"
	"introd/mailer/postoffice"
	"introd/mailer/postoffice/dovecot"
)

// The scripts run the real commands through this test binary. Its clock is a file in the script's
// folder, its web is another, and its engine stops dead at a step that a script names; the shipped
// binary has none of them.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"introd": func() {
		a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, clock: daemon.System()}
		if path := os.Getenv("INTROD_TEST_CLOCK"); path != "" {
			a.clock = fileClock(path)
		}
		if path := os.Getenv("INTROD_TEST_NETWORK"); path != "" {
			a.network = fileNetwork(path)
		}
		if dir := os.Getenv("INTROD_TEST_WEB"); dir != "" {
			a.finder = fileFinder(dir)
		}
		if stop := os.Getenv("INTROD_TEST_KILL"); stop != "" {
			a.step = killAt(stop)
		}
		os.Exit(a.main(os.Args[1:]))
	}, "systemctl": noManager, "launchctl": noManager, "xdg-open": browser})
}

// fileClock tells the time that stands in a file, and behind it how much of that was slept through.
func fileClock(path string) daemon.Clock {
	read := func() (now time.Time, slept time.Duration) {
		for {
			raw, err := os.ReadFile(path)
			if err != nil {
				panic(err)
			}
			at, rest, _ := strings.Cut(strings.TrimSpace(string(raw)), " ")
			if now, err = time.Parse(time.RFC3339, at); err == nil {
				slept, _ = time.ParseDuration(rest)
				return now, slept
			} // else it is being written just now
		}
	}
	now := func() time.Time { t, _ := read(); return t }
	return daemon.Clock{Now: now, After: func(d time.Duration) <-chan time.Time {
		due, c := now().Add(d), make(chan time.Time, 1)
		go func() {
			for now().Before(due) {
				time.Sleep(10 * time.Millisecond) // the file has no other way to tell
			}
			c <- due
		}()
		return c
	}, Awake: func() time.Duration {
		t, slept := read()
		return t.Sub(time.Unix(0, 0)) - slept
	}}
}

// killAt ends the process as kill -9 does, at the nth passing of a step: "append:after" or "append:after:2".
func killAt(where string) func(string) {
	nth := 1
	if i := strings.LastIndex(where, ":"); i > 0 {
		if n, err := strconv.Atoi(where[i+1:]); err == nil {
			where, nth = where[:i], n
		}
	}
	return func(step string) {
		if step != where {
			return
		}
		if nth--; nth == 0 {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				panic(err)
			}
			select {} // the signal is on its way
		}
	}
}

// A house is the mail server that a script runs on: the embedded office, or Dovecot and Postfix.
type house struct {
	office             *postoffice.Office // nil on the real one
	manners            postoffice.Manners // the office's
	crowd              []*imapclient.Client
	issuer             *postoffice.Issuer // whose tokens it takes, where it takes no password
	imapAddr, smtpAddr string
	tls, ca            string
	deliver            func(from, to string, raw []byte) error
}

const owner = "me@home.test"

// contacts have mailboxes in every house.
var contacts = []string{"dana@bigco.test", "lee@uni.test", "kim@bigco.test", "priya@other.test", "alex@third.test"}

func embedded(o postoffice.Options) (h *house, err error) {
	if o.Manners.NoPassword {
		if o.Issuer, err = postoffice.OpenIssuer(postoffice.IssuerOptions{Rotates: true}); err != nil {
			return nil, err
		}
	}
	office, err := postoffice.Open(o)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(office.AddUser(owner, "secret"), office.AddUser(school, "secret")); err != nil {
		return nil, err
	}
	for _, address := range contacts {
		if err := office.AddOutsider(address, "secret"); err != nil {
			return nil, err
		}
	}
	return &house{office: office, manners: o.Manners, issuer: o.Issuer, imapAddr: office.IMAPAddr(), smtpAddr: office.SMTPAddr(), tls: "none", deliver: office.Deliver}, nil
}

func TestScripts(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/*.txtar")
}

// runScripts runs scripts on an embedded office each.
func runScripts(t *testing.T, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts %s (%v)", pattern, err)
	}
	testscript.Run(t, testscript.Params{
		Files: files,
		Setup: func(env *testscript.Env) error {
			o := officeOptions(env)
			if err := withIssuer(env, &o); err != nil {
				return err
			}
			h, err := embedded(o)
			if err != nil {
				return err
			}
			env.Defer(h.office.Close)
			return h.setUp(env)
		},
		Cmds: commands,
	})
}

// officeOptions reads what kind of office a script wants from its file office.txt.
func officeOptions(env *testscript.Env) postoffice.Options {
	raw, _ := os.ReadFile(filepath.Join(env.WorkDir, "office.txt")) // most scripts have none
	has := func(word string) bool { return bytes.Contains(raw, []byte(word)) }
	clock := fileClock(filepath.Join(env.WorkDir, "clock"))
	m := postoffice.Manners{FilesSent: has("files-sent"), NewIDs: has("rewrites-ids"), PlusInbox: has("plus-inbox"), OldID: "X-Microsoft-Original-Message-ID"}
	for _, word := range strings.Fields(string(raw)) {
		if capability, lacks := strings.CutPrefix(word, "no-"); lacks {
			m.Lacks += " " + strings.ToUpper(capability)
		}
	}
	return postoffice.Options{Now: clock.Now, Manners: m}
}

// onBoth are the scripts that run on real servers too: the story, every way of approving, and what
// only a real server writes as real servers do.
var onBoth = []string{
	"story", "season", "init-typed", "way-sent", "way-sent-changed", "way-moved", "way-replied", "way-command", "bounce", "calendar", "promises/p7-opt-out", "contact-introduction",
	"accounts-story", "check-mail",
}

// TestOnDovecot runs them where nothing is faked but the clock.
func TestOnDovecot(t *testing.T) {
	t.Parallel()
	users := append([]string{owner, school}, contacts...)
	server := dovecot.Start(t, users)
	h := &house{imapAddr: server.IMAP, smtpAddr: server.Submission, tls: "implicit", ca: server.CA, deliver: server.Deliver}
	for _, script := range onBoth { // one after the other: they share the mailboxes
		t.Run(filepath.Base(script), func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Files: []string{"testdata/" + script + ".txtar"},
				Setup: func(env *testscript.Env) error {
					for _, user := range users {
						if err := h.empty(user); err != nil {
							return fmt.Errorf("emptying %s: %w", user, err)
						}
					}
					return h.setUp(env)
				},
				Cmds: commands,
			})
		})
	}
}

// empty takes out what an earlier script left in a mailbox.
func (h *house) empty(user string) error {
	c, err := h.client(user)
	if err != nil {
		return err
	}
	defer c.Close()
	list, err := c.List("", "*", nil).Collect()
	if err != nil {
		return err
	}
	for _, folder := range list {
		if strings.HasPrefix(folder.Mailbox, "introd-") {
			if err := c.Delete(folder.Mailbox).Wait(); err != nil {
				return err
			}
			continue
		}
		data, err := c.Select(folder.Mailbox, nil).Wait()
		if err != nil {
			return err
		}
		if data.NumMessages == 0 {
			continue
		}
		var all imap.SeqSet
		all.AddRange(1, data.NumMessages)
		err = c.Store(all, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
		if err = errors.Join(err, c.Expunge().Close()); err != nil {
			return err
		}
	}
	return nil
}

// monday is when every script begins.
const monday = "2026-11-23T09:00:00-05:00"

func (h *house) setUp(env *testscript.Env) error {
	env.Values["house"] = h
	env.Setenv("INTROD_TEST_CLOCK", filepath.Join(env.WorkDir, "clock"))
	env.Setenv("INTROD_TEST_NETWORK", filepath.Join(env.WorkDir, "network"))
	env.Setenv("INTROD_CONFIG", filepath.Join(env.WorkDir, "config", "config.toml"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("ME", owner)
	env.Setenv("TZ", "America/New_York")
	env.Setenv("INTROD_TEST_WEB", filepath.Join(env.WorkDir, "web"))
	env.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(env.WorkDir, "no-bus")) // the tester's own keyring is out of reach
	env.Setenv("CLOCK", monday)
	env.Setenv("GORACE", "atexit_sleep_ms=0")     // the race detector would rest for a second at each command's end
	data, err := os.MkdirTemp("", "introd-data-") // a socket's path must be short
	if err != nil {
		return err
	}
	env.Defer(func() { os.RemoveAll(data) })
	env.Setenv("DATA", data)
	env.Setenv("IMAP", h.imapAddr)
	env.Setenv("SMTP", h.smtpAddr)
	env.Setenv("TLS", h.tls)
	env.Setenv("CA", h.ca)
	return errors.Join(
		os.WriteFile(filepath.Join(env.WorkDir, "clock"), []byte(monday), 0o600),
		os.WriteFile(filepath.Join(env.WorkDir, "password"), []byte("secret\n"), 0o600),
	)
}

func of(ts *testscript.TestScript) *house { return ts.Value("house").(*house) }

// commands are what scripts can do besides running introd. What they do to a mailbox goes over
// IMAP, as the mail program of its owner would do it.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"clock":    clockCommand,
	"jump":     jumpCommand,
	"network":  networkCommand,
	"setup":    setupCommand,
	"school":   schoolCommand,
	"as":       asCommand,
	"mailbox":  mailboxCommand,
	"reply":    replyCommand,
	"deliver":  deliverCommand,
	"received": receivedCommand,
	"move":     moveCommand,
	"sendcopy": sendCopyCommand,
	"answer":   answerCommand,
	"write":    writeCommand,
	"discard":  discardCommand,
	"code":     codeCommand,
	"taskcode": taskCodeCommand,
	"tidy":     tidyCommand,
	"fail":     failCommand,
	"reject":   rejectCommand,
	"renumber": renumberCommand,
	"journal":  journalCommand,
	"crash":    crashCommand,
	"set":      setCommand,
	"append":   appendCommand,

	"documented": documentedCommand,
	"ready":      readyCommand,
	"trial":      trialCommand,
	"once":       onceCommand,
	"id":         idCommand,
	"copy":       copyCommand,
	"change":     changeCommand,
	"told":       toldCommand,
	"up":         upCommand,
	"find":       findCommand,
	"uid":        uidCommand,
	"ics":        icsCommand,
	"json":       jsonCommand,
	"await":      awaitCommand,
	"trouble":    troubleCommand,
	"arrived":    arrivedCommand,
	"shows":      showsCommand,

	"explained":   explainedCommand,
	"folder":      folderCommand,
	"issuer":      issuerCommand,
	"byoauth":     byOAuthCommand,
	"expand":      expandCommand,
	"private":     privateCommand,
	"rename":      renameCommand,
	"switchedoff": switchedOffCommand,
	"dns":         dnsCommand,
	"silentbus":   silentBusCommand,
}

// clockCommand sets the clock: clock +2h30m, clock +3d, clock 2026-12-01T09:00:00-05:00.
func clockCommand(ts *testscript.TestScript, _ bool, args []string) {
	setClock(ts, args[0], false)
}

// jumpCommand lets the computer sleep, or sets its clock: jump +3d, jump -8760h.
func jumpCommand(ts *testscript.TestScript, _ bool, args []string) { setClock(ts, args[0], true) }

// setClock writes the time into the file of the clock, and whether introd was awake meanwhile.
func setClock(ts *testscript.TestScript, to string, asleep bool) {
	path := ts.MkAbs("clock")
	raw, err := os.ReadFile(path)
	ts.Check(err)
	at, rest, _ := strings.Cut(string(raw), " ")
	slept, _ := time.ParseDuration(rest)
	now, err := time.Parse(time.RFC3339, at)
	ts.Check(err)
	zone, err := time.LoadLocation("America/New_York")
	ts.Check(err)
	next, isMoment := time.Time{}, error(nil)
	if next, isMoment = time.Parse(time.RFC3339, to); isMoment != nil {
		var d duration
		ts.Check(d.UnmarshalText([]byte(strings.TrimPrefix(to, "+"))))
		next = now.Add(time.Duration(d))
	}
	if asleep {
		slept += next.Sub(now)
	}
	ts.Check(os.WriteFile(path+".new", []byte(next.In(zone).Format(time.RFC3339)+" "+slept.String()), 0o600))
	ts.Check(os.Rename(path+".new", path))
}

// setupCommand runs introd init as the README says; with ! it must fail.
func setupCommand(ts *testscript.TestScript, neg bool, args []string) {
	init := []string{
		"init", "--yes", "--name", "Sam Rivera", "--about", "a second-year chemistry student at Ohio State", "--address", owner, "--zone", "America/New_York",
		"--imap", ts.Getenv("IMAP"), "--smtp", ts.Getenv("SMTP"), "--imap-tls", ts.Getenv("TLS"), "--smtp-tls", ts.Getenv("TLS"),
		"--ca-file", ts.Getenv("CA"), "--data", ts.Getenv("DATA"),
	}
	run := func(args []string) error { return ts.Exec("introd", args...) }
	if h := of(ts); h.issuer != nil {
		ts.Check(h.byCode(append(init, args...), run))
		return
	}
	if err := run(append(append(init, "--password-file", ts.MkAbs("password")), args...)); (err == nil) == neg {
		ts.Fatalf("introd init: %v", err)
	}
}

// byCode has introd init sign in by a code, which the owner enters on another device.
func (h *house) byCode(init []string, run func([]string) error) error {
	entering, done := context.WithCancel(context.Background())
	var device sync.WaitGroup
	device.Go(func() {
		for ticker := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-entering.Done():
				ticker.Stop()
				return
			case <-ticker.C:
				h.issuer.Enter(owner)
			}
		}
	})
	defer device.Wait()
	defer done()
	at := h.issuer.URL()
	return run(append(init, "--client-id", "introd", "--auth-url", at+"/authorize", "--token-url", at+"/token", "--device-url", at+"/device", "--code", "--no-keyring"))
}

// setCommand changes a setting in the config: set undo_pause "0s".
func setCommand(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.Getenv("INTROD_CONFIG")
	raw, err := os.ReadFile(path)
	ts.Check(err)
	line := regexp.MustCompile(`(?m)^` + args[0] + ` = .*$`)
	if !line.Match(raw) {
		ts.Fatalf("no setting %s", args[0])
	}
	ts.Check(os.WriteFile(path, line.ReplaceAll(raw, []byte(args[0]+" = "+args[1])), 0o600))
}

func (h *house) client(user string) (*imapclient.Client, error) {
	var c *imapclient.Client
	var err error
	if h.office != nil {
		c, err = imapclient.DialInsecure(h.office.BackAddr(), nil)
	} else {
		pem, readErr := os.ReadFile(h.ca)
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		host, _, _ := net.SplitHostPort(h.imapAddr)
		c, err = imapclient.DialTLS(h.imapAddr, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: pool, ServerName: host}})
		err = errors.Join(err, readErr)
	}
	if err != nil {
		return nil, err
	}
	return c, c.Login(user, "secret").Wait()
}

// letter is one message of a folder.
type letter struct {
	uid    imap.UID
	header mailer.Header
	raw    []byte
}

func (h *house) letters(user, folder string) ([]letter, error) {
	c, err := h.client(user)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	data, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || data.NumMessages == 0 {
		return nil, err
	}
	var set imap.SeqSet
	set.AddRange(1, data.NumMessages)
	messages, err := c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	var all []letter
	for _, m := range messages {
		for _, s := range m.BodySection {
			all = append(all, letter{m.UID, mailer.ParseHeader(s.Bytes), s.Bytes})
		}
	}
	return all, err
}

// findCommand asserts that a folder of the owner's holds one mail with a subject, or with ! none: find FOLDER SUBJECT.
func findCommand(ts *testscript.TestScript, neg bool, args []string) {
	if !neg {
		find(ts, me(ts), args[0], args[1])
		return
	}
	letters, err := of(ts).letters(me(ts), folderName(ts, me(ts), args[0]))
	ts.Check(err)
	for _, l := range letters {
		if subject := l.header.Get("Subject"); regexp.MustCompile(args[1]).MatchString(subject) {
			ts.Fatalf("%s holds %q", args[0], subject)
		}
	}
}

// find returns the one message of a folder whose subject matches.
func find(ts *testscript.TestScript, user, folder, subject string) letter {
	letters, err := of(ts).letters(user, folderName(ts, user, folder))
	ts.Check(err)
	var found []letter
	for _, l := range letters {
		if regexp.MustCompile(subject).MatchString(l.header.Get("Subject")) {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		ts.Fatalf("%s/%s holds %d mails with subject %q, of %d", user, folder, len(found), subject, len(letters))
	}
	return found[0]
}

// folderUses are the folders that a script calls by their plain names.
var folderUses = map[string]imap.MailboxAttr{
	"Sent": imap.MailboxAttrSent, "Drafts": imap.MailboxAttrDrafts, "Archive": imap.MailboxAttrArchive, "All": imap.MailboxAttrAll,
	"Junk": imap.MailboxAttrJunk, "Trash": imap.MailboxAttrTrash,
}

// folderName is what the user's provider calls a folder. It completes introd-send and introd-drop
// with their random tails.
func folderName(ts *testscript.TestScript, user, folder string) string {
	if use, known := folderUses[folder]; known && of(ts).office != nil {
		return cmp.Or(of(ts).office.FolderFor(user, use), folder)
	}
	if !strings.HasPrefix(folder, "introd-") {
		return folder
	}
	c, err := of(ts).client(user)
	ts.Check(err)
	defer c.Close()
	list, err := c.List("", "*"+folder+"*", nil).Collect()
	ts.Check(err)
	if len(list) != 1 {
		ts.Fatalf("%d folders %s", len(list), folder)
	}
	return list[0].Mailbox
}

// mailboxCommand writes all mails of a folder into a file, decoded: mailbox USER FOLDER FILE.
func mailboxCommand(ts *testscript.TestScript, _ bool, args []string) {
	letters, err := of(ts).letters(args[0], folderName(ts, args[0], args[1]))
	ts.Check(err)
	var out strings.Builder
	for _, l := range letters {
		fmt.Fprintf(&out, "==== From: %s To: %s Cc: %s\n", l.header.Get("From"), l.header.Get("To"), l.header.Get("Cc"))
		fmt.Fprintf(&out, "Subject: %s\nIn-Reply-To: %s\nContent-Type: %s\n\n%s\n", l.header.Get("Subject"), l.header.Get("In-Reply-To"), l.header.Get("Content-Type"), decoded(l.raw))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(out.String()), 0o600))
}

// base64Part is a part of a mail in base64: its other headers, and the lines.
var base64Part = regexp.MustCompile(`(?i)(base64\r\n(?:[^\r\n]+\r\n)*\r\n)([A-Za-z0-9+/=\r\n]+)`)

// decoded undoes base64 and quoted-printable well enough to look for words.
func decoded(raw []byte) string {
	raw = base64Part.ReplaceAllFunc(raw, func(part []byte) []byte {
		m := base64Part.FindSubmatch(part)
		plain, err := base64.StdEncoding.DecodeString(string(m[2]))
		if err != nil {
			return part
		}
		return append(m[1], plain...)
	})
	text := strings.NewReplacer("=\r\n", "", "=20\r\n", " \n", "\r\n", "\n", "=3D", "=", "=20\n", " \n").Replace(string(raw))
	text = regexp.MustCompile(`(?m) $\n`).ReplaceAllString(text, " ") // format=flowed
	if _, body, ok := strings.Cut(text, "\n\n"); ok {
		return body
	}
	return text
}

// replyCommand has a contact answer the owner's newest mail to them: reply USER FILE [header lines].
func replyCommand(ts *testscript.TestScript, _ bool, args []string) {
	var letters []letter
	of(ts).eventually(ts, func() (some bool) {
		var err error
		letters, err = of(ts).letters(args[0], "INBOX")
		ts.Check(err)
		return len(letters) > 0
	})
	if len(letters) == 0 {
		ts.Fatalf("%s has no mail to answer", args[0])
	}
	last := letters[len(letters)-1]
	subject := last.header.Get("Subject")
	if !strings.HasPrefix(subject, "Re: ") {
		subject = "Re: " + subject
	}
	id := last.header.Get("Message-ID")
	head := fmt.Sprintf("In-Reply-To: %s\r\nReferences: %s\r\n", id, strings.TrimSpace(last.header.Get("References")+" "+id))
	for _, line := range args[2:] {
		head += line + "\r\n"
	}
	send(ts, args[0], last.header.Addresses("From")[0], subject, head, ts.ReadFile(args[1]))
}

// send delivers a mail from a contact to the owner at the script's time.
func send(ts *testscript.TestScript, from, to, subject, head, body string) {
	now := fileClock(ts.MkAbs("clock")).Now()
	if !strings.Contains("\n"+head, "\nFrom:") {
		head = "From: <" + from + ">\r\n" + head
	}
	if !strings.Contains("\n"+head, "\nTo:") {
		head = "To: <" + to + ">\r\n" + head
	}
	if local, folder, tagged := strings.Cut(strings.TrimSuffix(to, "@home.test"), "+"); tagged {
		to = local + "+" + folderName(ts, me(ts), folder) + "@home.test"
	}
	if !strings.Contains("\n"+head, "\nMessage-ID:") {
		head = "Message-ID: <" + mailer.NewMessageID("contact.test") + ">\r\n" + head
	}
	raw := fmt.Sprintf("Subject: %s\r\nDate: %s\r\n%s", subject, now.Format(time.RFC1123Z), head)
	if !strings.Contains(head, "Content-Type:") {
		raw += "Content-Type: text/plain; charset=utf-8\r\n"
	}
	ts.Check(of(ts).deliver(from, to, []byte(raw+"MIME-Version: 1.0\r\n\r\n"+strings.NewReplacer("\n", "\r\n", "CODE", ts.Getenv("CODE")).Replace(body))))
}

// deliverCommand delivers a mail that answers nothing: deliver FROM TO SUBJECT FILE [header lines].
func deliverCommand(ts *testscript.TestScript, _ bool, args []string) {
	head := ""
	for _, line := range args[4:] {
		head += line + "\r\n"
	}
	send(ts, args[0], args[1], args[2], head, ts.ReadFile(args[3]))
}

// receivedCommand asserts how many mails a contact got in all: received USER N.
func receivedCommand(ts *testscript.TestScript, _ bool, args []string) {
	var letters []letter
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	of(ts).eventually(ts, func() bool { // Postfix delivers in its own time
		letters, err = of(ts).letters(args[0], "INBOX")
		ts.Check(err)
		return len(letters) >= want
	})
	if len(letters) != want {
		var subjects []string
		for _, l := range letters {
			subjects = append(subjects, l.header.Get("Subject"))
		}
		ts.Fatalf("%s got %d mails, not %s: %q", args[0], len(letters), args[1], subjects)
	}
}

// moveCommand moves a mail of the owner's: move FOLDER FOLDER SUBJECT.
func moveCommand(ts *testscript.TestScript, _ bool, args []string) {
	transfer(ts, args, func(c *imapclient.Client, uid imap.UIDSet, to string) error {
		_, err := c.Move(uid, to).Wait()
		return err
	})
}

// folderCommand makes a folder, as the owner's mail program does: folder NAME.
func folderCommand(ts *testscript.TestScript, _ bool, args []string) {
	c, err := of(ts).client(owner)
	ts.Check(err)
	defer c.Close()
	ts.Check(c.Create(args[0], nil).Wait())
}

// copyCommand copies a mail of the owner's: copy FOLDER FOLDER SUBJECT.
func copyCommand(ts *testscript.TestScript, _ bool, args []string) {
	transfer(ts, args, func(c *imapclient.Client, uid imap.UIDSet, to string) error {
		_, err := c.Copy(uid, to).Wait()
		return err
	})
}

func transfer(ts *testscript.TestScript, args []string, how func(*imapclient.Client, imap.UIDSet, string) error) {
	l := find(ts, me(ts), args[0], args[2])
	c, err := of(ts).client(me(ts))
	ts.Check(err)
	defer c.Close()
	_, err = c.Select(folderName(ts, me(ts), args[0]), nil).Wait()
	ts.Check(err)
	ts.Check(how(c, imap.UIDSetNum(l.uid), folderName(ts, me(ts), args[1])))
}

// discardCommand deletes a mail of the owner's for good: discard FOLDER SUBJECT.
func discardCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(of(ts).expunge(me(ts), folderName(ts, me(ts), args[0]), find(ts, me(ts), args[0], args[1]).uid))
}

func (h *house) expunge(user, folder string, uid imap.UID) error {
	c, err := h.client(user)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		return err
	}
	set := imap.UIDSetNum(uid)
	return errors.Join(c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(), c.UIDExpunge(set).Close())
}

// sendCopyCommand sends a draft from Drafts as a mail program does: SMTP, a copy in Sent, the draft
// removed. Further words replace the text; "new-id" gives it another Message-ID, as some programs do.
func sendCopyCommand(ts *testscript.TestScript, _ bool, args []string) {
	l := find(ts, me(ts), "Drafts", args[0])
	submit(ts, append(l.header.Addresses("To"), l.header.Addresses("Cc")...), changed(l.raw, args[1:]))
	ts.Check(of(ts).expunge(me(ts), folderName(ts, me(ts), "Drafts"), l.uid))
}

// submit sends a mail as the owner's mail program does: SMTP, and a copy in Sent if the provider files none.
func submit(ts *testscript.TestScript, to []string, raw []byte) {
	h := of(ts)
	if h.office != nil {
		ts.Check(h.office.Submit(me(ts), to, raw))
		if h.manners.FilesSent {
			return
		}
	} else {
		for _, address := range to {
			ts.Check(h.deliver(me(ts), address, raw))
		}
	}
	ts.Check(h.append(me(ts), folderName(ts, me(ts), "Sent"), raw))
}

// changed does to a mail what an owner and their program do: words are added, "new-id" gives it another Message-ID.
func changed(raw []byte, changes []string) []byte {
	for _, change := range changes {
		if change == "new-id" {
			raw = regexp.MustCompile(`(?m)^Message-ID:.*$`).ReplaceAll(raw, []byte("Message-ID: <"+mailer.NewMessageID("program.test")+">\r"))
			continue
		}
		raw = append(bytes.TrimRight(raw, "\r\n"), []byte("\r\n"+change+"\r\n")...)
	}
	return raw
}

// changeCommand has the owner save a draft in Drafts with other words: change SUBJECT [WORDS|new-id]...
func changeCommand(ts *testscript.TestScript, _ bool, args []string) {
	l := find(ts, me(ts), "Drafts", args[0])
	ts.Check(of(ts).append(me(ts), folderName(ts, me(ts), "Drafts"), changed(l.raw, args[1:])))
	ts.Check(of(ts).expunge(me(ts), folderName(ts, me(ts), "Drafts"), l.uid))
}

func (h *house) append(user, folder string, raw []byte) error {
	c, err := h.client(user)
	if err != nil {
		return err
	}
	defer c.Close()
	command := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
	_, err = command.Write(raw)
	err = errors.Join(err, command.Close())
	_, waitErr := command.Wait()
	return errors.Join(err, waitErr)
}

// answerCommand puts the owner's reply to one of introd's mails into Sent: answer SUBJECT FILE [header lines].
// The file may say CODE, in it and in deliver's, for the code in the subject or else $CODE.
func answerCommand(ts *testscript.TestScript, _ bool, args []string) {
	l := letter{}
	if args[0] != "" { // else the header lines say what it answers
		l = find(ts, me(ts), "INBOX", args[0])
	}
	text := ts.ReadFile(args[1])
	if m := regexp.MustCompile(`\((\d+)\)`).FindStringSubmatch(l.header.Get("Subject")); m != nil {
		ts.Setenv("CODE", m[1])
	}
	text = strings.ReplaceAll(text, "CODE", ts.Getenv("CODE"))
	id := l.header.Get("Message-ID")
	head := "To: <" + me(ts) + ">\r\n"
	for _, line := range args[2:] {
		if strings.HasPrefix(line, "To:") {
			head = ""
		}
		head += line + "\r\n"
	}
	raw := fmt.Sprintf("From: Sam Rivera <%s>\r\n%sSubject: Re: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\nIn-Reply-To: %s\r\nReferences: %s\r\nContent-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\n\r\n%s",
		me(ts), head, l.header.Get("Subject"), fileClock(ts.MkAbs("clock")).Now().Format(time.RFC1123Z), mailer.NewMessageID("program.test"), id, id, strings.ReplaceAll(text, "\n", "\r\n"))
	if of(ts).manners.Name != "" { // a reply to oneself comes in again, in the provider's way
		submit(ts, []string{me(ts)}, []byte(raw))
		return
	}
	ts.Check(of(ts).append(me(ts), "Sent", []byte(raw)))
}

// writeCommand has the owner write a mail by hand: write TO SUBJECT FILE.
func writeCommand(ts *testscript.TestScript, _ bool, args []string) {
	raw := fmt.Sprintf("From: Sam Rivera <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\nContent-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\n\r\n%s",
		me(ts), args[0], args[1], fileClock(ts.MkAbs("clock")).Now().Format(time.RFC1123Z), mailer.NewMessageID("program.test"), strings.ReplaceAll(ts.ReadFile(args[2]), "\n", "\r\n"))
	submit(ts, []string{args[0]}, []byte(raw))
}

// codeCommand puts the code of the one open draft to a person into a variable: code VAR PERSON [KIND].
func codeCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("introd", "drafts", "--json"))
	var drafts []daemon.DraftView
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &drafts))
	for _, d := range drafts {
		if d.Person == args[1] && (len(args) < 3 || strings.HasPrefix(d.Kind, args[2])) {
			ts.Setenv(args[0], cmp.Or(d.Code, d.ID))
			return
		}
	}
	ts.Fatalf("no draft to %s in:\n%s", args[1], ts.ReadFile("stdout"))
}

// idCommand puts the Message-ID of a mail of the owner's, or another field, into a variable: id VAR FOLDER SUBJECT [FIELD].
func idCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], find(ts, me(ts), args[1], args[2]).header.Get(append(args, "Message-ID")[3]))
}

// appendCommand puts the text of one file at the end of another.
func appendCommand(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[1]) + ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// readyCommand brings a script to where most of them begin: a request to Dana stands in Drafts, with
// its approval mail in INBOX and its code in $CODE. Further words go to introd init.
func readyCommand(ts *testscript.TestScript, neg bool, args []string) {
	setupCommand(ts, neg, args)
	ts.Check(ts.Exec("introd", "add", "Dana Wu <dana@bigco.test>", "--org", "BigCo", "--zone", "America/Los_Angeles"))
	ts.Check(ts.Exec("introd", "request", "dana", "--why", "Your talk on battery recycling changed what I want to work on."))
	ts.Check(ts.Exec("introd", "sync"))
	codeCommand(ts, neg, []string{"CODE", "dana"})
}

// trialCommand has the owner answer the trial mail, so that replies decide from then on.
func trialCommand(ts *testscript.TestScript, neg bool, _ []string) {
	ts.Check(ts.Exec("introd", "check", "--trial"))
	ts.Check(ts.Exec("introd", "sync"))
	ts.Check(os.WriteFile(ts.MkAbs("trial-answer"), []byte("ok\n"), 0o600))
	answerCommand(ts, neg, []string{"please answer this", "trial-answer"})
	ts.Check(ts.Exec("introd", "sync"))
	discardCommand(ts, neg, []string{"INBOX", "Replies work here"})
}

// onceCommand asserts that the one mail to a contact arrived once, stands in Sent once, and left
// nothing of introd's behind but mails with the given subjects: once USER [SUBJECT]...
func onceCommand(ts *testscript.TestScript, neg bool, args []string) {
	receivedCommand(ts, neg, []string{args[0], "1"})
	letters, err := of(ts).letters(me(ts), folderName(ts, me(ts), "Sent"))
	ts.Check(err)
	filed := 0
	for _, l := range letters {
		if strings.Contains(l.header.Get("To"), args[0]) {
			filed++
		}
	}
	if filed != 1 {
		ts.Fatalf("Sent holds %d mails to %s", filed, args[0])
	}
	tidyCommand(ts, neg, args[1:])
}

// toldCommand asserts that introd told the owner something in INBOX, and has them delete it: told SUBJECT WORDS.
func toldCommand(ts *testscript.TestScript, neg bool, args []string) {
	l := find(ts, me(ts), "INBOX", args[0])
	if text := decoded(l.raw); !regexp.MustCompile(args[1]).MatchString(text) {
		ts.Fatalf("%q does not say %q:\n%s", args[0], args[1], text)
	}
	ts.Check(of(ts).expunge(me(ts), "INBOX", l.uid))
}

// uidCommand puts the UID of the newest invitation that a contact got into a variable: uid VAR USER.
func uidCommand(ts *testscript.TestScript, _ bool, args []string) {
	uid := ""
	of(ts).eventually(ts, func() bool {
		letters, err := of(ts).letters(args[1], "INBOX")
		ts.Check(err)
		for _, l := range letters {
			if m := regexp.MustCompile(`(?m)^UID:(\S+)`).FindStringSubmatch(decoded(l.raw)); m != nil {
				uid = m[1]
			}
		}
		return uid != ""
	})
	if uid == "" {
		ts.Fatalf("%s got no invitation", args[1])
	}
	ts.Setenv(args[0], uid)
}

// icsCommand writes a contact's calendar answer to an invitation (RFC 5546 §3.2.3) into a file: ics FILE PARTSTAT UID.
func icsCommand(ts *testscript.TestScript, _ bool, args []string) {
	now := fileClock(ts.MkAbs("clock")).Now().UTC().Format("20060102T150405Z")
	answer := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:" + args[2] + "\nSEQUENCE:0\nDTSTAMP:" + now +
		"\nORGANIZER:mailto:" + me(ts) + "\nATTENDEE;CN=Dana Wu;PARTSTAT=" + args[1] + ":mailto:dana@bigco.test\nEND:VEVENT\nEND:VCALENDAR\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(answer), 0o600))
}

// jsonCommand runs a listing with --json and asserts that what it prints parses and is not nothing: json COMMAND...
func jsonCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("introd", append(args, "--json")...))
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	if list, ok := v.([]any); v == nil || ok && len(list) == 0 {
		ts.Fatalf("introd %s --json prints nothing: %s", args[0], ts.ReadFile("stdout"))
	}
}

// until waits for what another process does in its own time.
func until(ts *testscript.TestScript, what string, done func() bool) {
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("waited in vain: %s", what)
		}
	}
}

// eventually waits on the real server, which delivers in its own time; the office has done so already.
func (h *house) eventually(ts *testscript.TestScript, done func() bool) {
	if !done() && h.office == nil {
		until(ts, "a mail is delivered", done)
	}
}

// arrivedCommand waits until INBOX holds a mail from outside: arrived SUBJECT.
func arrivedCommand(ts *testscript.TestScript, _ bool, args []string) {
	of(ts).eventually(ts, func() bool {
		letters, err := of(ts).letters(me(ts), "INBOX")
		ts.Check(err)
		return slices.ContainsFunc(letters, func(l letter) bool { return regexp.MustCompile(args[0]).MatchString(l.header.Get("Subject")) })
	})
	find(ts, me(ts), "INBOX", args[0])
}

// upCommand waits until the daemon that a script started answers on its socket.
func upCommand(ts *testscript.TestScript, _ bool, _ []string) {
	until(ts, "introd run answers", func() bool {
		conn, err := net.Dial("unix", filepath.Join(ts.Getenv("DATA"), "introd.sock"))
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// awaitCommand waits for a file that another process writes: await FILE.
func awaitCommand(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0]+" is there", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

// troubleCommand waits until the running daemon knows that it cannot reach the mailbox, or with ! that it can.
func troubleCommand(ts *testscript.TestScript, neg bool, _ []string) {
	until(ts, "introd knows how the mailbox is", func() bool {
		ts.Check(ts.Exec("introd", "status"))
		return strings.Contains(ts.ReadFile("stdout"), " out of reach: ") != neg
	})
}

// networkCommand moves the computer to a network, where it has an address: network 192.0.2.7.
func networkCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs("network"), []byte(args[0]), 0o600))
}

// fileNetwork tells the address that stands in a file, if there is one.
func fileNetwork(path string) func() []string {
	return func() []string {
		raw, _ := os.ReadFile(path) // at first there is none
		return strings.Fields(string(raw))
	}
}

// explainedCommand asserts that every mail and every draft of a person is explained, each by its
// evidence and its rule: explained PERSON.
func explainedCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("introd", "why", args[0], "--json"))
	var r daemon.WhyReply
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &r))
	drafts := 0
	for _, g := range r.Lines {
		if len(g.Reasons) == 0 {
			ts.Fatalf("%q is not explained", g.What)
		}
		if strings.HasPrefix(g.What, "draft") {
			drafts++
		}
		for _, reason := range g.Reasons {
			if reason.Evidence == "" || reason.Rule == "" {
				ts.Fatalf("%q is explained without evidence or rule: %+v", g.What, reason)
			}
		}
	}
	if drafts == 0 || len(r.Lines) < 5 {
		ts.Fatalf("only %d lines and %d drafts are explained", len(r.Lines), drafts)
	}
}

// taskCodeCommand puts the code of the one task whose words match into a variable: taskcode VAR WORDS.
func taskCodeCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("introd", "tasks"))
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if strings.Contains(line, args[1]) {
			ts.Setenv(args[0], strings.Fields(line)[0])
			return
		}
	}
	ts.Fatalf("no task %q", args[1])
}

// tidyCommand asserts that nothing of introd's lies in any folder of the owner's but Trash, but for
// mails with the given subjects: tidy [SUBJECT]...
func tidyCommand(ts *testscript.TestScript, _ bool, args []string) {
	h := of(ts)
	folders, err := h.folders(me(ts))
	ts.Check(err)
	sent, trash := folderName(ts, me(ts), "Sent"), folderName(ts, me(ts), "Trash")
	var theirs []letter // the folder of all mail shows them too
	for _, folder := range folders {
		if folder == sent || folder == trash {
			letters, err := h.letters(me(ts), folder)
			ts.Check(err)
			theirs = append(theirs, letters...)
		}
	}
	for _, folder := range folders {
		if folder == sent || folder == trash {
			continue
		}
		letters, err := h.letters(me(ts), folder)
		ts.Check(err)
		for _, l := range letters {
			subject := l.header.Get("Subject")
			known := slices.ContainsFunc(args, func(a string) bool { return regexp.MustCompile(a).MatchString(subject) })
			mine := slices.ContainsFunc(theirs, func(s letter) bool { return s.header.Get("Message-ID") == l.header.Get("Message-ID") })
			if from, err := mail.ParseAddress(l.header.Get("From")); err == nil && from.Address == me(ts) && !known && !mine {
				ts.Fatalf("%s still holds %q", folder, subject)
			}
		}
	}
}

// folders are a user's folders that can be opened.
func (h *house) folders(user string) (names []string, err error) {
	c, err := h.client(user)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list, err := c.List("", "*", nil).Collect()
	for _, data := range list {
		if _, err := c.Status(data.Mailbox, &imap.StatusOptions{NumMessages: true}).Wait(); err == nil {
			names = append(names, data.Mailbox)
		}
	}
	return names, err
}

// failCommand makes the office fail at an event: fail EVENT [N] [CODE TEXT].
func failCommand(ts *testscript.TestScript, _ bool, args []string) {
	nth := 1
	if len(args) > 1 {
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		nth = n
	}
	office := of(ts).office
	switch {
	case args[0] == "full":
		office.Fill(true)
	case args[0] == "empty":
		office.Fill(false)
	case len(args) > 2:
		code, err := strconv.Atoi(args[2])
		ts.Check(err)
		office.Fail(args[0], nth, postoffice.Refusal(code, strings.Join(args[3:], " ")))
	default:
		office.Fail(args[0], nth, nil)
	}
}

// rejectCommand makes the office refuse a recipient: reject ADDRESS CODE TEXT.
func rejectCommand(ts *testscript.TestScript, _ bool, args []string) {
	code, err := strconv.Atoi(args[1])
	ts.Check(err)
	of(ts).office.Reject(args[0], code, strings.Join(args[2:], " "))
}

// renumberCommand gives folders of the owner's, or all, a new UIDVALIDITY: renumber [FOLDER]...
func renumberCommand(ts *testscript.TestScript, _ bool, args []string) {
	var folders []string
	for _, folder := range args {
		folders = append(folders, folderName(ts, me(ts), folder))
	}
	ts.Check(of(ts).office.Renumber(me(ts), folders...))
}

// journalCommand writes what clients changed in the owner's mailbox into a file.
func journalCommand(ts *testscript.TestScript, _ bool, args []string) {
	var out strings.Builder
	for _, e := range of(ts).office.Journal(me(ts)) {
		fmt.Fprintln(&out, e.Command, e.Folder, e.Detail)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(out.String()), 0o600))
}

// crashCommand runs introd and has it killed at a step: crash STEP sync. The step must be passed.
func crashCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("INTROD_TEST_KILL", args[0])
	err := ts.Exec("introd", args[1:]...)
	ts.Setenv("INTROD_TEST_KILL", "")
	if err == nil {
		ts.Fatalf("introd never came to step %s", args[0])
	}
}
