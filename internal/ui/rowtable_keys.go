package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portolan/internal/table"
)

// menuX is how far in from the left a menu opens by keyboard.
const menuX = 26

// sideways is how far Left and Right scroll a table that is wider than the window.
const sideways = 48

// FocusGained shows the selection in the colour of what has the keyboard.
func (t *rowTable) FocusGained() {
	t.focused = true
	t.header.Refresh()
	t.body.draw(false)
}

// FocusLost shows it in grey.
func (t *rowTable) FocusLost() {
	t.focused, t.shift = false, false
	t.header.Refresh()
	t.body.draw(false)
}

// TypedRune passes typed text on: it is meant for a search.
func (t *rowTable) TypedRune(r rune) {
	if r != ' ' && t.onRune != nil { // the space bar is a key here
		t.onRune(r)
	}
}

// KeyDown notes Shift, which TypedKey does not tell.
func (t *rowTable) KeyDown(ev *fyne.KeyEvent) {
	if ev.Name == desktop.KeyShiftLeft || ev.Name == desktop.KeyShiftRight {
		t.shift = true
	}
}

// KeyUp forgets it.
func (t *rowTable) KeyUp(ev *fyne.KeyEvent) {
	if ev.Name == desktop.KeyShiftLeft || ev.Name == desktop.KeyShiftRight {
		t.shift = false
	}
}

// TypedKey moves the selection and acts on it.
func (t *rowTable) TypedKey(ev *fyne.KeyEvent) {
	if t.moveKey(ev.Name) || t.groupKey(ev.Name) || t.actionKey(ev.Name) {
		return
	}
	if t.onKey != nil {
		t.onKey(ev)
	}
}

// moveKey is for the keys that select another row.
func (t *rowTable) moveKey(key fyne.KeyName) bool {
	page := max(1, int(t.scroll.Size().Height/t.rowHeight())-1)
	switch key {
	case fyne.KeyUp:
		t.moveSelection(-1)
	case fyne.KeyDown:
		t.moveSelection(1)
	case fyne.KeyPageUp:
		t.moveSelection(-page)
	case fyne.KeyPageDown:
		t.moveSelection(page)
	case fyne.KeyHome:
		t.moveSelection(-len(t.rows))
	case fyne.KeyEnd:
		t.moveSelection(len(t.rows))
	default:
		return false
	}
	return true
}

// moveSelection selects the row that many further down. With nothing selected it
// begins at the first row that is wholly in view.
func (t *rowTable) moveSelection(by int) {
	if len(t.rows) == 0 {
		return
	}
	i := t.selectedIndex + by
	if t.selectedIndex < 0 {
		i = int((t.top() + t.rowHeight() - 1) / t.rowHeight())
		if by <= -len(t.rows) {
			i = 0
		} else if by >= len(t.rows) {
			i = len(t.rows) - 1
		}
	}
	i = max(0, min(i, len(t.rows)-1))
	if t.shift && t.selectedIndex >= 0 {
		t.extendTo(i)
	} else {
		t.selectIndex(i)
	}
	t.reveal(i)
}

// groupKey is for the keys that open and close apps and processes. Left goes from what belongs
// to one to its row, and Right into what is open; where there is nothing of that, they scroll.
func (t *rowTable) groupKey(key fyne.KeyName) bool {
	row, ok := t.Selected()
	switch key {
	case fyne.KeyLeft:
		switch {
		case ok && row.Group != nil && row.Group.Open:
			t.toggle(row.Key)
		case ok && row.Depth > 0:
			t.selectParent()
		default:
			t.scrollTo(t.scroll.Offset.SubtractXY(min(sideways, t.scroll.Offset.X), 0))
		}
	case fyne.KeyRight:
		switch {
		case ok && row.Group != nil && !row.Group.Open:
			t.toggle(row.Key)
		case ok && row.Group != nil && t.selectedIndex+1 < len(t.rows) && t.rows[t.selectedIndex+1].Depth > row.Depth:
			t.moveSelection(1)
		default:
			t.scrollTo(t.scroll.Offset.AddXY(sideways, 0))
		}
	default:
		return false
	}
	return true
}

// selectParent selects the row that the selected one belongs to.
func (t *rowTable) selectParent() {
	depth := t.rows[t.selectedIndex].Depth
	for i := t.selectedIndex - 1; i >= 0; i-- {
		if t.rows[i].Depth < depth {
			t.selectIndex(i)
			t.reveal(i)
			return
		}
	}
}

// toggle asks for a group to be opened or closed, if it is still there.
func (t *rowTable) toggle(key table.Key) {
	if i := indexOfKey(t.rows, key); i >= 0 && t.onToggle != nil {
		t.onToggle(t.rows[i])
	}
}

// actionKey is for the keys that do something with the selected row.
func (t *rowTable) actionKey(key fyne.KeyName) bool {
	row, ok := t.Selected()
	switch {
	case key == fyne.KeyDelete || key == fyne.KeyBackspace: // on a Mac, Delete is what Fyne calls Backspace
		if ok && t.onKill != nil {
			t.onKill(row)
		}
	case key == desktop.KeyMenu || key == fyne.KeyF10 && t.shift:
		if ok {
			t.askMenu(row)
		}
	default:
		return false
	}
	return true
}

// askMenu asks for the menu of the row that the keyboard is at.
func (t *rowTable) askMenu(row table.Row) {
	if t.onMenu != nil {
		t.reveal(t.selectedIndex)
		t.onMenu(row, t.menuPosition())
	}
}

// menuPosition is below the beginning of the selected row.
func (t *rowTable) menuPosition() fyne.Position {
	corner := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	return corner.AddXY(menuX, float32(t.selectedIndex+1)*t.rowHeight()-t.top())
}

// TypedShortcut copies what is selected, selects all, and walks among the rows while the selection stays: with the arrows,
// and Space selects the one that was reached, or no more. Every other shortcut is the window's:
// Fyne gives a focused widget all of them.
func (t *rowTable) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		if row, ok := t.Selected(); ok && t.onCopy != nil {
			t.onCopy(row)
		}
		return
	case *fyne.ShortcutSelectAll:
		t.selectAll()
		return
	case *desktop.CustomShortcut:
		if t.walkKey(s) {
			return
		}
	}
	if window := t.shortcuts(); window != nil {
		window.TypedShortcut(s)
	}
}

// walkKey is for the arrows and the space bar with Command, or Control where there is none.
func (t *rowTable) walkKey(s *desktop.CustomShortcut) bool {
	if s.Modifier != fyne.KeyModifierShortcutDefault || t.selectedIndex < 0 {
		return false
	}
	switch at := t.selectedIndex; s.KeyName {
	case fyne.KeyUp:
		at = max(0, at-1)
		t.walkTo(at)
		t.reveal(at)
	case fyne.KeyDown:
		at = min(len(t.rows)-1, at+1)
		t.walkTo(at)
		t.reveal(at)
	case fyne.KeySpace:
		t.addIndex(at)
	default:
		return false
	}
	return true
}

// windowShortcuts gives what holds the shortcuts that were added to the window;
// nil while the table is in none.
func (t *rowTable) windowShortcuts() fyne.Shortcutable {
	window, _ := fyne.CurrentApp().Driver().CanvasForObject(t).(fyne.Shortcutable)
	return window
}
