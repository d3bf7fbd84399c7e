package netstat

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The test binary runs itself again as a child that holds sockets.
const (
	roleVariable = "PORTOLAN_NETSTAT_TEST_ROLE"
	sizeVariable = "PORTOLAN_NETSTAT_TEST_SIZE"
)

// roles are what a child can be. Each says "ready" on its standard output and
// ends when its standard input does.
var roles = map[string]func() error{
	"idle":          idleRole,
	"viewer":        viewerRole,
	"hidden viewer": hiddenViewerRole,
	"no netlink":    noNetlinkRole,
	"load":          loadRole,
	"capture":       captureRole,
}

func TestMain(m *testing.M) {
	name := os.Getenv(roleVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := roles[name](); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is one process that the test started.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// startRole starts a child and waits until it is ready. change may be nil.
func startRole(tb testing.TB, role string, change func(*exec.Cmd)) *child {
	tb.Helper()
	// By this name it can also be run by a user who may not look into its directory.
	c := &child{cmd: exec.Command("/proc/self/exe")}
	c.cmd.Env = append(os.Environ(), roleVariable+"="+role)
	c.cmd.Stderr = os.Stderr
	if change != nil {
		change(c.cmd)
	}
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	c.stdout = bufio.NewReader(stdout)
	if err := c.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.stop)
	if line := c.line(tb); line != "ready" {
		tb.Fatalf("the child %q said %q, want ready", role, line)
	}
	return c
}

func (c *child) line(tb testing.TB) string {
	tb.Helper()
	line, err := c.stdout.ReadString('\n')
	if err != nil {
		tb.Fatalf("read from the child: %v", err)
	}
	return line[:len(line)-1]
}

// stop ends the child; a second call does nothing.
func (c *child) stop() {
	c.stdin.Close()
	c.cmd.Wait()
}

// ready tells the parent, and returns when it has had enough.
func ready() error {
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// startLoad starts children which hold the given number of sockets each.
func startLoad(tb testing.TB, children, sockets int) []*child {
	tb.Helper()
	var load []*child
	for range children {
		load = append(load, startRole(tb, "load", func(cmd *exec.Cmd) {
			cmd.Env = append(cmd.Env, sizeVariable+"="+strconv.Itoa(sockets))
		}))
	}
	return load
}

// loadRole opens sockets: of a hundred, 80 are both ends of TCP connections, 10 listen, 10 are UDP;
// one in four is IPv6.
func loadRole() error {
	size, err := strconv.Atoi(os.Getenv(sizeVariable))
	if err != nil {
		return err
	}
	for n := 0; n < size; n += 20 {
		family := unix.AF_INET
		if n%80 == 60 {
			family = unix.AF_INET6
		}
		if err := openTwenty(family); err != nil {
			return fmt.Errorf("open sockets %d to %d: %w", n, n+19, err)
		}
	}
	return ready()
}

// openTwenty opens two listeners, eight connections (16 sockets) and two UDP sockets.
func openTwenty(family int) error {
	for range 2 {
		if _, err := bound(family, unix.SOCK_DGRAM); err != nil {
			return err
		}
		l, err := bound(family, unix.SOCK_STREAM)
		if err != nil {
			return err
		}
		if err := unix.Listen(l, 64); err != nil {
			return err
		}
		for range 4 {
			if err := connectTo(family, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// loopback is the loopback address of the family, with any port.
func loopback(family int) unix.Sockaddr {
	if family == unix.AF_INET6 {
		return &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
	}
	return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
}

func bound(family, kind int) (int, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	return fd, unix.Bind(fd, loopback(family))
}

// connectTo makes a connection to the listener; both ends are kept. They end
// with a reset, so that no TIME_WAIT is left behind.
func connectTo(family, listener int) error {
	to, err := unix.Getsockname(listener)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.Connect(fd, to); err != nil {
		return err
	}
	accepted, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
	if err != nil {
		return err
	}
	for _, end := range []int{fd, accepted} {
		if err := unix.SetsockoptLinger(end, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
			return err
		}
	}
	return nil
}

// idleRole holds what it inherited.
func idleRole() error { return ready() }

// syscallConn is syscall.RawConn, under a name that says what it is to a net.ListenConfig.
type syscallConn = syscall.RawConn

// olderThan reports whether a kernel release, "6.18.44-generic", comes before major.minor.
func olderThan(release string, major, minor int) bool {
	var x, y int
	if _, err := fmt.Sscanf(release, "%d.%d", &x, &y); err != nil {
		return false
	}
	return x < major || x == major && y < minor
}
