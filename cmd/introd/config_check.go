package main

import (
	"fmt"
	"path/filepath"
	"time"

	"introd/mailer/signin"
)

// What the settings of a config must keep to, beyond the form in which they are written.

// A checker gathers what is wrong.
type checker struct {
	at    string // what stands before the keys: "accounts.main."
	found *[]fault
}

// must notes what is wrong with a setting, unless it is right. The words go on after its name: "is missing: …".
func (c checker) must(right bool, key, words string, args ...any) {
	if !right {
		key = c.at + key
		*c.found = append(*c.found, fault{Key: key, Words: key + " " + fmt.Sprintf(words, args...)})
	}
}

// under checks what stands in a part.
func (c checker) under(part string) checker { return checker{c.at + part + ".", c.found} }

// least wants a number, or a length of time, that is not smaller than one that makes sense.
func least[N int | duration](c checker, key string, have, want N) {
	if small := map[bool]string{true: "few", false: "short"}; have < want {
		_, number := any(have).(int)
		c.must(false, key, "= %s is too %s: write %s or more", literal(have), small[number], literal(want))
	}
}

// check settles what was written into what is used, or says what is wrong with it (*badConfig).
func (c *config) check(dir string) error {
	if faults := c.faults(dir); len(faults) > 0 {
		return &badConfig{Faults: faults}
	}
	return nil
}

// faults are what check finds. dir is where the config stands.
func (c *config) faults(dir string) (found []fault) {
	check := checker{found: &found}
	c.checkOwner(check.under("owner"))
	c.checkAccounts(check)
	c.checkRules(check.under("rules"))
	c.Availability.check(check.under("availability"))
	c.checkCalendars(dir, check)
	c.checkDaemon(check.under("daemon"))
	c.settle(dir)
	return found
}

// settle finds out where things lie, and who signs in by OAuth.
func (c *config) settle(dir string) {
	c.templates, c.questions = filepath.Join(dir, "templates"), filepath.Join(dir, "questions.txt")
	if c.data = c.Daemon.Data; c.data == "" {
		c.data = standardData()
	}
	for _, a := range c.Accounts {
		if a.oauth() && a.grant == nil {
			at, lock := a.kept(c.data)
			a.grant = signin.Open(a.app(), at, lock)
		}
	}
}

func (c *config) checkOwner(check checker) {
	zone, err := time.LoadLocation(c.Owner.Zone)
	c.zone = zone
	check.must(err == nil, "zone", "= %q is not a time zone: write one such as \"America/New_York\"", c.Owner.Zone)
	check.must(c.Owner.Name != "", "name", "is missing: your name stands under every mail, as in name = \"Sam Rivera\"")
	check.must(c.Owner.About != "", "about", "is missing: one line about you, as in about = \"a second-year chemistry student at Ohio State\"")
}

// checkRules refuses what no talk could be asked for or thanked for by.
func (c *config) checkRules(check checker) {
	r := c.Rules
	check.must(r.Length >= minutes(15) && r.Length <= minutes(60), "meeting_length", "= %q: ask for 20 to 30 minutes, and for no more than an hour", r.Length)
	for _, one := range []struct {
		key        string
		have, want int
	}{
		{"nudge_after_business_days", r.NudgeAfter, 1}, {"nudges", r.Nudges, 0}, {"open_for_business_days", r.OpenFor, 0}, {"keep_in_touch_months", r.KeepInTouch, 0},
	} {
		least(check, one.key, one.have, one.want)
	}
	least(check, "thank_you_ready", r.ThankReady, 0)
	least(check, "thank_you_due", r.ThankDue, r.ThankReady)
	least(check, "thank_you_overdue", r.ThankOverdue, r.ThankDue)
	least(check, "remind_before", r.RemindBefore, 0)
	check.must(r.DayStart < r.DayEnd, "day_end", "= %q must come after day_start = %q", r.DayEnd, r.DayStart)
}

// checkDaemon refuses what would never let introd rest, or never let it send.
func (c *config) checkDaemon(check checker) {
	d := c.Daemon
	for _, one := range []struct {
		key        string
		have, want duration
	}{
		{"poll", d.Poll, duration(10 * time.Second)}, {"undo_pause", d.UndoPause, 0}, {"code_life", d.CodeLife, minutes(60)},
		{"blind_after", d.BlindAfter, max(minutes(1), d.Poll)}, {"unknown_for", d.UnknownFor, 0},
	} {
		least(check, one.key, one.have, one.want)
	}
	least(check, "most_per_day", d.MostPerDay, 1)
}
