package steps

import (
	"fmt"
	"testing"
	"time"

	"introd/store"
)

var priya = store.Named{Name: "Priya Nair", Email: "priya@other.test", Role: "introduced"}

// meets is Dana's mail that introduces people, copied.
func meets(at string, people ...store.Named) store.Event {
	ev := wrote(at, "intro_made")
	ev.Mail.Read.People = people
	return ev
}

// stranger is somebody whom a mail introduces and nobody has added.
func stranger(p store.Named) Linked {
	return Linked{Person: store.Person{Name: p.Name, Address: p.Email}, Addresses: []string{p.Email}}
}

// added is Priya as somebody whom the owner has, with her history.
func added(events ...store.Event) Linked {
	for i := range events {
		events[i].Seq, events[i].Person = uint64(i+1), "priya"
	}
	return Linked{Person: store.Person{ID: "priya", Name: "Priya Nair", Address: "priya@other.test", Via: "dana"}, Addresses: []string{"priya@other.test"}, History: events}
}

func answered(at string) store.Event {
	ev := sent(at, AnswerIntro, "answer-to-introduction/dana/2/priya@other.test")
	ev.About, ev.Mail.To = "priya", []string{"priya@other.test"}
	return ev
}

func from(ev store.Event, address string) store.Event {
	ev.Mail.From = address
	return ev
}

func to(ev store.Event, address string) store.Event {
	ev.Mail.To = []string{address}
	return ev
}

// met is a talk with Priya, asked for, agreed on and thanked for.
func met() []store.Event {
	thanks := sent("12-01 17:00", ThankYou, "thank-you/m@introd")
	thanks.Meeting = nil
	return events(request("11-24 11:00"), confirmed("11-25 10:00", "12-01 15:00", 0), thanks)
}

func came(at, item string) store.Event {
	return store.Event{Kind: store.CameOf, At: on(at), Item: item, Text: "It worked."}
}

func TestIntroductions(t *testing.T) {
	ask, intro := request("11-23 10:00"), meets("11-24 10:00", priya)
	told := sent("12-03 10:00", OutcomeIntroducer, "outcome-to-introducer/dana/priya")
	told.About = "priya"
	answer, task := "answer-to-introduction 11-24 10:00", "task-referred 11-24 10:00"
	outcome := "outcome-to-introducer 12-02 09:00"
	opted := stranger(priya)
	opted.OptedOut = true
	dead := added(done(store.Bounced, "11-24 11:01", ""))
	elsewhere := added()
	elsewhere.At, elsewhere.Person.Address = "priya@other.test", "p.nair@elsewhere.test"
	for _, r := range []struct {
		name   string
		events []store.Event
		others []Linked
		now    string
		want   string
	}{
		{"introduced, copied", events(ask, intro), []Linked{stranger(priya)}, "11-24 10:00", answer + "\n" + task},
		{"also where the introducer was asked for it", events(introRequest("11-23 10:00"), intro), []Linked{stranger(priya)}, "11-24 10:00", answer + "\n" + task},
		{"with an address that the owner has not", events(introRequest("11-23 10:00"), intro), []Linked{elsewhere}, "11-24 10:00", answer + "\n" + task},
		{"without an address there is nobody to answer", events(ask, meets("11-24 10:00", store.Named{Name: "Priya Nair", Role: "introduced"})), nil, "11-24 10:00",
			task + "\nthanks-for-introducing 11-24 10:00"},
		{"the answer thanks the introducer: no mail besides", events(ask, intro, answered("11-24 11:00")), []Linked{added(request("11-24 11:00"))}, "11-25 10:00", ""},
		{"also where both bear the same time", events(ask, intro, answered("11-24 10:00")), []Linked{added(request("11-24 10:00"))}, "11-25 10:00", task},
		{"named again: no second introduction", events(ask, intro, answered("11-24 11:00"), meets("11-30 10:00", priya)), []Linked{added(request("11-24 11:00"))}, "11-30 10:00",
			"task-referred 11-30 10:00\ntask-unsure 11-30 10:00"},
		{"dropped, it is settled", events(ask, intro, done(store.Dropped, "11-24 11:00", "answer-to-introduction/dana/2/priya@other.test")), []Linked{stranger(priya)}, "11-25 10:00", task},
		{"a word of thanks by hand leaves the answer wanted", events(ask, intro, byHand("11-24 11:00", "Thank you so much!")), []Linked{stranger(priya)}, "11-25 10:00", answer},
		{"the owner wrote to both by hand", events(ask, intro, to(byHand("11-24 11:00", "Nice to meet you"), "priya@other.test")), []Linked{stranger(priya)}, "11-25 10:00", ""},
		{"asked last week: the introducer is thanked", events(ask, intro), []Linked{added(request("11-20 10:00"))}, "11-24 10:00", task + "\nthanks-for-introducing 11-24 10:00"},
		{"asked half a year ago: the answer begins anew", events(ask, intro), []Linked{added(store.Event{
			Kind: store.MailOut, At: on("11-24 10:00").AddDate(0, -6, 0), Variant: "interview-request-cold", Want: "request/priya/1", Mail: &store.Mail{},
		})}, "11-24 10:00", answer + "\n" + task},
		{"an address that asked not to be written to", events(ask, intro), []Linked{opted}, "11-24 10:00", task + "\nthanks-for-introducing 11-24 10:00"},
		{"one who said no", events(ask, intro), []Linked{added(wrote("11-10 10:00", "decline"))}, "11-24 10:00", task + "\nthanks-for-introducing 11-24 10:00"},
		{"one whose address is dead", events(ask, intro), []Linked{dead}, "11-24 10:00", task + "\nthanks-for-introducing 11-24 10:00"},
		{"nobody's word is Dana's but hers", events(ask, intro, from(wrote("11-24 12:00", "decline"), "priya@other.test")), []Linked{stranger(priya)}, "11-24 12:00",
			task + "\nthanks-for-introducing 11-24 10:00\ntask-referred 11-24 12:00"},
		{"old mail from before Dana was added", events(meets("10-01 10:00", priya)), []Linked{stranger(priya)}, "11-24 10:00", ""},

		{"met and thanked: next business day the introducer is told", events(ask, intro, answered("11-24 11:00")), []Linked{added(met()...)}, "12-01 18:00", outcome},
		{"met and not thanked yet", events(ask, intro, answered("11-24 11:00")), []Linked{added(met()[:2]...)}, "12-01 18:00", ""},
		{"who only gave the name is told too", events(), []Linked{added(met()...)}, "12-01 18:00", outcome},
		{"told once", events(ask, intro, answered("11-24 11:00"), told), []Linked{added(met()...)}, "12-20 10:00", ""},
		{"told by hand", events(ask, intro, answered("11-24 11:00"), byHand("12-02 20:00", "I met Priya yesterday, and it was wonderful.")), []Linked{added(met()...)}, "12-20 10:00", ""},
		{"dropped, never again", events(ask, intro, answered("11-24 11:00"), done(store.Dropped, "12-03 10:00", "outcome-to-introducer/dana/priya")), []Linked{added(met()...)}, "12-20 10:00", ""},
		{"and once more when something came of it", events(ask, intro, answered("11-24 11:00"), told), []Linked{added(append(met(), came("01-10 10:00", "2"))...)}, "01-10 10:00",
			"outcome-to-introducer 01-10 10:00"},
		{"but not of what they were told with the rest", events(ask, intro, answered("11-24 11:00"), told), []Linked{added(append(met(), came("12-02 10:00", "2"))...)}, "01-10 10:00", ""},
		{"a talk that was declined is the owner's to tell", events(ask, intro, answered("11-24 11:00")), []Linked{added(request("11-24 11:00"), wrote("11-25 10:00", "decline"))}, "12-20 10:00", ""},
		{"silence too", events(ask, intro, answered("11-24 11:00")), []Linked{added(request("11-24 11:00"))}, "12-20 10:00", ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := caseOf(r.events...)
			c.Introduced = r.others
			if got := wantedOf(c, r.now); got != r.want {
				t.Errorf("wanted now:\n%s\nshould be:\n%s", got, r.want)
			}
		})
	}
}

// wantedOf leaves out the reminder of Dana's own request, which is none of an introduction's.
func wantedOf(c Case, now string) string {
	var wants []Want
	for _, w := range Wants(c, usual, on(now)) {
		if w.Kind != Nudge && w.Kind != KeepInTouch {
			wants = append(wants, w)
		}
	}
	return told(wants)
}

func TestCourseOfAnIntroduction(t *testing.T) {
	ask := introRequest("11-23 10:00")
	ask.About, ask.Want = "", "intro-request/dana/priya/1" // as it stands in histories of before: what was asked for tells it
	wish := store.Event{Kind: store.Asked, At: on("11-23 09:00"), Want: "intro-request/dana/priya/1", About: "priya"}
	told := sent("12-03 10:00", OutcomeIntroducer, "outcome-to-introducer/dana/priya")
	told.About = "priya"
	all := events(wish, ask, wrote("11-23 12:00", "accept"), meets("11-24 10:00", priya), answered("11-24 11:00"), told)
	for n, stage := range map[int]string{1: "name given", 2: "asked", 3: "agreed", 4: "made", 5: "met", 6: "told"} {
		other := added()
		if n >= 5 {
			other = added(met()...)
		}
		list := Introductions("dana", caseOf(all[:n]...).History, []Linked{other}, on("12-20 10:00"))
		if got := list[0].Stage(); got != stage {
			t.Errorf("after %d events: %s, should be %s", n, got, stage)
		}
	}
	i := Introductions("dana", caseOf(all...).History, []Linked{added(met()...)}, on("12-20 10:00"))[0]
	got := ""
	for _, at := range []time.Time{i.Asked, i.Agreed, i.Made, i.Answered, i.Met, i.Thanked, i.Told} {
		got += at.In(newYork).Format("01-02 15:04") + " | "
	}
	if want := "11-23 10:00 | 11-23 12:00 | 11-24 10:00 | 11-24 11:00 | 12-01 15:30 | 11-24 11:00 | 12-03 10:00 | "; got != want || !i.Declined.IsZero() {
		t.Errorf("its course is\n%s\nshould be\n%s", got, want)
	}
	no := Introductions("dana", caseOf(wish, ask, wrote("11-24 10:00", "decline")).History, []Linked{added()}, on("12-20 10:00"))[0]
	if no.Stage() != "declined" {
		t.Errorf("an introducer who says no leaves it %s", no.Stage())
	}
}

// Two who are introduced in one mail get an answer each.
func TestTwoIntroducedAtOnce(t *testing.T) {
	kim := store.Named{Name: "Kim Park", Email: "kim@bigco.test", Role: "introduced"}
	c := caseOf(request("11-23 10:00"), meets("11-24 10:00", priya, kim))
	c.Introduced = []Linked{stranger(priya), stranger(kim)}
	to := ""
	for _, w := range Wants(c, usual, on("11-24 10:00")) {
		if w.Kind == AnswerIntro {
			to += fmt.Sprint(w.Named[0].Email, " ", w.Parent.Seq, " ")
		}
	}
	if to != "priya@other.test 2 kim@bigco.test 2 " {
		t.Errorf("answers to %s", to)
	}
}
