package calendar

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/emersion/go-webdav"
	"github.com/emersion/go-webdav/caldav"
)

// A Source is one of the owner's calendars: a file, or an address.
type Source struct {
	Name     string
	Path     string // of an .ics file
	URL      string // http, https or webcal
	CalDAV   bool   // URL is a CalDAV calendar, the folder of several, or a server; else an .ics
	User     string // empty: nobody signs in
	Password func(context.Context) (string, error)
}

// mostBytes bounds what is read of one calendar.
const mostBytes = 64 << 20

// Fetch gets a calendar and reads it. What a calendar says that is too large or breaks off half-way is
// not to be relied on: that is an error.
func Fetch(ctx context.Context, s Source, o Options) (Reading, error) {
	if s.Path != "" {
		file, err := os.Open(s.Path)
		if err != nil {
			return Reading{}, err
		}
		defer file.Close()
		return Read(&bounded{file, mostBytes}, o)
	}
	client, address, err := s.client(ctx)
	if err != nil {
		return Reading{}, err
	}
	if s.CalDAV {
		return fetchCalDAV(ctx, client, address, o)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Reading{}, err
	}
	body, err := do(client, request, http.StatusOK)
	if err != nil {
		return Reading{}, err
	}
	defer body.Close()
	return Read(body, o)
}

// client signs in as the source says, and never in the clear.
func (s Source) client(ctx context.Context) (webdav.HTTPClient, string, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, "", fmt.Errorf("its address cannot be read: %w", errors.Unwrap(err)) // the address may hold a secret
	}
	if u.Scheme == "webcal" {
		u.Scheme = "https"
	}
	client := &http.Client{CheckRedirect: func(to *http.Request, via []*http.Request) error {
		if len(via) > 5 || via[0].URL.Scheme == "https" && to.URL.Scheme != "https" {
			return errors.New("the server points elsewhere")
		}
		return nil
	}}
	if s.User == "" {
		return limited{client}, u.String(), nil
	}
	if u.Scheme != "https" && !loopback(u.Hostname()) {
		return nil, "", errors.New("your password would go out in the clear: its address must begin with https://")
	}
	password, err := s.Password(ctx)
	if err != nil {
		return nil, "", err
	}
	return webdav.HTTPClientWithBasicAuth(limited{client}, s.User, password), u.String(), nil
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host) != nil && net.ParseIP(host).IsLoopback()
}

// do sends a request and returns the body of an answer with the wanted status.
func do(client webdav.HTTPClient, request *http.Request, want int) (io.ReadCloser, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, plain(err)
	}
	if response.StatusCode == want {
		return response.Body, nil
	}
	response.Body.Close()
	if response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden {
		return nil, fmt.Errorf("the server refuses to show it (%s): look at user and password", response.Status)
	}
	return nil, fmt.Errorf("the server answers %s", response.Status)
}

// plain takes the address off an error of net/http: addresses of private calendars are secrets.
func plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// limited is a client that reads no more of an answer than mostBytes.
type limited struct{ client *http.Client }

func (l limited) Do(r *http.Request) (*http.Response, error) {
	response, err := l.client.Do(r)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{&bounded{response.Body, mostBytes}, response.Body}
	}
	return response, err
}

// bounded fails where a reader goes on after left bytes.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("it is larger than %d MB", mostBytes>>20)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// fetchCalDAV reads every calendar that an address leads to.
func fetchCalDAV(ctx context.Context, client webdav.HTTPClient, address string, o Options) (all Reading, err error) {
	base, err := url.Parse(address)
	if err != nil {
		return all, err
	}
	paths, err := calendarsAt(ctx, client, base)
	if err != nil {
		return all, plain(err)
	}
	for _, path := range paths {
		if err := query(ctx, client, base.ResolveReference(&url.URL{Path: path}), o, &all); err != nil {
			return all, err
		}
	}
	all.tidy()
	return all, nil
}

// calendarsAt finds calendars: the address itself, those in it, or those of whom it belongs to (RFC 4791
// §6.2.1, RFC 5397).
func calendarsAt(ctx context.Context, client webdav.HTTPClient, base *url.URL) ([]string, error) {
	c, err := caldav.NewClient(client, base.String())
	if err != nil {
		return nil, err
	}
	here, hereErr := c.FindCalendars(ctx, base.Path)
	if paths := eventCalendars(here, base.Path); len(paths) > 0 {
		return paths, nil
	}
	principal, err := c.FindCurrentUserPrincipal(ctx)
	if err != nil {
		return nil, errors.Join(hereErr, err)
	}
	home, err := c.FindCalendarHomeSet(ctx, principal)
	if err != nil {
		return nil, err
	}
	theirs, err := c.FindCalendars(ctx, home)
	if err != nil {
		return nil, err
	}
	paths := eventCalendars(theirs, "")
	if len(paths) == 0 {
		return nil, errors.New("there is no calendar at its address")
	}
	return paths, nil
}

// eventCalendars are those that hold events; one that was asked for by its path stands alone.
func eventCalendars(all []caldav.Calendar, path string) (paths []string) {
	for _, c := range all {
		if len(c.SupportedComponentSet) > 0 && !slices.Contains(c.SupportedComponentSet, "VEVENT") {
			continue
		}
		if path != "" && strings.TrimSuffix(c.Path, "/") == strings.TrimSuffix(path, "/") {
			return []string{c.Path}
		}
		paths = append(paths, c.Path)
	}
	return paths
}

// query asks a calendar for the events of a span of time (RFC 4791 §7.8.1) and reads each. The library's
// own query gives all of them up at the first that it cannot parse.
func query(ctx context.Context, client webdav.HTTPClient, calendar *url.URL, o Options, all *Reading) error {
	const form = "20060102T150405Z"
	body := fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="%s" end="%s"/></C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>`, o.From.UTC().Format(form), o.To.UTC().Format(form))
	request, err := http.NewRequestWithContext(ctx, "REPORT", calendar.String(), strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/xml; charset=utf-8")
	request.Header.Set("Depth", "1")
	answer, err := do(client, request, http.StatusMultiStatus)
	if err != nil {
		return err
	}
	defer answer.Close()
	return objects(xml.NewDecoder(answer), o, all)
}

// objects reads the calendar objects of a multi-status answer, one by one.
func objects(d *xml.Decoder, o Options, all *Reading) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "calendar-data" {
			continue
		}
		var data []byte
		if err := d.DecodeElement(&data, &start); err != nil {
			return err
		}
		one, err := Read(bytes.NewReader(data), o)
		if err != nil {
			one.Problems = append(one.Problems, Problem{1, err.Error()})
		}
		all.join(one)
	}
}

// join adds what another part of the same calendar says.
func (r *Reading) join(other Reading) {
	r.Busy = append(r.Busy, other.Busy...)
	r.Problems = append(r.Problems, other.Problems[:min(len(other.Problems), mostProblems-len(r.Problems))]...)
}
