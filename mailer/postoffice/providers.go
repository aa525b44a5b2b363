package postoffice

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"
)

// providers are the manners of real providers, by the research of 2026 that the README names. What is
// unknown of one is as in the plain office.
func providers() map[string]Manners {
	return map[string]Manners{
		"gmail": gmail(), "exchange": exchange(), "hoster": hoster(),
	}
}

// gmail has labels under localised names. An EXPUNGE archives, as its settings are when nobody changed them.
func gmail() Manners {
	return Manners{
		Before:  "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER",
		After:   "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584",
		Folders: gmailFolders(), Labels: true, Expunged: "archived", AutoExpunge: true, NewMailOnly: true, PlusInbox: true,
		FilesSent: true, FromOther: "replaced",
		MostConnections: 15, TooMany: no("ALERT", "Too many simultaneous connections. (Failure)"),
		Says: map[string][]string{
			"SELECT":    {`* FLAGS (\Answered \Flagged \Draft \Deleted \Seen $NotPhishing a]b)`, "* OK [HIGHESTMODSEQ 20171]"},
			"EXAMINE":   {`* FLAGS (\Answered \Flagged \Draft \Deleted \Seen $NotPhishing a]b)`, "* OK [HIGHESTMODSEQ 20171]"},
			"UID STORE": {"$ OK [THROTTLED] Success"},
		},
	}
}

func gmailFolders() []Folder {
	return []Folder{
		{Name: "[Gmail]/Alle Nachrichten", Use: imap.MailboxAttrAll}, {Name: "[Gmail]/Entwürfe", Use: imap.MailboxAttrDrafts},
		{Name: "[Gmail]/Gesendet", Use: imap.MailboxAttrSent}, {Name: "[Gmail]/Papierkorb", Use: imap.MailboxAttrTrash}, {Name: "[Gmail]/Spam", Use: imap.MailboxAttrJunk},
		{Name: "[Gmail]/Markiert", Use: imap.MailboxAttrFlagged}, {Name: "[Gmail]/Wichtig", Use: imap.MailboxAttrImportant},
	}
}

// systemFlags are all that a server without keywords keeps.
var systemFlags = []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}

// exchange is Outlook.com and Microsoft 365, in French.
func exchange() Manners {
	const backoff = "Request is throttled. Suggested Backoff Time: 9000 milliseconds"
	return Manners{
		Before: "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
		After:  "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
		Folders: []Folder{
			{Name: "Archive", Use: imap.MailboxAttrArchive}, {Name: "Boîte d'envoi"}, {Name: "Brouillons", Use: imap.MailboxAttrDrafts}, {Name: "Contacts"},
			{Name: "Courrier indésirable", Use: imap.MailboxAttrJunk}, {Name: "Éléments envoyés", Use: imap.MailboxAttrSent},
			{Name: "Éléments supprimés", Use: imap.MailboxAttrTrash}, {Name: "Historique des conversations"},
		},
		Flags: systemFlags, NoAppendUID: 3, Omits: 5, PlusInbox: true,
		FilesSent: true, NewIDs: true, OldID: "X-Microsoft-Original-Message-ID", TellsID: true, FromOther: "refused",
		MostConnections: 16, TooMany: no("", "Maximum number of connections from user exceeded"),
		Mishaps: []Mishap{
			{"imap:SEARCH", 7, no("", backoff)}, {"imap:SELECT", 50, bad("User is authenticated but not connected.")},
			{"smtp:DATA", 3, &smtp.SMTPError{Code: 432, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Concurrent connections limit exceeded"}},
		},
	}
}

// hoster is a small one with an old Courier: everything under INBOX., and none of the extensions.
func hoster() Manners {
	const modseq = "* OK [HIGHESTMODSEQ 1] Highest"
	return Manners{
		Before: "IMAP4rev1 CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT SORT QUOTA",
		After:  "IMAP4rev1 CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT SORT QUOTA",
		Prefix: "INBOX.",
		Folders: []Folder{
			{Name: "Drafts", Use: imap.MailboxAttrDrafts}, {Name: "Sent", Use: imap.MailboxAttrSent}, {Name: "Trash", Use: imap.MailboxAttrTrash},
			{Name: "spam", Use: imap.MailboxAttrJunk},
		},
		MostConnections: 4, TooMany: no("", "Login failed: too many connections"),
		Says: map[string][]string{"SELECT": {modseq}, "EXAMINE": {modseq}},
	}
}
