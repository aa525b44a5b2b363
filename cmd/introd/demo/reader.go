package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"introd/daemon"
	"introd/daemon/web"
	"introd/store"
)

// A reader is the owner at the terminal. What they do in a mail program meanwhile counts as much:
// while a question stands, the mailbox is looked at again and again.
type reader struct {
	*World
	in      *bufio.Reader
	pending chan answer // a line that is being read; nil for none
	paused  bool        // the undo pause was explained
}

type answer struct {
	line string
	err  error
}

func newReader(w *World) *reader { return &reader{World: w, in: bufio.NewReader(w.In)} }

// lookEvery is how often the mailbox is looked at while the reader is asked, by the real clock.
const lookEvery = time.Second

// ask puts a question and waits for a line, or until the draft is decided elsewhere (done).
func (r *reader) ask(ctx context.Context, prompt, draft string) (line string, done bool, err error) {
	before, err := r.stateOf(ctx, draft)
	if err != nil {
		return "", false, err
	}
	if r.pending == nil {
		r.pending = make(chan answer, 1)
		go func(c chan<- answer) {
			line, err := r.in.ReadString('\n')
			c <- answer{strings.TrimSpace(line), err}
		}(r.pending)
	}
	r.story.ask(prompt)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return "", false, ctx.Err()
		case a := <-r.pending:
			r.pending = nil
			if r.story.answered(); a.err != nil && a.line == "" {
				return "", false, ended(a.err)
			}
			return a.line, false, nil
		case <-ticker.C:
			if _, err := r.settle(ctx); err != nil {
				return "", false, err
			}
			if now, err := r.stateOf(ctx, draft); err != nil || now != before {
				return "", true, err
			}
			if !r.story.asked { // something else happened: the question is put again below it
				r.story.ask(prompt)
			}
		}
	}
}

// ended is what the end of the reader's words means.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return errQuit
	}
	return err
}

// stateOf tells where a draft stands; "" when it is closed, or for no draft.
func (r *reader) stateOf(ctx context.Context, draft string) (string, error) {
	drafts, err := r.drafts(ctx)
	for _, d := range drafts {
		if d.ID == draft {
			return string(d.State) + d.Code, err
		}
	}
	return "", err
}

// errand asks whether the demo shall do what introd leaves to its owner.
func (r *reader) errand(ctx context.Context, e errand) (bool, error) {
	r.ran[e.key] = true
	r.story.say(r.clock.Now(), "introd leaves this to you: "+e.ask+".")
	if e.run == nil {
		return false, nil
	}
	r.story.more("The demo can do it for you: " + e.offer + ".")
	for {
		line, _, err := r.ask(ctx, "Shall it? yes, no, quit", "")
		switch {
		case err != nil:
			return false, err
		case is(line, "yes"):
			return true, e.run(ctx)
		case is(line, "no"):
			return false, nil
		case is(line, "quit"):
			return false, errQuit
		}
	}
}

// is says whether a line is a word or its first letter.
func is(line, word string) bool {
	line = strings.ToLower(line)
	return line == word || line == word[:1]
}

// help is what there is to say at a draft.
var help = []string{
	"send: it goes out after the undo pause.", "drop: it never goes out.", "edit: change the text in your editor; it is shown again.",
	"later, or later 3: it is shown again tomorrow, or in three days; the clock goes on.", "read: it is shown again.",
	"why: the reasons behind everything with this person so far.", "quit: the end.",
	"Or use your mail program: send the mail from Drafts, or move its approval mail into introd-send-… or introd-drop-….",
}

// decide asks until a draft is decided.
func (r *reader) decide(ctx context.Context, d daemon.DraftView) (bool, error) {
	for {
		if d.State == store.Asking {
			return true, r.giveSentence(ctx, d)
		}
		line, done, err := r.ask(ctx, r.player(d.Person).name+": send, drop, edit, later, why, quit", d.ID)
		if done || err != nil {
			return done, err
		}
		done, err = r.obey(ctx, d, line)
		var no *web.Failure
		if errors.As(err, &no) && no.Refusal {
			r.story.more("introd says no: " + no.Words)
			continue
		}
		if done || err != nil {
			return done, err
		}
	}
}

// obey carries out one line of the reader's. It returns whether the draft was decided by it.
func (r *reader) obey(ctx context.Context, d daemon.DraftView, line string) (done bool, err error) {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case is(word, "send"):
		if err := r.verb(ctx, d, "approve", 0); err != nil {
			return false, err
		}
		return true, r.pause(ctx, d)
	case is(word, "drop"):
		return true, r.verb(ctx, d, "drop", 0)
	case is(word, "later"):
		return true, r.later(ctx, d, rest)
	case is(word, "edit"):
		text, err := r.Edit(d.Text)
		if err == nil && text == d.Text {
			r.story.more("Nothing was changed.")
		}
		if err != nil || text == d.Text {
			return false, err
		}
		_, err = web.Call[daemon.Reply](ctx, r.Client, "edit", daemon.EditRequest{Draft: d.ID, Text: text})
		return true, err
	case is(word, "read"):
		r.story.whole(d)
		return false, nil
	case is(word, "why"):
		return false, r.why(ctx, d.Person)
	case is(word, "quit"):
		return false, errQuit
	}
	for _, words := range help {
		r.story.list(words)
	}
	return false, nil
}

func (r *reader) verb(ctx context.Context, d daemon.DraftView, verb string, wait time.Duration) error {
	reply, err := web.Call[daemon.Reply](ctx, r.Client, "decide", daemon.DecideRequest{Draft: d.ID, Verb: verb, Wait: wait})
	if err != nil {
		return err
	}
	if verb == "later" { // the story does not tell of it
		r.story.more(reply.Words)
	}
	_, err = r.settle(ctx)
	return err
}

// later puts a draft off by so many days.
func (r *reader) later(ctx context.Context, d daemon.DraftView, words string) error {
	days := 1
	if words != "" {
		if _, err := fmt.Sscanf(words, "%d", &days); err != nil || days < 1 {
			return &web.Failure{Words: "later takes a number of days, such as later 3", Refusal: true}
		}
	}
	return r.verb(ctx, d, "later", time.Duration(days)*24*time.Hour)
}

// pause lets the reader take an approval back. It stops only the first time, to show that it can be done.
func (r *reader) pause(ctx context.Context, d daemon.DraftView) error {
	if r.paused {
		return nil
	}
	r.paused = true
	r.story.more("This is the undo pause, and for once the clock stands still in it: Enter lets it pass, undo takes the mail back.")
	line, done, err := r.ask(ctx, "Enter or undo", d.ID)
	if err != nil || done || !is(line, "undo") {
		return err
	}
	return r.verb(ctx, d, "hold", 0)
}

// giveSentence asks for the personal sentence that a mail lacks.
func (r *reader) giveSentence(ctx context.Context, d daemon.DraftView) error {
	p := r.player(d.Person)
	example := p.sentence(d.Kind)
	r.story.more("Type it, or press Enter for this one: " + example)
	line, done, err := r.ask(ctx, "Your sentence for "+p.name, d.ID)
	if done || err != nil {
		return err
	}
	switch {
	case is(line, "quit"):
		return errQuit
	case line == "":
		line = example
	case !strings.Contains(line, " "):
		r.story.more("That is no sentence yet.")
		return nil // it is asked again
	}
	_, err = web.Call[daemon.Reply](ctx, r.Client, "edit", daemon.EditRequest{Draft: d.ID, Why: line})
	return err
}
