package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"portolan/internal/monitor"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/table"
)

// watched runs a watch over the snapshots, one every three seconds, and leaves it when they are all read.
func watched(t *testing.T, f *fakeSystem, args ...string) (code int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(len(f.snapshots))*monitor.DefaultInterval)
		defer cancel()
		code = execute(ctx, f.system, append([]string{"watch"}, args...))
	})
	return code
}

// changes is a computer on which a connection is made and ends, and a server starts and stops.
func changes() []*netstat.Snapshot {
	first := testSnapshot()
	opened := without(first)
	opened.Sockets = append(opened.Sockets, netstat.Socket{ID: 0x77, Protocol: netstat.TCP, Local: at("127.0.0.1:8080"),
		State: netstat.Listen, UID: 501, User: "alice", Owners: heldByDescriptor(node)})
	changed := without(opened)
	changed.Sockets[3].State = netstat.CloseWait
	changed.Taken = opened.Taken.Add(3 * time.Second)
	closed := without(changed, postgres)
	return []*netstat.Snapshot{first, opened, changed, closed}
}

func TestWatchContract(t *testing.T) {
	f := newFakeSystem(changes()...)
	wantCode(t, watched(t, f, "--json"), exitDone)
	golden(t, "watch.json", indented(t, f.out.String()))
	if !f.closed {
		t.Error("the reader was left open")
	}
}

func TestWatchLines(t *testing.T) {
	f := newFakeSystem(changes()...)
	wantCode(t, watched(t, f), exitDone)
	golden(t, "watch.txt", f.out.String())
}

// TestWatchQuery: a socket that comes to match opens, and one that no longer does closes.
func TestWatchQuery(t *testing.T) {
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"state:listen", []string{"opened  tcp 127.0.0.1:8080", "closed  tcp 127.0.0.1:5432"}},
		{"state:established", []string{"closed  tcp 127.0.0.1:3000 -> 127.0.0.1:40000 CLOSE_WAIT"}},
		{"state:close_wait", []string{"opened  tcp 127.0.0.1:3000 -> 127.0.0.1:40000 CLOSE_WAIT"}},
		{"udp", nil},
	} {
		f := newFakeSystem(changes()...)
		wantCode(t, watched(t, f, test.query), exitDone)
		var events []string
		for line := range strings.Lines(f.out.String()) {
			if strings.HasPrefix(line, "10:0") {
				events = append(events, line)
			}
		}
		if len(events) != len(test.want) {
			t.Errorf("%s: got %q, want %q", test.query, events, test.want)
			continue
		}
		for i, want := range test.want {
			wantText(t, test.query, events[i], want)
		}
	}
}

func TestWatchEndsWhenNobodyReadsOn(t *testing.T) {
	f := newFakeSystem(changes()...)
	f.system.out = &output{to: failingWriter{syscall.EPIPE}}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		wantCode(t, execute(t.Context(), f.system, []string{"watch", "--json"}), exitDone)
		if waited := time.Since(began); waited > monitor.DefaultInterval {
			t.Errorf("it went on for %v", waited)
		}
	})
}

// TestWatchOutlivesAnError: one failed read is told, and what happened meanwhile afterwards.
func TestWatchOutlivesAnError(t *testing.T) {
	f := newFakeSystem(changes()...)
	flaky := &flakySource{source: f}
	f.open = func() (source, error) { return flaky, nil }
	wantCode(t, watched(t, f), exitDone)
	wantText(t, "standard error", f.errOut.String(), "portctl: the dump was interrupted")
	wantText(t, "standard output", f.out.String(), "opened  tcp 127.0.0.1:8080")
}

// flakySource fails at the second read.
type flakySource struct {
	source
	reads int
}

func (s *flakySource) Read(ctx context.Context) (*netstat.Snapshot, error) {
	if s.reads++; s.reads == 2 {
		return nil, errors.New("the dump was interrupted")
	}
	return s.source.Read(ctx)
}

func TestWatchIntervalIsKept(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		wantCode(t, execute(ctx, f.system, []string{"watch", "--interval", "1s"}), exitDone)
	})
	if f.reads != 11 {
		t.Errorf("%d reads in ten seconds, want 11", f.reads)
	}
	if n := bytes.Count([]byte(f.out.String()), []byte("PROTO")); n != 1 {
		t.Errorf("the table was printed %d times", n)
	}
}

func TestFollowerClosesBeforeItOpens(t *testing.T) {
	s := testSnapshot()
	f := follower{view: table.View{}, rules: &ruled{}}
	f.begin(s)
	again := s.Sockets[5]
	again.ID = 0x100
	events := f.follow(monitor.Update{Snapshot: s, Closed: s.Sockets[5:6], Opened: []netstat.Socket{again}})
	if len(events) != 2 || events[0].name != "closed" || events[1].name != "opened" {
		t.Errorf("got %+v", events)
	}
}

// TestWatchKnowsClasses: who waits is seen in the whole snapshot, not among the sockets that something happened to; and
// of what closed together with its listener, in the snapshot before.
func TestWatchKnowsClasses(t *testing.T) {
	listener := netstat.Socket{ID: 0x80, Protocol: netstat.TCP, Local: at("0.0.0.0:50001"), State: netstat.Listen, UID: 501, Owners: heldByDescriptor(node)}
	came := netstat.Socket{ID: 0x81, Protocol: netstat.TCP, Local: at("192.168.1.5:50001"), Remote: at("192.168.1.9:51000"), State: netstat.Established, UID: 501, Owners: heldByDescriptor(node)}
	quiet := without(testSnapshot())
	quiet.Sockets = append(quiet.Sockets, listener)
	called := without(quiet)
	called.Sockets = append(called.Sockets, came)
	f := newFakeSystem(quiet, called, without(testSnapshot()))
	wantCode(t, watched(t, f, "class:incoming", "port:50001"), exitDone)
	wantText(t, "the events", f.out.String(), "opened  tcp 192.168.1.5:50001", "closed  tcp 192.168.1.5:50001")

	f = newFakeSystem(quiet, called, without(testSnapshot()))
	wantCode(t, watched(t, f, "--json", "port:50001"), exitDone)
	if n := strings.Count(f.out.String(), `"class":"incoming"`); n < 2 {
		t.Errorf("%d times incoming in %s", n, f.out.String())
	}
}

// TestWatchCountsForJSONAlone: nobody but the JSON shows bytes from the first look on.
func TestWatchCountsForJSONAlone(t *testing.T) {
	for args, want := range map[string]bool{"": false, "--json": true} {
		f := newFakeSystem(changes()...)
		f.counted = !want
		wantCode(t, watched(t, f, strings.Fields(args)...), exitDone)
		if f.counted != want {
			t.Errorf("watch %s: bytes were asked for is %v", args, f.counted)
		}
	}
}

// untold is a computer whose kernel does not tell which ports it chose: the range has to.
func untold() *netstat.Snapshot {
	s := without(testSnapshot())
	for i := range s.Sockets {
		s.Sockets[i].KernelPort = false
	}
	return s
}

// TestWatchFollowsTheRange: the range is changed while the watch runs. What comes to match, or no longer does, is told though
// nothing happened to it.
func TestWatchFollowsTheRange(t *testing.T) {
	f := newFakeSystem(untold(), untold(), untold())
	reads := 0
	f.rules = func() (port.Rules, error) {
		reads++
		rules := testRules
		if reads > 3 { // one for the query, and two of the watch
			rules.Ephemeral = port.Range{First: 3000, Last: 3999}
		}
		return rules, nil
	}
	wantCode(t, watched(t, f, "ephemeral:yes"), exitDone)
	var events []string
	for line := range strings.Lines(f.out.String()) {
		if strings.HasPrefix(line, "10:0") {
			events = append(events, strings.Join(strings.Fields(line)[1:4], " "))
		}
	}
	slices.Sort(events)
	want := []string{"closed tcp [fe80::1%en0]:40003", "opened tcp 127.0.0.1:3000", "opened tcp 127.0.0.1:3000", "opened tcp 127.0.0.1:3000"}
	if !slices.Equal(events, want) {
		t.Errorf("got %q, want %q", events, want)
	}
}

// TestWatchKeepsTheClass: a connection that came in did so also when nobody listens any more, and when it closes then.
func TestWatchKeepsTheClass(t *testing.T) {
	listener := netstat.Socket{ID: 1, Protocol: netstat.TCP, State: netstat.Listen, Local: at("127.0.0.1:40001")}
	call := netstat.Socket{ID: 2, Protocol: netstat.TCP, State: netstat.Established, Local: at("127.0.0.1:40001"), Remote: at("127.0.0.1:40002")}
	rules := &ruled{now: testRules}
	f := follower{view: table.View{Past: rules.past()}, rules: rules}
	tell := func(after time.Duration, sockets []netstat.Socket, closed ...netstat.Socket) []event {
		u := monitor.Update{Snapshot: &netstat.Snapshot{Taken: began.Add(after), Sockets: sockets}, Closed: closed}
		f.view.Past.Record(u)
		if !f.begun {
			f.begin(u.Snapshot)
			return nil
		}
		return f.follow(u)
	}
	tell(0, []netstat.Socket{listener, call})
	tell(time.Second, []netstat.Socket{call}, listener)
	if got := f.census.Class(&call); got != table.Incoming {
		t.Errorf("without its listener it is %v", got)
	}
	events := tell(2*time.Second, nil, call)
	if len(events) != 1 || events[0].census.Class(events[0].socket) != table.Incoming {
		t.Errorf("when it closes: %+v", events)
	}
}
