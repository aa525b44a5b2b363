package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"introd/daemon"
	"introd/daemon/steps"
	"introd/mailer/reading"
	"introd/store"
)

func (a *app) addCommand() *cobra.Command {
	var q daemon.AddRequest
	c := &cobra.Command{
		Use: `add "Dana Wu <dana@bigco.test>"`,
		Example: examples(
			`introd add "Prof. Lee <lee@uni.edu>" --how professor`,
			`introd add "Dana Wu <dana@bigco.com>" --org BigCo --via lee`,
			`introd add dana --zone America/Los_Angeles`,
			`introd add dana --address dana.wu@home.example`,
		),
		Short: "Add a person, or another address of theirs",
		Long: "Add somebody whom you would like to talk to, or who can introduce you: only people whom you add are ever written to. " +
			"introd gives each a short name, such as dana; wherever it asks for a PERSON, that, an address, or a name that only one of them bears will do. " +
			"Add them again by that name to say more of them.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			q.Person = args[0]
			return a.words(c.Context(), "add", q)
		},
	}
	f := c.Flags()
	f.StringVar(&q.Org, "org", "", "the `ORGANIZATION` where they work")
	f.StringVar(&q.Via, "via", "", "the `PERSON` who gave you the name: \"Prof. Lee <lee@uni.test>\", or somebody you added")
	f.StringVar(&q.How, "how", "", "`HOW` you know of them: professor, alumni, friend, family, colleague, cold")
	f.StringVar(&q.Zone, "zone", "", "their time `ZONE`, such as America/New_York")
	f.StringVar(&q.ID, "id", "", "a short `NAME` of your choice")
	f.StringSliceVar(&q.Targets, "target", nil, "a `TARGET` on your list, a field or an industry, that they can tell of")
	f.StringVar(&q.Account, "account", "", "the `ACCOUNT` of yours that they are written to from, if you have several")
	f.StringVar(&q.Address, "address", "", "a further `ADDRESS` of somebody you have")
	oneOf(c, "how", "professor", "alumni", "friend", "family", "colleague", "cold")
	c.ValidArgsFunction = a.arguments([]string{"PERSON"}) // somebody new is written out, and no shell can know them
	return c
}

func (a *app) askCommand() *cobra.Command {
	var q daemon.AskRequest
	c := &cobra.Command{
		Use:     "ask PERSON --about SOMEBODY",
		Example: examples(`introd ask lee --about dana --why "Your course is why I changed my major."`),
		Short:   "Draft a mail that asks one person to introduce you to another",
		Long:    "Draft a mail to somebody you know, which asks them to introduce you to another, with a note that they can pass on. It goes out when you approve it.",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if q.Person = args[0]; q.About == "" {
				return &daemon.Refusal{Words: "say whom you would like to meet: introd ask " + q.Person + " --about SOMEBODY"}
			}
			return a.words(c.Context(), "ask", q)
		},
	}
	c.Flags().StringVar(&q.About, "about", "", "the `PERSON` whom you would like to meet")
	c.Flags().StringVar(&q.Why, "why", "", "one personal `SENTENCE`")
	return c
}

func (a *app) requestCommand() *cobra.Command {
	var q daemon.AskRequest
	var by string
	c := &cobra.Command{
		Use: "request PERSON",
		Example: examples(
			`introd request dana --why "Your talk on battery recycling stayed with me."`,
			`introd request kim --by phone`,
			`introd request dana --drop`,
		),
		Short: "Ask for a talk of 20 to 30 minutes, by mail, phone or LinkedIn",
		Long: "Draft a mail that asks somebody for a talk of 20 to 30 minutes; it goes out when you approve it. With --by phone or linkedin you are shown what to say or to paste, " +
			"and introd notes that you have asked.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			q.Person = args[0]
			if by != "" && by != "mail" && (q.Drop || q.Variant != "") {
				return &daemon.Refusal{Words: "--by " + by + " goes without --drop and --as: those are for mails"}
			}
			if by != "" && by != "mail" {
				return a.touch(c, daemon.TouchRequest{Person: args[0], By: by, Why: q.Why})
			}
			return a.words(c.Context(), "ask", q)
		},
	}
	f := c.Flags()
	f.StringVar(&q.Variant, "as", "", "the `KIND` of mail: referred, alumni or cold (default: by how you know them)")
	f.StringVar(&q.Why, "why", "", "one personal `SENTENCE` that fits nobody else")
	f.StringVar(&by, "by", "mail", "the `WAY` to ask: mail, phone or linkedin")
	oneOf(c, "as", "referred", "alumni", "cold")
	oneOf(c, "by", "mail", "phone", "linkedin")
	f.BoolVar(&q.Drop, "drop", false, "wait no longer for the answer to a request that went out")
	return c
}

func (a *app) peopleCommand() *cobra.Command {
	return &cobra.Command{
		Use: "people", Short: "List everybody, and how far you are with each", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return listing[daemon.PersonLine]{
				call: "people", ask: daemon.None{}, none: `Nobody yet. Begin with: introd add "Dana Wu <dana@bigco.test>" --org BigCo`,
				head: "NAME\tSHORT\tORGANIZATION\tSTAGE\tLAST MAIL\tNEXT",
				cells: func(l daemon.PersonLine) []any {
					stage := string(l.Stage)
					if l.Paused {
						stage += ", paused"
					}
					return []any{l.Name, l.ID, dash(l.Org), stage, a.day(l.Last), a.day(l.Next)}
				},
			}.show(c, a)
		},
	}
}

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show PERSON", Short: "See all about one person", Args: cobra.ExactArgs(1),
		Example: examples(`introd show dana`, `introd show --json dana`),
		RunE: func(c *cobra.Command, args []string) error {
			return show(c, a, "show", daemon.PersonRequest{Person: args[0]}, a.person)
		},
	}
}

func (a *app) person(v daemon.PersonView) error {
	a.tell(a.out, "%s <%s>, known as %s: %s", v.Name, v.Address, v.ID, v.Stage)
	for _, line := range []struct{ label, value string }{{"Works at", v.Org}, {"Written to from", v.From}, {"Through", v.Via}, {"How you know them", v.How}, {"Time zone", v.Zone}} {
		if line.value != "" {
			a.tell(a.out, "  %s: %s", line.label, line.value)
		}
	}
	for _, alias := range v.Aliases {
		if alias.Address != v.Address || alias.Dead {
			a.tell(a.out, "  Also at: %s%s", alias.Address, map[bool]string{true: " (does not work)"}[alias.Dead])
		}
	}
	if v.Introduced != nil {
		a.tell(a.out, "  Introduction by %s: %s", v.Introduced.ByName, a.course(*v.Introduced))
	}
	for _, i := range v.Introduces {
		a.tell(a.out, "  Introduction to %s: %s", i.Name, a.course(i))
	}
	if v.Meeting != nil {
		a.tell(a.out, "  Meeting: %s", strings.TrimSuffix(a.day(v.Meeting.Start)+", "+v.Meeting.Place, ", "))
	}
	if len(v.History) > 0 {
		a.tell(a.out, "\nWhat happened")
	}
	for _, ev := range v.History {
		a.tell(a.out, "  %-11s  %s", a.date(ev.At), a.event(ev))
	}
	if len(v.Wants) > 0 {
		a.tell(a.out, "\nWhat comes next")
	}
	for _, w := range v.Wants {
		a.tell(a.out, "  %s  %s: %s", a.day(w.At), wanted(w), w.Why)
	}
	return nil
}

// waysToTouch says what a request was that was no mail.
var waysToTouch = map[string]string{steps.ByPhone: "you called", steps.ByLinkedIn: "you wrote on LinkedIn"}

// answers say in a few words what a mail of theirs means.
var answers = map[reading.Intent]string{
	reading.Accept: "yes", reading.AcceptWithTimes: "yes, and when", reading.ProposeLink: "yes, on their booking page", reading.CounterQuestion: "a question back",
	reading.Decline: "no", reading.DeclineWithReferral: "no, and another name", reading.Referral: "another name", reading.IntroMade: "an introduction",
	reading.Later: "not now", reading.OutOfOffice: "away", reading.AutoAck: "an automatic receipt", reading.IntentBounce: "not delivered",
	reading.Unsubscribe: "asks for no more mail", reading.ThanksOnly: "a courtesy", reading.Reschedule: "another time", reading.Cancel: "calls it off",
	reading.Unrelated: "something else", reading.Unsure: "unclear",
}

// event says in one line what happened.
func (a *app) event(ev store.Event) string {
	words := ev.Kind.Words()
	switch ev.Kind {
	case store.MailIn:
		if ev.Mail.Read != nil {
			words += " (" + cmp.Or(answers[reading.Intent(ev.Mail.Read.Intent)], strings.ReplaceAll(ev.Mail.Read.Intent, "_", " ")) + ")"
		}
	case store.MailOut:
		if ev.Variant != "" {
			words += " (" + daemon.KindWords(ev.Variant) + ")"
		}
	case store.Asked:
		if waysToTouch[ev.Variant] != "" {
			words = "you wanted a talk"
		}
	case store.Touched:
		words = cmp.Or(waysToTouch[ev.Variant], words)
	}
	if ev.Mail != nil {
		words += ": " + ev.Mail.Subject
	}
	if ev.Meeting != nil {
		words += ", for " + a.day(ev.Meeting.Start)
	}
	return words
}

func (a *app) whyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "why PERSON|CODE", Short: "See why introd did or wrote something, and by which words", Args: cobra.ExactArgs(1),
		Example: examples(`introd why dana`, `introd why 4821`),
		RunE: func(c *cobra.Command, args []string) error {
			return show(c, a, "why", daemon.PersonRequest{Person: args[0]}, a.why)
		},
	}
}

func (a *app) why(r daemon.WhyReply) error {
	fmt.Fprintln(a.out, r.About)
	for _, g := range r.Lines {
		a.tell(a.out, "\n%s  %s", a.date(g.At), g.What)
		for _, reason := range g.Reasons {
			a.tell(a.out, "    %s: “%s” (%s)", dash(reason.Verdict), reason.Evidence, dash(reason.Rule))
		}
	}
	return nil
}

func (a *app) pauseCommand() *cobra.Command {
	return a.pausing("pause [PERSON]", "Draft and send nothing for now, to one person or to anybody", true)
}

func (a *app) resumeCommand() *cobra.Command {
	return a.pausing("resume [PERSON]", "Go on after a pause", false)
}

func (a *app) pausing(use, short string, on bool) *cobra.Command {
	verb, _, _ := strings.Cut(use, " ")
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.MaximumNArgs(1), Example: examples("introd "+verb, "introd "+verb+" dana"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.words(c.Context(), "pause", daemon.PauseRequest{Person: strings.Join(args, ""), On: on})
		},
	}
}
