package mailer

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// headerFields are what linking needs of a mail. SENDER, REPLY-TO and BCC make ENVELOPE superfluous.
var headerFields = []string{
	"Message-ID", "In-Reply-To", "References", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Content-Type",
	"X-Microsoft-Original-Message-ID",
}

// headerBatch is how many messages one FETCH of headers covers. The server answers the next batch
// while this one is handed over.
const headerBatch = 2000

// Headers hands over the header fields of every message of the open folder from UID first on, in
// the order in which the server tells them. Its memory does not grow with the folder.
func (s *Session) Headers(first uint32, box Box, fn func(Header) error) error {
	section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: headerFields, Peek: true}
	options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
	for start := first; start < max(box.UIDNext, first+1); start += headerBatch {
		var set imap.UIDSet
		if box.UIDNext == 0 { // a server that does not say where it ends
			set.AddRange(imap.UID(start), 0)
		} else {
			set.AddRange(imap.UID(start), imap.UID(min(start+headerBatch, box.UIDNext)-1))
		}
		if err := s.fetch(set, options, mostHeader, func(f Fetched) error { return fn(Header{UID: f.UID, Raw: f.Raw}) }); err != nil {
			return err
		}
		if box.UIDNext == 0 {
			return nil
		}
	}
	return nil
}

// mostHeader bounds the header of one mail.
const mostHeader = 256 << 10

// A Fetched is one message as the server has it.
type Fetched struct {
	UID          uint32
	InternalDate time.Time // never compared with the clock of this machine
	Raw          []byte
}

// Fetch hands over whole messages of the open folder, each up to most bytes, by BODY.PEEK. UIDs that
// are gone are passed over.
func (s *Session) Fetch(uids []uint32, most int64, fn func(Fetched) error) error {
	if len(uids) == 0 {
		return nil // an empty set would end the connection
	}
	section := &imap.FetchItemBodySection{Peek: true}
	options := &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}}
	return s.fetch(uidSet(uids), options, most, fn)
}

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}

func (s *Session) fetch(set imap.UIDSet, options *imap.FetchOptions, most int64, fn func(Fetched) error) error {
	command := s.client.Fetch(set, options)
	var failed error
	for message := command.Next(); message != nil; message = command.Next() {
		f, err := readFetched(message, most)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if failed == nil && f.UID != 0 && f.Raw != nil {
			failed = fn(f)
		}
	}
	if err := command.Close(); err != nil {
		return fmt.Errorf("reading mail in %s: %w", s.folder, err)
	}
	return failed
}

func readFetched(message *imapclient.FetchMessageData, most int64) (f Fetched, err error) {
	for item := message.Next(); item != nil; item = message.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			f.UID = uint32(item.UID)
		case imapclient.FetchItemDataInternalDate:
			f.InternalDate = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			if f.Raw, err = io.ReadAll(io.LimitReader(item.Literal, most)); err != nil {
				return f, err
			}
			if _, err := io.Copy(io.Discard, item.Literal); err != nil {
				return f, err
			}
		}
	}
	return f, nil
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
	data, err := s.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("searching %s: %w", s.folder, err)
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
