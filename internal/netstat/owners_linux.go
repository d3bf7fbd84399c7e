package netstat

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"portolan/internal/process"
)

// procDir is a /proc file system.
type procDir struct {
	root   string // "/proc"
	buffer []byte // of list
}

// direntRoom is the room for directory entries: over two thousand of them at once.
const direntRoom = 64 << 10

// linkRoom is more than "socket:[4294967295]"; longer links are cut short and are no sockets.
const linkRoom = 32

const (
	// probeMisses is how many numbers without a descriptor are worth trying.
	probeMisses = 16
	// probeBeyond is how many behind the highest known are: the kernel gives away the lowest free one.
	probeBeyond = 3
	// direntSize is what an entry for a descriptor takes, and a little more.
	direntSize = 32
)

func (p *procDir) path(pid int, name string) string {
	return p.root + "/" + strconv.Itoa(pid) + "/" + name
}

func (p *procDir) list(into []dirent) ([]dirent, error) {
	dir, err := unix.Open(p.root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return into, fmt.Errorf("list processes in %s: %w", p.root, err)
	}
	defer unix.Close(dir)
	if p.buffer == nil {
		p.buffer = make([]byte, direntRoom/4)
	}
	err = entries(dir, p.buffer, func(d dirent, _ []byte) error {
		into = append(into, d)
		return nil
	})
	if err != nil {
		return into, fmt.Errorf("list processes in %s: %w", p.root, err)
	}
	if len(into) == 0 {
		return into, fmt.Errorf("list processes in %s: there are none, not even this one: is it mounted?", p.root)
	}
	byPID := func(a, b dirent) int { return a.number - b.number }
	if !slices.IsSortedFunc(into, byPID) { // the kernel gives them in order, and does not promise to
		slices.SortFunc(into, byPID)
	}
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

func (p *procDir) read(q *query) error {
	if q.buffer == nil {
		q.buffer = make([]byte, direntRoom)
	}
	dir, err := p.openDescriptors(q)
	if err != nil {
		return p.refused(q.pid, err)
	}
	defer unix.Close(dir)
	var st unix.Stat_t
	if err := unix.Fstat(dir, &st); err != nil {
		return p.refused(q.pid, err)
	}
	q.uid, q.directory = st.Uid, st.Ino
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

// openDescriptors is unix.Open of /proc/PID/fd without making strings of the path.
func (p *procDir) openDescriptors(q *query) (int, error) {
	path := append(q.buffer[:0], p.root...)
	path = append(path, '/')
	path = strconv.AppendInt(path, int64(q.pid), 10)
	path = append(path, "/fd\x00"...)
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC
	at := unix.AT_FDCWD
	for {
		fd, _, errno := unix.Syscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), flags, 0, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case unix.EINTR:
			continue
		}
		return -1, errno
	}
}

// readLinks reads the links that are asked for of a process which has about count descriptors (0: not known).
func readLinks(dir int, q *query, count int64) error {
	known := q.known
	switch q.scope {
	case likelyLinks:
		return readLikely(dir, q)
	case newLinks:
		return listLinks(dir, q, known, 0)
	case someLinks:
		first, end := known[:indexOf(known, q.from)], known[len(known):]
		if q.until != 0 {
			end = known[indexOf(known, q.until):]
		}
		q.found = append(q.found, first...)
		if err := probeLinks(dir, q, q.from, len(known)-len(first)-len(end)); err != nil {
			return err
		}
		q.found = append(q.found, end...)
		return nil
	default:
		q.from, q.until = 0, 0
		return probeLinks(dir, q, 0, int(count))
	}
}

func indexOf(known []descriptor, number int32) int {
	return sort.Search(len(known), func(i int) bool { return known[i].number >= number })
}

// errEnough ends the listing of a directory.
var errEnough = errors.New("enough")

// listLinks lists the descriptors from the directory's position on, up to, but not with, number until
// (0: to the end), and reads their links, but those of the known that are not stale.
func listLinks(dir int, q *query, known []descriptor, until int32) error {
	buffer := q.buffer
	if until != 0 { // the kernel is not to list many more than are wanted
		buffer = buffer[:min(len(buffer), direntSize*(int(until-q.from)+probeMisses))]
	}
	err := entries(dir, buffer, func(e dirent, buffer []byte) error {
		if until != 0 && e.number >= int(until) {
			return errEnough
		}
		for len(known) > 0 && int(known[0].number) < e.number {
			known = known[1:]
		}
		if len(known) > 0 && int(known[0].number) == e.number && !known[0].stale {
			q.found = append(q.found, known[0])
			return nil
		}
		return q.readLink(dir, e.number, &buffer[e.name])
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// readLikely reads the stale links and those at the first free numbers, which the kernel gives to new descriptors
// (alloc_fd in fs/file.c).
func readLikely(dir int, q *query) error {
	next, misses := int32(0), 0
	for _, k := range q.known {
		for ; next < k.number && misses < probeMisses; next++ {
			found, err := q.probe(dir, next)
			if err != nil {
				return err
			}
			if !found {
				misses++
			}
		}
		next = k.number + 1
		if !k.stale {
			q.found = append(q.found, k)
			continue
		}
		if _, err := q.probe(dir, k.number); err != nil {
			return err
		}
	}
	for misses = 0; misses < probeBeyond; next++ {
		found, err := q.probe(dir, next)
		if err != nil {
			return err
		}
		if !found {
			misses++
		}
	}
	return nil
}

// probe reads the link at a number, if there is a descriptor.
func (q *query) probe(dir int, number int32) (found bool, err error) {
	name := append(strconv.AppendInt(q.buffer[:0], int64(number), 10), 0)
	before := len(q.found)
	err = q.readLink(dir, int(number), &name[0])
	return len(q.found) > before, err
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

// probeLinks reads the links of about count descriptors from a number on, up to, but not with, q.until (0: to the end): first
// at each number in turn, where nearly always they are, then, unless those were all of a whole process, those that listing the directory gives from there on. To
// list a descriptor costs a third of reading its link. The position in the directory
// is the number and two, for "." and ".." (proc_readfd_common in fs/proc/fd.c).
func probeLinks(dir int, q *query, from int32, count int) error {
	number, target := from, len(q.found)+count
	for len(q.found) < target && int(number-from) < count+probeMisses && (q.until == 0 || number < q.until) {
		if _, err := q.probe(dir, number); err != nil {
			return err
		}
		number++
	}
	if q.until != 0 && number >= q.until || q.scope == allLinks && count > 0 && len(q.found) == target {
		return nil
	}
	if number > 0 {
		if _, err := unix.Seek(dir, int64(number)+2, unix.SEEK_SET); err != nil {
			return err
		}
	}
	return listLinks(dir, q, nil, q.until)
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
func (p *procDir) refused(pid int, err error) error {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ESRCH):
		return errProcessGone
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return fmt.Errorf("open a descriptor to read the processes with: %w", err)
	case !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM):
		return fmt.Errorf("read descriptors of process %d: %w", pid, err)
	}
	if text, err := os.ReadFile(p.path(pid, "stat")); err == nil && holdsNothing(text) {
		return errProcessGone
	}
	return errDenied
}
