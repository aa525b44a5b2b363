package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// A change to a config leaves all else in it as its owner wrote it, comments among it.

// revise changes in the text of a config what differs between two states of it, and checks that it then says the second.
func revise(path, text string, before, after *config) (string, error) {
	if err := after.check(filepath.Dir(path)); err != nil {
		return "", err
	}
	was, err := before.write()
	if err != nil {
		return "", err
	}
	is, err := after.write()
	if err != nil {
		return "", err
	}
	for _, a := range after.accounts() {
		if before.Accounts[a.name] == nil {
			if text, err = withAccount(text, a); err != nil {
				return "", err
			}
			if was, err = withAccount(was, a); err != nil {
				return "", err
			}
		}
	}
	old, _, err := settingsIn(was)
	if err != nil {
		return "", err
	}
	values := map[string]string{}
	for _, s := range old {
		values[s.table+"."+s.key] = was[s.from:s.to]
	}
	now, _, err := settingsIn(is)
	if err != nil {
		return "", err
	}
	for _, s := range now {
		if value := is[s.from:s.to]; values[s.table+"."+s.key] != value {
			if text, err = withSetting(text, s.table, s.key, value); err != nil {
				return "", err
			}
		}
	}
	return text, says(path, text, is)
}

// says checks that a text says what another does.
func says(path, text, is string) error {
	have := ""
	c, err := readConfig(path, []byte(text))
	if err == nil {
		have, err = c.write()
	}
	if err != nil || have != is {
		return fmt.Errorf("%s is written in a way that introd cannot change by itself: change it there, in an editor", path)
	}
	return nil
}

// A setting is a key of a table, and from where to where its value stands in the text.
type setting struct {
	table, key string
	from, to   int
}

// settingsIn lists the settings of a text, and where each table ends: behind the last line that belongs to it.
func settingsIn(text string) (all []setting, ends map[string]int, err error) {
	var p unstable.Parser
	p.Reset([]byte(text))
	ends = map[string]int{}
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		var path []string
		last := 0
		for it := e.Key(); it.Next(); {
			path = append(path, string(it.Node().Data))
			last = int(it.Node().Raw.Offset + it.Node().Raw.Length)
		}
		if e.Kind == unstable.KeyValue {
			from, to := last, int(e.Raw.Offset+e.Raw.Length)
			from += strings.Index(text[from:to], "=") + 1
			from += len(text[from:to]) - len(strings.TrimLeft(text[from:to], " \t"))
			last = to
			full := slices.Concat(strings.Split(table, "."), path) // a key may have dots
			all = append(all, setting{strings.Trim(strings.Join(full[:len(full)-1], "."), "."), full[len(full)-1], from, to})
		} else {
			table = strings.Join(path, ".")
		}
		ends[table] = last + strings.Index(text[last:]+"\n", "\n") + 1
	}
	return all, ends, p.Error()
}

// withSetting gives a setting a value. One that is not there yet is put at its table's end, and a table that is not there at the
// end of all.
func withSetting(text, table, key, value string) (string, error) {
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	all, ends, err := settingsIn(text)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(all, func(s setting) bool { return s.table == table && s.key == key }); i >= 0 {
		return text[:all[i].from] + value + text[all[i].to:], nil
	}
	line := key + " = " + value + "\n"
	if end, there := ends[table]; there {
		return text[:end] + line + text[end:], nil
	}
	return text + "\n[" + table + "]\n" + line, nil
}

// withAccount puts an account in, with a comment on every setting: before the rules, where accounts stand.
func withAccount(text string, a *accountConfig) (string, error) {
	alone := defaults()
	alone.Accounts = map[string]*accountConfig{a.name: a}
	written, err := alone.write()
	if err != nil {
		return "", err
	}
	_, block, _ := strings.Cut(written, "\n[accounts.")
	block, _, _ = strings.Cut(block, "\n[rules]")
	block = "[accounts." + block
	if at := strings.Index(text, "\n[rules]"); at >= 0 {
		return text[:at+1] + block + text[at:], nil
	}
	return strings.TrimRight(text, "\n") + "\n\n" + block, nil
}
