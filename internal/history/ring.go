package history

import (
	"iter"
	"math"
	"net/netip"
	"time"

	"portolan/internal/netstat"
)

// record is one event as it is kept, in eighty bytes.
type record struct {
	at            time.Duration
	id            uint64
	local, remote netip.Addr
	who           uint32 // the number of the brief; 0: nobody known
	uid           shortUID
	ports         [2]uint16 // local, remote
	what          What
	protocol      netstat.Protocol
	state         netstat.State
	marks         uint8
}

// shortUID is a user id in four bytes; -1 is the one that no user has.
type shortUID uint32

func (u shortUID) full() int {
	if u == math.MaxUint32 {
		return -1
	}
	return int(u)
}

// The marks of a record, with the absence above them.
const (
	markDual       = 1 << iota // bound to [::], for IPv4 too
	markKernelPort             // netstat.Socket.KernelPort
	markPortTold               // netstat.Socket.PortTold
	absenceShift   = 4
)

func recordOf(what What, s *netstat.Socket, at time.Duration) record {
	r := record{at: at, id: s.ID, local: s.Local.Addr(), remote: s.Remote.Addr(), ports: [2]uint16{s.Local.Port(), s.Remote.Port()},
		uid: shortUID(s.UID), what: what, protocol: s.Protocol, state: s.State, marks: uint8(s.Absence) << absenceShift}
	r.set(markDual, s.DualStack)
	r.set(markKernelPort, s.KernelPort)
	r.set(markPortTold, s.PortTold)
	return r
}

func (r *record) set(mark uint8, on bool) {
	if on {
		r.marks |= mark
	}
}

// waits is as that of a socket.
func (r *record) waits() bool {
	return r.state == netstat.Listen || r.protocol == netstat.UDP && !r.remote.IsValid()
}

func (r *record) socket() netstat.Socket {
	s := netstat.Socket{Protocol: r.protocol, Local: netip.AddrPortFrom(r.local, r.ports[0]), State: r.state, ID: r.id, UID: r.uid.full(),
		Absence: netstat.Absence(r.marks >> absenceShift), DualStack: r.marks&markDual != 0, KernelPort: r.marks&markKernelPort != 0, PortTold: r.marks&markPortTold != 0}
	if r.remote.IsValid() {
		s.Remote = netip.AddrPortFrom(r.remote, r.ports[1])
	}
	return s
}

// ring keeps the last events, the oldest first.
type ring struct {
	briefs  *briefs
	records []record
	first   int // where the oldest is
	count   int
	lost    time.Duration // the youngest event that was summed up; 0: none was
}

// push adds an event of a process, which may be nil. What has to go for it is given to sum first.
func (r *ring) push(e record, by *brief, sum func(*record)) {
	for r.count == maxEvents || by != nil && by.events == 0 && r.briefs.eventful >= maxProcesses && r.count > 0 {
		oldest := r.oldest()
		r.lost = oldest.at
		sum(oldest)
		r.pop()
	}
	if r.count == len(r.records) {
		r.grow()
	}
	if by != nil {
		if e.who = by.number; by.events == 0 {
			r.briefs.eventful++
		}
		by.events++
	}
	r.records[(r.first+r.count)%len(r.records)] = e
	r.count++
}

// grow doubles the room, so that a quiet computer needs little.
func (r *ring) grow() {
	bigger := make([]record, 0, min(max(2*len(r.records), 64), maxEvents))
	for e := range r.all() {
		bigger = append(bigger, *e)
	}
	r.records, r.first = bigger[:cap(bigger)], 0
}

func (r *ring) oldest() *record { return &r.records[r.first] }

func (r *ring) pop() {
	e := r.oldest()
	if by := r.briefs.list[e.who]; by != nil {
		if by.events--; by.events == 0 {
			r.briefs.eventful--
			r.briefs.release(by)
		}
	}
	*e = record{} // lets go of the zones
	r.first = (r.first + 1) % len(r.records)
	r.count--
}

// drop forgets the events before a moment.
func (r *ring) drop(before time.Duration) {
	for r.count > 0 && r.oldest().at < before {
		r.pop()
	}
}

// all gives the events, the oldest first.
func (r *ring) all() iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for i := range r.count {
			if !yield(&r.records[(r.first+i)%len(r.records)]) {
				return
			}
		}
	}
}
