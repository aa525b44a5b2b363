package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/store"
	"introd/templates"
)

// values are what a text is filled with for a want. What is not known stays out: the text then says
// what it misses, or does without.
func (e *Engine) values(tx *store.Tx, c steps.Case, w steps.Want) (templates.Values, error) {
	account, err := e.accountOf(tx, c.Person)
	if err != nil {
		return nil, err
	}
	v := templates.Values{
		"owner": e.Owner.Name, "owner_first": firstName(e.Owner.Name), "about": templates.About(e.Owner.About), "address": account.Address,
		"signature": cmp.Or(e.Owner.Signature, e.Owner.Name), "hello": templates.Hello(c.Person.Name), "greeting": templates.Greeting(c.Person.Name),
		"org": c.Org, "sentence": templates.Sentence(w.Sentence), "named": namesOf(w.Named), "length": minutes(e.Rules.Length),
	}
	if strings.HasPrefix(w.Kind, steps.Request) || w.Kind == steps.IntroRequest {
		v["sentence"] = templates.Reason(w.Sentence)
	}
	via, err := referrer(tx, c.Person)
	if err != nil {
		return nil, err
	}
	if via != nil {
		v["introducer"] = via.Name
	}
	if err := introductionValues(tx, c, w, v, e.Owner.Zone); err != nil {
		return nil, err
	}
	if w.Parent != nil && w.Parent.Mail != nil {
		v["subject"] = stripReply(w.Parent.Mail.Subject)
		v["sent_on"] = w.Parent.At.In(e.Owner.Zone).Format("January 2")
	}
	theirs := e.zoneOf(c.Person)
	if m := w.Meeting; m != nil {
		v["when"], v["place"] = templates.When(m.Start, m.End, theirs, e.Owner.Zone), m.Place
		v["day"] = dayWord(tx.Now().In(theirs), m.Start.In(theirs))
		v["met_on"] = m.Start.In(e.Owner.Zone).Format("Monday")
		if w.Parent == nil { // agreed by other means than mail: nothing to answer
			v["subject"] = "Our talk on " + m.Start.In(theirs).Format("January 2")
		}
	}
	if a := w.Advice; a != nil {
		v["advice"], v["did"], v["outcome"] = templates.Sentence(a.Text), templates.Sentence(a.Did), templates.Sentence(a.Outcome)
	}
	if w.Was != nil {
		v["was"] = templates.At(w.Was.Start.In(theirs))
	}
	var times []string
	for _, o := range w.Offers {
		times = append(times, "  "+templates.When(o.Start, o.End, theirs, e.Owner.Zone))
	}
	v["times"] = strings.Join(times, "\n")
	s := steps.Fold(c.History, tx.Now())
	if !s.Back.IsZero() {
		v["back_on"] = s.Back.Format("January 2")
	}
	if s.Thanked && s.Meeting != nil {
		v["met_in"] = s.Meeting.Start.In(e.Owner.Zone).Format("January")
	}
	if s.Stage == steps.StageMeeting {
		v["agreed"] = "yes"
	}
	return v, e.aboutValues(tx, w.About, v)
}

// dayWord is "today" or "tomorrow" where a day is; both times are on the clock of whoever reads it.
func dayWord(now, day time.Time) string {
	switch day.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return "today"
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		return "tomorrow"
	}
	return ""
}

// aboutValues tells of the person that an introduction is about.
func (e *Engine) aboutValues(tx *store.Tx, about string, v templates.Values) error {
	if about == "" {
		return nil
	}
	target, err := tx.Person(about)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	v["target"] = target.Name
	org, err := tx.Org(target.Org)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	v["target_org"] = org.Name
	return nil
}

// zoneOf is a person's zone as far as it is known, else the owner's.
func (e *Engine) zoneOf(p store.Person) *time.Location {
	if zone, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		return zone
	}
	return e.Owner.Zone
}

// namesOf lists people by name, as one does in a sentence.
func namesOf(people []store.Named) string {
	var names []string
	for _, p := range people {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return strings.Join(names, "")
}

func minutes(d time.Duration) string { return fmt.Sprintf("%d minutes", int(d.Minutes())) }

// academic are titles: whoever bears one is known by their last name.
var academic = map[string]bool{"prof": true, "professor": true, "dr": true}

func firstName(name string) string {
	if words := strings.Fields(name); len(words) > 0 {
		return words[0]
	}
	return ""
}

// stripReply takes the reply marks off a subject and leaves the rest as it is.
func stripReply(subject string) string {
	for {
		mark, rest, found := strings.Cut(subject, ":")
		if !found || baseSubject(mark+": x") != "x" {
			return strings.TrimSpace(subject)
		}
		subject = strings.TrimSpace(rest)
	}
}
