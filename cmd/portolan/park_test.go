package main

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeLoop stands in for the Fyne loop and for GLFW's waiting.
type fakeLoop struct {
	parking *parking
	events  chan struct{}

	mu    sync.Mutex
	slept []time.Duration // how long each sleep lasted
}

// sleeps gives how long each sleep lasted, once everything has come to rest.
func (l *fakeLoop) sleeps() []time.Duration {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.slept)
}

// newFakeLoop makes a loop with a parking on it, which is running.
func newFakeLoop() *fakeLoop {
	l := &fakeLoop{events: make(chan struct{}, 16)}
	l.parking = &parking{
		doAndWait: func(f func()) { f() },
		wait:      l.wait,
		post:      func() { l.events <- struct{}{} },
		changed:   make(chan struct{}, 1),
	}
	go l.parking.run()
	return l
}

// wait sleeps like glfw.WaitEventsTimeout: one event ends it, and takes the others with it.
func (l *fakeLoop) wait(d time.Duration) {
	start := time.Now()
	select {
	case <-l.events:
	case <-time.After(d):
	}
	for len(l.events) > 0 {
		<-l.events
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slept = append(l.slept, time.Since(start))
}

func TestLoopSleepsOnlyWhileHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLoop()
		defer l.parking.stop()
		time.Sleep(10 * parkTime)
		if len(l.sleeps()) != 0 {
			t.Fatalf("%d sleeps with the window shown", len(l.sleeps()))
		}
		l.parking.setHidden(true)
		time.Sleep(10*parkTime + parkTime/2)
		if len(l.sleeps()) != 10 {
			t.Fatalf("%d sleeps in 10 park times, want 10", len(l.sleeps()))
		}
		l.parking.wake(0)
		l.parking.setHidden(false)
		before := len(l.sleeps())
		time.Sleep(10 * parkTime)
		if len(l.sleeps()) != before {
			t.Errorf("it went on sleeping after the window was shown")
		}
	})
}

func TestWakeEndsTheSleepAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLoop()
		defer l.parking.stop()
		l.parking.setHidden(true)
		time.Sleep(parkTime / 4)
		l.parking.wake(menuTime)
		if len(l.sleeps()) != 1 || l.sleeps()[0] != parkTime/4 {
			t.Fatalf("sleeps = %v, want one of %v", l.sleeps(), parkTime/4)
		}
		time.Sleep(menuTime - time.Millisecond)
		if len(l.sleeps()) != 1 {
			t.Fatalf("it slept while it was to stay awake: %v", l.sleeps())
		}
		time.Sleep(2*parkTime + 2*time.Millisecond)
		if len(l.sleeps()) != 3 {
			t.Errorf("%d sleeps, want it to sleep again after the time awake", len(l.sleeps()))
		}
	})
}

func TestShortWakeDoesNotCutALongOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLoop()
		defer l.parking.stop()
		l.parking.wake(menuTime)
		l.parking.wake(wakeTime)
		l.parking.setHidden(true)
		time.Sleep(menuTime - time.Millisecond)
		if len(l.sleeps()) != 0 {
			t.Errorf("sleeps = %v, want none for %v", l.sleeps(), menuTime)
		}
	})
}

func TestStopEndsTheParking(t *testing.T) {
	// synctest fails by itself when the goroutine of run is left over.
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLoop()
		l.parking.setHidden(true)
		time.Sleep(parkTime / 2)
		l.parking.stop()
		l.parking.stop()
		l.parking.wake(wakeTime)
		synctest.Wait()
		if len(l.events) != 0 {
			t.Error("an event was posted after stop: GLFW may have ended by then")
		}
		if len(l.sleeps()) != 1 || l.sleeps()[0] != parkTime/2 {
			t.Errorf("sleeps = %v, want one, cut at %v", l.sleeps(), parkTime/2)
		}
	})
}

func TestNoParking(*testing.T) {
	var p *parking // where there is no tray the window is never hidden
	p.setHidden(true)
	p.wake(wakeTime)
	p.stop()
}
