package service

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// odd is a spec whose paths hold what a unit, a plist, a task and a shell take for their own.
var odd = Spec{
	Program: `/opt/100% "mine"/introd`, Config: `/home/sam/a & <b> $HOME/config.toml`, Log: "/home/sam/état/introd.log",
	Environment: []string{`PATH=/usr/bin:/opt/50%/bin`, `GNUPGHOME=C:\sam`},
}

func TestUnitQuotesWhatSystemdWouldRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version  int
		commands bool
		want     []string
		never    []string
	}{
		{252, false, []string{
			`ExecStart="/opt/100%% \"mine\"/introd" run --config "/home/sam/a & <b> $$HOME/config.toml"`, `Environment="PATH=/usr/bin:/opt/50%%/bin"`,
			`Environment="GNUPGHOME=C:\\sam"`, "RestartSec=30s", "RestartPreventExitStatus=78", "NoNewPrivileges=yes",
		}, []string{"RestartSteps"}},
		{256, true, []string{"RestartSteps=6", "RestartMaxDelaySec=10min"}, []string{"NoNewPrivileges", "Restrict"}}, // a command may be a snap's
	} {
		spec := odd
		spec.Commands = test.commands
		text, err := render("introd.service.tmpl", struct {
			Spec
			Version, Unusable int
		}{spec, test.version, Unusable})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range test.want {
			if !bytes.Contains(text, []byte(line+"\n")) {
				t.Errorf("no %s in\n%s", line, text)
			}
		}
		for _, word := range test.never {
			if bytes.Contains(text, []byte(word)) {
				t.Errorf("%s in\n%s", word, text)
			}
		}
	}
}

// texts lists the character data of all elements of a document, and fails where it is none.
func elements(t *testing.T, document []byte) map[string][]string {
	t.Helper()
	found, open := map[string][]string{}, []string{""}
	decoder := xml.NewDecoder(bytes.NewReader(document))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		switch token := token.(type) {
		case xml.StartElement:
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if words := strings.TrimSpace(string(token)); words != "" {
				found[open[len(open)-1]] = append(found[open[len(open)-1]], words)
			}
		}
	}
}

// script puts a program into the PATH of the test that notes how it is called.
func script(t *testing.T, name, body string) (calls func() string) {
	t.Helper()
	dir := t.TempDir()
	text := "#!/bin/sh\ncd " + dir + "\necho \"$@\" >>calls\n" + body
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return func() string {
		raw, err := os.ReadFile(filepath.Join(dir, "calls"))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
}

// TestLaunchd runs against a launchctl that knows what is loaded and is slow to unload, as the real one is.
func TestLaunchd(t *testing.T) {
	calls := script(t, "launchctl", `
case $1 in
print) case $2 in gui/501) exit 0;; esac
	test -e loaded || exit 113
	test ! -e ending || rm -f loaded ending
	echo "	state = running";;
bootout) touch ending;;
bootstrap) test ! -e loaded || { echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; }; cp "$3" plist && touch loaded;;
esac`)
	l := launchd{agents: filepath.Join(t.TempDir(), "LaunchAgents"), uid: 501, log: "unused"}
	ctx := t.Context()
	if state, err := l.State(ctx); err != nil || state.Installed {
		t.Errorf("before: %+v %v", state, err)
	}
	for range 2 { // the second time it updates
		if err := l.Install(ctx, odd); err != nil {
			t.Fatal(err)
		}
	}
	if state, err := l.State(ctx); err != nil || !state.Running || state.File != l.file() {
		t.Errorf("installed: %+v %v", state, err)
	}
	plist, err := os.ReadFile(l.file())
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(elements(t, plist)["string"])
	if want := fmt.Sprint([]string{"introd", odd.Program, "run", "--config", odd.Config, "--log-file", odd.Log, `/usr/bin:/opt/50%/bin`, `C:\sam`, "Background"}); said != want {
		t.Errorf("the plist says\n%s, not\n%s", said, want)
	}
	if removed, err := l.Remove(ctx); err != nil || !removed {
		t.Errorf("removed %v, %v", removed, err)
	}
	if removed, err := l.Remove(ctx); err != nil || removed {
		t.Errorf("removed again %v, %v", removed, err)
	}
	if said := calls(); strings.Count(said, "bootstrap gui/501 ") != 2 || strings.Count(said, "bootout gui/501/introd") != 2 {
		t.Errorf("launchctl was called so:\n%s", said)
	}
}

func TestLaunchdWithoutDesktop(t *testing.T) {
	script(t, "launchctl", `echo "Bootstrap failed: 125: Domain does not support specified action" >&2; exit 125`)
	l := launchd{agents: t.TempDir(), uid: 501}
	if err := l.Install(t.Context(), odd); !errors.Is(err, errNoDesktop) {
		t.Errorf("%v", err)
	}
	if state, err := l.State(t.Context()); err != nil || state.Installed {
		t.Errorf("%+v %v", state, err)
	}
}

// TestTasks runs against a schtasks that keeps one task.
func TestTasks(t *testing.T) {
	calls := script(t, "schtasks", `
case $1 in
/Create) cp "$6" task;;
/Query) test -e task || { echo "ERROR: The system cannot find the file specified." >&2; exit 1; };;
/Delete) rm task;;
esac`)
	m, ctx := tasks{}, t.Context()
	if state, err := m.State(ctx); err != nil || state.Installed {
		t.Errorf("before: %+v %v", state, err)
	}
	if err := m.Install(ctx, odd); err != nil {
		t.Fatal(err)
	}
	if state, err := m.State(ctx); err != nil || !state.Installed {
		t.Errorf("installed: %+v %v", state, err)
	}
	if err := errors.Join(m.Stop(ctx), m.Start(ctx)); err != nil {
		t.Error(err)
	}
	if removed, err := m.Remove(ctx); err != nil || !removed {
		t.Errorf("removed %v, %v", removed, err)
	}
	if removed, err := m.Remove(ctx); err != nil || removed {
		t.Errorf("removed again %v, %v", removed, err)
	}
	for _, line := range []string{"/Change /TN introd /DISABLE", "/Change /TN introd /ENABLE", "/Run /TN introd", "/Delete /F /TN introd"} {
		if !strings.Contains(calls(), line+"\n") {
			t.Errorf("never %s:\n%s", line, calls())
		}
	}
}

func TestTaskIsUTF16AndQuoted(t *testing.T) {
	t.Parallel()
	text, err := render("introd.task.tmpl", struct {
		Spec
		User string
	}{Spec{Program: `C:\Program Files\introd & co\introd.exe`, Config: `C:\sam\config.toml`, Log: `C:\sam\introd.log`}, `HOME\Sam`})
	if err != nil {
		t.Fatal(err)
	}
	raw := utf16File(string(text))
	if !bytes.HasPrefix(raw, []byte{0xff, 0xfe, '<', 0}) {
		t.Fatalf("it begins with % x", raw[:4])
	}
	units := make([]uint16, len(raw)/2-1)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i+2:])
	}
	found := elements(t, []byte(string(utf16.Decode(units))))
	want := `--headless "C:\Program Files\introd & co\introd.exe" run --config "C:\sam\config.toml" --log-file "C:\sam\introd.log"`
	if fmt.Sprint(found["Arguments"]) != "["+want+"]" || fmt.Sprint(found["UserId"]) != `[HOME\Sam HOME\Sam]` {
		t.Errorf("%q", found)
	}
}

func TestLogStaysSmall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "logs", "introd.log")
	l, err := OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.most = 100
	for i := range 60 {
		if n, err := fmt.Fprintf(l, "line %02d of some length\n", i); err != nil || n != 23 {
			t.Fatal(n, err)
		}
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 1+keptLogs {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Size() > l.most || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info, err)
		}
	}
	var shown strings.Builder
	if err := tail(t.Context(), &shown, path, 2, false); err != nil || shown.String() != "line 58 of some length\nline 59 of some length\n" {
		t.Errorf("%q %v", shown.String(), err)
	}
}

// heard passes on what is written.
type heard chan string

func (h heard) Write(b []byte) (int, error) { h <- string(b); return len(b), nil }

func (h heard) next(t *testing.T) string {
	t.Helper()
	select {
	case s := <-h:
		return s
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was shown")
		return ""
	}
}

// TestTailFollowsAcrossATurn: a followed log that is put aside is followed on.
func TestTailFollowsAcrossATurn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "introd.log")
	l, err := OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.most = 20
	write := func(s string) {
		if _, err := io.WriteString(l, s); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	ctx, cancel := context.WithCancel(t.Context())
	shown, ended := make(heard), make(chan error)
	go func() { ended <- tail(ctx, shown, path, 10, true) }()
	if got := shown.next(t); got != "one\n" {
		t.Errorf("%q", got)
	}
	write("two\n")
	if got := shown.next(t); got != "two\n" {
		t.Errorf("%q", got)
	}
	write("three is a long line\n") // begins a new file
	if got := shown.next(t); got != "three is a long line\n" {
		t.Errorf("%q", got)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
