package ui

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
	"portolan/internal/watch"
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
	facets  table.FacetCounts
	doubt   string // what of the query cannot be known
	menu    trayMenu
	watched []watch.State // the ports that are watched
	hidden  leftOut
	listed  *netstat.Snapshot // without what is left out
	sought  *sought           // what was asked for last
	typing  bool              // the query ends in what may become the name of a field, or a word that one takes: it need not find anything yet
	good    table.Query       // the last one that was not just being typed
	uid     int               // who looks
	before  before
	// searches is how many there were, of those that the UI thread waits for.
	searches int
	told     *history.Report // see report; nil: not made yet
	lensed
}

// model turns snapshots into content, in a goroutine of its own. What is asked
// of it while it works is answered by one more turn, however much it is.
type model struct {
	wake  chan struct{} // holds one token: something is new
	rules func() port.Rules
	tick  *time.Timer // what depends on the time is due
	clock func() time.Time
	do    func(func())                       // runs a function on the UI thread
	show  func(content)                      // called on the UI thread
	look  func(monitor.Update) []watch.State // looks at what the monitor tells, in its goroutine; nil: nobody does
	menu  trayMenu                           // as shown last; used by turn only
	good  table.Query                        // see content; used by turn only
	sent  bool                               // menu was shown at all

	latest atomic.Pointer[trayMenu] // what the menu is to say, whether the UI thread has had the time to show it or not; nil at first

	working  atomic.Bool             // run runs
	awaited  atomic.Pointer[awaited] // nil: nobody waits
	patience time.Duration           // of the UI thread with a search

	mu    sync.Mutex
	now   content // what is to be shown: all but what turn makes
	marks marks
}

func newModel(view table.View, do func(func()), show func(content)) *model {
	return &model{wake: make(chan struct{}, 1), tick: stoppedTimer(), clock: time.Now, rules: func() port.Rules { return port.Rules{} }, do: do, show: show, patience: answerTime, now: content{view: view, uid: os.Getuid()}}
}

// receive takes what the monitor tells. It may be called from any goroutine.
func (m *model) receive(update monitor.Update) {
	var watched []watch.State
	if m.look != nil {
		watched = m.look(update)
	}
	m.change(func(c *content) {
		c.update, c.known, c.watched = update, true, watched
		if c.visible {
			m.marks.receive(update, m.clock(), c.pace)
		}
	})
}

// setWatched takes the states of the ports that are watched.
func (m *model) setWatched(states []watch.State) { m.change(func(c *content) { c.watched = states }) }

// setHidden takes the apps whose rows are left out.
func (m *model) setHidden(apps []hiddenApp) { m.change(func(c *content) { c.hidden.apps = apps }) }

// showHidden shows their rows all the same, or leaves them out again.
func (m *model) showHidden(shown bool) { m.change(func(c *content) { c.hidden.shown = shown }) }

// setView takes a view that the caller does not change any more.
func (m *model) setView(view table.View) { m.change(func(c *content) { c.view = view }) }

// search takes a view with another query. typing: see content.
func (m *model) search(view table.View, typing bool) {
	m.change(func(c *content) { c.view, c.typing = view, typing })
}

// answerTime is how long the UI thread waits for the rows of a letter that was typed, at most: those of ten thousand sockets take half of it.
// What is drawn with the letter need not wait for the next picture.
const answerTime = 12 * time.Millisecond

// answer is search that waits for what it comes to, on the UI thread and for patience at most. ok is false when it takes longer,
// or nobody works: then it is shown as always.
func (m *model) answer(view table.View, typing bool) (c content, ok bool) {
	if !m.working.Load() {
		m.search(view, typing)
		return content{}, false
	}
	w := &awaited{got: make(chan content, 1)}
	m.change(func(c *content) {
		c.view, c.typing = view, typing
		c.searches++
		w.search = c.searches
		m.awaited.Store(w)
	})
	defer m.awaited.CompareAndSwap(w, nil)
	late := time.NewTimer(m.patience)
	defer late.Stop()
	select {
	case c = <-w.got:
		return c, true
	case <-late.C:
		return content{}, false
	}
}

// awaited is a search that the UI thread waits for.
type awaited struct {
	search int // its number
	got    chan content
}

func (m *model) setVisible(visible bool) {
	m.change(func(c *content) {
		c.visible = visible
		m.marks.begin(m.clock())
	})
}

func (m *model) setPaused(paused bool) {
	m.change(func(c *content) {
		c.menu.paused = paused
		if !paused {
			m.marks.begin(m.clock())
		}
	})
}

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
	defer m.tick.Stop()
	m.working.Store(true)
	defer m.working.Store(false)
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
			m.turn()
		case <-m.tick.C:
			m.turn()
		}
	}
}

// turn makes the content of now and shows it. While the window is hidden the
// UI thread is left alone unless the menu changes.
func (m *model) turn() {
	m.mu.Lock()
	c := m.now
	m.marks.expire(m.clock())
	c.view.Marks = c.markedFor(m.marks.marks())
	over := m.marks.next()
	m.mu.Unlock()
	c.ruled(m.rules())
	c.menu = newTrayMenu(c)
	m.latest.Store(&c.menu)
	m.winds(c, over)
	if c.visible {
		c.time(m.clock())
		c.good = m.good
		c.make()
		m.good = c.view.Query
	} else if m.sent && m.menu.equal(c.menu) {
		return
	}
	m.menu, m.sent = c.menu, true
	if w := m.awaited.Load(); w != nil && c.visible && c.searches >= w.search {
		select {
		case w.got <- c:
		default: // it has its answer
		}
	}
	m.do(func() { m.show(c) })
}

// ruled has all go by the system's rules as they are now.
func (c *content) ruled(rules port.Rules) {
	c.rules, c.view.Ephemeral, c.view.TimeWait = rules, rules.Ephemeral, rules.TimeWait
}

// make makes the window's part.
func (c *content) make() {
	listed := c.hidden.of(c.update.Snapshot)
	if listed != nil {
		c.listed = listed
		view := c.view
		view.Census = table.TakeCensus(c.update.Snapshot, c.view.Ephemeral, c.view.Past) // once for all of it, hidden apps too
		c.counts = table.Count(listed, view.Census)
		c.rows = c.rowsOf(listed, view)
		if c.typing && len(c.rows) == 0 { // the last good result stays
			c.view.Query, view.Query = c.good, c.good
			c.rows = c.rowsOf(listed, view)
		}
		c.lookBack(listed)
		c.gauges = table.Gauges(c.update.Snapshot, c.rules, c.view.Past, c.moment(), c.thresholds)
		c.index = newRowIndex(c.rows)
		c.found = shownOf(*c)
		c.facets = c.countFacets(listed, view)
		c.doubt = c.doubtOf()
		c.told = nil // it is large
	}
}
