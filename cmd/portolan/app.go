package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/systray"

	"portolan/assets"
	"portolan/internal/history"
	"portolan/internal/instance"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
	"portolan/internal/ui"
)

// What the app is called: by people, and by the systems (the bundle identifier
// on macOS, the folder of the preferences). FyneApp.toml and Info.plist say the same.
const (
	appName = "Portolan"
	appID   = "org.portolan.Portolan"
)

// monitorWindow is the title of a hidden window that Fyne makes beside a tray
// icon. Where the system asks an app to quit (Cmd-Q and log-out on macOS) it
// asks this window to close.
const monitorWindow = "SystrayMonitor"

// runApp opens the sockets' reader, builds the screen on it and runs the Fyne loop until the app ends.
func runApp(ctx context.Context, o options, in *instance.Instance, tray bool) error {
	reader, err := netstat.Open()
	if err != nil {
		return err
	}
	defer reader.Close()
	rules, err := port.NewLive()
	if err != nil {
		slog.Warn("which ports are ephemeral, or how long closed connections are remembered, is not known", "err", err)
	}
	keepSmall()
	sockets := monitor.New(reader, o.interval)
	sockets.Also(func() bool { return readRules(rules) })
	past := history.New(history.Options{Side: table.SidesIn(rules.Rules)})
	sockets.Subscribe(past.Record) // before the UI: it reads the past of what it is told

	explainer := restart.NewExplainer()
	defer explainer.Close()

	preferences := mendPreferences() // before Fyne reads them
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: appName, Version: version,
		Icon: fyne.NewStaticResource("icon.png", assets.Icon)})
	a := app.NewWithID(appID)
	ui.LoadLanguage(a.Preferences())
	life := newLifetime(a, in, tray)
	life.past = past
	life.menu = &barMenu{soon: life.soon}
	notifications := newNotifier(a, life.show)
	life.ui = ui.New(a, ui.Options{
		Monitor: sockets, Kill: process.Kill, Protected: process.Protected, Details: process.ReadDetails,
		Restart: explainer.Causes, Ancestors: process.Ancestors, Reveal: reveal,
		Rules: rules.Rules, Past: past, Interval: o.interval, Tray: tray, Menu: life.menu,
		Notify: func(title, body string, clicked func()) error {
			return notifications.notify(title, body, func() { clicked(); life.parking.wake(wakeTime) })
		},
		Autostart: ownAutostart(), Warning: preferences.warning(),
		OnShow: life.shown, Dock: newDock(),
		OnHide: func() { life.parking.setHidden(true); giveBack() },
		OnQuit: life.end,
	})
	life.connect()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		if err := sockets.Run(ctx); err != nil && ctx.Err() == nil {
			slog.Error("the monitor has ended", "err", err)
		}
	}()
	if o.debug {
		go tellUsage(ctx)
	}
	go watchPower(ctx, onBattery, func(on bool) {
		slog.Debug("power", "battery", on)
		life.soon(func() { life.ui.SetOnBattery(on) })
	})
	if life.ui.Start(); !life.ui.Visible() {
		slog.Info("Portolan is in the menu bar. Click its icon, or start portolan again, to open the window.")
	}
	a.Run()
	slog.Debug("ended")
	return nil
}

// readRules reads anew what the system does with its ports, and reports whether somebody has changed it. A failure was
// said at the start.
func readRules(rules *port.Live) bool {
	changed, err := rules.Read()
	if changed {
		now := rules.Rules()
		slog.Debug("rules", "first", now.Ephemeral.First, "last", now.Ephemeral.Last, "ports", now.Ephemeral.Given().Count(), "timewait", now.TimeWait, "err", err)
	}
	return changed
}

// lifetime joins the UI to what begins and ends it from outside: the tray, another
// start, signals, the system.
type lifetime struct {
	app      fyne.App
	ui       *ui.UI
	instance *instance.Instance // nil where none could be claimed
	past     *history.History   // what portctl history asks for
	parking  *parking           // nil without a tray: the window is never hidden then
	menu     *barMenu
	quitting *quitting
	pointer  sync.Once // the window's pointer is followed
}

func newLifetime(a fyne.App, in *instance.Instance, tray bool) *lifetime {
	l := &lifetime{app: a, instance: in}
	if tray {
		l.parking = newParking(fyne.DoAndWait)
		l.parking.setHidden(true)
	}
	l.quitting = &quitting{loop: l.soon, exit: os.Exit, ask: func() { l.ui.Quit() }}
	return l
}

// soon has the Fyne loop run f now, be it asleep or not.
func (l *lifetime) soon(f func()) {
	fyne.Do(f)
	l.parking.wake(wakeTime)
}

// show opens the window; from any goroutine.
func (l *lifetime) show() { l.soon(l.ui.Show) }

// shown is called in the Fyne loop, or before it runs, when the window was shown.
func (l *lifetime) shown() {
	l.parking.setHidden(false)
	giveBackSoon()
	l.pointer.Do(func() { fyne.Do(func() { followPointer(l.ui.Window()) }) }) // there is no view before the loop runs
}

// connect joins the loose ends, before the Fyne loop runs.
func (l *lifetime) connect() {
	l.quitting.onSignal()
	if l.instance != nil {
		go l.instance.Serve(l.answers())
	}
	l.app.Lifecycle().SetOnStarted(l.started)
	if l.parking == nil {
		return
	}
	systray.SetOnTapped(l.show) // Fyne's own handler would wake neither the loop nor the UI
	go func() {
		for range systray.TrayOpenedCh {
			l.parking.wake(menuTime)
			if runtime.GOOS != "darwin" { // which holds up the loop as long as the menu is open: we cannot touch it then
				fyne.Do(l.ui.MenuOpened)
			}
		}
	}()
	for _, w := range l.app.Driver().AllWindows() {
		if w.Title() == monitorWindow {
			w.SetCloseIntercept(l.ui.Quit)
		}
	}
}

// answers are those to the questions of other programs of this user.
func (l *lifetime) answers() map[string]instance.Answer {
	return map[string]instance.Answer{
		instance.Show: func(io.Writer, string) error { l.show(); return nil },
		history.Word:  func(w io.Writer, argument string) error { return l.past.Answer(w, argument, time.Now()) },
	}
}

// started is called in the Fyne loop when it begins to turn.
func (l *lifetime) started() {
	slog.Debug("started", "pid", os.Getpid())
	if err := becomeAccessory(l.ui.InDock(), l.show); err != nil {
		slog.Warn("join the menu bar", "err", err)
	}
	if l.parking != nil {
		l.menu.start()
		whileMenuOpen(l.ui.TellMenu)
		go l.parking.run()
	}
	l.setMainMenu()
}

// end ends the app, once the UI has saved.
func (l *lifetime) end() {
	l.quitting.watch()
	l.parking.stop()
	if l.instance != nil {
		l.instance.Close()
	}
	l.app.Quit()
}

// ownAutostart is the autostart of this user on this system; nil where there is none.
func ownAutostart() ui.Autostart {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	start, ok := newAutostart(runtime.GOOS, home, os.Getenv)
	if !ok {
		return nil
	}
	return start
}
