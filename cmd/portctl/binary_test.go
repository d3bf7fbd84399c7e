package main

import (
	"bufio"
	"bytes"
	"debug/elf"
	"debug/macho"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portolan/internal/export"
)

// These tests run the real portctl, built as it is shipped, on real sockets and real children.

var binaryFolder string // removed by TestMain

var portctl = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "portctl")
	if err != nil {
		return "", err
	}
	binaryFolder = folder
	path := filepath.Join(folder, "portctl")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X main.version=test", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build portctl: %w\n%s", err, out)
	}
	return path, nil
})

func binary(t *testing.T) string {
	t.Helper()
	path, err := portctl()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

type result struct {
	code        int
	out, errOut string
}

// runBinary runs the real thing; its standard input is no terminal.
func runBinary(t *testing.T, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	c := exec.CommandContext(t.Context(), binary(t), args...)
	c.Stdout, c.Stderr = &out, &errOut
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{c.ProcessState.ExitCode(), out.String(), errOut.String()}
}

const (
	// childRole tells a test binary to be a server instead: "obedient", "deaf" to SIGTERM, or a "supervisor" of one.
	childRole = "PORTCTL_TEST_CHILD"
	// childPort is the port that the server is to listen on; any when it is not set.
	childPort = "PORTCTL_TEST_PORT"
)

func beChild(role string) {
	switch role {
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
	case "supervisor":
		beSupervisor()
		return
	}
	l, err := listen(os.Getenv(childPort))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	bufio.NewReader(os.Stdin).ReadByte() // until the test ends, however it ends
}

// listen takes the port, or any that the kernel gives nobody by itself on either system: else another test
// running at the same time could have it as soon as it is free.
func listen(port string) (net.Listener, error) {
	if port != "" {
		return net.Listen("tcp4", "127.0.0.1:"+port)
	}
	var l net.Listener
	var err error
	for range 100 {
		if l, err = net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))); err == nil {
			break
		}
	}
	return l, err
}

type child struct {
	pid  int
	port string
	done chan struct{} // closed when it has ended
}

func startChild(t *testing.T, role string) child {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childRole+"="+role)
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the child says nothing: %v", err)
	}
	done := make(chan struct{})
	go func() { c.Wait(); close(done) }()
	t.Cleanup(func() { stdin.Close(); <-done })
	return child{c.Process.Pid, strings.TrimSpace(line), done}
}

func (c child) ended() bool {
	select {
	case <-c.done:
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}

func TestBinaryIsSmallAndAlone(t *testing.T) {
	info, err := os.Stat(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("portctl has %.1f MB", float64(info.Size())/1e6)
	if info.Size() >= 12e6 {
		t.Errorf("portctl has %d bytes, 12 MB is the limit", info.Size())
	}
	libraries, err := linked(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range libraries {
		// On macOS every program links libSystem and its like.
		if runtime.GOOS != "darwin" || !strings.HasPrefix(l, "/usr/lib/lib") && !strings.Contains(l, "CoreFoundation") && !strings.Contains(l, "Security") {
			t.Errorf("portctl links %s", l)
		}
	}
}

func linked(path string) ([]string, error) {
	if runtime.GOOS == "darwin" {
		f, err := macho.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return f.ImportedLibraries()
	}
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ImportedLibraries()
}

func TestBinaryListsARealSocket(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	number := l.Addr().(*net.TCPAddr).Port
	r := runBinary(t, "list", "--json", "state:listen", fmt.Sprintf(":%d", number))
	var got export.List
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != exitDone {
		t.Fatalf("exit code %d, %v: %s%s", r.code, err, r.out, r.errOut)
	}
	if len(got.Sockets) != 1 {
		t.Fatalf("%d sockets: %s", len(got.Sockets), r.out)
	}
	s := got.Sockets[0]
	if s.Local != (export.Address{Address: "127.0.0.1", Port: uint16(number)}) || s.State != "LISTEN" || s.Exposure != "loopback" || s.UID != os.Getuid() ||
		len(s.Owners) != 1 || s.Owners[0].PID != os.Getpid() || s.Owners[0].By != "descriptor" {
		t.Errorf("got %+v", s)
	}
	for _, args := range [][]string{{"list"}, {"list", "--by-app"}, {"who", strconv.Itoa(number)}} {
		if r := runBinary(t, args...); r.code != exitDone || !strings.Contains(r.out, strconv.Itoa(number)) {
			t.Errorf("%v: exit code %d: %s%s", args, r.code, r.out, r.errOut)
		}
	}
}

func TestBinaryKillsARealServer(t *testing.T) {
	c := startChild(t, "obedient")
	r := runBinary(t, "kill", ":"+c.port, "--dry-run")
	if r.code != exitDone || !strings.Contains(r.out, strconv.Itoa(c.pid)) {
		t.Errorf("dry run: exit code %d: %s%s", r.code, r.out, r.errOut)
	}
	if r := runBinary(t, "kill", ":"+c.port); r.code != exitUsage {
		t.Errorf("without --yes and terminal: exit code %d: %s%s", r.code, r.out, r.errOut)
	}
	select {
	case <-c.done:
		t.Fatal("it has ended without leave")
	default:
	}
	r = runBinary(t, "kill", ":"+c.port, "--yes")
	if r.code != exitDone {
		t.Errorf("exit code %d: %s%s", r.code, r.out, r.errOut)
	}
	wantText(t, "standard output", r.out, fmt.Sprintf("(PID %d) has ended", c.pid), "port "+c.port+" is free")
	if !c.ended() {
		t.Error("portctl says that it has ended, and it has not")
	}
	if r := runBinary(t, "kill", ":"+c.port, "--yes"); r.code != exitNothing {
		t.Errorf("a second time: exit code %d: %s%s", r.code, r.out, r.errOut)
	}
}

func TestBinaryForcesOnlyWhenTold(t *testing.T) {
	c := startChild(t, "deaf")
	r := runBinary(t, "kill", "--yes", "--grace", "300ms", fmt.Sprintf("pid:%d", c.pid))
	if r.code != exitStillRunning {
		t.Errorf("exit code %d: %s%s", r.code, r.out, r.errOut)
	}
	wantText(t, "standard error", r.errOut, "still running", fmt.Sprintf("portctl kill pid:%d --force", c.pid))
	r = runBinary(t, "kill", "--yes", "--force", fmt.Sprintf("pid:%d", c.pid))
	if r.code != exitDone || !c.ended() {
		t.Errorf("exit code %d: %s%s", r.code, r.out, r.errOut)
	}
}

// TestBinaryRefusesItsAncestors: we are the parent of portctl.
func TestBinaryRefusesItsAncestors(t *testing.T) {
	for _, pid := range []int{1, os.Getpid(), os.Getppid()} {
		r := runBinary(t, "kill", "--yes", fmt.Sprintf("pid:%d", pid))
		if r.code != exitNotPermitted {
			t.Errorf("PID %d: exit code %d: %s%s", pid, r.code, r.out, r.errOut)
		}
	}
}

// TestBinaryBearsAClosedPipe: what `portctl list | head -1` does.
func TestBinaryBearsAClosedPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	var errOut bytes.Buffer
	c := exec.CommandContext(t.Context(), binary(t), "list")
	c.Stdout, c.Stderr = write, &errOut
	err = c.Run()
	write.Close()
	if err != nil || strings.Contains(errOut.String(), "pipe") {
		t.Errorf("%v: %s", err, errOut.String())
	}
}

func TestBinaryWatchTellsEvents(t *testing.T) {
	c := exec.CommandContext(t.Context(), binary(t), "watch", "--json", "--interval", "100ms", "state:listen")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	next := func(want string, port int) {
		t.Helper()
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				t.Fatalf("no %s event for port %d: %v", want, port, err)
			}
			var e eventJSON
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			// Other programs open and close ports as well.
			if e.Event == want && (port == 0 || int(e.Socket.Local.Port) == port) {
				return
			}
		}
	}
	next("snapshot", 0)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	number := l.Addr().(*net.TCPAddr).Port
	next("opened", number)
	l.Close()
	next("closed", number)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	// Much may happen on this computer meanwhile: nobody can write to a pipe that nobody empties.
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Error(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
}

// TestBinaryWatchEndsWithItsReader: what `portctl watch --json | head -1` does, where nothing happens any more.
func TestBinaryWatchEndsWithItsReader(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), binary(t), "watch", "--json", "--interval", "1h")
	c.Stdout = write
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if _, err := bufio.NewReader(read).ReadBytes('\n'); err != nil {
		t.Fatal(err)
	}
	read.Close()
	if err := c.Wait(); err != nil { // without end if it does not notice
		t.Errorf("it ended with %v", err)
	}
}
