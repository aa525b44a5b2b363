// Package store keeps introd's records in Badger: people and their histories, drafts, introd's own
// objects in the mailbox, and how far each folder was read.
//
// Values are JSON, readable in a bug report. Keys, where | stands for a zero byte:
//
//	v                                  schema number
//	p|<person>                         Person
//	a|<address>                        Alias
//	A|<person>|<address>               → its aliases
//	o|<organization>                   Organization
//	O|<organization>|<person>          → who works there
//	z|<target>                         Target
//	Z|<target>|<person>                → who else can tell of a target
//	l|<contact>                        Contact
//	K|<what>|<value>|<contact>         → contacts by address, url, name and organization
//	j|<import>                         Import
//	y|<address>                        Tally
//	D|<domain>|<person>                → who has an address there (public mail domains left out)
//	i|<introducer>|<person>            → who came through whom
//	e|<person>|<seq, 8 bytes>          Event
//	m|<message-id>                     Message: whose mail it is
//	d|<draft>                          Draft
//	w|<want key>                       → draft; freed when the draft is withdrawn
//	P|<person>|<draft>                 → drafts of a person
//	n|<draft>                          → drafts that are open
//	c|<code>                           → draft; freed when the draft is closed
//	x|<message-id>                     Object
//	X|<draft>|<message-id>             → objects of a draft
//	N|<person>|<message-id>            → notes about a person
//	f|<calendar>                       Busy
//	u|<account>|<folder>               Cursor
//	t|<unix nanoseconds>|<person>      → due index; T|<person> holds the person's one due time
//	k|<person>                         → who may have something on the owner's agenda
//	b|<person>                         held slots of a person
//	h|<hmac of an address>             opted out; nothing leads back to the address
//	q|<account>|<folder>|<uid>         SetAside
//	r|<account>                        Learnt
//	s|<name>                           settings, the opt-out key among them
//
// Invariants: a history is append-only and counted from 1 without gaps; a want has at most one draft
// that was not withdrawn; a code names at most one open draft; a person has at most one due time.
// Update retries conflicts, so its closure does no I/O. Every write is synced before Update returns.
package store
