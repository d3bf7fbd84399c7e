package history

import (
	"reflect"
	"testing"
	"time"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// counted feeds a History one connection's counters.
func counted(h *History, at time.Duration, id, received, sent uint64) {
	s := connection(id, 40000, 443, browser)
	s.RxBytes, s.TxBytes = received, sent
	h.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: noon.Add(at), Sockets: []netstat.Socket{s}}})
}

func TestRates(t *testing.T) {
	type look struct {
		at             time.Duration
		id             uint64
		received, sent uint64
	}
	const s = time.Second
	tests := []struct {
		name    string
		looks   []look
		in, out float64
		ok      bool
	}{
		{"steady", []look{{0, 1, 1000, 10}, {3 * s, 1, 4000, 70}}, 1000, 20, true},
		{"idle", []look{{0, 1, 1000, 10}, {3 * s, 1, 4000, 70}, {6 * s, 1, 4000, 70}}, 0, 0, true},
		{"seen once", []look{{0, 1, 1000, 10}}, 0, 0, false},
		{"not told before", []look{{0, 1, 0, 0}, {3 * s, 1, 5 << 30, 70}}, 0, 0, false},
		{"told no more", []look{{0, 1, 1000, 10}, {3 * s, 1, 0, 0}}, 0, 0, false},
		{"gone back", []look{{0, 1, 4000, 10}, {3 * s, 1, 1000, 70}}, 0, 0, false},
		{"gone back, then on", []look{{0, 1, 4000, 10}, {3 * s, 1, 1000, 70}, {6 * s, 1, 1300, 70}}, 100, 0, true},
		{"another socket", []look{{0, 1, 1000, 10}, {3 * s, 2, 4000, 70}}, 0, 0, false},
		{"nonsense", []look{{0, 1, 1000, 10}, {3 * s, 1, 1 << 63, 70}}, 0, 0, false},
		{"after a sleep", []look{{0, 1, 1000, 10}, {time.Hour, 1, 4000, 70}}, 0, 0, false},
		{"the clock goes back", []look{{0, 1, 1000, 10}, {-time.Hour, 1, 4000, 70}}, 0, 0, false},
		{"looked again at once", []look{{0, 1, 1000, 10}, {3 * s, 1, 4000, 70}, {3*s + time.Millisecond, 1, 9000, 70}}, 1000, 20, true},
		{"and then later", []look{{0, 1, 1000, 10}, {3 * s, 1, 4000, 70}, {3*s + time.Millisecond, 1, 9000, 70}, {8 * s, 1, 9000, 70}}, 1000, 0, true},
		{"and on again", []look{{0, 1, 1000, 10}, {-time.Hour, 1, 4000, 70}, {3 * s, 1, 4000, 70}}, 1000, 20, true},
	}
	for _, test := range tests {
		h := New(Options{})
		h.CountRates(true)
		id := uint64(0)
		for _, l := range test.looks {
			counted(h, l.at, l.id, l.received, l.sent)
			id = l.id
		}
		if in, out, ok := h.Rate(id); in != test.in || out != test.out || ok != test.ok {
			t.Errorf("%s: %v, %v, %v; want %v, %v, %v", test.name, in, out, ok, test.in, test.out, test.ok)
		}
	}
}

func TestNobodyCounts(t *testing.T) {
	h := New(Options{})
	counted(h, 0, 1, 1000, 10)
	counted(h, 3*time.Second, 1, 4000, 10)
	if _, _, ok := h.Rate(1); ok {
		t.Error("a rate though nobody counts")
	}
	h.CountRates(true)
	counted(h, 6*time.Second, 1, 7000, 10)
	counted(h, 9*time.Second, 1, 10_000, 10)
	h.CountRates(true)
	if in, _, ok := h.Rate(1); !ok || in != 1000 {
		t.Errorf("%v, %v", in, ok)
	}
	h.CountRates(false)
	if _, _, ok := h.Rate(1); ok || h.rates.sockets != nil {
		t.Error("the counters are kept though nobody counts any more")
	}
}

// TestRatesAreBounded: sockets that come and go leave nothing, and too many are not kept.
func TestRatesAreBounded(t *testing.T) {
	h := New(Options{})
	h.CountRates(true)
	for round := range 3 {
		sockets := make([]netstat.Socket, 2*maxRated)
		for i := range sockets {
			sockets[i] = netstat.Socket{ID: uint64(round*len(sockets) + i + 1), Protocol: netstat.TCP, RxBytes: 1}
		}
		h.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: noon.Add(time.Duration(round) * time.Minute), Sockets: sockets}})
		if n := len(h.rates.sockets); n > maxRated {
			t.Errorf("%d are kept", n)
		}
	}
	counted(h, time.Hour, 1, 1, 1) // there is room again once the others are seen to be gone
	counted(h, time.Hour+time.Second, 1, 1, 1)
	if n := len(h.rates.sockets); n != 1 {
		t.Errorf("%d are kept, one is there", n)
	}
}

// TestCloseWait: the points tell how many an app had not closed at least, of whichever side opened them.
func TestCloseWait(t *testing.T) {
	hungUp := func(id uint64, local uint16) netstat.Socket {
		s := connection(id, local, 50000, node)
		s.State = netstat.CloseWait
		return s
	}
	w := newWorld(hungUp(1, 3000), connection(2, 3000, 50001, node))
	w.changes(Step, hungUp(2, 3000))
	w.after(Step, []netstat.Socket{hungUp(3, 3000)})
	w.after(time.Second, nil, 1)
	w.after(Step, []netstat.Socket{hungUp(4, 3000)})
	points, ok := w.Activity(node.App.Key(), w.now)
	if !ok {
		t.Fatal("no points")
	}
	got := points[Steps-4:]
	for i, want := range []int{0, 1, 2, 2} { // in a step in which one more came it had the old number, at least
		if got[i].CloseWait != want {
			t.Errorf("step %d: %+v, want %d", i, got, want)
		}
	}
	w.after(Step, nil, 2, 3, 4)
	w.after(2*Keep, nil)
	if _, ok := w.Activity(node.App.Key(), w.now); ok || len(w.apps) > 0 {
		t.Error("what is long closed is still followed")
	}
}

// TestTimeWait: the time of one that waits counts from when it was seen to.
func TestTimeWait(t *testing.T) {
	w := newWorld(connection(1, 40000, 443, browser))
	if !w.Waited().IsZero() {
		t.Error("none waits yet")
	}
	gone := connection(1, 40000, 443, nil)
	gone.State = netstat.TimeWait
	w.changes(time.Minute, gone)
	w.changes(time.Second, gone)
	if at, known, ok := w.Since(1); !at.Equal(noon.Add(time.Minute)) || !known || !ok {
		t.Errorf("%v, %v, %v", at, known, ok)
	}
	if got := w.Waited(); !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("the last was seen at %v", got)
	}
}

func (w *world) Waited() (at time.Time) {
	w.Look(func(s Sight) { at = s.Waited() })
	return at
}

// TestRateAfterQuiet: looks in which no counter changed are not told; what comes after them came since the last of them.
func TestRateAfterQuiet(t *testing.T) {
	h := New(Options{})
	h.CountRates(true)
	counted(h, 0, 1, 1000, 10)
	counted(h, 3*time.Second, 1, 4000, 10)
	c := connection(1, 40000, 443, browser)
	c.RxBytes, c.TxBytes = 34_000, 10
	h.Record(monitor.Update{Since: noon.Add(60 * time.Second), Snapshot: &netstat.Snapshot{Taken: noon.Add(63 * time.Second), Sockets: []netstat.Socket{c}}})
	if in, out, ok := h.Rate(1); in != 10_000 || out != 0 || !ok {
		t.Errorf("%v, %v, %v", in, out, ok)
	}
	c.RxBytes = 64_000 // the clock says that the look before was later than this one
	h.Record(monitor.Update{Since: noon.Add(time.Hour), Snapshot: &netstat.Snapshot{Taken: noon.Add(66 * time.Second), Sockets: []netstat.Socket{c}}})
	if in, _, ok := h.Rate(1); ok && in != 10_000 {
		t.Errorf("after a clock that was set: %v", in)
	}
}

// TestMoreThanAreRated: of sockets beyond those that are followed it is known that nothing is known, until there is room.
func TestMoreThanAreRated(t *testing.T) {
	var all []netstat.Socket
	for i := range maxRated + 2 {
		s := connection(uint64(i+1), uint16(i), 443, browser)
		if i != maxRated+1 { // this one has no counters
			s.RxBytes = 1000
		}
		all = append(all, s)
	}
	h := New(Options{})
	h.CountRates(true)
	unrated := func(sockets []netstat.Socket, at time.Duration) (which []uint64) {
		h.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: noon.Add(at), Sockets: sockets}})
		h.Look(func(s Sight) {
			for i := range sockets {
				if s.Unrated(&sockets[i]) {
					which = append(which, sockets[i].ID)
				}
			}
		})
		return which
	}
	for i := range 2 {
		if got := unrated(all, time.Duration(3*i)*time.Second); !reflect.DeepEqual(got, []uint64{maxRated + 1}) {
			t.Errorf("not followed: %v", got)
		}
	}
	unrated(all[1:], 6*time.Second) // one has gone
	if got := unrated(all[1:], 9*time.Second); got != nil {
		t.Errorf("with room for all: %v", got)
	}
}

// TestCloseWaitOfAnotherProcess: what an app left before it was started again is not counted for it afterwards; the same
// process that begins again, and a second one beside it, change nothing.
func TestCloseWaitOfAnotherProcess(t *testing.T) {
	hungUp := func(id uint64, by *process.Process) netstat.Socket {
		s := connection(id, 3000, uint16(50000+id), by)
		s.State = netstat.CloseWait
		return s
	}
	again := *node
	again.ID = process.ID{PID: 999, Start: 5}
	for name, test := range map[string]struct {
		beside bool
		by     *process.Process
		before int
	}{
		"restarted":   {false, &again, 0},
		"the same":    {false, node, 2},
		"another too": {true, &again, 2},
	} {
		w := newWorld(hungUp(1, node), hungUp(2, node))
		w.after(3*Step, nil)
		closed := []uint64{1, 2}
		if test.beside {
			closed = closed[:1]
		}
		w.after(Step, nil, closed...)
		w.after(Step, []netstat.Socket{hungUp(3, test.by)})
		w.after(2*Step, nil)
		points, _ := w.Activity(node.App.Key(), w.now)
		if got := points[Steps-6].CloseWait; got != test.before {
			t.Errorf("%s: before it was closed there were %d, want %d", name, got, test.before)
		}
		if got, want := points[Steps-1].CloseWait, 3-len(closed); got != want {
			t.Errorf("%s: now there are %d, want %d", name, got, want)
		}
	}
}
