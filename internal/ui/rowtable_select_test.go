package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portolan/internal/table"
)

// several gives the keys of all selected rows, and after a bar where the keyboard is.
func (h *harness) several() string {
	var keys []string
	for _, row := range h.SelectedRows() {
		keys = append(keys, keyText(row.Key))
	}
	at := "none"
	if row, ok := h.Selected(); ok {
		at = keyText(row.Key)
	}
	return strings.Join(keys, " ") + " | " + at
}

func (h *harness) shortcut(key fyne.KeyName) {
	h.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
}

func TestSeveralByMouse(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.controlClick = false
	const more = fyne.KeyModifierShortcutDefault
	for _, step := range []struct {
		row  int
		held fyne.KeyModifier
		want string
	}{
		{2, 0, "3 | 3"},
		{5, fyne.KeyModifierShift, "3 4 5 6 | 6"},
		{1, fyne.KeyModifierShift, "2 3 | 2"},
		{7, more, "2 3 8 | 8"},
		{1, more, "3 8 | 8"},
		{7, more, "3 | 3"},
		{2, more, " | none"},
		{4, more, "5 | 5"},
		{6, fyne.KeyModifierShift, "5 6 7 | 7"},
		{0, 0, "1 | 1"},
	} {
		h.clickRow(step.row, 50, desktop.MouseButtonPrimary, step.held)
		if got := h.several(); got != step.want {
			t.Errorf("row %d with %d: selected %q, want %q", step.row, step.held, got, step.want)
		}
	}
}

// TestMenuOfSeveral: the right button on one of several is about all of them, beside them about that one.
func TestMenuOfSeveral(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.clickRow(1, 50, desktop.MouseButtonPrimary, 0)
	h.clickRow(3, 50, desktop.MouseButtonPrimary, fyne.KeyModifierShift)
	h.clickRow(2, 50, desktop.MouseButtonSecondary, 0)
	if got := h.several(); got != "2 3 4 | 3" {
		t.Errorf("selected %q", got)
	}
	h.clickRow(8, 50, desktop.MouseButtonSecondary, 0)
	if got := h.several(); got != "9 | 9" {
		t.Errorf("selected %q", got)
	}
}

func TestSeveralByKeyboard(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	shift := func(keys ...fyne.KeyName) {
		h.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
		h.key(keys...)
		h.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	}
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { h.key(fyne.KeyHome, fyne.KeyDown) }, "2 | 2"},
		{func() { shift(fyne.KeyDown, fyne.KeyDown) }, "2 3 4 | 4"},
		{func() { shift(fyne.KeyUp, fyne.KeyUp, fyne.KeyUp) }, "1 2 | 1"},
		{func() { h.shortcut(fyne.KeyDown); h.shortcut(fyne.KeyDown); h.shortcut(fyne.KeyDown) }, "1 2 | 4"},
		{func() { h.shortcut(fyne.KeySpace) }, "1 2 4 | 4"},
		{func() { h.shortcut(fyne.KeyUp) }, "1 2 4 | 3"},
		{func() { h.key(fyne.KeyDown) }, "4 | 4"},
		{func() { shift(fyne.KeyEnd) }, "4 5 6 7 8 9 10 11 12 13 14 15 | 15"},
		{func() { h.TypedShortcut(&fyne.ShortcutSelectAll{}) }, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 | 15"},
		{func() { h.clearSelection() }, " | none"},
		{func() { h.TypedShortcut(&fyne.ShortcutSelectAll{}) }, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 | 1"},
	} {
		step.do()
		if got := h.several(); got != step.want {
			t.Errorf("selected %q, want %q", got, step.want)
		}
	}
}

// TestSeveralLiveThroughRefreshes: by key, whatever comes, goes and moves.
func TestSeveralLiveThroughRefreshes(t *testing.T) {
	rows := sampleRows()
	h := newHarness(t, rows, 1240, 400)
	h.clickRow(2, 50, desktop.MouseButtonPrimary, 0)
	h.clickRow(5, 50, desktop.MouseButtonPrimary, fyne.KeyModifierShift)
	h.takeCalls()
	reversed := append(newRows(3), rows...)
	slices.Reverse(reversed)
	h.SetRows(reversed)
	if got := h.several(); got != "6 5 4 3 | 6" || h.takeCalls() != "" {
		t.Errorf("selected %q", got)
	}
	h.SetRows(slices.DeleteFunc(slices.Clone(rows), func(r table.Row) bool { return r.Key.Socket == 6 || r.Key.Socket == 4 }))
	if got := h.several(); got != "3 5 | 3" {
		t.Errorf("after two of them went: selected %q", got)
	}
	if got := h.takeCalls(); got != "select 3" {
		t.Errorf("calls %q", got)
	}
	h.SetRows(newRows(5))
	if got := h.several(); got != " | none" {
		t.Errorf("after all went: selected %q", got)
	}
	h.SetRows(rows)
	if got := h.several(); got != " | none" {
		t.Errorf("they came back: selected %q, which nobody did", got)
	}
}

// TestSeveralAreSeen: every selected row has the colour, the one that the keyboard is at the bar too.
func TestSeveralAreSeen(t *testing.T) {
	h := newHarness(t, sampleRows(), 1240, 400)
	h.FocusGained()
	h.clickRow(2, 50, desktop.MouseButtonPrimary, 0)
	h.clickRow(4, 50, desktop.MouseButtonPrimary, fyne.KeyModifierShift)
	for _, s := range h.body.slots {
		if s.index < 0 || s.index >= len(h.rows) {
			continue
		}
		if chosen := s.back.FillColor == h.body.palette.selected; chosen != (s.index >= 2 && s.index <= 4) {
			t.Errorf("row %d: in the colour of the selection: %v", s.index, chosen)
		}
		if bar := slices.Contains(h.body.objects, fyne.CanvasObject(s.edge)); bar != (s.index == 4) {
			t.Errorf("row %d: with a bar: %v", s.index, bar)
		}
	}
}
