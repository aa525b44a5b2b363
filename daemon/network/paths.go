package network

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"introd/store"
)

// Tier says how sure it is that two names mean the same organization.
type Tier string

// The tiers, the surest first. Loose ones are shown on request alone: they are often wrong.
const (
	Exact  Tier = "exact"  // the same name but for its legal form, or a mail domain of its own
	Strong Tier = "strong" // one name begins with the other
	Loose  Tier = "loose"  // they share a word that is not a common one
)

// Match compares two names of organizations; "" where they have nothing in common.
func Match(a, b string) Tier {
	x, y := words(a), words(b)
	switch {
	case len(x) == 0 || len(y) == 0:
		return ""
	case slices.Equal(x, y):
		return Exact
	case begins(x, y) || begins(y, x):
		return Strong
	}
	for _, w := range x {
		if len(w) >= 4 && !common[w] && slices.Contains(y, w) {
			return Loose
		}
	}
	return ""
}

func words(name string) []string {
	slug := store.OrgSlug(name)
	if slug == "" {
		return nil
	}
	return strings.Split(slug, "-")
}

// begins says whether long begins with short, and short is more than one common or very short word.
func begins(short, long []string) bool {
	if len(short) >= len(long) || !slices.Equal(short, long[:len(short)]) {
		return false
	}
	return len(short) > 1 || len(short[0]) >= 4 && !common[short[0]]
}

// common words stand in the names of many organizations and tell nothing.
var common = map[string]bool{
	"the": true, "university": true, "college": true, "school": true, "institute": true, "group": true, "national": true, "international": true, "global": true,
	"american": true, "united": true, "first": true, "general": true, "bank": true, "hospital": true, "center": true, "centre": true, "health": true, "systems": true,
	"technologies": true, "technology": true, "solutions": true, "services": true, "consulting": true, "capital": true, "partners": true, "labs": true, "energy": true,
	"software": true, "digital": true, "media": true, "research": true, "foundation": true, "department": true, "city": true, "state": true, "north": true, "south": true,
}

// Warmth is how well the owner knows somebody by their mail, in a word.
type Warmth string

// The degrees of warmth.
const (
	Close   Warmth = "close"   // both have written often, and lately
	Warm    Warmth = "warm"    // both have written, within two years
	Known   Warmth = "known"   // both have written, long ago
	OneWay  Warmth = "one way" // only one has written
	Unknown Warmth = "no mail" // a name on a list
)

const year = 365 * 24 * time.Hour

// WarmthOf judges a tally at a moment.
func WarmthOf(t store.Tally, now time.Time) Warmth {
	age := ageOf(t, now)
	switch both := min(t.Sent, t.Received); {
	case t.Sent+t.Received == 0:
		return Unknown
	case both == 0:
		return OneWay
	case both >= 5 && age < year:
		return Close
	case age < 2*year:
		return Warm
	}
	return Known
}

// ageOf is how long ago the last mail was. Some mails bear a date to come.
func ageOf(t store.Tally, now time.Time) time.Duration { return max(0, now.Sub(last(t))) }

func last(t store.Tally) time.Time {
	if t.LastSent.After(t.LastGot) {
		return t.LastSent
	}
	return t.LastGot
}

// Score ranks tallies: mail both ways counts most, and halves with each year since the last one.
func Score(t store.Tally, now time.Time) float64 {
	volume := math.Sqrt(float64(t.Sent)*float64(t.Received)) + 0.1*float64(t.Sent+t.Received)
	return volume * math.Exp2(-ageOf(t, now).Hours()/year.Hours())
}

// Rank compares two tallies, the better one first.
func Rank(a, b store.Tally, now time.Time) int {
	return cmp.Or(cmp.Compare(Score(b, now), Score(a, now)), cmp.Compare(a.Address, b.Address))
}

// Someone is a person or a contact with what is known of them.
type Someone struct {
	Name      string
	Addresses []string
	Org       string
	Position  string
	Person    string // id, if they are one of the owner's people
	Knows     string // whom they know at the organization, if that is why they are named
	Source    string // which file tells of them; "" for the owner's people
	Tally     store.Tally
}

// A Path is somebody to ask for an introduction to an organization.
type Path struct {
	Name     string  `json:"name"`
	Address  string  `json:"address,omitempty"`
	Person   string  `json:"person,omitempty"`
	Position string  `json:"position,omitempty"`
	Org      string  `json:"org,omitempty"` // as their record names it
	Tier     Tier    `json:"tier"`
	Warmth   Warmth  `json:"warmth"`
	Knows    string  `json:"knows,omitempty"` // whom they know there, if they do not work there
	Why      string  `json:"why"`             // the evidence, in words
	Score    float64 `json:"score"`
}

// Paths finds those who work at an organization, or know somebody there, the warmest first. domains are
// the mail domains of the organization.
func Paths(org string, domains []string, people []Someone, now time.Time, loose bool) []Path {
	var paths []Path
	seen := map[string]bool{}
	for _, s := range people {
		tier, why := matchSomeone(org, domains, s)
		if tier == "" || tier == Loose && !loose {
			continue
		}
		p := Path{Name: s.Name, Person: s.Person, Position: s.Position, Org: s.Org, Knows: s.Knows, Tier: tier, Warmth: WarmthOf(s.Tally, now), Why: why, Score: Score(s.Tally, now)}
		if len(s.Addresses) > 0 {
			p.Address = s.Addresses[0]
		}
		if key := strings.ToLower(cmp.Or(p.Address, p.Name)); !seen[key] {
			seen[key] = true
			p.Why += mailWords(s.Tally, now)
			paths = append(paths, p)
		}
	}
	slices.SortStableFunc(paths, func(a, b Path) int {
		return cmp.Or(cmp.Compare(order(a.Tier), order(b.Tier)), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name))
	})
	return paths
}

func order(t Tier) int { return slices.Index([]Tier{Exact, Strong, Loose}, t) }

func matchSomeone(org string, domains []string, s Someone) (Tier, string) {
	if s.Knows != "" {
		return Exact, "knows " + s.Knows + " there"
	}
	if tier := Match(org, s.Org); tier != "" {
		why := cmp.Or(s.Position, "works") + " at " + s.Org
		if s.Source != "" {
			why += ", by " + s.Source
		}
		return tier, why
	}
	for _, a := range s.Addresses {
		if _, domain, _ := strings.Cut(a, "@"); slices.Contains(domains, domain) {
			return Exact, "writes from " + domain
		}
	}
	return "", ""
}

// mailWords says how much mail there was.
func mailWords(t store.Tally, now time.Time) string {
	if t.Sent+t.Received == 0 {
		return ""
	}
	return fmt.Sprintf("; %d mails to them, %d from them, the last %s", t.Sent, t.Received, ago(ageOf(t, now)))
}

func ago(d time.Duration) string {
	switch days := int(d.Hours() / 24); {
	case days < 1:
		return "today"
	case days < 60:
		return fmt.Sprintf("%d days ago", days)
	case days < 2*365:
		return fmt.Sprintf("%d months ago", days/30)
	default:
		return fmt.Sprintf("%d years ago", days/365)
	}
}
