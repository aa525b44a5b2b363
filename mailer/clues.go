package mailer

import "bytes"

// A Clue is what a word of a header may tell of whom a mail concerns.
type Clue int

// The clues there are. A sender's address is both ClueAddress and ClueFrom.
const (
	ClueAddress Clue = 1 << iota // of From, Sender, Reply-To, To, Cc or Bcc; lower case; "@domain" where the rest is odd
	ClueID                       // of In-Reply-To or References, without angle brackets
	ClueReport                   // the mail is a delivery report (RFC 6522); no word
	ClueFrom                     // of From
)

// Clues hands over, in one pass and nearly without a copy, every word of the header that can link it
// to a person. It is a sieve for the first scan: it takes for an address whatever looks like one, also
// in a display name, so that what it lets fall is certainly of no concern; what it catches is to be
// read with care. A word is good until yield returns; yield returns false to end.
func (h Header) Clues(yield func(Clue, []byte) bool) {
	for name, value := range h.Fields {
		more := true
		switch clue := clueOf(name); {
		case clue&ClueAddress != 0:
			more = eachAddress(value, clue, yield)
		case clue == ClueID:
			more = eachID(value, yield)
		case clue == ClueReport:
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
	{"From", ClueAddress | ClueFrom}, {"To", ClueAddress}, {"Cc", ClueAddress}, {"Sender", ClueAddress}, {"Reply-To", ClueAddress}, {"Bcc", ClueAddress},
	{"In-Reply-To", ClueID}, {"References", ClueID}, {"Content-Type", ClueReport},
}

// eachAddress hands over the words around each "@".
func eachAddress(value []byte, clue Clue, yield func(Clue, []byte) bool) bool {
	for {
		at := bytes.IndexByte(value, '@')
		if at < 0 {
			return true
		}
		from, to := at, at+1
		for from > 0 && !ends[value[from-1]] {
			from--
		}
		for to < len(value) && !ends[value[to]] {
			to++
		}
		word := value[from:to]
		if from == at {
			word = unquoted(value[:at], word)
		}
		// Quotes and odd blanks around an address are none of it; an apostrophe within it is.
		if word = bytes.Trim(bytes.TrimSpace(word), "'"); len(word) > 1 && !yield(clue, lowered(word)) {
			return false
		}
		value = value[to:]
	}
}

// eachID hands over what stands in angle brackets; of a value without any, the words with an "@".
func eachID(value []byte, yield func(Clue, []byte) bool) bool {
	bracketed := false
	for rest := value; ; {
		open := bytes.IndexByte(rest, '<')
		if open < 0 {
			break
		}
		end := bytes.IndexByte(rest[open:], '>')
		if end < 0 {
			break
		}
		id := rest[open+1 : open+end]
		if bytes.ContainsAny(id, blanks) || !isASCII(id) {
			id = bytes.Join(bytes.Fields(id), nil) // folded in its middle
		}
		if len(id) > 0 {
			if bracketed = true; !yield(ClueID, id) {
				return false
			}
		}
		rest = rest[open+end+1:]
	}
	if bracketed || bytes.IndexByte(value, '@') < 0 {
		return true
	}
	for word := range bytes.FieldsSeq(value) {
		if word = bytes.Trim(word, "<>,;"); bytes.IndexByte(word, '@') >= 0 && !yield(ClueID, word) {
			return false
		}
	}
	return true
}

const blanks = " \t\r\n\v\f"

func isASCII(word []byte) bool {
	for _, c := range word {
		if c > 127 {
			return false
		}
	}
	return true
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

// ends marks the bytes that end a word: those that an unquoted address does not hold.
var ends = [256]bool{
	' ': true, '\t': true, '\r': true, '\n': true, '\v': true, '\f': true, '<': true, '>': true, ',': true, ';': true, ':': true,
	'(': true, ')': true, '"': true, '@': true,
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
