package postoffice

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
)

// IssuerOptions say what kind of OAuth server it is.
type IssuerOptions struct {
	Now     func() time.Time // nil: time.Now
	Life    time.Duration    // of an access token; 0 is an hour
	Rotates bool             // each refresh token is good once; one that comes again ends the whole sign-in (RFC 9700 §4.14)
	Secret  string           // what clients must show, if anything
}

// An Issuer is an OAuth 2 server on loopback: authorization code with PKCE, device code, refresh. Whoever comes to its
// page is the user that login_hint names, and allows everything; see Deny. It is safe for concurrent use.
type Issuer struct {
	options   IssuerOptions
	listener  net.Listener
	server    *http.Server
	endpoints http.Handler
	serving   sync.WaitGroup

	mu      sync.Mutex
	access  map[string]ticket
	refresh map[string]ticket
	codes   map[string]ticket // of the browser's way, and of devices
	denied  url.Values
	answers []url.Values
	counts  map[string]int
}

// A ticket is anything that the issuer has given out.
type ticket struct {
	address   string
	until     time.Time
	challenge string // of PKCE
	redirect  string
	spent     bool // a refresh token that was traded, a device code that nobody has entered
}

// OpenIssuer starts an issuer on a free port of loopback.
func OpenIssuer(o IssuerOptions) (*Issuer, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Life = cmp.Or(o.Life, time.Hour)
	i := &Issuer{options: o, access: map[string]ticket{}, refresh: map[string]ticket{}, codes: map[string]ticket{}, counts: map[string]int{}}
	var err error
	if i.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for path, serve := range map[string]http.HandlerFunc{"/authorize": i.authorize, "/token": i.token, "/device": i.device} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			i.mu.Lock()
			defer i.mu.Unlock()
			i.counts[path]++
			serve(w, r)
		})
	}
	i.endpoints = mux
	i.server = &http.Server{Handler: i, ReadHeaderTimeout: 10 * time.Second}
	i.serving.Go(func() { _ = i.server.Serve(i.listener) })
	return i, nil
}

// ServeHTTP answers one request: the socket's, or one of a test that needs none.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.endpoints.ServeHTTP(w, r) }

// Close ends the server.
func (i *Issuer) Close() {
	closing, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if i.server.Shutdown(closing) != nil {
		i.server.Close()
	}
	i.serving.Wait()
}

// URL is where it is, without a slash at the end: its endpoints are /authorize, /token and /device.
func (i *Issuer) URL() string { return "http://" + i.listener.Addr().String() }

// Expire ends all access tokens.
func (i *Issuer) Expire() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.access)
}

// Revoke ends everything that was ever allowed.
func (i *Issuer) Revoke() {
	i.Expire()
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.refresh)
}

// Deny has its page say no, with an error code and its description, until it is called with "".
func (i *Issuer) Deny(code, description string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.denied = nil
	if code != "" {
		i.denied = url.Values{"error": {code}, "error_description": {description}}
	}
}

// Answer has the next request for a token answered with an error; calls add up. The code "503" is a server that is down.
func (i *Issuer) Answer(code, description string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers = append(i.answers, url.Values{"error": {code}, "error_description": {description}})
}

// Enter enters the code of every device that waits, as a user, and returns how many those are.
func (i *Issuer) Enter(address string) (entered int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for code, t := range i.codes {
		if t.spent {
			t.spent, t.address = false, address
			i.codes[code] = t
			entered++
		}
	}
	return entered
}

// Count is how often an endpoint was asked.
func (i *Issuer) Count(endpoint string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.counts[endpoint]
}

// Holder is whose access token it is, if it is a good one.
func (i *Issuer) Holder(token string) (address string, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	t, ok := i.access[token]
	return t.address, ok && i.options.Now().Before(t.until)
}

// authorize is the page of the browser's way.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" || q.Get("client_id") == "" || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "this is no request that the page can answer", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if i.denied != nil {
		answer.Set("error", i.denied.Get("error"))
		answer.Set("error_description", i.denied.Get("error_description"))
	} else {
		code := rand.Text()
		i.codes[code] = ticket{address: q.Get("login_hint"), challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), until: i.options.Now().Add(time.Minute)}
		answer.Set("code", code)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// device begins the way by a code (RFC 8628 §3.2).
func (i *Issuer) device(w http.ResponseWriter, _ *http.Request) {
	code := rand.Text()
	i.codes[code] = ticket{spent: true, until: i.options.Now().Add(15 * time.Minute)}
	reply(w, http.StatusOK, map[string]any{
		"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": i.URL() + "/activate", "verification_uri_complete": i.URL() + "/activate?code=WDJB-MJHT",
		"expires_in": 900, "interval": 1,
	})
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if len(i.answers) > 0 {
		next := i.answers[0]
		i.answers = i.answers[1:]
		if next.Get("error") == "503" {
			http.Error(w, "<h1>Service unavailable</h1>", http.StatusServiceUnavailable)
			return
		}
		reply(w, http.StatusBadRequest, map[string]any{"error": next.Get("error"), "error_description": next.Get("error_description")})
		return
	}
	address, err := i.grant(r)
	if err != nil {
		reply(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	answer := map[string]any{"access_token": i.give(i.access, ticket{address: address, until: i.options.Now().Add(i.options.Life)}), "token_type": "Bearer", "expires_in": int(i.options.Life.Seconds())}
	if i.options.Rotates || r.PostFormValue("grant_type") != "refresh_token" {
		answer["refresh_token"] = i.give(i.refresh, ticket{address: address})
	}
	reply(w, http.StatusOK, answer)
}

// grant says who has allowed what is asked for. Its errors are codes of RFC 6749 §5.2 and RFC 8628 §3.5.
func (i *Issuer) grant(r *http.Request) (address string, err error) {
	if r.PostFormValue("client_id") == "" || r.PostFormValue("client_secret") != i.options.Secret {
		return "", errors.New("invalid_client")
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		t, ok := i.codes[r.PostFormValue("code")]
		delete(i.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || t.spent || t.until.Before(i.options.Now()) || t.redirect != r.PostFormValue("redirect_uri") || t.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
			return "", errors.New("invalid_grant")
		}
		return t.address, nil
	case "urn:ietf:params:oauth:grant-type:device_code":
		t, ok := i.codes[r.PostFormValue("device_code")]
		switch {
		case !ok:
			return "", errors.New("invalid_grant")
		case t.spent:
			return "", errors.New("authorization_pending")
		}
		delete(i.codes, r.PostFormValue("device_code"))
		return t.address, nil
	case "refresh_token":
		return i.trade(r.PostFormValue("refresh_token"))
	}
	return "", errors.New("unsupported_grant_type")
}

// trade takes a refresh token.
func (i *Issuer) trade(token string) (address string, err error) {
	t, ok := i.refresh[token]
	if !ok {
		return "", errors.New("invalid_grant")
	}
	if t.spent { // somebody has a copy: nobody keeps anything
		for other, o := range i.refresh {
			if o.address == t.address {
				delete(i.refresh, other)
			}
		}
		return "", errors.New("invalid_grant")
	}
	t.spent = i.options.Rotates
	i.refresh[token] = t
	return t.address, nil
}

func (i *Issuer) give(tickets map[string]ticket, t ticket) string {
	token := rand.Text()
	tickets[token] = t
	return token
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who asked may be gone
}

// mechanisms are the ways to sign in (SASL) that the office offers.
func (f *Office) mechanisms() []string {
	var all []string
	if !f.options.Manners.NoPassword {
		all = append(all, sasl.Plain)
	}
	if f.options.Issuer != nil {
		all = append(all, f.options.Manners.Bearer...)
	}
	return all
}

// sasl is one attempt to sign in. refusal is what the protocol says to a wrong secret.
func (f *Office) sasl(mechanism string, refusal error, signIn func(*user) error) (sasl.Server, error) {
	if !slices.Contains(f.mechanisms(), mechanism) {
		return nil, errors.New("this way to sign in is not known here")
	}
	bearer := func(name, token string) error {
		holder, ok := f.options.Issuer.Holder(token)
		u, err := f.user(name)
		if !ok || err != nil || !strings.EqualFold(holder, u.address) {
			return refusal
		}
		return signIn(u)
	}
	switch mechanism {
	case xoauth2:
		return &xoauth2Server{bearer: bearer}, nil
	case sasl.OAuthBearer:
		return oauthbearerServer{sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if bearer(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), refusal}, nil
	}
	return sasl.NewPlainServer(func(_, name, password string) error {
		u, err := f.user(name)
		if err != nil || u.password != password {
			return refusal
		}
		return signIn(u)
	}), nil
}

const xoauth2 = "XOAUTH2"

// xoauth2Server is what Google and Microsoft describe: a refusal is a challenge that says why, and the client answers it
// with nothing.
// https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
type xoauth2Server struct {
	bearer func(name, token string) error
	failed error
}

func (x *xoauth2Server) Next(response []byte) (challenge []byte, done bool, err error) {
	if x.failed != nil {
		return nil, true, x.failed
	}
	if response == nil {
		return []byte{}, false, nil
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01")
	token := strings.TrimSuffix(strings.TrimPrefix(rest, "auth=Bearer "), "\x01\x01")
	if x.failed = x.bearer(name, token); x.failed != nil {
		return []byte(`{"status":"400","schemes":"Bearer","scope":"https://mail.home.test/"}`), false, nil
	}
	return nil, true, nil
}

// oauthbearerServer ends a refusal as the protocol around it does (RFC 7628 §3.2.3).
type oauthbearerServer struct {
	sasl.Server
	refusal error
}

func (o oauthbearerServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if challenge, done, err = o.Server.Next(response); err != nil {
		err = o.refusal
	}
	return challenge, done, err
}
