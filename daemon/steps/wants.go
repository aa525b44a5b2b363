package steps

import (
	"crypto/sha256"
	"fmt"
	"slices"
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
	if !s.silent() || s.byMail() && s.Lost || s.Nudges >= e.rules.Nudges || e.othersAsked() {
		return
	}
	from, why := addBusinessDays(s.Chased, e.rules.NudgeAfter, e.rules.Zone), fmt.Sprintf("there was no answer for %d business days", e.rules.NudgeAfter)
	if !s.Away.IsZero() { // nobody knows for how long: twice the patience
		if later := addBusinessDays(s.Away, 2*e.rules.NudgeAfter, e.rules.Zone); later.After(from) {
			from, why = later, "they were away without saying until when"
		}
	}
	if !s.Back.IsZero() {
		if later := e.afterReturn(); later.After(from) {
			from, why = later, "they said to be back on "+s.Back.Format("January 2")
		}
	}
	w := Want{Key: fmt.Sprintf("nudge/%s/%d", s.Ask.Want, s.Nudges+1), Kind: Nudge, From: from, Why: why, Parent: s.Ask}
	if !s.byMail() {
		w.Kind, w.Task, w.Parent = TaskNudge, true, nil
		w.Why = fmt.Sprintf("%s has not answered for %d business days: try once more with `introd request %s --by %s`, or let it rest", e.Person.Name, e.rules.NudgeAfter, e.Person.ID, s.Ask.Variant)
	}
	e.want(w)
}

// afterReturn is the morning of the business day after their first one back: that one is for what piled up.
func (e *evaluation) afterReturn() time.Time {
	back := e.backOn()
	for !IsBusinessDay(back) {
		back = back.AddDate(0, 0, 1)
	}
	return at(addBusinessDays(back, 1, e.rules.Zone), e.rules.DayStart, e.rules.Zone)
}

// backOn is the start of the day that they named, in the owner's zone.
func (e *evaluation) backOn() time.Time {
	y, m, d := e.state.Back.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, e.rules.Zone)
}

// someTime is how many business days "later" means where no date is given.
const someTime = 20

// followUp writes again to somebody who asked for it, at the time they named: once, and without a
// nudge after it. It is no nudge, because they wish for it.
func followUp(e *evaluation) {
	s := e.state
	if s.Word == nil || s.Word.Mail.Read.Intent != "later" || s.stands() || !e.concerns(s.Word) {
		return
	}
	from, soonest, why := addBusinessDays(s.Word.At, someTime, e.rules.Zone), s.Word.At, "they asked you to write again later"
	if !s.Back.IsZero() {
		from, soonest, why = e.afterReturn(), e.backOn(), "they asked you to write again after "+s.Back.Format("January 2")
	}
	if !s.Back.IsZero() && s.LastOut != nil && s.LastOut.At.After(soonest) {
		return // the owner did so themselves
	}
	e.want(Want{Key: eventKey("follow-up", s.Word), Kind: FollowUp, From: from, Why: why, Parent: s.Word, About: e.askedAbout()})
}

// answer wants the next move after their last word, unless the owner has written since.
func answer(e *evaluation) {
	in := e.state.Word
	if in == nil || !e.concerns(in) || e.state.LastOut != nil && e.state.LastOut.At.After(in.At) {
		return
	}
	referred(e, in)
	v := in.Mail.Read
	switch intent := v.Intent; {
	case intent == "decline", intent == "decline_with_referral":
		if e.state.Declined {
			e.thanksNo(in, "they said no; a short thank-you ends it well")
		} else if e.state.OffByThem {
			e.calledOff(in)
		}
	case e.state.Declined: // after a no, nothing is drafted whatever they write
		e.task(in, TaskUnsure, e.Person.Name+" wrote again after saying no: please read the mail")
	case answersMaybe(in):
		e.task(in, TaskUnsure, e.Person.Name+"'s calendar answers “maybe” to your invitation: the meeting stands unless they write again")
	case intent == "referral":
		e.thanksNo(in, "they point you to somebody else; a short thank-you is due")
	case intent == "intro_made":
		if e.introducedBefore(in) {
			e.unsure(in)
		} else if !e.answersIntroduction(in) {
			e.thanksIntro(in)
		}
	case intent == "counter_question":
		e.want(Want{
			Key: eventKey("answer", in), Kind: AnswerQuery, From: in.At, Urgent: true, NeedsSentence: true, Parent: in, About: e.askedAbout(),
			Why: "they asked you something",
		})
	case intent == "later":
		e.want(Want{Key: eventKey("later", in), Kind: AnswerLater, From: in.At, Parent: in, Why: "they asked to talk later"})
	case intent == "unsure":
		e.unsure(in)
	case e.askedAbout() != "":
		answerIntroducer(e, in)
	default:
		answerTalk(e, in)
	}
}

// concerns says whether a mail can be an answer to the owner at all: something was asked before it,
// a talk was set with them, or somebody else introduced this person, who then wrote first. Old mail and
// other talk are not.
func (e *evaluation) concerns(in *store.Event) bool {
	if e.state.Meeting != nil && in.At.After(e.state.Made) {
		return true
	}
	if e.state.Ask != nil {
		return !in.At.Before(e.state.Ask.At)
	}
	return (e.Via != nil || in.Mail.Read.Intent == "intro_made") && !in.At.Before(e.Person.Added)
}

// askedAbout is whom the last request asked an introduction to; "" if it asked for a talk.
func (e *evaluation) askedAbout() string {
	if e.state.Ask == nil || e.state.Ask.Variant != IntroRequest {
		return ""
	}
	return firstOf(e.state.Ask.About, "somebody")
}

// answerTalk handles the answer of somebody who was asked for a talk.
func answerTalk(e *evaluation, in *store.Event) {
	switch in.Mail.Read.Intent {
	case "accept_with_times", "reschedule":
		agree(e, in)
	case "accept":
		accepted(e, in)
	case "propose_link":
		e.task(in, TaskBook, e.Person.Name+" offers a booking page: choose a time at "+in.Mail.Read.Link)
	case "cancel":
		switch {
		case len(in.Mail.Invite) == 0 && len(e.offered(in)) > 0: // off, and a new time in the same mail
			agree(e, in)
		case e.state.OffByThem:
			e.calledOff(in)
		case e.state.Meeting == nil:
			e.unsure(in)
		}
	}
}

// answersMaybe says whether a mail is a calendar's TENTATIVE (RFC 5545 §3.2.12).
func answersMaybe(in *store.Event) bool {
	return slices.ContainsFunc(in.Mail.Invite, func(inv store.Invite) bool { return inv.Method == "REPLY" && inv.Status == "TENTATIVE" })
}

// answerIntroducer handles the answer of somebody who was asked for an introduction.
func answerIntroducer(e *evaluation, in *store.Event) {
	if v := in.Mail.Read; v.Intent == "accept" || v.Intent == "accept_with_times" && !namesHour(v.Times) {
		e.task(in, TaskIntroduce, e.Person.Name+" is willing to introduce you: nothing to do but wait")
		return
	}
	e.unsure(in)
}

// accepted handles a yes without a time: to one proposed time it is clear, to several it is not.
// "See you then!" after a meeting was agreed wants nothing.
func accepted(e *evaluation, in *store.Event) {
	if e.madeFor(in) || e.state.stands() {
		return
	}
	switch open := e.proposed(in.At); {
	case len(open) == 0, len(open) == 1 && !open[0].Start.After(e.now):
		propose(e, in, "they said yes and named no time")
	case len(open) == 1:
		e.confirm(in, open[0], nil, "they said yes to the time you proposed")
	default:
		e.task(in, TaskChoose, fmt.Sprintf("%s says yes, but not to which of the times you proposed: settle it with `introd meet %s TIME`", e.Person.Name, e.Person.ID))
	}
}

// thanksNo wants the one thank-you for an answer that leads no further.
func (e *evaluation) thanksNo(in *store.Event, why string) {
	e.want(Want{Key: "thanks-for-no/" + e.Person.ID, Kind: ThanksNo, From: in.At, Parent: in, Why: why, Named: named(in)})
}

// thanksIntro wants the one thank-you for an introduction.
func (e *evaluation) thanksIntro(in *store.Event) {
	key := eventKey("thanks-for-introducing", in)
	about := e.askedAbout()
	if about != "" {
		key = "thanks-for-introducing/" + e.Person.ID + "/" + about
	}
	e.want(Want{
		Key: key, Kind: ThanksIntro, From: in.At, Urgent: true, Parent: in, About: about, NeedsSentence: true, Why: e.Person.Name + " made the introduction",
	})
}

func (e *evaluation) unsure(in *store.Event) {
	e.task(in, TaskUnsure, "introd could not tell what "+e.Person.Name+" means: please read the mail and answer it")
}

// referred asks the owner about the people a mail names. Nobody is added without them (P6).
func referred(e *evaluation, in *store.Event) {
	people := slices.DeleteFunc(slices.Clone(named(in)), func(p store.Named) bool { return slices.Contains(e.Known, p.Email) })
	switch {
	case len(people) == 0:
	case e.answersIntroduction(in):
		e.task(in, TaskReferred, e.Person.Name+" introduces you to "+names(people)+": approve the answer, or add them with `introd add`, if you like")
	default:
		e.task(in, TaskReferred, e.Person.Name+" names "+names(people)+": add them with `introd add`, if you like")
	}
}

// named are the people whom a mail points to.
func named(in *store.Event) []store.Named {
	switch in.Mail.Read.Intent {
	case "referral", "decline_with_referral", "intro_made":
		return in.Mail.Read.People
	}
	return nil
}

// leftOpen reminds the owner of somebody who answered kindly and left it open: after a while the next
// move is the owner's, and no draft can know which.
func leftOpen(e *evaluation) {
	s := e.state
	if s.Ask == nil || s.Arranged || !s.answered() || s.Word != nil && !s.Word.At.Before(s.Ask.At) ||
		s.LastIn == nil || s.LastOut != nil && s.LastOut.At.After(s.LastIn.At) || s.LastIn.At.Before(s.Ask.At) {
		return
	}
	e.want(Want{
		Key: eventKey(TaskOpen, s.LastIn), Kind: TaskOpen, Task: true, From: addBusinessDays(s.LastIn.At, e.rules.NudgeAfter, e.rules.Zone), Parent: s.LastIn,
		Why: e.Person.Name + " answered without a yes or a no, and has not written since: write again if you like",
	})
}

// agree settles on the first time they offered at which the owner is free, or leaves the choice to
// the owner where the words allow more than one reading.
func agree(e *evaluation, in *store.Event) {
	slots, moved := e.offered(in), in.Mail.Read.Intent != "accept_with_times"
	if e.madeFor(in) {
		if m := e.state.Meeting; in.At.After(e.state.Made) && m.Start.After(e.now) && namesHour(slots) && !starts(slots, m.Start) {
			e.task(in, TaskChoose, fmt.Sprintf("%s names another time than the one you agreed on: settle it with `introd meet %s TIME`", e.Person.Name, e.Person.ID))
		}
		return
	}
	for i, slot := range slots {
		if len(slot.Doubt) > 0 {
			e.taskUntil(in, TaskChoose, fmt.Sprintf("“%s” can be read in more than one way: settle it with `introd meet %s TIME`", slot.Text, e.Person.ID), e.lastChance(slot))
			return
		}
		if chosen, ok := e.within(slot); ok {
			why := "they offered " + offerWords(slots)
			if moved {
				why = "they asked to move the meeting"
			}
			e.confirm(in, chosen, slices.Delete(slices.Clone(slots), i, i+1), why)
			return
		}
	}
	propose(e, in, e.whyPropose(in, slots, moved))
}

// madeFor says whether a meeting stands that their mail can be about, or that was made of it: their own
// invitation, or one the owner chose. Rule meeting speaks for it, also after it took place.
func (e *evaluation) madeFor(in *store.Event) bool {
	return e.state.ahead(in.At) && !e.state.Moving && !e.state.NoShow
}

func namesHour(slots []store.Slot) bool {
	return slices.ContainsFunc(slots, func(s store.Slot) bool { return s.Kind != "day" })
}

// whyPropose says why times are proposed to somebody who was to name some.
func (e *evaluation) whyPropose(in *store.Event, slots []store.Slot, moved bool) string {
	switch {
	case len(slots) > 0 && wholeDays(slots[0]):
		return "they named a day and no hour"
	case len(slots) > 0:
		return "you are not free at the time they named"
	case moved:
		return "they asked to move the meeting"
	case len(in.Mail.Read.Times) > 0:
		return "the time they named is over"
	}
	return "they said yes and named no time"
}

// confirm wants the mail that settles a time.
func (e *evaluation) confirm(in *store.Event, slot store.Slot, others []store.Slot, why string) {
	m := e.meetingFor(in, slot)
	kind, method := Confirmation, "REQUEST"
	if m.Sequence > 0 {
		kind = Reschedule
	}
	if m.Foreign {
		method = "" // their own invitation: they change it
	}
	e.want(Want{
		Key: meetingKey("confirmation", m), Kind: kind, From: in.At, Until: m.Start, Urgent: true, Parent: in, Why: why,
		Meeting: m, Was: e.state.Was, Method: method, Choices: others,
	})
}

// meetingFor makes the meeting that a slot stands for: a new one, or the current one moved.
func (e *evaluation) meetingFor(in *store.Event, slot store.Slot) *store.Meeting {
	s := e.state
	m := &store.Meeting{UID: meetingUID(e.Person.ID, in.Mail.MessageID), Start: slot.Start, End: slot.End, Place: place(in.Mail.Read), Zone: e.Person.Zone}
	cur := s.Meeting
	if cur == nil || !in.At.Before(cur.End) || cur.Foreign && s.MeetingOff {
		return m
	}
	if told, ok := s.Told[cur.UID]; ok || cur.Foreign {
		m.UID, m.Sequence, m.Foreign, m.Place = cur.UID, max(told, cur.Sequence)+1, cur.Foreign, firstOf(m.Place, cur.Place)
	}
	return m
}

// meeting tells them of a meeting the owner set, moved or called off by hand, and answers theirs.
func meeting(e *evaluation) {
	s := e.state
	m := s.Meeting
	if m == nil || !m.Start.After(e.now) || s.Moving || s.NoShow {
		return
	}
	told, wasTold := s.Told[m.UID]
	w := Want{Kind: Confirmation, Key: meetingKey("confirmation", m), From: e.since(), Until: m.Start, Urgent: true, Parent: s.lastMail(), Meeting: m}
	switch {
	case s.MeetingOff:
		if s.OffByThem || s.OffTold || !wasTold {
			return
		}
		off := *m
		off.Sequence = told + 1
		w.Key, w.Kind, w.Meeting, w.Was, w.Method, w.Why = meetingKey("cancel", &off), Cancel, &off, s.Was, e.method("CANCEL"), "you called the meeting off"
	case m.Foreign && !s.ByOwner && (!wasTold || s.Was == nil || !s.Was.Start.Equal(m.Start)):
		w.Key, w.Kind, w.Why = meetingKey("answer-invite", m), AnswerInvite, "they sent an invitation"
	case wasTold && told >= m.Sequence, m.Foreign && !s.ByOwner:
		return
	case !wasTold && !m.Foreign:
		w.Method, w.Why = "REQUEST", "you set the meeting"
	default:
		w.Kind, w.Was, w.Method, w.Why = Reschedule, s.Was, e.method("REQUEST"), "you moved the meeting"
	}
	e.want(w)
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

// thanks wants the thank-you after a meeting that took place. Of one that nobody confirmed only the
// owner knows whether it did.
func thanks(e *evaluation) {
	s := e.state
	if s.Meeting == nil || s.MeetingOff || s.Moving || s.NoShow || s.Thanked {
		return
	}
	day, end := s.Meeting.Start.In(e.rules.Zone).Format("Monday, January 2"), s.Meeting.End
	if !s.agreed() {
		e.want(Want{
			Key: meetingKey(TaskHeld, s.Meeting), Kind: TaskHeld, Task: true, From: end.Add(e.rules.ThankReady),
			Why: fmt.Sprintf("did you and %s meet on %s? Say so with `introd meet %s --held` or `--no-show`", e.Person.Name, day, e.Person.ID),
		})
		return
	}
	e.want(Want{
		Key: "thank-you/" + s.Meeting.UID, Kind: ThankYou, From: end.Add(e.rules.ThankReady), Due: end.Add(e.rules.ThankDue),
		Overdue: end.Add(e.rules.ThankOverdue), Urgent: true, NeedsSentence: true, Parent: s.lastMail(), Meeting: s.Meeting, Why: "you met on " + day,
	})
}

// lastMail is the mail that the next one follows in its thread; nil for none.
func (s *State) lastMail() *store.Event {
	if s.LastIn == nil || s.LastOut != nil && s.LastOut.At.After(s.LastIn.At) {
		return s.LastOut
	}
	return s.LastIn
}

// propose wants a mail with times to choose from, unless the owner chose some themselves.
func propose(e *evaluation, in *store.Event, why string) {
	if p := e.state.Proposing; p != nil && !p.At.Before(in.At) {
		return
	}
	offers, round := freeSlots(e, in.At, in.Mail.Read.Times)
	w := Want{Key: eventKey("propose-times", in), Kind: ProposeTimes, From: in.At, Urgent: true, Parent: in, Why: why, Was: e.moves()}
	w, open := e.offering(w, offers, round)
	switch {
	case !open:
	case len(offers) == 0:
		e.task(in, TaskChoose, fmt.Sprintf("%s: no free time was found to propose, so name one with `introd meet %s TIME`", why, e.Person.ID))
	default:
		e.want(w)
	}
}

// moves is the meeting that is to be moved; nil if there is none.
func (e *evaluation) moves() *store.Meeting {
	if e.state.Moving || e.state.OffByThem {
		return e.state.Was
	}
	return nil
}

func (e *evaluation) task(in *store.Event, kind, why string) { e.taskUntil(in, kind, why, time.Time{}) }

// taskUntil is a task that changes or ends by itself at a time; zero: it does not.
func (e *evaluation) taskUntil(in *store.Event, kind, why string, until time.Time) {
	e.want(Want{Key: eventKey(kind, in), Kind: kind, Task: true, From: in.At, Until: until, Urgent: true, Why: why, Parent: in, Named: named(in)})
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
