package process

import (
	"errors"
	"fmt"
	"slices"
)

// Ancestors gives the processes that the process comes from, read now: its parent first,
// then the parent's parent, up to the first process (launchd, systemd). Each is described as by
// Read; of what this user may not look at there is less. The way ends early, without an
// error, where the system hides the rest of it. The error wraps ErrGone when id has ended.
func Ancestors(id ID) ([]*Process, error) {
	way, err := ancestorsOf(NewRegister(), id)
	if err != nil {
		return nil, fmt.Errorf("read the ancestors of process %d: %w", id.PID, err)
	}
	return way, nil
}

// errRestless: so often as they were read, it was never twice the same.
var errRestless = errors.New("they change all the time")

// ancestorsOf walks until it has a way on which nothing changed while it was walked:
// a parent that ends is replaced by another.
func ancestorsOf(r *Register, id ID) ([]*Process, error) {
	for range ancestorTries {
		p, err := r.Lookup(id.PID)
		if err != nil {
			return nil, err
		}
		if p.ID != id {
			return nil, ErrGone
		}
		way, whole := r.walk(p)
		if whole && r.unchanged(append(slices.Clip(way), p)) {
			return way, nil
		}
		r.Sweep()
	}
	return nil, errRestless
}

// walk goes up from p. It is not whole when a parent has ended meanwhile, or its number is another process's.
func (r *Register) walk(p *Process) (way []*Process, whole bool) {
	for child := p; child.PPID > 0 && len(way) < maxAncestors; {
		parent, err := r.Lookup(child.PPID)
		if err != nil {
			return way, !errors.Is(err, ErrGone)
		}
		way = append(way, parent)
		if parent.Start == 0 { // hidden from us
			return way, true
		}
		if parent.Start > child.Start || slices.Contains(way[:len(way)-1], parent) {
			return way, false
		}
		child = parent
	}
	return way, true
}

// unchanged says whether all of these are still what was read of them.
func (r *Register) unchanged(processes []*Process) bool {
	for _, p := range processes {
		if now, err := r.Lookup(p.PID); err != nil || now != p {
			return false
		}
	}
	return true
}
