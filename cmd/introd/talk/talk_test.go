package talk_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"introd/cmd/introd/talk"
)

// overPipe is a talk with somebody who answers with these lines, and what they see.
func overPipe(answers ...string) (*talk.Talk, *bytes.Buffer) {
	var seen bytes.Buffer
	return talk.New(strings.NewReader(strings.Join(answers, "\n")+"\n"), &seen), &seen
}

// The way back leads to the question before, wherever steps ask several or none.
func TestFollow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		answers []string
		want    string // each question with its last answer
	}{
		{"straight on", []string{"1", "2", "3", "4"}, "a=1 b=2 c=3 d=4"},
		{"back from the first is no way", []string{"<", "1", "2", "3", "4"}, "a=1 b=2 c=3 d=4"},
		{"back to the step before", []string{"1", "<", "5", "2", "3", "4"}, "a=5 b=2 c=3 d=4"},
		{"back within a step begins it again", []string{"1", "2", "back", "6", "3", "4"}, "a=1 b=6 c=3 d=4"},
		{"back over a step that asks nothing", []string{"1", "2", "3", "<", "7", "8", "4"}, "a=1 b=7 c=8 d=4"},
		{"back twice", []string{"1", "2", "3", "<", "<", "9", "2", "3", "4"}, "a=9 b=2 c=3 d=4"},
		{"once more, and then back", []string{"1", "2", "3", "again", "<", "7", "8", "4"}, "a=1 b=7 c=8 d=4"},
		{"a step that has nothing to ask the second time is passed on the way back", []string{"1", "2", "3", "once", "<", "7", "8", "4"}, "a=1 b=7 c=8 d=4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			talking, seen := overPipe(test.answers...)
			got, once := map[string]string{}, false
			ask := func(ctx context.Context, names ...string) error {
				for _, name := range names {
					answer, err := talking.Ask(ctx, talk.Question{Words: name})
					if err != nil {
						return err
					}
					got[name] = answer
				}
				return nil
			}
			err := talking.Follow(t.Context(),
				func(ctx context.Context) error { return ask(ctx, "a") },
				func(ctx context.Context) error { return ask(ctx, "b", "c") },
				func(context.Context) error { return nil },
				func(ctx context.Context) error {
					if slices.Contains(test.answers, "once") && !once {
						once = true
						return ask(ctx, "x")
					}
					return nil
				},
				func(ctx context.Context) error {
					err := ask(ctx, "d")
					if got["d"] == "again" {
						got["d"] = ""
						return talk.ErrAgain
					}
					return err
				},
			)
			var all []string
			for _, name := range []string{"a", "b", "c", "d"} {
				all = append(all, name+"="+got[name])
			}
			if have := strings.Join(all, " "); err != nil || have != test.want {
				t.Errorf("got %s (%v), want %s\n%s", have, err, test.want, seen)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	options := []string{"Sent", "Sent 2", "Drafts"}
	for answer, want := range map[string]int{"1": 0, "3": 2, "d": 2, "sent": 0, "SENT 2": 1, "": 1} {
		talking, seen := overPipe(answer)
		if got, err := talking.Choose(t.Context(), "Which", options, 1); err != nil || got != want {
			t.Errorf("%q chose %d (%v), want %d\n%s", answer, got, err, want, seen)
		}
	}
	for _, answer := range []string{"0", "4", "se", "x"} {
		talking, seen := overPipe(answer)
		if got, err := talking.Choose(t.Context(), "Which", options, 1); !errors.Is(err, talk.ErrEnded) || !strings.Contains(seen.String(), "Answer with a number from 1 to 3.") {
			t.Errorf("%q chose %d (%v)\n%s", answer, got, err, seen)
		}
	}
}

// A secret is not repeated, and the end of a pipe ends the talk, but not before its last line was taken.
func TestSecretOverAPipe(t *testing.T) {
	t.Parallel()
	var seen bytes.Buffer
	talking := talk.New(strings.NewReader(" hush \r\nlast"), &seen)
	first, err1 := talking.Ask(t.Context(), talk.Question{Words: "Password", Secret: true})
	last, err2 := talking.Ask(t.Context(), talk.Question{Words: "Name", Default: "Sam", Shown: "the usual"})
	_, err3 := talking.Ask(t.Context(), talk.Question{Words: "Name"})
	if first != "hush" || last != "last" || err1 != nil || err2 != nil || !errors.Is(err3, talk.ErrEnded) {
		t.Errorf("%q (%v), %q (%v), %v", first, err1, last, err2, err3)
	}
	if want := "Password: \nName [the usual]: last\nName: \n"; seen.String() != want {
		t.Errorf("seen %q, want %q", seen.String(), want)
	}
}
