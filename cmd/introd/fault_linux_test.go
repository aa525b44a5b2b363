package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"introd/mailer/postoffice"
)

// smallDisk moves the place's data folder to a disk of its own.
func (p *place) smallDisk() (disk string) {
	p.t.Helper()
	disk = p.path("disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=96m"); err != nil {
		p.t.Fatalf("this test mounts a small disk, which needs root: run make test as root, for example in a container (%v)", err)
	}
	p.t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	p.set(p.data, filepath.Join(disk, "data"))
	p.data = filepath.Join(disk, "data")
	return disk
}

// fill leaves so many bytes of room on a disk, and returns how to make it again.
func (p *place) fill(disk string, left int64) (empty func()) {
	p.t.Helper()
	ballast, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer ballast.Close()
	if _, err := io.Copy(ballast, endless{}); !errors.Is(err, syscall.ENOSPC) {
		p.t.Fatal(err)
	}
	size, err := ballast.Seek(0, io.SeekCurrent)
	if err == nil {
		err = ballast.Truncate(size - left)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast.Name()); err != nil {
			p.t.Fatal(err)
		}
	}
}

// endless is a source of zeros.
type endless struct{}

func (endless) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestFullDisk fills the disk under the data folder. Nothing is sent whose intent could not be
// written, and all goes on once there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	disk := p.smallDisk()
	approved(t, p)
	empty := p.fill(disk, 0)
	p.fails("the disk is full: nothing was changed; make room and try again", "sync")
	p.fails("the disk is full", "check")
	r := p.run()
	if err := r.Wait(); err == nil || !strings.Contains(r.output.String(), "the disk is full") {
		t.Errorf("introd run: %v\n%s", err, r.output.String())
	}
	if n := p.received(); n != 0 {
		t.Errorf("Dana has %d mails", n)
	}
	empty()
	p.goesOn()
}

// TestDiskFillsUnderTheDaemon: the daemon stands still, says so, and goes on by itself once there is room. A
// little is left: on a disk that is full to the last byte the system ends a process that tidies its files, and
// then TestFullDisk is what it comes back to.
func TestDiskFillsUnderTheDaemon(t *testing.T) {
	t.Parallel()
	p := newPlace(t, postoffice.Options{})
	p.write("clock", monday)
	p.environment = append(p.environment, "INTROD_TEST_CLOCK="+p.path("clock"))
	disk := p.smallDisk()
	p.set(`undo_pause = "2m"`, `undo_pause = "0s"`)
	p.introd("add", "Dana Wu <dana@bigco.test>", "--org", "BigCo")
	p.introd("request", "dana", "--why", "Your talk on battery recycling changed what I want to work on.")
	r := p.run()
	r.hear("STATUS=Watching the mailbox")
	empty := p.fill(disk, 16<<20)
	for line := range strings.Lines(p.introd("drafts")) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == "dana" {
			p.fails("the disk is full: nothing was changed; make room and try again", "approve", fields[0])
		}
	}
	p.fails("the disk is full", "sync")
	p.write("clock", "2026-11-23T09:02:01-05:00") // the daemon looks by itself
	r.until("it says that it stands still", func() bool { return strings.Contains(p.introd("status"), "introd stands still: the disk is full") })
	empty()
	p.write("clock", "2026-11-23T09:03:02-05:00")
	r.until("it goes on", func() bool { return !strings.Contains(p.introd("status"), "stands still") })
	if n := p.received(); n != 0 {
		t.Errorf("Dana has %d mails", n)
	}
	r.stop()
}

// TestReadOnlyData: a data folder that introd may not write to.
func TestReadOnlyData(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Fatal("this test gives the data folder to somebody else, which needs root: run make test as root, for example in a container")
	}
	p := newPlace(t, postoffice.Options{})
	approved(t, p)
	const nobody = 65534
	for _, name := range []string{".", "config.toml", "password", "notify"} {
		if err := os.Chown(p.path(name), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(p.data, 0o755); err != nil {
		t.Fatal(err)
	}
	binary, err := exec.LookPath("introd")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.path("introd"), raw, 0o755); err != nil { // where nobody can reach it
		t.Fatal(err)
	}
	for _, verb := range []string{"sync", "check", "run", "status"} {
		c := p.command(verb)
		c.Path = p.path("introd")
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		p.failed(c, "the data folder cannot be written to: check its owner and permissions")
	}
	if err := os.Chown(p.path("."), 0, 0); err != nil {
		t.Fatal(err)
	}
	p.goesOn()
}
