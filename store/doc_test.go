package store_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"introd/store"
)

var keyLine = regexp.MustCompile(`(?m)^//\t(\w)\|.*$`)

// The table of keys names each kind once, and forgetting knows which of them bear no JSON: a kind that
// it did not know would stop it.
func TestKeysAreNamedOnceAndForgettingKnowsThem(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range keyLine.FindAllStringSubmatch(string(raw), -1) {
		line, kind := m[0], m[1]
		if seen[kind] {
			t.Errorf("two kinds of keys begin with %q", kind)
		}
		seen[kind] = true
		pointer := strings.Contains(line, "→") || strings.Contains(line, "opted out")
		if pointer != strings.Contains(store.Pointers, kind) {
			t.Errorf("forgetting takes %q for what it is not: %s", kind, line)
		}
	}
	if len(seen) < 25 {
		t.Errorf("only %d kinds are named", len(seen))
	}
}
