package store_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"introd/store"
)

// fill gives a store two people, one of whom is often written over.
func fill(t testing.TB, s *store.Store) {
	t.Helper()
	for n := range 50 {
		update(t, s, func(tx *store.Tx) error {
			return errors.Join(
				tx.PutPerson(store.Person{ID: "zelda", Name: fmt.Sprintf("Zelda Quimby %d", n), Address: "zelda@bigco.test"}),
				tx.PutPerson(store.Person{ID: "dana", Name: "Dana Wu", Address: "dana@bigco.test"}))
		})
	}
}

func without(word string) func(*store.Tx) (store.Change, error) {
	return func(*store.Tx) (store.Change, error) {
		return func(key, value []byte) ([]byte, bool, error) {
			return value, !bytes.Contains(append(key, value...), []byte(word)), nil
		}, nil
	}
}

// holds says whether any file below dir has a word in it, in any case.
func holds(t testing.TB, dir, word string) (found bool) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		found = found || bytes.Contains(bytes.ToLower(raw), []byte(word))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestRewriteLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	fill(t, s)
	if !holds(t, dir, "zelda") {
		t.Fatal("the test looks for a word that was never there")
	}
	if err := s.Rewrite(without("zelda")); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.Person("dana")
		return err
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if holds(t, dir, "zelda") {
		t.Error("the files still hold the name")
	}
	again := open(t, dir)
	if err := again.View(func(tx *store.Tx) error {
		if _, err := tx.Person("zelda"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("zelda: %v", err)
		}
		_, err := tx.Person("dana")
		return err
	}); err != nil {
		t.Error(err)
	}
}

// A process that rewrites over and over is killed at moments of chance. Each time the records are
// whole: the one who stays is there, and every other folder is gone.
func TestKilledRewriteLeavesOneWhole(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("STORE_TEST_REWRITER"); dir != "" {
		s := open(t, dir)
		for {
			fmt.Println("again")
			if err := s.Rewrite(without("zelda")); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	s := open(t, dir)
	fill(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for round := range 8 {
		rewriteAndKill(t, dir, round%3+1)
		s := open(t, dir)
		if err := s.View(func(tx *store.Tx) error {
			_, err := tx.Person("dana")
			return err
		}); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		folders, _ := filepath.Glob(filepath.Join(dir, "records-*"))
		if len(folders) != 1 {
			t.Errorf("round %d: %v", round, folders)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if holds(t, dir, "zelda") {
		t.Error("the files still hold the name")
	}
}

func rewriteAndKill(t *testing.T, dir string, after int) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilledRewriteLeavesOneWhole$")
	child.Env = append(os.Environ(), "STORE_TEST_REWRITER="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < after && lines.Scan(); n++ {
		if lines.Text() != "again" {
			t.Fatal(lines.Text())
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
}

func TestBackupIsRestored(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	fill(t, s)
	var file bytes.Buffer
	if err := s.Backup(&file); err != nil {
		t.Fatal(err)
	}
	other := open(t, t.TempDir())
	update(t, other, func(tx *store.Tx) error {
		return tx.PutPerson(store.Person{ID: "later", Name: "Later", Address: "l@x.test"})
	})
	if err := other.Restore(bytes.NewReader(file.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := other.View(func(tx *store.Tx) error {
		if _, err := tx.Person("later"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what the backup does not hold is still there: %v", err)
		}
		p, err := tx.Person("zelda")
		if p.Name != "Zelda Quimby 49" {
			t.Errorf("restored %+v", p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestRestoreRefusesNonsenseAndKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	fill(t, s)
	var file bytes.Buffer
	if err := s.Backup(&file); err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(file.Bytes())
	flipped[len(flipped)/2] ^= 0x40
	newer := open(t, t.TempDir())
	update(t, newer, func(tx *store.Tx) error { return store.SetSchema(tx, 99) })
	var fromTheFuture bytes.Buffer
	if err := newer.Backup(&fromTheFuture); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty": {nil, store.ErrNoBackup}, "text": {[]byte(strings.Repeat("hello ", 1000)), store.ErrNoBackup},
		"cut": {file.Bytes()[:file.Len()-9], store.ErrNoBackup}, "flipped": {flipped, store.ErrNoBackup}, "newer": {fromTheFuture.Bytes(), store.ErrSchema},
	} {
		if err := s.Restore(bytes.NewReader(c.file)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.View(func(tx *store.Tx) error {
			_, err := tx.Person("dana")
			return err
		}); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}
