package table

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// gauge gives the first of a kind.
func gauge(t *testing.T, all []Gauge, id GaugeID) Gauge {
	t.Helper()
	for _, g := range all {
		if g.ID == id {
			return g
		}
	}
	t.Fatalf("there is no gauge %s", id)
	return Gauge{}
}

func gaugesOf(s *netstat.Snapshot, f port.Rules) []Gauge {
	return Gauges(s, f, nil, start, DefaultThresholds())
}

// spread makes n connections of an app from the ports of the range, to one remote end or to many.
func spread(n int, app string, ends int) []netstat.Socket {
	by := held(someone(7, app, app, "alice"))
	all := make([]netstat.Socket, n)
	for i := range all {
		all[i] = netstat.Socket{ID: uint64(i + 1), Protocol: netstat.TCP, State: netstat.Established, Owners: by,
			Local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), linuxRange.First+uint16(i%linuxRange.Count())),
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i % ends >> 8), byte(i % ends)}), 5432)}
	}
	return all
}

func TestGaugesAreGreen(t *testing.T) {
	for _, s := range []*netstat.Snapshot{{}, sample(), lensSample(), crowd(1000)} {
		for _, g := range gaugesOf(s, linuxRules) {
			if g.Level != Green || g.Sentence != "" || g.Name == "" || g.Topic == "" || g.Share < 0 || g.Share > 1 {
				t.Errorf("%+v", g)
			}
		}
		if _, matters := Worst(gaugesOf(s, linuxRules)); matters {
			t.Error("something matters")
		}
	}
	if Gauges(nil, linuxRules, nil, start, DefaultThresholds()) != nil {
		t.Error("gauges of no snapshot")
	}
}

func TestPortGauges(t *testing.T) {
	count := linuxRange.Count()
	for _, test := range []struct {
		name   string
		n      int
		ends   int
		level  Level
		share  float64
		remote Level
	}{
		{"half", count / 2, 200, Green, 0.5, Green},
		{"two thirds", count * 2 / 3, 200, Yellow, 0.67, Green},
		{"two thirds to one end", count * 2 / 3, 1, Yellow, 0.67, Yellow},
		{"all, to many ends", count, 200, Yellow, 1, Green},
		{"all to one end", count, 1, Yellow, 1, Red},
		{"each port twice, to two ends", 2 * count, 2, Yellow, 1, Red},
	} {
		gauges := gaugesOf(&netstat.Snapshot{Sockets: spread(test.n, "crawler", test.ends)}, linuxRules)
		g := gauge(t, gauges, GaugeTCPPorts)
		if g.Level != test.level || g.Share < test.share-0.01 || g.Share > test.share+0.01 || !g.Known {
			t.Errorf("%s: %v, %v", test.name, g.Level, g.Share)
		}
		if g.Level > Green && (!strings.Contains(g.Sentence, "crawler") || !strings.Contains(g.Sentence, fmt.Sprint(count)) || g.Key != appKey("crawler")) {
			t.Errorf("%s: %q, %+v", test.name, g.Sentence, g.Key)
		}
		if udp := gauge(t, gauges, GaugeUDPPorts); udp.Level != Green || udp.Share != 0 {
			t.Errorf("%s: UDP %+v", test.name, udp)
		}
		remote := Green
		for _, g := range gauges {
			if g.ID == GaugeRemote {
				remote = g.Level
				if !strings.Contains(g.Sentence, "10.1.0.0:5432") && !strings.Contains(g.Sentence, "10.1.0.1:5432") || g.Key != appKey("crawler") {
					t.Errorf("%s: %q", test.name, g.Sentence)
				}
			}
		}
		if remote != test.remote {
			t.Errorf("%s: to one end %v, want %v", test.name, remote, test.remote)
		}
	}
}

// TestPortsThatAreNobodyElses: on macOS a port that is in use is handed out to nobody, wherever the connections go.
func TestPortsThatAreNobodyElses(t *testing.T) {
	rules := linuxRules
	rules.PerEnd = false
	count := linuxRange.Count()
	for n, want := range map[int]Level{count / 2: Green, count * 2 / 3: Yellow, count: Red} {
		gauges := gaugesOf(&netstat.Snapshot{Sockets: spread(n, "crawler", 200)}, rules)
		g := gauge(t, gauges, GaugeTCPPorts)
		if g.Level != want || want > Green && !strings.Contains(g.Sentence, "with none left, new connections fail. Quit or restart crawler") {
			t.Errorf("%d: %+v", n, g)
		}
		if worst, _ := Worst(gauges); worst.ID == GaugeRemote {
			t.Errorf("%d: %+v", n, worst)
		}
	}
}

// TestRangeThatIsWiderForSome: what macOS gives to who asks for a high port is no help to the others.
func TestRangeThatIsWiderForSome(t *testing.T) {
	rules := port.Rules{Ephemeral: port.Range{First: linuxRange.First, Last: linuxRange.Last, GivenFirst: linuxRange.First, GivenLast: linuxRange.First + 99}}
	g := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: spread(100, "crawler", 200)}, rules), GaugeTCPPorts)
	if g.Level != Red || g.Share != 1 || !strings.Contains(g.Sentence, "100 of the 100 ports") || !strings.Contains(fmt.Sprint(g.Figures), "{range 32768-32867}") {
		t.Errorf("%+v", g)
	}
	// Those beyond it are no part of the gauge, but handed out by the system all the same.
	beyond := spread(300, "crawler", 200)[100:]
	if g := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: beyond}, rules), GaugeTCPPorts); g.Level != Green || g.Share != 0 {
		t.Errorf("%+v", g)
	}
	for _, r := range Rows(&netstat.Snapshot{Sockets: beyond}, View{Ephemeral: rules.Ephemeral}) {
		if !r.Ephemeral || r.Class != Outgoing {
			t.Fatalf("%v: %v", r.Socket.Local, r.ClassText())
		}
	}
}

// TestPortsListenedOn: these take part in no connection, so that with them used up connections fail on every system.
func TestPortsListenedOn(t *testing.T) {
	s := &netstat.Snapshot{Sockets: spread(1000, "crawler", 200)}
	by := held(someone(9, "farm", "farm", "alice"))
	for i := range linuxRange.Count() * 9 / 10 {
		s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(1<<20 + i), Protocol: netstat.TCP, State: netstat.Listen, Owners: by,
			Local: netip.AddrPortFrom(netip.IPv4Unspecified(), linuxRange.First+2000+uint16(i))})
	}
	g := gauge(t, gaugesOf(s, linuxRules), GaugeTCPPorts)
	if g.Level != Red || g.Key != appKey("farm") || g.Sentence != "Programs listen on 25408 of the 28232 ports that the system hands out, most of them farm (25408); with none left, new connections fail. Quit or restart farm, or have it close what it does not need." {
		t.Errorf("%+v", g)
	}
	// What is left can still be used up for one end.
	s.Sockets = append(s.Sockets, spread(2000, "worker", 1)...)
	if g := gauge(t, gaugesOf(s, linuxRules), GaugeRemote); g.Level != Yellow || !strings.Contains(g.Sentence, "2005 of 2824 possible connections from 10.0.0.1 to 10.1.0.0:5432 are in use, most of them by worker (2000)") {
		t.Errorf("%+v", g)
	}
}

// TestRemoteEnds: each end is told with those who have the connections to it, and counted for each address of ours.
func TestRemoteEnds(t *testing.T) {
	remotes := func(parts ...[]netstat.Socket) (all []Gauge) {
		s := &netstat.Snapshot{}
		for _, part := range parts {
			s.Sockets = append(s.Sockets, part...)
		}
		for _, g := range gaugesOf(s, linuxRules) {
			if g.ID == GaugeRemote {
				all = append(all, g)
			}
		}
		return all
	}
	// A browser with more connections, to many ends, is not the one to restart.
	all := remotes(spread(20_000, "browser", 60_000), to(spread(18_000, "worker", 1), "10.0.0.1", "10.9.9.9:80"))
	if len(all) != 1 || all[0].Level != Yellow || all[0].Key != appKey("worker") ||
		all[0].Sentence != "18000 of 28232 possible connections from 10.0.0.1 to 10.9.9.9:80 are in use, most of them by worker (18000); with none left, no other can be opened. Quit or restart worker, or have it use its connections again." {
		t.Errorf("%+v", all)
	}
	if figures := fmt.Sprint(all[0].Figures); strings.Contains(figures, "browser") || !strings.Contains(figures, "{worker 18000} {yellow from 60 %} {red from 85 %}") {
		t.Errorf("figures %s", figures)
	}
	// Two addresses of ours have each port each: half of either is no more than half.
	if all = remotes(to(spread(14_000, "worker", 1), "10.0.0.1", "10.9.9.9:80"), to(spread(14_000, "worker", 1), "10.0.0.2", "10.9.9.9:80")); len(all) != 0 {
		t.Errorf("from two addresses: %+v", all)
	}
	// IPv4 as IPv6 writes it is the same end.
	if all = remotes(to(spread(9000, "worker", 1), "::ffff:10.0.0.1", "[::ffff:10.9.9.9]:80"), to(spread(28_000, "worker", 1)[9000:], "10.0.0.1", "10.9.9.9:80")); len(all) != 1 || all[0].Level != Red {
		t.Errorf("in two ways of writing: %+v", all)
	}
	// Several ends, the fullest first, and no more than can be read.
	var many [][]netstat.Socket
	for i := range 8 {
		many = append(many, to(spread(18_000+i*1000, fmt.Sprint("worker", i), 1), "10.0.0.1", fmt.Sprintf("10.9.9.%d:80", i)))
	}
	all = remotes(many...)
	if len(all) != mostGauges || all[0].Key != appKey("worker7") || all[0].Level != Red || all[4].Key != appKey("worker3") || all[4].Level != Yellow {
		t.Errorf("%d of eight: %+v", len(all), all)
	}
	// UDP has no part in it.
	datagrams := to(spread(28_000, "resolver", 1), "10.0.0.1", "10.9.9.9:53")
	for i := range datagrams {
		datagrams[i].Protocol, datagrams[i].State = netstat.UDP, 0
	}
	if all = remotes(datagrams); len(all) != 0 {
		t.Errorf("of UDP: %+v", all)
	}
	if g := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: datagrams}, linuxRules), GaugeUDPPorts); g.Level != Red || !strings.Contains(g.Sentence, "most of them by resolver (28000); with none left, a program that needs a UDP port gets none. Quit or restart resolver, or have it close what it does not need.") {
		t.Errorf("%+v", g)
	}
}

// to gives sockets other ends.
func to(sockets []netstat.Socket, local, remote string) []netstat.Socket {
	for i := range sockets {
		sockets[i].Local = netip.AddrPortFrom(netip.MustParseAddr(local), sockets[i].Local.Port())
		sockets[i].Remote = netip.MustParseAddrPort(remote)
	}
	return sockets
}

// TestOddRanges: nothing is divided by zero, and what is not known is said not to be.
func TestOddRanges(t *testing.T) {
	s := &netstat.Snapshot{Sockets: spread(3, "crawler", 1)}
	for _, test := range []struct {
		name  string
		r     port.Range
		known bool
		share float64
	}{
		{"not known", port.Range{}, false, 0},
		{"first above last", port.Range{First: 60999, Last: 32768}, false, 0},
		{"one port, in use", port.Range{First: 32768, Last: 32768}, true, 1},
		{"one port, free", port.Range{First: 60999, Last: 60999}, true, 0},
		{"all ports", port.Range{First: 1, Last: 65535}, true, 3.0 / 65535},
	} {
		gauges := gaugesOf(s, port.Rules{Ephemeral: test.r})
		if g := gauge(t, gauges, GaugeTCPPorts); g.Known != test.known || g.Share != test.share {
			t.Errorf("%s: %+v", test.name, g)
		}
		g := gauge(t, gauges, GaugeTimeWait)
		if g.Known != test.known || g.Level != Green {
			t.Errorf("%s: %+v", test.name, g)
		}
		if unknown := strings.Contains(fmt.Sprint(g.Figures), "unknown"); unknown == test.known {
			t.Errorf("%s: figures %v", test.name, g.Figures)
		}
	}
}

func TestTimeWaitGauge(t *testing.T) {
	waiting := func(n int) []netstat.Socket {
		all := spread(n, "", 3)
		for i := range all {
			all[i].State, all[i].Owners, all[i].Absence = netstat.TimeWait, nil, netstat.Kernel
		}
		return all
	}
	nobodyElses := linuxRules
	nobodyElses.PerEnd = false
	for n, want := range map[int]Level{1000: Green, 14_000: Yellow, 25_000: Yellow, 70_000: Red, 100_000: Red} {
		g := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: waiting(n)}, linuxRules), GaugeTimeWait)
		if g.Level != want || g.Share > 1 {
			t.Errorf("%d: %+v", n, g)
		}
		// Where a port is kept from all ends it does not matter how they are spread.
		if mac := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: waiting(n)}, nobodyElses), GaugeTimeWait); (mac.Level == Red) != (n > 20_000) {
			t.Errorf("%d, kept from all ends: %+v", n, mac)
		}
		if want > Green && !strings.Contains(g.Sentence, fmt.Sprintf("%d closed connections keep", n)) {
			t.Errorf("%d: %q", n, g.Sentence)
		}
	}
	// Those that a server keeps are on its own port, and take none away.
	served := waiting(100_000)
	for i := range served {
		served[i].Local, served[i].Remote = served[i].Remote, served[i].Local
	}
	if g := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: served}, linuxRules), GaugeTimeWait); g.Level != Green || g.Share != 0 || g.Figures[0].Value != "100000" {
		t.Errorf("a server's: %+v", g)
	}
}

// TestWhoseTimeWait: the sentence names somebody, as well as that can be known.
func TestWhoseTimeWait(t *testing.T) {
	waiting := to(spread(14_000, "", 1), "127.0.0.1", "127.0.0.1:5432")
	for i := range waiting {
		waiting[i].State, waiting[i].Owners, waiting[i].Absence = netstat.TimeWait, nil, netstat.Kernel
	}
	database := netstat.Socket{ID: 1 << 20, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort("0.0.0.0:5432"), Owners: held(someone(8, "postgres", "postgres", "db"))}
	elsewhere := to(spread(3, "browser", 1), "10.0.0.1", "10.2.2.2:443")
	there := to(spread(2, "worker", 1), "127.0.0.1", "127.0.0.1:5432")
	remote := to(append([]netstat.Socket(nil), waiting...), "10.0.0.1", "10.2.2.2:5432")
	for _, test := range []struct {
		name    string
		sockets [][]netstat.Socket
		holds   string
	}{
		{"nobody", [][]netstat.Socket{waiting, elsewhere}, "to 127.0.0.1:5432 (14000). Whose they were is not known any more. They clear"},
		{"who listens there", [][]netstat.Socket{waiting, elsewhere, {database}}, "postgres listens there; whose connections they were is not known any more. They clear"},
		{"who still is connected there", [][]netstat.Socket{waiting, elsewhere, {database}, there}, "Of what is still open there most is of worker. They clear"},
		{"who listens here is not the one elsewhere", [][]netstat.Socket{remote, {database}}, "Whose they were is not known any more."},
	} {
		s := &netstat.Snapshot{}
		for _, part := range test.sockets {
			s.Sockets = append(s.Sockets, part...)
		}
		if g := gauge(t, gaugesOf(s, linuxRules), GaugeTimeWait); g.Level != Yellow || !strings.Contains(g.Sentence, test.holds) {
			t.Errorf("%s: %v, %s", test.name, g.Level, g.Sentence)
		}
	}
}

// TestWhoClosesTheMost: only who closed a real part of what is kept is named, and not who closed some elsewhere, or fewer
// than came and went unseen.
func TestWhoClosesTheMost(t *testing.T) {
	const kept = 14_000
	waiting := to(spread(kept, "", 1), "127.0.0.1", "127.0.0.1:5432")
	for i := range waiting {
		waiting[i].State, waiting[i].Owners, waiting[i].Absence = netstat.TimeWait, nil, netstat.Kernel
		waiting[i].ID += 1 << 20
	}
	for _, test := range []struct {
		name   string
		end    string // where the browser's went
		closed int    // how many of them
		left   int    // and how many it still has at the end of those that wait
		unseen int    // of those that wait, how many were never seen open
		named  bool
	}{
		{"half of what is kept", "127.0.0.1:5432", kept / 2, 1, 0, true},
		{"less than half", "127.0.0.1:5432", kept/2 - 1, 1, 0, false},
		{"a few", "127.0.0.1:5432", 7, 3, 0, false},
		{"to another end", "10.2.2.2:443", kept, 0, 0, false},
		{"to another end, while most of what is kept was never seen", "10.2.2.2:443", kept, 1, kept/2 + 1, false},
		{"none is left there", "127.0.0.1:5432", kept, 0, 0, false},
		{"as many were never seen", "127.0.0.1:5432", kept / 2, 1, kept / 2, false},
	} {
		browser := to(spread(test.closed+test.left, "browser", 1), "127.0.0.1", test.end)
		to(browser[test.closed:], "127.0.0.1", "127.0.0.1:5432")
		past := remembered()
		var before, after netstat.Snapshot
		before.Taken, after.Taken = start, start.Add(3*time.Second)
		before.Sockets = append(before.Sockets, browser...)
		before.Sockets = append(before.Sockets, waiting[:kept-test.unseen]...)
		past.Record(monitor.Update{Snapshot: &before})
		after.Sockets = append(after.Sockets, browser[test.closed:]...)
		after.Sockets = append(after.Sockets, waiting...)
		past.Record(monitor.Update{Snapshot: &after, Closed: browser[:test.closed], Opened: waiting[kept-test.unseen:]})
		g := gauge(t, Gauges(&after, linuxRules, past, after.Taken, DefaultThresholds()), GaugeTimeWait)
		if got := strings.Contains(g.Sentence, "browser opens and closes the most."); got != test.named || !strings.Contains(g.Sentence, "most of them to 127.0.0.1:5432 (14000).") {
			t.Errorf("%s: %s", test.name, g.Sentence)
		}
		if got := strings.Contains(fmt.Sprint(g.Figures), "closed by browser"); got != test.named {
			t.Errorf("%s: %v", test.name, g.Figures)
		}
	}
}

// TestMostIsMoreThanHalf: what has less has the most, but not most of them.
func TestMostIsMoreThanHalf(t *testing.T) {
	third := linuxRange.Count() / 3
	parts := func(state netstat.State, app bool) *netstat.Snapshot {
		s := &netstat.Snapshot{}
		for i := range 3 {
			part := to(spread(third, fmt.Sprint("worker", i), 1), "10.0.0.1", fmt.Sprintf("10.9.9.%d:80", i))
			for j := range part {
				part[j].Local = netip.AddrPortFrom(part[j].Local.Addr(), linuxRange.First+uint16(i*third+j))
				if part[j].State = state; !app {
					part[j].Owners, part[j].Absence = nil, netstat.Kernel
				}
			}
			s.Sockets = append(s.Sockets, part...)
		}
		return s
	}
	if g := gauge(t, gaugesOf(parts(netstat.Established, true), linuxRules), GaugeTCPPorts); !strings.HasPrefix(g.Sentence, "28230 of the 28232 ports that the system hands out are in use, the most by worker0 (9410). ") {
		t.Error(g.Sentence)
	}
	if g := gauge(t, gaugesOf(parts(netstat.TimeWait, false), linuxRules), GaugeTimeWait); !strings.HasPrefix(g.Sentence, "28230 closed connections keep 99 % of the ports that the system hands out, the most to 10.9.9.0:80 (9410). ") {
		t.Error(g.Sentence)
	}
}

// TestPortsAreCountedOnce: several sockets may share a port, of one app too; it is one port that they use up.
func TestPortsAreCountedOnce(t *testing.T) {
	count := linuxRange.Count()
	s := &netstat.Snapshot{Sockets: spread(3*count, "crawler", 200)}
	if g := gauge(t, gaugesOf(s, linuxRules), GaugeTCPPorts); !strings.Contains(g.Sentence, "28232 of the 28232 ports that the system hands out are in use, most of them by crawler (28232).") ||
		!strings.Contains(fmt.Sprint(g.Figures), "{crawler 28232}") {
		t.Errorf("%+v", g)
	}
	// Who has many sockets on one port uses up less than who has some on as many ports.
	one := spread(20_000, "server", 200)
	for i := range one {
		one[i].Local = netip.AddrPortFrom(one[i].Local.Addr(), linuxRange.Last)
	}
	s = &netstat.Snapshot{Sockets: append(one, spread(count*2/3, "crawler", 200)...)}
	if g := gauge(t, gaugesOf(s, linuxRules), GaugeTCPPorts); g.Key != appKey("crawler") || !strings.Contains(fmt.Sprint(g.Figures), "{crawler 18821} {server 1}") {
		t.Errorf("%+v", g)
	}
	// A listener for IPv4 and one for IPv6 are two sockets.
	s = &netstat.Snapshot{}
	for i := range count {
		for _, address := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
			s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(len(s.Sockets) + 1), Protocol: netstat.TCP, State: netstat.Listen,
				Owners: held(someone(9, "farm", "farm", "alice")), Local: netip.AddrPortFrom(address, linuxRange.First+uint16(i))})
		}
	}
	if g := gauge(t, gaugesOf(s, linuxRules), GaugeTCPPorts); !strings.HasPrefix(g.Sentence, "Programs listen on 28232 of the 28232 ports that the system hands out, most of them farm (28232);") {
		t.Errorf("%+v", g)
	}
}

// TestRemedies: what to do fits to what uses up the ports.
func TestRemedies(t *testing.T) {
	app, kernel, hidden := &holder{key: "x", name: "x", app: true}, &holder{key: kernelGroup}, &holder{key: hiddenGroup}
	for _, test := range []struct {
		h     *holder
		bound bool
		want  string
	}{
		{app, false, "Quit or restart x, or have it use its connections again."},
		{app, true, "Quit or restart x, or have it close what it does not need."},
		{kernel, false, "The kernel frees them by itself; who opens so many connections should keep them and use them again."},
		{kernel, true, "They are the kernel's own; an administrator can see what for."},
		{hidden, false, "An administrator can see who it is."},
		{hidden, true, "An administrator can see who it is."},
	} {
		if got := remedy(test.h, test.bound); got != test.want {
			t.Errorf("%s, %v: %s", test.h.key, test.bound, got)
		}
	}
	// Where not all of a range is listened on, but most of who has the most of it is, that is what to close.
	s := &netstat.Snapshot{}
	for i := range linuxRange.Count() * 2 / 3 {
		s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(i + 1), Protocol: netstat.TCP, State: netstat.Listen, Owners: held(someone(9, "farm", "farm", "alice")),
			Local: netip.AddrPortFrom(netip.IPv4Unspecified(), linuxRange.First+uint16(i))})
	}
	if g := gauge(t, gaugesOf(s, linuxRules), GaugeTCPPorts); g.Level != Yellow || !strings.HasSuffix(g.Sentence, "or have it close what it does not need.") {
		t.Errorf("%+v", g)
	}
}

// TestQueuesOfNobody: that nobody listens is known, unless some sockets cannot be seen.
func TestQueuesOfNobody(t *testing.T) {
	listener := netstat.Socket{ID: 1, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort("0.0.0.0:80")}
	for _, test := range []struct {
		name    string
		s       netstat.Snapshot
		known   bool
		figures string
	}{
		{"nobody", netstat.Snapshot{}, true, "[{listeners none}]"},
		{"nobody that can be seen", netstat.Snapshot{Hidden: netstat.Hidden{Sockets: 3}}, false, "[]"},
		{"one of which the limit is not known", netstat.Snapshot{Sockets: []netstat.Socket{listener}}, false, "[]"},
	} {
		if g := gauge(t, gaugesOf(&test.s, linuxRules), GaugeQueue); g.Known != test.known || g.Level != Green || fmt.Sprint(g.Figures) != test.figures {
			t.Errorf("%s: %+v", test.name, g)
		}
	}
}

// leaky tells a History of an app of which each step leaves some more connections in CLOSE_WAIT.
func leaky(steps ...int) (*netstat.Snapshot, *history.History) {
	past := remembered()
	by := held(someone(7, "server", "server", "alice"))
	var last netstat.Snapshot
	for step, n := range steps {
		now := netstat.Snapshot{Taken: start.Add(time.Duration(step) * history.Step)}
		for i := range n {
			now.Sockets = append(now.Sockets, netstat.Socket{ID: uint64(i + 1), Protocol: netstat.TCP, State: netstat.CloseWait, Owners: by,
				Local: addrPort("127.0.0.1:80"), Remote: netip.AddrPortFrom(netip.IPv6Loopback(), uint16(40000+i))})
		}
		u := monitor.Update{Snapshot: &now}
		if before := len(last.Sockets); n > before {
			u.Opened = now.Sockets[before:]
		} else {
			u.Closed = last.Sockets[n:]
		}
		past.Record(u)
		last = now
	}
	return &last, past
}

func TestCloseWaitGauge(t *testing.T) {
	repeat := func(n, times int) (all []int) {
		for range times {
			all = append(all, n)
		}
		return all
	}
	rising := func(from, by, times int) (all []int) {
		for i := range times {
			all = append(all, from+i*by)
		}
		return all
	}
	slow := func(from, every, times int) (all []int) {
		for i := range times {
			all = append(all, from+i/every)
		}
		return all
	}
	for _, test := range []struct {
		name  string
		steps []int
		level Level
		holds string
	}{
		{"a few", repeat(3, 20), Green, ""},
		{"some, for long", repeat(8, 20), Yellow, "for 2 min now"},
		{"many, for long", repeat(150, 20), Red, "for 2 min now"},
		{"many at once", append(repeat(0, 20), 150), Yellow, "If they stay"},
		{"it grows", rising(0, 2, 20), Red, "their number only grows"},
		{"it grows, but slowly from nothing", rising(0, 1, 4), Green, ""},
		{"one more each 90 s for ten minutes", slow(0, 9, 60), Red, "their number only grows"},
		{"one more each three minutes", slow(4, 18, 60), Red, "their number only grows"},
		{"it grew slowly, and stopped", append(slow(0, 6, 40), repeat(6, 20)...), Yellow, "for 2 min now"},
		{"it grew slowly, and fell once", append(append(slow(0, 6, 30), 1), slow(0, 6, 28)...), Green, ""},
		{"it comes and goes", []int{9, 20, 3, 30, 9, 20, 3, 30, 9, 20, 3, 30, 9, 20, 3, 30, 9, 20}, Green, ""},
		{"the record is too short", rising(10, 5, 5), Green, ""},
	} {
		s, past := leaky(test.steps...)
		g := gauge(t, Gauges(s, linuxRules, past, s.Taken, DefaultThresholds()), GaugeCloseWait)
		if g.Level != test.level || !strings.Contains(g.Sentence, test.holds) || g.Level > Green && !strings.HasPrefix(g.Sentence, "server has not closed") {
			t.Errorf("%s: %v, %q", test.name, g.Level, g.Sentence)
		}
		if g.Share != 1 || g.Key != appKey("server") {
			t.Errorf("%s: %+v", test.name, g)
		}
	}
	// As long a time as is remembered can be asked for.
	s, past := leaky(repeat(8, history.Steps+5)...)
	for _, leakTime := range []time.Duration{5 * time.Minute, history.Keep} {
		limits := DefaultThresholds()
		limits.LeakTime = leakTime
		g := gauge(t, Gauges(s, linuxRules, past, s.Taken, limits), GaugeCloseWait)
		if g.Level != Yellow || !strings.Contains(g.Sentence, fmt.Sprintf("for %v min now", leakTime.Minutes())) {
			t.Errorf("a leak time of %v: %v, %q", leakTime, g.Level, g.Sentence)
		}
		if figures := fmt.Sprint(g.Figures); !strings.Contains(figures, fmt.Sprintf("{yellow from 5 for %[1]v min} {red from 100 for %[1]v min} {red if they only grow, from 5}", leakTime.Minutes())) {
			t.Errorf("a leak time of %v: %s", leakTime, figures)
		}
	}
	// Without a past only what is too many in any case is said.
	s, _ = leaky(150)
	if g := gauge(t, gaugesOf(s, linuxRules), GaugeCloseWait); g.Level != Yellow {
		t.Errorf("without a past: %+v", g)
	}
	// Asked to wait for longer than the past is kept, it goes by what is kept.
	s, past = leaky(repeat(8, 62)...)
	for limit, minutes := range map[time.Duration]string{time.Hour: "10 min", -time.Hour: "0.167 min", 3 * time.Minute: "3 min"} {
		thresholds := DefaultThresholds()
		thresholds.LeakTime = limit
		if g := gauge(t, Gauges(s, linuxRules, past, s.Taken, thresholds), GaugeCloseWait); g.Level != Yellow || !strings.Contains(g.Sentence, "for "+minutes+" now") {
			t.Errorf("with %v: %+v", limit, g)
		}
	}
	// The clock may jump: that is no leak.
	s, past = leaky(rising(0, 2, 20)...)
	for _, jump := range []time.Duration{-time.Hour, 1000 * time.Hour} {
		g := gauge(t, Gauges(s, linuxRules, past, s.Taken.Add(jump), DefaultThresholds()), GaugeCloseWait)
		if jump < 0 && g.Level != Green {
			t.Errorf("after %v: %+v", jump, g)
		}
	}
}

func TestQueueGauge(t *testing.T) {
	by := held(someone(812, "node", "node", "alice"))
	listener := func(id uint64, port, queue, limit int) netstat.Socket {
		return netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Listen, Owners: by, Queue: uint32(queue), QueueLimit: uint32(limit),
			Local: netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port))}
	}
	for _, test := range []struct {
		name         string
		queue, limit int
		level        Level
		share        float64
		holds        string
	}{
		{"empty", 0, 128, Green, 0, ""},
		{"half", 64, 128, Green, 0.5, ""},
		{"nearly full", 100, 128, Yellow, 0.78, "node (PID 812) is slow to accept connections on TCP port 3000: 100 wait, and 128 may. With more, the system turns away who comes. If it stays so, restart it, or have it accept with more workers."},
		{"full", 128, 128, Red, 1, "node (PID 812) does not accept connections on TCP port 3000: 128 wait"},
		{"more than may", 129, 128, Red, 1, "129 wait, no more may"},
		{"not known", 5, 0, Green, 0, ""},
	} {
		s := &netstat.Snapshot{Sockets: []netstat.Socket{listener(1, 3000, test.queue, test.limit), listener(2, 4000, 0, 0)}}
		g := gauge(t, gaugesOf(s, linuxRules), GaugeQueue)
		if g.Level != test.level || g.Share < test.share-0.01 || g.Share > test.share+0.01 || !strings.Contains(g.Sentence, test.holds) || g.Known != (test.limit > 0) {
			t.Errorf("%s: %+v", test.name, g)
		}
		if g.Known && g.Key != (Key{Socket: 1, Process: by[0].Process.ID}) {
			t.Errorf("%s: %+v", test.name, g.Key)
		}
	}
	var many []netstat.Socket
	for i := range 20 {
		many = append(many, listener(uint64(i+1), 3000+i, 5, 5))
	}
	queues := 0
	for _, g := range gaugesOf(&netstat.Snapshot{Sockets: many}, linuxRules) {
		if g.ID == GaugeQueue {
			queues++
		}
	}
	if queues != mostGauges {
		t.Errorf("%d queues are shown", queues)
	}
}

// TestFiguresTellTheLimits: whatever a gauge is judged by is among its figures, as it was set.
func TestFiguresTellTheLimits(t *testing.T) {
	limits := Thresholds{PortsYellow: 0.3, PortsRed: 0.75, TimeWaitYellow: 0.2, TimeWaitRed: 0.65, CloseWait: 2, CloseWaitMany: 60,
		LeakTime: time.Minute, QueueYellow: 0.5, QueueRed: 0.9}
	s := &netstat.Snapshot{Sockets: spread(10_000, "worker", 1)}
	s.Sockets[0].State = netstat.CloseWait
	s.Sockets = append(s.Sockets, netstat.Socket{ID: 1 << 20, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort("0.0.0.0:80"), QueueLimit: 100})
	all := Gauges(s, linuxRules, nil, start, limits)
	for id, want := range map[GaugeID]string{
		GaugeTCPPorts: "{yellow from 30 %} {red from 75 % listened on}", GaugeUDPPorts: "{yellow from 30 %} {red from 75 %}",
		GaugeRemote: "{yellow from 30 %} {red from 75 %}", GaugeTimeWait: "{yellow from 20 %} {red from 65 % to one server}",
		GaugeCloseWait: "{yellow from 2 for 1 min} {red from 60 for 1 min} {red if they only grow, from 2}", GaugeQueue: "{yellow from 50 %} {red from 90 %}",
	} {
		if figures := fmt.Sprint(gauge(t, all, id).Figures); !strings.Contains(figures, want) {
			t.Errorf("%s: %s, want %s", id, figures, want)
		}
	}
	mac := port.Rules{Ephemeral: linuxRange}
	if figures := fmt.Sprint(gauge(t, Gauges(s, mac, nil, start, limits), GaugeTCPPorts).Figures); !strings.Contains(figures, "{red from 75 %}") || strings.Contains(figures, "listened on") {
		t.Errorf("where a port is nobody else's: %s", figures)
	}
}

// TestThresholds: each can be set.
func TestThresholds(t *testing.T) {
	s := lensSample()
	s.Sockets = append(s.Sockets, netstat.Socket{ID: 999, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort("0.0.0.0:80"), Queue: 1, QueueLimit: 100})
	limits := Thresholds{PortsRed: 0.0001, TimeWaitRed: 0.0001, CloseWaitMany: 1, QueueRed: 0.001}
	all := Gauges(s, linuxRules, nil, start, limits)
	for _, id := range []GaugeID{GaugeRemote, GaugeTimeWait, GaugeQueue} {
		if g := gauge(t, all, id); g.Level != Red || g.Sentence == "" {
			t.Errorf("%+v", g)
		}
	}
	if g := gauge(t, all, GaugeQueue); !strings.Contains(g.Sentence, "1 wait, and 100 may") { // it is Red, but not full
		t.Errorf("%+v", g)
	}
	all = Gauges(s, port.Rules{Ephemeral: linuxRange}, nil, start, limits)
	for _, id := range []GaugeID{GaugeTCPPorts, GaugeTimeWait, GaugeQueue} {
		if g := gauge(t, all, id); g.Level != Red || g.Sentence == "" {
			t.Errorf("%+v", g)
		}
	}
	if worst, matters := Worst(all); !matters || worst.ID != GaugeTCPPorts {
		t.Errorf("%+v", worst)
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", 0.5: "50 %", 0.999: "99 %", 1: "100 %"} {
		if got := percent(share); got != want {
			t.Errorf("%v: %s", share, got)
		}
	}
}
