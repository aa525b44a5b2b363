package times

import (
	"strings"
	"time"
)

// zoneNames are the ways people write a zone. A season's abbreviation means the place all the same:
// "EST" in July is what the clock on the wall in New York says.
var zoneNames = map[string]string{
	"pt": "America/Los_Angeles", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
	"mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver", "mountain": "America/Denver",
	"ct": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago", "central": "America/Chicago",
	"et": "America/New_York", "est": "America/New_York", "edt": "America/New_York", "eastern": "America/New_York",
	"akst": "America/Anchorage", "hst": "Pacific/Honolulu", "utc": "UTC", "gmt": "UTC", "bst": "Europe/London", "uk": "Europe/London", "london": "Europe/London",
	"cet": "Europe/Berlin", "cest": "Europe/Berlin", "mez": "Europe/Berlin", "mesz": "Europe/Berlin", "berlin": "Europe/Berlin", "german": "Europe/Berlin",
	"paris": "Europe/Paris", "french": "Europe/Paris", "française": "Europe/Paris", "madrid": "Europe/Madrid", "spanish": "Europe/Madrid", "lisbon": "Europe/Lisbon",
	"eet": "Europe/Helsinki", "eest": "Europe/Helsinki", "msk": "Europe/Moscow", "ist": "Asia/Kolkata", "india": "Asia/Kolkata", "jst": "Asia/Tokyo", "tokyo": "Asia/Tokyo",
	"kst": "Asia/Seoul", "sgt": "Asia/Singapore", "singapore": "Asia/Singapore", "hkt": "Asia/Hong_Kong", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
	"sydney": "Australia/Sydney", "nzt": "Pacific/Auckland", "brt": "America/Sao_Paulo",
}

// bareZones stand alone behind a clock time; the other names want "time" or a hyphen behind them.
var bareZones = map[string]bool{
	"pt": true, "pst": true, "pdt": true, "mt": true, "mst": true, "mdt": true, "ct": true, "cst": true, "cdt": true, "et": true, "est": true, "edt": true, "pacific": true,
	"eastern": true, "central": true, "mountain": true, "akst": true, "hst": true, "utc": true, "gmt": true, "bst": true, "cet": true, "cest": true, "mez": true,
	"mesz": true, "eet": true, "eest": true, "msk": true, "ist": true, "jst": true, "kst": true, "sgt": true, "hkt": true, "aest": true, "aedt": true, "brt": true,
}

// writtenZone finds the zone that a text says its times are in.
func writtenZone(tokens []token, o Options) (*time.Location, string) {
	for i, t := range tokens {
		next := func(n int) string {
			if i+n < len(tokens) {
				return tokens[i+n].word
			}
			return ""
		}
		if t.word == "your" && next(1) == "time" && o.OwnerZone != nil {
			return o.OwnerZone, "your time"
		}
		name, ok := zoneNames[t.word]
		if !ok {
			continue
		}
		timely := next(1) == "time" || i > 0 && (tokens[i-1].word == "heure" || tokens[i-1].word == "hora")
		behindClock := bareZones[t.word] && i > 0 && (tokens[i-1].number >= 0 || tokens[i-1].word == "pm" || tokens[i-1].word == "am" || tokens[i-1].word == "m" ||
			tokens[i-1].word == "(" || tokens[i-1].word == "." || tokens[i-1].word == "noon")
		if !timely && !behindClock {
			continue
		}
		if (t.word == "utc" || t.word == "gmt") && (next(1) == "+" || next(1) == "-") && i+2 < len(tokens) && tokens[i+2].number >= 0 && tokens[i+2].number <= 14 {
			hours := tokens[i+2].number
			if next(1) == "-" {
				hours = -hours
			}
			return time.FixedZone("", hours*3600), strings.ToUpper(t.word) + next(1) + next(2)
		}
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, strings.ToUpper(t.word[:1]) + t.word[1:]
		}
	}
	return nil, ""
}
