package table

import (
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// View is how a snapshot is to be shown. The zero View is the flat table of
// everything in the snapshot's own order.
type View struct {
	// ByApp gathers the sockets of each app under a header row.
	ByApp bool
	// Query is which rows to show.
	Query Query
	// Sort is the column to sort by; "" or an unknown one: the snapshot's order
	// (protocol, port, address), and groups by name.
	Sort       ColumnID
	Descending bool
	// Open holds the keys of the groups whose sockets are shown. It is only read.
	Open map[Key]bool
	// Ephemeral is the system's range, see port.EphemeralRange.
	Ephemeral port.Range
}

// Rows gives the rows to show, in order. It depends on nothing but its
// arguments and changes neither; the rows point into the snapshot.
func Rows(s *netstat.Snapshot, v View) []Row { return nil }
