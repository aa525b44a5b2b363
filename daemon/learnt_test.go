package daemon

import (
	"log/slog"
	"testing"
	"time"

	"introd/mailer"
	"introd/store"
)

// learntEngine is an engine that has learnt facts of its one account, on records in memory.
func learntEngine(t *testing.T, a Account, facts map[string]store.Fact) *Engine {
	t.Helper()
	s, err := store.Open("", store.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	a.Name = "main"
	e := New(Options{Settings: Settings{Owner: Owner{Zone: time.UTC}, Accounts: []Account{a}}, Store: s, Clock: System(), Log: slog.New(slog.DiscardHandler)})
	if err := e.update(func(tx *store.Tx) error { return tx.PutLearnt(store.Learnt{Account: "main", Facts: facts}) }); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestFilesSent: the owner's word comes first, then what a mail has shown, then the table of providers.
func TestFilesSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config, host, value, how string
		want                     bool
	}{
		"nobody knows":          {"auto", "mail.home.test", "", "", false},
		"the table":             {"auto", "smtp.gmail.com", "", "", true},
		"a mail":                {"auto", "mail.home.test", "yes", howLetter, true},
		"a mail, not the table": {"auto", "smtp.gmail.com", "no", howLetter, false},
		"the owner":             {"no", "smtp.gmail.com", "yes", howLetter, false},
		"the owner says yes":    {"yes", "mail.home.test", "no", howLetter, true},
		"what the config was":   {"auto", "mail.home.test", "yes", howConfig, false},
	} {
		a := Account{Account: mailer.Account{Address: "sam@home.test", SMTP: mailer.Server{Host: test.host}}, FilesSent: test.config}
		e := learntEngine(t, a, map[string]store.Fact{factFilesSent: {Value: test.value, How: test.how}})
		if err := e.store.View(func(tx *store.Tx) error {
			got, err := e.filesSent(tx, e.home())
			if got != test.want {
				t.Errorf("%s: %v", name, got)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
}

// TestP6_MovesOff: where mail addressed to introd's folder lies there unchanged, moves decide nothing and are not offered.
func TestP6_MovesOff(t *testing.T) {
	t.Parallel()
	folders := []mailer.Folder{{Name: "INBOX", Role: mailer.RoleInbox}, {Name: "introd-send-1", Role: mailer.RoleSend}, {Name: "introd-drop-1", Role: mailer.RoleDrop}, {Name: "Drafts", Role: mailer.RoleDrafts}}
	for value, want := range map[string]bool{"": true, "elsewhere": true, valueFolder: true, "unchanged": false} {
		e := learntEngine(t, Account{}, map[string]store.Fact{factPlusOwn: {Value: value, How: howLetter}})
		if err := e.boxes[0].takeFolders(folders); err != nil {
			t.Fatal(err)
		}
		_, sends := e.boxes[0].folders[mailer.RoleSend]
		_, drops := e.boxes[0].folders[mailer.RoleDrop]
		if sends != want || drops != want {
			t.Errorf("mail to introd's folder %q: moves count %v, %v", value, sends, drops)
		}
	}
}

// TestConclude: what the places in which a letter turned up say, and when they say nothing yet.
func TestConclude(t *testing.T) {
	t.Parallel()
	sent, traced, inbox, own := letterCopy{role: mailer.RoleSent, id: "1@x"}, letterCopy{role: mailer.RoleSent, id: "1@x", traced: true}, letterCopy{role: mailer.RoleInbox, id: "1@x"}, letterCopy{role: mailer.RoleSend, id: "1@x", sum: "s", traced: true}
	bare, renamed := own, inbox
	bare.sum, renamed.id = "sum", "2@x"
	soon, settled, late := time.Second, letterSettles, letterLost
	for _, test := range []struct {
		name, purpose, filesSent string
		copies                   []letterCopy
		age                      time.Duration
		what, want               string // "" is that nothing is known yet
	}{
		{"nothing yet", letterSelf, "", nil, settled, factFilesSent, ""},
		{"not filed yet", letterSelf, "", []letterCopy{inbox}, soon, factFilesSent, ""},
		{"not filed", letterSelf, "", []letterCopy{inbox}, settled, factFilesSent, "no"},
		{"filed, not come yet", letterSelf, "", []letterCopy{sent}, soon, factFilesSent, ""},
		{"filed, comes nowhere", letterSelf, "", []letterCopy{sent}, settled, factFilesSent, "yes"},
		{"both", letterSelf, "", []letterCopy{inbox, sent}, soon, factFilesSent, "yes"},
		{"kept", letterSelf, "", []letterCopy{inbox, sent}, soon, factMessageID, "kept"},
		{"replaced", letterSelf, "", []letterCopy{renamed, sent}, soon, factMessageID, "replaced"},
		{"delivered into Sent", letterPlusSent, "", []letterCopy{traced}, soon, factPlusSent, valueFolder},
		{"without a trace, where nothing is filed", letterPlusSent, "no", []letterCopy{sent}, soon, factPlusSent, valueFolder},
		{"beside the filed one", letterPlusSent, "yes", []letterCopy{sent, sent}, soon, factPlusSent, valueFolder},
		{"the filed one alone", letterPlusSent, "yes", []letterCopy{sent}, settled, factPlusSent, ""},
		{"the filed one, and INBOX", letterPlusSent, "yes", []letterCopy{sent, inbox}, soon, factPlusSent, "elsewhere"},
		{"INBOX, the filed one may come", letterPlusSent, "", []letterCopy{inbox}, soon, factPlusSent, ""},
		{"INBOX", letterPlusSent, "", []letterCopy{inbox}, settled, factPlusSent, "elsewhere"},
		{"nowhere", letterPlusSent, "yes", []letterCopy{sent}, late, factPlusSent, valueLost},
		{"in Sent, and nobody knows whose", letterPlusSent, "", []letterCopy{sent}, late, factPlusSent, valueFolder},
		{"introd's folder", letterPlusOwn, "no", []letterCopy{own}, settled, factPlusOwn, valueFolder},
		{"introd's folder, unchanged", letterPlusOwn, "no", []letterCopy{bare}, settled, factPlusOwn, "unchanged"},
	} {
		c := &checkup{e: &Engine{clock: System()}, learnt: store.Learnt{Facts: map[string]store.Fact{}}}
		if test.filesSent != "" {
			c.learnt.Facts[factFilesSent] = store.Fact{Value: test.filesSent, How: howLetter}
		}
		done := c.conclude(store.Letter{MessageID: "1@x", Purpose: test.purpose, SHA256: "sum", Out: true}, test.copies, test.age)
		if got := c.learnt.Facts[test.what].Value; got != test.want || done != (test.want != "") {
			t.Errorf("%s: %q, %v, and not %q", test.name, got, done, test.want)
		}
	}
}
