package netstat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// TestClassesOnMacOS: the kernel's mark of the ports that it chose, and who listens, tell the classes of a Mac's
// sockets; and of its listeners it is known how many connections may wait.
func TestClassesOnMacOS(t *testing.T) {
	s := netstat.ReadScenario(t, "scenario_dev")
	const want = `tcp 0.0.0.0:22: listening, 0 of 128 wait
tcp [::]:22: listening, 0 of 128 wait
tcp 0.0.0.0:80: listening, 0 of 128 wait
tcp *:3000: listening, 0 of 511 wait
tcp 127.0.0.1:3000 TIME_WAIT: closing
tcp 127.0.0.1:3000 ESTABLISHED: incoming
tcp 127.0.0.1:4000: listening, 0 of 128 wait
tcp 127.0.0.1:5432: listening, 0 of 200 wait
tcp [::1]:5432: listening, 0 of 200 wait
tcp 0.0.0.0:8000: listening, 0 of 2048 wait
tcp 192.168.1.24:52599 ESTABLISHED: outgoing
tcp 192.168.1.24:52640 ESTABLISHED: outgoing
tcp 192.168.1.24:52744 ESTABLISHED: outgoing
tcp 127.0.0.1:52802 ESTABLISHED: outgoing
udp 0.0.0.0:5353: unconnected
udp 192.168.1.24:61000: outgoing
`
	for _, socket := range s.Sockets {
		if socket.Local.Port() == 52599 && !table.Ephemeral(&socket, macRange) { // a flow that the kernel lists without its flags
			t.Errorf("the port of %v is not ephemeral", socket.Local)
		}
	}
	wantClasses(t, s, want)
}

// TestClassesOnMacOS27: what the descriptors tell where the kernel lists nothing: of the listener at 49833 that the system chose its
// port, and of no connection the byte counters.
func TestClassesOnMacOS27(t *testing.T) {
	s := netstat.ReadScenario(t, "scenario_dev_macos27")
	wantClasses(t, s, `tcp *:3000: listening, 0 of 0 wait
tcp 127.0.0.1:3000 ESTABLISHED: incoming
tcp 127.0.0.1:4000: listening, 0 of 0 wait
tcp 127.0.0.1:5432: listening, 0 of 0 wait
tcp [::1]:5432: listening, 0 of 0 wait
tcp 0.0.0.0:8000: listening, 0 of 0 wait
tcp 127.0.0.1:49833: listening, port chosen by the system, 0 of 128 wait
tcp 192.168.1.24:52744 ESTABLISHED: outgoing
tcp 127.0.0.1:52802 ESTABLISHED: outgoing
udp 0.0.0.0:5353: unconnected
udp 192.168.1.24:61000: outgoing
`)
	if !table.CountersUntold(s) {
		t.Error("byte counters are told")
	}
	if table.CountersUntold(netstat.ReadScenario(t, "scenario_dev")) {
		t.Error("macOS before 27 tells no byte counters")
	}
}

// macRange is the range of a Mac unless somebody has changed it.
var macRange = port.Range{First: 49152, Last: 65535}

// wantClasses compares the classes of a snapshot's sockets, in its order.
func wantClasses(t *testing.T, s *netstat.Snapshot, want string) {
	t.Helper()
	var got strings.Builder
	var before *netstat.Socket
	for _, r := range table.Rows(s, table.View{Ephemeral: macRange}) {
		if r.Socket == before || before != nil && r.Socket.Local == before.Local && r.Socket.Protocol == netstat.UDP {
			continue // another owner of the same, or another socket of the same group
		}
		before = r.Socket
		fmt.Fprintf(&got, "%v %s", r.Socket.Protocol, table.Endpoint(r.Socket))
		if r.Class == table.Listening {
			fmt.Fprintf(&got, ": %s, %d of %d wait\n", r.ClassText(), r.Socket.Queue, r.Socket.QueueLimit)
			continue
		}
		fmt.Fprintf(&got, " %v: %s\n", r.Socket.State, r.ClassText())
	}
	if text := strings.ReplaceAll(got.String(), " : ", ": "); text != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
}

// TestClosingStatesOnMacOS: a kernel's table of connections in all of the states in which one ends, and the gauges made of it.
func TestClosingStatesOnMacOS(t *testing.T) {
	s := netstat.ReadTable(t, "scenario_dev", "tcp_thirtytwo_states")
	classes := map[netstat.State]table.Class{netstat.Established: table.Outgoing, netstat.SynReceived: table.Incoming, netstat.FinWait1: table.Closing,
		netstat.FinWait2: table.Closing, netstat.Closing: table.Closing, netstat.LastAck: table.Closing, netstat.CloseWait: table.Closing, netstat.TimeWait: table.Closing}
	found := map[netstat.State]int{}
	for _, r := range table.Rows(s, table.View{Ephemeral: macRange}) {
		if at := r.Socket.Local.Port(); at < 51000 || at > 51031 {
			continue // what the descriptors tell besides
		}
		found[r.Socket.State]++
		if r.Class != classes[r.Socket.State] || !r.Ephemeral {
			t.Errorf("%v: %v, ephemeral %v", r.Socket.State, r.Class, r.Ephemeral)
		}
	}
	for state := range classes {
		if found[state] != 4 {
			t.Errorf("%d in %v, want 4", found[state], state)
		}
	}
	rules := port.Rules{Ephemeral: macRange, TimeWait: 30 * time.Second}
	want := map[table.GaugeID]string{table.GaugeTimeWait: "4", table.GaugeCloseWait: "4"}
	for _, g := range table.Gauges(s, rules, nil, s.Taken, table.DefaultThresholds()) {
		if figure, asked := want[g.ID]; asked && g.Figures[0].Value != figure {
			t.Errorf("%s: %v", g.ID, g.Figures)
		}
		delete(want, g.ID)
	}
	if len(want) > 0 {
		t.Errorf("there is no gauge of %v", want)
	}
}

// TestQueueOnMacOS: what the kernel's table has of a listener's queue comes to the gauge. There it is full at its limit.
func TestQueueOnMacOS(t *testing.T) {
	for _, c := range []struct {
		waiting, limit uint16
		level          table.Level
		holds          string
	}{
		{0, 5, table.Green, ""},
		{3, 5, table.Green, ""},
		{4, 5, table.Yellow, "is slow to accept connections on TCP port 3000: 4 wait, and 5 may. With more, the system turns away who comes. If it stays so, restart it"},
		{5, 5, table.Red, "does not accept connections on TCP port 3000: 5 wait, no more may, and the system turns away who comes. If it does not catch up, restart it."},
		{1000, 1024, table.Yellow, "1000 wait, and 1024 may."},
	} {
		s := netstat.ReadQueued(t, "scenario_dev", 3000, c.waiting, c.limit)
		for _, g := range table.Gauges(s, port.Rules{Ephemeral: macRange, TimeWait: 30 * time.Second}, nil, s.Taken, table.DefaultThresholds()) {
			if g.ID != table.GaugeQueue {
				continue
			}
			if g.Level != c.level || !strings.Contains(g.Sentence, c.holds) || g.Share != float64(c.waiting)/float64(c.limit) || c.level > table.Green && !strings.HasPrefix(g.Sentence, "process 501 (PID 501) ") {
				t.Errorf("%d of %d: %+v", c.waiting, c.limit, g)
			}
		}
	}
}

// TestRatesOnMacOS: two of the kernel's tables, three seconds apart, give the rates; of counters that went back there are none.
func TestRatesOnMacOS(t *testing.T) {
	past := history.New(history.Options{})
	past.CountRates(true)
	look := func(after time.Duration, received, sent int64) *netstat.Snapshot {
		s := netstat.ReadGrown(t, "scenario_dev", received, sent)
		s.Taken = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC).Add(after)
		past.Record(monitor.Update{Snapshot: s})
		return s
	}
	connection := func(s *netstat.Snapshot) *table.Row {
		rows := table.Rows(s, table.View{Ephemeral: macRange, Past: past})
		i := slices.IndexFunc(rows, func(r table.Row) bool { return r.Socket.Local.Port() == 52744 })
		if i < 0 {
			t.Fatal("the connection from port 52744 is not there")
		}
		return &rows[i]
	}
	if r := connection(look(0, 10_000, 10_000)); r.Traffic.Known {
		t.Errorf("after one look: %+v", r.Traffic)
	}
	if r := connection(look(3*time.Second, 40_000, 16_000)); r.Traffic != (table.Traffic{Received: 10_000, Sent: 2000, Known: true}) {
		t.Errorf("%+v", r.Traffic)
	}
	if r := connection(look(6*time.Second, 0, 16_000)); r.Traffic.Known {
		t.Errorf("of counters that went back: %+v", r.Traffic)
	}
}
