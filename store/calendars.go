package store

// PutBusy stores what a calendar said.
func (tx *Tx) PutBusy(b Busy) error { return tx.put(key("f", b.Calendar), b) }

// DeleteBusy forgets a calendar.
func (tx *Tx) DeleteBusy(calendar string) error { return tx.remove(key("f", calendar)) }

// Calendars returns what each calendar said, by name.
func (tx *Tx) Calendars() (all []Busy, err error) {
	for b, err := range each[Busy](tx, under("f")) {
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}
