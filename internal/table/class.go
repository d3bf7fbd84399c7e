package table

import (
	"cmp"
	"net/netip"
	"slices"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// Class is what a socket is for the person who reads: who began it, and whether it lasts.
type Class uint8

// The classes. The zero Class is that of no socket.
const (
	// Listening: TCP in LISTEN, whoever chose the port.
	Listening Class = iota + 1
	// Outgoing: a connection that this side opened, most often from an ephemeral port.
	Outgoing
	// Incoming: a connection to a socket that waits here.
	Incoming
	// Closing: a TCP connection of which one end or both have hung up.
	Closing
	// Unconnected: UDP without a remote address, and TCP that neither listens nor is connected.
	Unconnected
)

// Classes are all of them, in their natural order.
func Classes() []Class { return []Class{Listening, Outgoing, Incoming, Closing, Unconnected} }

// String gives the word that queries and the JSON output use; it is the ID of the class's topic in
// package explain, but for that of Unconnected, which is udp.
func (c Class) String() string {
	switch c {
	case Listening:
		return "listening"
	case Outgoing:
		return "outgoing"
	case Incoming:
		return "incoming"
	case Closing:
		return "closing"
	case Unconnected:
		return "unconnected"
	default:
		return ""
	}
}

// Title gives the word for a person, in the language in use.
func (c Class) Title() string {
	switch c {
	case Listening:
		return language.T("listening")
	case Outgoing:
		return language.T("outgoing")
	case Incoming:
		return language.T("incoming")
	case Closing:
		return language.T("closing")
	case Unconnected:
		return language.T("unconnected")
	default:
		return ""
	}
}

// Chosen reports whether the socket waits on a port which the system chose, as far as can be told.
func (r *Row) Chosen() bool {
	return r.Ephemeral && (r.Class == Listening || r.Class == Unconnected && r.Socket.Protocol == netstat.UDP)
}

// ClassText names a row's class, and says so of a socket that waits on a port which the system
// chose; "" for a group.
func (r *Row) ClassText() string {
	if r.Chosen() {
		return language.F("%s, port chosen by the system", r.Class.Title())
	}
	return r.Class.Title()
}

// lowestDynamic is the lowest port that one of the usual systems hands out unless told otherwise:
// Linux from 32768 (ip_local_port_range), the others from 49152 (RFC 6335, section 6).
const lowestDynamic = 32768

// ClassOf tells the class of a socket. eph is the system's range, and waiting
// what waits in the socket's snapshot.
//
// Whether a connection came in shows in who waits on its local port. Where nobody does any more, or that cannot be
// seen, a port that the kernel chose speaks for a connection that went out, and one that somebody chose, with a
// dynamic port at the other end, for one that came in. So the class of a connection changes when its listener closes, unless a
// history tells what it was when it was first seen, see TakeCensus.
func ClassOf(s *netstat.Socket, eph port.Range, waiting *Waiting) Class {
	switch {
	case s.State == netstat.Listen:
		return Listening
	case closing(s.State), s.State == netstat.Closed && connected(s):
		return Closing
	case !connected(s):
		return Unconnected
	case s.State == netstat.SynReceived:
		return Incoming
	case s.State == netstat.SynSent:
		return Outgoing
	case waiting.takes(s):
		return Incoming
	case !Ephemeral(s, eph) && s.Remote.Port() >= lowestDynamic && s.Local.Port() < lowestDynamic:
		return Incoming
	default:
		return Outgoing
	}
}

// Waiting is where the sockets of a snapshot wait for others: listeners, and UDP sockets
// without a remote address. nil: nowhere.
type Waiting struct {
	ports [2]portBits // TCP, UDP
	ends  []waitingEnd
}

// portBits has a bit for each port.
type portBits [1 << 16 / 64]uint64

func (b *portBits) set(p uint16) { b[p/64] |= 1 << (p % 64) }

func (b *portBits) has(p uint16) bool { return b[p/64]&(1<<(p%64)) != 0 }

// waitingEnd is one socket that waits.
type waitingEnd struct {
	place uint32 // protocol and port, to find it by
	addr  netip.Addr
	dual  bool // bound to [::], and takes IPv4 too
}

func placeOf(s *netstat.Socket) uint32 { return uint32(s.Protocol)<<16 | uint32(s.Local.Port()) }

func bitsOf(p netstat.Protocol) int {
	if p == netstat.TCP {
		return 0
	}
	return 1
}

// WaitingIn gathers what waits in a snapshot; nothing for nil.
func WaitingIn(s *netstat.Snapshot) *Waiting {
	w := new(Waiting)
	if s != nil {
		w.add(s.Sockets)
	}
	return w
}

// with gathers what waits among more sockets too.
func (w *Waiting) with(more []netstat.Socket) *Waiting {
	all := &Waiting{ports: w.ports, ends: slices.Clip(w.ends)}
	all.add(more)
	return all
}

func (w *Waiting) add(sockets []netstat.Socket) {
	for i := range sockets {
		if socket := &sockets[i]; Waits(socket) && socket.Local.Port() != 0 {
			w.ports[bitsOf(socket.Protocol)].set(socket.Local.Port())
			w.ends = append(w.ends, waitingEnd{placeOf(socket), bare(socket.Local.Addr()), socket.DualStack})
		}
	}
	byPlace := func(a, b waitingEnd) int { return cmp.Compare(a.place, b.place) }
	if !slices.IsSortedFunc(w.ends, byPlace) { // a reader's snapshot is
		w.ends = slices.SortedStableFunc(slices.Values(w.ends), byPlace)
	}
}

// bare is an address to compare: a connection may name the interface where its listener does not.
func bare(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// takes reports whether one that waits takes what comes to the connection's local address and port.
func (w *Waiting) takes(s *netstat.Socket) bool {
	if w == nil || !w.ports[bitsOf(s.Protocol)].has(s.Local.Port()) {
		return false
	}
	place := placeOf(s)
	i, _ := slices.BinarySearchFunc(w.ends, place, func(e waitingEnd, place uint32) int { return cmp.Compare(e.place, place) })
	local := bare(s.Local.Addr())
	for ; i < len(w.ends) && w.ends[i].place == place; i++ {
		if w.ends[i].covers(local) {
			return true
		}
	}
	return false
}

func (e *waitingEnd) covers(local netip.Addr) bool {
	if e.addr.IsUnspecified() {
		return e.dual || e.addr.Is4() == local.Is4()
	}
	return e.addr == local
}
