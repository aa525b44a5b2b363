package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestArchivesAreTheSameEachTime packs the same files, written at different times and with different rights.
func TestArchivesAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	var made [2][2][]byte
	for i, mode := range []fs.FileMode{0o600, 0o755} {
		r := &release{stage: t.TempDir(), out: t.TempDir(), at: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
		err := os.Mkdir(filepath.Join(r.stage, "docs"), 0o755)
		for _, name := range []string{"introd", "introd.exe", "README.md", filepath.Join("docs", "install.md")} {
			file := filepath.Join(r.stage, name)
			err = errors.Join(err, os.WriteFile(file, []byte("text of "+name), mode), os.Chtimes(file, time.Time{}, time.Unix(int64(i*1000), 0)))
		}
		for j, pack := range []func(file, top string) error{r.tar, r.zip} {
			file := filepath.Join(r.out, "archive")
			err = errors.Join(err, pack(file, "introd_1"))
			raw, readErr := os.ReadFile(file)
			made[i][j], err = raw, errors.Join(err, readErr)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for j, kind := range []string{"tar", "zip"} {
		if !bytes.Equal(made[0][j], made[1][j]) {
			t.Errorf("two runs make different bytes of a %s", kind)
		}
	}
	want := map[string]fs.FileMode{
		"introd_1/README.md": 0o644, "introd_1/docs/install.md": 0o644, "introd_1/introd": 0o755, "introd_1/introd.exe": 0o755,
	}
	check := func(have map[string]fs.FileMode) {
		t.Helper()
		for name, mode := range want {
			if have[name] != mode || len(have) != len(want) {
				t.Errorf("%s is not there as %v: %v", name, mode, have)
			}
		}
	}
	check(tarred(t, made[0][0]))
	check(zipped(t, made[0][1]))
}

func tarred(t *testing.T, raw []byte) map[string]fs.FileMode {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]fs.FileMode{}
	for in := tar.NewReader(unpacked); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found[header.Name] = header.FileInfo().Mode()
	}
}

func zipped(t *testing.T, raw []byte) map[string]fs.FileMode {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]fs.FileMode{}
	for _, f := range in.File {
		found[f.Name] = f.Mode()
	}
	return found
}
