package mailer

import "introd/mailer/provider"

// FilesSent says whether the provider behind an SMTP host puts a copy into Sent by itself, and
// whether that is known at all.
func FilesSent(host string) (yes, known bool) {
	answer := provider.ByServer(host, "").FilesSent
	return answer == provider.Yes, answer != provider.Unknown
}
