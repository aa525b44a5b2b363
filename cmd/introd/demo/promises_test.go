package demo

import (
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"introd/daemon"
	"introd/mailer/postoffice"
	"introd/store"
)

// kept is a record in which every promise was kept.
func kept() record {
	at := time.Date(2026, time.September, 14, 9, 0, 0, 0, time.UTC)
	own := item{folder: "INBOX", uid: 3, flags: []imap.Flag{`\Seen`, `\Flagged`}, entry: entry{subject: "Sunday dinner", raw: []byte("bring the dish")}}
	again := own
	again.flags = []imap.Flag{`\Flagged`, `\Seen`} // servers list them as they like
	yes := []approval{
		{byMove, []string{"dana@bigco.test"}, "A talk?", "Dear Dana,\nwould you?"},
		{byHand, []string{"tom@northlight.test"}, "A talk?", "Dear Tom, would you?"},
		{byReply, []string{"tom@northlight.test"}, "Re: A talk?", "Thank you all the same."},
	}
	return record{
		yes: yes, decided: slices.Clone(yes),
		did: map[string]bool{byHand: true, byMove: true, byReply: true, byCommand: true, "edit": true, "drop": true, "undo": true},
		sent: []parcel{
			{"1@campus.test", "A talk?", "Dear Dana, would\nyou?", []string{"dana@bigco.test"}, at},
			{"2@campus.test", "A talk?", "Dear Tom, would you?", []string{"tom@northlight.test"}, at},
			{"3@campus.test", "Re: A talk?", "Thank you all the same.", []string{"tom@northlight.test"}, at.Add(2 * time.Hour)},
		},
		boxes: map[string][]string{"dana@bigco.test": {"1@campus.test"}, "tom@northlight.test": {"2@campus.test", "3@campus.test"}},
		no:    map[string]time.Time{"tom@northlight.test": at.Add(time.Hour)}, afterNo: map[string]int{"tom@northlight.test": 1},
		own: []pair{{own, again}}, changes: []postoffice.Entry{{Command: "MOVE", Folder: "INBOX", Detail: "4:5,7 introd-send-1a2b3c"}},
		kept: []byte("all about Dana"), private: []string{"bring the dish"},
		whys: map[string][]daemon.WhyGroup{"dana": {{What: "mail in", Reasons: []store.Reason{{Evidence: "dana@bigco.test", Rule: "link.address"}}}}},
	}
}

func TestEveryPromiseCanBeBroken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		breaks []int // their places among the promises
		how    func(*record)
	}{
		"a mail that nobody approved":        {[]int{0, 3}, func(r *record) { r.yes = r.yes[1:] }},
		"an approved mail that did not go":   {[]int{0}, func(r *record) { r.sent, r.boxes["dana@bigco.test"] = r.sent[1:], nil }},
		"another text than was approved":     {[]int{0}, func(r *record) { r.sent[0].text += " And hire me." }},
		"another recipient":                  {[]int{0, 3}, func(r *record) { r.yes[0].to = []string{"kim@bigco.test"} }},
		"a mail that left twice":             {[]int{1, 3}, func(r *record) { r.sent, r.yes = append(r.sent, r.sent[0]), append(r.yes, r.yes[0]) }},
		"a mail that arrived twice":          {[]int{1}, func(r *record) { r.boxes["dana@bigco.test"] = []string{"1@campus.test", "1@campus.test"} }},
		"a mail that did not arrive":         {[]int{1}, func(r *record) { r.boxes["dana@bigco.test"] = nil }},
		"a flag that was taken off":          {[]int{2}, func(r *record) { r.own[0].after.flags = []imap.Flag{`\Seen`} }},
		"a mail of the owner's that is gone": {[]int{2}, func(r *record) { r.own[0].after = item{} }},
		"a flag set and taken off again": {[]int{2}, func(r *record) {
			r.changes = []postoffice.Entry{{Command: "STORE", Folder: "INBOX", Detail: `2:3 [\Seen]`}}
		}},
		"an expunge of everything":               {[]int{2}, func(r *record) { r.changes = []postoffice.Entry{{Command: "EXPUNGE", Folder: "INBOX", Detail: "all"}} }},
		"a second mail after a no":               {[]int{4}, func(r *record) { r.afterNo["tom@northlight.test"] = 0 }},
		"an event without a reason":              {[]int{5}, func(r *record) { r.whys["dana"][0].Reasons = nil }},
		"a person without a why":                 {[]int{5}, func(r *record) { r.whys["dana"] = nil }},
		"a private word in the records":          {[]int{6}, func(r *record) { r.kept = []byte("… please bring the dish …") }},
		"no records to look into":                {[]int{6}, func(r *record) { r.kept = nil }},
		"an approval mail that still lies":       {[]int{7}, func(r *record) { r.left = []string{"INBOX: Send this?"} }},
		"a way that was not tried":               {[]int{8}, func(r *record) { r.did[byReply] = false }},
		"an approval by a way that was not used": {[]int{3}, func(r *record) { r.decided[0].way = byReply }},
		"an approval that is not recorded":       {[]int{3}, func(r *record) { r.decided = r.decided[1:] }},
	} {
		r := kept()
		if broken := breaches(r); len(broken) > 0 {
			t.Fatalf("the record that should hold breaks %v", broken)
		}
		c.how(&r)
		if broken := breaches(r); !slices.Equal(broken, c.breaks) {
			t.Errorf("%s breaks the promises %v, not %v", name, broken, c.breaks)
		}
	}
}

// breaches are the places of the promises that a record breaks.
func breaches(r record) (broken []int) {
	for i, p := range promises() {
		if p.check(r) != nil {
			broken = append(broken, i)
		}
	}
	return broken
}
