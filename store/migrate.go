package store

import (
	"errors"
	"fmt"
)

// migrations bring a data folder from one schema to the next. The list only ever grows: the schema
// of a folder is the number of migrations it has seen.
var migrations = []func(*Tx) error{
	func(tx *Tx) error { return tx.PutSetting(settingOptOutKey, random(32)) }, // 1: the first one
}

// migrate refuses a newer schema and replays what an older one has not seen.
func (s *Store) migrate() error {
	have, err := schemaOf(s)
	if err != nil {
		return err
	}
	for ; have < len(migrations); have++ {
		if err := s.Update(func(tx *Tx) error {
			if err := migrations[have](tx); err != nil {
				return err
			}
			return tx.put(key("v"), have+1)
		}); err != nil {
			return fmt.Errorf("migration %d: %w", have+1, err)
		}
	}
	return nil
}

// schemaOf returns the schema of a store, 0 for an empty one. A newer one than this introd knows is an error.
func schemaOf(s *Store) (have int, err error) {
	err = s.View(func(tx *Tx) error { return tx.get(key("v"), &have) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	if have > len(migrations) {
		return have, fmt.Errorf("%w (schema %d, this introd knows %d)", ErrSchema, have, len(migrations))
	}
	return have, nil
}
