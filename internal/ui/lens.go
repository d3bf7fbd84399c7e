package ui

import (
	"time"

	"portolan/internal/history"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// The views, in the order of the switch.
const (
	turnFlat = iota
	turnByApp
	turnLens
	turnRecent
)

// turnOf tells which of the views it is.
func turnOf(view table.View) int {
	switch {
	case view.Recent:
		return turnRecent
	case view.Lens:
		return turnLens
	case view.ByApp:
		return turnByApp
	default:
		return turnFlat
	}
}

// turnTo turns to one of the views, in the order that it was left in.
func (w *window) turnTo(which int) {
	w.views.choose(which)
	if which == turnOf(w.view) {
		return
	}
	view := w.view
	view.ByApp, view.Lens, view.Recent = which == turnByApp, which == turnLens, which == turnRecent
	w.setView(loadOrder(w.ui.app.Preferences(), view))
	w.ui.count()
}

// lensed is what of a content comes from the clock and from the past.
type lensed struct {
	rules      port.Rules
	thresholds table.Thresholds
	pace       time.Duration // between two reads
	at         time.Time     // the moment that is shown; zero: that of the snapshot
	gauges     []table.Gauge
}

// moment is the one that is shown.
func (c *content) moment() time.Time {
	if c.at.IsZero() {
		return c.update.Snapshot.Taken
	}
	return c.at
}

// time sets the moment that is shown: now, unless the reads are paused.
func (c *content) time(now time.Time) {
	if c.at = now; c.menu.paused {
		c.at = time.Time{}
	}
}

// rowsOf makes the rows of the view.
func (c *content) rowsOf(s *netstat.Snapshot, view table.View) []table.Row {
	switch {
	case view.Recent:
		return table.Recent(s, c.view, c.report())
	case !view.Lens:
		return table.Rows(s, view)
	}
	l := table.LensOf(s, view, c.rules, c.view.Past, c.moment())
	known := knownSteps(c.view.Past, c.moment())
	for i := range l.Rows {
		if flow := l.Rows[i].Flow; flow != nil && len(flow.Points) > known {
			flow.Points = flow.Points[len(flow.Points)-known:]
		}
	}
	return l.Rows
}

// knownSteps is how many points a plot can have: before the record began nothing is known.
func knownSteps(past *history.History, now time.Time) int {
	if past == nil {
		return 0
	}
	begun := past.Begun()
	if begun.IsZero() {
		return 0
	}
	return max(1, min(history.Steps, int(now.Sub(begun)/history.Step)+1))
}

// stoppedTimer gives a timer that is not running.
func stoppedTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// setPace takes the time between two reads.
func (m *model) setPace(every time.Duration) { m.change(func(c *content) { c.pace = every }) }

// winds has the next turn made when the rows are due though nothing is new: in the lens the numbers of
// the last minute go down and the countdown goes on, and what is too long ago is forgotten, while the monitor has nothing to tell. over is when
// the next mark of a row ends, zero when nothing is marked.
func (m *model) winds(c content, over time.Time) {
	var wait time.Duration
	if c.visible && (c.view.Lens || c.view.Recent) && !c.menu.paused {
		wait = c.pace
	}
	if left := over.Sub(m.clock()); c.visible && !over.IsZero() && (wait <= 0 || left < wait) {
		wait = max(left, time.Millisecond)
	}
	if wait <= 0 {
		m.tick.Stop()
		return
	}
	m.tick.Reset(wait)
}
