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
// as sums: less than 8 MB in all, of whatever processes, which a test measures.
const (
	maxEvents    = 1 << 15
	maxProcesses = 1 << 11 // different processes that events may name
	maxSums      = 400     // of one minute
	maxTenures   = 1 << 12
	maxApps      = 1 << 10
	maxLives     = 1 << 17
	maxRated     = 1 << 14
	maxParted    = 1 << 13 // of one update
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
	// Socket is as it was then, with its first owner only, and without byte counters. Of the owner is known who
	// it was, and the beginning of its command line.
	Socket netstat.Socket
}

// Side says who opened a connection.
type Side uint8

// The sides. NoSide is that of a socket which is no connection.
const (
	NoSide Side = iota
	Outgoing
	Incoming
)

// Options say what the History cannot know.
type Options struct {
	// Side gives what tells, for the sockets of a snapshot, from which side a connection was opened, also of one that is
	// being closed; of one in TIME_WAIT that is whether it had come in. It is asked when a connection is first seen: who
	// opened it does not change any more. nil: nobody knows, and connections are not counted.
	Side func(*netstat.Snapshot) func(*netstat.Socket) Side
}

// History remembers. All methods may be called from any goroutine.
type History struct {
	options Options

	mu       sync.Mutex
	clock    clock
	begun    bool
	infos    infos
	briefs   briefs
	events   ring
	sums     []sums // the oldest first
	tenures  tenures
	lives    map[uint64]life    // by socket ID
	parted   [2]map[uint64]Side // of what the last two updates closed that closed anything, the latest first
	apps     map[string]*activity
	numbered []*activity // by their numbers; the first is nil, as are those of the free numbers
	free     []uint16
	shorts   shorts
	waited   time.Duration // when a socket was last seen to go into TIME_WAIT; -1: never
	crowded  time.Duration // when more sockets were open than are followed; -1: never
	rates    rates

	side   func(*netstat.Socket) Side // of the snapshot that is being recorded
	ending map[ends]bool              // the connections that the update closes; nil: not looked at yet
}

// New makes an empty History.
func New(o Options) *History {
	h := &History{options: o, infos: infos{}, lives: map[uint64]life{}, apps: map[string]*activity{}, numbered: make([]*activity, 1),
		shorts: shorts{services: map[uint16]*minute{}, last: -1}, waited: -1, crowded: -1}
	h.briefs = briefs{infos: h.infos, by: map[process.ID]*brief{}, list: make([]*brief, 1)}
	h.events.briefs, h.tenures.briefs = &h.briefs, &h.briefs
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
	h.clock = h.clock.set(u.Snapshot.Taken)
	now := h.clock.last
	if len(u.Closed) > 0 {
		h.parted = [2]map[uint64]Side{{}, h.parted[0]}
	}
	for i := range u.Closed {
		h.closed(&u.Closed[i], now)
	}
	for i := range u.Opened {
		if s := &u.Opened[i]; s.State == netstat.TimeWait && h.ending == nil {
			h.ending = endings(u.Closed)
		}
		h.opened(&u.Opened[i], now, true)
		h.note(Opened, &u.Opened[i], now)
	}
	for i := range u.Changed {
		h.changed(&u.Changed[i], now)
	}
	h.ending = nil
	h.measure(u.Snapshot, now)
	h.forget(now)
	since := time.Duration(0) // nobody has looked before
	if !u.Since.IsZero() {
		since = now - u.Snapshot.Taken.Sub(u.Since)
	}
	h.rates.count(u.Snapshot, since, now)
}

// look gets ready to tell the sides of an update's connections, if it has any that are asked about.
func (h *History) look(u monitor.Update) {
	if h.options.Side != nil && (!h.begun || len(u.Opened)+len(u.Changed) > 0 || len(u.Closed) > 0 && h.partial()) {
		h.side = h.options.Side(u.Snapshot)
		return
	}
	h.side = func(*netstat.Socket) Side { return NoSide }
}

// begin takes all that is open at first: since when is not known.
func (h *History) begin(s *netstat.Snapshot) {
	h.begun, h.clock.at = true, s.Taken
	for i := range s.Sockets {
		h.opened(&s.Sockets[i], 0, false)
	}
	h.measure(s, 0)
	h.rates.count(s, 0, 0)
}

func (h *History) time(d time.Duration) time.Time { return h.clock.time(d) }

// measure notes whether there are more sockets than are followed.
func (h *History) measure(s *netstat.Snapshot, now time.Duration) {
	if len(s.Sockets) > len(h.lives) && len(h.lives) >= maxLives {
		h.crowded = now
	}
}

// partial is as Sight.Partial.
func (h *History) partial() bool { return h.crowded >= 0 && h.clock.last-h.crowded <= Keep }

func (h *History) opened(s *netstat.Socket, now time.Duration, known bool) {
	h.tenures.begin(s, now, known)
	var l life
	l.born(now)
	if known {
		l.mark(lifeKnown)
	}
	if s.State == netstat.TimeWait {
		l.mark(lifeWaits)
		h.waited = now
		if known && !h.ending[ends{s.Local, s.Remote}] {
			l.mark(lifeShort)
			h.short(s, now)
		}
	}
	side := h.side(s)
	l.onSide(side)
	if known && hungUp(s) {
		h.missed(s, side, now)
	}
	k, a := h.counts(s, side)
	if len(h.lives) >= maxLives {
		h.crowded = now
		if a != nil && known {
			a.pass(k, Opened, now)
		}
		return
	}
	if l.counts(k, a); a != nil {
		if k == stuck {
			a.leftBy(owner(s).ID)
		}
		a.gain(k, now, known)
	}
	h.lives[s.ID] = l
}

func (h *History) closed(s *netstat.Socket, now time.Duration) {
	l, lived := h.lives[s.ID]
	delete(h.lives, s.ID)
	if side := l.side(); side != NoSide && len(h.parted[0]) < maxParted {
		h.parted[0][s.ID] = side
	}
	if a := h.numberedBy(l); a != nil {
		a.lose(l.kind(), now)
	} else if !lived && h.partial() {
		if k, a := h.counts(s, h.side(s)); a != nil {
			a.pass(k, Closed, now)
		}
	}
	h.tenures.end(s, now)
	h.note(Closed, s, now)
}

// changed follows a socket that has another owner or state: its life goes on.
func (h *History) changed(s *netstat.Socket, now time.Duration) {
	h.tenures.change(s, now)
	l, lived := h.lives[s.ID]
	if !lived {
		return
	}
	side := l.side()
	if side == NoSide {
		side = h.side(s)
		l.onSide(side)
	}
	k, is := h.counts(s, side)
	was := h.numberedBy(l)
	if is != was || k != l.kind() {
		if was != nil {
			was.lose(l.kind(), now)
		}
		if is != nil {
			if k == stuck {
				is.leftBy(owner(s).ID)
			}
			is.gain(k, now, true)
		}
		l.counts(k, is)
	}
	if s.State == netstat.TimeWait && !l.is(lifeWaits) {
		l.born(now)
		l.mark(lifeKnown | lifeWaits)
		h.waited = now
	}
	h.lives[s.ID] = l
}

func (h *History) note(what What, s *netstat.Socket, now time.Duration) {
	h.events.push(recordOf(what, s, now), h.briefs.of(owner(s)), h.sum)
}

// forget lets go of what is older than Keep.
func (h *History) forget(now time.Duration) {
	h.events.drop(now - Keep)
	h.dropSums(now - Keep)
	h.tenures.drop(now - Keep)
	for key, a := range h.apps {
		if a.forget(now) {
			delete(h.apps, key)
			h.numbered[a.number] = nil
			h.free = append(h.free, a.number)
			h.infos.release(a.of)
		}
	}
	h.shorts.forget(now)
}

// owner is the process that a socket counts for; nil when none is known.
func owner(s *netstat.Socket) *process.Process {
	if len(s.Owners) == 0 {
		return nil
	}
	return s.Owners[0].Process
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
	return h.time(0)
}

// eventsFrom gives the events from a moment on, the oldest first, as far as they are kept one by one.
func (h *History) eventsFrom(from time.Duration, who cast) (events []Event) {
	for r := range h.events.all() {
		if r.at < from {
			continue
		}
		s := r.socket()
		if p := who.process(h.briefs.list[r.who]); p != nil {
			s.Owners = []netstat.Owner{{Process: p, By: netstat.ByDescriptor}}
		}
		events = append(events, Event{At: h.time(r.at), What: r.what, Socket: s})
	}
	return events
}
