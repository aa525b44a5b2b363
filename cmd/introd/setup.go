package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"introd/cmd/introd/talk"
	"introd/daemon"
	"introd/mailer"
	"introd/mailer/provider"
)

// A setup is one run of introd init: it asks, tries, and writes the config when all works.
type setup struct {
	*app
	talk    *talk.Talk // nil: nobody is asked, and what is wrong ends it
	path    string     // of the config
	conf    *config    // as it will be written
	mailbox *accountConfig
	given   func(flag string) bool
	told    [2]server // the servers that flags say: incoming, outgoing
	user    string    // at the servers, as a flag says; "" for the usual one

	byCode    bool // OAuth on another device
	allowed   bool // in a browser, just now
	noKeyring bool

	school, phone string
	fresh         string               // the name of a mailbox that is being added
	host          provider.Provider    // whose mailbox it is; the zero Provider if nobody knows
	looked        string               // the address whose servers were looked for
	unknown       [2]bool              // the servers that were not found: incoming, outgoing
	found, others []provider.Candidate // servers that were found, those taken first; and those of them that were not tried yet
	refusals      int                  // how often a server has refused the password
	password      string               // as it was typed
	folders       []mailer.Folder
	made          []string // introd's own folders that were not there before
}

// errStopped is how a conversation ends that its owner has left.
var errStopped = errors.New("stopped, and nothing was written: introd init begins again")

// interview asks for all that introd needs, and tries it.
func (s *setup) interview(ctx context.Context) error {
	s.talk.Say("This connects introd to your mailbox. Enter takes what stands in [brackets], < goes one question back, Ctrl-C stops. Nothing is written until everything works.\n")
	return s.talk.Follow(ctx,
		s.unless("address", s.askAddress), s.unless("name", s.askName), s.unless("about", s.askAbout),
		s.unless("signature", s.askSchool), s.unless("signature", s.askPhone), s.unless("signature", s.askSignature), s.unless("zone", s.askZone),
		s.findServers, s.askIncoming, s.askOutgoing, s.askPassword, s.askClient, s.askClientSecret, s.allow, s.signIn, s.askFolders, s.makeOwnFolders, s.keep,
	)
}

// unless leaves out a question that a flag has answered.
func (s *setup) unless(flag string, ask step) step {
	if s.given(flag) {
		return func(context.Context) error { return nil }
	}
	return ask
}

// failed says what is left of a run that did not come to its end.
func (s *setup) failed(err error) error {
	if errors.Is(err, talk.ErrEnded) {
		err = errStopped
	}
	if err != nil && len(s.made) > 0 {
		err = fmt.Errorf("%w (there are new folders in your mailbox, %s, which introd uses next time)", err, strings.Join(s.made, " and "))
	}
	return err
}

// unattended does the same with what the flags say.
func (s *setup) unattended(ctx context.Context) error {
	for _, step := range []step{s.missing, s.findServers, s.complete, s.allow, s.signIn, s.askFolders, s.makeOwnFolders, s.keep} {
		err := step(ctx)
		for errors.Is(err, talk.ErrAgain) {
			err = step(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// missing says which flags are.
func (s *setup) missing(context.Context) error {
	m, o := s.mailbox, s.conf.Owner
	var flags []string
	for _, need := range []struct{ flag, given string }{
		{"--address", m.Address}, {"--name", o.Name}, {"--about", o.About},
		{"--password-file (or --password-command, or --client-id)", m.PasswordFile + m.PasswordCommand + m.OAuth.ClientID},
	} {
		if need.given == "" {
			flags = append(flags, need.flag)
		}
	}
	if len(flags) > 0 {
		return &daemon.Refusal{Words: "with --yes nothing is asked, so give also " + strings.Join(flags, ", ")}
	}
	return nil
}

// complete looks over what the flags have said.
func (s *setup) complete(context.Context) error {
	if err := s.conf.check(filepath.Dir(s.path)); err != nil {
		return fmt.Errorf("something is missing or wrong:\n%w", err)
	}
	return nil
}

// say tells the person what goes on; nobody is told where nobody is asked.
func (s *setup) say(format string, args ...any) {
	if s.talk != nil {
		s.talk.Say(format, args...)
	}
}

// ask puts a question, and takes its answer if there is one.
func (s *setup) ask(ctx context.Context, to *string, q talk.Question) error {
	answer, err := s.talk.Ask(ctx, q)
	if err == nil {
		*to = answer
	}
	return err
}

// account is the mailbox as it stands, with the password that was typed.
func (s *setup) account() mailer.Account {
	a := s.mailbox.account(slog.New(slog.DiscardHandler))
	if s.password != "" {
		a.Password = func(context.Context) (string, error) { return s.password, nil }
	}
	a.Limits = mailer.Limits{Answer: answerWithin}
	return a
}

// keep writes the config.
func (s *setup) keep(ctx context.Context) error {
	s.conf.data = cmp.Or(s.conf.Daemon.Data, standardData())
	if err := s.keepSecret(ctx); err != nil {
		return err
	}
	if err := s.conf.check(filepath.Dir(s.path)); err != nil {
		return err
	}
	text, err := s.conf.write()
	if err != nil {
		return err
	}
	return replaceFile(s.path, text)
}

// replaceFile writes a file that only its owner may read, wholly or not at all.
func replaceFile(path, text string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays a link
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*.new") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}
