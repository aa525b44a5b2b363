package signin

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// A Refusal is an OAuth server's no that lasts: asking again is of no use before somebody has done what it says. Every
// other error of this package's sign-ins is for now: a network, a server that is down.
type Refusal struct {
	Sentence string // what is wrong and what to do
	Letter   string // what to send to the administrator of the account, where one can help; ""

	again bool // nothing but signing in again mends it
}

func (r *Refusal) Error() string { return r.Sentence }

// A cause is one way in which OAuth servers say no.
type cause struct {
	codes []string // of RFC 6749 §5.2, RFC 8628 §3.5, OpenID Connect, or a provider's own; "AADSTS65001" stands in the description
	words string   // with {server} and {mailbox} to be filled in
	again bool     // signing in again mends it, and the provider's trap may be why
	admin bool     // the administrator of the account can mend it
}

// causes are looked through in this order: Microsoft's numbers say more than the code beside them.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
var causes = []cause{
	{codes: []string{"AADSTS65001", "AADSTS90094", "AADSTS90095", "AADSTS650052"}, admin: true,
		words: "{server} wants an administrator of your work or school to allow introd for {mailbox} first"},
	{codes: []string{"AADSTS50105"}, admin: true, words: "your work or school has allowed introd, but not for {mailbox}: an administrator must add you"},
	{codes: []string{"AADSTS53003", "AADSTS530036", "AADSTS53000", "AADSTS53001"}, admin: true,
		words: "a rule of your work or school (Conditional Access) keeps introd out: sign in by the browser of this computer, not by a code; if that does not help, its administrator must allow it"},
	{codes: []string{"AADSTS700016", "AADSTS50194", "AADSTS90002"},
		words: "{server} does not know this client id in your organization: check client_id and tenant in the config"},
	{codes: []string{"AADSTS50020"}, words: "{mailbox} is an account of another kind than the tenant in the config: write tenant = \"consumers\" for a personal one, or your organization's domain"},
	{codes: []string{"AADSTS7000218"}, words: "{server} takes introd for a web server: switch on \"Allow public client flows\" in the app's registration, under Authentication"},
	{codes: []string{"AADSTS7000215", "AADSTS7000222"}, words: "{server} refuses the client secret (wrong, or it has expired): make a new one in the app's registration, or do without"},
	{codes: []string{"AADSTS50011", "redirect_uri_mismatch"}, words: "the app's registration at {server} does not name introd's address on this computer: add http://localhost under \"Mobile and desktop applications\" (at Google, the client's type must be \"Desktop app\")"},
	{codes: []string{"AADSTS700082", "AADSTS70043"}, again: true, words: "introd's sign-in at {server} as {mailbox} has expired"},
	{codes: []string{"AADSTS50173"}, again: true, words: "the password of {mailbox} was changed, which has ended introd's sign-in at {server}"},
	{codes: []string{"admin_policy_enforced", "org_internal", "access_denied", "authorization_declined", "AADSTS65004"}, admin: true,
		words: "{server} was told not to let introd in as {mailbox}: sign in again and allow it"},
	{codes: []string{"invalid_grant", "interaction_required", "consent_required", "login_required"}, again: true, words: "{server} no longer lets introd in as {mailbox}"},
	{codes: []string{"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"},
		words: "{server} does not know this client id, or refuses its secret: check client_id and client_secret in the config"},
	{codes: []string{"invalid_scope"}, words: "{server} does not let this client id read and send mail: add the permissions for IMAP and SMTP to the app's registration"},
	{codes: []string{"expired_token", "code_expired"}, words: "the code was not entered in time: sign in once more"},
	{codes: []string{"unsupported_grant_type"}, words: "{server} offers no sign-in of this kind: sign in by the browser"},
}

// explain puts an error of the library into a sentence: a Refusal where it lasts.
func (a App) explain(err error) error {
	var said *oauth2.RetrieveError
	var request *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &request):
		return fmt.Errorf("the sign-in server %s cannot be reached: check your network (%w)", a.host(), request.Err)
	case !errors.As(err, &said): // the answer is none, and may hold anything
		return fmt.Errorf("%s does not answer as a sign-in server does: if this network wants you to log in first, do that in the browser", a.host())
	}
	if c, known := causeOf(said.ErrorCode, said.ErrorDescription); known {
		return a.refusal(c, said)
	}
	return fmt.Errorf("the sign-in server %s cannot answer now (%s)", a.host(), code(said))
}

func causeOf(code, description string) (cause, bool) {
	numbers := append(aadsts.FindAllString(description, -1), code)
	for _, c := range causes {
		if slices.ContainsFunc(numbers, func(n string) bool { return slices.Contains(c.codes, n) }) {
			return c, true
		}
	}
	return cause{}, false
}

var aadsts = regexp.MustCompile(`AADSTS\d+`)

func (a App) refusal(c cause, said *oauth2.RetrieveError) *Refusal {
	words := strings.NewReplacer("{server}", a.server(), "{mailbox}", a.Address).Replace(c.words)
	r := &Refusal{Sentence: words + " (" + code(said) + ")", again: c.again}
	if c.admin && a.Letter != "" {
		r.Letter = a.Letter
		r.Sentence += "; if that is not for you to allow, there is a letter to your administrator: " + a.Again
	}
	if c.again {
		r.Sentence += "; sign in again: " + a.Again
		if a.Trap != "" {
			r.Sentence += ". " + a.Trap
		}
	}
	return r
}

// code is what the server said, in short: never more of its answer, which it may fill as it likes.
func code(said *oauth2.RetrieveError) string {
	if number := aadsts.FindString(said.ErrorDescription); number != "" {
		return number
	}
	if said.ErrorCode != "" {
		return short(said.ErrorCode)
	}
	if said.Response != nil {
		return said.Response.Status
	}
	return "no reason given"
}

// short keeps a server's word to what a line can hold.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 127 {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
