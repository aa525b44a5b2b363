// Package steps holds the rules of informational interviewing as pure functions: a Case and the
// time in, what is wanted next out. No I/O, no clock, no randomness.
//
// A person's history is an append-only list of events; their stage is a fold over it (Fold), never
// stored. Wants says which drafts and tasks should exist for them, each under a key that names its
// occasion. The daemon reconciles drafts with wants, so that a reply which ends a silence withdraws
// the nudge and a thank-you written by hand closes the thank-you, without a special case for either.
//
// Histories are ordered by when things happened, not by when introd learnt of them: after an outage
// the owner's own answer may be read before the mail that it answers.
package steps

import (
	"time"

	"introd/store"
)

// A Case is all that the rules may know of a person: their history, and what they need of others.
type Case struct {
	Person  store.Person
	Org     string         // name of their organization, for sentences
	Via     *store.Person  // who gave the name
	History []store.Event  // ordered as by Append
	Busy    []store.Slot   // when the owner is busy by their own calendars
	Held    [][]store.Slot // meetings and offered times, for each of the others: never offered twice
	Known   []string       // of the addresses that their mails name, those of people whom the owner has

	Introduced []Linked    // whom they introduced, were asked to introduce, or gave the name of
	Colleagues []Colleague // others at their organization; only while a request to them is unanswered
}

// Rules are the owner's settings that decide when something is due.
type Rules struct {
	Zone         *time.Location // the owner's
	NudgeAfter   int            // business days of silence before a nudge
	Nudges       int            // how many nudges a request gets; then rest
	OpenFor      int            // business days for which an unanswered request blocks its organization
	Length       time.Duration  // of a meeting
	ThankReady   time.Duration  // after a meeting's end
	ThankDue     time.Duration
	ThankOverdue time.Duration
	DayStart     time.Duration // the owner's working day, since midnight
	DayEnd       time.Duration
	KeepInTouch  int           // months without a word after which one is due; 0 for never
	Windows      [7][]Window   // by weekday, the owner's hours for talks; none at all: DayStart to DayEnd
	KeepHours    bool          // times outside of them are never proposed
	Buffer       time.Duration // kept free on both sides of a talk
	MostPerWeek  int           // talks; 0 for any number
	RemindAt     time.Duration // since midnight: the owner is reminded on the day of a talk; 0 for never
	RemindBefore time.Duration // and so long before it; 0 for never
	PrepareAt    time.Duration // of the evening before a talk, since midnight; 0: nothing is prepared
}

// Kinds of wants. The first group are template kinds, the second are tasks for the owner.
const (
	IntroRequest   = "intro-request"
	Request        = "interview-request" // with -referred, -alumni or -cold
	Nudge          = "nudge"
	ProposeTimes   = "propose-times"
	Confirmation   = "confirmation"
	Reschedule     = "reschedule"
	Cancel         = "cancel"
	ThankYou       = "thank-you"
	ThanksIntro    = "thanks-for-introducing"
	ThanksNo       = "thanks-for-no"
	AnswerInvite   = "answer-invite"
	AnswerQuery    = "answer-to-question"
	AnswerLater    = "answer-later"
	Missed         = "missed"             // they did not come: another time?
	Apology        = "apology"            // the owner did not
	FollowUp       = "follow-up"          // they asked to be written to again at a later time
	OutcomeAdviser = "outcome-to-adviser" // what came of their advice
	KeepInTouch    = "keep-in-touch"
	Reminder       = "reminder"       // a note to the owner
	TaskUnsure     = "task-unsure"    // the owner must say what a mail means
	TaskBook       = "task-book"      // they offer a booking page
	TaskChoose     = "task-choose"    // the words allow two times
	TaskCancelled  = "task-cancelled" // they called the meeting off
	TaskReferred   = "task-referred"  // they name somebody: to be added by the owner, or not
	TaskIntroduce  = "task-introduce" // they agreed to introduce: nothing to do but wait
	TaskOpen       = "task-open"      // they answered kindly, and left it open
	TaskHeld       = "task-held"      // the owner must say whether a meeting took place
	TaskOwn        = "task-own"       // what the owner took on after a talk
	TaskNamed      = "task-named"     // whom the owner was pointed to in a talk: to be added, or not
	TaskLinkedIn   = "task-linkedin"  // connect there, after the thanks
	TaskNext       = "task-next"      // who else at the organization may be asked
	TaskNudge      = "task-nudge"     // nobody answered a request that was made by telephone or on LinkedIn

	AnswerIntro       = "answer-to-introduction" // to somebody introduced; the introducer is in Bcc
	OutcomeIntroducer = "outcome-to-introducer"  // how it went with whom they introduced
)

// A Want says that a draft or a task should exist from From on.
type Want struct {
	Key     string // names the occasion; sent or dropped, it is satisfied for ever
	Person  string
	Kind    string
	Task    bool // nothing to write: something for the owner to decide or do
	Note    bool // a mail to the owner alone, not to be put up after Due; it goes when the want does
	From    time.Time
	Due     time.Time // zero: no date
	Overdue time.Time
	Until   time.Time // the want changes or ends by itself at this time; zero: it does not
	Urgent  bool      // shown at once, not with the morning digest
	Why     string    // one sentence for the owner

	Parent        *store.Event // the mail it answers or follows up; nil starts a thread
	Sentence      string       // the owner's personal sentence
	NeedsSentence bool         // it must not be shown before the owner gave one
	About         string       // the person an introduction is asked to
	Named         []store.Named
	Meeting       *store.Meeting
	Was           *store.Meeting // the meeting before it was moved
	Again         bool           // the introducer is told once more
	Method        string         // REQUEST or CANCEL: an invitation goes with it
	Offers        []store.Slot   // times to propose
	Choices       []store.Slot   // other times they offered
	Advice        *Advice        // of which they are told what came
}

// Wants returns everything wanted for a person, due now or later, in no particular order.
// What lies in the future depends on nothing else happening until then.
func Wants(c Case, r Rules, now time.Time) []Want {
	s := Fold(c.History, now)
	if s.OptedOut {
		return nil
	}
	e := &evaluation{Case: c, rules: r, now: now, state: s, introductions: Introductions(c.Person.ID, c.History, c.Introduced, now)}
	for _, rule := range []func(*evaluation){asks, nudge, followUp, answer, leftOpen, meeting, proposals, missed, remind, thanks, sheet, confirmTomorrow, ownTasks, linkedIn, debriefed, outcomes, keepInTouch, introductions, nextThere} {
		rule(e)
	}
	return e.wants
}

// Next is when the person must be looked at again, if nothing happens before; zero for never.
func Next(wants []Want, now time.Time) time.Time {
	var next time.Time
	for _, w := range wants {
		for _, t := range []time.Time{w.From, w.Due, w.Overdue, w.Until} {
			if t.After(now) && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	return next
}

// evaluation gathers the wants of one call.
type evaluation struct {
	Case
	rules Rules
	now   time.Time
	state State
	wants []Want

	introductions []Introduction
}

// want adds w unless its key is satisfied already, the address it would go to is dead, or they said
// no: then nothing goes out but thanks for the answer, and what the owner asks for anew (P7).
func (e *evaluation) want(w Want) {
	no := e.state.Declined && w.Kind != ThanksNo && !isAsk(w.Kind)
	if e.state.Settled[w.Key] || !w.Task && !w.Note && (e.state.Unreachable || no) {
		return
	}
	w.Person = e.Person.ID
	if sentence, ok := e.state.Sentences[w.Key]; ok {
		w.Sentence, w.NeedsSentence = sentence, false
	}
	e.wants = append(e.wants, w)
}
