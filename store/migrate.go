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
	var have int
	err := s.View(func(tx *Tx) error { return tx.get(key("v"), &have) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if have > len(migrations) {
		return fmt.Errorf("%w (schema %d, this introd knows %d)", ErrSchema, have, len(migrations))
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
