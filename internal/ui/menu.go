package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/table"
)

// showMenu shows the context menu of a row. The rows hold still as long as it is open.
func (w *window) showMenu(row table.Row, at fyne.Position) {
	popup := widget.NewPopUpMenu(fyne.NewMenu("", w.menuItems(row)...), w.Canvas())
	w.table.hold()
	released := false
	popup.OnDismiss = func() {
		popup.Hide()
		if !released {
			released = true
			w.table.release()
		}
	}
	popup.ShowAtPosition(at)
}

// menuItems is what can be done with a row.
func (w *window) menuItems(row table.Row) []*fyne.MenuItem {
	if row.Group != nil {
		return w.groupItems(row)
	}
	s := row.Socket
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Copy address", func() { w.copy(table.Endpoint(s)) }),
		fyne.NewMenuItem("Copy port", func() { w.copy(fmt.Sprint(s.Local.Port())) }),
	}
	if s.Remote.IsValid() {
		items = append(items, fyne.NewMenuItem("Copy remote address", func() { w.copy(s.Remote.String()) }))
	}
	if row.Owner != nil {
		items = append(items, fyne.NewMenuItem("Copy PID", func() { w.copy(fmt.Sprint(row.Owner.Process.PID)) }))
	}
	items = append(items, fyne.NewMenuItem("Copy row", func() { w.copyRow(row) }), fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(fmt.Sprintf("Show only port %d", s.Local.Port()), func() { w.setQuery(fmt.Sprintf("port:%d", s.Local.Port())) }))
	if row.Owner != nil {
		if app := table.Clean(row.Owner.Process.App.Name); app != "" {
			items = append(items, fyne.NewMenuItem("Show only "+app, func() { w.setQuery(appQuery(app)) }))
		}
	}
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Kill…", func() { w.killing.ask(row) }))
}

func (w *window) groupItems(row table.Row) []*fyne.MenuItem {
	open := "Open"
	if row.Group.Open {
		open = "Close"
	}
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(open, func() { w.toggle(row) }),
		fyne.NewMenuItem("Copy name", func() { w.copy(row.Group.Name) }),
	}
	if row.Group.App.Name != "" {
		items = append(items, fyne.NewMenuItem("Show only "+row.Group.Name, func() { w.setQuery(appQuery(row.Group.Name)) }))
	}
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Kill…", func() { w.killing.ask(row) }))
}

// appQuery is the query that finds an app's sockets.
func appQuery(app string) string {
	if strings.ContainsAny(app, " \t") {
		return `app:"` + strings.ReplaceAll(app, `"`, "") + `"`
	}
	return "app:" + app
}

func (w *window) copy(text string) { w.ui.app.Clipboard().SetContent(text) }

// copyRow copies what the row shows, the cells parted by tabs as spreadsheets take them.
func (w *window) copyRow(row table.Row) {
	if row.Group != nil {
		w.copy(row.Group.Name + "\t" + row.Group.Summary())
		return
	}
	var cells []string
	for _, column := range table.Columns() {
		cells = append(cells, column.Text(&row))
	}
	w.copy(strings.Join(cells, "\t"))
}
