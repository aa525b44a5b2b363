package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSetUpPages: docs/setup.md shows the letters to administrators as they are, and sends people to the pages that the
// table knows.
func TestSetUpPages(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "setup.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, host := range []string{"outlook.office365.com", "imap.gmail.com"} {
		letter := ByServer(host, "you@uni.edu").AdminLetter("YOUR-CLIENT-ID", "you@uni.edu")
		if indented := strings.ReplaceAll("    "+strings.TrimSpace(strings.ReplaceAll(letter, "\n", "\n    ")), "\n    \n", "\n\n"); !strings.Contains(page, indented) {
			t.Errorf("docs/setup.md does not show this letter:\n%s", indented)
		}
	}
	for _, address := range []string{"a@gmail.com", "a@fastmail.com", "a@icloud.com", "a@yahoo.com", "a@aol.com"} {
		if p := ByAddress(address); p.Password.Where == "" || !strings.Contains(page, "<"+p.Password.Where+">") {
			t.Errorf("%s: docs/setup.md does not name %q", p.Name, p.Password.Where)
		}
	}
	for _, p := range []Provider{ByAddress("a@gmail.com"), ByAddress("a@outlook.com")} {
		if !strings.Contains(page, p.OAuth.Register) {
			t.Errorf("%s: docs/setup.md does not name %q", p.Name, p.OAuth.Register)
		}
	}
}
