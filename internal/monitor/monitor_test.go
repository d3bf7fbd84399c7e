package monitor

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// script is a Source that a test tells what to answer.
type script struct {
	answer func(n int) (*netstat.Snapshot, error) // n counts from 1, and sees no two calls at once
	takes  time.Duration

	mu       sync.Mutex
	began    []time.Time // of the reads
	underway int
	overlap  bool // two reads at once were seen
}

func (s *script) Read(ctx context.Context) (*netstat.Snapshot, error) {
	n := s.begin()
	defer s.end()
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.answer(n)
}

func (s *script) begin() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.underway++
	s.overlap = s.overlap || s.underway > 1
	s.began = append(s.began, time.Now())
	return len(s.began)
}

func (s *script) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.underway--
}

// reads gives when the reads began.
func (s *script) reads() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.began)
}

// always answers with sockets of these IDs, in a new snapshot each time.
func always(ids ...uint64) func(int) (*netstat.Snapshot, error) {
	return func(int) (*netstat.Snapshot, error) { return snapshot(ids...), nil }
}

// oneByOne answers with one more socket each time.
func oneByOne(n int) (*netstat.Snapshot, error) {
	var ids []uint64
	for i := range n {
		ids = append(ids, uint64(i+1))
	}
	return snapshot(ids...), nil
}

func snapshot(ids ...uint64) *netstat.Snapshot {
	s := &netstat.Snapshot{Taken: time.Now()}
	for _, id := range ids {
		s.Sockets = append(s.Sockets, socket(id))
	}
	return s
}

func socket(id uint64) netstat.Socket {
	return netstat.Socket{
		ID: id, Protocol: netstat.TCP, State: netstat.Listen, UID: 1000,
		Local: netip.AddrPortFrom(netip.IPv6Loopback(), uint16(id)),
	}
}

func ids(sockets []netstat.Socket) []uint64 {
	var all []uint64
	for _, s := range sockets {
		all = append(all, s.ID)
	}
	return all
}

// start makes a monitor and runs it.
func start(t *testing.T, s *script, every time.Duration) *Monitor {
	t.Helper()
	m := New(s, every)
	run(t, m, s)
	return m
}

// run runs a monitor until the test ends, and checks that Run then ends too.
func run(t *testing.T, m *Monitor, s *script) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v, want context.Canceled", err)
		}
		if s.overlap {
			t.Error("two reads were under way at once")
		}
	})
}

// log keeps what a subscriber is told.
type log struct {
	mu   sync.Mutex
	kept []Update
}

func (l *log) keep(u Update) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, u)
}

func (l *log) updates() []Update {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.kept)
}

// collect subscribes a log.
func collect(m *Monitor) (l *log, cancel func()) {
	l = new(log)
	return l, m.Subscribe(l.keep)
}

// after lets the fake time pass and everything settle.
func after(d time.Duration) {
	time.Sleep(d) // in the bubble of synctest: no real time
	synctest.Wait()
}

func TestReadsAtTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &script{answer: always(1), takes: 100 * time.Millisecond}
		m := start(t, s, 0)
		after(10 * time.Second)
		m.SetInterval(time.Second)
		after(3500 * time.Millisecond)
		var at []time.Duration
		for _, r := range s.reads() {
			at = append(at, r.Sub(began))
		}
		want := []time.Duration{0, 3 * time.Second, 6 * time.Second, 9 * time.Second,
			10 * time.Second, 11 * time.Second, 12 * time.Second, 13 * time.Second}
		if !slices.Equal(at, want) {
			t.Errorf("reads at %v, want %v", at, want)
		}
	})
}

// A read that takes longer than the interval is not followed by the next at once.
func TestSlowReadsLeaveTimeBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &script{answer: always(1), takes: 5 * time.Second}
		start(t, s, 3*time.Second)
		after(21 * time.Second)
		if len(s.reads()) != 3 || s.reads()[1].Sub(began) != 10*time.Second {
			t.Errorf("reads at %v, want one each 10 s", s.reads())
		}
	})
}

func TestRefreshCoalesces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: always(1), takes: time.Second}
		m := start(t, s, time.Hour)
		after(2 * time.Second)
		for range 100 { // before the read that they ask for
			m.Refresh()
		}
		after(500 * time.Millisecond)
		for range 100 { // while it is under way
			m.Refresh()
		}
		after(10 * time.Second)
		if len(s.reads()) != 3 {
			t.Errorf("%d reads, want the first, one refresh, and one for what came meanwhile", len(s.reads()))
		}
	})
}

func TestPublishesOnlyWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int) (*netstat.Snapshot, error) {
			switch {
			case n < 4:
				return snapshot(1, 2), nil
			case n < 6:
				return snapshot(1, 3), nil
			case n < 8:
				next := snapshot(1, 3)
				next.Sockets[1].RxBytes = uint64(n) // no event
				return next, nil
			case n < 10:
				next := snapshot(1, 3)
				next.Sockets[0].State = netstat.TimeWait
				return next, nil
			case n < 12:
				next := snapshot(1, 3)
				next.Sockets[0].State = netstat.TimeWait
				next.Hidden.Owners = 7
				return next, nil
			default: // one waits to be accepted, which is no event either
				next := snapshot(1, 3)
				next.Sockets[0].State = netstat.TimeWait
				next.Hidden.Owners = 7
				next.Sockets[0].Queue, next.Sockets[1].Queue = uint32(n), 1 // of the first it means nothing
				return next, nil
			}
		}}
		m := start(t, s, time.Second)
		updates, _ := collect(m)
		after(20 * time.Second)
		want := []struct{ opened, changed, closed []uint64 }{
			{}, {opened: []uint64{3}, closed: []uint64{2}}, {changed: []uint64{1}}, {}, {},
		}
		if len(updates.updates()) != len(want) {
			t.Fatalf("%d updates from %d reads, want %d: %+v", len(updates.updates()), len(s.reads()), len(want), updates.updates())
		}
		for i, u := range updates.updates() {
			if !slices.Equal(ids(u.Opened), want[i].opened) || !slices.Equal(ids(u.Changed), want[i].changed) || !slices.Equal(ids(u.Closed), want[i].closed) {
				t.Errorf("update %d: opened %v, changed %v, closed %v, want %v", i, ids(u.Opened), ids(u.Changed), ids(u.Closed), want[i])
			}
			if u.Err != nil || u.Snapshot == nil {
				t.Errorf("update %d: snapshot %v, error %v", i, u.Snapshot, u.Err)
			}
		}
		last := updates.updates()
		if changed := last[2].Changed; changed[0].State != netstat.TimeWait {
			t.Errorf("Changed has the state %v, want the one there is now", changed[0].State)
		}
		// What Last has is newer than what was published, if only by its time.
		if got := m.Last(); !got.Snapshot.Taken.After(last[4].Snapshot.Taken) || got.Snapshot.Hidden.Owners != 7 {
			t.Errorf("Last().Snapshot was taken at %v", got.Snapshot.Taken)
		}
	})
}

func TestKeepsTheLastGoodSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, worse := errors.New("netlink is broken"), errors.New("and worse")
		s := &script{answer: func(n int) (*netstat.Snapshot, error) {
			switch n {
			case 1:
				return nil, broken // nothing good yet
			case 3, 4:
				return nil, broken
			case 5:
				return nil, worse
			case 7:
				return nil, nil
			case 8:
				return snapshot(1, 2), nil
			default:
				return snapshot(1), nil
			}
		}}
		m := start(t, s, time.Second)
		updates, _ := collect(m)
		after(7500 * time.Millisecond)
		type told struct {
			sockets int // -1: no snapshot
			err     error
			opened  int
		}
		var got []told
		for _, u := range updates.updates() {
			n := -1
			if u.Snapshot != nil {
				n = len(u.Snapshot.Sockets)
			}
			got = append(got, told{n, u.Err, len(u.Opened)})
		}
		want := []told{{-1, broken, 0}, {1, nil, 0}, {1, broken, 0}, {1, worse, 0}, {1, nil, 0}, {1, errNoSnapshot, 0}, {2, nil, 1}}
		if !slices.Equal(got, want) {
			t.Errorf("told %v\nwant %v", got, want)
		}
	})
}

func TestPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: always(1)}
		m := start(t, s, 3*time.Second)
		after(time.Second)
		m.SetPaused(true)
		after(time.Hour)
		if !m.Paused() || len(s.reads()) != 1 {
			t.Fatalf("Paused() = %v, %d reads while paused, want 0", m.Paused(), len(s.reads())-1)
		}
		m.Refresh()
		after(time.Hour)
		if len(s.reads()) != 2 {
			t.Fatalf("%d reads for one Refresh while paused", len(s.reads())-1)
		}
		m.SetPaused(false)
		after(time.Second)
		if m.Paused() || len(s.reads()) != 3 {
			t.Fatalf("%d reads one second after the pause, want one: it was long due", len(s.reads())-2)
		}
	})
}

func TestSubscribeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := start(t, &script{answer: oneByOne}, time.Second)
		early, _ := collect(m)
		after(2500 * time.Millisecond) // three reads
		late, cancel := collect(m)
		after(0)
		if len(late.updates()) != 1 || len(late.updates()[0].Snapshot.Sockets) != 3 || late.updates()[0].Opened != nil {
			t.Fatalf("the late subscriber was told %+v, want the last snapshot and no differences", late.updates())
		}
		after(time.Second)
		if len(late.updates()) != 2 || !slices.Equal(ids(late.updates()[1].Opened), []uint64{4}) {
			t.Fatalf("then it was told %+v", late.updates())
		}
		cancel()
		cancel() // twice does no harm
		after(5 * time.Second)
		if len(late.updates()) != 2 {
			t.Errorf("told %d times after cancel", len(late.updates())-2)
		}
		if len(early.updates()) != 9 {
			t.Errorf("the early subscriber was told %d times, want 9", len(early.updates()))
		}
	})
}

// Subscribers may do all that they need to from within their call.
func TestSubscriberCallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: oneByOne}
		m := New(s, time.Second)
		calls, nested := 0, 0
		var cancel func()
		cancel = m.Subscribe(func(u Update) {
			calls++
			m.Refresh()
			m.SetPaused(m.Paused())
			m.SetInterval(time.Second)
			if m.Last().Snapshot != u.Snapshot {
				t.Error("Last is not what is being told")
			}
			if calls == 3 {
				cancel()
				m.Subscribe(func(Update) { nested++ })
			}
		})
		others, _ := collect(m)
		run(t, m, s) // only now: what the subscribers need is all there
		after(10 * time.Second)
		if calls != 3 {
			t.Errorf("%d calls, want 3: it cancelled itself in the third", calls)
		}
		if nested == 0 || len(others.updates()) < nested {
			t.Errorf("the one subscribed from within was told %d times, the other %d", nested, len(others.updates()))
		}
	})
}

func TestCancelWhileAnotherIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: oneByOne}
		m := New(s, time.Second)
		var cancelSecond func()
		first, second := 0, 0
		m.Subscribe(func(Update) {
			if first++; first == 2 {
				cancelSecond()
			}
		})
		cancelSecond = m.Subscribe(func(Update) { second++ })
		run(t, m, s)
		after(5500 * time.Millisecond)
		if first != 6 || second != 1 {
			t.Errorf("told %d and %d times, want 6 and 1", first, second)
		}
	})
}

func TestRunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := start(t, &script{answer: always(1)}, time.Second)
		after(0)
		if err := m.Run(t.Context()); !errors.Is(err, ErrRunning) {
			t.Errorf("the second Run() = %v, want ErrRunning", err)
		}
	})
}

// What a read gives that was broken off because we are ending is not told.
func TestEndsInMidRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: always(1), takes: time.Minute}
		m := New(s, time.Second)
		updates, _ := collect(m)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("enough"))
		defer cancel()
		if err := m.Run(ctx); err == nil || err.Error() != "enough" {
			t.Errorf("Run() = %v, want the cause", err)
		}
		if len(updates.updates()) != 0 {
			t.Errorf("told %+v", updates.updates())
		}
		// It can run again, and then tells.
		s.takes = 0
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := m.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second Run() = %v", err)
		}
		if len(updates.updates()) != 1 {
			t.Errorf("told %d times in the second run, want once", len(updates.updates()))
		}
	})
}

// TestAlso: what changed besides the sockets is told once, with the next read that succeeds, before anybody is told of that.
func TestAlso(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int) (*netstat.Snapshot, error) {
			if n == 5 {
				return nil, errors.New("denied")
			}
			return snapshot(1), nil
		}}
		m := New(s, time.Second)
		asked := 0
		m.Also(func() bool {
			asked++
			return asked == 3 || asked == 5
		})
		updates, _ := collect(m)
		run(t, m, s)
		var told []int
		for range 8 {
			after(time.Second)
			told = append(told, len(updates.updates()))
		}
		// The failure of the fifth read is news itself, and so is the success of the sixth.
		if want := []int{1, 2, 2, 3, 4, 4, 4, 4}; !slices.Equal(told, want) {
			t.Errorf("after each second told %v times, want %v", told, want)
		}
		if reads := len(s.reads()); asked != reads {
			t.Errorf("asked %d times in %d reads", asked, reads)
		}
		for _, u := range updates.updates() {
			if len(u.Opened)+len(u.Changed)+len(u.Closed) > 0 {
				t.Errorf("an event: %+v", u)
			}
		}
	})
}

func TestCompareSeesEveryField(t *testing.T) {
	holder := &process.Process{ID: process.ID{PID: 5, Start: 6}, Name: "node", Started: time.Unix(9, 0)}
	base := socket(1)
	base.Owners = []netstat.Owner{{Process: holder, By: netstat.ByDescriptor}}
	twin, other := *holder, *holder
	twin.Started = holder.Started.UTC() // the same moment
	other.Name = "vite"
	for name, c := range map[string]struct {
		change func(*netstat.Socket)
		event  bool
	}{
		"nothing":      {func(*netstat.Socket) {}, false},
		"bytes":        {func(s *netstat.Socket) { s.RxBytes, s.TxBytes = 5, 6 }, false},
		"owner's twin": {func(s *netstat.Socket) { s.Owners = []netstat.Owner{{Process: &twin, By: netstat.ByDescriptor}} }, false},
		"owner":        {func(s *netstat.Socket) { s.Owners = []netstat.Owner{{Process: &other, By: netstat.ByDescriptor}} }, true},
		"evidence":     {func(s *netstat.Socket) { s.Owners = []netstat.Owner{{Process: holder, By: netstat.ByLastUse}} }, true},
		"no owner":     {func(s *netstat.Socket) { s.Owners = nil }, true},
		"one more":     {func(s *netstat.Socket) { s.Owners = append(slices.Clone(s.Owners), s.Owners[0]) }, true},
		"state":        {func(s *netstat.Socket) { s.State = netstat.Closed }, true},
		"protocol":     {func(s *netstat.Socket) { s.Protocol = netstat.UDP }, true},
		"local":        {func(s *netstat.Socket) { s.Local = netip.MustParseAddrPort("[fe80::1%en0]:1") }, true},
		"remote":       {func(s *netstat.Socket) { s.Remote = s.Local }, true},
		"dual stack":   {func(s *netstat.Socket) { s.DualStack = true }, true},
		"kernel port":  {func(s *netstat.Socket) { s.KernelPort = true }, true},
		"port told":    {func(s *netstat.Socket) { s.PortTold = true }, true},
		"uid":          {func(s *netstat.Socket) { s.UID = 0 }, true},
		"user":         {func(s *netstat.Socket) { s.User = "root" }, true},
		"absence":      {func(s *netstat.Socket) { s.Absence = netstat.Kernel }, true},
		"on behalf of": {func(s *netstat.Socket) { s.OnBehalfOf = holder }, true},
	} {
		after := base
		c.change(&after)
		var d differ
		opened, changed, closed := d.compare([]netstat.Socket{base}, []netstat.Socket{after})
		if (len(changed) == 1) != c.event || len(opened)+len(closed) > 0 {
			t.Errorf("%s: opened %v, changed %v, closed %v", name, ids(opened), ids(changed), ids(closed))
		}
	}
}

func TestCompareFollowsTheIDs(t *testing.T) {
	list := func(ids ...uint64) []netstat.Socket { return snapshot(ids...).Sockets }
	for _, c := range []struct{ before, after, opened, closed []uint64 }{
		{before: nil, after: []uint64{1, 2}, opened: []uint64{1, 2}},
		{before: []uint64{1, 2}, after: nil, closed: []uint64{1, 2}},
		{before: []uint64{1, 2, 3, 4}, after: []uint64{1, 3, 4}, closed: []uint64{2}},
		{before: []uint64{1, 3, 4}, after: []uint64{1, 2, 3, 4}, opened: []uint64{2}},
		{before: []uint64{1, 2, 3}, after: []uint64{3, 2, 1}}, // the order alone is no event
		{before: []uint64{1, 2, 3, 4, 5}, after: []uint64{0, 2, 6, 4, 7}, opened: []uint64{0, 6, 7}, closed: []uint64{1, 3, 5}},
	} {
		var d differ
		for range 2 { // the second time with the memory of the first
			opened, changed, closed := d.compare(list(c.before...), list(c.after...))
			if !slices.Equal(ids(opened), c.opened) || len(changed) > 0 || !slices.Equal(ids(closed), c.closed) {
				t.Errorf("%v to %v: opened %v, changed %v, closed %v", c.before, c.after, ids(opened), ids(changed), ids(closed))
			}
		}
	}
}

// twins are two equal snapshots of n sockets, and one in which one in a hundred is another.
func twins(n int) (a, b, c *netstat.Snapshot) {
	numbers := make([]uint64, n)
	for i := range numbers {
		numbers[i] = uint64(i + 1)
	}
	a, b = snapshot(numbers...), snapshot(numbers...)
	for i := range numbers {
		if i%100 == 50 {
			numbers[i] += uint64(n)
		}
	}
	return a, b, snapshot(numbers...)
}

// An unchanged refresh costs the monitor no memory at all.
func TestUnchangedReadAllocatesNothing(t *testing.T) {
	one, other, _ := twins(1000)
	n := 0
	m := New(sourceFunc(func() *netstat.Snapshot {
		if n++; n%2 == 0 {
			return one
		}
		return other
	}), 0)
	m.Subscribe(func(Update) {})
	m.read(t.Context())
	if allocs := testing.AllocsPerRun(100, func() { m.read(t.Context()) }); allocs != 0 {
		t.Errorf("an unchanged read made %v allocations", allocs)
	}
}

type sourceFunc func() *netstat.Snapshot

func (f sourceFunc) Read(context.Context) (*netstat.Snapshot, error) { return f(), nil }

func BenchmarkRead(b *testing.B) {
	one, other, third := twins(10_000)
	for name, pair := range map[string][2]*netstat.Snapshot{"unchanged": {one, other}, "one in a hundred": {one, third}} {
		b.Run(name, func(b *testing.B) {
			n := 0
			m := New(sourceFunc(func() *netstat.Snapshot { n++; return pair[n%2] }), 0)
			b.ReportAllocs()
			for b.Loop() {
				m.read(b.Context())
			}
		})
	}
}
