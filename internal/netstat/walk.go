package netstat

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"portolan/internal/process"
)

// The walk over the descriptors of macOS processes: who holds which socket.
//
// To ask for a descriptor costs a system call, so, as on Linux (owners.go), what was learned is kept
// between refreshes, by the process (its PID and unique id) and the descriptor's number. What is shown is as
// true as this:
//
//   - The processes, and the numbers of the descriptors of each that are sockets, are listed in every refresh. A
//     number that is new is asked for at once.
//   - An answer counts as long as the kernel's table still lists that socket under the same handle and
//     generation. What it does not list any more is asked for at once.
//   - Where the table lists a socket that nobody is known to hold, the processes that used it last, and if
//     they do not hold it all processes of its user, are asked in full, once: so a number that was closed
//     and given to a new socket is right again in the same refresh.
//   - All the rest, a number that now is a socket which another process had before or holds too, is noticed within
//     rereadEvery refreshes.
//   - Where the table leaves out sockets (macOS 27), nothing vouches for an answer, and nothing but the descriptor tells
//     the state of a connection: those of TCP and UDP are asked for in every refresh. One that was a
//     socket of another kind (of Unix, or the kernel's own: most are), and got the number of one that closed, is
//     noticed within unvouchedEvery refreshes; at once if any other of the process's numbers came or went.

const (
	pidUniqueID    = 17 // PROC_PIDUNIQIDENTIFIERINFO (bsd/sys/proc_info.h)
	sizeUniqueID   = 56 // struct proc_uniqidentifierinfo; p_uniqueid at 16
	listRoom       = 20 // the records that are added to what a list says it needs, as libproc does
	listTries      = 4  // how often a list that keeps growing is asked for
	offsetUniqueID = 16

	// unvouchedEvery is the number of refreshes within which every descriptor is asked for when there is no
	// whole table: 12 seconds at one every three.
	unvouchedEvery = 4
)

// walker asks every process that this user may look into for its sockets.
type walker struct {
	sys   xnu
	known map[int]*descriptors
	round uint
	every uint // refreshes within which every descriptor is asked for

	// What the last walk found.
	readable []*descriptors // the processes whose descriptors could be read, by PID
	hidden   int            // processes whose descriptors may not be read
	whole    bool           // there are none of those: only root can know that

	answers int                  // that were kept after the walk before
	room    []byte               // for lists
	all     []byte               // for kern.proc.all
	one     [sizeSockFDInfo]byte // for one descriptor, or one process
	living  []process.Living
	pids    []int32
	fds     []int32
	next    []answer
}

// descriptors is what is known of one process.
type descriptors struct {
	pid     int
	unique  uint64   // p_uniqueid: 64 bits, never given again until the system is started anew, kept over exec
	started uint64   // as process.Living has it; 0: not known
	answers []answer // by descriptor
	round   uint     // the last in which they could be read
}

// answer is what the kernel said of one descriptor.
type answer struct {
	fd     int32
	inet   bool // it is TCP or UDP
	closed bool // it was closed between the list and the question
	round  uint // when it was asked
	socket fdSocket
}

func newWalker(sys xnu) *walker {
	return &walker{sys: sys, known: map[int]*descriptors{}}
}

// walk looks at all processes. listed says whether the table lists a socket; nil:
// there is no table to rely on. A process that ends meanwhile is silence.
func (w *walker) walk(listed func(*fdSocket) bool) error {
	w.round++
	w.readable, w.hidden = w.readable[:0], 0
	w.every = uint(max(1, min(rereadEvery, w.answers/rereadAtLeast)))
	if listed == nil {
		w.every = min(w.every, unvouchedEvery)
	}
	if err := w.listLiving(); err != nil {
		return err
	}
	uid := w.sys.uid()
	for _, p := range w.living {
		if uid != 0 && p.UID != uid {
			w.hidden++
			continue
		}
		if err := w.visit(p, listed); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
			w.hidden++
		}
	}
	w.whole = uid == 0 && w.hidden == 0
	w.answers = 0
	for pid, d := range w.known {
		if d.round != w.round {
			delete(w.known, pid)
		}
		w.answers += len(d.answers)
	}
	slices.SortFunc(w.readable, func(a, b *descriptors) int { return a.pid - b.pid })
	return nil
}

// listLiving lists all processes with the time when they were started: one call, after which nearly none need be asked
// for its unique id. Where that is refused, those that may be looked into are listed.
func (w *walker) listLiving() (err error) {
	var fault error
	w.all, fault = readTable(w.sys, "kern.proc.all", w.all)
	w.living, err = process.AppendLiving(w.living[:0], w.all)
	if fault == nil && err == nil && len(w.living) > 0 {
		return nil
	}
	// Other users' of which is known are counted.
	uid := w.sys.uid()
	w.living = slices.DeleteFunc(w.living, func(p process.Living) bool { return uid == 0 || p.UID == uid })
	return w.listPIDs(uid)
}

// listPIDs adds the processes of a user, all of them for root, to the living.
func (w *walker) listPIDs(uid int) error {
	kind := listUIDOnly
	if uid == 0 {
		kind = listAllPIDs
	}
	buf, err := w.list(4, func(room []byte) (int, error) {
		return w.sys.procInfo(procListPIDs, kind, uint32(uid), 0, room)
	})
	if err != nil {
		return fmt.Errorf("list the processes: %w", err)
	}
	w.pids = decodeListPIDs(w.pids[:0], buf)
	for _, pid := range w.pids {
		w.living = append(w.living, process.Living{PID: int(pid), UID: uid})
	}
	return nil
}

// visit brings what is known of one process up to date.
func (w *walker) visit(p process.Living, listed func(*fdSocket) bool) error {
	d, err := w.identify(p)
	if err != nil {
		return err
	}
	if err := w.listFDs(p.PID); err != nil {
		return err
	}
	d.round = w.round
	w.readable = append(w.readable, d)
	if slices.EqualFunc(d.answers, w.fds, func(a answer, fd int32) bool { return a.fd == fd }) {
		for i := range d.answers {
			if a := &d.answers[i]; !w.stillGood(d, a, listed) {
				w.ask(d, a)
			}
		}
		return nil
	}
	w.next = w.next[:0]
	known := d.answers
	for _, fd := range w.fds {
		for len(known) > 0 && known[0].fd < fd {
			known = known[1:]
		}
		if len(known) > 0 && known[0].fd == fd && listed != nil && w.stillGood(d, &known[0], listed) {
			w.next = append(w.next, known[0])
			continue
		}
		w.next = append(w.next, answer{fd: fd})
		w.ask(d, &w.next[len(w.next)-1])
	}
	d.answers = append(d.answers[:0], w.next...)
	return nil
}

// identify gives what is known of the process, nothing yet for one that is new. The unique id
// is asked for when the PID was started at another time than before: the same PID is not given
// twice within a microsecond.
func (w *walker) identify(p process.Living) (*descriptors, error) {
	d := w.known[p.PID]
	if d != nil && d.started != 0 && d.started == p.Started {
		return d, nil
	}
	unique, err := w.uniqueID(p.PID)
	if err != nil {
		return nil, err
	}
	if d == nil || d.unique != unique {
		d = &descriptors{pid: p.PID, unique: unique}
		w.known[p.PID] = d
	}
	d.started = p.Started
	return d, nil
}

// stillGood says whether an answer is to be believed once more. The descriptors are not all asked for again
// in the same refresh.
func (w *walker) stillGood(d *descriptors, a *answer, listed func(*fdSocket) bool) bool {
	if a.closed || w.round-a.round >= w.every || (w.round+uint(a.fd)+uint(d.pid))%w.every == 0 {
		return false
	}
	return !a.inet || listed != nil && listed(&a.socket)
}

// ask asks for one descriptor. One that was closed since it was listed (EBADF), or is no
// socket any more (ENOTSOCK), is asked for again in the next refresh if it is listed then.
func (w *walker) ask(d *descriptors, a *answer) {
	*a = answer{fd: a.fd, round: w.round, closed: true}
	n, err := w.sys.procInfo(procPIDFDInfo, d.pid, fdSocketInfo, uint64(a.fd), w.one[:])
	if err != nil {
		return
	}
	s, inet, err := decodeSocketFDInfo(w.one[:max(0, min(n, len(w.one)))])
	if err == nil {
		a.socket, a.inet, a.closed = s, inet, false
	}
}

// process gives what is known of a process that could be read in this walk, nil for others.
func (w *walker) process(pid int32) *descriptors {
	if d := w.known[int(pid)]; d != nil && d.round == w.round {
		return d
	}
	return nil
}

// again asks a process for those of its descriptors about which an old answer was believed,
// and tells what they are.
func (w *walker) again(d *descriptors, found func(*fdSocket)) {
	for i := range d.answers {
		a := &d.answers[i]
		if a.round == w.round {
			continue
		}
		if w.ask(d, a); a.inet {
			found(&a.socket)
		}
	}
}

func (w *walker) uniqueID(pid int) (uint64, error) {
	n, err := w.sys.procInfo(procPIDInfo, pid, pidUniqueID, 0, w.one[:sizeUniqueID])
	if err != nil {
		return 0, err
	}
	if n != sizeUniqueID {
		return 0, fmt.Errorf("read unique id of %d: %d bytes of %d: %w", pid, n, sizeUniqueID, errFraming)
	}
	return binary.LittleEndian.Uint64(w.one[offsetUniqueID:]), nil
}

// listFDs lists the descriptors of a process that are sockets, in the order of their numbers.
func (w *walker) listFDs(pid int) error {
	buf, err := w.list(sizeFDInfo, func(room []byte) (int, error) {
		return w.sys.procInfo(procPIDInfo, pid, pidListFDs, 0, room)
	})
	if err != nil {
		return err
	}
	w.fds = decodeListFDs(w.fds[:0], buf)
	if !slices.IsSorted(w.fds) { // the kernel gives them in order, and does not promise to
		slices.Sort(w.fds)
	}
	w.fds = slices.Compact(w.fds)
	return nil
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
