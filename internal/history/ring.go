package history

import (
	"iter"
	"net/netip"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// record is one event as it is kept.
type record struct {
	at            time.Duration
	id            uint64
	local, remote netip.AddrPort
	process       *process.Process // nil: nobody known
	uid           int
	what          What
	protocol      netstat.Protocol
	state         netstat.State
	absence       netstat.Absence
	dual          bool // bound to [::], for IPv4 too
}

func (r *record) socket() netstat.Socket {
	s := netstat.Socket{Protocol: r.protocol, Local: r.local, Remote: r.remote, State: r.state, ID: r.id, UID: r.uid, Absence: r.absence, DualStack: r.dual}
	if r.process != nil {
		s.Owners = []netstat.Owner{{Process: r.process, By: netstat.ByDescriptor}}
	}
	return s
}

// ring keeps the last events, the oldest first.
type ring struct {
	records   []record
	first     int // where the oldest is
	count     int
	processes map[*process.Process]int // how many events name it
	lost      time.Duration            // the youngest event that was summed up; 0: none was
}

// push adds an event. What has to go for it is given to sum first.
func (r *ring) push(e record, sum func(*record)) {
	_, named := r.processes[e.process]
	for r.count == maxEvents || e.process != nil && !named && len(r.processes) >= maxProcesses && r.count > 0 {
		oldest := r.oldest()
		r.lost = oldest.at
		sum(oldest)
		r.pop()
	}
	if r.count == len(r.records) {
		r.grow()
	}
	r.records[(r.first+r.count)%len(r.records)] = e
	r.count++
	if e.process != nil {
		r.processes[e.process]++
	}
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
	if e.process != nil {
		if r.processes[e.process]--; r.processes[e.process] == 0 {
			delete(r.processes, e.process)
		}
	}
	*e = record{} // lets go of the process
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
