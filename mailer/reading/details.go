package reading

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"introd/mailer/reading/cues"
	"introd/mailer/reading/pattern"
)

var (
	anyURL      = pattern.MustCompile(`https?://[^\s<>"')\]]+|\b(?:calendly\.com|cal\.com)/[^\s<>"')\]]+`)
	anchor      = regexp.MustCompile(`(?is)<a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)[^>]*>(.{0,300}?)</a>`)
	markup      = regexp.MustCompile(`<[^>]*>`)
	bookingHost = regexp.MustCompile(`(?i)^(?:[\w-]+\.)*(?:calendly\.com|cal\.com|calendar\.app\.google|savvycal\.com|youcanbook\.me|youcanbookme\.com|acuityscheduling\.com|as\.me|tidycal\.com|zcal\.co|doodle\.com|bookings\.cloud\.microsoft|simplybook\.me|appointlet\.com|koalendar\.com|reclaim\.ai|motion\.com|usemotion\.com|setmore\.com|fantastical\.app|lemcal\.com|chilipiper\.com|oncehub\.com|meetfox\.com|vyte\.in|harmonizely\.com|cronofy\.com|zeeg\.me|cituro\.com|meetergo\.com|calendesk\.com|square\.site|picktime\.com|notion\.so|book\.morgen\.so|hey\.cal)$`)
	// Hosts that serve more than booking pages tell them by the path.
	bookingPage = regexp.MustCompile(`(?i)^https?://(?:calendar\.google\.com/calendar/(?:u/\d+/)?(?:appointments|selfsched)|outlook\.office(?:365)?\.com/(?:book|bookwithme|owa/calendar)|(?:app|meetings)\.hubspot\.com/(?:meetings/)?|meetings\.[\w.-]+/|[\w.-]*/(?:book|booking|bookings|schedule|appointments?|bookme|book-me)\b)`)
	meetingHost = regexp.MustCompile(`(?i)^(?:[\w-]+\.)*(?:zoom\.us|meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|webex\.com|whereby\.com|meet\.jit\.si|skype\.com|gotomeeting\.com|gotomeet\.me|bluejeans\.com|around\.co|facetime\.apple\.com)$`)
	phoneNumber = regexp.MustCompile(`\+?\(?\d[\d \t\x{00a0}().\-/]{5,}\d`)
	notPhone    = regexp.MustCompile(`^\d{4}-\d{2}-|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$`)
	numbered    = regexp.MustCompile(`(?i)(?:#|\bno\.?|\bnr\.?|\bnumber:?|\bref(?:erence)?:?|\bticket|\bcase|\border|\binvoice|[a-z]-)\s*$`)
	placeWords  = pattern.MustCompile(`(?i)\b(?:at|in) ((?:my office|the (?:café|cafe|coffee shop|library|lobby|canteen|cafeteria)|(?:room|suite|building) [A-Z0-9][\w-]*|(?-i:[A-Z])[\w'’]+ (?:Café|Cafe|Coffee|Hall|Library|Street|Building|Tower|Plaza))[^.,;!?\n]{0,60})`)
	// pointsBelow says that a number or a link stands in the signature.
	pointsBelow = pattern.MustCompile(`(?i)\b(?:below|signature|underneath|unten|signatur|abajo|firma|ci-dessous|abaixo|assinatura)\b`)
)

// details finds links, telephone numbers and places.
func (f *facts) details(l *letter) {
	for _, link := range f.links(l) {
		host, path := hostOf(link)
		switch {
		case meetingHost.MatchString(host):
			l.Location = link
		case l.Link == "" && (bookingHost.MatchString(host) && strings.Trim(path, "/") != "" || bookingPage.MatchString(link) && l.says(cues.Book) != nil):
			l.Link = link
			l.because("link", link, "details.booking-link")
		}
	}
	if l.Kind == KindPerson {
		f.phone(l)
	}
	if l.Location == "" {
		if m := placeWords.FindStringSubmatch(l.NewText); m != nil {
			l.Location = strings.TrimSpace(m[1])
		}
	}
	if l.Location == "" && len(l.Invites) > 0 {
		l.Location = l.Invites[0].Location
	}
}

// phone finds the number at which the sender asks to be called. A number in the sentence of somebody
// else who is named is theirs.
func (f *facts) phone(l *letter) {
	for _, m := range phoneNumber.FindAllStringIndex(l.text, 10) {
		if number := l.text[m[0]:m[1]]; isPhone(l.text, m[0], m[1]) && l.callHere(m[0]) {
			l.Phone = strings.TrimSpace(number)
			l.because("phone", l.around(l.at(m[0])), "details.phone")
			return
		}
	}
	for _, k := range l.Marks {
		if k.Act != cues.Call || !pointsBelow.MatchString(l.around(&k)) {
			continue
		}
		below := l.signature()
		for _, m := range phoneNumber.FindAllStringIndex(below, 10) {
			if isPhone(below, m[0], m[1]) {
				l.Phone = strings.TrimSpace(below[m[0]:m[1]])
				l.because("phone", l.around(&k), "details.phone-below")
				return
			}
		}
	}
}

// isPhone says whether digits look like a telephone number and not like a date or a reference.
func isPhone(text string, from, to int) bool {
	number := text[from:to]
	n := 0
	for _, c := range number {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n >= 7 && n <= 15 && !notPhone.MatchString(number) && !numbered.MatchString(text[max(0, from-14):from])
}

// callHere says whether the sentence of a number, or the one before it, asks to be called.
func (l *letter) callHere(at int) bool {
	m := l.at(at)
	if m == nil {
		return false
	}
	sentence := l.Clauses[m.Clause].Sentence
	if theirs.MatchString(l.text[max(0, at-60):at]) {
		return false
	}
	return slices.ContainsFunc(l.Marks, func(k cues.Mark) bool {
		d := sentence - l.Clauses[k.Clause].Sentence
		call := k.Act == cues.Call || k.Act == cues.When && callMe.MatchString(l.text[k.From:k.To])
		return call && (d == 0 || d == 1 && l.Clauses[m.Clause].Words <= 4)
	})
}

// callMe makes of words that leave the time open, such as "you can call me", words that ask to be called.
var callMe = pattern.MustCompile(`(?i)\b(?:call|ring|phone|reach|text|dial)\b`)

// theirs stands before a number that belongs to somebody else.
var theirs = pattern.MustCompile(`(?i)\b(?:her|his|their|whose|seine|ihre|su|son|sa)\s+(?:\p{L}+\s+){0,3}(?:is\s+|at\s+|on\s+|:\s*)?$|\b(?:reach|call|text|ring)\s+(?:her|him|them)\b[^.!?]*$`)

// signature is what stands between the new text and the quote: signature and footers.
func (l *letter) signature() string {
	lines := strings.Split(strings.TrimSpace(l.NewText), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	at := strings.LastIndex(l.Text, last)
	if last == "" || at < 0 {
		return ""
	}
	below := l.Text[at+len(last):]
	if m := quoteBegins.FindStringIndex(below); m != nil {
		below = below[:m[0]]
	}
	return below[:min(len(below), 2000)]
}

var quoteBegins = regexp.MustCompile(`(?m)^>|^(?:From|Von|De|Da): |^On .{4,120} wrote:$`)

// links returns the addresses of web pages in the new text, and those behind its anchors.
func (f *facts) links(l *letter) []string {
	text := l.NewText
	if slices.ContainsFunc(l.Marks, func(k cues.Mark) bool { return k.Act == cues.Book && pointsBelow.MatchString(l.around(&k)) }) {
		text += "\n" + l.signature()
	}
	var found []string
	for _, u := range anyURL.FindAllString(text, 50) {
		found = append(found, unwrap(strings.TrimRight(u, ".,;:!?*_")))
	}
	squeezed := strings.Join(strings.Fields(text), " ")
	for _, source := range f.html {
		for _, m := range anchor.FindAllStringSubmatch(source, 200) {
			label := strings.Join(strings.Fields(markup.ReplaceAllString(m[2], "")), " ")
			if label != "" && strings.Contains(squeezed, label) {
				found = append(found, unwrap(strings.ReplaceAll(m[1], "&amp;", "&")))
			}
		}
	}
	return found
}

// unwrap takes the link out of a wrapper that a mail filter put around it (SafeLinks, urldefense, Google).
func unwrap(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	for _, w := range []struct{ host, key string }{{"safelinks.protection.outlook.com", "url"}, {"google.com", "q"}, {"urldefense.com", "u"}} {
		if inner := u.Query().Get(w.key); (u.Host == w.host || strings.HasSuffix(u.Host, "."+w.host)) && strings.HasPrefix(inner, "http") {
			return inner
		}
	}
	return link
}

func hostOf(link string) (host, path string) {
	if !strings.Contains(link, "://") {
		link = "https://" + link
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", ""
	}
	return u.Hostname(), u.Path
}
