//go:build linux || darwin

package process

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
)

// roleVariable tells the test binary to play a process for a test, instead of running tests.
const roleVariable = "PORTOLAN_PROCESS_TEST_ROLE"

// roles are what the test binary can play. A role says "ready" on its standard
// output when it has become what its name says.
var roles = map[string]func(){
	"obedient": func() {
		fmt.Println("ready")
		waitForInput()
	},
	"deaf": func() {
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready")
		waitForInput()
	},
	"tidy": func() { // ends after the signal, when it is told that it has tidied up
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		fmt.Println("ready")
		<-asked
		fmt.Println("asked")
		waitForInput()
	},
}

func TestMain(m *testing.M) {
	if name := os.Getenv(roleVariable); name != "" {
		role, ok := roles[name]
		if !ok {
			fmt.Fprintf(os.Stderr, "no role %q\n", name)
			os.Exit(2)
		}
		role()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// waitForInput ends when the test does, whatever way that goes.
func waitForInput() { bufio.NewReader(os.Stdin).ReadByte() }

// child is a process that a test plays with.
type child struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	id  ID
}

// start runs the test binary in a role, and returns when it says that it is ready.
// It is reaped at the end of the test, not before.
func start(t *testing.T, role string, change ...func(*exec.Cmd)) *child {
	t.Helper()
	needRealProcesses(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	// The race detector would keep each child for a second at its end.
	cmd.Env = append(os.Environ(), roleVariable+"="+role, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	for _, f := range change {
		f(cmd)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start a child: %v", err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	c := &child{Cmd: cmd, in: stdin, out: bufio.NewReader(stdout)}
	if line := c.line(t); line != "ready" {
		t.Fatalf("the child says %q, not that it is ready", line)
	}
	if c.id, err = Identify(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	return c
}

// line reads the next line that the child says.
func (c *child) line(t *testing.T) string {
	t.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatalf("read what the child says: %q, %v", line, err)
	}
	return line[:len(line)-1]
}

// alive says whether the child runs, by a way that does not go through this package's own reading.
func (c *child) alive(t *testing.T) bool {
	t.Helper()
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(c.Process.Pid, &status, syscall.WNOHANG, nil)
	if err != nil {
		t.Fatalf("wait4: %v", err)
	}
	return pid == 0
}
