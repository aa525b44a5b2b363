package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// A log grows to mostLog bytes; then it becomes FILE.1, that FILE.2 and so on. keptLogs old ones are kept.
const (
	mostLog  = 1 << 20
	keptLogs = 3
)

// A Log is a file that stays small. Where it cannot be written, as on a full disk, lines are lost and nothing
// else: what is logged is worth less than what logs it. It is safe for concurrent use.
type Log struct {
	path string
	most int64

	mu   sync.Mutex
	file *os.File // nil: it could not be opened; the next line tries again
	size int64
}

// OpenLog opens the log at path, whose folder is made where it is missing.
func OpenLog(path string) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	l := &Log{path: path, most: mostLog}
	return l, l.open()
}

// open opens the file and goes on at its end. The caller holds mu, or is alone.
func (l *Log) open() error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Write appends a line. It never fails.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil && l.size > 0 && l.size+int64(len(line)) > l.most {
		l.turn()
	}
	if l.file == nil && l.open() != nil {
		return len(line), nil
	}
	n, _ := l.file.Write(line)
	l.size += int64(n)
	return len(line), nil
}

// turn puts the full file aside and leaves none open. What cannot be renamed is emptied, so that it stays small.
func (l *Log) turn() {
	l.file.Close() // Windows renames no open file
	l.file = nil
	for i := keptLogs; i > 1; i-- {
		_ = os.Rename(old(l.path, i-1), old(l.path, i)) // most are not there yet
	}
	if os.Rename(l.path, old(l.path, 1)) != nil {
		_ = os.Truncate(l.path, 0)
	}
}

func old(path string, n int) string { return path + "." + strconv.Itoa(n) }

// Close closes the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// tailBytes is how much of a log's end is looked at for its last lines.
const tailBytes = 256 << 10

// tailEvery is how often a followed log is looked at.
const tailEvery = 300 * time.Millisecond

// tail writes the last lines of a log, and with follow what comes until ctx ends.
func tail(ctx context.Context, out io.Writer, path string, lines int, follow bool) error {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		_, err = fmt.Fprintf(out, "There is no log at %s: introd has not run in the background yet.\n", path)
		return err
	}
	if err != nil {
		return err
	}
	defer func() { file.Close() }()
	if err := lastLines(out, file, lines); err != nil || !follow {
		return err
	}
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err := io.Copy(out, file); err != nil {
			return err
		}
		if next, err := os.Open(path); err == nil && turned(file, next) {
			file.Close()
			file = next
		} else if err == nil {
			next.Close()
		}
	}
}

// turned says whether a log was put aside and begun anew.
func turned(have, next *os.File) bool {
	a, err1 := have.Stat()
	b, err2 := next.Stat()
	return err1 == nil && err2 == nil && !os.SameFile(a, b)
}

// lastLines writes the last n lines of a file, and leaves it at its end.
func lastLines(out io.Writer, file *os.File, n int) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := file.Seek(max(0, size-tailBytes), io.SeekStart); err != nil {
		return err
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	from := len(bytes.TrimSuffix(raw, []byte("\n")))
	for ; n > 0 && from > 0; n-- {
		from = max(bytes.LastIndexByte(raw[:from], '\n'), 0)
	}
	_, err = out.Write(bytes.TrimPrefix(raw[from:], []byte("\n")))
	return err
}
