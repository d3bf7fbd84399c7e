package netstat

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"

	"portolan/internal/process"
)

// The walk over the descriptors of macOS processes: who holds which socket.

const (
	pidUniqueID    = 17 // PROC_PIDUNIQIDENTIFIERINFO (bsd/sys/proc_info.h)
	sizeUniqueID   = 56 // struct proc_uniqidentifierinfo; p_uniqueid at 16
	listRoom       = 20 // the records that are added to what a list says it needs, as libproc does
	believedFor    = 8  // see walker
	listTries      = 4  // how often a list that keeps growing is asked for
	offsetUniqueID = 16
)

// walker asks every process that this user may look into for its sockets.
//
// What it learned is kept by (pid, unique id) and descriptor. An answer is used
// again as long as the kernel's table still lists that socket under the same
// handle and generation, but for believedFor refreshes at the most, so that a
// descriptor that was closed and opened again as something else is wrong for
// no longer (24 seconds at one every three). Where the table lists a socket
// that nobody is known to hold, the process that used it last is asked anew at
// once. Without a whole table (macOS 27) nothing vouches for an answer, and
// none is used again.
type walker struct {
	sys   xnu
	known map[processKey]*descriptors
	round uint

	// What the last walk found.
	readable map[int32]*descriptors // the processes whose descriptors could be read, by PID
	hidden   int                    // processes whose descriptors may not be read
	whole    bool                   // there are none of those: only root can know that

	room []byte               // for lists
	all  []byte               // for kern.proc.all
	one  [sizeSockFDInfo]byte // for one descriptor, or one process
	pids []int32
	fds  []int32
}

// processKey names a process for ever.
type processKey struct {
	pid    int32
	unique uint64 // p_uniqueid
}

// descriptors is what is known of one process.
type descriptors struct {
	sockets map[int32]answer // by descriptor
	round   uint             // the last in which it was seen
}

// answer is what the kernel said of one descriptor.
type answer struct {
	socket fdSocket
	inet   bool // TCP or UDP
	round  uint // when it was asked
}

func newWalker(sys xnu) *walker {
	return &walker{sys: sys, known: map[processKey]*descriptors{}, readable: map[int32]*descriptors{}}
}

// walk looks at all processes. alive says whether the table lists a socket; nil:
// there is no table to rely on. A process that ends meanwhile is silence.
func (w *walker) walk(alive func(*fdSocket) bool) error {
	w.round++
	clear(w.readable)
	kind, of := listAllPIDs, 0
	if uid := w.sys.uid(); uid != 0 {
		kind, of = listUIDOnly, uid
	}
	ours, err := w.listPIDs(kind, of)
	if err != nil {
		return err
	}
	w.hidden = 0
	if kind == listUIDOnly {
		w.hidden = w.others(of)
	}
	for _, pid := range ours {
		if err := w.visit(pid, alive); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
			w.hidden++
		}
	}
	w.whole = kind == listAllPIDs && w.hidden == 0
	for key, d := range w.known {
		if d.round != w.round {
			delete(w.known, key)
		}
	}
	return nil
}

// others is how many processes other users have.
func (w *walker) others(uid int) int {
	// What was read before a fault is a count too, only a lower one.
	w.all, _ = readTable(w.sys, "kern.proc.all", w.all)
	n, _ := process.CountOthers(w.all, uid)
	return n
}

// visit brings what is known of one process up to date.
func (w *walker) visit(pid int32, alive func(*fdSocket) bool) error {
	unique, err := w.uniqueID(pid)
	if err != nil {
		return err
	}
	fds, err := w.listFDs(pid)
	if err != nil {
		return err
	}
	key := processKey{pid, unique}
	d := w.known[key]
	if d == nil {
		d = &descriptors{sockets: make(map[int32]answer, len(fds))}
		w.known[key] = d
	}
	d.round = w.round
	w.readable[pid] = d
	before := len(d.sockets)
	for _, fd := range fds {
		a, ok := d.sockets[fd]
		if ok {
			before--
		}
		if !ok || !w.stillGood(fd, a, alive) {
			w.ask(pid, fd, d)
		}
	}
	if before > 0 {
		d.forgetAllBut(fds)
	}
	return nil
}

// stillGood says whether a is to be believed once more. The descriptors of a process
// are not verified all in the same round.
func (w *walker) stillGood(fd int32, a answer, alive func(*fdSocket) bool) bool {
	if alive == nil || w.round-a.round >= believedFor || (w.round+uint(fd))%believedFor == 0 {
		return false
	}
	return !a.inet || alive(&a.socket)
}

// ask asks for one descriptor. One that is no socket any more, or is closed (EBADF,
// ENOTSOCK), is forgotten.
func (w *walker) ask(pid, fd int32, d *descriptors) {
	n, err := w.sys.procInfo(procPIDFDInfo, int(pid), fdSocketInfo, uint64(fd), w.one[:])
	if err != nil {
		delete(d.sockets, fd)
		return
	}
	s, inet, err := decodeSocketFDInfo(w.one[:max(0, min(n, len(w.one)))])
	if err != nil {
		delete(d.sockets, fd)
		return
	}
	d.sockets[fd] = answer{socket: s, inet: inet, round: w.round}
}

// again asks a process that was readable in this walk for those of its descriptors about which
// an old answer was believed. It reports whether there were any.
func (w *walker) again(pid int32) (any bool) {
	d := w.readable[pid]
	if d == nil {
		return false
	}
	for fd, a := range d.sockets {
		if a.round != w.round {
			w.ask(pid, fd, d)
			any = true
		}
	}
	return any
}

func (d *descriptors) forgetAllBut(fds []int32) {
	open := make(map[int32]bool, len(fds))
	for _, fd := range fds {
		open[fd] = true
	}
	for fd := range d.sockets {
		if !open[fd] {
			delete(d.sockets, fd)
		}
	}
}

func (w *walker) uniqueID(pid int32) (uint64, error) {
	n, err := w.sys.procInfo(procPIDInfo, int(pid), pidUniqueID, 0, w.one[:sizeUniqueID])
	if err != nil {
		return 0, err
	}
	if n != sizeUniqueID {
		return 0, fmt.Errorf("read unique id of %d: %d bytes of %d: %w", pid, n, sizeUniqueID, errFraming)
	}
	return binary.LittleEndian.Uint64(w.one[offsetUniqueID:]), nil
}

// listPIDs gives a slice that is good until the next call.
func (w *walker) listPIDs(kind, of int) ([]int32, error) {
	buf, err := w.list(4, func(room []byte) (int, error) {
		return w.sys.procInfo(procListPIDs, kind, uint32(of), 0, room)
	})
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	w.pids = decodeListPIDs(w.pids[:0], buf)
	return w.pids, nil
}

// listFDs gives a slice that is good until the next call.
func (w *walker) listFDs(pid int32) ([]int32, error) {
	buf, err := w.list(sizeFDInfo, func(room []byte) (int, error) {
		return w.sys.procInfo(procPIDInfo, int(pid), pidListFDs, 0, room)
	})
	if err != nil {
		return nil, err
	}
	w.fds = decodeListFDs(w.fds[:0], buf)
	return w.fds, nil
}

// list reads a list of records into the walker's room. A list that fills it may
// have been cut, so there has to be room to spare at the end.
func (w *walker) list(record int, call func(room []byte) (int, error)) ([]byte, error) {
	if len(w.room) == 0 {
		w.room = make([]byte, 4096)
	}
	for try := 1; ; try++ {
		n, err := call(w.room)
		if err != nil {
			return nil, err
		}
		if n+record <= len(w.room) || try == listTries {
			return w.room[:max(0, min(n, len(w.room)))], nil
		}
		need, err := call(nil)
		if err != nil {
			return nil, err
		}
		w.room = make([]byte, max(need+listRoom*record, 2*len(w.room)))
	}
}
