package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// subject is what an argument of kill or who names.
type subject struct {
	argument string
	kind     subjectKind
	number   int
}

type subjectKind uint8

const (
	namesPort   subjectKind = iota + 1 // :3000, port:3000
	namesPID                           // pid:812
	namesEither                        // 3000: what it means is seen in the snapshot
)

const (
	maxPort = 65535
	maxPID  = 1<<31 - 1 // pid_t is a signed 32-bit number on both systems
)

// parseSubject understands :3000, port:3000, pid:812 and a bare number.
func parseSubject(argument string) (subject, error) {
	s := subject{argument: argument}
	digits, limit := argument, maxPID
	switch {
	case strings.HasPrefix(argument, ":"):
		s.kind, digits, limit = namesPort, argument[1:], maxPort
	case strings.HasPrefix(argument, "port:"):
		s.kind, digits, limit = namesPort, argument[len("port:"):], maxPort
	case strings.HasPrefix(argument, "pid:"):
		s.kind, digits = namesPID, argument[len("pid:"):]
	default:
		s.kind = namesEither
	}
	// ParseUint, unlike Atoi, takes no sign.
	number, err := strconv.ParseUint(digits, 10, 32)
	switch {
	case err == nil && number >= 1 && number <= uint64(limit):
		s.number = int(number)
		return s, nil
	case s.kind == namesPort:
		return s, exitf(exitUsage, "%q is no port: a port is a number from 1 to %d, as in :3000", argument, maxPort)
	case s.kind == namesPID:
		return s, exitf(exitUsage, "%q is no process: a PID is a number from 1 up, as in pid:812", argument)
	default:
		return s, exitf(exitUsage, "%q is neither a port nor a PID: write :3000 or pid:812", argument)
	}
}

// parsePort understands an argument that can only be a port.
func parsePort(argument string) (uint16, error) {
	s, err := parseSubject(argument)
	if err == nil && (s.kind == namesPID || s.number > maxPort) {
		err = fmt.Errorf("not a port")
	}
	if err != nil {
		return 0, exitf(exitUsage, "%q is no port: a port is a number from 1 to %d", argument, maxPort)
	}
	return uint16(s.number), nil
}

// portUse is what one snapshot knows about one local port.
type portUse struct {
	// bound are the TCP listeners and the UDP sockets; connections the other TCP sockets.
	bound, connections []*netstat.Socket
}

func useOf(s *netstat.Snapshot, port uint16) portUse {
	var use portUse
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		switch {
		case socket.Local.Port() != port:
		case socket.State == netstat.Listen || socket.Protocol == netstat.UDP:
			use.bound = append(use.bound, socket)
		default:
			use.connections = append(use.connections, socket)
		}
	}
	return use
}

// holding gives the sockets that make the port taken: who listens on it, or else who is connected from it.
func (u portUse) holding() []*netstat.Socket {
	if len(u.bound) > 0 {
		return u.bound
	}
	return u.connections
}

// holder is a process and the best evidence that it holds one of some sockets.
type holder struct {
	process *process.Process
	by      netstat.Evidence
}

// holdersOf gives the processes that hold the sockets, each once, by PID.
func holdersOf(sockets []*netstat.Socket) []holder {
	var holders []holder
	for _, s := range sockets {
		for _, o := range s.Owners {
			i := slices.IndexFunc(holders, func(h holder) bool { return h.process.ID == o.Process.ID })
			switch {
			case i < 0:
				holders = append(holders, holder{o.Process, o.By})
			case o.By == netstat.ByDescriptor:
				holders[i].by = o.By
			}
		}
	}
	slices.SortFunc(holders, func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.process.PID, b.process.PID), cmp.Compare(a.process.Start, b.process.Start))
	})
	return holders
}

// findPID gives the process with this PID: from the snapshot when it holds a socket, so that it
// is the one that was listed, else read now. The error wraps process.ErrGone when there is none.
func findPID(s *netstat.Snapshot, pid int, describe func(int) (*process.Process, error)) (*process.Process, error) {
	for i := range s.Sockets {
		for _, o := range s.Sockets[i].Owners {
			if o.Process.PID == pid {
				return o.Process, nil
			}
		}
	}
	return describe(pid)
}

// decide turns a bare number into a port or a PID, by what there is. A number that may
// be both is refused: ending the wrong process cannot be taken back.
func (s subject) decide(snapshot *netstat.Snapshot, describe func(int) (*process.Process, error)) (subject, error) {
	if s.kind != namesEither {
		return s, nil
	}
	var sockets []*netstat.Socket
	if s.number <= maxPort {
		sockets = useOf(snapshot, uint16(s.number)).holding()
	}
	p, err := findPID(snapshot, s.number, describe)
	if err != nil && !errors.Is(err, process.ErrGone) {
		return s, exitf(exitFailed, "look up PID %d: %w", s.number, err)
	}
	switch {
	case len(sockets) > 0 && err == nil:
		return s, exitf(exitUsage, "%d is a port (%s) and also a PID (%s): write :%d or pid:%d",
			s.number, heldBy(sockets), table.Clean(p.Name), s.number, s.number)
	case len(sockets) > 0:
		s.kind = namesPort
	case err == nil:
		s.kind = namesPID
	}
	return s, nil
}

// heldBy says in a few words who holds the sockets: "node, PID 812", "the kernel".
func heldBy(sockets []*netstat.Socket) string {
	var names []string
	for _, h := range holdersOf(sockets) {
		names = append(names, fmt.Sprintf("%s, PID %d", table.Clean(h.process.Name), h.process.PID))
	}
	for _, s := range sockets {
		switch {
		case len(s.Owners) > 0:
		case s.Absence == netstat.Concealed:
			names = append(names, concealedOwner(s))
		default:
			names = append(names, "the kernel")
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "; ")
}

func concealedOwner(s *netstat.Socket) string {
	if s.User == "" {
		return "a process that this user may not see"
	}
	return fmt.Sprintf("a process of user %s, which this user may not see", table.Clean(s.User))
}
