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

	"introd/daemon"
	"introd/mailer/reading"
	"introd/mailer/reading/times"
)

func (a *app) readCommand() *cobra.Command {
	var text, at string
	c := &cobra.Command{
		Use:   "read PATH…",
		Short: "See what introd understands of a mail",
		Long: "Read mails and say what introd understands of them: who wrote, what they mean, when they could meet, whom they name, and by which words.\n" +
			"A path is a file, a folder, which is read with all in it, or - for standard input. Nothing is sent, kept or changed.\n" +
			"With --json each mail is one line, in a form that stays stable; see docs/READING.md.",
		Example: examples(
			`introd read reply.eml`,
			`introd read --json Mail/ > readings.jsonl`,
			`introd read --text "Tuesday at 3 works" --at 2026-11-23T09:00:00-05:00`,
		),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := bufio.NewWriter(a.out)
			defer out.Flush()
			if cmd.Flags().Changed("text") {
				return a.readPhrase(out, text, at)
			}
			if len(args) == 0 {
				return &daemon.Refusal{Words: "name the files to read, or - for standard input"}
			}
			return a.readAll(out, args)
		},
	}
	c.Flags().StringVar(&text, "text", "", "read a bare `PHRASE` instead of a mail")
	c.Flags().StringVar(&at, "at", "", "the `TIME` at which the phrase was written, such as 2026-11-23T09:00:00-05:00; without it, now")
	return c
}

// readAll reads what is named. What is not there is said at the end, and the others are read.
func (a *app) readAll(out io.Writer, paths []string) error {
	var missing []error
	for _, path := range paths {
		if _, err := os.Stat(path); path != "-" && errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("there is no file or folder %s", path)
			missing = append(missing, err)
			if !a.json {
				continue
			}
			if err := a.printReading(out, path, reading.Reading{}, err); err != nil {
				return err
			}
		} else if err := a.readPath(out, path); err != nil {
			return err
		}
	}
	return errors.Join(missing...)
}

// readPath reads a file, all files of a folder in the order of their names, or standard input.
func (a *app) readPath(out io.Writer, path string) error {
	if path == "-" {
		raw, err := readMost(a.in)
		return a.readOne(out, "-", raw, err)
	}
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return nil
		}
		var raw []byte
		if err == nil {
			raw, err = readFile(name)
		}
		return a.readOne(out, name, raw, err)
	})
}

// mostMail is how large a mail may be: mail servers take 25 to 50 MB.
const mostMail = 64 << 20

// readFile reads a file that is one: a pipe or a device in a folder would keep us waiting.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readMost(f)
}

func readMost(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostMail+1))
	if err == nil && len(raw) > mostMail {
		err = errors.New("larger than 64 MB: this is no mail")
	}
	return raw, err
}

// readOne prints the reading of one mail. A mail that cannot be read is an object with an error, and
// the run goes on.
func (a *app) readOne(out io.Writer, name string, raw []byte, err error) error {
	var r reading.Reading
	if err == nil {
		r, err = safeRead(raw, a.reader())
	}
	return a.printReading(out, name, r, err)
}

func (a *app) printReading(out io.Writer, name string, r reading.Reading, failed error) error {
	if !a.json {
		_, err := io.WriteString(out, plainReading(name, r, failed))
		return err
	}
	var object any = struct {
		File  string `json:"file"`
		Error string `json:"error"`
	}{name, fmt.Sprint(failed)}
	if failed == nil {
		r.File = name
		object = r
	}
	line, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = out.Write(append(line, '\n'))
	return err
}

// reader is what a mail is read with: the owner's zone, or the computer's where there is no config.
func (a *app) reader() reading.Context {
	if a.zone == nil {
		if _, err := a.load(); err != nil {
			a.zone = time.Local
		}
	}
	return reading.Context{OwnerZone: a.zone}
}

// safeRead reads a mail; one that breaks the reader is reported like one that cannot be read.
func safeRead(raw []byte, c reading.Context) (r reading.Reading, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading it failed: panic: %v", p)
		}
	}()
	return reading.Read(raw, c), nil
}

// readPhrase reads a bare phrase as the whole text of a mail written at a time.
func (a *app) readPhrase(out io.Writer, text, at string) error {
	when := a.clock.Now()
	if at != "" {
		var err error
		if when, err = time.Parse(time.RFC3339, at); err != nil {
			return &daemon.Refusal{Words: fmt.Sprintf("--at %q: write it like 2026-11-23T09:00:00-05:00", at)}
		}
	}
	head := "Date: " + when.Format(time.RFC1123Z) + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	r, err := safeRead([]byte(head+text+"\r\n"), a.reader())
	return a.printReading(out, "", r, err)
}

// meanings say an intent for a person.
var meanings = map[reading.Intent]string{
	reading.Accept: "They say yes. No time is named yet.", reading.AcceptWithTimes: "They say yes and name when.",
	reading.ProposeLink: "They say yes: pick a time on their page.", reading.CounterQuestion: "They ask something back before they decide.",
	reading.Decline: "They say no.", reading.DeclineWithReferral: "They say no, and name somebody else.", reading.Referral: "They point you to somebody else.",
	reading.IntroMade: "They introduce you to somebody, who is copied.", reading.Later: "Not now: ask again later.", reading.OutOfOffice: "They are away.",
	reading.AutoAck: "An automatic receipt. Nobody has answered yet.", reading.IntentBounce: "The mail was not delivered.", reading.Unsubscribe: "They do not want to be written to again.",
	reading.ThanksOnly: "A courtesy. Nothing is decided by it.", reading.Reschedule: "They want to move what was agreed.", reading.Cancel: "They call it off.",
	reading.Unrelated: "This is about something else.", reading.Unsure: "introd is not sure what they mean. Read it yourself.",
}

var writers = map[reading.Kind]string{
	reading.KindPerson: "a person", reading.KindAutoReply: "a machine, on its own", reading.KindBounce: "a mail server: not delivered", reading.KindDelay: "a mail server: delivery is late",
	reading.KindList: "a mailing list", reading.KindCalendar: "a calendar",
}

var roles = map[string]string{
	"referral": "pointed to", "introduced": "introduced, and among the recipients", "stand_in": "stands in for them", "assistant": "their assistant", "copied": "copied",
}

// plainReading says for a person what was understood of a mail; name is "" for a bare phrase.
func plainReading(name string, r reading.Reading, failed error) string {
	var b strings.Builder
	if name != "" {
		fmt.Fprintf(&b, "%s\n", name)
	}
	if failed != nil {
		fmt.Fprintf(&b, "  It could not be read: %v\n\n", failed)
		return b.String()
	}
	say := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-12s %s\n", label, value)
		}
	}
	fmt.Fprintf(&b, "  %s\n", meanings[r.Intent])
	if name != "" {
		sayHead(say, r)
	}
	for _, t := range r.Times {
		say("Time", timeWords(t))
	}
	sayDetails(say, r)
	if name != "" && r.NewText != "" {
		fmt.Fprintf(&b, "\n    %s\n", strings.ReplaceAll(r.NewText, "\n", "\n    "))
	}
	sayReasons(&b, r)
	return b.String() + "\n"
}

func sayHead(say func(label, value string), r reading.Reading) {
	say("From", strings.Join(r.From, ", "))
	if r.Date != nil {
		say("Written", r.Date.Format("Mon 2 Jan 2006, 15:04 -0700")+" by "+writers[r.Kind])
	} else {
		say("Written by", writers[r.Kind])
	}
	say("Subject", r.Subject)
}

func sayDetails(say func(label, value string), r reading.Reading) {
	for _, p := range r.People {
		who := p.Name
		if p.Email != "" {
			who = strings.TrimSpace(who + " <" + p.Email + ">")
		}
		say("Names", who+", "+roles[p.Role])
	}
	say("Book at", r.Link)
	say("Call", r.Phone)
	say("Place", r.Location)
	if r.Intent == reading.Later {
		say("Ask again", dayWords(r.ReturnDate))
	} else {
		say("Back", dayWords(r.ReturnDate))
	}
	if r.Bounce != nil {
		for _, report := range r.Bounce.Reports {
			say("Failed for", strings.TrimSpace(report.Recipient+" "+report.Status))
		}
	}
	for _, inv := range r.Invites {
		say("Calendar", strings.TrimSpace(inv.Method+" "+inv.Start+" "+inv.Summary))
	}
	say("Attached", strings.Join(r.Attachments, ", "))
}

// sayReasons gives the words or the header behind each verdict.
func sayReasons(b *strings.Builder, r reading.Reading) {
	if len(r.Because) == 0 {
		return
	}
	fmt.Fprintf(b, "\n  Because\n")
	for _, why := range r.Because {
		fmt.Fprintf(b, "    %s: “%s” (%s)\n", why.Verdict, why.Evidence, why.Rule)
	}
}

func dayWords(iso string) string {
	day, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return day.Format("on Monday, 2 January 2006")
}

func timeWords(t times.Time) string {
	words := spanWords(t.Span)
	for _, other := range t.Alternatives {
		words += ", or " + spanWords(other)
	}
	return words + " (“" + t.Text + "”)"
}

func spanWords(s times.Span) string {
	if s.Kind == "day" {
		words := s.Start.Format("Mon 2 Jan 2006, ")
		if s.End == nil {
			return words + "from that day on"
		}
		if s.End.Sub(s.Start) > 36*time.Hour {
			return words + "to " + s.End.AddDate(0, 0, -1).Format("Mon 2 Jan")
		}
		return words + "all day"
	}
	words := s.Start.Format("Mon 2 Jan 2006, 15:04")
	switch {
	case s.End != nil:
		words += " to " + s.End.Format("15:04")
	case s.Kind == "window":
		words += " or later"
	}
	return words + s.Start.Format(" (-07:00)")
}
