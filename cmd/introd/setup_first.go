package main

import (
	"cmp"
	"context"
	"errors"
	"net/mail"
	"strings"

	"introd/cmd/introd/talk"
	"introd/daemon"
	"introd/templates"
)

// What introd init offers once the mailbox is connected: to run in the background, to add the first person and to approve the
// first mail. The config is written by then: who leaves here has lost nothing.

// offers are what comes after the config.
func (s *setup) offers(ctx context.Context) error {
	running, err := s.offerService(ctx)
	if err == nil {
		err = s.first(ctx)
	}
	if errors.Is(err, talk.ErrEnded) {
		err = nil
	}
	s.next(running)
	return err
}

// next says what there is to do now.
func (s *setup) next(running bool) {
	s.talk.Say("")
	if !running {
		s.talk.Say("introd run     watches your mailbox, and sends what you have approved")
	}
	s.talk.Say("introd status  tells what waits for you, and who has answered")
	s.talk.Say("introd add     adds the next person; introd help lists the rest")
}

// offerService offers to have introd started by the system, where that can be.
func (s *setup) offerService(ctx context.Context) (running bool, err error) {
	manager, err := s.manager()
	if err != nil {
		return false, nil
	}
	if _, err := manager.State(ctx); err != nil { // nothing here starts programs
		return false, nil
	}
	s.talk.Say("")
	yes, err := s.talk.Yes(ctx, "Shall introd run in the background from now on, whenever you log in?", true)
	if errors.Is(err, talk.ErrBack) {
		yes, err = false, nil
	}
	if err != nil || !yes {
		return false, err
	}
	if err := s.installService(ctx, manager); err != nil {
		s.talk.Say("  %s To try it again: introd service install", templates.Sentence(err.Error()))
		return false, nil
	}
	return true, nil
}

// A firstPerson is whom the owner wishes to write to first.
type firstPerson struct {
	who, via, why string // "Dana Wu <dana@bigco.com>"; "" for nobody
	how           string
	id            string
}

// first adds a person, shows the mail to them and asks whether it may go out.
func (s *setup) first(ctx context.Context) error {
	var p firstPerson
	return s.talk.Follow(ctx,
		func(ctx context.Context) error { return s.askWho(ctx, &p) },
		func(ctx context.Context) error { return s.askHow(ctx, &p) },
		func(ctx context.Context) error { return s.askVia(ctx, &p) },
		func(ctx context.Context) error { return s.askWhy(ctx, &p) },
		func(ctx context.Context) error { return s.showDraft(ctx, &p) },
	)
}

func (s *setup) askWho(ctx context.Context, p *firstPerson) error {
	s.talk.Say("\nWhom would you like to talk to first? For example: Dana Wu <dana@bigco.com>. Enter skips this.")
	return s.ask(ctx, &p.who, talk.Question{
		Words: "Name and address", Default: p.who,
		Check: func(answer string) (string, error) {
			a, err := mail.ParseAddress(answer)
			switch {
			case answer == "":
			case err != nil || a.Name == "":
				return "", errors.New("write a name, and the address in angle brackets: Dana Wu <dana@bigco.com>")
			case strings.EqualFold(a.Address, s.mailbox.Address):
				return "", errors.New("that is your own address")
			}
			return answer, nil
		},
	})
}

// acquaintances are the ways of knowing somebody that change what is written to them.
var acquaintances = []struct{ how, words string }{
	{"cold", "Not yet: I have read or heard of them"}, {"alumni", "We went to the same school"}, {"referred", "Somebody gave me their name"},
}

func (s *setup) askHow(ctx context.Context, p *firstPerson) error {
	if p.who == "" {
		return nil
	}
	options := make([]string, len(acquaintances))
	for i, a := range acquaintances {
		options[i] = a.words
	}
	chosen, err := s.talk.Choose(ctx, "How do you know them", options, 0)
	if err == nil {
		p.how = acquaintances[chosen].how
	}
	return err
}

func (s *setup) askVia(ctx context.Context, p *firstPerson) error {
	if p.how != "referred" {
		p.via = ""
		return nil
	}
	return s.ask(ctx, &p.via, talk.Question{Words: "Who gave you the name (Prof. Lee <lee@uni.edu>)", Default: p.via, Check: func(answer string) (string, error) {
		if a, err := mail.ParseAddress(answer); err != nil || a.Name == "" {
			return "", errors.New("write a name, and the address in angle brackets: Prof. Lee <lee@uni.edu>")
		}
		return answer, nil
	}})
}

func (s *setup) askWhy(ctx context.Context, p *firstPerson) error {
	if p.who == "" {
		return nil
	}
	s.talk.Say("Why them? One sentence that fits nobody else. For example: Your talk on battery recycling stayed with me.")
	return s.ask(ctx, &p.why, talk.Question{Words: "Why", Default: p.why, Check: needed("without a sentence of yours the mail would be one of many: say what you have read or heard of them")})
}

// showDraft adds the person, shows the mail, and asks whether it may go out.
func (s *setup) showDraft(ctx context.Context, p *firstPerson) error {
	if p.who == "" {
		return nil
	}
	if p.id == "" {
		added, _, err := call[daemon.Reply](ctx, s.app, "add", daemon.AddRequest{Person: p.who, Via: p.via, How: map[string]string{"alumni": "alumni"}[p.how]})
		if err != nil {
			return s.refused(err)
		}
		if _, _, err := call[daemon.Reply](ctx, s.app, "ask", daemon.AskRequest{Person: added.ID, Why: p.why}); err != nil {
			return s.refused(err)
		}
		p.id = added.ID
	}
	views, _, err := call[[]daemon.DraftView](ctx, s.app, "drafts", daemon.DraftsRequest{Draft: p.id})
	if err != nil {
		return err
	}
	return s.decide(ctx, views[0])
}

// refused says why introd does not do it, and leads back to the question.
func (s *setup) refused(err error) error {
	if !isRefusal(err) {
		return err
	}
	s.talk.Say("  %s", templates.Sentence(err.Error()))
	return talk.ErrBack
}

// decide shows a mail as it would go out and asks for the yes without which it does not.
func (s *setup) decide(ctx context.Context, v daemon.DraftView) error {
	from := ""
	if v.From != "" { // of more than one account
		from = "From: " + v.From + "\n    "
	}
	s.talk.Say("\n    %sTo: %s\n    Subject: %s\n\n    %s\n", from, strings.Join(v.To, ", "), v.Subject, strings.ReplaceAll(strings.TrimSpace(v.Text), "\n", "\n    "))
	yes, err := s.talk.Yes(ctx, "Send it? For a moment after your yes you can still stop it", false)
	switch {
	case err != nil && !errors.Is(err, talk.ErrBack):
		return err
	case !yes:
		s.talk.Say("It waits for you: introd edit %s changes it, introd approve %s sends it.", v.Code, v.Code)
		return nil
	}
	err = s.words(ctx, "decide", daemon.DecideRequest{Verb: "approve", Draft: cmp.Or(v.Code, v.ID)})
	if isRefusal(err) { // introd has read the mailbox meanwhile, and knows better
		s.talk.Say("  %s", templates.Sentence(err.Error()))
		return nil
	}
	return err
}
