package mailer

import "strings"

// FilesSent says whether the provider behind an SMTP host puts a copy into Sent by itself, and
// whether that is known at all (research of 2026; Yahoo, iCloud and QQ are not known).
func FilesSent(host string) (yes, known bool) {
	for suffix, files := range filesSent {
		if host == suffix || strings.HasSuffix(host, "."+suffix) {
			return files, true
		}
	}
	return false, false
}

var filesSent = map[string]bool{
	"gmail.com": true, "office365.com": true, "outlook.com": true, "zoho.com": true, "zoho.eu": true, "zoho.in": true,
	"fastmail.com": false, "messagingengine.com": false, "gmx.net": false, "gmx.com": false, "web.de": false, "yandex.ru": false, "yandex.com": false, "mail.ru": false,
}
