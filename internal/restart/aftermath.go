package restart

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"portolan/internal/app"
	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/process"
	"portolan/internal/table"
)

// Watched is how long the ports of what was ended are looked at: most of what
// starts a process again does so within this time.
const Watched = 3 * time.Second

// Port is where somebody waits to be connected to, or for datagrams.
type Port struct {
	Protocol netstat.Protocol
	Number   uint16
}

// Return is a port that is in use although what held it was ended.
type Return struct {
	Port
	// Process holds it now; nil when this user may not see who does.
	Process *process.Process
	// StartedBy is who started Process, clean: "nodemon", "systemd (postgresql.service)"; "" when that is not known, and where Still is set.
	StartedBy string
	// Still: it did not come back, it never went: Process held it before as well, or is a target that has not ended.
	Still bool
}

// Verdict is what became of the ports.
type Verdict struct {
	Free []Port   // by number
	Back []Return // by number
	// Text says it without a full stop at its end, clean: "port 3000 is free"; "port 3000 came back as PID 4242 (node),
	// started by nodemon; port 9229 is free". Empty when there was no port, and while no snapshot from after the end is there.
	Text string
}

// Aftermath is what becomes of the ports of processes that were ended. It is not safe for use by several goroutines at once.
type Aftermath struct {
	targets map[process.ID]bool
	ports   []Port
	before  map[uint64]bool // the sockets on these ports that others hold as well, or alone
	begun   time.Time
	makers  map[process.ID]string // who started a process that came back
	// startedBy finds who started a process that came back.
	startedBy func(*process.Process) string
}

// NewAftermath notes what the targets hold in s, before they are ended.
func NewAftermath(targets []*process.Process, s *netstat.Snapshot) *Aftermath {
	a := &Aftermath{targets: map[process.ID]bool{}, before: map[uint64]bool{}, makers: map[process.ID]string{}, startedBy: startedBy(process.Ancestors)}
	for _, p := range targets {
		a.targets[p.ID] = true
	}
	if s == nil {
		return a
	}
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if !table.Waits(socket) {
			continue
		}
		if held, others := a.holders(socket); held {
			a.ports = append(a.ports, portOf(socket))
			if others != nil {
				a.before[socket.ID] = true
			}
			continue
		}
		a.before[socket.ID] = true
	}
	slices.SortFunc(a.ports, comparePorts)
	a.ports = slices.Compact(a.ports)
	return a
}

func comparePorts(x, y Port) int {
	return cmp.Or(cmp.Compare(x.Number, y.Number), cmp.Compare(x.Protocol, y.Protocol))
}

func portOf(s *netstat.Socket) Port { return Port{s.Protocol, s.Local.Port()} }

// holders says whether a target holds the socket, and which other process does; nil when none is known.
func (a *Aftermath) holders(s *netstat.Socket) (target bool, other *process.Process) {
	for _, o := range s.Owners {
		switch {
		case a.targets[o.Process.ID]:
			target = true
		case other == nil:
			other = o.Process
		}
	}
	return target, other
}

// Begin says that the targets are gone, or as many of them as will go, and since when. It may be called again: the time begins anew.
func (a *Aftermath) Begin(now time.Time) { a.begun = now }

// Over says whether the time is over when s was taken: what s shows is final.
func (a *Aftermath) Over(s *netstat.Snapshot) bool {
	return s != nil && !a.begun.IsZero() && s.Taken.After(a.begun.Add(Watched))
}

// Verdict says what s shows of the ports. A snapshot that was taken before the end says nothing.
func (a *Aftermath) Verdict(s *netstat.Snapshot) Verdict {
	var v Verdict
	if s == nil || len(a.ports) == 0 {
		return v
	}
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		if !table.Waits(socket) || !slices.Contains(a.ports, portOf(socket)) {
			continue
		}
		target, other := a.holders(socket)
		if target && (a.begun.IsZero() || s.Taken.Before(a.begun)) {
			return Verdict{} // read before the end: the next snapshot knows more
		}
		v.Back = append(v.Back, a.returned(socket, target, other))
	}
	a.sum(&v)
	return v
}

// returned describes a socket that is on one of the ports.
func (a *Aftermath) returned(s *netstat.Socket, target bool, other *process.Process) Return {
	r := Return{Port: portOf(s), Process: other, Still: target || a.before[s.ID]}
	if target {
		r.Process = s.Owners[slices.IndexFunc(s.Owners, func(o netstat.Owner) bool { return a.targets[o.Process.ID] })].Process
	}
	if r.Process == nil || r.Still {
		return r
	}
	by, known := a.makers[r.Process.ID]
	if !known {
		by = a.startedBy(r.Process)
		a.makers[r.Process.ID] = by
	}
	r.StartedBy = by
	return r
}

// sum puts the verdict in order and into words.
func (a *Aftermath) sum(v *Verdict) {
	slices.SortStableFunc(v.Back, func(x, y Return) int { return comparePorts(x.Port, y.Port) })
	v.Back = slices.CompactFunc(v.Back, sameReturn)
	for _, p := range a.ports {
		if !slices.ContainsFunc(v.Back, func(r Return) bool { return r.Port == p }) {
			v.Free = append(v.Free, p)
		}
	}
	var parts []string
	for _, r := range v.Back {
		parts = append(parts, r.String())
	}
	parts = slices.Compact(parts)
	if text := free(v.Free); text != "" {
		parts = append(parts, text)
	}
	v.Text = strings.Join(parts, "; ")
}

// sameReturn: the two sockets of one server, on IPv4 and IPv6, are one return.
func sameReturn(x, y Return) bool {
	if x.Port != y.Port || x.Still != y.Still || (x.Process == nil) != (y.Process == nil) {
		return false
	}
	return x.Process == nil || x.Process.ID == y.Process.ID
}

// String gives "port 3000 came back as PID 4242 (node), started by nodemon".
func (r Return) String() string {
	switch {
	case r.Process == nil && r.Still:
		return language.F("port %d is still in use, by a process that this user may not see", r.Number)
	case r.Process == nil:
		return language.F("port %d came back, by a process that this user may not see", r.Number)
	}
	who := fmt.Sprintf("PID %d", r.Process.PID)
	if r.Process.Name != "" {
		who += " (" + table.Clean(r.Process.Name) + ")"
	}
	switch {
	case r.Still:
		return language.F("port %d is still in use, by %s", r.Number, who)
	case r.StartedBy != "":
		return language.F("port %d came back as %s, started by %s", r.Number, who, r.StartedBy)
	default:
		return language.F("port %d came back as %s", r.Number, who)
	}
}

// free gives "port 3000 is free", "ports 3000 and 3001 are free", or only their number when they are many.
func free(ports []Port) string {
	var numbers []string
	for _, p := range ports {
		numbers = append(numbers, strconv.Itoa(int(p.Number)))
	}
	numbers = slices.Compact(numbers)
	switch n := len(numbers); {
	case n == 0:
		return ""
	case n == 1:
		return language.F("port %s is free", numbers[0])
	case n <= 4:
		return language.F("ports %s are free", table.Enumerated(numbers))
	default:
		return language.N("%d port is free", "%d ports are free", n)
	}
}

// startedBy names who started a process: what watches over it, else its parent.
func startedBy(ancestors func(process.ID) ([]*process.Process, error)) func(*process.Process) string {
	return func(p *process.Process) string {
		above, err := ancestors(p.ID)
		if err != nil {
			return "" // it has ended again already
		}
		child := p
		for _, parent := range above {
			if sv := supervisorOf(parent, child, child == p); sv != nil {
				return sv.by
			}
			if !passes(parent) {
				break
			}
			child = parent
		}
		switch {
		case stoppable(p.App.Unit):
			return "systemd (" + table.Clean(p.App.Unit) + ")"
		case p.App.Kind == app.Container:
			return product(p.App.Runtime)
		case len(above) == 0:
			return ""
		default:
			return table.Clean(above[0].Name)
		}
	}
}
