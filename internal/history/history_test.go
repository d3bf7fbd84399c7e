package history

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func someone(pid int, name string) *process.Process {
	return &process.Process{ID: process.ID{PID: pid, Start: uint64(pid)}, Name: name, App: app.App{Name: name, Path: "/opt/" + name}}
}

var (
	node    = someone(812, "node")
	python  = someone(900, "python")
	browser = someone(77, "browser")
)

func listener(id uint64, port uint16, by *process.Process) netstat.Socket {
	s := netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Listen, Local: netip.AddrPortFrom(netip.IPv4Unspecified(), port)}
	return held(s, by)
}

func connection(id uint64, local, remote uint16, by *process.Process) netstat.Socket {
	here := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	s := netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Established, Local: netip.AddrPortFrom(here, local), Remote: netip.AddrPortFrom(here, remote)}
	return held(s, by)
}

func held(s netstat.Socket, by *process.Process) netstat.Socket {
	if by != nil {
		s.Owners = []netstat.Owner{{Process: by, By: netstat.ByDescriptor}}
	}
	return s
}

// side stands for the range and the listeners: what goes out has a high local port.
func side(s *netstat.Socket) Side {
	switch {
	case !s.Remote.IsValid() || s.State == netstat.SynSent:
		return NoSide
	case s.Local.Port() >= 32768:
		return Outgoing
	default:
		return Incoming
	}
}

// world feeds a History as a monitor does.
type world struct {
	*History
	now  time.Time
	open map[uint64]netstat.Socket
}

func newWorld(sockets ...netstat.Socket) *world {
	w := &world{History: New(Options{Side: func(*netstat.Snapshot) func(*netstat.Socket) Side { return side }}), now: noon, open: map[uint64]netstat.Socket{}}
	for _, s := range sockets {
		w.open[s.ID] = s
	}
	w.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: noon, Sockets: sockets}})
	return w
}

func (w *world) after(d time.Duration, opened []netstat.Socket, closed ...uint64) {
	w.now = w.now.Add(d)
	u := monitor.Update{Snapshot: &netstat.Snapshot{Taken: w.now}, Opened: opened}
	for _, s := range opened {
		w.open[s.ID] = s
	}
	for _, id := range closed {
		u.Closed = append(u.Closed, w.open[id])
		delete(w.open, id)
	}
	w.Record(u)
}

func (w *world) changes(d time.Duration, changed ...netstat.Socket) {
	w.now = w.now.Add(d)
	for _, s := range changed {
		w.open[s.ID] = s
	}
	w.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: w.now}, Changed: changed})
}

// kept gives the events that are kept one by one.
func (w *world) kept(since time.Time) []Event { return w.Report(since, w.now).Events }

func (w *world) story(since time.Time) (lines []string) {
	events := w.kept(since)
	for _, e := range events {
		who := "nobody"
		if len(e.Socket.Owners) > 0 {
			who = e.Socket.Owners[0].Process.Name
		}
		lines = append(lines, fmt.Sprintf("%s %v %d %s", e.At.Format("04:05"), e.What, e.Socket.Local.Port(), who))
	}
	return lines
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWhoHadPort3000(t *testing.T) {
	w := newWorld(listener(1, 3000, node), listener(2, 22, nil))
	w.after(time.Minute, nil, 1)
	w.after(time.Minute, []netstat.Socket{listener(3, 3000, python)})
	w.after(time.Minute, nil)
	expect(t, w.story(noon), "01:00 closed 3000 node", "02:00 opened 3000 python")
	expect(t, w.story(noon.Add(90*time.Second)), "02:00 opened 3000 python")

	var had []string
	for _, x := range w.Tenures(noon) {
		who := "nobody"
		if x.Process != nil {
			who = x.Process.Name
		}
		had = append(had, fmt.Sprintf("%d %s from %s older %v to %s", x.Local.Port(), who, x.From.Format("04:05"), x.Older, x.To.Format("04:05")))
	}
	expect(t, had, "3000 node from 00:00 older true to 01:00", "22 nobody from 00:00 older true to 00:00",
		"3000 python from 02:00 older false to 00:00")
	if x := w.Tenures(w.now); len(x) != 2 || !x[1].To.IsZero() {
		t.Errorf("now: %+v", x)
	}

	w.after(Keep-2*time.Minute, nil) // ten minutes after the end of the first
	w.after(time.Second, nil)
	expect(t, w.story(noon), "02:00 opened 3000 python")
	if x := w.Tenures(noon); len(x) != 2 || x[0].Process != nil {
		t.Errorf("later: %+v", x)
	}
}

func TestSince(t *testing.T) {
	w := newWorld(connection(1, 40000, 443, browser))
	w.after(time.Minute, []netstat.Socket{connection(2, 40001, 443, browser)})
	w.after(time.Minute, nil)
	if at, known, ok := w.Since(1); !at.Equal(noon) || known || !ok {
		t.Errorf("what was there at first: %v, %v, %v", at, known, ok)
	}
	if at, known, ok := w.Since(2); !at.Equal(noon.Add(time.Minute)) || !known || !ok {
		t.Errorf("what came later: %v, %v, %v", at, known, ok)
	}
	w.after(time.Minute, nil, 2)
	if _, _, ok := w.Since(2); ok {
		t.Error("a closed socket is still open")
	}
}

func TestActivity(t *testing.T) {
	w := newWorld(connection(1, 40000, 443, browser), connection(2, 443, 50000, browser)) // the second came in
	w.after(Step, []netstat.Socket{connection(3, 40001, 443, browser), connection(4, 40002, 443, browser)}, 1)
	w.after(Step, nil)
	w.after(Step, nil, 3)
	points, ok := w.Activity(browser.App.Key(), w.now)
	if !ok || len(points) != Steps {
		t.Fatalf("%d points, %v", len(points), ok)
	}
	got := points[Steps-4:]
	want := []Point{{Open: 1}, {Open: 2, Opened: 2, Closed: 1}, {Open: 2}, {Open: 2, Closed: 1}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("point %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if points[Steps-5] != (Point{}) {
		t.Errorf("before the beginning: %+v", points[Steps-5])
	}
	// Long after, without any record: what is open still is.
	points, _ = w.Activity(browser.App.Key(), w.now.Add(3*Keep))
	for i, p := range points {
		if p != (Point{Open: 1}) {
			t.Fatalf("later, point %d: %+v", i, p)
		}
	}
	if _, ok := w.Activity(node.App.Key(), w.now); ok {
		t.Error("an app that opened nothing has an activity")
	}
	w.after(4*Keep, nil, 4)
	w.after(Keep+Step, nil)
	if _, ok := w.Activity(browser.App.Key(), w.now); ok {
		t.Error("an app that has done nothing for long is still followed")
	}
}

func TestChanges(t *testing.T) {
	waiting := connection(1, 40000, 443, browser)
	waiting.State = netstat.SynSent
	w := newWorld(waiting, listener(5, 8000, node))
	w.changes(Step, connection(1, 40000, 443, browser))
	w.changes(Step, connection(1, 40000, 443, nil), listener(5, 8000, python)) // its process is gone; the port was handed down
	points, ok := w.Activity(browser.App.Key(), w.now)
	if !ok || points[Steps-2] != (Point{Open: 1, Opened: 1}) || points[Steps-1] != (Point{Open: 1, Closed: 1}) {
		t.Errorf("%+v", points[Steps-3:])
	}
	x := w.Tenures(noon)
	if len(x) != 2 || x[0].Process.ID != node.ID || !x[0].To.Equal(w.now) || x[1].Process.ID != python.ID || !x[1].To.IsZero() {
		t.Errorf("%+v", x)
	}
}

// TestClockJumps: a clock that goes back does not bring anything back, one that leaps ahead forgets what is old then.
func TestClockJumps(t *testing.T) {
	w := newWorld()
	w.after(time.Minute, []netstat.Socket{listener(1, 3000, node)})
	w.after(-time.Hour, []netstat.Socket{listener(2, 3001, node)})
	w.after(time.Hour+time.Second, nil, 1)
	expect(t, w.story(noon), "01:00 opened 3000 node", "01:00 opened 3001 node", "01:01 closed 3000 node")
	w.after(1000*time.Hour, nil)
	expect(t, w.story(noon))
	if x := w.Tenures(noon); len(x) != 1 {
		t.Errorf("%+v", x)
	}
}

func TestErrorsChangeNothing(t *testing.T) {
	w := newWorld(listener(1, 3000, node))
	w.Record(monitor.Update{Err: netstatError{}})
	w.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: noon}, Err: netstatError{}})
	if len(w.story(noon)) != 0 || len(w.Tenures(noon)) != 1 || !w.Begun().Equal(noon) {
		t.Error("a failed read changed something")
	}
}

type netstatError struct{}

func (netstatError) Error() string { return "failed" }

// churn opens and closes n connections a second for d, by so many processes.
func (w *world) churn(d time.Duration, n, processes int) {
	by := make([]*process.Process, processes)
	for i := range by {
		by[i] = someone(1000+i, fmt.Sprint("worker", i))
	}
	id := uint64(1 << 20)
	const every = 3 * time.Second
	for end := w.now.Add(d); w.now.Before(end); {
		batch := make([]netstat.Socket, n*int(every/time.Second)/2)
		var closed []uint64
		for i := range batch {
			id++
			batch[i] = connection(id, uint16(32768+id%28000), uint16(443+id%7), by[int(id)%processes])
		}
		for old := range w.open {
			if old > 1<<20 {
				closed = append(closed, old)
			}
		}
		w.after(every, batch, closed...)
	}
}

func TestAggregatesBeforeItForgets(t *testing.T) {
	w := newWorld()
	w.churn(2*time.Minute, 1000, 5)
	r := w.Report(noon, w.now)
	events, whole := r.Events, r.Whole
	if len(events) == 0 || len(events) > maxEvents || !whole.After(noon) {
		t.Fatalf("%d events, whole since %v", len(events), whole)
	}
	total := 0
	for _, s := range r.Sums {
		if s.Process == "" || s.App.Name == "" || s.Port < 443 || s.Port > 449 || s.To.Before(s.From) || s.To.After(whole) {
			t.Errorf("%+v", s)
		}
		total += s.Opened + s.Closed
	}
	// Of the first batch nothing was closed, of each later one all that the one before opened.
	const batch = 1500
	if want := 40*batch + 39*batch; total+len(events) != want {
		t.Errorf("%d in sums and %d events make %d, want %d", total, len(events), total+len(events), want)
	}
}

func TestManyProcessesAndPorts(t *testing.T) {
	w := newWorld()
	for i := range 3 * maxSums {
		w.after(time.Millisecond, []netstat.Socket{listener(uint64(i+1), uint16(i+1), someone(i+1, fmt.Sprint("p", i)))}, uint64(i))
	}
	if n := w.briefs.eventful; n > maxProcesses {
		t.Errorf("%d processes are kept for events", n)
	}
	if n := len(w.briefs.by); n > maxProcesses+maxTenures {
		t.Errorf("%d processes are kept", n)
	}
	if n := len(w.Report(noon, w.now).Sums); n > mostSums {
		t.Errorf("%d sums are kept", n)
	}
	if n := len(w.apps); n > maxApps || len(w.numbered) > maxApps+1 {
		t.Errorf("%d apps are followed, with %d numbers", n, len(w.numbered))
	}
	if n := len(w.tenures.list); n > maxTenures {
		t.Errorf("%d tenures are kept", n)
	}
	if x := w.Tenures(w.now.Add(time.Microsecond)); len(x) != 1 || x[0].Local.Port() != uint16(3*maxSums) {
		t.Errorf("now: %+v", x)
	}
}

// BenchmarkRecord is one update with 1 % of 10,000 sockets new.
func BenchmarkRecord(b *testing.B) {
	var sockets []netstat.Socket
	for i := range 10_000 {
		sockets = append(sockets, connection(uint64(i+1), uint16(32768+i), 443, browser))
	}
	w := newWorld(sockets...)
	u := monitor.Update{Snapshot: &netstat.Snapshot{Taken: noon}, Opened: sockets[:100], Closed: sockets[:100]}
	b.ReportAllocs()
	for b.Loop() {
		u.Snapshot.Taken = u.Snapshot.Taken.Add(3 * time.Second)
		w.Record(u)
	}
}
