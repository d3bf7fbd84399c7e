package ui

import (
	"log/slog"
	"slices"

	"fyne.io/fyne/v2"

	"portolan/internal/language"
	"portolan/internal/table"
)

// Where the columns of the views are remembered, see columnChoice.
const (
	keyColumns     = "view.columns"
	keyAppColumns  = "view.app_columns"
	keyLensColumns = "view.lens_columns"

	keyRecentColumns = "view.recent_columns"
)

// columnsKey is where the columns of a view are remembered.
func columnsKey(view table.View) string {
	switch {
	case view.Recent:
		return keyRecentColumns
	case view.Lens:
		return keyLensColumns
	case view.ByApp:
		return keyAppColumns
	default:
		return keyColumns
	}
}

// rateIDs are the columns of bytes a second. All views have them hidden until somebody asks for them: the kernel has to
// be asked for much more.
var rateIDs = []table.ColumnID{table.ColumnReceivedRate, table.ColumnSentRate}

// viewColumns gives the columns that a view can show, in their usual order.
func viewColumns(view table.View) []table.Column {
	switch {
	case view.Recent:
		return table.RecentColumns()
	case view.Lens:
		return table.LensColumns()
	case view.ByApp:
		columns := table.GroupColumns()
		sent := slices.IndexFunc(columns, func(c table.Column) bool { return c.ID == table.ColumnSent })
		return slices.Insert(columns, sent+1, table.RateColumns()...)
	default:
		columns := table.Columns()
		state := slices.IndexFunc(columns, func(c table.Column) bool { return c.ID == table.ColumnState })
		columns = slices.Insert(columns, state+1, table.ClassColumn())
		return append(columns, table.RateColumns()...)
	}
}

// byteIDs are the columns that show something only while bytes are counted.
var byteIDs = append([]table.ColumnID{table.ColumnReceived, table.ColumnSent}, rateIDs...)

// showsBytes reports whether the view that is shown has a column of bytes, or is sorted by one.
func (w *window) showsBytes() bool {
	l := w.columnsOf(w.view)
	if w.view.Recent {
		return false
	}
	return slices.ContainsFunc(byteIDs, func(id table.ColumnID) bool {
		return id == w.view.Sort || l.usualAt(id) >= 0 && !l.hidden[id]
	})
}

// loadColumns gives the columns of a view as they were left.
func (w *window) loadColumns(view table.View) *columnLayout {
	extra := append(slices.Clip(rateIDs), table.ColumnClass)
	if view.Recent {
		extra = []table.ColumnID{table.ColumnUser}
	}
	l := newColumnLayout(viewColumns(view), extra...)
	l.arrange(decodeChoice(w.ui.app.Preferences().String(columnsKey(view))))
	return l
}

// arranged is called after the columns of the view that is shown were changed.
func (w *window) arranged() {
	w.saveColumns()
	w.ui.count()
}

// saveColumns remembers the columns of the view that is shown, for the next run.
func (w *window) saveColumns() {
	l := w.table.columns
	w.ui.app.Preferences().SetString(columnsKey(table.View{ByApp: l == w.byApp, Lens: l == w.lens, Recent: l == w.recent}), l.choice().encode())
}

// showTitles shows the menu of the columns: by which to sort, and which to show. The rows hold still as long as it is open.
func (w *window) showTitles(at fyne.Position) { w.popUp(w.titleItems(), at) }

// showTitlesHere is showTitles by keyboard.
func (w *window) showTitlesHere() { w.showTitles(w.table.titlesPosition()) }

// titleItems are the lines of the menu of the columns. Those of a tree's sockets alone have no title: here is where
// they are sorted by.
func (w *window) titleItems() []*fyne.MenuItem {
	l := w.table.columns
	sorting := fyne.NewMenuItem(language.T("Sort by"), nil)
	sorting.ChildMenu = fyne.NewMenu("")
	natural := fyne.NewMenuItem(language.T("Natural order"), func() { w.sortBy("", false) })
	natural.Checked = w.view.Sort == ""
	sortLines := func(columns []table.Column) {
		for _, c := range columns {
			item := fyne.NewMenuItem(c.Title, func() { w.table.reordered = true; w.sort(c.ID) })
			item.Checked = w.view.Sort == c.ID
			sorting.ChildMenu.Items = append(sorting.ChildMenu.Items, item)
		}
	}
	sortLines(l.columns)
	if len(l.own) > 0 {
		sorting.ChildMenu.Items = append(sorting.ChildMenu.Items, fyne.NewMenuItemSeparator())
		sortLines(l.own)
	}
	sorting.ChildMenu.Items = append(sorting.ChildMenu.Items, fyne.NewMenuItemSeparator(), natural)
	items := []*fyne.MenuItem{sorting, fyne.NewMenuItemSeparator()}
	for _, id := range l.order {
		shown := !l.hidden[id]
		item := fyne.NewMenuItem(l.usual[l.usualAt(id)].Title, func() { w.table.arrange(w.table.columns.choice().shown(id, !shown)) })
		item.Checked = shown
		item.Disabled = l.tree && id == table.ColumnName || shown && len(l.columns) == 1
		items = append(items, item)
	}
	if len(l.allOwn) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	for _, c := range l.allOwn {
		shown := l.showsOwn(c.ID)
		item := fyne.NewMenuItem(c.Title, func() { w.table.arrange(w.table.columns.choice().shown(c.ID, !shown)) })
		item.Checked = shown
		items = append(items, item)
	}
	return append(items, fyne.NewMenuItemSeparator(), w.titlesExplained(),
		fyne.NewMenuItem(language.T("Reset columns"), func() { w.table.arrange(columnChoice{}) }))
}

// sort is a click on a title: the first sorts by the column, of counts with the most first, the second turns the order,
// and the third goes back to the natural one.
func (w *window) sort(id table.ColumnID) {
	first := mostFirst(w.columnsOf(w.view), id)
	switch {
	case id != w.view.Sort:
		w.sortBy(id, first)
	case w.view.Descending == first:
		w.sortBy(id, !first)
	default:
		w.sortBy("", false)
	}
}

// mostFirst reports whether who sorts by a column wants to see the most first.
func mostFirst(l *columnLayout, id table.ColumnID) bool {
	i := l.usualAt(id)
	return i >= 0 && l.usual[i].MostFirst
}

// sortBy has the rows in another order; "" is the natural one.
func (w *window) sortBy(id table.ColumnID, descending bool) {
	view := w.view
	view.Sort, view.Descending = id, descending
	slog.Debug("sort", "column", string(id), "descending", descending)
	w.setView(view)
}
