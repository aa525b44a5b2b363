package signin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// Errors of the keyring, for a caller that knows another way.
var (
	ErrNoKeyring = errors.New("this computer has no keyring that introd can use: keep the secret in a file that only you can read")
	ErrLocked    = errors.New("the keyring is locked, or not set up yet: unlock it, as by logging in to your desktop, or keep the secret in a file that only you can read")
)

// keyringName is under what the keyring files introd's secrets.
const keyringName = "introd"

// keyringLimit is how long the keyring may take: a locked one waits for its owner, who may not be there.
const keyringLimit = 5 * time.Second

func fromKeyring(ctx context.Context, name string) (secret string, err error) {
	secret, err = askKeyring(ctx, func() (string, error) { return keyring.Get(keyringName, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		return "", none("the keyring holds no secret of introd's for %s: put it there with introd sign-in", name)
	}
	return secret, err
}

func toKeyring(ctx context.Context, name, secret string) error {
	_, err := askKeyring(ctx, func() (string, error) { return "", keyring.Set(keyringName, name, secret) })
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		return errors.New("the secret is too long for this computer's keyring: keep it in a file that only you can read")
	}
	return err
}

func outOfKeyring(ctx context.Context, name string) error {
	_, err := askKeyring(ctx, func() (string, error) { return "", keyring.Delete(keyringName, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// askKeyring asks within the limit. The library cannot be stopped: a call that waits for a locked keyring is left
// alone, and ends when its owner answers the keyring's question or when introd ends.
func askKeyring(ctx context.Context, ask func() (string, error)) (string, error) {
	if !hasKeyring() {
		return "", ErrNoKeyring
	}
	type answer struct {
		secret string
		err    error
	}
	got := make(chan answer, 1)
	go func() {
		secret, err := ask()
		got <- answer{secret, err}
	}()
	timer := time.NewTimer(keyringLimit)
	defer timer.Stop()
	select {
	case a := <-got:
		return a.secret, explainKeyring(a.err)
	case <-timer.C:
		return "", ErrLocked
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// explainKeyring keeps the library's own errors of what was asked, and takes any other for a keyring that is not there.
func explainKeyring(err error) error {
	switch {
	case err == nil, errors.Is(err, keyring.ErrNotFound), errors.Is(err, keyring.ErrSetDataTooBig):
		return err
	case isLocked(err.Error()):
		return ErrLocked
	}
	return fmt.Errorf("%w (%w)", ErrNoKeyring, err)
}

// isLocked knows the words for a keyring that is locked, or whose owner did not answer it; on macOS there is a status
// alone (errSecInteractionNotAllowed, errSecAuthFailed, userCanceledErr).
func isLocked(words string) bool {
	words = strings.ToLower(words)
	return slices.ContainsFunc([]string{"locked", "unlock", "dismissed", "exit status 36", "exit status 51", "exit status 128"}, func(s string) bool { return strings.Contains(words, s) })
}

// hasKeyring says whether there may be one. Elsewhere than on macOS and Windows it is found by D-Bus, and the library
// would start a bus of its own where none runs.
func hasKeyring() bool {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus"))
	return err == nil
}
