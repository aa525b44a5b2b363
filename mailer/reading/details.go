package reading

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"introd/mailer/reading/times"
)

var (
	anyURL      = regexp.MustCompile(`https?://[^\s<>"')\]]+|\b(?:calendly\.com|cal\.com)/[^\s<>"')\]]+`)
	anchor      = regexp.MustCompile(`(?i)<a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)[^>]*>([^<]{0,200})`)
	bookingHost = regexp.MustCompile(`(?i)^(?:[\w-]+\.)*(calendly\.com|cal\.com|calendar\.app\.google|savvycal\.com|youcanbook\.me|acuityscheduling\.com|tidycal\.com|zcal\.co|doodle\.com|meetings\.hubspot\.com|bookings\.cloud\.microsoft|outlook\.office(?:365)?\.com|calendar\.google\.com|simplybook\.me|appointlet\.com|koalendar\.com|hubspot\.com|reclaim\.ai|motion\.com|usemotion\.com|setmore\.com)$`)
	bookingPath = regexp.MustCompile(`(?i)/(book|bookings|schedule|appointments?|meet(ing)?s?|calendar)\b`)
	bookingTalk = regexp.MustCompile(`(?i)\b(book|pick|grab|choose|find|schedule|select)\b.{0,60}\b(time|slot|spot|calendar)\b|\bmy (calendar|booking|scheduling)\b|\b(booking|scheduling) (link|page)\b`)
	meetingHost = regexp.MustCompile(`(?i)^(?:[\w-]+\.)*(zoom\.us|meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|webex\.com|whereby\.com|meet\.jit\.si|skype\.com|gotomeeting\.com)$`)
	phoneNumber = regexp.MustCompile(`\+?\(?\d[\d\s().\-/]{6,}\d`)
	callMe      = regexp.MustCompile(`(?i)\b(call|ring|reach|phone|text|dial|number is|cell|mobile|anrufen|rufen sie|erreichen|appel|llám|ligue|telefon)`)
	placeWords  = regexp.MustCompile(`(?i)\b(?:at|in) ((?:my office|the (?:café|cafe|coffee shop|library|lobby|canteen|cafeteria)|(?:room|suite|building) [A-Z0-9][\w-]*|[A-Z][\w'’]+ (?:Café|Cafe|Coffee|Hall|Library|Street|Building|Tower|Plaza))[^.,;!?\n]{0,60})`)
)

// details finds links, telephone numbers, places, and people.
func (f *facts) details(r *Reading) {
	for _, link := range f.links(r) {
		host, path := hostOf(link)
		switch {
		case meetingHost.MatchString(host):
			r.Location = link
		case r.Link == "" && (bookingHost.MatchString(host) && path != "" && path != "/" || bookingTalk.MatchString(r.NewText) && bookingPath.MatchString(path)):
			r.Link = link
			r.because("link", link, "details.booking-link")
		}
	}
	text := r.NewText
	for _, m := range phoneNumber.FindAllStringIndex(text, 10) {
		from := max(0, m[0]-60)
		if digits(text[m[0]:m[1]]) >= 7 && callMe.MatchString(text[from:m[0]]) && !strings.Contains(text[m[0]:m[1]], "\n") {
			r.Phone = strings.TrimSpace(text[m[0]:m[1]])
			r.because("phone", around(text, m[0], m[1]), "details.phone")
			break
		}
	}
	if r.Location == "" {
		if m := placeWords.FindStringSubmatch(text); m != nil {
			r.Location = strings.TrimSpace(m[1])
		}
	}
	if r.Location == "" && len(r.Invites) > 0 {
		r.Location = r.Invites[0].Location
	}
	f.people(r)
}

func digits(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// links returns the addresses of web pages in the new text, and those behind its anchors.
func (f *facts) links(r *Reading) []string {
	var found []string
	for _, l := range anyURL.FindAllString(r.NewText, 50) {
		found = append(found, unwrap(strings.TrimRight(l, ".,;:!?*_")))
	}
	for _, source := range f.html {
		for _, m := range anchor.FindAllStringSubmatch(source, 50) {
			if label := strings.TrimSpace(m[2]); label != "" && strings.Contains(r.NewText, label) {
				found = append(found, unwrap(strings.ReplaceAll(m[1], "&amp;", "&")))
			}
		}
	}
	return found
}

// unwrap takes the link out of Outlook's SafeLinks.
func unwrap(link string) string {
	u, err := url.Parse(link)
	if err == nil && strings.HasSuffix(u.Host, "safelinks.protection.outlook.com") {
		if inner := u.Query().Get("url"); inner != "" {
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

var (
	backOn  = regexp.MustCompile(`(?i)\b(?:back|return(?:ing)?|be back|available again|reachable again|zurück|wieder|de retour|regreso|vuelvo|retorno|volto)\b`)
	awayTil = regexp.MustCompile(`(?i)\b(?:until|till|through|thru|bis(?: einschließlich)?|jusqu['’]au|hasta|até)\b`)
)

// returnDate reads the first day back of an absence notice.
func (f *facts) returnDate(r *Reading) {
	if f.at.IsZero() {
		return
	}
	for _, sentence := range strings.FieldsFunc(r.Text, func(c rune) bool { return c == '\n' || c == '!' || c == ';' }) {
		back, until := backOn.FindStringIndex(sentence), awayTil.FindStringIndex(sentence)
		var from int
		switch {
		case back != nil:
			from = back[0]
		case until != nil:
			from = until[0]
		default:
			continue
		}
		found := times.Find(sentence[from:], times.Options{Ref: f.at, Zone: f.SenderZone}).Times
		if len(found) == 0 {
			continue
		}
		day := found[0].Start
		if back == nil {
			day = day.AddDate(0, 0, 1)
		}
		r.ReturnDate = day.Format(time.DateOnly)
		r.because("return_date="+r.ReturnDate, sentence, "details.return-date")
		return
	}
}

var monthName = regexp.MustCompile(`(?i)\b(?:in|after|early|mid|late|until|im|en|em)[- ]?(?: the)? ?(january|february|march|april|may|june|july|august|september|october|november|december|new year)\b`)

// laterDate reads the first day to ask again.
func (f *facts) laterDate(r *Reading) {
	if f.at.IsZero() {
		return
	}
	if len(f.found.Times) > 0 {
		r.ReturnDate = f.found.Times[0].Start.Format(time.DateOnly)
		return
	}
	m := monthName.FindStringSubmatch(r.NewText)
	if m == nil {
		return
	}
	name := strings.ToLower(m[1])
	if name == "new year" {
		name = "january"
	}
	t, err := time.Parse("January", strings.ToUpper(name[:1])+name[1:])
	if err != nil {
		return
	}
	day := time.Date(f.at.Year(), t.Month(), 1, 0, 0, 0, 0, f.at.Location())
	if day.Before(f.at) {
		day = day.AddDate(1, 0, 0)
	}
	r.ReturnDate = day.Format(time.DateOnly)
}
