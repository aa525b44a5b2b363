package reading

import (
	"time"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/times"
)

// meaning decides the intent and what belongs to it.
func (f *facts) meaning(r *Reading) {
	l := f.letter(r)
	f.people(l)
	l.dropTheirs()
	f.details(l)
	v := f.verdict(l)
	r.Intent = v.intent
	r.because("intent="+string(v.intent), v.evidence, "intent."+v.rule)
	f.settle(l)
	for _, t := range r.Times {
		r.because("time="+t.Start.Format(time.RFC3339), t.Text, "times."+t.Kind)
	}
}

// settle keeps of the details what goes with the intent: somebody who declines offers no times.
func (f *facts) settle(l *letter) {
	r := l.Reading
	switch r.Intent {
	case Reschedule:
		if r.Kind != KindCalendar {
			r.Times = l.afterMove()
		}
	case Accept, AcceptWithTimes, ProposeLink, CounterQuestion, IntroMade:
		if r.Kind != KindCalendar {
			r.Times = l.offers
		}
	case Unsure: // the owner decides, with all times that were read before them
	case OutOfOffice:
		r.Times, r.Link, r.Phone = nil, "", ""
		f.returnDate(l)
	case Later:
		r.Times = nil
		f.laterDate(l)
	case Unrelated, AutoAck, IntentBounce, Unsubscribe:
		r.Times, r.People, r.Link, r.Phone = nil, nil, "", ""
	default:
		r.Times = nil
	}
	if r.Kind == KindCalendar && r.Intent == Cancel {
		r.Times = nil
	}
}

// A verdict is an intent with the words that it rests on.
type verdict struct {
	intent         Intent
	evidence, rule string
}

func (f *facts) verdict(l *letter) verdict {
	switch l.Kind {
	case KindBounce, KindDelay:
		return verdict{IntentBounce, l.Subject, "delivery-report"}
	case KindCalendar:
		if v, ok := f.calendarVerdict(l); ok {
			return v
		}
	case KindAutoReply:
		return machineVerdict(l)
	case KindList:
		return verdict{Unrelated, "mailing list", "list"}
	}
	return f.personVerdict(l)
}

// machineVerdict tells an absence from a receipt.
func machineVerdict(l *letter) verdict {
	if m := l.says(cues.Gone); m != nil {
		return verdict{OutOfOffice, l.around(m), m.Rule}
	}
	if m := l.says(cues.Absent); m != nil && l.count(cues.Absent) >= l.count(cues.Ack) {
		return verdict{OutOfOffice, l.around(m), m.Rule}
	}
	if m := l.says(cues.Ack); m != nil {
		return verdict{AutoAck, l.around(m), m.Rule}
	}
	if m := l.says(cues.Away); m != nil {
		return verdict{OutOfOffice, l.around(m), m.Rule}
	}
	if len(l.f.found.Excluded) > 0 {
		return verdict{OutOfOffice, l.f.found.Excluded[0].Text, "absent-time"}
	}
	return verdict{AutoAck, l.Subject, "auto-reply"}
}

// calendarVerdict reads what an iTIP message means for the talk (RFC 5546 §3.2).
func (f *facts) calendarVerdict(l *letter) (verdict, bool) {
	inv := l.Invites[0]
	evidence, rule := "METHOD:"+inv.Method, "calendar"
	start, err := time.Parse(time.RFC3339, inv.Start)
	if err == nil {
		t := times.Time{Span: times.Span{Start: start, Kind: "exact"}, Text: "DTSTART:" + inv.Start}
		if end, err := time.Parse(time.RFC3339, inv.End); err == nil {
			t.End = &end
		}
		l.Times = []times.Time{t}
	}
	switch inv.Method {
	case "REQUEST", "PUBLISH":
		if f.Meeting != nil && f.Meeting.UID == inv.UID && !f.Meeting.Start.Equal(start) {
			return verdict{Reschedule, evidence, rule}, true
		}
		return verdict{AcceptWithTimes, evidence, rule}, true
	case "COUNTER":
		return verdict{Reschedule, evidence, rule}, true
	case "CANCEL":
		return verdict{Cancel, evidence, rule}, true
	case "REPLY":
		if len(inv.Attendees) > 0 {
			switch inv.Attendees[0].Status {
			case "ACCEPTED":
				return verdict{AcceptWithTimes, evidence + " ACCEPTED", rule}, true
			case "DECLINED":
				return verdict{Cancel, evidence + " DECLINED", rule}, true
			}
		}
	}
	return verdict{Unsure, evidence, rule}, false
}

// A rule looks for one meaning in a letter and returns the phrase that shows it, or nil.
type rule struct {
	intent Intent
	name   string
	shown  func(*letter) *cues.Mark
}

// rules are tried in this order: first what is not about the talk at all, then what undoes something
// agreed, then a no in all its forms, and a yes last, for a polite no is full of kind words. Where two
// stand against each other and nothing decides, none of them holds and the letter stays unsure.
var rules = []rule{
	{Unrelated, "pitch", (*letter).pitch},
	{Unsubscribe, "stop", func(l *letter) *cues.Mark { return l.says(cues.Stop) }},
	{Unrelated, "private", (*letter).private},
	{Cancel, "off", (*letter).calledOff},
	{Reschedule, "move", (*letter).moved},
	{IntroMade, "copied", (*letter).introduced},
	{CounterQuestion, "guard", (*letter).firstAsks},
	{DeclineWithReferral, "refusal", func(l *letter) *cues.Mark { return l.ifNamed(l.refusal()) }},
	{Later, "again", (*letter).later},
	{Referral, "unfit", func(l *letter) *cues.Mark { return l.ifNamed(l.unfit()) }},
	{Decline, "refusal", (*letter).refusal},
	{DeclineWithReferral, "no-room", func(l *letter) *cues.Mark { return l.ifNamed(l.noRoom()) }},
	{Referral, "refer", (*letter).referral},
	{ProposeLink, "link", (*letter).booking},
	{AcceptWithTimes, "times", (*letter).offering},
	{CounterQuestion, "ask", (*letter).asking},
	{Accept, "yes", (*letter).accepting},
	{Accept, "pick", func(l *letter) *cues.Mark { return l.ruled("good.pick") }},
	{Later, "not-now", (*letter).notNow},
	{Decline, "unfit", (*letter).unfit},
	{OutOfOffice, "absent", (*letter).away},
	{Decline, "farewell", (*letter).farewell},
	{Referral, "named", (*letter).namedAlone},
	{ThanksOnly, "thanks", (*letter).thanking},
	{Unrelated, "misdirected", (*letter).misdirected},
}

// personVerdict reads what a person means.
func (f *facts) personVerdict(l *letter) verdict {
	if len(l.Clauses) == 0 {
		return verdict{Unsure, "nothing new is written", "empty"}
	}
	for _, rule := range rules {
		if m := rule.shown(l); m != nil {
			if against := l.against(rule.intent, m); against != nil {
				return verdict{Unsure, l.around(m) + " … " + l.around(against), "contradiction"}
			}
			name := rule.name
			if m.Rule != "" {
				name += "." + m.Rule
			}
			return verdict{rule.intent, l.around(m), name}
		}
	}
	return verdict{Unsure, l.text, "no-cue"}
}
