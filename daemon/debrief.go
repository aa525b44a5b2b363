package daemon

import (
	"context"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer/reading"
	"introd/mailer/reading/times"
	"introd/store"
)

// A debriefing is what an owner's words about a talk amount to.
type debriefing struct {
	store.Debrief
	Advice []string
}

// empty says whether there was nothing in them.
func (d debriefing) empty() bool {
	return len(d.Learnt)+len(d.Open)+len(d.Next)+len(d.Named)+len(d.Advice) == 0
}

// headings are the words that begin a part of a debrief, as the mail shows them and as people change them.
var headings = []struct {
	part  string
	words *regexp.Regexp
}{
	{"learnt", regexp.MustCompile(`(?i)^(?:what i )?learn(?:t|ed)\s*:`)},
	{"open", regexp.MustCompile(`(?i)^(?:want to know|to find out|open(?: questions?)?)\s*:`)},
	{"next", regexp.MustCompile(`(?i)^(?:next(?: steps?)?|to ?do)\s*:`)},
	{"named", regexp.MustCompile(`(?i)^(?:named|people|whom they named)\s*:`)},
	{"advice", regexp.MustCompile(`(?i)^advice\s*:`)},
}

// parseDebrief reads an answer to the debrief mail. The headings may stand in the quote, with the
// owner's words below them, or not at all: then everything was learnt. It commands nothing (P6).
func parseDebrief(text string) debriefing {
	var d debriefing
	part := "learnt"
	for line := range strings.Lines(text) {
		bare := strings.TrimLeft(strings.TrimSpace(line), "> ")
		quoted := strings.HasPrefix(strings.TrimSpace(line), ">")
		heading, rest := headingOf(bare)
		if heading != "" {
			part, bare = heading, rest
			quoted = quoted && rest == ""
		}
		if bare = strings.TrimLeft(strings.TrimSpace(bare), "-*•· "); bare != "" && !quoted {
			d.add(part, bare)
		}
		if heading == "advice" {
			part = "learnt" // advice is one line
		}
	}
	return d
}

func headingOf(line string) (part, rest string) {
	for _, h := range headings {
		if at := h.words.FindStringIndex(line); at != nil {
			return h.part, strings.TrimSpace(line[at[1]:])
		}
	}
	return "", ""
}

func (d *debriefing) add(part, line string) {
	switch part {
	case "open":
		d.Open = append(d.Open, line)
	case "next":
		d.Next = append(d.Next, line)
	case "advice":
		d.Advice = append(d.Advice, line)
	case "named":
		d.Named = append(d.Named, namedIn(line)...)
	default:
		d.Learnt = append(d.Learnt, line)
	}
}

// namedIn reads whom a line names: "Kim Park <kim@bigco.test>", "Kim Park, runs the lab", several by "and".
func namedIn(line string) (people []store.Named) {
	for _, words := range strings.Split(strings.NewReplacer(" and ", ";", " & ", ";").Replace(line), ";") {
		if words = strings.TrimSpace(words); words == "" {
			continue
		}
		if a, err := mail.ParseAddress(words); err == nil {
			people = append(people, store.Named{Name: a.Name, Email: strings.ToLower(a.Address)})
			continue
		}
		name, role, _ := strings.Cut(words, ",")
		people = append(people, store.Named{Name: strings.TrimSpace(name), Role: strings.TrimSpace(role)})
	}
	return people
}

// takeDebrief makes the owner's words about a talk the record of it: what was learnt, tasks with their
// dates, advice, and the sentence of the thank-you that waits for one.
func (e *Engine) takeDebrief(tx *store.Tx, person string, d debriefing) error {
	history, err := tx.History(person)
	if err != nil {
		return err
	}
	s := steps.Fold(history, tx.Now())
	events := []store.Event{{Kind: store.Debriefed, Debrief: &d.Debrief}}
	for _, list := range []struct {
		kind  store.EventKind
		lines []string
	}{{store.Tasked, d.Next}, {store.Advised, d.Advice}} {
		for _, line := range list.lines {
			ev := store.Event{Kind: list.kind, Text: line, Item: steps.NextItem(slices.Concat(history, events))}
			if list.kind == store.Tasked {
				ev.Due = e.dateIn(line, tx.Now())
			}
			events = append(events, ev)
		}
	}
	if s.Meeting != nil && len(d.Learnt) > 0 {
		events = append(events, store.Event{Kind: store.Sentence, Want: "thank-you/" + s.Meeting.UID, Text: d.Learnt[0]})
	}
	for _, ev := range events {
		ev.Person = person
		if _, err := tx.Append(ev); err != nil {
			return err
		}
	}
	if err := e.takeDownQuestions(tx, person); err != nil {
		return err
	}
	return e.reconcileWithLinked(tx, person)
}

// takeDownQuestions removes the debrief mails of a person: they are answered.
func (e *Engine) takeDownQuestions(tx *store.Tx, person string) error {
	drafts, err := tx.DraftsOf(person)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if d.Kind == steps.ThankYou && d.State == store.Asking {
			if err := e.takeDown(tx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// deadline is a word that makes a day the last one. The reader of mails leaves such days out, because
// nobody offers to talk at one; here it is just what is meant.
var deadline = regexp.MustCompile(`(?i)\b(?:by|until|till|before)\b`)

// dateIn is the day that a line names, by its end; zero for none.
func (e *Engine) dateIn(line string, now time.Time) time.Time {
	line = deadline.ReplaceAllString(line, "on")
	for _, t := range times.Find(line, times.Options{Ref: now.In(e.Owner.Zone), Zone: e.Owner.Zone, OwnerZone: e.Owner.Zone}).Times {
		y, m, d := t.Start.In(e.Owner.Zone).Date()
		return time.Date(y, m, d, 0, int(e.Rules.DayEnd/time.Minute), 0, 0, e.Owner.Zone)
	}
	return time.Time{}
}

// answersDebrief takes the owner's reply to the debrief mail.
func (e *Engine) answersDebrief(tx *store.Tx, d store.Draft, read reading.Reading) error {
	taken := parseDebrief(read.NewText)
	if whole := parseDebrief(untilQuoteEnds(read.Text)); len(whole.Open)+len(whole.Next)+len(whole.Named) > len(taken.Open)+len(taken.Next)+len(taken.Named) {
		taken = whole // the words stand under the quoted headings
	}
	if taken.empty() {
		return e.tell(tx, "Nothing done: "+e.label(d), "Your answer was empty, so there is no record of the talk yet. Answer again, or: introd debrief "+d.Person)
	}
	return e.takeDebrief(tx, d.Person, taken)
}

// untilQuoteEnds leaves out the line that a mail program puts above a quote.
func untilQuoteEnds(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(strings.TrimSpace(line), "wrote:") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// DebriefRequest is the owner's record of a talk, in the form that the debrief mail has.
type DebriefRequest struct {
	Person string `json:"person"`
	Text   string `json:"text"`
}

// Debrief takes down what a talk brought.
func (e *Engine) Debrief(_ context.Context, q DebriefRequest) (r Reply, err error) {
	d := parseDebrief(q.Text)
	err = e.update(func(tx *store.Tx) error {
		p, err := known(tx, q.Person)
		if err != nil {
			return err
		}
		if d.empty() {
			return refuse("there is nothing in it: write a line under one of the headings")
		}
		r.ID, r.Words = p.ID, "Noted. See it with: introd show "+p.ID
		return e.takeDebrief(tx, p.ID, d)
	})
	e.Wake()
	return r, err
}
