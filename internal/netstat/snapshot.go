package netstat

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// newSnapshot makes the Snapshot that Read hands out: the sockets in their
// stable order and the concealed owners counted. It keeps no hold on sockets,
// so a Reader may use that memory again; the Owners slices inside are shared.
func newSnapshot(taken time.Time, sockets []Socket, hidden Hidden) *Snapshot {
	hidden.Owners = countConcealed(sockets)
	return &Snapshot{Taken: taken, Sockets: inOrder(sockets), Hidden: hidden}
}

// countConcealed counts the sockets whose owners this user may not see.
func countConcealed(sockets []Socket) int {
	n := 0
	for i := range sockets {
		if sockets[i].Absence == Concealed {
			n++
		}
	}
	return n
}

// inOrder gives a copy of sockets in the one stable order of a Snapshot. A
// Socket is large, so small keys are sorted, and each socket is moved once.
func inOrder(sockets []Socket) []Socket {
	keys := make([]orderKey, len(sockets))
	for i := range sockets {
		keys[i] = keyOf(&sockets[i], i)
	}
	slices.SortFunc(keys, func(a, b orderKey) int {
		if a.major != b.major {
			return cmp.Compare(a.major, b.major)
		}
		if a.minor != b.minor {
			return cmp.Compare(a.minor, b.minor)
		}
		return compareSockets(&sockets[a.index], &sockets[b.index])
	})
	sorted := make([]Socket, len(sockets))
	for i, k := range keys {
		sorted[i] = sockets[k.index]
	}
	return sorted
}

// orderKey holds the front of what compareSockets compares, as two numbers:
// the protocol, the local port, the family and the first 32 bits of the local
// address, then, for IPv4 only, where the local address is compared in full by
// then, the remote address and port.
type orderKey struct {
	major, minor uint64
	index        int32
}

func keyOf(s *Socket, index int) orderKey {
	k := orderKey{index: int32(index)}
	k.major = uint64(s.Protocol)<<56 | uint64(s.Local.Port())<<40
	if s.Local.Addr().Is4() {
		a := s.Local.Addr().As4()
		k.major |= uint64(binary.BigEndian.Uint32(a[:]))
		if s.Remote.Addr().Is4() {
			r := s.Remote.Addr().As4()
			k.minor = 1<<48 | uint64(binary.BigEndian.Uint32(r[:]))<<16 | uint64(s.Remote.Port())
		}
		return k
	}
	if !s.Local.IsValid() {
		return k
	}
	a := s.Local.Addr().As16()
	k.major |= 1<<32 | uint64(binary.BigEndian.Uint32(a[:4]))
	return k
}

// compareSockets is the stable order of a Snapshot: protocol, local port,
// local address, remote address, remote port, ID.
func compareSockets(a, b *Socket) int {
	if c := cmp.Compare(a.Protocol, b.Protocol); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Local.Port(), b.Local.Port()); c != 0 {
		return c
	}
	if c := a.Local.Addr().Compare(b.Local.Addr()); c != 0 {
		return c
	}
	if c := a.Remote.Compare(b.Remote); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// sentences joins the reasons that are not empty into one sentence.
func sentences(reasons ...string) string {
	kept := slices.DeleteFunc(slices.Clone(reasons), func(s string) bool { return s == "" })
	return strings.Join(kept, "; ")
}
