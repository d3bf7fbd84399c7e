package table

import (
	"slices"
	"time"

	"portolan/internal/netstat"
)

// Mark says what has happened a moment ago to what a row shows.
type Mark uint8

// The marks of a row. An app or a process has opened when all of its sockets have, has closed when there is none
// any more, and has changed when anything happened to sockets of it that are not shown themselves.
const (
	Unmarked Mark = iota
	MarkOpened
	MarkChanged
	MarkClosed // it is shown for a moment more, counts nowhere and cannot be ended
)

// Marks is what happened a moment ago. Nothing of it is changed any more.
type Marks struct {
	// Sockets are those in the snapshot that have opened or changed, by netstat.Socket.ID.
	Sockets map[uint64]Mark
	// Closed are sockets, as they were last, that are in the snapshot no more, and yet to be shown; in the
	// order of netstat.Compare.
	Closed []netstat.Socket
	// Ended is when these were seen to be gone, by netstat.Socket.ID.
	Ended map[uint64]time.Time
}

// EndOf gives when the socket of a row was seen to be gone; the zero time when that is not known.
func (m *Marks) EndOf(r *Row) time.Time {
	if m == nil || r.Socket == nil {
		return time.Time{}
	}
	return m.Ended[r.Socket.ID]
}

// Closed reports whether what the row shows is there no more.
func (r *Row) Closed() bool {
	return r.Mark == MarkClosed || r.Span != nil && !r.Span.Until.IsZero()
}

// withClosed calls do for the rows of all sockets of the snapshot and those of the ones that have closed, in one order.
func withClosed(s *netstat.Snapshot, v View, do func(*Row)) {
	if v.Marks == nil {
		eachRow(s, v, do)
		return
	}
	past, then := *s, v
	v.Census = v.census(s)
	past.Sockets = v.Marks.gone()
	then.Census = v.Census.With(past.Sockets)
	var closed []Row
	eachRow(&past, then, func(r *Row) {
		ghost := *r
		ghost.Mark = MarkClosed
		closed = append(closed, ghost)
	})
	eachRow(s, v, func(r *Row) {
		for len(closed) > 0 && netstat.Compare(closed[0].Socket, r.Socket) < 0 {
			do(&closed[0])
			closed = closed[1:]
		}
		r.Mark = v.Marks.of(r.Socket)
		do(r)
	})
	for i := range closed {
		do(&closed[i])
	}
}

// news is what happened to the sockets of an app or a process.
type news struct{ opened, changed, closed bool }

func (n *news) add(m Mark) {
	n.opened = n.opened || m == MarkOpened
	n.changed = n.changed || m == MarkChanged
	n.closed = n.closed || m == MarkClosed
}

// mark gives the mark of an app or a process with that many sockets, of which as many have just opened. open: these are
// shown themselves.
func (n news) mark(sockets, opened int, open bool) Mark {
	switch {
	case sockets == 0 && n.closed:
		return MarkClosed
	case opened > 0 && opened == sockets:
		return MarkOpened
	case !open && (n.opened || n.changed || n.closed):
		return MarkChanged
	default:
		return Unmarked
	}
}

func (b *branch) mark() Mark { return b.news.mark(b.header.Sockets, b.opened, b.header.Open) }

// gone gives the sockets that have closed, without those that are back; nil for nil.
func (m *Marks) gone() []netstat.Socket {
	if m == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(m.Closed), func(closed netstat.Socket) bool { return m.Sockets[closed.ID] != Unmarked })
}

// of gives the mark of a socket in the snapshot.
func (m *Marks) of(s *netstat.Socket) Mark {
	if m == nil || len(m.Sockets) == 0 {
		return Unmarked
	}
	return m.Sockets[s.ID]
}
