package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"introd/daemon/calendar"
	"introd/daemon/steps"
	"introd/mailer/signin"
)

// availability is when the owner talks to people. A day that the config leaves out is a working day like
// any other, or a weekend without talks.
type availability struct {
	Monday       []hours  `toml:"monday"`
	Tuesday      []hours  `toml:"tuesday"`
	Wednesday    []hours  `toml:"wednesday"`
	Thursday     []hours  `toml:"thursday"`
	Friday       []hours  `toml:"friday"`
	Saturday     []hours  `toml:"saturday"`
	Sunday       []hours  `toml:"sunday"`
	EarlyAndLate bool     `toml:"early_and_late"`
	Buffer       duration `toml:"buffer"`
	MostPerWeek  int      `toml:"most_per_week"`
}

// hours are written "09:00-12:00".
type hours struct{ From, To clock }

func (h *hours) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "-")
	if !ok || h.From.UnmarshalText([]byte(strings.TrimSpace(from))) != nil || h.To.UnmarshalText([]byte(strings.TrimSpace(to))) != nil || h.To <= h.From {
		return errors.New("hours are written like 09:00-12:00")
	}
	return nil
}

// MarshalText is what UnmarshalText reads.
func (h hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

func (h hours) String() string { return h.From.String() + "-" + h.To.String() }

func (a *availability) days() [7]*[]hours { // by time.Weekday
	return [7]*[]hours{&a.Sunday, &a.Monday, &a.Tuesday, &a.Wednesday, &a.Thursday, &a.Friday, &a.Saturday}
}

func (a *availability) check(check checker) {
	least(check, "most_per_week", a.MostPerWeek, 0)
	least(check, "buffer", a.Buffer, 0)
	open := false
	for n, given := range a.days() {
		open = open || *given == nil || len(*given) > 0
		day := slices.SortedFunc(slices.Values(*given), func(x, y hours) int { return cmp.Compare(x.From, y.From) })
		for i := 1; i < len(day); i++ {
			name := strings.ToLower(time.Weekday(n).String())
			check.must(day[i-1].To <= day[i].From, name, "has %q and %q, which overlap: write them as one", day[i-1], day[i])
		}
	}
	check.must(open, "monday", "and all other days are without hours, so that nobody could be proposed a time: write some, as in [\"09:00-12:00\"]")
}

// A dayHours is one day of the week and its hours.
type dayHours struct {
	Day   time.Weekday
	Hours []hours
}

// Week are the hours that hold, Monday first; the template of the config prints them.
func (c *config) Week() (week []dayHours) {
	given := c.Availability.days()
	for _, day := range []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday} {
		open := *given[day]
		if open == nil && day != time.Saturday && day != time.Sunday {
			open = []hours{{c.Rules.DayStart, c.Rules.DayEnd}}
		}
		week = append(week, dayHours{day, open})
	}
	return week
}

func (c *config) windows() (windows [7][]steps.Window) {
	for _, day := range c.Week() {
		for _, h := range day.Hours {
			windows[day.Day] = append(windows[day.Day], steps.Window{From: time.Duration(h.From), To: time.Duration(h.To)})
		}
	}
	return windows
}

// calendarConfig is one of the owner's calendars.
type calendarConfig struct {
	Name            string `toml:"name"`
	Path            string `toml:"path"`
	URL             string `toml:"url" show:"host"` // who has it sees the calendar
	CalDAV          string `toml:"caldav" show:"server"`
	User            string `toml:"user"`
	PasswordCommand string `toml:"password_command" show:"hidden"`
	PasswordFile    string `toml:"password_file"`
}

func (c *config) checkCalendars(dir string, check checker) {
	named := map[string]bool{}
	for i := range c.Calendars {
		k, at := &c.Calendars[i], check.under(fmt.Sprintf("calendars.%d", i+1))
		k.Name = cmp.Or(k.Name, fmt.Sprintf("calendar %d", i+1))
		k.check(dir, at)
		at.must(!named[k.Name], "name", "= %q is the name of another calendar too: give each one of its own", k.Name)
		named[k.Name] = true
	}
}

// check settles a calendar's paths, and tells what is wrong with it.
func (k *calendarConfig) check(dir string, check checker) {
	given := 0
	for _, where := range []string{k.Path, k.URL, k.CalDAV} {
		if where != "" {
			given++
		}
	}
	check.must(given > 0, "url", "is missing: give it (of an .ics), or path (a file), or caldav (of a server or a calendar)")
	check.must(given < 2, "url", "is one of several ways to one calendar: leave one of path, url and caldav")
	for key, address := range map[string]string{"url": k.URL, "caldav": k.CalDAV} {
		u, err := url.Parse(address)
		web := err == nil && u.Host != "" && slices.Contains([]string{"http", "https", "webcal"}, u.Scheme)
		check.must(web || address == "", key, "is not an address that begins with https://")
	}
	secrets := (k.PasswordCommand == "") != (k.PasswordFile == "")
	check.must((k.User != "") == secrets, "user", "goes with one of password_command and password_file: give both or neither")
	k.Path, k.PasswordFile = located(dir, k.Path), located(dir, k.PasswordFile)
}

// located is a path as it is written in the config: from there, or from the owner's home.
func located(dir, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func (c *config) calendars() (all []calendar.Source) {
	for _, k := range c.Calendars {
		all = append(all, calendar.Source{
			Name: k.Name, Path: k.Path, URL: k.URL + k.CalDAV, CalDAV: k.CalDAV != "", User: k.User,
			Password: signin.Secret{Command: k.PasswordCommand, File: k.PasswordFile}.Get,
		})
	}
	return all
}
