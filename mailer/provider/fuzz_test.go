package provider

import (
	"strings"
	"testing"
)

// FuzzAutoconfig: whatever a web server shows, it is read without a panic, and what comes out are servers that can be
// spoken to privately, with a user name of one line.
func FuzzAutoconfig(f *testing.F) {
	const imap = `<incomingServer type="imap"><hostname>imap.x.test</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username></incomingServer>`
	around := func(inside string) string {
		return "<clientConfig><emailProvider>" + inside + "</emailProvider></clientConfig>"
	}
	seeds := []string{
		"", "<", "<html><body>Welcome", around(""), around(imap), around(imap + strings.ReplaceAll(strings.ReplaceAll(imap, "incoming", "outgoing"), "imap", "smtp")),
		around(strings.Replace(imap, "993", "99999999999999999999", 1)), around(strings.Replace(imap, "993", "-1", 1)), around(strings.Replace(imap, "993", "\n 143 \n", 1)),
		around(strings.Replace(imap, "imap.x.test", "imap.x.test\nevil", 1)), around(strings.Replace(imap, "imap.x.test", "127.0.0.1", 1)), around(strings.Replace(imap, "imap.x.test", "%EMAILDOMAIN%", 1)),
		around(strings.Replace(imap, "%EMAILADDRESS%", "%REALNAME%&#13;&#10;x", 1)), around(strings.Replace(imap, "SSL", "plain", 1)), around(strings.Repeat(imap, 50)),
		`<?xml version="1.0" encoding="ISO-8859-1"?>` + around(imap), `<?xml version="1.0" encoding="no-such"?>` + around(imap), `<!DOCTYPE x [<!ENTITY a "b">]>` + around("&a;"+imap),
		strings.Repeat("<clientConfig>", 20000), around(strings.Replace(imap, "</incomingServer>", "<authentication>OAuth2</authentication></incomingServer>", 1) + imap),
		strings.Replace(around(strings.Replace(imap, "</incoming", "<authentication>OAuth2</authentication></incoming", 1)), "</clientConfig>",
			"<oAuth2><authURL>https://a.test/</authURL><tokenURL>https://b.test/</tokenURL><scope>x</scope></oAuth2></clientConfig>", 1),
	}
	read := 0
	for _, seed := range seeds {
		if _, err := readAutoconfig([]byte(seed), "sam@x.test"); err == nil {
			read++
		}
		f.Add([]byte(seed))
	}
	if len(seeds) != 21 || read != 9 {
		f.Fatalf("%d seeds, %d of them good", len(seeds), read)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := readAutoconfig(raw, "sam@x.test")
		if err != nil {
			return
		}
		if !sound(c.IMAP) || c.SMTP.Host != "" && !sound(c.SMTP) || c.By != ByAutoconfig {
			t.Errorf("%+v", c)
		}
		if o := c.Provider.OAuth; o != nil && !c.Provider.Known() && (!strings.HasPrefix(o.AuthURL, "https://") || !strings.HasPrefix(o.TokenURL, "https://")) {
			t.Errorf("%+v", o)
		}
	})
}

func sound(s Server) bool {
	return hostname(s.Host) && s.Port > 0 && s.Port < 65536 && (s.TLS == "implicit" || s.TLS == "starttls") && s.User != "" && !strings.ContainsAny(s.User, "\r\n\x00")
}
