package netstat

import (
	"slices"
	"testing"
)

// fullMac is a Mac on which everything was asked for once, and the slices are spread.
func fullMac(t testing.TB, filtered bool) (*crowdedMac, *scanner) {
	t.Helper()
	m := newCrowdedMac()
	m.filtered = filtered
	m.crowd(100, 20, 20)
	s := newScanner(m, m)
	for range 2 * rereadEvery {
		if _, err := s.read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	m.forget()
	return m, s
}

// TestWalkUnchanged: a refresh in which nothing changes lists the descriptors of every process, and asks for a slice of
// them; for all of them within the bound.
func TestWalkUnchanged(t *testing.T) {
	m, s := fullMac(t, false)
	most := 0
	for range rereadEvery {
		before := m.infos()
		m.checkAll(t, readScenario(t, s))
		most = max(most, m.infos()-before)
	}
	if bound := 4000/rereadEvery + 100; most > bound {
		t.Errorf("a refresh asked for %d of 4000 descriptors, want at most %d", most, bound)
	}
	if m.uniques != 0 || m.lists != rereadEvery*len(m.processes) || m.tables != 3*rereadEvery {
		t.Errorf("%d unique ids, %d lists and %d tables in %d refreshes, want 0, %d and %d", m.uniques, m.lists, m.tables,
			rereadEvery, rereadEvery*len(m.processes), 3*rereadEvery)
	}
	if len(m.asked) != 4000 {
		t.Errorf("%d of 4000 descriptors were asked for in %d refreshes, want all", len(m.asked), rereadEvery)
	}
}

// TestWalkSmall: where there is little to ask, nothing old is believed.
func TestWalkSmall(t *testing.T) {
	m := newCrowdedMac()
	m.crowd(3, 5, 5)
	s := newScanner(m, m)
	a, b := m.processes[1000], m.processes[1001]
	readScenario(t, s)
	a.fds[3], b.fds[4] = b.fds[3], a.fds[4]
	m.checkAll(t, readScenario(t, s))
}

// TestWalkNewSocketAtOldNumber: a descriptor is closed and its number given to a new socket, while another process keeps the
// old one: it is right in the same refresh, whoever used the new one last, and only that process is asked if it did.
func TestWalkNewSocketAtOldNumber(t *testing.T) {
	for last, most := range map[int32]int{1000: 4000/rereadEvery + 200, 1001: 4000 + 200, 1: 4000 + 200} {
		m, s := fullMac(t, false)
		a, b := m.processes[1000], m.processes[1050]
		old, now := a.fds[3], m.socket(1000)
		a.fds[3], b.fds[60], now.last = now, old, last
		snapshot := readScenario(t, s)
		m.checkAll(t, snapshot)
		if pids := holdersIn(snapshot, now); !slices.Equal(pids, []int{1000}) {
			t.Errorf("last used by %d: the new socket belongs to %v, want 1000", last, pids)
		}
		if n := m.infos(); n > most {
			t.Errorf("last used by %d: asked for %d descriptors, want at most %d", last, n, most)
		}
	}
}

// TestWalkClosedAtOldNumber: its socket has gone from the table, so the number is asked for at once.
func TestWalkClosedAtOldNumber(t *testing.T) {
	m, s := fullMac(t, false)
	a := m.processes[1000]
	m.close(a.fds[3])
	a.fds[3] = m.processes[1001].fds[3] // passed on
	m.checkAll(t, readScenario(t, s))
}

// TestWalkPassedSocket: a number is given to a socket that another process holds too, and its own is kept by another:
// nothing tells, and it is noticed within the bound.
func TestWalkPassedSocket(t *testing.T) {
	m, s := fullMac(t, false)
	a, b := m.processes[1000], m.processes[1001]
	a.fds[3], a.fds[30], b.fds[3] = b.fds[4], b.fds[5], a.fds[3]
	for range rereadEvery - 1 {
		readScenario(t, s)
	}
	m.checkAll(t, readScenario(t, s))
}

// TestWalkInVain: what nobody holds is looked for once.
func TestWalkInVain(t *testing.T) {
	m, s := fullMac(t, false)
	lost := m.socket(1000)
	if pids := m.holders(t, s, lost); len(pids) != 0 || pids == nil {
		t.Fatalf("held by %v, want to be listed without a holder", pids)
	}
	if m.infos() < 4000 {
		t.Errorf("asked for %d descriptors, want all", m.infos())
	}
	m.forget()
	if pids := m.holders(t, s, lost); len(pids) != 0 || m.infos() > 4000/rereadEvery+100 || m.tables != 3 {
		t.Errorf("held by %v; asked for %d descriptors and %d tables once more", pids, m.infos(), m.tables)
	}
	m.processes[1007].fds[77] = lost // it was on its way to another process
	m.checkAll(t, readScenario(t, s))
}

// TestWalkOtherUsers: a socket of another user that nobody of ours holds is not looked for in all our processes.
func TestWalkOtherUsers(t *testing.T) {
	m, s := fullMac(t, false)
	m.start(7, crowdOther)
	m.socket(7)
	m.checkAll(t, readScenario(t, s))
	if n := m.infos(); n > 4000/rereadEvery+100 {
		t.Errorf("asked for %d descriptors", n)
	}
}

// TestWalkReusedPID: a process has the PID, the numbers and the sockets' places of one that ended. Whether that is seen by
// the time it was started or, where the processes may not be listed, by the unique id.
func TestWalkReusedPID(t *testing.T) {
	for _, refused := range []bool{false, true} {
		m, s := fullMac(t, false)
		if m.noCensus = refused; refused {
			readScenario(t, s)
		}
		old := m.processes[1000]
		p := m.start(1000, crowdUser)
		for fd := range old.fds {
			p.fds[fd] = m.unix()
		}
		m.processes[1001].fds[50] = old.fds[3] // inherited
		m.checkAll(t, readScenario(t, s))
		if refused && m.uniques < 2*len(m.processes) {
			t.Errorf("%d unique ids were asked for in two refreshes", m.uniques)
		}
		if !refused && m.uniques != 1 {
			t.Errorf("%d unique ids were asked for, want that of the new process", m.uniques)
		}
	}
}

// TestWalkEndedProcess: it is forgotten with its answers.
func TestWalkEndedProcess(t *testing.T) {
	m, s := fullMac(t, false)
	for _, x := range m.processes[1000].fds {
		m.close(x)
	}
	delete(m.processes, 1000)
	m.checkAll(t, readScenario(t, s))
	if len(s.walker.known) != len(m.processes) {
		t.Errorf("%d processes are known, want %d", len(s.walker.known), len(m.processes))
	}
}

// TestWalkWithoutTable: on macOS 27 nothing but the descriptors tells what is true. Every one of TCP and UDP is asked for in every
// refresh, the rest within the bound.
func TestWalkWithoutTable(t *testing.T) {
	m, s := fullMac(t, true)
	most := 0
	for range unvouchedEvery {
		before := m.infos()
		m.checkAll(t, readScenario(t, s))
		most = max(most, m.infos()-before)
	}
	if bound := 2000 + 2000/unvouchedEvery + 100; most > bound {
		t.Errorf("a refresh asked for %d descriptors, want at most %d", most, bound)
	}
	if len(m.asked) != 4000 {
		t.Errorf("%d of 4000 descriptors were asked for in %d refreshes, want all", len(m.asked), unvouchedEvery)
	}
	a, b := m.processes[1000], m.processes[1001]
	a.fds[3], b.fds[4].state = m.socket(1000), 5 // the number stays and the socket is another; the other end has closed
	snapshot := readScenario(t, s)
	m.checkAll(t, snapshot)
	if i := slices.IndexFunc(snapshot.Sockets, func(x Socket) bool { return x.ID == b.fds[4].id }); snapshot.Sockets[i].State != CloseWait {
		t.Errorf("state %v, want %v", snapshot.Sockets[i].State, CloseWait)
	}
	a.fds[23] = m.socket(1000) // was a Unix socket
	for range unvouchedEvery - 1 {
		readScenario(t, s)
	}
	m.checkAll(t, readScenario(t, s))
	a.fds[24] = m.socket(1000) // likewise, but another number has gone
	delete(a.fds, 25)
	m.checkAll(t, readScenario(t, s))
}

// BenchmarkWalkUnchanged: a refresh in which nothing changes, on a Mac whose calls cost nothing, and how many there are.
func BenchmarkWalkUnchanged(b *testing.B) {
	for _, kind := range []struct {
		name     string
		filtered bool
	}{{"table", false}, {"macOS27", true}} {
		b.Run(kind.name, func(b *testing.B) {
			m, s := fullMac(b, kind.filtered)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(m.infos())/float64(b.N), "infos/op")
			b.ReportMetric(float64(m.lists)/float64(b.N), "lists/op")
			b.ReportMetric(float64(m.uniques)/float64(b.N), "uniqueids/op")
			b.ReportMetric(float64(m.tables)/float64(b.N), "sysctls/op")
		})
	}
}
