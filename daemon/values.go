package daemon

import (
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
	v := templates.Values{
		"owner": e.Owner.Name, "owner_first": firstName(e.Owner.Name), "about": e.Owner.About, "address": e.Account.Address,
		"signature": firstOf([]string{e.Owner.Signature, e.Owner.Name}), "hello": hello(c.Person.Name), "org": c.Org, "sentence": sentenceOf(w.Sentence),
		"length": minutes(e.Rules.Length), "length_sentence": minutes(e.Rules.Length) + " would be plenty,",
	}
	if c.Via != nil {
		v["introducer"] = c.Via.Name
	}
	if w.Parent != nil && w.Parent.Mail != nil {
		v["subject"] = stripReply(w.Parent.Mail.Subject)
		v["sent_on"] = w.Parent.At.In(e.Owner.Zone).Format("January 2")
	}
	theirs := e.zoneOf(c.Person)
	if m := w.Meeting; m != nil {
		v["when"], v["place"] = e.bothZones(m.Start, m.End, theirs), m.Place
		v["met_on"] = m.Start.In(e.Owner.Zone).Format("Monday")
	}
	if w.Was != nil {
		v["was"] = w.Was.Start.In(theirs).Format("Monday, January 2 at 3:04 PM MST")
	}
	if len(w.Offers) > 0 {
		var lines []string
		for _, o := range w.Offers {
			lines = append(lines, "  "+strings.ReplaceAll(e.bothZones(o.Start, o.End, theirs), "\n", "\n  "))
		}
		v["times"] = strings.Join(lines, "\n")
	}
	v["named"] = namesOf(w.Named)
	if s := steps.Fold(c.History, tx.Now()); !s.Back.IsZero() {
		v["back_on"] = s.Back.Format("January 2")
	}
	return v, e.aboutValues(tx, w.About, v)
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

// bothZones writes a time with weekday and date in their zone, and in the owner's where it differs.
func (e *Engine) bothZones(start, end time.Time, theirs *time.Location) string {
	words := span(start.In(theirs), end.In(theirs))
	_, a := start.In(theirs).Zone()
	_, b := start.In(e.Owner.Zone).Zone()
	if a == b {
		return words
	}
	return words + "\n(" + span(start.In(e.Owner.Zone), end.In(e.Owner.Zone)) + ")"
}

func span(start, end time.Time) string {
	return start.Format("Monday, January 2, 2006, 3:04") + half(start, end) + " to " + end.Format("3:04 PM MST")
}

// half writes AM or PM of the start only where the end has the other.
func half(start, end time.Time) string {
	if start.Format("PM") == end.Format("PM") {
		return ""
	}
	return " " + start.Format("PM")
}

func minutes(d time.Duration) string { return fmt.Sprintf("%d minutes", int(d.Minutes())) }

// academic are titles that people expect to be addressed by.
var academic = map[string]string{"prof": "Prof.", "professor": "Professor", "dr": "Dr."}

// hello is how somebody is addressed: by title and last name where their name bears a title, else by
// first name.
func hello(name string) string {
	words := strings.Fields(strings.Split(name, ",")[0])
	if len(words) == 0 {
		return ""
	}
	if title, ok := academic[strings.ToLower(strings.TrimRight(words[0], "."))]; ok && len(words) > 1 {
		return title + " " + words[len(words)-1]
	}
	return words[0]
}

func firstName(name string) string {
	if words := strings.Fields(name); len(words) > 0 {
		return words[0]
	}
	return ""
}

// sentenceOf makes of the owner's words one sentence or more: a capital first, a full stop last.
func sentenceOf(words string) string {
	words = strings.TrimSpace(words)
	if words == "" {
		return ""
	}
	words = strings.ToUpper(words[:1]) + words[1:]
	if !strings.ContainsAny(words[len(words)-1:], ".!?…\"”") {
		words += "."
	}
	return words
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
