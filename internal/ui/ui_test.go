package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

func labels(m *fyne.Menu) []string {
	var all []string
	for _, item := range m.Items {
		if !item.IsSeparator {
			all = append(all, item.Label)
		}
	}
	return all
}

func (s *scene) menu() *fyne.Menu { return s.bar.menus[len(s.bar.menus)-1] }

func (s *scene) chooseInMenu(label string) {
	s.t.Helper()
	for _, item := range s.menu().Items {
		if item.Label == label {
			s.do(item.Action)
			return
		}
	}
	s.t.Fatalf("the menu has no %q: %q", label, labels(s.menu()))
}

func TestTrayMenu(t *testing.T) {
	s := newScene(t)
	if got, want := labels(s.menu()), []string{"Open Portolan", "Reading…", "Pause", "Quit"}; !slices.Equal(got, want) {
		t.Errorf("before the first read the menu is %q, want %q", got, want)
	}
	if s.bar.icon == nil || s.bar.window != s.Window() {
		t.Error("the tray has no icon or no window")
	}
	s.read(desk())
	want := []string{"Open Portolan", "8 listening ports", ":22", ":80  nginx", ":631  launchd", ":3000  node", ":5432  postgres",
		":7000  ControlCenter", ":9229  node", ":49731  ControlCenter", "Pause", "Quit"}
	if got := labels(s.menu()); !slices.Equal(got, want) {
		t.Errorf("the menu is %q, want %q", got, want)
	}
	if heading := s.menu().Items[2]; !heading.Disabled {
		t.Error("the heading can be chosen")
	}
	if last := s.menu().Items[len(s.menu().Items)-1]; !last.IsQuit {
		t.Error("the last item is not known as the one that quits")
	}
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

// A menu that is rebuilt while it is open closes, or worse: what is clicked is not what was read.
func TestTrayMenuHoldsStill(t *testing.T) {
	s := newScene(t)
	s.read(desk())
	built := len(s.bar.menus)
	more := desk()
	more.Sockets = append(more.Sockets, connection(netstat.Established, "127.0.0.1:50999", "127.0.0.1:5432", node), datagram("0.0.0.0:9999", node))
	s.read(more)
	s.Hide()
	s.read(desk())
	if len(s.bar.menus) != built {
		t.Error("the menu was rebuilt though no listener came or went")
	}
	s.read(without(desk(), node))
	if len(s.bar.menus) != built+1 {
		t.Errorf("the menu was rebuilt %d times for one change", len(s.bar.menus)-built)
	}
}

func TestTrayMenuOfManyListeners(t *testing.T) {
	s := newScene(t)
	many := snapshot(0)
	for port := range uint16(20) {
		many.Sockets = append(many.Sockets, listen(fmt.Sprintf("127.0.0.1:%d", 8000+port), node))
	}
	s.read(many)
	got := labels(s.menu())
	if len(got) != 2+menuPorts+1+2 || got[1] != "20 listening ports" || got[2] != ":8000  node" || got[2+menuPorts] != "12 more…" {
		t.Errorf("the menu is %q", got)
	}
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
	s.chooseInMenu(":5432  postgres")
	if !s.Visible() || s.window.search.Text != "port:5432" || len(s.window.table.rows) != 3 {
		t.Errorf("a port shows %q with %d rows", s.window.search.Text, len(s.window.table.rows))
	}
	s.chooseInMenu("Pause")
	if !s.options.Monitor.Paused() || s.window.status.said.live != "Paused" {
		t.Error("Pause does not pause")
	}
	if pause := s.menu().Items[len(s.menu().Items)-2]; !pause.Checked {
		t.Error("Pause is not ticked")
	}
	s.chooseInMenu("Pause")
	if s.options.Monitor.Paused() {
		t.Error("Pause does not resume")
	}
	s.Hide()
	s.chooseInMenu("Open Portolan")
	if !s.Visible() {
		t.Error("Open does not open")
	}
	s.chooseInMenu("Quit")
	if s.quits != 1 {
		t.Error("Quit does not quit")
	}
}

func TestCloseHidesOnlyWithATray(t *testing.T) {
	s := newScene(t)
	s.close()
	if s.Visible() || s.quits != 0 {
		t.Errorf("visible %v, quit %d times: closing must hide", s.Visible(), s.quits)
	}
	bare := newScene(t, func(o *Options) { o.Tray = false })
	if len(bare.bar.menus) != 0 {
		t.Error("a menu was made without a tray")
	}
	bare.close()
	bare.Quit()
	if bare.quits != 1 {
		t.Errorf("quit %d times: closing without a tray must quit, once", bare.quits)
	}
}

// While it is hidden the window costs nothing, and once shown it has what is known at once.
func TestHiddenWindow(t *testing.T) {
	var shown, hidden int
	s := newScene(t, func(o *Options) { o.OnShow, o.OnHide = func() { shown++ }, func() { hidden++ } })
	s.read(desk())
	s.Hide()
	before := len(s.window.table.rows)
	s.read(without(desk(), firefox))
	if len(s.window.table.rows) != before {
		t.Error("rows were made for a hidden window")
	}
	s.do(s.Show)
	if len(s.window.table.rows) != 18 {
		t.Errorf("there are %d rows, want the 18 of the last snapshot", len(s.window.table.rows))
	}
	s.Show()
	s.Hide()
	s.Hide()
	if shown != 2 || hidden != 2 {
		t.Errorf("told of %d shows and %d hides, want 2 and 2", shown, hidden)
	}
}

// Who starts the app for the first time must find it; from then on it begins in the tray.
func TestFirstStart(t *testing.T) {
	app := test.NewTempApp(t)
	start := func(tray bool) *UI {
		u := newUI(&bar{App: app}, Options{Monitor: monitor.New(&source{}, time.Hour), Tray: tray, OnQuit: func() {}}, func(f func()) { f() })
		t.Cleanup(u.window.Close)
		u.Start()
		return u
	}
	first := start(true)
	if !first.Visible() || !strings.Contains(first.window.notice.text(), "icon") {
		t.Errorf("the first start: visible %v, told %q", first.Visible(), first.window.notice.text())
	}
	if second := start(true); second.Visible() {
		t.Error("the second start opens the window though there is a tray")
	}
	bare := start(false)
	if !bare.Visible() || bare.window.notice.text() != "" {
		t.Errorf("without a tray: visible %v, told %q", bare.Visible(), bare.window.notice.text())
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
	p := *node
	p.Name = "a\u202eb\n" + strings.Repeat("x", 1<<20)
	s.read(snapshot(0, listen("127.0.0.1:8000", &p)))
	line := labels(s.menu())[2]
	if len(line) > 80 || strings.ContainsAny(line, "\n\u202e") || !strings.HasPrefix(line, ":8000  a") {
		t.Errorf("the menu says %.200q", line)
	}
}

func TestQuitIsFinal(t *testing.T) {
	s := newScene(t)
	s.Quit()
	s.Quit()
	if s.quits != 1 {
		t.Errorf("quit %d times", s.quits)
	}
	s.read(desk())
	if len(s.window.table.rows) != 0 {
		t.Error("something is shown after the end")
	}
}

// What many changes ask for at once is made once.
func TestModelCoalesces(t *testing.T) {
	s := newScene(t)
	turns := 0
	show := s.model.show
	s.model.show = func(c content) { turns++; show(c) }
	for range 50 {
		s.window.setByApp(!s.window.view.ByApp)
	}
	s.settle()
	if turns != 1 {
		t.Errorf("the model turned %d times for 50 changes", turns)
	}
}
