package netstat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	"unsafe"

	"golang.org/x/sys/unix"
)

// nobody is a user without privileges; no name is needed.
const nobody = 65534

// portVariable tells a child which port its parent listens at.
const portVariable = "PORTOLAN_NETSTAT_TEST_PORT"

// view is what a child without privileges saw.
type view struct {
	Sockets       int
	Own           []int // the owners of its own listener
	ParentOwners  int   // of its parent's listener
	ParentAbsence Absence
	ParentUID     int
	Hidden        Hidden
	ListsInit     bool // process 1 is to be seen in /proc
}

// viewerRole reads as the user it was started as, and tells what it saw.
func viewerRole() error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	r, err := Open()
	if err != nil {
		return err
	}
	s, err := r.Read(context.Background())
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(os.Getenv(portVariable))
	if err != nil {
		return err
	}
	v := view{Sockets: len(s.Sockets), Hidden: s.Hidden}
	for _, own := range s.at(TCP, addrPort(l.Addr())) {
		v.Own = pids(own)
	}
	for _, other := range s.at(TCP, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))) {
		v.ParentOwners, v.ParentAbsence, v.ParentUID = len(other.Owners), other.Absence, other.UID
	}
	_, err = os.Stat("/proc/1")
	v.ListsInit = err == nil
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	fmt.Printf("ready\n%s\n", text)
	return nil
}

// hiddenViewerRole gives itself a /proc in which others do not appear, and gives up its privileges.
func hiddenViewerRole() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, "hidepid=2"); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
		return err
	}
	return viewerRole()
}

// viewAs starts a viewer while we listen, and gives what it saw.
func viewAs(t *testing.T, role string, change func(*exec.Cmd)) (v view, pid int) {
	t.Helper()
	l := listenWith(t, "tcp4", "127.0.0.1:0", -1)
	c := startRole(t, role, func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, portVariable+"="+strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
		change(cmd)
	})
	if err := json.Unmarshal([]byte(c.line(t)), &v); err != nil {
		t.Fatal(err)
	}
	return v, c.pid()
}

// TestUnprivileged: a plain user sees every socket, the owners of his own, and is told how much is hidden.
func TestUnprivileged(t *testing.T) {
	root := os.Getuid() == 0
	v, pid := viewAs(t, "viewer", func(cmd *exec.Cmd) {
		if root {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
	})
	if !slices.Equal(v.Own, []int{pid}) {
		t.Errorf("its own socket is held by %v, want %d", v.Own, pid)
	}
	if v.Hidden.Processes == 0 || !strings.Contains(v.Hidden.Reason, "administrator") {
		t.Errorf("hidden: %+v", v.Hidden)
	}
	if v.ParentUID != os.Getuid() {
		t.Errorf("the other's socket is user %d's", v.ParentUID)
	}
	if root && (v.ParentAbsence != Concealed || v.ParentOwners != 0 || v.Hidden.Owners == 0) {
		t.Errorf("root's socket: %+v", v)
	}
	if !root && v.ParentOwners != 1 {
		t.Errorf("our own socket: %+v", v)
	}
	// Threads of the kernel hold nothing, so nothing of theirs is hidden.
	if all := userProcesses(t); v.Hidden.Processes > all+20 {
		t.Errorf("%d processes count as hidden, there are %d outside the kernel", v.Hidden.Processes, all)
	}
}

// userProcesses counts the processes that are not threads of the kernel.
func userProcesses(t *testing.T) (n int) {
	t.Helper()
	all, err := (&procDir{root: "/proc"}).list(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.number)); err == nil && !holdsNothing(text) {
			n++
		}
	}
	return n
}

// TestHidepidLive: with hidepid=2 there is nothing to be counted, but it is said. Only root can mount
// such a /proc, and not in every container; for others TestHidepid and TestVisibilityReason stand for it.
func TestHidepidLive(t *testing.T) {
	if os.Getuid() != 0 || !capable(unix.CAP_SYS_ADMIN) {
		if v := lookAround("/proc"); hidesEntries(v.hidepid) && v.reason(0) == "" {
			t.Errorf("this /proc hides processes and it is not said: %+v", v)
		}
		return
	}
	v, pid := viewAs(t, "hidden viewer", func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	})
	if v.ListsInit {
		t.Fatal("/proc hides nothing: the test is broken")
	}
	if !slices.Equal(v.Own, []int{pid}) {
		t.Errorf("its own socket is held by %v, want %d", v.Own, pid)
	}
	if v.ParentAbsence != Concealed || v.Hidden.Owners == 0 || !strings.Contains(v.Hidden.Reason, "hidepid") {
		t.Errorf("got %+v", v)
	}
}

// noNetlinkRole lets the kernel refuse netlink sockets, as sandboxes do, and tells what Open says.
func noNetlinkRole() error {
	runtime.LockOSThread() // the filter is the thread's
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // seccomp_data.nr
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_SOCKET, Jt: 0, Jf: 3},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 16}, // args[0]
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.AF_NETLINK, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EACCES)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err != nil {
		return err
	}
	_, err := Open()
	fmt.Printf("ready\n%v\n", err)
	return nil
}

func TestNoNetlink(t *testing.T) {
	said := startRole(t, "no netlink", nil).line(t)
	if !strings.Contains(said, "NETLINK_SOCK_DIAG") || !strings.Contains(said, "permission denied") {
		t.Errorf("Open said %q", said)
	}
}

// TestNoProc: without a /proc the sockets are not shown as nobody's.
func TestNoProc(t *testing.T) {
	r := openReader(t)
	r.owners = newOwners(&procDir{root: t.TempDir()})
	if s, err := r.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "is it mounted") {
		t.Errorf("got %v, %v", s, err)
	}
}
