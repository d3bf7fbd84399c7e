package ui

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// rowTall is the height of a row at a text size of 13.
const rowTall = 22

// sampleColumns are as wide as the real ones, with texts that depend on nothing
// but the row, so that the pictures change only when the table does.
func sampleColumns() []table.Column {
	ofSocket := func(text func(*table.Row) string) func(*table.Row) string {
		return func(r *table.Row) string {
			if r.Socket == nil {
				return ""
			}
			return text(r)
		}
	}
	ofOwner := func(text func(*process.Process) string, none string) func(*table.Row) string {
		return ofSocket(func(r *table.Row) string {
			if r.Owner == nil {
				return none
			}
			return text(r.Owner.Process)
		})
	}
	return []table.Column{
		{ID: table.ColumnProtocol, Title: "Protocol", Width: 64, Text: ofSocket(func(r *table.Row) string { return r.Socket.Protocol.String() })},
		{ID: table.ColumnLocal, Title: "Local address", Width: 150, Text: ofSocket(func(r *table.Row) string { return r.Socket.Local.Addr().String() })},
		{ID: table.ColumnPort, Title: "Port", Width: 56, AlignRight: true,
			Text: ofSocket(func(r *table.Row) string { return strconv.Itoa(int(r.Socket.Local.Port())) })},
		{ID: table.ColumnService, Title: "Service", Width: 100, Text: func(r *table.Row) string { return r.Service }},
		{ID: table.ColumnRemote, Title: "Remote", Width: 180, Text: ofSocket(func(r *table.Row) string {
			if !r.Socket.Remote.IsValid() {
				return ""
			}
			return r.Socket.Remote.String()
		})},
		{ID: table.ColumnState, Title: "State", Width: 104, Text: ofSocket(func(r *table.Row) string { return r.Socket.State.String() })},
		{ID: table.ColumnProcess, Title: "Process", Width: 170, Text: ofOwner(func(p *process.Process) string { return p.Name }, "kernel (TIME_WAIT)")},
		{ID: table.ColumnPID, Title: "PID", Width: 64, AlignRight: true, Text: ofOwner(func(p *process.Process) string { return strconv.Itoa(p.PID) }, "")},
		{ID: table.ColumnApp, Title: "App", Width: 140, Text: ofOwner(func(p *process.Process) string { return p.App.Name }, "")},
		{ID: table.ColumnUser, Title: "User", Width: 90, Text: ofOwner(func(p *process.Process) string { return p.User }, "root")},
	}
}

// sampleRow is a socket's row; pid 0 is a socket of the kernel's.
func sampleRow(id uint64, protocol netstat.Protocol, state netstat.State, local, remote, name string, pid int) table.Row {
	s := &netstat.Socket{ID: id, Protocol: protocol, State: state, Local: netip.MustParseAddrPort(local), UID: 501, User: "alice"}
	if remote != "" {
		s.Remote = netip.MustParseAddrPort(remote)
	}
	row := table.Row{Key: table.Key{Socket: id}, Socket: s, Ephemeral: s.Local.Port() >= 32768 && state != netstat.Listen}
	if pid == 0 {
		s.Absence = netstat.Kernel
		return row
	}
	p := &process.Process{ID: process.ID{PID: pid, Start: uint64(pid)}, Name: name, User: "alice", UID: 501, App: app.App{Name: name, Path: "/opt/" + name}}
	row.Key.Process = p.ID
	s.Owners = []netstat.Owner{{Process: p, By: netstat.ByDescriptor}}
	row.Owner = &s.Owners[0]
	return row
}

// sampleRows is a developer's afternoon.
func sampleRows() []table.Row {
	rows := []table.Row{
		sampleRow(1, netstat.TCP, netstat.Listen, "127.0.0.1:3000", "", "node", 4121),
		sampleRow(2, netstat.TCP, netstat.Listen, "[::]:5173", "", "vite", 4388),
		sampleRow(3, netstat.TCP, netstat.Listen, "127.0.0.1:5432", "", "postgres", 812),
		sampleRow(4, netstat.TCP, netstat.Established, "127.0.0.1:5432", "127.0.0.1:53114", "postgres", 5230),
		sampleRow(5, netstat.TCP, netstat.Listen, "127.0.0.1:6379", "", "redis-server", 790),
		sampleRow(6, netstat.TCP, netstat.Listen, "0.0.0.0:8080", "", "java", 6017),
		sampleRow(7, netstat.TCP, netstat.CloseWait, "127.0.0.1:8080", "127.0.0.1:53190", "java", 6017),
		sampleRow(8, netstat.TCP, netstat.Established, "192.168.1.24:52044", "140.82.121.4:443", "git-remote-https", 7011),
		sampleRow(9, netstat.TCP, netstat.Established, "[2001:db8:85a3::8a2e:370:7334]:53021", "[2606:4700::6810:84e5]:443", "firefox", 2200),
		sampleRow(10, netstat.TCP, netstat.Established, "127.0.0.1:53114", "127.0.0.1:5432", "node", 4121),
		sampleRow(11, netstat.TCP, netstat.TimeWait, "192.168.1.24:53150", "93.184.216.34:80", "", 0),
		sampleRow(12, netstat.TCP, netstat.TimeWait, "192.168.1.24:53151", "93.184.216.34:80", "", 0),
		sampleRow(13, netstat.UDP, 0, "0.0.0.0:5353", "", "avahi-daemon", 655),
		sampleRow(14, netstat.UDP, 0, "[fe80::1c2a:ff:fe00:1%en0]:546", "", "NetworkManager dispatcher for connections", 701),
		sampleRow(15, netstat.UDP, 0, "192.168.1.24:50233", "", "firefox", 2200),
	}
	services := map[uint16]string{3000: "dev server", 5173: "vite", 5432: "postgresql", 6379: "redis", 8080: "http-alt", 5353: "mdns", 546: "dhcpv6-client"}
	for i := range rows {
		rows[i].Service = services[rows[i].Socket.Local.Port()]
		if rows[i].Ephemeral {
			rows[i].Service = map[uint16]string{443: "https", 80: "http", 5432: "postgresql"}[rows[i].Socket.Remote.Port()]
		}
	}
	return rows
}

// sampleGroups is the same by app, in the order of the first socket of each, with the apps of these names opened,
// and their processes too.
func sampleGroups(open ...string) []table.Row {
	var apps []*sampleApp
	byName := map[string]*sampleApp{}
	for _, r := range sampleRows() {
		name := "kernel"
		if r.Owner != nil {
			name = r.Owner.Process.App.Name
		}
		a := byName[name]
		if a == nil {
			a = &sampleApp{group: table.Group{Name: name, Open: slices.Contains(open, name)}, key: table.Key{App: name}}
			if r.Owner != nil {
				a.group.App = r.Owner.Process.App
			} else {
				a.group.Absence = r.Socket.Absence
			}
			apps, byName[name] = append(apps, a), a
		}
		a.add(r)
	}
	var rows []table.Row
	for _, a := range apps {
		rows = append(rows, table.Row{Key: a.key, Group: &a.group})
		for _, p := range a.processes {
			if a.group.Open {
				p.group.Open = true
				rows = append(rows, table.Row{Key: p.key, Group: &p.group, Depth: 1})
				rows = append(rows, p.rows...)
			}
		}
	}
	return rows
}

// sampleApp is an app or one of its processes.
type sampleApp struct {
	group     table.Group
	key       table.Key
	processes []*sampleApp
	rows      []table.Row
}

func (a *sampleApp) add(r table.Row) {
	p := a.process(r)
	r.Depth = 2
	p.rows = append(p.rows, r)
	for _, g := range []*table.Group{&a.group, &p.group} {
		g.Sockets++
		switch r.Socket.State {
		case netstat.Listen:
			g.Listening++
			g.Ports = append(g.Ports, r.Socket.Local.Port())
		case netstat.Established:
			g.Established++
		case netstat.CloseWait, netstat.TimeWait:
			g.Closing++
		}
		if r.Socket.Protocol == netstat.UDP {
			g.UDP++
		}
		if r.Ephemeral {
			g.Ephemeral++
		}
		g.RxBytes += r.Socket.RxBytes
		g.TxBytes += r.Socket.TxBytes
	}
}

func (a *sampleApp) process(r table.Row) *sampleApp {
	key := table.Key{App: a.key.App, Process: r.Key.Process}
	if r.Owner == nil {
		key.App += ":closing"
	}
	for _, p := range a.processes {
		if p.key == key {
			return p
		}
	}
	p := &sampleApp{key: key, group: table.Group{App: a.group.App, Absence: a.group.Absence, Name: "closing connections"}}
	if r.Owner != nil {
		p.group.Process, p.group.Name, p.group.User = r.Owner.Process, r.Owner.Process.Name, r.Owner.Process.User
		a.group.Processes++
		a.group.User = p.group.User
	}
	a.processes = append(a.processes, p)
	return p
}

// manyRows gives n listeners on ports from 1 up.
func manyRows(n int) []table.Row {
	rows := make([]table.Row, n)
	for i := range rows {
		local := fmt.Sprintf("127.0.0.1:%d", i%65535+1)
		rows[i] = sampleRow(uint64(i+1), netstat.TCP, netstat.Listen, local, "", fmt.Sprintf("server-%d", i), 1000+i)
	}
	return rows
}

// harness is a table in a window of Fyne's test driver, and what it called back.
type harness struct {
	*rowTable
	window fyne.Window
	clock  time.Time
	calls  []string
}

// newHarness shows rows in a window of that size, in the light theme.
func newHarness(t testing.TB, rows []table.Row, width, height float32) *harness {
	t.Helper()
	return newHarnessVariant(t, rows, width, height, theme.VariantLight)
}

func newHarnessVariant(t testing.TB, rows []table.Row, width, height float32, v fyne.ThemeVariant) *harness {
	t.Helper()
	return newHarnessOf(t, sampleColumns(), rows, width, height, v)
}

// newTree is newHarness for the by-app view.
func newTree(t testing.TB, rows []table.Row, width, height float32) *harness {
	t.Helper()
	return newHarnessOf(t, table.GroupColumns(), rows, width, height, theme.VariantLight)
}

func newHarnessOf(t testing.TB, columns []table.Column, rows []table.Row, width, height float32, v fyne.ThemeVariant) *harness {
	t.Helper()
	a := test.NewApp()
	t.Cleanup(func() { test.NewApp() })
	a.Settings().SetTheme(newThemeVariant(v))
	h := &harness{rowTable: newRowTable(newColumnLayout(columns), inline), clock: time.Unix(1e9, 0)}
	h.listen()
	h.SetSort(table.ColumnPort, false)
	h.window = test.NewWindow(h.rowTable)
	t.Cleanup(h.window.Close)
	h.window.SetPadded(false)
	h.window.Resize(fyne.NewSize(width, height))
	h.SetRows(rows)
	return h
}

// inline runs what is to run on the UI thread.
func inline(f func()) { f() }

// SetRows shows rows as a refresh does.
func (h *harness) SetRows(rows []table.Row) {
	h.set(rowSet{columns: h.columns, rows: rows, sort: h.sort, descending: h.descending})
}

// SetSort shows the same rows as sorted by that column.
func (h *harness) SetSort(id table.ColumnID, descending bool) {
	h.set(rowSet{columns: h.columns, rows: h.rows, sort: id, descending: descending})
}

// listen notes every call back as a word and the key's socket, process or app.
func (h *harness) listen() {
	note := func(what string) func(table.Row) {
		return func(r table.Row) { h.calls = append(h.calls, what+" "+keyText(r.Key)) }
	}
	h.now = func() time.Time { return h.clock }
	h.onKill, h.onCopy, h.onToggle = note("kill"), note("copy"), note("toggle")
	h.onMenu = func(r table.Row, at fyne.Position) { note(fmt.Sprintf("menu at %.0f,%.0f:", at.X, at.Y))(r) }
	h.onSort = func(id table.ColumnID) { h.calls = append(h.calls, "sort "+string(id)) }
	h.onKey = func(ev *fyne.KeyEvent) { h.calls = append(h.calls, "key "+string(ev.Name)) }
	h.onRune = func(r rune) { h.calls = append(h.calls, "rune "+string(r)) }
	h.onSelect = func(r table.Row, ok bool) {
		if !ok {
			h.calls = append(h.calls, "select none")
			return
		}
		note("select")(r)
	}
}

// keyText is "12" for a socket, "postgres" for an app and "postgres/812" for its process.
func keyText(k table.Key) string {
	switch {
	case k.Socket != 0:
		return fmt.Sprint(k.Socket)
	case k.Process.PID != 0:
		return fmt.Sprintf("%s/%d", k.App, k.Process.PID)
	default:
		return k.App
	}
}

// at gives the position in the window of the middle of row i, x from its left edge.
func (h *harness) at(x float32, i int) fyne.Position {
	return fyne.NewPos(x, h.header.Size().Height+(float32(i)+0.5)*h.rowHeight()-h.scroll.Offset.Y)
}

// point moves the mouse over row i.
func (h *harness) point(i int) { test.MoveMouse(h.window.Canvas(), h.at(300, i)) }

// Select selects the row with this key and brings it into view. Without such a row nothing changes.
func (t *rowTable) Select(key table.Key) {
	if i := indexOfKey(t.rows, key); i >= 0 {
		t.selectIndex(i)
		t.reveal(i)
	}
}
