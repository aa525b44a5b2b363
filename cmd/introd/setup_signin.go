package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"introd/cmd/introd/talk"
	"introd/mailer/provider"
	"introd/mailer/signin"
	"introd/templates"
)

// How introd init gets what one signs in with, a password or a permission (OAuth), and where it keeps it.

// byOAuth says whether one signs in by browser there.
func (s *setup) byOAuth() bool { return s.mailbox.oauth() || s.host.OnlyOAuth() }

// ownSecret says whether the owner keeps the password themself, as a flag says.
func (s *setup) ownSecret() bool { return s.given("password-command") || s.given("password-file") }

// askPassword asks for the password, or for what the provider takes in the place of one.
func (s *setup) askPassword(ctx context.Context) error {
	if s.ownSecret() || s.byOAuth() {
		return nil
	}
	what := &provider.Password{Name: "password"}
	if s.host.Password != nil {
		what = s.host.Password
	}
	s.explainPassword(*what)
	warned := ""
	_, err := s.talk.Ask(ctx, talk.Question{Words: templates.Capital(what.Name) + " (it is not shown)", Secret: true, Check: func(typed string) (string, error) {
		clean, odd := what.Check(typed)
		switch {
		case clean == "":
			return "", errors.New("type it, or paste it; nothing shows while you do")
		case odd != "" && warned != clean:
			warned = clean
			return "", errors.New(odd + "; to try it as it is, type it again")
		}
		s.password = clean
		return "", nil
	}})
	return err
}

// explainPassword says what is to be done before, and where a password of the provider's own making comes from.
func (s *setup) explainPassword(what provider.Password) {
	if s.host.First != "" {
		s.say("%s", s.host.First)
	}
	if what.Where != "" {
		s.say("%s lets introd in by a password of its own (%s), not by your usual one. Make it here, and paste it:\n  %s", s.host.Name, what.Name, what.Where)
	}
	if what.Needs != "" {
		s.say("%s", what.Needs)
	}
}

// askClient asks for the client id, where one signs in by browser.
func (s *setup) askClient(ctx context.Context) error {
	if !s.byOAuth() || s.given("client-id") {
		return nil
	}
	where := ""
	if s.host.OAuth != nil && s.host.OAuth.Register != "" {
		where = " (" + s.host.OAuth.Register + ")"
	}
	if s.host.First != "" {
		s.say("%s", s.host.First)
	}
	s.say("%s takes no password from mail programs: you sign in in your browser. For that introd needs a client id of yours, which you get once: docs/setup.md shows how, step by step%s.", cmp.Or(s.host.Name, "Your provider"), where)
	return s.ask(ctx, &s.mailbox.OAuth.ClientID, talk.Question{Words: "Client id", Default: s.mailbox.OAuth.ClientID, Check: s.clientID})
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// clientID knows the shapes of two providers' ids.
func (s *setup) clientID(answer string) (string, error) {
	at := ""
	if s.host.OAuth != nil {
		at = s.host.OAuth.TokenURL
	}
	switch {
	case answer == "":
		return "", errors.New("without it you cannot sign in there")
	case strings.Contains(at, "microsoftonline.com") && !uuid.MatchString(answer):
		return "", errors.New("an application (client) id of Microsoft's looks like 01234567-89ab-cdef-0123-456789abcdef")
	case strings.Contains(at, "googleapis.com") && !strings.HasSuffix(answer, ".apps.googleusercontent.com"):
		return "", errors.New("a client id of Google's ends with .apps.googleusercontent.com")
	}
	return answer, nil
}

// askClientSecret asks for the word that Google wants besides.
func (s *setup) askClientSecret(ctx context.Context) error {
	if !s.byOAuth() || s.given("client-id") || s.host.OAuth == nil || !s.host.OAuth.Secret {
		return nil
	}
	return s.ask(ctx, &s.mailbox.OAuth.ClientSecret, talk.Question{Words: "Client secret", Default: s.mailbox.OAuth.ClientSecret, Check: needed("it stands beside the client id")})
}

// allow has the owner allow introd in their browser.
func (s *setup) allow(ctx context.Context) error {
	if !s.byOAuth() {
		return nil
	}
	m := s.mailbox
	if o := s.host.OAuth; o != nil && !s.host.Known() { // the domain's own file named it
		m.OAuth.AuthURL, m.OAuth.TokenURL, m.OAuth.DeviceURL, m.OAuth.Scopes = o.AuthURL, o.TokenURL, o.DeviceURL, o.Scopes
	}
	app := m.app()
	app.Again = "press Enter"
	tell := s.talk
	if tell == nil {
		tell = talk.New(s.in, s.out)
	}
	tokens, err := s.app.allow(ctx, app, tell, s.byCode)
	switch {
	case err == nil:
		m.grant, s.allowed = signin.Begin(app, tokens), true
		return nil
	case ctx.Err() != nil:
		return talk.ErrEnded
	case s.talk == nil || errors.Is(err, talk.ErrBack) || errors.Is(err, talk.ErrEnded):
		return err
	}
	s.say("  %s", templates.Sentence(err.Error()))
	_ = s.withLetter(err)
	if _, err := s.talk.Ask(ctx, talk.Question{Words: "Enter tries again, < goes back"}); err != nil {
		return err
	}
	return talk.ErrAgain
}

// keepSecret puts what one signs in with into the keyring, or where there is none into a file that only its owner can read.
func (s *setup) keepSecret(ctx context.Context) error {
	m, what := s.mailbox, "password"
	put := func() error { return m.secret().Put(ctx, s.password) }
	file := cmp.Or(m.PasswordFile, filepath.Join(filepath.Dir(s.path), "password-"+m.name))
	switch {
	case s.allowed:
		what = "sign-in"
		put = func() error {
			at, lock := m.kept(s.conf.data)
			file = at.File
			return errors.Join(os.MkdirAll(s.conf.data, 0o700), m.grant.KeepIn(ctx, at, lock))
		}
	case s.password == "":
		return nil
	}
	why := "the "
	if m.PasswordFile == "" && !s.noKeyring {
		m.keepIn(true, "")
		kept, err := s.inKeyring(ctx, what, put)
		if kept || err != nil {
			return err
		}
		why = "no keyring is open here, so the "
	}
	m.keepIn(false, file)
	if err := put(); err != nil {
		return err
	}
	s.say("%s\n  %s", templates.Sentence(why+what+" is in a file that only you can read"), file)
	return nil
}

// inKeyring tries the keyring. One that is locked can be unlocked meanwhile.
func (s *setup) inKeyring(ctx context.Context, what string, put func() error) (kept bool, err error) {
	s.say("Asking this computer's keyring …") // which may take a few seconds, when it is locked
	for {
		err := put()
		if err == nil {
			s.say("The %s is in this computer's keyring.", what)
			return true, nil
		}
		if ctx.Err() != nil {
			return false, talk.ErrEnded
		}
		if s.talk == nil || !errors.Is(err, signin.ErrLocked) {
			return false, nil
		}
		s.say("  The keyring is locked: unlock it, as by logging in to your desktop.")
		file, err := s.talk.Choose(ctx, "Where to", []string{"the keyring, once more", "a file that only you can read"}, 0)
		if err != nil || file == 1 {
			return false, err
		}
	}
}

// keepIn notes where the secret is: in the keyring, or in a file.
func (a *accountConfig) keepIn(keyring bool, file string) {
	a.PasswordCommand, a.PasswordCredential, a.PasswordFile, a.PasswordKeyring = "", "", "", false
	if a.oauth() {
		a.OAuth.Keyring = keyring
		return
	}
	a.PasswordFile, a.PasswordKeyring = file, keyring
}
