package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"portolan/internal/export"
	"portolan/internal/netstat"
	"portolan/internal/restart"
	"portolan/internal/table"
)

const (
	// afterwards is the time between two looks at the ports after a kill.
	afterwards = 250 * time.Millisecond
	// settled is how long after a kill it is looked when nothing is to be watched: the kernel needs a moment.
	settled = 300 * time.Millisecond
)

// fate is what became of the ports.
type fate struct {
	verdict restart.Verdict
	states  []portState
}

// portState is what became of one port.
type portState struct {
	number uint16
	use    portUse
}

// fate watches the ports on which the targets waited until all are taken again or the time is over, and
// looks at the others once. Ctrl-C ends the watch, and what has been seen is told.
func (k killing) fate(ctx context.Context) (fate, error) {
	ports := k.plan.watchedPorts()
	if len(ports) == 0 {
		return fate{}, nil
	}
	began := k.sys.now()
	k.after.Begin(began)
	over := began.Add(k.watch)
	if k.watch == 0 || !k.plan.waits() {
		k.sys.wait(ctx, settled)
		over = began
	} else if k.sys.terminal.out && !k.json {
		fmt.Fprintf(k.sys.errOut, "watching for %v whether it comes back (Ctrl-C: no longer)\n", k.watch)
	}
	var f fate
	for last := false; !last; {
		last = ctx.Err() != nil || !k.sys.now().Before(over)
		// What the last look shows is told also when the person has had enough.
		snapshot, err := k.reader.Read(context.WithoutCancel(ctx))
		if err != nil {
			return fate{}, err
		}
		f = fateOf(ports, snapshot, k.after.Verdict(snapshot))
		if f.returned() {
			break
		}
		if !last {
			k.sys.wait(ctx, afterwards)
		}
	}
	return f, nil
}

func fateOf(ports []uint16, s *netstat.Snapshot, v restart.Verdict) fate {
	f := fate{verdict: v}
	for _, number := range ports {
		f.states = append(f.states, portState{number, useOf(s, number)})
	}
	return f
}

// returned reports whether every port that was watched is taken again: there is nothing more to wait for.
func (f fate) returned() bool {
	still := func(r restart.Return) bool { return r.Still }
	return len(f.verdict.Back) > 0 && len(f.verdict.Free) == 0 && !slices.ContainsFunc(f.verdict.Back, still)
}

// print says what became of the ports. Of those that nobody waited on only the ones are told that were asked for.
func (f fate) print(w io.Writer, p plan) {
	if f.verdict.Text != "" {
		fmt.Fprintln(w, f.verdict.Text)
	}
	for _, s := range f.states {
		switch told := f.told(s.number); {
		case !told && slices.Contains(p.ports, s.number):
			fmt.Fprintln(w, s.sentence())
		case told && s.free() && len(s.use.connections) > 0:
			fmt.Fprintf(w, "port %d: %s\n", s.number, s.remaining())
		}
	}
}

// told reports whether the verdict has the port.
func (f fate) told(number uint16) bool {
	return slices.ContainsFunc(f.verdict.Free, func(p restart.Port) bool { return p.Number == number }) ||
		slices.ContainsFunc(f.verdict.Back, func(r restart.Return) bool { return r.Number == number })
}

func (s portState) free() bool { return len(s.use.bound) == 0 }

// sentence is about a port on which none of the targets waited.
func (s portState) sentence() string {
	switch {
	case !s.free():
		return fmt.Sprintf("port %d is not free: held by %s", s.number, heldBy(s.use.bound))
	case len(s.use.connections) > 0:
		return fmt.Sprintf("port %d is free; %s", s.number, s.remaining())
	default:
		return fmt.Sprintf("port %d is free", s.number)
	}
}

// remaining gives "2 connections remain from before (TIME_WAIT)".
func (s portState) remaining() string {
	return fmt.Sprintf("%s from before (%s)", plural(len(s.use.connections), "connection remains", "connections remain"), kernelStates(s.use.connections))
}

func (f fate) asJSON() []portStatusJSON {
	out := []portStatusJSON{}
	for _, s := range f.states {
		one := portStatusJSON{Port: s.number, Free: s.free(), Owners: []export.Owner{}, Connections: len(s.use.connections)}
		for _, h := range holdersOf(s.use.bound) {
			one.Owners = append(one.Owners, export.NewOwners([]netstat.Owner{{Process: h.process, By: h.by}})...)
		}
		for _, r := range f.verdict.Back {
			if r.Number == s.number && !r.Still {
				one.CameBack, one.StartedBy = true, table.Clean(r.StartedBy)
			}
		}
		out = append(out, one)
	}
	return out
}
