package demo

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"introd/daemon"
	"introd/daemon/steps"
	"introd/daemon/web"
	"introd/store"
)

// narrate tells what happened since it was last called: mails, drafts, and introd's words to the owner.
func (w *World) narrate(ctx context.Context) error {
	people, err := w.people(ctx)
	if err != nil {
		return err
	}
	for _, line := range people {
		v, err := w.person(ctx, line.ID)
		if err != nil {
			return err
		}
		for _, ev := range v.History {
			if ev.Seq > w.story.events[v.ID] {
				w.story.event(w.clock.Now(), v, ev)
				w.story.events[v.ID] = ev.Seq
			}
		}
		w.talked(v)
		for _, d := range v.Drafts {
			w.story.draft(w.clock.Now(), v, d)
		}
	}
	return w.notices()
}

// talked tells of a talk that has taken place.
func (w *World) talked(v daemon.PersonView) {
	m := v.Meeting
	if m == nil || v.Stage != steps.StageMet || w.story.talks[m.UID] {
		return
	}
	w.story.talks[m.UID] = true
	from, to := m.Start.In(w.zone).Format("15:04"), m.End.In(w.zone).Format("15:04")
	w.story.say(w.clock.Now(), fmt.Sprintf("From %s to %s you and %s have talked.", from, to, w.story.strong(v.Name)))
}

// notices tells what introd itself says to the owner by mail. Drafts and questions are told already.
func (w *World) notices() error {
	mails, err := w.office.Mails(hero.Address, "INBOX")
	if err != nil {
		return err
	}
	for _, raw := range mails {
		m := entryOf(raw.Raw)
		if w.story.notices[m.id] || !m.own || m.isWork() {
			continue
		}
		w.story.notices[m.id] = true
		w.story.notice(w.clock.Now(), strings.TrimPrefix(m.subject, "introd: "), m.read().Text)
	}
	return nil
}

// notice shows a mail of introd's to its owner. Of the morning digests only the first is shown whole,
// and of the others those that bring something new.
func (s *story) notice(now time.Time, subject, text string) {
	digest := strings.Contains(text, "Last read ")
	switch {
	case digest && s.digest == subject:
	case digest && s.digest != "":
		s.say(now, "The morning digest: "+subject+".")
	default:
		s.say(now, "introd puts a mail into your INBOX: "+subject)
		s.paper(text)
	}
	if digest {
		s.digest = subject
	}
}

// readings are introd's verdicts in plain words.
var readings = map[string]string{
	"accept": "a yes", "accept_with_times": "a yes, with a time", "decline": "a kind no", "decline_with_referral": "a no, with somebody else's name",
	"referral": "a hint at somebody else", "intro_made": "an introduction", "propose_link": "a yes, with a booking page", "reschedule": "a wish for another time",
	"cancel": "the meeting is off", "later": "not now, but later", "out_of_office": "an absence notice, which is no answer", "auto_ack": "an automatic receipt",
	"unsubscribe": "a wish to be left alone, for good", "counter_question": "a question back", "bounce": "a mail that came back", "thanks_only": "thanks",
	"unsure": "unclear, so you are asked",
}

// kinds are the mails that introd writes, in plain words about a person.
var kinds = map[string]string{
	"intro-request": "a mail to %s that asks for an introduction", "interview-request-referred": "a request for a talk with %s",
	"interview-request-alumni": "a request for a talk with %s", "interview-request-cold": "a request for a talk with %s", "nudge": "one short reminder to %s",
	"propose-times": "a choice of times for %s", "confirmation": "a confirmation to %s", "reschedule": "a mail to %s with the new time",
	"cancel": "a cancellation to %s", "thank-you": "a thank-you to %s", "thanks-for-introducing": "thanks to %s for the introduction",
	"answer-to-introduction": "an answer to %s's introduction", "outcome-to-introducer": "word to %s on how it went",
	"thanks-for-no": "a short thank-you to %s", "answer-invite": "an answer to %s's invitation",
}

// mailTo names a draft: what it is, and to whom.
func mailTo(v daemon.PersonView, d daemon.DraftView) string {
	return fmt.Sprintf(cmp.Or(kinds[d.Kind], strings.ReplaceAll(d.Kind, "-", " ")+" to %s"), v.Name)
}

// because is the reason of a draft. That the owner asked for it, they know.
func because(d daemon.DraftView) string {
	if strings.Contains(d.Kind, "request") {
		return ""
	}
	return ", because " + d.Why
}

// links are the reasons for which a mail is known to be somebody's.
var links = map[string]string{
	"link.references": "it answers your mail", "link.address": "it comes from an address of theirs", "link.bounce-original": "your mail to them is in it",
	"link.bounce-recipient": "it names their address", "link.calendar-attendee": "it invites them",
}

// event tells one entry of a person's history.
func (s *story) event(now time.Time, v daemon.PersonView, ev store.Event) {
	switch ev.Kind {
	case store.MailIn:
		s.mailIn(now, v, ev)
	case store.MailOut:
		words := "introd sends your mail to %s, and files it in Sent."
		if ev.Mail.ByHand {
			words = "introd finds your mail to %s in Sent, and notes it."
		}
		s.say(now, fmt.Sprintf(words, v.Name))
	case store.OptedOut:
		s.more("introd will never write to " + v.Name + " again.")
	case store.Bounced:
		s.more("introd writes to that address no more.")
	}
}

// mailIn shows what somebody wrote, and what introd makes of it and why.
func (s *story) mailIn(now time.Time, v daemon.PersonView, ev store.Event) {
	read := ev.Mail.Read
	switch read.Kind {
	case "bounce":
		s.say(now, "Your mail to "+s.strong(v.Name)+" comes back.")
	case "calendar":
		s.say(now, s.strong(v.Name)+"'s calendar writes:")
		s.paper(ev.Mail.Text)
	case "auto_reply":
		s.say(now, s.strong(v.Name)+"'s mail program answers by itself:")
		s.paper(ev.Mail.Text)
	default:
		s.say(now, s.strong(v.Name)+" writes:")
		s.paper(ev.Mail.Text)
	}
	s.reading(read)
	if back, err := time.Parse(time.DateOnly, read.ReturnDate); err == nil {
		s.more("The reminder waits until after " + back.Format("Monday, January 2") + ".")
	}
	s.more("It belongs to " + v.Name + ": " + cmp.Or(links[ev.Mail.Link.Rule], ev.Mail.Link.Evidence) + ".")
}

// reading says what introd makes of a mail, and by which words.
func (s *story) reading(read *store.Verdict) {
	words := cmp.Or(readings[read.Intent], strings.ReplaceAll(read.Intent, "_", " "))
	for _, b := range read.Because {
		if b.Verdict != "intent="+read.Intent {
			continue
		}
		if calendar, ok := calendars[b.Evidence]; ok {
			words = calendar
		} else {
			words += fmt.Sprintf(" (“%s”)", b.Evidence)
		}
	}
	s.more("introd reads: " + words + ".")
	for _, slot := range read.Times {
		when := slot.Start.In(s.zone).Format("Monday, January 2, 15:04") + ", your time"
		if !strings.HasPrefix(slot.Text, "DTSTART") {
			when += fmt.Sprintf(" (“%s”)", slot.Text)
		}
		s.more("The time: " + when + ".")
	}
}

// calendars are what calendar programs say, in plain words.
var calendars = map[string]string{
	"METHOD:REPLY ACCEPTED": "a yes to your invitation", "METHOD:REPLY DECLINED": "a no to your invitation", "METHOD:REQUEST": "an invitation",
}

// draft tells what became of a draft, and shows it whole when it is new.
func (s *story) draft(now time.Time, v daemon.PersonView, d daemon.DraftView) {
	state := string(d.State) + d.Reason
	switch {
	case d.State == store.Waiting && !d.Shown, d.State == store.Sending, d.State == store.Sent:
		return
	case d.State == store.Waiting:
		state += d.Code
	}
	was, known := s.drafts[d.ID]
	if s.drafts[d.ID] = state; was == state {
		return
	}
	switch d.State {
	case store.Asking:
		s.say(now, fmt.Sprintf("introd prepares %s%s. It wants one sentence of yours.", mailTo(v, d), because(d)))
	case store.Waiting:
		s.waiting(now, v, d, known && !strings.HasPrefix(was, string(store.Asking)))
	case store.Approved:
		s.say(now, fmt.Sprintf("Approved. It goes out at %s; until then you can take it back.", d.SendAt.In(s.zone).Format("15:04")))
	case store.Held:
		s.say(now, fmt.Sprintf("The mail to %s is held: %s.", v.Name, d.Reason))
	case store.DroppedBy:
		s.say(now, "Dropped. It never goes out.")
	case store.Withdrawn:
		s.say(now, fmt.Sprintf("introd takes back the mail to %s: %s.", v.Name, d.Reason))
	case store.Editing:
		s.say(now, "You are changing the mail to "+v.Name+" in your mail program: it is yours to send.")
	case store.Unknown:
		s.say(now, fmt.Sprintf("Nobody knows whether the mail to %s went out: %s.", v.Name, d.Reason))
	}
}

// waiting shows a draft that waits for its owner, whole if this text was not shown before.
func (s *story) waiting(now time.Time, v daemon.PersonView, d daemon.DraftView, again bool) {
	text := d.Subject + "\n" + d.Text
	switch {
	case s.texts[d.ID] == text:
		s.say(now, "The mail to "+v.Name+" waits again.")
		return
	case again:
		s.say(now, fmt.Sprintf("introd shows the changed text, under a new code (%s):", d.Code))
	default:
		s.say(now, fmt.Sprintf("introd drafts %s%s:", s.strong(mailTo(v, d)), because(d)))
	}
	s.texts[d.ID] = text
	s.whole(d)
}

// whole shows a draft as it would go out.
func (s *story) whole(d daemon.DraftView) {
	s.paper("To: " + strings.ReplaceAll(strings.Join(d.To, ", "), `"`, "") + "\nSubject: " + d.Subject + "\n\n" + d.Text)
	if d.Invite {
		s.more("A calendar invitation goes with it.")
	}
	for _, w := range d.Warnings {
		s.more("Look: " + w)
	}
}

// why tells the reasons behind everything with a person.
func (w *World) why(ctx context.Context, person string) error {
	r, err := web.Call[daemon.WhyReply](ctx, w.Client, "why", daemon.PersonRequest{Person: person})
	if err != nil {
		return err
	}
	for _, g := range r.Lines {
		w.story.more(g.At.In(w.zone).Format("Mon Jan 2 15:04") + "  " + g.What)
		for _, reason := range g.Reasons {
			words := fmt.Sprintf("“%s”", reason.Evidence)
			if reason.Verdict != "" {
				words = reason.Verdict + ": " + words
			}
			if reason.Rule != "" {
				words += " (" + reason.Rule + ")"
			}
			w.story.list(words)
		}
	}
	return nil
}
