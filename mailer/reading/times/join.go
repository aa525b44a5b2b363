package times

import (
	"regexp"
	"strings"
	"time"
)

// sentence joins the items of one sentence to times.
func (f *finder) sentence(tokens []token) {
	items := f.items(tokens)
	var dates, clocks []item
	not := false
	flush := func() {
		f.emit(dates, clocks, not)
		dates, clocks = nil, nil
	}
	for _, it := range items {
		switch it.kind {
		case aNot:
			flush()
			not = true
			continue
		case aDate:
			// A date behind hours opens a new group, unless the hours still want their date: "3pm on Tuesday".
			if len(dates) > 0 && len(clocks) > 0 {
				flush()
				not = false
			}
			dates = append(dates, it)
		case aClock, aPart:
			clocks = append(clocks, it)
		}
	}
	flush()
}

// emit makes the times of one group: each day with each hour.
func (f *finder) emit(dates, clocks []item, not bool) {
	if len(dates) == 0 && len(clocks) > 0 {
		anyStrong := false
		for _, c := range clocks {
			anyStrong = anyStrong || c.kind == aClock && c.strong
		}
		switch {
		case f.day != nil && anyStrong:
			dates = []item{*f.day}
			dates[0].start, dates[0].end = clocks[0].start, clocks[0].end
		case anyStrong:
			d := day(f.midnight(f.ref))
			if first := clocks[0]; first.lo >= 0 && !f.on(d.from, f.reading(first)).After(f.ref) {
				d = day(d.from.AddDate(0, 0, 1))
			}
			d.start, d.end = clocks[0].start, clocks[0].end
			dates = []item{d}
		default:
			return
		}
	}
	for _, d := range dates {
		if len(clocks) == 0 {
			f.add(f.wholeDay(d), d, d, not)
			continue
		}
		for _, c := range precise(clocks) {
			f.add(f.timeOn(d, c), d, c, not)
		}
	}
	if len(dates) > 0 {
		last := dates[len(dates)-1]
		f.day = &last
	}
}

// precise drops a part of the day beside hours that it only describes: "Tuesday morning at 10".
func precise(clocks []item) []item {
	var hours []item
	for _, c := range clocks {
		if c.kind == aClock {
			hours = append(hours, c)
		}
	}
	if len(hours) == 0 {
		return clocks
	}
	for i, h := range hours {
		for _, c := range clocks { // the part settles which half of the day a bare hour is in
			if c.kind == aPart && h.vague && h.lo == h.hi && h.lo < 12*60 && c.lo >= 12*60 {
				hours[i].lo, hours[i].hi, hours[i].vague = h.lo+12*60, h.hi+12*60, false
			} else if c.kind == aPart && c.lo < 12*60 {
				hours[i].vague = false
			}
		}
	}
	return hours
}

func (f *finder) wholeDay(d item) Time {
	t := Time{Span: Span{Start: d.from, Kind: "day"}}
	if !d.dayOpen {
		end := d.to.AddDate(0, 0, 1)
		t.End = &end
	}
	if !d.other.IsZero() {
		end := d.other.AddDate(0, 0, 1)
		t.Alternatives = []Span{{Start: d.other, End: &end, Kind: "day"}}
	}
	return t
}

// reading is the minute since midnight at which a clock item starts.
func (f *finder) reading(c item) int {
	if c.vague {
		return waking(c.lo)
	}
	return c.lo
}

func (f *finder) on(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, f.zone)
}

func (f *finder) timeOn(d, c item) Time {
	t := f.span(d.from, c)
	if !d.other.IsZero() {
		t.Alternatives = []Span{f.span(d.other, c).Span}
	}
	return t
}

// workMorning and workEvening bound what is left open: "before noon", "after 3".
const workMorning = 9 * 60

func (f *finder) span(day time.Time, c item) Time {
	switch {
	case c.kind == aPart:
		end := f.on(day, c.hi)
		return Time{Span: Span{Start: f.on(day, c.lo), End: &end, Kind: "window"}}
	case c.lo < 0: // before
		end := f.on(day, waking(c.hi))
		return Time{Span: Span{Start: f.on(day, min(workMorning, c.hi)), End: &end, Kind: "window"}}
	case c.hi < 0: // after
		return Time{Span: Span{Start: f.on(day, f.reading(c)), Kind: "window"}}
	case c.hi > c.lo:
		end := f.on(day, c.hi)
		return Time{Span: Span{Start: f.on(day, c.lo), End: &end, Kind: "window"}}
	}
	return Time{Span: Span{Start: f.on(day, f.reading(c)), Kind: "exact"}}
}

func (f *finder) add(t Time, d, c item, not bool) {
	from, to := min(d.start, c.start), max(d.end, c.end)
	t.Text = strings.Join(strings.Fields(f.text[from:to]), " ")
	if not {
		f.result.Excluded = append(f.result.Excluded, t)
		return
	}
	for _, known := range f.result.Times {
		if known.Start.Equal(t.Start) && known.Kind == t.Kind {
			return
		}
	}
	f.result.Times = append(f.result.Times, t)
}

var picks = []struct {
	words *regexp.Regexp
	index int
}{
	{regexp.MustCompile(`(?i)\b(?:the )?(?:first|1st) (?:one|time|slot|option|works|is|would)|\b(?:option|number|slot|no\.?) ?(?:1|one|a)\b`), 0},
	{regexp.MustCompile(`(?i)\b(?:the )?(?:second|2nd|latter) ?(?:one|time|slot|option|works|is|would)|\b(?:option|number|slot|no\.?) ?(?:2|two|b)\b`), 1},
	{regexp.MustCompile(`(?i)\b(?:the )?(?:third|3rd) (?:one|time|slot|option|works|is|would)|\b(?:option|number|slot|no\.?) ?(?:3|three|c)\b`), 2},
	{regexp.MustCompile(`(?i)\bthe last (?:one|time|slot|option)\b`), -1},
}

// pick resolves words that point at what was offered.
func pick(text string, o Options) []Time {
	for _, p := range picks {
		words := p.words.FindString(text)
		if words == "" || len(o.Offered) == 0 {
			continue
		}
		i := p.index
		if i < 0 {
			i = len(o.Offered) - 1
		}
		if i < len(o.Offered) {
			t := o.Offered[i]
			t.Text = words
			return []Time{t}
		}
	}
	return nil
}
