package steps

import "time"

// addBusinessDays moves t forward by n days that are neither Saturday nor Sunday in zone, keeping
// the time of day on the wall clock. From a weekend on, the Monday after it is the first of them.
func addBusinessDays(t time.Time, n int, zone *time.Location) time.Time {
	t = t.In(zone)
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if IsBusinessDay(t) {
			n--
		}
	}
	return t
}

// IsBusinessDay says whether t, in its own zone, is neither on a Saturday nor on a Sunday.
func IsBusinessDay(t time.Time) bool {
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// at returns the moment of day's date at the given time since midnight, in zone. It counts on the
// wall clock, so that nine o'clock is nine o'clock on the day that daylight saving starts.
func at(day time.Time, sinceMidnight time.Duration, zone *time.Location) time.Time {
	y, m, d := day.In(zone).Date()
	return time.Date(y, m, d, 0, int(sinceMidnight/time.Minute), 0, 0, zone)
}
