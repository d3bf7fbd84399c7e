package netstat

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"portolan/internal/process"
)

// Reader reads snapshots. It keeps its buffers, and what it knows of the
// processes, from one read to the next. It is for one caller at a time.
type Reader struct {
	scanner *scanner
	closed  bool
}

// Open makes a Reader. On macOS nothing is held open, and it does not fail.
func Open() (*Reader, error) {
	return &Reader{scanner: newScanner(libSystem{}, process.NewRegister())}, nil
}

// Read reads all sockets and who holds them. What this user may not see, and what the
// kernel said that could not be understood, is no error: it is counted in Snapshot.Hidden,
// with the reason. The error wraps ctx's when that is done, and each source's when all of them fail.
func (r *Reader) Read(ctx context.Context) (*Snapshot, error) {
	if r.closed {
		return nil, fmt.Errorf("read the sockets: %w", os.ErrClosed)
	}
	return r.scanner.read(ctx)
}

// CountBytes does nothing: macOS always tells the byte counters.
func (r *Reader) CountBytes(bool) {}

// Close gives back what the Reader keeps. Read fails after it.
func (r *Reader) Close() error {
	r.scanner, r.closed = nil, true
	return nil
}

// libSystem makes the calls without cgo, so that the program cross-compiles from anywhere.
//
// sysctlbyname(3) and if_indextoname(3) are public functions of libSystem and are
// called as golang.org/x/sys/unix calls its own: imported by name, through package
// syscall's door, which gives errno when the function returns -1. libproc's functions
// return 0 instead, for failure and for an empty list alike, and leave the cause in a
// variable of the thread, where that door does not look. So proc_info is called
// as libproc calls it: as the system call, whose failure is the processor's
// carry flag and cannot be mistaken. Its number and arguments have been the same since
// Mac OS X 10.5. A library that calls any C function (purego) would do as well, but it
// brings a C runtime of its own to save two lines of assembly.
type libSystem struct{}

// sysProcInfo is SYS_proc_info (bsd/kern/syscalls.master in xnu).
const sysProcInfo = 336

func (libSystem) procInfo(call, pid int, flavor uint32, arg uint64, room []byte) (int, error) {
	n, _, errno := unix.Syscall6(sysProcInfo, uintptr(call), uintptr(pid), uintptr(flavor), uintptr(arg),
		uintptr(unsafe.Pointer(unsafe.SliceData(room))), uintptr(len(room)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func (libSystem) sysctl(name string, room []byte) (int, error) {
	text, err := unix.BytePtrFromString(name)
	if err != nil {
		return 0, err
	}
	n := uintptr(len(room))
	_, _, errno := syscall6(sysctlbynameAddr, uintptr(unsafe.Pointer(text)),
		uintptr(unsafe.Pointer(unsafe.SliceData(room))), uintptr(unsafe.Pointer(&n)), 0, 0, 0)
	if errno != 0 {
		return int(n), errno
	}
	return int(n), nil
}

func (libSystem) interfaceName(index uint32) string {
	var name [unix.IFNAMSIZ]byte
	found, _, _ := syscall6(indextonameAddr, uintptr(index), uintptr(unsafe.Pointer(&name[0])), 0, 0, 0, 0)
	if found == 0 {
		return ""
	}
	return unix.ByteSliceToString(name[:])
}

func (libSystem) uid() int { return unix.Geteuid() }
func (libSystem) pid() int { return unix.Getpid() }

//go:linkname syscall6 syscall.syscall6
func syscall6(fn, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

//go:cgo_import_dynamic libc_sysctlbyname sysctlbyname "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_if_indextoname if_indextoname "/usr/lib/libSystem.B.dylib"

// The addresses of the functions, from netstat_darwin.s.
var sysctlbynameAddr, indextonameAddr uintptr
