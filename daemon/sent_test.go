package daemon

import (
	"testing"
	"time"

	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// TestRenamed: the provider's copy of a mail whose fate is unknown is found again under another Message-ID; what the owner
// writes afterwards in the same thread, with that mail quoted below, is a mail of its own.
func TestRenamed(t *testing.T) {
	t.Parallel()
	e := learntEngine(t, Account{}, nil)
	now := e.clock.Now()
	d := store.Draft{
		ID: "d", Person: "dana", Account: "main", State: store.Unknown, MessageID: "ours@home.test", InReplyTo: "hers@bigco.test", To: []string{"Dana Wu <dana@bigco.test>"},
		Subject: "Re: A question about your work", Text: "Tuesday at three is fine. I look forward to our talk.\n\nSam", Date: now,
	}
	if err := e.update(func(tx *store.Tx) error { return tx.PutDraft(d) }); err != nil {
		t.Fatal(err)
	}
	head := "From: <me@home.test>\r\nTo: <dana@bigco.test>\r\nSubject: " + d.Subject + "\r\nDate: " + now.Format(time.RFC1123Z) + "\r\nMessage-ID: <other@home.test>\r\n"
	for name, test := range map[string]struct {
		raw  string
		want bool
	}{
		"the copy":                     {head + "In-Reply-To: <hers@bigco.test>\r\n\r\n" + d.Text, true},
		"the copy, without its thread": {head + "\r\n" + d.Text, true},
		"the next mail":                {head + "In-Reply-To: <ours@home.test>\r\nReferences: <hers@bigco.test> <ours@home.test>\r\n\r\nIs four better?\r\n\r\n> " + d.Text, false},
		"another text":                 {head + "In-Reply-To: <hers@bigco.test>\r\n\r\nSorry, Tuesday is bad. Wednesday?", false},
	} {
		read := reading.Read([]byte(test.raw), reading.Context{Received: now})
		err := e.store.View(func(tx *store.Tx) error {
			_, got, err := e.renamed(tx, "dana", message{header: mailer.ParseHeader([]byte(test.raw)), to: []string{"dana@bigco.test"}}, read)
			if got != test.want {
				t.Errorf("%s: %v", name, got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
