package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"introd/cmd/introd/service"
	"introd/cmd/introd/talk"
	"introd/daemon"
	"introd/daemon/web"
)

func (a *app) serviceCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "service", Short: "Keep introd running in the background", Example: examples(`introd service install`, `introd service logs`), RunE: notUnderstood, Args: cobra.ArbitraryArgs,
		Long: "Keep introd running in the background, from when you log in. It takes no administrator. Install it again after an update or a change of the config.\n" +
			"Your system starts it: systemd on Linux, launchd on macOS, the Task Scheduler on Windows.",
	}
	verb := func(use, short string, run func(context.Context, service.Manager) error) {
		c.AddCommand(&cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
			manager, err := a.manager()
			if err != nil {
				return err
			}
			return run(c.Context(), manager)
		}})
	}
	verb("install", "Run introd in the background from now on", a.installService)
	verb("remove", "Run it in the background no more; your records stay", a.removeService)
	verb("start", "Start it after you stopped it, or start it anew", func(ctx context.Context, m service.Manager) error {
		return a.order(ctx, m, m.Start, "introd runs in the background.")
	})
	verb("stop", "Stop it until you start it or log in again", func(ctx context.Context, m service.Manager) error {
		return a.order(ctx, m, m.Stop, "introd is stopped. introd service start starts it again.")
	})
	verb("status", "See whether it runs in the background, and how it is doing", a.serviceStatus)
	c.AddCommand(a.serviceLogsCommand())
	return c
}

func (a *app) serviceLogsCommand() *cobra.Command {
	lines, follow := 50, false
	c := &cobra.Command{
		Use: "logs", Short: "See what it noted of late, for when something is wrong", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			manager, err := a.manager()
			if err != nil {
				return err
			}
			return manager.Logs(c.Context(), a.out, max(lines, 0), follow)
		},
	}
	c.Flags().IntVarP(&lines, "lines", "n", lines, "how many `LINES` to show")
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on showing what comes, until you press Ctrl-C")
	return c
}

// manager is what starts programs in the background here. It serves also where the config cannot be read.
func (a *app) manager() (service.Manager, error) {
	conf, err := a.load()
	if err != nil {
		conf = &config{data: standardData()}
	}
	return service.Here(conf.logFile())
}

// logFile is where the log of the background service lies, on systems that keep none.
func (c *config) logFile() string { return filepath.Join(c.data, "introd.log") }

// inherited are the variables that a terminal may set otherwise than the system does for what it starts:
// where programs, secrets and introd's own files are found.
var inherited = []string{
	"PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "GNUPGHOME", "PASSWORD_STORE_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
}

// spec is what the service runs: this program with this config.
func (a *app) spec(conf *config) (s service.Spec, err error) {
	if s.Program, err = os.Executable(); err != nil {
		return s, err
	}
	if strings.Contains(s.Program, string(filepath.Separator)+"go-build") {
		return s, errors.New("this introd lies in a folder that Go throws away: build it where it may stay (go build -o introd ./cmd/introd) and install that one")
	}
	path, err := a.path()
	if err == nil {
		s.Config, err = filepath.Abs(path)
	}
	if err == nil {
		s.Log, err = filepath.Abs(conf.logFile())
	}
	for _, name := range inherited {
		if value := os.Getenv(name); value != "" {
			s.Environment = append(s.Environment, name+"="+value)
		}
	}
	for _, account := range conf.Accounts {
		s.Commands = s.Commands || account.PasswordCommand != ""
		if name := account.PasswordCredential; name != "" && !slices.Contains(s.Credentials, name) {
			s.Credentials = append(s.Credentials, name)
		}
	}
	for _, k := range conf.Calendars {
		s.Commands = s.Commands || k.PasswordCommand != ""
	}
	slices.Sort(s.Credentials)
	return s, err
}

func (a *app) installService(ctx context.Context, m service.Manager) error {
	conf, err := a.load()
	if err != nil {
		return err
	}
	spec, err := a.spec(conf)
	if err != nil {
		return err
	}
	before, err := m.State(ctx)
	if err != nil {
		return err
	}
	if _, err := dialDaemon(conf.socket()); err == nil && !before.Installed {
		return &daemon.Refusal{Words: "introd runs already, in another window perhaps: end it there (Ctrl-C), then install it"}
	}
	if err := m.Install(ctx, spec); err != nil {
		return err
	}
	after, err := m.State(ctx)
	if err != nil {
		return err
	}
	return a.say("introd runs in the background now, and will whenever you log in.", m.Hint(ctx), "How it is doing: introd status. What starts it: "+after.File)
}

// say prints sentences, a line each, without those that are empty.
func (a *app) say(sentences ...string) error {
	for _, s := range sentences {
		if s == "" {
			continue
		}
		if isTerminal(a.out) {
			s = talk.Fold(s)
		}
		if _, err := fmt.Fprintln(a.out, s); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) removeService(ctx context.Context, m service.Manager) error {
	removed, err := m.Remove(ctx)
	if err != nil {
		return err
	}
	path, err := a.path()
	if err != nil {
		return err
	}
	records := "where your config says"
	if conf, err := a.load(); err == nil {
		records = "in " + conf.data
	}
	words := "introd was not installed in the background."
	if removed {
		words = "introd does not run in the background any more."
	}
	return a.say(words, "Your records stay "+records, "Your settings stay in "+path)
}

// order has the manager do something with a service that must be installed.
func (a *app) order(ctx context.Context, m service.Manager, do func(context.Context) error, done string) error {
	if state, err := m.State(ctx); err != nil {
		return err
	} else if !state.Installed {
		return errNotInstalled
	}
	if err := do(ctx); err != nil {
		return err
	}
	return a.say(done)
}

var errNotInstalled = &daemon.Refusal{Words: "introd is not installed in the background: introd service install"}

// A serviceReport is introd service status as JSON.
type serviceReport struct {
	Installed bool           `json:"installed"`
	File      string         `json:"file,omitempty"`
	Running   bool           `json:"running"`
	Trouble   string         `json:"trouble,omitempty"`
	Status    *daemon.Status `json:"status,omitempty"` // of the daemon, if it answers
}

func (a *app) serviceStatus(ctx context.Context, m service.Manager) error {
	state, err := m.State(ctx)
	if err != nil {
		return err
	}
	report := serviceReport{Installed: state.Installed, File: state.File, Running: state.Running, Trouble: state.Trouble}
	conf, broken := a.load()
	if broken == nil {
		report.ask(ctx, conf.socket())
	}
	if a.json {
		err = a.printJSON(report)
	} else {
		err = a.say(a.sentences(report)...)
	}
	if report.Status == nil || err != nil {
		return errors.Join(err, broken)
	}
	if !a.json {
		a.status(*report.Status)
	}
	if report.Status.Blind {
		return errBlind
	}
	return nil
}

// answerLimit is how long the daemon may take to say how it is doing.
const answerLimit = 10 * time.Second

// ask asks the daemon how it is doing, if there is one.
func (r *serviceReport) ask(ctx context.Context, socket string) {
	client, err := dialDaemon(socket)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	if s, err := web.Call[daemon.Status](ctx, client, "status", daemon.None{}); err == nil {
		s.Running, r.Running, r.Status = true, true, &s
	}
}

// sentences say how the background service is doing.
func (a *app) sentences(r serviceReport) []string {
	switch {
	case !r.Installed && r.Status != nil:
		return []string{"introd is not installed in the background, but runs since " + a.day(r.Status.Started) + ", in a window perhaps."}
	case !r.Installed:
		return []string{"introd is not installed in the background: introd service install"}
	case r.Status != nil:
		return []string{"introd is installed in the background and runs since " + a.day(r.Status.Started) + ".", "What starts it: " + r.File}
	case r.Running:
		return []string{"introd is installed and runs, but does not answer: introd service start starts it anew, introd service logs says more."}
	case r.Trouble != "":
		return []string{"introd is installed in the background, but does not run.", r.Trouble}
	}
	return []string{"introd is installed in the background, but is stopped: introd service start"}
}
