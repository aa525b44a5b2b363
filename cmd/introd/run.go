package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	notify "github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/daemon/web"
	"introd/store"
)

func (a *app) runCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "run", Short: "Watch your mailbox, until you stop it", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			log, done, err := a.daemonLog(file)
			if err != nil {
				return err
			}
			defer done()
			if isTerminal(a.err) {
				a.tell(a.err, "introd watches your mailbox as long as this window is open. Ctrl-C ends it.")
			}
			if err = a.watchMailbox(c.Context(), log); err != nil && file != "" {
				log.Error("introd ends", "err", err) // standard error may be nobody's
			}
			return err
		},
	}
	c.Flags().StringVar(&file, "log-file", "", "note what happens in a `FILE`, which is kept small, and not on standard error")
	return c
}

// watchMailbox runs the daemon in this process, which is its own.
func (a *app) watchMailbox(ctx context.Context, log *slog.Logger) error {
	conf, err := a.load()
	if err != nil {
		return &unusableError{err}
	}
	debug.SetGCPercent(garbage) // of the whole process, which is the daemon's alone
	return a.run(ctx, conf, log)
}

// An unusableError is a fault that lasts until the owner mends it: whatever starts introd need not try again.
type unusableError struct{ error }

func (e *unusableError) Unwrap() error { return e.error }

// stopLimit is how long calls on the socket may take after the first signal. What the engine has
// begun ends sooner.
const stopLimit = 4 * time.Second

// garbage is how much of it may lie beside what is in use, in per cent (runtime/debug.SetGCPercent): half of what is usual. A laptop must
// not notice introd, and memory is dearer to it than the tenth more of the processor that this costs a first look.
const garbage = 50

// tidyEvery is how often memory that is not needed any more goes back to the system. The runtime collects every two minutes
// anyway, but keeps what a compaction of the store has left behind.
const tidyEvery = 2 * time.Minute

// tidy gives memory back until ctx ends.
func tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			debug.FreeOSMemory()
		}
	}
}

// run watches until ctx ends. Then the engine finishes what it has begun, the socket closes, and
// last the store.
func (a *app) run(ctx context.Context, conf *config, log *slog.Logger) error {
	e, s, running, err := a.open(conf, log)
	if errors.Is(err, store.ErrSchema) || errors.Is(err, store.ErrReadOnly) {
		return &unusableError{err}
	}
	if err != nil {
		return err
	}
	if running != nil {
		return errors.New("introd is running already: introd status tells how it is doing")
	}
	listener, err := listen(conf.socket())
	if err != nil {
		return errors.Join(err, s.Close())
	}
	log.Info("introd is running", "version", version, "accounts", len(conf.Accounts))
	err = serve(ctx, e, listener, log)
	log.Info("introd has stopped")
	return errors.Join(err, s.Close())
}

// serve watches and answers calls until ctx ends or the engine fails. When it returns nothing uses
// the store any more.
func serve(ctx context.Context, e *daemon.Engine, listener net.Listener, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{
		Handler: web.Handler(e), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	var waiting sync.WaitGroup
	waiting.Go(func() { _ = server.Serve(listener) })
	waiting.Go(func() { watchdog(ctx, e) })
	waiting.Go(func() { tidy(ctx) })
	// Ready is who answers the command line. The first look may take long, or wait for a network.
	tellSystemd(notify.SdNotifyReady, "STATUS=Reading the mailbox")
	err := e.Run(ctx, func() {
		debug.FreeOSMemory() // a first look needs room that a daemon at rest does not
		log.Info("the mailbox was read; waiting for mail")
		tellSystemd("STATUS=Watching the mailbox")
	})
	cancel()
	closing, done := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer done()
	if server.Shutdown(closing) != nil {
		server.Close()
	}
	waiting.Wait()
	return err
}

// tellSystemd hands lines to the service manager (sd_notify(3)); where there is none, there is nobody
// to tell. One that does not read holds nothing up: go-systemd's own SdNotify would wait for it.
func tellSystemd(lines ...string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetWriteDeadline(time.Now().Add(notifyLimit))
	_, _ = conn.Write([]byte(strings.Join(lines, "\n")))
}

// notifyLimit is how long a word to the service manager may take.
const notifyLimit = 500 * time.Millisecond

// listen opens the local socket. One that a killed daemon left behind is in nobody's use: the store,
// which is locked by now, has one owner.
func listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	old, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if len(old) > 100 {
		return nil, fmt.Errorf("the path of the data folder is too long for a socket (%s): choose a shorter one under daemon.data", old)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}

// watchdog tells systemd that the engine is alive, as long as no cycle hangs, and when it stops.
func watchdog(ctx context.Context, e *daemon.Engine) {
	defer tellSystemd(notify.SdNotifyStopping)
	interval, err := notify.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(interval / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if e.Alive() {
				tellSystemd(notify.SdNotifyWatchdog)
			}
		}
	}
}
