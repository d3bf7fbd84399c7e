package ui

import (
	"maps"
	"slices"
	"time"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

const (
	// longAgo is how far apart two reads are at least for their differences not to be news: the computer
	// has slept, or the reads were paused.
	longAgo = 30 * time.Second
	// longAgoReads is the same in times between two reads, where that is longer.
	longAgoReads = 3
	// soonEnough is how much earlier a mark may end, so that the update that is about to come ends it too.
	soonEnough = 300 * time.Millisecond
	// maxClosed is how many closed sockets are shown at most.
	maxClosed = 20_000
)

// marks remembers what has opened, changed and closed a moment ago, from the updates of the monitor. It
// needs a lock of its owner, and goes by the clock on the wall: when the computer has slept all of it is over.
type marks struct {
	lasts time.Duration // 0: nothing is marked
	since time.Time     // what happened before two reads that are both later is not news
	fresh map[uint64]freshMark
	gone  []goneSocket
	made  *table.Marks // of these; nil: to be made
}

// freshMark is that of a socket that is open.
type freshMark struct {
	mark  table.Mark
	until time.Time
}

type goneSocket struct {
	socket netstat.Socket
	ended  time.Time
	until  time.Time
}

// last sets how long marks last; 0: nothing is marked.
func (m *marks) last(d time.Duration) {
	m.lasts = d
	m.forget()
}

// begin forgets all, and takes nothing for news that happened before now.
func (m *marks) begin(now time.Time) {
	m.since = now
	m.forget()
}

func (m *marks) forget() { m.fresh, m.gone, m.made = nil, nil, nil }

// receive takes what has happened, unless that is no news. pace is the time between two reads.
func (m *marks) receive(u monitor.Update, now time.Time, pace time.Duration) {
	if m.lasts <= 0 || u.Err != nil || u.Snapshot == nil || len(u.Opened)+len(u.Changed)+len(u.Closed) == 0 {
		return
	}
	if !u.Since.IsZero() && (u.Since.Before(m.since) || u.Snapshot.Taken.Sub(u.Since) > max(longAgo, longAgoReads*pace)) {
		return
	}
	if m.fresh == nil {
		m.fresh = make(map[uint64]freshMark, len(u.Opened)+len(u.Changed))
	}
	m.made = nil
	until := now.Round(0).Add(m.lasts)
	for i := range u.Opened {
		m.fresh[u.Opened[i].ID] = freshMark{table.MarkOpened, until}
	}
	for i := range u.Changed {
		id := u.Changed[i].ID
		if was, ok := m.fresh[id]; !ok || was.mark != table.MarkOpened {
			m.fresh[id] = freshMark{table.MarkChanged, until}
		}
	}
	for i := range u.Closed {
		delete(m.fresh, u.Closed[i].ID)
		m.gone = append(m.gone, goneSocket{u.Closed[i], u.Snapshot.Taken, until})
	}
	if more := len(m.gone) - maxClosed; more > 0 {
		m.gone = slices.Delete(m.gone, 0, more)
	}
}

// expire ends the marks whose time is over.
func (m *marks) expire(now time.Time) {
	over := func(until time.Time) bool { return !until.After(now.Round(0).Add(soonEnough)) }
	had := len(m.fresh) + len(m.gone)
	maps.DeleteFunc(m.fresh, func(_ uint64, f freshMark) bool { return over(f.until) })
	m.gone = slices.DeleteFunc(m.gone, func(g goneSocket) bool { return over(g.until) })
	if len(m.fresh)+len(m.gone) != had {
		m.made = nil
	}
}

// next gives when the first mark ends; the zero time when there is none.
func (m *marks) next() time.Time {
	var first time.Time
	sooner := func(until time.Time) {
		if first.IsZero() || until.Before(first) {
			first = until
		}
	}
	for _, f := range m.fresh {
		sooner(f.until)
	}
	for i := range m.gone {
		sooner(m.gone[i].until)
	}
	return first
}

// marks gives what is marked now, not changed any more; nil when nothing is.
func (m *marks) marks() *table.Marks {
	if len(m.fresh)+len(m.gone) == 0 {
		return nil
	}
	if m.made != nil {
		return m.made
	}
	made := &table.Marks{Sockets: make(map[uint64]table.Mark, len(m.fresh)), Ended: make(map[uint64]time.Time, len(m.gone))}
	for id, f := range m.fresh {
		made.Sockets[id] = f.mark
	}
	for i := range m.gone {
		made.Closed = append(made.Closed, m.gone[i].socket)
		made.Ended[m.gone[i].socket.ID] = m.gone[i].ended
	}
	slices.SortFunc(made.Closed, func(a, b netstat.Socket) int { return netstat.Compare(&a, &b) })
	m.made = made
	return made
}

// setHighlight sets how long rows are marked; 0: they are not.
func (m *model) setHighlight(d time.Duration) { m.change(func(*content) { m.marks.last(d) }) }

// markedFor gives the marks of the view, without what has closed of hidden apps.
func (c *content) markedFor(marks *table.Marks) *table.Marks {
	if marks == nil || len(c.hidden.apps) == 0 || len(marks.Closed) == 0 {
		return marks
	}
	hidden := c.hidden // which counts
	some := *marks
	some.Closed = hidden.of(&netstat.Snapshot{Sockets: marks.Closed}).Sockets
	return &some
}
