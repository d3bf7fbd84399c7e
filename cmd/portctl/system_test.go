package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/instance"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
	"portolan/internal/restart"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		beChild(role)
		return
	}
	time.Local = time.UTC // the golden texts hold times
	code := m.Run()
	os.RemoveAll(binaryFolder)
	os.Exit(code)
}

// fakeSystem is a computer made of values.
type fakeSystem struct {
	*system
	out, errOut strings.Builder

	mu        sync.Mutex
	snapshots []*netstat.Snapshot // one for every read; the last one again and again
	reads     int
	openErr   error
	readErr   error
	closed    bool
	killErr   map[int]error // by PID; nil: it ends
	killed    []string      // what was sent, in words
	foreign   map[int]bool  // PIDs that this user may not signal
	others    []*process.Process
	clock     time.Time
	counted   bool                    // bytes were asked for
	unsettled bool                    // names are being asked for, and come
	above     []*process.Process      // what every process comes from
	causes    map[int][]restart.Cause // by PID
}

// testRules are those of a Linux on which nobody has changed anything.
var testRules = port.Rules{Ephemeral: port.Range{First: 32768, Last: 60999}, TimeWait: time.Minute, PerEnd: true}

func newFakeSystem(snapshots ...*netstat.Snapshot) *fakeSystem {
	f := &fakeSystem{snapshots: snapshots, killErr: map[int]error{}, foreign: map[int]bool{}, clock: snapshots[0].Taken, causes: map[int][]restart.Cause{}}
	f.system = &system{
		open: func() (source, error) {
			if f.openErr != nil {
				return nil, f.openErr
			}
			return f, nil
		},
		kill:      f.kill,
		protected: f.protected,
		describe:  f.describe,
		permitted: f.permitted,
		rules:     func() (port.Rules, error) { return testRules, nil },
		hostname:  func() (string, error) { return "chart", nil },
		settle:    f.settle,
		ancestors: func(process.ID) ([]*process.Process, error) { return f.above, nil },
		causes: func(_ context.Context, p *process.Process, _ []*netstat.Socket) []restart.Cause {
			return f.causes[p.PID]
		},
		uid:        501,
		now:        func() time.Time { return f.clock },
		wait:       func(_ context.Context, d time.Duration) { f.clock = f.clock.Add(d) },
		readerGone: func(context.Context) bool { return false },
		getenv:     func(string) string { return "" },
		ask: func(context.Context, string) ([]byte, error) {
			return nil, fmt.Errorf("reach the running instance: %w", instance.ErrNone)
		},
		in: strings.NewReader(""),
	}
	f.system.out = &output{to: &f.out}
	f.system.errOut = &output{to: &f.errOut}
	return f
}

// run gives the exit code of a command line.
func (f *fakeSystem) run(t *testing.T, args ...string) int {
	t.Helper()
	f.out.Reset()
	f.errOut.Reset()
	f.system.out = &output{to: f.system.out.to}
	return execute(t.Context(), f.system, args)
}

func (f *fakeSystem) Read(context.Context) (*netstat.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readErr != nil {
		return nil, f.readErr
	}
	s := f.snapshots[min(f.reads, len(f.snapshots)-1)]
	f.reads++
	return s, nil
}

func (f *fakeSystem) CountBytes(on bool) { f.counted = on }

func (f *fakeSystem) settle(ctx context.Context) bool {
	if _, limited := ctx.Deadline(); !limited {
		panic("it would wait for ever for a runtime that hangs")
	}
	was := f.unsettled
	f.unsettled = false
	return was
}

func (f *fakeSystem) Close() error {
	f.closed = true
	return nil
}

func (f *fakeSystem) kill(_ context.Context, id process.ID, s process.Signal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.killed = append(f.killed, fmt.Sprintf("%v to %d.%d", s, id.PID, id.Start))
	return f.killErr[id.PID]
}

func (f *fakeSystem) protected(id process.ID) error {
	if id.PID == 1 {
		return fmt.Errorf("process 1 starts and keeps all others: %w", process.ErrProtected)
	}
	return nil
}

func (f *fakeSystem) describe(pid int) (*process.Process, error) {
	for _, p := range f.others {
		if p.PID == pid {
			return p, nil
		}
	}
	return nil, fmt.Errorf("read process %d: %w", pid, process.ErrGone)
}

func (f *fakeSystem) permitted(pid int) error {
	if f.foreign[pid] {
		return syscall.EPERM
	}
	return nil
}

// The people of the test snapshot.
var (
	began    = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	postgres = newProcess(812, "postgres", "/Applications/Postgres.app/Contents/MacOS/postgres", "alice",
		app.App{Name: "Postgres", Path: "/Applications/Postgres.app", Kind: app.Bundle, ID: "com.postgresapp.Postgres2"})
	vite = app.App{Name: "vite - shop", Path: "/home/alice/shop", Kind: app.Command, In: "GNOME Terminal", Unit: "vte-spawn-1.scope", UserUnit: true}
	node = working(newProcess(4711, "node", "/usr/bin/node", "alice", vite), app.Work{Title: "vite - shop",
		Line: "node node_modules/.bin/vite --token=***", Dir: "/home/alice/shop/web", Project: "/home/alice/shop"})
	worker  = newProcess(4712, "node", "/usr/bin/node", "alice", vite)
	hostile = newProcess(666, "evil\x1b[2J\nname\u202e\u009b\u200b", "/tmp/\x07evil", "alice", app.App{Name: "evil\x1b]0;x\x07", Path: "/tmp/\x07evil"})
	launchd = newProcess(1, "launchd", "/sbin/launchd", "root", app.App{Name: "launchd", Path: "/sbin/launchd"})
	mdns    = newProcess(300, "mDNSResponder", "/usr/sbin/mDNSResponder", "_mdnsresponder", app.App{Name: "mDNSResponder", Path: "/usr/sbin/mDNSResponder"})
	browser = newProcess(900, "plugin-host", "/Applications/Safari.app/x", "alice", app.App{Name: "Safari", Path: "/Applications/Safari.app", Kind: app.Bundle})
)

func newProcess(pid int, name, executable, user string, a app.App) *process.Process {
	return &process.Process{ID: process.ID{PID: pid, Start: uint64(pid) * 1000}, Name: name, Executable: executable,
		User: user, UID: 501, Started: began, App: a}
}

func working(p *process.Process, w app.Work) *process.Process {
	p.Work = w
	return p
}

func heldByDescriptor(processes ...*process.Process) []netstat.Owner {
	var owners []netstat.Owner
	for _, p := range processes {
		owners = append(owners, netstat.Owner{Process: p, By: netstat.ByDescriptor})
	}
	return owners
}

func at(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

// testSockets has one socket of every kind that the commands tell apart.
func testSockets() []netstat.Socket {
	return []netstat.Socket{
		{ID: 0x10, Protocol: netstat.TCP, Local: at("0.0.0.0:22"), State: netstat.Listen, UID: 0, User: "root", Absence: netstat.Concealed},
		{ID: 0x11, Protocol: netstat.TCP, Local: at("[::]:445"), State: netstat.Listen, DualStack: true, UID: 0, User: "root",
			Owners: []netstat.Owner{{Process: launchd, By: netstat.ByLaunchd}}},
		{ID: 0x12, Protocol: netstat.TCP, Local: at("127.0.0.1:3000"), State: netstat.Listen, UID: 501, User: "alice", Owners: heldByDescriptor(node, worker),
			Queue: 3, QueueLimit: 512, Backlog: 511},
		{ID: 0x13, Protocol: netstat.TCP, Local: at("127.0.0.1:3000"), Remote: at("127.0.0.1:40000"), State: netstat.Established,
			UID: 501, User: "alice", Owners: heldByDescriptor(worker), RxBytes: 1234, TxBytes: 1 << 53},
		{ID: 0x14, Protocol: netstat.TCP, Local: at("127.0.0.1:3000"), Remote: at("127.0.0.1:40001"), State: netstat.TimeWait, UID: -1, Absence: netstat.Kernel},
		{ID: 0x1f3a, Protocol: netstat.TCP, Local: at("127.0.0.1:5432"), State: netstat.Listen, UID: 501, User: "alice", Owners: heldByDescriptor(postgres)},
		{ID: 0xffffffffffffffff, Protocol: netstat.TCP, Local: at("127.0.0.1:6666"), State: netstat.Listen, UID: 501, User: "alice", Owners: heldByDescriptor(hostile)},
		{ID: 0x15, Protocol: netstat.TCP, Local: at("127.0.0.1:8000"), Remote: at("127.0.0.1:40002"), State: netstat.TimeWait, UID: -1, Absence: netstat.Kernel},
		{ID: 0x16, Protocol: netstat.TCP, Local: at("[fe80::1%en0]:40003"), Remote: at("[fe80::2%en0]:443"), State: netstat.Established,
			KernelPort: true, UID: 501, User: "alice", Owners: heldByDescriptor(browser), OnBehalfOf: postgres},
		{ID: 0x17, Protocol: netstat.UDP, Local: at("0.0.0.0:5353"), UID: 65, User: "_mdnsresponder",
			Owners: []netstat.Owner{{Process: mdns, By: netstat.ByLastUse}}},
	}
}

func testSnapshot() *netstat.Snapshot {
	return &netstat.Snapshot{
		Taken:   time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC),
		Sockets: testSockets(),
		Hidden:  netstat.Hidden{Owners: 1, Processes: 4, Reason: "run as administrator to see them"},
	}
}

// without gives the snapshot a little later, with the sockets of the processes gone.
func without(s *netstat.Snapshot, gone ...*process.Process) *netstat.Snapshot {
	later := &netstat.Snapshot{Taken: s.Taken.Add(3 * time.Second), Hidden: s.Hidden}
	for _, socket := range s.Sockets {
		held := false
		for _, o := range socket.Owners {
			for _, p := range gone {
				held = held || o.Process == p
			}
		}
		if !held {
			later.Sockets = append(later.Sockets, socket)
		}
	}
	return later
}

// golden compares with testdata/name, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew). Got:\n%s", path, got)
	}
}

func wantCode(t *testing.T, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("exit code %d, want %d", got, want)
	}
}

func wantText(t *testing.T, where, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %q:\n%s", where, part, got)
		}
	}
}

func TestOutputForgivesAClosedPipe(t *testing.T) {
	for _, test := range []struct {
		err        error
		closed, ok bool
	}{
		{syscall.EPIPE, true, true},
		{&os.PathError{Op: "write", Err: syscall.EPIPE}, true, true},
		{syscall.ENOSPC, false, false},
	} {
		o := &output{to: failingWriter{test.err}}
		for range 2 {
			if n, err := o.Write([]byte("text")); n != 4 || err != nil {
				t.Errorf("%v: wrote %d, %v", test.err, n, err)
			}
		}
		if o.closed != test.closed || (o.err == nil) != test.ok {
			t.Errorf("%v: closed %v, err %v", test.err, o.closed, o.err)
		}
	}
}

func TestFullDiskIsAnError(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	f.system.out = &output{to: failingWriter{syscall.ENOSPC}}
	code := f.run(t, "list")
	wantCode(t, code, exitFailed)
	wantText(t, "standard error", f.errOut.String(), "write output: no space left")
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestReadFailures(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"who", "3000"}, {"kill", ":3000", "--yes"}, {"watch"}} {
		f := newFakeSystem(testSnapshot())
		f.readErr = errors.New("dump tcp sockets: message truncated")
		wantCode(t, f.run(t, args...), exitFailed)
		wantText(t, "standard error", f.errOut.String(), "portctl: dump tcp sockets: message truncated\n")
		if !f.closed {
			t.Errorf("%v: the reader was left open", args)
		}
		f.openErr = fmt.Errorf("open socket reader: %w", errors.ErrUnsupported)
		wantCode(t, f.run(t, args...), exitFailed)
		wantText(t, "standard error", f.errOut.String(), "unsupported", "portctl runs on Linux and macOS")
	}
}
