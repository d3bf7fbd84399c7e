package netstat

import (
	"bytes"
	"encoding/binary"
	"fmt"
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

// TestReadReusedLastUser: the process that used port 80 last had ended when the socket was first seen; whoever has
// its number later is somebody else. Another socket with the same handle is not taken for the one before.
func TestReadReusedLastUser(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	s := newScanner(m, m)
	p := m.process(88001)
	p.Zombie = true
	if dead := at(t, readScenario(t, s), 80); len(dead.Owners) != 0 || dead.Absence != Concealed {
		t.Fatalf("a process that has ended: %+v", dead)
	}
	now := time.Now().Add(time.Hour)
	s.now = func() time.Time { return now }
	p.Zombie, p.UniqueID, p.StartSec = false, p.UniqueID+1, now.Add(-time.Minute).Unix()
	if reused := at(t, readScenario(t, s), 80); len(reused.Owners) != 0 || reused.Absence != Concealed {
		t.Errorf("a process that began after the socket was seen: %+v", reused)
	}
	table := bytes.Clone(tableFixture(t, "scenario_dev/tcp.bin"))
	for i := 24; i < len(table)-24; i++ { // the group of port 80 becomes another socket's
		if binary.LittleEndian.Uint32(table[i:]) == 104 && binary.LittleEndian.Uint32(table[i+4:]) == kindInpcb && binary.BigEndian.Uint16(table[i+18:]) == 80 {
			binary.LittleEndian.PutUint64(table[i+28:], 987654)
		}
	}
	m.swap["sysctl net.inet.tcp.pcblist_n"] = table
	if other := at(t, readScenario(t, s), 80); len(other.Owners) != 1 || other.Owners[0].Process.PID != 88001 {
		t.Errorf("a new socket at the same place, of a process that is older: %+v", other)
	}
}

// TestReadPartialTable: a table without an end is no error, but what it lacks is told, with a reason.
func TestReadPartialTable(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	table := tableFixture(t, "scenario_dev/tcp.bin")
	m.swap["sysctl net.inet.tcp.pcblist_n"] = table[:len(table)-24]
	s := readScenario(t, newScanner(m, m))
	if len(s.Sockets) != len(m.Sockets) || !strings.Contains(s.Hidden.Reason, "stops before its end") {
		t.Errorf("%d sockets, want %d; hidden %+v", len(s.Sockets), len(m.Sockets), s.Hidden)
	}
}

// TestReadQuietMac: an empty table, one in which a few are dying, and one in which everything is ours hide nothing.
func TestReadQuietMac(t *testing.T) {
	empty := tableFixture(t, "tcp_empty.bin")
	dying := bytes.Clone(slices.Concat(empty[:24], empty[:24]))
	binary.LittleEndian.PutUint32(dying[4:], 5)
	for _, table := range [][]byte{empty, dying} {
		m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
		m.swap["sysctl net.inet.tcp.pcblist_n"], m.swap["sysctl net.inet.udp.pcblist_n"] = table, table
		for call := range m.Calls { // nobody has a socket
			if strings.HasPrefix(call, "listfds ") && m.fail[call] == nil {
				m.swap[call] = []byte{}
			}
		}
		s := readScenario(t, newScanner(m, m))
		if len(s.Sockets) != 0 || s.Hidden.Sockets != 0 || s.Hidden.Reason != "" {
			t.Errorf("%d sockets, hidden %+v", len(s.Sockets), s.Hidden)
		}
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
		if decoded, err := decodePCBList(nil, table, TCP); err != nil || decoded.status != tableOK {
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
	table, err := decodePCBList(nil, before, TCP)
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

// asRoot makes the user of the fake Mac root, who may look into all processes; those of other users have no descriptors.
func asRoot(m *fakeMac) {
	m.MyUID = 0
	var pids []byte
	for i := range m.Processes {
		p := &m.Processes[i]
		if p.EUID != 501 {
			m.swap[fmt.Sprint("listfds ", p.PID)] = []byte{}
		}
		pids = binary.LittleEndian.AppendUint32(pids, uint32(p.PID))
	}
	m.swap["proc_listpids ALL"] = pids
}

// TestReadAsRoot: who may look into every process knows that nobody holds what none of them holds, and is
// not told to become an administrator.
func TestReadAsRoot(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	asRoot(m)
	s := readScenario(t, newScanner(m, m))
	if s.Hidden != (Hidden{}) {
		t.Errorf("hidden %+v, want nothing", s.Hidden)
	}
	if http := at(t, s, 80); len(http.Owners) != 0 || http.Absence != Kernel {
		t.Errorf("nobody holds port 80: %+v", http)
	}
	if ssh := at(t, s, 22); len(ssh.Owners) != 1 || ssh.Owners[0].By != ByLaunchd {
		t.Errorf("launchd keeps port 22 where descriptors do not show: %+v", ssh)
	}
	m.swap["listfds 302"] = map[string]any{"errno": "EPERM"}
	if s := readScenario(t, newScanner(m, m)); s.Hidden.Processes != 1 || s.Hidden.Owners == 0 || s.Hidden.Reason == "" {
		t.Errorf("hidden %+v, want one process, and owners that it may be", s.Hidden)
	}
}

// TestReadWithoutProcessTable: when other users' processes cannot even be counted, they are still there.
func TestReadWithoutProcessTable(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	m.fail["sysctl kern.proc.all"] = syscall.EPERM
	s := readScenario(t, newScanner(m, m))
	if http := at(t, s, 80); len(http.Owners) != 1 || http.Owners[0].By != ByLastUse {
		t.Errorf("%+v", http)
	}
	if s.Hidden.Owners == 0 || s.Hidden.Reason != reasonOwners {
		t.Errorf("hidden %+v", s.Hidden)
	}
}
