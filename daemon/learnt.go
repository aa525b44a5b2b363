package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"introd/mailer"
	"introd/mailer/provider"
	"introd/store"
)

// What is learnt of an account, by the name under which it is kept and shown.
const (
	factIdle      = "new mail"
	factUIDPlus   = "tidying"
	factMove      = "moving"
	factAppendUID = "putting up"
	factBytes     = "own mails"
	factFilesSent = "sent copies"
	factMessageID = "Message-ID"
	factPlusSent  = "you+Sent@"
	factPlusOwn   = "you+introd@"
	factSentShape = "your sent mail"
	factRules     = "rules"
	factReplies   = "replies"
)

// facts are all of them, in the order in which they are shown.
var facts = []string{factIdle, factUIDPlus, factMove, factAppendUID, factBytes, factSentShape, factFilesSent, factMessageID, factPlusSent, factPlusOwn, factRules}

// Values that several facts have.
const (
	valueRefused = "refused" // in spite of the server's promise
	valueFolder  = "folder"  // mail to you+folder@ lands in that folder
	valueLost    = "lost"    // it has not arrived
)

var yesNo = map[bool]string{true: "yes", false: "no"}

// latchFacts says which fact a capability is kept under.
var latchFacts = map[string]string{"IDLE": factIdle, "UIDPLUS": factUIDPlus, "MOVE": factMove}

// learnAgain is how long what was learnt holds before the daemon looks again.
const learnAgain = 30 * 24 * time.Hour

// A saying is how a fact is told: in the table, and what it means where that is not plain.
type saying struct{ state, result, words string }

// sayings are those of every fact, by its value.
var sayings = map[string]map[string]saying{
	factIdle: {
		"yes":        {stateOK, "the server tells at once (IDLE)", ""},
		"no":         {stateNote, "introd asks every few minutes (no IDLE)", ""},
		valueRefused: {stateNote, "introd asks every few minutes (IDLE is refused)", ""},
	},
	factUIDPlus: {
		"yes":        {stateOK, "introd takes its own mails away again (UIDPLUS)", ""},
		"labels":     {stateOK, "introd moves its own mails to the trash", ""},
		"no":         {stateNote, "introd moves its own mails to the trash (MOVE)", ""},
		valueRefused: {stateNote, "introd moves its own mails to the trash (UIDPLUS is refused)", ""},
		"nothing": {stateNote, "not possible (neither UIDPLUS nor MOVE)",
			"the server lets nobody take away a single mail: introd's own mails stay for you to delete, and drafts are sent by you, from Drafts"},
	},
	factMove: {
		"yes":        {stateOK, "out and back works (MOVE, COPYUID)", ""},
		"no":         {stateOK, "not offered (no MOVE)", ""},
		"no COPYUID": {stateOK, "out and back works (MOVE without COPYUID)", ""},
		"renumbered": {stateNote, "works, but the folder is renumbered by it (UIDVALIDITY)", "introd asks you instead of acting on what you move: decide with introd approve and introd drop"},
		valueRefused: {stateNote, "MOVE is offered and refused", "moving approval mails may not work in your mail program either: decide with introd approve and introd drop, or by sending from Drafts"},
	},
	factAppendUID: {
		"yes": {stateOK, "the server says where a mail lies (APPENDUID)", ""},
		"no":  {stateOK, "introd looks for its mails by Message-ID (no APPENDUID)", ""},
	},
	factBytes: {
		"yes": {stateOK, "come back as they were put up", ""},
		"no":  {stateNote, "the server changes them", "introd knows its mails by what the server makes of them"},
	},
	factFilesSent: {
		"yes": {stateOK, "the server puts them into Sent itself", ""},
		"no":  {stateOK, "introd puts them into Sent", ""},
		"":    {stateOK, "introd puts one into Sent where the server has not", ""},
	},
	factMessageID: {
		"kept":     {stateOK, "stays as introd made it", ""},
		"replaced": {stateNote, "the server replaces it", "introd finds your sent mails by the old one that stands beside it, or by thread and words"},
	},
	factPlusSent: {
		valueFolder: {stateNote, "lands in Sent", "anybody can put a mail into your Sent folder, so replies decide nothing on this account: decide by moving, in Drafts, or at the command line"},
		"elsewhere": {stateOK, "does not land in Sent", ""},
		"refused":   {stateOK, "is refused", ""},
		valueLost:   {stateOK, "does not arrive", ""},
	},
	factPlusOwn: {
		valueFolder: {stateOK, "lands in introd's folder", "a move counts for introd's own unchanged mail alone, so that nothing comes of it"},
		"unchanged": {stateNote, "lands in introd's folder, unchanged", "anybody can put a mail there as if you had moved it, so moves decide nothing on this account: decide in Drafts or at the command line"},
		"elsewhere": {stateOK, "does not land in introd's folder", ""},
		"refused":   {stateOK, "is refused", ""},
		valueLost:   {stateOK, "does not arrive", ""},
	},
	factRules: {
		"no":  {stateOK, "none puts mail from others into Sent or introd's folders", ""},
		"yes": {stateNote, "some put mail from others into Sent or introd's folders", "so replies decide nothing on this account: decide by moving, in Drafts, or at the command line"},
	},
}

// results makes rows of what is known.
func (c *checkup) results() error {
	known := c.learnt.Facts
	for _, what := range facts {
		fact, ok := known[what]
		value := fact.Value
		if what == factUIDPlus && value != "yes" && known[factMove].Value != "yes" && known[factMove].Value != "no COPYUID" {
			value = "nothing"
		}
		say, said := sayings[what][value]
		switch {
		case what == factSentShape && ok:
			c.shown(shapeSaying(fact.Value), what, fact)
		case said && (ok || value == "" && what == factFilesSent):
			c.shown(say, what, fact)
		}
	}
	if c.underWay() {
		c.row(Row{State: stateNote, What: "mail to yourself", Result: "looked for", Words: "run introd check again in a few minutes to see what became of it", How: howLetter})
	}
	if slices.ContainsFunc(c.learnt.Letters, func(l store.Letter) bool { return !l.Done && c.e.clock.Now().Sub(l.At) >= letterLost }) {
		c.row(Row{State: stateNote, What: "mail to yourself", Result: "one has not come", Words: "it lies in none of the folders that introd knows; introd looks for it for five days", How: howLetter})
	}
	c.foldersRow()
	if !c.box.home() {
		return nil // approval mails lie in the home account
	}
	return c.e.store.View(func(tx *store.Tx) error {
		row, err := c.repliesRow(tx)
		c.rows = append(c.rows, row)
		return err
	})
}

func (c *checkup) shown(s saying, what string, f store.Fact) {
	c.rows = append(c.rows, Row{State: s.state, What: what, Result: s.result, Words: s.words, How: f.How, At: f.At})
}

// shapeSaying tells of the traces that the owner's own sent mail bears.
func shapeSaying(value string) saying {
	if value == "none" {
		return saying{stateOK, "bears no trace of a delivery", ""}
	}
	count, names, _ := strings.Cut(value, ": ")
	return saying{stateNote, count + " bears a trace of a delivery: " + names,
		"a reply with such a trace cannot be told from mail that somebody else put there, and decides nothing"}
}

// fromTable notes what the config or the table of providers says, where nothing was tried.
func (c *checkup) fromTable() {
	table := provider.ByServer(c.account.SMTP.Host, c.account.Address)
	for _, known := range []struct{ what, value string }{
		{factFilesSent, string(table.FilesSent)}, {factMessageID, map[provider.Answer]string{provider.Yes: "replaced", provider.No: "kept"}[table.RewritesID]},
	} {
		if known.value != "" && c.learnt.Facts[known.what].How != howLetter {
			c.found(known.what, known.value, howTable)
		}
	}
	if c.account.FilesSent == "auto" && c.learnt.Facts[factFilesSent].How == howConfig {
		delete(c.learnt.Facts, factFilesSent)
	} else if c.account.FilesSent != "auto" {
		c.found(factFilesSent, c.account.FilesSent, howConfig)
	}
}

// repliesRow says whether replies decide, and why not.
func (c *checkup) repliesRow(tx *store.Tx) (row Row, err error) {
	row = Row{State: stateNote, What: factReplies, At: c.e.clock.Now()}
	passed, err := c.e.trialPassedBefore(tx)
	if err != nil {
		return row, err
	}
	trial, asked, err := c.e.trialOf(tx)
	fact, tried := c.learnt.Facts[factReplies]
	switch why := repliesOff(c.learnt); {
	case why != "":
		row.Result = "off: " + why
	case passed:
		row.State, row.Result, row.How, row.At = stateOK, "your answers to approval mails decide drafts", fact.How, fact.At
	case tried:
		row.Result, row.Words, row.How, row.At = "off: your answer to the trial mail did not pass", c.mask.hide(fact.Value), fact.How, fact.At
	case asked && trial.State == store.Planned:
		row.Result, row.Words = "off, until you answer the trial mail", "it comes into your INBOX when introd looks at your mail the next time: answer it with any word"
	case asked:
		row.Result, row.Words, row.At = "off, until you answer the trial mail", "it lies in your INBOX since "+c.e.when(trial.Created)+": answer it with any word", trial.Created
	default:
		row.Result, row.Words = "off, until you have answered a trial mail", "introd check --trial puts one into your INBOX"
		c.untried = true
	}
	return row, err
}

// repliesOff says what keeps replies from deciding on an account, whatever a trial has shown; "" for nothing.
func repliesOff(l store.Learnt) string {
	switch {
	case l.Facts[factPlusSent].Value == valueFolder:
		return "mail to you+Sent@ lands in Sent"
	case l.Facts[factRules].Value == "yes":
		return "rules put mail from others into Sent or introd's folders"
	}
	return ""
}

// foldersRow tells of folders that are not watched and receive mail.
func (c *checkup) foldersRow() {
	if c.learnt.At.IsZero() {
		return
	}
	row := Row{State: stateOK, What: "other folders", How: howTried, At: c.learnt.At}
	watched := 0
	for _, f := range c.learnt.Folders {
		if f.Watch {
			watched++
		}
	}
	fed := fed(c.learnt)
	row.Result = fmt.Sprintf("%d, %d watched; no mail comes into the others", len(c.learnt.Folders), watched)
	if len(c.learnt.Folders) == 0 {
		row.Result = "none"
	}
	if len(fed) > 0 {
		var names []string
		for _, name := range fed {
			names = append(names, c.mask.folder(mailer.Folder{Name: name}))
		}
		row.State, row.Result = stateNote, fmt.Sprintf("%d, %d watched; mail comes into %d others", len(c.learnt.Folders), watched, len(fed))
		row.Words = "mail in " + strings.Join(names, ", ") + " is not read: introd check --names says which that is, --watch FOLDER has it read, --ignore FOLDER leaves it alone"
	}
	c.rows = append(c.rows, row)
}

// unasked is what a yes of the owner's would show.
func (c *checkup) unasked() (what []string) {
	if c.session == nil {
		return nil
	}
	if !c.underWay() && len(c.wanted()) > 0 && c.removable() {
		what = append(what, "mail")
	}
	if _, ok := c.learnt.Facts[factRules]; !ok && c.box.home() {
		what = append(what, "rules")
	}
	if c.untried {
		what = append(what, "trial")
	}
	return what
}

// connect opens a session that does without what the server has refused before.
func (b *mailbox) connect(ctx context.Context) (*mailer.Session, error) {
	a := b.account.Account
	if err := b.engine.store.View(func(tx *store.Tx) error {
		l, err := tx.Learnt(a.Name)
		for capability, what := range latchFacts {
			if l.Facts[what].Value == valueRefused {
				a.Latched = append(a.Latched, capability)
			}
		}
		return err
	}); err != nil {
		return nil, err
	}
	return mailer.Dial(ctx, a)
}

// latch keeps what the server refused in a session in spite of its promise, so that it is not tried
// again and again. introd check tries it anew, and so does learn after a month.
func (b *mailbox) latch(s *mailer.Session) error {
	if len(s.Refused()) == 0 {
		return nil
	}
	return b.engine.update(func(tx *store.Tx) error {
		l, err := tx.Learnt(b.account.Name)
		if err != nil {
			return err
		}
		for _, name := range s.Refused() {
			l.Facts[latchFacts[name]] = store.Fact{Value: valueRefused, How: howTried, At: tx.Now()}
		}
		return tx.PutLearnt(l)
	})
}

// learn repeats, once a month after the first check, what a check finds out without asking, and looks
// for the mails that one has sent. It sends none. What fails in it is tried again a day later; the
// mailbox is none the worse for it.
func (b *mailbox) learn(ctx context.Context) (did bool, err error) {
	var l store.Learnt
	if err := b.engine.store.View(func(tx *store.Tx) (err error) {
		l, err = tx.Learnt(b.account.Name)
		return err
	}); err != nil {
		return false, err
	}
	now := b.engine.clock.Now()
	again := !l.At.IsZero() && now.Sub(l.At) >= learnAgain
	if due := nextLetter(l); !again && (due.IsZero() || due.After(now)) {
		return false, nil
	}
	c, err := b.checkup(b.engine.newMask())
	if err != nil {
		return false, err
	}
	if err := c.relearn(ctx, again); err != nil && ctx.Err() == nil {
		b.engine.log.Warn("what the account can do could not be looked at", "account", b.account.Name, "err", err)
		c.putOff(now.Add(24 * time.Hour))
	}
	return true, c.save()
}

// relearn looks again, at all or at the letters alone.
func (c *checkup) relearn(ctx context.Context, all bool) error {
	if err := c.signIn(ctx); err != nil {
		return err
	}
	defer c.session.Close()
	if err := c.findFolders(); err != nil {
		return err
	}
	if all {
		if err := c.silently(); err != nil {
			return err
		}
		if err := c.probe(); err != nil {
			return err
		}
	}
	return c.readLetters()
}

// putOff has nothing looked for until then.
func (c *checkup) putOff(until time.Time) {
	if !c.learnt.At.IsZero() {
		c.learnt.At = until.Add(-learnAgain)
	}
	for i := range c.learnt.Letters {
		if l := &c.learnt.Letters[i]; l.Next.Before(until) {
			l.Next = until
		}
	}
}

// refusals tell the owner what a capability that the server refuses in spite of its promise means.
var refusals = map[string]string{
	factIdle:    "offers to tell of new mail at once (IDLE) and refuses it: introd asks every few minutes",
	factUIDPlus: "offers UIDPLUS and refuses it: introd moves its own mails to the trash",
	factMove:    "offers MOVE and refuses it: if you cannot move approval mails either, decide with introd approve and introd drop",
}

// notesOnAccounts tells what was learnt of the accounts and is worth knowing at any time.
func (e *Engine) notesOnAccounts(tx *store.Tx) (sentences []string, err error) {
	for _, a := range e.Accounts {
		l, err := tx.Learnt(a.Name)
		if err != nil {
			return nil, err
		}
		who := "Your mail server"
		if len(e.Accounts) > 1 {
			who = "The mail server of " + e.calls(a.Name, "")
		}
		for _, what := range []string{factIdle, factUIDPlus, factMove} {
			if f := l.Facts[what]; f.Value == valueRefused {
				sentences = append(sentences, fmt.Sprintf("%s %s (since %s).", who, refusals[what], e.on(f.At)))
			}
		}
		for _, folder := range fed(l) {
			sentences = append(sentences, fmt.Sprintf("Mail comes into your folder %q, which introd does not read: introd check --watch %[1]q has it read, --ignore %[1]q leaves it alone.", folder))
		}
	}
	return sentences, nil
}

// filesSent says whether the account's server files what is sent: as its owner says, else as was
// learnt, else as is known of the provider. Where nobody knows, introd looks before it files a copy.
func (e *Engine) filesSent(tx *store.Tx, a Account) (bool, error) {
	if a.FilesSent != "auto" {
		return a.FilesSent == "yes", nil
	}
	l, err := tx.Learnt(a.Name)
	if fact := l.Facts[factFilesSent]; err != nil || fact.How == howLetter {
		return fact.Value == "yes", err
	}
	return provider.ByServer(a.SMTP.Host, a.Address).FilesSent == provider.Yes, nil
}

// movesOff says whether anybody can put a mail into introd's folder as if the owner had moved it there.
func movesOff(l store.Learnt) bool { return l.Facts[factPlusOwn].Value == "unchanged" }
