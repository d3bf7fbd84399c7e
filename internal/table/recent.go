package table

import (
	"cmp"
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
func Recent(s *netstat.Snapshot, v View, r *history.Report) []Row {
	if s == nil {
		return nil
	}
	look := newMatcher(v.Query).recall(v.Past, s)
	rows := make([]Row, 0, len(r.Tenures)+len(r.Events)/2+len(r.Sums))
	eachSpell(s, v, r, func(row *Row) {
		if look.match(row) {
			rows = append(rows, *row)
		}
	})
	by := direction{sortColumn(recentColumns, v.Sort), v.Descending}
	places := make([]int32, len(rows)) // a row is large
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortFunc(places, func(a, b int32) int {
		return cmp.Or(by.compare(&rows[a], &rows[b]), rows[b].Span.last().Compare(rows[a].Span.last()), cmp.Compare(a, b))
	})
	sorted := make([]Row, len(rows))
	for to, from := range places {
		sorted[to] = rows[from]
	}
	return sorted
}

// eachSpell makes a row for each of what a report tells of, and each of its owners, whatever the query: always the
// same one, which do may copy.
func eachSpell(s *netstat.Snapshot, v View, r *history.Report, do func(*Row)) {
	all := spellsOf(s, r)
	past := *s
	past.Sockets = all.sockets
	v.Census = TakeCensus(&past, v.Ephemeral, v.Past) // who waited then, not who does now
	i := 0
	eachRow(&past, v, func(row *Row) {
		for row.Socket != &past.Sockets[i] {
			i++
		}
		row.Span = &all.spans[i]
		row.Key.App = ""
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
func CountRecentFacets(s *netstat.Snapshot, v View, r *history.Report) FacetCounts {
	if s == nil {
		return FacetCounts{}
	}
	c := newFacetCounter(s, v)
	eachSpell(s, v, r, c.add)
	return c.counts
}

// spells are sockets as they were, sums of many as one, and for each when that was.
type spells struct {
	sockets []netstat.Socket
	spans   []Span
}

func (x *spells) add(s netstat.Socket, span Span) {
	x.sockets, x.spans = append(x.sockets, s), append(x.spans, span)
}

// spellsOf gathers what a report tells of.
func spellsOf(s *netstat.Snapshot, r *history.Report) *spells {
	most := len(r.Tenures) + len(r.Events) + len(r.Sums)
	all := &spells{make([]netstat.Socket, 0, most), make([]Span, 0, most)}
	open := make(map[uint64]*netstat.Socket, len(s.Sockets))
	for i := range s.Sockets {
		open[s.Sockets[i].ID] = &s.Sockets[i]
	}
	for i := range r.Tenures {
		t := &r.Tenures[i]
		socket := TenureSocket(t)
		socket.ID = t.Socket
		if now := open[t.Socket]; now != nil && t.To.IsZero() {
			socket = *now
		}
		all.add(socket, Span{From: t.From, Older: t.Older, Until: t.To})
	}
	all.addConnections(open, r)
	for i := range r.Sums {
		x := &r.Sums[i]
		all.add(SumSocket(x), Span{From: x.From, Until: x.To, Opened: x.Opened, Closed: x.Closed})
	}
	return all
}

// addConnections joins the events of each socket that did not wait, see tenures for those that did.
func (x *spells) addConnections(open map[uint64]*netstat.Socket, r *history.Report) {
	first := len(x.sockets)
	place := map[uint64]int{} // of those that were seen to open and not to close
	for i := range r.Events {
		e := &r.Events[i]
		if Waits(&e.Socket) {
			continue
		}
		if e.What == history.Opened {
			place[e.Socket.ID] = len(x.sockets)
			socket := &e.Socket
			if now := open[e.Socket.ID]; now != nil {
				socket = now
			}
			x.add(*socket, Span{From: e.At})
			continue
		}
		at, seen := place[e.Socket.ID]
		if !seen { // its beginning is forgotten, or was before the record
			x.add(e.Socket, Span{From: latest(r.Begun, r.Whole), Older: true, Until: e.At})
			continue
		}
		delete(place, e.Socket.ID)
		x.spans[at].Until = e.At
		if len(e.Socket.Owners) > 0 || len(x.sockets[at].Owners) == 0 { // at the end the kernel has many to itself
			x.sockets[at] = e.Socket
		}
	}
	x.dropEchoes(first)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pair is both ends of a connection.
type pair struct{ local, remote netip.AddrPort }

// dropEchoes leaves out, from first on, what the kernel remembers of connections that are listed themselves:
// TIME_WAIT after them is another socket. Of a connection so short that no look saw it, it is all there is.
func (x *spells) dropEchoes(first int) {
	echoes := map[pair]bool{}
	for _, s := range x.sockets[first:] {
		if s.State == netstat.TimeWait {
			echoes[pair{s.Local, s.Remote}] = true
		}
	}
	if len(echoes) == 0 {
		return
	}
	for i := range x.sockets[first:] {
		if s := &x.sockets[first+i]; s.State != netstat.TimeWait {
			delete(echoes, pair{s.Local, s.Remote})
		}
	}
	kept := first
	for i := first; i < len(x.sockets); i++ {
		if s := &x.sockets[i]; s.State == netstat.TimeWait && !echoes[pair{s.Local, s.Remote}] {
			continue
		}
		x.sockets[kept], x.spans[kept] = x.sockets[i], x.spans[i]
		kept++
	}
	x.sockets, x.spans = x.sockets[:kept], x.spans[:kept]
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
