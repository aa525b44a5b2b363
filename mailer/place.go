package mailer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// A Placement is where one of introd's own mails lies. UID 0: the server did not say (no APPENDUID).
type Placement struct {
	Folder           string
	UIDValidity, UID uint32
}

// What Remove finds wrong. In each case nothing was touched.
var (
	ErrVanished     = errors.New("the mail is not there any more")
	ErrChanged      = errors.New("the mail was changed")
	ErrCannotRemove = errors.New("this server can remove no single mail (neither UIDPLUS nor MOVE): it stays where it is")
)

// Append puts a mail into a folder. After an error the session is dead, and the mail may be there or not.
func (s *Session) Append(folder string, raw []byte, flags []string, at time.Time) (Placement, error) {
	options := &imap.AppendOptions{Time: at}
	for _, f := range flags {
		options.Flags = append(options.Flags, imap.Flag(f))
	}
	command := s.client.Append(folder, int64(len(raw)), options)
	_, err := command.Write(raw)
	err = errors.Join(err, command.Close())
	data, waitErr := command.Wait()
	if err := errors.Join(waitErr, err); err != nil {
		var no *imap.Error
		if errors.As(err, &no) && no.Code == imap.ResponseCodeOverQuota {
			return Placement{}, fmt.Errorf("your mailbox is full: make room in it, and introd goes on by itself (%w)", err)
		}
		return Placement{}, err
	}
	placed := Placement{Folder: folder}
	if data != nil && data.UID != 0 {
		placed.UID, placed.UIDValidity = uint32(data.UID), data.UIDValidity
	}
	return placed, nil
}

// Remove takes one of introd's own mails out of the mailbox. It proves first that the mail at this
// UID and UIDVALIDITY bears the Message-ID and the bytes that introd knows; then it expunges that one
// UID, or moves it to the trash where the server has no UIDPLUS. The library's Move is used only
// where the server has MOVE: its substitute loses mail.
func (s *Session) Remove(p Placement, messageID, sum string) error {
	data, err := s.client.Select(p.Folder, nil).Wait()
	if err != nil {
		var no *imap.Error
		if errors.As(err, &no) && no.Code == imap.ResponseCodeNonExistent {
			return ErrVanished
		}
		return fmt.Errorf("opening folder %s: %w", p.Folder, err)
	}
	s.folder = p.Folder
	if data.UIDValidity != p.UIDValidity {
		return fmt.Errorf("%w: the folder was renumbered", ErrChanged)
	}
	if err := s.prove(p.UID, messageID, sum); err != nil {
		return err
	}
	set := uidSet([]uint32{p.UID})
	switch {
	case s.caps.UIDPlus:
		store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		if err := s.client.Store(set, store, nil).Close(); err != nil {
			return fmt.Errorf("removing a mail from %s: %w", p.Folder, err)
		}
		if err := s.client.UIDExpunge(set).Close(); err != nil {
			return fmt.Errorf("removing a mail from %s: %w", p.Folder, err)
		}
		return nil
	case s.caps.Move:
		trash, err := s.trash()
		if err != nil {
			return err
		}
		if _, err := s.client.Move(set, trash).Wait(); err != nil {
			return fmt.Errorf("moving a mail to %s: %w", trash, err)
		}
		return nil
	}
	return ErrCannotRemove
}

// prove checks that the message at uid is the one that is meant, byte for byte.
func (s *Session) prove(uid uint32, messageID, sum string) error {
	found := false
	err := s.Fetch([]uint32{uid}, mostProof, func(f Fetched) error {
		found = true
		digest := sha256.Sum256(f.Raw)
		if ParseHeader(f.Raw).Get("Message-ID") != "<"+messageID+">" || hex.EncodeToString(digest[:]) != sum {
			return ErrChanged
		}
		return nil
	})
	if err == nil && !found {
		return ErrVanished
	}
	return err
}

// mostProof is the size of the largest mail of introd's own.
const mostProof = 4 << 20

func (s *Session) trash() (string, error) {
	folders, err := s.Folders()
	if err != nil {
		return "", err
	}
	for _, f := range folders {
		if f.Role == RoleTrash {
			return f.Name, nil
		}
	}
	return "", ErrCannotRemove
}
