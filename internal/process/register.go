package process

import "time"

// rereadAfter is how many lookups of a process may pass before its description is
// read again although its entry is the same. A change that the entry does not tell
// (on Linux: another user id, or an exec that another user's process made
// under the same name) is noticed after that many lookups: 48 seconds at one every three.
const rereadAfter = 16

// Register keeps descriptions of processes by their identity, so that only the
// cheap part is read again. It is not safe for use by several goroutines at once.
type Register struct {
	sys     system
	records map[int]*record // by PID: one process at a time has it
}

// record is one process that is known.
type record struct {
	entry   entry
	process *Process
	lookups int  // since the description was read
	looked  bool // up since the last Sweep
}

// NewRegister makes an empty Register.
func NewRegister() *Register { return newRegister(host) }

func newRegister(sys system) *Register {
	return &Register{sys: sys, records: make(map[int]*record)}
}

// Lookup gives the description of the process that has this PID now. It reads the
// process table's entry every time, and the description only when the process is
// new, or has a new parent, name or program; until then the pointer stays the same. What
// may not be read stays empty. The error wraps ErrGone when there is no such process.
func (r *Register) Lookup(pid int) (*Process, error) {
	known := r.records[pid]
	if known != nil && known.lookups < rereadAfter {
		if e, err := r.sys.entry(pid); err == nil && e == known.entry {
			known.lookups++
			known.looked = true
			return known.process, nil
		}
	}
	p, e, err := r.sys.describe(pid)
	if err != nil {
		delete(r.records, pid)
		return nil, err
	}
	if known != nil && sameButForStarted(p, known.process) {
		p = known.process
	}
	// The first round is shorter, by the PID, so that not all are read again in the same refresh.
	round := 0
	if known == nil {
		round = pid % rereadAfter
	}
	r.records[pid] = &record{entry: e, process: p, lookups: round, looked: true}
	return p, nil
}

// sameButForStarted: Started is computed from a clock that people set, so it
// may differ by a little for the same process.
func sameButForStarted(a, b *Process) bool {
	x, y := *a, *b
	x.Started, y.Started = time.Time{}, time.Time{}
	return x == y
}

// Sweep forgets the processes that were not looked up since the Sweep before.
func (r *Register) Sweep() {
	for pid, known := range r.records {
		if !known.looked {
			delete(r.records, pid)
		}
		known.looked = false
	}
}
