package port

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// Interface is one that is up: a network that this computer is on.
type Interface struct {
	// Name is the system's: "en0", "eth0".
	Name string
	// Loopback: it leads to this computer alone.
	Loopback bool
	// Addresses are this computer's there, with the length of the network. IPv6 ones have no zone.
	Addresses []netip.Prefix
}

// Interfaces reads those that are up, in the system's order. It asks the system, so it is not for a UI's goroutine.
func Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("read the network interfaces: %w", err)
	}
	var up []Interface
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // it has gone meanwhile
		}
		up = append(up, Interface{Name: i.Name, Loopback: i.Flags&net.FlagLoopback != 0, Addresses: prefixesOf(addresses)})
	}
	return up, nil
}

// prefixesOf leaves out what is no address.
func prefixesOf(addresses []net.Addr) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, a := range addresses {
		block, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		address, ok := netip.AddrFromSlice(block.IP)
		if !ok {
			continue
		}
		ones, bits := block.Mask.Size()
		if address = address.Unmap(); address.Is4() && bits == 128 {
			ones -= 96
		}
		if p := netip.PrefixFrom(address, ones); p.IsValid() {
			prefixes = append(prefixes, p)
		}
	}
	return prefixes
}

// Place is an address of this computer at which others reach something, and the interface that has it.
type Place struct {
	Address   netip.Addr
	Interface string
	// Public: the address is none of those that are kept for private networks (RFC 1918, RFC 4193) and for links.
	Public bool
}

// Places tells at which addresses of this computer others reach what is bound to an address: all of them for the
// unspecified one (those of IPv4 alone for 0.0.0.0, of IPv6 alone for :: unless dual). Addresses of a link come
// last, as they need a zone. Nil for the loopback, for groups, and for an address that no interface has now.
func Places(bound netip.Addr, dual bool, all []Interface) []Place {
	bound = bound.Unmap()
	zone := bound.Zone()
	if bound.IsMulticast() || bound.IsLoopback() {
		return nil
	}
	var places []Place
	for _, i := range all {
		for _, p := range i.Addresses {
			a := p.Addr().Unmap()
			switch {
			case a.IsLoopback() || i.Loopback && a.IsLinkLocalUnicast() || zone != "" && zone != i.Name:
				continue
			case !bound.IsUnspecified() && a != bound.WithZone(""):
				continue
			case bound.IsUnspecified() && a.Is4() != bound.Is4() && (a.Is6() || !dual):
				continue
			}
			places = append(places, Place{Address: a, Interface: i.Name, Public: public(a)})
		}
	}
	slices.SortStableFunc(places, func(a, b Place) int { return standing(a) - standing(b) })
	return places
}

func standing(p Place) int {
	switch {
	case p.Address.IsLinkLocalUnicast():
		return 2
	case p.Address.Is6():
		return 1
	default:
		return 0
	}
}

// shared is the block that providers use between them and their customers (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}
