package calendar

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// mostLine bounds a content line as it is kept. Longer ones are descriptions and attachments, which
// are not.
const mostLine = 16 << 10

// kept are the properties of an event that say when, and whether, it keeps the owner busy.
var kept = map[string]bool{
	ical.PropUID: true, ical.PropDateTimeStart: true, ical.PropDateTimeEnd: true, ical.PropDuration: true, ical.PropRecurrenceRule: true,
	ical.PropRecurrenceDates: true, ical.PropExceptionDates: true, ical.PropRecurrenceID: true, ical.PropStatus: true, ical.PropTransparency: true,
	ical.PropAttendee: true, "X-MICROSOFT-CDO-BUSYSTATUS": true, ical.PropFreeBusy: true,
}

// An event is what is kept of a VEVENT or a VFREEBUSY.
type event struct {
	line  int
	props ical.Props
}

// scanner goes through a calendar line by line and keeps only what may matter, so that years of past
// events cost no memory.
type scanner struct {
	options  Options
	calendar bool // a VCALENDAR was begun
	events   []event
	uids     map[string][]occurrence // UID → the times of a series that an entry of their own replaces
	zones    map[string][]string     // TZID → the lines of its VTIMEZONE
	busy     []Span
	problems []Problem
	known    map[string]*time.Location
	steps    int
	current  int // the line of the event that is evaluated

	open  []string // components that are open
	begun int      // the line on which the outermost of them but VCALENDAR began
	lines []string // content lines of the event or zone under way
	at    []int    // and where they stand
}

// scan reads lines, joins what is folded (RFC 5545 §3.1), and takes in what is complete.
func (s *scanner) scan(r io.Reader) error {
	in := bufio.NewReader(r)
	var content []byte
	n, began := 0, 0
	for {
		line, err := readLine(in, mostLine)
		if len(line) > 0 || err == nil {
			n++
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t'); folded && began > 0 && err == nil {
			content = append(content, line[1:]...)[:min(len(content)+len(line)-1, mostLine)]
			continue
		}
		s.line(string(content), began)
		content, began = append(content[:0], line...), n
		if err != nil {
			s.line(string(content), began)
			if len(s.open) > 0 {
				s.problem(n, "the file ends within a %s", s.open[len(s.open)-1])
				s.finish()
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
	}
}

// readLine reads one line without its end, and no more of it than most bytes.
func readLine(in *bufio.Reader, most int) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part[:min(len(part), most-len(line))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), err
		}
	}
}

// line takes in one content line.
func (s *scanner) line(line string, at int) {
	if strings.TrimSpace(line) == "" {
		return
	}
	name, _, _ := strings.Cut(line, ":")
	name, _, _ = strings.Cut(name, ";")
	name = strings.ToUpper(strings.TrimSpace(name))
	_, value, ok := strings.Cut(line, ":")
	value = strings.ToUpper(strings.TrimSpace(value))
	switch {
	case !ok || strings.ContainsFunc(name, notName):
		if len(s.open) > 0 { // else it is no calendar, and one word on that will do
			s.problem(at, "this is no line of a calendar: it has no name and value")
		}
	case name == "BEGIN":
		s.begin(value, at)
	case name == "END":
		s.end(value, at)
	case s.inside("VTIMEZONE"), len(s.open) > 0 && (s.open[len(s.open)-1] == ical.CompEvent || s.open[len(s.open)-1] == ical.CompFreeBusy) && kept[name]:
		s.lines, s.at = append(s.lines, line), append(s.at, at)
	}
}

func notName(r rune) bool { return !('A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-') }

// inside says whether a component is among the open ones.
func (s *scanner) inside(component string) bool {
	return slices.Contains(s.open, component)
}

// deepest bounds how deep components lie in one another: an alarm in an event in a calendar is three.
const deepest = 8

func (s *scanner) begin(component string, at int) {
	s.calendar = s.calendar || component == ical.CompCalendar
	top := component == ical.CompEvent || component == ical.CompFreeBusy || component == "VTIMEZONE" || component == ical.CompCalendar
	if top && (s.inside(ical.CompEvent) || s.inside(ical.CompFreeBusy) || s.inside("VTIMEZONE")) {
		s.problem(at, "a %s begins before the last %s has ended", component, s.open[len(s.open)-1])
		s.finish()
	}
	if len(s.open) >= deepest {
		s.problem(at, "components lie too deep in one another")
		return
	}
	if top && component != ical.CompCalendar {
		s.begun, s.lines, s.at = at, nil, nil
	}
	if s.inside("VTIMEZONE") {
		s.lines, s.at = append(s.lines, "BEGIN:"+component), append(s.at, at)
	}
	s.open = append(s.open, component)
}

func (s *scanner) end(component string, at int) {
	if len(s.open) == 0 || s.open[len(s.open)-1] != component {
		s.problem(at, "the end of a %s that has not begun", component)
		return
	}
	s.open = s.open[:len(s.open)-1]
	switch {
	case component == ical.CompEvent, component == ical.CompFreeBusy:
		s.event()
	case component == "VTIMEZONE":
		s.zone()
	case s.inside("VTIMEZONE"):
		s.lines, s.at = append(s.lines, "END:"+component), append(s.at, at)
	}
}

// finish closes what an end is missing of, but for the calendar itself.
func (s *scanner) finish() {
	switch {
	case s.inside(ical.CompEvent), s.inside(ical.CompFreeBusy):
		s.event()
	case s.inside("VTIMEZONE"):
		s.zone()
	}
	s.open = slices.DeleteFunc(s.open, func(open string) bool { return open != ical.CompCalendar })
}

// event keeps the event under way, if it may matter.
func (s *scanner) event() {
	props := s.decode(s.lines, s.at)
	s.lines, s.at = nil, nil
	if s.over(props) {
		return
	}
	if len(s.events) == mostEvents {
		s.problem(s.begun, "from here on nothing is read: more than %d events repeat or lie ahead", mostEvents)
		return
	}
	s.events = append(s.events, event{s.begun, props})
}

// decode parses content lines; one that cannot be parsed is reported and left out.
func (s *scanner) decode(lines []string, at []int) ical.Props {
	if all, err := decodeLines(lines); err == nil {
		return all
	}
	props := ical.Props{}
	for i, line := range lines {
		one, err := decodeLines([]string{line})
		if err != nil {
			s.problem(at[i], "%s", strings.TrimPrefix(err.Error(), "ical: "))
			continue
		}
		for name, values := range one {
			props[name] = append(props[name], values...)
		}
	}
	return props
}

// decodeLines has go-ical parse lines as those of one event. It panics on some that are cut off.
func decodeLines(lines []string) (props ical.Props, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	text := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	cal, err := ical.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil {
		return nil, err
	}
	return cal.Children[0].Props, nil
}

// over says whether an event that happens once lies so far from what was asked for that no zone could
// bring it near.
func (s *scanner) over(props ical.Props) bool {
	if len(props[ical.PropRecurrenceRule])+len(props[ical.PropRecurrenceDates])+len(props[ical.PropRecurrenceID])+len(props[ical.PropFreeBusy]) > 0 {
		return false
	}
	start, end := dateDigits(props, ical.PropDateTimeStart), dateDigits(props, ical.PropDateTimeEnd)
	if len(props[ical.PropDuration]) > 0 {
		end = ""
	} else if end == "" {
		end = start
	}
	from, to := s.options.From.AddDate(0, 0, -3).Format("20060102"), s.options.To.AddDate(0, 0, 3).Format("20060102")
	return start != "" && start > to || end != "" && end < from
}

// dateDigits are the eight digits of a property's date; "" if it has none.
func dateDigits(props ical.Props, name string) string {
	p := props.Get(name)
	if p == nil || len(p.Value) < 8 {
		return ""
	}
	if _, err := time.Parse("20060102", p.Value[:8]); err != nil {
		return ""
	}
	return p.Value[:8]
}
