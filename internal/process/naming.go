package process

import (
	"context"
	"sync"

	"portolan/internal/app"
	"portolan/internal/container"
)

// namer says which app a process is part of. An *app.Finder is one; tests have others.
type namer interface {
	// Find is not settled when a better answer may come: when Version has changed.
	Find(e *app.Evidence) (found app.App, work app.Work, settled bool)
	// Version changes when something new is known.
	Version() uint64
	// Settle waits until nothing is being asked for, or ctx is done.
	Settle(ctx context.Context) error
}

// naming is a namer that remembers whether a better answer is waited for.
type naming struct {
	namer
	mu      sync.Mutex
	awaited bool   // an answer was not settled since the last settle
	version uint64 // before the first such answer
}

// names is the naming that all Registers of this program share: what was asked of a
// container runtime for one is there for the others.
var names = sync.OnceValue(func() *naming { return &naming{namer: newFinder()} })

// find asks for the app. What it gives for version is what was known before it was asked.
func (n *naming) find(e *app.Evidence) (found app.App, work app.Work, settled bool, version uint64) {
	version = n.Version()
	found, work, settled = n.Find(e)
	if !settled {
		n.mu.Lock()
		if !n.awaited {
			n.awaited, n.version = true, version
		}
		n.mu.Unlock()
	}
	return found, work, settled, version
}

func (n *naming) settle(ctx context.Context) bool {
	n.mu.Lock()
	awaited, version := n.awaited, n.version
	n.mu.Unlock()
	if !awaited {
		return false
	}
	// Whether it had to give up does not matter: what is known by then is known.
	_ = n.Settle(ctx)
	if n.Version() == version {
		return false
	}
	n.mu.Lock()
	n.awaited = false
	n.mu.Unlock()
	return true
}

// Settle waits until the names that are being asked for are there, or ctx is done: those of
// containers, which only their runtime knows. It returns at once when none is. True means that there
// is something new, and that what was read by Read, Ancestors or a Register is worth reading again.
func Settle(ctx context.Context) bool { return names().settle(ctx) }

// newFinder makes the namer of this computer.
func newFinder() namer { return app.NewFinder(app.Options{Containers: container.NewClient(nil)}) }
