package postoffice

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Where folders are labels, a mail is one thing that several folders show, each under a UID of its
// own. The library's server has folders that hold mails; here they are kept in step: the office knows
// of each mail in each folder which one it is.

// A place is where a mail lies.
type place struct {
	folder string
	uid    imap.UID
}

// identity is what makes a mail the same mail: its Message-ID, or its bytes, where it has none or the
// provider goes by what a mail says.
func (m *Manners) identity(raw []byte) string {
	if id := messageIDField.FindSubmatch(raw); id != nil && !m.OnceKept {
		return string(id[1])
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw))
}

// use is the user's folder for a use, "" where there is none.
func (u *user) use(use imap.MailboxAttr) string {
	for name, f := range u.folders {
		if f.Use == use {
			return name
		}
	}
	return ""
}

// inAll says whether the \All folder shows what lies in a folder.
func (u *user) inAll(folder string) bool {
	use := u.folders[folder].Use
	return use != imap.MailboxAttrAll && (u.manners.AllOfTrash || use != imap.MailboxAttrTrash && use != imap.MailboxAttrJunk)
}

// lies finds a mail in a folder; 0 where it is not.
func (u *user) lies(folder, mail string) imap.UID {
	for p, id := range u.mails {
		if p.folder == folder && id == mail {
			return p.uid
		}
	}
	return 0
}

// add puts a mail into a folder, as a client's APPEND or the server itself does.
func (f *Office) add(u *user, folder string, raw []byte, options *imap.AppendOptions) (*imap.AppendData, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	mail, m := u.manners.identity(raw), u.manners
	options.Flags = m.keeps(options.Flags)
	there := u.lies(folder, mail)
	if there != 0 && m.OnceKept {
		return &imap.AppendData{UID: there, UIDValidity: u.validity(folder)}, nil
	}
	data, err := u.Append(folder, &literal{bytes.NewReader(raw)}, options)
	if err != nil || !m.Labels {
		if err == nil {
			u.mails[place{folder, data.UID}] = mail
		}
		return data, err
	}
	if there != 0 { // it is one mail: the newer takes the older's place
		u.remove(folder, there)
	}
	u.mails[place{folder, data.UID}] = mail
	all := u.use(imap.MailboxAttrAll)
	if all == "" || !u.inAll(folder) || u.lies(all, mail) != 0 {
		return data, nil
	}
	again, err := u.Append(all, &literal{bytes.NewReader(raw)}, options)
	if err == nil {
		u.mails[place{all, again.UID}] = mail
	}
	return data, err
}

func (u *user) validity(folder string) uint32 {
	data, err := u.Status(folder, &imap.StatusOptions{UIDValidity: true})
	if err != nil {
		return 0
	}
	return data.UIDValidity
}

// remove takes a mail out of one folder, whoever has it open.
func (u *user) remove(folder string, uid imap.UID) {
	clerk := imapmemserver.NewUserSession(u.User)
	if _, err := clerk.Select(folder, nil); err != nil {
		return
	}
	defer clerk.Close()
	set := imap.UIDSetNum(uid)
	mark := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if clerk.Store(nil, set, mark, nil) == nil && clerk.Expunge(nil, &set) == nil {
		delete(u.mails, place{folder, uid})
	}
}

// deleted are the mails of the open folder that an EXPUNGE of uids (nil: all) takes away.
func (s *session) deleted(uids *imap.UIDSet) []imap.UID {
	criteria := &imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}}
	if uids != nil {
		criteria.UID = []imap.UIDSet{*uids}
	}
	found, err := s.UserSession.Search(imapserver.NumKindUID, criteria, &imap.SearchOptions{})
	if err != nil {
		return nil
	}
	nums, _ := found.All.(imap.UIDSet).Nums()
	return nums
}

// expunge takes away what is marked \Deleted. Where folders are labels, that takes a label off; what
// becomes of the mail when the last one goes is the provider's to say, or its user's.
func (s *session) expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	going := s.deleted(uids)
	if err := s.UserSession.Expunge(w, uids); err != nil {
		return err
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	for _, uid := range going {
		at := place{s.folder, uid}
		mail := s.user.mails[at]
		delete(s.user.mails, at)
		if s.user.manners.Labels && mail != "" {
			s.user.unlabelled(s.folder, mail)
		}
	}
	return nil
}

// unlabelled sees to a mail that an EXPUNGE took out of a folder.
func (u *user) unlabelled(folder, mail string) {
	all := u.use(imap.MailboxAttrAll)
	last := u.lies(all, mail)
	for p, id := range u.mails {
		if id == mail && p.folder != all {
			return // it has another label
		}
	}
	forGood := u.forGood(folder) || u.manners.AllOfTrash && u.folders[folder].Use == imap.MailboxAttrDrafts // as Bridge does
	if last == 0 || u.manners.Expunged == "archived" && u.inAll(folder) && !forGood {
		return
	}
	if u.manners.Expunged == "trashed" && !forGood {
		u.carry(place{all, last}, u.use(imap.MailboxAttrTrash), mail)
	}
	u.remove(all, last)
}

// forGood says whether an EXPUNGE in a folder deletes a mail whatever the setting.
func (u *user) forGood(folder string) bool {
	use := u.folders[folder].Use
	return use == imap.MailboxAttrTrash || use == imap.MailboxAttrJunk
}

// carry copies a mail from one folder to another.
func (u *user) carry(from place, to, mail string) {
	clerk := imapmemserver.NewUserSession(u.User)
	if _, err := clerk.Select(from.folder, nil); err != nil {
		return
	}
	defer clerk.Close()
	if data, err := clerk.Copy(imap.UIDSetNum(from.uid), to); err == nil {
		if nums, _ := data.DestUIDs.Nums(); len(nums) == 1 {
			u.mails[place{to, nums[0]}] = mail
		}
	}
}

// label is COPY: one more folder shows the mails. Trash and Junk take all other labels off.
func (s *session) label(set imap.NumSet, folder string) (*imap.CopyData, error) {
	data, err := s.UserSession.Copy(set, folder)
	if err != nil {
		return nil, err
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	u := s.user
	from, _ := data.SourceUIDs.Nums()
	to, _ := data.DestUIDs.Nums()
	for i, uid := range from {
		mail := u.mails[place{s.folder, uid}]
		if older := u.lies(folder, mail); older != 0 {
			u.remove(folder, older)
		}
		u.mails[place{folder, to[i]}] = mail
		if u.forGood(folder) {
			u.strip(mail, folder, s.folder)
		}
	}
	return data, nil
}

// strip takes all labels off a mail but those named, and that of the \All folder if it shows the trash.
func (u *user) strip(mail string, but ...string) {
	for p, id := range u.mails {
		if id == mail && !slices.Contains(but, p.folder) && !(u.manners.AllOfTrash && u.folders[p.folder].Use == imap.MailboxAttrAll) {
			u.remove(p.folder, p.uid)
		}
	}
}

// relabel is MOVE: the folder shows the mails in the place of the open one.
func (s *session) relabel(w *imapserver.MoveWriter, set imap.NumSet, folder string) error {
	data, err := s.label(set, folder)
	if err != nil {
		return err
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	if use := s.user.folders[s.folder].Use; use == imap.MailboxAttrAll && !s.user.forGood(folder) {
		return nil // every mail stays in there
	}
	from, _ := data.SourceUIDs.Nums()
	for _, uid := range from {
		s.user.remove(s.folder, uid)
	}
	return nil
}
