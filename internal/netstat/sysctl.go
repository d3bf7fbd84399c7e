package netstat

import (
	"errors"
	"fmt"
	"syscall"
)

// xnu is all that the macOS reader asks of the system. The calls are in
// netstat_darwin.go; tests answer them from files.
type xnu interface {
	// sysctl is sysctlbyname(3) for reading. With an empty room it returns how
	// much there is, else how much was written, also beside an error.
	sysctl(name string, room []byte) (int, error)
	// procInfo is the proc_info system call. Which argument means what depends on call.
	procInfo(call, pid int, flavor uint32, arg uint64, room []byte) (int, error)
	// interfaceName is if_indextoname(3); "" when there is no such interface.
	interfaceName(index uint32) string
	uid() int // our effective user
	pid() int // our own
}

// tableTries is how often a table that keeps growing is asked for.
const tableTries = 4

// readTable reads a sysctl whose size changes. The kernel says how much room it
// wants, with an eighth to spare; when that turns out too little (ENOMEM) the
// next try has half as much again, since what it says beside the error is how
// much it wrote and not how much there is. After the last try the part that was
// written is returned beside the error. room is used when it is large enough.
func readTable(sys xnu, name string, room []byte) ([]byte, error) {
	want, err := sys.sysctl(name, nil)
	if err != nil {
		return room[:0], fmt.Errorf("ask sysctl %s for its size: %w", name, err)
	}
	for try := 1; ; try++ {
		if cap(room) < want {
			room = make([]byte, want)
		}
		room = room[:cap(room)]
		n, err := sys.sysctl(name, room)
		if err == nil {
			return room[:n], nil
		}
		if !errors.Is(err, syscall.ENOMEM) || try == tableTries {
			return room[:max(0, min(n, len(room)))], fmt.Errorf("read sysctl %s: %w", name, err)
		}
		want = len(room) + len(room)/2
	}
}
