package history

import (
	"testing"
	"time"
	"unsafe"

	"portolan/internal/netstat"
)

// apart gives t with the clock on the wall put forward, or back, by whole seconds, and the monotonic reading as it is: what a
// program finds after a sleep, or after somebody has set the clock. (A time.Time with a monotonic reading has the
// seconds of the wall from bit 30 on in its first word.)
func apart(t *testing.T, of time.Time, by time.Duration) time.Time {
	t.Helper()
	moved := of
	*(*uint64)(unsafe.Pointer(&moved)) += uint64(by/time.Second) << 30
	if moved.Round(0).Sub(of.Round(0)) != by || moved.Sub(of) != 0 {
		t.Fatal("a time.Time is not made as this test thinks")
	}
	return moved
}

// awakeWorld is one whose times have a monotonic reading.
func awakeWorld(sockets ...netstat.Socket) *world {
	w := newWorld()
	w.History, w.now = New(w.options), time.Now()
	w.Record(update(w.now, sockets...))
	for _, s := range sockets {
		w.open[s.ID] = s
	}
	return w
}

// TestSleep: while the computer sleeps only the clock on the wall goes on, and that is the one that people read.
func TestSleep(t *testing.T) {
	w := awakeWorld(listener(1, 3000, node))
	began := w.now
	w.after(time.Minute, []netstat.Socket{listener(2, 3001, node)})
	w.now = apart(t, w.now, 5*time.Minute)
	w.after(3*time.Second, []netstat.Socket{listener(3, 3002, node)})
	at := func(d time.Duration) time.Time { return began.Round(0).Add(d) }
	events := w.kept(at(0))
	if len(events) != 2 || !events[0].At.Equal(at(time.Minute)) || !events[1].At.Equal(at(6*time.Minute+3*time.Second)) {
		t.Errorf("after a nap: %+v", events)
	}
	if events = w.kept(w.now.Add(-2 * time.Minute)); len(events) != 1 {
		t.Errorf("in the last two minutes: %+v", events)
	}

	w.now = apart(t, w.now, 8*time.Hour)
	w.after(3*time.Second, []netstat.Socket{listener(4, 3003, node)}, 2)
	events = w.kept(at(0))
	if len(events) != 2 || !events[1].At.Equal(w.now.Round(0)) || events[1].Socket.Local.Port() != 3003 {
		t.Errorf("after the night: %+v", events)
	}
	if first, known, ok := w.Since(3); !ok || !known || !first.Equal(at(6*time.Minute+3*time.Second)) {
		t.Errorf("what was opened the evening before: %v, %v, %v", first, known, ok)
	}
	if !w.Begun().Equal(at(0)) {
		t.Errorf("begun %v, want %v", w.Begun(), at(0))
	}
	if x := w.Tenures(at(0)); len(x) != 4 || !x[0].From.Equal(at(0)) || !x[1].To.Equal(w.now.Round(0)) {
		t.Errorf("%+v", x)
	}
	w.after(Keep+time.Second, nil)
	if events = w.kept(at(0)); len(events) != 0 {
		t.Errorf("ten minutes awake: %+v", events)
	}
}

// TestClockIsSet: a clock that is set back neither brings anything back nor forgets it, and the order stays; what is
// told is as long ago as it is.
func TestClockIsSet(t *testing.T) {
	w := awakeWorld()
	w.after(time.Minute, []netstat.Socket{connection(1, 40000, 443, browser)})
	w.now = apart(t, w.now, -time.Hour)
	w.after(2*time.Minute, []netstat.Socket{listener(2, 3001, node)})
	events := w.kept(w.now.Add(-Keep))
	if len(events) != 2 || events[0].Socket.ID != 1 || !events[1].At.Equal(w.now.Round(0)) || events[1].At.Sub(events[0].At) != 2*time.Minute {
		t.Errorf("after the clock was set back: %+v", events)
	}
	points, _ := w.Activity(browser.App.Key(), w.now)
	if points[Steps-13].Opened != 1 {
		t.Errorf("two minutes ago: %+v", points)
	}
	w.now = apart(t, w.now, time.Hour) // it was a mistake
	w.after(3*time.Second, nil)
	if events = w.kept(w.now.Add(-Keep)); len(events) != 2 || w.now.Round(0).Sub(events[0].At) != 2*time.Minute+3*time.Second {
		t.Errorf("after it was set right: %+v", events)
	}
	w.now = apart(t, w.now, -24*time.Hour)
	w.after(Keep/2, nil)
	if events = w.kept(w.now.Add(-Keep)); len(events) != 2 {
		t.Errorf("five minutes later: %+v", events)
	}
	w.after(Keep/2, nil)
	if events = w.kept(time.Time{}); len(events) != 0 {
		t.Errorf("ten minutes later: %+v", events)
	}
	w.after(time.Second, []netstat.Socket{listener(3, 3002, node)})
	w.now = apart(t, w.now, 8*time.Hour) // that the clock was set back is long ago: this is a sleep
	w.after(time.Second, nil)
	if events = w.kept(time.Time{}); len(events) != 0 {
		t.Errorf("after the night: %+v", events)
	}
}
