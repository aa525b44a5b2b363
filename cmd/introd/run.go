package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	notify "github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/daemon/web"
)

func (a *app) runCommand() *cobra.Command {
	return &cobra.Command{
		Use: "run", Short: "Watch the mailbox until stopped", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			conf, err := a.load()
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: map[bool]slog.Level{true: slog.LevelDebug}[a.verbose]}))
			return a.run(c.Context(), conf, log)
		},
	}
}

// stopLimit is how long the end of a run may take after the first signal.
const stopLimit = 5 * time.Second

// run watches until ctx ends: first the socket closes, then the engine finishes what it has begun,
// then the store closes.
func (a *app) run(ctx context.Context, conf *config, log *slog.Logger) error {
	e, s, err := a.engine(conf, log)
	if err != nil {
		return err
	}
	listener, err := listen(conf.socket())
	if err != nil {
		return errors.Join(err, s.Close())
	}
	server := &http.Server{Handler: web.Handler(e), ReadHeaderTimeout: 10 * time.Second}
	var waiting sync.WaitGroup
	waiting.Go(func() { _ = server.Serve(listener) })
	waiting.Go(func() { watchdog(ctx, e) })
	log.Info("introd is running", "version", version, "account", conf.Account.Name)
	err = e.Run(ctx, func() {
		log.Info("the mailbox was read; waiting for mail")
		_, _ = notify.SdNotify(false, notify.SdNotifyReady) // not under systemd: nobody to tell
	})
	_, _ = notify.SdNotify(false, notify.SdNotifyStopping)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit/5)
	defer cancel()
	if server.Shutdown(closing) != nil {
		server.Close()
	}
	waiting.Wait()
	log.Info("introd has stopped")
	return errors.Join(err, s.Close())
}

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

// watchdog tells systemd that the engine is alive, as long as no cycle hangs.
func watchdog(ctx context.Context, e *daemon.Engine) {
	interval, err := notify.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
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
				_, _ = notify.SdNotify(false, notify.SdNotifyWatchdog)
			}
		}
	}
}

// desktopNotice shows a notice where there is a desktop to show it; elsewhere `introd status` says the same.
func desktopNotice(title, words string) {
	path, err := exec.LookPath("notify-send")
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = exec.CommandContext(ctx, path, "--app-name=introd", title, words).Run()
}
