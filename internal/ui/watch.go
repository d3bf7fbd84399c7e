package ui

import (
	"log/slog"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
	"portolan/internal/monitor"
	"portolan/internal/port"
	"portolan/internal/table"
	"portolan/internal/watch"
)

// watching has the person told of what the watch rules ask for.
type watching struct {
	ui    *UI
	do    func(func())        // runs a function on the UI thread, soon
	now   func() time.Time    // the time of day
	in    func(time.Duration) // has tell called after a while
	spawn func(func())        // runs a function in a goroutine

	mu      sync.Mutex // the sockets are looked at in the monitor's goroutine
	watcher *watch.Watcher
	last    monitor.Update // what was looked at last
	timer   *time.Timer

	failed bool // the last notification could not be shown, and that was said
}

func newWatching(u *UI, do func(func()), system func() port.Rules) *watching {
	rules, err := watch.Decode(u.app.Preferences().String(keyWatch))
	if err != nil {
		slog.Warn("some of what was watched is not known any more", "err", err)
	}
	w := &watching{ui: u, do: do, now: time.Now, spawn: func(f func()) { go f() }, watcher: watch.New(rules, system)}
	w.in = w.after
	return w
}

// look looks at what the monitor tells; in its goroutine.
func (w *watching) look(u monitor.Update) []watch.State {
	w.mu.Lock()
	w.last = u
	now := w.now()
	keep := w.watcher.Look(u, now)
	w.plan(now)
	states := w.watcher.States()
	w.mu.Unlock()
	if keep {
		w.do(w.save)
	}
	return states
}

// plan has what waits told when its time has come. The lock is held.
func (w *watching) plan(now time.Time) {
	if d, ok := w.watcher.Next(now); ok {
		w.in(d)
	}
}

// after has tell called once, after the last d that was given.
func (w *watching) after(d time.Duration) {
	if w.timer == nil {
		w.timer = time.AfterFunc(d, func() { w.do(w.tell) })
		return
	}
	w.timer.Reset(d)
}

// tell tells what is to be told now; on the UI thread.
func (w *watching) tell() {
	if w.ui.quitting {
		return
	}
	w.mu.Lock()
	now := w.now()
	n, ok := w.watcher.Take(now)
	w.plan(now)
	w.mu.Unlock()
	if ok {
		w.notify(n)
	}
}

// notify shows a notification of the system; where there are none the window says so, and what it was.
func (w *watching) notify(n watch.Notification) {
	slog.Debug("notification", "title", n.Title, "body", n.Body)
	show := w.ui.options.Notify
	if show == nil {
		return
	}
	clicked := func() { w.do(func() { w.ui.showQuery(n.Query) }) }
	w.spawn(func() {
		err := show(n.Title, n.Body, clicked)
		w.do(func() { w.notified(n, err) })
	})
}

// notified takes what came of a notification.
func (w *watching) notified(n watch.Notification, err error) {
	if err == nil {
		w.failed = false
		return
	}
	slog.Warn("show a notification", "err", err)
	text := n.Title
	if !w.failed {
		text = language.F("%s. The system shows no notifications: %s", n.Title, table.Clean(err.Error()))
	}
	w.failed = true
	w.ui.window.notice.tell(theme.ColorNamePrimary, text, language.T("Show"), func() { w.ui.showQuery(n.Query) })
}

// any reports whether something is watched for.
func (w *watching) any() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.watcher.Rules().Any()
}

// rules gives the rules as they are.
func (w *watching) rules() watch.Rules {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.watcher.Rules()
}

// setRules changes the rules, keeps them, and has them looked at with what is known.
func (w *watching) setRules(rules watch.Rules) {
	w.mu.Lock()
	w.watcher.SetRules(rules)
	last := w.last
	w.mu.Unlock()
	w.save()
	w.ui.setPace()
	w.ui.model.setWatched(w.look(last))
}

// save keeps the rules and what was seen; on the UI thread.
func (w *watching) save() { w.ui.app.Preferences().SetString(keyWatch, watch.Encode(w.rules())) }

// watchPort has the person told when a port is taken and when it is free again.
func (u *UI) watchPort(number uint16) {
	p := watch.Port{Number: number, Taken: true, Free: true}
	rules := u.watching.rules()
	if known, ok := rules.Find(p); ok && !known.Off {
		u.unwatchPort(number)
		return
	}
	u.watching.setRules(rules.With(p))
	if _, ok := u.watching.rules().Find(p); !ok {
		u.window.notice.tell(theme.ColorNameWarning, language.F("No more than %d ports are watched at once.", watch.MaxPorts), "", nil)
		return
	}
	u.window.notice.tell(theme.ColorNamePrimary,
		language.F("Port %d is watched: a notification tells when it is free and when it is taken again.", number),
		language.T("Settings…"), func() { u.window.showSettingsPage(pageWatch) })
}

// watchesPort reports whether a port is watched.
func (u *UI) watchesPort(number uint16) bool {
	p, ok := u.watching.rules().Find(watch.Port{Number: number})
	return ok && !p.Off
}

// unwatchPort stops it.
func (u *UI) unwatchPort(number uint16) {
	u.watching.setRules(u.watching.rules().Without(watch.Port{Number: number}))
	u.window.notice.tell(theme.ColorNamePrimary, language.F("Port %d is not watched any more.", number), "", nil)
}

// watchItem is the line of a row's menu that watches its port, or stops that.
func (w *window) watchItem(number uint16) *fyne.MenuItem {
	item := fyne.NewMenuItem(language.T("Watch this port"), func() { w.ui.watchPort(number) })
	item.Checked = w.ui.watchesPort(number)
	return item
}
