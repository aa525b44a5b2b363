package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"introd/mailer"
)

// initFlags are what introd init is told.
type initFlags struct {
	yes, force       bool
	imap, smtp       string
	imapTLS, smtpTLS string
}

func (a *app) initCommand() *cobra.Command {
	conf := defaults()
	account := conf.addAccount("main")
	var f initFlags
	c := &cobra.Command{
		Use: "init --yes …", Short: "Connect your mailbox", Args: cobra.NoArgs,
		Long: "Sign in to your mailbox, find its folders, make introd's own two, and write the config.\nNothing is written until it works.",
		RunE: func(c *cobra.Command, _ []string) error {
			if !f.yes {
				return errors.New("introd init works by its flags for now: give --yes and what it asks for (introd init --help)")
			}
			return a.init(c.Context(), conf, f)
		},
	}
	fl := c.Flags()
	fl.BoolVar(&f.yes, "yes", false, "ask nothing")
	fl.BoolVar(&f.force, "force", false, "write over a config that is there")
	fl.StringVar(&conf.Owner.Name, "name", "", "your `NAME`")
	fl.StringVar(&conf.Owner.About, "about", "", "one `LINE` about you; it completes \"I am …\"")
	fl.StringVar(&conf.Owner.Signature, "signature", "", "the `LINES` under your mails (default: your name)")
	fl.StringVar(&conf.Owner.Zone, "zone", conf.Owner.Zone, "your time `ZONE`, such as America/New_York")
	fl.StringVar(&account.Address, "address", "", "your mail `ADDRESS`")
	fl.StringVar(&f.imap, "imap", "", "the `SERVER` that your mail comes from (IMAP), as host:port")
	fl.StringVar(&f.smtp, "smtp", "", "the `SERVER` that takes your mail (SMTP), as host:port")
	fl.StringVar(&f.imapTLS, "imap-tls", "implicit", "the `WAY` it is encrypted: implicit, starttls, or none on this computer alone")
	fl.StringVar(&f.smtpTLS, "smtp-tls", "implicit", "the `WAY` it is encrypted: implicit, starttls, or none on this computer alone")
	fl.StringVar(&account.IMAP.User, "user", "", "your user `NAME` at the servers (default: your address)")
	fl.StringVar(&account.PasswordCommand, "password-command", "", "a `COMMAND` that prints the password")
	fl.StringVar(&account.PasswordFile, "password-file", "", "a `FILE` with the password, that only you can read")
	fl.StringVar(&account.CAFile, "ca-file", "", "a `FILE` with the certificate of a private authority, PEM")
	fl.StringVar(&conf.Daemon.Data, "data", "", "the `FOLDER` where introd keeps its records")
	return c
}

// init checks what it was told against the real servers, and only then writes.
func (a *app) init(ctx context.Context, conf *config, f initFlags) error {
	path, err := a.path()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil && !f.force {
		return fmt.Errorf("there is a config at %s already: change it there, or give --force to write a new one", path)
	}
	account := conf.home()
	if err := errors.Join(address("--imap", f.imap, &account.IMAP), address("--smtp", f.smtp, &account.SMTP)); err != nil {
		return err
	}
	account.IMAP.TLS, account.SMTP.TLS, account.SMTP.User = f.imapTLS, f.smtpTLS, account.IMAP.User
	if account.PasswordFile != "" {
		if account.PasswordFile, err = filepath.Abs(account.PasswordFile); err != nil {
			return err
		}
	}
	if err := conf.check(filepath.Dir(path)); err != nil {
		return fmt.Errorf("something is missing or wrong:\n%w", err)
	}
	if err := a.makeFolders(ctx, account); err != nil {
		return err
	}
	if err := mailer.SignIn(ctx, account.account(a.logger())); err != nil {
		return fmt.Errorf("SMTP: %s", mailer.Sentence(err))
	}
	text, err := conf.write()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "Wrote %s.\nNext: introd check, then introd add \"Dana Wu <dana@bigco.test>\", then introd run.\n", path)
	return err
}

func address(flag, value string, s *server) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return fmt.Errorf("%s %q: write the server as host:port, such as mail.example.org:993", flag, value)
	}
	s.Host = host
	s.Port, err = strconv.Atoi(port)
	return err
}

// makeFolders signs in, shows which folder plays which part, and makes introd's own two, if they are
// not there from an earlier time.
func (a *app) makeFolders(ctx context.Context, account *accountConfig) error {
	s, err := mailer.Dial(ctx, account.account(a.logger()))
	if err != nil {
		return err
	}
	defer s.Close()
	folders, err := s.Folders()
	if err != nil {
		return err
	}
	account.Folders = map[string]string{}
	for _, f := range folders {
		switch {
		case strings.HasPrefix(f.Name, "introd-send-"):
			account.Folders["send"] = f.Name
		case strings.HasPrefix(f.Name, "introd-drop-"):
			account.Folders["drop"] = f.Name
		case f.Role != "":
			fmt.Fprintf(a.out, "%-8s %s (by %s)\n", f.Role, f.Name, f.Why)
		}
	}
	for _, part := range []string{"send", "drop"} {
		if account.Folders[part] != "" {
			continue
		}
		// The random tail keeps mail to you+introd-send@ from landing there.
		var tail [3]byte
		rand.Read(tail[:]) // never fails
		name := "introd-" + part + "-" + hex.EncodeToString(tail[:])
		if err := s.Create(name); err != nil {
			return err
		}
		account.Folders[part] = name
		fmt.Fprintf(a.out, "%-8s %s (made)\n", part, name)
	}
	return nil
}
