//go:build linux || darwin

package process

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestKillObedient(t *testing.T) {
	c := start(t, "obedient")
	if err := Protected(c.id); err != nil {
		t.Fatal(err)
	}
	if err := Kill(t.Context(), c.id, Terminate); err != nil {
		t.Fatal(err)
	}
	// Nobody has reaped it: what is there is a zombie, and that is gone.
	if id, err := Identify(c.id.PID); !errors.Is(err, ErrGone) {
		t.Errorf("after the kill Identify gives %v, %v", id, err)
	}
	if p, err := Read(c.id.PID); !errors.Is(err, ErrGone) {
		t.Errorf("after the kill Read gives %v, %v", p, err)
	}
	if err := Kill(t.Context(), c.id, Terminate); !errors.Is(err, ErrGone) {
		t.Errorf("a second kill: %v, want %v", err, ErrGone)
	}
	c.Wait()
	if s := c.ProcessState.Sys().(syscall.WaitStatus); s.Signal() != syscall.SIGTERM {
		t.Errorf("it ended by %v, want SIGTERM", s.Signal())
	}
	if err := Kill(t.Context(), c.id, ForceKill); !errors.Is(err, ErrGone) {
		t.Errorf("a kill after it was reaped: %v, want %v", err, ErrGone)
	}
}

func TestKillWaitsForTheEnd(t *testing.T) {
	c := start(t, "tidy")
	ended := make(chan error, 1)
	go func() { ended <- Kill(context.Background(), c.id, Terminate) }()
	if line := c.line(t); line != "asked" {
		t.Fatalf("the child says %q, not that it was asked to end", line)
	}
	select {
	case err := <-ended:
		t.Fatalf("Kill returned before the end: %v", err)
	default:
	}
	c.in.Close()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if c.alive(t) {
		t.Error("it still runs after Kill returned")
	}
}

func TestKillDeaf(t *testing.T) {
	c := start(t, "deaf")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := Kill(ctx, c.id, Terminate); !errors.Is(err, ErrStillRunning) {
		t.Fatalf("error %v, want %v", err, ErrStillRunning)
	}
	if !c.alive(t) {
		t.Fatal("it was ended by force, which nobody asked for")
	}
	if err := Kill(t.Context(), c.id, ForceKill); err != nil {
		t.Fatal(err)
	}
	c.Wait()
	if s := c.ProcessState.Sys().(syscall.WaitStatus); s.Signal() != syscall.SIGKILL {
		t.Errorf("it ended by %v, want SIGKILL", s.Signal())
	}
}

func TestKillNothingSent(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	c := start(t, "obedient")
	for _, test := range []struct {
		name string
		ctx  context.Context
		id   ID
		want error
	}{
		{"recycled number", t.Context(), ID{c.id.PID, c.id.Start - 1}, ErrGone},
		{"no start", t.Context(), ID{c.id.PID, 0}, ErrProtected},
		{"no time", done, c.id, context.Canceled},
	} {
		if err := Kill(test.ctx, test.id, ForceKill); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
	}
	// Were a signal under way, it would come before the answer that it runs.
	if !c.alive(t) {
		t.Error("the innocent process was hit")
	}
	if id, err := Identify(c.id.PID); err != nil || id != c.id {
		t.Errorf("it is now %v, %v, want %v", id, err, c.id)
	}
}

func TestAncestorsAreProtected(t *testing.T) {
	needRealProcesses(t)
	if err := Protected(ourselves()); !errors.Is(err, ErrProtected) {
		t.Errorf("ourselves: %v, want %v", err, ErrProtected)
	}
	parent, err := Identify(os.Getppid())
	if err != nil {
		t.Fatal(err)
	}
	if err := Kill(t.Context(), parent, ForceKill); !errors.Is(err, ErrProtected) {
		t.Errorf("our parent: %v, want %v", err, ErrProtected)
	}
	above, err := Read(parent.PID)
	if err != nil || above.PPID <= 1 {
		return // a parent that the first process has started
	}
	grandparent, err := Identify(above.PPID)
	if err != nil {
		t.Fatal(err)
	}
	if err := Protected(grandparent); !errors.Is(err, ErrProtected) {
		t.Errorf("our grandparent: %v, want %v", err, ErrProtected)
	}
}

func TestManyKillsAtOnce(t *testing.T) {
	const many = 8
	ended := make(chan error, many)
	for range many {
		c := start(t, "obedient")
		go func() { ended <- Kill(context.Background(), c.id, Terminate) }()
	}
	for range many {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
