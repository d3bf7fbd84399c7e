package table

import (
	"cmp"
	"net/netip"
	"slices"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// endPair is the two ends of a connection, as one of them sees it.
type endPair struct {
	protocol      netstat.Protocol
	local, remote netip.AddrPort
}

func endsOf(s *netstat.Socket) endPair {
	return endPair{s.Protocol, unmapped(s.Local), unmapped(s.Remote)}
}

// reversed is the same connection as the other end sees it.
func (e endPair) reversed() endPair { return endPair{e.protocol, e.remote, e.local} }

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// Peer finds the socket at the other end of a connection, when that is on this computer too;
// nil when it is not, and when socket is not connected. It belongs to the snapshot: do not change it.
func Peer(s *netstat.Snapshot, socket *netstat.Socket) *netstat.Socket {
	if s == nil || !connected(socket) {
		return nil
	}
	want := endsOf(socket).reversed()
	for i := range s.Sockets {
		// The ports first: they tell nearly all apart, and cost least.
		other := &s.Sockets[i]
		if other.Local.Port() == want.local.Port() && other.Remote.Port() == want.remote.Port() && endsOf(other) == want && other.ID != socket.ID {
			return other
		}
	}
	return nil
}

// Client is a process on this computer that is connected to a server on it.
type Client struct {
	// Process is nil when this user may not see who it is, or when the kernel alone holds its end.
	Process *process.Process
	// Ports are the server's, in their order.
	Ports []uint16
	// Connections is how many there are; at least 1.
	Connections int
}

// Clients tells who on this computer loses a connection when the processes end: whoever is
// connected to a TCP port on which one of them listens, but not those that end themselves.
// The one with the most connections comes first, those that are not known last.
func Clients(s *netstat.Snapshot, ending []process.ID) []Client {
	if s == nil || len(ending) == 0 {
		return nil
	}
	ends := make(map[process.ID]bool, len(ending))
	for _, id := range ending {
		ends[id] = true
	}
	served := servedBy(s, ends)
	if len(served) == 0 {
		return nil
	}
	found := map[process.ID]*Client{}
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if socket.Protocol != netstat.TCP || !connected(socket) || !served[endsOf(socket).reversed()] {
			continue
		}
		var who *process.Process
		if len(socket.Owners) > 0 {
			if slices.ContainsFunc(socket.Owners, func(o netstat.Owner) bool { return ends[o.Process.ID] }) {
				continue
			}
			who = socket.Owners[0].Process
		} else if socket.Absence == netstat.Kernel {
			continue // its process has let go of it
		}
		note(found, who, socket.Remote.Port())
	}
	return inOrder(found)
}

// servedBy gives the connections that the processes have taken on the ports they listen on.
func servedBy(s *netstat.Snapshot, ending map[process.ID]bool) map[endPair]bool {
	listens := map[uint16]bool{}
	for i := range s.Sockets {
		if socket := &s.Sockets[i]; socket.State == netstat.Listen && endsWith(socket, ending) {
			listens[socket.Local.Port()] = true
		}
	}
	served := map[endPair]bool{}
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if socket.Protocol == netstat.TCP && connected(socket) && listens[socket.Local.Port()] && endsWith(socket, ending) {
			served[endsOf(socket)] = true
		}
	}
	return served
}

// endsWith reports whether nobody holds the socket any more once the processes have ended.
func endsWith(s *netstat.Socket, ending map[process.ID]bool) bool {
	for _, o := range s.Owners {
		if !ending[o.Process.ID] {
			return false
		}
	}
	return len(s.Owners) > 0
}

func note(found map[process.ID]*Client, who *process.Process, port uint16) {
	var id process.ID
	if who != nil {
		id = who.ID
	}
	c := found[id]
	if c == nil {
		c = &Client{Process: who}
		found[id] = c
	}
	c.Connections++
	if at, known := slices.BinarySearch(c.Ports, port); !known {
		c.Ports = slices.Insert(c.Ports, at, port)
	}
}

func inOrder(found map[process.ID]*Client) []Client {
	clients := make([]Client, 0, len(found))
	for _, c := range found {
		clients = append(clients, *c)
	}
	slices.SortFunc(clients, func(a, b Client) int {
		if (a.Process == nil) != (b.Process == nil) {
			return cmpNil(a.Process == nil)
		}
		if a.Process == nil {
			return 0
		}
		return cmp.Or(b.Connections-a.Connections, cmp.Compare(a.Process.PID, b.Process.PID))
	})
	return clients
}

func cmpNil(isNil bool) int {
	if isNil {
		return 1
	}
	return -1
}
