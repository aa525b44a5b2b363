package mailer_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"introd/mailer"
	"introd/mailer/postoffice"
)

const me = "me@home.test"

// office opens a post office with one mailbox, and the account that reaches it.
func office(t *testing.T, o postoffice.Options) (*postoffice.Office, mailer.Account) {
	t.Helper()
	f, err := postoffice.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	for _, address := range []string{me, "dana@x.test", "lee@x.test"} {
		if err := f.AddUser(address, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	a := sound().account(t) // for its password and limits
	a.Address, a.IMAP, a.SMTP = me, serverAt(t, f.IMAPAddr()), serverAt(t, f.SMTPAddr())
	return f, a
}

func serverAt(t *testing.T, address string) mailer.Server {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return mailer.Server{Host: host, Port: n, TLS: "none", User: me}
}

func dial(t *testing.T, a mailer.Account) *mailer.Session {
	t.Helper()
	s, err := mailer.Dial(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

const ownID = "own@home.test"

// own is a mail of introd's own.
func own(text string) []byte {
	return []byte("Message-ID: <" + ownID + ">\r\nFrom: introd <" + me + ">\r\nSubject: Send this?\r\n\r\n" + text + "\r\n")
}

// put puts a mail of introd's own up, and returns what Remove wants to know of it.
func put(t *testing.T, a mailer.Account, folder string) (p mailer.Placement, sum string) {
	t.Helper()
	raw := own("text")
	s := dial(t, a)
	p, err := s.Append(folder, raw, []string{`\Draft`, `\Seen`}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if p.UID == 0 { // no UIDPLUS
		box, err := s.Examine(folder)
		if err != nil {
			t.Fatal(err)
		}
		uids, err := s.FindID(ownID)
		if err != nil || len(uids) != 1 {
			t.Fatal(uids, err)
		}
		p.UID, p.UIDValidity = uids[0], box.UIDValidity
	}
	return p, fmt.Sprintf("%x", sha256.Sum256(raw))
}

// ownersDeleted puts a mail of the owner's into a folder that they marked as deleted: an EXPUNGE
// without UIDs would take it away.
func ownersDeleted(t *testing.T, a mailer.Account, folder string) {
	t.Helper()
	c, err := imapclient.DialInsecure(net.JoinHostPort(a.IMAP.Host, strconv.Itoa(a.IMAP.Port)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(me, "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	raw := []byte("Message-ID: <theirs@home.test>\r\nSubject: mine\r\n\r\nmine\r\n")
	command := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagDeleted}})
	if _, err := command.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := command.Wait(); err != nil {
		t.Fatal(err)
	}
}

// lying tells what lies in a folder: the subjects with the flags that count.
func lying(t *testing.T, f *postoffice.Office, folder string) string {
	t.Helper()
	mails, err := f.Mails(me, folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range mails {
		word := mailer.ParseHeader(m.Raw).Get("Subject")
		for _, flag := range m.Flags {
			if strings.EqualFold(flag, `\Deleted`) {
				word += " (deleted)"
			}
		}
		all = append(all, word)
	}
	return strings.Join(all, ", ")
}

// TestP4_RemoveOwn: introd's own mail goes, and the owner's stays, also one that they marked as deleted.
func TestP4_RemoveOwn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lacks         string
		err           error
		drafts, trash string
		forbidden     string // command
	}{
		"UIDPLUS":  {drafts: "mine (deleted)", forbidden: "MOVE"},
		"MOVE":     {lacks: "UIDPLUS", drafts: "mine (deleted)", trash: "Send this?", forbidden: "EXPUNGE"},
		"neither":  {lacks: "UIDPLUS MOVE", err: mailer.ErrCannotRemove, drafts: "mine (deleted), Send this?", forbidden: "STORE"},
		"no MOVE":  {lacks: "MOVE", drafts: "mine (deleted)", forbidden: "MOVE"},
		"by names": {lacks: "UIDPLUS SPECIAL-USE", drafts: "mine (deleted)", trash: "Send this?", forbidden: "EXPUNGE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, a := office(t, postoffice.Options{Manners: postoffice.Manners{Lacks: test.lacks}})
			ownersDeleted(t, a, "Drafts")
			p, sum := put(t, a, "Drafts")
			if err := dial(t, a).Remove(p, ownID, sum); !errors.Is(err, test.err) {
				t.Fatalf("got %v, want %v", err, test.err)
			}
			if got := lying(t, f, "Drafts"); got != test.drafts {
				t.Errorf("Drafts holds %q, want %q", got, test.drafts)
			}
			if got := lying(t, f, "Trash"); got != test.trash {
				t.Errorf("Trash holds %q, want %q", got, test.trash)
			}
			for _, e := range f.Journal(me) {
				if e.Command == test.forbidden || e.Command == "EXPUNGE" && e.Detail == "all" || e.Command == "COPY" {
					t.Errorf("introd said %v", e)
				}
			}
		})
	}
}

// TestRemoveLabels: where folders are labels, what is expunged would stay in the folder of all mail, so
// introd's own mail goes to the trash; its owner may hide that, and then it is taken out as it can be.
func TestRemoveLabels(t *testing.T) {
	t.Parallel()
	gmail, _ := postoffice.Provider("gmail")
	hidden := gmail
	hidden.Folders = slices.DeleteFunc(slices.Clone(gmail.Folders), func(f postoffice.Folder) bool { return f.Use == imap.MailboxAttrTrash })
	proton, _ := postoffice.Provider("proton")
	for name, test := range map[string]struct {
		manners                 postoffice.Manners
		drafts, all, trash, lie string
	}{
		"Gmail":             {gmail, "[Gmail]/Entwürfe", "[Gmail]/Alle Nachrichten", "[Gmail]/Papierkorb", ""},
		"Gmail, no trash":   {hidden, "[Gmail]/Entwürfe", "[Gmail]/Alle Nachrichten", "", "Send this?"}, // its own setting archives
		"Proton's All Mail": {proton, "Drafts", "All Mail", "Trash", "Send this?"},                      // shows the trash too
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, a := office(t, postoffice.Options{Manners: test.manners})
			p, sum := put(t, a, test.drafts)
			if err := dial(t, a).Remove(p, ownID, sum); err != nil {
				t.Fatal(err)
			}
			if got := lying(t, f, test.drafts); got != "" {
				t.Errorf("%s holds %q", test.drafts, got)
			}
			if got := lying(t, f, test.all); got != test.lie {
				t.Errorf("%s holds %q, not %q", test.all, got, test.lie)
			}
			if test.trash != "" && lying(t, f, test.trash) != "Send this?" {
				t.Errorf("%s holds %q", test.trash, lying(t, f, test.trash))
			}
			if err := dial(t, a).Remove(p, ownID, sum); !errors.Is(err, mailer.ErrVanished) {
				t.Errorf("once more: %v", err)
			}
		})
	}
}

// TestCreateOwn: introd's own folders are made where the server has folders made.
func TestCreateOwn(t *testing.T) {
	t.Parallel()
	for provider, want := range map[string]string{"gmail": "introd-send-1", "hoster": "INBOX.introd-send-1", "proton": "Folders/introd-send-1"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			m, _ := postoffice.Provider(provider)
			_, a := office(t, postoffice.Options{Manners: m})
			for range 2 { // one that is there is no error
				if name, err := dial(t, a).CreateOwn("introd-send-1"); err != nil || name != want {
					t.Errorf("%q %v, not %q", name, err, want)
				}
			}
		})
	}
	_, a := office(t, postoffice.Options{Manners: postoffice.Manners{MostFolders: 6}})
	if _, err := dial(t, a).CreateOwn("introd-send-1"); !errors.Is(err, mailer.ErrMostFolders) {
		t.Errorf("in a full mailbox: %v", err)
	}
}

// TestP4_RemoveProves: one thing that does not fit, and nothing at all is touched.
func TestP4_RemoveProves(t *testing.T) {
	t.Parallel()
	f, a := office(t, postoffice.Options{})
	ownersDeleted(t, a, "Drafts")
	p, sum := put(t, a, "Drafts")
	before, held := len(f.Journal(me)), lying(t, f, "Drafts")
	other := fmt.Sprintf("%x", sha256.Sum256(own("other text")))
	for name, test := range map[string]struct {
		p       mailer.Placement
		id, sum string
		err     error
	}{
		"another Message-ID":  {p, "theirs@home.test", sum, mailer.ErrChanged},
		"other bytes":         {p, ownID, other, mailer.ErrChanged},
		"no bytes known":      {p, ownID, "", mailer.ErrChanged},
		"the owner's mail":    {mailer.Placement{Folder: p.Folder, UIDValidity: p.UIDValidity, UID: p.UID - 1}, ownID, sum, mailer.ErrChanged},
		"another UIDVALIDITY": {mailer.Placement{Folder: p.Folder, UIDValidity: p.UIDValidity + 1, UID: p.UID}, ownID, sum, mailer.ErrChanged},
		"no such UID":         {mailer.Placement{Folder: p.Folder, UIDValidity: p.UIDValidity, UID: p.UID + 7}, ownID, sum, mailer.ErrVanished},
		"no such folder":      {mailer.Placement{Folder: "Entwürfe", UIDValidity: p.UIDValidity, UID: p.UID}, ownID, sum, mailer.ErrVanished},
		"no UID":              {mailer.Placement{Folder: p.Folder, UIDValidity: p.UIDValidity}, ownID, sum, mailer.ErrCannotRemove},
	} {
		if err := dial(t, a).Remove(test.p, test.id, test.sum); !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", name, err, test.err)
		}
	}
	if got := lying(t, f, "Drafts"); got != held {
		t.Errorf("Drafts held %q and holds %q", held, got)
	}
	if after := f.Journal(me)[before:]; len(after) > 0 {
		t.Errorf("introd changed %v", after)
	}
}

// TestRemoveRefused: a server that offers a way and then refuses it lets the mail lie as it was.
func TestRemoveRefused(t *testing.T) {
	t.Parallel()
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(mailbox[5])))
	place := mailer.Placement{Folder: "INBOX", UIDValidity: 7, UID: 5}
	for name, test := range map[string]struct {
		caps    string
		answers map[string]string
		err     error
		said    string // must have been said
	}{
		"EXPUNGE, then MOVE":      {"UIDPLUS MOVE", map[string]string{"UID EXPUNGE": "$ BAD unknown command"}, nil, "UID MOVE 5"},
		"EXPUNGE, no MOVE":        {"UIDPLUS", map[string]string{"UID EXPUNGE": "$ NO"}, mailer.ErrCannotRemove, `UID STORE 5 -FLAGS.SILENT (\Deleted)`},
		"STORE":                   {"UIDPLUS", map[string]string{"UID STORE": "$ NO [NOPERM] not allowed"}, mailer.ErrCannotRemove, ""},
		"MOVE":                    {"MOVE", map[string]string{"UID MOVE": "$ NO [TRYCREATE] no such folder"}, mailer.ErrCannotRemove, ""},
		"gone before the EXPUNGE": {"UIDPLUS", map[string]string{"UID EXPUNGE": "$ OK nothing to do"}, mailer.ErrVanished, ""},
		"gone before the MOVE":    {"MOVE", map[string]string{"UID MOVE": "$ OK nothing to do"}, mailer.ErrVanished, ""},
		"MOVE says it by COPYUID": {"MOVE", map[string]string{"UID MOVE": "* OK [COPYUID 7 5 1] moved\n$ OK"}, nil, ""},
		"MOVE says it by EXPUNGE": {"MOVE", map[string]string{"UID MOVE": "* 1 EXPUNGE\n$ OK"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sound()
			s.answers["CAPABILITY"] = []string{"* CAPABILITY IMAP4rev1 SPECIAL-USE " + test.caps + "\n$ OK"}
			for command, answer := range test.answers {
				s.answers[command] = []string{answer}
			}
			if err := s.dial(t).Remove(place, "five@x.test", sum); !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			found := test.said == ""
			for _, line := range s.heard() {
				found = found || strings.HasPrefix(line, test.said)
				if strings.HasPrefix(line, "EXPUNGE") || strings.HasPrefix(line, "UID COPY") || strings.HasPrefix(line, "CLOSE") ||
					!strings.Contains(test.caps, "MOVE") && strings.HasPrefix(line, "UID MOVE") {
					t.Errorf("said %q", line)
				}
			}
			if !found {
				t.Errorf("never said %q, but %q", test.said, s.heard())
			}
		})
	}
	for _, no := range []string{
		"[UNAVAILABLE] Request is throttled. Suggested Backoff Time: 1000 milliseconds", "[INUSE] Timeout while waiting for lock",
	} {
		s := sound()
		s.answers["UID EXPUNGE"] = []string{"$ NO " + no}
		session := s.dial(t)
		if err := session.Remove(place, "five@x.test", sum); err == nil || errors.Is(err, mailer.ErrCannotRemove) || len(session.Refused()) > 0 {
			t.Errorf("what is so just now: %v, refused %v", err, session.Refused())
		}
	}
}

// TestAppend: what the answer means, and that a mail is never taken for put up when it is not.
func TestAppend(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		folder, answer string
		uid            uint32
		err            error
		fails          bool
	}{
		"APPENDUID":             {"Sent", "+ go\nREAD\n$ OK [APPENDUID 7 10] done", 10, nil, false},
		"no APPENDUID":          {"Sent", "+ go\nREAD\n$ OK done", 0, nil, false},
		"a lie in APPENDUID":    {"Sent", "+ go\nREAD\n$ OK [APPENDUID 0 0] done", 0, nil, false},
		"no text":               {"Sent", "+ go\nREAD\n$ OK", 0, nil, false},
		"EXISTS beside it":      {"Sent", "+ go\nREAD\n* 4 EXISTS\n* 1 RECENT\n$ OK done", 0, nil, false},
		"full, before":          {"Sent", "$ NO [OVERQUOTA] Quota exceeded", 0, mailer.ErrFull, true},
		"full, after":           {"Sent", "+ go\nREAD\n$ NO Mailbox is full", 0, mailer.ErrFull, true},
		"refused":               {"Sent", "$ NO [TRYCREATE] no such folder", 0, nil, true},
		"refused, after":        {"Sent", "+ go\nREAD\n$ NO internal error", 0, nil, true},
		"cut before the mail":   {"Sent", "CUT", 0, mailer.ErrDown, true},
		"cut after the mail":    {"Sent", "+ go\nREAD\nCUT", 0, mailer.ErrDown, true},
		"no such folder":        {"Gone", "", 0, mailer.ErrNoFolder, true},
		"a folder like another": {"Sen*", "", 0, mailer.ErrNoFolder, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sound()
			s.answers["APPEND"] = []string{test.answer}
			session := s.dial(t)
			p, err := session.Append(test.folder, own("text"), []string{`\Seen`}, time.Now())
			if test.fails == (err == nil) || test.err != nil && !errors.Is(err, test.err) || p.UID != test.uid {
				t.Errorf("got %+v, %v", p, err)
			}
			if err == nil {
				if _, _, err := visit(session); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			}
		})
	}
}

// TestAppendOnOffice: bytes, flags and place are the server's own.
func TestAppendOnOffice(t *testing.T) {
	t.Parallel()
	for _, o := range []postoffice.Options{{}, {Manners: postoffice.Manners{Lacks: "UIDPLUS"}}} {
		f, a := office(t, o)
		put(t, a, "Drafts")
		mails, err := f.Mails(me, "Drafts")
		if err != nil || len(mails) != 1 || string(mails[0].Raw) != string(own("text")) {
			t.Fatal(mails, err)
		}
		if flags := strings.ToLower(strings.Join(mails[0].Flags, " ")); !strings.Contains(flags, `\draft`) || !strings.Contains(flags, `\seen`) {
			t.Errorf("flags %s", flags)
		}
		f.Fill(true)
		if _, err := dial(t, a).Append("Drafts", own("text"), nil, time.Now()); !errors.Is(err, mailer.ErrFull) {
			t.Errorf("a full mailbox: %v", err)
		}
	}
}
