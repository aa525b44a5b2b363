//go:build unix

package signin_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"introd/mailer/signin"
)

// desktop is a D-Bus session of its own with a home of its own; run runs one call on the keyring in a process in it.
type desktop struct{ home, bus string }

// startDesktop starts the bus. It installs it, and the keyring of GNOME, where they are missing, which needs root.
func startDesktop(t *testing.T) desktop {
	t.Helper()
	for _, program := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			script := `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dbus gnome-keyring`
			if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
				t.Fatalf("the test of the keyring needs dbus and gnome-keyring, and apt-get could not install them: %v\n%s", err, out)
			}
			break
		}
	}
	d := desktop{home: t.TempDir()}
	config := filepath.Join(d.home, "bus.conf") // which starts nothing by itself
	if err := os.WriteFile(config, []byte(`<busconfig><type>session</type><listen>unix:path=`+filepath.Join(d.home, "bus")+`</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`), 0o600); err != nil {
		t.Fatal(err)
	}
	bus := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--print-address")
	bus.Env = d.env()
	out, err := bus.StdoutPipe()
	if err == nil {
		err = bus.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Process.Kill(); _ = bus.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	d.bus = strings.TrimSpace(line)
	return d
}

func (d desktop) env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + d.home, "XDG_RUNTIME_DIR=" + d.home, "XDG_DATA_HOME=" + d.home, "DBUS_SESSION_BUS_ADDRESS=" + d.bus}
}

// keyring starts GNOME's keyring. It is unlocked by the password, or stays locked without.
func (d desktop) keyring(t *testing.T, password string) *exec.Cmd {
	t.Helper()
	arguments := []string{"--foreground", "--components=secrets", "--control-directory=" + d.home}
	if password != "" {
		arguments = append(arguments, "--unlock")
	}
	daemon := exec.Command("gnome-keyring-daemon", arguments...)
	daemon.Env, daemon.Stdin = d.env(), strings.NewReader(password)
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = daemon.Process.Kill(); _ = daemon.Wait() })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ask := exec.Command("dbus-send", "--session", "--dest=org.freedesktop.DBus", "--print-reply", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
		ask.Env = d.env()
		if out, _ := ask.Output(); strings.Contains(string(out), "boolean true") {
			return daemon
		}
		if time.Now().After(deadline) {
			t.Fatal("the keyring does not come up")
		}
	}
}

// run does one thing with the keyring and returns what came of it: the secret, or an error by its name.
func (d desktop) run(t *testing.T, what, secret string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	call := exec.Command(self, "-test.run=^TestKeyringCall$", "-test.count=1")
	call.Env, call.Stdin = append(d.env(), "INTROD_TEST_KEYRING="+what), strings.NewReader(secret)
	out, err := call.CombinedOutput()
	_, said, found := strings.Cut(string(out), "came of it: ")
	if err != nil || !found {
		t.Fatalf("%v\n%s", err, out)
	}
	said, _, _ = strings.Cut(said, "\n")
	return said
}

// TestKeyringCall is what run runs.
func TestKeyringCall(t *testing.T) {
	what := os.Getenv("INTROD_TEST_KEYRING")
	if what == "" {
		return
	}
	given, err := io.ReadAll(os.Stdin)
	secret, at := "", signin.Secret{Keyring: owner}
	switch what {
	case "put":
		err = at.Put(t.Context(), string(given))
	case "get":
		secret, err = at.Get(t.Context())
	case "delete":
		err = at.Delete(t.Context())
	}
	for name, known := range map[string]error{"none": signin.ErrNone, "no keyring": signin.ErrNoKeyring, "locked": signin.ErrLocked} {
		if errors.Is(err, known) {
			fmt.Printf("came of it: %s: %v\n", name, err)
			return
		}
	}
	fmt.Printf("came of it: %s %v\n", secret, err)
}

// TestKeyring: the desktop's own keyring, in every state in which introd may find it.
func TestKeyring(t *testing.T) {
	t.Parallel()
	d := startDesktop(t)
	expect := func(state, what, secret, came string) {
		t.Helper()
		if said := d.run(t, what, secret); !strings.HasPrefix(said, came) || strings.Contains(said, "s3cret") != (came == "s3cret") {
			t.Errorf("%s, %s: %s", state, what, said)
		}
	}
	expect("no keyring", "get", "", "no keyring: this computer has no keyring")
	expect("no keyring", "put", "s3cret", "no keyring")
	keyring := d.keyring(t, "of the desktop")
	expect("empty", "get", "", "none: the keyring holds no secret of introd's for sam@home.test: put it there with introd sign-in")
	expect("empty", "delete", "", " <nil>")
	expect("empty", "put", "s3cret", " <nil>")
	expect("unlocked", "get", "", "s3cret")
	if err := keyring.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	expect("silent", "get", "", "locked") // after five seconds
	_ = keyring.Process.Kill()
	_ = keyring.Wait() // it ends by the signal
	d.keyring(t, "")
	expect("locked", "get", "", "locked: the keyring is locked")
	expect("locked", "put", "s3cret", "locked")
	if _, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus")); err != nil { // a desktop's own would be found there
		d.bus = ""
		expect("no session", "get", "", "no keyring")
	}
}
