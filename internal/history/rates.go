package history

import (
	"time"

	"portolan/internal/netstat"
)

// Limits of what a rate is made of.
const (
	// longestGap is how long two looks may lie apart: what a computer that slept sent before it
	// is no rate of now.
	longestGap = 2 * time.Minute
	// shortestGap is how long they must lie apart to make a rate: what came in a millisecond says
	// nothing of a second.
	shortestGap = 500 * time.Millisecond
	// fastest is more than any network carries, in bytes a second: a counter that grows faster is not one.
	fastest = 1 << 37
)

// rates are the byte counters of the sockets at the last look, and how fast they grew.
type rates struct {
	on      bool
	sockets map[uint64]counters // by socket ID
	round   uint32
	full    bool // there were more at the last look than are followed
}

// counters are those of one socket.
type counters struct {
	at             time.Duration
	received, sent uint64
	in, out        float32
	round          uint32 // of the look in which it was there last
	rated          bool
}

// CountRates has the byte counters of the sockets compared from update to update, or no more. It is for as long as
// somebody looks, and goes with monitor.Monitor.SetCounting: without that Linux has no counters.
func (h *History) CountRates(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rates.on != on {
		h.rates = rates{on: on}
	}
}

// Rate tells how many bytes a second a socket received and sent between the last two updates. ok is false when
// that is not known: nobody counts (see CountRates), it is new, or its counters went back.
func (h *History) Rate(id uint64) (received, sent float64, ok bool) {
	h.Look(func(s Sight) { received, sent, ok = s.Rate(id) })
	return received, sent, ok
}

func (r *rates) of(id uint64) (received, sent float64, ok bool) {
	c := r.sockets[id]
	return float64(c.in), float64(c.out), c.rated
}

// count takes in the counters of a snapshot. Those of a socket that are both zero are taken for not told: else the
// first that are would count as what came within a moment. since is the moment of the look before, which told nothing when no
// counter had changed: what has come now came after it.
func (r *rates) count(s *netstat.Snapshot, since, now time.Duration) {
	if !r.on {
		return
	}
	if r.sockets == nil {
		r.sockets = make(map[uint64]counters, min(len(s.Sockets), maxRated))
	}
	r.round++
	r.full = false
	seen := 0
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if socket.RxBytes|socket.TxBytes == 0 {
			continue
		}
		before, known := r.sockets[socket.ID]
		if !known && len(r.sockets) >= maxRated {
			r.full = true
			continue
		}
		r.sockets[socket.ID] = before.next(socket, since, now, known, r.round)
		seen++
	}
	if seen == len(r.sockets) {
		return
	}
	for id, c := range r.sockets {
		if c.round != r.round {
			delete(r.sockets, id)
		}
	}
}

// next gives the counters after one more look.
func (c counters) next(s *netstat.Socket, since, now time.Duration, known bool, round uint32) counters {
	n := counters{at: now, received: s.RxBytes, sent: s.TxBytes, round: round}
	gap := now - max(c.at, since)
	if !known || gap > longestGap || n.received < c.received || n.sent < c.sent {
		return n
	}
	if gap < shortestGap { // what came meanwhile counts at the next look
		c.round, c.rated = round, c.rated && gap > 0 // 0: the clock stands still
		return c
	}
	in, out := float64(n.received-c.received)/gap.Seconds(), float64(n.sent-c.sent)/gap.Seconds()
	if in <= fastest && out <= fastest {
		n.in, n.out, n.rated = float32(in), float32(out), true
	}
	return n
}
