package table

import (
	"slices"
	"strings"
	"testing"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

func TestGroupColumns(t *testing.T) {
	var order []ColumnID
	for _, c := range GroupColumns() {
		order = append(order, c.ID)
		if c.Title == "" || c.Width < 40 || c.Text == nil || c.Compare == nil {
			t.Errorf("column %q is not whole: %+v", c.ID, c)
		}
		if c.MostFirst && !c.AlignRight {
			t.Errorf("column %q sorts numbers and does not show them as such", c.ID)
		}
	}
	want := []ColumnID{ColumnName, ColumnPID, ColumnProcesses, ColumnPort, ColumnListening, ColumnEstablished, ColumnEphemeral, ColumnClosing,
		ColumnUDP, ColumnReceived, ColumnSent, ColumnState, ColumnRemote, ColumnService, ColumnUser}
	if !slices.Equal(order, want) {
		t.Errorf("columns %v, want %v", order, want)
	}
	GroupColumns()[0].Title = "changed"
	if GroupColumns()[0].Title != "App" {
		t.Error("a caller's change of its slice changes the columns")
	}
}

// office has a dev server with a cluster of workers that share its listener, a shell's
// tool in a terminal, a browser, and what no process holds.
func office() *netstat.Snapshot {
	vite := app.App{Name: "vite - shop", Kind: app.Command, Path: "/home/a/shop", In: "iTerm"}
	serve := &process.Process{ID: process.ID{PID: 20, Start: 1}, Name: "node", User: "alice", App: vite, Work: app.Work{Title: "vite - shop"}}
	build := &process.Process{ID: process.ID{PID: 21, Start: 1}, Name: "esbuild", User: "alice", App: vite}
	job := &process.Process{ID: process.ID{PID: 22, Start: 1}, Name: "node", User: "root", App: vite, Work: app.Work{Title: "worker.js - shop"}}
	web := &process.Process{ID: process.ID{PID: 30, Start: 1}, Name: "nginx", User: "root", App: app.App{
		Name: "shop-web-1", Kind: app.Container, ID: strings.Repeat("ab", 32), Image: "nginx:1.27", Runtime: "docker", Unit: "docker-abab.scope"}}
	tcp := func(id uint64, local, remote string, state netstat.State, rx, tx uint64, owners ...*process.Process) netstat.Socket {
		return netstat.Socket{ID: id, Protocol: netstat.TCP, Local: addrPort(local), Remote: addrPort(remote), State: state, RxBytes: rx, TxBytes: tx, Owners: held(owners...)}
	}
	s := &netstat.Snapshot{Sockets: []netstat.Socket{
		tcp(1, "127.0.0.1:5173", "", netstat.Listen, 0, 0, serve, job),
		tcp(2, "127.0.0.1:5173", "127.0.0.1:40001", netstat.Established, 1200, 45_000_000, serve, job),
		tcp(3, "127.0.0.1:5174", "", netstat.Listen, 0, 0, serve),
		tcp(4, "127.0.0.1:40002", "127.0.0.1:9", netstat.Established, 10, 20, build),
		tcp(5, "0.0.0.0:8080", "", netstat.Listen, 0, 0, web),
		tcp(6, "127.0.0.1:5173", "127.0.0.1:40009", netstat.LastAck, 0, 0),
		tcp(7, "127.0.0.1:5173", "127.0.0.1:40010", netstat.Established, 0, 0),
		{ID: 8, Protocol: netstat.UDP, Local: addrPort("0.0.0.0:68"), UID: -1},
		{ID: 9, Protocol: netstat.UDP, Local: addrPort("0.0.0.0:631"), User: "root"},
	}}
	for i := range s.Sockets {
		if len(s.Sockets[i].Owners) == 0 {
			s.Sockets[i].Absence, s.Sockets[i].UID = netstat.Kernel, -1
		}
	}
	s.Sockets[7].Absence, s.Sockets[8].Absence = netstat.Concealed, netstat.Concealed
	return s
}

// sheet writes the cells of the by-app view down, parted by "|", blanks for depth.
func sheet(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		cells := make([]string, 0, len(groupColumns))
		for _, c := range groupColumns {
			cells = append(cells, c.Text(&r))
		}
		b.WriteString(strings.Repeat("  ", r.Depth) + strings.TrimRight(strings.Join(cells, "|"), "|") + "\n")
	}
	return b.String()
}

// Every cell: a socket that two processes hold counts once for the app and once for
// each of them, bytes too.
func TestGroupCells(t *testing.T) {
	s := office()
	want := `shop-web-1|30|1|8080|1||||||||||root
  nginx|30|1|8080|1||||||||||root
    tcp 0.0.0.0:8080|||8080||||||||LISTEN||http-alt
vite - shop, in iTerm||3|5173, 5174|2|2|1|||1.2 kB|45.0 MB
  esbuild|21|1|||1|1|||10 B|20 B||||alice
    tcp 127.0.0.1:40002|||40002||||||10 B|20 B|ESTABLISHED|127.0.0.1:9|discard
  node|20|1|5173, 5174|2|1||||1.2 kB|45.0 MB||||alice
    tcp 127.0.0.1:5173|||5173||||||||LISTEN||vite
    tcp 127.0.0.1:5173|||5173||||||1.2 kB|45.0 MB|ESTABLISHED|127.0.0.1:40001|vite
    tcp 127.0.0.1:5174|||5174||||||||LISTEN||vite
  node (worker.js - shop)|22|1|5173|1|1||||1.2 kB|45.0 MB||||root
    tcp 127.0.0.1:5173|||5173||||||||LISTEN||vite
    tcp 127.0.0.1:5173|||5173||||||1.2 kB|45.0 MB|ESTABLISHED|127.0.0.1:40001|vite
Kernel (no process)|||||1||1
  closing connections that the kernel finishes (TIME_WAIT and the like)|||||||1
    tcp 127.0.0.1:5173|||5173||||||||LAST_ACK|127.0.0.1:40009|vite
  connections that no program has accepted yet|||||1
    tcp 127.0.0.1:5173|||5173||||||||ESTABLISHED|127.0.0.1:40010|vite
Hidden processes||||||||2
  owner hidden||||||||1
    udp 0.0.0.0:68|||68||||||||||dhcp-client
  root's processes, names hidden||||||||1||||||root
    udp 0.0.0.0:631|||631||||||||||ipp
`
	rows := Rows(s, View{ByApp: true, Open: everything(s), Ephemeral: linuxRange})
	if got := sheet(rows); got != want {
		t.Errorf("cells:\n%s\nwant:\n%s", got, want)
	}
}

// Sockets in an opened process are in the order of the column too, where they have a part in it.
func TestGroupOrder(t *testing.T) {
	s := office()
	for _, c := range []struct {
		sort       ColumnID
		descending bool
		want       string // the rows' names, shortened
	}{
		{"", false, "shop-web-1 vite 21 20 22 Kernel Hidden"},
		{ColumnName, true, "Hidden Kernel vite 22 20 21 shop-web-1"},
		{ColumnPID, false, "vite 20 21 22 Kernel Hidden shop-web-1"},
		{ColumnProcesses, true, "vite 21 20 22 shop-web-1 Kernel Hidden"},
		{ColumnPort, false, "vite 22 20 21 shop-web-1 Kernel Hidden"},
		{ColumnListening, true, "vite 20 22 21 shop-web-1 Kernel Hidden"},
		{ColumnEstablished, true, "vite 21 20 22 Kernel shop-web-1 Hidden"},
		{ColumnClosing, true, "Kernel shop-web-1 vite 21 20 22 Hidden"},
		{ColumnUDP, true, "Hidden shop-web-1 vite 21 20 22 Kernel"},
		{ColumnReceived, true, "vite 20 22 21 shop-web-1 Kernel Hidden"},
		{ColumnSent, false, "shop-web-1 Kernel Hidden vite 21 20 22"},
		{ColumnState, true, "shop-web-1 vite 21 20 22 Kernel Hidden"},
		{ColumnUser, false, "shop-web-1 vite 21 20 22 Kernel Hidden"},
	} {
		var names []string
		open := map[Key]bool{{App: s.Sockets[0].Owners[0].Process.App.Key()}: true}
		for _, r := range Rows(s, View{ByApp: true, Open: open, Sort: c.sort, Descending: c.descending, Ephemeral: linuxRange}) {
			if first, _, _ := strings.Cut(r.Group.Name, " "); r.Depth == appDepth {
				names = append(names, first)
			} else {
				names = append(names, groupCell(ColumnPID, r))
			}
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("by %q, descending %v: %s, want %s", c.sort, c.descending, got, c.want)
		}
	}
	rows := Rows(s, View{ByApp: true, Open: everything(s), Sort: ColumnReceived, Descending: true})
	at := slices.IndexFunc(rows, func(r Row) bool { return r.Group != nil && groupCell(ColumnPID, r) == "20" })
	if got := sockets(rows[at+1 : at+4]); !slices.Equal(got, []uint64{2, 1, 3}) {
		t.Errorf("the sockets by what they received: %v", got)
	}
}

// A socket says where it is less than certain whose it is.
func TestGroupSocketName(t *testing.T) {
	s, mail := &netstat.Socket{Protocol: netstat.UDP, Local: addrPort("0.0.0.0:53")}, someone(700, "Mail", "Mail", "alice")
	for by, want := range map[netstat.Evidence]string{
		netstat.ByDescriptor: "udp 0.0.0.0:53", netstat.ByLastUse: "udp 0.0.0.0:53 (last used by it)", netstat.ByLaunchd: "udp 0.0.0.0:53 (on demand)",
	} {
		owner := &netstat.Owner{Process: someone(1, "x", "x", "root"), By: by}
		s.OnBehalfOf = nil
		if got := groupCell(ColumnName, Row{Socket: s, Owner: owner}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		s.OnBehalfOf = mail
		if got := groupCell(ColumnName, Row{Socket: s, Owner: owner}); got != want+" for Mail" {
			t.Errorf("%q, want %q", got, want+" for Mail")
		}
	}
}

func TestToggled(t *testing.T) {
	s := office()
	old := View{ByApp: true}
	find := func(v View, name string) Row {
		for _, r := range Rows(s, v) {
			if r.Group != nil && strings.HasPrefix(r.Group.Name, name) {
				return r
			}
		}
		t.Fatalf("no row %q", name)
		return Row{}
	}
	open := old.Toggled(find(old, "shop-web-1"))
	if old.Open != nil || !find(open, "nginx").Group.Open {
		t.Error("the app is not open with its only process, or the old view changed")
	}
	shut := open.Toggled(find(open, "nginx"))
	if find(shut, "nginx").Group.Open || !find(open, "nginx").Group.Open {
		t.Error("the only process was not closed, or the old view changed")
	}
	if rows := Rows(s, shut.Toggled(find(shut, "shop-web-1"))); len(rows) != 4 {
		t.Errorf("%d rows, want 4 closed apps", len(rows))
	}
	if v := shut.Toggled(Row{Socket: &s.Sockets[0]}); len(v.Open) != len(shut.Open) {
		t.Error("a socket was opened")
	}
}

func TestAppPorts(t *testing.T) {
	s := office()
	s.Sockets[1].Owners = append(s.Sockets[1].Owners, held(someone(99, "other", "other", "bob"))...)
	key := s.Sockets[0].Owners[0].Process.App.Key()
	processes, ports := AppPorts(s, key)
	var got []string
	for _, p := range processes {
		got = append(got, p.Name)
	}
	for _, h := range ports {
		got = append(got, h.String())
	}
	want := []string{"node", "esbuild", "node", "tcp 127.0.0.1:5173", "tcp 127.0.0.1:5174",
		"tcp 127.0.0.1:5173 to 127.0.0.1:40001 (stays open: another process holds it too)", "tcp 127.0.0.1:40002 to 127.0.0.1:9"}
	if !slices.Equal(got, want) {
		t.Errorf("AppPorts: %q, want %q", got, want)
	}
	for _, none := range []string{"", kernelGroup, hiddenGroup, key + "x"} {
		if processes, ports := AppPorts(s, none); processes != nil || ports != nil {
			t.Errorf("AppPorts(%q) = %v, %v", none, processes, ports)
		}
	}
	if processes, ports := AppPorts(nil, key); processes != nil || ports != nil {
		t.Errorf("AppPorts(nil) = %v, %v", processes, ports)
	}
}
