package table

import (
	"net/netip"
	"strconv"

	"portolan/internal/netstat"
)

// anyAddress stands for the wildcard of both families at once, as in netstat and ss.
const anyAddress = "*"

// Endpoint gives the local end as ss does: "127.0.0.1:3000", "[::1]:3000",
// "0.0.0.0:3000" and "[::]:3000" for all addresses of one family, "*:3000" for
// those of both, ":3000" where no address is known.
func Endpoint(s *netstat.Socket) string { return string(appendLocal(nil, s)) }

func appendLocal(b []byte, s *netstat.Socket) []byte {
	switch {
	case everywhere(s):
		b = append(b, anyAddress+":"...)
	case !s.Local.Addr().IsValid() && s.Local.Port() != 0:
		b = append(b, ':')
	default:
		return appendAddrPort(b, s.Local)
	}
	return strconv.AppendUint(b, uint64(s.Local.Port()), 10)
}

// everywhere reports whether s takes IPv4 and IPv6 on all addresses.
func everywhere(s *netstat.Socket) bool {
	return s.DualStack && s.Local.Addr().IsUnspecified()
}

// localText is the address without the port.
func localText(s *netstat.Socket) string {
	if everywhere(s) {
		return anyAddress
	}
	return addressText(s.Local.Addr())
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return cleanZone(a.Unmap()).String()
}

// appendAddrPort adds nothing for the zero AddrPort.
func appendAddrPort(b []byte, a netip.AddrPort) []byte {
	if !a.Addr().IsValid() {
		return b
	}
	return netip.AddrPortFrom(cleanZone(a.Addr().Unmap()), a.Port()).AppendTo(b)
}

// cleanZone cleans the zone, which is an interface's name, and Linux lets root
// give those nearly any bytes.
func cleanZone(a netip.Addr) netip.Addr {
	zone := a.Zone()
	if zone == "" || plain(zone) {
		return a
	}
	return a.WithZone(Clean(zone))
}

// compareAddrPort orders by address, IPv4 before IPv6, then by port; none comes first.
func compareAddrPort(a, b netip.AddrPort) int {
	if c := a.Addr().Unmap().Compare(b.Addr().Unmap()); c != 0 {
		return c
	}
	return int(a.Port()) - int(b.Port())
}
