package ui

import (
	"context"
	"slices"
	"sync"

	"portolan/internal/monitor"
	"portolan/internal/table"
)

// content is all that is to be shown of one moment: made off the UI thread,
// and not changed any more.
type content struct {
	known   bool // false before the first read is done
	visible bool // the window's part was made too
	update  monitor.Update
	view    table.View
	rows    []table.Row
	index   rowIndex // of rows
	counts  table.Counts
	found   string // how many of all are shown, see shownOf
	menu    trayMenu
}

// model turns snapshots into content, in a goroutine of its own. What is asked
// of it while it works is answered by one more turn, however much it is.
type model struct {
	wake chan struct{} // holds one token: something is new
	do   func(func())  // runs a function on the UI thread
	show func(content) // called on the UI thread
	menu trayMenu      // as shown last; used by turn only
	sent bool          // menu was shown at all

	mu  sync.Mutex
	now content // what is to be shown: all but what turn makes
}

func newModel(view table.View, do func(func()), show func(content)) *model {
	return &model{wake: make(chan struct{}, 1), do: do, show: show, now: content{view: view}}
}

// receive takes what the monitor tells. It may be called from any goroutine.
func (m *model) receive(update monitor.Update) {
	m.change(func(c *content) { c.update, c.known = update, true })
}

// setView takes a view that the caller does not change any more.
func (m *model) setView(view table.View) { m.change(func(c *content) { c.view = view }) }

func (m *model) setVisible(visible bool) { m.change(func(c *content) { c.visible = visible }) }

func (m *model) setPaused(paused bool) { m.change(func(c *content) { c.menu.paused = paused }) }

func (m *model) change(f func(*content)) {
	m.mu.Lock()
	f(&m.now)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// run works until ctx is done.
func (m *model) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
			m.turn()
		}
	}
}

// turn makes the content of now and shows it. While the window is hidden the
// UI thread is left alone unless the menu changes.
func (m *model) turn() {
	m.mu.Lock()
	c := m.now
	m.mu.Unlock()
	c.menu = newTrayMenu(c)
	if c.visible {
		c.make()
	} else if m.sent && m.menu.equal(c.menu) {
		return
	}
	m.menu, m.sent = c.menu, true
	m.do(func() { m.show(c) })
}

// make makes the window's part.
func (c *content) make() {
	c.counts = table.Count(c.update.Snapshot, c.view.Ephemeral)
	if c.update.Snapshot != nil {
		c.rows = table.Rows(c.update.Snapshot, c.view)
		c.index = newRowIndex(c.rows)
		c.found = shownOf(*c)
	}
}

func (m trayMenu) equal(other trayMenu) bool {
	return m.heading == other.heading && m.paused == other.paused && m.more == other.more &&
		slices.Equal(m.ports, other.ports)
}
