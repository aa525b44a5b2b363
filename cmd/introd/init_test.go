package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/dns/dnsmessage"

	"introd/mailer/provider"
)

// fileFinder finds the servers of an address in a folder of files, which is the web server of every domain, and with the name
// server that a script has started; without one there is no network.
func fileFinder(dir string) provider.Finder {
	nowhere := func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no network in a script")
	}
	ask := nowhere
	if at := os.Getenv("INTROD_TEST_DNS"); at != "" {
		ask = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "udp", at)
		}
	}
	return provider.Finder{
		Resolver: &net.Resolver{PreferGo: true, Dial: ask}, Dial: nowhere,
		HTTP: &http.Client{Transport: http.NewFileTransport(http.Dir(dir))},
	}
}

// dnsCommand starts a name server that knows the lines of a file, such as "uni.test MX mx.uni.test" and "_imaps._tcp.uni.test SRV
// mail.uni.test:993", and says of any other name that it is not there: dns FILE.
func dnsCommand(ts *testscript.TestScript, _ bool, args []string) {
	zone := map[string][]string{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if f := strings.Fields(line); len(f) == 3 {
			zone[f[0]+". Type"+f[1]] = append(zone[f[0]+". Type"+f[1]], f[2])
		}
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	ts.Check(err)
	var open sync.WaitGroup
	open.Go(func() {
		question := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(question)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(question[:n]) == nil && len(m.Questions) == 1 {
				answer(&m, zone)
				if raw, err := m.Pack(); err == nil {
					_, _ = conn.WriteTo(raw, from)
				}
			}
		}
	})
	ts.Defer(func() { conn.Close(); open.Wait() })
	ts.Setenv("INTROD_TEST_DNS", conn.LocalAddr().String())
}

// answer makes a question's answer of it.
func answer(m *dnsmessage.Message, zone map[string][]string) {
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals, m.RCode = true, true, nil, dnsmessage.RCodeNameError
	for _, value := range zone[strings.ToLower(q.Name.String())+" "+q.Type.String()] {
		r := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type}}
		switch host, port, _ := strings.Cut(value, ":"); q.Type {
		case dnsmessage.TypeMX:
			r.Body = &dnsmessage.MXResource{MX: dnsmessage.MustNewName(host + ".")}
		case dnsmessage.TypeSRV:
			n, _ := strconv.ParseUint(port, 10, 16)
			r.Body = &dnsmessage.SRVResource{Target: dnsmessage.MustNewName(host + "."), Port: uint16(n)}
		default:
			continue
		}
		m.RCode, m.Answers = dnsmessage.RCodeSuccess, append(m.Answers, r)
	}
}

// noManager stands in for systemctl and launchctl: no script may install anything where it is run.
func noManager() {
	fmt.Fprintln(os.Stderr, "Failed to connect to bus: there is none in a script")
	os.Exit(1)
}

// expandCommand fills the script's variables into files: expand answers.
func expandCommand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// privateCommand puts a TLS listener before a server, as every real one has it, and names its port: private VARIABLE
// ADDRESS [expired | other-host]. $RELAY_CA is the file with its authority.
func privateCommand(ts *testscript.TestScript, _ bool, args []string) {
	name, target := args[0], args[1]
	certificate, authority, err := selfSigned(args[2:])
	ts.Check(err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	ts.Check(err)
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { join(conn, target) })
		}
	})
	ts.Defer(func() { listener.Close(); open.Wait() })
	path := ts.MkAbs("relay-ca.pem")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = file.Write(authority)
	ts.Check(errors.Join(err, file.Close()))
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Setenv(name, port)
	ts.Setenv("RELAY_CA", path)
}

// join hands on what two connections say to one another, until one of them ends.
func join(conn net.Conn, target string) {
	defer conn.Close()
	other, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer other.Close()
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{conn, other}, {other, conn}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			ended <- struct{}{}
		}()
	}
	<-ended
	conn.Close()
	other.Close()
	<-ended
}

// renameCommand gives a folder of the owner's, which is empty, another name: rename FOLDER NAME.
func renameCommand(ts *testscript.TestScript, _ bool, args []string) {
	c, err := of(ts).client(owner)
	ts.Check(err)
	defer c.Close()
	ts.Check(errors.Join(c.Create(args[1], nil).Wait(), c.Delete(args[0]).Wait()))
}

// selfSigned makes a certificate for localhost, or one that is wrong in the way that is asked for.
func selfSigned(wrong []string) (certificate tls.Certificate, authority []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a relay of the test"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if slices.Contains(wrong, "expired") {
		template.NotAfter = time.Now().Add(-time.Hour)
	}
	if slices.Contains(wrong, "other-host") {
		template.DNSNames = []string{"mail.example.org"}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, authority, err
}

// silentBusCommand puts something in the place of D-Bus that never says a word, as a keyring does that waits for its owner.
func silentBusCommand(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("unix", ts.MkAbs("no-bus"))
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
}

// switchedOffCommand has the server refuse the next sign-in as one does whose webmail must allow IMAP first: switchedoff TEXT.
func switchedOffCommand(ts *testscript.TestScript, _ bool, args []string) {
	of(ts).office.Fail("imap:LOGIN", 1, &imap.Error{Type: imap.StatusResponseTypeNo, Text: args[0]})
}
