package store

// SetSchema lets a test pretend that a newer introd wrote the folder.
func SetSchema(tx *Tx, n int) error { return tx.put(key("v"), n) }

// Pointers are the kinds of keys whose value is no JSON.
const Pointers = pointers
