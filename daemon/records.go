package daemon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// settingCopies lists the files that introd wrote of its records: forgetting cannot reach into them.
const settingCopies = "copies"

// A Copy is a backup or an export that was written.
type Copy struct {
	Path string    `json:"path"`
	At   time.Time `json:"at"`
}

// FileRequest names a file or folder, absolute: the daemon's own folder is another.
type FileRequest struct {
	Path string `json:"path"`
}

// Backup writes all records as one file, mode 0600, while introd runs. A file that is there is not written over.
func (e *Engine) Backup(_ context.Context, q FileRequest) (r Reply, err error) {
	if _, err := os.Stat(q.Path); err == nil {
		return r, refuse("%s is there already: name another file", q.Path)
	}
	if err := e.noteCopy(q.Path); err != nil {
		return r, err
	}
	if err := e.writeBackup(q.Path); err != nil {
		return r, fmt.Errorf("writing the backup: %w", err)
	}
	r.Words = "All records are in " + q.Path + ". It holds your correspondence: keep it as safe as your mailbox."
	return r, nil
}

// writeBackup lets the file appear only when it is whole and on disk.
func (e *Engine) writeBackup(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".introd-backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriter(f)
	if err := errors.Join(e.store.Backup(w), w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// noteCopy remembers where a copy of the records lies, before it is written.
func (e *Engine) noteCopy(path string) error {
	return e.update(func(tx *store.Tx) error {
		var copies []Copy
		if _, err := tx.Setting(settingCopies, &copies); err != nil {
			return err
		}
		copies = slices.DeleteFunc(copies, func(c Copy) bool { return c.Path == path })
		return tx.PutSetting(settingCopies, append(copies, Copy{path, tx.Now()}))
	})
}

// Restore replaces all records by those of a backup. What was on its way then may have gone out
// since: it is held, and the next look at Sent tells what did (P2).
func (e *Engine) Restore(_ context.Context, q FileRequest) (r Reply, err error) {
	f, err := os.Open(q.Path)
	if err != nil {
		return r, refuse("%s", Plain(err))
	}
	defer f.Close()
	e.cycling.Lock()
	defer e.cycling.Unlock()
	if err := e.store.Restore(f); errors.Is(err, store.ErrNoBackup) || errors.Is(err, store.ErrSchema) {
		return r, refuse("%s: %v", q.Path, err)
	} else if err != nil {
		return r, fmt.Errorf("restoring %s: %w", q.Path, err)
	}
	held := 0
	if err := e.update(func(tx *store.Tx) error {
		held = 0
		drafts, err := tx.OpenDrafts()
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if d.State != store.Approved && d.State != store.Sending {
				continue
			}
			held++
			if err := e.unknown(tx, d, "the records were restored from a backup, and the mail may have gone out since"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return r, err
	}
	e.Wake()
	r.Words = "The records are as they were when the backup was written; what your mailbox tells since is read again."
	if held > 0 {
		r.Words += fmt.Sprintf(" %d mail on its way then may be out by now: it is looked for in Sent, and you are asked if it is not there.", held)
	}
	return r, nil
}

// Forget removes a person wholly. Their mail in the mailbox is the owner's and stays.
func (e *Engine) Forget(_ context.Context, q PersonRequest) (r Reply, err error) {
	e.cycling.Lock()
	defer e.cycling.Unlock()
	var p store.Person
	var copies []Copy
	if err := e.update(func(tx *store.Tx) error {
		if p, err = known(tx, q.Person); err != nil {
			return err
		}
		if _, err := tx.Setting(settingCopies, &copies); err != nil {
			return err
		}
		return e.letGo(tx, p)
	}); err != nil {
		return r, err
	}
	if err := e.store.Forget(p.ID); err != nil {
		return r, fmt.Errorf("forgetting %s: %w", p.ID, err)
	}
	e.Wake()
	r.Words = p.Name + " is forgotten: every record of theirs is gone. Your own mail stays in your mailbox. " +
		"If they asked not to be written to, a keyed hash of the address stays, so that nobody writes to it by mistake."
	if still := stillThere(copies); len(still) > 0 {
		r.Words += "\nThese copies, made earlier, still hold them; delete them if you want them gone there too:\n  " + strings.Join(still, "\n  ")
	}
	return r, nil
}

// letGo ends what is under way with a person: no mail about them waits or goes out any more.
func (e *Engine) letGo(tx *store.Tx, p store.Person) error {
	open, err := tx.OpenDrafts()
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.Person != p.ID && !strings.Contains(d.Want, "/"+p.ID+"/") {
			continue
		}
		if d.State == store.Sending {
			return refuse("a mail about %s is being handed over right now: try again in a minute", p.Name)
		}
		if _, err := e.drop(tx, d, wayCommand); err != nil {
			return err
		}
	}
	aliases, err := tx.Aliases(p.ID)
	if err != nil {
		return err
	}
	var addresses []string
	for _, a := range aliases {
		addresses = append(addresses, a.Address)
	}
	if err := e.eachBackfill(tx, func(waiting []string) []string { return without(waiting, addresses) }); err != nil {
		return err
	}
	requests, err := e.earlierRequests(tx)
	if err != nil {
		return err
	}
	return tx.PutSetting(settingRequests, slices.DeleteFunc(requests, func(r earlierRequest) bool { return r.Person == p.ID }))
}

func stillThere(copies []Copy) (paths []string) {
	for _, c := range copies {
		if _, err := os.Stat(c.Path); err == nil {
			paths = append(paths, c.Path+" ("+c.At.Format(time.DateOnly)+")")
		}
	}
	return paths
}
