package main

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// steps is what a quitting does, in order, whichever goroutine it does it in.
type steps struct {
	mu  sync.Mutex
	all []string
}

func (s *steps) add(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, step)
}

// want compares what was done so far.
func (s *steps) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.all, want) {
		t.Errorf("steps = %v, want %v", s.all, want)
	}
}

func TestWatchdogEndsAnAppThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var did steps
		q := &quitting{exit: func(code int) { did.add(fmt.Sprint("exit ", code)) }}
		q.watch()
		time.Sleep(quitTime / 2)
		q.watch() // asked twice: it starts no second one
		time.Sleep(quitTime/2 - time.Millisecond)
		did.want(t)
		time.Sleep(quitTime)
		did.want(t, "exit 0")
	})
}

func TestSignals(t *testing.T) {
	for name, test := range map[string]struct {
		hangs bool
		want  []string // after the first signal and the watchdog's time
	}{
		"the loop runs":  {false, []string{"asked", "exit"}},
		"the loop hangs": {true, []string{"exit"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var did steps
				q := &quitting{
					ask:  func() { did.add("asked") },
					exit: func(int) { did.add("exit") },
					loop: func(f func()) {
						if !test.hangs {
							f()
						}
					},
				}
				signals := make(chan os.Signal, 2)
				go q.follow(signals)
				signals <- syscall.SIGTERM
				time.Sleep(quitTime + time.Millisecond)
				did.want(t, test.want...)
				signals <- syscall.SIGINT
				did.want(t, append(test.want, "exit")...)
			})
		})
	}
}
