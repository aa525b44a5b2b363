package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"introd/daemon"
	"introd/mailer/postoffice"
)

// fails runs a command that must fail with one sentence.
func (p *place) fails(sentence string, args ...string) {
	p.t.Helper()
	p.failed(p.command(args...), sentence)
}

func (p *place) failed(c *exec.Cmd, sentence string) {
	p.t.Helper()
	out, err := c.CombinedOutput()
	out = bytes.ReplaceAll(out, []byte(`\"`), []byte(`"`)) // of JSON
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFault && exit.ExitCode() != exitUnusable || !regexp.MustCompile(sentence).Match(out) {
		p.t.Errorf("%s: %v, and not %q:\n%s", strings.Join(c.Args, " "), err, sentence, out)
	}
	if bytes.Contains(out, []byte("goroutine ")) || bytes.Contains(out, []byte("secret")) {
		p.t.Errorf("%s says what nobody should read:\n%s", strings.Join(c.Args, " "), out)
	}
}

// goesOn asserts that after a fault nothing is lost and nothing comes twice: the approved mail is
// sent, once, and filed, once.
func (p *place) goesOn() {
	p.t.Helper()
	p.introd("sync")
	p.introd("sync")
	if n := p.received(); n != 1 {
		p.t.Errorf("Dana has %d mails", n)
	}
	p.filedOnce("dana@bigco.test")
}

func (p *place) filedOnce(to string) {
	p.t.Helper()
	mails, err := p.office.Mails(owner, "Sent")
	if err != nil {
		p.t.Fatal(err)
	}
	n := 0
	for _, m := range mails {
		if bytes.Contains(m.Raw, []byte(to)) {
			n++
		}
	}
	if n != 1 {
		p.t.Errorf("Sent holds %d mails to %s", n, to)
	}
}

// TestFaults breaks one thing at a time. Each gives one sentence that says what to do, on introd sync
// and on introd check alike; once it is mended all goes on, and nothing is lost or sent twice.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    func(p *place) (mend func())
		sentence string
	}{
		"wrong password": {func(p *place) func() {
			p.write("password", "wrong\n")
			return func() { p.write("password", "secret\n") }
		}, `refused the user name or the password: check them; many providers want an app password here`},
		"password for all to read": {func(p *place) func() {
			p.chmod("password", 0o644)
			return func() { p.chmod("password", 0o600) }
		}, `others can read .*: run chmod 600 on it`},
		"no password file": {func(p *place) func() {
			p.rename("password", "elsewhere")
			return func() { p.rename("elsewhere", "password") }
		}, `there is no file .*: write the password into it and run chmod 600 on it`},
		"IMAP server down": {func(p *place) func() { return p.change("port = "+port(p.office.IMAPAddr()), "port = 1") },
			`nothing answers at 127.0.0.1:1; check the port and your network`},
		"wrong port": {func(p *place) func() {
			return p.change("port = "+port(p.office.IMAPAddr()), "port = "+port(p.office.SMTPAddr()))
		}, `does not speak IMAP; check the port`},
		"TLS where there is none": {func(p *place) func() { return p.change(`tls = "none"`, `tls = "implicit"`) },
			`does not answer in TLS; check the port, and whether tls must be`},
		"STARTTLS where there is none": {func(p *place) func() { return p.change(`tls = "none"`, `tls = "starttls"`) },
			`refuses STARTTLS; try tls = "implicit" and port 993`},
		"plain text off this computer": {func(p *place) func() { return p.change(`host = "127.0.0.1"`, `host = "192.0.2.1"`) },
			`tls = "none" is allowed on this machine alone, not for (192.0.2.1|<imap.host>): use "implicit" or "starttls"`},
		"an unknown TLS": {func(p *place) func() { return p.change(`tls = "none"`, `tls = "ssl"`) }, `"implicit" or "starttls"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, postoffice.Options{})
			approved(t, p)
			mend := test.fault(p)
			p.fails(test.sentence, "sync")
			p.fails(test.sentence, "check")
			p.fails(test.sentence, "check", "--json")
			if n := p.received(); n != 0 {
				t.Errorf("Dana has %d mails", n)
			}
			mend()
			p.introd("check")
			p.goesOn()
		})
	}
}

func (p *place) chmod(name string, mode os.FileMode) {
	p.t.Helper()
	if err := os.Chmod(p.path(name), mode); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) rename(from, to string) {
	p.t.Helper()
	if err := os.Rename(p.path(from), p.path(to)); err != nil {
		p.t.Fatal(err)
	}
}

// change changes the config, and mend changes it back.
func (p *place) change(old, new string) (mend func()) {
	p.t.Helper()
	p.set(old, new)
	return func() { p.set(new, old) }
}

func port(address string) string {
	_, p, _ := net.SplitHostPort(address)
	return p
}

// TestTLSFaults: a connection that cannot be private is none, and introd init writes nothing.
func TestTLSFaults(t *testing.T) {
	t.Parallel()
	expired := newPlace(t, postoffice.Options{TLS: true, Expired: true})
	expired.fails(`has expired or is not valid yet; its operator must renew it, or this computer's clock is wrong`, expired.init...)
	if _, err := os.Stat(expired.path("config.toml")); err == nil {
		t.Error("introd init wrote a config for a server that it cannot trust")
	}

	p := newPlace(t, postoffice.Options{TLS: true})
	p.introd("check")
	approved(t, p)
	p.write("no.pem", "hello\n")
	for _, test := range map[string]struct{ old, new, sentence string }{
		"unknown authority": {fmt.Sprintf("ca_file = %q", p.path("ca.pem")), `ca_file = ""`, `nobody this computer trusts vouches for 127.0.0.1; if it is your own server, name its authority under ca_file`},
		"another name":      {`host = "127.0.0.1"`, `host = "0.0.0.0"`, `the certificate shown is not for (0.0.0.0|<imap.host>); check the host name`},
		"no such ca_file":   {p.path("ca.pem"), p.path("none.pem"), `there is no file .*none.pem: give the authority's certificate under ca_file`},
		"no PEM in ca_file": {p.path("ca.pem"), p.path("no.pem"), `holds no certificate in PEM form`},
	} {
		mend := p.change(test.old, test.new)
		p.fails(test.sentence, "sync")
		p.fails(test.sentence, "check")
		mend()
	}
	p.goesOn()
}

// TestSMTPFaults: what was approved waits, introd sync, status and check say why, and it goes out once.
func TestSMTPFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    func(p *place) (mend func())
		sentence string
	}{
		"down": {func(p *place) func() { return p.change("port = "+port(p.office.SMTPAddr()), "port = 1") },
			`nothing answers at 127.0.0.1:1; check the port and your network`},
		"try later": {func(p *place) func() {
			p.office.Fail("smtp:MAIL", 1, postoffice.Refusal(450, "greylisted, come back later"))
			return func() {}
		}, `the mail server cannot take the mail now \(450 .*greylisted, come back later\)\.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, postoffice.Options{})
			approved(t, p)
			mend := test.fault(p)
			sentence := regexp.MustCompile(`The mail to Dana Wu could not be sent yet: .*` + test.sentence)
			for _, verb := range []string{"sync", "status"} {
				if out := p.introd(verb); !sentence.MatchString(out) {
					t.Errorf("introd %s does not say %s:\n%s", verb, sentence, out)
				}
			}
			p.fails(test.sentence, "check")
			if n := p.received(); n != 0 {
				t.Errorf("Dana has %d mails", n)
			}
			mend()
			later(t, p)
			if out := p.introd("status"); strings.Contains(out, "could not be sent") {
				t.Errorf("status still says it:\n%s", out)
			}
			p.goesOn()
		})
	}
}

// TestFullMailbox: what cannot be put into the mailbox waits, introd status says why, the mail is
// sent all the same, and its copy is filed once there is room.
func TestFullMailbox(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	approved(t, p)
	p.office.Fill(true)
	p.fails("your mailbox is full: make room in it, and introd goes on by itself", "sync")
	p.fails("your mailbox is full: make room in it", "check")
	if out := p.introd("status"); !strings.Contains(out, "your mailbox is full: make room in it") {
		t.Errorf("status does not say it:\n%s", out)
	}
	if n := p.received(); n != 1 {
		t.Errorf("Dana has %d mails", n)
	}
	p.office.Fill(false)
	later(t, p)
	if out := p.introd("status"); strings.Contains(out, "full") {
		t.Errorf("status still says it:\n%s", out)
	}
	p.goesOn()
}

// later runs introd sync at a time when what waits to be tried again is due.
func later(t *testing.T, p *place) {
	t.Helper()
	c := p.command("sync")
	p.write("clock", "2036-01-01T00:00:00Z")
	c.Env = append(c.Env, "INTROD_TEST_CLOCK="+p.path("clock"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestCallEndsItsSession: what a command opens in the daemon ends with the command, so that the next
// look does not find it dead and take the mailbox for out of reach.
func TestCallEndsItsSession(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, clock: daemon.System(), configPath: p.path("config.toml")}
	conf, err := a.load()
	if err != nil {
		t.Fatal(err)
	}
	e, s, err := a.engine(conf, a.logger())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 20 {
		call, end := context.WithCancel(t.Context())
		_, err := e.Look(call, daemon.None{})
		end()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSecondDaemon: two at once would send twice. The second one says so and ends; so does a newer schema.
func TestSecondDaemon(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	r := p.run()
	r.hear("READY=1")
	p.fails("introd is running already", "run")
	if out := p.introd("status"); !strings.Contains(out, "introd is running") { // the second one left the first its socket
		t.Errorf("status says %s", out)
	}
	r.stop()
}

// TestNewerSchema: records of a newer introd are left alone.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	approved(t, p)
	current, err := os.ReadFile(filepath.Join(p.data, "CURRENT"))
	if err != nil {
		t.Fatal(err)
	}
	schema := func(n []byte) (before []byte) {
		db, err := badger.Open(badger.DefaultOptions(filepath.Join(p.data, strings.TrimSpace(string(current)))).WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *badger.Txn) error {
			item, err := tx.Get([]byte("v\x00"))
			if err != nil {
				return err
			}
			before, err = item.ValueCopy(nil)
			return errors.Join(err, tx.Set([]byte("v\x00"), n))
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		return before
	}
	known := schema([]byte("999"))
	for _, verb := range []string{"sync", "run", "check", "status"} {
		p.fails("written by a newer introd: update introd, or restore a backup", verb)
	}
	schema(known)
	p.goesOn()
}
