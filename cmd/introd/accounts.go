package main

import (
	"cmp"
	"log/slog"
	"maps"
	"net"
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
	PasswordCommand    string            `toml:"password_command" show:"hidden"`
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
func (c *config) checkAccounts(check checker) {
	names, at := slices.Sorted(maps.Keys(c.Accounts)), map[string]string{}
	for _, name := range names {
		check.must(name != "" && strings.Trim(name, nameLetters) == "", "accounts."+name, "has a name that cannot be used: letters, digits, - and _ can, as in personal or school")
		a := c.Accounts[name]
		a.fill(name)
		a.check(check.under("accounts." + name))
		address := strings.ToLower(a.Address)
		other, taken := at[address]
		check.must(!taken || address == "", "accounts."+name+".address", "= %q is that of the account %s already: one mailbox is one account", address, other)
		at[address] = name
	}
	_, known := c.Accounts[c.Owner.Home]
	check.must(len(names) > 0, "accounts", "is missing: write [accounts.main] with your address and its servers, or run introd init")
	check.must(known || c.Owner.Home == "", "owner.home", "= %q is none of your accounts: they are %s", c.Owner.Home, strings.Join(names, ", "))
	if c.Owner.Home == "" && len(names) > 1 {
		check.must(false, "owner.home", "is missing: say which account gets approvals and digests, as in home = %q", names[0])
	}
}

// nameLetters are what a name of an account consists of.
const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// check says what is wrong, each with its key below the account.
func (a *accountConfig) check(check checker) {
	check.must(a.Address != "", "address", "is missing: your mail address there, as in address = \"sam@example.org\"")
	check.must(a.Address == "" || isAddress(a.Address), "address", "= %q is not a mail address such as sam@example.org", a.Address)
	for _, alias := range a.Aliases {
		check.must(isAddress(alias), "aliases", "has %q, which is not a mail address such as sam@example.org", alias)
	}
	a.IMAP.check(check.under("imap"), a.Address)
	a.SMTP.check(check.under("smtp"), a.Address)
	a.checkSecret(check)
	check.must(slices.Contains([]string{"auto", "yes", "no"}, a.FilesSent), "files_sent", "= %q: write \"auto\", \"yes\" or \"no\"", a.FilesSent)
	a.checkFolders(check.under("folders"))
}

// isAddress says whether a word is a bare mail address.
func isAddress(word string) bool {
	a, err := mail.ParseAddress(word)
	return err == nil && a.Address == word
}

func (s *server) check(check checker, address string) {
	check.must(s.Host != "", "host", "is missing: the name of the server, as in host = \"mail.example.org\"")
	check.must(!strings.ContainsAny(s.Host, ":/ ") || net.ParseIP(s.Host) != nil, "host", "= %q: write the name of the server alone, and its port below it", s.Host)
	check.must(s.Port >= 1 && s.Port <= 65535, "port", "= %d is not a port: 993 and 465 are usual, 143 and 587 with starttls", s.Port)
	if err := mailer.Server(*s).Private(); err != nil {
		check.must(false, "tls", "%s", strings.TrimPrefix(err.Error(), "tls "))
	}
	s.User = cmp.Or(s.User, address)
}

// checkFolders wants introd's own two folders to be used for nothing else.
func (a *accountConfig) checkFolders(check checker) {
	for _, role := range slices.Sorted(maps.Keys(a.Folders)) {
		_, known := folderKeys[role]
		check.must(known, role, "names no part that a folder can play: known are %s", strings.Join(roleNames, ", "))
	}
	for _, own := range []string{"send", "drop"} {
		for _, role := range roleNames {
			if name := a.Folders[own]; name != "" && role != own && a.Folders[role] == name {
				check.must(false, own, "= %q is the folder for %s as well: it must be one that nothing else uses", name, role)
			}
		}
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
