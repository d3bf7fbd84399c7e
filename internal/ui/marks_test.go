package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// marking is a scene whose model goes by the scene's clock and that is told what changed as a monitor does.
type marking struct {
	*scene
	last *netstat.Snapshot
}

func newMarking(t testing.TB) *marking {
	s := newScene(t)
	s.model.clock = func() time.Time { return s.clock }
	s.model.setHighlight(3 * time.Second)
	s.model.setVisible(true)
	s.settle()
	m := &marking{scene: s}
	m.tell(0, desk().Sockets...)
	return m
}

// tell has the monitor tell of these sockets, after that time.
func (m *marking) tell(after time.Duration, sockets ...netstat.Socket) {
	m.t.Helper()
	m.clock = m.clock.Add(after)
	next := &netstat.Snapshot{Taken: m.clock, Sockets: sockets}
	u := monitor.Update{Snapshot: next}
	if m.last != nil {
		u.Since = m.last.Taken
		u.Opened, u.Changed, u.Closed = differences(m.last.Sockets, sockets)
	}
	m.last = next
	m.model.receive(u)
	m.settle()
}

func differences(before, after []netstat.Socket) (opened, changed, closed []netstat.Socket) {
	was := map[uint64]netstat.Socket{}
	for _, s := range before {
		was[s.ID] = s
	}
	for _, s := range after {
		old, known := was[s.ID]
		switch {
		case !known:
			opened = append(opened, s)
		case old.State != s.State:
			changed = append(changed, s)
		}
		delete(was, s.ID)
	}
	for _, s := range before {
		if _, gone := was[s.ID]; gone {
			closed = append(closed, s)
		}
	}
	return opened, changed, closed
}

// ring has the model's timer go off after that time.
func (m *marking) ring(after time.Duration) {
	m.clock = m.clock.Add(after)
	m.model.turn()
	m.settle()
}

// marked gives what is marked: "+4000 ~5432 -3000", of groups their names.
func (m *marking) marked() string {
	var words []string
	for i := range m.window.table.rows {
		r := &m.window.table.rows[i]
		if r.Mark == table.Unmarked {
			continue
		}
		sign := strings.Replace(signOf(r.Mark), "−", "-", 1)
		if r.Group != nil {
			words = append(words, sign+r.Group.Name)
		} else {
			words = append(words, fmt.Sprintf("%s%d", sign, r.Socket.Local.Port()))
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// otherwise gives the desk with a new server, without the debugger's port and with a connection in another state.
func otherwise() []netstat.Socket {
	all := desk().Sockets
	all = slices.DeleteFunc(all, func(s netstat.Socket) bool { return s.Local.Port() == 9229 })
	for i := range all {
		if all[i].Local.Port() == 41822 {
			all[i].State = netstat.FinWait1
		}
	}
	return append(all, listen("127.0.0.1:4000", node))
}

func TestMarksOfRows(t *testing.T) {
	m := newMarking(t)
	if got := m.marked(); got != "" {
		t.Fatalf("the first rows are marked: %s", got)
	}
	before := len(m.window.table.rows)
	m.tell(3*time.Second, otherwise()...)
	if got, want := m.marked(), "+4000 -9229 ~41822"; got != want {
		t.Errorf("marked is %q, want %q", got, want)
	}
	if got := len(m.window.table.rows); got != before+1 {
		t.Errorf("%d rows, want those of before and the new one: %d", got, before+1)
	}
	// What has closed is not counted.
	if got, want := m.window.shown.counts.Sockets, len(otherwise()); got != want {
		t.Errorf("%d sockets are counted, want %d", got, want)
	}
	m.ring(time.Second)
	if got, want := m.marked(), "+4000 -9229 ~41822"; got != want {
		t.Errorf("after a second %q, want %q", got, want)
	}
	m.ring(2 * time.Second)
	if got := m.marked(); got != "" {
		t.Errorf("after its time %q is still marked", got)
	}
	if got := len(m.window.table.rows); got != before {
		t.Errorf("%d rows, want %d", got, before)
	}
}

func TestMarksOfTree(t *testing.T) {
	m := newMarking(t)
	m.do(func() { m.window.setByApp(true) })
	m.tell(3*time.Second, append(without(desk(), postgres).Sockets, listen("0.0.0.0:443", nginx2), listen("127.0.0.1:4000", newProcess(999, "deno", "alice", 501, node.App)))...)
	if got, want := m.marked(), "-Postgres ~nginx ~node"; got != want {
		t.Errorf("marked is %q, want %q", got, want)
	}
	m.ring(3 * time.Second)
	if got := m.marked(); got != "" {
		t.Errorf("after its time %q is still marked", got)
	}
}

func TestMarksOfTheLens(t *testing.T) {
	m := newMarking(t)
	m.do(func() { m.window.turnTo(turnLens) })
	later := without(desk(), firefox)
	later.Sockets = append(later.Sockets, connection(netstat.Established, "192.168.1.20:50200", "151.101.1.140:443", node))
	m.tell(3*time.Second, later.Sockets...)
	if got, want := m.marked(), "-Firefox ~node"; got != want {
		t.Errorf("marked is %q, want %q", got, want)
	}
	m.do(func() { m.hideApp(firefox.App) })
	if got, want := m.marked(), "~node"; got != want {
		t.Errorf("with a hidden app marked is %q, want %q", got, want)
	}
	m.ring(3 * time.Second)
	if got := m.marked(); got != "" {
		t.Errorf("after its time %q is still marked", got)
	}
}

// TestNoMarks: where nothing is news.
func TestNoMarks(t *testing.T) {
	for name, act := range map[string]func(m *marking){
		"the window was hidden": func(m *marking) {
			m.Hide()
			m.clock = m.clock.Add(15 * time.Second)
			m.Show()
			m.settle()
			m.tell(time.Second, otherwise()...)
		},
		"the computer slept": func(m *marking) { m.tell(8*time.Hour, otherwise()...) },
		"the reads were paused": func(m *marking) {
			m.setPaused(true)
			m.clock = m.clock.Add(20 * time.Second)
			m.setPaused(false)
			m.tell(time.Second, otherwise()...)
		},
		"marks are switched off": func(m *marking) {
			m.change(func(s *settings) { s.highlight = 0 })
			m.tell(3*time.Second, otherwise()...)
		},
		"hidden with marks, and shown again": func(m *marking) {
			m.tell(3*time.Second, otherwise()...)
			m.Hide()
			m.Show()
			m.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMarking(t)
			act(m)
			if got := m.marked(); got != "" {
				t.Errorf("marked is %q", got)
			}
			if len(m.window.table.rows) == 0 {
				t.Error("there are no rows")
			}
		})
	}
	// But what happens from then on is.
	m := newMarking(t)
	m.Hide()
	m.Show()
	m.settle()
	m.tell(time.Second, desk().Sockets...)
	m.tell(3*time.Second, otherwise()...)
	if got, want := m.marked(), "+4000 -9229 ~41822"; got != want {
		t.Errorf("marked is %q, want %q", got, want)
	}
}

// TestNoTimer: nothing is awake for marks when there are none, or nobody sees them.
func TestNoTimer(t *testing.T) {
	m := newMarking(t)
	if m.model.tick.Stop() {
		t.Error("a timer runs, and nothing is marked")
	}
	m.tell(3*time.Second, otherwise()...)
	if !m.model.tick.Stop() {
		t.Error("no timer runs, and rows are marked")
	}
	m.ring(3 * time.Second)
	if m.model.tick.Stop() {
		t.Error("a timer runs when all marks are over")
	}
	m.tell(3*time.Second, desk().Sockets...)
	m.Hide()
	m.settle()
	if m.model.tick.Stop() {
		t.Error("a timer runs, and the window is hidden")
	}
}

// TestClosedUnderPointer: the neighbour does not slide under the pointer, and there is nothing to kill any more.
func TestClosedUnderPointer(t *testing.T) {
	m := newMarking(t)
	m.window.Resize(screen)
	m.selectPort(9229)
	tb := m.window.table
	y := float32(tb.selectedIndex)*tb.rowHeight() + tb.rowHeight()/2
	tb.body.MouseMoved(mouse(300, y, 0))
	m.tell(3*time.Second, otherwise()...)
	y = tb.body.pointerY + tb.scroll.Offset.Y // at the same place on the screen
	tb.body.MouseDown(mouse(300, y, desktop.MouseButtonPrimary))
	tb.body.MouseUp(mouse(300, y, desktop.MouseButtonPrimary))
	row, ok := tb.Selected()
	if !ok || row.Socket.Local.Port() != 9229 || !row.Closed() {
		t.Fatalf("under the pointer is %+v", row.Socket)
	}
	m.window.killSelected()
	if got := m.window.notice.text(); m.window.killing.dialog != nil || !strings.Contains(got, "already closed") {
		t.Errorf("told is %q", got)
	}
	tb.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if m.window.killing.dialog != nil || len(m.kills) > 0 {
		t.Errorf("the key asks, or has killed %v", m.kills)
	}
}

// TestBurst: ten thousand new rows are marked like one, and so are as many that close.
func TestBurst(t *testing.T) {
	m := newMarking(t)
	m.tell(3*time.Second, busy(0).Sockets...)
	if got := len(m.window.table.rows); got != 10_000+42+1 {
		t.Errorf("%d rows, want the new ones and those that have closed", got)
	}
	m.tell(3*time.Second, desk().Sockets...)
	m.ring(3 * time.Second)
	if got := m.marked(); got != "" || len(m.window.table.rows) != 43 {
		t.Errorf("%d rows are left, marked %q", len(m.window.table.rows), got)
	}
}

// A row that is marked as closed is spoken of in the past, and is not one of those that had its port before.
func TestDetailOfWhatHasJustClosed(t *testing.T) {
	m := newMarking(t)
	past := history.New(history.Options{})
	m.window.detail.past = past
	m.window.detail.toggle()
	past.Record(monitor.Update{Snapshot: m.last})
	m.selectPort(9229)
	m.wantPane("accepts connections")
	before := m.last
	m.tell(3*time.Second, otherwise()...)
	u := monitor.Update{Snapshot: m.last, Since: before.Taken}
	u.Opened, u.Changed, u.Closed = differences(before.Sockets, m.last.Sockets)
	past.Record(u)
	m.selectPort(9229)
	m.wantPane("Your process node (PID 812) had tcp 127.0.0.1:9229 open until 12:00:03.", "Process: node (812)")
	for _, wrong := range []string{"accepts", "Waiting:", "Reachable:", "Before:", "Memory:"} {
		if pane := m.pane(); strings.Contains(pane, wrong) {
			t.Errorf("of what is closed the pane still says %q:\n%s", wrong, pane)
		}
	}
}
