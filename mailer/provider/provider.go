// Package provider knows the mail providers: where their servers are, how one signs in there, what
// must be switched on first, and what they do to a mail. For an address that it does not know it finds the servers.
//
// Nothing in it was tried on a live account. What it says is what providers document and what authors of other mail
// programs report (autumn of 2026); Provider.Tried is there for whoever tries one.
//
// It asks the DNS and the address's own domain, and nobody else. Thunderbird's public database of servers would know
// more domains, but would learn from each question who is setting up a mailbox where: that is a third party (promise P9).
package provider

import (
	"slices"
	"strings"
)

// A Server is where and how to reach one of the two. It converts to mailer.Server.
type Server struct {
	Host string
	Port int
	TLS  string // "implicit" or "starttls"
	User string // in the table a pattern, as in autoconfig files: "%EMAILLOCALPART%"; "" is the whole address
}

// An Answer is what is known of a question about a provider.
type Answer string

// The answers.
const (
	Unknown Answer = ""
	Yes     Answer = "yes"
	No      Answer = "no"
)

// A Provider is one row of the table. The zero Provider is one that nobody knows: it takes a password, perhaps.
type Provider struct {
	Name    string   // as people call it: "Gmail"
	Domains []string // of the addresses that everybody can have there, lower case; none where all have a domain of their own
	MX      []string // hosts, or the ends of hosts, that take the mail for domains of one's own

	IMAP, SMTP Server

	Password *Password // nil: no password is taken from a program
	OAuth    *OAuth    // nil: there is no sign-in by browser, or none that introd could use
	Closed   string    // not empty: no other program gets in at all; a sentence that says so

	First string // what must be switched on before, and where: a sentence, or ""
	Trap  string // what surprises people here: a sentence, or ""

	FilesSent  Answer // whether the server puts a copy of what is sent into Sent by itself
	RewritesID Answer // whether what is sent gets another Message-ID

	Tried string // when the row was tried on a live account, and what came of it; "" is never
}

// Known says whether the provider stands in the table.
func (p Provider) Known() bool { return p.Name != "" }

// OnlyOAuth says whether a password is not even worth asking for.
func (p Provider) OnlyOAuth() bool { return p.Password == nil && p.OAuth != nil }

// servers fills the address into the patterns of the user names.
func (p Provider) servers(address string) (imap, smtp Server) {
	imap, smtp = p.IMAP, p.SMTP
	imap.User, smtp.User = expand(imap.User, address), expand(smtp.User, address)
	return imap, smtp
}

// expand fills an address into a pattern of autoconfig files; an empty pattern is the address itself.
func expand(pattern, address string) string {
	if pattern == "" {
		return address
	}
	local, domain := split(address)
	return strings.NewReplacer("%EMAILADDRESS%", address, "%EMAILLOCALPART%", local, "%EMAILDOMAIN%", domain).Replace(pattern)
}

// split divides an address at its last @; the domain comes in lower case.
func split(address string) (local, domain string) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address, ""
	}
	return address[:at], strings.ToLower(strings.TrimSuffix(address[at+1:], "."))
}

// ByAddress is the provider whose domain an address is in; the zero Provider if none in the table.
func ByAddress(address string) Provider {
	_, domain := split(address)
	for _, p := range table {
		if slices.Contains(p.Domains, domain) {
			return p
		}
	}
	return Provider{}
}

// ByServer is the provider that a server (IMAP or SMTP) belongs to, for an address; the zero Provider if none in the
// table. The address matters where one company serves everybody's addresses and domains of one's own: imap.gmail.com
// is Gmail for sam@gmail.com and Google Workspace for sam@uni.edu.
func ByServer(host, address string) Provider {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if p := ByAddress(address); p.Known() && p.serves(host) {
		return p
	}
	var found Provider
	for _, p := range table {
		if p.serves(host) && (!found.Known() || len(p.Domains) == 0) {
			found = p
		}
	}
	return found
}

// serves says whether a host lies with one of the provider's servers, or in a domain of theirs.
func (p Provider) serves(host string) bool {
	return p.IMAP.Host != "" && !loopback(host) && (sameHouse(host, p.IMAP.Host) || sameHouse(host, p.SMTP.Host) ||
		slices.ContainsFunc(slices.Concat(p.Domains, p.MX), func(domain string) bool { return within(host, domain) }))
}

// byMX is the provider that takes a domain's mail; the zero Provider if none in the table.
func byMX(host string) Provider {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, p := range table {
		if slices.ContainsFunc(p.MX, func(end string) bool { return within(host, end) }) {
			return p
		}
	}
	return Provider{}
}

// within says whether a host is a name or lies below it.
func within(host, name string) bool {
	return name != "" && (host == name || strings.HasSuffix(host, "."+name))
}
