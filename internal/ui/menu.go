package ui

import (
	"bytes"
	"net/netip"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

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
	w.newMenu(items, w.table).showAt(at)
}

// newMenu gives a menu that is to be shown at once, over nothing else that is open.
func (w *window) newMenu(items []*fyne.MenuItem, back fyne.Focusable) *popMenu {
	w.dismiss()
	return w.menuOver(items, back)
}

// menuOver gives a menu over a dialog, or over nothing. The rows hold still as long as it is open, and then the keyboard goes
// back to where it came from.
func (w *window) menuOver(items []*fyne.MenuItem, back fyne.Focusable) *popMenu {
	w.closeMenu()
	w.menu = newPopMenu(w.Canvas(), items, func() {
		w.menu = nil
		w.table.release()
		if w.Canvas().Focused() == nil {
			w.Canvas().Focus(back)
		}
	})
	w.table.hold()
	return w.menu
}

// closeMenu closes the menu that is open, if one is.
func (w *window) closeMenu() {
	if w.menu != nil {
		w.menu.dismiss()
	}
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
	copying := fyne.NewMenuItem(copyLabel(len(rows)), func() { w.copyRows(rows) })
	copying.Shortcut = &fyne.ShortcutCopy{}
	more := fyne.NewMenuItem(language.T("Copy more"), nil)
	more.ChildMenu = fyne.NewMenu("", w.copyItems(rows)...)
	items = append(items, copying, more, w.keyed(fyne.KeyS, fyne.NewMenuItem(language.T("Export all that is shown…"), w.export)))
	if len(rows) == 1 {
		items = appendGroup(items, w.openItems(first))
	}
	items = appendGroup(items, w.onlyItems(rows))
	items = appendGroup(items, w.keepItems(rows))
	if len(rows) == 1 {
		items = appendGroup(items, folded(language.T("Explain"), w.explainItems(first)))
	}
	if len(processesIn(rows, w.snapshot())) > 0 || len(rows) == 1 {
		items = appendGroup(items, []*fyne.MenuItem{w.keyed(fyne.KeyK, killItem(func() { w.killing.askAll(rows) }))})
	}
	return items
}

// killItem is the line that ends something. Fyne gives no line a colour of its own: its symbol has that of danger.
func killItem(act func()) *fyne.MenuItem {
	item := fyne.NewMenuItem(language.T("Kill…"), act)
	item.Icon = theme.NewErrorThemedResource(symbol(symbolKill))
	return item
}

// mostExplained is how many explanations stand in the menu itself.
const mostExplained = 2

// folded puts lines into a menu of their own when they are many.
func folded(label string, items []*fyne.MenuItem) []*fyne.MenuItem {
	if len(items) <= mostExplained {
		return items
	}
	line := fyne.NewMenuItem(label, nil)
	line.ChildMenu = fyne.NewMenu("", items...)
	return []*fyne.MenuItem{line}
}

// keyed shows beside a line of a menu which key does the same.
func (w *window) keyed(key fyne.KeyName, item *fyne.MenuItem) *fyne.MenuItem {
	item.Shortcut = w.shortcut(command{key: key})
	return item
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
	servers := serversOf(row, w.snapshot())
	for _, s := range servers {
		for _, u := range pagesOf(s) {
			items = append(items, fyne.NewMenuItem(language.F("Open %s", abbreviated(u.String(), menuNameLength)), func() { w.open(u) }))
		}
	}
	if len(servers) > 1 {
		within := fyne.NewMenuItem(language.T("Open in Browser"), nil)
		within.ChildMenu = fyne.NewMenu("", items...)
		items = []*fyne.MenuItem{within}
	} else if len(items) > 0 {
		w.keyed(fyne.KeyO, items[0])
	}
	for i, p := range placesOf(row, w.snapshot()) {
		place := fyne.NewMenuItem(p.label, func() { w.reveal(p.path) })
		if i == 0 {
			w.keyed(fyne.KeyB, place)
		}
		items = append(items, place)
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
		if add(language.N("Show only %[2]s", "Show only these %[1]d apps", len(apps), abbreviated(apps[0], menuNameLength)), onlyApps(rows)); len(items) > 0 {
			w.keyed(fyne.KeyL, items[0])
		}
	}
	if ports := portsIn(rows); len(ports) > 0 {
		add(language.N("Show only port %[2]s", "Show only these %[1]d ports", len(ports), ports[0]), listQuery("port:", ports))
	}
	if remotes := w.remotesIn(rows); len(remotes) > 0 {
		add(language.N("Show only connections with %[2]s", "Show only connections with these %[1]d addresses", len(remotes), abbreviated(strings.TrimSuffix(strings.TrimSuffix(remotes[0], "/32"), "/128"), menuNameLength)),
			listQuery("remote:", remotes))
	}
	return items
}

// onlyApps finds the sockets of the rows' apps; "" where none is known.
func onlyApps(rows []table.Row) string { return appQuery(appNames(rows)...) }

// remotesIn are the addresses at the other ends, as a query finds them and no others.
func (w *window) remotesIn(rows []table.Row) []string {
	return exactly(ofSockets(rows, remoteAddress), w.snapshot())
}

// remoteAddress is the other end's address as a query knows it; "" when there is none.
func remoteAddress(s *netstat.Socket) string {
	if !s.Remote.IsValid() || s.Remote.Addr().IsUnspecified() {
		return ""
	}
	return table.Clean(s.Remote.Addr().Unmap().String())
}

// mostAddresses is more than a query has room for.
const mostAddresses = queryRoom / len("1.1.1.1")

// exactly makes networks of one address of those addresses that are a part of another one: a query finds these too.
func exactly(addresses []string, s *netstat.Snapshot) []string {
	if len(addresses) == 0 || len(addresses) > mostAddresses {
		return addresses
	}
	seen := map[netip.Addr]bool{}
	others := []byte{'\n'} // all of them, one a line
	for _, o := range socketsOf(s) {
		if a := o.Remote.Addr(); !seen[a] {
			seen[a] = true
			others = append(append(others, remoteAddress(&o)...), '\n')
		}
	}
	for i, a := range addresses {
		if bytes.Count(others, []byte(a)) == bytes.Count(others, []byte("\n"+a+"\n")) {
			continue
		}
		if ip, err := netip.ParseAddr(a); err == nil && ip.Zone() == "" {
			addresses[i] = netip.PrefixFrom(ip, ip.BitLen()).String()
		}
	}
	return addresses
}

// onSelected does something with the selected rows, the first of them the one that the keyboard is at. What it says
// is why nothing came of it: a key that does nothing is taken for broken.
func (w *window) onSelected(f func(rows []table.Row) (missing string)) {
	at, ok := w.table.Selected()
	if !ok {
		w.notice.tell(theme.ColorNamePrimary, language.T("No row is selected."), "", nil)
		return
	}
	rows := []table.Row{at}
	for _, row := range w.table.SelectedRows() {
		if row.Key != at.Key {
			rows = append(rows, row)
		}
	}
	if missing := f(rows); missing != "" {
		w.notice.tell(theme.ColorNamePrimary, missing, "", nil)
	}
}

// rowCommands are those of the selected rows, for the keyboard and the main menu: all that the menu of a row has.
func (w *window) rowCommands() []command {
	on := func(f func([]table.Row) string) func() { return func() { w.onSelected(f) } }
	only := func(query func([]table.Row) string, missing string) func() {
		return on(func(rows []table.Row) string {
			if q := query(rows); q != "" {
				w.setQuery(q)
				return ""
			}
			return missing
		})
	}
	noPort, noApp := language.T("There is no port in this row for that."), language.T("Which app this row is of is not known.")
	all := []command{
		{fyne.KeyU, language.T("Row Menu…"), on(func(rows []table.Row) string { w.table.askMenu(rows[0]); return "" }), false},
		{fyne.KeyO, language.T("Open in Browser"), on(func(rows []table.Row) string {
			if servers := serversOf(rows[0], w.snapshot()); len(servers) > 0 {
				w.open(pagesOf(servers[0])[0])
				return ""
			}
			return language.T("Only what waits on a TCP port can be opened in a browser.")
		}), false},
		{fyne.KeyB, fileManagerTitle(runtime.GOOS), on(func(rows []table.Row) string {
			if places := placesOf(rows[0], w.snapshot()); len(places) > 0 {
				w.reveal(places[0].path)
				return ""
			}
			return language.T("No file of this row is known.")
		}), false},
		{fyne.KeyL, language.T("Show Only This App"), only(onlyApps, noApp), false},
		{"", language.T("Show Only This Port"), only(func(rows []table.Row) string { return listed("port:", portsIn(rows)) }, noPort), false},
		{"", language.T("Show Only This Remote Address"), only(func(rows []table.Row) string { return listed("remote:", w.remotesIn(rows)) },
			language.T("Nothing is connected in this row.")), false},
		{fyne.KeyD, language.T("Watch This Port"), on(func(rows []table.Row) string {
			if ports := watchable(rows); len(ports) > 0 {
				w.ui.watchPorts(ports)
				return ""
			}
			return noPort
		}), false},
		{"", language.T("Hide This App"), on(func(rows []table.Row) string {
			if a := appOf(rows[0]); canHide(a) {
				w.ui.hideApp(a)
				return ""
			}
			return noApp
		}), false},
		{"", language.T("Explain…"), w.explainSelected, false},
	}
	return append(append(all, w.copyCommands()...), command{fyne.KeyK, language.T("Kill…"), on(func([]table.Row) string { w.killSelected(); return "" }), false})
}

// copyCommands are those that copy something of the rows.
func (w *window) copyCommands() []command {
	var all []command
	for i, c := range w.copies(nil) {
		all = append(all, command{"", language.F("Copy %s", c.label), func() {
			w.onSelected(func([]table.Row) string {
				rows := w.table.SelectedRows()
				if values := w.copies(rows)[i].values; len(values) > 0 {
					w.copy(strings.Join(values, "\n"))
					return ""
				}
				return language.F("There is nothing of that in this row: %s.", c.label)
			})
		}, false})
	}
	selected := func(f func([]table.Row)) func() {
		return func() {
			w.onSelected(func([]table.Row) string { f(w.table.SelectedRows()); return "" })
		}
	}
	return append(all, command{fyne.KeyG, language.T("Copy as JSON"), selected(w.copyJSON), false}, command{"", language.T("Copy as CSV"), selected(w.copyCSV), false})
}

// listed is listQuery, and "" for no values.
func listed(field string, values []string) string {
	if len(values) == 0 {
		return ""
	}
	return listQuery(field, values)
}

// keepItems are about ports that are watched and apps that are hidden.
func (w *window) keepItems(rows []table.Row) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	if ports := watchable(rows); len(ports) > 0 {
		items = append(items, w.keyed(fyne.KeyD, w.watchItem(ports)))
	}
	if len(rows) != 1 {
		return items
	}
	if recent := w.recentItem(rows[0].Socket); recent != nil {
		items = append(items, recent)
	}
	if a := appOf(rows[0]); canHide(a) {
		items = append(items, fyne.NewMenuItem(language.T("Hide this app"), func() { w.ui.hideApp(a) }))
	}
	return items
}

// canHide reports whether an app is known well enough to be hidden.
func canHide(a app.App) bool { return a.Key() != "" && (a.Name != "" || a.Path != "") }

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
