package mailer

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// headerFields are what linking needs of a mail, and nothing else: the server's work grows with each.
// SENDER, REPLY-TO and BCC make ENVELOPE superfluous.
const headerFields = "Message-ID In-Reply-To References From Sender Reply-To To Cc Bcc Subject Content-Type"

// headerBatch is about how many messages one FETCH of headers covers.
const headerBatch = 5000

// mostHeader bounds the header of one mail.
const mostHeader = 256 << 10

// Headers hands over the header fields of the messages of the open folder from UID first on, in the
// order in which the server tells them: of about most messages, 0 for all. next is the UID to go on
// from. A Header's Raw is good until fn returns. Memory does not grow with the folder. An error of
// fn's ends it and leaves the session well; when the connection breaks the error is a *BrokenError.
// fields are the ones to ask for; none are those that link a mail to a person.
func (s *Session) Headers(first uint32, box Box, most int, fn func(Header) error, fields ...string) (next uint32, err error) {
	if most == 0 {
		most = math.MaxInt
	}
	w := &walk{first: max(first, 1), end: box.UIDNext, step: min(headerBatch, most), left: most}
	w.width = uint32(w.step)
	asked := cmp.Or(strings.Join(fields, " "), headerFields)
	f := &fetching{session: s, items: "(UID BODY.PEEK[HEADER.FIELDS (" + asked + ")])", most: mostHeader, reuse: true, next: w.next, came: w.step}
	f.hand = func(m Fetched) error {
		w.left--
		return fn(Header{UID: m.UID, Raw: m.Raw, Err: m.Err})
	}
	err = f.run()
	return max(w.first, f.top+1), err
}

// A walk goes from first to below end, in steps that grow where UIDs are far apart. end 0 is not known.
type walk struct {
	first, end uint32
	step       int // messages that an answer should have
	width      uint32
	left       int // messages until it ends
	done       bool
}

// next is the next step; came is how many messages the last answer had.
func (w *walk) next(came int) []span {
	if w.done || w.left <= 0 || w.end != 0 && w.first >= w.end {
		return nil
	}
	if w.end == 0 {
		w.done = true
		return []span{{w.first, 0}}
	}
	if came < w.step/4 {
		w.width = min(w.width*2, math.MaxInt32)
	} else if came > w.step {
		w.width = max(w.width/2, uint32(w.step))
	}
	s := span{w.first, w.end - 1}
	if w.end-w.first > w.width {
		s.last = w.first + w.width - 1
	}
	w.done = s.last == w.end-1
	w.first = s.last + 1
	return []span{s}
}

// fetchBatch is how many UIDs one FETCH of whole mails names: servers bound the length of a command.
const fetchBatch = 200

// Fetch hands over whole messages of the open folder, each up to most bytes, by BODY.PEEK. UIDs that
// are gone are passed over. A message that the server cannot give comes with its Err.
func (s *Session) Fetch(uids []uint32, most int64, fn func(Fetched) error) error {
	f := &fetching{session: s, items: "(UID INTERNALDATE BODY.PEEK[])", most: most, exact: true, hand: fn,
		next: func(int) []span {
			batch := uids[:min(fetchBatch, len(uids))]
			uids = uids[len(batch):]
			return spans(batch)
		},
	}
	return f.run()
}

// spans joins neighbours. UID 0 is no UID.
func spans(uids []uint32) (joined []span) {
	for _, uid := range uids {
		switch last := len(joined) - 1; {
		case uid == 0:
		case last >= 0 && joined[last].last+1 == uid:
			joined[last].last = uid
		default:
			joined = append(joined, span{uid, uid})
		}
	}
	return joined
}

// UIDs returns the UIDs of all messages of the open folder.
func (s *Session) UIDs() ([]uint32, error) { return s.search(&imap.SearchCriteria{}) }

// FindID returns the messages of the open folder with this Message-ID.
func (s *Session) FindID(messageID string) ([]uint32, error) {
	return s.search(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: messageID}}})
}

// FindAddress returns the messages of the open folder that come from or go to an address.
func (s *Session) FindAddress(address string) ([]uint32, error) {
	field := func(key string) imap.SearchCriteria {
		return imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: key, Value: address}}}
	}
	return s.search(&imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{field("From"), {Or: [][2]imap.SearchCriteria{{field("To"), field("Cc")}}}}}})
}

func (s *Session) search(criteria *imap.SearchCriteria) ([]uint32, error) {
	defer s.asking()()
	data, err := s.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, s.failed("searching "+s.folder, err)
	}
	set, ok := data.All.(imap.UIDSet)
	if !ok {
		return nil, nil
	}
	nums, ok := set.Nums() // a server's "* SEARCH 0" has none; AllUIDs would panic on it
	if !ok {
		return nil, fmt.Errorf("searching %s: the server answered with an endless range", s.folder)
	}
	uids := make([]uint32, 0, len(nums))
	for _, n := range nums {
		uids = append(uids, uint32(n))
	}
	return uids, nil
}
