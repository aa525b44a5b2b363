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
	Settled     map[string]bool   // keys of wants sent or dropped
	Sentences   map[string]string // want key → the owner's personal sentence
	Asks        []store.Event     // what the owner asked for, in order
	Ask         *store.Event      // the last request or introduction request that was sent
	Nudges      int               // sent since Ask
	LastIn      *store.Event      // their last mail written by a person or a calendar
	LastOut     *store.Event
	Back        time.Time // first day back, or first day to ask again; zero if not said
	Declined    bool
	Meeting     *store.Meeting // the current one, whether agreed, moved or called off
	Told        map[string]int // meeting UID → highest sequence they were told of
	Was         *store.Meeting // what they were told of last
	MeetingOff  bool
	OffByThem   bool
	NoShow      bool
	Thanked     bool // a thank-you went out after the meeting's end
}

// Fold reads a history up to now. Events later than now (a mail whose sender's clock is fast)
// count as happening now.
func Fold(history []store.Event, now time.Time) State {
	s := State{Settled: map[string]bool{}, Sentences: map[string]string{}, Told: map[string]int{}}
	for _, ev := range ordered(history) {
		s.add(ev)
	}
	s.Stage = s.stage(now)
	return s
}

// ordered sorts by when things happened. Entries of the same moment stay as they were learnt.
func ordered(history []store.Event) []store.Event {
	sorted := slices.Clone(history)
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
		s.Asks = append(s.Asks, ev)
		if ev.Text != "" {
			s.Sentences[ev.Want] = ev.Text
		}
	case store.Sentence:
		s.Sentences[ev.Want] = ev.Text
	case store.Dropped:
		s.Settled[ev.Want] = true
	case store.Chosen, store.MeetingSet:
		s.meet(ev.Meeting)
	case store.MeetingOff:
		s.MeetingOff, s.OffByThem = true, false
	case store.MeetingHeld:
		s.NoShow = ev.Text == "no-show"
	case store.Bounced:
		s.Unreachable = true
	case store.Reached:
		s.Unreachable = false
	case store.OptedOut:
		s.OptedOut = true
	}
}

func (s *State) mailIn(ev store.Event) {
	v := ev.Mail.Read
	if v == nil {
		return
	}
	if day, err := time.Parse(time.DateOnly, v.ReturnDate); err == nil && (v.Intent == "out_of_office" || v.Intent == "later") {
		s.Back = day
	}
	if v.Kind != "person" && v.Kind != "calendar" || v.Intent == "out_of_office" || v.Intent == "auto_ack" {
		return
	}
	s.Unreachable = false // whoever writes can be written to
	s.LastIn = &ev
	switch v.Intent {
	case "decline", "decline_with_referral":
		s.Declined = true
	case "accept", "accept_with_times", "propose_link", "intro_made":
		s.Declined = false
	case "unsubscribe":
		s.OptedOut = true
	}
	s.theirInvite(ev)
}

// theirInvite takes in what a calendar part says of a meeting (RFC 5546 §3.2).
func (s *State) theirInvite(ev store.Event) {
	for _, inv := range ev.Mail.Invite {
		switch {
		case inv.Method == "REQUEST" && !inv.Start.IsZero():
			s.meet(&store.Meeting{UID: inv.UID, Sequence: inv.Sequence, Start: inv.Start, End: inv.End, Place: inv.Location, Foreign: true})
		case s.Meeting == nil || inv.UID != s.Meeting.UID:
		case inv.Method == "CANCEL", inv.Method == "REPLY" && inv.Status == "DECLINED":
			s.MeetingOff, s.OffByThem = true, true
		}
	}
	if ev.Mail.Read.Intent == "cancel" && s.Meeting != nil {
		s.MeetingOff, s.OffByThem = true, true
	}
}

// meet makes m the current meeting. Another meeting than before wants thanks of its own.
func (s *State) meet(m *store.Meeting) {
	if s.Meeting == nil || s.Meeting.UID != m.UID {
		s.Thanked = false
	}
	s.Meeting, s.MeetingOff, s.OffByThem, s.NoShow = m, false, false, false
}

func (s *State) mailOut(ev store.Event) {
	s.LastOut = &ev
	if ev.Want != "" {
		s.Settled[ev.Want] = true
	}
	switch {
	case isAsk(ev.Variant):
		s.Ask, s.Nudges, s.Back, s.Declined = &ev, 0, time.Time{}, false
	case ev.Variant == Nudge:
		s.Nudges++
	case ev.Variant == Cancel:
		s.MeetingOff, s.OffByThem = true, false
	}
	if m := ev.Meeting; m != nil && ev.Variant != Cancel {
		s.meet(m)
		s.Was = m
		s.Told[m.UID] = max(s.Told[m.UID], m.Sequence)
	}
	if s.Meeting != nil && ev.At.After(s.Meeting.End) && (ev.Variant == ThankYou || saysThanks(ev)) {
		s.Thanked = true
	}
}

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

// answered says whether they wrote since the request went out.
func (s *State) answered() bool {
	return s.Ask != nil && s.LastIn != nil && !s.LastIn.At.Before(s.Ask.At)
}

func (s *State) stage(now time.Time) Stage {
	switch {
	case s.OptedOut:
		return StageOptedOut
	case s.Unreachable:
		return StageBounced
	case s.Thanked:
		return StageThanked
	case s.stands() && now.After(s.Meeting.End) && !s.NoShow:
		return StageMet
	case s.stands() && !s.NoShow:
		return StageMeeting
	case s.Declined:
		return StageDeclined
	case s.answered() && s.Ask.Variant == IntroRequest:
		return StageIntroduce
	case s.answered():
		return StageAnswered
	case s.Ask != nil && now.Before(s.Back):
		return StageAway
	case s.Ask != nil && s.Nudges > 0:
		return StageResting
	case s.Ask != nil:
		return StageAsked
	case len(s.Asks) > 0:
		return StagePlanned
	}
	return StageNew
}

// stands says whether a talk is agreed and not called off, past or to come.
func (s *State) stands() bool { return s.Meeting != nil && !s.MeetingOff && s.agreed() }

// agreed says whether both sides know of the current meeting.
func (s *State) agreed() bool {
	told, ok := s.Told[s.Meeting.UID]
	return s.Meeting.Foreign || ok && told >= s.Meeting.Sequence
}

// OpenRequest says until when an unanswered request to this person blocks others at their
// organization; zero when none does.
func OpenRequest(history []store.Event, r Rules, now time.Time) time.Time {
	s := Fold(history, now)
	if s.Ask == nil || s.Ask.Variant == IntroRequest || s.answered() || s.OptedOut || s.Unreachable {
		return time.Time{}
	}
	if until := addBusinessDays(s.Ask.At, r.OpenFor, r.Zone); until.After(now) {
		return until
	}
	return time.Time{}
}
