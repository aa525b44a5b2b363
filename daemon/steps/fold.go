package steps

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// Stage is a word for where somebody stands, for lists and sentences. No rule depends on it.
type Stage string

// The stages, in the order in which most people pass through them.
const (
	StageNew       Stage = "new"
	StagePlanned   Stage = "planned"   // a request is drafted
	StageAsked     Stage = "asked"     // and sent
	StageAway      Stage = "away"      // an absence notice came back
	StageAnswered  Stage = "answered"  // they wrote; the next move is the owner's
	StageMeeting   Stage = "meeting"   // agreed
	StageMet       Stage = "met"       // the meeting is over, no thanks yet
	StageThanked   Stage = "thanked"   //
	StageDeclined  Stage = "declined"  //
	StageResting   Stage = "resting"   // nudged, no answer
	StageBounced   Stage = "bounced"   // no address works
	StageOptedOut  Stage = "opted out" // never to be written to again
	StageIntroduce Stage = "introduces"
)

// State is what a history amounts to at a moment.
type State struct {
	Stage       Stage
	OptedOut    bool
	Unreachable bool              // their address is dead
	Lost        bool              // the last request bounced: nobody read it
	Settled     map[string]bool   // keys of wants sent or dropped
	Sentences   map[string]string // want key → the owner's personal sentence
	Asks        []store.Event     // what the owner asked for, in order
	Ask         *store.Event      // the last request or introduction request that was sent
	Nudges      int               // sent since Ask, by introd or by the owner's hand
	Chased      time.Time         // when the owner last tried to reach them, since Ask
	Arranged    bool              // a meeting was agreed or set, or an introduction made, since Ask
	LastIn      *store.Event      // their last mail written by a person or a calendar
	Word        *store.Event      // of those, the last that decides or asks something
	LastOut     *store.Event
	Proposal    *store.Event // the last mail that proposed times, until a meeting is made
	Back        time.Time    // first day back, or first day to ask again; zero if not said
	Away        time.Time    // when an absence notice came that gave no date
	Declined    bool
	Meeting     *store.Meeting // the current one, whether agreed, moved or called off
	Made        time.Time      // when it was agreed, set or moved
	Told        map[string]int // meeting UID → highest sequence they were told of
	Was         *store.Meeting // what they were told of last
	ByOwner     bool           // the owner set or moved it last, by hand
	MeetingOff  bool
	OffByThem   bool
	OffTold     bool // they were told that it is off
	Moving      bool // they asked to move it, and no new time is agreed
	Held        bool // the owner says that it took place
	NoShow      bool
	ThankedAt   time.Time
	ByMe        bool            // it was the owner who did not come
	HeldAt      time.Time       // when the owner said whether it took place
	Proposing   *store.Event    // the last time that the owner asked to propose times
	Thanked     bool            // a thank-you went out for the meeting
	Said        bool            // the owner noted an answer to a request that was no mail
	GivenUp     bool            // the owner no longer waits for an answer to the request
	introduced  map[string]bool // addresses of those whom they introduced: their mail in the thread is their own
}

// Fold reads a history up to now.
func Fold(history []store.Event, now time.Time) State {
	s := State{Settled: map[string]bool{}, Sentences: map[string]string{}, Told: map[string]int{}, introduced: map[string]bool{}}
	for _, ev := range ordered(history) {
		s.add(ev)
	}
	s.Stage = s.stage(now)
	return s
}

// ordered sorts by when things happened. Entries of the same moment stay as they were learnt. A mail
// is never older than the one it answers, whatever its sender's clock says: an absence notice comes
// within seconds, from clocks that are minutes slow.
func ordered(history []store.Event) []store.Event {
	sorted := slices.Clone(history)
	sent := map[string]time.Time{}
	for _, ev := range sorted {
		if ev.Kind == store.MailOut && ev.Mail != nil {
			sent[ev.Mail.MessageID], sent[ev.Mail.SentID] = ev.At, ev.At
		}
	}
	delete(sent, "")
	for i, ev := range sorted {
		if ev.Kind != store.MailIn || ev.Mail == nil {
			continue
		}
		for _, id := range ev.Mail.References {
			if parent, ok := sent[id]; ok && !sorted[i].At.After(parent) {
				sorted[i].At = parent.Add(time.Nanosecond)
			}
		}
	}
	slices.SortStableFunc(sorted, func(a, b store.Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq))
	})
	return sorted
}

func (s *State) add(ev store.Event) {
	switch ev.Kind {
	case store.MailIn:
		s.mailIn(ev)
	case store.MailOut:
		s.mailOut(ev)
	case store.Asked:
		if ev.Variant == ProposeTimes {
			s.Proposing = &ev
			return
		}
		s.Asks = append(s.Asks, ev)
		if ev.Text != "" {
			s.Sentences[ev.Want] = ev.Text
		}
	case store.Sentence:
		s.Sentences[ev.Want] = ev.Text
	case store.Dropped:
		s.Settled[ev.Want] = true
		s.GivenUp = s.GivenUp || s.Ask != nil && s.Ask.Want == ev.Want
	case store.Chosen, store.MeetingSet: // the owner knows better than a no that was read before
		s.meet(ev.Meeting, ev.At)
		s.ByOwner, s.Declined = true, false
	case store.MeetingOff:
		s.OffByThem = s.MeetingOff && s.OffByThem // they called it off, and the owner takes note
		s.MeetingOff = s.Meeting != nil
	case store.MeetingHeld:
		s.ByMe = ev.Text == "missed"
		s.NoShow = ev.Text == "no-show" || s.ByMe
		s.Held, s.Moving, s.HeldAt = !s.NoShow, false, ev.At
	case store.Touched:
		s.touched(ev)
	case store.Noted:
		s.Said = s.Said || s.Ask != nil && s.Ask.Kind == store.Touched
	case store.Introduced:
		s.Arranged = true
	case store.Bounced:
		s.Unreachable, s.Lost = true, s.silent()
	case store.Reached:
		s.Unreachable = false
	case store.OptedOut:
		s.OptedOut = true
	}
}

func (s *State) mailIn(ev store.Event) {
	v := ev.Mail.Read
	if v == nil || s.introduced[ev.Mail.From] {
		return
	}
	for _, p := range IntroducedIn(ev) {
		s.introduced[p.Email] = true
	}
	if v.Intent == "out_of_office" {
		s.away(ev)
		return
	}
	if v.Kind != "person" && v.Kind != "calendar" || v.Intent == "auto_ack" {
		return
	}
	s.Unreachable, s.Lost = false, false // whoever writes can be written to
	s.LastIn = &ev
	if v.Intent != "thanks_only" && v.Intent != "unrelated" {
		s.Word = &ev
	}
	switch v.Intent {
	case "decline", "decline_with_referral":
		s.decline(ev)
	case "accept", "accept_with_times", "propose_link", "intro_made":
		s.Declined = false
	case "later":
		s.Back, s.Away = dateOf(v.ReturnDate), time.Time{}
	case "reschedule":
		s.Moving = s.ahead(ev.At)
	case "cancel":
		s.callOff(ev)
	case "unsubscribe":
		s.OptedOut = true
	}
	s.theirInvite(ev)
}

// away takes in an absence notice. The newest date counts; a notice without one leaves it.
func (s *State) away(ev store.Event) {
	if day := dateOf(ev.Mail.Read.ReturnDate); !day.IsZero() {
		s.Back, s.Away = day, time.Time{}
	} else if s.Back.Before(ev.At) {
		s.Away = ev.At
	}
}

// dateOf reads an ISO date; zero for none.
func dateOf(iso string) time.Time {
	day, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return time.Time{}
	}
	return day
}

// decline takes in a no. A calendar's no is to a time and not to the talk; a no after the talk is to
// something else that was said there.
func (s *State) decline(ev store.Event) {
	met := s.stands() && !s.ahead(ev.At) && (s.Ask == nil || s.Ask.At.Before(s.Meeting.End))
	if ev.Mail.Read.Kind != "calendar" && !met {
		s.Declined = true
	}
	s.callOff(ev)
}

// ahead says whether a meeting is made that was not over at the given time.
func (s *State) ahead(at time.Time) bool {
	return s.Meeting != nil && !s.MeetingOff && at.Before(s.Meeting.End)
}

func (s *State) callOff(ev store.Event) {
	if s.ahead(ev.At) {
		s.MeetingOff, s.OffByThem = true, true
	}
}

// usualLength is how long a meeting is of which their invitation does not say it.
const usualLength = 30 * time.Minute

// theirInvite takes in what a calendar part says of a meeting (RFC 5546 §3.2). What is older than the
// meeting as it stands now (its SEQUENCE is lower, §2.1.5) changes nothing.
func (s *State) theirInvite(ev store.Event) {
	for _, inv := range ev.Mail.Invite {
		current := s.Meeting != nil && inv.UID == s.Meeting.UID
		if current && inv.Sequence < s.Meeting.Sequence {
			continue
		}
		switch {
		case inv.Method == "COUNTER", inv.Method == "REQUEST" && current && !s.Meeting.Foreign:
			s.Moving = s.Moving || current && s.ahead(ev.At) // only we can move our own meeting: this proposes it
		case inv.Method == "REQUEST" && !inv.Start.IsZero():
			m := &store.Meeting{UID: inv.UID, Sequence: inv.Sequence, Start: inv.Start, End: inv.End, Place: inv.Location, Foreign: true}
			if !m.End.After(m.Start) {
				m.End = m.Start.Add(usualLength)
			}
			s.meet(m, ev.At)
		case current && (inv.Method == "CANCEL" || inv.Method == "REPLY" && inv.Status == "DECLINED"):
			s.callOff(ev)
		}
	}
}

// meet makes m the current meeting. Another meeting than before wants thanks of its own.
func (s *State) meet(m *store.Meeting, at time.Time) {
	if s.Meeting == nil || s.Meeting.UID != m.UID {
		s.Thanked = false
	}
	s.Meeting, s.Made, s.Proposal, s.Arranged = m, at, nil, true
	s.ByOwner, s.MeetingOff, s.OffByThem, s.OffTold, s.Moving, s.Held, s.NoShow, s.ByMe = false, false, false, false, false, false, false, false
}

func (s *State) mailOut(ev store.Event) {
	s.LastOut = &ev
	if ev.Want != "" {
		s.Settled[ev.Want] = true
	}
	if len(ev.Offers) > 0 {
		s.Proposal = &ev
	}
	switch {
	case isAsk(ev.Variant):
		s.asked(ev)
	case ev.Variant == Nudge, ev.Want == "" && s.silent(): // a reminder that the owner wrote themselves is one
		s.Nudges++
		s.Chased = ev.At
	case ev.Variant == Cancel:
		s.MeetingOff, s.OffByThem, s.OffTold = true, false, true
	}
	if m := s.Meeting; m != nil && m.Foreign { // whatever the owner writes after their invitation answers it
		s.Told[m.UID], s.Was = m.Sequence, m
	}
	if m := ev.Meeting; m != nil {
		s.Told[m.UID] = max(s.Told[m.UID], m.Sequence)
		if ev.Variant != Cancel && ev.Variant != ConfirmTomorrow { // which only speaks of it
			s.meet(m, ev.At)
			s.Was = m
		}
	}
	if s.Meeting != nil && ev.At.After(middle(s.Meeting)) && (ev.Variant == ThankYou || saysThanks(ev)) {
		s.Thanked, s.ThankedAt = true, ev.At
	}
}

// asked takes in a request that went out, by mail or otherwise. Whom it asks an introduction to stands
// in what the owner asked for.
func (s *State) asked(ev store.Event) {
	for _, ask := range s.Asks {
		if ask.Want == ev.Want {
			ev.About = firstOf(ev.About, ask.About)
		}
	}
	s.Ask, s.Nudges, s.Chased, s.Back, s.Away = &ev, 0, ev.At, time.Time{}, time.Time{}
	s.Arranged, s.Lost, s.Declined, s.Said, s.GivenUp = false, false, false, false, false
}

// touched takes in a call or a message on LinkedIn: a request where it names one, else another try. A
// second try at somebody who was asked in such a way is the one reminder that they get.
func (s *State) touched(ev store.Event) {
	if ev.Want != "" {
		s.Settled[ev.Want] = true
		s.asked(ev)
		return
	}
	s.Chased = ev.At
	if s.silent() && s.Ask.Kind == store.Touched {
		s.Nudges++
	}
}

// middle is the moment after which thanks can only be for the talk: many end early.
func middle(m *store.Meeting) time.Time { return m.Start.Add(m.End.Sub(m.Start) / 2) }

// silent says whether a request went out and nothing has come of it.
func (s *State) silent() bool { return s.Ask != nil && !s.answered() && !s.Arranged && !s.GivenUp }

// saysThanks tells whether a mail the owner wrote by hand can stand for a thank-you.
func saysThanks(ev store.Event) bool {
	if ev.Mail == nil || !ev.Mail.ByHand {
		return false
	}
	text := strings.ToLower(ev.Mail.Subject + " " + ev.Mail.Text)
	for _, word := range []string{"thank", "grateful", "appreciate", "danke", "merci", "gracias", "obrigad"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

func isAsk(variant string) bool {
	return strings.HasPrefix(variant, Request) || variant == IntroRequest
}

// answered says whether they wrote since the request went out, or said something that the owner noted.
func (s *State) answered() bool {
	return s.Ask != nil && (s.Said || s.LastIn != nil && !s.LastIn.At.Before(s.Ask.At))
}

// byMail says whether the last request went by mail: a dead address then means that nobody reads it.
func (s *State) byMail() bool { return s.Ask == nil || s.Ask.Kind == store.MailOut }

func (s *State) stage(now time.Time) Stage {
	switch {
	case s.OptedOut:
		return StageOptedOut
	case s.Unreachable && s.byMail():
		return StageBounced
	case s.Thanked:
		return StageThanked
	case s.stands() && now.After(s.Meeting.End):
		return StageMet
	case s.stands():
		return StageMeeting
	case s.Declined:
		return StageDeclined
	case s.answered() && s.Ask.Variant == IntroRequest:
		return StageIntroduce
	case s.answered():
		return StageAnswered
	case s.Ask != nil && (now.Before(s.Back) || !s.Away.IsZero() && s.Nudges == 0):
		return StageAway
	case s.Ask != nil && (s.Nudges > 0 || s.GivenUp):
		return StageResting
	case s.Ask != nil:
		return StageAsked
	case len(s.Asks) > 0:
		return StagePlanned
	}
	return StageNew
}

// stands says whether a talk is agreed and neither called off, nor being moved, nor missed, past or to come.
func (s *State) stands() bool {
	return s.Meeting != nil && !s.MeetingOff && !s.Moving && !s.NoShow && s.agreed()
}

// agreed says whether both sides know of the current meeting. An owner who drops the confirmation of
// a meeting has told them in another way.
func (s *State) agreed() bool {
	told, ok := s.Told[s.Meeting.UID]
	return s.Meeting.Foreign || s.Held || ok && told >= s.Meeting.Sequence || s.Settled[meetingKey("confirmation", s.Meeting)]
}

// OpenRequest says until when an unanswered request to this person blocks others at their
// organization; zero when none does.
func OpenRequest(history []store.Event, r Rules, now time.Time) time.Time {
	s := Fold(history, now)
	if !s.silent() || s.Ask.Variant == IntroRequest || s.OptedOut || s.byMail() && (s.Unreachable || s.Lost) {
		return time.Time{}
	}
	if until := OpenUntil(s.Ask.At, r); until.After(now) {
		return until
	}
	return time.Time{}
}
