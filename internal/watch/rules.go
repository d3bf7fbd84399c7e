// Package watch tells when a watched port is taken or free again, and when an app that was not seen before begins
// to listen to the network. It is told of snapshots and times, and says what a person should be told.
package watch

import (
	"cmp"
	"fmt"
	"slices"

	"portolan/internal/language"
	"portolan/internal/netstat"
)

// MaxPorts is how many ports may be watched: more than anybody reads, and few enough for a menu and a file.
const MaxPorts = 100

// Port is the rule for one port.
type Port struct {
	Number uint16 // never 0
	// Protocol is that of the sockets that take the port; 0: either.
	Protocol netstat.Protocol
	// Taken and Free say which of the two is told. With neither the port is only shown in the menu.
	Taken, Free bool
	// Off: it is kept, but neither told nor shown in the menu.
	Off bool
}

// Name says which port it is: "TCP port 3000", or "port 3000" for both protocols.
func (p Port) Name() string {
	switch p.Protocol {
	case netstat.TCP:
		return language.F("TCP port %d", p.Number)
	case netstat.UDP:
		return language.F("UDP port %d", p.Number)
	default:
		return language.F("port %d", p.Number)
	}
}

// Title is Name at the beginning of a sentence or a line.
func (p Port) Title() string {
	switch p.Protocol {
	case netstat.TCP, netstat.UDP:
		return p.Name()
	default:
		return language.F("Port %d", p.Number)
	}
}

// Query finds the sockets that the rule is about, in the language of the search.
func (p Port) Query() string { return withProtocol(fmt.Sprintf("port:%d", p.Number), p.Protocol) }

// same reports whether two rules are for the same sockets.
func (p Port) same(other Port) bool { return p.Number == other.Number && p.Protocol == other.Protocol }

// Rules are all that is watched for, and what must be remembered for it.
type Rules struct {
	// Ports are in the order of their numbers, each once.
	Ports []Port
	// Newcomers: tell of an app that was not seen before and listens to the network.
	Newcomers bool
	// Seen are the apps that are known to listen to the network.
	Seen Seen
}

// Any reports whether anything is watched for.
func (r Rules) Any() bool {
	return r.Newcomers || slices.ContainsFunc(r.Ports, func(p Port) bool { return !p.Off })
}

// With gives the rules with one more, or with another in place of that for the same sockets. Beyond MaxPorts, and for
// port 0, nothing is added.
func (r Rules) With(p Port) Rules {
	ports := slices.Clone(r.Ports)
	i := slices.IndexFunc(ports, p.same)
	switch {
	case i >= 0:
		ports[i] = p
	case p.Number != 0 && len(ports) < MaxPorts:
		ports = append(ports, p)
	}
	slices.SortStableFunc(ports, func(a, b Port) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Protocol, b.Protocol))
	})
	r.Ports = ports
	return r
}

// Without gives the rules without that for the same sockets as p.
func (r Rules) Without(p Port) Rules {
	r.Ports = slices.DeleteFunc(slices.Clone(r.Ports), p.same)
	return r
}

// Find gives the rule for the same sockets as p.
func (r Rules) Find(p Port) (Port, bool) {
	if i := slices.IndexFunc(r.Ports, p.same); i >= 0 {
		return r.Ports[i], true
	}
	return Port{}, false
}
