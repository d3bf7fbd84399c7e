package ui

import (
	"bytes"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
	"portolan/internal/watch"
)

// barMenu is a menu that notes what is done to it.
type barMenu struct {
	lines          []*barLine
	title, tooltip string
	changes        int
}

// barLine is one line of it.
type barLine struct {
	menu   *barMenu
	inner  []*barLine // of the menu beside it
	chosen func()
	state  LineState
}

func (m *barMenu) Add(chosen func(), _ bool) Line {
	l := &barLine{menu: m, chosen: chosen}
	m.lines = append(m.lines, l)
	return l
}

func (m *barMenu) AddSeparator()          {}
func (m *barMenu) SetTitle(text string)   { m.title = text }
func (m *barMenu) SetTooltip(text string) { m.tooltip = text }

func (l *barLine) Add(chosen func()) Line {
	inner := &barLine{menu: l.menu, chosen: chosen}
	l.inner = append(l.inner, inner)
	return inner
}

// labels are those of the lines beside it that are seen.
func (l *barLine) labels() []string {
	var all []string
	for _, inner := range l.inner {
		if inner.state.Shown {
			all = append(all, inner.state.Label)
		}
	}
	return all
}

func (l *barLine) Set(state LineState) {
	l.state = state
	l.menu.changes++
}

// labels are those of the lines that are seen.
func (m *barMenu) labels() []string {
	var all []string
	for _, l := range m.lines {
		if l.state.Shown {
			all = append(all, l.state.Label)
		}
	}
	return all
}

func (s *scene) menuLine(label string) *barLine {
	s.t.Helper()
	for _, l := range s.menu.lines {
		if l.state.Shown && l.state.Label == label {
			return l
		}
	}
	s.t.Fatalf("the menu has no %q: %q", label, s.menu.labels())
	return nil
}

func (s *scene) chooseInMenu(label string) {
	s.t.Helper()
	s.do(s.menuLine(label).chosen)
}

func (s *scene) wantMenu(want ...string) {
	s.t.Helper()
	want = append(append([]string{"Open Portolan", "Search…"}, want...), "Pause", "Settings…", "Quit")
	if got := s.menu.labels(); !slices.Equal(got, want) {
		s.t.Errorf("the menu is %q\nwant %q", got, want)
	}
}

func TestTrayMenu(t *testing.T) {
	s := newScene(t)
	s.wantMenu("Reading…")
	if s.bar.icon == nil || s.bar.window != s.Window() {
		t.Error("the tray has no icon or no window")
	}
	s.read(desk())
	s.wantMenu("8 listening ports", ":3000  node", ":5432  Postgres", ":9229  node",
		":22", ":80  nginx", ":631  launchd", ":7000  Control Center", ":49731  Control Center", "Kill process")
	if s.menuLine("8 listening ports").chosen != nil {
		t.Error("the heading can be chosen")
	}
	if s.menu.tooltip != "8 listening ports" {
		t.Errorf("the icon says %q", s.menu.tooltip)
	}
}

// What a developer has just started comes first.
func TestTrayMenuOrder(t *testing.T) {
	s := newScene(t)
	vite := newProcess(900, "node", "alice", 501, app.App{Name: "vite - shop", Kind: app.Command, In: "iTerm"})
	db := newProcess(901, "postgres", "70", 70, app.App{Name: "shop-db-1", Kind: app.Container, ID: "abc"})
	s.read(snapshot(0, listen("0.0.0.0:22"), listen("127.0.0.1:1111", postgres), listen("127.0.0.1:45000", vite), listen("[::]:5173", vite), listen("0.0.0.0:5432", db)))
	s.wantMenu("5 listening ports", ":5173  vite - shop", ":5432  shop-db-1", ":1111  Postgres", ":22", ":45000  vite - shop", "Kill process")
}

func TestTrayIcon(t *testing.T) {
	if _, template := trayIcon(nil, "darwin").(*theme.ThemedResource); !template {
		t.Error("on macOS the icon is no template")
	}
	if _, template := trayIcon(nil, "linux").(*theme.ThemedResource); template {
		t.Error("on Linux the icon would be black on a black bar")
	}
	own := fyne.NewStaticResource("own", nil)
	if trayIcon(own, "darwin") != own {
		t.Error("the chosen icon is not taken")
	}
}

// The number at the icon is a setting; where there is no text beside an icon it is drawn on it.
func TestTrayIconCount(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	plain := s.bar.icon
	s.change(func(o *settings) { o.iconCount = true })
	if s.bar.icon == plain {
		t.Fatal("the icon shows no number")
	}
	for _, number := range []string{"8", "42", "317", badgeText(1000)} {
		picture, err := png.Decode(bytes.NewReader(badged(plain, number).Content()))
		if err != nil {
			t.Fatal(err)
		}
		if got := picture.Bounds().Size(); got.X != badgeIcon || got.Y != badgeIcon {
			t.Errorf("the icon with %s is %v", number, got)
		}
	}
	badge := s.bar.icon
	s.read(desk())
	if s.bar.icon != badge {
		t.Error("the icon is drawn anew though the number is the same")
	}
	s.change(func(o *settings) { o.iconCount = false })
	if s.bar.icon.Name() != plain.Name() {
		t.Errorf("the icon still shows a number: %s", s.bar.icon.Name())
	}
}

// A menu that changes while it is open does what was not clicked.
func TestTrayMenuHoldsStillWhileOpen(t *testing.T) {
	s := newScene(t)
	s.watchPort(3000)
	s.read(desk())
	s.MenuOpened()
	before := s.menu.labels()
	changes := s.menu.changes
	s.read(desk())
	if s.menu.changes != changes {
		t.Errorf("%d lines were told what they say already", s.menu.changes-changes)
	}
	s.clock = s.clock.Add(42 * 60e9)
	less := without(desk(), node)
	less.Sockets = append(less.Sockets, listen("127.0.0.1:1234", postgres))
	s.read(less)
	want := slices.Clone(before)
	for i := range want {
		switch want[i] {
		case ":3000  node", ":9229  node":
			want[i] += " – closed"
		case "port 3000: node":
			want[i] = "port 3000: free since 12:42"
		}
	}
	if got := s.menu.labels(); !slices.Equal(got, want) {
		t.Errorf("while it was open the menu became %q\nwant %q", got, want)
	}
	s.MenuOpened()
	s.wantMenu("7 listening ports", ":1234  Postgres", ":5432  Postgres", ":22", ":80  nginx", ":631  launchd", ":7000  Control Center", ":49731  Control Center",
		"Kill process", "Watched", "port 3000: free since 12:42")
}

// Some panels do not tell that the menu is open: what is seen never becomes something else.
func TestTrayMenuLinesStayWhatTheyAre(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	was := map[*barLine]string{}
	for _, l := range s.menu.lines {
		if l.state.Shown && strings.HasPrefix(l.state.Label, ":") {
			was[l] = l.state.Label
		}
	}
	s.closeMenu()
	less := without(desk(), postgres)
	less.Sockets = append(less.Sockets, listen("127.0.0.1:1234", node), listen("127.0.0.1:1235", node))
	s.read(less)
	for l, label := range was {
		if l.state.Shown && l.state.Label != label {
			t.Errorf("the line of %q says %q", label, l.state.Label)
		}
	}
	if got := s.menu.labels(); !slices.Contains(got, ":1234  node") || slices.Contains(got, ":5432  Postgres") {
		t.Errorf("the menu is %q", got)
	}
	s.MenuOpened()
	if got := s.menu.labels(); got[3] != ":1234  node" {
		t.Errorf("once opened the menu is not in order: %q", got)
	}
}

// closeMenu is what a panel does without telling.
func (s *scene) closeMenu() { s.tray.open = false }

// Nothing is told to the panel that it knows: the number of connections changes with every read.
func TestTrayMenuIsToldOnlyWhatIsNew(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	changes := s.menu.changes
	more := desk()
	more.Sockets = append(more.Sockets, connection(netstat.Established, "127.0.0.1:50999", "127.0.0.1:5432", node), datagram("0.0.0.0:9999", node))
	s.read(more)
	s.Hide()
	s.read(desk())
	if s.menu.changes != changes {
		t.Error("the menu was changed though no listener came or went")
	}
	s.read(without(desk(), node))
	if s.menu.changes != changes+5 { // two ports, the same in the menu that kills, and the heading
		t.Errorf("%d lines were changed for two ports", s.menu.changes-changes)
	}
}

func TestTrayMenuOfManyListeners(t *testing.T) {
	s := newScene(t)
	many := snapshot(0)
	for port := range uint16(20) {
		many.Sockets = append(many.Sockets, listen(fmt.Sprintf("127.0.0.1:%d", 8000+port), node))
	}
	s.read(many)
	s.wantMenu("20 listening ports", ":8000  node", ":8001  node", ":8002  node", ":8003  node", ":8004  node", ":8005  node", ":8006  node", ":8007  node", "12 more…", "Kill process")
	s.Hide()
	s.chooseInMenu("12 more…")
	if !s.Visible() || s.window.search.Text != "state:listen" || len(s.window.table.rows) != 20 {
		t.Errorf("12 more… shows %q with %d rows", s.window.search.Text, len(s.window.table.rows))
	}
}

func TestTrayMenuActs(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.Hide()
	s.chooseInMenu(":5432  Postgres")
	if !s.Visible() || s.window.search.Text != "port:5432 proto:tcp" || len(s.window.table.rows) != 3 {
		t.Errorf("a port shows %q with %d rows", s.window.search.Text, len(s.window.table.rows))
	}
	row, ok := s.window.table.Selected()
	if !ok || row.Socket.State != netstat.Listen || row.Socket.Local.Port() != 5432 {
		t.Errorf("what is selected is %+v", row)
	}
	s.window.killSelected()
	if s.window.killing.dialog == nil || len(s.kills) != 0 {
		t.Error("Kill from there does not ask")
	}
	s.window.killing.dialog.cancel()

	s.chooseInMenu("Pause")
	if !s.options.Monitor.Paused() || s.window.status.said.live != "Paused" {
		t.Error("Pause does not pause")
	}
	if !s.menuLine("Pause").state.Checked {
		t.Error("Pause is not ticked")
	}
	s.chooseInMenu("Pause")
	if s.options.Monitor.Paused() {
		t.Error("Pause does not resume")
	}
	s.Hide()
	s.chooseInMenu("Search…")
	if !s.Visible() || s.window.Canvas().Focused() != s.window.search {
		t.Error("Search does not lead to the search field")
	}
	s.chooseInMenu("Settings…")
	if s.window.settings == nil {
		t.Error("Settings does not open the settings")
	}
	s.Hide()
	if s.window.settings != nil {
		t.Error("the settings wait in the hidden window")
	}
	s.chooseInMenu("Open Portolan")
	if !s.Visible() {
		t.Error("Open does not open")
	}
	s.menuLine("Pause").state.Label = "what the panel shows is not what it is to show"
	changes := s.menu.changes
	s.chooseInMenu("Quit")
	if s.quits != 1 || len(s.kills) != 0 || s.menu.changes != changes {
		t.Errorf("Quit: %d quits, %d kills, the menu changed %d times", s.quits, len(s.kills), s.menu.changes-changes)
	}
}

// Whichever view is shown, a line of the menu, of the ports and of those that are watched, opens the row that waits there,
// a hidden app's too.
func TestMenuOpensTheRowFromEveryView(t *testing.T) {
	from := map[string]func(s *scene){
		"flat":     func(*scene) {},
		"by app":   func(s *scene) { s.window.turnTo(turnByApp) },
		"lens":     func(s *scene) { s.window.turnTo(turnLens) },
		"recent":   func(s *scene) { s.window.turnTo(turnRecent) },
		"a search": func(s *scene) { s.window.setQuery("gopher") },
		"a dialog": func(s *scene) { s.window.showSettings() },
		"a menu":   func(s *scene) { s.window.showFilters() },
		"a question": func(s *scene) {
			s.selectPort(3000)
			s.window.killSelected()
		},
	}
	for name, before := range from {
		for _, hidden := range []bool{false, true} {
			for _, line := range []string{":5432  Postgres", "TCP port 5432: Postgres", "UDP port 5353: Control Center"} {
				s := newScene(t)
				s.watching.setRules(s.watching.rules().With(watch.Port{Number: 5432, Protocol: netstat.TCP}).With(watch.Port{Number: 5353, Protocol: netstat.UDP}))
				s.read(desk())
				if hidden {
					s.do(func() { s.hideApp(postgres.App); s.hideApp(airplay.App) })
					if strings.HasPrefix(line, ":") {
						if slices.Contains(s.menu.labels(), line) {
							t.Errorf("%s: a hidden app is in the menu", name)
						}
						continue
					}
				}
				s.do(func() { before(s) })
				s.chooseInMenu(line)
				row, ok := s.window.table.Selected()
				if !ok || row.Socket == nil || !strings.Contains(line, fmt.Sprint(row.Socket.Local.Port())) || !table.Waits(row.Socket) {
					t.Errorf("%s, hidden %v: %s selects %+v of %q with %d rows", name, hidden, line, row.Key, s.window.search.Text, len(s.window.table.rows))
				}
				if s.window.asking() || s.window.Canvas().Focused() != s.window.table || len(s.kills) != 0 {
					t.Errorf("%s: %s leaves something in the way", name, line)
				}
			}
		}
	}
}

// The rows of before, which the window still has from when it was hidden, are no answer.
func TestMenuOpensTheRowOfNow(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.chooseInMenu(":5432  Postgres")
	s.Hide()
	s.settle()
	more := desk()
	more.Sockets = append(more.Sockets, listen("127.0.0.1:1234", node))
	s.read(more)
	s.MenuOpened()
	s.chooseInMenu(":1234  node")
	if row, ok := s.window.table.Selected(); !ok || row.Socket.Local.Port() != 1234 {
		t.Errorf("selected is %+v", row.Key)
	}
}

// Of several who wait on one port it is the line's app whose row is selected.
func TestMenuOpensTheRowOfTheApp(t *testing.T) {
	s := newScene(t)
	s.read(snapshot(0, listen("127.0.0.1:8000", node), listen("127.0.0.2:8000", postgres)))
	if got := s.menu.labels()[2]; got != "1 listening port" {
		t.Errorf("two apps on one port are %q", got)
	}
	s.chooseInMenu(":8000  Postgres")
	if row, ok := s.window.table.Selected(); !ok || row.Owner.Process != postgres {
		t.Errorf("selected is %+v", row.Key)
	}
}

// The menu offers to kill what waits, and asks the same question as the window does.
func TestMenuKills(t *testing.T) {
	s := newScene(t)
	s.do(func() { s.window.turnTo(turnLens) })
	s.read(desk())
	kill := s.menuLine("Kill process")
	if got := kill.labels(); len(got) != 8 || got[0] != ":3000  node…" {
		t.Fatalf("it offers %q", got)
	}
	s.Hide()
	s.MenuOpened()
	s.do(kill.inner[1].chosen) // Postgres
	if s.window.killing.dialog == nil || len(s.kills) != 0 || !s.Visible() {
		t.Fatal("nothing is asked")
	}
	s.wantTexts("Terminate postgres?")
	s.window.killing.dialog.cancel()
	s.MenuOpened()
	s.read(without(desk(), node))
	if got := kill.labels(); got[0] != ":3000  node – closed" || got[1] != ":5432  Postgres…" {
		t.Errorf("while it is open it becomes %q", got)
	}
	s.do(kill.inner[0].chosen)
	if s.window.killing.dialog != nil || s.window.notice.text() != "That has already closed: there is nothing left to end." {
		t.Errorf("of what has gone it says %q", s.window.notice.text())
	}
}

func TestBadgeText(t *testing.T) {
	for n, want := range map[int]string{0: "0", 8: "8", 999: "999", 1000: "999+", 123456: "999+"} {
		if got := badgeText(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// A port of the menu may have gone until it is clicked; later nothing is selected behind the person's back.
func TestTrayMenuOfAPortThatHasGone(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	s.MenuOpened()
	s.read(without(desk(), node))
	s.chooseInMenu(":3000  node – closed")
	if _, ok := s.window.table.Selected(); ok {
		t.Error("something is selected")
	}
	s.read(desk())
	if _, ok := s.window.table.Selected(); ok {
		t.Error("something is selected though it was asked for long ago")
	}
}

// Names from outside must neither widen the menu nor lose their underscores in it.
func TestTrayMenuOfHostileNames(t *testing.T) {
	for text, want := range map[string]string{"my_app": "my__app", "plain": "plain"} {
		if got := menuText(text, "linux"); got != want {
			t.Errorf("on Linux %q becomes %q, want %q", text, got, want)
		}
		if got := menuText(text, "darwin"); got != text {
			t.Errorf("on macOS %q becomes %q", text, got)
		}
	}
	s := newScene(t)
	p := process.Process{ID: node.ID, Name: "a\u202eb\n" + strings.Repeat("x", 1<<20)}
	s.read(snapshot(0, listen("127.0.0.1:8000", &p)))
	line := s.menu.labels()[3]
	if len(line) > 80 || strings.ContainsAny(line, "\n\u202e") || !strings.HasPrefix(line, ":8000  a") {
		t.Errorf("the menu says %.200q", line)
	}
}

// BenchmarkBadge is what a change of the number of listening ports costs, where the icon shows it.
func BenchmarkBadge(b *testing.B) {
	newScene(b)
	icon := trayIcon(nil, "linux")
	b.ReportAllocs()
	for b.Loop() {
		badged(icon, "42")
	}
}

// BenchmarkTrayMenu is what the menu costs with each read, of 10,000 sockets of which 200 listen.
func BenchmarkTrayMenu(b *testing.B) {
	s := newScene(b)
	var sockets []netstat.Socket
	for i := range 10_000 {
		state := netstat.Established
		if i%50 == 0 {
			state = netstat.Listen
		}
		sockets = append(sockets, socket(netstat.TCP, state, fmt.Sprintf("127.0.0.1:%d", 1024+i), "", node))
	}
	c := content{uid: 501}
	c.update.Snapshot = snapshot(0, sockets...)
	b.ReportAllocs()
	for b.Loop() {
		s.tray.show(newTrayMenu(c))
	}
}

// An open menu on macOS holds up the loop: its lines are kept true all the same, and put in order once it is closed.
func TestTrayIsKeptTrueWhileTheLoopWaits(t *testing.T) {
	s := newScene(t)
	s.tray.sure = true
	s.read(snapshot(0, listen("127.0.0.1:3000", node), listen("127.0.0.1:5432", postgres)))
	var waiting []func()
	run := s.model.do
	s.model.do = func(f func()) { waiting = append(waiting, f) }
	before := s.menu.labels()
	s.read(snapshot(0, listen("127.0.0.1:5432", postgres), listen("127.0.0.1:9229", node)))
	if got := s.menu.labels(); !slices.Equal(got, before) {
		t.Fatalf("while the loop waits the menu has become %q", got)
	}
	s.TellMenu()
	want := slices.Clone(before)
	for i, label := range want {
		if label == ":3000  node" {
			want[i] = ":3000  node – closed"
		}
	}
	if got := s.menu.labels(); !slices.Equal(got, want) {
		t.Errorf("the open menu reads %q, want %q", got, want)
	}
	s.model.do = run
	for _, f := range waiting {
		f()
	}
	s.wantMenu("2 listening ports", ":5432  Postgres", ":9229  node", "Kill process")
}
