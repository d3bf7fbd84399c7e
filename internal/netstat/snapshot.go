package netstat

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// newSnapshot makes the Snapshot that Read hands out: the sockets, and the owners of each, in
// their stable order and the concealed owners counted. It takes over sockets, whose owners are in
// the order of their PIDs.
func newSnapshot(taken time.Time, sockets []Socket, hidden Hidden) *Snapshot {
	hidden.Owners = countConcealed(sockets)
	for i := range sockets {
		ancestorsFirst(sockets[i].Owners)
	}
	putInOrder(sockets)
	return &Snapshot{Taken: taken, Sockets: sockets, Hidden: hidden}
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

// ancestorsFirst puts those before the others who handed the socket down to them: of a server
// that forks, the one that starts the workers anew. The owners come in the order of their PIDs,
// which begin again from below at some time and so do not tell.
func ancestorsFirst(owners []Owner) {
	if len(owners) < 2 {
		return
	}
	type place struct {
		owner Owner
		depth int
	}
	places := make([]place, len(owners))
	for i, o := range owners {
		places[i].owner = o
		for p := o.Process; places[i].depth < len(owners); places[i].depth++ {
			at, held := slices.BinarySearchFunc(owners, p.PPID, func(o Owner, pid int) int { return cmp.Compare(o.Process.PID, pid) })
			if !held {
				break
			}
			p = owners[at].Process
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.depth, b.depth) })
	for i := range places {
		owners[i] = places[i].owner
	}
}

// putInOrder sorts by the one stable order of a Snapshot. A Socket is
// large, so small keys are sorted, and each socket is moved once.
func putInOrder(sockets []Socket) {
	keys := make([]orderKey, len(sockets))
	for i := range sockets {
		keys[i] = keyOf(&sockets[i], i)
	}
	compare := func(a, b orderKey) int {
		if a.major != b.major {
			return cmp.Compare(a.major, b.major)
		}
		if a.minor != b.minor {
			return cmp.Compare(a.minor, b.minor)
		}
		return compareSockets(&sockets[a.from], &sockets[b.from])
	}
	if len(keys) < 4*drawers {
		slices.SortFunc(keys, compare)
	} else {
		keys = sortByDrawer(keys, compare)
	}
	for i := range keys {
		followCycle(sockets, keys, i)
	}
}

// drawers is into how many the keys are laid by sortByDrawer: two protocols, and 9 bits of the port.
const drawers = 2 << 9

// drawer is in the order of the keys.
func (k *orderKey) drawer() int {
	d := int(k.major >> 47 & (1<<9 - 1))
	if Protocol(k.major>>56) != TCP {
		d += 1 << 9
	}
	return d
}

// sortByDrawer gives the keys in order: it lays them into drawers by protocol and port,
// which are spread well, and sorts each of those.
func sortByDrawer(keys []orderKey, compare func(a, b orderKey) int) []orderKey {
	var ends [drawers + 1]int
	for i := range keys {
		ends[keys[i].drawer()+1]++
	}
	for i := range drawers {
		ends[i+1] += ends[i]
	}
	next := ends
	laid := make([]orderKey, len(keys))
	for i := range keys {
		d := keys[i].drawer()
		laid[next[d]] = keys[i]
		next[d]++
	}
	for i := range drawers {
		slices.SortFunc(laid[ends[i]:ends[i+1]], compare)
	}
	return laid
}

// followCycle moves the sockets of one cycle of the permutation: to place i comes what is at keys[i].from.
func followCycle(sockets []Socket, keys []orderKey, i int) {
	if int(keys[i].from) == i {
		return
	}
	first := sockets[i]
	for to := i; ; {
		from := int(keys[to].from)
		keys[to].from = int32(to)
		if from == i {
			sockets[to] = first
			return
		}
		sockets[to] = sockets[from]
		to = from
	}
}

// orderKey holds the front of what compareSockets compares, as two numbers:
// the protocol, the local port, whether it is connected, the family and the first 32 bits of the local
// address, then, for IPv4 only, where the local address is compared in full by
// then, the remote address and port.
type orderKey struct {
	major, minor uint64
	from         int32 // where the socket is
}

func keyOf(s *Socket, index int) orderKey {
	k := orderKey{from: int32(index)}
	k.major = uint64(s.Protocol)<<56 | uint64(s.Local.Port())<<40
	if s.Remote.IsValid() {
		k.major |= 1 << 39
	}
	if s.Local.Addr().Is4() {
		a := s.Local.Addr().As4()
		k.major |= uint64(binary.BigEndian.Uint32(a[:]))
		switch remote := s.Remote.Addr(); {
		case remote.Is4():
			r := remote.As4()
			k.minor = 1<<48 | uint64(binary.BigEndian.Uint32(r[:]))<<16 | uint64(s.Remote.Port())
		case remote.IsValid():
			k.minor = 2 << 48
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

// compareSockets is the stable order of a Snapshot: protocol, local port, those that wait
// for others before those that are connected, local address, remote address, remote port, ID.
func compareSockets(a, b *Socket) int {
	if c := cmp.Compare(a.Protocol, b.Protocol); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Local.Port(), b.Local.Port()); c != 0 {
		return c
	}
	if x, y := a.Remote.IsValid(), b.Remote.IsValid(); x != y {
		return cmpBool(x, y)
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

// Compare puts two sockets into the order of a Snapshot: negative when a comes first.
func Compare(a, b *Socket) int { return compareSockets(a, b) }
