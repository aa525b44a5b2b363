package daemon

import (
	"errors"
	"slices"
	"strings"

	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// A linker tells whether a mail concerns a contact, and whose it is, within one transaction.
type linker struct {
	tx      *store.Tx
	owner   []string                     // the owner's addresses
	any     bool                         // there is anything to link to
	written map[string]map[string]string // mail domain → base subject of a mail of the owner's to somebody there → who
}

func (e *Engine) linker(tx *store.Tx) (*linker, error) {
	any, err := tx.Linkable()
	return &linker{tx: tx, owner: e.ownAddresses(), any: any, written: map[string]map[string]string{}}, err
}

func (l *linker) own(address string) bool { return slices.Contains(l.owner, address) }

// concerns says whether the whole mail is worth reading: it bears a contact's address, answers a
// mail of a contact's thread or of introd's own, or may be a bounce or a booking of one. Mail that
// does not is never fetched, and nothing of it stays (P9). soon are Message-IDs that will be known.
func (l *linker) concerns(role mailer.Role, h mailer.Header, soon map[string]bool) (bool, error) {
	if !l.any {
		return false, nil
	}
	for _, field := range []string{"From", "Sender", "Reply-To", "To", "Cc", "Bcc"} {
		for _, address := range h.Addresses(field) {
			if l.own(address) {
				continue
			}
			if yes, err := l.tx.IsContact(address); yes || err != nil {
				return yes, err
			}
			if role != mailer.RoleSent && mayConcernAll(address) {
				return true, nil
			}
		}
	}
	for _, field := range []string{"In-Reply-To", "References"} {
		for _, id := range reading.MessageIDs(h.Get(field)) {
			if soon[id] {
				return true, nil
			}
			if known, err := l.tx.IsKnown(id); known || err != nil {
				return known, err
			}
		}
	}
	if isReport(h) {
		return true, nil
	}
	person, err := l.guess(h)
	return person != "", err
}

// mayConcernAll are senders whose mail can be about any contact: mail systems and booking services.
func mayConcernAll(address string) bool {
	local, domain, _ := strings.Cut(address, "@")
	switch local {
	case "mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "":
		return true
	}
	for more := true; more; _, domain, more = strings.Cut(domain, ".") {
		if bookingServices[domain] {
			return true
		}
	}
	return false
}

// bookingServices write in their own name about a meeting with a contact, who is then an ATTENDEE.
// Their subdomains do too.
var bookingServices = map[string]bool{
	"calendly.com": true, "cal.com": true, "calendar.google.com": true, "savvycal.com": true, "youcanbook.me": true, "acuityscheduling.com": true,
	"bookings.microsoft.com": true, "hubspot.com": true, "tidycal.com": true, "zcal.co": true, "doodle.com": true, "zoho.com": true, "simplybook.me": true,
}

// message is a mail with what linking needs of it.
type message struct {
	header    mailer.Header
	id        string
	parents   []string // In-Reply-To and References, nearest first
	from      string
	to        []string // To, Cc and Bcc
	original  string   // of a bounce: the Message-ID that came back
	reported  []string // of a bounce: whom it did not reach
	attendees []string // of a calendar part
}

// messageOf is what the header says.
func messageOf(in incoming) message {
	h := in.header
	return message{
		header: h, id: in.id, from: firstOf(h.Addresses("From")), to: slices.Concat(h.Addresses("To"), h.Addresses("Cc")),
		parents: slices.Concat(reading.MessageIDs(h.Get("In-Reply-To")), reversed(reading.MessageIDs(h.Get("References")))),
	}
}

// addParts adds what a delivery report or a calendar part says.
func (m *message) addParts(read reading.Reading) {
	if b := read.Bounce; b != nil {
		m.original = b.OriginalMessageID
		for _, r := range b.Reports {
			m.reported = append(m.reported, strings.ToLower(r.Recipient))
		}
	}
	for _, inv := range read.Invites {
		for _, a := range inv.Attendees {
			m.attendees = append(m.attendees, strings.ToLower(a.Address))
		}
	}
}

// isReport says whether a mail calls itself a delivery report (RFC 6522).
func isReport(h mailer.Header) bool {
	return strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "multipart/report")
}

// mayBeReport says whether a mail may tell of another one that came back.
func mayBeReport(h mailer.Header) bool {
	return isReport(h) || h.Get("Return-Path") == "<>" || mayConcernAll(firstOf(h.Addresses("From")))
}

// link finds whose mail m is by the strongest evidence there is, and says which that was. It
// returns "" for nobody's.
func (l *linker) link(m message) (person string, why store.Reason, err error) {
	for _, find := range []func(message) (string, store.Reason, error){l.byBounce, l.byThread, l.byAddress, l.byAttendee} {
		if person, why, err = find(m); person != "" || err != nil {
			return person, why, err
		}
	}
	person, err = l.guess(m.header)
	if person == "" || err != nil {
		return "", store.Reason{}, err
	}
	return person, store.Reason{Verdict: "guess", Evidence: "Subject: " + m.header.Get("Subject"), Rule: "link.subject-and-domain"}, nil
}

func (l *linker) byBounce(m message) (string, store.Reason, error) {
	if m.original != "" {
		if known, err := l.tx.Message(m.original); err == nil {
			return known.Person, store.Reason{Evidence: "returned mail <" + m.original + ">", Rule: "link.bounce-original"}, nil
		} else if !errors.Is(err, store.ErrNotFound) {
			return "", store.Reason{}, err
		}
	}
	for _, address := range m.reported {
		if person, why, err := l.at(address, "link.bounce-recipient"); person != "" || err != nil {
			return person, why, err
		}
	}
	return "", store.Reason{}, nil
}

func (l *linker) byThread(m message) (string, store.Reason, error) {
	for _, id := range m.parents {
		known, err := l.tx.Message(id)
		if err == nil {
			if introduced, why, err := l.introducedIn(known.Person, m.from); introduced != "" || err != nil {
				return introduced, why, err
			}
			return known.Person, store.Reason{Evidence: "answers <" + id + ">", Rule: "link.references"}, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return "", store.Reason{}, err
		}
	}
	return "", store.Reason{}, nil
}

// introducedIn finds whom a person introduced, writing in that person's thread: they speak for themselves.
func (l *linker) introducedIn(introducer, from string) (string, store.Reason, error) {
	p, _, err := l.tx.PersonByAddress(from)
	if errors.Is(err, store.ErrNotFound) || err == nil && (p.ID == introducer || p.Via != introducer) {
		return "", store.Reason{}, nil
	}
	return p.ID, store.Reason{Evidence: from + ", introduced by " + introducer, Rule: "link.introduced"}, err
}

func (l *linker) byAddress(m message) (string, store.Reason, error) {
	addresses := append([]string{m.from}, m.to...)
	for _, address := range addresses {
		if l.own(address) {
			continue
		}
		if person, why, err := l.at(address, "link.address"); person != "" || err != nil {
			return person, why, err
		}
	}
	return "", store.Reason{}, nil
}

func (l *linker) byAttendee(m message) (string, store.Reason, error) {
	for _, address := range m.attendees {
		if person, why, err := l.at(address, "link.calendar-attendee"); person != "" || err != nil {
			return person, why, err
		}
	}
	return "", store.Reason{}, nil
}

func (l *linker) at(address, rule string) (string, store.Reason, error) {
	p, _, err := l.tx.PersonByAddress(address)
	if errors.Is(err, store.ErrNotFound) {
		return "", store.Reason{}, nil
	}
	if err != nil {
		return "", store.Reason{}, err
	}
	return p.ID, store.Reason{Evidence: address, Rule: rule}, nil
}

// guess links a mail without threading headers that comes from a contact's own domain and bears the
// subject of a mail that introd sent them: an assistant's, most often. Public mail domains never count.
func (l *linker) guess(h mailer.Header) (person string, err error) {
	from := h.Addresses("From")
	subject := baseSubject(h.Get("Subject"))
	if len(from) == 0 || subject == "" || l.own(from[0]) {
		return "", nil
	}
	_, domain, _ := strings.Cut(from[0], "@")
	written, err := l.writtenTo(domain)
	return written[subject], err
}

// writtenTo returns the base subjects of the owner's mails to people of a mail domain, and to whom
// each went.
func (l *linker) writtenTo(domain string) (map[string]string, error) {
	if known, ok := l.written[domain]; ok {
		return known, nil
	}
	people, err := l.tx.PeopleAtDomain(domain)
	if err != nil {
		return nil, err
	}
	subjects := map[string]string{}
	for _, person := range people {
		history, err := l.tx.History(person)
		if err != nil {
			return nil, err
		}
		for _, ev := range history {
			if ev.Kind != store.MailOut || ev.Mail == nil {
				continue
			}
			if subject := baseSubject(ev.Mail.Subject); subjects[subject] == "" {
				subjects[subject] = person
			}
		}
	}
	l.written[domain] = subjects
	return subjects, nil
}

// baseSubject strips the reply and forward marks of a subject (RFC 5256 §2.1), in the usual languages.
func baseSubject(subject string) string {
	s := strings.ToLower(strings.Join(strings.Fields(subject), " "))
	for {
		mark, rest, found := strings.Cut(s, ":")
		if !found || !slices.Contains(replyMarks, strings.TrimSpace(strings.TrimRight(mark, "0123456789[]"))) {
			return s
		}
		s = strings.TrimSpace(rest)
	}
}

var replyMarks = []string{"re", "fw", "fwd", "aw", "wg", "sv", "vs", "antw", "rv", "res", "enc", "tr", "rif", "r"}
