package main

import (
	"bytes"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"introd/daemon"
	"introd/mailer/postoffice"
)

// private are words that no table of introd check may show on this test's account.
var private = []string{
	"samantha", "riverton", "samr", "divorce", "dana", "wu of", "bigco", "surgery", "203.0.113.9", "please answer", "try out", "battery", "/tmp/", "school-of",
}

// newPrivatePlace is a place on whose account everything bears a private name.
func newPrivatePlace(t *testing.T) *place {
	t.Helper()
	folders := []postoffice.Folder{{Name: "Drafts", Use: imap.MailboxAttrDrafts}, {Name: "Samantha Sent", Use: imap.MailboxAttrSent}, {Name: "Trash", Use: imap.MailboxAttrTrash}, {Name: "Divorce"}}
	office, err := postoffice.Open(postoffice.Options{Manners: postoffice.Manners{Folders: folders}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(office.Close)
	const address = "samr@riverton.test"
	if err := office.AddUser(address, "secret"); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "samantha-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &place{t: t, office: office, dir: dir}
	p.write("password", "secret\n")
	p.environment = append(os.Environ(), "INTROD_CONFIG="+p.path("config.toml"), "HOME="+dir)
	p.introd("init", "--yes", "--name", "Samantha Riverton", "--about", "a student of surgery", "--address", address, "--zone", "America/New_York",
		"--imap", office.IMAPAddr(), "--smtp", office.SMTPAddr(), "--password-file", p.path("password"), "--data", p.path("data"), "--imap-tls", "none", "--smtp-tls", "none")
	config, err := os.ReadFile(p.path("config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	p.write("config.toml", strings.ReplaceAll(string(config), "[accounts.main", "[accounts.school-of-surgery")+"\n[[calendars]]\nname = \"surgery\"\npath = \"surgery.ics\"\n")
	return p
}

// check runs introd check, once for people and once for programs, and holds that both say what they
// should and nothing private.
func (p *place) check(sentence string, args ...string) {
	p.t.Helper()
	for format, says := range map[string]string{"--verbose=false": sentence, "--json": strings.ReplaceAll(sentence, "FAIL  ", `FAIL",`+"\n"+`          "what": "`)} {
		raw, _ := p.command(append([]string{"check", format}, args...)...).CombinedOutput() // its status is another test's
		out := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\"`, `"`).Replace(string(raw))
		if !strings.Contains(out, says) {
			p.t.Errorf("introd check %s does not say %q:\n%s", format, says, out)
		}
		if tail := regexp.MustCompile(`introd-(send|drop)-[0-9a-f]`); tail.MatchString(out) {
			p.t.Errorf("introd check %s names introd's own folder:\n%s", format, out)
		}
		for _, word := range private {
			if strings.Contains(strings.ToLower(out), word) {
				p.t.Errorf("introd check %s says %q:\n%s", format, word, out)
			}
		}
	}
}

// TestP9_CheckShowsNothingPrivate: what introd check prints is for a bug report, whatever the names on
// the account are and whatever the server says. Only --names tells them.
func TestP9_CheckShowsNothingPrivate(t *testing.T) {
	t.Parallel()
	p := newPrivatePlace(t)
	p.check("it cannot be read", "--mail", "--trial", "--rules", "no", "--wait", "0s")
	if err := p.office.Deliver("news@shop.test", "samr+Divorce@riverton.test", []byte("From: <news@shop.test>\r\nSubject: Divorce\r\n\r\nDivorce\r\n")); err != nil {
		t.Fatal(err)
	}
	p.check("mail in <folder 1> is not read")
	out, _ := p.command("check", "--names").CombinedOutput() // the calendar cannot be read
	for _, line := range []string{"<folder 1> is Divorce", "<folder 2> is Samantha Sent", "<calendars.path 1> is "} {
		if !strings.Contains(string(out), line) {
			t.Errorf("introd check --names does not say %q:\n%s", line, out)
		}
	}
	for event, text := range map[string]string{
		"imap:LOGIN":  "no mailbox samr@riverton.test (Samantha Riverton) for 203.0.113.9",
		"imap:SELECT": "samr: mailbox Divorce is locked by dana@bigco.test, mailbox Samantha Sent as well",
		"imap:APPEND": "user samr of riverton.test may not, says Samantha",
	} {
		p.office.Fail(event, -1, &imap.Error{Type: imap.StatusResponseTypeNo, Text: text}) // at every one
		p.check("FAIL  IMAP")
		p.office.Fail(event, 1<<30, nil)
	}
	p.introd("add", "Dana Wu <dana@bigco.test>", "--org", "BigCo")
	p.introd("request", "dana", "--why", "Your talk on battery recycling changed what I want to work on.")
	p.introd("sync")
	p.introd("approve", "dana")
	p.office.Reject("dana@bigco.test", 450, "Dana Wu of bigco.test: no room for samr@riverton.test")
	later(t, p)
	p.check("the mail server cannot take <address> now")
	mendHost, mendTLS := p.change(`host = "127.0.0.1"`, `host = "0.0.0.0"`), p.change(`tls = "none"`, `tls = "implicit"`)
	p.check("<imap.host>:" + port(p.office.IMAPAddr()) + " does not answer in TLS")
	mendHost()
	mendTLS()
	if err := os.Remove(p.path("password")); err != nil {
		t.Fatal(err)
	}
	p.check("there is no file ~/password")
}

// TestCheckAsksItsOwner: what only the owner can allow or know is asked; Enter leaves it as it is.
func TestCheckAsksItsOwner(t *testing.T) {
	t.Parallel()
	r := daemon.CheckReply{Unasked: []string{"mail", "rules", "trial"}, Fed: []string{"Alumni", "Bills", "Lists"}}
	for answers, want := range map[string]*daemon.CheckRequest{
		"y\nn\ny\ny\nn\n\n":      {Mail: true, Rules: "no", Trial: true, Watch: []string{"Alumni"}, Ignore: []string{"Bills"}},
		"\n\n\n\n\n\n":           nil,
		"":                       nil,
		"perhaps\nno\nYes\n":     {Rules: "yes"},
		"n\n\nn\n\n\nyes\n":      {Watch: []string{"Lists"}},
		"back\nis not an answer": nil,
	} {
		out := &bytes.Buffer{}
		a := &app{in: strings.NewReader(answers), out: out}
		got, err := a.askOwner(t.Context(), r)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("answered %q: %+v, %v, and not %+v\n%s", answers, got, err, want, out)
		}
	}
}
