package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"introd/daemon/steps"
)

// written loads the config that init writes, with these lines in the place of [availability] and calendars.
func written(t *testing.T, lines string) (*config, error) {
	t.Helper()
	text, err := example().write()
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(text, "\n[availability]\n")
	_, after, ok2 := strings.Cut(rest, "\n[daemon]\n")
	if !ok || !ok2 {
		t.Fatal("the config has no [availability] before [daemon]")
	}
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(before+"\n"+lines+"\n[daemon]\n"+after), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadConfig(path)
}

func TestHoursOfTheWeek(t *testing.T) {
	t.Parallel()
	nine, five := 9*time.Hour, 17*time.Hour
	for lines, want := range map[string]map[time.Weekday][]steps.Window{
		"": {time.Monday: {{From: nine, To: five}}, time.Friday: {{From: nine, To: five}}, time.Saturday: nil},
		"[availability]\nfriday = []\nsaturday = [\"10:00-12:00\"]":     {time.Monday: {{From: nine, To: five}}, time.Friday: nil, time.Saturday: {{From: 10 * time.Hour, To: 12 * time.Hour}}},
		"[availability]\nmonday = [\"09:00 - 10:30\", \"16:00-17:00\"]": {time.Monday: {{From: nine, To: nine + 90*time.Minute}, {From: 16 * time.Hour, To: five}}},
	} {
		c, err := written(t, lines)
		if err != nil {
			t.Fatal(err)
		}
		windows := c.windows()
		for day, hours := range want {
			if len(windows[day]) != len(hours) {
				t.Errorf("%q: %s %v, not %v", lines, day, windows[day], hours)
				continue
			}
			for i, h := range hours {
				if windows[day][i] != h {
					t.Errorf("%q: %s %v, not %v", lines, day, windows[day], hours)
				}
			}
		}
	}
}

// What is written wrongly is told in a sentence that says what to write.
func TestAvailabilityAndCalendarsAreChecked(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"[availability]\nmonday = [\"nine to five\"]":                 `monday must be a list of hours, written like ["09:00-12:00", "14:00-17:00"]`,
		"[availability]\nmonday = [\"12:00-09:00\"]":                  `monday must be a list of hours, written like ["09:00-12:00", "14:00-17:00"]`,
		"[availability]\nmonday = [\"14:00-17:00\", \"09:00-15:00\"]": `monday has "09:00-15:00" and "14:00-17:00", which overlap`,
		"[availability]\nmost_per_week = -1":                          "most_per_week = -1 is too few: write 0 or more",
		"[availability]\nmonday = []\ntuesday = []\nwednesday = []\nthursday = []\nfriday = []\nsaturday = []\nsunday = []": "monday and all other days are without hours",
		"[[calendars]]\nname = \"x\"":                                                                  "calendars.1.url is missing: give it (of an .ics), or path (a file), or caldav",
		"[[calendars]]\npath = \"a.ics\"\nurl = \"https://c.test/a.ics\"":                              "calendars.1.url is one of several ways to one calendar: leave one of",
		"[[calendars]]\nname = \"x\"\nurl = \"c.test/a.ics\"":                                          "calendars.1.url is not an address that begins with https://",
		"[[calendars]]\nname = \"x\"\ncaldav = \"https://c.test/\"\nuser = \"sam\"":                    "calendars.1.user goes with one of password_command and password_file",
		"[[calendars]]\nname = \"x\"\npath = \"a.ics\"\n[[calendars]]\nname = \"x\"\npath = \"b.ics\"": `calendars.2.name = "x" is the name of another calendar too`,
	} {
		if _, err := written(t, lines); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", lines, err)
		}
	}
	c, err := written(t, "[[calendars]]\nname = \"x\"\npath = \"a.ics\"\n[[calendars]]\nname = \"y\"\ncaldav = \"https://c.test/\"")
	if err != nil {
		t.Fatal(err)
	}
	all := c.calendars()
	if len(all) != 2 || !filepath.IsAbs(all[0].Path) || all[0].CalDAV || !all[1].CalDAV || all[1].URL != "https://c.test/" {
		t.Errorf("%+v", all)
	}
	again, err := c.write() // init --force keeps nothing, but what is written can be read
	if err != nil || !strings.Contains(again, "\n[[calendars]]\nname = \"x\"\n") {
		t.Errorf("%v in\n%s", err, again)
	}
}
