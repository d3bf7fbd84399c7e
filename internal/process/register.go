package process

import (
	"time"

	"portolan/internal/app"
)

// rereadAfter is how many lookups of a process may pass before its description is
// read again although its entry is the same. A change that the entry does not tell
// (on Linux: another user id, or an exec that another user's process made
// under the same name) is noticed after that many lookups: 48 seconds at one every three.
const rereadAfter = 16

// grownUp is the age from which a process is taken to be where it stays. Before, a session may
// still move it to a unit of its own, and it may still go to its working directory.
const grownUp = 10 * time.Second

// Register keeps descriptions of processes by their identity, so that only the
// cheap part is read again. It is not safe for use by several goroutines at once.
type Register struct {
	sys      system
	names    *naming
	lineage  *lineage
	records  map[int]*record // by PID: one process at a time has it
	evidence app.Evidence    // its room is used again
}

// record is one process that is known.
type record struct {
	entry   entry
	plain   Process // as the system describes it, before its app was found
	process *Process
	version uint64 // what was known when its app was found
	settled bool   // and that will not change with what else becomes known
	young   bool   // it was not grownUp then
	looked  bool   // up since the last Sweep
	lookups int    // since the description was read
}

// NewRegister makes an empty Register.
func NewRegister() *Register { return newRegister(host, names()) }

func newRegister(sys system, n *naming) *Register {
	return &Register{sys: sys, names: n, lineage: newLineage(sys), records: make(map[int]*record)}
}

// Lookup gives the description of the process that has this PID now. It reads the
// process table's entry every time, and the description only when the process is
// new, has a new parent, name or program, or when more became known of its app;
// the pointer stays the same until the description has really changed. What
// may not be read stays empty. The error wraps ErrGone when there is no such process.
func (r *Register) Lookup(pid int) (*Process, error) {
	known := r.records[pid]
	if r.current(known) {
		if e, err := r.sys.entry(pid); err == nil && e == known.entry {
			known.lookups++
			known.looked = true
			return known.process, nil
		}
	}
	now, err := r.read(pid, known)
	if err != nil {
		delete(r.records, pid)
		return nil, err
	}
	if known == nil {
		// The first round is shorter, by the PID, so that not all are read again in the same refresh.
		now.lookups = pid % rereadAfter
	} else if sameButForStarted(now.process, known.process) {
		now.process = known.process
	}
	r.records[pid] = now
	return now.process, nil
}

// Known gives what the last Lookup of this PID gave, and reads nothing: for a caller that
// knows by other means that the process is still the same, and that looks it up from time to time. It is false when
// Lookup would do more than to compare the process table's entry: the process is not known, or more became known
// of its app. For Sweep it was looked up, for rereadAfter not.
func (r *Register) Known(pid int) (*Process, bool) {
	known := r.records[pid]
	if !r.current(known) {
		return nil, false
	}
	known.looked = true
	return known.process, true
}

// Changed has the next Lookup of this PID read the description again: for a caller that has seen a change
// which the process table's entry does not tell, as another user id on Linux.
func (r *Register) Changed(pid int) {
	if known := r.records[pid]; known != nil {
		known.lookups = rereadAfter
	}
}

// current says whether what is known still counts if the entry is the same.
func (r *Register) current(known *record) bool {
	return known != nil && known.lookups < rereadAfter && (known.settled || known.version == r.names.Version())
}

// read describes the process anew. Its app is found anew only when that may be another than was known.
func (r *Register) read(pid int, known *record) (*record, error) {
	if known != nil && known.settled && !known.young && known.lookups >= rereadAfter {
		p, e, err := r.sys.describe(pid, nil)
		if err != nil {
			return nil, err
		}
		if e == known.entry && sameButForStarted(p, &known.plain) {
			known.lookups, known.looked = 0, true
			return known, nil
		}
	}
	r.evidence.PID = 0
	p, e, err := r.sys.describe(pid, &r.evidence)
	if err != nil {
		return nil, err
	}
	now := &record{entry: e, plain: *p, process: p, settled: true, looked: true, young: time.Since(p.Started) < grownUp}
	if r.evidence.PID == pid {
		r.evidence.Ancestors = r.lineage.appendAncestors(r.evidence.Ancestors, p.ID, p.PPID)
		p.App, p.Work, now.settled, now.version = r.names.find(&r.evidence)
		r.evidence.Args = nil // they may hold secrets
	}
	return now, nil
}

// sameButForStarted: Started is computed from a clock that people set, so it
// may differ by a little for the same process.
func sameButForStarted(a, b *Process) bool {
	x, y := *a, *b
	x.Started, y.Started = time.Time{}, time.Time{}
	return x == y
}

// Sweep forgets the processes that were not looked up since the Sweep before. It is called once
// in every refresh: what was read of the ancestors of processes is taken as it is until then.
func (r *Register) Sweep() {
	for pid, known := range r.records {
		if !known.looked {
			delete(r.records, pid)
		}
		known.looked = false
	}
	r.lineage.sweep()
}
