package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/daemon/prep"
	"introd/mailer"
	"introd/templates"
)

func (a *app) checkCommand() *cobra.Command {
	var trial bool
	c := &cobra.Command{
		Use: "check", Short: "See what works, and what to do about what does not", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			conf, err := a.load()
			if err != nil {
				return err
			}
			if err := a.tellFindings(a.check(c.Context(), conf)); err != nil || !trial {
				return err
			}
			return a.words(c.Context(), "trial", daemon.None{})
		},
	}
	c.Flags().BoolVar(&trial, "trial", false, "put a mail into INBOX whose answer shows whether replies can decide")
	return c
}

// findings are what introd check found, in the order in which it looked.
type findings struct {
	OK    bool      `json:"ok"` // all of them
	Found []finding `json:"found"`
}

// A finding is one thing that works or does not. Words say what, and what to do if it does not.
type finding struct {
	OK    bool   `json:"ok"`
	What  string `json:"what"`
	Words string `json:"words"`
}

func (f *findings) say(ok bool, what, words string, args ...any) {
	f.OK = f.OK && ok
	f.Found = append(f.Found, finding{ok, what, fmt.Sprintf(words, args...)})
}

// tellFindings prints what was found. Something that does not work is an error.
func (a *app) tellFindings(f findings) error {
	if a.json {
		if err := a.printJSON(f); err != nil {
			return err
		}
	} else {
		for _, one := range f.Found {
			fmt.Fprintf(a.out, "%s  %s: %s\n", map[bool]string{true: "ok  ", false: "FAIL"}[one.OK], one.What, one.Words)
		}
	}
	if !f.OK {
		return errors.New("something does not work yet: mend what is marked FAIL, and run introd check again")
	}
	if !a.json {
		fmt.Fprintln(a.out, "\nEverything that introd needs works.")
	}
	return nil
}

// check tries everything that introd needs and goes on where something does not work.
func (a *app) check(ctx context.Context, conf *config) findings {
	f := findings{OK: true}
	account := conf.home().account(a.logger())
	if s, err := mailer.Dial(ctx, account); err != nil {
		f.say(false, "IMAP", "%s", mailer.Sentence(err))
	} else {
		defer s.Close()
		f.say(true, "IMAP", "signed in at %s as %s", account.IMAP.Host, account.IMAP.User)
		f.capabilities(s.Caps())
		f.folders(s, account)
	}
	if err := mailer.SignIn(ctx, account); err != nil {
		f.say(false, "SMTP", "%s", mailer.Sentence(err))
	} else {
		f.say(true, "SMTP", "signed in at %s as %s", account.SMTP.Host, account.SMTP.User)
	}
	yes, known := mailer.FilesSent(account.SMTP.Host)
	switch {
	case known && yes:
		f.say(true, "sent mail", "your provider keeps a copy itself")
	case known:
		f.say(true, "sent mail", "introd puts a copy into your Sent folder")
	default:
		f.say(true, "sent mail", "introd looks whether your server kept a copy, and puts one into your Sent folder if it did not")
	}
	if _, err := templates.Load(conf.templates); err != nil {
		f.say(false, "texts", "%v", err)
	} else {
		f.say(true, "texts", "all can be used")
	}
	if _, err := prep.Load(conf.questions); err != nil {
		f.say(false, "questions", "%v", err)
	} else {
		f.say(true, "questions", "all are open ones")
	}
	settings := conf.settings(a.logger())
	f.calendars(ctx, settings.Calendars, settings.CalendarOptions(a.clock.Now()))
	f.records(call[daemon.Status](ctx, a, "status", daemon.None{}))
	return f
}

// records says how what introd knows is kept, and what stands in the way of its work.
func (f *findings) records(status daemon.Status, running bool, err error) {
	if err != nil {
		f.say(false, "records", "%v", err)
		return
	}
	f.say(true, "records", "they can be read and written; introd is %s", map[bool]string{true: "running", false: "not running (introd run)"}[running])
	for _, sentence := range status.Stuck {
		f.say(false, "mail", "%s", sentence)
	}
	if status.Replies {
		f.say(true, "replies", "your answers to approval mails decide drafts")
	} else {
		f.say(true, "replies", "off, until you have answered a trial mail (introd check --trial)")
	}
}

// capabilities says what the server can do that changes what introd does.
func (f *findings) capabilities(caps mailer.Caps) {
	if caps.Idle {
		f.say(true, "new mail", "the server tells at once (IDLE)")
	} else {
		f.say(true, "new mail", "the server does not tell of it (no IDLE): introd asks every few minutes")
	}
	switch {
	case caps.UIDPlus:
		f.say(true, "tidying", "introd can take its own mails away again (UIDPLUS)")
	case caps.Move:
		f.say(true, "tidying", "introd moves its own mails to the trash (MOVE)")
	default:
		f.say(true, "tidying", "the server lets nobody take away a single mail (neither UIDPLUS nor MOVE): introd's own mails stay for you to delete, and drafts are sent by you, from Drafts")
	}
}

// folders says which folder plays which part.
func (f *findings) folders(s *mailer.Session, account mailer.Account) {
	all, err := s.Folders()
	if err != nil {
		f.say(false, "folders", "%v", err)
		return
	}
	found := map[mailer.Role]mailer.Folder{}
	for _, folder := range all {
		if folder.Role != "" {
			found[folder.Role] = folder
		}
	}
	for _, role := range []mailer.Role{mailer.RoleInbox, mailer.RoleSent, mailer.RoleDrafts, mailer.RoleArchive, mailer.RoleAll, mailer.RoleJunk, mailer.RoleTrash} {
		folder, ok := found[role]
		named, needed := account.Folders[role], role == mailer.RoleInbox || role == mailer.RoleSent || role == mailer.RoleDrafts
		switch {
		case named != "" && folder.Name != named:
			f.say(false, "folder "+string(role), "%s, which your config names, is not in your mailbox: change it under [accounts.%s.folders]", named, account.Name)
		case ok:
			f.say(true, "folder "+string(role), "%s (by %s)", folder.Name, folder.Why)
		case needed:
			f.say(false, "folder "+string(role), "not found: name it in the config under [accounts.%s.folders]", account.Name)
		}
	}
	for _, role := range []mailer.Role{mailer.RoleSend, mailer.RoleDrop} {
		name := account.Folders[role]
		switch _, ok := found[role]; {
		case ok:
			f.say(true, "folder "+string(role), "%s", name)
		case name != "":
			f.say(false, "folder "+string(role), "%s is not in your mailbox: make it in your mail program, or run introd init --force", name)
		}
	}
}
