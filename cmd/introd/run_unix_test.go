//go:build unix

package main

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"introd/mailer/postoffice"
)

// TestStopAtTheKeyring: a password command that waits for its owner does not hold up the end.
func TestStopAtTheKeyring(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	waits := p.path("waits")
	if err := syscall.Mkfifo(waits, 0o600); err != nil {
		t.Fatal(err)
	}
	p.set(`password_command = ""`, fmt.Sprintf("password_command = %q", "echo >"+waits+"; sleep 300; echo secret"))
	p.set(fmt.Sprintf("password_file = %q", p.path("password")), `password_file = ""`)
	r := p.run()
	if _, err := os.ReadFile(waits); err != nil { // returns once the command has begun
		t.Fatal(err)
	}
	r.stop()
}
