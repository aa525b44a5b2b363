// Package dovecot starts real Dovecot and Postfix on loopback, with their own folders, ports and
// processes, for what only a real server shows. It needs root, and installs the two from the
// system's packages where they are missing; where it may not, it fails with a sentence that says so.
package dovecot

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

//go:embed *.tmpl
var configs embed.FS

// A Server is a running pair.
type Server struct {
	IMAP, Submission string // host:port, implicit TLS
	CA               string // file of the authority
	Dir              string
	mx               string
	started          []string // pid files
}

// Start starts Dovecot and Postfix with these mailboxes, password "secret", and ends both with the test.
func Start(t testing.TB, users []string) *Server {
	t.Helper()
	s, err := New(users)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// New starts them outside of a test.
func New(users []string) (s *Server, err error) {
	if err := install(); err != nil {
		return nil, err
	}
	s = &Server{}
	if s.Dir, err = os.MkdirTemp("", "introd-mail-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := os.Chmod(s.Dir, 0o755); err != nil {
		return nil, err
	}
	ports, err := freePorts(4)
	if err != nil {
		return nil, err
	}
	s.IMAP, s.Submission, s.mx = "localhost:"+ports[0], "localhost:"+ports[1], "127.0.0.1:"+ports[2]
	if err := s.write(users, ports); err != nil {
		return nil, err
	}
	return s, s.start()
}

// packages are what apt-get installs where the programs are missing.
var packages = []string{"dovecot-core", "dovecot-imapd", "dovecot-lmtpd", "postfix", "openssl"}

func install() error {
	missing := false
	for _, program := range []string{"/usr/sbin/dovecot", "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp", "/usr/sbin/postfix", "/usr/bin/openssl"} {
		if _, err := os.Stat(program); err != nil {
			missing = true
		}
	}
	if os.Geteuid() != 0 {
		return errors.New("the tests on Dovecot and Postfix need root to start them: run make test as root, for example in a container")
	}
	if !missing {
		return nil
	}
	script := `test -e /usr/sbin/policy-rc.d || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1; }
apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ` + strings.Join(packages, " ") + `
status=$?; test -z "$made" || rm -f /usr/sbin/policy-rc.d; exit $status`
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("the tests need %s, and apt-get could not install them: %w\n%s", strings.Join(packages, ", "), err, out)
	}
	return nil
}

func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports, nil
}

// write lays out the folder: certificate, users, and both configs.
func (s *Server) write(users, ports []string) error {
	s.CA = filepath.Join(s.Dir, "ca.pem")
	script := `set -e; cd "$1"; mkdir -p run/state log mail queue/private postfix data
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=test authority" -addext basicConstraints=critical,CA:TRUE -keyout ca-key.pem -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout key.pem -out req.pem 2>/dev/null
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' >ext
openssl x509 -req -in req.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 3650 -extfile ext -out cert.pem 2>/dev/null
chmod 644 key.pem; chown 5999:5999 mail; chown postfix queue/private data; chmod 700 queue/private`
	if out, err := exec.Command("sh", "-c", script, "sh", s.Dir).CombinedOutput(); err != nil {
		return fmt.Errorf("preparing %s: %w: %s", s.Dir, err, out)
	}
	var passwd strings.Builder
	for _, u := range users {
		fmt.Fprintf(&passwd, "%s:{PLAIN}secret::::::\n", u)
	}
	values := map[string]string{"Dir": s.Dir, "IMAPS": ports[0], "Submissions": ports[1], "MX": ports[2], "LMTP": ports[3]}
	err := os.WriteFile(filepath.Join(s.Dir, "users"), []byte(passwd.String()), 0o644)
	for name, path := range map[string]string{"dovecot.conf.tmpl": "dovecot.conf", "main.cf.tmpl": "postfix/main.cf", "master.cf.tmpl": "postfix/master.cf"} {
		t, parseErr := template.ParseFS(configs, name)
		if parseErr != nil {
			return parseErr
		}
		var out bytes.Buffer
		err = errors.Join(err, t.Execute(&out, values), os.WriteFile(filepath.Join(s.Dir, path), out.Bytes(), 0o644))
	}
	for name, line := range map[string]string{
		"domains": "/\\.test$/ ok\n", "boxes": "!/@reject\\.test$/ ok\n", "transport": "/@sink\\.test$/ discard:\n",
		"access": "/@tempfail\\.test$/ 450 4.2.0 Try again later\n/@full\\.test$/ 452 4.2.2 Mailbox full\n",
	} {
		err = errors.Join(err, os.WriteFile(filepath.Join(s.Dir, "postfix", name), []byte(line), 0o644))
	}
	return err
}

func (s *Server) start() error {
	if err := s.launch(nil, "dovecot", "-c", filepath.Join(s.Dir, "dovecot.conf")); err != nil {
		return err
	}
	s.started = append(s.started, filepath.Join(s.Dir, "run", "master.pid"))
	postfix := filepath.Join(s.Dir, "postfix")
	if err := s.launch([]string{"MAIL_CONFIG=" + postfix}, "postfix", "-c", postfix, "start"); err != nil {
		return err
	}
	s.started = append(s.started, filepath.Join(s.Dir, "queue", "pid", "master.pid"))
	for _, address := range []string{s.IMAP, s.Submission, s.mx} {
		if err := waitFor(address); err != nil {
			return err
		}
	}
	return nil
}

// launch runs a command that leaves a server behind. Its output goes to a file: the server keeps it
// open, and a pipe would never come to its end.
func (s *Server) launch(env []string, name string, args ...string) error {
	out, err := os.Create(filepath.Join(s.Dir, "log", name+"-start.log"))
	if err != nil {
		return err
	}
	defer out.Close()
	command := exec.Command(name, args...)
	command.Env, command.Stdout, command.Stderr = append(os.Environ(), env...), out, out
	if err := command.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("starting %s: %w: %s", name, err, said)
	}
	return nil
}

func waitFor(address string) error {
	deadline := time.Now().Add(20 * time.Second)
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("nothing came to listen on %s: %w", address, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Deliver hands a mail to Postfix as another server would, and waits until it lies in the mailbox.
func (s *Server) Deliver(from, to string, raw []byte) error {
	before := s.count(to)
	c, err := smtp.Dial(s.mx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := errors.Join(c.Hello("client.test"), c.Mail(from), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	if err := errors.Join(err, w.Close(), c.Quit()); err != nil {
		return err
	}
	for deadline := time.Now().Add(20 * time.Second); s.count(to) == before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the mail to %s was not delivered", to)
		}
	}
	return nil
}

// count is how many mails were ever delivered to an address: files of its Maildir.
func (s *Server) count(address string) int {
	local, domain, _ := strings.Cut(address, "@")
	n := 0
	for _, sub := range []string{"new", "cur"} {
		files, _ := os.ReadDir(filepath.Join(s.Dir, "mail", domain, local, "Maildir", sub))
		n += len(files)
	}
	return n
}

// Close ends both servers, by the pids they wrote, and removes their folder.
func (s *Server) Close() error {
	var failed error
	for _, file := range s.started {
		failed = errors.Join(failed, end(file))
	}
	return errors.Join(failed, os.RemoveAll(s.Dir))
}

func end(pidFile string) error {
	raw, err := os.ReadFile(pidFile)
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return err
	}
	server, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := server.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	for deadline := time.Now().Add(10 * time.Second); server.Signal(syscall.Signal(0)) == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return server.Kill()
		}
	}
	return nil
}
