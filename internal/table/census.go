package table

import (
	"portolan/internal/history"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// Census is what can only be told of a socket beside all others of its snapshot: whether the system chose its port, and
// its class. It is taken once, for all who ask about the snapshot or about some of its sockets, and is
// not changed any more.
type Census struct {
	sockets   []netstat.Socket // of the whole snapshot
	kinds     []kind           // of these
	ephemeral port.Range       // the system's
	waiting   *Waiting
	past      *history.History // may be nil
}

// kind is a Class, and whether the port is ephemeral.
type kind uint8

const kindEphemeral kind = 1 << 7

func (k kind) class() Class    { return Class(k &^ kindEphemeral) }
func (k kind) ephemeral() bool { return k&kindEphemeral != 0 }

// TakeCensus looks at all sockets of a snapshot; at none for nil. r is the system's range, see port.EphemeralRange. past
// tells of open connections who opened them, as it was when they were first seen; nil: ClassOf guesses each time.
func TakeCensus(s *netstat.Snapshot, r port.Range, past *history.History) *Census {
	if s == nil {
		s = new(netstat.Snapshot)
	}
	c := &Census{sockets: s.Sockets, ephemeral: r, waiting: WaitingIn(s), past: past}
	c.kinds = c.judge(s.Sockets)
	return c
}

// With is the census for sockets of another time too: those that waited count as if they still did.
func (c *Census) With(more []netstat.Socket) *Census {
	all := *c
	all.waiting = c.waiting.with(more)
	all.sockets, all.kinds = nil, nil
	return &all
}

// Class gives the class of a socket, of the snapshot or of another time, see ClassOf. It asks the history, and must not
// be called while that stands still.
func (c *Census) Class(s *netstat.Socket) (class Class) {
	c.look(func(sight *history.Sight) { class = c.class(s, sight) })
	return class
}

// look has f ask the history, if there is one.
func (c *Census) look(f func(*history.Sight)) {
	if c.past == nil {
		f(nil)
		return
	}
	c.past.Look(func(sight history.Sight) { f(&sight) })
}

func (c *Census) class(s *netstat.Socket, sight *history.Sight) Class {
	class := ClassOf(s, c.ephemeral, c.waiting)
	if sight == nil || class != Outgoing && class != Incoming {
		return class
	}
	switch sight.Side(s.ID) {
	case history.Outgoing:
		return Outgoing
	case history.Incoming:
		return Incoming
	default:
		return class
	}
}

// Ephemeral reports whether the system chose the socket's port.
func (c *Census) Ephemeral(s *netstat.Socket) bool { return Ephemeral(s, c.ephemeral) }

// Service names what is usually found on the port that tells, see Service.
func (c *Census) Service(s *netstat.Socket) string { return Service(s, c.ephemeral) }

func (c *Census) judge(sockets []netstat.Socket) []kind {
	kinds := make([]kind, len(sockets))
	c.look(func(sight *history.Sight) {
		for i := range sockets {
			kinds[i] = kind(c.class(&sockets[i], sight))
			if c.Ephemeral(&sockets[i]) {
				kinds[i] |= kindEphemeral
			}
		}
	})
	return kinds
}

// Row makes the row of a socket and one of its owners, nil for none.
func (c *Census) Row(s *netstat.Socket, o *netstat.Owner) Row {
	r := Row{Key: Key{Socket: s.ID}, Socket: s, Owner: o, Service: c.Service(s), Ephemeral: c.Ephemeral(s), Exposure: Exposure(s), Class: c.Class(s)}
	if o != nil {
		r.Key.Process = o.Process.ID
	}
	return r
}

// of gives the kinds of some sockets, by their places: those that were counted are not looked at again.
func (c *Census) of(sockets []netstat.Socket) []kind {
	if len(sockets) == len(c.sockets) && (len(sockets) == 0 || &sockets[0] == &c.sockets[0]) {
		return c.kinds
	}
	return c.judge(sockets)
}

// census is that of a snapshot, or the one that the view was given.
func (v View) census(s *netstat.Snapshot) *Census {
	if v.Census != nil {
		return v.Census
	}
	return TakeCensus(s, v.Ephemeral, v.Past)
}
