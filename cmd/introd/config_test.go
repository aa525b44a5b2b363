package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
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
		{"the old shape", owner + "[account]\nname = \"main\"\n[account.imap]\nhost = \"imap.test\"\n", "line 4: [account] has become [accounts.NAME]: write [accounts.main]"},
		{"no account", owner, "accounts is missing: write [accounts.main]"},
		{"two and no home", owner + account("school", "") + account("personal", ""), `owner.home is missing: say which account gets approvals and digests, as in home = "personal"`},
		{"one mailbox twice", owner + "home = \"school\"\n" + account("school", "") + account("personal", ""), `accounts.school.address = "sam@home.test" is that of the account personal already`},
		{"another home", owner + "home = \"work\"\n" + account("school", "") + account("personal", ""), `owner.home = "work" is none of your accounts: they are personal, school`},
		{"an odd name", owner + account(`"my school"`, ""), `accounts.my school has a name that cannot be used: letters, digits, - and _ can`},
		{"a setting that there is not", owner + account("school", "name = \"x\"\n"), "line 7: there is no setting accounts.school.name"},
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

// Whatever is wrong with how a line is written is told with the line and how it is written, and beside it all that is wrong elsewhere.
func TestConfigTellsHowItIsWritten(t *testing.T) {
	t.Parallel()
	text, err := example().write()
	if err != nil {
		t.Fatal(err)
	}
	for lines, want := range map[string]string{
		// No TOML: the line, and what was expected.
		"[more]\nname = Sam":                 `line 3: words stand in quotes, as in name = "Sam Rivera"`,
		"[more]\nname = “Sam”":               `line 3: words stand in quotes, as in name = "Sam Rivera"`,
		"[more]\nname = \"Sam":               `line 3: a quote is opened here and not closed on its line`,
		"[more]\nname = \"\"\"Sam\n\n":       `three quotes are opened and not closed`,
		"[more]\nname: \"Sam\"":              "line 3: a setting is written with = behind its name",
		"[more]\nname \"Sam\"":               "line 3: a setting is written with = behind its name",
		"[more]\nname =":                     `for nothing, write ""`,
		"[more\nname = \"x\"":                "line 2: a part is written in brackets, as in [owner]",
		"[more]\nname = \"C:\\Users\"":       `line 3: a \ in a value is written twice: "C:\\Users", or the value in single quotes: 'C:\Users'`,
		"[more]\nname = [\"a\"":              `line 3: a list is closed by a bracket, as in ["one", "another"]`,
		"[more]\nname = [\"a\" \"b\"]":       "line 3: there is a comma between the values of a list",
		"[more]\nname = 'it's'":              "line 3: there is something behind the value",
		"[more]\nname = 07":                  "line 3: a number does not begin with 0; a time of day is written in quotes",
		"[more]\na = 1\na = 2":               "line 4: this setting stands there already",
		"[daemon]\npoll = \"5m\"":            "line 2: this part stands there already",
		"\n[rules.nudges]\nx = 1":            "line 3: this is a setting, not a part",
		"[more]\nwhen = 2026-13-45":          "line 3: ",
		"[accounts.b]\nimap = 3":             "line 3: accounts.b.imap must be a part of its own",
		"[accounts.b]\nimap = {port = 7}":    "accounts.b.imap.host is missing",
		"[accounts.b]\nimap = {prt = 7}":     "line 3: there is no setting accounts.b.imap.prt: do you mean accounts.b.imap.port?",
		"[accounts.b.imap]\nport = \"7\"":    "line 3: accounts.b.imap.port must be a number, written without quotes",
		"[accounts.b]\naliases = \"a@b\"":    `line 3: accounts.b.aliases must be a list, written like ["one", "another"]`,
		"[accounts.b]\naliases = [1]":        `line 3: accounts.b.aliases must be a list, written like ["one", "another"]`,
		"[accounts.b]\naddress = 1":          `line 3: accounts.b.address must be words in quotes`,
		"[accounts]\naddress = \"a@b.c\"":    "line 3: an account has a name: write [accounts.main] in the place of [accounts]",
		"[calendars]\nurl = \"x\"":           "line 2: [calendars] is written with two brackets on each side, as there may be several: [[calendars]]",
		"[[acounts]]\nurl = \"x\"":           "line 2: there is no part [acounts]: do you mean [accounts]?",
		"[[accounts]]\nurl = \"x\"":          "",
		"[more]\nx = 1\ny = 2":               "line 2: there is no part [more]: there are owner, accounts, rules, availability, calendars, daemon",
		"[accounts.b]\nblind_after = \"1h\"": "line 3: there is no setting accounts.b.blind_after: do you mean daemon.blind_after?",
	} {
		_, err := readConfig("the config", []byte(text+"\n\n"+lines+"\n"))
		switch before := strings.Count(text, "\n") + 1; {
		case err == nil:
			t.Errorf("%q was taken", lines)
		case strings.Contains(err.Error(), "toml:"), strings.Contains(err.Error(), "struct"):
			t.Errorf("%q is told in a programmer's words: %v", lines, err)
		default:
			if n, rest, ok := strings.Cut(strings.TrimPrefix(want, "line "), ": "); ok && strings.HasPrefix(want, "line ") {
				line, err := strconv.Atoi(n)
				if err != nil {
					t.Fatal(err)
				}
				want = fmt.Sprintf("line %d: %s", before+line, rest)
			}
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %q is not in: %v", lines, want, err)
			}
		}
	}
}

// Whatever stands in a config: it is read or refused with words, and nothing is read that the decoder would not have taken.
func FuzzReadConfig(f *testing.F) {
	text, err := example().write()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		text, text + "[[calendars]]\nname = \"x\"\npath = \"a.ics\"\n", "", "\ufeff[owner]\nname = 'x'", "accounts = { main = { imap = { port = 7 } } }", "calendars = [{url = 'x'}, 3]",
		"[accounts.a.b.c]\nx = [[1], {y = 2}]", "owner.name = 'x'\nowner . zone = \"UTC\"", "[daemon]\npoll = 7\npoll = '2m'", "[availability]\nmonday = ['09:00-10:00', 1]", "[[accounts]]\n[owner.name]", "\"\" = 1\n[\"\"]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readConfig("config.toml", []byte(text))
		var bad *badConfig
		if err != nil && (!errors.As(err, &bad) || len(bad.Faults) == 0 || bad.Faults[0].Words == "") {
			t.Fatalf("%v", err)
		}
		decoder := toml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
		decoder.DisallowUnknownFields()
		if strict := decoder.Decode(defaults()); err == nil && strict != nil {
			t.Errorf("taken, though %v: %q", strict, text)
		}
		if err == nil && c.zone == nil {
			t.Error("nothing was checked")
		}
	})
}
