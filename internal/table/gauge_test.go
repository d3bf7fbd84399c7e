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

func gaugesOf(s *netstat.Snapshot, f Facts) []Gauge {
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
		for _, g := range gaugesOf(s, linuxFacts) {
			if g.Level != Green || g.Sentence != "" || g.Name == "" || g.Topic == "" || g.Share < 0 || g.Share > 1 {
				t.Errorf("%+v", g)
			}
		}
		if _, matters := Worst(gaugesOf(s, linuxFacts)); matters {
			t.Error("something matters")
		}
	}
	if Gauges(nil, linuxFacts, nil, start, DefaultThresholds()) != nil {
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
		{"all to one end", count, 1, Red, 1, Red},
		{"each port twice, to two ends", 2 * count, 2, Red, 1, Red},
	} {
		gauges := gaugesOf(&netstat.Snapshot{Sockets: spread(test.n, "crawler", test.ends)}, linuxFacts)
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
				if !strings.Contains(g.Sentence, "10.1.0.0:5432") {
					t.Errorf("%s: %q", test.name, g.Sentence)
				}
			}
		}
		if remote != test.remote {
			t.Errorf("%s: to one end %v, want %v", test.name, remote, test.remote)
		}
	}
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
		{"none", port.Range{}, false, 0},
		{"first above last", port.Range{First: 60999, Last: 32768}, false, 0},
		{"one port, in use", port.Range{First: 32768, Last: 32768}, true, 1},
		{"one port, free", port.Range{First: 60999, Last: 60999}, true, 0},
		{"all ports", port.Range{First: 1, Last: 65535}, true, 3.0 / 65535},
	} {
		gauges := gaugesOf(s, Facts{Ephemeral: test.r})
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
	for n, want := range map[int]Level{1000: Green, 14_000: Yellow, 25_000: Red, 100_000: Red} {
		g := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: waiting(n)}, linuxFacts), GaugeTimeWait)
		if g.Level != want || g.Share > 1 {
			t.Errorf("%d: %+v", n, g)
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
	if g := gauge(t, gaugesOf(&netstat.Snapshot{Sockets: served}, linuxFacts), GaugeTimeWait); g.Level != Green || g.Share != 0 || g.Figures[0].Value != "100000" {
		t.Errorf("a server's: %+v", g)
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
		g := gauge(t, Gauges(s, linuxFacts, past, s.Taken, DefaultThresholds()), GaugeCloseWait)
		if g.Level != test.level || !strings.Contains(g.Sentence, test.holds) || g.Level > Green && !strings.HasPrefix(g.Sentence, "server has not closed") {
			t.Errorf("%s: %v, %q", test.name, g.Level, g.Sentence)
		}
		if g.Share != 1 || g.Key != appKey("server") {
			t.Errorf("%s: %+v", test.name, g)
		}
	}
	// Without a past only what is too many in any case is said.
	s, _ := leaky(150)
	if g := gauge(t, gaugesOf(s, linuxFacts), GaugeCloseWait); g.Level != Yellow {
		t.Errorf("without a past: %+v", g)
	}
	// Asked to wait for longer than the past is kept, it goes by what is kept.
	s, past := leaky(repeat(8, 62)...)
	for limit, minutes := range map[time.Duration]string{time.Hour: "9.83 min", -time.Hour: "0.167 min", 3 * time.Minute: "3 min"} {
		thresholds := DefaultThresholds()
		thresholds.LeakTime = limit
		if g := gauge(t, Gauges(s, linuxFacts, past, s.Taken, thresholds), GaugeCloseWait); g.Level != Yellow || !strings.Contains(g.Sentence, "for "+minutes+" now") {
			t.Errorf("with %v: %+v", limit, g)
		}
	}
	// The clock may jump: that is no leak.
	s, past = leaky(rising(0, 2, 20)...)
	for _, jump := range []time.Duration{-time.Hour, 1000 * time.Hour} {
		g := gauge(t, Gauges(s, linuxFacts, past, s.Taken.Add(jump), DefaultThresholds()), GaugeCloseWait)
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
		{"nearly full", 100, 128, Yellow, 0.78, "node (PID 812) is slow to accept connections on TCP port 3000: 100 wait, and 128 may."},
		{"full", 128, 128, Red, 1, "node (PID 812) does not accept connections on TCP port 3000: 128 wait"},
		{"one more, as Linux lets", 129, 128, Red, 1, "129 wait"},
		{"not known", 5, 0, Green, 0, ""},
	} {
		s := &netstat.Snapshot{Sockets: []netstat.Socket{listener(1, 3000, test.queue, test.limit), listener(2, 4000, 0, 0)}}
		g := gauge(t, gaugesOf(s, linuxFacts), GaugeQueue)
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
	for _, g := range gaugesOf(&netstat.Snapshot{Sockets: many}, linuxFacts) {
		if g.ID == GaugeQueue {
			queues++
		}
	}
	if queues != mostGauges {
		t.Errorf("%d queues are shown", queues)
	}
}

// TestThresholds: each can be set.
func TestThresholds(t *testing.T) {
	s := lensSample()
	s.Sockets = append(s.Sockets, netstat.Socket{ID: 999, Protocol: netstat.TCP, State: netstat.Listen, Local: addrPort("0.0.0.0:80"), Queue: 1, QueueLimit: 100})
	all := Gauges(s, linuxFacts, nil, start, Thresholds{PortsRed: 0.0001, TimeWaitRed: 0.0001, CloseWaitMany: 1, QueueRed: 0.001})
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
