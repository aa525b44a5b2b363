package store

import (
	"cmp"
	"strings"
	"time"
)

// A Person is somebody the owner wants to talk to, or who can introduce them.
// Their stage is never stored: it is a fold over their events (daemon/steps).
type Person struct {
	ID      string    `json:"id"` // short, typed by the owner: "dana"; never changes
	Name    string    `json:"name"`
	Address string    `json:"address"`           // where they are written to; lower case
	Org     string    `json:"org,omitempty"`     // id of an Organization
	How     string    `json:"how,omitempty"`     // how the owner came to know of them: professor, alumni, cold …
	Via     string    `json:"via,omitempty"`     // id of the Person who gave the name
	Hoped   bool      `json:"hoped,omitempty"`   // Via was asked for an introduction, and had not given the name before
	Targets []string  `json:"targets,omitempty"` // ids of the fields and industries they can tell of, besides Org
	Zone    string    `json:"zone,omitempty"`
	Account string    `json:"account,omitempty"` // the account they are written to from, where the owner said so
	Paused  bool      `json:"paused,omitempty"`
	Added   time.Time `json:"added"`
}

// An Alias is one address at which a Person is known.
type Alias struct {
	Address string `json:"address"` // lower case
	Person  string `json:"person"`
	Why     string `json:"why"`            // "added", "assistant", "introduced", "agreed"
	Dead    bool   `json:"dead,omitempty"` // mail to it bounced for good
}

// An Organization is where people work; matched by name or mail domain, never by a public mail domain.
type Organization struct {
	ID   string `json:"id"` // the name folded to a slug
	Name string `json:"name"`
}

// EventKind names what happened.
type EventKind string

const (
	MailIn      EventKind = "mail_in"      // a mail from them, or about them (bounce, assistant, booking service)
	MailOut     EventKind = "mail_out"     // a mail to them, sent by introd or by the owner's own hand
	Asked       EventKind = "asked"        // the owner wants a mail written: Want, Variant, About, Text = the personal sentence
	Sentence    EventKind = "sentence"     // the owner's personal sentence for Want
	Chosen      EventKind = "chosen"       // the owner settled one of several offered times: Meeting
	Dropped     EventKind = "dropped"      // the owner decided against the draft of Want
	MeetingSet  EventKind = "meeting_set"  // the owner set or moved the meeting by hand
	MeetingOff  EventKind = "meeting_off"  // the owner cancelled it
	MeetingHeld EventKind = "meeting_held" // the owner says it took place, or did not (Text "no-show")
	Touched     EventKind = "touched"      // a call or a LinkedIn message: Variant; a request where it has a Want
	Noted       EventKind = "noted"
	Introduced  EventKind = "introduced" // they introduced About, or declined to (Variant)
	Bounced     EventKind = "bounced"    // an address of theirs is dead
	OptedOut    EventKind = "opted_out"  // they asked not to be written to
	Reached     EventKind = "reached"    // an address was found that works
	Prepared    EventKind = "prepared"   // a sheet was made for a talk: Meeting, Questions
	Debriefed   EventKind = "debriefed"  // the owner's record of a talk: Debrief
	Tasked      EventKind = "tasked"     // the owner takes something on: Item, Text, Due
	Done        EventKind = "done"       // the task Item is done, or dropped
	Advised     EventKind = "advised"    // they gave advice: Item, Text
	Acted       EventKind = "acted"      // what the owner did with the advice Item: Text
	CameOf      EventKind = "came_of"    // what came of the advice Item: Text
)

// eventWords tells the owner what an event was.
var eventWords = map[EventKind]string{
	MailIn: "they wrote", MailOut: "you wrote", Asked: "you asked introd for a mail", Sentence: "you gave a sentence of yours", Chosen: "you chose a time",
	Dropped: "you dropped a draft", MeetingSet: "you set a meeting", MeetingOff: "you called the meeting off", MeetingHeld: "you said whether you met",
	Touched: "you were in touch", Noted: "you noted", Introduced: "an introduction", Bounced: "an address failed", OptedOut: "they asked not to be written to",
	Reached: "an address was found that works", Debriefed: "you told of the talk", Tasked: "you took on a task", Done: "you did a task", Advised: "they gave advice",
	Acted: "you followed advice", CameOf: "something came of advice",
}

// Words tells the owner in a few words what happened.
func (k EventKind) Words() string {
	return cmp.Or(eventWords[k], strings.ReplaceAll(string(k), "_", " "))
}

// An Event is one entry of a person's history. Histories are append-only.
type Event struct {
	Person    string    `json:"person"`
	Seq       uint64    `json:"seq"` // counts from 1 within the person; set by Append
	At        time.Time `json:"at"`  // when it happened: a mail's own date, else the transaction's now
	Kind      EventKind `json:"kind"`
	Want      string    `json:"want,omitempty"`    // the want this event asks for or satisfies
	Variant   string    `json:"variant,omitempty"` // of a request: referred, alumni, cold; of a mail: its template kind
	About     string    `json:"about,omitempty"`   // another person this is about
	Mail      *Mail     `json:"mail,omitempty"`
	Meeting   *Meeting  `json:"meeting,omitempty"`
	Offers    []Slot    `json:"offers,omitempty"` // times that a MailOut proposes
	Item      string    `json:"item,omitempty"`   // id of a task or a piece of advice, unique within the person
	Due       time.Time `json:"due,omitzero"`     // of a task
	Debrief   *Debrief  `json:"debrief,omitempty"`
	Questions []string  `json:"questions,omitempty"`
	Text      string    `json:"text,omitempty"`
}

// Debrief is what the owner took down after a talk, a line an entry.
type Debrief struct {
	Learnt []string `json:"learnt,omitempty"`
	Open   []string `json:"open,omitempty"`  // what they want to know still
	Next   []string `json:"next,omitempty"`  // next steps
	Named  []Named  `json:"named,omitempty"` // whom they were pointed to: proposed, not added
}

// Mail is what is kept of a mail in a history.
type Mail struct {
	MessageID  string    `json:"message_id"`           // as delivered; no angle brackets
	SentID     string    `json:"sent_id,omitempty"`    // as introd sent it, where the provider replaced it
	References []string  `json:"references,omitempty"` // the parent's ids, oldest first, ending with its In-Reply-To
	From       string    `json:"from"`                 // bare address, lower case
	To         []string  `json:"to,omitempty"`         // To and Cc
	Subject    string    `json:"subject"`
	Text       string    `json:"text,omitempty"`    // what was written anew
	ByHand     bool      `json:"by_hand,omitempty"` // the owner sent it from their own program
	Account    string    `json:"account"`
	Folder     string    `json:"folder,omitempty"`
	Link       Reason    `json:"link"`           // why it was linked to this person
	Read       *Verdict  `json:"read,omitempty"` // of a MailIn
	Invite     []Invite  `json:"invite,omitempty"`
	Received   time.Time `json:"received"`
}

// Verdict is what the reader made of a mail (mailer/reading), kept so that steps can fold over it.
type Verdict struct {
	Kind       string   `json:"kind"`
	Intent     string   `json:"intent"`
	Times      []Slot   `json:"times,omitempty"`
	Zone       string   `json:"zone,omitempty"`
	People     []Named  `json:"people,omitempty"`
	Link       string   `json:"link,omitempty"`
	Phone      string   `json:"phone,omitempty"`
	Location   string   `json:"location,omitempty"`
	ReturnDate string   `json:"return_date,omitempty"` // ISO date
	StandIn    *Named   `json:"stand_in,omitempty"`
	Because    []Reason `json:"because,omitempty"`
}

// Slot is a time somebody offered. End is zero where it was left open.
type Slot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"`
	Kind  string    `json:"kind"` // exact, window, day
	Text  string    `json:"text,omitempty"`
	Doubt []Slot    `json:"doubt,omitempty"` // other readings of the same words
}

// Named is somebody named in a mail; nobody is added from it without the owner.
type Named struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	Role  string `json:"role,omitempty"`
}

// Reason is the evidence behind a link or a verdict, shown by `introd why`.
type Reason struct {
	Verdict  string `json:"verdict,omitempty"`
	Evidence string `json:"evidence"`
	Rule     string `json:"rule"`
}

// Invite is what a calendar part of a mail says (RFC 5546).
type Invite struct {
	Method   string    `json:"method"`
	UID      string    `json:"uid"`
	Sequence int       `json:"sequence"`
	Start    time.Time `json:"start,omitzero"`
	End      time.Time `json:"end,omitzero"`
	Status   string    `json:"status,omitempty"` // the answering attendee's PARTSTAT, upper case
	Location string    `json:"location,omitempty"`
}

// Meeting is one state of an agreed talk; a change is a new event with the same UID and a higher Sequence.
type Meeting struct {
	UID      string    `json:"uid"`
	Sequence int       `json:"sequence"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Place    string    `json:"place,omitempty"`   // a place, a phone number or a link
	Zone     string    `json:"zone,omitempty"`    // theirs, IANA
	Foreign  bool      `json:"foreign,omitempty"` // their own invitation or a booking service made it: introd never sends one
}

// DraftState is where a draft stands.
type DraftState string

const (
	Asking    DraftState = "asking"    // the owner's personal sentence is missing
	Waiting   DraftState = "waiting"   // shown, not decided
	Editing   DraftState = "editing"   // the owner changed the copy in Drafts: it is theirs to send
	Approved  DraftState = "approved"  // decided; goes out after SendAt
	Held      DraftState = "held"      // not sent, with a Reason; the owner may decide again
	Sending   DraftState = "sending"   // the intent is on disk; SMTP may be under way
	Unknown   DraftState = "unknown"   // the outcome of SMTP is not known: never resent alone
	Sent      DraftState = "sent"      //
	DroppedBy DraftState = "dropped"   // by the owner
	Withdrawn DraftState = "withdrawn" // its want is gone
)

// Open says whether the draft still waits for something.
func (s DraftState) Open() bool { return s != Sent && s != DroppedBy && s != Withdrawn }

// A Draft is one mail that introd proposes, through its whole life.
type Draft struct {
	ID      string     `json:"id"`   // random; never reused
	Want    string     `json:"want"` // its want's key: a key gets one draft ever, unless that was withdrawn
	Person  string     `json:"person"`
	Account string     `json:"account"`
	Kind    string     `json:"kind"` // template kind
	State   DraftState `json:"state"`
	Reason  string     `json:"reason,omitempty"` // why held, withdrawn, unknown or stale, in words for the owner
	Stale   bool       `json:"stale,omitempty"`  // edited by the owner, and its want is gone
	Edited  bool       `json:"edited,omitempty"`
	Kept    bool       `json:"kept,omitempty"`   // the owner took it up again after its want was gone: it stands without one
	Urgent  bool       `json:"urgent,omitempty"` // shown at once, not with the morning digest
	Shown   bool       `json:"shown,omitempty"`  // copy and approval mail were asked for
	ShowAt  time.Time  `json:"show_at,omitzero"` // not shown before
	Version int        `json:"version"`          // 1, 2 … one for each change of the text
	Why     string     `json:"why"`              // the want's reason
	About   string     `json:"about,omitempty"`  // another person it is about
	Created time.Time  `json:"created"`
	Due     time.Time  `json:"due,omitzero"`
	Overdue time.Time  `json:"overdue,omitzero"`
	LastSeq uint64     `json:"last_seq"` // the history it was written from (P3)

	To         []string  `json:"to"` // RFC 5322 addresses with names
	Cc         []string  `json:"cc,omitempty"`
	Bcc        []string  `json:"bcc,omitempty"`
	Subject    string    `json:"subject"`
	Text       string    `json:"text"`
	InReplyTo  string    `json:"in_reply_to,omitempty"`
	References []string  `json:"references,omitempty"`
	Meeting    *Meeting  `json:"meeting,omitempty"` // what the mail agrees on
	Method     string    `json:"method,omitempty"`  // REQUEST or CANCEL: an invitation goes with it
	Choices    []Slot    `json:"choices,omitempty"` // other times they offered
	Offers     []Slot    `json:"offers,omitempty"`  // times it proposes
	Warnings   []string  `json:"warnings,omitempty"`
	MessageID  string    `json:"message_id"`
	Date       time.Time `json:"date"`          // the Date header; part of the exact bytes
	Raw        []byte    `json:"raw,omitempty"` // the exact bytes for SMTP, built when it is approved
	Hash       string    `json:"hash"`          // over every part and recipient of this version, Bcc included

	Code     string    `json:"code,omitempty"` // four digits and more; names it in replies and on the command line
	Expires  time.Time `json:"expires,omitzero"`
	Way      string    `json:"way,omitempty"` // how it was approved: move, reply, command, by hand
	SendAt   time.Time `json:"send_at,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
	Asked    bool      `json:"asked,omitempty"` // Unknown, and the owner was asked
	SentAt   time.Time `json:"sent_at,omitzero"`
	Reply    string    `json:"reply,omitempty"` // the server's 250 line
	Filed    bool      `json:"filed,omitempty"` // the Sent copy is known to be there
}

// ObjectRole says what an object of introd's in the mailbox is for.
type ObjectRole string

const (
	DraftCopy   ObjectRole = "draft"    // in Drafts; plain text
	ApprovalAsk ObjectRole = "approval" // in INBOX
	Question    ObjectRole = "question" // in INBOX: asks for a personal sentence
	Digest      ObjectRole = "digest"   // in INBOX
	Receipt     ObjectRole = "receipt"  // in INBOX: says what was done, or why nothing was
	Trial       ObjectRole = "trial"    // in INBOX: asks for a reply that shows whether reply verbs can be trusted here
	Note        ObjectRole = "note"     // in INBOX: tells the owner something that a want names, as long as it is wanted
	Probe       ObjectRole = "probe"    // in introd's own folder for a moment: shows what the server makes of an own mail
	SentCopy    ObjectRole = "sent"     // in Sent, where the server does not file it itself
)

// ObjectState is where an object stands. Its Message-ID is stored before the first APPEND and searched for before a second.
type ObjectState string

const (
	Planned ObjectState = "planned" // to be appended
	Placed  ObjectState = "placed"
	Going   ObjectState = "going" // to be removed
	Left    ObjectState = "left"  // not removable: changed, or the server has neither MOVE nor UIDPLUS
)

// An Object is a mail that introd itself APPENDs to the owner's mailbox.
type Object struct {
	MessageID   string      `json:"message_id"` // 128 random bits; its key
	Account     string      `json:"account"`
	Role        ObjectRole  `json:"role"`
	State       ObjectState `json:"state"`
	Draft       string      `json:"draft,omitempty"`
	Version     int         `json:"version,omitempty"` // of the draft
	Person      string      `json:"person,omitempty"`  // of a Note: whom it is about
	Want        string      `json:"want,omitempty"`    // of a Note: its want's key
	Urgent      bool        `json:"urgent,omitempty"`  // not kept back in quiet hours
	Folder      string      `json:"folder"`            // where it lies now
	UIDValidity uint32      `json:"uid_validity,omitempty"`
	UID         uint32      `json:"uid,omitempty"`
	Raw         []byte      `json:"raw,omitempty"` // until it is placed
	SHA256      string      `json:"sha256"`        // of the bytes as the server gives them back
	Tries       int         `json:"tries,omitempty"`
	Next        time.Time   `json:"next,omitzero"`     // not before
	Trouble     string      `json:"trouble,omitempty"` // why the last try to place it failed
	Gone        time.Time   `json:"gone,omitzero"`     // first look at which a draft copy was missing
	Created     time.Time   `json:"created"`
}

// Busy is what one of the owner's calendars said when it was last read: when they are busy, and nothing else.
type Busy struct {
	Calendar string    `json:"calendar"` // its name in the config
	Times    []Slot    `json:"times"`
	Read     time.Time `json:"read,omitzero"`      // when it was
	Tried    time.Time `json:"tried"`              // when it was last tried
	Trouble  string    `json:"trouble,omitempty"`  // why the last try failed: then Times are the last known
	Problems []string  `json:"problems,omitempty"` // what in it cannot be read, each with its line
}

// Message says to whom a mail belongs: the index that links replies.
type Message struct {
	ID      string    `json:"id"` // no angle brackets
	Account string    `json:"account"`
	Person  string    `json:"person"`
	Seq     uint64    `json:"seq,omitempty"`
	Draft   string    `json:"draft,omitempty"`
	At      time.Time `json:"at"`
}

// Cursor is how far a folder was read. Key: account and folder.
type Cursor struct {
	Account     string    `json:"account"`
	Folder      string    `json:"folder"`
	UIDValidity uint32    `json:"uid_validity"`
	UID         uint32    `json:"uid"`     // all up to this one were read
	ReadAt      time.Time `json:"read_at"` // the last successful look
}

// SetAside is a mail that the reader or the engine could not digest; the loop goes on.
type SetAside struct {
	Account     string    `json:"account"`
	Folder      string    `json:"folder"`
	UIDValidity uint32    `json:"uid_validity"`
	UID         uint32    `json:"uid"`
	Reason      string    `json:"reason"`
	At          time.Time `json:"at"`
}
