package network

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"introd/mailer"
	"introd/store"
)

// MiningFields are the header fields that tell when a mail was written, and lists and machines from
// people, besides those that every look asks for.
var MiningFields = []string{"Date", "List-Id", "List-Unsubscribe", "Precedence", "Auto-Submitted"}

// A Miner counts who wrote to whom, by headers alone. The zero Miner with Own set is ready.
type Miner struct {
	Own     []string // the owner's addresses, lower case
	tallies map[string]*store.Tally
}

// mostRecipients is how many a mail may have to count as one between people who know one another.
const mostRecipients = 8

// Take counts one mail of the Sent folder, or of another.
func (m *Miner) Take(sent bool, h mailer.Header) {
	if fromMachine(h) {
		return
	}
	date, err := mail.ParseDate(h.Get("Date"))
	if err != nil {
		return
	}
	to := slices.Concat(h.Addresses("To"), h.Addresses("Cc"))
	from := h.Addresses("From")
	if len(to) > mostRecipients || len(from) != 1 {
		return
	}
	if !sent {
		if !slices.Contains(m.Own, from[0]) {
			t := m.of(from[0], h.Get("From"))
			t.Received++
			t.LastGot = later(t.LastGot, date)
		}
		return
	}
	for _, a := range to {
		if !slices.Contains(m.Own, a) && !machine(a) {
			t := m.of(a, "")
			t.Sent++
			t.LastSent = later(t.LastSent, date)
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b.UTC()
	}
	return a
}

func (m *Miner) of(address, from string) *store.Tally {
	if m.tallies == nil {
		m.tallies = map[string]*store.Tally{}
	}
	t := m.tallies[address]
	if t == nil {
		t = &store.Tally{Address: address}
		m.tallies[address] = t
	}
	if t.Name == "" && from != "" {
		if a, err := mail.ParseAddress(from); err == nil {
			t.Name = tidy(a.Name)
		}
	}
	return t
}

// Len is how many addresses have been counted since the last Empty.
func (m *Miner) Len() int { return len(m.tallies) }

// Tallies are the counts since the last Empty, by address.
func (m *Miner) Tallies() map[string]*store.Tally { return m.tallies }

// Empty begins anew.
func (m *Miner) Empty() { m.tallies = nil }

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

// fromMachine says whether a list or a program sent a mail.
func fromMachine(h mailer.Header) bool {
	if h.Get("List-Id") != "" || h.Get("List-Unsubscribe") != "" {
		return true
	}
	switch strings.ToLower(h.Get("Precedence")) {
	case "bulk", "list", "junk":
		return true
	}
	if auto := strings.ToLower(h.Get("Auto-Submitted")); auto != "" && auto != "no" {
		return true
	}
	from := h.Addresses("From")
	return len(from) > 0 && machine(from[0])
}

// machine says whether an address is no person's.
func machine(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	for _, word := range []string{"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "bounce", "notification", "newsletter", "unsubscribe"} {
		if strings.Contains(local, word) {
			return true
		}
	}
	return slices.Contains([]string{"info", "support", "help", "billing", "alerts", "news", "updates", "service", "sales", "marketing", "admin", "root", "daemon"}, local)
}
