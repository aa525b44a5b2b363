//go:build bench

package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mailOwner is whom the bench's Dovecot lets own the mail it stores.
const mailOwner = 5999

// A filler writes a mailbox as the years leave it behind: newsletters, mailing lists, threads,
// attachments, bounces, odd charsets and broken headers; and, every so often, a mail from somebody
// whom the owner knows. The same seed makes the same bytes.
type filler struct {
	rand    *rand.Rand
	short   bool // small bodies, for a million of them
	known   []string
	text    string // what bodies are cut from
	base64  string
	threads []thread
	begin   time.Time
	letters map[string][]string // of each known person
	linked  int                 // mails of known people that were written
}

type thread struct {
	subject, list string
	ids           []string
}

func newFiller(seed uint64, known []string, short bool) *filler {
	f := &filler{letters: map[string][]string{}, rand: rand.New(rand.NewPCG(seed, 1)), known: known, short: short, begin: time.Date(2020, 1, 6, 8, 0, 0, 0, time.UTC)}
	var b strings.Builder
	for b.Len() < 1<<20 {
		for n := f.rand.IntN(12) + 4; n > 0; n-- {
			b.WriteString(words[f.rand.IntN(len(words))])
			b.WriteByte(' ')
		}
		b.WriteString(".\n")
	}
	for _, address := range known {
		f.letters[address] = nil
	}
	f.text = b.String()
	raw := make([]byte, 3<<20)
	for i := range raw {
		raw[i] = byte(f.rand.Uint32())
	}
	encoded := base64.StdEncoding.EncodeToString(raw)
	b.Reset()
	for ; len(encoded) > 76; encoded = encoded[76:] {
		b.WriteString(encoded[:76] + "\n")
	}
	f.base64 = b.String()
	return f
}

var words = strings.Fields("the of and to in for is on that by this with you it not or be are from at as your all have new more an was we will " +
	"home can us about if page my has search free but our one other do no information time they site he up may what which their news out use any " +
	"there see only so his when contact here business who web also now help get view online first been would how were services some these click " +
	"its like service than find price date back top people had list name just over state year day into health world next used go work last most")

var firstNames = strings.Fields("Alice Bob Carol Dave Erin Frank Grace Heidi Ivan Judy Olivia Peggy Rupert Sybil Trent Victor Walter Wendy Jürgen Zoë Søren Łukasz José Ngọc")
var lastNames = strings.Fields("Smith Jones Brown Taylor Wilson Davies Evans Thomas Müller García Nguyễn Andersson Kowalski Dupont Rossi Silva Novák Tanaka Kim")

// fill writes n mails into a Maildir, straight to its files.
func (f *filler) fill(maildir string, n int) error {
	for _, dir := range []string{filepath.Dir(filepath.Dir(maildir)), filepath.Dir(maildir), maildir, maildir + "/cur", maildir + "/new", maildir + "/tmp"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.Chown(dir, mailOwner, mailOwner); err != nil {
			return err
		}
	}
	for i := range n {
		at := f.begin.Add(time.Duration(float64(i) / float64(n) * float64(5*365*24*time.Hour)))
		if err := f.write(maildir, i, at); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) write(maildir string, i int, at time.Time) error {
	raw := f.mail(i, at)
	lines := strings.Count(raw, "\n")
	name := filepath.Join(maildir, "cur", fmt.Sprintf("%d.M%06dP1Q%d.bench,S=%d,W=%d:2,S", at.Unix(), i%1e6, i, len(raw), len(raw)+lines))
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	w.WriteString(raw)
	if err := w.Flush(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Chtimes(name, at, at); err != nil {
		return err
	}
	return os.Chown(name, mailOwner, mailOwner)
}

// A sketch is a mail before it is written down.
type sketch struct {
	kind, address, from, to, subject, id string
	references                           []string
	extra                                []string // further header lines
	size                                 int
}

// kinds and how many in a thousand there are of each.
var kinds = []struct {
	name  string
	share int
}{{"personal", 240}, {"alternative", 335}, {"newsletter", 160}, {"list", 120}, {"attachment", 80}, {"bounce", 2}, {"automatic", 15}, {"odd", 48}}

// mail makes the ith mail.
func (f *filler) mail(i int, at time.Time) string {
	s := sketch{to: "me@home.test", kind: f.kind(), subject: f.words(3 + f.rand.IntN(6)), size: f.size(8.75, 1.05)}
	domain := f.pick([]string{"acme.test", "bigco.test", "initech.test", "globex.test", "shop.test", "uni.test", "lists.test", "gmail.com"})
	name := f.pick(firstNames) + " " + f.pick(lastNames)
	address := fmt.Sprintf("p%d@%s", f.rand.IntN(3000), domain)
	if f.rand.IntN(1000) < 5 && len(f.known) > 0 { // from somebody known, as people write
		s.kind, address, s.size = "personal", f.known[f.rand.IntN(len(f.known))], f.size(7.2, 0.6)
		f.linked++
	}
	s.address = address
	s.from = mime.QEncoding.Encode("utf-8", name) + " <" + address + ">"
	s.id = fmt.Sprintf("%x.%d@%s", f.rand.Uint64(), i, domain)
	f.shape(&s, domain)
	return f.text822(s, at)
}

func (f *filler) kind() string {
	n := f.rand.IntN(1000)
	for _, k := range kinds {
		if n -= k.share; n < 0 {
			return k.name
		}
	}
	return "personal"
}

// shape gives a sketch what its kind brings: threads, list headers, sizes, oddities.
func (f *filler) shape(s *sketch, domain string) {
	switch s.kind {
	case "newsletter":
		s.size *= 3
		s.extra = append(s.extra, "List-Unsubscribe: <https://"+domain+"/u/"+fmt.Sprint(f.rand.Uint64())+">", "Precedence: bulk", "Feedback-ID: 1:"+domain)
	case "attachment":
		s.size = f.size(11.4, 1.1)
	case "bounce":
		s.from, s.subject = "Mail Delivery System <MAILER-DAEMON@mail.home.test>", "Undelivered Mail Returned to Sender"
	case "automatic":
		s.extra = append(s.extra, "Auto-Submitted: auto-replied")
	case "odd":
		f.oddity(s)
	}
	if s.kind == "list" {
		s.to = "devel@lists.test"
		s.extra = append(s.extra, "List-Id: <devel.lists.test>", "Sender: devel-bounces@lists.test")
	}
	if f.rand.IntN(100) < 18 {
		var all []string
		for range f.rand.IntN(7) + 1 {
			all = append(all, fmt.Sprintf("\"%s, %s\" <p%d@acme.test>", mime.QEncoding.Encode("utf-8", f.pick(lastNames)), f.pick(firstNames), f.rand.IntN(3000)))
		}
		s.extra = append(s.extra, "Cc: "+strings.Join(all, ",\n\t"))
	}
	if letters, known := f.letters[s.address]; known { // people whom one knows write to one alone
		s.references = letters[max(0, len(letters)-20):]
		f.letters[s.address] = append(letters, s.id)
	} else if s.kind == "personal" || s.kind == "alternative" || s.kind == "list" || s.kind == "attachment" {
		f.join(s)
	}
}

// join makes a mail answer an earlier one, or begin a thread.
func (f *filler) join(s *sketch) {
	if len(f.threads) == 0 || f.rand.IntN(100) >= 55 {
		if len(f.threads) > 400 {
			f.threads = f.threads[100:]
		}
		f.threads = append(f.threads, thread{subject: s.subject, ids: []string{s.id}})
		return
	}
	t := &f.threads[len(f.threads)-1-f.rand.IntN(min(len(f.threads), 100))]
	s.subject, s.references = "Re: "+t.subject, t.ids[max(0, len(t.ids)-20):]
	t.ids = append(t.ids, s.id)
}

func (f *filler) oddity(s *sketch) {
	switch f.rand.IntN(6) {
	case 0:
		s.id = ""
	case 1:
		s.extra = append(s.extra, "Message-ID: <twice."+s.id+">")
	case 2:
		for range 150 {
			s.references = append(s.references, fmt.Sprintf("long.%x@acme.test", f.rand.Uint64()))
		}
	case 3:
		s.extra = append(s.extra, "X-Raw: ünencoded 8-bit header")
	case 4:
		s.from = "undisclosed <>"
	case 5:
		s.subject = mime.BEncoding.Encode("utf-8", "会議の件 "+s.subject)
	}
}

// text822 writes a sketch down, with the headers of its way here.
func (f *filler) text822(s sketch, at time.Time) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	date := at.Format(time.RFC1123Z)
	line("Return-Path: <bounce@acme.test>\nDelivered-To: me@home.test")
	for hop := range 2 + f.rand.IntN(2) {
		line("Received: from mx%d.acme.test (mx%d.acme.test [192.0.2.%d])\n\tby mail.home.test with ESMTPS id %x\n\tfor <me@home.test>; %s", hop, hop, hop, f.rand.Uint64(), date)
	}
	if !f.short {
		line("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.test; s=s1;\n\th=from:to:subject:date; bh=%s;\n\tb=%s", f.cut(f.base64, 44), strings.ReplaceAll(f.cut(f.base64, 300), "\n", "\n\t "))
		line("Authentication-Results: mail.home.test; dkim=pass header.d=acme.test; spf=pass; dmarc=pass")
	}
	line("From: %s\nTo: %s\nSubject: %s\nDate: %s", s.from, s.to, s.subject, date)
	if s.id != "" {
		line("Message-ID: <%s>", s.id)
	}
	if n := len(s.references); n > 0 {
		line("In-Reply-To: <%s>\nReferences: <%s>", s.references[n-1], strings.Join(s.references, ">\n\t<"))
	}
	for _, extra := range s.extra {
		line("%s", extra)
	}
	line("MIME-Version: 1.0\n%s", f.body(s))
	return b.String()
}

// sayings are what people whom one knows write. Words thrown together would now and then read as a wish
// to be left alone, of which the owner is told by a mail.
var sayings = strings.Split("Thank you for your note.|The report is on my desk, and I hope to read it at the weekend.|We finally moved into the new building.|My train was late again.|"+
	"The numbers look better than last month.|I was glad to hear how the exam went.|Everybody here says hello.|The garden needs rain.|I put the drawings into the folder.|The meeting took longer than we thought.|"+
	"Your question about the membranes was a good one: I have asked the people who built them.|They will publish in spring.|The coffee machine works again.", "|")

// talk is about so many bytes of them.
func (f *filler) talk(size int) string {
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(f.pick(sayings) + "\n")
	}
	return b.String()
}

// body is the rest of a mail, from its Content-Type on.
func (f *filler) body(s sketch) string {
	plain := "Content-Type: text/plain; charset=utf-8\n\nHi,\n\n"
	if _, known := f.letters[s.address]; known {
		return plain + f.talk(s.size)
	}
	switch s.kind {
	case "alternative", "newsletter":
		return "Content-Type: multipart/alternative; boundary=xxBOUNDxx\n\n--xxBOUNDxx\n" + plain + f.cut(f.text, s.size/6) +
			"\n--xxBOUNDxx\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>" + f.cut(f.text, s.size) + "</p></body></html>\n--xxBOUNDxx--"
	case "attachment":
		return "Content-Type: multipart/mixed; boundary=xxBOUNDxx\n\n--xxBOUNDxx\n" + plain + f.cut(f.text, 800) +
			"\n--xxBOUNDxx\nContent-Type: application/pdf; name=report.pdf\nContent-Transfer-Encoding: base64\n\n" + f.cut(f.base64, s.size) + "\n--xxBOUNDxx--"
	case "bounce":
		return "Content-Type: multipart/report; report-type=delivery-status; boundary=xxBOUNDxx\n\n--xxBOUNDxx\n" + plain + "It did not arrive." +
			"\n--xxBOUNDxx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.home.test\n\nFinal-Recipient: rfc822; nobody@acme.test\nAction: failed\nStatus: 5.1.1\n--xxBOUNDxx--"
	}
	return plain + f.cut(f.text, s.size/2)
}

func (f *filler) size(mu, sigma float64) int {
	size := int(math.Exp(mu + sigma*f.rand.NormFloat64()))
	if f.short {
		return min(size/64, 400)
	}
	return min(max(size, 40), 3<<20)
}

func (f *filler) cut(pool string, n int) string {
	n = min(n, len(pool)-1)
	from := f.rand.IntN(len(pool) - n)
	return pool[from : from+n]
}

func (f *filler) pick(all []string) string { return all[f.rand.IntN(len(all))] }

func (f *filler) words(n int) string {
	var chosen []string
	for range n {
		chosen = append(chosen, f.pick(words))
	}
	return strings.Join(chosen, " ")
}
