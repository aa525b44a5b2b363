package store

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"slices"
)

// Draft returns a draft by its id.
func (tx *Tx) Draft(id string) (d Draft, err error) {
	err = tx.get(key("d", id), &d)
	return d, err
}

// DraftByWant returns the draft of a want that was not withdrawn.
func (tx *Tx) DraftByWant(want string) (Draft, error) { return tx.draftAt(key("w", want)) }

// DraftByCode returns the open draft that bears a code.
func (tx *Tx) DraftByCode(code string) (Draft, error) { return tx.draftAt(key("c", code)) }

func (tx *Tx) draftAt(k []byte) (Draft, error) {
	id, err := tx.follow(k)
	if err != nil {
		return Draft{}, err
	}
	return tx.Draft(id)
}

// PutDraft stores a draft. A withdrawn one frees its want, a closed one its code.
func (tx *Tx) PutDraft(d Draft) error {
	old, err := tx.Draft(d.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if old.Code != "" && (old.Code != d.Code || !d.State.Open()) {
		if err := tx.remove(key("c", old.Code)); err != nil {
			return err
		}
	}
	if d.Code != "" && d.State.Open() {
		if err := tx.point(key("c", d.Code), d.ID); err != nil {
			return err
		}
	}
	if err := tx.set(d.State != Withdrawn, key("w", d.Want), d.ID); err != nil {
		return err
	}
	if err := tx.set(d.State.Open(), key("n", d.ID), ""); err != nil {
		return err
	}
	if err := tx.point(key("P", d.Person, d.ID), ""); err != nil {
		return err
	}
	return tx.put(key("d", d.ID), d)
}

// set makes an index key lead to something, or removes it.
func (tx *Tx) set(on bool, k []byte, to string) error {
	if on {
		return tx.point(k, to)
	}
	return tx.remove(k)
}

// OpenDrafts returns the drafts that wait for something, the oldest first.
func (tx *Tx) OpenDrafts() ([]Draft, error) { return tx.drafts(under("n")) }

// DraftsOf returns all drafts of a person, the oldest first.
func (tx *Tx) DraftsOf(person string) ([]Draft, error) { return tx.drafts(under("P", person)) }

func (tx *Tx) drafts(prefix []byte) ([]Draft, error) {
	ids, err := tx.names(prefix)
	if err != nil {
		return nil, err
	}
	drafts := make([]Draft, 0, len(ids))
	for _, id := range ids {
		d, err := tx.Draft(id)
		if err != nil {
			return nil, fmt.Errorf("draft %s: %w", id, err)
		}
		drafts = append(drafts, d)
	}
	slices.SortFunc(drafts, func(a, b Draft) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return drafts, nil
}

// NewCode returns a code that no open draft bears: four digits, more when many are taken.
func (tx *Tx) NewCode() (string, error) {
	for digits := int64(9000); ; digits *= 10 {
		for range 20 {
			n, err := rand.Int(rand.Reader, big.NewInt(digits))
			if err != nil {
				return "", err
			}
			code := fmt.Sprint(n.Int64() + digits/9)
			if _, err := tx.follow(key("c", code)); errors.Is(err, ErrNotFound) {
				return code, nil
			} else if err != nil {
				return "", err
			}
		}
	}
}

// Object returns an object by its Message-ID.
func (tx *Tx) Object(messageID string) (o Object, err error) {
	err = tx.get(key("x", messageID), &o)
	return o, err
}

// PutObject stores an object.
func (tx *Tx) PutObject(o Object) error {
	if o.Draft != "" {
		if err := tx.point(key("X", o.Draft, o.MessageID), ""); err != nil {
			return err
		}
	}
	if o.Role == Note {
		if err := tx.point(key("N", o.Person, o.MessageID), ""); err != nil {
			return err
		}
	}
	return tx.put(key("x", o.MessageID), o)
}

// DeleteObject forgets an object that is gone from the mailbox.
func (tx *Tx) DeleteObject(messageID string) error {
	o, err := tx.Object(messageID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(tx.remove(key("X", o.Draft, messageID)), tx.remove(key("N", o.Person, messageID)), tx.remove(key("x", messageID)))
}

// Objects yields all objects: they are few, because those that are gone are forgotten.
func (tx *Tx) Objects() iter.Seq2[Object, error] { return each[Object](tx, under("x")) }

// ObjectsOf returns the objects of a draft.
func (tx *Tx) ObjectsOf(draft string) ([]Object, error) { return tx.objects(under("X", draft)) }

// NotesOf returns the notes about a person.
func (tx *Tx) NotesOf(person string) ([]Object, error) { return tx.objects(under("N", person)) }

func (tx *Tx) objects(prefix []byte) ([]Object, error) {
	ids, err := tx.names(prefix)
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, id := range ids {
		o, err := tx.Object(id)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}
