package service

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// tasks is the Task Scheduler of Windows, by its schtasks command. The task starts at logon and, in case introd
// has ended, every five minutes; a second one at the same time it ignores. The program that shows consoles is
// told to show none (conhost --headless): the setting Hidden hides the task and not its window, and a task that
// runs without a window of its own accord (S4U) takes an administrator.
type tasks struct {
	log string
}

const taskName = "introd"

var errNoTasks = errors.New("schtasks is missing, which would start introd: start it yourself with introd run")

func (t tasks) schtasks(ctx context.Context, args ...string) (string, error) {
	out, err := ask(ctx, "schtasks", args...)
	if missing(err) {
		return "", errNoTasks
	}
	return out, err
}

// Install implements Manager.
func (t tasks) Install(ctx context.Context, spec Spec) error {
	owner, err := user.Current()
	if err != nil {
		return err
	}
	text, err := render("introd.task.tmpl", struct {
		Spec
		User string
	}{spec, owner.Username})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "introd-task-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "introd.xml")
	if err := os.WriteFile(file, utf16File(string(text)), 0o600); err != nil {
		return err
	}
	_, _ = t.schtasks(ctx, "/End", "/TN", taskName) // fails where none runs
	if _, err := t.schtasks(ctx, "/Create", "/F", "/TN", taskName, "/XML", file); err != nil {
		return err
	}
	return t.Start(ctx)
}

// utf16File is a text as schtasks reads it: UTF-16, little-endian, with its mark, and lines that end in CRLF.
func utf16File(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(strings.ReplaceAll(text, "\n", "\r\n"))) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// Start implements Manager.
func (t tasks) Start(ctx context.Context) error {
	if _, err := t.schtasks(ctx, "/Change", "/TN", taskName, "/ENABLE"); err != nil {
		return err
	}
	_, _ = t.schtasks(ctx, "/End", "/TN", taskName)
	_, err := t.schtasks(ctx, "/Run", "/TN", taskName)
	return err
}

// Stop implements Manager: a task that is not switched off would start again within five minutes.
func (t tasks) Stop(ctx context.Context) error {
	if _, err := t.schtasks(ctx, "/Change", "/TN", taskName, "/DISABLE"); err != nil {
		return err
	}
	_, err := t.schtasks(ctx, "/End", "/TN", taskName)
	return err
}

// Remove implements Manager.
func (t tasks) Remove(ctx context.Context) (bool, error) {
	state, err := t.State(ctx)
	if err != nil || !state.Installed {
		return false, err
	}
	_, _ = t.schtasks(ctx, "/End", "/TN", taskName)
	_, err = t.schtasks(ctx, "/Delete", "/F", "/TN", taskName)
	return err == nil, err
}

// State implements Manager. Whether a task runs schtasks says in the language of the system, with numbers in
// none of its forms; so this asks for its description, and whether introd answers is seen elsewhere.
func (t tasks) State(ctx context.Context) (State, error) {
	_, err := t.schtasks(ctx, "/Query", "/TN", taskName, "/XML")
	if errors.Is(err, errNoTasks) {
		return State{}, err
	}
	return State{Installed: err == nil, File: `the task "` + taskName + `" of the Task Scheduler`}, nil
}

// Logs implements Manager.
func (t tasks) Logs(ctx context.Context, out io.Writer, lines int, follow bool) error {
	return tail(ctx, out, t.log, lines, follow)
}

// Hint implements Manager.
func (tasks) Hint(context.Context) string { return "It runs while you are logged in." }

// quoteArgument writes one argument of a command line of Windows. A path holds no quotes.
func quoteArgument(s string) string { return `"` + s + `"` }
