package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// By is what servers were found by.
type By string

// The ways, in the order in which they are believed.
const (
	ByTable      By = "table"      // the address's domain stands in introd's table
	BySRV        By = "srv"        // the domain's DNS says so (RFC 6186, RFC 8314)
	ByAutoconfig By = "autoconfig" // a file that the domain's web server shows to mail programs says so
	ByMX         By = "mx"         // the domain's mail is taken by a provider of the table
	ByHint       By = "hint"       // its mail goes through somebody else first, but the domain's DNS shows whose it is
	ByGuess      By = "guess"      // a server of a usual name answers
)

// A Candidate is a pair of servers that may be those of an address. The SMTP server's Host is empty where it could not be
// found, and the person is asked. Both are where Provider.Closed says that there are none.
type Candidate struct {
	Provider   Provider // the zero Provider if it is none of the table
	IMAP, SMTP Server   // with the user name filled in
	By         By
	Why        string // a sentence for `introd why` and for who sets up a mailbox
	Confirm    string // not "": a question to put to the person before a password goes to these servers
}

// Errors of Find. Each is a sentence for the person, who may still give the servers themself.
var (
	ErrNoDomain = errors.New("no mail can be sent there, because there is no such domain: look for a slip in the address")
	ErrNotFound = errors.New("nothing says where its mail lies: look for \"IMAP\" and \"SMTP\" in your provider's help pages, and give both servers yourself")
	ErrOffline  = errors.New("its servers cannot be looked up just now: check your network, or give both servers yourself")
)

// How long looking may take in all, for one answer of a web server, and for one server that is guessed.
const (
	findWithin  = 20 * time.Second
	fetchWithin = 5 * time.Second
	guessWithin = 5 * time.Second
)

// A Finder finds the servers of an address. The zero Finder asks the real network. It is given other ends in tests.
type Finder struct {
	Resolver *net.Resolver
	HTTP     *http.Client // its CheckRedirect is not heard: redirects are few, and private
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

// Find returns the pairs of servers that an address may have, best first, each pair once. Nobody learns the address; its
// domain is told to the DNS and to that domain's own servers, and nothing at all is asked for a domain of the table. The errors
// are those above, wrapped, and those of ctx.
func (f Finder) Find(ctx context.Context, address string) ([]Candidate, error) {
	local, domain := split(address)
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || local == "" || !hostname(domain) {
		return nil, fmt.Errorf("%s is not a mail address: write it like sam@example.org", address)
	}
	if p := ByAddress(local + "@" + domain); p.Known() {
		imap, smtp := p.servers(address)
		return []Candidate{{Provider: p, IMAP: imap, SMTP: smtp, By: ByTable, Why: fmt.Sprintf("%s is a domain of %s, which introd knows.", domain, p.Name)}}, nil
	}
	all, cancel := context.WithTimeout(ctx, findWithin)
	defer cancel()
	l := look{Finder: f.orReal(), address: address, domain: domain}
	found, err := l.everywhere(all)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return found, err
}

// orReal fills in the ends that are not given.
func (f Finder) orReal() Finder {
	if f.Resolver == nil {
		f.Resolver = net.DefaultResolver
	}
	if f.Dial == nil {
		f.Dial = (&net.Dialer{Resolver: f.Resolver}).DialContext
	}
	if f.HTTP == nil {
		f.HTTP = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
	}
	private := *f.HTTP
	private.CheckRedirect, private.Timeout = redirect, fetchWithin
	f.HTTP = &private
	return f
}

// A look is one search.
type look struct {
	Finder
	address, domain string
}

// everywhere asks the DNS and the domain's web server at once, and guesses what neither knows.
func (l look) everywhere(ctx context.Context) ([]Candidate, error) {
	ways := []func(context.Context) (Candidate, error){l.bySRV, l.byAutoconfig, l.byMX}
	found, failed := make([]Candidate, len(ways)), make([]error, len(ways))
	var wait sync.WaitGroup
	for i, way := range ways {
		wait.Go(func() { found[i], failed[i] = way(ctx) })
	}
	wait.Wait()
	if !slices.ContainsFunc(found, Candidate.whole) {
		found = append(found, l.guess(ctx))
	}
	var all []Candidate
	for i, c := range found {
		if c.IMAP.Host == "" && c.Provider.Closed == "" {
			continue // the other half alone helps nobody, but others may take it
		}
		for _, other := range found[i:] {
			if c.SMTP.Host == "" {
				c.SMTP = other.SMTP
			}
		}
		if !slices.ContainsFunc(all, func(have Candidate) bool { return have.IMAP == c.IMAP && have.SMTP == c.SMTP }) {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: %w", l.domain, l.reason(ctx, errors.Join(failed...)))
	}
	return all, nil
}

func (c Candidate) whole() bool {
	return c.IMAP.Host != "" && c.SMTP.Host != "" || c.Provider.Closed != "" // which has none
}

// reason says why nothing was found. A domain that takes no mail, and has neither servers nor a host, is not there.
func (l look) reason(ctx context.Context, failed error) error {
	if failed != nil {
		return fmt.Errorf("%w (%w)", ErrOffline, failed)
	}
	name := l.domain + "."
	if mx, _ := l.Resolver.LookupMX(ctx, name); len(mx) > 0 {
		return ErrNotFound
	}
	_, err := l.Resolver.LookupHost(ctx, name)
	if absent(err) {
		_, err = l.Resolver.LookupNS(ctx, name)
	}
	switch {
	case err == nil:
		return ErrNotFound
	case absent(err):
		return ErrNoDomain
	}
	return fmt.Errorf("%w (%w)", ErrOffline, err)
}

// absent says whether a name server has answered that there is no such name or record.
func absent(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// sameHouse says whether two names belong to one registered domain: imap.uni.edu and students.uni.edu do.
func sameHouse(a, b string) bool {
	houseA, errA := publicsuffix.EffectiveTLDPlusOne(a)
	houseB, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return within(a, b) || errA == nil && errB == nil && houseA == houseB
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hostname says whether a name could be one of a host, and is no address.
func hostname(name string) bool {
	return len(name) < 254 && net.ParseIP(name) == nil && hostnames.MatchString(name)
}

var hostnames = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
