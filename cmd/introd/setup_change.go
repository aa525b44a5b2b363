package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"introd/cmd/introd/talk"
	"introd/mailer"
	"introd/mailer/provider"
)

// What introd init does where it has been before: it changes one thing.

// A step asks something, or does something with what was asked.
type step = func(context.Context) error

// change asks what is to be different, tries it, and changes the config in place.
func (s *setup) change(ctx context.Context) error {
	before, err := loadConfig(s.path)
	if err != nil {
		return err
	}
	if s.conf, err = loadConfig(s.path); err != nil {
		return err
	}
	s.mailbox = s.conf.home()
	changes := []struct {
		words string
		steps []step
	}{
		{"your name, the line about you, your signature, your time zone", []step{s.askName, s.askAbout, s.askSignature, s.askZone}},
		{"the mail servers", []step{s.pickMailbox, s.otherServers, s.askIncoming, s.askOutgoing, s.signIn}},
		{"sign in again", []step{s.pickMailbox, s.askPassword, s.allow, s.signIn}},
		{"which folder is which", []step{s.pickMailbox, s.signIn, s.chooseFolders, s.makeOwnFolders}},
		{"add a second mailbox", []step{
			s.newMailbox, s.askAddress, s.findServers, s.askIncoming, s.askOutgoing, s.askPassword, s.askClient, s.askClientSecret, s.allow, s.signIn,
			s.askFolders, s.makeOwnFolders, s.askHome,
		}},
		{"nothing", nil},
	}
	chosen := -1
	s.talk.Say("introd is set up for %s. What would you like to change?", s.mailbox.Address)
	all := []step{func(ctx context.Context) (err error) {
		var words []string
		for _, c := range changes {
			words = append(words, c.words)
		}
		chosen, err = s.talk.Choose(ctx, "Which", words, len(words)-1)
		return err
	}}
	for i, c := range changes {
		for _, step := range c.steps {
			all = append(all, func(ctx context.Context) error {
				if chosen != i {
					return nil
				}
				return step(ctx)
			})
		}
	}
	if err := s.talk.Follow(ctx, all...); err != nil || changes[chosen].steps == nil {
		return err
	}
	return s.keepChange(ctx, before)
}

// keepChange writes what was changed into the config, and nothing else.
func (s *setup) keepChange(ctx context.Context, before *config) error {
	raw, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	if err := s.keepSecret(ctx); err != nil {
		return err
	}
	text, err := revise(s.path, string(raw), before, s.conf)
	if err != nil {
		return err
	}
	if text != string(raw) {
		if err := replaceFile(s.path, text); err != nil {
			return err
		}
	}
	s.talk.Say("Done.")
	return s.startAnew(ctx, before)
}

// startAnew has a daemon that runs go by the new settings.
func (s *setup) startAnew(ctx context.Context, before *config) error {
	client, err := dialDaemon(before.socket())
	if err != nil {
		return nil // it reads them when it starts
	}
	client.CloseIdleConnections()
	manager, err := s.manager()
	if err == nil {
		if state, err := manager.State(ctx); err == nil && state.Installed {
			return s.order(ctx, manager, manager.Start, "introd goes by that now.")
		}
	}
	s.talk.Say("introd runs, and goes by the old settings until you end it and start it again.")
	return nil
}

// pickMailbox asks which one it is about, where there are more.
func (s *setup) pickMailbox(ctx context.Context) error {
	accounts := s.conf.accounts()
	chosen := 0
	if len(accounts) > 1 {
		var err error
		if chosen, err = s.talk.Choose(ctx, "Which mailbox", addresses(accounts), 0); err != nil {
			return err
		}
	}
	s.mailbox = accounts[chosen]
	s.host = provider.ByServer(s.mailbox.IMAP.Host, s.mailbox.Address)
	return nil
}

func addresses(accounts []*accountConfig) (all []string) {
	for _, a := range accounts {
		all = append(all, a.Address)
	}
	return all
}

// otherServers has both servers asked for, with those of now in brackets.
func (s *setup) otherServers(context.Context) error {
	s.unknown = [2]bool{true, true}
	return nil
}

// chooseFolders asks for each part which folder plays it.
func (s *setup) chooseFolders(ctx context.Context) error {
	for _, part := range []struct {
		role  mailer.Role
		words string
	}{
		{mailer.RoleSent, "sent mail"}, {mailer.RoleDrafts, "drafts"}, {mailer.RoleArchive, "the archive"}, {mailer.RoleJunk, "junk"}, {mailer.RoleTrash, "the trash"},
	} {
		now := s.folder(part.role)
		name, err := s.talk.Ask(ctx, talk.Question{Words: "The folder for " + part.words, Default: now, Check: s.folderName})
		if err != nil {
			return err
		}
		if name != now {
			s.mailbox.Folders[string(part.role)] = name
		}
	}
	return nil
}

// folderName takes the name of a folder that is there.
func (s *setup) folderName(answer string) (string, error) {
	var names []string
	for _, f := range s.folders {
		if _, own := ownFolder(f.Name); own {
			continue
		}
		if strings.EqualFold(f.Name, answer) {
			return f.Name, nil
		}
		names = append(names, f.Name)
	}
	if answer == "" {
		return "", nil // there is none, and none is needed
	}
	return "", fmt.Errorf("there is no folder %s in your mailbox: there are %s", answer, strings.Join(names, ", "))
}

// newMailbox begins a second one.
func (s *setup) newMailbox(ctx context.Context) error {
	if s.fresh != "" {
		delete(s.conf.Accounts, s.fresh)
	}
	name, err := s.talk.Ask(ctx, talk.Question{Words: "A short name for it, such as school or personal", Default: s.fresh, Check: func(answer string) (string, error) {
		switch {
		case answer == "" || strings.Trim(answer, nameLetters) != "":
			return "", errors.New("a name is made of letters, digits, - and _")
		case s.conf.Accounts[answer] != nil:
			return "", fmt.Errorf("there is a mailbox named %s already: it is %s", answer, s.conf.Accounts[answer].Address)
		}
		return answer, nil
	}})
	if err != nil {
		return err
	}
	s.conf.Owner.Home = cmp.Or(s.conf.Owner.Home, s.conf.home().name)
	s.fresh, s.mailbox = name, s.conf.addAccount(name)
	s.mailbox.IMAP, s.mailbox.SMTP = server{}, server{}
	return nil
}

// askHome asks which mailbox gets introd's own mails.
func (s *setup) askHome(ctx context.Context) error {
	accounts := s.conf.accounts()
	chosen, err := s.talk.Choose(ctx, "Where shall introd show you drafts and the morning's digest?", addresses(accounts), 0)
	if err == nil {
		s.conf.Owner.Home = accounts[chosen].name
	}
	return err
}
