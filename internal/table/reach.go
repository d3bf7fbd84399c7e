package table

import (
	"net/netip"
	"slices"
	"strings"

	"portolan/internal/language"
	"portolan/internal/netstat"
	"portolan/internal/port"
)

// listedPlaces is how many of this computer's addresses are named.
const listedPlaces = 3

// Reachable says who can get at a socket that waits, and at which of this computer's addresses: "this network:
// computers that reach 192.168.1.20 (en0)". interfaces are as port.Interfaces gives them; nil: not known. "" for a
// socket that waits for nobody.
func Reachable(s *netstat.Socket, interfaces []port.Interface) string {
	at := s.Local.Addr().Unmap()
	switch Exposure(s) {
	case port.Loopback:
		return language.T("this computer only")
	case port.LinkLocal, port.Network:
		if at.IsMulticast() {
			return language.F("whoever sends to the group %s", addressText(at))
		}
		return placed(s, at, interfaces)
	default:
		return ""
	}
}

// placed is Reachable for what other computers can reach.
func placed(s *netstat.Socket, at netip.Addr, interfaces []port.Interface) string {
	places := port.Places(at, s.DualStack, interfaces)
	if own := slices.IndexFunc(places, func(p port.Place) bool { return p.Address.IsLinkLocalUnicast() }); own > 0 {
		places = places[:own] // who reaches those reaches the others
	}
	switch {
	case interfaces == nil:
		return language.T("other computers too; a firewall may keep some out")
	case len(places) == 0 && at.IsUnspecified():
		return language.T("this computer only: it is in no network now")
	case len(places) == 0:
		return language.F("nobody now: no network has the address %s", addressText(at))
	case slices.ContainsFunc(places, func(p port.Place) bool { return p.Public }):
		return language.F("everyone who can reach %s; a firewall may keep some out", placesText(places))
	default:
		return language.F("this network: computers that reach %s; a firewall may keep some out", placesText(places))
	}
}

// placesText gives "192.168.1.20 (en0), 10.8.0.3 (utun3)".
func placesText(places []port.Place) string {
	var words []string
	for i, p := range places {
		if i == listedPlaces {
			words = append(words, language.F("%d more", len(places)-i))
			break
		}
		words = append(words, addressText(p.Address)+" ("+brief(Clean(p.Interface))+")")
	}
	return strings.Join(words, ", ")
}

// FamilyHint warns of a server that a client may miss although it names the right port, because the server waits
// for one family of addresses alone: "localhost" is ::1 for some programs and 127.0.0.1 for others. "" where no
// client is led astray.
func FamilyHint(socket *netstat.Socket, s *netstat.Snapshot) string {
	at := socket.Local.Addr().Unmap()
	if s == nil || socket.State != netstat.Listen || everywhere(socket) || at != loopback4 && at != netip.IPv6Loopback() && !at.IsUnspecified() {
		return ""
	}
	other := atOtherFamily(socket, s)
	switch {
	case other != nil && sharesOwner(other, socket):
		return ""
	case other != nil && at.Is4():
		return language.F("`localhost` may try ::1 first, and there %s answers", holderText(other))
	case other != nil:
		return language.F("who connects to 127.0.0.1 gets %s instead", holderText(other))
	case at == loopback4:
		return language.T("127.0.0.1 only: `localhost` may try ::1 first")
	case at.Is4():
		return language.T("IPv4 only: `localhost` may try ::1 first")
	case at.IsUnspecified():
		return language.T("IPv6 only: who connects to 127.0.0.1 finds nothing")
	default:
		return language.T("::1 only: who connects to 127.0.0.1 finds nothing")
	}
}

var loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// atOtherFamily finds who answers at localhost in the other family: of those on the loopback's own address and
// on all addresses the former, as the kernel does.
func atOtherFamily(socket *netstat.Socket, s *netstat.Snapshot) *netstat.Socket {
	four := socket.Local.Addr().Unmap().Is4()
	var found *netstat.Socket
	for i := range s.Sockets {
		o := &s.Sockets[i]
		if o.State != netstat.Listen || o.Local.Port() != socket.Local.Port() || o.Protocol != socket.Protocol || o.ID == socket.ID {
			continue
		}
		at := o.Local.Addr().Unmap()
		switch {
		case at.Is4() == four && !everywhere(o):
		case at == loopback4 && !four, at == netip.IPv6Loopback() && four:
			return o
		case at.IsUnspecified():
			found = o
		}
	}
	return found
}

func sharesOwner(a, b *netstat.Socket) bool {
	return slices.ContainsFunc(a.Owners, func(x netstat.Owner) bool {
		return slices.ContainsFunc(b.Owners, func(y netstat.Owner) bool {
			return x.Process.ID == y.Process.ID || x.Process.App.Key() == y.Process.App.Key()
		})
	})
}

// holderText names who holds a socket, in the middle of a sentence.
func holderText(socket *netstat.Socket) string {
	if len(socket.Owners) == 0 {
		return language.T("another process")
	}
	return Who(socket.Owners[0].Process, -1)
}
