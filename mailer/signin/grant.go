package signin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/oauth2"
)

// A Grant is what the owner of a mailbox has allowed introd at an OAuth server. It gives access tokens to everybody
// who signs in for that mailbox, over IMAP and SMTP, and gets a new one for all of them before the old one ends.
//
// What lasts is the refresh token. Many servers give another one with each access token and refuse the old: the new one
// is kept on disk before anything is done with what came along, and processes take turns. It is safe for concurrent use.
type Grant struct {
	app  App
	now  func() time.Time
	turn chan struct{} // capacity 1: held by whoever asks the server

	at   Secret // where the refresh token is kept; zero while it is in memory alone
	lock string // a file: processes that use the same refresh token take turns by it

	refresh string    // known to be kept at at, or, without it, the only copy
	unkept  string    // a newer one that could not be kept yet
	access  string    // what is given out
	until   time.Time // then another is got …
	ends    time.Time // … as it ends here
	ended   error     // the *Refusal …
	endedBy string    // … of this refresh token
	rest    time.Time // until then it stands; zero: until there is another refresh token
}

// Begin makes a Grant of a sign-in that has just been allowed. It lives in memory until KeepIn: a set-up can try it
// before it writes anything.
func Begin(app App, t Tokens) *Grant {
	g := &Grant{app: app, now: time.Now, turn: make(chan struct{}, 1), refresh: t.Refresh}
	g.give(t, g.now())
	return g
}

// Open makes a Grant of an earlier sign-in, whose refresh token is kept at a place that introd can write to. lock is
// the path of a file that no two mailboxes share. Open asks nobody: Token does.
func Open(app App, at Secret, lock string) *Grant {
	return &Grant{app: app, now: time.Now, turn: make(chan struct{}, 1), at: at, lock: lock}
}

// KeepIn keeps the sign-in at a place, in the stead of an earlier one, and from then on there; lock is as in Open.
func (g *Grant) KeepIn(ctx context.Context, at Secret, lock string) error {
	return g.alone(ctx, func() error {
		unlock, err := lockFile(ctx, lock)
		if err != nil {
			return err
		}
		defer unlock()
		if err := at.Put(ctx, g.refresh); err != nil {
			return err
		}
		g.at, g.lock = at, lock
		return nil
	})
}

// Token returns an access token that holds for some time. refused is one that a mail server has just turned down, ""
// for none: then another is got, unless somebody got one meanwhile. The error is a *Refusal when the owner must sign in
// again; then every call looks whether they have, and asks the server nothing until then.
func (g *Grant) Token(ctx context.Context, refused string) (token string, err error) {
	err = g.alone(ctx, func() error {
		if g.unkept == "" && g.access != "" && g.access != refused && g.now().Before(g.until) {
			token = g.access
			return nil
		}
		err := g.renew(ctx)
		var no *Refusal
		if err != nil && (errors.As(err, &no) || g.unkept != "" || g.access == refused || !g.now().Before(g.ends)) {
			return err
		}
		token = g.access // the old one, for as long as it lasts, where the server is away for a moment
		return nil
	})
	return token, err
}

// alone runs do while nobody else of this process does.
func (g *Grant) alone(ctx context.Context, do func() error) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.turn }()
	return do()
}

// renew gets another access token, with the turn of this process and of all others.
func (g *Grant) renew(ctx context.Context) error {
	unlock, err := lockFile(ctx, g.lock)
	if err != nil {
		return err
	}
	defer unlock()
	if err := g.read(ctx); err != nil {
		return err
	}
	// A server that has answered refuses the old refresh token: what has begun is finished, also when introd is told to stop.
	asking, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWord, cancel) })()
	if g.unkept == "" {
		if err := g.ask(asking); err != nil {
			return err
		}
	}
	return g.keep(asking)
}

// lastWord is how long a server may still take to answer once introd is told to stop.
const lastWord = 3 * time.Second

// read gets the refresh token that is kept: another process, or the owner, may have put a new one there.
func (g *Grant) read(ctx context.Context) error {
	if g.at != (Secret{}) {
		kept, err := g.at.Get(ctx)
		if errors.Is(err, ErrNone) {
			return &Refusal{Sentence: fmt.Sprintf("introd is not signed in at %s as %s yet: sign in with %s", g.app.server(), g.app.Address, g.app.Again)}
		}
		if err != nil {
			return err
		}
		if kept != g.refresh {
			g.refresh, g.unkept = kept, ""
		}
	}
	if g.ended != nil && g.refresh == g.endedBy && (g.rest.IsZero() || g.now().Before(g.rest)) {
		return g.ended
	}
	return nil
}

// ask trades the refresh token for an access token.
func (g *Grant) ask(ctx context.Context) error {
	began := g.now()
	t, err := g.app.config("").TokenSource(g.app.request(ctx), &oauth2.Token{RefreshToken: g.refresh}).Token()
	if err != nil {
		err = g.app.explain(err)
		var no *Refusal
		if errors.As(err, &no) {
			g.ended, g.endedBy, g.access, g.rest = err, g.refresh, "", time.Time{}
			if !no.again {
				g.rest = began.Add(askAgain)
			}
		}
		return err
	}
	g.ended, g.endedBy = nil, ""
	if t.RefreshToken != g.refresh {
		g.unkept = t.RefreshToken
	}
	g.give(tokens(t), began)
	return nil
}

// askAgain is how long a no stands that others than the owner may take back, such as an administrator.
const askAgain = 10 * time.Minute

// keep puts a new refresh token on disk. Until that is done the access token beside it is not given out: a process
// that went on and was killed could not come back.
func (g *Grant) keep(ctx context.Context) error {
	if g.unkept == "" {
		return nil
	}
	if g.at != (Secret{}) {
		if err := g.at.Put(ctx, g.unkept); err != nil {
			return fmt.Errorf("the sign-in at %s cannot be kept: %w", g.app.server(), err)
		}
	}
	g.refresh, g.unkept = g.unkept, ""
	return nil
}

// ahead is how long before its end an access token is replaced, so that none ends between here and the mail server. A
// server whose tokens live no longer than that keeps a quarter of their life.
const ahead = 2 * time.Minute

// give makes a token the one that is given out. Its life is counted on the wall's clock, as the other one stands still
// while a laptop sleeps. A clock that is set meanwhile does no harm: a mail server's no gets another token.
func (g *Grant) give(t Tokens, began time.Time) {
	life := t.Life
	if life == 0 {
		life = time.Hour
	}
	g.access, g.ends = t.Access, began.Round(0).Add(life)
	g.until = g.ends.Add(-min(ahead, life/4))
}

// lockFile takes the turn among processes. It gives up when ctx ends; who holds the lock holds it for one request.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	type held struct {
		unlock func()
		err    error
	}
	got := make(chan held)
	go func() {
		unlock, err := lockedfile.MutexAt(path).Lock()
		select {
		case got <- held{unlock, err}:
		case <-ctx.Done():
			if err == nil {
				unlock()
			}
		}
	}()
	select {
	case h := <-got:
		return h.unlock, h.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
