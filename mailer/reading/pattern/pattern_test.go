package pattern

import (
	"regexp"
	"slices"
	"testing"
)

func TestWordsAreTakenFromTheExpression(t *testing.T) {
	for expr, want := range map[string][]string{
		`(?i)user unknown|no such user`:           {"no such user", "user unknown"},
		`(?i)^[*_ ]*(?:disclaimer|notice)\b`:      {"disclaimer", "notice"},
		`(?i)(?:can|could)(?: not|n't) deliver`:   {"can not deliver", "cann't deliver", "could not deliver", "couldn't deliver"},
		`deliver(?:y|ing)\b.{0,20}(?:status|fai)`: {"deliver"},
		`(?i)\bdelay(?:ed)?\b`:                    {"delay", "delayed"},
		`[45]\.\d+`:                               {"4.", "5."},
		`(?i)(?:Grüße){2}|[Kk]`:                   {"grÜße", "k"},
		`[^@]+@[^@]+`:                             {"@"},
		`a*|b`:                                    nil,
		`\w+`:                                     nil,
		`(?:x|)y{0,3}`:                            nil,
	} {
		if words := MustCompile(expr).words; !slices.Equal(words, want) {
			t.Errorf("%s: %q, want %q", expr, words, want)
		}
	}
}

// seeds are expressions and texts that FuzzSame begins with.
var seeds = [][2]string{
	{`(?i)user unknown|no such user`, "550 No Such User here"}, {`(?i)kelvin`, "at 5 \u212Aelvin"}, {`(?i)straße|s`, "\u017F"}, {`(?i)Grüße|été`, "viele GRÜSSE, GRÜßE, ÉTÉ"},
	{`(?i)^[*_ ]*(?:disclaimer|notice)\b`, "** NOTICE **"}, {`(?:ab|a)(?:c|cd)?`, "xacd"}, {`(?i)ς`, "ΣΑΣ"}, {`ab{2,3}|c+d`, "\xffabb ccd"}, {`(?s).x`, "\nx"}, {`(a|)(b|)`, "ab"}, {`[k-l]m`, "KM km lm"},
}

// What a pattern finds is what its expression finds.
func FuzzSame(f *testing.F) {
	for _, s := range seeds {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 60 || len(text) > 400 {
			return
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return
		}
		p := MustCompile(expr)
		if p.MatchString(text) != re.MatchString(text) || p.FindString(text) != re.FindString(text) || !slices.Equal(p.FindStringIndex(text), re.FindStringIndex(text)) ||
			!slices.Equal(p.FindStringSubmatch(text), re.FindStringSubmatch(text)) || !slices.Equal(p.FindAllString(text, 3), re.FindAllString(text, 3)) ||
			!slices.EqualFunc(p.FindAllStringIndex(text, -1), re.FindAllStringIndex(text, -1), slices.Equal) {
			t.Errorf("%q in %q: words %q", expr, text, p.words)
		}
	})
}

func TestFuzzSeedsAreThere(t *testing.T) {
	if len(seeds) != 11 {
		t.Errorf("%d seeds", len(seeds))
	}
}
