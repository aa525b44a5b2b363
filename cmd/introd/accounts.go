package main

import (
	"cmp"
	"log/slog"
	"maps"
	"net/mail"
	"slices"
	"strings"

	"introd/daemon"
	"introd/mailer"
	"introd/mailer/signin"
)

// accountConfig is one [accounts.NAME]: a mailbox, and the way to send from it. NAME stands in the keys of
// the records, so it stays what it is.
type accountConfig struct {
	Address            string            `toml:"address"`
	Aliases            []string          `toml:"aliases"`
	IMAP               server            `toml:"imap"`
	SMTP               server            `toml:"smtp"`
	PasswordCommand    string            `toml:"password_command"`
	PasswordFile       string            `toml:"password_file"`
	PasswordKeyring    bool              `toml:"password_keyring"`
	PasswordCredential string            `toml:"password_credential"`
	OAuth              oauthConfig       `toml:"oauth"`
	CAFile             string            `toml:"ca_file"`
	FilesSent          string            `toml:"files_sent"`
	Folders            map[string]string `toml:"folders"`

	name  string        // set by fill
	grant *signin.Grant // of OAuth: one, so that all who sign in share its tokens
}

type server struct {
	Host string `toml:"host"`
	Port int    `toml:"port"`
	TLS  string `toml:"tls"`
	User string `toml:"user"`
}

// oldAccount answers a config from the time of one account.
const oldAccount = "[account] has become [accounts.NAME]: write [accounts.main], [accounts.main.imap], [accounts.main.smtp] and [accounts.main.folders], " +
	"with what stood under name in the place of main, and take the line with name away"

// addAccount puts an account with what holds unless said otherwise into the config.
func (c *config) addAccount(name string) *accountConfig {
	a := &accountConfig{}
	a.fill(name)
	if c.Accounts == nil {
		c.Accounts = map[string]*accountConfig{}
	}
	c.Accounts[name] = a
	return a
}

// fill sets what holds where the config says nothing.
func (a *accountConfig) fill(name string) {
	a.name, a.FilesSent = name, cmp.Or(a.FilesSent, "auto")
	a.IMAP.fill(993, 143)
	a.SMTP.fill(465, 587)
}

func (s *server) fill(implicit, starttls int) {
	s.TLS = cmp.Or(s.TLS, "implicit")
	s.Port = cmp.Or(s.Port, map[string]int{"implicit": implicit, "starttls": starttls}[s.TLS])
}

// accounts are all of them by name, the home account first.
func (c *config) accounts() []*accountConfig {
	return slices.SortedFunc(maps.Values(c.Accounts), func(a, b *accountConfig) int {
		home := map[bool]int{true: 0, false: 1}
		return cmp.Or(home[a.name == c.Owner.Home]-home[b.name == c.Owner.Home], strings.Compare(a.name, b.name))
	})
}

// home is the account that gets approvals and digests, of a config that was checked.
func (c *config) home() *accountConfig { return c.accounts()[0] }

// checkAccounts looks over all accounts, and which of them is home.
func (c *config) checkAccounts(say func(format string, args ...any)) {
	names := slices.Sorted(maps.Keys(c.Accounts))
	for _, name := range names {
		if name == "" || strings.Trim(name, nameLetters) != "" {
			say("accounts.%q: a name is made of letters, digits, - and _, such as personal or school", name)
			continue
		}
		a := c.Accounts[name]
		a.fill(name)
		a.check(func(format string, args ...any) { say("accounts."+name+"."+format, args...) })
	}
	switch _, known := c.Accounts[c.Owner.Home]; {
	case len(names) == 0:
		say("there is no account: write [accounts.main] with your address and its servers, or run introd init")
	case c.Owner.Home != "" && !known:
		say("owner.home = %q is none of your accounts: they are %s", c.Owner.Home, strings.Join(names, ", "))
	case c.Owner.Home == "" && len(names) > 1:
		say("owner.home is missing: say which account gets approvals and digests, as in home = %q", names[0])
	}
}

// nameLetters are what a name of an account consists of.
const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// check says what is wrong, each with its key below the account.
func (a *accountConfig) check(say func(format string, args ...any)) {
	if _, err := mail.ParseAddress(a.Address); err != nil {
		say("address = %q is not a mail address", a.Address)
	}
	a.IMAP.check("imap", a.Address, say)
	a.SMTP.check("smtp", a.Address, say)
	a.checkSecret(say)
	if f := a.FilesSent; f != "auto" && f != "yes" && f != "no" {
		say("files_sent = %q: write \"auto\", \"yes\" or \"no\"", f)
	}
	for _, role := range slices.Sorted(maps.Keys(a.Folders)) {
		if _, known := folderKeys[role]; !known {
			say("folders.%s: known are %s", role, strings.Join(roleNames, ", "))
		}
	}
}

func (s *server) check(name, address string, say func(format string, args ...any)) {
	if s.Host == "" {
		say("%s.host is missing", name)
	}
	if s.Port < 1 || s.Port > 65535 {
		say("%s.port = %d is not a port", name, s.Port)
	}
	if s.User == "" {
		s.User = address
	}
}

var roleNames = []string{"sent", "drafts", "archive", "all", "junk", "trash", "send", "drop"}

// folderKeys are the keys under accounts.NAME.folders.
var folderKeys = map[string]mailer.Role{
	"sent": mailer.RoleSent, "drafts": mailer.RoleDrafts, "archive": mailer.RoleArchive, "all": mailer.RoleAll, "junk": mailer.RoleJunk,
	"trash": mailer.RoleTrash, "send": mailer.RoleSend, "drop": mailer.RoleDrop,
}

// mailboxes are the accounts as the engine works with them, the home account first.
func (c *config) mailboxes(log *slog.Logger) (all []daemon.Account) {
	for _, a := range c.accounts() {
		all = append(all, daemon.Account{Account: a.account(log), FilesSent: a.FilesSent})
	}
	return all
}

// account is what speaking with the mailbox takes.
func (a *accountConfig) account(log *slog.Logger) mailer.Account {
	folders := map[mailer.Role]string{}
	for key, name := range a.Folders {
		if name != "" {
			folders[folderKeys[key]] = name
		}
	}
	account := mailer.Account{
		Name: a.name, Address: strings.ToLower(a.Address), Aliases: a.Aliases, IMAP: mailer.Server(a.IMAP), SMTP: mailer.Server(a.SMTP),
		CAFile: a.CAFile, Folders: folders, Password: a.secret().Get, Log: log,
	}
	if a.grant != nil {
		account.Token, account.Bearer = a.grant.Token, a.mechanisms()
	}
	return account
}
