package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// noEnd is how long an event is taken to last of which the calendar does not say it. By RFC 5545 §3.6.1
// it lasts no time at all; but somebody put it there.
const noEnd = 30 * time.Minute

// An occurrence names one of a series: by its moment, or by its day.
type occurrence struct {
	at     time.Time
	day    bool
	onward *event // what holds for the later ones too (RFC 5545 §3.2.13)
}

func (o occurrence) is(t time.Time, zone *time.Location) bool {
	return t.Equal(o.at) || o.day && t.In(zone).Format(time.DateOnly) == o.at.Format(time.DateOnly)
}

// evaluate turns events into spans: first what replaces one of a series, then everything.
func (s *scanner) evaluate() {
	for _, e := range s.events {
		s.current = e.line
		if p := e.props.Get(ical.PropRecurrenceID); p != nil {
			at, day, err := s.moment(*p, p.Value)
			if err != nil {
				s.problem(e.line, "RECURRENCE-ID: %v", err)
				continue
			}
			replaced := occurrence{at: at, day: day}
			if strings.EqualFold(p.Params.Get("RANGE"), "THISANDFUTURE") {
				replaced.onward = &e
			}
			uid := word(e.props, ical.PropUID)
			s.uids[uid] = append(s.uids[uid], replaced)
		}
	}
	for _, e := range s.events {
		s.current = e.line
		if err := s.spans(e); err != nil {
			s.problem(e.line, "%v", err)
		}
	}
}

// spans adds the times at which an event keeps the owner busy.
func (s *scanner) spans(e event) error {
	if s.free(e.props) {
		return nil
	}
	if periods := e.props[ical.PropFreeBusy]; len(periods) > 0 {
		return s.periods(periods)
	}
	p := e.props.Get(ical.PropDateTimeStart)
	if p == nil {
		return errors.New("the event does not say when it begins (DTSTART)")
	}
	start, day, err := s.moment(*p, p.Value)
	if err != nil {
		return fmt.Errorf("DTSTART: %w", err)
	}
	end, err := s.endOf(e.props, start, day)
	if err != nil {
		s.problem(e.line, "%v", err)
	}
	if len(e.props[ical.PropRecurrenceRule])+len(e.props[ical.PropRecurrenceDates]) == 0 || e.props.Get(ical.PropRecurrenceID) != nil {
		s.add(start, end)
		return nil
	}
	return s.series(e, start, end, day)
}

// free says whether an event leaves the owner free: marked so, called off, or declined by them.
func (s *scanner) free(props ical.Props) bool {
	if strings.EqualFold(word(props, ical.PropTransparency), "TRANSPARENT") || strings.EqualFold(word(props, ical.PropStatus), "CANCELLED") ||
		strings.EqualFold(word(props, "X-MICROSOFT-CDO-BUSYSTATUS"), "FREE") {
		return true
	}
	return slices.ContainsFunc(props[ical.PropAttendee], func(p ical.Prop) bool {
		address := strings.ToLower(strings.TrimSpace(p.Value))
		return strings.EqualFold(p.Params.Get(ical.ParamParticipationStatus), "DECLINED") && slices.Contains(s.options.Me, strings.TrimPrefix(address, "mailto:"))
	})
}

// endOf is when an event ends that begins at start. Its error says what was wrong with an end that was given.
func (s *scanner) endOf(props ical.Props, start time.Time, day bool) (time.Time, error) {
	usual := start.Add(noEnd)
	if day {
		usual = start.AddDate(0, 0, 1)
	}
	if p := props.Get(ical.PropDateTimeEnd); p != nil {
		end, _, err := s.moment(*p, p.Value)
		switch {
		case err != nil:
			return usual, fmt.Errorf("DTEND: %w", err)
		case end.Before(start):
			return usual, errors.New("the event ends before it begins")
		case end.Equal(start):
			return usual, nil
		}
		return end, nil
	}
	p := props.Get(ical.PropDuration)
	if p == nil {
		return usual, nil
	}
	end, err := after(start, p.Value)
	if err != nil || end.Before(start) {
		return usual, fmt.Errorf("DURATION: %q is no length of time", p.Value)
	}
	if end.Equal(start) {
		return usual, nil
	}
	return end, nil
}

// after adds a DURATION (RFC 5545 §3.3.6) to a time. Whole days count on the wall clock.
func after(start time.Time, duration string) (time.Time, error) {
	p := ical.NewProp(ical.PropDuration)
	p.Value = strings.TrimSpace(duration)
	d, err := p.Duration()
	if err != nil {
		return start, err
	}
	days := int(d / (24 * time.Hour))
	return start.AddDate(0, 0, days).Add(d - time.Duration(days)*24*time.Hour), nil
}

// series adds the times of an event that repeats, but for those that are excepted or replaced.
func (s *scanner) series(e event, start, end time.Time, day bool) error {
	except := slices.Clone(s.uids[word(e.props, ical.PropUID)])
	for _, p := range e.props[ical.PropExceptionDates] {
		s.each(e, p, func(at time.Time, isDay bool, _ time.Time) { except = append(except, occurrence{at: at, day: isDay}) })
	}
	length, days := end.Sub(start), int(end.Sub(start).Round(24*time.Hour)/(24*time.Hour))
	happens := func(at, until time.Time) {
		if slices.ContainsFunc(except, func(o occurrence) bool { return o.is(at, start.Location()) }) {
			return
		}
		if s.shifted(except, at) {
			return
		}
		if until.IsZero() {
			until = at.Add(length)
		}
		if day {
			until = at.AddDate(0, 0, days)
		}
		s.add(at, until)
	}
	for _, p := range e.props[ical.PropRecurrenceDates] {
		s.each(e, p, func(at time.Time, _ bool, until time.Time) { happens(at, until) })
	}
	rules := e.props[ical.PropRecurrenceRule]
	if len(rules) == 0 {
		happens(start, time.Time{})
	}
	for _, p := range rules {
		if err := s.repeat(p.Value, start, func(at time.Time) { happens(at, time.Time{}) }); err != nil {
			happens(start, time.Time{})
			return fmt.Errorf("RRULE: %w: only its first time counts", err)
		}
	}
	return nil
}

// shifted adds one of a series as the last entry before it that holds onward says, and tells whether there
// is one.
func (s *scanner) shifted(replaced []occurrence, at time.Time) bool {
	var last occurrence
	for _, o := range replaced {
		if o.onward != nil && o.at.Before(at) && (last.onward == nil || o.at.After(last.at)) {
			last = o
		}
	}
	if last.onward == nil {
		return false
	}
	p := last.onward.props.Get(ical.PropDateTimeStart)
	if p == nil || s.free(last.onward.props) {
		return true
	}
	start, day, err := s.moment(*p, p.Value)
	if err != nil {
		return true // told where that entry itself is read
	}
	end, _ := s.endOf(last.onward.props, start, day)
	s.add(at.Add(start.Sub(last.at)), at.Add(end.Sub(last.at)))
	return true
}

// each calls with every moment of a list of them (EXDATE, RDATE), with its end where it is a period.
func (s *scanner) each(e event, p ical.Prop, do func(at time.Time, day bool, until time.Time)) {
	for _, value := range strings.Split(p.Value, ",") {
		start, end, day, err := s.period(p, value)
		if err != nil {
			s.problem(e.line, "%s: %v", p.Name, err)
			continue
		}
		do(start, day, end)
	}
}

// mostAtOnce bounds the hours, minutes and seconds that a rule names, which multiply.
const mostAtOnce = 100

// repeat calls with the times of a recurrence rule (RFC 5545 §3.3.10) up to the end of what was asked for.
func (s *scanner) repeat(rule string, start time.Time, do func(time.Time)) error {
	rule = strings.Trim(strings.ToUpper(strings.TrimSpace(rule)), ";")
	option, err := rrule.StrToROptionInLocation(rule, start.Location())
	if err != nil {
		return err
	}
	switch {
	case option.Freq > rrule.DAILY:
		return errors.New("it repeats more often than once a day")
	case option.Interval < 0 || option.Count < 0:
		return errors.New("it counts backwards")
	case max(len(option.Byhour), 1)*max(len(option.Byminute), 1)*max(len(option.Bysecond), 1) > mostAtOnce:
		return errors.New("it repeats too many times a day")
	}
	if _, until, found := strings.Cut(rule, "UNTIL="); found && !strings.Contains(strings.SplitN(until, ";", 2)[0], "T") && !option.Until.IsZero() {
		option.Until = option.Until.AddDate(0, 0, 1).Add(-time.Second) // a date includes its day
	}
	if option.Until.IsZero() || option.Until.After(s.options.To) {
		option.Until = s.options.To
	}
	option.Dtstart = start
	forward(option, s.options.From)
	series, err := rrule.NewRRule(*option)
	if err != nil {
		return err
	}
	next := series.Iterator()
	for at, ok := next(); ok; at, ok = next() {
		if s.steps++; s.steps > mostSteps {
			return errors.New("this calendar repeats itself too often to be read")
		}
		do(at)
	}
	return nil
}

// forward begins a rule later, as many of its periods as keep it the same, so that the years before from
// need not be gone through. What is counted is counted from its start.
func forward(o *rrule.ROption, from time.Time) {
	period := max(o.Interval, 1)
	if o.Freq == rrule.WEEKLY {
		period *= 7
	}
	if o.Freq < rrule.WEEKLY || o.Count > 0 || o.Interval > 1000 {
		return
	}
	const slack = 400 // days: of an event that began before from and lasts
	for {
		days := int(from.Sub(o.Dtstart)/(24*time.Hour)) - slack // of very old ones Sub tells but 292 years
		if days < period {
			return
		}
		o.Dtstart = o.Dtstart.AddDate(0, 0, days/period*period)
	}
}

// periods adds those of published busy times (RFC 5545 §3.8.2.6).
func (s *scanner) periods(props []ical.Prop) (wrong error) {
	for _, p := range props {
		if strings.EqualFold(p.Params.Get("FBTYPE"), "FREE") {
			continue
		}
		for _, value := range strings.Split(p.Value, ",") {
			start, end, _, err := s.period(p, value)
			if err != nil || !end.After(start) {
				wrong = fmt.Errorf("FREEBUSY: %q is no span of time", value)
				continue
			}
			s.add(start, end)
		}
	}
	return wrong
}

// period reads a moment, or "start/end" or "start/length"; end is zero where it has none.
func (s *scanner) period(p ical.Prop, value string) (start, end time.Time, day bool, err error) {
	first, second, isPeriod := strings.Cut(value, "/")
	if start, day, err = s.moment(p, first); err != nil || !isPeriod {
		return start, end, day, err
	}
	if strings.HasPrefix(strings.TrimLeft(second, "+- "), "P") {
		end, err = after(start, second)
	} else {
		end, _, err = s.moment(p, second)
	}
	return start, end, day, err
}

// word is the value of a property as it stands; "" if there is none.
func word(props ical.Props, name string) string {
	if p := props.Get(name); p != nil {
		return strings.TrimSpace(p.Value)
	}
	return ""
}
