package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"introd/daemon"
	"introd/daemon/web"
	"introd/mailer/postoffice"
)

// A place is a folder with a config, an office, and what it takes to run introd there.
type place struct {
	t           *testing.T
	office      *postoffice.Office
	dir, data   string
	init        []string // the command line that made the config
	environment []string
	notices     *net.UnixConn // what systemd would hear
	listen      sync.Once
	lines       chan string
}

func newPlace(t *testing.T, o postoffice.Options) *place {
	t.Helper()
	h, err := embedded(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.office.Close)
	dir, err := os.MkdirTemp("", "introd-run-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &place{t: t, lines: make(chan string, 10000), office: h.office, dir: dir, data: filepath.Join(dir, "data")}
	manager := filepath.Join(dir, "notify")
	p.write("password", "secret\n")
	if p.notices, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: manager, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.notices.Close() })
	p.environment = append(os.Environ(), "INTROD_CONFIG="+p.path("config.toml"), "HOME="+dir, "NOTIFY_SOCKET="+manager)
	p.init = []string{"init", "--yes", "--name", "Sam Rivera", "--about", "a student", "--address", owner, "--zone", "America/New_York",
		"--imap", h.imapAddr, "--smtp", h.smtpAddr, "--password-file", p.path("password"), "--data", p.data}
	if o.TLS {
		p.write("ca.pem", string(h.office.CAPEM()))
		p.init = append(p.init, "--ca-file", p.path("ca.pem"))
	} else {
		p.init = append(p.init, "--imap-tls", "none", "--smtp-tls", "none")
	}
	if !o.Expired {
		p.introd(p.init...)
	}
	return p
}

// path is a file in the place's folder.
func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

func (p *place) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(p.path(name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) command(args ...string) *exec.Cmd {
	c := exec.Command("introd", args...)
	c.Env = p.environment
	return c
}

// introd runs a command that must succeed.
func (p *place) introd(args ...string) string {
	p.t.Helper()
	out, err := p.command(args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("introd %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// set writes a setting into the config.
func (p *place) set(old, new string) {
	p.t.Helper()
	path := p.path("config.toml")
	raw, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(raw, []byte(old)) {
		p.t.Fatalf("no %s in the config (%v)", old, err)
	}
	if err := os.WriteFile(path, bytes.Replace(raw, []byte(old), []byte(new), 1), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// A run is introd run as a process of its own.
type run struct {
	*exec.Cmd
	p      *place
	output bytes.Buffer
}

func (p *place) run(environment ...string) *run {
	p.t.Helper()
	r := &run{Cmd: p.command("run"), p: p}
	r.Env = append(r.Env, environment...)
	r.Stdout, r.Stderr = &r.output, &r.output
	if err := r.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if r.ProcessState == nil {
			_ = r.Process.Kill()
			_ = r.Wait()
		}
	})
	return r
}

// hear waits until the service manager is told a line.
func (r *run) hear(line string) {
	r.p.t.Helper()
	r.p.listen.Do(func() { go r.p.takeNotices() })
	for late := time.After(30 * time.Second); ; {
		select {
		case said := <-r.p.lines:
			if said == line {
				return
			}
		case <-late:
			r.p.t.Fatalf("never heard %s", line)
		}
	}
}

// takeNotices reads what the service manager is told until the place is gone.
func (p *place) takeNotices() {
	datagram := make([]byte, 4096)
	for {
		n, err := p.notices.Read(datagram)
		if err != nil {
			return
		}
		for said := range strings.SplitSeq(string(datagram[:n]), "\n") {
			p.lines <- said
		}
	}
}

// until waits until something holds that the run brings about.
func (r *run) until(what string, holds func() bool) {
	r.p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.p.t.Fatalf("never: %s\n%s", what, r.output.String())
		}
	}
}

// stop sends SIGTERM and expects a clean end within the five seconds that are promised.
func (r *run) stop() {
	r.p.t.Helper()
	r.signal(syscall.SIGTERM)
	late := time.AfterFunc(5*time.Second, func() { _ = r.Process.Kill() })
	defer late.Stop()
	if err := r.Wait(); err != nil {
		r.p.t.Fatalf("introd run did not end cleanly within five seconds: %v\n%s", err, r.output.String())
	}
}

func (r *run) signal(s os.Signal) {
	r.p.t.Helper()
	if err := r.Process.Signal(s); err != nil {
		r.p.t.Fatal(err)
	}
}

func await(t *testing.T, reached <-chan struct{}) {
	t.Helper()
	select {
	case <-reached:
	case <-time.After(30 * time.Second):
		t.Fatal("it was never reached")
	}
}

// TestStopIdle: Type=notify readiness, the watchdog, and the end of a daemon that waits for mail.
func TestStopIdle(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	r := p.run("WATCHDOG_USEC=100000")
	r.hear("READY=1")
	r.hear("STATUS=Watching the mailbox")
	r.hear("WATCHDOG=1")
	r.hear("WATCHDOG=1")
	if out := p.introd("status"); !strings.Contains(out, "introd is running") {
		t.Errorf("status says %s", out)
	}
	r.stop()
	r.hear("STOPPING=1")
	if strings.Contains(r.output.String(), "level=WARN") || strings.Contains(r.output.String(), "level=ERROR") {
		t.Errorf("a quiet run logged\n%s", r.output.String())
	}
	if out := p.introd("status"); !strings.Contains(out, "introd is not running") {
		t.Errorf("status says %s", out)
	}
}

// TestStopUnheard: a service manager that reads nothing does not hold up the end.
func TestStopUnheard(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	conn, err := net.DialUnix("unixgram", nil, p.notices.LocalAddr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for err == nil { // until its queue is full
		_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = conn.Write([]byte("X=1"))
	}
	reached, release := p.office.Hold("imap:IDLE")
	t.Cleanup(release)
	r := p.run("WATCHDOG_USEC=100000")
	await(t, reached)
	r.stop()
}

// TestStopInFirstScan: a scan that was cut short begins again, and misses nothing (P5).
func TestStopInFirstScan(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	p.introd("add", "Dana Wu <dana@bigco.test>")
	if err := p.office.Deliver("dana@bigco.test", owner, []byte("From: <dana@bigco.test>\r\nTo: <me@home.test>\r\nSubject: hello\r\nMessage-ID: <d1@bigco.test>\r\n\r\nHello!\r\n")); err != nil {
		t.Fatal(err)
	}
	reached, release := p.office.Hold("imap:FETCH")
	t.Cleanup(release)
	r := p.run()
	r.hear("READY=1")
	await(t, reached)
	r.stop()
	release()
	p.introd("sync")
	if out := p.introd("show", "dana"); !strings.Contains(out, "they wrote") {
		t.Errorf("after the scan that was cut short nobody wrote:\n%s", out)
	}
}

// approved has a request to Dana approved; it goes out at the next look.
func approved(t *testing.T, p *place) {
	t.Helper()
	p.set(`undo_pause = "2m"`, `undo_pause = "0s"`)
	p.introd("add", "Dana Wu <dana@bigco.test>", "--org", "BigCo")
	p.introd("request", "dana", "--why", "Your talk on battery recycling changed what I want to work on.")
	p.introd("sync")
	for line := range strings.Lines(p.introd("drafts")) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == "dana" {
			p.introd("approve", fields[0])
			return
		}
	}
	t.Fatal("no draft")
}

// received counts the mails of Dana's.
func (p *place) received() int {
	p.t.Helper()
	mails, err := p.office.Mails("dana@bigco.test", "INBOX")
	if err != nil {
		p.t.Fatal(err)
	}
	return len(mails)
}

// TestP2_StopInSMTP stops introd in the middle of a slow transaction. A mail that the server has is
// never handed over again; one that it cannot have goes out at the next start.
func TestP2_StopInSMTP(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		event     string
		filesSent bool
		state     string // what introd drafts says after the restart
	}{
		{"smtp:RCPT", false, ""},
		{"smtp:DATA", false, "unknown"},
		{"smtp:DATA:done", false, "unknown"},
		{"smtp:DATA:done", true, ""},
	} {
		t.Run(fmt.Sprint(test.event, test.filesSent), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, postoffice.Options{Manners: postoffice.Manners{FilesSent: test.filesSent}})
			approved(t, p)
			reached, release := p.office.Hold(test.event)
			t.Cleanup(release)
			r := p.run()
			await(t, reached)
			r.stop()
			before := p.received()
			release()
			p.introd("sync")
			p.introd("sync")
			drafts := p.introd("drafts")
			if test.state != "" && !strings.Contains(drafts, test.state) || test.state == "" && strings.Contains(drafts, "unknown") {
				t.Errorf("the draft is not %q:\n%s", test.state, drafts)
			}
			if before > 0 && p.received() != before {
				t.Errorf("Dana had %d mails and has %d", before, p.received())
			}
			if p.office.Count("smtp:DATA") > 1 {
				t.Error("the mail was handed over twice")
			}
		})
	}
}

// TestStopWaitsForTheLastWord: a server that answers within a moment is heard, and the mail is sent.
func TestStopWaitsForTheLastWord(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	approved(t, p)
	reached, release := p.office.Hold("smtp:DATA:done")
	t.Cleanup(release)
	r := p.run()
	await(t, reached)
	r.signal(syscall.SIGTERM)
	r.hear("STOPPING=1")
	release()
	if err := r.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, r.output.String())
	}
	if out := p.introd("drafts"); strings.Contains(out, "dana") || p.received() != 1 {
		t.Errorf("Dana has %d mails, and the drafts are\n%s", p.received(), out)
	}
}

// TestSecondSignal: the second signal ends the process at once, in the middle of whatever it does.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	approved(t, p)
	reached, release := p.office.Hold("smtp:DATA:done")
	t.Cleanup(release)
	r := p.run()
	await(t, reached)
	r.signal(syscall.SIGTERM)
	r.hear("STOPPING=1")
	r.signal(syscall.SIGTERM)
	_ = r.Wait()
	if status := r.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v\n%s", r.ProcessState, r.output.String())
	}
	release()
	p.introd("sync")
	if n := p.received(); n != 1 {
		t.Errorf("Dana has %d mails", n)
	}
}

// TestRunLeavesNothing: when a run has ended, none of its goroutines is left.
func TestRunLeavesNothing(t *testing.T) { // not parallel: it counts the goroutines of the process
	p := newPlace(t, postoffice.Options{})
	reached, release := p.office.Hold("imap:IDLE")
	defer release()
	a := &app{out: io.Discard, err: io.Discard, clock: daemon.System(), configPath: p.path("config.toml")}
	conf, err := a.load()
	if err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx, conf, slog.New(slog.DiscardHandler)) }()
	await(t, reached)
	client, err := dialDaemon(conf.socket())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := web.Call[daemon.Status](ctx, client, "status", daemon.None{}); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	release()
	p.office.Close()
	goleak.VerifyNone(t, before)
}
