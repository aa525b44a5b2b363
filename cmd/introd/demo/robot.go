package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"introd/daemon"
	"introd/daemon/steps"
	"introd/daemon/web"
	"introd/store"
)

// A robot plays the owner when nobody is there. It sees what its mail program shows, and decides in
// every way there is, each in turn. It notes what it said yes to, so that what arrives can be compared.
type robot struct {
	*World
	program *program
	turn    int
	yes     []approval
	did     map[string]bool // the ways that were used, and edit, drop, undo
	given   map[string]bool // questions that were answered, by Message-ID
}

// An approval is what the owner said yes to, as they saw it, and how.
type approval struct {
	way           string
	to            []string // bare addresses
	subject, text string
}

// The ways of approving, by the names under which introd records them.
const (
	byHand    = "by hand"
	byMove    = "move"
	byReply   = "reply"
	byCommand = "command"
)

func newRobot(w *World) (*robot, error) {
	p, err := newProgram(w.Login())
	return &robot{World: w, program: p, did: map[string]bool{}, given: map[string]bool{}}, err
}

func (r *robot) close() { r.program.close() }

// errand does what introd leaves to its owner, where the demo knows how.
func (r *robot) errand(ctx context.Context, e errand) (bool, error) {
	r.ran[e.key] = true
	r.story.say(r.clock.Now(), "introd leaves this to you: "+e.ask+".")
	if e.run == nil {
		return false, nil
	}
	r.story.more("You " + e.offer + ".")
	return true, e.run(ctx)
}

// decide decides a draft, once its approval mail is there: introd keeps the quiet hours.
func (r *robot) decide(ctx context.Context, d daemon.DraftView) (bool, error) {
	switch d.State {
	case store.Asking:
		return r.giveSentence(ctx, d)
	case store.Waiting:
	default:
		return false, fmt.Errorf("%s to %s is %s: %s", d.Kind, d.Person, d.State, d.Reason)
	}
	ask, there, err := r.program.find("INBOX", func(i item) bool { return strings.HasSuffix(i.subject, "("+d.Code+")") })
	if err != nil || !there {
		return false, err
	}
	switch {
	case d.Kind == steps.AnswerInvite:
		return true, r.drop(ask)
	case d.Person == "tom" && r.once("edit"):
		return true, r.edit(ask, d)
	case d.Person == "tom" && r.once("undo"):
		return true, r.undo(ctx, ask)
	}
	return true, r.approve(ctx, ask, d)
}

// once notes that something is done, and says whether it is for the first time.
func (r *robot) once(what string) bool {
	was := r.did[what]
	r.did[what] = true
	return !was
}

// answerTrial answers the mail that finds out whether introd can trust replies here.
func (r *robot) answerTrial(ctx context.Context) error {
	if _, err := r.settle(ctx); err != nil {
		return err
	}
	trial, there, err := r.program.find("INBOX", func(i item) bool { return i.subject == "introd: please answer this" })
	if err != nil || !there {
		return cmp.Or(err, errors.New("the trial mail is not in INBOX"))
	}
	r.story.say(r.clock.Now(), "You answer it.")
	return r.program.reply(trial, "Here I am.")
}

// giveSentence answers introd's question for a personal sentence, by mail and by command in turn. What
// a talk brought is answered by mail: its first line is the sentence.
func (r *robot) giveSentence(ctx context.Context, d daemon.DraftView) (bool, error) {
	question, there, err := r.program.find("INBOX", func(i item) bool {
		return i.asks(d.Person) && !r.given[i.id]
	})
	if err != nil || !there {
		return false, err
	}
	r.given[question.id] = true
	sentence := r.player(d.Person).sentence(d.Kind)
	if len(r.given)%2 == 1 || d.Kind == steps.ThankYou {
		r.story.say(r.clock.Now(), "You answer introd's question by mail: "+sentence)
		return true, r.program.reply(question, sentence)
	}
	r.story.say(r.clock.Now(), "You give it at the command line: "+sentence)
	_, err = web.Call[daemon.Reply](ctx, r.Client, "edit", daemon.EditRequest{Draft: d.ID, Why: sentence})
	return true, err
}

// drop moves the approval mail into the folder that throws drafts away.
func (r *robot) drop(ask item) error {
	r.did["drop"] = true
	r.story.say(r.clock.Now(), "You booked it yourself, so there is nothing to answer: you move the approval mail into the drop folder.")
	return r.program.move(ask, "introd-drop-")
}

// edit answers the approval mail with another text.
func (r *robot) edit(ask item, d daemon.DraftView) error {
	r.story.say(r.clock.Now(), "You answer the approval mail with “edit” and the text as you would rather have it.")
	text := strings.TrimSpace(d.Text)
	end := max(strings.LastIndex(text, "\n\n"), 0) // where the closing begins
	text = text[:end] + "\n\nI will be at the alumni day in October, in case a hello in person is easier." + text[end:]
	return r.program.reply(ask, "edit "+d.Code+"\n"+text)
}

// undo approves by moving the mail, thinks better of it, and moves it back within the undo pause.
func (r *robot) undo(ctx context.Context, ask item) error {
	r.story.say(r.clock.Now(), "You move the approval mail into the send folder …")
	if err := r.program.move(ask, "introd-send-"); err != nil {
		return err
	}
	if _, err := r.settle(ctx); err != nil {
		return err
	}
	moved, there, err := r.program.find("introd-send-", func(i item) bool { return i.id == ask.id })
	if err != nil || !there {
		return cmp.Or(err, fmt.Errorf("the approval mail %q is not in the send folder", ask.subject))
	}
	r.story.say(r.clock.Now(), "… think better of it, and move it back before the two minutes are over. Nothing is sent.")
	return r.program.move(moved, "INBOX")
}

// approve says yes to a draft by the next way.
func (r *robot) approve(ctx context.Context, ask item, d daemon.DraftView) error {
	ways := []string{byMove, byReply, byHand, byCommand}
	way := ways[r.turn%len(ways)]
	if r.turn++; way == byHand && d.Invite {
		way, r.turn = byCommand, r.turn-1 // an invitation goes only with what introd sends
	}
	r.did[way] = true
	r.yes = append(r.yes, approval{way, addresses(d.To), d.Subject, d.Text})
	switch way {
	case byMove:
		r.story.say(r.clock.Now(), "You move its approval mail into the send folder.")
		return r.program.move(ask, "introd-send-")
	case byReply:
		r.story.say(r.clock.Now(), "You answer its approval mail with “send "+d.Code+"”.")
		return r.program.reply(ask, "send "+d.Code)
	case byHand:
		r.story.say(r.clock.Now(), "You open it in Drafts and press send.")
		copied, there, err := r.program.find("Drafts", func(i item) bool { return i.subject == d.Subject && sameWords(i.read().Text, d.Text) })
		if err != nil || !there {
			return cmp.Or(err, fmt.Errorf("there is no %q in Drafts", d.Subject))
		}
		return r.program.sendDraft(copied)
	}
	r.story.say(r.clock.Now(), "You approve it at the command line: introd approve "+d.Code)
	_, err := web.Call[daemon.Reply](ctx, r.Client, "decide", daemon.DecideRequest{Draft: d.Code, Verb: "approve"})
	return err
}

// sentence is what the owner would say in a mail of a kind to a player.
func (p *player) sentence(kind string) string {
	if kind == steps.ThankYou || kind == steps.ThanksIntro || kind == steps.OutcomeIntroducer {
		return p.learnt
	}
	return p.why
}

// sameWords says whether two texts differ in nothing but how their lines are broken.
func sameWords(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }
