package ui

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"portolan/internal/table"
)

// mouse gives an event at a position of the rows' own, as Fyne's desktop driver does.
func mouse(x, y float32, button desktop.MouseButton) *desktop.MouseEvent {
	ev := &desktop.MouseEvent{Button: button}
	ev.Position, ev.AbsolutePosition = fyne.NewPos(x, y), fyne.NewPos(x+100, y+100)
	return ev
}

// clickRow presses and lets go on row i as Fyne's desktop driver does: MouseDown, MouseUp, then the tap.
func (h *harness) clickRow(i int, x float32, button desktop.MouseButton, modifier fyne.KeyModifier) {
	ev := mouse(x, (float32(i)+0.5)*h.rowHeight(), button)
	ev.Modifier = modifier
	h.body.MouseDown(ev)
	h.body.MouseUp(ev)
	if button == desktop.MouseButtonSecondary {
		h.body.TappedSecondary(&ev.PointEvent)
	} else {
		h.body.Tapped(&ev.PointEvent)
	}
}

func TestClickSelects(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.clickRow(2, 600, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "select 3" {
		t.Errorf("calls %q", got)
	}
	if h.window.Canvas().Focused() != fyne.Focusable(h.rowTable) {
		t.Error("the table has not got the keyboard")
	}
	h.clickRow(2, 600, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "" {
		t.Errorf("a second click on the row calls %q", got)
	}
	h.clickRow(40, 600, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "select none" {
		t.Errorf("a click below the rows calls %q", got)
	}
}

// TestTapAlone: a tap without a press, as from a touch screen.
func TestTapAlone(t *testing.T) {
	h := newHarness(t, manyRows(100), 1240, 400)
	h.scrollTo(fyne.NewPos(0, rowTall*30+5))
	for _, i := range []int{30, 33, 40} {
		test.TapCanvas(h.window.Canvas(), h.at(50, i).AddXY(0, 5))
		if row, ok := h.Selected(); !ok || row.Key != h.rows[i].Key {
			t.Errorf("a tap on row %d selects %v %v", i, row.Key, ok)
		}
	}
}

func TestHitTest(t *testing.T) {
	h := newHarness(t, manyRows(10), 1240, 400)
	for y, want := range map[float32]int{-1: -1, 0: 0, rowTall - 0.1: 0, rowTall: 1, 10*rowTall - 1: 9, 10 * rowTall: -1, 1000: -1} {
		if got := h.body.rowAt(y); got != want {
			t.Errorf("row at %v is %d, want %d", y, got, want)
		}
	}
}

func TestRightClick(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.clickRow(3, 50, desktop.MouseButtonSecondary, 0)
	if got := h.takeCalls(); got != "select 4; menu at 150,177: 4" {
		t.Errorf("calls %q", got)
	}
	h.clickRow(40, 50, desktop.MouseButtonSecondary, 0)
	if got := h.takeCalls(); got != "select none" {
		t.Errorf("below the rows: calls %q", got)
	}
	h.controlClick = true
	h.clickRow(3, 50, desktop.MouseButtonPrimary, fyne.KeyModifierControl)
	if got := h.takeCalls(); got != "select 4; menu at 150,177: 4" {
		t.Errorf("control and click, as on a Mac: calls %q", got)
	}
	h.controlClick = false
	h.clickRow(3, 50, desktop.MouseButtonPrimary, fyne.KeyModifierAlt)
	if got := h.takeCalls(); got != "" {
		t.Errorf("control and click elsewhere: calls %q", got)
	}
}

// TestPressHolds: rows that come while the button is down wait, and the click is the pressed row's.
func TestPressHolds(t *testing.T) {
	rows := sampleRows()
	h := newHarness(t, rows, 1240, 400)
	press := mouse(600, 2.5*rowTall, desktop.MouseButtonSecondary)
	h.body.MouseDown(press)
	h.SetRows(rows[1:])
	if got := h.shown(table.ColumnPort)[0]; got != "3000" {
		t.Errorf("the first row is %s while the button is down", got)
	}
	h.body.MouseUp(press)
	h.body.TappedSecondary(&press.PointEvent)
	if got := h.takeCalls(); got != "select 3; menu at 700,155: 3" {
		t.Errorf("calls %q", got)
	}
	if len(h.rows) != len(rows)-1 {
		t.Error("the rows still wait")
	}
}

// TestPressedRowGone: no menu, and no group toggled, for a row that went in the meantime.
func TestPressedRowGone(t *testing.T) {
	rows := sampleRows()
	h := newHarness(t, rows, 1240, 400)
	press := mouse(600, 2.5*rowTall, desktop.MouseButtonSecondary)
	h.body.MouseDown(press)
	h.SetRows(slices.Concat(rows[:2], rows[3:]))
	h.body.MouseUp(press)
	h.body.TappedSecondary(&press.PointEvent)
	if got := h.takeCalls(); got != "select 3; select none" {
		t.Errorf("calls %q", got)
	}
}

// TestHoldEnds: a button that is let go elsewhere does not hold the rows for ever.
func TestHoldEnds(t *testing.T) {
	for name, end := range map[string]func(*harness){
		"drag ends":                   func(h *harness) { h.body.Dragged(&fyne.DragEvent{}); h.body.DragEnd() },
		"moves with no button":        func(h *harness) { h.body.MouseMoved(mouse(1, 1, 0)) },
		"pointer leaves":              func(h *harness) { h.body.MouseOut() },
		"pointer comes in, no button": func(h *harness) { h.body.MouseIn(mouse(1, 1, 0)) },
	} {
		h := newHarness(t, sampleRows(), 1240, 400)
		h.body.MouseDown(mouse(10, 10, desktop.MouseButtonPrimary))
		h.SetRows(sampleRows()[:2])
		h.body.MouseMoved(mouse(11, 10, desktop.MouseButtonPrimary))
		if len(h.rows) == 2 {
			t.Errorf("%s: shown while the button is down", name)
		}
		end(h)
		if len(h.rows) != 2 {
			t.Errorf("%s: the rows still wait", name)
		}
	}
}

func TestTriangleToggles(t *testing.T) {
	h := newTree(t, sampleGroups(), 1240, 400)
	h.clickRow(2, 14, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "toggle postgres" {
		t.Errorf("calls %q", got)
	}
	h.clickRow(2, 14, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "toggle postgres" {
		t.Errorf("at once again: calls %q, want one more toggle", got)
	}
	h.clickRow(3, 14, desktop.MouseButtonSecondary, 0)
	if got := h.takeCalls(); got != "select redis-server; menu at 114,177: redis-server" {
		t.Errorf("the right button: calls %q", got)
	}
}

// TestTriangleLetGoElsewhere is no click.
func TestTriangleLetGoElsewhere(t *testing.T) {
	h := newTree(t, sampleGroups(), 1240, 400)
	h.body.MouseDown(mouse(14, 2.5*rowTall, desktop.MouseButtonPrimary))
	up := mouse(14, 3.5*rowTall, desktop.MouseButtonPrimary)
	h.body.MouseUp(up)
	h.body.Tapped(&up.PointEvent)
	if got := h.takeCalls(); got != "" {
		t.Errorf("calls %q", got)
	}
}

// TestDoubleClickToggles: the second click of two opens a group, and a single one never waits for it.
func TestDoubleClickToggles(t *testing.T) {
	h := newTree(t, sampleGroups(), 1240, 400)
	h.clickRow(1, 200, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "select vite" {
		t.Errorf("first click: calls %q", got)
	}
	h.clock = h.clock.Add(100 * time.Millisecond)
	h.clickRow(1, 200, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "toggle vite" {
		t.Errorf("second click: calls %q", got)
	}
	h.clickRow(1, 200, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "" {
		t.Errorf("third click: calls %q", got)
	}
	h.clock = h.clock.Add(time.Minute)
	h.clickRow(1, 200, desktop.MouseButtonPrimary, 0)
	h.clock = h.clock.Add(100 * time.Millisecond)
	h.clickRow(2, 200, desktop.MouseButtonPrimary, 0)
	h.clock = h.clock.Add(2 * time.Second)
	h.clickRow(2, 200, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "select postgres" {
		t.Errorf("on two rows, and slowly: calls %q", got)
	}
	h.SetRows(sampleRows())
	h.clickRow(1, 200, desktop.MouseButtonPrimary, 0)
	h.clickRow(1, 200, desktop.MouseButtonPrimary, 0)
	if got := h.takeCalls(); got != "select none; select 2" {
		t.Errorf("on a socket: calls %q", got)
	}
}

// TestHover: the tint follows the pointer, and the rows when they are scrolled under it.
func TestHover(t *testing.T) {
	h := newHarness(t, manyRows(100), 1240, 400)
	h.point(4)
	if got := h.body.hovered(); got != 4 {
		t.Errorf("the pointer is over row %d, want 4", got)
	}
	test.Scroll(h.window.Canvas(), h.at(300, 4), 0, -48)
	if got := h.body.hovered(); got != 6 {
		t.Errorf("scrolled by two rows the pointer is over row %d, want 6", got)
	}
	if s := h.body.slots[6%len(h.body.slots)]; s.back.FillColor != h.body.palette.hover {
		t.Error("the row under the pointer is not tinted")
	}
	test.MoveMouse(h.window.Canvas(), fyne.NewPos(300, 5))
	if got := h.body.hovered(); got != -1 {
		t.Errorf("over the header, yet row %d is tinted", got)
	}
}

func TestWheelScrolls(t *testing.T) {
	h := newHarness(t, manyRows(100), 1240, 400)
	test.Scroll(h.window.Canvas(), h.at(300, 4), 0, -240)
	if got := h.shown(table.ColumnPort)[0]; got != "11" {
		t.Errorf("the first port in view is %s, want 11", got)
	}
	test.Scroll(h.window.Canvas(), h.at(300, 14), 0, 1e6)
	if h.scroll.Offset.Y != 0 {
		t.Errorf("offset %v at the top", h.scroll.Offset.Y)
	}
}
