package netstat

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"portolan/internal/process"
)

// meanwhile is a /proc in which something happens right before its first process is read,
// and, as there is only one worker, after the kernel has listed its sockets.
type meanwhile struct {
	procTree
	happens func()
}

func happensBeforeSearch(t *testing.T, r *Reader, happens func()) {
	workers := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(workers) })
	r.owners.tree = &meanwhile{r.owners.tree, happens}
}

func (m *meanwhile) read(q *query) error {
	if m.happens != nil {
		m.happens()
		m.happens = nil
	}
	return m.procTree.read(q)
}

// TestReadConfirmsWhatNobodyHolds: a socket that closes between the kernel's list and the search for its
// holder is not shown as one that somebody unseen holds.
func TestReadConfirmsWhatNobodyHolds(t *testing.T) {
	for _, many := range []int{1, 3} { // one port alone is asked for, or the whole table
		var open []net.Listener
		for range many {
			open = append(open, listenWith(t, "tcp4", "127.0.0.1:0", -1), listenWith(t, "tcp6", "[::1]:0", -1))
		}
		stays := listenWith(t, "tcp4", "127.0.0.1:0", -1)
		r := openReader(t)
		happensBeforeSearch(t, r, func() {
			for _, l := range open {
				l.Close()
			}
		})
		for range 2 { // the second read compares itself with the first
			s := readNow(t, r)
			for _, l := range open {
				if left := s.at(TCP, addrPort(l.Addr())); len(left) != 0 {
					t.Errorf("%v is shown: %+v", l.Addr(), left[0])
				}
			}
			if l := s.only(t, TCP, addrPort(stays.Addr()), netip.AddrPort{}); !slices.Equal(pids(l), []int{os.Getpid()}) {
				t.Errorf("the one that stays: %+v", l)
			}
		}
	}
}

// TestReadLetGo: a connection that its process closes meanwhile is the kernel's, in the state that it has now.
func TestReadLetGo(t *testing.T) {
	l := listenWith(t, "tcp4", "127.0.0.1:0", -1)
	client, _ := pair(t, l, "tcp4", l.Addr().String())
	r := openReader(t)
	happensBeforeSearch(t, r, func() { client.Close() })
	s := readNow(t, r).only(t, TCP, addrPort(client.LocalAddr()), addrPort(client.RemoteAddr()))
	if (s.State != FinWait1 && s.State != FinWait2) || s.Absence != Kernel || len(s.Owners) != 0 {
		t.Errorf("got %+v", s)
	}
}

// TestReadHolderEnds: the process that holds a socket ends after it was read.
func TestReadHolderEnds(t *testing.T) {
	l := listenWith(t, "tcp4", "127.0.0.1:0", -1)
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	c := startRole(t, "idle", func(cmd *exec.Cmd) { cmd.ExtraFiles = []*os.File{f} })
	f.Close()
	l.Close()
	r := openReader(t)
	lookup := r.owners.lookup
	r.owners.lookup = func(pid int) (*process.Process, error) {
		if pid == c.pid() {
			c.stop()
		}
		return lookup(pid)
	}
	if left := readNow(t, r).at(TCP, addrPort(l.Addr())); len(left) != 0 {
		t.Errorf("still there: %+v", left[0])
	}
}

// TestReadPassed: a socket on its way through a unix socket (SCM_RIGHTS) is held by no process, and is
// shown all the same; who receives it is noticed within rereadEvery refreshes.
func TestReadPassed(t *testing.T) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	fd, local := bindTo(t, unix.AF_INET, unix.SOCK_DGRAM, netip.MustParseAddr("127.0.0.1"), 0)
	if err := unix.Sendmsg(ends[0], []byte{1}, unix.UnixRights(fd), nil, 0); err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	r := openReader(t)
	first, second := readNow(t, r), readNow(t, r)
	for _, s := range []*Snapshot{first, second} {
		if s := s.only(t, UDP, local, netip.AddrPort{}); len(s.Owners) != 0 || s.Absence == Owned {
			t.Errorf("on its way: %+v", s)
		}
	}
	if &first.Sockets[0] == &second.Sockets[0] {
		t.Error("a read in which the kernel was asked twice is taken for the same as the next")
	}
	control := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(ends[1], make([]byte, 1), control, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil {
		t.Fatal(err)
	}
	received, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(received[0])
	for range rereadEvery {
		if s := readNow(t, r).only(t, UDP, local, netip.AddrPort{}); slices.Equal(pids(s), []int{os.Getpid()}) {
			return
		}
	}
	t.Errorf("not noticed within %d refreshes", rereadEvery)
}
