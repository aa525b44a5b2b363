package postoffice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
)

// session is one IMAP connection. It adds to the library's memory server: SPECIAL-USE, IDLE without
// a lost wake-up, the journal, faults, and the manners of the user's provider.
type session struct {
	*imapmemserver.UserSession
	office   *Office
	conn     *imapserver.Conn
	back     bool // it came in by the back door
	user     *user
	folder   string
	readOnly bool
	fetches  int
}

// event fails where a fault or a mishap strikes; at the back door none does.
func (s *session) event(name string) error {
	if s.back {
		return nil
	}
	return s.office.event("imap:"+name, s.conn.NetConn())
}

// Close ends the session; it is called for connections that never logged in, too.
func (s *session) Close() error {
	if s.UserSession == nil {
		return nil
	}
	if !s.back {
		s.office.mu.Lock()
		s.user.inside--
		s.office.mu.Unlock()
	}
	return s.UserSession.Close()
}

func (s *session) Login(username, password string) error {
	if err := s.event("LOGIN"); err != nil {
		return err
	}
	u, err := s.office.user(username)
	if err != nil || u.password != password || s.office.options.Manners.NoPassword && !s.back {
		return imapserver.ErrAuthFailed
	}
	return s.enter(u)
}

// enter opens a user's mailbox, if there is room for one more.
func (s *session) enter(u *user) error {
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	if most := u.manners.MostConnections; !s.back {
		if most > 0 && u.inside >= most {
			return u.manners.TooMany
		}
		u.inside++
	}
	s.user, s.UserSession = u, imapmemserver.NewUserSession(u.User)
	return nil
}

// AuthenticateMechanisms are the ways to sign in beside LOGIN.
func (s *session) AuthenticateMechanisms() []string { return s.office.mechanisms() }

// Authenticate signs in by one of them.
func (s *session) Authenticate(mechanism string) (sasl.Server, error) {
	if err := s.event("AUTHENTICATE"); err != nil {
		return nil, err
	}
	return s.office.sasl(mechanism, imapserver.ErrAuthFailed, s.enter)
}

// refuse says BAD to a command of a capability that the provider has not.
func (s *session) refuse(capability string) error {
	if s.back || s.user.manners.Can(capability) {
		return nil
	}
	return bad("Unknown command")
}

func (s *session) journal(command, detail string) {
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.user.journal = append(s.user.journal, Entry{command, s.folder, detail})
}

func (s *session) Select(folder string, options *imap.SelectOptions) (*imap.SelectData, error) {
	if err := s.event("SELECT"); err != nil {
		return nil, err
	}
	m := s.user.manners
	if w, wired := s.conn.NetConn().(*wire); wired && m.NeedsID && !w.hasIdentified() {
		return nil, no("", "SELECT Unsafe Login. Please contact the postmaster for help")
	}
	if err := s.opens(folder); err != nil {
		return nil, err
	}
	data, err := s.UserSession.Select(folder, options)
	if err != nil {
		return nil, err
	}
	if m.Flags != nil {
		data.PermanentFlags = m.Flags
	}
	s.folder, s.readOnly = folder, options != nil && options.ReadOnly
	return data, nil
}

// opens refuses a folder that is there and cannot be opened.
func (s *session) opens(folder string) error {
	if f, _ := s.office.folder(s.user, folder); f.Closed {
		return no("", "Mailbox cannot be opened")
	}
	return nil
}

func (s *session) Status(folder string, options *imap.StatusOptions) (*imap.StatusData, error) {
	if err := s.opens(folder); err != nil {
		return nil, err
	}
	return s.user.Status(folder, options)
}

func (s *session) Create(folder string, options *imap.CreateOptions) error {
	s.journal("CREATE", folder)
	if err := s.user.manners.mayCreate(folder, len(s.office.folderNames(s.user))); err != nil {
		return err
	}
	if err := s.UserSession.Create(folder, options); err != nil {
		return err
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.user.folders[folder] = Folder{Name: folder}
	return nil
}

func (s *session) Delete(folder string) error {
	s.journal("DELETE", folder)
	if err := s.UserSession.Delete(folder); err != nil {
		return err
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	delete(s.user.folders, folder)
	return nil
}

// Namespace implements imapserver.SessionNamespace.
func (s *session) Namespace() (*imap.NamespaceData, error) {
	m := s.user.manners
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Prefix: m.Prefix, Delim: m.delimiter()}}}, s.refuse("NAMESPACE")
}

// List shows the special uses, which the library's server does not know.
func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	m := s.user.manners
	for _, name := range s.office.folderNames(s.user) {
		if !slices.ContainsFunc(patterns, func(p string) bool { return imapserver.MatchList(name, m.delimiter(), ref, p) }) {
			continue
		}
		data := &imap.ListData{Mailbox: name, Delim: m.delimiter()}
		if f, _ := s.office.folder(s.user, name); f.Use != "" && m.Can("SPECIAL-USE") {
			data.Attrs = []imap.MailboxAttr{f.Use}
		}
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) Append(folder string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if err := s.event("APPEND"); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if raw, err = s.handed(folder, raw); err != nil {
		return nil, err
	}
	data, err := s.office.add(s.user, folder, raw, options)
	if err != nil {
		return nil, err
	}
	s.office.mu.Lock()
	s.user.journal = append(s.user.journal, Entry{"APPEND", folder, fmt.Sprint(data.UID)})
	s.user.appends++
	silent := !s.user.manners.Can("UIDPLUS") || s.user.manners.NoAppendUID > 0 && s.user.appends%s.user.manners.NoAppendUID == 0
	s.office.mu.Unlock()
	if err := s.event("APPEND:done"); err != nil {
		return nil, err
	}
	if silent {
		return nil, nil
	}
	return data, nil
}

// handed is what the provider makes of a mail that a client puts into a folder.
func (s *session) handed(folder string, raw []byte) ([]byte, error) {
	m := s.user.manners
	if s.back {
		return raw, nil
	}
	f, _ := s.office.folder(s.user, folder)
	if m.SendsFiled && f.Use == imap.MailboxAttrSent {
		if _, err := s.office.accept(s.user, s.user.address, recipients(raw), raw); err != nil {
			return nil, err
		}
	}
	if m.Kept != nil {
		raw = m.Kept(f.Use, raw)
	}
	return raw, nil
}

func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if err := s.event("FETCH"); err != nil {
		return err
	}
	if !s.readOnly && slices.ContainsFunc(options.BodySection, func(b *imap.FetchItemBodySection) bool { return !b.Peek }) {
		s.journal("SEEN", set.String())
	}
	if s.fetches++; !s.back && s.user.manners.Omits > 0 && s.fetches%s.user.manners.Omits == 0 {
		set = s.withoutLast(set)
	}
	return s.UserSession.Fetch(w, set, options)
}

// withoutLast leaves the last mail that is there out of a set of UIDs.
func (s *session) withoutLast(set imap.NumSet) imap.NumSet {
	uids, ok := set.(imap.UIDSet)
	if !ok {
		return set
	}
	found, err := s.UserSession.Search(imapserver.NumKindUID, &imap.SearchCriteria{UID: []imap.UIDSet{uids}}, &imap.SearchOptions{})
	if err != nil || found.Count == 0 {
		return set
	}
	nums, _ := found.All.(imap.UIDSet).Nums()
	return imap.UIDSetNum(nums[:len(nums)-1]...)
}

func (s *session) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, options *imap.SearchOptions) (*imap.SearchData, error) {
	if err := s.event("SEARCH"); err != nil {
		return nil, err
	}
	return s.UserSession.Search(kind, criteria, options)
}

func (s *session) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions) error {
	if err := s.event("STORE"); err != nil {
		return err
	}
	s.journal("STORE", set.String()+" "+fmt.Sprint(flags.Flags))
	kept := *flags
	kept.Flags = s.user.manners.keeps(flags.Flags)
	if err := s.UserSession.Store(w, set, &kept, options); err != nil {
		return err
	}
	if uids, ok := set.(imap.UIDSet); ok && s.user.manners.AutoExpunge && flags.Op == imap.StoreFlagsAdd && slices.Contains(flags.Flags, imap.FlagDeleted) {
		return s.expunge(nil, &uids)
	}
	return nil
}

func (s *session) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if err := s.event("EXPUNGE"); err != nil {
		return err
	}
	detail := "all"
	if uids != nil {
		if err := s.refuse("UIDPLUS"); err != nil {
			return err
		}
		detail = uids.String()
	}
	s.journal("EXPUNGE", detail)
	if err := s.expunge(w, uids); err != nil {
		return err
	}
	return s.event("EXPUNGE:done")
}

// Move implements imapserver.SessionMove.
func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, folder string) error {
	if err := s.event("MOVE"); err != nil {
		return err
	}
	if err := s.refuse("MOVE"); err != nil {
		return err
	}
	s.journal("MOVE", set.String()+" "+folder)
	if s.user.manners.Labels {
		return s.relabel(w, set, folder)
	}
	return s.UserSession.Move(w, set, folder)
}

func (s *session) Copy(set imap.NumSet, folder string) (*imap.CopyData, error) {
	s.journal("COPY", set.String()+" "+folder)
	if s.user.manners.Labels {
		return s.label(set, folder)
	}
	return s.UserSession.Copy(set, folder)
}

// idlePoll is how often a waiting session looks for news: the library's own IDLE loses what came
// just before it.
const idlePoll = 20 * time.Millisecond

func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if err := s.event("IDLE"); err != nil {
		return err
	}
	if err := s.refuse("IDLE"); err != nil {
		return err
	}
	ticker := time.NewTicker(idlePoll)
	defer ticker.Stop()
	for told := s.next(); ; {
		if err := s.event("IDLE:look"); err != nil {
			return err
		}
		if next := s.next(); !s.user.manners.NewMailOnly || next != told {
			if err := s.Poll(w, true); err != nil {
				return err
			}
			told = next
		}
		select {
		case <-stop:
			return nil
		case <-ticker.C:
		}
	}
}

// next is the UID that the next mail in the open folder will have.
func (s *session) next() imap.UID {
	data, err := s.user.Status(s.folder, &imap.StatusOptions{UIDNext: true})
	if err != nil {
		return 0
	}
	return data.UIDNext
}

// folderNames are the folders of a user, sorted. The library's server tells them only to a client.
func (f *Office) folderNames(u *user) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(u.folders))
}

// folder is one of a user's folders.
func (f *Office) folder(u *user, name string) (Folder, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	folder, there := u.folders[name]
	return folder, there
}

// client signs in as a user over the office's own IMAP, for Mails and the like.
func (f *Office) client(address string) (*imapclient.Client, error) {
	u, err := f.user(address)
	if err != nil {
		return nil, err
	}
	c, err := imapclient.DialInsecure(f.BackAddr(), nil)
	if err != nil {
		return nil, err
	}
	if err := c.Login(address, u.password).Wait(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Mails returns the messages of a user's folder.
func (f *Office) Mails(address, folder string) ([]Mail, error) {
	c, err := f.client(address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	data, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || data.NumMessages == 0 {
		return nil, err
	}
	var set imap.SeqSet
	set.AddRange(1, data.NumMessages)
	messages, err := c.Fetch(set, &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		return nil, err
	}
	var mails []Mail
	for _, m := range messages {
		mail := Mail{UID: uint32(m.UID)}
		for _, flag := range m.Flags {
			mail.Flags = append(mail.Flags, string(flag))
		}
		for _, section := range m.BodySection {
			mail.Raw = section.Bytes
		}
		mails = append(mails, mail)
	}
	return mails, nil
}

// put appends a message to a user's folder as the server itself does.
func (f *Office) put(u *user, folder string, raw []byte, flags ...imap.Flag) error {
	_, err := f.add(u, folder, raw, &imap.AppendOptions{Time: f.options.Now(), Flags: flags})
	return err
}

// literal is bytes with a known length.
type literal struct{ *bytes.Reader }

func (l *literal) Size() int64 { return l.Reader.Size() }

// Renumber gives folders of a user's, or all of them, a new UIDVALIDITY: the same mails, under other UIDs.
func (f *Office) Renumber(address string, folders ...string) error {
	u, err := f.user(address)
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		folders = f.folderNames(u)
	}
	for _, folder := range folders {
		mails, err := f.Mails(address, folder)
		if f, _ := f.folder(u, folder); err != nil && f.Closed {
			continue
		}
		if err := errors.Join(err, f.renumber(u, folder, mails)); err != nil {
			return err
		}
	}
	return nil
}

func (f *Office) renumber(u *user, folder string, mails []Mail) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := errors.Join(u.Delete(folder), u.Create(folder, nil)); err != nil {
		return err
	}
	maps.DeleteFunc(u.mails, func(p place, _ string) bool { return p.folder == folder })
	for i, m := range mails {
		options := &imap.AppendOptions{Time: f.options.Now()}
		for _, flag := range m.Flags {
			options.Flags = append(options.Flags, imap.Flag(flag))
		}
		if i == 0 { // the numbers begin elsewhere
			if _, err := u.Append(folder, &literal{bytes.NewReader(m.Raw)}, options); err != nil {
				return err
			}
			u.remove(folder, 1)
		}
		data, err := u.Append(folder, &literal{bytes.NewReader(m.Raw)}, options)
		if err != nil {
			return err
		}
		u.mails[place{folder, data.UID}] = u.manners.identity(m.Raw)
	}
	return nil
}
