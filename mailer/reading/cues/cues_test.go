package cues

import "testing"

func TestDump(t *testing.T) {
	for _, s := range []string{"I can't do Tuesday, but I'd be happy to talk. No problem!", "Je ne peux malheureusement pas, désolé. N'hésitez pas à me recontacter en mars."} {
		l := Find(s)
		for _, m := range l.Marks {
			t.Log(m.Act, m.Rule, s[m.From:m.To], m.Not, m.If, m.Clause)
		}
	}
}
