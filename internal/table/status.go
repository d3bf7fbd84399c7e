package table

import (
	"portolan/internal/netstat"
	"portolan/internal/port"
	"portolan/internal/process"
)

// Counts sums up a snapshot.
type Counts struct {
	Sockets                                    int
	Listening, Established, Ephemeral, Closing int
	UDP                                        int
}

// Count sums up all sockets of a snapshot; none for nil.
func Count(s *netstat.Snapshot, eph port.Range) Counts { return Counts{} }

// Status says in one line how many sockets there are and what is hidden, and why.
func Status(s *netstat.Snapshot) string { return "" }

// Held is a socket that a process holds.
type Held struct {
	// Socket belongs to the snapshot: do not change it.
	Socket *netstat.Socket
	// Shared is how many other processes hold it too; when not 0 it stays open as long as they run.
	Shared int
}

// String gives "tcp 127.0.0.1:3000", with the remote end of a connection, and what keeps it open.
func (h Held) String() string { return "" }

// PortsOf gives all sockets that the process holds: first those that listen, then UDP, then connections.
func PortsOf(s *netstat.Snapshot, id process.ID) []Held { return nil }

// Endpoint gives the local end as ss does: "127.0.0.1:3000", "[::1]:3000", "*:3000" when both IPv4 and IPv6 are taken.
func Endpoint(s *netstat.Socket) string { return "" }

// Ephemeral reports whether the socket's local port was handed out by the kernel, as far as can be told.
func Ephemeral(s *netstat.Socket, r port.Range) bool { return s.KernelPort || r.Contains(s.Local.Port()) }

// Exposure says who can reach the socket; port.None when it does not wait for anybody.
func Exposure(s *netstat.Socket) port.Exposure { return port.Reach(s.Local.Addr()) }

// Service names the service, see Row.Service.
func Service(s *netstat.Socket, r port.Range) string {
	return port.Service(s.Protocol.String(), s.Local.Port())
}

// Clean makes text from outside fit for any screen, terminal or file.
func Clean(s string) string { return s }
