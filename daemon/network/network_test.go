package network_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"introd/daemon/network"
	"introd/mailer"
	"introd/store"
)

// inUTF16 is how some spreadsheets write text.
func inUTF16(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

const linkedin = "Notes:\n\"When exporting, some \"\"addresses\"\" are missing, as you see.\"\n\n"

func TestTablesOfAllKinds(t *testing.T) {
	t.Parallel()
	jose := store.Contact{Name: "José Ñandú", Addresses: []string{"jose@firma.test"}, Org: "Firma"}
	for name, c := range map[string]struct {
		raw     []byte
		mapping map[string]string
		want    store.Contact
		source  string
	}{
		"linkedin, new order": {[]byte(linkedin + "First Name,Last Name,URL,Email Address,Company,Position,Connected On\nDana,Wu,https://l/in/d,d@x.test,BigCo,Lead,12 Nov 2024\n"), nil,
			store.Contact{Name: "Dana Wu", Addresses: []string{"d@x.test"}, Org: "BigCo", Position: "Lead", URL: "https://l/in/d", Since: time.Date(2024, 11, 12, 0, 0, 0, 0, time.UTC)}, "linkedin"},
		"linkedin, old order":  {[]byte("First Name,Last Name,Email Address,Company,Position,Connected On\nDana,Wu,d@x.test,BigCo,Lead,\"11/12/18, 9:05 PM\"\n"), nil, store.Contact{Name: "Dana Wu", Addresses: []string{"d@x.test"}, Org: "BigCo", Position: "Lead", Since: time.Date(2018, 11, 12, 21, 5, 0, 0, time.UTC)}, "linkedin"},
		"utf-16":               {inUTF16("Name\tE-mail Address\tCompany\r\nJosé Ñandú\tJose@Firma.test\tFirma\r\n"), nil, jose, "csv"},
		"windows-1252":         {[]byte("Name;E-mail;Company\r\nJos\xe9 \xd1and\xfa;jose@firma.test;Firma\r\n"), nil, jose, "csv"},
		"byte order mark":      {[]byte("\ufeffname,email,company\nJosé Ñandú,jose@firma.test,Firma\n"), nil, jose, "csv"},
		"mapped":               {[]byte("Wer,Wohin,Wo\nJosé Ñandú,<jose@firma.test>,Firma\n"), map[string]string{"name": "wer", "email": "WOHIN", "org": "Wo"}, jose, "csv"},
		"a line in a field":    {[]byte("name,email,company\n\"José\nÑandú\",jose@firma.test,Firma\n"), nil, jose, "csv"},
		"first, last and name": {[]byte("First Name,Last Name,Name,Email\nJ,N,José Ñandú,jose@firma.test\n"), nil, store.Contact{Name: "José Ñandú", Addresses: []string{"jose@firma.test"}}, "csv"},
	} {
		f, err := network.Read(c.raw, c.mapping)
		c.want.Source = c.source
		if err != nil || len(f.Contacts) != 1 || len(f.Problems) != 0 || !reflect.DeepEqual(f.Contacts[0], c.want) {
			t.Errorf("%s: %+v %v, %v\nwant %+v", name, f.Contacts, f.Problems, err, c.want)
		}
	}
}

func TestEveryRowThatIsNotUsedIsTold(t *testing.T) {
	t.Parallel()
	f, err := network.Read([]byte(linkedin+"First Name,Last Name,Email Address,Company,Connected On\nA,One,a@x.test,X,\n,,b@x.test,X,\nC,Three,nonsense,X,\n\nD,Four,,X,\n"), nil)
	if err != nil || len(f.Contacts) != 3 {
		t.Fatalf("%+v, %v", f.Contacts, err)
	}
	want := []network.Problem{{Line: 6, Words: "no name in this row"}, {Line: 7, Words: `"nonsense" is no mail address; C Three is taken in without one`, Used: true}}
	if !reflect.DeepEqual(f.Problems, want) {
		t.Errorf("problems %v", f.Problems)
	}
}

func TestUnknownColumnsAreAskedFor(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "\n\n", "a,b\n1,2\n", "just words", "Email Address,Company\nx@y.test,X\n", "PK\x03\x04\x00\x00binary\x00"} {
		_, err := network.Read([]byte(raw), nil)
		var unclear *network.MappingError
		if !errors.As(err, &unclear) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	photo := "PHOTO;ENCODING=b;TYPE=JPEG:" + strings.Repeat("QUJD\r\n ", 50000) + "\r\n"
	text := "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dana\r\n  Wu\r\nitem1.EMAIL;TYPE=INTERNET:Dana@X.test\r\nEMAIL:dana@home.test\r\nORG:BigCo\\, Inc.;Labs\r\nTITLE:Lead\r\n" + photo + "END:VCARD\r\n" +
		"BEGIN:VCARD\nVERSION:4.0\nN:Lee;Ada;;Prof.;\nEND:VCARD\n" +
		"BEGIN:VCARD\nVERSION:4.0\nEMAIL:nobody@x.test\nEND:VCARD\n" +
		"BEGIN:VCARD\nVERSION:4.0\nFN:No End\n" +
		"BEGIN:VCARD\nVERSION:4.0\nFN:Last One\nEMAIL:bad\nEND:VCARD"
	f, err := network.Read([]byte(text), nil)
	if err != nil || len(f.Contacts) != 3 {
		t.Fatalf("%+v, %v", f.Contacts, err)
	}
	if c := f.Contacts[0]; c.Name != "Dana Wu" || !reflect.DeepEqual(c.Addresses, []string{"dana@x.test", "dana@home.test"}) || c.Org != "BigCo, Inc." || c.Position != "Lead" {
		t.Errorf("first %+v", c)
	}
	if f.Contacts[1].Name != "Ada Lee" || f.Contacts[2].Name != "Last One" {
		t.Errorf("names %+v", f.Contacts)
	}
	var words []string
	for _, p := range f.Problems {
		words = append(words, p.Words)
	}
	if want := []string{"no name in this card", "this card has no end", `"bad" is no mail address`}; !reflect.DeepEqual(words, want) {
		t.Errorf("problems %v", f.Problems)
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := network.Read(make([]byte, network.MostFile+1), nil); err == nil {
		t.Error("a huge file was read")
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want network.Tier
	}{
		{"BigCo", "BigCo, Inc.", network.Exact}, {"BigCo", "bigco gmbh", network.Exact}, {"Google", "Google Cloud", network.Strong},
		{"Goldman Sachs", "Goldman Sachs Group", network.Strong}, {"Bank of America", "Bank of China", ""}, {"University of Ohio", "University of Texas", ""},
		{"Energy Recovery", "Energy Solutions", ""}, {"HP", "HP Hood", ""}, {"Siemens Energy", "Siemens Healthineers", network.Loose}, {"Apple", "Applebee's", ""},
		{"", "", ""}, {"The Guardian", "Guardian", network.Exact}, {"Capital", "Capital One", ""},
	} {
		if have := network.Match(c.a, c.b); have != c.want {
			t.Errorf("%s and %s: %q, want %q", c.a, c.b, have, c.want)
		}
		if have := network.Match(c.b, c.a); have != c.want {
			t.Errorf("%s and %s the other way: %q, want %q", c.b, c.a, have, c.want)
		}
	}
}

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestWarmth(t *testing.T) {
	t.Parallel()
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	for want, tally := range map[network.Warmth]store.Tally{
		network.Close: {Sent: 12, Received: 9, LastGot: ago(30)}, network.Warm: {Sent: 2, Received: 1, LastSent: ago(400)},
		network.Known: {Sent: 40, Received: 40, LastGot: ago(1500)}, network.OneWay: {Sent: 5, LastSent: ago(3)}, network.Unknown: {},
	} {
		if have := network.WarmthOf(tally, now); have != want {
			t.Errorf("%+v: %s, want %s", tally, have, want)
		}
	}
	often, once := store.Tally{Sent: 30, Received: 20, LastGot: ago(60)}, store.Tally{Received: 60, LastGot: ago(1)}
	if network.Score(often, now) <= network.Score(once, now) {
		t.Error("mail one way counts more than mail both ways")
	}
	if coming := (store.Tally{Sent: 1, Received: 1, LastGot: ago(-30000)}); network.Score(often, now) <= network.Score(coming, now) {
		t.Error("a date to come counts more than mail")
	}
}

func TestMinerLeavesOutListsAndMachines(t *testing.T) {
	t.Parallel()
	m := &network.Miner{Own: []string{"me@home.test"}}
	take := func(sent bool, fields ...string) {
		m.Take(sent, mailer.Header{Raw: []byte(strings.Join(append(fields, "Date: Mon, 23 Nov 2026 09:00:00 +0000", "", ""), "\r\n"))})
	}
	take(true, "From: me@home.test", "To: Dana <dana@x.test>, me@home.test", "Cc: noreply@x.test")
	take(false, "From: \"Wu, Dana\" <Dana@X.test>", "To: me@home.test")
	take(false, "From: a@x.test", "To: me@home.test", "List-Id: <list.x.test>")
	take(false, "From: b@x.test", "To: me@home.test", "Precedence: bulk")
	take(false, "From: c@x.test", "To: me@home.test", "Auto-Submitted: auto-replied")
	take(false, "From: no-reply@x.test", "To: me@home.test")
	take(false, "From: d@x.test", "To: "+strings.Repeat("z@y.test, ", 20)+"me@home.test")
	m.Take(false, mailer.Header{Raw: []byte("From: e@x.test\r\nTo: me@home.test\r\nDate: yesterday\r\n\r\n")})
	have := m.Tallies()
	if len(have) != 1 || have["dana@x.test"] == nil || have["dana@x.test"].Sent != 1 || have["dana@x.test"].Received != 1 || have["dana@x.test"].Name != "Wu, Dana" {
		for a, t2 := range have {
			t.Errorf("%s: %+v", a, *t2)
		}
	}
}

var seeds = []string{
	linkedin + "First Name,Last Name,Email Address\nA,B,a@b.test\n", "BEGIN:VCARD\nVERSION:3.0\nFN:A\n B\nEMAIL:a@b.test\nEND:VCARD\n",
	"name;email\n\"A\"\"B\";a@b.test\n", "\xff\xfen\x00a\x00", "name,\"email\n", "BEGIN:VCARD\n;:\n\nEND:VCARD",
}

func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := network.Read(raw, nil)
		if err != nil {
			return
		}
		for _, c := range file.Contacts {
			if c.Name == "" || len(c.Name) > 3*2000 {
				t.Errorf("a contact named %q", c.Name)
			}
		}
	})
}

func TestFuzzSeedsAreRead(t *testing.T) {
	t.Parallel()
	read := 0
	for _, s := range seeds {
		if f, err := network.Read([]byte(s), nil); err == nil {
			read += len(f.Contacts)
		}
	}
	if read < 3 {
		t.Errorf("the seeds hold %d contacts", read)
	}
}

func BenchmarkRead10000(b *testing.B) {
	var table strings.Builder
	table.WriteString(linkedin + "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n")
	for n := range 10000 {
		fmt.Fprintf(&table, "First%d,Last%d,https://l/in/%d,a%d@x.test,Company %d,Engineer,12 Nov 2024\n", n, n, n, n, n%700)
	}
	raw := []byte(table.String())
	for b.Loop() {
		if f, err := network.Read(raw, nil); err != nil || len(f.Contacts) != 10000 {
			b.Fatal(len(f.Contacts), err)
		}
	}
}
