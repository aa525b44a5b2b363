package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"introd/cmd/introd/talk"
	"introd/daemon"
	"introd/daemon/web"
	"introd/mailer"
	"introd/mailer/provider"
	"introd/mailer/signin"
)

// oauthConfig is [accounts.NAME.oauth]: signing in by OAuth, in the place of a password.
type oauthConfig struct {
	ClientID     string `toml:"client_id"`
	ClientSecret string `toml:"client_secret" show:"hidden"`
	Tenant       string `toml:"tenant"`
	Keyring      bool   `toml:"keyring"`
	// Of a server that the table of providers does not know.
	AuthURL   string   `toml:"auth_url"`
	TokenURL  string   `toml:"token_url"`
	DeviceURL string   `toml:"device_url"`
	Scopes    []string `toml:"scopes"`
}

// oauth says whether an account signs in by OAuth.
func (a *accountConfig) oauth() bool { return a.OAuth.ClientID != "" }

// secret is where the password is kept.
func (a *accountConfig) secret() signin.Secret {
	s := signin.Secret{Command: a.PasswordCommand, File: a.PasswordFile, Credential: a.PasswordCredential}
	if a.PasswordKeyring {
		s.Keyring = strings.ToLower(a.Address)
	}
	return s
}

// checkSecret wants one way to sign in.
func (a *accountConfig) checkSecret(check checker) {
	ways := 0
	for _, given := range []bool{a.PasswordCommand != "", a.PasswordFile != "", a.PasswordCredential != "", a.PasswordKeyring, a.oauth()} {
		if given {
			ways++
		}
	}
	check.must(ways > 0, "password_command", "is missing: give it, or one of password_file, password_keyring, password_credential and oauth.client_id; the password itself never stands in the config")
	check.must(ways < 2, "password_command", "is one of several ways to sign in: leave one of password_command, password_file, password_keyring, password_credential and oauth.client_id")
	if !a.oauth() {
		return
	}
	app := a.app()
	if app.AuthURL+app.TokenURL == "" {
		check.must(false, "oauth.auth_url", "is missing: introd knows no sign-in by OAuth at %s; give auth_url and token_url, or use a password", a.IMAP.Host)
	} else if err := app.Check(); err != nil {
		check.must(false, "oauth", "cannot be used: %v", err)
	}
}

// app is introd as the OAuth server of this mailbox knows it.
func (a *accountConfig) app() signin.App {
	host, given := provider.ByServer(a.IMAP.Host, a.Address), a.OAuth
	var known provider.OAuth
	if host.OAuth != nil {
		known = host.OAuth.At(given.Tenant)
	}
	app := signin.App{
		AuthURL: cmp.Or(given.AuthURL, known.AuthURL), TokenURL: cmp.Or(given.TokenURL, known.TokenURL), DeviceURL: cmp.Or(given.DeviceURL, known.DeviceURL),
		Scopes: known.Scopes, Params: known.Params, Redirect: known.Redirect, ClientID: given.ClientID, ClientSecret: given.ClientSecret,
		Address: strings.ToLower(a.Address), Provider: host.Name, Again: "introd sign-in " + a.name, Trap: known.Trap,
		Letter: host.AdminLetter(given.ClientID, a.Address),
	}
	if given.Scopes != nil {
		app.Scopes = given.Scopes
	}
	return app
}

// kept is where the lasting secret of a sign-in by OAuth is kept, and the lock beside it.
func (a *accountConfig) kept(data string) (at signin.Secret, lock string) {
	at.File = filepath.Join(data, "sign-in-"+a.name)
	lock = at.File + ".lock"
	if a.OAuth.Keyring {
		at = signin.Secret{Keyring: "oauth " + strings.ToLower(a.Address)}
	}
	return at, lock
}

// mechanisms are the ways to show a token that the provider takes.
func (a *accountConfig) mechanisms() []string {
	if o := provider.ByServer(a.IMAP.Host, a.Address).OAuth; o != nil {
		return o.Mechanisms
	}
	return nil
}

func (a *app) signInCommand() *cobra.Command {
	var byCode, letter bool
	c := &cobra.Command{
		Use: "sign-in [ACCOUNT]", Short: "Sign in to your mailbox again, when its provider wants it", Args: cobra.MaximumNArgs(1),
		Long: "Sign in to a mailbox by your browser (OAuth), or give this computer's keyring its password. Nothing changes until it works;\n" +
			"what waited to be sent goes out then.",
		RunE: func(c *cobra.Command, args []string) error {
			conf, err := a.load()
			if err != nil {
				return err
			}
			account := conf.home()
			if len(args) > 0 {
				if account = conf.Accounts[args[0]]; account == nil {
					return &daemon.Refusal{Words: fmt.Sprintf("there is no account %q: yours are %s", args[0], strings.Join(slices.Sorted(maps.Keys(conf.Accounts)), ", "))}
				}
			}
			if letter {
				return a.letter(account)
			}
			if err := a.signIn(c.Context(), conf, account, byCode); err != nil {
				return err
			}
			return a.goOn(c.Context(), conf)
		},
	}
	c.Flags().BoolVar(&byCode, "code", false, "sign in on another device, by a code that you enter there")
	c.Flags().BoolVar(&letter, "letter", false, "print a letter to the administrator of your work or school, who must allow introd first")
	return c
}

// signIn gets what an account signs in with, tries it, and keeps it.
func (a *app) signIn(ctx context.Context, conf *config, m *accountConfig, byCode bool) error {
	ask := talk.New(a.in, a.out)
	switch {
	case m.oauth():
		tokens, err := a.allow(ctx, m.app(), ask, byCode)
		if err != nil {
			return a.withLetter(err)
		}
		m.grant = signin.Begin(m.app(), tokens)
		if err := a.tryMailbox(ctx, m.account(a.logger())); err != nil {
			return err
		}
		at, lock := m.kept(conf.data)
		if err := m.grant.KeepIn(ctx, at, lock); err != nil {
			return err
		}
	case m.PasswordKeyring:
		password, err := ask.Ask(ctx, talk.Question{Words: "The password of " + m.Address + " (it is not shown)", Secret: true})
		if err != nil {
			return err
		}
		account := m.account(a.logger())
		account.Password = func(context.Context) (string, error) { return password, nil }
		if err := a.tryMailbox(ctx, account); err != nil {
			return err
		}
		if err := m.secret().Put(ctx, password); err != nil {
			return err
		}
	default:
		return &daemon.Refusal{Words: fmt.Sprintf("the password of %s is kept by you (%s in the config): change it there", m.name, m.passwordKey())}
	}
	_, err := fmt.Fprintf(a.out, "introd is signed in as %s.\n", m.Address)
	return err
}

// letter prints what to send to those who must allow a sign-in.
func (a *app) letter(m *accountConfig) error {
	text := m.app().Letter
	if text == "" || !m.oauth() {
		return &daemon.Refusal{Words: fmt.Sprintf("nobody but you has to allow that introd signs in as %s", m.Address)}
	}
	_, err := fmt.Fprint(a.out, text)
	return err
}

// passwordKey is the setting that says where the password is.
func (a *accountConfig) passwordKey() string {
	switch {
	case a.PasswordCommand != "":
		return "password_command"
	case a.PasswordFile != "":
		return "password_file"
	}
	return "password_credential"
}

// allow has the owner allow introd at the OAuth server: by the browser, or by a code.
func (a *app) allow(ctx context.Context, app signin.App, ask *talk.Talk, byCode bool) (signin.Tokens, error) {
	if byCode {
		return app.Device(ctx, func(c signin.Code) {
			ask.Say("On any device, open this page and enter the code %s there, by %s:\n  %s", c.Code, a.here(c.Until).Format("15:04"), c.Address)
		})
	}
	waiting, end := context.WithCancelCause(ctx)
	var asking sync.WaitGroup
	pasted := make(chan string)
	tokens, err := app.Browser(waiting, signin.Browser{Pasted: pasted, Show: func(address string, opened bool) {
		if opened {
			ask.Say("Sign in as %s in the browser that opens now. If none does, open this page:\n  %s", app.Address, address)
			return
		}
		ask.Say("Open this page in a browser, and sign in as %s:\n  %s\nIf that browser is on another computer, it ends at a page that it cannot show. Copy the address of that page, which begins with %s, and paste it here.",
			app.Address, address, cmp.Or(app.Redirect, "http://127.0.0.1"))
		if app.DeviceURL != "" {
			ask.Say("Or write code, and sign in on any other device by a short code.")
		}
		asking.Go(func() { takePasted(waiting, ask, pasted, end) })
	}})
	end(nil)
	asking.Wait()
	if errors.Is(err, errByCode) {
		return a.allow(ctx, app, ask, true)
	}
	return tokens, err
}

// errByCode is what the owner says who would rather sign in by a code.
var errByCode = errors.New("by a code")

// takePasted asks for the page at which the browser ended, until ctx does. Who does not answer any more ends the sign-in.
func takePasted(ctx context.Context, ask *talk.Talk, pasted chan<- string, end context.CancelCauseFunc) {
	for {
		line, err := ask.Ask(ctx, talk.Question{Words: "Waiting for the browser, or for that address", Check: backAddress})
		if err == nil && strings.EqualFold(line, "code") {
			err = errByCode
		}
		if err != nil {
			end(err)
			return
		}
		select {
		case pasted <- line:
		case <-ctx.Done():
			return
		}
	}
}

// backAddress knows the address at which the browser ended.
func backAddress(answer string) (string, error) {
	u, err := url.Parse(answer)
	if err != nil || !u.Query().Has("state") && !strings.EqualFold(answer, "code") {
		return "", errors.New("that is not the address: it has a long \"state=\" in it")
	}
	return answer, nil
}

// withLetter shows the letter to the administrator that goes with a no.
func (a *app) withLetter(err error) error {
	var no *signin.Refusal
	if errors.As(err, &no) && no.Letter != "" {
		fmt.Fprintf(a.out, "\nIf your work or school must allow it, send this to the people who run its mail:\n\n%s\n", no.Letter)
	}
	return err
}

// tryMailbox signs in at both servers. A server that is down does not speak against what one signs in with.
func (a *app) tryMailbox(ctx context.Context, account mailer.Account) error {
	s, err := mailer.Dial(ctx, account)
	if err == nil {
		s.Close()
		err = mailer.SignIn(ctx, account)
	}
	if errors.Is(err, mailer.ErrDown) || errors.Is(err, mailer.ErrTooMany) {
		a.logger().Warn("it could not be tried", "err", err)
		return nil
	}
	if err != nil {
		return errors.New(mailer.Sentence(err))
	}
	return nil
}

// goOn has the running daemon look at once: what waited for the sign-in goes on.
func (a *app) goOn(ctx context.Context, conf *config) error {
	client, err := dialDaemon(conf.socket())
	if err != nil {
		return nil // nobody waits
	}
	words := "introd goes on with its work."
	if _, err := web.Call[daemon.SyncReply](ctx, client, "look", daemon.None{}); err != nil {
		words = fmt.Sprintf("introd does not go on yet: %v", err) // for another reason, or in another account
	}
	return a.say(words)
}
