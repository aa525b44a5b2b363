package calendar

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// radicale starts a real CalDAV server on loopback in a folder of its own, and ends it with the test. It
// installs Radicale from the system's packages where it is missing, which needs root.
func radicale(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("radicale"); err != nil {
		script := `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends radicale`
		if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
			t.Fatalf("the test of CalDAV needs radicale, and apt-get could not install it: %v\n%s", err, out)
		}
	}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	config := fmt.Sprintf("[server]\nhosts = %s\n[auth]\ntype = htpasswd\nhtpasswd_filename = %s/users\nhtpasswd_encryption = plain\ndelay = 0\n[rights]\ntype = owner_only\n[storage]\nfilesystem_folder = %s/collections\n[web]\ntype = none\n", address, dir, dir)
	out, err := os.Create(filepath.Join(dir, "log"))
	err = errors.Join(err, os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600), os.WriteFile(filepath.Join(dir, "users"), []byte("sam:secret\nben:secret\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("radicale", "--config", filepath.Join(dir, "config"))
	server.Stdout, server.Stderr = out, out
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait() // it ends by the signal
		out.Close()
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return "http://" + address + "/"
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(out.Name())
			t.Fatalf("radicale does not listen: %s", said)
		}
	}
}

// dav sends one request as sam.
func dav(t *testing.T, method, address, kind, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("sam", "secret")
	r.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		t.Fatalf("%s %s: %s", method, address, answer.Status)
	}
}

func mkcalendar(t *testing.T, address, component string) {
	dav(t, "MKCALENDAR", address, "application/xml", `<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<C:supported-calendar-component-set><C:comp name="`+component+`"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`)
}

func password(word string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return word, nil }
}

func TestCalDAV(t *testing.T) {
	t.Parallel()
	server := radicale(t)
	mkcalendar(t, server+"sam/classes/", "VEVENT")
	mkcalendar(t, server+"sam/work/", "VEVENT")
	mkcalendar(t, server+"sam/tasks/", "VTODO")
	put := func(path, lines string) {
		dav(t, http.MethodPut, server+path, "text/calendar; charset=utf-8", strings.ReplaceAll("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//EN\n"+lines+"END:VCALENDAR\n", "\n", "\r\n"))
	}
	stamp := "DTSTAMP:20261101T000000Z\n"
	put("sam/classes/1.ics", vevent(stamp+"DTSTART:20261201T150000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20261208T150000Z"))
	put("sam/classes/2.ics", strings.Replace(vevent(stamp+"DTSTART:20261203T150000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT"), "UID:1", "UID:2", 1))
	put("sam/work/3.ics", strings.Replace(vevent(stamp+"DTSTART;VALUE=DATE:20261224\nSUMMARY:Home"), "UID:1", "UID:3", 1))
	put("sam/work/4.ics", strings.Replace(vevent(stamp+"DTSTART:20260601T150000Z\nDURATION:PT1H"), "UID:1", "UID:4", 1))
	classes, all := []string{"12-01 10:00–11:00", "12-15 10:00–11:00"}, []string{"12-01 10:00–11:00", "12-15 10:00–11:00", "12-24 00:00–00:00"}
	for path, want := range map[string][]string{"": all, "sam/": all, "sam/classes/": classes, "sam/classes": classes} {
		r, err := Fetch(t.Context(), Source{URL: server + path, CalDAV: true, User: "sam", Password: password("secret")}, options())
		if have := words(r.Busy); err != nil || !slices.Equal(have, want) || len(r.Problems) > 0 {
			t.Errorf("/%s: busy %q, not %q (%v, %v)", path, have, want, err, r.Problems)
		}
	}
	// The same calendar as one file, which Radicale serves too.
	r, err := Fetch(t.Context(), Source{URL: server + "sam/classes/", User: "sam", Password: password("secret")}, options())
	if have := words(r.Busy); err != nil || !slices.Equal(have, classes) {
		t.Errorf("as .ics: %q (%v)", have, err)
	}
	for name, s := range map[string]Source{
		"wrong password":     {URL: server + "sam/classes/", CalDAV: true, User: "sam", Password: password("wrong")},
		"somebody else's":    {URL: server + "ben/", CalDAV: true, User: "sam", Password: password("secret")},
		"no such calendar":   {URL: server + "sam/no/", User: "sam", Password: password("secret")},
		"a .ics it must not": {URL: server + "sam/classes/", User: "ben", Password: password("secret")},
	} {
		r, err := Fetch(t.Context(), s, options())
		if err == nil {
			t.Errorf("%s: read %v", name, r)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An object that no parser reads costs itself alone.
func TestObjectsAreReadOneByOne(t *testing.T) {
	t.Parallel()
	answer := `<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">` +
		`<D:response><D:propstat><D:prop><C:calendar-data>nonsense &lt;</C:calendar-data></D:prop></D:propstat></D:response>` +
		`<D:response><D:propstat><D:prop><C:calendar-data>` + ics(vevent("DTSTART:20261201T150000Z")) + `</C:calendar-data></D:prop></D:propstat></D:response></D:multistatus>`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusMultiStatus)
		if r.Method == "REPORT" {
			_, _ = w.Write([]byte(answer))
			return
		}
		_, _ = w.Write([]byte(`<D:multistatus xmlns:D="DAV:"><D:response><D:href>/c/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>` +
			`<C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`))
	}))
	defer server.Close()
	r, err := Fetch(t.Context(), Source{URL: server.URL + "/c/", CalDAV: true}, options())
	if have := words(r.Busy); err != nil || !slices.Equal(have, []string{"12-01 10:00–10:30"}) || len(r.Problems) != 1 {
		t.Errorf("%q, %v, %v", have, r.Problems, err)
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "c.ics")
	if err := os.WriteFile(file, []byte(ics(vevent("DTSTART:20261201T150000Z"))), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Fetch(t.Context(), Source{Path: file}, options())
	if err != nil || len(r.Busy) != 1 {
		t.Errorf("%v, %v", r, err)
	}
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hangs.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		s    Source
		want string
	}{
		{"no file", t.Context(), Source{Path: file + ".gone"}, "no such file"},
		{"a password in the clear", t.Context(), Source{URL: "http://calendar.test/", User: "sam", Password: password("secret")}, "must begin with https"},
		{"no time left", ended, Source{URL: hangs.URL}, "context canceled"},
		{"no server", t.Context(), Source{URL: "http://127.0.0.1:1/private-token.ics"}, "refused"},
	} {
		_, err := Fetch(c.ctx, c.s, options())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
