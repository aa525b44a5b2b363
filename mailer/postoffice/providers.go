package postoffice

import (
	"bytes"
	"regexp"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"
)

// providers are the manners of real providers, by the research of 2026 that the README names. What is
// unknown of one is as in the plain office.
func providers() map[string]Manners {
	return map[string]Manners{
		"gmail": gmail(), "exchange": exchange(), "icloud": icloud(), "yahoo": yahoo(), "fastmail": fastmail(), "proton": proton(),
		"gmx": gmx(), "yandex": yandex(), "qq": qq(), "163": netease(), "hoster": hoster(), "davmail": davmail(), "zoho": zoho(), "odd": odd(),
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
		Before: "IMAP4rev1 AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
		After:  "IMAP4rev1 AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
		Folders: []Folder{
			{Name: "Archive", Use: imap.MailboxAttrArchive}, {Name: "Boîte d'envoi"}, {Name: "Brouillons", Use: imap.MailboxAttrDrafts}, {Name: "Contacts"},
			{Name: "Courrier indésirable", Use: imap.MailboxAttrJunk}, {Name: "Éléments envoyés", Use: imap.MailboxAttrSent},
			{Name: "Éléments supprimés", Use: imap.MailboxAttrTrash}, {Name: "Historique des conversations"},
		},
		Bearer: []string{"XOAUTH2"}, NoPassword: true,
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

// icloud loses an APPEND now and then, and lists folders of its Notes program that nobody can open.
func icloud() Manners {
	return Manners{
		Before: "XAPPLEPUSHSERVICE IMAP4 IMAP4rev1 SASL-IR AUTH=ATOKEN AUTH=PLAIN",
		After:  "XAPPLEPUSHSERVICE IMAP4 IMAP4rev1 SASL-IR CONDSTORE ENABLE QRESYNC IDLE LIST-STATUS UIDPLUS UNSELECT ID NAMESPACE",
		Folders: []Folder{
			{Name: "Archive", Use: imap.MailboxAttrArchive}, {Name: "Deleted Messages", Use: imap.MailboxAttrTrash}, {Name: "Drafts", Use: imap.MailboxAttrDrafts},
			{Name: "Junk", Use: imap.MailboxAttrJunk}, {Name: "Notes", Closed: true}, {Name: "Sent Messages", Use: imap.MailboxAttrSent},
		},
		PlusInbox: true,
		Mishaps:   []Mishap{{"imap:APPEND", 3, no("", "APPEND failed")}},
	}
}

// yahoo is closely counted.
func yahoo() Manners {
	modseq := []string{"* OK [HIGHESTMODSEQ 7]", "* OK [XYMHIGHESTMODSEQ 7]"}
	return Manners{
		Before: "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS LITERAL+ CHILDREN X-MSG-EXT UNSELECT OBJECTID",
		After:  "IMAP4rev1 ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS LITERAL+ CHILDREN X-MSG-EXT UNSELECT OBJECTID",
		Folders: []Folder{
			{Name: "Archive", Use: imap.MailboxAttrArchive}, {Name: "Bulk", Use: imap.MailboxAttrJunk}, {Name: "Draft", Use: imap.MailboxAttrDrafts},
			{Name: "Sent", Use: imap.MailboxAttrSent}, {Name: "Trash", Use: imap.MailboxAttrTrash},
		},
		PlusInbox: true, FromOther: "refused",
		MostConnections: 5, TooMany: no("LIMIT", "LOGIN Rate limit hit."),
		Says:    map[string][]string{"SELECT": modseq, "EXAMINE": modseq},
		Mishaps: []Mishap{{"imap:LOGIN", 9, no("LIMIT", "LOGIN Rate limit hit.")}},
	}
}

// fastmail does all by the book, and delivers owner+Folder@ into that folder.
func fastmail() Manners {
	modseq := []string{"* OK [HIGHESTMODSEQ 41093] Ok", "* OK [MAILBOXID (9045e6b6-7b1c)] Ok"}
	return Manners{
		Before: "IMAP4rev1 LITERAL+ ID ENABLE AUTH=PLAIN SASL-IR",
		After: "IMAP4rev1 LITERAL+ ID ENABLE ACL ANNOTATE-EXPERIMENT-1 BINARY CATENATE CHILDREN CONDSTORE ESEARCH ESORT LIST-EXTENDED LIST-STATUS MOVE NAMESPACE OBJECTID " +
			"PREVIEW QRESYNC QUOTA RIGHTS=kxten SAVEDATE SEARCH=FUZZY SORT SPECIAL-USE STATUS=SIZE THREAD=REFERENCES UIDPLUS UNSELECT WITHIN IDLE",
		Folders: []Folder{
			{Name: "Archive", Use: imap.MailboxAttrArchive}, {Name: "Drafts", Use: imap.MailboxAttrDrafts}, {Name: "Sent", Use: imap.MailboxAttrSent},
			{Name: "Spam", Use: imap.MailboxAttrJunk}, {Name: "Trash", Use: imap.MailboxAttrTrash},
		},
		FromOther: "refused",
		Says:      map[string][]string{"SELECT": modseq, "EXAMINE": modseq},
	}
}

// proton is its Bridge: it takes mails apart, and drops what it takes for a repetition.
func proton() Manners {
	const caps = "IMAP4rev1 ID IDLE MOVE UIDPLUS UNSELECT"
	return Manners{
		Before: caps + " AUTH=PLAIN", After: caps, ID: "Proton Mail Bridge",
		Folders: []Folder{
			{Name: "All Mail", Use: imap.MailboxAttrAll}, {Name: "Archive", Use: imap.MailboxAttrArchive}, {Name: "Drafts", Use: imap.MailboxAttrDrafts},
			{Name: "Folders", Closed: true}, {Name: "Labels", Closed: true}, {Name: "Sent", Use: imap.MailboxAttrSent}, {Name: "Spam", Use: imap.MailboxAttrJunk},
			{Name: "Starred", Use: imap.MailboxAttrFlagged}, {Name: "Trash", Use: imap.MailboxAttrTrash},
		},
		OwnUnder: "Folders/", Labels: true, AllOfTrash: true, Expunged: "archived", Flags: []imap.Flag{imap.FlagSeen, imap.FlagFlagged, imap.FlagDeleted}, PlusInbox: true,
		FilesSent: true, FromOther: "refused", Rebuild: rebuilt, OnceIn: 90 * time.Second, OnceKept: true, Kept: unthreaded,
	}
}

// Of a mail that it sends, Bridge keeps and writes anew some fields; it adds a Message-ID of its own to the References. Of a
// draft it keeps fewer.
var (
	sentFields  = regexp.MustCompile(`(?i)^(?:From|To|Cc|Bcc|Reply-To|Subject|Date|Message-ID|References|MIME-Version|Content-[a-z-]+):`)
	draftFields = regexp.MustCompile(`(?i)^(?:From|To|Cc|Bcc|Subject|Date|Message-ID|MIME-Version|Content-[a-z-]+):`)
)

// only leaves of a mail's header the fields that a pattern knows.
func only(fields *regexp.Regexp, raw []byte) (header, body []byte) {
	all, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	kept := false
	for line := range bytes.Lines(append(slices.Clip(all), "\r\n"...)) {
		if folded := line[0] == ' ' || line[0] == '\t'; !folded {
			kept = fields.Match(line)
		}
		if kept {
			header = append(header, line...)
		}
	}
	return header, body
}

// rebuilt is what Bridge makes of a mail that it sends.
func rebuilt(raw []byte) []byte {
	const references = "References: <bridge-1@protonmail.internalid>\r\n"
	header, body := only(sentFields, raw)
	if before, after, found := bytes.Cut(header, []byte("\nReferences:")); found {
		header = slices.Concat(before, []byte("\n"+references), after)
	} else {
		header = append(header, references...)
	}
	return slices.Concat(header, []byte("X-Pm-Internal-Id: bridge-1\r\n\r\n"), body)
}

// unthreaded is what Bridge makes of a draft: it forgets what the draft answers.
func unthreaded(use imap.MailboxAttr, raw []byte) []byte {
	if use != imap.MailboxAttrDrafts {
		return raw
	}
	header, body := only(draftFields, raw)
	return slices.Concat(header, []byte("\r\n"), body)
}

// davmail stands between a mail program and an Exchange that lets no foreign program in. It drops the fields that
// Exchange does not know, and one report says that it sends what is put into Sent.
func davmail() Manners {
	m := exchange()
	const caps = "IMAP4REV1 AUTH=LOGIN IDLE MOVE SPECIAL-USE UIDPLUS"
	return Manners{
		Before: caps, After: caps, Flags: m.Flags, PlusInbox: true,
		Folders: []Folder{
			{Name: "Drafts", Use: imap.MailboxAttrDrafts}, {Name: "Junk", Use: imap.MailboxAttrJunk}, {Name: "Sent", Use: imap.MailboxAttrSent},
			{Name: "Trash", Use: imap.MailboxAttrTrash}, {Name: "Archive", Use: imap.MailboxAttrArchive},
		},
		FilesSent: true, NewIDs: true, OldID: m.OldID, FromOther: m.FromOther, SendsFiled: true,
		Kept: func(_ imap.MailboxAttr, raw []byte) []byte {
			header, body := only(exchangeFields, raw)
			return slices.Concat(header, []byte("\r\n"), body)
		},
	}
}

var exchangeFields = regexp.MustCompile(`(?i)^(?:From|Sender|To|Cc|Bcc|Reply-To|Subject|Date|Message-ID|In-Reply-To|References|MIME-Version|Content-[a-z-]+):`)

// gmx is GMX and Web.de.
func gmx() Manners {
	return Manners{
		Before: "IMAP4rev1 CHILDREN ID IDLE LIST-EXTENDED LIST-STATUS LITERAL- MOVE NAMESPACE SASL-IR AUTH=PLAIN UIDPLUS UNSELECT",
		After:  "IMAP4rev1 CHILDREN ID IDLE LIST-EXTENDED LIST-STATUS LITERAL- MOVE NAMESPACE UIDPLUS UNSELECT",
		Folders: []Folder{
			{Name: "Entwürfe", Use: imap.MailboxAttrDrafts}, {Name: "Gesendet", Use: imap.MailboxAttrSent}, {Name: "OUTBOX"},
			{Name: "Papierkorb", Use: imap.MailboxAttrTrash}, {Name: "Spamverdacht", Use: imap.MailboxAttrJunk}, {Name: "Unbekannt"},
		},
		MostFolders: 20, Strangers: "Unbekannt", PlusInbox: true, FromOther: "refused",
	}
}

// yandex hangs up when it likes.
func yandex() Manners {
	const caps = "IMAP4rev1 CHILDREN UNSELECT LITERAL+ NAMESPACE XLIST UIDPLUS ENABLE ID IDLE MOVE"
	return Manners{
		Before: caps + " AUTH=PLAIN AUTH=XOAUTH2", After: caps,
		Folders: []Folder{
			{Name: "Исходящие"}, {Name: "Отправленные", Use: imap.MailboxAttrSent}, {Name: "Спам", Use: imap.MailboxAttrJunk},
			{Name: "Удаленные", Use: imap.MailboxAttrTrash}, {Name: "Черновики", Use: imap.MailboxAttrDrafts},
		},
		PlusInbox: true, FromOther: "refused",
		Mishaps: []Mishap{{"imap:FETCH", 11, nil}, {"imap:IDLE", 2, nil}, {"imap:SELECT", 80, nil}},
	}
}

// qq gives every mail another Message-ID, files it so in Sent, and keeps no word of the former one.
func qq() Manners {
	const caps = "IMAP4 IMAP4rev1 XLIST MOVE IDLE XAPPLEPUSHSERVICE NAMESPACE CHILDREN ID UIDPLUS"
	return Manners{
		Before: "IMAP4 IMAP4rev1 ID AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 NAMESPACE", After: caps,
		Folders: []Folder{
			{Name: "Sent Messages", Use: imap.MailboxAttrSent}, {Name: "Drafts", Use: imap.MailboxAttrDrafts},
			{Name: "Deleted Messages", Use: imap.MailboxAttrTrash}, {Name: "Junk", Use: imap.MailboxAttrJunk}, {Name: "其他文件夹", Closed: true},
		},
		PlusInbox: true, FilesSent: true, NewIDs: true, FromOther: "refused",
	}
}

// netease is 163 and 126.
func netease() Manners {
	const caps = "IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ STARTTLS APPENDLIMIT=71680000 XAPPLEPUSHSERVICE UIDPLUS X-CM-EXT-1"
	return Manners{
		Before: caps + " SASL-IR AUTH=XOAUTH2", After: caps,
		NeedsID: true,
		Folders: []Folder{
			{Name: "草稿箱", Use: imap.MailboxAttrDrafts}, {Name: "已发送", Use: imap.MailboxAttrSent}, {Name: "已删除", Use: imap.MailboxAttrTrash},
			{Name: "垃圾邮件", Use: imap.MailboxAttrJunk}, {Name: "病毒文件夹"}, {Name: "广告邮件"}, {Name: "订阅邮件"},
		},
		PlusInbox: true, FromOther: "refused",
	}
}

// zoho files what it sends, and sends in nobody else's name.
func zoho() Manners {
	const caps = "IMAP4rev1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH LIST-EXTENDED LIST-STATUS WITHIN LITERAL- APPENDLIMIT=52428800"
	return Manners{
		Before: caps, After: caps,
		Folders: []Folder{
			{Name: "Drafts", Use: imap.MailboxAttrDrafts}, {Name: "Templates"}, {Name: "Snoozed"}, {Name: "Sent", Use: imap.MailboxAttrSent},
			{Name: "Spam", Use: imap.MailboxAttrJunk}, {Name: "Trash", Use: imap.MailboxAttrTrash}, {Name: "Notification"}, {Name: "Newsletter"},
		},
		PlusInbox: true, FilesSent: true, FromOther: "refused",
	}
}

// odd is no provider: it says everywhere what real servers say somewhere, and a library may die of.
func odd() Manners {
	opening := []string{
		"", `* FLAGS (\Seen [Gmail] a]b $Phishing)`, `* OK [PERMANENTFLAGS (\Seen a]b \*)] Flags`, "* VANISHED (EARLIER) 1:4", "* OK [HIGHESTMODSEQ 99999999999999999999] x",
		"* OK [UNSEEN 0] x", "* OK [ALERT half a code", "* BAD internal", "* OK [ALERT] your quota [90%] is near",
	}
	return Manners{
		Items: `X-GM-LABELS ("\\Inbox" a]b "c (d") INTERNALDATE "00-Jan-0000 00:00:00 GMT" MODSEQ 12 EMAILID (M6d99ac3275bb4e) THREADID NIL`,
		Says: map[string][]string{
			"LIST":   {`* XLIST (\HasNoChildren \Inbox) "/" "INBOX"`, `* LIST (\HasNoChildren) "/" "A & B"`, `* LIST (\HasNoChildren) "/" "&AGE"`, `* LIST (\HasNoChildren) "/" "Entwürfe & mehr"`},
			"SELECT": opening, "EXAMINE": opening,
			"STATUS":      {"* WIBBLE (a) [b]", "* 0 RECENT", "Z9 OK who are you"},
			"UID SEARCH":  {"* SEARCH 0", "* NO [ALERT] disk nearly full {5}x"},
			"UID FETCH":   {"", `* 1 FETCH (FLAGS (\Seen a]b "odd) UID 5)`, "* VANISHED 99"},
			"UID STORE":   {`* 1 FETCH (FLAGS (\Deleted a]b))`, "* VANISHED 99"},
			"UID EXPUNGE": {"", "* WIBBLE"}, "APPEND": {"* OK [WIBBLE a]b] x", ""}, "CREATE": {"", "* NO [ALERT] soon full"},
			"LOGIN": {"* OK [ALERT] the password is [old]"}, "CAPABILITY": {"", "* OK [WIBBLE"},
		},
	}
}
