package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"introd/daemon/network"
	"introd/mailer"
	"introd/store"
)

// settingMining holds, by account, how far the folders were read for introd network, by folder.
const settingMining = "mining"

// A miningCursor is how far one folder was read.
type miningCursor struct {
	UIDValidity uint32 `json:"uid_validity"`
	UID         uint32 `json:"uid"`
	Read        int    `json:"read"`
	Done        bool   `json:"done"`
}

// MineReply is how far the reading of the mailbox has come.
type MineReply struct {
	Folder   string `json:"folder,omitempty"` // being read
	Read     int    `json:"read"`             // messages of it
	Messages int    `json:"messages"`         // it holds
	Finished bool   `json:"finished"`         // all folders were read
}

// About how many messages one call reads, and how many messages or addresses one transaction counts.
const (
	mineStep      = 20000
	minePage      = 20000
	mostAddresses = 3000
)

// Mine reads on in the owner's folders, by headers alone, and counts who wrote to whom. It does a part
// of the work and says how far it is: whoever wants all of it calls again, now or another day.
func (e *Engine) Mine(ctx context.Context, _ None) (r MineReply, err error) {
	defer e.takeCycle()()
	for _, b := range e.boxes {
		if err := b.dial(ctx); err != nil {
			b.fail(err)
			continue
		}
		if r, err = b.mine(); err != nil {
			b.hangUp()
		}
		if err != nil || !r.Finished {
			return r, err
		}
	}
	return MineReply{Finished: true}, e.outOfReach()
}

// mine does a part of the work in one mailbox.
func (b *mailbox) mine() (r MineReply, err error) {
	cursors, err := b.miningCursors()
	if err != nil {
		return r, err
	}
	for _, folder := range b.mined() {
		if !cursors[folder.Name].Done {
			return b.mineFolder(folder, cursors)
		}
	}
	return MineReply{Finished: true}, nil
}

// mined are the folders to read: Sent, and where mail from others lies. Where a server shows all mail in one folder, that is enough.
func (b *mailbox) mined() (folders []mailer.Folder) {
	roles := []mailer.Role{mailer.RoleSent, mailer.RoleInbox, mailer.RoleArchive}
	if _, ok := b.folders[mailer.RoleAll]; ok {
		roles = []mailer.Role{mailer.RoleSent, mailer.RoleAll}
	}
	for _, role := range roles {
		if f, ok := b.folders[role]; ok {
			folders = append(folders, f)
		}
	}
	return folders
}

func (b *mailbox) miningCursors() (cursors map[string]miningCursor, err error) {
	cursors = map[string]miningCursor{}
	err = b.engine.store.View(func(tx *store.Tx) error {
		_, err := tx.Setting(b.setting(settingMining), &cursors)
		return err
	})
	return cursors, err
}

// mineFolder reads a step of one folder. Counts and cursor are stored together, so that a step that
// breaks off counts nothing twice.
func (b *mailbox) mineFolder(folder mailer.Folder, cursors map[string]miningCursor) (r MineReply, err error) {
	box, err := b.session.Examine(folder.Name)
	if err != nil {
		return r, err
	}
	at := cursors[folder.Name]
	if at.UIDValidity != 0 && at.UIDValidity != box.UIDValidity {
		return r, refuse("the server has renumbered %s: begin anew with introd network --clear", folder.Name)
	}
	at.UIDValidity = box.UIDValidity
	miner := &network.Miner{Own: b.engine.ownAddresses()}
	page := 0
	flush := func() error {
		cursors[folder.Name], page = at, 0
		return b.countUp(miner, cursors)
	}
	next, err := b.session.Headers(at.UID+1, box, mineStep, func(h mailer.Header) error {
		if h.UID <= at.UID {
			return nil // UID n:* always returns the last message (RFC 3501 §6.4.8)
		}
		at.UID, at.Read, page = h.UID, at.Read+1, page+1
		miner.Take(folder.Role == mailer.RoleSent, h)
		if page == minePage || miner.Len() >= mostAddresses {
			return flush()
		}
		return nil
	}, network.MiningFields...)
	if err != nil {
		return r, fmt.Errorf("%s: %w", folder.Name, err)
	}
	at.UID = max(at.UID, next-1)
	at.Done = at.UID+1 >= box.UIDNext // or the server does not tell: then all was asked for
	return MineReply{Folder: folder.Name, Read: at.Read, Messages: int(box.Messages)}, flush()
}

// countUp adds what was counted to the tallies.
func (b *mailbox) countUp(miner *network.Miner, cursors map[string]miningCursor) error {
	defer miner.Empty()
	return b.engine.update(func(tx *store.Tx) error {
		for _, address := range slices.Sorted(maps.Keys(miner.Tallies())) {
			known, err := tx.Tally(address)
			if err != nil {
				return err
			}
			if err := tx.PutTally(network.Join(known, *miner.Tallies()[address])); err != nil {
				return err
			}
		}
		return tx.PutSetting(b.setting(settingMining), cursors)
	})
}

// ClearNetwork removes all that Mine has counted.
func (e *Engine) ClearNetwork(context.Context, None) (r Reply, err error) {
	e.cycling.Lock()
	defer e.cycling.Unlock()
	for more := true; more; {
		if err := e.update(func(tx *store.Tx) (err error) {
			if more, err = tx.ClearTallies(mostAddresses); err != nil || more {
				return err
			}
			for _, a := range e.Accounts {
				if err := tx.PutSetting(settingOf(settingMining, a.Name), map[string]miningCursor{}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return r, err
		}
	}
	r.Words = "What introd had counted of your mailbox is gone."
	return r, nil
}

// A NetworkLine is somebody the owner has mail with.
type NetworkLine struct {
	store.Tally
	Warmth network.Warmth `json:"warmth"`
	Score  float64        `json:"score"`
	Person string         `json:"person,omitempty"` // id, if they are one of the owner's people
}

// NetworkRequest asks for the ranking.
type NetworkRequest struct {
	Most int `json:"most"` // lines; 0 for all
}

// Network ranks who the owner really knows: how often they wrote to one another, and how lately.
func (e *Engine) Network(_ context.Context, q NetworkRequest) (lines []NetworkLine, err error) {
	lines = []NetworkLine{}
	err = e.store.View(func(tx *store.Tx) error {
		if err := tx.EachTally(func(t store.Tally) error {
			lines = append(lines, NetworkLine{Tally: t, Warmth: network.WarmthOf(t, tx.Now()), Score: network.Score(t, tx.Now())})
			return nil
		}); err != nil {
			return err
		}
		slices.SortFunc(lines, func(a, b NetworkLine) int { return network.Rank(a.Tally, b.Tally, tx.Now()) })
		if q.Most > 0 {
			lines = lines[:min(q.Most, len(lines))]
		}
		for i := range lines {
			p, _, err := tx.PersonByAddress(lines[i].Address)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			lines[i].Person = p.ID
		}
		return nil
	})
	return lines, err
}
