package main

import (
	"runtime"

	"fyne.io/systray"

	"portolan/internal/ui"
)

// barMenu is the menu of our icon. Fyne makes it anew with each change, which closes it, or has a click do what
// was not clicked; so we make its lines ourselves, once. All methods are called in the Fyne loop.
type barMenu struct {
	soon    func(func()) // has the Fyne loop run a function now
	lines   []*barLine
	tooltip string
	title   string
	started bool // the icon is there: before that the system takes no lines
}

// barLine is one line; without an item it is a line between others, or not made yet.
type barLine struct {
	menu      *barMenu
	parent    *barLine // beside which it stands; nil: it is one of the menu itself
	chosen    func()
	checkable bool
	separator bool
	state     ui.LineState
	item      *systray.MenuItem
}

// Add puts a line at the end.
func (m *barMenu) Add(chosen func(), checkable bool) ui.Line {
	l := &barLine{menu: m, chosen: chosen, checkable: checkable}
	m.append(l)
	return l
}

// AddSeparator puts a line between what is above and below.
func (m *barMenu) AddSeparator() { m.append(&barLine{menu: m, separator: true}) }

func (m *barMenu) append(l *barLine) {
	m.lines = append(m.lines, l)
	if m.started {
		l.make()
	}
}

// start makes the lines, once the icon is there.
func (m *barMenu) start() {
	m.started = true
	for _, l := range m.lines {
		l.make()
	}
	systray.SetTooltip(m.tooltip)
	m.SetTitle(m.title)
}

// SetTooltip says what the icon tells when the pointer rests on it.
func (m *barMenu) SetTooltip(text string) {
	if m.tooltip == text {
		return
	}
	m.tooltip = text
	if m.started {
		systray.SetTooltip(text)
	}
}

// SetTitle shows a text beside the icon, which only macOS does: on Linux the title is the app's name.
func (m *barMenu) SetTitle(text string) {
	m.title = text
	if m.started && runtime.GOOS == "darwin" {
		systray.SetTitle(text)
	}
}

// Add puts a line at the end of the menu beside this one.
func (l *barLine) Add(chosen func()) ui.Line {
	line := &barLine{menu: l.menu, parent: l, chosen: chosen}
	l.menu.append(line)
	return line
}

// make makes the item.
func (l *barLine) make() {
	switch {
	case l.separator:
		systray.AddSeparator()
		return
	case l.checkable:
		l.item = systray.AddMenuItemCheckbox(l.state.Label, "", l.state.Checked)
	case l.parent != nil:
		l.item = l.parent.item.AddSubMenuItem(l.state.Label, "")
	default:
		l.item = systray.AddMenuItem(l.state.Label, "")
	}
	if !l.state.Shown {
		l.item.Hide()
	}
	if l.chosen == nil {
		l.item.Disable()
		return
	}
	go func() {
		for range l.item.ClickedCh {
			l.menu.soon(l.chosen)
		}
	}()
}

// Set shows the line as it is to be now, and tells the panel no more than what is new.
func (l *barLine) Set(state ui.LineState) {
	before := l.state
	l.state = state
	if l.item == nil {
		return
	}
	if state.Label != before.Label {
		l.item.SetTitle(state.Label)
	}
	if state.Checked != before.Checked {
		if state.Checked {
			l.item.Check()
		} else {
			l.item.Uncheck()
		}
	}
	if state.Shown != before.Shown {
		if state.Shown {
			l.item.Show()
		} else {
			l.item.Hide()
		}
	}
}
