package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// school is the address of the owner's second account, where a script has one.
const school = "sam@school.test"

// me is the address of the account in whose mailbox the owner acts.
func me(ts *testscript.TestScript) string { return ts.Getenv("ME") }

// asCommand has the owner act in their other mailbox from here on: as school, as main.
func asCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("ME", map[string]string{"main": owner, "school": school}[args[0]])
}

// schoolCommand writes the second account into the config, beside the first, which is home. Its password
// stands in a file of its own.
func schoolCommand(ts *testscript.TestScript, _ bool, _ []string) {
	path, password := ts.Getenv("INTROD_CONFIG"), ts.MkAbs("school-password")
	ts.Check(os.WriteFile(password, []byte("secret\n"), 0o600))
	raw, err := os.ReadFile(path)
	ts.Check(err)
	var text strings.Builder
	text.WriteString(strings.Replace(string(raw), "\nhome = \"\"\n", "\nhome = \"main\"\n", 1))
	fmt.Fprintf(&text, "\n[accounts.school]\naddress = %q\npassword_file = %q\nca_file = %q\n", school, password, ts.Getenv("CA"))
	for part, at := range map[string]string{"imap": ts.Getenv("IMAP"), "smtp": ts.Getenv("SMTP")} {
		var s server
		ts.Check(address(part, at, &s))
		fmt.Fprintf(&text, "[accounts.school.%s]\nhost = %q\nport = %d\ntls = %q\n", part, s.Host, s.Port, ts.Getenv("TLS"))
	}
	ts.Check(os.WriteFile(path, []byte(text.String()), 0o600))
}

// showsCommand waits until the running daemon has read or sent a mail: shows PERSON WORDS.
func showsCommand(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, "introd show "+args[0]+" says "+args[1], func() bool {
		ts.Check(ts.Exec("introd", "show", args[0]))
		return regexp.MustCompile(args[1]).MatchString(ts.ReadFile("stdout"))
	})
}
