package provider_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"introd/mailer/provider"
)

// zone is what a name server knows: records by type and name. A name that is in none of them does not exist, and one
// that begins with "broken." makes the server fail.
type zone map[string][]dnsmessage.ResourceBody

func srv(priority, weight, port uint16, target string) *dnsmessage.SRVResource {
	return &dnsmessage.SRVResource{Priority: priority, Weight: weight, Port: port, Target: dnsmessage.MustNewName(target)}
}

func mx(host string) *dnsmessage.MXResource {
	return &dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(host)}
}

func txt(words string) *dnsmessage.TXTResource {
	return &dnsmessage.TXTResource{TXT: []string{words}}
}

var here = &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}

// serve answers from the zone on loopback until the test ends, and returns a resolver that asks nobody else.
func (z zone) serve(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := z.answer(buffer[:n]); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (z zone) answer(raw []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(raw) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Authoritative, m.Additionals = true, true, true, nil
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	if strings.HasSuffix(name, "broken.test") {
		m.RCode = dnsmessage.RCodeServerFailure
	} else if _, known := z[name]; !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, body := range z[name] {
		r := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: body}
		switch body := body.(type) {
		case *dnsmessage.SRVResource:
			r.Header.Type = dnsmessage.TypeSRV
		case *dnsmessage.MXResource:
			r.Header.Type = dnsmessage.TypeMX
		case *dnsmessage.TXTResource:
			r.Header.Type = dnsmessage.TypeTXT
		case *dnsmessage.AResource:
			r.Header.Type = dnsmessage.TypeA
		case *dnsmessage.CNAMEResource:
			r.Header.Type = dnsmessage.TypeCNAME
			m.Answers = append(m.Answers, r, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: body.CNAME, Class: q.Class, Type: dnsmessage.TypeA, TTL: 60}, Body: here,
			})
			continue
		}
		if r.Header.Type == q.Type {
			m.Answers = append(m.Answers, r)
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

// A web is the web servers of all domains at once, on loopback: each host and path has its page.
type web struct {
	pages map[string]http.HandlerFunc // by "host/path"
	asked atomic.Int32
}

// serve opens the web until the test ends, and returns a client that reaches nothing else.
func (w *web) serve(t *testing.T) *http.Client {
	t.Helper()
	handler := http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		w.asked.Add(1)
		if in.URL.RawQuery != "" {
			t.Errorf("%s was asked with %s: nobody may learn the address", in.Host, in.URL.RawQuery)
		}
		page := w.pages[in.Host+in.URL.Path]
		if page == nil {
			page = http.NotFound
		}
		page(out, in)
	})
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	plain := httptest.NewServer(handler)
	t.Cleanup(plain.Close)
	ends := map[string]net.Addr{"443": server.Listener.Addr(), "80": plain.Listener.Addr()}
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return (&net.Dialer{}).DialContext(ctx, network, ends[port].String())
		},
	}}
}

// nowhere is the network on which nothing listens.
func nowhere(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("nothing listens there")
}

func find(t *testing.T, f provider.Finder, address string) []provider.Candidate {
	t.Helper()
	found, err := f.Find(t.Context(), address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return found
}

// TestFindInTable: nobody is asked about a domain that introd knows.
func TestFindInTable(t *testing.T) {
	t.Parallel()
	w := web{}
	f := provider.Finder{Resolver: &net.Resolver{PreferGo: true, Dial: nowhere}, HTTP: w.serve(t), Dial: nowhere}
	found := find(t, f, "Sam@iCloud.com")
	if len(found) != 1 || w.asked.Load() > 0 {
		t.Fatalf("%+v", found)
	}
	c := found[0]
	if c.Provider.Name != "iCloud" || c.By != provider.ByTable || c.IMAP != (provider.Server{Host: "imap.mail.me.com", Port: 993, TLS: "implicit", User: "Sam"}) ||
		c.SMTP != (provider.Server{Host: "smtp.mail.me.com", Port: 587, TLS: "starttls", User: "Sam@iCloud.com"}) || c.Confirm != "" {
		t.Errorf("%+v", c)
	}
	if c := find(t, f, "sam@tuta.com")[0]; c.Provider.Closed == "" || c.IMAP.Host != "" {
		t.Errorf("%+v", c)
	}
	for _, wrong := range []string{"", "sam", "@uni.edu", "sam@", "sam@uni..edu", "sam@uni.edu/x", "sam@127.0.0.1", "sam@-x.edu", "sam@a b.edu"} {
		if _, err := f.Find(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "is not a mail address") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// TestFindBySRV: the order of RFC 2782 and RFC 8314 holds, "." is a no, and servers outside the domain want a yes unless
// they are a known provider's.
func TestFindBySRV(t *testing.T) {
	t.Parallel()
	f := provider.Finder{HTTP: (&web{}).serve(t), Dial: nowhere, Resolver: zone{
		"_imaps._tcp.uni.test":       {srv(5, 0, 0, "portless.uni.test."), srv(20, 0, 993, "second.uni.test."), srv(10, 0, 1993, "imap.uni.test."), srv(30, 0, 993, "third.uni.test.")},
		"_imap._tcp.uni.test":        {srv(0, 0, 143, "plain.uni.test.")},
		"_submissions._tcp.uni.test": {srv(0, 1, 465, "smtp.uni.test.")},
		"_submission._tcp.uni.test":  {srv(0, 1, 587, "plain.uni.test.")},

		"_imaps._tcp.dot.test": {srv(0, 0, 0, ".")}, "_imap._tcp.dot.test": {srv(0, 0, 143, "IMAP.dot.test.")},
		"_submissions._tcp.dot.test": {srv(0, 0, 0, ".")}, "_submission._tcp.dot.test": {srv(0, 0, 587, "smtp.dot.test.")},

		"_imaps._tcp.none.test": {srv(0, 0, 0, ".")}, "_imap._tcp.none.test": {srv(0, 0, 0, ".")}, "none.test": {here},

		"_imaps._tcp.shop.test": {srv(0, 0, 993, "mail.hoster.test.")}, "_submissions._tcp.shop.test": {srv(0, 0, 465, "mail.hoster.test.")},
		"_imaps._tcp.cs.college.edu": {srv(0, 0, 993, "imap.college.edu.")}, "_submissions._tcp.cs.college.edu": {srv(0, 0, 465, "smtp.college.edu.")},
		"_imaps._tcp.firm.test": {srv(0, 0, 993, "imap.gmail.com.")}, "_submissions._tcp.firm.test": {srv(0, 0, 465, "smtp.gmail.com.")}, "firm.test": {mx("aspmx.l.google.com.")},
		"_imaps._tcp.half.test": {srv(0, 0, 993, "imap.half.test.")}, "half.test": {mx("in1-smtp.messagingengine.com.")},
	}.serve(t)}
	for _, test := range []struct {
		domain, imap, way, smtp, wayOut, name string
		confirm                               bool
	}{
		{"uni.test", "imap.uni.test:1993", "implicit", "smtp.uni.test:465", "implicit", "", false},
		{"dot.test", "imap.dot.test:143", "starttls", "smtp.dot.test:587", "starttls", "", false},
		{"shop.test", "mail.hoster.test:993", "implicit", "mail.hoster.test:465", "implicit", "", true},
		{"cs.college.edu", "imap.college.edu:993", "implicit", "smtp.college.edu:465", "implicit", "", false},
		{"firm.test", "imap.gmail.com:993", "implicit", "smtp.gmail.com:465", "implicit", "Google Workspace", false},
		{"half.test", "imap.half.test:993", "implicit", "smtp.fastmail.com:465", "implicit", "", false},
	} {
		c := find(t, f, "sam@"+test.domain)[0]
		if c.By != provider.BySRV || host(c.IMAP) != test.imap || host(c.SMTP) != test.smtp || c.IMAP.TLS != test.way || c.SMTP.TLS != test.wayOut ||
			c.IMAP.User != "sam@"+test.domain || c.Provider.Name != test.name || (c.Confirm != "") != test.confirm || !strings.Contains(c.Why, "The DNS of "+test.domain) {
			t.Errorf("%s: %+v", test.domain, c)
		}
	}
	if found := find(t, f, "sam@firm.test"); len(found) != 1 {
		t.Errorf("the same servers twice: %+v", found)
	}
	if c := find(t, f, "sam@shop.test")[0]; c.Confirm != "The DNS of shop.test says that your mail is at mail.hoster.test, which does not belong to shop.test. Is that right?" {
		t.Error(c.Confirm)
	}
	if found := find(t, f, "sam@half.test"); len(found) != 2 || found[1].By != provider.ByMX || found[1].Provider.Name != "Fastmail" {
		t.Errorf("%+v", found)
	}
	if _, err := f.Find(t.Context(), "sam@none.test"); !errors.Is(err, provider.ErrNotFound) {
		t.Error(err)
	}
}

// TestFindByMX: a domain of one's own is known by who takes its mail, or by Microsoft's server for setting up Outlook.
func TestFindByMX(t *testing.T) {
	t.Parallel()
	var guessed atomic.Int32
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		guessed.Add(1)
		return nowhere(ctx, network, address)
	}
	f := provider.Finder{HTTP: (&web{}).serve(t), Dial: dial, Resolver: zone{
		"college.test": {mx("college-test.mail.protection.outlook.com.")}, "firm.test": {mx("ASPMX.L.GOOGLE.COM.")}, "mail.test": {mx("mx.zoho.eu.")},
		"sieved.test": {mx("mx1.sieve.test.")}, "autodiscover.sieved.test": {&dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName("autodiscover.outlook.com.")}},
		"sender.test": {mx("mx1.sieve.test."), txt("x"), txt("v=spf1 ip4:192.0.2.1 include:_spf.google.com ~all")},
		"both.test":   {mx("mx1.sieve.test."), txt("v=spf1 include:_spf.google.com include:spf.protection.outlook.com ~all")},
		"none.test":   {mx("mx1.sieve.test."), txt("see include:_spf.google.com")},
		"own.test":    {mx("mx.own.test.")}, "fake.test": {mx("mail.protection.outlook.com.evil.test.")}, "autodiscover.own.test": {here},
	}.serve(t)}
	for _, test := range []struct {
		domain, name string
		by           provider.By
		only         bool
	}{
		{"college.test", "Microsoft 365", provider.ByMX, true}, {"firm.test", "Google Workspace", provider.ByMX, false}, {"mail.test", "Zoho", provider.ByMX, false},
		{"sieved.test", "Microsoft 365", provider.ByHint, true}, {"sender.test", "Google Workspace", provider.ByHint, false},
	} {
		found := find(t, f, "sam@"+test.domain)
		if c := found[0]; len(found) != 1 || c.Provider.Name != test.name || c.By != test.by || c.IMAP.User != "sam@"+test.domain || c.Provider.OnlyOAuth() != test.only || c.Why == "" ||
			(c.Confirm != "") != (test.domain == "sender.test") {
			t.Errorf("%s: %+v", test.domain, found)
		}
	}
	if n := guessed.Load(); n > 0 {
		t.Errorf("%d servers were tried though what is known sufficed", n)
	}
	for _, domain := range []string{"own.test", "fake.test", "both.test", "none.test"} {
		if _, err := f.Find(t.Context(), "sam@"+domain); !errors.Is(err, provider.ErrNotFound) {
			t.Errorf("%s: %v", domain, err)
		}
	}
}

const file = `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="uni.test"><domain>uni.test</domain>
<incomingServer type="pop3"><hostname>pop.uni.test</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>open.uni.test</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILLOCALPART%</username>
<authentication>password-cleartext</authentication></incomingServer>
<outgoingServer type="smtp"><hostname>Smtp.Uni.test</hostname><port>587</port><socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username></outgoingServer>
</emailProvider></clientConfig>`

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) }
}

func moved(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// TestFindByAutoconfig: the domain's own file is read from both places, over https alone; one that is broken, endless,
// silent or leads astray is as none.
func TestFindByAutoconfig(t *testing.T) {
	t.Parallel()
	const path, known = "/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"
	ctx, cancel := context.WithCancel(t.Context())
	browser := strings.Replace(file, "</emailProvider>",
		"</emailProvider><oAuth2><issuer>x</issuer><scope>mail offline_access</scope><authURL>https://login.x.test/a</authURL><tokenURL>https://login.x.test/t</tokenURL></oAuth2>", 1)
	var rounds atomic.Int32
	w := web{pages: map[string]http.HandlerFunc{
		"autoconfig.uni.test" + path: text(file), "second.test" + known: text(file), "autoconfig.second.test" + path: text("<html>welcome"),
		"autoconfig.moved.test" + path: moved("https://hoster.test/c.xml"), "hoster.test/c.xml": text(file),
		"autoconfig.astray.test" + path: moved("http://hoster.test/c.xml"),
		"autoconfig.inside.test" + path: moved("http://localhost/c.xml"), "localhost/c.xml": text(file),
		"autoconfig.round.test" + path: func(w http.ResponseWriter, r *http.Request) {
			rounds.Add(1)
			moved("https://autoconfig.round.test"+path)(w, r)
		},
		"autoconfig.huge.test" + path: text("<clientConfig>" + strings.Repeat(" ", 64<<10) + file),
		"autoconfig.torn.test" + path: text(file[:700]), "autoconfig.error.test" + path: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, file, http.StatusInternalServerError) },
		"autoconfig.open.test" + path: text(strings.ReplaceAll(file, "SSL", "plain")),
		"autoconfig.slow.test" + path: func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		},
		"autoconfig.browser.test" + path: text(strings.Replace(browser, "password-cleartext", "OAuth2", 1)),
		"autoconfig.both.test" + path:    text(strings.Replace(browser, "<authentication>", "<authentication>OAuth2</authentication><authentication>", 1)),
		"autoconfig.mute.test" + path:    text(strings.Replace(browser, "<authentication>password-cleartext</authentication>", "", 1)),
	}}
	zone := zone{}
	for _, name := range []string{"astray", "inside", "round", "huge", "torn", "error", "open"} {
		zone[name+".test"] = append(zone[name+".test"], here)
	}
	f := provider.Finder{HTTP: w.serve(t), Dial: nowhere, Resolver: zone.serve(t)}
	for _, domain := range []string{"uni.test", "second.test", "moved.test", "browser.test", "both.test", "mute.test"} {
		c := find(t, f, "sam@"+domain)[0]
		if c.By != provider.ByAutoconfig || c.IMAP != (provider.Server{Host: "imap." + domain, Port: 993, TLS: "implicit", User: "sam"}) ||
			c.SMTP != (provider.Server{Host: "smtp.uni.test", Port: 587, TLS: "starttls", User: "sam@" + domain}) || c.Provider.Known() || !strings.Contains(c.Why, "https://") {
			t.Errorf("%s: %+v", domain, c)
		}
		if o := c.Provider.OAuth; (o != nil) != (domain == "browser.test") || o != nil && (o.AuthURL != "https://login.x.test/a" || len(o.Scopes) != 2 || !c.Provider.OnlyOAuth()) {
			t.Errorf("%s: %+v", domain, o)
		}
	}
	for name := range zone {
		if _, err := f.Find(t.Context(), "sam@"+name); !errors.Is(err, provider.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := rounds.Load(); n != 4 {
		t.Errorf("asked %d times in a round", n)
	}
	if _, err := f.Find(ctx, "sam@slow.test"); !errors.Is(err, context.Canceled) || errors.Is(err, provider.ErrOffline) {
		t.Errorf("when the person has had enough: %v", err)
	}
}

// TestFindByGuess: the usual names are tried where nothing is written down, and what does not greet as it should is not
// taken for a mail server.
func TestFindByGuess(t *testing.T) {
	t.Parallel()
	speaker := func(greeting string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				io.WriteString(conn, greeting)
				conn.Close()
			}
		}()
		return l.Addr().String()
	}
	imap, smtp, other := speaker("* OK ready\r\n"), speaker("220 ready\r\n"), speaker("SSH-2.0-x\r\n")
	private := httptest.NewUnstartedServer(http.NotFoundHandler()) // its certificate is nobody's: that is told when one signs in
	private.Config.ErrorLog = log.New(io.Discard, "", 0)
	private.StartTLS()
	t.Cleanup(private.Close)
	ends := map[string]string{
		"mail.uni.test:143": imap, "mail.uni.test:587": smtp, "imap.uni.test:143": other, "imap.uni.test:993": imap,
		"imap.own.test:993": private.Listener.Addr().String(), "mail.own.test:143": imap, "mail.own.test:465": private.Listener.Addr().String(),
		"imap.half.test:143": imap, "smtp.out.test:587": smtp,
	}
	f := provider.Finder{
		HTTP: (&web{}).serve(t), Resolver: zone{"out.test": {here}}.serve(t),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if end := ends[address]; end != "" {
				return (&net.Dialer{}).DialContext(ctx, network, end)
			}
			return nowhere(ctx, network, address)
		},
	}
	for _, test := range []struct{ domain, imap, smtp string }{
		{"uni.test", "mail.uni.test:143", "mail.uni.test:587"}, {"own.test", "imap.own.test:993", "mail.own.test:465"}, {"half.test", "imap.half.test:143", ":0"},
	} {
		found := find(t, f, "sam@"+test.domain)
		if c := found[0]; len(found) != 1 || c.By != provider.ByGuess || host(c.IMAP) != test.imap || host(c.SMTP) != test.smtp || c.IMAP.User != "sam@"+test.domain {
			t.Errorf("%s: %+v", test.domain, found)
		}
	}
	if _, err := f.Find(t.Context(), "sam@out.test"); !errors.Is(err, provider.ErrNotFound) {
		t.Error(err)
	}
}

// TestFindNothing: a domain that is not there is told from one that says nothing, and both from a network that is down.
func TestFindNothing(t *testing.T) {
	t.Parallel()
	w := web{}
	f := provider.Finder{HTTP: w.serve(t), Dial: nowhere, Resolver: zone{"there.test": {here}, "mail.test": {mx("mx.elsewhere.test.")}}.serve(t)}
	down := provider.Finder{HTTP: f.HTTP, Dial: nowhere, Resolver: &net.Resolver{PreferGo: true, Dial: nowhere}}
	for _, test := range []struct {
		f      provider.Finder
		domain string
		want   error
		words  string
	}{
		{f, "gone.test", provider.ErrNoDomain, "gone.test: no mail can be sent there, because there is no such domain: look for a slip in the address"},
		{f, "there.test", provider.ErrNotFound, "there.test: nothing says where its mail lies"}, {f, "mail.test", provider.ErrNotFound, ""},
		{f, "broken.test", provider.ErrOffline, "broken.test: its servers cannot be looked up just now"}, {down, "there.test", provider.ErrOffline, ""},
	} {
		if _, err := test.f.Find(t.Context(), "sam@"+test.domain); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v", test.domain, err)
		}
	}
}

// host is a server as host:port.
func host(s provider.Server) string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }
