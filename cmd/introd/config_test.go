package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What could not work is refused with the key and what to write, all of it at once.
func TestConfigRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.toml")
	text, err := example().write()
	if err != nil {
		t.Fatal(err)
	}
	for old, changed := range map[string]string{
		`poll = "2m"`: `poll = "0s"`, `most_per_day = 20`: `most_per_day = 0`, `code_life = "14d"`: `code_life = "1m"`,
		`nudge_after_business_days = 7`: `nudge_after_business_days = 0`, `port = 993`: `port = -1`,
	} {
		if strings.Count(text, "\n"+old) != 1 {
			t.Fatalf("the example says %q %d times", old, strings.Count(text, "\n"+old))
		}
		text = strings.Replace(text, "\n"+old, "\n"+changed, 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = loadConfig(path)
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{
		`daemon.poll = "0s" is too short: write "10s" or more`, "daemon.most_per_day = 0 is too few: write 1 or more", `daemon.code_life = "1m" is too short: write "1h" or more`,
		"rules.nudge_after_business_days = 0 is too few", "accounts.main.imap.port = -1 is not a port",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

// Accounts are named in the config, one of several is home, and what is left out holds for each.
func TestConfigOfAccounts(t *testing.T) {
	t.Parallel()
	const owner = "[owner]\nname = \"Sam Rivera\"\nabout = \"a student\"\n"
	account := func(name, more string) string {
		return "[accounts." + name + "]\naddress = \"sam@home.test\"\npassword_file = \"p\"\n" + more + "[accounts." + name + ".imap]\nhost = \"imap.test\"\n" +
			"[accounts." + name + ".smtp]\nhost = \"smtp.test\"\ntls = \"starttls\"\n"
	}
	for _, test := range []struct{ what, text, want string }{
		{"one account", owner + account("school", ""), ""},
		{"the old shape", owner + "[account]\nname = \"main\"\n[account.imap]\nhost = \"imap.test\"\n", ":4: [account] has become [accounts.NAME]: write [accounts.main]"},
		{"no account", owner, "there is no account"},
		{"two and no home", owner + account("school", "") + account("personal", ""), `owner.home is missing: say which account gets approvals and digests, as in home = "personal"`},
		{"another home", owner + "home = \"work\"\n" + account("school", "") + account("personal", ""), `owner.home = "work" is none of your accounts: they are personal, school`},
		{"an odd name", owner + account(`"my school"`, ""), `accounts."my school": a name is made of letters, digits, - and _`},
		{"a setting that there is not", owner + account("school", "name = \"x\"\n"), ":7: there is no setting accounts.school.name"},
	} {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := loadConfig(path)
		switch {
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %q is not in: %v", test.what, test.want, err)
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.what, err)
		case test.want == "":
			a := c.home()
			if a.name != "school" || a.FilesSent != "auto" || a.IMAP != (server{"imap.test", 993, "implicit", a.Address}) || a.SMTP != (server{"smtp.test", 587, "starttls", a.Address}) {
				t.Errorf("%s: %+v", test.what, a)
			}
		}
	}
}
