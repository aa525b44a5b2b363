package demo

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"introd/mailer"
	"introd/mailer/reading"
)

// A program is the owner's mail program: an IMAP and SMTP client that does what people do in one.
type program struct {
	login Login
	imap  *imapclient.Client
}

func newProgram(login Login) (*program, error) {
	c, err := imapclient.DialInsecure(login.IMAP, nil)
	if err != nil {
		return nil, err
	}
	if err := c.Login(login.Address, login.Password).Wait(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &program{login, c}, nil
}

func (p *program) close() { p.imap.Close() }

// An item is one mail of a folder, as a mail program shows it.
type item struct {
	folder string
	uid    imap.UID
	flags  []imap.Flag
	entry
}

// An entry is a mail with what a list of mails shows of it: reading all of them whole would take long.
type entry struct {
	id, subject string
	own         bool // introd's own, to its owner
	raw         []byte
}

func entryOf(raw []byte) entry {
	header := mailer.ParseHeader(raw)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil {
		subject = header.Get("Subject")
	}
	from, err := mail.ParseAddress(header.Get("From"))
	return entry{id: strings.Join(reading.MessageIDs(header.Get("Message-ID")), ""), subject: subject, own: err == nil && from.Name == "introd", raw: raw}
}

func (m entry) read() reading.Reading { return reading.Read(m.raw, reading.Context{}) }

// isWork says whether a mail of introd's has done its work once its draft is decided.
func (m entry) isWork() bool {
	return m.own && (strings.HasPrefix(m.subject, "Send this?") || m.asks(""))
}

// asks says whether a mail asks for the owner's words: the sentence that a mail to a person lacks, or
// what a talk with them brought.
func (m entry) asks(person string) bool {
	about, talk := strings.CutPrefix(strings.TrimSuffix(m.subject, "?"), "How was your talk with")
	if !talk && !strings.HasPrefix(m.subject, "One sentence") {
		return false
	}
	return strings.HasSuffix(about, " "+person) || person == ""
}

// list reads a folder without a trace. A folder of introd's is named by its beginning.
func (p *program) list(folder string) ([]item, error) {
	folder, err := p.whole(folder)
	if err != nil {
		return nil, err
	}
	box, err := p.imap.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || box.NumMessages == 0 {
		return nil, err
	}
	var all imap.SeqSet
	all.AddRange(1, box.NumMessages)
	messages, err := p.imap.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		return nil, err
	}
	var items []item
	for _, m := range messages {
		raw := m.BodySection[0].Bytes
		flags := slices.DeleteFunc(m.Flags, func(f imap.Flag) bool { return f == `\Recent` })
		items = append(items, item{folder, m.UID, flags, entryOf(raw)})
	}
	return items, nil
}

// whole completes the name of introd's folders, which end in random letters.
func (p *program) whole(folder string) (string, error) {
	if !strings.HasPrefix(folder, "introd-") {
		return folder, nil
	}
	found, err := p.imap.List("", folder+"*", nil).Collect()
	if err != nil || len(found) != 1 {
		return "", errors.Join(err, fmt.Errorf("%d folders called %s", len(found), folder))
	}
	return found[0].Mailbox, nil
}

// find returns the newest mail of a folder that is what is looked for; false for none.
func (p *program) find(folder string, is func(item) bool) (item, bool, error) {
	items, err := p.list(folder)
	for _, i := range slices.Backward(items) {
		if is(i) {
			return i, true, err
		}
	}
	return item{}, false, err
}

// move moves a mail into another folder.
func (p *program) move(i item, folder string) error {
	folder, err := p.whole(folder)
	if err != nil {
		return err
	}
	if _, err := p.imap.Select(i.folder, nil).Wait(); err != nil {
		return err
	}
	_, err = p.imap.Move(imap.UIDSetNum(i.uid), folder).Wait()
	return err
}

// flag marks a mail.
func (p *program) flag(i item, flags ...imap.Flag) error {
	if _, err := p.imap.Select(i.folder, nil).Wait(); err != nil {
		return err
	}
	return p.imap.Store(imap.UIDSetNum(i.uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: flags, Silent: true}, nil).Close()
}

// remove deletes a mail for good.
func (p *program) remove(i item) error {
	if err := p.flag(i, imap.FlagDeleted); err != nil {
		return err
	}
	return p.imap.UIDExpunge(imap.UIDSetNum(i.uid)).Close()
}

// sendDraft opens a mail in Drafts and presses send: SMTP, a copy in Sent, and the draft is gone.
func (p *program) sendDraft(i item) error {
	if err := p.submit(i.raw); err != nil {
		return err
	}
	return p.remove(i)
}

// submit hands a mail to the server and files it in Sent.
func (p *program) submit(raw []byte) error {
	header := mailer.ParseHeader(raw)
	c, err := smtp.Dial(p.login.SMTP)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", p.login.Address, p.login.Password)); err != nil {
		return err
	}
	to := append(header.Addresses("To"), header.Addresses("Cc")...)
	if err := c.SendMail(p.login.Address, to, bytes.NewReader(raw)); err != nil {
		return err
	}
	if err := c.Quit(); err != nil {
		return err
	}
	command := p.imap.Append("Sent", int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
	_, err = command.Write(raw)
	if err := errors.Join(err, command.Close()); err != nil {
		return err
	}
	_, err = command.Wait()
	return err
}

// reply answers one of introd's mails, which goes to the owner themselves.
func (p *program) reply(to item, text string) error {
	read := to.read()
	m := letter{Reading: read}.answer(text)
	m.Date = *read.Date
	self := mail.Address{Name: p.login.Name, Address: p.login.Address}
	m.From, m.To, m.MessageID = self, []mail.Address{self}, mailer.NewMessageID("program.test")
	raw, err := mailer.Compose(m)
	if err != nil {
		return err
	}
	return p.submit(raw)
}
