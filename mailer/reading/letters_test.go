package reading

import (
	"cmp"
	"fmt"
	"html"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// example is a reply of testdata/letters-*.txt with what a careful person reads from it.
type example struct {
	line   int
	intent Intent
	alt    []string // intents that are defensible as well
	lang   string
	text   string
	want   map[string]string // people, times, phone, link, back
	from   string            // "": Robin
	cc     string
	quote  string // the mail program that quotes, or ""
	auto   bool
}

// examples reads a file of letters; its own head says what its form is.
func examples(t testing.TB, name string) []example {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for n, line := range strings.Split(string(raw), "\n") {
		if head, ok := strings.CutPrefix(line, "%% "); ok {
			all = append(all, exampleOf(n+1, head))
		} else if len(all) > 0 {
			all[len(all)-1].text += line + "\n"
		}
	}
	return all
}

// exampleOf reads the head of a letter.
func exampleOf(line int, head string) example {
	fields := strings.Split(head, ";")
	intent, lang, _ := strings.Cut(strings.TrimSpace(fields[0]), " ")
	e := example{line: line, intent: Intent(intent), lang: lang, want: map[string]string{}}
	for _, field := range fields[1:] {
		key, value, _ := strings.Cut(strings.TrimSpace(field), ": ")
		switch key {
		case "auto":
			e.auto = true
		case "cc":
			e.cc = value
		case "from":
			e.from = value
		case "quote":
			e.quote = value
		case "alt":
			e.alt = strings.Split(value, ", ")
		default:
			e.want[key] = value
		}
	}
	return e
}

func (e example) mail() []byte {
	var b strings.Builder
	b.WriteString("From: " + cmp.Or(e.from, "Robin Ashby <robin@ashby.test>") + "\r\nTo: Kim Lindqvist <kim@own.test>\r\n")
	if e.cc != "" {
		b.WriteString("Cc: " + e.cc + "\r\n")
	}
	if e.auto {
		b.WriteString("Auto-Submitted: auto-replied\r\n")
	}
	text := strings.TrimSpace(e.text)
	media := "plain"
	if client, ok := strings.CutSuffix(e.quote, "-html"); ok {
		media, text = "html", quotedHTML(client, text)
	} else if e.quote != "" {
		text = belowText(e.quote, e.lang, text)
	}
	b.WriteString("Date: Mon, 30 Nov 2026 10:00:00 -0500\r\nMessage-ID: <1@ashby.test>\r\nIn-Reply-To: <r@own.test>\r\nSubject: Re: A few questions\r\n")
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/" + media + "; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
	b.WriteString(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n")
	return []byte(b.String())
}

// asked is the letter of Kim that is quoted.
const asked = "Dear Robin,\n\nI am a student and read your work with joy. Would you have twenty minutes for an informational interview?\n" +
	"I could do Tuesday, December 8 at 10am or Thursday, December 10 at 3pm.\n\nKind regards,\nKim Lindqvist"

// belowText is a plain text with asked below it, as a mail program quotes it.
func belowText(client, lang, text string) string {
	marked := "> " + strings.ReplaceAll(asked, "\n", "\n> ")
	gmail := map[string]string{
		"en": "On Sun, Nov 29, 2026 at 3:21 PM Kim Lindqvist <kim@own.test> wrote:",
		"de": "Am So., 29. Nov. 2026 um 15:21 Uhr schrieb Kim Lindqvist <kim@own.test>:",
		"es": "El dom, 29 nov 2026 a las 15:21, Kim Lindqvist (<kim@own.test>) escribió:",
		"fr": "Le dim. 29 nov. 2026 à 15:21, Kim Lindqvist <kim@own.test> a écrit :",
		"pt": "Em dom., 29 de nov. de 2026 às 15:21, Kim Lindqvist <kim@own.test> escreveu:",
	}
	iphone := map[string][2]string{
		"en": {"Sent from my iPhone", "> On Nov 29, 2026, at 3:21 PM, Kim Lindqvist <kim@own.test> wrote:"},
		"de": {"Von meinem iPhone gesendet", "> Am 29.11.2026 um 15:21 schrieb Kim Lindqvist <kim@own.test>:"},
		"es": {"Enviado desde mi iPhone", "> El 29 nov 2026, a las 15:21, Kim Lindqvist <kim@own.test> escribió:"},
		"fr": {"Envoyé de mon iPhone", "> Le 29 nov. 2026 à 15:21, Kim Lindqvist <kim@own.test> a écrit :"},
		"pt": {"Enviado do meu iPhone", "> No dia 29 de nov. de 2026, às 15:21, Kim Lindqvist <kim@own.test> escreveu:"},
	}
	outlook := map[string]string{
		"en": "From: %s\nSent: Sunday, November 29, 2026 3:21 PM\nTo: Robin Ashby <robin@ashby.test>\nSubject: A few questions",
		"de": "Von: %s\nGesendet: Sonntag, 29. November 2026 15:21\nAn: Robin Ashby <robin@ashby.test>\nBetreff: A few questions",
		"es": "De: %s\nEnviado el: domingo, 29 de noviembre de 2026 15:21\nPara: Robin Ashby <robin@ashby.test>\nAsunto: A few questions",
		"fr": "De : %s\nEnvoyé : dimanche 29 novembre 2026 15:21\nÀ : Robin Ashby <robin@ashby.test>\nObjet : A few questions",
		"pt": "De: %s\nEnviado: domingo, 29 de novembro de 2026 15:21\nPara: Robin Ashby <robin@ashby.test>\nAssunto: A few questions",
	}
	kim := "Kim Lindqvist <kim@own.test>"
	switch client {
	case "gmail":
		return text + "\n\n" + gmail[lang] + "\n\n" + marked
	case "iphone":
		return text + "\n\n" + iphone[lang][0] + "\n\n" + iphone[lang][1] + "\n>\n" + strings.ReplaceAll(marked, "\n>", "\n> ")
	case "applemail":
		return text + "\n\n" + strings.TrimPrefix(iphone[lang][1], "> ") + "\n\n" + marked
	case "outlook":
		return text + "\n\n" + fmt.Sprintf(outlook[lang], kim) + "\n\n" + asked
	case "outlook-mobile":
		return text + "\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n" + fmt.Sprintf(outlook[lang], kim) + "\n\n" + asked
	case "yahoo":
		return text + "\n\n    On Sunday, November 29, 2026 at 03:21:00 PM EST, " + kim + " wrote:  \n \n " + strings.ReplaceAll(asked, "\n", "\n ")
	case "thunderbird":
		return text + "\n\nOn 11/29/26 15:21, Kim Lindqvist wrote:\n" + marked
	case "android":
		return text + "\n\nSent from my Galaxy\n\n-------- Original message --------\nFrom: " + kim + "\nDate: 11/29/26 15:21 (GMT-05:00)\nTo: robin@ashby.test\nSubject: A few questions\n\n" + asked
	}
	panic("no client " + client)
}

// quotedHTML is belowText for programs that write HTML.
func quotedHTML(client, text string) string {
	lines := func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>") }
	kim := "Kim Lindqvist &lt;<a href=\"mailto:kim@own.test\">kim@own.test</a>&gt;"
	switch client {
	case "gmail":
		return `<div dir="ltr">` + lines(text) + `</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Sun, Nov 29, 2026 at 3:21 PM ` + kim +
			` wrote:<br></div><blockquote class="gmail_quote" style="margin:0">` + lines(asked) + `</blockquote></div>`
	case "iphone":
		return `<html><body dir="auto">` + lines(text) + `<br><br><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On Nov 29, 2026, at 3:21 PM, ` + kim +
			` wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">` + lines(asked) + `</div></blockquote></body></html>`
	case "outlook":
		return `<div class="elementToProof">` + lines(text) + `</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> ` + kim +
			`<br><b>Sent:</b> Sunday, November 29, 2026 3:21 PM<br><b>To:</b> Robin Ashby<br><b>Subject:</b> A few questions</div><div>` + lines(asked) + `</div>`
	case "thunderbird":
		return `<html><body><p>` + lines(text) + `</p><div class="moz-cite-prefix">On 11/29/26 15:21, Kim Lindqvist wrote:<br></div><blockquote type="cite" cite="mid:r@own.test">` + lines(asked) + `</blockquote></body></html>`
	}
	panic("no client " + client)
}

// got is a Reading in the form of the examples' own notes.
func got(r Reading) map[string]string {
	var people, starts []string
	for _, p := range r.People {
		people = append(people, strings.TrimSpace(p.Name+" <"+p.Email+">"))
	}
	for _, t := range r.Times {
		layout := "01-02 15:04"
		if t.Kind == "day" || t.Start.Hour() == 0 && t.Start.Minute() == 0 {
			layout = "01-02"
		}
		starts = append(starts, t.Start.Format(layout))
	}
	return map[string]string{"people": strings.Join(people, ", "), "times": strings.Join(starts, ", "), "phone": r.Phone, "link": r.Link, "back": r.ReturnDate}
}

// count is what is found of what is there.
type count struct{ right, found, there int }

func (c count) f1() float64 {
	if c.found+c.there == 0 {
		return 1
	}
	return 2 * float64(c.right) / float64(c.found+c.there)
}

// compare counts how far the notes of one kind agree: a comma parts them, "a|b" is right as a and as
// b, and "?a" is no fault whether it is found or not.
func compare(have, want string) count {
	split := func(s string) []string {
		return slices.DeleteFunc(strings.Split(s, ", "), func(s string) bool { return s == "" })
	}
	var c count
	rest := split(have)
	for _, w := range split(want) {
		w, optional := strings.CutPrefix(w, "?")
		alternatives := strings.Split(w, "|")
		at := slices.IndexFunc(rest, func(h string) bool {
			return slices.ContainsFunc(alternatives, func(a string) bool { return same(h, a) })
		})
		if at >= 0 {
			rest = slices.Delete(rest, at, at+1)
		}
		if optional {
			continue
		}
		c.there++
		if at >= 0 {
			c.right++
			c.found++
		}
	}
	c.found += len(rest)
	return c
}

// same holds of two people if their address or their name is the same, and of all else if it is equal.
func same(a, b string) bool {
	nameA, mailA, person := strings.Cut(a, "<")
	nameB, mailB, _ := strings.Cut(b, "<")
	if !person {
		return a == b
	}
	plain := func(s string) string {
		for _, title := range []string{"Dr. ", "Ms. ", "Mr. ", "Herr ", "Frau "} {
			s = strings.TrimPrefix(s, title)
		}
		return strings.TrimSpace(s)
	}
	return strings.EqualFold(mailA, mailB) && mailA != ">" || plain(nameA) == plain(nameB) && plain(nameA) != ""
}

// tally is how a file of letters is read: by intent, by new text, and by each kind of detail.
type tally struct {
	n, right, unsure, wrong int
	newText                 count
	details                 map[string]count
}

func (s tally) accuracy() float64 { return float64(s.right) / float64(s.n) }

func (s tally) String() string {
	out := fmt.Sprintf("intent %d of %d (%.3f), wrong but certain %d, unsure %d", s.right, s.n, s.accuracy(), s.wrong, s.unsure)
	if s.newText.there > 0 {
		out += fmt.Sprintf("; new text %d of %d", s.newText.right, s.newText.there)
	}
	for _, key := range details {
		out += fmt.Sprintf("; %s %.3f of %d", key, s.details[key].f1(), s.details[key].there)
	}
	return out
}

// details are the notes that are measured.
var details = []string{"back", "link", "people", "phone", "times"}

// read reads letters and counts what is right. With show it says what is not.
func read(t *testing.T, list []example, show bool) tally {
	t.Helper()
	s := tally{n: len(list), details: map[string]count{}}
	for _, e := range list {
		miss := func(what, have, want string) {
			if show {
				t.Logf("line %d: %s %q, want %q: %q", e.line, what, have, want, strings.TrimSpace(e.text))
			}
		}
		r := e.read()
		switch {
		case r.Intent == e.intent || slices.Contains(e.alt, string(r.Intent)):
			s.right++
		case r.Intent == Unsure:
			s.unsure++
			miss("intent ("+because(r)+")", string(r.Intent), string(e.intent))
		default:
			s.wrong++
			miss("intent ("+because(r)+")", string(r.Intent), string(e.intent))
		}
		if e.quote != "" {
			s.newText.there++
			if e.isNewText(r.NewText) {
				s.newText.right++
			} else {
				miss("new text of "+e.quote, r.NewText, "the text")
			}
		}
		have := got(r)
		for _, key := range details {
			c, sum := compare(have[key], e.want[key]), s.details[key]
			s.details[key] = count{sum.right + c.right, sum.found + c.found, sum.there + c.there}
			if c.right < c.there || c.right < c.found {
				miss(key, have[key], e.want[key])
			}
		}
	}
	return s
}

func (e example) read() Reading {
	return Read(e.mail(), Context{Owner: []string{"kim@own.test"}, OwnerName: "Kim Lindqvist", OwnerZone: time.FixedZone("", -5*3600)})
}

// isNewText holds of the whole text, and of it without the greeting at its end.
func (e example) isNewText(have string) bool {
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	whole, have := words(e.text), words(have)
	end, cut := strings.CutPrefix(whole, have)
	return cut && (end == "" || len(strings.Fields(end)) <= 8 && strings.LastIndex(strings.TrimSpace(e.text), "\n") > 0)
}

// because is the rule and the words behind an intent.
func because(r Reading) string {
	for _, b := range r.Because {
		if strings.HasPrefix(b.Verdict, "intent=") {
			return b.Rule + ": " + b.Evidence
		}
	}
	return "no evidence"
}

// TestLetters measures the reader on letters that it was tuned on, and on some that it was not: there a
// guess that is wrong counts, and "unsure" is honest. Floors are only raised.
func TestLetters(t *testing.T) {
	for _, half := range []struct {
		file     string
		n        int     // at least
		accuracy float64 // at least
		wrong    int     // wrong but certain, at most
		details  float64 // F1 of all details, at least
		show     bool
	}{
		{"letters-tuning.txt", 602, 0.985, 1, 0.98, true},
		{"letters-held.txt", 50, 0.90, 2, 0.90, false},
		{"letters-fresh-tuning.txt", 103, 0.99, 0, 0.99, true},
		{"letters-fresh-held.txt", 103, 0.89, 7, 0.91, false},
	} {
		list := examples(t, half.file)
		s := read(t, list, half.show)
		t.Logf("%s: %v", half.file, s)
		for _, lang := range []string{"en", "de", "es", "fr", "pt"} {
			in := slices.DeleteFunc(slices.Clone(list), func(e example) bool { return e.lang != lang })
			t.Logf("%s, %s: %v", half.file, lang, read(t, in, false))
		}
		var all count
		for _, d := range s.details {
			all = count{all.right + d.right, all.found + d.found, all.there + d.there}
		}
		if s.n < half.n || s.accuracy() < half.accuracy || s.wrong > half.wrong || all.f1() < half.details || s.newText.right < s.newText.there {
			t.Errorf("%s: %v; floors %+v", half.file, s, half)
		}
	}
}

// TestVerdictsSayWhy holds that each verdict comes with words of the letter and a rule.
func TestVerdictsSayWhy(t *testing.T) {
	for _, e := range examples(t, "letters-tuning.txt") {
		r := Read(e.mail(), Context{})
		for _, b := range r.Because {
			if b.Verdict == "" || b.Rule == "" || b.Evidence == "" {
				t.Errorf("line %d: %+v", e.line, b)
			}
		}
		if because(r) == "no evidence" {
			t.Errorf("line %d: no evidence for %s", e.line, r.Intent)
		}
	}
}

func TestLetterSeedsAreThere(t *testing.T) {
	if n := len(letterSeeds(t)); n < 601 {
		t.Errorf("%d seeds", n)
	}
}

func letterSeeds(t testing.TB) []string {
	var all []string
	for _, e := range examples(t, "letters-tuning.txt") {
		all = append(all, e.text)
	}
	return all
}

// FuzzLetter holds of any letter that it has a verdict with its evidence, and that what would act goes
// with the verdict: no times from somebody who declines, no number from a machine, a date to come back to only where one is spoken of.
func FuzzLetter(f *testing.F) {
	for i, text := range letterSeeds(f) {
		f.Add(text, i%7 == 0)
	}
	f.Fuzz(func(t *testing.T, text string, auto bool) {
		r := Read(example{text: text, auto: auto}.mail(), Context{OwnerName: "Kim Lindqvist"})
		if because(r) == "no evidence" {
			t.Errorf("%s without evidence", r.Intent)
		}
		switch r.Intent {
		case Decline, DeclineWithReferral, Referral, Later, OutOfOffice, AutoAck, ThanksOnly, Unsubscribe, Cancel, Unrelated:
			if len(r.Times) > 0 {
				t.Errorf("%s offers %v", r.Intent, r.Times)
			}
		}
		if r.Kind == KindAutoReply && r.Phone != "" || r.ReturnDate != "" && r.Intent != OutOfOffice && r.Intent != Later {
			t.Errorf("%s of a %s with phone %q and date %q", r.Intent, r.Kind, r.Phone, r.ReturnDate)
		}
	})
}
