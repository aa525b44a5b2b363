package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"introd/cmd/introd/service"
)

// daemonLog is where the daemon notes what happens: standard error, or a file that stays small. Call done when
// it is not used any more.
func (a *app) daemonLog(file string) (log *slog.Logger, done func(), err error) {
	level := map[bool]slog.Level{true: slog.LevelDebug}[a.verbose]
	if file == "" {
		return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level, ReplaceAttr: a.shortened()})), func() {}, nil
	}
	out, err := service.OpenLog(file)
	if err != nil {
		return nil, nil, err
	}
	log = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
	uncover := coverCrashes(filepath.Join(filepath.Dir(file), crashFile), out)
	return log, func() { uncover(); out.Close() }, nil
}

// shortened leaves out the time where systemd's journal, which notes its own, takes what is written; and at a terminal, where
// somebody looks on, the day, and that a line is only for their knowledge.
func (a *app) shortened() func([]string, slog.Attr) slog.Attr {
	journal, seen := os.Getenv("JOURNAL_STREAM") != "", isTerminal(a.err)
	if !journal && !seen {
		return nil
	}
	return func(groups []string, attr slog.Attr) slog.Attr {
		switch {
		case len(groups) > 0:
		case attr.Key == slog.TimeKey && journal, attr.Key == slog.LevelKey && seen && attr.Value.Any() == slog.LevelInfo:
			return slog.Attr{}
		case attr.Key == slog.TimeKey:
			return slog.String(attr.Key, a.here(attr.Value.Time()).Format(time.TimeOnly))
		}
		return attr
	}
}

// crashFile is what the runtime writes into when the process crashes, beside the log.
const crashFile = "introd-crash.log"

// coverCrashes has a crash of this process written down at path, and moves that of an earlier one into the log.
// It does what it can: without it introd runs as well.
func coverCrashes(path string, log io.Writer) (uncover func()) {
	if earlier, err := os.ReadFile(path); err == nil && len(earlier) > 0 {
		_, _ = log.Write(earlier)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return func() {}
	}
	_ = debug.SetCrashOutput(f, debug.CrashOptions{})
	return func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		f.Close()
	}
}
