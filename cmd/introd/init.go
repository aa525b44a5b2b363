package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"introd/cmd/introd/talk"
	"introd/daemon"
)

// initFlags are what introd init is told besides the settings themselves.
type initFlags struct {
	yes, force       bool
	imap, smtp       string
	imapTLS, smtpTLS string
	user             string
	code, noKeyring  bool
}

func (a *app) initCommand() *cobra.Command {
	conf := defaults()
	account := conf.addAccount("main")
	var f initFlags
	c := &cobra.Command{
		Use: "init", Short: "Connect your mailbox, and later change one thing about it", Args: cobra.NoArgs,
		Example: examples(`introd init`, `introd init --address sam@example.org`),
		Long: "Answer some questions about you and your mailbox. introd finds its servers, signs in, shows which folder is which, makes two of\n" +
			"its own, and writes the config. Nothing is written until it works. What you give as an option is not asked; with --yes nothing is.",
		RunE: func(c *cobra.Command, _ []string) error {
			s := &setup{app: a, conf: conf, mailbox: account, given: c.Flags().Changed, byCode: f.code, noKeyring: f.noKeyring}
			return a.init(c.Context(), s, f)
		},
	}
	fl := c.Flags()
	fl.BoolVar(&f.yes, "yes", false, "ask nothing")
	fl.BoolVar(&f.force, "force", false, "write over a config that is there")
	fl.StringVar(&conf.Owner.Name, "name", "", "your `NAME`")
	fl.StringVar(&conf.Owner.About, "about", "", "one `LINE` about you; it completes \"I am …\"")
	fl.StringVar(&conf.Owner.Signature, "signature", "", "the `LINES` under your mails (default: your name)")
	fl.StringVar(&conf.Owner.Zone, "zone", computersZone(), "your time `ZONE`, such as America/New_York")
	fl.StringVar(&account.Address, "address", "", "your mail `ADDRESS`")
	fl.StringVar(&f.imap, "imap", "", "the `SERVER` that your mail comes from (IMAP), as host:port (default: introd finds it)")
	fl.StringVar(&f.smtp, "smtp", "", "the `SERVER` that takes your mail (SMTP), as host:port (default: introd finds it)")
	fl.StringVar(&f.imapTLS, "imap-tls", "", "the `WAY` it is encrypted: implicit, starttls, or none on this computer alone (default: by its port)")
	fl.StringVar(&f.smtpTLS, "smtp-tls", "", "the `WAY` it is encrypted: implicit, starttls, or none on this computer alone (default: by its port)")
	for _, flag := range []string{"imap-tls", "smtp-tls"} {
		oneOf(c, flag, "implicit", "starttls", "none")
	}
	fl.StringVar(&f.user, "user", "", "your user `NAME` at the servers (default: your address)")
	fl.StringVar(&account.PasswordCommand, "password-command", "", "a `COMMAND` that prints the password")
	fl.StringVar(&account.PasswordFile, "password-file", "", "a `FILE` with the password, that only you can read")
	fl.BoolVar(&f.noKeyring, "no-keyring", false, "keep the password in a file that only you can read, not in this computer's keyring")
	o := &account.OAuth
	fl.StringVar(&o.ClientID, "client-id", "", "sign in by browser (OAuth), with this `ID` that your provider gave you")
	fl.StringVar(&o.ClientSecret, "client-secret", "", "the `WORD` that belongs to the client id, at Google")
	fl.StringVar(&o.Tenant, "tenant", "", "the `DOMAIN` of your school or company at Microsoft (default: by your address)")
	fl.StringVar(&o.AuthURL, "auth-url", "", "the `PAGE` where one signs in, at a provider that introd does not know")
	fl.StringVar(&o.TokenURL, "token-url", "", "the `ADDRESS` of its tokens")
	fl.StringVar(&o.DeviceURL, "device-url", "", "the `ADDRESS` of its codes for other devices")
	fl.StringSliceVar(&o.Scopes, "scope", nil, "a `SCOPE` that its sign-in wants")
	fl.BoolVar(&f.code, "code", false, "sign in on another device, by a code that you enter there")
	fl.StringVar(&account.CAFile, "ca-file", "", "a `FILE` with the certificate of a private authority, PEM")
	fl.StringVar(&conf.Daemon.Data, "data", "", "the `FOLDER` where introd keeps its records")
	return c
}

// forNew are the flags that say what a new config says.
var forNew = []string{
	"name", "about", "signature", "zone", "address", "imap", "smtp", "imap-tls", "smtp-tls", "user", "password-command", "password-file", "ca-file", "data",
	"client-id", "client-secret", "tenant", "auth-url", "token-url", "device-url", "scope",
}

// init connects a mailbox, or changes what a config says.
func (a *app) init(ctx context.Context, s *setup, f initFlags) (err error) {
	if s.path, err = a.path(); err != nil {
		return err
	}
	if err := s.takeFlags(f); err != nil {
		return err
	}
	if !f.yes {
		s.talk = talk.New(a.in, a.out)
	}
	_, err = os.Stat(s.path)
	switch there := err == nil && !f.force; {
	case there && f.yes:
		return fmt.Errorf("there is a config at %s already: change it there or with introd init, or give --force to write a new one", s.path)
	case there:
		if i := slices.IndexFunc(forNew, s.given); i >= 0 {
			return &daemon.Refusal{Words: fmt.Sprintf("there is a config at %s already, and --%s is for a new one: introd init alone changes one thing, --force writes a new one", s.path, forNew[i])}
		}
		return s.failed(s.change(ctx))
	case f.yes:
		err = s.unattended(ctx)
	default:
		err = s.interview(ctx)
	}
	if err != nil {
		return s.failed(err)
	}
	if s.talk != nil {
		s.talk.Say("Wrote %s.", s.path)
		if s.host.Trap != "" {
			s.talk.Say("Good to know: %s", s.host.Trap)
		}
		return s.offers(ctx)
	}
	_, err = fmt.Fprintf(a.out, "Wrote %s.\nNext: introd check, then introd add \"Dana Wu <dana@bigco.test>\", then introd run.\n", s.path)
	return err
}

// takeFlags reads what the flags say of the servers and of files.
func (s *setup) takeFlags(f initFlags) error {
	s.user = f.user
	for i, one := range []struct{ flag, value, tls string }{{"--imap", f.imap, f.imapTLS}, {"--smtp", f.smtp, f.smtpTLS}} {
		if one.value == "" {
			continue
		}
		to := &s.told[i]
		if err := address(one.flag, one.value, to); err != nil {
			return err
		}
		if to.TLS = one.tls; one.tls == "" {
			to.TLS = to.ways(0, 0)[0].TLS
		}
	}
	var err1, err2 error
	s.mailbox.PasswordFile, err1 = absolute(s.mailbox.PasswordFile)
	s.mailbox.CAFile, err2 = absolute(s.mailbox.CAFile)
	return errors.Join(err1, err2)
}

// absolute is a path from the root, and "" for none.
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}

// address reads a server that a flag names.
func address(flag, value string, s *server) error {
	if _, err := serverName(value); err != nil {
		return fmt.Errorf("%s %q: %w", flag, value, err)
	}
	at := parseServer(value)
	s.Host, s.Port = at.Host, at.Port
	return nil
}
