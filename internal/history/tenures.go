package history

import (
	"net/netip"
	"slices"
	"time"

	"portolan/internal/netstat"
	"portolan/internal/process"
)

// Tenure is the time for which a process waited on a port: it answers who had port 3000 five minutes ago.
type Tenure struct {
	// Socket is the ID of its socket; 0 in a report of another program, which tells none.
	Socket   uint64
	Protocol netstat.Protocol
	Local    netip.AddrPort
	// DualStack: bound to [::], and took IPv4 too.
	DualStack bool
	// Process is nil when it was not known.
	Process *process.Process
	// From is when it was first seen; Older says that it was there already when the record began.
	From  time.Time
	Older bool
	// To is when it was seen to be gone; the zero time while it is there.
	To time.Time
}

type tenure struct {
	socket   uint64
	protocol netstat.Protocol
	local    netip.AddrPort
	process  *brief        // nil: not known
	from, to time.Duration // to is open while it is there
	older    bool
	dual     bool
}

// open is the end of a tenure that goes on.
const open = time.Duration(1<<63 - 1)

// tenures keeps them in the order in which they began.
type tenures struct {
	briefs *briefs
	list   []tenure
	now    map[uint64]int // of those that go on: where in the list, by socket ID
	lost   time.Duration  // of what waited later than this nothing is missing
}

// waits: a listener, or a UDP socket without a remote address.
func waits(s *netstat.Socket) bool {
	return s.State == netstat.Listen || s.Protocol == netstat.UDP && !s.Remote.IsValid()
}

func (t *tenures) begin(s *netstat.Socket, now time.Duration, known bool) {
	if !waits(s) {
		return
	}
	if len(t.list) >= maxTenures && !t.makeRoom() {
		t.lost = now
		return
	}
	if t.now == nil {
		t.now = map[uint64]int{}
	}
	t.now[s.ID] = len(t.list)
	t.list = append(t.list, tenure{socket: s.ID, protocol: s.Protocol, local: s.Local, from: now, to: open, older: !known, dual: s.DualStack})
	t.list[len(t.list)-1].by(t.briefs.of(owner(s)))
}

// by sets whose it is.
func (t *tenure) by(x *brief) {
	if t.process = x; x != nil {
		x.tenures++
	}
}

// makeRoom forgets the half that ended first of those that have ended; false when none has.
func (t *tenures) makeRoom() bool {
	var ends []time.Duration
	for i := range t.list {
		if t.list[i].to != open {
			ends = append(ends, t.list[i].to)
		}
	}
	if len(ends) == 0 {
		return false
	}
	slices.Sort(ends)
	t.lost = max(t.lost, ends[len(ends)/2])
	t.drop(t.lost + 1)
	return true
}

func (t *tenures) end(s *netstat.Socket, now time.Duration) {
	if i, ok := t.now[s.ID]; ok {
		t.list[i].to = now
		delete(t.now, s.ID)
	} else if waits(s) { // there was no room for it
		t.lost = now
	}
}

// change: a port that goes over to another process has two tenures.
func (t *tenures) change(s *netstat.Socket, now time.Duration) {
	i, ok := t.now[s.ID]
	switch {
	case !ok:
		t.begin(s, now, true) // it waits only now: bound before
	case !waits(s):
		t.end(s, now)
	case owner(s) == nil || t.list[i].process != nil && t.list[i].process.ID == owner(s).ID:
	case t.list[i].process == nil:
		t.list[i].by(t.briefs.of(owner(s))) // who it was all along was found out late
	default:
		t.end(s, now)
		t.begin(s, now, true)
	}
}

// drop forgets those that ended before a moment.
func (t *tenures) drop(before time.Duration) {
	if !slices.ContainsFunc(t.list, func(x tenure) bool { return x.to < before }) {
		return
	}
	t.list = slices.DeleteFunc(t.list, func(x tenure) bool {
		if x.to >= before {
			return false
		}
		if x.process != nil {
			x.process.tenures--
			t.briefs.release(x.process)
		}
		return true
	})
	for i := range t.list {
		if t.list[i].to == open {
			t.now[t.list[i].socket] = i
		}
	}
}

// Tenures gives those that have not ended before since, in the order in which they began.
func (h *History) Tenures(since time.Time) []Tenure {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tenuresFrom(h.clock.moment(since), cast{})
}

func (h *History) tenuresFrom(from time.Duration, who cast) []Tenure {
	var all []Tenure
	for i := range h.tenures.list {
		x := &h.tenures.list[i]
		if x.to < from {
			continue
		}
		one := Tenure{Socket: x.socket, Protocol: x.protocol, Local: x.local, DualStack: x.dual, Process: who.process(x.process), From: h.time(x.from), Older: x.older}
		if x.to != open {
			one.To = h.time(x.to)
		}
		all = append(all, one)
	}
	return all
}
