package history

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// load is the worst mix: many processes of many apps, which come and go and have long command lines, open
// connections that stay in TIME_WAIT for a minute. It keeps none of it itself, so what is on the heap is the History's.
type load struct {
	*History
	now             time.Time
	rate            int // connections a second; each is opened and closed
	processes, apps int
	batch           uint64
}

const (
	loadEvery = 3 * time.Second
	loadWait  = uint64(time.Minute / loadEvery) // updates in TIME_WAIT
)

func newLoad(rate, processes, apps int) *load {
	l := &load{History: New(Options{Side: func(*netstat.Snapshot) func(*netstat.Socket) Side { return side }}), now: noon, rate: rate, processes: processes, apps: apps}
	l.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: noon}})
	return l
}

// process makes the one that opens a connection, as a reader does: each minute has others.
func (l *load) process(batch uint64, i int) *process.Process {
	n := i % l.processes
	generation := int(batch / loadWait)
	name := fmt.Sprintf("worker-%d", n%l.apps)
	path := "/opt/" + name + "/bin/" + name
	return &process.Process{ID: process.ID{PID: 1000 + n, Start: uint64(generation + 1)}, PPID: 1, Name: name, Executable: path, User: "service", UID: 998, Started: l.now,
		App: app.App{Name: name, Path: "/opt/" + name, Kind: app.Unit, ID: name + ".service", Unit: name + ".service"},
		Work: app.Work{Title: name + " - production", Dir: "/var/lib/" + name, Project: "/srv/" + name,
			Line: path + " --listen=unix:/run/" + name + ".sock" + strings.Repeat(fmt.Sprintf(" --option-%d=value", n), 50)}}
}

// sockets makes those of a batch: three go out for one that comes in, and a few wait.
func (l *load) sockets(batch uint64, state netstat.State) []netstat.Socket {
	all := make([]netstat.Socket, l.rate*int(loadEvery/time.Second))
	processes := make([][]netstat.Owner, l.processes)
	for i := range all {
		id := batch*uint64(len(all)) + uint64(i) + 1
		here := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), uint16(32768+id%28000))
		there := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(id >> 8), byte(id)}), uint16(443+id%7))
		if i%4 == 3 {
			here, there = there, here
		}
		s := netstat.Socket{ID: id, Protocol: netstat.TCP, State: state, Local: here, Remote: there, UID: 998}
		if i%100 == 0 {
			s.State, s.Remote = netstat.Listen, netip.AddrPort{}
		}
		if n := i % l.processes; s.State == netstat.TimeWait {
			s.Absence = netstat.Kernel
		} else {
			if processes[n] == nil {
				processes[n] = []netstat.Owner{{Process: l.process(batch, i), By: netstat.ByDescriptor}}
			}
			s.Owners = processes[n]
		}
		all[i] = s
	}
	return all
}

// step plays what happens between two updates.
func (l *load) step() {
	u := monitor.Update{Opened: l.sockets(l.batch, netstat.Established)}
	if l.batch > 0 {
		u.Changed = l.sockets(l.batch-1, netstat.TimeWait)
	}
	if l.batch > loadWait {
		u.Closed = l.sockets(l.batch-1-loadWait, netstat.TimeWait)
	}
	l.batch++
	l.now = l.now.Add(loadEvery)
	u.Snapshot = &netstat.Snapshot{Taken: l.now}
	l.Record(u)
}

func (l *load) run(d time.Duration) {
	for end := l.now.Add(d); l.now.Before(end); {
		l.step()
	}
}

// heap is what is used after all that is not used is gone, in MB.
func heap() float64 {
	runtime.GC()
	runtime.GC() // what the first found to be finished with
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// TestBounded: at 1,000 events a second it keeps less than 8 MB, also of the worst mix; and at ten times as many
// not much more.
func TestBounded(t *testing.T) {
	for _, c := range []struct {
		rate, processes, apps int
		fills                 time.Duration // until all that is bounded is full
		most                  float64
	}{
		{500, 2000, 1000, 11 * time.Minute, 8},
		{500, 10_000, 5000, 3 * time.Minute, 8},
		{5000, 2000, 1000, 2 * time.Minute, 14},
	} {
		before := heap()
		l := newLoad(c.rate, c.processes, c.apps)
		for range 2 {
			l.run(c.fills)
			c.fills = time.Minute
			if used := heap() - before; used > c.most {
				t.Errorf("%d connections a second of %d processes of %d apps: %.1f MB after %v", c.rate, c.processes, c.apps, used, l.now.Sub(noon))
			}
		}
		runtime.KeepAlive(l)
	}
}

// TestShortOnesAreBounded: five thousand connections a second, of which no look sees one open, are all counted, while
// those in TIME_WAIT are more than can be followed.
func TestShortOnesAreBounded(t *testing.T) {
	const each = 15_000 // between two looks
	before := heap()
	l := newLoad(each/3, 1, 1)
	for range 3 * loadWait {
		u := monitor.Update{Opened: l.sockets(l.batch, netstat.TimeWait)}
		if l.batch >= loadWait {
			u.Closed = l.sockets(l.batch-loadWait, netstat.TimeWait)
		}
		l.batch++
		l.now = l.now.Add(loadEvery)
		u.Snapshot = &netstat.Snapshot{Taken: l.now}
		l.Record(u)
	}
	if used := heap() - before; used > 12 {
		t.Errorf("%.1f MB", used)
	}
	const short = each - each/100 // the others listen
	if r := l.Report(noon, l.now); r.Short != int(3*loadWait)*short || !r.Partial {
		t.Errorf("%d were never seen, want %d; partial %v", r.Short, int(3*loadWait)*short, r.Partial)
	}
	minute := 0
	l.Look(func(s Sight) {
		for service := range l.shorts.services {
			minute += s.Short(service, l.now)
		}
	})
	if want := int(loadWait) * short; minute != want {
		t.Errorf("%d in a minute, want %d", minute, want)
	}
}

// flat plays ten hours and samples the memory after each.
func flat(t testing.TB, rate int) float64 {
	before := heap()
	l := newLoad(rate, 200, 50)
	var first, most float64
	for hour := range 10 {
		l.run(time.Hour)
		used := heap() - before
		if hour == 0 {
			first = used
		}
		if most = max(most, used); used > first*1.05 {
			t.Errorf("%.2f MB after %d hours, and %.2f after the first", used, hour+1, first)
		}
	}
	runtime.KeepAlive(l)
	return most
}

// TestTenHours: the memory is flat, with as many events as fill the ring.
func TestTenHours(t *testing.T) {
	flat(t, 30)
}

// BenchmarkTenHours is TestTenHours at 1,000 events a second.
func BenchmarkTenHours(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(flat(b, 500), "MB")
	}
}
