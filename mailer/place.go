package mailer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// A Placement is where one of introd's own mails lies. UID 0: the server did not say (no APPENDUID).
type Placement struct {
	Folder           string
	UIDValidity, UID uint32
}

// What Remove and Move find wrong. In each case nothing was touched.
var (
	ErrVanished     = errors.New("the mail is not there any more")
	ErrChanged      = errors.New("the mail was changed")
	ErrCannotRemove = errors.New("this server can remove no single mail (neither UIDPLUS nor MOVE): it stays where it is")
	ErrCannotMove   = errors.New("this server moves no mail (no MOVE)")
)

// What keeps Append from putting a mail up. Nothing was put up then.
var (
	ErrFull     = errors.New("your mailbox is full: make room in it, and introd goes on by itself")
	ErrNoFolder = errors.New("this folder is not in your mailbox")
	// ErrMostFolders is of Create.
	ErrMostFolders = errors.New("your provider allows no more folders: delete one that you do not need, in the trash as well, and try again")
)

// Append puts a mail into a folder. After an error other than ErrNoFolder the session is dead: the
// library cannot go on after an APPEND that was refused halfway. Unless the error is ErrFull, the
// mail may be there or not.
func (s *Session) Append(folder string, raw []byte, flags []string, at time.Time) (Placement, error) {
	if err := s.mustExist(folder); err != nil {
		return Placement{}, err
	}
	options := &imap.AppendOptions{Time: at}
	for _, f := range flags {
		options.Flags = append(options.Flags, imap.Flag(f))
	}
	defer s.asking()()
	command := s.client.Append(folder, int64(len(raw)), options)
	_, err := command.Write(raw)
	err = errors.Join(err, command.Close())
	data, waitErr := command.Wait()
	if waitErr != nil {
		err = waitErr
	}
	if err != nil {
		s.conn.Close()
		delete(s.known, folder)
		return Placement{}, s.failed("putting a mail into "+folder, appendError(err))
	}
	placed := Placement{Folder: folder}
	if data.UID != 0 {
		placed.UID, placed.UIDValidity = uint32(data.UID), data.UIDValidity
	}
	return placed, nil
}

func appendError(err error) error {
	var no *imap.Error
	if !errors.As(err, &no) {
		return err
	}
	text := strings.ToLower(no.Text)
	if no.Code == imap.ResponseCodeOverQuota || strings.Contains(text, "quota") || strings.Contains(text, "mailbox is full") {
		return fmt.Errorf("%w (%w)", ErrFull, err)
	}
	return err
}

// mustExist asks for a folder before the first APPEND to it: the refusal of an APPEND ends the connection.
func (s *Session) mustExist(folder string) error {
	if s.known[folder] || strings.EqualFold(folder, "INBOX") {
		return nil
	}
	defer s.asking()()
	list, err := s.client.List("", folder, nil).Collect()
	if err != nil {
		return s.failed("looking for folder "+folder, err)
	}
	for _, data := range list { // % and * in a name are wildcards here
		s.known[data.Mailbox] = s.known[data.Mailbox] || opens(data)
	}
	if !s.known[folder] {
		return fmt.Errorf("%w: %s", ErrNoFolder, folder)
	}
	return nil
}

// Remove takes one of introd's own mails out of the mailbox. It proves first that the mail at this
// UID and UIDVALIDITY bears the Message-ID and the bytes that introd knows (sum is their SHA-256 in
// hex); then it expunges that one UID, or moves it to the trash where the server has no UIDPLUS, or
// where folders are labels. It returns nil only if the server says that this command took the mail away: a mail that the owner
// has taken in the meantime has vanished. The library's Move is used only where the server has
// MOVE: its substitute loses mail.
func (s *Session) Remove(p Placement, messageID, sum string) error {
	if p.UID == 0 {
		return fmt.Errorf("%w: where it lies in %s is not known", ErrCannotRemove, p.Folder)
	}
	if err := s.open(p); err != nil {
		return err
	}
	if err := s.prove(p.UID, messageID, sum); err != nil {
		return err
	}
	for _, way := range s.removals() {
		if !*way.offered {
			continue
		}
		err := way.take(p)
		if errors.Is(err, ErrCannotRemove) {
			continue // there is no trash
		}
		if !refused(err) || busy(err.Error()) {
			return err
		}
		s.latch(way.name, way.offered, err)
	}
	return ErrCannotRemove
}

// A removal is a way to take a mail out of a mailbox.
type removal struct {
	name    imap.Cap
	offered *bool
	take    func(Placement) error
}

// removals are the ways to remove, the better first.
func (s *Session) removals() []removal {
	expunge, trash := removal{imap.CapUIDPlus, &s.caps.UIDPlus, s.expunge}, removal{imap.CapMove, &s.caps.Move, s.moveToTrash}
	if s.caps.Labels {
		return []removal{trash, expunge}
	}
	return []removal{expunge, trash}
}

// Move moves one of introd's own mails to another folder, proved as by Remove. UID is 0 in what it
// returns where the server does not say where the mail lies now (no COPYUID). ErrCannotMove says that
// the server has no MOVE, or refuses it; the mail lies where it lay.
func (s *Session) Move(p Placement, to, messageID, sum string) (Placement, error) {
	if !s.caps.Move {
		return p, ErrCannotMove
	}
	if err := s.open(p); err != nil {
		return p, err
	}
	if err := s.prove(p.UID, messageID, sum); err != nil {
		return p, err
	}
	moved, err := s.move(p, to)
	if refused(err) && !busy(err.Error()) {
		s.latch(imap.CapMove, &s.caps.Move, err)
		return p, fmt.Errorf("%w (%w)", ErrCannotMove, err)
	}
	if err != nil {
		return p, err
	}
	placed := Placement{Folder: to}
	if set, ok := moved.DestUIDs.(imap.UIDSet); ok {
		if nums, ok := set.Nums(); ok && len(nums) == 1 {
			placed.UID, placed.UIDValidity = uint32(nums[0]), moved.UIDValidity
		}
	}
	return placed, nil
}

// open SELECTs the folder of a placement.
func (s *Session) open(p Placement) error {
	defer s.asking()()
	data, err := s.client.Select(p.Folder, nil).Wait()
	var no *imap.Error
	if errors.As(err, &no) && no.Code == imap.ResponseCodeNonExistent {
		return fmt.Errorf("%w: nor is folder %s", ErrVanished, p.Folder)
	}
	if err != nil {
		return s.failed("opening folder "+p.Folder, err)
	}
	s.folder = p.Folder
	if data.UIDValidity != p.UIDValidity {
		return fmt.Errorf("%w: folder %s was renumbered", ErrChanged, p.Folder)
	}
	return nil
}

func (s *Session) expunge(p Placement) error {
	defer s.asking()()
	before := s.expunged.Load() // Gmail takes a mail away when it is marked
	set := imap.UIDSetNum(imap.UID(p.UID))
	mark := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.client.Store(set, mark, nil).Close(); err != nil {
		return s.failed("removing a mail from "+p.Folder, err)
	}
	gone, err := s.client.UIDExpunge(set).Collect()
	if err != nil {
		if refused(err) { // it stays, and so as it was
			mark.Op = imap.StoreFlagsDel
			_ = s.client.Store(set, mark, nil).Close()
		}
		return s.failed("removing a mail from "+p.Folder, err)
	}
	if len(gone) == 0 && s.expunged.Load() == before {
		return ErrVanished
	}
	return nil
}

func (s *Session) moveToTrash(p Placement) error {
	trash, err := s.trash()
	if err != nil {
		return err
	}
	_, err = s.move(p, trash)
	return err
}

// move is the server's own MOVE (RFC 6851) of a mail of the open folder.
func (s *Session) move(p Placement, to string) (*imapclient.MoveData, error) {
	defer s.asking()()
	before := s.expunged.Load()
	moved, err := s.client.Move(imap.UIDSetNum(imap.UID(p.UID)), to).Wait()
	if err != nil {
		return nil, s.failed("moving a mail to "+to, err)
	}
	if moved.SourceUIDs == nil && s.expunged.Load() == before { // neither COPYUID nor EXPUNGE (RFC 6851 §3.3)
		return nil, ErrVanished
	}
	return moved, nil
}

// prove checks that the message at uid is the one that is meant, byte for byte.
func (s *Session) prove(uid uint32, messageID, sum string) error {
	found := false
	err := s.Fetch([]uint32{uid}, mostProof, func(f Fetched) error {
		if found = true; f.Err != nil {
			return f.Err
		}
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
