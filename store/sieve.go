package store

import (
	"bytes"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/ristretto/v2/z"
)

// A Sieve tells fast which words cannot be known: a reading of a whole mailbox asks about several
// words of each mail, and nearly none of them is of any concern. What was stored after it was made
// it does not know. It holds some 15 bits for each address and Message-ID of the store.
type Sieve struct{ words *z.Bloom }

// sieveErrs is the share of unknown words that a sieve lets pass all the same.
const sieveErrs = 0.001

// Sieve makes one of all addresses of people, their mail domains as "@domain", and the Message-IDs
// of their mails and of introd's own objects.
func (tx *Tx) Sieve() (*Sieve, error) {
	var hashes []uint64
	for _, kind := range []string{"a", "m", "x"} {
		if err := tx.scan(under(kind), under(kind), false, func(rest string, _ *badger.Item) (bool, error) {
			hashes = append(hashes, z.MemHashString(rest))
			return true, nil
		}); err != nil {
			return nil, err
		}
	}
	if err := tx.scan(under("D"), under("D"), false, func(rest string, _ *badger.Item) (bool, error) {
		domain, _, _ := bytes.Cut([]byte(rest), []byte{0})
		hashes = append(hashes, z.MemHash(append([]byte("@"), domain...)))
		return true, nil
	}); err != nil {
		return nil, err
	}
	s := &Sieve{z.NewBloomFilter(float64(max(len(hashes), 1)), sieveErrs)}
	for _, h := range hashes {
		s.words.Add(h)
	}
	return s, nil
}

// MayKnow says false of a word that is certainly not known, and hardly ever true of such a one.
func (s *Sieve) MayKnow(word []byte) bool { return s.words.Has(z.MemHash(word)) }
