package netstat

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// The test binary runs itself again as a child that holds sockets.
const roleVariable = "PORTOLAN_NETSTAT_TEST_ROLE"

// roles are what a child can be. Each says "ready" on its standard output and
// ends when its standard input does.
var roles = map[string]func() error{
	"idle":          idleRole,
	"viewer":        viewerRole,
	"hidden viewer": hiddenViewerRole,
	"no netlink":    noNetlinkRole,
	"load":          loadRole,
	"capture":       captureRole,
	"starved":       starvedRole,
	"churner":       churnerRole,
	"receiver":      receiverRole,
	"forker":        forkerRole,
	"becomer":       becomerRole,
	"recycler":      recyclerRole,
	"secluded":      secludedRole,
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
