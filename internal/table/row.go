// Package table says what the tables show: rows, columns, order, filter and groups, as plain text.
package table

import (
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// Key names a row for as long as what it shows is there, wherever it stands.
// Selection, scroll position and opened groups are kept by it.
type Key struct {
	Socket  uint64     // netstat.Socket.ID; zero in a group row
	Process process.ID // of the owner; zero when there is none
	App     string     // which group; "" except in a group row
}

// Row is one line of the table: a socket with one of its owners, or a group.
type Row struct {
	Key Key
	// Group is not nil in the header row of a group, in the by-app view.
	Group *Group
	// Socket is nil in a group row. It belongs to the snapshot: do not change it.
	Socket *netstat.Socket
	// Owner is nil when nobody is known to hold the socket, and in a group row.
	Owner *netstat.Owner
	// Depth is 1 for a socket inside an opened group, else 0.
	Depth int
	// Service is what is usually found on this port; of a connection that goes
	// out from an ephemeral port, on the remote port. "" when nothing is known.
	Service string
	// Ephemeral: the local port was handed out by the kernel, as far as can be told.
	Ephemeral bool
	// Exposure says who can reach the socket; port.None when it does not wait for anybody.
	Exposure port.Exposure
}

// Target gives the process that ending this row means, and whether there is
// one to offer: not for a group, not for a socket that nobody is known to
// hold, and not for launchd's sockets.
func (r *Row) Target() (process.ID, bool) {
	if r.Owner == nil || r.Owner.By == netstat.ByLaunchd || r.Owner.Process.ID == (process.ID{}) {
		return process.ID{}, false
	}
	return r.Owner.Process.ID, true
}

// Group sums up the sockets of one app that match the query.
type Group struct {
	// App is the app; zero when the sockets belong to no known process.
	App process.App
	// Name is what to show, cleaned.
	Name string
	// Open: the rows of its sockets follow.
	Open bool
	// Sockets counts sockets, not rows: one that several of its processes hold counts once.
	Sockets                                   int
	Listening, Established, Ephemeral, Closing int
	// Processes is the number of processes that hold these sockets.
	Processes int
}

// Summary says what the counts are: "2 listening, 5 established, 3 ephemeral".
func (g *Group) Summary() string { return "" }
