package demo

import (
	"context"
	"fmt"
	"net/mail"
	"time"

	"github.com/emersion/go-imap/v2"

	"introd/mailer"
	"introd/mailer/reading/itip"
)

// A player is somebody of the cast. What they do is in react: it is called for every mail that they
// get from the owner, and answers as such a person would.
type player struct {
	id, name, address string
	org, how, via     string
	zone              string // IANA; "" for the owner's
	about             string // for the bill at the beginning
	why               string // the owner's sentence in a request to them
	learnt            string // what the owner takes away from a talk with them
	nowhere           bool   // there is no such mailbox
	react             func(*scene)
	book              func(*scene) // the owner chooses a time on their booking page
	afterNo           int          // the mails they may still get after they said no
}

func (p *player) mail() mail.Address { return mail.Address{Name: p.name, Address: p.address} }

// hero is the person whose interviews introd runs here.
var hero = mail.Address{Name: "Sam Rivera", Address: "sam@campus.test"}

const (
	heroAbout = "a second-year chemistry student at Ohio State"
	heroZone  = "America/New_York"
	password  = "demo"
)

// opening is Monday, September 14, 2026, nine in the morning.
func opening(zone *time.Location) time.Time {
	return time.Date(2026, time.September, 14, 9, 0, 0, 0, zone)
}

// cast are all who play. It is made anew for each performance.
func cast() []*player {
	return []*player{
		{
			id: "lee", name: "Prof. Helen Lee", address: "h.lee@uni.test", org: "Ohio State", how: "professor", about: "taught Sam physical chemistry",
			why: "Your lecture on electrolytes is the reason I stayed in chemistry.", learnt: "She was as generous as you said, and I will apply to the pilot plant this summer.", react: leeReacts,
		}, {
			id: "dana", name: "Dana Wu", address: "dana.wu@bigco.test", org: "BigCo", how: "professor", via: "lee", zone: "America/Los_Angeles",
			about:  "recycles batteries at BigCo, in California",
			why:    "Your talk on recovering lithium from old cells changed what I want to work on.",
			learnt: "What you said about starting in the pilot plant, and not in research, has not left me since.", react: danaReacts,
		}, {
			id: "tom", name: "Tom Okafor", address: "tom.okafor@northlight.test", org: "Northlight Energy", how: "alumni", about: "an alum, builds grid storage",
			why: "You went from our chemistry department to grid storage, which is a path nobody here could explain to me.", react: tomReacts, afterNo: 1,
		}, {
			id: "ines", name: "Ines Carvalho", address: "ines@saltworks.test", org: "Saltworks", how: "cold", about: "works on sodium cells at a start-up",
			why: "Your article on what sodium cells can and cannot do answered half of my questions and raised the other half.", react: inesReacts,
		}, {
			id: "noor", name: "Noor Haddad", address: "noor.haddad@lumen.test", org: "Lumen Labs", how: "alumni", about: "an alum, sells what chemists invent",
			why:    "You are the only alum I found who moved from the bench to the sales side.",
			learnt: "I had never thought of a sales call as an experiment; now I cannot see it otherwise.", react: noorReacts, book: noorBooked,
		}, {
			id: "walt", name: "Walt Brandt", address: "w.brandt@oldmill.test", org: "Old Mill Chemicals", how: "cold", about: "runs a plant, and guards his inbox",
			why: "Your plant is the only one in the state that recovers its own solvents.", react: waltReacts,
		},
	}
}

// named are the two whom Ines names. The owner adds them with one word, or not.
func named() []*player {
	return []*player{
		{
			id: "jonah", name: "Jonah Kim", address: "jonah.kim@fernhill.test", org: "Fernhill", via: "ines", about: "has left, and his address with him",
			why: "She says that you built the first test line for sodium cells by hand.", nowhere: true,
		}, {
			id: "ruth", name: "Ruth Adler", address: "ruth.adler@delta.test", org: "Delta Cells", via: "ines", about: "never answers",
			why: "She says that nobody knows more about why cells fail than you do.",
		},
	}
}

// A scene is one mail of the owner's that reached a player. The player answers with its help.
type scene struct {
	*World
	me  *player
	got letter
	nth int // it is the nth mail that they got from the owner
}

// day is a time of day in the owner's zone, so many business days from now.
func (s *scene) day(days, hour, minute int) time.Time {
	return onDay(s.clock.Now(), days, hour, minute, s.zone)
}

// date names the day that is so many business days from now, as people write it.
func (s *scene) date(days int) string { return s.day(days, 12, 0).Format("Monday, January 2") }

// reply answers the mail at a moment.
func (s *scene) reply(at time.Time, text string, copied ...*player) {
	s.deliver(at, s.me, s.got.answer(text), copied...)
}

// refuse answers the mail with a no, after which little or nothing may come.
func (s *scene) refuse(at time.Time, text string) {
	s.reply(at, text)
	s.agenda.add(at, func(context.Context) error { s.no[s.me.address] = at; return nil })
}

// accept presses "yes" on the invitation in the mail, where there is one.
func (s *scene) accept(at time.Time) {
	if len(s.got.Invites) == 0 {
		return // the owner sent it by hand: nothing to press
	}
	calendar, err := s.got.accept()
	if err != nil {
		s.fail(err)
		return
	}
	s.deliver(at, s.me, mailer.Message{Subject: "Accepted: " + s.got.Invites[0].Summary, Text: s.me.name + " has accepted this invitation.\n", Calendar: calendar})
}

func leeReacts(s *scene) {
	if s.nth > 1 {
		return // thanked
	}
	dana := s.player("dana")
	s.reply(s.day(0, 16, 20), `Dear Sam,

With pleasure. Dana, meet Sam Rivera, who asks better questions than most of my doctoral students. Sam, meet Dana Wu, copied here, who knows more about recycling cells than anybody I can think of.

I leave it to the two of you.

Helen Lee`, dana)
}

func danaReacts(s *scene) {
	switch s.nth {
	case 1: // the answer to the introduction
		s.reply(s.day(1, 13, 10), fmt.Sprintf(`Hi Sam,

Any student of Helen's! I'd be happy to talk. How about %s at 2pm Pacific? You can call me at +1 415 555 0134.

Dana`, s.date(5)))
	case 2: // the confirmation
		s.accept(s.clock.Now().Add(20 * time.Minute))
		s.reply(s.day(2, 17, 5), fmt.Sprintf(`Hi Sam,

So sorry, something came up at the plant. Could we move our call to %s at 10am Pacific? Same number.

Dana`, s.date(6)))
	case 3: // the new time
		s.accept(s.clock.Now().Add(15 * time.Minute))
	}
}

func tomReacts(s *scene) {
	if s.nth > 1 {
		return
	}
	s.refuse(s.day(1, 11, 30), `Dear Sam,

What a kind note, thank you. I'm afraid I can't take this on: we start up a new site in November, and what is left of my evenings belongs to a four-month-old.

I wish you every luck. You are asking the right questions.

Tom`)
}

func inesReacts(s *scene) {
	switch s.nth {
	case 1:
		away := s.got.answer(fmt.Sprintf(`Hello,

I am travelling without much internet and will be back on %s. I answer then.

Ines Carvalho
Saltworks`, s.date(9)))
		away.Subject, away.Auto = "Automatic reply: "+s.got.Subject, true
		s.deliver(s.clock.Now().Add(time.Minute), s.me, away)
	case 2: // the reminder, after her return
		s.reply(s.day(1, 9, 15), `Hi Sam,

Thanks for waiting. I do nothing but fundraising these days, so two others will be more helpful. You should talk to Jonah Kim (jonah.kim@fernhill.test), who built our first line. And you should talk to Ruth Adler (ruth.adler@delta.test), who knows why cells fail. Say that I sent you.

Ines`)
	}
}

// page is where Noor lets people choose a time.
const page = "https://cal.lumen.test/book/noor"

func noorReacts(s *scene) {
	if s.nth > 1 {
		return
	}
	s.reply(s.day(1, 9, 50), `Go Bucks! Easiest is to pick a slot on my calendar: `+page+`

Noor`)
}

// noorBooked is what Noor's booking page sends when the owner has chosen a time: her own invitation.
func noorBooked(s *scene) {
	start := onDay(s.clock.Now(), 4, 15, 0, s.zone)
	ics, err := itip.Encode("REQUEST", itip.Event{
		UID: "booking-1@lumen.test", Start: start, End: start.Add(20 * time.Minute), Stamp: s.clock.Now(), Summary: "Noor Haddad and Sam Rivera",
		Location: "https://meet.lumen.test/noor", Organizer: s.me.mail(), Attendee: hero,
	})
	if err != nil {
		s.fail(err)
		return
	}
	s.deliver(s.clock.Now().Add(time.Minute), s.me, mailer.Message{
		Subject: "Invitation: Noor Haddad and Sam Rivera", Text: "You have booked 20 minutes with Noor Haddad.\n\nWhere: https://meet.lumen.test/noor\n",
		Calendar: &mailer.Calendar{Method: "REQUEST", ICS: ics},
	})
}

func waltReacts(s *scene) {
	s.refuse(s.day(0, 12, 15), `Whoever gave you this address should not have. Please do not write to me again.

W. Brandt`)
}

// A private mail is one of the owner's own that is none of introd's business. None may change, and
// nothing of one may be kept.
type private struct {
	from    mail.Address
	subject string
	text    string
	flags   []imap.Flag
	days    int // after the opening; negative: before it
}

// privateMail are the owner's other mails. Their words stand nowhere else, so that a trace can be found.
func privateMail() []private {
	return []private{
		{mail.Address{Name: "Mum", Address: "marisol@rivera.test"}, "Sunday dinner", "Bring the casserole dish back, and yourself.\n", nil, -2},
		{mail.Address{Name: "Campus Library", Address: "loans@library.test"}, "A book is due", "Zumdahl, Chemical Principles, is due on Friday.\n", []imap.Flag{`\Seen`, `\Flagged`}, -5},
		{mail.Address{Name: "Ohio Cycling Club", Address: "news@pedals.test"}, "The autumn rides", "We meet at the boathouse at dawn, rain or shine.\n", []imap.Flag{`\Seen`}, -3},
		{mail.Address{Name: "Mum", Address: "marisol@rivera.test"}, "The casserole dish, again", "It is the blue one. You know the one.\n", nil, 8},
	}
}
