// Package reading understands one mail: what its sender wrote anew, whether a person wrote it, and
// what they mean. It is pure: bytes and a Context in, a Reading out; no network, no clock, no state.
//
// Read never fails and never panics on hostile input; work is bounded in size, depth and time (see
// the limits in entity.go). Each verdict carries its evidence in Because. Unsure is a verdict:
// the daemon then asks the owner, so a rule that would have to guess says unsure instead.
//
// The JSON shape of Reading is the contract of `introd read --json` and stays stable.
package reading

import (
	"time"

	"introd/mailer/reading/bounce"
	"introd/mailer/reading/itip"
	"introd/mailer/reading/times"
)

// Context is what the daemon knows about a conversation before it reads the next mail of it.
// Every field may be empty; then the quote in the mail itself serves.
type Context struct {
	Owner      []string       // the owner's own addresses, lower case
	OwnerName  string         // the owner's display name
	OwnerZone  *time.Location // nil: the local zone of the process
	SenderZone *time.Location // the sender's zone, where an earlier mail said it; nil: not known
	SentText   string         // the text the owner last sent to this person
	Offered    []times.Time   // the times offered in SentText, in the order they stand there
	Meeting    *Meeting       // the meeting agreed with the sender, if there is one
	Received   time.Time      // when the server got the mail; stands in for a Date header that is missing or absurd
}

// Meeting is a talk that was agreed on earlier.
type Meeting struct {
	UID        string // UID of its calendar event (RFC 5545 §3.8.4.7)
	Start, End time.Time
}

// Kind says who or what wrote a mail.
type Kind string

const (
	KindPerson    Kind = "person"
	KindAutoReply Kind = "auto_reply" // absence notice, acknowledgement, challenge (RFC 3834)
	KindBounce    Kind = "bounce"     // delivery failed (RFC 3464 and the loose forms of real servers)
	KindDelay     Kind = "delay"      // delivery is late, the server goes on trying
	KindList      Kind = "list"       // a mailing list or newsletter
	KindCalendar  Kind = "calendar"   // written by a calendar or booking program
)

// Intent is what a mail means as an answer to a request for a talk.
// corpora/letters/README.md defines each; Unsure means that the owner is asked.
type Intent string

const (
	Accept              Intent = "accept"
	AcceptWithTimes     Intent = "accept_with_times"
	ProposeLink         Intent = "propose_link"
	CounterQuestion     Intent = "counter_question"
	Decline             Intent = "decline"
	DeclineWithReferral Intent = "decline_with_referral"
	Referral            Intent = "referral"
	IntroMade           Intent = "intro_made"
	Later               Intent = "later"
	OutOfOffice         Intent = "out_of_office"
	AutoAck             Intent = "auto_ack"
	IntentBounce        Intent = "bounce"
	Unsubscribe         Intent = "unsubscribe"
	ThanksOnly          Intent = "thanks_only"
	Reschedule          Intent = "reschedule"
	Cancel              Intent = "cancel"
	Unrelated           Intent = "unrelated"
	Unsure              Intent = "unsure"
)

// Reading is all that was understood of one mail.
type Reading struct {
	File        string         `json:"file"` // set by `introd read`
	Kind        Kind           `json:"kind"`
	List        bool           `json:"list"` // came through a mailing list (RFC 2919, RFC 2369)
	Intent      Intent         `json:"intent"`
	NewText     string         `json:"new_text"` // without quotes, signature, footers
	Text        string         `json:"text"`     // the whole visible body
	Times       []times.Time   `json:"times"`
	Zone        string         `json:"tz"` // the zone as the sender wrote it ("PT"), or ""
	People      []Person       `json:"people"`
	Link        string         `json:"link"`        // a booking page offered for the talk
	Phone       string         `json:"phone"`       // where the sender asks to be called, as written
	Location    string         `json:"location"`    // place or video link of the meeting
	ReturnDate  string         `json:"return_date"` // ISO date: first day back, or first day to ask again
	StandIn     *Person        `json:"stand_in"`
	Bounce      *bounce.Bounce `json:"bounce"`
	Invites     []itip.Invite  `json:"invites"`
	MessageID   string         `json:"message_id"` // ids carry no angle brackets
	InReplyTo   []string       `json:"in_reply_to"`
	References  []string       `json:"references"`
	Subject     string         `json:"subject"`
	From        []string       `json:"from"` // bare addresses
	Date        *time.Time     `json:"date"`
	Attachments []string       `json:"attachments"`
	Because     []Reason       `json:"because"`
}

// Person is somebody whom a mail names, introduces, or gives as stand-in.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"` // referral, introduced, stand_in, assistant, copied
}

// Reason is the evidence of one verdict, for `introd why`.
type Reason struct {
	Verdict  string `json:"verdict"`  // "intent=decline"
	Evidence string `json:"evidence"` // the words or the header, at most 200 characters
	Rule     string `json:"rule"`     // the rule's name in the code
}
