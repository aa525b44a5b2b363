package service

import (
	"io"
	"os"
	"testing"
)

// TestLogOnAFullDisk: what cannot be written is lost, and whoever logs goes on.
func TestLogOnAFullDisk(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	l := &Log{path: "/dev/full", most: mostLog, file: full}
	defer l.Close()
	if n, err := io.WriteString(l, "a line\n"); n != 7 || err != nil {
		t.Error(n, err)
	}
}
