package calendar

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"

	"introd/mailer/reading/itip"
)

// moment reads a DATE or DATE-TIME with the zone of its property (RFC 5545 §3.3.4, §3.3.5).
func (s *scanner) moment(p ical.Prop, value string) (t time.Time, day bool, err error) {
	v := strings.ToUpper(strings.TrimSpace(value))
	if t, err := time.ParseInLocation("20060102", v, s.options.Zone); err == nil {
		return t, true, nil
	}
	for _, form := range []string{"20060102T150405Z", "20060102T1504Z"} {
		if t, err := time.Parse(form, v); err == nil {
			return t, false, nil
		}
	}
	for _, form := range []string{"20060102T150405", "20060102T1504"} {
		if _, err := time.Parse(form, v); err == nil {
			t, err = time.ParseInLocation(form, v, s.zoneOf(p.Params.Get(ical.ParamTimezoneID)))
			return t, false, err
		}
	}
	return t, false, fmt.Errorf("%q is neither a date nor a time", value)
}

// zone keeps the lines of the VTIMEZONE under way.
func (s *scanner) zone() {
	for _, line := range s.lines {
		if name, id, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "TZID") {
			if _, known := s.zones[id]; !known {
				s.zones[strings.TrimSpace(id)] = s.lines
			}
			break
		}
	}
	s.lines, s.at = nil, nil
}

// zoneOf finds the zone that a TZID means: by its name, by the name that its VTIMEZONE gives besides, by
// the rules that stand there; else it is the owner's.
func (s *scanner) zoneOf(id string) *time.Location {
	if id == "" {
		return s.options.Zone
	}
	if known, ok := s.known[id]; ok {
		return known
	}
	zone, err := itip.Zone(id)
	if err != nil {
		zone, err = s.fromRules(id)
	}
	if err != nil {
		s.problem(s.current, "the time zone %q is not known (%v): its times are read as yours", id, err)
		zone = s.options.Zone
	}
	s.known[id] = zone
	return zone
}

// fromRules makes a zone of its VTIMEZONE.
func (s *scanner) fromRules(id string) (*time.Location, error) {
	lines, ok := s.zones[id]
	if !ok {
		return nil, errors.New("the calendar does not describe it")
	}
	var changes []change
	var part []string
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		switch upper := strings.ToUpper(name); {
		case upper == "X-LIC-LOCATION":
			if zone, err := itip.Zone(strings.TrimSpace(value)); err == nil {
				return zone, nil
			}
		case upper == "BEGIN":
			part = nil
		case upper == "END":
			more, err := s.changes(part)
			if err != nil {
				return nil, err
			}
			changes = append(changes, more...)
		default:
			part = append(part, line)
		}
	}
	return zoneOfChanges(id, changes)
}

// A change is a moment from which on a zone has an offset, in seconds east of Greenwich.
type change struct{ at, from, to int64 }

// changes reads one STANDARD or DAYLIGHT part (RFC 5545 §3.6.5): when its offset comes to hold.
func (s *scanner) changes(lines []string) (found []change, err error) {
	props, err := decodeLines(lines)
	if err != nil {
		return nil, err
	}
	from, err1 := offset(word(props, ical.PropTimezoneOffsetFrom))
	to, err2 := offset(word(props, ical.PropTimezoneOffsetTo))
	start, err3 := time.Parse("20060102T150405", word(props, ical.PropDateTimeStart))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	happens := func(local time.Time) { found = append(found, change{local.Unix() - from, from, to}) }
	happens(start)
	for _, p := range props[ical.PropRecurrenceDates] {
		for _, value := range strings.Split(p.Value, ",") {
			if t, err := time.Parse("20060102T150405", value); err == nil {
				happens(t)
			}
		}
	}
	for _, p := range props[ical.PropRecurrenceRule] {
		if err := s.repeat(p.Value, start, happens); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// offset reads "+0530" or "-034530" as seconds.
func offset(v string) (int64, error) {
	for _, form := range []string{"-0700", "-070000"} {
		if t, err := time.Parse(form, v); err == nil {
			_, seconds := t.Zone()
			return int64(seconds), nil
		}
	}
	return 0, fmt.Errorf("%q is no offset of a time zone", v)
}

// zoneOfChanges writes a zone in the form in which systems keep them (RFC 8536), which package time reads.
func zoneOfChanges(id string, changes []change) (*time.Location, error) {
	if len(changes) == 0 {
		return nil, errors.New("its description has no rules")
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	offsets := []int64{changes[0].from}
	kind := func(offset int64) byte {
		i := slices.Index(offsets, offset)
		if i < 0 {
			i, offsets = len(offsets), append(offsets, offset)
		}
		return byte(i)
	}
	var times, kinds bytes.Buffer
	for _, c := range changes {
		kinds.WriteByte(kind(c.to))
		_ = binary.Write(&times, binary.BigEndian, c.at) // a buffer takes everything
	}
	if len(offsets) > 250 {
		return nil, errors.New("its description has too many rules")
	}
	var file bytes.Buffer
	header := func(counts ...uint32) {
		file.WriteString("TZif2" + strings.Repeat("\x00", 15))
		_ = binary.Write(&file, binary.BigEndian, counts)
	}
	header(0, 0, 0, 0, 0, 0) // the part for old readers
	header(0, 0, 0, uint32(len(changes)), uint32(len(offsets)), 4)
	file.Write(times.Bytes())
	file.Write(kinds.Bytes())
	for _, o := range offsets {
		_ = binary.Write(&file, binary.BigEndian, int32(o))
		file.Write([]byte{0, 0})
	}
	file.WriteString("ICS\x00\n\n")
	return time.LoadLocationFromTZData(id, file.Bytes())
}
