package table

import (
	"strings"
	"testing"

	"portolan/internal/netstat"
	"portolan/internal/port"
)

// fromOutside is a computer on which a listener at 50001, in the range, is called from outside and from here.
func fromOutside() *netstat.Snapshot {
	s := &netstat.Snapshot{Taken: start, Sockets: []netstat.Socket{
		told(netstat.TCP, netstat.Listen, "0.0.0.0:50001", "", shopServer),
		told(netstat.TCP, netstat.Established, "192.168.1.5:50001", "192.168.1.9:51000", shopServer),
		told(netstat.TCP, netstat.Established, "192.168.1.5:50002", "1.2.3.4:443", shopServer),
	}}
	return s
}

// TestCensusOfAPart: a part of a snapshot has the classes that it has within the whole, however it is shown.
func TestCensusOfAPart(t *testing.T) {
	whole := fromOutside()
	part := &netstat.Snapshot{Sockets: whole.Sockets[1:]}
	query, err := ParseQuery("class:incoming")
	if err != nil {
		t.Fatal(err)
	}
	v := View{Ephemeral: linuxRange, Query: query}
	if rows := Rows(part, v); len(rows) != 0 {
		t.Errorf("alone, %d came in", len(rows))
	}
	v.Census = TakeCensus(whole, linuxRange, nil)
	if rows := Rows(part, v); len(rows) != 1 || rows[0].Socket.Local.Port() != 50001 || rows[0].Class != Incoming {
		t.Errorf("within the whole: %+v", rows)
	}
	if c := Count(part, v.Census); c.Incoming != 1 || c.Outgoing != 1 || c.Ephemeral != 2 {
		t.Errorf("counted %+v", c)
	}
	if l := LensOf(part, View{Census: v.Census}, linuxRules, nil, start); l.Connections != 1 {
		t.Errorf("%d connections in the lens", l.Connections)
	}
	if f := CountFacets(part, View{Census: v.Census}); f[FacetEphemeral] != 2 {
		t.Errorf("facets %v", f)
	}
	if c := Count(nil, TakeCensus(nil, linuxRange, nil)); c != (Counts{}) {
		t.Errorf("of nothing: %+v", c)
	}
}

// TestClosedKeepTheirClass: what has just closed is what it was, whether its listener closed with it or is there still.
func TestClosedKeepTheirClass(t *testing.T) {
	for _, gone := range []int{0, 1} { // the first that has closed
		s := fromOutside()
		marks := &Marks{Closed: s.Sockets[gone:2]}
		now := &netstat.Snapshot{Taken: start, Sockets: append(s.Sockets[:gone:gone], s.Sockets[2])}
		var found bool
		for _, r := range Rows(now, View{Ephemeral: linuxRange, Marks: marks}) {
			if r.Socket.Local.Port() == 50001 && r.Socket.State == netstat.Established {
				if found = true; r.Class != Incoming || !r.Closed() {
					t.Errorf("%d closed: %v, closed %v", 2-gone, r.Class, r.Closed())
				}
			}
		}
		if !found {
			t.Errorf("%d closed: it is not shown", 2-gone)
		}
	}
}

// TestSentenceKnowsWhoCalled: a listener on the same port of another address does not make a call of ours one to us.
func TestSentenceKnowsWhoCalled(t *testing.T) {
	s := &netstat.Snapshot{Taken: tellingTime, Sockets: []netstat.Socket{
		told(netstat.TCP, netstat.Listen, "127.0.0.1:40000", "", database),
		told(netstat.TCP, netstat.Established, "192.168.1.5:40000", "1.2.3.4:443", shopServer),
		told(netstat.TCP, netstat.Established, "127.0.0.1:40000", "127.0.0.1:41000", database),
	}}
	rows := Rows(s, View{Ephemeral: linuxRange})
	for i, want := range []string{"accepts connections", "is connected to 1.2.3.4, port 443 (https), from TCP port 40000", "serves 127.0.0.1, port 41000 on its TCP port 40000"} {
		if got := Sentence(&rows[i], s, -1, nil); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	s.Sockets[0].KernelPort = true
	rows = Rows(s, View{Ephemeral: linuxRange})
	if got := Sentence(&rows[0], s, -1, nil); !strings.Contains(got, "port 40000. The port was chosen by the system.") {
		t.Errorf("%q", got)
	}
}

// TestClassColumn: it names the class, and orders by it; a group has none.
func TestClassColumn(t *testing.T) {
	s := fromOutside()
	s.Sockets = append(s.Sockets, told(netstat.TCP, netstat.Listen, "0.0.0.0:80", "", shopServer))
	c := ClassColumn()
	var got []string
	for _, r := range Rows(s, View{Ephemeral: linuxRange, Sort: ColumnClass}) {
		got = append(got, c.Text(&r))
	}
	if want := "listening|listening, port chosen by the system|outgoing|incoming"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %s", got, want)
	}
	if text := c.Text(&Row{Group: &Group{}}); text != "" {
		t.Errorf("a group is %q", text)
	}
}

// BenchmarkCensus is the one look at ten thousand sockets that all views share.
func BenchmarkCensus(b *testing.B) {
	s := crowd(10_000)
	b.ReportAllocs()
	for b.Loop() {
		TakeCensus(s, port.Range{First: 32768, Last: 60999}, nil)
	}
}
