package monitor

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portolan/internal/netstat"
)

// traffic is a Source whose one socket has received as many bytes as there were reads, for as long as it counts.
type traffic struct {
	script

	state  sync.Mutex
	counts bool
	told   []bool // what CountBytes was called with
	inRead bool   // it was called during a read
}

func newTraffic() *traffic {
	s := new(traffic)
	s.answer = func(n int) (*netstat.Snapshot, error) {
		answer := snapshot(1)
		s.state.Lock()
		defer s.state.Unlock()
		if s.counts {
			answer.Sockets[0].RxBytes = uint64(n)
		}
		return answer, nil
	}
	return s
}

func (s *traffic) CountBytes(on bool) {
	s.mu.Lock()
	s.inRead = s.inRead || s.underway > 0
	s.mu.Unlock()
	s.state.Lock()
	defer s.state.Unlock()
	s.counts, s.told = on, append(s.told, on)
}

func TestCounting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTraffic()
		s.takes = 100 * time.Millisecond
		m := New(s, time.Second)
		run(t, m, &s.script)
		updates, _ := collect(m)
		after(5050 * time.Millisecond) // in the middle of the sixth read
		if n := len(updates.updates()); n != 1 {
			t.Fatalf("%d updates while nothing changed and nobody counts", n)
		}
		m.SetCounting(true)
		m.SetCounting(true)
		after(200 * time.Millisecond) // the read that it asks for follows
		if got := len(updates.updates()); got != 2 || len(s.reads()) != 7 {
			t.Fatalf("%d updates, %d reads, want the counters at once", got, len(s.reads()))
		}
		after(3 * time.Second)
		m.SetCounting(false)
		after(10 * time.Second)
		all := updates.updates()
		if len(all) != 5 {
			t.Errorf("%d updates, want 5: one, and one for each read that counted", len(all))
		}
		for i, u := range all[1:] {
			if len(u.Opened)+len(u.Changed)+len(u.Closed) > 0 || u.Err != nil || u.Snapshot.Sockets[0].RxBytes != uint64(7+i) {
				t.Errorf("update %d: %+v", i+1, u)
			}
		}
		if !slices.Equal(s.told, []bool{true, false}) || s.inRead {
			t.Errorf("the source was told %v, during a read: %v", s.told, s.inRead)
		}
	})
}

// Set before Run it holds from the first read on, which is not made twice for it.
func TestCountingBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTraffic()
		m := New(s, time.Hour)
		m.SetCounting(true)
		run(t, m, &s.script)
		after(time.Minute)
		if len(s.reads()) != 1 || m.Last().Snapshot.Sockets[0].RxBytes != 1 {
			t.Errorf("%d reads, last %+v", len(s.reads()), m.Last())
		}
	})
}

// A Source that does not know of counting may have counters all the same, as on macOS.
func TestCountingWithoutAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int) (*netstat.Snapshot, error) {
			next := snapshot(1, 2)
			next.Sockets[1].TxBytes = uint64(n / 3)
			return next, nil
		}}
		m := start(t, s, time.Second)
		m.SetCounting(true)
		updates, _ := collect(m)
		after(8500 * time.Millisecond)
		if n := len(updates.updates()); n != 6 {
			t.Errorf("%d updates from %d reads, want 6: the first, one for each new count, and one for each time that it stands still again", n, len(s.reads()))
		}
	})
}

// An unchanged refresh costs no memory while counting either.
func TestCountingAllocatesNothing(t *testing.T) {
	one, other, _ := twins(1000)
	n := 0
	m := New(sourceFunc(func() *netstat.Snapshot {
		if n++; n%2 == 0 {
			return one
		}
		return other
	}), 0)
	m.SetCounting(true)
	m.Subscribe(func(Update) {})
	m.read(t.Context())
	if allocs := testing.AllocsPerRun(100, func() { m.read(t.Context()) }); allocs != 0 {
		t.Errorf("an unchanged read made %v allocations", allocs)
	}
}
