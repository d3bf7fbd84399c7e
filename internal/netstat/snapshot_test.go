package netstat

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestPutInOrder(t *testing.T) {
	addresses := []netip.Addr{{}, netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("200.0.0.1"),
		netip.MustParseAddr("::"), netip.MustParseAddr("::1"), netip.MustParseAddr("fe80::1%eth0"), netip.MustParseAddr("fe80::1%eth1"),
		netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8::1")}
	random := rand.New(rand.NewPCG(1, 2))
	end := func() netip.AddrPort {
		return netip.AddrPortFrom(addresses[random.IntN(len(addresses))], uint16(random.IntN(4)*20000))
	}
	for round := range 50 {
		sockets := make([]Socket, random.IntN(300))
		for i := range sockets {
			s := Socket{Protocol: []Protocol{TCP, UDP}[random.IntN(2)], Local: end(), ID: random.Uint64()}
			if random.IntN(3) > 0 {
				s.Remote = end()
			}
			sockets[i] = s
		}
		want := slices.Clone(sockets)
		slices.SortFunc(want, func(a, b Socket) int { return compareSockets(&a, &b) })
		random.Shuffle(len(sockets), func(i, j int) { sockets[i], sockets[j] = sockets[j], sockets[i] })
		putInOrder(sockets)
		for i := range sockets {
			if sockets[i].ID != want[i].ID {
				t.Fatalf("round %d, place %d: got %v, want %v", round, i, sockets[i], want[i])
			}
		}
	}
}

func TestNewSnapshotCountsConcealed(t *testing.T) {
	taken := time.Now()
	s := newSnapshot(taken, []Socket{{ID: 2, Absence: Concealed}, {ID: 1, Absence: Kernel}, {ID: 3, Absence: Concealed}}, Hidden{Processes: 4})
	if s.Hidden.Owners != 2 || s.Hidden.Processes != 4 || s.Sockets[0].ID != 1 || !s.Taken.Equal(taken) {
		t.Errorf("got %+v", s)
	}
}
