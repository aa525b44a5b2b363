package times

import "slices"

// settle decides, with the whole text read, which of the found times are offers.
func (r *reader) settle() {
	r.tellMore()
	offers := false
	for _, f := range r.found {
		offers = offers || f.claim == offered
	}
	for i, f := range r.found {
		switch {
		case f.claim == ruledOut:
			r.result.Excluded = append(r.result.Excluded, f.Time)
		case f.claim == aside, f.claim == told && offers, r.refined(i):
		default:
			r.keep(r.meant(f))
		}
	}
}

// tellMore makes an offer of the hour that is told after the day it belongs to: "Lunch on Thursday? 12:30, the usual place".
func (r *reader) tellMore() {
	for i := 1; i < len(r.found); i++ {
		day, hour := r.found[i-1], &r.found[i]
		if day.claim == offered && day.whole != nil && !day.days && hour.claim == told && hour.Kind == Exact && civil(hour.Start).Equal(day.whole.from) {
			hour.claim = offered
		}
	}
}

// refined says that another time says the same better: "Thursday works, say at 3".
func (r *reader) refined(i int) bool {
	f := r.found[i]
	if !f.broad || f.End == nil && !f.days {
		return false
	}
	for j, g := range r.found {
		within := !g.Start.Before(f.Start) && (f.End == nil || g.Start.Before(*f.End))
		finer := !g.broad || f.days && !g.days
		if j != i && g.claim <= told && within && finer && (j > i || f.days && f.End != nil) {
			return true
		}
	}
	return false
}

// meant is the offer that a day or an hour points at: "Thursday works" after "Tuesday at 3 or Thursday at 10".
func (r *reader) meant(f found) Time {
	at := -1
	for i, o := range r.Offered {
		start := o.Start.In(r.zone.place)
		day := f.whole != nil && !f.days && len(f.Alternatives) == 0 && civil(start).Equal(f.whole.from)
		clock := f.hourly && f.Kind == Exact && secondsOf(start) == secondsOf(f.Start.In(r.zone.place))
		if o.Kind == Day || !day && !clock {
			continue
		}
		if at >= 0 {
			return f.Time // two of them fit
		}
		at = i
	}
	if at < 0 {
		return f.Time
	}
	t := r.Offered[at]
	t.Text = f.Text
	return t
}

// keep adds a time that is not there yet.
func (r *reader) keep(t Time) {
	known := func(k Time) bool {
		return k.Start.Equal(t.Start) && (k.Kind == t.Kind || k.Kind != Day && t.Kind != Day)
	}
	if !slices.ContainsFunc(r.result.Times, known) {
		r.result.Times = append(r.result.Times, t)
	}
}
