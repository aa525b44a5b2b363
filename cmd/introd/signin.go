package main

import (
	"cmp"
	"path/filepath"
	"strings"

	"introd/mailer/provider"
	"introd/mailer/signin"
)

// oauthConfig is [accounts.NAME.oauth]: signing in by OAuth, in the place of a password.
type oauthConfig struct {
	ClientID     string `toml:"client_id"`
	ClientSecret string `toml:"client_secret"`
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
func (a *accountConfig) checkSecret(say func(format string, args ...any)) {
	ways := 0
	for _, given := range []bool{a.PasswordCommand != "", a.PasswordFile != "", a.PasswordCredential != "", a.PasswordKeyring, a.oauth()} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		say("password_command, password_file, password_keyring, password_credential or oauth.client_id: give one of them; the password itself never stands in the config")
	}
	if !a.oauth() {
		return
	}
	app := a.app()
	if app.AuthURL+app.TokenURL == "" {
		say("oauth: introd knows no sign-in by OAuth at %s: give oauth.auth_url and oauth.token_url, or use a password", a.IMAP.Host)
	} else if err := app.Check(); err != nil {
		say("oauth: %v", err)
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
