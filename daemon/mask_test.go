package daemon

import (
	"testing"

	"introd/mailer"
)

// TestP9_Mask: whole words go, parts of other words stay, and what stands for a word is never masked itself.
func TestP9_Mask(t *testing.T) {
	t.Parallel()
	e := &Engine{Settings: Settings{Owner: Owner{Name: "May Riverton"}, Accounts: []Account{
		{Account: mailer.Account{
			Address: "user@riverton.test", IMAP: mailer.Server{Host: "mail.riverton.test", User: "user@riverton.test"}, SMTP: mailer.Server{Host: "smtp.gmail.com", User: "may"},
		}},
		{Account: mailer.Account{Address: "mr@school.test", IMAP: mailer.Server{Host: "203.0.113.9", User: "mr"}, SMTP: mailer.Server{Host: "127.0.0.1", User: "mr"}}},
	}}}
	m := e.newMask()
	m.folder(mailer.Folder{Name: "Work"})
	for text, want := range map[string]string{
		"there is no server named mail.riverton.test; check the host name": "there is no server named <imap.host>; check the host name",
		"lookup smtp.gmail.com on 192.0.2.53:53":                           "lookup smtp.gmail.com on <number of a server>:53",
		"nothing answers at 127.0.0.1:1, version 2.3.19":                   "nothing answers at 127.0.0.1:1, version 2.3.19",
		"no such user: user, says <USER@riverton.test>":                    "no such <user>: <user>, says <<imap.user>>",
		"the users of riverton.test may work":                              "the users of <domain> <smtp.user> <folder 1>",
		"Riverton; <x.y+z@other.test>; mailto:a@b.test,c@d.test":           "<owner>; <<address>>; mailto:<address>,<address>",
		"signing in at 203.0.113.9 as mr, mrs and MR.":                     "signing in at <imap.host 2> as <imap.user 2>, mrs and <imap.user 2>.",
		"Worker at Work/Bills in Übung":                                    "Worker at <folder 1>/Bills in Übung",
	} {
		if got := m.hide(text); got != want {
			t.Errorf("%q\nbecomes %q\nand not %q", text, got, want)
		}
	}
	for _, test := range []struct{ name, want string }{
		{"Sent", "Sent"}, {"[Gmail]/Gesendet", "[Gmail]/Gesendet"}, {"INBOX.Éléments envoyés", "INBOX.Éléments envoyés"}, {"introd-send-7f3a", "introd-send-…"},
		{"Divorce/Sent", "<folder 2>"}, {"Work", "<folder 1>"}, {"Divorce", "<folder 3>"},
	} {
		if got := m.folder(mailer.Folder{Name: test.name}); got != test.want {
			t.Errorf("folder %q is called %q and not %q", test.name, got, test.want)
		}
	}
	if got := m.hide("opening folder introd-send-7f3a: Divorce/Sent"); got != "opening folder introd-send-…: <folder 2>" {
		t.Errorf("folders in a sentence become %q", got)
	}
}
