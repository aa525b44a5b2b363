package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"introd/cmd/introd/talk"
	"introd/mailer/provider"
	"introd/templates"
)

// What introd init asks about the owner.

// askAddress asks for the address, and whether it is the one that was meant.
func (s *setup) askAddress(ctx context.Context) error {
	address, err := s.talk.Ask(ctx, talk.Question{Words: "Your mail address", Default: s.mailbox.Address, Check: mailAddress})
	if err != nil {
		return err
	}
	if meant := provider.DidYouMean(address); meant != "" {
		yes, err := s.talk.Yes(ctx, "Did you mean "+meant+"?", true)
		if err != nil {
			return err
		}
		if yes {
			address = meant
		}
	}
	s.mailbox.Address = address
	return nil
}

// mailAddress checks that an answer is one address, at a provider that lets introd in, and takes it out of angle brackets.
func mailAddress(answer string) (string, error) {
	a, err := mail.ParseAddress(answer)
	if err != nil || !strings.Contains(answer[strings.LastIndexByte(answer, '@'):], ".") {
		return "", errors.New("a mail address looks like sam@example.org")
	}
	if closed := provider.ByAddress(a.Address).Closed; closed != "" {
		return "", errors.New(closed)
	}
	return a.Address, nil
}

func (s *setup) askName(ctx context.Context) (err error) {
	before := s.conf.Owner.Name
	err = s.ask(ctx, &s.conf.Owner.Name, talk.Question{
		Words: "Your name", Default: s.guessName(), Check: needed("your name stands under every mail, so that people know who writes"),
	})
	if err == nil && before != "" {
		s.conf.Owner.Signature = strings.Replace(s.conf.Owner.Signature, before, s.conf.Owner.Name, 1)
	}
	return err
}

// needed refuses an empty answer with the reason why there must be one.
func needed(why string) func(string) (string, error) {
	return func(answer string) (string, error) {
		if answer == "" {
			return "", errors.New(why)
		}
		return answer, nil
	}
}

// guessName is the name that was given before, or the address's where it looks like one, or the one that this computer knows.
func (s *setup) guessName() string {
	if s.conf.Owner.Name != "" {
		return s.conf.Owner.Name
	}
	if name := nameIn(s.mailbox.Address); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Name != u.Username && strings.Contains(u.Name, " ") {
		return u.Name
	}
	return ""
}

// nameIn makes "Sam Rivera" of sam.rivera@example.org, and nothing of what is less clear.
func nameIn(address string) string {
	local, _, _ := strings.Cut(address, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '_' })
	for i, word := range words {
		if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) {
			return ""
		}
		words[i] = templates.Capital(strings.ToLower(word))
	}
	if len(words) < 2 {
		return ""
	}
	return strings.Join(words, " ")
}

func (s *setup) askAbout(ctx context.Context) error {
	s.talk.Say("One line about you; your mails say it. For example: I am a second-year chemistry student at Ohio State")
	return s.ask(ctx, &s.conf.Owner.About, talk.Question{Words: "I am", Default: s.conf.Owner.About, Check: func(answer string) (string, error) {
		return needed("people want to know who asks them: say what you study or do, and where")(lowerArticle(templates.About(answer)))
	}})
}

// lowerArticle makes "A student" go on after "I am".
func lowerArticle(about string) string {
	first, rest, _ := strings.Cut(about, " ")
	if lower := strings.ToLower(first); lower == "a" || lower == "an" || lower == "the" {
		return strings.TrimSpace(lower + " " + rest)
	}
	return about
}

func (s *setup) askSchool(ctx context.Context) error {
	s.conf.Owner.Signature = "" // it is composed anew
	return s.ask(ctx, &s.school, talk.Question{Words: "School or company, for your signature" + leaveOut(s.school), Default: s.school, Check: func(answer string) (string, error) {
		return strings.TrimPrefix(answer, "-"), nil
	}})
}

// leaveOut says how to give no answer: where there is one already Enter would keep it.
func leaveOut(now string) string {
	if now == "" {
		return " (Enter leaves it out)"
	}
	return " (- leaves it out)"
}

func (s *setup) askPhone(ctx context.Context) error {
	return s.ask(ctx, &s.phone, talk.Question{Words: "Phone, for your signature" + leaveOut(s.phone), Default: s.phone, Check: func(answer string) (string, error) {
		if answer == "-" {
			return "", nil
		}
		if answer != "" && !templates.Phone(answer) {
			return "", errors.New("a phone number has digits, as in +1 614 555 0100")
		}
		return answer, nil
	}})
}

// askSignature shows the signature as it will stand, and takes another.
func (s *setup) askSignature(ctx context.Context) error {
	lines := s.signature()
	s.talk.Say("This will stand under your mails. You can write your own, line by line, with an empty line at its end.\n    %s", strings.Join(lines, "\n    "))
	first, err := s.talk.Ask(ctx, talk.Question{Words: "Signature", Shown: "as above"})
	if err != nil {
		return err
	}
	if first != "" {
		if lines, err = s.talk.Lines(ctx, first); err != nil {
			return err
		}
	}
	s.conf.Owner.Signature = strings.Join(lines, "\n")
	if s.conf.Owner.Signature == s.conf.Owner.Name {
		s.conf.Owner.Signature = "" // which means the name, whatever it is
	}
	return nil
}

// signature is the one that was given before, or composes one of what was said.
func (s *setup) signature() []string {
	if s.conf.Owner.Signature != "" {
		return strings.Split(s.conf.Owner.Signature, "\n")
	}
	lines := []string{s.conf.Owner.Name}
	for _, line := range []string{s.school, s.phone} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (s *setup) askZone(ctx context.Context) error {
	now := s.clock.Now()
	zone, err := s.talk.Ask(ctx, talk.Question{Words: "Your time zone", Default: s.conf.Owner.Zone, Shown: zoneShown(s.conf.Owner.Zone, now), Check: findZone})
	if err != nil {
		return err
	}
	if zone != s.conf.Owner.Zone {
		s.talk.Say("  %s.", zoneShown(zone, now))
	}
	s.conf.Owner.Zone = zone
	return nil
}

// zoneShown says what a zone means: Europe/Berlin, where it is 14:05 now.
func zoneShown(zone string, now time.Time) string {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return ""
	}
	if zone == "Local" {
		zone = "this computer's"
	}
	return fmt.Sprintf("%s, where it is %s now", zone, now.In(location).Format("15:04"))
}

// regions are the continents and oceans by which zones are named.
var regions = []string{"America", "Europe", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Indian"}

// findZone takes the name of a zone, or of a city that gives a zone its name.
func findZone(answer string) (string, error) {
	if _, err := time.LoadLocation(answer); err == nil && answer != "" {
		return answer, nil
	}
	words := strings.FieldsFunc(answer, func(r rune) bool { return r == ' ' || r == '_' })
	for i, word := range words {
		words[i] = templates.Capital(strings.ToLower(word))
	}
	for _, region := range regions {
		name := region + "/" + strings.Join(words, "_")
		if _, err := time.LoadLocation(name); err == nil {
			return name, nil
		}
	}
	return "", fmt.Errorf("%q is no time zone that introd knows: write the nearest big city, or a name such as America/New_York", answer)
}

// computersZone is the name of the zone that this computer is set to; "Local" where it cannot be told.
func computersZone() string {
	if name := os.Getenv("TZ"); name != "" {
		if _, err := time.LoadLocation(name); err == nil {
			return name
		}
	}
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, found := strings.Cut(target, "zoneinfo/"); found {
			return strings.TrimPrefix(name, "posix/")
		}
	}
	return "Local"
}
