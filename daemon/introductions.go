package daemon

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer/reading"
	"introd/store"
	"introd/templates"
)

// introducedBy gathers whom a person introduced, was asked to introduce, or gave the name of.
func introducedBy(tx *store.Tx, by store.Person, history []store.Event) ([]steps.Linked, error) {
	ids, err := tx.IntroducedBy(by.ID)
	if err != nil {
		return nil, err
	}
	var strangers []store.Named
	for _, ev := range history {
		if ev.Kind == store.Asked && ev.About != "" {
			ids = append(ids, ev.About)
		}
		for _, named := range steps.IntroducedIn(ev) {
			p, _, err := tx.PersonByAddress(named.Email)
			switch {
			case err == nil:
				ids = append(ids, p.ID)
			case !errors.Is(err, store.ErrNotFound):
				return nil, err
			case !slices.ContainsFunc(strangers, func(s store.Named) bool { return s.Email == named.Email }):
				strangers = append(strangers, named)
			}
		}
	}
	slices.Sort(ids)
	var linked []steps.Linked
	for _, id := range slices.Compact(ids) {
		l, err := linkedPerson(tx, id)
		if err != nil {
			return nil, err
		}
		if id != by.ID && l.Person.ID != "" {
			linked = append(linked, l)
		}
	}
	for _, s := range strangers {
		out, err := tx.OptedOut(s.Email)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(linked, func(l steps.Linked) bool { return strings.EqualFold(l.Person.Name, s.Name) }); i >= 0 { // whom they were asked about
			linked[i].At, linked[i].Addresses, linked[i].OptedOut = s.Email, append(linked[i].Addresses, s.Email), linked[i].OptedOut || out
			continue
		}
		linked = append(linked, steps.Linked{Person: store.Person{Name: s.Name, Address: s.Email}, Addresses: []string{s.Email}, OptedOut: out})
	}
	return linked, nil
}

// linkedPerson is a person as their introducer's rules see them; without ID for somebody who was forgotten.
func linkedPerson(tx *store.Tx, id string) (l steps.Linked, err error) {
	if l.Person, err = tx.Person(id); errors.Is(err, store.ErrNotFound) {
		return steps.Linked{}, nil
	} else if err != nil {
		return l, err
	}
	aliases, err := tx.Aliases(id)
	if err != nil {
		return l, err
	}
	for _, a := range append(aliases, store.Alias{Address: l.Person.Address}) {
		out, err := tx.OptedOut(a.Address)
		if err != nil {
			return l, err
		}
		l.Addresses, l.OptedOut = append(l.Addresses, a.Address), l.OptedOut || out
	}
	l.History, err = tx.History(id)
	return l, err
}

// takeUp makes whom a draft answers somebody the owner has. Only the owner's own word leads here: they
// approved the draft, sent it themselves, or said `introd add` (P6).
func (e *Engine) takeUp(tx *store.Tx, d store.Draft) (store.Person, error) {
	if p, err := tx.Person(d.About); d.About != "" && err == nil {
		return e.atNewAddress(tx, p, addressOf(d.To[0]))
	}
	p, isNew, err := e.findOrAdd(tx, d.To[0], "", "")
	if err != nil {
		return p, err
	}
	return e.fromIntroduction(tx, p, d.Person, isNew)
}

// atNewAddress has somebody known written to where the introducer's mail has them.
func (e *Engine) atNewAddress(tx *store.Tx, p store.Person, address string) (store.Person, error) {
	if other, _, err := tx.PersonByAddress(address); err == nil && other.ID == p.ID {
		return p, nil
	}
	if err := e.addAddress(tx, &p, address); err != nil {
		return p, err
	}
	p.Address = address
	return p, tx.PutPerson(p)
}

// addedFromIntroduction completes somebody who was just added and whose introduction waits for its answer.
func (e *Engine) addedFromIntroduction(tx *store.Tx, p store.Person) (store.Person, error) {
	drafts, err := tx.OpenDrafts()
	if err != nil {
		return p, err
	}
	for _, d := range drafts {
		if d.Kind == steps.AnswerIntro && addressOf(d.To[0]) == p.Address {
			return e.fromIntroduction(tx, p, d.Person, true)
		}
	}
	return p, nil
}

// fromIntroduction notes who introduced a person, where they work if their mail domain tells it, and
// takes what they have written in the introducer's thread into their own history.
func (e *Engine) fromIntroduction(tx *store.Tx, p store.Person, introducer string, isNew bool) (store.Person, error) {
	p.Via = cmp.Or(p.Via, introducer)
	history, err := tx.History(introducer)
	if err != nil {
		return p, err
	}
	made := slices.IndexFunc(history, func(ev store.Event) bool {
		return slices.ContainsFunc(steps.IntroducedIn(ev), func(n store.Named) bool { return n.Email == p.Address })
	})
	if made >= 0 && isNew && history[made].At.Before(p.Added) {
		p.Added = history[made].At // known from then on: what they wrote since is an answer to it
	}
	if made >= 0 && p.Org == "" {
		if p.Org, err = orgAt(tx, p.Address); err != nil {
			return p, err
		}
	}
	if err := tx.PutPerson(p); err != nil {
		return p, err
	}
	for _, ev := range history {
		if ev.Kind != store.MailIn || ev.Mail.From != p.Address {
			continue
		}
		known, err := tx.Message(ev.Mail.MessageID)
		if err != nil || known.Person == p.ID {
			continue
		}
		if _, err := tx.Append(store.Event{Person: p.ID, At: ev.At, Kind: store.MailIn, Mail: ev.Mail}); err != nil {
			return p, err
		}
	}
	return p, nil
}

// orgAt is the organization of those whom the owner has at an address's mail domain; "" for none.
func orgAt(tx *store.Tx, address string) (string, error) {
	ids, err := tx.PeopleAtDomain(domainOf(address))
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		p, err := tx.Person(id)
		if err != nil || p.Org != "" {
			return p.Org, err
		}
	}
	return "", nil
}

// askedInAnswer records in the history of somebody introduced that the answer went out. It is the
// request to them: silence leads to the one nudge, and what they write is an answer to it.
func (e *Engine) askedInAnswer(tx *store.Tx, id string, at time.Time, m *store.Mail) error {
	history, err := tx.History(id)
	if err != nil {
		return err
	}
	want, err := requestWant(tx, id, history, store.Event{At: at, Variant: "referred"})
	if err != nil {
		return err
	}
	if _, err := tx.Append(store.Event{Person: id, At: at, Kind: store.MailOut, Want: want, Variant: steps.Request + "-referred", Mail: m}); err != nil {
		return err
	}
	if err := e.wakeColleagues(tx, id); err != nil {
		return err
	}
	return e.reconcileWithLinked(tx, id)
}

// introductionTwin finds the draft that answers an introduction and that the owner sent themselves: it
// goes to somebody who may be nobody's contact yet, so the thread tells whose it is.
func (e *Engine) introductionTwin(tx *store.Tx, l *linker, m message, read reading.Reading) (d store.Draft, ok bool, err error) {
	introducer, _, err := l.byThread(m)
	if err != nil || introducer == "" {
		return d, false, err
	}
	d, ok, err = e.twin(tx, introducer, m, read)
	return d, ok && d.Kind == steps.AnswerIntro, err
}

// toIntroduced says in whose thread the owner wrote by hand to somebody who was introduced there.
func (l *linker) toIntroduced(m message) (string, store.Reason, error) {
	introducer, why, err := l.byThread(m)
	if err != nil || introducer == "" {
		return "", why, err
	}
	history, err := l.tx.History(introducer)
	for _, ev := range history {
		if slices.ContainsFunc(steps.IntroducedIn(ev), func(n store.Named) bool { return slices.Contains(m.to, n.Email) }) {
			return introducer, why, err
		}
	}
	return "", why, err
}

// introductionValues are what the texts around an introduction say of it.
func introductionValues(tx *store.Tx, c steps.Case, w steps.Want, v templates.Values, zone *time.Location) error {
	switch w.Kind {
	case steps.AnswerIntro:
		them := w.Named[0]
		v["hello"], v["greeting"], v["introducer_hello"] = templates.Hello(them.Name), templates.Greeting(them.Name), templates.Hello(c.Person.Name)
		id, err := orgAt(tx, them.Email)
		if p, known := tx.Person(w.About); known == nil && p.Org != "" {
			id = p.Org
		}
		if err != nil || id == "" {
			v["org"] = ""
			return err
		}
		org, err := tx.Org(id)
		v["org"] = org.Name
		return err
	case steps.OutcomeIntroducer:
		for _, i := range steps.Introductions(c.Person.ID, c.History, c.Introduced, tx.Now()) {
			if i.Person != w.About {
				continue
			}
			v["met_on"] = i.Met.In(zone).Format("January 2")
			if !i.Made.IsZero() {
				v["introduced"] = "yes"
			}
			if w.Again {
				v["again"] = "yes"
			}
		}
	}
	return nil
}

// An IntroductionLine is one introduction in a list.
type IntroductionLine struct {
	steps.Introduction
	ByName string `json:"by_name"`
	Stage  string `json:"stage"`
}

// Introductions lists all introductions, the newest first.
func (e *Engine) Introductions(context.Context, None) (lines []IntroductionLine, err error) {
	err = e.store.View(func(tx *store.Tx) error {
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			of, err := introductionsOf(tx, p)
			if err != nil {
				return err
			}
			lines = append(lines, of...)
		}
		return nil
	})
	slices.SortStableFunc(lines, func(a, b IntroductionLine) int { return newest(b.Introduction).Compare(newest(a.Introduction)) })
	return lines, err
}

func introductionsOf(tx *store.Tx, by store.Person) (lines []IntroductionLine, err error) {
	history, err := tx.History(by.ID)
	if err != nil {
		return nil, err
	}
	linked, err := introducedBy(tx, by, history)
	for _, i := range steps.Introductions(by.ID, history, linked, tx.Now()) {
		lines = append(lines, IntroductionLine{i, by.Name, i.Stage()})
	}
	return lines, err
}

// newest is when something last happened in an introduction.
func newest(i steps.Introduction) (last time.Time) {
	for _, t := range []time.Time{i.Asked, i.Agreed, i.Made, i.Declined, i.Answered, i.Met, i.Thanked, i.Told} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// showIntroductions adds to a person's page how they were introduced, and whom they introduced.
func showIntroductions(tx *store.Tx, p store.Person, v *PersonView) (err error) {
	if v.Introduces, err = introductionsOf(tx, p); err != nil || p.Via == "" {
		return err
	}
	via, err := tx.Person(p.Via)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	lines, err := introductionsOf(tx, via)
	if i := slices.IndexFunc(lines, func(l IntroductionLine) bool { return l.Person == p.ID }); i >= 0 {
		v.Introduced = &lines[i]
	}
	return err
}
