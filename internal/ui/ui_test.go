package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"portolan/internal/monitor"
)

func TestCloseHidesOnlyWithATray(t *testing.T) {
	s := newScene(t)
	s.close()
	if s.Visible() || s.quits != 0 {
		t.Errorf("visible %v, quit %d times: closing must hide", s.Visible(), s.quits)
	}
	bare := newScene(t, func(o *Options) { o.Tray = false })
	if len(bare.menu.lines) != 0 {
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
		u := newUI(&bar{App: app}, Options{Monitor: monitor.New(&source{}, time.Hour), Tray: tray, Menu: &barMenu{}, OnQuit: func() {}}, func(f func()) { f() })
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
