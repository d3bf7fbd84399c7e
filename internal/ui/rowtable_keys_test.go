package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portolan/internal/table"
)

func (h *harness) key(names ...fyne.KeyName) {
	for _, name := range names {
		h.TypedKey(&fyne.KeyEvent{Name: name})
	}
}

func TestKeysMove(t *testing.T) {
	h := newHarness(t, manyRows(100), 1240, 27+rowTall*10)
	for _, step := range []struct {
		key  fyne.KeyName
		want int
	}{
		{fyne.KeyUp, 0}, {fyne.KeyDown, 1}, {fyne.KeyDown, 2}, {fyne.KeyUp, 1}, {fyne.KeyPageDown, 10}, {fyne.KeyPageDown, 19},
		{fyne.KeyPageUp, 10}, {fyne.KeyEnd, 99}, {fyne.KeyDown, 99}, {fyne.KeyPageDown, 99}, {fyne.KeyHome, 0}, {fyne.KeyUp, 0}, {fyne.KeyPageUp, 0},
	} {
		h.key(step.key)
		if h.selectedIndex != step.want {
			t.Errorf("%s: row %d, want %d", step.key, h.selectedIndex, step.want)
		}
		if y := h.screenY(t, h.selected); y < 0 || y+rowTall > h.scroll.Size().Height {
			t.Errorf("%s: row %d is out of view at %v", step.key, h.selectedIndex, y)
		}
	}
}

// TestKeysBeginInView: with nothing selected the keys begin where the person looks.
func TestKeysBeginInView(t *testing.T) {
	for key, want := range map[fyne.KeyName]int{fyne.KeyDown: 21, fyne.KeyPageDown: 21, fyne.KeyHome: 0, fyne.KeyEnd: 99} {
		h := newHarness(t, manyRows(100), 1240, 400)
		h.scrollTo(fyne.NewPos(0, 20*rowTall+1))
		h.key(key)
		if h.selectedIndex != want {
			t.Errorf("%s: row %d, want %d", key, h.selectedIndex, want)
		}
	}
}

// TestHeaderDoesNotCover: back at the top, the first row is all in view.
func TestHeaderDoesNotCover(t *testing.T) {
	h := newHarness(t, manyRows(100), 1240, 400)
	h.key(fyne.KeyEnd, fyne.KeyHome)
	if h.scroll.Offset.Y != 0 || h.scroll.Position().Y < h.header.Size().Height {
		t.Errorf("offset %v, rows begin at %v below a header of %v", h.scroll.Offset.Y, h.scroll.Position().Y, h.header.Size().Height)
	}
}

func TestKeysOfGroups(t *testing.T) {
	h := newTree(t, sampleGroups("postgres"), 1240, 400)
	h.Select(table.Key{App: "vite"})
	h.takeCalls()
	for _, step := range []struct{ key, want string }{
		{string(fyne.KeyLeft), ""}, {string(fyne.KeyRight), "toggle vite"}, {string(fyne.KeyReturn), "key Return"},
		{string(fyne.KeyEnter), "key KP_Enter"}, {string(fyne.KeySpace), "key Space"},
		{string(fyne.KeyDown), "select postgres"}, {string(fyne.KeyLeft), "toggle postgres"},
		{string(fyne.KeyRight), "select postgres/812"}, {string(fyne.KeyReturn), "key Return"},
		{string(fyne.KeyRight), "select 3"}, {string(fyne.KeyReturn), "key Return"}, {string(fyne.KeyLeft), "select postgres/812"},
		{string(fyne.KeyLeft), "toggle postgres/812"},
		{string(fyne.KeyDown), "select 3"}, {string(fyne.KeyDown), "select postgres/5230"}, {string(fyne.KeyDown), "select 4"},
		{string(fyne.KeyLeft), "select postgres/5230"},
	} {
		h.key(fyne.KeyName(step.key))
		if got := h.takeCalls(); got != step.want {
			t.Errorf("%s: calls %q, want %q", step.key, got, step.want)
		}
	}
}

// TestGroupToggledInPlace: the row of a group stays put when it opens.
func TestGroupToggledInPlace(t *testing.T) {
	h := newTree(t, sampleGroups(), 1240, 300)
	h.onToggle = func(r table.Row) { h.SetRows(sampleGroups(r.Key.App)) }
	key := table.Key{App: "postgres"}
	h.Select(key)
	before := h.screenY(t, key)
	h.key(fyne.KeyRight)
	if !h.rows[h.selectedIndex].Group.Open || h.screenY(t, key) != before {
		t.Errorf("open %v, at %v, was at %v", h.rows[h.selectedIndex].Group.Open, h.screenY(t, key), before)
	}
	if got := strings.Join(h.shown(table.ColumnName)[:7], " "); got != "node vite postgres postgres tcp 127.0.0.1:5432 postgres tcp 127.0.0.1:5432" {
		t.Errorf("on the screen: %s", got)
	}
}

func TestKeysAct(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.key(fyne.KeyDelete, fyne.KeyBackspace, desktop.KeyMenu)
	h.TypedShortcut(&fyne.ShortcutCopy{})
	if got := h.takeCalls(); got != "" {
		t.Errorf("nothing is selected: calls %q", got)
	}
	h.Select(sampleRows()[5].Key)
	h.takeCalls()
	h.key(fyne.KeyDelete, fyne.KeyBackspace)
	h.TypedShortcut(&fyne.ShortcutCopy{})
	if got := h.takeCalls(); got != "kill 6; kill 6; copy 6" {
		t.Errorf("calls %q", got)
	}
	h.key(desktop.KeyMenu)
	h.key(fyne.KeyF10)
	h.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	h.key(fyne.KeyF10)
	h.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	h.key(fyne.KeyF10)
	if got := h.takeCalls(); got != "menu at 26,157: 6; key F10; menu at 26,157: 6; key F10" {
		t.Errorf("calls %q", got)
	}
}

// TestUnusedKeys: what means nothing here is passed on, to the search field and the window.
func TestUnusedKeys(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.key(fyne.KeyEscape, fyne.KeyReturn)
	h.TypedRune('n')
	h.TypedRune(' ')
	if got := h.takeCalls(); got != "key Escape; key Return; rune n" {
		t.Errorf("calls %q", got)
	}
	find := &desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierShortcutDefault}
	found := 0
	var window fyne.ShortcutHandler
	window.AddShortcut(find, func(fyne.Shortcut) { found++ })
	h.shortcuts = func() fyne.Shortcutable { return &window }
	h.TypedShortcut(find)
	h.TypedShortcut(&fyne.ShortcutCopy{})
	if found != 1 {
		t.Errorf("the window's shortcut ran %d times while the table has the keyboard", found)
	}
}

func TestFocusIsSeen(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.Select(sampleRows()[2].Key)
	slot := h.body.slots[2]
	if slot.back.FillColor != h.body.palette.idle {
		t.Error("selected without the keyboard: not grey")
	}
	h.window.Canvas().Focus(h.rowTable)
	if slot.back.FillColor != h.body.palette.selected {
		t.Error("selected with the keyboard: not in colour")
	}
	if slot.back.Size().Width < 1240 {
		t.Errorf("the selection is %v wide, the table 1240", slot.back.Size().Width)
	}
	h.window.Canvas().Unfocus()
	if slot.back.FillColor != h.body.palette.idle {
		t.Error("the keyboard went: not grey")
	}
}

// TestSidewaysKeys scroll a table that is wider than its window.
func TestSidewaysKeys(t *testing.T) {
	h := newHarness(t, sampleRows(), 600, 400)
	h.key(fyne.KeyRight)
	if h.scroll.Offset.X != sideways {
		t.Errorf("offset %v, want %v", h.scroll.Offset.X, sideways)
	}
	for range 30 {
		h.key(fyne.KeyRight)
	}
	if want := h.columns.total - h.scroll.Size().Width; h.scroll.Offset.X != want {
		t.Errorf("at the right end: offset %v, want %v", h.scroll.Offset.X, want)
	}
	for range 30 {
		h.key(fyne.KeyLeft)
	}
	if h.scroll.Offset.X != 0 {
		t.Errorf("back at the left: offset %v", h.scroll.Offset.X)
	}
}

// TestLastRowAboveScrollBar: the lower scroll bar covers no row.
func TestLastRowAboveScrollBar(t *testing.T) {
	h := newHarness(t, manyRows(100), 600, 400)
	h.key(fyne.KeyEnd)
	if y := h.screenY(t, h.selected); y+rowTall > h.scroll.Size().Height-scrollBarRoom {
		t.Errorf("the last row is at %v of %v", y, h.scroll.Size().Height)
	}
}
