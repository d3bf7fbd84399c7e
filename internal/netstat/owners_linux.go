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

// probeMisses is how many numbers without a descriptor are worth trying.
const probeMisses = 16

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
	// The size of the directory is the number of descriptors since Linux 6.2 (commit f1f1f2569901), before it is 0.
	if err := readLinks(dir, q, st.Size); err != nil {
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

// readLinks reads the links of the descriptors of a process, of which there are about count
// (0: not known), but the known ones that newOnly leaves out.
func readLinks(dir int, q *query, count int64) error {
	if !q.newOnly && count > 0 {
		if err := probeLinks(dir, q, count); err != nil {
			return err
		}
	}
	known := q.known
	return entries(dir, q.buffer, func(e dirent, buffer []byte) error {
		for len(known) > 0 && int(known[0].number) < e.number {
			known = known[1:]
		}
		if q.newOnly && len(known) > 0 && int(known[0].number) == e.number && !known[0].stale {
			q.found = append(q.found, known[0])
			return nil
		}
		return q.readLink(dir, e.number, &buffer[e.name])
	})
}

// readLink reads one link; that the descriptor was closed since it was listed is no error.
func (q *query) readLink(dir, number int, name *byte) error {
	var link [linkRoom]byte
	n, errno := readlinkat(dir, name, &link)
	switch errno {
	case 0:
		inode, _ := socketInode(link[:n])
		q.found = append(q.found, descriptor{number: int32(number), inode: inode})
	case unix.ENOENT:
	case unix.EACCES, unix.EPERM, unix.ESRCH:
		return errno
	default:
		q.found = append(q.found, descriptor{number: int32(number)})
	}
	return nil
}

// probeLinks reads the links of descriptors 0, 1, 2 and so on, which are nearly always all there are, and
// leaves the directory at the number behind, so that listing it gives the rest. To
// list a descriptor costs a third of reading its link. The position in the directory
// is the number and two, for "." and ".." (proc_readfd_common in fs/proc/fd.c).
func probeLinks(dir int, q *query, count int64) error {
	number, misses := 0, 0
	for len(q.found)+misses < int(count)+probeMisses && len(q.found) < int(count) {
		name := append(strconv.AppendInt(q.buffer[:0], int64(number), 10), 0)
		before := len(q.found)
		if err := q.readLink(dir, number, &name[0]); err != nil {
			return err
		}
		if len(q.found) == before {
			misses++
		}
		number++
	}
	_, err := unix.Seek(dir, int64(number)+2, unix.SEEK_SET)
	return err
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
