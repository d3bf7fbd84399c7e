package ui

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"portolan/assets"
	"portolan/internal/language"
)

// Menu is the menu of our icon in the menu bar. Its lines are made once, in the order in which they are added,
// and from then on only shown, hidden and renamed: a menu that is made anew while it is open closes, or does
// what was not clicked. All methods are called on the UI thread.
type Menu interface {
	// Add puts a line at the end, hidden until it is set. chosen is called on the UI thread when somebody clicks it; nil: nobody can.
	// checkable: it may have a tick.
	Add(chosen func(), checkable bool) Line
	// AddSeparator puts a line between what is above and what is added next.
	AddSeparator()
	// SetTitle shows a text beside the icon where the system has room for one (macOS); "" none.
	SetTitle(text string)
	// SetTooltip says what the icon tells when the pointer rests on it.
	SetTooltip(text string)
}

// Line is one line of a Menu.
type Line interface {
	// Set shows the line as it is to be now.
	Set(LineState)
	// Add puts a line at the end of a menu that opens beside this one, as Menu.Add does.
	Add(chosen func()) Line
}

// LineState is how a line looks. The zero LineState is hidden.
type LineState struct {
	Label   string // as the menus of the system take it, see menuText
	Shown   bool
	Checked bool
}

// tray is our icon in the menu bar.
type tray struct {
	ui   *UI
	bar  desktop.App
	menu Menu

	heading, more, kill, watching, pause *menuLine
	ports                                *slots[trayPort]
	kills                                *slots[trayPort] // in the menu of kill
	watched                              *slots[string]

	wanted trayMenu // what the menu is to say
	open   bool     // it was opened, and may still be
	sure   bool     // it is never open when we run: macOS holds up the UI thread meanwhile
	badge  string   // what the icon shows beside itself
}

// newTray puts the icon into the menu bar; nil where there is none.
func newTray(u *UI) *tray {
	bar, ok := u.app.(desktop.App)
	if !ok || !u.options.Tray || u.options.Menu == nil {
		return nil
	}
	t := &tray{ui: u, bar: bar, menu: u.options.Menu, sure: runtime.GOOS == "darwin"}
	bar.SetSystemTrayWindow(u.window.Window) // and not SetSystemTrayMenu: what Fyne has for a menu it makes anew each time
	bar.SetSystemTrayIcon(trayIcon(u.options.TrayIcon, runtime.GOOS))
	t.build()
	t.show(newTrayMenu(content{}))
	return t
}

// build makes the lines.
func (t *tray) build() {
	open := t.add(t.ui.Show)
	search := t.add(func() { t.ui.Show(); t.ui.window.focusSearch() })
	t.menu.AddSeparator()
	t.heading = t.add(nil)
	t.ports = newSlots(menuPorts+spareLines, t.add, t.ui.showListener, trayPort.label)
	t.more = t.add(func() { t.ui.showPort("state:listen", &sought{}) })
	t.kill = t.add(func() {})
	within := func(chosen func()) *menuLine { return &menuLine{line: t.kill.line.Add(t.closes(chosen))} }
	t.kills = newSlots(menuPorts+spareLines, within, t.ui.killListener, func(p trayPort) string { return p.label() + "…" })
	t.watching = t.add(nil)
	t.watched = newSlots(menuWatched, t.add, t.ui.showQuery, func(string) string { return "" })
	t.menu.AddSeparator()
	t.pause = t.addCheck(func() { t.ui.setPaused(!t.wanted.paused) })
	settings := t.add(func() { t.ui.Show(); t.ui.window.showSettings() })
	t.menu.AddSeparator()
	quit := t.add(t.ui.Quit)

	open.say(language.T("Open Portolan"))
	search.say(language.T("Search…"))
	settings.say(language.T("Settings…"))
	quit.say(language.T("Quit"))
}

// add adds a line. A click closes the menu, whatever it does.
func (t *tray) add(chosen func()) *menuLine {
	if chosen == nil {
		return &menuLine{line: t.menu.Add(nil, false)}
	}
	return &menuLine{line: t.menu.Add(t.closes(chosen), false)}
}

// addCheck adds a line that may have a tick.
func (t *tray) addCheck(chosen func()) *menuLine {
	return &menuLine{line: t.menu.Add(t.closes(chosen), true)}
}

func (t *tray) closes(chosen func()) func() {
	return func() {
		t.open = false
		chosen()
		if !t.ui.quitting { // then the bus is closed, or soon is
			t.arrange()
		}
	}
}

// show has the menu say what it is to say. While it may be open no line comes, goes or takes the place of
// another: only the states of what stands there are kept true.
func (t *tray) show(menu trayMenu) {
	t.wanted = menu
	t.count()
	switch {
	case t.sure:
		t.arrange()
	case !t.open:
		t.ports.fit(menu.ports)
		t.kills.fit(menu.ports)
		t.frame()
	}
	t.keepTrue()
}

// keepTrue has the lines that stand there say what has become of what they stand for. No line comes, goes or moves.
func (t *tray) keepTrue() {
	closed := func(p trayPort) string { return language.F("%s – closed", p.label()) }
	t.ports.mark(t.wanted.ports, closed)
	t.kills.mark(t.wanted.ports, closed)
	t.tell()
}

// opened is called when the menu opens: it is put in order before anybody can have read it, and holds still from then on.
func (t *tray) opened() {
	t.arrange()
	t.open = true
}

// closed is called when the menu is surely not open.
func (t *tray) closed() {
	t.open = false
	t.arrange()
}

// arrange puts the lines in order.
func (t *tray) arrange() {
	t.ports.arrange(t.wanted.ports)
	t.kills.arrange(t.wanted.ports)
	t.frame()
	t.tell()
}

// frame sets the lines around those of the ports.
func (t *tray) frame() {
	t.heading.say(t.wanted.heading)
	more := ""
	if t.wanted.more > 0 {
		more = language.N("%d more…", "%d more…", t.wanted.more)
	}
	t.more.say(more)
	kill := ""
	if len(t.wanted.ports) > 0 {
		kill = language.T("Kill process")
	}
	t.kill.say(kill)
	queries := make([]string, 0, len(t.wanted.watched))
	for _, w := range t.wanted.watched {
		queries = append(queries, w.query)
	}
	t.watched.arrange(queries)
	watching := ""
	if len(queries) > 0 {
		watching = language.T("Watched")
	}
	t.watching.say(watching)
}

// tell sets the states of the ports that are watched, and of Pause: they are told in place also while the menu is open.
func (t *tray) tell() {
	for _, w := range t.wanted.watched {
		t.watched.rename(w.query, w.text)
	}
	t.pause.set(LineState{Label: menuText(language.T("Pause"), runtime.GOOS), Shown: true, Checked: t.wanted.paused})
}

// count shows the number of listening ports at the icon, if that is wished.
func (t *tray) count() {
	badge := ""
	if t.ui.settings.iconCount && t.wanted.known {
		badge = badgeText(t.wanted.count)
	}
	t.menu.SetTooltip(t.wanted.heading)
	if badge == t.badge {
		return
	}
	t.badge = badge
	if runtime.GOOS == "darwin" {
		t.menu.SetTitle(badge)
		return
	}
	icon := trayIcon(t.ui.options.TrayIcon, runtime.GOOS)
	if badge != "" {
		icon = badged(icon, badge)
	}
	t.bar.SetSystemTrayIcon(icon)
}

// trayIcon gives the icon for the menu bar of a system. macOS gives a template the
// colour that suits its bar. Elsewhere the theme's colour says nothing about the
// bar, which is black on GNOME even when all windows are light.
func trayIcon(chosen fyne.Resource, system string) fyne.Resource {
	switch {
	case chosen != nil:
		return chosen
	case system == "darwin":
		return theme.NewThemedResource(fyne.NewStaticResource("tray.svg", assets.Tray))
	default:
		return fyne.NewStaticResource("portolan.svg", assets.Drawing)
	}
}

// menuText gives a text as the menus of a system take it. On Linux an underscore marks the letter
// to press and is not shown (com.canonical.dbusmenu, "label"); two of them are one that is.
func menuText(text, system string) string {
	if system == "linux" {
		return strings.ReplaceAll(text, "_", "__")
	}
	return text
}

// MenuOpened tells that the menu in the menu bar is being opened.
func (u *UI) MenuOpened() {
	if u.tray != nil && !u.quitting {
		u.tray.opened()
	}
}

// TellMenu keeps the lines of an open menu true where that holds up the loop of the UI thread, as on macOS, so that nothing is
// shown there. It must be called on the UI thread all the same.
func (u *UI) TellMenu() {
	menu := u.model.latest.Load()
	if u.tray == nil || u.quitting || menu == nil {
		return
	}
	u.tray.wanted = *menu
	u.tray.keepTrue()
	u.tray.count()
}

// showListener opens the window on a port, with the row selected that waits there: Kill is then one key away.
func (u *UI) showListener(p trayPort) { u.showPort(p.query(), &sought{app: p.Name, pick: true}) }

// killListener asks about the row that waits there, as Kill does that is pressed on it.
func (u *UI) killListener(p trayPort) {
	u.showPort(p.query(), &sought{app: p.Name, pick: true, kill: true})
}

// showQuery opens the window on what the query finds, with the row selected that waits.
func (u *UI) showQuery(query string) { u.showPort(query, &sought{pick: true}) }

// showPort opens the window on what the query finds.
func (u *UI) showPort(query string, s *sought) {
	u.Show()
	u.window.seek(query, s)
}
