// Command introd runs a person's informational interviews from their own mailbox.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones, also where the system brings none

	"introd/cmd/introd/service"
	"introd/daemon"
	"introd/daemon/web"
)

// version is set when a release is built.
var version = "0.1.0-dev"

// Exit statuses. A script can tell "introd says no" from "something is broken".
const (
	exitOK      = 0
	exitFault   = 1 // something is broken
	exitRefused = 2 // introd understood and does not do it
	exitBlind   = 3 // status: the mailbox was not read for too long

	exitUnusable = service.Unusable // run: the config or the records cannot be used as they are
)

func main() {
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, clock: daemon.System()}
	os.Exit(a.main(os.Args[1:]))
}

// main runs one command line. The first signal ends what runs cleanly, the second ends the process.
func (a *app) main(args []string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan struct{})
	defer close(ended)
	signals := make(chan os.Signal, 2) // both may come before anybody looks
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go obey(signals, cancel, ended)
	root := a.commands()
	root.SetArgs(args)
	return a.report(root.ExecuteContext(ctx))
}

// obey cancels at the first signal and ends the process at the second.
func obey(signals <-chan os.Signal, cancel func(), ended <-chan struct{}) {
	select {
	case <-signals:
		cancel()
	case <-ended:
		return
	}
	select {
	case sig := <-signals:
		die(sig)
	case <-ended:
	}
}

// die ends the process as a signal does that nobody waits for.
func die(sig os.Signal) {
	signal.Reset(sig)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(sig) == nil {
		select {} // it takes a moment
	}
	os.Exit(exitFault)
}

// report tells an error to a person, lower case and in one line, and chooses the exit status.
func (a *app) report(err error) int {
	var unusable *unusableError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errBlind):
		return exitBlind
	case isRefusal(err):
		a.tell(a.err, "%s", err)
		return exitRefused
	}
	a.tell(a.err, "introd: %s", daemon.Plain(err))
	if errors.As(err, &unusable) {
		return exitUnusable
	}
	return exitFault
}

// isRefusal says whether introd understood and does not do it.
func isRefusal(err error) bool {
	var failure *web.Failure
	var no *daemon.Refusal
	return errors.As(err, &no) || errors.As(err, &failure) && failure.Refusal
}

// errBlind is the outcome of a status that says so itself.
var errBlind = errors.New("blind")
