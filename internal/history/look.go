package history

import (
	"time"

	"portolan/internal/netstat"
)

// Look has f read what it needs for one picture, at one moment and at once: nothing is recorded
// meanwhile, so f must be quick, and must use nothing but the Sight.
func (h *History) Look(f func(Sight)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(Sight{h})
}

// Sight reads a History while it stands still. It is of use until Look returns.
type Sight struct{ h *History }

// Since is as History.Since.
func (s Sight) Since(id uint64) (t time.Time, known, ok bool) {
	l, ok := s.h.lives[id]
	return s.h.time(l.from()), l.is(lifeKnown), ok
}

// Side tells from which side a connection was opened that is open, or was a moment ago, as it was when it was first seen: that
// the port is no longer listened on, say, does not change it. NoSide: that is not known, or it is no connection.
func (s Sight) Side(id uint64) Side {
	if l, lives := s.h.lives[id]; lives {
		return l.side()
	}
	for _, sides := range s.h.parted {
		if side, known := sides[id]; known {
			return side
		}
	}
	return NoSide
}

// Activity is as History.Activity.
func (s Sight) Activity(key string, now time.Time) (points []Point, ok bool) {
	return s.h.activityOf(key, now)
}

// LastMinute tells how many outgoing connections an app, by its app.App.Key, opened and closed in the sixty seconds
// before now, as far as the looks have seen them. ok is as that of Activity.
func (s Sight) LastMinute(key string, now time.Time) (opened, closed int, ok bool) {
	a := s.h.apps[key]
	if a == nil || a.series[outgoing] == nil && a.series[stuck] == nil {
		return 0, 0, false
	}
	opened, closed = a.minute.until(s.h.clock.now(now))
	return opened, closed, true
}

// Short tells how many connections with a service were, at least, opened and closed between two looks in the sixty
// seconds before now. The service is the remote port, or the local one of connections that came in.
func (s Sight) Short(service uint16, now time.Time) int {
	opened, _ := s.h.shorts.services[service].until(s.h.clock.now(now))
	return opened
}

// Missed reports whether connections were opened and closed between two looks in the sixty seconds before now: whose
// they were is not known, so that each app opened and closed at least so many as LastMinute says.
func (s Sight) Missed(now time.Time) bool {
	last := s.h.shorts.last
	return last >= 0 && int64(s.h.clock.now(now)/time.Second)-int64(last/time.Second) < 60
}

// WasShort reports whether a socket in TIME_WAIT is one of those that Short counts.
func (s Sight) WasShort(id uint64, now time.Time) bool {
	l := s.h.lives[id]
	return l.is(lifeShort) && s.h.clock.now(now)-l.from() < time.Minute
}

// Partial reports whether more sockets were open at some time of the last ten minutes than are
// followed: then what was opened and closed, and how many were open, is at least so much.
func (s Sight) Partial() bool { return s.h.partial() }

// Rate tells how many bytes a second a socket received and sent between the last two looks. ok is false when
// that is not known: nobody counts, it is new, or its counters went back.
func (s Sight) Rate(id uint64) (received, sent float64, ok bool) { return s.h.rates.of(id) }

// Unrated reports whether a socket has byte counters that are not compared, since too many sockets have some.
func (s Sight) Unrated(socket *netstat.Socket) bool {
	r := &s.h.rates
	if !r.full || socket.RxBytes|socket.TxBytes == 0 {
		return false
	}
	_, followed := r.sockets[socket.ID]
	return !followed
}

// Counts reports whether the byte counters are compared, see CountRates.
func (s Sight) Counts() bool { return s.h.rates.on }

// Waited tells when a socket was last seen to go into TIME_WAIT; the zero time when none was.
func (s Sight) Waited() time.Time {
	if s.h.waited < 0 {
		return time.Time{}
	}
	return s.h.time(s.h.waited)
}

// Begun is as History.Begun.
func (s Sight) Begun() time.Time { return s.h.time(0) }
