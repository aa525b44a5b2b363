package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"regexp"
	"strings"
	"unicode"

	"github.com/dgraph-io/badger/v4"
	"golang.org/x/text/unicode/norm"
)

// IsID says whether a word can be the id of a person: it stands in keys, in the names of files and on
// the command line.
func IsID(word string) bool { return idForm.MatchString(word) }

var idForm = regexp.MustCompile(`^[\pL\pN][\pL\pN\pM._-]*$`)

// Person returns the person with this id.
func (tx *Tx) Person(id string) (p Person, err error) {
	err = tx.get(key("p", id), &p)
	return p, err
}

// People yields everybody, by id.
func (tx *Tx) People() iter.Seq2[Person, error] { return each[Person](tx, under("p")) }

// Linkable says whether there is anything that a mail can be linked to: a person, or a mail of
// introd's own that the owner may answer.
func (tx *Tx) Linkable() (any bool, err error) {
	for _, prefix := range [][]byte{under("p"), under("x")} {
		if err = tx.scan(prefix, prefix, false, func(string, *badger.Item) (bool, error) {
			any = true
			return false, nil
		}); any || err != nil {
			return any, err
		}
	}
	return false, nil
}

// PutPerson stores a person, with their address as an alias, and where they are found by.
func (tx *Tx) PutPerson(p Person) error {
	p.Address = strings.ToLower(p.Address)
	old, err := tx.Person(p.ID)
	switch {
	case err == nil:
		if err := tx.unlist(old); err != nil {
			return err
		}
	case !errors.Is(err, ErrNotFound):
		return err
	}
	if p.Org != "" {
		if err := tx.point(key("O", p.Org, p.ID), ""); err != nil {
			return err
		}
	}
	if p.Via != "" {
		if err := tx.point(key("i", p.Via, p.ID), ""); err != nil {
			return err
		}
	}
	for _, target := range p.Targets {
		if err := tx.point(key("Z", target, p.ID), ""); err != nil {
			return err
		}
	}
	if p.Address != "" && p.Address != old.Address {
		if err := tx.PutAlias(Alias{Address: p.Address, Person: p.ID, Why: "added"}); err != nil {
			return err
		}
	}
	return tx.put(key("p", p.ID), p)
}

func (tx *Tx) unlist(p Person) error {
	err := errors.Join(tx.remove(key("O", p.Org, p.ID)), tx.remove(key("i", p.Via, p.ID)))
	for _, target := range p.Targets {
		err = errors.Join(err, tx.remove(key("Z", target, p.ID)))
	}
	return err
}

// PutAlias makes an address lead to a person.
func (tx *Tx) PutAlias(a Alias) error {
	a.Address = strings.ToLower(a.Address)
	if domain := PrivateDomain(a.Address); domain != "" {
		if err := tx.point(key("D", domain, a.Person), ""); err != nil {
			return err
		}
	}
	if err := tx.point(key("A", a.Person, a.Address), ""); err != nil {
		return err
	}
	return tx.put(key("a", a.Address), a)
}

// Aliases returns all addresses of a person.
func (tx *Tx) Aliases(person string) ([]Alias, error) {
	addresses, err := tx.names(under("A", person))
	if err != nil {
		return nil, err
	}
	var aliases []Alias
	for _, address := range addresses {
		var a Alias
		if err := tx.get(key("a", address), &a); err != nil {
			return nil, err
		}
		aliases = append(aliases, a)
	}
	return aliases, nil
}

// PersonByAddress returns whose address this is.
func (tx *Tx) PersonByAddress(address string) (p Person, a Alias, err error) {
	if err = tx.get(key("a", strings.ToLower(address)), &a); err != nil {
		return p, a, err
	}
	p, err = tx.Person(a.Person)
	return p, a, err
}

// IsContact says whether an address is anybody's, without reading whose: the first scan asks it for
// every address of every mail.
func (tx *Tx) IsContact(address string) (bool, error) {
	_, err := tx.txn.Get(key("a", address))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(notFound(err), ErrNotFound):
		return false, nil
	}
	return false, err
}

// IntroducedBy returns the ids of those whose name came from introducer.
func (tx *Tx) IntroducedBy(introducer string) ([]string, error) {
	return tx.names(under("i", introducer))
}

// PeopleAt returns the ids of those who work at an organization.
func (tx *Tx) PeopleAt(org string) ([]string, error) { return tx.names(under("O", org)) }

// PeopleAtDomain returns the ids of those with an address in a mail domain. For the domains of
// public mail services that is nobody: a neighbour there is a stranger.
func (tx *Tx) PeopleAtDomain(domain string) ([]string, error) {
	domain = strings.ToLower(domain)
	if isPublic(domain) {
		return nil, nil
	}
	return tx.names(under("D", domain))
}

// Org returns an organization.
func (tx *Tx) Org(id string) (o Organization, err error) {
	err = tx.get(key("o", id), &o)
	return o, err
}

// PutOrg stores an organization.
func (tx *Tx) PutOrg(o Organization) error { return tx.put(key("o", o.ID), o) }

// OrgSlug folds an organization's name to an id, so that all ways of writing it are one: lower case,
// letters and digits, no accents, no "The", no legal form, "and" for "&".
func OrgSlug(name string) string {
	name = dotted.ReplaceAllStringFunc(name, func(s string) string { return strings.ReplaceAll(s, ".", "") }) // S.A. is SA
	words := strings.FieldsFunc(strings.ReplaceAll(withoutAccents(strings.ToLower(name)), "&", " and "), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("'’", r)
	})
	for i, w := range words {
		words[i] = strings.NewReplacer("'", "", "’", "").Replace(w) // McDonald's
	}
	for len(words) > 1 && (legalForms[words[len(words)-1]] || words[len(words)-1] == "and") {
		words = words[:len(words)-1]
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, "-")
}

// dotted is an abbreviation of single letters with full stops.
var dotted = regexp.MustCompile(`\b(?:\pL\.){2,}|\b(?:S\.p\.A|e\.V)\.?`)

func withoutAccents(word string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(word) {
		if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(r)
		}
	}
	return strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "æ", "ae", "œ", "oe").Replace(out.String())
}

// legalForms stand at the end of names and are left out in talk.
var legalForms = map[string]bool{
	"inc": true, "llc": true, "llp": true, "lp": true, "ltd": true, "corp": true, "corporation": true, "co": true, "company": true, "limited": true,
	"incorporated": true, "plc": true, "pty": true, "gmbh": true, "mbh": true, "ag": true, "kg": true, "kgaa": true, "se": true, "ev": true, "ug": true, "sa": true,
	"sas": true, "sarl": true, "spa": true, "srl": true, "sl": true, "bv": true, "nv": true, "oy": true, "oyj": true, "ab": true, "as": true, "asa": true, "aps": true,
}

// PrivateDomain is the domain of an address that says where its owner works; "" for a public one.
func PrivateDomain(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	if isPublic(domain) {
		return ""
	}
	return domain
}

// isPublic says whether anybody can have an address in a mail domain.
func isPublic(domain string) bool {
	provider, rest, _ := strings.Cut(domain, ".")
	return publicDomains[domain] || manyCountries[provider] && country.MatchString(rest)
}

var country = regexp.MustCompile(`^(?:com?\.)?[a-z]{2,3}$`)

// manyCountries are mail services with a domain in many countries: yahoo.co.jp, hotmail.fr.
var manyCountries = map[string]bool{"yahoo": true, "hotmail": true, "outlook": true, "live": true, "gmx": true, "googlemail": true, "yandex": true}

// publicDomains are mail services whose users have nothing to do with one another.
var publicDomains = map[string]bool{
	"gmail.com": true, "msn.com": true,
	"ymail.com": true, "aol.com": true, "icloud.com": true, "me.com": true, "mac.com": true, "proton.me": true, "protonmail.com": true,
	"web.de": true, "t-online.de": true, "fastmail.com": true, "zoho.com": true,
	"mail.ru": true, "qq.com": true, "163.com": true, "126.com": true, "orange.fr": true, "free.fr": true,
	"wanadoo.fr": true, "laposte.net": true, "libero.it": true, "comcast.net": true, "verizon.net": true,
	"att.net": true, "hey.com": true, "tutanota.com": true, "posteo.de": true, "mailbox.org": true, "uol.com.br": true, "bol.com.br": true,
}

const settingOptOutKey = "opt-out-key"

// optOutKey is the key of an address's hash. Only with the key of this store can an address be
// compared; the address itself is not kept.
func (tx *Tx) optOutKey(address string) ([]byte, error) {
	var secret []byte
	if _, err := tx.Setting(settingOptOutKey, &secret); err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(strings.ToLower(address)))
	return key("h", hex.EncodeToString(mac.Sum(nil))), nil
}

// OptOut notes that nobody may ever write to an address again.
func (tx *Tx) OptOut(address string) error {
	k, err := tx.optOutKey(address)
	if err != nil {
		return err
	}
	return tx.point(k, "")
}

// OptedOut says whether that was noted of an address.
func (tx *Tx) OptedOut(address string) (bool, error) {
	k, err := tx.optOutKey(address)
	if err != nil {
		return false, err
	}
	_, err = tx.follow(k)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
