package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/restart"
	"portolan/internal/table"
)

// plan is what a kill comes to, before anything is sent.
type plan struct {
	targets []target
	refused []refusal
	// ports are the ones that were asked for, each once: their state is told afterwards.
	ports []uint16
}

// target is a process to be ended: named by its identity when it was listed, so
// that whoever has its PID at the time of the signal is not hit for it.
type target struct {
	process *process.Process
	held    []table.Held
	// causes are why ending it is not the end of it; see explain.
	causes []restart.Cause
}

// refusal is something that was asked for and will not be done.
type refusal struct {
	argument string
	process  *process.Process // nil when none is known
	code     int
	why      string
}

// laws are the questions about a process that only the system can answer.
type laws struct {
	protected func(process.ID) error
	permitted func(pid int) error
	describe  func(pid int) (*process.Process, error)
	// administrator: it makes no sense to tell the person to become one.
	administrator bool
}

// advice ends a sentence about what this user may not do.
func (l laws) advice() string {
	if l.administrator {
		return ""
	}
	return ": run as administrator"
}

// planKill finds the processes that the subjects mean. An error means that
// nothing at all may be done: a number can be read in two ways.
func planKill(s *netstat.Snapshot, subjects []subject, l laws) (plan, error) {
	var p plan
	for _, subject := range subjects {
		subject, err := subject.decide(s, l.describe)
		if err != nil {
			return plan{}, err
		}
		switch subject.kind {
		case namesPort:
			p.addPort(s, subject, l)
		case namesPID:
			p.addPID(s, subject, l)
		default:
			p.refuse(subject.argument, nil, exitNothing, fmt.Sprintf("nobody holds port %d, and there is no process %d", subject.number, subject.number))
		}
	}
	p.countOthers()
	return p, nil
}

// countOthers makes Shared the number of processes that keep a socket open and are not to be
// ended themselves.
func (p *plan) countOthers() {
	for _, t := range p.targets {
		for i := range t.held {
			t.held[i].Shared = 0
			for _, o := range t.held[i].Socket.Owners {
				if !isTarget(o.Process.ID, p.targets) {
					t.held[i].Shared++
				}
			}
		}
	}
}

func (p *plan) addPort(s *netstat.Snapshot, subject subject, l laws) {
	number := uint16(subject.number)
	if slices.Contains(p.ports, number) {
		return
	}
	p.ports = append(p.ports, number)
	sockets := useOf(s, number).holding()
	for _, h := range holdersOf(sockets) {
		switch name := nameOf(h.process); h.by {
		case netstat.ByLaunchd:
			p.refuse(subject.argument, h.process, exitNotPermitted, fmt.Sprintf(
				"launchd holds port %d for a service that it starts on demand, and is not ended for it: switch that service off instead", number))
		case netstat.ByLastUse:
			p.refuse(subject.argument, h.process, exitNotPermitted, fmt.Sprintf(
				"%s used port %d last, and whether it still holds it cannot be seen; to end it all the same, name it: pid:%d",
				name, number, h.process.PID))
		default:
			p.add(s, subject.argument, h.process, l)
		}
	}
	p.addOwnerless(subject, sockets, l)
}

// addOwnerless says why nobody can be ended for a port, or for a part of its sockets.
func (p *plan) addOwnerless(subject subject, sockets []*netstat.Socket, l laws) {
	unowned := func(s *netstat.Socket) bool { return len(s.Owners) == 0 }
	concealed := slices.IndexFunc(sockets, func(s *netstat.Socket) bool { return unowned(s) && s.Absence == netstat.Concealed })
	switch {
	case len(sockets) == 0:
		p.refuse(subject.argument, nil, exitNothing, fmt.Sprintf("nobody holds port %d", subject.number))
	case concealed >= 0:
		p.refuse(subject.argument, nil, exitNotPermitted, fmt.Sprintf("port %d is held by %s%s",
			subject.number, concealedOwner(sockets[concealed]), l.advice()))
	case !slices.ContainsFunc(sockets, func(s *netstat.Socket) bool { return !unowned(s) }):
		p.refuse(subject.argument, nil, exitNothing, fmt.Sprintf("no process holds port %d: what is left of it is the kernel's (%s)",
			subject.number, kernelStates(sockets)))
	}
}

// kernelStates gives "TIME_WAIT" or "LAST_ACK, TIME_WAIT".
func kernelStates(sockets []*netstat.Socket) string {
	var states []string
	for _, s := range sockets {
		states = append(states, cmp.Or(s.State.String(), s.Protocol.String()))
	}
	slices.Sort(states)
	return strings.Join(slices.Compact(states), ", ")
}

func (p *plan) addPID(s *netstat.Snapshot, subject subject, l laws) {
	found, err := findPID(s, subject.number, l.describe)
	switch {
	case errors.Is(err, process.ErrGone):
		p.refuse(subject.argument, nil, exitNothing, fmt.Sprintf("there is no process %d", subject.number))
	case err != nil:
		p.refuse(subject.argument, nil, exitFailed, fmt.Sprintf("look up PID %d: %v", subject.number, err))
	default:
		p.add(s, subject.argument, found, l)
	}
}

// add takes a process in, unless it is in already or is not to be touched.
func (p *plan) add(s *netstat.Snapshot, argument string, found *process.Process, l laws) {
	known := slices.ContainsFunc(p.targets, func(t target) bool { return t.process.ID == found.ID }) ||
		slices.ContainsFunc(p.refused, func(r refusal) bool { return r.argument == argument && r.process == found })
	if known {
		return
	}
	err := l.protected(found.ID)
	switch {
	case errors.Is(err, process.ErrProtected):
		p.refuse(argument, found, exitNotPermitted, fmt.Sprintf("%s is not ended: %s", nameOf(found), reason(err, process.ErrProtected)))
	case err != nil:
		p.refuse(argument, found, exitFailed, err.Error())
	case errors.Is(l.permitted(found.PID), os.ErrPermission):
		p.refuse(argument, found, exitNotPermitted, fmt.Sprintf("%s belongs to %s%s", nameOf(found), userOf(found), l.advice()))
	default:
		p.targets = append(p.targets, target{process: found, held: table.PortsOf(s, found.ID)})
	}
}

func (p *plan) refuse(argument string, found *process.Process, code int, why string) {
	p.refused = append(p.refused, refusal{argument, found, code, why})
}

// code is the exit code for what was refused.
func (p *plan) code() int {
	codes := make([]int, len(p.refused))
	for i, r := range p.refused {
		codes[i] = r.code
	}
	return worst(codes...)
}

// watchedPorts are the ports whose state is of interest when all is done: those that
// were asked for, then those on which the targets listen, in order.
func (p *plan) watchedPorts() []uint16 {
	ports := slices.Clone(p.ports)
	var more []uint16
	for _, t := range p.targets {
		for _, h := range t.held {
			if h.Socket.State == netstat.Listen {
				more = append(more, h.Socket.Local.Port())
			}
		}
	}
	slices.Sort(more)
	for _, number := range more {
		if !slices.Contains(ports, number) {
			ports = append(ports, number)
		}
	}
	return ports
}

// explain asks why ending each of the targets is not the end of it.
func (p *plan) explain(ctx context.Context, causes func(context.Context, *process.Process, []*netstat.Socket) []restart.Cause) {
	var all sync.WaitGroup
	for i := range p.targets {
		t := &p.targets[i]
		all.Go(func() { t.causes = causes(ctx, t.process, listening(t.held)) })
	}
	all.Wait()
}

// processes are those of the targets.
func (p *plan) processes() []*process.Process {
	var all []*process.Process
	for _, t := range p.targets {
		all = append(all, t.process)
	}
	return all
}

// waits reports whether a target waits for others on one of its sockets.
func (p *plan) waits() bool {
	return slices.ContainsFunc(p.targets, func(t target) bool { return len(listening(t.held)) > 0 })
}

// reason is the text of err without the sentinel at its end, which the reader has been told in other words.
func reason(err, sentinel error) string {
	return strings.TrimSuffix(err.Error(), ": "+sentinel.Error())
}

// nameOf gives "node (PID 812)".
func nameOf(p *process.Process) string {
	return fmt.Sprintf("%s (PID %d)", cmp.Or(table.Clean(p.Name), "process"), p.PID)
}

func userOf(p *process.Process) string {
	return cmp.Or(table.Clean(p.User), "another user")
}
