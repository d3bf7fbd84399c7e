package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/language"
	"portolan/internal/table"
)

// showMenu shows the context menu of a row. The rows hold still as long as it is open.
func (w *window) showMenu(row table.Row, at fyne.Position) {
	w.dismiss()
	popup := widget.NewPopUpMenu(fyne.NewMenu("", w.menuItems(row)...), w.Canvas())
	w.menu = popup
	w.table.hold()
	popup.OnDismiss = func() {
		popup.Hide()
		if w.menu == popup {
			w.menu = nil
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
		fyne.NewMenuItem(language.T("Copy address"), func() { w.copy(table.Endpoint(s)) }),
		fyne.NewMenuItem(language.T("Copy port"), func() { w.copy(fmt.Sprint(s.Local.Port())) }),
	}
	if s.Remote.IsValid() {
		items = append(items, fyne.NewMenuItem(language.T("Copy remote address"), func() { w.copy(s.Remote.String()) }))
	}
	if row.Owner != nil {
		items = append(items, fyne.NewMenuItem(language.T("Copy PID"), func() { w.copy(fmt.Sprint(row.Owner.Process.PID)) }))
	}
	items = append(items, fyne.NewMenuItem(language.T("Copy row"), func() { w.copyRow(row) }), fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(language.F("Show only port %d", s.Local.Port()), func() { w.setQuery(fmt.Sprintf("port:%d", s.Local.Port())) }))
	if row.Owner != nil {
		items = append(items, w.onlyItem(row.Owner.Process.App.Name)...)
	}
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(language.T("Kill…"), func() { w.killing.ask(row) }))
}

func (w *window) groupItems(row table.Row) []*fyne.MenuItem {
	open := language.T("Open")
	if row.Group.Open {
		open = language.T("Close")
	}
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(open, func() { w.toggle(row) }),
		fyne.NewMenuItem(language.T("Copy name"), func() { w.copy(row.Group.Name) }),
	}
	if p := row.Group.Process; p != nil {
		items = append(items, fyne.NewMenuItem(language.T("Copy PID"), func() { w.copy(fmt.Sprint(p.PID)) }))
	}
	items = append(items, w.onlyItem(row.Group.App.Name)...)
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(language.T("Kill…"), func() { w.killing.ask(row) }))
}

// menuNameLength is how many characters of a name the menu shows.
const menuNameLength = 40

// onlyItem is the line that leads to an app's sockets; none where the query has no words for its name.
func (w *window) onlyItem(name string) []*fyne.MenuItem {
	name = table.Clean(name)
	query := appQuery(name)
	if query == "" {
		return nil
	}
	return []*fyne.MenuItem{fyne.NewMenuItem(language.F("Show only %s", abbreviated(name, menuNameLength)), func() { w.setQuery(query) })}
}

// appQuery is the query that finds an app's sockets by its cleaned name. A query knows no
// way to write a double quote, so the pieces around one are looked for; "" when there are none.
func appQuery(name string) string {
	var terms []string
	for piece := range strings.SplitSeq(name, `"`) {
		switch {
		case piece == "":
		case strings.Contains(piece, " "):
			terms = append(terms, `app:"`+piece+`"`)
		default:
			terms = append(terms, "app:"+piece)
		}
	}
	return strings.Join(terms, " ")
}

func (w *window) copy(text string) { w.ui.app.Clipboard().SetContent(text) }

// copyRow copies what the row shows, the cells parted by tabs as spreadsheets take them.
func (w *window) copyRow(row table.Row) {
	if row.Group != nil {
		w.copy(row.Group.Label() + "\t" + row.Group.Summary())
		return
	}
	var cells []string
	for _, column := range table.Columns() {
		cells = append(cells, column.Text(&row))
	}
	w.copy(strings.Join(cells, "\t"))
}
