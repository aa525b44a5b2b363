package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/mailer"
	"introd/templates"
)

func (a *app) checkCommand() *cobra.Command {
	var trial bool
	c := &cobra.Command{
		Use: "check", Short: "Sign in to both servers and say what works", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			conf, err := a.load()
			if err != nil {
				return err
			}
			if err := a.check(c.Context(), conf); err != nil {
				return err
			}
			if trial {
				return a.words(c.Context(), "trial", daemon.None{})
			}
			return nil
		},
	}
	c.Flags().BoolVar(&trial, "trial", false, "put a mail into INBOX whose answer shows whether replies can decide")
	return c
}

// check tries everything that introd needs and goes on where something does not work.
func (a *app) check(ctx context.Context, conf *config) error {
	account := conf.account(a.logger())
	failed := false
	say := func(ok bool, words string, args ...any) {
		failed = failed || !ok
		fmt.Fprintf(a.out, "%s  %s\n", map[bool]string{true: "ok  ", false: "FAIL"}[ok], fmt.Sprintf(words, args...))
	}
	s, err := mailer.Dial(ctx, account)
	if err != nil {
		say(false, "IMAP: %v", err)
	} else {
		defer s.Close()
		say(true, "IMAP: signed in at %s", account.IMAP.Host)
		a.checkMailbox(s, account, say)
	}
	if err := mailer.SignIn(ctx, account); err != nil {
		say(false, "SMTP: %v", err)
	} else {
		say(true, "SMTP: signed in at %s", account.SMTP.Host)
	}
	if _, err := templates.Load(conf.templates); err != nil {
		say(false, "texts: %v", err)
	}
	status, _, err := call[daemon.Status](ctx, a, "status", daemon.None{})
	switch {
	case err != nil:
		say(false, "records: %v", err)
	case status.Replies:
		say(true, "replies: answers to approval mails decide drafts")
	default:
		say(true, "replies: off, until a trial answer has passed (introd check --trial)")
	}
	if failed {
		return errors.New("something does not work yet: see above")
	}
	return nil
}

// checkMailbox says what the server can do and which folder plays which part.
func (a *app) checkMailbox(s *mailer.Session, account mailer.Account, say func(bool, string, ...any)) {
	caps := s.Caps()
	if caps.Idle {
		say(true, "new mail: the server tells at once (IDLE)")
	} else {
		say(true, "new mail: the server does not tell of it; introd looks every few minutes")
	}
	switch {
	case caps.UIDPlus:
		say(true, "tidying: introd can remove its own mails (UIDPLUS)")
	case caps.Move:
		say(true, "tidying: introd moves its own mails to the trash (MOVE)")
	default:
		say(true, "tidying: the server can neither remove nor move a single mail; introd's own mails stay, and drafts are sent by you from Drafts")
	}
	folders, err := s.Folders()
	if err != nil {
		say(false, "folders: %v", err)
		return
	}
	found := map[mailer.Role]mailer.Folder{}
	for _, f := range folders {
		if f.Role != "" {
			found[f.Role] = f
		}
	}
	for _, role := range []mailer.Role{mailer.RoleInbox, mailer.RoleSent, mailer.RoleDrafts} {
		f, ok := found[role]
		if !ok {
			say(false, "folder %s: not found; name it in the config under [account.folders]", role)
			continue
		}
		say(true, "folder %s: %s (by %s)", role, f.Name, f.Why)
	}
	for _, role := range []mailer.Role{mailer.RoleArchive, mailer.RoleAll, mailer.RoleJunk, mailer.RoleTrash} {
		if f, ok := found[role]; ok {
			say(true, "folder %s: %s (by %s)", role, f.Name, f.Why)
		}
	}
	for _, role := range []mailer.Role{mailer.RoleSend, mailer.RoleDrop} {
		name := account.Folders[role]
		_, ok := found[role]
		say(ok || name == "", "folder %s: %s", role, map[bool]string{true: name, false: name + " is not there: run introd init --force"}[ok || name == ""])
	}
	yes, known := mailer.FilesSent(account.SMTP.Host)
	switch {
	case known && yes:
		say(true, "Sent: your provider files sent mail itself")
	case known:
		say(true, "Sent: introd files sent mail")
	default:
		say(true, "Sent: it is not known whether the server files sent mail; introd looks before it files a copy")
	}
}
