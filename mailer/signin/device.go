package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"
)

// A Code is what the owner enters on any device with a browser.
type Code struct {
	Code    string
	Address string // the page on which it is entered
	Direct  string // the same page with the code filled in; "" for none
	Until   time.Time
}

// codeLife is how long a code is waited for where the server does not say.
const codeLife = 15 * time.Minute

// Device signs in by a code that the owner enters on another device (RFC 8628). show is called once. The error is a
// *Refusal where the server, or its owner, said no, or the code was not entered in time.
func (a App) Device(ctx context.Context, show func(Code)) (Tokens, error) {
	if a.DeviceURL == "" {
		return Tokens{}, &Refusal{Sentence: a.server() + " offers no sign-in by code: sign in by the browser"}
	}
	config := a.config("")
	code, err := config.DeviceAuth(a.request(ctx))
	if err != nil {
		return Tokens{}, a.explain(err)
	}
	if code.Expiry.IsZero() {
		code.Expiry = time.Now().Add(codeLife)
	}
	show(Code{code.UserCode, code.VerificationURI, code.VerificationURIComplete, code.Expiry})
	for {
		t, err := config.DeviceAccessToken(a.request(ctx), code)
		var said *oauth2.RetrieveError
		switch {
		case err == nil, ctx.Err() == nil && errors.As(err, &said) && said.ErrorCode != "":
			return a.begun(t, err)
		case ctx.Err() != nil:
			return Tokens{}, ctx.Err()
		case !time.Now().Before(code.Expiry):
			return Tokens{}, &Refusal{Sentence: fmt.Sprintf("nobody entered the code %s in time: sign in once more", code.UserCode)}
		}
		// The network was away for a moment, or the server: the code still counts, and the library waits before it asks.
	}
}
