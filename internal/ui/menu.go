package ui

import (
	"fmt"
	"net/netip"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/table"
)

// showMenu shows the context menu of the selected rows, of which row is one. The rows hold still as long as it is open.
func (w *window) showMenu(row table.Row, at fyne.Position) {
	rows := w.table.SelectedRows()
	if len(rows) == 0 {
		rows = []table.Row{row}
	}
	w.popUp(w.menuItems(rows...), at)
}

// popUp shows a menu.
func (w *window) popUp(items []*fyne.MenuItem, at fyne.Position) {
	w.newMenu(items, w.table).ShowAtPosition(at)
}

// newMenu gives a menu that is to be shown at once. The rows hold still as long as it is open, and then the keyboard
// goes back to where it came from.
func (w *window) newMenu(items []*fyne.MenuItem, back fyne.Focusable) *widget.PopUpMenu {
	w.dismiss()
	popup := widget.NewPopUpMenu(fyne.NewMenu("", items...), w.Canvas())
	w.menu = popup
	w.table.hold()
	popup.OnDismiss = func() {
		popup.Hide()
		if w.menu == popup {
			w.menu = nil
			w.table.release()
			if w.Canvas().Focused() == popup {
				w.Canvas().Focus(back)
			}
		}
	}
	return popup
}

// menuItems is what can be done with rows.
func (w *window) menuItems(rows ...table.Row) []*fyne.MenuItem {
	first := rows[0]
	var items []*fyne.MenuItem
	if len(rows) == 1 && first.Group != nil && first.Flow == nil {
		open := language.T("Open")
		if first.Group.Open {
			open = language.T("Close")
		}
		items = append(items, fyne.NewMenuItem(open, func() { w.toggle(first) }))
	}
	more := fyne.NewMenuItem(language.T("Copy more"), nil)
	more.ChildMenu = fyne.NewMenu("", w.copyItems(rows)...)
	items = append(items, fyne.NewMenuItem(copyLabel(len(rows)), func() { w.copyRows(rows) }), more,
		fyne.NewMenuItem(language.T("Export all that is shown…"), w.export))
	if len(rows) == 1 {
		items = appendGroup(items, w.openItems(first))
	}
	items = appendGroup(items, w.onlyItems(rows))
	items = appendGroup(items, w.keepItems(rows))
	if len(rows) == 1 {
		items = appendGroup(items, w.explainItems(first))
	}
	if len(processesIn(rows, w.snapshot())) > 0 || len(rows) == 1 {
		items = appendGroup(items, []*fyne.MenuItem{fyne.NewMenuItem(language.T("Kill…"), func() { w.killing.askAll(rows) })})
	}
	return items
}

func copyLabel(n int) string {
	if n == 1 {
		return language.T("Copy row")
	}
	return language.F("Copy %d rows", n)
}

// appendGroup adds lines below a separator, if there are any.
func appendGroup(items, more []*fyne.MenuItem) []*fyne.MenuItem {
	if len(more) == 0 {
		return items
	}
	return append(append(items, fyne.NewMenuItemSeparator()), more...)
}

// menuNameLength is how many characters of a name the menu shows.
const menuNameLength = 40

// openItems lead out of the window: to a browser and to the folders.
func (w *window) openItems(row table.Row) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	if u := pageOf(row.Socket); u != nil {
		items = append(items, fyne.NewMenuItem(language.F("Open %s", abbreviated(u.String(), menuNameLength)), func() { w.open(u) }))
	}
	for _, p := range placesOf(row, w.snapshot()) {
		items = append(items, fyne.NewMenuItem(p.label, func() { w.reveal(p.path) }))
	}
	return items
}

// onlyItems narrow what is shown to the apps, ports and remote addresses of the rows.
func (w *window) onlyItems(rows []table.Row) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	add := func(label, query string) {
		if query != "" {
			items = append(items, fyne.NewMenuItem(label, func() { w.setQuery(query) }))
		}
	}
	if apps := appNames(rows); len(apps) > 0 {
		add(language.N("Show only %[2]s", "Show only these %[1]d apps", len(apps), abbreviated(apps[0], menuNameLength)), appQuery(apps...))
	}
	ports := distinct(ofSockets(rows, func(s *netstat.Socket) string { return fmt.Sprint(s.Local.Port()) }))
	if len(ports) > 0 {
		add(language.N("Show only port %[2]s", "Show only these %[1]d ports", len(ports), ports[0]), listQuery("port:", ports))
	}
	remotes := exactly(ofSockets(rows, remoteAddress), w.snapshot())
	if len(remotes) > 0 {
		add(language.N("Show only connections with %[2]s", "Show only connections with these %[1]d addresses", len(remotes), abbreviated(strings.TrimSuffix(strings.TrimSuffix(remotes[0], "/32"), "/128"), menuNameLength)),
			listQuery("remote:", remotes))
	}
	return items
}

// remoteAddress is the other end's address as a query knows it; "" when there is none.
func remoteAddress(s *netstat.Socket) string {
	if !s.Remote.IsValid() || s.Remote.Addr().IsUnspecified() {
		return ""
	}
	return table.Clean(s.Remote.Addr().Unmap().String())
}

// exactly makes networks of one address of those addresses that are a part of another one: a query finds these too.
func exactly(addresses []string, s *netstat.Snapshot) []string {
	for i, a := range addresses {
		for _, o := range socketsOf(s) {
			if other := remoteAddress(&o); other != a && strings.Contains(other, a) {
				if ip, err := netip.ParseAddr(a); err == nil && ip.Zone() == "" {
					addresses[i] = netip.PrefixFrom(ip, ip.BitLen()).String()
				}
				break
			}
		}
	}
	return addresses
}

// rowCommands are those of the row that the keyboard is at, for the keyboard and the main menu. The menu of the
// row, which a key opens too, has all of them.
func (w *window) rowCommands() []command {
	with := func(f func(table.Row)) func() {
		return func() {
			if row, ok := w.table.Selected(); ok {
				f(row)
			}
		}
	}
	return []command{
		{fyne.KeyO, language.T("Open in Browser"), with(func(row table.Row) {
			if u := pageOf(row.Socket); u != nil {
				w.open(u)
			}
		}), false},
		{fyne.KeyB, language.T("Show in File Manager"), with(func(row table.Row) {
			if places := placesOf(row, w.snapshot()); len(places) > 0 {
				w.reveal(places[0].path)
			}
		}), false},
		{fyne.KeyL, language.T("Show Only This App"), with(func(table.Row) {
			if query := appQuery(appNames(w.table.SelectedRows())...); query != "" {
				w.setQuery(query)
			}
		}), false},
		{fyne.KeyD, language.T("Watch This Port"), with(func(row table.Row) {
			if row.Socket != nil && row.Socket.Local.Port() != 0 {
				w.ui.watchPort(row.Socket.Local.Port())
			}
		}), false},
		{fyne.KeyG, language.T("Copy as JSON"), func() { w.copyJSON(w.table.SelectedRows()) }, false},
		{fyne.KeyK, language.T("Kill…"), w.killSelected, false},
	}
}

// keepItems are about ports that are watched and apps that are hidden.
func (w *window) keepItems(rows []table.Row) []*fyne.MenuItem {
	if len(rows) != 1 {
		return nil
	}
	var items []*fyne.MenuItem
	if s := rows[0].Socket; s != nil && s.Local.Port() != 0 {
		items = append(items, w.watchItem(s.Local.Port()))
	}
	if item := w.recentItem(rows[0].Socket); item != nil {
		items = append(items, item)
	}
	if a := appOf(rows[0]); a.Key() != "" && (a.Name != "" || a.Path != "") {
		items = append(items, fyne.NewMenuItem(language.T("Hide this app"), func() { w.ui.hideApp(a) }))
	}
	return items
}

// appOf is the app that a row is about; the zero App when nobody is known.
func appOf(row table.Row) app.App {
	switch {
	case row.Owner != nil:
		return row.Owner.Process.App
	case row.Group != nil && row.Group.Process != nil:
		return row.Group.Process.App
	case row.Group != nil:
		return row.Group.App
	default:
		return app.App{}
	}
}

// appNames are the names of the rows' apps, clean, each once.
func appNames(rows []table.Row) []string {
	var names []string
	for _, row := range rows {
		names = append(names, table.Clean(appOf(row).Name))
	}
	return distinct(names)
}

// queryRoom is how long a query that a menu makes may get, well below what a query may be.
const queryRoom = 2000

// listQuery is a query for several values of a field; "" when they are too many to be typed.
func listQuery(field string, values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = table.Quoted(v)
	}
	query := field + strings.Join(quoted, ",")
	if len(query) > queryRoom {
		return ""
	}
	return query
}

// appQuery is the query that finds the sockets of apps by their cleaned names. A query knows no way to write
// a double quote, so the pieces around one are looked for; "" when there are none.
func appQuery(names ...string) string {
	if len(names) > 1 {
		return listQuery("app:", names)
	}
	var terms []string
	for _, name := range names {
		for piece := range strings.SplitSeq(name, `"`) {
			if piece != "" {
				terms = append(terms, "app:"+table.Quoted(piece))
			}
		}
	}
	return strings.Join(terms, " ")
}
