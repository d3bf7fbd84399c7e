package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// beSupervisor starts a server, and starts it again on the same port as soon as it has ended, until nobody is at
// standard input any more. It prints "PORT PID" of each.
func beSupervisor() {
	go func() {
		port := ""
		for {
			c := exec.Command(os.Args[1])
			c.Env = append(os.Environ(), childRole+"=obedient", childPort+"="+port)
			_, err1 := c.StdinPipe() // it ends when we do
			out, err2 := c.StdoutPipe()
			if err1 != nil || err2 != nil || c.Start() != nil {
				fmt.Println("error starting the server")
				return
			}
			line, _ := bufio.NewReader(out).ReadString('\n')
			port = strings.TrimSpace(line)
			fmt.Println(port, c.Process.Pid)
			_ = c.Wait()
		}
	}()
	bufio.NewReader(os.Stdin).ReadByte()
}

// supervised is a server that a "nodemon" watches over: that is what the supervisor's program is called.
type supervised struct {
	supervisor int
	port       string
	started    *bufio.Reader // a line for each start
}

func startSupervised(t *testing.T) supervised {
	t.Helper()
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	nodemon := filepath.Join(t.TempDir(), "nodemon")
	if err := os.Link(itself, nodemon); err != nil { // on another disk
		program, err := os.ReadFile(itself)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(nodemon, program, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(nodemon, itself)
	c.Env = append(os.Environ(), childRole+"=supervisor")
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
	t.Cleanup(func() { stdin.Close(); c.Wait() })
	return supervised{supervisor: c.Process.Pid, started: bufio.NewReader(stdout)}
}

// next waits for the next server and gives its PID.
func (s *supervised) next(t *testing.T) int {
	t.Helper()
	line, err := s.started.ReadString('\n')
	port, pid, ok := strings.Cut(strings.TrimSpace(line), " ")
	number, err2 := strconv.Atoi(pid)
	if err != nil || !ok || err2 != nil || (s.port != "" && port != s.port) {
		t.Fatalf("the supervisor says %q, %v", line, err)
	}
	s.port = port
	return number
}

// TestSupervisorStartsItAgain: a real server under a real parent that starts it again. It is told before, and after
// the kill who has the port now.
func TestSupervisorStartsItAgain(t *testing.T) {
	s := startSupervised(t)
	first := s.next(t)

	who := runBinary(t, "who", s.port)
	wantCode(t, who.code, exitDone)
	wantText(t, "who", who.out, fmt.Sprintf("(PID %d)", first), "started by", "nodemon starts it again", fmt.Sprintf("kill %d", s.supervisor))

	dry := runBinary(t, "kill", "pid:"+strconv.Itoa(first), "--dry-run")
	wantCode(t, dry.code, exitDone)
	wantText(t, "the dry run", dry.out, "nodemon starts it again", fmt.Sprintf("the right way to stop it: kill %d", s.supervisor))

	killed := runBinary(t, "kill", "pid:"+strconv.Itoa(first), "--yes")
	second := s.next(t)
	wantCode(t, killed.code, exitDone)
	wantText(t, "kill", killed.out, "has ended\n", fmt.Sprintf("port %s came back as PID %d (", s.port, second), "), started by nodemon\n")

	asJSON := runBinary(t, "kill", "pid:"+strconv.Itoa(second), "--yes", "--json")
	third := s.next(t)
	wantCode(t, asJSON.code, exitDone)
	var got killJSON
	if err := json.Unmarshal([]byte(asJSON.out), &got); err != nil {
		t.Fatalf("%v: %s%s", err, asJSON.out, asJSON.errOut)
	}
	if len(got.Ports) != 1 || !got.Ports[0].CameBack || got.Ports[0].StartedBy != "nodemon" || len(got.Ports[0].Owners) != 1 || got.Ports[0].Owners[0].PID != third {
		t.Errorf("ports %+v, want one that came back as PID %d", got.Ports, third)
	}
	if causes := got.Processes[0].Causes; len(causes) != 1 || causes[0].Kind != "supervisor" || causes[0].By != fmt.Sprintf("nodemon (PID %d)", s.supervisor) {
		t.Errorf("causes %+v", got.Processes[0].Causes)
	}
}
