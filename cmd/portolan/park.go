package main

import (
	"log/slog"
	"sync"
	"time"

	"github.com/go-gl/glfw/v3.4/glfw"
)

const (
	// parkTime is how long the loop sleeps at a stretch. What Fyne queues for itself
	// without waking us (a changed theme, say) waits as long as this at most.
	parkTime = time.Second
	// wakeTime is how long the loop stays awake for one thing to be done.
	wakeTime = time.Second
	// menuTime is how long it stays awake after the tray's menu opened: a choice
	// from it comes over D-Bus and would not wake the loop.
	menuTime = 30 * time.Second
)

// parking lets the Fyne loop sleep while no window is there to be drawn.
//
// Fyne's loop turns 60 times a second for ever, hidden windows or not
// (fyne-io/fyne issue 2506). So, while the window is hidden, a goroutine has the
// loop call glfw.WaitEventsTimeout again and again: this sleeps in the kernel until the
// window system has something to say, or wake is called, or parkTime is over.
//
// A nil *parking does nothing.
type parking struct {
	doAndWait func(func())        // runs a function in the Fyne loop: fyne.DoAndWait, never called from the loop itself
	wait      func(time.Duration) // sleeps in the loop until an event comes
	post      func()              // ends wait, from any goroutine

	mu      sync.Mutex
	hidden  bool
	awake   time.Time     // the loop is not put to sleep before this
	done    bool          // stop was called
	changed chan struct{} // holds one entry when any of the above changed
}

// newParking makes a parking that works on the real loop. run must be going for it to do anything.
func newParking(doAndWait func(func())) *parking {
	return &parking{doAndWait: doAndWait, wait: waitEvents, post: postEmptyEvent, changed: make(chan struct{}, 1)}
}

// waitEvents is glfw.WaitEventsTimeout.
func waitEvents(d time.Duration) {
	defer endedGLFW()
	glfw.WaitEventsTimeout(d.Seconds())
}

// postEmptyEvent is glfw.PostEmptyEvent; it may be called from any thread.
func postEmptyEvent() {
	defer endedGLFW()
	glfw.PostEmptyEvent()
}

// endedGLFW takes the panic that go-gl makes of GLFW's "not initialized". Fyne ends
// GLFW by itself on a signal, and that may fall between our check and our call.
func endedGLFW() {
	if r := recover(); r != nil {
		slog.Debug("glfw has ended", "err", r)
	}
}

// setHidden tells whether the window is hidden. The loop is only put to sleep while it is.
func (p *parking) setHidden(hidden bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.hidden = hidden
	p.mu.Unlock()
	p.notice()
}

// wake lets the loop run now and for d from now, so that what was just queued is done at once.
func (p *parking) wake(d time.Duration) {
	if p == nil {
		return
	}
	p.mu.Lock()
	done := p.done
	// The time comes first, the event second: a loop that is about to sleep either
	// sees the time, or finds the event waiting for it.
	if until := time.Now().Add(d); until.After(p.awake) {
		p.awake = until
	}
	p.mu.Unlock()
	if !done {
		p.post()
	}
	p.notice()
}

// stop ends it, before the app quits. The loop is never put to sleep again.
func (p *parking) stop() {
	if p == nil {
		return
	}
	p.mu.Lock()
	done := p.done
	p.done = true
	p.mu.Unlock()
	if !done {
		p.post()
	}
	p.notice()
}

// notice tells run that something changed.
func (p *parking) notice() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// state tells whether the loop may sleep now, if not how long it is still to stay awake
// (0: until something changes), and whether stop was called.
func (p *parking) state() (sleep bool, awake time.Duration, done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done || !p.hidden {
		return false, 0, p.done
	}
	if left := time.Until(p.awake); left > 0 {
		return false, left, false
	}
	return true, 0, false
}

// run puts the loop to sleep whenever it may, until stop. It is to run in a
// goroutine of its own once the loop has started.
func (p *parking) run() {
	for {
		sleep, awake, done := p.state()
		switch {
		case done:
			return
		case sleep:
			p.doAndWait(p.sleepOnce)
		case awake > 0:
			timer := time.NewTimer(awake)
			select {
			case <-p.changed:
			case <-timer.C:
			}
			timer.Stop()
		default:
			<-p.changed
		}
	}
}

// sleepOnce runs in the loop. It looks again, because the window may have been shown since it was queued.
func (p *parking) sleepOnce() {
	if sleep, _, _ := p.state(); sleep {
		p.wait(parkTime)
	}
}
