package table

import (
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// Ephemeral reports whether the socket's local port was handed out by the kernel: it says so, or, where it says
// nothing of this socket, the port lies in r. A program that asked for a port inside the range is only
// told from one that did not where the kernel marks the ports that it chose (macOS).
func Ephemeral(s *netstat.Socket, r port.Range) bool {
	p := s.Local.Port()
	return s.KernelPort || !s.PortTold && p != 0 && r.Contains(p)
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
