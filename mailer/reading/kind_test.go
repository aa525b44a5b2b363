package reading

import "testing"

func TestKindByHeader(t *testing.T) {
	for _, c := range []struct {
		header string
		want   Kind
	}{
		{"Auto-Submitted: auto-replied", KindAutoReply},
		{"Auto-Submitted: auto-generated (vacation)", KindAutoReply},
		{"Auto-Submitted: no", KindPerson},
		{"Auto-Submitted: auto-forwarded", KindPerson},
		{"X-Auto-Response-Suppress: All", KindPerson},
		{"Precedence: bulk", KindPerson},
		{"Precedence: auto_reply", KindAutoReply},
		{"X-Autoreply: yes", KindAutoReply},
		{"X-Autoreply: no", KindPerson},
		{"X-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: dana@mill.test", KindAutoReply},
		{"X-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: sam@home.test", KindPerson}, // redirected by Sam's own rule
		{"Return-Path: <>", KindAutoReply},
		{"Return-Path: <>\nX-Mailer: Apple Mail", KindPerson},
		{"List-Unsubscribe: <mailto:u@mill.test>", KindPerson},
		{"List-Unsubscribe: <mailto:u@mill.test>\nPrecedence: bulk", KindList},
		{"List-Id: <talk.lists.test>", KindList},
		{"Content-Type: multipart/report; report-type=disposition-notification; boundary=b", KindAutoReply},
	} {
		if r := Read(mailWith(c.header, "Tuesday works."), Context{}); r.Kind != c.want {
			t.Errorf("%s: %s, want %s; %v", c.header, r.Kind, c.want, r.Because)
		}
	}
}

// bare is a mail that answers nothing.
func bare(from, subject, text string) []byte {
	return []byte("From: " + from + "\r\nTo: sam@home.test\r\nSubject: " + subject + "\r\nDate: Tue, 1 Dec 2026 10:12:00 -0500\r\n\r\n" + text)
}

func TestKindByWords(t *testing.T) {
	for _, c := range []struct {
		from, subject, text string
		want                Kind
	}{
		{"dana@mill.test", "Automatic reply: a talk", "", KindAutoReply},
		{"dana@mill.test", "[Automatyczna odpowiedź] a talk", "", KindAutoReply},
		{"dana@mill.test", "Automatische Antwort: a talk", "", KindAutoReply},
		{"dana@mill.test", "Abwesenheitsnotiz: a talk", "", KindAutoReply},
		{"dana@mill.test", "Out of the office Re: a talk", "", KindAutoReply},
		{"dana@mill.test", "Re: out of office hours?", "Any evening.", KindPerson},
		{"dana@mill.test", "Re: automatic doors", "Yes.", KindPerson},
		{"dana@mill.test", "auto: insurance", "A question.", KindPerson},
		{"no-reply@mill.test", "Thanks", "We got it.", KindAutoReply},
		{"do_not_reply@mill.test", "Thanks", "We got it.", KindAutoReply},
		{"careers-noreply@mill.test", "Thanks", "We got it.", KindAutoReply},
		{"noreen@mill.test", "Thanks", "Yes.", KindPerson},
		{"reply@mill.test", "Thanks", "Yes.", KindPerson},
		{"dana@mill.test", "Hello", "Hi,\nI am currently out of the office and will return on Monday.", KindAutoReply},
		{"dana@mill.test", "Hello", "I am out of the office all week. Could we talk on Monday?", KindPerson},
		{"dana@mill.test", "Hello", "This account is protected by Gate. Click on the link.", KindAutoReply},
	} {
		if r := Read(bare(c.from, c.subject, c.text), Context{}); r.Kind != c.want {
			t.Errorf("%s, %s, %q: %s, want %s", c.from, c.subject, c.text, r.Kind, c.want)
		}
	}
}

// The worst error: somebody who is away and answers all the same.
func TestPersonWhoIsAwayIsAPerson(t *testing.T) {
	r := Read(plainMail("I am out of the office until Monday, but will return your call then.\n\nOn Mon, Nov 30, 2026 at 3:21 PM Sam Rivera <sam@home.test> wrote:\n"+older), Context{})
	if r.Kind != KindPerson {
		t.Errorf("%s; %v", r.Kind, r.Because)
	}
}

// Some companies send all their mail through lists, or through programs that add what newsletters have.
func TestAnswerThroughAList(t *testing.T) {
	for _, header := range []string{"List-Id: <staff.mill.test>", "List-Unsubscribe: <mailto:u@mill.test>\nPrecedence: bulk"} {
		for owner, want := range map[string]Kind{"sam@home.test": KindPerson, "kim@home.test": KindList} {
			if r := Read(mailWith(header, "Tuesday works."), Context{Owner: []string{owner}}); r.Kind != want {
				t.Errorf("%s to %s: %s, want %s", header, owner, r.Kind, want)
			}
		}
	}
}

func TestInvitationsAreCalendarMailWhoeverSendsThem(t *testing.T) {
	body := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20261201T000000Z\nDTSTART:20261208T200000Z\nEND:VEVENT\nEND:VCALENDAR\n"
	r := Read(mailWith("Auto-Submitted: auto-generated\nContent-Type: text/calendar; method=REQUEST", body), Context{})
	if r.Kind != KindCalendar || len(r.Invites) != 1 {
		t.Errorf("%s with %d invitations; %v", r.Kind, len(r.Invites), r.Because)
	}
}
