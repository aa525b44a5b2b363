package postoffice

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Manners are how one provider's servers behave where they do not do as the plain office does. The
// zero value is the plain office. They are data as far as they can be: a provider is described by one
// value, in providers.go, and whoever needs a behaviour that no field has adds the field here, and
// its few lines where the office does that thing (imap.go, labels.go, smtp.go, wire.go).
type Manners struct {
	Name string // as tests call the provider: "gmail"

	// What it says it can do.
	Before, After   string   // capabilities before and after signing in, in CAPABILITY's words; "": all that the office has
	Lacks           string   // capabilities that it has not, of those: "IDLE MOVE". Their commands are refused
	ID              string   // the name that it gives itself (RFC 2971)
	NeedsID         bool     // it opens no folder for a client that did not say ID (RFC 2971)
	Bearer          []string // the ways to sign in with a token; nil: XOAUTH2 and OAUTHBEARER
	NoPassword      bool     // nobody signs in with a password
	MostConnections int      // of one user at a time; 0: any number
	TooMany         error    // how it refuses one more

	// Its folders.
	Folders     []Folder // beside INBOX, that every new mailbox has
	Prefix      string   // of every folder but INBOX, as NAMESPACE tells: "INBOX."; its last letter parts the names of a path
	OwnUnder    string   // where alone a client can make folders: "Folders/"; "": anywhere under Prefix
	MostFolders int      // INBOX among them; 0: any number

	// Its mails.
	Labels      bool        // folders are labels: a mail is one, lies in the \All folder too, and is filed once however often it comes
	AllOfTrash  bool        // with Labels: the \All folder holds what lies in Trash and Junk as well
	Expunged    string      // with Labels: what becomes of a mail whose last label goes: "archived" (the \All folder keeps it), "trashed", "" gone
	AutoExpunge bool        // a mail is gone with the \Deleted flag, before any EXPUNGE
	Flags       []imap.Flag // the only ones it keeps, and no keywords; nil: all
	NoAppendUID int         // every so many APPENDs are answered without APPENDUID; 0: none
	Omits       int         // every so many UID FETCHes leave out the last mail that is there; 0: none
	NewMailOnly bool        // IDLE tells of new mail alone: the rest is told at the next occasion
	PlusInbox   bool        // mail to owner+Folder@ lies in INBOX; else in that folder, if there is one
	Strangers   string      // the folder for mail from people whom the user never wrote to; "": INBOX

	// What it does with mail that it is handed.
	FilesSent bool                    // it puts it into Sent itself
	NewIDs    bool                    // it gives it another Message-ID
	OldID     string                  // the field in which it keeps the former one; "": nowhere
	TellsID   bool                    // its last reply names the new one
	FromOther string                  // a From that is not the account's is "refused", "replaced", or passes ("")
	Rebuild   func(raw []byte) []byte // it takes the mail apart and writes it anew; nil: the bytes stay
	OnceIn    time.Duration           // it drops an equal mail within this time, and answers OK
	OnceKept  bool                    // it drops an APPEND of a mail that lies in the folder already, byte for byte, and answers OK

	// What it does with mail that a client puts into a folder.
	Kept       func(use imap.MailboxAttr, raw []byte) []byte // what it keeps of it in a folder of this use; nil: the bytes stay
	SendsFiled bool                                          // what is put into Sent is sent, once more

	// How it strays.
	Says    map[string][]string // by command, lines before the end of its answer; one that begins with $ is put in the place of that end, after the tag
	Items   string              // what every FETCH response bears unasked
	Mishaps []Mishap
}

// A Folder is one that new mailboxes have.
type Folder struct {
	Name   string // without the prefix
	Use    imap.MailboxAttr
	Closed bool // it is listed and cannot be opened
}

// A Mishap befalls clients every so many events of a name (see Fail).
type Mishap struct {
	Event string
	Every int
	Err   error // nil: the connection is cut
}

// plainFolders are what a mailbox has where its manners name none.
var plainFolders = []Folder{
	{Name: "Drafts", Use: imap.MailboxAttrDrafts}, {Name: "Sent", Use: imap.MailboxAttrSent}, {Name: "Archive", Use: imap.MailboxAttrArchive},
	{Name: "Junk", Use: imap.MailboxAttrJunk}, {Name: "Trash", Use: imap.MailboxAttrTrash},
}

// Provider returns the manners of a provider by name.
func Provider(name string) (Manners, bool) {
	m, ok := providers()[name]
	m.Name = name
	return m, ok
}

// Providers are the names of all that are described, in order.
func Providers() []string { return slices.Sorted(maps.Keys(providers())) }

// Can says whether it offers a capability to those who signed in.
func (m Manners) Can(capability string) bool {
	return !slices.Contains(strings.Fields(m.Lacks), capability) && (m.After == "" || slices.Contains(strings.Fields(m.After), capability))
}

// capabilities are what it says in the place of what the library's server would.
func (m *Manners) capabilities(library string, signedIn bool) string {
	words := strings.Fields(library)
	switch {
	case signedIn && m.After != "":
		words = strings.Fields(m.After)
	case !signedIn && m.Before != "":
		words = strings.Fields(m.Before)
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return slices.Contains(strings.Fields(m.Lacks), w) }), " ")
}

// delimiter parts the names of a path.
func (m *Manners) delimiter() rune {
	if m.Prefix != "" {
		return rune(m.Prefix[len(m.Prefix)-1])
	}
	return '/'
}

// keeps leaves of flags those that stay.
func (m *Manners) keeps(flags []imap.Flag) []imap.Flag {
	if m.Flags == nil {
		return flags
	}
	return slices.DeleteFunc(slices.Clone(flags), func(f imap.Flag) bool { return !slices.Contains(m.Flags, f) })
}

// mayCreate refuses a folder that the provider would not make.
func (m *Manners) mayCreate(name string, there int) error {
	under := m.Prefix + m.OwnUnder
	switch {
	case !strings.HasPrefix(name, under) || name == under:
		return no("", "Invalid mailbox name")
	case m.MostFolders > 0 && there >= m.MostFolders:
		return no("LIMIT", "No more folders can be made in this mailbox")
	}
	return nil
}

// no is an IMAP NO with a code, "" for none.
func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

// bad is an IMAP BAD.
func bad(text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeBad, Text: text}
}

// mishap is what befalls the nth event of a name; errCut for the end of the connection.
func (m *Manners) mishap(event string, nth int) error {
	for _, one := range m.Mishaps {
		if one.Event == event && nth%one.Every == 0 {
			if one.Err == nil {
				return errCut
			}
			return one.Err
		}
	}
	return nil
}

var errCut = errors.New("the connection was cut")
