package ui

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

var python = &process.Process{ID: process.ID{PID: 301, Start: 9}, Name: "python3", Executable: "/usr/bin/python3", User: "alice", UID: 501, Started: noon.Add(-time.Hour)}

// handover plays five minutes: python gives port 3000 up to node, which serves a browser for a while.
func (l *lensScene) handover() {
	old := listen("127.0.0.1:3000", python)
	base := []netstat.Socket{old, listen("127.0.0.1:5432", postgres), connection(netstat.Established, "192.168.1.20:51000", "151.101.1.140:443", firefox)}
	l.tell(base)
	l.clock = l.clock.Add(2 * time.Minute)
	l.tell(nil, old)
	l.clock = l.clock.Add(10 * time.Second)
	l.tell([]netstat.Socket{listen("0.0.0.0:3000", node)})
	for i := range 4 {
		l.clock = l.clock.Add(20 * time.Second)
		served := connection(netstat.Established, "127.0.0.1:3000", fmt.Sprintf("127.0.0.1:%d", 52110+i), node)
		l.tell([]netstat.Socket{served})
		l.clock = l.clock.Add(3 * time.Second)
		l.tell(nil, served)
	}
}

func (l *lensScene) recentLines(columns ...table.ColumnID) string {
	var lines []string
	for i := range l.window.table.rows {
		row := &l.window.table.rows[i]
		var cells []string
		for _, c := range l.window.recent.columns {
			for _, id := range columns {
				if c.ID == id {
					cells = append(cells, c.Text(row))
				}
			}
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

// Who had port 3000 five minutes ago?
func TestRecentView(t *testing.T) {
	l := newLensScene(t)
	l.handover()
	l.shortcut(fyne.Key4)
	l.settle()
	l.do(func() { l.window.setQuery(":3000 state:listen") })
	want := "12:02:10 now node\nbefore 12:00:00 12:02:00 python3"
	if got := l.recentLines(table.ColumnFrom, table.ColumnUntil, table.ColumnProcess); got != want {
		t.Errorf("on port 3000 there were\n%s\nwant\n%s", got, want)
	}
	if got := l.window.status.said.text; !strings.HasPrefix(got, "2 since 12:00:00, now 3 sockets") {
		t.Errorf("the status line says %q", got)
	}
	if saved := loadView(l.app.Preferences()); !saved.Recent || saved.Lens || saved.ByApp {
		t.Errorf("remembered: %+v", saved)
	}
}

// What is over is told about in the pane, and cannot be ended; what is there can.
func TestRecentRowsThatAreOver(t *testing.T) {
	l := newLensScene(t)
	l.handover()
	l.window.detail.toggle()
	l.turnedTo(turnRecent)
	l.do(func() { l.window.setQuery("python3 state:listen") })
	l.do(func() { l.window.table.selectIndex(0) })
	l.wantPane("had tcp 127.0.0.1:3000 open before 12:00:00 already, and until 12:02:00.", "From: before 12:00:00", "Until: 12:02:00", "Process: python3 (301)", "Program: /usr/bin/python3")
	if pane := l.pane(); strings.Contains(pane, "Started by") || strings.Contains(pane, "Clients") {
		t.Errorf("of what is over the pane says what is now:\n%s", pane)
	}
	l.do(l.window.killSelected)
	if l.window.killing.dialog != nil || len(l.kills) > 0 || !strings.Contains(l.window.notice.text(), "already closed") {
		t.Errorf("what is over is to be ended: %q", l.window.notice.text())
	}
	l.do(func() { l.window.setQuery("node state:listen") })
	l.do(func() { l.window.table.selectIndex(0) })
	l.wantPane("accepts connections from the whole network on TCP port 3000", "Before: python3 (PID 301) until 12:02:00", "Started by: node")
	l.do(l.window.killSelected)
	if l.window.killing.dialog == nil {
		t.Error("what is there cannot be ended")
	}
}

// A search that finds nothing now says who was there, and leads to it; so does a row's menu.
func TestRecentIsFound(t *testing.T) {
	l := newLensScene(t)
	l.handover()
	l.do(func() { l.window.setQuery("python3") })
	empty := l.window.empty
	if empty.Hidden || empty.title.Text != "No socket matches now" || !strings.Contains(empty.text.Text, "python3 (PID 301)") || empty.action.Text != "Show what there was (1)" {
		t.Fatalf("nothing is found now: %q, %q, %q", empty.title.Text, empty.text.Text, empty.action.Text)
	}
	test.Tap(empty.action)
	l.settle()
	if !l.window.view.Recent || l.recentLines(table.ColumnProcess) != "python3" || l.window.search.Text != "python3" {
		t.Errorf("it leads to %q", l.recentLines(table.ColumnProcess))
	}
	l.turnedTo(turnFlat)
	l.do(func() { l.window.setQuery("") })
	l.selectPort(3000)
	l.choose(t, "What happened on port 3000")
	if !l.window.view.Recent || l.window.search.Text != ":3000" || len(l.window.table.rows) != 6 {
		t.Errorf("the menu leads to %q, %d rows", l.window.search.Text, len(l.window.table.rows))
	}
	l.do(func() { l.window.table.selectIndex(0) })
	if l.has("What happened on port 3000") {
		t.Error("the menu offers what is shown")
	}
	l.do(func() { l.window.setQuery("gopher") })
	if got := empty.title.Text; got != "No socket matches" {
		t.Errorf("with a search that found nothing at any time: %q", got)
	}
}

// A row of the past is copied with its time, and of two sums, which have no sockets, none is taken for the other.
func TestRecentCopiedAsJSON(t *testing.T) {
	l := newLensScene(t)
	l.handover()
	l.turnedTo(turnRecent)
	rows := slices.Clone(l.window.table.rows[:2])
	for i := range rows {
		rows[i].Socket = &netstat.Socket{Protocol: netstat.TCP, Local: netip.AddrPortFrom(netip.Addr{}, uint16(80+i))}
		rows[i].Span = &table.Span{From: noon, Until: noon.Add(time.Minute), Opened: 5 + i}
	}
	l.window.copyJSON(rows)
	copied := l.bar.Clipboard().Content()
	for _, want := range []string{`"opened":5`, `"opened":6`, `"from":"2026-11-22T12:00:00.000Z"`, `"family":"","local":{"address":"","port":81}`, `"class":""`} {
		if !strings.Contains(copied, want) {
			t.Errorf("%s is not in %s", want, copied)
		}
	}
}

// The chips count what the view shows, and what apps did that are hidden is left out.
func TestRecentChipsAndHiddenApps(t *testing.T) {
	l := newLensScene(t)
	l.handover()
	l.turnedTo(turnRecent)
	if got := l.chips()[:2]; !slices.Equal(got, []string{"Listening 3", "Established 4"}) {
		t.Errorf("the chips read %q", got)
	}
	l.do(func() { l.window.setQuery(":3000") })
	if got := l.chips()[0]; got != "Listening 2" {
		t.Errorf("beside a query: %q", got)
	}
	l.do(func() { l.window.setQuery("") })
	l.do(func() {
		l.change(func(s *settings) { s.hidden = withHidden(s.hidden, hiddenApp{Key: node.App.Key(), Name: "node"}) })
	})
	if got := l.recentLines(table.ColumnProcess); got != "python3\npostgres" {
		t.Errorf("without node there are\n%s", got)
	}
}

// Before anything has happened the view says so; without a record it stays empty.
func TestRecentNothing(t *testing.T) {
	for _, s := range []*scene{newLensScene(t).scene, newScene(t)} {
		s.read(desk())
		s.window.turnTo(turnRecent)
		s.settle()
		if got := s.window.empty.title.Text; s.window.empty.Hidden || got != "Nothing has opened or closed yet" {
			t.Errorf("at first it says %q", got)
		}
	}
}

func (l *lensScene) turnedTo(which int) {
	l.window.turnTo(which)
	l.settle()
}

func TestRecentGolden(t *testing.T) {
	for name, size := range map[string]fyne.Size{"recent_light": part, "recent_dark": part, "recent_narrow_light": {Width: 400, Height: 300}} {
		t.Run(name, func(t *testing.T) {
			variant := theme.VariantLight
			if strings.Contains(name, "dark") {
				variant = theme.VariantDark
			}
			l := newLensScene(t)
			l.app.Settings().SetTheme(newThemeVariant(variant))
			l.window.Resize(size)
			l.handover()
			l.turnedTo(turnRecent)
			l.do(func() { l.window.table.selectIndex(4) })
			checkPicture(t, filepath.Join("testdata", "recent", name+".png"), l.window.Canvas().Capture())
		})
	}
}

// What only sums are left of is not said to be nothing when the search asks what no sum tells; it is told once, though
// the moment goes on.
func TestRecentThatCannotTell(t *testing.T) {
	l := newLensScene(t)
	l.tell([]netstat.Socket{listen("127.0.0.1:3000", node)})
	flood := func() {
		var some []netstat.Socket
		for i := range 30_000 {
			some = append(some, connection(netstat.Established, fmt.Sprintf("127.0.0.1:%d", 20_000+i), "127.0.0.1:443", firefox))
		}
		l.clock = l.clock.Add(20 * time.Second)
		l.tell(some)
		l.clock = l.clock.Add(20 * time.Second)
		l.tell(nil, some...)
	}
	flood()
	l.turnedTo(turnRecent)
	l.do(func() { l.window.setQuery("class:incoming :7") })
	want := "Before 12:00:20 only sums are kept, which do not tell that"
	if got := l.window.notice.text(); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	if got := l.window.empty.text.Text; l.window.empty.Hidden || got != want {
		t.Errorf("where the rows would be it says %q", got)
	}
	l.do(func() { l.window.notice.Hide() })
	flood()
	l.settle()
	if got := l.window.notice.text(); got != "" {
		t.Errorf("told again: %q", got)
	}
	l.do(func() { l.window.setQuery(":443 class:outgoing") })
	if got := l.window.notice.text(); !strings.HasPrefix(got, "Before ") {
		t.Errorf("of another search it tells %q", got)
	}
	l.do(func() { l.window.notice.Hide() })
	l.do(func() { l.window.setQuery(":443") })
	if got := l.window.notice.text(); got != "" {
		t.Errorf("of what sums tell it says %q", got)
	}
}

// In the narrowest window, and in either language, the recent past tells when it was, which port, and whose.
func TestRecentTellsWhoInANarrowWindow(t *testing.T) {
	for _, german := range []bool{false, true} {
		if german {
			inGerman(t)
		}
		l := newLensScene(t)
		l.window.Resize(fyne.NewSize(400, 300))
		l.handover()
		l.turnedTo(turnRecent)
		c := l.window.table.columns
		for i, column := range c.columns {
			switch column.ID {
			case table.ColumnFrom, table.ColumnUntil, table.ColumnPort, table.ColumnProcess:
				if end := c.x[i] + c.width[i]; end > 400 {
					t.Errorf("German %v: %s ends at %v", german, column.Title, end)
				}
			}
		}
	}
}

// How many a sum is of is to be read whole: it stands in a column made for something shorter.
func TestRecentSumIsReadWhole(t *testing.T) {
	l := newLensScene(t)
	l.handover()
	l.turnedTo(turnRecent)
	shown := l.window.table
	row := shown.rows[0]
	row.Owner = nil
	row.Socket = &netstat.Socket{Protocol: netstat.TCP, Local: netip.AddrPortFrom(netip.Addr{}, 3000), UID: -1}
	row.Span = &table.Span{From: noon, Until: noon.Add(time.Minute), Opened: 123456, Closed: 123456}
	l.do(func() { shown.rows[0] = row; shown.Refresh() })
	var texts []string
	for _, slot := range shown.body.slots {
		if slot.index == 0 {
			for _, c := range slot.cells {
				texts = append(texts, c.Text)
			}
		}
	}
	if want := "123456 opened, 123456 closed"; !slices.Contains(texts, want) {
		t.Errorf("%q is not in %q", want, texts)
	}
}
