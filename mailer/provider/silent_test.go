package provider

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilence: servers that take what we say and never answer do not keep a person waiting. The name server is the
// resolver's own business; the limit of the whole search holds there.
func TestSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go io.Copy(io.Discard, far)
			return near, nil
		}
		f := Finder{Dial: silent, HTTP: &http.Client{Transport: &http.Transport{DialContext: silent, DialTLSContext: silent, DisableKeepAlives: true}}}
		l := look{Finder: f.orReal(), address: "sam@silent.test", domain: "silent.test"}
		began := time.Now()
		if c, err := l.byAutoconfig(t.Context()); c.By != "" || err != nil || time.Since(began) != 2*fetchWithin {
			t.Errorf("the web servers: %+v, %v after %s", c, err, time.Since(began))
		}
		began = time.Now()
		if c := l.guess(t.Context()); c.By != "" || time.Since(began) != guessWithin {
			t.Errorf("the mail servers: %+v after %s", c, time.Since(began))
		}
		if 2*fetchWithin+guessWithin > findWithin {
			t.Error("there is no time left to guess")
		}
	})
}
