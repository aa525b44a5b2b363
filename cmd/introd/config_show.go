package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "See your settings, and whether they can be used", Args: cobra.ArbitraryArgs, RunE: notUnderstood}
	c.AddCommand(a.configShowCommand(), a.configCheckCommand())
	return c
}

func (a *app) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "See all that is wrong in your config, and in which lines", Args: cobra.NoArgs,
		Long: "Read the config and tell all that is wrong in it at once: the setting, its line, and what to do.\n" +
			"Nothing is connected to; whether your servers and calendars can be reached, introd check says.",
		RunE: func(*cobra.Command, []string) error {
			path, err := a.path()
			if err != nil {
				return err
			}
			bad := &badConfig{Path: path, Faults: []fault{}}
			_, err = a.load()
			if a.json && (err == nil || errors.As(err, &bad)) {
				return cmp.Or(a.printJSON(bad), err)
			}
			if err == nil {
				_, err = fmt.Fprintf(a.out, "%s can be used as it is.\n", path)
			}
			return err
		},
	}
}

func (a *app) configShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "See the settings that hold, and which of them you left as they are", Args: cobra.NoArgs,
		Long: "Show every setting that holds, also those that the config does not name. What is as it would be without the config is marked;\n" +
			"what may hold a secret, such as the words of a password_command, is hidden, so that you can show all of it to somebody who helps you.",
		RunE: func(*cobra.Command, []string) error {
			path, err := a.path()
			if err != nil {
				return err
			}
			all, err := settingsOf(path)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(all)
			}
			return a.settings(path, all)
		},
	}
}

// A shownSetting is one that holds.
type shownSetting struct {
	Key     string `json:"key"`
	Value   any    `json:"value"`
	Default bool   `json:"default"`          // it is as it would be without the config
	Hidden  bool   `json:"hidden,omitempty"` // Value does not tell all
	Line    int    `json:"line,omitempty"`   // where the config names it

	text string // the value as the config writes it
}

// settingsOf are all settings that hold by the config at path, in its order.
func settingsOf(path string) (all []shownSetting, err error) {
	holds, err := loadConfig(path)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	written, d := decode(raw)
	given, standard := written.texts(), written.without().texts()
	holds.Daemon.Data = holds.data
	holds.fillWeek()
	eachValue(reflect.ValueOf(holds).Elem(), "", "", func(s shownSetting) {
		s.Line = d.lines[s.Key]
		s.Default = given[s.Key] == standard[s.Key]
		all = append(all, s)
	})
	return all, nil
}

// without is what would hold if the config named its accounts and calendars and nothing else.
func (c *config) without() *config {
	bare := defaults()
	bare.Rules = c.Rules // working days are as long as they say
	for name, given := range c.Accounts {
		a := bare.addAccount(name)
		a.IMAP.User, a.SMTP.User, a.Folders = given.Address, given.Address, map[string]string{}
		for _, role := range roleNames {
			a.Folders[role] = ""
		}
	}
	bare.Calendars = make([]calendarConfig, len(c.Calendars))
	bare.fillWeek()
	bare.Rules = defaults().Rules
	return bare
}

// texts are all settings as the config writes them, by their keys.
func (c *config) texts() map[string]string {
	for name, a := range c.Accounts {
		a.fill(name)
		a.IMAP.User, a.SMTP.User = cmp.Or(a.IMAP.User, a.Address), cmp.Or(a.SMTP.User, a.Address)
	}
	c.fillWeek()
	texts := map[string]string{}
	eachValue(reflect.ValueOf(c).Elem(), "", "", func(s shownSetting) { texts[s.Key] = s.text })
	return texts
}

// fillWeek writes out the hours of days that the config leaves out.
func (c *config) fillWeek() {
	for _, day := range c.Week() {
		*c.Availability.days()[day.Day] = day.Hours
	}
}

// eachValue visits all settings below a part of a config. show is how the value that is visited is to be shown, by its tag:
// "hidden" where it may be a secret, "host" where an address is one behind its host, "server" where only its password is.
func eachValue(v reflect.Value, key, show string, visit func(shownSetting)) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	join := func(name string) string { return strings.TrimPrefix(key+"."+name, ".") }
	switch t := v.Type(); {
	case isList(t):
		for i := range v.Len() {
			eachValue(v.Index(i), join(fmt.Sprint(i+1)), show, visit)
		}
	case isTable(t) && t.Kind() == reflect.Map:
		names := v.MapKeys()
		slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, name := range names {
			eachValue(v.MapIndex(name), join(name.String()), show, visit)
		}
	case isTable(t):
		for _, parts := range []bool{false, true} { // what stands in the part itself comes first
			for i := range t.NumField() {
				f := t.Field(i)
				if name := f.Tag.Get("toml"); name != "" && parts == (isTable(f.Type) || isList(f.Type)) {
					eachValue(v.Field(i), join(name), f.Tag.Get("show"), visit)
				}
			}
		}
	default:
		if v.Kind() == reflect.Slice && v.IsNil() {
			v = reflect.MakeSlice(t, 0, 0) // none, to a program too
		}
		s := shownSetting{Key: key, Value: v.Interface(), text: literal(v.Interface())}
		if masked := mask(v.String(), show); show != "" && masked != v.String() {
			s.Value, s.text, s.Hidden = masked, literal(masked), true
		}
		visit(s)
	}
}

// mask hides what may be secret of a value.
func mask(word, show string) string {
	const hidden = "(hidden)"
	u, err := url.Parse(word)
	switch {
	case word == "":
		return ""
	case show == "hidden", err != nil, u.Host == "":
		return hidden
	case show == "server" && u.User == nil && u.RawQuery == "":
		return word
	}
	return u.Scheme + "://" + u.Host + "/" + hidden
}

// literal is a value as the config writes it.
func literal(v any) string {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice {
		words := make([]string, r.Len())
		for i := range words {
			words[i] = literal(r.Index(i).Interface())
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	switch v := v.(type) {
	case string, fmt.Stringer:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// settings prints all settings as a config would have them, a part below the other.
func (a *app) settings(path string, all []shownSetting) error {
	fmt.Fprintf(a.out, "# The settings that hold, by %s.\n", path)
	var w *tabwriter.Writer
	last := ""
	for i, s := range all {
		dot := strings.LastIndexByte(s.Key, '.')
		part, name := s.Key[:dot], s.Key[dot+1:]
		if part != last {
			w = tabwriter.NewWriter(a.out, 0, 0, 1, ' ', 0)
			fmt.Fprintf(a.out, "\n%s\n", head(part))
			last = part
		}
		note := map[bool]string{true: "\t# default"}[s.Default]
		fmt.Fprintf(w, "%s\t= %s%s\n", name, s.text, note)
		if i+1 == len(all) || !strings.HasPrefix(all[i+1].Key, part+".") || strings.Contains(all[i+1].Key[len(part)+1:], ".") {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// head is the line above the settings of a part.
func head(part string) string {
	if list, n, ok := strings.Cut(part, "."); ok && list == "calendars" {
		return "[[calendars]]   # " + n
	}
	return "[" + part + "]"
}
