package reading

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

var (
	mailAddress = regexp.MustCompile(`[A-Za-z0-9._%+\-]+@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?\.[A-Za-z]{2,}`)
	properName  = `((?:(?:Dr|Prof|Mr|Mrs|Ms)\.? )?\p{Lu}[\p{L}'’\-]+(?: (?:(?:van|von|de|der|da|di|la|el|bin|al) )*\p{Lu}[\p{L}'’\-]*\.?){0,3})`
	referredTo  = regexp.MustCompile(`(?:talk(?:ing)? to|speak(?:ing)? (?:to|with)|talk with|write to|writ(?:e|ing)|reach(?:ing)? out to|contact(?:ing)?|get in touch with|in touch with|connect(?:ing)? (?:you )?with|recommend|suggest|try|meet|introduc(?:e|ing) (?:you to )?|copied|cc['’]?(?:ing|ed|d)|looping in|colleague|friend|assistant|my boss|manager|is|wenden Sie sich an|an meine Kollegin|an meinen Kollegen|adressez-vous à|contacter|hable con|contacte a|fale com),? ` + properName)
	notNames    = map[string]bool{"I": true, "The": true, "We": true, "You": true, "It": true, "That": true, "This": true, "My": true, "Monday": true, "Tuesday": true,
		"Wednesday": true, "Thursday": true, "Friday": true, "Saturday": true, "Sunday": true, "January": true, "February": true, "March": true, "April": true, "May": true,
		"June": true, "July": true, "August": true, "September": true, "October": true, "November": true, "December": true, "Zoom": true, "Teams": true, "Google": true,
		"LinkedIn": true, "Slack": true, "Skype": true, "HR": true, "EST": true, "PT": true, "ET": true, "Thanks": true, "Best": true, "OK": true}
)

// people finds whom a mail names: in words of referral, by address beside a name, or copied.
func (f *facts) people(r *Reading) {
	known := map[string]bool{}
	add := func(p Person) {
		k := strings.ToLower(p.Email + p.Name)
		if p.Name == "" && p.Email == "" || known[k] || f.isParty(p) {
			return
		}
		for i := range r.People {
			if sameName(r.People[i].Name, p.Name) || p.Email != "" && r.People[i].Email == p.Email {
				if r.People[i].Email == "" {
					r.People[i].Email = p.Email
				}
				return
			}
		}
		known[k] = true
		r.People = append(r.People, p)
	}
	for _, m := range referredTo.FindAllStringSubmatchIndex(r.NewText, 20) {
		name := strings.TrimRight(r.NewText[m[2]:m[3]], ".")
		if word, _, _ := strings.Cut(name, " "); notNames[word] || len([]rune(name)) < 3 {
			continue
		}
		rest := r.NewText[m[3]:min(len(r.NewText), m[3]+80)]
		email := ""
		if a := mailAddress.FindString(rest); a != "" {
			email = strings.ToLower(a)
		}
		add(Person{Name: name, Email: email, Role: "referral"})
	}
	if len(r.People) == 0 {
		for _, a := range mailAddress.FindAllString(r.NewText, 5) {
			add(Person{Email: strings.ToLower(a), Role: "referral"})
		}
	}
	for _, a := range f.to {
		for i := range r.People {
			first, _, _ := strings.Cut(strings.ToLower(r.People[i].Name), " ")
			if first != "" && (strings.HasPrefix(strings.ToLower(a.Name), first) || strings.HasPrefix(a.Address, first)) && !slices.Contains(f.Owner, a.Address) {
				r.People[i].Role, r.People[i].Email = "introduced", a.Address
				if len(a.Name) > len(r.People[i].Name) {
					r.People[i].Name = a.Name
				}
			}
		}
	}
}

func sameName(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a == b || strings.HasPrefix(a, b+" ") || strings.HasPrefix(b, a+" ")
}

// isParty says whether somebody is the sender or the owner: they are not named, they talk.
func (f *facts) isParty(p Person) bool {
	parties := append(slices.Clone(f.from), f.toOwner()...)
	for _, a := range parties {
		first, _, _ := strings.Cut(strings.ToLower(a.Name), " ")
		if p.Email != "" && p.Email == a.Address || p.Email == "" && (sameName(a.Name, p.Name) || first != "" && strings.ToLower(p.Name) == first) {
			return true
		}
	}
	return f.OwnerName != "" && sameName(f.OwnerName, p.Name)
}

// toOwner are the recipients that are the owner: by address, or the first one where none is known.
func (f *facts) toOwner() []mail.Address {
	var own []mail.Address
	for _, a := range f.to {
		if slices.Contains(f.Owner, a.Address) {
			own = append(own, a)
		}
	}
	if len(own) == 0 && len(f.to) > 0 {
		own = f.to[:1]
	}
	return own
}

// namesSomebody says whether the mail points to somebody else.
func (f *facts) namesSomebody(r *Reading) bool { return len(r.People) > 0 }

// introMade says whether somebody named is among the recipients.
func (f *facts) introMade(r *Reading) bool {
	return slices.ContainsFunc(r.People, func(p Person) bool { return p.Role == "introduced" })
}
