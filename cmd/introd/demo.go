package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"introd/cmd/introd/demo"
	"introd/daemon/web"
)

func (a *app) demoCommand() *cobra.Command {
	var auto bool
	c := &cobra.Command{
		Use: "demo", Short: "Try introd without an account: a story with people who answer", Args: cobra.NoArgs,
		Example: examples(`introd demo`, `introd demo --auto`),
		Long:    "Play through a few weeks of interviews with people who reply, decline, go out of office and bounce.\nIt needs no account, no settings and no network: the mail server and the people are inside introd, and nothing stays behind.",
		RunE:    func(c *cobra.Command, _ []string) error { return a.demo(c.Context(), auto) },
	}
	c.Flags().BoolVar(&auto, "auto", false, "play the owner too, and check introd's promises at the end")
	return c
}

// demo runs the real engine on the demo's post office and clock, in a folder that is thrown away.
func (a *app) demo(ctx context.Context, auto bool) (err error) {
	dir, err := os.MkdirTemp("", "introd-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	world, err := demo.Open()
	if err != nil {
		return err
	}
	defer world.Close()
	conf, err := demoConfig(world.Login(), dir)
	if err != nil {
		return err
	}
	stage := *a
	stage.out, stage.clock = io.Discard, world.Clock()
	if err := (&setup{app: &stage, mailbox: conf.home()}).makeOwnFolders(ctx); err != nil {
		return err
	}
	e, s, err := stage.engine(conf, a.logger())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return world.Play(ctx, demo.Show{
		Client: &http.Client{Transport: web.Local{Handler: web.Handler(e)}}, In: a.in, Out: a.out, Bold: isTerminal(a.out),
		Edit: inEditor, Backup: s.Backup, Auto: auto,
	})
}

// demoConfig is what introd init would write for the demo's mailbox.
func demoConfig(login demo.Login, dir string) (*config, error) {
	c := defaults()
	account := c.addAccount("main")
	c.Owner.Name, c.Owner.About, c.Owner.Zone, account.Address = login.Name, login.About, login.Zone, login.Address
	account.IMAP.TLS, account.SMTP.TLS = "none", "none"
	account.PasswordFile, c.Daemon.Data = filepath.Join(dir, "password"), filepath.Join(dir, "data")
	return c, errors.Join(
		address("the post office", login.IMAP, &account.IMAP), address("the post office", login.SMTP, &account.SMTP),
		os.WriteFile(account.PasswordFile, []byte(login.Password+"\n"), 0o600), c.check(dir),
	)
}

// isTerminal says whether w shows a person what is written to it.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
