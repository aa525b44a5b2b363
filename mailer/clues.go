package mailer

import "bytes"

// A Clue is what a word of a header may tell of whom a mail concerns.
type Clue int

// The clues there are.
const (
	ClueAddress Clue = 1 << iota // of From, Sender, Reply-To, To, Cc or Bcc; lower case
	ClueID                       // of In-Reply-To or References, without angle brackets
	ClueReport                   // the mail is a delivery report (RFC 6522); no word
)

// Clues hands over, in one pass and without a copy, every word of the header that can link it to a
// person. It is a sieve for the first scan: it takes for an address whatever looks like one, also in
// a display name, so that what it lets fall is certainly of no concern; what it catches is to be
// read with care. A word is good until yield returns; yield returns false to end.
func (h Header) Clues(yield func(Clue, []byte) bool) {
	for rest := h.Raw; len(rest) > 0; {
		var field []byte
		if field, rest = nextField(rest); len(field) == 0 {
			return
		}
		colon := bytes.IndexByte(field, ':')
		if colon < 0 {
			continue
		}
		value, more := field[colon+1:], true
		switch clue := clueOf(bytes.TrimRight(field[:colon], " \t")); clue {
		case ClueAddress, ClueID:
			more = eachWord(value, clue, yield)
		case ClueReport:
			if value = bytes.TrimSpace(value); len(value) >= len(report) && bytes.EqualFold(value[:len(report)], []byte(report)) {
				more = yield(ClueReport, nil)
			}
		}
		if !more {
			return
		}
	}
}

const report = "multipart/report"

// clueOf tells what the field of a name bears. The length of the name decides nearly everything.
func clueOf(name []byte) Clue {
	for _, known := range clueFields {
		if len(name) == len(known.name) && bytes.EqualFold(name, []byte(known.name)) {
			return known.clue
		}
	}
	return 0
}

var clueFields = [...]struct {
	name string
	clue Clue
}{
	{"From", ClueAddress}, {"To", ClueAddress}, {"Cc", ClueAddress}, {"Sender", ClueAddress}, {"Reply-To", ClueAddress}, {"Bcc", ClueAddress},
	{"In-Reply-To", ClueID}, {"References", ClueID}, {"Content-Type", ClueReport},
}

// eachWord hands over the words around each "@".
func eachWord(value []byte, clue Clue, yield func(Clue, []byte) bool) bool {
	for {
		at := bytes.IndexByte(value, '@')
		if at < 0 {
			return true
		}
		from, to := at, at+1
		for from > 0 && ends[value[from-1]]&clue == 0 {
			from--
		}
		for to < len(value) && ends[value[to]]&clue == 0 {
			to++
		}
		word := value[from:to]
		if from == at && clue == ClueAddress {
			word = unquoted(value[:at], value[at:to])
		}
		if word[0] != '@' && to > at+1 {
			if clue == ClueAddress {
				word = lowered(word)
			}
			if !yield(clue, word) {
				return false
			}
		}
		value = value[to:]
	}
}

// unquoted is an address whose local part stands in quotes, as in "first.last"@x.test; else domain alone.
func unquoted(before, domain []byte) []byte {
	if inner, ok := bytes.CutSuffix(before, []byte(`"`)); ok {
		if open := bytes.LastIndexByte(inner, '"'); open >= 0 && open+1 < len(inner) {
			return append(bytes.Clone(inner[open+1:]), domain...)
		}
	}
	return domain
}

// ends marks the bytes that end a word: those that an unquoted address does not hold, and, for a
// Message-ID, which many programs fill with anything, those that cannot stand in it at all.
var ends = [256]Clue{
	' ': ClueAddress | ClueID, '\t': ClueAddress | ClueID, '\r': ClueAddress | ClueID, '\n': ClueAddress | ClueID,
	'<': ClueAddress | ClueID, '>': ClueAddress | ClueID, ',': ClueAddress, ';': ClueAddress, ':': ClueAddress,
	'(': ClueAddress, ')': ClueAddress, '"': ClueAddress, '\'': ClueAddress, '@': ClueAddress,
}

// lowered copies only what has capitals.
func lowered(word []byte) []byte {
	for _, c := range word {
		if 'A' <= c && c <= 'Z' || c > 127 {
			return bytes.ToLower(word)
		}
	}
	return word
}
