package port

import "net/netip"

// Exposure says from where a socket that is bound to an address can be reached.
type Exposure uint8

// The kinds of Exposure. The zero Exposure, None, is that of no address at all,
// and of a socket that does not wait for anybody.
const (
	None      Exposure = iota
	Loopback           // only from this computer
	Network            // from every network this computer is on
	LinkLocal          // only from the computers on the same link
)

// String gives "", "loopback", "network" or "link-local", the words of the JSON output.
func (e Exposure) String() string {
	switch e {
	case Loopback:
		return "loopback"
	case Network:
		return "network"
	case LinkLocal:
		return "link-local"
	default:
		return ""
	}
}

// Reach says from where something bound to a can be reached. Private addresses
// (RFC 1918, RFC 4193) and multicast groups wider than the link count as
// Network: others can reach them. An IPv4 address inside IPv6 counts as the
// IPv4 address; a zone changes nothing. No firewall is asked.
func Reach(a netip.Addr) Exposure {
	a = a.Unmap()
	switch {
	case !a.IsValid():
		return None
	case a.IsLoopback(), a.IsInterfaceLocalMulticast():
		return Loopback
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast():
		return LinkLocal
	default:
		return Network
	}
}
