// Package container asks the container runtimes of this computer about their containers.
package container

import "net/netip"

// Container is what a runtime says of one container.
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
