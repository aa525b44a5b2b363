package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"introd/daemon"
	"introd/store"
)

// ErrBroken is the outcome of a performance in which a promise was broken.
var ErrBroken = errors.New("a promise was broken: see the table above")

// verdict shows each promise beside what became of it.
func (w *World) verdict(rec record) error {
	w.story.heading("The promises")
	broken := false
	for _, p := range promises() {
		if err := p.check(rec); err != nil {
			broken = true
			w.story.promise("FAIL", p, err)
			continue
		}
		w.story.promise("ok", p, nil)
	}
	if broken {
		return ErrBroken
	}
	return nil
}

// summary is one line for each person.
func (w *World) summary(ctx context.Context) error {
	w.story.heading("How it ended")
	table := tabwriter.NewWriter(w.story, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  PERSON\tWHAT HAPPENED\tMAILS\tAPPROVED BY\tRESULT")
	for _, p := range w.cast {
		v, err := w.person(ctx, p.id)
		if err != nil {
			return err
		}
		mails := w.mailsTo(p.address)
		fmt.Fprintf(table, "  %s\t%s\t%d\t%s\t%s\n", p.name, happened(v, mails), mails, cmp.Or(strings.Join(ways(v), ", "), "–"), v.Stage)
	}
	return table.Flush()
}

// mailsTo counts the owner's mails that the post office took for somebody.
func (w *World) mailsTo(address string) (count int) {
	for _, s := range w.office.Submitted() {
		if slices.Contains(s.To, address) {
			count++
		}
	}
	return count
}

// ways are how the mails to a person were decided.
func ways(v daemon.PersonView) (ways []string) {
	for _, d := range v.Drafts {
		if d.State == store.Sent && !slices.Contains(ways, d.Way) {
			ways = append(ways, d.Way)
		}
	}
	return ways
}

// happened sums up what came back from a person.
func happened(v daemon.PersonView, mails int) string {
	var words []string
	for _, ev := range v.History {
		if ev.Kind == store.MailIn {
			words = append(words, cmp.Or(short[ev.Mail.Read.Intent], strings.ReplaceAll(ev.Mail.Read.Intent, "_", " ")))
		}
	}
	switch {
	case len(words) > 0:
		return strings.Join(slices.Compact(words), ", ")
	case mails == 0:
		return "not asked"
	}
	return "no answer"
}

// short are introd's verdicts in a word or two, for the table.
var short = map[string]string{
	"accept_with_times": "yes", "accept": "yes", "decline": "no", "intro_made": "introduced", "out_of_office": "away", "propose_link": "booking page",
	"reschedule": "moved it", "referral": "named others", "unsubscribe": "wants no mail", "bounce": "bounced",
}
