package reading

import (
	"regexp"
	"strings"
)

// kind decides who or what wrote a mail. A person's mail taken for a machine's is the worst error:
// a header counts only where no person's program sets it, and words only in a subject that a machine
// writes. X-Auto-Response-Suppress and Precedence: bulk alone prove nothing.
func (f *facts) kind(r *Reading) {
	r.Kind = KindPerson
	for _, name := range []string{"List-Id", "List-Post", "List-Unsubscribe", "List-Help", "List-Owner", "List-Subscribe", "List-Archive", "X-BeenThere", "X-Mailman-Version", "Mailing-List"} {
		if f.header.Has(name) && name != "List-Unsubscribe" {
			r.List = true
			r.because("list", name+": "+f.header.Get(name), "kind.list-header")
			break
		}
	}
	if strings.EqualFold(f.header.Get("Precedence"), "list") {
		r.List = true
	}
	if b := f.report(r); b != nil {
		r.Bounce, r.Kind = b, KindBounce
		if b.Class == "delay" {
			r.Kind = KindDelay
		}
		r.because("kind="+string(r.Kind), first(r.From)+": "+r.Subject, "kind.delivery-report")
		return
	}
	if evidence, rule := f.machine(r); evidence != "" {
		r.Kind = KindAutoReply
		r.because("kind=auto_reply", evidence, rule)
		return
	}
	if len(r.Invites) > 0 {
		r.Kind = KindCalendar
		r.because("kind=calendar", "METHOD:"+r.Invites[0].Method, "kind.calendar-part")
		return
	}
	if r.List || f.header.Has("List-Unsubscribe") && bulk(f.header.Get("Precedence")) {
		r.Kind = KindList
	}
}

func bulk(precedence string) bool {
	return strings.EqualFold(precedence, "bulk") || strings.EqualFold(precedence, "list")
}

var autoSubject = regexp.MustCompile(`(?i)^\s*(auto(matic)?[ -]?(reply|response|antwort)|automatische antwort|réponse automatique|respuesta automática|resposta automática|risposta automatica|out of (the )?office|abwesen|absence|fuera de la oficina|ausente|autoreply|auto:|vacation)|\bout of (the )?office\b.{0,12}(auto|reply)|abwesenheitsnotiz`)

// machine returns the evidence that a program answered on its own (RFC 3834 §5 and what came before it).
func (f *facts) machine(r *Reading) (evidence, rule string) {
	if auto := strings.ToLower(strings.TrimSpace(f.header.Get("Auto-Submitted"))); auto != "" && !strings.HasPrefix(auto, "no") {
		return "Auto-Submitted: " + auto, "kind.auto-submitted"
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-FC-MachineGenerated", "X-Cron-Env"} {
		if v := strings.ToLower(f.header.Get(name)); v != "" && v != "no" {
			return name + ": " + v, "kind.auto-header"
		}
	}
	if strings.EqualFold(f.header.Get("Precedence"), "auto_reply") || strings.EqualFold(f.header.Get("X-Precedence"), "auto_reply") {
		return "Precedence: auto_reply", "kind.precedence"
	}
	if autoSubject.MatchString(r.Subject) {
		return "Subject: " + r.Subject, "kind.auto-subject"
	}
	return "", ""
}
