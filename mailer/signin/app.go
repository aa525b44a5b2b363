// Package signin gets what introd signs in to a mail server with: a password from where its owner keeps it (Secret), or
// an access token of OAuth 2 (Grant), which the owner allows once in a browser on this computer (App.Browser) or on
// another device (App.Device).
//
// It asks nobody and prints nothing: what a person must see goes through the funcs that the caller gives. No secret
// stands in an error of this package, in a log, or in a process's arguments.
package signin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// An App is introd as an OAuth server knows it: where the server is, and the client id that the owner of a mailbox has
// registered there. introd brings no client id of its own.
type App struct {
	AuthURL   string // where the browser goes
	TokenURL  string
	DeviceURL string            // RFC 8628; "" where it is not offered
	Scopes    []string          // all are needed
	Params    map[string]string // added to AuthURL
	Redirect  string            // where the browser comes back to, without the port; "" is http://127.0.0.1

	ClientID     string
	ClientSecret string // "" for none; that of a program on the owner's computer is no secret (RFC 8252 §8.5)

	Address  string // of the mailbox; the server's page shows it filled in
	Provider string // as people call it: "Gmail"; "" is the server's name
	Again    string // what the owner does to sign in once more: "introd sign-in school"
	Trap     string // what ends a sign-in there: a sentence, or ""
	Letter   string // to the administrator of a work or school account, ready to be sent; "" where there is none

	HTTP *http.Client // for the requests of this program; nil is one of its own
}

// Tokens are what an OAuth server gave. Refresh is the secret that lasts.
type Tokens struct {
	Access  string
	Refresh string
	Life    time.Duration // of Access, from the request on; 0 where the server does not say
}

// Check says what is wrong with an App, before anything is tried: an error whose text begins with the field.
func (a App) Check() error {
	var wrong []error
	if a.ClientID == "" {
		wrong = append(wrong, errors.New("client id: it is missing; register introd with your provider to get one"))
	}
	for _, at := range []struct{ what, url string }{{"auth url", a.AuthURL}, {"token url", a.TokenURL}, {"device url", a.DeviceURL}} {
		if at.url == "" && at.what == "device url" {
			continue
		}
		u, err := url.Parse(at.url)
		if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
			wrong = append(wrong, fmt.Errorf("%s: %q is no address of a sign-in server: it begins with https://", at.what, at.url))
		}
	}
	return errors.Join(wrong...)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// config is the App for the library. redirect is "" where no browser comes back.
func (a App) config(redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret, RedirectURL: redirect, Scopes: a.Scopes,
		// Both Google and Microsoft take the client in the parameters; guessing would try each refresh token twice.
		Endpoint: oauth2.Endpoint{AuthURL: a.AuthURL, TokenURL: a.TokenURL, DeviceAuthURL: a.DeviceURL, AuthStyle: oauth2.AuthStyleInParams},
	}
}

// requestLimit is how long one request to an OAuth server may take.
const requestLimit = 30 * time.Second

// request is ctx with the HTTP client that the library is to use. Its own keeps no connection open between requests that
// lie an hour apart, and takes no secret along to where a server may redirect it.
func (a App) request(ctx context.Context) context.Context {
	client := a.HTTP
	if client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.DisableKeepAlives = true
		client = &http.Client{Transport: transport, Timeout: requestLimit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return context.WithValue(ctx, oauth2.HTTPClient, client)
}

// begun are the tokens of a sign-in that has just been allowed. One that cannot last is refused now, not in an hour.
func (a App) begun(t *oauth2.Token, err error) (Tokens, error) {
	if err != nil {
		return Tokens{}, a.explain(err)
	}
	if scope, ok := t.Extra("scope").(string); ok && scope != "" {
		granted := strings.Fields(scope)
		for _, needed := range a.Scopes {
			// Google lets people untick what a program asks for. Others name what they grant in their own way.
			if strings.HasPrefix(needed, "https://mail.google.com") && !slices.Contains(granted, needed) {
				return Tokens{}, &Refusal{Sentence: "introd was not allowed to read and send your mail: sign in again, and leave the tick at that line"}
			}
		}
	}
	if t.RefreshToken == "" {
		return Tokens{}, &Refusal{Sentence: a.server() + " lets introd in for an hour only (it gave no refresh token): take introd's permission away on your account's page there, and sign in again"}
	}
	return tokens(t), nil
}

func tokens(t *oauth2.Token) Tokens {
	return Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, Life: time.Duration(t.ExpiresIn) * time.Second}
}

// server is what people call the OAuth server.
func (a App) server() string {
	if a.Provider != "" {
		return a.Provider
	}
	return a.host()
}

func (a App) host() string {
	if u, err := url.Parse(a.TokenURL); err == nil {
		return u.Host
	}
	return a.TokenURL
}
