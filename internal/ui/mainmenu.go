package ui

import (
	"fyne.io/fyne/v2"

	"portolan/internal/language"
)

// SettingsTitle is what the line of the settings must be called for Fyne to move it to where macOS has it. It
// is for the door to translate it there.
const SettingsTitle = "Settings…"

// mainMenu is the menu that macOS shows at the top of the screen; empty elsewhere.
type mainMenu struct{ lines []mainLine }

// mainLine is a line of it that may be ticked, or not to be chosen at times.
type mainLine struct {
	item             *fyne.MenuItem
	ticked, possible func() bool // nil: never, and always
}

// tick brings all lines up to date: the system asks the items when it opens the menu.
func (m *mainMenu) tick() {
	for _, l := range m.lines {
		l.item.Checked = l.ticked != nil && l.ticked()
		l.item.Disabled = l.possible != nil && !l.possible()
	}
}

// MainMenu makes the menu that macOS shows at the top of the screen. The app's own menu, with Quit and to where
// Settings moves, and the menu of windows are there anyhow.
func (u *UI) MainMenu() *fyne.MainMenu {
	w := u.window
	w.menus = mainMenu{}
	line := func(c command, ticked, possible func() bool) *fyne.MenuItem {
		item := fyne.NewMenuItem(c.title, func() { w.do(c) })
		if c.key != "" {
			item.Shortcut = w.shortcut(c)
		}
		w.menus.lines = append(w.menus.lines, mainLine{item, ticked, possible})
		return item
	}
	plain := func(commands []command, possible func() bool) []*fyne.MenuItem {
		var items []*fyne.MenuItem
		for _, c := range commands {
			items = append(items, line(c, nil, possible))
		}
		return items
	}
	file, find, view, settings := w.commands()
	settings[0].title = SettingsTitle
	var views []*fyne.MenuItem
	for i, c := range view {
		views = append(views, line(c, w.ticked(i, len(view)), nil))
	}
	selected := func() bool { _, ok := w.table.Selected(); return ok }
	menu := fyne.NewMainMenu(
		fyne.NewMenu(language.T("File"), append(plain(file, nil), plain(settings, nil)...)...),
		fyne.NewMenu(language.T("Edit"), append(append(w.editItems(), fyne.NewMenuItemSeparator()), plain(find, nil)...)...),
		fyne.NewMenu(language.T("View"), views...),
		fyne.NewMenu(language.T("Row"), plain(w.rowCommands(), selected)...),
		fyne.NewMenu(language.T("Help"), w.helpItems()...),
	)
	w.menus.tick()
	return menu
}

// ticked tells whether line i of the view's menu is ticked: the views come first, then details, columns, refresh and pause.
func (w *window) ticked(i, lines int) func() bool {
	switch {
	case i < len(w.views.words):
		return func() bool { return turnOf(w.view) == i }
	case i == len(w.views.words):
		return w.detail.Visible
	case i == lines-1:
		return w.monitor.Paused
	default:
		return nil
	}
}

// editItems do with what has the focus what every app's do; on the table, Copy copies the rows.
func (w *window) editItems() []*fyne.MenuItem {
	board := w.ui.app.Clipboard()
	item := func(title string, shortcut fyne.Shortcut) *fyne.MenuItem {
		item := fyne.NewMenuItem(title, func() {
			if focused, ok := w.Canvas().Focused().(fyne.Shortcutable); ok {
				focused.TypedShortcut(shortcut)
			}
		})
		item.Shortcut = shortcut
		return item
	}
	return []*fyne.MenuItem{
		item(language.T("Undo"), &fyne.ShortcutUndo{}),
		item(language.T("Redo"), &fyne.ShortcutRedo{}),
		fyne.NewMenuItemSeparator(),
		item(language.T("Cut"), &fyne.ShortcutCut{Clipboard: board}),
		item(language.T("Copy"), &fyne.ShortcutCopy{Clipboard: board}),
		item(language.T("Paste"), &fyne.ShortcutPaste{Clipboard: board}),
		item(language.T("Select all"), &fyne.ShortcutSelectAll{}),
	}
}

// helpItems explain the keys and the words.
func (w *window) helpItems() []*fyne.MenuItem {
	return []*fyne.MenuItem{
		fyne.NewMenuItem(language.T("Keys…"), w.showKeys),
		fyne.NewMenuItem(language.T("Ephemeral ports…"), func() { w.explain("ephemeral") }),
		fyne.NewMenuItem(language.T("Closing connections…"), func() { w.explain("closing") }),
	}
}
