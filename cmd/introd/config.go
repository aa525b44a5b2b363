package main

import (
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

	"introd/daemon"
	"introd/daemon/steps"
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

// MarshalText is what UnmarshalText reads.
func (c clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

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

// standardData is where the records lie if the config does not say.
func standardData() string { return filepath.Join(xdg.StateHome, "introd") }

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
