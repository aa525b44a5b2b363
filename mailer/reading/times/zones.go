package times

import (
	"strings"
	"time"
)

// A zone is where a time is told. Its abbreviation may say an offset that its place does not have at
// the time of year: then literal is a second reading.
type zone struct {
	place   *time.Location
	literal *time.Location
	others  []*time.Location // other places of the same abbreviation
	name    string           // as written
}

// A zoneName is how people write a zone. Abbreviations stand alone; the other names want "time" or the
// like beside them.
type zoneName struct {
	place  string
	offset float64 // hours, of an abbreviation that says one
	short  bool
	others string // other places, where the abbreviation has several
}

var zoneNames = map[string]zoneName{
	"pt": {place: "America/Los_Angeles", short: true}, "pst": {"America/Los_Angeles", -8, true, ""}, "pdt": {"America/Los_Angeles", -7, true, ""},
	"mt": {place: "America/Denver", short: true}, "mst": {"America/Denver", -7, true, ""}, "mdt": {"America/Denver", -6, true, ""},
	"ct": {place: "America/Chicago", short: true}, "cst": {"America/Chicago", -6, true, "Asia/Shanghai"}, "cdt": {"America/Chicago", -5, true, ""},
	"et": {place: "America/New_York", short: true}, "est": {"America/New_York", -5, true, ""}, "edt": {"America/New_York", -4, true, ""},
	"akst": {"America/Anchorage", -9, true, ""}, "akdt": {"America/Anchorage", -8, true, ""}, "hst": {"Pacific/Honolulu", -10, true, ""}, "brt": {"America/Sao_Paulo", -3, true, ""},
	"utc": {place: "UTC", short: true}, "gmt": {place: "UTC", short: true}, "bst": {"Europe/London", 1, true, ""}, "wet": {"Europe/Lisbon", 0, true, ""},
	"cet": {"Europe/Berlin", 1, true, ""}, "cest": {"Europe/Berlin", 2, true, ""}, "mez": {"Europe/Berlin", 1, true, ""}, "mesz": {"Europe/Berlin", 2, true, ""},
	"eet": {"Europe/Helsinki", 2, true, ""}, "eest": {"Europe/Helsinki", 3, true, ""}, "msk": {"Europe/Moscow", 3, true, ""}, "sast": {"Africa/Johannesburg", 2, true, ""},
	"ist": {"Asia/Kolkata", 5.5, true, "Europe/Dublin Asia/Jerusalem"}, "pkt": {"Asia/Karachi", 5, true, ""}, "sgt": {"Asia/Singapore", 8, true, ""}, "hkt": {"Asia/Hong_Kong", 8, true, ""},
	"jst": {"Asia/Tokyo", 9, true, ""}, "kst": {"Asia/Seoul", 9, true, ""}, "awst": {"Australia/Perth", 8, true, ""}, "aest": {"Australia/Sydney", 10, true, ""},
	"aedt": {"Australia/Sydney", 11, true, ""}, "nzst": {"Pacific/Auckland", 12, true, ""}, "nzdt": {"Pacific/Auckland", 13, true, ""},
	"pacific": {place: "America/Los_Angeles", short: true}, "mountain": {place: "America/Denver", short: true}, "central": {place: "America/Chicago", short: true},
	"eastern": {place: "America/New_York", short: true},
	"uk":      {place: "Europe/London"}, "london": {place: "Europe/London"}, "british": {place: "Europe/London"}, "dublin": {place: "Europe/Dublin"}, "irish": {place: "Europe/Dublin"},
	"berlin": {place: "Europe/Berlin"}, "berliner": {place: "Europe/Berlin"}, "german": {place: "Europe/Berlin"}, "deutsche": {place: "Europe/Berlin"}, "deutscher": {place: "Europe/Berlin"},
	"paris": {place: "Europe/Paris"}, "french": {place: "Europe/Paris"}, "française": {place: "Europe/Paris"}, "madrid": {place: "Europe/Madrid"}, "spanish": {place: "Europe/Madrid"},
	"española": {place: "Europe/Madrid"}, "peninsular": {place: "Europe/Madrid"}, "lisbon": {place: "Europe/Lisbon"}, "lisboa": {place: "Europe/Lisbon"}, "brasília": {place: "America/Sao_Paulo"},
	"brasilia": {place: "America/Sao_Paulo"}, "india": {place: "Asia/Kolkata"}, "indian": {place: "Asia/Kolkata"}, "tokyo": {place: "Asia/Tokyo"}, "japan": {place: "Asia/Tokyo"},
	"singapore": {place: "Asia/Singapore"}, "sydney": {place: "Australia/Sydney"}, "dubai": {place: "Asia/Dubai"}, "chicago": {place: "America/Chicago"}, "denver": {place: "America/Denver"},
	"boston": {place: "America/New_York"}, "seattle": {place: "America/Los_Angeles"}, "toronto": {place: "America/Toronto"}, "vancouver": {place: "America/Vancouver"},
	"amsterdam": {place: "Europe/Amsterdam"}, "dutch": {place: "Europe/Amsterdam"}, "zurich": {place: "Europe/Zurich"}, "swiss": {place: "Europe/Zurich"}, "vienna": {place: "Europe/Vienna"},
	"rome": {place: "Europe/Rome"}, "italian": {place: "Europe/Rome"}, "stockholm": {place: "Europe/Stockholm"}, "swedish": {place: "Europe/Stockholm"},
}

// words that are abbreviations only in capitals or behind am and pm.
var shyZones = words("et est ist mt ct pt wet")

// textZone finds the zone that a whole text is told in: the first that it names.
func (r *reader) textZone(l line) (zone, string) {
	for i := range l {
		if z, n := r.zoneAt(l, i); n > 0 {
			return z, z.name
		}
	}
	return zone{place: r.home}, ""
}

// zoneAt reads a zone: "PT", "Eastern time", "UTC+2", "your time", "heure française", "+0200".
func (r *reader) zoneAt(l line, i int) (zone, int) {
	switch {
	case l.is(i, "your", "deine", "ihre", "votre") && l.is(i+1, "time", "zeit", "heure") && !l.is(i+2, "and", "is") && r.OwnerZone != nil && besideHour(l, i):
		return zone{place: r.OwnerZone, name: r.words(l, i, i+2)}, 2
	case l.is(i, "my", "local") && l.is(i+1, "time") && besideHour(l, i):
		return zone{place: r.home, name: r.words(l, i, i+2)}, 2
	case l.is(i, "+", "-") && l.at(i+1).digits == 4 && l.glued(i+1) && l.at(i-1).digits == 2 && l.at(i).space && l.is(i-2, ":"):
		return fixed(l.word(i), l.at(i+1).number/100, l.at(i+1).number%100, r.words(l, i, i+2)), 2
	}
	name, ok := zoneNames[l.word(i)]
	if !ok {
		return zone{}, 0
	}
	n := 1
	for n < 3 && l.is(i+n, "standard", "daylight", "summer", "european") {
		n++
	}
	timely := l.is(i+n, "time", "zeit") || l.is(i-1, "heure", "hora") || l.is(i-1, "de") && l.is(i-2, "heure", "hora", "horário") || l.is(i-1, "times", "all")
	if !timely && !(name.short && n == 1 && besideHour(l, i) && (!shyZones[l.word(i)] || capitals(r.text[l.at(i).start:l.at(i).end]) || l.is(i-1, "am", "pm", "m"))) {
		return zone{}, 0
	}
	n = n*b2i(timely) + b2i(l.is(i+n, "time", "zeit")) + b2i(!timely)
	if name.place == "UTC" {
		if z, k := offsetBehind(l, i+n); k > 0 {
			z.name = r.words(l, i, i+n+k)
			return z, n + k
		}
	}
	return r.place(name, r.words(l, i, i+n)), n
}

// besideHour says whether an hour, a part of the day or a bracket stands before token i.
func besideHour(l line, i int) bool {
	if l.is(i-1, "(") {
		return true
	}
	i -= b2i(l.is(i-1, ",", "in"))
	_, _, n := spelled(l, i-1)
	_, part := parts[l.word(i-1)]
	return l.at(i-1).digits > 0 || n == 1 || part || l.is(i-1, "am", "pm", "m", "noon", "midnight", "o'clock", "h", "uhr", "ish") || l.is(i-1, ".") && l.is(i-2, "m")
}

func capitals(word string) bool { return word == strings.ToUpper(word) }

// place gives the zone of a name. Where the abbreviation has several places the one whose clock the
// mail's own date shows is meant.
func (r *reader) place(name zoneName, written string) zone {
	z := zone{place: load(name.place), name: written}
	_, sent := r.Ref.Zone()
	for o := range strings.FieldsSeq(name.others) {
		other := load(o)
		if _, there := r.Ref.In(other).Zone(); there == sent {
			return zone{place: other, name: written}
		}
		if name.place != "America/Chicago" { // the Chinese seldom write CST to strangers
			z.others = append(z.others, other)
		}
	}
	if _, there := r.Ref.In(z.place).Zone(); there == sent {
		z.others = nil
	}
	if name.offset != 0 && name.others == "" {
		z.literal = time.FixedZone(strings.ToUpper(written), int(name.offset*hour))
	}
	return z
}

func load(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// offsetBehind reads "+2", "+02:45", "-0845" behind UTC or GMT.
func offsetBehind(l line, i int) (zone, int) {
	h := l.at(i + 1)
	if !l.is(i, "+", "-") || !l.glued(i+1) || h.digits == 0 || h.digits == 3 || h.digits > 4 {
		return zone{}, 0
	}
	hours, minutes, n := h.number, 0, 2
	if h.digits == 4 {
		hours, minutes = h.number/100, h.number%100
	} else if l.is(i+2, ":") && l.glued(i+2) && l.at(i+3).digits == 2 {
		minutes, n = l.at(i+3).number, 4
	}
	if hours > 14 || minutes > 59 {
		return zone{}, 0
	}
	return fixed(l.word(i), hours, minutes, ""), n
}

func fixed(sign string, hours, minutes int, name string) zone {
	seconds := hours*hour + minutes*minute
	if sign == "-" {
		seconds = -seconds
	}
	return zone{place: time.FixedZone("", seconds), name: name}
}

// dateOrder says whether the day comes first in 3/4, and whether that is in doubt. Americans put the
// month first; other languages and the east of the Atlantic put the day first.
func (r *reader) dateOrder(l line) (dayFirst, doubt bool) {
	if r.DayFirst {
		return true, false
	}
	name := r.zone.place.String()
	_, offset := r.now.Zone()
	foreign := 0
	for i := range l {
		foreign += b2i(l.in(i, foreignWords))
	}
	r.foreign = foreign >= 2
	switch first, second := largest(l); {
	case first > 12 && second <= 12: // 14/3 beside it settles 12/3
		return true, false
	case second > 12 && first <= 12:
		return false, false
	case r.foreign:
		return true, false
	case strings.HasPrefix(name, "America/"), name == "" && offset <= -4*hour:
		return false, false
	case strings.HasPrefix(name, "Europe/"), strings.HasPrefix(name, "Australia/"), offset > 0:
		return true, true
	}
	return false, true
}

// largest returns the largest first and second number of the dates with a slash.
func largest(l line) (first, second int) {
	for i := range l {
		if a, b := l.at(i), l.at(i+2); l.is(i+1, "/") && l.glued(i+1) && l.glued(i+2) && !l.is(i-1, "/") && a.number <= 31 && b.number <= 31 {
			first, second = max(first, a.number), max(second, b.number)
		}
	}
	return first, second
}

var foreignWords = words(`und der ich für mit wir sie nicht passt gerne uhr montag dienstag mittwoch donnerstag freitag je vous nous pour avec est les lundi mardi mercredi jeudi vendredi
	el los para con que puedo lunes martes miércoles jueves viernes você não obrigado posso terça quinta sexta às`)
