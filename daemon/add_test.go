package daemon

import (
	"testing"

	"introd/store"
)

// A short name is the first name, or a professor's last; what is taken grows longer.
func TestShortNames(t *testing.T) {
	t.Parallel()
	s := knowsDana(t)
	for _, person := range []struct{ wish, name, id string }{
		{"", "Dana Lee", "dana-lee"}, // Dana Wu is dana
		{"", "Prof. Ann Lee", "lee"},
		{"", "Prof. Bob Lee", "bob-lee"},
		{"", "Bob Lee", "bob"},
		{"", "Bob Lee", "bob-lee-2"},
		{"kim", "J. K. Park", "kim"},
		{"kim", "Kim Novak", ""},
		{"../kim", "Kim Novak", ""},
		{"a/b", "Kim Novak", ""},
		{"", "!!!", ""},
		{"", "王 小明", "王"},
	} {
		if err := s.Update(func(tx *store.Tx) error {
			id, err := freeID(tx, person.wish, person.name)
			if id != person.id || (id == "") != (err != nil) {
				t.Errorf("%q for %s: %q, %v", person.wish, person.name, id, err)
			}
			if id == "" {
				return nil
			}
			return tx.PutPerson(store.Person{ID: id, Name: person.name, Address: id + "@x.test"})
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNobodyGivesTheirOwnName(t *testing.T) {
	t.Parallel()
	e, _ := scanner(t, nil)
	_, err := e.Add(t.Context(), AddRequest{Person: "dana", Via: "dana@bigco.test"})
	if _, refused := asRefusal(err); !refused {
		t.Fatal(err)
	}
	if err := e.store.View(func(tx *store.Tx) error {
		p, err := tx.Person("dana")
		if p.Via != "" {
			t.Errorf("dana came through %s", p.Via)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
