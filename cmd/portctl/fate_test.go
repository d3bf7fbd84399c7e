package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// comingBack gives the snapshot of after a kill of postgres, with another one in its place.
func comingBack(s *netstat.Snapshot) *netstat.Snapshot {
	again := *postgres
	again.ID = process.ID{PID: 813, Start: 9}
	later := without(s, postgres)
	later.Sockets = append(later.Sockets, netstat.Socket{ID: 0x99, Protocol: netstat.TCP, Local: at("127.0.0.1:5432"), State: netstat.Listen, Owners: heldByDescriptor(&again)})
	return later
}

// TestPortIsWatched: for three seconds, or as long as asked for, or until all is taken again.
func TestPortIsWatched(t *testing.T) {
	s := testSnapshot()
	gone, back := without(s, postgres), comingBack(s)
	for _, test := range []struct {
		args  string
		after []*netstat.Snapshot // one for each look
		says  string
		takes time.Duration
	}{
		{":5432", []*netstat.Snapshot{gone}, "port 5432 is free\n", 3 * time.Second},
		{":5432", []*netstat.Snapshot{gone, gone, gone, back}, "port 5432 came back as PID 813 (postgres)\n", 3 * afterwards},
		{":5432", []*netstat.Snapshot{back}, "port 5432 came back as PID 813 (postgres)\n", 0},
		{":5432 --watch 1s", []*netstat.Snapshot{gone}, "port 5432 is free\n", time.Second},
		{":5432 --watch 0s", []*netstat.Snapshot{gone}, "port 5432 is free\n", settled},
		{":40003", []*netstat.Snapshot{without(s, browser)}, "port 40003 is free\n", settled}, // nobody waits on it
		{"pid:900", []*netstat.Snapshot{without(s, browser)}, "has ended\n", 0},
		{":3000", []*netstat.Snapshot{without(s, node, worker)}, "port 3000 is free\nport 3000: 1 connection remains from before (TIME_WAIT)\n", 3 * time.Second},
		{":5432 :40003", []*netstat.Snapshot{without(s, postgres, browser)}, "port 5432 is free\nport 40003 is free\n", 3 * time.Second},
	} {
		f := newFakeSystem(append([]*netstat.Snapshot{s}, test.after...)...)
		wantCode(t, f.run(t, append([]string{"kill", "--yes"}, strings.Fields(test.args)...)...), exitDone)
		if got := f.out.String(); !strings.HasSuffix(got, test.says) {
			t.Errorf("%s: says\n%swant at its end\n%s", test.args, got, test.says)
		}
		if took := f.clock.Sub(s.Taken); took != test.takes {
			t.Errorf("%s: watched for %v, want %v", test.args, took, test.takes)
		}
	}
}

// TestWatchSaysSo: who sits at a terminal is told why nothing seems to happen; a script's output has none of that.
func TestWatchSaysSo(t *testing.T) {
	s := testSnapshot()
	for _, terminal := range []bool{true, false} {
		f := newFakeSystem(s, without(s, postgres))
		f.terminal.out = terminal
		wantCode(t, f.run(t, "kill", "--yes", ":5432"), exitDone)
		if got := strings.Contains(f.errOut.String(), "watching for 3s"); got != terminal {
			t.Errorf("terminal %v: says %q", terminal, f.errOut.String())
		}
	}
}

// TestInterruptedWatch: Ctrl-C ends the watch, not the report.
func TestInterruptedWatch(t *testing.T) {
	s := testSnapshot()
	f := newFakeSystem(s, without(s, postgres))
	ctx, cancel := context.WithCancel(t.Context())
	f.wait = func(context.Context, time.Duration) { cancel() }
	wantCode(t, execute(ctx, f.system, []string{"kill", ":5432", "--yes"}), exitDone)
	wantText(t, "standard output", f.out.String(), "port 5432 is free\n")
	if f.reads > 3 {
		t.Errorf("it was looked %d times", f.reads)
	}
}

// TestDeafTargetKeepsItsPort: one of two has ended; the port is told to be held still.
func TestDeafTargetKeepsItsPort(t *testing.T) {
	s := testSnapshot()
	f := newFakeSystem(s, without(s, postgres))
	f.killErr[node.PID] = fmt.Errorf("process 4711: %w", process.ErrStillRunning)
	f.killErr[worker.PID] = f.killErr[node.PID]
	wantCode(t, f.run(t, "kill", "--yes", ":3000", ":5432"), exitStillRunning)
	wantText(t, "standard output", f.out.String(), "port 3000 is still in use, by PID 4711 (node)", "port 5432 is free")
}

// failsLater reads once and then fails.
type failsLater struct {
	*fakeSystem
	err error
}

func (f *failsLater) Read(ctx context.Context) (*netstat.Snapshot, error) {
	if f.reads > 0 {
		return nil, f.err
	}
	return f.fakeSystem.Read(ctx)
}

func TestPortsCannotBeReadAfterwards(t *testing.T) {
	for _, mode := range []string{"", "--json"} {
		f := newFakeSystem(testSnapshot())
		f.open = func() (source, error) { return &failsLater{f, errors.New("dump tcp sockets: no buffer space")}, nil }
		wantCode(t, f.run(t, strings.Fields("kill :5432 --yes "+mode)...), exitFailed)
		wantText(t, "standard error", f.errOut.String(), "look whether the ports are free: dump tcp sockets: no buffer space")
		wantKilled(t, f, "SIGTERM to 812.812000")
	}
}

func TestWrongWatch(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "kill", ":5432", "--yes", "--watch", "-1s"), exitUsage)
	wantText(t, "standard error", f.errOut.String(), "--watch -1s")
	wantKilled(t, f)
}
