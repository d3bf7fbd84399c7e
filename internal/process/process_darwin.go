package process

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

var host system = xnu{libSystem{}}

// libSystem makes the calls without cgo, so that the program cross-compiles from anywhere.
//
// libproc's functions return 0 for failure and for nothing alike and leave the
// cause in errno, a variable of the thread that Go's door into libSystem looks at only when a
// function returns -1: EPERM and ESRCH would be lost. So proc_info is called as
// libproc calls it: as the system call, whose failure is the processor's carry
// flag and cannot be mistaken. Its number and arguments have been the same since
// Mac OS X 10.5. The two functions that not every macOS has are looked
// up by name when they are first needed (dlsym); both return what they have to say.
// A library that calls any C function (purego) would do as well, but it brings a C
// runtime of its own to save one line of assembly.
type libSystem struct{}

const (
	sysProcInfo = 336 // SYS_proc_info (bsd/kern/syscalls.master in xnu)
	procPIDInfo = 2   // PROC_INFO_CALL_PIDINFO (bsd/sys/proc_info.h)
)

func (libSystem) pidInfo(pid int, flavor uint32, room []byte) (int, error) {
	n, _, errno := unix.Syscall6(sysProcInfo, procPIDInfo, uintptr(pid), uintptr(flavor), 0,
		uintptr(unsafe.Pointer(unsafe.SliceData(room))), uintptr(len(room)))
	if errno != 0 {
		return 0, errno
	}
	return min(int(n), len(room)), nil
}

func (libSystem) sysctl(name string, pid int) ([]byte, error) { return unix.SysctlRaw(name, pid) }

// dlsym finds a function of libSystem; 0 when this macOS does not have it.
func dlsym(name string) uintptr {
	const rtldDefault = ^uintptr(1) // RTLD_DEFAULT is -2 (dlfcn.h)
	text, err := unix.BytePtrFromString(name)
	if err != nil {
		return 0
	}
	address, _, _ := syscall6(dlsymAddr, rtldDefault, uintptr(unsafe.Pointer(text)), 0, 0, 0, 0)
	return address
}

var (
	responsiblePID = sync.OnceValue(func() uintptr { return dlsym("responsibility_get_pid_responsible_for_pid") })
	signalByToken  = sync.OnceValue(func() uintptr { return dlsym("proc_signal_with_audittoken") })
)

func (libSystem) responsible(pid int) int {
	fn := responsiblePID()
	if fn == 0 {
		return -1
	}
	by, _, _ := syscall6(fn, uintptr(pid), 0, 0, 0, 0, 0)
	return int(int32(by))
}

func (libSystem) signalToken(token [8]uint32, signal int) error {
	fn := signalByToken()
	if fn == 0 {
		return unix.ENOSYS
	}
	errno, _, _ := syscall6(fn, uintptr(unsafe.Pointer(&token)), uintptr(signal), 0, 0, 0, 0)
	if errno = uintptr(uint32(errno)); errno != 0 {
		return syscall.Errno(errno)
	}
	return nil
}

func (libSystem) kill(pid int, signal int) error { return unix.Kill(pid, unix.Signal(signal)) }

// kqueue is a queue of two events: the process ends, and somebody has had enough of waiting.
type kqueue struct{ fd int }

// wakeIdent is the name of the second event.
const wakeIdent = 1

func (libSystem) watch(pid int) (exit, error) {
	fd, err := unix.Kqueue()
	if err != nil {
		return nil, fmt.Errorf("kqueue: %w", err)
	}
	unix.CloseOnExec(fd)
	events := make([]unix.Kevent_t, 2)
	unix.SetKevent(&events[0], pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	events[0].Fflags = unix.NOTE_EXIT
	unix.SetKevent(&events[1], wakeIdent, unix.EVFILT_USER, unix.EV_ADD|unix.EV_CLEAR)
	if _, err := unix.Kevent(fd, events, nil, nil); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("kevent: %w", err)
	}
	return kqueue{fd}, nil
}

func (k kqueue) close() { _ = unix.Close(k.fd) }

// wait sleeps in the kernel until either event is there.
func (k kqueue) wait(ctx context.Context) error {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		wake := make([]unix.Kevent_t, 1)
		unix.SetKevent(&wake[0], wakeIdent, unix.EVFILT_USER, 0)
		wake[0].Fflags = unix.NOTE_TRIGGER
		_, _ = unix.Kevent(k.fd, wake, nil, nil) // the queue is open, and the event is in it
	})
	defer func() {
		if !stop() {
			<-woken // the queue is closed after this, and its number may be another file's
		}
	}()
	for {
		events := make([]unix.Kevent_t, 2)
		n, err := unix.Kevent(k.fd, nil, events, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("kevent: %w", err)
		}
		for _, e := range events[:n] {
			if e.Filter == unix.EVFILT_PROC {
				return nil
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

//go:linkname syscall6 syscall.syscall6
func syscall6(fn, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

//go:cgo_import_dynamic libc_dlsym dlsym "/usr/lib/libSystem.B.dylib"

// dlsymAddr is the address of dlsym(3), from process_darwin.s.
var dlsymAddr uintptr
