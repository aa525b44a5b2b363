package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// Linked is somebody whom a person introduced, was asked to introduce, or gave the name of.
type Linked struct {
	Person    store.Person // without ID: an address that a mail introduces, and nobody whom the owner has
	Addresses []string
	History   []store.Event
	OptedOut  bool   // an address of theirs asked not to be written to
	At        string // the address at which a mail introduces them, where the owner has none such of theirs
}

// An Introduction is a little history of its own, read off two others: that of who introduces, and that
// of whom they introduce. Each time is zero until it happened.
type Introduction struct {
	By       string    `json:"by"`               // id of the introducer
	Person   string    `json:"person,omitempty"` // id of the introduced; "" while a mail only names them (P6)
	Name     string    `json:"name"`
	Address  string    `json:"address,omitempty"`
	Asked    time.Time `json:"asked,omitzero"`
	Agreed   time.Time `json:"agreed,omitzero"`
	Made     time.Time `json:"made,omitzero"`
	Declined time.Time `json:"declined,omitzero"`
	Answered time.Time `json:"answered,omitzero"` // the owner wrote to the introduced
	Met      time.Time `json:"met,omitzero"`
	Thanked  time.Time `json:"thanked,omitzero"` // the introducer was
	Told     time.Time `json:"told,omitzero"`    // the introducer was told how it went

	mail      *store.Event // the mail that introduces
	wrote     time.Time    // the introduced wrote to the owner, last
	written   time.Time    // the owner wrote to the introduced, last
	requested time.Time    // the owner asked the introduced for a talk, last
	stranger  bool         // the address is none of somebody whom the owner has (P6)
	closed    bool         // they are not to be written to, or no address of theirs works
	thankful  time.Time    // the introduced was thanked for the talk
	came      store.Event  // what came of their advice, last
}

// Stage says how far it has come, in a word.
func (i Introduction) Stage() string {
	switch {
	case !i.Told.IsZero():
		return "told"
	case !i.Met.IsZero():
		return "met"
	case !i.Made.IsZero():
		return "made"
	case !i.Declined.IsZero():
		return "declined"
	case !i.Agreed.IsZero():
		return "agreed"
	case !i.Asked.IsZero():
		return "asked"
	}
	return "name given"
}

// IntroducedIn are those whom a mail brings together with the owner, by an address to answer to.
func IntroducedIn(ev store.Event) []store.Named {
	if ev.Kind != store.MailIn || ev.Mail == nil || ev.Mail.Read == nil || ev.Mail.Read.Intent != "intro_made" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(ev.Mail.Read.People), func(p store.Named) bool { return p.Role != "introduced" || p.Email == "" })
}

// Introductions folds what came of everybody whom a person introduced, in the order of others.
func Introductions(by string, history []store.Event, others []Linked, now time.Time) []Introduction {
	list := make([]Introduction, len(others))
	for n, o := range others {
		list[n] = introduction(by, o, now)
	}
	abouts, last := map[string]string{}, -1 // last is the one that was asked for last
	for _, ev := range ordered(history) {
		if ev.Kind == store.Asked {
			abouts[ev.Want] = ev.About
		}
		ev.About = firstOf(ev.About, abouts[ev.Want])
		for n := range list {
			if list[n].add(ev, others[n]) {
				last = n
			}
		}
		if last >= 0 && ev.Kind == store.MailIn && ev.Mail != nil && ev.Mail.Read != nil {
			list[last].word(ev)
		}
	}
	for n := range list {
		list[n].settleAnswer()
	}
	return list
}

// fresh is how long a request of the owner's own stands for an answer to an introduction: who was asked
// last week is not asked as a stranger again, because a friend has brought you together since.
const fresh = 30 * 24 * time.Hour

// settleAnswer says when the owner wrote to the introduced, where it was not in the introducer's thread.
func (i *Introduction) settleAnswer() {
	switch {
	case !i.Answered.IsZero():
	case !i.requested.IsZero() && i.requested.Add(fresh).After(i.Made):
		i.Answered = i.requested
	case !i.written.IsZero() && !i.written.Before(i.Made):
		i.Answered = i.written
	}
}

// introduction begins one with what the introduced person's own history tells.
func introduction(by string, o Linked, now time.Time) Introduction {
	s := Fold(o.History, now)
	i := Introduction{By: by, Person: o.Person.ID, Name: o.Person.Name, Address: firstOf(o.At, o.Person.Address), stranger: o.Person.ID == "" || o.At != ""}
	i.closed = o.OptedOut || s.OptedOut || s.Declined || s.Unreachable
	if s.LastOut != nil {
		i.written = s.LastOut.At
	}
	if s.Ask != nil {
		i.requested = s.Ask.At
	}
	if s.LastIn != nil {
		i.wrote = s.LastIn.At
	}
	if s.Meeting != nil && !s.NoShow && (s.Thanked || s.stands() && !now.Before(s.Meeting.End)) {
		i.Met, i.thankful = s.Meeting.End, s.ThankedAt
	}
	for _, ev := range ordered(o.History) {
		if ev.Kind == store.CameOf {
			i.came = ev
		}
	}
	return i
}

// add takes in an event of the introducer's history, and says whether it asks for this introduction.
func (i *Introduction) add(ev store.Event, o Linked) (asked bool) {
	here := i.Person != "" && ev.About == i.Person
	switch {
	case ev.Kind == store.Introduced && here && ev.Variant == "declined":
		i.Declined = ev.At
	case ev.Kind == store.Introduced && here && i.Made.IsZero():
		i.Made = ev.At
	case ev.Mail == nil:
	case ev.Kind == store.MailIn && slices.Contains(o.Addresses, ev.Mail.From):
		i.wrote = ev.At
	case ev.Kind == store.MailIn && slices.ContainsFunc(IntroducedIn(ev), func(p store.Named) bool { return slices.Contains(o.Addresses, p.Email) }):
		if i.Made.IsZero() {
			i.Made, i.Declined, i.mail = ev.At, time.Time{}, &ev
		}
	case ev.Kind == store.MailOut && ev.Variant == IntroRequest && here:
		i.Asked, i.Declined = ev.At, time.Time{}
		return true
	case ev.Kind == store.MailOut:
		i.mailOut(ev, here, o)
	}
	return false
}

// mailOut takes in what the owner wrote to the introducer: an answer to both, thanks, or how it went.
func (i *Introduction) mailOut(ev store.Event, here bool, o Linked) {
	answers := slices.ContainsFunc(ev.Mail.To, func(to string) bool { return slices.Contains(o.Addresses, to) })
	if answers && i.Answered.IsZero() {
		i.Answered = ev.At
	}
	made := !i.Made.IsZero() && !ev.At.Before(i.Made)
	if made && i.Thanked.IsZero() && (answers || ev.Variant == ThanksIntro && (here || ev.About == "") || saysThanks(ev)) {
		i.Thanked = ev.At
	}
	byHand := ev.Mail.ByHand && !i.Met.IsZero() && ev.At.After(i.Met) && mentions(ev.Mail.Subject+" "+ev.Mail.Text, i.Name)
	if ev.Variant == OutcomeIntroducer && here || byHand {
		i.Told = ev.At
	}
}

// word takes in the introducer's answer to the request for this introduction.
func (i *Introduction) word(ev store.Event) {
	if !i.Made.IsZero() || ev.At.Before(i.Asked) {
		return
	}
	switch ev.Mail.Read.Intent {
	case "accept", "accept_with_times": // "I will write to her this week" is no time to talk
		i.Agreed, i.Declined = ev.At, time.Time{}
	case "decline", "decline_with_referral":
		i.Declined = ev.At
	}
}

// mentions says whether a text holds somebody's first name, as a word.
func mentions(text, name string) bool {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	return first != "" && slices.Contains(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" \n\t.,;:!?'’\"()", r) }), first)
}

// answerable says whether the mail that introduces is still to be answered: nobody wrote to the
// introduced, nor they to the owner, and they may be written to.
func (i Introduction) answerable() bool {
	return i.mail != nil && i.Name != "" && !i.closed && i.Answered.IsZero() && i.wrote.Before(i.Made)
}

func (i Introduction) key() string {
	return eventKey("answer-to-introduction", i.mail) + "/" + i.Address
}

// introductions wants the answer to those who were introduced, and the introducers told how it went.
// Nothing tells an introducer of a talk that did not come about: that is the owner's to say, or not.
func introductions(e *evaluation) {
	for _, i := range e.introductions {
		switch {
		case i.mail != nil && i.stranger && i.wrote.After(i.Made):
			e.want(Want{
				Key: "introduced-wrote/" + e.Person.ID + "/" + i.Address, Kind: TaskReferred, Task: true, From: i.wrote, Urgent: true, Named: []store.Named{{Name: i.Name, Email: i.Address}},
				Why: fmt.Sprintf("%s, whom %s introduced, has written to you: go on with `introd add \"%s <%s>\" --via %s`", i.Name, e.Person.Name, i.Name, i.Address, e.Person.ID),
			})
		case i.answerable() && !i.mail.At.Before(e.Person.Added):
			e.want(Want{
				Key: i.key(), Kind: AnswerIntro, From: i.mail.At, Urgent: true, Parent: i.mail, About: i.Person,
				Named: []store.Named{{Name: i.Name, Email: i.Address}}, Why: e.Person.Name + " introduces you to " + i.Name + ": the answer goes to both, with the introducer in Bcc",
			})
		}
		e.tellIntroducer(i)
	}
}

// answersIntroduction says whether a mail that introduces is answered by a draft to the introduced,
// which thanks the introducer in its first words: then no thank-you of its own is wanted besides. One
// mail does what good manners ask; two to the same person about one kindness would be one too many.
func (e *evaluation) answersIntroduction(in *store.Event) bool {
	return slices.ContainsFunc(e.introductions, func(i Introduction) bool {
		return i.mail != nil && i.mail.Seq == in.Seq && (i.answerable() || e.state.Settled[i.key()])
	})
}

// introducedBefore says whether a mail names somebody again whose introduction was thanked for: "did the
// two of you find a time?" is no second introduction.
func (e *evaluation) introducedBefore(in *store.Event) bool {
	return slices.ContainsFunc(e.introductions, func(i Introduction) bool {
		return i.mail != nil && i.mail.Seq != in.Seq && !i.Thanked.IsZero() && slices.ContainsFunc(IntroducedIn(*in), func(p store.Named) bool { return p.Email == i.Address })
	})
}

// tellIntroducer wants the introducer told how it went, once the introduced was met and thanked; and
// again when something came of what they advised.
func (e *evaluation) tellIntroducer(i Introduction) {
	if i.Person == "" || i.Met.IsZero() || i.thankful.IsZero() {
		return
	}
	w := Want{
		Key: "outcome-to-introducer/" + e.Person.ID + "/" + i.Person, Kind: OutcomeIntroducer, NeedsSentence: true, About: i.Person,
		From: at(addBusinessDays(i.thankful, 1, e.rules.Zone), e.rules.DayStart, e.rules.Zone), Why: "you met " + i.Name + " through " + e.Person.Name + ", who has not heard how it went",
	}
	if !i.Told.IsZero() {
		if !i.came.At.After(i.Told) {
			return
		}
		w.Key, w.From, w.Again, w.Why = w.Key+"/"+i.came.Item, i.came.At, true, "something came of what "+i.Name+" advised, and "+e.Person.Name+" brought you together"
	}
	e.want(w)
}
