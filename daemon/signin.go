package daemon

import (
	"context"
	"errors"

	"introd/mailer/signin"
	"introd/store"
)

// settingSignIn holds, by account, why nothing is sent from it: its provider lets introd in no more, and its owner must
// sign in again. Reading goes on for as long as the session over IMAP lasts.
const settingSignIn = "sign-in"

// waitsForSignIn is why an approved draft waits where its account's sign-in has ended.
const waitsForSignIn = "you must sign in again first"

// signInAgain stands above what the owner is told of it.
const signInAgain = "introd needs you to sign in again"

// signInEnded is why nothing is sent from an account; its Reason is empty where nothing keeps it.
func signInEnded(tx *store.Tx, account string) (t Trouble, err error) {
	_, err = tx.Setting(settingOf(settingSignIn, account), &t)
	return t, err
}

// signInRefused is the provider's lasting no in an error; nil where there is none.
func signInRefused(err error) (no *signin.Refusal) {
	errors.As(err, &no)
	return no
}

// maySend says whether a mail may leave from here: not where the sign-in by OAuth has ended. It gets the token that
// sending will want, so that the copy stays in Drafts, for the owner to send, where there is none.
func (b *mailbox) maySend(ctx context.Context) (bool, error) {
	if b.account.Token == nil {
		return true, nil
	}
	_, err := b.account.Token(ctx, "")
	return b.noteSignIn(err)
}

// noteSignIn notes whether an error means that the sign-in has ended. The owner is told, once: by a notice, and by a
// mail as long as introd can still put one up.
func (b *mailbox) noteSignIn(cause error) (may bool, err error) {
	e, no, fresh := b.engine, signInRefused(cause), false
	ended := no != nil
	err = e.update(func(tx *store.Tx) error {
		was, err := signInEnded(tx, b.account.Name)
		if may = was.Reason == "" && !ended; err != nil || may || cause != nil && !ended {
			return err // a network that is away says nothing of it
		}
		if !ended {
			may = true
			return tx.PutSetting(b.setting(settingSignIn), Trouble{})
		}
		if fresh = was.Reason == ""; !fresh {
			return nil
		}
		if err := tx.PutSetting(b.setting(settingSignIn), Trouble{Reason: no.Sentence, Since: tx.Now(), Told: true}); err != nil || !e.reached(e.home().Name) {
			return err
		}
		return e.tell(tx, signInAgain, "Nothing is sent from "+e.calls(b.account.Name, "your mailbox")+" until you have signed in again; your drafts are kept. "+no.Sentence)
	})
	if err == nil {
		b.ended = !may
	}
	if fresh && err == nil {
		e.notify(signInAgain, no.Sentence)
	}
	return may, err
}

// checkSignIns looks whether the owner has signed in again where they must.
func (e *Engine) checkSignIns(ctx context.Context) error {
	for _, b := range e.boxes {
		var was Trouble
		err := e.store.View(func(tx *store.Tx) (err error) {
			was, err = signInEnded(tx, b.account.Name)
			return err
		})
		if err == nil && was.Reason != "" {
			_, err = b.maySend(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
