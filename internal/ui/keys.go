package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portolan/internal/language"
)

// command is what a shortcut does: Command and the key on macOS, Control and the key elsewhere.
type command struct {
	key    fyne.KeyName // "": it is in the menus alone
	title  string       // in the main menu
	act    func()
	always bool // possible under a dialog too
}

func (w *window) shortcut(c command) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: c.key, Modifier: fyne.KeyModifierShortcutDefault}
}

// do does what the command says, unless a dialog is open.
func (w *window) do(c command) {
	if c.always || !w.asking() {
		c.act()
	}
}

// commands are those of the window, in the groups of the main menu.
func (w *window) commands() (file, find, view, settings []command) {
	file = []command{
		{fyne.KeyS, language.T("Export…"), w.export, false},
		{fyne.KeyW, language.T("Close Window"), w.ui.close, true},
	}
	find = []command{{fyne.KeyF, language.T("Find"), w.focusSearch, false}}
	for i, word := range w.views.words {
		if key := []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4}; i < len(key) {
			view = append(view, command{key[i], word, func() { w.views.pick(i) }, false})
		}
	}
	view = append(view,
		command{fyne.KeyI, language.T("Details"), w.detail.toggle, false},
		command{fyne.KeyJ, language.T("Columns…"), w.showTitlesHere, false},
		command{fyne.KeyR, language.T("Refresh"), w.refresh, false},
		command{fyne.KeyP, language.T("Pause"), w.togglePause, false})
	return file, find, view, []command{{fyne.KeyComma, language.T("Settings…"), w.showSettings, false}}
}

// bindKeys gives the window its shortcuts.
func (w *window) bindKeys() {
	file, find, view, settings := w.commands()
	all := slices.Concat([]command{{fyne.KeyQ, "", w.ui.Quit, true}, {fyne.KeyE, "", w.export, false}}, file, find, view, settings, w.rowCommands())
	for _, c := range all {
		if c.key == "" {
			continue
		}
		act := func(fyne.Shortcut) { w.do(c) }
		w.keys.AddShortcut(w.shortcut(c), act)
		w.Canvas().AddShortcut(w.shortcut(c), act)
	}
	w.Canvas().SetOnTypedKey(w.typedKey)
	w.Canvas().SetOnTypedRune(w.typedRune)
}

// focusSearch puts the cursor into the search field.
func (w *window) focusSearch() { w.Canvas().Focus(w.search) }

// typedKey gets the keys that nothing focused has a use for.
func (w *window) typedKey(e *fyne.KeyEvent) {
	if w.asking() {
		if e.Name == fyne.KeyEscape {
			w.dismiss()
		}
		return
	}
	switch e.Name {
	case fyne.KeyEscape:
		w.escape()
	case fyne.KeyDelete, fyne.KeyBackspace:
		w.killSelected()
	case fyne.KeySpace:
		w.togglePause()
	case fyne.KeyReturn, fyne.KeyEnter:
		w.detail.toggle()
	case fyne.KeyF1:
		w.showKeys()
	case fyne.KeyDown, fyne.KeyUp:
		w.table.takeFocus()
	}
}

// typedRune starts a search with what is typed, or with "/" as in less and many a list; "?" explains.
func (w *window) typedRune(r rune) {
	if w.asking() || r == ' ' { // the space bar is a key here
		return
	}
	if r == '?' {
		w.explainSelected()
		return
	}
	w.focusSearch()
	if r != '/' {
		w.search.TypedRune(r)
	}
}

// escape goes one step back: the search, the notice, the pane, the window.
func (w *window) escape() {
	switch {
	case w.closePopover():
	case w.search.Text != "":
		w.setQuery("")
	case !w.notice.Hidden:
		w.notice.Hide()
	case w.Canvas().Focused() == w.search:
		w.table.takeFocus()
	case w.detail.Visible():
		w.detail.toggle()
	case w.ui.tray != nil:
		w.ui.Hide()
	}
}
