package table

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

func TestRowsNothing(t *testing.T) {
	for _, byApp := range []bool{false, true} {
		if rows := Rows(nil, View{ByApp: byApp}); len(rows) != 0 {
			t.Errorf("rows of no snapshot: %v", rows)
		}
		if rows := Rows(&netstat.Snapshot{}, View{ByApp: byApp, Sort: ColumnPort}); len(rows) != 0 {
			t.Errorf("rows of an empty snapshot: %v", rows)
		}
	}
}

// One row for each socket and owner, each with a key of its own.
func TestRowsKeys(t *testing.T) {
	rows := Rows(sample(), View{})
	if got, want := sockets(rows), []uint64{1, 2, 2, 3, 4, 5, 6, 7, 8}; !slices.Equal(got, want) {
		t.Fatalf("rows of %v, want %v", got, want)
	}
	seen := make(map[Key]bool)
	for _, r := range rows {
		if seen[r.Key] || r.Key.Socket == 0 || r.Key.App != "" || r.Group != nil || r.Depth != 0 {
			t.Errorf("row %+v", r)
		}
		seen[r.Key] = true
		if (r.Owner == nil) != (r.Key.Process == process.ID{}) {
			t.Errorf("row %+v has the owner %v", r.Key, r.Owner)
		}
	}
	if want := (Key{Socket: 2, Process: process.ID{PID: 502, Start: 5020}}); !seen[want] {
		t.Errorf("no row has the key %+v", want)
	}
}

// Rows that a column does not tell apart keep the snapshot's order both ways,
// and both ways have the same rows.
func TestSortIsStable(t *testing.T) {
	s := crowd(500)
	place := make(map[Key]int)
	for i, r := range Rows(s, View{}) {
		place[r.Key] = i
	}
	for _, c := range Columns() {
		for _, descending := range []bool{false, true} {
			rows := Rows(s, View{Sort: c.ID, Descending: descending, Ephemeral: linuxRange})
			if len(rows) != len(place) {
				t.Fatalf("%q: %d rows, want %d", c.ID, len(rows), len(place))
			}
			for i := 1; i < len(rows); i++ {
				order := c.Compare(&rows[i-1], &rows[i])
				if descending {
					order = -order
				}
				if order > 0 || order == 0 && place[rows[i-1].Key] >= place[rows[i].Key] {
					t.Errorf("%q, descending %v: row %d is out of order", c.ID, descending, i)
					break
				}
			}
		}
	}
}

// Nothing in the snapshot changes, and the same arguments give the same rows.
func TestRowsIsPure(t *testing.T) {
	s, untouched := sample(), sample()
	open := map[Key]bool{appKey("node"): true}
	view := View{ByApp: true, Sort: ColumnPort, Open: open, Ephemeral: linuxRange}
	first := Rows(s, view)
	second := Rows(s, view)
	if !reflect.DeepEqual(first, second) {
		t.Error("the second time gives other rows")
	}
	if !reflect.DeepEqual(s, untouched) || len(open) != 1 {
		t.Error("the arguments were changed")
	}
}

func TestUnknownColumnIsNoOrder(t *testing.T) {
	if got, want := sockets(Rows(sample(), View{Sort: "colour"})), sockets(Rows(sample(), View{})); !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

// outline writes the by-app view down: "+ name PID: summary", or "- name PID: summary" with what belongs to it.
func outline(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Repeat("  ", r.Depth))
		if r.Group != nil {
			b.WriteString(map[bool]string{true: "- ", false: "+ "}[r.Group.Open])
		}
		b.WriteString(strings.TrimSpace(groupCell(ColumnName, r) + " " + groupCell(ColumnPID, r)))
		if r.Group != nil {
			b.WriteString(": " + r.Group.Summary())
		}
		b.WriteString("\n")
	}
	return b.String()
}

// groupCell gives a cell of the by-app view.
func groupCell(id ColumnID, r Row) string { return column(groupColumns, id).Text(&r) }

func TestByApp(t *testing.T) {
	node, chrome := appKey("node"), appKey("Google Chrome")
	worker, helper := node, chrome
	worker.Process, helper.Process = process.ID{PID: 502, Start: 5020}, process.ID{PID: 90, Start: 900}
	for name, c := range map[string]struct {
		view  View
		query string
		want  string
	}{
		"by name": {want: `
+ Google Chrome 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
+ node: 2 processes, 2 sockets, 1 listening, 1 established, 1 ephemeral
+ Postgres 812: 2 sockets, 1 listening, 1 established
+ Kernel (no process): 1 socket, 1 ephemeral, 1 closing
+ Hidden processes: 1 socket, 1 listening
`},
		"by port, one open": {view: View{Sort: ColumnPort, Open: map[Key]bool{node: true, worker: true}}, want: `
+ Hidden processes: 1 socket, 1 listening
- node: 2 processes, 2 sockets, 1 listening, 1 established, 1 ephemeral
  + node 501: 2 sockets, 1 listening, 1 established, 1 ephemeral
  - node 502: 1 socket, 1 listening
    tcp *:3000
+ Postgres 812: 2 sockets, 1 listening, 1 established
+ Google Chrome 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
+ Kernel (no process): 1 socket, 1 ephemeral, 1 closing
`},
		"by port downwards, an only process is open by itself": {view: View{Sort: ColumnPort, Descending: true, Open: map[Key]bool{chrome: true}}, want: `
- Google Chrome 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
  - Google Chrome Helper 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
    tcp 192.168.1.5:50000
    udp [fe80::1%en0]:5353
+ Kernel (no process): 1 socket, 1 ephemeral, 1 closing
+ Postgres 812: 2 sockets, 1 listening, 1 established
+ node: 2 processes, 2 sockets, 1 listening, 1 established, 1 ephemeral
+ Hidden processes: 1 socket, 1 listening
`},
		"an only process is closed by hand": {view: View{Open: map[Key]bool{chrome: true, helper: false}}, query: "app:chrome", want: `
- Google Chrome 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
  + Google Chrome Helper 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
`},
		"sockets without a process": {view: View{Open: map[Key]bool{{App: "kernel"}: true, {App: "hidden"}: true}}, query: "!user:alice", want: `
- Kernel (no process): 1 socket, 1 ephemeral, 1 closing
  - closing connections that the kernel finishes (TIME_WAIT and the like): 1 socket, 1 ephemeral, 1 closing
    tcp 192.168.1.5:50001
- Hidden processes: 1 socket, 1 listening
  - root's processes, names hidden: 1 socket, 1 listening
    tcp 0.0.0.0:22
`},
		"a query opens nothing and hides what does not match": {view: View{Open: map[Key]bool{chrome: true}}, query: "established", want: `
- Google Chrome 90: 1 socket, 1 established, 1 ephemeral
  - Google Chrome Helper 90: 1 socket, 1 established, 1 ephemeral
    tcp 192.168.1.5:50000
+ node 501: 1 socket, 1 established, 1 ephemeral
+ Postgres 812: 1 socket, 1 established
`},
		"an app's name opens nothing either": {query: "app:node", want: `
+ node: 2 processes, 2 sockets, 1 listening, 1 established, 1 ephemeral
`},
		"by user, same users by name": {view: View{Sort: ColumnUser}, query: "user:alice", want: `
+ Google Chrome 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
+ node: 2 processes, 2 sockets, 1 listening, 1 established, 1 ephemeral
+ Postgres 812: 2 sockets, 1 listening, 1 established
`},
		"by a count, the most first": {view: View{Sort: ColumnClosing, Descending: true}, want: `
+ Kernel (no process): 1 socket, 1 ephemeral, 1 closing
+ Google Chrome 90: 2 sockets, 1 established, 1 ephemeral, 1 UDP
+ node: 2 processes, 2 sockets, 1 listening, 1 established, 1 ephemeral
+ Postgres 812: 2 sockets, 1 listening, 1 established
+ Hidden processes: 1 socket, 1 listening
`},
		"a column of the other table is no order": {view: View{Sort: ColumnLocal}, query: "listen", want: `
+ node: 2 processes, 1 socket, 1 listening
+ Postgres 812: 1 socket, 1 listening
+ Hidden processes: 1 socket, 1 listening
`},
	} {
		var err error
		if c.view.Query, err = ParseQuery(c.query); err != nil {
			t.Fatal(err)
		}
		c.view.ByApp, c.view.Ephemeral = true, linuxRange
		if got := "\n" + outline(Rows(sample(), c.view)); got != c.want {
			t.Errorf("%s:%s\nwant:%s", name, got, c.want)
		}
	}
}

func TestGroupRows(t *testing.T) {
	for _, r := range Rows(sample(), View{ByApp: true}) {
		if r.Group == nil || r.Socket != nil || r.Owner != nil || r.Key.App == "" || r.Key.Socket != 0 || r.Depth != 0 {
			t.Errorf("row %+v", r)
		}
		if (r.Group.Processes == 0) != (r.Group.App == app.App{}) {
			t.Errorf("group %+v", r.Group)
		}
	}
}

// Two programs of one name are two apps; two names of one program are one.
func TestGroupsAreByProgram(t *testing.T) {
	a, b, c := someone(1, "node", "node", "x"), someone(2, "node", "node", "x"), someone(3, "worker", "node", "x")
	b.App.Path = "/elsewhere/node"
	s := &netstat.Snapshot{}
	for i, p := range []*process.Process{a, b, c} {
		s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(i + 1), Protocol: netstat.UDP, Local: addrPort("0.0.0.0:99"), Owners: held(p)})
	}
	want := "+ node 2: 1 socket, 1 UDP\n+ node: 2 processes, 2 sockets, 2 UDP\n"
	if got := outline(Rows(s, View{ByApp: true})); got != want {
		t.Errorf("groups:\n%swant:\n%s", got, want)
	}
}

// The groups' counts together are those of the snapshot, whatever the order of
// owners, and keys stay when sockets come and go.
func TestGroupsSumUp(t *testing.T) {
	s := crowd(2000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range s.Sockets {
		if owners := s.Sockets[i].Owners; len(owners) == 1 && random.IntN(3) == 0 { // forked: two hold it, of one app
			s.Sockets[i].Owners = append(owners, held(someone(owners[0].Process.PID+5000, "fork", owners[0].Process.App.Name, "alice"))...)
		}
	}
	var sum Counts
	keys := make(map[Key]bool)
	for _, r := range Rows(s, View{ByApp: true, Ephemeral: linuxRange}) {
		g := r.Group
		sum.Sockets += g.Sockets
		sum.Listening += g.Listening
		sum.Established += g.Established
		sum.Ephemeral += g.Ephemeral
		sum.Closing += g.Closing
		sum.UDP += g.UDP
		sum.Outgoing += g.Outgoing
		sum.Incoming += g.Incoming
		keys[r.Key] = true
	}
	if want := Count(s, TakeCensus(s, linuxRange, nil)); sum != want {
		t.Errorf("the groups have %+v, the snapshot %+v", sum, want)
	}
	s.Sockets = s.Sockets[1000:]
	for _, r := range Rows(s, View{ByApp: true}) {
		if !keys[r.Key] {
			t.Errorf("the key %+v is new", r.Key)
		}
	}
}

func TestCount(t *testing.T) {
	if got := Count(nil, TakeCensus(nil, linuxRange, nil)); got != (Counts{}) {
		t.Errorf("Count(nil) = %+v", got)
	}
	want := Counts{Sockets: 8, Listening: 3, Established: 3, Ephemeral: 3, Closing: 1, UDP: 1, Outgoing: 2, Incoming: 1}
	if got := Count(sample(), TakeCensus(sample(), linuxRange, nil)); got != want {
		t.Errorf("Count = %+v, want %+v", got, want)
	}
	if got, want := want.String(), "8 sockets, 3 listening, 3 established, 3 ephemeral, 1 closing, 1 UDP"; got != want {
		t.Errorf("Counts.String() = %q, want %q", got, want)
	}
	if got := (Counts{Sockets: 1}).String(); got != "1 socket" {
		t.Errorf("Counts.String() = %q", got)
	}
}

// Where the kernel itself tells of a socket who chose its port, the range has no say; of the others it has.
func TestEphemeral(t *testing.T) {
	s := sample()
	for i := range s.Sockets {
		s.Sockets[i].PortTold = true
	}
	s.Sockets[5].KernelPort = true
	flow := netstat.Socket{ID: 99, Protocol: netstat.TCP, State: netstat.Established, Local: addrPort("192.168.1.24:52599"), Remote: addrPort("17.248.190.70:443")}
	if !Ephemeral(&flow, linuxRange) || ClassOf(&flow, linuxRange, WaitingIn(s)) != Outgoing {
		t.Error("a flow of which the kernel tells nothing is not ephemeral, though others are marked")
	}
	for _, r := range Rows(s, View{Ephemeral: linuxRange}) {
		if r.Ephemeral != (r.Socket.ID == 6) {
			t.Errorf("socket %d: Ephemeral is %v", r.Socket.ID, r.Ephemeral)
		}
	}
	if c := Count(s, TakeCensus(s, linuxRange, nil)); c.Ephemeral != 1 {
		t.Errorf("Count has %d ephemeral ones, want 1", c.Ephemeral)
	}
	unbound := &netstat.Socket{Protocol: netstat.TCP, State: netstat.Closed, Local: addrPort("0.0.0.0:0")}
	if Ephemeral(unbound, port.Range{}) {
		t.Error("a socket without a port is ephemeral")
	}
}

func TestExposure(t *testing.T) {
	for _, c := range []struct {
		protocol      netstat.Protocol
		local, remote string
		state         netstat.State
		want          port.Exposure
	}{
		{netstat.TCP, "0.0.0.0:80", "", netstat.Listen, port.Network},
		{netstat.TCP, "127.0.0.1:80", "", netstat.Listen, port.Loopback},
		{netstat.TCP, "[fe80::1%en0]:80", "", netstat.Listen, port.LinkLocal},
		{netstat.TCP, "10.0.0.1:80", "10.0.0.2:9", netstat.Established, port.None},
		{netstat.TCP, "10.0.0.1:80", "", netstat.Closed, port.None},
		{netstat.UDP, "[::]:53", "", 0, port.Network},
		{netstat.UDP, "[::1]:53", "", 0, port.Loopback},
		{netstat.UDP, "10.0.0.1:53", "10.0.0.2:9", 0, port.None},
		{netstat.UDP, "0.0.0.0:0", "", 0, port.None},
	} {
		s := &netstat.Socket{Protocol: c.protocol, Local: addrPort(c.local), Remote: addrPort(c.remote), State: c.state}
		if got := Exposure(s); got != c.want {
			t.Errorf("Exposure(%v %s %s %v) = %q, want %q", c.protocol, c.local, c.remote, c.state, got, c.want)
		}
	}
}

func TestService(t *testing.T) {
	for _, c := range []struct {
		protocol      netstat.Protocol
		local, remote string
		want          string
	}{
		{netstat.TCP, "0.0.0.0:5432", "", "postgresql"},
		{netstat.TCP, "0.0.0.0:50051", "", "grpc"},                     // listening: the port has its own say, ephemeral or not
		{netstat.TCP, "10.0.0.1:50051", "10.0.0.2:443", "https"},       // going out
		{netstat.TCP, "10.0.0.1:5432", "10.0.0.2:50051", "postgresql"}, // coming in
		{netstat.TCP, "10.0.0.1:1025", "10.0.0.2:22", "ssh"},           // local port without a name
		{netstat.UDP, "10.0.0.1:40000", "10.0.0.2:443", "https"},
		{netstat.UDP, "0.0.0.0:40000", "", ""},
	} {
		s := &netstat.Socket{Protocol: c.protocol, Local: addrPort(c.local), Remote: addrPort(c.remote)}
		if got := Service(s, linuxRange); got != c.want {
			t.Errorf("Service(%v %s %s) = %q, want %q", c.protocol, c.local, c.remote, got, c.want)
		}
	}
}

// TestRowsAtOnce: the window and the tray may ask about one snapshot at the same time; the race
// detector sees to it that neither writes to what they share.
func TestRowsAtOnce(t *testing.T) {
	s := sample()
	query, err := ParseQuery("tcp !nothing")
	if err != nil {
		t.Fatal(err)
	}
	view := View{ByApp: true, Query: query, Sort: ColumnProcess, Open: map[Key]bool{appKey("node"): true}, Ephemeral: linuxRange}
	want := Rows(s, view)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got := Rows(s, view); !reflect.DeepEqual(got, want) {
				t.Error("other rows")
			}
			Status(s)
			Count(s, TakeCensus(s, linuxRange, nil))
		})
	}
	all.Wait()
}
