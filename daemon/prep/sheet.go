package prep

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"introd/templates"
)

// Facts are what a sheet is made of. What is not known is empty.
type Facts struct {
	Owner, About string // the owner's name, and one line that completes "I am …"
	Overview     string // the owner's own words about themselves; else they are composed

	Name, Org, Position, Address string
	How, Via                     string    // how the owner knows of them, and who gave the name
	Since                        time.Time // known since
	Reason                       string    // the sentence with which the owner asked for the talk
	Thread                       []Line    // all that was written, the oldest first

	Start, End  time.Time // of the talk; zero: none is agreed
	Theirs, Own *time.Location
	Place       string
	Length      time.Duration // of the talk, where none is agreed

	Targets []Target // what they can tell of, the most important first
	Asked   []string // questions that they answered in an earlier talk
	Bank    Bank
}

// A Line is one mail of the thread.
type Line struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	Text string    `json:"text"` // its beginning, in one line
}

// A Target is what the owner wants to learn about, as far as a talk needs it.
type Target struct {
	Name      string
	Employer  bool     // an organization, and no field or industry
	Notes     []string // the owner's own, the oldest first
	Learnt    []string // from earlier talks, the oldest first
	Questions []string // open still
}

// A Sheet is one page to take along to a talk.
type Sheet struct {
	Name      string     `json:"name"`
	Who       string     `json:"who"`            // "Engineer at BigCo"; "" if neither is known
	When      string     `json:"when,omitempty"` // on both clocks
	Day       string     `json:"day,omitempty"`  // "Tuesday, December 1" on the owner's
	Place     PlaceKind  `json:"place"`
	Way       string     `json:"way"`
	Met       []string   `json:"met"`              // how the owner came to them, in sentences
	Thread    []Line     `json:"thread,omitempty"` // the newest, the oldest of these first
	Notes     []string   `json:"notes,omitempty"`  // what the owner knows already
	Questions []Question `json:"questions"`
	Overview  string     `json:"overview"` // to be said in half a minute
	Plan      []Step     `json:"plan"`
	Manners   []string   `json:"manners"`
	Closing   string     `json:"closing"`
	Zone      string     `json:"zone"` // of the plan's clock
}

// A Step is one part of the talk.
type Step struct {
	From  int    `json:"from"` // minutes after the start
	To    int    `json:"to"`
	Clock string `json:"clock,omitempty"` // when it begins, on the owner's clock
	Text  string `json:"text"`
}

// What a page has room for.
const (
	mostThread = 3
	mostNotes  = 3
	mostLine   = 100 // letters of a line of the thread, and of a note
)

// Make writes the sheet for a talk.
func Make(f Facts) Sheet {
	var own []string
	for _, t := range f.Targets {
		own = append(own, t.Questions...)
	}
	s := Sheet{
		Name: f.Name, Who: join(" at ", f.Position, f.Org), Place: Kind(f.Place), Way: f.way(), Met: f.met(), Thread: f.thread(), Notes: f.notes(),
		Questions: Choose(f.Bank, own, f.Asked), Overview: f.overview(), Manners: f.manners(),
		Closing: "“Thank you. I will write and tell you what came of it. Who else should I talk to, and may I say that you gave me the name?”",
	}
	if s.Plan = f.plan(len(s.Questions)); !f.Start.IsZero() {
		s.Day, s.Zone = f.Start.In(f.Own).Format("Monday, January 2"), f.Start.In(f.Own).Format("MST")
		s.When = templates.WhenForOwner(f.Start, f.End, f.Theirs, f.Own)
	}
	return s
}

// met says how the owner came to this person.
func (f Facts) met() []string {
	how := map[string]string{
		"professor": "You know them from your studies.", "alumni": "You went to the same school.", "friend": "You know them through friends.",
		"family": "You know them through your family.", "colleague": "You have worked together.", "former employer": "You have worked for them.",
		"cold": "You found them yourself.",
	}[strings.ToLower(f.How)]
	var lines []string
	switch {
	case f.Via != "":
		lines = append(lines, f.Via+" gave you the name.")
	case how != "":
		lines = append(lines, how)
	case f.How != "":
		lines = append(lines, "How you know of them: "+f.How+".")
	}
	if !f.Since.IsZero() {
		lines = append(lines, "You have been in touch since "+f.Since.In(f.Own).Format("January 2, 2006")+".")
	}
	if f.Reason != "" {
		lines = append(lines, "You wrote: “"+short(f.Reason)+"”")
	}
	return lines
}

// thread is the newest of what was written.
func (f Facts) thread() []Line {
	lines := slices.Clone(f.Thread[max(0, len(f.Thread)-mostThread):])
	for i := range lines {
		lines[i].Text = short(ungreeted(lines[i].Text))
	}
	return lines
}

// ungreeted leaves out a greeting that has a line of its own.
func ungreeted(text string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if first = strings.TrimSpace(first); strings.TrimSpace(rest) != "" && len(strings.Fields(first)) <= 4 && strings.ContainsAny(first[max(0, len(first)-1):], ",!:") {
		return rest
	}
	return text
}

// notes are what the owner knows of the targets, the newest that a page has room for.
func (f Facts) notes() []string {
	var lines []string
	for _, t := range f.Targets {
		about := append(slices.Clone(t.Notes), t.Learnt...)
		for _, note := range about[max(0, len(about)-mostNotes):] {
			if len(lines) < mostNotes {
				lines = append(lines, short(t.Name+": "+note))
			}
		}
	}
	return lines
}

// overview introduces the owner in half a minute.
func (f Facts) overview() string {
	if f.Overview != "" {
		return f.Overview
	}
	text := "Thank you for making the time. I am " + f.Owner
	if f.About != "" {
		text += ", " + f.About
	}
	text += "."
	if f.Via != "" {
		text += " " + f.Via + " gave me your name."
	}
	topic := "your work"
	if names := f.fields(); len(names) > 0 {
		topic = strings.Join(names, " and ")
	}
	return text + " I am trying to understand " + topic + " from people who know it, before I choose my next step. " +
		"I am not here to ask for a job. I have brought a few questions, and I will keep to the " + fmt.Sprintf("%d minutes.", f.minutes())
}

// fields are the first two fields and industries, as they stand in a sentence.
func (f Facts) fields() (names []string) {
	for _, t := range f.Targets {
		if !t.Employer && len(names) < 2 {
			names = append(names, inSentence(t.Name))
		}
	}
	return names
}

// inSentence writes a name small unless its first word is an abbreviation or has capitals of its own.
func inSentence(name string) string {
	first, rest, _ := strings.Cut(name, " ")
	if small := strings.ToLower(first); utf8.RuneCountInString(first) > 1 && first[1:] == small[1:] {
		return join(" ", small, rest)
	}
	return name
}

// minutes is how long the talk is.
func (f Facts) minutes() int {
	if f.Start.IsZero() || !f.End.After(f.Start) {
		return int(f.Length.Minutes())
	}
	return int(f.End.Sub(f.Start).Minutes())
}

// plan divides the minutes of the talk. What begins and ends it takes the same time in every talk; the
// questions get what lies between.
func (f Facts) plan(questions int) []Step {
	whole := f.minutes()
	first, end := 3, max(whole-7, 4)
	half := first + (end-first)/2
	some := (questions + 1) / 2
	steps := []Step{
		{From: 0, To: 1, Text: "Thank them. Ask whether the time still suits."},
		{From: 1, To: first, Text: "Your overview, half a minute. Then it is their turn."},
		{From: first, To: half, Text: fmt.Sprintf("Questions 1 to %d. Listen; ask what follows from the answer.", some)},
		{From: half, To: end, Text: fmt.Sprintf("Questions %d to %d. Leave out what you have heard by now.", some+1, questions)},
		{From: end, To: end + 2, Text: "Look at the clock, and say so: “I see we have five minutes left.”"},
		{From: end + 2, To: end + 5, Text: "Who else? May you use their name? What should you read or try first?"},
		{From: end + 5, To: whole, Text: "Say what you take away, thank them, and end on time."},
	}
	if !f.Start.IsZero() {
		for i := range steps {
			steps[i].Clock = f.Start.Add(time.Duration(steps[i].From) * time.Minute).In(f.Own).Format("3:04")
		}
	}
	return steps
}

// join puts a word between two parts where both are there.
func join(between string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), between)
}

// short puts a text into one line that a page has room for, cut between words.
func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	letters := []rune(text)
	if len(letters) <= mostLine {
		return text
	}
	cut := string(letters[:mostLine])
	if i := strings.LastIndex(cut, " "); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.") + " …"
}
