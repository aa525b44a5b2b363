package provider

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestTable: every row says what who sets up a mailbox there needs, no domain stands in two rows, and no row claims a
// trial without saying when.
func TestTable(t *testing.T) {
	t.Parallel()
	domains, ends := map[string]string{}, map[string]string{}
	for _, p := range table {
		whole(t, p)
		for _, domain := range p.Domains {
			if domain != strings.ToLower(domain) || !hostname(domain) || !strings.Contains(domain, ".") {
				t.Errorf("%s: %q is no domain", p.Name, domain)
			}
			if other := domains[domain]; other != "" {
				t.Errorf("%s stands in %s and %s", domain, other, p.Name)
			}
			domains[domain] = p.Name
		}
		for _, end := range p.MX {
			if other := ends[end]; other != "" || !hostname(end) {
				t.Errorf("%s: MX %q (%s)", p.Name, end, other)
			}
			ends[end] = p.Name
		}
		if len(p.Domains) == 0 && len(p.MX) == 0 {
			t.Errorf("nothing leads to %s", p.Name)
		}
	}
	if len(domains) < 150 || len(ends) < 15 {
		t.Errorf("%d domains, %d MX", len(domains), len(ends))
	}
}

// whole checks one row.
func whole(t *testing.T, p Provider) {
	if !p.Known() || p.Tried != "" && !strings.Contains(p.Tried, "20") {
		t.Errorf("%+v", p)
	}
	for _, sentence := range []string{p.First, p.Trap, p.Closed} {
		if sentence != "" && !strings.HasSuffix(sentence, ".") {
			t.Errorf("%s: %q is no sentence", p.Name, sentence)
		}
	}
	if p.Closed != "" {
		if p.IMAP.Host != "" || p.SMTP.Host != "" || p.Password != nil || p.OAuth != nil {
			t.Errorf("%s is closed, and has a way in", p.Name)
		}
		return
	}
	for _, s := range []Server{p.IMAP, p.SMTP} {
		if s.Host == "" || s.Port == 0 || s.TLS != "implicit" && s.TLS != "starttls" || s.Host != "127.0.0.1" && !hostname(s.Host) {
			t.Errorf("%s: %+v", p.Name, s)
		}
		if user := expand(s.User, "sam@x.test"); user != "sam" && user != "sam@x.test" {
			t.Errorf("%s: the user name is %q", p.Name, user)
		}
	}
	if p.Password == nil && p.OAuth == nil {
		t.Errorf("%s has no way to sign in", p.Name)
	}
	if w := p.Password; w != nil && (w.Name == "" || (w.Length == 0) != (w.Made == "")) {
		t.Errorf("%s: %+v", p.Name, w)
	}
	if o := p.OAuth; o != nil {
		at := o.At("")
		for _, address := range []string{at.AuthURL, at.TokenURL, at.Register} {
			if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" || strings.Contains(address, "{") {
				t.Errorf("%s: %q %v", p.Name, address, err)
			}
		}
		if len(o.Scopes) == 0 || len(o.Mechanisms) == 0 || !strings.HasPrefix(o.Redirect, "http://") {
			t.Errorf("%s: %+v", p.Name, o)
		}
	}
}

// TestTypo: slips in well-known domains are seen; domains that are known, or merely like one, are left alone.
func TestTypo(t *testing.T) {
	t.Parallel()
	for typed, meant := range map[string]string{
		"gmial.com": "gmail.com", "gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmai.com": "gmail.com", "gmaill.com": "gmail.com", "gnail.com": "gmail.com",
		"gmail.cmo": "gmail.com", "gmail": "gmail.com", "gmail.com.com": "gmail.com", "gamil.con": "gmail.com", "hotmial.com": "hotmail.com", "hotmal.com": "hotmail.com",
		"outlok.com": "outlook.com", "outloook.com": "outlook.com", "yaho.com": "yahoo.com", "yhaoo.com": "yahoo.com", "iclould.com": "icloud.com", "icloud.cm": "icloud.com",
		"protonmial.com": "protonmail.com", "fastmal.com": "fastmail.com", "gmx.ent": "gmx.net", "GMIAL.COM": "gmail.com", "aol.con": "aol.com",
		"gmail.com": "", "mail.com": "", "email.com": "", "ymail.com": "", "gmx.com": "", "uni.edu": "", "x.test": "", "mae.com": "", "love.com": "", "mail.de": "", "email.cz": "",
		"gmx.dk": "", "bigmail.com": "", "gmail.org": "", "example.org": "", "harvard.edu": "", "": "",
	} {
		if meant != "" {
			meant = "Sam@" + meant
		}
		if got := DidYouMean("Sam@" + typed); got != meant {
			t.Errorf("%s: %q, want %q", typed, got, meant)
		}
	}
	if got := DidYouMean("gmial.com"); got != "" {
		t.Errorf("no address: %q", got)
	}
}

// TestPassword: what a provider shows in groups is taken without them, and what looks otherwise is told and left as it is.
func TestPassword(t *testing.T) {
	t.Parallel()
	const fine = ""
	for _, test := range []struct{ address, typed, clean, odd string }{
		{"a@gmail.com", " abcd efgh ijkl mnop\n", "abcdefghijklmnop", fine},
		{"a@gmail.com", "abcd\u00a0efgh\u00a0ijkl\u00a0mnop", "abcdefghijklmnop", fine},
		{"a@gmail.com", "abcdefghijklmnop", "abcdefghijklmnop", fine},
		{"a@gmail.com", "my dog's name ", "my dog's name", "this is not an app password of 16 small letters, as it has 11"},
		{"a@gmail.com", "Abcdefghijklmno1", "Abcdefghijklmno1", "this is not an app password of 16 small letters, as there are others in it"},
		{"a@icloud.com", "abcd-efgh-ijkl-mnop", "abcd-efgh-ijkl-mnop", fine},
		{"a@icloud.com", "abcdefghijklmnop", "abcd-efgh-ijkl-mnop", fine},
		{"a@icloud.com", "abcd-efgh", "abcd-efgh", "this is not an app-specific password of 16 small letters, as it has 8"},
		{"a@fastmail.com", "ab1d ef2h ij3l mn4p", "ab1def2hij3lmn4p", fine},
		{"a@163.com", "ABCDefghIJKLmnop", "ABCDefghIJKLmnop", fine},
		{"a@web.de", "my own  password ", "my own  password", fine},
		{"a@uni.edu", " left as it is ", "left as it is", fine},
	} {
		if clean, odd := ByAddress(test.address).Password.Check(test.typed); clean != test.clean || odd != test.odd {
			t.Errorf("%s %q: %q %q", test.address, test.typed, clean, odd)
		}
	}
}

// TestByServer: the same servers are one provider's for its own addresses, and another's for domains of one's own.
func TestByServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ host, address, name string }{
		{"imap.gmail.com", "sam@gmail.com", "Gmail"}, {"imap.gmail.com", "sam@uni.edu", nameWorkspace}, {"SMTP.gmail.com.", "sam@uni.edu", nameWorkspace},
		{"outlook.office365.com", "sam@hotmail.com", "Outlook.com"}, {"outlook.office365.com", "sam@uni.edu", nameM365}, {"smtp.office365.com", "sam@uni.edu", nameM365},
		{"imap.gmx.net", "sam@uni.edu", "GMX"}, {"imap.fastmail.com", "sam@uni.edu", "Fastmail"}, {"127.0.0.1", "sam@uni.edu", ""}, {"notimap.gmail.com.evil.test", "sam@uni.edu", ""},
		{"smtp.googlemail.com", "sam@gmail.com", "Gmail"}, {"smtppro.zoho.eu", "sam@uni.edu", "Zoho"}, {"smtp.yandex.ru", "sam@ya.ru", "Yandex"}, {"smtp.messagingengine.com", "sam@uni.edu", "Fastmail"},
		{"mail.uni.edu", "sam@uni.edu", ""}, {"", "sam@uni.edu", ""}, {"imap.gmx.net", "sam@gmail.com", "GMX"},
	} {
		if got := ByServer(test.host, test.address); got.Name != test.name {
			t.Errorf("%s for %s: %q, want %q", test.host, test.address, got.Name, test.name)
		}
	}
	files := map[Answer]int{}
	for _, p := range table {
		files[p.FilesSent]++
	}
	if ways := slices.Sorted(maps.Keys(files)); !slices.Equal(ways, []Answer{Unknown, No, Yes}) {
		t.Errorf("whether Sent is filed: %v", files)
	}
}

// TestAdminLetter: the letter names all that an administrator needs, and stands for those alone who have one.
func TestAdminLetter(t *testing.T) {
	t.Parallel()
	const id = "0f1e2d3c-0000-1111-2222-333344445555"
	for host, want := range map[string][]string{
		"outlook.office365.com": {id, "sam@uni.edu", "IMAP.AccessAsUser.All", "SMTP.Send", "https://login.microsoftonline.com/uni.edu/v2.0/adminconsent?client_id=" + id, "Set-CASMailbox -Identity sam@uni.edu"},
		"imap.gmail.com":        {id, "sam@uni.edu", "https://mail.google.com/", "API controls", "2-step verification"},
	} {
		letter := ByServer(host, "sam@uni.edu").AdminLetter(id, "sam@uni.edu")
		for _, words := range want {
			if !strings.Contains(letter, words) {
				t.Errorf("%s: %q is missing in\n%s", host, words, letter)
			}
		}
		if strings.Contains(letter, "%!") {
			t.Error(letter)
		}
	}
	if letter := ByAddress("sam@gmail.com").AdminLetter(id, "sam@gmail.com"); letter != "" {
		t.Error(letter)
	}
}
