package table

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"portolan/internal/history"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// View is how a snapshot is to be shown. The zero View is the flat table of
// everything in the snapshot's own order.
type View struct {
	// ByApp gathers the sockets by app and process: a row for each app, under it
	// one for each of its processes, under these the sockets.
	ByApp bool
	// Lens shows the outgoing connections by app in place of all sockets: LensOf makes its rows, not Rows.
	Lens bool
	// Recent shows what was open in the last minutes: Recent makes its rows, not Rows.
	Recent bool
	// Query is which rows to show. It opens no group: a group counts and, when
	// open, shows what matches, and is left out when nothing does.
	Query Query
	// Sort names a column of the view that is shown, see Columns and
	// GroupColumns; "" or an unknown one: the natural order, which is the
	// snapshot's for sockets (protocol, port, address), and for apps and
	// processes that of their names, those without a known process last.
	Sort       ColumnID
	Descending bool
	// Open tells by their keys which apps and processes show what belongs to
	// them. What is not in it is closed, but for the only process of an app,
	// which needs no second click; false closes that too. It is only read; see Toggled.
	Open map[Key]bool
	// Ephemeral is the system's range, see port.EphemeralRange.
	Ephemeral port.Range
	// Census is of the snapshot, or of the whole that it is a part of: what is not in the part still tells which of its
	// connections came in. nil: the snapshot is the whole, and its census is taken.
	Census *Census
	// TimeWait is how long the system remembers closed connections, see port.TimeWait; 0 when not known.
	TimeWait time.Duration
	// Past tells when a socket was first seen, for queries with since:. nil: that is not known,
	// see Doubt.
	Past *history.History
	// Marks is what has happened a moment ago; nil: nothing.
	Marks *Marks
}

// Toggled is the view with the app or process of the row opened, or closed when
// it was open. The old view keeps its own Open.
func (v View) Toggled(r Row) View {
	if r.Group == nil {
		return v
	}
	open := maps.Clone(v.Open)
	if open == nil {
		open = make(map[Key]bool)
	}
	open[r.Key] = !r.Group.Open
	v.Open = open
	return v
}

// Rows gives the rows to show, in order. It depends on nothing but its
// arguments and changes neither; the rows point into the snapshot, and nil has
// none. Rows that the sort column does not tell apart keep the snapshot's
// order, also when descending: they never change places by themselves.
func Rows(s *netstat.Snapshot, v View) []Row {
	if s == nil {
		return nil
	}
	rows := matching(s, v)
	measureTraffic(rows, v.Past)
	if v.ByApp {
		return grouped(rows, direction{sortColumn(groupColumns, v.Sort), v.Descending}, v.Open)
	}
	by := direction{sortColumn(columns, v.Sort), v.Descending}
	if by.column == nil {
		return rows
	}
	places := make([]int32, len(rows))
	for i := range places {
		places[i] = int32(i)
	}
	by.sortPlaces(rows, places)
	out := make([]Row, len(rows))
	for to, from := range places {
		out[to] = rows[from]
	}
	return out
}

// matching gives a row for each socket and owner that the query wants.
func matching(s *netstat.Snapshot, v View) []Row {
	rows := make([]Row, 0, len(s.Sockets))
	look := newMatcher(v.Query).recall(v.Past, s)
	withClosed(s, v, func(r *Row) {
		if look.match(r) {
			rows = append(rows, *r)
		}
	})
	return rows
}

// eachRow makes a row for each socket and owner, whatever the query: always the same one, which
// do may copy.
func eachRow(s *netstat.Snapshot, v View, do func(*Row)) {
	names := newLabels(v.TimeWait)
	census := v.census(s)
	kinds := census.of(s.Sockets)
	var row Row
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		row = Row{
			Key: Key{Socket: socket.ID}, Socket: socket,
			Service: census.Service(socket), Ephemeral: kinds[i].ephemeral(), Exposure: Exposure(socket), Class: kinds[i].class(),
		}
		for j := range max(len(socket.Owners), 1) {
			if len(socket.Owners) > 0 {
				row.Owner = &socket.Owners[j]
				row.Key.Process = row.Owner.Process.ID
			}
			row.label = names.of(socket, row.Owner)
			do(&row)
		}
	}
}

// direction is a column to sort by, nil for the order that is there, and which way.
type direction struct {
	column     *Column
	descending bool
}

func (d direction) compare(a, b *Row) int {
	switch {
	case d.column == nil:
		return 0
	case d.descending:
		return -d.column.Compare(a, b)
	default:
		return d.column.Compare(a, b)
	}
}

// sortPlaces puts places of rows, which are in the order of the snapshot, into
// this order. Places are sorted, not rows: a row is large.
func (d direction) sortPlaces(rows []Row, places []int32) {
	if d.column == nil {
		return
	}
	slices.SortFunc(places, func(a, b int32) int {
		if c := d.compare(&rows[a], &rows[b]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
}
