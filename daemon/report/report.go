// Package report tells what came of all the asking: counts with honest intervals, who led to whom,
// pictures of both, and an export to plain files. It is pure over a Book, the records as plain data;
// only Export writes files.
package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/store"
)

// A Book is everything that the records hold of people, as plain data.
type Book struct {
	Owner  string         `json:"owner"`
	At     time.Time      `json:"at"`
	Zone   *time.Location `json:"-"`
	People []Person       `json:"people"` // by id
}

// A Person is somebody with their whole history.
type Person struct {
	store.Person
	Organization store.Organization `json:"organization,omitzero"`
	Aliases      []store.Alias      `json:"aliases,omitempty"`
	History      []store.Event      `json:"history,omitempty"`
	State        steps.State        `json:"-"`
}

// A Row counts how far people of one source came. Each number counts people, not mails.
type Row struct {
	Source   string `json:"source"` // "all", or how the owner came to know of them
	Asked    int    `json:"asked"`  // were asked for a talk
	Answered int    `json:"answered"`
	Met      int    `json:"met"`
	Thanked  int    `json:"thanked"`
	Reported int    `json:"reported"` // they, or who introduced them, were told what came of it
}

// Steps are the counts of a row in the order in which they follow, with their words.
func (r Row) Steps() []Step {
	return []Step{{"asked", r.Asked}, {"answered", r.Answered}, {"met", r.Met}, {"thanked", r.Thanked}, {"reported", r.Reported}}
}

// A Step is one count of a row.
type Step struct {
	Word  string
	Count int
}

// Funnel counts everybody who was asked for a talk: all first, then by source, the largest first.
func Funnel(b Book) []Row {
	told := toldAbout(b)
	all := Row{Source: "all"}
	bySource := map[string]*Row{}
	for _, p := range b.People {
		if !askedForTalk(p) {
			continue
		}
		source := sourceOf(p)
		if bySource[source] == nil {
			bySource[source] = &Row{Source: source}
		}
		for _, r := range []*Row{&all, bySource[source]} {
			r.add(p, told[p.ID])
		}
	}
	rows := []Row{all}
	for _, r := range bySource {
		rows = append(rows, *r)
	}
	slices.SortFunc(rows[1:], func(a, b Row) int { return cmp.Or(-cmp.Compare(a.Asked, b.Asked), cmp.Compare(a.Source, b.Source)) })
	return rows
}

func (r *Row) add(p Person, told bool) {
	answered, met := false, p.State.Stage == steps.StageMet || p.State.Thanked
	for _, ev := range p.History {
		if ev.Kind == store.MailIn && ev.Mail != nil && ev.Mail.Read != nil && (ev.Mail.Read.Kind == "person" || ev.Mail.Read.Kind == "calendar") {
			answered = true
		}
		met = met || ev.Kind == store.Debriefed
		told = told || ev.Kind == store.MailOut && ev.Variant == "outcome-to-adviser"
	}
	r.Asked++
	for _, c := range []struct {
		yes   bool
		count *int
	}{{answered || met, &r.Answered}, {met, &r.Met}, {p.State.Thanked, &r.Thanked}, {told, &r.Reported}} {
		if c.yes {
			*c.count++
		}
	}
}

func askedForTalk(p Person) bool {
	return slices.ContainsFunc(p.History, func(ev store.Event) bool {
		return ev.Kind == store.MailOut && strings.HasPrefix(ev.Variant, steps.Request) || ev.Kind == store.Touched
	})
}

// sourceOf is how the owner came to a person: through somebody, or as they said when they added them.
func sourceOf(p Person) string {
	if p.Via != "" {
		return "referral"
	}
	return cmp.Or(p.How, "cold")
}

// toldAbout are the people whose introducers were told how it went.
func toldAbout(b Book) map[string]bool {
	told := map[string]bool{}
	for _, p := range b.People {
		for _, ev := range p.History {
			if ev.Kind == store.MailOut && ev.Variant == "outcome-to-introducer" && ev.About != "" {
				told[ev.About] = true
			}
		}
	}
	return told
}

// FewestForShare is the number of people below which a share says nothing.
const FewestForShare = 5

// Share is k of n as a proportion, with the interval in which the true one lies with 95 % confidence
// (Wilson's score, which stays honest for few people). n must not be 0.
func Share(k, n int) (share, low, high float64) {
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return p, max(0, middle-half), min(1, middle+half)
}

// A Node is a person with those to whom they led.
type Node struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Stage string `json:"stage"`
	Led   []Node `json:"led,omitempty"`
}

// Tree tells who led to whom: the people who came through nobody, with those who came through them.
func Tree(b Book) []Node {
	vias, under := map[string]string{}, map[string][]Person{}
	for _, p := range b.People {
		vias[p.ID] = p.Via
	}
	for _, p := range b.People {
		via := p.Via
		if _, known := vias[via]; !known || circular(vias, p.ID) {
			via = ""
		}
		under[via] = append(under[via], p)
	}
	return grow(under, "")
}

func grow(under map[string][]Person, via string) []Node {
	var nodes []Node
	for _, p := range under[via] {
		nodes = append(nodes, Node{p.ID, p.Name, string(p.State.Stage), grow(under, p.ID)})
	}
	return nodes
}

// circular says whether a person came through themselves, by any number of others. vias says through
// whom each came.
func circular(vias map[string]string, id string) bool {
	at := vias[id]
	for range len(vias) { // others may go round in a circle that does not hold this one
		if at == "" || at == id {
			break
		}
		at = vias[at]
	}
	return at == id
}
