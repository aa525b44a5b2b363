package bounce

import (
	"slices"
	"strings"
	"testing"
)

// system is a mail from a mail system.
func system(subject, text string) Mail {
	return Mail{From: "mailer-daemon@mx.test", Subject: subject, To: []string{"sam@home.test"}, Text: text}
}

// report is a mail with a message/delivery-status part.
func report(status string) Mail {
	return Mail{From: "postmaster@mx.test", ContentType: "multipart/report; report-type=delivery-status", Status: [][]byte{[]byte(status)}}
}

func TestDeliveryStatus(t *testing.T) {
	const to = "Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; Dana@Mill.test\r\n"
	for name, c := range map[string]struct {
		status, class string
		want          Report
	}{
		"failed":      {to + "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n", "bounce", Report{"dana@mill.test", "5.1.1", "550", true}},
		"full":        {to + "Action: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n", "bounce", Report{"dana@mill.test", "5.2.2", "552", false}},
		"full as 550": {to + "Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 over quota\r\n", "bounce", Report{"dana@mill.test", "5.0.0", "550", false}},
		"expired":     {to + "Action: failed\r\nStatus: 4.4.7\r\nDiagnostic-Code: smtp; delivery time expired\r\n", "bounce", Report{"dana@mill.test", "4.4.7", "", false}},
		"delayed":     {to + "Action: delayed\r\nStatus: 4.4.1\r\n", "delay", Report{"dana@mill.test", "4.4.1", "", false}},
		"delivered":   {to + "Action: delivered\r\nStatus: 2.0.0\r\n", "delivered", Report{"dana@mill.test", "2.0.0", "", false}},
		"folded":      {to + "Action: failed\r\nDiagnostic-Code: smtp;\r\n 550 5.1.1\r\n user unknown\r\n", "bounce", Report{"dana@mill.test", "5.1.1", "550", true}},
		"original":    {"\r\nOriginal-Recipient: <dana@mill.test>\r\nAction: failed\r\nStatus: 5.1.2\r\n", "bounce", Report{"dana@mill.test", "5.1.2", "", true}},
	} {
		b := Read(report(c.status))
		if b == nil || b.Class != c.class || !slices.Equal(b.Reports, []Report{c.want}) {
			t.Errorf("%s: %+v, want %s %+v", name, b, c.class, c.want)
		}
	}
}

func TestSeveralRecipientsOfOneReport(t *testing.T) {
	b := Read(report("Final-Recipient: rfc822; a@mill.test\nAction: delayed\nStatus: 4.4.1\n\nFinal-Recipient: rfc822; b@mill.test\nAction: failed\nStatus: 5.1.1\n"))
	want := []Report{{"a@mill.test", "4.4.1", "", false}, {"b@mill.test", "5.1.1", "", true}}
	if b == nil || b.Class != "bounce" || !slices.Equal(b.Reports, want) {
		t.Errorf("%+v", b)
	}
	b = Read(report("Final-Recipient: rfc822; a@mill.test\nStatus: 5.2.2\nFinal-Recipient: rfc822; b@mill.test\nStatus: 5.1.1\n"))
	if b == nil || len(b.Reports) != 2 || b.Reports[0].Status == b.Reports[1].Status {
		t.Errorf("without an empty line between them: %+v", b)
	}
}

func TestProse(t *testing.T) {
	for name, c := range map[string]struct {
		mail  Mail
		class string
		want  []Report
	}{
		"postfix":  {system("Undelivered Mail Returned to Sender", "Your message could not be delivered.\n\n<dana@mill.test>: host mx.mill.test[192.0.2.1] said: 550 5.1.1 User\n    unknown (in reply to RCPT TO)\n"), "bounce", []Report{{"dana@mill.test", "5.1.1", "550", true}}},
		"exim":     {system("Mail delivery failed: returning message to sender", "The following address(es) failed:\n\n  dana@mill.test\n    host mx.test: 552 5.2.2 Mailbox full\n"), "bounce", []Report{{"dana@mill.test", "5.2.2", "552", false}}},
		"two":      {system("failure notice", "<a@mill.test>:\n550 5.1.1 no such user\n\n<b@mill.test>:\n552 5.2.2 over quota\n"), "bounce", []Report{{"a@mill.test", "5.1.1", "550", true}, {"b@mill.test", "5.2.2", "552", false}}},
		"sendmail": {system("Returned mail: User unknown", "   ----- Transcript of session follows -----\n550 <dana@mill.test>... User unknown\n"), "bounce", []Report{{"dana@mill.test", "", "550", true}}},
		"warning":  {system("Warning: could not send message for past 4 hours", "dana@mill.test: 451 4.3.0 try again\n\nThe server will keep trying.\n"), "delay", []Report{{"dana@mill.test", "4.3.0", "451", false}}},
		"named":    {system("Delivery Status Notification (Failure)", "There was an error delivering your mail to <dana@mill.test>.\nDNS lookup failure: host not found\n"), "bounce", []Report{{"dana@mill.test", "", "", true}}},
		"header":   {Mail{From: "mailer-daemon@mx.test", Subject: "Delivery failed", Failed: "dana@mill.test", Text: "The group does not exist."}, "bounce", []Report{{"dana@mill.test", "", "", true}}},
		"no path":  {Mail{From: "help@mx.test", Path: "<>", Subject: "Undeliverable: a talk", Text: "dana@mill.test is unknown"}, "bounce", []Report{{"dana@mill.test", "", "", true}}},
		"address":  {system("undeliverable", "dana@mill.test\n host 192.5.1.2 said: 550 no\n"), "bounce", []Report{{"dana@mill.test", "", "550", true}}},
	} {
		b := Read(c.mail)
		if b == nil || b.Class != c.class || !slices.Equal(b.Reports, c.want) {
			t.Errorf("%s: %+v, want %s %+v", name, b, c.class, c.want)
		}
	}
}

func TestPeoplesMailIsNoReport(t *testing.T) {
	for name, m := range map[string]Mail{
		"about one":   {From: "dana@mill.test", Subject: "Re: undeliverable mail", Text: "My mailbox is full: 552 5.2.2. Try dana@home.test"},
		"absence":     {From: "dana@mill.test", Path: "<>", Subject: "Automatic reply: a talk", Text: "I am out. Delivery delayed."},
		"postmaster":  {From: "postmaster@mill.test", Subject: "Hello", Text: "Tuesday works."},
		"an admin":    {From: "postmaster@mill.test", Subject: "Re: a talk", Text: "Sorry for the delay! Tuesday works."},
		"forwarding":  {From: "dana@mill.test", ContentType: "multipart/mixed", Subject: "Fwd: failure notice", Text: "See below.", Status: [][]byte{[]byte("Final-Recipient: rfc822; sam@home.test\nAction: failed\n")}},
		"no sender":   {Subject: "failure notice of the pump", Text: "It was not delivered."},
		"unsubscribe": {From: "dana@mill.test", Subject: "unsubscribe", Text: "Please."},
	} {
		if b := Read(m); b != nil {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestOriginalMessageID(t *testing.T) {
	const id = "q1@home.test"
	prose := "<dana@mill.test>: 550 5.1.1 user unknown\n\n"
	for name, m := range map[string]Mail{
		"returned mail":    {Returned: [][]byte{[]byte("Subject: x\r\nMessage-Id:\r\n <q1@home.test>\r\n\r\nMessage-ID: <other@x>")}},
		"status":           {Status: [][]byte{[]byte("Original-Message-ID: <q1@home.test>\n\nFinal-Recipient: rfc822;a@b.c\nAction: failed\n")}},
		"below a mark":     {Text: prose + "------ This is a copy of your message, including all the headers. ------\n\nMessage-ID: <q1@home.test>\n"},
		"below a trace":    {Text: prose + "Received:from x\nMessage-ID:<q1@home.test>\n"},
		"what it answers":  {Text: prose, Answers: id},
		"before the trace": {Text: "This report relates to a message:\n  Message-id: <q1@home.test>\n" + prose},
	} {
		m.From, m.Subject = "mailer-daemon@mx.test", "failure notice"
		if b := Read(m); b == nil || b.OriginalMessageID != id {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestComplaint(t *testing.T) {
	m := Mail{From: "fbl@isp.test", Feedback: [][]byte{[]byte("Feedback-Type: abuse\nOriginal-Rcpt-To: <dana@mill.test>\n")}, Returned: [][]byte{[]byte("Message-ID: <q1@home.test>\n")}}
	if b := Read(m); b.Class != "complaint" || b.Reports[0].Recipient != "dana@mill.test" || b.OriginalMessageID != "q1@home.test" {
		t.Errorf("%+v", b)
	}
	m.Feedback, m.Returned = [][]byte{[]byte("Feedback-Type: abuse\n")}, [][]byte{[]byte("To: Dana <dana@mill.test>\n")}
	if b := Read(m); b.Reports[0].Recipient != "dana@mill.test" {
		t.Errorf("%+v", b)
	}
	if b := Read(Mail{From: "dana@mill.test", Subject: "unsubscribe", Automatic: true}); b == nil || b.Class != "complaint" {
		t.Errorf("a mail program that opts out for its owner: %+v", b)
	}
}

// fuzzSeeds are the texts that FuzzRead begins with.
var fuzzSeeds = []string{
	"", "<dana@mill.test>: 550 5.1.1 user unknown", "Final-Recipient: rfc822;a@b\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: ;", "Original-Recipient: \n Final-Recipient:x",
	"a@b c@d\n----- Original message -----\nMessage-ID: <x@y>", "552 mailbox full\x00\xff", "Feedback-Type: abuse\nOriginal-Rcpt-To: <", ":\n:\n :\n",
}

func FuzzRead(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed, "failure notice")
	}
	f.Fuzz(func(t *testing.T, text, subject string) {
		part := [][]byte{[]byte(text)}
		for _, m := range []Mail{
			{From: "mailer-daemon@mx.test", Subject: subject, Text: text}, {From: "a@b", ContentType: "multipart/report", Status: part, Text: text, Returned: part}, {Feedback: part},
			{From: "dana@mill.test", Subject: subject, Text: text, Path: "<>"},
		} {
			b := Read(m)
			if b == nil {
				continue
			}
			if !slices.Contains([]string{"bounce", "delay", "complaint", "delivered"}, b.Class) || len(b.Reports) > mostReports || strings.ContainsAny(b.OriginalMessageID, "<> \n") {
				t.Errorf("%+v", b)
			}
		}
	})
}

func TestFuzzSeedsAreThere(t *testing.T) {
	if len(fuzzSeeds) != 8 {
		t.Errorf("%d seeds", len(fuzzSeeds))
	}
}
