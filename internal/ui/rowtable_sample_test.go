package ui

import (
	"fmt"
	"net/netip"
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

// sampleGroups is the same by app, with the group of that name opened.
func sampleGroups(open string) []table.Row {
	groups := map[string]*table.Group{}
	var names []string
	for _, r := range sampleRows() {
		name := "kernel"
		if r.Owner != nil {
			name = r.Owner.Process.App.Name
		}
		g := groups[name]
		if g == nil {
			g = &table.Group{Name: name, Open: name == open}
			groups[name], names = g, append(names, name)
		}
		g.Sockets++
		switch r.Socket.State {
		case netstat.Listen:
			g.Listening++
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
	}
	var rows []table.Row
	for _, name := range names {
		rows = append(rows, table.Row{Key: table.Key{App: name}, Group: groups[name]})
		if name != open {
			continue
		}
		for _, r := range sampleRows() {
			if r.Owner != nil && r.Owner.Process.App.Name == name {
				r.Depth = 1
				rows = append(rows, r)
			}
		}
	}
	return rows
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
	a := test.NewApp()
	t.Cleanup(func() { test.NewApp() })
	a.Settings().SetTheme(newThemeVariant(v))
	h := &harness{rowTable: newRowTable(sampleColumns()), clock: time.Unix(1e9, 0)}
	h.listen()
	h.SetSort(table.ColumnPort, false)
	h.window = test.NewWindow(h.rowTable)
	t.Cleanup(h.window.Close)
	h.window.SetPadded(false)
	h.window.Resize(fyne.NewSize(width, height))
	h.SetRows(rows)
	return h
}

// listen notes every call back as a word and the key's socket or app.
func (h *harness) listen() {
	note := func(what string) func(table.Row) {
		return func(r table.Row) { h.calls = append(h.calls, fmt.Sprintf("%s %d%s", what, r.Key.Socket, r.Key.App)) }
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
