package reading

import (
	"regexp"
	"strings"
	"time"

	"introd/mailer/reading/times"
)

// A cue is a way of saying something. Cues are tried in order of how much a wrong verdict would
// cost: a wish to be left alone, then a no, then whatever else; a yes comes last, because a polite
// no is full of kind words.
type cue struct {
	rule  string
	words *regexp.Regexp
}

func cues(list ...string) []cue {
	var all []cue
	for i := 0; i+1 < len(list); i += 2 {
		all = append(all, cue{list[i], regexp.MustCompile(`(?i)` + list[i+1])})
	}
	return all
}

var (
	leaveMeAlone = cues(
		"unsubscribe.stop", `\b(please )?(do not|don['’]?t|never|stop) (ever )?(write|writing|e-?mail|e-?mailing|contact|contacting|message|messaging)( to)? (me|us)\b|\bstop sending (me|us|these)\b`,
		"unsubscribe.list", `\b(take|remove|delete|strike) (me|us|my (name|address|e-?mail)) (off|from)\b|\bunsubscribe( me)?\b|\bno (further|more) (e-?mails?|messages|contact)\b`,
		"unsubscribe.other", `bitte (schreiben|kontaktieren) sie mich nicht|keine weiteren (e-?mails|nachrichten)|ne (m['’]écrivez|me contactez) plus|no (me escriba|vuelva a escribir|me contacte)|não me (escreva|contacte)`,
	)
	no = cues(
		"decline.cannot", `\b(can['’]?t|cannot|can not|won['’]?t|will not|not|unable|no longer) (be able to |going to |in a position to )?(help|meet|talk|chat|take (this|that|it|any|on)|do (this|it|that|interviews|informational)|commit|make (this|the) (happen|work)|participate|spare|offer|accommodate)\b`,
		"decline.pass", `\b(have|need|going|'ll have|'ll need) to (decline|pass|say no)\b|\bi(['’]ll| will)? (must |respectfully |regretfully )?(decline|pass)\b|\bi['’]?d rather not\b|\bno,? thank(s| you)\b|\bnot interested\b|\bit['’]s a no\b`,
		"decline.capacity", `\b(no|don['’]?t have( the| any)?|do not have( the| any)?|without( the| any)?|out of) (time|bandwidth|capacity|availability)\b|\b(don['’]?t|do not) (do|take|give|have time)\b`,
		"decline.wish", `\bi wish i could\b|\bnot (a good|the right) (fit|person|time for)\b|\bafraid (i|that i|it) (can|do|am|won|is|isn)`,
		"decline.other", `\b(leider (nicht|kann ich|muss ich absagen|keine zeit)|muss ich (leider )?absagen|malheureusement|je ne (peux|pourrai) pas|lamentablemente|no (puedo|podré)|infelizmente|não (posso|poderei|consigo))\b`,
	)
	callOff = cues("cancel", `\b(have|need|going) to cancel\b|\bcancel(l?ing)? (our|the|tomorrow|today)\b|\bcall(ing)? (it|our (talk|meeting|call)) off\b|\bmuss (unser|das) .{0,30} absagen\b|\bannuler\b|\bcancelar\b`)
	moveIt  = cues("reschedule", `\bresched|\b(move|push|shift|postpone|change)( our| the| it| this)?( call| meeting| talk| chat| time| conversation)? (back|to|until|by|from)\b|\b(could|can|may) we (move|push|shift|postpone|do|try|make it)\b.{0,60}\binstead\b|\banother (time|day) (instead|for our)\b|\bsomething (has )?(came|come) up\b|\bverschieben\b|\breporter\b|\breprogramar\b|\bremarcar\b`)
	notNow  = cues("later", `\b(check|get|circle|reach|write|ping|come|touch base)( back| out)?( in| with me| to me| again| base)*\b.{0,40}\b(in|after|next|mid|early|late|once|when)\b|\b(after|until|in|early|once|not before|next) (the )?(january|february|march|april|may|june|july|august|september|october|november|december|new year|holidays|quarter|spring|summer|fall|autumn|winter|month|year)\b.{0,80}\b(better|again|back|free|open|good)\b|\b(not|isn['’]?t) (right now|now|at the moment|this (week|month|quarter|year))\b|\btry (me )?again\b|\bask (me )?again\b|\bim (januar|februar|märz|neuen jahr)\b.{0,60}\b(wieder|nochmal|melden)\b|\brecontactez|\brevenez vers moi\b|\bescríbame (de nuevo|en)\b`)
	yes     = cues(
		"accept.happy", `\b(happy|glad|delighted|pleased|love|more than happy|willing|game|up for it|would be (great|nice|fine|good|lovely)|with pleasure|my pleasure|of course|absolutely|certainly|definitely|sure( thing)?|gladly|sounds (good|great|fine|lovely)|works( for me| well| great)?|that works|works fine|count me in|let['’]s (do|talk|chat|meet|find|set)|i(['’]?m| am) (free|available|open|around)|i can (do|make|talk|meet|chat|give)|no problem|yes|yep|yeah|sure|okay|ok)\b`,
		"accept.other", `\b(gerne|sehr gern|passt( mir)?|freue mich|avec plaisir|volontiers|ça marche|d['’]accord|con (mucho )?gusto|encantad[oa]|claro|por supuesto|com prazer|claro que sim|perfeito|perfecto)\b`,
	)
	thanks     = cues("thanks", `\b(thanks?|thank you|cheers|much appreciated|danke|merci|gracias|obrigad[oa])\b`)
	asks       = cues("question", `\?`)
	absence    = cues("out-of-office", `\bout of (the )?office\b|\b(on|annual|parental|sick|maternity|paternity|medical) leave\b|\bon (holiday|vacation|sabbatical)\b|\bi(['’]?m| am| will be) (currently )?(away|out|travell?ing)\b|\b(back|return(ing)?) (in the office |to the office |to work )?on\b|\bno longer (with|works? (at|for))\b|\bhas left\b|\b(limited|no) access to (my )?e-?mail\b|\babwesend\b|\bim urlaub\b|\bnicht im (büro|haus)\b|\bwieder (erreichbar|im büro|für sie da)\b|\babsent(e)?\b|\ben congés?\b|\bde retour\b|\bfuera de la oficina\b|\bde vacaciones\b|\bausente\b|\bde férias\b|\baway from (my|the) (desk|office|e-?mail)\b`)
	refers     = cues("referral", `\b(you (should|might|may|could|want to|'d better) (talk|speak|write|reach out|contact|get in touch|try|connect)|(talk|speak|write|reach out|get in touch) (to|with)|contact|suggest (you|talking|contacting|reaching)|recommend|point you to|better person|right person|best person|more helpful|your (best bet|person)|try|in touch with|wenden sie sich an|adressez-vous à|hable con|fale com)\b`)
	introduces = cues("introduction", `\b(meet|introduc(e|ing|tion)|intro|connect(ing)? you( (two|both))?|copied|cc['’]?(d|ed|ing)|cc here|in cc|looping in|adding)\b`)
)

// say returns the first words of a list of cues that a text says, and the cue's rule. A negation
// right before a yes makes none of it.
func say(list []cue, text string) (evidence, rule string) {
	for _, c := range list {
		if m := c.words.FindStringIndex(text); m != nil {
			return around(text, m[0], m[1]), c.rule
		}
	}
	return "", ""
}

// around is the clause that a match stands in.
func around(text string, from, to int) string {
	begin := strings.LastIndexAny(text[:from], ".!?\n") + 1
	end := len(text)
	if i := strings.IndexAny(text[to:], ".!?\n"); i >= 0 {
		end = to + i + 1
	}
	return strings.TrimSpace(text[begin:end])
}

var negatedYes = regexp.MustCompile(`(?i)\b(not|n['’]t|never|nicht|pas|não|no longer)( \w+){0,2} (happy|glad|sure|okay|ok|available|free|works?|able|willing|open|great|good|fine|sounds)\b|\bnot okay\b`)

// meaning decides the intent and what belongs to it.
func (f *facts) meaning(r *Reading) {
	f.details(r)
	intent, evidence, rule := f.intent(r)
	r.Intent = intent
	r.because("intent="+string(intent), evidence, rule)
	switch intent {
	case Accept, AcceptWithTimes, Reschedule, ProposeLink:
	default:
		if intent != CounterQuestion {
			r.Times = nil
		}
	}
	for _, t := range r.Times {
		r.because("time="+t.Start.Format(time.RFC3339), t.Text, "times."+t.Kind)
	}
}

func (f *facts) intent(r *Reading) (intent Intent, evidence, rule string) {
	switch r.Kind {
	case KindBounce, KindDelay:
		return IntentBounce, r.Subject, "intent.delivery-report"
	case KindCalendar:
		if intent, evidence, ok := f.calendarIntent(r); ok {
			return intent, evidence, "intent.calendar"
		}
	case KindAutoReply:
		f.returnDate(r)
		if evidence, rule := say(absence, r.Subject+"\n"+r.Text); evidence != "" {
			return OutOfOffice, evidence, "intent." + rule
		}
		return AutoAck, r.Subject, "intent.auto-reply"
	case KindList:
		return Unrelated, "mailing list", "intent.list"
	}
	return f.personIntent(r)
}

// calendarIntent reads what an iTIP message means for the talk (RFC 5546 §3.2).
func (f *facts) calendarIntent(r *Reading) (Intent, string, bool) {
	inv := r.Invites[0]
	evidence := "METHOD:" + inv.Method
	start, err := time.Parse(time.RFC3339, inv.Start)
	if err == nil {
		t := times.Time{Span: times.Span{Start: start, Kind: "exact"}, Text: "DTSTART:" + inv.Start}
		if end, err := time.Parse(time.RFC3339, inv.End); err == nil {
			t.End = &end
		}
		r.Times = []times.Time{t}
	}
	switch inv.Method {
	case "REQUEST", "PUBLISH":
		if f.Meeting != nil && f.Meeting.UID == inv.UID && !f.Meeting.Start.Equal(start) {
			return Reschedule, evidence, true
		}
		return AcceptWithTimes, evidence, true
	case "COUNTER":
		return Reschedule, evidence, true
	case "CANCEL":
		return Cancel, evidence, true
	case "REPLY":
		if len(inv.Attendees) > 0 {
			switch inv.Attendees[0].Status {
			case "ACCEPTED":
				return AcceptWithTimes, evidence + " ACCEPTED", true
			case "DECLINED":
				return Cancel, evidence + " DECLINED", true
			}
		}
	}
	return Unsure, evidence, false
}

// personIntent reads what a person means.
func (f *facts) personIntent(r *Reading) (intent Intent, evidence, rule string) {
	text := strings.ReplaceAll(r.NewText, "\n", " ")
	if strings.TrimSpace(text) == "" {
		return Unsure, "nothing new is written", "intent.empty"
	}
	verdict := func(i Intent, list []cue) bool {
		if e, r := say(list, text); e != "" {
			intent, evidence, rule = i, e, "intent."+r
			return true
		}
		return false
	}
	_, negated := say(no, text)
	accepts, _ := say(yes, negatedYes.ReplaceAllString(text, ""))
	switch {
	case verdict(Unsubscribe, leaveMeAlone):
	case f.Meeting != nil && verdict(Cancel, callOff):
	case verdict(Reschedule, moveIt) && (f.Meeting != nil || len(r.Times) > 0 && negated == ""):
	case f.introMade(r) && verdict(IntroMade, introduces):
	case verdict(Cancel, callOff) && negated == "":
	case f.namesSomebody(r) && verdict(DeclineWithReferral, no):
	case len(r.Times) > 0 && accepts != "" && r.Link == "":
		return AcceptWithTimes, accepts, "intent.accept.times"
	case verdict(Later, notNow) && (accepts == "" || negated != "" || r.ReturnDate != ""):
		f.laterDate(r)
	case verdict(Decline, no):
	case f.namesSomebody(r) && verdict(Referral, refers):
	case r.Link != "":
		return ProposeLink, r.Link, "intent.booking-link"
	case len(r.Times) > 0:
		return AcceptWithTimes, r.Times[0].Text, "intent.accept.times"
	case accepts == "" && verdict(CounterQuestion, asks):
	case accepts != "":
		return Accept, accepts, "intent.accept"
	case verdict(ThanksOnly, thanks) && len(strings.Fields(text)) < 40:
	default:
		return Unsure, text, "intent.no-cue"
	}
	return intent, evidence, rule
}
