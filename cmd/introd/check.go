package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"introd/cmd/introd/talk"
	"introd/daemon"
	"introd/daemon/prep"
	"introd/daemon/web"
	"introd/templates"
)

// checkFlags are what introd check is told.
type checkFlags struct {
	daemon.CheckRequest
	names bool
	wait  time.Duration
}

func (a *app) checkCommand() *cobra.Command {
	f := checkFlags{wait: 2 * time.Minute}
	c := &cobra.Command{
		Use: "check", Short: "See what works, and what to do about what does not", Args: cobra.NoArgs,
		Example: examples(`introd check`, `introd check --mail`, `introd check --trial`),
		Long: "See what works on your account, and what to do about what does not. introd keeps what it learns and acts on it.\n" +
			"The table can go into a bug report: words in <angle brackets> stand in it for what is private, and --names tells you which.",
		RunE: func(c *cobra.Command, _ []string) error {
			conf, err := a.load()
			if err != nil {
				return err
			}
			return a.check(c.Context(), conf, f)
		},
	}
	fl := c.Flags()
	fl.BoolVar(&f.Mail, "mail", false, "send up to three mails from you to yourself, which show what your server does with sent mail; they are removed again")
	fl.BoolVar(&f.Trial, "trial", false, "put a mail into INBOX whose answer shows whether replies can decide")
	fl.StringArrayVar(&f.Watch, "watch", nil, "read the mail in one more `FOLDER`")
	fl.StringArrayVar(&f.Ignore, "ignore", nil, "leave a `FOLDER` alone, and say nothing more of it")
	fl.StringVar(&f.Rules, "rules", "", "your `ANSWER`, yes or no: whether rules of yours put mail from other people into Sent or into introd's folders")
	fl.DurationVar(&f.wait, "wait", f.wait, "how long to wait for the mails of --mail: a `TIME` such as 2m")
	fl.Lookup("wait").DefValue = duration(f.wait).String()
	oneOf(c, "rules", "yes", "no")
	oneOf(c, "watch") // folders of the mailbox, not of this computer
	oneOf(c, "ignore")
	fl.BoolVar(&f.names, "names", false, "say what the words in <angle brackets> stand for: for you alone, not for a bug report")
	return c
}

// A checkReport is what introd check prints.
type checkReport struct {
	Version string `json:"version"`
	System  string `json:"system"`
	daemon.CheckReply
}

// check looks at everything, asks at the terminal what only the owner knows, and prints.
func (a *app) check(ctx context.Context, conf *config, f checkFlags) error {
	if f.Rules != "" && f.Rules != "yes" && f.Rules != "no" {
		return &daemon.Refusal{Words: "--rules is answered by yes or no"}
	}
	report := checkReport{Version: version, System: runtime.GOOS + "/" + runtime.GOARCH}
	reply, err := a.look(ctx, f.CheckRequest)
	if err == nil && !a.json && isTerminal(a.out) {
		more, askErr := a.askOwner(ctx, reply)
		if askErr != nil {
			return askErr
		}
		if more != nil {
			f.Mail = more.Mail
			reply, err = a.look(ctx, *more)
		}
	}
	if err == nil && f.Mail {
		reply, err = a.await(ctx, reply, f.wait)
	}
	if no := (*web.Failure)(nil); errors.As(err, &no) && no.Refusal {
		return err
	}
	report.CheckReply = reply
	if err != nil {
		report.Rows = append(report.Rows, daemon.Row{State: "FAIL", What: "records", Result: "not to be had, so that nothing else was looked at", Words: homeless(err.Error()), At: a.clock.Now()})
	}
	for _, part := range []struct {
		what, result string
		load         func() error
	}{
		{"texts", "all can be used", func() error { _, err := templates.Load(conf.templates); return err }},
		{"questions", "all are open ones", func() error { _, err := prep.Load(conf.questions); return err }},
	} {
		row := daemon.Row{State: "ok", What: part.what, Result: part.result, How: "read", At: a.clock.Now()}
		if err := part.load(); err != nil {
			row.State, row.Result, row.Words = "FAIL", "one cannot be used", homeless(err.Error())
			report.OK = false
		}
		report.Rows = append(report.Rows, row)
	}
	return a.tellChecked(report, f.names)
}

// look asks the engine, the running daemon's or one in this process.
func (a *app) look(ctx context.Context, q daemon.CheckRequest) (daemon.CheckReply, error) {
	reply, running, err := call[daemon.CheckReply](ctx, a, "check", q)
	if err != nil {
		return reply, err
	}
	row := daemon.Row{State: "ok", What: "introd", Result: "is running", How: "asked", At: a.clock.Now()}
	if !running {
		row.State, row.Result, row.Words = "note", "is not running", "introd run starts it, or introd sync looks at your mail once"
	}
	reply.Rows = append(reply.Rows, row)
	return reply, nil
}

// homeless takes the owner's own folder, which may bear their name, out of an error.
func homeless(text string) string {
	home, err := os.UserHomeDir()
	if err != nil || len(home) < 2 {
		return text
	}
	return strings.ReplaceAll(text, home, "~")
}

// awaitStep is how often mails to the owner are looked for while the command waits.
const awaitStep = 10 * time.Second

// await waits until it is known what became of the mails that were sent, but no longer than most.
func (a *app) await(ctx context.Context, r daemon.CheckReply, most time.Duration) (daemon.CheckReply, error) {
	waited := time.Duration(0)
	for told := false; !r.Pending.IsZero() && waited < most; waited += awaitStep {
		if !told && !a.json {
			told = true
			a.tell(a.err, "Waiting for the mails to come, up to %s; what comes later is found by a later introd check, or by introd run.", daemon.Span(most))
		}
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-a.clock.After(awaitStep):
		}
		var err error
		if r, err = a.look(ctx, daemon.CheckRequest{Letters: true}); err != nil {
			return r, err
		}
	}
	if waited == 0 {
		return r, nil
	}
	return a.look(ctx, daemon.CheckRequest{})
}

// askOwner asks at the terminal what only the owner can say or allow; nil if they leave all as it is.
func (a *app) askOwner(ctx context.Context, r daemon.CheckReply) (*daemon.CheckRequest, error) {
	t, q := talk.New(a.in, a.out), daemon.CheckRequest{}
	ask := func(words string) (string, error) {
		return t.Ask(ctx, talk.Question{Words: words, Shown: "y/n, Enter for not now", Check: func(answer string) (string, error) {
			short := map[string]string{"": "", "y": "yes", "yes": "yes", "n": "no", "no": "no"}
			if full, ok := short[strings.ToLower(answer)]; ok {
				return full, nil
			}
			return "", errors.New("answer y for yes or n for no")
		}})
	}
	var err error
	for _, what := range r.Unasked {
		answer := ""
		if err == nil {
			answer, err = ask(ownerQuestions[what])
		}
		switch what {
		case "mail":
			q.Mail = answer == "yes"
		case "trial":
			q.Trial = answer == "yes"
		case "rules":
			q.Rules = answer
		}
	}
	for _, folder := range r.Fed {
		answer := ""
		if err == nil {
			answer, err = ask(fmt.Sprintf("Mail comes into your folder %q, which introd does not read. Shall it", folder))
		}
		switch answer {
		case "yes":
			q.Watch = append(q.Watch, folder)
		case "no":
			q.Ignore = append(q.Ignore, folder)
		}
	}
	if errors.Is(err, talk.ErrEnded) || errors.Is(err, talk.ErrBack) {
		err = nil // no more answers
	}
	if !q.Mail && !q.Trial && q.Rules == "" && len(q.Watch)+len(q.Ignore) == 0 {
		return nil, err
	}
	return &q, err
}

// ownerQuestions are what is asked, by the daemon's word for it.
var ownerQuestions = map[string]string{
	"mail":  "May introd send up to three mails from you to yourself, to see what your server does with sent mail? It removes them again",
	"trial": "May introd put a mail into your INBOX for you to answer, to see whether answers can decide drafts",
	"rules": "Do rules (filters) of yours put mail from other people into Sent, or into introd's own folders",
}

// tellChecked prints what was found. Something that does not work is an error.
func (a *app) tellChecked(r checkReport, names bool) error {
	if !names {
		r.Legend, r.Fed = nil, nil
	}
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else if err := a.tellTables(r); err != nil {
		return err
	}
	if !r.OK {
		return errors.New("something does not work yet: mend what is marked FAIL, and run introd check again")
	}
	if !a.json {
		fmt.Fprintln(a.out, "\nEverything that introd needs works.")
	}
	return nil
}

func (a *app) tellTables(r checkReport) error {
	fmt.Fprintf(a.out, "introd %s on %s, %s\n", r.Version, r.System, a.day(a.clock.Now()))
	all := r.Rows
	for i := len(r.Accounts) - 1; i >= 0; i-- {
		all = append(slices.Clone(r.Accounts[i].Rows), all...)
	}
	for i, one := range r.Accounts {
		if len(r.Accounts) > 1 {
			fmt.Fprintf(a.out, "\nAccount %d\n", i+1)
		}
		if len(one.Offers) > 0 {
			a.tell(a.out, "Server: %s\nIt offers: %s", cmp.Or(one.Server, "it does not say what it is"), strings.Join(one.Offers, " "))
		}
		if len(r.Accounts) > 1 {
			if err := a.checkTable(one.Rows); err != nil {
				return err
			}
		}
	}
	rest := all
	if len(r.Accounts) > 1 {
		rest = r.Rows
	}
	if err := a.checkTable(rest); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	for _, row := range all {
		if row.Words != "" {
			a.tell(a.out, "%-5s %s: %s; %s.", row.State, row.What, row.Result, row.Words)
		}
	}
	if len(r.Legend) > 0 {
		fmt.Fprintln(a.out, "\nFor you alone; not for a bug report:")
		for _, w := range r.Legend {
			fmt.Fprintf(a.out, "%s is %s\n", w.Instead, w.Word)
		}
	}
	return nil
}

func (a *app) checkTable(rows []daemon.Row) error {
	fmt.Fprintln(a.out)
	return a.table("     \tWHAT\tRESULT\tHOW IT IS KNOWN\tWHEN", func(row func(...any)) {
		for _, r := range rows {
			row(fmt.Sprintf("%-5s", r.State), r.What, r.Result, dash(r.How), a.lately(r.At))
		}
	})
}
