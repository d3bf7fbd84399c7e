package netstat

import (
	"encoding/binary"
	"maps"
	"slices"
	"syscall"
	"testing"
	"time"

	"portolan/internal/process"
)

// The user of the crowded Mac, the reader's own process, and another user.
const (
	crowdUser  = 501
	crowdSelf  = 99
	crowdOther = 502
)

// macSocket is a socket of a crowded Mac.
type macSocket struct {
	id, gencnt uint64
	protocol   Protocol // 0: neither TCP nor UDP
	port       uint16
	state      int32 // xnu's number
	uid        uint32
	last       int32 // so_last_pid
}

type macProcess struct {
	uid     int
	unique  uint64
	started uint64 // microseconds
	fds     map[int32]*macSocket
}

// crowdedMac is a Mac with as many processes and sockets as a test wants. It answers from them, and counts what it is asked.
type crowdedMac struct {
	processes map[int]*macProcess
	table     []*macSocket // of TCP
	filtered  bool         // the table lists only the reader's own, as on macOS 27
	noCensus  bool         // kern.proc.all is refused

	lists, uniques, tables int
	asked                  map[[2]int]int // by process and descriptor

	made uint64
	told map[process.ID]*process.Process
}

func newCrowdedMac() *crowdedMac {
	m := &crowdedMac{processes: map[int]*macProcess{}, told: map[process.ID]*process.Process{}}
	m.forget()
	m.start(crowdSelf, crowdUser)
	return m
}

// forget begins to count anew.
func (m *crowdedMac) forget() {
	m.lists, m.uniques, m.tables, m.asked = 0, 0, 0, map[[2]int]int{}
}

// infos is how many descriptors it was asked for.
func (m *crowdedMac) infos() (n int) {
	for _, times := range m.asked {
		n += times
	}
	return n
}

func (m *crowdedMac) start(pid, uid int) *macProcess {
	m.made++
	p := &macProcess{uid: uid, unique: m.made, started: 1_700_000_000_000_000 + m.made, fds: map[int32]*macSocket{}}
	m.processes[pid] = p
	return p
}

// socket makes a socket that listens, which the process used last.
func (m *crowdedMac) socket(pid int) *macSocket {
	m.made++
	s := &macSocket{id: 0xa000_0000 + m.made, gencnt: m.made, protocol: TCP, port: uint16(1024 + m.made%60_000), state: 1,
		uid: uint32(m.processes[pid].uid), last: int32(pid)}
	m.table = append(m.table, s)
	return s
}

// unix makes a Unix socket.
func (m *crowdedMac) unix() *macSocket { return &macSocket{} }

func (m *crowdedMac) close(s *macSocket) {
	m.table = slices.DeleteFunc(m.table, func(t *macSocket) bool { return t == s })
}

// crowd starts processes, each with so many sockets of TCP and so many of Unix.
func (m *crowdedMac) crowd(processes, tcp, unix int) {
	for pid := 1000; pid < 1000+processes; pid++ {
		p := m.start(pid, crowdUser)
		for fd := range int32(tcp) {
			p.fds[3+fd] = m.socket(pid)
		}
		for fd := range int32(unix) {
			p.fds[3+int32(tcp)+fd] = m.unix()
		}
	}
}

func (m *crowdedMac) interfaceName(uint32) string { return "en0" }
func (m *crowdedMac) uid() int                    { return crowdUser }
func (m *crowdedMac) pid() int                    { return crowdSelf }

func (m *crowdedMac) sysctl(name string, room []byte) (int, error) {
	var data []byte
	switch name {
	case "kern.proc.all":
		if m.noCensus {
			return 0, syscall.EPERM
		}
		data = m.census()
	case "net.inet.tcp.pcblist_n":
		data = m.pcblist()
	case "net.inet.udp.pcblist_n":
		data = macRecord(24, 0)
	default:
		return 0, syscall.ENOENT
	}
	if room == nil {
		return len(data), nil
	}
	m.tables++
	return copy(room, data), nil
}

// macRecord is a record with its length, and its kind or count.
func macRecord(length, kind int) []byte {
	b := make([]byte, length)
	binary.LittleEndian.PutUint32(b, uint32(length))
	binary.LittleEndian.PutUint32(b[4:], uint32(kind))
	return b
}

func (m *crowdedMac) census() (data []byte) {
	le := binary.LittleEndian
	for _, pid := range slices.Sorted(maps.Keys(m.processes)) {
		p, k := m.processes[pid], make([]byte, 648)
		le.PutUint64(k, p.started/1e6)
		le.PutUint32(k[8:], uint32(p.started%1e6))
		k[36] = 2 // SRUN
		le.PutUint32(k[40:], uint32(pid))
		le.PutUint32(k[420:], uint32(p.uid))
		data = append(data, k...)
	}
	return data
}

func (m *crowdedMac) pcblist() []byte {
	le, be := binary.LittleEndian, binary.BigEndian
	data := macRecord(24, len(m.table))
	for _, s := range m.table {
		if m.filtered && s.last != crowdSelf {
			continue
		}
		in, so, tcp := macRecord(104, kindInpcb), macRecord(104, kindSocket), macRecord(208, kindTcpcb)
		le.PutUint64(in[8:], s.id+1)
		be.PutUint16(in[18:], s.port)
		le.PutUint64(in[28:], s.gencnt)
		in[44] = vflagIPv4
		le.PutUint64(so[8:], s.id)
		le.PutUint16(so[16:], 1)
		le.PutUint32(so[64:], s.uid)
		le.PutUint32(so[68:], uint32(s.last))
		le.PutUint32(tcp[36:], uint32(s.state))
		data = append(append(append(data, in...), so...), tcp...)
	}
	return append(data, macRecord(24, len(m.table))...)
}

func (m *crowdedMac) procInfo(call, pid int, flavor uint32, arg uint64, room []byte) (int, error) {
	if call == procListPIDs {
		var data []byte
		for pid, p := range m.processes {
			if p.uid == int(flavor) {
				data = binary.LittleEndian.AppendUint32(data, uint32(pid))
			}
		}
		return copy(room, data), nil
	}
	p := m.processes[pid]
	switch {
	case p == nil:
		return 0, syscall.ESRCH
	case p.uid != crowdUser && (call != procPIDInfo || flavor != pidUniqueID):
		return 0, syscall.EPERM
	case call == procPIDInfo && flavor == pidUniqueID:
		m.uniques++
		data := make([]byte, sizeUniqueID)
		binary.LittleEndian.PutUint64(data[offsetUniqueID:], p.unique)
		return copy(room, data), nil
	case call == procPIDInfo && flavor == pidListFDs:
		m.lists++
		data := binary.LittleEndian.AppendUint64(nil, 1<<32) // descriptor 0 is a file
		for _, fd := range slices.Sorted(maps.Keys(p.fds)) {
			data = binary.LittleEndian.AppendUint32(data, uint32(fd))
			data = binary.LittleEndian.AppendUint32(data, fdTypeSocket)
		}
		if room == nil {
			return len(data), nil
		}
		return copy(room, data), nil
	case call == procPIDFDInfo && flavor == fdSocketInfo:
		m.asked[[2]int{pid, int(arg)}]++
		if s := p.fds[int32(arg)]; s != nil {
			return copy(room, s.info()), nil
		}
		return 0, syscall.EBADF
	}
	return 0, syscall.EINVAL
}

func (s *macSocket) info() []byte {
	le, b := binary.LittleEndian, make([]byte, sizeSockFDInfo)
	le.PutUint64(b[160:], s.id)
	le.PutUint32(b[184:], 1) // AF_UNIX
	le.PutUint32(b[256:], 3) // SOCKINFO_UN
	if s.protocol == TCP {
		le.PutUint32(b[180:], uint32(TCP))
		le.PutUint32(b[184:], 2)
		le.PutUint32(b[256:], sockInfoTCP)
		binary.BigEndian.PutUint16(b[264+4:], s.port)
		le.PutUint64(b[264+8:], s.gencnt)
		b[264+24] = vflagIPv4
		le.PutUint32(b[344:], uint32(s.state))
	}
	return b
}

// Lookup and Sweep are the register of processes.
func (m *crowdedMac) Lookup(pid int) (*process.Process, error) {
	p := m.processes[pid]
	if p == nil {
		return nil, process.ErrGone
	}
	id := process.ID{PID: pid, Start: p.unique}
	if m.told[id] == nil {
		m.told[id] = &process.Process{ID: id, UID: p.uid, Started: time.UnixMicro(int64(p.started))}
	}
	return m.told[id], nil
}

func (m *crowdedMac) Sweep() {}

// holders reads a snapshot, and gives the PIDs that hold a socket; nil when it is not listed.
func (m *crowdedMac) holders(t *testing.T, s *scanner, of *macSocket) []int {
	t.Helper()
	return holdersIn(readScenario(t, s), of)
}

func holdersIn(s *Snapshot, of *macSocket) []int {
	i := slices.IndexFunc(s.Sockets, func(s Socket) bool { return s.ID == of.id })
	if i < 0 {
		return nil
	}
	pids := []int{}
	for _, o := range s.Sockets[i].Owners {
		if o.By == ByDescriptor {
			pids = append(pids, o.Process.PID)
		}
	}
	return pids
}

// checkAll holds a snapshot against the descriptors there are.
func (m *crowdedMac) checkAll(t *testing.T, s *Snapshot) {
	t.Helper()
	held := map[uint64][]int{}
	for _, pid := range slices.Sorted(maps.Keys(m.processes)) {
		p := m.processes[pid]
		for _, fd := range slices.Sorted(maps.Keys(p.fds)) {
			if x := p.fds[fd]; x.protocol == TCP && p.uid == crowdUser && !slices.Contains(held[x.id], pid) {
				held[x.id] = append(held[x.id], pid)
			}
		}
	}
	got := map[uint64][]int{}
	for i := range s.Sockets {
		for _, o := range s.Sockets[i].Owners {
			if o.By == ByDescriptor {
				got[s.Sockets[i].ID] = append(got[s.Sockets[i].ID], o.Process.PID)
			}
		}
	}
	wrong := 0
	for id := range held {
		if !slices.Equal(held[id], got[id]) {
			wrong++
		}
	}
	if wrong > 0 || len(got) != len(held) {
		t.Errorf("%d sockets have owners, want %d; the owners of %d are wrong", len(got), len(held), wrong)
	}
}
