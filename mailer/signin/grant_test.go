package signin_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"introd/mailer/postoffice"
	"introd/mailer/signin"
)

// kept signs in and keeps it in a file, as the owner does once; open is another process that goes on with it.
func kept(t *testing.T, app signin.App) (at signin.Secret, open func() *signin.Grant) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	at, lock := signin.Secret{File: filepath.Join(dir, "sign-in-main")}, filepath.Join(dir, "sign-in-main.lock")
	tokens, err := signIn(t, app, func(address string) { browse(t, address) })
	if err == nil {
		err = signin.Begin(app, tokens).KeepIn(t.Context(), at, lock)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at, func() *signin.Grant { return signin.Open(app, at, lock) }
}

// good asserts that a grant gives a token that the server knows.
func good(t *testing.T, i *postoffice.Issuer, g *signin.Grant) string {
	t.Helper()
	token, err := g.Token(t.Context(), "")
	if holder, ok := i.Holder(token); err != nil || !ok || holder != owner {
		t.Fatalf("%q is no token of %s (%v)", token, owner, err)
	}
	return token
}

func TestAllShareOneToken(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{Rotates: true})
	_, open := kept(t, app)
	grant := open()
	asked := i.Count("/token")
	first := good(t, i, grant)
	i.Expire()
	var all sync.WaitGroup
	tokens := make(chan string, 20)
	for range cap(tokens) {
		all.Go(func() {
			token, err := grant.Token(t.Context(), first) // each was turned down with it
			if err != nil {
				t.Error(err)
			}
			tokens <- token
		})
	}
	all.Wait()
	close(tokens)
	second := good(t, i, grant)
	for token := range tokens {
		if token != second || token == first {
			t.Error("somebody got another token")
		}
	}
	if n := i.Count("/token") - asked; n != 2 {
		t.Errorf("the server was asked %d times for two tokens", n)
	}
}

// Processes take turns: each finds the refresh token that the last one has left, and none comes with a spent one.
func TestProcessesTakeTurns(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{Rotates: true})
	_, open := kept(t, app)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			grant := open()
			for refused := ""; ; {
				token, err := grant.Token(t.Context(), refused)
				if err != nil {
					t.Error(err)
				}
				if refused != "" || err != nil {
					return
				}
				refused = token
			}
		})
	}
	all.Wait()
	good(t, i, open())
}

// unkept is a grant that has got a new refresh token and could not keep it: the folder had vanished meanwhile. It is
// there again now.
func unkept(t *testing.T, i *postoffice.Issuer, app signin.App, at signin.Secret) *signin.Grant {
	t.Helper()
	dir := filepath.Dir(at.File)
	aside := filepath.Join(filepath.Dir(dir), "aside")
	app.TokenURL = serve(t, func(w http.ResponseWriter, r *http.Request) { // gone between the question and its answer
		if _, err := os.Stat(aside); err != nil && i.Count("/token") == 1 {
			if err := errors.Join(os.Rename(dir, aside), os.WriteFile(dir, nil, 0o600)); err != nil {
				t.Error(err)
			}
		}
		i.ServeHTTP(w, pathed(r, "/token"))
	})
	grant := signin.Open(app, at, "")
	if token, err := grant.Token(t.Context(), ""); err == nil || token != "" || !strings.Contains(err.Error(), "cannot be kept") {
		t.Fatalf("%q, %v", token, err)
	}
	if err := errors.Join(os.Remove(dir), os.Rename(aside, dir)); err != nil {
		t.Fatal(err)
	}
	return grant
}

// A refresh token that a server gave is on disk before the access token beside it is used: who is killed in between
// goes on with the new one.
func TestTheNewRefreshTokenIsKeptFirst(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{Rotates: true})
	at, open := kept(t, app)
	before, err := at.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	grant := unkept(t, i, app, at)
	asked := i.Count("/token")
	good(t, i, grant)
	after, err := at.Get(t.Context())
	if err != nil || after == before || i.Count("/token") != asked {
		t.Errorf("the file holds the same as before: %v, %v; the server was asked again %d times", after == before, err, i.Count("/token")-asked)
	}
	good(t, i, open())
}

// One that could not be kept does not take the place of what its owner has put there meanwhile.
func TestANewerSignInIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	_, app := issuer(t, postoffice.IssuerOptions{})
	rotating := app
	other, _ := issuer(t, postoffice.IssuerOptions{Rotates: true})
	rotating.AuthURL, rotating.TokenURL = other.URL()+"/authorize", other.URL()+"/token"
	at, _ := kept(t, rotating)
	grant := unkept(t, other, rotating, at)
	tokens, err := signIn(t, app, func(address string) { browse(t, address) })
	if err == nil {
		err = at.Put(t.Context(), tokens.Refresh)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, _ = grant.Token(t.Context(), "") // the other server knows nothing of it
	if have, err := at.Get(t.Context()); err != nil || have != tokens.Refresh {
		t.Errorf("it was written over (%v)", err)
	}
}

func pathed(r *http.Request, path string) *http.Request {
	r.URL.Path = path
	return r
}

func TestASignInThatWasTakenBack(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{Rotates: true})
	app.Provider, app.Trap = "Gmail", "As long as the status of your Google project is \"Testing\", Google ends every sign-in after 7 days."
	at, open := kept(t, app)
	grant := open()
	token := good(t, i, grant)
	i.Revoke()
	for range 3 {
		_, err := grant.Token(t.Context(), token)
		var no *signin.Refusal
		if !errors.As(err, &no) || err.Error() != "Gmail no longer lets introd in as sam@home.test (invalid_grant); sign in again: introd sign-in main. "+app.Trap {
			t.Fatal(err)
		}
	}
	if n := i.Count("/token"); n != 3 { // one to sign in, one to renew, one that was refused
		t.Errorf("%d requests", n)
	}
	// The owner signs in again, in another process: this one sees it.
	tokens, err := signIn(t, app, func(address string) { browse(t, address) })
	if err == nil {
		err = signin.Begin(app, tokens).KeepIn(t.Context(), at, at.File+".lock")
	}
	if err != nil {
		t.Fatal(err)
	}
	good(t, i, grant)
}

// A no that an administrator can take back is asked for again, but not with every look.
func TestANoThatMayBeTakenBack(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	at, _ := kept(t, app)
	synctest.Test(t, func(t *testing.T) {
		app.HTTP = &http.Client{Transport: inside{i}}
		grant := signin.Open(app, at, "")
		i.Answer("interaction_required", "AADSTS50105: not assigned")
		asked := i.Count("/token")
		for range 3 {
			var no *signin.Refusal
			if _, err := grant.Token(t.Context(), ""); !errors.As(err, &no) || no.Letter == "" {
				t.Fatal(err)
			}
		}
		if n := i.Count("/token") - asked; n != 1 {
			t.Errorf("the server was asked %d times", n)
		}
		time.Sleep(11 * time.Minute)
		good(t, i, grant)
	})
}

// What is only for now is no refusal: the next call asks again.
func TestTheServerIsAway(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	_, open := kept(t, app)
	grant := open()
	var no *signin.Refusal
	for code, words := range map[string]string{"503": "cannot answer now (503 Service Unavailable)", "temporarily_unavailable": "cannot answer now (temporarily_unavailable)"} {
		i.Answer(code, "secret words of the server's")
		if _, err := grant.Token(t.Context(), ""); err == nil || errors.As(err, &no) || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "secret words") {
			t.Errorf("%s: %v", code, err)
		}
	}
	good(t, i, grant)
	i.Close()
	if _, err := grant.Token(t.Context(), "x"); err != nil {
		t.Errorf("a token that is good is not given out: %v", err)
	}
	if _, err := open().Token(t.Context(), ""); err == nil || errors.As(err, &no) || !strings.Contains(err.Error(), "cannot be reached: check your network") {
		t.Error(err)
	}
}

// Tokens are replaced before they end. A clock that was wrong does no harm: the mail server's no counts.
func TestTheTokenIsReplacedInTime(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	short, shortApp := issuer(t, postoffice.IssuerOptions{Life: 40 * time.Second})
	at, _ := kept(t, app)
	shortAt, _ := kept(t, shortApp)
	synctest.Test(t, func(t *testing.T) {
		app.HTTP, shortApp.HTTP = &http.Client{Transport: inside{i}}, &http.Client{Transport: inside{short}}
		grant := signin.Open(app, at, "")
		first := good(t, i, grant)
		time.Sleep(57 * time.Minute)
		if good(t, i, grant) != first {
			t.Error("it was replaced too soon")
		}
		time.Sleep(90 * time.Second)
		i.Answer("503", "")
		if good(t, i, grant) != first {
			t.Error("the server is away for a moment, and a token that is still good is not given out")
		}
		i.Answer("503", "")
		if token, err := grant.Token(t.Context(), first); err == nil {
			t.Errorf("%q is given out, which was turned down", token)
		}
		if good(t, i, grant) == first {
			t.Error("it was not replaced before its end")
		}
		grant = signin.Open(shortApp, shortAt, "")
		first = good(t, short, grant)
		time.Sleep(20 * time.Second)
		if good(t, short, grant) != first {
			t.Error("one that lives for less than the margin was replaced at once")
		}
	})
}

func TestNobodyHasSignedInYet(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	dir := t.TempDir()
	at := signin.Secret{File: filepath.Join(dir, "sign-in-main")}
	_, err := signin.Open(app, at, filepath.Join(dir, "lock")).Token(t.Context(), "")
	var no *signin.Refusal
	if !errors.As(err, &no) || no.Sentence != "introd is not signed in at Home Mail as sam@home.test yet: sign in with introd sign-in main" || i.Count("/token") > 0 {
		t.Error(err)
	}
}

// A turn that somebody else has, in this process or in another, is not waited for longer than the caller likes.
func TestWaitingForATurnEnds(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	at, _ := kept(t, app)
	reached, release := make(chan struct{}), make(chan struct{})
	app.TokenURL = serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(reached)
		<-release
		i.ServeHTTP(w, pathed(r, "/token"))
	})
	slow, waiting := signin.Open(app, at, at.File+".lock"), make(chan error, 1)
	go func() {
		_, err := slow.Token(t.Context(), "")
		waiting <- err
	}()
	<-reached
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, grant := range []*signin.Grant{slow, signin.Open(app, at, at.File+".lock")} {
		if _, err := grant.Token(ctx, ""); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	close(release)
	if err := <-waiting; err != nil {
		t.Error(err)
	}
}
