package network_test

import (
	"fmt"
	"testing"

	"introd/daemon/network"
	"introd/mailer"
)

func BenchmarkMine(b *testing.B) {
	var headers []mailer.Header
	for n := range 1000 {
		headers = append(headers, mailer.Header{UID: uint32(n + 1), Raw: fmt.Appendf(nil, "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nFrom: \"Person %d\" <p%d@example.test>\r\nTo: me@home.test, a%d@other.test\r\nSubject: Hello there\r\nMessage-ID: <m%d@example.test>\r\nReferences: <a@b.test> <c@d.test> <e@f.test>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", n%300, n%300, n, n)})
	}
	b.ReportAllocs()
	for b.Loop() {
		m := &network.Miner{Own: []string{"me@home.test"}}
		for i, h := range headers {
			m.Take(i%3 == 0, h)
		}
	}
}
