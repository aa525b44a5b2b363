package signin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"introd/mailer/postoffice"
	"introd/mailer/signin"
)

const owner = "sam@home.test"

// issuer starts an OAuth server, and is introd as it knows it.
func issuer(t *testing.T, o postoffice.IssuerOptions) (*postoffice.Issuer, signin.App) {
	t.Helper()
	i, err := postoffice.OpenIssuer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i, signin.App{
		AuthURL: i.URL() + "/authorize", TokenURL: i.URL() + "/token", DeviceURL: i.URL() + "/device", Scopes: []string{"mail"},
		ClientID: "introd-of-sam", ClientSecret: o.Secret, Address: owner, Provider: "Home Mail", Again: "introd sign-in main", Letter: "Dear administrator",
	}
}

// browse is the person and their browser. It returns the page that they see last.
func browse(t *testing.T, address string) (status int, page string) {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// signIn signs in by the browser; visit does with the address what the person does.
func signIn(t *testing.T, app signin.App, visit func(address string)) (signin.Tokens, error) {
	t.Helper()
	visited := make(chan struct{})
	defer func() { <-visited }()
	return app.Browser(t.Context(), signin.Browser{Open: func(string) error { return errors.New("none") }, Show: func(address string, opened bool) {
		if opened {
			t.Error("it says that a browser was opened")
		}
		go func() { defer close(visited); visit(address) }()
	}})
}

func TestSignInByTheBrowser(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{Secret: "of-a-desktop-app"})
	app.Params, app.Redirect = map[string]string{"access_type": "offline"}, "http://localhost"
	tokens, err := signIn(t, app, func(address string) {
		u, _ := url.Parse(address)
		q := u.Query()
		if q.Get("login_hint") != owner || q.Get("access_type") != "offline" || q.Get("scope") != "mail" || !strings.HasPrefix(q.Get("redirect_uri"), "http://localhost:") {
			t.Errorf("the address asks for %v", q)
		}
		if status, page := browse(t, address); status != 200 || !strings.Contains(page, "You can close this window") {
			t.Errorf("the page says %d %s", status, page)
		}
	})
	if holder, ok := i.Holder(tokens.Access); err != nil || !ok || holder != owner || tokens.Refresh == "" || tokens.Life != time.Hour {
		t.Fatalf("%+v, %v", tokens, err)
	}
}

// A page that anybody sends the browser to ends nothing and gives nothing.
func TestAnAnswerToNoQuestionOfOursIsLeftAlone(t *testing.T) {
	t.Parallel()
	_, app := issuer(t, postoffice.IssuerOptions{})
	_, err := signIn(t, app, func(address string) {
		u, _ := url.Parse(address)
		back := u.Query().Get("redirect_uri")
		for _, forged := range []string{"/?code=stolen&state=guessed", "/?code=stolen", "/?error=access_denied&state=", "/"} {
			if status, page := browse(t, back+forged); status != http.StatusBadRequest || strings.Contains(page, "signed in") {
				t.Errorf("%s: %d %s", forged, status, page)
			}
		}
		if status, _ := browse(t, back+"/favicon.ico"); status != http.StatusNotFound {
			t.Errorf("favicon: %d", status)
		}
		if status, _ := browse(t, address); status != 200 {
			t.Errorf("after the forged ones: %d", status)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheOwnerOrTheirAdministratorSaysNo(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	for _, c := range []struct {
		code, description, words string
		letter                   bool
	}{
		{"access_denied", "the user denied the request", "sign in again and allow it (access_denied)", true},
		{"invalid_request", "AADSTS65001: The user or administrator has not consented", "an administrator of your work or school to allow introd for sam@home.test first (AADSTS65001)", true},
		{"access_denied", "AADSTS90094: admin consent", "administrator", true},
		{"interaction_required", "AADSTS50105: not assigned", "must add you (AADSTS50105)", true},
		{"admin_policy_enforced", "", "(admin_policy_enforced)", true},
		{"unauthorized_client", "AADSTS700016: not found in the directory", "check client_id and tenant in the config", false},
		{"invalid_scope", "", "add the permissions", false},
	} {
		i.Deny(c.code, c.description)
		var page string
		_, err := signIn(t, app, func(address string) { _, page = browse(t, address) })
		var no *signin.Refusal
		if !errors.As(err, &no) || !strings.Contains(no.Sentence, c.words) || (no.Letter != "") != c.letter {
			t.Errorf("%s %s: %v", c.code, c.description, err)
		}
		if !strings.Contains(page, "That did not work") || strings.Contains(page, "<script") {
			t.Errorf("%s: the page says %s", c.code, page)
		}
	}
	if i.Count("/token") > 0 {
		t.Error("a token was asked for in spite of the no")
	}
}

// The browser is on another computer: the person copies where it ended.
func TestTheAddressMayBePasted(t *testing.T) {
	t.Parallel()
	_, app := issuer(t, postoffice.IssuerOptions{})
	pasted := make(chan string, 3)
	tokens, err := app.Browser(t.Context(), signin.Browser{Pasted: pasted, Open: func(string) error { return errors.New("none") }, Show: func(address string, _ bool) {
		far := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		r, err := far.Get(address)
		if err != nil {
			t.Error(err)
			return
		}
		r.Body.Close()
		pasted <- "what now?"
		pasted <- "  " + r.Header.Get("Location") + "\n"
		close(pasted)
	}})
	if err != nil || tokens.Refresh == "" {
		t.Fatal(err)
	}
}

func TestNobodySignsIn(t *testing.T) {
	t.Parallel()
	_, app := issuer(t, postoffice.IssuerOptions{})
	_, err := app.Browser(t.Context(), signin.Browser{Limit: time.Millisecond, Open: func(string) error { return nil }, Show: func(string, bool) {}})
	var no *signin.Refusal
	if !errors.As(err, &no) || !strings.Contains(no.Sentence, "nobody signed in within") || !strings.Contains(no.Sentence, "an administrator") || no.Letter != app.Letter {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = app.Browser(ctx, signin.Browser{Open: func(string) error { return nil }, Show: func(string, bool) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A server that gives no refresh token, or less than was asked for, is found out at once.
func TestASignInThatCannotLast(t *testing.T) {
	t.Parallel()
	for answer, words := range map[string]string{
		`{"access_token":"a","expires_in":3600}`:                                               "gave no refresh token",
		`{"access_token":"a","refresh_token":"r","scope":"openid https://mail.example/other"}`: "leave the tick",
		`<html>log in to the hotel's network`:                                                  "if this network wants you to log in first",
		`{"token_type":"Bearer"}`:                                                              "does not answer as a sign-in server does",
	} {
		_, app := issuer(t, postoffice.IssuerOptions{})
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answer)
		})
		app.TokenURL, app.Scopes = server, []string{"https://mail.google.com/"}
		_, err := signIn(t, app, func(address string) { browse(t, address) })
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestSignInByACode(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	synctest.Test(t, func(t *testing.T) {
		app.HTTP = &http.Client{Transport: inside{i}}
		var shown signin.Code
		began := time.Now()
		i.Answer("authorization_pending", "")
		i.Answer("slow_down", "")
		i.Answer("503", "")
		tokens, err := app.Device(t.Context(), func(c signin.Code) {
			shown = c
			time.AfterFunc(20*time.Second, func() { i.Enter(owner) })
		})
		if holder, ok := i.Holder(tokens.Access); err != nil || !ok || holder != owner || tokens.Refresh == "" {
			t.Fatalf("%+v, %v", tokens, err)
		}
		// A second, then one more, then five more as the server wants it; a second again after it was down, and until the code was entered.
		if took := time.Since(began); took < 20*time.Second || took > 25*time.Second {
			t.Errorf("it took %v", took)
		}
		if shown.Code != "WDJB-MJHT" || !strings.HasSuffix(shown.Address, "/activate") || !strings.Contains(shown.Direct, "code=") || !shown.Until.Equal(began.Add(15*time.Minute)) {
			t.Errorf("shown is %+v", shown)
		}
	})
}

func TestTheCodeIsNotEntered(t *testing.T) {
	t.Parallel()
	i, app := issuer(t, postoffice.IssuerOptions{})
	for answer, words := range map[string]string{
		"":                      "nobody entered the code WDJB-MJHT in time",
		"expired_token":         "the code was not entered in time",
		"access_denied":         "was told not to let introd in",
		"authorization_expired": "cannot answer now (authorization_expired)",
	} {
		synctest.Test(t, func(t *testing.T) {
			app.HTTP = &http.Client{Transport: inside{i}}
			if answer != "" {
				i.Answer(answer, "")
			}
			if _, err := app.Device(t.Context(), func(signin.Code) {}); err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %v", answer, err)
			}
		})
	}
	app.DeviceURL = ""
	if _, err := app.Device(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "sign in by the browser") {
		t.Error(err)
	}
}

// inside is a transport that reaches a handler without a socket, so that the clock of a bubble can run.
type inside struct{ handler http.Handler }

func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	i.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

func serve(t *testing.T, handler http.HandlerFunc) (address string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// Tokens go over private connections alone, and what is missing is told before anything is tried.
func TestAnAppThatCannotWork(t *testing.T) {
	t.Parallel()
	_, good := issuer(t, postoffice.IssuerOptions{})
	for words, spoil := range map[string]func(*signin.App){
		"":                                     func(*signin.App) {},
		"client id: it is missing":             func(a *signin.App) { a.ClientID = "" },
		`auth url: "http://login.test/a" is`:   func(a *signin.App) { a.AuthURL = "http://login.test/a" },
		`token url: "" is`:                     func(a *signin.App) { a.TokenURL = "" },
		`device url: "login.test/device" is`:   func(a *signin.App) { a.DeviceURL = "login.test/device" },
		`token url: "http://[::2]/token" is`:   func(a *signin.App) { a.TokenURL = "http://[::2]/token" },
		`auth url: "ftp://login.test/a" is no`: func(a *signin.App) { a.AuthURL = "ftp://login.test/a" },
	} {
		app := good
		spoil(&app)
		if err := app.Check(); (err == nil) != (words == "") || err != nil && !strings.HasPrefix(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}
