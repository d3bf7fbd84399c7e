package netstat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// starvedRole uses up its descriptors, and gives them back one by one. In between it
// reads, and each time either fails and says why, or sees what is true.
func starvedRole() error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	r, err := Open()
	if err != nil {
		return err
	}
	for range 2 {
		if err := seesItself(r, l); err != nil {
			return err
		}
	}
	taken, err := takeDescriptors()
	if err != nil {
		return err
	}
	failed := 0
	for {
		err := seesItself(r, l)
		switch {
		case errors.Is(err, unix.EMFILE):
			failed++
		case err != nil:
			return fmt.Errorf("with %d descriptors taken: %w", len(taken), err)
		}
		if len(taken) == 0 {
			break
		}
		unix.Close(taken[0])
		taken = taken[1:]
	}
	fmt.Printf("ready\nfailed %d times\n", failed)
	return nil
}

// takeDescriptors opens as many as there may be, after the limit was set low.
func takeDescriptors() (taken []int, err error) {
	limit := unix.Rlimit{Cur: 64, Max: 64}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return nil, err
	}
	for {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if errors.Is(err, unix.EMFILE) {
			return taken, nil
		}
		if err != nil {
			return nil, err
		}
		taken = append(taken, fd)
	}
}

// seesItself: a read shows that l is ours.
func seesItself(r *Reader, l net.Listener) error {
	s, err := r.Read(context.Background())
	if err != nil {
		return err
	}
	found := s.at(TCP, addrPort(l.Addr()))
	if len(found) != 1 || !slices.Equal(pids(found[0]), []int{os.Getpid()}) {
		return fmt.Errorf("our listener: %+v", found)
	}
	return nil
}

// TestReadStarved: without a free descriptor of our own a read fails and says so, or is true; never less.
func TestReadStarved(t *testing.T) {
	said := startRole(t, "starved", nil).line(t)
	if said == "failed 0 times" || !strings.HasPrefix(said, "failed ") {
		t.Errorf("got %q", said)
	}
}

// churnerRole holds 2,000 sockets at an address of its own, and renews 8,000 in a second.
func churnerRole() error {
	h := holder{address: [4]byte{127, 9, 9, 9}}
	if err := h.fill(2000); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- ready() }()
	renewed := 0
	for tick := time.Tick(10 * time.Millisecond); ; {
		select {
		case err := <-done:
			fmt.Println(renewed)
			return err
		case <-tick:
		}
		if err := h.renew(80); err != nil {
			return err
		}
		renewed += 80
	}
}

// TestReadChurner: of a process that opens and closes thousands of sockets a second every one that is
// shown is shown as its own, and no read fails.
func TestReadChurner(t *testing.T) {
	c := startRole(t, "churner", nil)
	r := openReader(t)
	address := netip.AddrFrom4([4]byte{127, 9, 9, 9})
	var ownerless map[uint64]bool // the listeners that were nobody's in the read before
	for range 40 {
		s := readNow(t, r)
		checkWhole(t, s)
		seen, before := 0, ownerless
		ownerless = map[uint64]bool{}
		for i := range s.Sockets {
			k := &s.Sockets[i]
			if k.Local.Addr() != address {
				continue
			}
			seen++
			// A connection between connect and accept, or closing, is the kernel's.
			if k.Absence == Owned && !slices.Equal(pids(k), []int{c.pid()}) || k.Absence == Concealed && os.Getuid() == 0 && !r.seen.limited() {
				t.Errorf("%v %v is held by %v, %v", k.Local, k.State, pids(k), k.Absence)
			}
			if k.State == Listen && k.Absence != Owned { // it was closed while the read went on, unless it is there still
				ownerless[k.ID] = true
				if before[k.ID] {
					t.Errorf("the listener %v stays nobody's", k.Local)
				}
			}
		}
		if seen == 0 {
			t.Error("none of its sockets is seen")
		}
	}
	c.stdin.Close()
	t.Logf("it renewed %s sockets meanwhile", c.line(t))
}

// TestReadBurst: ten thousand sockets that come between two reads are all there in the second, with their owners.
func TestReadBurst(t *testing.T) {
	r := openReader(t)
	readNow(t, r)
	readNow(t, r)
	l := startLoad(t, 4, 10_000)
	counts := make(map[int]int)
	for _, s := range readNow(t, r).Sockets {
		for _, o := range s.Owners {
			counts[o.Process.PID]++
		}
	}
	for _, pid := range l.pids() {
		if counts[pid] < 2500 {
			t.Errorf("process %d holds %d sockets, want 2500", pid, counts[pid])
		}
	}
}

// receiverRole takes a descriptor that is passed to it through descriptor 3.
func receiverRole() error {
	fmt.Println("ready")
	control := make([]byte, unix.CmsgSpace(4))
	if _, _, _, _, err := unix.Recvmsg(3, make([]byte, 1), control, 0); err != nil {
		return err
	}
	fmt.Println("received")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// TestReadReceived: who is passed a socket over a unix socket, while its sender keeps it, is noticed within
// rereadEvery refreshes; that the sender closes it then, too.
func TestReadReceived(t *testing.T) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0])
	theirs := os.NewFile(uintptr(ends[1]), "socketpair")
	c := startRole(t, "receiver", func(cmd *exec.Cmd) { cmd.ExtraFiles = []*os.File{theirs} })
	theirs.Close()
	fd, local := bindTo(t, unix.AF_INET, unix.SOCK_DGRAM, netip.MustParseAddr("127.0.0.1"), 0)
	r := openReader(t)
	readNow(t, r)
	readNow(t, r)
	if err := unix.Sendmsg(ends[0], []byte{1}, unix.UnixRights(fd), nil, 0); err != nil {
		t.Fatal(err)
	}
	c.line(t)
	both := []int{os.Getpid(), c.pid()}
	slices.Sort(both)
	withinTheBound(t, r, UDP, local, both)
	unix.Close(fd)
	withinTheBound(t, r, UDP, local, []int{c.pid()})
}

// withinTheBound reads until the socket is held by these, at most as often as is promised.
func withinTheBound(t *testing.T, r *Reader, protocol Protocol, local netip.AddrPort, want []int) {
	t.Helper()
	var got []int
	for range rereadEvery {
		if got = pids(readNow(t, r).only(t, protocol, local, netip.AddrPort{})); slices.Equal(sorted(got), want) {
			return
		}
	}
	t.Errorf("after %d refreshes it is held by %v, want %v", rereadEvery, got, want)
}

func sorted(pids []int) []int {
	pids = slices.Clone(pids)
	slices.Sort(pids)
	return pids
}

// forkerRole makes a child without exec, which has all its descriptors.
func forkerRole() error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	runtime.LockOSThread() // the child ends with this thread
	syscall.ForkLock.Lock()
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if pid == 0 {
		// Nothing of Go works here but to wait for the end.
		unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0)
		for {
			unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
		}
	}
	syscall.ForkLock.Unlock()
	if errno != 0 {
		return errno
	}
	fmt.Printf("ready\n%d %v\n", pid, l.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	_ = unix.Kill(int(pid), unix.SIGKILL)
	return err
}

// TestReadForked: a child without exec holds what its parent does, from the next read on.
func TestReadForked(t *testing.T) {
	r := openReader(t)
	readNow(t, r)
	c := startRole(t, "forker", nil)
	var fork int
	var address string
	if _, err := fmt.Sscan(c.line(t), &fork, &address); err != nil {
		t.Fatal(err)
	}
	s := readNow(t, r).only(t, TCP, netip.MustParseAddrPort(address), netip.AddrPort{})
	if want := sorted([]int{c.pid(), fork}); !slices.Equal(sorted(pids(s)), want) {
		t.Errorf("held by %v, want %v", pids(s), want)
	}
	if s.Owners[0].Process.PID != c.pid() {
		t.Error("the parent does not come first")
	}
}

// becomerRole is another program once it is told to. Descriptor 3 crosses the exec, descriptor 4 does not.
func becomerRole() error {
	unix.CloseOnExec(4)
	fmt.Println("ready")
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
		return err
	}
	cat, err := exec.LookPath("cat")
	if err != nil {
		return err
	}
	return syscall.Exec(cat, []string{"cat"}, os.Environ())
}

// TestReadExec: a descriptor that crosses an exec is shown, within the bound, as held by the program
// that its process is by then; one that does not is gone at once.
func TestReadExec(t *testing.T) {
	crosses, closes := listenWith(t, "tcp4", "127.0.0.1:0", -1), listenWith(t, "tcp4", "127.0.0.1:0", -1)
	var files []*os.File
	for _, l := range []net.Listener{crosses, closes} {
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	c := startRole(t, "becomer", func(cmd *exec.Cmd) { cmd.ExtraFiles = files })
	for i, l := range []net.Listener{crosses, closes} {
		files[i].Close()
		l.Close()
	}
	r := openReader(t)
	readNow(t, r)
	readNow(t, r)
	if _, err := c.stdin.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	eventually(t, r, "the exec has closed what does not cross it", func(s *Snapshot) bool {
		return len(s.at(TCP, addrPort(closes.Addr()))) == 0
	})
	for range rereadEvery {
		s := readNow(t, r).only(t, TCP, addrPort(crosses.Addr()), netip.AddrPort{})
		if !slices.Equal(pids(s), []int{c.pid()}) {
			t.Fatalf("held by %v, want %d", pids(s), c.pid())
		}
		if strings.Contains(s.Owners[0].Process.Executable, "cat") || s.Owners[0].Process.Name == "cat" {
			return
		}
	}
	t.Errorf("not shown as another program within %d refreshes", rereadEvery)
}

// recyclerRole is the first process of a PID namespace, in which it can choose the next PID. It gives the
// PID of a child that held a socket to another, between two reads.
func recyclerRole() error {
	if err := secludeProc(); err != nil {
		return err
	}
	var sockets [2]*os.File
	var locals [2]netip.AddrPort
	for i := range sockets {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		locals[i] = addrPort(l.Addr())
		if sockets[i], err = l.(*net.TCPListener).File(); err != nil {
			return err
		}
		l.Close()
	}
	r, err := Open()
	if err != nil {
		return err
	}
	first, err := idleWith(sockets[0], 0)
	if err != nil {
		return err
	}
	for range 2 {
		if _, err := r.Read(context.Background()); err != nil {
			return err
		}
	}
	first.stop()
	second, err := idleWith(sockets[1], first.pid())
	if err != nil {
		return err
	}
	defer second.stop()
	s, err := r.Read(context.Background())
	if err != nil {
		return err
	}
	fmt.Printf("ready\n%d %d", first.pid(), second.pid())
	for _, local := range locals {
		for _, found := range s.at(TCP, local) {
			fmt.Print(" ", pids(found))
		}
	}
	fmt.Println()
	return nil
}

// secludeProc mounts a /proc of our PID namespace.
func secludeProc() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return nil
}

// idleWith starts an idle child that holds f, with this PID if it is not 0.
func idleWith(f *os.File, pid int) (*child, error) {
	for range 100 {
		if pid != 0 {
			if err := os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(pid-1)), 0o644); err != nil {
				return nil, err
			}
		}
		c := &child{cmd: exec.Command("/proc/self/exe")}
		c.cmd.Env = append(os.Environ(), roleVariable+"=idle")
		c.cmd.ExtraFiles = []*os.File{f}
		in, err := c.cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		c.stdin = in
		if err := c.cmd.Start(); err != nil {
			return nil, err
		}
		if pid == 0 || c.pid() == pid {
			return c, nil
		}
		c.stop() // a thread of ours took the number
	}
	return nil, fmt.Errorf("PID %d is not given again", pid)
}

// TestReadRecycledPID: a process that has the PID of one that ended since the read before holds its own
// sockets and not the other's. It takes root to choose a PID; for others TestOwnersRecycledPID stands for it.
func TestReadRecycledPID(t *testing.T) {
	if os.Getuid() != 0 || !capable(unix.CAP_SYS_ADMIN) {
		return
	}
	c := startRole(t, "recycler", func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS}
	})
	var first, second int
	said := c.line(t)
	if _, err := fmt.Sscan(said, &first, &second); err != nil || first != second {
		t.Fatalf("got %q", said)
	}
	if want := fmt.Sprintf("%d %d [1] [1 %d]", first, first, first); said != want {
		t.Errorf("got %q, want %q", said, want)
	}
}

// secludedRole reads its own 300 sockets in namespaces of its own, where nothing else changes anything, and tells what
// a read in which nothing is new allocates.
func secludedRole() error {
	if err := errors.Join(secludeProc(), loopbackUp()); err != nil {
		return err
	}
	h := holder{address: [4]byte{127, 1, 0, 1}}
	if err := h.fill(300); err != nil {
		return err
	}
	r, err := Open()
	if err != nil {
		return err
	}
	var last *Snapshot
	read := func() {
		if err == nil {
			last, err = r.Read(context.Background())
		}
	}
	for range rereadEvery {
		read()
	}
	allocations := testing.AllocsPerRun(4*rereadEvery, read)
	if err != nil || len(last.Sockets) != 300 {
		return fmt.Errorf("%d sockets, %w", len(last.Sockets), err)
	}
	fmt.Printf("ready\n%v\n", allocations)
	return nil
}

// TestReadUnchangedAllocations: a refresh in which nothing is new allocates next to nothing. Where we may not
// make namespaces others change what we read; there TestOwnersUnchangedAllocations stands for it.
func TestReadUnchangedAllocations(t *testing.T) {
	if os.Getuid() != 0 || !capable(unix.CAP_SYS_ADMIN) {
		return
	}
	c := startRole(t, "secluded", func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	})
	if n, err := strconv.ParseFloat(c.line(t), 64); err != nil || n >= 50 {
		t.Errorf("%v allocations, want fewer than 50; %v", n, err)
	} else {
		t.Logf("%v allocations", n)
	}
}

// TestReadSplit: a kernel that does not list both families at once is asked for each, and the answer is the same.
func TestReadSplit(t *testing.T) {
	load := startLoad(t, 1, 400)
	var seen [2][]byte
	for i := range seen {
		r := openReader(t)
		readNow(t, r)
		r.diag.split = i == 1
		for _, s := range readNow(t, r).Sockets {
			if slices.Equal(pids(&s), load.pids()) {
				seen[i] = fmt.Appendf(seen[i], "%+v\n", s.ID)
			}
		}
	}
	if !bytes.Equal(seen[0], seen[1]) || bytes.Count(seen[0], []byte("\n")) != 400 {
		t.Errorf("at once %d bytes, one by one %d", len(seen[0]), len(seen[1]))
	}
}
