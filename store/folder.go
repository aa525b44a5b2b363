package store

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// A data folder holds one folder of records, "records-N", named by the file CURRENT. Forgetting and
// restoring fill another one and let it take the old one's place by renaming CURRENT: whenever the
// process dies, either the old records hold or the new ones, whole. What is left over is removed
// when the folder is next opened.
const currentFile = "CURRENT"

const recordsPrefix = "records-"

// current is the name of the folder of records that holds.
func current(dir string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, currentFile))
	if errors.Is(err, os.ErrNotExist) {
		return recordsPrefix + "1", nil
	}
	name := strings.TrimSpace(string(raw))
	if err == nil && !strings.HasPrefix(name, recordsPrefix) {
		err = fmt.Errorf("%s in the data folder names %q, which is no folder of records: restore a backup", currentFile, name)
	}
	return name, err
}

// setCurrent makes the folder name hold, in one step that is on disk when it returns.
func setCurrent(dir, name string) error {
	path := filepath.Join(dir, currentFile)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(name + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir brings a rename to the disk. Where a folder cannot be synced (Windows), the system does it in its own time.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = f.Sync()
	return f.Close()
}

// removeOthers removes what an earlier process left: folders of records that do not hold.
func removeOthers(dir, name string) error {
	found, err := filepath.Glob(filepath.Join(dir, recordsPrefix+"*"))
	for _, path := range found {
		if filepath.Base(path) != name {
			err = errors.Join(err, os.RemoveAll(path))
		}
	}
	return err
}

// replace fills fresh records and lets them take the place of the present ones. Nothing else runs meanwhile.
func (s *Store) replace(fill func(fresh *badger.DB) error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, _ := strconv.Atoi(strings.TrimPrefix(s.name, recordsPrefix))
	name := recordsPrefix + strconv.Itoa(number+1)
	path := filepath.Join(s.dir, name)
	if err := os.RemoveAll(path); err != nil {
		return sentence(err)
	}
	lsm, vlog := s.db.Size()
	if err := hasRoom(s.dir, lsm+vlog); err != nil {
		return err
	}
	fresh, err := badger.Open(small(path).WithLogger(bridge{s.log}))
	if err != nil {
		return sentence(err)
	}
	if err := errors.Join(fill(fresh), fresh.Sync()); err != nil {
		return sentence(errors.Join(err, fresh.Close(), os.RemoveAll(path)))
	}
	if err := setCurrent(s.dir, name); err != nil {
		return sentence(errors.Join(err, fresh.Close(), os.RemoveAll(path)))
	}
	old, oldName := s.db, s.name
	s.db, s.name = fresh, name
	return errors.Join(old.Close(), os.RemoveAll(filepath.Join(s.dir, oldName)))
}

// A Change says of a record which value of it to keep, if any.
type Change func(key, value []byte) (kept []byte, keep bool, err error)

// Rewrite writes all records into fresh files and removes the old ones, so that nothing is left of
// what is left out or altered. plan looks at the records first; nobody writes between its look and the end.
func (s *Store) Rewrite(plan func(*Tx) (Change, error)) error {
	return s.replace(func(fresh *badger.DB) error {
		batch := fresh.NewWriteBatch()
		defer batch.Cancel()
		err := s.db.View(func(txn *badger.Txn) error {
			change, err := plan(&Tx{txn: txn, now: s.now()})
			if err != nil {
				return err
			}
			it := txn.NewIterator(badger.DefaultIteratorOptions)
			defer it.Close()
			for it.Rewind(); it.Valid(); it.Next() {
				value, err := it.Item().ValueCopy(nil)
				if err != nil {
					return err
				}
				k := it.Item().KeyCopy(nil)
				kept, keep, err := change(k, value)
				if err == nil && keep {
					err = batch.Set(k, kept)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		return errors.Join(err, batch.Flush())
	})
}

// backupComment marks the files that Backup writes.
const backupComment = "introd backup"

// Backup writes the whole store as one file, while it is in use. The file is compressed and bears a checksum.
func (s *Store) Backup(w io.Writer) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	zip, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	zip.Comment = backupComment
	_, err = s.db.Backup(zip, 0)
	return sentence(errors.Join(err, zip.Close()))
}

// Restore replaces all records by those of a file that Backup wrote. A file that is none, that is
// damaged, or that a newer introd wrote changes nothing.
func (s *Store) Restore(file io.ReadSeeker) error {
	if err := sound(file); err != nil {
		return err
	}
	zip, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	if err := s.replace(func(fresh *badger.DB) error {
		if err := fresh.Load(zip, 16); err != nil {
			return err
		}
		have, err := schemaOf(&Store{db: fresh, now: s.now})
		if err == nil && have == 0 {
			err = ErrNoBackup
		}
		return err
	}); err != nil {
		return err
	}
	return s.migrate()
}

// sound reads a backup to its end, so that its checksum is known to be right before anything trusts its bytes.
func sound(file io.ReadSeeker) error {
	zip, err := gzip.NewReader(file)
	if err != nil || zip.Comment != backupComment {
		return ErrNoBackup
	}
	if _, err := io.Copy(io.Discard, zip); err != nil {
		return fmt.Errorf("%w (%v)", ErrNoBackup, err)
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}
