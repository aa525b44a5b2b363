package provider

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/net/html/charset"
)

// mostXML is how much is read of the file that a domain shows to mail programs. Real ones have 2 to 4 KB.
const mostXML = 64 << 10

// byAutoconfig asks the domain's web server for the file that it shows to mail programs: by https alone, so that nobody on the
// way can write it, and without the address, which it may not learn before the person has agreed.
func (l look) byAutoconfig(ctx context.Context) (Candidate, error) {
	for _, url := range []string{
		"https://autoconfig." + l.domain + "/mail/config-v1.1.xml",
		"https://" + l.domain + "/.well-known/autoconfig/mail/config-v1.1.xml",
	} {
		raw, err := l.fetch(ctx, url)
		if err != nil {
			continue // most domains have none, and a web server that is down says nothing about their mail
		}
		if c, err := readAutoconfig(raw, l.address); err == nil {
			c.Why = fmt.Sprintf("%s says so to mail programs.", url)
			return c, nil
		}
	}
	return Candidate{}, nil
}

// fetch gets the beginning of a file.
func (l look) fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := l.HTTP.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, mostXML))
}

// redirect follows three redirects, and none out of what is private, nor to a program of this computer.
func redirect(request *http.Request, via []*http.Request) error {
	if len(via) > 3 {
		return errors.New("too many redirects")
	}
	if request.URL.Scheme != "https" || loopback(request.URL.Hostname()) {
		return fmt.Errorf("%s is not private", request.URL)
	}
	return nil
}

// clientConfig is what is read of an autoconfig file (Mozilla's "Autoconfiguration file format", config-v1.1).
type clientConfig struct {
	Incoming []autoServer `xml:"emailProvider>incomingServer"`
	Outgoing []autoServer `xml:"emailProvider>outgoingServer"`
	OAuth    struct {
		Scope    string `xml:"scope"`
		AuthURL  string `xml:"authURL"`
		TokenURL string `xml:"tokenURL"`
	} `xml:"oAuth2"`
}

type autoServer struct {
	Type   string   `xml:"type,attr"`
	Host   string   `xml:"hostname"`
	Port   int      `xml:"port"`
	Socket string   `xml:"socketType"`
	User   string   `xml:"username"`
	Auth   []string `xml:"authentication"`
}

// readAutoconfig takes the first server of each kind that can be spoken to privately. It fails where no IMAP server is.
func readAutoconfig(raw []byte, address string) (Candidate, error) {
	var file clientConfig
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	decoder.CharsetReader = charset.NewReaderLabel
	if err := decoder.Decode(&file); err != nil {
		return Candidate{}, err
	}
	incoming, imap := firstPrivate(file.Incoming, "imap", address)
	if imap.Host == "" {
		return Candidate{}, errors.New("it names no IMAP server that can be spoken to privately")
	}
	_, smtp := firstPrivate(file.Outgoing, "smtp", address)
	c := Candidate{Provider: ByServer(imap.Host, address), IMAP: imap, SMTP: smtp, By: ByAutoconfig}
	if !c.Provider.Known() && onlyOAuth(incoming.Auth) {
		c.Provider.OAuth = file.oauth()
	}
	return c, nil
}

// firstPrivate is the first server of a kind as the file has it, and as it is to be used.
func firstPrivate(all []autoServer, kind, address string) (autoServer, Server) {
	_, domain := split(address)
	for _, s := range all {
		host := strings.ToLower(expand(cmp.Or(strings.TrimSpace(s.Host), "?"), "@"+domain))
		way := map[string]string{"SSL": "implicit", "STARTTLS": "starttls"}[strings.ToUpper(strings.TrimSpace(s.Socket))]
		if s.Type != kind || way == "" || !hostname(host) || s.Port < 1 || s.Port > 65535 {
			continue
		}
		user := expand(strings.TrimSpace(s.User), address)
		if strings.Contains(user, "%") || strings.ContainsFunc(user, unprintable) { // a name that is not known, or no name
			user = address
		}
		return s, Server{Host: host, Port: s.Port, TLS: way, User: user}
	}
	return autoServer{}, Server{}
}

func unprintable(r rune) bool { return r < ' ' || r == 0x7f }

// onlyOAuth says whether no way to sign in is named but the browser.
func onlyOAuth(ways []string) bool {
	for _, way := range ways {
		if strings.TrimSpace(way) != "OAuth2" {
			return false
		}
	}
	return len(ways) > 0
}

// oauth is the sign-in that the file describes, or nil if it does not.
func (f clientConfig) oauth() *OAuth {
	o := &OAuth{
		AuthURL: strings.TrimSpace(f.OAuth.AuthURL), TokenURL: strings.TrimSpace(f.OAuth.TokenURL), Scopes: strings.Fields(f.OAuth.Scope),
		Mechanisms: []string{"OAUTHBEARER", "XOAUTH2"}, Redirect: "http://127.0.0.1",
	}
	for _, url := range []string{o.AuthURL, o.TokenURL} {
		if !strings.HasPrefix(url, "https://") {
			return nil
		}
	}
	return o
}
