package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"introd/cmd/introd/talk"
	"introd/mailer/postoffice"
	"introd/mailer/signin"
)

// browser is the owner's: it goes where introd sends it. It stands in for xdg-open in scripts, and leaves the page that
// it sees last in the file "page".
func browser() {
	r, err := http.Get(os.Args[1])
	if err == nil {
		var page []byte
		if page, err = io.ReadAll(r.Body); err == nil {
			err = os.WriteFile("page", page, 0o600)
		}
		r.Body.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// withIssuer gives the office of a script an OAuth server, if office.txt wants one.
func withIssuer(env *testscript.Env, o *postoffice.Options) error {
	raw, _ := os.ReadFile(env.WorkDir + "/office.txt") // most scripts have none
	if !strings.Contains(string(raw), "oauth") {
		return nil
	}
	issuer, err := postoffice.OpenIssuer(postoffice.IssuerOptions{Rotates: true})
	if err != nil {
		return err
	}
	env.Defer(issuer.Close)
	env.Values["issuer"], o.Issuer = issuer, issuer
	env.Setenv("ISSUER", issuer.URL())
	env.Setenv("DISPLAY", ":0")
	return nil
}

// issuerCommand does what happens at the OAuth server: issuer expire, revoke, cutoff, enter, deny [CODE [DESCRIPTION]], answer CODE [DESCRIPTION].
func issuerCommand(ts *testscript.TestScript, _ bool, args []string) {
	i := ts.Value("issuer").(*postoffice.Issuer)
	args = append(args, "", "")
	switch args[0] {
	case "expire":
		i.Expire()
	case "revoke":
		i.Revoke()
	case "cutoff": // revoke, once somebody comes to send a mail
		reached, release := of(ts).office.Hold("smtp:connect")
		go func() { <-reached; i.Revoke(); release() }()
	case "enter": // once introd shows a code
		until(ts, "introd shows a code", func() bool { return i.Enter(cmp.Or(args[1], owner)) > 0 })
	case "deny":
		i.Deny(args[1], args[2])
	case "answer":
		i.Answer(args[1], args[2])
	default:
		ts.Fatalf("the issuer cannot %s", args[0])
	}
}

// byOAuthCommand changes the config from the password to OAuth, and signs in.
func byOAuthCommand(ts *testscript.TestScript, neg bool, _ []string) {
	for key, value := range map[string]string{
		"password_file": `""`, "client_id": `"introd-of-sam"`, "auth_url": `"` + ts.Getenv("ISSUER") + `/authorize"`,
		"token_url": `"` + ts.Getenv("ISSUER") + `/token"`, "device_url": `"` + ts.Getenv("ISSUER") + `/device"`,
	} {
		setCommand(ts, neg, []string{key, value})
	}
	ts.Check(ts.Exec("introd", "sign-in"))
}

// The browser is on another computer: what it ends at is pasted, and a line that is something else is asked for again.
func TestTheAddressIsPasted(t *testing.T) {
	t.Setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22") // so no browser opens here
	issuer, err := postoffice.OpenIssuer(postoffice.IssuerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(issuer.Close)
	in, typed := io.Pipe()
	said, out := io.Pipe()
	heard := make(chan string, 1)
	go func() {
		far := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		var all strings.Builder
		for lines := bufio.NewScanner(said); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			if page := strings.TrimSpace(lines.Text()); strings.HasPrefix(page, issuer.URL()) {
				r, err := far.Get(page)
				if err != nil {
					t.Error(err)
					continue
				}
				r.Body.Close()
				go fmt.Fprintf(typed, "http://127.0.0.1/\n%s\n", r.Header.Get("Location"))
			}
		}
		heard <- all.String()
	}()
	a := &app{in: in, out: out}
	app := signin.App{AuthURL: issuer.URL() + "/authorize", TokenURL: issuer.URL() + "/token", ClientID: "introd", Address: owner}
	tokens, err := a.allow(t.Context(), app, talk.New(a.in, a.out), false)
	out.Close()
	if holder, ok := issuer.Holder(tokens.Access); err != nil || !ok || holder != owner {
		t.Errorf("%+v, %v", tokens, err)
	}
	if words := <-heard; !strings.Contains(words, "That is not the address") || !strings.Contains(words, "paste it") {
		t.Error(words)
	}
}
