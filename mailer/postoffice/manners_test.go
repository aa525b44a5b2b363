package postoffice_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"introd/mailer/postoffice"
)

const me, dana = "me@home.test", "dana@bigco.test"

// open starts a provider's office with a user of its own and one elsewhere.
func open(t *testing.T, m postoffice.Manners) *postoffice.Office {
	t.Helper()
	office, err := postoffice.Open(postoffice.Options{Manners: m})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(office.Close)
	if err := errors.Join(office.AddUser(me, "secret"), office.AddOutsider(dana, "secret")); err != nil {
		t.Fatal(err)
	}
	return office
}

func provider(t *testing.T, name string) postoffice.Manners {
	t.Helper()
	m, ok := postoffice.Provider(name)
	if !ok {
		t.Fatalf("nobody is called %s", name)
	}
	return m
}

// client signs in at the front door.
func client(t *testing.T, office *postoffice.Office) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(office.IMAPAddr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(me, "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func letter(id, from, to string) []byte {
	return fmt.Appendf(nil, "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nX-Mark: 1\r\nMessage-ID: <%s@x.test>\r\n\r\nHello.\r\n", from, to, id, id)
}

// lying counts the mails in my folders, "INBOX 1, Sent 1".
func lying(t *testing.T, office *postoffice.Office, folders ...string) string {
	t.Helper()
	var counts []string
	for _, folder := range folders {
		mails, err := office.Mails(me, folder)
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, fmt.Sprint(folder, " ", len(mails)))
	}
	return strings.Join(counts, ", ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// appended puts a mail into a folder as a client does.
func appended(c *imapclient.Client, folder string, raw []byte, flags ...imap.Flag) (*imap.AppendData, error) {
	command := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: flags})
	_, err := command.Write(raw)
	err = errors.Join(err, command.Close())
	data, waitErr := command.Wait()
	return data, errors.Join(err, waitErr)
}

// TestLabels: at Gmail a mail is one, however many folders show it.
func TestLabels(t *testing.T) {
	t.Parallel()
	office := open(t, postoffice.Manners{
		Labels: true, Expunged: "archived", AutoExpunge: true, FilesSent: true,
		Folders: []postoffice.Folder{{Name: "All", Use: imap.MailboxAttrAll}, {Name: "Sent", Use: imap.MailboxAttrSent}, {Name: "Trash", Use: imap.MailboxAttrTrash}},
	})
	all := []string{"INBOX", "Sent", "All", "Trash"}
	see := func(step, want string) {
		t.Helper()
		if have := lying(t, office, all...); have != want {
			t.Errorf("%s: %s, not %s", step, have, want)
		}
	}
	must(t, office.Submit(me, []string{me}, letter("one", me, me)))
	see("a mail to oneself", "INBOX 1, Sent 1, All 1, Trash 0")
	c := client(t, office)
	_, err := appended(c, "Sent", letter("one", me, me))
	must(t, err)
	see("its second copy in Sent", "INBOX 1, Sent 1, All 1, Trash 0")
	_, err = c.Select("INBOX", nil).Wait()
	must(t, err)
	must(t, c.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	see("deleted from INBOX", "INBOX 0, Sent 1, All 1, Trash 0")
	_, err = c.Select("Sent", nil).Wait()
	must(t, err)
	moved, err := c.Move(imap.UIDSetNum(2), "Trash").Wait()
	must(t, err)
	see("moved to the trash", "INBOX 0, Sent 0, All 0, Trash 1")
	if moved.SourceUIDs == nil || moved.DestUIDs == nil {
		t.Error("MOVE told no COPYUID")
	}
}

// TestWhatIsSaid: capabilities before and after signing in, ID, lines and items that nobody asked for.
func TestWhatIsSaid(t *testing.T) {
	t.Parallel()
	office := open(t, postoffice.Manners{Before: "IMAP4rev1 AUTH=PLAIN", After: "IMAP4rev1 ID UIDPLUS", ID: "Somebody", NeedsID: true})
	c, err := imapclient.DialInsecure(office.IMAPAddr(), nil)
	must(t, err)
	defer c.Close()
	caps, err := c.Capability().Wait()
	must(t, err)
	if caps.Has(imap.CapUIDPlus) || !caps.Has("AUTH=PLAIN") {
		t.Errorf("before signing in: %v", caps)
	}
	must(t, c.Login(me, "secret").Wait())
	if caps, err = c.Capability().Wait(); err != nil || !caps.Has(imap.CapUIDPlus) || caps.Has(imap.CapIdle) {
		t.Errorf("after signing in: %v %v", caps, err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err == nil {
		t.Error("a folder was opened for a client without a name")
	}
	if id, err := c.ID(nil).Wait(); err != nil || id.Name != "Somebody" {
		t.Errorf("ID: %v %v", id, err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Errorf("after ID: %v", err)
	}
}

// TestFolders: under a prefix, under another folder, so many and no more, and some that cannot be opened.
func TestFolders(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		manners           postoffice.Manners
		refused, accepted string
	}{
		"prefix":  {postoffice.Manners{Prefix: "INBOX."}, "mine", "INBOX.mine"},
		"folders": {postoffice.Manners{OwnUnder: "Folders/"}, "mine", "Folders/mine"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := client(t, open(t, test.manners))
			if err := c.Create(test.refused, nil).Wait(); err == nil {
				t.Errorf("%s was made", test.refused)
			}
			must(t, c.Create(test.accepted, nil).Wait())
		})
	}
	c := client(t, open(t, postoffice.Manners{MostFolders: 7, Folders: []postoffice.Folder{{Name: "Notes", Closed: true}, {Name: "2"}, {Name: "3"}, {Name: "4"}, {Name: "5"}}}))
	must(t, c.Create("7", nil).Wait())
	if err := c.Create("8", nil).Wait(); err == nil {
		t.Error("an eighth folder was made")
	}
	if _, err := c.Select("Notes", nil).Wait(); err == nil {
		t.Error("Notes was opened")
	}
}

// TestConnections: so many of one user, and those who left do not count.
func TestConnections(t *testing.T) {
	t.Parallel()
	office := open(t, postoffice.Manners{MostConnections: 2, TooMany: &imap.Error{Type: imap.StatusResponseTypeNo, Code: "ALERT", Text: "Too many"}})
	first := client(t, office)
	client(t, office)
	third, err := imapclient.DialInsecure(office.IMAPAddr(), nil)
	must(t, err)
	defer third.Close()
	if err := third.Login(me, "secret").Wait(); err == nil || !strings.Contains(err.Error(), "Too many") {
		t.Errorf("the third came in: %v", err)
	}
	must(t, first.Logout().Wait())
	<-first.Closed()
	for end := time.Now().Add(10 * time.Second); third.Login(me, "secret").Wait() != nil; {
		if time.Now().After(end) {
			t.Fatal("nobody comes in although one has left")
		}
	}
}

// TestNewMailOnly: IDLE tells of new mail, and of what else there is only then.
func TestNewMailOnly(t *testing.T) {
	t.Parallel()
	office := open(t, postoffice.Manners{NewMailOnly: true})
	must(t, office.Deliver(dana, me, letter("one", dana, me)))
	gone, more, early := make(chan struct{}, 9), make(chan struct{}, 9), make(chan struct{}, 9)
	delivered := atomic.Bool{}
	c, err := imapclient.DialInsecure(office.IMAPAddr(), &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Expunge: func(uint32) {
			if gone <- struct{}{}; !delivered.Load() {
				early <- struct{}{}
			}
		},
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				more <- struct{}{}
			}
		},
	}})
	must(t, err)
	defer c.Close()
	must(t, c.Login(me, "secret").Wait())
	_, err = c.Select("INBOX", nil).Wait()
	must(t, err)
	idle, err := c.Idle()
	must(t, err)
	other := client(t, office)
	_, err = other.Select("INBOX", nil).Wait()
	must(t, err)
	must(t, other.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	must(t, other.Expunge().Close())
	for range 2 { // the second look begins when the first is over
		looks, goOn := office.Hold("imap:IDLE:look")
		<-looks
		goOn()
	}
	delivered.Store(true)
	must(t, office.Deliver(dana, me, letter("two", dana, me)))
	<-more
	if len(early) > 0 {
		t.Error("IDLE told of a mail that is gone")
	}
	<-gone
	must(t, idle.Close())
}

// TestSubmission: what becomes of a mail that is handed in.
func TestSubmission(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		manners  postoffice.Manners
		from     string
		says     string // in the last reply
		arrives  []string
		never    []string
		sent     int
		received int
	}{
		"plain":     {from: me, arrives: []string{"<one@x.test>", "X-Mark"}, received: 2},
		"new id":    {manners: postoffice.Manners{NewIDs: true, OldID: "X-Old", TellsID: true, FilesSent: true}, from: me, says: "OK <rewritten-1@", arrives: []string{"X-Old: <one@x.test>", "Message-ID: <rewritten-1@"}, sent: 2, received: 2},
		"refused":   {manners: postoffice.Manners{FromOther: "refused"}, from: "else@home.test", says: "SendAsDenied"},
		"replaced":  {manners: postoffice.Manners{FromOther: "replaced"}, from: "else@home.test", arrives: []string{"From: <" + me + ">"}, never: []string{"else@home.test>\r\nTo"}, received: 2},
		"rebuilt":   {manners: provider(t, "proton"), from: me, arrives: []string{"<one@x.test>", "References: <bridge"}, never: []string{"X-Mark"}, sent: 1, received: 1},
		"kept once": {manners: postoffice.Manners{OnceIn: time.Minute, FilesSent: true}, from: me, sent: 1, received: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			office := open(t, test.manners)
			says := handIn(t, office, test.from) + handIn(t, office, test.from)
			if !strings.Contains(says, test.says) {
				t.Errorf("it says %q", says)
			}
			mails, err := office.Mails(dana, "INBOX")
			must(t, err)
			if len(mails) != test.received {
				t.Fatalf("%d arrived", len(mails))
			}
			for _, words := range test.arrives {
				if !strings.Contains(string(mails[0].Raw), words) {
					t.Errorf("no %q in\n%s", words, mails[0].Raw)
				}
			}
			for _, words := range test.never {
				if strings.Contains(string(mails[0].Raw), words) {
					t.Errorf("%q in\n%s", words, mails[0].Raw)
				}
			}
			if want := fmt.Sprint("Sent ", test.sent); lying(t, office, "Sent") != want {
				t.Errorf("%s, not %s", lying(t, office, "Sent"), want)
			}
		})
	}
}

// handIn submits a mail to Dana, and returns the last reply.
func handIn(t *testing.T, office *postoffice.Office, from string) string {
	t.Helper()
	c, err := smtp.Dial(office.SMTPAddr())
	must(t, err)
	defer c.Close()
	must(t, c.Auth(sasl.NewPlainClient("", me, "secret")))
	must(t, c.Mail(me, nil))
	must(t, c.Rcpt(dana, nil))
	w, err := c.Data()
	must(t, err)
	_, err = w.Write(letter("one", from, dana))
	must(t, err)
	response, err := w.CloseWithResponse()
	if err != nil {
		return err.Error()
	}
	return response.StatusText
}

// TestOnceKept: an equal mail is not kept twice, and is answered OK; one that was changed is another.
func TestOnceKept(t *testing.T) {
	t.Parallel()
	office := open(t, postoffice.Manners{OnceKept: true})
	c := client(t, office)
	first, err1 := appended(c, "Drafts", letter("one", me, dana))
	again, err2 := appended(c, "Drafts", letter("one", me, dana))
	changed, err3 := appended(c, "Drafts", append(letter("one", me, dana), "More.\r\n"...))
	if err := errors.Join(err1, err2, err3); err != nil || again.UID != first.UID || changed.UID == first.UID {
		t.Errorf("%v %v %v %v", first, again, changed, err)
	}
	if have := lying(t, office, "Drafts"); have != "Drafts 2" {
		t.Error(have)
	}
}

// TestStrays: what is left out, lost or put elsewhere.
func TestStrays(t *testing.T) {
	t.Parallel()
	lost := &imap.Error{Type: imap.StatusResponseTypeNo, Text: "lost"}
	office := open(t, postoffice.Manners{
		NoAppendUID: 2, Omits: 2, Flags: []imap.Flag{imap.FlagSeen}, Strangers: "Junk", Mishaps: []postoffice.Mishap{{Event: "imap:SEARCH", Every: 2, Err: lost}},
	})
	must(t, office.Deliver(dana, me, letter("one", dana, me)))
	must(t, office.Submit(me, []string{dana}, letter("two", me, dana)))
	must(t, office.Deliver(dana, me, letter("three", dana, me)))
	if have := lying(t, office, "INBOX", "Junk"); have != "INBOX 1, Junk 1" {
		t.Error(have)
	}
	c := client(t, office)
	with, err1 := appended(c, "Drafts", letter("four", me, dana), imap.FlagSeen, imap.FlagDraft)
	without, err2 := appended(c, "Drafts", letter("five", me, dana))
	if err := errors.Join(err1, err2); err != nil || with.UID != 1 || without.UID != 0 {
		t.Errorf("%+v %+v %v", with, without, err)
	}
	box, err := c.Select("Drafts", nil).Wait()
	must(t, err)
	if slices.Contains(box.PermanentFlags, imap.FlagWildcard) {
		t.Errorf("it keeps %v", box.PermanentFlags)
	}
	for nth, want := range []int{2, 1} {
		mails, err := c.Fetch(imap.UIDSetNum(1, 2), &imap.FetchOptions{Flags: true}).Collect()
		must(t, err)
		if len(mails) != want || !slices.Equal(mails[0].Flags, []imap.Flag{imap.FlagSeen}) {
			t.Errorf("FETCH %d: %v", nth+1, mails)
		}
	}
	_, err1 = c.UIDSearch(&imap.SearchCriteria{}, nil).Wait()
	_, err2 = c.UIDSearch(&imap.SearchCriteria{}, nil).Wait()
	if err1 != nil || err2 == nil {
		t.Errorf("SEARCH: %v, %v", err1, err2)
	}
}

// TestPutUp: what two providers make of a mail that a client puts into a folder.
func TestPutUp(t *testing.T) {
	t.Parallel()
	raw := []byte("From: <" + me + ">\r\nTo: <" + dana + ">\r\nX-Mark: 1\r\nReferences: <a@x.test>\r\n <b@x.test>\r\nMessage-ID: <one@x.test>\r\n\r\nHello.\r\n")
	for name, want := range map[string]map[string]string{
		"proton": {
			"Drafts": "From: <" + me + ">\r\nTo: <" + dana + ">\r\nMessage-ID: <one@x.test>\r\n\r\nHello.\r\n", "INBOX": string(raw),
		},
		"davmail": {
			"Sent": "From: <" + me + ">\r\nTo: <" + dana + ">\r\nReferences: <a@x.test>\r\n <b@x.test>\r\nMessage-ID: <one@x.test>\r\n\r\nHello.\r\n",
		},
	} {
		office := open(t, provider(t, name))
		c := client(t, office)
		for folder, kept := range want {
			_, err := appended(c, folder, raw)
			must(t, err)
			mails, err := office.Mails(me, folder)
			must(t, err)
			if len(mails) == 0 || string(mails[len(mails)-1].Raw) != kept {
				t.Errorf("%s, %s: %v", name, folder, mails)
			}
		}
		if sent := len(office.Submitted()); sent != map[string]int{"proton": 0, "davmail": 1}[name] {
			t.Errorf("%s sent %d mails", name, sent)
		}
	}
}
