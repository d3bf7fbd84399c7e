package restart

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"portolan/internal/app"
	"portolan/internal/container"
	"portolan/internal/netstat"
	"portolan/internal/process"
)

// we are user 1000 in these tests.
const we = 1000

// runtimes are what the container runtimes say.
type runtimes struct {
	list []container.Container
	err  error
}

func (r runtimes) List(context.Context) ([]container.Container, error) { return r.list, r.err }

func (r runtimes) Inspect(_ context.Context, id string) (container.Container, error) {
	for _, c := range r.list {
		if c.ID == id {
			return c, nil
		}
	}
	if r.err != nil {
		return container.Container{}, r.err
	}
	return container.Container{}, container.ErrUnknown
}

// explainer is one that knows nothing but what it is told.
func explainer(above ...*process.Process) *Explainer {
	nobody := func(name string) string {
		return map[string]string{"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}[name]
	}
	return &Explainer{
		containers: runtimes{err: container.ErrNoRuntime},
		ancestors:  func(process.ID) ([]*process.Process, error) { return above, nil },
		buses:      newBuses(nobody, we),
		root:       "/nonexistent",
		uid:        we,
		limit:      time.Minute, // what is not there is known at once, and the machine may be busy
	}
}

// proc is a process of ours.
func proc(pid int, name, line string) *process.Process {
	return &process.Process{ID: process.ID{PID: pid, Start: 1}, Name: name, UID: we, User: "alice", Work: app.Work{Line: line}}
}

// listens is a socket that listens on the port.
func listens(address string, port uint16) *netstat.Socket {
	return &netstat.Socket{Protocol: netstat.TCP, Local: netip.AddrPortFrom(netip.MustParseAddr(address), port), State: netstat.Listen, ID: uint64(port)}
}

// one checks that there is exactly one cause and gives it.
func one(t *testing.T, causes []Cause) Cause {
	t.Helper()
	if len(causes) != 1 {
		t.Fatalf("%d causes, want 1: %+v", len(causes), causes)
	}
	return causes[0]
}

func TestNoCause(t *testing.T) {
	x := explainer(proc(20, "zsh", "-zsh"), proc(10, "iTerm2", "/Applications/iTerm.app/Contents/MacOS/iTerm2"))
	if causes := x.Causes(t.Context(), proc(30, "node", "node server.js"), nil); causes != nil {
		t.Errorf("%+v", causes)
	}
	if causes := x.Causes(t.Context(), nil, nil); causes != nil {
		t.Errorf("of nobody: %+v", causes)
	}
	x.ancestors = func(process.ID) ([]*process.Process, error) { return nil, errors.New("it has ended") }
	if causes := x.Causes(t.Context(), proc(30, "node", "node server.js"), nil); causes != nil {
		t.Errorf("without ancestors: %+v", causes)
	}
}

// stuck is a runtime client that answers when the test is over, whatever its context says.
type stuck struct{ over <-chan struct{} }

func (s stuck) List(context.Context) ([]container.Container, error) {
	<-s.over
	return nil, nil
}

func (s stuck) Inspect(context.Context, string) (container.Container, error) {
	<-s.over
	return container.Container{}, nil
}

// TestOneIsStuck: what the others have found is told in time.
func TestOneIsStuck(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	x := explainer(proc(20, "nodemon", "nodemon"))
	x.containers, x.limit = stuck{over}, 200*time.Millisecond
	p := proc(30, "node", "node x")
	p.App = app.App{Kind: app.Container, ID: dbID, Runtime: "docker"}
	if c := one(t, x.Causes(t.Context(), p, nil)); c.By != "nodemon (PID 20)" {
		t.Errorf("%+v", c)
	}
}

// TestGivenUp: a context that is done is the end of it.
func TestGivenUp(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x := explainer()
	x.containers = stuck{over}
	p := proc(30, "node", "node x")
	p.App = app.App{Kind: app.Container, ID: dbID, Runtime: "docker"}
	if causes := x.Causes(ctx, p, nil); causes != nil {
		t.Errorf("%+v", causes)
	}
}
