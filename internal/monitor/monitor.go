// Package monitor reads the sockets again and again, and tells what changed.
package monitor

import (
	"context"
	"errors"
	"sync"
	"time"

	"portolan/internal/netstat"
)

// DefaultInterval is the time between two reads unless another is set.
const DefaultInterval = 3 * time.Second

// ErrRunning is what Run returns when the Monitor is already running.
var ErrRunning = errors.New("the monitor is already running")

// Source is where the snapshots come from: a netstat.Reader, or a test's own.
type Source interface {
	// Read gives a fresh snapshot that nobody changes any more. The Monitor
	// never calls it twice at once.
	Read(ctx context.Context) (*netstat.Snapshot, error)
}

// counter is a Source that reads the byte counters of sockets only when it is asked to
// (netstat.Reader.CountBytes). A Source that is none is taken to read them always, or never.
type counter interface {
	CountBytes(on bool) // never called during a Read
}

// Update is what subscribers are told.
type Update struct {
	// Snapshot is the last good one; nil only before the first success.
	Snapshot *netstat.Snapshot
	// Opened, Changed and Closed are the differences to the snapshot that the
	// update before had, by socket ID: Opened and Changed as they are now, Closed
	// as they were last. All nil in the first update that a subscriber gets, and
	// when Err is set. A change of only the byte counters, or of how many wait in a listener's
	// queue, is none: there are updates in which all three are nil, and only the Snapshot is new.
	Opened, Changed, Closed []netstat.Socket
	// Since is when the read began that these differences are to: long ago when the computer has slept since, or
	// the reads were paused. The zero time without a read before.
	Since time.Time
	// Err is why the last read failed; nil when Snapshot is current.
	Err error
}

// Monitor reads its source at an interval and tells its subscribers what
// changed. All methods may be called from any goroutine. When the computer wakes from
// sleep it reads within a second, whatever is left of the interval.
type Monitor struct {
	src   Source
	clock func() time.Time // the time of day: wallClock, but for tests

	// wake asks for a read, poke for a look at the settings and the
	// subscribers. Both hold one token: more of the same says nothing new.
	wake, poke chan struct{}

	mu          sync.Mutex
	every       time.Duration
	paused      bool
	counting    bool
	also        func() bool // see Also
	running     bool
	last        Update
	have        bool // last holds an update
	subscribers []*subscriber

	diff   differ // used by Run only, as is
	counts bool   // whether src was told to count
	flowed bool   // the byte counters grew in the last read
	beside bool   // what Also asks for has changed, and nobody was told
}

type subscriber struct {
	f         func(Update)
	told      bool // it has had its first update
	cancelled bool
}

// New makes a Monitor that reads src at the given interval once it runs; zero
// or less means DefaultInterval.
func New(src Source, every time.Duration) *Monitor {
	m := &Monitor{src: src, clock: wallClock, wake: make(chan struct{}, 1), poke: make(chan struct{}, 1)}
	m.every = sane(every)
	return m
}

func sane(every time.Duration) time.Duration {
	if every <= 0 {
		return DefaultInterval
	}
	return every
}

// Subscribe has f called from Run's goroutine: soon with the last update, if
// there is one, and from then on each time something changed. f must not block,
// as nothing is read meanwhile; it may call every method of m but Run. After
// cancel, which may be called more than once and from within f, f is not called
// again; a call that is just going on is not waited for.
func (m *Monitor) Subscribe(f func(Update)) (cancel func()) {
	s := &subscriber{f: f}
	m.mu.Lock()
	m.subscribers = append(m.subscribers, s)
	m.mu.Unlock()
	signal(m.poke)
	return func() { m.unsubscribe(s) }
}

func (m *Monitor) unsubscribe(s *subscriber) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.cancelled = true
	// A new slice, because Run may be going through the old one.
	kept := make([]*subscriber, 0, len(m.subscribers))
	for _, other := range m.subscribers {
		if other != s {
			kept = append(kept, other)
		}
	}
	m.subscribers = kept
}

// Refresh asks for a read now, also when paused. It never blocks. A read that
// is under way may have missed what the caller wants to see, so one more
// follows it; however many calls come meanwhile, they are answered by that one.
func (m *Monitor) Refresh() { signal(m.wake) }

// SetInterval sets the time from the start of one read to the start of the
// next; zero or less means DefaultInterval.
func (m *Monitor) SetInterval(d time.Duration) {
	m.mu.Lock()
	m.every = sane(d)
	m.mu.Unlock()
	signal(m.poke)
}

// SetPaused stops the reads at the interval, or starts them again with a read
// at once if one is due. Refresh still reads while paused.
func (m *Monitor) SetPaused(paused bool) {
	m.mu.Lock()
	m.paused = paused
	m.mu.Unlock()
	signal(m.poke)
}

// SetCounting has the byte counters read, or no more: for as long as somebody looks at
// them, as they make a read cost more. While on, an update is published also when nothing but
// the counters changed, and once when they no longer do. It holds from the next read on, which is at once.
func (m *Monitor) SetCounting(on bool) {
	m.mu.Lock()
	changed, running := m.counting != on, m.running
	m.counting = on
	m.mu.Unlock()
	if changed && running {
		signal(m.wake)
	}
}

// Also has changed asked before each read whether something has changed that subscribers go by besides the sockets. When
// it has, they are told once the read is done, though no socket is another. It is called from Run's goroutine, must not
// block, and is to be set before Run.
func (m *Monitor) Also(changed func() bool) {
	m.mu.Lock()
	m.also = changed
	m.mu.Unlock()
}

// Paused reports whether the reads at the interval are stopped.
func (m *Monitor) Paused() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.paused
}

// Last gives the last update that was published. Its Snapshot may be newer:
// the newest good one, with no difference but the time and the byte counters.
// It is the zero Update before the first read is done.
func (m *Monitor) Last() Update {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// signal leaves a token in c unless there is one already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
