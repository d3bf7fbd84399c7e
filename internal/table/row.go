// Package table says what the tables show: rows, columns, order, filter and groups, as plain text.
package table

import (
	"fmt"
	"strings"

	"portolan/internal/app"
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

	label *label // nil in a row that Rows did not make
}

// who gives the words about the owner, of a socket's row.
func (r *Row) who() *label {
	if r.label != nil {
		return r.label
	}
	return labelKeyOf(r.Socket, r.Owner).label()
}

// Group sums up the sockets of one app that match the query.
type Group struct {
	// App is the app; zero when the sockets belong to no known process.
	App app.App
	// Name is what to show, clean: the app's name, "kernel", or whose hidden processes these are.
	Name string
	// Open: the rows of its sockets follow.
	Open bool
	// Counts are of sockets, not rows: one that several of the app's processes hold counts once.
	Counts
	// Processes is the number of processes that hold these sockets; 0 when they are not known.
	Processes int
}

// Counts sums up sockets. A socket may count under several names: one end of
// an established connection may well be ephemeral.
type Counts struct {
	Sockets     int
	Listening   int // TCP in LISTEN
	Established int // TCP in ESTABLISHED
	Ephemeral   int // the kernel chose the local port
	Closing     int // TCP on its way down: FIN_WAIT_1 to TIME_WAIT
	UDP         int
}

// Parts says what is not zero, but for the sum: "2 listening", "5 established", "3 ephemeral".
func (c Counts) Parts() []string {
	var parts []string
	for _, part := range []struct {
		count int
		name  string
	}{
		{c.Listening, "listening"},
		{c.Established, "established"},
		{c.Ephemeral, "ephemeral"},
		{c.Closing, "closing"},
		{c.UDP, "UDP"},
	} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.name))
		}
	}
	return parts
}

// String says what is not zero: "7 sockets, 2 listening, 5 established, 3 ephemeral".
func (c Counts) String() string {
	return strings.Join(append([]string{Plural(c.Sockets, "socket")}, c.Parts()...), ", ")
}

// Summary is the counts as text, after the number of processes when there are several.
func (g *Group) Summary() string {
	if g.Processes > 1 {
		return Plural(g.Processes, "process") + ", " + g.String()
	}
	return g.String()
}

func (c *Counts) add(s *netstat.Socket, ephemeral bool) {
	c.Sockets++
	switch {
	case s.Protocol == netstat.UDP:
		c.UDP++
	case s.State == netstat.Listen:
		c.Listening++
	case s.State == netstat.Established:
		c.Established++
	case closing(s.State):
		c.Closing++
	}
	if ephemeral {
		c.Ephemeral++
	}
}

// closing reports whether one of the two ends has begun to close the connection (RFC 9293, section 3.6).
func closing(s netstat.State) bool { return s >= netstat.FinWait1 && s <= netstat.TimeWait }

// Count sums up all sockets of a snapshot; nothing for nil.
func Count(s *netstat.Snapshot, eph port.Range) Counts {
	var c Counts
	if s == nil {
		return c
	}
	eph = EphemeralRange(s, eph)
	for i := range s.Sockets {
		c.add(&s.Sockets[i], Ephemeral(&s.Sockets[i], eph))
	}
	return c
}

// Plural gives a number and a noun: "1 socket", "2 sockets", "2 processes".
func Plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}
