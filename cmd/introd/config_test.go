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
		`nudge_after_business_days = 7`: `nudge_after_business_days = 0`, `port = 993`: `port = 0`,
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
		"rules.nudge_after_business_days = 0 is too few", "account.imap.port = 0 is not a port",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}
