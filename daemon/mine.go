package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"introd/daemon/network"
	"introd/mailer"
	"introd/store"
)

// settingMining holds how far the folders were read for introd network.
const settingMining = "mining"

// mining is how far the owner's mailboxes were read, and how often counts were stored.
type mining struct {
	Step     int                                `json:"step"`
	Accounts map[string]map[string]miningCursor `json:"accounts,omitempty"` // by account and folder
	Clearing bool                               `json:"clearing,omitempty"` // ClearNetwork has begun and not ended
}

// A miningCursor is how far one folder was read. What was counted up to Storing may be stored in part: that stretch is read
// again, no more and no less, and tallies that bear its Step have it already.
type miningCursor struct {
	UIDValidity uint32 `json:"uid_validity"`
	UID         uint32 `json:"uid"`
	Read        int    `json:"read"`
	Done        bool   `json:"done"` // in this round of calls
	Storing     uint32 `json:"storing,omitempty"`
	Step        int    `json:"step,omitempty"`
}

// MineReply is how far the reading of the mailbox has come.
type MineReply struct {
	Folder   string `json:"folder,omitempty"` // being read
	Read     int    `json:"read"`             // messages of it
	Messages int    `json:"messages"`         // it holds
	Finished bool   `json:"finished"`         // all folders were read
}

const (
	mineTurn      = 2 * time.Second // about how long one call reads
	minePage      = 20_000          // messages between two looks at the clock
	mostAddresses = 25_000          // about how many are counted in memory
	mostStored    = 900             // tallies in one transaction, which holds some 300 kB
)

// Mine reads on in the owner's folders, by headers alone, and counts who wrote to whom. It does a part
// of the work and says how far it is: whoever wants all of it calls again, now or another day.
func (e *Engine) Mine(ctx context.Context, _ None) (r MineReply, err error) {
	defer e.takeCycle()()
	m, err := e.mining()
	if err != nil {
		return r, err
	}
	for _, b := range m.next(e.boxes) {
		if err := b.dial(ctx); err != nil {
			b.fail(err)
			continue
		}
		folder, more := b.nextMined(m)
		if !more {
			continue
		}
		if r, err = b.mineFolder(folder, m); err != nil {
			b.hangUp()
		}
		if len(e.boxes) > 1 {
			r.Folder += " of " + e.calls(b.account.Name, "")
		}
		return r, err
	}
	return MineReply{Finished: true}, errors.Join(e.outOfReach(), e.beginAnew(m))
}

// next are the mailboxes to read on in: the one whose counts are stored in part, or else all.
func (m mining) next(boxes []*mailbox) []*mailbox {
	for i, b := range boxes {
		for _, at := range m.Accounts[b.account.Name] {
			if at.Storing != 0 {
				return boxes[i : i+1]
			}
		}
	}
	return boxes
}

// mining loads how far the reading is; a clearing that was broken off is ended first.
func (e *Engine) mining() (m mining, err error) {
	load := func() error {
		m = mining{}
		return e.store.View(func(tx *store.Tx) error {
			_, err := tx.Setting(settingMining, &m)
			return err
		})
	}
	if err = load(); err == nil && m.Clearing {
		if err = e.clearTallies(); err == nil {
			err = load()
		}
	}
	if m.Accounts == nil {
		m.Accounts = map[string]map[string]miningCursor{}
	}
	return m, err
}

// beginAnew lets the next call read what has come since.
func (e *Engine) beginAnew(m mining) error {
	for _, folders := range m.Accounts {
		for name, at := range folders {
			at.Done = false
			folders[name] = at
		}
	}
	return e.update(func(tx *store.Tx) error { return tx.PutSetting(settingMining, m) })
}

// nextMined is the folder to read on in: one whose counts are stored in part, or the first that was not read to its end.
func (b *mailbox) nextMined(m mining) (next mailer.Folder, more bool) {
	for _, folder := range b.mined() {
		at := m.Accounts[b.account.Name][folder.Name]
		if at.Storing != 0 {
			return folder, true
		}
		if !at.Done && !more {
			next, more = folder, true
		}
	}
	return next, more
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

// mineFolder reads on in one folder for a while, and stores what it has counted.
func (b *mailbox) mineFolder(folder mailer.Folder, m mining) (r MineReply, err error) {
	box, err := b.session.Examine(folder.Name)
	if err != nil {
		return r, err
	}
	if m.Accounts[b.account.Name] == nil {
		m.Accounts[b.account.Name] = map[string]miningCursor{}
	}
	at := m.Accounts[b.account.Name][folder.Name]
	if at.UIDValidity != 0 && at.UIDValidity != box.UIDValidity {
		return r, refuse("the server has renumbered %s: begin anew with introd network --clear", folder.Name)
	}
	at.UIDValidity = box.UIDValidity
	m.Accounts[b.account.Name][folder.Name] = at
	end, again := box.UIDNext, at.Storing != 0
	if again {
		box.UIDNext = at.Storing + 1
	}
	miner := &network.Miner{Own: b.engine.ownAddresses()}
	for until := b.engine.clock.Now().Add(mineTurn); ; {
		next, err := b.session.Headers(at.UID+1, box, minePage, func(h mailer.Header) error {
			if h.UID > at.UID { // UID n:* always returns the last message (RFC 3501 §6.4.8)
				at.UID, at.Read = h.UID, at.Read+1
				miner.Take(folder.Role == mailer.RoleSent, h)
			}
			return nil
		}, network.MiningFields...)
		if err != nil {
			return r, fmt.Errorf("%s: %w", folder.Name, err)
		}
		at.UID = max(at.UID, next-1)
		if at.UID+1 >= box.UIDNext || !again && (miner.Len() >= mostAddresses || !b.engine.clock.Now().Before(until)) {
			break
		}
	}
	at.Done = at.UID+1 >= end // or the server does not tell its end: then all was asked for
	return MineReply{Folder: folder.Name, Read: at.Read, Messages: int(box.Messages)}, b.countUp(m, folder.Name, at, miner.Tallies())
}

// countUp adds what was counted of a folder up to a cursor to the tallies, by many transactions: that of a large mailbox is too
// much for one. Until the last of them the cursor stands where it stood, with Storing and Step beside it, so that a kill in
// between counts nothing twice and nothing too little.
func (b *mailbox) countUp(m mining, folder string, at miningCursor, counted map[string]*store.Tally) error {
	begun := m.Accounts[b.account.Name][folder]
	if begun.Storing == 0 {
		m.Step++
		begun.Storing, begun.Step = at.UID, m.Step
		if err := b.storeMining(m, folder, begun); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(counted)), mostStored) {
		if err := b.engine.update(func(tx *store.Tx) error {
			for _, address := range some {
				known, err := tx.Tally(address)
				if err != nil {
					return err
				}
				if known.Step == begun.Step {
					continue
				}
				known = network.Join(known, *counted[address])
				known.Step = begun.Step
				if err := tx.PutTally(known); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	at.Storing, at.Step = 0, 0
	return b.storeMining(m, folder, at)
}

func (b *mailbox) storeMining(m mining, folder string, at miningCursor) error {
	m.Accounts[b.account.Name][folder] = at
	return b.engine.update(func(tx *store.Tx) error { return tx.PutSetting(settingMining, m) })
}

// ClearNetwork removes all that Mine has counted.
func (e *Engine) ClearNetwork(context.Context, None) (r Reply, err error) {
	e.cycling.Lock()
	defer e.cycling.Unlock()
	if err := e.update(func(tx *store.Tx) error { return tx.PutSetting(settingMining, mining{Clearing: true}) }); err != nil {
		return r, err
	}
	r.Words = "What introd had counted of your mailbox is gone."
	return r, e.clearTallies()
}

func (e *Engine) clearTallies() error {
	for more := true; more; {
		if err := e.update(func(tx *store.Tx) (err error) {
			if more, err = tx.ClearTallies(mostStored); err != nil || more {
				return err
			}
			return tx.PutSetting(settingMining, mining{})
		}); err != nil {
			return err
		}
	}
	return nil
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
	own := e.ownAddresses()
	err = e.store.View(func(tx *store.Tx) error {
		if err := tx.EachTally(func(t store.Tally) error {
			if slices.Contains(own, t.Address) {
				return nil // counted before the owner said that it is theirs
			}
			t.Step = 0 // of the counting, and nobody's business
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
			lines[i].Person, lines[i].Name = p.ID, cmp.Or(lines[i].Name, p.Name)
		}
		return nil
	})
	return lines, err
}
