package daemon

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// NoteRequest notes something about a person.
type NoteRequest struct {
	Person string `json:"person"`
	Text   string `json:"text"`
}

// Note keeps a note in a person's history.
func (e *Engine) Note(_ context.Context, q NoteRequest) (r Reply, err error) {
	err = e.update(func(tx *store.Tx) error {
		p, err := known(tx, q.Person)
		if err != nil {
			return err
		}
		if strings.TrimSpace(q.Text) == "" {
			return refuse("an empty note was not kept")
		}
		r.Words = "Noted about " + p.Name + "."
		_, err = tx.Append(store.Event{Person: p.ID, Kind: store.Noted, Text: strings.TrimSpace(q.Text)})
		return err
	})
	return r, err
}

// SearchRequest looks for words.
type SearchRequest struct {
	Words string `json:"words"`
	Most  int    `json:"most"`
}

// A Hit is one place where the words stand.
type Hit struct {
	Person  string    `json:"person,omitempty"` // id
	Name    string    `json:"name"`             // of the person or the target
	At      time.Time `json:"at"`
	What    string    `json:"what"`    // mail, note, debrief …
	Excerpt string    `json:"excerpt"` // the words with what stands around them
}

// Search finds all words, in any order and case, in one mail, note or debrief; the newest first.
func (e *Engine) Search(_ context.Context, q SearchRequest) (hits []Hit, err error) {
	words := strings.Fields(strings.ToLower(q.Words))
	hits = []Hit{}
	if len(words) == 0 {
		return nil, refuse("name the words to look for")
	}
	err = e.store.View(func(tx *store.Tx) error {
		for p, err := range tx.People() {
			if err != nil {
				return err
			}
			for ev, err := range tx.Events(p.ID) {
				if err != nil {
					return err
				}
				what, text := searchable(ev)
				if excerpt, ok := find(text, words); ok {
					hits = append(hits, Hit{p.ID, p.Name, ev.At, what, excerpt})
				}
			}
		}
		targets, err := tx.Targets()
		for _, t := range targets {
			for _, n := range t.Notes {
				if excerpt, ok := find(t.Name+" "+n.Text, words); ok {
					hits = append(hits, Hit{"", t.Name, n.At, "target", excerpt})
				}
			}
		}
		return err
	})
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Name, b.Name)) })
	if q.Most > 0 {
		hits = hits[:min(q.Most, len(hits))]
	}
	return hits, err
}

// searchable is what of an event can be searched, and what to call it.
func searchable(ev store.Event) (what, text string) {
	switch {
	case ev.Mail != nil && ev.Kind == store.MailIn:
		return "they wrote", ev.Mail.Subject + " " + ev.Mail.Text
	case ev.Mail != nil:
		return "you wrote", ev.Mail.Subject + " " + ev.Mail.Text
	case ev.Debrief != nil:
		d := ev.Debrief
		lines := slices.Concat(d.Learnt, d.Open, d.Next)
		for _, n := range d.Named {
			lines = append(lines, n.Name+" "+n.Role)
		}
		return "debrief", strings.Join(lines, " / ")
	}
	return ev.Kind.Words(), ev.Text
}

// around is how many runes of an excerpt stand on each side of the first word.
const around = 60

// find says whether all words stand in a text, and cuts out the place of the first.
func find(text string, words []string) (excerpt string, ok bool) {
	text = strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(text)
	for _, w := range words {
		if !strings.Contains(lower, w) {
			return "", false
		}
	}
	before, _, _ := strings.Cut(lower, words[0])
	at := len([]rune(before))
	runes := []rune(text)
	from, to := max(0, at-around), min(len(runes), at+around)
	excerpt = string(runes[from:to])
	if from > 0 {
		excerpt = "… " + excerpt
	}
	if to < len(runes) {
		excerpt += " …"
	}
	return excerpt, true
}
