package main

import (
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchdogEndsAnAppThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var codes []int
		q := &quitting{exit: func(code int) { codes = append(codes, code) }}
		q.watch()
		time.Sleep(quitTime / 2)
		q.watch() // asked twice: it starts no second one
		time.Sleep(quitTime/2 - time.Millisecond)
		synctest.Wait()
		if len(codes) != 0 {
			t.Fatal("the watchdog did not wait")
		}
		time.Sleep(quitTime)
		synctest.Wait()
		if !slices.Equal(codes, []int{exitDone}) {
			t.Errorf("exit codes = %v, want one %d", codes, exitDone)
		}
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
				var steps []string
				q := &quitting{
					ask:  func() { steps = append(steps, "asked") },
					exit: func(int) { steps = append(steps, "exit") },
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
				synctest.Wait()
				if !slices.Equal(steps, test.want) {
					t.Errorf("steps = %v, want %v", steps, test.want)
				}
				signals <- syscall.SIGINT
				synctest.Wait()
				if want := append(test.want, "exit"); !slices.Equal(steps, want) {
					t.Errorf("after the second signal: steps = %v, want %v", steps, want)
				}
			})
		})
	}
}
