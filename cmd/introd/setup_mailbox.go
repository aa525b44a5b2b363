package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"introd/cmd/introd/talk"
	"introd/mailer"
	"introd/mailer/provider"
	"introd/templates"
)

// What introd init finds out about the mailbox: its servers, the way in, and its folders.

// answerWithin is how long a server may be silent while somebody waits at the terminal.
const answerWithin = 20 * time.Second

const (
	incoming = iota
	outgoing
)

// findServers looks for the servers of the address, once, and shows what it found in a line.
func (s *setup) findServers(ctx context.Context) error {
	if s.looked == s.mailbox.Address {
		return nil
	}
	s.setServers(server{}, server{})
	s.found, s.others, s.refusals = nil, nil, 0
	if s.password, s.allowed, s.mailbox.grant = "", false, nil; !s.given("client-id") { // they were for another address
		s.mailbox.OAuth = oauthConfig{}
	}
	if s.unknown == [2]bool{} { // flags said both
		s.host = provider.ByServer(s.mailbox.IMAP.Host, s.mailbox.Address)
		return nil
	}
	if s.host = provider.ByAddress(s.mailbox.Address); !s.host.Known() {
		s.say("Looking for the servers of %s …", s.mailbox.Address[strings.LastIndexByte(s.mailbox.Address, '@')+1:])
	}
	candidates, err := s.finder.Find(ctx, s.mailbox.Address)
	switch {
	case ctx.Err() != nil:
		return talk.ErrEnded
	case err != nil && s.talk == nil:
		return err
	case errors.Is(err, provider.ErrNoDomain):
		return s.otherAddress(ctx, templates.Sentence(whyNone(err).Error()))
	case err != nil:
		s.say("  None were found: %v.", whyNone(err))
	}
	for i, c := range candidates {
		if c.Provider.Closed != "" && s.talk != nil {
			return s.otherAddress(ctx, c.Provider.Closed)
		}
		if took, err := s.takeServers(ctx, c); took || err != nil {
			s.found, s.others = candidates[i:], candidates[i+1:]
			return err
		}
	}
	s.looked = s.mailbox.Address
	return nil
}

// nextServers takes the next of the servers that were found, where those before cannot be reached. When none is left it is the
// first one's turn again.
func (s *setup) nextServers(ctx context.Context) (took bool, err error) {
	for len(s.others) > 0 && !took && err == nil {
		next := s.others[0]
		if s.others = s.others[1:]; s.talk != nil || next.Confirm == "" {
			took, err = s.takeServers(ctx, next)
		}
	}
	if !took && err == nil && len(s.found) > 1 {
		s.others, s.host = s.found[1:], s.found[0].Provider
		s.setServers(server(s.found[0].IMAP), server(s.found[0].SMTP))
	}
	return took, err
}

// otherAddress asks for the address once more, as there is something wrong with it. Who keeps it gives the servers themself.
func (s *setup) otherAddress(ctx context.Context, why string) error {
	s.say("  %s", why)
	before := s.mailbox.Address
	if err := s.askAddress(ctx); err != nil {
		return err
	}
	if s.mailbox.Address != before {
		return talk.ErrAgain
	}
	s.looked = before
	return nil
}

// whyNone is why no servers were found, without what the network said.
func whyNone(err error) error {
	for _, known := range []error{provider.ErrNoDomain, provider.ErrNotFound, provider.ErrOffline} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}

// takeServers takes the servers that were found, if the owner thinks so too where that is in doubt.
func (s *setup) takeServers(ctx context.Context, c provider.Candidate) (took bool, err error) {
	if c.Provider.Closed != "" {
		return false, errors.New(c.Provider.Closed)
	}
	if c.Confirm != "" {
		if s.talk == nil {
			return false, fmt.Errorf("%s Give --imap %s:%d and --smtp %s:%d if they are yours", c.Why, c.IMAP.Host, c.IMAP.Port, c.SMTP.Host, c.SMTP.Port)
		}
		if yes, err := s.talk.Yes(ctx, c.Confirm, false); err != nil || !yes {
			return false, err
		}
	}
	s.looked, s.host = s.mailbox.Address, c.Provider
	s.setServers(server(c.IMAP), server(c.SMTP))
	if name := cmp.Or(c.Provider.Name, "Found"); s.unknown == [2]bool{} {
		s.say("%s: mail comes from %s, and goes out through %s.", name, s.mailbox.IMAP.Host, s.mailbox.SMTP.Host)
	}
	if c.By != provider.ByTable {
		s.say("  %s", c.Why)
	}
	return true, nil
}

// setServers takes what was found, unless a flag has said otherwise, and notes what is missing.
func (s *setup) setServers(found ...server) {
	for i, at := range []*server{&s.mailbox.IMAP, &s.mailbox.SMTP} {
		if *at = found[i]; s.told[i].Host != "" {
			*at = s.told[i]
		}
		at.User = cmp.Or(s.user, at.User)
		s.unknown[i] = at.Host == ""
	}
}

func (s *setup) askIncoming(ctx context.Context) error {
	return s.askServer(ctx, incoming, "Incoming mail server (IMAP), such as imap.example.org", &s.mailbox.IMAP)
}

func (s *setup) askOutgoing(ctx context.Context) error {
	return s.askServer(ctx, outgoing, "Outgoing mail server (SMTP), such as smtp.example.org", &s.mailbox.SMTP)
}

// askServer asks for a server that was not found.
func (s *setup) askServer(ctx context.Context, which int, words string, at *server) error {
	if !s.unknown[which] {
		return nil
	}
	now := at.String()
	answer, err := s.talk.Ask(ctx, talk.Question{Words: words, Default: now, Check: serverName})
	if err == nil && answer != now {
		user := at.User
		*at = parseServer(answer)
		at.User = user
	}
	return err
}

func (s server) String() string {
	if s.Port == 0 {
		return s.Host
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// serverName checks the form of a host or host:port.
func serverName(answer string) (string, error) {
	s := parseServer(answer)
	if isIP := net.ParseIP(s.Host) != nil; s.Port < 0 || !isIP && (strings.ContainsAny(s.Host, " /@:") || !strings.Contains(s.Host, ".") && s.Host != "localhost") {
		return "", errors.New("a server is written like mail.example.org, or mail.example.org:993 with its port")
	}
	return answer, nil
}

// parseServer reads host or host:port; the port is 0 where none is given, and -1 where it is none.
func parseServer(text string) server {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return server{Host: strings.ToLower(text)}
	}
	s := server{Host: strings.ToLower(host), Port: -1}
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
		s.Port = int(n)
	}
	return s
}

// ways are how a server may be spoken to: as it is said, or by its port, or in each way that there is, the safest first.
func (s server) ways(implicit, starttls int) (ways []server) {
	at := func(port int, how string) { ways = append(ways, server{s.Host, port, how, s.User}) }
	switch {
	case s.TLS != "":
		return []server{s}
	case s.Port == 0:
		at(implicit, "implicit")
		at(starttls, "starttls")
	case s.Port == 143, s.Port == 587, s.Port == 25:
		at(s.Port, "starttls")
	default:
		at(s.Port, "implicit")
		at(s.Port, "starttls")
	}
	if ip := net.ParseIP(s.Host); s.Port != 0 && (s.Host == "localhost" || ip != nil && ip.IsLoopback()) {
		at(s.Port, "none")
	}
	return ways
}

// try signs in by the first way that a server answers in, and notes it.
func try(at *server, ways []server, signIn func() error) error {
	asked := *at
	var first error
	for _, way := range ways {
		*at = way
		err := signIn()
		var certificate *tls.CertificateVerificationError
		if err == nil || errors.As(err, &certificate) || !errors.Is(err, mailer.ErrTLS) && !errors.Is(err, mailer.ErrDown) {
			return err
		}
		var plain tls.RecordHeaderError
		if first == nil || errors.As(first, &plain) { // that it does not speak TLS at once says less than what comes then
			first = err
		}
	}
	*at = asked
	return first
}

// signIn signs in at both servers and lists the folders.
func (s *setup) signIn(ctx context.Context) error {
	s.say("Signing in …")
	at := &s.mailbox.IMAP
	at.User = cmp.Or(at.User, s.user, s.mailbox.Address)
	err := try(at, at.ways(993, 143), func() error {
		session, err := mailer.Dial(ctx, s.account())
		if err != nil {
			return err
		}
		defer session.Close()
		s.folders, err = session.Folders()
		return err
	})
	if err == nil {
		at = &s.mailbox.SMTP
		at.User = cmp.Or(at.User, s.mailbox.IMAP.User)
		err = try(at, at.ways(465, 587), func() error { return mailer.SignIn(ctx, s.account()) })
	}
	if err == nil {
		return nil
	}
	return s.otherwise(ctx, at, err)
}

// switchedOff knows the words of servers that would let one in if their webmail allowed it.
var switchedOff = regexp.MustCompile(`(?i)\bimap\b.*\b(disabled|switched off|not (enabled|activated|allowed))|not enabled for imap|service is not open|access rights to this service`)

// otherwise says why signing in failed, and lets the owner put right what they said.
func (s *setup) otherwise(ctx context.Context, at *server, err error) error {
	if ctx.Err() != nil {
		return talk.ErrEnded
	}
	off := errors.Is(err, mailer.ErrAuth) && switchedOff.MatchString(err.Error())
	if off {
		s.say("  IMAP is switched off for this mailbox. Switch it on: %s", cmp.Or(s.host.First, "your webmail has a setting for it, often under \"POP and IMAP\"."))
	} else {
		s.say("  %s", templates.Sentence(mailer.Sentence(err)))
	}
	if errors.Is(err, mailer.ErrDown) {
		if took, failed := s.nextServers(ctx); took || failed != nil {
			return cmp.Or(failed, talk.ErrAgain)
		}
	}
	if s.talk == nil {
		return errors.New(mailer.Sentence(err))
	}
	if errors.Is(err, mailer.ErrAuth) && !off && !s.ownSecret() && !s.byOAuth() {
		return s.otherLogin(ctx)
	}
	var stranger x509.UnknownAuthorityError
	if errors.As(err, &stranger) {
		return s.askAuthority(ctx)
	}
	answer, err := s.talk.Ask(ctx, talk.Question{Words: "Enter tries again, or write another server", Check: func(answer string) (string, error) {
		if answer == "" {
			return "", nil
		}
		return serverName(answer)
	}})
	if err != nil {
		return err
	}
	if answer != "" {
		user := at.User
		*at = parseServer(answer)
		at.User = user
		s.found, s.others = nil, nil // the owner knows better
	}
	return talk.ErrAgain
}

// askAuthority asks for the certificate of a server that vouches for itself, as Proton's Bridge does.
func (s *setup) askAuthority(ctx context.Context) error {
	path, err := s.talk.Ask(ctx, talk.Question{Words: "If it is yours, the file with its certificate; Enter tries again", Check: certificate})
	if err != nil {
		return err
	}
	if s.mailbox.CAFile, err = absolute(path); err != nil {
		return err
	}
	return talk.ErrAgain
}

// certificate takes a file that holds one, as people drag it into the window.
func certificate(answer string) (string, error) {
	path := strings.Trim(answer, `"'`)
	if path == "" {
		return "", nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("there is no file %s that can be read", path)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return "", fmt.Errorf("the file %s holds no certificate in PEM form", path)
	}
	return path, nil
}

// otherLogin asks once more for what a server has refused: for the password, in which most slips are. Only where nobody knows the
// provider the user name is in doubt too: it is asked for after a second refusal, or by who goes back to it.
func (s *setup) otherLogin(ctx context.Context) error {
	s.refusals++
	if s.refusals == 1 || s.host.Known() {
		if err := s.askPassword(ctx); s.host.Known() || !errors.Is(err, talk.ErrBack) {
			return cmp.Or(err, talk.ErrAgain)
		}
	}
	for {
		user, err := s.talk.Ask(ctx, talk.Question{Words: "Your user name there, which is not the password", Default: cmp.Or(s.mailbox.IMAP.User, s.mailbox.Address)})
		if err != nil {
			return err
		}
		s.mailbox.IMAP.User, s.mailbox.SMTP.User = user, user
		if err := s.askPassword(ctx); !errors.Is(err, talk.ErrBack) {
			return cmp.Or(err, talk.ErrAgain)
		}
	}
}

// askFolders shows which folder plays which part, and asks for those that introd needs and cannot tell.
func (s *setup) askFolders(ctx context.Context) error {
	s.mailbox.Folders = map[string]string{}
	for _, need := range []struct {
		role        mailer.Role
		words, name string
	}{{mailer.RoleSent, "The folder with the mails that you have sent", "Sent"}, {mailer.RoleDrafts, "The folder with your drafts", "Drafts"}} {
		if s.folder(need.role) != "" {
			continue
		}
		name, err := s.askFolder(ctx, need.words, need.name)
		if err != nil {
			return err
		}
		s.mailbox.Folders[string(need.role)] = name
	}
	return nil
}

// folder is the name of the folder that plays a part; "" for none.
func (s *setup) folder(role mailer.Role) string {
	for _, f := range s.folders {
		if f.Role == role {
			return f.Name
		}
	}
	return ""
}

// askFolder lets one of the folders be chosen that play no part yet, or a new one be made.
func (s *setup) askFolder(ctx context.Context, words, name string) (string, error) {
	var free []string
	for _, f := range s.folders {
		if _, own := ownFolder(f.Name); f.Role == "" && !own {
			free = append(free, f.Name)
		}
	}
	if s.talk == nil || len(free) == 0 {
		return name, nil
	}
	chosen, err := s.talk.Choose(ctx, words, append(free, "none of these: make a new one, "+name), -1)
	if err != nil || chosen == len(free) {
		return name, err
	}
	return free[chosen], nil
}

// makeOwnFolders makes introd's own two folders, and what else is to be made, unless they are there, and shows which folder
// plays which part.
func (s *setup) makeOwnFolders(ctx context.Context) error {
	session, err := mailer.Dial(ctx, s.account())
	if err != nil {
		return err
	}
	defer session.Close()
	if s.folders, err = session.Folders(); err != nil {
		return err
	}
	there := map[string]bool{}
	if s.mailbox.Folders == nil {
		s.mailbox.Folders = map[string]string{}
	}
	for _, f := range s.folders {
		there[f.Name] = true
		if part, own := ownFolder(f.Name); own {
			s.mailbox.Folders[part] = f.Name
		}
	}
	for _, part := range []string{"send", "drop"} {
		if s.mailbox.Folders[part] == "" {
			// The random tail keeps mail to you+introd-send@ from landing there.
			var tail [3]byte
			rand.Read(tail[:]) // never fails
			s.mailbox.Folders[part] = "introd-" + part + "-" + hex.EncodeToString(tail[:])
		}
	}
	for _, part := range slices.Sorted(maps.Keys(s.mailbox.Folders)) {
		if name := s.mailbox.Folders[part]; name != "" && !there[name] {
			made, err := session.CreateOwn(name)
			if err != nil {
				return err
			}
			s.mailbox.Folders[part], s.made = made, append(s.made, made)
		}
	}
	return s.showFolders()
}

// ownFolder says whether a folder is one of introd's own, and which part it plays. It may lie under another.
func ownFolder(name string) (part string, own bool) {
	name = name[strings.LastIndexAny(name, "./")+1:]
	for _, part := range []string{"send", "drop"} {
		if strings.HasPrefix(name, "introd-"+part+"-") {
			return part, true
		}
	}
	return "", false
}

// showFolders prints which folder plays which part.
func (s *setup) showFolders() error {
	return s.table("PART\tYOUR FOLDER", func(row func(...any)) {
		for _, role := range []mailer.Role{mailer.RoleInbox, mailer.RoleStrangers, mailer.RoleSent, mailer.RoleDrafts, mailer.RoleArchive, mailer.RoleAll, mailer.RoleJunk, mailer.RoleTrash} {
			if name := cmp.Or(s.folder(role), s.mailbox.Folders[string(role)]); name != "" {
				row(role, name)
			}
		}
		row("send", s.mailbox.Folders["send"]+"   a mail of introd's that you move here is approved")
		row("drop", s.mailbox.Folders["drop"]+"   one that you move here is thrown away")
	})
}
