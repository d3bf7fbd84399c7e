package process

import (
	"context"

	"portolan/internal/app"
)

// system is all that this package asks of an operating system. Each system
// has one, called host; tests have others. Everything above it is the same
// everywhere.
type system interface {
	// entry reads what the process table says of PID now: one cheap call. The
	// error wraps ErrGone when there is no such process or it is a zombie,
	// and fs.ErrPermission when that may not be read.
	entry(pid int) (entry, error)
	// describe reads PID's description, and the entry it belongs to, of one and the
	// same process. What may not be read stays empty, and App is no more than the
	// program. The error wraps ErrGone when there is no such process.
	//
	// Where more is not nil it is filled with what that process's app is told from, but
	// for Ancestors. It stays empty (PID 0) for a thread of the kernel, for a process that
	// this user may not look at, and for one that ran other programs all the while.
	describe(pid int, more *app.Evidence) (*Process, entry, error)
	// open takes hold of the process that has id's PID now; it does not yet look
	// whether that is id. The error wraps ErrGone when there is none.
	open(id ID) (handle, error)
}

// handle is a hold on one process, taken before its identity is checked. As
// long as it is kept no other process can slip under it.
type handle interface {
	// identity reads who the process is. The error wraps ErrGone when it has ended.
	identity() (ID, error)
	// signal sends s to the process whose identity was read last. The error wraps
	// ErrGone when it has ended, and fs.ErrPermission when the system refuses.
	signal(s Signal) error
	// wait returns nil once the process has ended (a zombie has), and ctx's
	// error when ctx is done before.
	wait(ctx context.Context) error
	close()
}

// commLen is the room for a process's short name: Linux cuts it at 15 bytes, but
// gives a kernel worker up to 63 (fs/proc/array.c, proc_task_name); macOS cuts it at 16.
const commLen = 64

// entry is what the process table itself says of a process. It is comparable:
// while it stays the same, so does the description, but for what is said at Register.
type entry struct {
	ID
	ppid int
	uid  int           // effective; -1 when the cheap call does not tell
	comm [commLen]byte // the short name, padded with zeros
	exec uint64        // changes with every exec, where the system tells; else 0
	term bool          // it has a controlling terminal, where the cheap call tells
	kern bool          // a thread of the kernel: no signal ends it
}

// name is the short name as text.
func (e *entry) name() string {
	for i, c := range e.comm {
		if c == 0 {
			return string(e.comm[:i])
		}
	}
	return string(e.comm[:])
}

// Identify reads who has this PID now. It is cheap: one file on Linux, one call
// on macOS. The error wraps ErrGone when there is no such process or it has
// ended and only waits for its parent (a zombie), and fs.ErrPermission when
// the system does not tell this user.
func Identify(pid int) (ID, error) {
	e, err := host.entry(pid)
	return e.ID, err
}

// Read reads identity and description of the process that has this PID now. What
// may not be read stays empty: even the identity (Start zero) where the
// system hides other users' processes. The error wraps ErrGone when there is no such process.
func Read(pid int) (*Process, error) { return NewRegister().Lookup(pid) }

// describeTries is how often describe begins again because the process it began with has
// become another one (or another program) before it was done.
const describeTries = 3
