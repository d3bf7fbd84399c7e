package history

import "time"

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
	return s.h.time(l.from), l.known, ok
}

// Activity is as History.Activity.
func (s Sight) Activity(key string, now time.Time) (points []Point, ok bool) {
	return s.h.activityOf(key, now)
}

// Rate tells how many bytes a second a socket received and sent between the last two looks. ok is false when
// that is not known: nobody counts, it is new, or its counters went back.
func (s Sight) Rate(id uint64) (received, sent float64, ok bool) { return s.h.rates.of(id) }

// Counts reports whether the byte counters are compared, see CountRates.
func (s Sight) Counts() bool { return s.h.rates.on }

// Waited tells when a socket was last seen to go into TIME_WAIT; the zero time when none was.
func (s Sight) Waited() time.Time {
	if s.h.waited < 0 {
		return time.Time{}
	}
	return s.h.time(s.h.waited)
}

// Now is the moment of the last record; the zero time before the first.
func (s Sight) Now() time.Time { return s.h.time(s.h.last) }

// Begun is as History.Begun.
func (s Sight) Begun() time.Time { return s.h.base }
