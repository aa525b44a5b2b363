package network

import (
	"bytes"
	"net/mail"
	"slices"
	"strings"
	"time"

	"introd/mailer"
	"introd/store"
)

// MiningFields are the header fields that tell who wrote to whom and when, and people from lists and machines.
var MiningFields = []string{"From", "To", "Cc", "Date", "List-Id", "List-Unsubscribe", "Precedence", "Auto-Submitted"}

// A Miner counts who wrote to whom, by headers alone. The zero Miner with Own set is ready.
type Miner struct {
	Own     []string // the owner's addresses, lower case
	tallies map[string]*store.Tally
}

// mostName is how many bytes the name of a person may have, and mostAddress their address.
const (
	mostName    = 100
	mostAddress = 100
)

// mostRecipients is how many a mail may have to count as one between people who know one another.
const mostRecipients = 8

// Take counts one mail of the Sent folder, or of another.
func (m *Miner) Take(sent bool, h mailer.Header) {
	l := letterOf(h)
	date, ok := dateOf(l.date)
	if !ok || l.machine || len(l.from) != 1 || machine(l.from[0]) || len(l.to) > mostRecipients {
		return
	}
	if !sent {
		if !slices.Contains(m.Own, l.from[0]) {
			t := m.of(l.from[0])
			t.Received++
			t.LastGot = later(t.LastGot, date)
			if t.Name == "" {
				t.Name = nameIn(l.sender)
			}
		}
		return
	}
	for _, a := range l.to {
		if !slices.Contains(m.Own, a) && !machine(a) {
			t := m.of(a)
			t.Sent++
			t.LastSent = later(t.LastSent, date)
		}
	}
}

// A letter is what Take needs of a header, taken from it in one pass.
type letter struct {
	sender, date string
	from, to     []string // lower case; to with those of Cc
	machine      bool     // a list or a program says that it sent it
}

func letterOf(h mailer.Header) (l letter) {
	for name, value := range h.Fields {
		switch strings.ToLower(string(name)) {
		case "from":
			if l.sender == "" {
				l.sender, l.from = string(value), mailer.Addresses(value)
			}
		case "to", "cc":
			l.to = append(l.to, mailer.Addresses(value)...)
		case "date":
			l.date = string(bytes.TrimSpace(value))
		case "list-id", "list-unsubscribe":
			l.machine = l.machine || len(bytes.TrimSpace(value)) > 0
		case "precedence":
			l.machine = l.machine || slices.Contains([]string{"bulk", "list", "junk"}, strings.ToLower(string(bytes.TrimSpace(value))))
		case "auto-submitted":
			auto := strings.ToLower(string(bytes.TrimSpace(value)))
			l.machine = l.machine || auto != "" && auto != "no"
		}
	}
	return l
}

// dateOf reads a Date. Nearly all are written in the first form, for which the library's own way takes ten times as long.
func dateOf(value string) (t time.Time, ok bool) {
	plain, _, _ := strings.Cut(value, " (") // the name of the zone, as a comment
	if t, err := time.Parse("Mon, _2 Jan 2006 15:04:05 -0700", plain); err == nil {
		return t, true
	}
	t, err := mail.ParseDate(value)
	return t, err == nil
}

// nameIn is the display name of a From field; "" for none.
func nameIn(from string) string {
	a, err := mail.ParseAddress(strings.Join(strings.Fields(from), " ")) // it may be folded
	if err != nil || len(a.Name) > mostName {
		return ""
	}
	return tidy(a.Name)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b.UTC()
	}
	return a
}

func (m *Miner) of(address string) *store.Tally {
	if m.tallies == nil {
		m.tallies = map[string]*store.Tally{}
	}
	t := m.tallies[address]
	if t == nil {
		t = &store.Tally{Address: address}
		m.tallies[address] = t
	}
	return t
}

// Len is how many addresses have been counted.
func (m *Miner) Len() int { return len(m.tallies) }

// Tallies are the counts by address.
func (m *Miner) Tallies() map[string]*store.Tally { return m.tallies }

// Join adds what was counted to what was known.
func Join(known store.Tally, more store.Tally) store.Tally {
	known.Sent += more.Sent
	known.Received += more.Received
	known.LastSent, known.LastGot = later(known.LastSent, more.LastSent), later(known.LastGot, more.LastGot)
	if more.Name != "" {
		known.Name = more.Name
	}
	return known
}

// machine says whether an address is no person's.
func machine(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	if len(address) > mostAddress {
		return true
	}
	for _, word := range []string{"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "bounce", "notification", "newsletter", "unsubscribe"} {
		if strings.Contains(local, word) {
			return true
		}
	}
	return slices.Contains([]string{"info", "support", "help", "billing", "alerts", "news", "updates", "service", "sales", "marketing", "admin", "root", "daemon"}, local)
}
