package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/adrg/xdg"
	"github.com/pelletier/go-toml/v2"

	"introd/daemon"
	"introd/daemon/steps"
	"introd/mailer/signin"
)

// config is the config file, and where things lie.
type config struct {
	Owner struct {
		Name      string `toml:"name"`
		About     string `toml:"about"`
		Signature string `toml:"signature"`
		Zone      string `toml:"zone"`
		Overview  string `toml:"overview"`
		Home      string `toml:"home"`
	} `toml:"owner"`
	Accounts map[string]*accountConfig `toml:"accounts"`
	Rules    struct {
		NudgeAfter   int      `toml:"nudge_after_business_days"`
		Nudges       int      `toml:"nudges"`
		OpenFor      int      `toml:"open_for_business_days"`
		Length       duration `toml:"meeting_length"`
		ThankReady   duration `toml:"thank_you_ready"`
		ThankDue     duration `toml:"thank_you_due"`
		ThankOverdue duration `toml:"thank_you_overdue"`
		DayStart     clock    `toml:"day_start"`
		DayEnd       clock    `toml:"day_end"`
		PrepareAt    clock    `toml:"prepare_at"`
		KeepInTouch  int      `toml:"keep_in_touch_months"`
		RemindAt     clock    `toml:"remind_at"`
		RemindBefore duration `toml:"remind_before"`
	} `toml:"rules"`
	Availability availability     `toml:"availability"`
	Calendars    []calendarConfig `toml:"calendars"`
	Daemon       struct {
		Data          string   `toml:"data"`
		UndoPause     duration `toml:"undo_pause"`
		CodeLife      duration `toml:"code_life"`
		DigestAt      clock    `toml:"digest_at"`
		QuietFrom     clock    `toml:"quiet_from"`
		QuietTo       clock    `toml:"quiet_to"`
		ApprovalMails bool     `toml:"approval_mails"`
		Poll          duration `toml:"poll"`
		BlindAfter    duration `toml:"blind_after"`
		UnknownFor    duration `toml:"unknown_for"`
		MostPerDay    int      `toml:"most_per_day"`
	} `toml:"daemon"`

	data, templates, questions string
	zone                       *time.Location
}

// duration is written "90s", "15m", "24h" or "14d".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	s, unit := string(text), time.Duration(1)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		s, unit = days+"h", 24
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return errors.New("a length of time is written like 90s, 15m, 24h or 14d")
	}
	*d = duration(v * unit)
	return nil
}

// MarshalText is what UnmarshalText reads.
func (d duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d duration) String() string {
	v := time.Duration(d)
	switch {
	case v >= 48*time.Hour && v%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", v/(24*time.Hour))
	case v >= time.Hour && v%time.Hour == 0:
		return fmt.Sprintf("%dh", v/time.Hour)
	case v >= time.Minute && v%time.Minute == 0:
		return fmt.Sprintf("%dm", v/time.Minute)
	}
	return v.String()
}

// clock is a time of day, "07:30".
type clock time.Duration

func (c *clock) UnmarshalText(text []byte) error {
	t, err := time.Parse("15:04", string(text))
	if err != nil {
		return errors.New("a time of day is written like 07:30")
	}
	*c = clock(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	return nil
}

func (c clock) String() string {
	return fmt.Sprintf("%02d:%02d", int(time.Duration(c).Hours()), int(time.Duration(c).Minutes())%60)
}

// defaults are what holds where the config says nothing; config.example.toml shows them.
func defaults() *config {
	c := &config{}
	c.Owner.Zone = "Local"
	r, d := &c.Rules, &c.Daemon
	r.NudgeAfter, r.Nudges, r.OpenFor = 7, 1, 3
	r.Length, r.ThankReady, r.ThankDue, r.ThankOverdue = minutes(30), minutes(15), minutes(24*60), minutes(48*60)
	r.KeepInTouch = 3
	r.DayStart, r.DayEnd = clock(9*time.Hour), clock(17*time.Hour)
	r.RemindAt, r.RemindBefore = clock(7*time.Hour+30*time.Minute), minutes(60)
	c.Availability.EarlyAndLate = true
	r.PrepareAt = clock(18 * time.Hour)
	d.UndoPause, d.CodeLife, d.Poll, d.BlindAfter, d.UnknownFor = minutes(2), minutes(14*24*60), minutes(2), minutes(60), minutes(10)
	d.DigestAt, d.QuietFrom, d.QuietTo = clock(7*time.Hour+30*time.Minute), clock(22*time.Hour), clock(7*time.Hour)
	d.ApprovalMails, d.MostPerDay = true, 20
	return c
}

func minutes(n int) duration { return duration(time.Duration(n) * time.Minute) }

// loadConfig reads and checks a config file; all that is wrong is told at once.
func loadConfig(path string) (*config, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no config at %s: make one with introd init, or try introd without an account: introd demo", path)
	}
	if err != nil {
		return nil, err
	}
	return readConfig(path, raw)
}

// readConfig is loadConfig of a text that stands, or is to stand, at path.
func readConfig(path string, raw []byte) (*config, error) {
	c := defaults()
	decoder := toml.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(c); err != nil {
		return nil, decodeError(path, err)
	}
	if err := c.check(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("%s:\n%w", path, err)
	}
	return c, nil
}

// decodeError names key and line of everything that the file says wrongly.
func decodeError(path string, err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var all []error
		for _, e := range strict.Errors {
			row, _ := e.Position()
			if e.Key()[0] == "account" {
				return fmt.Errorf("%s:%d: %s", path, row, oldAccount)
			}
			all = append(all, fmt.Errorf("%s:%d: there is no setting %s", path, row, strings.Join(e.Key(), ".")))
		}
		return errors.Join(all...)
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		row, _ := decode.Position()
		words := strings.TrimPrefix(decode.Error(), "toml: ")
		if key := strings.Join(decode.Key(), "."); key != "" {
			words = key + ": " + words
		} else {
			words += ": words stand in quotes, as in name = \"Sam Rivera\""
		}
		return fmt.Errorf("%s:%d: %s", path, row, words)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// check turns what was written into what is used.
func (c *config) check(dir string) (err error) {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("  "+format, args...)) }
	if c.zone, err = time.LoadLocation(c.Owner.Zone); err != nil {
		say("owner.zone = %q is not a time zone: write one such as \"America/New_York\"", c.Owner.Zone)
	}
	if c.Owner.Name == "" {
		say("owner.name is missing: your name stands under every mail")
	}
	if c.Owner.About == "" {
		say("owner.about is missing: one line about you, such as \"a second-year chemistry student at Ohio State\"")
	}
	c.checkAccounts(say)
	if l := time.Duration(c.Rules.Length); l < 15*time.Minute || l > time.Hour {
		say("rules.meeting_length = %q: ask for 20 to 30 minutes, and for no more than an hour", c.Rules.Length)
	}
	c.checkAmounts(say)
	c.Availability.check(say)
	c.checkCalendars(dir, say)
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
	return errors.Join(wrong...)
}

// standardData is where the records lie if the config does not say.
func standardData() string { return filepath.Join(xdg.StateHome, "introd") }

// checkAmounts refuses what would never let introd rest, or never let it send.
func (c *config) checkAmounts(say func(format string, args ...any)) {
	d, r := c.Daemon, c.Rules
	for _, least := range []struct {
		key        string
		have, want duration
	}{
		{"daemon.poll", d.Poll, duration(10 * time.Second)}, {"daemon.undo_pause", d.UndoPause, 0}, {"daemon.code_life", d.CodeLife, minutes(60)},
		{"daemon.blind_after", d.BlindAfter, minutes(1)}, {"daemon.unknown_for", d.UnknownFor, 0},
	} {
		if least.have < least.want {
			say("%s = %q is too short: write %q or more", least.key, least.have, least.want)
		}
	}
	for _, least := range []struct {
		key        string
		have, want int
	}{{"daemon.most_per_day", d.MostPerDay, 1}, {"rules.nudge_after_business_days", r.NudgeAfter, 1}, {"rules.nudges", r.Nudges, 0}} {
		if least.have < least.want {
			say("%s = %d is too few: write %d or more", least.key, least.have, least.want)
		}
	}
	if r.DayStart >= r.DayEnd {
		say("rules.day_start = %q must come before rules.day_end = %q", r.DayStart, r.DayEnd)
	}
}

func (c *config) socket() string { return filepath.Join(c.data, "introd.sock") }

// settings are what the engine runs on.
func (c *config) settings(log *slog.Logger) daemon.Settings {
	d, r := c.Daemon, c.Rules
	return daemon.Settings{
		Owner:    daemon.Owner{Name: c.Owner.Name, About: c.Owner.About, Signature: c.Owner.Signature, Overview: c.Owner.Overview, Zone: c.zone},
		Accounts: c.mailboxes(log),
		Rules: steps.Rules{
			Zone: c.zone, NudgeAfter: r.NudgeAfter, Nudges: r.Nudges, OpenFor: r.OpenFor, Length: time.Duration(r.Length),
			ThankReady: time.Duration(r.ThankReady), ThankDue: time.Duration(r.ThankDue), ThankOverdue: time.Duration(r.ThankOverdue),
			DayStart: time.Duration(r.DayStart), DayEnd: time.Duration(r.DayEnd), KeepInTouch: r.KeepInTouch,
			PrepareAt: time.Duration(r.PrepareAt), RemindAt: time.Duration(r.RemindAt), RemindBefore: time.Duration(r.RemindBefore),
			Windows: c.windows(), KeepHours: !c.Availability.EarlyAndLate, Buffer: time.Duration(c.Availability.Buffer), MostPerWeek: c.Availability.MostPerWeek,
		},
		Calendars: c.calendars(),
		UndoPause: time.Duration(d.UndoPause), CodeLife: time.Duration(d.CodeLife), DigestAt: time.Duration(d.DigestAt),
		QuietFrom: time.Duration(d.QuietFrom), QuietTo: time.Duration(d.QuietTo), ApprovalMails: d.ApprovalMails, Poll: time.Duration(d.Poll),
		BlindAfter: time.Duration(d.BlindAfter), UnknownFor: time.Duration(d.UnknownFor), MostPerDay: d.MostPerDay,
	}
}

//go:embed config.tmpl
var configTemplate string

// write makes the text of a config file, with a comment on every setting.
func (c *config) write() (string, error) {
	t, err := template.New("config").Funcs(template.FuncMap{"quote": func(v any) string { return fmt.Sprintf("%q", fmt.Sprint(v)) }, "lower": strings.ToLower}).Parse(configTemplate)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = t.Execute(&out, c)
	return out.String(), err
}
