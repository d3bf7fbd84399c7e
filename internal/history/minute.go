package history

import "time"

// minute counts what was opened and closed in the last sixty seconds, by the second: the steps of a series are too
// coarse to tell what happened "in a minute".
type minute struct {
	second         int64 // of the last that was written
	opened, closed [60]uint32
}

// add counts one.
func (m *minute) add(what What, now time.Duration) {
	second := int64(now / time.Second)
	for m.second < second {
		m.second = max(m.second, second-60) + 1
		m.opened[m.second%60], m.closed[m.second%60] = 0, 0
	}
	if what == Opened {
		m.opened[second%60]++
	} else {
		m.closed[second%60]++
	}
}

// until sums up the sixty seconds that end with that of now. m may be nil.
func (m *minute) until(now time.Duration) (opened, closed int) {
	if m == nil {
		return 0, 0
	}
	last := int64(now / time.Second)
	for second := max(last-59, m.second-59, 0); second <= min(last, m.second); second++ {
		opened += int(m.opened[second%60])
		closed += int(m.closed[second%60])
	}
	return opened, closed
}

// idle reports whether nothing of it is left.
func (m *minute) idle(now time.Duration) bool { return m.second <= int64(now/time.Second)-60 }
