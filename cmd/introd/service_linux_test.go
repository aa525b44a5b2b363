package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"introd/mailer/postoffice"
)

// A session is a user's session with a real systemd --user, in namespaces of its own.
type session struct {
	t    *testing.T
	init string // the process that is first in it, as seen from outside
	log  string
}

// openSession starts one, and ends it with the test. It needs root, and installs systemd from the system's
// packages where it is missing.
func openSession(t *testing.T) *session {
	t.Helper()
	const need = "the test of the background service needs root, systemd and namespaces of its own: run make test as root, for example on a virtual machine"
	if os.Geteuid() != 0 {
		t.Fatal(need)
	}
	if _, err := os.Stat("/lib/systemd/systemd-journald"); err != nil {
		script := `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd`
		if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
			t.Fatalf("%s; apt-get could not install systemd: %v\n%s", need, err, out)
		}
	}
	s := &session{t: t, log: filepath.Join(t.TempDir(), "log")}
	out, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/session.sh")
	if err != nil {
		t.Fatal(err)
	}
	cgroup := fmt.Sprintf("introd-test-%d", os.Getpid())
	world := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", script, cgroup)
	world.Stdout, world.Stderr = out, out
	if err := world.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = world.Process.Kill()
		_ = world.Wait() // it was killed
		out.Close()
		tidy := `mount -t cgroup2 cgroup2 /mnt && find "/mnt/$0" -depth -type d -exec rmdir {} + && test ! -e "/mnt/$0"`
		s.until("its processes have ended", func() bool { return exec.Command("unshare", "--mount", "sh", "-c", tidy, cgroup).Run() == nil })
	})
	s.init = s.child(world.Process.Pid)
	s.until("systemd minds the user's services", func() bool { return s.command("systemctl", "--user", "show").Run() == nil })
	return s
}

// child is the process that a process has started.
func (s *session) child(of int) (child string) {
	s.until("the session has begun", func() bool {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", of, of))
		child = strings.TrimSpace(string(raw))
		return err == nil && child != ""
	})
	return child
}

// until waits until something holds that the session brings about.
func (s *session) until(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(s.log)
			s.t.Fatalf("never: %s\n%s", what, said)
		}
	}
}

// command is one that the user types.
func (s *session) command(args ...string) *exec.Cmd {
	inside := []string{
		"--target", s.init, "--mount", "--pid", "--cgroup", "--", "setpriv", "--reuid", "4242", "--regid", "4242", "--clear-groups",
		"env", "-i", "-C", "/home/sam", "PATH=/home/sam/bin:/usr/bin:/bin", "HOME=/home/sam", "XDG_RUNTIME_DIR=/run/user/4242", "GORACE=atexit_sleep_ms=0",
	}
	return exec.Command("nsenter", append(inside, args...)...)
}

// types runs a command that must succeed, and returns what it printed.
func (s *session) types(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s\n%s", strings.Join(args, " "), err, out, s.journal())
	}
	return string(out)
}

// says expects words in what a command prints.
func (s *session) says(want string, args ...string) {
	s.t.Helper()
	if out := s.types(args...); !strings.Contains(out, want) {
		s.t.Errorf("%s does not say %q:\n%s", strings.Join(args, " "), want, out)
	}
}

// refuses expects a command to fail with words.
func (s *session) refuses(want string, args ...string) {
	s.t.Helper()
	if out, err := s.command(args...).CombinedOutput(); err == nil || !strings.Contains(string(out), want) {
		s.t.Errorf("%s (%v) does not say %q:\n%s", strings.Join(args, " "), err, want, out)
	}
}

func (s *session) journal() string {
	out, _ := s.command("journalctl", "--user", "--no-pager", "--lines=40").CombinedOutput()
	return string(out)
}

// home is a file of the user's as seen from outside.
func (s *session) home(name string) string {
	return filepath.Join("/proc", s.init, "root/home/sam", name)
}

// puts writes a file of the user's.
func (s *session) puts(name, text string, mode os.FileMode) {
	s.t.Helper()
	const sam = 4242
	path := s.home(name)
	if out, err := s.command("mkdir", "-p", filepath.Dir(name)).CombinedOutput(); err != nil {
		s.t.Fatalf("%v %s", err, out)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Chown(path, sam, sam); err != nil {
		s.t.Fatal(err)
	}
}

// pid is the daemon's process, inside; "0" if it does not run.
func (s *session) pid() string {
	s.t.Helper()
	return strings.TrimSpace(s.types("systemctl", "--user", "show", "introd", "--property=MainPID", "--value"))
}

// restarted waits until another daemon than before is ready.
func (s *session) restarted(before string) {
	s.t.Helper()
	s.until("introd was started again", func() bool {
		out := s.types("systemctl", "--user", "show", "introd", "--property=ActiveState,MainPID")
		return strings.Contains(out, "ActiveState=active") && !strings.Contains(out, "MainPID="+before+"\n")
	})
}

// TestServiceOnSystemd installs introd as a newcomer does, kills it, hangs it, stops it, breaks its config,
// updates it and removes it, all with a real systemd --user and without root.
func TestServiceOnSystemd(t *testing.T) {
	t.Parallel()
	h, err := embedded(postoffice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.office.Close)
	s := openSession(t)
	s.moveIn(h)

	s.says("not installed in the background", "introd", "service", "status")
	s.refuses("not installed in the background", "introd", "service", "stop")
	s.says("was not installed", "introd", "service", "remove")
	s.says("introd runs in the background now", "introd", "service", "install")
	s.says("introd is running", "introd", "status")
	s.says("installed in the background and runs since", "introd", "service", "status")

	killed := s.pid()
	s.types("kill", "-KILL", killed)
	s.restarted(killed)
	hung := s.pid()
	s.types("kill", "-STOP", hung)
	s.restarted(hung)
	s.says("Watchdog timeout", "introd", "service", "logs", "--lines", "10000")
	s.says("waiting for mail", "introd", "service", "logs", "--lines", "10000")

	s.says("introd is stopped", "introd", "service", "stop")
	s.says("is stopped: introd service start", "introd", "service", "status")
	if pid := s.pid(); pid != "0" {
		t.Errorf("stopped, it runs as %s", pid)
	}
	s.says("introd runs in the background", "introd", "service", "start")
	stopsAtABrokenConfig(s)
	takesAnUpdate(s)
	takesACredential(s)

	s.says("does not run in the background any more", "introd", "service", "remove")
	s.says("was not installed", "introd", "service", "remove")
	s.says("introd is not running", "introd", "status")
	s.says("Dana Wu", "introd", "people")
	if _, err := os.Stat(s.home(".config/systemd/user/introd.service")); !os.IsNotExist(err) {
		t.Errorf("the unit is left: %v", err)
	}
}

// moveIn gives the user introd, a config and quicker units than other people's, so that nobody waits.
func (s *session) moveIn(h *house) {
	s.t.Helper()
	binary, err := exec.LookPath("introd")
	if err != nil {
		s.t.Fatal(err)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		s.t.Fatal(err)
	}
	s.puts("bin/introd", string(program), 0o755)
	s.puts("password", "secret\n", 0o600)
	s.puts(".config/systemd/user/introd.service.d/quick.conf", "[Service]\nWatchdogSec=5s\nRestartSec=100ms\n", 0o644)
	s.types("introd", "init", "--yes", "--name", "Sam Rivera", "--about", "a student", "--address", owner, "--zone", "America/New_York",
		"--imap", h.imapAddr, "--smtp", h.smtpAddr, "--imap-tls", "none", "--smtp-tls", "none", "--password-file", "/home/sam/password")
	s.types("introd", "add", "Dana Wu <dana@bigco.test>")
}

// stopsAtABrokenConfig sees that introd is not started again and again with a config that it cannot use, and
// that one is told so.
func stopsAtABrokenConfig(s *session) {
	s.t.Helper()
	raw, err := os.ReadFile(s.home(".config/introd/config.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.puts(".config/introd/config.toml", string(raw)+"\nnonsense = 1\n", 0o600)
	if out, err := s.command("systemctl", "--user", "restart", "introd").CombinedOutput(); err == nil {
		s.t.Errorf("it starts with a broken config: %s", out)
	}
	s.refuses("cannot use its config or its records", "introd", "service", "status")
	s.refuses("there is no setting daemon.nonsense", "introd", "service", "status")
	s.refuses("there is no setting daemon.nonsense", "introd", "service", "install")
	restarts, err := strconv.Atoi(strings.TrimSpace(s.types("systemctl", "--user", "show", "introd", "--property=NRestarts", "--value")))
	if err != nil || restarts > 0 {
		s.t.Errorf("it was started %d times more (%v)", restarts, err)
	}
	s.puts(".config/introd/config.toml", string(raw), 0o600)
	s.types("introd", "service", "start")
	s.says("introd is running", "introd", "status")
}

// takesAnUpdate installs over what runs.
func takesAnUpdate(s *session) {
	s.t.Helper()
	before := s.pid()
	if err := os.Rename(s.home("bin/introd"), s.home("bin/old")); err != nil {
		s.t.Fatal(err)
	}
	s.types("cp", "bin/old", "bin/introd")
	s.says("introd runs in the background now", "introd", "service", "install")
	s.restarted(before)
	s.says("Dana Wu", "introd", "people")
}

// takesACredential leaves the password to systemd: without its file the service says what to do.
func takesACredential(s *session) {
	s.t.Helper()
	raw, err := os.ReadFile(s.home(".config/introd/config.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	text := strings.Replace(string(raw), `password_file = "/home/sam/password"`, `password_file = ""`, 1)
	text = strings.Replace(text, `password_credential = ""`, `password_credential = "mail"`, 1)
	s.puts(".config/introd/config.toml", text, 0o600)
	s.refuses("systemd finds no credential for introd: put the password into ~/.config/credstore", "introd", "service", "install")
	s.puts(".config/credstore/mail", "secret\n", 0o600)
	s.says("introd runs in the background now", "introd", "service", "install")
	s.says("Done", "introd", "sync")
	s.puts(".config/introd/config.toml", string(raw), 0o600)
}

// TestServiceWithoutSystemd: a container, and a system that has none.
func TestServiceWithoutSystemd(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	binary, err := exec.LookPath("introd")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, want string }{
		{t.TempDir(), "there is no systemd here"},
		{"/usr/bin:/bin", "systemd has no session for you here"},
	} {
		for _, verb := range []string{"install", "status", "start", "stop"} {
			c := exec.Command(binary, "service", verb)
			c.Env = append(p.environment, "PATH="+test.path, "XDG_RUNTIME_DIR=", "DBUS_SESSION_BUS_ADDRESS=")
			c.SysProcAttr = &syscall.SysProcAttr{}
			p.failed(c, test.want)
		}
	}
}
