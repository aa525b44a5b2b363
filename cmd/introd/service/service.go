// Package service keeps introd running in the background for one user, without an administrator: as a unit of
// systemd's user manager, an agent of launchd, or a task at logon on Windows. It also keeps the log where the
// system keeps none.
package service

import (
	"bytes"
	"context"
	"embed"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"
)

// Unusable is the exit status of an introd whose config or records cannot be used as they are. Starting it
// again would not help (EX_CONFIG of sysexits.h).
const Unusable = 78

// A Spec is what the service runs. All paths are absolute.
type Spec struct {
	Program     string
	Config      string
	Log         string   // where the system keeps no log
	Environment []string // NAME=value, of the terminal that it is installed from; password commands may need it
	Credentials []string // names of secrets that the config leaves to systemd
	Commands    bool     // the config names commands, which may need what a sandbox takes away
}

// A State is what the system knows of the service.
type State struct {
	Installed bool
	File      string // that describes the service to the system
	Running   bool
	Trouble   string // why it does not run though it should, as a sentence
}

// A Manager is what starts programs in the background on this system. What it cannot do it says in one sentence
// that tells what to do.
type Manager interface {
	// Install writes what describes the service, or writes it anew, and starts it, or starts it anew.
	Install(context.Context, Spec) error
	// Remove stops the service and forgets it. It says whether there was one.
	Remove(context.Context) (bool, error)
	Start(context.Context) error
	Stop(context.Context) error
	State(context.Context) (State, error)
	// Logs writes the last lines of the log, and with follow all that come until the context ends.
	Logs(ctx context.Context, out io.Writer, lines int, follow bool) error
	// Hint is a sentence on what else the user may want, or "".
	Hint(context.Context) string
}

// Here is the manager of this system. Where the system keeps no log, it lies in the file log.
func Here(log string) (Manager, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	switch runtime.GOOS {
	case "darwin":
		return launchd{agents: filepath.Join(home, "Library", "LaunchAgents"), uid: os.Getuid(), log: log}, nil
	case "windows":
		return tasks{log: log}, nil
	case "linux":
		config, err := os.UserConfigDir()
		return systemd{units: filepath.Join(config, "systemd", "user")}, err
	}
	return nil, fmt.Errorf("introd cannot install itself on %s: let what starts services there run introd run", runtime.GOOS)
}

// A commandError is a command that failed, with what it said.
type commandError struct {
	command string
	said    string
	cause   error
}

func (e *commandError) Error() string {
	if e.said == "" {
		return fmt.Sprintf("%s: %v", e.command, e.cause)
	}
	return fmt.Sprintf("%s: %s", e.command, e.said)
}

func (e *commandError) Unwrap() error { return e.cause }

// ask runs a command and returns what it prints. It speaks English, and times are UTC.
func ask(ctx context.Context, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		words := strings.Join(strings.Fields(said.String()), " ")
		return "", &commandError{command: name + " " + strings.Join(args, " "), said: words, cause: err}
	}
	return strings.TrimSpace(string(out)), nil
}

// missing says whether a command failed because there is no such program.
func missing(err error) bool { return errors.Is(err, exec.ErrNotFound) }

//go:embed *.tmpl
var texts embed.FS

// render fills in the text name. Its values are escaped by the functions that the text names.
func render(name string, values any) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{"unit": quoteUnit, "exec": quoteExec, "xml": escapeXML, "argument": quoteArgument}).ParseFS(texts, name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, values)
	return out.Bytes(), err
}

// escapeXML makes a text one that may stand in an element.
func escapeXML(s string) (string, error) {
	var out strings.Builder
	err := xml.EscapeText(&out, []byte(s))
	return out.String(), err
}

// replaceFile writes a file so that whoever reads it finds the old text or the new one, whole.
func replaceFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// removeFile removes a file and says whether it was there.
func removeFile(path string) (bool, error) {
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
