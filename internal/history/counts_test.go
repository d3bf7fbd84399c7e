package history

import (
	"bytes"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

// update is one that begins.
func update(at time.Time, sockets ...netstat.Socket) monitor.Update {
	return monitor.Update{Snapshot: &netstat.Snapshot{Taken: at, Sockets: sockets}}
}

// TestSumsAge: what is told of the last five minutes is no more than what happened in six, however long it has gone on.
func TestSumsAge(t *testing.T) {
	l := newLoad(500, 10, 10)
	l.run(25 * time.Minute)
	r := l.Report(l.now.Add(-5*time.Minute), l.now)
	total := 0
	for _, s := range r.Sums {
		total += s.Opened + s.Closed
		if s.To.Sub(s.From) >= time.Minute || s.To.Before(l.now.Add(-5*time.Minute)) {
			t.Errorf("%v to %v, at %v", s.From, s.To, l.now)
		}
	}
	total += len(r.Events)
	if least, most := 5*60*1000, 6*60*1000; total < least || total > most {
		t.Errorf("%d events in five minutes, want from %d to %d", total, least, most)
	}
	if n := len(l.sums); n > int(Keep/time.Minute)+1 {
		t.Errorf("%d minutes are kept", n)
	}
}

// TestReadingWritesNothing: who looks ahead of what is recorded does not change it.
func TestReadingWritesNothing(t *testing.T) {
	w := newWorld()
	w.after(Step-time.Second, []netstat.Socket{connection(1, 40000, 443, browser), connection(2, 40001, 443, browser)})
	key := browser.App.Key()
	if points, _ := w.Activity(key, w.now.Add(time.Second)); points[Steps-1].Open != 2 { // the next step has begun
		t.Errorf("%+v", points[Steps-1])
	}
	var many []netstat.Socket
	for i := range 200 {
		many = append(many, connection(uint64(10+i), uint16(41000+i), 443, browser))
	}
	w.after(2*time.Second, many)
	if points, _ := w.Activity(key, w.now); points[Steps-1] != (Point{Open: 202, Opened: 200}) || points[Steps-2] != (Point{Open: 2, Opened: 2}) {
		t.Errorf("%+v", points[Steps-2:])
	}
	before, _ := w.Activity(key, w.now)
	if ahead, _ := w.Activity(key, w.now.Add(100*time.Hour)); ahead[0] != (Point{Open: 202}) || ahead[Steps-1] != (Point{Open: 202}) {
		t.Errorf("far ahead: %+v", ahead)
	}
	if after, _ := w.Activity(key, w.now); !reflect.DeepEqual(before, after) {
		t.Errorf("a look ahead has changed %v to %v", before, after)
	}
	w.after(Step, nil, 1)
	if points, _ := w.Activity(key, w.now); points[Steps-1] != (Point{Open: 202, Closed: 1}) {
		t.Errorf("after a look ahead: %+v", points[Steps-1])
	}
}

// TestLastMinute: what came and went in sixty seconds is that and no more, wherever the steps begin.
func TestLastMinute(t *testing.T) {
	for offset := range Step / time.Second {
		w := newWorld()
		w.after(offset*time.Second+500*time.Millisecond, nil)
		for id := range uint64(90) { // one a second
			w.after(time.Second, []netstat.Socket{connection(id+1, uint16(40000+id), 443, browser)}, id)
		}
		minute := func(at time.Time) (opened, closed int, ok bool) {
			w.Look(func(s Sight) { opened, closed, ok = s.LastMinute(browser.App.Key(), at) })
			return opened, closed, ok
		}
		if opened, closed, ok := minute(w.now); opened != 60 || closed != 60 || !ok {
			t.Errorf("begun %v after a step: %d opened, %d closed, %v", offset, opened, closed, ok)
		}
		if opened, _, _ := minute(w.now.Add(20 * time.Second)); opened != 40 {
			t.Errorf("20 s later: %d opened", opened)
		}
		if opened, _, _ := minute(w.now.Add(time.Hour)); opened != 0 {
			t.Errorf("an hour later: %d opened", opened)
		}
		w.after(3*time.Minute, nil, 90)
		if opened, closed, _ := minute(w.now); opened != 0 || closed != 1 {
			t.Errorf("3 min later: %d opened, %d closed", opened, closed)
		}
	}
}

// TestShort: what is first seen in TIME_WAIT came and went between two looks, unless it is what is left of what was seen.
func TestShort(t *testing.T) {
	gone := func(id uint64, local, remote uint16) netstat.Socket {
		s := connection(id, local, remote, nil)
		s.State, s.Absence = netstat.TimeWait, netstat.Kernel
		return s
	}
	w := newWorld(gone(1, 40000, 443), connection(2, 40001, 443, browser), connection(3, 40002, 443, browser))
	w.after(3*time.Second, []netstat.Socket{gone(10, 40003, 443), gone(11, 40004, 443), gone(12, 8080, 50000), gone(13, 40002, 443)}, 3) // 13 is what is left of 3
	w.changes(time.Second, gone(2, 40001, 443))
	count := func(at time.Time) (https, web int, was []uint64) {
		w.Look(func(s Sight) {
			https, web = s.Short(443, at), s.Short(8080, at)
			for _, id := range []uint64{1, 2, 3, 10, 11, 12, 13} {
				if s.WasShort(id, at) {
					was = append(was, id)
				}
			}
		})
		return https, web, was
	}
	if https, web, was := count(w.now); https != 2 || web != 1 || !reflect.DeepEqual(was, []uint64{10, 11, 12}) {
		t.Errorf("%d to 443, %d to 8080, %v", https, web, was)
	}
	if https, _, was := count(w.now.Add(time.Minute)); https != 0 || was != nil {
		t.Errorf("a minute later %d, %v", https, was)
	}
	if r := w.Report(noon, w.now); r.Short != 3 {
		t.Errorf("%d in all", r.Short)
	}
	for i := range 3 * maxServices { // to as many services
		w.after(time.Millisecond, []netstat.Socket{gone(uint64(100+i), 40005, uint16(1+i))})
	}
	if n := len(w.shorts.services); n > maxServices+1 {
		t.Errorf("%d services are told apart", n)
	}
	w.after(2*time.Minute, nil)
	if n := len(w.shorts.services); n > 0 {
		t.Errorf("%d services are still told apart", n)
	}
}

// TestMoreThanAreFollowed: with more sockets than lives are kept of, what opened and closed is counted all the same, who waits is
// known, and it is said that not all is.
func TestMoreThanAreFollowed(t *testing.T) {
	crowd := make([]netstat.Socket, maxLives)
	for i := range crowd {
		crowd[i] = connection(uint64(i+1), uint16(32768+i%28000), uint16(1+i/28000), browser)
	}
	w := newWorld(crowd...)
	if w.partial() {
		t.Error("all of the first are followed")
	}
	w.open = map[uint64]netstat.Socket{}
	tell := func(opened []netstat.Socket, closed ...netstat.Socket) {
		w.now = w.now.Add(3 * time.Second)
		all := append(slices.Clip(crowd), opened...)
		w.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: w.now, Sockets: all}, Opened: opened, Closed: closed})
	}
	more := []netstat.Socket{connection(1<<20, 40000, 80, node), connection(1<<20+1, 40001, 80, node), listener(1<<20+2, 3000, python)}
	tell(more)
	tell(nil, more...)
	r := w.Report(noon, w.now)
	if !r.Partial {
		t.Error("it is not said that not all are followed")
	}
	for _, a := range r.Apps {
		if want := (Tally{Opened: 2, Closed: 2}); a.App.Name == "node" && a.Outgoing != want {
			t.Errorf("node: %+v", a)
		}
		if want := (Tally{Opened: 1, Closed: 1}); a.App.Name == "python" && a.Listening != want {
			t.Errorf("python: %+v", a)
		}
	}
	if len(r.Apps) != 3 {
		t.Errorf("%+v", r.Apps)
	}
	if len(r.Tenures) != 1 || r.Tenures[0].Process.Name != "python" || r.Tenures[0].To.IsZero() {
		t.Errorf("%+v", r.Tenures)
	}
	var opened int
	w.Look(func(s Sight) {
		if opened, _, _ = s.LastMinute(node.App.Key(), w.now); !s.Partial() {
			t.Error("the plots do not say so either")
		}
	})
	if opened != 2 {
		t.Errorf("%d opened", opened)
	}
	w.after(Keep+time.Minute, nil)
	if w.partial() {
		t.Error("it is said for ever")
	}
}

// TestApps: who serves is counted as well as who calls.
func TestApps(t *testing.T) {
	w := newWorld(listener(1, 3000, node), connection(2, 3000, 50000, node), connection(3, 40000, 443, browser))
	w.after(2*time.Minute, []netstat.Socket{connection(4, 3000, 50001, node), listener(5, 3001, node), connection(6, 40001, 443, browser)}, 2)
	w.after(2*time.Minute, []netstat.Socket{connection(7, 3001, 50002, node)}, 5, 6)
	hungUp := connection(4, 3000, 50001, node)
	hungUp.State = netstat.CloseWait
	w.changes(time.Second, hungUp)
	r := w.Report(noon, w.now)
	want := []AppCount{{App: browser.App, Outgoing: Tally{1, 1, 1}}, {App: node.App, Incoming: Tally{1, 2, 2}, Listening: Tally{1, 1, 1}}}
	if !reflect.DeepEqual(r.Apps, want) {
		t.Errorf("got  %+v\nwant %+v", r.Apps, want)
	}
	r = w.Report(w.now.Add(-time.Minute), w.now)
	want = []AppCount{{App: browser.App, Outgoing: Tally{1, 0, 1}}, {App: node.App, Incoming: Tally{1, 1, 1}, Listening: Tally{1, 0, 1}}}
	if !reflect.DeepEqual(r.Apps, want) {
		t.Errorf("the last minute: got  %+v\nwant %+v", r.Apps, want)
	}
	var text bytes.Buffer
	r.Short, r.Partial = 7, true
	if _, err := r.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	back, err := ReadReport(text.Bytes())
	if err != nil || !reflect.DeepEqual(back.Apps, want) || back.Short != 7 || !back.Partial {
		t.Errorf("%+v, %v", back, err)
	}
	hostile := strings.ReplaceAll(text.String(), `"Now":1`, `"Now":-1`)
	if back, err = ReadReport([]byte(hostile)); err != nil || len(back.Apps) > 0 {
		t.Errorf("%+v, %v", back.Apps, err)
	}
}

// TestKernelPortIsKept: who chose the port of what is over is known as it was.
func TestKernelPortIsKept(t *testing.T) {
	marked, asked := connection(1, 50000, 443, browser), connection(2, 50001, 443, browser)
	marked.KernelPort, marked.PortTold, asked.PortTold = true, true, true
	w := newWorld()
	w.after(time.Second, []netstat.Socket{marked, asked, connection(3, 50002, 443, browser)})
	r := w.Report(noon, w.now)
	var text bytes.Buffer
	if _, err := r.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	back, err := ReadReport(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, events := range [][]Event{r.Events, back.Events} {
		for i, want := range []struct{ kernel, told bool }{{true, true}, {false, true}, {false, false}} {
			if s := events[i].Socket; s.KernelPort != want.kernel || s.PortTold != want.told {
				t.Errorf("socket %d: %v, %v", s.ID, s.KernelPort, s.PortTold)
			}
		}
	}
}

// TestReportOfBefore: what was written before there were counts of apps is read as ever.
func TestReportOfBefore(t *testing.T) {
	text, err := os.ReadFile("testdata/report-before-apps.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadReport(text)
	if err != nil || len(r.Events) != 3 || len(r.Sums) != 1 || len(r.Tenures) != 2 || len(r.Apps) != 0 || r.Short != 0 || r.Partial {
		t.Fatalf("%+v, %v", r, err)
	}
	if e := r.Events[1]; e.What != Opened || e.Socket.Owners[0].Process.Name != "browser" || e.Socket.Remote.Port() != 443 || e.Socket.PortTold {
		t.Errorf("%+v", e)
	}
	if s := r.Sums[0]; s.App.Path != "/opt/browser" || s.Port != 443 || s.Opened != 1 {
		t.Errorf("%+v", s)
	}
}

// TestWhoIsGone: of a process that has gone it is known who it was, in memory of its own.
func TestWhoIsGone(t *testing.T) {
	l := newLoad(1, 1, 1)
	p := l.process(0, 0)
	p.Name += strings.Repeat("x", 3*longest)
	p.Executable = "/" + strings.Repeat("ö", longest)
	p.UID = 1<<32 - 2 // macOS's nobody
	other := *p
	other.Name = "exec'd"
	w := newWorld()
	w.after(time.Second, []netstat.Socket{listener(1, 3000, p), listener(2, 3001, p), listener(3, 3002, &other)})
	if n := len(w.briefs.list) - 1; n != 2 {
		t.Errorf("%d are kept, want the process before and after it became another program", n)
	}
	events := w.kept(noon)
	got := events[0].Socket.Owners[0].Process
	if got.ID != p.ID || got.App != p.App || got.User != p.User || got.UID != p.UID || got.PPID != p.PPID || !got.Started.Equal(p.Started) || got.Executable != p.Executable {
		t.Errorf("%+v", got)
	}
	if len(got.Name) > longest+3 || !strings.HasSuffix(got.Name, "x…") || got.Work.Title != p.Work.Title || len(got.Work.Line) > longest+3 || !strings.HasPrefix(p.Work.Line, strings.TrimSuffix(got.Work.Line, "…")) {
		t.Errorf("%q, %+v", got.Name, got.Work)
	}
	if after := events[2].Socket.Owners[0].Process; after.Name != "exec'd" || after.ID != p.ID {
		t.Errorf("%+v", after)
	}
	w.after(Keep+time.Minute, nil, 1, 2, 3)
	w.after(Keep+time.Minute, nil)
	if len(w.briefs.by)+len(w.infos)+len(w.apps) != 0 || len(w.briefs.free) != 2 {
		t.Errorf("what nobody names is kept: %d processes, %d apps", len(w.briefs.by), len(w.infos))
	}
}

// TestRecord: a socket comes back from the ring as it was, and takes no more than eighty bytes there.
func TestRecord(t *testing.T) {
	if size := unsafe.Sizeof(record{}); size > 80 {
		t.Errorf("a record has %d bytes", size)
	}
	for _, uid := range []int{-1, 0, 501, 1<<32 - 2} {
		s := connection(7, 40000, 443, nil)
		s.UID, s.Absence, s.DualStack, s.Local = uid, netstat.Concealed, true, netip.MustParseAddrPort("[fe80::1%en0]:40000")
		r := recordOf(Opened, &s, 0)
		if back := r.socket(); !reflect.DeepEqual(back, s) {
			t.Errorf("%+v came back as %+v", s, back)
		}
	}
}

// TestSumsRepeatNoTenure: what a tenure says is in no sum, as long as the tenure is kept; what no tenure says any more is.
func TestSumsRepeatNoTenure(t *testing.T) {
	w := newWorld(listener(1, 8000, node))
	w.after(time.Second, []netstat.Socket{listener(2, 3000, python)}, 1)
	w.after(time.Second, nil, 2)
	w.churn(2*time.Minute, 1000, 3)
	r := w.Report(noon, w.now)
	if len(r.Tenures) != 2 || !r.Whole.After(noon.Add(2*time.Second)) {
		t.Fatalf("%d tenures, whole since %v", len(r.Tenures), r.Whole)
	}
	for _, s := range r.Sums {
		if s.Port == 3000 || s.Port == 8000 {
			t.Errorf("a sum of what is known: %+v", s)
		}
	}
	// Of more than are kept each is told once: by its tenure or by sums.
	w = newWorld()
	const many = 3 * maxTenures
	var all []netstat.Socket
	for i := range many {
		all = append(all, listener(uint64(i+1), uint16(10_000+i), python))
	}
	w.after(time.Second, all[:many/2])
	for i := range many / 2 {
		w.after(time.Millisecond, all[many/2+i:many/2+i+1], uint64(i+1))
	}
	w.churn(2*time.Minute, 1000, 3)
	r = w.Report(noon, w.now)
	told := map[uint16]bool{}
	for _, x := range r.Tenures {
		told[x.Local.Port()] = true
	}
	opened, closed := 0, 0
	for _, s := range r.Sums {
		if s.Port >= 10_000 || s.Port == 0 {
			opened, closed = opened+s.Opened, closed+s.Closed
		}
	}
	if missing := many - len(told); opened < missing || closed < many/2-len(told) || len(told) < maxTenures/2 {
		t.Errorf("%d are in tenures, %d opened and %d closed in sums, of %d", len(told), opened, closed, many)
	}
}

// TestFirstSeenHungUp: what the other side has closed by the time of the first look was opened all the same: by its app, or
// where that is not known by nobody, so that no app's number is the whole.
func TestFirstSeenHungUp(t *testing.T) {
	in := func(s netstat.Socket, state netstat.State) netstat.Socket {
		s.State = state
		return s
	}
	w := newWorld(in(connection(1, 40000, 443, browser), netstat.CloseWait)) // when is not known
	w.after(3*time.Second, []netstat.Socket{connection(2, 40001, 443, browser), in(connection(3, 40002, 443, browser), netstat.CloseWait),
		in(connection(4, 8080, 50000, node), netstat.CloseWait), in(connection(5, 40003, 443, browser), netstat.FinWait2)})
	missed := false
	minute := func() (opened, closed int) {
		w.Look(func(s Sight) { opened, closed, _ = s.LastMinute(browser.App.Key(), w.now); missed = s.Missed(w.now) })
		return opened, closed
	}
	if opened, closed := minute(); opened != 3 || closed != 2 || missed {
		t.Errorf("%d opened, %d closed, missed %v", opened, closed, missed)
	}
	points, _ := w.Activity(browser.App.Key(), w.now)
	if got, want := points[Steps-1], (Point{Open: 1, Opened: 3, Closed: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, a := range w.Report(noon, w.now).Apps {
		if want := (Tally{Opened: 1, Closed: 1}); a.App.Name == "node" && a.Incoming != want {
			t.Errorf("node: %+v", a)
		}
	}
	w.after(3*time.Second, []netstat.Socket{in(connection(6, 40004, 443, nil), netstat.LastAck)})
	if minute(); !missed {
		t.Error("nobody has it, and no sign of it")
	}
	if r := w.Report(noon, w.now); r.Short != 1 {
		t.Errorf("%d in all", r.Short)
	}
	w.after(time.Minute, nil)
	if minute(); missed {
		t.Error("missed for ever")
	}
}

// TestSideIsKept: who opened a connection is told as it was at first, whatever is guessed later.
func TestSideIsKept(t *testing.T) {
	w := newWorld(connection(1, 8080, 50000, node), connection(2, 40000, 443, browser), listener(3, 8080, node))
	w.options.Side = func(*netstat.Snapshot) func(*netstat.Socket) Side {
		return func(*netstat.Socket) Side { return Outgoing } // nobody listens any more
	}
	w.changes(time.Second, connection(1, 8080, 50000, python)) // it was handed on
	want := map[uint64]Side{1: Incoming, 2: Outgoing, 3: NoSide, 4: NoSide}
	w.Look(func(s Sight) {
		for id, side := range want {
			if got := s.Side(id); got != side {
				t.Errorf("socket %d: %v, want %v", id, got, side)
			}
		}
	})
	for _, a := range w.Report(noon, w.now).Apps {
		if want := (Tally{Now: 1, Opened: 1}); a.App.Name == "python" && (a.Incoming != want || a.Outgoing != Tally{}) {
			t.Errorf("python: %+v", a)
		}
	}
	// What has just closed, and may still be shown, is what it was.
	w.after(time.Second, nil, 1)
	w.after(time.Second, nil)
	w.after(time.Second, nil, 2)
	of := func(id uint64) (side Side) {
		w.Look(func(s Sight) { side = s.Side(id) })
		return side
	}
	if of(1) != Incoming || of(2) != Outgoing {
		t.Errorf("closed: %v, %v", of(1), of(2))
	}
	w.after(time.Second, nil, 3)
	if of(1) != NoSide || of(2) != Outgoing || len(w.parted[0])+len(w.parted[1]) != 1 {
		t.Errorf("closed for longer: %v, %v", of(1), of(2))
	}
}
