package monitor

import (
	"context"
	"errors"
	"time"

	"portolan/internal/netstat"
)

// errNoSnapshot is what a Source earns that gives neither a snapshot nor an error.
var errNoSnapshot = errors.New("read sockets: the source gave no snapshot")

// Run reads and tells until ctx is done, and returns its cause. The first read
// is at once, paused or not. A second Run beside the first returns ErrRunning.
func (m *Monitor) Run(ctx context.Context) error {
	if !m.start() {
		return ErrRunning
	}
	defer m.stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	m.tellNew()
	var began, ended time.Time
	var nap nap
	for due := true; ; {
		if ctx.Err() != nil { // select takes any case that is ready
			return context.Cause(ctx)
		}
		if due {
			began = time.Now()
			m.read(ctx)
			ended = time.Now()
		}
		nap = m.arm(timer, began, ended)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			due = nap.over(m.clock())
		case <-m.wake:
			due = true
		case <-m.poke:
			m.tellNew()
			due = false
		}
	}
}

func (m *Monitor) start() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running {
		return false
	}
	m.running = true
	return true
}

func (m *Monitor) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running = false
}

// The computer's sleep stops our timers with it: of an interval of 15 seconds all may be left
// when it wakes, and what the window shows is of the day before. So we look at the clock on the wall in between.
const (
	// napAtMost is how long we sleep before we look.
	napAtMost = time.Second
	// sleptAtLeast is by how much the clock on the wall goes ahead when the computer has slept. Somebody who
	// sets the clock makes us read once more, which does no harm.
	sleptAtLeast = 2 * time.Second
)

// nap is one rest between two looks at the clock.
type nap struct {
	began, until time.Time // until: the next read is due
	wall         time.Time // when it began, by the clock on the wall
}

// over reports whether there is to be a read now.
func (n nap) over(wall time.Time) bool {
	now := time.Now()
	slept := wall.Sub(n.wall) - now.Sub(n.began)
	return !now.Before(n.until) || slept >= sleptAtLeast
}

// wallClock is the time of day: it goes on while the computer sleeps, and people set it.
func wallClock() time.Time { return time.Now().Round(0) }

// arm sets the timer for the next read, or the next look at the clock before it. A read that takes longer than the
// interval is followed by a rest as long as itself: a slow machine spends at
// most half of its time on us.
func (m *Monitor) arm(timer *time.Timer, began, ended time.Time) nap {
	m.mu.Lock()
	every, paused := m.every, m.paused
	m.mu.Unlock()
	if paused {
		timer.Stop()
		return nap{}
	}
	next := began.Add(every)
	if rested := ended.Add(ended.Sub(began)); next.Before(rested) {
		next = rested
	}
	n := nap{began: time.Now(), until: next, wall: m.clock()}
	timer.Reset(min(next.Sub(n.began), napAtMost))
	return n
}

// read asks the source once and tells the subscribers if that changed anything.
func (m *Monitor) read(ctx context.Context) {
	m.passCounting()
	m.lookBeside()
	snapshot, err := m.src.Read(ctx)
	if ctx.Err() != nil {
		return // we are ending: what came back says nothing about the system
	}
	if err == nil && snapshot == nil {
		err = errNoSnapshot
	}
	update, changed := m.absorb(snapshot, err)
	if changed {
		m.tell(update)
	}
}

// lookBeside asks what Also has set. That something changed is kept until subscribers were told of it: a read may fail.
func (m *Monitor) lookBeside() {
	m.mu.Lock()
	also := m.also
	m.mu.Unlock()
	if also != nil && also() {
		m.beside = true
	}
}

// passCounting tells the source what SetCounting asked for.
func (m *Monitor) passCounting() {
	m.mu.Lock()
	on := m.counting
	m.mu.Unlock()
	if on == m.counts {
		return
	}
	m.counts, m.flowed = on, false
	if c, ok := m.src.(counter); ok {
		c.CountBytes(on)
	}
}

// absorb makes what was read the last update and reports whether it says
// anything new.
func (m *Monitor) absorb(snapshot *netstat.Snapshot, err error) (Update, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, had := m.last, m.have
	if err != nil {
		m.last, m.have = Update{Snapshot: before.Snapshot, Err: err}, true
		return m.last, !had || before.Err == nil || before.Err.Error() != err.Error()
	}
	next := Update{Snapshot: snapshot}
	changed := true
	if before.Snapshot != nil {
		next.Since = before.Snapshot.Taken
		next.Opened, next.Changed, next.Closed = m.diff.compare(before.Snapshot.Sockets, snapshot.Sockets)
		changed = before.Err != nil || before.Snapshot.Hidden != snapshot.Hidden ||
			len(next.Opened)+len(next.Changed)+len(next.Closed) > 0 || !sameQueues(before.Snapshot.Sockets, snapshot.Sockets)
		if m.counts {
			flows := !sameCounters(before.Snapshot.Sockets, snapshot.Sockets)
			changed = changed || flows || m.flowed // that nothing flows any more is told once
			m.flowed = flows
		}
	}
	changed, m.beside = changed || m.beside, false
	if changed {
		m.last, m.have = next, true
	} else {
		m.last.Snapshot = snapshot
	}
	return next, changed
}

// tell gives an update to everybody who has not cancelled.
func (m *Monitor) tell(update Update) {
	m.mu.Lock()
	subscribers := m.subscribers
	m.mu.Unlock()
	for _, s := range subscribers {
		m.tellOne(s, update)
	}
}

// tellNew gives the last update to those who have had none yet.
func (m *Monitor) tellNew() {
	m.mu.Lock()
	subscribers, last, have := m.subscribers, m.last, m.have
	m.mu.Unlock()
	if !have {
		return
	}
	for _, s := range subscribers {
		m.mu.Lock()
		told := s.told
		m.mu.Unlock()
		if !told {
			m.tellOne(s, last)
		}
	}
}

// tellOne calls s outside the lock, so that it may call us back.
func (m *Monitor) tellOne(s *subscriber, update Update) {
	m.mu.Lock()
	cancelled, first := s.cancelled, !s.told
	s.told = true
	m.mu.Unlock()
	if cancelled {
		return
	}
	if first {
		update.Opened, update.Changed, update.Closed = nil, nil, nil
	}
	s.f(update)
}
