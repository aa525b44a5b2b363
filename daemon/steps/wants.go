package steps

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"introd/store"
)

// asks wants the requests that the owner asked for. A no that came since ends them.
func asks(e *evaluation) {
	for _, ask := range e.state.Asks {
		if e.state.Declined && e.state.LastIn.At.After(ask.At) {
			continue
		}
		kind, who := IntroRequest, "you asked "+e.Person.Name+" for an introduction"
		if ask.About == "" {
			kind, who = Request+"-"+ask.Variant, "you want to talk with "+e.Person.Name
		}
		e.want(Want{Key: ask.Want, Kind: kind, From: ask.At, Urgent: true, Why: who, About: ask.About, NeedsSentence: true})
	}
}

// nudge follows up a request that nobody answered, once by default; then it rests.
func nudge(e *evaluation) {
	s := e.state
	if s.Ask == nil || s.answered() && !s.askedToWait() || s.Nudges >= e.rules.Nudges {
		return
	}
	from, why := addBusinessDays(s.Ask.At, e.rules.NudgeAfter, e.rules.Zone), fmt.Sprintf("no answer for %d business days", e.rules.NudgeAfter)
	if !s.Back.IsZero() {
		back := time.Date(s.Back.Year(), s.Back.Month(), s.Back.Day(), 0, 0, 0, 0, e.rules.Zone)
		back = at(addBusinessDays(back, 1, e.rules.Zone), e.rules.DayStart, e.rules.Zone)
		if back.After(from) || s.askedToWait() {
			from, why = back, "they said to be back on "+s.Back.Format("January 2")
		}
	}
	e.want(Want{
		Key: fmt.Sprintf("nudge/%s/%d", s.Ask.Want, s.Nudges+1), Kind: Nudge, From: from, Why: why, Parent: s.Ask,
	})
}

// askedToWait says whether their last word was to ask again on a day they named.
func (s *State) askedToWait() bool {
	return s.LastIn != nil && s.LastIn.Mail.Read.Intent == "later" && !s.Back.IsZero()
}

// answer wants the next move after their last mail, unless the owner has written since.
func answer(e *evaluation) {
	in := e.state.LastIn
	if in == nil || e.state.Ask == nil || e.state.LastOut.At.After(in.At) {
		return
	}
	if e.state.Ask.Variant == IntroRequest {
		answerIntroducer(e, in)
		return
	}
	v := in.Mail.Read
	switch v.Intent {
	case "accept_with_times", "reschedule":
		agree(e, in)
	case "accept":
		if !e.state.stands() { // "see you then!" after a meeting was agreed wants nothing
			propose(e, in, "they said yes and named no time")
		}
	case "propose_link":
		e.task(in, TaskBook, e.Person.Name+" offers a booking page: choose a time at "+v.Link)
	case "counter_question":
		e.want(Want{Key: eventKey("answer", in), Kind: AnswerQuery, From: in.At, Urgent: true, NeedsSentence: true, Parent: in, Why: "they asked you something"})
	case "decline", "decline_with_referral":
		e.want(Want{Key: "thanks-for-no/" + e.Person.ID, Kind: ThanksNo, From: in.At, Parent: in, Why: "they said no; a short thank-you ends it well"})
	case "later":
		e.want(Want{Key: eventKey("later", in), Kind: AnswerLater, From: in.At, Parent: in, Why: "they asked to talk later"})
	case "cancel":
		e.task(in, TaskCancelled, e.Person.Name+" called the meeting off")
	case "unsure":
		e.task(in, TaskUnsure, "introd could not tell what "+e.Person.Name+" means: please read the mail and answer it")
	}
	referred(e, in)
}

// referred asks the owner about the people a mail names. Nobody is added without them (P6).
func referred(e *evaluation, in *store.Event) {
	v := in.Mail.Read
	switch v.Intent {
	case "referral", "decline_with_referral", "intro_made":
		if len(v.People) > 0 {
			e.task(in, TaskReferred, e.Person.Name+" names "+names(v.People)+": add them with `introd add`, if you like")
			e.wants[len(e.wants)-1].Named = v.People
		}
	}
}

// answerIntroducer handles the mail of somebody who was asked for an introduction.
func answerIntroducer(e *evaluation, in *store.Event) {
	switch in.Mail.Read.Intent {
	case "intro_made":
		e.want(Want{
			Key: eventKey("thanks-for-introducing", in), Kind: ThanksIntro, From: in.At, Urgent: true, Parent: in,
			Why: e.Person.Name + " made the introduction", About: e.state.Ask.About, NeedsSentence: true,
		})
	case "accept", "accept_with_times":
		e.task(in, TaskIntroduce, e.Person.Name+" is willing to introduce you")
	case "decline", "decline_with_referral":
		e.want(Want{Key: "thanks-for-no/" + e.Person.ID, Kind: ThanksNo, From: in.At, Parent: in, Why: "they said no; a short thank-you ends it well"})
	case "counter_question":
		e.want(Want{Key: eventKey("answer", in), Kind: AnswerQuery, From: in.At, Urgent: true, NeedsSentence: true, Parent: in, Why: "they asked you something"})
	case "unsure", "propose_link", "later", "cancel", "reschedule":
		e.task(in, TaskUnsure, "introd could not tell what "+e.Person.Name+" means: please read the mail and answer it")
	}
	referred(e, in)
}

// agree settles on the first time they offered, or leaves the choice to the owner where the words
// allow more than one reading.
func agree(e *evaluation, in *store.Event) {
	if e.state.Meeting != nil && in.Mail.Read.Intent == "accept_with_times" && !e.state.MeetingOff && in.At.Before(e.state.Meeting.End) {
		return // a meeting stands, or has taken place since: a yes to the invitation, their own one, or one the owner chose
	}
	exact, days := e.offered(in)
	switch {
	case len(exact) > 0 && len(exact[0].Doubt) > 0:
		e.task(in, TaskChoose, fmt.Sprintf("“%s” can be read in more than one way: settle it with `introd meet %s TIME`", exact[0].Text, e.Person.ID))
	case len(exact) > 0:
		m := e.meetingFor(in, exact[0])
		kind, why := Confirmation, "they offered "+offerWords(exact)
		if m.Sequence > 0 {
			kind, why = Reschedule, "they asked to move the meeting"
		}
		e.want(Want{
			Key: meetingKey("confirmation", m), Kind: kind, From: in.At, Urgent: true, Parent: in,
			Why: why, Meeting: m, Was: e.state.Was, Method: "REQUEST", Choices: exact[1:],
		})
	case len(days) > 0:
		propose(e, in, "they named a day and no hour")
	default:
		propose(e, in, "the times they named are over, or were none")
	}
}

// offered splits the times of a mail that still lie ahead into those with an hour and whole days.
func (e *evaluation) offered(in *store.Event) (exact, days []store.Slot) {
	for _, slot := range in.Mail.Read.Times {
		switch {
		case slot.Kind == "day":
			days = append(days, slot)
		case slot.Start.After(e.now):
			exact = append(exact, slot)
		}
	}
	return exact, days
}

// meetingFor makes the meeting that a slot stands for: a new one, or the current one moved.
func (e *evaluation) meetingFor(in *store.Event, slot store.Slot) *store.Meeting {
	m := &store.Meeting{UID: meetingUID(e.Person.ID, in.Mail.MessageID), Start: slot.Start, Place: place(in.Mail.Read), Zone: e.Person.Zone}
	if cur := e.state.Meeting; cur != nil && !cur.Foreign && e.state.Told[cur.UID] == cur.Sequence && in.Mail.Read.Intent == "reschedule" {
		m.UID, m.Sequence, m.Place = cur.UID, cur.Sequence+1, firstOf(m.Place, cur.Place)
	}
	m.End = m.Start.Add(e.rules.Length)
	return m
}

// meeting tells them of a meeting the owner set, moved or called off by hand, and answers theirs.
func meeting(e *evaluation) {
	s := e.state
	m := s.Meeting
	if m == nil || !m.Start.After(e.now) {
		return
	}
	told, wasTold := s.Told[m.UID]
	parent := s.lastMail()
	switch {
	case s.MeetingOff && s.OffByThem, s.NoShow:
	case s.MeetingOff && wasTold:
		off := *m
		off.Sequence = told + 1
		e.want(Want{Key: meetingKey("cancel", &off), Kind: Cancel, From: e.since(), Urgent: true, Parent: parent, Meeting: &off, Was: s.Was, Method: e.method("CANCEL"), Why: "you called the meeting off"})
	case s.MeetingOff:
	case m.Foreign && !wasTold:
		if s.LastOut == nil || s.LastIn != nil && !s.LastOut.At.After(s.LastIn.At) {
			e.want(Want{Key: meetingKey("answer-invite", m), Kind: AnswerInvite, From: e.since(), Urgent: true, Parent: parent, Meeting: m, Why: "they sent an invitation"})
		}
	case !wasTold:
		e.want(Want{Key: meetingKey("confirmation", m), Kind: Confirmation, From: e.since(), Urgent: true, Parent: parent, Meeting: m, Method: "REQUEST", Why: "you set the meeting"})
	case told < m.Sequence:
		e.want(Want{Key: meetingKey("confirmation", m), Kind: Reschedule, From: e.since(), Urgent: true, Parent: parent, Meeting: m, Was: s.Was, Method: e.method("REQUEST"), Why: "you moved the meeting"})
	}
}

// method is how an invitation for the current meeting goes out: never for one that they made.
func (e *evaluation) method(method string) string {
	if e.state.Meeting.Foreign {
		return ""
	}
	return method
}

// since is when the history last changed: a want that follows from it exists from then on.
func (e *evaluation) since() time.Time {
	var last time.Time
	for _, ev := range e.History {
		if ev.At.After(last) {
			last = ev.At
		}
	}
	return last
}

// thanks wants the thank-you after a meeting that took place.
func thanks(e *evaluation) {
	s := e.state
	if s.Meeting == nil || s.MeetingOff || s.NoShow || s.Thanked || !s.agreed() || s.Declined && s.LastIn.At.After(s.Meeting.Start) {
		return
	}
	end := s.Meeting.End
	e.want(Want{
		Key: "thank-you/" + s.Meeting.UID, Kind: ThankYou, From: end.Add(e.rules.ThankReady), Due: end.Add(e.rules.ThankDue),
		Overdue: end.Add(e.rules.ThankOverdue), Urgent: true, NeedsSentence: true, Parent: s.lastMail(), Meeting: s.Meeting,
		Why: "you met on " + s.Meeting.Start.In(e.rules.Zone).Format("Monday, January 2"),
	})
}

// lastMail is the mail that the next one follows in its thread; nil for none.
func (s *State) lastMail() *store.Event {
	if s.LastIn == nil || s.LastOut != nil && s.LastOut.At.After(s.LastIn.At) {
		return s.LastOut
	}
	return s.LastIn
}

func propose(e *evaluation, in *store.Event, why string) {
	e.want(Want{
		Key: eventKey("propose-times", in), Kind: ProposeTimes, From: in.At, Urgent: true, Parent: in, Why: why,
		Offers: freeSlots(e, in), Was: e.state.Was,
	})
}

func (e *evaluation) task(in *store.Event, kind, why string) {
	e.want(Want{Key: eventKey(kind, in), Kind: kind, Task: true, From: in.At, Urgent: true, Why: why, Parent: in})
}

// eventKey names the occasion that a mail is.
func eventKey(kind string, ev *store.Event) string {
	return fmt.Sprintf("%s/%s/%d", kind, ev.Person, ev.Seq)
}

func meetingKey(kind string, m *store.Meeting) string {
	return fmt.Sprintf("%s/%s/%d", kind, m.UID, m.Sequence)
}

// meetingUID names a meeting after the mail that brought it about, so that the same history gives
// the same UID every time. It tells a stranger nothing.
func meetingUID(person, messageID string) string {
	sum := sha256.Sum256([]byte(person + "\n" + messageID))
	return fmt.Sprintf("%x@introd", sum[:12])
}

// NewMeetingUID names a meeting that the owner sets by hand at the given moment.
func NewMeetingUID(person string, now time.Time) string {
	return meetingUID(person, now.UTC().Format(time.RFC3339Nano))
}

func place(v *store.Verdict) string { return firstOf(v.Location, v.Phone) }

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

func offerWords(slots []store.Slot) string {
	if len(slots) == 1 {
		return "one time"
	}
	return fmt.Sprintf("%d times", len(slots))
}

func names(people []store.Named) string {
	var words []string
	for _, p := range people {
		words = append(words, firstOf(p.Name, p.Email))
	}
	return strings.Join(words, " and ")
}
