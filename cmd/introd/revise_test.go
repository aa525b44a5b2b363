package main

import (
	"errors"
	"strings"
	"testing"
)

// What an owner has written, with comments and in an order of their own.
const byHand = `# mine
[rules] # how I like it
nudges = 2 # patience

[accounts.main.imap]
host = "imap.example.org" # the old one

[accounts.main]
  address = "sam@example.org"
password_file = "/home/sam/secret"
smtp = { host = "smtp.example.org" }

[owner]
name = "Sam"   # and nothing else
about = """
a student"""
`

func TestReviseLeavesAllElse(t *testing.T) {
	t.Parallel()
	got, err := revised(t, func(c *config) {
		c.Owner.Name, c.Owner.Signature, c.Rules.Nudges = "Sam Rivera", "Sam\n\"the chemist\"", 3
		c.home().IMAP.Host, c.home().Folders = "mail.example.org", map[string]string{"sent": "Gesendet"}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		`name = "Sam"   #`, `name = "Sam Rivera"   #`, `a student"""`, `a student"""`+"\n"+`signature = "Sam\n\"the chemist\""`,
		`host = "imap.example.org" #`, `host = "mail.example.org" #`, `nudges = 2`, `nudges = 3`,
	).Replace(byHand) + "\n[accounts.main.folders]\nsent = \"Gesendet\"\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What cannot be changed in place is left alone.
func TestReviseKnowsItsLimits(t *testing.T) {
	t.Parallel()
	got, err := revised(t, func(c *config) { c.home().SMTP.Host = "mail.example.org" })
	if err == nil || !strings.Contains(err.Error(), "in an editor") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestReviseAddsAnAccount(t *testing.T) {
	t.Parallel()
	text, err := example().write()
	if err != nil {
		t.Fatal(err)
	}
	before, err1 := readConfig("/config.toml", []byte(text))
	after, err2 := readConfig("/config.toml", []byte(text))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	got, err := revise("/config.toml", text, before, withSchool(after))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, "\n[accounts.school]\naddress = \"rivera.7@uni.example\"\n# Further addresses") || strings.Index(got, "[rules]") < strings.Index(got, "[accounts.school.folders]") {
		t.Errorf("got\n%s", got)
	}
}

// withSchool is a config with a second mailbox.
func withSchool(c *config) *config {
	a := c.addAccount("school")
	a.Address, a.PasswordFile, a.IMAP.Host, a.SMTP.Host = "rivera.7@uni.example", "/home/sam/school", "imap.uni.example", "smtp.uni.example"
	c.Owner.Home = "main"
	return c
}

func revised(t *testing.T, change func(*config)) (string, error) {
	t.Helper()
	before, err := readConfig("/config.toml", []byte(byHand))
	if err != nil {
		t.Fatal(err)
	}
	after, err := readConfig("/config.toml", []byte(byHand))
	if err != nil {
		t.Fatal(err)
	}
	change(after)
	return revise("/config.toml", byHand, before, after)
}
