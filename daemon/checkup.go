package daemon

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"introd/mailer"
	"introd/store"
)

// A checkup looks at one account over a session of its own, and keeps what it finds. What it does
// unasked it does to introd's own objects alone; mails to the owner take their yes (letters.go).
type checkup struct {
	e       *Engine
	box     *mailbox
	account Account
	mask    *mask
	session *mailer.Session
	listed  []mailer.Folder
	roles   map[mailer.Role]mailer.Folder
	learnt  store.Learnt

	server string
	offers []string
	rows   []Row

	named   []string // folders that the owner spoke of and that are here
	untried bool     // no trial has shown whether replies can decide, and none is under way
}

// checkup begins with what is known.
func (b *mailbox) checkup(m *mask) (c *checkup, err error) {
	c = &checkup{e: b.engine, box: b, account: b.account, mask: m}
	c.account.Latched = nil // what the server refused before is tried anew
	err = c.e.store.View(func(tx *store.Tx) (err error) {
		c.learnt, err = tx.Learnt(c.account.Name)
		return err
	})
	for _, name := range c.account.Folders {
		m.folder(mailer.Folder{Name: name})
	}
	for _, f := range c.learnt.Folders {
		m.folder(mailer.Folder{Name: f.Folder})
	}
	c.fromTable()
	return c, err
}

func (c *checkup) save() error {
	return c.e.update(func(tx *store.Tx) error { return tx.PutLearnt(c.learnt) })
}

// found keeps a fact, as of now.
func (c *checkup) found(what, value, how string) {
	c.learnt.Facts[what] = store.Fact{Value: value, How: how, At: c.e.clock.Now()}
}

func (c *checkup) row(r Row) {
	r.At = c.e.clock.Now()
	c.rows = append(c.rows, r)
}

func (c *checkup) fail(what, result string, err error) {
	c.row(Row{State: stateFail, What: what, Result: result, Words: c.mask.hide(err.Error()), How: howTried})
}

// run looks at everything, and does what the owner asked for besides. It goes on where something fails;
// its error is the store's.
func (c *checkup) run(ctx context.Context, q CheckRequest) error {
	err := c.look(ctx, q)
	if err != nil && ctx.Err() == nil { // some servers hang up now and then, or lose a command
		c.rows, c.offers = nil, nil
		err = c.look(ctx, q)
	}
	if err != nil {
		c.fail("IMAP", "it broke off", err)
	}
	if q.Letters {
		return c.save()
	}
	if err := mailer.SignIn(ctx, c.account.Account); err != nil {
		c.fail("SMTP", "not signed in", err)
	} else {
		c.row(Row{State: stateOK, What: "SMTP", Result: "signed in", How: howTried})
	}
	return errors.Join(c.results(), c.save())
}

// look does what needs a session.
func (c *checkup) look(ctx context.Context, q CheckRequest) error {
	if err := c.signIn(ctx); err != nil {
		c.fail("IMAP", "not signed in", err)
		return nil
	}
	defer c.session.Close()
	c.row(Row{State: stateOK, What: "IMAP", Result: "signed in", How: howTried})
	if q.Letters {
		if err := c.findFolders(); err != nil {
			return err
		}
		return c.readLetters()
	}
	if err := c.silently(); err != nil {
		return err
	}
	c.answered(q)
	if q.Mail {
		if err := c.writeLetters(ctx); err != nil {
			return err
		}
	}
	if err := c.readLetters(); err != nil {
		return err
	}
	return c.probe()
}

// silently learns what can be learnt by looking.
func (c *checkup) silently() error {
	c.capabilities()
	for _, part := range []func() error{c.findFolders, c.sentShape, c.otherFolders} {
		if err := part(); err != nil {
			return err
		}
	}
	c.learnt.At = c.e.clock.Now()
	return nil
}

func (c *checkup) signIn(ctx context.Context) (err error) {
	c.session, err = mailer.Dial(ctx, c.account.Account)
	return err
}

// offer is a capability as servers name them (RFC 9051 §6.1.1). What else may stand there, such as an
// address, is none of anybody's business.
var offer = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9=+\-_./]{0,40}$`)

// capabilities notes what the server says of itself. What it refused in spite of that is believed
// again when the probe shows it, or after a month.
func (c *checkup) capabilities() {
	id := c.session.Server()
	c.server = c.mask.hide(strings.TrimSpace(cut(id.Name, 40) + " " + cut(id.Version, 40)))
	for _, o := range id.Offers {
		if offer.MatchString(o) {
			c.offers = append(c.offers, c.mask.hide(o))
		}
	}
	caps := c.session.Caps()
	for what, offered := range map[string]bool{factIdle: caps.Idle, factMove: caps.Move, factUIDPlus: caps.UIDPlus} {
		if was := c.learnt.Facts[what]; !offered || was.Value != valueRefused || c.e.clock.Now().Sub(was.At) >= learnAgain {
			c.found(what, yesNo[offered], howServer)
		}
	}
}

func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// findFolders says which folder plays which part, and by what.
func (c *checkup) findFolders() (err error) {
	if c.listed, err = c.session.Folders(); err != nil {
		return err
	}
	for _, f := range c.listed {
		c.mask.folder(f)
	}
	c.roles = byRole(c.listed)
	if !c.box.home() { // approval mails lie in the home account
		delete(c.roles, mailer.RoleSend)
		delete(c.roles, mailer.RoleDrop)
	}
	for _, role := range []mailer.Role{mailer.RoleInbox, mailer.RoleStrangers, mailer.RoleSent, mailer.RoleDrafts, mailer.RoleArchive, mailer.RoleAll, mailer.RoleJunk, mailer.RoleTrash, mailer.RoleSend, mailer.RoleDrop} {
		folder, ok := c.roles[role]
		what, named := "folder "+strings.TrimPrefix(string(role), "introd-"), c.account.Folders[role]
		own := role == mailer.RoleSend || role == mailer.RoleDrop
		if own && !c.box.home() {
			continue
		}
		needed := role == mailer.RoleInbox || role == mailer.RoleSent || role == mailer.RoleDrafts
		switch {
		case named != "" && folder.Name != named && own:
			c.row(Row{State: stateFail, What: what, Result: "not there", Words: "introd's own folder is not in your mailbox: make it in your mail program under the name that your config gives it, or run introd init again", How: howConfig})
		case named != "" && folder.Name != named:
			c.row(Row{State: stateFail, What: what, Result: "not there", Words: "the folder that your config names is not in your mailbox: change it under the folders of its account", How: howConfig})
		case ok:
			c.row(Row{State: stateOK, What: what, Result: c.mask.folder(folder), How: folder.Why})
		case needed:
			c.row(Row{State: stateFail, What: what, Result: "not found", Words: "name it in the config, under the folders of its account", How: howTried})
		}
	}
	return nil
}

// sentTail is about how many of the last mails in Sent are looked at.
const sentTail = 60

// sentShape looks which traces of a delivery the owner's own sent mail bears. A reply that decides
// something must bear none (DESIGN §5), so where their own mail bears some, replies cannot decide.
func (c *checkup) sentShape() error {
	sent, ok := c.roles[mailer.RoleSent]
	if !ok {
		return nil
	}
	box, err := c.session.Examine(sent.Name)
	if err != nil {
		return err
	}
	if box.Messages == 0 || box.UIDNext == 0 {
		return nil
	}
	own, looked, bear, fields := c.e.ownAddresses(), 0, 0, map[string]bool{}
	traces := slices.Concat(deliveryHeaders, relayHeaders)
	_, err = c.session.Headers(box.UIDNext-min(box.UIDNext, sentTail), box, 0, func(h mailer.Header) error {
		letter := func(l store.Letter) bool { return c.isLetter(l, h) } // which introd sent there to see whether it lands there
		if from := h.Addresses("From"); h.Err != nil || len(from) != 1 || !slices.Contains(own, from[0]) || slices.ContainsFunc(c.learnt.Letters, letter) {
			return nil
		}
		looked++
		some := false
		for _, field := range traces {
			if h.Get(field) != "" {
				some, fields[field] = true, true
			}
		}
		if some {
			bear++
		}
		return nil
	}, append([]string{letterFields}, traces...)...)
	if err != nil || looked == 0 {
		return err
	}
	value := "none"
	if bear > 0 {
		names := slices.DeleteFunc(traces, func(field string) bool { return !fields[field] })
		value = fmt.Sprintf("%d of %d: %s", bear, looked, strings.Join(names, ", "))
	}
	c.found(factSentShape, value, "your last mails in Sent")
	return nil
}

// mostFolders bounds how many folders without a part are asked for.
const mostFolders = 200

// otherFolders looks whether folders that no part is given to receive mail: new UIDs, and more
// messages than at the last look. The owner is told of them, as mail of a contact's may be among it.
func (c *checkup) otherFolders() error {
	known := map[string]store.FolderState{}
	for _, f := range c.learnt.Folders {
		known[f.Folder] = f
	}
	var now []store.FolderState
	for _, f := range c.listed {
		if f.Role != "" || len(now) >= mostFolders || strings.HasPrefix(f.Name, "introd-") {
			continue
		}
		box, err := c.session.Status(f.Name)
		was, is := known[f.Name], known[f.Name]
		if err != nil { // it may not be opened: nothing is learnt of it
			now = append(now, was)
			continue
		}
		is.Folder, is.UIDValidity, is.UIDNext, is.Messages = f.Name, box.UIDValidity, box.UIDNext, box.Messages
		if was.UIDValidity == box.UIDValidity && box.UIDNext > was.UIDNext && box.Messages > was.Messages {
			is.Fed = c.e.clock.Now()
		}
		now = append(now, is)
	}
	c.learnt.Folders = now
	return nil
}

// answered takes in what the owner said of this account's folders, and of their rules.
func (c *checkup) answered(q CheckRequest) {
	for i := range c.learnt.Folders {
		f := &c.learnt.Folders[i]
		watch, ignore := slices.Contains(q.Watch, f.Folder), slices.Contains(q.Ignore, f.Folder)
		if watch || ignore {
			f.Watch, f.Ignore = watch, ignore
			c.named = append(c.named, f.Folder)
		}
	}
	if q.Rules != "" && c.box.home() {
		c.found(factRules, q.Rules, howOwner)
	}
}

// fed are the folders that receive mail, are not watched, and that the owner has said nothing of.
func fed(l store.Learnt) (names []string) {
	for _, f := range l.Folders {
		if !f.Fed.IsZero() && !f.Watch && !f.Ignore {
			names = append(names, f.Folder)
		}
	}
	return names
}
