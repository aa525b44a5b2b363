package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
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

func (h hours) String() string { return h.From.String() + "-" + h.To.String() }

func (a *availability) days() [7][]hours { // by time.Weekday
	return [7][]hours{a.Sunday, a.Monday, a.Tuesday, a.Wednesday, a.Thursday, a.Friday, a.Saturday}
}

func (a *availability) check(say func(format string, args ...any)) {
	if a.MostPerWeek < 0 || a.Buffer < 0 {
		say("availability.most_per_week and availability.buffer cannot be less than nothing")
	}
	for _, day := range a.days() {
		if day == nil || len(day) > 0 {
			return
		}
	}
	say("availability: there are no hours on any day, so nobody could be proposed a time")
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
		open := given[day]
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
	URL             string `toml:"url"`
	CalDAV          string `toml:"caldav"`
	User            string `toml:"user"`
	PasswordCommand string `toml:"password_command"`
	PasswordFile    string `toml:"password_file"`
}

func (c *config) checkCalendars(dir string, say func(format string, args ...any)) {
	named := map[string]bool{}
	for i := range c.Calendars {
		k := &c.Calendars[i]
		k.check(dir, i, say)
		if named[k.Name] {
			say("two calendars are named %s", k.Name)
		}
		named[k.Name] = true
	}
}

// check settles a calendar's name and paths, and tells what is wrong with it.
func (k *calendarConfig) check(dir string, i int, say func(format string, args ...any)) {
	k.Name = cmp.Or(k.Name, fmt.Sprintf("calendar %d", i+1))
	given := 0
	for _, where := range []string{k.Path, k.URL, k.CalDAV} {
		if where != "" {
			given++
		}
	}
	if given != 1 {
		say("calendars, %s: give one of path (a file), url (of an .ics) and caldav (of a server or calendar)", k.Name)
	}
	if address := k.URL + k.CalDAV; address != "" {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "webcal" {
			say("calendars, %s: its address must begin with https://", k.Name)
		}
	}
	if (k.User != "") != ((k.PasswordCommand == "") != (k.PasswordFile == "")) {
		say("calendars, %s: user goes with one of password_command and password_file", k.Name)
	}
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
