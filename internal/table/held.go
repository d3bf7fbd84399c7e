package table

import (
	"cmp"
	"slices"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// Held is a socket that a process holds.
type Held struct {
	// Socket belongs to the snapshot: do not change it.
	Socket *netstat.Socket
	// By is how that is known.
	By netstat.Evidence
	// Shared is how many other processes are known to hold it too: unless it is
	// 0, the socket stays open when this one ends.
	Shared int
}

// String gives "tcp 127.0.0.1:3000", with the other end of a connection, and
// what has to be known about it before the process is ended.
func (h Held) String() string {
	b := append([]byte(h.Socket.Protocol.String()), ' ')
	b = appendLocal(b, h.Socket)
	if connected(h.Socket) {
		b = append(b, " to "...)
		b = appendAddrPort(b, h.Socket.Remote)
	}
	switch {
	case h.By == netstat.ByLastUse:
		b = append(b, " (last used by it)"...)
	case h.Shared == 1:
		b = append(b, " (stays open: another process holds it too)"...)
	case h.Shared > 1:
		b = append(b, " (stays open: "+Plural(h.Shared, "other process")+" hold it too)"...)
	}
	return string(b)
}

// PortsOf gives all sockets that the process holds, with the ones to think of
// first: those that listen, then UDP, then connections. Those that launchd
// only keeps for a service are not among them. Nil when it holds none.
func PortsOf(s *netstat.Snapshot, id process.ID) []Held {
	if s == nil {
		return nil
	}
	var held []Held
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		h := Held{Socket: socket}
		for _, o := range socket.Owners {
			switch {
			case o.Process.ID == id && o.By != netstat.ByLaunchd:
				h.By = o.By
			case o.Process.ID != id && o.By != netstat.ByLastUse:
				h.Shared++
			}
		}
		if h.By != 0 {
			held = append(held, h)
		}
	}
	slices.SortStableFunc(held, func(a, b Held) int { return cmp.Compare(weight(a.Socket), weight(b.Socket)) })
	return held
}

func weight(s *netstat.Socket) int {
	switch {
	case s.State == netstat.Listen:
		return 0
	case s.Protocol == netstat.UDP:
		return 1
	default:
		return 2
	}
}
