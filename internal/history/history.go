// Package history remembers what happened to the sockets of this computer in the last minutes, in bounded memory.
package history

import (
	"sync"
	"time"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// Keep is how long something is remembered after it happened.
const Keep = 10 * time.Minute

// The bounds. At 1,000 events a second they hold all events of the last half minute, and what came before
// as sums: less than 8 MB in all, which a benchmark measures.
const (
	maxEvents    = 1 << 15
	maxProcesses = 1 << 11 // different processes that events may name: each keeps a description alive
	maxSums      = 1 << 12
	maxTenures   = 1 << 12
	maxApps      = 1 << 10
	maxLives     = 1 << 17
	maxStuck     = 1 << 14
	maxRated     = 1 << 14
)

// What happened to a socket.
type What uint8

// The kinds of event.
const (
	Opened What = iota + 1
	Closed
)

// String gives the word that the JSON output uses.
func (w What) String() string {
	switch w {
	case Opened:
		return "opened"
	case Closed:
		return "closed"
	default:
		return "unknown"
	}
}

// Event is one socket that was opened or closed.
type Event struct {
	// At is when it was noticed: up to one interval of the monitor after it happened.
	At   time.Time
	What What
	// Socket is as it was then, with its first owner only, and without byte counters.
	Socket netstat.Socket
}

// Options say what the History cannot know.
type Options struct {
	// Outgoing gives what tells, for the sockets of a snapshot, whether a connection was opened from
	// here: those are counted for the plots. nil: none is.
	Outgoing func(*netstat.Snapshot) func(*netstat.Socket) bool
}

// History remembers. All methods may be called from any goroutine.
type History struct {
	options Options

	mu      sync.Mutex
	base    time.Time // of the first record: moments are kept as the time since then
	last    time.Duration
	begun   bool
	events  ring
	sums    map[sumKey]*sum
	tenures tenures
	lives   map[uint64]life // by socket ID
	apps    map[string]*activity
	stuck   map[uint64]*activity // the sockets in CLOSE_WAIT, each with what it counts for
	waited  time.Duration        // when a socket was last seen to go into TIME_WAIT; -1: never
	rates   rates

	outgoing func(*netstat.Socket) bool // of the snapshot that is being recorded
}

// New makes an empty History.
func New(o Options) *History {
	h := &History{options: o, sums: map[sumKey]*sum{}, lives: map[uint64]life{}, apps: map[string]*activity{},
		stuck: map[uint64]*activity{}, waited: -1}
	h.events.processes = map[*process.Process]int{}
	return h
}

// Record takes what a monitor tells: it is made to be its subscriber. Failed reads change nothing.
func (h *History) Record(u monitor.Update) {
	if u.Snapshot == nil || u.Err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.look(u)
	if !h.begun {
		h.begin(u.Snapshot)
		return
	}
	now := h.moment(u.Snapshot.Taken)
	for i := range u.Closed {
		h.closed(&u.Closed[i], now)
	}
	for i := range u.Opened {
		h.opened(&u.Opened[i], now, true)
		h.note(Opened, &u.Opened[i], now)
	}
	for i := range u.Changed {
		h.changed(&u.Changed[i], now)
	}
	h.forget(now)
	h.rates.count(u.Snapshot, now)
}

// look gets ready to tell the outgoing connections of an update, if it has any.
func (h *History) look(u monitor.Update) {
	if h.options.Outgoing != nil && (!h.begun || len(u.Opened)+len(u.Changed) > 0) {
		h.outgoing = h.options.Outgoing(u.Snapshot)
		return
	}
	h.outgoing = func(*netstat.Socket) bool { return false }
}

// begin takes all that is open at first: since when is not known.
func (h *History) begin(s *netstat.Snapshot) {
	h.begun, h.base = true, s.Taken
	for i := range s.Sockets {
		h.opened(&s.Sockets[i], 0, false)
	}
	h.rates.count(s, 0)
}

// moment is the time since the first record. It never goes back: where the clock
// was set and the times carry no monotonic reading, it stands still.
func (h *History) moment(t time.Time) time.Duration {
	h.last = max(h.last, t.Sub(h.base))
	return h.last
}

func (h *History) time(d time.Duration) time.Time { return h.base.Add(d) }

func (h *History) opened(s *netstat.Socket, now time.Duration, known bool) {
	if len(h.lives) >= maxLives {
		return
	}
	l := life{from: now, known: known, waits: s.State == netstat.TimeWait}
	if l.waits {
		h.waited = now
	}
	if p := owner(s); p != nil && h.outgoing(s) {
		l.outgoing = h.activity(p.App.Key())
	}
	if l.outgoing != nil {
		l.outgoing.gain(now, known)
	}
	h.lives[s.ID] = l
	h.stick(s, now)
	h.tenures.begin(s, now, known)
}

func (h *History) closed(s *netstat.Socket, now time.Duration) {
	l, lived := h.lives[s.ID]
	delete(h.lives, s.ID)
	if lived && l.outgoing != nil {
		l.outgoing.lose(now)
	}
	h.unstick(s.ID, now)
	h.tenures.end(s.ID, now)
	h.note(Closed, s, now)
}

// changed follows a socket that has another owner or state: its life goes on.
func (h *History) changed(s *netstat.Socket, now time.Duration) {
	l, lived := h.lives[s.ID]
	if !lived {
		return
	}
	var is *activity
	if p := owner(s); p != nil && h.outgoing(s) {
		is = h.activity(p.App.Key())
	}
	if is != l.outgoing {
		if l.outgoing != nil {
			l.outgoing.lose(now)
		}
		if is != nil {
			is.gain(now, true)
		}
		l.outgoing = is
	}
	if s.State == netstat.TimeWait && !l.waits {
		l.from, l.known, l.waits, h.waited = now, true, true, now
	}
	h.lives[s.ID] = l
	h.stick(s, now)
	h.tenures.change(s, now)
}

func (h *History) note(what What, s *netstat.Socket, now time.Duration) {
	h.events.push(record{at: now, what: what, id: s.ID, protocol: s.Protocol, state: s.State, local: s.Local, remote: s.Remote,
		uid: s.UID, absence: s.Absence, dual: s.DualStack, process: owner(s)}, h.sum)
}

// forget lets go of what is older than Keep.
func (h *History) forget(now time.Duration) {
	h.events.drop(now - Keep)
	for key, s := range h.sums {
		if s.to < now-Keep {
			delete(h.sums, key)
		}
	}
	h.tenures.drop(now - Keep)
	for key, a := range h.apps {
		if a.open == 0 && a.stuck == 0 && a.marked < now-Keep {
			delete(h.apps, key)
		}
	}
}

// owner is the process that a socket counts for; nil when none is known.
func owner(s *netstat.Socket) *process.Process {
	if len(s.Owners) == 0 {
		return nil
	}
	return s.Owners[0].Process
}

// life is what is kept of an open socket.
type life struct {
	from     time.Duration
	outgoing *activity // of its app; nil when it does not count there
	known    bool      // from is when it was opened, not when we began to look
	waits    bool      // it is in TIME_WAIT, and from is when it went there
}

// Since tells when an open socket was first seen. known is false for one that was there when the
// record began: then it is older. ok is false for a socket that is not open. Of one in TIME_WAIT it
// tells when it was first seen there.
func (h *History) Since(id uint64) (t time.Time, known, ok bool) {
	h.Look(func(s Sight) { t, known, ok = s.Since(id) })
	return t, known, ok
}

// Begun tells since when the record goes; the zero time before its first read.
func (h *History) Begun() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.base
}

// Events gives the events from since on, the oldest first. What happened before whole says is
// known in sums only (see Sums): there was too much to keep all of it.
func (h *History) Events(since time.Time) (events []Event, whole time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := since.Sub(h.base)
	for r := range h.events.all() {
		if r.at >= from {
			events = append(events, Event{At: h.time(r.at), What: r.what, Socket: r.socket()})
		}
	}
	return events, h.time(h.events.lost)
}
