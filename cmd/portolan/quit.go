package main

import (
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// quitTime is how long Fyne has to end by itself. It sometimes does not: its loop drops
// what is queued when it stops, and another part of it may wait for that for ever.
const quitTime = 2 * time.Second

// quitting makes sure that an app that was asked to end does.
type quitting struct {
	ask  func()       // has the UI save and then end the app; in the Fyne loop
	loop func(func()) // has the Fyne loop run a function soon; from any goroutine
	exit func(int)    // os.Exit

	once sync.Once
}

// watch starts the watchdog, the first time it is called.
func (q *quitting) watch() {
	q.once.Do(func() {
		time.AfterFunc(quitTime, func() {
			slog.Debug("quit by the watchdog")
			q.exit(exitDone)
		})
	})
}

// onSignal quits at the first SIGINT or SIGTERM, and ends the process at once at
// the second. Fyne waits for these signals as well; but it neither saves nor has a watchdog.
func (q *quitting) onSignal() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go q.follow(signals)
}

// follow acts on what comes out of signals.
func (q *quitting) follow(signals <-chan os.Signal) {
	slog.Debug("signal", "signal", <-signals)
	q.watch() // first of all: the loop itself may be what hangs
	q.loop(q.ask)
	<-signals
	q.exit(exitFailed)
}
