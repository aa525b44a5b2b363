package prep

import (
	"slices"
	"strings"
)

// A Question is one that was chosen for a talk.
type Question struct {
	Theme string `json:"theme,omitempty"` // its title; "" for the owner's own
	Text  string `json:"text"`
}

// How many questions a talk of half an hour has room for, and how many of them may be the owner's own,
// so that the talk is about the other person too.
const (
	mostQuestions = 8
	mostOwn       = 5
)

// last is the theme that ends every talk; late are those that nobody begins with: who asks about hiring
// in a first talk seems to ask for a job.
const last = "advice"

var late = []string{"hiring", "resume"}

// Choose picks the questions for a talk: the owner's own open ones first, then one a theme, in the order
// in which a talk comes to them. asked are those that were answered in an earlier talk with the same
// person: they are not asked again, and themes that were spoken of already come last.
func Choose(bank Bank, own, asked []string) []Question {
	var chosen []Question
	for _, q := range own {
		if len(chosen) < mostOwn && !contains(asked, q) && !slices.ContainsFunc(chosen, func(c Question) bool { return same(c.Text, q) }) {
			chosen = append(chosen, Question{Text: q})
		}
	}
	taken := map[string]bool{}
	for _, theme := range bank.byNeed(asked) {
		if i := slices.IndexFunc(theme.Questions, func(q string) bool { return !contains(asked, q) && !contains(own, q) }); i >= 0 && len(taken)+len(chosen) < mostQuestions {
			taken[theme.Questions[i]] = true
		}
	}
	for _, theme := range bank {
		for _, q := range theme.Questions {
			if taken[q] {
				chosen = append(chosen, Question{theme.Title, q})
			}
		}
	}
	return chosen
}

// byNeed puts the themes in the order in which they are given a question while there is room.
func (b Bank) byNeed(asked []string) Bank {
	rank := func(t Theme) int {
		spoken := 0
		for _, q := range t.Questions {
			if contains(asked, q) {
				spoken += 2
			}
		}
		switch {
		case t.ID == last:
			return -1
		case slices.Contains(late, t.ID):
			return spoken + 1
		}
		return spoken
	}
	sorted := slices.Clone(b)
	slices.SortStableFunc(sorted, func(x, y Theme) int { return rank(x) - rank(y) })
	return sorted
}

// same says whether two questions are one, however they were typed.
func same(a, b string) bool { return plain(a) == plain(b) }

func contains(list []string, q string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return same(other, q) })
}

// plain is a question without what does not matter for its sense.
func plain(q string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.TrimRight(strings.TrimSpace(q), "?!. ")), " "))
}

// Without leaves out those questions that stand in another list.
func Without(questions, others []string) []string {
	return slices.DeleteFunc(slices.Clone(questions), func(q string) bool { return contains(others, q) })
}
