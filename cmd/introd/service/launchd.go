package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// launchd is the manager of macOS (launchd.plist(5), launchctl(1)).
type launchd struct {
	agents string // the folder of the user's own agents
	uid    int
	log    string
}

const agentName = "introd"

func (l launchd) file() string   { return filepath.Join(l.agents, agentName+".plist") }
func (l launchd) domain() string { return fmt.Sprintf("gui/%d", l.uid) }
func (l launchd) target() string { return l.domain() + "/" + agentName }

var (
	errNoLaunchd = errors.New("launchctl is missing, which would start introd: start it yourself with introd run")
	errNoDesktop = errors.New("macOS has no desktop session for you here, as over ssh: log in at the screen and try again, or start introd with introd run")
)

func (l launchd) launchctl(ctx context.Context, args ...string) (string, error) {
	out, err := ask(ctx, "launchctl", args...)
	switch {
	case missing(err):
		return "", errNoLaunchd
	case err != nil && (strings.Contains(err.Error(), "Domain does not support") || strings.Contains(err.Error(), "Could not find domain")):
		return "", errNoDesktop
	}
	return out, err
}

// Install implements Manager.
func (l launchd) Install(ctx context.Context, spec Spec) error {
	type variable struct{ Name, Value string }
	values := struct {
		Spec
		Variables []variable
	}{Spec: spec}
	for _, pair := range spec.Environment {
		name, value, _ := strings.Cut(pair, "=")
		values.Variables = append(values.Variables, variable{name, value})
	}
	text, err := render("introd.plist.tmpl", values)
	if err != nil {
		return err
	}
	if _, err := l.launchctl(ctx, "print", l.domain()); err != nil {
		return err
	}
	if err := replaceFile(l.file(), text); err != nil {
		return err
	}
	return l.Start(ctx)
}

// Start implements Manager.
func (l launchd) Start(ctx context.Context) error {
	if err := l.Stop(ctx); err != nil {
		return err
	}
	if _, err := l.launchctl(ctx, "enable", l.target()); err != nil {
		return err
	}
	_, err := l.launchctl(ctx, "bootstrap", l.domain(), l.file())
	return err
}

// Stop implements Manager. An agent that is not loaded is stopped already.
func (l launchd) Stop(ctx context.Context) error {
	if _, err := l.launchctl(ctx, "print", l.target()); err != nil {
		if errors.Is(err, errNoLaunchd) || errors.Is(err, errNoDesktop) {
			return err
		}
		return nil
	}
	if _, err := l.launchctl(ctx, "bootout", l.target()); err != nil {
		return err
	}
	return l.gone(ctx)
}

// goneLimit is how long an agent may take to end: a little more than ExitTimeOut in its description.
const goneLimit = 25 * time.Second

// gone waits until an agent has ended. bootout does not, and bootstrap fails while it is ending.
func (l launchd) gone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, goneLimit)
	defer cancel()
	tick := time.NewTicker(goneLimit / 100)
	defer tick.Stop()
	for {
		if _, err := l.launchctl(ctx, "print", l.target()); err != nil {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return errors.New("introd does not end: wait a little and try again")
		case <-tick.C:
		}
	}
}

// Remove implements Manager.
func (l launchd) Remove(ctx context.Context) (bool, error) {
	if err := l.Stop(ctx); err != nil {
		return false, err
	}
	return removeFile(l.file())
}

// State implements Manager.
func (l launchd) State(ctx context.Context) (state State, err error) {
	if _, err := os.Stat(l.file()); errors.Is(err, os.ErrNotExist) {
		return state, nil
	} else if err != nil {
		return state, err
	}
	state = State{Installed: true, File: l.file()}
	out, err := l.launchctl(ctx, "print", l.target())
	if errors.Is(err, errNoLaunchd) || errors.Is(err, errNoDesktop) {
		return state, err
	}
	for line := range strings.Lines(out) { // of an agent that is not loaded there is none
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), " = "); {
		case name == "state":
			state.Running = value == "running"
		case name == "last exit code" && value != "0" && !strings.HasPrefix(value, "("):
			state.Trouble = "introd ended with status " + value + ": introd service logs says more"
		}
	}
	if state.Running {
		state.Trouble = ""
	}
	return state, nil
}

// Logs implements Manager.
func (l launchd) Logs(ctx context.Context, out io.Writer, lines int, follow bool) error {
	return tail(ctx, out, l.log, lines, follow)
}

// Hint implements Manager.
func (launchd) Hint(context.Context) string { return "It runs while you are logged in." }
