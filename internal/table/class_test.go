package table

import (
	"net/netip"
	"testing"

	"portolan/internal/netstat"
	"portolan/internal/port"
)

func tcp(state netstat.State, local, remote string) netstat.Socket {
	return netstat.Socket{Protocol: netstat.TCP, State: state, Local: addrPort(local), Remote: addrPort(remote)}
}

func TestClassOf(t *testing.T) {
	udp := func(local, remote string) netstat.Socket {
		return netstat.Socket{Protocol: netstat.UDP, Local: addrPort(local), Remote: addrPort(remote)}
	}
	dual := tcp(netstat.Listen, "[::]:8080", "")
	dual.DualStack = true
	anon := tcp(netstat.Established, "192.168.1.5:50000", "1.2.3.4:443")
	anon.KernelPort = true
	waits := []netstat.Socket{
		tcp(netstat.Listen, "127.0.0.1:5432", ""), tcp(netstat.Listen, "0.0.0.0:22", ""), dual, tcp(netstat.Listen, "[::]:9090", ""),
		tcp(netstat.Listen, "127.0.0.1:40000", ""), tcp(netstat.Listen, "[fe80::1]:7000", ""), udp("0.0.0.0:5353", ""),
	}
	tests := []struct {
		name   string
		socket netstat.Socket
		want   Class
	}{
		{"listener", waits[0], Listening},
		{"listener in the range", waits[4], Listening},
		{"the server's end on loopback", tcp(netstat.Established, "127.0.0.1:5432", "127.0.0.1:40001"), Incoming},
		{"the client's end on loopback", tcp(netstat.Established, "127.0.0.1:40001", "127.0.0.1:5432"), Outgoing},
		{"to a listener in the range", tcp(netstat.Established, "127.0.0.1:40000", "127.0.0.1:40001"), Incoming},
		{"from the same port of another address", tcp(netstat.Established, "192.168.1.5:40000", "1.2.3.4:443"), Outgoing},
		{"to the wildcard", tcp(netstat.Established, "192.168.1.5:22", "192.168.1.9:50000"), Incoming},
		{"IPv4 to a listener of both families", tcp(netstat.Established, "192.168.1.5:8080", "192.168.1.9:50000"), Incoming},
		{"mapped IPv4 to it", tcp(netstat.Established, "[::ffff:192.168.1.5]:8080", "[::ffff:192.168.1.9]:50000"), Incoming},
		{"IPv6 to it", tcp(netstat.Established, "[2001:db8::1]:8080", "[2001:db8::2]:50000"), Incoming},
		{"IPv4 where only IPv6 waits", tcp(netstat.Established, "192.168.1.5:9090", "192.168.1.9:443"), Outgoing},
		{"link-local with a zone", tcp(netstat.Established, "[fe80::1%en0]:7000", "[fe80::2%en0]:50000"), Incoming},
		{"its listener is gone", tcp(netstat.Established, "192.168.1.5:3000", "192.168.1.9:50000"), Incoming},
		{"from a port that was chosen", tcp(netstat.Established, "192.168.1.5:700", "192.168.1.9:2049"), Outgoing},
		{"being connected", tcp(netstat.SynSent, "192.168.1.5:22", "192.168.1.9:50000"), Outgoing},
		{"greeting", tcp(netstat.SynReceived, "192.168.1.5:3000", "192.168.1.9:50000"), Incoming},
		{"connected to itself", tcp(netstat.Established, "127.0.0.1:41000", "127.0.0.1:41000"), Outgoing},
		{"hung up, at a listener", tcp(netstat.CloseWait, "127.0.0.1:5432", "127.0.0.1:40001"), Closing},
		{"remembered", tcp(netstat.TimeWait, "192.168.1.5:50000", "1.2.3.4:443"), Closing},
		{"reset", tcp(netstat.Closed, "192.168.1.5:50000", "1.2.3.4:443"), Closing},
		{"bound", tcp(netstat.Closed, "192.168.1.5:50000", ""), Unconnected},
		{"UDP that waits", waits[6], Unconnected},
		{"UDP in the range that waits", udp("0.0.0.0:40000", ""), Unconnected},
		{"QUIC", udp("192.168.1.5:45000", "1.2.3.4:443"), Outgoing},
		{"UDP that is served", udp("192.168.1.5:5353", "192.168.1.9:50000"), Incoming},
		{"TCP where UDP waits", tcp(netstat.Established, "192.168.1.5:5353", "1.2.3.4:80"), Outgoing},
	}
	waiting := WaitingIn(&netstat.Snapshot{Sockets: waits})
	for _, test := range tests {
		if got := ClassOf(&test.socket, linuxRange, waiting); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	// On macOS the kernel says it, whatever the range.
	anon.Remote = addrPort("1.2.3.4:60000")
	if got := ClassOf(&anon, port.Range{}, nil); got != Outgoing {
		t.Errorf("the kernel chose the port: %v", got)
	}
	if WaitingIn(nil) == nil {
		t.Error("nothing waits in no snapshot")
	}
}

// TestRowsHaveAClass: every row has one, and the classes of a query part the table into as many.
func TestRowsHaveAClass(t *testing.T) {
	s := crowd(500)
	total := 0
	for _, c := range Classes() {
		q, err := ParseQuery("class:" + c.String())
		if err != nil {
			t.Fatal(err)
		}
		rows := Rows(s, View{Query: q, Ephemeral: linuxRange})
		for i := range rows {
			if rows[i].Class != c || rows[i].ClassText() == "" {
				t.Errorf("%v in class:%v", rows[i].Class, c)
			}
		}
		total += len(rows)
	}
	if all := len(Rows(s, View{})); total != all {
		t.Errorf("%d rows in classes, %d in all", total, all)
	}
	if _, err := ParseQuery("class:weird"); err == nil {
		t.Error("a class that there is not is taken")
	}
}

func TestChosenBySystem(t *testing.T) {
	s := &netstat.Snapshot{Sockets: []netstat.Socket{tcp(netstat.Listen, "127.0.0.1:40000", ""), tcp(netstat.Listen, "127.0.0.1:80", ""),
		tcp(netstat.Established, "127.0.0.1:41000", "127.0.0.1:80")}}
	rows := Rows(s, View{Ephemeral: linuxRange})
	for i, want := range []string{"listening, port chosen by the system", "listening", "outgoing"} {
		if got := rows[i].ClassText(); got != want {
			t.Errorf("%v: %q, want %q", rows[i].Socket.Local, got, want)
		}
	}
	if got := (&Row{Group: &Group{}}).ClassText(); got != "" {
		t.Errorf("a group: %q", got)
	}
}

// FuzzClassOf: every socket has a class, and the two ends of one connection are not both incoming
// unless something waits at both.
func FuzzClassOf(f *testing.F) {
	f.Add(uint16(5432), uint16(40000), uint8(4), true, false)
	f.Fuzz(func(t *testing.T, local, remote uint16, state uint8, listens, udp bool) {
		s := netstat.Socket{Protocol: netstat.TCP, State: netstat.State(state%11) + 1,
			Local: netip.AddrPortFrom(netip.IPv6Loopback(), local), Remote: netip.AddrPortFrom(netip.IPv6Loopback(), remote)}
		if udp {
			s.Protocol, s.State = netstat.UDP, 0
		}
		in := &netstat.Snapshot{}
		if listens {
			in.Sockets = append(in.Sockets, netstat.Socket{Protocol: netstat.TCP, State: netstat.Listen, Local: s.Local})
		}
		if c := ClassOf(&s, linuxRange, WaitingIn(in)); c < Listening || c > Unconnected {
			t.Errorf("%+v: class %d", s, c)
		}
	})
}

// BenchmarkClasses is what the classes add to the rows of ten thousand sockets: see BenchmarkRows/plain.
func BenchmarkClasses(b *testing.B) {
	s := crowd(10_000)
	b.ReportAllocs()
	for b.Loop() {
		waiting := WaitingIn(s)
		for i := range s.Sockets {
			ClassOf(&s.Sockets[i], linuxRange, waiting)
		}
	}
}
