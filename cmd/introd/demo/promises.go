package demo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"introd/daemon"
	"introd/daemon/web"
	"introd/mailer"
	"introd/mailer/postoffice"
	"introd/mailer/reading"
	"introd/store"
)

// A record is all that the promises are checked against: what the owner said, what the post office
// saw, and what introd kept.
type record struct {
	yes     []approval           // what the owner approved
	did     map[string]bool      // and did besides
	decided []approval           // what introd's records say of it
	sent    []parcel             // every mail that left for somebody else
	boxes   map[string][]string  // address → the Message-IDs in their INBOX
	no      map[string]time.Time // who said no, and when
	afterNo map[string]int       // how many mails they may get after that
	own     []pair               // the owner's other mail, then and now
	changes []postoffice.Entry   // what clients changed in the owner's INBOX
	kept    []byte               // a backup of introd's records
	private []string             // words of the owner's other mail
	whys    map[string][]daemon.WhyGroup
	left    []string // what lies in the owner's folders of introd's working mails
}

// A parcel is one mail on its way to one or more people.
type parcel struct {
	id, subject, text string
	to                []string
	at                time.Time
}

// A pair is one mail of the owner's before introd came and at the end.
type pair struct{ before, after item }

// A promise is one sentence of introd's, and how it is checked.
type promise struct {
	number, words string
	check         func(record) error
}

func promises() []promise {
	return []promise{
		{"P1", "Every mail that left was approved, once, with exactly that text and those recipients", askedFirst},
		{"P2", "Every mail arrived, and nobody got one twice", once},
		{"P4", "Your own mail is as it was: the same messages, the same flags, touched by nobody", asFound},
		{"P6", "Only you decided: for every mail that left, introd's records name the way that you used", onlyTheOwner},
		{"P7", "Nobody was written to after a no, but for one thank-you, or after a wish to be left alone", noMeansNo},
		{"P8", "Every event and every draft has a reason that names its evidence", explained},
		{"P9", "Nothing of your other mail is in introd's records", nothingKept},
		{"", "Nothing is left behind in Drafts, and no approval mail or question in your folders", tidy},
		{"", "Every way of deciding was used: sent by hand, move, reply, command, edit, drop, undo", everyWay},
	}
}

func askedFirst(r record) error {
	open := slices.Clone(r.yes)
	for _, p := range r.sent {
		i := slices.IndexFunc(open, func(a approval) bool {
			return a.subject == p.subject && sameWords(a.text, p.text) && slices.Equal(a.to, p.to)
		})
		if i < 0 {
			return fmt.Errorf("“%s” to %s was not approved so", p.subject, strings.Join(p.to, ", "))
		}
		open = slices.Delete(open, i, i+1)
	}
	for _, a := range open {
		return fmt.Errorf("“%s” to %s was approved and did not leave", a.subject, strings.Join(a.to, ", "))
	}
	return nil
}

func once(r record) error {
	left := map[string]bool{}
	for _, p := range r.sent {
		if left[p.id] {
			return fmt.Errorf("“%s” left twice", p.subject)
		}
		left[p.id] = true
	}
	for address, ids := range r.boxes {
		got := map[string]bool{}
		for _, id := range ids {
			if got[id] {
				return fmt.Errorf("%s got a mail twice", address)
			}
			got[id] = true
		}
		for _, p := range r.sent {
			if slices.Contains(p.to, address) && !got[p.id] {
				return fmt.Errorf("“%s” did not arrive at %s", p.subject, address)
			}
		}
	}
	return nil
}

func asFound(r record) error {
	for _, p := range r.own {
		switch {
		case !bytes.Equal(p.before.raw, p.after.raw):
			return fmt.Errorf("“%s” is gone or changed", p.before.subject)
		case !slices.Equal(slices.Sorted(slices.Values(p.before.flags)), slices.Sorted(slices.Values(p.after.flags))):
			return fmt.Errorf("the flags of “%s” were %v and are %v", p.before.subject, p.before.flags, p.after.flags)
		}
		for _, e := range r.changes {
			if touches(e.Detail, uint32(p.before.uid)) {
				return fmt.Errorf("somebody did %s to “%s”", e.Command, p.before.subject)
			}
		}
	}
	return nil
}

// touches says whether the message set at the beginning of a journal's detail holds a UID.
func touches(detail string, uid uint32) bool {
	set, _, _ := strings.Cut(detail, " ")
	for part := range strings.SplitSeq(set, ",") {
		from, to, isRange := strings.Cut(part, ":")
		if !isRange {
			to = from
		}
		low, err1 := strconv.ParseUint(from, 10, 32)
		high, err2 := strconv.ParseUint(to, 10, 32)
		if err1 != nil || err2 != nil || low <= uint64(uid) && uint64(uid) <= high {
			return true // "*", "all" and whatever else cannot be read may mean anything
		}
	}
	return false
}

func onlyTheOwner(r record) error {
	for _, d := range r.decided {
		if !slices.ContainsFunc(r.yes, func(a approval) bool { return a.way == d.way && a.subject == d.subject && slices.Equal(a.to, d.to) }) {
			return fmt.Errorf("“%s” to %s is recorded as approved by %s, which you did not do", d.subject, strings.Join(d.to, ", "), cmp.Or(d.way, "nobody"))
		}
	}
	if len(r.decided) != len(r.yes) {
		return fmt.Errorf("%d approvals are recorded, not %d", len(r.decided), len(r.yes))
	}
	return nil
}

func noMeansNo(r record) error {
	for address, at := range r.no {
		count := 0
		for _, p := range r.sent {
			if slices.Contains(p.to, address) && p.at.After(at) {
				count++
			}
		}
		if count > r.afterNo[address] {
			return fmt.Errorf("%s got %d mails after saying no", address, count)
		}
	}
	return nil
}

func explained(r record) error {
	for person, groups := range r.whys {
		if len(groups) == 0 {
			return fmt.Errorf("there is no why for %s", person)
		}
		for _, g := range groups {
			if !slices.ContainsFunc(g.Reasons, func(reason store.Reason) bool { return reason.Evidence != "" }) {
				return fmt.Errorf("%s: “%s” has no reason", person, g.What)
			}
		}
	}
	return nil
}

func nothingKept(r record) error {
	if len(r.kept) == 0 {
		return errors.New("there are no records to look into")
	}
	for _, words := range r.private {
		if bytes.Contains(r.kept, []byte(words)) {
			return fmt.Errorf("“%s” is in introd's records", words)
		}
	}
	return nil
}

func tidy(r record) error {
	if len(r.left) > 0 {
		return fmt.Errorf("left behind: %s", strings.Join(r.left, ", "))
	}
	return nil
}

func everyWay(r record) error {
	for _, way := range []string{byHand, byMove, byReply, byCommand, "edit", "drop", "undo"} {
		if !r.did[way] {
			return fmt.Errorf("%s was never used", way)
		}
	}
	return nil
}

// record gathers what the promises are checked against.
func (r *robot) record(ctx context.Context) (record, error) {
	rec := record{yes: r.yes, did: r.did, no: r.no, afterNo: map[string]int{}, boxes: map[string][]string{}, whys: map[string][]daemon.WhyGroup{}}
	for _, s := range r.office.Submitted() {
		if read := reading.Read(s.Raw, reading.Context{}); !slices.Equal(s.To, []string{hero.Address}) {
			rec.sent = append(rec.sent, parcel{read.MessageID, read.Subject, read.Text, s.To, s.At})
		}
	}
	var kept bytes.Buffer
	if err := errors.Join(r.Backup(&kept), r.ownMail(&rec), r.leftBehind(&rec)); err != nil {
		return rec, err
	}
	rec.kept = kept.Bytes()
	for _, p := range r.cast {
		if err := r.recordOf(ctx, p, &rec); err != nil {
			return rec, err
		}
	}
	return rec, nil
}

// recordOf adds what there is about one player: introd's reasons and decisions, and what lies in their mailbox.
func (r *robot) recordOf(ctx context.Context, p *player, rec *record) error {
	why, err := web.Call[daemon.WhyReply](ctx, r.Client, "why", daemon.PersonRequest{Person: p.id})
	if err != nil {
		return err
	}
	rec.whys[p.id], rec.afterNo[p.address] = why.Lines, p.afterNo
	v, err := r.person(ctx, p.id)
	if err != nil {
		return err
	}
	for _, d := range v.Drafts {
		if d.State == store.Sent {
			rec.decided = append(rec.decided, approval{d.Way, addresses(d.To), d.Subject, d.Text})
		}
	}
	if p.nowhere {
		return nil
	}
	mails, err := r.office.Mails(p.address, "INBOX")
	rec.boxes[p.address] = nil
	for _, m := range mails {
		if slices.Contains(mailer.ParseHeader(m.Raw).Addresses("From"), hero.Address) {
			rec.boxes[p.address] = append(rec.boxes[p.address], entryOf(m.Raw).id)
		}
	}
	return err
}

// ownMail compares the owner's other mail with what it was.
func (r *robot) ownMail(rec *record) error {
	now, err := r.program.list("INBOX")
	for _, before := range r.own {
		p := pair{before: before}
		if i := slices.IndexFunc(now, func(i item) bool { return i.uid == before.uid }); i >= 0 {
			p.after = now[i]
		}
		rec.own = append(rec.own, p)
	}
	for _, m := range privateMail() {
		rec.private = append(rec.private, m.from.Address, m.subject, strings.TrimSpace(m.text))
	}
	for _, e := range r.office.Journal(hero.Address)[r.journal:] {
		if e.Folder == "INBOX" && e.Command != "APPEND" {
			rec.changes = append(rec.changes, e)
		}
	}
	return err
}

// leftBehind lists introd's working mails that should be gone by now.
func (r *robot) leftBehind(rec *record) error {
	for _, folder := range []string{"INBOX", "Drafts", "introd-send-", "introd-drop-"} {
		items, err := r.program.list(folder)
		if err != nil {
			return err
		}
		for _, i := range items {
			if folder != "INBOX" || i.isWork() {
				rec.left = append(rec.left, folder+": "+i.subject)
			}
		}
	}
	return nil
}

// addresses are the bare forms of RFC 5322 addresses.
func addresses(list []string) []string {
	var bare []string
	for _, s := range list {
		if a, err := mail.ParseAddress(s); err == nil {
			bare = append(bare, strings.ToLower(a.Address))
		}
	}
	return bare
}
