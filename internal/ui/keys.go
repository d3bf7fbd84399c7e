package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// bindKeys gives the window its shortcuts: Command on macOS, Control elsewhere.
func (w *window) bindKeys() {
	for key, act := range map[fyne.KeyName]func(){
		fyne.KeyF: func() { w.Canvas().Focus(w.search) },
		fyne.KeyR: w.refresh,
		fyne.KeyP: w.togglePause,
		fyne.KeyI: w.detail.toggle,
		fyne.Key1: func() { w.setByApp(false) },
		fyne.Key2: func() { w.setByApp(true) },
		fyne.KeyW: w.ui.close,
		fyne.KeyQ: w.ui.Quit,
	} {
		shortcut := &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
		// Under a dialog only leaving is possible.
		guarded := func(fyne.Shortcut) {
			if w.killing.dialog == nil || key == fyne.KeyW || key == fyne.KeyQ {
				act()
			}
		}
		w.keys.AddShortcut(shortcut, guarded)
		w.Canvas().AddShortcut(shortcut, guarded)
	}
	w.Canvas().SetOnTypedKey(w.typedKey)
	w.Canvas().SetOnTypedRune(w.typedRune)
}

// typedKey gets the keys that nothing focused has a use for.
func (w *window) typedKey(e *fyne.KeyEvent) {
	if w.killing.dialog != nil {
		if e.Name == fyne.KeyEscape {
			w.killing.dialog.cancel()
		}
		return
	}
	switch e.Name {
	case fyne.KeyEscape:
		w.escape()
	case fyne.KeyDelete, fyne.KeyBackspace:
		w.killSelected()
	case fyne.KeyReturn, fyne.KeyEnter: // on a row without a group to open
		w.detail.toggle()
	case fyne.KeyDown, fyne.KeyUp:
		w.table.takeFocus()
	}
}

// typedRune starts a search with what is typed, or with "/" as in less and many a list.
func (w *window) typedRune(r rune) {
	if w.killing.dialog != nil {
		return
	}
	w.Canvas().Focus(w.search)
	if r != '/' {
		w.search.TypedRune(r)
	}
}

// escape goes one step back: the search, the notice, the window.
func (w *window) escape() {
	switch {
	case w.search.Text != "":
		w.setQuery("")
	case !w.notice.Hidden:
		w.notice.Hide()
	case w.Canvas().Focused() == w.search:
		w.table.takeFocus()
	case w.ui.tray != nil:
		w.ui.Hide()
	}
}
