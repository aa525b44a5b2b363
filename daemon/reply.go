package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"introd/daemon/steps"
	"introd/mailer"
	"introd/mailer/reading"
	"introd/store"
)

// A reply of the owner's to one of introd's own mails is a command (a verb and a code) or an answer
// (the sentence that introd asked for). Whether it counts is decided here, and nowhere else.

// deliveryHeaders are left by servers on mail that they deliver. The owner's own mail in Sent bears
// none of them; a mail that somebody addressed into the Sent folder bears at least one.
var deliveryHeaders = []string{"Delivered-To", "X-Original-To", "Received-SPF", "Authentication-Results", "ARC-Seal", "ARC-Authentication-Results"}

// relayHeaders may stand on the owner's own mail where the provider files what it was handed. For a
// reply that decides something they count as traces from outside all the same.
var relayHeaders = []string{"Return-Path", "Received"}

func firstTrace(h mailer.Header, fields []string) string {
	for _, field := range fields {
		if h.Get(field) != "" {
			return field
		}
	}
	return ""
}

// takeReply carries out what a reply in Sent says, if every rule of DESIGN §5 holds; else it does
// nothing and says why.
func (e *Engine) takeReply(tx *store.Tx, in incoming, read reading.Reading, o store.Object) error {
	if seen, err := e.replySeen(tx, in); seen || err != nil {
		return err
	}
	if o.Role != store.ApprovalAsk && o.Role != store.Question && o.Role != store.Trial {
		return e.tell(tx, "Nothing done", "You answered a mail from introd that takes no answers. Answer an approval mail, or use the command line.")
	}
	if why := e.untrusted(in, o); why != "" {
		e.log.Warn("a reply in Sent was not trusted", "reason", why)
		if o.Role == store.Trial && o.Account == e.home().Name {
			if err := e.noteTrial(tx, why); err != nil {
				return err
			}
		}
		return e.tell(tx, "Nothing done", "A reply to introd was found in "+in.folder.Name+" but did not count: "+why+". Use `introd approve` at the command line.")
	}
	if o.Role == store.Trial {
		return e.trialPassed(tx, o)
	}
	if on, err := e.replyVerbs(tx); err != nil {
		return err
	} else if !on {
		return e.repliesAreOff(tx)
	}
	d, err := tx.Draft(o.Draft)
	if err != nil {
		return err
	}
	if o.Role == store.Question {
		return e.takeAnswer(tx, d, o, read)
	}
	return e.takeCommand(tx, d, o, read)
}

// replySeen remembers the reply, so that a second look (a new UIDVALIDITY) does not act again.
func (e *Engine) replySeen(tx *store.Tx, in incoming) (bool, error) {
	if _, err := tx.Message(in.id); !errors.Is(err, store.ErrNotFound) {
		return err == nil, err
	}
	return false, tx.PutMessage(store.Message{ID: in.id, Account: in.account, At: tx.Now()})
}

// untrusted says why a mail in Sent cannot be a reply of the owner's to introd; "" if it can.
func (e *Engine) untrusted(in incoming, o store.Object) string {
	own := e.ownAddresses()
	to := slices.Concat(in.header.Addresses("To"), in.header.Addresses("Cc"), in.header.Addresses("Bcc"))
	if len(to) == 0 {
		return "it goes to nobody"
	}
	if slices.ContainsFunc(to, func(address string) bool { return !slices.Contains(own, address) }) {
		return "it goes to somebody else too"
	}
	if from := in.header.Addresses("From"); len(from) != 1 || !slices.Contains(own, from[0]) {
		return "it is not from you alone"
	}
	if trace := firstTrace(in.header, slices.Concat(deliveryHeaders, relayHeaders)); trace != "" {
		return "it bears the header " + trace + ", which only mail from outside has"
	}
	if auto := in.header.Get("Auto-Submitted"); auto != "" && !strings.EqualFold(auto, "no") {
		return "a program wrote it"
	}
	if in.account != e.home().Name {
		return "it was sent from " + e.calls(in.account, "") + ", and answers count from " + e.calls(e.home().Name, "")
	}
	if in.id == o.MessageID {
		return "it is introd's own mail"
	}
	return ""
}

// verbLine is the whole of a command: a verb, the code, and for later a wait.
var verbLine = regexp.MustCompile(`(?i)^(send|drop|hold|later|edit)\s+(\d{4,9})(?:\s+(\d{1,2})\s*([hdw]))?$`)

// takeCommand carries out a verb. The unquoted part must be exactly one verb line; after edit, the
// new text stands below it.
func (e *Engine) takeCommand(tx *store.Tx, d store.Draft, o store.Object, read reading.Reading) error {
	first, rest, _ := strings.Cut(strings.TrimSpace(read.NewText), "\n")
	m := verbLine.FindStringSubmatch(strings.TrimSpace(first))
	if m == nil {
		return e.notUnderstood(tx, d, "the first line must be one of: send "+d.Code+", drop "+d.Code+", hold "+d.Code+", later "+d.Code+" 3d")
	}
	verb, code := strings.ToLower(m[1]), m[2]
	rest = strings.TrimSpace(rest)
	switch {
	case rest != "" && verb != "edit":
		return e.notUnderstood(tx, d, "there is more than the one line: a condition or a second thought is not carried out")
	case !d.State.Open():
		return e.notUnderstood(tx, d, e.fate(d))
	case code != d.Code || o.Version != d.Version:
		return e.notUnderstood(tx, d, "code "+code+" is not, or no longer, the code of this draft")
	case !d.Expires.IsZero() && d.Expires.Before(tx.Now()):
		return e.notUnderstood(tx, d, "code "+code+" has expired")
	case (m[3] != "") != (verb == "later"):
		return e.notUnderstood(tx, d, "a wait goes with later, and only with it: later "+d.Code+" 3d")
	}
	_, err := e.carryOut(tx, d, verb, waitOf(m[3], m[4]), rest)
	if no, ok := asRefusal(err); ok {
		return e.notUnderstood(tx, d, no.Words)
	}
	return err
}

// carryOut does what a verb says.
func (e *Engine) carryOut(tx *store.Tx, d store.Draft, verb string, wait time.Duration, text string) (store.Draft, error) {
	switch verb {
	case "send":
		return e.approve(tx, d, wayReply)
	case "drop":
		return e.drop(tx, d, wayReply)
	case "hold":
		return e.hold(tx, d, "you said hold")
	case "later":
		return e.later(tx, d, wait)
	}
	return e.edit(tx, d, "", text)
}

func waitOf(number, unit string) time.Duration {
	n, _ := strconv.Atoi(number)
	switch unit {
	case "h", "H":
		return time.Duration(n) * time.Hour
	case "w", "W":
		return time.Duration(n) * 7 * 24 * time.Hour
	}
	return time.Duration(n) * 24 * time.Hour
}

// notUnderstood tells the owner that a reply did nothing, and why.
func (e *Engine) notUnderstood(tx *store.Tx, d store.Draft, why string) error {
	words := fmt.Sprintf("Your reply did nothing: %s.", why)
	if d.State.Open() {
		words += " The draft still waits."
	}
	return e.tell(tx, "Nothing done: "+e.label(d), words)
}

// takeAnswer takes the owner's personal sentence. It adds text and sends nothing.
func (e *Engine) takeAnswer(tx *store.Tx, d store.Draft, o store.Object, read reading.Reading) error {
	if d.Kind == steps.ThankYou && d.State == store.Asking {
		return e.answersDebrief(tx, d, read)
	}
	sentence := strings.Join(strings.Fields(read.NewText), " ")
	if sentence == "" {
		return e.tell(tx, "Nothing done: "+e.label(d), "Your answer was empty, so the mail still waits for its sentence.")
	}
	if d.State != store.Asking {
		return e.tell(tx, "Nothing done: "+e.label(d), "This mail has its sentence already. To change it: introd edit "+handle(d))
	}
	return e.giveSentence(tx, d, sentence)
}

// giveSentence records the owner's sentence and writes the draft with it.
func (e *Engine) giveSentence(tx *store.Tx, d store.Draft, sentence string) error {
	if _, err := tx.Append(store.Event{Person: d.Person, Kind: store.Sentence, Want: d.Want, Text: sentence}); err != nil {
		return err
	}
	if err := e.takeDown(tx, d); err != nil {
		return err
	}
	return e.reconcile(tx, d.Person)
}

// settingReplies says, by account, whether a trial reply has passed there.
const settingReplies = "reply-verbs"

// replyVerbs says whether replies decide: a trial has passed, and nothing else that was learnt speaks against it.
func (e *Engine) replyVerbs(tx *store.Tx) (on bool, err error) {
	passed, err := e.trialPassedBefore(tx)
	if err != nil || !passed {
		return false, err
	}
	l, err := tx.Learnt(e.home().Name)
	return repliesOff(l) == "", err
}

func (e *Engine) trialPassedBefore(tx *store.Tx) (passed bool, err error) {
	_, err = tx.Setting(settingOf(settingReplies, e.home().Name), &passed)
	return passed, err
}

// repliesAreOff tells the owner why a reply did nothing.
func (e *Engine) repliesAreOff(tx *store.Tx) error {
	l, err := tx.Learnt(e.home().Name)
	if err != nil {
		return err
	}
	why := cmp.Or(repliesOff(l), "the trial reply has not passed")
	return e.tell(tx, "Nothing done", "Replies do not decide on this account, because "+why+": see introd check.")
}

// noteTrial keeps for introd check what came of an answer to the trial mail: "yes", or why it did not pass.
func (e *Engine) noteTrial(tx *store.Tx, outcome string) error {
	l, err := tx.Learnt(e.home().Name)
	if err != nil {
		return err
	}
	l.Facts[factReplies] = store.Fact{Value: outcome, How: "your answer to the trial mail", At: tx.Now()}
	return tx.PutLearnt(l)
}

func (e *Engine) trialPassed(tx *store.Tx, o store.Object) error {
	if err := tx.PutSetting(settingOf(settingReplies, e.home().Name), true); err != nil {
		return err
	}
	if err := errors.Join(e.noteTrial(tx, "yes"), e.dismiss(tx, o)); err != nil {
		return err
	}
	return e.tell(tx, "Replies work here", "Your trial reply arrived as it should. From now on you can also decide a draft by answering its approval mail.")
}
