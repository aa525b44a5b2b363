package daemon

import (
	"slices"
	"strings"

	"introd/mailer"
	"introd/store"
)

// An Account is one of the owner's mailboxes, and the way to send from it.
type Account struct {
	mailer.Account
	FilesSent string // whether its server files what is sent: "yes", "no", or "auto" by the provider table
}

// home is the account that gets approval mails, questions, digests and receipts, and where replies and moves decide.
func (s Settings) home() Account { return s.Accounts[0] }

// account is the account of a name; home where there is none any more.
func (s Settings) account(name string) Account {
	if i := slices.IndexFunc(s.Accounts, func(a Account) bool { return a.Name == name }); i >= 0 {
		return s.Accounts[i]
	}
	return s.home()
}

// accountNames lists the accounts for the owner.
func (s Settings) accountNames() string {
	var names []string
	for _, a := range s.Accounts {
		names = append(names, a.Name)
	}
	return strings.Join(names, ", ")
}

func (s Settings) hasAccount(name string) bool { return s.account(name).Name == name }

// ownAddresses are the addresses that are the owner's, of every account, lower case.
func (s Settings) ownAddresses() (own []string) {
	for _, a := range s.Accounts {
		own = append(own, strings.ToLower(a.Address))
		for _, alias := range a.Aliases {
			own = append(own, strings.ToLower(alias))
		}
	}
	return own
}

// fromWords tell the owner from which address a mail goes; "" with one account, as there is no other.
func (s Settings) fromWords(account string) string {
	if len(s.Accounts) == 1 {
		return ""
	}
	return s.account(account).Address
}

// calls names an account within a sentence for the owner, who with one account knows it by other words.
func (s Settings) calls(account, single string) string {
	if len(s.Accounts) == 1 {
		return single
	}
	return "your " + account + " account"
}

// settingOf names a setting that each account has.
func settingOf(name, account string) string { return name + "/" + account }

// accountOf is the account that a person is written to from: the one that the owner named, else the one
// that the first mail with them lies in, else the one of who gave their name, else home.
func (e *Engine) accountOf(tx *store.Tx, p store.Person) (Account, error) {
	if len(e.Accounts) == 1 {
		return e.home(), nil
	}
	for _, p := range []store.Person{p, {ID: p.Via}} {
		if p.Account != "" && e.hasAccount(p.Account) {
			return e.account(p.Account), nil
		}
		for ev, err := range tx.Events(p.ID) {
			if err != nil {
				return Account{}, err
			}
			if ev.Mail != nil && e.hasAccount(ev.Mail.Account) {
				return e.account(ev.Mail.Account), nil
			}
		}
	}
	return e.home(), nil
}

// accountFor is the account that a draft goes from. A change to an invitation goes from where the invitation
// came from: calendars believe no other organizer (RFC 5546 §3.2.2).
func (e *Engine) accountFor(tx *store.Tx, p store.Person, method string, m *store.Meeting) (Account, error) {
	if len(e.Accounts) > 1 && method != "" && m != nil {
		for ev, err := range tx.Events(p.ID) {
			if err != nil {
				return Account{}, err
			}
			if ev.Kind == store.MailOut && ev.Meeting != nil && ev.Meeting.UID == m.UID && ev.Mail != nil && e.hasAccount(ev.Mail.Account) {
				return e.account(ev.Mail.Account), nil
			}
		}
	}
	return e.accountOf(tx, p)
}

// unseen is a mailbox that must be looked into before a draft goes out and is out of reach (P3): its own
// account's, one in which there was mail with that person or an earlier copy of it lies, and the one in which
// it was decided, as that may be taken back there. nil where there is none. Its caller holds the cycle.
func (e *Engine) unseen(tx *store.Tx, d store.Draft) (*mailbox, error) {
	decided := d.State == store.Approved && d.Way != wayCommand
	for _, b := range e.boxes {
		if b.down == nil {
			continue
		}
		if b.account.Name == d.Account || b.home() && decided {
			return b, nil
		}
		objects, err := tx.ObjectsOf(d.ID)
		if err != nil {
			return nil, err
		}
		// An approval mail lies elsewhere than at home if home was another account when it was put up.
		if slices.ContainsFunc(objects, func(o store.Object) bool {
			return o.Account == b.account.Name && (o.Role == store.DraftCopy || decided && o.Role == store.ApprovalAsk)
		}) {
			return b, nil
		}
		for ev, err := range tx.Events(d.Person) {
			if err != nil {
				return nil, err
			}
			if ev.Mail != nil && ev.Mail.Account == b.account.Name {
				return b, nil
			}
		}
	}
	return nil, nil
}
