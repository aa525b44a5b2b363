package store

import (
	"encoding/binary"
	"errors"
	"iter"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Append adds an event to its person's history, counts it, and makes its mail findable.
func (tx *Tx) Append(ev Event) (Event, error) {
	last, err := tx.LastSeq(ev.Person)
	if err != nil {
		return ev, err
	}
	ev.Seq = last + 1
	if ev.At.IsZero() {
		ev.At = tx.now
	}
	if ev.Mail != nil {
		for _, id := range []string{ev.Mail.MessageID, ev.Mail.SentID} {
			if id == "" {
				continue
			}
			m := Message{ID: id, Account: ev.Mail.Account, Person: ev.Person, Seq: ev.Seq, At: ev.At}
			known, err := tx.Message(id)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return ev, err
			}
			m.Draft = known.Draft
			if err := tx.PutMessage(m); err != nil {
				return ev, err
			}
		}
	}
	return ev, tx.put(eventKey(ev.Person, ev.Seq), ev)
}

func eventKey(person string, seq uint64) []byte { return key("e", person, number(seq)) }

// LastSeq is the count of a person's newest event; 0 for an empty history. It looks from the far end, so
// that its cost does not grow with the history.
func (tx *Tx) LastSeq(person string) (uint64, error) {
	prefix := under("e", person)
	it := tx.txn.NewIterator(badger.IteratorOptions{Prefix: prefix, Reverse: true})
	defer it.Close()
	it.Seek(append(prefix, 0xff))
	if !it.Valid() {
		return 0, nil
	}
	return binary.BigEndian.Uint64(it.Item().Key()[len(prefix):]), nil
}

// History returns a person's events in the order in which they were appended. None happened later than now: what
// was noted while the clock was ahead counts from now.
func (tx *Tx) History(person string) ([]Event, error) {
	var history []Event
	for ev, err := range tx.Events(person) {
		if err != nil {
			return nil, err
		}
		if ev.At.After(tx.now) {
			ev.At = tx.now
		}
		history = append(history, ev)
	}
	return history, nil
}

// Events yields a person's events in the order in which they were appended.
func (tx *Tx) Events(person string) iter.Seq2[Event, error] {
	return each[Event](tx, under("e", person))
}

// Message says whose mail a Message-ID is.
func (tx *Tx) Message(id string) (m Message, err error) {
	err = tx.get(key("m", id), &m)
	return m, err
}

// PutMessage stores whose mail a Message-ID is.
func (tx *Tx) PutMessage(m Message) error { return tx.put(key("m", m.ID), m) }

// IsKnown says whether a Message-ID is a contact's mail or an object of introd's, without reading which.
func (tx *Tx) IsKnown(id string) (bool, error) {
	for _, kind := range []string{"m", "x"} {
		_, err := tx.txn.Get(key(kind, id))
		if err == nil {
			return true, nil
		}
		if !errors.Is(notFound(err), ErrNotFound) {
			return false, err
		}
	}
	return false, nil
}

func notFound(err error) error {
	if errors.Is(err, badger.ErrKeyNotFound) {
		return ErrNotFound
	}
	return err
}

// Cursor is how far a folder was read; the zero Cursor for one never read.
func (tx *Tx) Cursor(account, folder string) (Cursor, error) {
	c := Cursor{Account: account, Folder: folder}
	if err := tx.get(key("u", account, folder), &c); err != nil && !errors.Is(err, ErrNotFound) {
		return c, err
	}
	return c, nil
}

// PutCursor stores how far a folder was read.
func (tx *Tx) PutCursor(c Cursor) error { return tx.put(key("u", c.Account, c.Folder), c) }

// Cursors returns the cursors of all folders.
func (tx *Tx) Cursors() ([]Cursor, error) {
	var all []Cursor
	for c, err := range each[Cursor](tx, under("u")) {
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// PutSetAside keeps where a mail lies that could not be digested, and why; never its text.
func (tx *Tx) PutSetAside(s SetAside) error {
	return tx.put(key("q", s.Account, s.Folder, number(uint64(s.UID))), s)
}

// SetAsides returns what was set aside.
func (tx *Tx) SetAsides() ([]SetAside, error) {
	var all []SetAside
	for s, err := range each[SetAside](tx, under("q")) {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Wake sets when a person must be looked at again, instead of any earlier setting; zero for never.
func (tx *Tx) Wake(person string, at time.Time) error {
	old, err := tx.follow(key("T", person))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil {
		if err := tx.remove(key("t", old, person)); err != nil {
			return err
		}
	}
	if at.IsZero() {
		return tx.remove(key("T", person))
	}
	when := number(uint64(at.UnixNano()))
	if err := tx.point(key("T", person), when); err != nil {
		return err
	}
	return tx.point(key("t", when, person), "")
}

// Due returns who must be looked at by now, the longest due first.
func (tx *Tx) Due(now time.Time) ([]string, error) {
	var due []string
	err := tx.scan(under("t"), under("t"), false, func(rest string, _ *badger.Item) (bool, error) {
		if binary.BigEndian.Uint64([]byte(rest[:8])) > uint64(now.UnixNano()) {
			return false, nil
		}
		due = append(due, rest[9:])
		return true, nil
	})
	return due, err
}

// NextDue is when somebody must next be looked at; zero for never.
func (tx *Tx) NextDue() (at time.Time, err error) {
	err = tx.scan(under("t"), under("t"), false, func(rest string, _ *badger.Item) (bool, error) {
		at = time.Unix(0, int64(binary.BigEndian.Uint64([]byte(rest[:8]))))
		return false, nil
	})
	return at, err
}

// Attend notes that a person may have something on the owner's agenda, or has nothing.
func (tx *Tx) Attend(person string, on bool) error { return tx.set(on, key("k", person), "") }

// Attended returns the ids of those who may have something on the owner's agenda.
func (tx *Tx) Attended() ([]string, error) { return tx.names(under("k")) }

// heldBy are the slots that one person holds.
type heldBy struct {
	Person string `json:"person"`
	Slots  []Slot `json:"slots"`
}

// Hold replaces the times that a person keeps from being offered to others.
func (tx *Tx) Hold(person string, slots []Slot) error {
	if len(slots) == 0 {
		return tx.remove(key("b", person))
	}
	return tx.put(key("b", person), heldBy{person, slots})
}

// HeldByOthers returns the times that others than person hold, for each of them. Some are over.
func (tx *Tx) HeldByOthers(person string) ([][]Slot, error) {
	var held [][]Slot
	for h, err := range each[heldBy](tx, under("b")) {
		if err != nil {
			return nil, err
		}
		if h.Person != person {
			held = append(held, h.Slots)
		}
	}
	return held, nil
}
