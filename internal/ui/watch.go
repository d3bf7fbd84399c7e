package ui

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/language"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
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

	told     watch.Notification // what the window said last in place of the system, and its words
	toldText string             // "": nothing yet
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
	w.show(n, text)
	w.recheck()
}

// show says it in the window.
func (w *watching) show(n watch.Notification, text string) {
	w.told, w.toldText = n, text
	w.ui.window.notice.tell(theme.ColorNamePrimary, text, language.T("Show"), func() { w.ui.showQuery(n.Query) })
}

// recheck has the window say nothing that is true no more. Only those of the system are kept apart so that they are no
// nuisance: what is in view must hold.
func (w *watching) recheck() {
	notice := w.ui.window.notice
	if w.toldText == "" || notice.Hidden || notice.label.Text != w.toldText {
		return
	}
	w.mu.Lock()
	states := w.watcher.States()
	w.mu.Unlock()
	switch now, ok := w.told.Now(states); {
	case !ok:
		notice.Hide()
	case now.Title != w.told.Title:
		w.show(now, now.Title)
	}
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

// watchPorts watches those of several ports that are not watched yet; when all are, none any more.
func (u *UI) watchPorts(numbers []uint16) {
	if len(numbers) == 1 {
		u.watchPort(numbers[0])
		return
	}
	rules, text := u.watching.rules(), language.F("%d ports are not watched any more.", len(numbers))
	if u.watchesPorts(numbers) {
		for _, number := range numbers {
			rules = rules.Without(watch.Port{Number: number})
		}
	} else {
		text = language.F("%d ports are watched: notifications tell when one is free and when it is taken again.", len(numbers))
		for _, number := range numbers {
			p := watch.Port{Number: number, Taken: true, Free: true}
			if known, ok := rules.Find(p); !ok || known.Off {
				rules = rules.With(p)
			}
			if _, ok := rules.Find(p); !ok {
				text = language.F("No more than %d ports are watched at once.", watch.MaxPorts)
			}
		}
	}
	u.watching.setRules(rules)
	u.window.notice.tell(theme.ColorNamePrimary, text, language.T("Settings…"), func() { u.window.showSettingsPage(pageWatch) })
}

// watchesPorts reports whether all of some ports are watched.
func (u *UI) watchesPorts(numbers []uint16) bool {
	return !slices.ContainsFunc(numbers, func(number uint16) bool { return !u.watchesPort(number) })
}

// watchItem is the line of a row's menu that watches its port, or several, or stops that.
func (w *window) watchItem(numbers []uint16) *fyne.MenuItem {
	label := language.T("Watch this port")
	if len(numbers) > 1 {
		label = language.F("Watch these %d ports", len(numbers))
	}
	item := fyne.NewMenuItem(label, func() { w.ui.watchPorts(numbers) })
	item.Checked = w.ui.watchesPorts(numbers)
	return item
}

// watchable are the ports of rows that it makes sense to watch, in order: those that something waits on here. Of a
// connection that went out it is the port at the other end, if that is this computer too: its own is another one
// the next time.
func watchable(rows []table.Row) []uint16 {
	var ports []uint16
	for i := range rows {
		switch row := &rows[i]; {
		case row.Group != nil && row.Flow == nil:
			ports = append(ports, row.Group.Ports...)
		case row.Socket == nil:
		case table.Waits(row.Socket), row.Class == table.Incoming, !row.Ephemeral && row.Class != table.Outgoing:
			ports = append(ports, row.Socket.Local.Port())
		case isHere(row.Socket):
			ports = append(ports, row.Socket.Remote.Port())
		}
	}
	slices.Sort(ports)
	return slices.DeleteFunc(slices.Compact(ports), func(number uint16) bool { return number == 0 })
}

// isHere reports whether the other end of a connection is on this computer.
func isHere(s *netstat.Socket) bool {
	other := s.Remote.Addr().Unmap()
	return other.IsValid() && (other.IsLoopback() || other == s.Local.Addr().Unmap())
}
