package ui

import (
	"log/slog"
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"portolan/internal/history"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// report is what is known of the last minutes, without hidden apps. It is made once for all that is shown of a moment.
func (c *content) report() *history.Report {
	if c.told == nil {
		c.told = &history.Report{}
		if now := c.moment(); c.view.Past != nil {
			*c.told = c.hidden.past(c.view.Past.Report(now.Add(-history.Keep), now))
		}
	}
	return c.told
}

// doubtOf says what of the query cannot be known.
func (c *content) doubtOf() string {
	if c.view.Recent {
		if doubt := c.view.PastDoubt(c.report()); doubt != "" {
			return doubt
		}
	}
	return c.view.Doubt(c.update.Snapshot)
}

// countFacets counts what the chips would show, of what the view is about.
func (c *content) countFacets(s *netstat.Snapshot, view table.View) table.FacetCounts {
	if c.view.Recent {
		return table.CountRecentFacets(s, c.view, c.report())
	}
	return table.CountFacets(s, view)
}

// before is what a search that finds nothing found in the last minutes.
type before struct {
	rows   int
	latest table.Row
}

// lookBack looks for what is asked for in the last minutes, where it is not there now.
func (c *content) lookBack(s *netstat.Snapshot) {
	c.before = before{}
	if len(c.rows) > 0 || c.view.Recent || c.view.Query.String() == "" {
		return
	}
	view := c.view
	view.Sort = ""
	if rows := table.Recent(s, view, c.report()); len(rows) > 0 {
		c.before = before{len(rows), rows[0]}
	}
}

// recentText gives "17 since 10:42:03, now ": how much of the last minutes is shown.
func recentText(c content) string {
	if c.view.Past == nil {
		return ""
	}
	since := c.moment().Add(-history.Keep)
	if begun := c.view.Past.Begun(); begun.After(since) {
		since = begun
	}
	return language.F("%d since %s, now ", len(c.rows), since.Local().Format(time.TimeOnly))
}

// showRecent turns to the last minutes of what is searched for.
func (w *window) showRecent() {
	slog.Debug("recent", "query", w.search.Text)
	w.turnTo(turnRecent)
}

// recentItem is the line of a row's menu that shows who had its port, nil where it has none that tells.
func (w *window) recentItem(s *netstat.Socket) *fyne.MenuItem {
	if s == nil || s.Local.Port() == 0 || w.view.Recent || w.view.Past == nil {
		return nil
	}
	number := strconv.Itoa(int(s.Local.Port()))
	return fyne.NewMenuItem(language.F("What happened on port %s", number), func() {
		w.setQuery(":" + number)
		w.showRecent()
	})
}

// mostEarlier is how many of those who had a port earlier are named.
const mostEarlier = 4

// earlierLine names who had the port of a socket that waits before, the latest first, one a line.
func earlierLine(socket *netstat.Socket, past *history.History, now time.Time) string {
	if past == nil || !table.Waits(socket) || socket.Local.Port() == 0 {
		return ""
	}
	return table.Earlier(socket, past.Tenures(now.Add(-history.Keep)), mostEarlier)
}
