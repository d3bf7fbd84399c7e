package netstat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"portolan/internal/process"
)

// scenario is one fake Mac: what every call answers, and the truth.
type scenario struct {
	Description string                `json:"description"`
	SelfPID     int                   `json:"self_pid"`
	MyUID       int                   `json:"my_uid"`
	Layout      string                `json:"layout"`
	Filtered    bool                  `json:"pcblist_filtered"`
	Calls       map[string]any        `json:"calls"`
	Processes   []wantScenarioProcess `json:"processes"`
	Sockets     []wantSocket          `json:"sockets"`
}

type wantScenarioProcess struct {
	PID         int      `json:"pid"`
	PPID        int      `json:"ppid"`
	PGID        int      `json:"pgid"`
	EUID        int      `json:"euid"`
	RUID        int      `json:"ruid"`
	Comm        string   `json:"comm"`
	Stat        int      `json:"stat"`
	Zombie      bool     `json:"zombie"`
	StartSec    int64    `json:"start_sec"`
	StartUsec   int64    `json:"start_usec"`
	Path        *string  `json:"path"`
	Argv        []string `json:"argv"`
	UniqueID    uint64   `json:"unique_id"`
	IDVersion   uint32   `json:"id_version"`
	Own         bool     `json:"own"`
	App         *string  `json:"app"`
	Responsible int      `json:"responsible"`
}

func (m *scenario) process(pid int) *wantScenarioProcess {
	for i := range m.Processes {
		if m.Processes[i].PID == pid {
			return &m.Processes[i]
		}
	}
	return nil
}

// fakeMac answers the reader's calls from a scenario's folder.
type fakeMac struct {
	t *testing.T
	scenario
	dir   string
	asked map[string]int // how often each call was made
	swap  map[string]any // answers that a test has changed
	fail  map[string]error
	calls func(call string, n int) // told of each call's n-th answer, after it was found; may be nil
}

func openScenario(t *testing.T, name string) *fakeMac {
	t.Helper()
	m := &fakeMac{t: t, dir: name, asked: map[string]int{}, swap: map[string]any{}, fail: map[string]error{}}
	readJSON(t, filepath.Join(name, "scenario.json"), &m.scenario)
	return m
}

var scenarioErrnos = map[string]syscall.Errno{"EPERM": syscall.EPERM, "ESRCH": syscall.ESRCH, "EINVAL": syscall.EINVAL, "EBADF": syscall.EBADF,
	"ENOTSOCK": syscall.ENOTSOCK, "ENOENT": syscall.ENOENT, "EACCES": syscall.EACCES, "ENOMEM": syscall.ENOMEM}

// answer finds what a call returns: a file's bytes, or an errno.
func (m *fakeMac) answer(call string) ([]byte, error) {
	m.asked[call]++
	if m.calls != nil {
		defer func() { m.calls(call, m.asked[call]) }()
	}
	if err := m.fail[call]; err != nil {
		return nil, err
	}
	answer, ok := m.swap[call]
	if !ok {
		answer = m.Calls[call]
	}
	switch a := answer.(type) {
	case []byte:
		return a, nil
	case string:
		data, err := os.ReadFile(filepath.Join(m.dir, a))
		if err != nil {
			m.t.Error(err)
		}
		return data, err
	case map[string]any:
		errno, ok := scenarioErrnos[fmt.Sprint(a["errno"])]
		if !ok {
			m.t.Errorf("%s: unknown answer %v", call, a)
		}
		return nil, errno
	}
	return nil, syscall.ESRCH
}

func (m *fakeMac) sysctl(name string, room []byte) (int, error) {
	data, err := m.answer("sysctl " + name)
	if err != nil {
		return 0, err
	}
	if len(room) == 0 {
		return len(data) + len(data)/8, nil
	}
	if len(room) < len(data) {
		return copy(room, data), syscall.ENOMEM
	}
	return copy(room, data), nil
}

func (m *fakeMac) procInfo(call, pid int, flavor uint32, arg uint64, room []byte) (int, error) {
	var data []byte
	var err error
	switch {
	case call == procListPIDs && pid == listAllPIDs:
		data, err = m.answer("proc_listpids ALL")
	case call == procListPIDs && pid == listUIDOnly && m.fail["proc_listpids UID"] != nil:
		err = m.fail["proc_listpids UID"]
	case call == procListPIDs && pid == listUIDOnly:
		for _, p := range m.Processes {
			if p.EUID == int(flavor) {
				data = append(data, byte(p.PID), byte(p.PID>>8), byte(p.PID>>16), byte(p.PID>>24))
			}
		}
	case call == procPIDInfo && flavor == pidListFDs:
		data, err = m.answer(fmt.Sprintf("listfds %d", pid))
	case call == procPIDInfo && flavor == pidUniqueID:
		data, err = m.answer(fmt.Sprintf("uniqid %d", pid))
	case call == procPIDFDInfo && flavor == fdSocketInfo:
		data, err = m.answer(fmt.Sprintf("socketinfo %d %d", pid, arg))
	default:
		m.t.Errorf("unexpected call %d flavor %d", call, flavor)
	}
	if err != nil {
		return 0, err
	}
	if room == nil {
		return len(data) + listRoom*sizeFDInfo, nil
	}
	return copy(room, data), nil
}

func (m *fakeMac) interfaceName(index uint32) string { return fmt.Sprintf("en%d", index) }
func (m *fakeMac) uid() int                          { return m.MyUID }
func (m *fakeMac) pid() int                          { return m.SelfPID }

// Lookup and Sweep are the register of processes.
func (m *fakeMac) Lookup(pid int) (*process.Process, error) {
	p := m.process(pid)
	if p == nil || p.Zombie {
		return nil, process.ErrGone
	}
	return &process.Process{ID: process.ID{PID: pid, Start: p.UniqueID}, PPID: p.PPID, UID: p.EUID, Started: time.Unix(p.StartSec, p.StartUsec*1000)}, nil
}

func (m *fakeMac) Sweep() {}

// TestReadScenarios holds a whole snapshot against the truth of each fake Mac.
func TestReadScenarios(t *testing.T) {
	for _, name := range fixtureNames(t, "scenario_*") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			m := openScenario(t, name)
			s := newScanner(m, m)
			for range 2 * rereadEvery { // also with answers kept
				snapshot, err := s.read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				checkScenario(t, &m.scenario, m.interfaceName, snapshot)
			}
		})
	}
}

// checkScenario holds a snapshot against a scenario's truth. zone names interfaces.
func checkScenario(t *testing.T, m *scenario, zone func(uint32) string, s *Snapshot) {
	t.Helper()
	var got, want []string
	for i := range s.Sockets {
		got = append(got, describeSocket(&s.Sockets[i]))
	}
	hidden := 0
	for i := range m.Sockets {
		switch w := &m.Sockets[i]; {
		case w.LocalPort == 0: // not open yet
		case w.InTable || len(w.Holders) > 0:
			want = append(want, m.expect(w, zone))
		default:
			hidden++
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	if others := m.hiddenProcesses(); s.Hidden.Processes != others || s.Hidden.Skipped != 0 {
		t.Errorf("hidden %+v, want %d processes", s.Hidden, others)
	}
	if (s.Hidden.Sockets > 0) != m.Filtered || strings.Contains(s.Hidden.Reason, reasonFiltered) != m.Filtered {
		t.Errorf("hidden %+v, filtered %v", s.Hidden, m.Filtered)
	}
	if m.Filtered && s.Hidden.Sockets < hidden {
		t.Errorf("%d sockets hidden, want at least %d", s.Hidden.Sockets, hidden)
	}
}

// hiddenProcesses are those into which this user may not look: root may look into all.
func (m *scenario) hiddenProcesses() (n int) {
	for i := range m.Processes {
		if p := &m.Processes[i]; p.PID > 0 && !p.Zombie && !p.Own && m.MyUID != 0 {
			n++
		}
	}
	return n
}

// describeSocket puts into words all that the truth knows.
func describeSocket(s *Socket) string {
	text := fmt.Sprintf("%v %v>%v %v dual=%v kernel=%v uid=%d id=%#x bytes=%d/%d absent=%d", s.Protocol, s.Local, s.Remote, s.State,
		s.DualStack, s.KernelPort, s.UID, s.ID, s.RxBytes, s.TxBytes, s.Absence)
	for _, o := range s.Owners {
		text += fmt.Sprintf(" %v:%d/%d", o.By, o.Process.PID, o.Process.Start)
	}
	if s.OnBehalfOf != nil {
		text += fmt.Sprintf(" for %d", s.OnBehalfOf.PID)
	}
	return text
}

// expect is what the truth makes of a socket. What only the descriptor walk can see has no
// byte counters, and the user is its holder's.
func (m *scenario) expect(w *wantSocket, zone func(uint32) string) string {
	s := Socket{Protocol: TCP, DualStack: w.DualStack, KernelPort: w.KernelPort, UID: -1}
	s.Local = addrPortOf(w.LocalIP, w.LocalScope, w.LocalPort, zone)
	if w.RemotePort != 0 {
		s.Remote = addrPortOf(w.RemoteIP, w.RemoteScope, w.RemotePort, zone)
	}
	if w.Proto == "udp" {
		s.Protocol = UDP
	} else {
		s.State = State(slices.Index(stateNames[:], *w.State))
	}
	m.expectOwners(&s, w)
	switch {
	case !w.InTable:
		s.UID = m.process(s.Owners[0].Process.PID).EUID
	case w.UID != nil:
		s.UID = int(*w.UID)
	}
	if w.InTable {
		s.RxBytes, s.TxBytes = w.RxBytes, w.TxBytes
	}
	id := w.SoID
	if w.NoSocket {
		id = w.InpID
	}
	if id == "0x0" { // the ID is made up
		id = fmt.Sprintf("%#x", madeUpID(&s))
	}
	return strings.Replace(describeSocket(&s), "id=0x0", "id="+id, 1)
}

func addrPortOf(ip string, scope, port uint16, zone func(uint32) string) netip.AddrPort {
	a := netip.MustParseAddr(ip)
	if scope != 0 {
		a = a.WithZone(cmp.Or(zone(uint32(scope)), fmt.Sprint(scope)))
	}
	return netip.AddrPortFrom(a, port)
}

func madeUpID(s *Socket) uint64 {
	c := &scan{made: map[uint64]bool{}}
	return c.identify(&pcb{}, s)
}

func (m *scenario) expectOwners(s *Socket, w *wantSocket) {
	owner := func(pid int, by Evidence) Owner {
		if pid == 1 {
			by = ByLaunchd
		}
		p := m.process(pid)
		return Owner{&process.Process{ID: process.ID{PID: pid, Start: p.UniqueID}, PPID: p.PPID}, by}
	}
	for _, pid := range w.Holders {
		s.Owners = append(s.Owners, owner(pid, ByDescriptor))
	}
	ancestorsFirst(s.Owners)
	last := m.process(int(w.PID))
	queued := w.SoState&(stateNoFDRef|stateIncomp|stateComp) != 0
	switch {
	case len(w.Holders) > 0:
	case w.TimeWait, w.NoSocket, w.PID <= 0, queued && !w.Skywalk:
		s.Absence = Kernel
	case w.PID == 1:
		s.Owners = []Owner{owner(1, ByLaunchd)}
	case last != nil && !last.Own && !last.Zombie && m.MyUID != 0:
		s.Owners = []Owner{owner(last.PID, ByLastUse)}
	case m.MyUID == 0 && m.hiddenProcesses() == 0:
		s.Absence = Kernel
	default:
		s.Absence = Concealed
	}
	if w.Delegated && s.Absence != Kernel && m.process(int(w.EPID)) != nil {
		s.OnBehalfOf = owner(int(w.EPID), 0).Process
	}
}

// TestReadAsksOnlyOurs: the walk looks into no process of another user.
func TestReadAsksOnlyOurs(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	readScenario(t, newScanner(m, m))
	ours := 0
	for call := range m.asked {
		var pid int
		if _, err := fmt.Sscanf(call, "listfds %d", &pid); err != nil {
			continue
		}
		if m.process(pid).EUID != m.MyUID {
			t.Errorf("looked into process %d of user %d", pid, m.process(pid).EUID)
		}
		ours++
	}
	if ours == 0 {
		t.Error("looked into no process")
	}
}

// TestReadWhenDescriptorsVanish: processes and descriptors that end in the middle of the walk are silence.
func TestReadWhenDescriptorsVanish(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ESRCH, syscall.EBADF, syscall.ENOTSOCK, syscall.EPERM} {
		m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
		m.fail["socketinfo 1733 31"], m.fail["listfds 501"], m.fail["uniqid 812"] = errno, errno, errno
		snapshot, err := newScanner(m, m).read(t.Context())
		if err != nil || len(snapshot.Sockets) != len(m.Sockets) {
			t.Errorf("%v: %d sockets, error %v; want %d and none", errno, len(snapshot.Sockets), err, len(m.Sockets))
		}
		want := 5
		if errno == syscall.EPERM {
			want += 2
		}
		if snapshot.Hidden.Processes != want {
			t.Errorf("%v: %d processes hidden, want %d", errno, snapshot.Hidden.Processes, want)
		}
	}
}

// TestReadFaultyTable: what was read before the fault is kept, the walk adds what it knows, and Hidden says where the fault is.
func TestReadFaultyTable(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(ownFixtures, "tcp_*.bin"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, name := range names {
		var want wantTable
		data := readFixture(t, name, &want)
		if want.Status != "truncated" && want.Status != "corrupt" {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
			m.swap["sysctl net.inet.tcp.pcblist_n"] = data
			snapshot, err := newScanner(m, m).read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			walked, kept := 0, 0
			for _, s := range snapshot.Sockets {
				if s.Protocol == TCP && len(s.Owners) > 0 && s.Owners[0].By == ByDescriptor {
					walked++
				}
			}
			for _, w := range want.Sockets {
				if slices.ContainsFunc(snapshot.Sockets, func(s Socket) bool { return fmt.Sprintf("%#x", s.ID) == w.SoID }) {
					kept++
				}
			}
			if walked != 8 || kept != len(want.Sockets) {
				t.Errorf("%d sockets by descriptor and %d of the table, want 8 and %d", walked, kept, len(want.Sockets))
			}
			if !strings.Contains(snapshot.Hidden.Reason, errFraming.Error()) {
				t.Errorf("reason %q does not name the fault", snapshot.Hidden.Reason)
			}
		})
	}
}

// TestReadNothing: without any source there is no snapshot.
func TestReadNothing(t *testing.T) {
	m := openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	for _, call := range []string{"sysctl net.inet.tcp.pcblist_n", "sysctl net.inet.udp.pcblist_n", "sysctl kern.proc.all", "proc_listpids UID"} {
		m.fail[call] = syscall.EPERM
	}
	if s, err := newScanner(m, m).read(t.Context()); !errors.Is(err, syscall.EPERM) {
		t.Errorf("snapshot %v, error %v", s, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m = openScenario(t, filepath.Join(ownFixtures, "scenario_dev"))
	if _, err := newScanner(m, m).read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
