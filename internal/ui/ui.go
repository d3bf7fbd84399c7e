package ui

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/restart"
)

// Killer ends a process, see process.Kill.
type Killer func(ctx context.Context, id process.ID, s process.Signal) error

// Options is what the UI needs from its door.
type Options struct {
	// Monitor gives the sockets. The UI sets its interval and pauses it; the door runs it.
	Monitor *monitor.Monitor
	// Kill is called from a goroutine of its own.
	Kill Killer
	// Protected says why a process must not be ended, see process.Protected; nil: nothing is protected.
	Protected func(process.ID) error
	// Details tells more of the process in the kill dialog, see process.ReadDetails; it is
	// called from a goroutine of its own. nil: there is no more to tell.
	Details func(ctx context.Context, id process.ID) (process.Details, error)
	// Restart tells who would start a process again once it has ended, see restart.Explainer; held are
	// the sockets that it waits on. It is called from a goroutine of its own. nil: nobody is asked.
	Restart func(ctx context.Context, p *process.Process, held []*netstat.Socket) []restart.Cause
	// Ancestors tells the parent of a process, the parent's parent and so on, see process.Ancestors. It
	// is called from a goroutine of its own. nil: they are not shown.
	Ancestors func(process.ID) ([]*process.Process, error)
	// Reveal shows a file in its folder, in the system's file manager. It is called from a goroutine of its own.
	// nil, and where it fails: the folder is opened instead.
	Reveal func(path string) error
	// Interfaces gives the networks that this computer is on; nil: port.Interfaces. It is called from a goroutine of its own.
	Interfaces func() ([]port.Interface, error)
	// Rules gives what the system does with the ports that it hands out, as it is at that moment, see port.Live. It may be
	// called from any goroutine, and must not block. nil: nothing of it is known.
	Rules func() port.Rules
	// Past records what Monitor tells; nil: nothing is known of before.
	Past *history.History
	// Interval is the time between two reads while the window is visible; 0: as the settings say.
	Interval time.Duration
	// Tray: there is a menu bar that shows our icon. Closing the window then
	// hides it; without a tray it quits.
	Tray bool
	// Menu is the menu of the icon there; nil where Tray is false.
	Menu Menu
	// Notify shows a notification of the system. clicked may be called from any goroutine, once somebody has
	// clicked it. The error says that it was not shown. Notify is called from a goroutine of its own; nil: nothing is ever told.
	Notify func(title, body string, clicked func()) error
	// Autostart has Portolan started at login; nil where that is not possible.
	Autostart Autostart
	// Warning is said when the window is first shown: what went wrong before there was one; "" nothing.
	Warning string
	// TrayIcon is the icon in the menu bar; nil: the compass rose, on macOS as a
	// template in one colour, elsewhere in its own colours, as nobody tells whether the bar is dark.
	TrayIcon fyne.Resource
	// OnShow and OnHide are called on the UI thread after the window was shown or hidden; may be nil.
	OnShow, OnHide func()
	// Dock has the app stand among those with an icon in the Dock and menus at the top of the screen, or not. It is called
	// on the UI thread, before the window is shown and after it was hidden. nil where the system has no such thing.
	Dock func(shown bool)
	// OnQuit ends the program, on the UI thread, once everything is saved; nil: the app's own Quit.
	OnQuit func()
}

// Autostart has Portolan started when its user logs in.
type Autostart interface {
	// Enabled reads from the system whether it is.
	Enabled() (bool, error)
	Set(on bool) error
}

// UI is the menu-bar icon and the window. All methods must be called on the UI thread.
type UI struct {
	app     fyne.App
	options Options
	model   *model
	window  *window
	tray    *tray // nil where there is none
	stop    func()

	settings settings
	watching *watching

	visible, quitting, onBattery bool
}

// New makes the window, hidden, and the tray, and subscribes to the monitor.
// It must be called before the app runs: a tray made later never appears.
func New(a fyne.App, o Options) *UI {
	u := newUI(a, o, fyne.Do)
	ctx, cancel := context.WithCancel(context.Background())
	unsubscribe := o.Monitor.Subscribe(u.model.receive)
	go u.model.run(ctx)
	u.stop = func() { unsubscribe(); cancel() }
	return u
}

// newUI is New without its goroutine. do runs a function on the UI thread, soon.
func newUI(a fyne.App, o Options, do func(func())) *UI {
	if o.Protected == nil {
		o.Protected = func(process.ID) error { return nil }
	}
	if o.Rules == nil {
		o.Rules = func() port.Rules { return port.Rules{} }
	}
	u := &UI{app: a, options: o, stop: func() {}, settings: loadSettings(a.Preferences())}
	a.Settings().SetTheme(u.settings.look())
	u.watching = newWatching(u, do, o.Rules)
	view := loadView(a.Preferences())
	view.Past = o.Past
	u.model = newModel(view, do, u.apply)
	u.model.look = u.watching.look
	u.model.rules = o.Rules
	u.model.now.thresholds = u.settings.thresholds
	u.model.now.hidden.apps = u.settings.hidden
	u.model.marks.last(u.settings.highlight)
	u.window = newWindow(u, view)
	u.tray = newTray(u)
	u.window.SetCloseIntercept(u.close)
	u.setPace()
	if o.Warning != "" {
		u.window.notice.tell(theme.ColorNameWarning, o.Warning, "", nil)
	}
	return u
}

// Window is the one window there is.
func (u *UI) Window() fyne.Window { return u.window.Window }

// Visible reports whether the window is shown.
func (u *UI) Visible() bool { return u.visible }

// Show shows the window with what is known, brings it to the front, and reads anew.
func (u *UI) Show() {
	if u.quitting {
		return
	}
	if !u.visible {
		u.dock(u.settings.dock)
	}
	u.window.Show()
	u.window.RequestFocus()
	if u.visible {
		return
	}
	u.visible = true
	slog.Debug("window shown")
	u.app.Preferences().SetBool(keyShown, true)
	u.model.setVisible(true)
	u.count()
	u.setPace()
	if u.tray != nil {
		u.tray.closed() // who clicks anywhere else closes the menu
	}
	if !u.options.Monitor.Paused() {
		u.options.Monitor.Refresh()
	}
	if u.options.OnShow != nil {
		u.options.OnShow()
	}
}

// count has the bytes of connections counted while there is a column or a plot that shows them: the kernel
// has to be asked for much more.
func (u *UI) count() {
	shown := u.visible && (u.window.showsBytes() || u.window.detail.counts)
	u.options.Monitor.SetCounting(shown)
	if u.options.Past != nil {
		u.options.Past.CountRates(shown)
	}
}

// Start shows the window where there is no tray to open it from, and at the very first start:
// who has just installed the app may not find a small new icon, which a crowded menu bar even
// hides. From the second start on it begins in the tray, as it should at log-in.
func (u *UI) Start() {
	first := !u.app.Preferences().Bool(keyShown)
	switch {
	case u.tray == nil:
		u.Show()
	case first:
		u.Show()
		u.window.notice.tell(theme.ColorNamePrimary,
			livesIn(runtime.GOOS), "", nil)
	}
}

// livesIn says where the icon is, in the words of the system.
func livesIn(system string) string {
	if system == "darwin" {
		return language.T("Portolan lives in the menu bar: its icon opens this window again after you close it.")
	}
	return language.T("Portolan lives in the system tray: its icon opens this window again after you close it.")
}

// InDock reports whether the app is to stand in the Dock now.
func (u *UI) InDock() bool { return u.visible && u.settings.dock }

// dock shows the app in the Dock, or not.
func (u *UI) dock(shown bool) {
	if u.options.Dock != nil {
		u.options.Dock(shown)
	}
}

// Hide hides the window; the reads go on, more slowly, for the menu.
func (u *UI) Hide() {
	u.window.save()
	if !u.visible {
		return
	}
	u.window.dismiss()
	u.window.Hide()
	u.dock(false)
	u.visible = false
	slog.Debug("window hidden")
	u.model.setVisible(false)
	u.count()
	u.setPace()
	if u.options.OnHide != nil {
		u.options.OnHide()
	}
}

// close is what the window's close button does.
func (u *UI) close() {
	if u.tray != nil {
		u.Hide()
		return
	}
	u.Quit()
}

// Quit saves what is to be remembered and ends the program.
func (u *UI) Quit() {
	if u.quitting {
		return
	}
	u.quitting = true
	u.window.save()
	u.stop()
	slog.Debug("quit")
	if u.options.OnQuit != nil {
		u.options.OnQuit()
		return
	}
	u.app.Quit()
}

// setPaused stops or starts the reads at the interval.
func (u *UI) setPaused(paused bool) {
	u.options.Monitor.SetPaused(paused)
	slog.Debug("paused", "paused", paused)
	u.window.showPaused(paused)
	u.model.setPaused(paused)
}

// apply shows what the model has made.
func (u *UI) apply(c content) {
	if u.quitting {
		return
	}
	if u.tray != nil {
		u.tray.show(c.menu)
	}
	if c.visible {
		u.window.apply(c)
	}
}
