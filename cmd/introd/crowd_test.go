package main

import (
	"fmt"
	"testing"

	"introd/daemon"
	"introd/store"
)

// What concerns everybody at once is done in more than one transaction: one could not hold it.
func TestPauseWithManyPeople(t *testing.T) {
	t.Parallel()
	const many = 10_000
	r := newRig(t)
	for n := 0; n < many; {
		r.check(r.store.Update(func(tx *store.Tx) error {
			for range 500 {
				n++
				id := fmt.Sprintf("person-%d", n)
				if err := tx.PutPerson(store.Person{ID: id, Name: "Person", Address: id + "@crowd.test"}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for _, on := range []bool{true, false} {
		_, err := r.engine.Pause(t.Context(), daemon.PauseRequest{On: on})
		r.check(err)
	}
	r.check(r.store.View(func(tx *store.Tx) error {
		due, err := tx.Due(tx.Now())
		if len(due) != many+1 { // and Dana
			t.Errorf("%d people are looked at after the pause", len(due))
		}
		return err
	}))
}
