package templates

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// MostNote is the most that a note on LinkedIn may hold, in UTF-16 code units: what its form counts.
const MostNote = 300

// NoteLength counts a text as LinkedIn's form does.
func NoteLength(text string) int { return len(utf16.Encode([]rune(text))) }

// shorter lists what a note can do without, the least missed first.
var shorter = [][]string{
	{}, {"thanks"}, {"org"}, {"thanks", "org"}, {"thanks", "org", "rest"}, {"thanks", "about"}, {"thanks", "org", "about"}, {"thanks", "org", "about", "rest"},
	{"thanks", "sentence"}, {"thanks", "org", "sentence"}, {"thanks", "org", "about", "sentence"},
}

// Note renders the note for LinkedIn. Where it is too long, what is least missed goes, whole: the thanks,
// the organization, all but the first of the owner's own sentences, who they are, the sentence itself.
// Never the referrer, never that it is information they want, and no word is cut. left names what went.
func (s *Set) Note(v Values) (note string, left []string, err error) {
	full := maps.Clone(v)
	full["thanks"] = "yes"
	for _, leave := range shorter {
		try := maps.Clone(full)
		for _, name := range leave {
			if name == "rest" { // of the owner's words the first sentence
				try["sentence"] = firstOr(sentences(v["sentence"]), "")
			} else {
				delete(try, name)
			}
		}
		if _, note, err = s.Render("linkedin-note", try); err != nil {
			return "", nil, err
		}
		if note = strings.TrimSpace(note); NoteLength(note) <= MostNote {
			return note, slices.DeleteFunc(slices.Clone(leave), func(name string) bool { return v[name] == "" && name != "rest" }), nil
		}
	}
	return "", nil, fmt.Errorf("the note is %d characters long even at its shortest, and LinkedIn takes %d", NoteLength(note), MostNote)
}
