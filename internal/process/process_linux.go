package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"portolan/internal/app"
)

var host system = procfs{root: procRoot}

// procRoot is where /proc is (proc(5)).
const procRoot = "/proc"

// procfs reads processes from a /proc file system.
type procfs struct {
	root string // procRoot, but for tests
}

// statRoom holds /proc/PID/stat up to the last field that is used, with room to spare.
const statRoom = 1024

// pathRoom holds the name of a file of /proc/PID.
const pathRoom = 64

// openFile opens a file of /proc/PID; name begins with a slash, or is empty for the directory.
func (f procfs) openFile(pid int, name string, flags int) (int, error) {
	var room [pathRoom]byte
	path := append(room[:0], f.root...)
	path = append(path, '/')
	path = strconv.AppendInt(path, int64(pid), 10)
	path = append(path, name...)
	return openPath(unix.AT_FDCWD, append(path, 0), flags)
}

// entry allocates nothing: it is read of every known process in each refresh.
func (f procfs) entry(pid int) (entry, error) {
	fd, err := f.openFile(pid, "/stat", unix.O_RDONLY)
	if err != nil {
		return entry{}, f.readError(pid, err)
	}
	defer shut(fd)
	var room [statRoom]byte
	text, err := readOnce(fd, room[:])
	if err != nil {
		return entry{}, f.readError(pid, err)
	}
	return entryOf(pid, text)
}

// entryOf reads the text of /proc/PID/stat; a zombie has ended.
func entryOf(pid int, text []byte) (entry, error) {
	s, err := parseStat(text)
	switch {
	case err != nil:
		return entry{}, fmt.Errorf("read process %d: %w", pid, err)
	case s.zombie:
		return entry{}, fmt.Errorf("read process %d: %w", pid, ErrGone)
	case s.PID != pid:
		return entry{}, fmt.Errorf("read process %d: its stat is that of %d", pid, s.PID)
	}
	return s.entry, nil
}

// readError says what could not be read. What the system says when a process is
// not there becomes ErrGone, unless it is there and only hidden (hidepid=2):
// kill(2) with signal 0 sends nothing, and still tells a stranger's process from none.
func (f procfs) readError(pid int, err error) error {
	if ended(err) {
		err = ErrGone
		if f.root == procRoot && pid > 0 && unix.Kill(pid, 0) == unix.EPERM {
			err = unix.EPERM
		}
	}
	return fmt.Errorf("read process %d: %w", pid, err)
}

// describe reads everything below one descriptor of /proc/PID. It stays with the
// process it was opened for: after that has ended, nothing can be read through
// it, also when another process has the PID.
func (f procfs) describe(pid int, more *app.Evidence) (*Process, entry, error) {
	dir, err := f.openFile(pid, "", unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return f.concealed(pid, -1, f.readError(pid, err))
	}
	defer shut(dir)
	before, err := f.entryIn(dir, pid)
	if err != nil {
		return f.concealed(pid, owner(dir), err)
	}
	for try := 1; ; try++ {
		p, err := f.describeIn(dir, &before)
		if err != nil {
			return nil, entry{}, err
		}
		whole := true
		if more != nil && !before.kern {
			whole = evidenceIn(dir, &before, p, more)
		} else if p.Executable != "" && p.UID >= 0 {
			return p, before, nil
		}
		// Did it run another program while we read, or end, so that nothing could be read?
		after, err := f.entryIn(dir, pid)
		switch {
		case err != nil:
			return nil, entry{}, err
		case more == nil, after == before && (whole || try == describeTries):
			return p, before, nil
		case try == describeTries:
			*more = app.Evidence{}
			return p, after, nil
		case !whole:
			time.Sleep(execTime)
			if after, err = f.entryIn(dir, pid); err != nil {
				return nil, entry{}, err
			}
		}
		before = after
	}
}

// describeIn reads the description of the process that has this entry.
func (f procfs) describeIn(dir int, e *entry) (*Process, error) {
	s := readStatus(dir)
	if s.tgid != 0 && s.tgid != e.PID {
		return nil, fmt.Errorf("read process %d: it is a thread of %d: %w", e.PID, s.tgid, ErrGone)
	}
	p := &Process{ID: e.ID, PPID: e.ppid, UID: s.uid, User: UserName(s.uid), Started: started(e.Start)}
	if !e.kern {
		var err error
		if p.Executable, err = executable(dir); err != nil {
			return nil, fmt.Errorf("read process %d: %w", e.PID, err)
		}
	}
	var cmdline []byte
	if p.Executable == "" {
		cmdline, _ = readAt(dir, "cmdline", make([]byte, unix.PathMax))
	}
	p.Name = processName(p.Executable, e.name(), cmdline)
	p.App = app.App{Name: p.Name, Path: p.Executable, Kind: app.Executable}
	return p, nil
}

// execTime is longer than the system takes to start a program in a process.
const execTime = time.Millisecond

func (f procfs) entryIn(dir, pid int) (entry, error) {
	var room [statRoom]byte
	text, err := readAt(dir, "stat", room[:])
	if err != nil {
		return entry{}, f.readError(pid, err)
	}
	return entryOf(pid, text)
}

// concealed describes a process of which this user may see that it is there, and no
// more: with hidepid=1 the directory's owner, with hidepid=2 nothing.
func (f procfs) concealed(pid, uid int, err error) (*Process, entry, error) {
	if !errors.Is(err, fs.ErrPermission) {
		return nil, entry{}, err
	}
	return &Process{ID: ID{PID: pid}, UID: uid, User: UserName(uid)}, entry{}, nil
}

// owner of /proc/PID is the effective user, whatever else may not be read; -1 when it cannot be told.
func owner(dir int) int {
	var st unix.Stat_t
	if err := unix.Fstat(dir, &st); err != nil {
		return -1
	}
	return userID(st.Uid)
}

// statusRoom holds /proc/PID/status up to the line that can be long, the list of groups.
const statusRoom = 8192

// readStatus has the user id -1 when it may not be read.
func readStatus(dir int) status {
	var room [statusRoom]byte
	text, err := readAt(dir, "status", room[:])
	if err != nil {
		return status{uid: -1}
	}
	s, _ := parseStatus(text)
	return s
}

// executable is "" when it may not be read. The error is ErrGone when the
// process is on its way out: the link goes with its memory, before it is a zombie.
// A process of which only the first thread has ended has the link at the other threads.
func executable(dir int) (string, error) {
	path, err := programLink(dir, "exe")
	if !ended(err) {
		return path, nil
	}
	for _, tid := range threads(dir) {
		if path, err := programLink(dir, "task/"+tid+"/exe"); !ended(err) {
			return path, nil
		}
	}
	return "", ErrGone
}

// programLink reads the link to an executable.
func programLink(dir int, name string) (string, error) {
	link, err := linkIn(dir, name)
	if err != nil {
		return "", err
	}
	return undeleted(link, func(name string) bool {
		_, err := os.Lstat(name)
		return err == nil
	}), nil
}

// linkIn reads one of the links to files that the kernel keeps of a process.
func linkIn(dir int, name string) (string, error) {
	var room [unix.PathMax]byte
	n, err := unix.Readlinkat(dir, name, room[:])
	if err != nil {
		return "", err
	}
	return string(room[:n]), nil
}

// ended: what the system says of a file of a process or thread that is no more.
func ended(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) }

// threads lists the numbers of a process's threads; none when they cannot be read.
func threads(dir int) []string {
	fd, err := open(dir, "task", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil
	}
	list := os.NewFile(uintptr(fd), "task")
	defer list.Close() //nolint:errcheck // it was only read
	names, _ := list.Readdirnames(-1)
	return names
}

// started is when a process with this stamp began; zero when the clocks cannot be read.
func started(start uint64) time.Time {
	var boot unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot); err != nil {
		return time.Time{}
	}
	return startTime(start, time.Now(), time.Duration(boot.Nano()))
}

// readAt reads a file's beginning, as much as there is room for. One read is enough: the
// files of a process in /proc give all they have at once (single_open in fs/proc/base.c).
func readAt(dir int, name string, room []byte) ([]byte, error) {
	fd, err := open(dir, name, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer shut(fd)
	return readOnce(fd, room)
}

// readOnce is read(2), without what unix.Read does for the race detector, for which the room would be allocated.
func readOnce(fd int, room []byte) ([]byte, error) {
	for {
		n, _, errno := syscall.Syscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(room))), uintptr(len(room)))
		switch errno {
		case 0:
			return room[:n], nil
		case unix.EINTR:
		default:
			return nil, errno
		}
	}
}

func open(dir int, name string, flags int) (int, error) {
	var room [pathRoom]byte
	return openPath(dir, append(append(room[:0], name...), 0), flags)
}

// openPath is openat(2) for a path that ends in a zero: unix.Openat copies its path for that.
func openPath(dir int, path []byte, flags int) (int, error) {
	for {
		fd, _, errno := syscall.Syscall6(syscall.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(unsafe.SliceData(path))),
			uintptr(flags|unix.O_CLOEXEC), 0, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case unix.EINTR:
		default:
			return -1, errno
		}
	}
}

// shut closes a descriptor that was only read through: nothing can get lost by it.
func shut(fd int) { _ = unix.Close(fd) }
