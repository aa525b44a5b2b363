package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"introd/mailer/reading"
	"introd/mailer/reading/times"
)

func (a *app) readCommand() *cobra.Command {
	var text, at string
	c := &cobra.Command{
		Use: "read FILE…", Short: "Say what introd understands of a mail", Long: "Read mails (files, folders, - for standard input) and say what introd understands of them.",
		RunE: func(_ *cobra.Command, args []string) error {
			out := bufio.NewWriter(a.out)
			defer out.Flush()
			if text != "" {
				return a.readPhrase(out, text, at)
			}
			if len(args) == 0 {
				return errors.New("name the files to read, or - for standard input")
			}
			for _, path := range args {
				if err := a.readPath(out, path); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&text, "text", "", "read a bare phrase instead of a mail")
	c.Flags().StringVar(&at, "at", "", "when the phrase was written, such as 2026-11-23T09:00:00-05:00")
	return c
}

func (a *app) readPath(out io.Writer, path string) error {
	if path == "-" {
		raw, err := io.ReadAll(a.in)
		return a.readOne(out, "-", raw, err)
	}
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return nil
		}
		var raw []byte
		if err == nil {
			raw, err = os.ReadFile(name)
		}
		return a.readOne(out, name, raw, err)
	})
}

// readOne prints the reading of one mail. A mail that cannot be read is an object with an error, and
// the run goes on.
func (a *app) readOne(out io.Writer, name string, raw []byte, err error) error {
	r := reading.Reading{}
	if err == nil {
		r, err = safeRead(raw)
	}
	r.File = name
	if err != nil {
		r.Error = err.Error()
	}
	if !a.json {
		_, err := io.WriteString(out, plainReading(r))
		return err
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = out.Write(append(line, '\n'))
	return err
}

func safeRead(raw []byte) (r reading.Reading, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading it failed: %v", p)
		}
	}()
	return reading.Read(raw, reading.Context{OwnerZone: time.Local}), nil
}

// plainReading says for a person what was understood.
func plainReading(r reading.Reading) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.File)
	if r.Error != "" {
		fmt.Fprintf(&b, "  could not be read: %s\n\n", r.Error)
		return b.String()
	}
	say := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-9s %s\n", label, value)
		}
	}
	say("from", strings.Join(r.From, ", "))
	say("subject", r.Subject)
	say("written by", strings.ReplaceAll(string(r.Kind), "_", " "))
	say("means", strings.ReplaceAll(string(r.Intent), "_", " "))
	for _, t := range r.Times {
		say("time", timeWords(t))
	}
	for _, p := range r.People {
		say("names", strings.TrimSpace(p.Name+" "+p.Email)+" ("+p.Role+")")
	}
	say("link", r.Link)
	say("phone", r.Phone)
	say("place", r.Location)
	say("back on", r.ReturnDate)
	for _, why := range r.Because {
		say("because", fmt.Sprintf("%s: “%s” (%s)", why.Verdict, why.Evidence, why.Rule))
	}
	if r.NewText != "" {
		fmt.Fprintf(&b, "\n  %s\n", strings.ReplaceAll(r.NewText, "\n", "\n  "))
	}
	return b.String() + "\n"
}

func timeWords(t times.Time) string {
	words := t.Start.Format("Mon 2 Jan 2006 15:04 MST")
	if t.Kind == "day" {
		words = t.Start.Format("Mon 2 Jan 2006")
	}
	if t.End != nil && t.Kind == "window" {
		words += " to " + t.End.Format("15:04")
	}
	if n := len(t.Alternatives); n > 0 {
		words += fmt.Sprintf(", or %s", t.Alternatives[0].Start.Format("Mon 2 Jan 2006 15:04"))
	}
	return words + " (“" + t.Text + "”)"
}

func (a *app) readPhrase(out io.Writer, text, at string) error {
	ref := a.clock.Now()
	if at != "" {
		var err error
		if ref, err = time.Parse(time.RFC3339, at); err != nil {
			return fmt.Errorf("--at %q: write it like 2026-11-23T09:00:00-05:00", at)
		}
	}
	found := times.Find(text, times.Options{Ref: ref, OwnerZone: time.Local})
	if a.json {
		line, err := json.Marshal(found.Times)
		if err != nil {
			return err
		}
		_, err = out.Write(append(line, '\n'))
		return err
	}
	if len(found.Times) == 0 {
		_, err := fmt.Fprintln(out, "no time in it")
		return err
	}
	for _, t := range found.Times {
		fmt.Fprintln(out, timeWords(t))
	}
	return nil
}
