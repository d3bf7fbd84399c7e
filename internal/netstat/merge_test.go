package netstat

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func readScenario(t *testing.T, s *scanner) *Snapshot {
	t.Helper()
	snapshot, err := s.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func tableFixture(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(ownFixtures, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// at finds the one socket that listens on a port.
func at(t *testing.T, s *Snapshot, port uint16) *Socket {
	t.Helper()
	i := slices.IndexFunc(s.Sockets, func(s Socket) bool { return s.State == Listen && s.Local.Port() == port })
	if i < 0 {
		t.Fatalf("nothing listens on %d", port)
	}
	return &s.Sockets[i]
}

// TestReadLastUser: who used a socket last is a hint as long as that process lives, and is the same that
// it was when the socket was seen first. Port 80 is root's, used last by 88001.
func TestReadLastUser(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	s := newScanner(m, m)
	first := at(t, readScenario(t, s), 80)
	if len(first.Owners) != 1 || first.Owners[0].By != ByLastUse || first.Owners[0].Process.PID != 88001 {
		t.Fatalf("%+v", first)
	}
	p := m.process(88001)
	p.UniqueID, p.StartSec = p.UniqueID+1, time.Now().Add(time.Minute).Unix()
	if again := at(t, readScenario(t, s), 80); len(again.Owners) != 0 || again.Absence != Concealed || again.UID != 0 {
		t.Errorf("a process that began after the socket: %+v", again)
	}
	p.StartSec, p.Zombie = 1, true
	if dead := at(t, readScenario(t, s), 80); len(dead.Owners) != 0 || dead.Absence != Concealed {
		t.Errorf("a process that has ended: %+v", dead)
	}
}

// TestReadZones: a link-local address has the name of its interface, whose number the kernel hides in the address.
func TestReadZones(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	m.swap["sysctl net.inet.tcp.pcblist_n"] = tableFixture(t, "tcp_basic.bin")
	var want wantTable
	readFixture(t, filepath.Join(ownFixtures, "tcp_basic.bin"), &want)
	snapshot := readScenario(t, newScanner(m, m))
	zones := 0
	for _, w := range want.Sockets {
		if w.LocalScope == 0 {
			continue
		}
		zones++
		if !slices.ContainsFunc(snapshot.Sockets, func(s Socket) bool {
			return s.Local.Port() == w.LocalPort && s.Local.Addr().String() == w.LocalIP+"%"+m.interfaceName(uint32(w.LocalScope))
		}) {
			t.Errorf("no socket on %s with the zone of interface %d", w.LocalIP, w.LocalScope)
		}
	}
	if zones == 0 {
		t.Error("the fixture has no link-local socket")
	}
}

// TestReadSmallFilteredTable: with fewer than eight sockets the numbers do not tell that macOS hides some; that
// the table has nobody's but our own, and others are found in descriptors, does.
func TestReadSmallFilteredTable(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev_macos27"))
	for _, name := range []string{"tcp", "udp"} {
		table := bytes.Clone(tableFixture(t, "scenario_dev_macos27/"+name+".bin"))
		binary.LittleEndian.PutUint32(table[4:], 7)
		if decoded, err := decodePCBList(table, TCP); err != nil || decoded.status != tableOK {
			t.Fatalf("%s: status %v, %v", name, decoded.status, err)
		}
		m.swap["sysctl net.inet."+name+".pcblist_n"] = table
	}
	if s := readScenario(t, newScanner(m, m)); !strings.Contains(s.Hidden.Reason, reasonFiltered) {
		t.Errorf("hidden %+v", s.Hidden)
	}
}

// TestReadJoinsByPCB: where the handles of the two sources do not agree, the PCB's generation and the addresses do.
func TestReadJoinsByPCB(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	for call := range m.Calls {
		if strings.HasPrefix(call, "socketinfo ") {
			info, err := m.answer(call)
			if err != nil {
				t.Fatal(err)
			}
			info = bytes.Clone(info)
			binary.LittleEndian.PutUint64(info[160:], binary.LittleEndian.Uint64(info[160:])^0xabcdef)
			m.swap[call] = info
		}
	}
	checkScenario(t, &m.scenario, m.interfaceName, readScenario(t, newScanner(m, m)))
}

// TestReadSkipsNothingSilently: a record of an unknown kind is counted, and the reason says so.
func TestReadSkipsNothingSilently(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	table := tableFixture(t, "scenario_dev/tcp.bin")
	record := make([]byte, 32)
	binary.LittleEndian.PutUint32(record, 32)
	binary.LittleEndian.PutUint32(record[4:], 0x8000)
	m.swap["sysctl net.inet.tcp.pcblist_n"] = slices.Concat(table[:24], record, table[24:])
	s := readScenario(t, newScanner(m, m))
	if s.Hidden.Skipped != 1 || !strings.Contains(s.Hidden.Reason, "kind") || len(s.Sockets) != len(m.Sockets) {
		t.Errorf("%d sockets, hidden %+v", len(s.Sockets), s.Hidden)
	}
}

// TestReadDropsWhatCloses: port 4000 is closed after the table was read, and before its process was looked into.
func TestReadDropsWhatCloses(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	before := tableFixture(t, "scenario_dev/tcp.bin")
	table, err := decodePCBList(before, TCP)
	if err != nil {
		t.Fatal(err)
	}
	gone := slices.IndexFunc(table.sockets, func(b pcb) bool { return b.localPort == 4000 })
	size := (len(before) - 48) / len(table.sockets)
	after := slices.Concat(before[:24+gone*size], before[24+(gone+1)*size:])
	m.fail["socketinfo 51990 9"] = syscall.EBADF
	m.calls = func(call string, n int) { // the table is asked for its size, and read
		if call == "sysctl net.inet.tcp.pcblist_n" && n == 2 {
			m.swap[call] = after
		}
	}
	s := readScenario(t, newScanner(m, m))
	if slices.ContainsFunc(s.Sockets, func(s Socket) bool { return s.Local.Port() == 4000 }) || len(s.Sockets) != len(m.Sockets)-1 {
		t.Errorf("%d sockets, and port 4000 is perhaps among them; want %d", len(s.Sockets), len(m.Sockets)-1)
	}
}
