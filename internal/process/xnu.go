package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"sync"
	"syscall"
	"time"

	"portolan/internal/app"
)

// libproc is all that is asked of macOS. The calls are in process_darwin.go;
// tests answer them from files. Errors are errno.
type libproc interface {
	// pidInfo is proc_pidinfo(3), but an error is an error and not 0 bytes.
	pidInfo(pid int, flavor uint32, room []byte) (int, error)
	// sysctl reads name.pid.
	sysctl(name string, pid int) ([]byte, error)
	// responsible is responsibility_get_pid_responsible_for_pid, -1 where there is none.
	responsible(pid int) int
	// watch begins to wait for the end of a process; ESRCH when it has ended.
	watch(pid int) (exit, error)
	// signalToken is proc_signal_with_audittoken; ENOSYS before macOS 14.4.
	signalToken(token [8]uint32, signal int) error
	// kill is kill(2).
	kill(pid int, signal int) error
}

// exit is the end of a process, waited for.
type exit interface {
	wait(ctx context.Context) error
	close()
}

// xnu reads processes on macOS.
type xnu struct{ calls libproc }

// entry asks twice: who it is, and what it is called. Both are told of everybody's processes, but not of zombies.
func (x xnu) entry(pid int) (entry, error) {
	// Kept rooms: this is asked of every known process in each refresh, and should allocate nothing.
	room := entryRooms.Get().(*[sizeShortBSDInfo]byte)
	defer entryRooms.Put(room)
	u, err := x.uniqueID(pid, room[:sizeUniqueID])
	if err != nil {
		return entry{}, endedOr(pid, err)
	}
	n, err := x.calls.pidInfo(pid, pidShortBSDInfo, room[:])
	if err != nil {
		return entry{}, endedOr(pid, err)
	}
	b, err := decodeShortBSDInfo(room[:n])
	if err != nil {
		return entry{}, endedOr(pid, err)
	}
	e := entry{ID: ID{PID: pid, Start: u.unique}, ppid: int(b.ppid), uid: int(b.uid), exec: uint64(u.version)}
	comm, _, _ := bytes.Cut(b.comm[:], []byte{0})
	copy(e.comm[:], comm)
	return e, nil
}

// entryRooms are for the two structures that an entry is read from; the second is the longer.
var entryRooms = sync.Pool{New: func() any { return new([sizeShortBSDInfo]byte) }}

func (x xnu) uniqueID(pid int, room []byte) (uniqueID, error) {
	n, err := x.calls.pidInfo(pid, pidUniqueID, room)
	if err != nil {
		return uniqueID{}, err
	}
	return decodeUniqueID(room[:n])
}

// endedOr says what could not be read. ESRCH is what the kernel says of zombies too.
func endedOr(pid int, err error) error {
	if errors.Is(err, syscall.ESRCH) {
		err = ErrGone
	}
	return fmt.Errorf("read process %d: %w", pid, err)
}

// describe reads the pieces, and then whether they are all of the same process.
func (x xnu) describe(pid int, more *app.Evidence) (*Process, entry, error) {
	var p *Process
	var before, after entry
	for range describeTries {
		var err error
		if before, err = x.entry(pid); err != nil {
			return nil, entry{}, err
		}
		started, terminal := x.session(pid)
		p = &Process{ID: before.ID, PPID: before.ppid, UID: before.uid, User: UserName(before.uid), Started: started}
		p.Executable, p.Name = x.executable(pid, before.name())
		p.App = app.App{Name: p.Name, Path: p.Executable, Kind: app.Executable}
		if more != nil {
			x.evidence(p, more)
			more.Terminal = terminal
		}
		if after, err = x.entry(pid); err != nil {
			return nil, entry{}, err
		}
		if before.ID == after.ID && before.exec == after.exec {
			return p, after, nil
		}
	}
	if before.ID != after.ID {
		return nil, entry{}, fmt.Errorf("read process %d: its number is given to others faster than it can be read", pid)
	}
	if more != nil {
		*more = app.Evidence{}
	}
	return p, after, nil
}

// session says when the process began, the zero time when that cannot be told, and whether it has a terminal.
func (x xnu) session(pid int) (started time.Time, terminal bool) {
	buf, err := x.calls.sysctl("kern.proc.pid", pid)
	if err != nil {
		return time.Time{}, false
	}
	records, _ := decodeKinfo(buf)
	if len(records) == 0 || int(records[0].pid) != pid {
		return time.Time{}, false
	}
	return records[0].started, records[0].terminal != noDevice
}

// evidence reads what tells the app of the described process. Of other users' processes
// it is little: neither their arguments nor their working directory may be read.
func (x xnu) evidence(p *Process, more *app.Evidence) {
	*more = app.Evidence{PID: p.PID, Name: p.Name, Executable: p.Executable, UID: p.UID, Ancestors: more.Ancestors[:0]}
	if args, err := x.procargs(p.PID); err == nil {
		more.Args = args.argv
	}
	var room [sizeVnodePath]byte
	if n, err := x.calls.pidInfo(p.PID, pidVnodePath, room[:]); err == nil {
		more.Dir, _ = decodeWorkingDirectory(room[:n])
	}
	if by := x.calls.responsible(p.PID); by > 1 && by != p.PID {
		more.Responsible, _ = x.path(by)
	}
}

// procargs reads what the process was started with. The error is EINVAL for another user's process.
func (x xnu) procargs(pid int) (procargs, error) {
	buf, err := x.calls.sysctl("kern.procargs2", pid)
	if err != nil {
		return procargs{}, err
	}
	defer clear(buf) // the environment is in there
	return decodeProcargs(buf)
}

// executable gives the path and the name. The kernel does not tell the path when the file
// was deleted or replaced since it was started (ENOENT; an upgrade does that): then what it
// was started as, the longer of its short names, and the short name, which is comm, follow.
func (x xnu) executable(pid int, comm string) (executable, name string) {
	if executable, err := x.path(pid); err == nil && executable != "" {
		return executable, path.Base(executable)
	}
	if args, err := x.procargs(pid); err == nil && path.IsAbs(args.path) {
		return args.path, path.Base(args.path)
	}
	var room [sizeBSDInfo]byte
	if n, err := x.calls.pidInfo(pid, pidBSDInfo, room[:]); err == nil {
		if b, err := decodeBSDInfo(room[:n]); err == nil && len(b.name) > len(comm) {
			return "", b.name
		}
	}
	return "", comm
}

// path is proc_pidpath(3), which is this flavor and a strlen.
func (x xnu) path(pid int) (string, error) {
	var room [sizePath]byte
	if _, err := x.calls.pidInfo(pid, pidPathInfo, room[:]); err != nil {
		return "", err
	}
	return cString(room[:]), nil
}

// open begins to wait for the end of the process before anything else is asked of it: from
// then on its end cannot be missed.
func (x xnu) open(id ID) (handle, error) {
	exit, err := x.calls.watch(id.PID)
	if errors.Is(err, syscall.ESRCH) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("watch for its end: %w", err)
	}
	h := &xnuHandle{xnu: x, exit: exit, pid: id.PID}
	h.path, _ = x.path(id.PID)
	return h, nil
}

// xnuHandle is a hold on a process: its number, what tells it from another
// with that number, and the wait for its end.
type xnuHandle struct {
	xnu
	exit
	pid  int
	path string // of its program when it was opened
	last entry  // as read last
}

// identity: another program in the same process (exec) counts as gone, since it is
// not what the person chose to end.
func (h *xnuHandle) identity() (ID, error) {
	e, err := h.entry(h.pid)
	if err != nil {
		return ID{}, err
	}
	if now, _ := h.xnu.path(h.pid); now != h.path {
		return ID{}, fmt.Errorf("it is another program now: %w", ErrGone)
	}
	h.last = e
	return e.ID, nil
}

// signalTries is how often a signal is sent again because the process ran the same program anew in between.
const signalTries = 3

// signal: the kernel compares PID and p_idversion in the call itself where it
// can (macOS 14.4). Elsewhere the identity is read once more right before kill(2).
func (h *xnuHandle) signal(s Signal) error {
	number := int(syscall.SIGTERM)
	if s == ForceKill {
		number = int(syscall.SIGKILL)
	}
	for try := 1; ; try++ {
		err := h.calls.signalToken(auditToken(h.pid, uint32(h.last.exec)), number)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.ENOSYS):
			return h.kill(number)
		case !errors.Is(err, syscall.ESRCH):
			return fmt.Errorf("proc_signal_with_audittoken: %w", err)
		}
		meant := h.last
		if now, err := h.identity(); err != nil {
			return err
		} else if now != meant.ID || h.last.exec == meant.exec || try == signalTries {
			return ErrGone
		}
	}
}

func (h *xnuHandle) kill(number int) error {
	meant := h.last.ID
	if now, err := h.identity(); err != nil {
		return err
	} else if now != meant {
		return ErrGone
	}
	err := h.calls.kill(h.pid, number)
	if errors.Is(err, syscall.ESRCH) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("kill: %w", err)
	}
	return nil
}
