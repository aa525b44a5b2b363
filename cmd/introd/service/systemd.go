package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// systemd is the manager of a user's session on most Linux systems (systemd.service(5)).
type systemd struct {
	units string // the folder of the user's own units
}

const unitName = "introd.service"

func (s systemd) file() string { return filepath.Join(s.units, unitName) }

// Errors of a system without a user manager.
var (
	errNoSystemd = errors.New("there is no systemd here, which would start introd: let what starts services on this system run introd run, or start it yourself")
	errNoSession = errors.New("systemd has no session for you here, as in a container or after su: log in as yourself and try again (over ssh, if this computer has no screen), or start introd with introd run")
)

func (s systemd) systemctl(ctx context.Context, args ...string) (string, error) {
	out, err := ask(ctx, "systemctl", append([]string{"--user", "--no-pager"}, args...)...)
	switch {
	case err == nil:
		return out, nil
	case missing(err):
		return "", errNoSystemd
	case strings.Contains(err.Error(), "connect to bus"), strings.Contains(err.Error(), "not been booted with systemd"):
		return "", errNoSession
	}
	return "", err
}

// Install implements Manager. It returns once introd is ready.
func (s systemd) Install(ctx context.Context, spec Spec) error {
	said, err := s.systemctl(ctx, "show", "--property=Version", "--value")
	if err != nil {
		return err
	}
	text, err := render("introd.service.tmpl", struct {
		Spec
		Version, Unusable int
	}{spec, leadingNumber(said), Unusable})
	if err != nil {
		return err
	}
	if err := replaceFile(s.file(), text); err != nil {
		return err
	}
	for _, step := range [][]string{{"daemon-reload"}, {"enable", "--quiet", unitName}} {
		if _, err := s.systemctl(ctx, step...); err != nil {
			return err
		}
	}
	return s.restart(ctx)
}

// leadingNumber reads the number that a version begins with: 252 of "252.38-1~deb12u1" and of "v252".
func leadingNumber(version string) int {
	version = strings.TrimPrefix(version, "v")
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	n, _ := strconv.Atoi(version[:end])
	return n
}

func (s systemd) restart(ctx context.Context) error {
	_, _ = s.systemctl(ctx, "reset-failed", unitName) // fails where nothing had failed
	_, err := s.systemctl(ctx, "restart", unitName)
	if err == nil || errors.Is(err, errNoSession) || errors.Is(err, errNoSystemd) {
		return err
	}
	state, stateErr := s.State(ctx)
	if stateErr != nil || state.Trouble == "" {
		return err
	}
	return errors.New(state.Trouble)
}

// Remove implements Manager. A unit that is not there is removed already.
func (s systemd) Remove(ctx context.Context) (bool, error) {
	if _, err := os.Stat(s.file()); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if _, err := s.systemctl(ctx, "disable", "--now", "--quiet", unitName); err != nil {
		return false, err
	}
	removed, err := removeFile(s.file())
	if err == nil {
		_, err = s.systemctl(ctx, "daemon-reload")
	}
	_, _ = s.systemctl(ctx, "reset-failed", unitName) // fails where nothing had failed
	return removed, err
}

// Start implements Manager. It returns once introd is ready.
func (s systemd) Start(ctx context.Context) error { return s.restart(ctx) }

// Stop implements Manager.
func (s systemd) Stop(ctx context.Context) error {
	_, err := s.systemctl(ctx, "stop", unitName)
	return err
}

// State implements Manager.
func (s systemd) State(ctx context.Context) (state State, err error) {
	out, err := s.systemctl(ctx, "show", unitName, "--property=LoadState,FragmentPath,ActiveState,Result,ExecMainStatus")
	if err != nil {
		return state, err
	}
	property := map[string]string{}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		property[name] = value
	}
	state = State{Installed: property["LoadState"] == "loaded", File: property["FragmentPath"], Running: property["ActiveState"] == "active"}
	if state.Installed && !state.Running {
		state.Trouble = ended(property["ActiveState"], property["Result"], property["ExecMainStatus"])
	}
	return state, nil
}

// lacksCredential is systemd's own exit status for LoadCredential without its file (systemd.exec(5)).
const lacksCredential = "243"

// ended says why a unit does not run; "" if it was stopped.
func ended(active, result, status string) string {
	var words string
	switch {
	case status == strconv.Itoa(Unusable) && result != "success":
		return "introd cannot use its config or its records as they are: introd service logs says what is wrong; then run introd service start"
	case status == lacksCredential && result == "exit-code":
		return "systemd finds no credential for introd: put the password into ~/.config/credstore, into a file of the name that password_credential in the config gives, that only you can read; then run introd service start"
	case result == "watchdog":
		words = "introd hung and was stopped"
	case result == "exit-code":
		words = "introd ended with status " + status
	case result == "signal", result == "core-dump":
		words = "introd was killed"
	case result == "timeout":
		words = "introd did not get ready in time"
	case result == "success":
		return ""
	default:
		words = "introd does not run (" + result + ")"
	}
	if active == "activating" {
		words += " and is started again soon"
	}
	return words + ": introd service logs says more"
}

// Logs implements Manager: the journal has them.
func (s systemd) Logs(ctx context.Context, out io.Writer, lines int, follow bool) error {
	args := []string{"--user", "--no-pager", "--quiet", "--unit=" + unitName, fmt.Sprintf("--lines=%d", lines)}
	if follow {
		args = append(args, "--follow")
	}
	c := exec.CommandContext(ctx, "journalctl", args...)
	written := &counted{out: out}
	c.Stdout, c.Stderr = written, os.Stderr
	err := c.Run()
	switch {
	case missing(err):
		return errNoSystemd
	case follow && ctx.Err() != nil:
		return nil
	case err == nil && written.n == 0:
		_, err = fmt.Fprintln(out, "The journal shows you nothing of introd's. If it ran, your system keeps the journal for administrators: sudo journalctl --user-unit introd")
	}
	return err
}

// counted counts what is written.
type counted struct {
	out io.Writer
	n   int
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.out.Write(b)
	c.n += n
	return n, err
}

// Hint implements Manager: without lingering, systemd ends what a user runs when they log out.
func (s systemd) Hint(ctx context.Context) string {
	if lingers, err := ask(ctx, "loginctl", "show-user", strconv.Itoa(os.Getuid()), "--property=Linger", "--value"); err != nil || lingers == "yes" {
		return ""
	}
	return "It runs while you are logged in. On a computer that nobody logs in to, let it run always: loginctl enable-linger"
}

// quoteUnit writes a value of a unit file (systemd.syntax(7)), where % begins a specifier.
func quoteUnit(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, "\n", `\n`).Replace(s) + `"`
}

// quoteExec writes one argument of a command line of a unit, where $ begins a variable too.
func quoteExec(s string) string { return strings.ReplaceAll(quoteUnit(s), "$", "$$") }
