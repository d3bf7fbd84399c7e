// Package container asks the container runtimes of this computer about their containers.
package container

import (
	"net/netip"
	"slices"
)

// Container is what a runtime says of one container. It is shared: do not change what its slices hold.
type Container struct {
	// ID is the full id, 64 hexadecimal digits.
	ID string
	// Name is without the leading slash. It comes from outside; clean it before it is shown.
	Name  string
	Image string
	// Runtime is "docker" or "podman".
	Runtime string
	// Project and Service are those of Docker Compose; "" when it is not from a compose file.
	Project, Service string
	// Restart is the restart policy: "no", "always", "unless-stopped", "on-failure"; "" until it was asked for.
	Restart string
	// PID is its first process, as the host of the runtime numbers it (in a virtual machine, that is
	// not this computer); 0 until it was asked for, and when it does not run.
	PID int
	// Addresses are its addresses inside the runtime's networks.
	Addresses []netip.Addr
	// Ports are those that it publishes on the host.
	Ports []Port
}

// Port is a port of a container that is published on the host.
type Port struct {
	Protocol string     // "tcp", "udp"
	Host     netip.Addr // the zero Addr: all addresses
	Public   uint16     // on the host
	Private  uint16     // in the container
}

// PortAt gives the port of c that is published where a socket of the host listens. Either side may
// stand for all addresses: what a forwarder binds is not always what the runtime was told.
func (c Container) PortAt(protocol string, host netip.Addr, public uint16) (Port, bool) {
	best := -1
	for i, p := range c.Ports {
		if p.Protocol != protocol || p.Public != public {
			continue
		}
		switch {
		case sameAddress(p.Host, host):
			return p, true
		case best < 0 && (anyAddress(p.Host) || anyAddress(host)):
			best = i
		}
	}
	if best < 0 {
		return Port{}, false
	}
	return c.Ports[best], true
}

func sameAddress(a, b netip.Addr) bool {
	return anyAddress(a) && anyAddress(b) || a.Unmap().WithZone("") == b.Unmap().WithZone("")
}

func anyAddress(a netip.Addr) bool { return !a.IsValid() || a.Unmap().IsUnspecified() }

func (c Container) equal(d Container) bool {
	return c.ID == d.ID && c.Name == d.Name && c.Image == d.Image && c.Runtime == d.Runtime &&
		c.Project == d.Project && c.Service == d.Service &&
		slices.Equal(c.Addresses, d.Addresses) && slices.Equal(c.Ports, d.Ports)
}
