package daemon

import (
	"bytes"
	"context"
	"slices"

	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// A scan reads the new mail of one folder, batch by batch: the headers of some thousand messages, then
// the whole mails among them that may concern a contact. The cursor moves only after all below it is
// in the store, and with every batch, so that memory does not grow with the folder and whatever ends
// a scan costs one batch at most.
type scan struct {
	mailbox *mailbox
	folder  mailer.Folder
	box     mailer.Box
	cursor  store.Cursor
	aside   []uint32 // UIDs that are not to be asked for
	most    int      // about how many messages one batch covers

	// Of a scan of many messages. nil: every header is read with care.
	sieve   *store.Sieve
	written map[string]map[string]string // see linker

	// Of one batch.
	wanted []uint32
	soon   map[string]bool // Message-IDs of the wanted: a later mail may answer one
	failed []mailer.Header
}

// scanBatch is how many messages a batch covers: few enough to be read again after a cut, and so many
// that the pauses between batches do not count.
const scanBatch = 20_000

// sieveFrom is from how many new messages on making a sieve is worth its while.
const sieveFrom = 2000

// run reads to the end of the folder.
func (s *scan) run(ctx context.Context) (did bool, err error) {
	before := s.cursor.UID
	if s.box.UIDNext == 0 && s.box.Messages > sieveFrom || s.box.UIDNext > before+sieveFrom {
		if err := s.mailbox.engine.store.View(func(tx *store.Tx) (err error) {
			s.sieve, err = tx.Sieve()
			return err
		}); err != nil {
			return false, err
		}
		s.written = map[string]map[string]string{}
	}
	for first := true; s.unread(first); first = false {
		if err := s.batch(ctx); err != nil {
			return false, err
		}
		did = did || len(s.wanted) > 0
	}
	s.cursor.ReadAt = s.mailbox.engine.clock.Now()
	return did || s.cursor.UID != before, s.keep()
}

// unread says whether there may be messages above the cursor. Where the server does not tell, the
// first batch reaches to the end.
func (s *scan) unread(first bool) bool {
	if s.box.UIDNext == 0 {
		return first
	}
	return s.box.UIDNext > s.cursor.UID+1
}

// batch reads the next messages, and moves the cursor to the last of them.
func (s *scan) batch(ctx context.Context) error {
	s.wanted, s.soon, s.failed = nil, map[string]bool{}, nil
	next, err := s.mailbox.headers(s.cursor.UID+1, s.box, s.aside, s.most, s.header)
	if err != nil {
		return err
	}
	for _, h := range s.failed {
		if err := s.mailbox.setAside(s.cursor, h.UID, "your mail server cannot give it: "+h.Err.Error()); err != nil {
			return err
		}
	}
	s.mailbox.engine.step("look:headers")
	if err := s.mailbox.receiveAll(ctx, s.folder, without(s.wanted, s.aside), &s.cursor); err != nil {
		return err
	}
	s.cursor.UID = max(s.cursor.UID, next-1)
	if !s.unread(false) {
		return nil // run stores the cursor
	}
	return s.keep()
}

func (s *scan) keep() error {
	return s.mailbox.engine.update(func(tx *store.Tx) error { return tx.PutCursor(s.cursor) })
}

// header takes in one header: the UID of a mail that may concern a contact is kept, and of all others
// nothing (P9).
func (s *scan) header(h mailer.Header) error {
	switch {
	case h.UID <= s.cursor.UID: // UID n:* always returns the last message (RFC 3501 §6.4.8)
		return nil
	case h.Err != nil:
		s.failed = append(s.failed, h)
		return nil
	case s.sieve != nil && !s.catches(h):
		return nil
	}
	yes, err := s.concerns(h)
	if !yes || err != nil {
		return err
	}
	s.wanted = append(s.wanted, h.UID)
	for _, id := range reading.MessageIDs(h.Get("Message-ID")) {
		s.soon[id] = true
	}
	return nil
}

// catches says whether the sieve holds a header back. What it lets fall is of no concern.
func (s *scan) catches(h mailer.Header) (yes bool) {
	h.Clues(func(clue mailer.Clue, word []byte) bool {
		switch {
		case clue == mailer.ClueReport:
			yes = true
		case clue == mailer.ClueID:
			yes = s.sieve.MayKnow(word) || s.soon[string(word)]
		default:
			domain := word[max(bytes.IndexByte(word, '@'), 0):]
			yes = s.sieve.MayKnow(word) || clue&mailer.ClueFrom != 0 && s.sieve.MayKnow(domain) || s.folder.Role != mailer.RoleSent && mayConcernAll(string(word))
		}
		return !yes
	})
	return yes
}

// concerns reads a header with care.
func (s *scan) concerns(h mailer.Header) (yes bool, err error) {
	err = s.mailbox.engine.store.View(func(tx *store.Tx) error {
		l, err := s.mailbox.engine.linker(tx)
		if err != nil {
			return err
		}
		if s.written != nil {
			l.written = s.written
		}
		yes, err = l.concerns(s.folder.Role, h, s.soon)
		return err
	})
	return yes, err
}

// fetchBatch is how many whole mails are asked for at once, and taken in by one transaction: the
// wait for the disk is then the same for all of them.
const fetchBatch = 20

// mostHeld is how many bytes of mails are held before they are taken in, full batch or not.
const mostHeld = 8 << 20

// receiveAll fetches and takes in the mails of uids, oldest first.
func (b *mailbox) receiveAll(ctx context.Context, folder mailer.Folder, uids []uint32, cursor *store.Cursor) error {
	slices.Sort(uids) // servers answer as they like, and the cursor passes what comes first
	for batch := range slices.Chunk(uids, fetchBatch) {
		if err := b.receiveBatch(ctx, folder, batch, cursor); err != nil {
			return err
		}
	}
	return nil
}

func (b *mailbox) receiveBatch(ctx context.Context, folder mailer.Folder, batch []uint32, cursor *store.Cursor) error {
	var mails []mailer.Fetched
	came, held, inOrder := 0, 0, true
	err := b.session.Fetch(batch, mostMail, func(m mailer.Fetched) error {
		inOrder = inOrder && came < len(batch) && m.UID == batch[came]
		mails, came, held = append(mails, m), came+1, held+len(m.Raw)
		if held < mostHeld || !inOrder { // out of order the cursor would pass what has not come yet (P5)
			return nil
		}
		err := b.receiveTogether(ctx, folder, mails, cursor)
		mails, held = nil, 0
		return err
	})
	if err != nil {
		return nextOf(batch, err)
	}
	return b.receiveTogether(ctx, folder, mails, cursor)
}

// receiveTogether takes in several mails: all by one transaction, or, where one of them makes that
// fail, each by its own.
func (b *mailbox) receiveTogether(ctx context.Context, folder mailer.Folder, mails []mailer.Fetched, cursor *store.Cursor) error {
	if len(mails) > 1 {
		all := *cursor
		for _, m := range mails {
			all.UID = max(all.UID, m.UID)
		}
		b.engine.step("receive:before")
		if err := b.take(folder, mails, all); err == nil {
			b.engine.step("receive:after")
			*cursor = all
			return ctx.Err()
		}
	}
	for _, m := range mails {
		if err := b.receive(folder, m, cursor); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
