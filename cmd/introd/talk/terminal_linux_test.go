package talk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/term"

	"introd/cmd/introd/talk"
)

// A screen is what a person sees of a pseudo-terminal, and how they type.
type screen struct {
	t        *testing.T
	keyboard *os.File // the other end of the terminal
	inside   *os.File // the program's end

	mu   sync.Mutex
	news *sync.Cond
	seen bytes.Buffer
}

// openScreen opens a pseudo-terminal (pts(4)).
func openScreen(t *testing.T) *screen {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var unlock, number int32
	for request, at := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, keyboard.Fd(), request, uintptr(unsafe.Pointer(at))); no != 0 {
			t.Fatal(no)
		}
	}
	inside, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, keyboard: keyboard, inside: inside}
	s.news = sync.NewCond(&s.mu)
	var watching sync.WaitGroup
	watching.Go(s.watch)
	t.Cleanup(func() { inside.Close(); watching.Wait(); keyboard.Close() })
	return s
}

// watch notes what is shown, until the program's end is closed.
func (s *screen) watch() {
	b := make([]byte, 1024)
	for {
		n, err := s.keyboard.Read(b)
		s.mu.Lock()
		s.seen.Write(b[:n])
		s.news.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// wait waits until something is shown.
func (s *screen) wait(words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !strings.Contains(s.seen.String(), words) {
		s.news.Wait()
	}
}

func (s *screen) shows(words string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.seen.String(), words)
}

func (s *screen) press(keys string) {
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Error(err)
	}
}

// state is how the terminal is set.
func (s *screen) state() *term.State {
	state, err := term.GetState(int(s.inside.Fd()))
	if err != nil {
		s.t.Error(err)
	}
	return state
}

const left = "\x1b[D"

// At a terminal a line is edited with the arrows, a secret is not shown, Ctrl-C ends the talk, and the terminal is afterwards as it was.
func TestAtATerminal(t *testing.T) {
	t.Parallel()
	s := openScreen(t)
	before := s.state()
	talking := talk.New(s.inside, s.inside)
	for _, q := range []struct {
		words, keys, want string
		secret            bool
	}{
		{"Your name", "Sm" + left + "a\r", "Sam", false},
		{"Password", "hush!\r", "hush!", true},
		{"Phone", "+1 614\x15none\r", "none", false},
	} {
		var answer string
		var err error
		var asking sync.WaitGroup
		asking.Go(func() { answer, err = talking.Ask(t.Context(), talk.Question{Words: q.words, Secret: q.secret}) })
		s.wait(q.words + ": ")
		s.press(q.keys)
		if asking.Wait(); err != nil || answer != q.want {
			t.Errorf("%s: %q (%v), want %q", q.words, answer, err, q.want)
		}
	}
	if s.shows("hush!") {
		t.Error("the password was shown")
	}
	var err error
	var asking sync.WaitGroup
	asking.Go(func() { _, err = talking.Ask(t.Context(), talk.Question{Words: "Signature"}) })
	s.wait("Signature: ")
	s.press("\x03")
	if asking.Wait(); !errors.Is(err, talk.ErrEnded) {
		t.Errorf("Ctrl-C: %v", err)
	}
	if !reflect.DeepEqual(s.state(), before) {
		t.Error("the terminal is not as it was")
	}
}

// A question whose context ends leaves the terminal as it was, and what is typed then answers the next question; a secret waits
// until it cannot be seen.
func TestAQuestionThatNobodyWaitsForAnyMore(t *testing.T) {
	t.Parallel()
	s := openScreen(t)
	before := s.state()
	talking := talk.New(s.inside, s.inside)
	ctx, cancel := context.WithCancel(t.Context())
	var err error
	var asking sync.WaitGroup
	asking.Go(func() { _, err = talking.Ask(ctx, talk.Question{Words: "Waiting"}) })
	s.wait("Waiting: ")
	cancel()
	if asking.Wait(); !errors.Is(err, talk.ErrEnded) || !reflect.DeepEqual(s.state(), before) {
		t.Fatalf("%v; as it was: %v", err, reflect.DeepEqual(s.state(), before))
	}
	var answer string
	asking.Go(func() { answer, err = talking.Ask(t.Context(), talk.Question{Words: "Password", Secret: true}) })
	s.wait("Enter goes on: ")
	s.press("\r")
	s.wait("Password: ")
	s.press("hush!\r")
	if asking.Wait(); err != nil || answer != "hush!" || s.shows("hush!") {
		t.Errorf("%q (%v), shown: %v", answer, err, s.shows("hush!"))
	}
}
