package reading

import (
	"strings"
	"testing"
)

// plainMail is a mail with a body of plain text from Dana Ruiz to Sam Rivera.
func plainMail(body string) []byte {
	return mailWith("Content-Type: text/plain; charset=utf-8", body)
}

func htmlMail(body string) []byte {
	return mailWith("Content-Type: text/html; charset=utf-8", body)
}

// mailWith is a mail with more header lines, each without its line end.
func mailWith(header, body string) []byte {
	return []byte(strings.ReplaceAll("From: Dana Ruiz <dana@mill.test>\nTo: Sam Rivera <sam@home.test>\nSubject: Re: a talk\nDate: Tue, 1 Dec 2026 10:12:00 -0500\n"+
		"Message-ID: <r1@mill.test>\nIn-Reply-To: <q1@home.test>\nMIME-Version: 1.0\n"+header+"\n\n"+body, "\n", "\r\n"))
}

// older is what Sam wrote, as it is quoted.
const older = "> Could we talk for twenty minutes?\n> Sam\n"

func TestNewTextAboveQuoteHeaders(t *testing.T) {
	for name, header := range map[string]string{
		"gmail":               "On Mon, Nov 30, 2026 at 3:21 PM Sam Rivera <sam@home.test> wrote:",
		"gmail, wrapped":      "On Mon, Nov 30, 2026 at 3:21 PM Sam Rivera <sam@home.test>\nwrote:",
		"gmail, wrapped more": "On Mon, Nov 30, 2026 at 3:21 PM Sam Rivera <\nsam@home.test> wrote:",
		"apple":               "On Nov 30, 2026, at 15:21, Sam Rivera <sam@home.test> wrote:",
		"yahoo":               "    On Monday, November 30, 2026 at 03:21:00 PM EST, Sam Rivera <sam@home.test> wrote:",
		"proton":              "On Monday, November 30th, 2026 at 3:21 PM, Sam Rivera <sam@home.test> wrote:",
		"thunderbird":         "On 30/11/2026 15:21, Sam Rivera wrote:",
		"mutt":                "On Mon, Nov 30, 2026 at 03:21:52PM -0500, Sam Rivera wrote:",
		"gnus":                "Sam Rivera <sam@home.test> writes:",
		"name only":           "Sam Rivera wrote:",
		"zoho":                "---- On Mon, 30 Nov 2026 15:21:00 -0500 Sam Rivera <sam@home.test> wrote ----",
		"android":             "---- Sam Rivera wrote ----",
		"german":              "Am Mo., 30. Nov. 2026 um 15:21 Uhr schrieb Sam Rivera <sam@home.test>:",
		"german, wrapped":     "Am 30.11.2026 15:21 schrieb \"Sam Rivera\" <sam@home.test\n>:",
		"german, late date":   "Sam Rivera <sam@home.test> schrieb am Mo., 30. Nov. 2026, 15:21:",
		"french":              "Le lun. 30 nov. 2026 à 15:21, Sam Rivera <sam@home.test> a écrit :",
		"spanish":             "El lun, 30 nov 2026 a las 15:21, Sam Rivera (<sam@home.test>) escribió:",
		"portuguese":          "Em seg., 30 de nov. de 2026 às 15:21, Sam Rivera <sam@home.test> escreveu:",
		"italian":             "Il giorno lun 30 nov 2026 alle ore 15:21 Sam Rivera <sam@home.test> ha scritto:",
		"dutch":               "Op ma 30 nov. 2026 om 15:21 schreef Sam Rivera <sam@home.test>:",
		"danish":              "Den man. 30. nov. 2026 kl. 15.21 skrev Sam Rivera <sam@home.test>:",
		"polish":              "pon., 30 lis 2026 o 15:21 Sam Rivera <sam@home.test> napisał(a):",
		"czech":               "Dne po 30. 11. 2026 15:21 Sam Rivera <sam@home.test> napsal(a):",
		"finnish":             "Sam Rivera <sam@home.test> kirjoitti 30.11.2026 klo 15.21:",
		"russian":             "30.11.2026 15:21 пользователь \"Sam Rivera\" <sam@home.test> написал:",
		"turkish":             "30 Kas 2026 Pzt 15:21 tarihinde Sam Rivera <sam@home.test> şunları yazdı:",
		"japanese":            "2026年11月30日(月) 15:21 Sam Rivera <sam@home.test>:",
		"chinese":             "Sam Rivera <sam@home.test> 于2026年11月30日周一 15:21写道：",
		"norwegian":           "man. 30. nov. 2026 kl. 15:21 skrev Sam Rivera <sam@home.test>:",
		"hungarian":           "Sam Rivera <sam@home.test> ezt írta (időpont: 2026. nov. 30., H, 15:21):",
		"ukrainian":           "пн, 30 лист. 2026 р. о 15:21 Sam Rivera <sam@home.test> пише:",
		"korean":              "2026년 11월 30일 (월) 오후 3:21, Sam Rivera <sam@home.test>님이 작성:",
		"hebrew":              "\u202bבתאריך יום ב׳, 30 בנוב׳ 2026 ב-15:21 מאת \u202aSam Rivera\u202c\u200f <\u202asam@home.test\u202c\u200f>:\u202c",
		"vietnamese":          "Vào Th 2, 30 thg 11, 2026 vào lúc 15:21 Sam Rivera <sam@home.test> đã viết:",
		"eudora":              "At 11/30/2026 03:21 PM, you wrote:",
		"no verb":             "2026-11-30 15:21 GMT-05:00 Sam Rivera <sam@home.test>:",
		"no verb, no address": "2026-11-30 15:21 GMT-05:00 Sam Rivera",
	} {
		got := Read(plainMail("Hello Sam,\n\nTuesday works.\n\n"+header+"\n\n"+older), Context{}).NewText
		if want := "Hello Sam,\n\nTuesday works."; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestNewTextAboveUnmarkedMail(t *testing.T) {
	for name, header := range map[string]string{
		"outlook":       "From: Sam Rivera <sam@home.test>\nSent: Monday, November 30, 2026 3:21 PM\nTo: Dana Ruiz <dana@mill.test>\nSubject: A talk",
		"outlook rule":  "________________________________\nFrom: Sam Rivera <sam@home.test>\nSent: Monday, November 30, 2026 3:21 PM\nTo: Dana Ruiz",
		"bold":          " ------------------------------\n\n*From:* Sam Rivera\n*Sent:* 2026-11-30\n*To:* Dana Ruiz\n*Subject:* A talk",
		"spread":        "From: Sam Rivera <sam@home.test>\n\nSent: Monday, November 30, 2026 3:21 PM\n\nTo: Dana Ruiz\n\nSubject: A talk",
		"german":        "Von: Sam Rivera <sam@home.test>\nGesendet: Montag, 30. November 2026 15:21\nAn: Dana Ruiz\nBetreff: Ein Gespräch",
		"french":        "De : Sam Rivera <sam@home.test>\nEnvoyé le : lundi 30 novembre 2026 15:21\nÀ : Dana Ruiz\nObjet : Un entretien",
		"spanish":       "De: Sam Rivera <sam@home.test>\nEnviado el: lunes, 30 de noviembre de 2026 15:21\nPara: Dana Ruiz\nAsunto: Una charla",
		"russian":       "От: Sam Rivera\nОтправлено: 30 ноября 2026 г. 15:21\nКому: Dana Ruiz",
		"original":      "-----Original Message-----\nFrom: Sam Rivera",
		"original, de":  "-----Ursprüngliche Nachricht-----\nVon: Sam Rivera",
		"samsung":       "-------- Original message --------\nFrom: Sam Rivera <sam@home.test>",
		"lotus":         "----- Forwarded by Dana Ruiz/MILL on 11/30/2026 -----",
		"apple forward": "Begin forwarded message:\n\nFrom: Sam Rivera <sam@home.test>\nSubject: A talk\nDate: November 30, 2026 at 3:21 PM",
		"ticket":        "## Please write your reply above this line ##",
		"no marks":      "On Mon, Nov 30, 2026 at 3:21 PM Sam Rivera <sam@home.test> wrote:",
	} {
		got := Read(plainMail("Tuesday works.\n\n"+header+"\n\nCould we talk for twenty minutes?\n\nSam\n"), Context{}).NewText
		if want := "Tuesday works."; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// What people write stays, whatever it looks like.
func TestNewTextLosesNothing(t *testing.T) {
	for _, body := range []string{
		"On Tuesday at 3:30 I can talk.\nOn Wednesday I cannot.",
		"On 12/08/2026 at 3:00 PM works, and I'd ask Bob <bob@mill.test> to join.",
		"As you wrote: it depends.\n\nI see three points:\n\nfirst, the hours.",
		"On Dec 3, 2026 at 4:30 I wrote to bob@mill.test:\n\nplease come.",
		"Yes.\n\nPlease note: my work there is confidential.",
		"From: 3pm\nTo: 5pm\nDate: any Tuesday",
		"2026-12-08 15:00 GMT-05:00 works",
		">>> Read this first <<<\nThen call me.",
		"Two people who would say yes:\n\nDarragh Whelan - darragh@glass.test\nAyumi Post - ayumi@flame.test",
		"Here is how to reach me:\n\n212-555-0100\nhttps://cal.test/dana",
		"Thanks,\nDana\n\nTuesday at 3 works for me",
		"Thanks,\nDana\nTuesday 3pm",
		"Yes.\n\nDana Ruiz\nTuesday 3pm",
		"Regards,\nDana Ruiz\n\nP.S. Call me: 212-555-0100",
		"Which of these?\n- Tuesday",
		"Please stop.\n\nUnsubscribe me",
		"This message is to confirm Tuesday.\n\nThis message was hard to write",
		"Attention: the link in your mail is broken.\n\nCould you send it again?",
		"I can't. My work is confidential and privileged, and I may not disclose it to an addressee outside, I am told.",
		"Yes.\n\n-----\n\nAs for your other question, I started in 1999 and never looked back.",
		"Yes.\n\nEnviado por correo ayer.",
		"Yes.\n\nSent from the office by my boss?",
		"Will do 👍",
		":)",
	} {
		if got := Read(plainMail(body), Context{}).NewText; got != body {
			t.Errorf("%q became %q", body, got)
		}
	}
}

func TestNewTextKeepsAnswersInOrder(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"between": {"Hi Sam,\n\nOn Mon, Nov 30, 2026 at 3:21 PM Sam Rivera <sam@home.test> wrote:\n> Could we talk?\n\nYes.\n\n> When?\n\nTuesday at 3.\n\n> Sam\n\nDana", "Hi Sam,\n\nYes.\n\nTuesday at 3.\n\nDana"},
		"below":   {"On 30/11/2026 15:21, Sam Rivera wrote:\n" + older + "\nTuesday at 3.\n\n-- \nDana Ruiz\nMill\n", "Tuesday at 3."},
		"tight":   {"> Could we talk?\nYes.\n> When?\nTuesday at 3.\n", "Yes.\n\nTuesday at 3."},
		"wrapped": {"Yes.\n\n> [Ticket #50] a question\n> View it (http://desk.test/action\n_nonce=3dd518)\n>\n", "Yes."},
		"device":  {"See below.\n\nSent from my iPhone\n\nOn Nov 30, 2026, at 15:21, Sam Rivera <sam@home.test> wrote:\n> When?\n\nTuesday at 3.\n", "See below.\n\nTuesday at 3."},
		"list":    {"Fine.\n\nOn 30/11/2026 15:21, Sam Rivera wrote:\n" + older + "\n_______________________________________________\ntalk mailing list\ntalk@lists.test\nhttps://lists.test/talk\n", "Fine."},
	} {
		if got := Read(plainMail(c.body), Context{}).NewText; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNewTextWithoutFooters(t *testing.T) {
	const text = "Tuesday works."
	for name, footer := range map[string]string{
		"delimiter":    "-- \nDana Ruiz\nHead of Milling, who never sleeps.",
		"iphone":       "Sent from my iPhone",
		"outlook ios":  "Get Outlook for iOS",
		"proton":       "Sent with Proton Mail secure email.",
		"two devices":  "Sent wirelessly from my BlackBerry device.\nEnvoyé sans fil par mon terminal mobile.",
		"german":       "Von meinem iPhone gesendet",
		"spanish":      "Enviado desde mi iPhone",
		"dashed name":  "-dana",
		"rules":        "****\n____",
		"full name":    "Dana Ruiz\nHead of Milling\nMill & Sons, 6 Tannery Lane",
		"initial":      "D. Ruiz\nHead of Milling\n212-555-0100",
		"short line":   "---\nDana",
		"with regards": "Kind regards,\n\nSomebody Else\nHead of Milling\n212-555-0100",
		"columns":      "Mill & Sons | 6 Tannery Lane | 212-555-0100",
		"notice":       "CONFIDENTIALITY NOTICE: this message is for you.",
		"legal":        "This e-mail and any files are confidential and intended solely for the addressee.",
		"starred":      "*****************\nThis e-mail and any attachments are confidential.\n\nPlease tell us if you received it in error.\n*****************",
		"german legal": "Diese E-Mail enthält vertrauliche Informationen.",
		"trees":        "Please consider the environment before printing this mail.",
		"preferences":  "Manage preferences | Unsubscribe | 5 Battery Place, New York",
		"all of it":    "Sent from my iPhone\n\n-- \nDana Ruiz\n\nThis e-mail is confidential.",
	} {
		if got := Read(plainMail(text+"\n\n"+footer+"\n"), Context{}).NewText; got != text {
			t.Errorf("%s: %q, want %q", name, got, text)
		}
	}
	warned := "[EXTERNAL] This message came from outside the Mill. Do not click links.\n\n" + text
	if got := Read(plainMail(warned), Context{}).NewText; got != text {
		t.Errorf("with a warning above: %q, want %q", got, text)
	}
	armored := "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + text + "\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"
	if got := Read(plainMail(armored), Context{}).NewText; got != text {
		t.Errorf("signed with OpenPGP: %q, want %q", got, text)
	}
}

func TestSignOffStays(t *testing.T) {
	for _, body := range []string{"Tuesday works.\n\nBest,\nDana", "Tuesday works.\n\nDana", "Tuesday works.\n\nThank you\nDana Ruiz", "Thanks,\nDana"} {
		if got := Read(plainMail(body), Context{}).NewText; got != body {
			t.Errorf("%q became %q", body, got)
		}
	}
}

func TestUnflow(t *testing.T) {
	for _, c := range []struct {
		delSp      bool
		text, want string
	}{
		{false, "one \ntwo \nthree\nfour\n", "one two three\nfour\n"},
		{true, "one \ntwo\n", "onetwo\n"},
		{false, "> one \n> two\nthree", "> one two\nthree"},
		{false, "> one \nthree", "> one \nthree"},
		{false, " >from here\n-- \nDana", ">from here\n-- \nDana"},
		{false, ">> deep \n> less", ">> deep \n> less"},
	} {
		if got := unflow(c.text, c.delSp); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}
