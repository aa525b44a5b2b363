package times

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// seeds are phrases in which many rules meet, and texts that no rule expects.
var seeds = []string{
	"Tuesday at 3 or 4, or Wednesday 10-12 PT", "next week I could do:\n- Monday between 1 and 3:30\n- Friday, but only from 4:15 on", "from the 13th to the 15th of July",
	"the second one, or the same time on Friday", "I can't do 11:30. Can we move Tuesday's call to Thursday?", "3/12 at 4pm, 04.03.2026, 2026-12-02T10:00", "two weeks from Thursday, half past two",
	"Mardi à 15h30, heure française; amanhã às 10h; mañana a las 3; halb drei", "between between 2 and and 4-5-6 - 7pm - - of the the 31st of February", "July 14 at 3pm EST (noon PT) UTC+14:59",
	"\u2019\u200b\ufeff 9pm\u00a0Monday\x00\xff", strings.Repeat("not Tuesday, ", 40), strings.Repeat("1", 300) + ":30 pm", "in 365 years from tomorrow after the last Friday of February 2199",
	"9, 10, 11, 12, 13, 14, 15, 16, 17 or 18 March", "12:00:60 24:00 0:00 00:00am 13pm 12am", "the 1st 2nd 3rd 4th 31st", "by by by Friday until until Monday from from", "Sat. Sun. Mar. May. Do. Di. 3.", "monday week of next week after next",
}

// FuzzFind reads any text with any options: it must not panic, the times must be in order of sense, and
// reading twice must give the same.
func FuzzFind(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, int64(1772463600), int16(-300))
	}
	f.Fuzz(func(t *testing.T, text string, at int64, offset int16) {
		ref := time.Unix(at%4e9, 0).In(time.FixedZone("", int(offset)%840*60))
		o := Options{Ref: ref, OwnerZone: time.UTC, Offered: []Time{{Span: Span{Start: ref.Add(time.Hour), Kind: Exact}}, {Span: Span{Start: ref.Add(50 * time.Hour), Kind: Exact}}}}
		r := Find(text, o)
		if again := Find(text, o); show(r) != show(again) {
			t.Fatalf("two readings: %s, then %s", show(r), show(again))
		}
		for _, all := range [][]Time{r.Times, r.Excluded, r.Vague} {
			for _, x := range all {
				check(t, x)
			}
		}
	})
}

func check(t *testing.T, x Time) {
	t.Helper()
	if len(x.Alternatives) > mostAlternatives || utf8.ValidString(x.Text) && strings.Contains(x.Text, "\n") {
		t.Fatalf("%q has %d alternatives", x.Text, len(x.Alternatives))
	}
	for _, s := range append([]Span{x.Span}, x.Alternatives...) {
		switch {
		case s.Start.IsZero(), s.Kind != Exact && s.Kind != Window && s.Kind != Day, s.Kind == Day && s.End == nil:
			t.Fatalf("%q: %+v", x.Text, s)
		case s.End != nil && s.End.Before(s.Start):
			t.Fatalf("%q ends %s before it begins %s", x.Text, s.End, s.Start)
		}
	}
}

func TestFuzzSeeds(t *testing.T) {
	if len(seeds) < 20 {
		t.Fatalf("only %d seeds", len(seeds))
	}
	distinct := map[string]bool{}
	for _, s := range seeds {
		distinct[s] = true
	}
	if len(distinct) != len(seeds) {
		t.Errorf("%d of %d seeds are the same", len(seeds)-len(distinct), len(seeds))
	}
}

// A mail as people write it, and the hardest of the seeds, per byte.
func BenchmarkFind(b *testing.B) {
	o := newYork(b)
	for name, text := range map[string]string{
		"reply": "Hi Sam,\n\nhappy to talk. I can't do Tuesday, but Wednesday at 2 is fine, or any time after 3 on the 14th. Otherwise next week:\n\n- Monday between 1 and 3:30\n- Friday before noon\n\nBest,\nPip\n",
		"prose": strings.Repeat("We have been in this trade for thirty years, since 1996, and I may say that it still surprises me. ", 600),
		"dates": strings.Repeat("not Tuesday, from 3 to 4 on the 14th of July or ", 1200),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Find(text, o)
			}
		})
	}
}
