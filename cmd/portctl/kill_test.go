package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"portolan/internal/app"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

func wantKilled(t *testing.T, f *fakeSystem, want ...string) {
	t.Helper()
	slices.Sort(f.killed)
	if !slices.Equal(f.killed, want) {
		t.Errorf("sent %q, want %q", f.killed, want)
	}
}

func TestKillFreesAPort(t *testing.T) {
	s := testSnapshot()
	f := newFakeSystem(s, without(s, postgres))
	wantCode(t, f.run(t, "kill", ":5432", "--yes"), exitDone)
	wantKilled(t, f, "SIGTERM to 812.812000")
	golden(t, "kill.txt", f.out.String())
	if f.errOut.Len() > 0 {
		t.Errorf("says %q", f.errOut.String())
	}
}

func TestKillReadsNumbers(t *testing.T) {
	for _, test := range []struct {
		args string
		want []string
	}{
		{"5432", []string{"SIGTERM to 812.812000"}},
		{"port:5432", []string{"SIGTERM to 812.812000"}},
		{"812", []string{"SIGTERM to 812.812000"}},           // holds sockets, and no port 812 is bound
		{"pid:812 :5432", []string{"SIGTERM to 812.812000"}}, // the same one twice
		{"77", []string{"SIGTERM to 77.77000"}},              // holds no socket, but exists
		{"3000", []string{"SIGTERM to 4711.4711000", "SIGTERM to 4712.4712000"}},
		{":40003", []string{"SIGTERM to 900.900000"}}, // no listener: the connection's holder
		{":5432 --force", []string{"SIGKILL to 812.812000"}},
	} {
		s := testSnapshot()
		f := newFakeSystem(s, without(s, postgres, node, worker, browser))
		f.others = []*process.Process{newProcess(77, "sleep", "/bin/sleep", "alice", app.App{})}
		if code := f.run(t, append([]string{"kill", "--yes"}, strings.Fields(test.args)...)...); code != exitDone {
			t.Errorf("%s: exit code %d: %s", test.args, code, f.errOut.String())
		}
		wantKilled(t, f, test.want...)
	}
}

// TestKillRefusesWhatIsAmbiguous: a number that is a port and a PID is never guessed at, and
// nothing else on the same line is done either.
func TestKillRefusesWhatIsAmbiguous(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	f.others = []*process.Process{newProcess(5432, "vim", "/usr/bin/vim", "alice", app.App{})}
	for _, args := range []string{"5432", "3000 5432"} {
		wantCode(t, f.run(t, append([]string{"kill", "--yes"}, strings.Fields(args)...)...), exitUsage)
		wantText(t, "standard error", f.errOut.String(), "5432 is a port (postgres, PID 812) and also a PID (vim): write :5432 or pid:5432")
		wantKilled(t, f)
	}
}

func TestKillRefusals(t *testing.T) {
	for _, test := range []struct {
		args string
		code int
		says string
	}{
		{":9999", exitNothing, "portctl: :9999: nobody holds port 9999\n"},
		{"9999", exitNothing, "nobody holds port 9999, and there is no process 9999"},
		{"70000", exitNothing, "there is no process 70000"},
		{"pid:9999", exitNothing, "there is no process 9999"},
		{":8000", exitNothing, "no process holds port 8000: what is left of it is the kernel's (TIME_WAIT)"},
		{":22", exitNotPermitted, "port 22 is held by a process of user root, which this user may not see: run as administrator"},
		{":445", exitNotPermitted, "launchd holds port 445 for a service that it starts on demand"},
		{":5353", exitNotPermitted, "mDNSResponder (PID 300) used port 5353 last"},
		{"pid:1", exitNotPermitted, "launchd (PID 1) is not ended: process 1 starts and keeps all others"},
		{"pid:900", exitNotPermitted, "plugin-host (PID 900) belongs to alice: run as administrator"},
		{":9999 :22", exitNotPermitted, "nobody holds port 9999"},
	} {
		f := newFakeSystem(testSnapshot())
		f.foreign[900] = true
		for _, mode := range []string{"--yes", "--dry-run"} {
			if code := f.run(t, append([]string{"kill", mode}, strings.Fields(test.args)...)...); code != test.code {
				t.Errorf("%s %s: exit code %d, want %d", mode, test.args, code, test.code)
			}
			wantText(t, test.args, f.errOut.String(), test.says)
			wantKilled(t, f)
			if f.out.Len() > 0 {
				t.Errorf("%s: printed %q", test.args, f.out.String())
			}
		}
	}
}

// TestKillDoesTheRest: what is refused does not keep the rest from being done, and the exit code tells.
func TestKillDoesTheRest(t *testing.T) {
	s := testSnapshot()
	f := newFakeSystem(s, without(s, postgres))
	wantCode(t, f.run(t, "kill", "--yes", ":9999", ":5432"), exitNothing)
	wantKilled(t, f, "SIGTERM to 812.812000")
	wantText(t, "standard output", f.out.String(), "postgres (PID 812) has ended", "port 5432 is free")
	wantText(t, "standard error", f.errOut.String(), "nobody holds port 9999")
}

func TestDryRunSendsNothing(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "kill", "--dry-run", ":3000", ":5432"), exitDone)
	wantKilled(t, f)
	golden(t, "kill-dry-run.txt", f.out.String())
	wantCode(t, f.run(t, "kill", "--dry-run", "--yes", "--force", ":3000"), exitDone)
	wantKilled(t, f)
	wantText(t, "standard output", f.out.String(), "A dry run. Would be ended with SIGKILL")
}

func TestKillAsks(t *testing.T) {
	for _, test := range []struct {
		answer string
		code   int
	}{
		{"y\n", exitDone}, {"YES\n", exitDone}, {" y \r\n", exitDone}, {"y", exitDone},
		{"n\n", exitFailed}, {"\n", exitFailed}, {"", exitFailed}, {"yup\n", exitFailed}, {"sure\ny\n", exitFailed},
	} {
		s := testSnapshot()
		f := newFakeSystem(s, without(s, node, worker))
		f.terminal.in = true
		f.in = strings.NewReader(test.answer)
		if code := f.run(t, "kill", ":3000"); code != test.code {
			t.Errorf("answer %q: exit code %d, want %d", test.answer, code, test.code)
		}
		wantText(t, "the question", f.errOut.String(), "End these 2 processes? [y/N] ")
		wantText(t, "what it shows", f.out.String(), "4711", "4712", "127.0.0.1:3000")
		if (len(f.killed) > 0) != (test.code == exitDone) {
			t.Errorf("answer %q: sent %v", test.answer, f.killed)
		}
	}
}

func TestKillWithoutATerminalNeedsYes(t *testing.T) {
	for _, mode := range []string{"", "--json"} {
		f := newFakeSystem(testSnapshot())
		f.in = strings.NewReader("y\n")
		wantCode(t, f.run(t, strings.Fields("kill :5432 "+mode)...), exitUsage)
		wantText(t, "standard error", f.errOut.String(), "add --yes")
		wantKilled(t, f)
	}
}

// TestInterruptedQuestion: Ctrl-C at the question ends the command though nothing is typed.
func TestInterruptedQuestion(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	silent, _ := io.Pipe()
	f.in, f.terminal.in = silent, true
	ctx, cancel := context.WithCancel(t.Context())
	f.system.errOut = &output{to: writerFunc(func(p []byte) {
		f.errOut.Write(p)
		if bytes.Contains(p, []byte("[y/N]")) {
			cancel()
		}
	})}
	wantCode(t, execute(ctx, f.system, []string{"kill", ":5432"}), exitFailed)
	wantText(t, "standard error", f.errOut.String(), "nothing was sent: interrupted")
	wantKilled(t, f)
}

type writerFunc func(p []byte)

func (w writerFunc) Write(p []byte) (int, error) { w(p); return len(p), nil }

func TestKillOutcomes(t *testing.T) {
	for _, test := range []struct {
		err   error
		force bool
		code  int
		says  string
	}{
		{fmt.Errorf("kill process 812: %w", process.ErrGone), false, exitDone, "postgres (PID 812) had already ended: nothing was sent"},
		{fmt.Errorf("process 812 belongs to bob: %w", process.ErrNotPermitted), false, exitNotPermitted, "belongs to bob"},
		{fmt.Errorf("process 812 is ours: %w", process.ErrProtected), false, exitNotPermitted, "is not ended"},
		{fmt.Errorf("process 812: %w", process.ErrStillRunning), false, exitStillRunning, "portctl kill pid:812 --force"},
		{fmt.Errorf("process 812: %w", process.ErrStillRunning), true, exitStillRunning, "after SIGKILL: it waits in the kernel"},
		{io.ErrUnexpectedEOF, false, exitFailed, "unexpected EOF"},
	} {
		s := testSnapshot()
		args := []string{"kill", ":5432", "--yes"}
		if test.force {
			args = append(args, "--force")
		}
		for _, asJSON := range []bool{false, true} {
			f := newFakeSystem(s)
			f.killErr[812] = test.err
			if asJSON {
				args = append(args, "--json")
			}
			wantCode(t, f.run(t, args...), test.code)
			if len(f.killed) != 1 {
				t.Errorf("%v: sent %v: a harder signal is the person's to choose", test.err, f.killed)
			}
			if !asJSON {
				wantText(t, "output", f.out.String()+f.errOut.String(), test.says)
			}
		}
	}
}

// TestPortComesBack: a supervisor has started the server anew under another PID.
func TestPortComesBack(t *testing.T) {
	s := testSnapshot()
	again := *postgres
	again.ID, again.PPID = process.ID{PID: 813, Start: 9}, 400
	later := without(s, postgres)
	later.Sockets = append(later.Sockets, netstat.Socket{ID: 0x99, Protocol: netstat.TCP, Local: netip.MustParseAddrPort("127.0.0.1:5432"),
		State: netstat.Listen, Owners: heldByDescriptor(&again)})
	f := newFakeSystem(s, later)
	wantCode(t, f.run(t, "kill", ":5432", "--yes"), exitDone)
	wantText(t, "standard output", f.out.String(), "postgres (PID 812) has ended", "port 5432 came back as PID 813 (postgres)\n")

	f = newFakeSystem(s, later)
	wantCode(t, f.run(t, "kill", ":5432", "--yes", "--json"), exitDone)
	var got killJSON
	if err := json.Unmarshal([]byte(f.out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Ports) != 1 || got.Ports[0].Free || got.Ports[0].Owners[0].PID != 813 || !got.Ports[0].CameBack {
		t.Errorf("got %+v", got.Ports)
	}
}

func TestKillContract(t *testing.T) {
	s := testSnapshot()
	f := newFakeSystem(s, without(s, node, worker))
	f.killErr[4711] = fmt.Errorf("process 4711 after SIGTERM: %w", process.ErrStillRunning)
	wantCode(t, f.run(t, "kill", "--json", "--yes", ":3000", ":9999", "pid:1"), exitNotPermitted)
	golden(t, "kill.json", indented(t, f.out.String()))

	f = newFakeSystem(s)
	wantCode(t, f.run(t, "kill", "--json", "--dry-run", ":5432"), exitDone)
	wantKilled(t, f)
	golden(t, "kill-dry-run.json", indented(t, f.out.String()))
}

// TestManyConnections: what it listens on is always shown, a thousand connections are not.
func TestManyConnections(t *testing.T) {
	s := testSnapshot()
	for i := range 1000 {
		s.Sockets = append(s.Sockets, netstat.Socket{ID: uint64(1000 + i), Protocol: netstat.TCP, Local: at("127.0.0.1:5432"),
			Remote: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(10000+i)), State: netstat.Established, Owners: heldByDescriptor(postgres)})
	}
	f := newFakeSystem(s)
	wantCode(t, f.run(t, "kill", "--dry-run", ":5432"), exitDone)
	wantText(t, "standard output", f.out.String(), "tcp 127.0.0.1:5432", "and 990 more connections")
	if lines := strings.Count(f.out.String(), "\n"); lines > 20 {
		t.Errorf("%d lines", lines)
	}
}
