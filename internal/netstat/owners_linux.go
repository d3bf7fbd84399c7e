package netstat

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"portolan/internal/process"
)

// procDir is a /proc file system.
type procDir struct {
	root string // "/proc"
}

// direntRoom is the room for directory entries: over two thousand of them at once.
const direntRoom = 64 << 10

// linkRoom is more than "socket:[4294967295]"; longer links are cut short and are no sockets.
const linkRoom = 32

func (p procDir) path(pid int, name string) string {
	return p.root + "/" + strconv.Itoa(pid) + "/" + name
}

func (p procDir) list(into []dirent) ([]dirent, error) {
	dir, err := unix.Open(p.root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return into, fmt.Errorf("list processes in %s: %w", p.root, err)
	}
	defer unix.Close(dir)
	err = entries(dir, make([]byte, direntRoom/4), func(d dirent, _ []byte) error {
		into = append(into, d)
		return nil
	})
	if err != nil {
		return into, fmt.Errorf("list processes in %s: %w", p.root, err)
	}
	if len(into) == 0 {
		return into, fmt.Errorf("list processes in %s: there are none, not even this one: is it mounted?", p.root)
	}
	slices.SortFunc(into, func(a, b dirent) int { return a.number - b.number })
	return into, nil
}

// entries calls f for every entry of a directory whose name is a number.
func entries(dir int, buffer []byte, f func(d dirent, buffer []byte) error) error {
	for {
		n, err := unix.Getdents(dir, buffer)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		for offset := 0; ; {
			d, next, ok, err := nextDirent(buffer[:n], offset)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			if err := f(d, buffer); err != nil {
				return err
			}
			offset = next
		}
	}
}

func (p procDir) read(q *query) error {
	if q.buffer == nil {
		q.buffer = make([]byte, direntRoom)
	}
	dir, err := unix.Open(p.path(q.pid, "fd"), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return p.refused(q.pid, err)
	}
	defer unix.Close(dir)
	var st unix.Stat_t
	if err := unix.Fstat(dir, &st); err != nil {
		return p.refused(q.pid, err)
	}
	q.uid = st.Uid
	if err := readLinks(dir, q); err != nil {
		return p.refused(q.pid, err)
	}
	if q.identity != (process.ID{}) || !slices.ContainsFunc(q.found, func(d descriptor) bool { return d.inode != 0 }) {
		return nil
	}
	q.identity, err = process.Identify(q.pid)
	if err != nil {
		return errProcessGone
	}
	return stillThere(dir)
}

// readLinks lists the descriptors and reads the links of those that are not settled.
func readLinks(dir int, q *query) error {
	var link [linkRoom]byte
	known := q.known
	return entries(dir, q.buffer, func(e dirent, buffer []byte) error {
		for len(known) > 0 && int(known[0].number) < e.number {
			known = known[1:]
		}
		if q.settled != nil && len(known) > 0 && int(known[0].number) == e.number && q.settled(known[0].inode) {
			q.found = append(q.found, known[0])
			return nil
		}
		n, errno := readlinkat(dir, &buffer[e.name], &link)
		switch errno {
		case 0:
			inode, _ := socketInode(link[:n])
			q.found = append(q.found, descriptor{int32(e.number), inode})
			return nil
		case unix.ENOENT: // closed since it was listed
			return nil
		case unix.EACCES, unix.EPERM, unix.ESRCH:
			return errno
		default:
			q.found = append(q.found, descriptor{int32(e.number), 0})
			return nil
		}
	})
}

// readlinkat is unix.Readlinkat without making a string of the name: that is
// already in the buffer, with the zero at its end. It waits for nothing, the kernel only
// copies a name, so the scheduler need not be told each of many thousand times.
func readlinkat(dir int, name *byte, link *[linkRoom]byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(name)),
		uintptr(unsafe.Pointer(link)), linkRoom, 0, 0)
	return int(n), errno
}

// stillThere proves that the identity that was read just now by the PID is that of the
// process dir was opened for: until that has ended, nobody else can have its PID.
func stillThere(dir int) error {
	var buffer [64]byte
	if _, err := unix.Seek(dir, 0, unix.SEEK_SET); err != nil {
		return errProcessGone
	}
	if _, err := unix.Getdents(dir, buffer[:]); err != nil {
		return errProcessGone
	}
	return nil
}

// refused says what an error from a process's directory means.
func (p procDir) refused(pid int, err error) error {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ESRCH):
		return errProcessGone
	case !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM):
		return fmt.Errorf("read descriptors of process %d: %w", pid, err)
	}
	if text, err := os.ReadFile(p.path(pid, "stat")); err == nil && holdsNothing(text) {
		return errProcessGone
	}
	return errDenied
}
