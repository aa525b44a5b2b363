package reading

import (
	"strings"
	"testing"
)

// reply is a mail with a text, a header on top and what follows its new text.
func reply(head, text string) []byte {
	return []byte("From: Robin Ashby <robin@ashby.test>\nTo: Kim Lindqvist <kim@own.test>\nDate: Mon, 30 Nov 2026 10:00:00 -0500\nIn-Reply-To: <r@own.test>\n" +
		"Subject: Re: A few questions\nMIME-Version: 1.0\n" + head + "\n" + text + "\n")
}

const plainHead = "Content-Type: text/plain; charset=utf-8\n"

// What stands against a yes, and whose yes it is.
func TestContrast(t *testing.T) {
	for text, want := range map[string]Intent{
		"I'd be happy to talk, but I'm swamped.":                               Decline,
		"I'm swamped, but I'd be happy to talk.":                               Accept,
		"I usually decline these, but for you I'm in.":                         Accept,
		"I can't do Tuesday, but happy to talk.":                               Accept,
		"Ok. No.":                                                              Unsure,
		"I'm too busy. Leon Katz would be happy to talk: lkatz@firm.test":      DeclineWithReferral,
		"Before I agree to talk, who are you?":                                 CounterQuestion,
		"If I were less busy I would be happy to help. Sorry, I have to pass.": Decline,
	} {
		if r := Read(reply(plainHead, text), Context{}); r.Intent != want {
			t.Errorf("%q: %s (%s), want %s", text, r.Intent, because(r), want)
		}
	}
}

func TestPhone(t *testing.T) {
	for text, want := range map[string]string{
		"Sure, Tuesday at 2pm. Call me at (617) 555-0141.":                           "(617) 555-0141",
		"Gladly. My number is +49 30 5550141-2, mornings are best.":                  "+49 30 5550141-2",
		"Happy to talk. The line below reaches me.\n\n-- \nRobin\nTel. 617-555-0142": "617-555-0142",
		"Happy to talk, just propose a time.\n\n-- \nRobin\nTel. 617-555-0142":       "",
		"I can't, but try Ada Lowe. Her number is 617-555-0143.":                     "",
		"Sure, call me. My reference number is 2026-12-0881.":                        "",
		"Sure, Tuesday at 2pm. The plate on the pump says 617-555-0149.":             "",
		"Yes! Call me on 2026-12-03.":                                                "",
	} {
		if r := Read(reply(plainHead, text), Context{}); r.Phone != want {
			t.Errorf("%q: %q, want %q", text, r.Phone, want)
		}
	}
}

func TestLink(t *testing.T) {
	const wrapped = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fcalendly.com%2Fada%2F30min&data=05"
	for text, want := range map[string]string{
		"Happy to, book here: https://calendly.com/ada/30min.":                               "https://calendly.com/ada/30min",
		"Happy to, book here: " + wrapped:                                                    "https://calendly.com/ada/30min",
		"Sure. Pick a slot on my page: https://meet.ada.test/book/kim":                       "https://meet.ada.test/book/kim",
		"Sure, see https://ada.test/about for what I do.":                                    "",
		"Sure. We meet at https://zoom.us/j/123456789.":                                      "",
		"Sure, when?\n\n-- \nAda\nhttps://calendly.com/ada/30min":                            "",
		"Sure, the booking link is in my signature.\n\n-- \nAda\nhttps://calendly.com/ada/1": "https://calendly.com/ada/1",
	} {
		if r := Read(reply(plainHead, text), Context{}); r.Link != want {
			t.Errorf("%q: %q, want %q", text, r.Link, want)
		}
	}
	html := `<p>Yes! <a href="https://calendly.com/ada/30min?a=1&amp;b=2">Grab a <b>slot</b></a></p><div>--&nbsp;<br><a href="https://calendly.com/ada/other">me</a></div>`
	if r := Read(reply("Content-Type: text/html; charset=utf-8\n", html), Context{}); r.Link != "https://calendly.com/ada/30min?a=1&b=2" || r.Intent != ProposeLink {
		t.Errorf("%s %q", r.Intent, r.Link)
	}
}

func TestReturnDate(t *testing.T) {
	for text, want := range map[string]string{
		"I am out of the office until Monday, December 7.":                "2026-12-07",
		"I am out of the office through Friday, December 11.":             "2026-12-14", // the weekend is skipped
		"On vacation until December 10 inclusive.":                        "2026-12-11",
		"Away December 1-11, no access to email.":                         "2026-12-14",
		"I'm away, back at work on January 4.":                            "2027-01-04",
		"Ich bin im Urlaub und ab 14. Dezember wieder im Büro.":           "2026-12-14",
		"Je suis absent jusqu'au 9 décembre.":                             "2026-12-10",
		"Estoy de vacaciones hasta el 7 de enero, cuando me reincorporo.": "2027-01-07",
		"Estou de férias até 17 de dezembro, inclusive.":                  "2026-12-18",
		"I am on parental leave and not reading mail.":                    "",
	} {
		r := Read(reply("Auto-Submitted: auto-replied\n"+plainHead, text), Context{})
		if r.ReturnDate != want || r.Intent != OutOfOffice {
			t.Errorf("%q: %s %q, want %q", text, r.Intent, r.ReturnDate, want)
		}
	}
}

func TestAskAgain(t *testing.T) {
	for text, want := range map[string]string{
		"Ask me again in March.":                             "2027-03-01",
		"Please write again in mid-February.":                "2027-02-15",
		"Ping me again in two weeks.":                        "2026-12-14",
		"Nudge me a fortnight from today.":                   "2026-12-14",
		"Write again in the second week of January, please.": "2027-01-11",
		"Circle back on or after February 1.":                "2027-02-01",
		"Circle back after the 13th.":                        "2026-12-14",
		"Try me again next quarter.":                         "2027-01-01",
		"Check back with me in the new year.":                "2027-01-01",
		"Try me again in the spring.":                        "2027-03-01",
		"Escríbame de nuevo después del 9 de enero.":         "2027-01-10",
		"Melden Sie sich bitte im April noch einmal.":        "2027-04-01",
		"Ask me again some other time.":                      "",
	} {
		if r := Read(reply(plainHead, text), Context{}); r.ReturnDate != want || r.Intent != Later {
			t.Errorf("%q: %s %q, want %q", text, r.Intent, r.ReturnDate, want)
		}
	}
}

func TestPeople(t *testing.T) {
	for text, want := range map[string]string{
		"Not my field, talk to Dr. Ada Lowe (ada@lowe.test).":                  "Ada Lowe <ada@lowe.test> referral",
		"I can't. Try my colleague Ada\nLowe, or write to info@lowe.test.":     "Ada <> referral", // a list's lines are not one name; a function is nobody
		"You should talk to Ada Lowe. Tell her Ben Hale sent you.":             "Ada Lowe <> referral",
		"I can't, sorry. Write to ada.lowe@firm.test, Ada Lowe leads that.":    "Ada Lowe <ada.lowe@firm.test> referral",
		"I can't, but at Acme Tools in New York they may help.":                "",
		"No time. You want to speak with Jean van der Berg: jvdb@firm.test":    "Jean van der Berg <jvdb@firm.test> referral",
		"Leider nein. Fragen Sie meine Kollegin Jutta Brenner (jb@pegel.test)": "Jutta Brenner <jb@pegel.test> referral",
	} {
		r := Read(reply(plainHead, text), Context{})
		var all []string
		for _, p := range r.People {
			all = append(all, p.Name+" <"+p.Email+"> "+p.Role)
		}
		if got := strings.Join(all, ", "); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// An assistant who is copied to find a time is no introduction.
func TestAssistant(t *testing.T) {
	r := Read(reply("Cc: Jo Park <jo@ashby.test>\n"+plainHead, "Happy to talk! I'm copying my assistant Jo, who will find us a time."), Context{})
	if r.Intent != Accept || len(r.People) != 1 || r.People[0] != (Person{Name: "Jo Park", Email: "jo@ashby.test", Role: "assistant"}) {
		t.Errorf("%s %+v", r.Intent, r.People)
	}
}

// "The second one" is what the quote offered, where the Context does not say.
func TestPicksFromTheQuote(t *testing.T) {
	text := "The second one works.\n\nOn Sun, Nov 29, 2026 at 9:00 AM Kim Lindqvist <kim@own.test> wrote:\n> Could you do Tuesday, December 8 at 10am, or Wednesday, December 9 at 3pm?"
	r := Read(reply(plainHead, text), Context{})
	if r.Intent != AcceptWithTimes || len(r.Times) != 1 || r.Times[0].Start.Format("01-02 15:04") != "12-09 15:00" {
		t.Errorf("%s %+v", r.Intent, r.Times)
	}
}
