package reading

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"introd/mailer/reading/bounce"
	"introd/mailer/reading/itip"
	"introd/mailer/reading/pattern"
	"introd/mailer/reading/times"
)

// Read reads one mail. See the package's comment for what it promises.
func Read(raw []byte, c Context) Reading {
	p := split(raw)
	f := &facts{Context: c, parts: p}
	r := Reading{
		MessageID: first(MessageIDs(p.header.Get("Message-Id"))), InReplyTo: MessageIDs(p.header.Get("In-Reply-To")),
		References: MessageIDs(p.header.Get("References")), Subject: header(p.header, "Subject"), Attachments: p.attachments,
	}
	r.Date = f.date()
	f.from, r.From = f.addresses("From")
	f.to, _ = f.addresses("To")
	cc, _ := f.addresses("Cc")
	f.to = append(f.to, cc...)
	f.text(&r)
	f.calendar(&r)
	f.kind(&r)
	f.times(&r)
	f.meaning(&r)
	r.fill()
	return r
}

// fill makes lists that are empty out of those that are missing, for the shape of the JSON.
func (r *Reading) fill() {
	orEmpty(&r.Times)
	orEmpty(&r.People)
	orEmpty(&r.Invites)
	orEmpty(&r.InReplyTo)
	orEmpty(&r.References)
	orEmpty(&r.From)
	orEmpty(&r.Attachments)
	orEmpty(&r.Because)
	for i := range r.Times {
		orEmpty(&r.Times[i].Alternatives)
	}
	for i := range r.Invites {
		orEmpty(&r.Invites[i].Attendees)
	}
	if r.Bounce != nil {
		orEmpty(&r.Bounce.Reports)
	}
}

func orEmpty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// facts are what the rules look at.
type facts struct {
	Context
	*parts
	from, to []mail.Address
	quoted   string // what the mail quotes
	found    times.Result
	at       time.Time
}

// because notes the evidence of a verdict.
func (r *Reading) because(verdict, evidence, rule string) {
	if runes := []rune(evidence); len(runes) > 200 {
		evidence = string(runes[:200])
	}
	r.Because = append(r.Because, Reason{verdict, strings.Join(strings.Fields(evidence), " "), rule})
}

// date is the mail's own date; where the header has none, or an absurd one, that of its arrival.
func (f *facts) date() *time.Time {
	t, err := mail.ParseDate(header(f.header, "Date"))
	if err != nil || t.Year() < 1980 || t.Year() > 2200 {
		if f.Received.IsZero() {
			return nil
		}
		t = f.Received
	}
	if name, offset := t.Zone(); offset == 0 && oldZones[name] != 0 {
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.FixedZone(name, oldZones[name]*3600))
	}
	f.at = t
	return &t
}

// oldZones are the zones that RFC 5322 §4.3 knows by name, in hours.
var oldZones = map[string]int{"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}

// mostAddresses bounds the bytes of an address list that are read.
const mostAddresses = 64 << 10

func (f *facts) addresses(field string) (list []mail.Address, bare []string) {
	value := f.header.Get(field)
	value = value[:min(len(value), mostAddresses)]
	parser := mail.AddressParser{WordDecoder: &words}
	parsed, err := parser.ParseList(value)
	if err != nil {
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;<>()\"'", r) }) {
			if route := strings.LastIndexByte(word, ':'); strings.HasPrefix(word, "@") { // RFC 5322 §4.4
				word = word[route+1:]
			}
			if strings.Contains(word, "@") {
				parsed = append(parsed, &mail.Address{Address: word})
			}
		}
	}
	for _, a := range parsed {
		a.Name, a.Address = inert(a.Name), inert(strings.ToLower(a.Address))
		list = append(list, *a)
		bare = append(bare, a.Address)
	}
	return list, bare
}

// text reads the bodies. The plain form is what is shown; what is new is read from HTML where its
// structure says what is quoted, for that is surer than any rule for plain text. Where by HTML nothing
// would be new, the plain form is asked.
func (f *facts) text(r *Reading) {
	var shown []string
	var plain, rich []line
	for _, b := range f.bodies {
		text := strings.TrimSpace(strings.Join(b.plain, "\n"))
		lines := fromPlain(text)
		plain = append(plain, lines...)
		if len(b.html) > 0 {
			if html := fromHTML(strings.Join(b.html, "\n")); text == "" {
				text, lines = visible(html), html
			} else if structured(html) {
				lines = html
			}
		}
		rich = append(rich, lines...)
		shown = append(shown, text)
	}
	r.Text = strings.TrimSpace(strings.Join(shown, "\n"))
	if r.NewText, f.quoted = f.newText(rich); r.NewText == "" {
		r.NewText, _ = f.newText(plain)
	}
}

func (f *facts) calendar(r *Reading) {
	for _, c := range f.calendars {
		invites, err := itip.Read(c.body, c.method, f.SenderZone)
		if err != nil {
			continue
		}
		for _, inv := range invites {
			if !sameInvite(r.Invites, inv) {
				r.Invites = append(r.Invites, inv)
			}
		}
	}
	if note := calendarNote.FindStringIndex(r.NewText); note != nil && len(r.Invites) > 0 {
		r.NewText = strings.TrimSpace(r.NewText[note[1]:])
	}
}

// calendarNote is the line above what somebody typed, in mail that Google Calendar writes.
var calendarNote = pattern.MustCompile(`(?im)^(?:note from organizer|notiz des organisators|nota del organizador|nota do organizador|note de l[’']organisateur) ?:[ \t]*\n`)

// sameInvite says whether an event was read already: invitations come inline and attached.
func sameInvite(known []itip.Invite, inv itip.Invite) bool {
	for _, k := range known {
		if k.UID != "" && k.UID == inv.UID && k.Sequence == inv.Sequence && k.Start == inv.Start && k.RecurrenceID == inv.RecurrenceID {
			return true
		}
	}
	return false
}

// times finds the times offered, in words and in calendar parts.
func (f *facts) times(r *Reading) {
	if f.at.IsZero() || r.Kind == KindBounce || r.Kind == KindDelay {
		return
	}
	o := times.Options{Ref: f.at, Zone: f.SenderZone, OwnerZone: f.OwnerZone, Offered: f.Offered}
	if f.Meeting != nil {
		o.Meeting = f.Meeting.Start
	}
	if o.Offered == nil {
		o.Offered = f.quotedOffers()
	}
	f.found = times.Find(r.NewText, o)
	r.Times, r.Zone = f.found.Times, f.found.Zone
}

func last(list []string) string {
	if len(list) > 0 {
		return list[len(list)-1]
	}
	return ""
}

// quotedOffers are the times to come that the quoted mail offers, in its order: what "the second one"
// points at where the Context does not say.
func (f *facts) quotedOffers() []times.Time {
	if f.quoted == "" {
		return nil
	}
	offered := times.Find(f.quoted, times.Options{Ref: f.at, Zone: f.OwnerZone}).Times
	return slices.DeleteFunc(offered, func(t times.Time) bool { return !t.Start.After(f.at) })
}

func first(list []string) string {
	if len(list) > 0 {
		return list[0]
	}
	return ""
}

// MessageIDs returns the ids of a threading header without their angle brackets. Both In-Reply-To
// and References may hold several, and broken ones (RFC 5322 §3.6.4, and what programs make of it).
func MessageIDs(value string) []string {
	var ids []string
	for rest := value; ; {
		open := strings.IndexByte(rest, '<')
		if open < 0 {
			break
		}
		end := strings.IndexByte(rest[open:], '>')
		if end < 0 {
			break
		}
		if id := strings.Join(strings.Fields(rest[open+1:open+end]), ""); id != "" {
			ids = append(ids, id)
		}
		rest = rest[open+end+1:]
	}
	if len(ids) > 0 {
		return ids
	}
	bare := strings.Fields(value)
	for _, word := range bare {
		if word = strings.Trim(word, ">,;"); wholeID(word) || len(bare) == 1 && plainID.MatchString(word) {
			ids = append(ids, word)
		}
	}
	return ids
}

// wholeID says whether a word without brackets can be an id: it has both its sides.
func wholeID(word string) bool {
	left, right, ok := strings.Cut(word, "@")
	return ok && left != "" && right != "" && left[0] != '<' && (right[0] != '[' || strings.HasSuffix(right, "]"))
}

var plainID = regexp.MustCompile(`^[\w.$+-]{8,}$`)

// report reads a delivery report.
func (f *facts) report(r *Reading) *bounce.Bounce {
	auto := strings.ToLower(strings.TrimSpace(f.header.Get("Auto-Submitted")))
	m := bounce.Mail{
		From: first(r.From), FromName: strings.ToLower(header(f.header, "From")), Subject: r.Subject, ContentType: strings.ToLower(f.header.Get("Content-Type")), Path: strings.ToLower(strings.TrimSpace(f.header.Get("Return-Path"))),
		Automatic: auto != "" && auto != "no", Failed: f.header.Get("X-Failed-Recipients"), Answers: last(r.References),
		Text: r.Text, Status: f.status, Feedback: f.feedback, Returned: f.returned,
	}
	if m.Path != "<>" {
		m.Path = strings.Trim(m.Path, "<>")
	}
	if len(r.InReplyTo) > 0 {
		m.Answers = last(r.InReplyTo)
	}
	for _, a := range f.to {
		m.To = append(m.To, a.Address)
	}
	return bounce.Read(m)
}
