package store

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Errors that a person may meet. Each is one sentence that says what to do.
var (
	ErrNotFound = errors.New("not found")
	ErrLocked   = errors.New("another introd is using this data folder: stop it first, or name another folder under data in the config")
	ErrSchema   = errors.New("this data folder was written by a newer introd: update introd, or restore a backup made with this version")
	ErrReadOnly = errors.New("the data folder cannot be written to: check its owner and permissions")
	ErrFull     = errors.New("the disk is full: nothing was changed; make room and try again")
	ErrNoBackup = errors.New("this file is no backup of introd's, or it is damaged: nothing was changed")
)

// mostValue is the largest value that is stored. Badger would refuse far larger ones only, and its
// error prints what they hold.
const mostValue = 4 << 20

// leastRoom is how much of the disk must be free before anything is written. Badger writes into files that it
// maps and that the disk has not set aside: with the disk full, the system would end the process (SIGBUS). It is
// enough for what Badger tidies up by itself meanwhile.
const leastRoom = 32 << 20

// hasRoom fails with ErrFull where the disk of a folder is about to be full.
func hasRoom(dir string, more int64) error {
	if free, err := roomIn(dir); err == nil && free < leastRoom+uint64(more) {
		return ErrFull
	}
	return nil // also where the system does not say: then the write shows it
}

// Options are what a Store is opened with.
type Options struct {
	Now      func() time.Time // nil: time.Now
	Log      *slog.Logger     // nil: slog.Default
	InMemory bool
}

// A Store is an open data folder. It is safe for concurrent use.
type Store struct {
	now func() time.Time
	log *slog.Logger
	dir string // "" in memory

	mu   sync.RWMutex // held for writing while the records are replaced
	db   *badger.DB
	name string // of the folder of records that holds
}

// Open opens the data folder dir, makes it if it is not there, and brings its schema up to date.
func Open(dir string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Store{now: o.Now, log: o.Log}
	if err := s.open(dir, o.InMemory); err != nil {
		return nil, sentence(err)
	}
	if err := s.migrate(); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// open opens the records that hold. Whoever has them open owns the whole data folder.
func (s *Store) open(dir string, inMemory bool) (err error) {
	if inMemory {
		s.db, err = badger.Open(small("").WithInMemory(true).WithLogger(bridge{s.log}))
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := hasRoom(dir, 0); err != nil {
		return err
	}
	if s.name, err = current(dir); err != nil {
		return err
	}
	s.dir = dir
	if s.db, err = badger.Open(small(filepath.Join(dir, s.name)).WithLogger(bridge{s.log})); err != nil {
		return err
	}
	if err := errors.Join(setCurrent(dir, s.name), removeOthers(dir, s.name)); err != nil {
		return errors.Join(err, s.db.Close())
	}
	return nil
}

// small are Badger's options for one person's records: little memory, no sparse 2 GB log, and every
// write synced.
func small(dir string) badger.Options {
	return badger.DefaultOptions(dir).
		WithSyncWrites(true).
		WithMemTableSize(8 << 20).    // a transaction may hold 15 % of it
		WithBaseTableSize(512 << 10). // a compaction holds eight of them and more in memory
		WithNumMemtables(2).
		WithBlockCacheSize(4 << 20).
		WithIndexCacheSize(2 << 20).
		WithValueLogFileSize(16 << 20).
		WithNumCompactors(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(4).
		WithCompression(options.Snappy).
		WithMetricsEnabled(false)
}

// Close closes the store. Nothing may be under way.
func (s *Store) Close() error { return s.db.Close() }

// View runs fn over a consistent state of the store.
func (s *Store) View(fn func(*Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.db.View(func(txn *badger.Txn) error { return fn(&Tx{txn: txn, now: s.now()}) })
}

// Update runs fn in one transaction; all of it is on disk when Update returns nil, or nothing. fn
// runs again when another transaction got in between, so it does no I/O.
func (s *Store) Update(fn func(*Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for {
		err := s.db.Update(func(txn *badger.Txn) error {
			tx := &Tx{txn: txn, now: s.now()}
			if err := fn(tx); err != nil || !tx.wrote || s.dir == "" {
				return err
			}
			return hasRoom(s.dir, 0)
		})
		if !errors.Is(err, badger.ErrConflict) {
			return sentence(err)
		}
	}
}

// sentence turns what Badger and the system say into the sentences above.
func sentence(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrFull):
		return err
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w (%w)", ErrFull, syscall.ENOSPC)
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w (%v)", ErrReadOnly, err)
	case strings.Contains(err.Error(), "Cannot acquire directory lock"):
		return ErrLocked
	case strings.Contains(err.Error(), "no space left"):
		return ErrFull
	}
	return err
}

// bridge hands Badger's own log lines to slog. They are for developers: people get sentences.
type bridge struct{ log *slog.Logger }

func (b bridge) Errorf(f string, a ...any)   { b.log.Debug("badger error: " + line(f, a)) }
func (b bridge) Warningf(f string, a ...any) { b.log.Debug("badger warning: " + line(f, a)) }
func (b bridge) Infof(string, ...any)        {}
func (b bridge) Debugf(string, ...any)       {}

func line(f string, a []any) string { return strings.TrimSpace(fmt.Sprintf(f, a...)) }

// A Tx is one transaction. It carries one now, so that all it writes bears the same moment.
type Tx struct {
	txn   *badger.Txn
	now   time.Time
	wrote bool
}

// Wrote says whether the transaction has written anything yet.
func (tx *Tx) Wrote() bool { return tx.wrote }

// Now is the moment of the transaction.
func (tx *Tx) Now() time.Time { return tx.now }

// key joins its parts with zero bytes, which stand in none of them.
func key(kind string, parts ...string) []byte {
	return []byte(kind + "\x00" + strings.Join(parts, "\x00"))
}

// under is the prefix of all keys that begin with parts.
func under(kind string, parts ...string) []byte {
	if len(parts) == 0 {
		return key(kind)
	}
	return append(key(kind, parts...), 0)
}

func number(n uint64) string {
	return string(binary.BigEndian.AppendUint64(nil, n))
}

func (tx *Tx) get(k []byte, v any) error {
	item, err := tx.txn.Get(k)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	return item.Value(func(raw []byte) error {
		if err := json.Unmarshal(raw, v); err != nil {
			return fmt.Errorf("record %q: %w", k[:1], err)
		}
		return nil
	})
}

func (tx *Tx) put(k []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("record %q: %w", k[:1], err)
	}
	if len(raw) > mostValue {
		return fmt.Errorf("record %q: %d bytes are more than is stored", k[:1], len(raw))
	}
	tx.wrote = true
	return tx.txn.Set(k, raw)
}

// point stores where an index key leads.
func (tx *Tx) point(k []byte, to string) error {
	tx.wrote = true
	return tx.txn.Set(k, []byte(to))
}

// follow reads where an index key leads.
func (tx *Tx) follow(k []byte) (string, error) {
	item, err := tx.txn.Get(k)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", err
	}
	raw, err := item.ValueCopy(nil)
	return string(raw), err
}

func (tx *Tx) remove(k []byte) error {
	tx.wrote = true
	return tx.txn.Delete(k)
}

// scan calls fn for each key under prefix from start on, until it returns false. fn gets the rest of
// the key behind prefix.
func (tx *Tx) scan(prefix, start []byte, values bool, fn func(rest string, item *badger.Item) (bool, error)) error {
	it := tx.txn.NewIterator(badger.IteratorOptions{Prefix: prefix, PrefetchValues: values, PrefetchSize: 32})
	defer it.Close()
	for it.Seek(start); it.Valid(); it.Next() {
		item := it.Item()
		more, err := fn(string(bytes.TrimPrefix(item.Key(), prefix)), item)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// names returns the rests of all keys under prefix.
func (tx *Tx) names(prefix []byte) ([]string, error) {
	var found []string
	err := tx.scan(prefix, prefix, false, func(rest string, _ *badger.Item) (bool, error) {
		found = append(found, rest)
		return true, nil
	})
	return found, err
}

// pageSize is how many records each reads before it hands them out.
const pageSize = 256

// each yields the records under prefix, in pages: Badger allows one open iterator in a writing
// transaction, and the loop's body may need one. The loop may end at any point.
func each[T any](tx *Tx, prefix []byte) func(yield func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for start := prefix; start != nil; {
			var page []T
			var last string
			err := tx.scan(prefix, start, true, func(rest string, item *badger.Item) (bool, error) {
				var v T
				page, last = append(page, v), rest
				return len(page) < pageSize, item.Value(func(raw []byte) error { return json.Unmarshal(raw, &page[len(page)-1]) })
			})
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
			start = nil
			if len(page) == pageSize {
				start = append([]byte(string(prefix)+last), 0) // the first key behind the last one read
			}
		}
	}
}

// Setting reads the setting name into v and says whether it was there.
func (tx *Tx) Setting(name string, v any) (bool, error) {
	err := tx.get(key("s", name), v)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// PutSetting stores a setting.
func (tx *Tx) PutSetting(name string, v any) error { return tx.put(key("s", name), v) }

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand, Go 1.24)
	return b
}
