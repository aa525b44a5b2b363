package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// bySRV asks the domain's DNS for its servers: those that are private from the start before those that become so.
func (l look) bySRV(ctx context.Context) (Candidate, error) {
	imap, err := l.srv(ctx, "imaps", "imap")
	if err != nil {
		return Candidate{}, err
	}
	smtp, err := l.srv(ctx, "submissions", "submission")
	if err != nil || imap.Host == "" && smtp.Host == "" {
		return Candidate{}, err
	}
	c := Candidate{Provider: ByServer(imap.Host, l.address), IMAP: imap, SMTP: smtp, By: BySRV}
	c.Why = fmt.Sprintf("The DNS of %s names %s.", l.domain, both(imap, smtp))
	// Whoever can forge an answer of the DNS could have the password sent to a server of their own (RFC 6186 §6). One of
	// the same house or of a known provider is none of theirs.
	for _, s := range []Server{imap, smtp} {
		if s.Host != "" && !sameHouse(s.Host, l.domain) && !ByServer(s.Host, l.address).Known() {
			c.Confirm = fmt.Sprintf("The DNS of %s says that your mail is at %s, which does not belong to %s. Is that right?", l.domain, s.Host, l.domain)
			break
		}
	}
	return c, nil
}

// srv is the server of the first of two services that is offered: one over TLS, one that is made private by STARTTLS. The
// resolver sorts by priority and, by lot, by weight (RFC 2782); the target "." says that there is none.
func (l look) srv(ctx context.Context, over, upgraded string) (Server, error) {
	for _, way := range []struct{ service, tls string }{{over, "implicit"}, {upgraded, "starttls"}} {
		_, records, err := l.Resolver.LookupSRV(ctx, way.service, "tcp", l.domain+".")
		if len(records) == 0 && err != nil && !absent(err) {
			return Server{}, err
		}
		for _, r := range records {
			if host := strings.ToLower(strings.TrimSuffix(r.Target, ".")); hostname(host) && r.Port > 0 {
				return Server{Host: host, Port: int(r.Port), TLS: way.tls, User: l.address}, nil
			}
		}
	}
	return Server{}, nil
}

// byMX knows a domain by who takes its mail. Many organizations let a company that sieves spam take it: then there are hints.
func (l look) byMX(ctx context.Context) (Candidate, error) {
	records, err := l.Resolver.LookupMX(ctx, l.domain+".")
	if len(records) == 0 {
		if absent(err) {
			err = nil
		}
		return Candidate{}, err
	}
	for _, r := range records {
		if p := byMX(r.Host); p.Known() {
			return l.known(p, ByMX, fmt.Sprintf("The mail for %s is taken by %s, a server of %s.", l.domain, strings.TrimSuffix(r.Host, "."), p.Name)), nil
		}
	}
	return l.byHint(ctx), nil
}

// byHint knows an organization whose mail somebody else takes first: at Microsoft by the server that it names for setting up
// Outlook, at either of two by who alone may send for it (SPF, RFC 7208), which wants a yes.
func (l look) byHint(ctx context.Context) Candidate {
	microsoft, google := byMX("mail.protection.outlook.com"), byMX("google.com")
	name, err := l.Resolver.LookupCNAME(ctx, "autodiscover."+l.domain+".")
	if name = strings.ToLower(strings.TrimSuffix(name, ".")); err == nil && (within(name, "outlook.com") || within(name, "office.com")) {
		return l.known(microsoft, ByHint, fmt.Sprintf("autodiscover.%s is a server of Microsoft's.", l.domain))
	}
	records, err := l.Resolver.LookupTXT(ctx, l.domain+".")
	if err != nil {
		return Candidate{}
	}
	var sends []Provider
	for _, r := range records {
		for _, who := range []struct {
			include string
			p       Provider
		}{{"include:_spf.google.com", google}, {"include:spf.protection.outlook.com", microsoft}} {
			if strings.HasPrefix(r, "v=spf1 ") && slices.Contains(strings.Fields(r), who.include) {
				sends = append(sends, who.p)
			}
		}
	}
	if len(sends) != 1 {
		return Candidate{}
	}
	c := l.known(sends[0], ByHint, fmt.Sprintf("%s may send mail for %s.", sends[0].Name, l.domain))
	c.Confirm = fmt.Sprintf("It looks as if your mail at %s were kept by %s. Is that right?", l.domain, sends[0].Name)
	return c
}

// known is the candidate of a provider of the table.
func (l look) known(p Provider, by By, why string) Candidate {
	imap, smtp := p.servers(l.address)
	return Candidate{Provider: p, IMAP: imap, SMTP: smtp, By: by, Why: why}
}

// both names the hosts of two servers, either of which may be missing.
func both(imap, smtp Server) string {
	switch {
	case imap.Host == smtp.Host || smtp.Host == "":
		return imap.Host
	case imap.Host == "":
		return smtp.Host
	}
	return imap.Host + " and " + smtp.Host
}
