package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"portolan/internal/history"
	"portolan/internal/monitor"
	"portolan/internal/netstat"
)

// recalling is a system on which the app has watched for seven minutes: the first socket was there before, the second has
// waited for six minutes, a connection is three minutes old, and a listener came after the app's last look.
func recalling(t *testing.T) *fakeSystem {
	t.Helper()
	listener := func(id uint64, address string) netstat.Socket {
		return netstat.Socket{ID: id, Protocol: netstat.TCP, State: netstat.Listen, Local: at(address), UID: 501, Owners: heldByDescriptor(node)}
	}
	old, second, unseen := listener(1, "127.0.0.1:3001"), listener(2, "127.0.0.1:3002"), listener(4, "127.0.0.1:3004")
	call := netstat.Socket{ID: 3, Protocol: netstat.TCP, State: netstat.Established, Local: at("127.0.0.1:3003"), Remote: at("127.0.0.1:9"), UID: 501, Owners: heldByDescriptor(node)}
	now := &netstat.Snapshot{Taken: began.Add(7 * time.Minute), Sockets: []netstat.Socket{old, second, call, unseen}}
	h := history.New(history.Options{})
	seen := func(after time.Duration) *netstat.Snapshot { return &netstat.Snapshot{Taken: began.Add(after)} }
	first := seen(0)
	first.Sockets = []netstat.Socket{old}
	h.Record(monitor.Update{Snapshot: first})
	h.Record(monitor.Update{Snapshot: seen(time.Minute), Opened: []netstat.Socket{second}})
	h.Record(monitor.Update{Snapshot: seen(4 * time.Minute), Opened: []netstat.Socket{call}})
	f := newFakeSystem(now)
	f.ask = func(_ context.Context, question string) ([]byte, error) {
		_, argument, _ := strings.Cut(question, " ")
		var answer bytes.Buffer
		err := h.Answer(&answer, argument, now.Taken)
		return answer.Bytes(), err
	}
	return f
}

// TestListSince: the running app knows since when the sockets are open, and is asked.
func TestListSince(t *testing.T) {
	for _, test := range []struct {
		query, want string
		doubt       bool
	}{
		{"since:2m", "3004", false},
		{"since:5m", "3003 3004", false},
		{"since:6m30s", "3002 3003 3004", false},
		{"since:1h", "3002 3003 3004", true},
		{"since:>6m30s", "3001", false},
		{"!since:5m", "3001 3002", false},
	} {
		f := recalling(t)
		wantCode(t, f.run(t, "list", test.query), exitDone)
		var ports []string
		for line := range strings.Lines(f.out.String()) {
			if words := strings.Fields(line); words[0] == "tcp" {
				ports = append(ports, words[2])
			}
		}
		if got := strings.Join(ports, " "); got != test.want {
			t.Errorf("%s: ports %s, want %s", test.query, got, test.want)
		}
		if got := strings.Contains(f.errOut.String(), "the record goes back to"); got != test.doubt {
			t.Errorf("%s: standard error %q", test.query, f.errOut.String())
		}
	}
	f := recalling(t)
	wantCode(t, f.run(t, "list", "--json", "since:5m"), exitDone)
	wantText(t, "JSON", f.out.String(), `"port":3003`, `"port":3004`)
	wantCode(t, f.run(t, "list", "--by-app", "since:5m"), exitDone)
	wantText(t, "by app", f.out.String(), "vite")
}

// TestListSinceOfNobody: where the app does not run the refusal says so, and what to do.
func TestListSinceOfNobody(t *testing.T) {
	f := newFakeSystem(testSnapshot())
	wantCode(t, f.run(t, "list", "since:5m"), exitFailed)
	wantText(t, "standard error", f.errOut.String(), "Portolan is not running", "portctl watch", "portctl history")
	if f.out.Len() > 0 {
		t.Errorf("all the same it lists %s", f.out.String())
	}
	f.ask = func(context.Context, string) ([]byte, error) { return []byte("garbage"), nil }
	wantCode(t, f.run(t, "list", "since:5m"), exitFailed)
}
