package port

import (
	"errors"
	"sync"
	"time"
)

// Rules are what the system does with the ports that it hands out by itself.
type Rules struct {
	// Ephemeral is the range that they come from, see EphemeralRange; the zero Range when it is not known.
	Ephemeral Range
	// TimeWait is how long the system remembers closed connections, see TimeWait; 0 when not known.
	TimeWait time.Duration
	// PerEnd: the system hands out a port that connects to one other end again for another. Else a port that is in use is
	// handed out to nobody.
	PerEnd bool
}

// Live keeps the rules as the system has them now: they can be changed while it runs. All methods may be called from any
// goroutine.
type Live struct {
	ephemeral func() (Range, error)
	timeWait  func() (time.Duration, error)

	mu  sync.Mutex
	now Rules
}

// NewLive reads the rules of this system. The error says what of them could not be read; the rest is known all the same.
func NewLive() (*Live, error) {
	l := &Live{ephemeral: EphemeralRange, timeWait: TimeWait, now: Rules{PerEnd: perEnd}}
	_, err := l.Read()
	return l, err
}

// Read reads the rules anew, and reports whether they are others than before. What cannot be read is not known any more.
func (l *Live) Read() (changed bool, err error) {
	ephemeral, errRange := l.ephemeral()
	wait, errWait := l.timeWait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ephemeral.equal(l.now.Ephemeral) {
		l.now.Ephemeral, changed = ephemeral, true
	}
	if wait != l.now.TimeWait {
		l.now.TimeWait, changed = wait, true
	}
	return changed, errors.Join(errRange, errWait)
}

// Rules gives the rules as they were read last.
func (l *Live) Rules() Rules {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}
