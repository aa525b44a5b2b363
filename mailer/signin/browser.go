package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// A Browser is how App.Browser meets the person who signs in.
type Browser struct {
	// Show is called once, with the address of the sign-in and whether a browser on this computer shows it already.
	Show func(address string, opened bool)
	// Open shows an address in a browser; nil is the desktop's. Its error only says that there is none.
	Open func(address string) error
	// Pasted brings the address at which a browser on another computer ended, as people copy it from its bar: the way
	// for a machine without a desktop where the provider has no device code. nil for none.
	Pasted <-chan string
	Limit  time.Duration // how long the person may take; 0 is five minutes
}

// browserLimit is how long one may take to sign in.
const browserLimit = 5 * time.Minute

// Browser signs in through the owner's own browser: the authorization code with PKCE, coming back to a port of this
// computer's loopback (RFC 8252, RFC 7636). The error is a *Refusal where the server, or its owner, said no, or nobody
// came back in time.
func (a App) Browser(ctx context.Context, b Browser) (Tokens, error) {
	limit := b.Limit
	if limit == 0 {
		limit = browserLimit
	}
	late := &Refusal{Sentence: fmt.Sprintf("nobody signed in within %d minutes: try again", int(limit.Minutes())), Letter: a.Letter}
	if a.Letter != "" { // such a page says so to whoever sits before it, and to nobody else
		late.Sentence += "; if the page said that an administrator must allow introd first, send them the letter"
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Tokens{}, fmt.Errorf("the browser cannot come back to introd: %w", err)
	}
	r := a.newReturn(ctx, listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	defer func() {
		closing, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // the page is on its way
		defer done()
		if server.Shutdown(closing) != nil {
			server.Close()
		}
		serving.Wait()
	}()
	open := b.Open
	if open == nil {
		open = openBrowser
	}
	b.Show(r.address, open(r.address) == nil)
	for {
		select {
		case <-ctx.Done():
			return Tokens{}, context.Cause(ctx)
		case <-r.done:
			return r.tokens, r.err
		case pasted, ok := <-b.Pasted:
			if !ok {
				b.Pasted = nil
			} else if u, err := url.Parse(strings.TrimSpace(pasted)); err == nil {
				r.take(u.Query())
			}
		}
	}
}

// A comeback is what the browser is waited for with, and what it brought.
type comeback struct {
	app             App
	config          *oauth2.Config
	ctx             context.Context // of the sign-in: a tab that is closed does not end it
	state, verifier string
	address         string

	taken sync.Mutex // held while the code is exchanged
	ended bool
	done  chan struct{}

	tokens Tokens
	err    error
}

func (a App) newReturn(ctx context.Context, port int) *comeback {
	redirect := a.Redirect
	if redirect == "" {
		redirect = "http://127.0.0.1"
	}
	r := &comeback{app: a, config: a.config(fmt.Sprintf("%s:%d", redirect, port)), ctx: ctx, state: rand.Text(), verifier: oauth2.GenerateVerifier(), done: make(chan struct{})}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(r.verifier)}
	if a.Address != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", a.Address))
	}
	for key, value := range a.Params {
		options = append(options, oauth2.SetAuthURLParam(key, value))
	}
	r.address = r.config.AuthCodeURL(r.state, options...)
	return r
}

// take takes the answer that the browser brings. ours is false for an answer to a question that introd did not ask:
// anybody can send a browser here, so it changes nothing.
func (r *comeback) take(answer url.Values) (ours bool) {
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(r.state)) != 1 {
		return false
	}
	r.taken.Lock()
	defer r.taken.Unlock()
	if r.ended { // the page was loaded again
		return true
	}
	r.ended = true
	defer close(r.done)
	if answer.Has("error") {
		r.err = r.app.explain(&oauth2.RetrieveError{ErrorCode: answer.Get("error"), ErrorDescription: answer.Get("error_description")})
		return true
	}
	r.tokens, r.err = r.app.begun(r.config.Exchange(r.app.request(r.ctx), answer.Get("code"), oauth2.VerifierOption(r.verifier)))
	return true
}

// ServeHTTP is the one page that introd ever shows in a browser.
func (r *comeback) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the code
	w.Header().Set("Cache-Control", "no-store")
	if q.URL.Path != "/" {
		http.NotFound(w, q)
		return
	}
	title, words := "You are signed in", "introd has what it needs. You can close this window."
	switch {
	case !r.take(q.URL.Query()):
		w.WriteHeader(http.StatusBadRequest)
		title, words = "This is not the answer", "introd waits for another page than this one. Go back to where you started it, and follow the address that it shows."
	case r.err != nil:
		title, words = "That did not work", r.err.Error()+". You can close this window and go back to where you started introd."
	}
	fmt.Fprintf(w, page, html.EscapeString(title), html.EscapeString(words))
}

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>introd</title>
<body style="font: 1.1em sans-serif; max-width: 32em; margin: 15vh auto; padding: 0 1em"><h1>%s</h1><p>%s</p></body></html>
`

// openBrowser shows an address in the desktop's browser. Where nobody would see one it fails: on a machine without a
// desktop, and over ssh, where it would open on the other end.
func openBrowser(address string) error {
	command := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open"}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler"}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return errors.New("there is no desktop here")
		}
	}
	if os.Getenv("SSH_CONNECTION") != "" {
		return errors.New("this is another computer's terminal")
	}
	run := exec.Command(command[0], append(command[1:], address)...)
	if err := run.Start(); err != nil {
		return err
	}
	return run.Process.Release() // it may stay for as long as the browser does
}
