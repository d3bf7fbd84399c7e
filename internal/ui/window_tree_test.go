package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"portolan/internal/app"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// newTreeScene is the window with the by-app view of a snapshot.
func newTreeScene(t testing.TB, s *netstat.Snapshot) *scene {
	t.Helper()
	sc := newScene(t)
	sc.window.Resize(screen)
	sc.do(func() { sc.window.setByApp(true) })
	sc.read(s)
	return sc
}

// lines gives the rows as text: their names, indented, with a "+" before what can be opened and a "-" before what is open.
func (s *scene) lines() []string {
	var lines []string
	for i := range s.window.table.rows {
		row := &s.window.table.rows[i]
		mark := " "
		if row.Group != nil {
			mark = map[bool]string{true: "-", false: "+"}[row.Group.Open]
		}
		lines = append(lines, strings.Repeat(" ", row.Depth)+mark+s.window.table.columns.columns[0].Text(row))
	}
	return lines
}

func (s *scene) expect(want ...string) {
	s.t.Helper()
	if got := s.lines(); !slices.Equal(got, want) {
		s.t.Errorf("the rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// press gives the table keys, and the model time to answer each.
func (s *scene) press(keys ...fyne.KeyName) {
	for _, key := range keys {
		s.do(func() { s.window.table.TypedKey(&fyne.KeyEvent{Name: key}) })
	}
}

// small is two apps, one of which has two processes.
func small() *netstat.Snapshot {
	return snapshot(0, listen("127.0.0.1:80", nginx), listen("127.0.0.1:81", nginx2), listen("127.0.0.1:3000", node))
}

// TestTreeKeys: Right opens and goes in, Left goes out and closes, on every level.
func TestTreeKeys(t *testing.T) {
	s := newTreeScene(t, small())
	s.expect("+nginx", "+node")
	s.press(fyne.KeyHome, fyne.KeyRight)
	s.expect("-nginx", " +nginx", " +nginx", "+node")
	s.press(fyne.KeyRight, fyne.KeyRight)
	s.expect("-nginx", " -nginx", "   tcp 127.0.0.1:80", " +nginx", "+node")
	s.press(fyne.KeyRight)
	if row, _ := s.window.table.Selected(); row.Socket == nil {
		t.Errorf("Right has not gone on to the socket: %+v", row)
	}
	s.press(fyne.KeyLeft, fyne.KeyLeft)
	s.expect("-nginx", " +nginx", " +nginx", "+node")
	s.press(fyne.KeyLeft, fyne.KeyLeft)
	s.expect("+nginx", "+node")
	// The only process of an app needs no second key, and can be closed all the same.
	s.press(fyne.KeyEnd, fyne.KeyRight)
	s.expect("+nginx", "-node", " -node", "   tcp 127.0.0.1:3000")
	s.press(fyne.KeyRight, fyne.KeyLeft)
	s.expect("+nginx", "-node", " +node")
}

// tapTitle clicks on the title of a column.
func (s *scene) tapTitle(id table.ColumnID) {
	s.t.Helper()
	columns := s.window.table.columns
	i := slices.IndexFunc(columns.columns, func(c table.Column) bool { return c.ID == id })
	if i < 0 || columns.width[i] == 0 {
		s.t.Fatalf("there is no column %q", id)
	}
	at := fyne.NewPos(columns.x[i]+columns.width[i]/2, 5)
	s.do(func() { s.window.table.header.Tapped(&fyne.PointEvent{Position: at}) })
}

// TestSortByCounts: the first click on a count brings the most to the top, the second the least.
func TestSortByCounts(t *testing.T) {
	s := newTreeScene(t, workshop())
	for _, id := range []table.ColumnID{table.ColumnProcesses, table.ColumnListening, table.ColumnEstablished, table.ColumnEphemeral,
		table.ColumnClosing, table.ColumnUDP} {
		numbers := func() []int {
			i := slices.IndexFunc(s.window.table.columns.columns, func(c table.Column) bool { return c.ID == id })
			var all []int
			for r := range s.window.table.rows {
				n, _ := strconv.Atoi("0" + s.window.table.columns.columns[i].Text(&s.window.table.rows[r]))
				all = append(all, n)
			}
			return all
		}
		s.tapTitle(id)
		most := numbers()
		if most[0] == 0 || !slices.IsSortedFunc(most, func(a, b int) int { return b - a }) {
			t.Errorf("%s: after one click %v", id, most)
		}
		s.tapTitle(id)
		if least := numbers(); !slices.IsSorted(least) {
			t.Errorf("%s: after two clicks %v", id, least)
		}
	}
}

// TestEachViewHasItsOrder: the two views are sorted each by its own column, also in the next run.
func TestEachViewHasItsOrder(t *testing.T) {
	s := newTreeScene(t, workshop())
	s.tapTitle(table.ColumnReceived)
	s.do(func() { s.window.setByApp(false) })
	if s.window.table.sort != table.ColumnPort {
		t.Errorf("the flat table is sorted by %q", s.window.table.sort)
	}
	s.tapTitle(table.ColumnRemote)
	s.tapTitle(table.ColumnRemote)
	s.do(func() { s.window.setByApp(true) })
	if s.window.table.sort != table.ColumnReceived || !s.window.table.descending {
		t.Errorf("the by-app view is sorted by %q, descending %v", s.window.table.sort, s.window.table.descending)
	}
	if view := loadView(s.app.Preferences()); view.Sort != table.ColumnReceived || !view.Descending {
		t.Errorf("the next run sorts by %q", view.Sort)
	}
	s.do(func() { s.window.setByApp(false) })
	if view := loadView(s.app.Preferences()); view.Sort != table.ColumnRemote || !view.Descending {
		t.Errorf("the next run sorts by %q", view.Sort)
	}
}

// TestTreeLivesThroughRefreshes: what is opened stays open, what is selected selected, and what is looked at in its place.
func TestTreeLivesThroughRefreshes(t *testing.T) {
	s := newTreeScene(t, workshop())
	s.window.Resize(fyne.NewSize(1180, 360))
	s.selectGroup("vite - shop-frontend")
	s.press(fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight)
	selected, _ := s.window.table.Selected()
	if selected.Socket == nil {
		t.Fatalf("selected is %+v, want a socket", selected)
	}
	top, lines := s.window.table.top(), len(s.window.table.rows)
	more := workshop()
	fresh := newProcess(90, "aaa", "alice", 501, app.App{Name: "AAA", Path: "/opt/aaa", Kind: app.Desktop})
	more.Sockets = append(more.Sockets, listen("127.0.0.1:999", fresh)) // above everything
	s.read(more)
	after, _ := s.window.table.Selected()
	if after.Key != selected.Key || len(s.window.table.rows) != lines+1 {
		t.Errorf("selected is %v with %d rows, want %v with %d", after.Key, len(s.window.table.rows), selected.Key, lines+1)
	}
	if got := s.window.table.top(); got != top+s.window.table.rowHeight() {
		t.Errorf("a row came above, and the top went from %v to %v", top, got)
	}
	s.read(workshop())
	if got := s.window.table.top(); got != top || len(s.window.table.rows) != lines {
		t.Errorf("it went, and the top is %v of %d rows, want %v of %d", got, len(s.window.table.rows), top, lines)
	}
	// The app goes and comes back: it is open still, with nothing selected in place of what went.
	s.read(without(workshop(), selected.Owner.Process))
	if _, ok := s.window.table.Selected(); ok {
		t.Error("something else is selected")
	}
	s.read(workshop())
	if len(s.window.table.rows) != lines {
		t.Errorf("%d rows, want the %d of before", len(s.window.table.rows), lines)
	}
}

// TestTurning: each view is found as it was left, and a selected socket is selected in both.
func TestTurning(t *testing.T) {
	s := newScene(t)
	s.window.Resize(fyne.NewSize(1180, 360))
	s.read(workshop())
	turn := func() { s.do(func() { s.window.setByApp(!s.window.view.ByApp) }) }
	s.window.table.scrollTo(fyne.NewPos(0, 24*9+7))
	turn()
	if s.window.table.top() != 0 {
		t.Errorf("the by-app view begins at %v", s.window.table.top())
	}
	s.press(fyne.KeyDown, fyne.KeyDown)
	app, _ := s.window.table.Selected()
	turn()
	if got := s.window.table.top(); got != 24*9+7 {
		t.Errorf("the flat table was left at %v, and is at %v", 24*9+7, got)
	}
	if row, ok := s.window.table.Selected(); ok {
		t.Errorf("%v is selected, which nobody did", row.Key)
	}
	turn()
	if row, _ := s.window.table.Selected(); row.Key != app.Key {
		t.Errorf("selected is %v, was %v", row.Key, app.Key)
	}
	turn()
	s.selectPort(6379)
	socket, _ := s.window.table.Selected()
	turn()
	if row, _ := s.window.table.Selected(); row.Group == nil || row.Group.Name != "shop-redis-1" {
		t.Errorf("for a socket of redis %+v is selected", row.Key)
	}
	s.press(fyne.KeyRight)
	turn()
	if row, ok := s.window.table.Selected(); !ok || row.Key != socket.Key {
		t.Errorf("for redis %v is selected, was %v", row.Key, socket.Key)
	}
	turn()
	if row, _ := s.window.table.Selected(); row.Key != socket.Key || row.Depth != 2 {
		t.Errorf("selected is %v, want the socket %v in both views", row.Key, socket.Key)
	}
	if y := float32(s.window.table.selectedIndex)*24 - s.window.table.top(); y < 0 || y > s.window.table.scroll.Size().Height-24 {
		t.Errorf("the selected row is out of view, at %v", y)
	}
}

// TestTurningWaits: the columns change with the rows, and both wait while a menu is open.
func TestTurningWaits(t *testing.T) {
	s := newScene(t)
	s.read(workshop())
	s.window.table.hold()
	s.do(func() { s.window.setByApp(true) })
	if s.window.table.columns.tree {
		t.Error("the columns changed under an open menu")
	}
	s.window.table.release()
	if !s.window.table.columns.tree || s.window.table.rows[0].Group == nil {
		t.Error("the view has not turned")
	}
}

// TestManyAndLong: a thousand apps, an app of five hundred processes, and a name of ten thousand characters.
func TestManyAndLong(t *testing.T) {
	crowd := app.App{Name: strings.Repeat("long name ", 1000), Path: "/opt/crowd", Kind: app.Command, In: strings.Repeat("terminal", 500)}
	all := snapshot(0)
	for i := range 1000 {
		a := app.App{Name: fmt.Sprintf("App %03d", i), Path: fmt.Sprintf("/opt/%d", i)}
		all.Sockets = append(all.Sockets, listen(fmt.Sprintf("127.0.0.1:%d", 2000+i), newProcess(100+i, "app", "alice", 501, a)))
	}
	for i := range 500 {
		all.Sockets = append(all.Sockets, listen(fmt.Sprintf("127.0.0.1:%d", 4000+i), newProcess(2000+i, "worker", "alice", 501, crowd)))
	}
	s := newTreeScene(t, all)
	if n := len(s.window.table.rows); n != 1001 {
		t.Fatalf("%d rows, want 1001", n)
	}
	s.press(fyne.KeyEnd)
	s.press(fyne.KeyRight)
	if n := len(s.window.table.rows); n != 1501 {
		t.Fatalf("%d rows once the crowd is opened, want 1501", n)
	}
	slot := s.window.table.body.slots[1000%len(s.window.table.body.slots)]
	name := slot.cells[0].Text
	if !strings.HasSuffix(name, ellipsis) || len(name) > 200 || slot.branch.texts[0].Text != "" {
		t.Errorf("the long name is shown as %q, with %q", name, slot.branch.texts[0].Text)
	}
	s.press(fyne.KeyEnd, fyne.KeyRight)
	if n := len(s.window.table.rows); n != 1502 {
		t.Errorf("%d rows once the last process is opened, want 1502", n)
	}
	s.press(fyne.KeyEnd, fyne.KeyLeft)
	if row, _ := s.window.table.Selected(); row.Group == nil || row.Group.Process == nil || row.Group.Process.PID != 2499 {
		t.Errorf("Left leads from the last socket to %+v", row)
	}
	s.press(fyne.KeyLeft, fyne.KeyLeft)
	if row, _ := s.window.table.Selected(); row.Depth != 0 || s.window.table.selectedIndex != 1000 {
		t.Errorf("and from its process to row %d, %+v", s.window.table.selectedIndex, row)
	}
}

// counted is a source that can count bytes.
type counted struct {
	source
	on chan bool
}

func (c *counted) CountBytes(on bool) { c.on <- on }

// TestCountsBytesWhileShown: the kernel is asked for the bytes only while there is a column in view that shows them.
func TestCountsBytesWhileShown(t *testing.T) {
	a := test.NewTempApp(t)
	src := &counted{source: source{snapshot: workshop()}, on: make(chan bool, 16)}
	u := newUI(&bar{App: a}, Options{Monitor: monitor.New(src, time.Hour), Tray: true, OnQuit: func() {}}, func(func()) {})
	t.Cleanup(u.window.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go u.options.Monitor.Run(ctx)
	expect := func(what string, want bool) {
		t.Helper()
		select {
		case got := <-src.on:
			if got != want {
				t.Errorf("%s: counting is %v", what, got)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the source was told nothing", what)
		}
	}
	u.Show()
	u.window.setByApp(true)
	expect("by app", true)
	u.window.setByApp(false)
	expect("flat", false)
	u.window.setByApp(true)
	expect("by app again", true)
	u.Hide()
	expect("hidden", false)
	u.Show()
	expect("shown", true)
}

// TestShownInTheTree: however much is opened, the status line counts each socket once.
func TestShownInTheTree(t *testing.T) {
	s := newTreeScene(t, snapshot(0, listen("127.0.0.1:80", nginx, node), listen("127.0.0.1:81", nginx), listen("127.0.0.1:3000", node)))
	for query, want := range map[string]string{"app:nginx": "2 shown of 3 sockets", "listen": "3 shown of 3 sockets"} {
		s.do(func() { s.window.setQuery(query) })
		for range 2 {
			if got := s.window.status.said.text; !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
			s.openAll()
		}
	}
}
