package table

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"portolan/internal/history"
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// Span is for how long something of the last minutes was there, as far as a look every few seconds sees it.
type Span struct {
	// From is when it was first seen. Older: it was there already then, when the record began.
	From  time.Time
	Older bool
	// Until is when it was seen to be gone; the zero time while it is there.
	Until time.Time
	// Opened and Closed are not both 0 in what is left of many sockets that are not known one by one any more:
	// how many of them were opened and closed. From and Until are the first and the last of these moments.
	Opened, Closed int
}

// Summed reports whether it is of many sockets.
func (s *Span) Summed() bool { return s.Opened+s.Closed > 0 }

// last is the latest moment at which something happened.
func (s *Span) last() time.Time {
	if s.Until.IsZero() {
		return s.From
	}
	return s.Until
}

// Recent gives the rows of the last minutes, of which r tells: who waited on which port, which connections there
// were, and in sums what is not known one by one any more. The latest comes first, unless the view sorts by one
// of RecentColumns. What is there still is shown as it is in s. Of the view it takes Query, Sort, Descending, Ephemeral
// and Past. It changes nothing; nil has no rows.
func Recent(s *netstat.Snapshot, v View, r history.Report) []Row {
	if s == nil {
		return nil
	}
	look := newMatcher(v.Query).recall(v.Past, s)
	var rows []Row
	eachSpell(s, v, r, func(row *Row) {
		if look.match(row) {
			rows = append(rows, *row)
		}
	})
	by := direction{sortColumn(recentColumns, v.Sort), v.Descending}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if c := by.compare(&a, &b); c != 0 {
			return c
		}
		return b.Span.last().Compare(a.Span.last())
	})
	return rows
}

// eachSpell makes a row for each of what a report tells of, and each of its owners, whatever the query: always the
// same one, which do may copy.
func eachSpell(s *netstat.Snapshot, v View, r history.Report, do func(*Row)) {
	all := spansOf(s, r)
	past := *s
	past.Sockets = make([]netstat.Socket, len(all))
	for i := range all {
		past.Sockets[i] = all[i].socket
	}
	v.Census = TakeCensus(&past, v.Ephemeral) // who waited then, not who does now
	i := 0
	eachRow(&past, v, func(row *Row) {
		for row.Socket != &past.Sockets[i] {
			i++
		}
		row.Span = &all[i].span
		if !row.Span.Until.IsZero() {
			row.Key.App = "until " + strconv.FormatInt(row.Span.Until.UnixNano(), 36) // the number of a socket is given again
		}
		if row.Span.Summed() {
			row.Key.App, row.Class, row.Exposure = "sum "+strconv.Itoa(i), 0, port.None
		}
		do(row)
	})
}

// CountRecentFacets counts as CountFacets does, of what Recent shows.
func CountRecentFacets(s *netstat.Snapshot, v View, r history.Report) FacetCounts {
	if s == nil {
		return FacetCounts{}
	}
	c := newFacetCounter(s, v)
	eachSpell(s, v, r, c.add)
	return c.counts
}

// spell is a socket as it was, or a sum of many as one, and when.
type spell struct {
	socket netstat.Socket
	span   Span
}

// spansOf gathers what a report tells of.
func spansOf(s *netstat.Snapshot, r history.Report) []spell {
	var all []spell
	open := make(map[uint64]*netstat.Socket, len(s.Sockets))
	for i := range s.Sockets {
		open[s.Sockets[i].ID] = &s.Sockets[i]
	}
	for i := range r.Tenures {
		t := &r.Tenures[i]
		one := spell{TenureSocket(t), Span{From: t.From, Older: t.Older, Until: t.To}}
		one.socket.ID = t.Socket
		if now := open[t.Socket]; now != nil && t.To.IsZero() {
			one.socket = *now
		}
		all = append(all, one)
	}
	all = append(all, connections(open, r)...)
	for i := range r.Sums {
		x := &r.Sums[i]
		all = append(all, spell{SumSocket(x), Span{From: x.From, Until: x.To, Opened: x.Opened, Closed: x.Closed}})
	}
	return all
}

// connections joins the events of each socket that did not wait, see tenures for those that did.
func connections(open map[uint64]*netstat.Socket, r history.Report) []spell {
	var all []spell
	place := map[uint64]int{} // of those that were seen to open and not to close
	for i := range r.Events {
		e := &r.Events[i]
		if Waits(&e.Socket) {
			continue
		}
		if e.What == history.Opened {
			place[e.Socket.ID] = len(all)
			all = append(all, spell{e.Socket, Span{From: e.At}})
			if now := open[e.Socket.ID]; now != nil {
				all[len(all)-1].socket = *now
			}
			continue
		}
		at, seen := place[e.Socket.ID]
		if !seen { // its beginning is forgotten, or was before the record
			all = append(all, spell{e.Socket, Span{From: latest(r.Begun, r.Whole), Older: true, Until: e.At}})
			continue
		}
		delete(place, e.Socket.ID)
		all[at].span.Until = e.At
		if len(e.Socket.Owners) > 0 || len(all[at].socket.Owners) == 0 { // at the end the kernel has many to itself
			all[at].socket = e.Socket
		}
	}
	return withoutEchoes(all)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pair is both ends of a connection.
type pair struct{ local, remote netip.AddrPort }

// withoutEchoes leaves out what the kernel remembers of connections that are listed themselves: TIME_WAIT after
// them is another socket. Of a connection so short that no look saw it, it is all there is.
func withoutEchoes(all []spell) []spell {
	listed := map[pair]bool{}
	for i := range all {
		if s := &all[i].socket; s.State != netstat.TimeWait {
			listed[pair{s.Local, s.Remote}] = true
		}
	}
	return slices.DeleteFunc(all, func(x spell) bool {
		return x.socket.State == netstat.TimeWait && listed[pair{x.socket.Local, x.socket.Remote}]
	})
}

// TenureSocket gives the socket with which somebody waited, as far as it is known.
func TenureSocket(t *history.Tenure) netstat.Socket {
	s := netstat.Socket{Protocol: t.Protocol, Local: t.Local, DualStack: t.DualStack, UID: -1, Absence: netstat.Concealed}
	if t.Protocol == netstat.TCP {
		s.State = netstat.Listen
	}
	return heldByOne(s, t.Process)
}

// SumSocket stands for the sockets of a sum: they have protocol, port and process in common.
func SumSocket(x *history.Sum) netstat.Socket {
	s := netstat.Socket{Protocol: x.Protocol, Local: netip.AddrPortFrom(netip.Addr{}, x.Port), UID: -1, Absence: netstat.Concealed}
	if x.Process == "" {
		return s
	}
	return heldByOne(s, &process.Process{Name: x.Process, App: x.App, UID: -1})
}

func heldByOne(s netstat.Socket, p *process.Process) netstat.Socket {
	if p != nil {
		s.Owners, s.Absence = []netstat.Owner{{Process: p, By: netstat.ByDescriptor}}, netstat.Owned
	}
	return s
}
