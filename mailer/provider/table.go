package provider

const (
	nameWorkspace = "Google Workspace"
	nameM365      = "Microsoft 365"
)

func implicit(host string, port int) Server { return Server{Host: host, Port: port, TLS: "implicit"} }
func starttls(host string, port int) Server { return Server{Host: host, Port: port, TLS: "starttls"} }

// local is a pattern for the user name: what stands before the @.
func local(s Server) Server {
	s.User = "%EMAILLOCALPART%"
	return s
}

// table is what is known; every row that several share is written once, in a function below it. Where a question is
// answered Unknown, sources disagree or are silent.
var table = []Provider{
	gmail("Gmail", "gmail.com", "googlemail.com"),
	gmail(nameWorkspace),
	outlook("Outlook.com", "smtp-mail.outlook.com", TenantPersonal,
		"outlook.com", "outlook.de", "outlook.fr", "outlook.es", "outlook.it", "outlook.jp", "outlook.co.th", "outlook.com.br", "outlook.com.au", "outlook.at",
		"outlook.be", "outlook.dk", "outlook.ie", "outlook.in", "outlook.pt", "outlook.sa", "outlook.kr", "outlook.cl", "outlook.cz", "outlook.hu", "outlook.ph", "outlook.sg",
		"hotmail.com", "hotmail.co.uk", "hotmail.de", "hotmail.fr", "hotmail.es", "hotmail.it", "hotmail.ca", "hotmail.nl", "hotmail.be", "hotmail.se", "hotmail.no",
		"hotmail.dk", "hotmail.fi", "hotmail.com.br", "hotmail.com.ar", "hotmail.com.au", "hotmail.co.jp", "hotmail.ch",
		"live.com", "live.co.uk", "live.de", "live.fr", "live.it", "live.nl", "live.be", "live.ca", "live.se", "live.no", "live.dk", "live.at", "live.ie", "live.in",
		"live.com.au", "live.com.mx", "live.com.pt", "live.jp", "live.cn", "msn.com", "windowslive.com", "passport.com"),
	outlook(nameM365, "smtp.office365.com", TenantWork),
	yahoo("Yahoo", "imap.mail.yahoo.com", "smtp.mail.yahoo.com", "https://login.yahoo.com/myaccount/security/app-password/",
		"yahoo.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr", "yahoo.it", "yahoo.es", "yahoo.se", "yahoo.dk", "yahoo.no", "yahoo.nl", "yahoo.be", "yahoo.ie", "yahoo.ca", "yahoo.in",
		"yahoo.co.in", "yahoo.co.id", "yahoo.co.nz", "yahoo.com.au", "yahoo.com.ar", "yahoo.com.br", "yahoo.com.mx", "yahoo.com.sg", "yahoo.com.ph", "yahoo.com.hk", "yahoo.com.tw",
		"yahoo.gr", "yahoo.ro", "yahoo.pl", "ymail.com", "rocketmail.com", "myyahoo.com"),
	yahoo("AOL", "imap.aol.com", "smtp.aol.com", "https://login.aol.com/myaccount/security/app-password/", "aol.com", "aol.de", "aol.co.uk", "aol.fr", "aim.com", "verizon.net"),
	{
		Name: "iCloud", Domains: []string{"icloud.com", "me.com", "mac.com"}, MX: []string{"mail.icloud.com"},
		IMAP: local(implicit("imap.mail.me.com", 993)), SMTP: starttls("smtp.mail.me.com", 587),
		Password: &Password{Name: "app-specific password", Where: "https://account.apple.com/account/manage",
			Needs: "Two-factor authentication must be on for your Apple Account.", Length: 16, Made: lowerLetters, Group: "-"},
		Trap: "When you change the password of your Apple Account, Apple ends all app-specific passwords; and with a domain of your own the user name is that of your @icloud.com address.",
	},
	{
		Name: "Fastmail", Domains: []string{"fastmail.com", "fastmail.fm", "fastmail.net", "fastmail.org", "fastmail.de", "fastmail.fr", "fastmail.es", "fastmail.nl", "fastmail.in",
			"fastmail.co.uk", "fastmail.uk", "fastmail.com.au", "fastmail.us", "fastmail.to", "sent.com", "eml.cc", "f-m.fm", "mailbolt.com", "ssl-mail.com", "imap.cc", "123mail.org"},
		MX: []string{"messagingengine.com"}, IMAP: implicit("imap.fastmail.com", 993), SMTP: implicit("smtp.fastmail.com", 465),
		Password: &Password{Name: "app password", Where: "https://app.fastmail.com/settings/security", Length: 16, Made: alphanumeric},
		OAuth: &OAuth{
			AuthURL: "https://api.fastmail.com/oauth/authorize", TokenURL: "https://api.fastmail.com/oauth/refresh",
			Scopes:     []string{"https://www.fastmail.com/dev/protocol-imap", "https://www.fastmail.com/dev/protocol-smtp", "offline_access"},
			Mechanisms: []string{"OAUTHBEARER", "XOAUTH2"}, Redirect: "http://127.0.0.1", Register: "https://www.fastmail.com/for-developers/oauth/",
		},
		Trap:      "The cheapest plan lets no mail program in; and where your address is an alias, the user name is the address that you sign in with.",
		FilesSent: No,
	},
	{
		Name: "Proton", Domains: []string{"proton.me", "protonmail.com", "protonmail.ch", "pm.me"}, MX: []string{"protonmail.ch"},
		IMAP: starttls("127.0.0.1", 1143), SMTP: starttls("127.0.0.1", 1025),
		Password: &Password{Name: "Bridge password", Needs: "The Bridge password stands in Proton Bridge, under your account, Mailbox details; it is not the password of your Proton account."},
		First:    "Install Proton Bridge on this computer (it needs a paid plan), sign in there, and export its certificate: Settings, Advanced settings, Export TLS certificates.",
		Trap:     "Bridge must be running and unlocked whenever introd is, and it writes every mail anew: replies are found by who wrote them more often than by their thread.", FilesSent: Yes,
	},
	gmx("GMX", "imap.gmx.net", implicit("mail.gmx.net", 465), "https://www.gmx.net/", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.org", "gmx.eu", "gmx.info", "gmx.biz", "gmx.li"),
	gmx("GMX", "imap.gmx.com", implicit("mail.gmx.com", 465), "https://www.gmx.com/", "gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr", "gmx.es", "gmx.ca"),
	gmx("Web.de", "imap.web.de", starttls("smtp.web.de", 587), "https://web.de/", "web.de"),
	mailcom(),
	{
		Name: "T-Online", Domains: []string{"t-online.de", "magenta.de"}, IMAP: implicit("secureimap.t-online.de", 993), SMTP: implicit("securesmtp.t-online.de", 465),
		Password: &Password{Name: "password for mail programs", Where: "https://email.t-online.de/ (the wheel, Passwörter)"},
		Trap:     "It is a password of its own, which you set yourself; that of your Telekom login is refused.",
	},
	zoho("zoho.com", "zohomail.com"), zoho("zoho.eu", "zohomail.eu"), zoho("zoho.in", "zohomail.in"), zoho("zoho.com.au", "zohomail.com.au"), zoho("zoho.jp", "zohomail.jp"),
	zoho("zohocloud.ca", "zohomail.ca"), zoho("zoho.sa", "zohomail.sa"),
	{
		Name: "Yandex", Domains: []string{"yandex.com", "yandex.ru", "yandex.by", "yandex.kz", "yandex.ua", "ya.ru", "narod.ru"}, MX: []string{"mx.yandex.net", "mx.yandex.ru"},
		IMAP: implicit("imap.yandex.com", 993), SMTP: implicit("smtp.yandex.com", 465),
		Password: &Password{Name: "app password", Where: "https://id.yandex.com/security/app-passwords", Length: 16, Made: lowerLetters},
		First:    "In Yandex Mail: All settings, Email clients: switch on IMAP, and app passwords.", FilesSent: No,
		Trap: "A new app password may take two or three hours to work.",
	},
	{
		Name: "Mail.ru", Domains: []string{"mail.ru", "inbox.ru", "internet.ru", "bk.ru", "list.ru"}, MX: []string{"mxs.mail.ru", "emx.mail.ru"},
		IMAP: implicit("imap.mail.ru", 993), SMTP: implicit("smtp.mail.ru", 465),
		Password:  &Password{Name: "password for external applications", Where: "https://account.mail.ru/user/2-step-auth/passwords/"},
		FilesSent: No,
	},
	{
		Name: "QQ Mail", Domains: []string{"qq.com", "foxmail.com", "vip.qq.com"}, IMAP: implicit("imap.qq.com", 993), SMTP: implicit("smtp.qq.com", 465),
		Password: &Password{Name: "authorisation code", Where: "https://mail.qq.com/ (Settings, Account)", Length: 16, Made: lowerLetters},
		First:    "In QQ Mail: Settings, Account: switch on the IMAP/SMTP service.", RewritesID: Yes,
		Trap: "When you change the password of your QQ account, all authorisation codes end.",
	},
	netease("163.com"), netease("126.com"), netease("yeah.net"),
	{
		Name: "Tuta", Domains: []string{"tuta.com", "tutanota.com", "tutanota.de", "tutamail.com", "tuta.io", "keemail.me"}, MX: []string{"mail.tutanota.de"},
		Closed: "Tuta lets no other mail program in, so introd cannot read your mail there: use another address for your interviews.",
	},
	{
		Name: "HEY", Domains: []string{"hey.com"},
		Closed: "HEY lets no other mail program in, so introd cannot read your mail there: use another address for your interviews.",
	},
}

func gmail(name string, domains ...string) Provider {
	p := Provider{
		Name: name, Domains: domains, IMAP: implicit("imap.gmail.com", 993), SMTP: implicit("smtp.gmail.com", 465),
		Password: &Password{Name: "app password", Where: "https://myaccount.google.com/apppasswords",
			Needs: "2-Step Verification must be on for your Google account: https://myaccount.google.com/signinoptions/twosv", Length: 16, Made: lowerLetters},
		OAuth: google("https://console.cloud.google.com/auth/clients"), FilesSent: Yes, RewritesID: No,
		Trap: "What you send to yourself is one single mail there, in INBOX and in Sent at once: answers to approval mails will often not count, moving them does.",
	}
	if len(domains) == 0 {
		p.MX = []string{"google.com", "googlemail.com"}
		p.First = "Those who run your organization's mail must have left IMAP on."
		p.Trap = "An organization may forbid app passwords or foreign programs: then its administrator must allow introd."
	}
	return p
}

func outlook(name, smtp, tenant string, domains ...string) Provider {
	p := Provider{
		Name: name, Domains: domains, IMAP: implicit("outlook.office365.com", 993), SMTP: starttls(smtp, 587), OAuth: microsoft(tenant), FilesSent: Yes, RewritesID: Yes,
		First: "In Outlook on the web: Settings, Mail, Forwarding and IMAP: let devices and apps use IMAP.",
		Trap:  "A new account there may send only some 10 to 50 mails a day at first.",
	}
	if len(domains) == 0 {
		p.MX, p.First = []string{"mail.protection.outlook.com", "mx.microsoft"}, ""
		p.Trap = "Many organizations let foreign programs in only after their administrator has agreed; where they will not, DavMail on this computer can stand between."
	}
	return p
}

func yahoo(name, imap, smtp, where string, domains ...string) Provider {
	p := Provider{
		Name: name, Domains: domains, IMAP: implicit(imap, 993), SMTP: implicit(smtp, 465),
		Password: &Password{Name: "app password", Where: where, Needs: "Make it in a browser that you have been signed in with for some days, or none is given.", Length: 16, Made: lowerLetters},
		Trap:     "It allows few connections and few mails an hour: close mail programs that you do not need.",
	}
	if name == "Yahoo" {
		p.MX = []string{"yahoodns.net"}
	}
	return p
}

func gmx(name, imap string, smtp Server, site string, domains ...string) Provider {
	p := Provider{
		Name: name, Domains: domains, IMAP: implicit(imap, 993), SMTP: smtp, FilesSent: No,
		Password: &Password{Name: "password", Where: "", Needs: "With two-factor authentication on, make an app-specific password there and use that."},
		First:    "At " + site + ": E-Mail, Settings, POP3/IMAP: allow access by POP3 and IMAP.",
		Trap:     "A free account holds few folders, those in the trash included, and heavy use locks it.",
	}
	switch name {
	case "GMX":
		p.MX = []string{imap[len("imap."):]}
	case "Web.de":
		p.MX = []string{"web.de"}
		p.Trap += " Mail from strangers may lie in \"Unbekannt\" instead of INBOX; introd reads it too."
	}
	return p
}

// mailcom is GMX's sister; of its two hundred domains those that people use.
func mailcom() Provider {
	p := gmx("mail.com", "imap.mail.com", implicit("smtp.mail.com", 465), "https://www.mail.com/",
		"mail.com", "email.com", "usa.com", "post.com", "europe.com", "asia.com", "consultant.com", "engineer.com", "writeme.com", "dr.com", "myself.com", "iname.com", "techie.com")
	p.MX = []string{"mail.com"}
	p.Trap = "Only a paid account (Premium) lets a mail program in."
	return p
}

// zoho is one of its data centres; an account lives in the one it was made in, whatever its country is now.
func zoho(domain, mail string) Provider {
	return Provider{
		Name: "Zoho", Domains: []string{domain, mail}, MX: []string{domain, mail}, IMAP: implicit("imap."+domain, 993), SMTP: implicit("smtp."+domain, 465), FilesSent: Yes,
		Password: &Password{Name: "app password", Where: "https://accounts." + domain + "/home#security/app_password", Length: 12, Made: alphanumeric,
			Needs: "It is needed where two-factor authentication is on; else your own password serves."},
		First: "In Zoho Mail: Settings, Mail Accounts, your address, IMAP: switch on IMAP access.",
		Trap:  "The server depends on the data centre of your account; an organization's paid account has imappro." + domain + " and smtppro." + domain + ".",
	}
}

func netease(domain string) Provider {
	return Provider{
		Name: domain, Domains: []string{domain}, IMAP: implicit("imap."+domain, 993), SMTP: implicit("smtp."+domain, 465),
		Password: &Password{Name: "authorisation code", Where: "https://mail." + domain + "/ (Settings, POP3/SMTP/IMAP)", Length: 16, Made: letters},
		First:    "At https://mail." + domain + "/: Settings, POP3/SMTP/IMAP: switch on IMAP/SMTP.",
		Trap:     "A free account has two authorisation codes at most, and the server tells of no new mail: introd asks every minute.",
	}
}
