package signin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A Secret says where a secret is kept: one of its fields is set. The names of the settings stand in its errors.
type Secret struct {
	Command    string // password_command: a shell's command that prints it
	File       string // password_file: its first line; nobody else may read the file
	Credential string // password_credential: $CREDENTIALS_DIRECTORY/NAME, which systemd fills for a service
	Keyring    string // password_keyring: the system's keyring has it under this name
}

// ErrNone says that a place is in order, but holds no secret yet.
var ErrNone = errors.New("nothing is kept there yet")

// A noneError is ErrNone in the words that fit the place.
type noneError string

func (e noneError) Error() string        { return string(e) }
func (e noneError) Is(target error) bool { return target == ErrNone }

func none(words string, args ...any) error { return noneError(fmt.Sprintf(words, args...)) }

// commandLimit is how long a password command may take: a locked keyring waits for its owner.
const commandLimit = 30 * time.Second

// Get reads the secret. Its errors are sentences for the owner; ErrNone, ErrNoKeyring and ErrLocked can be told from
// the others.
func (s Secret) Get(ctx context.Context) (string, error) {
	switch {
	case s.Command != "":
		return s.run(ctx)
	case s.Credential != "":
		return s.credential()
	case s.Keyring != "":
		return fromKeyring(ctx, s.Keyring)
	}
	return s.read()
}

// Put keeps a secret where introd itself may write: in a file or in the keyring. It is on disk when Put returns.
func (s Secret) Put(ctx context.Context, secret string) error {
	switch {
	case s.Keyring != "":
		return toKeyring(ctx, s.Keyring, secret)
	case s.File != "":
		return s.write(secret)
	}
	return errors.New("the secret is kept by somebody else: change it there")
}

// Delete takes the secret away from where Put keeps it. That none is there is no error.
func (s Secret) Delete(ctx context.Context) error {
	switch {
	case s.Keyring != "":
		return outOfKeyring(ctx, s.Keyring)
	case s.File != "":
		if err := os.Remove(s.File); !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (s Secret) run(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	run := exec.CommandContext(ctx, shell[0], shell[1], s.Command)
	run.WaitDelay = time.Second // what the shell has started may hold its output open
	out, err := run.Output()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "", fmt.Errorf("password_command gave no password within %d seconds: unlock your keyring, or try it in a terminal", int(commandLimit.Seconds()))
	}
	if err != nil {
		return "", fmt.Errorf("password_command failed (%w): try it in a terminal", err)
	}
	if firstLine(out) == "" {
		return "", errors.New("password_command printed nothing: try it in a terminal")
	}
	return firstLine(out), nil
}

func (s Secret) credential() (string, error) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return "", fmt.Errorf("password_credential works in a service of systemd alone, whose unit says LoadCredential=%s:…: use another way for the command line", s.Credential)
	}
	if s.Credential != filepath.Base(s.Credential) {
		return "", fmt.Errorf("password_credential = %q is a name, not a path", s.Credential)
	}
	raw, err := os.ReadFile(filepath.Join(dir, s.Credential))
	if errors.Is(err, os.ErrNotExist) {
		return "", none("systemd gives introd no credential %q: write LoadCredential=%s:… into the unit", s.Credential, s.Credential)
	}
	if err != nil {
		return "", fmt.Errorf("password_credential: %w", err)
	}
	return firstLine(raw), nil
}

func (s Secret) read() (string, error) {
	info, err := os.Stat(s.File)
	if errors.Is(err, os.ErrNotExist) {
		return "", none("there is no file %s: write the password into it and run chmod 600 on it, or change password_file in the config", s.File)
	}
	if err != nil {
		return "", fmt.Errorf("password_file: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 { // there the folder's own rights count
		return "", fmt.Errorf("others can read %s: run chmod 600 on it", s.File)
	}
	raw, err := os.ReadFile(s.File)
	if err != nil {
		return "", fmt.Errorf("password_file: %w", err)
	}
	return firstLine(raw), nil
}

// write replaces the file as a whole: after a crash the old secret is there or the new one.
func (s Secret) write(secret string) (err error) {
	dir := filepath.Dir(s.File)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, filepath.Base(s.File)+".*") // 0600 from the start
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	_, err = temp.WriteString(secret + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err = os.Rename(temp.Name(), s.File); err != nil || runtime.GOOS == "windows" {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func firstLine(raw []byte) string {
	line, _, _ := strings.Cut(string(raw), "\n")
	return strings.TrimRight(line, "\r")
}
