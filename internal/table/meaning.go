package table

import (
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// EphemeralRange gives the range that has a say in this snapshot: the zero
// Range when the kernel itself tells which local ports it chose (macOS: some
// socket has KernelPort set), as then a program that asked for a port inside
// the range is not taken for one that did not; else r.
func EphemeralRange(s *netstat.Snapshot, r port.Range) port.Range {
	for i := range s.Sockets {
		if s.Sockets[i].KernelPort {
			return port.Range{}
		}
	}
	return r
}

// Ephemeral reports whether the socket's local port was handed out by the
// kernel: it says so, or the port lies in r, for which see EphemeralRange.
func Ephemeral(s *netstat.Socket, r port.Range) bool {
	p := s.Local.Port()
	return s.KernelPort || p != 0 && r.Contains(p)
}

// Waits reports whether the socket takes what comes from anybody. A UDP socket does
// as long as it is not connected.
func Waits(s *netstat.Socket) bool {
	return s.State == netstat.Listen || s.Protocol == netstat.UDP && !connected(s)
}

// Exposure says who can reach the socket: port.None when it does not wait for anybody.
func Exposure(s *netstat.Socket) port.Exposure {
	if !Waits(s) || s.Local.Port() == 0 {
		return port.None
	}
	return port.Reach(s.Local.Addr())
}

// Service names what is usually found on the socket's local port. Of a
// connection whose local port says nothing, because it is ephemeral (r as in
// Ephemeral) or has no name, it is the remote port that tells. "" when unknown.
func Service(s *netstat.Socket, r port.Range) string {
	protocol := s.Protocol.String()
	if !connected(s) {
		return port.Service(protocol, s.Local.Port())
	}
	if !Ephemeral(s, r) {
		if name := port.Service(protocol, s.Local.Port()); name != "" {
			return name
		}
	}
	return port.Service(protocol, s.Remote.Port())
}

func connected(s *netstat.Socket) bool { return s.Remote.Addr().IsValid() }
