package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
	"portolan/internal/watch"
)

func secondsText(d time.Duration) string { return language.F("%d s", int(d/time.Second)) }

func (d *settingsDialog) fillGeneral() {
	u := d.window.ui
	note := language.F("While the window is hidden every %[1]d s, and every %[2]d s when something is watched.",
		int(hiddenInterval/time.Second), int(watchingInterval/time.Second))
	if u.options.Interval > 0 {
		note = language.F("This time it is %v: the command line says so.", u.options.Interval)
	}
	d.add(language.T("Refresh every"), note,
		choose(intervals, u.settings.interval, secondsText, func(every time.Duration) {
			u.change(func(s *settings) { s.interval = every })
		}))
	d.add(language.T("Slower on battery"), language.T("A third as often, but at least once a minute."),
		newToggle(u.settings.slowOnBattery, func(on bool) { u.change(func(s *settings) { s.slowOnBattery = on }) }))
	if u.options.Autostart != nil {
		d.add(language.T("Start at login"), language.T("Portolan begins in the menu bar, without a window."), d.autostart())
	}
	d.add(language.T("Ask before Terminate"),
		language.T("When off, a single process of your own is asked to end at once. Several, Force Kill, and what forwards the ports of containers are always asked about."),
		newToggle(u.settings.confirm, func(on bool) { u.change(func(s *settings) { s.confirm = on }) }))
	d.add(language.T("What the window remembers"), language.T("Its size, the view, the order and the columns."),
		d.button(language.T("Forget"), d.window.forget))
}

// autostart is the switch for the start at login. Its state is read from the system each time.
func (d *settingsDialog) autostart() *toggle {
	start := d.window.ui.options.Autostart
	on, err := start.Enabled()
	if err != nil {
		d.window.ui.complain(language.F("Whether Portolan starts at login could not be read: %s", table.Clean(err.Error())))
	}
	var t *toggle
	t = newToggle(on, func(on bool) {
		if err := start.Set(on); err != nil {
			t.set(!on)
			d.window.ui.complain(language.F("The start at login could not be changed: %s", table.Clean(err.Error())))
		}
	})
	return t
}

func (u *UI) complain(text string) {
	u.window.notice.tell(theme.ColorNameError, text, "", nil)
}

func (d *settingsDialog) fillLook() {
	u := d.window.ui
	d.add(language.T("Theme"), "", choose(themes, u.settings.theme, themeName, func(name string) {
		u.change(func(s *settings) { s.theme = name })
	}))
	d.add(language.T("Text size"), "", choose(textSizes, u.settings.textSize, func(n int) string { return fmt.Sprintf("%d %%", n) }, func(n int) {
		u.change(func(s *settings) { s.textSize = n })
	}))
	p := u.app.Preferences()
	d.add(language.T("Language"), language.T("From the next start on."),
		choose(append([]string{""}, Languages()...), p.String(keyLanguage), languageName, func(name string) { p.SetString(keyLanguage, name) }))
	d.add(language.T("Mark what is new"), language.T("New rows, changed ones, and those that have closed."),
		choose(highlights, u.settings.highlight, func(length time.Duration) string {
			if length == 0 {
				return language.T("Off")
			}
			return secondsText(length)
		}, func(length time.Duration) { u.change(func(s *settings) { s.highlight = length }) }))
	if u.options.Dock != nil {
		d.add(language.T("Menus and Dock icon"), language.T("While the window is open. Without them Portolan is in the menu bar alone."),
			newToggle(u.settings.dock, func(on bool) { u.change(func(s *settings) { s.dock = on }) }))
	}
	if u.tray != nil {
		d.add(language.T("Number at the icon"), language.T("How many ports are listened on."),
			newToggle(u.settings.iconCount, func(on bool) { u.change(func(s *settings) { s.iconCount = on }) }))
	}
}

func themeName(name string) string {
	switch name {
	case themeLight:
		return language.T("Light")
	case themeDark:
		return language.T("Dark")
	default:
		return language.T("System")
	}
}

// languageName calls a language what it calls itself.
func languageName(name string) string {
	switch name {
	case "de":
		return "Deutsch"
	case "en":
		return "English"
	case "":
		return language.T("System")
	default:
		return name
	}
}

func (d *settingsDialog) fillWatch() {
	w := d.window.ui.watching
	rules := w.rules()
	d.add(language.T("Tell of new listeners"),
		language.T("When an app that was not seen before begins to listen to the network. What is there when this is switched on is taken as known."),
		newToggle(rules.Newcomers, func(on bool) {
			rules := w.rules()
			rules.Newcomers = on
			w.setRules(rules)
		}))
	d.page.Add(widget.NewSeparator())
	for _, p := range rules.Ports {
		d.page.Add(d.watchRow(p))
	}
	if len(rules.Ports) == 0 {
		d.addNote(language.T("No port is watched. A row's menu watches its port, and so does this:"), widget.LowImportance)
	}
	d.page.Add(d.watchForm())
}

// events are what a port can be watched for.
var events = []watch.Port{{Taken: true, Free: true}, {Taken: true}, {Free: true}}

func eventName(p watch.Port) string {
	switch {
	case p.Taken && p.Free:
		return language.T("Both")
	case p.Taken:
		return language.T("Taken")
	default:
		return language.T("Free")
	}
}

// watchRow is the line of a port that is watched.
func (d *settingsDialog) watchRow(p watch.Port) fyne.CanvasObject {
	w := d.window.ui.watching
	on := newToggle(!p.Off, func(on bool) {
		p.Off = !on
		w.setRules(w.rules().With(p))
	})
	on.onKey = d.typedKey
	event := watch.Port{Taken: p.Taken, Free: p.Free}
	what := choose(events, event, eventName, func(e watch.Port) {
		p.Taken, p.Free = e.Taken, e.Free
		w.setRules(w.rules().With(p))
	})
	what.onKey = d.typedKey
	remove := newIconButton(theme.DeleteIcon(), func() {
		w.setRules(w.rules().Without(p))
		d.fill()
	})
	name := bold(p.Title())
	return container.New(&settingLayout{d.width}, container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 6), on), nil, name),
		container.New(layout.NewCustomPaddedHBoxLayout(6), what, remove))
}

// watchForm adds a port.
func (d *settingsDialog) watchForm() fyne.CanvasObject {
	w := d.window.ui.watching
	entry := newPortEntry(d.typedKey)
	protocol := choose([]netstat.Protocol{0, netstat.TCP, netstat.UDP}, 0, func(p netstat.Protocol) string {
		if p == 0 {
			return "TCP+UDP"
		}
		return strings.ToUpper(p.String())
	}, func(netstat.Protocol) {})
	protocol.onKey = d.typedKey
	add := func() {
		number, ok := entry.port()
		if !ok {
			return
		}
		p := watch.Port{Number: number, Taken: true, Free: true, Protocol: []netstat.Protocol{0, netstat.TCP, netstat.UDP}[protocol.chosen]}
		w.setRules(w.rules().With(p))
		d.fill()
	}
	button := d.button(language.T("Watch"), add)
	button.Disable()
	entry.OnSubmitted = func(string) { add() }
	why := remark(language.T("A port is a number from 1 to 65535."), widget.WarningImportance)
	why.Hide()
	entry.OnChanged = func(text string) {
		_, ok := entry.port()
		if ok {
			button.Enable()
		} else {
			button.Disable()
		}
		if wrong := !ok && text != ""; wrong == why.Hidden {
			why.Hidden = !wrong
			d.fit()
		}
	}
	form := container.New(&settingLayout{d.width}, entry, container.New(layout.NewCustomPaddedHBoxLayout(6), protocol, button))
	return container.New(layout.NewCustomPaddedVBoxLayout(2), form, why)
}

// portEntry takes the number of a port.
type portEntry struct {
	widget.Entry
	onKey func(*fyne.KeyEvent)
}

func newPortEntry(onKey func(*fyne.KeyEvent)) *portEntry {
	e := &portEntry{onKey: onKey}
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder(language.T("Port"))
	e.Scroll = fyne.ScrollNone
	return e
}

// port gives the number, if it is one.
func (e *portEntry) port() (uint16, bool) {
	number, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(e.Text), ":"), 10, 16)
	return uint16(number), err == nil && number > 0
}

// TypedKey hands on what is not about the text.
func (e *portEntry) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyEscape, fyne.KeyUp, fyne.KeyDown:
		e.onKey(key)
	default:
		e.Entry.TypedKey(key)
	}
}

func (d *settingsDialog) fillHidden() {
	u := d.window.ui
	if len(u.settings.hidden) == 0 {
		d.addNote(language.T("No app is hidden. A row's menu hides its app: its rows are left out, and the status line says how many."), widget.LowImportance)
		return
	}
	for _, a := range u.settings.hidden {
		d.add(a.Name, "", d.button(language.T("Show again"), func() {
			u.unhideApp(a.Key)
			d.fill()
		}))
	}
}

// forget goes back to what the window was like at first.
func (w *window) forget() {
	for _, l := range []*columnLayout{w.flat, w.byApp, w.lens} {
		l.arrange(columnChoice{})
	}
	w.table.arrange(columnChoice{})
	p := w.ui.app.Preferences()
	for _, key := range remembered {
		p.RemoveValue(key)
	}
	w.Resize(firstSize)
	w.setView(loadOrder(p, w.view))
	w.notice.tell(theme.ColorNamePrimary, language.T("The window is as it was at first."), "", nil)
}
