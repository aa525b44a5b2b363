package templates

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func noteValues(introducer, about, sentence, org string) Values {
	return Values{"greeting": "Hello Dana", "owner_first": "Sam", "introducer": introducer, "about": about, "sentence": sentence, "org": org}
}

// What does not fit goes whole, the least missed first.
func TestNote(t *testing.T) {
	const about, sentence = "a second-year chemistry student at Ohio State", "Your talk on battery recycling changed what I want to work on."
	long := strings.Repeat("It made me think of the smell of the laboratory in the evening. ", 2)
	emoji := strings.TrimSpace(strings.Repeat("🔋", 60)) // two code units each, as LinkedIn counts
	for _, n := range []struct{ name, introducer, about, sentence, org, want, left string }{
		{"all of it", "Prof. Lee", about, sentence, "BigCo",
			"Hello Dana,\nProf. Lee suggested I write to you. I am " + about + ". " + sentence + " Could I ask you about your work at BigCo for 20 minutes? I am after information, not a job. Thank you, Sam", ""},
		{"without the thanks", "Prof. Lee", about, "Your talk on battery recycling at State changed what I want to work on after I leave school next year.", "BigCo",
			"Hello Dana,\nProf. Lee suggested I write to you. I am " + about + ". Your talk on battery recycling at State changed what I want to work on after I leave school next year. Could I ask you about your work at BigCo for 20 minutes? I am after information, not a job. Sam", ""},
		{"the first of three sentences", "Prof. Lee", about, sentence + " " + long, "BigCo",
			"Hello Dana,\nProf. Lee suggested I write to you. I am " + about + ". " + sentence + " Could I ask you about your work for 20 minutes? I am after information, not a job. Sam", "org rest"},
		{"the sentence before who they are", "Prof. Lee", about, "Your talk on battery recycling and what it takes to run a pilot plant through a winter changed what I want to work on.", "BigCo",
			"Hello Dana,\nProf. Lee suggested I write to you. Your talk on battery recycling and what it takes to run a pilot plant through a winter changed what I want to work on. Could I ask you about your work at BigCo for 20 minutes? I am after information, not a job. Sam", "about"},
		{"a sentence that cannot fit", "Prof. Lee", about, "It " + strings.Repeat("really ", 40) + "moved me.", "BigCo",
			"Hello Dana,\nProf. Lee suggested I write to you. I am " + about + ". Could I ask you about your work at BigCo for 20 minutes? I am after information, not a job. Sam", "sentence"},
		{"signs that count twice", "Prof. Lee", about, emoji + ".", "BigCo",
			"Hello Dana,\nProf. Lee suggested I write to you. " + emoji + ". Could I ask you about your work at BigCo for 20 minutes? I am after information, not a job. Sam", "about"},
		{"nobody gave the name", "", about, sentence, "",
			"Hello Dana,\nI am " + about + ". " + sentence + " Could I ask you about your work for 20 minutes? I am after information, not a job. Thank you, Sam", ""},
	} {
		got, left, err := load(t).Note(noteValues(n.introducer, n.about, n.sentence, n.org))
		if err != nil || got != n.want || strings.Join(left, " ") != n.left || NoteLength(got) > MostNote {
			t.Errorf("%s (%d, %v, left out %q):\n%s\nshould be (%d, %q)\n%s", n.name, NoteLength(got), err, left, got, NoteLength(n.want), n.left, n.want)
		}
	}
	if _, _, err := load(t).Note(noteValues(strings.Repeat("Maria ", 60), about, sentence, "")); err == nil {
		t.Error("a note that cannot be short enough is an error")
	}
}

// Whatever the owner writes, the note fits, names who gave the name, says what is wanted, and cuts no word.
func TestNoteAlwaysFits(t *testing.T) {
	s := load(t)
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"battery", "recycling.", "a", "überaus", "🔋", "naïve", "Dr.", "work,", "why?"}), 0, 60).Draw(t, name), " ")
		}
		v := noteValues("Prof. Lee", About(text("about")), text("sentence"), text("org"))
		note, _, err := s.Note(v)
		if err != nil || NoteLength(note) > MostNote {
			t.Fatalf("%d characters, %v: %s", NoteLength(note), err, note)
		}
		if !strings.Contains(note, "Prof. Lee suggested") || !strings.Contains(note, "information, not a job") || unfilled(note) != "" {
			t.Fatalf("something is missing: %s", note)
		}
		known := strings.Fields(strings.Join([]string{v["about"], v["sentence"], v["org"]}, " ") +
			" Hello Dana, Prof. Lee suggested I write to you. I am Could I ask you about your work at for 20 minutes? I am after information, not a job. Thank you, Sam")
		for _, word := range strings.Fields(note) {
			if !slices.Contains(known, word) && !slices.Contains(known, strings.TrimRight(word, ".")) {
				t.Fatalf("%q is no word of theirs or ours: %s", word, note)
			}
		}
	})
}
