package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/daemon/prep"
	"introd/daemon/web"
	"introd/mailer/provider"
	"introd/store"
	"introd/templates"
)

// app is one run of the program: where it reads and writes, and its clock.
type app struct {
	in       io.Reader
	out, err io.Writer
	clock    daemon.Clock
	step     func(string)    // tests stop the process in it; nil otherwise
	network  func() []string // tests move the computer by it; nil: the system's addresses
	finder   provider.Finder

	configPath string
	json       bool
	verbose    bool

	zone *time.Location // the owner's, once the config is read
}

func (a *app) commands() *cobra.Command {
	root := &cobra.Command{
		Use:           "introd",
		Short:         "Run your informational interviews from your own mailbox",
		Long:          folded("introd runs your informational interviews from your own mailbox. It sees who answered, writes the next mail before it is due, and sends nothing that you have not approved."),
		SilenceErrors: true, SilenceUsage: true, RunE: a.noCommand, Args: cobra.ArbitraryArgs,
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	flags := root.PersistentFlags()
	flags.StringVar(&a.configPath, "config", "", "take the settings from another `FILE`")
	flags.BoolP("help", "h", false, "show what a command is for and how to write it")
	flags.BoolVar(&a.json, "json", false, "print JSON, for other programs")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log what happens, to standard error")
	chapters := a.chapters()
	for _, ch := range chapters {
		root.AddCommand(ch.commands...)
	}
	root.Long += contents(chapters)
	a.complete(root)
	root.SetUsageTemplate(usage)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &daemon.Refusal{Words: fmt.Sprintf("%s: see %s --help", flagWords(err), c.CommandPath())}
	})
	speakPlainly(root)
	return root
}

// noCommand is introd alone: help, or where nothing is set up yet the two ways to begin.
func (a *app) noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		path, err := a.path()
		if err != nil {
			return err
		}
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			_, err = fmt.Fprintln(a.out, "introd is not set up yet: introd init connects your mailbox, introd demo shows it without one.")
			return err
		}
	}
	return notUnderstood(c, args)
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		_, err := fmt.Fprintln(a.out, "introd", version)
		return err
	}}
}

func (a *app) logger() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level}))
}

// engine opens the store and makes the engine on it.
func (a *app) engine(c *config, log *slog.Logger) (*daemon.Engine, *store.Store, error) {
	texts, err := templates.Load(c.templates)
	if err != nil {
		return nil, nil, err
	}
	questions, err := prep.Load(c.questions)
	if err != nil {
		return nil, nil, err
	}
	s, err := store.Open(c.data, store.Options{Now: a.clock.Now, Log: log})
	if err != nil {
		return nil, nil, err
	}
	e := daemon.New(daemon.Options{Settings: c.settings(log), Store: s, Templates: texts, Questions: questions, Clock: a.clock, Log: log, Step: a.step, Notify: desktopNotice, Network: a.network})
	return e, s, nil
}

// busyLimit is how long another command may hold the records before this one gives up.
const busyLimit = 5 * time.Second

// open opens the records, or finds the running daemon that has them open. Another command holds them
// for a moment only: that is waited for.
func (a *app) open(c *config, log *slog.Logger) (e *daemon.Engine, s *store.Store, running *http.Client, err error) {
	for limit := time.After(busyLimit); ; {
		if running, err := dialDaemon(c.socket()); err == nil {
			return nil, nil, running, nil
		}
		if e, s, err = a.engine(c, log); !errors.Is(err, store.ErrLocked) {
			return e, s, nil, err
		}
		select {
		case <-limit:
			return nil, nil, nil, err
		case <-time.After(busyLimit / 50):
		}
	}
}

// client reaches the engine: the running daemon's over its socket, else one in this process. running
// says which.
func (a *app) client(c *config) (client *http.Client, running bool, done func() error, err error) {
	e, s, daemonClient, err := a.open(c, a.logger())
	if err != nil {
		return nil, false, nil, err
	}
	if daemonClient != nil {
		return daemonClient, true, func() error { return nil }, nil
	}
	return &http.Client{Transport: web.Local{Handler: web.Handler(e)}}, false, s.Close, nil
}

// dialDaemon connects to the daemon's socket.
func dialDaemon(socket string) (*http.Client, error) {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return nil, err
	}
	conn.Close()
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", socket)
		},
	}}, nil
}

// call makes one call, to the daemon or in this process.
func call[A any](ctx context.Context, a *app, name string, q any) (reply A, running bool, err error) {
	c, err := a.load()
	if err != nil {
		return reply, false, err
	}
	client, running, done, err := a.client(c)
	if err != nil {
		return reply, running, err
	}
	reply, err = web.Call[A](ctx, client, name, q)
	return reply, running, errors.Join(err, done())
}

// words makes a call whose answer is a sentence, and prints it.
func (a *app) words(ctx context.Context, name string, q any) error {
	r, running, err := call[daemon.Reply](ctx, a, name, q)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(r)
	}
	if a.tell(a.out, "%s", r.Words); !running && name == "decide" {
		a.tell(a.out, "introd is not running: this is carried out when it runs (introd run, or introd sync once).")
	}
	return nil
}

// load reads the config. From then on times are told by the owner's clock.
func (a *app) load() (*config, error) {
	path, err := a.path()
	if err != nil {
		return nil, err
	}
	c, err := loadConfig(path)
	if err == nil {
		a.zone = c.zone
	}
	return c, err
}

func (a *app) path() (string, error) {
	if a.configPath != "" {
		return a.configPath, nil
	}
	if path := os.Getenv("INTROD_CONFIG"); path != "" {
		return path, nil
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "introd", "config.toml"), err
}
