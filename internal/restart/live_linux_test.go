package restart

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// roleVariable tells the test binary to play a process instead of running tests; portVariable is where the server listens.
const (
	roleVariable = "PORTOLAN_RESTART_TEST_ROLE"
	portVariable = "PORTOLAN_RESTART_TEST_ADDRESS"
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "supervisor":
		supervise()
	case "server":
		serve()
	}
}

// supervise starts a server again each time that it has ended, until its own standard input is closed.
func supervise() {
	over := make(chan struct{})
	go func() {
		bufio.NewReader(os.Stdin).ReadByte()
		close(over)
	}()
	for {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), roleVariable+"=server")
		in, err := cmd.StdinPipe()
		if err != nil {
			panic(err)
		}
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		gone := make(chan struct{})
		go func() { cmd.Wait(); close(gone) }()
		select {
		case <-gone:
		case <-over:
			in.Close()
			<-gone
			return
		}
	}
}

// serve listens until its standard input is closed.
func serve() {
	l, err := net.Listen("tcp", os.Getenv(portVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer l.Close()
	bufio.NewReader(os.Stdin).ReadByte()
}

// freePort gives an address on which nobody listens: one of this test's own in 127.0.0.0/8, so that nobody
// who asks for any free port is given this one before the server is there.
func freePort(t *testing.T) (address string, port uint16) {
	t.Helper()
	pid := os.Getpid()
	l, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 100+pid>>16&0x3f, pid>>8&0xff, pid&0xfe|1))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String(), uint16(l.Addr().(*net.TCPAddr).Port)
}

// play runs the test binary in a role, under the name of a program, and ends it with the test. It gives the program's path.
func play(t *testing.T, role, name, address string) (program string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(t.TempDir(), name)
	if err := os.Link(self, program); err != nil {
		data, err := os.ReadFile(self)
		if err == nil {
			err = os.WriteFile(program, data, 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, portVariable+"="+address, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return program
}

// watcher reads the sockets until something is to be seen.
type watcher struct {
	*netstat.Reader
	t *testing.T
}

func newWatcher(t *testing.T) watcher {
	t.Helper()
	r, err := netstat.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return watcher{r, t}
}

// until reads until seen says so, and gives that snapshot.
func (w watcher) until(what string, seen func(*netstat.Snapshot) bool) *netstat.Snapshot {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	for {
		s, err := w.Read(ctx)
		if err != nil {
			w.t.Fatalf("wait for %s: %v", what, err)
		}
		if seen(s) {
			return s
		}
	}
}

// on gives the socket that listens on the port, and the process that holds it, if it runs the program: no other is ever ended.
func on(s *netstat.Snapshot, port uint16, program string) (*netstat.Socket, *process.Process) {
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if socket.State == netstat.Listen && socket.Local.Port() == port && len(socket.Owners) > 0 && socket.Owners[0].Process.Executable == program {
			return socket, socket.Owners[0].Process
		}
	}
	return nil, nil
}

// TestComesBack: the child of a real supervising parent is explained, ended, and seen to come back.
func TestComesBack(t *testing.T) {
	address, port := freePort(t)
	program := play(t, "supervisor", "supervisord", address)
	w := newWatcher(t)
	before := w.until("the server", func(s *netstat.Snapshot) bool { _, p := on(s, port, program); return p != nil })
	socket, p := on(before, port, program)

	x := explainer()
	x.ancestors, x.root = process.Ancestors, ""
	x.uid = os.Geteuid()
	var cause Cause
	for _, c := range x.Causes(t.Context(), p, []*netstat.Socket{socket}) {
		if c.Kind == Supervisor {
			cause = c
		}
	}
	if want := fmt.Sprintf("supervisord (PID %d)", p.PPID); cause.By != want || !cause.Returns {
		t.Errorf("%+v, want by %s", cause, want)
	}

	a := NewAftermath([]*process.Process{p}, before)
	if err := process.Kill(t.Context(), p.ID, process.Terminate); err != nil {
		t.Fatal(err)
	}
	a.Begin(time.Now())
	var v Verdict
	w.until("the server to come back", func(s *netstat.Snapshot) bool {
		v = a.Verdict(s)
		return len(v.Back) > 0
	})
	r := v.Back[0]
	want := fmt.Sprintf("port %d came back as PID %d (supervisord), started by supervisord", port, r.Process.PID)
	if v.Text != want || r.Still || r.Process.ID == p.ID || len(v.Free) != 0 {
		t.Errorf("%+v\n%q, want %q", r, v.Text, want)
	}
}

// TestIsFree: one that nobody starts again leaves its port free.
func TestIsFree(t *testing.T) {
	address, port := freePort(t)
	program := play(t, "server", "server", address)
	w := newWatcher(t)
	before := w.until("the server", func(s *netstat.Snapshot) bool { _, p := on(s, port, program); return p != nil })
	_, p := on(before, port, program)
	a := NewAftermath([]*process.Process{p}, before)
	if err := process.Kill(t.Context(), p.ID, process.Terminate); err != nil {
		t.Fatal(err)
	}
	a.Begin(time.Now())
	after := w.until("a snapshot of after the end", func(s *netstat.Snapshot) bool { _, p := on(s, port, program); return p == nil })
	if v := a.Verdict(after); v.Text != fmt.Sprintf("port %d is free", port) || len(v.Back) != 0 {
		t.Errorf("%+v", v)
	}
	if v := a.Verdict(before); v.Text != "" {
		t.Errorf("a snapshot from before the end says %q", v.Text)
	}
}

// TestNewExplainer: the real one answers in time on this computer, whatever there is on it.
func TestNewExplainer(t *testing.T) {
	self, err := process.Read(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	x := NewExplainer()
	defer x.Close()
	began := time.Now()
	for _, c := range x.Causes(t.Context(), self, nil) {
		if c.Kind == 0 || c.By == "" || !strings.HasSuffix(c.Text, ".") {
			t.Errorf("%+v", c)
		}
	}
	if took := time.Since(began); took > 10*limit {
		t.Errorf("it took %v", took)
	}
}
