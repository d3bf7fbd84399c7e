package table

import (
	"cmp"
	"slices"

	"portolan/internal/netstat"
	"portolan/internal/port"
)

// View is how a snapshot is to be shown. The zero View is the flat table of
// everything in the snapshot's own order.
type View struct {
	// ByApp gathers the sockets of each app under a header row.
	ByApp bool
	// Query is which rows to show. It opens no group: a group counts and, when
	// open, shows what matches, and is left out when nothing does.
	Query Query
	// Sort is the column to sort by; "" or an unknown one: the snapshot's order
	// (protocol, port, address), and groups by name. In the by-app view the
	// sockets of a group are sorted, and the groups by the first socket of each:
	// the group with the lowest port comes first when sorted by port.
	Sort       ColumnID
	Descending bool
	// Open holds the keys of the groups whose sockets are shown. It is only read.
	Open map[Key]bool
	// Ephemeral is the system's range, see port.EphemeralRange.
	Ephemeral port.Range
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
	by := direction{column(v.Sort), v.Descending}
	if v.ByApp {
		return grouped(rows, by, v)
	}
	if by.column == nil {
		return rows
	}
	out := make([]Row, len(rows))
	for to, from := range by.order(rows) {
		out[to] = rows[from]
	}
	return out
}

// matching gives a row for each socket and owner that the query wants.
func matching(s *netstat.Snapshot, v View) []Row {
	rows := make([]Row, 0, len(s.Sockets))
	names := labels{made: make(map[labelKey]*label)}
	look := newMatcher(v.Query)
	eph := EphemeralRange(s, v.Ephemeral)
	for i := range s.Sockets {
		socket := &s.Sockets[i]
		row := Row{
			Key: Key{Socket: socket.ID}, Socket: socket,
			Service: Service(socket, eph), Ephemeral: Ephemeral(socket, eph), Exposure: Exposure(socket),
		}
		for j := range max(len(socket.Owners), 1) {
			if len(socket.Owners) > 0 {
				row.Owner = &socket.Owners[j]
				row.Key.Process = row.Owner.Process.ID
			}
			row.label = names.of(socket, row.Owner)
			// It is tried where it will stand: a row of its own would cost an allocation each.
			rows = append(rows, row)
			if !look.match(&rows[len(rows)-1]) {
				rows = rows[:len(rows)-1]
			}
		}
	}
	return rows
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

// order gives the places of the rows in this order. Places are sorted, not
// rows: a row is large.
func (d direction) order(rows []Row) []int32 {
	places := make([]int32, len(rows))
	for i := range places {
		places[i] = int32(i)
	}
	if d.column == nil {
		return places
	}
	slices.SortFunc(places, func(a, b int32) int {
		if c := d.compare(&rows[a], &rows[b]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	return places
}
