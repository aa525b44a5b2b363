package daemon

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"strings"

	"introd/daemon/steps"
	"introd/mailer"
	"introd/store"
	"introd/templates"
)

// showReady puts every draft before the owner whose time to be shown has come.
func (e *Engine) showReady(context.Context) (did bool, err error) {
	err = e.update(func(tx *store.Tx) error {
		did = false
		drafts, err := tx.OpenDrafts()
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if d.State != store.Waiting || d.Shown || d.ShowAt.After(tx.Now()) || !e.reached(d.Account) {
				continue
			}
			if d.Code == "" { // its code died: it is shown again under a new one
				if err := e.version(tx, &d); err != nil {
					return err
				}
				if d.State != store.Waiting {
					continue
				}
			}
			if err := e.show(tx, d); err != nil {
				return err
			}
			did = true
		}
		return nil
	})
	return did, err
}

// show puts a draft before the owner: a copy in Drafts, in the right thread, and an approval mail in
// INBOX. Both are only planned here.
func (e *Engine) show(tx *store.Tx, d store.Draft) error {
	d.Shown = true
	if err := tx.PutDraft(d); err != nil {
		return err
	}
	raw, err := e.compose(d, d.Date, true)
	if err != nil {
		return err
	}
	if err := tx.PutObject(store.Object{
		MessageID: d.MessageID, Account: d.Account, Role: store.DraftCopy, State: store.Planned, Draft: d.ID, Version: d.Version,
		Raw: raw, Created: tx.Now(),
	}); err != nil {
		return err
	}
	if !e.ApprovalMails {
		return nil
	}
	subject, text, err := e.approvalText(tx, d)
	if err != nil {
		return err
	}
	return e.plan(tx, store.Object{MessageID: e.newObjectID(), Role: store.ApprovalAsk, Draft: d.ID, Version: d.Version, Folder: "INBOX"}, e.own(subject, text))
}

// approvalText writes the approval mail. Its subject bears only what the owner typed themselves: the
// kind, their own name for the person, the code. Strangers' words could trip a rule in their program.
func (e *Engine) approvalText(tx *store.Tx, d store.Draft) (subject, text string, err error) {
	v := templates.Values{
		"title": e.label(d), "code": d.Code, "to": strings.Join(append(d.To, d.Cc...), ", "), "why": d.Why,
		"from": e.fromWords(d.Account), "bcc": strings.Join(d.Bcc, ", "), "mail_subject": d.Subject, "mail_text": strings.TrimSpace(d.Text), "pause": Span(e.UndoPause),
	}
	if !d.Due.IsZero() {
		v["due"] = e.when(d.Due)
	}
	if len(d.Warnings) > 0 {
		v["warnings"] = "- " + strings.Join(d.Warnings, "\n- ")
	}
	var choices []string
	for _, c := range d.Choices {
		choices = append(choices, fmt.Sprintf("- %s (introd meet %s \"%s\")", e.when(c.Start), d.Person, c.Start.In(e.Owner.Zone).Format("2006-01-02 15:04")))
	}
	v["choices"] = strings.Join(choices, "\n")
	if d.Method != "" {
		v["invitation"] = d.Method
	}
	replies, err := e.replyVerbs(tx)
	if err != nil {
		return "", "", err
	}
	v["ways"] = e.ways(d, replies)
	return e.templates.Render("owner-approval", v)
}

// ways lists the ways to decide that work on this account.
func (e *Engine) ways(d store.Draft, replies bool) string {
	drafts := e.box(d.Account).folders[mailer.RoleDrafts].Name
	if len(e.boxes) > 1 {
		drafts += " of " + e.calls(d.Account, "")
	}
	ways := []string{"- open it in " + drafts + ", change what you like, and send it yourself"}
	send, drop := e.boxes[0].folders[mailer.RoleSend].Name, e.boxes[0].folders[mailer.RoleDrop].Name
	if send != "" && drop != "" {
		ways = append(ways, fmt.Sprintf("- move this mail to the folder %s, or to %s to throw the draft away", send, drop))
	}
	if replies {
		ways = append(ways, fmt.Sprintf("- answer this mail with one line: send %[1]s, drop %[1]s, hold %[1]s or later %[1]s 3d; or with edit %[1]s and the new text below it", d.Code))
	}
	return strings.Join(append(ways, fmt.Sprintf("- at the command line: introd approve %s (or drop, hold, later, edit)", d.Code)), "\n")
}

// ask plans the mail that asks the owner for a personal sentence.
func (e *Engine) ask(tx *store.Tx, c steps.Case, d store.Draft, w steps.Want) error {
	replies, err := e.replyVerbs(tx)
	if err != nil {
		return err
	}
	to := mail.Address{Name: c.Person.Name, Address: c.Person.Address}
	asked, err := question(tx, w)
	if err != nil {
		return err
	}
	v := templates.Values{"title": e.label(d), "to": to.String(), "ask": asked, "id": d.ID}
	if replies {
		v["by_reply"] = "yes"
	}
	if w.Kind == steps.AnswerQuery && w.Parent != nil && w.Parent.Mail != nil {
		v["their_words"] = quoted(w.Parent.Mail.Text)
	}
	text := "owner-question"
	if w.Kind == steps.ThankYou && w.Meeting != nil {
		text, v["title"], v["to"] = "owner-debrief", "talk with "+d.Person, c.Person.Name
		v["met_on"], v["id"] = w.Meeting.Start.In(e.Owner.Zone).Format("Monday"), d.Person
	}
	subject, text, err := e.templates.Render(text, v)
	if err != nil {
		return err
	}
	return e.plan(tx, store.Object{MessageID: e.newObjectID(), Role: store.Question, Draft: d.ID, Folder: "INBOX"}, e.own(subject, text))
}

// question is what the owner is asked for, by kind.
func question(tx *store.Tx, w steps.Want) (string, error) {
	switch w.Kind {
	case steps.IntroRequest:
		whom, err := tx.Person(w.About)
		return "It asks to be introduced to " + whom.Name + ". One sentence on why you would like to meet them, or what connects you with the one you ask.", err
	case steps.ThanksIntro:
		return "What does the introduction mean to you? One sentence.", nil
	case steps.OutcomeIntroducer:
		if w.Again {
			return "What came of it? One or two sentences for the one who introduced you.", nil
		}
		return "How did it go? One or two sentences for the one who brought you together: what was good about the talk, or what you do next.", nil
	case steps.AnswerQuery:
		return "They asked you something. Your answer goes into the mail as you write it.", nil
	case steps.KeepInTouch:
		return "What is there to tell them? Something that came of your talk, or of your year. Without an answer nothing is written.", nil
	}
	return "Why them? One sentence that fits nobody else: what you read, saw or heard of their work.", nil
}

// mostQuoted bounds how much of a stranger's text stands in a mail to the owner.
const mostQuoted = 2000

// quoted shows a stranger's text as a quote. It is data: it stands in no subject and after no verb.
func quoted(text string) string {
	if r := []rune(text); len(r) > mostQuoted {
		text = string(r[:mostQuoted]) + " …"
	}
	return "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ")
}

// notice writes a short mail to the owner.
func (e *Engine) notice(title, body string) (string, error) {
	_, text, err := e.templates.Render("owner-notice", templates.Values{"title": title, "body": body})
	return text, err
}

// kindNames are template kinds as a person would name them, where that is not the kind itself.
var kindNames = map[string]string{
	steps.IntroRequest: "introduction request", steps.Nudge: "reminder", steps.Reschedule: "new time", steps.Cancel: "cancellation",
	steps.ThankYou: "thank-you", steps.ThanksNo: "thanks", steps.ThanksIntro: "thanks for the introduction", steps.KeepInTouch: "a few words",
	steps.Missed: "mail after a missed talk", steps.AnswerIntro: "answer to the introduction", steps.OutcomeIntroducer: "word on how it went",
	steps.AnswerInvite: "answer", steps.AnswerQuery: "answer", steps.AnswerLater: "answer",
	steps.ConfirmTomorrow: "last confirmation", steps.ProposeTimes: "choice of times", steps.OutcomeAdviser: "word on what came of their advice",
}

// KindWords names the kind of a mail as a person would.
func KindWords(kind string) string {
	if strings.HasPrefix(kind, steps.Request) {
		return "request"
	}
	return cmp.Or(kindNames[kind], strings.ReplaceAll(kind, "-", " "))
}
