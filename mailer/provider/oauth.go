package provider

import (
	"fmt"
	"net/url"
	"strings"
)

// Tenants of Microsoft: who may sign in. An organization's own domain or id stands there too.
const (
	TenantEverybody = "common"
	TenantPersonal  = "consumers"
	TenantWork      = "organizations"
)

// An OAuth is how one signs in to a provider by browser (RFC 6749, with PKCE, RFC 7636). The client id is the person's
// own or their organization's: introd ships none.
type OAuth struct {
	AuthURL   string // where the browser goes; "{tenant}" in it, as in the others, is to be filled in: see At
	TokenURL  string
	DeviceURL string // RFC 8628; "" where it is not offered for mail
	Tenant    string // what "{tenant}" is unless one is given; "" where there is none

	Scopes     []string          // all are needed
	Params     map[string]string // to be added to AuthURL, or no refresh token comes
	Mechanisms []string          // SASL, best first: "OAUTHBEARER" (RFC 7628), "XOAUTH2"

	// Redirect is the start of the address on this computer that the browser comes back to; a port of any number may
	// follow it (RFC 8252 §7.3).
	Redirect string
	// Secret says that the token endpoint wants the "client secret" of a desktop program too, which is none.
	Secret bool

	Register string // where one makes a client id of one's own: an address
	Trap     string // what ends the sign-in again: a sentence, or ""
}

// At is the same with the tenant filled in; "" is the provider's own choice.
func (o OAuth) At(tenant string) OAuth {
	if tenant == "" {
		tenant = o.Tenant
	}
	for _, at := range []*string{&o.AuthURL, &o.TokenURL, &o.DeviceURL} {
		*at = strings.ReplaceAll(*at, "{tenant}", url.PathEscape(tenant))
	}
	o.Tenant = tenant
	return o
}

func google(register string) *OAuth {
	return &OAuth{
		AuthURL: "https://accounts.google.com/o/oauth2/v2/auth", TokenURL: "https://oauth2.googleapis.com/token",
		Scopes: []string{"https://mail.google.com/"}, Params: map[string]string{"access_type": "offline", "prompt": "consent"},
		Mechanisms: []string{"OAUTHBEARER", "XOAUTH2"}, Redirect: "http://127.0.0.1", Secret: true, Register: register,
		Trap: "As long as the status of your Google project is \"Testing\", Google ends every sign-in after 7 days: set it to \"In production\".",
	}
}

func microsoft(tenant string) *OAuth {
	const login = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"
	return &OAuth{
		AuthURL: login + "authorize", TokenURL: login + "token", DeviceURL: login + "devicecode", Tenant: tenant,
		Scopes:     []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"},
		Mechanisms: []string{"XOAUTH2"}, Redirect: "http://localhost", Register: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
		Trap: "A changed password, or a sign-in that was not used for 90 days, ends it.",
	}
}

// AdminLetter is what to send to the people who run an organization's mail, so that introd may sign in there. It is
// empty for a provider that has no administrators.
func (p Provider) AdminLetter(clientID, address string) string {
	_, domain := split(address)
	switch p.Name {
	case nameM365:
		asked := url.Values{"client_id": {clientID}, "scope": {strings.Join(p.OAuth.Scopes, " ")}, "redirect_uri": {p.OAuth.Redirect}}
		consent := "https://login.microsoftonline.com/" + url.PathEscape(domain) + "/v2.0/adminconsent?" + strings.ReplaceAll(asked.Encode(), "+", "%20")
		return fmt.Sprintf(letterM365, address, clientID, consent)
	case nameWorkspace:
		return fmt.Sprintf(letterWorkspace, address, clientID, strings.Join(p.OAuth.Scopes, " "))
	}
	return ""
}

const letterM365 = `Subject: Please allow a mail program for my account (%[1]s)

Hello,

I use introd, a mail program that runs on my own computer and helps me to write and answer my mails for informational
interviews. It reads and sends my own mail only, as any mail program does (IMAP and SMTP). It sends nothing that I have not
approved, and gives nothing to anybody else. Could you please allow it for my account?

Three things are needed:

1. Consent for the program in Microsoft Entra. Its application (client) id is
   %[2]s
   The permissions are delegated ones, so they reach my own mailbox alone:
   - IMAP.AccessAsUser.All (read my mail)
   - SMTP.Send (send as me)
   - offline_access (stay signed in)
   This page asks you for the consent:
   %[3]s
   The page after it is on your own computer and does not open; that is as it should be. If you would rather allow it for
   me alone: Entra admin center, Enterprise applications, the program, Users and groups.

2. IMAP and authenticated SMTP for my mailbox, if they are switched off (Exchange Online PowerShell):
   Set-CASMailbox -Identity %[1]s -ImapEnabled $true -SmtpClientAuthenticationDisabled $false

3. If a Conditional Access policy blocks the "device code flow", that is no hindrance: the program signs in by the browser.

No password is given to the program, and multi-factor authentication stays as it is. You can end it at any time by removing
the program from Enterprise applications.

Thank you!
`

const letterWorkspace = `Subject: Please allow a mail program for my account (%[1]s)

Hello,

I use introd, a mail program that runs on my own computer and helps me to write and answer my mails for informational
interviews. It reads and sends my own mail only, as any mail program does (IMAP and SMTP). It sends nothing that I have not
approved, and gives nothing to anybody else. Could you please allow it for my account?

In the Google Admin console:

1. Apps, Google Workspace, Gmail, End user access, POP and IMAP access: IMAP is allowed for my organizational unit.

2. Then one of the two:
   - either Security, Access and data control, API controls, Manage third-party app access, Configure new app: the OAuth
     client id
     %[2]s
     is trusted, with the scope %[3]s
   - or Security, Authentication, 2-step verification: users may turn it on. I then make an app password for this program.

You can end it at any time in the same place.

Thank you!
`
