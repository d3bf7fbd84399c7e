package table

import (
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

// TestPastOfAHundredThousand: as many in TIME_WAIT, recorded, folded and measured, take a bounded memory, and
// what is told of them is right.
func TestPastOfAHundredThousand(t *testing.T) {
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	s := &netstat.Snapshot{Taken: start.Add(3 * time.Second), Sockets: make([]netstat.Socket, 100_000)}
	for i := range s.Sockets {
		s.Sockets[i] = netstat.Socket{ID: uint64(i + 1), Protocol: netstat.TCP, State: netstat.TimeWait, UID: -1, Absence: netstat.Kernel,
			Local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i >> 15)}), uint16(32768+i%28000)),
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 443)}
	}
	before := heap()
	past := remembered()
	past.Record(monitor.Update{Snapshot: &netstat.Snapshot{Taken: start}})
	past.Record(monitor.Update{Snapshot: s, Opened: s.Sockets})
	l := LensOf(s, View{}, linuxRules, past, s.Taken)
	gauges := Gauges(s, linuxRules, past, s.Taken, DefaultThresholds())
	if used := heap() - before; used > 8 {
		t.Errorf("%.1f MB", used)
	}
	if f := l.Rows[0].Flow; len(l.Rows) != 1 || f.Now != 100_000 || f.Opened != 100_000 || !f.Least {
		t.Errorf("%d rows, %+v", len(l.Rows), f)
	}
	if g := gauge(t, gauges, GaugeTimeWait); g.Level != Yellow || g.Share < 0.9 || !strings.HasPrefix(g.Sentence, "100000 closed connections keep ") {
		t.Errorf("%+v", g)
	}
	runtime.KeepAlive(past)
}

// TestLensOfAHundredThousand: connections in TIME_WAIT, and those of one app to as many ports as there
// are, are counted right, in a few rows.
func TestLensOfAHundredThousand(t *testing.T) {
	s := &netstat.Snapshot{Taken: start}
	for i := range 100_000 {
		s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(i + 1), Protocol: netstat.TCP, State: netstat.TimeWait, UID: -1, Absence: netstat.Kernel,
			Local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i >> 15)}), uint16(32768+i%28000)),
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 443)})
	}
	by := held(someone(7, "torrent", "torrent", "alice"))
	for i := range 10_000 {
		s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(200_000 + i), Protocol: netstat.TCP, State: netstat.Established, Owners: by,
			Local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), uint16(32768+i)),
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 2, byte(i >> 8), byte(i)}), uint16(1000+i))})
	}
	l := LensOf(s, View{}, linuxRules, nil, start)
	if len(l.Rows) != 2 || l.Waiting != 100_000 || l.Connections != 10_000 {
		t.Fatalf("%d rows, %d waiting, %d connections", len(l.Rows), l.Waiting, l.Connections)
	}
	if f := l.Rows[0].Flow; f.Services != 10_000 || len(f.Remotes) != mostRemotes || f.RemotesText() != "1000 to 1 address, 1001 to 1 address, 1002 to 1 address, 9997 more" {
		t.Errorf("%d services: %s", f.Services, f.RemotesText())
	}
	if f := l.Rows[1].Flow; f.Services != 1 || f.Remotes[0].Addresses != 65_536 || f.Remotes[0].Connections != 100_000 {
		t.Errorf("%+v", f.Remotes)
	}
	open := map[Key]bool{l.Rows[0].Key: true}
	if l = LensOf(s, View{Open: open}, linuxRules, nil, start); len(l.Rows) != 10_002 {
		t.Errorf("%d rows when the app is open", len(l.Rows))
	}
}
