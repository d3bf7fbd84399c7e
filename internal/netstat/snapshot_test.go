package netstat

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"portolan/internal/process"
)

func TestPutInOrder(t *testing.T) {
	addresses := []netip.Addr{{}, netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("200.0.0.1"),
		netip.MustParseAddr("::"), netip.MustParseAddr("::1"), netip.MustParseAddr("fe80::1%eth0"), netip.MustParseAddr("fe80::1%eth1"),
		netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8::1")}
	random := rand.New(rand.NewPCG(1, 2))
	ports, step := 4, 20000
	end := func() netip.AddrPort {
		return netip.AddrPortFrom(addresses[random.IntN(len(addresses))], uint16(random.IntN(ports)*step))
	}
	for round := range 50 {
		n := random.IntN(300)
		if round > 40 { // so many that they are laid into drawers
			n += 4 * drawers
		}
		if round > 45 {
			ports, step = 65536, 1
		}
		sockets := make([]Socket, n)
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

// TestAncestorsFirst: the process that handed a socket down comes before those that have it from it,
// also where the PIDs began again from below in between.
func TestAncestorsFirst(t *testing.T) {
	tests := []struct {
		name    string
		parents map[int]int // by PID
		want    []int
	}{
		{"one", map[int]int{7: 1}, []int{7}},
		{"strangers", map[int]int{7: 1, 9: 1, 8: 2}, []int{7, 8, 9}},
		{"a parent with a higher number", map[int]int{120: 99000, 121: 99000, 99000: 1}, []int{99000, 120, 121}},
		{"three generations", map[int]int{5: 900, 900: 30, 30: 1, 6: 30}, []int{30, 6, 900, 5}},
		{"two families", map[int]int{5: 900, 900: 1, 6: 800, 800: 1}, []int{800, 900, 5, 6}},
		{"read while it changed", map[int]int{5: 6, 6: 5, 7: 7}, []int{5, 6, 7}},
	}
	for _, test := range tests {
		var owners []Owner
		for _, pid := range slices.Sorted(maps.Keys(test.parents)) {
			owners = append(owners, Owner{&process.Process{ID: process.ID{PID: pid}, PPID: test.parents[pid]}, ByDescriptor})
		}
		s := newSnapshot(time.Time{}, []Socket{{Protocol: TCP, Owners: owners}}, Hidden{})
		var got []int
		for _, o := range s.Sockets[0].Owners {
			got = append(got, o.Process.PID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
