package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"introd/daemon"
	"introd/daemon/steps"
	"introd/store"
)

// An errand is something that introd leaves to its owner, because it cannot or must not do it.
type errand struct {
	key   string                      // of the want
	ask   string                      // what there is to do
	offer string                      // what the demo can do for the owner, and
	run   func(context.Context) error // does; nil for nothing
}

// errands are those that were not offered yet.
func (w *World) errands(ctx context.Context) (errands []errand, err error) {
	people, err := w.people(ctx)
	if err != nil {
		return nil, err
	}
	for _, line := range people {
		v, err := w.person(ctx, line.ID)
		if err != nil {
			return nil, err
		}
		for _, want := range v.Wants {
			if !want.Task || want.At.After(w.clock.Now()) || w.ran[want.Key] {
				continue
			}
			if e := w.errandFor(v, want); e.run != nil || want.Kind != steps.TaskReferred {
				errands = append(errands, e) // of those who are named some are strangers, or it is another thing
			}
		}
	}
	return errands, nil
}

func (w *World) errandFor(v daemon.PersonView, want daemon.WantView) errand {
	e := errand{key: want.Key, ask: want.Why}
	p := w.player(v.ID)
	switch {
	case want.Kind == steps.TaskBook && p.book != nil:
		e.offer = "open the page and choose a time"
		e.run = func(context.Context) error { p.book(&scene{World: w, me: p}); return nil }
	case want.Kind == steps.TaskReferred:
		strangers := w.strangers(v)
		if len(strangers) == 0 {
			break
		}
		var names []string
		for _, s := range strangers {
			names = append(names, s.name)
		}
		e.offer = fmt.Sprintf("add %s, and ask each for a talk", strings.Join(names, " and "))
		e.run = func(ctx context.Context) error { return w.meet(ctx, strangers) }
	}
	return e
}

// strangers are those whom a person's last mail names, as introd read it, and whom the owner does not have yet.
func (w *World) strangers(v daemon.PersonView) (strangers []*player) {
	var last *store.Verdict
	for _, ev := range v.History {
		if ev.Kind == store.MailIn {
			last = ev.Mail.Read
		}
	}
	for _, p := range named() {
		if w.playerAt(p.address) == nil && slices.ContainsFunc(last.People, func(n store.Named) bool { return n.Email == p.address }) {
			strangers = append(strangers, p)
		}
	}
	return strangers
}

// meet adds people and asks each of them for a talk.
func (w *World) meet(ctx context.Context, strangers []*player) error {
	if err := w.enter(strangers...); err != nil {
		return err
	}
	for _, p := range strangers {
		if err := w.add(ctx, p); err != nil {
			return err
		}
		if err := w.request(ctx, p, true); err != nil {
			return err
		}
	}
	return nil
}
