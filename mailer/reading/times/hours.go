package times

import "time"

// hours is one time of day, or a stretch of it, with the readings of its bare numbers.
type hours struct {
	shape    shape
	readings [][2]int // seconds since midnight; only the first of a point counts
	strength strength
	part     bool // said by a part of the day alone
	near     bool // "in the morning": the next one
	slot     bool // a start with its end, half an hour or so
	zone     zone // its own, where one is said right behind it
	night    bool // of an evening: small hours are of the next day
}

// hours reads the hours of a group. A part of the day beside a clock settles which half of the day it is
// in; alone it is a stretch.
func (r *reader) hours(items, dates []item) []hours {
	var all []hours
	var lone *part
	for _, d := range dates {
		if d.part != nil {
			lone = d.part
		}
	}
	clocks := false
	for _, it := range items {
		clocks = clocks || it.kind == aClock
	}
	for j, it := range items {
		switch it.kind {
		case aSame:
			if h, ok := r.same(); ok && !clocks && len(dates) > 0 {
				all = append(all, h)
			}
		case aClock:
			p := lone
			for k := range items { // the nearest part
				if items[k].kind == aPart && items[k].part != nil && (k == j-1 || k == j+1 || p == nil) {
					p = items[k].part
				}
			}
			all = append(all, it.hours(p))
		}
	}
	if clocks {
		return merge(all)
	}
	for _, it := range items {
		if it.kind == aPart && it.part != nil && !(it.part.many && len(dates) == 0) {
			all = append(all, hours{shape: stretch, readings: [][2]int{{it.part.lo, it.part.hi}}, strength: fair, part: true, near: it.near})
			lone = nil
		}
	}
	if lone != nil && len(all) == 0 {
		all = append(all, hours{shape: stretch, readings: [][2]int{{lone.lo, lone.hi}}, strength: strong, part: true})
	}
	return all
}

// merge makes one stretch of "after 9:30 but before 11".
func merge(all []hours) []hours {
	if len(all) == 2 && all[0].shape == onwards && all[1].shape == upTo && all[0].readings[0][0] < all[1].readings[0][1] {
		return []hours{{shape: stretch, readings: [][2]int{{all[0].readings[0][0], all[1].readings[0][1]}}, strength: all[0].strength}}
	}
	return all
}

// same is the hour of the agreed meeting, else the one spoken of last, else that of all that was offered.
func (r *reader) same() (hours, bool) {
	at := -1
	switch {
	case !r.Meeting.IsZero():
		at = secondsOf(r.Meeting.In(r.zone.place))
	case r.clock != nil:
		at = r.clock.at
	default:
		for i, o := range r.Offered {
			if s := secondsOf(o.Start.In(r.zone.place)); i > 0 && s != at {
				return hours{}, false
			} else {
				at = s
			}
		}
	}
	return hours{readings: [][2]int{{at, at}}, strength: strong}, at >= 0
}

func secondsOf(t time.Time) int { return t.Hour()*hour + t.Minute()*minute + t.Second() }

// hours gives the readings of a clock within a part of the day, nil for none said.
func (it item) hours(p *part) hours {
	h := hours{shape: it.shape, strength: it.strength, zone: it.zone}
	h.night = p != nil && p.lo >= evening.lo
	if it.shape != stretch {
		b := it.lo
		if it.shape == upTo {
			b = it.hi
		}
		for _, at := range b.meanings(p) {
			h.readings = append(h.readings, [2]int{at, at})
		}
		return h
	}
	for _, lo := range it.lo.meanings(p) {
		hi := it.hi.at
		if it.hi.bare && hi == noon && lo >= noon {
			hi = 0
		}
		for hi <= lo && (it.hi.bare || hi+noon <= fullDay) || hi <= lo && hi < fullDay {
			hi += noon
		}
		h.readings = append(h.readings, [2]int{lo, hi})
	}
	h.slot = h.readings[0][1]-h.readings[0][0] <= 45*minute
	return h
}

// meanings are the times of day that a bound may mean, the likeliest first.
func (b bound) meanings(p *part) []int {
	switch {
	case !b.bare:
		return []int{b.at}
	case p != nil && p.hi <= noon:
		return []int{b.at % noon}
	case p != nil:
		return []int{b.at%noon + noon}
	case b.at >= 7*hour && b.at < 8*hour:
		return []int{b.at, b.at + noon}
	}
	return []int{awake(b)}
}

// on puts hours on a day, or on a run of days from its first to its last.
func (h hours) on(r *reader, run days, place *time.Location) []Span {
	var all []Span
	for _, reading := range h.readings {
		all = append(all, h.span(r, run, reading[0], reading[1], place))
	}
	return all
}

func (h hours) span(r *reader, run days, lo, hi int, place *time.Location) Span {
	first, last := run.from, run.to.AddDate(0, 0, -1)
	if run.to.IsZero() {
		last = run.from
	}
	open := first.IsZero()
	if open {
		first = r.today
	}
	s := Span{Start: on(first, lo, place), Kind: Window}
	if h.night && lo < 5*hour && !s.Start.After(r.now) {
		s.Start = on(first.AddDate(0, 0, 1), lo, place)
	}
	switch h.shape {
	case onwards:
		if first.Before(last) { // Monday to Thursday after 4
			end := on(last, fullDay, place)
			s.End = &end
		}
	case point:
		if !first.Before(last) {
			s.Kind = Exact
		}
	case stretch:
		end := on(last, hi, place)
		s.End = &end
		if h.slot && !h.part && !first.Before(last) {
			s.Kind = Exact
		}
	case upTo:
		end := on(last, hi, place)
		s.End, s.Start = &end, on(first, workMorning*b2i(hi > workMorning), place)
		if open || s.Start.Before(r.now) && end.After(r.now) {
			s.Start = r.now
		}
	}
	if run.to.IsZero() && !run.from.IsZero() {
		s.End, s.Kind = nil, Window
	}
	return s
}
