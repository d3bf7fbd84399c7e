// Package table says what the tables show: rows, columns, order, filter and groups, as plain text.
package table

import (
	"time"

	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// Key names a row for as long as what it shows is there, wherever it stands.
// Selection, scroll position and opened groups are kept by it. An app's row has
// App alone, a process's row App and Process, a socket's row Socket and Process.
type Key struct {
	Socket  uint64     // netstat.Socket.ID; zero in a group row
	Process process.ID // of the owner; zero when there is none
	// App is which app, or which sockets without a process; "" except in a group row, and in the row of a socket of
	// the past (see Recent), which it tells from later ones.
	App string
}

// Row is one line of the table: a socket with one of its owners, or a group.
type Row struct {
	Key Key
	// Group is not nil in the row of an app or of one of its processes, in the by-app view.
	Group *Group
	// Socket is nil in a group row. It belongs to the snapshot: do not change it.
	Socket *netstat.Socket
	// Flow is not nil in the rows of apps and services in the lens, see LensOf.
	Flow *Flow
	// Span is not nil in the rows of the last minutes, see Recent.
	Span *Span
	// Owner is nil when nobody is known to hold the socket, and in a group row.
	Owner *netstat.Owner
	// Mark says whether it has just opened, changed or closed, see View.Marks.
	Mark Mark
	// Depth is 0 in the flat table. In the by-app view it is 0 for an app, 1 for a process and 2 for a socket.
	Depth int
	// Service is what is usually found on this port; of a connection that goes
	// out from an ephemeral port, on the remote port. "" when nothing is known.
	Service string
	// Ephemeral: the local port was handed out by the kernel, as far as can be told.
	Ephemeral bool
	// Class is what the socket is: listening, outgoing ...; zero in a group row.
	Class Class
	// Traffic is that of the socket, when View.Past knows it.
	Traffic Traffic
	// Exposure says who can reach the socket; port.None when it does not wait for anybody.
	Exposure port.Exposure

	label *label // nil in a row that Rows did not make
}

// TimeWait is how long the system remembers closed connections, as View.TimeWait had it; 0 when not known.
func (r *Row) TimeWait() time.Duration {
	if r.label == nil {
		return 0
	}
	return r.label.wait
}

// who gives the words about the owner, of a socket's row.
func (r *Row) who() *label {
	if r.label != nil {
		return r.label
	}
	return labelKeyOf(r.Socket, r.Owner).label(0)
}
