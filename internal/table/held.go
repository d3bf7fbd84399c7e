package table

import (
	"cmp"
	"slices"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// Held is a socket that a process, or one of several, holds.
type Held struct {
	// Socket belongs to the snapshot: do not change it.
	Socket *netstat.Socket
	// By is how that is known.
	By netstat.Evidence
	// Shared is how many other processes are known to hold it too: unless it is
	// 0, the socket stays open when this one, or all of these, end.
	Shared int
}

// String gives "tcp 127.0.0.1:3000", with the other end of a connection, and
// what has to be known about it before the process is ended.
func (h Held) String() string {
	text := h.Socket.Protocol.String() + " " + Endpoint(h.Socket)
	if connected(h.Socket) {
		text = language.F("%s to %s", text, appendAddrPort(nil, h.Socket.Remote))
	}
	switch {
	case h.By == netstat.ByLastUse:
		return language.F("%s (last used by it)", text)
	case h.Shared > 0:
		return language.N("%[2]s (stays open: another process holds it too)", "%[2]s (stays open: %[1]d other processes hold it too)", h.Shared, text)
	default:
		return text
	}
}

// PortsOf gives all sockets that the processes hold, with the ones to think of
// first: those that listen, then UDP, then connections. Those that launchd
// only keeps for a service are not among them. Nil when they hold none.
func PortsOf(s *netstat.Snapshot, ids ...process.ID) []Held {
	if s == nil || len(ids) == 0 {
		return nil
	}
	theirs := make(map[process.ID]bool, len(ids))
	for _, id := range ids {
		theirs[id] = true
	}
	var held []Held
	for i := range s.Sockets {
		if h := heldBy(&s.Sockets[i], theirs); h.By != 0 {
			held = append(held, h)
		}
	}
	slices.SortStableFunc(held, func(a, b Held) int { return cmp.Compare(weight(a.Socket), weight(b.Socket)) })
	return held
}

// heldBy says how the processes hold a socket; By is zero when they do not. Of the ways the surest counts.
func heldBy(s *netstat.Socket, theirs map[process.ID]bool) Held {
	h := Held{Socket: s}
	for _, o := range s.Owners {
		switch mine := theirs[o.Process.ID]; {
		case mine && o.By != netstat.ByLaunchd && (h.By == 0 || o.By < h.By):
			h.By = o.By
		case !mine && o.By != netstat.ByLastUse:
			h.Shared++
		}
	}
	return h
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
