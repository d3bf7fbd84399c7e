package ui

import (
	"fmt"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portolan/assets"
	"portolan/internal/language"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// window is the one window: toolbar, table, notice and status line.
type window struct {
	fyne.Window
	ui        *UI
	monitor   *monitor.Monitor
	killing   *killing
	settings  *settingsDialog // nil unless open
	modals    []*modal        // that are open, one above the other
	menu      *popMenu        // the open menu; nil: none
	exporting *exportDialog   // nil unless open
	keys      fyne.ShortcutHandler
	menus     mainMenu

	view   table.View // as the person has chosen it
	flat   *columnLayout
	byApp  *columnLayout
	lens   *columnLayout
	recent *columnLayout
	shown  content // as the model has made it
	sought *sought // what is to be selected once it is shown; nil: nothing

	gauges     *gaugeStrip
	alarm      *strip // the gauge that matters most, in the views without gauges
	alarming   seen
	put        seen // what of it was put away
	popover    *widget.PopUp
	explaining *modal    // nil unless open
	awaitedKey table.Key // to be selected once the view has turned

	views       *segments
	search      *searchField
	searchError *strip
	wrong       *table.QueryError // of the query in the field; nil: it makes sense
	typing      bool              // see content
	chips       *chips
	doubted     doubted // what a doubt was told of last
	tips        *tips
	kill        *toolButton
	pause       *toolButton
	details     *toolButton // shows and hides the pane
	more        *toolButton // opens a menu
	detail      *detail
	table       *rowTable
	empty       *emptyState
	notice      *notice
	status      *statusLine
}

func newWindow(u *UI, view table.View) *window {
	w := &window{Window: u.app.NewWindow("Portolan"), ui: u, monitor: u.options.Monitor, view: view}
	w.killing = newKilling(w, u.options, u.model.do)
	w.SetIcon(fyne.NewStaticResource("portolan.png", assets.Icon))
	w.SetPadded(false)
	w.table = w.newTable()
	w.empty = newEmptyState()
	w.tips = newTips(w.ui.model.do)
	w.notice = newNotice(w.tips)
	w.status = newStatusLine()
	w.status.onTap, w.status.tips = w.showHidden, w.tips
	w.newGauges()
	bottom := container.New(aboveStatus{}, w.alarm, w.notice.strip, w.status)
	toolbar := w.newToolbar()
	w.detail = newDetail(w)
	rows := w.belowGauges(container.NewStack(w.table, w.empty.Container))
	w.SetContent(w.above(container.NewBorder(toolbar, bottom, nil, nil, container.New(beside{func() bool { return w.detail.known }}, rows, w.detail.Container))))
	w.notice.changed = w.Content().Refresh
	w.alarm.changed = w.Content().Refresh
	w.gauges.changed = w.Content().Refresh
	w.Resize(loadSize(u.app.Preferences()))
	w.bindKeys()
	w.showEmpty()
	w.status.show(content{}, false)
	w.Canvas().Focus(w.table)
	return w
}

func (w *window) newTable() *rowTable {
	w.flat = w.loadColumns(table.View{})
	w.byApp = w.loadColumns(table.View{ByApp: true})
	w.lens = w.loadColumns(table.View{Lens: true})
	w.recent = w.loadColumns(table.View{Recent: true})
	t := newRowTable(w.columnsOf(w.view), w.ui.model.do)
	t.sort, t.descending = w.view.Sort, w.view.Descending
	t.onSort = w.sort
	t.onSelect = w.selected
	t.onMenu = w.showMenu
	t.onTitles = w.showTitles
	t.onColumns = w.arranged
	t.onKill = func(table.Row) { w.killSelected() }
	t.onToggle = w.toggle
	t.onCopy = func(table.Row) { w.copyRows(t.SelectedRows()) }
	t.onKey = w.typedKey
	t.onRune = w.typedRune
	return t
}

// columnsOf gives the columns of the view that is shown.
func (w *window) columnsOf(view table.View) *columnLayout {
	switch {
	case view.Recent:
		return w.recent
	case view.Lens:
		return w.lens
	case view.ByApp:
		return w.byApp
	default:
		return w.flat
	}
}

// takenOf is when the snapshot's read began; the zero time where there is none.
func takenOf(s *netstat.Snapshot) time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.Taken
}

// apply shows what the model has made.
func (w *window) apply(c content) {
	asked := c.view.Query.String() != w.shown.view.Query.String() || turnOf(c.view) != turnOf(w.shown.view)
	w.shown = c
	w.table.set(rowSet{columns: w.columnsOf(c.view), rows: c.rows, index: c.index, sort: c.view.Sort, descending: c.view.Descending, asked: asked})
	w.status.show(c, w.monitor.Paused())
	w.showEmpty()
	w.chips.count(c.facets)
	w.tellDoubt(c)
	w.found(c)
	w.selectAwaitedKey()
	w.showGauges(c)
	slog.Debug("rows", "count", len(c.rows), "query", c.view.Query.String(), "before", c.before.rows, "taken", takenOf(c.update.Snapshot))
	w.killing.look(c.update.Snapshot)
	w.ui.watching.recheck()
	row, ok := w.table.Selected()
	w.detail.show(row, ok, c.update.Snapshot)
	if w.killing.dialog != nil {
		w.killing.dialog.show(c.update.Snapshot)
	}
}

// snapshot is the one whose rows are shown; nil before the first.
func (w *window) snapshot() *netstat.Snapshot { return w.shown.update.Snapshot }

// setView has the rows made anew, and remembers the choice.
func (w *window) setView(view table.View) {
	by := w.view.Sort
	w.view = view
	if by != view.Sort {
		w.ui.count() // it may be by a rate
	}
	saveView(w.ui.app.Preferences(), view)
	w.menus.tick()
	w.ui.model.setView(view)
}

// toggle opens or closes an app or a process.
func (w *window) toggle(row table.Row) { w.setView(w.view.Toggled(row)) }

func (w *window) selected(row table.Row, ok bool) {
	w.detail.show(row, ok, w.snapshot())
	defer w.menus.tick()
	if !ok {
		w.kill.Disable()
		slog.Debug("selected", "none", true)
		return
	}
	w.kill.Enable()
	switch {
	case row.Flow != nil:
		slog.Debug("selected", "app", row.Group.Name, "connections", row.Flow.Now, "opened", row.Flow.Opened, "sentence", row.Flow.Sentence)
	case row.Group != nil && row.Group.Process != nil:
		slog.Debug("selected", "pid", row.Group.Process.PID, "app", row.Group.App.Name, "process", nameOf(row.Group.Process))
	case row.Group != nil:
		slog.Debug("selected", "app", row.Group.Name)
	case row.Owner != nil:
		slog.Debug("selected", "port", row.Socket.Local.Port(), "pid", row.Owner.Process.PID, "process", nameOf(row.Owner.Process), "class", row.Class.String())
	default:
		slog.Debug("selected", "port", row.Socket.Local.Port(), "pid", 0, "process", "", "class", row.Class.String())
	}
}

func (w *window) killSelected() {
	w.killing.askAll(w.table.SelectedRows())
}

func (w *window) togglePause() { w.ui.setPaused(!w.monitor.Paused()) }

func (w *window) showPaused(paused bool) {
	defer w.menus.tick()
	if paused {
		w.pause.say(theme.MediaPlayIcon(), language.T("Resume"), language.T("Go on reading"))
	} else {
		w.pause.say(theme.MediaPauseIcon(), language.T("Pause"), language.T("Stop reading anew"))
	}
	w.status.show(w.shown, paused)
}

func (w *window) refresh() { w.monitor.Refresh() }

// save remembers the window's size.
func (w *window) save() { saveSize(w.ui.app.Preferences(), w.Canvas().Size()) }

// showEmpty says why there are no rows, when there are none.
func (w *window) showEmpty() {
	c := w.shown
	query := c.view.Query.String() // what is in the field may make no sense
	switch {
	case len(c.rows) > 0:
		w.empty.Hide()
	case !c.known:
		w.empty.say(language.T("Reading the sockets…"), "", "", nil)
	case c.update.Snapshot == nil:
		w.empty.say(language.T("The sockets could not be read"), table.Clean(fmt.Sprint(c.update.Err)), language.T("Try again"), w.refresh)
	case query != "" && c.before.rows > 0:
		w.empty.say(language.T("No socket matches now"), table.RecentSentence(&c.before.latest, c.uid), language.N("Show what there was (%d)", "Show what there was (%d)", c.before.rows), w.showRecent)
	case query != "" && c.doubt != "": // there may have been one
		w.empty.say(language.T("No socket matches"), c.doubt, language.T("Clear the search"), func() { w.setQuery("") })
	case query != "":
		w.empty.say(language.T("No socket matches"), table.Clean(query), language.T("Clear the search"), func() { w.setQuery("") })
	case c.view.Recent:
		w.empty.say(language.T("Nothing has opened or closed yet"), language.T("What does is kept here for ten minutes."), "", nil)
	case c.view.Lens:
		w.empty.say(language.T("No connection goes out"), language.T("When an app opens one, it is shown here with the ephemeral port that the system lends it."), "", nil)
	default:
		w.empty.say(language.T("No open sockets"), table.Clean(c.update.Snapshot.Hidden.Reason), "", nil)
	}
}
